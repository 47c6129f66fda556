"""Lines of a first book file that depend on the values: stages with their outcome, dates and numbers with their form."""

import json
import re
from collections.abc import Iterator, Mapping

import ibis.expr.types as ir

from salestrack.errors import suggestion
from salestrack.sources.header_words import LOST_WORDS, STAGE_ORDER, WON_WORDS
from salestrack.sources.questions import date_question, number_question, point_question
from salestrack.sources.reading import Conventions, as_number, as_text, as_time
from salestrack.sources.table_file import ColumnFile
from salestrack.tables import Column

_PLAIN = re.compile(r"[A-Za-z_][\w ./()&+-]*")
_RESERVED = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}
_CONVENTIONS = Conventions("UTC", None, None, ())
_MOST_STAGES = 60
# In fewer rows a stage of one row is nothing odd.
_ENOUGH_ROWS = 50
_ORDER = {"open": 0, "won": 1, "lost": 2}


def yaml_text(text: str) -> str:
    """Return a text as YAML, quoted where YAML would read something else.

    Examples
    --------
    >>> yaml_text("Closed Won"), yaml_text("no"), yaml_text("2017"), yaml_text("a: b")
    ('Closed Won', '"no"', '"2017"', '"a: b"')
    """
    plain = _PLAIN.fullmatch(text) and text.casefold() not in _RESERVED and text == text.strip()
    return text if plain else json.dumps(text, ensure_ascii=False)


def letters(text: str) -> str:
    """Return the letters and digits of a text in lower case."""
    return re.sub(r"[\W_]+", "", text.casefold())


def stage_lines(stages: Mapping[str, int]) -> Iterator[str]:
    """Yield the stages section for the stages of the data, in the usual order of a sale.

    Parameters
    ----------
    stages : mapping of str to int
        Rows by stage.
    """
    yield "# In the order in which deals pass through them; outcome: what being there means; probability (0 to 1) if you state one."
    rare = _seen_once(stages)
    found = {
        outcome: [each for each in stages if each not in rare and outcome_of(each) == outcome]
        for outcome in ("open", "won", "lost")
    }
    for outcome in ("won", "lost"):
        if not found[outcome]:
            yield f"# ANSWER: which stage means {outcome}? Set its outcome."
    if len(stages) > _MOST_STAGES:
        yield f"# ANSWER: the column has {len(stages)} values, too many for stages. Map another column to stage."
    yield "stages:"
    for outcome, names in found.items():
        for name in sorted(names, key=_rank)[:_MOST_STAGES]:
            yield f"  - {{name: {yaml_text(name)}, outcome: {outcome}}}  # {stages[name]:,} rows"
    for name in rare:
        near = suggestion(name, [each for each in stages if each not in rare])
        yield f"# ANSWER: {name!r} is the stage of one row only, which is refused.{near} Map it under values, or list it above."


def pipeline_lines(seen: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """Yield the pipelines section, where opportunities of different pipelines go through different stages.

    Parameters
    ----------
    seen : mapping of str to mapping of str to int
        Opportunities by pipeline and stage.
    """
    ends = dict.fromkeys(stage for stages in seen.values() for stage in stages if outcome_of(stage) != "open")
    yield "# The stages of each sales process, in the order in which its deals pass through them; outcome: what being there means."
    yield "pipelines:"
    for name, stages in seen.items():
        yield f"  {yaml_text(name)}:"
        rare = _seen_once(stages)
        own = sorted((each for each in stages if each not in rare), key=lambda each: (_ORDER[outcome_of(each)], _rank(each)))
        for stage in own[:_MOST_STAGES]:
            yield f"    - {{name: {yaml_text(stage)}, outcome: {outcome_of(stage)}}}  # {stages[stage]:,} opportunities"
        for outcome in ("won", "lost"):
            if not any(outcome_of(stage) == outcome for stage in own):
                yield f"    # ANSWER: which stage of this pipeline means {outcome}? None of its opportunities is in this one."
                yield from (
                    f"    - {{name: {yaml_text(each)}, outcome: {outcome}}}" for each in ends if outcome_of(each) == outcome
                )
        for stage in rare:
            yield f"    # ANSWER: {stage!r} is the stage of one opportunity only. Map it under values, or list it above."


def column_options(rows: ir.Table, name: str, column: Column, where: str) -> tuple[dict[str, str], list[str]]:
    """Return what must be said of a source column so that it can be read, and comments for the reader.

    Parameters
    ----------
    rows : ibis table
        Rows of the source.
    name : str
        The source column.
    column : Column
        The canonical column that it is proposed for.
    where : str
        Table and column, for questions.
    """
    source = rows[name]
    if not source.type().is_string() or column.kind in ("key", "text"):
        scale = column.kind == "share" and source.type().is_numeric() and _highest(source) > 1
        return ({"percent": "true"} if scale else {}), []
    texts = as_text(source)
    if column.kind in ("date", "timestamp"):
        unread = _unread(rows, texts, as_time(texts, (), "UTC"))
        if unread is None:
            return {}, []
        question, formats = date_question(unread, where)
        return ({"date_format": json.dumps(formats[0])}, [question]) if len(formats) == 1 else ({}, [f"ANSWER: {question}"])
    plain = ColumnFile(column="x", percent=column.kind == "share")
    unread = _unread(rows, texts, as_number(texts, plain, _CONVENTIONS))
    if unread is not None:
        question = number_question(unread, where) or f"{where}: many values are no numbers. Is it the right column?"
        return {}, [f"ANSWER: {question}"]
    if column.kind == "share":
        highest = _highest(as_number(texts, plain, _CONVENTIONS))
        return ({"percent": "true"} if highest > 1 else {}), []
    point = point_question(texts, where)
    return {}, [f"ANSWER: {point}"] if point else []


def _unread(rows: ir.Table, texts: ir.StringValue, values: ir.Value) -> ir.StringValue | None:
    """Return the texts that cannot be read, or None when a column reads but for a few odd values."""
    table = rows.select(text=texts, value=values)
    lost = table.filter(table.text.notnull() & table.value.isnull())
    rows, bad = (int(each.count().to_pyarrow().as_py()) for each in (table.filter(table.text.notnull()), lost))
    return lost.text if (bad > 1 and bad * 20 > rows) or bad == rows > 0 else None


def _highest(number: ir.NumericValue) -> float:
    return float(number.max().to_pyarrow().as_py() or 0)


def _seen_once(stages: Mapping[str, int]) -> list[str]:
    """Return the stages of one row among many: typing errors, or the last line of a report rather than a deal."""
    enough = sum(stages.values()) >= _ENOUGH_ROWS
    once = [name for name, rows in stages.items() if rows == 1] if enough else []
    # What a whole outcome rests on is no slip.
    return [name for name in once if any(outcome_of(each) == outcome_of(name) for each in stages if each not in once)]


def outcome_of(stage: str) -> str:
    """Return what a stage or a status seems to mean, by its words: ``won``, ``lost`` or ``open``."""
    word = letters(stage)
    if any(each in word for each in LOST_WORDS):
        return "lost"
    return "won" if any(each in word for each in WON_WORDS) else "open"


def _rank(stage: str) -> int:
    return next((place for place, word in enumerate(STAGE_ORDER) if word in letters(stage)), len(STAGE_ORDER))
