"""What is said in the same breath as a figure against quotas: what is cut, what counts for nobody, what looks a slip."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

import ibis
import ibis.expr.types as ir
import pandas as pd

from salestrack import formats
from salestrack.book import Book, quota_spans
from salestrack.columns import QUOTA_PERIOD, view
from salestrack.definition import MONEY, Metric
from salestrack.grains import start_of
from salestrack.periods import GRAINS, Period
from salestrack.quota_levels import managers_of, odd, parents_of, read_quotas, with_levels
from salestrack.quota_spans import QuotaSpan, quota_name
from salestrack.quotas import against_quotas
from salestrack.wording import label_of, say

# So many periods of quotas a sentence names.
_NAMED = 3


@dataclass(frozen=True)
class Cut:
    """How many quotas touch a period, how many lie wholly in it (or in its parts), and the days of those that do not."""

    touching: int
    whole: int
    spans: tuple[QuotaSpan, ...]


def cut_quotas(book: Book, by: tuple[str, ...], where: Mapping[str, object], during: Period | None) -> Cut:
    """Return which quotas of a scope a period cuts, or the units of a calendar grain in `by`.

    Parameters
    ----------
    book : Book
        With quotas.
    by, where, during
        As in `measure`; of `by` only calendar grains matter.
    """
    days = view(book, "quota_days", "day", (), where, during).table
    inside = ibis.literal(True) if during is None else (days.quota_start >= during.start) & (days.quota_end < during.end)
    for grain in (name for name in by if name in GRAINS):
        ends = (start_of(day, grain, book.settings.fiscal_year_start) for day in (days.quota_start, days.quota_end))
        inside &= next(ends) == next(ends)
    holder = ("level", "rep_id", "team", "territory_id")
    one = days.filter(days.amount > 0).mutate(inside=inside).select(*holder, "quota_start", "quota_end", "inside").distinct()
    found = one.group_by(["quota_start", "quota_end", "inside"]).aggregate(n=one.count())
    rows = book.connection.to_pyarrow(found.order_by("quota_start", "quota_end")).to_pylist()
    known = {(span.start, span.end - timedelta(days=1)): span for span in quota_spans(book)}
    cut = [known[row["quota_start"], row["quota_end"]] for row in rows if not row["inside"]]
    return Cut(sum(row["n"] for row in rows), sum(row["n"] for row in rows if row["inside"]), tuple(cut))


def every_group(
    book: Book, metric: Metric, question: tuple[tuple[str, ...], Mapping[str, object], Period | None]
) -> ir.Table | None:
    """Return the groups that won or lost anything, with a quota or without, by their keys: who has none is undefined, not absent.

    Parameters
    ----------
    book : Book
        The book.
    metric : Metric
        One of results against quotas.
    question : tuple
        `by`, `where` and `during`, as in `measure`. By units of the calendar there is nothing to add: None, as for all others.
    """
    by, where, during = question
    if not by or not against_quotas(metric) or {*by} & {*GRAINS, QUOTA_PERIOD}:
        return None
    at = view(book, "opportunities", metric.clock["opportunities"], by, where, during)
    return at.table.select(*at.key_columns).distinct()


def no_whole_quota(book: Book, by: tuple[str, ...], where: Mapping[str, object], during: Period | None) -> str:
    """Return that a period (or every unit of a grain) cuts all quotas that it touches, with the periods to ask for; else empty."""
    grain = next((name for name in by if name in GRAINS), "")
    if not book.has("quota_days") or not (during or grain):
        return ""
    cut = cut_quotas(book, by, where, during)
    if cut.whole or not cut.touching:
        return ""
    values = {"periods": _named(book, cut.spans), "more": str(len(cut.spans) > _NAMED)}
    if during is None or not _cuts(during, cut.spans):
        return say("quota-grain-cuts", values | {"grain": label_of(grain).lower()})
    return say("quota-period-cuts", values | {"period": str(during)})


def _cuts(during: Period, spans: tuple[QuotaSpan, ...]) -> bool:
    return any(each.start < during.start or each.end > during.end for each in spans)


def _named(book: Book, spans: tuple[QuotaSpan, ...]) -> str:
    names = [quota_name(each, quota_spans(book)) for each in spans[:_NAMED]]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {say('or')} {names[-1]}"


def beside_quotas(book: Book, by: tuple[str, ...], where: Mapping[str, object], during: Period | None) -> list[str]:
    """Return what must be said beside a figure against quotas.

    That some quotas are cut and left out; how much of what was booked counts for none; that a quota in it looks like a slip.

    Parameters
    ----------
    book : Book
        With quotas.
    by, where, during
        As in `measure`.
    """
    cut = cut_quotas(book, by, where, during)
    said = []
    if cut.spans and cut.whole:
        left = cut.touching - cut.whole
        values = {"left": left, "n": f"{cut.touching:,}", "periods": _named(book, cut.spans), "more": str(len(cut.spans) > _NAMED)}
        said.append(say("quota-some-cut", values))
    every, counted = (_booked(book, by, where, during, against_quotas=which) for which in (False, True))
    # Amounts are added up in another order on the two sides.
    if cut.whole and every - counted > _CENT * max(1.0, abs(every)):
        amounts = {"rest": every - counted, "all": every}
        said.append(
            say("quota-bookings-of-nobody", {k: formats.figure(v, MONEY, book.settings.currency) for k, v in amounts.items()})
        )
    return [*said, *_slips(book, during)]


_CENT = 1e-9


def _booked(
    book: Book, by: tuple[str, ...], where: Mapping[str, object], during: Period | None, *, against_quotas: bool
) -> float:  # fmt: skip
    grains = tuple(name for name in by if name in GRAINS)
    sold = view(book, "opportunities", "close_date", grains, where, during, against_quotas=against_quotas).table
    # One deal counts for two quotas of a holder where they overlap.
    won = sold.filter(sold.won).select("opportunity_id", "amount").distinct()
    return float(book.fetch_row(won.aggregate(s=won.amount.sum().fill_null(0.0)))["s"])


def _slips(book: Book, during: Period | None) -> list[str]:
    told = quotas_of(book)
    found = told[told["times"].notna() & told["counts"]]
    if during is not None:
        found = found[(found["start_date"] < during.end) & (found["end_date"] >= during.start)]
    if found.empty:
        return []
    first = found.iloc[0]
    values = {
        "n": len(found),
        "holder": str(first["holder"]),
        "period": f"{first['start_date']}",
        "amount": formats.figure(first["amount"], MONEY, book.settings.currency),
    }
    return [say("quota-looks-wrong", values)]


@lru_cache(maxsize=64)
def quotas_of(book: Book) -> pd.DataFrame:
    """Return all quotas of a book with their levels, the ones that do not count too, and ``times``: those that look like a slip.

    As `salestrack.quota_levels.with_levels` and `salestrack.quota_levels.odd` give them.
    """
    quotas, tables = read_quotas(book.table("quotas")), book.tables
    found = with_levels(quotas, managers_of(tables.get("reps")), parents_of(tables.get("territories")))
    return found.assign(times=odd(found))
