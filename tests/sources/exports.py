"""Small exports to open: a clean one, and ways to spoil it."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from salestrack.book import Book, Fault
from salestrack.sources import open_book

HEADER = ("opportunity_id", "rep_id", "amount", "created_date", "close_date", "stage")
ROWS = (
    ("o1", "r1", "100", "2026-01-05", "2026-02-01", "Won"),
    ("o2", "r1", "250.50", "2026-01-10", "2026-03-01", "Lost"),
    ("o3", "r2", "", "2026-01-20", "", "Talking"),
    ("o4", "r2", "80", "2026-02-02", "2026-02-20", "Won"),
    ("o5", "r1", "60", "2026-02-03", "2026-06-30", "Talking"),
)
BOOK = """\
name: Acme
currency: EUR
connection: .
stages:
  - {name: Talking, outcome: open}
  - {name: Won, outcome: won}
  - {name: Lost, outcome: lost}
tables:
  opportunities: {file: deals.csv}
"""
AS_OF = "2026-03-31"


def text_of(rows: Iterable[Sequence[str]], header: Sequence[str] = HEADER, delimiter: str = ",") -> str:
    """Return rows as CSV text."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


def write(folder: Path, content: str | bytes | None = None, book: str = BOOK, **more: str | bytes) -> Path:
    """Write a book file and its exports: `content` is deals.csv, other files by name with `_` for the dot."""
    files = {"deals.csv": text_of(ROWS) if content is None else content}
    files |= {name.replace("_", ".", 1) if "." not in name else name: text for name, text in more.items()}
    for name, text in files.items():
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    (folder / "book.yaml").write_text(book, encoding="utf-8")
    return folder / "book.yaml"


def opened(folder: Path, content: str | bytes | None = None, book: str = BOOK, as_of: str = AS_OF, **more: str | bytes) -> Book:
    """Write and open a book."""
    return open_book(write(folder, content, book, **more), as_of=as_of)


def with_row(*values: str) -> str:
    """Return the clean export with one more row."""
    return text_of([*ROWS, values])


def fault(book: Book, words: str) -> Fault:
    """Return the one fault whose problem holds these words."""
    (found,) = [each for each in book.faults if words in each.problem]
    return found


def refused(book: Book) -> list[dict[str, object]]:
    """Return the refused rows in order."""
    return book.refused.order_by("table", "row").to_pyarrow().to_pylist()


def rows(book: Book, table: str, *columns: str) -> list[tuple[object, ...]]:
    """Return columns of a table, sorted by the first."""
    found = book.table(table).select(*columns).order_by(columns[0]).to_pyarrow().to_pylist()
    return [tuple(row.values()) for row in found]


def ties(book: Book) -> bool:
    """Return whether every table's rows are accounted for."""
    return all(each.rows == each.used + each.refused + each.later for each in book.intake.values())
