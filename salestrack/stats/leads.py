"""How many leads it takes to close a gap: the funnel run backwards, with what is not known about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from salestrack.errors import StatisticsError
from salestrack.stats.limits import Floats, as_floats

__all__ = ["DRAWS", "LeadsNeeded", "as_if_finished", "simulate_leads"]

# So many futures are simulated.
DRAWS = 4000

# Fewer deals than this are drawn one by one, more of them in one multinomial draw.
_ONE_BY_ONE = 64


@dataclass(frozen=True)
class LeadsNeeded:
    """How many must enter each step so that the gap is closed.

    Parameters
    ----------
    p10, p50, p90 : ndarray of float of shape (steps + 1,), or None
        Whole numbers in the order of the funnel: entries into the first step (leads), ..., entries into the last step
        (opportunities), and deals won. P90 is enough in 9 of 10 simulated futures, P50 in half of them. None when undefined.
    reason : {'step_without_history', 'no_deal_sizes'} or None
        Why it is undefined.
    step : int or None
        The first step without history, counted from 0.
    """

    p10: Floats | None
    p50: Floats | None
    p90: Floats | None
    reason: Literal["step_without_history", "no_deal_sizes"] | None = None
    step: int | None = None


def as_if_finished(share: float, low: float, high: float, n: float) -> tuple[float, float]:
    """Return (k, n) of finished cases that would tell as much of a share as one estimated with unfinished ones among them.

    Parameters
    ----------
    share, low, high : float
        The share and its 95 % limits; NaN: not known.
    n : float
        How many it rests on, unfinished ones included: never more are returned.

    Returns
    -------
    tuple of float
        0, 0 where the share is not known.

    Notes
    -----
    n' = p (1 - p) / v with the variance v of the estimate, ((high - low) / 3.92)²: the number of which a share p has that variance.
    A share of 0 or 1 keeps its n.

    References
    ----------
    Cutler, S. J., & Ederer, F. (1958). Maximum utilization of the life table method in analyzing survival. Journal of Chronic
    Diseases, 8(6), 699-712 (effective sample size).

    Examples
    --------
    >>> k, n = as_if_finished(0.5, 0.402, 0.598, 200)
    >>> round(k), round(n)
    (50, 100)
    """
    if not np.isfinite(share) or n <= 0:
        return 0.0, 0.0
    width = (high - low) / (2 * 1.959964)
    known = share * (1 - share) / width**2 if np.isfinite(width) and width > 0 and 0 < share < 1 else n
    known = min(max(known, 1.0), float(n))
    return share * known, known


def simulate_leads(
    gap: ArrayLike,
    steps: Sequence[tuple[float, float]],
    deal_sizes: tuple[ArrayLike, ArrayLike],
    seed: int | Generator = 0,
    draws: int = DRAWS,
) -> LeadsNeeded:
    """Simulate how many leads, and entries into each later step, it takes until the deals won add up to a gap.

    Parameters
    ----------
    gap : float or array_like, shape (draws,)
        Money still to be booked; 0 or less needs nothing. An array gives each simulated future its own: less what that future has
        from elsewhere.
    steps : sequence of (k, n)
        For each conversion in the order of the funnel (lead to MQL, MQL to SQL, SQL to opportunity, opportunity to won): of n that
        entered, k went on. Count only those whose fate is known.
    deal_sizes : (values, counts)
        Histogram of past deal sizes, at most some hundred bins; values are 0 or more.
    seed : int or numpy.random.Generator, default 0
        Same seed, same answer.
    draws : int, default `DRAWS`
        Simulated futures.

    Returns
    -------
    LeadsNeeded
        P10, P50 and P90 for each step; undefined, with the reason, when a step has no history or no deal has a size.

    Raises
    ------
    StatisticsError
        When a step does not have 0 <= k <= n, a size or a count is negative, the gap is not a number, or draws < 1.

    Notes
    -----
    Each draw takes a rate for every step from its posterior Beta(k + ½, n - k + ½) (Jeffreys), and a distribution of deal sizes
    from the Bayesian bootstrap, Dirichlet(counts) over the bins. Then deals of random size are won until they add up to the gap,
    and working backwards the number that must enter a step so that the wanted number comes out is that number plus a
    negative binomial number of those that do not go on. So the answer holds what is not known of the rates, of the sizes, and
    the luck of the draw. It takes the steps as independent of each other and of deal size, and rates and sizes as they were.

    A step of which nothing ever came out (k = 0, n > 0) is not undefined, but P90 is then very large.

    References
    ----------
    Jeffreys, H. (1946). An invariant form for the prior probability in estimation problems. Proceedings of the Royal Society of
    London A, 186(1007), 453-461.

    Rubin, D. B. (1981). The Bayesian bootstrap. The Annals of Statistics, 9(1), 130-134.

    Examples
    --------
    100,000 to go with deals of 10,000; every second opportunity is won, and every fifth lead becomes one:

    >>> needed = simulate_leads(100_000, [(2000, 10_000), (1000, 2000)], ([10_000], [1000]), seed=1)
    >>> needed.p50.tolist()
    [97.0, 19.0, 10.0]
    """
    values, counts = (each.ravel() for each in as_floats(*deal_sizes))
    gaps = np.broadcast_to(as_floats(gap)[0], max(draws, 1))
    _check(gaps, steps, values, counts, draws)
    values, counts = values[counts > 0], counts[counts > 0]
    if (gaps <= 0).all():
        nothing = np.zeros(len(steps) + 1)
        return LeadsNeeded(nothing, nothing, nothing)
    untried = next((i for i, (_, n) in enumerate(steps) if n == 0), None)
    if untried is not None:
        return LeadsNeeded(None, None, None, "step_without_history", untried)
    if not (values > 0).any():
        return LeadsNeeded(None, None, None, "no_deal_sizes")
    rng = np.random.default_rng(seed)
    wanted = [_deals_to_close(gaps, values, counts, draws, rng)]
    for k, n in reversed(steps):
        wanted.append(wanted[-1] + _left_behind(wanted[-1], rng.beta(k + 0.5, n - k + 0.5, draws), rng))
    # A quantile that is one of the draws stays a whole number.
    p10, p50, p90 = np.quantile(np.array(wanted[::-1]), [0.1, 0.5, 0.9], axis=1, method="inverted_cdf")
    return LeadsNeeded(p10, p50, p90)


def _check(gaps: Floats, steps: Sequence[tuple[float, float]], values: Floats, counts: Floats, draws: int) -> None:
    """Refuse numbers that no funnel can have."""
    if not np.isfinite(gaps).all():
        raise StatisticsError(f"The gap has to be a number; it is {gaps[~np.isfinite(gaps)][0]!r}.")
    for i, (k, n) in enumerate(steps):
        if not 0 <= k <= n:
            raise StatisticsError(f"Step {i} of the funnel needs 0 <= k <= n; it has k = {k!r} and n = {n!r}.")
    if values.shape != counts.shape or not ((values >= 0).all() and (counts >= 0).all()):
        raise StatisticsError("Deal sizes need as many values as counts, all of them 0 or more.")
    if draws < 1:
        raise StatisticsError(f"At least one draw is needed; {draws!r} were asked for.")


def _left_behind(passing: Floats, rate: Floats, rng: Generator) -> Floats:
    """Negative binomial number that did not go on before `passing` did (as gamma-Poisson, which takes numbers of any size)."""
    rate = np.maximum(rate, 1e-12)
    expected = rng.gamma(passing, (1 - rate) / rate)
    # Beyond a billion the Poisson scatter is nothing beside the gamma's, and the generator ends at 2^63.
    return np.where(expected < 1e9, rng.poisson(np.minimum(expected, 1e9)), np.floor(expected))


def _deals_to_close(gaps: Floats, values: Floats, counts: Floats, draws: int, rng: Generator) -> Floats:
    """Count the deals until they add up to the gap, one per draw."""
    weights = rng.dirichlet(counts, size=draws)
    average = weights @ values
    spread = np.sqrt(np.maximum(weights @ values**2 - average**2, 0))
    deals, remaining = np.zeros(draws), np.array(gaps, dtype=float)
    # So many deals that they stay below what remains (by 8 standard deviations) are won at once, again and again.
    while True:
        root = np.sqrt((8 * spread) ** 2 + 4 * average * np.maximum(remaining, 0)) - 8 * spread
        at_once = np.floor((root / (2 * average)) ** 2)
        rows = np.flatnonzero(at_once >= _ONE_BY_ONE)
        if not len(rows):
            break
        deals[rows] += at_once[rows]
        remaining[rows] -= rng.multinomial(at_once[rows].astype(np.int64), weights[rows]) @ values
    bounds = np.cumsum(weights, axis=1)
    active = np.flatnonzero(remaining > 0)
    while len(active):
        block = int(np.clip(np.median(remaining[active] / average[active]), 8, 256))
        won = values[_pick(bounds[active], block, rng)].cumsum(axis=1)
        short = won < remaining[active, None] * (1 - 1e-12)
        deals[active] += np.minimum(short.sum(axis=1) + 1, block)
        remaining[active] -= won[:, -1]
        active = active[short[:, -1]]
    return deals


def _pick(bounds: Floats, size: int, rng: Generator) -> np.ndarray:
    """Bins drawn from one distribution per row: each row's cumulative weights sit in a unit interval of their own."""
    rows = np.arange(len(bounds))[:, None]
    steps = np.minimum(bounds, 1.0)
    steps[:, -1] = 1.0
    place = (rng.random((len(bounds), size)) + rows).ravel()
    flat = np.searchsorted((steps + rows).ravel(), place, side="right").reshape(-1, size)
    return np.clip(flat - rows * bounds.shape[1], 0, bounds.shape[1] - 1)
