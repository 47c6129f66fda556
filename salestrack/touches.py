"""Touches: how long each open opportunity has been left alone, and how long each lead waited for its first answer.

A wait is kept on a grid: whole minutes within the first day, whole hours within the first week, whole days after that, always
rounded up. So a life table stays small at any size, a band such as "within 5 minutes" is exact, and no wait is understated.
"""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from salestrack.clock_changes import elapsed_seconds
from salestrack.tables import CLIENT_CATEGORIES

DAY, WEEK = 24 * 60, 7 * 24 * 60
"""Minutes up to which a wait is kept in whole minutes, and in whole hours."""
SKEW_SECONDS = 3600
"""A response so little before the lead came in is the difference of two clocks; an earlier one tells nothing about the wait."""


def with_idle_days(opportunities: ir.Table, activities: ir.Table | None, as_of: date) -> ir.Table:
    """Return the opportunities with ``idle_days``.

    Parameters
    ----------
    opportunities : ibis table
        As of the day, with ``open``.
    activities : ibis table, optional
        As of the day.
    as_of : date
        The day.

    Returns
    -------
    ibis table
        ``idle_days`` counts the days since the last activity that names the opportunity, or since it was created where that is
        later or there is none. Null: not open, neither touched nor dated, or no activity of the book names any opportunity, so
        that nobody knows.
    """
    named = None if activities is None else activities.filter(activities.opportunity_id.notnull())
    if named is None or not named.limit(1).count().to_pyarrow().as_py():
        return opportunities.mutate(idle_days=ibis.null("int64"))
    last = named.group_by(_touched=named.opportunity_id).agg(_last=named.started_at.max().date())
    one = opportunities.left_join(last, opportunities.opportunity_id == last["_touched"])
    created, touched = one.created_date, one["_last"]
    since = ibis.cases((touched.isnull() | (created > touched).fill_null(False), created), else_=touched)
    days = ibis.literal(as_of).delta(since, unit="day")
    return one.select(*opportunities.columns, idle_days=one.open.ifelse(days, ibis.null("int64")))


def with_response(leads: ir.Table, activities: ir.Table | None, as_of: date, zone: str = "UTC") -> ir.Table:
    """Return the leads with the wait until their first answer.

    Parameters
    ----------
    leads : ibis table
        As of the day.
    activities : ibis table, optional
        As of the day; the first one with the client, not before the lead came in, answers a lead without a recorded response.
    as_of : date
        The day; all of it is included.
    zone : str
        The time zone of the book: a wait over a change of its clocks is as long as it was.

    Returns
    -------
    ibis table
        ``first_touch_at`` (null: never touched), ``response`` (``answered``; ``ended``: converted or given up untouched;
        ``waiting``: neither, on the day) and ``response_hours`` (until then, on the grid). A touch at exactly midnight is a day
        without a time: it is taken at the end of that day, the latest it can have been. The last two are null where the
        response is recorded more than an hour before the lead came in: the wait is not known.
    """
    first = _first_client_activity(leads, activities)
    one = leads if first is None else leads.left_join(first, leads.lead_id == first["_lead"])
    touch = one.first_response_at if first is None else ibis.coalesce(one.first_response_at, one["_activity"])
    latest = (touch == touch.truncate("D")).ifelse(touch + ibis.interval(days=1), touch)
    gone = _earlier(one.converted_at, one.disqualified_at)
    until = ibis.coalesce(latest, gone, ibis.literal(as_of + timedelta(days=1)).cast("timestamp"))
    seconds = elapsed_seconds(one.created_at, until, zone, as_of)
    known = (touch.isnull() | (seconds >= -SKEW_SECONDS)).fill_null(False)
    response = ibis.cases((touch.notnull(), "answered"), (gone.notnull(), "ended"), else_="waiting")
    return one.select(
        *leads.columns,
        first_touch_at=touch,
        response=known.ifelse(response, ibis.null("string")),
        response_hours=known.ifelse(_on_the_grid(seconds) / 60, ibis.null("float64")),
    )


def _first_client_activity(leads: ir.Table, activities: ir.Table | None) -> ir.Table | None:
    if activities is None:
        return None
    with_client = activities.filter(activities.lead_id.notnull(), activities.category.isin(CLIENT_CATEGORIES))
    came_in = leads.select(_lead=leads.lead_id, _created=leads.created_at)
    both = with_client.inner_join(came_in, with_client.lead_id == came_in["_lead"])
    day_only = (both.started_at == both.started_at.truncate("D")) & (both.started_at.date() == both["_created"].date())
    after = both.filter((both.started_at >= both["_created"]) | day_only)
    return after.group_by("_lead").agg(_activity=after.started_at.min())


def _earlier(one: ir.Value, other: ir.Value) -> ir.Value:
    """Return the earlier of two moments, or the only one: engines differ in what the least of a null is."""
    return ibis.cases((one.isnull() | (other < one).fill_null(False), other), else_=one)


def _on_the_grid(seconds: ir.Value) -> ir.Value:
    """Return seconds as minutes on the grid; what lies a little before the beginning is the beginning."""
    minutes = _up((seconds < 0).ifelse(0, seconds), 60)
    coarse = ibis.cases((minutes <= WEEK, _up(minutes, 60) * 60), else_=_up(minutes, DAY) * DAY)
    return (minutes <= DAY).ifelse(minutes, coarse)


def _up(number: ir.Value, unit: int) -> ir.Value:
    return ((number + (unit - 1)) / unit).floor().cast("int64")
