"""The embedded engine: all SQL that only DuckDB speaks.

Source tables become views with the columns of the source and four of ours: ``__id`` (unique), ``__row`` (1-based row of
data in the source), ``__fault`` (why the row could not even be split into columns; else null) and ``__line`` (that row's text).
Source texts wait in a database of their own in memory, and are dropped as soon as their typed table stands.
"""

import re
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from salestrack.errors import BookError, suggestion
from salestrack.scratch import give_back, taken_folder
from salestrack.sources.files import unique_names

ID, ROW, FAULT, LINE, MASK = "__id", "__row", "__fault", "__line", "__mask"


# How every SQLite file begins.
_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True)
class Source:
    """A source table that has been opened.

    Parameters
    ----------
    name : str
        Canonical name of the table.
    label : str
        File names, or the table's name in the database.
    view : str
        Name of the view that gives its rows.
    columns : tuple of str
        Source columns as they can be named, without ours.
    notes : tuple of str
        What was detected while reading.
    stored : tuple of str
        Tables that can be dropped when the source is no longer needed.
    by_statement : tuple of str
        Those of the columns that no column of the kit is made of unless the book file says so.
    """

    name: str
    label: str
    view: str
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()
    stored: tuple[str, ...] = field(default=())
    by_statement: tuple[str, ...] = ()


# The functions below exist in DuckDB; ibis only needs to know their types.
@ibis.udf.scalar.builtin
def trim(text: str) -> str:  # type: ignore[empty-body]
    """Return a text without surrounding spaces of any width; five times as fast as naming every kind of white space."""


@ibis.udf.scalar.builtin
def try_strptime(text: str, date_format: str) -> ibis.dtype("timestamp(6)"):  # type: ignore[valid-type]
    """Return a text read with a date format, null where it does not fit."""


@ibis.udf.scalar.builtin(name="timezone")
def in_time_zone(zone: str, at: ibis.dtype("timestamp('UTC', 6)")) -> ibis.dtype("timestamp(6)"):  # type: ignore[valid-type]
    """Return what the clock of a time zone shows at an instant."""


@ibis.udf.scalar.builtin(name="timezone")
def instant_in(zone: str, at: ibis.dtype("timestamp(6)")) -> ibis.dtype("timestamp('UTC', 6)"):  # type: ignore[valid-type]
    """Return the instant at which the clock of a time zone shows a time; of an hour shown twice, the later one."""


@ibis.udf.scalar.builtin(name="try_strptime")
def try_strptime_zoned(text: str, date_format: str) -> ibis.dtype("timestamp('UTC', 6)"):  # type: ignore[valid-type]
    """Return a text read with a date format that holds an offset (%z), null where it does not fit."""


def connect() -> BaseBackend:
    """Return a fresh embedded engine with room for source texts and for tables on their way."""
    # What does not fit into memory goes where temporary files go, not into the folder that one happens to be in.
    spill = taken_folder("spill")
    connection = ibis.duckdb.connect(temp_directory=str(spill))
    # When nobody needs the engine any more, and at the latest when the program ends.
    weakref.finalize(connection, give_back, spill)
    # Times are wall-clock times of the book; the machine's own zone must not matter.
    connection.raw_sql("SET TimeZone = 'UTC'")
    # Nothing that a file claims to be makes the engine fetch code from elsewhere.
    connection.raw_sql("SET autoinstall_known_extensions = false")
    connection.raw_sql("SET autoload_known_extensions = false")
    connection.raw_sql("ATTACH ':memory:' AS staging")
    return connection


def open_parquet(connection: BaseBackend, table: str, files: Sequence[Path]) -> Source:
    """Read Parquet files where they lie."""
    listed = ", ".join(as_named(each) for each in files)
    return _typed(
        connection,
        table,
        f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)",
        ", ".join(each.name for each in files),
    )


def as_named(path: Path) -> str:
    """Return a path as SQL that means this file and no other: the engine takes ``[``, ``*`` and ``?`` for patterns."""
    return literal(re.sub(r"([*?\[])", r"[\1]", str(path)))


def attach(connection: BaseBackend, path: Path) -> list[str]:
    """Attach a DuckDB file for reading and return the names of its tables, with the schema unless it is main."""
    with path.open("rb") as stream:
        if stream.read(len(_SQLITE)) == _SQLITE:
            raise BookError(f"{path.name} is a SQLite file, not a DuckDB file. Export its tables as CSV or Parquet and name these.")
    try:
        connection.raw_sql(f"ATTACH {literal(str(path))} AS source (READ_ONLY)")
    except duckdb.Error as error:
        raise BookError(f"{path.name} cannot be opened as a DuckDB file: {first_line(error)}") from error
    rows = connection.raw_sql(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = 'source' ORDER BY ALL"
    ).fetchall()
    return [name if schema == "main" else f"{schema}.{name}" for schema, name in rows]


def detach(connection: BaseBackend) -> None:
    """Let go of a DuckDB file that was attached."""
    connection.raw_sql("DETACH source")


def open_table(connection: BaseBackend, table: str, name: str, known: Iterable[str]) -> Source:
    """Read a table of the attached DuckDB file."""
    known = list(known)
    found = next((each for each in known if each.casefold() == name.casefold()), None)
    if found is None:
        raise BookError(f"the database has no table {name!r}.{suggestion(name, known)}")
    schema, _, bare = found.rpartition(".")
    return _typed(connection, table, f"source.{quoted(schema or 'main')}.{quoted(bare)}", found)


def seen(connection: BaseBackend, name: str, rows: ir.Table) -> ir.Table:
    """Return the same rows behind a view, so that expressions on top name its columns instead of repeating what makes them."""
    return connection.create_view(name, rows, overwrite=True)


def with_expressions(connection: BaseBackend, source: Source, expressions: dict[str, str]) -> ir.Table:
    """Return the rows of a source with SQL expressions over its columns added under new names.

    Raises
    ------
    BookError
        The engine cannot read an expression.
    """
    for name, sql in expressions.items():
        try:
            connection.raw_sql(f"SELECT ({sql}) FROM {source.view} LIMIT 0")
        except duckdb.Error as error:
            raise BookError(f"columns.{name.removeprefix('__')}: {sql!r} cannot be computed: {first_line(error)}") from error
    added = "".join(f", ({sql}) AS {quoted(name)}" for name, sql in expressions.items())
    return connection.table(view(connection, f"{source.name}_mapped", f"SELECT *{added} FROM {source.view}"))


def stage(connection: BaseBackend, name: str, rows: ir.Table) -> ir.Table:
    """Compute rows once and keep them until the book stands; where the engine stops, its error is that of `duckdb`."""
    connection.create_table(name, rows, database=("staging", "main"), overwrite=True)
    return connection.table(name, database=("staging", "main"))


def empty(connection: BaseBackend, name: str, columns: Mapping[str, str]) -> ir.Table:
    """Return a table without rows."""
    connection.create_table(name, schema=ibis.schema(columns), database=("staging", "main"), overwrite=True)
    return connection.table(name, database=("staging", "main"))


def flag_duplicates(connection: BaseBackend, name: str, key: Sequence[str], refusing: int, bit: int) -> int:
    """Set a bit of ``__mask`` on every usable row whose key an earlier usable row has; return how many.

    Usable is a row without any of the bits of `refusing`.
    Only keys that occur twice are sorted, so a clean table costs one aggregation.
    """
    table, columns = f'staging.main."{name}"', ", ".join(quoted(each) for each in key)
    usable = f"__mask & {refusing} = 0"
    connection.raw_sql(
        f"CREATE OR REPLACE TEMP TABLE twice AS SELECT {columns} FROM {table} WHERE {usable} GROUP BY ALL HAVING count(*) > 1"
    )
    if not count(connection, "twice"):
        return 0
    same = " AND ".join(f"t.{quoted(each)} IS NOT DISTINCT FROM twice.{quoted(each)}" for each in key)
    ranked = f"row_number() OVER (PARTITION BY {', '.join(f't.{quoted(each)}' for each in key)} ORDER BY {ID})"
    connection.raw_sql(
        f"CREATE OR REPLACE TEMP TABLE later AS SELECT {ID} FROM (SELECT t.{ID}, {ranked} AS nth FROM {table} t"
        f" JOIN twice ON {same} WHERE t.{usable}) WHERE nth > 1"
    )
    connection.raw_sql(f"UPDATE {table} SET __mask = __mask | {bit} WHERE {ID} IN (SELECT {ID} FROM later)")
    return count(connection, "later")


def drop(connection: BaseBackend, *tables: str) -> None:
    """Drop tables that are no longer needed."""
    for table in tables:
        connection.raw_sql(f"DROP TABLE IF EXISTS {table}")


def clear(connection: BaseBackend) -> None:
    """Drop all that was needed on the way only."""
    connection.raw_sql("DETACH staging")
    views = connection.raw_sql("SELECT view_name, temporary FROM duckdb_views() WHERE NOT internal").fetchall()
    for name, temporary in views:
        connection.raw_sql(f"DROP VIEW IF EXISTS {'temp.' if temporary else ''}{quoted(name)}")
    drop(connection, "twice", "later")


def view(connection: BaseBackend, name: str, query: str) -> str:
    """Make a view over a query and return its name."""
    connection.raw_sql(f"CREATE OR REPLACE TEMP VIEW {quoted(f'source_{name}')} AS {query}")
    return f"source_{name}"


def count(connection: BaseBackend, table: str) -> int:
    """Return the number of rows of a table."""
    return int(connection.raw_sql(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def quoted(identifier: str) -> str:
    """Return a name as it stands in SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(value: str) -> str:
    """Return a text as it stands in SQL."""
    return "'" + value.replace("'", "''") + "'"


def _typed(connection: BaseBackend, table: str, relation: str, label: str) -> Source:
    try:
        found = connection.raw_sql(f"SELECT * FROM {relation} LIMIT 0").description
    except duckdb.Error as error:
        raise BookError(f"{label} cannot be read: {first_line(error)}") from error
    columns = [column[0] for column in found]
    names = unique_names(columns)
    picked = ", ".join(f"{quoted(column)} AS {quoted(name)}" for column, name in zip(columns, names, strict=True))
    number = "row_number() OVER ()"
    ours = f"{number} AS {ID}, {ID} AS {ROW}, NULL::VARCHAR AS {FAULT}, NULL::VARCHAR AS {LINE}"
    return Source(table, label, view(connection, table, f"SELECT {ours}, {picked} FROM {relation}"), names)


def first_line(error: Exception) -> str:
    """Return what the engine complains about, in one line and without the name that it has for it."""
    return re.sub(r"^(?:\w+ )+Error: ", "", str(error).strip().splitlines()[0])


def fault_of_pattern(connection: BaseBackend, pattern: str) -> str:
    """Return why the engine cannot search for a regular expression; empty where it can."""
    try:
        connection.raw_sql(f"SELECT regexp_matches('', {literal(pattern)})").fetchall()
    except duckdb.Error as error:
        return (
            f"{pattern!r} is not a regular expression that can be searched for ({first_line(error)}); say it without looking around"
        )
    return ""
