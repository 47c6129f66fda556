"""An activity that names no rep is nobody's: no rep of that name, no working time, and no proof that the others did nothing."""

from datetime import timedelta

import pytest

import salestrack as st
from tests.logged import MONDAY, book_with, roster, weeks_of

ASKED = {"leaders": st.leaders, "rep_page": lambda book: st.rep_page(book, "R1"), "selling_time": st.selling_time}
UNTRUE = ("nothing at all", "logged no", "never logged", "Nobody logged")


def company(*reps):
    """Return a book of three reps whose activities, 26 weeks of each, name these."""
    done = [row for i, rep in enumerate(reps) for row in weeks_of(rep, {"admin": 4, "digital_client": 4})]
    done = [(f"A{i}", *row[1:]) for i, row in enumerate(done)]
    return book_with(done=done, reps=roster(3))


@pytest.mark.parametrize("name", ASKED)
def test_where_none_names_a_rep_that_is_the_reason(name):
    told = ASKED[name](company(None)).sentences
    assert "None of the 52 activities of this book names a rep, so nobody knows who worked how long: map rep_id" in " ".join(told)
    assert not [text for text in told if any(word in text for word in UNTRUE)]
    if name != "selling_time":
        assert len(told) == 1


def test_of_nobody_there_is_no_working_time():
    """25 weeks of five days of eight hours and a Monday for R1, from the first to the last activity; none for whom nobody names."""
    assert st.measure(company(None), "working_hours").value() is None
    weeks = (25 * 5 + 1) * 8
    # The roster gives no days of hiring or leaving: R1 was there all the time.
    assert st.measure(company("R1"), "working_hours").value() == weeks
    both = st.measure(company("R1", None), "working_hours", by="rep").frame
    assert both.set_index("rep")["value"].dropna().to_dict() == {"Rep 01": weeks}


@pytest.mark.parametrize("name", ASKED)
def test_where_some_do_it_is_said_of_how_many(name):
    told = " ".join(ASKED[name](company("R0", "R1", None)).sentences)
    assert told.count("Only 104 of the 156 activities (all periods) name a rep; whose the others are is not known.") == 1
    assert not [word for word in UNTRUE[:3] if word in told]
    assert ("named on no activity" in told) == (name != "rep_page")
    assert "names a rep" not in " ".join(ASKED[name](company("R0", "R1")).sentences)


def test_nobody_has_no_place_on_the_board():
    assert set(st.leaders(company("R0", "R1", None)).frame["rep"]) == {"Rep 00", "Rep 01"}


def test_a_period_of_which_none_names_a_rep():
    early = [(f"E{i}", *row[1:]) for i, row in enumerate(weeks_of(None, {"admin": 4}, weeks=4))]
    late = weeks_of("R1", {"admin": 4}, weeks=4, start=MONDAY + timedelta(days=91))
    book = book_with(done=early + late, reps=roster(3))
    assert st.leaders(book, during="2025-10").sentences == (
        "None of the 3 activities (2025-10) names a rep, so nobody knows whose they are.",
    )
    assert st.rep_page(book, "R1", during="2025-10").sentences == (
        "Rep 01 is named on no hours in 2025-10 in this scope, so there is no mix to show.",
        "None of the 3 activities (2025-10) names a rep, so nobody knows whose they are.",
    )
