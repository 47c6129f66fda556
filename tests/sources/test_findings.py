"""What is worth knowing: reported with counts and examples, and no row is refused for it."""

import pytest

from salestrack.errors import BookError, suggestion
from tests.sources.exports import BOOK, HEADER, ROWS, fault, opened, text_of, ties, with_row

MORE = BOOK + "  reps: {file: reps.csv}\n  accounts: {file: accounts.csv}\n  activities: {file: acts.csv}\n"
REPS = "rep_id,name,manager_id,team\nr1,Ann,m1,North\n"
ACCOUNTS = "account_id,name,industry\na1,Acme Corp,Tech\na2,Beta,tech \na3,Cee,TECH.\na4,Dee,Mining\n"
ACTS = "activity_id,rep_id,started_at,opportunity_id,minutes\nx1,r1,2026-01-01,o1,5\nx2,r9,2026-01-01,,5\nx3,r1,2026-01-02,o77,5\n"


@pytest.fixture(scope="session")
def book(tmp_path_factory):
    content = text_of(
        [(*row, account) for row, account in zip(ROWS, ("a1", "A-2", "a-2", "", "a9"), strict=True)], (*HEADER, "account_id")
    )
    files = {"reps_csv": REPS, "accounts_csv": ACCOUNTS, "acts_csv": ACTS}
    return opened(tmp_path_factory.mktemp("findings"), content, MORE, **files)


def of(book, table, column):
    return [each for each in book.faults if (each.table, each.column, each.refused) == (table, column, False)]


def test_nothing_is_refused_for_a_finding(book):
    assert ties(book)
    assert all(intake.used == intake.rows for intake in book.intake.values())


def test_keys_that_no_row_of_the_other_table_has_are_reported(book):
    (found,) = of(book, "opportunities", "rep_id")
    assert (found.problem, found.rows, found.examples) == ("rep_id is not among the reps (1 different)", 2, ("'r2' (2 rows)",))
    (found,) = of(book, "activities", "opportunity_id")
    assert (found.rows, found.examples) == (1, ("'o77' (1 row)",))


def test_a_key_that_is_nearly_one_is_told_with_the_right_one(book):
    broken, missing = of(book, "opportunities", "account_id")[::-1]
    assert (missing.problem, missing.rows, missing.examples) == ("account_id is missing", 1, ("o4",))
    assert broken.rows == 3
    assert broken.examples == ("'A-2' (1 row), nearly 'a2'", "'a-2' (1 row), nearly 'a2'", "'a9' (1 row)")


def test_a_manager_outside_the_table_is_no_fault(book):
    assert of(book, "reps", "manager_id") == []


def test_spellings_of_one_value_are_reported(book):
    (found,) = of(book, "accounts", "industry")
    assert found.problem == "values that differ only in case, spaces or punctuation"
    assert found.rows == 2
    assert found.examples == ("'TECH.' (1) / 'Tech' (1) / 'tech' (1)",)


def test_everything_is_unclassified_without_rules(book):
    (found,) = of(book, "activities", "category")
    assert found.problem == "100.0% of activities are unclassified"


def test_columns_that_nothing_uses_are_listed_once(tmp_path):
    content = text_of([(*row, "x", "y") for row in ROWS], (*HEADER, "Colour", "Mood"))
    assert fault(opened(tmp_path, content), "nothing uses").examples == ("Colour", "Mood")


def test_missing_creation_days_stay_in_and_are_reported(tmp_path):
    book = opened(tmp_path, with_row("o6", "r1", "5", "", "2026-03-01", "Won"))
    found = fault(book, "created_date is missing")
    assert (found.rows, found.examples, book.intake["opportunities"].used) == (1, ("o6",), 6)


def test_won_without_an_amount_is_reported(tmp_path):
    book = opened(tmp_path, with_row("o6", "r1", "", "2026-01-01", "2026-03-01", "Won"))
    assert fault(book, "amount is missing though the opportunity was won").rows == 1


def test_open_opportunities_older_than_any_closed_cycle_are_pointed_out(tmp_path):
    # Cycles of the closed: 27, 50 and 18 days; open since 70 and 56 days on 31 March.
    found = fault(opened(tmp_path), "older than the longest cycle")
    assert found.problem == "2 of 2 open opportunities are older than the longest cycle that ever closed (50 days)"
    assert found.examples == ("o3 (open for 70 days)", "o5 (open for 56 days)")
    # On 12 March o3 has been open for 51 days and o5 for 37.
    assert fault(opened(tmp_path, as_of="2026-03-12"), "older than the longest cycle").rows == 1
    # On 11 March o3 has been open for exactly 50 days: as long as the longest, not longer.
    assert not [each for each in opened(tmp_path, as_of="2026-03-11").faults if "older than" in each.problem]


def test_stages_that_no_row_has_are_listed(tmp_path):
    book = opened(tmp_path, book=BOOK.replace("stages:\n", "stages:\n  - {name: Haggling}\n"))
    found = fault(book, "stages of the book that no row has")
    assert found.examples == ("Haggling",)
    assert found.advice.endswith("can be left out: Haggling.")


@pytest.mark.parametrize(("gone", "left"), [("Lost", "Haggling"), ("Won", "Haggling")])
def test_a_stage_that_the_book_needs_is_not_advised_to_be_left_out(tmp_path, gone, left):
    """What the advice says can be done: the book opens without what can be left out, and not without what must stay."""
    stages = BOOK.replace("stages:\n", "stages:\n  - {name: Haggling}\n")
    content = text_of([row for row in ROWS if row[-1] != gone])
    advice = fault(opened(tmp_path, content, stages), "stages of the book that no row has").advice
    assert f"can be left out: {left}. {gone} must stay" in advice
    opened(tmp_path, content, BOOK)
    with pytest.raises(BookError, match=f"o stage has the outcome '{gone.lower()}'"):
        opened(tmp_path, content, "\n".join(line for line in BOOK.splitlines() if f"name: {gone}" not in line))


def test_what_can_still_be_mapped_is_named(tmp_path):
    told = fault(opened(tmp_path, text_of([(*row, "x") for row in ROWS], (*HEADER, "Colour"))), "nothing uses")
    assert "can be mapped to one: name, account_id, lead_id" in told.advice
    assert " amount" not in told.advice
    reps = "rep_id,start_date,end_date,hours,Colour\nr1,2026-01-05,2026-01-06,8,red\n"
    whole = opened(tmp_path, book=BOOK + "  time_off: {file: off.csv}\n", off_csv=reps)
    assert fault(whole, "nothing uses").advice == "Nothing to do: time_off has all of its columns."


def test_a_day_after_the_export_is_pointed_out(tmp_path):
    book = opened(tmp_path, book=BOOK + "exported_on: 2026-03-30\n")
    assert fault(book, "the export was made on 2026-03-30").refused is False
    assert not [each for each in opened(tmp_path, book=BOOK + "exported_on: 2026-03-31\n").faults if "export was" in each.problem]


def test_nobody_is_told_to_say_what_was_said():
    assert suggestion("parent", ["parent", "parent_id"]) == " Did you mean 'parent_id'?"
    assert suggestion("parent", ["parent"]) == ""
