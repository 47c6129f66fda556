"""A company whose figures a chart test can name: how many each rep won and lost, which hours went where, which quotas."""

from dataclasses import replace
from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salestrack.book import Book, Settings, Stage
from salestrack.measure import Measured
from tests.small_book import book_of, typed

AS_OF = date(2026, 8, 10)
SETTINGS = Settings(
    name="Lumen",
    currency="EUR",
    stages=(Stage(name="Talk"), Stage(name="Won", outcome="won"), Stage(name="Lost", outcome="lost")),
)
NASTY = (
    "<script>alert(1)</script>",
    "two\nlines\tand\x00more\u202e",
    "김민준 영업대표 서울특별시 강남구",
    "$a_b^c$ & $x$",
    "_under",
    "x" * 80,
)


def company(
    closed: dict[str, tuple[int, int]],
    *,
    amount: float = 100.0,
    hours: dict[tuple[str, str], float] | None = None,
    quotas: dict[str, float] | None = None,
    first: date = date(2026, 4, 1),
) -> Book:
    """Return a book in which each rep won and lost so many opportunities, one a day from the first day on, each of one amount.

    Parameters
    ----------
    closed : dict
        Rep to (won, lost); the empty name stands for opportunities without a rep.
    hours : dict
        (rep, category) to hours, on the first day.
    quotas : dict
        Rep to the quota of 2026-Q2.
    """
    deals, number = [], 0
    for rep, (won, lost) in closed.items():
        for i in range(won + lost):
            day = first + timedelta(days=i % 90)
            number += 1
            deals.append((f"O{number}", rep or None, amount, day - timedelta(days=9), day, "Won" if i < won else "Lost"))
    reps = list(dict.fromkeys(name for name in [*closed, *(rep for rep, _ in hours or {}), *(quotas or {})] if name))
    work = [(f"C{i}", *key, first, spent * 60) for i, (key, spent) in enumerate((hours or {}).items())]
    due = [(rep, date(2026, 4, 1), date(2026, 6, 30), quota) for rep, quota in (quotas or {}).items()]
    tables = {
        "opportunities": _frame(deals, "opportunity_id rep_id amount created_date close_date stage"),
        "reps": pd.DataFrame({"rep_id": reps, "name": reps}),
    }
    tables |= {"activities": _frame(work, "activity_id rep_id category started_at minutes")} if work else {}
    tables |= {"quotas": _frame(due, "rep_id start_date end_date amount")} if due else {}
    return book_of(ibis.duckdb.connect(), {name: typed(name, frame) for name, frame in tables.items()}, AS_OF, SETTINGS)


def _frame(rows: list[tuple], columns: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns.split())


def with_figures(result: Measured, frame: pd.DataFrame) -> Measured:
    """Return a result with other figures."""
    return replace(result, frame=frame.reset_index(drop=True), squares=pd.Series(np.nan, index=range(len(frame))))


def layers(ax: Axes, gid: str) -> list:
    """Return the artists of a chart that carry this name."""
    return ax.findobj(lambda artist: artist.get_gid() == gid)


def points(ax: Axes, gid: str) -> list[tuple[float, float]]:
    """Return the places of the markers of a layer."""
    return [(round(float(x), 9), round(float(y), 9)) for dots in layers(ax, gid) for x, y in dots.get_offsets()]


def texts(ax: Axes, gid: str) -> list[str]:
    """Return the texts of a layer, in drawing order."""
    return [text.get_text() for text in layers(ax, gid)]


def bars(ax: Axes, gid: str) -> list[tuple[float, float]]:
    """Return left end and width of the bars of a layer, in drawing order."""
    return [(round(bar.get_x(), 9), round(bar.get_width(), 9)) for bar in layers(ax, gid)]


def names(ax: Axes) -> list[str]:
    """Return the names of the rows, from the top."""
    placed = [(label.get_position()[1], label.get_text()) for label in ax.get_yticklabels()]
    return [text for _, text in sorted(placed)]
