"""Generated books: small ones with nulls, boundaries and repeated names, and the small book many times over."""

import ibis
import pandas as pd

from salestrack.book import Book
from tests.engines import materialised
from tests.small_book import book_of, frames

_KEYS = ("opportunity_id", "activity_id", "lead_id")


def repeated(book: Book, times: int) -> Book:
    """The small book with its opportunities, history, activities and leads so many times over, each time 1 % larger."""
    many = {}
    for name, frame in frames().items():
        copies = [_copy(frame, i) for i in range(times)]
        many[name] = pd.concat(copies, ignore_index=True) if set(_KEYS) & set(frame) else frame
    return materialised(book_of(ibis.duckdb.connect(), many, book.as_of, book.settings))


def _copy(frame: pd.DataFrame, number: int) -> pd.DataFrame:
    changed = {key: frame[key] + f"-{number}" for key in _KEYS if key in frame}
    if "amount" in frame:
        changed["amount"] = frame["amount"] * (1 + number / 100)
    return frame.assign(**changed)
