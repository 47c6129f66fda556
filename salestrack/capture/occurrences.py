"""From events to entries: every occurrence inside the window, in the version that was written last."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import recurring_ical_events

from salestrack.capture.calendars import UNREADABLE, Event, is_day, is_online, listed, person_of
from salestrack.capture.entries import Entry, Person, Window, midnight, utc_text
from salestrack.capture.letters import whole
from salestrack.capture.times import settled

# A series of more steps than these between its beginning and the end of the window is a mistake of the one who wrote it.
MOST_STEPS = 250_000
_STEP = {"SECONDLY": 1, "MINUTELY": 60, "HOURLY": 3600}
_DAY = timedelta(days=1)
_SLACK = timedelta(days=2)


def entries_of(events: Iterable[Event], window: Window) -> Iterator[Entry]:
    """Yield one entry for each occurrence inside the window; events and series that lie outside it count once.

    Parameters
    ----------
    events : iterable of Event
        From any number of files. Of two versions of one event in calendars of one owner the later one holds; the other
        becomes an entry that says so.
    window : Window
        Days and clock.
    """
    groups: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        groups[event.diary.owner, event.uid].append(event)
    for group in groups.values():
        ordered = sorted(group, key=_lateness, reverse=True)
        series: dict[str, Event] = {}
        for event, fault in _settled(ordered, window):
            if fault or event.occurrence in series:
                yield _Reading(event, window).outside(fault or "duplicate")
            else:
                series[event.occurrence] = event
        if series:
            yield from _series(list(series.values()), window)


def _lateness(event: Event) -> tuple[int, str, str]:
    # Where two are equally late the text decides, so that the order of files does not.
    return (*event.version, event.text)


def _settled(group: Sequence[Event], window: Window) -> Iterator[tuple[Event, str]]:
    """Yield events with times of one kind, and why some of them have none; one that is broken harms no other of its series."""
    cores = [event for event in group if not event.occurrence]
    for event in group:
        try:
            whole = settled(event, cores[0] if cores else event, window.zone)
            # Reading the ends tells whether they are of one kind.
            yield whole, "" if whole.component.start and whole.component.end else "malformed"
        except UNREADABLE:
            yield event, "malformed"


def _series(series: Sequence[Event], window: Window) -> Iterator[Entry]:
    cores = [event for event in series if not event.occurrence]
    core = cores[0] if cores else series[0]
    stamp = max(event.stamp for event in series)
    made = 0
    for reading in _readings(series, core, window):
        for entry in _entries(reading):
            made += 1
            yield replace(entry, stamp=stamp, alone=not cores)
    if not made:
        yield replace(_Reading(core, window).outside("outside-window"), stamp=stamp, alone=not cores)


def _entries(reading: "_Reading") -> list[Entry]:
    try:
        return list(reading.entries())
    except UNREADABLE:
        # At the ends of time, in the years 1 and 9999, there is no day before or after.
        return [replace(reading, recurring=False).outside("malformed")]


def _readings(series: Sequence[Event], core: Event, window: Window) -> Iterator["_Reading"]:
    component = core.component
    if len(series) == 1 and not {"RRULE", "RDATE", "RECURRENCE-ID"} & set(component):
        yield _Reading(core, window)
        return
    try:
        fault = _fault(component, window)
        found = [] if fault else _occurrences(series, window)
    except UNREADABLE:
        fault, found = "malformed", []
    if fault:
        yield _Reading(core, window, fault=fault)
    for each in found:
        yield _Reading(replace(core, component=each), window, recurring=True)


def _fault(component: Any, window: Window) -> str:
    """Return why a series is not repeated: what would swap its ends, never end, or take for ever."""
    if component.end < component.start:
        return "ends-before-start"
    if any(int(rule.get("INTERVAL", [1])[0]) < 1 for rule in listed(component.get("RRULE"))):
        return "malformed"
    return "too-often" if _steps(component, window) > MOST_STEPS else ""


def _occurrences(series: Sequence[Event], window: Window) -> list[Any]:
    calendar = icalendar.Calendar()
    for event in series:
        calendar.add_component(event.component)
    return recurring_ical_events.of(calendar).between(window.first - _SLACK, window.after + _SLACK)


def _steps(component: Any, window: Window) -> float:
    start = component["DTSTART"].dt
    seconds = (window.after - (start if is_day(start) else start.date())).total_seconds()
    steps = []
    for rule in listed(component.get("RRULE")):
        each = seconds / (_STEP.get(rule["FREQ"][0], 86_400) * int(rule.get("INTERVAL", [1])[0]))
        # With conditions a count says nothing of how many steps it takes to reach it.
        counted = "COUNT" in rule and not any(name.startswith("BY") for name in rule)
        steps.append(min(each, rule["COUNT"][0]) if counted else each)
    return max(steps, default=0)


@dataclass(frozen=True)
class _Reading:
    """One occurrence of an event, about to become entries."""

    event: Event
    window: Window
    recurring: bool = False
    fault: str = ""

    def outside(self, fault: str) -> Entry:
        """Return the entry of an event that has no occurrence to speak of."""
        return replace(self._bare(), fault=fault)

    def entries(self) -> Iterator[Entry]:
        """Yield its entries: one, or one for each day of the window that an event of whole days covers."""
        if self.fault:
            yield self.outside(self.fault)
            return
        start, end = self.event.component.start, self.event.component.end
        if end < start:
            yield replace(self._bare(), start=self._clock(start), fault="ends-before-start")
        elif is_day(start):
            yield from self._days(start, max(end, start + _DAY))
        elif (length := end.astimezone(UTC) - start.astimezone(UTC)) >= _DAY:
            # What ends at midnight does not touch the day that begins then.
            yield from self._days(self._clock(start).date(), (self._clock(end) - timedelta(microseconds=1)).date() + _DAY)
        else:
            yield from self._timed(self._clock(start), length.total_seconds() / 60)

    def _timed(self, start: datetime, minutes: float) -> Iterator[Entry]:
        if self.window.has(start):
            yield replace(
                self._bare(), start=start, minutes=minutes, fault=self._called_off() or ("" if minutes else "no-duration")
            )
        elif not self.recurring:
            yield replace(self._bare(), start=start, fault="before-window" if start.date() < self.window.first else "after-window")

    def _days(self, first: date, after: date) -> Iterator[Entry]:
        several = (after - first) > _DAY
        for day in self.window.days(first, after):
            bare = self._bare(f"{day:%Y%m%d}" if several else "")
            yield replace(bare, start=midnight(day), all_day=True, fault=self._called_off())

    def _called_off(self) -> str:
        """Return why nothing took place, or why it is nobody's business."""
        component = self.event.component
        busy = str(component.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()
        if self.event.diary.called_off or str(component.get("STATUS", "")).upper() == "CANCELLED":
            return "cancelled"
        if str(component.get("CLASS", "")).upper() == "PRIVATE":
            return "private"
        if busy == "OOF":
            return "out-of-office"
        timed = not is_day(component["DTSTART"].dt)
        return "free" if timed and (busy == "FREE" or str(component.get("TRANSP", "")).upper() == "TRANSPARENT") else ""

    def _bare(self, day: str = "") -> Entry:
        event, component = self.event, self.event.component
        return Entry(
            kind="event",
            place=event.diary.path.name,
            uid=event.uid,
            instance=" ".join(filter(None, (self._instance(), day))),
            owner=event.diary.owner,
            title=whole(str(component.get("SUMMARY", ""))),
            location=whole(str(component.get("LOCATION", ""))),
            organiser=person_of(component.get("ORGANIZER")),
            people=tuple(_people(component)),
            online=is_online(component),
            zone_unknown=event.zone_unknown,
        )

    def _instance(self) -> str:
        if not self.recurring:
            return ""
        component = self.event.component
        said = component.get("RECURRENCE-ID")
        # A change of this and all that follow names its first occurrence in each of them.
        moment = component["DTSTART"] if said is None or said.params.get("RANGE") else said
        return utc_text(moment.dt, self.window.zone)

    def _clock(self, moment: date) -> datetime:
        return self.window.clock(moment) if isinstance(moment, datetime) else midnight(moment)


def _people(component: Any) -> Iterator[Person]:
    seen = set()
    for each in listed(component.get("ATTENDEE")):
        address, said = person_of(each), getattr(each, "params", {})
        if address and address not in seen and str(said.get("CUTYPE", "")).upper() not in ("ROOM", "RESOURCE"):
            seen.add(address)
            yield Person(address, str(said.get("PARTSTAT", "")).upper() == "DECLINED")
