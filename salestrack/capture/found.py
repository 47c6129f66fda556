"""Finding calendars and mail archives on disk, and reading all of them into entries."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from salestrack.capture import letters
from salestrack.capture.calendars import Event, read_events
from salestrack.capture.entries import Entry, Window
from salestrack.capture.mail import read_mail
from salestrack.capture.occurrences import entries_of
from salestrack.capture.rules import Rules
from salestrack.errors import CaptureError, suggestion

_SUFFIXES: dict[str, Literal["calendar", "mail"]] = {".ics": "calendar", ".ical": "calendar", ".mbox": "mail", ".mbx": "mail"}
_SNIFFED = 512
_FOLD = re.compile(rb"\n[ \t]")
_LINES = re.compile(rb"\n(?![ \t])")
# Some programs send an event alone, without the calendar around it.
_BEGINNINGS = (b"BEGIN:VCALENDAR", b"BEGIN:VEVENT")
_IS_CALENDAR = re.compile(r"^BEGIN:(VCALENDAR|VEVENT)\b", re.IGNORECASE | re.MULTILINE)


@dataclass
class Read:
    """What was read in one run.

    Parameters
    ----------
    entries : list of Entry
        One for each occurrence and mail; and one for each file that is neither calendar nor mail.
    files : int
        How many files were read.
    passed_over : int
        Files of given folders that are neither calendar nor mail.
    garbled : list of str
        Files that are not UTF-8 throughout; what could not be read in them was replaced.
    """

    entries: list[Entry] = field(default_factory=list)
    files: int = 0
    passed_over: int = 0
    garbled: list[str] = field(default_factory=list)


def read_all(paths: Iterable[str | Path], rules: Rules, window: Window) -> Read:
    """Read calendars and mail archives.

    Parameters
    ----------
    paths : iterable of str or Path
        Files, and folders that are searched for them.
    rules : Rules
        Say whose calendar is whose.
    window : Window
        Days and clock.

    Raises
    ------
    CaptureError
        A path does not exist, or there is nothing to read.
    """
    read = Read()
    events: list[Event] = []
    for path, kind in _files(paths, read):
        read.files += 1
        if kind == "mail":
            mails = list(read_mail(path, window))
            read.entries += mails or [_unreadable(path)]
        elif kind == "calendar":
            inside = _calendar(path, rules, read)
            events += [each for each in inside if isinstance(each, Event)]
            read.entries += [each for each in inside if isinstance(each, Entry)]
        else:
            read.entries.append(_unreadable(path))
    if not read.files:
        raise CaptureError(f"There is no calendar (.ics) and no mail archive (.mbox) in {', '.join(map(str, paths)) or 'no path'}.")
    read.entries += entries_of(events, window)
    return read


def _calendar(path: Path, rules: Rules, read: Read) -> list[Event | Entry]:
    """Return what is in a calendar file; the file itself where it is no calendar at all."""
    content = path.read_bytes()
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text, whole = content.decode("utf-16" if wide else "utf-8-sig"), True
    except UnicodeDecodeError:
        text, whole = content.decode("utf-16", errors="replace") if wide else _as_it_may_be_meant(content), False
    if not _IS_CALENDAR.search(text):
        return [_unreadable(path)]
    if not whole:
        read.garbled.append(path.name)
    return list(read_events(path, text, rules.owner_of))


def _as_it_may_be_meant(content: bytes) -> str:
    """Return text that is not UTF-8 throughout, each line read for itself; a fold may cut a letter in two, and is undone first."""
    lines = _LINES.split(content.replace(b"\r\n", b"\n"))
    return "\n".join(letters.read(_FOLD.sub(b"", line)) + "\n" * len(_FOLD.findall(line)) for line in lines)


def _unreadable(path: Path) -> Entry:
    return Entry("file", path.name, f"file {path.name}", fault="unreadable")


def _files(paths: Iterable[str | Path], read: Read) -> Iterator[tuple[Path, str]]:
    seen = set()
    for given in map(Path, paths):
        if not given.exists():
            near = [each.name for each in given.parent.iterdir()] if given.parent.is_dir() else []
            raise CaptureError(f"There is no file or folder {given}.{suggestion(given.name, near) if near else ''}")
        inside = given.is_dir()
        for path in sorted(each for each in given.rglob("*") if each.is_file()) if inside else [given]:
            kind = _kind(path)
            if path.resolve() in seen:
                continue
            seen.add(path.resolve())
            if inside and not kind:
                read.passed_over += 1
            else:
                yield path, kind


def _kind(path: Path) -> str:
    """Return what a file is, by its name or else its beginning; empty where it is neither."""
    if kind := _SUFFIXES.get(path.suffix.casefold()):
        return kind
    with path.open("rb") as file:
        begin = file.read(_SNIFFED).removeprefix(b"\xef\xbb\xbf").lstrip()
    return "calendar" if begin.upper().startswith(_BEGINNINGS) else "mail" if begin[:5] == b"From " else ""
