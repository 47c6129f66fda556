"""An opportunity with three activities and two stages is one opportunity: no join may multiply its amount."""

import pytest

import salestrack as st
from tests.soundness.rows import book_with

ROWS = """
A R1 1000 2026-04-01 2026-05-01 Won
B R1 500  2026-04-01 2026-05-02 Won
"""
ACTIVITIES = {
    "activity_id": ["1", "2", "3", "4"],
    "rep_id": ["R1"] * 4,
    "category": ["digital_client", "digital_client", "admin", "travel"],
    "started_at": ["2026-04-02"] * 4,
    "minutes": [60] * 4,
    "opportunity_id": ["A", "A", "A", None],
}
HISTORY = {
    "opportunity_id": ["A", "A", "B"],
    "stage": ["Discovery", "Proposal", "Discovery"],
    "entered_at": ["2026-04-01", "2026-04-05", "2026-04-01"],
    "amount": [1000, 1000, 500],
}
QUOTAS = {
    "rep_id": ["R1", "R1"],
    "start_date": ["2026-04-01", "2026-05-01"],
    "end_date": ["2026-04-30", "2026-06-30"],
    "amount": [300.0, 700.0],
}
REPS = {"rep_id": ["R1"], "name": ["Ada"], "team": ["North"]}


@pytest.fixture(scope="session")
def book():
    return book_with(ROWS, activities=ACTIVITIES, stage_history=HISTORY, quotas=QUOTAS, reps=REPS)


@pytest.mark.parametrize("by", [(), "rep", "team", "month"])
def test_metrics_of_several_tables_in_one_call_do_not_multiply_each_other(book, by):
    metrics = [st.bookings, st.activity_hours, st.quota_attainment, st.stage_conversion, st.win_rate]
    measured = st.measure(book, metrics, by=by, during="2026-Q2")
    totals = measured.frame.groupby("metric")["value"].sum()
    assert totals["bookings"] == 1500
    assert totals["activity_hours"] == 4


def test_a_ratio_over_two_tables_joins_groups_and_not_rows(book):
    # 1500 booked; 300 + 700 of quota, spread over 91 rows of days.
    measured = st.measure(book, st.quota_attainment, by="team", during="2026-Q2")
    assert measured.frame["value"].tolist() == [pytest.approx(1.5)]
    assert st.measure(book, st.share_of_reps_at_quota, during="2026-Q2").frame["n"].tolist() == [1]


def test_hours_by_a_column_of_the_opportunity_count_each_activity_once(book):
    frame = st.measure(book, [st.activity_hours, st.activity_count], by="opportunity.stage").frame
    assert frame.groupby("metric")["value"].sum().to_dict() == {"activity_hours": 4, "activity_count": 4}


def test_a_scope_through_a_link_keeps_each_row_once(book):
    assert st.measure(book, st.bookings, during="2026-Q2", where={"team": "North", "rep": "Ada"}).value() == 1500
    assert st.measure(book, st.activity_count, where={"opportunity.status": "won"}).value() == 3
