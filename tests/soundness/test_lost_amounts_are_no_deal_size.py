"""A deal is won: lost opportunities, often recorded with 0, are not averaged into the deal size."""

import salestrack as st
from tests.soundness.rows import book_with

ROWS = """
A R1 1000 2026-04-01 2026-05-01 Won
B R1 3000 2026-04-01 2026-05-02 Won
C R1 0    2026-04-01 2026-05-03 Lost
D R1 0    2026-04-01 2026-05-04 Lost
E R1 9000 2026-04-01 2026-08-01 Discovery
"""


def test_deal_size_is_that_of_won_opportunities():
    measured = st.measure(book_with(ROWS), [st.average_deal_size, st.median_deal_size, st.bookings])
    assert [measured.value(name) for name in ("average_deal_size", "median_deal_size", "bookings")] == [2000, 2000, 4000]


def test_the_false_friend_is_labelled_as_one():
    measured = st.measure(book_with(ROWS), st.average_closed_amount)
    assert measured.value() == 1000
    assert "misleading" in measured.definitions.records()[0]["label"]
