"""A close that is entered late does not wait until then: it was no jam, was not left alone, and is no quarter that falls behind."""

from datetime import date, timedelta
from functools import cache

import ibis
import pandas as pd
import pytest

import salestrack as st
from salestrack.definition import METRICS
from salestrack.entered_late import complete_until, entry_lag
from salestrack.goals import Goals, goal_status
from salestrack.ripeness import ripe_day
from tests.small_book import book_of, typed

AS_OF, COMPLETE, LAG = date(2026, 6, 30), date(2026, 6, 18), 12
# One begins every day, goes on to Proposal after 4 days and closes after 15 to 24, every second is won, for 100.
LIVES = [(date(2026, 1, 1) + timedelta(days=i), 15 + i * 7 % 10, ("Won", "Lost")[i % 2]) for i in range(181)]


@cache
def book_on(day, lag):
    """The book that was exported on a day; each close was entered so many days after it, or less for every fourth."""
    rows, history, done = [], [], []
    for i, (born, days, end) in enumerate(LIVES):
        closed, entered = born + timedelta(days=days), born + timedelta(days=days + (0 if i % 4 == 3 else lag))
        moments = [("Discovery", born), ("Proposal", born + timedelta(days=4)), (end, entered)]
        moments = [(stage, at) for stage, at in moments if at <= day]
        if not moments:
            continue
        history += [{"opportunity_id": f"O{i}", "stage": stage, "entered_at": at, "close_date": closed} for stage, at in moments]
        # It is expected to close when it does, and somebody is at it until then.
        rows.append({"opportunity_id": f"O{i}", "rep_id": "R1", "stage": moments[-1][0], "amount": 100.0, "created_date": born,
                     "close_date": closed})  # fmt: skip
        done += [{"activity_id": f"A{i}.{k}", "rep_id": "R1", "category": "digital_client", "opportunity_id": f"O{i}",
                  "started_at": born + timedelta(days=k)} for k in range(days + 1) if born + timedelta(days=k) <= day]  # fmt: skip
    frames = {"opportunities": rows, "stage_history": history, "activities": done}
    tables = {name: typed(name, pd.DataFrame(found).astype(object)) for name, found in frames.items()}
    return book_of(ibis.duckdb.connect(), tables, day)


@pytest.fixture(scope="module")
def late():
    return book_on(AS_OF, LAG)


@pytest.fixture(scope="module")
def complete():
    """The same company without a lag, on the last day whose closes the other one holds."""
    return book_on(COMPLETE, 0)


def test_the_lag_is_measured_where_the_history_tells_it(late, complete):
    assert (entry_lag(late), complete_until(late)) == (LAG, COMPLETE)
    assert (entry_lag(complete), complete_until(complete)) == (0, COMPLETE)


@pytest.mark.parametrize("question", [st.bottlenecks, st.leaks, st.stage_odds])
def test_it_is_told_as_of_the_day_until_which_closes_are_complete(late, complete, question):
    mine, theirs = question(late), question(complete)
    shown = [name for name in mine.frame if name not in ("amount", "with_amount", "share_of_amount", "value", "unpriced")]
    pd.testing.assert_frame_equal(mine.frame[shown], theirs.frame[shown], check_dtype=False)
    assert any("Closes are entered late here, nineteen in twenty within 12 days" in said for said in mine.sentences)
    assert not any("entered late" in said for said in theirs.sentences)


def test_the_funnel_and_the_cycle_too(late, complete):
    began = "2026-01-01/2026-06-19"
    mine, theirs = (st.funnel(book, during=began).frame for book in (late, complete))
    counts = ["entered", "went_on", "left", "open", "next_share", "cumulative_share"]
    pd.testing.assert_frame_equal(mine[counts], theirs[counts])
    mine, theirs = (st.cycle(book, during=began).frame for book in (late, complete))
    counts = ["n", "won", "lost", "open", "time_to_close", "p90"]
    pd.testing.assert_frame_equal(mine[counts], theirs[counts])


def test_nothing_is_overlong_overdue_or_idle_for_want_of_an_entry(late):
    """Last touched up to 11 days ago, and older than any that was won (24 days)."""
    waiting = late.fetch(late.table("opportunities").filter(ibis._.open).select("close_date", "observed_days", "idle_days"))
    unentered = waiting[pd.to_datetime(waiting["close_date"]) < pd.Timestamp(AS_OF)]
    ends = [born + timedelta(days=days) for i, (born, days, _) in enumerate(LIVES) if i % 4 != 3]
    assert len(unentered) == sum(end < AS_OF < end + timedelta(days=LAG) for end in ends) > 5
    assert (unentered["idle_days"].max(), unentered["observed_days"].max() > 24) == (11, True)
    tidy = st.hygiene(late)
    assert tidy.frame.set_index("check").loc[["overlong", "overdue"], "n"].tolist() == [0, 0]
    assert st.neglected(late, idle_days=5).overall["idle"] == 0
    assert any("is so by more than that" in said for said in tidy.sentences)


def test_a_running_month_is_held_against_what_was_known_of_the_others_on_that_day(late):
    """By plain counting: wins closed in the month and entered by its 30th day."""
    answer = st.pace(late, during="2026-06")
    known = dict.fromkeys(answer.frame["period"], 0)
    for i, (born, days, end) in enumerate(LIVES):
        closed, entered = born + timedelta(days=days), born + timedelta(days=days + (0 if i % 4 == 3 else LAG))
        month = f"{closed:%Y-%m}"
        if end == "Won" and month in known and (entered.year, entered.month) == (closed.year, closed.month) and entered.day <= 30:
            known[month] += 100
    rows = answer.frame.set_index("period")
    assert rows["booked"].to_dict() == known
    # All that was won in May is in the book by now, and in its final figure.
    won_in_may = sum(end == "Won" and (born + timedelta(days=days)).month == 5 for born, days, end in LIVES)
    assert rows.loc["2026-05", "final"] == 100 * won_in_may > known["2026-05"]
    assert "behind" not in answer.sentences[0]
    assert any("every period counts what was entered by the same day" in said for said in answer.sentences)


def test_a_month_long_over_counts_all_that_closed_in_it(late):
    rows = st.pace(late, during="2026-05").frame.set_index("period")
    assert rows.loc["2026-05", "booked"] == rows.loc["2026-05", "final"]


def test_a_migration_is_no_lag():
    """All that was closed before a day was written to the history on that day, years of it."""
    day = date(2026, 5, 1)
    rows, history = [], []
    for i, (born, days, end) in enumerate(LIVES):
        closed = born + timedelta(days=days)
        moments = [("Discovery", born), (end, closed)] if closed <= AS_OF else [("Discovery", born)]
        rows.append({"opportunity_id": f"O{i}", "stage": moments[-1][0], "created_date": born, "close_date": closed})
        history += [{"opportunity_id": f"O{i}", "stage": stage, "entered_at": max(at, day)} for stage, at in moments]
    frames = {"opportunities": rows, "stage_history": history}
    book = book_of(ibis.duckdb.connect(), {name: typed(name, pd.DataFrame(found).astype(object)) for name, found in frames.items()})
    assert entry_lag(book) == 0


# Of June 12 days of 30 are unseen, of the quarter 12 of 91; of February to June 12 of 150, less than a tenth.
UNSEEN = [("2026-06", True), ("2026-05", False), ("2026-Q2", True), ("2026-02-01/2026-07-01", False)]


@pytest.mark.parametrize(("during", "partial"), UNSEEN)
def test_a_period_of_whose_days_more_than_a_tenth_is_not_entered_yet_is_not_complete(late, during, partial):
    found = st.measure(late, ["bookings", "win_rate", "activity_count"], during=during).frame.set_index("metric")
    assert found["partial"].to_dict() == {"bookings": partial, "win_rate": partial, "activity_count": False}


def test_where_closes_are_entered_on_their_day_a_month_is_complete_once_it_is_over(late):
    months = [st.measure(book, "bookings", by="month").frame.set_index("month")["partial"] for book in (late, book_on(AS_OF, 0))]
    assert [(each["2026-05"], each["2026-06"]) for each in months] == [(False, True), (False, False)]


def test_a_month_whose_closes_are_not_all_entered_has_not_fallen(late):
    said = st.compare(late, "bookings", during="2026-06").frame.iloc[0]
    assert (said["verdict"], said["reason"]) == ("cannot_tell", "partial")
    series = st.trend(late, "bookings", during="2026-02-01/2026-07-01").frame.set_index("month")["partial"]
    assert series[series].index.tolist() == ["2026-06"]


# Those of April closed by 24 May, and until 5 June the last of these closes were entered.
READ = [date(2026, 5, 24) + timedelta(days=3 * i) for i in range(10)]


@pytest.mark.parametrize("name", ["close_rate", "leakage", "stage_conversion", "won_share_of_all"])
def test_cohorts_whose_closes_are_entered_late_have_one_verdict_on_every_day_on_which_they_have_one(name):
    """March and April went alike. Thirty days after its last day April is not ripe yet: its last closes are still to be entered."""
    told = [st.compare(book_on(day, LAG), name, during="2026-04").frame.iloc[0] for day in READ]
    young = [row["reason"] == "young" for row in told]
    assert young == sorted(young, reverse=True)
    assert (young[0], young[-1]) == (True, False)
    ripe = [row for row, waits in zip(told, young, strict=True) if not waits]
    assert len({(row["verdict"], row["before"], row["after"], row["age"]) for row in ripe}) == 1


def test_of_a_month_whose_closes_are_not_entered_a_trend_makes_no_fall():
    """By plain counting every second is won, every month: the months that a trend uses say so, whenever it is asked."""
    for day in READ:
        answer = st.trend(book_on(day, LAG), "won_share_of_all")
        used = answer.frame[~answer.frame["partial"]]
        assert used["value"].between(0.48, 0.52).all()
        assert answer.verdict in ("flat", "cannot_tell")


@pytest.mark.parametrize("name", ["close_rate", "leakage", "won_share_of_all"])
def test_the_day_from_which_it_can_be_told_is_that_day(name):
    book = book_on(READ[0], LAG)
    day = ripe_day(book, METRICS[name], st.Period.parse("2026-04"))
    books = (book_on(at, LAG) for at in (day - timedelta(days=1), day))
    reasons = [st.compare(each, name, during="2026-04").frame["reason"].iloc[0] for each in books]
    assert (reasons[0], reasons[1] == "young") == ("young", False)


def goal_of_may(day, target):
    metric = {"metric": "bookings", "target": target, "direction": "at_least", "period": "2026-05"}
    sheet = Goals.model_validate({"objectives": [{"name": "Grow", "metrics": [metric]}]})
    return goal_status(book_on(day, LAG), sheet).judged[0]


def test_a_goal_whose_month_is_just_over_is_not_missed_for_want_of_entries():
    """1,500 or 1,600 is booked in every month; on 2 June up to 12 days of May's closes are not in the book."""
    final = float(st.measure(book_on(AS_OF, LAG), "bookings", during="2026-05").value())
    early, late = (goal_of_may(day, final - 100) for day in (date(2026, 6, 2), AS_OF))
    assert early.found.value < final - 100
    assert early.status != "off"
    assert (late.status, late.found.value) == ("on_track", final)
    assert "so far" in early.reason
