"""Marketing qualified leads as cohorts: what became of them, by week of qualification, and how much of it can be known yet.

Everything is counted by the book's engine. What comes back has a row for each group, week, day count and outcome, and one for
each group and day of qualification.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from salestrack.book import Book
from salestrack.columns import view
from salestrack.groups import named
from salestrack.periods import GRAINS, Period
from salestrack.stats.life_table import life_table
from salestrack.stats.limits import normal_quantile, wilson
from salestrack.stats.survival import incidence

Goal = Literal["sales_qualified", "won"]
HORIZONS = (30, 60, 90)
"""Days within which conversion is stated."""
MATURE = 0.8
"""Share of what a week's leads will do within the horizon that must be known by now for the week to be judged."""
_OWN_DELAYS = 50
_NEARLY_ALL = 0.95
_OUTCOMES = ("went_on", "ended", "waiting")
_Z = normal_quantile(0.95)


@dataclass(frozen=True)
class Cohorts:
    """What the engine counted.

    Parameters
    ----------
    rows : ibis table
        The leads counted, with ``_day`` (of qualification), ``_event`` (day of the goal; null: not reached) and the keys of the
        series as ``key_0``, ...
    by, series : tuple of str
        What is broken down by, and the part of it that is no calendar grain.
    counts : pandas.DataFrame
        The columns of `by`, start (Monday of the week), days (at most 91), outcome (``went_on``, ``ended``, ``waiting``), count.
    sizes : pandas.DataFrame
        The columns of `series`, day (of qualification), n, first_event (earliest day of the goal among them; null: none).
    refused : int
        Leads left out because the goal is dated before the qualification.
    """

    rows: ir.Table
    by: tuple[str, ...]
    series: tuple[str, ...]
    counts: pd.DataFrame
    sizes: pd.DataFrame
    refused: int


def cohorts(book: Book, by: Sequence[str], goal: Goal, during: Period | None, where: Mapping[str, object]) -> Cohorts:
    """Count what became of the leads that were marketing qualified in a period.

    Parameters
    ----------
    book : Book
        A book with leads.
    by : sequence of str
        As in `measure`.
    goal : {'sales_qualified', 'won'}
        What is to be reached.
    during : Period or None
        In which they were qualified.
    where : mapping
        Scope.
    """
    names = tuple(dict.fromkeys(by))
    series = tuple(name for name in names if name not in GRAINS)
    at = view(book, "leads", "marketing_qualified_at", (*series, *_grains(names)), where, during)
    rows = _with_fates(book, at.table.filter(at.table.marketing_qualified_at.notnull()), goal)
    counts = rows.group_by([*at.key_columns, "days", "outcome"]).agg(count=rows.count())
    counts = named(book, at.keys, book.fetch(counts))
    refused = counts["days"] < 0
    starts = {name: book.period(name).start for name in counts["week"].unique()}
    used = rows.filter(rows.days >= 0).drop(*at.key_columns[len(series) :])
    sizes = used.group_by([*at.key_columns[: len(series)], "_day"]).agg(n=used.count(), first_event=used["_event"].min())
    sizes = named(book, at.keys[: len(series)], book.fetch(sizes).rename(columns={"_day": "day"}))
    counts = counts.assign(start=counts["week"].map(starts))
    return Cohorts(used, names, series, counts[~refused], sizes, int(counts.loc[refused, "count"].sum()))


def _grains(names: Sequence[str]) -> tuple[str, ...]:
    """Return the calendar grains to group by: those asked for, and always the week."""
    return tuple(dict.fromkeys((*(name for name in names if name in GRAINS), "week")))


def _with_fates(book: Book, leads: ir.Table, goal: Goal) -> ir.Table:
    """Add days and outcome; longer than the last horizon is one day more than it, and waiting, whatever came then."""
    rows = _with_ends(book, leads, goal)
    went, ended = rows["_event"].notnull(), rows["_end"].notnull()
    days = ibis.cases(
        (went, rows["_event"].delta(rows["_day"], unit="day")),
        (ended, ibis.greatest(rows["_end"].delta(rows["_day"], unit="day"), ibis.literal(0))),
        else_=ibis.literal(book.as_of).delta(rows["_day"], unit="day"),
    ).cast("int64")
    outcome = ibis.cases((days > HORIZONS[-1], "waiting"), (went, "went_on"), (ended, "ended"), else_="waiting")
    # A goal before the qualification keeps its negative days, by which it is refused.
    return rows.mutate(days=ibis.least(days, ibis.literal(HORIZONS[-1] + 1)), outcome=outcome)


def _with_ends(book: Book, leads: ir.Table, goal: Goal) -> ir.Table:
    """Add the day of qualification, the day on which the goal was reached, and the day on which it no longer could be."""
    day = leads.marketing_qualified_at.date()
    if goal == "sales_qualified":
        return leads.mutate(_day=day, _event=leads.sales_qualified_at.date(), _end=leads.disqualified_at.date())
    sold = linked(book)
    fates = sold.group_by(lead="lead_id").agg(
        won_day=sold.close_date.min(where=sold.won), lost_day=sold.close_date.max(where=sold.lost)
    )
    joined = leads.left_join(fates, leads.lead_id == fates.lead)
    end = ibis.coalesce(joined.disqualified_at.date(), joined.lost_day)
    return joined.mutate(_day=joined.marketing_qualified_at.date(), _event=joined.won_day, _end=end).select(
        *leads.columns, "_day", "_event", "_end"
    )


def linked(book: Book) -> ir.Table:
    """Return which opportunity belongs to which lead, whichever of the two names the other: one row for each pair."""
    sold, leads = book.table("opportunities"), book.table("leads")
    fields = ("opportunity_id", "won", "lost", "closed", "close_date", "amount")
    pairs = leads.filter(leads.opportunity_id.notnull()).select("lead_id", "opportunity_id")
    named_here = pairs.inner_join(sold.select(*fields), "opportunity_id").select("lead_id", *fields)
    named_there = sold.filter(sold.lead_id.notnull()).select("lead_id", *fields)
    # Where each names the other they are a pair once; dropping what occurs twice would hash every column of all pairs.
    return ibis.union(named_here, named_there.anti_join(pairs, ["lead_id", "opportunity_id"]))


def goal_recorded(book: Book, goal: Goal) -> bool:
    """Return whether any lead of the book has reached the goal."""
    reached = linked(book).won if goal == "won" else book.table("leads").sales_qualified_at.notnull()
    return bool(book.fetch_row(reached.as_table().aggregate(any=reached.any().fill_null(False)))["any"])


def conversions(counts: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return the share that reached the goal within 30, 60 and 90 days, for every group.

    Parameters
    ----------
    counts : pandas.DataFrame
        Those of `Cohorts`.
    by : sequence of str
        Columns that name a group.

    Returns
    -------
    pandas.DataFrame
        The columns of `by`, mqls, went_on (within 90 days), ended, waiting, then within_30, within_60, within_90 (0 to 1; null:
        nobody was watched that long), each with ``_low`` and ``_high``.
    """
    keys = list(by)
    table = life_table(counts, by=keys, censored=("waiting",), outcomes=("went_on", "ended"))
    curve = incidence(table, "went_on")
    frame = curve.at(0)[keys].assign(mqls=table.n.astype("int64"))
    for name in _OUTCOMES:
        weights = table.censored if name == "waiting" else table.count(name)
        frame[name] = np.bincount(table.code, weights, len(frame)).astype("int64")
    for days in HORIZONS:
        names = [f"within_{days}{limit}" for limit in ("", "_low", "_high")]
        frame[names] = curve.at(days)[["value", "low", "high"]].to_numpy()
    return frame


def horizon_of(found: Cohorts) -> int:
    """Return the first horizon within which nearly all that reach the goal within 90 days have done so."""
    pooled = _delays(found.counts)
    return next((days for days in HORIZONS if pooled[days] >= _NEARLY_ALL * pooled[-1]), HORIZONS[-1])


def weeks_of(found: Cohorts, as_of: date, within: int) -> pd.DataFrame:
    """Return the conversion of every week and series, and how much of it can be known.

    Parameters
    ----------
    found : Cohorts
        What the engine counted.
    as_of : date
        Day of the book.
    within : int
        Horizon in days.

    Returns
    -------
    pandas.DataFrame
        The columns of `series`, start (Monday), n (qualified), went_on (within the horizon so far), known (share of what will come
        within the horizon that is known by now, 0 to 1), trials (n · known, at least went_on), value, low, high (null: nothing is
        known yet), young (too little is known to be judged). Weeks without leads are there with n = 0.

    Notes
    -----
    A lead qualified c days ago has shown F(min(c, h)) / F(h) of what it will do within h days, F being the Aalen-Johansen curve
    of all its series (of all series together where its own has fewer than 50 that went on).
    """
    series = list(found.series)
    pooled = _delays(found.counts)
    parts = []
    for key, sizes, counts in _by_series(found):
        went = counts[counts["outcome"] == "went_on"]
        delays = _delays(counts) if went["count"].sum() >= _OWN_DELAYS else pooled
        age = np.array([(as_of - day).days for day in sizes["day"]])
        share = delays[np.minimum(age, within)] / delays[within] if delays[within] > 0 else (age >= within).astype(float)
        start = pd.Series([day - timedelta(days=day.weekday()) for day in sizes["day"]], index=sizes.index)
        known = sizes.assign(start=start, known=sizes["n"] * share).groupby("start")[["n", "known"]].sum()
        known["went_on"] = went[went["days"] <= within].groupby("start")["count"].sum()
        parts.append(known.assign(**key).reset_index())
    return _completed(pd.concat(parts, ignore_index=True), series)


def _completed(weeks: pd.DataFrame, series: list[str]) -> pd.DataFrame:
    """Give every series all weeks from the first to the last, and every week its figure."""
    span = [day.date() for day in pd.date_range(weeks["start"].min(), weeks["start"].max(), freq="7D")]
    keys = weeks[series].drop_duplicates() if series else pd.DataFrame(index=[0])
    whole = keys.merge(pd.DataFrame({"start": span}), how="cross").merge(weeks, how="left", on=[*series, "start"])
    whole[["n", "known", "went_on"]] = whole[["n", "known", "went_on"]].fillna(0)
    trials = np.maximum(whole["known"], whole["went_on"])
    share = np.where(whole["n"] > 0, whole["known"] / np.maximum(whole["n"], 1), np.nan)
    size = np.where(trials >= 1, trials, np.nan)
    value = wilson(whole["went_on"].to_numpy(dtype=float) / size, size, _Z)
    return whole.astype({"n": "int64", "went_on": "int64"}).assign(
        known=share, trials=trials, value=value.value, low=value.low, high=value.high, young=share < MATURE
    )[[*series, "start", "n", "went_on", "known", "trials", "value", "low", "high", "young"]]


def _by_series(found: Cohorts) -> list[tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]]:
    """Return the rows of each series, with the names that it has."""
    if not found.series:
        return [({}, found.sizes, found.counts)]
    series = list(found.series)
    counts = dict(list(found.counts.groupby(series, dropna=False)))
    sizes = dict(list(found.sizes.groupby(series, dropna=False)))
    both = zip(sizes.values(), counts.values(), strict=True)
    return [({name: each[name].iloc[0] for name in series}, each, other) for each, other in both]


def _delays(counts: pd.DataFrame) -> np.ndarray:
    """Return the share that went on by each day from 0 to 90."""
    curve = incidence(life_table(counts, censored=("waiting",), outcomes=("went_on",)), "went_on").frame
    by_day = curve.set_index("days")["value"].reindex(range(HORIZONS[-1] + 1)).ffill().fillna(0.0)
    return by_day.to_numpy(dtype=float)
