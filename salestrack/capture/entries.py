"""What is read from calendars and mail: one entry for each occurrence of an event and for each mail, whatever becomes of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Kind = Literal["event", "mail", "file"]
EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True)
class Window:
    """The days that are read, and the clock on which they are counted.

    Parameters
    ----------
    first : date
        First day.
    after : date
        First day that is not read any more.
    zone : ZoneInfo
        The book's time zone; times without one of their own are in it.
    """

    first: date
    after: date
    zone: ZoneInfo

    def clock(self, moment: datetime) -> datetime:
        """Return a moment on the book's clock, without offset."""
        return moment.astimezone(self.zone).replace(tzinfo=None) if moment.tzinfo else moment

    def has(self, moment: datetime) -> bool:
        """Return whether a moment on the book's clock lies in the window."""
        return self.first <= moment.date() < self.after

    def days(self, first: date, after: date) -> list[date]:
        """Return the days of a span that lie in the window."""
        begin, end = max(first, self.first), min(after, self.after)
        return [begin + timedelta(days=each) for each in range(max((end - begin).days, 0))]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in an event or a mail, by address in small letters, and whether they declined."""

    address: str
    declined: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One occurrence of an event, one day of an event of whole days, one mail, or one file that could not be read.

    Parameters
    ----------
    kind : {'event', 'mail', 'file'}
        What it is.
    place : str
        File in which it was found; with the line where that helps to find a fault.
    uid : str
        What names the event or the mail, the same in everybody's calendar.
    instance : str
        Which occurrence of it; empty where there is only one.
    owner : str
        Address of the calendar's owner; empty where nobody is known to own it, and for mail.
    stamp : str
        When the event was last changed, as far as it says; later ones are greater. Empty: it does not say.
    alone : bool
        Whether its series is not known, so that nothing can be said of its other occurrences.
    start : datetime, optional
        On the book's clock; None where it is not known or lies outside the window.
    minutes : float, optional
        How long it took; None for mails, whole days and what has no readable times.
    all_day : bool
        Whether it stands for a whole day.
    title, location, organiser : str
        As written; the organiser's address, for mail the sender's.
    people : tuple of Person
        Attendees or receivers.
    online : bool
        Whether it has a link or a number to dial.
    zone_unknown : bool
        Whether it names a time zone that nobody knows, so that its times are read on the book's clock.
    fault : str
        Why it cannot become an activity, as a key of the catalogue (``capture-reason-...``); empty: nothing is known against it.
    """

    kind: Kind
    place: str
    uid: str
    instance: str = ""
    owner: str = ""
    stamp: str = ""
    alone: bool = False
    start: datetime | None = None
    minutes: float | None = None
    all_day: bool = False
    title: str = ""
    location: str = ""
    organiser: str = ""
    people: tuple[Person, ...] = ()
    online: bool = False
    zone_unknown: bool = False
    fault: str = ""


def utc_text(moment: date | datetime, zone: ZoneInfo) -> str:
    """Return a moment as text that is the same in every time zone; a day stays a day.

    Examples
    --------
    >>> utc_text(datetime(2026, 7, 1, 9), ZoneInfo("Europe/Berlin")), utc_text(date(2026, 7, 1), ZoneInfo("UTC"))
    ('20260701T070000Z', '20260701')
    """
    if not isinstance(moment, datetime):
        return f"{moment:%Y%m%d}"
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return f"{aware.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def midnight(day: date) -> datetime:
    """Return the beginning of a day."""
    return datetime.combine(day, time())


def address_of(text: object) -> str:
    """Return an address in small letters, without ``mailto:``; empty where there is none.

    Examples
    --------
    >>> address_of("MAILTO:Ada@Nordquill.example"), address_of("urn:uuid:7")
    ('ada@nordquill.example', '')
    """
    address = str(text or "").strip().strip("<>").casefold().removeprefix("mailto:").strip()
    return address if "@" in address else ""


def people_of(addresses: Iterable[str]) -> tuple[Person, ...]:
    """Return the people behind addresses, each once and in order."""
    return tuple(Person(address) for address in dict.fromkeys(addresses) if address)
