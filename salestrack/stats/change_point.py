"""Whether a share changed for good somewhere in a series of periods: where, from what to what, and how sure that is.

One change from one level to another is looked for. Trials may be fractional: a cohort of which only part of the outcome can be
known yet counts for that part.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln

from salestrack.errors import StatisticsError
from salestrack.stats.limits import Floats, Interval, as_floats
from salestrack.stats.wander import STEADY, Wander, contrasts

__all__ = ["LEAST", "Change", "change_point", "chance_to_see"]

LEAST = 4
"""Fewest periods on either side of a change."""
_FIRST_LOOK, _SECOND_LOOK = 999, 0.1
_BLOCK = 1_000
_POSTERIOR_DRAWS, _SERIES = 4_000, 1_000


@dataclass(frozen=True, eq=False)
class Change:
    """The most likely single change in a series, whether or not there is one.

    Parameters
    ----------
    at, at_low, at_high : int
        Position of the first period after the change, and the range that holds it.
    before, after : Interval
        Share before and after it.
    ratio : Interval
        After over before; NaN limits are never given, a value over a share of 0 is NaN.
    statistic : float
        Twice the gain in log likelihood over no change.
    p : float
        How often a series without a change, that wanders as this one is said to, would show one as clear.
    draws : ndarray of float, shape (4000, 3)
        What is not known, as draws: position (whole numbers), share before, share after.
    """

    at: int
    at_low: int
    at_high: int
    before: Interval
    after: Interval
    ratio: Interval
    statistic: float
    p: float
    draws: Floats


def change_point(
    k: ArrayLike, n: ArrayLike, *, wander: Wander = STEADY, draws: int = 9_999, seed: int = 0, confidence: float = 0.95
) -> Change | None:
    """Find the most likely change of a share in a series of counts, and test it.

    Parameters
    ----------
    k, n : array_like, shape (periods,)
        Successes and trials of each period in their order; both may be fractional, 0 <= k <= n.
    wander : Wander
        How far the share moves by itself (`salestrack.stats.wander`); if it does, every n is above 0.
    draws : int, default 9999
        Permutations behind a small p; a first look takes 999.
    seed : int, default 0
        Same seed, same answer.
    confidence : float, default 0.95
        Nominal coverage of the three ranges.

    Returns
    -------
    Change or None
        None with fewer than 8 periods, or when all trials came out alike, so that nothing can have changed.

    Raises
    ------
    StatisticsError
        When some k is negative or larger than its n, or the two differ in length.

    Notes
    -----
    **Test.** For a change before period t, with K and N the sums on either side, the statistic is twice the gain in binomial log
    likelihood, l(K₁, N₁) + l(K₂, N₂) - l(K, N) with l(k, n) = k log k + (n - k) log(n - k) - n log n; the largest over all t that
    leave 4 periods on either side counts. Its p comes from whole periods put in random order, which keeps whatever scatter
    there is between periods beyond that of chance: (1 + as large ones) / (1 + permutations). Where 999 permutations give
    p > 0.1 that is the answer; otherwise more are drawn. Periods that depend on their neighbours (a season, a slow drift) would
    make p too small: of a share that wanders p is that of the largest contrast (`salestrack.stats.wander.contrasts`), where it is
    larger.

    **Where and how much.** With every position equally likely beforehand and Jeffreys' prior Beta(½, ½) for both shares, the
    probability of a position is proportional to B(K₁ + ½, N₁ - K₁ + ½) · B(K₂ + ½, N₂ - K₂ + ½). The range of the position
    spans the fewest positions that together have the confidence asked for; those of the shares and of their ratio are
    quantiles over positions and shares together, so that they know that the position is not known. Counts are first divided
    by the dispersion, Pearson's χ² over its degrees of freedom, or by what wandering widens the contrast at the change by,
    whichever is larger and above 1.

    References
    ----------
    Hinkley, D. V., & Hinkley, E. A. (1970). Inference about the change-point in a sequence of binomial variables. Biometrika,
    57(3), 477-488.

    Smith, A. F. M. (1975). A Bayesian approach to inference about a change-point in a sequence of random variables. Biometrika,
    62(2), 407-416.

    Phipson, B., & Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical Applications in Genetics and
    Molecular Biology, 9(1), article 39.

    Examples
    --------
    >>> found = change_point([6, 5, 7, 6, 5, 6, 2, 1, 2, 3, 1, 2], [10] * 12)
    >>> found.at, round(found.before.value, 2), round(found.after.value, 2), found.p < 0.01
    (6, 0.58, 0.18, True)
    """
    k, n = _checked(k, n)
    if len(k) < 2 * LEAST or k.sum() in (0, n.sum()):
        return None
    rng = np.random.default_rng(seed)
    gains = _gains(k[None], n[None])[0]
    largest = float(gains.max())
    p = _p(k, n, largest, _FIRST_LOOK, rng)
    p = _p(k, n, largest, draws, rng) if p <= _SECOND_LOOK and draws > _FIRST_LOOK else p
    at = LEAST + int(gains.argmax())
    spread = _dispersion(k, n, at)
    if wander.size:
        held = contrasts(k, n, wander, LEAST)
        p, spread = max(p, held.p), max(spread, float(held.widening[at - LEAST]))
    return _located((k / spread, n / spread), at, confidence, rng, (largest, p))


def chance_to_see(  # noqa: PLR0913 - what is asked, and how
    k: ArrayLike, n: ArrayLike, at: int, factor: float = 0.5, *, level: float = 0.01, wander: Wander = STEADY, seed: int = 0
) -> float:
    """Return the probability with which a fall of a given size would have been told from chance.

    Parameters
    ----------
    k, n : array_like, shape (periods,)
        A series without a change, as in `change_point`; k whole numbers.
    at : int
        First period after the supposed fall.
    factor : float, default 0.5
        Share after over share before, 0 to 1.
    level : float, default 0.01
        p below which a change is told, that of several series already divided by their number.
    wander : Wander
        How far the share moves by itself, as in `change_point`.
    seed : int, default 0
        Same seed, same answer.

    Returns
    -------
    float
        0 to 1, by simulation of 1,000 series: the standard error is 0.016 at most. NaN where `change_point` would return None.

    Notes
    -----
    The periods are put in random order, which keeps their scatter, and from `at` on each success stays one with probability
    `factor`. The statistic that the level asks for is a quantile over permutations (at most 19,999) of the series as it is, or
    that of the contrast that is needed where the share wanders.
    """
    k, n = _checked(k, n)
    if len(k) < 2 * LEAST or k.sum() in (0, n.sum()):
        return float("nan")
    rng = np.random.default_rng(seed)
    null = _permuted(k, n, int(np.clip(10 / level, _FIRST_LOOK, 19_999)), rng)
    needed = float(np.quantile(null, 1 - level, method="higher"))
    if wander.size:
        held = contrasts(k, n, wander, LEAST)
        needed = max(needed, held.needed(level) ** 2 * float(held.widening[np.clip(at - LEAST, 0, len(held.widening) - 1)]))
    order = rng.permuted(np.tile(np.arange(len(k)), (_SERIES, 1)), axis=1)
    stays = rng.binomial(k[order].astype(np.int64), np.where(np.arange(len(k)) < at, 1.0, factor))
    return float((_gains(stays.astype(float), n[order]).max(axis=1) >= needed).mean())


def _checked(k: ArrayLike, n: ArrayLike) -> list[Floats]:
    k, n = as_floats(k, n)
    if k.shape != n.shape or k.ndim != 1 or not ((k >= 0) & (k <= n)).all():
        raise StatisticsError("A series of shares needs as many k as n, with 0 <= k <= n in every period.")
    return [k, n]


def _gains(k: Floats, n: Floats) -> Floats:
    """Twice the gain in log likelihood for every position of every series, shape (series, positions)."""
    k, n = np.cumsum(k, axis=1), np.cumsum(n, axis=1)
    every = _likelihood(k[:, -1:], n[:, -1:])
    k1, n1 = k[:, LEAST - 1 : -LEAST], n[:, LEAST - 1 : -LEAST]
    # Sums in another order differ in their last digits; none may fall below zero by that.
    k2, n2 = np.maximum(k[:, -1:] - k1, 0), np.maximum(n[:, -1:] - n1, 0)
    return 2 * (_likelihood(k1, n1) + _likelihood(k2, n2) - every)


def _likelihood(k: Floats, n: Floats) -> Floats:
    return _times_log(k) + _times_log(np.maximum(n - k, 0)) - _times_log(n)


def _times_log(x: Floats) -> Floats:
    return x * np.log(np.maximum(x, 1e-300))


def _permuted(k: Floats, n: Floats, draws: int, rng: Generator) -> Floats:
    """Largest statistic of each of so many random orders of the periods."""
    blocks = [min(_BLOCK, draws - done) for done in range(0, draws, _BLOCK)]
    orders = (rng.permuted(np.tile(np.arange(len(k)), (block, 1)), axis=1) for block in blocks)
    return np.concatenate([_gains(k[order], n[order]).max(axis=1) for order in orders])


def _p(k: Floats, n: Floats, largest: float, draws: int, rng: Generator) -> float:
    # An order that gives the same sums must count as no smaller, whatever its rounding.
    as_large = int((_permuted(k, n, draws, rng) >= largest - 1e-9).sum())
    return (1 + as_large) / (1 + draws)


def _located(counts: tuple[Floats, Floats], at: int, confidence: float, rng: Generator, tested: tuple[float, float]) -> Change:
    """Range of the position, and the shares on either side with what is not known of the position in them."""
    k, n = counts
    sums = np.cumsum([k, n], axis=1)
    k1, n1 = sums[:, LEAST - 1 : -LEAST]
    k2, n2 = np.maximum(sums[0, -1] - k1, 0), np.maximum(sums[1, -1] - n1, 0)
    sides = [(each_k + 0.5, np.maximum(each_n - each_k, 0) + 0.5) for each_k, each_n in ((k1, n1), (k2, n2))]
    weight = sum(betaln(*side) for side in sides)
    chance = np.exp(weight - np.max(weight))
    chance /= chance.sum()
    likely = np.argsort(-chance, kind="stable")
    held = LEAST + likely[: int(np.searchsorted(np.cumsum(chance[likely]), confidence)) + 1]
    place = rng.choice(len(chance), size=_POSTERIOR_DRAWS, p=chance)
    before, after = (rng.beta(a[place], b[place]) for a, b in sides)
    values = _share(k[:at], n[:at]), _share(k[at:], n[at:])
    ratio = values[1] / values[0] if values[0] > 0 else float("nan")
    first, second = (_around(*each, confidence) for each in zip(values, (before, after), strict=True))
    change = _around(ratio, after / before, confidence)
    low, high = min(int(held.min()), at), max(int(held.max()), at)
    return Change(at, low, high, first, second, change, *tested, np.column_stack([LEAST + place, before, after]))


def _dispersion(k: Floats, n: Floats, at: int) -> float:
    """Pearson's χ² over its degrees of freedom, around the shares on either side; 1 where it is below."""
    rate = np.where(np.arange(len(k)) < at, _share(k[:at], n[:at]), _share(k[at:], n[at:]))
    spread = n * rate * (1 - rate)
    used = spread > 0
    return max(float(((k - n * rate)[used] ** 2 / spread[used]).sum() / max(int(used.sum()) - 2, 1)), 1.0)


def _share(k: Floats, n: Floats) -> float:
    return float(k.sum() / n.sum()) if n.sum() > 0 else float("nan")


def _around(value: float, draws: NDArray[np.float64], confidence: float) -> Interval:
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(value, float(np.fmin(low, value)), float(np.fmax(high, value)))
