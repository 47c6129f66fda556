"""Where a running period will end if the rest of it goes as the days gone by. Pure functions on a few numbers.

Both rules are one: of a figure of which the share f of the whole is already seen, only the rest can still surprise. The whole
differs from its estimate by a spread that is √(1 - f) times that of a figure of which nothing were fixed yet (the correction
for a finite population); on the last day nothing is left to chance.
"""

import math

import numpy as np

from salestrack.stats.compare import growth
from salestrack.stats.intervals import Interval, normal_quantile

NOWHERE = Interval(math.nan, math.nan, math.nan)


def spread_of_total(total: float, squares: float, confidence: float = 0.95) -> Interval:
    """Return a total with the limits within which chance alone would have let it fall (compound Poisson).

    Parameters
    ----------
    total, squares : float
        Σx and Σx² of amounts of 0 or more; for a count both are the count.
    confidence : float
        Nominal coverage, 0 to 1.

    Returns
    -------
    Interval
        Limits are NaN where the total is 0.
    """
    if total <= 0:
        return Interval(total, math.nan, math.nan)
    change = growth(total, squares, total, 0.0, confidence)
    return Interval(total, float(total * (1 + change.low)), float(total * (1 + change.high)))


def end_of_total(total: float, squares: float, due: float, gone: float, confidence: float = 0.95) -> Interval:
    """Return what a total will have become by the end of the period, in the unit of ``total / due``.

    Parameters
    ----------
    total, squares : float
        Σx and Σx² so far, of amounts of 0 or more; for a count both are the count.
    due : float
        What a whole period has by now: the share of its days gone by, or the quota of these days.
    gone : float
        Share of the period's days gone by, above 0 and below 1.
    confidence : float
        Nominal coverage, 0 to 1.

    Returns
    -------
    Interval
        What the period ends with, and limits; the lower one is never below what is already there. NaN limits where the total is 0
        (see `most_to_come`).

    Notes
    -----
    If amounts arrive as a Poisson process of steady rate, a total S in the share f of a period becomes S / f, and the
    variance of the difference is Σx² (1 - f) / f²: √(1 - f) times the relative spread of S. The spread is on the log scale,
    with t in place of normal quantiles; see `salestrack.stats.compare.growth`. Simulated coverage of the nominal 95 % for lognormal
    amounts, 20 to 200 of them per period: 92 to 99 % up to σ = 1.2. The days of a period are taken to be alike.

    References
    ----------
    Ross, S. M. (2014). Introduction to probability models (11th ed.), section 5.4.2. Academic Press.

    Examples
    --------
    Half-way, 100 deals of size 1:

    >>> print("{:.0f} [{:.0f}, {:.0f}]".format(*end_of_total(100, 100, 0.5, 0.5)))
    200 [174, 230]
    """
    value = total / due
    if total <= 0:
        return Interval(value, math.nan, math.nan)
    low, high = (side / total for side in spread_of_total(total, squares, confidence)[1:])
    left = math.sqrt(1 - gone)
    return Interval(value, max(value * low**left, value * gone), value * high**left)


def most_to_come(gone: float, confidence: float = 0.95) -> int:
    """Return how many events a period may still bring at most, when none came in the share of its days gone by.

    Of k events in a period none falls into the share f of it with probability (1 - f) to the power of k; larger k than returned
    would make the silence so far less likely than (1 - confidence) / 2.

    Examples
    --------
    >>> most_to_come(0.5), most_to_come(0.98)
    (5, 0)
    """
    normal_quantile(confidence)
    return math.floor(math.log((1 - confidence) / 2) / math.log1p(-gone))


def end_of_level(found: Interval, gone: float) -> Interval:
    """Return where a share, a mean or a quantile of the whole period will lie, from its interval so far.

    Parameters
    ----------
    found : Interval
        The figure so far and its interval.
    gone : float
        Share of the period's days gone by, 0 to 1.

    Returns
    -------
    Interval
        Limits √(1 - gone) times as far from the figure.

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques (3rd ed.), section 2.6. Wiley.

    Examples
    --------
    >>> end_of_level(Interval(0.5, 0.4, 0.7), 0.75)
    Interval(value=0.5, low=0.45, high=0.6)
    """
    left = float(np.sqrt(1 - gone))
    return Interval(found.value, found.value - left * (found.value - found.low), found.value + left * (found.high - found.value))
