"""A small office to capture from: a hand-written week in `office/`, and calendars and mail written by a test."""

from pathlib import Path

import ibis
import pandas as pd

from salestrack.book import Settings, Stage
from salestrack.capture import Manner, Privacy, capture, read_rules
from tests.small_book import book_of, typed

OFFICE = Path(__file__).parent / "office"
AS_OF = "2026-06-30"
RULES = """\
reps: {ada@nordquill.example: R1, ben@nordquill.example: R2}
domains: {acme.example: A1, beta.example: A2}
"""
_OPPORTUNITIES = {
    "opportunity_id": ["O1", "O2"],
    "account_id": ["A1", "A2"],
    "created_date": ["2026-05-01", "2026-05-01"],
    "close_date": ["2026-07-31", "2026-06-10"],
    "stage": ["Open", "Lost"],
}


def small_office_book(as_of, zone="Europe/Berlin", opportunities=None):
    """A book of two opportunities, in Berlin."""
    settings = Settings(
        time_zone=zone, stages=(Stage(name="Open"), Stage(name="Won", outcome="won"), Stage(name="Lost", outcome="lost"))
    )
    frame = typed("opportunities", pd.DataFrame(opportunities or _OPPORTUNITIES))
    return book_of(ibis.duckdb.connect(), {"opportunities": frame}, as_of, settings)


def event(uid, start, end="", *more):
    """The text of one event; `start` and `end` are written as in a calendar, with their parameters."""
    times = [f"DTSTART{start if start[:1] in ';:' else ':' + start}"]
    times += [f"DTEND{end if end[:1] in ';:' else ':' + end}"] if end else []
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260601T000000Z", *times, *more, "END:VEVENT"])


def calendar(*events, head=()):
    """The text of a calendar."""
    return "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", *head, *events, "END:VCALENDAR", ""])


def mail(*lines, body="Body.\n"):
    """The bytes of one mail of an archive."""
    head = "\n".join(["From ada@nordquill.example Tue Jun  2 18:05:00 2026", *lines])
    return (head + "\n\n").encode() + (body if isinstance(body, bytes) else body.encode()) + b"\n"


class Desk:
    """A folder with a rules file, and what has been captured from it into `out.csv`."""

    def __init__(self, folder, book, rules=RULES):
        self.folder, self.book = folder, book
        (folder / "rules.yaml").write_text(rules)
        self.out = folder / "out.csv"

    def put(self, name, content):
        """Write a file and return its path."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def capture(self, *paths, book=None, **manner):
        """Capture files, after checking that everything read is accounted for."""
        privacy = Privacy(manner.pop("keep_titles", False), manner.pop("key", b""))
        rules = read_rules(self.folder / "rules.yaml")
        captured = capture(book or self.book, paths, rules, self.out, Manner(privacy=privacy, **manner))
        assert captured.read == captured.placed + sum(captured.left_out.values())
        return captured

    def of(self, *events, **manner):
        """Capture events of Ada's calendar and return it."""
        return self.capture(self.put("ada@nordquill.example.ics", calendar(*events)), **manner)
