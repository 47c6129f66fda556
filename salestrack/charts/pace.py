"""Where a period stands on its day: bookings day by day, over those of the past periods."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from salestrack import formats
from salestrack.analyses.pace import Pace
from salestrack.charts.canvas import canvas, finish, nothing_to_draw
from salestrack.charts.look import GREYED, INK, MAIN, MUTED, SMALL, styled
from salestrack.charts.names import joined, scope_name, unit_word
from salestrack.charts.scales import kept_apart, limits, number_axis
from salestrack.definition import MONEY
from salestrack.wording import say

_HEIGHT = 3.4
_GAP = 0.07


@styled()
def pace(answer: Pace, ax: Axes | None = None) -> Axes:
    """Draw bookings since the period began, day by day, over those of the past periods.

    Parameters
    ----------
    answer : Pace
        What `salestrack.pace` answered.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`.
    """
    currency = answer.book.settings.currency
    head = say("chart-pace", {"unit": unit_word(MONEY, currency)})
    title, says = joined(head, str(answer.during), scope_name(answer.where)), " ".join(answer.sentences)
    if answer.curves.empty:
        return nothing_to_draw(ax, title, says)
    past, now = (answer.curves[answer.curves["current"] == which] for which in (False, True))
    ax = canvas(ax, _HEIGHT)
    for _, curve in past.groupby("period", sort=False):
        ax.step(curve["day_number"], curve["booked"], where="post", color=GREYED, linewidth=1, alpha=0.75, gid="past")
    ax.step(now["day_number"], now["booked"], where="post", color=MAIN, linewidth=2.4, gid="current")
    ax.axvline(answer.day_number, color=INK, linewidth=1, linestyle=(0, (1, 2)), gid="day", zorder=1.5)
    last = now.iloc[-1]
    ax.scatter([last["day_number"]], [last["booked"]], s=40, color=MAIN, zorder=3, gid="now")
    ends = limits(answer.curves["booked"], zero=True)
    number_axis(ax.yaxis, ends, MONEY, currency)
    length = max(int(answer.curves["day_number"].max()), answer.during.days if answer.during else 0)
    ax.set_xlim(1, length)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.tick_params(axis="x", labelsize=SMALL, labelcolor=MUTED)
    ax.set_xlabel(say("chart-pace-axis"))
    _name_ends(ax, answer, past, now, ends)
    periods = past["period"].nunique()
    note = say("chart-pace-note", {"past": periods, "day": answer.day_number}) if periods else say("chart-pace-alone")
    return finish(ax, title, says, note)


def _name_ends(ax: Axes, answer: Pace, past: pd.DataFrame, now: pd.DataFrame, ends: tuple[float, float]) -> None:
    """Write beside the drawing what the current period stands at, and where the past ones ended."""
    currency, last = answer.book.settings.currency, now.iloc[-1]["booked"]
    money = formats.figure(last, MONEY, currency, short=True)
    texts = [(last, say("chart-pace-now", {"period": str(answer.during), "booked": money}), MAIN)]
    finals = past.groupby("period", sort=False)["booked"].last()
    for value in [finals.min(), finals.max()] if len(finals) > 1 else list(finals):
        texts.append((value, formats.figure(value, MONEY, currency, short=True), MUTED))
    shares = [(value - ends[0]) / (ends[1] - ends[0]) for value, _, _ in texts]
    for place, (_, text, colour) in zip(kept_apart(shares, _GAP), texts, strict=True):
        ax.annotate(text, (1, place), xycoords="axes fraction", xytext=(6, 0), textcoords="offset points", ha="left",
                    va="center_baseline", color=colour, size=SMALL, annotation_clip=False, gid="end_label")  # fmt: skip
