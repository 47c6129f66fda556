"""What happens when opportunities close: win rate, deal size, bookings, sales cycle."""

from ibis.expr.types import Table

from salestrack.definition import COUNT, DAYS, HIGHER, LOSSES, LOWER, MONEY, NEITHER, SHARE, metric
from salestrack.formula import Duration, Mean, Quantile, Ratio, Total


@metric(unit=SHARE, clock="close_date", better=HIGHER, needs=LOSSES)
def win_rate(opportunities: Table) -> Ratio:
    """Share of closed opportunities that were won, by count.

    Won over won plus lost, for opportunities whose close date falls in the period. Open opportunities count in neither part.

    Notes
    -----
    Undefined when nothing closed in the period, and refused for a book that records no lost opportunity at all (of 20 closed or
    more): there it would say 100 % of anything.

    See Also
    --------
    win_rate_by_amount : each opportunity weighed by its amount.
    close_rate : won out of those created, open ones kept as unfinished.
    won_share_of_all : the usual mistake, open opportunities counted as not won.
    """
    return Ratio(of=opportunities.won, over=opportunities.closed)


@metric(unit=SHARE, clock="close_date", better=HIGHER, needs=LOSSES)
def win_rate_by_amount(opportunities: Table) -> Ratio:
    """Share of the closed amount that was won.

    Amount won over amount won plus amount lost, by close date. Opportunities without an amount count in neither part.

    Notes
    -----
    Undefined when nothing with an amount closed in the period. Not told where not one of the won, or not one of the lost, has an
    amount above 0: there it would say 0 % or 100 % of anything.

    See Also
    --------
    win_rate : each opportunity counts the same.
    """
    closed = opportunities.closed & opportunities.amount.notnull()
    return Ratio(of=opportunities.won.ifelse(opportunities.amount, 0.0), over=opportunities.amount, where=closed)


@metric(unit=SHARE, clock="created_date", better=HIGHER, needs=LOSSES)
def close_rate(opportunities: Table) -> Duration:
    """Share of the opportunities created in the period that end as won, those still open kept as unfinished.

    Won out of created, by created date, matured by survival: opportunities still open on the day of the book are censored
    then (Aalen-Johansen estimate at the longest time observed).

    Notes
    -----
    Undefined when nothing was created in the period. For a young cohort it speaks of the first weeks only: comparisons and trends
    read it at equal age. Opportunities without a created date cannot count, nor those created before closes were recorded: of
    those a book holds only the slow ones.

    See Also
    --------
    win_rate : won out of closed, by close date.

    References
    ----------
    Aalen, O. and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on censored
    observations. Scandinavian Journal of Statistics 5, 141-150.
    """
    return Duration(days=opportunities.observed_days, outcome=opportunities.status, event="won", censored="open")


@metric(unit=SHARE, clock="created_date", better=NEITHER, needs=LOSSES)
def won_share_of_all(opportunities: Table) -> Ratio:
    """Won opportunities over all opportunities created in the period, open ones included as if they were lost.

    Shown as a false friend only: it falls whenever many opportunities are young.

    Notes
    -----
    Undefined when nothing was created in the period, and refused, as `win_rate` is, for a book that records no losses.

    See Also
    --------
    win_rate : the share of closed opportunities.
    close_rate : the same question answered with open opportunities kept as unfinished.
    """
    return Ratio(of=opportunities.won, over=opportunities.opportunity_id.notnull())


@metric(unit=MONEY, clock="close_date", better=HIGHER)
def average_deal_size(opportunities: Table) -> Mean:
    """Mean amount of the opportunities won in the period.

    Amount won over number won, by close date. Won opportunities without an amount count in neither part.

    Notes
    -----
    Undefined when nothing with an amount was won. Deal sizes are skewed: look at the median too.

    See Also
    --------
    median_deal_size : the size that half of the deals exceed.
    average_closed_amount : the usual mistake, lost opportunities averaged in.

    References
    ----------
    Johnson, N. J. (1978). Modified t tests and confidence intervals for asymmetrical populations. Journal of the American
    Statistical Association 73, 536-544.
    """
    return Mean(of=opportunities.amount, where=opportunities.won)


@metric(unit=MONEY, clock="close_date", better=HIGHER)
def median_deal_size(opportunities: Table) -> Quantile:
    """Median amount of the opportunities won in the period.

    Notes
    -----
    Undefined when nothing with an amount was won.

    See Also
    --------
    average_deal_size : the mean, which a few large deals pull up.
    """
    return Quantile(of=opportunities.amount, where=opportunities.won)


@metric(unit=MONEY, clock="close_date", better=NEITHER, needs=LOSSES)
def average_closed_amount(opportunities: Table) -> Mean:
    """Mean amount of all opportunities closed in the period, lost ones included.

    Shown as a false friend only: lost opportunities often carry 0 or a first guess, which is not the size of a deal.

    Notes
    -----
    Undefined when nothing with an amount closed.

    See Also
    --------
    average_deal_size : won opportunities only.
    """
    return Mean(of=opportunities.amount, where=opportunities.closed)


@metric(unit=MONEY, clock="close_date", better=HIGHER)
def bookings(opportunities: Table) -> Total:
    """Amount of the opportunities won in the period.

    Sum of the amount of won opportunities by close date, in the book's currency. Won opportunities without an amount add nothing;
    where not one of them has an amount, the sum is not known.

    See Also
    --------
    pipeline : the amount of opportunities still open.
    """
    return Total(of=opportunities.amount, where=opportunities.won)


@metric(unit=COUNT, clock="close_date", better=HIGHER)
def won_opportunities(opportunities: Table) -> Total:
    """Number of opportunities won in the period, by close date."""
    return Total(of=opportunities.won)


@metric(unit=COUNT, clock="close_date", better=NEITHER)
def closed_opportunities(opportunities: Table) -> Total:
    """Number of opportunities closed in the period, won or lost, by close date."""
    return Total(of=opportunities.closed)


@metric(unit=COUNT, clock="created_date", better=HIGHER)
def created_opportunities(opportunities: Table) -> Total:
    """Number of opportunities created in the period, by created date."""
    return Total(of=opportunities.opportunity_id.notnull())


@metric(unit=DAYS, clock="close_date", better=LOWER)
def sales_cycle(opportunities: Table) -> Quantile:
    """Median days from created to won, for the opportunities won in the period.

    Notes
    -----
    Undefined when nothing with a created date was won. Won opportunities only: it says how long winning took, not how long an
    opportunity started today will take.

    See Also
    --------
    mean_sales_cycle : the mean, which a few long deals pull up.
    """
    return Quantile(of=opportunities.cycle_days, where=opportunities.won)


@metric(unit=DAYS, clock="close_date", better=LOWER)
def mean_sales_cycle(opportunities: Table) -> Mean:
    """Mean days from created to won, for the opportunities won in the period.

    Notes
    -----
    Undefined when nothing with a created date was won.

    See Also
    --------
    sales_cycle : the median.
    """
    return Mean(of=opportunities.cycle_days, where=opportunities.won)
