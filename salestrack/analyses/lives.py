"""Lives of decided opportunities, laid beside each other from their close or from their creation, and what was done in them.

Everything is counted by the book's engine; what comes back is one row for each group of like opportunities.
"""

from datetime import date
from typing import Literal

import ibis
import ibis.expr.types as ir
import pandas as pd

from salestrack.analyses.coverage import size_band
from salestrack.book import Book
from salestrack.stats.watching import Watch, watch

Anchor = Literal["close", "creation"]
GRAINS = {"day": (1, 30), "week": (7, 12), "month": (30, 6)}
"""Length of a bucket in days, and how many there are: the last 30 days, 12 weeks and 6 months of 30 days."""
AGE_EDGES = (7, 14, 30, 60, 90, 180, 365)
"""Days from creation to close at which a new stratum begins."""
ALIKE = ("rep_id", "age", "size", "quarter")
"""In what won and lost opportunities are made alike."""
MOST_GONE = 0.1
"""Share of the won that may have closed before a bucket after the creation is over."""
_LONGEST = max(length * count for length, count in GRAINS.values())


def watched(book: Book, opportunities: ir.Table) -> Watch:
    """Return how long opportunities must be watched from their creation until hardly anything more will be won.

    Parameters
    ----------
    book : Book
        The book.
    opportunities : ibis table
        As of the day of the book.
    """
    known = opportunities.filter(opportunities.created_date.notnull(), opportunities.observed_days.notnull())
    age = ibis.literal(book.as_of).delta(known.created_date, unit="day")
    outcome = ibis.cases((known.open, "open"), (known.won, "won"), else_="lost")
    lives = known.group_by(after=known.observed_days.cast("int64"), outcome=outcome)
    return watch(book.fetch(lives.agg(count=ibis._.count(), longest=age.max().cast("int64"))))


def decided(opportunities: ir.Table, anchor: Anchor, record_start: date, until: date | None = None) -> ir.Table:
    """Return the decided opportunities with what they should be alike in and with the stretch of their life to be looked at.

    Parameters
    ----------
    opportunities : ibis table
        As of the day of the book.
    anchor : {'close', 'creation'}
        From where days are counted: backwards from the close, or onwards from the creation.
    record_start : date
        First day with an activity.
    until : date, optional
        Last day of creation: of those created later the slow ones are open yet.

    Returns
    -------
    ibis table
        opportunity (its key), anchor (day), won (0 or 1), rep_id, age and size (a band of the days from creation to close, a
        doubling of the amount; null size: no amount), quarter (of the anchor, year · 4 + quarter), first and last (days from the
        anchor, between which it existed and activities were recorded; at most 180).
    """
    known = opportunities.filter(opportunities.closed, opportunities.created_date.notnull())
    known = known if until is None else known.filter(known.created_date <= until)
    days = known.observed_days
    recorded = known.close_date.delta(ibis.literal(record_start), unit="day")
    unrecorded = ibis.literal(record_start).delta(known.created_date, unit="day")
    zero = ibis.literal(0)
    if anchor == "close":
        day, first, last = known.close_date, zero, ibis.least(days, recorded)
    else:
        day, first, last = known.created_date, ibis.greatest(unrecorded, zero), days
    return known.select(
        opportunity="opportunity_id",
        anchor=day,
        won=known.won.cast("int64"),
        rep_id="rep_id",
        quarter=day.year() * 4 + day.quarter(),
        age=sum((days >= edge).cast("int64") for edge in AGE_EDGES),
        size=size_band(known.amount, 2.0),
        first=ibis.least(first.cast("int64"), ibis.literal(_LONGEST)),
        last=ibis.least(last.cast("int64"), ibis.literal(_LONGEST)),
    )


def at_risk(book: Book, lives: ir.Table) -> pd.DataFrame:
    """Return how many like opportunities there are by outcome, and first and last day that can be looked at.

    Returns
    -------
    pandas.DataFrame
        rep_id, age, size, quarter, won, first, last, n.
    """
    return _without_null(book, lives.group_by([*ALIKE, "won", "first", "last"]).agg(n=ibis._.count()))


def done(book: Book, lives: ir.Table, anchor: Anchor) -> pd.DataFrame:
    """Return what was done on them: for like ones of each outcome, category, grain and bucket, the sums over opportunities.

    Returns
    -------
    pandas.DataFrame
        rep_id, age, size, quarter, won, category, grain, bucket (0 is next to the anchor), s1 and s2 (Σx and Σx² of activities on
        one opportunity in the bucket; those without any add nothing). Only opportunities that existed in the whole bucket count.
    """
    buckets = pd.DataFrame([(grain, *sizes) for grain, sizes in GRAINS.items()], columns=["grain", "length", "count"])
    activities = book.table("activities")
    linked = activities.filter(activities.opportunity_id.notnull()).select("opportunity_id", "category", "started_at")
    on = linked.inner_join(lives, linked.opportunity_id == lives.opportunity)
    day = on.started_at.date()
    away = on.anchor.delta(day, unit="day") if anchor == "close" else day.delta(on.anchor, unit="day")
    on = on.mutate(day=away).filter(ibis._.day >= 0, ibis._.day <= ibis._["last"], ibis._.day < _LONGEST)
    one = on.group_by(["opportunity", *ALIKE, "won", "first", "last", "category", "day"]).agg(x=ibis._.count())
    placed = one.cross_join(ibis.memtable(buckets))
    placed = placed.mutate(bucket=(placed.day / placed.length).floor().cast("int64"))
    begin = placed.bucket * placed.length
    placed = placed.filter(placed.bucket < placed["count"], begin >= placed["first"], begin + placed.length - 1 <= placed["last"])
    each = placed.group_by(["opportunity", *ALIKE, "won", "category", "grain", "bucket"]).agg(x=ibis._.x.sum())
    return _without_null(
        book, each.group_by([*ALIKE, "won", "category", "grain", "bucket"]).agg(s1=ibis._.x.sum(), s2=(ibis._.x * ibis._.x).sum())
    )


def won_are_gone(risk: pd.DataFrame, grain: str, bucket: int) -> bool:
    """Return whether more than a tenth of the won had closed before a bucket after the creation was over."""
    length, _ = GRAINS[grain]
    won = risk[(risk["first"] <= bucket * length) & (risk["won"] == 1)]
    return bool(won.loc[won["last"] < (bucket + 1) * length - 1, "n"].sum() > MOST_GONE * won["n"].sum())


def there_throughout(risk: pd.DataFrame, grain: str, bucket: int) -> pd.DataFrame:
    """Return how many like ones, won and lost, existed in a whole bucket."""
    length, _ = GRAINS[grain]
    whole = risk[(risk["first"] <= bucket * length) & (risk["last"] >= (bucket + 1) * length - 1)]
    n = whole.groupby([*ALIKE, "won"])["n"].sum().unstack("won").reindex(columns=[1, 0]).fillna(0)
    return n.set_axis(["n", "n_other"], axis=1).reset_index().assign(bucket=bucket)


def _without_null(book: Book, query: ir.Table) -> pd.DataFrame:
    found = book.fetch(query)
    # Without an amount is a band of its own, and nobody one rep; a null is not to be one with another by accident of the engine.
    return found.assign(size=found["size"].fillna(-(10**6)).astype("int64"), rep_id=found["rep_id"].fillna(""))
