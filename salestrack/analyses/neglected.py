"""Which open opportunities nobody has touched for long, or has no plan for, and what they are worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.hours import interval_text, listed, no_table
from salestrack.book import Book
from salestrack.columns import beyond_reach, names_in, view
from salestrack.definition import MONEY, find_metric
from salestrack.display import Table, name_of
from salestrack.entered_late import entry_lag, told_late
from salestrack.groups import labels_of, named
from salestrack.recorded import no_open
from salestrack.stats.intervals import MIN_N, share
from salestrack.stats.multiple import distinguishable_shares
from salestrack.wording import label_of, say

MOST = 25
"""Opportunities in the list and in the picture."""
WEEKS = 12
"""Weeks that the picture looks back."""
_METRICS = ("open_opportunities", "pipeline", "idle_share", "idle_share_by_amount")
_LISTED = ("opportunity_id", "name", "rep", "stage", "amount", "created_date", "close_date", "idle_days", "next_step")
_SUMS = ("open", "known", "idle", "amount", "idle_amount", "without_next_step")


@dataclass(frozen=True, eq=False, repr=False)
class Neglected(Answer):
    """Open opportunities that nobody has touched for long.

    Parameters
    ----------
    shares : pandas.DataFrame
        A row for each group: the columns of `by`, open, known (of which it is known when somebody last touched them), idle, share
        (idle / known; null: nothing known) with low and high (Wilson), amount, idle_amount, without_next_step (null: the book has
        none) and standing (``above``, ``below`` or ``not_distinguishable`` from the rest, ``too_few``).
    overall : pandas.Series
        The same of all together, without standing.
    touches : pandas.DataFrame
        Of the most valuable open opportunities, week by week back from the day of the book: opportunity_id, name, rep, amount,
        idle_days, weeks_ago (0: the last seven days) and touches (activities; null: not created yet).
    idle_days : int
        More days than these without a touch are idle.
    by : tuple of str
        What `shares` is broken down by.
    """

    shares: pd.DataFrame = field(kw_only=True)
    overall: pd.Series = field(kw_only=True)
    touches: pd.DataFrame = field(kw_only=True)
    idle_days: int = field(kw_only=True)
    by: tuple[str, ...] = field(kw_only=True)


def neglected(
    book: Book, *, idle_days: int = 14, by: str | Sequence[str] = "rep", where: Mapping[str, object] | None = None
) -> Neglected:
    """Find the open opportunities without any activity for longer than some days, on the day of the book.

    Parameters
    ----------
    book : Book
        The book.
    idle_days : int
        Days without an activity, or since the opportunity was created where there never was one; more than these are idle.
    by : str or sequence of str
        Break-down of the shares, as in `measure`.
    where : mapping, optional
        Scope, as in `measure`.

    Returns
    -------
    Neglected
        ``frame``, the idle opportunities of the largest amount (at most 25, those without an amount last): opportunity_id, name,
        rep (null: nobody), stage, amount, created_date, close_date (expected), idle_days, next_step (null: none).

    Notes
    -----
    A touch is an activity of any category that names the opportunity. Where no activity of the book names one, nothing can be said
    and the answer says so, instead of calling everything neglected. Where closes are entered late, an opportunity is idle when it
    was so on the last day whose closes are complete: one that has closed since has no activity either, and is not entered yet.
    """
    names, scope = names_in(by), dict(where or {})
    longest = idle_days + entry_lag(book)
    reason = book.lacks("activities") or beyond_reach(book, "opportunities", scope) or _unlinked(book)
    at = view(book, "opportunities", None, names, {} if reason else scope)
    waiting = at.table.filter(at.table.open)
    waiting = waiting.limit(0) if reason else waiting
    sums = book.fetch(_sums(waiting, at.key_columns, longest))
    planned = sums["without_next_step"].sum() < sums["open"].sum()
    shares = _shares(named(book, at.keys, sums), planned)
    overall = _shares(_added_up(sums), planned).drop(columns="standing").iloc[0]
    frame = _most_valuable(book, waiting.filter(waiting.idle_days > longest))
    reason = reason or ("" if overall["open"] else no_open(book) or say("neglected-nothing-open"))
    title = say("neglected-title", {"book": book.name, "day": formats.day(book.as_of), "days": idle_days})
    return Neglected(
        book, tuple(find_metric(name) for name in _METRICS), None, scope, frame,
        (reason,) if reason else (*_sentences(book, frame, shares, overall, idle_days), *told_late(book, "neglected-late")),
        no_table(title) if reason else _table(book, frame, title),
        shares=shares, overall=overall, touches=_touches(book, _most_valuable(book, waiting)), idle_days=idle_days, by=names,
    )  # fmt: skip


def _unlinked(book: Book) -> str:
    """Return why nothing can be said of a book whose activities name no opportunity; empty where some do."""
    done = book.table("activities")
    found = book.fetch_row(done.aggregate(n=done.count(), linked=done.opportunity_id.count()))
    return "" if found["linked"] else say("neglected-unlinked", {"n": f"{found['n']:,}"})


def _sums(waiting: ir.Table, keys: list[str], idle_days: int) -> ir.Table:
    idle = (waiting.idle_days > idle_days).fill_null(False)
    asked = {
        "open": waiting.count(),
        "known": waiting.idle_days.count(),
        "idle": idle.sum(),
        "without_next_step": waiting.next_step.isnull().sum(),
    }
    # Of nothing it is 0; of what has no amount nobody knows how much.
    worth = {
        "amount": (waiting.count() > 0).ifelse(waiting.amount.sum(), 0.0),
        "idle_amount": (idle.sum() > 0).ifelse(waiting.amount.sum(where=idle), 0.0),
    }
    sums = {name: each.fill_null(0) for name, each in asked.items()} | worth
    return waiting.group_by(keys).aggregate(**sums) if keys else waiting.aggregate(**sums)


def _added_up(sums: pd.DataFrame) -> pd.DataFrame:
    """Return the groups as one; what not one of those that count has an amount for stays unknown."""
    whole = sums[list(_SUMS)].sum()
    for amount, rows in (("amount", "open"), ("idle_amount", "idle")):
        asked = sums.loc[sums[rows] > 0, amount]
        whole[amount] = asked.sum(min_count=1) if len(asked) else 0.0
    return whole.to_frame().T


def _shares(sums: pd.DataFrame, planned: bool) -> pd.DataFrame:
    found = share(sums["idle"], sums["known"])
    standing = distinguishable_shares(sums["idle"], sums["known"]).verdict if len(sums) else []
    without = sums["without_next_step"] if planned else np.nan
    made = sums.assign(share=found.value, low=found.low, high=found.high, without_next_step=without, standing=standing)
    return made.sort_values("idle_amount", ascending=False, kind="stable").reset_index(drop=True)


def _most_valuable(book: Book, rows: ir.Table) -> pd.DataFrame:
    """Return the opportunities of the largest amount, named as people read them."""
    most = rows.order_by(rows.amount.desc(nulls_first=False), rows.opportunity_id).limit(MOST)
    found = book.fetch(most.select(*(name if name != "rep" else "rep_id" for name in _LISTED)))
    found = found.sort_values(["amount", "opportunity_id"], ascending=[False, True], na_position="last", kind="stable")
    owners = [key for key in found["rep_id"].unique() if not pd.isna(key)]
    names = labels_of(book, "reps", owners) if book.has("reps") else {}
    found["rep_id"] = found["rep_id"].map(lambda key: names.get(key, key))
    return found.rename(columns={"rep_id": "rep"}).reset_index(drop=True)


def _touches(book: Book, shown: pd.DataFrame) -> pd.DataFrame:
    """Count the activities on each of these opportunities in each of the last weeks."""
    if shown.empty:
        return pd.DataFrame(columns=["opportunity_id", "name", "rep", "amount", "idle_days", "weeks_ago", "touches"])
    done = book.table("activities")
    ago = ibis.literal(book.as_of).delta(done.started_at.date(), unit="day")
    done = done.mutate(weeks_ago=(ago / 7).floor().cast("int64"))
    done = done.filter(done.opportunity_id.isin(shown["opportunity_id"].tolist()), done.weeks_ago < WEEKS)
    counts = done.group_by(["opportunity_id", "weeks_ago"]).aggregate(touches=done.count())
    found = book.fetch(counts)
    grid = shown[["opportunity_id", "name", "rep", "amount", "idle_days", "created_date"]].merge(
        pd.DataFrame({"weeks_ago": range(WEEKS)}), how="cross"
    )
    grid = grid.merge(found, how="left", on=["opportunity_id", "weeks_ago"])
    last_day = pd.Timestamp(book.as_of) - pd.to_timedelta(grid["weeks_ago"] * 7, unit="D")
    unborn = pd.to_datetime(grid["created_date"]) > last_day
    grid["touches"] = grid["touches"].fillna(0).astype("float64").mask(unborn & grid["touches"].isna())
    return grid.drop(columns="created_date")


def _sentences(book: Book, frame: pd.DataFrame, shares: pd.DataFrame, overall: pd.Series, idle_days: int) -> list[str]:
    currency = book.settings.currency
    values: dict[str, object] = {
        "idle": f"{overall['idle']:,.0f}",
        "known": f"{overall['known']:,.0f}",
        "share": formats.share(overall["share"], digits=1),
        "interval": interval_text(overall["low"], overall["high"]),
        "days": idle_days,
        "idle_amount": formats.figure(overall["idle_amount"], MONEY, currency),
        "amount": formats.figure(overall["amount"], MONEY, currency),
    }
    priced = pd.notna(overall["idle_amount"])
    said = [say("neglected-none" if not overall["idle"] else "neglected" if priced else "neglected-count", values)]
    if unknown := int(overall["open"] - overall["known"]):
        said.append(say("neglected-unknown", {"n": unknown}))
    if len(frame):
        first = [_told(row, currency) for row in frame.head(3).to_dict("records")]
        said.append(say("neglected-first" if priced else "neglected-some", {"names": "; ".join(first)}))
    if np.isnan(overall["without_next_step"]):
        said.append(say("neglected-no-plans"))
    else:
        values |= {"n": int(overall["without_next_step"]), "open": f"{overall['open']:,.0f}"}
        said.append(say("neglected-without-next-step", values))
    return said + _standings(shares)


def _standings(shares: pd.DataFrame) -> list[str]:
    names = list(shares.columns[: shares.columns.get_loc("open")])
    if not names or len(shares) < 2:
        return []
    said = []
    for standing in ("above", "below"):
        rows = shares[shares["standing"] == standing].to_dict("records")
        if rows:
            told = listed([" · ".join(name_of(row[name], name) for name in names) for row in rows])
            said.append(say(f"neglected-{standing}", {"names": told}))
    return said or [say("neglected-alike", {"n": MIN_N})]


def _told(row: Mapping[Any, Any], currency: str) -> str:
    values = {"name": _name(row), "amount": formats.figure(row["amount"], MONEY, currency), "rep": name_of(row["rep"], "rep")}
    return say("neglected-one-count" if pd.isna(row["amount"]) else "neglected-one", values | {"days": f"{row['idle_days']:,.0f}"})


def _name(row: Mapping[Any, Any]) -> str:
    return str(row["opportunity_id"] if pd.isna(row["name"]) else row["name"])


def _table(book: Book, frame: pd.DataFrame, title: str) -> Table:
    rows = frame.to_dict("records")
    texts = {
        (label_of("opportunity"), ""): [_name(row) for row in rows],
        (label_of("rep"), ""): [name_of(row["rep"], "rep") for row in rows],
        (label_of("stage"), ""): [name_of(row["stage"], "stage") for row in rows],
        (label_of("amount"), ""): [formats.figure(row["amount"], MONEY, book.settings.currency) for row in rows],
        (label_of("idle_days"), ""): [f"{row['idle_days']:,.0f}" for row in rows],
        (label_of("next_step"), ""): [formats.DASH if pd.isna(row["next_step"]) else str(row["next_step"]) for row in rows],
    }
    return Table(pd.DataFrame(texts), title, "", 1)
