"""Two people of one name are two people: neither are their rows merged, nor is one taken for the other."""

import ibis
import pytest

import salestrack as st
from salestrack.errors import UnknownNameError
from tests.kit import Q2
from tests.small_book import book_of, frames


@pytest.fixture(scope="session")
def book_with_two_adas():
    tables = frames()
    tables["reps"] = tables["reps"].assign(name=tables["reps"]["name"].replace("Chen", "Ada"))
    return book_of(ibis.duckdb.connect(), tables)


def test_rows_are_told_apart_by_the_key(book_with_two_adas):
    frame = st.measure(book_with_two_adas, st.bookings, by="rep", during=Q2).frame.set_index("rep")["value"]
    assert frame["Ada (R1)"] == 4000
    assert frame["Ada (R3)"] == 1200
    assert len(frame) == 4


def test_a_scope_by_an_ambiguous_name_is_refused_with_the_choices(book_with_two_adas):
    with pytest.raises(UnknownNameError, match=r"2 reps are called 'Ada': say 'Ada \(R1\)' or 'Ada \(R3\)'\."):
        st.measure(book_with_two_adas, st.bookings, during=Q2, where={"rep": "Ada"})


@pytest.mark.parametrize(("rep", "booked"), [("Ada (R3)", 1200), ("R1", 4000), (["Ada (R1)", "R3"], 5200), ("Ben", 500)])
def test_a_scope_by_the_key_or_by_what_the_table_shows_is_one_person(book_with_two_adas, rep, booked):
    assert st.measure(book_with_two_adas, st.bookings, during=Q2, where={"rep": rep}).value() == booked


def test_grouping_by_the_name_column_itself_is_what_it_says(book_with_two_adas):
    frame = st.measure(book_with_two_adas, st.bookings, by="rep.name", during=Q2).frame.set_index("rep.name")["value"]
    assert frame["Ada"] == 5200
