"""How a book stands against a goal sheet: each goal is measured in its period and scope, and judged."""

import math
from collections.abc import Mapping
from dataclasses import replace

from salestrack.book import Book
from salestrack.definition import METRICS
from salestrack.errors import PeriodError, UnknownNameError
from salestrack.formula import Total
from salestrack.goals.case import Case, Question, within
from salestrack.goals.judged import Judged
from salestrack.goals.projection import rests_on_one, spread_of_total
from salestrack.goals.running import Outcome, by_past_levels, by_past_sums, course_of
from salestrack.goals.sheet import Goals
from salestrack.goals.status import GoalStatus
from salestrack.goals.verdicts import EARLY, Verdict, of_fact, of_range, unguided
from salestrack.measure import measure
from salestrack.periods import Period
from salestrack.recorded import told_of
from salestrack.ripeness import Reading, reading
from salestrack.stats.intervals import Interval


def goal_status(
    book: Book, goals: Goals, during: Period | str | None = None, where: Mapping[str, object] | None = None
) -> GoalStatus:
    """Hold a book against a goal sheet.

    Parameters
    ----------
    book : Book
        The book.
    goals : Goals
        The sheet.
    during : Period or str, optional
        Period of the goals for which the sheet names none. A goal with a period of its own keeps it: a target for a quarter is no
        target for a week.
    where : mapping, optional
        Scope of the page, as in `measure`. Goals of other scopes are left out and named; goals of a wider scope are judged within
        it, except totals, whose target is for the whole.

    Returns
    -------
    GoalStatus
        ``frame``, ``sentences``, ``definitions``, ``headlines()``.

    Notes
    -----
    The status comes from pace and range, not from the figure alone:

    - *Complete period*: a fact. On track when the target was met, off when it was missed; the reason says when chance alone gives
      such a difference.
    - *Running period*: from the 95 % range in which the period will end if it goes on as up to 8 past periods of its kind went on
      from the same day (see `salestrack.goals.projection`). On track when all of it is on the good side, off when none of it is, at
      risk otherwise. A total (or an attainment of quota) is projected by the share of their final that they had reached; a share, a
      mean or a quantile by how far it still moved. With fewer than three complete past periods nothing is on track or off before
      the end, unless it is reached or exceeded already. A total that rests on fewer than 10 before half of the period is gone
      cannot be told, unless the range is wholly on one side.
    - *Several goals* on one page: what chance alone gives is judged at 1 - 0.05 / (number of goals), so that at most 5 % of pages
      name any goal by chance. Shown are 95 % ranges.
    - *Quotas* of a running period are due at its end: reps at quota are judged from where they stand by the days gone by.
    - *Rates of what enters* (close rate, leakage, lead to opportunity, ...) are read at the age at which they are ripe (see
      `salestrack.ripeness`), and cannot be told while a row of the period is younger: a verdict once given stays the same.
    - *States* (pipeline): met today or not; not met while the period is running is at risk.
    - *Cannot tell*: undefined, too few, no target, no period, a table or a value that the book does not have, a period that has
      not begun or that the book does not hold whole. The reason says which.
    """
    asked = None if during is None else book.period(during)
    page = dict(where or {})
    scopes = [(objective, target, within(target.where, page)) for objective, target in goals.targets]
    looks = max(1, sum(scope is not None and target.target is not None for _, target, scope in scopes))
    judged = []
    for objective, target, scope in scopes:
        if scope is not None:
            named = target.period or goals.period
            period = book.period(named) if named else asked
            judged.append(_judged(Question(book, objective.name, target, scope, period, page, looks)))
    elsewhere = tuple(target.label for _, target, scope in scopes if scope is None)
    return GoalStatus(book, goals, asked, page, tuple(judged), elsewhere)


def _judged(question: Question) -> Judged:
    metric, period = question.metric, question.period
    if metric.clock and period is None:
        return Judged(question, "cannot_tell", "no-period")
    try:
        read = _reading(question)
        during, age = period if metric.clock else None, read.age if read.ripe else None
        measured = measure(question.book, metric, where=question.where, during=during, age=age)
    except (PeriodError, UnknownNameError) as error:
        return Judged(question, "cannot_tell", problem=str(error))
    if measured.absent:
        return Judged(question, "cannot_tell", problem=measured.absent[metric.name])
    case = Case(question, measured)
    young = None if read.ripe else Outcome(Verdict("cannot_tell", "young"))
    outcome = _cannot_tell(case) or young or _outcome(case)
    return Judged(
        question,
        outcome.verdict.status,
        outcome.verdict.reason,
        lead=outcome.lead,
        found=outcome.found or case.found,
        limits=outcome.limits or outcome.found or case.found,
        n=case.n,
        few=case.note == "too_few",
        pace=outcome.pace,
        end=outcome.end,
        span=case.span if metric.clock else None,
        by=outcome.by,
        stood=outcome.stood,
        past=outcome.past,
        reached=outcome.reached,
        age=case.age,
        recorded=told_of(measured.frame.to_dict("records")[0], metric.tables[0]),
    )


def _reading(question: Question) -> Reading:
    """Return the age at which the rows of a goal's period are read."""
    book, metric, period = question.book, question.metric, question.period
    if period is None or book.lacks(*metric.tables):
        return Reading(None, ripe=True)
    return reading(book, metric, period)


def _cannot_tell(case: Case) -> Outcome | None:
    reason = {"undefined": "undefined", "too_few": "too-few"}.get(case.note)
    if reason is None and case.question.target.target is None:
        reason = "no-target"
    if reason is None and case.question.narrowed and isinstance(case.formula, Total):
        reason = "narrowed"
    return Outcome(Verdict("cannot_tell", reason)) if reason else None


def _outcome(case: Case) -> Outcome:
    if not case.question.metric.clock:
        return _state(case)
    if case.question.metric.tables == ("quota_days",):
        # A quota is known for all days of its period, whatever the day of the book.
        return _fact(case, case.found, case.limits)
    if isinstance(case.formula, Total):
        return _sum(case, "s1", float(case.measured.squares.iloc[0]), 1.0)
    if case.on_quota and "sxx" in case.measured.parts[case.name].frame:
        return _sum(case, "sx", case.part("sxx"), case.part("sy"))
    if case.span.stage == "running" and case.on_quota and not case.on_days_gone_by:
        return _on_quota(case)
    return _level(case)


def _fact(case: Case, found: Interval, limits: Interval) -> Outcome:
    return Outcome(of_fact(case.bar, limits, few=case.few), found=found, limits=limits)


def _state(case: Case) -> Outcome:
    """Judge what holds on the day of the book only."""
    period, as_of = case.question.period, case.question.book.as_of
    if period and period.start > as_of:
        return Outcome(Verdict("cannot_tell", "not-begun"))
    if period and as_of > period.last_day:
        return Outcome(Verdict("cannot_tell", "state-later"))
    if case.bar.met(case.found.value):
        return Outcome(Verdict("on_track", "state-met"))
    open_end = period is not None and as_of < period.last_day
    return Outcome(Verdict("at_risk", "state-not-yet") if open_end else Verdict("off", "state-missed"))


def _sum(case: Case, name: str, squares: float, per: float) -> Outcome:
    """Judge a sum that grows through the period: a total, or results over quota (`per`)."""
    bar, span, value = case.bar, case.span, case.found.value
    spread, limits = (
        Interval(*(side / per for side in spread_of_total(value * per, squares, confidence)))
        for confidence in (0.95, case.question.confidence)
    )
    if span.stage == "complete":
        outcome = _fact(case, spread, limits)
        return _on_one(outcome, few=case.few) if rests_on_one(value * per, squares) else outcome
    settled = bar.met(value) if bar.direction == "at_least" else bar.missed(value)
    done = Verdict("on_track" if bar.met(value) else "off", "reached" if bar.met(value) else "exceeded")
    if span.stage == "cut":
        return Outcome(done if settled else Verdict("cannot_tell", "untold"), "cut", found=spread)
    whole = per / span.share if case.on_days_gone_by else per
    outcome = by_past_sums(case, name, value * per, whole) or _unguided_sum(case)
    if settled and not case.on_days_gone_by:
        outcome = replace(outcome, verdict=done)
    elif outcome.verdict.status == "at_risk" and case.few and span.share < EARLY:
        outcome = replace(outcome, verdict=Verdict("cannot_tell", "early"))
    return replace(outcome, found=spread)


def _on_one(outcome: Outcome, *, few: bool) -> Outcome:
    """Say of a sum that is that of one deal, or nearly, that chance has a part in it which cannot be told."""
    verdict = outcome.verdict
    return replace(outcome, verdict=Verdict(verdict.status, f"{verdict.reason}-{'few' if few else 'one'}"))


def _unguided_sum(case: Case) -> Outcome:
    """Judge a sum by the days gone by, which do not tell whether the rest goes alike."""
    if case.on_quota and not case.on_days_gone_by:
        return _by_days_gone_by(case)
    span, value = case.span, case.found.value
    even = value if case.on_days_gone_by else value / span.share
    pace = even / case.bar.target if case.bar.target else math.nan
    return Outcome(unguided(case.bar, even), "nothing" if value == 0 else "days", pace)


def _sibling(case: Case) -> Case | None:
    """Return the same figure by the quotas of the days gone by; None where there is none."""
    sibling = METRICS.get(f"prorated_{case.name}")
    if sibling is None:
        return None
    question = replace(case.question, target=case.question.target.model_copy(update={"metric": sibling.name}))
    return Case(question, measure(question.book, sibling, where=question.where, during=question.period))


def _by_days_gone_by(case: Case) -> Outcome:
    """Judge a figure against stated quotas, which are due at the end, by its sibling that counts the days gone by."""
    prorated = _sibling(case)
    if prorated is None:
        return Outcome(Verdict("cannot_tell", "not-due"))
    outcome = _cannot_tell(prorated) or _outcome(prorated)
    lead = "quota-days" if outcome.lead == "level-days" else outcome.lead
    return replace(outcome, found=None, limits=None, lead=lead, by=prorated.question.metric, stood=prorated.found.value)


def _on_quota(case: Case) -> Outcome:
    """Judge reps against stated quotas: from where they stand by the days gone by to where past periods ended."""
    prorated = _sibling(case)
    went, stood = course_of(case.question), course_of(prorated.question) if prorated else None
    if went is None:
        return _by_days_gone_by(case)
    now, then, _ = (stood or went).levels
    outcome = by_past_levels(case, now, then, went.levels[2])
    if outcome is None:
        return _by_days_gone_by(case)
    if prorated is None:
        return outcome
    return replace(outcome, lead="quota-range", by=prorated.question.metric, stood=prorated.found.value)


def _level(case: Case) -> Outcome:
    """Judge a share, a mean or a quantile."""
    found, span = case.found, case.span
    if span.stage == "complete" and (case.age is not None or not case.unfinished):
        return _fact(case, found, case.limits)
    if span.stage == "cut" and case.on_quota:
        return Outcome(Verdict("cannot_tell", "untold"), "cut")
    if case.unfinished or span.stage == "cut":
        if math.isnan(found.low) or math.isnan(found.high):
            return Outcome(Verdict("cannot_tell", "no-interval"))
        return Outcome(of_range(case.bar, case.limits, found), "open-range" if case.unfinished else "cut-range", end=found)
    went = course_of(case.question)
    outcome = by_past_levels(case, *went.levels) if went else None
    return outcome or Outcome(unguided(case.bar, found.value), "level-days")
