"""The card of a book: what a cell or a terminal shows of one, so that whoever opened it knows what to ask next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import pandas as pd

from salestrack import formats
from salestrack.book import Book
from salestrack.display import Table, no_formulas
from salestrack.paths import links_of
from salestrack.tables import CONTRACTS, DAYS_COVERED, LINK_NAMES
from salestrack.wording import say

# Texts that say something of one row only, and columns that tell nothing apart or too much.
_OF_ONE_ROW = {"name", "next_step", "currency", "status"}
_FEWEST, _MOST = 2, 200


@dataclass(frozen=True)
class Card:
    """What is shown of a book: its tables, and lines on what can be asked of it."""

    table: Table
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join((self.table.as_text(), *self.lines))

    __repr__ = __str__

    @no_formulas
    def _repr_html_(self) -> str:
        return self.table.as_html() + "".join(f"<p>{escape(line)}</p>" for line in self.lines)


@lru_cache(maxsize=16)
def card(book: Book) -> Card:
    """Return the card of a book: rows and days of each table, what figures can be broken down by, and what to ask next.

    Parameters
    ----------
    book : Book
        The book.

    Returns
    -------
    Card
        Shows itself. One query for each table of the book.
    """
    heads = ("table", "rows", "refused", "first", "last")
    rows = [_row(book, name) for name in CONTRACTS if book.has(name)]
    frame = pd.DataFrame(rows, columns=pd.Index([(say(f"card-{head}"), "") for head in heads], tupleize_cols=False))
    title = say("card-title", {"name": book.name, "day": formats.day(book.as_of), "currency": book.settings.currency})
    return Card(Table(frame, title, "", 1), tuple(_lines(book)))


def show_on_books() -> None:
    """Have books show their cards in cells and to `print`; a book is below everything that knows how to show it."""

    @no_formulas
    def _repr_html_(book: Book) -> str:
        return card(book)._repr_html_()

    Book._repr_html_ = _repr_html_  # type: ignore[attr-defined]
    Book.__str__ = lambda book: str(card(book))  # type: ignore[method-assign]


def _row(book: Book, name: str) -> tuple[str, ...]:
    table, intake = book.table(name), book.intake.get(name)
    first, last = DAYS_COVERED.get(name, ("", ""))
    asked = {"rows": table.count()}
    if first:
        # A day on which an open opportunity is expected to close has not come.
        ended = table.closed if name == "opportunities" else None
        asked |= {"first": table[first].min().cast("date"), "last": table[last].max(where=ended).cast("date")}
    found = book.fetch_row(table.aggregate(**asked))
    days = [formats.day(found[end]) if found.get(end) else "" for end in ("first", "last")]
    return name, f"{found['rows']:,}", f"{intake.refused:,}" if intake else "", *days


def _lines(book: Book) -> Iterator[str]:
    found = _dimensions(book)
    if found:
        said = [say("card-dimension", {"name": name, "n": f"{n:,}"}) for name, n in found.items()]
        yield say("card-dimensions", {"names": ", ".join(said)})
    if absent := [name for name in CONTRACTS if not book.has(name)]:
        yield say("card-absent", {"tables": ", ".join(absent)})
    if book.faults:
        yield say("card-faults", {"n": len(book.faults)})
    yield say("card-next", {"by": f', by="{next(iter(found))}"' if found else ""})


def _dimensions(book: Book) -> Mapping[str, int]:
    """Return the columns of opportunities, and of what they link to, by which figures can be broken down, with their values."""
    found: dict[str, int] = {}
    for link, table in {"": "opportunities", **links_of("opportunities")}.items():
        if table not in book.tables or (link and table == "leads"):
            continue
        rows, contract = book.table(table), CONTRACTS[table]
        names = [each.name for each in contract.columns if each.kind == "text" and each.name not in _OF_ONE_ROW]
        asked = {name: rows[name].nunique() for name in names if name not in found}
        counts = book.fetch_row(rows.aggregate(_rows=rows[contract.key[0]].nunique(), **asked))
        keys = counts.pop("_rows")
        values = {_said(link): keys} if link else {}
        found |= {name: n for name, n in (values | counts).items() if _FEWEST <= n <= _MOST}
    return found


def _said(link: str) -> str:
    """Return how a link is called in `by`."""
    short = link.removesuffix("_id")
    return short if short in LINK_NAMES else link
