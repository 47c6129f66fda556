"""A rep's page: where the own hours go, against the team and against the own past, to help and not to grade."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.alike_weeks import of_shares
from salestrack.analyses.answer import Answer
from salestrack.analyses.hours import (
    cannot_answer,
    decimal_text,
    figures_beside,
    hours_by,
    interval_text,
    listed,
    named_among,
    nameless,
    no_table,
    period_text,
    shares_of_hours,
    timed_of,
    unclassified,
    unit_of,
    without_hours,
)
from salestrack.book import Book
from salestrack.columns import view
from salestrack.definition import SHARE, find_metric
from salestrack.display import Table, name_of
from salestrack.errors import unknown
from salestrack.groups import first_day
from salestrack.periods import Period
from salestrack.recorded import no_names
from salestrack.stats.compare import difference, verdict
from salestrack.stats.intervals import Interval
from salestrack.tables import CATEGORIES
from salestrack.wording import label_of, mid_sentence, say

KEY_FIGURES = ("win_rate", "average_deal_size", "bookings", "quota_attainment")
# Less than two points more or less of one's hours is alike, where it can be told at all.
ALIKE = 0.02
_WRONGLY_TOLD = 0.05
_TEAM = ("team_value", "team_low", "team_high", "team_n", "team_note")
_MIX = (
    "against", "category", "hours", "share", "low", "high", "n", "units",
    "other_hours", "other_share", "other_low", "other_high", "difference", "difference_low", "difference_high", "verdict",
)  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class RepPage(Answer):
    """A rep's hours and key figures.

    Parameters
    ----------
    rep, team : str
        Names; the team is empty where the rep has none or no colleagues in it, and everyone else stands for it.
    unit : str
        ``week`` or ``day``: the observations behind the intervals.
    figures : pandas.DataFrame
        A row for each key figure that the book can answer: metric, value, low, high, n, note, and the same of the team's others as
        team_value, team_low, team_high, team_n, team_note (null for totals, which are not comparable), verdict (``up``: above
        the team, ``down``, ``flat``, ``cannot_tell``).
    """

    rep: str = field(kw_only=True)
    team: str = field(kw_only=True)
    unit: str = field(kw_only=True)
    figures: pd.DataFrame = field(kw_only=True)


@dataclass(frozen=True)
class _Person:
    """Who the page is about, and whom the rep is held against."""

    rep_id: str
    name: str
    team: str
    others: list[str]
    link: str

    def scope(self, where: dict) -> dict:
        """Return a scope narrowed to the rep."""
        return where | {self.link: self.rep_id}

    def scope_of_others(self, where: dict) -> dict:
        """Return a scope narrowed to those whom the rep is held against."""
        return where | {self.link: self.others}


def rep_page(book: Book, rep: str, *, during: Period | str | None = None, where: Mapping[str, object] | None = None) -> RepPage:
    """Return where a rep's hours go, against the rest of the team and against the same span before.

    Parameters
    ----------
    book : Book
        The book.
    rep : str
        Key or name of the rep, or both as tables show them: ``"Kim (R7)"``. Empty: nobody's page, which says how to ask for one.
    during : Period or str, optional
        The period; None: all that the book holds, which has no span before it.
    where : mapping, optional
        Scope, as in `measure`.

    Returns
    -------
    RepPage
        ``frame``, a row for each comparison (against ``team`` and ``past``) and category: hours, share of the rep's hours with
        low and high (95 %), n (activities), units (weeks or days behind it), the other's hours, share and limits, the
        difference of the shares with limits, and verdict (``up``: more than the other, ``down``, ``flat``: within two points,
        ``cannot_tell``). The limits of all differences of the page hold together with 95 % (Bonferroni), so that a page without
        real differences says so in 19 of 20 cases. Null limits: fewer than 10 weeks or days.

    Raises
    ------
    UnknownNameError
        There is no such rep; the message offers the nearest names.

    Notes
    -----
    A share of hours is a ratio of two sums over weeks (days, where the period has fewer than ten weeks): hours of one rep come in
    days and weeks, so activities are not independent of each other. A deal fills many weeks, so they are not independent either:
    the variance is taken so many times as blocks of weeks of one rep vary more than independent weeks would, measured over the
    other reps and the whole record (`salestrack.alike_weeks.of_shares`). Differences by MOVER
    (`salestrack.stats.compare.difference`).

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques (3rd ed.), section 3.12. Wiley.
    """
    period, scope = None if during is None else book.period(during), dict(where or {})
    reason = cannot_answer(book, scope, period) or ("" if rep else say("rep-page-nobody")) or no_names(book)
    person = _Person("", rep, "", [], "") if book.lacks("activities") or not rep else _person(book, rep)
    unit = unit_of(period)
    frame, said, figures = pd.DataFrame(columns=list(_MIX)), [reason], pd.DataFrame()
    title = say("rep-page-title", {"book": book.name, "rep": person.name, "period": period_text(period)})
    table = no_table(title)
    if not reason:
        own = hours_by(book, ("category", unit), period, person.scope(scope))
        nothing = unclassified(own["category"], own["n"].sum()) if own["hours"].sum() else ""
        nothing = nothing or (without_hours(book, own, period) if own["n"].sum() else "")
        partly = nameless(named_among(book, period, scope), period)
        none = say("rep-page-named-on-none" if partly else "rep-page-none", {"rep": person.name, "period": period_text(period)})
        said = [nothing or none, *([partly] if partly else [])]
        if own["hours"].sum() and not nothing:
            others = _others(book, person, unit, period, scope)
            times = of_shares(book, "category", unit, person.rep_id)
            frame, figures = _mix(own, others, unit, times), _figures(book, person, period, scope)
            whole = _sentences(book, frame, own, person, (period, unit))
            timed = timed_of(own, period) or timed_of(others.get("team", own), period)
            said, table = [*whole[:1], *timed, *said[1:], *whole[1:]], _table(frame, period, title)
    metrics = tuple(find_metric(name) for name in ("activity_hours", *KEY_FIGURES))
    return RepPage(
        book, metrics, period, scope, frame, tuple(said), table, rep=person.name, team=person.team, unit=unit, figures=figures,
        against=None if period is None else period.previous(),
    )  # fmt: skip


def _person(book: Book, rep: str) -> _Person:
    if not book.has("reps"):
        ids = book.connection.to_pyarrow(book.table("activities").select("rep_id").distinct()).column(0).to_pylist()
        if rep not in ids:
            raise unknown("rep", rep, ids)
        return _Person(rep, rep, "", [each for each in ids if each != rep], "rep_id")
    found = view(book, "reps", None, (), {"rep": rep}).table.select("rep_id")
    rep_id = str(book.connection.to_pyarrow(found).column(0)[0])
    roster = book.fetch(book.table("reps").select("rep_id", "name", "team")).set_index("rep_id")
    team = roster["team"].dropna().get(rep_id)
    mates = [] if team is None else [str(each) for each in roster.index[roster["team"] == team] if each != rep_id]
    others = mates or [str(each) for each in roster.index if each != rep_id]
    return _Person(rep_id, str(roster.loc[rep_id, "name"]), str(team) if mates else "", others, "rep")


def _others(book: Book, person: _Person, unit: str, period: Period | None, scope: dict) -> dict[str, pd.DataFrame]:
    """Return the hours that the rep's own are held against: those of the others, and the own of the span before."""
    found = {"team": hours_by(book, ("category", unit), period, person.scope_of_others(scope))} if person.others else {}
    if period is not None:
        earlier, first = period.previous(), first_day(book, "activities", "started_at")
        # A span that the record does not cover from its first day has another mix for that reason alone.
        if first and first <= earlier.start:
            found["past"] = hours_by(book, ("category", unit), earlier, person.scope(scope))
    return {name: hours for name, hours in found.items() if hours["hours"].sum() > 0}


def _mix(own: pd.DataFrame, others: Mapping[str, pd.DataFrame], unit: str, times: Mapping[Any, float]) -> pd.DataFrame:
    """Return the rep's mix beside each other one, category by category."""
    seen = [name for name in CATEGORIES if any(name in set(each["category"]) for each in (own, *others.values()))]
    together = 1 - _WRONGLY_TOLD / max(len(seen) * len(others), 1)
    n = own.groupby("category")["n"].sum().reindex(seen, fill_value=0)
    stated, wider = (_shares(own, unit, seen, (level, times)) for level in (0.95, together))
    frames = []
    for against, hours in others.items():
        other, other_wider = (_shares(hours, unit, seen, (level, times)) for level in (0.95, together))
        gap = difference(_interval(wider), _interval(other_wider))
        beside = {f"other_{name}": other[name] for name in ("hours", "share", "low", "high")}
        gaps = {"difference": gap.value, "difference_low": gap.low, "difference_high": gap.high}
        words = {"verdict": verdict(gap.low, gap.high, -ALIKE, ALIKE)}
        frames.append(stated.assign(against=against, n=n, **beside, **gaps, **words).rename_axis("category").reset_index())
    if not frames:
        frames = [stated.assign(against="", n=n, verdict="cannot_tell").rename_axis("category").reset_index()]
    return pd.concat(frames, ignore_index=True).reindex(columns=list(_MIX))


def _shares(hours: pd.DataFrame, unit: str, categories: list[str], how: tuple[float, Mapping[Any, float]]) -> pd.DataFrame:
    found = shares_of_hours(hours, "category", unit, *how).reindex(categories)
    return found.fillna({"hours": 0.0, "share": 0.0, "units": hours[unit].nunique()}).astype({"units": "int64"})


def _interval(shares: pd.DataFrame) -> Interval:
    return Interval(*(shares[name].to_numpy() for name in ("share", "low", "high")))


def _figures(book: Book, person: _Person, period: Period | None, scope: dict) -> pd.DataFrame:
    """Return the rep's key figures beside those of the others; none where the book has no table of reps to tell them by."""
    if not book.has("reps"):
        return pd.DataFrame(columns=["metric", "value", "low", "high", "n", "note", *_TEAM, "verdict"])
    frame = figures_beside(book, KEY_FIGURES, period, person.scope(scope))
    team = figures_beside(book, KEY_FIGURES, period, person.scope_of_others(scope)) if person.others else frame.iloc[:0]
    whole = frame.merge(team.add_prefix("team_"), left_on="metric", right_on="team_metric", how="left").drop(columns="team_metric")
    total = whole["metric"] == "bookings"
    whole.loc[total, ["team_value", "team_low", "team_high"]] = np.nan
    gap = difference(*(Interval(*(whole[f"{side}{name}"] for name in ("value", "low", "high"))) for side in ("", "team_")))
    few = (whole["note"] != "") | (whole["team_note"] != "")
    return whole.assign(verdict=np.where(few, "cannot_tell", verdict(gap.low, gap.high)))


def _sentences(book: Book, frame: pd.DataFrame, own: pd.DataFrame, person: _Person, asked: tuple[Period | None, str]) -> list[str]:
    period, unit = asked
    whole = own.assign(category=own["category"].isin(book.settings.selling_categories).map({True: "selling", False: "rest"}))
    times = {"selling": of_shares(book, "selling", unit, person.rep_id).get(True, 1.0)}
    selling = shares_of_hours(whole, "category", unit, times=times).reindex(["selling"]).iloc[0]
    team = say("rep-page-team", {"team": person.team}) if person.team else say("rep-page-everyone")
    values = {
        "rep": person.name, "hours": decimal_text(own["hours"].sum()), "n": f"{own['n'].sum():,}", "period": period_text(period),
        "units": own[unit].nunique(), "unit": say(f"grain-{unit}"), "team": team,
        "share": formats.share(0.0 if pd.isna(selling["share"]) else selling["share"]),
        "interval": interval_text(selling["low"], selling["high"]),
    }  # fmt: skip
    said = [say("rep-page-hours" if pd.notna(selling["low"]) else "rep-page-hours-few", values)]
    for against, rows in frame[frame["against"] != ""].groupby("against", sort=False):
        other = {"other": team if against == "team" else str(period.previous() if period else "")}
        told = {word: rows[rows["verdict"] == word] for word in ("up", "down")}
        said += [
            say(f"rep-page-{word}", other | {"kinds": listed(map(_beside, some.to_dict("records")))})
            for word, some in told.items()
            if len(some)
        ]
        if not any(map(len, told.values())):
            said.append(say("rep-page-alike" if rows["difference_low"].notna().any() else "rep-page-too-few", other | values))
        if against == "team":
            said += _freed(book, told["up"], own, (unit, team))
    if "past" not in set(frame["against"]):
        said.append(say("rep-page-no-past"))
    return [*said, say("rep-page-no-grade", values)]


def _beside(row: dict) -> str:
    values = {"kind": mid_sentence(name_of(row["category"], "category"))}
    return say("rep-page-beside", values | {name: formats.share(row[name]) for name in ("share", "other_share")})


def _freed(book: Book, more: pd.DataFrame, own: pd.DataFrame, asked: tuple[str, str]) -> list[str]:
    """Say what the team's share of the largest such category would leave for other work."""
    unit, team = asked
    rest = more[~more["category"].isin(book.settings.selling_categories)]
    if rest.empty:
        return []
    row = rest.nlargest(1, "difference").iloc[0]
    logged = own["hours"].sum() / own[unit].nunique()
    hours = {name: decimal_text(row[name] * logged) for name in ("difference", "difference_low", "difference_high")}
    values = {"kind": mid_sentence(name_of(row["category"], "category")), "unit": say(f"grain-{unit}"), "team": team}
    return [
        say(
            "rep-page-freed",
            values | {"hours": hours["difference"], "low": hours["difference_low"], "high": hours["difference_high"]},
        )
    ]


def _table(frame: pd.DataFrame, period: Period | None, title: str) -> Table:
    own = frame[frame["against"] == frame["against"].iloc[0]]
    columns = {
        (label_of("category"), ""): [name_of(name, "category") for name in own["category"]],
        (say("rep-page-own"), say("rep-page-hours-head")): [decimal_text(hours) for hours in own["hours"]],
        (say("rep-page-own"), say("rep-page-share")): [formats.share(share) for share in own["share"]],
        (say("rep-page-own"), say("column-interval", {"confidence": formats.share(0.95)})): [
            interval_text(low, high) for low, high in zip(own["low"], own["high"], strict=True)
        ],
    }
    for against, rows in frame[frame["against"] != ""].groupby("against", sort=False):
        head = say("rep-page-others") if against == "team" else str(period.previous() if period else "")
        columns[head, say("rep-page-share")] = [formats.share(share) for share in rows["other_share"]]
        columns[head, say("column-change")] = [formats.change(gap, SHARE, "") for gap in rows["difference"]]
        columns[head, say("column-verdict")] = [say(f"rep-page-verdict-{word.replace('_', '-')}") for word in rows["verdict"]]
    return Table(pd.DataFrame(columns), title, say("rep-page-note"), 1)
