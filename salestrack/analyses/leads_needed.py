"""How many leads a goal needs, and by when: the funnel run backwards, with what is not known about it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd
from dateutil.relativedelta import relativedelta

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.coverage import of_how_many, untold
from salestrack.analyses.still_coming import deal_sizes, still_coming
from salestrack.book import Book
from salestrack.columns import view
from salestrack.definition import MONEY, find_metric
from salestrack.display import Table
from salestrack.errors import PeriodError
from salestrack.formula import Ratio
from salestrack.goals import Goals
from salestrack.groups import first_day, is_over
from salestrack.measure import Measured, measure
from salestrack.periods import Period
from salestrack.recording import record_of_closes
from salestrack.stats.leads import LeadsNeeded, as_if_finished, simulate_leads
from salestrack.wording import label_of, mid_sentence, say

# Rates are taken from leads and opportunities old enough to be decided, over a year.
MATURITY_DAYS = 90
_LEAD_STEPS = (
    ("leads", "marketing_qualification_rate"),
    ("marketing_qualified", "sales_qualification_rate"),
    ("sales_qualified", "opportunity_rate"),
)
_LAST_STEP = ("opportunities", "close_rate")


@dataclass(frozen=True, eq=False, repr=False)
class LeadsNeededAnswer(Answer):
    """What a goal needs.

    Parameters
    ----------
    goal, booked : float
        Bookings wanted in the period, and bookings so far.
    base : Period
        Where rates and deal sizes come from.
    coming : tuple of float
        What the opportunities open now will still bring in the period: P10, P50 and P90 of the simulated futures.
    needed : LeadsNeeded
        The simulation's answer.
    latest : mapping of str to date
        By when leads must have come in for half (``p50``) and for nine tenths (``p90``) of the winning ones to close inside the
        period; empty where no won opportunity can be followed back to its lead.
    """

    goal: float = field(kw_only=True)
    booked: float = field(kw_only=True)
    base: Period = field(kw_only=True)
    coming: tuple[float, float, float] = field(kw_only=True)
    needed: LeadsNeeded = field(kw_only=True)
    latest: Mapping[str, date] = field(kw_only=True)


def leads_needed(
    book: Book,
    goal: float | Goals | None = None,
    *,
    during: Period | str,
    base: Period | str | None = None,
    where: Mapping[str, object] | None = None,
    seed: int = 0,
) -> LeadsNeededAnswer:
    """Simulate how many leads it takes to close the gap between a bookings goal and the bookings so far.

    Parameters
    ----------
    book : Book
        The book. Without leads the chain begins at opportunities.
    goal : float or Goals, optional
        Bookings wanted in the period, or a goal sheet that sets a target for them. None, or a sheet that sets none: as much as in
        the last period before that is over.
    during : Period or str
        The period; it may lie ahead.
    base : Period or str, optional
        Where conversion rates and deal sizes come from; None: the year that ended 90 days before the day of the book.
    where : mapping, optional
        Scope.
    seed : int
        Same seed, same answer.

    Returns
    -------
    LeadsNeededAnswer
        ``frame``: step (from leads to deals), went_on and entered (counts behind the rate; null for deals), rate, p10, p50, p90
        (whole numbers; null: cannot be told). P90 is enough in 9 of 10 simulated futures.

    Notes
    -----
    What the opportunities open now will still bring in the period is counted first: each by its age, as those of the same age were
    won before (`salestrack.stats.still_to_come`). The rest is to come from new leads; nothing is counted for what reps find without
    a lead. From opportunities to deals the rate is that of all created in the base period, those that never close included, with
    open ones kept as unfinished (`close_rate`), never the win rate of the closed. Rates and deal sizes are taken to stay as they
    were. A base period of which more than half lies before the record is refused. See `salestrack.stats.leads`.
    """
    period, scope = book.period(during), dict(where or {})
    young, base = base is None, book.period(base) if base else _mature_year(book)
    wanted, earlier = _goal_of(goal, scope), _last_over(book, period)
    steps = [*(_LEAD_STEPS if book.has("leads") else ()), _LAST_STEP]
    metrics = tuple(find_metric(name) for name in ("bookings", *(metric for _, metric in steps), "average_deal_size"))
    asked: list[tuple[str, Period | None]] = [("bookings", None), *((metric, None) for _, metric in steps)]
    asked += [("bookings", span) for span, counts in ((earlier, wanted is None), (period, period.start <= book.as_of)) if counts]
    why = next(filter(None, (untold(book, metric, span, scope) for metric, span in asked)), "")
    reason = say("leads-untold", {"why": why}) if why else _before_the_record(book, base)
    if reason := reason or ("" if wanted is not None else _no_yardstick(book, earlier, scope)):
        frame = _frame([name for name, _ in steps], [(0, 0)] * len(steps), LeadsNeeded(None, None, None))
        unknown = math.nan
        return LeadsNeededAnswer(
            book, metrics, period, scope, frame, (reason,), _table(book, frame, period),
            goal=unknown if wanted is None else wanted, booked=unknown, base=base, coming=(unknown, unknown, unknown),
            needed=LeadsNeeded(None, None, None), latest={},
        )  # fmt: skip
    goal = wanted if wanted is not None else measure(book, "bookings", during=earlier, where=scope).value() or 0.0
    booked = 0.0 if period.start > book.as_of else measure(book, "bookings", during=period, where=scope).value() or 0.0
    try:
        rates = measure(book, [metric for _, metric in steps], during=base, where=scope)
        counts = [_counts(rates, metric) for _, metric in steps]
    except PeriodError:
        if not young:
            raise
        # The book does not reach back to what is mature by now: no step is known.
        counts = [(0.0, 0.0)] * len(steps)
    sizes = deal_sizes(book, base, scope)
    coming = still_coming(book, period, scope, sizes, seed)
    needed = simulate_leads(goal - booked - coming, counts, sizes, seed=seed)
    frame = _frame([name for name, _ in steps], counts, needed)
    latest = _latest(book, period, base, scope) if book.has("leads") else {}
    low, middle, high = (float(each) for each in np.quantile(coming, [0.1, 0.5, 0.9]))
    sentences = _sentences(book, frame, needed, (goal, booked, low, middle, high), (period, base), latest)
    if wanted is None:
        sentences = (*sentences, say("leads-no-goal", {"earlier": str(earlier)}))
    spans = [span for span in ((period, earlier) if wanted is None else (period,)) if span.start <= book.as_of]
    sentences = (*sentences, *filter(None, (of_how_many(book, "bookings", span, scope) for span in spans)))
    return LeadsNeededAnswer(
        book, metrics, period, scope, frame, sentences, _table(book, frame, period),
        goal=goal, booked=booked, base=base, coming=(low, middle, high), needed=needed, latest=latest,
    )  # fmt: skip


def _last_over(book: Book, period: Period) -> Period:
    """Return the last period before one that is over, with all of its closes entered."""
    earlier = period.previous()
    while not is_over(book, find_metric("bookings"), earlier):
        earlier = earlier.previous()
    return earlier


def _no_yardstick(book: Book, earlier: Period, where: Mapping[str, object]) -> str:
    """Return that neither a goal is set nor anything was booked before to go by; empty where something was."""
    if earlier.end > (first_day(book, "opportunities", "close_date") or earlier.end):
        booked = measure(book, "bookings", during=earlier, where=where).value()
        return "" if booked is None or booked > 0 else say("leads-no-yardstick", {"earlier": str(earlier)})
    return ""


def _before_the_record(book: Book, base: Period) -> str:
    """Return that most of the base period lies before the record; empty where it does not."""
    firsts = [first_day(book, "opportunities", "created_date"), record_of_closes(book)]
    firsts += [first_day(book, "leads", "created_at")] if book.has("leads") else []
    first = max(filter(None, firsts), default=None)
    if first is None or (min(first, base.end) - base.start).days <= base.days / 2:
        return ""
    return say("leads-base-before-record", {"base": str(base), "day": formats.day(first)})


def _counts(rates: Measured, metric: str) -> tuple[float, float]:
    """Return how many went on of how many; nobody of nobody where the book cannot tell."""
    if metric in rates.absent:
        return 0, 0
    part, row = rates.parts[metric], rates[metric].frame.iloc[0]
    if isinstance(part.formula, Ratio):
        return int(part.frame["k"].fillna(0).iloc[0]), int(part.frame["n"].fillna(0).iloc[0])
    # Of a share with unfinished ones in it: the number of finished ones that would tell as much, at most all of them.
    return as_if_finished(row["value"], row["low"], row["high"], row["n"])


def _goal_of(goal: float | Goals | None, where: Mapping[str, object]) -> float | None:
    """Return the bookings wanted; of a sheet, its target for bookings in this scope."""
    if isinstance(goal, Goals):
        targets = (target for _, target in goal.targets if target.metric == "bookings" and dict(target.where) == dict(where))
        return next((float(target.target) for target in targets if target.target is not None), None)
    return goal


def _mature_year(book: Book) -> Period:
    end = book.as_of + timedelta(days=1 - MATURITY_DAYS)
    start = end - relativedelta(years=1)
    return Period(start, end, f"{start}/{end}", None, book.settings.fiscal_year_start)


def _latest(book: Book, period: Period, base: Period, where: Mapping[str, object]) -> dict[str, date]:
    """Return by when leads must come in, from the days between a lead and its won opportunity."""
    won = view(book, "opportunities", "close_date", (), where, base).table
    leads = book.table("leads").select(lead="opportunity_id", came_in="created_at")
    pairs = won.filter(won.won).inner_join(leads, won.opportunity_id == leads.lead)
    days = pairs.close_date.delta(pairs.came_in.cast("date"), unit="day")
    found = book.connection.to_pyarrow(
        pairs.aggregate(n=pairs.count(), p50=days.quantile(0.5), p90=days.quantile(0.9))
    ).to_pylist()[0]
    if not found["n"]:
        return {}
    return {name: period.last_day - timedelta(days=round(found[name])) for name in ("p50", "p90")}


def _frame(names: list[str], counts: list[tuple[float, float]], needed: LeadsNeeded) -> pd.DataFrame:
    nothing = [None] * (len(names) + 1)
    return pd.DataFrame(
        {
            "step": [*names, "deals"],
            "went_on": [*(k for k, _ in counts), None],
            "entered": [*(n for _, n in counts), None],
            "rate": [*(k / n if n else None for k, n in counts), None],
            **{p: nothing if getattr(needed, p) is None else getattr(needed, p) for p in ("p10", "p50", "p90")},
        }
    )


def _sentences(
    book: Book,
    frame: pd.DataFrame,
    needed: LeadsNeeded,
    money: tuple[float, ...],
    periods: tuple[Period, Period],
    latest: Mapping[str, date],
) -> tuple[str, ...]:
    goal, booked, *coming = money
    currency = book.settings.currency
    values: dict[str, object] = {
        "goal": formats.figure(goal, MONEY, currency),
        "booked": formats.figure(booked, MONEY, currency),
        "gap": formats.figure(goal - booked, MONEY, currency),
        **{f"coming_{p}": formats.figure(worth, MONEY, currency) for p, worth in zip(("p10", "p50", "p90"), coming, strict=True)},
        "period": str(periods[0]),
        "base": str(periods[1]),
        "step": mid_sentence(label_of(f"step_{frame['step'].iloc[0]}")),
    }
    if needed.reason:
        step = "" if needed.step is None else label_of(f"step_{frame['step'].iloc[needed.step]}")
        return (say(f"leads-{needed.reason.replace('_', '-')}", {**values, "step": step}),)
    if goal <= booked:
        return (say("leads-reached", values),)
    if is_over(book, find_metric("bookings"), periods[0]):
        return (say("leads-over", values),)
    first, last = frame.iloc[0], frame.iloc[-1]
    values |= {p: f"{first[p]:,.0f}" for p in ("p10", "p50", "p90")} | {"deals": f"{last['p50']:,.0f}"}
    values["more"] = "yes" if first["p90"] else "no"
    said = [say("leads-covered" if first["p50"] == 0 else "leads-needed", values)]
    if coming[-1] > 0:
        said.append(say("leads-coming", values))
    if latest and first["p90"]:
        said.append(say("leads-by-when", values | {p: formats.day(day) for p, day in latest.items()}))
    return (*said, say("leads-assumption", values))


def _table(book: Book, frame: pd.DataFrame, period: Period) -> Table:
    rows = frame.to_dict("records")

    def whole(value: float) -> str:
        return formats.DASH if pd.isna(value) else f"{value:,.0f}"

    columns = {
        (say("column-step"), ""): [label_of(f"step_{row['step']}") for row in rows],
        (say("column-rate"), ""): [formats.share(row["rate"], digits=1) for row in rows],
        (say("column-n"), ""): [whole(row["entered"]) for row in rows],
        **{(say(f"column-{p}"), ""): [whole(row[p]) for row in rows] for p in ("p10", "p50", "p90")},
    }
    return Table(pd.DataFrame(columns), say("leads-title", {"book": book.name, "period": str(period)}), "", 1)
