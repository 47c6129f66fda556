"""Who left where, reduced by the engine: life tables of each step, reasons, and groups held against what their steps let expect."""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from salestrack.analyses.lead_steps import beyond_leads, lead_steps, on_the_way
from salestrack.book import Book
from salestrack.columns import beyond_reach, view
from salestrack.definition import find_metric
from salestrack.entered_late import steps_until, told_late
from salestrack.groups import named, outside
from salestrack.migrated import dated, is_stamped
from salestrack.periods import Period
from salestrack.recorded import no_ends
from salestrack.recording import is_recorded, record_of_closes, recorded
from salestrack.stats.standardised import against_expected
from salestrack.wording import say

REASONS = ("cohort", "step", "reason", "left", "with_amount", "amount", "share", "share_of_amount")
GROUPS = (
    "by", "group", "entered", "left", "open", "share", "low", "high", "expected", "ratio", "standing", "amount", "share_of_amount",
    "running_share",
)  # fmt: skip


@dataclass(frozen=True)
class Passing:
    """The passages that began in a period.

    Parameters
    ----------
    cohort : str
        ``leads`` or ``opportunities``.
    steps : tuple of str
        The steps that can be left, in order.
    rows : ibis table
        step_number, entered_date, days, lasted (in parts of a day where times are recorded), outcome, amount, reason.
    """

    cohort: str
    steps: tuple[str, ...]
    rows: ir.Table


def passing(book: Book, period: Period | None, where: Mapping[str, object], only: str = "") -> tuple[list[Passing], list[str]]:
    """Return the passages of opportunities and of leads that began in a period, and why one or a part of one is missing.

    `only` ``opportunities`` or ``leads`` leaves out the others.
    """
    sold = ([], []) if only == "leads" else _of_opportunities(book, period, where)
    leads = ([], []) if only == "opportunities" else _of_leads(book, period, where)
    return [*sold[0], *leads[0]], [*sold[1], *leads[1]]


def _of_opportunities(book: Book, period: Period | None, where: Mapping[str, object]) -> tuple[list[Passing], list[str]]:
    reason = book.lacks("steps") or beyond_reach(book, "steps", where) or no_ends(book)
    if reason := reason or outside(book, (find_metric("leakage"),), period):
        return [], [reason]
    rows, left_out = recorded(book, view(book, "steps", "entered_date", (), where, period).table)
    rows, undated = dated(book, rows)
    rows = steps_until(book, rows).mutate(step_number=ibis._.stage_number, reason=ibis._.lost_reason)
    return [Passing("opportunities", book.settings.named("open"), rows)], [*left_out, *undated, *told_late(book)]


def _of_leads(book: Book, period: Period | None, where: Mapping[str, object]) -> tuple[list[Passing], list[str]]:
    if reason := book.lacks("leads") or beyond_reach(book, "leads", where) or beyond_leads(book, tuple(where)):
        return [], [reason]
    leads = view(book, "leads", "created_at", (), where).table
    followed = lead_steps(book, on_the_way(leads, period) if period else leads, ["reason"], onwards=False)
    if len(followed.names) == 1:
        return [], [say("funnel-leads-unqualified")]
    rows = followed.rows
    if period:
        rows = rows.filter(rows.entered_date >= period.start, rows.entered_date < period.end)
    return [Passing("leads", followed.names[:-1], rows)], []


def life_tables(book: Book, passages: Passing) -> pd.DataFrame:
    """Return counts and sums by step, days and outcome: step_number, days, lasted, outcome, count, n, s1, s2 (of amounts)."""
    rows = passages.rows
    amount = rows.amount.cast("float64")
    sums = rows.group_by(["step_number", "days", "lasted", "outcome"]).aggregate(
        count=rows.count(), n=amount.count(), s1=amount.sum().fill_null(0.0), s2=(amount * amount).sum().fill_null(0.0)
    )
    return book.fetch(sums)


def reasons_given(book: Book, passages: Passing) -> pd.DataFrame:
    """Return why they left, by step: the columns `REASONS`; a null reason was not recorded."""
    left = passages.rows.filter(passages.rows.outcome == "left")
    left = left.mutate(given=left.reason.strip().nullif(""), worth=left.amount.cast("float64"))
    sums = {"left": left.count(), "with_amount": left.worth.count(), "amount": left.worth.sum().fill_null(0.0)}
    found = book.fetch(left.group_by(["step_number", "given"]).aggregate(**sums)).rename(columns={"given": "reason"})
    found = found.assign(cohort=passages.cohort, step=found["step_number"].map(dict(enumerate(passages.steps, 1))))
    whole = found["amount"].sum()
    found = found.assign(share=found["left"] / found["left"].sum(), share_of_amount=found["amount"] / whole if whole else np.nan)
    # In one order whatever the engine's: what is worth as much stands in the order of steps and names.
    found = found.sort_values(["step_number", "reason"]).sort_values(["amount", "left"], ascending=False, kind="stable")
    return found.reset_index(drop=True)[list(REASONS)]


def groups_leaving(book: Book, by: str, period: Period | None, where: Mapping[str, object]) -> pd.DataFrame:
    """Return how many left in each group, what they were worth, and which share leaves of it beside the share to be expected.

    Parameters
    ----------
    book : Book
        With a stage history.
    by : str
        What to group by.
    period : Period or None
        In which the passages began.
    where : mapping
        Scope.

    Returns
    -------
    pandas.DataFrame
        The columns `GROUPS`, most valuable first.
    """
    at = view(book, "steps", "entered_date", (by,), where, period)
    known = is_recorded(at.table, record_of_closes(book)) & ~is_stamped(book, at.table)
    rows = steps_until(book, at.table.filter(known))
    sums = {"count": rows.count(), "amount": rows.amount.cast("float64").sum().fill_null(0.0)}
    cells = named(book, at.keys, book.fetch(rows.group_by(["key_0", "stage_number", "days", "outcome"]).aggregate(**sums)))
    cells = cells.rename(columns={by: "group"})
    found = against_expected(cells, "left", "group", "stage_number").rename(columns={"n": "entered", "value": "share"})
    for outcome in ("left", "open"):
        part = cells[cells["outcome"] == outcome].groupby("group", dropna=False)[["count", "amount"]].sum().reset_index()
        part = part.rename(columns={"count": outcome, "amount": f"{outcome}_amount"})
        found = found.merge(part, how="left", on="group")
    found = found.rename(columns={"left_amount": "amount"}).fillna({"left": 0, "open": 0, "amount": 0.0})
    found = found.sort_values(["amount", "left"], ascending=False, kind="stable").reset_index(drop=True)
    whole = found["amount"].sum()
    worth = found["amount"] / whole if whole else pd.Series(np.nan, index=found.index)
    found = found.astype({"left": "int64", "open": "int64"})
    return found.assign(by=by, share_of_amount=worth, running_share=worth.cumsum())[list(GROUPS)]
