"""The words on a chart: names as plain one-line labels, titles, and which figures a chart is about."""

import unicodedata
from collections.abc import Mapping, Sequence

import pandas as pd

from salestrack import formats
from salestrack.analyses.funnel_words import step_name
from salestrack.analyses.processes import PIPELINE
from salestrack.definition import Metric, Unit
from salestrack.display import Result
from salestrack.errors import DefinitionError
from salestrack.measure import Measured
from salestrack.periods import Period
from salestrack.wording import label_of, say

# Characters of a name before it is cut; a Korean one takes the room of two.
NAME_WIDTH = 26
_NAMED_IN_A_LIST = 5
# Control characters would break the picture or turn the text around them; unassigned ones have no place in XML.
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Cn"}


def plain(value: object, width: int = NAME_WIDTH) -> str:
    r"""Return a name as a label of one line; a long one loses its middle, for its end may tell two alike apart.

    Parameters
    ----------
    value : object
        A name; null is said to be not recorded.
    width : int
        Room, in characters.

    Examples
    --------
    >>> plain("Anna-Maria\nvan den Berghe-Rautenstrauch (R17)")
    'Anna-Maria van den…(R17)'
    """
    if pd.isna(value):  # type: ignore[call-overload]
        return say("not-recorded")
    printable = "".join(" " if unicodedata.category(c) in _UNPRINTABLE else c for c in str(value))
    text = " ".join(printable.split())
    if _room(text) <= width:
        return text
    tail = text[-(width // 4) :]
    while _room(tail) > width // 4:
        tail = tail[1:]
    head = text
    while _room(head) + 1 + _room(tail) > width:
        head = head[:-1]
    return f"{head.rstrip()}…{tail.lstrip()}"


def _room(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def group_names(frame: pd.DataFrame, by: Sequence[str], width: int = NAME_WIDTH) -> list[str]:
    """Return the label of each row's group: its names in the order of `by`; all rows together where there is none."""
    if not by:
        return [say("chart-all")] * len(frame)
    named = {name: [_named(name, value) for value in frame[name]] for name in by}
    return [plain(" · ".join(names), width) for names in zip(*named.values(), strict=True)]


def step_names(frame: pd.DataFrame, column: str = "step") -> list[str]:
    """Return what the steps of an answer are called; of several sales processes with the process before it."""
    names = [plain(step_name(step)) for step in frame[column]]
    if PIPELINE not in frame:
        return names
    of = frame[PIPELINE].tolist()
    return [name if pd.isna(process) else plain(f"{process} · {name}") for process, name in zip(of, names, strict=True)]


def parted(frame: pd.DataFrame) -> pd.Series:
    """Return for each row of steps how many cohorts, or sales processes, stand above its own: a gap is left for each."""
    own = frame[[name for name in (PIPELINE, "cohort") if name in frame]].astype("string").fillna("").agg(" · ".join, axis=1)
    return (own != own.shift(fill_value=own.iloc[0])).cumsum()


def _named(column: str, value: object) -> str:
    if column.rpartition(".")[2] == "category" and not pd.isna(value):  # type: ignore[call-overload]
        return label_of(str(value))
    return plain(value, 10_000)


def listing(names: Sequence[str]) -> str:
    """Return names as a list; of a long one the first few and how many more."""
    more = len(names) - _NAMED_IN_A_LIST
    text = ", ".join(names[:_NAMED_IN_A_LIST] if more > 1 else names)
    return say("chart-and-more", {"names": text, "more": more}) if more > 1 else text


def unit_word(unit: Unit, currency: str) -> str:
    """Return how an axis names its unit."""
    return say(f"chart-unit-{unit}", {"currency": currency})


def title_of(result: Result, metric: Metric, by: Sequence[str] = (), period: str = "") -> str:
    """Return the title of a chart: metric, unit, what it is broken down by, period and scope.

    Parameters
    ----------
    result : Result
        What is drawn.
    metric : Metric
        The metric.
    by : sequence of str
        What it is broken down by.
    period : str
        Period to name instead of the result's.
    """
    values = {
        "metric": label_of(metric.name, metric.label),
        "unit": unit_word(metric.unit, result.book.settings.currency),
        "by": say("chart-by-join").join(label_of(name).lower() for name in by),
        "grouped": "yes" if by else "no",
    }
    return joined(say("chart-title", values), period or period_name(result.during), scope_name(result.where))


def joined(*parts: str) -> str:
    """Return the parts of a title as one, without the empty ones."""
    return " · ".join(filter(None, parts))


def period_name(during: Period | None) -> str:
    """Return the name of a period, or that it is all the book holds."""
    return say("whole-book") if during is None else str(during)


def scope_name(where: Mapping[str, object]) -> str:
    """Return the scope of a result as a label; empty where it has none."""
    return ", ".join(f"{label_of(name)}: {_wanted(value)}" for name, value in where.items())


def _wanted(value: object) -> str:
    many = isinstance(value, list | tuple | set | frozenset)
    return listing([plain(each) for each in value]) if many else plain(value)  # type: ignore[attr-defined]


def one_metric(result: Measured, metric: Metric | str | None = None) -> Measured:
    """Return the figures of the one metric that a chart is to draw.

    Raises
    ------
    DefinitionError
        The result holds several metrics and none was named.
    UnknownNameError
        The result does not hold the metric named.
    """
    if metric is None and len(result.metrics) > 1:
        names = [each.name for each in result.metrics]
        raise DefinitionError(f"This result holds {len(names)} metrics; a chart draws one. Pass result[{names[0]!r}], for example.")
    return result[result.metrics[0] if metric is None else metric]


def why_empty(one: Measured) -> str:
    """Return why a result has nothing to draw."""
    return next(iter(one.absent.values()), say("chart-nothing"))


def figure_text(one: Measured, value: float) -> str:
    """Return a figure of a result's first metric as a short text."""
    return formats.figure(value, one.metrics[0].unit, one.book.settings.currency, short=True)


def count(n: float) -> str:
    """Return a count as text."""
    return "0" if pd.isna(n) else f"{int(n):,}"
