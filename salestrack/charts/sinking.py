"""Time sinks: how much time each category takes, how much of it is for no opportunity, and what it goes with."""

import pandas as pd
from matplotlib.axes import Axes

from salestrack import formats
from salestrack.analyses.time_sinks import TimeSinks
from salestrack.charts.canvas import canvas, finish, key_of_colours, nothing_to_draw
from salestrack.charts.look import BELOW, INK, MAIN, MUTED, SMALL, styled
from salestrack.charts.names import group_names, joined, listing, period_name, scope_name
from salestrack.charts.rows import column_left, column_right, height_of, name_rows
from salestrack.charts.scales import limits, number_axis
from salestrack.definition import HOURS, SHARE
from salestrack.wording import say


@styled()
def sinks(answer: TimeSinks, ax: Axes | None = None) -> Axes:
    """Draw the share of all hours that each category takes, how much of it names no opportunity, and what it goes with.

    Parameters
    ----------
    answer : TimeSinks
        What `time_sinks` gives.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`; sinks have the strong colour and say so at the right.
    """
    title = joined(say("chart-sinks"), period_name(answer.during), scope_name(answer.where))
    if answer.frame.empty:
        return nothing_to_draw(ax, title, " ".join(answer.sentences))
    rows = answer.frame[answer.frame["level"] == "category"].reset_index(drop=True)
    rows = rows.assign(loose=rows["share"] * rows["unattached"].fillna(0.0), name=group_names(rows, ["category"]))
    places, colours = list(range(len(rows))), [BELOW if sink else MUTED for sink in rows["sink"]]
    ax = canvas(ax, height_of(len(rows), 1.6))
    ax.barh(places, rows["loose"], height=0.66, color=colours, gid="loose")
    on_one = rows["share"] - rows["loose"]
    ax.barh(places, on_one, left=rows["loose"], height=0.66, color="white", edgecolor=colours, linewidth=1.2, gid="attached")
    ax.hlines(places, rows["low"], rows["high"], color=INK, linewidth=1.2, gid="interval")
    ax.axvline(answer.large, color=INK, linewidth=1, linestyle=(0, (4, 3)), gid="large", zorder=1.5)
    name_rows(ax, places, rows["name"].tolist())
    column_left(ax, places, [formats.figure(hours, HOURS, "") for hours in rows["hours"]], say("chart-unit-hours"))
    words = [say(f"sinks-association-{word.replace('_', '-')}") for word in rows["association"]]
    texts = [say("chart-sinks-sink", {"word": word}) if sink else word for word, sink in zip(words, rows["sink"], strict=True)]
    column_right(ax, places, texts, [_colour(row) for row in rows.to_dict("records")])
    ax.annotate(say("chart-sinks-goes"), (1, -1), xycoords=ax.get_yaxis_transform(), xytext=(8, 0), textcoords="offset points",
                ha="left", va="center_baseline", color=MUTED, size=SMALL, gid="association_head")  # fmt: skip
    number_axis(ax.xaxis, limits([*rows["share"], *rows["high"], answer.large], zero=True, unit=SHARE), SHARE, "", most=4)
    ax.set_xlabel(say("chart-share-of-hours"))
    finish(ax, title, _says(rows), say("chart-sinks-note", {"large": formats.share(answer.large)}), answer.sentences[0])
    return key_of_colours(ax, {say("chart-sinks-loose"): BELOW, say("chart-sinks-loose-other"): MUTED})


def _colour(row: dict) -> str:
    if row["sink"]:
        return BELOW
    return MAIN if row["association"] == "more" else INK


def _says(rows: pd.DataFrame) -> str:
    told = [
        say(
            "chart-sinks-row",
            {
                "name": row["name"],
                "share": formats.share(row["share"]),
                "unattached": formats.share(row["unattached"]),
                "word": say(f"sinks-association-{row['association'].replace('_', '-')}"),
            },
        )
        for row in rows.to_dict("records")
    ]
    named = rows.loc[rows["sink"], "name"].tolist()
    found = say("chart-sinks-found", {"kinds": listing(named)}) if named else say("chart-sinks-none")
    return f"{found} {'; '.join(told)}."
