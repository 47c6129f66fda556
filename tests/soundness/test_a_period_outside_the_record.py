"""A period before the first record, or after the day of the book, has no zeros: one sentence names the day, in every answer."""

import pytest

import salestrack as st
from tests.logged import MONDAY, book_with, roster, table_of, weeks_of

HISTORY = [("O0", "Discovery", MONDAY, MONDAY), ("O0", "Won", MONDAY, MONDAY)]
LEADS = [("L0", MONDAY, MONDAY)]
ASKED = {
    "leaders": st.leaders,
    "rep_page": lambda book, **options: st.rep_page(book, "R1", **options),
    "selling_time": st.selling_time,
    "time_use": st.time_use,
    "time_sinks": st.time_sinks,
    "slips": st.slips,
    "funnel": st.funnel,
    "leaks": st.leaks,
    "lead_response": st.lead_response,
}


@pytest.fixture(scope="module")
def company():
    history = table_of("stage_history", HISTORY, "opportunity_id stage entered_at close_date")
    leads = table_of("leads", LEADS, "lead_id created_at first_response_at")
    sold = [("O0", "R0", 100, MONDAY, MONDAY, "Won", None)]
    return book_with(sold, weeks_of("R0", {"admin": 4}), roster(3), stage_history=history, leads=leads)


@pytest.mark.parametrize("name", ASKED)
def test_it_is_refused_in_one_sentence(company, name):
    (coming,) = ASKED[name](company, during="2027-Q1").sentences
    assert coming == "The period 2027-Q1 begins on 2027-01-01, after the day of the book (2026-03-31)."
    (before,) = ASKED[name](company, during="2024-Q1").sentences
    assert before.startswith("The period 2024-Q1 ends before the first record of 2025-09-29 in the book of ")
