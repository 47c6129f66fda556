"""What goes with winning: effects with their intervals, and win shares by number of activities."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salestrack import formats
from salestrack.analyses.winning import WinningAnswer
from salestrack.charts.canvas import canvas, finish, nothing_to_draw
from salestrack.charts.look import BELOW, INK, MAIN, MUTED, SMALL, styled
from salestrack.charts.names import count, joined, period_name, scope_name
from salestrack.charts.rows import column_left, column_right, height_of, name_rows
from salestrack.charts.scales import limits, number_axis, within_reach
from salestrack.definition import COUNT, SHARE
from salestrack.errors import unknown
from salestrack.wording import label_of, mid_sentence, say

_LOOKS = {"more": (MAIN, "^"), "less": (BELOW, "v"), "cannot_tell": (MUTED, "o")}
_LOOKS |= dict.fromkeys(("sooner", "sooner_or_more"), (MAIN, "D")) | dict.fromkeys(("later", "later_or_less"), (BELOW, "D"))
_GAP = 0.5
_HEIGHT = 3.5


@styled()
def effects(answer: WinningAnswer, ax: Axes | None = None) -> Axes:
    """Draw what one more activity or hour goes with, in points of win probability, by category and landmark, with intervals.

    Parameters
    ----------
    answer : WinningAnswer
        What `goes_with_winning` gives.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`. Where nothing can be told it says so.

    Notes
    -----
    Only what is told from chance is filled and coloured. Categories that nothing can be told of are not drawn.
    """
    title = joined(say("chart-effects", {"dose": answer.dose}), period_name(answer.during), scope_name(answer.where))
    says = " ".join(answer.sentences)
    told = answer.frame[answer.frame["effect"].notna()]
    if told.empty:
        return nothing_to_draw(ax, title, says)
    rows = _placed(told)
    ax = canvas(ax, height_of(rows["place"].max() + 1, 1.35))
    ax.axvline(0, color=INK, linewidth=1, gid="no_effect")
    reach, cut = within_reach([0, *rows["effect"] * 100], [*rows["low"] * 100, *rows["high"] * 100])
    for verdict, group in rows.groupby("verdict", sort=False):
        colour, marker = _LOOKS[str(verdict)]
        ax.hlines(group["place"], group["low"] * 100, group["high"] * 100, color=colour, linewidth=1.6, gid=f"interval_{verdict}")
        face = "white" if verdict == "cannot_tell" else colour
        ax.scatter(group["effect"] * 100, group["place"], s=46, marker=marker, facecolor=face, edgecolor=colour, linewidth=1.4,
                   zorder=3, gid=f"effect_{verdict}")  # fmt: skip
    places = rows["place"].tolist()
    name_rows(ax, places, rows["name"].tolist())
    column_left(ax, places, [str(day) for day in rows["days"]], say("chart-effects-days"))
    clear = rows["verdict"] != "cannot_tell"
    colours = [INK if each else MUTED for each in clear]
    column_right(ax, places, [f"{effect * 100:+.1f}".replace("-", "−") for effect in rows["effect"]], colours)
    number_axis(ax.xaxis, limits(reach), COUNT, "")
    ax.set_xlabel(say("chart-effects-axis"))
    note = say("chart-effects-note", {"n": " / ".join(count(n) for n in rows.drop_duplicates("days").sort_values("days")["n"])})
    return finish(ax, title, says, f"{note} {say('chart-cut') if cut else ''}".strip())


def _placed(told: pd.DataFrame) -> pd.DataFrame:
    """Return the rows category by category, the clearest category first, with their places; named where a category begins."""
    order = told.groupby("category")["adjusted_p"].min().sort_values(kind="stable").index.tolist()
    rows = told.assign(order=told["category"].map(order.index)).sort_values(["order", "days"], kind="stable", ignore_index=True)
    first = rows["category"] != rows["category"].shift()
    name = [label_of(category) if begins else "" for category, begins in zip(rows["category"], first, strict=True)]
    return rows.assign(place=np.arange(len(rows)) + _GAP * rows["order"], name=name)


@styled()
def doses(answer: WinningAnswer, category: str | None = None, days: int | None = None, ax: Axes | None = None) -> Axes:
    """Draw the share won by activities or hours of one category in the first days, as counted and with all else held fixed.

    Parameters
    ----------
    answer : WinningAnswer
        What `goes_with_winning` gives.
    category : str, optional
        Which category; None: the one that is told from chance most clearly.
    days : int, optional
        Which landmark; None: the one at which this category is clearest.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`.

    Raises
    ------
    UnknownNameError
        The answer holds no such category or landmark.
    """
    scope = joined(period_name(answer.during), scope_name(answer.where))
    chosen = _chosen(answer.frame, category, days)
    rows = answer.doses.merge(chosen[["category", "days"]], on=["category", "days"])
    if rows.empty:
        return nothing_to_draw(ax, joined(say("chart-effects", {"dose": answer.dose}), scope), answer.sentences[0])
    values = {"category": label_of(str(rows["category"].iloc[0])), "days": str(rows["days"].iloc[0]), "dose": answer.dose}
    ax = canvas(ax, _HEIGHT)
    _draw_doses(ax, rows)
    counted = (
        say("chart-doses-row", {"dose": _range_text(row), "share": formats.share(row["share"]), "n": count(row["n"])})
        for row in rows.to_dict("records")
    )
    says = say("chart-doses-says", values | {"category": mid_sentence(values["category"]), "rows": ", ".join(counted)})
    note = say("chart-doses-note" if rows["adjusted"].notna().any() else "chart-doses-note-counted")
    return finish(ax, joined(say("chart-doses", values), scope), says, note)


def _chosen(frame: pd.DataFrame, category: str | None, days: int | None) -> pd.DataFrame:
    """Return the clearest row of those asked for; none where there is none at all."""
    for name, wanted in (("category", category), ("days", days)):
        if wanted is not None and len(frame) and wanted not in set(frame[name]):
            raise unknown(name, str(wanted), sorted(map(str, set(frame[name]))), "in this answer")
    kept = (frame["category"] == (category or frame["category"])) & (frame["days"] == (days or frame["days"]))
    return frame[kept].sort_values("adjusted_p", kind="stable", na_position="last").head(1)


def _draw_doses(ax: Axes, rows: pd.DataFrame) -> None:
    x = np.arange(len(rows))
    ax.fill_between(x, rows["adjusted_low"], rows["adjusted_high"], color=MAIN, alpha=0.14, linewidth=0, gid="adjusted_interval")
    ax.plot(x, rows["adjusted"], color=MAIN, linewidth=2, gid="adjusted")
    ax.vlines(x, rows["low"], rows["high"], color=MUTED, linewidth=1.6, gid="interval")
    ax.scatter(x, rows["share"], s=46, color=MUTED, zorder=3, gid="share")
    ticks = [f"{_range_text(row)}\n{say('chart-doses-n', {'n': count(row['n'])})}" for row in rows.to_dict("records")]
    ax.set_xticks(x, labels=ticks)
    ax.set_xlim(-0.5, len(rows) - 0.5)
    ax.tick_params(axis="x", labelsize=SMALL)
    ax.grid(visible=False, axis="x")
    shown = rows[["low", "high", "adjusted_low", "adjusted_high"]].to_numpy(dtype=float)
    number_axis(ax.yaxis, limits(shown.ravel(), unit=SHARE), SHARE, "")
    ax.set_ylabel(say("chart-doses-axis"))


def _range_text(row: dict) -> str:
    low, high = f"{row['dose']:g}", f"{row['most']:g}"
    return low if low == high else f"{low}–{high}"
