"""A book read as of an earlier day shows what was known then; where nobody kept it, null, never the value of a later day."""

from datetime import date

import pandas as pd
import pytest

import salestrack as st
from tests.soundness.rows import book_with

# Exported in July: A was won on 2 July for 900; B has grown to 700 and is now in Negotiation.
ROWS = """
A R1 900 2026-04-01 2026-07-02 Won
B R1 700 2026-05-01 2026-10-01 Negotiation
C R1 10  2026-07-05 2026-10-01 Discovery
"""
HISTORY = {
    "opportunity_id": ["A", "A", "B", "B"],
    "stage": ["Proposal", "Won", "Discovery", "Negotiation"],
    "entered_at": ["2026-04-01", "2026-07-02", "2026-05-01", "2026-07-03"],
    "amount": [400.0, 900.0, 500.0, 700.0],
}


def rows_of(book):
    return book.connection.to_pyarrow(book.table("opportunities")).to_pandas().set_index("opportunity_id").sort_index()


def test_with_a_history_the_value_is_that_of_the_day():
    book = book_with(ROWS, date(2026, 6, 30), stage_history=HISTORY)
    assert rows_of(book)[["stage", "amount"]].to_numpy().tolist() == [["Proposal", 400], ["Discovery", 500]]
    assert st.measure(book, [st.pipeline, st.bookings, st.open_opportunities]).frame["value"].tolist() == [900, 0, 2]


def test_without_one_it_is_unknown():
    book = book_with(ROWS, date(2026, 6, 30))
    rows = rows_of(book)
    assert rows.index.tolist() == ["A", "B"]
    assert rows["status"].tolist() == ["open", "open"]
    for column in ("stage", "amount", "close_date", "probability", "next_step", "lost_reason"):
        assert rows[column].isna().all(), column
    pipeline = st.measure(book, st.pipeline).frame.iloc[0]
    assert pipeline["n"] == 0  # not 1600 of two


@pytest.mark.parametrize(("day", "booked"), [("2026-07-01", 0), ("2026-07-02", 900)])
def test_a_deal_is_booked_on_its_day_and_not_before(day, booked):
    book = book_with(ROWS, date.fromisoformat(day), stage_history=HISTORY)
    assert st.measure(book, st.bookings).value() == booked


def test_a_rep_who_left_later_is_still_there():
    reps = {"rep_id": ["R1"], "name": ["Ada"], "left_date": ["2026-07-15"]}
    book = book_with(ROWS, date(2026, 6, 30), reps=reps)
    assert pd.isna(book.connection.to_pyarrow(book.table("reps").left_date).to_pandas().iloc[0])
