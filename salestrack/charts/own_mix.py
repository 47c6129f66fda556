"""A rep's hours by category beside those of the team and of the own past."""

import pandas as pd
from matplotlib.axes import Axes

from salestrack import formats
from salestrack.analyses.rep_page import RepPage
from salestrack.charts.canvas import canvas, finish, nothing_to_draw
from salestrack.charts.look import ABOVE, BELOW, INK, MUTED, styled
from salestrack.charts.names import group_names, joined, listing, period_name, plain, scope_name
from salestrack.charts.rows import column_left, column_right, height_of, name_rows
from salestrack.charts.scales import limits, number_axis, within_reach
from salestrack.definition import HOURS, SHARE
from salestrack.wording import say

# A row holds three marks, one under the other.
_ROW, _OWN, _OTHERS = 1.55, -0.2, {"team": 0.12, "past": 0.36}
_MARKS = {"team": "D", "past": "s"}
_LOOKS = {"up": (ABOVE, "^"), "down": (BELOW, "v")}


@styled()
def own_mix(answer: RepPage, ax: Axes | None = None) -> Axes:
    """Draw what share of a rep's hours each category takes, with the team's and the own past's share under it.

    Parameters
    ----------
    answer : RepPage
        What `rep_page` gives.
    ax : Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    Axes
        The chart, with `alt`. Only a category that differs from the team by more than chance is coloured, with a mark that
        points the way.
    """
    title = joined(say("chart-own-mix", {"rep": plain(answer.rep)}), period_name(answer.during), scope_name(answer.where))
    if answer.frame.empty:
        return nothing_to_draw(ax, title, " ".join(answer.sentences))
    sides = {str(name): rows.reset_index(drop=True) for name, rows in answer.frame.groupby("against", sort=False)}
    own = next(iter(sides.values()))
    others = {name: rows for name, rows in sides.items() if name in _OTHERS}
    places = list(range(len(own)))
    ax = canvas(ax, height_of(len(own) * _ROW, 1.1))
    for name, rows in others.items():
        _draw_other(ax, name, rows)
    standing = others["team"]["verdict"] if "team" in others else pd.Series("", index=own.index)
    _draw_own(ax, own, standing)
    name_rows(ax, places, group_names(own, ["category"]))
    column_left(ax, places, [formats.figure(hours, HOURS, "") for hours in own["hours"]], say("chart-unit-hours"))
    column_right(ax, places, [formats.share(share) for share in own["share"]])
    drawn = [own["share"], *(rows["other_share"] for rows in others.values())]
    ends = [own["low"], own["high"], *(rows[name] for rows in others.values() for name in ("other_low", "other_high"))]
    reach, cut = within_reach(pd.concat(drawn), pd.concat(ends))
    number_axis(ax.xaxis, limits(reach, zero=True, unit=SHARE), SHARE, "")
    ax.set_xlabel(say("chart-share-of-hours"))
    return finish(ax, title, _says(answer, own, standing), _note(answer, others, cut=cut))


def _draw_own(ax: Axes, own: pd.DataFrame, standing: pd.Series) -> None:
    for place, row, word in zip(range(len(own)), own.to_dict("records"), standing, strict=True):
        colour, marker = _LOOKS.get(word, (INK, "o"))
        ax.hlines(place + _OWN, row["low"], row["high"], color=colour, linewidth=2, gid=f"interval_{word}")
        ax.scatter(row["share"], place + _OWN, s=50, marker=marker, color=colour, zorder=3, gid=f"own_{word}")


def _draw_other(ax: Axes, name: str, rows: pd.DataFrame) -> None:
    places = [place + _OTHERS[name] for place in range(len(rows))]
    ax.hlines(places, rows["other_low"], rows["other_high"], color=MUTED, linewidth=1, gid=f"interval_{name}")
    ax.scatter(rows["other_share"], places, s=24, marker=_MARKS[name], facecolor="white", edgecolor=MUTED, linewidth=1.2,
               zorder=3, gid=name)  # fmt: skip


def _says(answer: RepPage, own: pd.DataFrame, standing: pd.Series) -> str:
    names = dict(zip(own["category"], group_names(own, ["category"]), strict=True))
    parts = ", ".join(f"{names[row['category']]} {formats.share(row['share'])}" for row in own.to_dict("records"))
    said = [say("chart-own-mix-says", {"hours": formats.figure(own["hours"].sum(), HOURS, ""), "parts": parts})]
    for word in ("up", "down"):
        told = [names[category] for category in own.loc[standing == word, "category"]]
        if told:
            said.append(say(f"chart-own-mix-{word}", {"other": _other(answer, "team"), "kinds": listing(told)}))
    return " ".join(said)


def _other(answer: RepPage, name: str) -> str:
    if name == "past":
        return str(answer.against)
    return say("rep-page-team", {"team": plain(answer.team)}) if answer.team else say("rep-page-everyone")


def _note(answer: RepPage, others: dict[str, pd.DataFrame], *, cut: bool) -> str:
    marks = [say(f"chart-own-mix-{name}", {"other": _other(answer, name)}) for name in others]
    notes = [say("chart-own-mix-note", {"marks": "; ".join([say("chart-own-mix-own"), *marks])})]
    if "team" in others:
        notes.append(say("chart-own-mix-colours"))
    return " ".join([*notes, say("chart-cut")] if cut else notes)
