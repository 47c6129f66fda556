"""How alike the weeks of one rep are: a deal fills many of them, so they say less about the rep than as many independent weeks."""

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from salestrack.book import Book
from salestrack.columns import view
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


def dependence(book: Book, x: ir.Table, spread: Mapping[Any, float], deal: int) -> dict[Any, float]:
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
    found = {}
    for kind in spread:
        own = sums[sums["key_1"].isna() if pd.isna(kind) else sums["key_1"] == kind]
        blocks = units.merge(own, how="left", on=["rep_id", "block"]).fillna({"x": 0.0})
        found[kind] = _times(blocks.assign(mean=blocks["x"] / blocks["units"]), spread[kind])
    return found


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
