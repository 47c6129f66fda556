"""What goes with winning: landmark analysis of the activities on opportunities in their first days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from salestrack.analyses.answer import Answer, Sentences
from salestrack.analyses.coverage import record_of_activities
from salestrack.analyses.landmark import FATES, Dose, Since, cells, cohorts, watches
from salestrack.analyses.winning_words import limits_of, sentences_of, table_of
from salestrack.book import Book
from salestrack.columns import view
from salestrack.definition import find_metric
from salestrack.errors import ParameterError
from salestrack.periods import Period
from salestrack.recording import record_of_closes
from salestrack.stats.association import Adjustment, Association, associate
from salestrack.stats.intervals import share
from salestrack.stats.multiple import adjusted_p, familywise_p
from salestrack.stats.parting import PARTED
from salestrack.stats.watching import Watch
from salestrack.tables import CATEGORIES

DAYS = (14, 30, 60)
HELD_FIXED = Adjustment(levels=("segment", "source", "quarter"), numbers=("log_amount",), holder="rep_id")
_NOTEWORTHY = 0.05
_FIGURES = ["effect", "low", "high", "p", "adjusted_p", "familywise_p", "log_odds", "log_odds_low", "log_odds_high"]
_SOON = ["watched", "within", "soon", "soon_low", "soon_high", "soon_p", "n_soon"]
_COLUMNS = ["days", "category", *_FIGURES, *_SOON, "n", "won", "with_any", "mean_dose", *PARTED, "verdict", "reason"]
# The largest that an effect, or the effect on coming soon, may be among all that began; null: not asked.
_AT_MOST = ("effect_at_most", "soon_at_most")
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
        Win shares by dose: days, category, dose and most (a row is for ``dose`` to ``most`` activities or hours), n, won (those
        still open count with their probability of being won), share with low and high (as counted), adjusted with adjusted_low and
        adjusted_high (if all opportunities had had the mean of these doses, all else as it was; null where nothing can be told).
    cohorts : pandas.DataFrame
        Who is compared: one row for each landmark, days and how many opportunities are undated, before_record, too_young,
        closed_before, unripe, still_open and decided, of which the last two are compared; watched and within (days after the
        landmark), yet (probability that a still open one is won) and ripe (see `salestrack.stats.watching.Watch`).
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
        ``frame`` has a row for each landmark and category: days, category, effect with low and high (average change, for one more
        activity or hour, of the probability of being won in the end), p, adjusted_p (Benjamini-Hochberg over all rows),
        familywise_p (Holm over all rows, in the end and early), log_odds with its limits; watched and within (days after the
        landmark: to the end, and early), soon with its limits and soon_p (the same change of the probability of being won early)
        and n_soon (opportunities behind it); n and won (opportunities compared, won by now), with_any (of them with such an
        activity), mean_dose; cut, n_below, won_below, n_above, won_above (where the activity parts won from lost, see
        `salestrack.stats.parting`; else null), verdict and reason.

        The verdict is ``more`` or ``less`` (goes with being won in the end more or less often: familywise_p of at most 0.05);
        ``sooner`` or ``later`` (wins come earlier or later by as clear a sign, and no more or fewer in the end: the limits of
        `effect` leave out `soon`); ``sooner_or_more``, ``later_or_less`` (one or the other, which cannot be told);
        ``cannot_tell``; or ``too_few``, with the reason in `reason` (see `salestrack.stats.association.Association`; ``young``: the
        record is too short to know the end) and null figures. Empty where the book cannot answer; the sentence says why.

    Raises
    ------
    ParameterError
        A landmark is no whole number of days above zero.

    Notes
    -----
    Counting the activities of an opportunity's whole life is the trap: what is won lives longer than what is lost, and longer lives
    hold more of everything. Here all opportunities that are compared have lived through the same days, and only what was done in
    them counts. Segment, source, quarter of creation, log of the amount and rep are held fixed, and so are the other categories;
    see `salestrack.stats.association`. The quarter keeps a change in how much is recorded, or in what is won, from passing for an
    effect.

    Comparing only those decided by now is the other trap: what makes wins come sooner has more of them decided by now. So
    opportunities are compared that have been watched until 95 % of all wins have come, whatever has become of them, and those
    open still count with the probability of being won that all such have. How long one is watched depends on its day of creation
    alone: to leave out those watched too briefly, decided ones too, is to weigh the others by the inverse probability of being
    watched so long, given that day. Beside it stands the share won early, by about the time when half of all wins have come.

    What brings wins before the landmark leaves fewer to be won after it, and would seem to go with losing. So ``less`` and
    ``later`` must hold with those that closed before the landmark counted, too.

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
    since, opportunities = (
        Since(start, record_of_closes(book)),
        view(book, "opportunities", "created_date", (), scope, period).table,
    )
    watched = watches(book, opportunities, marks, since)
    fates = cohorts(book, opportunities, watched, since).merge(watched, on="days")
    counted = cells(book, opportunities, watched, since, dose)
    effects, doses = [pd.DataFrame(columns=[*_COLUMNS, *_AT_MOST])], [_empty()[1]]
    for mark in watched.to_dict("records"):
        part = counted[counted["days"] == mark["days"]]
        if len(part):
            rows, shares = _at_mark(mark, part)
            effects.append(rows)
            doses += shares
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
    return (
        pd.DataFrame(columns=_COLUMNS),
        pd.DataFrame(columns=_DOSE_COLUMNS),
        pd.DataFrame(columns=["days", *FATES, *Watch._fields]),
    )


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


def _at_mark(mark: dict, part: pd.DataFrame) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Return the rows of one landmark, and the win shares by dose of each category that occurs."""
    ripe, early = _ended(part, mark, ""), _early(part, "")
    found, soon = (associate(each, CATEGORIES, HELD_FIXED) for each in (ripe, early))
    of_soon = soon.frame[["dose", "effect", "low", "high", "p"]].set_axis(["dose", *_SOON[2:-1]], axis=1)
    rows = _effects(mark, ripe, found).merge(of_soon, left_on="category", right_on="dose")
    if not mark["ripe"]:
        rows["reason"] = "young"
    # Whatever brings wins before the landmark leaves fewer to be won after it.
    for name, p, both in (("effect", "p", _ended(part, mark, "_all")), ("soon", "soon_p", _early(part, "_all"))):
        fewer = ((rows[name] < 0) & (rows[p] <= _NOTEWORTHY)).any()
        rows[f"{name}_at_most"] = associate(both, CATEGORIES, HELD_FIXED).frame["high"] if fewer else np.nan
    shares = [_dose_rows(mark["days"], category, ripe, found) for category in CATEGORIES if ripe[category].any()]
    return rows.assign(within=mark["within"], watched=mark["watched"], n_soon=soon.n), shares


def _ended(part: pd.DataFrame, mark: dict, which: str) -> pd.DataFrame:
    """Return the cells of those watched to the end; those still open count as won with their probability."""
    some = part[(part[f"n{which}"] > 0) & mark["ripe"]]
    won = some[f"won{which}"] + mark["yet"] * some[f"open{which}"]
    return some.assign(n=some[f"n{which}"], won=won, won_by_now=some[f"won{which}"])


def _early(part: pd.DataFrame, which: str) -> pd.DataFrame:
    """Return the cells of those watched so long, with those won early."""
    some = part[part[f"n{which}_soon"] > 0]
    return some.assign(n=some[f"n{which}_soon"], won=some[f"won{which}_soon"])


def _effects(mark: dict, part: pd.DataFrame, found: Association) -> pd.DataFrame:
    """Return the rows of one landmark for the end, with what was counted."""
    n = part["n"]
    counts = pd.DataFrame(
        {
            "dose": list(CATEGORIES),
            "with_any": [int(n[part[category] > 0].sum()) for category in CATEGORIES],
            "mean_dose": [float((part[category] * n).sum() / max(n.sum(), 1)) for category in CATEGORIES],
        }
    )
    rows = found.frame.merge(counts, on="dose").rename(columns={"dose": "category"})
    for name, side in (("below", lambda dose, cut: dose < cut), ("above", lambda dose, cut: dose >= cut)):
        # As counted: those still open are not won by now.
        rows[f"won_{name}"] = [
            np.nan if np.isnan(cut) else float(part.loc[side(part[category], cut), "won_by_now"].sum())
            for category, cut in zip(rows["category"], rows["cut"], strict=True)
        ]
    return rows.assign(days=mark["days"], n=found.n, won=int(part["won_by_now"].sum()))


def _judged(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with p adjusted for their number, and a verdict."""
    size = len(rows)
    familywise = familywise_p([*rows["p"], *rows["soon_p"]])
    clear, early = familywise[:size] <= _NOTEWORTHY, familywise[size:] <= _NOTEWORTHY
    up, quick = rows["effect"] > 0, rows["soon"] > 0
    clear, early = clear & (up | (rows["effect_at_most"] < 0)), early & (quick | (rows["soon_at_most"] < 0))
    alike = (rows["high"] < rows["soon"]).where(quick, rows["low"] > rows["soon"])
    verdicts = {
        "more": clear & up,
        "less": clear,
        "sooner": early & quick & alike,
        "later": early & alike,
        "sooner_or_more": early & quick,
        "later_or_less": early,
        "too_few": rows["reason"] != "",
    }
    words = np.select([np.asarray(each) for each in verdicts.values()], [*verdicts], "cannot_tell")
    return rows.assign(adjusted_p=adjusted_p(rows["p"]), familywise_p=familywise[:size], verdict=words)[_COLUMNS]


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
