"""Stated against observed: the win probability that a book states for a stage, and what was won of those who came to it."""

import pandas as pd
from matplotlib.axes import Axes

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.charts.canvas import canvas, finish, nothing_to_draw
from salestrack.charts.look import ABOVE, BELOW, GREYED, INK, MAIN, MUTED, styled
from salestrack.charts.names import count, joined, scope_name, step_names
from salestrack.charts.rows import column_left, column_right, height_of, name_rows
from salestrack.charts.scales import limits, number_axis
from salestrack.definition import SHARE
from salestrack.stats.intervals import MIN_N
from salestrack.wording import say

_LOOKS = {"too_low": (ABOVE, "^"), "too_high": (BELOW, "v"), "in_line": (MAIN, "o"), "not_stated": (MAIN, "o")}
_STROKE = 0.32


@styled()
def calibration(answer: Answer, ax: Axes | None = None) -> Axes:
    """Draw for each stage the share won of those who came to it, with its interval, and the stated probability as a stroke.

    Parameters
    ----------
    answer : Answer
        What `salestrack.stage_odds` answered.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`.
    """
    says = " ".join(answer.sentences)
    rows = answer.frame[answer.frame["age"] == 0].reset_index(drop=True) if len(answer.frame) else answer.frame
    kind = {"stated": "yes" if len(rows) and rows["stated"].notna().any() else "no", "least": MIN_N}
    title = joined(say("chart-calibration", kind), scope_name(answer.where))
    if rows.empty:
        return nothing_to_draw(ax, title, says)
    places = rows.index.tolist()
    ax = canvas(ax, height_of(len(rows), 1.5))
    for verdict, group in rows.groupby("verdict", sort=False):
        colour, marker = _LOOKS.get(str(verdict), (GREYED, "o"))
        few = verdict == "too_few"
        ax.hlines(group.index, group["low"], group["high"], color=colour, linewidth=1.6, gid=f"interval_{verdict}")
        ax.scatter(group["value"], group.index, s=46, marker=marker, facecolor="white" if few else colour, edgecolor=colour,
                   linewidth=1.4, zorder=3, gid=f"value_{verdict}")  # fmt: skip
    stated = rows[rows["stated"].notna()]
    ax.vlines(stated["stated"], stated.index - _STROKE, stated.index + _STROKE, color=INK, linewidth=1.8, gid="stated", zorder=2.5)
    name_rows(ax, places, step_names(rows, "stage"))
    column_left(ax, places, [count(n) for n in rows["n"]], say("column-n"))
    greyed = [MUTED if verdict == "too_few" else INK for verdict in rows["verdict"]]
    column_right(ax, places, [formats.share(value) for value in rows["value"]], greyed)
    ends = limits(pd.concat([rows["low"], rows["high"], rows["stated"], rows["value"]]), zero=True, unit=SHARE)
    number_axis(ax.xaxis, ends, SHARE, answer.book.settings.currency)
    told = [_row(name, row) for name, row in zip(step_names(rows, "stage"), rows.to_dict("records"), strict=True)]
    return finish(ax, title, f"{'; '.join(told)}. {says}", say("chart-calibration-note", kind), says)


def _row(name: str, row: dict) -> str:
    shares = {name: formats.share(row[name]) for name in ("stated", "value")}
    return say("chart-calibration-row", {"stage": name, "n": count(row["n"]), **shares})
