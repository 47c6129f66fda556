"""Time as an argument: half-open periods, calendar grains and fiscal years.

A period holds its first day and the day after its last. ISO weeks, months, quarters and years follow the Gregorian calendar;
``FY`` names follow the fiscal year of the book, which is named after the calendar year in which it ends.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from dateutil.relativedelta import relativedelta

from salestrack.errors import PeriodError

Grain = Literal["day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year"]
GRAINS: tuple[str, ...] = get_args(Grain)
_MONTHS = {"month": 1, "quarter": 3, "fiscal_quarter": 3, "year": 12, "fiscal_year": 12}
_ASKED = "Use 2026, 2026-Q3, 2026-09, 2026-W38, 2026-09-30, FY2026, FY2026-Q3 or a half-open range 2026-07-01/2026-10-01."


def as_day(value: date | str) -> date:
    """Return a calendar day from a date or an ISO text such as ``"2026-09-30"``.

    Raises
    ------
    PeriodError
        The text is not an ISO date.
    """
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError as error:
        raise PeriodError(f"{value!r} is not a day. Write it as 2026-09-30.") from error


@dataclass(frozen=True, order=True)
class Period:
    """A half-open stretch of days, ``start <= day < end``.

    Parameters
    ----------
    start : date
        First day inside.
    end : date
        First day after.
    name : str
        How people call it; compares equal only with the same name.
    grain : str, optional
        The calendar unit that it is, or None for a free range.

    Examples
    --------
    >>> quarter = Period.parse("2026-Q3")
    >>> quarter.start, quarter.end, quarter.days
    (datetime.date(2026, 7, 1), datetime.date(2026, 10, 1), 92)
    >>> quarter.previous().name, quarter.next().name, quarter.year_before().name
    ('2026-Q2', '2026-Q4', '2025-Q3')
    """

    start: date
    end: date
    name: str
    grain: Grain | None = None
    fiscal_year_start: int = 1

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise PeriodError(f"Period {self.name!r} ends on {self.end} before it has begun on {self.start}. {_ASKED}")

    def __str__(self) -> str:
        return self.name

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    @property
    def days(self) -> int:
        """Number of days inside."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """The last day inside."""
        return self.end - timedelta(days=1)

    @classmethod
    def parse(cls, text: "str | Period", fiscal_year_start: int = 1) -> "Period":
        """Read a period from its name.

        Parameters
        ----------
        text : str or Period
            ``2026``, ``2026-Q3``, ``2026-09``, ``2026-W38``, ``2026-09-30``, ``FY2026``, ``FY2026-Q3`` or
            ``2026-07-01/2026-10-01`` (half-open).
        fiscal_year_start : int
            Month in which the fiscal year begins, 1 to 12.

        Raises
        ------
        PeriodError
            The text names no period.
        """
        if isinstance(text, Period):
            return text
        text = str(text).strip()
        if "/" in text:
            start, _, end = text.partition("/")
            return cls(as_day(start), as_day(end), text, None, fiscal_year_start)
        if match := re.fullmatch(r"(?i)(FY)?(\d{4})(?:-Q([1-4]))?", text):
            return _of_year(int(match[2]), int(match[3] or 0), fiscal_year_start, fiscal=bool(match[1]))
        if match := re.fullmatch(r"(\d{4})-(\d{2})", text):
            return containing(_checked(int(match[1]), int(match[2]), 1, text), "month", fiscal_year_start)
        if match := re.fullmatch(r"(?i)(\d{4})-W(\d{2})", text):
            try:
                monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
            except ValueError as error:
                raise PeriodError(f"There is no week {text!r}. {_ASKED}") from error
            return containing(monday, "week", fiscal_year_start)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return containing(as_day(text), "day", fiscal_year_start)
        raise PeriodError(f"{text!r} is not a period. {_ASKED}")

    def previous(self) -> "Period":
        """Return the period of the same kind just before (a free range: the same number of days before)."""
        if self.grain is None:
            start = self.start - timedelta(days=self.days)
            return Period(start, self.start, f"{start}/{self.start}", None, self.fiscal_year_start)
        return containing(self.start - timedelta(days=1), self.grain, self.fiscal_year_start)

    def next(self) -> "Period":
        """Return the period of the same kind just after (a free range: the same number of days after)."""
        if self.grain is None:
            end = self.end + timedelta(days=self.days)
            return Period(self.end, end, f"{self.end}/{end}", None, self.fiscal_year_start)
        return containing(self.end, self.grain, self.fiscal_year_start)

    def year_before(self) -> "Period":
        """Return the same period one year earlier (a week: 52 weeks earlier)."""
        if self.grain is None:
            start, end = self.start - relativedelta(years=1), self.end - relativedelta(years=1)
            return Period(start, end, f"{start}/{end}", None, self.fiscal_year_start)
        back = timedelta(weeks=52) if self.grain == "week" else relativedelta(years=1)
        return containing(self.start - back, self.grain, self.fiscal_year_start)

    def split(self, grain: Grain) -> Iterator["Period"]:
        """Yield the calendar units of a grain that overlap this period, in order and whole."""
        unit = containing(self.start, grain, self.fiscal_year_start)
        while unit.start < self.end:
            yield unit
            unit = containing(unit.end, grain, self.fiscal_year_start)


def containing(day: date, grain: Grain, fiscal_year_start: int = 1) -> Period:
    """Return the calendar unit of a grain that holds a day.

    Examples
    --------
    >>> containing(date(2026, 2, 3), "fiscal_quarter", fiscal_year_start=2).name
    'FY2027-Q1'
    """
    if grain == "day":
        return Period(day, day + timedelta(days=1), day.isoformat(), grain, fiscal_year_start)
    if grain == "week":
        year, week, weekday = day.isocalendar()
        monday = day - timedelta(days=weekday - 1)
        return Period(monday, monday + timedelta(days=7), f"{year}-W{week:02d}", grain, fiscal_year_start)
    if grain not in _MONTHS:
        raise PeriodError(f"{grain!r} is no calendar grain. Known: {', '.join(GRAINS)}.")
    months = _MONTHS[grain]
    first = fiscal_year_start if grain.startswith("fiscal") else 1
    offset = (day.month - first) % 12
    start = date(day.year, day.month, 1) - relativedelta(months=offset % months)
    end = start + relativedelta(months=months)
    return Period(start, end, _name(start, end, grain, first), grain, fiscal_year_start)


def _name(start: date, end: date, grain: Grain, first: int) -> str:
    if grain == "month":
        return f"{start:%Y-%m}"
    quarter = (start.month - first) % 12 // 3 + 1
    year_start = start - relativedelta(months=(start.month - first) % 12)
    year = (year_start + relativedelta(months=12) - timedelta(days=1)).year
    prefix = "FY" if grain.startswith("fiscal") else ""
    return f"{prefix}{year}" + (f"-Q{quarter}" if grain.endswith("quarter") else "")


def _of_year(year: int, quarter: int, fiscal_year_start: int, *, fiscal: bool) -> Period:
    first = fiscal_year_start if fiscal else 1
    year_start = _checked(year if first == 1 else year - 1, first, 1, str(year))
    grain: Grain = "quarter" if quarter else "year"
    if fiscal:
        grain = "fiscal_quarter" if quarter else "fiscal_year"
    # A calendar quarter keeps the fiscal calendar too: it may be split into fiscal quarters.
    return containing(year_start + relativedelta(months=3 * (quarter - 1) if quarter else 0), grain, fiscal_year_start)


def _checked(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise PeriodError(f"{text!r} is not a period: {error}. {_ASKED}") from error
