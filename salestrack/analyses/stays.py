"""Stays in the open stages, counted by the book's engine: how long they last, who is there now, who came and who left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd

from salestrack.book import Book
from salestrack.columns import view
from salestrack.grains import start_of
from salestrack.groups import named
from salestrack.periods import Period
from salestrack.recording import is_recorded, record_of_closes


@dataclass(frozen=True)
class Stays:
    """Stays in open stages that were really entered; a stage that was skipped has none.

    Parameters
    ----------
    by : tuple of str
        Columns that name the group in each frame.
    lasted : pandas.DataFrame
        By group, stage, cohort (first day of the month in which the stay began), within (whether it began in the period), days and
        outcome (``went_on``, ``left``, ``open``): count. Only those of opportunities created on or after `since`, and begun before
        the period's end.
    came : pandas.DataFrame
        By group, stage and age (days from its begin to the day of the book): count, waiting (still there), amount (of these),
        unpriced (of these without an amount), known (created on or after `since`).
    flow : pandas.DataFrame
        By group and stage: at_start (there when the period began), inflow, went_on and left in the period, at_end.
    since : date or None
        From when on the book holds the opportunities that were closed, too; None: from the beginning. See `record_of_closes`.
    unseen : int
        Stays of opportunities created before `since`.
    """

    by: tuple[str, ...]
    lasted: pd.DataFrame
    came: pd.DataFrame
    flow: pd.DataFrame
    since: date | None
    unseen: int


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
    at = view(book, "steps", None, tuple(by), where)
    table = at.table.filter(at.table.visited)
    since, tomorrow = record_of_closes(book), book.as_of + timedelta(days=1)
    start = during.start if during else since or date.min
    end = min(during.end, tomorrow) if during else tomorrow
    keys = [*at.key_columns, "stage"]
    lasted = named(book, at.keys, _lasted(book, table, keys, (since, start, end)))
    came = named(book, at.keys, _came(book, table, keys, since))
    flow = named(book, at.keys, _flow(book, table, keys, start, end))
    unseen = int(came.loc[~came["known"], "count"].sum())
    return Stays(tuple(by), lasted, came, flow, since, unseen)


def regrouped(stays: Stays, by: Sequence[str]) -> Stays:
    """Return the same stays by fewer of their columns."""

    def summed(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
        within = [*by, "stage", *keys]
        counts = [name for name in frame if name not in (*stays.by, *within)]
        return frame.groupby(within, dropna=False)[counts].sum().reset_index()

    lasted = summed(stays.lasted, ["cohort", "within", "days", "outcome"])
    came, flow = summed(stays.came, ["age", "known"]), summed(stays.flow, [])
    return Stays(tuple(by), lasted, came, flow, stays.since, stays.unseen)


def _lasted(book: Book, table: ir.Table, keys: list[str], days: tuple[date | None, date, date]) -> pd.DataFrame:
    since, start, end = days
    began = table.entered_date
    known = table.filter(began < end, is_recorded(table, since))
    known = known.mutate(cohort=start_of(known.entered_date, "month", 1), within=known.entered_date >= start)
    found = book.fetch(known.group_by([*keys, "cohort", "within", "days", "outcome"]).aggregate(count=ibis._.count()))
    return found.assign(cohort=pd.to_datetime(found["cohort"]).dt.date)


def _came(book: Book, table: ir.Table, keys: list[str], since: date | None) -> pd.DataFrame:
    waiting = table.outcome == "open"
    age = ibis.literal(book.as_of).delta(table.entered_date, unit="day")
    groups = table.mutate(age=age, waits=waiting, known=is_recorded(table, since)).group_by([*keys, "age", "known"])
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
    asked = {
        "at_start": (began < start) & (is_open | (table.days >= to_start)),
        "inflow": (began >= start) & (began < end),
        "went_on": over & table.went_on,
        "left": over & table.left,
        "at_end": (began < end) & (is_open | (table.days >= to_end)),
    }
    return book.fetch(table.group_by(keys).aggregate(**{name: each.sum().fill_null(0) for name, each in asked.items()}))
