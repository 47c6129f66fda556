"""Rows that cannot be used: refused, counted and kept, each with all of its reasons. Values that cannot be: told, and missing."""

import json

import pytest

from salestrack.errors import BookError
from tests.sources.exports import BOOK, HEADER, ROWS, fault, opened, refused, rows, text_of, ties, with_row

ONE_BAD_ROW = {
    "close before created": (("o9", "r1", "5", "2026-02-01", "2026-01-31", "Won"), "close_date is before created_date"),
    "an unknown stage": (("o9", "r1", "5", "2026-01-01", "", "Demo"), "stage is not one of the book's stages"),
    "no stage": (("o9", "r1", "5", "2026-01-01", "", " "), "stage is missing"),
    "no key": (("", "r1", "5", "2026-01-01", "", "Talking"), "opportunity_id is missing"),
    "won without a day": (("o9", "r1", "5", "2026-01-01", "", "Won"), "close_date is missing though the stage is closed"),
    "lost without a day": (("o9", "r1", "5", "2026-01-01", "", "Lost"), "close_date is missing though the stage is closed"),
    "a duplicated key": (("o1", "r2", "7", "2026-01-01", "", "Talking"), "an earlier row has the same key"),
}
# A row may lack these; what cannot be used of them is as if it were not there.
ONE_BAD_VALUE = {
    "a text in an amount": (("o9", "r1", "about 100", "2026-01-01", "", "Talking"), "amount is not a number"),
    "a negative amount": (("o9", "r1", "-5", "2026-01-01", "", "Talking"), "amount is negative"),
    "not a number": (("o9", "r1", "nan", "2026-01-01", "", "Talking"), "amount is not a number"),
    "an infinite amount": (("o9", "r1", "inf", "2026-01-01", "", "Talking"), "amount is not a number"),
    "underscores": (("o9", "r1", "1_000", "2026-01-01", "", "Talking"), "amount is not a number"),
    "another currency's sign": (("o9", "r1", "$100", "2026-01-01", "", "Talking"), "amount is not a number"),
    "a day that is none": (("o9", "r1", "5", "2026-02-30", "", "Talking"), "created_date is not a date"),
    "a year that is a typo": (("o9", "r1", "5", "0217-02-03", "", "Talking"), "created_date is not a date"),
    "a day beyond all": (("o9", "r1", "5", "2026-01-01", "9999-12-31", "Talking"), "close_date is not a date"),
}


@pytest.mark.parametrize(("row", "reason"), ONE_BAD_ROW.values(), ids=ONE_BAD_ROW)
def test_one_bad_row_is_refused_with_its_reason_and_the_others_stay(tmp_path, row, reason):
    book = opened(tmp_path, with_row(*row))
    (kept,) = refused(book)
    assert (kept["table"], kept["row"], kept["reason"]) == ("opportunities", 6, reason)
    assert json.loads(kept["record"]) == {name: value or None for name, value in zip(HEADER, row, strict=True)}
    assert [key for key, _ in rows(book, "opportunities", "opportunity_id", "stage")] == ["o1", "o2", "o3", "o4", "o5"]
    told = fault(book, reason)
    assert (told.rows, told.refused) == (1, True)
    assert told.examples
    assert told.advice
    assert ties(book)


@pytest.mark.parametrize(("row", "problem"), ONE_BAD_VALUE.values(), ids=ONE_BAD_VALUE)
def test_one_bad_value_is_told_and_its_row_stays_in_without_it(tmp_path, row, problem):
    book = opened(tmp_path, with_row(*row))
    column = problem.split()[0]
    assert refused(book) == []
    assert dict(rows(book, "opportunities", "opportunity_id", column))["o9"] is None
    told = fault(book, problem)
    assert (told.column, told.rows, told.refused) == (column, 1, False)
    assert told.examples == (f"o9 ({row[HEADER.index(column)]})",)
    assert told.advice.startswith("The row stays in, as if this were not recorded. ")
    assert ties(book)


def test_an_example_names_the_key_and_the_wrong_value(tmp_path):
    book = opened(tmp_path, with_row("o9", "r1", "about 100", "2026-01-01", "", "Talking"))
    assert fault(book, "amount is not a number").examples == ("o9 (about 100)",)


def test_a_row_keeps_all_of_its_reasons(tmp_path):
    book = opened(tmp_path, with_row("o9", "r1", "many", "2026-13-01", "", "Demo"))
    (kept,) = refused(book)
    assert set(kept["reason"].split("; ")) == {
        "amount is not a number",
        "created_date is not a date",
        "stage is not one of the book's stages",
    }
    assert book.intake["opportunities"].refused == 1


def test_of_equal_keys_the_first_usable_row_stays(tmp_path):
    content = text_of([("o6", "r1", "7", "2026-01-01", "", "Demo"), *ROWS, ("o6", "r2", "7", "2026-01-01", "", "Talking")])
    book = opened(tmp_path, content)
    assert ("o6", "r2") in rows(book, "opportunities", "opportunity_id", "rep_id")
    assert [row["reason"] for row in refused(book)] == ["stage is not one of the book's stages"]


@pytest.mark.parametrize("first", ["bad", "-5"])
def test_a_row_without_a_value_that_could_not_be_used_is_the_first_of_its_key(tmp_path, first):
    content = text_of([("o6", "r1", first, "2026-01-01", "", "Talking"), *ROWS, ("o6", "r2", "7", "2026-01-01", "", "Talking")])
    book = opened(tmp_path, content)
    assert ("o6", "r1") in rows(book, "opportunities", "opportunity_id", "rep_id")
    assert [row["reason"] for row in refused(book)] == ["an earlier row has the same key"]


@pytest.mark.parametrize("day", ["soon", "9999-12-31"])
def test_a_closed_opportunity_needs_a_day_that_can_be_read(tmp_path, day):
    book = opened(tmp_path, with_row("o9", "r1", "5", "2026-01-01", day, "Won"))
    assert [row["reason"] for row in refused(book)] == [
        "close_date is not a date; close_date cannot be read though the stage is closed"
    ]
    assert not [each for each in book.faults if each.problem == "close_date is not a date"], "nothing of it stays in"


def test_keys_are_compared_without_surrounding_spaces(tmp_path):
    book = opened(tmp_path, with_row("  o1 ", "r2", "7", "2026-01-01", "", "Talking"))
    assert refused(book)[0]["reason"] == "an earlier row has the same key"


def test_an_unknown_stage_is_told_with_the_nearest_one(tmp_path):
    advice = fault(opened(tmp_path, with_row("o9", "r1", "5", "2026-01-01", "", "talking")), "stage is not one").advice
    assert "Unknown: 'talking'. Did you mean 'Talking'?" in advice


def test_another_currency_is_refused_and_an_empty_one_is_the_books(tmp_path):
    header = (*HEADER, "currency")
    content = text_of([(*row, code) for row, code in zip(ROWS, ("EUR", "eur", "", "USD", "EUR"), strict=True)], header)
    book = opened(tmp_path, content)
    assert [row["row"] for row in refused(book)] == [4]
    assert "EUR" in fault(book, "currency is not EUR").advice


def test_a_share_outside_0_and_1_is_not_used(tmp_path):
    content = text_of(
        [(*row, share) for row, share in zip(ROWS, ("0", "1", "0.5", "1.2", "-0.1"), strict=True)], (*HEADER, "probability")
    )
    book = opened(tmp_path, content)
    assert [share for _, share in rows(book, "opportunities", "opportunity_id", "probability")] == [0, 1, 0.5, None, None]
    assert (fault(book, "probability is not between 0 and 1").rows, refused(book)) == (2, [])


def test_an_unknown_activity_category_is_refused_and_an_empty_one_is_unclassified(tmp_path):
    activities = "activity_id,rep_id,started_at,category\na1,r1,2026-01-01,travel\na2,r1,2026-01-01,\na3,r1,2026-01-01,golf\n"
    book = opened(tmp_path, book=BOOK + "  activities: {file: acts.csv}\n", acts_csv=activities)
    assert rows(book, "activities", "activity_id", "category") == [("a1", "travel"), ("a2", "unclassified")]
    assert [row["reason"] for row in refused(book)] == ["category is not one of the activity categories"]


def test_a_quota_for_nobody_and_a_quota_that_ends_before_it_starts_are_refused(tmp_path):
    lines = ["r1,,2026-01-01,2026-03-31,10", ",,2026-01-01,2026-03-31,10", ",North,2026-04-01,2026-03-31,10"]
    quotas = "\n".join(["rep_id,team,start_date,end_date,amount", *lines])
    book = opened(tmp_path, book=BOOK + "  quotas: {file: q.csv}\n", q_csv=quotas)
    assert [row["reason"] for row in refused(book)] == [
        "the quota is for no rep, team or territory",
        "end_date is before start_date",
    ]


def test_keys_of_several_columns_with_empty_parts_are_compared(tmp_path):
    lines = ["r1,,2026-01-01,2026-03-31,10", ",N,2026-01-01,2026-03-31,10", "r1,,2026-01-01,2026-03-31,20"]
    quotas = "\n".join(["rep_id,team,start_date,end_date,amount", *lines])
    book = opened(tmp_path, book=BOOK + "  quotas: {file: q.csv}\n", q_csv=quotas)
    assert [(row["row"], row["reason"]) for row in refused(book)] == [(3, "an earlier row has the same key")]


def test_a_day_without_a_time_is_not_before_a_time_of_the_same_day(tmp_path):
    converted = ["2026-01-05", "2026-01-05T09:00:00", "2026-01-04"]
    lines = [f"l{number},2026-01-05T10:00:00,{at}" for number, at in enumerate(converted, start=1)]
    leads = "\n".join(["lead_id,created_at,converted_at", *lines])
    book = opened(tmp_path, book=BOOK + "  leads: {file: l.csv}\n", l_csv=leads)
    assert [row["row"] for row in refused(book)] == [2, 3]


def test_when_no_row_can_be_used_the_book_cannot_be_opened(tmp_path):
    content = text_of([(*row[:4], "", "Won") for row in ROWS])
    with pytest.raises(
        BookError, match=r"none of the 5 rows of deals\.csv can be used: close_date is missing though the stage is closed \(5\)"
    ):
        opened(tmp_path, content)


def test_faults_of_all_tables_are_found_at_once(tmp_path):
    more = BOOK + "  reps: {file: reps.csv}\n  accounts: {file: accounts.csv}\n"
    files = {"reps_csv": "rep_id,name\nr1,Ann\nr1,Bob\nr2,Cid\n", "accounts_csv": "account_id,name,potential\na1,,5\na2,B,-1\n"}
    book = opened(tmp_path, with_row("o9", "r1", "-5", "2026-01-01", "", ""), more, **files)
    assert {(each.table, each.problem, each.refused) for each in book.faults if each.table != "opportunities" or each.refused} == {
        ("opportunities", "stage is missing", True),
        ("reps", "an earlier row has the same key", True),
        ("accounts", "name is missing", True),
        ("accounts", "potential is negative", False),
    }
    assert [(row["table"], row["row"]) for row in refused(book)] == [
        ("accounts", 1),
        ("opportunities", 6),
        ("reps", 2),
    ]
    assert ties(book)


def test_rows_after_the_day_are_counted_as_later(tmp_path):
    book = opened(tmp_path, as_of="2026-01-31")
    assert (book.intake["opportunities"].rows, book.intake["opportunities"].used, book.intake["opportunities"].later) == (5, 3, 2)
    assert ties(book)


def test_a_day_before_the_first_row_is_told_with_the_first_day(tmp_path):
    with pytest.raises(BookError, match="as_of 2025-12-31 is before the first opportunity, which is of 2026-01-05"):
        opened(tmp_path, as_of="2025-12-31")


@pytest.mark.parametrize(("created", "refused_rows"), [("2026-03-30", 1), ("2026-04-02", 0)])
def test_a_close_on_a_day_that_has_not_come_is_told_and_not_made_open(tmp_path, created, refused_rows):
    """Nothing was created after the day of the book, so the export was made by then: a win in December is a slip. Otherwise it
    was open on the day."""
    late = text_of([*ROWS, ("o6", "r1", "10", "2026-01-05", "2026-12-15", "Won"), ("o7", "r1", "5", created, "", "Talking")])
    book = opened(tmp_path, late)
    assert [row["row"] for row in refused(book)] == [6] * refused_rows
    assert ("o6", "open") in rows(book, "opportunities", "opportunity_id", "status") or refused_rows
    if refused_rows:
        assert fault(book, "close_date is after 2026-03-31 though the stage is closed").advice.endswith("in the book file.")


def test_after_the_stated_day_of_the_export_nothing_has_closed(tmp_path):
    won = [(key, "r1", "10", "2026-01-05", day, "Won") for key, day in (("o6", "2026-12-15"), ("o7", "2026-05-15"))]
    book = opened(tmp_path, text_of([*ROWS, *won]), book=BOOK + "exported_on: 2026-06-30\n")
    assert [row["row"] for row in refused(book)] == [6]
    assert ("o7", "open") in rows(book, "opportunities", "opportunity_id", "status")
