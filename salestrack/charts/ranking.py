"""Who stands where: groups in order of their value, those with too few numbers set apart."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from salestrack import formats
from salestrack.charts.canvas import canvas, finish, nothing_to_draw
from salestrack.charts.look import ABOVE, BELOW, GREYED, INK, MUTED, SMALL, styled
from salestrack.charts.names import count, figure_text, group_names, listing, one_metric, title_of, unit_word, why_empty
from salestrack.charts.rows import column_left, column_right, height_of, name_rows
from salestrack.charts.scales import limits, number_axis, within_reach
from salestrack.charts.standing import counts_of, standings
from salestrack.definition import LOWER, Metric
from salestrack.estimate import ADDITIVE
from salestrack.formula import Total
from salestrack.measure import Measured
from salestrack.stats.shrinkage import shrink_shares
from salestrack.wording import say

MOST_ROWS = 25
# Groups of people and patches are drawn towards each other; an estimate of how much needs a handful of them.
_HOLDERS = {"rep", "rep_id", "territory", "territory_id"}
_FEWEST_TO_SHRINK = 5
_LOOKS = {"above": (ABOVE, "^"), "below": (BELOW, "v"), "": (MUTED, "o")}


class _Ranking(NamedTuple):
    """All groups in order, those of them that are drawn with their places, and the figure of all together."""

    rows: pd.DataFrame
    shown: pd.DataFrame
    overall: float
    overall_n: int

    def hidden(self, kind: str) -> int:
        """How many groups of a kind are not drawn."""
        return int((self.rows["kind"] == kind).sum() - (self.shown["kind"] == kind).sum())


@styled()
def ranked(result: Measured, metric: Metric | str | None = None, ax: Axes | None = None) -> Axes:
    """Draw groups in order of their value, each with its interval and n.

    Parameters
    ----------
    result : Measured
        Figures broken down by something.
    metric : Metric or str, optional
        Which of its metrics; needed where it holds several.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`.

    Notes
    -----
    Groups with too few numbers to judge stand below, greyed and not in order; so do those without a name. Only groups that
    differ from the rest by more than chance would make some of so many differ are coloured (`salestrack.stats.multiple`); reps
    and territories show their share shrunk towards the others, too (`salestrack.stats.shrinkage`). Of more than 25 groups the
    two ends are drawn.

    Raises
    ------
    DefinitionError
        The result holds several metrics and none was named.
    """
    one = one_metric(result, metric)
    title = title_of(one, one.metrics[0], one.by)
    if one.frame["value"].isna().all():
        return nothing_to_draw(ax, title, why_empty(one))
    ranking = _ranking(one)
    ax = canvas(ax, height_of(ranking.shown["place"].max() + 1.5))
    (_draw_bars if _is_total(one) else _draw_dots)(ax, one, ranking)
    _draw_names(ax, one, ranking)
    return finish(ax, title, _says(one, ranking), _note(one, ranking))


def _is_total(one: Measured) -> bool:
    return isinstance(one.parts[one.metrics[0].name].formula, Total)


def _ranking(one: Measured) -> _Ranking:
    metric = one.metrics[0]
    additive = isinstance(one.parts[metric.name].formula, ADDITIVE)
    overall = (one.regroup() if additive else one.overall).frame.iloc[0]
    rows = one.frame.assign(name=group_names(one.frame, one.by), kind=_kinds(one), standing="", shrunk=np.nan)
    if one.by and not _is_total(one):
        rows = _with_standing(one, rows)
    better_first = rows["value"] if metric.better == LOWER else -rows["value"]
    order = {"judged": 0, "too_few": 1, "undefined": 2, "unnamed": 3}
    rows = rows.assign(order=rows["kind"].map(order), by_value=better_first.where(rows["kind"] == "judged", 0.0))
    rows = rows.sort_values(["order", "by_value", "name"], kind="stable").reset_index(drop=True)
    return _Ranking(rows, _shown(rows), float(overall["value"]), int(overall["n"]))


def _kinds(one: Measured) -> np.ndarray:
    frame = one.frame
    unnamed = frame[list(one.by)].isna().any(axis=1) if one.by else pd.Series(False, index=frame.index)
    few, undefined = frame["note"] == "too_few", frame["value"].isna()
    return np.select([undefined, unnamed, few], ["undefined", "unnamed", "too_few"], "judged")


def _with_standing(one: Measured, rows: pd.DataFrame) -> pd.DataFrame:
    """Add who differs from the rest (null: not tested), and the shrunk shares of counts."""
    words = standings(one)
    judged = rows["kind"] == "judged"
    standing = None if words is None else np.where(judged & np.isin(words, ["above", "below"]), words, "")
    rows = rows.assign(standing=standing)
    counts = counts_of(one)
    named = (rows["kind"] != "unnamed").to_numpy() & (rows["n"] > 0).to_numpy()
    if counts and named.sum() >= _FEWEST_TO_SHRINK and {name.rpartition(".")[2] for name in one.by} & _HOLDERS:
        k, n = counts
        rows.loc[named, "shrunk"] = shrink_shares(k[named], n[named], one.confidence).value
    return rows


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows to draw with their places; a gap, with room for a heading, where the order breaks."""
    judged = rows["kind"] == "judged"
    if judged.sum() > MOST_ROWS:
        top, bottom = rows[judged].head(MOST_ROWS // 2 + 1), rows[judged].tail(MOST_ROWS // 2)
        shown = pd.concat([top, bottom])
        place = np.arange(len(shown)) + np.where(np.arange(len(shown)) >= len(top), 1.0, 0.0)
    else:
        shown = rows.head(MOST_ROWS)
        gap = (shown["kind"] != "judged").any() and judged.any()
        place = np.arange(len(shown)) + np.where(shown["kind"] != "judged", 1.0 if gap else 0.0, 0.0)
    return shown.assign(place=place)


def _draw_dots(ax: Axes, one: Measured, ranking: _Ranking) -> None:
    rows, metric = ranking.shown, one.metrics[0]
    ends = limits(_reach(ranking)[0], unit=metric.unit)
    if one.by and not np.isnan(ranking.overall):
        ax.axvline(ranking.overall, color=INK, linewidth=1, linestyle=(0, (4, 3)), gid="overall", zorder=1.5)
        text = say("chart-overall", {"value": figure_text(one, ranking.overall)})
        ax.annotate(text, (ranking.overall, 1), xycoords=ax.get_xaxis_transform(), xytext=(0, 3), textcoords="offset points",
                    ha=_towards_middle(ranking.overall, ends), va="bottom", size=SMALL, gid="overall_label")  # fmt: skip
    defined = rows[rows["value"].notna()].fillna({"standing": ""})
    for (kind, standing), group in defined.groupby(["kind", "standing"], sort=False):
        colour, marker = _LOOKS[str(standing)] if kind == "judged" else (GREYED, "o")
        known = group[group["low"].notna()]
        ax.hlines(known["place"], known["low"], known["high"], color=colour, linewidth=1.6, gid=f"interval_{standing or kind}")
        face = colour if kind == "judged" else "white"
        ax.scatter(group["value"], group["place"], s=46, marker=marker, facecolor=face, edgecolor=colour, linewidth=1.4,
                   zorder=3, gid=f"value_{standing or kind}")  # fmt: skip
    shrunk = rows[rows["shrunk"].notna()]
    ax.scatter(shrunk["shrunk"], shrunk["place"], s=26, marker="D", facecolor="white", edgecolor=MUTED, linewidth=1,
               zorder=2.5, gid="shrunk")  # fmt: skip
    number_axis(ax.xaxis, ends, metric.unit, one.book.settings.currency)


def _reach(ranking: _Ranking) -> tuple[list[float], bool]:
    rows = ranking.shown
    return within_reach([*rows["value"], *rows["shrunk"], ranking.overall], [*rows["low"], *rows["high"]])


def _towards_middle(value: float, ends: tuple[float, float]) -> str:
    share = (value - ends[0]) / (ends[1] - ends[0])
    return "left" if share < 0.15 else "right" if share > 0.85 else "center"


def _draw_bars(ax: Axes, one: Measured, ranking: _Ranking) -> None:
    rows, metric = ranking.shown, one.metrics[0]
    colours = [MUTED if kind == "unnamed" else ABOVE for kind in rows["kind"]]
    ax.barh(rows["place"], rows["value"], height=0.66, color=colours, gid="value")
    number_axis(ax.xaxis, limits(rows["value"], zero=True), metric.unit, one.book.settings.currency, most=4)


def _draw_names(ax: Axes, one: Measured, ranking: _Ranking) -> None:
    rows, metric = ranking.shown, one.metrics[0]
    places = rows["place"].tolist()
    greyed = [MUTED if kind != "judged" else INK for kind in rows["kind"]]
    name_rows(ax, places, rows["name"].tolist(), greyed)
    column_left(ax, places, [count(n) for n in rows["n"]], say("column-n"))
    column_right(ax, places, [figure_text(one, value) for value in rows["value"]], greyed)
    ax.set_xlabel(unit_word(metric.unit, one.book.settings.currency))
    for before, place, kind in zip(places, places[1:], rows["kind"].iloc[1:], strict=False):
        if place - before > 1:
            heading = _heading(metric, ranking, kind)
            ax.annotate(heading, (0, place - 1), xycoords=ax.get_yaxis_transform(), xytext=(-8, 0), textcoords="offset points",
                        ha="right", va="center_baseline", color=MUTED, size=SMALL, gid="heading")  # fmt: skip


def _heading(metric: Metric, ranking: _Ranking, kind: str) -> str:
    """Say what the gap before a row of this kind means."""
    if kind == "judged":
        return say("chart-between", {"n": ranking.hidden("judged")})
    few = (ranking.shown["kind"] == "too_few").any()
    return say("chart-too-few", {"n": metric.min_n}) if few else say("chart-not-ranked")


def _says(one: Measured, ranking: _Ranking) -> str:
    rows = ranking.rows[ranking.rows["kind"] == "judged"]
    values = {"overall": figure_text(one, ranking.overall), "overall_n": count(ranking.overall_n), "groups": len(rows)}
    for what, row in zip(("first", "last"), rows.iloc[[0, -1]].to_dict("records") if len(rows) else (), strict=False):
        values[what] = say("chart-figure", {"name": row["name"], "value": figure_text(one, row["value"]), "n": count(row["n"])})
    said = [say(("chart-ranked-none", "chart-ranked-one", "chart-ranked")[min(len(rows), 2)], values)]
    for standing in ("above", "below"):
        names = rows.loc[rows["standing"] == standing, "name"].tolist()
        if names:
            said.append(say(f"chart-{standing}", {"names": listing(names)}))
    if few := int((ranking.rows["kind"] == "too_few").sum()):
        said.append(say("chart-few", {"n": few}))
    return " ".join(said)


def _note(one: Measured, ranking: _Ranking) -> str:
    rows, notes = ranking.rows, []
    if rows["low"].notna().any():
        notes.append(say("chart-line-interval", {"confidence": formats.share(one.confidence)}))
        notes += [say("chart-cut")] if _reach(ranking)[1] else []
    if rows["standing"].isin(["above", "below"]).any():
        notes.append(say("chart-standing"))
    elif rows["standing"].notna().any() and (rows["kind"] == "judged").sum() > 1 and not _is_total(one):
        notes.append(say("chart-no-standing"))
    if rows["shrunk"].notna().any():
        notes.append(say("chart-shrunk"))
    if one.frame["partial"].any():
        notes.append(say("chart-partial-period"))
    if left_out := sum(ranking.hidden(kind) for kind in ("too_few", "undefined", "unnamed")):
        notes.append(say("chart-left-out", {"n": left_out}))
    return " ".join(notes)
