"""One goal held against a book: its figure, its status and why."""

import math
from dataclasses import dataclass

from salestrack import formats
from salestrack.definition import Metric
from salestrack.goals.case import Question, Span
from salestrack.goals.objective import labelled, scope_text, target_text, written
from salestrack.goals.projection import FEWEST, NOWHERE
from salestrack.goals.verdicts import Status
from salestrack.ripeness import ripe_day
from salestrack.stats.intervals import MIN_N, Interval
from salestrack.wording import label_of, say


@dataclass(frozen=True)
class Judged:
    """One goal with its figure, its status and the reason.

    Parameters
    ----------
    question : Question
        What was asked.
    status : {'on_track', 'at_risk', 'off', 'cannot_tell'}
        How it stands.
    because : str
        Key of the reason in the catalogue.
    lead : str
        Key of what the reason rests on; empty: the reason says it all.
    problem : str
        Why it could not be measured at all, as a sentence.
    found : Interval
        The figure, and the limits within which chance alone would have let it fall (95 %).
    limits : Interval
        The same at the confidence at which one of several goals is judged.
    n : int
        How many it rests on.
    few : bool
        Whether these are too few to judge.
    pace : float
        Figure over what is due by now: the target times the share of their final that past periods had reached, or the share of the
        days gone by where too few of these tell. NaN where nothing accrues or the period is over.
    end : Interval
        Where the period will end; NaN where it is over.
    span : Span, optional
        How much of the period the book holds.
    by : Metric, optional
        The metric that stood in for the one asked for.
    stood : float
        Its figure.
    past : int
        Past periods that it rests on.
    reached : float
        Share of the final that they had usually reached on the same day; NaN where nothing accrues.
    age : int or None
        Days after their entry at which its rows were read; None: on the day of the book.
    recorded : str
        Of how many of the rows that count the value is recorded, as a sentence; empty: of all.
    """

    question: Question
    status: Status
    because: str = ""
    lead: str = ""
    problem: str = ""
    found: Interval = NOWHERE
    limits: Interval = NOWHERE
    n: int = 0
    few: bool = False
    pace: float = math.nan
    end: Interval = NOWHERE
    span: Span | None = None
    by: Metric | None = None
    stood: float = math.nan
    past: int = 0
    reached: float = math.nan
    age: int | None = None
    recorded: str = ""

    @property
    def metric(self) -> Metric:
        """The metric asked for."""
        return self.question.metric

    @property
    def currency(self) -> str:
        """The book's currency."""
        return self.question.book.settings.currency

    @property
    def label(self) -> str:
        """Label of the metric with the age at which it is read and its scope, as far as the page does not say it."""
        return labelled(self.metric, self.question.beyond_page, self.age)

    @property
    def ripe_on(self) -> str:
        """The day from which all rows of the period can be told, as text; empty where the book is too young to say."""
        period = self.question.period
        day = ripe_day(self.question.book, self.metric, period) if period else None
        return formats.day(day) if day else ""

    def text(self, value: float) -> str:
        """Return a figure of this metric as text."""
        return written(value, self.metric.unit, self.currency)

    @property
    def value_text(self) -> str:
        """The figure as text, with more digits where rounding would hide on which side of the target it is."""
        value, target = self.found.value, self.question.target.target
        text = self.text(value)
        if target is None or value == target or text != self.text(target) or not text.endswith("%"):
            return text
        pairs = ((formats.share(value, digits=digits), formats.share(target, digits=digits)) for digits in range(2, 6))
        return next((longer for longer, other in pairs if longer != other), text)

    @property
    def target_text(self) -> str:
        """The target with its direction as text."""
        return target_text(self.metric, self.question.target.target, self.question.target.direction, self.currency)

    @property
    def reason(self) -> str:
        """Why it has this status, as a sentence."""
        if self.problem:
            return self.problem
        values = self._values()
        said = say(f"goal-{self.because}", values)
        if self.lead:
            said = say("goal-joined", {"lead": say(f"goal-{self.lead}", values), "tail": said})
        by = say("goal-by", {"metric": label_of(self.by.name, self.by.label)}) if self.by else ""
        return " ".join(filter(None, (said, by, self.recorded)))

    def _values(self) -> dict[str, object]:
        question, book, span = self.question, self.question.book, self.span
        shown = self.limits if math.isnan(self.end.value) else self.end
        values: dict[str, object] = {
            "value": self.value_text,
            "target": self.target_text,
            "low": self.text(shown.low),
            "high": self.text(shown.high),
            "now": self.text(self.stood),
            "pace": formats.share(self.pace),
            "n": self.n,
            "past": self.past,
            "fewest": FEWEST,
            "reached": formats.share(self.reached),
            "looks": question.looks,
            "least": self.metric.min_n,
            "day": formats.day(book.as_of),
            "scope": scope_text(question.where),
            "period": str(question.period or ""),
            "last": "" if question.period is None else formats.day(question.period.last_day),
        }
        if self.because == "young":
            values["ripe"] = self.ripe_on or "unknown"
        if span:
            values |= {"gone": span.gone, "days": span.days, "left": span.left}
            values["first"] = formats.day(span.first) if span.first else ""
        return values

    @property
    def sentence(self) -> str:
        """Goal, period, status and reason."""
        values = {"label": self.label, "period": str(self.question.period or ""), "status": status_text(self.status)}
        return say("goal-sentence" if self.question.period else "goal-sentence-today", values | {"reason": self.reason})


def status_text(status: str) -> str:
    """Return a status in words."""
    return say(f"status-{status.replace('_', '-')}")


def range_text(one: Judged) -> str:
    """Return where the period will end as text; a dash where that is not known or rests on few."""
    if math.isnan(one.end.low) or math.isnan(one.end.high) or one.n < MIN_N:
        return formats.DASH
    return say("interval", {"low": one.text(one.end.low), "high": one.text(one.end.high)})


def headline(one: Judged) -> dict[str, str]:
    """Return a goal as texts for the top of a report; see `GoalStatus.headlines`."""
    target = one.question.target.target
    short = formats.figure(one.found.value, one.metric.unit, one.currency, short=True)
    return {
        "label": one.label,
        "value_text": say("too-few", {"value": short}) if one.few else short,
        "target_text": "" if target is None else say("goal-tile-target", {"target": one.target_text}),
        "delta_text": _delta(one),
        "status": one.status,
        "sentence": one.sentence,
    }


def _delta(one: Judged) -> str:
    """Return how far it is from the target, by what it was judged by; empty where that cannot be told."""
    target = one.question.target.target
    if one.status == "cannot_tell" or target is None:
        return ""
    if not math.isnan(one.pace):
        return say("goal-delta-pace", {"pace": formats.share(one.pace)})
    if one.by:
        return say("goal-delta-gone-by", {"value": one.text(one.stood)})
    return say("goal-delta", {"change": formats.change(one.found.value - target, one.metric.unit, one.currency)})
