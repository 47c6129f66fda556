"""What a book file may say of one table: where it is, how its columns are made, which events it is made of."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator


def _text(value: Any) -> Any:
    # YAML reads 1, 1.5, true and 2017-01-01 as values; in a mapping of source texts they are texts.
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float, date)) else value


def _texts(value: Any) -> Any:
    return [_text(each) for each in value] if isinstance(value, list | tuple) else [_text(value)]


def _values(value: Any) -> Any:
    return {_text(key): _text(each) for key, each in value.items()} if isinstance(value, dict) else value


def _keys(value: Any) -> Any:
    return {_text(key): each for key, each in value.items()} if isinstance(value, dict) else value


def _column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
# What may follow a % in the engine's formats.
_SIGNS = "aAbBcdfgGHIjmMnpqSuUVwWxXyYzZ%"
STRICT = ConfigDict(extra="forbid", frozen=True)


def checked_pattern(pattern: str) -> str:
    """Return a regular expression that can be used.

    Raises
    ------
    ValueError
        It is none.
    """
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
    return pattern


def _readable(formats: tuple[str, ...]) -> tuple[str, ...]:
    for each in formats:
        for sign in re.findall(r"%-?.?", each, re.DOTALL):
            if sign[-1] not in _SIGNS or sign in ("%", "%-"):
                raise ValueError(
                    f"date_format {each!r} holds {sign!r}, which stands for no part of a date; write it as %d.%m.%Y %H:%M"
                )
    return formats


Formats = Annotated[Texts, AfterValidator(_readable)]


class ColumnFile(BaseModel):
    """How one canonical column is made: from a source column, an SQL expression over source columns, or a constant."""

    model_config = STRICT

    column: Text | None = None
    expression: Text | None = None
    constant: Text | None = None
    date_format: Formats = ()
    decimal: str | None = Field(default=None, min_length=1, max_length=1)
    thousands: str | None = Field(default=None, min_length=1, max_length=1)
    percent: bool = False
    missing: Texts = ()
    values: Annotated[dict[str, str], BeforeValidator(_values)] = {}

    @model_validator(mode="after")
    def _made_in_one_way(self) -> "ColumnFile":
        if sum(way is not None for way in (self.column, self.expression, self.constant)) != 1:
            raise ValueError("say one of 'column', 'expression' or 'constant'")
        return self


class EventsFile(BaseModel):
    """How an event log is read: which columns say what, and which events make this table."""

    model_config = STRICT

    case: Text
    name: Text
    at: Text
    lifecycle: Text | None = None
    resource: Text | None = None
    owner: Literal["first", "last", "most_hours"] | None = None
    only: str | None = None
    start: Texts = ("start",)
    complete: Texts = ("complete",)
    date_format: Formats = ()

    @field_validator("only")
    @classmethod
    def _is_a_pattern(cls, only: str | None) -> str | None:
        return only and checked_pattern(only)

    @model_validator(mode="after")
    def _an_owner_can_be_told(self) -> "EventsFile":
        if self.owner and not self.resource:
            raise ValueError("owner needs resource: the column that says who did it")
        if self.owner == "most_hours" and not self.lifecycle:
            raise ValueError("owner: most_hours needs lifecycle: the column that says whether work began or ended")
        return self


class TableFile(BaseModel):
    """Where one canonical table is, and how its columns map."""

    model_config = STRICT

    file: str | None = None
    table: str | None = None
    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    rows_before_header: int | None = Field(default=None, ge=0, le=1000)
    keep: Annotated[dict[str, Texts], BeforeValidator(_keys)] = {}
    columns: dict[str, Annotated[ColumnFile, BeforeValidator(_column)] | None] = {}
    events: EventsFile | None = None


class CategoryRule(BaseModel):
    """One rule that places activities in a category: all its conditions on source columns must hold."""

    model_config = STRICT

    category: str
    where: dict[str, Texts] = {}
    matches: dict[str, str] = {}

    @model_validator(mode="after")
    def _has_a_condition(self) -> "CategoryRule":
        if not self.where and not self.matches:
            raise ValueError("a rule needs 'where' (column: values) or 'matches' (column: regular expression)")
        for pattern in self.matches.values():
            checked_pattern(pattern)
        return self
