"""Shares that come to each step: walked by hand."""

import numpy as np
import pandas as pd
import pytest

from salestrack.stats.progress import shares_reaching

ENTRIES = pd.DataFrame(
    [
        # Of four two come to the second step, one of them without really being in it.
        ("A", 1, 0, True, 4), ("A", 2, 5, True, 1), ("A", 2, 5, False, 1), ("A", 3, 9, True, 1),
        # Of eight six, of whom all but one are in it, and of these three to the end; two of them on one day.
        (None, 1, 0, True, 8), (None, 2, 3, True, 5), (None, 2, 3, False, 1), (None, 3, 3, True, 2), (None, 3, 7, False, 1),
    ],
    columns=["rep", "step_number", "days", "visited", "count"],
)  # fmt: skip
EXITS = pd.DataFrame(
    [
        ("A", 1, 5, "went_on", 2), ("A", 1, 6, "left", 1), ("A", 1, 6, "open", 1), ("A", 2, 8, "open", 1),
        ("A", 2, 9, "went_on", 1),
        (None, 1, 3, "went_on", 6), (None, 1, 4, "left", 2),
        (None, 2, 3, "went_on", 2), (None, 2, 7, "went_on", 1), (None, 2, 7, "left", 3),
    ],
    columns=["rep", "step_number", "days", "outcome", "count"],
)  # fmt: skip


def test_by_group_with_and_without_what_is_still_there():
    """Of A's two in the second step one is last seen on day 8; the other goes on, and counts for both: 2 of 4."""
    found = shares_reaching(ENTRIES, EXITS, 3, ["rep"])
    assert found["rep"].fillna("-").tolist() == ["A"] * 3 + ["-"] * 3
    assert found["step_number"].tolist() == [1, 2, 3] * 2
    assert found["value"].tolist() == pytest.approx([1, 2 / 4, 2 / 4, 1, 6 / 8, 3 / 8])
    assert found["visited"].tolist() == pytest.approx([1, 1 / 4, 2 / 4, 1, 5 / 8, 2 / 8])


def test_all_in_one_is_neither_of_its_parts():
    """Of twelve eight come to the second step: six on day 3, of whom two go on at once, and two on day 5."""
    found = shares_reaching(ENTRIES.drop(columns="rep"), EXITS.drop(columns="rep"), 3)
    # Day 3: 6 of 12 go on, and 2 of these 6. Day 7: of the 6 there (4 + 2) one goes on, three leave; day 9: the last of them.
    there = 6 / 12 * (1 - 2 / 6) + 2 / 12
    last = 6 / 12 * 2 / 6 + there * (1 / 6) + there * (2 / 6)
    assert found["value"].tolist() == pytest.approx([1, 8 / 12, last])


def test_weights_are_those_asked_for_and_no_weight_tells_nothing():
    amounts = {"A": 0.0, "-": 50.0}
    entries, exits = (each.assign(amount=each["rep"].fillna("-").map(amounts) * each["count"]) for each in (ENTRIES, EXITS))
    found = shares_reaching(entries, exits, 3, ["rep"], "amount")
    assert np.isnan(found.loc[:2, ["value", "visited"]]).all(axis=None)
    assert found.loc[3:, "value"].tolist() == pytest.approx([1, 6 / 8, 3 / 8])
