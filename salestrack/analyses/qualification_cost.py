"""What a fall in conversion has cost since it began: expected SQLs or deals, opportunities and bookings, with their ranges."""

from datetime import timedelta
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from salestrack.analyses.qualification_breaks import Search, rows_of
from salestrack.analyses.qualification_cohorts import Cohorts, Goal, linked
from salestrack.book import Book
from salestrack.columns import key_of
from salestrack.groups import named
from salestrack.stats.limits import MIN_N

SETTLED = 30
"""Days after which nearly all SQLs that become an opportunity have done so."""
_LIMITS = ("", "_low", "_high")
COST = tuple(f"{what}{limit}" for what in ("lost", "lost_opportunities", "lost_bookings") for limit in _LIMITS)


def with_costs(book: Book, found: Cohorts, goal: Goal, breaks: pd.DataFrame, searches: list[Search]) -> pd.DataFrame:
    """Add to each series that fell what it has cost since.

    Parameters
    ----------
    book : Book
        The book.
    found : Cohorts
        What the engine counted.
    goal : {'sales_qualified', 'won'}
        What was not reached.
    breaks, searches : pandas.DataFrame, list of Search
        As `breaks_of` returns them.

    Returns
    -------
    pandas.DataFrame
        ``breaks`` with lost (SQLs, or deals where these are the goal), lost_opportunities and lost_bookings, each with ``_low`` and
        ``_high``; null where nothing fell or all of it stopped, and where fewer than 10 are known of which they could be told.

    Notes
    -----
    Lost are the leads qualified since the break, young ones included, times the share before less the share after. Each becomes an
    opportunity, and each opportunity brings bookings, as those of the same series have done so far. The ranges hold what is
    not known of the week, of both shares, of the share that become opportunities (Beta) and of the mean they bring (normal).
    """
    # A fall to nothing may be the end of a record, which costs nothing.
    fallen = breaks["verdict"] == "fell"
    worth = _worth(book, found, goal, breaks) if fallen.any() else [{}] * len(breaks)
    costs = [_cost(*each[1:], goal) if each[0] else {} for each in zip(fallen, searches, worth, strict=True)]
    return pd.concat([breaks, pd.DataFrame(costs, columns=list(COST), index=breaks.index, dtype=float)], axis=1)


def _worth(book: Book, found: Cohorts, goal: Goal, breaks: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return for each series how many SQLs became opportunities, and what opportunities (or deals) have brought."""
    rows, series = found.rows, list(found.series)
    settled = rows.filter(rows["_event"] <= book.as_of - timedelta(days=SETTLED))
    converted = (settled.converted_at.notnull() | settled.opportunity_id.notnull()).sum()
    sold = rows.select("lead_id", *(f"key_{i}" for i in range(len(series)))).inner_join(linked(book), "lead_id")
    sold = sold.filter(sold.won | sold.lost) if goal == "sales_qualified" else sold.filter(sold.won)
    sold = sold.filter(sold.lost | sold.amount.notnull())
    x = sold.won.ifelse(sold.amount, 0.0)
    both = breaks[series]
    for table, sums in (
        (settled, {"reached": settled.count(), "converted": converted}),
        (sold, {"decided": sold.count(), "s1": x.sum(), "s2": (x * x).sum()}),
    ):
        told = _summed(book, table, found.series, sums)
        both = both.merge(told, how="left", on=series) if series else told if both.columns.empty else both.merge(told, how="cross")
    return rows_of(both.fillna(0))


def _summed(book: Book, table: ir.Table, series: tuple[str, ...], sums: dict[str, ir.Value]) -> pd.DataFrame:
    keys = [f"key_{i}" for i in range(len(series))]
    query = table.group_by(keys).aggregate(**sums) if keys else table.aggregate(**sums)
    return named(book, [key_of(book, name) for name in series], book.fetch(query))


def _cost(search: Search, worth: dict[Any, Any], goal: Goal) -> dict[str, float]:
    change, weeks = search.change, search.weeks
    assert change is not None
    starts, places = search.judged["start"].to_numpy(), change.draws[:, 0].astype(int)
    since = {at: weeks.loc[weeks["start"] >= starts[at], "n"].sum() for at in {change.at, *places}}
    lost = since[change.at] * (change.before.value - change.after.value)
    drawn = np.array([since[at] for at in places]) * (change.draws[:, 1] - change.draws[:, 2])
    told = _ranged("lost", lost, drawn)
    rng = np.random.default_rng(0)
    if goal == "sales_qualified":
        k, n = worth["converted"], worth["reached"]
        # None of them at all: that SQLs become opportunities is not recorded.
        if n < MIN_N or not k:
            return told
        lost, drawn = lost * k / n, drawn * rng.beta(k + 0.5, n - k + 0.5, len(drawn))
        told |= _ranged("lost_opportunities", lost, drawn)
    if worth["decided"] >= MIN_N:
        mean = worth["s1"] / worth["decided"]
        error = np.sqrt(max(worth["s2"] / worth["decided"] - mean**2, 0) / (worth["decided"] - 1))
        told |= _ranged("lost_bookings", lost * mean, drawn * np.maximum(rng.normal(mean, error, len(drawn)), 0))
    return told


def _ranged(name: str, value: float, drawn: np.ndarray) -> dict[str, float]:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {name: float(value), f"{name}_low": float(min(low, value)), f"{name}_high": float(max(high, value))}
