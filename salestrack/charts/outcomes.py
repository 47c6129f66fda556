"""What became of the hours: one bar for each category, from won to no opportunity at all."""

import pandas as pd
from matplotlib.axes import Axes

from salestrack import formats
from salestrack.analyses.time_use import TimeUse
from salestrack.charts.canvas import canvas, finish, key_of_colours, nothing_to_draw
from salestrack.charts.look import BELOW, CARD, GREYED, INK, LINES, MAIN, SMALL, styled, text_on
from salestrack.charts.names import group_names, joined, period_name, scope_name
from salestrack.charts.rows import column_left, height_of, name_rows
from salestrack.charts.scales import number_axis
from salestrack.definition import HOURS, SHARE
from salestrack.wording import say

_COLOURS = {"won": MAIN, "lost": BELOW, "open": LINES[1], "none": GREYED, "unknown": INK}
# Narrower parts have no room for their percentage.
_ROOMY = 0.09


@styled()
def time_by_outcome(answer: TimeUse, ax: Axes | None = None) -> Axes:
    """Draw for each category which share of its hours went into won, lost and open opportunities, and which into none.

    Parameters
    ----------
    answer : TimeUse
        What `time_use` gives.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`; the last bar is all categories together.
    """
    title = joined(say("chart-outcomes"), period_name(answer.during), scope_name(answer.where))
    # Without recorded losses nobody knows how the hours are split.
    if answer.frame.empty or "lost" not in set(answer.frame["became"]):
        return nothing_to_draw(ax, title, " ".join(answer.sentences))
    hours = answer.frame.pivot(index="category", columns="became", values="hours")
    hours = hours.loc[answer.frame["category"].unique(), answer.frame["became"].unique()]
    hours = hours[hours.sum(axis=1) > 0]
    whole = hours.sum()
    names = [*group_names(hours.index.to_frame(), ["category"]), say("chart-all")]
    parts = pd.concat([hours.div(hours.sum(axis=1), axis=0), (whole / whole.sum()).to_frame().T], ignore_index=True)
    # All together stands apart from what it is made of.
    places = [*range(len(hours)), len(hours) + 0.4]
    ax = canvas(ax, height_of(len(parts) + 0.4, 1.7))
    _draw(ax, parts, places)
    name_rows(ax, places, names)
    totals = [*hours.sum(axis=1), whole.sum()]
    column_left(ax, places, [formats.figure(each, HOURS, "") for each in totals], say("chart-unit-hours"))
    number_axis(ax.xaxis, (0.0, 1.0), SHARE, "")
    ax.set_xlabel(say("chart-share-of-hours"))
    finish(ax, title, _says(parts, names, whole.sum()), say("chart-outcomes-note"), answer.sentences[0])
    return key_of_colours(ax, {say(f"time-use-{name}"): _COLOURS[str(name)] for name in parts.columns})


def _draw(ax: Axes, parts: pd.DataFrame, places: list[float]) -> None:
    left = pd.Series(0.0, index=parts.index)
    for name in parts.columns:
        colour = _COLOURS[str(name)]
        ax.barh(places, parts[name], left=left, height=0.74, color=colour, edgecolor=CARD, linewidth=1, gid=f"share_{name}")
        for place, width, start in zip(places, parts[name], left, strict=True):
            if width >= _ROOMY:
                ax.text(start + width / 2, place, formats.share(width), ha="center", va="center_baseline", size=SMALL,
                        color=text_on(colour), gid="share_label")  # fmt: skip
        left = left + parts[name]


def _says(parts: pd.DataFrame, names: list[str], hours: float) -> str:
    rows = list(zip(names, parts.to_dict("records"), strict=True))
    told = [
        f"{name}: " + ", ".join(f"{say(f'time-use-{became}').lower()} {formats.share(share)}" for became, share in row.items())
        for name, row in (rows[-1], *rows[:-1])
    ]
    return say("chart-outcomes-says", {"hours": formats.figure(hours, HOURS, ""), "parts": "; ".join(told)})
