"""How many were there and how many left a day are of one period: today's queue over a past period's exits is nobody's wait."""

from datetime import date, timedelta

import ibis
import pandas as pd
import pytest

import salestrack as st
from tests.small_book import book_of, typed

START = date(2026, 1, 1)


def book_with(lives):
    """A book of (day on which it came to Discovery, days there or None while it waits)."""
    rows, history = [], []
    for i, (day, days) in enumerate(lives):
        came = START + timedelta(days=day)
        gone = None if days is None else came + timedelta(days=days)
        rows.append({"opportunity_id": f"O{i}", "stage": "Lost" if gone else "Discovery", "created_date": came, "close_date": gone})
        history.append({"opportunity_id": f"O{i}", "stage": "Discovery", "entered_at": came})
        history += [{"opportunity_id": f"O{i}", "stage": "Lost", "entered_at": gone}] if gone else []
    frames = {name: pd.DataFrame(found).astype(object) for name, found in (("opportunities", rows), ("stage_history", history))}
    return book_of(ibis.duckdb.connect(), {name: typed(name, frame) for name, frame in frames.items()})


def told(lives, during):
    return st.bottlenecks(book_with(lives), during=during).frame.set_index("stage").loc["Discovery"]


# One came every day until the end of March and stayed for 10 days; since then nobody comes.
EMPTIED = [(day, 10) for day in range(90)]
# The same, and in the last days a hundred came who wait.
FLOODED = [*EMPTIED, *((170, None) for _ in range(100))]


@pytest.mark.parametrize("lives", [EMPTIED, FLOODED])
@pytest.mark.parametrize("during", ["2026-02", "2026-Q1"])
def test_a_past_period_is_told_by_its_own_queue(lives, during):
    row = told(lives, during)
    # In January ten days pass until the first one leaves.
    assert row["expected_days"] == pytest.approx(10, abs=1 if during == "2026-Q1" else 0.01)
    assert row["expected_days_low"] < 10 < row["expected_days_high"]


def test_a_queue_that_has_emptied_did_not_take_no_time():
    """28 leave in February, and ten are there on each of its evenings; on the day of the book nobody waits."""
    row = told(EMPTIED, "2026-02")
    assert row[["waiting", "days_there", "went_on", "left"]].tolist() == [0, 280, 0, 28]
    assert row["expected_days"] == pytest.approx(10)


def test_the_whole_book_is_its_days_there_over_its_exits():
    """90 stays of 10 days."""
    assert told(EMPTIED, None)["expected_days"] == pytest.approx(90 * 10 / 90)


def test_limits_lie_on_their_own_sides():
    """28 exits: Poisson limits of 19.37 and 40.46 (score interval, k + z²/2 ± z √(k + z²/4))."""
    row, z = told(EMPTIED, "2026-02"), 1.959964
    few, many = (28 + z**2 / 2 + side * z * (28 + z**2 / 4) ** 0.5 for side in (-1, 1))
    assert row[["expected_days_low", "expected_days_high"]].tolist() == pytest.approx([280 / many, 280 / few])


def test_nobody_left_is_undefined():
    row = told([(0, None), (5, None)], "2026-02")
    assert row[["expected_days", "expected_days_low", "expected_days_high"]].isna().all()
    assert row["days_there"] == 2 * 28
