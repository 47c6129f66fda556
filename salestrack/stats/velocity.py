"""Sales velocity: what a stock of opportunities brings in per day, with an interval for what one cohort tells about it."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from salestrack.stats.limits import MIN_N, Interval, as_floats, normal_quantile

__all__ = ["PARTS", "velocity"]

PARTS = ("won", "priced", "amount", "timed", "days")
"""Of each opportunity closed: 1 if won; 1 if won with an amount, and the amount; 1 if won with a known cycle, and its days."""
# The sign with which the log of each sum enters the log of the velocity.
_SIGNS = np.array([1.0, -1.0, 1.0, 1.0, -1.0])


@np.errstate(divide="ignore", invalid="ignore")
def velocity(there: ArrayLike, n: ArrayLike, products: ArrayLike, confidence: float = 0.95) -> Interval:
    """Amount per day: opportunities there x win rate x mean amount / mean days, the last three from one cohort.

    Parameters
    ----------
    there : array_like, shape (groups,)
        How many opportunities are open: taken as given.
    n : array_like, shape (groups,)
        How many closed in the cohort.
    products : array_like, shape (groups, 5, 5)
        Σ of each product of two of `PARTS`, over the cohort.
    confidence : float, default 0.95
        Nominal coverage.

    Returns
    -------
    Interval
        Amount per day; NaN where nothing was won, no win has an amount or a cycle, or all were won on the day they began. The
        limits are NaN where fewer than 10 were won.

    Notes
    -----
    With W won of n, mean amount A / P and mean cycle D / T, the log of W/n · A/P · T/D has for each opportunity of the cohort the
    influence w/W - p/P + a/A + t/T - d/D - 1/n; the sum of their squares is its variance (delta method). It needs no more than
    the products of two columns: v' M v - 1/n with v the signed inverse sums. The dependence of the factors is in it: a cohort
    whose large deals are slow has less to hide than one whose factors vary alone. The t quantile has W - 1 degrees of freedom.

    References
    ----------
    Oehlert, G. W. (1992). A note on the delta method. The American Statistician, 46(1), 27-29.

    Examples
    --------
    Ten of twenty won, each of 100 in 50 days, and forty open: 40 x 0.5 x 100 / 50 a day.

    >>> w = np.repeat([1.0, 0.0], 10)
    >>> columns = np.column_stack([w, w, 100 * w, w, 50 * w])
    >>> print("{:.1f} [{:.1f}, {:.1f}]".format(*velocity(40, 20, columns.T @ columns)))
    40.0 [24.1, 66.3]
    """
    normal_quantile(confidence)
    there, n, products = as_floats(there, n, products)
    # A column times itself: of 0 and 1 the sum, of amounts and days the sum is that times its own 0 or 1.
    won, priced, amount = products[..., 0, 0], products[..., 1, 1], products[..., 1, 2]
    timed, days = products[..., 3, 3], products[..., 3, 4]
    sums = np.stack([won, priced, amount, timed, days], axis=-1)
    inverse = _SIGNS / sums
    variance = np.einsum("...i,...ij,...j->...", inverse, products, inverse) - 1 / n
    value = np.where((sums > 0).all(axis=-1), there * won / n * amount / priced * timed / days, np.nan)
    reach = stats.t.ppf((1 + confidence) / 2, np.maximum(won - 1, 1)) * np.sqrt(np.maximum(variance, 0))
    factor = np.where(won >= MIN_N, np.exp(reach), np.nan)
    return Interval(value[()], (value / factor)[()], (value * factor)[()])
