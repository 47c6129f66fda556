"""The book: one organisation's sales data, read as of one day.

This room says what an open book is. `salestrack.sources.open_book` makes one from files; anything else that can fill these
fields (a test, a warehouse) may make one too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal

import ibis.expr.types as ir
import pandas as pd
from ibis.backends import BaseBackend
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticKnownError

from salestrack.errors import MissingTableError, unknown
from salestrack.ladders import Stage, faults_of, faults_of_all, in_order
from salestrack.periods import Period
from salestrack.quota_spans import QuotaSpan, is_of_quotas
from salestrack.tables import CONTRACTS, SELLING_CATEGORIES

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Settings(BaseModel):
    """What the book file says about the organisation as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = "Sales book"
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    fiscal_year_start: int = Field(default=1, ge=1, le=12)
    time_zone: str = "UTC"
    working_days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    working_hours_per_day: float = Field(default=8, gt=0, le=24)
    holidays: str = ""
    selling_categories: tuple[str, ...] = SELLING_CATEGORIES
    pipelines: dict[str, tuple[Stage, ...]] = Field(default_factory=dict)
    stages: tuple[Stage, ...] = Field(default=(), validate_default=True)

    @field_validator("holidays", mode="before")
    @classmethod
    def _norway_is_no_boolean(cls, value: object) -> object:
        if value is False:
            raise ValueError('YAML reads NO as false. Write it in quotes: "NO"')
        return value

    @field_validator("pipelines", mode="before")
    @classmethod
    def _names_are_texts(cls, value: object) -> object:
        # YAML reads a pipeline called 2026 as a number.
        return {str(name): stages for name, stages in value.items()} if isinstance(value, dict) else {} if value is None else value

    @field_validator("pipelines")
    @classmethod
    def _each_makes_a_process(cls, value: dict[str, tuple[Stage, ...]]) -> dict[str, tuple[Stage, ...]]:
        if found := faults_of_all(value):
            raise ValueError("; ".join(found))
        return value

    @field_validator("stages")
    @classmethod
    def _stages_are_said_once(cls, value: tuple[Stage, ...], info: ValidationInfo) -> tuple[Stage, ...]:
        """Where pipelines have their own, the stages of the book are those of all of them."""
        pipelines = info.data.get("pipelines")
        if not value and pipelines != {}:
            return in_order(pipelines or {})
        if not value:
            raise PydanticKnownError("missing")
        if pipelines and value != in_order(pipelines):
            raise ValueError("said beside pipelines: say the stages of each pipeline there, and no others")
        return value

    @model_validator(mode="after")
    def _one_ladder_makes_a_process(self) -> "Settings":
        if not self.pipelines and (found := faults_of(self.stages)):
            raise ValueError("; ".join(found))
        return self

    @property
    def ladders(self) -> Mapping[str, tuple[Stage, ...]]:
        """The stages of each pipeline, in order; a book of one process has one without a name."""
        return self.pipelines or {"": self.stages}

    def of(self, pipeline: str) -> "Settings":
        """Return the settings of one pipeline alone, as of a book that has no other process."""
        return self.model_copy(update={"stages": self.pipelines[pipeline], "pipelines": {}})

    def named(self, outcome: str) -> tuple[str, ...]:
        """Return the names of the stages with an outcome, in order."""
        return tuple(stage.name for stage in self.stages if stage.outcome == outcome)


@dataclass(frozen=True)
class Fault:
    """One kind of fault found in a table.

    Parameters
    ----------
    table, column : str
        Where; `column` may name several, or be empty for a fault of the whole table.
    problem : str
        What is wrong, as a clause: ``"amount is not a number"``.
    rows : int
        How many rows have it.
    examples : tuple of str
        Keys (and values) of a few of them.
    refused : bool
        Whether these rows were refused; otherwise they stay in and the fault is only reported.
    advice : str
        What to do about it.
    """

    table: str
    column: str
    problem: str
    rows: int
    examples: tuple[str, ...] = ()
    refused: bool = True
    advice: str = ""


@dataclass(frozen=True)
class Intake:
    """How the rows of one source table were taken in; ``rows == used + refused + later`` always.

    Parameters
    ----------
    source : str
        File or table that was read.
    rows : int
        Rows in the source.
    used : int
        Rows in the book.
    refused : int
        Rows that cannot be used; they are kept in the book's ``refused`` table with the reason.
    later : int
        Rows that tell of days after the book's ``as_of``.
    """

    source: str
    rows: int
    used: int
    refused: int
    later: int = 0


@dataclass(frozen=True, eq=False, repr=False)
class Book:
    """One organisation's sales data, read as of one day.

    Parameters
    ----------
    settings : Settings
        Name, currency, fiscal year, stages, selling categories.
    as_of : date
        The day the book is read; nothing that came later is in it.
    connection : ibis backend
        Where the tables live.
    tables : mapping of str to ibis table
        Canonical tables as of the day, and those derived from them (`steps`, `stays`, `quota_days`,
        `rep_days`).
    intake : mapping of str to Intake
        Rows read, used, refused and later, by table.
    faults : tuple of Fault
        All that was found wrong or worth knowing.
    absent : mapping of str to str
        Optional tables that this book does not have, and why.
    refused : ibis table, optional
        Refused rows of all tables: ``table``, ``row`` (1-based line of data), ``reason``, ``record`` (JSON text of the source row).
    source : str
        The book file, as it was given.
    fingerprint : str
        SHA-256 over the book file and its sources; empty where the source is a live database.
    """

    settings: Settings
    as_of: date
    connection: BaseBackend
    tables: Mapping[str, ir.Table]
    intake: Mapping[str, Intake] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    absent: Mapping[str, str] = field(default_factory=dict)
    refused: ir.Table | None = None
    source: str = ""
    fingerprint: str = ""

    def __repr__(self) -> str:
        return f"<Book {self.name!r} as of {self.as_of}: {', '.join(self.tables)}>"

    @property
    def name(self) -> str:
        """The organisation's name."""
        return self.settings.name

    def has(self, *tables: str) -> bool:
        """Return whether the book has all of these tables."""
        return all(table in self.tables for table in tables)

    def lacks(self, *tables: str) -> str:
        """Return why the first of these tables that the book does not have is not there; empty when it has them all."""
        for name in tables:
            if name not in self.tables:
                base = DERIVED.get(name, name)
                why = self.absent.get(base, f"map {base} in the book file to switch it on")
                return f"This needs the table {base!r}, which the book of {self.name} does not have: {why}."
        return ""

    def table(self, name: str) -> ir.Table:
        """Return a table of the book as an ibis expression.

        Raises
        ------
        MissingTableError
            The book does not have this optional table; the message says why.
        UnknownNameError
            There is no table of that name at all.
        """
        if name in self.tables:
            return self.tables[name]
        if name in CONTRACTS or name in DERIVED:
            raise MissingTableError(self.lacks(name))
        raise unknown("table", name, [*CONTRACTS, *DERIVED], "in a book")

    def fetch(self, query: ir.Table) -> pd.DataFrame:
        """Run a query on the book's engine and return its small result."""
        return self.connection.to_pyarrow(query).to_pandas()

    def fetch_row(self, query: ir.Table) -> dict[str, Any]:
        """Run a query that has one row and return it, by column."""
        return dict(self.connection.to_pyarrow(query).to_pylist()[0])

    def period(self, during: str | Period) -> Period:
        """Return a period in the book's fiscal calendar; ``"last quarter"`` and its like are counted from the day of the book.

        ``"quota:2026-02-14"`` is the period of quotas that holds that day, ``"last quota period"`` the one before today's.
        """
        quotas = quota_spans(self) if isinstance(during, str) and is_of_quotas(during) else ()
        return Period.meant(during, self.settings.fiscal_year_start, self.as_of, quotas)


# Tables made from others when a book is read, with the optional table that they need.
DERIVED = {"steps": "stage_history", "stays": "stage_history", "quota_days": "quotas", "rep_days": "activities"}


@lru_cache(maxsize=64)
def quota_spans(book: Book) -> tuple[QuotaSpan, ...]:
    """Return the periods for which the quotas that count are set, in order; none where the book has no quotas."""
    if not book.has("quota_days"):
        return ()
    days = book.table("quota_days")
    # A quota has one row on its first day.
    first = days.filter(days.day == days.quota_start)
    found = first.group_by(["quota_start", "quota_end"]).aggregate(n=first.count()).order_by("quota_start", "quota_end")
    rows = book.connection.to_pyarrow(found).to_pylist()
    return tuple(QuotaSpan(row["quota_start"], row["quota_end"] + timedelta(days=1), row["n"]) for row in rows)
