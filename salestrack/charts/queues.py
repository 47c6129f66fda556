"""Who waits in which stage: how many, for how long already, and how many it would be at the usual pace."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salestrack import formats
from salestrack.analyses.bottlenecks import Bottlenecks
from salestrack.analyses.processes import PIPELINE
from salestrack.charts.canvas import canvas, finish, key_of_colours, nothing_to_draw
from salestrack.charts.look import BELOW, GREYED, INK, MAIN, MUTED, styled
from salestrack.charts.names import count, group_names, joined, period_name, scope_name
from salestrack.charts.rows import column_left, column_right, height_of, name_rows
from salestrack.charts.scales import limits, number_axis
from salestrack.definition import COUNT, MONEY
from salestrack.stats.intervals import MIN_N
from salestrack.wording import say

MOST_ROWS = 25
_BANDS = {"short": GREYED, "long": MAIN, "very_long": BELOW}
_MARK = 0.42
_SHORT = 2
_KINDS = (("whole", MAIN), ("few", GREYED), ("before", MUTED), ("since", BELOW))


@styled()
def queues(answer: Bottlenecks, ax: Axes | None = None) -> Axes:
    """Draw how many opportunities wait in each stage, by how long they have waited, with the usual queue as a mark.

    Parameters
    ----------
    answer : Bottlenecks
        What `salestrack.bottlenecks` answered.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`: a bar for each stage (and group), its value at the right. Of more than 25 rows those in which most
        wait.
    """
    title = joined(say("chart-queues"), formats.day(answer.day), scope_name(answer.where))
    parted = {*answer.by} - {PIPELINE}
    rows = answer.frame[answer.frame["waiting"] > 0] if parted else answer.frame
    if not rows["waiting"].sum():
        return nothing_to_draw(ax, title, answer.first)
    rows = rows.loc[rows["waiting"].sort_values(ascending=False, kind="stable").index[:MOST_ROWS].sort_values()]
    places = np.arange(len(rows))
    ax = canvas(ax, height_of(len(rows), 1.9))
    bands = _bands(rows)
    start = np.zeros(len(rows))
    for name, colour in _BANDS.items():
        ax.barh(places, bands[name], left=start, height=0.66, color=colour, gid=f"waiting_{name}")
        start = start + bands[name].to_numpy()
    ax.vlines(rows["expected"], places - _MARK, places + _MARK, color=INK, linewidth=2, gid="expected")
    name_rows(ax, places.tolist(), group_names(rows, [*answer.by, "stage"]))
    column_left(ax, places.tolist(), [count(n) for n in rows["waiting"]], say("column-n"))
    currency = answer.book.settings.currency
    column_right(ax, places.tolist(), [formats.figure(value, MONEY, currency, short=True) for value in rows["value"]])
    number_axis(ax.xaxis, limits([*rows["waiting"], *rows["expected"]], zero=True), COUNT, "", most=4)
    ax.set_xlabel(say("chart-queues-axis"))
    named = zip(group_names(rows, [*answer.by, "stage"]), rows.to_dict("records"), strict=True)
    told = (say("chart-queues-row", {"name": name, "n": count(row["waiting"]), "usual": _usual(row)}) for name, row in named)
    says = say("chart-queues-says", {"rows": ", ".join(told)})
    note = say("chart-queues-note")
    if len(rows) < (answer.frame["waiting"] > 0).sum():
        note += " " + say("chart-left-out", {"n": int((answer.frame["waiting"] > 0).sum()) - len(rows)})
    ax = finish(ax, title, says, note, answer.first)
    return key_of_colours(ax, {say(f"chart-queues-{name.replace('_', '-')}"): colour for name, colour in _BANDS.items()})


def _bands(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how many have waited for a short, a long and a very long time; what is not reached by the usual ones is none."""
    over, very = rows["over_median"].fillna(0), rows["over_p90"].fillna(0)
    return pd.DataFrame({"short": rows["waiting"] - over, "long": over - very, "very_long": very})


def _usual(row: dict) -> str:
    return formats.DASH if pd.isna(row["expected"]) else f"{row['expected']:,.0f}"


@styled()
def time_in_stage(answer: Bottlenecks, ax: Axes | None = None) -> Axes:
    """Draw the median days in each stage with its interval and P90, and before and since a change where one is told.

    Parameters
    ----------
    answer : Bottlenecks
        What `salestrack.bottlenecks` answered.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`. Of more than 25 rows the first.
    """
    title = joined(say("chart-stay"), period_name(answer.during), scope_name(answer.where))
    rows = _stays(answer)
    if rows["median"].isna().all():
        return nothing_to_draw(ax, title, answer.first)
    shown = rows.head(MOST_ROWS)
    texts = [_text(*row) for row in shown[["median", "low"]].itertuples(index=False)]
    ax = canvas(ax, height_of(len(shown), 1.5))
    places = np.arange(len(shown), dtype=float)
    # Where times are recorded and nothing lasts two days, the axis counts hours.
    lasting = shown[["median", "p90"]].to_numpy(dtype=float)
    hourly = bool(np.nanmax(lasting) < _SHORT and np.nanmax(lasting % 1) > 0)
    if hourly:
        shown = shown.assign(**{name: shown[name].astype(float) * 24 for name in ("median", "low", "high", "p90")})
    # A limit that was not reached runs to the end of the drawing.
    end = float(np.nanmax(shown[["median", "high", "p90"]].to_numpy(dtype=float))) * 1.04
    for kind, colour in _KINDS:
        at = (shown["kind"] == kind).to_numpy()
        some = shown[at]
        known = some["low"].notna().to_numpy()
        ax.hlines(
            places[at][known],
            some["low"][known],
            some["high"].fillna(end)[known],
            color=colour,
            linewidth=1.8,
            gid=f"interval_{kind}",
        )
        ax.scatter(
            some["median"], places[at], s=46, color=colour, marker="^" if kind == "since" else "o", zorder=3, gid=f"median_{kind}"
        )
        ax.scatter(some["p90"], places[at], s=60, color=colour, marker="|", linewidth=1.8, zorder=3, gid=f"p90_{kind}")
    name_rows(ax, places.tolist(), shown["name"].tolist())
    column_left(ax, places.tolist(), [count(n) for n in shown["n"]], say("column-n"))
    column_right(ax, places.tolist(), texts)
    number_axis(ax.xaxis, limits([0, end]), COUNT, "")
    ax.set_xlabel(say("unit-hours" if hourly else "unit-days"))
    told = (say("chart-stay-row", {"name": name, "days": text}) for name, text in zip(shown["name"], texts, strict=True))
    notes = [say("chart-stay-note")]
    notes += [say("chart-stay-few")] if (shown["kind"] == "few").any() else []
    notes += [say("chart-left-out", {"n": len(rows) - len(shown)})] if len(rows) > len(shown) else []
    return finish(ax, title, say("chart-stay-says", {"rows": ", ".join(told)}), " ".join(notes), answer.first)


def _stays(answer: Bottlenecks) -> pd.DataFrame:
    """Return a row for each stage and group and, below it, two for each change told in it."""
    frame = answer.frame.assign(name=group_names(answer.frame, [*answer.by, "stage"]))
    groups = list(answer.changes.columns[1 : answer.changes.columns.get_loc("stage")])
    # Changes are looked for in stages and segments: of a rep or a team none is told.
    told = answer.changes[answer.changes["change"].isin(["slower", "faster"]) & ({*answer.by} <= {*groups})]
    rows = []
    for row in frame.to_dict("records"):
        kind = "few" if row["n"] < MIN_N else "whole"
        ends = {"low": row["median_low"], "high": row["median_high"], "p90": row["p90"]}
        rows.append({"kind": kind, "name": row["name"], "n": row["n"], "median": row["median"], **ends})
        here = told[told["stage"] == row["stage"]]
        for name in (each for each in answer.by if each in here):
            here = here[here[name].isna() if pd.isna(row[name]) else here[name] == row[name]]
        # Where a single group has changed, the whole of its stage says the same once more.
        here = here[~here["whole"].astype(bool)] if (~here["whole"].astype(bool)).any() else here
        for change in here.to_dict("records"):
            rest = [name for name in groups if name not in answer.by]
            group = "" if not rest or change["whole"] else group_names(pd.DataFrame([change]), rest)[0]
            values = {"group": group, "since": formats.month(change["since"])}
            for kind in ("before", "since"):
                ends = {end: change[f"median_{kind}_{end}"] for end in ("low", "high")}
                rows.append({"kind": kind, "name": " ".join(say(f"chart-stay-{kind}", values).split()), "n": change[f"n_{kind}"],
                             "median": change[f"median_{kind}"], **ends, "p90": np.nan})  # fmt: skip
    return pd.DataFrame(rows, columns=["kind", "name", "n", "median", "low", "high", "p90"])


def _text(days: float, low: float) -> str:
    if pd.notna(days):
        return _short(days)
    return formats.DASH if pd.isna(low) else say("chart-stay-at-least", {"days": _short(low)})


def _short(days: float) -> str:
    """Write a number of days without its name; what is less than one as hours, with theirs."""
    return formats.span(days) if 0 < days < 1 else f"{days:,.0f}"
