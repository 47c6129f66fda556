"""What a run says of itself: all that was read, what became of it, and what to look at."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from salestrack.capture.found import Read
from salestrack.capture.merging import Merged
from salestrack.definition import COUNT, HOURS
from salestrack.formats import figure, share
from salestrack.wording import say

_SHOWN = 5


def sentences(read: Read, merged: Merged, activities: pd.DataFrame, strangers: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield what to know about a run.

    Parameters
    ----------
    read : Read
        What was read.
    merged : Merged
        What became of it.
    activities : pandas.DataFrame
        All activities known after the run.
    strangers : mapping of str to sequence of str
        By table, keys that the rules name and the book does not have.
    """
    rows = merged.read
    done = rows[rows["reason"] == ""]
    left_out = rows.loc[rows["reason"] != "", "reason"].value_counts()
    counts = {"read": len(rows), "files": read.files, "placed": len(done), "left": int(left_out.sum())}
    yield say("capture-read", {name: _count(value) for name, value in counts.items()} | {"n": read.files})
    for reason, rows_of in sorted(left_out.items(), key=lambda pair: (-pair[1], str(pair[0]))):
        yield say("capture-left-out", {"count": _count(rows_of), "why": say(f"capture-reason-{reason}")})
    yield from _about_activities(done)
    yield from _about_matches(done)
    yield from _about_overlaps(activities)
    yield from _about_files(read, strangers)
    changes = {name: _count(getattr(merged, name)) for name in ("added", "changed", "removed", "same")}
    yield say("capture-changes", changes | {"total": _count(len(activities))})


def _about_activities(done: pd.DataFrame) -> Iterator[str]:
    unclassified = int((done["category"] == "unclassified").sum())
    if unclassified:
        yield say(
            "capture-unclassified", {"n": unclassified, "count": _count(unclassified), "share": share(unclassified / len(done))}
        )


def _about_matches(done: pd.DataFrame) -> Iterator[str]:
    matched, notes = int(done["opportunity_id"].notna().sum()), done.loc[done["note"] != "", "note"].value_counts()
    client = matched + int(notes.sum())
    if client:
        yield say("capture-matched", {"matched": _count(matched), "client": _count(client)})
    for note, rows in sorted(notes.items(), key=lambda pair: (-pair[1], str(pair[0]))):
        yield say("capture-unmatched", {"count": _count(rows), "why": say(f"capture-note-{note}")})


def _about_overlaps(activities: pd.DataFrame) -> Iterator[str]:
    overlapping = activities["overlap_minutes"] > 0
    if overlapping.any():
        hours = float(activities["overlap_minutes"].sum()) / 60
        yield say("capture-overlaps", {"n": int(overlapping.sum()), "hours": figure(hours, HOURS, "")})


def _about_files(read: Read, strangers: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for kind, said in (("event", "capture-unknown-zone"), ("mail", "capture-unknown-zone-of-mail")):
        if lost := sum(entry.zone_unknown for entry in read.entries if entry.kind == kind):
            yield say(said, {"n": lost})
    if read.garbled:
        yield say("capture-garbled", {"n": len(read.garbled), "files": _some(read.garbled)})
    if read.passed_over:
        yield say("capture-passed-over", {"n": read.passed_over})
    for table, keys in strangers.items():
        if keys:
            yield say("capture-strangers", {"n": len(keys), "table": table, "keys": _some(keys)})


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")


def _count(number: float) -> str:
    return figure(number, COUNT, "")
