"""Who does most of each kind of activity: everyone as a dot, those whom chance does not explain marked."""

import pandas as pd
from matplotlib.axes import Axes

from salestrack import formats
from salestrack.analyses.leader_board import LeaderBoard
from salestrack.charts.canvas import canvas, finish, nothing_to_draw
from salestrack.charts.look import ABOVE, BELOW, INK, MUTED, styled
from salestrack.charts.names import count, group_names, joined, listing, period_name, scope_name
from salestrack.charts.rows import column_left, column_right, height_of, name_rows
from salestrack.charts.scales import limits, number_axis
from salestrack.definition import DAYS
from salestrack.display import name_of
from salestrack.wording import label_of, mid_sentence, say

MOST_KINDS = 20
_LOOKS = {"like": (MUTED, "o", 22), "above": (ABOVE, "^", 46), "below": (BELOW, "v", 46)}
_ROW = 1.25


@styled()
def leader_board(answer: LeaderBoard, ax: Axes | None = None) -> Axes:
    """Draw the rate of everyone at each kind of activity, and mark those above or below the rest by more than chance.

    Parameters
    ----------
    answer : LeaderBoard
        What `leaders` gives.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`; a line marks the mean of all. Those with too few weeks or days are not drawn. Of more than 20 kinds
        the largest are drawn.
    """
    metric = answer.metrics[0]
    label = label_of(metric.name, metric.label)
    title = joined(say("chart-leaders", {"metric": label}), period_name(answer.during), scope_name(answer.where))
    if answer.frame.empty:
        return nothing_to_draw(ax, title, " ".join(answer.sentences))
    rows = answer.frame[answer.frame["standing"] != "too_few"]
    if rows.empty:
        return nothing_to_draw(ax, title, say("chart-leaders-few"))
    totals = answer.frame.groupby(answer.each, sort=False)["total"].sum()
    kinds = totals.nlargest(MOST_KINDS).index.tolist()
    rows = rows[rows[answer.each].isin(kinds)]
    ax = canvas(ax, height_of(len(kinds) * _ROW, 1.2))
    for place, kind in enumerate(kinds):
        _draw_kind(ax, place, rows[rows[answer.each] == kind])
    name_rows(ax, range(len(kinds)), group_names(pd.DataFrame({answer.each: kinds}), [answer.each]))
    column_left(ax, range(len(kinds)), [formats.figure(totals[kind], DAYS, "") for kind in kinds], say("leaders-column-total"))
    column_right(ax, range(len(kinds)), [_counted(rows.loc[rows[answer.each] == kind, "standing"]) for kind in kinds])
    number_axis(ax.xaxis, limits(rows["rate"], zero=True), DAYS, "")
    unit = say("grain-week" if answer.unit == "rep" else f"grain-{answer.unit}")
    ax.set_xlabel(say("chart-leaders-axis", {"metric": mid_sentence(label), "unit": unit}))
    return finish(ax, title, _says(answer, rows, kinds), _note(answer, len(totals) - len(kinds)))


def _draw_kind(ax: Axes, place: int, rows: pd.DataFrame) -> None:
    usual = rows["rate"].mul(rows["n"]).sum() / rows["n"].sum()
    ax.vlines(usual, place - 0.25, place + 0.25, color=INK, linewidth=1.4, gid="usual")
    for word, (colour, marker, size) in _LOOKS.items():
        told = rows[rows["standing"] == word]
        at = [place] * len(told)
        ax.scatter(told["rate"], at, s=size, marker=marker, color=colour, alpha=0.7, linewidth=0, zorder=3, gid=word)


def _counted(standing: pd.Series) -> str:
    """Return how many are told apart, each way."""
    counts = {mark: int((standing == word).sum()) for word, mark in (("above", "▲"), ("below", "▼"))}
    return "  ".join(f"{n} {mark}" for mark, n in counts.items() if n)


def _says(answer: LeaderBoard, rows: pd.DataFrame, kinds: list[str]) -> str:
    said = []
    for kind in kinds:
        some = rows[rows[answer.each] == kind]
        told = [
            say(f"leaders-{word}", {"names": listing([name_of(name, answer.by) for name in names])})
            for word in ("above", "below")
            if len(names := some.loc[some["standing"] == word, answer.by])
        ]
        if told:
            said.append(f"{name_of(kind, answer.each)}: {'; '.join(told)}.")
    counted = say("chart-leaders-says", {"n": count(rows[answer.by].nunique()), "kinds": len(kinds)})
    return " ".join([counted, *(said or [say("chart-no-standing")])])


def _note(answer: LeaderBoard, hidden: int) -> str:
    few = answer.frame.loc[answer.frame["standing"] == "too_few", answer.by].nunique()
    notes = [say("chart-leaders-note")]
    notes += [say("chart-few", {"n": few})] if few else []
    notes += [say("chart-groups-left-out", {"n": hidden})] if hidden else []
    return " ".join(notes)
