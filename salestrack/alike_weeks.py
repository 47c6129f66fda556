"""How alike the weeks of one rep are: a deal fills many of them, so they say less about the rep than as many independent weeks."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from salestrack.book import Book
from salestrack.columns import view
from salestrack.formula import Mean, Ratio
from salestrack.stats.limits import MIN_N

_DAYS = 7
_UNKNOWN_WEEKS = 13
_FEWEST_WEEKS, _MOST_WEEKS = 4, 52
_SPANS = 0.9


def weeks_of_a_deal(book: Book, where: Mapping[str, object] | None = None) -> int:
    """Return for how many weeks work on an opportunity of a scope goes on, in nine of ten; 0: fewer than 10 have two activities."""
    done = view(book, "activities", None, (), where).table
    done = done.filter(done.opportunity_id.notnull()).mutate(day=done.started_at.date())
    spans = done.group_by("opportunity_id").aggregate(n=done.count(), first=done.day.min(), last=done.day.max())
    spans = spans.filter(spans.n > 1).mutate(weeks=(spans["last"].delta(spans["first"], unit="day") // _DAYS + 1).cast("int64"))
    counts = book.fetch(spans.group_by("weeks").aggregate(n=spans.count())).sort_values("weeks")
    if counts["n"].sum() < MIN_N:
        return 0
    reached = counts["n"].cumsum() >= _SPANS * counts["n"].sum()
    return int(counts.loc[reached, "weeks"].iloc[0])


def settled(book: Book, rows: ir.Table, weeks: int) -> ir.Table:
    """Add ``settled``: the activity is no earlier than so many weeks after the first that the book has of its rep.

    The first weeks of a rep, or of the record, are those in which the deals to work on are still to come.
    """
    if not weeks:
        return rows.mutate(settled=ibis.literal(True))
    done = book.table("activities")
    first = done.group_by(_rep="rep_id").aggregate(_first=done.started_at.date().min())
    joined = rows.left_join(first, rows.rep_id == first["_rep"])
    since = joined.started_at.date().delta(joined["_first"], unit="day")
    return joined.mutate(settled=(since >= weeks * _DAYS).fill_null(True)).drop("_rep", "_first")


def dependence(book: Book, x: ir.Table, spread: Mapping[Any, float], deal: int, *, shares: bool = False) -> dict[Any, float]:
    """Return for each kind how many times the variance of a rep's mean is that of as many independent weeks (or days), at least 1.

    Parameters
    ----------
    book : Book
        The book.
    x : ibis table
        Activities of the whole record: rep_id, started_at, key_1 (kind), key_2 (week or day), x, settled.
    spread : mapping of kind to float
        Variance of x between single weeks (or days) of all reps.
    deal : int
        Weeks for which work on one opportunity goes on; 0: unknown.
    shares : bool
        Asked is the share of a kind in all x: what is beyond that share of the rep's x is held against that of the others.

    Notes
    -----
    The record is cut into blocks of twice a deal's weeks (13 weeks where that is unknown). A rep's mean in a block is held against
    the mean of the others in the same block, so that seasons and growth are not taken for reps; what then varies between the
    blocks of one rep, pooled over reps, is the variance of a mean of so many weeks (batch means).

    References
    ----------
    Alexopoulos, C., & Seila, A. F. (1996). Implementing the batch means method in simulation experiments. Proceedings of the 1996
    Winter Simulation Conference, 214-221.
    """
    weeks = int(np.clip(2 * deal, _FEWEST_WEEKS, _MOST_WEEKS)) if deal else _UNKNOWN_WEEKS
    age = ibis.literal(book.as_of).delta(x.started_at.date(), unit="day")
    rows = x.filter(x.settled, x.rep_id.notnull()).mutate(block=(age // (weeks * _DAYS)).cast("int64"))
    units = book.fetch(rows.group_by(["rep_id", "block"]).aggregate(units=rows.key_2.nunique()))
    sums = book.fetch(rows.group_by(["rep_id", "block", "key_1"]).aggregate(x=rows.x.sum()))
    # A block of which a rep was there for less than half says little.
    units = units[units["units"] >= units["units"].max() / 2]
    whole = sums.groupby(["rep_id", "block"])["x"].sum().rename("whole").reset_index()
    found = {}
    for kind in spread:
        own = sums[sums["key_1"].isna() if pd.isna(kind) else sums["key_1"] == kind]
        blocks = units.merge(own, how="left", on=["rep_id", "block"]).fillna({"x": 0.0})
        if shares:
            blocks = blocks.merge(whole, how="left", on=["rep_id", "block"])
            blocks["x"] -= own["x"].sum() / whole["whole"].sum() * blocks["whole"]
        found[kind] = _times(blocks.assign(mean=blocks["x"] / blocks["units"]), spread[kind])
    return found


@lru_cache(maxsize=128)
def of_a_figure(book: Book, function: Callable[..., object]) -> float:
    """Return how many times a share or mean of activities varies more than one of as many independent activities, at least 1.

    Parameters
    ----------
    book : Book
        The book: it is a fact of its whole record, whatever scope or period a figure has.
    function : callable
        Of a metric of activities alone.

    Notes
    -----
    With R the figure of the whole record, x - R y of each activity (x - R of a mean) has mean 0; its sum over a rep's weeks is
    held against what independent activities would make of it (`dependence`), so both what a week and what many weeks have in common
    counts.

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques (3rd ed.), sections 6.3 and 9.6. Wiley.
    """
    rows = _weeks(book)
    formula = function(rows)
    if not isinstance(formula, Mean | Ratio):
        return 1.0
    x, y = (
        _number(each, formula.where) for each in (formula.of, formula.over if isinstance(formula, Ratio) else formula.of.notnull())
    )
    rows = rows.mutate(of=x, over=y).filter(ibis._.over.notnull())
    sums = book.fetch_row(rows.aggregate(of=rows.of.sum(), over=rows.over.sum()))
    if not sums["of"] or not sums["over"]:
        return 1.0
    deal = weeks_of_a_deal(book)
    rows = settled(
        book, rows.mutate(x=rows.of.fill_null(0.0) - sums["of"] / sums["over"] * rows.over, key_1=ibis.literal("all")), deal
    )
    late = rows.filter(rows.settled, rows.rep_id.notnull())
    alone = late.group_by(["rep_id", "key_2"]).aggregate(squares=(late.x * late.x).sum())
    spread = book.fetch_row(alone.aggregate(x=alone.squares.mean()))["x"]
    return dependence(book, rows, {"all": float(spread or 0.0)}, deal)["all"]


@lru_cache(maxsize=128)
def of_shares(book: Book, kind: str, unit: str, without: str = "") -> dict[Any, float]:
    """Return for each kind how many times its share of a rep's hours varies more than over independent weeks (or days).

    Parameters
    ----------
    book : Book
        The book: it is a fact of its whole record.
    kind, unit : str
        Column of the kinds; ``week`` or ``day``.
    without : str
        Key of a rep who is asked about: a change of his or her own is no chance to be held against it.
    """
    at = view(book, "activities", "started_at", (kind, unit))
    deal = weeks_of_a_deal(book)
    rows = settled(
        book, at.table.rename(key_1="key_0", key_2="key_1").mutate(x=at.table.hours.cast("float64").fill_null(0.0)), deal
    )
    rows = rows.filter(rows.rep_id != without)
    late = rows.filter(rows.settled)
    each = late.group_by(["rep_id", "key_2", "key_1"]).aggregate(x=late.x.sum())
    each = each.mutate(y=each.x.sum().over(ibis.window(group_by=["rep_id", "key_2"])))
    sums = each.group_by("key_1").aggregate(x=each.x.sum(), xx=(each.x * each.x).sum(), xy=(each.x * each.y).sum())
    units = late.group_by(["rep_id", "key_2"]).aggregate(y=late.x.sum())
    whole = book.fetch_row(units.aggregate(n=units.count(), y=units.y.sum(), yy=(units.y * units.y).sum()))
    if not whole["y"]:
        return {}
    found = book.fetch(sums).set_index("key_1").astype(float)
    share = found["x"] / whole["y"]
    spread = (found["xx"] - 2 * share * found["xy"] + share**2 * whole["yy"]) / whole["n"]
    return dependence(book, rows, spread.to_dict(), deal, shares=True)


def worth(sums: pd.DataFrame, times: float) -> pd.DataFrame:
    """Return sums divided by the times that rows vary more than independent ones do; key columns (``key_0``, ...) stay."""
    if times == 1:
        return sums
    return sums.assign(**(sums[[name for name in sums if not str(name).startswith("key_")]].astype(float) / times))


def _weeks(book: Book) -> ir.Table:
    """Return all activities with the week in which they began as key_2."""
    at = view(book, "activities", "started_at", ("week",))
    return at.table.rename(key_2="key_0")


def _number(value: ir.Value, where: ir.Value | None) -> ir.Value:
    number = value.cast("int64").cast("float64") if value.type().is_boolean() else value.cast("float64")
    return number if where is None else where.fill_null(False).ifelse(number, ibis.null("float64"))


def _times(blocks: pd.DataFrame, spread: float) -> float:
    """Return the variance of a block's mean over that of as many independent weeks."""
    by_block = blocks.groupby("block")["mean"]
    n, total = by_block.transform("size"), by_block.transform("sum")
    others = (total - blocks["mean"]) / (n - 1).where(n > 1)
    # So scaled, the difference has the variance of one mean.
    apart = blocks.assign(apart=(blocks["mean"] - others) * np.sqrt((n - 1) / n)).dropna(subset=["apart"])
    left = apart["apart"] - apart.groupby("rep_id")["apart"].transform("mean")
    freedom = len(apart) - apart["rep_id"].nunique()
    if freedom < 1 or spread <= 0:
        return 1.0
    return max(float((left**2 * apart["units"]).sum() / freedom / spread), 1.0)
