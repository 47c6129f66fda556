"""What is open now and will be won in a time to come: chances by age, and the money that they bring, with what is not known."""

import numpy as np
import pandas as pd
from numpy.random import Generator

from salestrack.stats.limits import Floats

__all__ = ["chance_to_be_won", "money_to_come"]

# So many curves are drawn; each serves several futures.
_CURVES = 400


def chance_to_be_won(lives: pd.DataFrame, ages: Floats, after: int, until: int, rng: Generator | None = None) -> Floats:
    """Return the chance of what is open at some ages to be won in a time to come.

    Parameters
    ----------
    lives : DataFrame
        Past lives as counts, in any order: `days` (0 or more), `outcome` (``won``, ``lost`` or ``open``: last seen then), `count`.
    ages : ndarray of float, shape (ages,)
        Days since creation, of those open now.
    after, until : int
        Won more than `after` and at most `until` days from now.
    rng : numpy.random.Generator, optional
        Draw curves as the lives might have been (Bayesian bootstrap); None: the one curve of the lives as they are.

    Returns
    -------
    ndarray of float, shape (curves, ages)
        Chances, 0 to 1. 0 at an age that nothing outlived before it was won.

    Notes
    -----
    (F(age + until) - F(age + after)) / S(age), F being the share won by an age with losing as a competing end (Aalen-Johansen) and
    S the share that is still open then (Kaplan-Meier).

    References
    ----------
    Aalen, O. O., & Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on censored
    observations. Scandinavian Journal of Statistics, 5(3), 141-150.

    Rubin, D. B. (1981). The Bayesian bootstrap. The Annals of Statistics, 9(1), 130-134.

    Examples
    --------
    Of four one is won after 10 days, one lost after 10 and two won after 30. Of those open at 20 days all are won by day 30:

    >>> lives = pd.DataFrame({"days": [10, 10, 30], "outcome": ["won", "lost", "won"], "count": [1, 1, 2]})
    >>> chance_to_be_won(lives, np.array([0.0, 20.0, 40.0]), 0, 10).tolist()
    [[0.25, 1.0, 0.0]]
    """
    # An engine promises no order of its rows, and each row has a draw of its own.
    lives = lives.sort_values(["days", "outcome"], key=lambda column: column if column.name == "days" else column.astype(str))
    days, place = np.unique(lives["days"].to_numpy(dtype=float), return_inverse=True)
    count = lives["count"].to_numpy(dtype=float)
    weights = count[None, :] if rng is None else rng.gamma(count, size=(_CURVES, len(count)))
    won, closed, all_of = (
        _by_day(weights * (lives["outcome"].isin(outcomes)).to_numpy(), place, len(days))
        for outcomes in (("won",), ("won", "lost"), ("won", "lost", "open"))
    )
    at_risk = all_of[:, ::-1].cumsum(axis=1)[:, ::-1]
    stays = np.cumprod(1 - np.divide(closed, at_risk, out=np.zeros_like(closed), where=at_risk > 0), axis=1)
    before = np.hstack([np.ones((len(stays), 1)), stays[:, :-1]])
    share = np.cumsum(before * np.divide(won, at_risk, out=np.zeros_like(won), where=at_risk > 0), axis=1)
    from_start = (np.hstack([np.full((len(share), 1), start), curve]) for start, curve in ((0.0, share), (1.0, stays)))
    reached, still = from_start
    now, first, last = (np.searchsorted(days, ages + step, side="right") for step in (0, after, until))
    gain = reached[:, last] - reached[:, first]
    return np.divide(gain, still[:, now], out=np.zeros_like(gain), where=still[:, now] > 1e-12).clip(0.0, 1.0)


def money_to_come(chances: Floats, money: Floats, squares: Floats, draws: int, rng: Generator) -> Floats:
    """Draw what the open opportunities bring.

    Parameters
    ----------
    chances : ndarray of float, shape (curves, groups)
        To be won in the time, for each group of open opportunities.
    money, squares : ndarray of float, shape (groups,)
        Σx and Σx² of their amounts.
    draws : int
        How many futures.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    ndarray of float, shape (draws,)
        Money won, 0 or more.

    Notes
    -----
    Each is won or not by itself: the sum has the mean Σ p x and the variance Σ p (1 - p) x². It is drawn from the gamma
    distribution of that mean and variance, 0 or more and skewed as sums of amounts are.
    """
    mean = chances @ money
    variance = (chances * (1 - chances)) @ squares
    curve = np.arange(draws) % len(chances)
    scale = np.divide(variance, mean, out=np.zeros_like(mean), where=mean > 0)
    shape = np.divide(mean, scale, out=np.zeros_like(mean), where=scale > 0)
    return np.where(scale[curve] > 0, rng.gamma(shape[curve], np.where(scale[curve] > 0, scale[curve], 1.0)), mean[curve])


def _by_day(weights: Floats, place: np.ndarray, days: int) -> Floats:
    made = np.zeros((len(weights), days))
    for column in range(weights.shape[1]):
        made[:, place[column]] += weights[:, column]
    return made
