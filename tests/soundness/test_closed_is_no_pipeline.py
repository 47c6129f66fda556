"""What is closed is in no pipeline, whatever probability it carries.

A CRM sets the probability of what was won to 100 %: weighed without asking whether it is open, every win ever made is pipeline.
"""

from datetime import date

import ibis
import pandas as pd
import pytest

import salestrack as st
from tests.small_book import book_of, typed

ROWS = pd.DataFrame(
    {
        "opportunity_id": ["won", "lost", "open", "bare"],
        "amount": [1000, 200, 40, 8],
        "created_date": "2026-01-05",
        "close_date": ["2026-02-01", "2026-02-01", "2026-09-01", "2026-09-01"],
        "stage": ["Won", "Lost", "Proposal", "Discovery"],
        "probability": [1.0, 0.5, 0.75, None],
    }
)


@pytest.fixture(scope="session")
def book():
    return book_of(ibis.duckdb.connect(), {"opportunities": typed("opportunities", ROWS)}, date(2026, 6, 30))


def test_the_weighted_pipeline_is_of_what_is_open(book):
    # The small book states 0.1 for Discovery.
    assert st.measure(book, st.weighted_pipeline).value() == pytest.approx(40 * 0.75 + 8 * 0.1)
    assert st.measure(book, [st.pipeline, st.open_opportunities]).frame["value"].tolist() == [48, 2]
