"""The periods for which quotas are set, and the words that ask for them."""

import re
from dataclasses import dataclass
from datetime import date

from salestrack.errors import PeriodError
from salestrack.period_words import plain

# The periods for which quotas are set: the one that holds a day, or begins on it; the one of these days; counted from today.
OF_QUOTAS = re.compile(r"quota\s*:\s*(?P<start>[\d-]+)(?:/(?P<end>[\d-]+))?", re.IGNORECASE)
QUOTA_NOW = re.compile(r"(this|current|last|previous|next) quota period")
# So many periods a message names.
_NAMED = 4


@dataclass(frozen=True)
class QuotaSpan:
    """Days for which quotas are set: the first, the first after, and how many quotas are for just these days."""

    start: date
    end: date
    quotas: int = 1


def is_of_quotas(text: str) -> bool:
    """Return whether a text asks for a period for which quotas are set: ``quota:2026-02-14``, ``last quota period``."""
    return bool(OF_QUOTAS.fullmatch(text.strip()) or QUOTA_NOW.fullmatch(plain(text)))


def quota_name(span: QuotaSpan, among: tuple[QuotaSpan, ...]) -> str:
    """Return how a period of quotas is called: by its first day; where others begin on it too, by the range."""
    alone = sum(each.start == span.start for each in among) == 1
    return f"quota:{span.start}" if alone else f"quota:{span.start}/{span.end}"


def the_span(text: str, start: date, end: date | None, among: tuple[QuotaSpan, ...]) -> QuotaSpan:
    """Return the span that begins on a day (or else holds it) and, with `end`, ends before that one; what most quotas have first.

    Raises
    ------
    PeriodError
        There is none, or several are for as many.
    """
    if end:
        near = [each for each in among if (each.start, each.end) == (start, end)]
    else:
        near = [each for each in among if each.start == start] or [each for each in among if each.start <= start < each.end]
    if not near:
        spans = ", ".join(quota_name(each, among) for each in sorted(among, key=lambda each: each.start)[-_NAMED:])
        raise PeriodError(f"No quota of the book is for {text.partition(':')[2].strip()}. The latest are for {spans}.")
    most = [each for each in near if each.quotas == max(other.quotas for other in near)]
    if len(most) > 1:
        choices = " or ".join(repr(f"quota:{each.start}/{each.end}") for each in sorted(most, key=lambda each: each.end)[:_NAMED])
        raise PeriodError(f"{text!r} is in {len(most)} periods of quotas: say {choices}.")
    return most[0]
