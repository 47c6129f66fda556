"""The five KPIs through the kit: open a book, measure."""

from datetime import date
from pathlib import Path

import pandas as pd

import salestrack as st
from salestrack.parts import Parts, Reduction

BY = ("rep", "month")


def prepare(folder: Path, as_of: date) -> st.Book:
    """Open the book: read, check, refuse, type, derive, keep."""
    return st.open_book(folder, as_of=as_of)


def answer(book: st.Book) -> dict[str, Parts]:
    """Return the parts of the five KPIs by rep and month: all queries of the kit, and no statistics."""
    return Reduction(book, BY, {}, None).parts(st.FIVE)


def whole(book: st.Book) -> int:
    """Measure as an analyst does, with intervals, notes and names; return how many figures there are."""
    return len(st.measure(book, st.FIVE, by=BY).frame)


def tables(parts: dict[str, Parts]) -> dict[str, pd.DataFrame]:
    """Return the parts in the shape in which the other two ways return them."""
    rate = parts["win_rate"].frame.rename(columns={"k": "won", "n": "closed"})
    sizes = parts["average_deal_size"].frame.drop(columns=["key_0", "key_1"])
    found = {
        "closing": pd.concat([rate, sizes], axis=1),
        "quota": parts["share_of_reps_at_quota"].frame,
        "leakage": parts["leakage"].frame,
    }
    return {name: frame.rename(columns={"key_0": "rep_id", "key_1": "month"}) for name, frame in found.items()}
