"""From MQL to SQL (or to a deal): conversion corrected for maturity, and where it broke, since when and at what cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.hours import no_table, period_text
from salestrack.analyses.qualification_breaks import breaks_of, recorded
from salestrack.analyses.qualification_cohorts import Cohorts, Goal, cohorts, conversions, goal_recorded, horizon_of, weeks_of
from salestrack.analyses.qualification_cost import with_costs
from salestrack.analyses.qualification_words import goal_values, sentences_of, table_of
from salestrack.book import Book
from salestrack.columns import beyond_reach, names_in, view
from salestrack.definition import Metric, find_metric
from salestrack.periods import Period
from salestrack.recorded import values_in
from salestrack.stats.wander import STEADY, Wander
from salestrack.wording import say

_LATE_RECORD = 30


@dataclass(frozen=True, eq=False, repr=False)
class Qualification(Answer):
    """What became of marketing qualified leads.

    Parameters
    ----------
    breaks : pandas.DataFrame
        A row for each series: its columns, mqls, weeks (judged), since (Monday), before, after, ratio (after over before), each
        with ``_low`` and ``_high`` (null: no break), last_year (share of the same weeks a year before, as far as they lie before
        the break) with limits (null: fewer than 4 of them), p, adjusted_p (Holm), verdict (``fell``, ``rose``, ``stopped``: to
        nothing at all, ``season``: as in the same weeks a year before, ``none``, ``too_few``), power (chance that a halving 13
        weeks before the end would have been told; null unless ``none``), recorded_since (Monday; null: from the start), young
        (weeks too young to be judged), lost (SQLs or deals expected and not there since), lost_opportunities, lost_bookings,
        each with ``_low`` and ``_high`` (null: nothing fell, or too few to tell).
    weeks : pandas.DataFrame
        A row for each series and week: its columns, start (Monday), n, went_on, known (0 to 1: how much of what will come is
        known), trials (n corrected by it), value, low, high (null: no lead, or nothing known yet), young, unrecorded.
    wander : Wander
        How far the share of a series moves from week to week without any break, estimated over all series.
    series : tuple of str
        Columns that name a series: those of `by` that are no calendar grain.
    within : int
        Days within which a lead counts as gone on, in ``breaks`` and ``weeks``; 0: no answer.
    goal : str
        ``sales_qualified`` or ``won``.
    refused : int
        Leads that reached the goal before they were qualified, and are left out.
    """

    breaks: pd.DataFrame = field(kw_only=True)
    weeks: pd.DataFrame = field(kw_only=True)
    wander: Wander = field(kw_only=True)
    series: tuple[str, ...] = field(kw_only=True)
    within: int = field(kw_only=True)
    goal: Goal = field(kw_only=True)
    refused: int = field(kw_only=True)


def qualification(
    book: Book,
    *,
    during: Period | str | None = None,
    where: Mapping[str, object] | None = None,
    by: str | Sequence[str] = "source",
    goal: Goal | None = None,
) -> Qualification:
    """Say which share of the MQLs becomes SQL, by week, and whether and where that changed for good.

    Parameters
    ----------
    book : Book
        The book.
    during : Period or str, optional
        When the leads became MQL; None: all that the book holds.
    where : mapping, optional
        Scope, as in `measure`.
    by : str or sequence of str
        Break-down, as in `measure`; every group without its calendar grains is a series of its own.
    goal : {'sales_qualified', 'won'}, optional
        What is to be reached: becoming SQL, or a won opportunity. None: becoming SQL; a won opportunity in books that date no SQL.

    Returns
    -------
    Qualification
        ``frame``, a row for each group: the columns of `by`, mqls, went_on (within 90 days), ended (given up; or lost, where won is
        the goal), waiting, within_30, within_60, within_90 (0 to 1; null: nobody was watched that long), each with ``_low`` and
        ``_high``. No row: the book cannot answer, and the one sentence says why.

    Notes
    -----
    Within so many days: Aalen-Johansen, leads that wait are censored on the day of the book. Breaks: see
    `salestrack.stats.change_point`, one change per series, larger than shares wander by themselves (`salestrack.stats.wander`),
    Holm over all series, named below an adjusted p of 0.005: so strict because it is asked anew every week. Weeks of which less
    than 80 % can be known, and weeks before a series is recorded at all, do not count.

    References
    ----------
    Aalen, O. and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on censored
    observations. Scandinavian Journal of Statistics 5, 141-150.
    """
    period, scope = None if during is None else book.period(during), dict(where or {})
    names = names_in(by)
    reason = book.lacks("leads") or beyond_reach(book, "leads", scope)
    goal = goal or _goal_of(book)
    found = None if reason else cohorts(book, names, goal, period, scope)
    reason = reason or _nothing(book, found, goal, period)
    if reason or found is None:
        return _unanswered(book, reason, period, scope, goal)
    within = horizon_of(found)
    weeks = recorded(weeks_of(found, book.as_of, within), found)
    breaks, searches, wander = breaks_of(weeks, found.series)
    breaks = with_costs(book, found, goal, breaks, searches)
    counts = _of_the_record(found.counts, weeks, found.series)
    frame, overall = conversions(counts, names), conversions(counts, ()).iloc[0]
    sentences = sentences_of(book, goal, pd.concat([overall, pd.Series({"within": within})]), breaks, found.series, weeks)
    sentences += _about_the_record(book, found, goal, scope)
    return Qualification(
        book, _metrics(goal), period, scope, frame, tuple(sentences),
        table_of(book, goal, frame, names, breaks),
        breaks=breaks, weeks=weeks, wander=wander, series=found.series, within=within, goal=goal, refused=found.refused,
    )  # fmt: skip


def _goal_of(book: Book) -> Goal:
    if book.has("leads") and not goal_recorded(book, "sales_qualified") and goal_recorded(book, "won"):
        return "won"
    return "sales_qualified"


def _nothing(book: Book, found: Cohorts | None, goal: Goal, period: Period | None) -> str:
    """Return why nothing can be said of cohorts: there are none, or the book does not record the goal."""
    if found is None:
        return ""
    values = goal_values(goal) | {"period": period_text(period), "n": f"{int(found.sizes['n'].sum()):,}"}
    if found.counts.empty:
        dated = values_in(book, "leads").get("marketing_qualified_at")
        return say("qualification-none-here" if dated else "qualification-no-mql", values)
    if found.sizes["first_event"].isna().all() and not goal_recorded(book, goal):
        return say("qualification-no-goal", values)
    return ""


def _of_the_record(counts: pd.DataFrame, weeks: pd.DataFrame, series: Sequence[str]) -> pd.DataFrame:
    """Leave out weeks before a series was recorded at all: what their leads reached is not known."""
    if not weeks["unrecorded"].any():
        return counts
    kept = counts.merge(weeks[[*series, "start", "unrecorded"]], on=[*series, "start"])
    return kept[~kept["unrecorded"]].drop(columns="unrecorded")


def _about_the_record(book: Book, found: Cohorts, goal: Goal, scope: Mapping[str, object]) -> list[str]:
    said = []
    leads = view(book, "leads", None, (), scope).table
    first = book.fetch_row(leads.aggregate(lead=leads.created_at.min().date(), mql=leads.marketing_qualified_at.min().date()))
    if (first["mql"] - first["lead"]).days > _LATE_RECORD:
        said.append(say("qualification-mql-since", {name: formats.day(day) for name, day in first.items()}))
    if found.refused:
        said.append(say("qualification-refused", goal_values(goal) | {"n": found.refused}))
    return said


def _metrics(goal: Goal) -> tuple[Metric, ...]:
    return (find_metric("sales_qualification_rate" if goal == "sales_qualified" else "won_opportunities"),)


def _unanswered(book: Book, reason: str, period: Period | None, scope: dict[str, object], goal: Goal) -> Qualification:
    title = say("qualification-title", goal_values(goal) | {"book": book.name, "as_of": formats.day(book.as_of)})
    nothing = pd.DataFrame()
    return Qualification(
        book, _metrics(goal), period, scope, nothing, (reason,), no_table(title),
        breaks=nothing, weeks=nothing, wander=STEADY, series=(), within=0, goal=goal, refused=0,
    )  # fmt: skip
