"""A history that was written all at once dates all that came before on that day: nothing took no time, and nothing slowed down."""

from datetime import date, datetime, timedelta

import ibis
import pandas as pd
import pytest

import salestrack as st
from salestrack.entered_late import entry_lag
from salestrack.migrated import stamped_days
from tests.small_book import book_of, typed

START, AS_OF, MOVED = date(2025, 1, 1), date(2026, 6, 30), date(2025, 9, 1)


def book_with(moved):
    """One a day for 500 days, 10 days in Discovery, 8 to 15 in Proposal, half won; what was before `moved` has its stamp."""
    rows, history = [], []
    for i in range(500):
        born = START + timedelta(days=i)
        moments = {"Discovery": born, "Proposal": born + timedelta(days=10)}
        moments[("Won", "Lost")[i % 2]] = end = born + timedelta(days=18 + i * 5 % 8)
        rows.append({"opportunity_id": f"O{i}", "stage": list(moments)[-1], "created_date": born, "close_date": end})
        for k, (stage, day) in enumerate(moments.items()):
            at = datetime(day.year, day.month, day.day, 9 + k)
            stamp = datetime(moved.year, moved.month, moved.day, 2) if moved and day < moved else at
            history.append({"opportunity_id": f"O{i}", "stage": stage, "entered_at": stamp})
    frames = {"opportunities": pd.DataFrame(rows), "stage_history": pd.DataFrame(history)}
    return book_of(ibis.duckdb.connect(), {name: typed(name, frame) for name, frame in frames.items()}, AS_OF)


@pytest.fixture(scope="module")
def moved():
    return book_with(MOVED)


def test_the_day_is_found_and_is_no_lag(moved):
    assert stamped_days(moved) == (MOVED,)
    assert entry_lag(moved) == 0
    assert stamped_days(book_with(None)) == ()


def test_nothing_became_slower(moved):
    answer = st.bottlenecks(moved)
    assert answer.bottleneck is None
    assert not answer.changes["change"].isin(["slower", "faster"]).any()
    rows = answer.frame.set_index("stage")
    assert rows.loc["Discovery", ["median", "p90"]].tolist() == [10, 10]
    assert rows.loc["Proposal", "median"] in (11, 12)
    # 243 began before the first of September, 10 of them are in Discovery on it and 8 to 15 in Proposal.
    assert rows.loc["Discovery", "n"] == 500 - 243
    assert any("that the history dates on 1 Sept 2025" in said or "on 1 Sep 2025" in said for said in answer.sentences)


def test_nobody_hurried(moved):
    leaks = st.leaks(moved)
    assert leaks.frame.set_index("step").loc["Proposal", "week_share"] == 0
    assert any("are left out: it dates all that came before on that day" in said for said in leaks.sentences)
    assert st.funnel(moved).frame.set_index("step").loc["Discovery", "entered"] == 500 - 243
    odds = st.stage_odds(moved).frame.set_index(["stage", "age"])
    assert odds.loc[("Discovery", 0), "n"] == 500 - 243
