"""The public MavenTech CRM, mapped as a new user would map it: its published figures, through the kit.

The expected figures were counted from the CSV files by other means (spreadsheet sums); the tests count them again in plain Python.
"""

import csv
import statistics
from pathlib import Path

import pytest

import salestrack as st

FOLDER = Path(__file__).parent.parent.parent / "shared" / "data" / "maven_crm"
BOOK = Path(__file__).parent / "books" / "maven" / "book.yaml"

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="needs the public MavenTech CRM files beside the project")


@pytest.fixture(scope="session")
def maven():
    return st.open_book(BOOK, as_of="2017-12-31")


@pytest.fixture(scope="session")
def rows():
    with (FOLDER / "sales_pipeline.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def value(maven, metric, **question):
    return st.measure(maven, metric, **question).value()


def test_win_rate(maven, rows):
    won, lost = (sum(row["deal_stage"] == stage for row in rows) for stage in ("Won", "Lost"))
    assert (won, won + lost) == (4238, 6711)
    assert value(maven, st.win_rate) == won / (won + lost)
    found = st.measure(maven, st.win_rate, by="quarter", during="2017").frame
    assert found["value"].mul(100).round(2).tolist() == [82.07, 61.71, 61.41, 60.25]
    assert found["partial"].tolist() == [True, False, False, False], "the first quarter has records of one month only"


def test_bookings(maven, rows):
    assert value(maven, st.bookings) == 10_005_534 == sum(float(row["close_value"]) for row in rows if row["deal_stage"] == "Won")
    by_quarter = st.measure(maven, st.bookings, by="quarter", during="2017").frame["value"]
    assert by_quarter.tolist() == [1_134_672, 3_086_111, 2_982_255, 2_802_496]


def test_deal_size_leaves_out_the_zeros_of_lost_deals(maven, rows):
    won = [float(row["close_value"]) for row in rows if row["deal_stage"] == "Won"]
    closed = [float(row["close_value"]) for row in rows if row["deal_stage"] in ("Won", "Lost")]
    assert round(statistics.mean(closed), 2) == 1490.92, "what averages the zeros in"
    assert round(value(maven, st.average_deal_size), 2) == 2360.91 == round(statistics.mean(won), 2)
    assert value(maven, st.median_deal_size) == 1117 == statistics.median(won)


def test_sales_cycle(maven):
    assert value(maven, st.sales_cycle) == 57
    assert round(value(maven, st.mean_sales_cycle), 2) == 51.78


def test_the_top_agent(maven):
    by_agent = st.measure(maven, st.bookings, by="rep").frame
    assert by_agent.loc[by_agent["value"].idxmax(), ["rep", "value"]].tolist() == ["Darcel Schlecht", 1_153_214]


def test_what_is_missing_stays_in_and_is_reported(maven):
    assert (maven.intake["opportunities"].rows, maven.intake["opportunities"].used) == (8800, 8800)
    missing = {fault.column: fault.rows for fault in maven.faults if "is missing" in fault.problem}
    assert missing == {"account_id": 1425, "created_date": 500}
    assert value(maven, st.open_opportunities) == 1589 + 500


def test_a_product_is_joined_by_a_stated_mapping(maven):
    changed = next(fault for fault in maven.faults if fault.column == "product")
    assert changed.rows == 1480
    assert "GTXPro" in changed.examples[0]
    assert "GTXPro" not in st.measure(maven, st.win_rate, by="product").frame["product"].tolist()


def test_open_opportunities_older_than_any_cycle_are_pointed_out(maven):
    told = next(fault for fault in maven.faults if "older than the longest cycle" in fault.problem)
    assert told.rows == 1291
    assert "138 days" in told.problem


def test_the_partial_quarter_is_not_celebrated(maven):
    change = st.compare(maven, st.win_rate, during="2017-Q2", against="2017-Q1")
    assert change.frame["verdict"].tolist() == ["cannot_tell"]
    assert "not complete" in change.sentences[0]
