"""Parquet and DuckDB files: typed columns become the same canonical values as texts do."""

from datetime import date, datetime

import duckdb
import pytest

from salestrack.errors import BookError
from salestrack.sources import open_book
from tests.sources.exports import AS_OF, BOOK, ROWS, fault, opened, refused, rows, text_of, ties, write

TYPED = """
select 1::bigint as opportunity_id, 7.0::double as rep_id, 100::decimal(10, 2) as amount, date '2026-01-05' as created_date,
    timestamp '2026-02-01 10:00' as close_date, 'Won' as stage
union all select 2, null, 250.5, date '2026-01-10', timestamp '2026-03-01 00:00', 'Lost'
union all select 3, 8.0, null, date '2026-01-20', null, 'Talking'
union all select 3, 8.0, 5, date '2026-01-20', null, 'Talking'
union all select 4, 8.0, -5, date '2026-01-20', null, 'Talking'
"""
EXPECTED = [
    ("1", "7", 100.0, date(2026, 1, 5), date(2026, 2, 1)),
    ("2", None, 250.5, date(2026, 1, 10), date(2026, 3, 1)),
    ("3", "8", None, date(2026, 1, 20), None),
    ("4", "8", None, date(2026, 1, 20), None),
]
COLUMNS = ("opportunity_id", "rep_id", "amount", "created_date", "close_date")


def typed(folder, kind):
    """Write the typed rows and return the text of a book on them."""
    if kind == "parquet":
        duckdb.connect().execute(f"copy ({TYPED}) to '{folder}/deals.parquet' (format parquet)")
        return BOOK.replace("deals.csv", "deals.parquet")
    with duckdb.connect(folder / "crm.duckdb") as connection:
        connection.execute(f"create schema sales; create table sales.deals as {TYPED}")
    return BOOK.replace("connection: .", "connection: crm.duckdb").replace("file: deals.csv", "table: sales.deals")


@pytest.mark.parametrize("kind", ["parquet", "duckdb"])
def test_typed_columns_become_canonical(tmp_path, kind):
    book = opened(tmp_path, book=typed(tmp_path, kind))
    assert rows(book, "opportunities", *COLUMNS) == EXPECTED
    assert [(row["row"], row["reason"]) for row in refused(book)] == [(4, "an earlier row has the same key")]
    assert fault(book, "amount is negative").examples == ("4 (-5.00)",)
    assert ties(book)


@pytest.mark.parametrize("kind", ["parquet", "duckdb"])
def test_the_fingerprint_covers_typed_sources(tmp_path, kind):
    assert len(opened(tmp_path, book=typed(tmp_path, kind)).fingerprint) == 64


def test_several_parquet_files_are_one_table(tmp_path):
    for number in (1, 2):
        duckdb.connect().execute(
            f"copy (select 'o{number}' as opportunity_id, 'Talking' as stage)"
            f" to '{tmp_path}/deals_{number}.parquet' (format parquet)"
        )
    book = opened(tmp_path, book=BOOK.replace("deals.csv", "deals_*.parquet"))
    assert [key for key, _ in rows(book, "opportunities", "opportunity_id", "stage")] == ["o1", "o2"]


def test_times_with_a_zone_become_times_of_the_book(tmp_path):
    duckdb.connect().execute(
        "copy (select 'l1' as lead_id, timestamptz '2026-01-31 23:30:00+00' as created_at)"
        f" to '{tmp_path}/leads.parquet' (format parquet)"
    )
    book = opened(tmp_path, book=BOOK + "  leads: {file: leads.parquet}\ntime_zone: Asia/Seoul\n")
    assert rows(book, "leads", "created_at") == [(datetime(2026, 2, 1, 8, 30),)]


def test_texts_in_a_typed_file_are_read_like_texts(tmp_path):
    duckdb.connect().execute(
        "copy (select 'o1' as opportunity_id, 'Talking' as stage, '03/04/2026' as created_date)"
        f" to '{tmp_path}/deals.parquet' (format parquet)"
    )
    with pytest.raises(BookError, match="'03/04/2026' may be"):
        opened(tmp_path, book=BOOK.replace("deals.csv", "deals.parquet"))


def test_a_missing_value_of_a_number_is_null_and_no_nan(tmp_path):
    duckdb.connect().execute(
        "copy (select 'o1' as opportunity_id, 'Talking' as stage, 'nan'::double as amount,"
        " 'nan'::double as account_id)"
        f" to '{tmp_path}/deals.parquet' (format parquet)"
    )
    book = opened(tmp_path, book=BOOK.replace("deals.csv", "deals.parquet"))
    assert rows(book, "opportunities", "opportunity_id", "amount", "account_id") == [("o1", None, None)]


def test_a_table_that_is_not_in_the_database_is_told(tmp_path):
    book = typed(tmp_path, "duckdb").replace("sales.deals", "sales.deal")
    with pytest.raises(BookError, match=r"the database has no table 'sales\.deal'\. Did you mean 'sales\.deals'"):
        opened(tmp_path, book=book)


def test_a_file_in_a_database_is_told(tmp_path):
    book = typed(tmp_path, "duckdb").replace("table: sales.deals", "file: deals.csv")
    with pytest.raises(BookError, match="the connection is a database: say table:"):
        opened(tmp_path, book=book)


def test_a_file_that_is_no_database_is_told(tmp_path):
    path = write(tmp_path, book=BOOK.replace("connection: .", "connection: crm.duckdb"), **{"crm.duckdb": "no database" * 500})
    with pytest.raises(BookError, match=r"crm\.duckdb cannot be opened as a DuckDB file"):
        open_book(path, as_of=AS_OF)


def test_a_file_that_is_no_parquet_is_told(tmp_path):
    with pytest.raises(BookError, match=r"deals\.parquet cannot be read"):
        opened(tmp_path, book=BOOK.replace("deals.csv", "deals.parquet"), **{"deals.parquet": text_of(ROWS)})


def test_the_source_database_is_not_changed_and_not_held(tmp_path):
    path = write(tmp_path, book=typed(tmp_path, "duckdb"))
    before = (tmp_path / "crm.duckdb").read_bytes()
    book = open_book(path, as_of=AS_OF)
    with duckdb.connect(tmp_path / "crm.duckdb") as writer:
        writer.execute("select count(*) from sales.deals")
    assert (tmp_path / "crm.duckdb").read_bytes() == before
    assert rows(book, "opportunities", *COLUMNS) == EXPECTED
