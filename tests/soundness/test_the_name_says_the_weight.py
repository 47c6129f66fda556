"""A win rate counts opportunities; one that weighs them by amount has that in its name."""

import pytest

import salestrack as st
from salestrack.wording import label_of
from tests.soundness.rows import book_with

ROWS = """
A R1 900 2026-04-01 2026-05-01 Won
B R1 50  2026-04-01 2026-05-02 Lost
C R1 50  2026-04-01 2026-05-03 Lost
"""


def test_by_count_and_by_amount_are_two_metrics():
    measured = st.measure(book_with(ROWS), [st.win_rate, st.win_rate_by_amount])
    assert measured.value("win_rate") == pytest.approx(1 / 3)
    assert measured.value("win_rate_by_amount") == pytest.approx(0.9)
    assert label_of("win_rate") == "Win rate"
    assert "amount" in label_of("win_rate_by_amount")


def test_each_names_the_other_as_a_false_friend():
    assert "win_rate_by_amount :" in st.win_rate.sections["See Also"]
    assert "win_rate :" in st.win_rate_by_amount.sections["See Also"]
