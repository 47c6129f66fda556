"""The first book file: readable YAML with the best mapping, and questions where only the owner knows."""

import duckdb
import pytest
import yaml

from salestrack.errors import BookError
from salestrack.sources import new_book, open_book
from tests.sources.exports import text_of

DEALS = [
    "Id",
    "IsDeleted",
    "AccountId",
    "Name",
    "StageName",
    "Amount",
    "Probability",
    "CloseDate",
    "LeadSource",
    "OwnerId",
    "CreatedDate",
]
STAGES = [("Prospecting", "10"), ("Closed Won", "100"), ("Negotiation/Review", "90"), ("Closed Lost", "0"), ("Qualification", "20")]


def deal(number, day):
    stage, probability = STAGES[number % 5]
    created = f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}T09:30:00.000+0000"
    owner, account = f"005{number % 3}", f"001{number % 4}"
    return [f"006{number:04}", "false", account, f"Deal {number}", stage, f"{number}00.0", probability, day, "Web", owner, created]


@pytest.fixture
def salesforce(tmp_path):
    """A folder of exports with the API names of Salesforce; close dates are month first, which one value proves."""
    deals = [deal(number, f"{number % 12 + 1}/{number % 28 + 1}/2025") for number in range(60)]
    tables = {
        "Opportunity.csv": (DEALS, deals),
        "Account.csv": (
            ["Id", "Name", "Industry", "OwnerId"],
            [[f"001{i}", f"Account {i}", "Energy", f"005{i % 3}"] for i in range(4)],
        ),
        "User.csv": (
            ["Id", "Name", "Email", "ManagerId", "Title"],
            [[f"005{i}", f"Rep {i}", "x@example.com", "", "AE"] for i in range(3)],
        ),
        "Task.csv": (
            ["Id", "OwnerId", "WhatId", "WhoId", "Type", "CompletedDateTime", "Status"],
            [
                [
                    f"00T{i}",
                    f"005{i % 3}",
                    f"006{i % 60:04}",
                    "",
                    ["Call", "Site visit", "Golf"][i % 3],
                    "2025-01-01T10:00:00.000Z",
                    "Done",
                ]
                for i in range(9)
            ],
        ),
        "OpportunityHistory.csv": (
            ["Id", "OpportunityId", "StageName", "Amount", "CloseDate", "CreatedDate"],
            [[f"008{i}", f"006{i:04}", "Prospecting", "10", "2025-03-01", "2024-12-01T00:00:00.000Z"] for i in range(60)],
        ),
        "Product2.csv": (["Id", "Name", "ProductCode"], [["01t1", "Thing", "T"]]),
    }
    for name, (header, rows) in tables.items():
        (tmp_path / name).write_text(text_of(rows, header), encoding="utf-8")
    return tmp_path


def test_salesforce_exports_are_mapped_by_their_names(salesforce):
    book = yaml.safe_load(new_book(salesforce))
    assert {name: table["file"] for name, table in book["tables"].items()} == {
        "opportunities": "Opportunity.csv",
        "stage_history": "OpportunityHistory.csv",
        "activities": "Task.csv",
        "reps": "User.csv",
        "accounts": "Account.csv",
    }
    assert book["tables"]["opportunities"]["columns"] == {
        "opportunity_id": "Id",
        "name": "Name",
        "account_id": "AccountId",
        "rep_id": "OwnerId",
        "source": "LeadSource",
        "amount": "Amount",
        "created_date": "CreatedDate",
        "close_date": {"column": "CloseDate", "date_format": "%m/%d/%Y"},
        "stage": "StageName",
        "probability": {"column": "Probability", "percent": True},
    }
    assert [(each["name"], each["outcome"]) for each in book["stages"]] == [
        ("Prospecting", "open"),
        ("Qualification", "open"),
        ("Negotiation/Review", "open"),
        ("Closed Won", "won"),
        ("Closed Lost", "lost"),
    ]
    assert book["activity_categories"] == [
        {"category": "digital_client", "where": {"Type": ["Call"]}},
        {"category": "in_person_client", "where": {"Type": ["Site visit"]}},
    ]


def test_the_comments_say_what_to_answer_and_what_is_not_used(salesforce):
    text = new_book(salesforce)
    assert "# Not used: Product2.csv (Id, Name, ProductCode)" in text
    assert "currency: USD  # ANSWER: of all amounts" in text
    assert "# ANSWER: these types are in none yet, and stay unclassified: Golf" in text
    assert 'prove the order "%m/%d/%Y"' in text


def test_the_proposal_opens(salesforce):
    (salesforce / "book.yaml").write_text(new_book(salesforce), encoding="utf-8")
    book = open_book(salesforce, as_of="2025-12-31")
    assert book.intake["opportunities"].used == 60
    assert book.intake["activities"].used == 9


def test_ambiguous_dates_are_left_open_and_asked_again_until_answered(salesforce):
    deals = [deal(number, f"{number % 12 + 1:02}/{number % 11 + 1:02}/2025") for number in range(60)]
    (salesforce / "Opportunity.csv").write_text(text_of(deals, DEALS), encoding="utf-8")
    text = new_book(salesforce)
    assert "# ANSWER: opportunities.close_date: '01/02/2025' may be 1 February 2025 (\"%d/%m/%Y\") or 2 January 2025" in text
    (salesforce / "book.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BookError, match=r"'01/02/2025' may be 1 February 2025"):
        open_book(salesforce, as_of="2026-01-31")
    answered = text.replace("      close_date: CloseDate\n", '      close_date: {column: CloseDate, date_format: "%m/%d/%Y"}\n', 1)
    (salesforce / "book.yaml").write_text(answered, encoding="utf-8")
    assert open_book(salesforce, as_of="2026-01-31").intake["opportunities"].rows == 60


def test_stages_without_a_won_are_asked(tmp_path):
    (tmp_path / "deals.csv").write_text("id,stage\n1,Erfolg\n2,no\n3,verloren\n", encoding="utf-8")
    text = new_book(tmp_path)
    assert "# ANSWER: which stage means won? Set its outcome." in text
    assert {each["name"] for each in yaml.safe_load(text)["stages"]} == {"Erfolg", "no", "verloren"}


def test_labels_of_pipedrive_and_odd_names_are_yaml(tmp_path):
    header = [
        "Deal - ID",
        "Deal - Title",
        "Deal - Value",
        "Deal - Stage",
        "Deal - Owner",
        "Deal - Deal created",
        'Weird: "name" # {x}',
    ]
    rows = [["1", "a: b", "5", "Won", "Kim", "2026-01-01", ""], ["2", "c", "6", "Lost: price #1", "Kim", "2026-01-01", ""]]
    (tmp_path / "deals.csv").write_text(text_of(rows, header), encoding="utf-8")
    book = yaml.safe_load(new_book(tmp_path))
    assert book["tables"]["opportunities"]["columns"] == {
        "opportunity_id": "Deal - ID",
        "name": "Deal - Title",
        "rep_id": "Deal - Owner",
        "amount": "Deal - Value",
        "created_date": "Deal - Deal created",
        "stage": "Deal - Stage",
    }
    assert book["stages"] == [{"name": "Won", "outcome": "won"}, {"name": "Lost: price #1", "outcome": "lost"}]


def test_the_commonest_currency_is_proposed_and_asked(tmp_path):
    money = ["USD"] * 2 + ["KRW"] * 30 + ["krw"] * 3 + ["EUR"] * 5 + ["–"] * 40
    lines = "".join(f"{i},Won,{each}\n" for i, each in enumerate(money))
    (tmp_path / "deals.csv").write_text(f"id,stage,currency\n{lines}", encoding="utf-8")
    text = new_book(tmp_path)
    assert yaml.safe_load(text)["currency"] == "KRW"
    assert "# ANSWER: of all amounts; the data has – (40 rows), KRW (33 rows), EUR (5 rows), USD (2 rows)" in text


def test_a_stage_of_one_row_among_many_is_asked_and_not_proposed(tmp_path):
    stages = ["Proposal"] * 30 + ["Won"] * 20 + ["Propsal", "Grand total", "Lost"]
    lines = "".join(f"{i},{each}\n" for i, each in enumerate(stages))
    (tmp_path / "deals.csv").write_text(f"id,stage\n{lines}", encoding="utf-8")
    text = new_book(tmp_path)
    # That one alone is lost does not make it a slip: without it no stage would mean lost.
    assert [each["name"] for each in yaml.safe_load(text)["stages"]] == ["Proposal", "Won", "Lost"]
    assert "# ANSWER: 'Propsal' is the stage of one row only, which is refused. Did you mean 'Proposal'?" in text
    assert "# ANSWER: 'Grand total' is the stage of one row only, which is refused." in text


def test_few_rows_have_stages_of_one_row(tmp_path):
    (tmp_path / "deals.csv").write_text("id,stage\n1,New\n2,Proposal\n3,Won\n4,Lost\n", encoding="utf-8")
    assert len(yaml.safe_load(new_book(tmp_path))["stages"]) == 4


def test_a_single_currency_of_the_data_is_taken(tmp_path):
    (tmp_path / "deals.csv").write_text("id,stage,currency\n1,Won,KRW\n2,Lost,KRW\n", encoding="utf-8")
    assert yaml.safe_load(new_book(tmp_path))["currency"] == "KRW"


def test_a_duckdb_file_is_looked_at_too(tmp_path):
    with duckdb.connect(tmp_path / "crm.duckdb") as connection:
        connection.execute(
            "create table deals as from (values (1, 'Won', date '2026-01-01'), (2, 'Lost', null)) t(id, stage, close_date)"
        )
    text = new_book(tmp_path / "crm.duckdb")
    (tmp_path / "book.yaml").write_text(text, encoding="utf-8")
    assert open_book(tmp_path, as_of="2026-01-31").intake["opportunities"].rows == 2


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "deals.csv").write_text("id,stage\n1,Won\n", encoding="utf-8")
    (tmp_path / "accounts.csv").write_text("", encoding="utf-8")
    assert "# Not read: accounts.csv is empty" in new_book(tmp_path)


@pytest.mark.parametrize("files", [{}, {"notes.csv": "colour,mood\nred,good\n"}])
def test_a_folder_without_opportunities_is_told(tmp_path, files):
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BookError, match="looks like opportunities"):
        new_book(tmp_path)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BookError, match="there is no file or folder"):
        new_book(tmp_path / "nowhere")


def shaped(folder, header, rows):
    folder.mkdir()
    (folder / "deals.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    text = new_book(folder)
    (folder / "book.yaml").write_text(text, encoding="utf-8")
    book = open_book(folder, as_of="2026-09-30")
    found = book.table("opportunities").to_pandas().set_index("opportunity_id")
    return text, found[["status", "close_date"]].astype(str).apply(tuple, axis=1).to_dict()


class TestHowADealEnded:
    """Where the stage does not say it, other columns do."""

    def test_a_status_and_the_times_of_both_ends(self, tmp_path):
        text, found = shaped(
            tmp_path / "a",
            "Deal - ID,Deal - Stage,Deal - Status,Deal - Won time,Deal - Lost time,Deal - Expected close date",
            [
                "1,Talks,Won,2026-08-05 10:00:00,,2026-12-01",
                "2,Talks,lost,,2026-08-06 23:30:00,2026-12-01",
                "3,Talks,Open,,,2026-12-01",
                "4,,Won,2026-08-07 10:00:00,,",
            ],
        )
        assert found == {
            "1": ("won", "2026-08-05"), "2": ("lost", "2026-08-06"), "3": ("open", "2026-12-01"), "4": ("won", "2026-08-07"),
        }  # fmt: skip
        assert "how a deal ended is said by Deal - Status, Deal - Won time, Deal - Lost time" in text
        assert "not used" not in text

    def test_flags_where_stages_are_ids(self, tmp_path):
        _, found = shaped(
            tmp_path / "a",
            "hs_object_id,dealstage,closedate,hs_is_closed,hs_is_closed_won",
            [
                "1,closedwon,2026-08-01,true,true",
                "2,1386,2026-08-02,true,true",
                "3,1387,2026-08-03,true,false",
                "4,1,2026-12-01,false,",
            ],
        )
        assert {key: status for key, (status, _) in found.items()} == {"1": "won", "2": "won", "3": "lost", "4": "open"}

    def test_days_are_read_as_they_are_written(self, tmp_path):
        text, found = shaped(
            tmp_path / "a",
            "id;stage;status;won date;lost date;expected close date",
            ["1;Talks;Gewonnen;25.08.2026;;", "2;Talks;Verloren;;26.08.2026;", "3;Talks;Offen;;;30.12.2026"],
        )
        assert found["1"] == ("won", "2026-08-25")
        assert found["2"] == ("lost", "2026-08-26")
        assert "date_format" in text

    def test_stages_that_say_it_themselves_are_left_as_they_are(self, tmp_path):
        text, _ = shaped(
            tmp_path / "a",
            "Id,StageName,CloseDate,IsClosed,IsWon",
            ["1,Closed Won,2026-08-01,true,true", "2,Closed Lost,2026-08-02,true,false", "3,Talks,2026-12-01,false,false"],
        )
        assert "expression" not in text
        assert "name: Closed Won, outcome: won" in text

    def test_a_status_that_names_no_end_says_nothing(self, tmp_path):
        text, _ = shaped(tmp_path / "a", "Id,Stage,CloseDate,Status", ["1,Won,2026-08-01,hot", "2,Lost,2026-08-02,cold"])
        assert "expression" not in text
