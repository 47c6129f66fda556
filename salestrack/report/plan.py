"""Planning a report: everything that can be wrong is found here, before any kernel starts, and told at once."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from salestrack.book import Book
from salestrack.errors import ParameterError, SalestrackError, suggestion, unknown
from salestrack.periods import Period
from salestrack.report.parameters import SHARED, NotebookParameters, faults_of, read_model, read_notebook
from salestrack.report.request import BookFacts, Checks, Plan, PlannedNotebook, Request, in_words


def plan_run(request: Request, checks: Checks) -> Plan:
    """Check a request and return the plan for it.

    Raises
    ------
    ParameterError
        Anything is wrong with parameters, notebooks, book, goals, period or scope; all of it is told at once.
    """
    faults: list[str] = []
    chosen = _chosen(request, faults)
    with _noting(faults):
        NotebookParameters.model_validate({name: getattr(request, name) for name in SHARED})
    goals = _goals(request, checks, faults)
    facts, period = _look_into_book(request, goals, checks, faults)
    notebooks = _planned(request, chosen, faults)
    if facts is None or period is None or faults:
        told = (f"  - {fault}".replace("\n", "\n  ") for fault in dict.fromkeys(faults))
        raise ParameterError("\n".join(["The report was not started.", *told]))
    only = [notebook.name for notebook in notebooks] if request.only else []
    pack = apart(Path(request.output), pack_name(facts.name, period.name, request.where, only), facts.name)
    return Plan(request, period, facts, notebooks, pack, _run_id(request, facts, notebooks))


def pack_name(book: str, during: str, where: Mapping[str, Any], only: Sequence[str]) -> str:
    """Return the folder name of a pack: the organisation, the period, the scope, and the pages when not all were asked for.

    Examples
    --------
    >>> pack_name("Maven Tech", "2026-Q3", {}, [])
    'maven-tech-2026-Q3'
    >>> pack_name("Maven Tech", "2026-Q3", {}, ["03_performance"])
    'maven-tech-2026-Q3-only-03_performance'
    """
    parts = [_slug(book, 60).lower() or "book", _slug(during.replace("/", " to "), 30)]
    if where:
        # Two scopes may read alike once made fit for a file name; the digest keeps their packs apart.
        words = " ".join(f"{column} {in_words(value)}" for column, value in where.items())
        parts += [_slug(words, 60).lower(), _digest(json.dumps(dict(where), sort_keys=True, default=str))[:6]]
    if only:
        names = "-".join(only)
        parts += ["only", names if len(names) <= 60 else _digest(names)[:6]]
    return "-".join(parts)


def apart(output: Path, pack: str, name: str) -> str:
    """Return the name of a pack, with a digest where the pack of that name is of an organisation that is called otherwise.

    Parameters
    ----------
    output : Path
        Folder of the reports.
    pack : str
        From `pack_name`.
    name : str
        The organisation.
    """
    try:
        there = json.loads((output / pack / "manifest.json").read_text(encoding="utf-8"))
        other = there["book"]["name"]
    except (OSError, ValueError, KeyError):
        # Nothing is there, or nothing that a run has made.
        return pack
    return pack if other == name else f"{pack}-{_digest(name)[:6]}"


def _slug(text: str, most_bytes: int) -> str:
    words = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFKC", text)).strip("-")
    return words.encode()[:most_bytes].decode(errors="ignore").strip("-")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def _noting(faults: list[str]) -> Iterator[None]:
    try:
        yield
    except (SalestrackError, ValidationError) as error:
        faults += faults_of(error)


def _chosen(request: Request, faults: list[str]) -> list[Path]:
    paths = {path.stem: path for path in sorted(Path(request.notebooks).glob("*.ipynb"))}
    if not paths:
        faults.append(f"There are no notebooks in {request.notebooks}.")
        return []
    asked = {Path(name).name.removesuffix(".ipynb") for name in request.only}
    faults += [str(unknown("notebook", name, paths, f"in {request.notebooks}")) for name in sorted(asked - paths.keys())]
    return [path for name, path in paths.items() if not asked or name in asked]


def _look_into_book(request: Request, goals: object, checks: Checks, faults: list[str]) -> tuple[BookFacts | None, Period | None]:
    if any(fault.startswith(("book:", "as_of:")) for fault in faults):
        return None, None
    if not Path(request.book).exists():
        faults.append(f"There is no book at {request.book}.")
        return None, None
    facts, period = None, None
    with _noting(faults):
        book = checks.open_book(request.book, request.as_of)
        facts = BookFacts(book.name, request.as_of, book.fingerprint, dict(book.intake), dict(book.absent), len(book.faults))
        if not any(fault.startswith("during:") for fault in faults):
            with _noting(faults):
                period = _period(book, request)
        if checks.check_where and request.where:
            with _noting(faults):
                checks.check_where(book, request.where)
        if checks.check_goals and goals is not None:
            with _noting(faults):
                checks.check_goals(book, goals)
        # Kernels open the book for themselves; a file engine may allow one writer only.
        book.connection.disconnect()
    return facts, period


def _goals(request: Request, checks: Checks, faults: list[str]) -> object:
    if request.goals and not Path(request.goals).is_file():
        faults.append(f"There is no goal sheet at {request.goals}.")
    elif request.goals and checks.read_goals:
        with _noting(faults):
            return checks.read_goals(request.goals)
    return None


# Columns that say that something happened on a day; open opportunities only expect their close date.
_DATED = {"opportunities": ("created_date", "close_date"), "leads": ("created_at",), "activities": ("started_at",)}


def _period(book: Book, request: Request) -> Period:
    """Return the period, when it has begun by the day of the book and the data reaches it or it is still running."""
    period = book.period(request.during)
    if period.start > book.as_of:
        raise ParameterError(f"during: {period} begins on {period.start}, after the day the book is read, {book.as_of}.")
    first, last = _span(book)
    reached = last and (period.start <= last or period.last_day >= book.as_of)
    if first and not (reached and first < period.end):
        raise ParameterError(f"during: {period} lies outside the data of {book.name}, which runs from {first} to {last}.")
    return period


def _span(book: Book) -> tuple[date | None, date | None]:
    ends: list[date] = []
    for name, columns in _DATED.items():
        table = book.tables.get(name)
        for column in columns if table is not None else ():
            if table is None or column not in table.columns:
                continue
            rows = table.filter(table.status != "open") if column == "close_date" and "status" in table.columns else table
            both = rows.aggregate(first=rows[column].cast("date").min(), last=rows[column].cast("date").max())
            ends += [end for end in both.to_pyarrow().to_pylist()[0].values() if end is not None]
    return (min(ends), max(ends)) if ends else (None, None)


def _planned(request: Request, chosen: Sequence[Path], faults: list[str]) -> tuple[PlannedNotebook, ...]:
    given = {name: getattr(request, name) for name in SHARED}
    given |= {"where": dict(request.where), "book": str(Path(request.book).absolute())}
    given["goals"] = str(Path(request.goals).absolute()) if request.goals else ""
    planned, taken = [], set(SHARED)
    for path in chosen:
        text = path.read_text(encoding="utf-8")
        try:
            model, wrong = read_model(read_notebook(text), path.stem)
        except ValueError as error:
            model, wrong = None, [f"{path.stem} {error}."]
        faults += wrong
        if model is None:
            continue
        taken |= model.model_fields.keys()
        own = {name: value for name, value in request.extra.items() if name in model.model_fields and name not in SHARED}
        with _noting(faults):
            values = model.model_validate({**given, **own}).model_dump(include={*SHARED, *own})
            planned.append(PlannedNotebook(path.stem, text, _digest(text), values))
    faults += _unknown_extra(request, taken)
    return tuple(planned)


def _unknown_extra(request: Request, taken: set[str]) -> list[str]:
    own = sorted(taken - SHARED.keys())
    faults = [f"The parameter {name!r} has an option of its own." for name in request.extra if name in SHARED]
    return faults + [
        f"No notebook of this run takes a parameter {name!r}.{suggestion(name, own)}" for name in request.extra if name not in taken
    ]


def _run_id(request: Request, facts: BookFacts, notebooks: Sequence[PlannedNotebook]) -> str:
    parts = [facts.fingerprint, *(json.dumps([each.name, each.sha256, each.parameters], default=str) for each in notebooks)]
    return f"{request.started.astimezone(UTC):%Y%m%dT%H%M%SZ}-{_digest(chr(10).join(parts))[:8]}"
