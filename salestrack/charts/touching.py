"""When somebody last touched what is worth most: a heat map of the largest open opportunities, week by week."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from salestrack import formats
from salestrack.analyses.neglected import Neglected
from salestrack.charts.canvas import canvas, finish, nothing_to_draw
from salestrack.charts.look import BELOW, CARD, INK, MAIN, MUTED, SHADE, SMALL, styled, text_on
from salestrack.charts.names import joined, listing, plain, scope_name
from salestrack.charts.rows import column_left, column_right, height_of, name_rows
from salestrack.definition import MONEY
from salestrack.display import name_of
from salestrack.wording import say

# More touches than these in a week get the same colour; the number tells.
_MOST = 6
_NAME = 32


@styled()
def touches(answer: Neglected, ax: Axes | None = None) -> Axes:
    """Draw how often the most valuable open opportunities were touched in each of the last weeks.

    Parameters
    ----------
    answer : Neglected
        What `salestrack.neglected` answered.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`: a row for each opportunity, the largest amount first, its days without a touch beside the name; a
        cell for each week with the number of activities, empty where there was none, grey before it was created.
    """
    title = joined(say("touches-title"), formats.day(answer.book.as_of), scope_name(answer.where))
    if answer.touches.empty:
        return nothing_to_draw(ax, title, answer.sentences[0])
    rows = answer.touches.drop_duplicates("opportunity_id").reset_index(drop=True)
    weeks = answer.touches.pivot_table(index="opportunity_id", columns="weeks_ago", values="touches", dropna=False)
    weeks = weeks.loc[rows["opportunity_id"], sorted(weeks.columns, reverse=True)]
    ax = canvas(ax, height_of(len(rows), 1.5))
    _draw_cells(ax, weeks)
    _draw_names(ax, answer, rows, weeks)
    return finish(ax, title, _says(answer, rows), say("touches-note", {"days": answer.idle_days}), answer.sentences[0])


def _draw_cells(ax: Axes, weeks: pd.DataFrame) -> None:
    counts = weeks.to_numpy(dtype=float)
    colours = sns.light_palette(MAIN, n_colors=_MOST + 1)
    colours[0] = CARD
    ax.set_facecolor(SHADE)
    sns.heatmap(
        counts, ax=ax, mask=np.isnan(counts), cmap=colours, vmin=0, vmax=_MOST, cbar=False, linewidths=1, linecolor=CARD,
        xticklabels=False, yticklabels=False,
    )  # fmt: skip
    for (row, column), count in np.ndenumerate(counts):
        if count > 0:
            shade = colours[min(int(count), _MOST)]
            ax.text(column + 0.5, row + 0.5, f"{count:,.0f}", ha="center", va="center_baseline", size=SMALL,
                    color=text_on(shade), gid="touches")  # fmt: skip


def _draw_names(ax: Axes, answer: Neglected, rows: pd.DataFrame, weeks: pd.DataFrame) -> None:
    places = [i + 0.5 for i in range(len(rows))]
    name_rows(ax, places, [_name(row) for row in rows.to_dict("records")], [BELOW if each else INK for each in _idle(answer, rows)])
    ax.set_ylim(len(rows), 0)
    days = [formats.DASH if pd.isna(day) else f"{day:,.0f}" for day in rows["idle_days"]]
    column_left(ax, places, days, say("unit-days"))
    currency = answer.book.settings.currency
    column_right(ax, places, [formats.figure(amount, MONEY, currency, short=True) for amount in rows["amount"]])
    oldest = len(weeks.columns) - 1
    ax.set_xticks([0.5, oldest + 0.5], labels=[say("touches-oldest", {"n": oldest + 1}), say("touches-latest")])
    ax.tick_params(axis="x", length=0, labelcolor=MUTED, labelsize=SMALL, labelrotation=0)
    ax.grid(visible=False)


def _idle(answer: Neglected, rows: pd.DataFrame) -> pd.Series:
    return rows["idle_days"].fillna(0) > answer.idle_days


def _name(row: dict) -> str:
    opportunity = row["opportunity_id"] if pd.isna(row["name"]) else row["name"]
    return plain(f"{name_of(row['rep'], 'rep')} · {opportunity}", _NAME)


def _says(answer: Neglected, rows: pd.DataFrame) -> str:
    idle = rows[_idle(answer, rows)]
    values = {"n": len(rows), "idle": len(idle), "days": answer.idle_days}
    said = [say("touches-says", values)]
    if len(idle):
        said.append(say("touches-idle", {"names": listing([_name(row) for row in idle.to_dict("records")])}))
    return " ".join(said)
