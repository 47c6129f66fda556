"""The funnel: how many of those who began come to each step, and how many go on from it."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salestrack import formats
from salestrack.analyses.funnel import Funnel
from salestrack.analyses.funnel_words import share_text
from salestrack.charts.canvas import canvas, finish, nothing_to_draw
from salestrack.charts.look import GREYED, INK, MAIN, MUTED, SMALL, styled
from salestrack.charts.names import count, joined, parted, period_name, scope_name, step_names
from salestrack.charts.rows import column_left, column_right, height_of, name_rows
from salestrack.charts.scales import number_axis
from salestrack.definition import SHARE
from salestrack.estimate import TOO_FEW
from salestrack.stats.intervals import MIN_N
from salestrack.wording import say

_GAP = 0.7


@styled()
def funnel(answer: Funnel, ax: Axes | None = None) -> Axes:
    """Draw the share of each cohort that comes to each step, by count and by value, and the share that goes on from it.

    Parameters
    ----------
    answer : Funnel
        What `funnel` gives; of one that is broken down, all groups together.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`. Leads stand above opportunities, each beginning at 100 %.
    """
    title = joined(say("chart-funnel"), period_name(answer.during), scope_name(answer.where))
    rows = answer.overall
    if rows.empty:
        return nothing_to_draw(ax, title, " ".join(answer.sentences))
    places = np.arange(len(rows)) + _GAP * parted(rows)
    ax = canvas(ax, height_of(len(rows) + _GAP * max(parted(rows).iloc[-1], 1), 1.9))
    ax.barh(places, rows["cumulative_share"], height=0.66, color=_colours(rows), gid="cumulative")
    ax.hlines(places, rows["cumulative_low"], rows["cumulative_high"], color=INK, linewidth=1.2, gid="interval")
    worth = rows["cumulative_by_amount"]
    ax.scatter(worth, places, s=30, marker="D", facecolor="white", edgecolor=INK, linewidth=1.1, zorder=3, gid="by_amount")
    name_rows(ax, places.tolist(), step_names(rows))
    column_left(ax, places.tolist(), [count(n) for n in rows["entered"]], say("column-n"))
    texts = [_goes_on(row) for row in rows.to_dict("records")]
    column_right(ax, places.tolist(), texts, [MUTED if row == TOO_FEW else INK for row in rows["note"]])
    ax.annotate(say("chart-goes-on"), (1, -1), xycoords=ax.get_yaxis_transform(), xytext=(8, 0), textcoords="offset points",
                ha="left", va="center_baseline", color=MUTED, size=SMALL, gid="next_head")  # fmt: skip
    number_axis(ax.xaxis, (0.0, 1.03), SHARE, "", most=4)
    ax.set_xlabel(say("chart-funnel-axis"))
    note = say(
        "chart-funnel-note",
        {"worth": "yes" if worth.notna().any() else "no", "rule": "visited" if answer.visited_only else "implied"},
    )
    return finish(ax, title, _says(rows), note, answer.first)


def _colours(rows: pd.DataFrame) -> list[str]:
    """Grey where the whole cohort is too few to judge."""
    few = rows["cumulative_n"].fillna(0) < MIN_N
    return [GREYED if each else MAIN for each in few]


def _goes_on(row: dict) -> str:
    return "" if pd.isna(row["next_share"]) else formats.share(row["next_share"])


def _says(rows: pd.DataFrame) -> str:
    told = []
    for _, one in rows.groupby(parted(rows), sort=False):
        steps = [
            say(
                "chart-funnel-step",
                {"step": name, "share": share_text(row["cumulative_share"]), "n": count(row["entered"])},
            )
            for name, row in zip(step_names(one), one.to_dict("records"), strict=True)
        ]
        told.append(", ".join(steps))
    return say("chart-funnel-says", {"steps": "; ".join(told)})
