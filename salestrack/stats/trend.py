"""Whether a series of periods is growing, shrinking, flat, or too noisy to tell."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from salestrack.errors import StatisticsError
from salestrack.stats.compare import verdict
from salestrack.stats.limits import Floats, Interval, as_floats, normal_quantile

__all__ = ["Trend", "trend", "pooled_variance"]

_WORDS = {"up": "growing", "down": "shrinking", "flat": "flat", "cannot_tell": "cannot_tell"}


class Trend(NamedTuple):
    """A straight line through a series of periods.

    Parameters
    ----------
    slope : Interval
        Change per period, in the unit of the series.
    relative : Interval
        The same as a share of the level.
    level : float or ndarray of float
        Weighted mean of the series.
    periods : int or ndarray of int
        How many periods had a value.
    verdict : str or ndarray of str
        ``'growing'``, ``'shrinking'``, ``'flat'`` or ``'cannot_tell'``.
    """

    slope: Interval
    relative: Interval
    level: Any
    periods: Any
    verdict: Any


@np.errstate(divide="ignore", invalid="ignore")
def pooled_variance(n: ArrayLike, s1: ArrayLike, s2: ArrayLike) -> Floats:
    """Estimate the sampling variance of each period's mean, from the spread within all periods together.

    Parameters
    ----------
    n, s1, s2 : array_like, periods along the last axis
        Number of amounts, Σx and Σx² of each period. For a share pass n, k and k.

    Returns
    -------
    ndarray of float
        s² / n with the pooled s²; NaN for a period without amounts.

    Notes
    -----
    A period of skewed amounts whose mean happens to be low has a low variance of its own, too; weighing by it would pull the
    line down to such periods. The pooled variance weighs by n alone.

    Examples
    --------
    >>> pooled_variance([2, 4], [4, 8], [10, 22]).tolist()
    [1.0, 0.5]
    """
    n, s1, s2 = as_floats(n, s1, s2)
    within = np.where(n > 0, s2 - s1**2 / n, 0).sum(axis=-1, keepdims=True)
    freedom = np.where(n > 0, n - 1, 0).sum(axis=-1, keepdims=True)
    return np.where(n > 0, np.maximum(within, 0) / freedom / n, np.nan)


@np.errstate(divide="ignore", invalid="ignore")
def trend(value: ArrayLike, variance: ArrayLike, flat: float, period: ArrayLike | None = None, confidence: float = 0.95) -> Trend:
    """Weighted least-squares slope of a series on the number of the period, with its interval and a verdict.

    Parameters
    ----------
    value : array_like, periods along the last axis
        The figure of each period; null periods are left out. The caller leaves out periods that are not complete.
    variance : array_like, broadcast to `value`
        Sampling variance of each figure. For means and shares use `pooled_variance`; for totals the mean of Σx² over the periods.
    flat : float
        Largest change per period, as a share of the level, that does not matter: 0.01 calls a slope flat when its whole interval
        lies within ±1 % of the level per period.
    period : array_like, optional
        Position of each period in time; 0, 1, 2, ... if not given.
    confidence : float, default 0.95
        Nominal coverage.

    Returns
    -------
    Trend
        Limits are NaN, and the verdict is ``'cannot_tell'``, with fewer than 3 periods.

    Raises
    ------
    StatisticsError
        When `flat` is negative.

    Notes
    -----
    A meta-regression of the figures on time: periods differ by their sampling variance v and by something more (season, a
    promotion) of variance τ², estimated by moments (DerSimonian & Laird), and weigh 1 / (v + τ²). The half width is the
    larger of two: t on periods - 2 degrees of freedom times the error seen in the scatter around the line (Knapp & Hartung), and
    z times the error that the weights imply, so that a few points that happen to lie on a line do not look certain.

    The interval is on the long side for short series. Without any trend, simulations call a series growing or shrinking in 1 to
    5 % of cases (4 to 36 periods; shares and skewed means with and without τ², totals). A straight line is all that is asked: the
    series may have a season or a turn in it, and neighbouring periods that depend on each other make the interval too short.

    References
    ----------
    DerSimonian, R., & Laird, N. (1986). Meta-analysis in clinical trials. Controlled Clinical Trials, 7(3), 177-188.

    Knapp, G., & Hartung, J. (2003). Improved tests for a random effects meta-regression with a single covariate. Statistics in
    Medicine, 22(17), 2693-2710.

    Röver, C., Knapp, G., & Friede, T. (2015). Hartung-Knapp-Sidik-Jonkman approach and its modification for random-effects
    meta-analysis with few studies. BMC Medical Research Methodology, 15, 99.

    Examples
    --------
    >>> result = trend([100, 104, 109, 111, 117, 120], variance=4, flat=0.005)
    >>> print("{:.2f} [{:.2f}, {:.2f}]".format(*result.slope), result.verdict)
    4.03 [3.09, 4.97] growing
    """
    z = normal_quantile(confidence)
    if flat < 0:
        raise StatisticsError(f"The width of the flat band is a share of the level, 0 or more; {flat!r} was given.")
    figure, own = np.broadcast_arrays(*as_floats(value, variance))
    x = np.broadcast_to(np.arange(figure.shape[-1]) if period is None else np.asarray(period, dtype=float), figure.shape)
    known = np.isfinite(figure) & np.isfinite(own)
    periods, y = known.sum(-1), np.where(known, figure, 0)
    own = _positive(own, known)
    between = _line(x, y, np.where(known, 1 / own, 0)).between(periods)
    line = _line(x, y, np.where(known, 1 / (own + between[..., None]), 0))
    reach = np.maximum(z, stats.t.ppf((1 + confidence) / 2, np.maximum(periods - 2, 1)) * np.sqrt(line.scatter / (periods - 2)))
    half = np.where(periods > 2, reach / np.sqrt(line.spread), np.nan)
    slope, level = line.slope, line.level
    low, high = slope - half, slope + half
    band = flat * np.abs(np.nan_to_num(level))
    words = np.vectorize(_WORDS.get, otypes=[object])(verdict(low, high, -band, band))
    relative = Interval(*(np.where(level > 0, each / level, np.nan)[()] for each in (slope, low, high)))
    return Trend(Interval(slope[()], low[()], high[()]), relative, level[()], periods[()], words[()])


class _Line(NamedTuple):
    """A weighted least-squares line with the sums that its errors are made of."""

    slope: Floats
    level: Floats
    spread: Floats
    scatter: Floats
    spare: Floats

    def between(self, periods: NDArray[np.intp]) -> Floats:
        """Variance between periods beyond that of sampling: what is left of the scatter, by moments."""
        return np.nan_to_num(np.maximum((self.scatter - (periods - 2)) / self.spare, 0))


def _line(x: Floats, y: Floats, weight: Floats) -> _Line:
    total = weight.sum(-1, keepdims=True)
    level = (weight * y).sum(-1, keepdims=True) / total
    away = x - (weight * x).sum(-1, keepdims=True) / total
    spread = (weight * away**2).sum(-1)
    slope = (weight * away * y).sum(-1) / spread
    scatter = (weight * (y - level - slope[..., None] * away) ** 2).sum(-1)
    spare = total[..., 0] - (weight**2).sum(-1) / total[..., 0] - (weight**2 * away**2).sum(-1) / spread
    return _Line(slope, level[..., 0], spread, scatter, spare)


def _positive(variance: Floats, known: NDArray[np.bool_]) -> Floats:
    """Variances without zeros (all amounts alike), which would weigh without limit: the smallest other one instead, or 1."""
    smallest = np.where(known & (variance > 0), variance, np.inf).min(axis=-1, keepdims=True)
    return np.where(variance > 0, variance, np.where(np.isinf(smallest), 1, smallest))
