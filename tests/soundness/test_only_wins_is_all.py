"""Who lost nothing has won all.

A win rate written as ``won / lost`` or ``lost > 0 and won / (won + lost)`` gives such a rep 0 % or nothing, and a manager's
denominator that skips such reps makes 75 % out of 50 %.
"""

import pytest

import salestrack as st
from tests.soundness.rows import book_with

# R1 won both, R2 lost both.
ROWS = """
A R1 100 2026-04-01 2026-05-01 Won
B R1 100 2026-04-01 2026-05-02 Won
C R2 100 2026-04-01 2026-05-03 Lost
D R2 100 2026-04-01 2026-05-04 Lost
"""


@pytest.mark.parametrize("metric", [st.win_rate, st.win_rate_by_amount, st.close_rate])
def test_the_rep_who_lost_nothing_has_won_all_and_the_other_nothing(metric):
    frame = st.measure(book_with(ROWS), metric, by="rep").frame.set_index("rep")
    assert frame["value"].to_dict() == {"R1": 1.0, "R2": 0.0}


@pytest.mark.parametrize("metric", [st.win_rate, st.win_rate_by_amount, st.close_rate])
def test_both_count_in_the_denominator_of_the_whole(metric):
    assert st.measure(book_with(ROWS), metric).value() == pytest.approx(1 / 2)


def test_two_of_two_is_not_certain():
    row = st.measure(book_with(ROWS), st.win_rate, by="rep").frame.iloc[0]
    assert (row["n"], row["note"]) == (2, "too_few")
    assert row["low"] < 0.5
    assert row["high"] == 1
