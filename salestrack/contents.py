"""What the kit can be asked: its figures and its questions, each with what it says."""

from collections.abc import Callable, Iterable
from inspect import getdoc, isfunction, signature

import pandas as pd

from salestrack import analyses
from salestrack.definition import METRICS
from salestrack.display import Table
from salestrack.wording import label_of, say


def metrics() -> Table:
    """Return all figures, one's own among them: the name to ask for, its label and its definition.

    Returns
    -------
    Table
        Shows itself; ``.frame`` holds the texts.
    """
    rows = [(each.name, label_of(each.name, each.label), each.definition) for each in METRICS.values()]
    return _table("metrics", rows)


def questions() -> Table:
    """Return all questions that a book can be asked: the name of the function, what it takes beside the book, and what it tells.

    Returns
    -------
    Table
        Shows itself; ``.frame`` holds the texts.
    """
    return _table("questions", [(name, _parameters(each), (getdoc(each) or "").split("\n")[0]) for name, each in asked()])


def asked() -> Iterable[tuple[str, Callable[..., object]]]:
    """Yield the functions that ask a book, by name."""
    for name in sorted(analyses.__all__):
        each = getattr(analyses, name)
        if isfunction(each) and next(iter(signature(each).parameters), "") == "book":
            yield name, each


def _parameters(function: Callable[..., object]) -> str:
    return ", ".join(list(signature(function).parameters)[1:])


def _table(what: str, rows: Iterable[tuple[str, str, str]]) -> Table:
    heads = [(say(f"contents-{what}-{column}"), "") for column in ("name", "second", "says")]
    frame = pd.DataFrame(list(rows), columns=pd.Index(heads, tupleize_cols=False))
    return Table(frame, say(f"contents-{what}"), say(f"contents-{what}-note"), 3)
