"""Time as an argument: half-open periods, calendar grains and fiscal years.

A period holds its first day and the day after its last. ISO weeks, months, quarters and years follow the Gregorian calendar;
``FY`` names follow the fiscal year of the book, which is named after the calendar year in which it ends.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, cast, get_args

from dateutil.relativedelta import relativedelta

from salestrack.errors import PeriodError

Grain = Literal["day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year"]
GRAINS: tuple[str, ...] = get_args(Grain)
_MONTHS = {"month": 1, "quarter": 3, "fiscal_quarter": 3, "year": 12, "fiscal_year": 12}
_ASKED = "Use 2026, 2026-Q3, 2026-09, 2026-W38, 2026-09-30, FY2026, FY2026-Q3 or a half-open range 2026-07-01/2026-10-01."

_RELATIVE = re.compile(r"(this|current|last|previous|next) ((?:fiscal )?(?:year|quarter)|month|week|day)")
_BETWEEN = r"[\s/_.,-]*"
# Other ways to write a period, each of which has one meaning, and the kit's own; {0}, {1}, ... are the groups.
_SPELLINGS = (
    (rf"(FY)?\s*(\d{{4}}){_BETWEEN}Q{_BETWEEN}([1-4])", "{0}{1}-Q{2}"),
    (rf"Q{_BETWEEN}([1-4]){_BETWEEN}(FY)?\s*(\d{{4}})", "{1}{2}-Q{0}"),
    (r"(\d{4})\s*년\s*([1-4])\s*분기", "{0}-Q{1}"),
    (r"(\d{4})\s*년\s*(\d{1,2})\s*월", "{0}-{1:0>2}"),
    (r"(\d{4})\s*년", "{0}"),
    (r"FY[\s_-]+(\d{4})", "FY{0}"),
    (rf"(\d{{4}}){_BETWEEN}(?:W|CW|KW|week){_BETWEEN}(\d{{1,2}})", "{0}-W{1:0>2}"),
    (rf"(?:W|CW|KW|week){_BETWEEN}(\d{{1,2}}){_BETWEEN}(\d{{4}})", "{1}-W{0:0>2}"),
    (r"(\d{4})[/_.-](\d{1,2})[/_.-](\d{1,2})", "{0}-{1:0>2}-{2:0>2}"),
    (r"(\d{4})[\s/_.-](\d{1,2})", "{0}-{1:0>2}"),
    (r"(\d{1,2})[/_.-](\d{4})", "{1}-{0:0>2}"),
)
_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH_AND_YEAR = re.compile(rf"([a-z]{{3,9}}){_BETWEEN}(\d{{4}})|(\d{{4}}){_BETWEEN}([a-z]{{3,9}})", re.IGNORECASE)
_HALF = re.compile(rf"(\d{{4}}){_BETWEEN}H{_BETWEEN}([12])|H{_BETWEEN}([12]){_BETWEEN}(\d{{4}})", re.IGNORECASE)


def _respelled(text: str) -> str:
    """Return a period as the kit writes it, where it is written in another way that has one meaning."""
    for pattern, written in _SPELLINGS:
        if found := re.fullmatch(pattern, text, re.IGNORECASE):
            return written.format(*(group.upper() if group else "" for group in found.groups()))
    if found := _MONTH_AND_YEAR.fullmatch(text):
        name, year = (found[1], found[2]) if found[1] else (found[4], found[3])
        months = [number for number, month in enumerate(_MONTH_NAMES, start=1) if month.startswith(name.casefold())]
        return f"{year}-{months[0]:02}" if len(months) == 1 else text
    return text


def _otherwise(text: str) -> str:
    """Return how to write what was probably meant, as a sentence with a leading space; empty where that is not known."""
    if found := _HALF.fullmatch(text):
        year, half = int(found[1] or found[4]), found[2] or found[3]
        return f" Did you mean '{year}-01-01/{year}-07-01'?" if half == "1" else f" Did you mean '{year}-07-01/{year + 1}-01-01'?"
    if _RELATIVE.fullmatch(_plain(text)):
        return " Here it has no day to count from: name the period itself."
    other = _respelled(text)
    return f" Did you mean {other!r}?" if other != text else ""


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text).strip().casefold()


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
        raise PeriodError(f"{text!r} is not a period. {_ASKED}{_otherwise(text)}")

    @classmethod
    def meant(cls, text: "str | Period", fiscal_year_start: int = 1, day: date | None = None) -> "Period":
        """Read a period as people also write it: ``Q3 2026``, ``2026Q3``, ``Sep 2026``, ``09/2026``, ``last quarter``.

        Parameters
        ----------
        text : str or Period
            Any spelling that has one meaning; see `parse` for those of the kit.
        fiscal_year_start : int
            Month in which the fiscal year begins, 1 to 12.
        day : date, optional
            The day from which ``last quarter`` and its like are counted; None: they are refused.

        Raises
        ------
        PeriodError
            The text names no period.

        Examples
        --------
        >>> Period.meant("Q3 2026").name, Period.meant("last quarter", day=date(2026, 9, 30)).name
        ('2026-Q3', '2026-Q2')
        """
        if isinstance(text, Period):
            return text
        counted = None if day is None else cls._relative(str(text), day, fiscal_year_start)
        return counted or cls.parse(_respelled(str(text).strip()), fiscal_year_start)

    @classmethod
    def _relative(cls, text: str, day: date, fiscal_year_start: int) -> "Period | None":
        """Return the period that words such as ``"last quarter"`` mean on a day; None where the text is none of these.

        They are ``this``, ``last`` or ``next`` (``current``, ``previous``) and a grain; ``today``, ``yesterday``, ``tomorrow``.
        """
        said = _plain(text)
        said = {"today": "this day", "yesterday": "last day", "tomorrow": "next day"}.get(said, said)
        found = _RELATIVE.fullmatch(said)
        if not found:
            return None
        here = containing(day, cast("Grain", found[2].replace(" ", "_")), fiscal_year_start)
        return here.next() if found[1] == "next" else here if found[1] in ("this", "current") else here.previous()

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
