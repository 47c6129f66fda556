"""Loading CSV into the embedded engine, as text and without losing a row.

The engine's parallel reader keeps rows that it cannot split; where it is unsure of quotes, Python's own reader counts after it.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import duckdb
from ibis.backends import BaseBackend

from salestrack.errors import BookError
from salestrack.sources.duck import FAULT, ID, LINE, ROW, Source, as_named, count, drop, first_line, literal, quoted, view
from salestrack.sources.files import CsvFile, decoded_rows

BROKEN = {
    "MISSING COLUMNS": "the row has fewer fields than the header",
    "TOO MANY COLUMNS": "the row has more fields than the header",
    "UNQUOTED VALUE": "a quote inside a field is not doubled",
    "LINE SIZE OVER MAXIMUM": "the row is longer than 2,000,000 characters",
    "INVALID ENCODING": "the row is not UTF-8",
}
_UNSURE = ("UNQUOTED VALUE", "LINE SIZE OVER MAXIMUM")


def open_csv(connection: BaseBackend, table: str, files: Sequence[CsvFile], scratch: Path) -> Source:
    """Load CSV files as text; rows that cannot be split into the header's columns are kept with their line.

    Parameters
    ----------
    connection : ibis backend
        From `connect`.
    table : str
        Canonical name of the table.
    files : sequence of CsvFile
        With the same columns, in any order.
    scratch : Path
        Folder for rewritten copies of files that are not UTF-8, mix line ends or begin with more than their header.

    Raises
    ------
    BookError
        The files differ in columns, or their rows cannot be told apart.
    """
    names = files[0].header
    for each in files[1:]:
        other = {name.casefold() for name in names} ^ {name.casefold() for name in each.header}
        if other:
            raise BookError(f"{files[0].path.name} and {each.path.name} differ in the columns {', '.join(sorted(other))}.")
    parts, notes, stored, before = [], [], [], 0
    for number, each in enumerate(files):
        part = f'staging.main."{table}_{number}"'
        notes += [*each.notes, *_load(connection, part, each, scratch / f"{table}_{number}.csv")]
        good, bad = count(connection, part), count(connection, _bad(part))
        if bad > max(good, 1):
            message = f"{each.path.name}: {bad:,} of {good + bad:,} rows do not have the {len(each.header)} fields of the header"
            raise BookError(f"{message}. Say its delimiter: (read with {each.delimiter!r}), or export it again.")
        parts.append(_part(part, names, before, good, bad))
        before += good + bad
        stored += [part, _bad(part)]
    label = ", ".join(each.path.name for each in files)
    return Source(table, label, view(connection, table, " UNION ALL ".join(parts)), names, tuple(notes), tuple(stored))


def _load(connection: BaseBackend, part: str, file: CsvFile, copy: Path) -> list[str]:
    """Load one CSV file; return what was noted on the way."""
    path, notes = file.path, list[str]()
    if file.encoding != "utf-8" or file.before:
        path = _rewritten(file, copy)
    try:
        broken = _read_csv(connection, part, file, path)
    except duckdb.Error:
        # Mixed line ends are beyond the parallel reader.
        try:
            broken = _read_csv(connection, part, file, _rewritten(file, copy))
        except duckdb.Error as error:
            raise BookError(f"{file.path.name} cannot be read: {first_line(error)}") from error
        notes = [f"{file.path.name} mixes line ends; it was read row by row"]
    if broken & set(_UNSURE):
        _assert_all_read(connection, part, file)
    return notes


def _read_csv(connection: BaseBackend, part: str, file: CsvFile, path: Path) -> set[str]:
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in file.header)
    delimiter = file.delimiter if path == file.path else ","
    options = f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', header = true, auto_detect = false, strict_mode = true"
    # A folder called stage=Lost is no column, and what a name with a ? ends with is not seen by the engine.
    options += f", hive_partitioning = false, compression = '{'gzip' if path.name.endswith('.gz') else 'none'}'"
    rejects = "store_rejects = true, rejects_table = 'broken', rejects_scan = 'broken_scan', rejects_limit = 0"
    drop(connection, part, "broken", "broken_scan")
    connection.raw_sql(
        f"CREATE TABLE {part} AS SELECT * FROM read_csv({as_named(path)}, columns = {{{columns}}}, {options}, {rejects})"
    )
    kinds = " ".join(f"WHEN {literal(kind)} THEN {literal(text)}" for kind, text in BROKEN.items())
    connection.raw_sql(
        f"CREATE OR REPLACE TABLE {_bad(part)} AS SELECT line, CASE kind {kinds} ELSE kind END AS problem, text FROM ("
        "SELECT line, first(error_type::VARCHAR) AS kind, first(left(csv_line, 10000)) AS text FROM broken GROUP BY line)"
        " ORDER BY line"
    )
    return {kind for (kind,) in connection.raw_sql("SELECT DISTINCT error_type::VARCHAR FROM broken").fetchall()}


def _assert_all_read(connection: BaseBackend, part: str, file: CsvFile) -> None:
    """Count the rows by another reader: a quote that never closes swallows rows, and the parallel reader does not say how many."""
    unclosed = (
        f"SELECT line, text FROM {_bad(part)} WHERE problem = {literal(BROKEN['UNQUOTED VALUE'])} AND {{}} ORDER BY line LIMIT 1"
    )
    found = connection.raw_sql(unclosed.format("contains(text, chr(10))")).fetchall()
    rows = sum(1 for _ in decoded_rows(file)) - 1
    if not found and rows != count(connection, part) + count(connection, _bad(part)):
        found = connection.raw_sql(unclosed.format("true")).fetchall()
    if found:
        line, text = found[0]
        told = f'{file.path.name}: near line {line} a quote (") is opened and not closed, so rows cannot be told apart'
        raise BookError(f"{told}: {text[:60]!r}. Close it, or write it twice, and open the book again.")


def _rewritten(file: CsvFile, copy: Path) -> Path:
    with copy.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(decoded_rows(file))
    return copy


def _part(part: str, names: Sequence[str], before: int, good: int, bad: int) -> str:
    """Return the rows of one file; broken rows keep the row number that they have in the file."""
    columns = ", ".join(quoted(name) for name in names)
    ours = f"NULL::VARCHAR AS {FAULT}, NULL::VARCHAR AS {LINE}"
    plain = f"SELECT rowid + {before + 1} AS {ID}, rowid + {before + 1} AS {ROW}, {ours}, {columns} FROM {part}"
    if not bad:
        return plain
    # The good row number k comes after the i-th broken row of line l when k >= l - 1 - i, counting i from 0.
    shifts = f"SELECT line - 1 - rowid AS since, max(rowid) + 1 AS shift FROM {_bad(part)} GROUP BY since"
    row = f"g.rowid + {before + 1} + coalesce(s.shift, 0)"
    return (
        f"SELECT g.rowid + {before + 1} AS {ID}, {row} AS {ROW}, {ours}, {columns} FROM (SELECT rowid, * FROM {part}) g"
        f" ASOF LEFT JOIN ({shifts}) s ON g.rowid + 1 >= s.since UNION ALL SELECT rowid + {before + good + 1}, line - 1 + {before},"
        f" problem, text{', NULL' * len(names)} FROM {_bad(part)}"
    )


def _bad(part: str) -> str:
    return f'{part[:-1]}_bad"'
