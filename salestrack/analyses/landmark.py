"""Landmark cohorts: opportunities still open some days after creation, what was done on them until then, what became of them.

Everything is counted by the book's engine; what comes back is one row for each group of like opportunities.
"""

from collections.abc import Sequence
from datetime import date
from math import exp
from typing import Literal

import ibis
import ibis.expr.types as ir
import pandas as pd

from salestrack.analyses.coverage import size_band
from salestrack.book import Book
from salestrack.tables import CATEGORIES

Dose = Literal["activities", "hours"]
FATES = ("undated", "before_record", "too_young", "closed_before", "still_open", "decided")
"""What an opportunity is at a landmark; only ``decided`` ones are compared."""
# Amounts are told apart by steps of about 28 %: four to each factor of e.
_STEPS = 4
_FACTOR = exp(1 / _STEPS)
_LIKE = ("segment", "source", "rep_id", "size", "quarter")


def cohorts(book: Book, opportunities: ir.Table, days: Sequence[int], record_start: date) -> pd.DataFrame:
    """Return how many opportunities there are of each fate, by landmark.

    Parameters
    ----------
    book : Book
        The book.
    opportunities : ibis table
        Those to look at, as of the day of the book.
    days : sequence of int
        The landmarks.
    record_start : date
        First day with an activity.

    Returns
    -------
    pandas.DataFrame
        One row for each landmark: days, then a count for each of `FATES`: without a creation date; created before activities were
        recorded; created so lately that the landmark lies ahead; closed before the landmark; open at the landmark and still; open
        at the landmark and decided since.
    """
    found = book.fetch(_at_landmarks(opportunities, days, record_start).group_by(["days", "fate"]).agg(n=ibis._.count()))
    counts = found.pivot_table(index="days", columns="fate", values="n", aggfunc="sum", fill_value=0)
    return counts.reindex(index=list(days), columns=list(FATES), fill_value=0).rename_axis(columns=None).reset_index()


def cells(book: Book, opportunities: ir.Table, days: Sequence[int], record_start: date, dose: Dose = "activities") -> pd.DataFrame:
    """Return the decided opportunities of each landmark, grouped into cells of like ones; parameters as in `cohorts`.

    Parameters
    ----------
    dose : {'activities', 'hours'}
        What is counted of each category: activities, or their hours to the half hour, so that like opportunities share a cell.

    Returns
    -------
    pandas.DataFrame
        days; a column for each category: its dose in the days before the landmark, day of creation included; segment, source,
        rep_id (null: not recorded); log_amount (in steps of a quarter; null: no amount, or zero); quarter of creation (year · 4 +
        quarter); n and won.
    """
    at = _at_landmarks(opportunities, days, record_start)
    doses = _doses(book.table("activities"), opportunities, days, dose)
    counted = at.filter(at.fate == "decided").left_join(doses, ["opportunity_id", "days"])
    counted = counted.mutate(
        **{category: counted[category].fill_null(0) for category in CATEGORIES},
        size=size_band(counted.amount, _FACTOR),
        quarter=counted.created_date.year() * 4 + counted.created_date.quarter(),
    )
    grouped = counted.group_by(["days", *CATEGORIES, *_LIKE]).agg(n=ibis._.count(), won=ibis._.won.cast("int64").sum())
    found = book.fetch(grouped).sort_values(["days", *CATEGORIES, *_LIKE], ignore_index=True)
    return found.assign(log_amount=found["size"] / _STEPS).drop(columns="size")


def _at_landmarks(opportunities: ir.Table, days: Sequence[int], record_start: date) -> ir.Table:
    """Return each opportunity once for each landmark, with its fate there."""
    marks = ibis.memtable(pd.DataFrame({"days": list(days)}, dtype="int64"))
    at = opportunities.cross_join(marks)
    lived = at.observed_days >= at.days
    fate = ibis.cases(
        (at.created_date.isnull(), "undated"),
        (at.created_date < record_start, "before_record"),
        (~lived & at.open, "too_young"),
        (~lived, "closed_before"),
        (at.open, "still_open"),
        else_="decided",
    )
    return at.mutate(fate=fate)


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
