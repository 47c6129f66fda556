"""What a fall in conversion has cost since it began: expected SQLs or deals, opportunities and bookings, with their ranges."""

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from salestrack.analyses.qualification_breaks import Changes
from salestrack.analyses.qualification_cohorts import Cohorts, Goal, linked
from salestrack.book import Book
from salestrack.columns import key_of
from salestrack.groups import named
from salestrack.stats.change_point import Change
from salestrack.stats.limits import MIN_N

SETTLED = 30
"""Days after which nearly all SQLs that become an opportunity have done so."""
_LIMITS = ("", "_low", "_high")
COST = tuple(f"{what}{limit}" for what in ("lost", "lost_opportunities", "lost_bookings") for limit in _LIMITS)


def with_costs(book: Book, found: Cohorts, goal: Goal, breaks: pd.DataFrame, weeks: pd.DataFrame, changes: Changes) -> pd.DataFrame:
    """Add to each series that fell what it has cost since.

    Parameters
    ----------
    book : Book
        The book.
    found : Cohorts
        What the engine counted.
    goal : {'sales_qualified', 'won'}
        What was not reached.
    breaks, weeks : pandas.DataFrame
        As `breaks_of` and `recorded` return them.
    changes : dict
        As `breaks_of` returns it.

    Returns
    -------
    pandas.DataFrame
        ``breaks`` with lost (SQLs, or deals where these are the goal), lost_opportunities and lost_bookings, each with ``_low`` and
        ``_high``; null where nothing fell, or where fewer than 10 are known of which they could be told.

    Notes
    -----
    Lost are the leads qualified since the break, young ones included, times the share before less the share after. Each becomes an
    opportunity, and each opportunity brings bookings, as those of the same series have done so far. The ranges hold what is
    not known of the week, of both shares, of the share that become opportunities (Beta) and of the mean they bring (normal).
    """
    fallen = breaks["verdict"].isin(["fell", "stopped"])
    worth = _worth(book, found, goal) if fallen.any() else pd.DataFrame()
    rows = []
    for row in breaks.to_dict("records"):
        key = tuple(None if pd.isna(row[name]) else row[name] for name in found.series)
        cost = dict.fromkeys(COST, np.nan)
        if row["verdict"] in ("fell", "stopped"):
            own = weeks[_is(weeks, found.series, key)]
            cost |= _cost(changes[key], own, worth[_is(worth, found.series, key)].iloc[0].to_dict(), goal)
        rows.append(cost)
    return pd.concat([breaks, pd.DataFrame(rows, columns=list(COST), index=breaks.index)], axis=1)


def _is(frame: pd.DataFrame, series: tuple[str, ...], key: tuple[Any, ...]) -> np.ndarray:
    kept = np.ones(len(frame), dtype=bool)
    for name, value in zip(series, key, strict=True):
        kept &= (frame[name].isna() if value is None else frame[name] == value).to_numpy(dtype=bool)
    return kept


def _worth(book: Book, found: Cohorts, goal: Goal) -> pd.DataFrame:
    """Return for each series how many SQLs became opportunities, and what opportunities (or deals) have brought."""
    rows = found.rows
    keys = [f"key_{i}" for i in range(len(found.series))]
    settled = rows.filter(rows["_event"] <= book.as_of - timedelta(days=SETTLED))
    converted = (settled.converted_at.notnull() | settled.opportunity_id.notnull()).sum()
    became = settled.group_by(keys).agg(reached=settled.count(), converted=converted)
    sold = rows.select("lead_id", *keys).inner_join(linked(book), "lead_id")
    sold = sold.filter(sold.won | sold.lost) if goal == "sales_qualified" else sold.filter(sold.won)
    sold = sold.filter(sold.lost | sold.amount.notnull())
    x = sold.won.ifelse(sold.amount, 0.0)
    brought = sold.group_by(keys).agg(decided=sold.count(), s1=x.sum(), s2=(x * x).sum())
    wanted = [key_of(book, name) for name in found.series]
    frames = [named(book, wanted, book.fetch(each)) for each in (became, brought)]
    series = list(found.series)
    both = frames[0].merge(frames[1], how="outer", on=series) if series else frames[0].merge(frames[1], how="cross")
    return both.fillna(dict.fromkeys(("reached", "converted", "decided", "s1", "s2"), 0))


def _cost(found: tuple[Change, pd.DataFrame], weeks: pd.DataFrame, worth: dict[Any, Any], goal: Goal) -> dict[str, float]:
    change, used = found
    starts = used["start"].to_numpy()
    since = {at: weeks.loc[weeks["start"] >= starts[at], "n"].sum() for at in {change.at, *change.draws[:, 0].astype(int)}}
    lost = since[change.at] * (change.before.value - change.after.value)
    drawn = np.array([since[int(at)] for at in change.draws[:, 0]]) * (change.draws[:, 1] - change.draws[:, 2])
    told = _ranged("lost", lost, drawn)
    rng = np.random.default_rng(0)
    if goal == "sales_qualified":
        if worth["reached"] < MIN_N:
            return told
        k, n = worth["converted"], worth["reached"]
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
