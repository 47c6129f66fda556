"""What is worth knowing about the activities of a book: durations, overlaps and dates that cannot be quite right, and who has none.

No row is refused here: what was done was done, whatever the clock says.
"""

from collections.abc import Iterator, Mapping

import ibis
import ibis.expr.types as ir

from salestrack.book import Fault, Settings
from salestrack.sources.checks import before
from salestrack.sources.intake import Taken

_EXAMPLES = 3
_DAY = 24 * 60


def activity_findings(taken: Mapping[str, Taken], settings: Settings) -> Iterator[Fault]:
    """Yield what is worth knowing about the usable activities, and about responses recorded before their lead.

    Parameters
    ----------
    taken : mapping of str to Taken
        Tables by canonical name.
    settings : Settings
        Stages.
    """
    if "leads" in taken:
        yield from _early_responses(taken["leads"].usable)
    if "activities" not in taken:
        return
    activities = taken["activities"].usable
    yield from _of_nobody(activities)
    yield from _too_long(activities)
    yield from _too_long_a_day(activities)
    yield from _overlapping(activities)
    yield from _after_the_close(activities, taken["opportunities"].usable, settings)
    if "reps" in taken:
        yield from _without_activity(taken["reps"].usable, activities)


def _of_nobody(activities: ir.Table) -> Iterator[Fault]:
    rows, told = _counted(activities.filter(activities.rep_id.isnull()), "activity_id", "type")
    if rows:
        advice = "They count in totals, and nowhere by rep. Map rep_id, or fill it in the source."
        yield Fault("activities", "rep_id", "rep_id is missing", rows, told, False, advice)


def _too_long(activities: ir.Table) -> Iterator[Fault]:
    long = activities.filter(activities.minutes > _DAY)
    rows, told = _counted(long, "activity_id", "minutes", "minutes")
    if rows:
        advice = "They count with all their hours. Correct them in the source, or map minutes with an expression that ends them."
        yield Fault("activities", "minutes", "minutes is more than 24 hours", rows, told, False, advice)


def _too_long_a_day(activities: ir.Table) -> Iterator[Fault]:
    """Yield a finding on days on which the activities of one rep last longer than a day together, though none does by itself."""
    timed = activities.filter(activities.minutes > 0, activities.minutes <= _DAY, activities.rep_id.notnull())
    days = timed.group_by("rep_id", day=timed.started_at.date()).agg(minutes=timed.minutes.sum(), n=timed.count())
    long = days.filter(days.minutes > _DAY)
    found = long.aggregate(days=long.count(), rows=long.n.sum().fill_null(0)).to_pyarrow().to_pylist()[0]
    if found["days"]:
        most = long.order_by(ibis.desc("minutes"), "rep_id", "day").limit(_EXAMPLES).to_pyarrow().to_pylist()
        told = tuple(f"{row['rep_id']} on {row['day']} ({row['minutes'] / 60:,.0f} hours)" for row in most)
        problem = f"more than 24 hours of one rep on one day ({found['days']:,} such days)"
        advice = "They count with all their hours. Is minutes in hours or seconds, or a total repeated on each row?"
        yield Fault("activities", "minutes", problem, found["rows"], told, False, advice)


def _overlapping(activities: ir.Table) -> Iterator[Fault]:
    """Yield a finding about activities that begin before an earlier one of the same rep has ended.

    A start at exactly midnight is a day without a time, and tells nothing about overlaps. Each activity is held against those that
    began on the same day. Those without a rep may be of different people.
    """
    timed = activities.filter(activities.minutes > 0, activities.rep_id.notnull())
    timed = timed.filter(timed.started_at != timed.started_at.truncate("D"))
    day, starts = timed.started_at.date(), timed.started_at.epoch_seconds() / 60
    timed = timed.select("activity_id", "rep_id", day=day, starts=starts, ends=starts + timed.minutes)
    earlier = ibis.window(group_by=["rep_id", "day"], order_by=["starts", "activity_id"], rows=(None, -1))
    held = timed.mutate(busy_until=timed.ends.max().over(earlier))
    both = held.filter(held.starts < held.busy_until)
    both = both.mutate(twice=ibis.least(both.ends, both.busy_until) - both.starts)
    # One pass: a window over all activities is the dearest of all findings.
    all_of_them = both.mutate(rows=both.count().over(), hours=both.twice.sum().over() / 60)
    most = all_of_them.order_by(ibis.desc("twice"), "activity_id").limit(_EXAMPLES).to_pyarrow().to_pylist()
    if most:
        told = tuple(f"{row['activity_id']} ({row['rep_id']}, {row['twice']:,.0f} minutes)" for row in most)
        problem = f"begins before an earlier activity of the same rep has ended; {most[0]['hours']:,.1f} hours count twice"
        advice = "They stay in. Look for meetings entered twice, and for durations that are planned and not spent."
        yield Fault("activities", "started_at, minutes", problem, most[0]["rows"], told, False, advice)


def _after_the_close(activities: ir.Table, opportunities: ir.Table, settings: Settings) -> Iterator[Fault]:
    closed = opportunities.filter(opportunities.stage.isin([*settings.named("won"), *settings.named("lost")]))
    closed = closed.select(closed=closed.opportunity_id, closed_on=closed.close_date)
    late = activities.inner_join(closed, activities.opportunity_id == closed.closed)
    late = late.filter(late.started_at.date() > late.closed_on)
    rows, told = _counted(late, "activity_id", "opportunity_id", "started_at")
    if rows:
        advice = "They count as work on it, though not towards its closing. Service after the sale belongs on the account."
        problem = "begins after its opportunity was closed"
        yield Fault("activities", "started_at, opportunity_id", problem, rows, told, False, advice)


def _without_activity(reps: ir.Table, activities: ir.Table) -> Iterator[Fault]:
    silent = reps.anti_join(activities, "rep_id")
    rows, told = _counted(silent, "rep_id", "role")
    if rows:
        advice = "Their working time is not counted. Ask whether their calendars reach the CRM; managers often log nothing."
        yield Fault("reps", "rep_id", "no activity at all", rows, told, False, advice)


def _early_responses(leads: ir.Table) -> Iterator[Fault]:
    early = leads.filter(before(leads.created_at, leads.first_response_at))
    rows, told = _counted(early, "lead_id", "first_response_at")
    if rows:
        advice = "Up to an hour counts as answered at once, more as a wait that is not known. The leads stay in all other figures."
        yield Fault("leads", "first_response_at", "first_response_at is before created_at", rows, told, False, advice)


def _counted(rows: ir.Table, key: str, shown: str, most: str = "") -> tuple[int, tuple[str, ...]]:
    """Return how many rows there are, and the keys and values of a few: those with the most of a column, or the first."""
    count = int(rows.count().to_pyarrow().as_py())
    if not count:
        return 0, ()
    first = rows.order_by([*([ibis.desc(most)] if most else []), key]).limit(_EXAMPLES)
    told = first.select(key=first[key], shown=first[shown]).to_pyarrow().to_pylist()
    return count, tuple(_told(row) for row in told)


def _told(row: Mapping[str, object]) -> str:
    value = f"{row['shown']:,.0f}" if isinstance(row["shown"], float) else row["shown"]
    return str(row["key"]) if value is None else f"{row['key']} ({value})"
