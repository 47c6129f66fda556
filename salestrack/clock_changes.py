"""What lies between two times of a clock that is put forward and back.

Times of a book are what the clocks of its time zone show (see `salestrack.tables`). Between two of them lie the hours that the
clocks have gone by, less what they were put forward, plus what they were put back.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

_FIRST_YEAR = 2000


def elapsed_seconds(begin: ir.TimestampValue, end: ir.TimestampValue, zone: str, until: date) -> ir.IntegerValue:
    """Return the seconds that passed between two times of a zone's clock.

    Parameters
    ----------
    begin, end : ibis timestamp
        What the clock showed, without an offset.
    zone : str
        Such as ``"Europe/Berlin"``.
    until : date
        The day of the book; changes of the clocks are known from the year 2000 to the end of the year after it.

    Returns
    -------
    ibis integer
        Whole seconds, negative where the end comes first; null where either is. Of an hour that the clock shows twice the second
        one is meant, as of a text without an offset; a time that it skips is one after the change.
    """
    shown = end.delta(begin, unit="second")
    found = changes(zone, until.year + 1)
    if len(found) == 1:
        return shown
    return shown - (_offset(end, found) - _offset(begin, found))


@lru_cache(maxsize=64)
def changes(zone: str, last_year: int) -> tuple[tuple[datetime, int], ...]:
    """Return from which time of its clock a zone is how many seconds ahead of UTC, first to last, from the year 2000 on."""
    first, last = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(last_year, 12, 31, tzinfo=UTC)
    found = [(first.replace(tzinfo=None), _ahead(first, zone))]
    for change in _moments(first, last, zone):
        # The clock is put from one time to another; what it shows from the earlier of the two on belongs to the new offset.
        ahead = _ahead(change, zone)
        from_here = change.replace(tzinfo=None) + timedelta(seconds=min(ahead, found[-1][1]))
        found.append((from_here, ahead))
    return tuple(found)


def _moments(first: datetime, last: datetime, zone: str) -> Iterator[datetime]:
    days = [first + timedelta(days=k) for k in range((last - first).days + 1)]
    for day, next_day in pairwise(days):
        if _ahead(day, zone) != _ahead(next_day, zone):
            yield next(at for at in _minutes(day) if _ahead(at, zone) != _ahead(day, zone))


def _minutes(day: datetime) -> Iterator[datetime]:
    return (day + timedelta(minutes=k) for k in range(1, 24 * 60 + 1))


def _ahead(at: datetime, zone: str) -> int:
    offset = at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    return int(offset.total_seconds())


def _offset(moment: ir.TimestampValue, found: tuple[tuple[datetime, int], ...]) -> ir.IntegerValue:
    later = [(moment >= ibis.literal(at), ahead) for at, ahead in reversed(found[1:])]
    return ibis.cases(*later, else_=found[0][1])
