"""Calendar files: finding their events, without ever reading what is written in them.

Only the properties of `_READ` are handed to the parser; descriptions, comments, attachments and alarms are passed over line
by line.
"""

import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import icalendar
from icalendar.error import GloballyUniqueTZIDGuessed

from salestrack.capture.entries import Entry, address_of
from salestrack.capture.letters import whole

# Faults of these make an event's times unsure; faults of others do no harm.
_TIMES = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
_LINKS = {"CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "X-MICROSOFT-ONLINEMEETINGCONFLINK"}
_READ = _TIMES | _LINKS | {"UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "STATUS", "CLASS", "TRANSP", "SUMMARY", "LOCATION"}
_READ |= {"ORGANIZER", "ATTENDEE", "X-MICROSOFT-CDO-BUSYSTATUS"}
_HEAD = {"METHOD", "X-WR-CALNAME", "X-WR-TIMEZONE"}
# What attendees send back about somebody else's event (RFC 5546); what became of it is in the calendar.
_ANSWERS = ("REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH")
_PARTS = ("VCALENDAR", "VEVENT", "VTIMEZONE")
_ONLINE = re.compile(
    r"https?://|\b(zoom|teams|webex|skype|gotomeeting|google meet|online|virtual|phone|dial-in)\b"
    # Korean words take endings.
    r"|(?<!\w)(화상|온라인|비대면|원격|전화|유선|줌(?!\w)|팀즈|웹엑스|구글 ?미트)",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z0-9-]+")
# What the parser raises on values that it cannot read; KeyError where a needed one is missing.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError)


@dataclass(frozen=True)
class Diary:
    """One calendar: where it is, whose it is, whether it calls its events off or answers for one, and its zone as written."""

    path: Path
    owner: str = ""
    called_off: bool = False
    answer: bool = False
    zone: str = ""


@dataclass(frozen=True, eq=False)
class Event:
    """One event as it is written, with the calendar that it is in."""

    diary: Diary
    # The parser's own types name every value that any property may have.
    component: Any
    text: str
    zone_unknown: bool = False

    @property
    def uid(self) -> str:
        """What names it; where it has no name, its own text does."""
        written = self.component.get("UID")
        return str(written) if written else f"unnamed {_digest(self.text)}"

    @property
    def stamp(self) -> str:
        """When it was last changed, in UTC; empty where it does not say."""
        return max(self._moment("LAST-MODIFIED"), self._moment("DTSTAMP"))

    @property
    def version(self) -> tuple[int, str]:
        """The later of two versions of one event is greater."""
        try:
            return int(self.component.get("SEQUENCE", 0)), self.stamp
        except UNREADABLE:
            return 0, self.stamp

    @property
    def occurrence(self) -> str:
        """Which occurrence of a series it changes; empty where it is the event itself."""
        return self._moment("RECURRENCE-ID")

    def _moment(self, name: str) -> str:
        try:
            value = self.component[name].dt
            return f"{value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value:%Y%m%dT%H%M%S}"
        except UNREADABLE:
            return ""


@dataclass
class _Block:
    """The lines of one component that are read."""

    name: str
    line: int
    calendar: "_Block | None" = None
    lines: list[str] = field(default_factory=list)
    whole: bool = False

    @property
    def text(self) -> str:
        """The component, as far as it is read."""
        return "\r\n".join((f"BEGIN:{self.name}", *self.lines, f"END:{self.name}"))

    def reads(self, name: str, depth: int) -> bool:
        """Return whether a property is read, by its name and by how deep inside the component it stands."""
        if self.name == "VTIMEZONE":
            return True
        return depth == 0 and name in {"VEVENT": _READ, "VCALENDAR": _HEAD}.get(self.name, ())


def read_events(path: Path, text: str, owner_of: Callable[[Path, str], str]) -> Iterator[Event | Entry]:
    """Yield the events of a calendar file; an event whose text is broken comes as an entry with its fault.

    Parameters
    ----------
    path : Path
        The file.
    text : str
        What is in it. Several calendars may follow each other.
    owner_of : callable
        From the path and the calendar's own name to the address of its owner.
    """
    # Time zones that a file defines itself are remembered by name, and another file may mean another zone by that name.
    icalendar.use_zoneinfo()
    splitter = _Splitter()
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        splitter.take(number, line)
    blocks = splitter.blocks
    for block in blocks:
        if block.name == "VTIMEZONE":
            _remember_zone(block)
    diaries = {id(block): _diary(path, block, owner_of) for block in blocks if block.name == "VCALENDAR"}
    for block in blocks:
        if block.name == "VEVENT":
            yield _event(diaries.get(id(block.calendar)) or Diary(path, owner_of(path, "")), block)


def _remember_zone(block: _Block) -> None:
    # The events of a zone that cannot be read name a zone that nobody knows, which is told.
    with suppress(*UNREADABLE):
        icalendar.Timezone.from_ical(block.text)


def _diary(path: Path, block: _Block, owner_of: Callable[[Path, str], str]) -> Diary:
    said = {name.partition(";")[0].upper(): value.strip() for name, _, value in (line.partition(":") for line in block.lines)}
    method = said.get("METHOD", "").upper()
    owner = owner_of(path, said.get("X-WR-CALNAME", ""))
    return Diary(path, owner, method == "CANCEL", method in _ANSWERS, said.get("X-WR-TIMEZONE", ""))


def _event(diary: Diary, block: _Block) -> Event | Entry:
    try:
        with warnings.catch_warnings():
            # Of "/some.program/Europe/Berlin" only the end names a zone.
            warnings.simplefilter("ignore", GloballyUniqueTZIDGuessed)
            component: Any = icalendar.Event.from_ical(block.text)
    except UNREADABLE:
        component = None
    place = f"{diary.path.name}:{block.line}"
    broken = component is None or not block.whole or any(name in _TIMES for name, _ in component.errors)
    if diary.answer:
        # By a name of its own, so that it takes the place of no event.
        return Entry("event", place, f"answer {_digest(block.text)}", owner=diary.owner, alone=True, fault="answer")
    if component is None or broken or "DTSTART" not in component:
        uid = str(component.get("UID", "")) if component is not None else ""
        return Entry("event", place, uid or f"unread {_digest(block.text)}", owner=diary.owner, fault="malformed")
    return Event(diary, component, block.text)


class _Splitter:
    """Takes the lines of a calendar file one by one, and keeps those that are read in `blocks`, in order."""

    def __init__(self) -> None:
        self.blocks: list[_Block] = []
        self._calendar: _Block | None = None
        self._part: _Block | None = None
        self._depth = 0
        self._kept: list[str] | None = None

    def take(self, number: int, line: str) -> None:
        """Take the next line."""
        if line[:1] not in (" ", "\t"):
            found = _NAME.match(line)
            self._kept = self._where(found[0].upper() if found else "", line.partition(":")[2].strip().upper(), number)
        if self._kept is not None:
            self._kept.append(line)

    def _where(self, name: str, what: str, number: int) -> list[str] | None:
        """Return the lines to which this one belongs; None where it is not read."""
        block = self._part or self._calendar
        if name == "BEGIN" and (not self._part or what in _PARTS):
            self._open(what, number)
            return None
        if name == "END" and block and what in (block.name, "VCALENDAR"):
            block.whole = what == block.name and self._depth == 0
            self._part = None
            self._calendar = None if what == "VCALENDAR" else self._calendar
            return None
        self._depth += (name == "BEGIN") - (name == "END")
        return block.lines if block and block.reads(name, self._depth) else None

    def _open(self, what: str, number: int) -> None:
        block = _Block(what, number, self._calendar)
        self.blocks.append(block)
        self._depth = 0
        if what == "VCALENDAR":
            self._calendar, self._part = block, None
        else:
            self._part = block


def _digest(text: str) -> str:
    return sha256(text.encode(errors="surrogateescape")).hexdigest()


def is_online(component: Any) -> bool:
    """Return whether an event has a link, or a place that is none."""
    return bool(_LINKS & set(component)) or bool(_ONLINE.search(whole(str(component.get("LOCATION", "")))))


def listed(value: Any) -> Iterable[Any]:
    """Return a property that may be absent, single or repeated as a list."""
    return [] if value is None else value if isinstance(value, list) else [value]


def is_day(value: date) -> bool:
    """Return whether a time is a whole day."""
    return not isinstance(value, datetime)


def person_of(value: Any) -> str:
    """Return the address of an organiser or attendee; some programs write it beside a reference of their own."""
    return address_of(value) or address_of(getattr(value, "params", {}).get("EMAIL"))
