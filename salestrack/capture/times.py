"""The times of an event and of its series, brought to one kind before anything is counted: all moments in zones, or all days.

A program may write the beginning in a zone and the end in none, except a day of a series of moments, or move a moment of a
series of days. Such times cannot be compared; here each becomes what its event says of the others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from icalendar.prop import vDDDLists, vDDDTypes, vRecur

from salestrack.capture.calendars import Event, is_day, listed
from salestrack.capture.zones import is_utc, zone_named

Moment = date | datetime
_LAST = time(23, 59, 59)


def settled(event: Event, core: Event, home: tzinfo) -> Event:
    """Return an event whose times are of one kind, with those that name an occurrence of the kind of its series.

    Parameters
    ----------
    event : Event
        As it is written.
    core : Event
        The event that its series repeats; the same one where there is no other.
    home : tzinfo
        The book's zone. Times that name none, beside none that does, are in the calendar's, else in this one.
    """
    own = _reader(event, home)
    series = _times(core, _reader(core, home)) if core is not event else None
    times = _times(event, own)
    component = event.component.copy()
    component["DTSTART"] = _property(event.component["DTSTART"], times.start)
    if times.end is not None:
        component["DTEND"] = _property(event.component["DTEND"], times.end)
        # With an end a length says nothing more, or something else.
        component.pop("DURATION", None)
    if "RECURRENCE-ID" in component:
        said = own.value(event.component["RECURRENCE-ID"])
        component["RECURRENCE-ID"] = _property(event.component["RECURRENCE-ID"], (series or times).named(said))
    for name, made in (("RDATE", times.added), ("EXDATE", times.excepted)):
        if name in component:
            component[name] = [vDDDLists([each]) for said in own.values(event.component, name) for each in made(said)]
    if "RRULE" in component:
        component["RRULE"] = [times.bounded(rule) for rule in listed(event.component["RRULE"])]
    return replace(event, component=component, zone_unknown=own.unknown)


@dataclass(frozen=True)
class _Times:
    """Beginning and end of an event in its zone, and the zone that was meant where the event names none."""

    start: Moment
    end: Moment | None
    home: tzinfo
    floating: bool

    def named(self, said: Any) -> Moment:
        """Return the occurrence that is named: of two ways to read it, the one at the hour of the series."""
        return next(iter(reversed(self._moments(said))))

    def excepted(self, said: Any) -> Sequence[Moment]:
        """Return what an exception takes out; a day takes out all moments of it."""
        return [said] if is_day(said) and not is_day(self.start) else self._moments(said)

    def added(self, said: Any) -> Iterator[Any]:
        """Yield an occurrence that is added, with its own length where it has one."""
        if not isinstance(said, tuple):
            yield self._moments(said)[0]
        elif is_day(self.start):
            yield _day(said[0], self.home)
        else:
            first, until = said
            yield self._moments(first)[0], until if isinstance(until, timedelta) else self._moments(until)[0]

    def bounded(self, rule: Any) -> Any:
        """Return a rule of recurrence whose last day is whole, and whose last moment is in UTC."""
        if not (said := rule.get("UNTIL")):
            return rule
        last = said[0]
        if is_day(self.start):
            bound: Moment = _day(last, self.home)
        else:
            moment = datetime.combine(last, _LAST) if is_day(last) else last
            bound = _in(moment, self._zone).astimezone(UTC)
        return vRecur({**rule, "UNTIL": [bound]})

    @property
    def _zone(self) -> tzinfo:
        return (self.start.tzinfo if isinstance(self.start, datetime) else None) or self.home

    def _moments(self, said: Moment) -> list[Moment]:
        """Return a time as this series would write it; two where it may mean a moment or the hour on the wall."""
        if not isinstance(self.start, datetime):
            return [_day(said, self.home)]
        if not isinstance(said, datetime):
            return [datetime.combine(said, self.start.timetz())]
        moment = _in(said, self._zone)
        wall = said.replace(tzinfo=self._zone)
        same = self.floating and wall != moment and said.time() == self.start.time()
        return [moment, wall] if same else [moment]


def _times(event: Event, reader: "_Reader") -> _Times:
    component = event.component
    start, end = reader.value(component["DTSTART"]), reader.value(component["DTEND"]) if "DTEND" in component else None
    if is_day(start) or (end is not None and is_day(end)):
        return _Times(start, end, reader.home, floating=False)
    others = [*(reader.value(each) for each in listed(component.get("RECURRENCE-ID")))]
    others += [each for name in ("RDATE", "EXDATE") for each in reader.values(component, name)]
    ends = _zones([start, end])
    # A moment in UTC says when something else is, not in which zone this event is.
    named = ends or [zone for zone in _zones(others) if not is_utc(zone)]
    zone = named[0] if named else reader.home
    start, end = _in(start, zone), None if end is None else _in(end, zone)
    if reader.calendar and is_utc(zone):
        # A calendar that names its zone and writes UTC repeats its events on the clock of the zone.
        start, end = start.astimezone(reader.home), None if end is None else end.astimezone(reader.home)
    return _Times(start, end, reader.home, floating=not named)


def _reader(event: Event, home: tzinfo) -> "_Reader":
    year = event.component["DTSTART"].dt.year
    calendar = zone_named(event.diary.zone, year, home) if event.diary.zone else None
    return _Reader(calendar or home, calendar=calendar is not None)


def _zones(values: Sequence[Any]) -> list[tzinfo]:
    firsts = (each[0] if isinstance(each, tuple) else each for each in values)
    return [each.tzinfo for each in firsts if isinstance(each, datetime) and each.tzinfo]


def _in(moment: datetime, zone: tzinfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _day(said: Any, home: tzinfo) -> date:
    """Return the day of a time: as it is written, but for a midnight at home that is written in UTC."""
    first = said[0] if isinstance(said, tuple) else said
    if not isinstance(first, datetime):
        return first
    there = first.astimezone(home) if is_utc(first.tzinfo) else first
    return (there if there.time() == time() else first).date()


def _property(written: Any, value: Moment) -> Any:
    made = vDDDTypes(value)
    if "RANGE" in written.params:
        made.params["RANGE"] = written.params["RANGE"]
    return made


class _Reader:
    """Reads times as they are written, and knows zones that the parser does not; remembers whether one was unknown."""

    def __init__(self, home: tzinfo, *, calendar: bool) -> None:
        self.home, self.calendar, self.unknown = home, calendar, False

    def value(self, written: Any) -> Any:
        """Return the time of a property."""
        return self._zoned(written.dt, written.params)

    def values(self, component: Any, name: str) -> list[Any]:
        """Return the times of a property that lists them, and may be repeated."""
        return [self._zoned(each.dt, lines.params) for lines in listed(component.get(name)) for each in lines.dts]

    def _zoned(self, said: Any, params: Any) -> Any:
        if isinstance(said, tuple):
            return tuple(each if isinstance(each, timedelta) else self._zoned(each, params) for each in said)
        if not isinstance(said, datetime) or said.tzinfo or "TZID" not in params:
            return said
        zone = zone_named(str(params["TZID"]), said.year, self.home)
        self.unknown |= zone is None
        return said.replace(tzinfo=zone)
