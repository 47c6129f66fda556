"""What a run takes out of an executed notebook besides its look: headlines, definitions, warnings.

Cells send them as outputs of two media types, so that they travel as data and no page has to be read back.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from nbformat import NotebookNode
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from salestrack.wording import label_of

HEADLINE = "application/vnd.salestrack.headline+json"
DEFINITIONS = "application/vnd.salestrack.definitions+json"


class Headline(BaseModel):
    """One figure for the top of a report, ready to print.

    Parameters
    ----------
    name : str
        Identifier of the metric or goal; of two with the same name the first counts.
    label, value_text, target_text, delta_text : str
        What the tile says; empty texts are left out.
    status : str
        ``on_track``, ``at_risk``, ``off``, ``cannot_tell`` or empty: nothing to judge it by.
    sentence : str
        What it says in one sentence.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str
    label: str
    value_text: str
    target_text: str = ""
    delta_text: str = ""
    status: str = ""
    sentence: str = ""

    @field_validator("target_text", "delta_text", "status", "sentence", mode="before")
    @classmethod
    def _null_is_empty(cls, value: Any) -> Any:
        return "" if value is None else value

    @field_validator("status")
    @classmethod
    def _as_a_name(cls, value: str) -> str:
        return re.sub(r"[\s-]+", "_", value.strip().lower())


class DefinitionCard(BaseModel):
    """What one figure means, for the appendix.

    Parameters
    ----------
    name, label, definition : str
        Identifier, heading, and what it is.
    unit, clock, source : str
        What it is measured in, which date decides the period, which tables it reads.
    notes, references : str
        Paragraphs, an empty line between them.
    see_also : tuple of str
        False friends and relatives; given as ``name`` or ``name : what it is``, kept with their labels.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str
    label: str
    definition: str
    unit: str = ""
    clock: str = ""
    source: str = ""
    notes: str = ""
    references: str = ""
    see_also: tuple[str, ...] = ()

    @field_validator("unit", "clock", "source", "notes", "references", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return "; ".join(f"{key}: {text}" for key, text in value.items())
        if isinstance(value, list | tuple):
            return "\n\n".join(map(str, value))
        return "" if value is None else value

    @field_validator("see_also", mode="before")
    @classmethod
    def _as_entries(cls, value: Any) -> Any:
        if isinstance(value, dict):
            value = [f"{name} : {text}" for name, text in value.items()]
        if isinstance(value, str):
            # In a docstring an entry goes on in indented lines.
            value = [" ".join(entry.split()) for entry in re.split(r"\n(?=\S)", value) if entry.strip()]
        return tuple(_with_label(entry) for entry in value or ())


def _with_label(entry: str) -> str:
    name, _, text = entry.partition(" : ")
    return ": ".join(filter(None, (label_of(name.strip()), text.strip())))


@dataclass(frozen=True)
class Harvest:
    """What was found in one executed notebook.

    Parameters
    ----------
    headlines, definitions : tuple
        In order, each name once.
    warnings : tuple of str
        What cells wrote to the error stream, a line each, without file names.
    faults : tuple of str
        Outputs that are not what they claim to be.
    """

    headlines: tuple[Headline, ...] = ()
    definitions: tuple[DefinitionCard, ...] = ()
    warnings: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def harvest(notebook: NotebookNode) -> Harvest:
    """Return the headlines, definitions and warnings of an executed notebook."""
    faults: list[str] = []
    headlines = _read(notebook, HEADLINE, Headline, faults)
    definitions = _read(notebook, DEFINITIONS, DefinitionCard, faults)
    return Harvest(headlines, definitions, tuple(_warnings(notebook)), tuple(faults))


def once_each(items: Iterable["Named"]) -> tuple["Named", ...]:
    """Return the items without those whose name came before."""
    found: dict[str, Named] = {}
    for item in items:
        found.setdefault(item.name, item)
    return tuple(found.values())


Named = TypeVar("Named", Headline, DefinitionCard)


def _read(notebook: NotebookNode, media_type: str, model: type[Named], faults: list[str]) -> tuple[Named, ...]:
    items = []
    for entry in _entries(notebook, media_type):
        try:
            items.append(model.model_validate(entry))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "it"
            faults.append(f"an output of type {media_type} cannot be used: {place}: {first['msg']}")
    return once_each(items)


def _entries(notebook: NotebookNode, media_type: str) -> Iterator[Any]:
    for output in outputs(notebook):
        if media_type in output.get("data", {}):
            content = output["data"][media_type]
            yield from content if isinstance(content, list) else [content]


def outputs(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """Yield the outputs of all code cells in order."""
    for cell in notebook.cells:
        yield from cell.get("outputs", ())


_LOCATED = re.compile(r"^(?:.*/)?[^/]*?:\d+: (\w+: .*)$")


def _warnings(notebook: NotebookNode) -> Iterator[str]:
    """Yield what went to the error stream; of Python warnings the category and text, not where they were raised."""
    for output in outputs(notebook):
        if output.output_type != "stream" or output.name != "stderr":
            continue
        lines = [line.rstrip() for line in output.text.splitlines() if line.strip()]
        located = [match[1] for line in lines if (match := _LOCATED.match(line))]
        yield from located or lines[:5]
