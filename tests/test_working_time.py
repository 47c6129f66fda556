"""Working time: days counted by hand and by a plain loop, and what it does to the share of selling time."""

import re
from datetime import date, timedelta
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

import salestrack
from salestrack.book import Settings
from salestrack.days import region_fault, working_days
from salestrack.errors import BookError, UnknownNameError
from salestrack.measure import measure
from tests.generated import EACH_A_BOOK
from tests.small_book import SETTINGS, book_of, frames, typed
from tests.sources.exports import BOOK, opened

ROOT = Path(__file__).parents[1]
STAGES = SETTINGS.stages
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 31))


def rep_days(book):
    return book.connection.to_pyarrow(book.table("rep_days")).to_pandas()


def hours(book):
    found = rep_days(book)
    return found.groupby("rep_id")["hours"].agg(["sum", "count"]).to_dict("index")


def with_tables(settings=SETTINGS, as_of=date(2026, 6, 30), **tables):
    """What the small book says of time, with some of its tables replaced; None takes one away."""
    kept = {name: frame for name, frame in frames().items() if name in ("opportunities", "activities", "reps", "time_off")}
    made = kept | {name: frame if frame is None else typed(name, pd.DataFrame(frame)) for name, frame in tables.items()}
    return book_of(ibis.duckdb.connect(), {name: frame for name, frame in made.items() if frame is not None}, as_of, settings)


def one_a_day(rep, first, last, minutes=60, category="admin"):
    days = pd.date_range(first, last)
    return {
        "activity_id": [f"{rep}{i}" for i in range(len(days))],
        "rep_id": rep,
        "category": category,
        "started_at": days + pd.Timedelta(hours=9),
        "minutes": minutes,
    }


# --- the calendar ---------------------------------------------------------------------------------------------------------------


def test_public_holidays_are_free():
    germany = Settings(stages=STAGES, holidays="DE")
    # 2026: Good Friday 3 April, Easter Monday 6 April, 1 May a Friday, Ascension Thursday 14 May, Whit Monday 25 May.
    assert len(working_days(date(2026, 4, 1), date(2026, 5, 31), SETTINGS)) == 22 + 21
    assert len(working_days(date(2026, 4, 1), date(2026, 5, 31), germany)) == 22 + 21 - 5
    # Epiphany is free in Bavaria only; 6 January 2026 is a Tuesday.
    assert date(2026, 1, 6) in working_days(date(2026, 1, 5), date(2026, 1, 7), germany)
    assert date(2026, 1, 6) not in working_days(date(2026, 1, 5), date(2026, 1, 7), Settings(stages=STAGES, holidays="DE-BY"))


@given(st.sets(st.sampled_from(WEEK), min_size=1), DAYS, st.integers(0, 40))
def test_working_days_are_those_of_the_week(week, first, length):
    organisation = Settings(stages=STAGES, working_days=tuple(sorted(week)))
    last = first + timedelta(days=length)
    every = [first + timedelta(days=i) for i in range(length + 1)]
    assert working_days(first, last, organisation) == [day for day in every if WEEK[day.weekday()] in week]


def test_a_region_that_is_not_known_is_told():
    assert region_fault("DE") == region_fault("US-CA") == ""
    assert "'XX' are not known" in region_fault("XX")
    assert "DE has no region 'XX'. It has" in region_fault("DE-XX")
    assert " BB, BE, BW, BY, " in region_fault("DE-XX")


@pytest.mark.parametrize(
    ("said", "told"),
    [("XX", "holidays: the holidays of 'XX' are not known"), ("NO", 'Write it in quotes: "NO"'), ("DE-QQ", "no region 'QQ'")],
)
def test_the_book_file_says_what_is_wrong_with_its_holidays(tmp_path, said, told):
    with pytest.raises(BookError, match=re.escape(told)):
        opened(tmp_path, book=BOOK + f"holidays: {said}\n")


def test_norway_in_quotes_is_norway(tmp_path):
    assert opened(tmp_path, book=BOOK + 'holidays: "NO"\n').settings.holidays == "NO"


# --- working time of reps -------------------------------------------------------------------------------------------------------


def test_small_book_by_hand(small_book):
    # From Thursday 2 April to Monday 1 June 2026: 21 + 21 + 1 working days. R1 is away for four hours on 7 April. R2 is away from
    # Saturday 11 to Friday 17 April, five working days. R4 never logged an activity.
    assert hours(small_book) == {
        "R1": {"sum": 43 * 8 - 4, "count": 43},
        "R2": {"sum": 38 * 8, "count": 38},
        "R3": {"sum": 43 * 8, "count": 43},
    }


def test_a_rep_works_from_the_first_day_to_the_last():
    reps = {"rep_id": ["R1"], "name": ["Ada"], "hired_date": ["2026-04-14"], "left_date": ["2026-04-17"]}
    book = with_tables(reps=reps, activities=one_a_day("R1", "2026-04-01", "2026-04-30"), time_off=None)
    assert rep_days(book)["day"].astype(str).tolist() == ["2026-04-14", "2026-04-15", "2026-04-16"]


def test_who_is_in_no_table_of_reps_worked_while_logging():
    activities = pd.DataFrame({**one_a_day("R1", "2026-04-01", "2026-04-30")})
    stranger = pd.DataFrame({**one_a_day("X", "2026-04-09", "2026-04-13")})
    book = with_tables(activities=pd.concat([activities, stranger], ignore_index=True), time_off=None)
    found = rep_days(book)
    assert found.loc[found["rep_id"] == "X", "day"].astype(str).tolist() == ["2026-04-09", "2026-04-10", "2026-04-13"]
    alone = with_tables(reps=None, activities=pd.concat([activities, stranger], ignore_index=True), time_off=None)
    assert hours(alone) == {"R1": {"sum": 22 * 8, "count": 22}, "X": {"sum": 24, "count": 3}}


def test_several_absences_on_a_day_add_up_and_a_day_has_no_less_than_nothing():
    away = {
        "rep_id": ["R1", "R1", "R1", "R1"],
        "start_date": ["2026-04-01", "2026-04-01", "2026-04-02", "2026-04-03"],
        "end_date": ["2026-04-01", "2026-04-02", "2026-04-02", "2026-04-03"],
        "hours": [2, 3, 6, None],
    }
    book = with_tables(activities=one_a_day("R1", "2026-04-01", "2026-04-06"), time_off=away)
    found = rep_days(book).sort_values("day")
    # Wednesday 8 - 2 - 3; Thursday 8 - 3 - 6 is nothing; Friday off; Monday whole.
    assert list(zip(found["day"].astype(str), found["hours"], strict=True)) == [("2026-04-01", 3.0), ("2026-04-06", 8.0)]


def test_no_activity_no_working_time():
    assert rep_days(with_tables(activities=one_a_day("R1", "2026-04-02", "2026-04-01"))).empty


ABSENCES = st.lists(st.tuples(DAYS, st.integers(0, 9), st.none() | st.integers(0, 12)), max_size=5)


@settings(EACH_A_BOOK, max_examples=8)
@given(st.none() | DAYS, st.none() | DAYS, DAYS, st.integers(0, 60), ABSENCES)
def test_hours_are_those_of_a_plain_loop(hired, left, first, length, absences):
    if hired and left and left < hired:
        hired, left = left, hired
    last = first + timedelta(days=length)
    reps = {"rep_id": ["R1"], "name": ["Ada"], "hired_date": [hired], "left_date": [left]}
    away = pd.DataFrame(
        [("R1", start, start + timedelta(days=more), off) for start, more, off in absences],
        columns=["rep_id", "start_date", "end_date", "hours"],
    ).drop_duplicates(["start_date", "end_date"])
    book = with_tables(reps=reps, activities=one_a_day("R1", first, last), time_off=away)
    expected = {}
    for i in range(length + 1):
        day = first + timedelta(days=i)
        employed = (hired is None or hired <= day) and (left is None or day < left)
        off = [row.hours for row in away.itertuples() if row.start_date <= day <= row.end_date]
        rest = 8 - sum(24 if pd.isna(each) else each for each in off)
        if day.weekday() < 5 and employed and rest > 0:
            expected[day] = float(rest)
    found = rep_days(book)
    assert dict(zip(found["day"], found["hours"], strict=True)) == expected


# --- as metrics -----------------------------------------------------------------------------------------------------------------


def test_by_rep_and_by_month(book):
    frame = measure(book, salestrack.logged_time_share, by="rep", during="2026-Q2").frame.set_index("rep")["value"]
    assert frame["Ada"] == pytest.approx(3 / 340)
    assert frame["Ben"] == pytest.approx(2 / 304)
    months = measure(book, salestrack.working_hours, by="month", during="2026-Q2").frame.set_index("month")["value"]
    # April: 21 days of R1 and R3, 16 of R2, less 4 hours; May: 21 days each; June: one day each.
    assert months.to_dict() == {"2026-04": 58 * 8 - 4, "2026-05": 63 * 8, "2026-06": 3 * 8}


def test_working_hours_have_no_territory_but_that_of_the_rep(book):
    with pytest.raises(UnknownNameError, match=r"say rep\.territory_id"):
        measure(book, salestrack.working_hours, by="territory")
    by_rep = measure(book, salestrack.working_hours, by="rep.territory_id").frame
    assert dict(zip(by_rep["rep.territory_id"].fillna("none"), by_rep["value"], strict=True)) == {"T1": 644, "none": 344}
    scoped = measure(book, salestrack.logged_time_share, where={"territory": "East"})
    assert "cannot be narrowed to territory" in scoped.absent["logged_time_share"]


def test_without_activities_there_is_no_working_time_and_it_says_why():
    measured = measure(with_tables(activities=None), salestrack.working_hours)
    assert "needs the table 'activities'" in measured.absent["working_hours"]


def test_where_it_is_heading_is_judged_by_the_scatter_around_the_line():
    days = pd.bdate_range("2025-07-01", "2026-06-30")
    rng = np.random.default_rng(2)
    activities = pd.DataFrame({"activity_id": [f"x{i}" for i in range(len(days))], "rep_id": "R1", "category": "digital_client"})
    minutes = 120 + np.arange(len(days)) / 4 + rng.normal(0, 40, len(days))
    activities = activities.assign(started_at=days + pd.Timedelta(hours=9), minutes=minutes.round())
    answer = salestrack.trend(with_tables(activities=activities, time_off=None), salestrack.selling_share_of_working_time)
    series = answer.frame.query("~partial")["value"].to_numpy()
    fitted = sm.OLS(series, sm.add_constant(np.arange(len(series)))).fit()
    low, high = fitted.conf_int()[1]
    assert len(series) == 12
    assert answer.slope == pytest.approx(np.array([fitted.params[1], low, high]) / series.mean(), rel=1e-6)
    assert answer.verdict == "growing"
    told = salestrack.selling_time(with_tables(activities=activities, time_off=None)).sentences
    assert sum("per month over" in sentence for sentence in told) == 2  # logged hours are all selling, and that is flat
    assert any(sentence.startswith("More and more of the working time is logged") for sentence in told)


# --- selling time ---------------------------------------------------------------------------------------------------------------


def figures(answer):
    return answer.frame.set_index("figure")[["value", "hours", "of_hours"]].T.to_dict("list")


def test_selling_time_of_the_small_book(book):
    answer = salestrack.selling_time(book, during="2026-Q2")
    # C1 and C2 are 1.5 hours with clients of 6 hours; C6 is an hour without a category; 340 + 304 + 344 hours were worked.
    assert figures(answer) == {
        "selling_time_share": [1.5 / 6, 1.5, 6],
        "selling_share_of_working_time": [pytest.approx(1.5 / 988), 1.5, 988],
        "logged_time_share": [pytest.approx(6 / 988), 6, 988],
        "unclassified_share": [1 / 6, 1, 6],
    }
    assert answer.sentences == (
        "Selling takes 25.0% of the 6 hours logged. Fewer than ten weeks are too few for an interval, and to hold it against the "
        "reference of 39%.",
        "Only 5 of the 6 activities that count in 2026-Q2 have a recorded duration.",
        "Nobody logged 99.4% of the working time (982 of 988 hours). If all of it was admin, selling takes 0.2% of working time "
        "and not 25.0%.",
        # 1.5 hours of admin are logged.
        "What takes the most time moves with it: of the logged hours internal meeting, of the working time admin (99.5%). Log more "
        "of the time before acting on the difference.",
        "16.7% of the logged hours have no category: selling takes between 25.0% (none of them) and 41.7% (all of them).",
        "One rep has never logged an activity; that rep's working time is not counted.",
    )
    assert answer.never_logged == 1
    assert "988" in answer.table.as_text()


def busy(selling, other, days="2026-01-05/2026-06-26", reps=("R1",)):
    """Activities of so many selling and other minutes on every day."""
    first, last = days.split("/")
    some = [
        pd.DataFrame(one_a_day(rep, first, last, minutes, category)).assign(
            activity_id=lambda f, c=category, r=rep: f.index.map(f"{r}{c}{{}}".format)
        )
        for rep in reps
        for minutes, category in ((selling, "digital_client"), (other, "admin"))
    ]
    return pd.concat(some, ignore_index=True)


@pytest.mark.parametrize(("selling", "side"), [(60, "less than"), (300, "more than")])
def test_the_reference_is_told_by_the_interval(selling, side):
    answer = salestrack.selling_time(with_tables(activities=busy(selling, 240)))
    assert side in answer.sentences[0]
    assert "no goal" in answer.sentences[0]


def test_what_takes_the_most_time_may_hold():
    answer = salestrack.selling_time(with_tables(activities=busy(60, 180), time_off=None))
    assert any(sentence.startswith("What takes the most time is admin, whether or not") for sentence in answer.sentences)


def test_who_logs_more_than_the_calendar_gives_is_named():
    # Seven days of seven hours a week against five of eight.
    book = with_tables(activities=busy(180, 240, reps=("R1", "R3")), time_off=None)
    answer = salestrack.selling_time(book)
    assert answer.reps.set_index("rep")["note"].to_dict() == {"Ada": "over_logged", "Chen": "over_logged"}
    assert any("2 reps have logged more hours than the calendar gives: " in each for each in answer.sentences)
    assert any(each.startswith("All ") for each in answer.sentences)


def test_who_logged_nothing_in_the_period_is_named():
    quiet = busy(180, 240, reps=("R1",), days="2026-01-05/2026-06-26")
    once = busy(180, 240, reps=("R3",), days="2026-01-05/2026-01-05")
    answer = salestrack.selling_time(with_tables(activities=pd.concat([quiet, once], ignore_index=True)), during="2026-Q2")
    assert answer.reps.set_index("rep")["note"].to_dict() == {"Ada": "over_logged", "Chen": "nothing_logged"}
    assert any("logged no hours in this period: Chen" in each for each in answer.sentences)


def test_a_scope_that_working_hours_do_not_know_leaves_them_out(book):
    answer = salestrack.selling_time(book, where={"segment": "Enterprise"})
    assert list(answer.frame["figure"]) == ["selling_time_share", "unclassified_share"]
    assert any("Working hours belong to reps" in sentence for sentence in answer.sentences)


@pytest.mark.parametrize(
    ("activities", "told"),
    [
        (None, "This needs the table 'activities'"),
        (one_a_day("R1", "2026-04-01", "2026-04-09", category="unclassified"), "activit"),
        (
            one_a_day("R1", "2026-04-01", "2026-04-09", minutes=None),
            "None of the 9 activities (all periods) has a recorded duration",
        ),
    ],
)
def test_without_hours_or_categories_one_sentence_says_what_is_missing(activities, told):
    answer = salestrack.selling_time(with_tables(activities=activities))
    assert answer.frame.empty
    assert answer.reps.empty
    assert len(answer.sentences) == 1
    assert told in answer.sentences[0]
    assert answer.table.as_text()


def test_the_reference_is_written_in_one_place():
    held = [path.name for path in (ROOT / "salestrack").rglob("*.py") if re.search(r"\b0\.39\b", path.read_text(encoding="utf-8"))]
    assert set(held) <= {"selling_time.py", "company.py"}  # and what is planted in the sample company
    assert salestrack.SELLING_TIME_REFERENCE == 0.39


def test_the_page_says_what_comes_out(book):
    page = " ".join((ROOT / "docs" / "methods" / "working_time.md").read_text(encoding="utf-8").split())
    answer = salestrack.selling_time(book, during="2026-Q2")
    worked = hours(book)
    assert [f"| {worked[rep]['sum']:.0f} |" in page for rep in worked] == [True] * 3
    value = answer.frame.set_index("figure")["value"]
    selling, lost = value["selling_time_share"], value["unclassified_share"]
    assert f"1.5 / 6 = {selling:.1%} of what was logged and 1.5 / 988 = {value['selling_share_of_working_time']:.1%}" in page
    assert f"nobody logged 982 of 988 hours, {1 - value['logged_time_share']:.1%}" in page
    assert f"up to 2.5 / 6 = {selling + lost:.1%}" in page


def test_two_shares_that_print_alike_are_not_told_apart():
    """No hour is selling, of those logged and of those worked; then one of four is, and fewer of those worked."""
    done = one_a_day("R1", "2026-03-02", "2026-05-29")
    (same,) = (each for each in salestrack.selling_time(with_tables(activities=done)).sentences if each.startswith("Nobody logged"))
    assert same.endswith("Selling takes 0.0% of working time even if all of it was admin.")
    done["category"] = ["digital_client" if i % 4 == 0 else "admin" for i in range(len(done["activity_id"]))]
    (apart,) = (
        each for each in salestrack.selling_time(with_tables(activities=done)).sentences if each.startswith("Nobody logged")
    )
    assert "of working time and not 25." in apart
