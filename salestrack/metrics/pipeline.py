"""What is still open. States on the day of the book: no period applies to them."""

from ibis.expr.types import Table

from salestrack.definition import COUNT, MONEY, NEITHER, metric
from salestrack.formula import Total


@metric(unit=COUNT, better=NEITHER)
def open_opportunities(opportunities: Table) -> Total:
    """Number of opportunities open on the day of the book, whatever the period."""
    return Total(of=opportunities.open)


@metric(unit=MONEY, better=NEITHER)
def pipeline(opportunities: Table) -> Total:
    """Amount of the opportunities open on the day of the book, whatever the period.

    Unweighted. Opportunities without an amount add nothing.

    See Also
    --------
    bookings : the amount won.
    """
    return Total(of=opportunities.amount, where=opportunities.open)
