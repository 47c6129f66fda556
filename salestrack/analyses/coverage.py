"""What of a book can be held against its activities: since when they are recorded, and why they may tell nothing."""

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir

from salestrack.book import Book
from salestrack.columns import beyond_reach
from salestrack.errors import PeriodError
from salestrack.measure import measure
from salestrack.periods import Period
from salestrack.recorded import no_creation_days, no_losses
from salestrack.tables import CATEGORIES
from salestrack.wording import say

CLASSIFIED = tuple(category for category in CATEGORIES if category != "unclassified")


def record_of_activities(book: Book, where: Mapping[str, object]) -> tuple[date | None, str]:
    """Return the first day with an activity, and why opportunities cannot be held against activities (empty when they can).

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
    return found["first"], ""


def untold(book: Book, metric: str, period: Period | None, where: Mapping[str, object]) -> str:
    """Return why a figure cannot be told of a period and a scope, as what it rests on is not recorded there; empty where it can."""
    try:
        return measure(book, metric, during=period, where=where).absent.get(metric, "")
    except PeriodError:
        return ""


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
