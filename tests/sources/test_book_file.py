"""The book file: what may stand in it, and typos told all at once with the nearest right word."""

import re
from pathlib import Path

import pytest
import yaml

from salestrack.book import Settings
from salestrack.errors import BookError
from salestrack.sources import open_book
from salestrack.sources.book_file import BookFile
from salestrack.sources.table_file import CategoryRule, ColumnFile, EventsFile, TableFile
from salestrack.tables import CONTRACTS
from tests.sources.exports import AS_OF, BOOK, HEADER, ROWS, fault, opened, rows, text_of, write

PAGE = Path(__file__).parents[2] / "docs" / "book_file.md"


def faults_of(folder, book, content=None):
    with pytest.raises(BookError) as raised:
        opened(folder, content, book)
    return raised.value.faults


ONE_TYPO = {
    "a setting": (BOOK.replace("currency:", "curency:"), "There is no setting 'curency'. Did you mean 'currency'?"),
    "a table": (BOOK.replace("opportunities:", "oportunities:"), "There is no table 'oportunities'. Did you mean 'opportunities'?"),
    "a setting of a table": (
        BOOK.replace("{file:", "{fille:"),
        "There is no setting 'fille' in tables.opportunities. Did you mean 'file'?",
    ),
    "a canonical column": (
        BOOK.replace("deals.csv}", "deals.csv, columns: {amout: amount}}"),
        "tables.opportunities: there is no column 'amout' in opportunities. Did you mean 'amount'?",
    ),
    "a source column": (
        BOOK.replace("deals.csv}", "deals.csv, columns: {amount: ammount}}"),
        "tables.opportunities.columns.amount: the source has no column 'ammount'. Did you mean 'amount'?",
    ),
    "a setting of a column": (
        BOOK.replace("deals.csv}", "deals.csv, columns: {amount: {colum: amount}}}"),
        "There is no setting 'colum' in tables.opportunities.columns.amount. Did you mean 'column'?",
    ),
    "a stage": (
        BOOK.replace("name: Won", "name: Wonn"),
        "stages: the data has the stage 'Won', which is not in the book file. Did you mean 'Wonn'? No row has that one.",
    ),
    "an outcome": (
        BOOK.replace("outcome: open", "outcome: opened"),
        "stages.0.outcome: 'opened' is not known. Did you mean 'open'?",
    ),
    "a weekday": (BOOK + "working_days: [mon, tues]\n", "working_days.1: 'tues' is not known. Did you mean 'tue'?"),
    "a time zone": (
        BOOK + "time_zone: Europe/Berln\n",
        "time_zone: there is no time zone 'Europe/Berln'. Did you mean 'Europe/Berlin'",
    ),
    "a selling category": (
        BOOK + "selling_categories: [digital_clients]\n",
        "selling_categories: there is no category 'digital_clients'. Did you mean 'digital_client'?",
    ),
    "a column of an expression": (
        BOOK.replace("deals.csv}", 'deals.csv, columns: {amount: {expression: "amont * 1"}}}'),
        "tables.opportunities.columns.amount: the source has no column 'amont'. Did you mean 'amount'?",
    ),
    "a connection": (BOOK.replace("connection: .", "connection: exports"), "connection: there is no file or folder"),
    "no opportunities": (BOOK.replace("opportunities:", "reps:"), "tables: 'opportunities' is missing"),
    "two ways to make a column": (
        BOOK.replace("deals.csv}", "deals.csv, columns: {amount: {column: amount, constant: 5}}}"),
        "tables.opportunities.columns.amount: say one of 'column', 'expression' or 'constant'",
    ),
    "no SQL": (
        BOOK.replace("deals.csv}", 'deals.csv, columns: {amount: {expression: "case when"}}}'),
        "tables.opportunities.columns.amount: 'case when' is not an SQL expression",
    ),
    "a whole statement": (
        BOOK.replace("deals.csv}", 'deals.csv, columns: {amount: {expression: "amount); drop table x; select (1"}}}'),
        "tables.opportunities.columns.amount:",
    ),
    "a query": (
        BOOK.replace("deals.csv}", 'deals.csv, columns: {amount: {expression: "(select 1)"}}}'),
        "is not one SQL expression over columns of the source",
    ),
    "a needed column switched off": (
        BOOK.replace("deals.csv}", "deals.csv, columns: {stage: deal_stage}}"),
        "tables.opportunities.columns.stage: the source has no column 'deal_stage'. Did you mean 'stage'?",
    ),
    "said twice": (BOOK + "name: Again\n", "'line 1: name' is said twice; only one can hold."),
    "a day": (BOOK + "exported_on: 30.9.2026\n", "exported_on: Input should be a valid date"),
    "a database word in a folder": (BOOK.replace("file: deals.csv", "table: deals"), "the connection is a folder: say file:"),
}


@pytest.mark.parametrize(("book", "told"), ONE_TYPO.values(), ids=ONE_TYPO)
def test_one_typo_is_told_with_what_to_write(tmp_path, book, told):
    assert any(told in each for each in faults_of(tmp_path, book)), faults_of(tmp_path, book)


def test_all_faults_are_told_at_once(tmp_path):
    book = (
        BOOK.replace("currency:", "curency:")
        .replace("name: Won", "name: Wonn")
        .replace("deals.csv}", "deals.csv, columns: {amount: ammount}}")
        + "  leeds: {file: leads.csv}\n  reps: {file: nobody.csv}\n  accounts: {file: accounts.csv, columns: {name: {colum: x}}}\n"
    )
    (tmp_path / "accounts.csv").write_text("account_id,title\na1,A\n")
    told = "\n".join(faults_of(tmp_path, book))
    for words in (
        "'curency'",
        "'ammount'",
        "'leeds'",
        "file not found: nobody.csv",
        "'colum'",
        "'name' is needed and nothing maps to it",
    ):
        assert words in told


def test_a_fault_of_the_settings_does_not_hide_a_question_about_the_data(tmp_path):
    content = text_of([(*row[:3], "03/04/2026", row[4], row[5]) for row in ROWS])
    told = faults_of(tmp_path, BOOK.replace("currency:", "curency:"), content)
    assert any("'curency'" in each for each in told)
    assert any("'03/04/2026' may be" in each for each in told)


def test_a_book_without_won_or_stages_is_told(tmp_path):
    assert faults_of(tmp_path, BOOK.replace("outcome: won", "outcome: open")) == (
        "No stage has the outcome 'won'; say which stage means that an opportunity was won.",
    )


def test_no_yaml_is_told_with_its_line(tmp_path):
    with pytest.raises(BookError, match=r"book\.yaml is not YAML: .*line 2"):
        opened(tmp_path, book="name: Acme\n  currency: [EUR\n")


@pytest.mark.parametrize("book", ["", "# nothing\n", "just words\n"])
def test_a_book_file_that_says_nothing_is_told(tmp_path, book):
    with pytest.raises(BookError, match=r"says nothing\. Write a first book file with: salestrack new-book"):
        opened(tmp_path, book=book)


def test_the_folder_of_a_book_file_will_do(tmp_path):
    write(tmp_path)
    assert open_book(tmp_path, as_of=AS_OF).name == "Acme"


def test_a_folder_of_data_is_told_how_to_get_a_book_file(tmp_path):
    (tmp_path / "deals.csv").write_text(text_of(ROWS))
    with pytest.raises(BookError, match=r"holds no book\.yaml\. Write a first one with: salestrack new-book"):
        open_book(tmp_path, as_of=AS_OF)
    with pytest.raises(BookError, match=r"deals\.csv is data, not a book file"):
        open_book(tmp_path / "deals.csv", as_of=AS_OF)


def test_a_missing_book_file_is_told_with_the_nearest_name(tmp_path):
    write(tmp_path)
    with pytest.raises(BookError, match=r"There is no book file .*bok\.yaml\. Did you mean 'book\.yaml'"):
        open_book(tmp_path / "bok.yaml", as_of=AS_OF)


def test_columns_are_made_from_columns_expressions_and_constants(tmp_path):
    columns = """
      amount: {expression: "case when stage = 'Won' then amount end"}
      segment: {constant: Enterprise}
      product: {column: rep_id, values: {r1: One}, missing: [r2]}
      name: null
"""
    book = opened(tmp_path, book=BOOK.replace("{file: deals.csv}", "\n    file: deals.csv\n    columns:" + columns))
    assert rows(book, "opportunities", "opportunity_id", "amount", "segment", "product") == [
        ("o1", 100.0, "Enterprise", "One"),
        ("o2", None, "Enterprise", "One"),
        ("o3", None, "Enterprise", None),
        ("o4", 80.0, "Enterprise", None),
        ("o5", None, "Enterprise", "One"),
    ]
    assert fault(book, "values changed").rows == 3
    assert fault(book, "values changed").examples == ("3 rows 'r1' -> 'One'",)


def test_a_column_can_be_left_out_although_the_source_has_it(tmp_path):
    book = opened(tmp_path, book=BOOK.replace("deals.csv}", "deals.csv, columns: {amount: null}}"))
    assert {amount for _, amount in rows(book, "opportunities", "opportunity_id", "amount")} == {None}


def test_a_stated_value_that_no_row_has_is_told(tmp_path):
    book = opened(tmp_path, book=BOOK.replace("deals.csv}", "deals.csv, columns: {stage: {column: stage, values: {won: Won}}}}"))
    assert fault(book, "stated values that no row has").examples == ("'won'",)


def test_an_expression_that_fails_on_a_row_is_told(tmp_path):
    columns = 'columns: {product: {expression: "cast(rep_id as integer)"}}'
    with pytest.raises(BookError, match=r"tables\.opportunities: .* fails in row 1 .* rep_id is 'r1'.*try_cast"):
        opened(tmp_path, book=BOOK.replace("deals.csv}", f"deals.csv, {columns}}}"))


def test_activities_are_placed_by_the_first_rule_that_fits(tmp_path):
    rules = """
activity_categories:
  - {category: in_person_client, where: {Kind: [site visit, Lunch]}}
  - {category: internal_meeting, where: {Kind: meeting}, matches: {subject: "(?i)board|staff"}}
  - {category: digital_client, where: {type: meeting}}
"""
    acts = "activity_id,rep_id,started_at,Kind,subject\n" + "".join(
        f"a{number},r1,2026-01-01,{kind},{subject}\n"
        for number, (kind, subject) in enumerate(
            [("Site Visit", "x"), ("lunch", ""), ("meeting", "BOARD prep"), ("meeting", "client"), ("golf", "board"), ("", "")]
        )
    )
    book = BOOK + "  activities: {file: acts.csv, columns: {type: Kind}}\n" + rules
    found = opened(tmp_path, book=book, acts_csv=acts)
    assert [category for _, category in rows(found, "activities", "activity_id", "category")] == [
        "in_person_client",
        "in_person_client",
        "internal_meeting",
        "digital_client",
        "unclassified",
        "unclassified",
    ]
    told = fault(found, "unclassified")
    assert (told.problem, told.rows, told.examples) == ("33.3% of activities are unclassified", 2, ("golf (1)", "no type (1)"))


def test_a_rule_with_a_wrong_column_or_category_is_told(tmp_path):
    (tmp_path / "acts.csv").write_text("activity_id,rep_id,started_at,kind\n")
    rules = """
activity_categories:
  - {category: travels, where: {kynd: [x]}}
  - {category: travel}
  - {category: admin, matches: {kind: "("}}
"""
    told = "\n".join(faults_of(tmp_path, BOOK + "  activities: {file: acts.csv}\n" + rules))
    assert "there is no category 'travels'. Did you mean 'travel'?" in told
    assert "the source has no column 'kynd'. Did you mean 'kind'?" in told
    assert "a rule needs 'where'" in told
    assert "'(' is not a regular expression" in told


def test_the_settings_of_the_book_are_those_of_the_file(tmp_path):
    more = "fiscal_year_start: 2\nworking_hours_per_day: 7.5\nselling_categories: [digital_client]\n"
    book = opened(tmp_path, book=BOOK + more)
    assert type(book.settings) is Settings
    assert (book.settings.fiscal_year_start, book.settings.working_hours_per_day) == (2, 7.5)
    assert book.absent["quotas"] == "no file mapped"
    assert book.period("FY2027-Q1").start.isoformat() == "2026-02-01"


def test_every_setting_of_the_book_file_is_documented():
    page = PAGE.read_text(encoding="utf-8")
    for model in (BookFile, TableFile, ColumnFile, CategoryRule, EventsFile):
        for name in model.model_fields:
            assert f"`{name}`" in page, name


def test_the_example_of_the_documentation_is_a_book_file():
    page = PAGE.read_text(encoding="utf-8")
    (tmp,) = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    assert BookFile.model_validate(tmp).tables["opportunities"].columns["probability"].percent


def test_every_column_of_every_table_is_documented_as_the_contract_says():
    page = PAGE.read_text(encoding="utf-8")
    for contract in CONTRACTS.values():
        section = page.split(f"### {contract.name}: {contract.grain}\n")[1].split("### ")[0]
        assert contract.switches_on in section
        for column in contract.columns:
            assert f"| `{column.name}` | {column.about}" in section, (contract.name, column.name)


def test_the_fingerprint_follows_the_book_file_and_the_data(tmp_path):
    one, same = opened(tmp_path).fingerprint, opened(tmp_path).fingerprint
    assert len(one) == 64
    assert same == one
    assert opened(tmp_path, book=BOOK + "# note\n").fingerprint != one
    assert opened(tmp_path, text_of(ROWS[:4])).fingerprint != one


def test_a_header_is_matched_regardless_of_case(tmp_path):
    book = opened(tmp_path, text_of(ROWS, [name.upper() for name in HEADER]))
    assert book.intake["opportunities"].used == 5
