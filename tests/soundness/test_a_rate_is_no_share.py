"""A rate of leaving is no share that leaves: where half leave a step at once and half go on, the rate says that all leave."""

from datetime import datetime, timedelta

import ibis
import pandas as pd
import pytest

import salestrack as st
from tests.small_book import book_of, typed

N = 400


def book_with(hours, time=9):
    """Half go on to Proposal and are won, half are lost, each after so many hours; `time` None: the days without a time."""
    rows, history = [], []
    for i in range(N):
        begin = datetime(2026, 1, 5) + timedelta(days=i // 4, hours=time or 0)
        end = begin + timedelta(hours=hours)
        last = "Lost" if i % 2 else "Won"
        rows.append(
            {"opportunity_id": f"O{i}", "stage": last, "amount": 100.0, "created_date": begin.date(), "close_date": end.date()}
        )
        moments = {"Discovery": begin, last: end} if i % 2 else {"Discovery": begin, "Proposal": end, last: end}
        stays = [(stage, at if time else datetime(at.year, at.month, at.day)) for stage, at in moments.items()]
        history += [{"opportunity_id": f"O{i}", "stage": stage, "entered_at": at} for stage, at in stays]
    frames = {"opportunities": pd.DataFrame(rows), "stage_history": pd.DataFrame(history)}
    return book_of(ibis.duckdb.connect(), {name: typed(name, frame) for name, frame in frames.items()})


@pytest.mark.parametrize(("hours", "time"), [(1, 9), (24, None), (168, 9)])
def test_half_that_leaves_within_a_week_is_half(hours, time):
    answer = st.leaks(book_with(hours, time))
    step = answer.frame.set_index("step").loc["Discovery"]
    assert step["week_share"] == pytest.approx(0.5)
    assert step["week_low"] < 0.5 < step["week_high"]
    assert "They leave fastest at Discovery: 50.0% of those that come leave within a week" in " ".join(answer.sentences)


def test_who_leaves_on_the_eighth_day_does_not_leave_within_a_week():
    step = st.leaks(book_with(8 * 24)).frame.set_index("step").loc["Discovery"]
    assert (step["week_share"], step["left"], step["half_days"]) == (0, N // 2, 8)


def test_a_week_that_nobody_was_watched_for_is_not_told():
    """All came six days before the day of the book, and all are there still."""
    rows = pd.DataFrame({"opportunity_id": [f"O{i}" for i in range(40)], "stage": "Discovery", "created_date": "2026-06-24"})
    history = pd.DataFrame({"opportunity_id": rows["opportunity_id"], "stage": "Discovery", "entered_at": "2026-06-24"})
    tables = {"opportunities": typed("opportunities", rows), "stage_history": typed("stage_history", history)}
    answer = st.leaks(book_of(ibis.duckdb.connect(), tables))
    assert answer.frame["week_share"].isna().all()
    assert "within a week" not in " ".join(answer.sentences)


class TestStaysOfLessThanADay:
    """Hours where the history has times, days where it has only dates."""

    @pytest.mark.parametrize(("hours", "days", "text"), [(0.4, 1 / 60, "24 minutes"), (5, 5 / 24, "5 hours"), (26, 1, "1")])
    def test_a_stay_is_told_in_hours(self, hours, days, text):
        answer = st.bottlenecks(book_with(hours))
        median = answer.frame.set_index("stage").loc["Discovery", "median"]
        assert median == pytest.approx(days)
        assert text in answer.table.frame.iloc[0].tolist()
        assert text in st.charts.time_in_stage(answer).alt

    def test_overnight_is_hours_too(self):
        """From 22:00 to 03:00: five hours, though the calendar has turned."""
        frame = st.bottlenecks(book_with(5, 22)).frame.set_index("stage")
        assert frame.loc["Discovery", "median"] == pytest.approx(5 / 24)

    @pytest.mark.parametrize(("hours", "days"), [(5, 0), (24, 1)])
    def test_days_without_a_time_stay_whole_days(self, hours, days):
        book = book_with(hours, None)
        assert st.bottlenecks(book).frame.set_index("stage").loc["Discovery", "median"] == days
        lasted = book.fetch(book.table("steps").select("lasted"))["lasted"]
        assert (lasted % 1 == 0).all()

    def test_few_values_for_a_life_table(self):
        """Whatever the minutes are: 60 minutes, 92 quarters of an hour, days."""
        rows, history = [], []
        for i in range(1440):
            begin = datetime(2026, 1, 5, 0, 1)
            end = begin + timedelta(minutes=i)
            rows.append({"opportunity_id": f"O{i}", "stage": "Lost", "created_date": begin.date(), "close_date": end.date()})
            history += [{"opportunity_id": f"O{i}", "stage": "Discovery", "entered_at": begin},
                        {"opportunity_id": f"O{i}", "stage": "Lost", "entered_at": end}]  # fmt: skip
        frames = {"opportunities": pd.DataFrame(rows), "stage_history": pd.DataFrame(history)}
        book = book_of(ibis.duckdb.connect(), {name: typed(name, frame) for name, frame in frames.items()})
        found = book.fetch(book.table("steps").select("opportunity_id", "lasted"))
        minutes = found["opportunity_id"].str[1:].astype(int)
        over = found["lasted"] * 1440 - minutes
        # The last begins at 00:01 and ends a day later at 00:00, which has no time of day: the calendar's one day.
        timed = minutes < 1439
        assert (over[timed] >= -1e-9).all(), "no stay is understated"
        assert (over[timed] < 15).all()
        assert found["lasted"].nunique() <= 1 + 60 + 92 + 1
