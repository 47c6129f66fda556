"""Entry cohorts: who came to the first step in a period, and how they went through the steps, reduced by the engine.

Two questions are asked of each step. How many of those who came to it went on: counted from the day they came to it. And how many
of the whole cohort came to it: counted from the day they came to the first step, so that those on the way count as such.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pandas as pd

from salestrack.analyses.lead_steps import beyond_leads, lead_steps
from salestrack.book import Book
from salestrack.columns import Key, beyond_reach, view
from salestrack.definition import find_metric
from salestrack.entered_late import steps_until, told_late
from salestrack.groups import named, outside
from salestrack.migrated import dated
from salestrack.periods import Period
from salestrack.recorded import no_ends
from salestrack.recording import recorded
from salestrack.wording import say

CELLS = ("count", "n", "s1", "s2")
_PASSAGE = ("step_number", "visited", "days", "outcome")
_ENTRY = ("step_number", "visited", "days")
_EXIT = ("step_number", "days", "outcome")


@dataclass(frozen=True)
class Cohort:
    """Who came to the first step in a period.

    Parameters
    ----------
    name : str
        ``leads`` or ``opportunities``.
    steps : tuple of str
        In order; the last one is the end: won, or having become an opportunity.
    passages : pandas.DataFrame
        A row for each group, step and end: the columns of `by`, step_number (1 is the first), visited, days (from entering the
        step), outcome (``went_on``, ``left``, ``open``), count, n (of which with an amount), s1, s2 (Σ amount, Σ amount²).
    entries : pandas.DataFrame
        When they came to each step: the columns of `by`, step_number, visited, days (from the first step), and the counts and sums.
    exits : pandas.DataFrame
        When they went on from it, left, or were last seen: the columns of `by`, step_number, days (from the first step), outcome,
        and the counts and sums.
    """

    name: str
    steps: tuple[str, ...]
    passages: pd.DataFrame
    entries: pd.DataFrame
    exits: pd.DataFrame

    def over(self, by: Sequence[str]) -> "Cohort":
        """Return the cohort with its groups added up to those of fewer columns."""
        return Cohort(
            self.name,
            self.steps,
            _added_up(self.passages, [*by, *_PASSAGE]),
            _added_up(self.entries, [*by, *_ENTRY]),
            _added_up(self.exits, [*by, *_EXIT]),
        )

    @property
    def arrivals(self) -> pd.DataFrame:
        """What became of the cohort on the way to each step but the first.

        The columns of `by`, step_number (the step asked for), visited, days (from the first step), outcome (``reached``, ``left``:
        before it, ``open``: not there yet), and the counts and sums.
        """
        last = len(self.steps)
        came = self.entries[self.entries["step_number"] > 1].assign(outcome="reached")
        stopped = self.exits[self.exits["outcome"] != "went_on"].assign(visited=False)
        missed = [stopped[stopped["step_number"] < step].assign(step_number=step) for step in range(2, last + 1)]
        return pd.concat([came, *missed], ignore_index=True)


def _added_up(cells: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return cells.groupby(keys, dropna=False, sort=False)[list(CELLS)].sum().reset_index()


@dataclass(frozen=True)
class Asked:
    """Which cohort: the period in which it came to the first step (None: any), the scope, and the columns to group by.

    And whether only ``leads`` or ``opportunities`` are asked for; empty: both.
    """

    period: Period | None
    where: Mapping[str, object]
    by: tuple[str, ...] = ()
    only: str = ""


def cohorts(book: Book, asked: Asked) -> tuple[list[Cohort], list[str]]:
    """Return the cohort of leads and that of opportunities, as far as the book has them, and why one or a part of one is missing.

    Raises
    ------
    UnknownNameError
        A column or a value does not exist.
    """
    found, reasons = [], []
    for name, follow in (("leads", _leads), ("opportunities", _opportunities)):
        cohort, told = follow(book, asked) if asked.only in ("", name) else (None, [])
        if cohort is not None:
            found.append(cohort)
        reasons += told
    return found, reasons


def _opportunities(book: Book, asked: Asked) -> tuple[Cohort | None, list[str]]:
    reason = book.lacks("steps") or beyond_reach(book, "steps", asked.where) or no_ends(book)
    if reason := reason or outside(book, (find_metric("stage_conversion"),), asked.period):
        return None, [reason]
    at = view(book, "steps", "cohort_date", asked.by, asked.where, asked.period)
    names = (*book.settings.named("open"), book.settings.named("won")[0])
    rows, left_out = recorded(book, at.table)
    rows, undated = dated(book, rows, "cohort_date")
    rows = steps_until(book, rows).mutate(step_number=ibis._.stage_number)
    return _reduced(book, "opportunities", names, rows, at.keys), [*told_late(book), *undated, *left_out]


def _leads(book: Book, asked: Asked) -> tuple[Cohort | None, list[str]]:
    reason = book.lacks("leads") or beyond_reach(book, "leads", asked.where) or beyond_leads(book, (*asked.where, *asked.by))
    if reason:
        return None, [reason]
    at = view(book, "leads", "created_at", asked.by, asked.where, asked.period)
    followed = lead_steps(book, at.table, at.key_columns)
    if len(followed.names) == 1:
        return None, [say("funnel-leads-unqualified")]
    return _reduced(book, "leads", followed.names, followed.rows, at.keys), []


def _reduced(book: Book, name: str, names: tuple[str, ...], rows: ir.Table, keys: tuple[Key, ...]) -> Cohort | None:
    columns = [f"key_{i}" for i in range(len(keys))]
    since = rows.entered_date.delta(rows.cohort_date, unit="day")
    # One query, so that the rows are made once; what each of the three does not group by is null in it.
    asked = {
        "passages": rows,
        "entries": rows.mutate(days=since, outcome=ibis.null("string")),
        "exits": rows.mutate(days=since + rows.days, visited=ibis.null("boolean")),
    }
    sums = [_sums(each, [*columns, *_PASSAGE]).mutate(kind=ibis.literal(kind)) for kind, each in asked.items()]
    found = named(book, keys, book.fetch(ibis.union(*sums)))
    told, entries, exits = (found[found["kind"] == kind].drop(columns="kind") for kind in asked)
    if told.empty:
        return None
    # The end is a step that is come to and not gone through.
    end = exits[(exits["outcome"] == "went_on") & (exits["step_number"] == len(names) - 1)]
    entries = pd.concat([entries, end.assign(step_number=len(names), visited=True)], ignore_index=True)
    return Cohort(name, names, told.astype({"visited": bool}), entries.drop(columns="outcome").astype({"visited": bool}), exits)


def _sums(rows: ir.Table, keys: list[str]) -> ir.Table:
    amount = rows.amount.cast("float64")
    return rows.group_by(keys).aggregate(
        count=rows.count(), n=amount.count(), s1=amount.sum().fill_null(0.0), s2=(amount * amount).sum().fill_null(0.0)
    )
