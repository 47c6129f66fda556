"""What is still open, a state on the day of the book to which no period applies; and what was added in a period."""

from ibis.expr.types import Table

from salestrack.definition import COUNT, HIGHER, LOWER, MONEY, NEITHER, SHARE, metric
from salestrack.formula import Ratio, Total

_IDLE_DAYS = 14


@metric(unit=COUNT, better=NEITHER)
def open_opportunities(opportunities: Table) -> Total:
    """Number of opportunities open on the day of the book, whatever the period."""
    return Total(of=opportunities.open)


@metric(unit=MONEY, better=NEITHER)
def pipeline(opportunities: Table) -> Total:
    """Amount of the opportunities open on the day of the book, whatever the period.

    Unweighted. Opportunities without an amount add nothing; where not one of them has an amount, the sum is not known.

    See Also
    --------
    bookings : the amount won.
    """
    return Total(of=opportunities.amount, where=opportunities.open)


@metric(unit=MONEY, better=NEITHER)
def weighted_pipeline(opportunities: Table) -> Total:
    """Amount of the opportunities open on the day of the book, each times its stated win probability.

    The probability is the opportunity's own where it is recorded, else the one that the book file states for its stage.

    Notes
    -----
    Opportunities without an amount or without a stated probability add nothing. It is what people state, not what happens: the
    analysis `stage_odds` holds the stated probabilities against the share that was won.

    See Also
    --------
    pipeline : unweighted.
    bookings : the amount won.
    """
    return Total(of=opportunities.amount * opportunities.stated_probability, where=opportunities.open)


@metric(unit=MONEY, clock="created_date", better=HIGHER)
def pipeline_created(opportunities: Table) -> Total:
    """Amount of the opportunities created in the period, whatever became of them.

    By created date, with the amount known on the day of the book. Opportunities without an amount or a created date add nothing.

    See Also
    --------
    created_opportunities : how many they are.
    pipeline : what is open on the day of the book.
    """
    return Total(of=opportunities.amount)


@metric(unit=SHARE, better=LOWER)
def idle_share(opportunities: Table) -> Ratio:
    """Share of the open opportunities that nobody has touched for more than 14 days, on the day of the book.

    Days count from the last activity that names the opportunity; without one, from the day it was created.

    Notes
    -----
    Undefined when nothing is open, or when no activity of the book names an opportunity. Opportunities that were never touched
    and have no creation date are in neither part. What was done for an account without naming the opportunity does not count.

    See Also
    --------
    idle_share_by_amount : the same by amount.
    """
    return Ratio(of=opportunities.idle_days > _IDLE_DAYS, over=opportunities.idle_days.notnull())


@metric(unit=SHARE, better=LOWER)
def idle_share_by_amount(opportunities: Table) -> Ratio:
    """Share of the open amount that lies in opportunities which nobody has touched for more than 14 days.

    Notes
    -----
    Undefined when nothing with an amount is open, or when no activity of the book names an opportunity. Opportunities without an
    amount are in neither part.

    See Also
    --------
    idle_share : the same by count.
    """
    idle = (opportunities.idle_days > _IDLE_DAYS).ifelse(opportunities.amount, 0.0)
    known = opportunities.idle_days.notnull() & opportunities.amount.notnull()
    return Ratio(of=idle, over=opportunities.amount, where=known)
