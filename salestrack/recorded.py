"""What a book records of what: the one place from which a refusal takes its reason.

A figure rests on columns, on the days that decide its period, and often on losses. What it rests on is read off its formula, so
that a metric written in a cell is protected as the kit's own are; `needs` of `salestrack.metric` adds what cannot be read off.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import ibis
import ibis.expr.operations as ops
import numpy as np

from salestrack.book import Book
from salestrack.definition import LOSSES, Metric
from salestrack.estimate import estimate
from salestrack.formula import columns_of
from salestrack.parts import Reduction
from salestrack.tables import CONTRACTS
from salestrack.wording import say

# So many wins without a loss are a record of wins, not a run of luck; so many leads without a day are leads that nobody dated.
TOLD_BY = 20
# Columns that reading a book derives, by the one that must be recorded for them.
_MADE_FROM = {"cycle_days": "created_date", "observed_days": "created_date", "hours": "minutes"}


class Column(NamedTuple):
    """A column of a table of the book, as it is mapped in the book file."""

    table: str
    name: str

    @property
    def is_day(self) -> bool:
        """Whether it says when something happened; without a day it has not happened, or nobody wrote it down."""
        return CONTRACTS[self.table].column(self.name).kind in ("date", "timestamp")


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
        return say("losses-unrecorded", {"closed": f"{closed_without_loss(book):,}"})
    return next(filter(None, (no_value(book, *column) for column in rests_on(book, metric))), "")


@lru_cache(maxsize=64)
def recorded(book: Book, table: str) -> Mapping[str, int]:
    """Return how many rows a table has, as ``""``, and how many of them have a value in each column of its contract."""
    rows = book.table(table)
    counts = {name: rows[name].count() for name in CONTRACTS[table].names if name in rows.columns}
    found = book.fetch_row(rows.aggregate(_rows=rows.count(), **counts))
    return {"": found.pop("_rows"), **found}


@lru_cache(maxsize=64)
def closed_without_loss(book: Book) -> int:
    """Return how many opportunities of a book closed if not one of them was lost; 0 where some were, or too few closed to tell."""
    sold = book.table("opportunities")
    found = book.fetch_row(sold.aggregate(closed=sold.closed.sum().fill_null(0), lost=sold.lost.sum().fill_null(0)))
    return 0 if found["lost"] or found["closed"] < TOLD_BY else int(found["closed"])


def no_value(book: Book, table: str, name: str) -> str:
    """Return that not one row of a table has a value in a column, as a sentence; empty where one has, or there are no rows.

    Of days too few rows may be chance: the first nineteen leads of a book need not have come any further.
    """
    if not book.has(table):
        return ""
    counts = recorded(book, table)
    least = TOLD_BY if Column(table, name).is_day and name != "created_date" else 1
    if counts.get(name) or counts[""] < least:
        return ""
    told = {"n": f"{counts['']:,}", "table": table, "column": name}
    if name == "amount":
        return say("amounts-unrecorded", told)
    return say("leads-undated" if table == "leads" and Column(table, name).is_day else "column-unrecorded", told)


def no_amounts(book: Book) -> str:
    """Return that not one opportunity of a book has an amount, as a sentence; empty where one has."""
    return no_value(book, "opportunities", "amount")


@lru_cache(maxsize=256)
def rests_on(book: Book, metric: Metric) -> tuple[Column, ...]:
    """Return the columns without which a metric says nothing, those of its formula first, then what it says itself.

    A column that is only asked for being there (``amount.notnull()``) is not among them, unless it is a day: that of an event.
    """
    formula = metric.function(*(ibis.table(book.table(name).schema(), name=name) for name in metric.tables))
    found = [column for part in columns_of(formula) for column in _columns(part.op())]
    holder = getattr(formula, "each", "")
    found += [Column("opportunities", holder)] if holder and "opportunities" in metric.tables else []
    found += [column for need in metric.needs if need != LOSSES for column in _needed(metric, need)]
    return tuple(dict.fromkeys(found))


def _columns(node: ops.Node, tested: bool = False) -> Iterator[Column]:
    if isinstance(node, ops.Field):
        column = _column(node.rel.name, node.name) if isinstance(node.rel, ops.UnboundTable) else None
        if column and (column.is_day or not tested):
            yield column
        return
    for each in node.__args__:
        for part in each if isinstance(each, tuple) else (each,):
            if isinstance(part, ops.Node):
                yield from _columns(part, tested or isinstance(node, ops.NotNull | ops.IsNull))


def _column(table: str, name: str) -> Column | None:
    """Return the mapped column behind one of a table as it is read; None where it is always there."""
    name = _MADE_FROM.get(name, name)
    table = "opportunities" if table == "steps" else table
    known = table in CONTRACTS and name in CONTRACTS[table].names and not CONTRACTS[table].column(name).required
    return Column(table, name) if known else None


def _needed(metric: Metric, need: str) -> list[Column]:
    found = (_column(table, need) for table in metric.tables)
    return [column for column in found if column]


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
    if not {"opportunities", "steps"} & set(metric.tables):
        return False
    as_it_is, with_losses, all_lost = (_figure(each, metric) for each in (book, _with_losses(book), _with_losses(book, only=True)))
    return not (_same(as_it_is, with_losses) or _same(as_it_is, all_lost))


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
    for name, changes in (("opportunities", lost), ("steps", left)):
        if name in tables:
            rows = tables[name]
            made = rows.filter(rows.won).mutate(**changes).select(*rows.columns).cast(rows.schema())
            tables[name] = ibis.union(rows.filter(~rows.won) if only else rows, made)
    return replace(book, tables=tables)
