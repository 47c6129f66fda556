"""A period holds its first day and its last, whole; nothing of its neighbours.

``>=`` for one date and ``=`` for another, or a timestamp compared with midnight of the last day, lose a day or count it twice.
"""

from datetime import date

import pytest

import salestrack as st
from tests.soundness.rows import book_with

ROWS = """
A R1 1    2026-03-31 2026-03-31 Won
B R1 10   2026-04-01 2026-04-01 Won
C R1 100  2026-06-30 2026-06-30 Won
D R1 1000 2026-07-01 2026-07-01 Won
"""
ACTIVITIES = {
    "activity_id": ["1", "2", "3", "4"],
    "rep_id": ["R1"] * 4,
    "category": ["admin"] * 4,
    "started_at": ["2026-03-31 23:59:59", "2026-04-01 00:00:00", "2026-06-30 23:59:59", "2026-07-01 00:00:00"],
    "minutes": [1, 1, 1, 1],
}


@pytest.fixture(scope="session")
def book():
    return book_with(ROWS, date(2026, 7, 31), activities=ACTIVITIES)


@pytest.mark.parametrize(
    ("during", "booked"),
    [("2026-Q1", 1), ("2026-Q2", 110), ("2026-Q3", 1000), ("2026-04-01/2026-06-30", 10), ("2026-06-30", 100), ("2026", 1111)],
)
def test_bookings_of_a_period(book, during, booked):
    assert st.measure(book, st.bookings, during=during).value() == booked


def test_neighbours_share_no_day_and_leave_none_out(book):
    quarters = st.measure(book, [st.bookings, st.activity_count], by="quarter", during="2026").frame
    assert quarters.loc[quarters["metric"] == "bookings", "value"].tolist() == [1, 110, 1000]
    assert quarters.loc[quarters["metric"] == "activity_count", "value"].tolist() == [1, 2, 1]


def test_the_last_evening_of_a_period_is_in_it(book):
    assert st.measure(book, st.activity_count, during="2026-06").value() == 1
    assert st.measure(book, st.activity_count, during="2026-07").value() == 1


def test_the_day_of_the_book_is_in_the_book_until_midnight():
    book = book_with(ROWS, date(2026, 6, 30), activities=ACTIVITIES)
    assert st.measure(book, [st.bookings, st.activity_count]).frame["value"].tolist() == [111, 3]
