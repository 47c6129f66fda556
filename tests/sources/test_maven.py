"""A real export: the MavenTech CRM, with a book file written as a new user would write it."""

from pathlib import Path

import pytest

from salestrack.sources import new_book, open_book
from tests.sources.exports import fault, ties

DATA = Path(__file__).parents[3] / "shared" / "data" / "maven_crm"
BOOK = Path(__file__).parents[1] / "books" / "maven" / "book.yaml"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the public MavenTech data is not at {DATA}")


@pytest.fixture(scope="session")
def maven():
    return open_book(BOOK, as_of="2017-12-31")


def test_every_row_is_used(maven):
    assert {name: (each.rows, each.used) for name, each in maven.intake.items()} == {
        "opportunities": (8800, 8800),
        "reps": (35, 35),
        "accounts": (85, 85),
    }
    assert ties(maven)
    assert maven.refused.count().to_pyarrow().as_py() == 0


def test_gaps_stay_in_and_are_reported(maven):
    assert fault(maven, "account_id is missing").rows == 1425
    assert fault(maven, "created_date is missing").rows == 500
    opportunities = maven.table("opportunities")
    assert opportunities.filter(opportunities.account_id.isnull()).count().to_pyarrow().as_py() == 1425
    assert opportunities.filter(opportunities.created_date.isnull()).count().to_pyarrow().as_py() == 500


def test_the_product_that_joins_nothing_is_mapped_and_told(maven):
    changed = next(each for each in maven.faults if each.column == "product")
    assert (changed.rows, changed.examples) == (1480, ("1,480 rows 'GTXPro' -> 'GTX Pro'",))
    products = maven.table("opportunities").product.name("product").as_table().distinct().to_pyarrow().to_pydict()["product"]
    assert sorted(products) == ["GTK 500", "GTX Basic", "GTX Plus Basic", "GTX Plus Pro", "GTX Pro", "MG Advanced", "MG Special"]


def test_deals_that_nobody_closes_are_pointed_out(maven):
    found = fault(maven, "older than the longest cycle")
    assert found.rows == 1291
    assert "(138 days)" in found.problem


def test_links_to_reps_and_accounts_hold(maven):
    assert not [each for each in maven.faults if "is not among" in each.problem]


def test_won_amounts_add_up_and_lost_ones_are_unknown(maven):
    won = maven.table("opportunities").filter(lambda t: t.won)
    assert won.aggregate(n=won.count(), total=won.amount.sum()).to_pyarrow().to_pylist() == [{"n": 4238, "total": 10_005_534.0}]
    lost = maven.table("opportunities").filter(lambda t: t.lost)
    assert lost.aggregate(n=lost.count(), amounts=lost.amount.count()).to_pyarrow().to_pylist() == [{"n": 2473, "amounts": 0}]


def test_what_is_switched_off_says_why(maven):
    assert set(maven.absent) == {"stage_history", "leads", "activities", "quotas", "territories", "time_off"}
    assert set(maven.absent.values()) == {"no file mapped"}


def test_the_first_book_opens_as_it_is_and_reads_the_same(maven, tmp_path):
    proposed = new_book(DATA).replace("connection: .", f"connection: {DATA}")
    (tmp_path / "book.yaml").write_text(proposed, encoding="utf-8")
    book = open_book(tmp_path, as_of="2017-12-31")
    columns = ["opportunity_id", "account_id", "rep_id", "product", "created_date", "close_date", "stage", "status"]
    same = [each.table("opportunities").select(*columns).order_by("opportunity_id").to_pyarrow() for each in (book, maven)]
    assert same[0].equals(same[1])
    assert book.intake == maven.intake
