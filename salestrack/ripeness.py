"""Ripeness: what becomes of a row takes time, so cohorts are read at equal age or not held against each other at all.

An opportunity created last week has had a week to be won, one of last year a year. A figure whose clock is the day of entry and
whose parts tell what came later is *maturing*: it is found to be so from the columns it is made of, whoever wrote it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import numpy as np

from salestrack.book import Book
from salestrack.definition import Metric
from salestrack.entered_late import complete_until
from salestrack.formula import Formula, columns_of
from salestrack.periods import Period
from salestrack.stats.life_table import life_table
from salestrack.stats.survival import incidence

# Ages at which cohorts are read, in days: coarse, so that a day more or less in the book seldom changes the age.
AGES = (1, 2, 7, 14, 30, 60, 90, 180, 365, 730)
# A cohort is ripe at the age by which so much of what ever becomes of its rows has come.
RIPE_SHARE = 0.9
# So many must still be watched for the share of an age to be known.
_WATCHED = 10

# What tells of an opportunity's end, of a step's, and of what comes after a lead has come in, in the order in which it comes.
_OF_AN_END = ("status", "won", "lost", "closed", "open", "cycle_days", "observed_days", "close_date", "stage", "lost_reason")
_OF_A_STEP = ("outcome", "left", "went_on", "went_back", "days")
_LEAD_EVENTS = ("created_at", "marketing_qualified_at", "sales_qualified_at", "converted_at")
_LEAD_OTHERS = ("first_response_at", "first_touch_at", "disqualified_at")
_RESPONSE = ("response", "response_hours")


@dataclass(frozen=True)
class Ripeness:
    """When the rows of a metric are ripe in a book.

    Parameters
    ----------
    age : int or None
        Days after its clock at which a row is ripe; None: the book is too young to tell.
    """

    age: int | None


def outcome_columns(table: str, clock: str) -> tuple[str, ...]:
    """Return the columns of a table that tell what became of a row after its clock's day; empty where the clock is no entry.

    Examples
    --------
    >>> outcome_columns("leads", "marketing_qualified_at")[:2]
    ('sales_qualified_at', 'converted_at')
    >>> outcome_columns("opportunities", "close_date")
    ()
    """
    if table == "opportunities" and clock == "created_date":
        return _OF_AN_END
    if table in ("steps", "stays") and clock in ("entered_date", "cohort_date"):
        return (*_OF_A_STEP, *_OF_AN_END)
    if table == "leads" and clock in _LEAD_EVENTS:
        response = _RESPONSE if clock == "created_at" else ()
        return (*_LEAD_EVENTS[_LEAD_EVENTS.index(clock) + 1 :], *_LEAD_OTHERS, "opportunity_id", "reason", *response)
    return ()


def rests_on(formula: Formula, table: ir.Table) -> set[str]:
    """Return the columns of a table that the parts of a formula are made of."""
    found = [field for value in columns_of(formula) for field in value.op().find(ops.Field, filter=ops.Value)]
    return {field.name for field in found if field.rel == table.op()}


@lru_cache(maxsize=512)
def maturing(book: Book, metric: Metric) -> tuple[str, ...]:
    """Return the columns that a metric rests on and that tell what became of rows after they entered; empty: it does not mature."""
    tables = tuple(book.table(name) for name in metric.tables)
    formula = metric.function(*tables)
    for name, table in zip(metric.tables, tables, strict=True):
        used = rests_on(formula, table)
        if later := tuple(column for column in outcome_columns(name, metric.clock.get(name, "")) if column in used):
            return later
    return ()


def watched_until(book: Book, name: str) -> date:
    """Return the last day of which a book holds what became of the rows of a table.

    Closes are entered late (`salestrack.entered_late`): opportunities and their steps are watched until the last day whose closes
    are in the book, not until the day of the book. What comes after a lead is there on its day.
    """
    return complete_until(book) if name in ("opportunities", "steps", "stays") else book.as_of


def rows_watched_until(book: Book, metric: Metric) -> date:
    """Return the last day of which a book holds what became of the rows of a maturing metric."""
    return watched_until(book, _entered_table(metric))


def at_age(table: ir.Table, name: str, clock: str, days: int, until: date) -> ir.Table:
    """Return the rows of a table that were watched so long, each as it stood so many days after its clock's day.

    Parameters
    ----------
    table : ibis table
        Rows of a book's table of opportunities, steps or leads; other tables are returned as they are.
    name : str
        Which table it is.
    clock : str
        The day of entry.
    days : int
        The age, 0 or more.
    until : date
        Until when rows are watched; see `watched_until`.
    """
    if not outcome_columns(name, clock):
        return table
    entry = table[clock].cast("date")
    table = table.filter(ibis.literal(until).delta(entry, unit="day") >= days)
    if name == "leads":
        return _leads_at(table, clock, days)
    ended = _ends_at(table, clock, days)
    return _steps_at(ended, clock, days) if name in ("steps", "stays") else ended


def _since(table: ir.Table, clock: str, day: ir.Value) -> ir.Value:
    return day.cast("date").delta(table[clock].cast("date"), unit="day")


def _ends_at(table: ir.Table, clock: str, days: int) -> ir.Table:
    """Take back every end of an opportunity that came later."""
    late = (table.closed & (_since(table, clock, table.close_date) > days)).fill_null(False)
    known = {"status": "open", "won": False, "lost": False, "closed": False, "open": True}
    unknown = ("cycle_days", "close_date", "stage", "lost_reason")
    return table.mutate(
        **{column: late.ifelse(value, table[column]) for column, value in known.items()},
        **{column: late.ifelse(ibis.null(table[column].type()), table[column]) for column in unknown},
        observed_days=(table.observed_days > days).fill_null(False).ifelse(days, table.observed_days),
    )


def _steps_at(table: ir.Table, clock: str, days: int) -> ir.Table:
    """Take back every end of a step that came later; a step that was not reached by then is not there."""
    before = _since(table, clock, table.entered_date)
    table = table.mutate(_before=before).filter(before <= days)
    late = (table["_before"] + table.days) > days
    return table.mutate(
        outcome=late.ifelse("open", table.outcome),
        left=late.ifelse(False, table.left),
        went_on=late.ifelse(False, table.went_on),
        **({"went_back": late.ifelse(False, table.went_back)} if "went_back" in table.columns else {}),
        days=late.ifelse(days - table["_before"], table.days),
    ).drop("_before")


def _leads_at(table: ir.Table, clock: str, days: int) -> ir.Table:
    """Take back everything that happened to a lead later."""
    later = [column for column in outcome_columns("leads", clock) if column in (*_LEAD_EVENTS, *_LEAD_OTHERS)]
    late = {column: (_since(table, clock, table[column]) > days).fill_null(False) for column in later}
    follows = {"opportunity_id": "converted_at", "reason": "disqualified_at"}
    changed = {column: late[column].ifelse(ibis.null(table[column].type()), table[column]) for column in later}
    changed |= {
        column: late[event].ifelse(ibis.null(table[column].type()), table[column])
        for column, event in follows.items()
        if event in late
    }
    if clock == "created_at":
        waits = (table.response_hours > 24 * days).fill_null(False)
        changed |= {
            "response": waits.ifelse("waiting", table.response),
            "response_hours": waits.ifelse(24.0 * days, table.response_hours),
        }
    return table.mutate(**changed)


def ripeness(book: Book, metric: Metric) -> Ripeness | None:
    """Return when the rows of a metric are ripe in a book; None for a metric that does not mature.

    Parameters
    ----------
    book : Book
        With the tables of the metric.
    metric : Metric
        Its own ``matures`` goes first.

    Notes
    -----
    The least of `AGES` by which nine tenths of what ever becomes of the rows have come: F(age) >= 0.9 F(longest age watched by 10
    or more), F being the share that has ended by an age (Kaplan-Meier) over all rows of the book. It is a fact of the book, the
    same in every scope.
    """
    later = maturing(book, metric)
    if not later:
        return None
    if metric.matures:
        return Ripeness(metric.matures)
    name = _entered_table(metric)
    return Ripeness(_ripe_age(book, name, metric.clock[name], later))


def ripe_day(book: Book, metric: Metric, period: Period) -> date | None:
    """Return the day of the book from which all rows of a period can be told; None: it does not mature, or nobody knows yet.

    That is the age of ripeness after the period's last day, and as many days more as closes are entered late.
    """
    known = ripeness(book, metric)
    if known is None or known.age is None:
        return None
    return period.last_day + timedelta(days=known.age) + (book.as_of - rows_watched_until(book, metric))


def _entered_table(metric: Metric) -> str:
    """Return the table of a maturing metric whose clock is the day of entry."""
    return next(each for each in metric.tables if outcome_columns(each, metric.clock.get(each, "")))


@dataclass(frozen=True)
class Reading:
    """At which age cohorts are read so that they can be held against each other.

    Parameters
    ----------
    age : int or None
        In days; None: the metric does not mature and is read on the day of the book.
    ripe : bool
        Whether all of their rows have reached the age at which the metric is ripe, so that what is found stays so.
    """

    age: int | None
    ripe: bool


def reading(book: Book, metric: Metric, *periods: Period) -> Reading:
    """Return the age at which the cohorts of some periods are read: all at the same one.

    Once the youngest row of all is ripe it is the age of ripeness. Before, it is the highest of `AGES` that the earlier half of the
    youngest cohort has reached: rows younger than that are left out, and what is found is too young for a verdict.
    """
    known = ripeness(book, metric)
    if known is None:
        return Reading(None, ripe=True)
    youngest, until = max(period.last_day for period in periods), rows_watched_until(book, metric)
    if known.age is not None and (until - youngest).days >= known.age:
        return Reading(known.age, ripe=True)
    half = min((until - period.start - timedelta(days=period.days // 2)).days for period in periods)
    reached = [age for age in AGES if age <= half and age <= (known.age or AGES[-1])]
    return Reading(reached[-1] if reached else AGES[0], ripe=False)


@lru_cache(maxsize=128)
def _ripe_age(book: Book, name: str, clock: str, later: tuple[str, ...]) -> int | None:
    table = book.table(name)
    watched = ibis.literal(watched_until(book, name)).delta(table[clock].cast("date"), unit="day")
    days, ended = _end_of(table, name, clock, later, watched)
    # What ended later than the book is complete had not ended yet when it was watched last.
    late = (days > watched).fill_null(False) if name != "leads" else ibis.literal(False)
    days = late.ifelse(watched, days)
    ended = (ended & ~late).fill_null(False)
    known = table.mutate(days=days.cast("float64").ceil(), outcome=ended.ifelse("ended", "open"))
    known = known.filter(known.days >= 0)
    counts = book.fetch(known.group_by(["days", "outcome"]).aggregate(count=known.count()))
    curve = incidence(life_table(counts, outcomes=("ended",)), "ended").frame
    curve = curve[curve["at_risk"] >= _WATCHED]
    if curve.empty or not curve["value"].iloc[-1] > 0:
        return None
    place = np.searchsorted(curve["days"].to_numpy(), AGES, side="right") - 1
    reached = np.where(place >= 0, curve["value"].to_numpy()[place.clip(min=0)], 0.0) >= RIPE_SHARE * curve["value"].iloc[-1]
    return next((age for age, ripe in zip(AGES, reached, strict=True) if ripe), None)


def _end_of(table: ir.Table, name: str, clock: str, later: tuple[str, ...], watched: ir.Value) -> tuple[ir.Value, ir.Value]:
    """Return how many days after its entry a row came to its end or was last seen, and whether it came to it."""
    if name == "leads":
        if "response_hours" in later:
            return table.response_hours / 24, table.response == "answered"
        events = [column for column in (*_LEAD_EVENTS, *_LEAD_OTHERS) if column in later] or ["converted_at"]
        event = table[events[-1]]
        return event.notnull().ifelse(_since(table, clock, event), watched), event.notnull()
    if name in ("steps", "stays") and set(later) & set(_OF_A_STEP):
        return _since(table, clock, table.entered_date) + table.days, table.outcome != "open"
    return table.closed.ifelse(_since(table, clock, table.close_date), watched), table.closed
