"""Adding what one run read to what earlier runs found: changed entries replace, called-off ones remove, older ones do nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from salestrack.capture.entries import Window, midnight

OUTSIDE = ("before-window", "after-window", "outside-window")
_CONTENT = ("rep_id", "category", "type", "started_at", "minutes", "account_id", "opportunity_id")


@dataclass(frozen=True)
class Merged:
    """What is known after a run.

    Parameters
    ----------
    rows : pandas.DataFrame
        All rows, by day and rep.
    read : pandas.DataFrame
        The rows of this run, with the reason ``duplicate`` or ``older-version`` where another one holds.
    added, changed, removed, same : int
        Activities that are new, differ from before, are none any more, are as before.
    """

    rows: pd.DataFrame
    read: pd.DataFrame
    added: int
    changed: int
    removed: int
    same: int


def merge(old: pd.DataFrame, read: pd.DataFrame, window: Window, whole: Iterable[str] = ()) -> Merged:
    """Merge the rows of one run into those of earlier runs.

    Parameters
    ----------
    old, read : pandas.DataFrame
        Rows as `stored.typed` returns them; `read` also has ``owned`` (the calendar's owner is known) and ``alone`` (nothing
        is known of the other occurrences of its series).
    window : Window
        The days that were read; rows of other days stay as they are.
    whole : iterable of str
        Reps whose calendars were read from end to end: what is in them no more is gone.
    """
    read = _judged(old, read, window)
    kept = read[~read["reason"].isin(["duplicate", "older-version"]) & ~read["stays"]]
    gone = _gone(old, kept, set(whole)) & (old["started_at"].isna() | _inside(old["started_at"], window))
    before = old[~old["activity_id"].isin(kept["activity_id"]) & ~gone]
    rows = pd.concat([before, kept[list(old.columns)]], ignore_index=True)
    rows = rows.sort_values(["started_at", "rep_id", "activity_id"], ignore_index=True)
    return Merged(rows, read.drop(columns="stays"), **_counted(old, rows))


def _judged(old: pd.DataFrame, read: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Return the rows of a run, each telling whether another one holds in its place."""
    order = ["told_twice", "owned", "stamp", "reason", *_CONTENT]
    read = read.assign(told_twice=read["reason"] == "duplicate")
    read = read.sort_values(order, ascending=[True, False, False, *[True] * (len(order) - 3)], ignore_index=True)
    read.loc[read["activity_id"].duplicated() & (read["kind"] != "file"), "reason"] = "duplicate"
    known = old.set_index("activity_id")
    earlier = known["stamp"].reindex(read["activity_id"]).fillna("").to_numpy()
    read.loc[(read["stamp"].to_numpy() < earlier) & (read["reason"] != "duplicate"), "reason"] = "older-version"
    # What was found on other days by an earlier run is not undone by not looking at those days.
    days = known["started_at"].where(known["reason"] == "").reindex(read["activity_id"]).reset_index(drop=True)
    read["stays"] = read["reason"].isin(OUTSIDE) & days.notna() & ~_inside(days, window)
    return read.drop(columns="told_twice")


def _gone(old: pd.DataFrame, kept: pd.DataFrame, whole: set[str]) -> pd.Series:
    """Return which earlier rows are no occurrences any more of a series that was read anew, or in no calendar any more."""
    series = kept[~kept["alone"]].assign(rep_id=lambda rows: rows["rep_id"].fillna(""))
    latest = series.groupby(["series_id", "rep_id"])["stamp"].max()
    nobodys = series.groupby("series_id")["stamp"].max()
    reps = pd.MultiIndex.from_arrays([old["series_id"], old["rep_id"].fillna("")])
    stamp = pd.Series(latest.reindex(reps).to_numpy(), index=old.index, dtype="string")
    # What was nobody's, because the rep was not listed then, is somebody's now.
    stamp = stamp.where(old["rep_id"].notna(), old["series_id"].map(nobodys))
    again = stamp.notna() & (old["stamp"] <= stamp).fillna(False)
    deleted = (old["kind"] == "event") & old["rep_id"].isin(whole)
    return (again | deleted) & ~old["activity_id"].isin(kept["activity_id"])


def _inside(moments: pd.Series, window: Window) -> pd.Series:
    return (moments >= midnight(window.first)) & (moments < midnight(window.after))


def _counted(old: pd.DataFrame, rows: pd.DataFrame) -> dict[str, int]:
    before, after = (each[each["reason"] == ""].set_index("activity_id")[list(_CONTENT)] for each in (old, rows))
    both = before.index.intersection(after.index)
    one, other = before.loc[both], after.loc[both]
    same = ((one == other) | (one.isna() & other.isna())).fillna(False).all(axis=1)
    return {
        "added": len(after) - len(both),
        "changed": int((~same).sum()),
        "removed": len(before) - len(both),
        "same": int(same.sum()),
    }
