"""What changed: before and after of each metric or group on one axis of relative change, with the verdict in words."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.comparison import verdict_text
from salestrack.charts.canvas import canvas, finish, nothing_to_draw
from salestrack.charts.look import BELOW, INK, MAIN, MUTED, SMALL, styled
from salestrack.charts.names import group_names, joined, listing, plain, scope_name
from salestrack.charts.rows import column_right, height_of, name_rows
from salestrack.charts.scales import limits, number_axis
from salestrack.definition import RATIO, Metric
from salestrack.display import label_at_age
from salestrack.wording import label_of, say

MOST_ROWS = 25
# Changes and intervals that reach further are cut at the edge: one of few numbers must not flatten the rest.
_EDGES = (-1.0, 1.5)
# Name and figures of a row share its left side, the name a little above the middle and the figures below.
_ABOVE, _BELOW = 0.17, 0.24
_COLOURS = {"good": MAIN, "bad": BELOW, "": MUTED}


@styled()
def compared(answer: Answer, ax: Axes | None = None) -> Axes:
    """Draw the change of each metric (and group) between two periods as a share of its earlier value, with the verdict.

    Parameters
    ----------
    answer : Answer
        What `compare` gives.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`.

    Notes
    -----
    Every row begins at no change. The line is the interval of the change; where it runs off the axis it ends in an arrow. Only what
    is judged up or down is filled, and coloured by whether that is good or bad news. Where no change can be stated only the
    figures are written.
    """
    names = [label_of(metric.name, metric.label) for metric in answer.metrics]
    periods = say("chart-compared", {"later": str(answer.during), "earlier": str(answer.against)})
    title = joined(names[0] if len(names) == 1 else "", periods, scope_name(answer.where))
    rows = _rows(answer)
    if not rows[["before", "after"]].notna().to_numpy().any():
        return nothing_to_draw(ax, title, say("chart-nothing"))
    shown = rows.head(MOST_ROWS)
    ax = canvas(ax, height_of(len(shown) * 1.75, 1.1))
    _draw(ax, shown)
    _write(ax, shown)
    reach = np.clip(shown[["change", "low", "high"]].to_numpy(dtype=float), *_EDGES)
    number_axis(ax.xaxis, limits([-0.1, 0.1, *reach.ravel()]), RATIO, answer.book.settings.currency, most=4)
    ax.set_xlabel(say("chart-relative-change"))
    hidden = len(rows) - len(shown)
    left_out = say("chart-groups-left-out", {"n": hidden}) if hidden else ""
    return finish(ax, title, _says(rows), f"{say('chart-compared-note')} {left_out}".strip())


def _rows(answer: Answer) -> pd.DataFrame:
    """Return the rows to draw: name, figures as text, change and its interval as shares of the earlier value, verdict as text."""
    metric_of = {metric.name: metric for metric in answer.metrics}
    frame, currency = answer.frame, answer.book.settings.currency
    by = list(frame.columns[: frame.columns.get_loc("metric")])
    groups = group_names(frame, by) if by else [""] * len(frame)
    records = frame.to_dict("records")
    told = not by or len(metric_of) > 1
    heads = [label_at_age(metric_of[row["metric"]], row["age"]) if told else "" for row in records]
    base = frame["before"].abs().where(frame["before"] != 0).where(frame["kind"] != "growth", 1.0)
    # Out of too few numbers no change is stated, only the figures.
    base = base.where(~frame["reason"].isin(["too_few", "undefined", "partial"]))
    return frame.assign(
        name=[plain(joined(head, group)) for head, group in zip(heads, groups, strict=True)],
        figures=[_figures(metric_of[row["metric"]], row, currency) for row in records],
        word=[verdict_text(row["verdict"], row["reason"]) for row in records],
        change=frame["difference"].astype(float) / base,
        low=frame["low"].astype(float) / base,
        high=frame["high"].astype(float) / base,
    )


def _write(ax: Axes, rows: pd.DataFrame) -> None:
    """Put names and figures at the left and verdicts at the right."""
    places = range(len(rows))
    name_rows(ax, [place - _ABOVE for place in places], rows["name"].tolist())
    for place, figures in zip(places, rows["figures"], strict=True):
        ax.annotate(figures, (0, place + _BELOW), xycoords=ax.get_yaxis_transform(), xytext=(-3.5, 0), textcoords="offset points",
                    ha="right", va="center_baseline", size=SMALL, color=MUTED, gid="figures")  # fmt: skip
    column_right(ax, places, rows["word"].tolist(), [_COLOURS[news] if news else INK for news in rows["news"]])


def _figures(metric: Metric, row: dict, currency: str) -> str:
    return " → ".join(formats.figure(row[name], metric.unit, currency, short=True) for name in ("before", "after"))


def _draw(ax: Axes, rows: pd.DataFrame) -> None:
    ax.axvline(0, color=INK, linewidth=1, gid="no_change")
    for place, row in enumerate(rows.to_dict("records")):
        colour = _COLOURS[row["news"]]
        if pd.isna(row["change"]):
            continue
        low, high, at = (float(np.clip(row[name], *_EDGES)) for name in ("low", "high", "change"))
        if not np.isnan([low, high]).any():
            ax.hlines(place, low, high, color=colour, linewidth=1.6, gid="interval")
            for limit, cut, marker in ((row["low"], low, "<"), (row["high"], high, ">")):
                if limit != cut:
                    ax.scatter(cut, place, marker=marker, s=30, color=colour, gid="beyond")
        ax.plot([0, at], [place, place], color=colour, linewidth=4, alpha=0.35, solid_capstyle="butt", gid="change")
        ax.scatter(0, place, s=34, facecolor="white", edgecolor=colour, linewidth=1.4, zorder=3, gid="before")
        face = colour if row["verdict"] in ("up", "down") else "white"
        marker = {"up": "^", "down": "v"}.get(row["verdict"], "o")
        ax.scatter(at, place, s=58, marker=marker, facecolor=face, edgecolor=colour, linewidth=1.4, zorder=3, gid="after")


def _says(rows: pd.DataFrame) -> str:
    said = []
    for verdict in ("up", "down", "flat", "cannot_tell"):
        found = rows[rows["verdict"] == verdict]
        if len(found):
            told = [f"{name} ({figures})" for name, figures in zip(found["name"], found["figures"], strict=True)]
            word = say(f"verdict-{verdict.replace('_', '-')}")
            said.append(say("chart-verdict", {"verdict": word[:1].upper() + word[1:], "which": listing(told)}))
    return " ".join(said)
