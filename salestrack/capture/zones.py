"""Names of time zones as programs and people write them: of the tz database, nearly so, as an offset, or as an abbreviation."""

import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_OFFSET = re.compile(r"(?:GMT|UTC?)?([+-])(\d{1,2}):?([0-5]\d)?", re.IGNORECASE)
# These say where they are by their standard (RFC 5322, section 4.3), though other zones use some of them, too.
_STANDARD = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_UTC_NAMES = ("UTC", "GMT", "UT", "Z")
# The tz database names places and does not list its abbreviations: they are read off in winter and in summer.
_SEASONS = ((1, 15), (7, 15))


def zone_named(name: str, year: int, home: tzinfo) -> tzinfo | None:
    """Return the time zone of a name; None where nobody knows it or zones of different offsets go by it.

    Parameters
    ----------
    name : str
        Of the tz database, with any letters and spaces or dashes in place of its signs; an offset such as ``GMT+9``; or an
        abbreviation such as ``KST``, which is one offset all the year.
    year : int
        Year in which the abbreviation is used.
    home : tzinfo
        Zone of the one who reads: an abbreviation that this zone uses is its own.

    Examples
    --------
    >>> zone_named("KST", 2026, ZoneInfo("Europe/Berlin")).utcoffset(None)
    datetime.timedelta(seconds=32400)
    >>> zone_named("IST", 2026, ZoneInfo("Europe/Berlin")) is None
    True
    """
    known = _names().get(_plain(name))
    return ZoneInfo(known) if known else offset_named(name, year, home)


def offset_named(name: str, year: int, home: tzinfo) -> tzinfo | None:
    """Return the offset that is written as one or abbreviated, as beside the hour of a mail; None where it is not known.

    Parameters
    ----------
    name, year, home
        As for `zone_named`; names of places are not known here.

    Examples
    --------
    >>> offset_named("CET", 2026, ZoneInfo("Asia/Seoul")).utcoffset(None), offset_named("GMT+0530", 2026, UTC).utcoffset(None)
    (datetime.timedelta(seconds=3600), datetime.timedelta(seconds=19800))
    """
    text = name.strip().upper()
    if text in _UTC_NAMES:
        return UTC
    if found := _OFFSET.fullmatch(text):
        sign, hours, minutes = found.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-offset if sign == "-" else offset) if offset < timedelta(days=1) else None
    return _abbreviated(text, year, home)


def is_utc(zone: tzinfo | None) -> bool:
    """Return whether a zone is UTC itself, as moments are often written that are meant elsewhere."""
    return zone is UTC or str(getattr(zone, "key", "")) in ("UTC", "Etc/UTC", "GMT")


def _abbreviated(name: str, year: int, home: tzinfo) -> tzinfo | None:
    # A summer abbreviation and a winter one are two names, so a zone means one offset by each.
    own = {offset for each, offset in _used(home, year) if each == name}
    found = own or ({timedelta(hours=_STANDARD[name])} if name in _STANDARD else _abbreviations(year).get(name, set()))
    return timezone(next(iter(found)), name) if len(found) == 1 else None


@cache
def _abbreviations(year: int) -> dict[str, set[timedelta]]:
    """Return the offsets that go by each abbreviation anywhere in a year."""
    found = defaultdict(set)
    for key in available_timezones():
        for name, offset in _used(ZoneInfo(key), year):
            found[name].add(offset)
    return dict(found)


def _used(zone: tzinfo, year: int) -> list[tuple[str, timedelta]]:
    moments = [datetime(min(max(year, 1900), 2100), month, day, tzinfo=zone) for month, day in _SEASONS]
    return [(str(moment.tzname()).upper(), moment.utcoffset() or timedelta()) for moment in moments]


@cache
def _names() -> dict[str, str]:
    """Return the names of the tz database, by what is left of them without signs."""
    return {_plain(name): name for name in sorted(available_timezones(), reverse=True)}


def _plain(name: str) -> str:
    # The signs of "Etc/GMT-9" are no dashes.
    return (name if re.search(r"[+-]\d", name) else re.sub(r"[\s_/-]+", " ", name)).strip().casefold()
