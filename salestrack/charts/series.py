"""Where a figure has been, period by period: lines with their intervals, periods that are not complete set apart."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salestrack import formats
from salestrack.analyses.trend import TrendAnswer
from salestrack.charts.canvas import canvas, finish, nothing_to_draw
from salestrack.charts.look import GREYED, INK, LINES, MANY_MARKS, MUTED, SHADE, SMALL, TEXT, styled
from salestrack.charts.names import count, figure_text, group_names, one_metric, title_of, unit_word, why_empty
from salestrack.charts.scales import kept_apart, limits, number_axis, within_reach
from salestrack.errors import DefinitionError
from salestrack.formula import Total
from salestrack.measure import Measured
from salestrack.periods import GRAINS, Grain, Period
from salestrack.wording import label_of, say

MOST_LINES = 6
_HEIGHT = 3.5
# Points of paper that the names of periods may fill, and that a character of them takes.
_NAMES_FILL, _CHARACTER = 280, 6.0
# More points than this on a line are a curve; only those with something to say keep their dot.
_MOST_DOTS = 60
_LABEL_GAP = 0.08
_LINE_NAME = 14


class _Lines(NamedTuple):
    """What is drawn: the periods, one frame for each line (value, low, high, n, note, partial by period), and what is not."""

    grain: Grain
    periods: list[str]
    lines: dict[str, pd.DataFrame]
    hidden: int


@styled()
def over_time(
    result: Measured | TrendAnswer, ax: Axes | None = None, target: float | None = None, reference: float | None = None
) -> Axes:
    """Draw a figure period by period, with its interval.

    Parameters
    ----------
    result : Measured or TrendAnswer
        One metric broken down by a calendar grain and, for several lines, by something else.
    ax : Axes, optional
        Where to draw; None: a new figure.
    target : float, optional
        A goal to hold it against, in the metric's unit (shares 0 to 1).
    reference : float, optional
        A level from elsewhere, to compare with only.

    Returns
    -------
    Axes
        The chart, with `alt`.

    Notes
    -----
    Periods that are not complete in the book are hollow, dashed and labelled. What is undefined is a gap. Points with too few
    numbers to judge are small and grey. Of more than 6 lines those with the largest n are drawn.

    Raises
    ------
    DefinitionError
        The result holds several metrics, or is not broken down by a calendar grain.
    """
    one = one_metric(result.measured if isinstance(result, TrendAnswer) else result)
    found = _lines(one)
    title = _title(one, found)
    if not any(frame["value"].notna().any() for frame in found.lines.values()):
        return nothing_to_draw(ax, title, why_empty(one))
    ax = canvas(ax, _HEIGHT)
    metric = one.metrics[0]
    levels = {key: level for key, level in (("chart-target", target), ("chart-reference", reference)) if level is not None}
    shown, _ = _reach(found, target)
    ends = limits(shown, zero=isinstance(one.parts[metric.name].formula, Total), unit=metric.unit)
    for colour, (name, frame) in zip(LINES, found.lines.items(), strict=False):
        _draw_line(ax, frame, colour, name, faint=len(found.lines) > 1)
    for key, level in levels.items():
        ax.axhline(level, color=INK, linewidth=1.2, linestyle=(0, (1, 2)), gid=key.removeprefix("chart-"))
    _draw_periods(ax, found)
    number_axis(ax.yaxis, ends, metric.unit, one.book.settings.currency)
    _label_ends(ax, one, found, ends, levels)
    ax.set_ylabel(unit_word(metric.unit, one.book.settings.currency))
    caption = result.sentences[0] if isinstance(result, TrendAnswer) else None
    return finish(ax, title, _says(one, found, levels), _note(one, found), caption)


def _lines(one: Measured) -> _Lines:
    grains = [name for name in one.by if name in GRAINS]
    if not grains:
        raise DefinitionError(
            f"Over time needs figures by a calendar grain ({', '.join(GRAINS)}); these are by {', '.join(one.by) or 'nothing'}. "
            "Measure with by='month', for example."
        )
    grain, others = grains[0], [name for name in one.by if name != grains[0]]
    dated = one.frame[one.frame[grain].notna()]
    if dated["value"].isna().all():
        return _Lines(grain, [], {}, 0)  # type: ignore[arg-type]
    first, last = (one.book.period(name) for name in (dated[grain].min(), dated[grain].max()))
    span = Period(first.start, last.end, "all", None, first.fiscal_year_start)
    periods = [period.name for period in span.split(grain)]  # type: ignore[arg-type]
    unfinished = dated.groupby(grain)["partial"].any().reindex(periods, fill_value=False)
    total = isinstance(one.parts[one.metrics[0].name].formula, Total)
    named = dated.assign(
        line=group_names(dated, others, _LINE_NAME) if others else "",
        nameless=dated[others].isna().any(axis=1) if others else False,
    )
    groups = named.groupby("line", sort=False)
    # Rows without a name are a line only where there is no other.
    nameless = groups["nameless"].first()
    order = groups["n"].sum().where(~nameless, -1).sort_values(ascending=False, kind="stable").index
    largest = [name for i, name in enumerate(order) if i == 0 or (i < MOST_LINES and not nameless[name])]
    lines = {name: _whole(group.set_index(grain), periods, unfinished, total) for name, group in groups if name in largest}
    return _Lines(grain, periods, lines, groups.ngroups - len(lines))  # type: ignore[arg-type]


def _whole(frame: pd.DataFrame, periods: list[str], unfinished: pd.Series, total: bool) -> pd.DataFrame:
    """Give a line a row for every period: of a total, no rows are nothing; of anything else, undefined."""
    frame = frame[["value", "low", "high", "n", "note"]].reindex(periods)
    frame["n"] = frame["n"].fillna(0)
    return frame.assign(value=frame["value"].fillna(0.0) if total else frame["value"], partial=unfinished.to_numpy(dtype=bool))


def _reach(found: _Lines, target: float | None = None) -> tuple[list[float], bool]:
    frames = pd.concat(found.lines.values())
    return within_reach([*frames["value"], *([] if target is None else [target])], [*frames["low"], *frames["high"]])


def _draw_periods(ax: Axes, found: _Lines) -> None:
    """Set the period axis: as many names as fit, the last one always; incomplete periods shaded and named."""
    last = len(found.periods) - 1
    fit = int(_NAMES_FILL / (_CHARACTER * (len(found.periods[-1]) + 2)))
    step = -(-(last + 1) // fit)
    ticks = list(range(last, -1, -step))[::-1]
    ax.set_xticks(ticks, labels=[found.periods[i] for i in ticks])
    air = max(0.5, last * 0.015)
    ax.set_xlim(-air, last + air)
    ax.grid(visible=False, axis="x")
    partial = np.flatnonzero(next(iter(found.lines.values()))["partial"].to_numpy())
    for run in np.split(partial, np.flatnonzero(np.diff(partial) > 1) + 1):
        if len(run):
            ax.axvspan(run[0] - 0.5, run[-1] + 0.5, color=SHADE, linewidth=0, zorder=0, gid="partial")
            middle = (run[0] + run[-1]) / 2
            side = "left" if middle < last * 0.08 else "right" if middle > last * 0.92 else "center"
            at = {"left": run[0] - 0.5, "right": run[-1] + 0.5, "center": middle}[side if last else "center"]
            ax.annotate(say("chart-partial"), (at, 1), xycoords=ax.get_xaxis_transform(), xytext=(0, 2), textcoords="offset points",
                        ha=side if last else "center", va="bottom", size=SMALL, color=MUTED, gid="partial_label")  # fmt: skip


def _draw_line(ax: Axes, frame: pd.DataFrame, colour: str, name: str, faint: bool) -> None:
    x, value = np.arange(len(frame)), frame["value"].to_numpy(dtype=float)
    partial, few = frame["partial"].to_numpy(), (frame["note"] == "too_few").to_numpy()
    low, high = (frame[limit].to_numpy(dtype=float) for limit in ("low", "high"))
    ax.fill_between(x, low, high, color=colour, alpha=0.09 if faint else 0.16, linewidth=0, gid="interval")
    alone = _alone(low)
    ax.vlines(x[alone], low[alone], high[alone], color=colour, alpha=0.35, linewidth=3, gid="interval_alone")
    beside = partial | np.append(partial[1:], False) | np.insert(partial[:-1], 0, False)
    ax.plot(x, np.where(beside, value, np.nan), color=colour, linewidth=1.6, linestyle=(0, (3, 2)), gid="line_partial")
    ax.plot(x, np.where(partial, np.nan, value), color=colour, linewidth=2, label=name, gid="line")
    known = ~np.isnan(value)
    dotted = known if len(x) <= _MOST_DOTS else _alone(value)
    for gid, mask, face, edge, size in (
        ("value", dotted & ~partial & ~few, colour, colour, 26),
        ("value_too_few", known & few & ~partial, "white", GREYED, 16),
        ("value_partial", known & partial, "white", colour, 30),
    ):
        dots = ax.scatter(x[mask], value[mask], s=size, facecolor=face, edgecolor=edge, linewidth=1.4, zorder=3, gid=gid)
        dots.set_rasterized(int(mask.sum()) > MANY_MARKS)


def _alone(value: np.ndarray) -> np.ndarray:
    """Whether each point has no neighbour to draw a line to."""
    known = np.concatenate([[False], ~np.isnan(value), [False]])
    return known[1:-1] & ~known[:-2] & ~known[2:]


def _label_ends(ax: Axes, one: Measured, found: _Lines, ends: tuple[float, float], levels: dict[str, float]) -> None:
    """Name each line, its last value and the levels at the right, kept apart from each other."""
    texts, at, colours = [], [], []
    for colour, (name, frame) in zip(LINES, found.lines.items(), strict=False):
        known = frame["value"].dropna()
        if len(known):
            value = figure_text(one, known.iloc[-1])
            so_far = not name and frame.loc[known.index[-1], "partial"]
            texts.append(say("chart-so-far", {"value": value}) if so_far else f"{name} {value}".strip())
            at.append(float(known.iloc[-1]))
            colours.append(colour)
    for key, level in levels.items():
        texts.append(say(key, {"value": figure_text(one, level)}))
        at.append(level)
        colours.append(INK)
    places = kept_apart([(value - ends[0]) / (ends[1] - ends[0]) for value in at], _LABEL_GAP)
    for text, place, colour in zip(texts, places, colours, strict=True):
        ax.annotate(text, (1, place), xycoords="axes fraction", xytext=(5, 0), textcoords="offset points", ha="left",
                    va="center_baseline", color=colour, size=TEXT if len(texts) < 3 else SMALL, gid="end_label")  # fmt: skip


def _title(one: Measured, found: _Lines) -> str:
    span = "" if not found.periods else say("chart-span", {"first": found.periods[0], "last": found.periods[-1]})
    return title_of(one, one.metrics[0], one.by, span if len(found.periods) > 1 else "".join(found.periods))


def _says(one: Measured, found: _Lines, levels: dict[str, float]) -> str:
    said = [_line_says(one, name, frame) for name, frame in found.lines.items()]
    if len(said) > 1:
        said = [say("chart-lines", {"lines": "; ".join(said)})]
    said += [say(key, {"value": figure_text(one, level)}) + "." for key, level in levels.items()]
    if any(frame["partial"].any() for frame in found.lines.values()):
        frame = next(iter(found.lines.values()))
        said.append(say("chart-partial-periods", {"periods": ", ".join(frame.index[frame["partial"]][:4])}))
    return " ".join(said)


def _line_says(one: Measured, name: str, frame: pd.DataFrame) -> str:
    """Say the lowest, the highest and the last of a line: of the complete periods with enough to judge, if there are any."""
    known = frame[frame["value"].notna()]
    if known.empty:
        return say("chart-line-empty", {"name": name})
    complete = known[~known["partial"]]
    judged = complete[complete["note"] != "too_few"]
    told = next(each for each in (judged, complete, known) if len(each))
    values: dict[str, object] = {"name": name, "periods": len(told)}
    for what, i in (("low", told["value"].argmin()), ("high", told["value"].argmax()), ("last", -1)):
        row = told.iloc[i]
        values |= {what: figure_text(one, row["value"]), f"{what}_in": row.name, f"{what}_n": count(row["n"])}
    if name:
        return say("chart-line-named", values)
    return say("chart-line" if len(told) > 1 else "chart-line-one", values)


def _note(one: Measured, found: _Lines) -> str:
    frames = pd.concat(found.lines.values())
    notes = []
    if frames["low"].notna().any():
        notes.append(say("chart-band", {"confidence": formats.share(one.confidence)}))
        notes += [say("chart-cut")] if _reach(found)[1] else []
    known = frames[frames["value"].notna() & ~frames["partial"]]
    if len(known):
        grain = say(f"grain-{found.grain.replace('_', '-')}")
        notes.append(say("chart-n-range", {"least": count(known["n"].min()), "most": count(known["n"].max()), "grain": grain}))
    if frames["partial"].any():
        notes.append(say("chart-hollow"))
    if ((frames["note"] == "too_few") & ~frames["partial"]).any():
        notes.append(say("chart-small-grey", {"n": one.metrics[0].min_n}))
    if found.hidden:
        others = ", ".join(label_of(name).lower() for name in one.by if name != found.grain)
        notes.append(say("chart-lines-left-out", {"n": found.hidden, "by": others}))
    return " ".join(notes)
