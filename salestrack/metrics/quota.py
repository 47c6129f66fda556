"""How results stand against quotas.

A quota is measured on its own bookings: what its holder won on its days. So a figure takes the quotas whose days lie wholly in the
period, of the finest level that has any (reps, else teams, else territories), and the bookings of whoever has one; what is won
by others carries nobody's attainment (`salestrack.quotas`, `salestrack.quota_levels`). The stated quota is one reading; the
prorated one counts only days on which the rep was employed and, in a running period, days gone by. Both are shown.
"""

from ibis.expr.types import Table

from salestrack.definition import HIGHER, MONEY, NEITHER, RATIO, SHARE, metric
from salestrack.formula import MeanOfRatios, Ratio, Reaching, Total

_CLOCK = {"opportunities": "close_date", "quota_days": "day"}


@metric(unit=SHARE, clock=_CLOCK, better=HIGHER)
def share_of_reps_at_quota(opportunities: Table, quota_days: Table) -> Reaching:
    """Share of the reps with a quota in the period whose bookings reached it.

    A rep counts when bookings by close date are at least the rep's stated quota of the period. Reps without a quota do not
    count, nor do managers whose quota sums up those of their reps.

    Notes
    -----
    Undefined when no rep has a quota in the period, and where the period cuts the days of all quotas. In a
    running period nobody's quota is due yet: look at the prorated share.

    See Also
    --------
    prorated_share_of_reps_at_quota : against the days worked and gone by.
    mean_quota_attainment : the mean of the reps' attainment, which one large deal can carry.
    quota_attainment : all bookings over all quotas, which a few strong reps can carry.
    """
    return Reaching(of=opportunities.won.ifelse(opportunities.amount, None), over=quota_days.amount, each="rep_id")


@metric(unit=SHARE, clock=_CLOCK, better=HIGHER)
def prorated_share_of_reps_at_quota(opportunities: Table, quota_days: Table) -> Reaching:
    """Share of the reps with a quota in the period whose bookings reached their prorated quota.

    The quota counts only for days on which the rep was employed and which have gone by on the day of the book.

    Notes
    -----
    Undefined when no rep has a quota in the period, and where the period cuts the days of all quotas.

    See Also
    --------
    share_of_reps_at_quota : against the stated quota of the whole period.
    """
    return Reaching(of=opportunities.won.ifelse(opportunities.amount, None), over=quota_days.prorated_amount, each="rep_id")


@metric(unit=RATIO, clock=_CLOCK, better=HIGHER, min_n=0)
def quota_attainment(opportunities: Table, quota_days: Table) -> Ratio:
    """Bookings over quota, in the period.

    All bookings of the group on days of a quota of their holder, by close date, over all stated quotas of the group. Bookings of
    people without a quota do not count.

    Notes
    -----
    Undefined when there is no quota in the period, and where the period cuts the days of all quotas.

    See Also
    --------
    prorated_quota_attainment : against the days worked and gone by.
    mean_quota_attainment : each rep counts the same.
    share_of_reps_at_quota : how many reached it.
    """
    return Ratio(of=opportunities.won.ifelse(opportunities.amount, None), over=quota_days.amount)


@metric(unit=RATIO, clock=_CLOCK, better=HIGHER, min_n=0)
def prorated_quota_attainment(opportunities: Table, quota_days: Table) -> Ratio:
    """Bookings over prorated quota, in the period.

    The quota counts only for days on which the rep was employed and which have gone by on the day of the book.

    Notes
    -----
    Undefined when there is no quota in the period, and where the period cuts the days of all quotas.

    See Also
    --------
    quota_attainment : against the stated quota of the whole period.
    """
    return Ratio(of=opportunities.won.ifelse(opportunities.amount, None), over=quota_days.prorated_amount)


@metric(unit=RATIO, clock=_CLOCK, better=HIGHER)
def mean_quota_attainment(opportunities: Table, quota_days: Table) -> MeanOfRatios:
    """Plain mean of the reps' own quota attainment in the period.

    Notes
    -----
    Undefined when no rep has a quota in the period, and where the period cuts the days of all quotas. One large deal can carry
    it.

    See Also
    --------
    share_of_reps_at_quota : how many reps reached their quota.
    """
    return MeanOfRatios(of=opportunities.won.ifelse(opportunities.amount, None), over=quota_days.amount, each="rep_id")


@metric(unit=MONEY, clock="day", better=NEITHER)
def quota(quota_days: Table) -> Total:
    """Stated quota of the period, spread evenly over the days of each quota."""
    return Total(of=quota_days.amount)
