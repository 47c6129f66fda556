"""Where the tables of a book are: a folder of files, or a DuckDB file. A new kind of connection is one more class here."""

from pathlib import Path
from typing import Protocol

from ibis.backends import BaseBackend

from salestrack.errors import BookError, suggestion
from salestrack.sources import duck, duck_csv, files
from salestrack.sources.table_file import TableFile

_ENDINGS = (*files.CSV_ENDINGS, *files.PARQUET_ENDINGS)
_LONGEST = 255
_WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".ods")


class Connection(Protocol):
    """Anything that can open a source table."""

    digests: list[str]

    def open(self, name: str, table: TableFile) -> duck.Source:
        """Open a table; BookError when it is not there or cannot be read."""

    def tables(self) -> list[tuple[str, TableFile]]:
        """Return all that can be opened, by name, as a book file would say it."""

    def close(self) -> None:
        """Let go of what was opened; the tables of the book stay."""


class Folder:
    """A folder of CSV and Parquet files.

    Parameters
    ----------
    engine : ibis backend
        From `salestrack.sources.duck.connect`.
    place : Path
        The folder.
    scratch : Path
        For rewritten copies of odd files.
    """

    def __init__(self, engine: BaseBackend, place: Path, scratch: Path) -> None:
        self.engine, self.place, self.scratch = engine, place, scratch
        self.digests: list[str] = []

    def open(self, name: str, table: TableFile) -> duck.Source:
        """Open the file or files of a table; without ``file:`` the one that is called like the table."""
        if table.table:
            raise BookError(f"the connection is a folder: say file: instead of table: {table.table}.")
        found = files.find_files(self.place, table.file) if table.file else self._called(name)
        endings = {each.name.lower() for each in found}
        if all(each.endswith(files.PARQUET_ENDINGS) for each in endings):
            self.digests += [files.fingerprint(each) for each in found]
            return duck.open_parquet(self.engine, name, found)
        if odd := [each for each in sorted(endings) if not each.endswith(files.CSV_ENDINGS)]:
            told = " Save the sheet as CSV (UTF-8)." if odd[0].endswith(_WORKBOOKS) else f" Known: {', '.join(_ENDINGS)}."
            raise BookError(f"{odd[0]} is not a kind of file that is read.{told}")
        seen = [files.inspect_csv(each, table.encoding, table.delimiter, table.rows_before_header) for each in found]
        self.digests += [each.sha256 for each in seen]
        return duck_csv.open_csv(self.engine, name, seen, self.scratch)

    def tables(self) -> list[tuple[str, TableFile]]:
        """Return the files that may be tables."""
        names = sorted(each.name for each in self.place.iterdir() if each.is_file() and each.name.lower().endswith(_ENDINGS))
        return [(name, TableFile(file=name)) for name in names]

    def close(self) -> None:
        """Nothing is held open."""

    def _called(self, name: str) -> list[Path]:
        found = [self.place / f"{name}{ending}" for ending in _ENDINGS if (self.place / f"{name}{ending}").is_file()]
        if not found:
            there = sorted(each.name for each in self.place.iterdir() if each.name.endswith(_ENDINGS))
            raise BookError(f"no file: is said, and there is no {name}.csv in {self.place}.{suggestion(name, there)}")
        return found[:1]


class DuckFile:
    """A DuckDB file, opened for reading only."""

    def __init__(self, engine: BaseBackend, place: Path) -> None:
        self.engine = engine
        self.known = duck.attach(engine, place)
        self.digests = [files.fingerprint(place)]

    def open(self, name: str, table: TableFile) -> duck.Source:
        """Open a table of the file; without ``table:`` the one of the same name."""
        if table.file:
            raise BookError(f"the connection is a database: say table: instead of file: {table.file}.")
        return duck.open_table(self.engine, name, table.table or name, self.known)

    def tables(self) -> list[tuple[str, TableFile]]:
        """Return the tables of the file."""
        return [(name, TableFile(table=name)) for name in self.known]

    def close(self) -> None:
        """Let go of the file."""
        duck.detach(self.engine)


def _too_long(place: Path) -> bool:
    return any(len(part.encode()) > _LONGEST for part in place.parts)


def connect_to(engine: BaseBackend, place: Path, scratch: Path) -> Connection:
    """Return the connection to a place.

    Raises
    ------
    BookError
        There is nothing, or nothing that can be read.
    """
    if _too_long(place):
        raise BookError(f"connection: {place.name[:60]!r}... is longer than the name of any file.")
    if place.is_dir():
        return Folder(engine, place, scratch)
    if not place.exists():
        raise BookError(f"connection: there is no file or folder {place}; it is looked for beside the book file.")
    if place.suffix not in files.DUCKDB_ENDINGS:
        raise BookError(f"connection: {place.name} is neither a folder nor a DuckDB file ({', '.join(files.DUCKDB_ENDINGS)}).")
    return DuckFile(engine, place)
