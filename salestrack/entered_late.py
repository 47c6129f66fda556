"""Until when a book holds the opportunities that were closed: closes are entered late, and those of the last days not yet.

Until its close is entered an opportunity looks as if it still waited, is not touched any more, and is not booked.
"""

import math
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

import ibis
import ibis.expr.types as ir

from salestrack import formats
from salestrack.book import Book
from salestrack.wording import say

ENTERED = 0.95
"""So large a share of the closes is entered within the lag."""
_LATELY = 365
_FEWEST = 20
# Who enters a close more than a quarter late tidies up; that is no habit that tells of the last days.
_LONGEST = 90


@lru_cache(maxsize=64)
def entry_lag(book: Book) -> int:
    """Return within how many days of their close date nineteen in twenty closes are entered; 0: on the day, or not known.

    Parameters
    ----------
    book : Book
        The book. Its stage history tells on which day a close was entered.

    Returns
    -------
    int
        P95 of the days from close date to entry, at most 90, over the closes of the last year (all, where these are fewer than
        20; with fewer than 20 in all it is not known).

    Notes
    -----
    Until it is entered, an opportunity that has closed looks as if it still waited. Only opportunities that the history knew before
    they closed tell of the lag: what was entered years later on one day is the work of a migration. Closes of the last days that
    are entered quickly are in the book and those entered slowly are not yet, which a year makes good for.
    """
    if book.lacks("stage_history"):
        return 0
    closed = _entered(book)
    late = closed.entered.delta(closed.close_date, unit="day")
    late = (late < 0).ifelse(0, late).name("late")
    lately = (closed.close_date > book.as_of - timedelta(days=_LATELY)).name("lately")
    counts = book.fetch(closed.filter(closed.entered.notnull()).group_by([late, lately]).aggregate(count=ibis._.count()))
    some = counts[counts["lately"].astype(bool)]
    some = some if some["count"].sum() >= _FEWEST else counts
    if some["count"].sum() < _FEWEST:
        return 0
    by_days = some.groupby("late")["count"].sum().sort_index()
    reached = by_days.cumsum() >= math.ceil(ENTERED * by_days.sum() - 1e-9)
    return min(int(by_days.index[reached][0]), _LONGEST)


def complete_until(book: Book) -> date:
    """Return the last day whose closes are in the book, but for one in twenty: its day less the `entry_lag`."""
    return book.as_of - timedelta(days=entry_lag(book))


def told_late(book: Book, sentence: str = "entered-late") -> list[str]:
    """Return the sentence that says that closes are entered late, and what follows; none where they are not.

    Parameters
    ----------
    book : Book
        The book.
    sentence : str
        Of the catalogue; it is given n (days) and day (until which closes are complete).
    """
    lag = entry_lag(book)
    return [say(sentence, {"n": lag, "day": formats.day(complete_until(book))})] if lag else []


def steps_until(book: Book, steps: ir.Table) -> ir.Table:
    """Return the steps as they were known to be on the day until which closes are complete.

    Parameters
    ----------
    book : Book
        The book.
    steps : ibis table
        Rows of its steps, or of its stays.

    Returns
    -------
    ibis table
        Those entered by that day; whatever ended later was still open then (days, lasted, outcome and its flags). Without a lag,
        the rows as they are. The other columns of the opportunity stay those of the day of the book.
    """
    until = complete_until(book)
    if until == book.as_of:
        return steps
    there = steps.filter(steps.entered_date <= until)
    watched = ibis.literal(until).delta(there.entered_date, unit="day")
    still = (there.outcome == "open") | (there.days > watched)
    cut = there.mutate(
        days=still.ifelse(watched, there.days),
        lasted=still.ifelse(watched.cast("float64"), there.lasted),
        outcome=still.ifelse("open", there.outcome),
    )
    return cut.mutate(**{flag: cut.outcome == flag for flag in ("left", "went_on", "went_back") if flag in cut.columns})


def lives_until(book: Book, opportunities: ir.Table) -> ir.Table:
    """Return opportunities as they were known to be on the day until which closes are complete.

    Parameters
    ----------
    book : Book
        The book.
    opportunities : ibis table
        Rows of its opportunities.

    Returns
    -------
    ibis table
        With ``status`` and ``observed_days`` of that day: what closed later was open then, and what was created later is watched
        for 0 days. Without a lag, the rows as they are.
    """
    until = complete_until(book)
    if until == book.as_of:
        return opportunities
    watched = ibis.literal(until).delta(opportunities.created_date, unit="day")
    watched = (watched < 0).ifelse(0, watched)
    still = (opportunities.status == "open") | (opportunities.close_date > until).fill_null(False)
    return opportunities.mutate(
        status=still.ifelse("open", opportunities.status), observed_days=still.ifelse(watched, opportunities.observed_days)
    )


def entered_days(book: Book) -> ir.Table:
    """Return on which day the close of each closed opportunity was entered: opportunity_id, entered_on (date).

    No sooner than it closed; on its close date where the history does not tell. Null: it closed in the last days, and the history
    knows it without its close, so that it was not entered by the day of the book.
    """
    entered = _entered(book)
    closed = book.table("opportunities")
    closed = closed.filter(closed.closed).select("opportunity_id", "close_date")
    # Engines differ in what the greatest of a null is.
    no_sooner = (entered.entered < entered.close_date).ifelse(entered.close_date, entered.entered)
    known = entered.select(_key="opportunity_id", _day=no_sooner, _told=True)
    one = closed.left_join(known, closed.opportunity_id == known["_key"])
    unentered = one["_told"].fill_null(False) & one["_day"].isnull() & (one.close_date > complete_until(book))
    day = ibis.coalesce(one["_day"], unentered.ifelse(ibis.null("date"), one.close_date))
    return one.select("opportunity_id", entered_on=day)


@lru_cache(maxsize=64)
def as_entered(book: Book) -> Book:
    """Return the book with every close on the day on which it was entered: what was known on each day, and not what was so.

    Returns
    -------
    Book
        ``close_date`` of its closed opportunities is moved; what closed in the last days and is in the history without its close
        has not been entered (null). Without an `entry_lag`, the book itself.
    """
    if not entry_lag(book):
        return book
    made, entered = book.table("opportunities"), entered_days(book)
    one = made.left_join(entered, made.opportunity_id == entered.opportunity_id, rname="{name}_entered")
    moved = one.mutate(close_date=one.closed.ifelse(one.entered_on, one.close_date)).select(*made.columns)
    return replace(book, tables={**book.tables, "opportunities": moved})


def _entered(book: Book) -> ir.Table:
    """Return the closed opportunities that the history knew before they closed, and the day on which the close was entered."""
    history = book.table("stage_history")
    closing = (*book.settings.named("won"), *book.settings.named("lost"))
    told = history.group_by("opportunity_id").agg(
        first=history.entered_at.min().date(), entered=history.entered_at.max(where=history.stage.isin(closing)).date()
    )
    made = book.table("opportunities")
    closed = made.filter(made.closed).select("opportunity_id", "close_date").inner_join(told, "opportunity_id")
    return closed.filter(closed.first <= closed.close_date).select("opportunity_id", "close_date", "entered")
