"""How far reps get towards their quotas: everyone in order, and the line at 100 %."""

import math

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from salestrack import formats
from salestrack.charts.canvas import canvas, finish, nothing_to_draw
from salestrack.charts.look import INK, MAIN, MANY_MARKS, MUTED, SMALL, TEXT, styled
from salestrack.charts.names import count, figure_text, group_names, one_metric, title_of, unit_word, why_empty
from salestrack.charts.scales import limits, number_axis
from salestrack.measure import Measured
from salestrack.stats.intervals import share
from salestrack.wording import label_of, say

_HEIGHT = 3.4
# A quota met to the cent is met, whatever its daily parts add up to in floating point.
_REACHED = 1 - 1e-9
# One windfall must not flatten the rest: the highest 5 %, at least one, are drawn at the edge if they lie beyond 200 % and beyond
# this many times the highest of the others.
_FAR, _FAR_AT_LEAST, _FAR_SHARE = 1.5, 2.0, 0.05
_DOT = 34


@styled()
def attainment(result: Measured, ax: Axes | None = None) -> Axes:
    """Draw each rep's attainment in order, the line at 100 %, and say which share reaches it.

    Parameters
    ----------
    result : Measured
        `quota_attainment` (or the prorated one) by rep, or by whoever holds the quotas.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`.

    Notes
    -----
    Who has no quota in the period is left out, and what they booked is told. The interval of the share is Wilson's. Attainment far
    beyond the rest is drawn at the upper edge as an arrow, with its value.

    Raises
    ------
    DefinitionError
        The result holds several metrics.
    """
    one = one_metric(result)
    title = title_of(one, one.metrics[0], one.by)
    held = one.frame[one.frame["value"].notna()].assign(name=lambda f: group_names(f, one.by))
    held = held.sort_values(["value", "name"], kind="stable").reset_index(drop=True)
    if held.empty:
        return nothing_to_draw(ax, title, why_empty(one))
    ax = canvas(ax, _HEIGHT)
    _draw(ax, one, held)
    return finish(ax, title, _says(one, held), _note(one, held))


def _draw(ax: Axes, one: Measured, held: pd.DataFrame) -> None:
    value = held["value"].to_numpy(dtype=float)
    edge = max(_FAR_AT_LEAST, _FAR * float(value[-1 - math.ceil(_FAR_SHARE * len(value))] if len(value) > 1 else 1))
    far, reached = value > edge, value >= _REACHED
    place, shown = np.arange(len(value)), np.minimum(value, edge)
    distance = ax.vlines(place, np.minimum(shown, 1), np.maximum(shown, 1), color=MUTED, linewidth=1, alpha=0.5, gid="distance")
    distance.set_rasterized(len(value) > MANY_MARKS)
    ax.axhline(1, color=INK, linewidth=1.2, gid="quota")
    _dots(ax, place[~reached], shown[~reached], "below")
    _dots(ax, place[reached & ~far], shown[reached & ~far], "reached")
    _dots(ax, place[far], shown[far], "far")
    number_axis(ax.yaxis, limits([0, 1, *shown], zero=True), one.metrics[0].unit, one.book.settings.currency)
    if far.any():
        text = say("chart-far", {"n": int(far.sum()), "value": formats.share(value[-1])})
        ax.annotate(text, (place[far][0], edge), xytext=(-7, 0), textcoords="offset points", ha="right", va="center_baseline",
                    size=SMALL, gid="far_label")  # fmt: skip
    ax.annotate(_reached_text(one, held["value"]), (0, 1), xycoords="axes fraction", xytext=(0, 4), textcoords="offset points",
                ha="left", va="bottom", size=TEXT, gid="share")  # fmt: skip
    air = max(0.6, len(value) * 0.02)
    ax.set_xlim(-air, len(value) - 1 + air)
    ax.set_xticks([])
    ax.set_xlabel(say("chart-in-order", {"n": len(value)}), labelpad=7)
    ax.set_ylabel(unit_word(one.metrics[0].unit, one.book.settings.currency))


def _dots(ax: Axes, x: np.ndarray, y: np.ndarray, kind: str) -> None:
    before = len(ax.collections)
    face, marker = ("white" if kind == "below" else MAIN), ("^" if kind == "far" else "o")
    sns.scatterplot(x=x, y=y, ax=ax, marker=marker, s=_DOT, facecolor=face, edgecolor=MAIN, linewidth=1.4, zorder=3, clip_on=False)
    for dots in ax.collections[before:]:
        dots.set_gid(kind)
        dots.set_rasterized(len(x) > MANY_MARKS)


def _reached_text(one: Measured, value: pd.Series) -> str:
    k, n = int((value >= _REACHED).sum()), len(value)
    found = share(k, n, one.confidence)
    interval = say("interval", {"low": formats.share(found.low), "high": formats.share(found.high)})
    values = {"k": count(k), "n": count(n), "share": formats.share(found.value), "interval": interval}
    return say("chart-reached", values | {"confidence": formats.share(one.confidence)})


def _says(one: Measured, held: pd.DataFrame) -> str:
    at = np.quantile(held["value"], (0, 0.5, 1))
    values = {name: figure_text(one, float(value)) for name, value in zip(("low", "half", "high"), at, strict=True)}
    values |= {"lowest": held["name"].iloc[0], "highest": held["name"].iloc[-1]}
    return f"{_reached_text(one, held['value'])}. {say('chart-attainment', values)}"


def _note(one: Measured, held: pd.DataFrame) -> str:
    notes = [say("chart-one-dot", {"by": label_of(one.by[0]).lower()})] if one.by else []
    if one.frame["partial"].any():
        notes.append(say("chart-partial-period"))
    if left_out := len(one.frame) - len(held):
        notes.append(say("chart-without-quota", {"n": left_out}))
    return " ".join((*notes, *one.beside))
