"""A strong rep who is busy makes calls seem to lead up to wins: held against other reps' lost opportunities, not her own."""

from datetime import date, timedelta

import ibis
import pandas as pd
import pytest

import salestrack as st
from tests.small_book import book_of, typed

AS_OF = date(2026, 6, 30)


@pytest.fixture(scope="module")
def answer():
    """Ada calls on two of three days and wins 30 of 40, Ben on one of six days and wins 10 of 40; all live 30 days."""
    deals, calls = [], []
    for rep, won, every in (("Ada", 30, 1.5), ("Ben", 10, 6)):
        for i in range(40):
            key, created = f"{rep}{i}", date(2026, 1, 1) + timedelta(days=3 * i)
            deals.append((key, rep, created, created + timedelta(days=30), "Won" if i * 7 % 40 < won else "Lost", 100.0))
            days = [round(every * k + i % 3) for k in range(int(30 / every)) if every * k + i % 3 < 30]
            calls += [(f"{key}-{day}", rep, key, "digital_client", f"{created + timedelta(days=day)} 10:00") for day in days]
    opportunities = pd.DataFrame(deals, columns=["opportunity_id", "rep_id", "created_date", "close_date", "stage", "amount"])
    activities = pd.DataFrame(calls, columns=["activity_id", "rep_id", "opportunity_id", "category", "started_at"])
    tables = {"opportunities": typed("opportunities", opportunities), "activities": typed("activities", activities)}
    return st.lead_up(book_of(ibis.duckdb.connect(), tables, AS_OF))


def test_within_the_rep_nothing_differs(answer):
    """Won ones had far more calls a week than lost ones, for most are Ada's; those lost in their place would have as many."""
    weeks = answer.frame[(answer.frame["grain"] == "week") & (answer.frame["reason"] == "")]
    assert len(weeks) == 4
    assert (weeks["won_mean"] > 3).all()
    assert weeks["difference"].abs().max() < 0.25
    assert not answer.frame["verdict"].isin(["more", "less"]).any()


def test_all_have_a_counterpart(answer):
    assert answer.matched["matched"].tolist() == [40, 40]
