"""Passages: how each opportunity went through the open stages of the sales process, step by step.

An opportunity has come to a step when it first entered that stage or any later one (a skipped stage is implied by the later one
and has ``visited`` false; a re-entry changes nothing). It ``went_on`` when it came to the next step or was won, ``left`` when it
was lost before, and is ``open`` otherwise: a censored observation. In a book of several sales processes the steps are those of the
opportunity's own (`salestrack.ladders`): a stage of another one is no step of it.

The moments at which an opportunity came to its steps are kept beside it, in a few narrow columns. A table with a row for each
passage would be several times as large, and would have to be joined to the opportunities again for every breakdown.

Days are counted by the calendar. A stay of less than 24 hours whose begin and end are both recorded with a time of day is kept in
minutes up to an hour and in quarters of an hour from there on, rounded up: fine enough to tell hours apart, and few enough values
for a life table. A moment at exactly midnight is a day without a time.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import ibis
import ibis.expr.types as ir

from salestrack.book import Book, Settings
from salestrack.clock_changes import elapsed_seconds
from salestrack.definition import STEP_COLUMNS
from salestrack.ladders import is_at, number_of, places, with_pipeline

_NEVER = ibis.timestamp("9999-12-31 00:00:00")
_DAY = 24 * 60 * 60
_HOUR, _QUARTER = 60, 15


def with_passages(opportunities: ir.Table, history: ir.Table, settings: Settings) -> ir.Table:
    """Return the opportunities with the moments at which they came to each step.

    Parameters
    ----------
    opportunities, history : ibis table
        As of the day.
    settings : Settings
        Gives the order of the stages.

    Returns
    -------
    ibis table
        The columns of `opportunities`, then for the k-th open stage of its process, counted from 0, ``reach_<k>`` (timestamp; null:
        not reached) and ``visited_<k>`` (boolean), a last ``reach_<n>`` after the n open stages of the longest ladder for having
        been won (of a shorter one it has been so from the end of that on), and ``reach_lost`` for having been lost. All are null
        where there is no history. A close is at the time of day at which it was entered, if that was on its day, and at midnight
        otherwise.
    """
    ladders, closing = settings.ladders, (*settings.named("won"), *settings.named("lost"))
    most = _longest(settings)
    entry = with_pipeline(history, opportunities, ladders)
    entry = entry.mutate(number=number_of(entry, ladders))
    first = entry.group_by("opportunity_id").agg(
        **{f"at_{k}": entry.entered_at.min(where=entry.number == k + 1) for k in range(most)},
        at_close=entry.entered_at.max(where=entry.stage.isin(closing)),
    )
    one = opportunities.left_join(first, "opportunity_id")
    told = one["opportunity_id_right"].notnull()
    same_day = (one.at_close.date() == one.close_date).fill_null(False)
    close = same_day.ifelse(one.at_close, one.close_date.cast("timestamp"))
    won, lost = ((told & (one.status == each)).ifelse(close, ibis.null("timestamp")) for each in ("won", "lost"))
    # Engines differ in what the least of a null is.
    moments = [moment.fill_null(_NEVER) for moment in (*(one[f"at_{k}"] for k in range(most)), won)]
    reach = [*(ibis.least(*moments[k:]).nullif(_NEVER) for k in range(most)), won]
    return one.select(
        *opportunities.columns,
        **{f"reach_{k}": moment for k, moment in enumerate(reach)},
        reach_lost=lost,
        **{f"visited_{k}": told.ifelse(one[f"at_{k}"].notnull(), ibis.null("boolean")) for k in range(most)},
    )


def _longest(settings: Settings) -> int:
    """Return how many open stages the longest ladder has."""
    return max((k for _, k, _ in places(settings.ladders)), default=0)


def steps(opportunities: ir.Table, settings: Settings, as_of: date) -> ir.Table:
    """Return one row for each opportunity and each open stage that it has come to.

    Parameters
    ----------
    opportunities : ibis table
        As `with_passages` returned them.
    settings : Settings
        Gives the order of the stages.
    as_of : date
        Open passages are observed until then.

    Returns
    -------
    ibis table
        opportunity_id, stage, stage_number (1 is the first), cohort_date (on which it came to the first), entered_date,
        entered_at (the same with the time of day; midnight: not recorded), days
        (until it went on, left, or `as_of`: whole days of the calendar), lasted (the same; of less than 24 hours between two
        recorded times of day their part of a day), outcome ('went_on', 'left', 'open'), left, went_on, visited (booleans),
        amount (null: not recorded), then the other columns of the opportunity.
    """
    most, day = _longest(settings), (as_of, settings.time_zone)
    if not most:
        return _step(opportunities.mutate(reach_1=opportunities.reach_0, visited_0=False), 0, {"": ""}, day).limit(0)
    names = [{name: stage.name for name, number, stage in places(settings.ladders) if number == k + 1} for k in range(most)]
    each = [_step(opportunities, k, at, day) for k, at in enumerate(names)]
    return each[0] if len(each) == 1 else ibis.union(*each)


def _step(opportunities: ir.Table, k: int, names: Mapping[str, str], day: tuple[date, str]) -> ir.Table:
    """Return the rows of the k-th step, which each pipeline calls by its own name; those of shorter ladders have none."""
    as_of, zone = day
    one = opportunities.filter(opportunities[f"reach_{k}"].notnull())
    if "" not in names:
        one = one.filter(one.pipeline.isin(list(names)))
    known = [(is_at(one, pipeline), name) for pipeline, name in names.items()]
    entered, following, lost = one[f"reach_{k}"], one[f"reach_{k + 1}"], one.reach_lost
    ended = ibis.coalesce(following, lost)
    days = ibis.coalesce(ended.date(), ibis.literal(as_of)).delta(entered.date(), unit="day")
    outcome = ibis.cases((following.notnull(), "went_on"), (lost.notnull(), "left"), else_="open")
    made = {
        "stage": ibis.literal(names[""]) if "" in names else ibis.cases(*known, else_=ibis.null("string")),
        "stage_number": ibis.literal(k + 1, "int64"),
        "cohort_date": one.reach_0.date(),
        "entered_date": entered.date(),
        "entered_at": entered,
        "days": days,
        "lasted": lasted(entered, ended, days, as_of, zone),
        "outcome": outcome,
        "left": outcome == "left",
        "went_on": outcome == "went_on",
        "visited": one[f"visited_{k}"],
    }
    whole = one.mutate(**made)
    rest = [column for column in opportunities.columns if column not in STEP_COLUMNS and not _is_passage(column)]
    return whole.filter(whole.days >= 0).select(*STEP_COLUMNS, *rest)


def lasted(entered: ir.TimestampValue, ended: ir.TimestampValue, days: ir.IntegerValue, as_of: date, zone: str) -> ir.FloatingValue:
    """Return how long something lasted, in days.

    Parameters
    ----------
    entered, ended : ibis timestamp
        Its begin and its end; a null end: it is still so when the day of the book ends.
    days : ibis integer
        Days of the calendar between the two.
    as_of : date
        The day of the book.
    zone : str
        Its time zone: over a change of the clocks something lasts as long as it did.

    Returns
    -------
    ibis float
        `days`; where both moments have a time of day and less than 24 hours lie between them, their part of a day.
    """
    tonight = ibis.literal(datetime.combine(as_of + timedelta(days=1), time.min))
    seconds = elapsed_seconds(entered, ibis.coalesce(ended, tonight), zone, as_of)
    timed = _has_a_time(entered) & (ended.isnull() | _has_a_time(ended))
    minutes = (seconds / 60).ceil()
    on_grid = (minutes <= _HOUR).ifelse(minutes, (minutes / _QUARTER).ceil() * _QUARTER)
    within = (timed & (seconds >= 0) & (seconds < _DAY)).fill_null(False)
    return within.ifelse(on_grid * 60 / _DAY, days.cast("float64"))


def _has_a_time(moment: ir.TimestampValue) -> ir.BooleanValue:
    return (moment != moment.truncate("D")).fill_null(False)


def _is_passage(column: str) -> bool:
    return column.startswith(("reach_", "visited_"))


@lru_cache(maxsize=64)
def history_records(book: Book, column: str) -> bool:
    """Return whether the stage history of a book has any value in a column: ``amount`` or ``close_date``."""
    entered = book.table("stage_history")
    return bool(book.fetch_row(entered.aggregate(n=entered[column].count()))["n"])
