"""How a book stands against a goal sheet: each goal is measured in its period and scope, and judged."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from salestrack.book import Book
from salestrack.definition import METRICS, Metric
from salestrack.errors import PeriodError, UnknownNameError
from salestrack.formula import Total
from salestrack.goals.case import Case, Question, within
from salestrack.goals.judged import Judged
from salestrack.goals.projection import NOWHERE, end_of_level, end_of_total, most_to_come, spread_of_total
from salestrack.goals.sheet import Goals
from salestrack.goals.status import GoalStatus
from salestrack.goals.verdicts import EARLY, Verdict, of_fact, of_range
from salestrack.measure import measure
from salestrack.periods import Period
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
    - *Running period*: from the 95 % range in which the period will end if the rest goes as the days gone by. On track when all
      of it is on the good side, off when none of it is, at risk otherwise. A total (or an attainment of quota) is projected by
      its pace, which is the figure over what is due by now: target times share of days gone by. A share, a mean or a
      quantile keeps its value; only the rest of the period can still move it. A total that rests on fewer than 10 before half
      of the period is gone cannot be told, unless the range is wholly on one side.
    - *Quotas* of a running period are due at its end: figures against stated quotas are judged by the days gone by.
    - *Survival shares* (close rate, leakage) are judged by their interval as long as some of what they count is still open.
    - *States* (pipeline): met today or not; not met while the period is running is at risk.
    - *Cannot tell*: undefined, too few, no target, no period, a table or a value that the book does not have, a period that has
      not begun or that the book does not hold whole. The reason says which.
    """
    asked = None if during is None else book.period(during)
    page = dict(where or {})
    judged, elsewhere = [], []
    for objective, target in goals.targets:
        scope = within(target.where, page)
        if scope is None:
            elsewhere.append(target.label)
            continue
        named = target.period or goals.period
        period = book.period(named) if named else asked
        question = Question(book, objective.name, target, scope, period, page)
        judged.append(_judged(question))
    return GoalStatus(book, goals, asked, page, tuple(judged), tuple(elsewhere))


@dataclass(frozen=True)
class _Outcome:
    """A verdict with the pace, the range it rests on, the figure's own spread, and the metric that stood in."""

    verdict: Verdict
    lead: str = ""
    pace: float = math.nan
    end: Interval = NOWHERE
    found: Interval | None = None
    by: Metric | None = None


def _judged(question: Question) -> Judged:
    metric, period = question.metric, question.period
    if metric.clock and period is None:
        return Judged(question, "cannot_tell", "no-period")
    try:
        measured = measure(question.book, metric, where=question.where, during=period if metric.clock else None)
    except (PeriodError, UnknownNameError) as error:
        return Judged(question, "cannot_tell", problem=str(error))
    if measured.absent:
        return Judged(question, "cannot_tell", problem=measured.absent[metric.name])
    case = Case(question, measured)
    outcome = _cannot_tell(case) or _outcome(case)
    return Judged(
        question,
        outcome.verdict.status,
        outcome.verdict.reason,
        lead=outcome.lead,
        found=outcome.found or case.found,
        n=case.n,
        few=case.note == "too_few",
        pace=outcome.pace,
        end=outcome.end,
        span=case.span if metric.clock else None,
        by=outcome.by,
    )


def _cannot_tell(case: Case) -> _Outcome | None:
    reason = {"undefined": "undefined", "too_few": "too-few"}.get(case.note)
    if reason is None and case.question.target.target is None:
        reason = "no-target"
    if reason is None and case.question.narrowed and isinstance(case.formula, Total):
        reason = "narrowed"
    return _Outcome(Verdict("cannot_tell", reason)) if reason else None


def _outcome(case: Case) -> _Outcome:
    if not case.question.metric.clock:
        return _state(case)
    if case.question.metric.tables == ("quota_days",):
        # A quota is known for all days of its period, whatever the day of the book.
        return _Outcome(of_fact(case.bar, case.found))
    if isinstance(case.formula, Total):
        return _sum(case, float(case.measured.squares.iloc[0]), 1.0, counted=case.formula.of.type().is_boolean())
    running = case.span.stage == "running"
    if running and case.on_quota and not case.on_days_gone_by:
        return _by_days_gone_by(case)
    if case.on_quota and "sxx" in case.measured.parts[case.name].frame:
        return _sum(case, case.part("sxx"), case.part("sy"))
    return _level(case)


def _state(case: Case) -> _Outcome:
    """Judge what holds on the day of the book only."""
    period, as_of = case.question.period, case.question.book.as_of
    if period and period.start > as_of:
        return _Outcome(Verdict("cannot_tell", "not-begun"))
    if period and as_of > period.last_day:
        return _Outcome(Verdict("cannot_tell", "state-later"))
    if case.bar.met(case.found.value):
        return _Outcome(Verdict("on_track", "state-met"))
    open_end = period is not None and as_of < period.last_day
    return _Outcome(Verdict("at_risk", "state-not-yet") if open_end else Verdict("off", "state-missed"))


def _sum(case: Case, squares: float, per: float, *, counted: bool = False) -> _Outcome:
    """Judge a sum that grows through the period: a total, or results over quota (`per`)."""
    bar, span, value = case.bar, case.span, case.found.value
    spread = Interval(*(side / per for side in spread_of_total(value * per, squares)))
    if span.stage == "complete":
        return _Outcome(of_fact(bar, spread, few=case.few), found=spread)
    settled = bar.met(value) if bar.direction == "at_least" else bar.missed(value)
    if span.stage == "cut":
        verdict = Verdict(of_fact(bar, spread).status, "reached" if bar.met(value) else "exceeded")
        return _Outcome(verdict if settled else Verdict("cannot_tell", "untold"), "cut", found=spread)
    due = per if case.on_days_gone_by else per * span.share
    end = end_of_total(value * per, squares, due, span.share)
    if value == 0:
        most = most_to_come(span.share)
        end = Interval(0.0, 0.0, float(most) if counted or most == 0 else math.nan)
    verdict = of_range(bar, end)
    if settled and not case.on_days_gone_by:
        verdict = verdict._replace(reason="reached" if bar.met(value) else "exceeded")
    elif verdict.status == "at_risk" and case.few and span.share < EARLY:
        verdict = Verdict("cannot_tell", "early")
    pace = end.value / bar.target if bar.target else math.nan
    lead = "nothing" if value == 0 else "sum-few" if case.few else "sum"
    return _Outcome(verdict, lead, pace, end, spread)


def _by_days_gone_by(case: Case) -> _Outcome:
    """Judge a figure against stated quotas, which are due at the end, by its sibling that counts the days gone by."""
    sibling = METRICS.get(f"prorated_{case.name}")
    if sibling is None:
        return _Outcome(Verdict("cannot_tell", "not-due"))
    target = case.question.target.model_copy(update={"metric": sibling.name})
    question = replace(case.question, target=target)
    prorated = Case(question, measure(question.book, sibling, where=question.where, during=question.period))
    outcome = _cannot_tell(prorated) or _outcome(prorated)
    return replace(outcome, found=None, by=sibling)


def _level(case: Case) -> _Outcome:
    """Judge a share, a mean or a quantile."""
    found, span = case.found, case.span
    if span.stage == "complete" and not case.unfinished:
        return _Outcome(of_fact(case.bar, found))
    if span.stage == "cut" and case.on_quota:
        return _Outcome(Verdict("cannot_tell", "untold"), "cut")
    if math.isnan(found.low) or math.isnan(found.high):
        return _Outcome(Verdict("cannot_tell", "no-interval"))
    lead = "open" if case.unfinished else "cut" if span.stage == "cut" else "quota" if case.on_quota else "level"
    # Reps are not drawn from a longer list of reps as days go by, and what is still open is no smaller on the last day.
    end = end_of_level(found, span.share) if lead == "level" else found
    return _Outcome(of_range(case.bar, end), f"{lead}-range", end=end)
