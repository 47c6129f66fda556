"""What becomes of MQLs, week by week: the share that goes on, the break where there is one, young weeks set apart."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salestrack import formats
from salestrack.analyses.qualification import Qualification
from salestrack.analyses.qualification_breaks import NO_BREAK, rows_of
from salestrack.analyses.qualification_words import goal_values, name_in, week_text
from salestrack.charts.canvas import canvas, finish, nothing_to_draw
from salestrack.charts.look import BELOW, GREYED, INK, MAIN, MUTED, SHADE, SMALL, styled
from salestrack.charts.names import joined, plain, scope_name
from salestrack.charts.scales import limits, number_axis, within_reach
from salestrack.definition import SHARE
from salestrack.errors import unknown
from salestrack.wording import say

_HEIGHT = 3.5
_TICKS = 5


@styled()
def qualification(answer: Qualification, ax: Axes | None = None, of: str | None = None) -> Axes:
    """Draw the weekly conversion of one series with its intervals, and the break in it.

    Parameters
    ----------
    answer : Qualification
        What `salestrack.qualification` answered.
    ax : Axes, optional
        Where to draw; None: a new figure.
    of : str, optional
        Which series, by its name (of several columns: joined by " · "). None: the one with the clearest break, else the largest.

    Returns
    -------
    Axes
        The chart, with `alt`: a dot for each week, the level before and after a break with its interval, a stroke where it lies
        and a band where it may lie; weeks too young to judge, or before the record begins, are hollow and grey.

    Raises
    ------
    UnknownNameError
        There is no such series.
    """
    title = joined(str(goal_values(answer.goal)["step"]), scope_name(answer.where))
    if answer.breaks.empty:
        return nothing_to_draw(ax, title, answer.sentences[0])
    row = _chosen(answer, of)
    weeks = answer.weeks
    for name in answer.series:
        weeks = weeks[weeks[name].isna() if pd.isna(row[name]) else weeks[name] == row[name]]
    weeks = weeks.reset_index(drop=True)
    name = plain(name_in(row, answer.series))
    ax = canvas(ax, _HEIGHT)
    _draw_weeks(ax, weeks)
    if row["verdict"] not in NO_BREAK:
        _draw_break(ax, weeks, row)
    known = weeks[~_aside(weeks)]
    number_axis(
        ax.yaxis, limits(within_reach(known["value"], [*known["low"], *known["high"]])[0], zero=True, unit=SHARE), SHARE, ""
    )
    _draw_calendar(ax, weeks)
    ax.set_ylabel(say("chart-qualification-axis", goal_values(answer.goal) | {"days": answer.within}))
    return finish(ax, joined(title, name), _says(answer, row, known, name), say("chart-qualification-note"), answer.sentences[0])


def _chosen(answer: Qualification, of: str | None) -> dict:
    rows = {name_in(row, answer.series): row for row in rows_of(answer.breaks)}
    if of is not None:
        if of not in rows:
            raise unknown("series", of, rows, "in this answer")
        return rows[of]
    return min(rows.values(), key=lambda row: (row["verdict"] in NO_BREAK, _clearness(row), -row["mqls"]))


def _clearness(row: dict) -> float:
    return 0.0 if row["verdict"] in NO_BREAK else row["adjusted_p"]


def _aside(weeks: pd.DataFrame) -> pd.Series:
    """Whether each week is shown and not judged."""
    return weeks["young"] | weeks["unrecorded"]


def _draw_weeks(ax: Axes, weeks: pd.DataFrame) -> None:
    for gid, rows, face, edge in (
        ("value", weeks[~_aside(weeks)], MAIN, MAIN),
        ("value_aside", weeks[_aside(weeks)], "white", GREYED),
    ):
        ax.vlines(rows.index, rows["low"], rows["high"], color=edge, alpha=0.18, linewidth=1.2, gid=f"{gid}_interval")
        value = rows["value"].dropna()
        ax.scatter(value.index, value, s=14, facecolor=face, edgecolor=edge, linewidth=1, zorder=3, gid=gid)


def _draw_break(ax: Axes, weeks: pd.DataFrame, row: dict) -> None:
    place = {start: i for i, start in enumerate(weeks["start"])}
    at, low, high = (place[row[f"since{limit}"]] - 0.5 for limit in ("", "_low", "_high"))
    ax.axvspan(low, high, color=SHADE, linewidth=0, zorder=0, gid="since_interval")
    ax.axvline(at, color=INK, linewidth=1.2, linestyle=(0, (3, 2)), gid="since")
    judged = np.flatnonzero(~_aside(weeks).to_numpy())
    for name, first, last, colour in (("before", judged[0] - 0.5, at, INK), ("after", at, judged[-1] + 0.5, BELOW)):
        ax.fill_between(
            [first, last], row[f"{name}_low"], row[f"{name}_high"], color=colour, alpha=0.16, linewidth=0, gid=f"{name}_band"
        )
        ax.plot([first, last], [row[name]] * 2, color=colour, linewidth=2, zorder=4, gid=name)
    left = at > len(weeks) / 2
    ax.annotate(say("chart-qualification-since", {"week": week_text(row["since"])}), (at, 1), xycoords=ax.get_xaxis_transform(),
                xytext=(-4 if left else 4, -2), textcoords="offset points", ha="right" if left else "left", va="top", size=SMALL,
                color=INK, gid="since_label")  # fmt: skip


def _draw_calendar(ax: Axes, weeks: pd.DataFrame) -> None:
    last = len(weeks) - 1
    ticks = sorted({round(place) for place in np.linspace(0, last, min(_TICKS, last + 1))})
    ax.set_xticks(ticks, labels=[week_text(weeks["start"][i]) for i in ticks])
    ax.tick_params(axis="x", labelcolor=MUTED)
    ax.set_xlim(-1, last + 1)
    ax.grid(visible=False, axis="x")


def _says(answer: Qualification, row: dict, known: pd.DataFrame, name: str) -> str:
    values = goal_values(answer.goal) | {"name": name, "weeks": len(known), "days": answer.within}
    trials = known["trials"].sum()
    values["share"] = formats.share(known["went_on"].sum() / trials if trials else float("nan"), digits=1)
    values["n"] = f"{known['n'].sum():,}"
    if row["verdict"] in NO_BREAK:
        return say("chart-qualification-says", values)
    values |= {each: formats.share(row[each], digits=1) for each in ("before", "after")} | {"week": week_text(row["since"])}
    return say("chart-qualification-says-break", values)
