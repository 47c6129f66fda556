"""Where conversion changed for good: one change looked for in each weekly series, all series judged together."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from salestrack.analyses.qualification_cohorts import Cohorts
from salestrack.stats.change_point import LEAST, Change, chance_to_see, change_point
from salestrack.stats.multiple import familywise_p

LEVEL = 0.01
"""Adjusted p below which a break is named. It is asked anew every week, so it is stricter than the usual 5 %."""
FEWEST_WEEKS = 12
HALVING_WEEKS = 13
"""A halving that began so many weeks before the end of the series is what the stated power speaks of."""
_SURELY_MISSING = 6.9
_LIMITS = ("", "_low", "_high")
Changes = dict[tuple[Any, ...], tuple[Change, pd.DataFrame]]
"""By series: the change with what is not known of it, and the weeks that it counts."""


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
        # The weeks just before the first day of the record are cut by it as well, and still have something to show.
        silent = before & (rows["went_on"] == 0).to_numpy()
        later = rows[~before]
        rate = later["went_on"].sum() / max(later["trials"].sum(), 1)
        missing = rate * rows["trials"].to_numpy()[silent].sum()
        parts.append(rows.assign(unrecorded=before & (missing >= _SURELY_MISSING)))
    return pd.concat(parts).sort_index()


def breaks_of(
    weeks: pd.DataFrame, series: Sequence[str]
) -> tuple[pd.DataFrame, dict[tuple[Any, ...], tuple[Change, pd.DataFrame]]]:
    """Look for one change in each series.

    Parameters
    ----------
    weeks : pandas.DataFrame
        As `recorded` returns them.
    series : sequence of str
        Columns that name a series.

    Returns
    -------
    frame : pandas.DataFrame
        A row for each series: its columns, mqls, weeks (judged), since, since_low, since_high (Mondays), before, after, ratio (each
        with ``_low`` and ``_high``), p, adjusted_p, verdict (``fell``, ``rose``, ``stopped``: to nothing at all, ``none``,
        ``too_few``), power (chance that a halving 13 weeks before the end would have been told; null: too few, or a break was),
        recorded_since (Monday; null: from the start), young (weeks too young to be judged). Where and how much are null
        unless there is a break.
    changes : dict
        Of those that were judged.
    """
    rows, changes = [], {}
    for key, all_weeks in _groups(weeks, series):
        used = all_weeks[~all_weeks["unrecorded"] & ~all_weeks["young"] & (all_weeks["n"] > 0)]
        change = None
        if len(used) >= FEWEST_WEEKS:
            change = change_point(used["went_on"].to_numpy(), used["trials"].to_numpy(), draws=_draws(weeks, series))
        if change is not None:
            changes[key] = (change, used)
        begun = all_weeks.loc[~all_weeks["unrecorded"], "start"].min() if all_weeks["unrecorded"].any() else None
        rows.append(
            dict(zip(series, key, strict=True))
            | {"mqls": int(all_weeks["n"].sum()), "weeks": len(used), "p": np.nan if change is None else change.p}
            | {"recorded_since": begun, "young": int((all_weeks["young"] & (all_weeks["n"] > 0)).sum())}
        )
    frame = pd.DataFrame(rows)
    frame["adjusted_p"] = familywise_p(frame["p"])
    level = LEVEL / max(int(frame["p"].notna().sum()), 1)
    told = [_told(row, changes.get(key), level) for row, (key, _) in zip(rows_of(frame), _groups(weeks, series), strict=True)]
    frame = pd.concat([frame, pd.DataFrame(told)], axis=1)
    spread = [f"{name}{limit}" for name in ("since", "before", "after", "ratio") for limit in _LIMITS]
    columns = [*series, "mqls", "weeks", *spread, "p", "adjusted_p", "verdict", "power", "recorded_since", "young"]
    return frame[columns], changes


def rows_of(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return the rows of a frame as dictionaries."""
    return frame.to_dict("records")


def _draws(weeks: pd.DataFrame, series: Sequence[str]) -> int:
    """Return how many permutations it takes for a p that stays below the level when it is adjusted for the number of series."""
    return max(9_999, int(2 * weeks.groupby(list(series), dropna=False).ngroups / LEVEL) if series else 0)


def _told(row: dict[Any, Any], found: tuple[Change, pd.DataFrame] | None, level: float) -> dict[str, object]:
    told: dict[str, object] = {f"{name}{limit}": np.nan for name in ("before", "after", "ratio") for limit in _LIMITS}
    told |= dict.fromkeys(f"since{limit}" for limit in _LIMITS) | {"power": np.nan}
    if found is None:
        return told | {"verdict": "too_few"}
    change, used = found
    if row["adjusted_p"] > LEVEL:
        at = max(len(used) - HALVING_WEEKS, LEAST)
        return told | {
            "verdict": "none",
            "power": chance_to_see(used["went_on"].to_numpy(), used["trials"].to_numpy(), at, level=level),
        }
    for name in ("before", "after", "ratio"):
        told |= {f"{name}{limit}": value for limit, value in zip(_LIMITS, getattr(change, name), strict=True)}
    places = (change.at, change.at_low, change.at_high)
    told |= {f"since{limit}": used["start"].iloc[at] for limit, at in zip(_LIMITS, places, strict=True)}
    fell = "stopped" if change.after.value == 0 else "fell"
    return told | {"verdict": fell if change.after.value < change.before.value else "rose"}


def _groups(frame: pd.DataFrame, series: Sequence[str]) -> Iterator[tuple[tuple[Any, ...], pd.DataFrame]]:
    """Yield the rows of each series under its key, null as None."""
    if not series:
        yield (), frame
        return
    for key, rows in frame.groupby(list(series), dropna=False):
        yield tuple(None if pd.isna(each) else each for each in key), rows  # type: ignore[call-overload]
