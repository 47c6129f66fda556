"""The page that `salestrack check` prints: what was read, what is wrong, what it means, what to do."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from salestrack.book import Book, Fault
from salestrack.tables import CONTRACTS, DAYS_COVERED

# What happened on the days of a column.
_HAPPENED = {
    "created_date": "created",
    "close_date": "closed",
    "entered_at": "entered",
    "created_at": "came in",
    "started_at": "began",
    "hired_date": "hired",
    "start_date": "from",
    "end_date": "to",
}
_REACH = {name: DAYS_COVERED.get(name, ("hired_date",)) for name in CONTRACTS if name in (*DAYS_COVERED, "reps")}


def check_page(book: Book) -> RenderableType:
    """Return the account of a book: rows by table, faults with examples and advice, days covered, what is switched off.

    Parameters
    ----------
    book : Book
        An open book.

    Returns
    -------
    rich renderable
        For a terminal or a log.
    """
    refused = sorted((fault for fault in book.faults if fault.refused), key=lambda fault: -fault.rows)
    known = sorted((fault for fault in book.faults if not fault.refused), key=lambda fault: -fault.rows)
    parts: list[RenderableType] = [_title(book), _heading("Rows"), _rows(book)]
    tie = f"rows in = used + refused + later; later rows tell of days after {book.as_of:%Y-%m-%d} and are not read"
    parts.append(Text(tie, style="dim"))
    parts += [_heading("Days covered"), _reach(book)]
    if refused:
        parts += [_heading("Refused: these rows are not in any figure"), *_told(refused)]
    if known:
        parts += [_heading("Worth knowing: these rows stay in"), *_told(known)]
    if book.absent:
        parts += [_heading("Switched off"), _absent(book)]
    return Group(*parts, Text(), _verdict(book))


def _title(book: Book) -> Text:
    title = Text(book.name, style="bold")
    title.append(f", read as of {book.as_of:%Y-%m-%d}\n", style="none")
    title.append(f"{book.source}\nCurrency {book.settings.currency}. {_ladders(book)}", style="dim")
    return title


def _ladders(book: Book) -> str:
    told = {
        name: " > ".join(stage.name + ("" if stage.outcome == "open" else f" ({stage.outcome})") for stage in stages)
        for name, stages in book.settings.ladders.items()
    }
    return " ".join(f"Stages{f' of {name}' if name else ''}: {stages}." for name, stages in told.items())


def _heading(words: str) -> Text:
    return Text(f"\n{words}", style="bold")


def _rows(book: Book) -> Table:
    table = _table("table", "source")
    for name in ("rows in", "used", "refused", "later"):
        table.add_column(name, justify="right")
    for name, intake in book.intake.items():
        refused = Text(f"{intake.refused:,}", style="bold red" if intake.refused else "none")
        table.add_row(name, Text(intake.source), f"{intake.rows:,}", f"{intake.used:,}", refused, f"{intake.later:,}")
    return table


def _reach(book: Book) -> Table:
    table = _table("table", "first day", "last day", "rows with a day")
    for name, columns in _REACH.items():
        for column in dict.fromkeys(columns) if book.has(name) else ():
            first, last, rows = _days(book, name, column)
            if rows:
                table.add_row(f"{name} {_HAPPENED[column]}", first, last, f"{rows:,}")
    return table


def _days(book: Book, name: str, column: str) -> tuple[str, str, int]:
    rows = book.table(name)
    # Of an open opportunity the close date is an expectation, which says nothing of the days covered.
    rows = rows.filter(rows.closed) if (name, column) == ("opportunities", "close_date") else rows
    day = rows[column]
    found = rows.aggregate(first=day.min(), last=day.max(), rows=day.count()).to_pyarrow().to_pylist()[0]
    first, last = (f"{found[end]:%Y-%m-%d}" if found[end] else "-" for end in ("first", "last"))
    return first, last, found["rows"]


def _told(faults: Iterable[Fault]) -> Iterator[RenderableType]:
    for fault in faults:
        line = Text("- ")
        line.append(fault.table, style="bold")
        line.append(f": {fault.problem}")
        if fault.rows:
            line.append(f" ({fault.rows:,} row{'s' if fault.rows > 1 else ''})", style="bold")
        yield line
        below = Text()
        if fault.examples:
            below.append(f"{'; '.join(fault.examples)}\n", style="dim")
        below.append(fault.advice)
        if below.plain:
            yield Padding(below, (0, 0, 0, 2), expand=False)


def _absent(book: Book) -> Table:
    table = _table("table", "why", "what it would switch on")
    for name, why in book.absent.items():
        table.add_row(name, Text(why), CONTRACTS[name].switches_on if name in CONTRACTS else "")
    return table


def _verdict(book: Book) -> Text:
    refused = sum(intake.refused for intake in book.intake.values())
    rows = sum(intake.rows for intake in book.intake.values())
    if not refused:
        return Text(f"All {rows:,} rows can be used.", style="bold green")
    return Text(f"{refused:,} of {rows:,} rows are refused and kept with their reasons in book.refused.", style="bold yellow")


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style="dim", pad_edge=False)
