"""How long selling takes: what has become of opportunities by the days since they were created, or group by group."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salestrack.analyses.cycle import Cycle
from salestrack.charts.canvas import canvas, finish, key_of_colours, nothing_to_draw
from salestrack.charts.look import BELOW, GREYED, INK, MAIN, MUTED, SMALL, styled
from salestrack.charts.names import count, group_names, joined, period_name, scope_name
from salestrack.charts.rows import column_left, height_of, name_rows
from salestrack.charts.scales import limits, number_axis
from salestrack.definition import COUNT, SHARE
from salestrack.wording import say

MOST_ROWS = 25
_HEIGHT = 3.9
_COLOURS = {"won": MAIN, "open": "#c9d0d6", "lost": BELOW}
_LINES = {"sales_cycle": (0, (4, 3)), "time_to_close": "-"}


@styled()
def cycle(answer: Cycle, ax: Axes | None = None) -> Axes:
    """Draw what has become of the opportunities by the days since they were created, with the two medians.

    Parameters
    ----------
    answer : Cycle
        What `salestrack.cycle` answered.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`. Broken down, it has a row for each group with the two medians and their intervals (of more than 25
        those with the most created).
    """
    title = joined(say("chart-cycle"), period_name(answer.during), scope_name(answer.where))
    if answer.frame.empty or answer.curves.empty:
        return nothing_to_draw(ax, title, answer.sentences[0])
    return _groups(answer, ax, title) if answer.by else _areas(answer, ax, title)


def _areas(answer: Cycle, ax: Axes | None, title: str) -> Axes:
    ax = canvas(ax, _HEIGHT)
    curves, row = answer.curves, answer.frame.iloc[0]
    days = np.append(0.0, curves["days"].to_numpy(dtype=float))
    bottom = np.zeros(len(days))
    for name, colour in _COLOURS.items():
        share = np.append(1.0 if name == "open" else 0.0, curves[name].to_numpy(dtype=float))
        ax.fill_between(days, bottom, bottom + share, step="post", color=colour, linewidth=0, gid=name)
        bottom = bottom + share
    for i, (name, line) in enumerate(_LINES.items()):
        if pd.notna(row[name]):
            ax.axvline(row[name], color=INK, linewidth=1.6, linestyle=line, gid=name)
            text = say(f"chart-cycle-{name.replace('_', '-')}", {"days": f"{row[name]:,.0f}"})
            box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5}
            ax.annotate(text, (row[name], 0.93 - 0.09 * i), xytext=(5, 0), textcoords="offset points", ha="left", va="center",
                        size=SMALL, color=INK, bbox=box, gid=f"{name}_label")  # fmt: skip
    number_axis(ax.yaxis, (0.0, 1.0), SHARE, "")
    number_axis(ax.xaxis, (0.0, _reach(curves)), COUNT, "")
    ax.set_xlabel(say("chart-cycle-axis"))
    ax.grid(visible=False)
    ax = finish(ax, title, " ".join(answer.sentences), say("chart-cycle-note", {"n": count(row["n"])}), answer.sentences[0])
    return key_of_colours(ax, {say(f"chart-cycle-{name}"): colour for name, colour in _COLOURS.items()})


def _reach(curves: pd.DataFrame) -> float:
    """Return the days that are worth showing: until next to nobody is open, with some air."""
    late = curves.loc[curves["open"] <= 0.02, "days"]
    return float(min(late.min() if len(late) else np.inf, curves["days"].max())) * 1.05 or 1.0


def _groups(answer: Cycle, ax: Axes | None, title: str) -> Axes:
    frame = answer.frame.assign(name=group_names(answer.frame, answer.by))
    shown = frame.loc[frame["n"].sort_values(ascending=False, kind="stable").index[:MOST_ROWS].sort_values()]
    places = np.arange(len(shown), dtype=float)
    ax = canvas(ax, height_of(len(shown), 1.9))
    end = float(np.nanmax([1.0, *(shown[name].max() for name in (*_LINES, *(f"{name}_high" for name in _LINES)))])) * 1.02
    looks = {"sales_cycle": (MUTED, "D", -0.16), "time_to_close": (MAIN, "o", 0.16)}
    for name, (colour, marker, shift) in looks.items():
        known = shown[f"{name}_low"].notna().to_numpy()
        ax.hlines(places[known] + shift, shown[f"{name}_low"][known], shown[f"{name}_high"].fillna(end)[known], color=colour,
                  linewidth=1.6, gid=f"interval_{name}")  # fmt: skip
        few = (shown["note"] == "too_few").to_numpy()
        faces = [GREYED if each else colour for each in few]
        ax.scatter(shown[name], places + shift, s=40, color=faces, marker=marker, zorder=3, gid=name)
    name_rows(ax, places.tolist(), shown["name"].tolist(), [MUTED if each == "too_few" else INK for each in shown["note"]])
    column_left(ax, places.tolist(), [count(n) for n in shown["n"]], say("column-n"))
    number_axis(ax.xaxis, limits([0, end]), COUNT, "")
    ax.set_xlabel(say("unit-days"))
    note = say("chart-cycle-note-groups") + (
        " " + say("chart-left-out", {"n": len(frame) - len(shown)}) if len(frame) > len(shown) else ""
    )
    ax = finish(ax, title, " ".join(answer.sentences), note, "")
    return key_of_colours(ax, {say(f"chart-cycle-key-{name.replace('_', '-')}"): look[0] for name, look in looks.items()})
