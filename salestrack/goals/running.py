"""A running period judged by past ones: by what they had reached on the same day, or how far they still moved."""

import math
from dataclasses import dataclass

from salestrack.definition import SHARE, Metric
from salestrack.goals.case import Case, Question
from salestrack.goals.past import Course, course, past_periods
from salestrack.goals.projection import FEWEST, NOWHERE, Level, end_of_level, end_of_total, usually_reached
from salestrack.goals.verdicts import Verdict, of_range
from salestrack.stats.intervals import Interval

# Of each sum that grows, the sum of its squares; of a count it is the count.
_SQUARES = {"s1": ("s2", "s1"), "sx": ("sxx",)}


@dataclass(frozen=True)
class Outcome:
    """A verdict with the pace, the range it rests on, the figure's own spread, and the metric that stood in."""

    verdict: Verdict
    lead: str = ""
    pace: float = math.nan
    end: Interval = NOWHERE
    found: Interval | None = None
    limits: Interval | None = None
    by: Metric | None = None
    stood: float = math.nan
    past: int = 0
    reached: float = math.nan


def course_of(question: Question) -> Course | None:
    """Return how the metric went through the period and past ones; None with too few of these."""
    assert question.period is not None
    past = past_periods(question.book, question.metric, question.period)
    return course(question.book, question.metric, question.period, question.where, past) if len(past) >= FEWEST else None


def by_past_sums(case: Case, name: str, held: float, per: float) -> Outcome | None:
    """Judge a sum by the share of their final that past periods had reached on the same day; None: there are too few of them.

    What the book holds of the period counts, whenever it was entered; the whole is told per `per`.
    """
    went = course_of(case.question)
    if went is None:
        return None
    now, reached, final = went.sums(name)
    _, _, squares = went.sums(next(each for each in _SQUARES[name] if each in went.parts.frame))
    ends = [
        Interval(*(max(side, held) / per for side in end_of_total(now, reached, final, squares, confidence)))
        for confidence in (0.95, case.question.confidence)
    ]
    shown, decides = ends
    past = sum(each > 0 for each in final)
    if past < FEWEST:
        return None
    pace = shown.value / case.bar.target if case.bar.target else math.nan
    lead = "sum-none" if case.found.value == 0 else "sum-few" if case.few else "sum"
    return Outcome(of_range(case.bar, decides, shown), lead, pace, shown, past=past, reached=usually_reached(reached, final))


def by_past_levels(case: Case, now: Level, then: list[Level], ends: list[Level]) -> Outcome | None:
    """Judge a level by how far it still moved in past periods from the same day on; None: there are too few of them."""
    is_share = case.question.metric.unit == SHARE
    shown, decides = (
        end_of_level(now, then, ends, is_share=is_share, confidence=confidence) for confidence in (0.95, case.question.confidence)
    )
    if math.isnan(shown.value):
        return None
    held = sum(not (math.isnan(a.value) or math.isnan(b.value)) for a, b in zip(then, ends, strict=True))
    return Outcome(of_range(case.bar, decides, shown), "level-range", end=shown, past=held)
