"""Where the past periods stood on the same day, and how they ended: rebuilt from the book, in one query for all of them.

What counts on a day is what was known on it. A win or a loss is often entered some days after its close date; where the stage
history tells the day, it is not counted before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import ibis
import ibis.expr.types as ir
import pandas as pd
from dateutil.relativedelta import relativedelta

from salestrack.book import Book
from salestrack.columns import Key, View, view
from salestrack.definition import Metric
from salestrack.estimate import estimate
from salestrack.goals.projection import Level
from salestrack.groups import first_complete_day, is_over
from salestrack.parts import Parts, Reduction
from salestrack.periods import GRAINS, Period, containing
from salestrack.quotas import against_quotas

PAST = 8
"""Past periods to go by."""
# A close entered later than this is a record made over again (a migration), which says nothing of when it was known.
_LATEST_ENTRY = 31
# A history that has the closing stage of so many of the closed ones tells by its silence that a close was not entered yet.
_RECORDS_CLOSES = 0.9
_QUARTER = relativedelta(months=3)


@dataclass(frozen=True)
class Course:
    """How a metric went through periods: on one day of each, and at the end of those that are over.

    Parameters
    ----------
    metric : Metric
        The metric.
    periods : tuple of Period
        The past ones, latest first.
    parts : Parts
        What the engine returned; ``key_0`` is 0 for the period itself on its day, 2i - 1 for the i-th of `periods` on the same day
        and 2i for its end.
    """

    metric: Metric
    periods: tuple[Period, ...]
    parts: Parts

    def sums(self, name: str) -> tuple[float, list[float], list[float]]:
        """Return one of the engine's sums, 0 where no row has it: so far, of each past period on the day, and at its end."""
        found = self.parts.frame.set_index("key_0")[name].astype("float64").fillna(0.0)
        now, *past = (float(found.get(key, 0.0)) for key in range(2 * len(self.periods) + 1))
        return now, past[::2], past[1::2]

    @property
    def levels(self) -> tuple[Level, list[Level], list[Level]]:
        """The figures: so far, of each past period on the day, and at its end; NaN where nothing is defined."""
        found = estimate(self.metric, self.parts, 0.95).set_index("key_0")[["value", "low", "high", "n"]]
        found = found.reindex(range(2 * len(self.periods) + 1)).fillna({"n": 0}).astype("float64")
        now, *past = (Level(*row) for row in found.to_numpy().tolist())
        return now, past[::2], past[1::2]


def course(book: Book, metric: Metric, period: Period, where: Mapping[str, object], past: tuple[Period, ...]) -> Course:
    """Return how a metric went in a running period until the day of the book, and in past ones until the same day and to the end.

    Parameters
    ----------
    book : Book
        The book.
    metric : Metric
        With a clock.
    period : Period
        Running on the day of the book, or just over.
    where : mapping
        Scope, as in `measure`.
    past : tuple of Period
        Such as `past_periods` returns.
    """
    cuts = _cuts(book, period, past)
    span = Period(min(each.start for each in (period, *past)), period.end, "span")
    reduction = Reduction(book, ("cut",), where, None)
    for table in metric.tables:
        clock = metric.clock[table]
        shown = view(book, table, clock, (), where, span, against_quotas=against_quotas(metric)).table
        reduction.show(table, clock, View(_cut(book, shown, table, clock, cuts), (Key("cut"),)))
    return Course(metric, past, reduction.parts([metric])[metric.name])


def past_periods(book: Book, metric: Metric, period: Period, most: int = PAST) -> tuple[Period, ...]:
    """Return the periods of the same kind before one that lie wholly in what the book records, latest first.

    A range of one's own goes back by whole quarters, so that the ends of months and quarters fall on the same of its days.
    """
    since = first_complete_day(book, metric)
    found: list[Period] = []
    each = _before(period)
    while since and len(found) < most and each.start >= since:
        # One that is only just over may have ended with more than is entered yet.
        if is_over(book, metric, each):
            found.append(each)
        each = _before(each)
    return tuple(found)


def same_day(period: Period, day: date, past: Period) -> date:
    """Return the day of a past period that is as far into it.

    Periods of a kind differ by a few days in length, and it is in the last days that most comes in: the first days are held against
    the first, the last against the last, and those between in proportion.

    Examples
    --------
    >>> quarter, before = Period.parse("2026-Q3"), Period.parse("2026-Q1")
    >>> str(same_day(quarter, date(2026, 7, 20), before)), str(same_day(quarter, date(2026, 9, 29), before))
    ('2026-01-20', '2026-03-30')
    """
    share = (day - period.start).days / max(period.days - 1, 1)
    return past.start + timedelta(days=round(share * (past.days - 1)))


def _before(period: Period) -> Period:
    calendar = _as_calendar(period)
    if calendar:
        return calendar.previous()
    step = _QUARTER
    while period.start - step + (period.end - period.start) > period.start:
        step += _QUARTER
    start, end = period.start - step, period.end - step
    return Period(start, end, f"{start}/{end}", None, period.fiscal_year_start)


def _as_calendar(period: Period) -> Period | None:
    """Return the calendar unit that a period is, whether it is named as one or written as a range."""
    if period.grain or period.among:
        return period
    units = (containing(period.start, grain, period.fiscal_year_start) for grain in GRAINS)  # type: ignore[arg-type]
    return next((unit for unit in units if (unit.start, unit.end) == (period.start, period.end)), None)


def _cuts(book: Book, period: Period, past: tuple[Period, ...]) -> ir.Table:
    """Return a small table of what to add up: key_0, start and stop of its days, end of its period, and the last day known of."""
    cuts = [(period, book.as_of, book.as_of)]
    for each in past:
        day = same_day(period, book.as_of, each)
        cuts += [(each, day, day), (each, each.last_day, book.as_of)]
    rows = [(each.start, min(until + timedelta(days=1), each.end), each.end, known) for each, until, known in cuts]
    names = ["cut_start", "cut_stop", "cut_end", "cut_day"]
    table = ibis.memtable(pd.DataFrame(rows, columns=names).apply(pd.to_datetime).assign(key_0=range(len(rows))))
    return table.mutate(**{name: table[name].date() for name in names})


def _cut(book: Book, shown: ir.Table, table: str, clock: str, cuts: ir.Table) -> ir.Table:
    """Return the rows of a table once for each cut that they fall in, with its key."""
    columns = shown.columns
    if table == "quota_days":
        # A quota is known for all days of its period, but those after the day are not due yet.
        made = shown.inner_join(cuts, [shown.day >= cuts.cut_start, shown.day < cuts.cut_end])
        made = made.filter(made.quota_start >= made.cut_start, made.quota_end < made.cut_end)
        made = made.mutate(prorated_amount=(made.day < made.cut_stop).ifelse(made.prorated_amount, 0.0))
        return made.select(*columns, "key_0")
    known = _with_day_known(book, shown) if (table, clock) == ("opportunities", "close_date") else shown
    day = known[clock].cast("date")
    within = [day >= cuts.cut_start, day < cuts.cut_stop]
    if "quota_start" in columns:
        within += [known.quota_start >= cuts.cut_start, known.quota_end < cuts.cut_end]
    if known is not shown:
        within.append(known.day_known <= cuts.cut_day)
    return known.inner_join(cuts, within).select(*columns, "key_0")


def _with_day_known(book: Book, shown: ir.Table) -> ir.Table:
    """Return opportunities with the day on which their close was known; null: not yet, though the close date is past."""
    until = _closes_recorded_until(book)
    if until is None:
        return shown.mutate(day_known=shown.close_date)
    known = shown.left_join(_entered(book), "opportunity_id")
    late = known.entered.delta(known.close_date, unit="day")
    unknown = known.closed & known.entered.isnull() & known.close_date.between(until - timedelta(days=_LATEST_ENTRY), until)
    day = ibis.cases(
        (unknown.fill_null(False), ibis.null("date")),
        ((known.closed & (late > 0) & (late <= _LATEST_ENTRY)).fill_null(False), known.entered),
        else_=known.close_date,
    )
    return known.mutate(day_known=day).select(*shown.columns, "day_known")


def _entered(book: Book) -> ir.Table:
    """Return when each opportunity last entered a stage that means won or lost: opportunity_id, entered (date)."""
    history, settings = book.table("stage_history"), book.settings
    closing = history.filter(history.stage.isin([*settings.named("won"), *settings.named("lost")]))
    return closing.group_by("opportunity_id").aggregate(entered=closing.entered_at.max().date())


@lru_cache(maxsize=64)
def _closes_recorded_until(book: Book) -> date | None:
    """Return the last day of a stage history that records when opportunities were closed; None where it does not, or there is none.

    A book read back to an earlier day holds all that were closed by it; those whose entry is missing were entered later.
    """
    if not book.has("stage_history"):
        return None
    until = book.fetch_row(book.table("stage_history").aggregate(until=ibis._.entered_at.max().date()))["until"]
    if until is None:
        return None
    sold = book.table("opportunities")
    both = sold.filter(sold.closed, sold.close_date < until - timedelta(days=_LATEST_ENTRY)).left_join(
        _entered(book), "opportunity_id"
    )
    found = book.fetch_row(both.aggregate(n=both.count(), told=both.entered.count()))
    return until if found["n"] and found["told"] >= _RECORDS_CLOSES * found["n"] else None
