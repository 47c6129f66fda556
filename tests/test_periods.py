"""Periods against pandas' own calendar, and the engine's calendar against ours."""

from datetime import date, timedelta
from itertools import pairwise

import ibis
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salestrack.book import Book, Settings, Stage
from salestrack.errors import PeriodError
from salestrack.grains import grain_name, start_of
from salestrack.periods import GRAINS, Period, as_day, containing
from tests.engines import stored

DAYS = st.dates(date(1995, 1, 1), date(2045, 12, 31))
MONTHS = st.integers(1, 12)
ENDS_IN = ["DEC", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV"]


def of_pandas(day, grain, first):
    """The same calendar unit as pandas has it: first day, day after the last, name."""
    ends_in = ENDS_IN[first - 1 if grain.startswith("fiscal") else 0]
    frequency = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q-DEC", "year": "Y-DEC"}.get(grain)
    frequency = frequency or (f"Q-{ends_in}" if grain == "fiscal_quarter" else f"Y-{ends_in}")
    unit = pd.Period(day, freq=frequency)
    year, prefix = unit.qyear if "quarter" in grain else unit.end_time.year, "FY" if grain.startswith("fiscal") else ""
    iso = day.isocalendar()
    names = {
        "day": day.isoformat(),
        "week": f"{iso.year}-W{iso.week:02d}",
        "month": f"{day.year}-{day.month:02d}",
    }
    name = names.get(grain, f"{prefix}{year}" + (f"-Q{unit.quarter}" if "quarter" in grain else ""))
    return unit.start_time.date(), unit.end_time.date() + timedelta(days=1), name


@given(day=DAYS, grain=st.sampled_from(GRAINS), first=MONTHS)
def test_units_are_those_of_pandas(day, grain, first):
    unit = containing(day, grain, first)
    assert (unit.start, unit.end, unit.name) == of_pandas(day, grain, first)
    assert day in unit
    assert unit.end not in unit


@given(day=DAYS, grain=st.sampled_from(GRAINS), first=MONTHS)
def test_a_name_reads_back_as_the_same_unit(day, grain, first):
    unit = containing(day, grain, first)
    assert Period.parse(unit.name, first) == unit
    assert Period.parse(unit, first) is unit


@given(day=DAYS, grain=st.sampled_from(GRAINS), first=MONTHS)
def test_previous_ends_where_this_begins(day, grain, first):
    unit = containing(day, grain, first)
    before = unit.previous()
    assert (before.end, before.grain) == (unit.start, grain)
    assert containing(before.last_day, grain, first) == before


def test_a_calendar_quarter_splits_into_the_fiscal_quarters_of_its_book():
    # With the fiscal year from February, July ends the quarter May to July, and August begins the next.
    assert [unit.name for unit in Period.parse("2026-Q3", 2).split("fiscal_quarter")] == ["FY2027-Q2", "FY2027-Q3"]
    assert [unit.start for unit in Period.parse("2026", 2).split("fiscal_year")] == [date(2025, 2, 1), date(2026, 2, 1)]


@given(start=DAYS, days=st.integers(1, 800), grain=st.sampled_from([g for g in GRAINS if g != "day"]), first=MONTHS)
def test_split_covers_a_range_without_gap_or_overlap(start, days, grain, first):
    end = start + timedelta(days=days)
    units = list(Period.parse(f"{start}/{end}", first).split(grain))
    assert units[0].start <= start < units[0].end
    assert units[-1].start < end <= units[-1].end
    assert all(one.end == other.start for one, other in pairwise(units))


@pytest.mark.parametrize(
    ("text", "first", "start", "end"),
    [
        ("2026", 1, "2026-01-01", "2027-01-01"),
        ("2026-Q3", 1, "2026-07-01", "2026-10-01"),
        ("2026-q3", 1, "2026-07-01", "2026-10-01"),
        ("2026-Q3", 4, "2026-07-01", "2026-10-01"),  # without FY the calendar's quarter, whatever the fiscal year
        ("2026-09", 1, "2026-09-01", "2026-10-01"),
        ("2026-W01", 1, "2025-12-29", "2026-01-05"),  # the week with the year's first Thursday
        ("2020-W53", 1, "2020-12-28", "2021-01-04"),
        ("2024-02-29", 1, "2024-02-29", "2024-03-01"),
        ("FY2026", 4, "2025-04-01", "2026-04-01"),  # named after the year in which it ends
        ("FY2026-Q1", 2, "2025-02-01", "2025-05-01"),
        ("FY2026-Q4", 10, "2026-07-01", "2026-10-01"),
        ("FY2026", 1, "2026-01-01", "2027-01-01"),
        (" 2026-07-15/2026-08-02 ", 1, "2026-07-15", "2026-08-02"),
    ],
)
def test_reads_what_people_write(text, first, start, end):
    period = Period.parse(text, first)
    assert (period.start, period.end) == (as_day(start), as_day(end))
    assert period.days == (period.end - period.start).days


@pytest.mark.parametrize(
    "text", ["", "Q3", "2026-Q5", "2026-13", "2026-00", "2026-W54", "2025-W53", "2026-02-30", "last month", "2026/2027", "20226"]
)
def test_what_is_no_period_is_refused_with_the_ways_to_write_one(text):
    with pytest.raises(PeriodError) as caught:
        Period.parse(text)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("2026-Q3", ["Q3 2026", "2026Q3", "2026 Q3", "q3/2026", "Q3-2026", "2026/Q3", "2026년 3분기"]),
        ("FY2027-Q3", ["FY2027 Q3", "FY2027Q3", "Q3 FY2027", "fy2027-q3"]),
        ("FY2027", ["FY 2027", "fy2027"]),
        ("2026-09", ["2026-9", "2026/09", "09/2026", "Sep 2026", "September 2026", "2026 sept", "2026년 9월"]),
        ("2026-W08", ["2026W08", "2026-W8", "W8 2026", "week 8, 2026", "KW 8/2026"]),
        ("2026-09-05", ["2026/09/05", "2026.9.5"]),
        ("2026", ["2026년"]),
    ],
)
def test_other_ways_to_write_a_period_that_have_one_meaning(name, others):
    assert [Period.meant(each, 2) for each in others] == [Period.parse(name, 2)] * len(others)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Q3 2026", r"'Q3 2026' is not a period\. Use 2026, 2026-Q3, .* Did you mean '2026-Q3'\?$"),
        ("H1 2026", r"'H1 2026' is not a period\. Use .* Did you mean '2026-01-01/2026-07-01'\?$"),
        ("2026-H2", r"Did you mean '2026-07-01/2027-01-01'\?$"),
        ("last quarter", r"Here it has no day to count from: name the period itself\.$"),
        ("ma 2026", r"2026-10-01\.$"),
    ],
)
def test_what_was_probably_meant_is_spelled(text, told):
    with pytest.raises(PeriodError, match=told):
        Period.parse(text)


def test_a_book_counts_from_its_day():
    stages = tuple(Stage(name=outcome, outcome=outcome) for outcome in ("won", "lost"))
    book = Book(Settings(fiscal_year_start=2, stages=stages), date(2026, 9, 30), None, {})
    said = {
        "2026-Q2": ["last quarter", "Last Quarter", "previous_quarter"],
        "2026-Q3": ["this quarter", "2026-Q3", "Q3 2026"],
        "2026-Q4": ["next quarter"],
        "2025": ["last year"],
        "2026": ["this year"],
        "2026-08": ["last month"],
        "2026-09": ["current month"],
        "2026-W39": ["last week"],
        "2026-09-30": ["today"],
        "2026-09-29": ["yesterday"],
        "FY2026": ["last fiscal year"],
        "FY2027-Q3": ["this fiscal quarter"],
    }
    assert {name: [book.period(each).name for each in texts] for name, texts in said.items()} == {
        name: [name] * len(texts) for name, texts in said.items()
    }


def test_a_range_that_ends_before_it_begins_is_refused():
    for text in ("2026-10-01/2026-07-01", "2026-07-01/2026-07-01"):
        with pytest.raises(PeriodError, match=r"before it has begun on .*Use 2026, 2026-Q3"):
            Period.parse(text)


@pytest.mark.parametrize(
    ("text", "before", "year_before"),
    [
        ("2026-Q1", "2025-Q4", "2025-Q1"),
        ("2026-01", "2025-12", "2025-01"),
        ("2026", "2025", "2025"),
        ("2026-W01", "2025-W52", "2025-W01"),
        ("2021-W01", "2020-W53", "2020-W02"),  # 52 weeks back, so that weekdays stay weekdays
        ("2024-02-29", "2024-02-28", "2023-02-28"),
        ("FY2026-Q1", "FY2025-Q4", "FY2025-Q1"),
        ("2026-07-11/2026-07-21", "2026-07-01/2026-07-11", "2025-07-11/2025-07-21"),
    ],
)
def test_the_one_before_and_the_year_before(text, before, year_before):
    period = Period.parse(text, 4)
    assert (period.previous().name, period.year_before().name) == (before, year_before)


def test_as_day_takes_dates_and_iso_texts_only():
    assert as_day("2026-09-30") == as_day(date(2026, 9, 30)) == as_day(pd.Timestamp("2026-09-30 17:00"))
    with pytest.raises(PeriodError, match=r"'30\.09\.2026' is not a day. Write it as 2026-09-30"):
        as_day("30.09.2026")


# Turns of the year, leap days, first and last days of months and quarters.
TURNS = sorted(
    {date(year, 1, 1) + timedelta(days=d) for year in (2020, 2024, 2025, 2026, 2027) for d in (*range(-5, 8), 58, 59, 60)}
)
TURNS += [date(2026, month, day) for month in range(2, 13) for day in (1, 28)]


@pytest.mark.parametrize("first", [1, 2, 7, 12])
def test_the_engine_cuts_time_as_we_do(engine, first):
    table = stored(engine, "turns", pa.table({"day": pa.array(TURNS, pa.date32())}))
    cut = table.select(asked=table.day, **{grain: start_of(table.day, grain, first) for grain in GRAINS})
    rows = engine.to_pyarrow(cut).to_pylist()
    assert len(rows) == len(TURNS)
    for row in rows:
        for grain in GRAINS:
            assert grain_name(row[grain], grain, first) == containing(row["asked"], grain, first).name, (row["asked"], grain)


def test_the_engine_cuts_nothing_where_there_is_no_date():
    nothing = start_of(ibis.null("date"), "quarter", 1)
    assert ibis.duckdb.connect().to_pyarrow(nothing).as_py() is None
