"""Hours of which some activities lack are told of how many, once in each answer, and where they lack in a few categories only."""

import pytest

import salestrack as st
from tests.logged import MONDAY, book_with, roster, weeks_of

ASKED = {
    "leaders": st.leaders,
    "rep_page": lambda book: st.rep_page(book, "R0"),
    "selling_time": st.selling_time,
    "time_use": st.time_use,
    "time_sinks": st.time_sinks,
}
WHOLE = "activities that count here have a recorded duration"
UNEVEN = "Fewer than half of these have one: in person with client. Shares of hours by category are of the timed alone"


def company(lacks):
    """Return a book of two reps, 26 weeks of three categories each; `lacks` says of which rows the duration is missing."""
    kinds = {"admin": 2, "digital_client": 3, "in_person_client": 4}
    done = [row for rep in ("R0", "R1") for row in weeks_of(rep, kinds)]
    done = [(*row[:5], None if lacks(i, row) else row[5], row[6]) for i, row in enumerate(done)]
    return book_with([("O0", "R0", 100, MONDAY, MONDAY, "Won", None)], done, roster(2))


@pytest.mark.parametrize("name", ASKED)
def test_where_no_visit_is_timed_that_is_said(name):
    told = " ".join(ASKED[name](company(lambda i, row: row[2] == "in_person_client")).sentences)
    n = 78 if name == "rep_page" else 156
    assert told.count(f"Only {n * 2 // 3} of the {n} {WHOLE}") == 1
    assert told.count("a recorded duration") == 1
    assert told.count(UNEVEN) == 1


@pytest.mark.parametrize("name", ASKED)
def test_where_few_lack_in_every_category_no_category_is_named(name):
    told = " ".join(ASKED[name](company(lambda i, row: i % 4 == 0)).sentences)
    n = 78 if name == "rep_page" else 156
    assert f"of the {n} {WHOLE}" in told
    assert "Fewer than half" not in told


@pytest.mark.parametrize("name", ASKED)
def test_where_all_are_timed_nothing_is_said(name):
    assert "recorded duration" not in " ".join(ASKED[name](company(lambda i, row: False)).sentences)


def test_the_number_of_activities_needs_no_duration():
    assert "recorded duration" not in " ".join(st.leaders(company(lambda i, row: i % 4 == 0), "activity_count").sentences)
