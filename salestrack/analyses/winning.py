"""What goes with winning: landmark analysis of the activities on opportunities in their first days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from salestrack.analyses.answer import Answer, Sentences
from salestrack.analyses.coverage import record_of_activities
from salestrack.analyses.landmark import FATES, Dose, cells, cohorts
from salestrack.analyses.winning_words import limits_of, sentences_of, table_of
from salestrack.book import Book
from salestrack.columns import view
from salestrack.definition import find_metric
from salestrack.errors import ParameterError
from salestrack.periods import Period
from salestrack.stats.association import Adjustment, Association, associate
from salestrack.stats.intervals import share
from salestrack.stats.multiple import adjusted_p, familywise_p
from salestrack.tables import CATEGORIES

DAYS = (14, 30, 60)
HELD_FIXED = Adjustment(levels=("segment", "source", "quarter"), numbers=("log_amount",), holder="rep_id")
_NOTEWORTHY = 0.05
_FIGURES = ["effect", "low", "high", "p", "adjusted_p", "familywise_p", "log_odds", "log_odds_low", "log_odds_high"]
_COLUMNS = ["days", "category", *_FIGURES, "n", "won", "with_any", "mean_dose", "verdict", "reason"]
_TOLD_OF_DOSE = ["share", "low", "high", "adjusted", "adjusted_low", "adjusted_high"]
_DOSE_COLUMNS = ["days", "category", "dose", "most", "n", "won", *_TOLD_OF_DOSE]
# A dose held by fewer opportunities than this share is put together with the next.
_LEAST_OF_DOSE, _FEWEST_OF_DOSE = 0.04, 10


@dataclass(frozen=True, eq=False, repr=False)
class WinningAnswer(Answer):
    """What goes with winning.

    Parameters
    ----------
    doses : pandas.DataFrame
        Win shares by dose: days, category, dose and most (a row is for ``dose`` to ``most`` activities or hours), n, won,
        share with low and high (as counted), adjusted with adjusted_low and adjusted_high (if all opportunities had had the mean of
        these doses, all else as it was; null where nothing can be told).
    cohorts : pandas.DataFrame
        Who is compared: one row for each landmark, days and how many opportunities are undated, before_record, too_young,
        closed_before, still_open and decided; only the last are compared.
    limits : Sentences
        What this cannot tell.
    dose : str
        What "one more" is: ``activities`` or ``hours``.
    """

    doses: pd.DataFrame = field(kw_only=True)
    cohorts: pd.DataFrame = field(kw_only=True)
    limits: Sentences = field(kw_only=True)
    dose: Dose = field(default="activities", kw_only=True)


def goes_with_winning(
    book: Book,
    *,
    days: Sequence[int] = DAYS,
    dose: Dose = "activities",
    during: Period | str | None = None,
    where: Mapping[str, object] | None = None,
) -> WinningAnswer:
    """Tell which activities in the first days of an opportunity go with winning it.

    Parameters
    ----------
    book : Book
        The book.
    days : sequence of int
        Landmarks: opportunities still open so many days after creation are compared by what was done on them until then.
    dose : {'activities', 'hours'}
        What "one more" is: an activity, or an hour of activities (taken to the half hour; those without a duration add nothing).
    during : Period or str, optional
        When the opportunities were created; None: since activities are recorded.
    where : mapping, optional
        Scope of the opportunities, as in `measure`.

    Returns
    -------
    WinningAnswer
        ``frame`` has a row for each landmark and category: days, category, effect with low and high (average change of the win
        probability for one more activity or hour), p, adjusted_p (Benjamini-Hochberg over all rows), familywise_p (Holm, likewise),
        log_odds with its limits, n and won (opportunities compared), with_any (of them with such an activity), mean_dose, verdict
        and reason. The verdict is ``more`` or ``less`` (goes with winning more or less often: familywise_p of at most 0.05),
        ``cannot_tell``, or ``too_few``, with the reason in `reason` (see
        `salestrack.stats.association.Association`) and null figures. Empty where the book cannot answer; the sentence says why.

    Raises
    ------
    ParameterError
        A landmark is no whole number of days above zero.

    Notes
    -----
    Counting the activities of an opportunity's whole life is the trap: what is won lives longer than what is lost, and longer lives
    hold more of everything. Here all opportunities that are compared have lived through the same days, and only what was done in
    them counts. Segment, source, quarter of creation, log of the amount and rep are held fixed, and so are the other categories;
    see `salestrack.stats.association`. The quarter keeps a change in how much is recorded, or in who is decided yet, from
    passing for an effect.

    The verdict asks for more than adjusted_p does: where one category has an effect at three landmarks, Benjamini-Hochberg lets one
    of the others through in 23 of 200 companies made anew, for it bounds a share of what is called noteworthy. Holm's adjustment
    bounds the chance of any false alarm (4 of 200 there).

    References
    ----------
    Anderson, J. R., Cain, K. C., & Gelber, R. D. (1983). Analysis of survival by tumor response. Journal of Clinical Oncology,
    1(11), 710-719.
    """
    marks = _landmarks(days)
    period, scope = None if during is None else book.period(during), dict(where or {})
    start, reason = record_of_activities(book, scope)
    if start is None:
        return _answer(book, (period, scope, dose), _empty(), (reason,), Sentences((), look="note"))
    opportunities = view(book, "opportunities", "created_date", (), scope, period).table
    fates = cohorts(book, opportunities, marks, start)
    counted = cells(book, opportunities, marks, start, dose)
    effects, doses = [_empty()[0]], [_empty()[1]]
    for mark in sorted(set(counted["days"])):
        part = counted[counted["days"] == mark]
        found = associate(part, CATEGORIES, HELD_FIXED)
        effects.append(_effects(mark, part, found))
        doses += [_dose_rows(mark, category, part, found) for category in CATEGORIES if part[category].any()]
    frame = _judged(_stacked(effects))
    said = sentences_of(frame, fates, dose)
    return _answer(book, (period, scope, dose), (frame, _stacked(doses), fates), said, limits_of(fates))


def _landmarks(days: Sequence[int]) -> tuple[int, ...]:
    marks = tuple(sorted(set(days)))
    if not marks or any(not float(day).is_integer() or day < 1 for day in marks):
        raise ParameterError(f"Landmarks are whole numbers of days above zero, such as (14, 30, 60); got {tuple(days)}.")
    return tuple(int(day) for day in marks)


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return frames as one; the first stands for none."""
    return pd.concat(frames[1:] or frames, ignore_index=True)


def _empty() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return pd.DataFrame(columns=_COLUMNS), pd.DataFrame(columns=_DOSE_COLUMNS), pd.DataFrame(columns=["days", *FATES])


def _answer(
    book: Book,
    asked: tuple[Period | None, Mapping[str, object], Dose],
    frames: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
    sentences: tuple[str, ...],
    limits: Sentences,
) -> WinningAnswer:
    period, scope, dose = asked
    metrics = tuple(find_metric(name) for name in ("win_rate", "activity_count" if dose == "activities" else "activity_hours"))
    frame, doses, fates = frames
    return WinningAnswer(
        book, metrics, period, scope, frame, sentences, table_of(book, frame, dose), doses=doses, cohorts=fates, limits=limits,
        dose=dose,
    )  # fmt: skip


def _effects(mark: int, part: pd.DataFrame, found: Association) -> pd.DataFrame:
    """Return the rows of one landmark, of the categories that occur."""
    n = part["n"]
    counts = pd.DataFrame(
        {
            "dose": list(CATEGORIES),
            "with_any": [int(n[part[category] > 0].sum()) for category in CATEGORIES],
            "mean_dose": [float((part[category] * n).sum() / n.sum()) for category in CATEGORIES],
        }
    )
    rows = found.frame.merge(counts, on="dose").rename(columns={"dose": "category"})
    return rows.assign(days=mark, n=found.n, won=found.won)


def _judged(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with p adjusted for their number, and a verdict."""
    familywise = familywise_p(rows["p"])
    clear = familywise <= _NOTEWORTHY
    words = np.select([rows["reason"] != "", clear & (rows["effect"] > 0), clear], ["too_few", "more", "less"], "cannot_tell")
    return rows.assign(adjusted_p=adjusted_p(rows["p"]), familywise_p=familywise, verdict=words)[_COLUMNS]


def _dose_rows(mark: int, category: str, part: pd.DataFrame, found: Association) -> pd.DataFrame:
    """Return the win shares by number of activities of one category; rare numbers are put together with the next."""
    counts = part.groupby(category)[["n", "won"]].sum()
    least = max(_FEWEST_OF_DOSE, _LEAST_OF_DOSE * counts["n"].sum())
    group, size, groups = 0, 0, []
    for n in counts["n"]:
        groups.append(group)
        size += n
        if size >= least:
            group, size = group + 1, 0
    if size and group:
        # What is left over at the end is too few to stand alone.
        groups = [min(each, group - 1) for each in groups]
    at = counts.reset_index(names="dose").assign(group=groups, weighed=lambda rows: rows["dose"] * rows["n"])
    grouped = at.groupby("group")
    rows = grouped[["n", "won", "weighed"]].sum().assign(dose=grouped["dose"].min(), most=grouped["dose"].max())
    counted = share(rows["won"], rows["n"])
    adjusted = found.at_dose(category, (rows["weighed"] / rows["n"]).tolist())
    told = dict(zip(_TOLD_OF_DOSE, (*counted, *adjusted), strict=True))
    return rows.assign(days=mark, category=category, **told)[_DOSE_COLUMNS].reset_index(drop=True)
