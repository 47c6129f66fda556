"""What a period or a scope has no rows of may be recorded all the same: 'map it' is said of a book that has it on no row."""

import re
from datetime import date, timedelta
from functools import cache

import pytest

import salestrack as st
from tests.soundness.rows import book_with

SOLD = "A R1 100 2026-04-01 2026-05-20 Won\nB R1 100 2026-04-03 2026-05-28 Lost\nC R1 100 2026-04-20 2026-08-01 Discovery"
EMPTY = "2026-03"
ASKED = {
    "lead_response": st.lead_response,
    "qualification": st.qualification,
    "selling_time": st.selling_time,
    "time_use": st.time_use,
    "time_sinks": st.time_sinks,
    "leaders": st.leaders,
    "slips": st.slips,
    "rep_page": lambda book, **options: st.rep_page(book, "R1", **options),
}


@cache
def company(*, recorded=True, minutes=60):
    """Leads, activities and a history of January and of May; not one row in March, and each value on every row or on none."""
    days = [date(2026, 1, 5) + timedelta(i) for i in range(12)] + [date(2026, 5, 4) + timedelta(i) for i in range(12)]
    stamp = [f"{day} 10:00:00" for day in days]
    n, known = len(days), recorded or None
    return book_with(
        SOLD,
        leads={
            "lead_id": [f"L{i}" for i in range(n)],
            "created_at": stamp,
            "marketing_qualified_at": [known and f"{day} 11:00:00" for day in days],
            "sales_qualified_at": [known and f"{day} 12:00:00" for day in days],
            "first_response_at": [known and f"{day} 10:30:00" for day in days],
        },
        activities={
            "activity_id": [f"C{i}" for i in range(n)],
            "rep_id": "R1",
            "category": "admin",
            "started_at": stamp,
            "minutes": [known and minutes for _ in days],
        },
        stage_history={
            "opportunity_id": ["A", "A", "B", "B", "C"],
            "stage": ["Discovery", "Won", "Discovery", "Lost", "Discovery"],
            "entered_at": ["2026-04-01", "2026-05-20", "2026-04-03", "2026-05-28", "2026-04-20"],
            "close_date": [known and each for each in ("2026-05-20", "2026-05-20", "2026-05-28", "2026-05-28", "2026-08-01")],
        },
    )


def first_of(name, book, during):
    return ASKED[name](book, during=during).sentences[0]


@pytest.mark.parametrize("name", ASKED)
def test_a_period_without_rows_is_no_book_without_the_column(name):
    told = first_of(name, company(), EMPTY)
    assert not re.search(r"\bmap\b|None of the 0|recorded|The stage history records no", told, re.IGNORECASE), told
    assert "2026-03" in told


@pytest.mark.parametrize("name", [name for name in ASKED if name != "leaders"])
def test_where_no_row_of_the_book_has_it_the_column_is_named(name):
    assert re.search(
        r"\bmap (first_response_at|marketing_qualified_at|minutes|close_date)\b",
        first_of(name, company(recorded=False), "2026-05"),
        re.IGNORECASE,
    )


@pytest.mark.parametrize("name", ["selling_time", "time_use", "time_sinks", "rep_page"])
def test_a_duration_of_0_is_one(name):
    assert first_of(name, company(minutes=0), "2026-05") == (
        "All 12 activities (2026-05) are recorded with a duration of 0, so there are no hours to divide."
    )
