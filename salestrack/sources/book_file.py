"""The book file: its model, and reading it with all faults at once.

A CRM preset, when there is one, fills `TableFile.columns` before `salestrack.sources.mapping` reads it; nothing below
that needs to know where a mapping came from.
"""

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import available_timezones

import yaml
from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from salestrack.book import Settings
from salestrack.days import region_fault
from salestrack.errors import BookError, suggestion
from salestrack.sources.table_file import CategoryRule, TableFile
from salestrack.tables import CATEGORIES, CONTRACTS

BOOK_NAME = "book.yaml"
_NESTED = 6


class BookFile(Settings):
    """All that a book file may say."""

    connection: str = "."
    tables: dict[str, Annotated[TableFile, BeforeValidator(lambda value: value or {})]]
    activity_categories: tuple[CategoryRule, ...] = ()
    exported_on: date | None = None
    decimal: str | None = Field(default=None, min_length=1, max_length=1)
    thousands: str | None = Field(default=None, min_length=1, max_length=1)

    @property
    def settings(self) -> Settings:
        """What concerns the organisation as a whole."""
        return Settings(**{name: getattr(self, name) for name in Settings.model_fields})


@dataclass(frozen=True)
class Written:
    """A book file as it was read: the parts that make sense, and the faults of the rest.

    Parameters
    ----------
    path : Path
        The book file.
    file : BookFile
        The model, without the settings that had faults.
    faults : tuple of str
        One line each.
    """

    path: Path
    file: BookFile
    faults: tuple[str, ...]


def find_book_file(path: str | Path) -> Path:
    """Return the path of the book file for a path to it or to the folder that holds it.

    Raises
    ------
    BookError
        There is no such file, or the path is data without a book file.
    """
    place = Path(path)
    if place.is_dir():
        place = place / BOOK_NAME
        if not place.is_file():
            raise BookError(f"{path} holds no {BOOK_NAME}. Write a first one with: salestrack new-book {path}")
    if not place.is_file():
        near = [each.name for each in place.parent.glob("*.y*ml")] if place.parent.is_dir() else []
        raise BookError(f"There is no book file {path}.{suggestion(place.name, near)}")
    if place.suffix not in (".yaml", ".yml"):
        raise BookError(f"{path} is data, not a book file. Write a first book file with: salestrack new-book {place.parent}")
    return place


def read_book_file(path: str | Path) -> Written:
    """Read a book file; faults that leave the rest readable are returned, so that they can be told with all others.

    Raises
    ------
    BookError
        The file is missing or no YAML, or its settings are such that no table can be read.
    """
    place = find_book_file(path)
    data, twice = _load(place)
    if not isinstance(data, dict):
        raise BookError(f"{place} says nothing. Write a first book file with: salestrack new-book {place.parent}")
    twofold = [f"{key!r} is said twice; only one can hold." for key in twice]
    model, faults = _as_far_as_possible(data)
    if model is None:
        raise BookError(f"The book file {place} cannot be used:", [*twofold, *faults])
    return Written(place, model, (*twofold, *faults, *_unknown_names(model)))


def _as_far_as_possible(data: dict[Any, Any]) -> tuple[BookFile | None, list[str]]:
    """Return the model of what is right, and the faults of the rest."""
    faults: list[str] = []
    for _ in range(_NESTED):
        try:
            return BookFile.model_validate(data), faults
        except ValidationError as error:
            found = error.errors()
        # Leaving out what is wrong may leave a part that says too little: that is no fault of its own.
        faults = faults or [_explain(each) for each in found]
        if any(not each["loc"] for each in found):
            break
        data = _without(data, [each["loc"] for each in found])
    return None, faults


def _load(place: Path) -> tuple[Any, list[str]]:
    twice: list[str] = []

    class Loader(yaml.SafeLoader):
        """YAML itself lets a repeated key silently win."""

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            keys = [str(key.value) for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
            twice.extend(f"line {node.start_mark.line + 1}: {key}" for key in dict.fromkeys(keys) if keys.count(key) > 1)
            return super().construct_mapping(node, deep=deep)

    try:
        data = yaml.load(place.read_text(encoding="utf-8-sig"), Loader)
    except RecursionError as error:
        raise BookError(f"{place} is nested too deeply to be a book file.") from error
    except UnicodeDecodeError as error:
        raise BookError(f"{place} is not UTF-8 text. Save it as UTF-8.") from error
    except (yaml.YAMLError, ValueError) as error:
        raise BookError(f"{place} is not YAML: {' '.join(str(error).split())}") from error
    try:
        _assert_printable(data, place)
    except RecursionError as error:
        raise BookError(f"{place} says something that holds itself.") from error
    return data, twice


def _assert_printable(data: Any, place: Path) -> None:
    """Refuse a book file in which a text holds what no name of a file, a column or a value can."""
    texts = [data] if isinstance(data, str) else [*data, *data.values()] if isinstance(data, dict) else data
    for each in texts if isinstance(data, str | list | dict) else ():
        if isinstance(each, str) and "\0" in each:
            raise BookError(f"{place} holds a NUL character in {each[:60]!r}. Write it without.")
        if each is not data:
            _assert_printable(each, place)


def _explain(error: Any) -> str:
    parts = [str(part) for part in error["loc"]]
    where = ".".join(parts)
    if error["type"] == "extra_forbidden":
        parent = ".".join(parts[:-1])
        return f"There is no setting {parts[-1]!r}{' in ' + parent if parent else ''}.{suggestion(parts[-1], _known(parts[:-1]))}"
    if error["type"] == "missing":
        return f"{where} is missing."
    if error["type"] == "literal_error":
        return f"{where}: {error['input']!r} is not known.{suggestion(str(error['input']), _options(error))}"
    message = error["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message[:1].upper() + message[1:] + "."


def _options(error: Any) -> list[str]:
    return [word.strip("' ") for word in error["ctx"]["expected"].replace(" or ", ", ").split(",")]


def _known(parts: list[str]) -> list[str]:
    """Return the settings that may stand at a place of the book file."""
    model: type[BaseModel] | None = BookFile
    for part in parts:
        # A part that is no setting is a key or a position: of a table, a column, a rule.
        if model is not None and part in model.model_fields:
            model = next(_models(model.model_fields[part].annotation), None)
    return list(model.model_fields) if model else []


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _models(inner)


def _without(data: Any, places: list[tuple[Any, ...]]) -> Any:
    """Return the data without the items at these places, so that what is right can still be checked."""
    if not isinstance(data, Mapping) and not isinstance(data, list):
        return data
    gone = {place[0] for place in places if len(place) == 1}
    items = data.items() if isinstance(data, Mapping) else enumerate(data)
    kept = {
        key: _without(value, [place[1:] for place in places if len(place) > 1 and place[0] == key])
        for key, value in items
        if key not in gone
    }
    return kept if isinstance(data, Mapping) else list(kept.values())


def _unknown_names(model: BookFile) -> list[str]:
    faults = [f"There is no table {name!r}.{suggestion(name, CONTRACTS)}" for name in model.tables if name not in CONTRACTS]
    for name, table in model.tables.items():
        columns = CONTRACTS[name].names if name in CONTRACTS else ()
        faults += [
            f"tables.{name}: there is no column {column!r} in {name}.{suggestion(column, columns)}"
            for column in table.columns
            if columns and column not in columns
        ]
    placed = [("activity_categories", rule.category) for rule in model.activity_categories]
    placed += [("selling_categories", category) for category in model.selling_categories]
    strange = [(where, name) for where, name in placed if name not in CATEGORIES]
    faults += [f"{where}: there is no category {name!r}.{suggestion(name, CATEGORIES)}" for where, name in strange]
    if model.time_zone not in available_timezones():
        faults.append(f"time_zone: there is no time zone {model.time_zone!r}.{_near_zone(model.time_zone)}")
    if model.holidays and (told := region_fault(model.holidays)):
        faults.append(f"holidays: {told}")
    return faults


def _near_zone(name: str) -> str:
    told = suggestion(name, available_timezones())
    return told if "Did you mean" in told else " Write it as Europe/Berlin or Asia/Seoul."
