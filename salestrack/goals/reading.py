"""Reading a goal sheet: all faults at once, each with its place and the way out."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from salestrack.book import Book
from salestrack.columns import view
from salestrack.errors import GoalError, SalestrackError, suggestion
from salestrack.goals.objective import Objective, Target
from salestrack.goals.sheet import Goals

_START = "docs/goals.md shows one to start from, and salestrack.goals.menu() common objectives."


def read_goals(path: str | Path) -> Goals:
    """Read a goal sheet.

    Parameters
    ----------
    path : str or Path
        Empty: no goals are set. Else a YAML file with ``objectives`` and, optionally, ``period``. See ``docs/goals.md``.

    Returns
    -------
    Goals
        The sheet; ``.warnings`` says what is unwise about it.

    Raises
    ------
    GoalError
        The file is missing, empty or no YAML, or says something that makes no sense; all faults are told at once. Metrics of
        your own must be defined before the sheet is read.
    """
    if not str(path):
        return Goals()
    place = Path(path)
    data, faults = _load(place)
    if data is None or data == "":
        raise GoalError(f"The goal sheet {place} is empty. {_START}")
    if not isinstance(data, dict):
        raise GoalError(f"The goal sheet {place} must begin with 'objectives:'. {_START}")
    try:
        goals = Goals.model_validate(data)
    except ValidationError as error:
        faults += [_explain(data, fault) for fault in error.errors()]
    faults += _on_objectives(data)
    if faults:
        raise GoalError("\n".join([f"The goal sheet {place} cannot be used.", *(f"  - {fault}" for fault in faults)]))
    return goals


def check_goals(book: Book, goals: Goals) -> None:
    """Check that what a goal sheet says of columns and values exists in a book.

    A metric whose table the book does not have is no fault: its status says so.

    Raises
    ------
    GoalError
        A scope names a column or a value that the book does not have; all are told at once.
    """
    faults = []
    for objective, target in goals.targets:
        metric = target.measures
        for table in metric.tables if book.has(*metric.tables) else ():
            try:
                view(book, table, metric.clock.get(table), (), target.where)
            except SalestrackError as error:
                faults.append(f"{objective.name!r}, {target.metric}: {error}")
    if faults:
        told = "\n".join(f"  - {fault}" for fault in dict.fromkeys(faults))
        raise GoalError(f"The goals do not fit the book of {book.name}.\n{told}")


def _load(place: Path) -> tuple[Any, list[str]]:
    if not place.is_file():
        near = [each.name for each in place.parent.glob("*.y*ml")] if place.parent.is_dir() else []
        raise GoalError(f"There is no goal sheet {place}.{suggestion(place.name, near) or ' ' + _START}")
    faults: list[str] = []

    class Loader(yaml.SafeLoader):
        """YAML itself lets a repeated key silently win."""

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            keys = [str(key.value) for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
            twice = [key for key in dict.fromkeys(keys) if keys.count(key) > 1]
            faults.extend(f"Line {node.start_mark.line + 1}: {key!r} is said twice; only one can hold." for key in twice)
            return super().construct_mapping(node, deep=deep)

    try:
        return yaml.load(place.read_text(encoding="utf-8-sig"), Loader), faults
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise GoalError(f"The goal sheet {place} is not YAML{line}: {error.problem}. Check indents, colons and quotes.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise GoalError(f"The goal sheet {place} is not UTF-8 text. Save it as UTF-8.") from error


def _explain(data: Any, error: Any) -> str:
    """Return one fault as a sentence that begins with its place: the objective, the metric, the setting."""
    loc: tuple[Any, ...] = error["loc"]
    place = ", ".join(_places(data, loc))
    start = f"{place}: " if place else ""
    last = str(loc[-1]) if loc else ""
    if error["type"] == "extra_forbidden":
        return f"{start}There is no setting {last!r}.{suggestion(last, _model_at(loc[:-1]).model_fields)}"
    if error["type"] == "missing":
        return f"{start}{last} is missing."
    if error["type"] == "literal_error":
        options = [word.strip("' ") for word in error["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return f"{start}{last}: {error['input']!r} is not known.{suggestion(str(error['input']), options)}"
    message = error["msg"].removeprefix("Value error, ")
    # Messages that are sentences of their own name what they are about.
    about = "" if message[:1].isupper() and error["type"] == "value_error" else f"{last}: " if isinstance(loc[-1], str) else ""
    return f"{start}{about}{message.removesuffix('.') + '.' if not message.endswith('?') else message}"


def _places(data: Any, loc: Sequence[Any]) -> Iterator[str]:
    """Yield the numbered places on the way to a setting, with the names that people gave them."""
    words = {"objectives": ("Objective", "name"), "metrics": ("metric", "metric")}
    at = data
    for parent, step in zip((None, *loc), loc, strict=False):
        # Below a shorthand such as `- bookings` there is nothing to step into.
        found = (isinstance(at, dict) and step in at) or (isinstance(at, list) and isinstance(step, int))
        at = at[step] if found else at
        if isinstance(step, int) and parent in words:
            kind, key = words[parent]
            own = at.get(key) if isinstance(at, dict) else at
            yield f"{kind} {step + 1}" + (f" ({own})" if isinstance(own, str) and own else "")


def _model_at(loc: Sequence[Any]) -> type[BaseModel]:
    return Target if "metrics" in loc else Objective if "objectives" in loc else Goals


def _on_objectives(data: dict[str, Any]) -> list[str]:
    objectives = data.get("objectives")
    if not objectives:
        return [f"There are no objectives. {_START}"]
    names = [str(each.get("name")) for each in objectives if isinstance(each, dict)] if isinstance(objectives, list) else []
    return [f"Two objectives are named {name!r}." for name in dict.fromkeys(names) if name != "None" and names.count(name) > 1]
