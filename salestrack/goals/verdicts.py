"""From numbers to a status: the rules, without any data.

A closed figure is a fact: the target was met or it was not. A figure that can still change is judged by the range in which it
will end: wholly on the good side is on track, wholly on the wrong side is off, anything else is at risk.
"""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

from salestrack.stats.intervals import Interval

Status = Literal["on_track", "at_risk", "off", "cannot_tell"]
# In the order in which they are told.
STATUSES: tuple[Status, ...] = ("on_track", "off", "at_risk", "cannot_tell")
# Before this share of a period is gone, a range made of few observations says nothing yet.
EARLY = 0.5
# A target met to the cent must count, whatever its parts add up to in floating point.
_ROUNDING = 1e-9


class Verdict(NamedTuple):
    """A status and the key of its reason in the catalogue (without ``goal-``)."""

    status: Status
    reason: str


@dataclass(frozen=True)
class Bar:
    """A target and the side of it that is good.

    Parameters
    ----------
    target : float
        In the metric's unit.
    direction : {'at_least', 'at_most'}
        Which side is good.
    """

    target: float
    direction: Literal["at_least", "at_most"]

    def met(self, value: float) -> bool:
        """Return whether a value is on the good side; NaN is not."""
        slack = _ROUNDING * abs(self.target)
        return value >= self.target - slack if self.direction == "at_least" else value <= self.target + slack

    def missed(self, value: float) -> bool:
        """Return whether a value is on the wrong side; NaN is not."""
        return not math.isnan(value) and not self.met(value)


def of_fact(bar: Bar, found: Interval, *, few: bool = False) -> Verdict:
    """Judge a figure that will not change any more.

    Parameters
    ----------
    bar : Bar
        The target.
    found : Interval
        The figure, and the limits within which chance alone would have let it fall.
    few : bool
        Whether it rests on so few that its limits say little.

    Returns
    -------
    Verdict
        ``on_track`` when the target was met, else ``off``; the reason ends in ``barely`` when the interval holds the other side
        too: chance alone gives such a difference (in ``few`` when it rests on few).
    """
    met = bar.met(found.value)
    other_side = bar.missed if met else bar.met
    by_chance = other_side(found.low) or other_side(found.high)
    reason = ("met" if met else "missed") + (("-few" if few else "-barely") if by_chance else "")
    return Verdict("on_track" if met else "off", reason)


def of_range(bar: Bar, end: Interval, shown: Interval | None = None) -> Verdict:
    """Judge a figure that can still change, by the range in which it will end; a limit that is NaN is unknown.

    Parameters
    ----------
    bar : Bar
        The target.
    end : Interval
        The range that decides: of several goals on a page, at the confidence that holds for all of them together.
    shown : Interval, optional
        The 95 % range, where it is another.

    Returns
    -------
    Verdict
        ``on_track`` or ``off`` when the whole range is on one side, else ``at_risk`` with the reason ``ahead`` or ``behind``; the
        reason ends in ``looks`` when the range that is shown is on one side all the same.
    """
    status = _side(bar, end)
    if status:
        return Verdict(status, "surely" if status == "on_track" else "hardly")
    looks = "-looks" if shown is not None and _side(bar, shown) else ""
    return Verdict("at_risk", ("ahead" if bar.met(end.value) else "behind") + looks)


def unguided(bar: Bar, value: float) -> Verdict:
    """Judge a figure that can still change where nothing tells how: it may go either way, and stands ahead or behind."""
    return Verdict("at_risk", "ahead-unguided" if bar.met(value) else "behind-unguided")


def _side(bar: Bar, end: Interval) -> Literal["on_track", "off"] | None:
    worst, best = (end.low, end.high) if bar.direction == "at_least" else (end.high, end.low)
    return "on_track" if bar.met(worst) else "off" if bar.missed(best) else None
