"""Where the engine stops: which column and row of a source cannot be read or computed, in words in place of the engine's own."""

from collections.abc import Mapping

import duckdb
from ibis.backends import BaseBackend

from salestrack.sources.duck import Source, count, first_line, quoted
from salestrack.sources.mapping import named_columns

_SHOWN = 60


def why_it_stopped(connection: BaseBackend, source: Source, expressions: Mapping[str, str], error: Exception) -> str:
    """Return what stopped the engine: a damaged column or an expression that fails, with the row, else what the engine says.

    Parameters
    ----------
    connection : ibis backend
        From `salestrack.sources.duck.connect`.
    source : Source
        What was read.
    expressions : mapping of str to str
        SQL over its columns, by the canonical column that it makes.
    error : Exception
        What the engine said.
    """
    threads = connection.raw_sql("SELECT current_setting('threads')").fetchall()[0][0]
    # One after the other, so that the first rows can be read without those behind them.
    connection.raw_sql("SET threads = 1")
    try:
        for column in source.columns:
            if row := _first_that_fails(connection, source, quoted(column)):
                told = f"the column {column!r} of {source.label} cannot be read from about row {row:,} on"
                return f"{told}: the file is damaged. Copy or export it again."
        for name, sql in expressions.items():
            if row := _first_that_fails(connection, source, f"({sql})"):
                told = f"columns.{name}: the expression {sql!r} fails in row {row:,} of {source.label}"
                return f"{told}{_there(connection, source, sql, row)}. Correct it there, or use try_cast(column AS type)."
    finally:
        connection.raw_sql(f"SET threads = {threads}")
    return f"{source.label} cannot be read: {first_line(error)}"


def damage_of(connection: BaseBackend, source: Source) -> str:
    """Return which column of a source cannot be read, and from which row on; empty where all of it can."""
    read = ", ".join(f"max(hash({quoted(each)}))" for each in source.columns)
    try:
        connection.raw_sql(f"SELECT {read} FROM {source.view}").fetchall()
    except duckdb.Error as error:
        return why_it_stopped(connection, source, {}, error)
    return ""


def _first_that_fails(connection: BaseBackend, source: Source, sql: str) -> int:
    """Return the first row, counted from 1, with which SQL over the rows of a source fails; 0 where none does."""

    def fails(rows: int) -> bool:
        try:
            connection.raw_sql(f"SELECT max(hash({sql})) FROM (SELECT * FROM {source.view} LIMIT {rows})").fetchall()
        except duckdb.Error:
            return True
        return False

    good, bad = 0, count(connection, source.view)
    if not fails(bad):
        return 0
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (good, middle) if fails(middle) else (middle, bad)
    return bad


def _there(connection: BaseBackend, source: Source, sql: str, row: int) -> str:
    columns = named_columns(sql, source.columns)
    if not columns:
        return ""
    picked = ", ".join(quoted(each) for each in columns)
    values = connection.raw_sql(f"SELECT {picked} FROM {source.view} LIMIT 1 OFFSET {row - 1}").fetchall()[0]
    said = [f"{name} is {str(each)[:_SHOWN]!r}" for name, each in zip(columns, values, strict=True)]
    return f", where {' and '.join(said)}"
