"""What of a book can be held against its activities: since when they are recorded, and why they may tell nothing."""

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd

from salestrack.book import Book
from salestrack.columns import beyond_reach
from salestrack.errors import PeriodError
from salestrack.measure import measure
from salestrack.periods import Period
from salestrack.recorded import no_creation_days, no_losses, told_of
from salestrack.tables import CATEGORIES
from salestrack.wording import say

CLASSIFIED = tuple(category for category in CATEGORIES if category != "unclassified")


def record_of_activities(book: Book, where: Mapping[str, object]) -> tuple[date | None, str]:
    """Return since when activities are recorded, and why opportunities cannot be held against activities (empty when they can).

    Parameters
    ----------
    book : Book
        The book.
    where : mapping
        Scope of the opportunities.

    Raises
    ------
    UnknownNameError
        No table of the book knows a column of the scope.

    Notes
    -----
    They are recorded since the first of them; opportunities created before it may lack some. Where fewer than one would be expected
    on these before that day, at the pace of the others by age, none is missing: they are recorded since the first creation.
    """
    if reason := book.lacks("activities") or beyond_reach(book, "opportunities", where):
        return None, reason
    if reason := no_losses(book) or no_creation_days(book):
        return None, reason
    done = book.table("activities")
    linked = done.opportunity_id.notnull()
    found = book.connection.to_pyarrow(
        done.aggregate(
            first=done.started_at.min().date(),
            n=done.count(),
            linked=linked.sum(),
            classified=(linked & done.category.isin(CLASSIFIED)).sum(),
        )
    ).to_pylist()[0]
    if not found["linked"]:
        return None, say("coverage-no-link", {"n": f"{found['n']:,}"})
    if not found["classified"]:
        return None, say("coverage-unclassified", {"n": f"{found['linked']:,}"})
    return _since(book, found["first"]), ""


def _since(book: Book, first: date) -> date:
    """Return the first day with an activity, or the first creation where none can be missing on what was created before it."""
    made = book.table("opportunities").filter(ibis._.created_date.notnull(), ibis._.observed_days.notnull())
    late = made.created_date >= first
    until = ibis.literal(first).delta(made.created_date, unit="day") - 1
    seen = late.ifelse(made.observed_days, ibis.least(made.observed_days, until)).cast("int64")
    lives = book.fetch(made.group_by(late=late, days=seen).agg(n=ibis._.count(), oldest=ibis._.created_date.min()))
    before, after = (lives[lives["late"].astype(bool) == which] for which in (False, True))
    if before.empty or after.empty:
        return first
    opportunities = made.filter(late).select(opportunity="opportunity_id", created="created_date")
    done = book.table("activities").select("opportunity_id", "started_at")
    on = done.inner_join(opportunities, done.opportunity_id == opportunities.opportunity)
    age = on.started_at.date().delta(on.created, unit="day").cast("int64")
    ages = book.fetch(on.filter(age >= 0).group_by(days=age).agg(n=ibis._.count()))
    missing = ages["n"] / _alive(after, ages["days"]).clip(lower=1) * _alive(before, ages["days"])
    return first if missing.sum() >= 1 else min(first, pd.Timestamp(before["oldest"].min()).date())


def _alive(lives: pd.DataFrame, days: pd.Series) -> pd.Series:
    """Return how many were seen at each age."""
    return days.map({day: float(lives.loc[lives["days"] >= day, "n"].sum()) for day in set(days)}).astype(float)


def untold(book: Book, metric: str, period: Period | None, where: Mapping[str, object]) -> str:
    """Return why a figure cannot be told of a period and a scope, as what it rests on is not recorded there; empty where it can."""
    try:
        return measure(book, metric, during=period, where=where).absent.get(metric, "")
    except PeriodError:
        return ""


def of_how_many(book: Book, metric: str, period: Period | None, where: Mapping[str, object]) -> str:
    """Return of how many of the rows that a figure asks the value is recorded, as a sentence; empty where of all, or of none."""
    try:
        measured = measure(book, metric, during=period, where=where)
    except PeriodError:
        return ""
    dated = str(period) if period and measured.metrics[0].clock else ""
    return "" if measured.absent else told_of(measured.frame.iloc[0].to_dict(), measured.metrics[0].tables[0], dated)


def size_band(amount: ir.Value, factor: float) -> ir.Value:
    """Return the band of an amount on a log scale: whole numbers, each band `factor` times the one below; null without an amount.

    Parameters
    ----------
    amount : ibis column
        Amounts; zero is no amount here.
    factor : float
        Above 1.
    """
    known = (amount > 0).fill_null(False)
    return known.ifelse((known.ifelse(amount, 1.0).ln() / ibis.literal(factor).ln()).round().cast("int64"), ibis.null("int64"))
