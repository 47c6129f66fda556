"""A share of nothing is undefined; 0 % would say that all was lost."""

import pandas as pd
import pytest

import salestrack as st
from tests.soundness.rows import book_with

ROWS = """
A R1 100 2026-04-01 2026-04-05 Won
B R2 100 2026-04-01 2026-08-01 Discovery
C R3 0   2026-04-01 2026-06-05 Won
"""
RATES = [st.win_rate, st.win_rate_by_amount, st.average_deal_size, st.median_deal_size, st.sales_cycle, st.mean_sales_cycle]


@pytest.mark.parametrize("metric", RATES)
def test_a_month_in_which_nothing_closed_is_a_gap(metric):
    may = st.measure(book_with(ROWS), metric, by="month", during="2026-Q2").frame.set_index("month").loc["2026-05"]
    assert pd.isna(may["value"])
    assert pd.isna(may["low"])
    assert (may["n"], may["note"]) == (0, "undefined")


def test_nothing_booked_is_nothing_booked():
    may = st.measure(book_with(ROWS), st.bookings, by="month", during="2026-Q2").frame.set_index("month").loc["2026-05"]
    assert (may["value"], may["note"]) == (0, "")


def test_a_share_of_an_amount_of_zero_is_undefined():
    june = st.measure(book_with(ROWS), st.win_rate_by_amount, during="2026-06").frame.iloc[0]
    assert pd.isna(june["value"])
    assert june["note"] == "unrecorded", "of the one opportunity an amount of 0 is no weight"


def test_what_is_undefined_is_shown_as_a_dash():
    text = str(st.measure(book_with(ROWS), st.win_rate, during="2026-05"))
    assert "–" in text
    assert "0.0%" not in text


def test_attainment_without_a_quota_is_undefined_and_not_endless():
    quotas = {"rep_id": ["R1"], "start_date": ["2026-04-01"], "end_date": ["2026-06-30"], "amount": [50.0]}
    frame = st.measure(book_with(ROWS, quotas=quotas), st.quota_attainment, by="rep", during="2026-Q2").frame.set_index("rep")
    assert frame.loc["R1", "value"] == pytest.approx(2)
    assert frame.loc[["R3"], "note"].tolist() == ["undefined"]
