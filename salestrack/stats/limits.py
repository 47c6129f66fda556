"""The shape of every estimate: a value with its limits."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from salestrack.errors import StatisticsError

__all__ = ["MIN_N", "Floats", "Interval", "as_floats", "normal_quantile", "poisson", "wilson"]

MIN_N = 10
"""Fewest rows for which an interval on a mean or a ratio of sums is stated."""

Floats = NDArray[np.float64]


class Interval(NamedTuple):
    """An estimate with its limits; unpacks as ``value, low, high``.

    Parameters
    ----------
    value : float or ndarray of float
        The estimate; NaN where it is undefined.
    low, high : float or ndarray of float
        Limits, same shape; NaN where no limit can be stated. ``low <= value <= high`` wherever all three are known.
    """

    value: Any
    low: Any
    high: Any


def as_floats(*numbers: ArrayLike) -> list[Floats]:
    """Return each argument as an array of float, null as NaN.

    Examples
    --------
    >>> as_floats(3, [1, None])
    [array(3.), array([ 1., nan])]
    """
    return [np.asarray(each, dtype=float) for each in numbers]


def normal_quantile(confidence: float) -> float:
    """Return z such that a standard normal lies within ±z with this probability.

    Parameters
    ----------
    confidence : float
        Strictly between 0 and 1.

    Raises
    ------
    StatisticsError
        When the confidence is not strictly between 0 and 1.

    Examples
    --------
    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    if not 0 < confidence < 1:
        raise StatisticsError(f"A confidence lies strictly between 0 and 1; {confidence!r} was given. Write 95 % as 0.95.")
    return float(stats.norm.ppf((1 + confidence) / 2))


def wilson(value: Floats, size: Floats, z: float) -> Interval:
    """Return Wilson's score interval for a share observed on `size` independent trials.

    Parameters
    ----------
    value : ndarray of float
        Share, 0 to 1 or NaN.
    size : ndarray of float
        Number of trials, effective ones included, so it need not be whole.
    z : float
        Normal quantile of the confidence.

    Examples
    --------
    >>> print("{:.2f} [{:.3f}, {:.3f}]".format(*wilson(np.array(0.8), np.array(10.0), 1.96)))
    0.80 [0.490, 0.943]
    """
    centre = (value + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z / (1 + z**2 / size) * np.sqrt(value * (1 - value) / size + z**2 / (4 * size**2))
    # Rounding must not push the limits of 0 of n or n of n past the estimate.
    return Interval(value[()], np.clip(centre - half, 0, value)[()], np.clip(centre + half, value, 1)[()])


def poisson(count: Floats, z: float) -> Interval:
    """Return the score interval for the number expected where events come one by one (Poisson).

    The limits solve (count - expected)² = z² · expected, as Wilson's do for a share.

    Parameters
    ----------
    count : ndarray of float
        Events, 0 or more.
    z : float
        Normal quantile of the confidence.

    References
    ----------
    Barker, L. (2002). A comparison of nine confidence intervals for a Poisson parameter when the expected number of events is
    <= 5. The American Statistician, 56(2), 85-89.

    Examples
    --------
    >>> print("{:.0f} [{:.2f}, {:.2f}]".format(*poisson(np.array(4.0), 1.96)))
    4 [1.56, 10.29]
    """
    half = z * np.sqrt(count + z**2 / 4)
    centre = count + z**2 / 2
    return Interval(count[()], np.maximum(centre - half, 0)[()], (centre + half)[()])
