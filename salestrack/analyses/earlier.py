"""The earlier period that a later one is held against, and the same figures for it."""

from dataclasses import replace

import numpy as np

from salestrack.book import Book
from salestrack.errors import PeriodError
from salestrack.measure import Measured
from salestrack.periods import Period


def earlier_period(book: Book, later: Period, against: Period | str) -> Period:
    """Return the earlier period: ``"previous"``, ``"year_before"``, or any period."""
    if against == "previous":
        return later.previous()
    return later.year_before() if against == "year_before" else book.period(against)


def measured_then(after: Measured, earlier: Period) -> Measured:
    """Measure the same for an earlier period; where the book begins only later, everything is undefined and not complete."""
    try:
        return after.again(by=after.by, during=earlier)
    except PeriodError:
        nothing = after.frame.assign(
            value=np.nan, low=np.nan, high=np.nan, n=0, note="undefined", partial=True, rows=0, recorded=0, lacks=""
        )
        return replace(after, during=earlier, frame=nothing, squares=after.squares * 0)
