"""Days as whole numbers since 1970-01-01, working days, and how busy they are.

All functions take and return NumPy arrays, so that a company of any size is made without a loop over rows.
"""

from datetime import date

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int64]
EPOCH = np.datetime64("1970-01-01", "D")
NEVER = 10**6  # a day after all others, for reps who have not left
# January to December: orders come before quarters end, little happens in August and over Christmas.
_SEASON = np.array([1.02, 1.00, 1.10, 0.98, 0.97, 1.08, 0.92, 0.78, 1.08, 1.06, 1.08, 0.86])


def number(day: date) -> int:
    """Return a calendar day as its number."""
    return int(np.datetime64(day, "D").astype(np.int64))


def dates(days: Days) -> NDArray[np.datetime64]:
    """Return day numbers as ``datetime64[D]``."""
    return np.asarray(days, dtype=np.int64).astype("datetime64[D]")


def forward(days: Days) -> Days:
    """Return each day, or the next working day where it is none."""
    return np.busday_offset(dates(days), 0, roll="forward").astype(np.int64)


def backward(days: Days) -> Days:
    """Return each day, or the last working day before where it is none."""
    return np.busday_offset(dates(days), 0, roll="backward").astype(np.int64)


def working_number(days: Days) -> Days:
    """Return how many working days lie between 1970-01-01 and each day, the day itself not counted."""
    return np.busday_count(EPOCH, dates(days)).astype(np.int64)


def of_working_number(numbers: Days) -> Days:
    """Return the working day with a working number."""
    return np.busday_offset(EPOCH, np.asarray(numbers, dtype=np.int64)).astype(np.int64)


def month(days: Days) -> Days:
    """Return months since January 1970."""
    return dates(days).astype("datetime64[M]").astype(np.int64)


def first_of_month(months: Days) -> Days:
    """Return the first day of a month counted since January 1970."""
    return np.asarray(months, dtype=np.int64).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def month_end(days: Days) -> Days:
    """Return the last day of each day's month."""
    return first_of_month(month(days) + 1) - 1


def quarter(days: Days) -> Days:
    """Return calendar quarters since the first of 1970."""
    return month(days) // 3


def quarter_end(days: Days) -> Days:
    """Return the last day of each day's calendar quarter."""
    return first_of_month(3 * (quarter(days) + 1)) - 1


def weekend(days: Days) -> NDArray[np.bool_]:
    """Return whether each day is a Saturday or a Sunday."""
    return ~np.is_busday(dates(days))


def demand(days: Days, start: int, growth: float, on_weekends: float, seasons: float = 0.0) -> NDArray[np.float64]:
    """Return how many new leads or opportunities to expect on each day, relative to the others: growth, season, weekday.

    The ups and downs of the year are raised to the power of ``1 + seasons``.
    """
    yearly = (1 + growth) ** ((days - start) / 365.25)
    return yearly * _SEASON[month(days) % 12] ** (1 + seasons) * np.where(weekend(days), on_weekends, 1.0)


def labour(days: Days) -> NDArray[np.float64]:
    """Return how much is worked on each day, relative to a usual working day: less in August, little between the years."""
    of_month = month(days) % 12
    since_first = days - first_of_month(month(days))
    holidays = ((of_month == 11) & (since_first >= 23)) | ((of_month == 0) & (since_first == 0))
    return np.where(weekend(days), 0.0, np.where(holidays, 0.12, np.where(of_month == 7, 0.75, 1.0)))
