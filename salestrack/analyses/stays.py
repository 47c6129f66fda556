"""Stays in the open stages, counted by the book's engine: how long they last, who is there now, who came and who left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd

from salestrack.book import Book
from salestrack.columns import view
from salestrack.entered_late import complete_until, steps_until
from salestrack.grains import start_of
from salestrack.groups import named
from salestrack.migrated import is_stamped, lasting, stamped_days
from salestrack.passages import lasted as lasted_days
from salestrack.periods import Period
from salestrack.recording import is_recorded, record_of_closes


@dataclass(frozen=True)
class Stays:
    """Stays in open stages; a stage that was skipped has none, and one that was come to again has several.

    Parameters
    ----------
    by : tuple of str
        Columns that name the group in each frame.
    lasted : pandas.DataFrame
        By group, stage, cohort (first day of the month in which the stay began), within (whether it began in the period), days
        (parts of one where the history has times) and outcome (``went_on``, ``went_back``, ``left``, ``open``): count. Only those
        of opportunities created on or after `since`, and begun before the period's end.
    came : pandas.DataFrame
        By group, stage and age (days from its begin to `until`; null: not recorded): count, waiting (still there), amount (of
        these), unpriced (of these without an amount), known (created on or after `since`).
    flow : pandas.DataFrame
        By group and stage: at_start (there when the period began), inflow, went_on, went_back and left in the period, at_end, and
        there (days spent there in the period, all together).
    until : date
        The day on which all stand: that of the book, or the last whose closes are complete where closes are entered late.
    since : date or None
        From when on the book holds the opportunities that were closed, too; None: from the beginning. See `record_of_closes`.
    unseen : int
        Stays of opportunities created before `since`.
    undated : int
        Stays that began before the history was written: it tells where they are, and not since when (`salestrack.migrated`).
    unplaced : int
        Open opportunities in another stage than the last that the history tells of: they wait there, nobody knows since when.
    """

    by: tuple[str, ...]
    lasted: pd.DataFrame
    came: pd.DataFrame
    flow: pd.DataFrame
    until: date
    since: date | None
    unseen: int
    undated: int = 0
    unplaced: int = 0


def stays_of(book: Book, by: Sequence[str], where: Mapping[str, object], during: Period | None) -> Stays:
    """Count the stays of a book with a stage history.

    Parameters
    ----------
    book : Book
        The book.
    by : sequence of str
        As in `measure`.
    where : mapping
        Scope.
    during : Period or None
        None: from where the record of closes begins, if it does later than the book, to the day of the book.

    Returns
    -------
    Stays
        Small frames, whatever the size of the book.
    """
    at = view(book, "stays", None, tuple(by), where)
    until = complete_until(book)
    table = steps_until(book, lasting(book, at.table))
    table = table.mutate(stamped=is_stamped(book, table) & table.dated)
    since, tomorrow = record_of_closes(book), until + timedelta(days=1)
    start = during.start if during else since or date.min
    end = min(during.end, tomorrow) if during else tomorrow
    keys = [*at.key_columns, "stage"]
    lasted = named(book, at.keys, _lasted(book, table, keys, (since, start, end)))
    came = named(book, at.keys, _came(book, table, keys, (since, until)))
    flow = named(book, at.keys, _flow(book, table, keys, start, end))
    undated = int(book.fetch_row(table.aggregate(n=table.stamped.sum().fill_null(0)))["n"]) if stamped_days(book) else 0
    unplaced = int(came.loc[came["age"].isna(), "count"].sum())
    unseen = int(came.loc[~came["known"], "count"].sum()) - undated - unplaced
    return Stays(tuple(by), lasted, came, flow, until, since, max(unseen, 0), undated, unplaced)


def regrouped(stays: Stays, by: Sequence[str]) -> Stays:
    """Return the same stays by fewer of their columns."""

    def summed(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
        within = [*by, "stage", *keys]
        counts = [name for name in frame if name not in (*stays.by, *within)]
        return frame.groupby(within, dropna=False)[counts].sum().reset_index()

    lasted = summed(stays.lasted, ["cohort", "within", "days", "outcome"])
    came, flow = summed(stays.came, ["age", "known"]), summed(stays.flow, [])
    return replace(stays, by=tuple(by), lasted=lasted, came=came, flow=flow)


def _lasted(book: Book, table: ir.Table, keys: list[str], days: tuple[date | None, date, date]) -> pd.DataFrame:
    since, start, end = days
    began = table.entered_date
    known = table.filter(began < end, is_recorded(table, since), table.dated, ~table.stamped)
    known = known.mutate(cohort=start_of(known.entered_date, "month", 1), within=known.entered_date >= start)
    found = book.fetch(known.group_by([*keys, "cohort", "within", "lasted", "outcome"]).aggregate(count=ibis._.count()))
    return found.rename(columns={"lasted": "days"}).assign(cohort=pd.to_datetime(found["cohort"]).dt.date)


def _came(book: Book, table: ir.Table, keys: list[str], day: tuple[date | None, date]) -> pd.DataFrame:
    since, until = day
    waiting = table.outcome == "open"
    days = ibis.literal(until).delta(table.entered_date, unit="day")
    age = lasted_days(table.entered_at, ibis.null("timestamp"), days, until, book.settings.time_zone)
    age = table.dated.ifelse(age, ibis.null("float64"))
    groups = table.mutate(age=age, waits=waiting, known=is_recorded(table, since), own=table.dated & ~table.stamped)
    groups = groups.mutate(known=groups.known & groups.own).group_by([*keys, "age", "known"])
    return book.fetch(
        groups.aggregate(
            count=ibis._.count(),
            waiting=ibis._.waits.sum(),
            amount=ibis._.amount.sum(where=ibis._.waits).fill_null(0.0),
            unpriced=(ibis._.waits & ibis._.amount.isnull()).sum(),
        )
    )


def _flow(book: Book, table: ir.Table, keys: list[str], start: date, end: date) -> pd.DataFrame:
    began, is_open = table.entered_date, table.outcome == "open"
    to_start, to_end = (ibis.literal(day).delta(began, unit="day") for day in (start, end))
    over = ~is_open & (table.days >= to_start) & (table.days < to_end)
    first, last = (began < start).ifelse(to_start, 0), (is_open | (table.days >= to_end)).ifelse(to_end, table.days)
    # What began and ended in the period is told in parts of a day where the history has times.
    whole = (began >= start) & over
    asked = {
        "at_start": (began < start) & (is_open | (table.days >= to_start)),
        "inflow": (began >= start) & (began < end),
        "went_on": over & table.went_on,
        "went_back": over & table.went_back,
        "left": over & table.left,
        "at_end": (began < end) & (is_open | (table.days >= to_end)),
        "there": whole.ifelse(table.lasted, (last > first).ifelse(last - first, 0).cast("float64")),
    }
    return book.fetch(table.group_by(keys).aggregate(**{name: each.sum().fill_null(0) for name, each in asked.items()}))
