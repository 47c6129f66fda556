"""What a report run is asked for, and the plan that comes of it once everything has been checked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from salestrack.book import Book, Intake
from salestrack.periods import Period


@dataclass(frozen=True)
class Limits:
    """How long and how wide a run may be.

    Parameters
    ----------
    cell_seconds : int
        Longest time for one cell, whole seconds.
    run_seconds : float
        Longest time for the whole run; then its kernels are stopped.
    workers : int
        Notebooks at a time; 0: as many as there are cores.
    keep : int
        Published runs to keep of a pack, the newest included; failed runs likewise.
    output_seconds : int
        How long the outputs of a cell may take to arrive once it has been executed.
    page_megabytes : float
        Largest size of a page; what is larger opens in no mail and on no phone.
    """

    cell_seconds: int = 600
    run_seconds: float = 3600
    workers: int = 0
    keep: int = 12
    output_seconds: int = 120
    page_megabytes: float = 20


@dataclass(frozen=True)
class Request:
    """What is asked for; nothing of it has been checked.

    Parameters
    ----------
    book : str
        Path of the book file, as it was given; pages show it so.
    as_of, during : str
        The day on which the book is read, and the period.
    started : datetime
        Now, with its time zone; only the command line reads the clock.
    goals : str
        Path of the goal sheet, as it was given; empty: none.
    where : mapping
        Column to value, or to a list of values.
    only : sequence of str
        Names of the notebooks to run; empty: all.
    extra : mapping
        Values for parameters that only some notebooks take; texts are read by the parameter's type.
    notebooks, output : Path
        Folder of the notebooks, folder for the reports.
    limits : Limits
        How long and how wide the run may be.
    """

    book: str
    as_of: str
    during: str
    started: datetime
    goals: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)
    only: Sequence[str] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    notebooks: Path = Path("notebooks")
    output: Path = Path("reports")
    limits: Limits = Limits()


@dataclass(frozen=True)
class Checks:
    """The doors to rooms that this one does not import; each raises a `SalestrackError` when it refuses.

    Parameters
    ----------
    open_book : callable
        From path and day to a `Book`; the book is closed again once it has been looked at.
    read_goals : callable, optional
        From the path of the goal sheet to anything.
    check_where : callable, optional
        From the book and the scope to nothing: refuses unknown columns.
    check_goals : callable, optional
        From the book and what `read_goals` returned to nothing: refuses scopes of targets that the book does not know.
    """

    open_book: Callable[[str, str], Book]
    read_goals: Callable[[str], object] | None = None
    check_where: Callable[[Book, Mapping[str, Any]], object] | None = None
    check_goals: Callable[[Book, Any], object] | None = None


@dataclass(frozen=True)
class BookFacts:
    """What a page says of the book that it was made from."""

    name: str
    as_of: str
    fingerprint: str
    intake: Mapping[str, Intake]
    absent: Mapping[str, str]
    faults: int


@dataclass(frozen=True)
class PlannedNotebook:
    """One notebook to run: its text as it was checked, and the parameters that its kernel gets."""

    name: str
    text: str
    sha256: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """A checked request, ready to run.

    Parameters
    ----------
    request : Request
        What was asked for.
    period : Period
        The period, in the book's fiscal calendar.
    book : BookFacts
        What was found in the book.
    notebooks : tuple of PlannedNotebook
        In reading order.
    pack : str
        Name of the folder that will hold the pages.
    run_id : str
        Start and digest of everything that goes in.
    """

    request: Request
    period: Period
    book: BookFacts
    notebooks: tuple[PlannedNotebook, ...]
    pack: str
    run_id: str

    @property
    def scope(self) -> str:
        """The scope in words: ``team: North; segment: SMB, Enterprise``; empty: everything."""
        return "; ".join(f"{column}: {in_words(value)}" for column, value in self.request.where.items())


def in_words(value: Any) -> str:
    """Return a value of a scope as people write it; a list with commas.

    Examples
    --------
    >>> in_words(["North", "South"])
    'North, South'
    """
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def shown_path(path: str) -> str:
    """Return a path as pages may show it: as given, but of an absolute one only the end, for it may hold names of people.

    Examples
    --------
    >>> shown_path("data/sample/book.yaml"), shown_path("/home/ada/crm/book.yaml")
    ('data/sample/book.yaml', 'crm/book.yaml')
    """
    return "/".join(Path(path).parts[-2:]) if Path(path).is_absolute() else path
