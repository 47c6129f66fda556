"""The funnel from lead to won: of those who came to the first step in a period, how many come to each step and go on from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from salestrack.analyses.answer import Answer
from salestrack.analyses.cohorts import Asked, Cohort, cohorts
from salestrack.analyses.earlier import earlier_period
from salestrack.analyses.funnel_shares import DIFFERENCES, funnel_differences, funnel_frame
from salestrack.analyses.funnel_words import differences_told, funnel_sentences, funnel_table, groups_told, notes_told
from salestrack.analyses.hours import no_table, period_text
from salestrack.analyses.processes import PIPELINE, each_process, put_together, stacked
from salestrack.book import Book
from salestrack.columns import names_in, view
from salestrack.definition import find_metric
from salestrack.errors import PeriodError, UnknownNameError
from salestrack.periods import Period
from salestrack.wording import say

_METRICS = {
    "leads": ("marketing_qualification_rate", "sales_qualification_rate", "opportunity_rate"),
    "opportunities": ("stage_conversion", "leakage"),
}
_SHARES = tuple(f"{figure}{amount}{limit}" for figure in ("next", "cumulative")
                for amount, limit in (("_share", ""), ("", "_low"), ("", "_high"), ("_by_amount", ""), ("_by_amount", "_low"),
                                      ("_by_amount", "_high"), ("_days", ""), ("_n", "")))  # fmt: skip
COLUMNS = (
    "cohort", "step", "step_number", "entered", "went_on", "left", "open", "skipped", "amount", "with_amount", *_SHARES, "note",
)  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Funnel(Answer):
    """A funnel.

    Parameters
    ----------
    overall : pandas.DataFrame
        As ``frame``, all groups together.
    differences : pandas.DataFrame
        Against the other cohort, each share read after the same number of days in both: the columns of `by`, cohort, step,
        step_number, figure (``next`` or ``cumulative``), days (null: to the end of both), before, after, n_before, n_after,
        difference (after - before), low, high (95 %), verdict (``up``, ``down``, ``cannot_tell``: for all of them at once;
        ``too_few``). No row: nothing to compare with.
    by : tuple of str
        What it is broken down by.
    visited_only : bool
        Whether a skipped step counts as not come to.
    """

    overall: pd.DataFrame = field(kw_only=True)
    differences: pd.DataFrame = field(kw_only=True)
    by: tuple[str, ...] = field(kw_only=True)
    visited_only: bool = field(kw_only=True)


def funnel(
    book: Book,
    *,
    during: Period | str | None = None,
    where: Mapping[str, object] | None = None,
    by: str | Sequence[str] = (),
    against: Period | str | Mapping[str, object] | None = None,
    visited_only: bool = False,
) -> Funnel:
    """Follow those who came to the first step in a period, step by step, to being won.

    Parameters
    ----------
    book : Book
        The book. Opportunities are followed where it has a stage history, leads where it has leads.
    during : Period or str, optional
        When the leads came in, and when the opportunities came to the first stage; None: all that the book holds.
    where : mapping, optional
        Scope, as in `measure`.
    by : str or sequence of str
        Break-down, as in `measure`; a calendar grain is that of the day on which they came to the first step.
    against : Period, str or mapping, optional
        Another cohort to compare with: an earlier period (``"previous"``, ``"year_before"`` or any), or a scope that is laid over
        `where`, such as ``{"segment": "SMB"}``.
    visited_only : bool
        A step that was skipped is implied by a later one; with True only those count at a step who were really in it.

    Returns
    -------
    Funnel
        ``frame``, a row for each group and step of the cohorts ``leads`` and ``opportunities``: the columns of `by`, cohort, step
        (``leads``, ``marketing_qualified``, ``sales_qualified``, ``opportunities``, or the name of a stage), step_number (1 is
        the first), entered (came to it so far), went_on, left and open (what became of them so far; 0 at the last step), skipped
        (came to it by implication only), amount (Σ of those who came to it, as last known; leads have none), with_amount (of how
        many), then the shares, 0 to 1: next_share (of those who came to the step, goes on from it), cumulative_share (of the
        cohort, comes to the step), both with ``_low`` and ``_high`` (95 %), both by_amount with the same, ``_days`` (longest
        time observed, which the share speaks of) and ``_n``; null: undefined, or no amounts. The note of the next_share is empty,
        ``too_few`` or ``undefined``.

    Raises
    ------
    UnknownNameError
        A column or a value does not exist, or another pipeline is to be compared with, whose steps are others.

    Notes
    -----
    In a book of several pipelines each is followed through its own steps, with a column pipeline before all others; leads are
    followed until they are opportunities. Aalen-Johansen estimates at the longest time observed: who is still open has neither
    gone on nor left. Next shares count days from the step, cumulative ones from the first step (a state for each step), so that
    they need not multiply up while anything is open; once nothing is, they do. By amount, each opportunity counts with its
    amount as last known: an amount that shrank on the way is taken as small from the beginning. Rules: who came to a later step
    came to all before it; going back changes nothing; a loss that was taken back is no loss; who left counts at the furthest
    step that he had come to.

    References
    ----------
    Aalen, O. and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on censored
    observations. Scandinavian Journal of Statistics 5, 141-150.
    """
    names = names_in(by)
    if book.settings.pipelines and isinstance(against, Mapping) and PIPELINE in against:
        raise UnknownNameError("Two pipelines have steps of their own, which cannot be compared. Ask for each with where.")

    def ask(one: Book, scope: Mapping[str, object], only: str) -> Funnel:
        asked = Asked(None if during is None else book.period(during), dict(scope), names, only)
        return _funnel(one, asked, against, visited_only)

    whole, parts = each_process(book, dict(where or {}), ask, leads=True)
    if whole is not None:
        return whole
    made: dict[str, Any] = {
        name: stacked([(each, getattr(part, name)) for each, part in parts]) for name in ("overall", "differences")
    }
    by_name = (PIPELINE, *(name for name in names if name != PIPELINE))
    return replace(parts[0][1], **put_together(book, dict(where or {}), parts), **made, by=by_name)


def _funnel(book: Book, asked: Asked, against: Period | str | Mapping[str, object] | None, visited_only: bool) -> Funnel:
    found, reasons = cohorts(book, asked)
    frame = _frames(found, asked.by, visited_only)
    overall = _frames([each.over(()) for each in found], (), visited_only) if asked.by else frame
    other = None if against is None else _other(book, asked, against)
    differences = pd.DataFrame(columns=[*asked.by, *DIFFERENCES])
    if other is not None:
        earlier, told = cohorts(book, other)
        differences = _differences(found, earlier, asked.by, visited_only)
        reasons += [sentence for sentence in told if sentence not in reasons]
    title = say("funnel-title", {"book": book.name, "period": period_text(asked.period)})
    if frame.empty:
        sentences = reasons[-1:] or [say("funnel-nobody", {"period": period_text(asked.period)})]
    else:
        sentences = funnel_sentences(book, overall, asked.period)
        sentences += _groups(found, asked.by, visited_only) + ([] if other is None else differences_told(differences, asked, other))
        sentences += notes_told(overall, visited_only, _without_history(book, asked, found)) + reasons
    metrics = tuple(find_metric(name) for cohort in _METRICS if cohort in set(frame["cohort"]) for name in _METRICS[cohort])
    return Funnel(
        book, metrics, asked.period, asked.where, frame, tuple(sentences),
        no_table(title) if frame.empty else funnel_table(book, frame, title, asked.by), against=other.period if other else None,
        overall=overall, differences=differences, by=asked.by, visited_only=visited_only,
    )  # fmt: skip


def _frames(found: list[Cohort], by: tuple[str, ...], visited_only: bool) -> pd.DataFrame:
    made = [funnel_frame(each, by, visited_only)[[*by, *COLUMNS]] for each in found]
    return pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=[*by, *COLUMNS])


def _groups(found: list[Cohort], by: tuple[str, ...], visited_only: bool) -> list[str]:
    """Compare the two ends of each cohort's groups, with intervals that hold for all pairs of groups at once (Bonferroni)."""
    said = []
    for cohort in found if by else []:
        groups = len(cohort.passages[list(by)].drop_duplicates())
        strict = 1 - 0.05 / max(groups * (groups - 1) / 2, 1)
        said += groups_told(funnel_frame(cohort, by, visited_only), funnel_frame(cohort, by, visited_only, strict), by)
    return said


def _other(book: Book, asked: Asked, against: Period | str | Mapping[str, object]) -> Asked:
    if isinstance(against, Mapping):
        return replace(asked, where={**asked.where, **against})
    if asked.period is None:
        raise PeriodError(f'To compare with {str(against)!r}, say which period it is earlier than: during="2026-Q1", for example.')
    return replace(asked, period=earlier_period(book, asked.period, against))


def _differences(found: list[Cohort], earlier: list[Cohort], by: tuple[str, ...], visited_only: bool) -> pd.DataFrame:
    pairs = [(before, after) for after in found for before in earlier if before.name == after.name]
    made = [funnel_differences(before, after, by, visited_only) for before, after in pairs]
    return pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=[*by, *DIFFERENCES])


def _without_history(book: Book, asked: Asked, found: list[Cohort]) -> int:
    """Count the opportunities created in the period of which no stage is recorded: they are in no cohort."""
    if not any(cohort.name == "opportunities" for cohort in found):
        return 0
    created = view(book, "opportunities", "created_date", (), asked.where, asked.period).table
    steps = book.table("steps")
    untold = created.anti_join(steps.filter(steps.stage_number == 1), "opportunity_id")
    return int(book.fetch_row(untold.aggregate(n=untold.opportunity_id.count()))["n"])
