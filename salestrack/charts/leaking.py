"""Where prospects leave: how many at each step and how fast, and in which few groups most of the value was lost."""

import pandas as pd
from matplotlib.axes import Axes

from salestrack import formats
from salestrack.analyses.funnel_words import share_text
from salestrack.analyses.leak_words import by_reason
from salestrack.analyses.leakage import Leaks
from salestrack.analyses.processes import PIPELINE
from salestrack.charts.canvas import canvas, finish, nothing_to_draw
from salestrack.charts.look import BELOW, GREYED, INK, MAIN, MUTED, styled
from salestrack.charts.names import count, joined, parted, period_name, plain, scope_name, step_names
from salestrack.charts.rows import column_left, column_right, height_of, name_rows
from salestrack.charts.scales import limits, number_axis
from salestrack.definition import MONEY, SHARE
from salestrack.display import name_of
from salestrack.errors import unknown
from salestrack.wording import label_of, say

MOST_ROWS = 12
"""Groups of a Pareto chart that are drawn by themselves."""
_GAP = 0.7


@styled()
def leaks(answer: Leaks, by: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw at which steps prospects leave and how fast; or, with `by`, in which groups the value was lost, the most first.

    Parameters
    ----------
    answer : Leaks
        What `leaks` gives.
    by : str, optional
        ``reason``, or one of the break-downs of the answer. None: the steps.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`.

    Raises
    ------
    UnknownNameError
        The answer has no such break-down.
    """
    if by is None:
        return _by_step(answer, ax)
    if by not in ("reason", *answer.by):
        raise unknown("break-down", by, ["reason", *answer.by], "in this answer")
    return _pareto(answer, by, ax)


def _by_step(answer: Leaks, ax: Axes | None) -> Axes:
    title = joined(say("chart-leaks"), period_name(answer.during), scope_name(answer.where))
    rows = answer.frame
    if rows.empty or not rows["left"].sum():
        return nothing_to_draw(ax, title, " ".join(answer.sentences))
    places = (pd.Series(range(len(rows))) + _GAP * parted(rows)).tolist()
    few = rows["note"] != ""
    ax = canvas(ax, height_of(len(rows) + _GAP * max(parted(rows).iloc[-1], 1), 1.7))
    ax.hlines(places, rows["week_low"], rows["week_high"], color=MUTED, linewidth=1.6, gid="interval")
    colours = [GREYED if each else MAIN for each in few]
    ax.scatter(rows["week_share"], places, s=46, color=colours, zorder=3, gid="week_share")
    name_rows(ax, places, step_names(rows))
    column_left(ax, places, [count(n) for n in rows["left"]], say("chart-leaks-left"))
    currency = answer.book.settings.currency
    worth = [formats.figure(row["amount"], MONEY, currency, short=True) if row["amount"] else "" for row in rows.to_dict("records")]
    column_right(ax, places, worth)
    known = rows["week_high"].where(~few)
    reach = known.max() if known.notna().any() else rows["week_high"].max()
    number_axis(ax.xaxis, limits([reach], zero=True), SHARE, "", most=4)
    ax.set_xlabel(say("chart-leaks-axis"))
    return finish(ax, title, _says(rows), say("chart-leaks-note"), answer.first)


def _says(rows: pd.DataFrame) -> str:
    told = [
        say(
            "chart-leaks-row",
            {
                "step": name,
                "left": count(row["left"]),
                "share": share_text(row["share"]),
                "week": share_text(row["week_share"]),
            },
        )
        for name, row in zip(step_names(rows), rows.to_dict("records"), strict=True)
    ]
    return say("chart-leaks-says", {"rows": "; ".join(told)})


def _pareto(answer: Leaks, by: str, ax: Axes | None) -> Axes:
    title = joined(say("chart-leaks-by", {"by": label_of(by).lower()}), period_name(answer.during), scope_name(answer.where))
    rows = _groups(answer, by)
    if rows.empty or not rows["amount"].sum():
        return nothing_to_draw(ax, title, say("chart-leaks-no-value"))
    shown, more = rows.head(MOST_ROWS), max(len(rows) - MOST_ROWS, 0)
    names = [_name(row, by) for row in shown.to_dict("records")]
    places = list(range(len(shown)))
    ax = canvas(ax, height_of(len(shown), 1.7))
    colours = [BELOW if standing == "above" else MAIN for standing in shown["standing"]]
    ax.barh(places, shown["share_of_amount"], height=0.66, color=colours, gid="share_of_amount")
    ax.plot(shown["running_share"], places, color=INK, linewidth=1.2, marker="o", markersize=4, gid="running_share")
    name_rows(ax, places, names)
    column_left(ax, places, [count(n) for n in shown["left"]], say("chart-leaks-left"))
    column_right(ax, places, [formats.share(share) for share in shown["running_share"]])
    number_axis(ax.xaxis, (0.0, 1.03), SHARE, "", most=4)
    ax.set_xlabel(say("chart-leaks-value-axis"))
    rows_told = [f"{name} {formats.share(share)}" for name, share in zip(names, shown["share_of_amount"], strict=True)]
    says = say(
        "chart-leaks-by-says",
        {
            "amount": formats.figure(rows["amount"].sum(), MONEY, answer.book.settings.currency, short=True),
            "rows": ", ".join(rows_told),
        },
    )
    return finish(ax, title, says, say("chart-leaks-by-note", {"more": more, "marked": "yes" if BELOW in colours else "no"}))


def _name(row: dict, by: str) -> str:
    """Return what a group is called; of several sales processes it is a group of one of them."""
    return " · ".join(filter(None, (row.get(PIPELINE), plain(name_of(row["group"], by)))))


def _of_all(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the groups of several sales processes in one order, their shares of all that was lost."""
    rows = rows.sort_values("amount", ascending=False, kind="stable", ignore_index=True)
    share = rows["amount"] / rows["amount"].sum()
    return rows.assign(share_of_amount=share, running_share=share.cumsum())


def _groups(answer: Leaks, by: str) -> pd.DataFrame:
    if by != "reason":
        rows = answer.groups[answer.groups["by"] == by].reset_index(drop=True)
        return _of_all(rows) if answer.processes else rows
    sold = answer.reasons[answer.reasons["cohort"] == "opportunities"]
    one = by_reason(sold).rename(columns={"reason": "group"})
    share = one["amount"] / one["amount"].sum()
    return one.assign(share_of_amount=share, running_share=share.cumsum(), standing="")
