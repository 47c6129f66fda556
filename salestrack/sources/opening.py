"""Opening a book: from the book file to typed tables as of a day, with an account of every row."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from salestrack.as_of import last_day_of, read_as_of
from salestrack.book import Book, Fault, Intake
from salestrack.errors import BookError, SalestrackError
from salestrack.periods import as_day
from salestrack.scratch import scratch_folder
from salestrack.sources import duck, event_log, files
from salestrack.sources.activity_findings import activity_findings
from salestrack.sources.book_file import BookFile, Written, read_book_file
from salestrack.sources.connections import Connection, connect_to
from salestrack.sources.findings import day_of_export, findings, never_closing
from salestrack.sources.history_findings import history_findings
from salestrack.sources.intake import REFUSED, Taken, take_in
from salestrack.sources.judging import faults, questions
from salestrack.sources.mapping import map_columns
from salestrack.sources.parted import taken_apart
from salestrack.sources.quota_findings import quota_findings
from salestrack.sources.reading import Conventions
from salestrack.sources.stopping import why_it_stopped
from salestrack.tables import CONTRACTS


def open_book(path: str | Path, *, as_of: date | str) -> Book:
    """Open a book: read, check and type its tables, and read them as of a day.

    Parameters
    ----------
    path : str or Path
        The book file, or the folder that holds it as ``book.yaml``.
    as_of : date or str
        The day the book is read, included; ``"2026-09-30"``.

    Returns
    -------
    Book
        Its `intake` accounts for every source row, `faults` tell what was found, `refused` keeps rows that cannot be used.

    Raises
    ------
    BookError
        The book file or the data leave questions open; all of them are in the message and in ``.faults``.
    """
    day = as_day(as_of)
    written = read_book_file(path)
    engine = duck.connect()
    try:
        with scratch_folder("book") as scratch:
            loaded = _load(engine, written, scratch, day)
        if told := [*written.faults, *loaded.questions]:
            raise BookError(f"The book {path} cannot be opened until this is corrected or answered:", told)
        return _as_of(engine, written, loaded, day)
    except BaseException:
        engine.disconnect()
        raise


@dataclass
class _Loaded:
    """What has been taken in so far."""

    tables: dict[str, Taken] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)


def _load(engine: BaseBackend, written: Written, scratch: Path, day: date) -> _Loaded:
    loaded = _Loaded()
    file = written.file
    if "opportunities" not in file.tables and set(file.tables) <= set(CONTRACTS):
        loaded.questions.append("tables: 'opportunities' is missing; it is the one table that every book needs.")
    if "://" in file.connection:
        loaded.questions.append(f"connection: {file.connection} is an address; a folder or a DuckDB file is read.")
        return loaded
    try:
        place = connect_to(engine, (written.path.parent / file.connection).resolve(), scratch)
    except BookError as error:
        loaded.questions.append(str(error))
        return loaded
    odd = _odd_patterns(engine, file)
    loaded.questions += odd
    for name in CONTRACTS if not odd else ():
        if name in file.tables:
            try:
                _load_table(engine, place, file, name, loaded)
            except (BookError, OSError) as error:
                loaded.questions.append(f"tables.{name}: {error if isinstance(error, BookError) else error.strerror or error}")
    if "opportunities" in loaded.tables and not loaded.questions and (until := _closed_too_late(loaded, file, day)):
        loaded.faults = [fault for fault in loaded.faults if fault.table != "opportunities"]
        _load_table(engine, place, file, "opportunities", loaded, until)
    place.close()
    loaded.digests = [files.fingerprint(written.path), *place.digests]
    return loaded


def _odd_patterns(engine: BaseBackend, file: BookFile) -> list[str]:
    """Return the regular expressions of a book file that only Python knows."""
    said = [(f"activity_categories.{k}", each) for k, rule in enumerate(file.activity_categories) for each in rule.matches.values()]
    said += [
        (f"tables.{name}.events.only", each.events.only) for name, each in file.tables.items() if each.events and each.events.only
    ]
    return [f"{where}: {told}" for where, pattern in said if (told := duck.fault_of_pattern(engine, pattern))]


def _closed_too_late(loaded: _Loaded, file: BookFile, day: date) -> date | None:
    """Return the day after which nothing can have closed, if something has all the same: the export's, or that of the book.

    Where the export was made after the day of the book, what closed in between was open then; where the book file does not say on
    which day, something that was created later tells that it was.
    """
    usable = {name: taken.usable for name, taken in loaded.tables.items()}
    last = last_day_of(usable, file.exported_on, day)
    if last > day and not file.exported_on:
        return None
    until = max(last, day)
    sold = usable["opportunities"]
    ended = sold.stage.isin([*file.settings.named("won"), *file.settings.named("lost")])
    return until if sold.filter(ended, sold.close_date > until).count().to_pyarrow().as_py() else None


def _load_table(
    engine: BaseBackend, place: Connection, file: BookFile, name: str, loaded: _Loaded, until: date | None = None
) -> None:
    source = place.open(name, file.tables[name])
    expressions: dict[str, str] = {}
    try:
        if events := file.tables[name].events:
            source = event_log.as_rows(engine, source, events, file.time_zone)
        rules = file.activity_categories if name == "activities" else ()
        mapped, told = map_columns(CONTRACTS[name], file.tables[name], source.columns, rules, source.by_statement)
        if told:
            loaded.questions += told
            return
        expressions = {name: how.expression for name, how in mapped.columns.items() if how.expression is not None}
        conventions = Conventions.of(file, until)
        taken = take_in(engine, CONTRACTS[name], source, mapped, file.settings, conventions)
        asked = questions(taken, file.settings, conventions)
        loaded.faults += [] if asked else faults(taken, file.settings)
    except duckdb.Error as error:
        raise BookError(why_it_stopped(engine, source, expressions, error)) from error
    loaded.questions += asked
    loaded.tables[name] = taken
    duck.drop(engine, *source.stored)


def _as_of(engine: BaseBackend, written: Written, loaded: _Loaded, day: date) -> Book:
    file = written.file
    usable = {name: taken.usable for name, taken in loaded.tables.items()}
    _assert_begun(usable["opportunities"], day)
    settings, parted = taken_apart(loaded.tables, file.settings)
    found = [*loaded.faults, *parted, *findings(loaded.tables, settings), *activity_findings(loaded.tables, settings)]
    found += history_findings(loaded.tables, settings)
    found += day_of_export(day, file.exported_on)
    tables, later = read_as_of(usable, settings, day, file.exported_on, keep=engine.create_table)
    quotas_told = list(quota_findings({**usable, "opportunities": tables["opportunities"]}))
    refused = _refused(engine, loaded.tables)
    duck.clear(engine)
    return Book(
        settings=settings,
        as_of=day,
        connection=engine,
        tables=tables,
        intake={name: _intake(taken, tables[name], later.get(name, 0)) for name, taken in loaded.tables.items()},
        faults=(*found, *never_closing(tables["opportunities"]), *quotas_told),
        absent={name: "no file mapped" for name in CONTRACTS if name not in tables},
        refused=refused,
        source=str(written.path),
        fingerprint=hashlib.sha256("".join(loaded.digests).encode()).hexdigest(),
    )


def _assert_begun(opportunities: ir.Table, day: date) -> None:
    first = opportunities.aggregate(first=ibis.least(opportunities.created_date.min(), opportunities.close_date.min()))
    begun = first.to_pyarrow().to_pylist()[0]["first"]
    if begun and day < begun:
        raise BookError(f"as_of {day} is before the first opportunity, which is of {begun}. Choose a later day.")


def _intake(taken: Taken, table: ir.Table, later: int) -> Intake:
    used = int(table.count().to_pyarrow().as_py())
    rows, refused = taken.counts["rows"], taken.counts["refused"]
    if rows != used + refused + later:
        raise SalestrackError(f"{taken.contract.name}: {rows} rows do not tie to {used} used, {refused} refused and {later} later.")
    return Intake(taken.source.label, rows, used, refused, later)


def _refused(engine: BaseBackend, tables: Mapping[str, Taken]) -> ir.Table:
    parts = [taken.refused.select(*REFUSED) for taken in tables.values()]
    return engine.create_table("refused", ibis.union(*parts) if len(parts) > 1 else parts[0])
