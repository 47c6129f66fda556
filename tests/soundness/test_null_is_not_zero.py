"""An amount that nobody recorded is unknown: it is not 0, and it does not make the others smaller."""

import pytest

import salestrack as st
from tests.soundness.rows import book_with

ROWS = """
A R1 100 2026-04-01 2026-05-01 Won
B R1 300 2026-04-01 2026-05-02 Won
C R1 -   2026-04-01 2026-05-03 Won
D R1 -   2026-04-01 2026-05-04 Lost
E R1 0   2026-04-01 2026-05-05 Won
"""


def test_means_and_medians_are_of_the_amounts_that_are_known():
    measured = st.measure(book_with(ROWS), [st.average_deal_size, st.median_deal_size])
    assert measured.value("average_deal_size") == pytest.approx((100 + 300 + 0) / 3)  # not 400 / 4
    assert measured.value("median_deal_size") == 100  # of 0 100 300; a recorded 0 is an amount
    assert measured.frame["n"].tolist() == [3, 3]


def test_a_won_opportunity_without_an_amount_is_still_won():
    measured = st.measure(book_with(ROWS), [st.win_rate, st.won_opportunities, st.win_rate_by_amount])
    assert measured.value("win_rate") == 4 / 5
    assert measured.value("won_opportunities") == 4
    assert measured.frame["n"].tolist() == [5, 4, 3]
    # Nobody knows what was lost: 100 % would take it for nothing.
    assert measured.value("win_rate_by_amount") is None
    assert measured.absent["win_rate_by_amount"].startswith("Only 2 of the 5 opportunities that count here have a recorded amount")
    assert "one side of the rate has none" in measured.absent["win_rate_by_amount"]


def test_minutes_that_nobody_logged_are_in_neither_part_of_a_share():
    hours = {
        "activity_id": ["1", "2", "3"],
        "rep_id": ["R1"] * 3,
        "category": ["digital_client", "admin", "digital_client"],
        "started_at": ["2026-05-01"] * 3,
        "minutes": [60, 60, None],
    }
    measured = st.measure(book_with(ROWS, activities=hours), [st.selling_time_share, st.activity_hours, st.activity_count])
    assert [measured.value(name) for name in ("selling_time_share", "activity_hours", "activity_count")] == [0.5, 2, 3]
