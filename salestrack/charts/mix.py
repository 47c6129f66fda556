"""What a total is made of: hours by category, the selling ones in the strong colour."""

from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes

from salestrack import formats
from salestrack.charts.canvas import canvas, finish, key_of_colours, nothing_to_draw
from salestrack.charts.look import CARD, MAIN, SMALL, WIDTH, category_colours, styled, text_on
from salestrack.charts.names import count, figure_text, group_names, listing, one_metric, title_of, unit_word, why_empty
from salestrack.charts.rows import column_left, column_right, height_of, name_rows
from salestrack.charts.scales import limits, number_axis
from salestrack.definition import DAYS, HOURS, SHARE
from salestrack.errors import DefinitionError
from salestrack.formula import Total
from salestrack.measure import Measured
from salestrack.periods import GRAINS
from salestrack.wording import label_of, say

MOST_ROWS = 25
_KINDS = 8
_OTHERS = "…"
# Points of paper that a percentage takes, a character of a name, and what stands beside bars and names.
_PERCENTAGE, _CHARACTER, _BESIDE = 27, 6.3, 110


class _Mix(NamedTuple):
    """Totals by group (rows) and kind (columns), which kinds are selling, and how many groups are not drawn."""

    table: pd.DataFrame
    n: pd.Series
    kind: str
    selling: list[str]
    colours: dict[str, str]
    hidden: int


@styled()
def shares(result: Measured, ax: Axes | None = None) -> Axes:
    """Draw what a total is made of: one bar for each kind or, for several groups, one bar of 100 % for each group.

    Parameters
    ----------
    result : Measured
        One total, such as `activity_hours`, broken down by category (or by anything) and, for several bars, by a group.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`.

    Notes
    -----
    The kinds are the column ``category`` if there is one, else the last of ``by``. Colours of categories are fixed; the book's
    selling categories come first, in the strong colour.

    Raises
    ------
    DefinitionError
        The result holds several metrics, is not broken down, or is not a total, so that its groups do not add up.
    """
    one = one_metric(result)
    title = title_of(one, one.metrics[0], one.by)
    if one.frame["value"].fillna(0).sum() <= 0:
        return nothing_to_draw(ax, title, why_empty(one))
    mix = _mix(one)
    grouped = len(one.by) > 1
    ax = canvas(ax, height_of(len(mix.table) if grouped else mix.table.shape[1], 1.9 if grouped else 1.0))
    (_draw_stacks if grouped else _draw_bars)(ax, one, mix)
    finish(ax, title, _says(one, mix), _note(one, mix))
    return key_of_colours(ax, {_kind_name(mix, name): mix.colours[name] for name in mix.table.columns}) if grouped else ax


def _mix(one: Measured) -> _Mix:
    if not isinstance(one.parts[one.metrics[0].name].formula, Total) or not one.by:
        raise DefinitionError(f"Shares need a total that is broken down; {one.metrics[0].name} by {list(one.by)} is none.")
    kind = next((name for name in one.by if name.rpartition(".")[2] == "category"), one.by[-1])
    groups = [name for name in one.by if name != kind]
    frame = one.frame.assign(group=group_names(one.frame, groups), kind=one.frame[kind].map(str, na_action="ignore").fillna(""))
    kinds = _kinds(frame, one)
    table = frame.pivot_table(index="group", columns="kind", values="value", aggfunc="sum", fill_value=0.0, sort=False)
    table = table.assign(**{_OTHERS: table.drop(columns=kinds).sum(axis=1)}) if len(kinds) < table.shape[1] else table
    kinds = [*kinds, _OTHERS] if _OTHERS in table else kinds
    selling = [name for name in kinds if kind.endswith("category") and name in one.book.settings.selling_categories]
    kinds = [*selling, *(name for name in kinds if name not in selling)]
    n = frame.groupby("group" if groups else "kind", sort=False)["n"].sum()
    dated = bool(groups) and groups[0] in GRAINS
    kept = table.index[-MOST_ROWS:] if dated else table.sum(axis=1).sort_values(ascending=False, kind="stable").index[:MOST_ROWS]
    shown = table.loc[[name for name in table.index if name in set(kept)], kinds]
    return _Mix(shown, n, kind, selling, category_colours(kinds, tuple(selling)), len(table) - len(shown))


def _kinds(frame: pd.DataFrame, one: Measured) -> list[str]:
    """Return the kinds to draw in the result's order: all, or the largest where there are too many to tell apart."""
    totals = frame.groupby("kind", sort=False)["value"].sum()
    totals = totals[totals > 0]
    if len(totals) <= _KINDS:
        return list(totals.index)
    largest = set(totals.sort_values(ascending=False, kind="stable").index[: _KINDS - 1])
    return [name for name in totals.index if name in largest]


def _kind_name(mix: _Mix, name: str) -> str:
    if name == _OTHERS:
        return say("chart-others")
    if not name:
        return say("not-recorded")
    return group_names(pd.DataFrame({mix.kind: [name]}), [mix.kind], 22)[0]


def _draw_bars(ax: Axes, one: Measured, mix: _Mix) -> None:
    totals = _largest_first(mix.table.iloc[0])
    places = list(range(len(totals)))
    colours = [mix.colours[name] if mix.selling else MAIN for name in totals.index]
    ax.barh(places, totals, height=0.66, color=colours, gid="value")
    name_rows(ax, places, [_kind_name(mix, name) for name in totals.index])
    column_left(ax, places, [count(mix.n.get(name, 0)) if name != _OTHERS else "" for name in totals.index], say("column-n"))
    column_right(ax, places, [f"{figure_text(one, value)} · {formats.share(value / totals.sum())}" for value in totals])
    metric, currency = one.metrics[0], one.book.settings.currency
    number_axis(ax.xaxis, limits(totals, zero=True), metric.unit, currency, most=4)
    ax.set_xlabel(unit_word(metric.unit, currency))


def _largest_first(totals: pd.Series) -> pd.Series:
    """Sort kinds by size; what is lumped together stays last."""
    return totals.sort_values(ascending=False, kind="stable", key=lambda t: t.where(t.index != _OTHERS, -1.0))


def _draw_stacks(ax: Axes, one: Measured, mix: _Mix) -> None:
    totals = mix.table.sum(axis=1)
    parts = mix.table.div(totals.where(totals > 0), axis=0).fillna(0.0)
    places, left = list(range(len(parts))), pd.Series(0.0, index=parts.index)
    roomy = _PERCENTAGE / (72 * WIDTH - _BESIDE - _CHARACTER * max(map(len, parts.index)))
    for i, name in enumerate(parts.columns):
        colour = mix.colours[str(name)]
        ax.barh(places, parts[name], left=left, height=0.74, color=colour, edgecolor=CARD, linewidth=1, gid=f"share_{i}")
        for place, width, start in zip(places, parts[name], left, strict=True):
            if width >= roomy:
                ax.text(start + width / 2, place, formats.share(width), ha="center", va="center_baseline", size=SMALL,
                        color=text_on(colour), gid="share_label")  # fmt: skip
        left = left + parts[name]
    name_rows(ax, places, list(parts.index))
    column_left(
        ax, places, [figure_text(one, total) for total in totals], unit_word(one.metrics[0].unit, one.book.settings.currency)
    )
    if mix.selling:
        column_right(ax, places, _selling_texts(mix), [MAIN] * len(places))
        ax.annotate(say("chart-selling"), (1, -1), xycoords=ax.get_yaxis_transform(), xytext=(4, 0), textcoords="offset points",
                    ha="left", va="center_baseline", color=MAIN, size=SMALL, gid="selling_head")  # fmt: skip
    number_axis(ax.xaxis, (0.0, 1.0), SHARE, "")
    ax.set_xlabel(say("chart-share-of", {"metric": label_of(one.metrics[0].name, one.metrics[0].label).lower()}))


def _selling_texts(mix: _Mix) -> list[str]:
    return [formats.share(row[mix.selling].sum() / row.sum()) if row.sum() else formats.DASH for _, row in mix.table.iterrows()]


def _says(one: Measured, mix: _Mix) -> str:
    totals = _largest_first(mix.table.sum())
    whole = totals.sum()
    named = [f"{_kind_name(mix, str(name))} {formats.share(value / whole)}" for name, value in totals.items()]
    unit = one.metrics[0].unit
    total = figure_text(one, whole) + (f" {unit_word(unit, '')}" if unit in (HOURS, DAYS) else "")
    said = [say("chart-mix", {"total": total, "kinds": ", ".join(named), "n": count(mix.n.sum())})]
    if mix.selling:
        said.append(say("chart-mix-selling", {"share": formats.share(totals[mix.selling].sum() / whole)}))
        if len(mix.table) > 1:
            rows = [f"{name} {text}" for name, text in zip(mix.table.index, _selling_texts(mix), strict=True)]
            said.append(say("chart-mix-groups", {"groups": listing(rows)}))
    return " ".join(said)


def _note(one: Measured, mix: _Mix) -> str:
    notes = []
    if one.frame["partial"].any():
        notes.append(say("chart-partial-period"))
    if mix.hidden:
        notes.append(say("chart-groups-left-out", {"n": mix.hidden}))
    return " ".join(notes)
