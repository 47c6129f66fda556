"""Slips: expected close dates that moved past the end of a month or a quarter, and what became of those opportunities."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.hours import interval_text, no_table
from salestrack.book import Book
from salestrack.columns import beyond_reach, view
from salestrack.definition import DAYS, MONEY, find_metric
from salestrack.display import Table
from salestrack.grains import start_of
from salestrack.periods import Period
from salestrack.stats.compare import difference
from salestrack.stats.intervals import MIN_N, Interval, share
from salestrack.wording import label_of, say

MOVES = ("slipped_month", "slipped_quarter", "pulled_in_month", "pulled_in_quarter", "within_month")
"""How an expected close date can move: past the end of its month or quarter, before its beginning, or within its month."""
GROUPS = ("never", "once", "more")
"""How often an opportunity had slipped past a month's end before it closed."""
COLUMNS = ("move", "moves", "opportunities", "watched", "share", "low", "high", "amount", "days")


@dataclass(frozen=True, eq=False, repr=False)
class Slips(Answer):
    """How often close dates slip, and how slipped opportunities end.

    Parameters
    ----------
    outcomes : pandas.DataFrame
        A row for each of `GROUPS` and one for all that ``slipped``: slipped, won, closed (in the period, with an expected date on
        record), win_rate with low and high (Wilson; null: nothing closed).
    difference : Interval
        Win rate of the slipped less that of the others, with its limits; null where one of the two has fewer than 10.
    """

    outcomes: pd.DataFrame = field(kw_only=True)
    difference: Interval = field(kw_only=True)


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
    expectation. The win rates go with slipping and are not caused by it: an opportunity that lives long has more time to slip.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: comparison of eleven methods.
    Statistics in Medicine 17, 873-890.
    """
    period, scope = None if during is None else book.period(during), dict(where or {})
    title = say("slips-title", {"book": book.name, "period": say("whole-book") if period is None else str(period)})
    reason = book.lacks("stage_history") or beyond_reach(book, "opportunities", scope)
    moves = None if reason else _moves(book, scope)
    frame = pd.DataFrame(columns=list(COLUMNS)) if moves is None else _counted(book, moves, period)
    if moves is not None and not (frame["watched"] > 0).any():
        reason, frame = say("slips-no-dates"), frame.iloc[:0]
    outcomes = _outcomes(book, None if reason else moves, period, scope)
    gap = _gap(outcomes)
    metrics = tuple(find_metric(name) for name in ("win_rate",))
    return Slips(
        book, metrics, period, scope, frame,
        (reason,) if reason else tuple(_sentences(book, frame, outcomes, gap)),
        no_table(title) if reason else _table(book, frame, title),
        outcomes=outcomes, difference=gap,
    )  # fmt: skip


def _moves(book: Book, where: Mapping[str, object]) -> ir.Table:
    """Return every expected date of the history with the one before it, and what kind of move it is."""
    history = book.table("stage_history")
    if where:
        history = history.semi_join(view(book, "opportunities", None, (), where).table, "opportunity_id")
    names = book.settings.named("open")
    number = ibis.cases(*((history.stage == name, i) for i, name in enumerate(names)), else_=-1)
    told = history.mutate(number=number)
    told = told.filter(told.number >= 0, told.close_date.notnull())
    order = ibis.window(group_by="opportunity_id", order_by=["entered_at", "number"])
    one = told.mutate(earlier=told.close_date.lag().over(order), day=told.entered_at.date())
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
    return one.select("opportunity_id", "day", "amount", days=days, **{name: kinds[name] for name in MOVES})


def _counted(book: Book, moves: ir.Table, period: Period | None) -> pd.DataFrame:
    inside = moves if period is None else moves.filter(moves.day >= period.start, moves.day < period.end)
    per = inside.group_by("opportunity_id").aggregate(
        **{f"n_{name}": inside[name].sum() for name in MOVES},
        **{f"days_{name}": inside.days.sum(where=inside[name]) for name in MOVES},
    )
    now = book.table("opportunities").select(key="opportunity_id", amount="amount")
    per = per.left_join(now, per.opportunity_id == now.key)
    asked = {}
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
    watched = _watched(book, moves, period)
    told = share(rows["opportunities"], np.full(len(rows), watched))
    days = rows["days"] / rows["moves"].where(rows["moves"] > 0)
    made = rows.assign(move=MOVES, watched=watched, share=told.value, low=told.low, high=told.high, days=days)
    return made.astype({"moves": "int64", "opportunities": "int64"})[list(COLUMNS)]


def _watched(book: Book, moves: ir.Table, period: Period | None) -> int:
    """Count the opportunities that were open with an expected date on some day of the period."""
    first = moves.group_by("opportunity_id").aggregate(since=moves.day.min())
    one = first.inner_join(book.table("opportunities").select("opportunity_id", "closed", "close_date"), "opportunity_id")
    if period is not None:
        one = one.filter(one.since < period.end, ~one.closed | (one.close_date >= period.start).fill_null(True))
    return int(book.fetch_row(one.aggregate(n=one.count()))["n"])


def _outcomes(book: Book, moves: ir.Table | None, period: Period | None, where: Mapping[str, object]) -> pd.DataFrame:
    """Count won and closed opportunities by how often they had slipped past a month's end."""
    columns = ["slipped", "won", "closed", "win_rate", "low", "high"]
    if moves is None:
        return pd.DataFrame(columns=columns)
    slipped = moves.group_by("opportunity_id").aggregate(times=moves.slipped_month.sum())
    closed = view(book, "opportunities", "close_date", (), where, period).table
    closed = closed.filter(closed.closed).inner_join(slipped, "opportunity_id")
    group = ibis.cases((closed.times == 0, "never"), (closed.times == 1, "once"), else_="more")
    counts = closed.mutate(slipped=group).group_by("slipped").aggregate(won=ibis._.won.sum(), closed=ibis._.count())
    found = book.fetch(counts).set_index("slipped").reindex(list(GROUPS), fill_value=0).astype("int64")
    found.loc["slipped"] = found.loc[["once", "more"]].sum()
    rate = share(found["won"], found["closed"])
    made = found.assign(win_rate=rate.value, low=rate.low, high=rate.high).rename_axis("slipped").reset_index()
    return made[columns]


def _gap(outcomes: pd.DataFrame) -> Interval:
    rows = outcomes.set_index("slipped")
    if rows.empty or rows.loc[["slipped", "never"], "closed"].min() < MIN_N:
        return Interval(np.nan, np.nan, np.nan)
    slipped, never = (Interval(*rows.loc[name, ["win_rate", "low", "high"]].astype(float)) for name in ("slipped", "never"))
    return difference(slipped, never)


def _sentences(book: Book, frame: pd.DataFrame, outcomes: pd.DataFrame, gap: Interval) -> list[str]:
    rows, ends = frame.set_index("move"), outcomes.set_index("slipped")
    month, quarter, pulled = (rows.loc[name] for name in ("slipped_month", "slipped_quarter", "pulled_in_month"))
    said = [
        say("slips", {
            "n": f"{month['opportunities']:,}", "watched": f"{month['watched']:,}", "moves": f"{month['moves']:,}",
            "share": formats.share(month["share"], digits=1), "interval": interval_text(month["low"], month["high"]),
            "amount": formats.figure(month["amount"], MONEY, book.settings.currency),
        }),
        say("slips-quarter", {
            "n": f"{quarter['opportunities']:,}", "share": formats.share(quarter["share"], digits=1),
            "pulled": f"{pulled['opportunities']:,}", "pulled_share": formats.share(pulled["share"], digits=1),
        }),
    ]  # fmt: skip
    values = {
        f"{name}_{what}": formats.share(ends.loc[name, "win_rate"], digits=1) if what == "rate" else f"{ends.loc[name, 'closed']:,}"
        for name in ("slipped", "never")
        for what in ("rate", "n")
    }
    if np.isnan(gap.value):
        return [*said, say("slips-too-few", values | {"least": MIN_N})]
    word = "lower" if gap.high < 0 else "higher" if gap.low > 0 else "cannot_tell"
    limits = {"low": formats.share(gap.low, digits=1), "high": formats.share(gap.high, digits=1)}
    return [*said, say("slips-outcome", values | {"word": word, "interval": say("interval", limits)})]


def _table(book: Book, frame: pd.DataFrame, title: str) -> Table:
    rows = frame.to_dict("records")
    texts = {
        (say("slips-move"), ""): [label_of(f"move-{row['move']}") for row in rows],
        (say("slips-moves"), ""): [f"{row['moves']:,}" for row in rows],
        (label_of("open_opportunities"), ""): [f"{row['opportunities']:,}" for row in rows],
        (say("slips-share"), ""): [formats.share(row["share"], digits=1) for row in rows],
        (say("column-interval", {"confidence": "95%"}), ""): [interval_text(row["low"], row["high"]) for row in rows],
        (label_of("amount"), ""): [formats.figure(row["amount"], MONEY, book.settings.currency) for row in rows],
        (say("slips-days"), ""): [formats.change(row["days"], DAYS, "") for row in rows],
    }
    return Table(pd.DataFrame(texts), title, say("slips-note"), 1)
