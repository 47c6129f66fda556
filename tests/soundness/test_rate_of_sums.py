"""The rate of a whole is made of its parts; the mean of its groups' rates is another, wrong number."""

import pytest

import salestrack as st
from tests.soundness.rows import book_with

# R1 won 1 of 1; R2 won 1 of 3 and booked less. The mean of the rates is 2 / 3.
ROWS = """
A R1 900 2026-04-01 2026-04-11 Won
B R2 100 2026-04-01 2026-05-02 Won
C R2 500 2026-04-01 2026-06-03 Lost
D R2 500 2026-04-01 2026-06-04 Lost
"""
QUOTAS = {"rep_id": ["R1", "R2"], "start_date": ["2026-04-01"] * 2, "end_date": ["2026-06-30"] * 2, "amount": [300.0, 1000.0]}


@pytest.mark.parametrize("by", ["rep", "month", ["rep", "month"]])
def test_groups_add_up_from_their_parts(by):
    groups = st.measure(book_with(ROWS), [st.win_rate, st.win_rate_by_amount, st.average_deal_size], by=by)
    for whole in (groups.regroup(), groups.overall):
        assert whole.value("win_rate") == 2 / 4  # not (1 + 1 / 3) / 2
        assert whole.value("win_rate_by_amount") == pytest.approx(1000 / 2000)  # not (1 + 1 / 11) / 2
        assert whole.value("average_deal_size") == 500


def test_attainment_of_the_team_and_the_mean_of_attainments_are_two_metrics():
    measured = st.measure(book_with(ROWS, quotas=QUOTAS), [st.quota_attainment, st.mean_quota_attainment], during="2026-Q2")
    assert measured.value("quota_attainment") == pytest.approx(1000 / 1300)
    assert measured.value("mean_quota_attainment") == pytest.approx((900 / 300 + 100 / 1000) / 2)
