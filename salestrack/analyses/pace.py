"""Pace: where a period stands on its day, and where the past ones stood on the same day, rebuilt from history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.coverage import of_how_many, untold
from salestrack.analyses.hours import no_table
from salestrack.as_of import opportunities_on
from salestrack.book import Book
from salestrack.columns import beyond_reach, view
from salestrack.definition import MONEY, find_metric
from salestrack.display import Table
from salestrack.entered_late import as_entered, complete_until, entered_days, told_late
from salestrack.errors import PeriodError
from salestrack.groups import first_day
from salestrack.passages import history_records
from salestrack.periods import Period
from salestrack.recorded import no_amounts
from salestrack.wording import label_of, say

PAST = 8
"""Past periods to hold the current one against."""
FEWEST = 3
"""Fewer past periods than these are no comparison."""
COLUMNS = ("period", "day", "current", "booked", "won", "created", "due", "final", "share_of_final")
CURVE = ("period", "current", "day_number", "booked")


@dataclass(frozen=True, eq=False, repr=False)
class Pace(Answer):
    """A period on its day, and the past ones on the same day.

    Parameters
    ----------
    curves : pandas.DataFrame
        Bookings day by day: period, current, day_number (1: the first day), booked (since the period began).
    day_number : int
        The day of the period that is compared, counted from 1.
    """

    curves: pd.DataFrame = field(kw_only=True)
    day_number: int = field(kw_only=True)


def pace(book: Book, *, during: Period | str, where: Mapping[str, object] | None = None, past: int = PAST) -> Pace:
    """Hold a period on the day of the book (or on its last day) against the same day of past periods.

    Parameters
    ----------
    book : Book
        A book.
    during : Period or str
        The period; running or over.
    where : mapping, optional
        Scope, as in `measure`, read on the day of the book.
    past : int
        How many periods of the same kind to look back, as far as the book reaches.

    Returns
    -------
    Pace
        ``frame``, a row for each period, oldest first: period, day (the same day of it), current, booked and won (bookings and
        wins until that day), created (amount of the opportunities created until then, as known now), due (open then and expected
        to close in the period; null: no stage history), final (bookings of the whole period; null: not over) and share_of_final
        (booked / final; null: nothing, or not over). Empty where the scope is beyond the book, or it has no amounts.

    Raises
    ------
    PeriodError
        The period begins after the day of the book.

    Notes
    -----
    The same day is the same number of days after the period began; of a shorter period the last day stands in. Where closes are
    entered late and the period is not complete yet, every period is read as it was known on its day: booked, won and due count a
    close from the day on which it was entered. If a period is
    like the past ones, it lies beyond all m of them on one side with probability 1 / (m + 1) each.
    """
    period, scope = book.period(during), dict(where or {})
    if period.start > book.as_of:
        raise PeriodError(f"The period {period} begins on {period.start}, after the day of the book ({book.as_of}).")
    passed = (min(book.as_of, period.last_day) - period.start).days
    title = say("pace-title", {"book": book.name, "period": str(period), "day": passed + 1, "days": period.days})
    metrics = tuple(find_metric(name) for name in ("bookings", "won_opportunities", "pipeline_created", "pipeline"))
    if reason := beyond_reach(book, "opportunities", scope) or no_amounts(book) or untold(book, "bookings", period, scope):
        nothing, curves = pd.DataFrame(columns=list(COLUMNS)), pd.DataFrame(columns=list(CURVE))
        return Pace(book, metrics, period, scope, nothing, (reason,), no_table(title), curves=curves, day_number=passed + 1)
    periods = [*_past(book, period, past), period]
    # Of the last days not all closes are entered yet: then the past periods are read as they were known on the day, too.
    late = min(book.as_of, period.last_day) > complete_until(book)
    daily = _daily(book, periods, scope, late)
    frame = pd.DataFrame([_row(book, each, passed, period, daily) for each in periods])
    frame["due"] = _due(as_entered(book) if late else book, frame["day"].tolist(), periods, scope)
    curves = pd.concat([_curve(book, each, each == period, daily) for each in periods], ignore_index=True)
    sentences = (*_sentences(book, frame[list(COLUMNS)], passed + 1, period), *(told_late(book, "pace-late") if late else ()))
    sentences = (*sentences, *filter(None, [of_how_many(book, "bookings", period, scope)]))
    return Pace(
        book, metrics, period, scope, frame[list(COLUMNS)], sentences, _table(book, frame, title),
        curves=curves, day_number=passed + 1,
    )  # fmt: skip


def _past(book: Book, period: Period, most: int) -> list[Period]:
    """Return the periods before that lie wholly within what the book records as closed, oldest first."""
    first = first_day(book, "opportunities", "close_date")
    found: list[Period] = []
    while len(found) < most and first and (earlier := (found or [period])[-1].previous()).start >= first:
        found.append(earlier)
    return found[::-1]


@dataclass(frozen=True)
class _Daily:
    """Wins by the day on which they closed and that on which they are counted (day, counted, booked, won); created by day."""

    won: pd.DataFrame
    created: pd.Series

    def until(self, period: Period, day: date) -> pd.Series:
        """Return what of a period had been booked by a day."""
        inside = self.won["day"].between(period.start, period.last_day) & (self.won["counted"] <= day)
        return self.won.loc[inside, ["booked", "won"]].sum()


def _daily(book: Book, periods: list[Period], where: Mapping[str, object], late: bool) -> _Daily:
    """Return amounts and counts by day; `late`: a win is counted on the day on which its close was entered, null: not yet."""
    span = Period(periods[0].start, periods[-1].end, "span")
    won = view(book, "opportunities", "close_date", (), where, span).table
    won = won.filter(won.won)
    if late:
        entered = entered_days(book)
        won = won.left_join(entered, won.opportunity_id == entered.opportunity_id, rname="{name}_entered")
    won = won.group_by(day=won.close_date, counted=won.entered_on if late else won.close_date)
    made = view(book, "opportunities", "created_date", (), where, span).table
    made = book.fetch(made.group_by(day="created_date").aggregate(created=ibis._.amount.sum()))
    found = book.fetch(won.aggregate(booked=ibis._.amount.sum().fill_null(0.0), won=ibis._.count()))
    days = {name: pd.to_datetime(found[name]).dt.date for name in ("day", "counted")}
    # What is not entered yet is counted on no day.
    found = found.assign(day=days["day"], counted=days["counted"].fillna(date.max))
    return _Daily(found, made.set_index("day")["created"].fillna(0.0).astype(float).sort_index())


def _row(book: Book, each: Period, passed: int, period: Period, daily: _Daily) -> dict[str, object]:
    day = min(each.start + timedelta(days=passed), each.last_day)
    until, over = daily.until(each, day), each.last_day <= book.as_of
    final = float(daily.until(each, date.max)["booked"]) if over else np.nan
    return {
        "period": str(each), "day": day, "current": each == period, "booked": float(until["booked"]), "won": int(until["won"]),
        "created": float(daily.created.loc[each.start : day].sum()), "final": final,
        "share_of_final": until["booked"] / final if over and final > 0 else np.nan,
    }  # fmt: skip


def _due(book: Book, days: list[date], periods: list[Period], where: Mapping[str, object]) -> list[float]:
    """Return what was open on each day and expected to close within its period; null without a stage history."""
    found = []
    scope = view(book, "opportunities", None, (), where).table if where else None
    for day, period in zip(days, periods, strict=True):
        if day < book.as_of and (book.lacks("stage_history") or not history_records(book, "close_date")):
            found.append(np.nan)
            continue
        one = opportunities_on(book, day, closing_after=day)
        one = one if scope is None else one.semi_join(scope, "opportunity_id")
        due = one.open & (one.close_date >= period.start) & (one.close_date < period.end)
        found.append(float(book.fetch_row(one.aggregate(due=one.amount.sum(where=due)))["due"] or 0.0))
    return found


def _curve(book: Book, each: Period, current: bool, daily: _Daily) -> pd.DataFrame:
    last = min(each.last_day, book.as_of)
    inside = daily.won[daily.won["day"].between(each.start, last) & (daily.won["counted"] <= last)]
    by_day = inside.groupby("counted")["booked"].sum().reindex(pd.date_range(each.start, last).date, fill_value=0.0)
    booked = by_day.astype(float).cumsum().to_numpy()
    made = {"period": str(each), "current": current, "day_number": np.arange(1, len(booked) + 1), "booked": booked}
    return pd.DataFrame(made)


def _sentences(book: Book, frame: pd.DataFrame, number: int, period: Period) -> list[str]:
    currency = book.settings.currency
    now, earlier = frame[frame["current"]].iloc[0], frame[~frame["current"]]

    def money(value: float) -> str:
        return formats.figure(value, MONEY, currency)

    values: dict[str, object] = {
        "day": number, "days": period.days, "period": str(period), "booked": money(now["booked"]), "won": f"{now['won']:,}",
        "past": len(earlier), "least": FEWEST,
    }  # fmt: skip
    if len(earlier) < FEWEST:
        return [say("pace-too-few", values)]
    below = int((earlier["booked"] < now["booked"]).sum())
    above = int((earlier["booked"] > now["booked"]).sum())
    place = "ahead" if below == len(earlier) else "behind" if above == len(earlier) else "within"
    values |= {
        "place": place, "below": below, "low": money(earlier["booked"].min()), "high": money(earlier["booked"].max()),
        "median": money(earlier["booked"].median()), "chance": len(earlier) + 1,
    }  # fmt: skip
    said = [say("pace", values)]
    reached = earlier["share_of_final"].dropna()
    if len(reached) >= FEWEST and pd.isna(now["final"]):
        shares = {"share": reached.median(), "share_low": reached.min(), "share_high": reached.max()}
        said.append(say("pace-reached", values | {name: formats.share(value) for name, value in shares.items()}))
    if earlier["due"].notna().all():
        dues = {"due": now["due"], "due_median": earlier["due"].median(), "due_low": earlier["due"].min()}
        dues["due_high"] = earlier["due"].max()
        said.append(say("pace-due", values | {name: money(value) for name, value in dues.items()}))
    elif reason := book.lacks("stage_history"):
        said.append(reason)
    else:
        said.append(say("pace-no-dates"))
    return said


def _table(book: Book, frame: pd.DataFrame, title: str) -> Table:
    rows = frame.to_dict("records")
    texts: dict[tuple[str, str], list[str]] = {
        (say("pace-period"), ""): [row["period"] for row in rows],
        (say("pace-day"), ""): [formats.day(row["day"]) for row in rows],
    }
    for name in ("booked", "created", "due", "final"):
        texts[label_of(f"pace-{name}"), ""] = [formats.figure(row[name], MONEY, book.settings.currency) for row in rows]
    texts[label_of("won_opportunities"), ""] = [f"{row['won']:,}" for row in rows]
    texts[label_of("pace-share-of-final"), ""] = [formats.share(row["share_of_final"]) for row in rows]
    return Table(pd.DataFrame(texts), title, "", 1)
