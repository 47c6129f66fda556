"""Days run from created to closed. With the arguments the other way round every cycle is negative, and nobody looks."""

import salestrack as st
from tests.soundness.rows import book_with

ROWS = """
A R1 100 2026-04-01 2026-04-11 Won
B R1 100 2026-04-01 2026-04-01 Won
C R1 100 2026-04-01 2026-05-01 Won
D R1 100 -          2026-05-01 Won
E R1 100 2026-06-01 2026-09-01 Proposal
"""


def test_cycles_count_forwards_and_the_same_day_is_zero():
    measured = st.measure(book_with(ROWS), [st.sales_cycle, st.mean_sales_cycle])
    assert measured.value("sales_cycle") == 10  # of 0 10 30
    assert measured.value("mean_sales_cycle") == (0 + 10 + 30) / 3
    assert measured.frame["n"].tolist() == [3, 3]  # D has no beginning


def test_an_open_one_has_been_watched_until_the_day_of_the_book_and_has_no_cycle():
    book = book_with(ROWS)
    rows = book.connection.to_pyarrow(book.table("opportunities")).to_pandas().set_index("opportunity_id")
    assert rows.loc["E", "observed_days"] == 29
    assert rows["cycle_days"].isna().to_dict() == {"A": False, "B": False, "C": False, "D": True, "E": True}
    assert (rows["cycle_days"].dropna() >= 0).all()
