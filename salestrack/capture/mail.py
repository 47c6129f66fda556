"""Mail archives: the headers of each mail in an mbox file. The body is passed over line by line and never kept."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from salestrack.capture.entries import Entry, Window, address_of, people_of

# A body may have lines that begin with "From " too; the line between two mails follows an empty one and names a time and a year.
_BETWEEN = re.compile(rb"From \S.*\d:\d\d\b.*\b[12]\d{3}\b")
# No line is read into memory at any length, and a header line of this length is none that anybody needs.
_LONGEST = 1 << 16
_BROKEN = (ValueError, TypeError, LookupError, AttributeError, OverflowError, MessageError)


def headers(archive: BinaryIO) -> Iterator[bytes]:
    """Yield the headers of each mail of an mbox file; bodies are passed over.

    Parameters
    ----------
    archive : binary file
        Read once, line by line.
    """
    head: list[bytes] | None = None
    empty, inside = True, False
    for line in iter(lambda: archive.readline(_LONGEST), b""):
        blank = not line.strip(b"\r\n")
        if empty and not inside and _BETWEEN.match(line):
            if head is not None:
                yield b"".join(head)
            head, inside = [], True
        elif inside and head is not None:
            inside = not blank
            head += [line] if inside else []
        empty = blank
    if head is not None:
        yield b"".join(head)


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
    try:
        sent = parsedate_to_datetime(_text(mail, "date"))
        # An offset of -0000 is UTC, of a place that is not told.
        start = window.clock(sent if sent.tzinfo else sent.replace(tzinfo=UTC))
    except _BROKEN:
        return replace(bare, fault="no-date")
    if not window.has(start):
        return replace(bare, start=start, fault="before-window" if start.date() < window.first else "after-window")
    # An answer that a program gave in somebody's absence (RFC 3834).
    automatic = _text(mail, "auto-submitted").strip().casefold() not in ("", "no")
    return replace(bare, start=start, fault="automatic" if automatic else "" if sender else "no-sender")


def _addresses(mail: Message, name: str) -> list[str]:
    try:
        return [address_of(address) for _, address in getaddresses([str(each) for each in mail.get_all(name, [])])]
    except _BROKEN:
        return []


def _text(mail: Message, name: str) -> str:
    """Return a header decoded as far as it can be."""
    raw = str(mail.get(name, ""))
    try:
        return str(make_header(decode_header(raw)))
    except _BROKEN:
        return raw


def _identity(mail: Message) -> str:
    """Return what names a mail, the same in every archive; where it has no name, its sender, time and receivers do."""
    written = _text(mail, "message-id").strip()
    if written:
        return written
    parts = "\n".join(str(mail.get(name, "")) for name in ("date", "from", "to", "cc", "subject"))
    return f"unnamed {sha256(parts.encode(errors='surrogateescape')).hexdigest()}"
