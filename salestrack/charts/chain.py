"""What a goal needs at each step of the funnel, with what is not known about it."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from salestrack import formats
from salestrack.analyses.leads_needed import LeadsNeededAnswer
from salestrack.charts.canvas import canvas, finish, nothing_to_draw
from salestrack.charts.look import MAIN, MUTED, SMALL, styled
from salestrack.charts.names import count, joined, period_name, scope_name
from salestrack.charts.rows import column_left, column_right, height_of, name_rows
from salestrack.definition import MONEY
from salestrack.wording import label_of, say

_MOST_TICKS = 4


@styled()
def needed(answer: LeadsNeededAnswer, ax: Axes | None = None) -> Axes:
    """Draw how many leads, MQL, SQL, opportunities and deals a goal needs: P10 to P90, with P50, on a log axis.

    Parameters
    ----------
    answer : LeadsNeededAnswer
        What `leads_needed` gives.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`. Where nothing is needed, or it cannot be told, it says so.
    """
    goal = formats.figure(answer.goal, MONEY, answer.book.settings.currency, short=True)
    title = joined(say("chart-needed", {"goal": goal, "period": period_name(answer.during)}), scope_name(answer.where))
    says = " ".join(answer.sentences)
    frame = answer.frame
    limits = frame[["p10", "p50", "p90"]].apply(pd.to_numeric)
    if frame.empty or limits.isna().any(axis=None) or limits["p90"].max() < 1:
        return nothing_to_draw(ax, title, says)
    places = range(len(frame))
    ax = canvas(ax, height_of(len(frame), 1.35))
    # A log axis has no zero: none needed is drawn at the left edge.
    shown = limits.clip(lower=0.5)
    ax.hlines(places, shown["p10"], shown["p90"], color=MAIN, linewidth=9, alpha=0.35, gid="range")
    ax.scatter(shown["p50"], places, s=64, color=MAIN, zorder=3, gid="value")
    name_rows(ax, places, [label_of(f"step_{step}") for step in frame["step"]])
    rates = ["" if pd.isna(rate) else formats.share(rate, digits=1) for rate in frame["rate"]]
    column_left(ax, places, rates, say("chart-goes-on"))
    texts = [say("chart-range", {name: count(row[name]) for name in ("p10", "p50", "p90")}) for row in limits.to_dict("records")]
    column_right(ax, places, texts)
    _log_axis(ax, shown)
    ax.set_xlabel(say("chart-log-axis"))
    return finish(ax, title, says, say("chart-needed-note", {"base": str(answer.base)}), caption="")


def _log_axis(ax: Axes, shown: pd.DataFrame) -> None:
    ax.set_xscale("log")
    low, high = shown["p10"].min() / 1.4, shown["p90"].max() * 1.4
    for subs in ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
        ticks = [tick for tick in LogLocator(base=10, subs=subs).tick_values(low, high) if max(low, 1) <= tick <= high]
        if len(ticks) <= _MOST_TICKS:
            break
    ax.set_xticks(ticks, labels=[count(tick) for tick in ticks])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.tick_params(axis="x", labelsize=SMALL, labelcolor=MUTED)
    ax.set_xlim(low, high)
