"""Time as an argument: half-open periods, calendar grains and fiscal years.

A period holds its first day and the day after its last. ISO weeks, months, quarters and years follow the Gregorian calendar;
``FY`` names follow the fiscal year of the book, which is named after the calendar year in which it ends.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal, cast, get_args

from dateutil.relativedelta import relativedelta

from salestrack.errors import PeriodError
from salestrack.period_words import RELATIVE, otherwise, plain, respelled
from salestrack.quota_spans import OF_QUOTAS, QUOTA_NOW, QuotaSpan, is_of_quotas, quota_name, the_span

Grain = Literal["day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year"]
GRAINS: tuple[str, ...] = get_args(Grain)
_MONTHS = {"month": 1, "quarter": 3, "fiscal_quarter": 3, "year": 12, "fiscal_year": 12}
_ASKED = "Use 2026, 2026-Q3, 2026-09, 2026-W38, 2026-09-30, FY2026, FY2026-Q3 or a half-open range 2026-07-01/2026-10-01."

_NO_QUOTAS = "{!r} asks for a period for which quotas are set; only a book with quotas knows them."


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
    among : tuple of QuotaSpan
        Where it is a period of quotas, all those of the book: the period before is then the quotas' own.

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
    among: tuple[QuotaSpan, ...] = field(default=(), compare=False, repr=False)

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
        if is_of_quotas(text):
            raise PeriodError(_NO_QUOTAS.format(text))
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
        raise PeriodError(f"{text!r} is not a period. {_ASKED}{otherwise(text)}")

    @classmethod
    def meant(
        cls, text: "str | Period", fiscal_year_start: int = 1, day: date | None = None, quotas: tuple[QuotaSpan, ...] = ()
    ) -> "Period":
        """Read a period as people also write it: ``Q3 2026``, ``2026Q3``, ``Sep 2026``, ``09/2026``, ``last quarter``.

        Parameters
        ----------
        text : str or Period
            Any spelling that has one meaning; see `parse` for those of the kit.
        fiscal_year_start : int
            Month in which the fiscal year begins, 1 to 12.
        day : date, optional
            The day from which ``last quarter`` and its like are counted; None: they are refused.
        quotas : tuple of QuotaSpan
            The periods for which quotas are set: ``quota:2026-02-14`` is the one that holds that day (or begins on it, where
            several do), ``last quota period`` the one before that of `day`.

        Raises
        ------
        PeriodError
            The text names no period, or several.

        Examples
        --------
        >>> Period.meant("Q3 2026").name, Period.meant("last quarter", day=date(2026, 9, 30)).name
        ('2026-Q3', '2026-Q2')
        """
        if isinstance(text, Period):
            return text
        if quotas and is_of_quotas(str(text)):
            return _of_quotas(str(text).strip(), fiscal_year_start, day, quotas)
        counted = None if day is None else cls._relative(str(text), day, fiscal_year_start)
        return counted or cls.parse(respelled(str(text).strip()), fiscal_year_start)

    @classmethod
    def _relative(cls, text: str, day: date, fiscal_year_start: int) -> "Period | None":
        """Return the period that words such as ``"last quarter"`` mean on a day; None where the text is none of these.

        They are ``this``, ``last`` or ``next`` (``current``, ``previous``) and a grain; ``today``, ``yesterday``, ``tomorrow``.
        """
        said = plain(text)
        said = {"today": "this day", "yesterday": "last day", "tomorrow": "next day"}.get(said, said)
        found = RELATIVE.fullmatch(said)
        if not found:
            return None
        here = containing(day, cast("Grain", found[2].replace(" ", "_")), fiscal_year_start)
        return here.next() if found[1] == "next" else here if found[1] in ("this", "current") else here.previous()

    def previous(self) -> "Period":
        """Return the period of the same kind just before (a free range: the same number of days before)."""
        if found := [each for each in self.among if each.end <= self.start]:
            return self._of_among(max(found, key=lambda each: (each.end, *self._likeness(each))))
        if self.grain is None:
            start = self.start - timedelta(days=self.days)
            return Period(start, self.start, f"{start}/{self.start}", None, self.fiscal_year_start)
        return containing(self.start - timedelta(days=1), self.grain, self.fiscal_year_start)

    def next(self) -> "Period":
        """Return the period of the same kind just after (a free range: the same number of days after)."""
        if found := [each for each in self.among if each.start >= self.end]:
            return self._of_among(min(found, key=lambda each: (each.start, *(-value for value in self._likeness(each)))))
        if self.grain is None:
            end = self.end + timedelta(days=self.days)
            return Period(self.end, end, f"{self.end}/{end}", None, self.fiscal_year_start)
        return containing(self.end, self.grain, self.fiscal_year_start)

    def year_before(self) -> "Period":
        """Return the same period one year earlier (a week: 52 weeks earlier; quotas: that of its first day)."""
        day = self.start - relativedelta(years=1)
        if found := [each for each in self.among if each.start - _NEAR <= day < each.end]:
            return self._of_among(max(found, key=lambda each: (-abs((each.start - day).days), *self._likeness(each))))
        if self.grain is None:
            start, end = self.start - relativedelta(years=1), self.end - relativedelta(years=1)
            return Period(start, end, f"{start}/{end}", None, self.fiscal_year_start)
        back = timedelta(weeks=52) if self.grain == "week" else relativedelta(years=1)
        return containing(self.start - back, self.grain, self.fiscal_year_start)

    def _likeness(self, other: QuotaSpan) -> tuple[int, int]:
        """Return how much a period of quotas is like this one: of the same length, and for many."""
        return -abs((other.end - other.start).days - self.days), other.quotas

    def _of_among(self, span: QuotaSpan) -> "Period":
        return Period(span.start, span.end, quota_name(span, self.among), None, self.fiscal_year_start, self.among)

    def split(self, grain: Grain) -> Iterator["Period"]:
        """Yield the calendar units of a grain that overlap this period, in order and whole."""
        unit = containing(self.start, grain, self.fiscal_year_start)
        while unit.start < self.end:
            yield unit
            unit = containing(unit.end, grain, self.fiscal_year_start)


# Years of weeks begin some days apart.
_NEAR = timedelta(days=7)


def _of_quotas(text: str, fiscal_year_start: int, day: date | None, among: tuple[QuotaSpan, ...]) -> Period:
    """Return the period of quotas that a text means; one that most quotas of that day have goes before the rest."""
    if now := QUOTA_NOW.fullmatch(plain(text)):
        if day is None:
            raise PeriodError(f"{text!r} is counted from the day of a book. Name a day of it, such as 'quota:2026-02-14'.")
        here = _of_quotas(f"quota:{day}", fiscal_year_start, None, among)
        return here.next() if now[1] == "next" else here if now[1] in ("this", "current") else here.previous()
    found = OF_QUOTAS.fullmatch(text)
    assert found is not None
    start, end = as_day(found["start"]), as_day(found["end"]) if found["end"] else None
    span = the_span(text, start, end, among)
    return Period(span.start, span.end, quota_name(span, among), None, fiscal_year_start, among)


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
