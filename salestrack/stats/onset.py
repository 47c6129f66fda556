"""Since when it takes longer, or shorter: the one day that parts those who came before it from those who came since.

Every possible day is tried, and what is found is held against what trying so many days finds where nothing has changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from salestrack.stats.limits import MIN_N, Floats

__all__ = ["LogRank", "Onset", "log_rank", "onset"]

DRAWS = 10_000
# With so large a p a tenth of the draws will do.
_CLEAR = 0.15
# A split is no worse than the best one while twice the log likelihood has fallen by less (chi-squared, 1 degree, 95 %).
_FALL = float(stats.chi2.ppf(0.95, 1))
# Beyond this many days the rest is one: so long a stay tells of a forgotten row, not of the pace.
_LONGEST = 1100


@dataclass(frozen=True)
class LogRank:
    """Those who came since against those before, for every day that may part them.

    Parameters
    ----------
    cohorts : tuple
        The first cohort of those since: all but the first cohort.
    score : ndarray of float, shape (splits,)
        How many more of those since left than would have at the pace of all; negative: they leave more slowly.
    covariance : ndarray of float, shape (splits, splits)
        Of the scores, where all leave at one pace.
    expected : ndarray of float, shape (2, splits)
        How many since, and how many before, would have left at the pace of all.
    """

    cohorts: tuple[date, ...]
    score: Floats
    covariance: Floats
    expected: Floats


@dataclass(frozen=True)
class Onset:
    """The split of the cohorts at which leaving differs most, and how surely it differs at all.

    Parameters
    ----------
    cohorts : tuple
        Possible splits: the first cohort of those since. Empty: too few to look.
    z : ndarray of float
        Log-rank statistic of each split; negative: those since leave more slowly.
    since, low, high : date or None
        The split that stands out most, and the first and last that explain the data no worse; None without a possible split.
    p : float
        Probability of a split that stands out as much somewhere, where nothing has changed; NaN without a possible split.
    pace : {'slower', 'faster', ''}
        What those since are at that split.
    """

    cohorts: tuple[date, ...]
    z: Floats
    since: date | None
    low: date | None
    high: date | None
    p: float
    pace: Literal["slower", "faster", ""]


def onset(counts: pd.DataFrame, strata: Sequence[str] = (), least: float = MIN_N, draws: int = DRAWS) -> Onset:
    """Find the cohort since which it takes longer or shorter until they leave, with any outcome.

    Parameters
    ----------
    counts : DataFrame
        Columns `cohort` (first day of the month in which they came, say; not null), `days`, `outcome` ('open': still there) and
        `count`, and those in `strata`.
    strata : sequence of str, default ()
        Only like are compared with like: those of one stratum with each other.
    least : float, default 10
        A split is possible where this many would be expected to leave on each side of it.
    draws : int, default 10000
        Simulated searches without a change.

    Returns
    -------
    Onset
        Where the search ends.

    Notes
    -----
    Each split has its log-rank statistic z (`log_rank`). Where nothing has changed those of all splits are jointly normal; p is
    the share of draws of such a normal vector whose largest |z| reaches the largest one found, or the Bonferroni bound where
    that is smaller. The interval holds the splits around the best one whose z² lies within 3.84 of its. The same counts give
    the same p: the draws are seeded.

    References
    ----------
    Lausen, B., & Schumacher, M. (1992). Maximally selected rank statistics. Biometrics, 48(1), 73-85.

    Contal, C., & O'Quigley, J. (1999). An application of changepoint methods in studying the effect of age on survival in
    breast cancer. Computational Statistics & Data Analysis, 30(3), 253-270.
    """
    compared = log_rank(counts, strata)
    covariance = compared.covariance
    variance = np.diag(covariance)
    possible = np.flatnonzero((compared.expected >= least).all(axis=0) & (variance > 0))
    if not len(possible):
        return Onset((), np.zeros(0), None, None, None, np.nan, "")
    deviation = np.sqrt(variance[possible])
    z = compared.score[possible] / deviation
    correlation = covariance[np.ix_(possible, possible)] / np.outer(deviation, deviation)
    first = [compared.cohorts[k] for k in possible]
    best = int(np.argmax(np.abs(z)))
    near = np.flatnonzero(z**2 >= z[best] ** 2 - _FALL)
    # What lies beyond a worse split belongs to another change.
    low, high = _run(near, best)
    return Onset(
        tuple(first), z, first[best], first[low], first[high], _p_of(abs(z[best]), correlation, draws),
        "slower" if z[best] < 0 else "faster",
    )  # fmt: skip


def log_rank(counts: pd.DataFrame, strata: Sequence[str] = ()) -> LogRank:
    """Compare, for every cohort, those of it and of later ones with those of earlier ones (log-rank).

    Parameters
    ----------
    counts, strata
        As in `onset`.

    Returns
    -------
    LogRank
        One entry for each cohort but the first.

    Notes
    -----
    Over the days on which d of the n still there left, with p = n_since / n, ::

        U = Σ (d_since - d p)        Cov(U_k, U_l) = Σ d (n - d) / (n - 1) · p_l (1 - p_k)   for k <= l

    summed over the strata: on each day the d are a random draw from the n.

    References
    ----------
    Mantel, N. (1966). Evaluation of survival data and two new rank order statistics arising in its consideration. Cancer
    Chemotherapy Reports, 50(3), 163-170.

    Examples
    --------
    Two came in each month. Those of March leave on days 1 and 2, those of April are still there on day 5.

    >>> rows = [("2026-03", 1, "lost", 1), ("2026-03", 2, "won", 1), ("2026-04", 5, "open", 2)]
    >>> compared = log_rank(pd.DataFrame(rows, columns=["cohort", "days", "outcome", "count"]))
    >>> compared.cohorts, compared.score.round(3).tolist()
    (('2026-04',), [-1.167])
    """
    cohorts = tuple(sorted(counts.loc[counts["count"] > 0, "cohort"].unique()))
    splits = max(len(cohorts) - 1, 0)
    score, covariance, expected = np.zeros(splits), np.zeros((splits, splits)), np.zeros((2, splits))
    groups = [part for _, part in counts.groupby(list(strata), dropna=False)] if strata else [counts]
    for part in groups if splits else ():
        one = _of_stratum(part, cohorts)
        score, covariance, expected = score + one[0], covariance + one[1], expected + one[2]
    return LogRank(cohorts[1:], score, covariance, expected)


def _of_stratum(part: pd.DataFrame, cohorts: tuple[date, ...]) -> tuple[Floats, Floats, Floats]:
    """Return the scores, their covariances, and the expected number leaving since and before, for every split."""
    there, left = _by_day(part, cohorts)
    # Row k: those of the cohorts from k + 1 on.
    since = there[::-1].cumsum(axis=0)[::-1][1:]
    n, d = there.sum(axis=0), left.sum(axis=0)
    share = np.divide(since, n, out=np.zeros_like(since), where=n > 0)
    weight = np.divide(d * (n - d), n - 1, out=np.zeros_like(n), where=n > 1)
    both = (share * weight) @ share.T
    later = np.maximum.outer(np.arange(len(share)), np.arange(len(share)))
    covariance = (share @ weight)[later] - both
    expected = share @ d
    observed = left[::-1].cumsum(axis=0)[::-1][1:].sum(axis=1)
    return observed - expected, covariance, np.array([expected, d.sum() - expected])


def _by_day(part: pd.DataFrame, cohorts: tuple[date, ...]) -> tuple[Floats, Floats]:
    """Return how many of each cohort were there, and how many left, on each day; shape (cohorts, days)."""
    days, column = np.unique(np.minimum(part["days"].to_numpy(dtype=float), _LONGEST), return_inverse=True)
    row, count = pd.Index(cohorts).get_indexer(pd.Index(part["cohort"])), part["count"].to_numpy(dtype=float)
    gone, left = (np.zeros((len(cohorts), len(days))) for _ in range(2))
    np.add.at(gone, (row, column), count)
    np.add.at(left, (row, column), count * (part["outcome"] != "open").to_numpy(dtype=float))
    return gone[:, ::-1].cumsum(axis=1)[:, ::-1], left


def _run(near: np.ndarray, best: int) -> tuple[int, int]:
    """Return the ends of the unbroken run of places that holds the best one."""
    low = high = best
    found = set(near.tolist())
    while low - 1 in found:
        low -= 1
    while high + 1 in found:
        high += 1
    return low, high


def _p_of(largest: float, correlation: Floats, draws: int) -> float:
    """Return how probable so large a statistic is somewhere among the splits, where nothing has changed."""
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0))
    # Most searches find nothing; that takes few draws to see.
    for some in (draws // 10, draws):
        reached = (np.abs(_normal(len(correlation), some) @ root.T) >= largest).any(axis=1)
        simulated = (1 + reached.sum()) / (1 + some)
        if simulated > _CLEAR:
            break
    return float(min(simulated, len(correlation) * 2 * stats.norm.sf(largest)))


@lru_cache(maxsize=64)
def _normal(splits: int, draws: int) -> Floats:
    return np.random.default_rng(0).standard_normal((draws, splits))
