"""Capturing: from calendars and mail archives to a table of activities that a book can map."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from salestrack.book import Book
from salestrack.capture import stored
from salestrack.capture.entries import EARLIEST, Window
from salestrack.capture.found import read_all
from salestrack.capture.matching import Openings, match, unknown_keys
from salestrack.capture.merging import merge
from salestrack.capture.placing import Placing, Privacy, Row, pseudonym
from salestrack.capture.rules import Rules
from salestrack.capture.telling import sentences
from salestrack.errors import CaptureError
from salestrack.wording import say

_LOCAL_PART = re.compile(r"[^\s/]+@")


@dataclass(frozen=True)
class Manner:
    """How a run reads, and what it keeps.

    Parameters
    ----------
    since : date, optional
        First day that is read; None: everything.
    whole : bool
        Whether the files hold all calendars of their owners, so that events which are in them no more were deleted.
    privacy : Privacy
        What is kept of people.
    """

    since: date | None = None
    whole: bool = False
    privacy: Privacy = field(default_factory=Privacy)


@dataclass(frozen=True)
class Captured:
    """What a run captured.

    Parameters
    ----------
    activities : pandas.DataFrame
        All activities known after the run: the columns of `activities` that a book maps, ``overlap_minutes`` and what the next
        run needs. ``started_at`` is on the book's clock; ``minutes`` is null where nothing says how long it took.
    not_placed : pandas.DataFrame
        What is no activity (``left_out``) and activities without an opportunity though clients were in them, each with its
        ``reason`` or ``note`` and that in words.
    read, placed : int
        Entries read in this run, and those of them that are activities.
    left_out : dict of str to int
        The others, by reason. ``read == placed + sum(left_out.values())`` always.
    sentences : tuple of str
        What to know about the run.
    into : Path
        The file that was written.
    """

    activities: pd.DataFrame
    not_placed: pd.DataFrame
    read: int
    placed: int
    left_out: dict[str, int]
    sentences: tuple[str, ...]
    into: Path

    def __str__(self) -> str:
        return "\n".join(self.sentences)


def capture(book: Book, paths: Sequence[str | Path], rules: Rules, into: str | Path, manner: Manner = Manner()) -> Captured:
    """Read calendars and mail archives, and write their activities into a file, beside what earlier runs found.

    Parameters
    ----------
    book : Book
        Gives the day up to which is read, the time zone, the working days, and the opportunities to match.
    paths : sequence of str or Path
        ``.ics`` and ``.mbox`` files, and folders of them.
    rules : Rules
        From `read_rules`.
    into : str or Path
        A ``.csv`` or ``.parquet`` file, or a folder for ``activities.csv``. What cannot be placed goes beside it, into a file
        whose name ends in ``_not_placed``. Both are replaced at once; earlier activities stay, unless they were changed or
        called off.
    manner : Manner
        From which day, whether the calendars are whole, what is kept of people.

    Raises
    ------
    CaptureError
        There is nothing to read, or the file is there and is no capture. Nothing is written then.
    """
    first, privacy = manner.since or EARLIEST, manner.privacy
    if first > book.as_of:
        raise CaptureError(f"The first day, {first}, is after the day of the book, {book.as_of}.")
    target = stored.place_of(into)
    window = Window(first, book.as_of + timedelta(days=1), ZoneInfo(book.settings.time_zone))
    read = read_all(paths, rules, window)
    rows = list(Placing(rules, book.settings.working_days, privacy).rows(read.entries))
    found = _frame(book, rows, privacy)
    with stored.only_one(target):
        earlier = stored.load(target, titles=privacy.keep_titles, mark=privacy.mark)
        merged = merge(earlier, found, window, found.loc[found["owned"], "rep_id"] if manner.whole else ())
        activities, rest = stored.save(merged.rows, target)
    left_out = Counter(merged.read.loc[merged.read["reason"] != "", "reason"])
    told = [*sentences(read, merged, activities, _strangers(book, rules)), _written(target)]
    return Captured(activities, rest, len(found), len(found) - left_out.total(), dict(left_out.most_common()), tuple(told), target)


def _written(target: Path) -> str:
    return say("capture-written", {"activities": str(target), "rest": str(stored.beside(target))})


def _frame(book: Book, rows: Sequence[Row], privacy: Privacy) -> pd.DataFrame:
    openings = Openings(book, (account for row in rows for account in row.accounts))
    typed = stored.typed(pd.DataFrame([_record(row, openings, privacy) for row in rows]), titles=privacy.keep_titles)
    owned, alone = ([getattr(row.entry, name) for row in rows] for name in ("owner", "alone"))
    return typed.assign(owned=pd.Series(owned, dtype=object).astype(bool), alone=pd.Series(alone, dtype=bool))


def _record(row: Row, openings: Openings, privacy: Privacy) -> dict[str, object]:
    entry = row.entry
    account, opportunity, note = None, None, ""
    if not row.reason and entry.start:
        account, opportunity, note = match(row.accounts, entry.start.date(), openings, client=bool(row.outside))
    people = dict.fromkeys(filter(None, (entry.organiser, *(each.address for each in entry.people))))
    return {
        "activity_id": row.activity_id,
        "rep_id": pseudonym(privacy.key, row.rep_id) if row.rep_id and privacy.key else row.rep_id,
        "category": row.category,
        "type": row.type,
        "started_at": entry.start,
        "minutes": row.minutes,
        "opportunity_id": opportunity,
        "account_id": account,
        "kind": entry.kind,
        "all_day": entry.all_day,
        "reason": row.reason,
        "note": note,
        # A calendar is often called like its owner's address.
        "place": "" if privacy.key else _LOCAL_PART.sub("*@", entry.place),
        "series_id": row.series_id,
        "stamp": entry.stamp,
        "title": entry.title,
        "location": entry.location,
        "addresses": " ".join(people),
    }


def _strangers(book: Book, rules: Rules) -> dict[str, list[str]]:
    """Return the keys that the rules name and the book does not have, by table."""
    return {
        "reps": unknown_keys(book, "reps", "rep_id", rules.reps.values()),
        "accounts": unknown_keys(book, "accounts", "account_id", rules.domains.values()),
    }
