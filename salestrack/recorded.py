"""What a book records of what: the one place from which a refusal takes its reason.

A figure rests on columns and often on losses. What it rests on is read off its formula (`salestrack.rests`), so that a metric
written in a cell is protected as the kit's own are; `needs` of `salestrack.metric` adds what cannot be read off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from salestrack.book import Book
from salestrack.definition import LOSSES, Metric
from salestrack.estimate import UNRECORDED, estimate
from salestrack.formula import Formula
from salestrack.parts import Reduction
from salestrack.rests import Column, mapped, mapped_columns, open_in, outcomes_in
from salestrack.wording import has_word, label_of, mid_sentence, say

# So many wins without a loss are a record of wins, not a run of luck; so many leads without a day are leads that nobody dated.
TOLD_BY = 20


def unrecorded(book: Book, metric: Metric) -> str:
    """Return why a book does not record what a metric rests on; empty where it does.

    Parameters
    ----------
    book : Book
        The book, with all tables of the metric.
    metric : Metric
        One of the kit or one's own.
    """
    if rests_on_losses(book, metric):
        return no_losses(book)
    if (reason := no_open(book)) and open_in(*_on_nothing(book, metric)):
        return reason
    created = Column("opportunities", "created_date")
    if created in _in_formula(book, metric) and (reason := no_creation_days(book)):
        return reason
    if created in rests_on(book, metric) and (reason := no_creation_days_of_closed(book)):
        return reason
    if {"steps", "stays"} & set(metric.tables) and outcomes_in(*_on_nothing(book, metric)) and (reason := no_steps_of_lost(book)):
        return reason
    unnamed = no_names(book) if "rep_days" in metric.tables else ""
    return unnamed or next(filter(None, (no_value(book, *column) for column in rests_on(book, metric))), "")


@lru_cache(maxsize=64)
def values_in(book: Book, table: str) -> Mapping[str, int]:
    """Return how many rows a table has, as ``""``, and how many of them have a value in each of its columns."""
    rows = book.table(table)
    found = book.fetch_row(rows.aggregate(_rows=rows.count(), **{name: rows[name].count() for name in rows.columns}))
    return {"": found.pop("_rows"), **found}


@lru_cache(maxsize=64)
def closed_without_loss(book: Book) -> int:
    """Return how many opportunities of a book closed if not one of them was lost; 0 where some were, or too few closed to tell."""
    if not book.has("opportunities"):
        return 0
    sold = book.table("opportunities")
    found = book.fetch_row(sold.aggregate(closed=sold.closed.sum().fill_null(0), lost=sold.lost.sum().fill_null(0)))
    return 0 if found["lost"] or found["closed"] < TOLD_BY else int(found["closed"])


def no_losses(book: Book) -> str:
    """Return that no lost opportunity of a book is recorded, as a sentence; empty where one is, or too few closed to tell."""
    closed = closed_without_loss(book)
    return say("losses-unrecorded", {"closed": f"{closed:,}"}) if closed else ""


@lru_cache(maxsize=64)
def no_open(book: Book) -> str:
    """Return that a book is a list of wins, in which what is open cannot stand, as a sentence; empty where it is more."""
    closed = closed_without_loss(book)
    rows = book.table("opportunities") if closed else None
    only = rows is not None and not book.fetch_row(rows.aggregate(open=rows.open.sum().fill_null(0)))["open"]
    return say("open-unrecorded", {"closed": f"{closed:,}"}) if only else ""


@lru_cache(maxsize=64)
def no_creation_days(book: Book) -> str:
    """Return why nobody knows how long opportunities took: no day of creation, or that of the close in its place; else empty."""
    if reason := no_value(book, "opportunities", "created_date") or no_creation_days_of_closed(book):
        return reason
    sold = book.table("opportunities")
    found = book.fetch_row(sold.aggregate(n=sold.cycle_days.count(), longest=sold.cycle_days.max().fill_null(1)))
    alike = found["n"] >= TOLD_BY and found["longest"] == 0
    return say("created-when-closed", {"n": f"{found['n']:,}"}) if alike else ""


@lru_cache(maxsize=64)
def no_creation_days_of_closed(book: Book) -> str:
    """Return that only what is open has a day of creation, as a sentence; empty where some that closed have one, or few closed."""
    sold = book.table("opportunities")
    found = book.fetch_row(sold.aggregate(n=sold.closed.sum().fill_null(0), known=sold.created_date.count(where=sold.closed)))
    missing = found["n"] >= TOLD_BY and not found["known"] and values_in(book, "opportunities")["created_date"]
    return say("created-of-none-closed", {"n": f"{found['n']:,}"}) if missing else ""


@lru_cache(maxsize=64)
def no_steps_of_lost(book: Book) -> str:
    """Return that the stage history knows no lost opportunity in a stage before its end, as a sentence; empty where it does.

    Such a history holds the last stage of each: whoever won has come to all stages, of the lost nobody knows to which.
    """
    if book.lacks("steps"):
        return ""
    sold, steps = book.table("opportunities"), book.table("steps")
    lost = int(book.fetch_row(sold.aggregate(n=sold.lost.sum().fill_null(0)))["n"])
    known = lost < TOLD_BY or book.fetch_row(steps.aggregate(n=steps.lost.sum().fill_null(0)))["n"]
    return "" if known else say("steps-of-lost-unrecorded", {"n": f"{lost:,}"})


def no_ends(book: Book) -> str:
    """Return why the steps of a book do not tell who left: no loss is recorded, or none with its stages; empty where they do."""
    return no_losses(book) or no_steps_of_lost(book)


def no_value(book: Book, table: str, name: str) -> str:
    """Return that not one row of a table has a value in a column, as a sentence; empty where one has, or there are no rows.

    Of days too few rows may be chance: the first nineteen leads of a book need not have come any further.
    """
    if not book.has(table):
        return ""
    counts = values_in(book, table)
    is_event = Column(table, name).is_day and name != "created_date"
    if counts.get(name) or counts[""] < (TOLD_BY if is_event else 1):
        return ""
    told = {"n": f"{counts['']:,}", "table": table, "column": name}
    if name == "amount":
        return say("amounts-unrecorded", told)
    return say("leads-undated" if table == "leads" and is_event else "column-unrecorded", told)


def no_names(book: Book) -> str:
    """Return that not one activity of a book names its rep, as a sentence: nobody's working time is known; empty where one does."""
    counts = values_in(book, "activities") if book.has("activities") else {"": 0}
    return say("reps-unnamed", {"n": f"{counts['']:,}"}) if counts[""] and not counts.get("rep_id") else ""


def no_amounts(book: Book) -> str:
    """Return that not one opportunity of a book has an amount, as a sentence; empty where one has."""
    return no_value(book, "opportunities", "amount")


def told_of(row: Mapping[Any, Any], table: str, period: str = "") -> str:
    """Return of how many of the rows that a figure asks the value is recorded, as a sentence; empty where of all.

    Parameters
    ----------
    row : mapping
        ``rows``, ``recorded`` and ``lacks`` of a figure, as in the frame of a `Measured`, and its ``note`` where it is alone.
    table : str
        The first table that the metric takes.
    period : str
        Where there are two periods to tell apart.
    """
    rows, carry = int(row["rows"]), int(row["recorded"])
    if carry >= rows:
        return ""
    where = say("rows-in", {"period": period}) if period else say("rows-here")
    told: dict[str, object] = {
        "n": rows,
        "count": f"{rows:,}",
        "k": f"{carry:,}",
        "table": table,
        "what": _what(str(row["lacks"])),
        "where": where,
    }
    told["one"] = "yes" if carry == 1 else "no"
    told["sided"] = "yes" if row.get("note") == UNRECORDED else "no"
    return say("rows-partly-recorded" if carry else "rows-unrecorded", told)


def _what(column: str) -> str:
    key = f"recorded-{column.replace('_', '-')}"
    return say(key) if has_word(key) else mid_sentence(label_of(column))


def in_all(frame: pd.DataFrame) -> dict[str, object]:
    """Return the rows that a figure asks over all its groups, how many carry the value, and the column in which some do not."""
    lacking = frame.loc[frame["lacks"] != "", "lacks"]
    return {
        "rows": int(frame["rows"].sum()),
        "recorded": int(frame["recorded"].sum()),
        "lacks": "" if lacking.empty else lacking.iloc[0],
    }


def not_recorded_here(frame: pd.DataFrame, metric: Metric) -> str:
    """Return that not one of the rows that a metric asks carries the value, whatever the group; empty where one does."""
    own = frame[frame["metric"] == metric.name]
    if not (own["note"] == UNRECORDED).any() or own["value"].notna().any():
        return ""
    return told_of({**in_all(own), "note": own["note"].iloc[0] if len(own) == 1 else ""}, metric.tables[0])


@lru_cache(maxsize=256)
def rests_on(book: Book, metric: Metric) -> tuple[Column, ...]:
    """Return the columns without which a metric says nothing, those of its formula first, then what it says itself."""
    found = _in_formula(book, metric)
    said = [mapped(table, need) for need in metric.needs for table in metric.tables]
    # Whatever is closed has a day; what is not yet counts in no period.
    said += [mapped(table, clock) for table, clock in metric.clock.items() if clock != "close_date"]
    return tuple(dict.fromkeys((*found, *filter(None, said))))


@lru_cache(maxsize=256)
def _in_formula(book: Book, metric: Metric) -> tuple[Column, ...]:
    return tuple(mapped_columns(*_on_nothing(book, metric)))


def _on_nothing(book: Book, metric: Metric) -> tuple[Formula, Sequence[str], Sequence[ir.Table]]:
    """Return the formula of a metric on tables without rows, with their names and these tables."""
    tables = [ibis.table(book.table(name).schema(), name=name) for name in metric.tables]
    return metric.function(*tables), metric.tables, tables


@lru_cache(maxsize=256)
def rests_on_losses(book: Book, metric: Metric) -> bool:
    """Return whether a book records no losses and a metric says nothing without them.

    It rests on them where it says so, and where its figure would be another with a lost opportunity beside each that was won, and
    also with each that was won lost: such a figure counts the lost ones and tells them from the won. (Bookings change by the second
    only, the number created by the first only.)
    """
    if not closed_without_loss(book):
        return False
    if LOSSES in metric.needs:
        return True
    if not outcomes_in(*_on_nothing(book, metric)):
        return False
    as_it_is = _figure(book, metric)
    return not any(_same(as_it_is, _figure(_with_losses(book, only=only), metric)) for only in (False, True))


def _figure(book: Book, metric: Metric) -> float:
    parts = Reduction(book, (), {}, None).parts([metric])[metric.name]
    found = estimate(metric, parts, 0.95)["value"]
    return float(found.iloc[0]) if len(found) else float("nan")


def _same(one: float, other: float) -> bool:
    return bool(np.isclose(one, other, rtol=1e-12, atol=0, equal_nan=True))


def _with_losses(book: Book, *, only: bool = False) -> Book:
    """Return a book with a lost opportunity beside each one that was won, or `only` the lost one in its place."""
    stage = next(iter(book.settings.named("lost")), "")
    lost = {"status": ibis.literal("lost"), "won": ibis.literal(False), "lost": ibis.literal(True), "stage": ibis.literal(stage)}
    left = {"status": ibis.literal("lost"), "won": ibis.literal(False), "lost": ibis.literal(True),
            "outcome": ibis.literal("left"), "left": ibis.literal(True), "went_on": ibis.literal(False)}  # fmt: skip
    tables = dict(book.tables)
    for name, changes in (("opportunities", lost), ("steps", left), ("stays", {**left, "went_back": ibis.literal(False)})):
        if name in tables:
            rows = tables[name]
            made = rows.filter(rows.won).mutate(**changes).select(*rows.columns).cast(rows.schema())
            tables[name] = ibis.union(rows.filter(~rows.won) if only else rows, made)
    return replace(book, tables=tables)
