"""What may stand in `by` and `where`: columns of a table, of the tables it links to (`salestrack.paths`), and calendar grains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import ibis.expr.types as ir

from salestrack.book import Book
from salestrack.errors import UnknownNameError, suggestion
from salestrack.grains import start_of
from salestrack.paths import attach, find_path
from salestrack.periods import GRAINS, Period
from salestrack.quotas import held_to_quotas
from salestrack.tables import CONTRACTS, LINK_NAMES

# In `by`: the days for which a quota is set, of what is held against quotas.
QUOTA_PERIOD = "quota_period"
_KEY_OF = {alias: CONTRACTS[table].key[0] for alias, table in LINK_NAMES.items()}


@dataclass(frozen=True)
class Key:
    """One thing to group by.

    Parameters
    ----------
    name : str
        How it was asked for; the column's name in the result.
    grain : str, optional
        Calendar grain, where it is one.
    labels : str, optional
        Table whose names stand for the keys found, where it is a link such as ``rep``.
    """

    name: str
    grain: str | None = None
    labels: str | None = None

    @property
    def is_period(self) -> bool:
        """Whether its values are periods, which `Book.period` reads."""
        return bool(self.grain) or self.name == QUOTA_PERIOD


@dataclass(frozen=True)
class View:
    """A table as one metric needs it: linked columns attached, filtered, keys as columns ``key_0``, ``key_1``, ..."""

    table: ir.Table
    keys: tuple[Key, ...]

    @property
    def key_columns(self) -> list[str]:
        """Names of the key columns."""
        return [f"key_{i}" for i in range(len(self.keys))]


def beyond_reach(book: Book, table: str, where: Mapping[str, object]) -> str:
    """Return why a table cannot be narrowed to a scope that other tables of the book know; empty when it can.

    Raises
    ------
    UnknownNameError
        No table of the book knows the column.
    """
    for name in where:
        try:
            find_path(book, table, _KEY_OF.get(name, name))
        except UnknownNameError:
            if not any(_reaches(book, other, name) for other in book.tables):
                raise
            return f"It cannot be narrowed to {name}: {table} knows no {name}."
    return ""


def _reaches(book: Book, table: str, name: str) -> bool:
    try:
        return bool(find_path(book, table, _KEY_OF.get(name, name)))
    except UnknownNameError:
        return False


def check_scope(book: Book, where: Mapping[str, object]) -> None:
    """Refuse a scope whose columns or values do not exist in the book.

    Raises
    ------
    UnknownNameError
        A column or a value does not exist; the message offers the nearest.
    """
    for name, values in where.items():
        beyond_reach(book, "opportunities", {name: values})
        table = next(table for table in ("opportunities", *book.tables) if _reaches(book, table, name))
        view(book, table, None, (), {name: values})


def view(  # noqa: PLR0913
    book: Book,
    table: str,
    clock: str | None,
    by: tuple[str, ...] = (),
    where: Mapping[str, object] | None = None,
    during: Period | None = None,
    *,
    against_quotas: bool = False,
) -> View:
    """Return a table with the rows of a period and a scope, and with the columns to group by.

    Parameters
    ----------
    book : Book
        The book.
    table : str
        One of its tables.
    clock : str or None
        Date or timestamp column that decides the period. None: a state on the day of the book.
    by : tuple of str
        Columns, links (``rep``, ``account``, ...) or calendar grains.
    where : mapping, optional
        Column to the value, or list of values, that it must have; None among them stands for null.
    during : Period, optional
        None: everything up to the day of the book.
    against_quotas : bool
        Whether its rows are held against quotas: opportunities of whoever has one on the day, each with the days of the quota, and
        only quotas whose days lie wholly in the period, or in its part where `by` names a calendar grain.

    Raises
    ------
    UnknownNameError, MissingTableError
        A name cannot be found, a value does not occur, or a grain is asked of a state.
    """
    source = held_to_quotas(book) if against_quotas and table == "opportunities" else book.table(table)
    if clock and during:
        day = source[clock].cast("date")
        source = source.filter(day >= during.start, day < during.end)
    elif clock and set(by) & set(GRAINS):
        # Expected dates lie ahead; a series ends on the day of the book.
        source = source.filter(source[clock].cast("date") <= book.as_of)
    if against_quotas:
        source = _whole_quotas(book, source, by, during)
    for name, values in (where or {}).items():
        source = _only(book, source, table, name, values)
    keys = tuple(key_of(book, name) for name in by)
    return View(reduce(lambda made, at: _with_key(book, made, table, clock, at), enumerate(keys), source), keys)


def _whole_quotas(book: Book, source: ir.Table, by: tuple[str, ...], during: Period | None) -> ir.Table:
    """Keep quotas of which no day lies outside the period, and none outside the part of it that a row is counted in."""
    if during:
        source = source.filter(source.quota_start >= during.start, source.quota_end < during.end)
    first = book.settings.fiscal_year_start
    for grain in (name for name in by if name in GRAINS):
        source = source.filter(start_of(source.quota_start, grain, first) == start_of(source.quota_end, grain, first))
    return source


def names_in(by: str | Sequence[str] | None, told: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the names in a `by`, each once, but for those by which an answer is broken down anyway (`told`).

    Examples
    --------
    >>> names_in("rep"), names_in(None), names_in(["rep", "stage", "rep"], told=("stage",))
    (('rep',), (), ('rep',))
    """
    asked = () if by is None else (by,) if isinstance(by, str) else by
    return tuple(dict.fromkeys(name for name in asked if name not in told))


def key_of(book: Book, name: str) -> Key:
    """Return what a name in `by` stands for: a calendar grain, a link whose names are shown, or a column."""
    if name in GRAINS:
        return Key(name, grain=name)
    if name in LINK_NAMES:
        return Key(name, labels=LINK_NAMES[name] if LINK_NAMES[name] in book.tables else None)
    return Key(name)


def _with_key(book: Book, made: ir.Table, table: str, clock: str | None, at: tuple[int, Key]) -> ir.Table:
    number, key = at
    if key.grain:
        if clock is None:
            raise UnknownNameError(f"{key.name!r} cannot break down a state on the day of the book: it has no period.")
        return made.mutate(**{f"key_{number}": start_of(made[clock].cast("date"), key.grain, book.settings.fiscal_year_start)})
    if key.is_period:
        return made.mutate(**{f"key_{number}": _days_of_quota(made, table)})
    return attach(book, made, table, _KEY_OF.get(key.name, key.name), f"key_{number}")


def _days_of_quota(made: ir.Table, table: str) -> ir.StringValue:
    if "quota_start" not in made.columns:
        raise UnknownNameError(f"{QUOTA_PERIOD!r} breaks down what is held against quotas, such as quota_attainment; not {table}.")
    return made.quota_start.cast("string") + "/" + made.quota_end.cast("string")


def _only(book: Book, source: ir.Table, table: str, name: str, values: object) -> ir.Table:
    wanted = list(values) if isinstance(values, list | tuple | set | frozenset) else [values]
    if name in LINK_NAMES:
        return _only_linked(book, source, table, name, wanted)
    columns = source.columns
    made = attach(book, source, table, name, "_where")
    path = find_path(book, table, name)
    at = path.hops[-1][1] if path.hops else table
    # What no history tells of is there all the same.
    at = "opportunities" if at in ("steps", "stays") and path.column in book.table("opportunities").columns else at
    _must_occur(book.table(at)[path.column], name, wanted)
    return made.filter(_is_one_of(made["_where"], wanted)).select(*columns)


def _only_linked(book: Book, source: ir.Table, table: str, name: str, wanted: list[object]) -> ir.Table:
    columns, labels = source.columns, LINK_NAMES[name]
    made = attach(book, source, table, _KEY_OF[name], "_where")
    if labels in book.tables:
        keys = _keys_of(book, name, wanted)
    else:
        keys = wanted
        _must_occur(made["_where"], name, wanted)
    return made.filter(_is_one_of(made["_where"], keys)).select(*columns)


def _keys_of(book: Book, link: str, wanted: list[object]) -> list[object]:
    """Return the keys of linked rows from their keys, their names, or both as a table shows them: ``Kim (R7)``."""
    parent = book.table(LINK_NAMES[link])
    key = parent[CONTRACTS[LINK_NAMES[link]].key[0]]
    side = parent.select(key=key, name=parent.name if "name" in parent.columns else key)
    texts = [str(value) for value in wanted if value is not None]
    shown = [text[text.rfind("(") + 1 : -1] for text in texts if text.endswith(")")]
    near = side.filter(side.name.isin(texts) | side.key.isin([*texts, *shown]))
    rows = book.connection.to_pyarrow(near).to_pylist()
    keys: list[object] = [None] if None in wanted else []
    for text in texts:
        exact = [row["key"] for row in rows if text in (row["key"], f"{row['name']} ({row['key']})")]
        found = exact or [row["key"] for row in rows if row["name"] == text]
        if len(found) > 1:
            choices = " or ".join(repr(f"{text} ({each})") for each in sorted(found)[:5])
            raise UnknownNameError(f"{len(found)} {LINK_NAMES[link]} are called {text!r}: say {choices}.")
        if not found:
            _must_occur(side.name, link, [text])
        keys += found
    return keys


def _is_one_of(column: ir.Value, wanted: list[object]) -> ir.Value:
    condition = column.isin([value for value in wanted if value is not None])
    return condition | column.isnull() if None in wanted else condition


def _must_occur(column: ir.Value, name: str, wanted: list[object]) -> None:
    values = [value for value in wanted if value is not None]
    found = column.as_table().filter(column.isin(values)).distinct().to_pyarrow().column(0).to_pylist()
    missing = [value for value in values if value not in found and str(value) not in map(str, found)]
    if missing:
        known = column.as_table().distinct().limit(1000).to_pyarrow().column(0).to_pylist()
        raise UnknownNameError(
            f"No {name} is called {missing[0]!r}.{suggestion(str(missing[0]), [v for v in known if v is not None])}"
        )
