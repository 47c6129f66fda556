"""Rows that are marked as gone, or that the book file leaves out, are in no figure, and are told."""

import duckdb
import pytest

import salestrack as st
from salestrack.errors import BookError
from tests.sources.exports import BOOK, HEADER, ROWS, fault, opened, refused, rows, text_of, ties

# o1 and o4 are won with 100 and 80.
MARKED = [
    ("IsDeleted", "true"),
    ("is_deleted", "1"),
    ("Deal - Deleted", "Yes"),
    ("archived", "TRUE"),
    ("IsArchived", "x"),
    ("_fivetran_deleted", "true"),
    ("Deleted At", "2026-03-01"),
]


def marked(column, *words):
    return text_of([(*row, word) for row, word in zip(ROWS, [*words, *[""] * 9], strict=False)], (*HEADER, column))


@pytest.mark.parametrize(("column", "word"), MARKED)
def test_a_row_that_is_marked_as_gone_does_not_count(tmp_path, column, word):
    book = opened(tmp_path, marked(column, word, "" if "At" in column else "false"))
    assert st.measure(book, "bookings").value() == 80
    assert [(row["row"], row["reason"].startswith("the row is marked as ")) for row in refused(book)] == [(1, True)]
    told = fault(book, f"({column})")
    assert (told.rows, told.examples, told.refused) == (1, ("o1",), True)
    assert "keep" in told.advice
    assert not [each for each in book.faults if column in each.examples]
    assert ties(book)


def test_so_it_is_of_a_typed_column(tmp_path):
    made = "select 'o' || i as opportunity_id, 'Won' as stage, 1.0 as amount, date '2026-01-05' as close_date, i < 3 as IsDeleted"
    made += " from range(9) r(i)"
    duckdb.connect().execute(f"copy ({made}) to '{tmp_path}/deals.parquet' (format parquet)")
    assert st.measure(opened(tmp_path, book=BOOK.replace("deals.csv", "deals.parquet")), "bookings").value() == 6


def test_of_a_row_that_is_gone_nothing_else_is_asked(tmp_path):
    """An unknown stage, no day, and the key of a row that counts: of rows that count each would be told."""
    gone = [("o1", "r1", "x", "soon", "", "Old stage", "true")] * 30
    book = opened(tmp_path, text_of([*gone, *((*row, "false") for row in ROWS)], (*HEADER, "IsDeleted")))
    assert [each.problem for each in book.faults if each.refused] == ["the row is marked as deleted (IsDeleted)"]
    assert st.measure(book, "bookings").value() == 180


def test_the_book_file_can_count_them(tmp_path):
    book = BOOK.replace("deals.csv}", "deals.csv, keep: {isdeleted: [true, false]}}")
    assert st.measure(opened(tmp_path, marked("IsDeleted", "true", *["false"] * 4), book), "bookings").value() == 180


@pytest.mark.parametrize("said", ["New", "[new, renewal]"])
def test_the_book_file_can_keep_some_rows_only(tmp_path, said):
    book = BOOK.replace("deals.csv}", f"deals.csv, keep: {{Kind: {said}}}}}")
    read = opened(tmp_path, marked("Kind", "New", "Support", "New ", "Support"), book)
    assert [key for key, _ in rows(read, "opportunities", "opportunity_id", "stage")] == ["o1", "o3"]
    assert fault(read, "which the book file keeps").rows == 3
    with pytest.raises(BookError, match=r"tables\.opportunities\.keep: the source has no column 'Kin'\. Did you mean 'Kind'"):
        opened(tmp_path, marked("Kind", "New"), book.replace("Kind", "Kin"))


@pytest.mark.parametrize("column", ["Archive status", "Archived by", "Deletable", "Is active"])
def test_a_column_that_is_called_a_little_like_it_marks_nothing(tmp_path, column):
    assert opened(tmp_path, marked(column, "true", "yes")).intake["opportunities"].used == 5


def test_a_former_rep_still_has_a_name_and_an_old_activity_was_done(tmp_path):
    more = BOOK + "  reps: {file: reps.csv}\n  activities: {file: acts.csv}\n"
    acts = "activity_id,rep_id,started_at,IsArchived,IsDeleted\na1,r1,2026-01-05,true,false\na2,r1,2026-01-05,false,true\n"
    book = opened(tmp_path, book=more, reps_csv="rep_id,name,archived\nr1,Ann,true\nr2,Bo,false\n", acts_csv=acts)
    assert [name for _, name in rows(book, "reps", "rep_id", "name")] == ["Ann", "Bo"]
    assert [key for key, _ in rows(book, "activities", "activity_id", "rep_id")] == ["a1"]
