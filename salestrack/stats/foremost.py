"""Which of several is the largest, and which of the others cannot be told from it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from salestrack.stats.compare import difference
from salestrack.stats.limits import Interval, as_floats

__all__ = ["foremost_rate", "foremost_share"]


@np.errstate(divide="ignore", invalid="ignore")
def foremost_rate(k: ArrayLike, exposure: ArrayLike, confidence: float = 0.95) -> tuple[int, NDArray[np.bool_]]:
    """Find the group with the highest rate of events, and those that may well have as high a rate.

    Parameters
    ----------
    k : array_like, shape (groups,)
        Events.
    exposure : array_like, shape (groups,)
        Time at risk; 1 for all compares plain counts. Groups without any are out of the question.
    confidence : float, default 0.95
        Of the claim that another group is behind.

    Returns
    -------
    first : int
        Position of the highest rate; -1 where there is none.
    beside : ndarray of bool, shape (groups,)
        Groups that cannot be told from it. The first itself is not among them.

    Notes
    -----
    Two Poisson counts: given their sum the first is binomial with its part of the time at risk (two-sided mid-p test, with the
    observed number counted half). The first is told from each of the others by itself: for the claim that it is the largest that
    is enough, although it was picked because it looked so.

    References
    ----------
    Gutmann, S., & Maymin, Z. (1987). Is the selected population the best? The Annals of Statistics, 15(1), 456-461.

    Przyborowski, J., & Wilenski, H. (1940). Homogeneity of results in testing samples from Poisson series. Biometrika, 31(3-4),
    313-323.

    Examples
    --------
    >>> first, beside = foremost_rate([60, 30, 50], [100, 100, 100])
    >>> int(first), beside.tolist()
    (0, [False, False, True])
    """
    k, exposure = as_floats(k, exposure)
    usable = exposure > 0
    if not (usable & (k > 0)).any():
        return -1, np.zeros(len(k), dtype=bool)
    first = int(np.argmax(np.where(usable, k / exposure, -np.inf)))
    both, part = k + k[first], exposure[first] / (exposure + exposure[first])
    over = stats.binom.sf(k[first], both, part) + stats.binom.pmf(k[first], both, part) / 2
    beside = usable & (2 * over > 1 - confidence)
    beside[first] = False
    return first, beside


def foremost_share(found: Interval) -> tuple[int, NDArray[np.bool_]]:
    """Find the highest of several independent estimates, and those that may well be as high.

    Parameters
    ----------
    found : Interval
        Estimates with their limits, shape (groups,); one without limits is out of the question.

    Returns
    -------
    first : int
        Position of the highest; -1 where there is none.
    beside : ndarray of bool, shape (groups,)
        Groups that cannot be told from it: the interval of the difference holds 0.

    See Also
    --------
    foremost_rate : why no further correction is needed; `salestrack.stats.compare.difference`: the interval.

    Examples
    --------
    >>> first, beside = foremost_share(Interval([0.6, 0.3, 0.5], [0.5, 0.2, 0.4], [0.7, 0.4, 0.6]))
    >>> int(first), beside.tolist()
    (0, [False, False, True])
    """
    value, low, high = as_floats(*found)
    usable = ~(np.isnan(value) | np.isnan(low) | np.isnan(high))
    if not usable.any():
        return -1, np.zeros(len(value), dtype=bool)
    first = int(np.argmax(np.where(usable, value, -np.inf)))
    ahead = difference(Interval(value[first], low[first], high[first]), Interval(value, low, high))
    beside = usable & (np.asarray(ahead.low) <= 0)
    beside[first] = False
    return first, beside
