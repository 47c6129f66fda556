"""An opportunity still open is not lost: counting it so makes every young cohort look bad."""

from datetime import date

import pytest

import salestrack as st
from tests.soundness.rows import book_with

# Created alike; one was won after 20 days and one lost after 40, two are open after 80 days.
ROWS = """
A R1 100 2026-04-11 2026-05-01 Won
B R1 100 2026-04-11 2026-05-21 Lost
C R1 100 2026-04-11 2026-09-01 Proposal
D R1 100 2026-04-11 2026-09-01 Discovery
"""


def test_open_opportunities_are_in_neither_part_of_the_win_rate():
    row = st.measure(book_with(ROWS), st.win_rate).frame.iloc[0]
    assert (row["value"], row["n"]) == (1 / 2, 2)


def test_nor_are_they_losses_for_leakage_and_close_rate():
    book = book_with(ROWS)
    # Nobody was last seen before the last event, so the estimate is won of four, with all four watched.
    row = st.measure(book, st.close_rate).frame.iloc[0]
    assert (row["value"], row["n"]) == (pytest.approx(1 / 4), 4)
    assert row["high"] > st.measure(book, st.won_share_of_all).value()


def test_one_that_was_watched_for_a_shorter_time_leaves_the_risk_set_and_is_no_loss():
    # E is open and only ten days old when A is won: of the five, four were watched until then.
    young = ROWS + "E R1 100 2026-06-20 2026-09-01 Discovery"
    assert st.measure(book_with(young), st.close_rate).value() == pytest.approx(1 / 4)
    assert st.measure(book_with(young), st.won_share_of_all).value() == 1 / 5  # the false friend


def test_a_close_date_that_lies_ahead_closes_nothing():
    book = book_with(ROWS, date(2026, 5, 10))
    assert st.measure(book, st.win_rate).value() == 1
    assert st.measure(book, st.open_opportunities).value() == 3
    assert st.measure(book, st.closed_opportunities, during="2026").value() == 1
