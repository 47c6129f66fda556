"""Of a list of wins nobody knows what losses took; of losses that carry 0 in place of an amount, not what they were worth."""

import pytest

import salestrack as st
from tests.logged import MONDAY, book_with

WON = [(f"W{i}", "R1", 100, MONDAY, MONDAY, "Won", None) for i in range(20)]
# Two hours on each of 20 wins and ten that name nothing: 40 and 10 of 50.
DONE = [(f"A{i}", "R1", "admin", None, MONDAY, 120, f"W{i}") for i in range(20)]
DONE += [(f"N{i}", "R1", "admin", None, MONDAY, 60, None) for i in range(10)]


def test_a_list_of_wins_splits_no_hours():
    answer = st.time_use(book_with(WON, DONE))
    assert answer.sentences[0] == "50 hours were logged in all periods; 20% of them name no opportunity."
    assert "0%" not in "".join(answer.sentences).replace("20%", "")
    assert "lost" not in set(answer.frame["became"])
    shares = answer.frame.set_index("became")["share"]
    assert shares[["won", "open"]].isna().all()
    assert shares["none"] == pytest.approx(0.2)
    assert "20%" in str(answer)
    assert "80%" not in str(answer)
    assert not st.charts.time_by_outcome(answer).patches


def test_with_a_loss_they_are_split():
    lost = ("L0", "R1", 100, MONDAY, MONDAY, "Lost", None)
    answer = st.time_use(book_with([*WON, lost], DONE))
    assert "80% went into opportunities that were won, 0% into lost ones" in answer.sentences[0]


@pytest.mark.parametrize("amount", [0, None, 100])
def test_a_loss_of_0_is_told_in_hours(amount):
    lost = ("L0", "R1", amount, MONDAY, MONDAY, "Lost", None)
    told = " ".join(st.time_use(book_with([*WON, lost], [*DONE, ("B", "R1", "admin", None, MONDAY, 180, "L0")])).sentences)
    assert "3 hours went into it" in told
    assert ("The most expensive loss is L0 of R1 (€100)" in told) == (amount == 100)
    assert "€0)" not in told
