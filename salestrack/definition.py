"""A metric is one function: its name is the identifier, its docstring the definition, its body says what to take.

The body gets ibis tables and returns one of a few formula kinds, made of row-level columns. Which sums the engine takes of
them, which interval they get and how they are drawn follows from the kind; the function itself computes nothing.
"""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import overload

from salestrack.errors import DefinitionError, suggestion, unknown
from salestrack.formula import Formula
from salestrack.tables import CONTRACTS


class Unit(StrEnum):
    """What a figure is measured in; it decides how the figure is written."""

    SHARE = "share"
    MONEY = "money"
    COUNT = "count"
    DAYS = "days"
    HOURS = "hours"
    RATIO = "ratio"


class Better(StrEnum):
    """Which direction is good news."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


SHARE, MONEY, COUNT, DAYS, HOURS, RATIO = Unit
HIGHER, LOWER, NEITHER = Better
# What a metric may need beside columns: that lost opportunities are recorded.
LOSSES = "losses"


@dataclass(frozen=True, eq=False)
class Metric:
    """A figure with its definition. Made by `metric`, measured by `salestrack.measure`.

    Parameters
    ----------
    name : str
        Identifier.
    function : callable
        From ibis tables to a formula.
    unit : Unit
        What it is measured in.
    better : Better
        Which direction is good news.
    clock : mapping of str to str
        For each table the column whose day decides whether a row falls in the period; empty for a state on the day of the book.
    label : str
        How to head a column; empty: the catalogue's word, or the name in plain words.
    min_n : int
        Below it a group is too few to judge.
    flat_band : float
        A change smaller than this share of the earlier value is called flat.
    needs : tuple of str
        What it says nothing without, beside what its formula rests on (`salestrack.recorded`): columns, or ``"losses"``.
    matures : int or None
        Days after its clock at which a row is ripe; None: found from the book, where the metric rests on what comes later.
    """

    name: str
    function: Callable[..., Formula]
    unit: Unit
    better: Better
    clock: Mapping[str, str]
    label: str = ""
    min_n: int = 10
    flat_band: float = 0.05
    needs: tuple[str, ...] = ()
    matures: int | None = None
    tables: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", tuple(inspect.signature(self.function).parameters))
        object.__setattr__(self, "__doc__", self.function.__doc__)

    def __repr__(self) -> str:
        return f"<metric {self.name}: {self.definition}>"

    @property
    def definition(self) -> str:
        """What it is, in one sentence: the first paragraph of the docstring."""
        return _sections(self.function)[""].split("\n\n")[0].replace("\n", " ")

    @property
    def sections(self) -> dict[str, str]:
        """The docstring by section: ``""`` holds what comes before the first heading; ``Notes``, ``See Also``, ``References``."""
        return _sections(self.function)


METRICS: dict[str, Metric] = {}


@overload
def metric(function: Callable[..., Formula], /) -> Metric: ...
@overload
def metric(
    *,
    unit: Unit,
    clock: str | Mapping[str, str] | None = None,
    better: Better = NEITHER,
    label: str = "",
    min_n: int = 10,
    flat_band: float = 0.05,
    needs: str | Sequence[str] = (),
    matures: int | None = None,
) -> Callable[[Callable[..., Formula]], Metric]: ...
def metric(  # type: ignore[no-untyped-def]  # noqa: PLR0913
    function=None, /, *, unit=COUNT, clock=None, better=NEITHER, label="", min_n=10, flat_band=0.05, needs=(), matures=None
):
    """Turn a function into a metric and enter it in the registry.

    Parameters
    ----------
    unit : Unit
        `SHARE`, `MONEY`, `COUNT`, `DAYS`, `HOURS` or `RATIO`.
    clock : str or mapping of str to str, optional
        Date column that decides the period; a mapping gives one for each table. None: a state on the day of the book.
    better : Better
        `HIGHER`, `LOWER` or `NEITHER`.
    label : str
        How to head a column.
    min_n : int
        Below it a group is too few to judge.
    flat_band : float
        A change smaller than this share of the earlier value is called flat.
    needs : str or sequence of str
        What it says nothing without: columns of its tables, or ``"losses"``. Columns of its formula need not be named, and that a
        share of the closed needs losses is found out; a book that does not record them gets the reason and no figure.
    matures : int, optional
        Days after its clock at which a row is ripe: cohorts are held against each other at that age. None: a metric whose clock is
        an entry (``created_date``, ``created_at``, ``entered_date``, ...) and whose parts tell what came later is found to mature,
        and its age is read from the book (see `salestrack.ripeness`).

    Raises
    ------
    DefinitionError
        The function has no docstring, takes something that is no table, or names a clock or a need that its tables do not have.

    Examples
    --------
    >>> import salestrack as st
    >>> @st.metric(unit=st.SHARE, clock="close_date", better=st.HIGHER)
    ... def big_win_share(opportunities):
    ...     '''Share of won opportunities above 10,000.'''
    ...     return st.Ratio(of=opportunities.won & (opportunities.amount > 10_000), over=opportunities.won)
    >>> big_win_share
    <metric big_win_share: Share of won opportunities above 10,000.>
    """

    def define(function: Callable[..., Formula]) -> Metric:
        wanted = (needs,) if isinstance(needs, str) else tuple(needs)
        clocks = _clocks(function, clock)
        made = Metric(function.__name__, function, unit, better, clocks, label, min_n, flat_band, wanted, matures)
        _check(made)
        METRICS[made.name] = made
        return made

    return define if function is None else define(function)


def find_metric(name: "str | Metric") -> Metric:
    """Return a metric by its name, or the metric itself.

    Raises
    ------
    UnknownNameError
        There is no such metric; the message offers the nearest names.
    """
    if isinstance(name, Metric):
        return name
    if name not in METRICS:
        raise unknown("metric", str(name), METRICS)
    return METRICS[name]


# Columns that reading a book adds to the canonical tables (salestrack.as_of), and those of the tables that it makes.
_OPPORTUNITY = ("status", "won", "lost", "closed", "open", "cycle_days", "observed_days", "idle_days", "stated_probability")
STEP_COLUMNS = (
    "opportunity_id",
    "stage",
    "stage_number",
    "cohort_date",
    "entered_date",
    "entered_at",
    "days",
    "lasted",
    "outcome",
    "left",
    "went_on",
    "visited",
    "amount",
)
STAY_COLUMNS = (
    "opportunity_id",
    "stage",
    "stage_number",
    "entered_date",
    "entered_at",
    "days",
    "lasted",
    "outcome",
    "left",
    "went_on",
    "went_back",
    "dated",
    "amount",
)
DERIVED_COLUMNS: dict[str, tuple[str, ...]] = {
    "opportunities": _OPPORTUNITY,
    "leads": ("first_touch_at", "response", "response_hours"),
    "activities": ("hours", "selling"),
    # A step is a row of its opportunity too.
    "steps": (
        *STEP_COLUMNS,
        *(name for name in (*CONTRACTS["opportunities"].names, *_OPPORTUNITY) if name not in STEP_COLUMNS),
    ),
    "stays": (
        *STAY_COLUMNS,
        *(name for name in (*CONTRACTS["opportunities"].names, *_OPPORTUNITY) if name not in STAY_COLUMNS),
    ),
    "quota_days": ("rep_id", "team", "territory_id", "level", "day", "quota_start", "quota_end", "amount", "prorated_amount"),
    "rep_days": ("rep_id", "day", "hours"),
}


def table_columns(table: str) -> tuple[str, ...]:
    """Return the columns that a table of a book has, derived ones included.

    Raises
    ------
    UnknownNameError
        There is no such table.
    """
    own = CONTRACTS[table].names if table in CONTRACTS else ()
    columns = (*own, *DERIVED_COLUMNS.get(table, ()))
    if not columns:
        raise unknown("table", table, [*CONTRACTS, *DERIVED_COLUMNS], "in a book")
    return columns


def _clocks(function: Callable[..., Formula], clock: str | Mapping[str, str] | None) -> dict[str, str]:
    if clock is None:
        return {}
    if isinstance(clock, str):
        return dict.fromkeys(inspect.signature(function).parameters, clock)
    return dict(clock)


def _check(made: Metric) -> None:
    built_in = METRICS.get(made.name)
    if (
        built_in
        and built_in.function.__module__.startswith("salestrack.")
        and made.function.__module__ != built_in.function.__module__
    ):
        raise DefinitionError(f"{made.name!r} is a definition of the kit and stays what it is. Choose another name.")
    if not (made.function.__doc__ or "").strip():
        raise DefinitionError(f"Metric {made.name!r} has no docstring: its docstring is its definition. Say what the figure is.")
    if not made.tables:
        raise DefinitionError(
            f"Metric {made.name!r} takes no table. Name the tables that it needs as parameters, e.g. opportunities."
        )
    for table in made.tables:
        columns = table_columns(table)
        clock = made.clock.get(table)
        if clock is not None and clock not in columns:
            raise DefinitionError(
                f"Metric {made.name!r}: {table} has no column {clock!r} to be its clock.{suggestion(clock, columns)}"
            )
        if made.clock and clock is None:
            raise DefinitionError(f"Metric {made.name!r} has no clock for the table {table}. Known for: {', '.join(made.clock)}.")
    known = [LOSSES, *(column for table in made.tables for column in table_columns(table))]
    if missing := [need for need in made.needs if need not in known]:
        raise DefinitionError(
            f"Metric {made.name!r} needs {missing[0]!r}, which is no column of its tables.{suggestion(missing[0], known)}"
        )


def _sections(function: Callable[..., Formula]) -> dict[str, str]:
    parts = re.split(r"(?m)^(\w[\w ]*)\n-{3,}\n", inspect.cleandoc(function.__doc__ or ""))
    return {"": parts[0].strip(), **{name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}}
