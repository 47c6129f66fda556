"""The first goal sheet for a book: objectives from the two questions, each figure with where it stands today."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta

from salestrack import formats
from salestrack.book import Book
from salestrack.definition import HIGHER, LOWER, Metric
from salestrack.errors import PeriodError
from salestrack.goals.proposals import GOAL_MENU, Proposal, suggest
from salestrack.measure import measure
from salestrack.periods import Period, containing
from salestrack.wording import say

# What is written where nothing was answered: few objectives, and the others to choose from.
_FIRST = ("grow", "win", "leak")


def new_goals(book: Book, achieve: Sequence[str] = (), use: Sequence[str] = ()) -> str:
    """Return a first, commented goal sheet, with what each figure was in the last two whole quarters beside it.

    Targets are left open: what a figure was says what is near, not what is wanted.

    Parameters
    ----------
    book : Book
        The book.
    achieve : sequence of str
        What we want to achieve, each in one's own words: one objective for each, with the metrics of the common objective that is
        nearest. None: a few common objectives, and the others in comments.
    use : sequence of str
        What we want to do with the data, in the same order; what is missing stays open.

    Returns
    -------
    str
        YAML, which `read_goals` reads.
    """
    return "\n".join(_written(book, achieve, use)) + "\n"


def _written(book: Book, achieve: Sequence[str], use: Sequence[str]) -> Iterator[str]:
    yield from (f"# {line}" for line in say("first-goals-head", {"name": book.name, "day": formats.day(book.as_of)}).split("\n"))
    yield f"period: {_quarter_to_come(book)}"
    yield "objectives:"
    if achieve:
        for i, text in enumerate(achieve):
            near = suggest(text)
            yield from _objective(book, text, (text, use[i] if i < len(use) else ""), near[0] if near else None)
            if near.note:
                yield f"    # {near.note}"
        return
    for each in GOAL_MENU:
        lines = _objective(book, each.objective, (each.achieve, each.use), each)
        yield from lines if each.key in _FIRST else (f"# {line}" for line in lines)


def _objective(book: Book, name: str, answers: tuple[str, str], proposal: Proposal | None) -> Iterator[str]:
    achieve, use = answers
    yield f"  - name: {_text(name)}"
    yield f"    achieve: {_text(achieve)}  # {say('first-goals-achieve')}"
    yield f"    use: {_text(use) if use else ''}  # {say('first-goals-use')}"
    yield f"    owner:  # {say('first-goals-owner')}"
    yield "    review: monthly"
    yield "    metrics:" if proposal else f"    metrics: []  # {say('first-goals-no-metric')}"
    for metric in proposal.metrics if proposal else ():
        # Where neither way is good in itself a sheet has to say which is meant.
        way = "" if metric.better in (HIGHER, LOWER) else ", direction: at_least"
        yield f"      - {{metric: {metric.name}, target: {way}}}  # {_stands(book, metric)}"


def _stands(book: Book, metric: Metric) -> str:
    """Say what a metric was in the last two whole quarters, or is, where it tells of a day."""
    if not metric.clock:
        return say("first-goals-today", {"value": _value(book, metric, None)})
    last = _quarter_to_come(book).previous()
    values = {"last": str(last), "before": str(last.previous())}
    values |= {"value": _value(book, metric, str(last)), "earlier": _value(book, metric, str(last.previous()))}
    return say("first-goals-stands", values)


def _quarter_to_come(book: Book) -> Period:
    """Return the quarter of the day after that of the book: on its last day a quarter is over."""
    return containing(book.as_of + timedelta(days=1), "quarter", book.settings.fiscal_year_start)


def _value(book: Book, metric: Metric, during: str | None) -> str:
    if why := book.lacks(*metric.tables):
        return say("first-goals-lacks", {"why": why})
    try:
        row = measure(book, metric, during=during).frame.iloc[0]
    except PeriodError:
        # Before the book begins.
        return formats.DASH
    return formats.alone(row["value"], metric.unit, book.settings.currency)


def _text(text: str) -> str:
    return json.dumps(" ".join(text.split()), ensure_ascii=False)
