"""How long selling takes: the cycle of those that were won beside the time to close of all, those still open included."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.hours import no_table, period_text
from salestrack.book import Book
from salestrack.columns import beyond_reach, names_in, view
from salestrack.definition import DAYS, find_metric
from salestrack.display import Table, name_of
from salestrack.entered_late import lives_until, told_late
from salestrack.groups import named
from salestrack.measure import measure
from salestrack.periods import Period
from salestrack.recorded import no_creation_days, no_losses, told_of
from salestrack.recording import recorded
from salestrack.stats.compare import difference
from salestrack.stats.intervals import MIN_N, Interval
from salestrack.stats.life_table import LifeTable, life_table
from salestrack.stats.survival import incidence, survival
from salestrack.wording import label_of, say

STILL_OPEN = 0.1
"""Where more than this share is still open at the end of what was watched, nobody knows how many will be won."""
_LIMITS = ("", "_low", "_high")
_CLOSED = ("won", "lost")
_DAYS = ("won_of_created", "closed_of_created", "time_to_win")
_SPREAD = tuple(f"{name}{end}" for name in ("time_to_close", "p90") for end in _LIMITS)
_GAPS = (*(f"gap{end}" for end in _LIMITS), "from_period", "from_lost", "from_open")
_ASKED = ("rows", "recorded", "lacks")


@dataclass(frozen=True, eq=False, repr=False)
class Cycle(Answer):
    """How long selling takes.

    Parameters
    ----------
    curves : pandas.DataFrame
        Share of the opportunities created in the period, by the columns of `by` and days since: won, lost and open (Aalen-Johansen;
        they add up to 1).
    by : tuple of str
        What it is broken down by.
    """

    curves: pd.DataFrame = field(kw_only=True)
    by: tuple[str, ...] = field(kw_only=True)


def cycle(
    book: Book,
    *,
    during: Period | str | None = None,
    where: Mapping[str, object] | None = None,
    by: str | Sequence[str] | None = None,
) -> Cycle:
    """Hold the sales cycle of the won against the time to close of all, and say why they differ.

    Parameters
    ----------
    book : Book
        The book.
    during : Period or str, optional
        The cycle is that of the opportunities won in it, the time to close that of those created in it; None: all that the book
        holds.
    where : mapping, optional
        Scope, as in `measure`.
    by : str or sequence of str, optional
        Break-down, as in `measure`.

    Returns
    -------
    Cycle
        ``frame``, a row for each group: the columns of `by`; n_won (won in the period) and sales_cycle (their median days); n
        (created in the period), of these won, lost and open on the day of the book; won_of_created and closed_of_created (median
        days of those of them that are won, or closed, so far); time_to_close (median days until closed in any way, those open
        kept: Kaplan-Meier; null: more than half are still open at the longest time watched) and p90; time_to_win (days by which
        half of those that will be won are; null: too many are still open); gap (time_to_close - sales_cycle) and what adds up to
        it: from_period (other opportunities), from_lost (the lost are counted), from_open (the open are kept); note (empty, or
        ``too_few``: fewer than 10 on one of the two sides); rows, recorded and lacks of the won, as in `measure`. Where no loss is
        recorded, all that counts the lost is null. sales_cycle, time_to_close, p90 and gap have ``_low`` and ``_high``.

    Notes
    -----
    Opportunities created before the record of closes begins (`record_of_closes`) are not in the time to close: of those days the
    book holds only those that lived long. Where closes are entered late, won, lost, open and the time to close are as of the last
    day whose closes are complete. The interval of the gap takes the two medians for independent; as they share
    opportunities, it is too wide rather than too narrow.

    References
    ----------
    Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations. Journal of the American Statistical
    Association 53, 457-481.

    Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a general approach. Statistics in
    Medicine 27, 1693-1702.
    """
    period, scope = None if during is None else book.period(during), dict(where or {})
    names = names_in(by)
    title = say("cycle-title", {"book": book.name, "period": period_text(period)})
    reason = beyond_reach(book, "opportunities", scope)
    counts, left_out = _counts(book, names, {} if reason else scope, period)
    counts = counts.iloc[:0] if reason else counts
    table = life_table(counts.astype({"days": "float64", "count": "float64"}), by=list(names), outcomes=_CLOSED)
    frame = _of_created(table, counts, names)
    won = measure(book, "sales_cycle", by=names, during=period, where={} if reason else scope)
    reason = reason or no_creation_days(book) or (won.absent.get("sales_cycle", "") if counts.empty else "")
    frame = _compared(frame, won.frame, names)
    losses = no_losses(book)
    if losses:
        # Those that were lost are missing among the closed: only the won can be told of.
        frame[[*_DAYS, *_SPREAD, *_GAPS]] = np.nan
    if reason or not (frame["n"].sum() or frame["n_won"].sum()):
        reason, frame = reason or say("cycle-nothing", {"period": period_text(period)}), frame.iloc[:0]
    told = [said for row in frame.to_dict("records") for said in _sentences(row, names, alone=bool(losses))]
    sentences = (reason,) if reason else (*told, *([losses] if losses else left_out))
    metrics = tuple(find_metric(name) for name in ("sales_cycle", "mean_sales_cycle", "close_rate"))
    return Cycle(
        book, metrics, period, scope, frame, sentences, no_table(title) if reason else _table(frame, title, names),
        curves=_curves(table), by=names,
    )  # fmt: skip


def _counts(book: Book, by: tuple[str, ...], where: Mapping[str, object], during: Period | None) -> tuple[pd.DataFrame, list[str]]:
    """Count the opportunities created in the period by the days until they closed or to the day of the book; and say who is not."""
    at = view(book, "opportunities", "created_date", by, where, during)
    made, left_out = recorded(book, at.table.filter(at.table.observed_days.notnull()), "cycle-before-record")
    made = lives_until(book, made)
    groups = made.group_by([*at.key_columns, made.observed_days.name("days"), made.status.name("outcome")])
    return named(book, at.keys, book.fetch(groups.aggregate(count=ibis._.count()))), [*told_late(book, "cycle-late"), *left_out]


def _of_created(table: LifeTable, counts: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    curve = survival(table)
    frame = table.keys.assign(n=table.n.astype("int64"))
    for outcome in (*_CLOSED, "open"):
        found = table.censored if outcome == "open" else table.count(outcome)
        frame[outcome] = np.bincount(table.code, found, len(frame)).astype("int64")
    for name, p in (("time_to_close", 0.5), ("p90", 0.9)):
        frame[[f"{name}{end}" for end in _LIMITS]] = curve.quantile(p)[["value", "low", "high"]].to_numpy()
    for name, outcomes in (("won_of_created", ["won"]), ("closed_of_created", list(_CLOSED))):
        frame[name] = _median_of(counts[counts["outcome"].isin(outcomes)], frame, by)
    return frame.assign(time_to_win=_time_to_win(table))


def _median_of(counts: pd.DataFrame, frame: pd.DataFrame, by: tuple[str, ...]) -> np.ndarray:
    """Return the median days of some of them, group by group of the frame."""
    found = survival(life_table(counts.astype({"days": "float64", "count": "float64"}), by=list(by))).quantile(0.5)
    if not by:
        return found["value"].to_numpy()
    return frame[list(by)].merge(found, how="left", on=list(by))["value"].to_numpy()


def _time_to_win(table: LifeTable) -> np.ndarray:
    """Return the day by which the share won has come to half of what it comes to in the end; NaN while that is not known."""
    rows = incidence(table, "won").frame.assign(group=table.code)
    last = rows.groupby("group")[["value", "remaining"]].last().reindex(range(len(table.keys)))
    half = rows["value"] >= last["value"].to_numpy()[table.code] / 2 - 1e-12
    days = rows[half].groupby("group")["days"].min().reindex(range(len(table.keys)))
    return days.where((last["remaining"] <= STILL_OPEN) & (last["value"] > 0)).to_numpy()


def _compared(frame: pd.DataFrame, won: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Put the cycle of the won beside it, and say what the difference is made of."""
    renamed = {"value": "sales_cycle", "low": "sales_cycle_low", "high": "sales_cycle_high", "n": "n_won"}
    won = won.rename(columns=renamed)[[*by, *renamed.values(), *_ASKED]]
    both = frame.merge(won, how="outer", on=list(by)) if by else frame.merge(won, how="cross")
    whole = {name: both[name].fillna(0).astype("int64") for name in ("n", "won", "lost", "open", "n_won")}
    both = both.assign(**whole)
    sides = (Interval(*(both[f"{name}{end}"] for end in _LIMITS)) for name in ("time_to_close", "sales_cycle"))
    gap = difference(*sides)
    few = both[["n", "n_won"]].min(axis=1) < MIN_N
    both = both.assign(
        **{f"gap{end}": value for end, value in zip(_LIMITS, gap, strict=True)},
        from_period=both["won_of_created"] - both["sales_cycle"],
        from_lost=both["closed_of_created"] - both["won_of_created"],
        from_open=both["time_to_close"] - both["closed_of_created"],
        note=np.where(few, "too_few", ""),
    )
    won_days = ("n_won", *(f"sales_cycle{end}" for end in _LIMITS))
    return both[[*by, *won_days, "n", *_CLOSED, "open", *_DAYS, *_SPREAD, *_GAPS, "note", *_ASKED]]


def _curves(table: LifeTable) -> pd.DataFrame:
    found = incidence(table, "won").frame
    return found.drop(columns=["at_risk", "events", "value", "low", "high", "remaining"]).assign(
        won=found["value"], lost=incidence(table, "lost").frame["value"], open=found["remaining"]
    )


def _sentences(row: Mapping[Any, Any], by: tuple[str, ...], *, alone: bool) -> list[str]:
    """Say how long selling took; `alone`: the won only, as the lost are not recorded."""
    values = {name: f"{row[name]:,}" for name in ("n_won", "n", "won", "lost", "open")}
    values |= {name: formats.figure(row[name], DAYS, "") for name in ("sales_cycle", "time_to_close", *_DAYS)}
    values |= {name: formats.change(row[name], DAYS, "") for name in ("gap", "from_period", "from_lost", "from_open")}
    for name in ("sales_cycle", "time_to_close", "gap"):
        between = _between(row, name)
        values[f"{name}_interval"] = say("cycle-interval", {"interval": between}) if between else say("cycle-no-interval")
    values["one"] = "yes" if row["n_won"] == 1 else "no"
    values["watched"] = formats.figure(row["time_to_close_low"], DAYS, "")
    values["group"] = " · ".join(name_of(row[name], name) for name in by)
    values["grouped"] = "yes" if by else "no"
    if not row["n_won"]:
        unknown = told_of(row, "opportunities") if pd.notna(row["rows"]) else ""
        return [unknown or say("cycle-nothing-won", values)]
    if alone:
        return [say("cycle-won", values), *([say("cycle-too-few", values)] if row["note"] else [])]
    if not row["n"]:
        return [say("cycle-nothing-created", values)]
    said = [say("cycle-won", values), say("cycle-all" if pd.notna(row["time_to_close"]) else "cycle-all-not-reached", values)]
    # Where all took as long as each other there is nothing to split up.
    apart = any(row[f"gap{end}"] != 0 for end in _LIMITS)
    if pd.notna(row["gap"]) and apart and not by and min(row["n"], row["n_won"]) > 1:
        said.append(say("cycle-gap" if pd.notna(row["from_lost"]) else "cycle-gap-alone", values))
    if row["note"]:
        said.append(say("cycle-too-few", values))
    return said if not by else [" ".join(said)]


def _between(row: Mapping[Any, Any], name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if pd.isna(low) or (pd.isna(high) and name != "time_to_close"):
        return ""
    write = (lambda value: formats.change(value, DAYS, "")) if name == "gap" else (lambda value: formats.figure(value, DAYS, ""))
    top = say("bottleneck-or-more") if pd.isna(high) else write(high)
    return say("interval", {"low": write(low), "high": top})


def _table(frame: pd.DataFrame, title: str, by: tuple[str, ...]) -> Table:
    rows = frame.to_dict("records")
    texts = {(label_of(name), ""): [name_of(row[name], name) for row in rows] for name in by}
    won, every, why = (say(f"cycle-head-{name}") for name in ("won", "all", "why"))
    interval = say("column-interval", {"confidence": formats.share(0.95)})

    def days(name: str) -> list[str]:
        return [formats.figure(row[name], DAYS, "") for row in rows]

    def signed(name: str) -> list[str]:
        return [formats.change(row[name], DAYS, "") for row in rows]

    texts |= {
        (won, say("column-n")): [f"{row['n_won']:,}" for row in rows],
        (won, say("cycle-median")): days("sales_cycle"),
        (won, interval): [_between(row, "sales_cycle") for row in rows],
        (every, say("column-n")): [f"{row['n']:,}" for row in rows],
        (every, say("cycle-open")): [f"{row['open']:,}" for row in rows],
        (every, say("cycle-median")): days("time_to_close"),
        (every, interval): [_between(row, "time_to_close") for row in rows],
        (every, say("cycle-p90")): days("p90"),
        (every, say("cycle-time-to-win")): days("time_to_win"),
        (why, say("cycle-gap-head")): signed("gap"),
        (why, interval): [_between(row, "gap") for row in rows],
        **{(why, say(f"cycle-from-{name}")): signed(f"from_{name}") for name in ("period", "lost", "open")},
    }
    return Table(pd.DataFrame(texts), title, say("cycle-note"), len(by))
