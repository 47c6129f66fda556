"""The command line: `salestrack check | new-book | capture | report | sample | metrics`.

Exit codes: 0 all good; 1 an error of the kit itself, told with its place; 2 wrong parameters; 3 the book or the goals cannot be
used; 4 a notebook failed, or the report could not be written, and nothing was published; 75 another run of the same report is
under way; 129, 130 and 143 it was told to end (hang-up, Ctrl-C, kill).
"""

import signal
from datetime import date, datetime
from pathlib import Path
from types import FrameType
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

import salestrack
from salestrack.check import check_page
from salestrack.columns import check_scope
from salestrack.definition import METRICS
from salestrack.errors import BookError, GoalError, ParameterError, RunError, SalestrackError
from salestrack.goals import check_goals, new_goals, read_goals
from salestrack.periods import as_day
from salestrack.sources import new_book, open_book
from salestrack.sources.book_file import read_book_file
from salestrack.wording import label_of

app = typer.Typer(help="Open, honest sales tracking.", no_args_is_help=True, pretty_exceptions_enable=False)
out, err = Console(highlight=False), Console(stderr=True, highlight=False)

AsOf = Annotated[
    str, typer.Option("--as-of", help="The day on which the book is read, 2026-09-30; if not given, today in its time zone.")
]
BookPath = Annotated[Path, typer.Argument(help="The book file, or the folder that holds book.yaml.")]


@app.callback(invoke_without_command=True)
def main(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Open, honest sales tracking."""
    if version:
        out.print(f"salestrack {salestrack.__version__}")


@app.command()
def check(book: BookPath, as_of: AsOf = "") -> None:
    """Open a book and tell what was read, refused and found wrong."""
    out.print(check_page(open_book(book, as_of=_day(as_of, book))))


@app.command("new-book")
def new_book_command(folder: Annotated[Path, typer.Argument(help="A folder of exports.")]) -> None:
    """Look at a folder of exports and write a first book.yaml with the best mapping found."""
    target = folder / "book.yaml"
    text = new_book(folder)
    if target.exists():
        raise BookError(f"{target} exists already and is left as it is. Move it away to have a new one written.")
    target.write_text(text, encoding="utf-8")
    out.print(f"Wrote {target}. Read it, answer what it asks, then run: salestrack check {target}", soft_wrap=True)


@app.command("new-goals")
def new_goals_command(
    book: BookPath,
    as_of: AsOf = "",
    achieve: Annotated[list[str] | None, typer.Option(help="What we want to achieve; give it again for more.")] = None,
    use: Annotated[list[str] | None, typer.Option(help="What we want to do with the data, in the same order.")] = None,
) -> None:
    """Write a first goals.yaml beside the book: objectives from the two questions, with where their figures stand."""
    opened = open_book(book, as_of=_day(as_of, book))
    target = (book if book.is_dir() else book.parent) / "goals.yaml"
    if target.exists():
        raise GoalError(f"{target} exists already and is left as it is. Move it away to have a new one written.")
    target.write_text(new_goals(opened, achieve or (), use or ()), encoding="utf-8")
    run_it = f"salestrack report {book} --during {read_goals(target).period} --goals {target}"
    out.print(f"Wrote {target}. Read it, set the targets, then run: {run_it}", soft_wrap=True)


@app.command()
def report(
    book: BookPath,
    during: Annotated[str, typer.Option("--during", help="The period: 2026-Q3, 2026-09, FY2026, 2026-07-01/2026-10-01.")],
    as_of: AsOf = "",
    goals: Annotated[str, typer.Option("--goals", help="The goal sheet.")] = "",
    where: Annotated[list[str] | None, typer.Option("--where", help="Scope, as in team=North; give it again for more.")] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="A notebook: 03_performance; give it again for more.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="A parameter that only some notebooks take: name=value.")] = None,
    notebooks: Annotated[Path, typer.Option(help="Folder of the notebooks.")] = Path("notebooks"),
    output: Annotated[Path, typer.Option(help="Folder for the reports.")] = Path("reports"),
    cell_seconds: Annotated[int, typer.Option(min=1, help="Longest time for one cell.")] = 600,
    output_seconds: Annotated[int, typer.Option(min=1, help="Longest time for the outputs of a cell to arrive.")] = 120,
    run_seconds: Annotated[float, typer.Option(min=1, help="Longest time for the whole run.")] = 3600,
    page_megabytes: Annotated[float, typer.Option(min=0.1, help="Largest size of a page.")] = 20,
) -> None:  # fmt: skip
    """Run the notebooks on a book and publish their pages; the last good report is left alone when anything fails.

    Exit codes: 0 published; 2 wrong parameters; 3 the book or the goals cannot be used; 4 a notebook failed or nothing could be
    written; 75 the same report is being made; 129, 130, 143 told to end. But for 0, the earlier report is as it was.
    """
    from salestrack.report import Checks, Limits, Request, TerminalProgress, plan_run, run_report

    request = Request(
        book=str(book),
        as_of=_day(as_of, book).isoformat(),
        during=during,
        started=datetime.now().astimezone(),
        goals=goals,
        where=_scope(where or []),
        only=tuple(only or ()),
        extra={name: values[-1] for name, values in _pairs(set_ or [], "--set").items()},
        notebooks=notebooks,
        output=output,
        limits=Limits(cell_seconds, run_seconds, output_seconds=output_seconds, page_megabytes=page_megabytes),
    )
    plan = plan_run(request, Checks(lambda path, day: open_book(path, as_of=day), read_goals, check_scope, check_goals))
    with TerminalProgress(err) as progress:
        run = run_report(plan, progress)
    for name, warnings in run.warnings.items():
        err.print(f"{name}: " + "; ".join(warnings), style="yellow", markup=False)
    out.print(str(run.index), soft_wrap=True, markup=False)


@app.command()
def capture(
    paths: Annotated[list[Path], typer.Argument(help="Calendars (.ics), mail archives (.mbox), and folders of them.")],
    book: Annotated[Path, typer.Option(help="The book file: its opportunities, time zone and working days.")],
    rules: Annotated[Path, typer.Option(help="The rules file: who is who, and what goes where.")],
    into: Annotated[Path, typer.Option(help="The file (.csv, .parquet) or folder for the activities; earlier ones stay in it.")],
    as_of: AsOf = "",
    since: Annotated[str, typer.Option("--from", help="First day that is read; everything if not given.")] = "",
    whole: Annotated[bool, typer.Option("--whole", help="These are whole calendars: events gone from them are removed.")] = False,
    keep_titles: Annotated[bool, typer.Option("--keep-titles", help="Store titles, places and addresses too.")] = False,
    pseudonyms: Annotated[Path | None, typer.Option(help="A file with a secret: reps are stored under pseudonyms.")] = None,
) -> None:
    """Turn calendars and mail archives (headers only) into a table of activities."""
    from salestrack.capture import Manner, Privacy, read_key, read_rules
    from salestrack.capture import capture as capture_into

    privacy = Privacy(keep_titles, read_key(pseudonyms) if pseudonyms else b"")
    manner = Manner(as_day(since) if since else None, whole, privacy)
    captured = capture_into(open_book(book, as_of=_day(as_of, book)), paths, read_rules(rules), into, manner)
    out.print(str(captured), soft_wrap=True, markup=False)


@app.command()
def sample(folder: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("data/sample")) -> None:
    """Write the sample company: a book, its tables, its goals and the facts planted in it."""
    from salestrack.sample import write

    write(folder)
    out.print(f"Wrote the sample company into {folder}. Open it: salestrack check {folder / 'book.yaml'}", soft_wrap=True)


@app.command()
def metrics() -> None:
    """List the metrics with their definitions."""
    table = Table("metric", "label", "what it is", "counted on", box=None, header_style="bold")
    for metric in METRICS.values():
        clock = ", ".join(dict.fromkeys(metric.clock.values())) or "day of the book"
        table.add_row(metric.name, label_of(metric.name, metric.label), metric.definition, clock)
    out.print(table)


def run() -> None:
    """Run the command line; an error of ours is a sentence, not a traceback."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # An end on request cleans up on the way out.
        signal.signal(number, _end)
    try:
        app()
    except SalestrackError as error:
        err.print(f"[bold red]{escape(type(error).__name__)}[/]: {escape(str(error))}", soft_wrap=True)
        raise SystemExit(_exit_code(error)) from error
    except SystemExit as ended:
        if told := getattr(ended, "message", ""):
            err.print(escape(told), soft_wrap=True)
        raise


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _exit_code(error: SalestrackError) -> int:
    if type(error).__name__ == "AlreadyRunningError":
        return 75
    if isinstance(error, RunError):
        return 4
    if isinstance(error, BookError | GoalError):
        return 3
    return 2


def _day(text: str, book: Path) -> date:
    """Return the day that was asked for, or today where the book is; of a book that cannot be read, wherever this runs."""
    if text:
        return as_day(text)
    try:
        zone = ZoneInfo(read_book_file(book).file.time_zone)
    except (BookError, ZoneInfoNotFoundError):
        # What is wrong with it is told when it is opened.
        return date.today()
    return datetime.now(zone).date()


def _scope(pairs: list[str]) -> dict[str, str | list[str]]:
    return {name: values[0] if len(values) == 1 else values for name, values in _pairs(pairs, "--where").items()}


def _pairs(given: list[str], option: str) -> dict[str, list[str]]:
    """Read ``name=value`` options; the same name again adds a value."""
    found: dict[str, list[str]] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise ParameterError(f"{option} {pair!r} is not of the form name=value, as in team=North.")
        found.setdefault(name.strip(), []).append(value)
    return found
