"""How the open pipeline went from one day to another, step by step; it reconciles to the cent or fails."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.hours import no_table
from salestrack.as_of import opportunities_on
from salestrack.book import Book
from salestrack.columns import beyond_reach, view
from salestrack.definition import MONEY, find_metric
from salestrack.display import Table
from salestrack.errors import PeriodError, SalestrackError
from salestrack.passages import history_records
from salestrack.periods import Period
from salestrack.recorded import no_amounts, no_losses
from salestrack.wording import label_of, mid_sentence, say

CAME_IN = ("created", "reopened", "recorded", "increased", "pulled_in")
WENT_OUT = ("pushed_out", "decreased", "lost", "won")
STEPS = ("start", *CAME_IN, *WENT_OUT, "end")
"""The rows of a waterfall, in order."""
COLUMNS = ("step", "amount", "n")
_METRICS = ("pipeline", "bookings")


@dataclass(frozen=True, eq=False, repr=False)
class Waterfall(Answer):
    """The open pipeline from the evening before a period to its last evening.

    Parameters
    ----------
    start, end : date
        The two evenings; `end` is the day of the book where the period is not over on it.
    due : Period or None
        Only opportunities whose expected close date lies in it count; None: all.
    """

    start: date = field(kw_only=True)
    end: date = field(kw_only=True)
    due: Period | None = field(kw_only=True)


def waterfall(
    book: Book, *, during: Period | str, due: Period | str | None = None, where: Mapping[str, object] | None = None
) -> Waterfall:
    """Explain how the open amount changed over a period, from the book as it was on the evening before and on the last evening.

    Parameters
    ----------
    book : Book
        A book with a stage history.
    during : Period or str
        The period; ``"2026-07-01/2026-10-01"`` goes from the evening of 30 June to that of 30 September.
    due : Period or str, optional
        Look only at what is expected to close in this period; then expected close dates pull opportunities in and push them out.
        None: the whole open pipeline, in which nothing is pulled or pushed.
    where : mapping, optional
        Scope, as in `measure`, read on the day of the book: that of an earlier day is not recorded.

    Returns
    -------
    Waterfall
        ``frame``, a row for each of `STEPS`: step, amount (money; what went out is negative) and n (opportunities). ``recorded``
        are amounts and expected dates that were not known at the start; ``reopened`` were closed then. Empty where the book
        cannot tell, with the reason as the one sentence.

    Raises
    ------
    SalestrackError
        The steps do not lead from the start to the end to the cent.
    PeriodError
        The period begins after the day of the book.

    Notes
    -----
    ``start + created + reopened + recorded + increased + pulled_in + pushed_out + decreased + lost + won = end``. Start and end are
    summed over each reading on its own; the steps over the two joined. An opportunity comes in with the amount it has at the end
    (or closed with) and goes out with it, too, so that ``won`` are the bookings of the period; one pushed out leaves with the
    amount it had at the start. Amounts are counted in hundredths, as whole numbers.
    """
    period, scope = book.period(during), dict(where or {})
    window = None if due is None else book.period(due)
    if period.start > book.as_of:
        raise PeriodError(f"The period {period} begins on {period.start}, after the day of the book ({book.as_of}).")
    start, end = period.start - timedelta(days=1), min(period.last_day, book.as_of)
    title = say("waterfall-title", {"book": book.name, "start": formats.day(start), "end": formats.day(end)})
    # Of those that were open then, a book without losses holds only those that were won since.
    reason = book.lacks("stage_history") or beyond_reach(book, "opportunities", scope) or no_losses(book)
    frame = pd.DataFrame(columns=list(COLUMNS)) if reason else _steps(book, (start, end), window, scope)
    sentences = (reason,) if reason else tuple(_sentences(book, frame, (start, end), window))
    table = no_table(title) if reason else _table(book, frame, title)
    return Waterfall(
        book, tuple(find_metric(name) for name in _METRICS), period, scope, frame, sentences, table,
        start=start, end=end, due=window,
    )  # fmt: skip


def _steps(book: Book, days: tuple[date, date], due: Period | None, where: Mapping[str, object]) -> pd.DataFrame:
    # What had closed before the first evening, and is closed still, takes no step.
    before, after = (_reading(book, day, (days[0], due), where) for day in days)
    found = book.fetch_row(_total(before, "start").cross_join(_total(after, "end")).cross_join(_moves(before, after, due)))
    cents = {name: int(found[name] or 0) for name in STEPS}
    _reconcile(cents, days)
    counts = {name: int(found[f"n_{name}"] or 0) for name in STEPS}
    # A step of which nobody has an amount is worth something that nobody knows.
    unpriced = {name for name in STEPS if counts[name] and not found[f"known_{name}"]}
    amounts = [np.nan if name in unpriced else cents[name] / 100 for name in STEPS]
    rows = {"step": STEPS, "amount": amounts, "n": [counts[name] for name in STEPS]}
    return pd.DataFrame(rows)[list(COLUMNS)]


def _reconcile(cents: Mapping[str, int], days: tuple[date, date]) -> None:
    moved = {name: cents[name] for name in (*CAME_IN, *WENT_OUT)}
    if cents["start"] + sum(moved.values()) != cents["end"]:
        told = ", ".join(f"{name} {value / 100:,.2f}" for name, value in moved.items())
        raise SalestrackError(
            f"The pipeline from {days[0]} to {days[1]} does not reconcile: {cents['start'] / 100:,.2f} and {told} "
            f"do not make {cents['end'] / 100:,.2f}."
        )


def _reading(book: Book, day: date, counted: tuple[date, Period | None], where: Mapping[str, object]) -> ir.Table:
    """Return the opportunities as they were on a day: cents, whether the amount is known, and whether they count."""
    start, due = counted
    one = opportunities_on(book, day, closing_after=start)
    if where:
        one = one.semi_join(view(book, "opportunities", None, (), where).table, "opportunity_id")
    inside = ibis.literal(True) if due is None else ((one.close_date >= due.start) & (one.close_date < due.end)).fill_null(False)
    return one.select(
        "opportunity_id",
        "status",
        "created_date",
        "close_date",
        cents=(one.amount.fill_null(0.0) * 100).round().cast("int64"),
        known=one.amount.notnull(),
        due=inside,
        counts=one.open & inside,
    )


def _total(reading: ir.Table, name: str) -> ir.Table:
    sums = {name: reading.cents.sum(where=reading.counts), f"n_{name}": reading.counts.sum()}
    return reading.aggregate(**sums, **{f"known_{name}": (reading.counts & reading.known).sum()})


def _moves(before: ir.Table, after: ir.Table, due: Period | None) -> ir.Table:
    """Return the sum and the number of each step, in one row."""
    earlier = before.rename({f"{name}_0": name for name in before.columns})
    one = after.left_join(earlier, after.opportunity_id == earlier.opportunity_id_0)
    existed, counted = one.opportunity_id_0.notnull(), one.counts_0.fill_null(False)
    was_open = existed & (one.status_0 == "open").fill_null(False)
    # Closed between the two days: it was open, or not there yet, or closed on another day and reopened since.
    closed = (one.status != "open") & (was_open | ~existed | (one.close_date != one.close_date_0).fill_null(False))
    in_play = one.counts | (closed & (counted | one.due))
    new = in_play & ~counted
    dateless = ibis.literal(False) if due is None else was_open & one.close_date_0.isnull()
    same = in_play & counted
    more = one.cents - one.cents_0
    entries = {
        "created": new & ~existed,
        "reopened": new & existed & ~was_open,
        "recorded": new & dateless,
        "pulled_in": new & was_open & ~dateless,
    }
    flows = {name: (where, one.cents) for name, where in entries.items()}
    appeared = same & ~one.known_0 & one.known
    flows["recorded"] = (entries["recorded"] | appeared, one.cents)
    flows["increased"] = (same & ~appeared & (more > 0), more)
    flows["decreased"] = (same & (more < 0), more)
    flows["pushed_out"] = (counted & ~in_play, -one.cents_0)
    flows |= {status: (in_play & closed & (one.status == status), -one.cents) for status in ("won", "lost")}
    sums = {name: value.sum(where=where) for name, (where, value) in flows.items()}
    sums |= {f"n_{name}": where.fill_null(False).sum() for name, (where, _) in flows.items()}
    known = {name: one.known_0 if name == "pushed_out" else one.known for name in flows}
    sums |= {f"known_{name}": (where & known[name]).fill_null(False).sum() for name, (where, _) in flows.items()}
    return one.aggregate(**sums)


def _sentences(book: Book, frame: pd.DataFrame, days: tuple[date, date], due: Period | None) -> list[str]:
    currency = book.settings.currency
    amount, n = frame.set_index("step")["amount"], frame.set_index("step")["n"]
    values: dict[str, object] = {
        "start": formats.figure(amount["start"], MONEY, currency),
        "end": formats.figure(amount["end"], MONEY, currency),
        "change": formats.change(amount["end"] - amount["start"], MONEY, currency),
        "n_start": f"{n['start']:,}",
        "n_end": f"{n['end']:,}",
        "first": formats.day(days[0]),
        "last": formats.day(days[1]),
        "due": "" if due is None else str(due),
        "kind": "all" if due is None else "due",
    }
    unpriced = [name for name in ("start", "end") if pd.isna(amount[name])]
    said = [say("waterfall-count" if unpriced else "waterfall", values)]
    for key, names in (("in", CAME_IN), ("out", WENT_OUT)):
        parts = [name for name in sorted(names, key=lambda name: -abs(np.nan_to_num(amount[name]))) if n[name]]
        told = []
        for name in parts:
            step = {"step": mid_sentence(label_of(f"step-{name}")), "n": f"{n[name]:,}"}
            worth = {"amount": formats.figure(abs(amount[name]), MONEY, currency)}
            told.append(say("waterfall-part-count" if pd.isna(amount[name]) else "waterfall-part", step | worth))
        said.append(say(f"waterfall-{key}" if told else f"waterfall-nothing-{key}", {"parts": ", ".join(told)}))
    if why := no_amounts(book):
        return [*said, why]
    return said if history_records(book, "amount") else [*said, say("waterfall-amounts-now")]


def _table(book: Book, frame: pd.DataFrame, title: str) -> Table:
    currency, rows = book.settings.currency, frame.to_dict("records")
    ends = ("start", "end")
    texts = {
        (say("column-step"), ""): [label_of(f"step-{row['step']}") for row in rows],
        (label_of("amount"), ""): [
            (formats.figure if row["step"] in ends else formats.change)(row["amount"], MONEY, currency) for row in rows
        ],
        (say("column-n"), ""): [f"{row['n']:,}" for row in rows],
    }
    return Table(pd.DataFrame(texts), title, "", 1)
