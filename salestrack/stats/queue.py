"""Those who wait: how long they will at the present pace, and how many would at another."""

import numpy as np
from numpy.typing import ArrayLike

from salestrack.stats.life_table import LifeTable
from salestrack.stats.limits import Interval, as_floats, normal_quantile, poisson

__all__ = ["expected_days", "expected_there"]


@np.errstate(divide="ignore", invalid="ignore")
def expected_days(waiting: ArrayLike, left: ArrayLike, days: ArrayLike, confidence: float = 0.95) -> Interval:
    """Days that a queue stands for at the rate at which it is left (Little's law).

    Parameters
    ----------
    waiting : array_like
        How many are there.
    left : array_like
        How many left, in any way, within the days.
    days : array_like
        Days observed, above 0.
    confidence : float, default 0.95
        Nominal coverage.

    Returns
    -------
    Interval
        waiting / (left / days), in days; NaN where nobody left. A high of infinity is NaN.

    Notes
    -----
    In a queue that neither grows nor shrinks, number = rate x time. Where it grows, those who come in now will wait longer
    than that. The interval is that of the rate alone (Poisson).

    References
    ----------
    Little, J. D. C. (1961). A proof for the queuing formula L = λW. Operations Research, 9(3), 383-387.

    Examples
    --------
    >>> float(expected_days(30, 45, 90).value)
    60.0
    """
    waiting, left, days = as_floats(waiting, left, days)
    some = np.where(left > 0, left, np.nan)
    _, low, high = poisson(some, normal_quantile(confidence))
    return Interval((waiting * days / some)[()], (waiting * days / high)[()], (waiting * days / low)[()])


def expected_there(table: LifeTable, age: ArrayLike, count: ArrayLike, confidence: float = 0.95) -> Interval:
    """How many of those who came so many days ago would still be there, if they left as those of a life table did.

    Parameters
    ----------
    table : LifeTable
        Of one group.
    age : array_like, shape (cohorts,)
        Days since each cohort came.
    count : array_like, shape (cohorts,)
        How many came.
    confidence : float, default 0.95
        Nominal coverage.

    Returns
    -------
    Interval
        Σ count S(age), S being Kaplan-Meier, and between which numbers as many would lie by chance; NaN without anybody in the
        table. Beyond what was watched S stays as it is.

    Notes
    -----
    The variance adds that of who is still there, Σ count S (1 - S), and that of S itself: with d leaving of n at risk on day
    t, Greenwood's terms d / (n (n - d)) times the square of Σ count S(age) over age >= t.

    Examples
    --------
    Half leave on day 10. Of eight who came a week ago and eight who came two weeks ago, twelve would be there.

    >>> import pandas as pd
    >>> from salestrack.stats.life_table import life_table
    >>> counts = pd.DataFrame({"days": [10, 30], "outcome": ["won", None], "count": [50, 50]})
    >>> print("{:.0f} [{:.1f}, {:.1f}]".format(*expected_there(life_table(counts), [7, 14], [8, 8])))
    12 [9.1, 14.9]
    """
    age, count = as_floats(age, count)
    if not len(table.days):
        return Interval(np.nan, np.nan, np.nan)
    n, left = table.at_risk, table.count()
    there = np.append(1.0, np.cumprod(1 - left / n))
    row = np.searchsorted(table.days, age, side="right")
    still = count * there[row]
    # What comes after the last one has left is 0 and hangs on nothing.
    terms = np.divide(left, n * (n - left), out=np.zeros_like(n), where=n > left)
    later = np.bincount(row, still, len(n) + 1)[::-1].cumsum()[::-1][1:]
    variance = (still * (1 - there[row])).sum() + (terms * later**2).sum()
    half = normal_quantile(confidence) * np.sqrt(variance)
    value = still.sum()
    return Interval(float(value), float(max(value - half, 0.0)), float(value + half))
