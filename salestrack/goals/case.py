"""One goal before the book: what was asked, what the book holds of its period, and what was measured."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from salestrack.book import Book
from salestrack.definition import Metric
from salestrack.formula import Duration, Formula, MeanOfRatios, Ratio, Reaching
from salestrack.goals.objective import Target, as_values
from salestrack.goals.verdicts import Bar
from salestrack.groups import PARTIAL_SHARE, first_complete_day, is_over
from salestrack.measure import Measured
from salestrack.periods import Period
from salestrack.stats.compare import of_many
from salestrack.stats.intervals import MIN_N, Interval


@dataclass(frozen=True)
class Question:
    """One goal as it is asked.

    Parameters
    ----------
    book : Book
        The book.
    objective : str
        Which objective it serves.
    target : Target
        Metric, target and direction.
    where : mapping
        Scope: that of the goal, narrowed to that of the page.
    period : Period or None
        Period of the goal.
    page : mapping
        Scope of the page.
    looks : int
        Goals that are judged on the page. Each of them may be named by chance, so each is judged the more strictly (Bonferroni).
    """

    book: Book
    objective: str
    target: Target
    where: Mapping[str, object]
    period: Period | None
    page: Mapping[str, object]
    looks: int = 1

    @property
    def confidence(self) -> float:
        """Confidence at which one of so many goals is judged, so that 95 % holds for all of them together."""
        return of_many(0.95, self.looks)

    @property
    def narrowed(self) -> bool:
        """Whether the page looks at a part of what the target was set for."""
        return self.where != self.target.where

    @property
    def beyond_page(self) -> dict[str, object]:
        """What of the scope the page does not say already."""
        return {name: wanted for name, wanted in self.where.items() if name not in self.page}

    @property
    def metric(self) -> Metric:
        """The metric asked for."""
        return self.target.measures


@dataclass(frozen=True)
class Span:
    """How much of a period the book holds on its day.

    Parameters
    ----------
    stage : {'complete', 'running', 'cut'}
        Running: not over on the day of the book, or only just, so that the closes of more than a tenth of its days are not entered.
        Cut: more than a tenth of its days lies before the book is complete.
    gone, days : int
        Days gone by, and all days.
    first : date or None
        First day on which the book holds all that the metric counts.
    """

    stage: Literal["complete", "running", "cut"]
    gone: int
    days: int
    first: date | None

    @property
    def share(self) -> float:
        """Share of the days gone by, 0 to 1."""
        return self.gone / self.days

    @property
    def left(self) -> int:
        """Days left."""
        return self.days - self.gone


@dataclass(frozen=True)
class Case:
    """One goal with its figure.

    Parameters
    ----------
    question : Question
        What was asked.
    measured : Measured
        The metric in the goal's scope and period; one figure.
    """

    question: Question
    measured: Measured

    @property
    def name(self) -> str:
        """The metric's name."""
        return self.question.metric.name

    @property
    def formula(self) -> Formula:
        """What the metric is made of."""
        return self.measured.parts[self.name].formula

    @property
    def note(self) -> str:
        """``too_few``, ``undefined``, ``absent`` or empty."""
        return str(self.measured.frame["note"].iloc[0])

    @property
    def found(self) -> Interval:
        """The figure and its interval, NaN where there is none."""
        row = self.measured.frame.iloc[0]
        return Interval(float(row["value"]), float(row["low"]), float(row["high"]))

    @property
    def limits(self) -> Interval:
        """The figure and its interval at the confidence at which one of several goals is judged."""
        row = self.measured.at_confidence(self.question.confidence).frame.iloc[0]
        return Interval(float(row["value"]), float(row["low"]), float(row["high"]))

    @property
    def n(self) -> int:
        """How many it rests on."""
        return int(self.measured.frame["n"].iloc[0])

    @property
    def few(self) -> bool:
        """Whether it rests on so few that the limits of a sum say little."""
        return self.n < MIN_N

    @property
    def bar(self) -> Bar:
        """The target and its good side; only where there is a target."""
        target = self.question.target
        assert target.target is not None
        assert target.direction is not None
        return Bar(target.target, target.direction)

    @property
    def span(self) -> Span:
        """How much of the period the book holds; only where the metric has a clock."""
        assert self.question.period is not None
        return span_of(self.question.book, self.question.metric, self.question.period)

    @property
    def on_quota(self) -> bool:
        """Whether the figure holds results against quotas."""
        against = isinstance(self.formula, Ratio | Reaching | MeanOfRatios)
        return against and "quota_days" in self.question.metric.tables

    @property
    def on_days_gone_by(self) -> bool:
        """Whether the quotas it is held against count only days gone by."""
        return self.on_quota and self.formula.over.get_name() == "prorated_amount"  # type: ignore[union-attr]

    @property
    def age(self) -> int | None:
        """Days after their entry at which its rows were read; None: on the day of the book."""
        return self.measured.ages.get(self.name)

    @property
    def unfinished(self) -> bool:
        """Whether some of what it counts has not ended yet."""
        formula = self.formula
        return isinstance(formula, Duration) and bool((self.measured.parts[self.name].frame["outcome"] == formula.censored).any())

    def part(self, name: str) -> float:
        """Return one of the engine's sums; 0 where no row has it."""
        value = float(self.measured.parts[self.name].frame[name].fillna(0).iloc[0])
        return 0.0 if math.isnan(value) else value


def span_of(book: Book, metric: Metric, period: Period) -> Span:
    """Return how much of a period a book holds for a metric."""
    first = first_complete_day(book, metric)
    unseen = (min(first, period.end) - period.start).days if first and first > period.start else 0
    gone = min((book.as_of + timedelta(days=1) - period.start).days, period.days)
    stage: Literal["complete", "running"] = "complete" if is_over(book, metric, period) else "running"
    return Span("cut" if unseen > PARTIAL_SHARE * period.days else stage, gone, period.days, first)


def within(goal: Mapping[str, object], page: Mapping[str, object]) -> dict[str, object] | None:
    """Return the scope in which a goal is judged on a page; None when the two have nothing in common.

    Examples
    --------
    >>> within({"segment": "SMB"}, {"team": "North"})
    {'segment': 'SMB', 'team': 'North'}
    >>> within({"team": ["North", "South"]}, {"team": "North"})
    {'team': ['North']}
    >>> within({"team": "South"}, {"team": "North"})
    """
    scope = {**goal, **page}
    for name in goal.keys() & page.keys():
        kept = [value for value in as_values(goal[name]) if _as_known(value) in map(_as_known, as_values(page[name]))]
        if not kept:
            return None
        scope[name] = kept if len(kept) < len(as_values(goal[name])) else goal[name]
    return scope


def _as_known(value: object) -> str | None:
    # The sheet holds texts; a page may ask for the number 1 where the sheet says "1".
    return None if value is None else str(value)
