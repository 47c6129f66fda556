"""Books of a few rows, written where a test can be read."""

from datetime import date

import ibis
import pandas as pd

from salestrack.book import Book
from tests.small_book import book_of, typed

AS_OF = date(2026, 6, 30)


def book_with(opportunities: str, as_of: date = AS_OF, **others: dict[str, list]) -> Book:
    """Return a book of opportunities written as lines of key, rep, amount, created, closed and stage; ``-`` is null."""
    lines = [[None if cell == "-" else cell for cell in line.split()] for line in opportunities.strip().splitlines()]
    columns = ["opportunity_id", "rep_id", "amount", "created_date", "close_date", "stage"]
    tables = {"opportunities": pd.DataFrame(lines, columns=columns), **{name: pd.DataFrame(rows) for name, rows in others.items()}}
    return book_of(ibis.duckdb.connect(), {name: typed(name, frame) for name, frame in tables.items()}, as_of)
