"""Two kinds of cases compared like with like in several respects at once: what the second would have, were it like the first."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse, stats

from salestrack.stats.limits import MIN_N, Floats, normal_quantile
from salestrack.stats.matched import FEWEST_EVENTS

__all__ = ["alike_means", "comparable"]

FEWEST_HOLDERS = 10
"""With fewer holders than this, how much holders differ cannot be told from the data."""
_MOST_ROUNDS = 200
_SMALL = 1e-5
_NOTHING = 1e-12
_SUMS = ("n", "s1", "s2", "n_other", "s1_other", "s2_other")
_FIGURES = ("mean", "other", "difference", "low", "high", "p", "n", "n_other", "reason")


def comparable(cells: pd.DataFrame, factors: Sequence[str]) -> pd.DataFrame:
    """Return the cells that have a counterpart: each of their levels holds cases of both kinds, among such cells.

    Parameters
    ----------
    cells : pandas.DataFrame
        The factors' columns, n and n_other (cases of either kind).
    factors : sequence of str
        In what the two kinds should be alike.
    """
    size = -1
    while len(cells) != size:
        size = len(cells)
        for name in factors:
            counts = cells.groupby(name)[["n", "n_other"]].transform("sum")
            cells = cells[(counts > 0).all(axis=1)]
    return cells


def alike_means(cells: pd.DataFrame, by: str, factors: Sequence[str], holder: str, confidence: float = 0.95) -> pd.DataFrame:
    """Compare the mean count of two kinds of cases, the second made like the first in all factors.

    Parameters
    ----------
    cells : pandas.DataFrame
        Those that `comparable` keeps, one row for each combination of levels: `by`, `holder`, the factors' columns, n, s1, s2
        (cases, Σx, Σx²) of the first kind and n_other, s1_other, s2_other of the second.
    by : str
        Column that says what is compared, such as the stretch of time.
    factors : sequence of str
        In what they are made alike. A factor whose levels are told apart by `by` has an effect of its own there; one whose levels
        are not has the same everywhere, and is known from all of it. The first may have thousands of levels.
    holder : str
        Column that says whose case it is, such as the rep.
    confidence : float, default 0.95
        Of the limits.

    Returns
    -------
    pandas.DataFrame
        One row for each value of `by`: mean (of the first kind) and other (that which the second would have, were it like the
        first), difference with low and high, p, n and n_other (cases), and reason: ``too_few`` (fewer than 10 cases of a kind, or
        10 events in all; then limits and p are null) or empty.

    Notes
    -----
    The mean count of the second kind is taken as a product of one number for each factor's level, found so that observed and
    expected sums agree at every level (iterative proportional fitting, the likelihood's maximum for Poisson counts). What it gives
    at the places of the first kind is what the second would have there. So a case is compared with those of its own rep, and of
    its own age, although hardly any is of both; and cases of the first kind weigh alike, whatever the numbers of the second.

    The error allows for counts of any spread: each case counts with its squared distance from what is expected, times its squared
    weight in the difference, which for the second kind is its influence on the fit. With 10 holders or more it is the larger of
    this and of one that allows for any likeness of the cases of one holder. Limits use t on Satterthwaite's degrees of freedom.
    Where all cases of either kind have the same count, its spread is that of Poisson counts.

    References
    ----------
    Deming, W. E., & Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency table when the expected marginal
    totals are known. Annals of Mathematical Statistics, 11(4), 427-444.

    Kline, P. (2011). Oaxaca-Blinder as a reweighting estimator. American Economic Review, 101(3), 532-537.

    Liang, K.-Y., & Zeger, S. L. (1986). Longitudinal data analysis using generalized linear models. Biometrika, 73(1), 13-22.

    Examples
    --------
    Rep A is busy and wins: 2 calls on each of 30 won and 10 lost; rep B has none on 10 won and 30 lost. Within a rep nothing
    differs.

    >>> sums = {"week": 1, "rep": ["A", "B"], "n": [30, 10], "s1": [60, 0], "s2": [120, 0]}
    >>> cells = pd.DataFrame(sums | {"n_other": [10, 30], "s1_other": [20, 0], "s2_other": [40, 0]})
    >>> alike_means(cells, "week", ["rep"], "rep")[["mean", "other"]].to_dict("records")
    [{'mean': 1.5, 'other': 1.5}]
    """
    normal_quantile(confidence)
    if cells.empty:
        return pd.DataFrame(columns=[by, *_FIGURES])
    sums = cells[list(_SUMS)].to_numpy(dtype=float).T
    levels = [pd.factorize(cells[name], use_na_sentinel=False)[0] for name in factors]
    holders, _ = pd.factorize(cells[holder], use_na_sentinel=False)
    # No case can have had more than the root of its cell's sum of squares.
    expected = _expected(levels, sums[3], sums[4], float(sums[5].max() ** 0.5))
    influence = _Influence(levels, sums[3] * expected)
    parts = sums, expected, holders, sum(int(level.max()) for level in levels) + 1
    rows = [
        {by: value} | _compared(parts, which, influence, confidence)
        for value, which in ((value, cells[by].to_numpy() == value) for value in cells[by].unique())
    ]
    return pd.DataFrame(rows, columns=[by, *_FIGURES])


def _expected(levels: list[np.ndarray], k: Floats, t1: Floats, most: float) -> Floats:
    """Return the mean count that the second kind has in each cell: a product over factors that agrees with their sums."""
    there = k > 0
    parts = [(level[there], np.bincount(level[there], t1[there], int(level.max()) + 1)) for level in levels]
    found, cases = np.full(int(there.sum()), t1.sum() / k.sum()), k[there]
    factors = [np.ones(len(is_so)) for _, is_so in parts]
    for _ in range(_MOST_ROUNDS):
        before = found
        for factor, (level, is_so) in zip(factors, parts, strict=True):
            fits = np.bincount(level, cases * found, len(is_so))
            change = np.divide(is_so, fits, out=np.zeros(len(fits)), where=fits > 0)
            factor[:] = factor * change
            found = found * change[level]
        if cases @ np.abs(found - before) <= _SMALL * t1.sum():
            break
    whole = np.full(len(k), t1.sum() / k.sum())
    for factor, level in zip(factors, levels, strict=True):
        whole = whole * factor[level]
    # Where hardly anything was done, a product of two extremes may be anything.
    return np.minimum(whole, most)


class _Influence:
    """What each cell's counts of the second kind weigh in what is expected at given places.

    The first factor is solved for by itself, the others in what is left (Schur complement).
    """

    def __init__(self, levels: list[np.ndarray], worth: Floats) -> None:
        self._first, cells = levels[0], np.arange(len(worth))
        sums = np.bincount(self._first, worth)
        self._inverse = np.divide(1.0, sums, out=np.zeros(len(sums)), where=sums > 0)
        ends = np.cumsum([0, *(int(level.max()) + 1 for level in levels[1:])])
        columns = [level + end for level, end in zip(levels[1:], ends, strict=False)]
        where = (np.tile(cells, len(columns)), np.concatenate(columns) if columns else cells[:0])
        self._rest = sparse.csr_array((np.ones(len(where[0])), where), shape=(len(worth), int(ends[-1])))
        firsts = sparse.csr_array((np.ones(len(cells)), (cells, self._first)), shape=(len(worth), len(sums)))
        weighed = self._rest.multiply(worth[:, None]).tocsr()
        self._across = (firsts.T @ weighed).tocsr()
        left = (self._rest.T @ weighed).toarray() - (self._across.T @ self._across.multiply(self._inverse[:, None])).toarray()
        self._solved = np.linalg.pinv(left, rcond=1e-9, hermitian=True) if left.size else left

    def of(self, place: Floats) -> Floats:
        """Return the weights, for so much of the expected at each cell."""
        goal = np.bincount(self._first, place, len(self._inverse))
        theirs = self._solved @ (self._rest.T @ place - self._across.T @ (self._inverse * goal))
        own = self._inverse * (goal - self._across @ theirs)
        return np.asarray(own[self._first] + self._rest @ theirs, dtype=float)


def _compared(
    parts: tuple[Floats, Floats, np.ndarray, int], which: np.ndarray, influence: _Influence, confidence: float
) -> dict[str, object]:
    """Return the comparison of some of the cells."""
    (n, s1, s2, k, t1, t2), expected, holder, columns = parts
    here, all_here, others = np.where(which, n, 0.0), n[which].sum(), k[which].sum()
    mean, other = s1[which].sum() / all_here, (here * expected).sum() / all_here
    difference = mean - other
    weight = influence.of(here * expected / all_here)
    shifted = np.where(which, expected + difference, 0.0)
    # Squared distances from what is expected, and their sums, of either kind.
    away = np.where(which, s2 - 2 * shifted * s1 + n * shifted**2, 0.0) / all_here**2
    apart = weight**2 * (t2 - 2 * expected * t1 + k * expected**2) * k.sum() / max(k.sum() - columns, 1.0)
    variance = away.sum() + apart.sum()
    uncertainty = (away**2 / np.maximum(n, 1)).sum() + (apart**2 / np.maximum(k, 1)).sum()
    freedom = max(variance**2 / uncertainty, 1.0) if uncertainty > 0 else 1.0
    scores = np.where(which, s1 - n * shifted, 0.0) / all_here - weight * (t1 - k * expected)
    held = len(set(holder[which]))
    likeness = (np.bincount(holder, scores) ** 2).sum() * held / (held - 1) if held >= FEWEST_HOLDERS else 0.0
    if likeness > variance:
        variance, freedom = likeness, min(freedom, held - 1)
    if not variance > _NOTHING:
        # All of a kind have the same count: how alike they would be in other cases is that of Poisson counts.
        variance = mean / all_here + (weight**2 * k * expected).sum()
        freedom = min(all_here, others) - 1
    few = min(all_here, others) < MIN_N or s1[which].sum() + t1[which].sum() < FEWEST_EVENTS
    limits = np.full(3, np.nan)
    if not few:
        error = variance**0.5
        reach = stats.t.ppf((1 + confidence) / 2, freedom) * error
        limits = np.array([difference - reach, difference + reach, 2 * stats.t.sf(abs(difference) / error, freedom)])
    figures = mean, other, difference, *limits, int(all_here), int(others), "too_few" if few else ""
    return dict(zip(_FIGURES, figures, strict=True))
