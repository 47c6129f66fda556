"""Why a total changed: from before, step by step over what each factor or each kind of move contributed, to after."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.waterfall import Waterfall
from salestrack.charts.canvas import canvas, finish, nothing_to_draw
from salestrack.charts.look import BELOW, INK, MAIN, MUTED, styled
from salestrack.charts.names import count, joined, plain, scope_name, unit_word
from salestrack.charts.rows import column_left, column_right, height_of, name_rows
from salestrack.charts.scales import limits, number_axis
from salestrack.definition import MONEY
from salestrack.wording import label_of, say

# What is won leaves the pipeline too, and is no bad news.
_WON = "#0b4468"


@styled()
def contributions(answer: Answer, ax: Axes | None = None) -> Axes:
    """Draw how bookings went from one period to the next, factor by factor.

    Parameters
    ----------
    answer : Answer
        What `explain_bookings` gives.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`.
    """
    currency = answer.book.settings.currency
    earlier, later = str(answer.against), str(answer.during)
    values = {"metric": label_of("bookings"), "unit": unit_word(MONEY, currency), "earlier": earlier, "later": later}
    title = joined(say("chart-contributions", values), scope_name(answer.where))
    frame = answer.frame
    says = " ".join(answer.sentences)
    if frame.empty or frame["contribution"].isna().any():
        return nothing_to_draw(ax, title, says)
    first, last = (say("chart-in", {"period": period}) for period in (earlier, later))
    names = [first, *(label_of(name) for name in frame["factor"]), last]
    before, after = _product(frame["before"]), _product(frame["after"])
    start = before + np.concatenate([[0.0], np.cumsum(frame["contribution"].to_numpy(dtype=float))])
    ax = canvas(ax, height_of(len(names), 1.0))
    _draw_steps(ax, start, after, [_colour(value) for value in frame["contribution"]])
    name_rows(ax, range(len(names)), [plain(name) for name in names])
    texts = [formats.change(value, MONEY, currency) for value in frame["contribution"]]
    ends = [formats.figure(value, MONEY, currency) for value in (before, after)]
    colours = [INK, *(_colour(value) for value in frame["contribution"]), INK]
    column_right(ax, range(len(names)), [ends[0], *texts, ends[1]], colours)
    number_axis(ax.xaxis, limits([before, after, *start], zero=True), MONEY, currency, most=4)
    ax.set_xlabel(unit_word(MONEY, currency))
    return finish(ax, title, says, caption="")


@styled()
def waterfall(answer: Waterfall, ax: Axes | None = None) -> Axes:
    """Draw how the open pipeline went from one evening to another, move by move.

    Parameters
    ----------
    answer : Waterfall
        What `salestrack.waterfall` answered.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`: a bar for each end and for each kind of move that occurred, with its number of opportunities.
    """
    currency = answer.book.settings.currency
    ends = {name: formats.day(day) for name, day in (("start", answer.start), ("end", answer.end))}
    kind = "chart-waterfall" if answer.due is None else "chart-waterfall-due"
    head = say(kind, {"unit": unit_word(MONEY, currency), "due": str(answer.due)})
    title, says = joined(head, say("chart-waterfall-ends", ends), scope_name(answer.where)), " ".join(answer.sentences)
    if answer.frame.empty or answer.frame["amount"].isna().any():
        return nothing_to_draw(ax, title, says)
    frame = answer.frame[(answer.frame["n"] > 0) | answer.frame["step"].isin(["start", "end"])].reset_index(drop=True)
    moves, amounts = frame["amount"].iloc[1:-1], frame["amount"]
    start = amounts.iloc[0] + np.concatenate([[0.0], np.cumsum(moves)])
    places = range(len(frame))
    ax = canvas(ax, height_of(len(frame), 1.35))
    colours = [_WON if step == "won" else _colour(value) for step, value in zip(frame["step"].iloc[1:-1], moves, strict=True)]
    _draw_steps(ax, start, amounts.iloc[-1], colours)
    name_rows(ax, places, [label_of(f"step-{step}") for step in frame["step"]])
    column_left(ax, places, [count(n) for n in frame["n"]], say("column-n"))
    texts = [formats.change(value, MONEY, currency) for value in moves]
    totals = [formats.figure(value, MONEY, currency) for value in amounts.iloc[[0, -1]]]
    column_right(ax, places, [totals[0], *texts, totals[1]], [INK, *colours, INK])
    number_axis(ax.xaxis, limits([*start, amounts.iloc[-1]], zero=True), MONEY, currency, most=4)
    return finish(ax, title, says, say("chart-waterfall-note"), caption="")


def _product(factors: pd.Series) -> float:
    """Return the bookings that factors make; a factor is undefined only where nothing was booked."""
    return 0.0 if factors.isna().any() else float(np.prod(factors.to_numpy(dtype=float)))


def _colour(contribution: float) -> str:
    return MAIN if contribution > 0 else BELOW if contribution < 0 else MUTED


def _draw_steps(ax: Axes, start: np.ndarray, after: float, colours: list[str]) -> None:
    """Draw the two totals from zero and each contribution from where the one before it ended."""
    rows = len(start) + 1
    ax.barh([0, rows - 1], [start[0], after], height=0.62, color=MUTED, gid="total")
    change = np.diff(start)
    ax.barh(range(1, rows - 1), change, left=start[:-1], height=0.62, color=colours, gid="contribution")
    ax.vlines(start, np.arange(rows - 1) - 0.31, np.arange(1, rows) + 0.31, color=INK, linewidth=0.8, gid="step")
    ax.axvline(0, color=MUTED, linewidth=1)
