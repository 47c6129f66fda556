"""Slips: expected close dates that moved past the end of a month or a quarter, and what became of those opportunities."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.hours import interval_text, no_table, period_text
from salestrack.analyses.lives import watched
from salestrack.book import Book
from salestrack.columns import beyond_reach, view
from salestrack.definition import DAYS, MONEY, SHARE, find_metric
from salestrack.display import Table
from salestrack.grains import start_of
from salestrack.groups import outside
from salestrack.periods import Period
from salestrack.stats.intervals import MIN_N, share
from salestrack.stats.matched import matched_means
from salestrack.wording import label_of, say

MOVES = ("slipped_month", "slipped_quarter", "pulled_in_month", "pulled_in_quarter", "within_month")
"""How an expected close date can move: past the end of its month or quarter, before its beginning, or within its month."""
COLUMNS = ("move", "moves", "opportunities", "watched", "share", "low", "high", "amount", "days")


@dataclass(frozen=True, eq=False, repr=False)
class Slips(Answer):
    """How often close dates slip, and how slipped opportunities end.

    Parameters
    ----------
    outcomes : pandas.DataFrame
        Opportunities that closed in the period, by stage and by whether their date slipped past its month as they came to it, the
        first stage after a date was given: stage, slipped, won, closed, win_rate with low and high (Wilson).
    comparison : pandas.Series
        All stages together: mean (win rate of the slipped), other (that of the others, were they spread over the stages alike),
        difference with low and high, n, n_other and reason (``too_few`` or empty; then the limits are null), as
        `salestrack.stats.matched.matched_means` gives them. Empty where nothing can be compared.
    """

    outcomes: pd.DataFrame = field(kw_only=True)
    comparison: pd.Series = field(kw_only=True)


def slips(book: Book, *, during: Period | str | None = None, where: Mapping[str, object] | None = None) -> Slips:
    """Count the expected close dates that moved in a period, and hold the win rate of slipped opportunities against the others.

    Parameters
    ----------
    book : Book
        A book whose stage history records expected close dates.
    during : Period or str, optional
        In which the date was moved; for the win rates: in which the opportunity closed. None: all that the book holds.
    where : mapping, optional
        Scope, as in `measure`, read on the day of the book.

    Returns
    -------
    Slips
        ``frame``, a row for each of `MOVES`: move, moves, opportunities (moved so at least once), watched (open with an expected
        date on some day of the period), share (opportunities / watched) with low and high (Wilson), amount (of those
        opportunities, money), days (mean days moved; negative: earlier). Empty where the book cannot tell, with the reason.

    Notes
    -----
    A move is two successive expected dates of the history while the opportunity is open; what is recorded as it closes is no
    expectation. Whoever counts the slips of a whole life compares those that lived long with those that were lost before anything
    could slip, and finds that slipping goes with winning. So opportunities are compared at one moment, the first at which their
    date could move, and within the stage that they came to then. Of all periods together those count that were created long enough
    ago for 95 % of all wins to have come (`salestrack.analyses.lives.watched`): of the later ones the quick are decided, and a date
    that slips makes slow. Even so, the win rate goes with slipping; it need not come of it, nor are reps held apart.

    References
    ----------
    Suissa, S. (2008). Immortal time bias in pharmacoepidemiology. American Journal of Epidemiology 167, 492-499.
    """
    period, scope = None if during is None else book.period(during), dict(where or {})
    title = say("slips-title", {"book": book.name, "period": say("whole-book") if period is None else str(period)})
    reason = book.lacks("stage_history") or beyond_reach(book, "opportunities", scope)
    reason = reason or outside(book, tuple(find_metric(name) for name in ("created_opportunities", "win_rate")), period)
    told = None if reason else _told(book, scope)
    moves = None if told is None else _moves(book, told, period)
    frame = pd.DataFrame(columns=list(COLUMNS))
    if told is not None and moves is not None:
        frame = _counted(book, moves, _number_watched(book, told, period), period)
    if moves is not None and not (frame["watched"] > 0).any():
        reason, frame = _not_watched(book, period), frame.iloc[:0]
    outcomes = _outcomes(book, None if reason else moves, period, scope)
    comparison = _comparison(outcomes)
    metrics = tuple(find_metric(name) for name in ("win_rate",))
    return Slips(
        book, metrics, period, scope, frame,
        (reason,) if reason else tuple(_sentences(book, frame, comparison)),
        no_table(title) if reason else _table(book, frame, title),
        outcomes=outcomes, comparison=comparison,
    )  # fmt: skip


def _not_watched(book: Book, period: Period | None) -> str:
    """Return that no history tells an expected date, or that none was open with one in this period and scope."""
    told = book.fetch_row(_told(book, {}).aggregate(n=ibis._.count()))["n"]
    return say("slips-none-watched" if told else "slips-no-dates", {"period": period_text(period)})


def _told(book: Book, where: Mapping[str, object]) -> ir.Table:
    """Return the rows of the history that tell an expected date."""
    history = book.table("stage_history")
    if where:
        history = history.semi_join(view(book, "opportunities", None, (), where).table, "opportunity_id")
    names = book.settings.named("open")
    number = ibis.cases(*((history.stage == name, i) for i, name in enumerate(names)), else_=-1)
    told = history.mutate(number=number, day=history.entered_at.date())
    return told.filter(told.number >= 0, told.close_date.notnull())


def _moves(book: Book, told: ir.Table, period: Period | None) -> ir.Table:
    """Return every expected date with the one before it, and what kind of move it is.

    With a period only those of opportunities of which a date was told in it, or that closed in it: no other is counted.
    """
    if period is not None:
        now = told.filter(told.day >= period.start, told.day < period.end).select("opportunity_id")
        closed = view(book, "opportunities", "close_date", (), {}, period).table
        asked = ibis.union(now, closed.filter(closed.closed).select("opportunity_id"))
        told = told.semi_join(asked, "opportunity_id")
    order = ibis.window(group_by="opportunity_id", order_by=["entered_at", "number"])
    one = told.mutate(earlier=told.close_date.lag().over(order), review=ibis.row_number().over(order))
    first = book.settings.fiscal_year_start

    def unit(day: ir.Value, grain: str) -> ir.Value:
        return start_of(day, grain, first)

    kinds = {}
    for grain, cut in (("month", "month"), ("quarter", "fiscal_quarter")):
        now, then = unit(one.close_date, cut), unit(one.earlier, cut)
        kinds[f"slipped_{grain}"] = (now > then).fill_null(False)
        kinds[f"pulled_in_{grain}"] = (now < then).fill_null(False)
    moved = (one.close_date != one.earlier).fill_null(False)
    kinds["within_month"] = moved & ~kinds["slipped_month"] & ~kinds["pulled_in_month"]
    days = one.close_date.delta(one.earlier, unit="day")
    return one.select("opportunity_id", "stage", "day", "review", days=days, **{name: kinds[name] for name in MOVES})


def _counted(book: Book, moves: ir.Table, watched: int, period: Period | None) -> pd.DataFrame:
    inside = moves if period is None else moves.filter(moves.day >= period.start, moves.day < period.end)
    per = inside.group_by("opportunity_id").aggregate(
        **{f"n_{name}": inside[name].sum() for name in MOVES},
        **{f"days_{name}": inside.days.sum(where=inside[name]) for name in MOVES},
    )
    now = book.table("opportunities").select(key="opportunity_id", amount="amount")
    per = per.left_join(now, per.opportunity_id == now.key)
    asked: dict[str, ir.Value] = {}
    for name in MOVES:
        moved = per[f"n_{name}"] > 0
        asked |= {
            f"moves_{name}": per[f"n_{name}"].sum(),
            f"opportunities_{name}": moved.sum(),
            f"amount_{name}": per.amount.sum(where=moved),
            f"days_{name}": per[f"days_{name}"].sum(),
        }
    found = pd.Series(book.fetch_row(per.aggregate(**asked))).fillna(0.0).astype(float)
    rows = pd.DataFrame(
        {what: [found[f"{what}_{name}"] for name in MOVES] for what in ("moves", "opportunities", "amount", "days")}
    )
    told = share(rows["opportunities"], np.full(len(rows), watched))
    days = rows["days"] / rows["moves"].where(rows["moves"] > 0)
    made = rows.assign(move=MOVES, watched=watched, share=told.value, low=told.low, high=told.high, days=days)
    return made.astype({"moves": "int64", "opportunities": "int64"})[list(COLUMNS)]


def _number_watched(book: Book, told: ir.Table, period: Period | None) -> int:
    """Count the opportunities that were open with an expected date on some day of the period."""
    one = book.table("opportunities")
    if period is not None:
        told = told.filter(told.day < period.end)
        one = one.filter(~one.closed | (one.close_date >= period.start).fill_null(True))
    watched = told.semi_join(one, "opportunity_id")
    return int(book.fetch_row(watched.aggregate(n=watched.opportunity_id.nunique()))["n"])


def _outcomes(book: Book, moves: ir.Table | None, period: Period | None, where: Mapping[str, object]) -> pd.DataFrame:
    """Count won and closed opportunities by what became of their date when it could first move."""
    ladder = ["pipeline"] if book.settings.pipelines else []
    columns = [*ladder, "stage", "slipped", "won", "closed", "win_rate", "low", "high"]
    if moves is None:
        return pd.DataFrame(columns=columns)
    first = moves.filter(moves.review == 1).select("opportunity_id", reviewed_in="stage", slipped="slipped_month")
    closed = view(book, "opportunities", "close_date", (), where, period).table
    if period is None:
        every = view(book, "opportunities", None, (), where).table
        late = closed.created_date > book.as_of - timedelta(days=watched(book, every).watched)
        closed = closed.filter(~late.fill_null(False))
    closed = closed.filter(closed.closed).inner_join(first, "opportunity_id")
    counts = closed.group_by([*ladder, "reviewed_in", "slipped"]).aggregate(won=closed.won.sum(), closed=closed.count())
    found = book.fetch(counts).rename(columns={"reviewed_in": "stage"}).astype({"won": "int64", "closed": "int64"})
    order = {name: number for number, name in enumerate(book.settings.named("open"))}
    keys = [*ladder, "stage", "slipped"]
    found = found.sort_values(keys, key=lambda c: c.map(order) if c.name == "stage" else c, ignore_index=True)
    rate = share(found["won"], found["closed"])
    return found.assign(win_rate=rate.value, low=rate.low, high=rate.high)[columns]


def _comparison(outcomes: pd.DataFrame) -> pd.Series:
    """Hold the slipped against the others of the same stages, of the same process where there are several."""
    keys = [name for name in ("pipeline", "stage") if name in outcomes]
    sums = outcomes.assign(n=outcomes["closed"], s1=outcomes["won"], s2=outcomes["won"])[[*keys, "slipped", "n", "s1", "s2"]]
    slipped, others = (sums[sums["slipped"] == which].drop(columns="slipped") for which in (True, False))
    both = slipped.merge(others, on=keys, suffixes=("", "_other"))
    return pd.Series(dtype=object) if both.empty else matched_means(both.assign(what="won"), ["what"]).iloc[0].drop("what")


def _sentences(book: Book, frame: pd.DataFrame, comparison: pd.Series) -> list[str]:
    rows = {row["move"]: row for row in frame.to_dict("records")}
    month, quarter, pulled = (rows[name] for name in ("slipped_month", "slipped_quarter", "pulled_in_month"))
    slipped = {
        "n": f"{month['opportunities']:,}",
        "watched": f"{month['watched']:,}",
        "moves": month["moves"],
        "share": formats.share(month["share"], digits=1),
        "interval": interval_text(month["low"], month["high"]),
        "amount": formats.figure(month["amount"], MONEY, book.settings.currency),
    }
    further = {
        "n": f"{quarter['opportunities']:,}",
        "share": formats.share(quarter["share"], digits=1),
        "pulled": f"{pulled['opportunities']:,}",
        "pulled_share": formats.share(pulled["share"], digits=1),
    }
    return [say("slips", slipped), say("slips-quarter", further), _compared(comparison)]


def _compared(comparison: pd.Series) -> str:
    """Say what slipping goes with."""
    if comparison.empty or comparison["reason"]:
        return say("slips-too-few", {"least": MIN_N})
    low, high = comparison["low"], comparison["high"]
    values = {
        "word": "lower" if high < 0 else "higher" if low > 0 else "cannot_tell",
        "slipped": formats.share(comparison["mean"], digits=1),
        "others": formats.share(comparison["other"], digits=1),
        "n": f"{comparison['n']:,}",
        "n_others": f"{comparison['n_other']:,}",
        "interval": say("interval", {"low": formats.change(low, SHARE, ""), "high": formats.change(high, SHARE, "")}),
    }
    return say("slips-outcome", values)


def _table(book: Book, frame: pd.DataFrame, title: str) -> Table:
    rows = frame.to_dict("records")
    texts = {
        (say("slips-move"), ""): [label_of(f"move-{row['move']}") for row in rows],
        (say("slips-moves"), ""): [f"{row['moves']:,}" for row in rows],
        (label_of("step_opportunities"), ""): [f"{row['opportunities']:,}" for row in rows],
        (say("slips-share"), ""): [formats.share(row["share"], digits=1) for row in rows],
        (say("column-interval", {"confidence": "95%"}), ""): [interval_text(row["low"], row["high"]) for row in rows],
        (label_of("amount"), ""): [formats.figure(row["amount"], MONEY, book.settings.currency) for row in rows],
        (say("slips-days"), ""): [formats.change(row["days"], DAYS, "") for row in rows],
    }
    return Table(pd.DataFrame(texts), title, say("slips-note"), 1)
