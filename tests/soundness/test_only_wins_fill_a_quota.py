"""A quota is filled by what was won: an amount that was lost, or is still open, lifts nobody to it.

R1 has a quota of 1,000 and won 400; 700 lost and 900 open would take it over. R2 won its 500 to the cent.
"""

import pytest

import salestrack as st
from tests.soundness.rows import book_with

ROWS = """
A R1 400 2026-04-01 2026-05-01 Won
B R1 700 2026-04-01 2026-05-02 Lost
C R1 900 2026-04-01 2026-06-29 Discovery
D R2 500 2026-04-01 2026-05-03 Won
E R2 800 2026-04-01 2026-05-04 Lost
"""
QUOTAS = {
    "rep_id": ["R1", "R2"],
    "start_date": ["2026-04-01"] * 2,
    "end_date": ["2026-06-30"] * 2,
    "amount": [1000, 500],
}
RIGHT = {
    "share_of_reps_at_quota": 1 / 2,
    "prorated_share_of_reps_at_quota": 1 / 2,
    "quota_attainment": 900 / 1500,
    "prorated_quota_attainment": 900 / 1500,
    "mean_quota_attainment": (0.4 + 1) / 2,
}


@pytest.fixture(scope="session")
def book():
    return book_with(ROWS, quotas=QUOTAS)


@pytest.mark.parametrize("metric", RIGHT)
def test_only_what_was_won_counts(book, metric):
    assert st.measure(book, metric, during="2026-Q2").value() == pytest.approx(RIGHT[metric])
    assert st.measure(book, metric, during="2026-Q2", where={"rep_id": "R1"}).value() == pytest.approx(
        {"share_of_reps_at_quota": 0, "prorated_share_of_reps_at_quota": 0}.get(metric, 0.4)
    )
