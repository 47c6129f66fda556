"""One target is one target: not once for the rep, once for the team and once for the territory, nor once for each day."""

import pandas as pd
import pytest

import salestrack as st
from tests.soundness.rows import book_with

ROWS = """
A R1 600 2026-04-01 2026-05-01 Won
B R2 300 2026-04-01 2026-05-02 Won
"""
REPS = {"rep_id": ["R1", "R2"], "name": ["Ada", "Ben"], "team": ["North", "North"], "territory_id": ["T1", "T1"]}
LEVELS = {
    "rep_id": ["R1", "R2", None, None],
    "team": [None, None, "North", None],
    "territory_id": [None, None, None, "T1"],
    "start_date": ["2026-04-01"] * 4,
    "end_date": ["2026-06-30"] * 4,
    "amount": [500.0, 500.0, 1000.0, 1000.0],
}


def of_level(*rows):
    return {name: [values[i] for i in rows] for name, values in LEVELS.items()}


def test_quotas_of_reps_go_before_those_of_their_team_and_territory():
    book = book_with(ROWS, quotas=LEVELS, reps=REPS)
    measured = st.measure(book, [st.quota, st.quota_attainment], during="2026-Q2")
    assert measured.value("quota") == pytest.approx(1000)  # not 3000
    assert measured.value("quota_attainment") == pytest.approx(0.9)  # not 0.3
    by_team = st.measure(book, st.quota_attainment, by="team", during="2026-Q2").frame
    assert by_team[["team", "value"]].to_numpy().tolist() == [["North", pytest.approx(0.9)]]


def test_a_quota_held_against_a_part_of_its_period_is_that_part():
    book = book_with(ROWS, quotas=of_level(0, 1), reps=REPS)
    months = st.measure(book, st.quota, by="month", during="2026-Q2").frame["value"]
    assert months.tolist() == pytest.approx([1000 * 30 / 91, 1000 * 31 / 91, 1000 * 30 / 91])
    assert months.sum() == pytest.approx(1000)


def test_a_quota_of_the_team_is_no_reps_quota():
    """Nobody's attainment can be told from it: no rep is at quota, nor below."""
    book = book_with(ROWS, quotas=of_level(2), reps=REPS)
    measured = st.measure(book, [st.quota_attainment, st.share_of_reps_at_quota, st.mean_quota_attainment], during="2026-Q2")
    assert measured.value("quota_attainment") == pytest.approx(0.9)
    share = measured["share_of_reps_at_quota"].frame.iloc[0]
    assert pd.isna(share["value"])
    assert (share["n"], share["note"]) == (0, "undefined")
    assert measured.value("mean_quota_attainment") is None


def test_a_quota_met_to_the_cent_is_met_whatever_its_days_add_up_to():
    for amount in (0.1, 33.33, 1234.56, 99999.99):
        rows = f"A R1 {amount} 2026-04-01 2026-05-01 Won"
        quotas = of_level(0) | {"amount": [amount]}
        assert st.measure(book_with(rows, quotas=quotas), st.share_of_reps_at_quota, during="2026-Q2").value() == 1
        short = of_level(0) | {"amount": [amount + 0.01]}
        assert st.measure(book_with(rows, quotas=short), st.share_of_reps_at_quota, during="2026-Q2").value() == 0
