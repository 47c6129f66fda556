"""What makes wins come sooner has more of them decided by now: among the decided alone it seems to go with winning."""

from datetime import date, timedelta

import ibis
import pandas as pd
import pytest

import salestrack as st
from tests.small_book import book_of, typed

AS_OF = date(2026, 6, 30)


@pytest.fixture(scope="module")
def answer():
    """Four a day in 300 days until the day of the book: two with a call on the first day, two without; of either, one is won.

    Wins come after 40 days with a call and after 80 without; whatever is lost is lost after 60.
    """
    deals, calls = [], []
    for ago in range(300):
        for each in range(4):
            key, called, won = f"O{ago}-{each}", each < 2, each % 2 == 0
            created, life = AS_OF - timedelta(days=ago), (40 if called else 80) if won else 60
            stage = ("Won" if won else "Lost") if life <= ago else "Discovery"
            deals.append((key, f"R{ago % 7}", created, created + timedelta(days=life), stage, 100.0))
            if called:
                calls.append((f"C{key}", f"R{ago % 7}", key, "digital_client", f"{created} 10:00"))
    opportunities = pd.DataFrame(deals, columns=["opportunity_id", "rep_id", "created_date", "close_date", "stage", "amount"])
    activities = pd.DataFrame(calls, columns=["activity_id", "rep_id", "opportunity_id", "category", "started_at"])
    tables = {"opportunities": typed("opportunities", opportunities), "activities": typed("activities", activities)}
    return st.goes_with_winning(book_of(ibis.duckdb.connect(), tables, AS_OF), days=[30])


def test_the_share_won_in_the_end_is_the_same(answer):
    """80 days of age or more have 220 days: 440 with a call, 220 of them won, and as many without."""
    row = answer.frame.set_index("category").loc["digital_client"]
    assert (row["watched"], row["within"]) == (50, 14)
    assert row["n"] == 880
    assert row["won"] == 440
    assert row["effect"] == pytest.approx(0, abs=1e-3)
    assert row["low"] < 0 < row["high"]


def test_among_the_decided_it_would_seem_to_help():
    """With a call 260 of 40 days and more are won, 240 of 60 and more lost: 52 %. Without, 220 won and 240 lost: 48 %."""
    with_call, without = 260 / (260 + 240), 220 / (220 + 240)
    assert with_call - without == pytest.approx(0.042, abs=5e-4)


def test_it_is_never_called_more(answer):
    assert not answer.frame["verdict"].isin(["more", "less"]).any()


@pytest.fixture(scope="module", params=[20, 80], ids=["gone first", "gone late"])
def after_creation(request):
    """Four a day in 360 days, two of them with a call on day 5; of either one is won.

    Wins come on day 20 (or 80) with a call and on day 80 without; whatever is lost is lost on day 60.
    """
    deals, calls = [], []
    for ago in range(360):
        for each in range(4):
            key, called, won = f"O{ago}-{each}", each < 2, each % 2 == 0
            created, life = AS_OF - timedelta(days=ago), (request.param if called else 80) if won else 60
            stage = ("Won" if won else "Lost") if life <= ago else "Discovery"
            deals.append((key, "R1", created, created + timedelta(days=life), stage, 100.0))
            if called:
                calls.append((f"C{key}", "R1", key, "digital_client", f"{created + timedelta(days=5)} 10:00"))
    opportunities = pd.DataFrame(deals, columns=["opportunity_id", "rep_id", "created_date", "close_date", "stage", "amount"])
    activities = pd.DataFrame(calls, columns=["activity_id", "rep_id", "opportunity_id", "category", "started_at"])
    tables = {"opportunities": typed("opportunities", opportunities), "activities": typed("activities", activities)}
    frame = st.lead_up(book_of(ibis.duckdb.connect(), tables, AS_OF), anchor="creation").frame
    return request.param, frame[(frame["grain"] == "month") & (frame["bucket"] == 1)].iloc[0]


def test_those_won_first_are_not_there_to_be_seen(after_creation):
    """Where calls make wins come on day 20, none of the won that live through the first month has one; of the lost half do."""
    won_on, month = after_creation
    assert month["verdict"] == "cannot_tell"
    assert month["won_mean"] == pytest.approx(0 if won_on == 20 else 0.5, abs=0.01)
    assert month["reason"] == ("gone" if won_on == 20 else "")
