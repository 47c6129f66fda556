"""The parameters of a notebook: one pydantic model each, read from the notebook's own parameters cell.

Papermill pastes names raw into code and only warns of unknown ones, so nothing reaches it that the model does not know.
"""

import ast
import io
import tokenize
from dataclasses import dataclass
from typing import Any

import nbformat
import papermill
from nbformat import NotebookNode
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model, field_validator

from salestrack.errors import SalestrackError
from salestrack.periods import Period, as_day
from salestrack.quota_spans import is_of_quotas

Scalar = str | int | float | bool | None
Where = dict[str, Scalar | list[Scalar]]
TYPES: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "dict": Where,
    "list": list[Scalar],
    "list[str]": list[str],
    "list[int]": list[int],
    "list[float]": list[float],
    "dict[str, str]": dict[str, str],
    "dict[str, float]": dict[str, float],
}


class NotebookParameters(BaseModel):
    """What every notebook takes.

    Parameters
    ----------
    book : str
        Path of the book file.
    as_of : str
        The day on which the book is read, ``2026-09-30``.
    during : str
        The period, ``2026-Q3``.
    goals : str
        Path of the goal sheet; empty: none.
    where : dict
        Column to value, or to a list of values; empty: everything.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    book: str = Field(min_length=1)
    as_of: str
    during: str
    goals: str = ""
    where: Where = Field(default_factory=dict)

    @field_validator("as_of")
    @classmethod
    def _is_a_day(cls, value: str) -> str:
        return as_day(value).isoformat()

    @field_validator("during")
    @classmethod
    def _is_a_period(cls, value: str) -> str:
        # Which days a period of quotas has is in the book.
        return value.strip() if is_of_quotas(value) else Period.meant(value).name


# What each of the shared parameters must be called in the cell.
SHARED = {"book": "str", "as_of": "str", "during": "str", "goals": "str", "where": "dict"}


@dataclass(frozen=True)
class Line:
    """One line of a parameters cell: ``name: annotation = default  # comment``."""

    name: str
    annotation: str
    default: Any
    comment: str


def faults_of(error: ValidationError | SalestrackError) -> list[str]:
    """Return what is wrong, one line each, without pydantic's own wording around it."""
    if not isinstance(error, ValidationError):
        return [str(error)]
    lines = []
    for fault in error.errors():
        place = ".".join(str(part) for part in fault["loc"])
        # Our own errors quote what was given; pydantic's do not.
        given = "" if fault["type"] in ("missing", "value_error") else f" (given: {fault['input']!r})"
        lines.append(f"{place}: {fault['msg'].removeprefix('Value error, ')}{given}")
    return lines


def read_model(notebook: NotebookNode, name: str) -> tuple[type[NotebookParameters] | None, list[str]]:
    """Return the pydantic model of a notebook's parameters, or what is wrong with its parameters cell.

    The cell holds the shared parameters and may add its own, whose type, default and help the model takes from the cell.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook, as read.
    name : str
        Its name, for the model and the faults.

    Returns
    -------
    model : type of NotebookParameters or None
        None when the cell cannot be used.
    faults : list of str
        What is wrong with the cell, one sentence each.
    """
    lines, faults = _read_cell(notebook)
    found = {line.name: line for line in lines}
    if not faults:
        faults = [*_against_shared(found), *_against_papermill(notebook, found)]
    if faults:
        return None, [f"{name}: {fault}" for fault in faults]
    own = {
        line.name: (TYPES[line.annotation], Field(default=line.default, description=line.comment))
        for line in lines
        if line.name not in SHARED
    }
    model: type[NotebookParameters] = create_model(f"parameters of {name}", __base__=NotebookParameters, **own)  # type: ignore[call-overload]
    return model, []


def _read_cell(notebook: NotebookNode) -> tuple[list[Line], list[str]]:
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        return [], [f"{len(cells)} cells are tagged 'parameters'; there must be one"]
    source = cells[0].source
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        return [], [f"line {error.lineno} of the parameters cell is not Python"]
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    lines, faults = [], []
    for statement in body:
        try:
            lines.append(_read_line(statement, comments))
        except ValueError as fault:
            faults.append(f"line {statement.lineno} of the parameters cell {fault}")
    return lines, faults


def _read_line(statement: ast.stmt, comments: dict[int, str]) -> Line:
    if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name) or statement.value is None:
        raise ValueError("is not of the form `name: type = value  # what it is`")
    name, annotation = statement.target.id, ast.unparse(statement.annotation)
    if annotation not in TYPES:
        raise ValueError(f"gives {name} the type {annotation}; known are {', '.join(TYPES)}")
    comment = comments.get(statement.end_lineno or statement.lineno, "")
    if not comment:
        raise ValueError(f"does not say in a comment what {name} is")
    try:
        default = ast.literal_eval(statement.value)
    except ValueError as error:
        raise ValueError(f"gives {name} something other than a plain value") from error
    return Line(name, annotation, default, comment)


def _against_shared(found: dict[str, Line]) -> list[str]:
    faults = [f"the parameters cell does not have {name!r}, which every notebook takes" for name in SHARED if name not in found]
    for name, annotation in SHARED.items():
        if name in found and found[name].annotation != annotation:
            faults.append(f"the parameters cell gives {name} the type {found[name].annotation}; it is {annotation}")
    return faults


def _against_papermill(notebook: NotebookNode, found: dict[str, Line]) -> list[str]:
    """Return where papermill, which reads lines with a pattern and not as Python, sees something else than Python does."""
    try:
        seen = papermill.inspect_notebook(notebook)
    except ValueError as error:
        return [f"papermill cannot read it: {error}"]
    differing = [name for name in {**found, **seen} if name not in seen or name not in found]
    differing += [name for name in found if name in seen and seen[name]["inferred_type_name"] != found[name].annotation]
    advice = "put it on one line, without a second '='"
    return [f"papermill reads {name!r} in the parameters cell otherwise than Python does; {advice}" for name in differing]


def read_notebook(text: str) -> NotebookNode:
    """Return a notebook from its JSON text, in the current format.

    Raises
    ------
    ValueError
        It is not a notebook.
    """
    try:
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
    except (ValueError, KeyError, AttributeError, nbformat.ValidationError) as error:
        raise ValueError(f"is not a Jupyter notebook: {str(error).splitlines()[0]}") from error
    return notebook
