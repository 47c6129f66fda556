"""What leads up to a sale: activities on won and on lost opportunities, stretch by stretch."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salestrack.analyses.lead_up import LeadUpAnswer
from salestrack.charts.canvas import canvas, finish, nothing_to_draw
from salestrack.charts.look import BELOW, MAIN, MUTED, SMALL, TEXT, styled
from salestrack.charts.names import count, joined, period_name, scope_name
from salestrack.charts.scales import kept_apart, limits
from salestrack.errors import unknown
from salestrack.wording import label_of, say

_HEIGHT = 3.4
_LABEL_GAP = 0.09


@styled()
def lead_up(answer: LeadUpAnswer, category: str | None = None, grain: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw how much was done of one category on won and on lost opportunities of like age and amount.

    Parameters
    ----------
    answer : LeadUpAnswer
        What `lead_up` gives.
    category : str, optional
        Which category; None: the one in which they differ most clearly.
    grain : {'day', 'week', 'month'}, optional
        Length of a stretch; None: weeks, or days where nothing lived as long as a week.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`. Time runs to the right: the close is at the right end, the creation at the left.

    Raises
    ------
    UnknownNameError
        The answer holds no such category or grain.
    """
    frame = answer.frame
    grain = grain or ("week" if frame.empty or (frame["grain"] == "week").any() else "day")
    for name, wanted in (("category", category), ("grain", grain)):
        if wanted is not None and len(frame) and wanted not in set(frame[name]):
            raise unknown(name, wanted, sorted(set(frame[name])), "in this answer")
    inside = frame[(frame["grain"] == grain) & (frame["category"] == (category or frame["category"]))]
    known = inside[inside["verdict"] != "too_few"]
    scope = joined(period_name(answer.during), scope_name(answer.where))
    if known.empty:
        return nothing_to_draw(ax, joined(answer.table.title, scope), answer.sentences[0])
    chosen = known.sort_values("p", kind="stable")["category"].iloc[0]
    word = say(f"lead-up-grain-{grain}")
    title = joined(say(f"chart-lead-up-{answer.anchor}", {"category": label_of(chosen), "grain": word}), scope)
    rows = known[known["category"] == chosen].sort_values("bucket", ascending=answer.anchor == "creation")
    ax = canvas(ax, _HEIGHT)
    _draw(ax, rows, answer.anchor == "close")
    ax.set_xlabel(say(f"chart-lead-up-axis-{answer.anchor}", {"grain": word}))
    ax.set_ylabel(say("chart-lead-up-unit"))
    numbers = rows[["n_won", "n_lost"]].to_numpy()
    n = say("chart-lead-up-note-n", {"grain": word, "least": count(numbers.min()), "most": count(numbers.max())})
    return finish(ax, title, " ".join(answer.sentences), f"{say('chart-lead-up-note')} {n}")


def _draw(ax: Axes, rows: pd.DataFrame, backwards: bool) -> None:
    x = -rows["bucket"].to_numpy() if backwards else rows["bucket"].to_numpy()
    won, lost = rows["won_mean"].to_numpy(), rows["lost_mean"].to_numpy()
    low, high = (lost + rows[name].to_numpy() for name in ("low", "high"))
    ax.fill_between(x, np.maximum(low, 0), high, color=MAIN, alpha=0.14, linewidth=0, gid="interval")
    ax.plot(x, lost, color=BELOW, linewidth=2, linestyle=(0, (4, 2)), gid="lost")
    ax.plot(x, won, color=MAIN, linewidth=2, gid="won")
    clear = rows["verdict"].isin(["more", "less"]).to_numpy()
    for gid, which, face in (("clear", clear, MAIN), ("cannot_tell", ~clear, "white")):
        ax.scatter(x[which], won[which], s=34, facecolor=face, edgecolor=MAIN, linewidth=1.4, zorder=3, gid=gid)
    bottom, top = limits([0, *high, *won, *lost], zero=True)
    ax.set_ylim(bottom, top)
    ax.tick_params(axis="y", labelsize=SMALL, labelcolor=MUTED)
    step = -(-len(x) // 12)
    ax.set_xticks(x[::step], labels=[str(abs(place)) for place in x[::step]])
    ax.grid(visible=False, axis="x")
    texts = {say("chart-lead-up-won"): (won[-1], MAIN), say("chart-lead-up-lost"): (lost[-1], BELOW)}
    places = kept_apart([(value - bottom) / (top - bottom) for value, _ in texts.values()], _LABEL_GAP)
    for (text, (_, colour)), place in zip(texts.items(), places, strict=True):
        ax.annotate(text, (1, place), xycoords="axes fraction", xytext=(5, 0), textcoords="offset points", ha="left",
                    va="center_baseline", color=colour, size=TEXT, gid="end_label")  # fmt: skip
