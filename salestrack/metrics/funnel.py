"""From lead to win: where prospects go on and where they leave."""

from ibis.expr.types import Table

from salestrack.definition import COUNT, HIGHER, HOURS, LOSSES, LOWER, SHARE, metric
from salestrack.formula import Duration, Ratio, Total


@metric(unit=SHARE, clock="entered_date", better=LOWER, needs=LOSSES)
def leakage(steps: Table) -> Duration:
    """Share of the opportunities coming to a step that leave the pipeline there without going on.

    Of those that came to a stage in the period, the share lost before the next stage. Opportunities still in the stage on the
    day of the book are censored then (Aalen-Johansen estimate at the longest time observed). Break it down by stage: without
    that it pools all steps.

    Notes
    -----
    Undefined when nobody came to the step in the period. A skipped stage is implied by a later one; a re-entry changes nothing.
    For a young cohort it speaks of the first weeks only: comparisons and trends read it at equal age. Opportunities created before
    closes were recorded do not count: of those a book holds only the slow ones.

    See Also
    --------
    stage_conversion : the share that goes on to the next step.
    win_rate : the share of closed opportunities that were won, over all steps together.

    References
    ----------
    Aalen, O. and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on censored
    observations. Scandinavian Journal of Statistics 5, 141-150.
    """
    return Duration(days=steps.days, outcome=steps.outcome, event="left", censored="open")


@metric(unit=SHARE, clock="entered_date", better=HIGHER, needs=LOSSES)
def stage_conversion(steps: Table) -> Duration:
    """Share of the opportunities coming to a step that go on to the next one.

    Of those that came to a stage in the period, the share that reached a later stage or was won; those still in the stage are
    censored on the day of the book (Aalen-Johansen estimate at the longest time observed).

    Notes
    -----
    Undefined when nobody came to the step in the period.

    See Also
    --------
    leakage : the share that leaves.

    References
    ----------
    Aalen, O. and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on censored
    observations. Scandinavian Journal of Statistics 5, 141-150.
    """
    return Duration(days=steps.days, outcome=steps.outcome, event="went_on", censored="open")


@metric(unit=COUNT, clock="created_at", better=HIGHER)
def created_leads(leads: Table) -> Total:
    """Number of leads that came in during the period."""
    return Total(of=leads.lead_id.notnull())


@metric(unit=SHARE, clock="created_at", better=HIGHER)
def marketing_qualification_rate(leads: Table) -> Ratio:
    """Share of the leads that came in during the period and are marketing qualified (MQL) by the day of the book.

    Notes
    -----
    Undefined when no lead came in. Young leads have had less time: comparisons and trends read it at
    equal age.
    """
    return Ratio(of=leads.marketing_qualified_at.notnull(), over=leads.lead_id.notnull())


@metric(unit=SHARE, clock="marketing_qualified_at", better=HIGHER)
def sales_qualification_rate(leads: Table) -> Ratio:
    """Share of the leads that became MQL in the period and are sales qualified (SQL) by the day of the book.

    Notes
    -----
    Undefined when no lead became MQL. Young MQLs have had less time: comparisons and trends read it
    at equal age.
    """
    return Ratio(
        of=leads.sales_qualified_at.notnull() & leads.marketing_qualified_at.notnull(), over=leads.marketing_qualified_at.notnull()
    )


@metric(unit=SHARE, clock="sales_qualified_at", better=HIGHER)
def opportunity_rate(leads: Table) -> Ratio:
    """Share of the leads that became SQL in the period and are an opportunity by the day of the book.

    Notes
    -----
    Undefined when no lead became SQL. Young SQLs have had less time: comparisons and trends read it
    at equal age.
    """
    return Ratio(of=leads.converted_at.notnull() & leads.sales_qualified_at.notnull(), over=leads.sales_qualified_at.notnull())


@metric(unit=HOURS, clock="created_at", better=LOWER)
def speed_to_lead(leads: Table) -> Duration:
    """Hours within which half of the leads that came in during the period were first answered.

    From coming in to the first recorded response or, where there is none, to the first activity with the client. Leads never
    answered count: those that still wait are censored on the day of the book, those converted or given up untouched never will
    be answered (Aalen-Johansen estimate).

    Notes
    -----
    Undefined when no lead came in, and as long as fewer than half were answered. Waits are counted in minutes within the first
    day, in hours within the first week, in days after that, rounded up. A response at exactly midnight is a day without a time
    and is taken at the end of that day. A response up to an hour before the lead is the difference of two clocks and counts as
    at once; a lead answered earlier than that counts nowhere. All hours count, those of nights and weekends too.

    References
    ----------
    Aalen, O. and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on censored
    observations. Scandinavian Journal of Statistics 5, 141-150.

    Brookmeyer, R. and Crowley, J. (1982). A confidence interval for the median survival time. Biometrics 38, 29-41.
    """
    return Duration(days=leads.response_hours, outcome=leads.response, event="answered", censored="waiting", p=0.5)
