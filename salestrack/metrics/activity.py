"""What reps do all day."""

from ibis.expr.types import Table

from salestrack.definition import COUNT, HIGHER, HOURS, NEITHER, SHARE, metric
from salestrack.formula import Ratio, Total


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
    Undefined when no hours were logged. Hours that nobody logged are in neither part. The interval takes activities as
    independent of each other; those of one rep are alike, so for few reps it is on the narrow side.
    """
    return Ratio(of=activities.selling.ifelse(activities.hours, 0.0), over=activities.hours, where=activities.hours.notnull())
