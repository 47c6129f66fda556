"""Mail: one entry for each mail of an archive, by its headers alone."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from pathlib import Path

from salestrack.capture.archives import headers
from salestrack.capture.entries import Entry, Window, address_of, people_of
from salestrack.capture.letters import header_text
from salestrack.capture.unsent import why_unsent
from salestrack.capture.zones import offset_named

_BROKEN = (ValueError, TypeError, LookupError, AttributeError, OverflowError, MessageError)
_ZONE = re.compile(r"\d:\d\d(?::\d\d)?\s*([A-Za-z+-][\w:+-]*)?")


def read_mail(path: Path, window: Window) -> Iterator[Entry]:
    """Yield one entry for each mail of an archive.

    Parameters
    ----------
    path : Path
        An mbox file.
    window : Window
        Days and clock.
    """
    parser = BytesHeaderParser(policy=compat32)
    with path.open("rb") as archive:
        for head in headers(archive):
            yield _entry(path, parser.parsebytes(head), window)


def _entry(path: Path, mail: Message, window: Window) -> Entry:
    sender = next(iter(_addresses(mail, "from")), "")
    receivers = people_of(each for name in ("to", "cc", "bcc") for each in _addresses(mail, name))
    bare = Entry("mail", path.name, _identity(mail), alone=True, title=_text(mail, "subject"), organiser=sender, people=receivers)
    unsent = why_unsent(lambda name: _text(mail, name), path)
    try:
        start, known = _sent(_text(mail, "date"), window)
    except _BROKEN:
        return replace(bare, fault=unsent or "no-date")
    bare = replace(bare, start=start, zone_unknown=not known)
    if not window.has(start):
        return replace(bare, fault="before-window" if start.date() < window.first else "after-window")
    return replace(bare, fault=unsent or ("" if sender else "no-sender"))


def _sent(text: str, window: Window) -> tuple[datetime, bool]:
    """Return when a mail was sent, on the book's clock, and whether its zone is known; without a zone it is the book's."""
    sent = parsedate_to_datetime(text)
    if sent.tzinfo:
        return window.clock(sent), True
    found = _ZONE.search(text)
    name = (found[1] if found else "") or ""
    # An offset of -0000 is UTC, of a place that is not told.
    zone = UTC if name == "-0000" else offset_named(name, sent.year, window.zone)
    return window.clock(sent.replace(tzinfo=zone) if zone else sent), bool(zone) or not name


def _addresses(mail: Message, name: str) -> list[str]:
    try:
        return [address_of(address) for _, address in getaddresses([str(each) for each in mail.get_all(name, [])])]
    except _BROKEN:
        return []


def _text(mail: Message, name: str) -> str:
    """Return a header on one line, decoded as far as it can be."""
    raw = next((value for each, value in mail.raw_items() if each.casefold() == name), None)
    if raw is None:
        return ""
    try:
        said = mail.get_content_charset("")
    except _BROKEN:
        said = ""
    return " ".join(header_text(str(raw), said).split())


def _identity(mail: Message) -> str:
    """Return what names a mail, the same in every archive; where it has no name, its sender, time and receivers do."""
    written = _text(mail, "message-id").strip()
    if written:
        return written
    parts = "\n".join(str(mail.get(name, "")) for name in ("date", "from", "to", "cc", "subject"))
    return f"unnamed {sha256(parts.encode(errors='surrogateescape')).hexdigest()}"
