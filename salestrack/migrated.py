"""Days on which a stage history was written all at once: what came from another system carries their stamp and not its own day.

What was begun and ended before such a day seems to have lasted no time, and all that came since seems to take longer.
"""

from datetime import date
from functools import lru_cache

import ibis
import ibis.expr.types as ir
import pandas as pd

from salestrack import formats
from salestrack.book import Book
from salestrack.wording import say

_FEWEST = 20
_LEAST_SHARE = 0.05
_OLD = 30


@lru_cache(maxsize=64)
def stamped_days(book: Book) -> tuple[date, ...]:
    """Return the days on which the history of many opportunities begins long after they were created.

    Parameters
    ----------
    book : Book
        The book.

    Returns
    -------
    tuple of date
        Days on which the history of at least 20 opportunities that were created earlier begins, one in twenty of all that have a
        history, and on average 30 days or more after they were created. In a book that was filled as things happened a history
        begins with its opportunity, or some days later, and such days are none.
    """
    if book.lacks("stage_history"):
        return ()
    one = _beginnings(book)
    after = one.begins.delta(one.created_date, unit="day")
    one = one.mutate(after=(one.begins > one.created_date).fill_null(False).ifelse(after, 0))
    days = book.fetch(
        one.group_by("begins").agg(count=ibis._.count(), late=(ibis._.after > 0).sum(), after=ibis._.after.sum()).order_by("begins")
    )
    many = (days["late"] >= _FEWEST) & (days["late"] >= _LEAST_SHARE * days["count"].sum())
    return tuple(pd.to_datetime(days.loc[many & (days["after"] >= _OLD * days["late"]), "begins"]).dt.date)


def is_stamped(book: Book, steps: ir.Table, column: str = "entered_date") -> ir.BooleanValue:
    """Return whether a day of a step is not its own: the history of its opportunity was written on a later one, or on that day."""
    days = stamped_days(book)
    if not days:
        return ibis.literal(False)
    one = _beginnings(book)
    moved = one.filter(one.begins.isin(days), one.created_date < one.begins)
    # A win keeps its own day, and seems to have come to all its stages on it.
    return steps.opportunity_id.isin(moved.opportunity_id) & (steps[column] <= max(days))


def _beginnings(book: Book) -> ir.Table:
    history, made = book.table("stage_history"), book.table("opportunities")
    first = history.group_by("opportunity_id").agg(begins=history.entered_at.min().date())
    return first.inner_join(made.select("opportunity_id", "created_date"), "opportunity_id")


def dated(book: Book, steps: ir.Table, column: str = "entered_date") -> tuple[ir.Table, list[str]]:
    """Leave out the steps whose begin is only a stamp, and say so.

    Parameters
    ----------
    book : Book
        The book.
    steps : ibis table
        Rows of its steps.
    column : str
        The day that counts: ``entered_date``, or ``cohort_date`` where that of the first step does.

    Returns
    -------
    tuple of ibis table and list of str
        The rest; a sentence, or none where nothing is left out.
    """
    days = stamped_days(book)
    if not days:
        return steps, []
    stamped = is_stamped(book, steps, column)
    n = int(book.fetch_row(steps.filter(stamped).aggregate(n=ibis._.opportunity_id.nunique()))["n"])
    values = {"n": n, "days": ", ".join(formats.day(day) for day in days)}
    return steps.filter(~stamped), [say("history-stamped", values)] if n else []


def lasting(book: Book, steps: ir.Table) -> ir.Table:
    """Leave out the steps that were begun and ended before their history was written: nothing is known of when."""
    return steps.filter(~(is_stamped(book, steps) & (steps.days == 0) & (steps.outcome != "open"))) if stamped_days(book) else steps
