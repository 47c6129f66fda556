"""Where conversion changed for good: one change looked for in each weekly series, all series judged together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from salestrack.analyses.qualification_cohorts import Cohorts
from salestrack.stats.change_point import LEAST, Change, chance_to_see, change_point
from salestrack.stats.limits import normal_quantile, wilson
from salestrack.stats.multiple import familywise_p
from salestrack.stats.wander import Wander, wander_of

LEVEL = 0.005
"""Adjusted p below which a break is named.

It is asked anew every week: a year of looks should name an unchanged company in 5 % at most.
"""
HALVING_WEEKS = 13
"""A halving that began so many judged weeks before the end of the series is what the stated power speaks of."""
FEWEST_WEEKS = HALVING_WEEKS + LEAST
NO_BREAK = ("none", "too_few", "season")
YEAR = timedelta(weeks=52)
# So many missing events come to none by chance less than once in a thousand times.
_SURELY_MISSING = 6.9
_LIMITS = ("", "_low", "_high")
_SPREAD = ("before", "after", "ratio")
_Z = normal_quantile(0.95)


@dataclass(frozen=True)
class Search:
    """What was looked at in one series, and what was found.

    Parameters
    ----------
    weeks, judged : pandas.DataFrame
        All weeks of the series, and those old enough and recorded.
    change : Change or None
        The likeliest change, with what is not known of it; None: too few weeks, or all alike.
    """

    weeks: pd.DataFrame
    judged: pd.DataFrame
    change: Change | None


def recorded(weeks: pd.DataFrame, found: Cohorts) -> pd.DataFrame:
    """Add where the record of each series begins.

    Parameters
    ----------
    weeks : pandas.DataFrame
        As `weeks_of` returns them.
    found : Cohorts
        What the engine counted.

    Returns
    -------
    pandas.DataFrame
        With a column unrecorded: the week began before anything of its series reached the goal, though so many should have that
        this would happen by chance less than once in a thousand times. It is then the record that begins, not the conversion.
    """
    first = {key: rows["first_event"].dropna().min() for key, rows in _groups(found.sizes, found.series)}
    parts = []
    for key, rows in _groups(weeks, found.series):
        begun = first[key]
        before = np.zeros(len(rows), dtype=bool) if pd.isna(begun) else (rows["start"] < begun).to_numpy()
        # The last weeks before the first day of the record are cut by it as well, and still have something to show.
        silent = before & (rows["went_on"] == 0).to_numpy()
        later = rows[~before]
        rate = later["went_on"].sum() / max(later["trials"].sum(), 1)
        missing = rate * rows["trials"].to_numpy()[silent].sum()
        parts.append(rows.assign(unrecorded=before & (missing >= _SURELY_MISSING)))
    return pd.concat(parts).sort_index()


def breaks_of(weeks: pd.DataFrame, series: Sequence[str]) -> tuple[pd.DataFrame, list[Search], Wander]:
    """Look for one change in each series, larger than their shares wander by themselves.

    Parameters
    ----------
    weeks : pandas.DataFrame
        As `recorded` returns them.
    series : sequence of str
        Columns that name a series.

    Returns
    -------
    frame : pandas.DataFrame
        A row for each series, as `Qualification.breaks` has it, without the cost.
    searches : list of Search
        The same series in the same order.
    wander : Wander
        How far the share of a series moves from week to week without any break.
    """
    groups = list(_groups(weeks, series))
    # A p must be able to stay below the level when it is adjusted for the number of series.
    draws = max(9_999, int(2 * len(groups) / LEVEL))
    enough = [(rows, _enough(rows)) for _, rows in groups]
    wander = wander_of((_counts(judged) for _, judged in enough if judged is not None), LEAST)
    searches = [_search(rows, judged, wander, draws) for rows, judged in enough]
    frame = pd.DataFrame([key for key, _ in groups], columns=list(series), index=range(len(groups)))
    p = np.array([np.nan if each.change is None else each.change.p for each in searches])
    adjusted = familywise_p(p)
    level = LEVEL / max(int(np.isfinite(p).sum()), 1)
    told = [_told(each, each_p, level, wander) for each, each_p in zip(searches, adjusted, strict=True)]
    return pd.concat([frame, pd.DataFrame(told).assign(p=p, adjusted_p=adjusted)], axis=1), searches, wander


def rows_of(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return the rows of a frame as dictionaries."""
    return frame.to_dict("records")


def _judged(weeks: pd.DataFrame) -> pd.DataFrame:
    return weeks[~weeks["unrecorded"] & ~weeks["young"] & (weeks["n"] > 0)]


def _counts(judged: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return judged["went_on"].to_numpy(dtype=float), judged["trials"].to_numpy(dtype=float)


def _enough(weeks: pd.DataFrame) -> pd.DataFrame | None:
    """Return the weeks to be judged; None where they are too few, or all leads of all weeks fared alike."""
    judged = _judged(weeks)
    went_on, trials = judged["went_on"].sum(), judged["trials"].sum()
    return judged if len(judged) >= FEWEST_WEEKS and 0 < went_on < trials else None


def _search(weeks: pd.DataFrame, judged: pd.DataFrame | None, wander: Wander, draws: int) -> Search:
    if judged is None:
        return Search(weeks, _judged(weeks), None)
    return Search(weeks, judged, change_point(*_counts(judged), wander=wander, draws=draws))


def _told(search: Search, adjusted: float, level: float, wander: Wander) -> dict[str, object]:
    """Return the row of one series."""
    weeks, judged, change = search.weeks, search.judged, search.change
    late = weeks["unrecorded"].any()
    told: dict[str, object] = {"mqls": int(weeks["n"].sum()), "weeks": len(judged), "verdict": "too_few"}
    told |= dict.fromkeys(f"since{limit}" for limit in _LIMITS)
    told |= dict.fromkeys((f"{name}{limit}" for name in (*_SPREAD, "last_year") for limit in _LIMITS), np.nan) | {"power": np.nan}
    told["recorded_since"] = weeks.loc[~weeks["unrecorded"], "start"].min() if late else None
    told["young"] = int((weeks["young"] & (weeks["n"] > 0)).sum())
    if change is None:
        return told
    if adjusted > LEVEL:
        at = len(judged) - HALVING_WEEKS
        return told | {"verdict": "none", "power": chance_to_see(*_counts(judged), at, level=level, wander=wander)}
    for name in _SPREAD:
        told |= {f"{name}{limit}": value for limit, value in zip(_LIMITS, getattr(change, name), strict=True)}
    places = zip(_LIMITS, (change.at, change.at_low, change.at_high), strict=True)
    told |= {f"since{limit}": judged["start"].iloc[at] for limit, at in places}
    told |= _a_year_before(judged, change.at)
    fell = "stopped" if change.after.value == 0 else "fell"
    word = fell if change.after.value < change.before.value else "rose"
    return told | {"verdict": "season" if _nearer(told["last_year"], change) else word}


def _a_year_before(judged: pd.DataFrame, at: int) -> dict[str, float]:
    """Return the share, before a change, of the weeks that lie 52 weeks before those after it; nothing where these are too few."""
    start = judged["start"]
    same = judged.iloc[:at][start.iloc[:at].isin(start.iloc[at:] - YEAR)]
    if len(same) < LEAST:
        return {}
    k, n = (each.sum() for each in _counts(same))
    return {f"last_year{limit}": float(value) for limit, value in zip(_LIMITS, wilson(k / n, n, _Z), strict=True)}


def _nearer(last_year: Any, change: Change) -> bool:
    """Return whether the same weeks of the year before were already nearer to the share after a change than to the one before."""
    return bool(abs(last_year - change.after.value) < abs(last_year - change.before.value))


def _groups(frame: pd.DataFrame, series: Sequence[str]) -> Iterator[tuple[tuple[Any, ...], pd.DataFrame]]:
    """Yield the rows of each series under its key, null as None."""
    if not series:
        yield (), frame
        return
    for key, rows in frame.groupby(list(series), dropna=False):
        yield tuple(None if pd.isna(each) else each for each in key), rows  # type: ignore[call-overload]
