"""Time sinks: much time, no opportunity attached, no sign that it goes with winning; and what moving some of it would go with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from salestrack.analyses.answer import Answer, Sentences
from salestrack.analyses.hours import (
    cannot_answer,
    hours_by,
    no_table,
    period_text,
    ratios_of_hours,
    shares_of_hours,
    timed_of,
    unclassified,
    unit_of,
    without_hours,
)
from salestrack.analyses.reallocation import MOST, Reallocation, reallocation
from salestrack.analyses.time_sinks_words import limits_of, sentences_of, table_of
from salestrack.analyses.winning import goes_with_winning
from salestrack.analyses.winning_words import CLEAR
from salestrack.book import Book
from salestrack.definition import find_metric
from salestrack.errors import ParameterError
from salestrack.periods import Period
from salestrack.wording import say

LARGE = 0.1
"""A category is large above this share of all hours."""
_USUAL_DAYS = 30
_NO_SIGN = ("cannot_tell", "less", "later", "later_or_less", "no_opportunity")
_METRICS = ("activity_hours", "activity_count", "win_rate", "average_deal_size")
_FIGURES = (
    "level", "category", "type", "hours", "n", "share", "low", "high", "unattached", "unattached_low", "unattached_high",
    "days", "effect", "effect_low", "effect_high", "adjusted_p", "association", "sink",
)  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class TimeSinks(Answer):
    """Categories and types of activity by how much time they take and what it goes with.

    Parameters
    ----------
    what_if : pandas.DataFrame
        What moving hours would go with: what (``hours_freed``, ``extra_activities``, ``extra_wins``, ``extra_bookings``), p10,
        p50, p90; empty where nothing is told apart or nothing is a sink. See the last sentences for why, and for what is
        assumed.
    best : str
        The category that hours are moved to; empty where there is no what-if.
    large : float
        Share of all hours above which a category counted as large.
    limits : Sentences
        What these figures cannot know.
    """

    what_if: pd.DataFrame = field(kw_only=True)
    best: str = field(kw_only=True)
    large: float = field(kw_only=True)
    limits: Sentences = field(kw_only=True)


def time_sinks(
    book: Book,
    *,
    during: Period | str | None = None,
    where: Mapping[str, object] | None = None,
    association: pd.DataFrame | None = None,
    freed: float = 0.2,
    large: float = LARGE,
) -> TimeSinks:
    """Rank categories and types of activity as time sinks, and say what moving some of those hours would go with.

    A category is a sink when more than a tenth of all hours goes into it, when most of its hours name no opportunity (both beyond
    chance), and when no association with winning can be told, or one with losing. Categories that count as selling are judged
    like all others; what no rule places is never one, as nobody knows what it is.

    Parameters
    ----------
    book : Book
        The book.
    during : Period or str, optional
        Whose hours; None: all that the book holds.
    where : mapping, optional
        Scope, as in `measure`.
    association : pandas.DataFrame, optional
        The ``frame`` of `goes_with_winning`; None: it is asked, for the same scope and all opportunities of the book.
    freed : float
        Share of the sinks' hours that the what-if moves, 0 to 1.
    large : float
        Share of all hours above which a category is large, 0 to 1.

    Returns
    -------
    TimeSinks
        ``frame``, categories with the most hours first, each followed by its types: level (``category`` or ``type``), category,
        type (null for a category; or not recorded), hours, n (activities), share (of all hours) with low and high, unattached
        (share of its own hours that name no opportunity) with its limits; of the category days, effect (change in win
        probability for one more activity in so many first days) with its limits, adjusted_p, and association (the verdict of
        `goes_with_winning`; ``unknown``: too few, or not asked); sink. A type is a sink as a part of one: when its
        category is, and most of its own hours name no opportunity too. Null limits: fewer than 10 weeks or days.

    Raises
    ------
    ParameterError
        `freed` or `large` is no share.

    Notes ----- Shares of hours are ratios of sums over weeks (days in short periods). Of a category's landmarks the one told
    apart is taken, or else the one nearest to 30 days. The what-if multiplies the extra activities (hours freed over the mean
    hours of one) by the effect and by the average deal size, both as uncertain as their intervals say
    (`salestrack.stats.product`).

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques (3rd ed.), section 3.12. Wiley.
    """
    for name, given in {"freed": freed, "large": large}.items():
        if not 0 <= given <= 1:
            raise ParameterError(f"{name} is a share from 0 to 1; {given!r} was given. Write 20 % as 0.2.")
    period, scope = None if during is None else book.period(during), dict(where or {})
    unit, reason = unit_of(period), cannot_answer(book, scope, period)
    frame, moved = pd.DataFrame(columns=list(_FIGURES)), Reallocation()
    title = say("sinks-title", {"book": book.name, "period": period_text(period)})
    if not reason:
        hours = hours_by(book, ("category", "type", unit), period, scope)
        reason = _nothing(book, hours, period)
    if not reason:
        goes = _of_categories(goes_with_winning(book, where=scope).frame if association is None else association)
        frame = _ranked(hours, unit, goes, large)
        moved = reallocation(book, frame, hours, (period, scope), freed)
    metrics = tuple(find_metric(name) for name in _METRICS)
    sentences, table = ((reason,), no_table(title)) if reason else (sentences_of(book, frame, moved), table_of(frame, title))
    timed = [] if reason else timed_of(hours, period)
    return TimeSinks(
        book, metrics, period, scope, frame, (*sentences[:1], *timed, *sentences[1:]), table,
        what_if=moved.frame, best=moved.best, large=large, limits=limits_of(frame),
    )  # fmt: skip


def _nothing(book: Book, hours: pd.DataFrame, period: Period | None) -> str:
    return without_hours(book, hours, period) or unclassified(hours["category"], hours["n"].sum())


def _of_categories(association: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each category: of the landmark at which it is told apart, or else of the one nearest to 30 days."""
    told = np.select([association["verdict"].isin(["more", "less"]), association["verdict"].isin(CLEAR)], [0, 1], 2)
    ordered = association.assign(_told=told, _far=(association["days"] - _USUAL_DAYS).abs()).sort_values(["_told", "_far"])
    one = ordered.drop_duplicates("category").set_index("category")
    names = {"low": "effect_low", "high": "effect_high", "verdict": "association"}
    return one.rename(columns=names)[["days", "effect", "effect_low", "effect_high", "adjusted_p", "association"]]


def _ranked(hours: pd.DataFrame, unit: str, goes: pd.DataFrame, large: float) -> pd.DataFrame:
    """Return categories with their types, most hours first, and which are sinks."""
    hours = hours.assign(type=hours["type"].fillna(""))
    kinds = {"category": ["category"], "type": ["category", "type"]}
    levels = [_level(hours, unit, kind).assign(level=level) for level, kind in kinds.items()]
    frame = pd.concat(levels, ignore_index=True).merge(goes, left_on="category", right_index=True, how="left")
    never = (frame["association"] == "too_few") & (frame["unattached"] == 1)
    frame["association"] = frame["association"].replace("too_few", "unknown").fillna("unknown").mask(never, "no_opportunity")
    whole = frame["level"] == "category"
    unattached = frame["unattached_low"] > MOST
    sink = whole & (frame["low"] > large) & unattached & frame["association"].isin(_NO_SIGN)
    sink &= frame["category"] != "unclassified"
    sinks = set(frame.loc[sink, "category"])
    frame["sink"] = sink | (~whole & unattached & frame["category"].isin(sinks))
    place = {name: i for i, name in enumerate(frame[whole].sort_values("hours", ascending=False)["category"])}
    frame = frame.assign(_place=frame["category"].map(place)).sort_values(
        ["_place", "level", "hours"], ascending=[True, True, False]
    )
    frame["type"] = frame["type"].where(~whole & (frame["type"] != ""), None)
    return frame[list(_FIGURES)].reset_index(drop=True)


def _level(hours: pd.DataFrame, unit: str, kind: list[str]) -> pd.DataFrame:
    """Return share of all hours and share without opportunity of each kind."""
    shares = shares_of_hours(hours, kind, unit)
    own = hours.pivot_table(index=unit, columns=kind, values="hours", aggfunc="sum", fill_value=0.0)
    without = hours[hours["became"] == "none"].pivot_table(index=unit, columns=kind, values="hours", aggfunc="sum", fill_value=0.0)
    without = without.reindex(index=own.index, columns=own.columns, fill_value=0.0)
    loose = ratios_of_hours(without, own)
    loose = loose.rename(columns={"share": "unattached", "low": "unattached_low", "high": "unattached_high"})
    n = hours.groupby(kind)["n"].sum()
    found = shares.join(loose.drop(columns="units")).join(n)
    return found.drop(columns="units").reset_index()
