"""Mail archives in the mbox format: the headers of each mail. Bodies are passed over line by line and reach no parser."""

import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import BinaryIO

_WEEKDAY, _MONTH = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)", rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_HOUR, _ZONE = rb"\d{1,2}:\d\d(?::\d\d)?", rb"(?: +(?:[A-Z]{1,5}|(?:GMT)?[+-]\d\d:?\d\d))?"
# "Tue Jun  2 18:05:00 2026", "Tue, 2 Jun 2026 18:05:00 +0200" and "2026-06-02 18:05:00", as programs write them; words are none.
_TIME = b"|".join(
    (
        rb"%b +%b +\d{1,2} +%b%b +\d{4}%b(?: remote from .*)?" % (_WEEKDAY, _MONTH, _HOUR, _ZONE, _ZONE),
        rb"(?:%b, *)?\d{1,2} +%b +\d{4} +%b%b" % (_WEEKDAY, _MONTH, _HOUR, _ZONE),
        rb"\d{4}-\d\d-\d\d[T ]%b(?:Z|%b)" % (_HOUR, _ZONE),
    )
)
# Old versions of Thunderbird write no sender and no time.
_BETWEEN = re.compile(rb"From(?: +\S.*?)? +(?:%b)\s*|From(?: -)? *[\r\n]*" % _TIME)
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
# What people quote of a mail when they write; all others are written by programs.
_QUOTED = {b"from", b"to", b"cc", b"bcc", b"date", b"sent", b"subject", b"reply-to"}
_KIND = re.compile(rb"^content-type[ \t]*:(.*(?:\r?\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE)
_BOUNDARY = re.compile(rb'boundary[ \t]*=[ \t]*(?:"([^"]+)"|([^\s;"]+))', re.IGNORECASE)
_LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*(\d{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
# No line is read into memory at any length, and a header line of this length is none that anybody needs.
_LONGEST = 1 << 16


def headers(archive: BinaryIO) -> Iterator[bytes]:
    """Yield the headers of each mail of an mbox file; bodies are passed over.

    A mail begins after an empty line, with a line that begins with "From " and, as a rule, ends with a time, and goes on with
    headers that name its sender or its time. Inside a body nothing begins: neither before its last part is closed (RFC 2046), nor
    within the length that its headers say.

    Parameters
    ----------
    archive : binary file
        Read line by line, once for the ends of bodies and once for the headers.
    """
    closings = _closings(archive)
    archive.seek(0)
    empty, first = True, True
    while line := archive.readline(_LONGEST):
        between, empty = empty and _BETWEEN.fullmatch(line), _is_empty(line)
        if not between:
            continue
        here = archive.tell()
        head = _head(archive)
        if not _begins(head, first=first):
            # Its last line may stand before the next mail.
            archive.seek(here)
            continue
        yield head
        empty, first = True, False
        archive.seek(_after(archive, head, closings))


def _begins(head: bytes, *, first: bool) -> bool:
    """Return whether headers are those of a mail and no quotation; before the first one nobody could quote any."""
    if first:
        return not head or bool(_FIELD.match(head))
    names = {found[1].lower() for found in map(_FIELD.match, head.splitlines()) if found}
    told = names & {b"from", b"date"}
    return bool(_FIELD.match(head)) and bool(told) and (len(told) > 1 or not names <= _QUOTED)


def _head(archive: BinaryIO) -> bytes:
    lines = []
    while (line := archive.readline(_LONGEST)) and not _is_empty(line):
        lines.append(line)
    return b"".join(lines)


def _after(archive: BinaryIO, head: bytes, closings: Mapping[bytes, Sequence[int]]) -> int:
    """Return where the body ends whose headers were read, as far as they tell; else where it begins."""
    here = archive.tell()
    kind = _KIND.search(head)
    if kind and (boundary := _BOUNDARY.search(kind[1])):
        ends = closings.get(_mark(boundary[1] or boundary[2]), ())
        if (place := bisect(ends, here)) < len(ends):
            return ends[place]
    length = _LENGTH.search(head)
    return here + int(length[1]) if length and _ends(archive, here + int(length[1])) else here


def _ends(archive: BinaryIO, place: int) -> bool:
    """Return whether a mail may end at a place: the file does, or the next mail begins there."""
    last = archive.seek(0, 2)
    archive.seek(min(place, last))
    line = archive.readline(_LONGEST)
    return place == last or bool(_BETWEEN.fullmatch(archive.readline(_LONGEST) if _is_empty(line) else line))


def _closings(archive: BinaryIO) -> dict[bytes, list[int]]:
    """Return where lines end that close the parts of a body, by a mark of each; the lines themselves are not kept."""
    found: dict[bytes, list[int]] = defaultdict(list)
    place = 0
    while line := archive.readline(_LONGEST):
        place += len(line)
        if line.startswith(b"--") and (closing := line.rstrip()).endswith(b"--") and len(closing) > len(b"----"):
            found[_mark(closing[2:-2])].append(place)
    return found


def _mark(boundary: bytes) -> bytes:
    return blake2b(boundary.rstrip(), digest_size=12).digest()


def _is_empty(line: bytes) -> bool:
    return not line.strip(b"\r\n")
