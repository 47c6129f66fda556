"""Where prospects leave: where most of them do, where they do so fastest, what value goes with them, why, and who and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from salestrack.analyses.answer import Answer
from salestrack.analyses.hours import no_table, period_text
from salestrack.analyses.leak_cells import GROUPS, REASONS, Passing, groups_leaving, life_tables, passing, reasons_given
from salestrack.analyses.leak_words import leak_sentences, leak_table
from salestrack.analyses.processes import PIPELINE, each_process, processes_in, put_together, stacked
from salestrack.book import Book
from salestrack.columns import names_in
from salestrack.definition import find_metric
from salestrack.estimate import TOO_FEW
from salestrack.periods import Period
from salestrack.stats.intervals import MIN_N
from salestrack.stats.life_table import LifeTable, hazard, life_table
from salestrack.stats.survival import incidence
from salestrack.wording import say

DIMENSIONS = ("segment", "source", "rep", "territory", "month")
"""What leaving is broken down by when nothing else is asked for."""
COLUMNS = (
    "cohort", "step", "step_number", "entered", "went_on", "left", "open", "share", "low", "high", "days", "week_share", "week_low",
    "week_high", "half_days", "hazard", "hazard_low", "hazard_high", "weeks", "share_of_left",
    "amount", "with_amount", "share_of_amount", "note",
)  # fmt: skip
WEEK = 7
"""Days after coming to a step at which it is asked how many have left."""


@dataclass(frozen=True, eq=False, repr=False)
class Leaks(Answer):
    """Where prospects leave.

    Parameters
    ----------
    reasons : pandas.DataFrame
        Why, by step: cohort, step, reason (null: not recorded), left, with_amount, amount (Σ, as last known), share (of all that
        left) and share_of_amount (0 to 1; null: no amounts).
    groups : pandas.DataFrame
        Who and where, of the opportunities: by, group, entered (passages begun), left, open, share (of the passages that leave,
        over the group's steps), low, high (95 %), expected (that share if every group left alike at each step), ratio (share /
        expected; null: nobody expected), standing (share ``above``, ``below`` or ``not_distinguishable`` from what the rest lets
        expect, ``too_few``), amount (that left), share_of_amount and running_share (of this group and those of more value).
    by : tuple of str
        What `groups` is broken down by.
    """

    reasons: pd.DataFrame = field(kw_only=True)
    groups: pd.DataFrame = field(kw_only=True)
    by: tuple[str, ...] = field(kw_only=True)


def leaks(
    book: Book,
    *,
    during: Period | str | None = None,
    where: Mapping[str, object] | None = None,
    by: str | Sequence[str] | None = None,
) -> Leaks:
    """Say where those who came to a step in a period leave the pipeline: most, fastest, with what value, why, who and where.

    Parameters
    ----------
    book : Book
        The book. Opportunities need a stage history; leads are added where the book has them.
    during : Period or str, optional
        When they came to the step; None: all that the book holds.
    where : mapping, optional
        Scope, as in `measure`.
    by : str or sequence of str, optional
        Break-downs of ``groups``, each by itself, as in `measure`; a calendar grain is that of the day on which they came to the
        step. None: segment, source, rep, territory and month, as far as there are at least two of each.

    Returns
    -------
    Leaks
        ``frame``, a row for each step that can be left: cohort (``leads``, ``opportunities``), step, step_number, entered, went_on,
        left, open (counts so far), share (that leaves, as the metric `leakage`: Aalen-Johansen at the longest time observed) with
        low and high (95 %) and days (that time), week_share (that leaves within 7 days of coming to the step: Aalen-Johansen,
        going on being the other end; null: nobody was watched so long) with week_low and week_high, half_days (within which half
        of those that leave have left; parts of a day where the history has times), hazard (leaving per week at risk, 1 / week; a
        rate, no share) with its limits and weeks (at risk), share_of_left (of all of the cohort that left), amount (Σ of those
        that left, as last known; leads have none), with_amount (of how many), share_of_amount (of all that left) and note
        (``too_few`` came to the step to judge; else empty). Null: undefined.

    Raises
    ------
    UnknownNameError
        A column or a value does not exist.

    Notes
    -----
    An opportunity leaves once, at the furthest step that it had come to, so that what left adds up over steps, reasons and groups.
    Where most leave is a number; where they leave fastest is the share that has left a week after coming, which a step through
    which few pass can lead. Of a step through which everybody hurries, half going on and half leaving, half leave within the week:
    the rate per week at risk says more than all. A step is named the biggest or the fastest only with those that cannot be told
    from it.

    See Also
    --------
    leakage : the metric.
    funnel : what becomes of those who came to the first step.

    References
    ----------
    Aalen, O. O. and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on censored
    observations. Scandinavian Journal of Statistics 5, 141-150.

    Barker, L. (2002). A comparison of nine confidence intervals for a Poisson parameter when the expected number of events is
    <= 5. The American Statistician, 56(2), 85-89.

    Mantel, N. and Haenszel, W. (1959). Statistical aspects of the analysis of data from retrospective studies of disease. Journal
    of the National Cancer Institute 22, 719-748.
    """
    period = None if during is None else book.period(during)
    several = len(processes_in(book, dict(where or {}))) > 1
    names = [name for name in DIMENSIONS if by is None] or [name for name in names_in(by) if not (several and name == PIPELINE)]

    def ask(one: Book, scope: Mapping[str, object], only: str) -> Leaks:
        return _leaks(one, period, dict(scope), names, by is not None, only)

    whole, parts = each_process(book, dict(where or {}), ask, leads=True)
    if whole is not None:
        return whole
    made: dict[str, Any] = {name: stacked([(each, getattr(part, name)) for each, part in parts]) for name in ("reasons", "groups")}
    told = tuple(dict.fromkeys(made["groups"]["by"]))
    return replace(parts[0][1], **put_together(book, dict(where or {}), parts), **made, by=told)


def _leaks(book: Book, period: Period | None, scope: dict[str, object], names: Sequence[str], wanted: bool, only: str) -> Leaks:
    found, notes = passing(book, period, scope, only)
    tables = [life_tables(book, each) for each in found]
    known = [(each, cells) for each, cells in zip(found, tables, strict=True) if len(cells)]
    frame = _stacked([_steps(each, cells) for each, cells in known], COLUMNS)
    reasons = _stacked([reasons_given(book, each) for each, _ in known], REASONS)
    selling = any(each.cohort == "opportunities" for each, _ in known)
    groups = [groups_leaving(book, name, period, scope) for name in names if selling]
    groups = [rows for rows in groups if wanted or rows["group"].nunique() > 1]
    told = _stacked(groups, GROUPS)
    title = say("leaks-title", {"book": book.name, "period": period_text(period)})
    if frame.empty:
        sentences = notes[:1] or [say("leaks-nobody", {"period": period_text(period)})]
    else:
        sentences = [*leak_sentences(book, frame, reasons, told, period), *notes]
    return Leaks(
        book, (find_metric("leakage"), find_metric("stage_conversion")), period, scope, frame, tuple(sentences),
        no_table(title) if frame.empty else leak_table(book, frame, title),
        reasons=reasons, groups=told, by=tuple(dict.fromkeys(told["by"])),
    )  # fmt: skip


def _stacked(frames: list[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True)[list(columns)] if frames else pd.DataFrame(columns=list(columns))


def _steps(passages: Passing, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the row of each step, those to which nobody came left out."""
    key = "step_number"
    table = life_table(cells, [key], outcomes=("left", "went_on"))
    curve = incidence(table, "left")
    frame = curve.at().rename(columns={"value": "share", "n": "entered"}).drop(columns="at_risk")
    rates = hazard(table, "left", per=WEEK)
    frame = frame.assign(weeks=rates["exposure"], hazard=rates["value"], hazard_low=rates["low"], hazard_high=rates["high"])
    for name in ("went_on", "left", "open"):
        cell = table.censored if name == "open" else table.count(name)
        frame[name] = np.bincount(table.code, cell, len(frame)).astype("int64")
    speed = _speed(life_table(cells.assign(days=cells["lasted"]), [key], outcomes=("left", "went_on")))
    gone = cells[cells["outcome"] == "left"].groupby(key)[["s1", "n"]].sum().rename(columns={"s1": "amount", "n": "with_amount"})
    frame = frame.merge(speed, how="left", on=key).merge(gone, how="left", on=key).fillna({"amount": 0.0, "with_amount": 0})
    whole, worth = frame["left"].sum(), frame["amount"].sum()
    return frame.assign(
        cohort=passages.cohort,
        step=frame[key].map(dict(enumerate(passages.steps, 1))),
        entered=frame["entered"].astype("int64"),
        with_amount=frame["with_amount"].astype("int64"),
        share_of_left=frame["left"] / whole if whole else np.nan,
        share_of_amount=frame["amount"] / worth if worth else np.nan,
        note=np.where(frame["entered"] < MIN_N, TOO_FEW, ""),
    )


def _speed(table: LifeTable) -> pd.DataFrame:
    """Return how fast they leave each step: the share that has left within a week, and when half of those that leave have left."""
    curve = incidence(table, "left")
    key = table.keys.columns[0]
    week = curve.at(WEEK).rename(columns={"value": "week_share", "low": "week_low", "high": "week_high"})
    rise = curve.frame.groupby(key)["value"].transform("last")
    half = curve.frame[(curve.frame["value"] >= rise / 2) & (rise > 0)].groupby(key)["days"].min().rename("half_days")
    return week[[key, "week_share", "week_low", "week_high"]].merge(half, how="left", on=key)
