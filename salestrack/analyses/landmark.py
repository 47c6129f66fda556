"""Landmark cohorts: opportunities still open some days after creation, what was done on them until then, what became of them.

Everything is counted by the book's engine; what comes back is one row for each group of like opportunities.
"""

from collections.abc import Sequence
from datetime import date
from math import exp
from typing import Literal, NamedTuple

import ibis
import ibis.expr.types as ir
import pandas as pd

from salestrack.analyses.coverage import size_band
from salestrack.book import Book
from salestrack.stats.watching import watch
from salestrack.tables import CATEGORIES

Dose = Literal["activities", "hours"]
FATES = ("undated", "before_record", "too_young", "closed_before", "unripe", "still_open", "decided")
"""What an opportunity is at a landmark; only the last two are compared."""
COMPARED = ("still_open", "decided")
# Amounts are told apart by steps of about 28 %: four to each factor of e.
_STEPS = 4
_FACTOR = exp(1 / _STEPS)
_LIKE = ("segment", "source", "rep_id", "size", "quarter")


class Since(NamedTuple):
    """First day with activities on record, and first day with closes on record (None: all closes are)."""

    activities: date
    closes: date | None


def watches(book: Book, opportunities: ir.Table, days: Sequence[int], since: Since) -> pd.DataFrame:
    """Return how long opportunities are watched after each landmark, and what those still open then may come to.

    Parameters
    ----------
    book : Book
        The book.
    opportunities : ibis table
        Those to look at, as of the day of the book.
    days : sequence of int
        The landmarks.
    since : Since
        Since when activities and closes are recorded.

    Returns
    -------
    pandas.DataFrame
        One row for each landmark: days, and the columns of `salestrack.stats.watching.Watch`.
    """
    at = _at_landmarks(opportunities, _marks(days), since, book.as_of)
    at = at.filter(at.lived, at.fate.isin(["unripe", *COMPARED]))
    after, oldest = (at.observed_days - at.days).cast("int64"), (at.age - at.days).max().cast("int64")
    lives = at.group_by("days", after=after, outcome=at.outcome).agg(count=ibis._.count(), longest=oldest)
    found = book.fetch(lives)
    return pd.DataFrame([{"days": day, **watch(found[found["days"] == day])._asdict()} for day in days])


def cohorts(book: Book, opportunities: ir.Table, marks: pd.DataFrame, since: Since) -> pd.DataFrame:
    """Return how many opportunities there are of each fate, by landmark.

    Parameters
    ----------
    book, opportunities, since
        As in `watches`.
    marks : pandas.DataFrame
        The landmarks, from `watches`: days and watched.

    Returns
    -------
    pandas.DataFrame
        One row for each landmark: days, then a count for each of `FATES`: without a creation date; created before activities were
        recorded, or so long before closes were that it may be in the book only for having lived long; open and younger than the
        landmark; closed before the landmark; alive at the landmark, but created too late to be watched for `watched` days after it,
        whatever has become of it; open at the landmark, and open still; open at the landmark and decided since.
    """
    at = _at_landmarks(opportunities, marks, since, book.as_of)
    found = book.fetch(at.group_by(["days", "fate"]).agg(n=ibis._.count()))
    counts = found.pivot_table(index="days", columns="fate", values="n", aggfunc="sum", fill_value=0)
    return counts.reindex(index=list(marks["days"]), columns=list(FATES), fill_value=0).rename_axis(columns=None).reset_index()


def cells(book: Book, opportunities: ir.Table, marks: pd.DataFrame, since: Since, dose: Dose = "activities") -> pd.DataFrame:
    """Return the opportunities that were open at each landmark, grouped into cells of like ones.

    Parameters
    ----------
    book, opportunities, since
        As in `watches`.
    marks : pandas.DataFrame
        The landmarks, from `watches`: days, watched and within.
    dose : {'activities', 'hours'}
        What is counted of each category: activities, or their hours to the half hour, so that like opportunities share a cell.

    Returns
    -------
    pandas.DataFrame
        days; a column for each category: its dose in the days before the landmark, day of creation included; segment, source,
        rep_id (null: not recorded); log_amount (in steps of a quarter; null: no amount, or zero); quarter of creation (year · 4 +
        quarter); n, won and open (of those watched for `watched` days after the landmark: how many, won by now, open still);
        n_soon and won_soon (of those watched for `within` days after it: how many, and won within them); and n_all, won_all,
        open_all, n_all_soon, won_all_soon (the same, with those that had closed before the landmark).
    """
    at = _at_landmarks(opportunities, marks, since, book.as_of)
    doses = _doses(book.table("activities"), opportunities, list(marks["days"]), dose)
    counted = at.filter(at.fate.isin(["closed_before", "unripe", *COMPARED])).left_join(doses, ["opportunity_id", "days"])
    counted = counted.mutate(
        **{category: counted[category].fill_null(0) for category in CATEGORIES},
        size=size_band(counted.amount, _FACTOR),
        quarter=counted.created_date.year() * 4 + counted.created_date.quarter(),
        ripe=counted.age >= counted.days + counted.watched,
        soon=counted.age >= counted.days + counted.within,
        early=counted.won & (counted.observed_days <= counted.days + counted.within),
    )
    grouped = counted.group_by(["days", *CATEGORIES, *_LIKE]).agg(
        **_counts("", counted.lived & counted.ripe, counted.lived & counted.soon, counted),
        **_counts("_all", counted.ripe, counted.soon, counted),
    )
    grouped = grouped.filter((grouped.n_all > 0) | (grouped.n_all_soon > 0))
    found = book.fetch(grouped).sort_values(["days", *CATEGORIES, *_LIKE], ignore_index=True)
    return found.assign(log_amount=found["size"] / _STEPS).drop(columns="size")


def _counts(name: str, ripe: ir.BooleanValue, soon: ir.BooleanValue, of: ir.Table) -> dict[str, ir.Value]:
    """Return how many there are, won and open of those watched to the end, and won early of those watched so long."""
    which = {"n": ripe, "won": ripe & of.won, "open": ripe & of.open}
    which = {f"{key}{name}": value for key, value in which.items()}
    which |= {f"n{name}_soon": soon, f"won{name}_soon": soon & of.early}
    return {key: value.cast("int64").sum() for key, value in which.items()}


def _marks(days: Sequence[int]) -> pd.DataFrame:
    return pd.DataFrame({"days": list(days), "watched": 0, "within": 0}, dtype="int64")


def _at_landmarks(opportunities: ir.Table, marks: pd.DataFrame, since: Since, as_of: date) -> ir.Table:
    """Return each opportunity once for each landmark, with its fate there."""
    at = opportunities.cross_join(ibis.memtable(marks[["days", "watched", "within"]].astype("int64")))
    at = at.mutate(lived=at.observed_days >= at.days, age=ibis.literal(as_of).delta(at.created_date, unit="day").cast("int64"))
    before = at.created_date < since.activities
    if since.closes is not None:
        # Whatever was open at its landmark on that day or later is in the book, however short it lived.
        before = before | (at.created_date.delta(ibis.literal(since.closes), unit="day") + at.days < 0)
    fate = ibis.cases(
        (at.created_date.isnull(), "undated"),
        (before, "before_record"),
        (~at.lived & at.open, "too_young"),
        (~at.lived, "closed_before"),
        (at.age < at.days + at.watched, "unripe"),
        (at.open, "still_open"),
        else_="decided",
    )
    return at.mutate(fate=fate, outcome=ibis.cases((at.open, "open"), (at.won, "won"), else_="lost"))


def _doses(activities: ir.Table, opportunities: ir.Table, days: Sequence[int], dose: Dose) -> ir.Table:
    """Return the dose of each category on each opportunity before each landmark."""
    marks = ibis.memtable(pd.DataFrame({"days": list(days)}, dtype="int64"))
    side = opportunities.select(opportunity="opportunity_id", created="created_date")
    linked = activities.filter(activities.opportunity_id.notnull()).mutate(each=1.0 if dose == "activities" else ibis._.hours)
    linked = linked.select("opportunity_id", "category", "started_at", "each")
    done = linked.inner_join(side, linked.opportunity_id == side.opportunity)
    done = done.mutate(day=done.started_at.date().delta(done.created, unit="day"))
    done = done.filter(done.day >= 0, done.day < max(days)).select("opportunity_id", "category", "day", "each")
    until = done.join(marks, done.day < marks.days)
    return until.group_by(["opportunity_id", "days"]).agg(
        **{category: _rounded(until["each"].sum(where=until.category == category)) for category in CATEGORIES}
    )


def _rounded(dose: ir.Value) -> ir.Value:
    return (dose.fill_null(0.0) * 2).round() / 2
