"""Two figures side by side: their difference, the growth between two totals, and the verdict in a word."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from salestrack.errors import StatisticsError
from salestrack.stats.limits import Interval, as_floats, normal_quantile

__all__ = ["Verdict", "Told", "difference", "growth", "of_many", "verdict", "verdicts"]

Verdict = Literal["up", "down", "flat", "cannot_tell"]


def difference(new: Interval, old: Interval) -> Interval:
    """Difference new - old of two independent estimates, from their separate intervals (MOVER).

    Parameters
    ----------
    new, old : Interval
        Estimates of the same kind with limits of the same confidence, which the difference then has too; they broadcast.

    Returns
    -------
    Interval
        Difference and limits; NaN where something it needs is NaN.

    Notes
    -----
    With estimates a, b and limits (l_a, u_a), (l_b, u_b) the limits are a - b - √((a - l_a)² + (u_b - b)²) and
    a - b + √((u_a - a)² + (b - l_b)²): each limit is recovered from the variance at the side of the separate limits that
    matters for it. For two Wilson intervals this is method 10 of Newcombe. The coverage is that of the separate intervals.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: comparison of eleven
    methods. Statistics in Medicine, 17(8), 873-890.

    Zou, G. Y., & Donner, A. (2008). Construction of confidence limits about effect measures: a general approach. Statistics in
    Medicine, 27(10), 1693-1702.

    Examples
    --------
    56 of 70 against 48 of 80, the example of Newcombe (1998, table II, a).

    >>> from salestrack.stats.intervals import share
    >>> print("{:.2f} [{:.4f}, {:.4f}]".format(*difference(share(56, 70), share(48, 80))))
    0.20 [0.0524, 0.3339]
    """
    a, low_a, high_a = as_floats(*new)
    b, low_b, high_b = as_floats(*old)
    value = a - b
    low = value - np.sqrt((a - low_a) ** 2 + (high_b - b) ** 2)
    high = value + np.sqrt((high_a - a) ** 2 + (b - low_b) ** 2)
    return Interval(value[()], low[()], high[()])


@np.errstate(divide="ignore", invalid="ignore")
def growth(
    new_total: ArrayLike, new_squares: ArrayLike, old_total: ArrayLike, old_squares: ArrayLike, confidence: float = 0.95
) -> Interval:
    """Growth new / old - 1 between two totals, each a random number of amounts of random size (compound Poisson).

    Parameters
    ----------
    new_total, new_squares : array_like
        Σx and Σx² of the new period. For a plain count both are the count.
    old_total, old_squares : array_like
        Σx and Σx² of the old period.
    confidence : float, default 0.95
        Nominal coverage.

    Returns
    -------
    Interval
        Relative growth (0.1 is 10 % more) and limits. The value is NaN where the old total is not positive; the limits are NaN
        where either total is not positive.

    Notes
    -----
    If amounts arrive as a Poisson process, Var(Σx) = E(Σx²), so the log of a total has variance Σx² / (Σx)² = 1 / m, where m is
    the effective number of amounts. The limits are exp(log(new / old) ± t √(1 / m_new + 1 / m_old)) - 1, t on the degrees of
    freedom of Welch and Satterthwaite with m in place of n; totals that hang on few big amounts get the wider interval they need.

    Simulated coverage of the nominal 95 % for lognormal amounts, 20 to 200 of them per period: 93 to 97 % up to σ = 1.2 (with 1.96
    in place of t it falls to 90 %). Amounts that come in bunches, such as renewals on one day, vary more than a Poisson process.

    References
    ----------
    Ross, S. M. (2014). Introduction to probability models (11th ed.), section 5.4.2. Academic Press.

    Welch, B. L. (1947). The generalization of 'Student's' problem when several different population variances are involved.
    Biometrika, 34(1-2), 28-35.

    Examples
    --------
    120 deals of size 10 after 100 such deals:

    >>> print("{:.2f} [{:.3f}, {:.3f}]".format(*growth(1200, 12000, 1000, 10000)))
    0.20 [-0.081, 0.567]
    """
    normal_quantile(confidence)
    new_total, new_squares, old_total, old_squares = as_floats(new_total, new_squares, old_total, old_squares)
    ratio = np.where(old_total > 0, new_total / old_total, np.nan)
    new_variance, old_variance = new_squares / new_total**2, old_squares / old_total**2
    variance = new_variance + old_variance
    freedom = variance**2 / (new_variance**3 + old_variance**3)
    reach = stats.t.ppf((1 + confidence) / 2, freedom) * np.sqrt(variance)
    reach = np.where((new_total > 0) & (old_total > 0), reach, np.nan)
    return Interval((ratio - 1)[()], (ratio * np.exp(-reach) - 1)[()], (ratio * np.exp(reach) - 1)[()])


def verdict(low: ArrayLike, high: ArrayLike, flat_low: ArrayLike = 0.0, flat_high: ArrayLike = 0.0) -> Any:
    """Say in a word what the interval of a change allows to say.

    Parameters
    ----------
    low, high : array_like
        Limits of the change; NaN where there are none.
    flat_low, flat_high : array_like, default 0
        The band of changes that do not matter, around 0. Without a band only a change of exactly 0 is flat.

    Returns
    -------
    str or ndarray of str
        ``'flat'`` where the whole interval lies inside the band, else ``'up'`` or ``'down'`` where it excludes 0, else
        ``'cannot_tell'``, also where a limit is NaN.

    Raises
    ------
    StatisticsError
        When the band does not hold 0.

    Notes
    -----
    Without a real change, up or down is said in at most 5 % of cases for a 95 % interval of correct coverage, since flat is
    looked at first.

    References
    ----------
    Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach for assessing the
    equivalence of average bioavailability. Journal of Pharmacokinetics and Biopharmaceutics, 15(6), 657-680.

    Examples
    --------
    >>> verdict([0.01, 0.04, -0.01, float("nan")], [0.30, 0.05, 0.01, 1.0], -0.02, 0.02).tolist()
    ['up', 'up', 'flat', 'cannot_tell']
    """
    low, high, flat_low, flat_high = as_floats(low, high, flat_low, flat_high)
    if np.any((flat_low > 0) | (flat_high < 0)):
        raise StatisticsError("The band of changes that count as flat has to hold 0: flat_low <= 0 <= flat_high.")
    words = np.select([(flat_low <= low) & (high <= flat_high), low > 0, high < 0], ["flat", "up", "down"], "cannot_tell")
    return np.where(np.isnan(low) | np.isnan(high), "cannot_tell", words)[()]


class Told(NamedTuple):
    """Several changes and what may be said of them, seen that they are several.

    Parameters
    ----------
    change : Interval
        Each change with the limits of its own, at the stated confidence.
    verdict : ndarray of str
        ``'up'``, ``'down'``, ``'flat'`` or ``'cannot_tell'``, for all of them at once.
    alone : ndarray of bool
        Whether a change could be told if it had been the only one looked at, and cannot among so many.
    """

    change: Interval
    verdict: Any
    alone: Any


def of_many(confidence: float, looks: int) -> float:
    """Return the confidence at which each of several intervals holds, so that all hold together with the given one (Bonferroni).

    Parameters
    ----------
    confidence : float
        Wanted for all together, 0 to 1.
    looks : int
        How many are looked at; fewer than 1 counts as 1.

    References
    ----------
    Dunn, O. J. (1961). Multiple comparisons among means. Journal of the American Statistical Association, 56(293), 52-64.

    Examples
    --------
    >>> round(of_many(0.95, 5), 6)
    0.99
    """
    return 1 - (1 - confidence) / max(looks, 1)


def verdicts(
    change_at: Callable[[float], Interval],
    judged: ArrayLike,
    flat_low: ArrayLike = 0.0,
    flat_high: ArrayLike = 0.0,
    looks: int = 0,
    confidence: float = 0.95,
) -> Told:
    """Say of several changes what may be said of all of them at once.

    Parameters
    ----------
    change_at : callable
        From a confidence to the changes with limits of that confidence.
    judged : array_like of bool
        Which of them are looked at; the others get ``'cannot_tell'`` and do not count.
    flat_low, flat_high : array_like, default 0
        The band of changes that do not matter, as in `verdict`.
    looks : int, default 0
        How many verdicts are given together, where they are more than these: the figures of a page.
    confidence : float, default 0.95
        Of the stated limits, and of all verdicts together.

    Returns
    -------
    Told
        Changes and verdicts.

    Notes
    -----
    Each verdict takes limits of the confidence `of_many` returns, so that where nothing differs at most 5 % of pages say up or down
    anywhere, however the changes depend on each other.

    Examples
    --------
    Two changes 2 and 3 standard errors from none, told alone and among ten:

    >>> from scipy import stats
    >>> def change_at(confidence):
    ...     reach = stats.norm.ppf((1 + confidence) / 2)
    ...     return Interval(np.array([2.0, 3.0]), np.array([2.0, 3.0]) - reach, np.array([2.0, 3.0]) + reach)
    >>> verdicts(change_at, [True, True], looks=10).verdict.tolist()
    ['cannot_tell', 'up']
    >>> verdicts(change_at, [True, False]).verdict.tolist()
    ['up', 'cannot_tell']
    """
    change = change_at(confidence)
    told = np.asarray(judged, dtype=bool) & ~np.isnan(np.asarray(change.low, dtype=float))
    strict = change_at(of_many(confidence, max(looks, int(told.sum()))))
    words = np.where(told, verdict(strict.low, strict.high, flat_low, flat_high), "cannot_tell")
    by_itself = np.where(told, verdict(change.low, change.high, flat_low, flat_high), "cannot_tell")
    return Told(change, words, (words == "cannot_tell") & np.isin(by_itself, ["up", "down"]))
