"""What reps do all day."""

from ibis.expr.types import Table

from salestrack.definition import COUNT, HIGHER, HOURS, NEITHER, RATIO, SHARE, metric
from salestrack.formula import Ratio, Total

_CLOCK = {"activities": "started_at", "rep_days": "day"}


@metric(unit=COUNT, clock="started_at", better=NEITHER)
def activity_count(activities: Table) -> Total:
    """Number of activities that began in the period."""
    return Total(of=activities.activity_id.notnull())


@metric(unit=HOURS, clock="started_at", better=NEITHER)
def activity_hours(activities: Table) -> Total:
    """Hours of the activities that began in the period.

    Activities without a recorded duration add nothing.
    """
    return Total(of=activities.hours)


@metric(unit=SHARE, clock="started_at", better=HIGHER)
def selling_time_share(activities: Table) -> Ratio:
    """Share of the logged hours that went into selling.

    Hours of activities in the book's selling categories (by default the two with clients) over all hours logged.

    Notes
    -----
    Undefined when no hours were logged. Hours that nobody logged are in neither part. The activities of one rep are alike, so they
    count for fewer: how much is measured over the whole book, as for every share or mean of activities.

    See Also
    --------
    selling_share_of_working_time : the same hours over all working hours, logged or not.
    """
    return Ratio(of=activities.selling.ifelse(activities.hours, 0.0), over=activities.hours, where=activities.hours.notnull())


@metric(unit=HOURS, clock="day", better=NEITHER)
def working_hours(rep_days: Table) -> Total:
    """Hours that the reps were to work in the period.

    The hours of each working day between a rep's first and last day, less public holidays and time off where the book knows
    them, and only from the first to the last day on which the book holds any activity. Reps who never logged an activity (many
    a manager) have none: of their time nothing is recorded.
    """
    return Total(of=rep_days.hours)


@metric(unit=RATIO, clock=_CLOCK, better=NEITHER, min_n=0)
def logged_time_share(activities: Table, rep_days: Table) -> Ratio:
    """Hours logged over working hours, in the period.

    What is missing to 100 % is working time that nobody logged.

    Notes
    -----
    Undefined when there were no working hours in the period. Above 100 % when more was logged than worked by the calendar: long
    days, weekends, or activities that overlap. Working hours belong to the rep and to nothing else: it can be broken down by rep,
    team, role or time, but not by category or by what was sold.

    See Also
    --------
    selling_time_share : the share of the logged hours that went into selling.
    """
    return Ratio(of=activities.hours, over=rep_days.hours)


@metric(unit=RATIO, clock=_CLOCK, better=HIGHER, min_n=0)
def selling_share_of_working_time(activities: Table, rep_days: Table) -> Ratio:
    """Hours logged in selling categories over working hours, in the period.

    What the share of selling time is if none of the time that nobody logged was selling: the lowest it can be.

    Notes
    -----
    Undefined when there were no working hours in the period. It can be broken down by rep, team, role or time.

    See Also
    --------
    selling_time_share : over the logged hours, as if unlogged time were like the logged.
    logged_time_share : how much of the working time is logged at all.
    """
    return Ratio(of=activities.selling.ifelse(activities.hours, 0.0), over=rep_days.hours)
