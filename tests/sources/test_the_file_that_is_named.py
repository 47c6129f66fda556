"""The file that is named is read, whole, and with its own columns and days: not one like it, and not what its folder is called."""

import gzip
import sqlite3
from datetime import date

import duckdb
import pytest

from salestrack.errors import BookError
from salestrack.sources import open_book
from tests.sources.exports import BOOK, ROWS, opened, rows, text_of, write

DAY = "2026-09-30"


@pytest.mark.parametrize("name", ["deals[1].csv", "deals*.csv", "deals?.csv"])
def test_a_name_with_the_sign_of_a_pattern_means_that_file(tmp_path, name):
    like = text_of([["x1", "R1", "999", "2026-01-01", "2026-02-01", "Won"]])
    for other in ("deals1.csv", "deals12.csv"):
        (tmp_path / other).write_text(like, encoding="utf-8")
    (tmp_path / name).write_text(text_of(ROWS), encoding="utf-8")
    book = opened(tmp_path, book=BOOK.replace("deals.csv", f'"{name}"'))
    assert {key for (key,) in rows(book, "opportunities", "opportunity_id")} == {"o1", "o2", "o3", "o4", "o5"}


@pytest.mark.parametrize("name", ["deals[1].csv.gz", "deals?.csv.gz"])
def test_so_it_does_of_a_packed_one(tmp_path, name):
    (tmp_path / name).write_bytes(gzip.compress(text_of(ROWS).encode()))
    book = opened(tmp_path, book=BOOK.replace("deals.csv", f'"{name}"'))
    assert len(rows(book, "opportunities", "opportunity_id")) == len(ROWS)


def test_so_it_does_of_parquet(tmp_path):
    for name, amount in (("deals[1].parquet", 5), ("deals1.parquet", 999)):
        made = f"select 'a' as opportunity_id, 'Won' as stage, {amount} as amount, date '2026-01-01' as close_date"
        duckdb.connect().execute(f"copy ({made}) to '{tmp_path}/{name}' (format parquet)")
    book = opened(tmp_path, book=BOOK.replace("deals.csv", '"deals[1].parquet"'))
    assert rows(book, "opportunities", "amount") == [(5.0,)]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_what_a_folder_is_called_is_no_column(tmp_path, kind):
    """In the file one is won and one lost; the folder is called as if all were lost."""
    folder = tmp_path / "stage=Lost"
    folder.mkdir()
    write(folder, book=BOOK.replace("deals.csv", f"deals.{kind}"))
    won = "select 'a' as opportunity_id, 'Won' as stage, 5.0 as amount, date '2026-01-01' as close_date"
    lost = "select 'b', 'Lost', 7.0, date '2026-01-02'"
    duckdb.connect().execute(f"copy ({won} union all {lost}) to '{folder}/deals.{kind}' (format {kind})")
    book = open_book(folder, as_of=DAY)
    assert rows(book, "opportunities", "opportunity_id", "status") == [("a", "won"), ("b", "lost")]


@pytest.mark.parametrize("stated", [True, False], ids=["encoding stated", "encoding found"])
@pytest.mark.parametrize("kept", [0.2, 0.6, 0.95])
def test_a_packed_file_that_is_cut_off_is_refused(tmp_path, kept, stated):
    packed = gzip.compress(
        text_of(ROWS).encode() + b"\n".join(b"y%d,R1,%d,2026-01-01,2026-02-01,Won" % (i, i) for i in range(5000))
    )
    (tmp_path / "deals.csv.gz").write_bytes(packed[: int(len(packed) * kept)])
    book = BOOK.replace("file: deals.csv", "file: deals.csv.gz" + (", encoding: utf-8" if stated else ""))
    with pytest.raises(BookError, match=r"deals\.csv\.gz is incomplete"):
        opened(tmp_path, book=book)


def test_a_packed_file_with_a_broken_byte_is_refused(tmp_path):
    packed = bytearray(gzip.compress(text_of(ROWS).encode() * 50))
    packed[len(packed) // 2] ^= 0xFF
    (tmp_path / "deals.csv.gz").write_bytes(bytes(packed))
    with pytest.raises(BookError, match=r"deals\.csv\.gz (cannot be read|is incomplete)"):
        opened(tmp_path, book=BOOK.replace("deals.csv", "deals.csv.gz"))


def test_another_kind_of_database_is_named(tmp_path):
    with sqlite3.connect(tmp_path / "crm.db") as connection:
        connection.execute("create table deals (opportunity_id text)")
    book = BOOK.replace("connection: .", "connection: crm.db").replace("file: deals.csv", "table: deals")
    with pytest.raises(BookError, match=r"crm\.db is a SQLite file, not a DuckDB file"):
        opened(tmp_path, book=book)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Seoul", "Europe/Berlin", "UTC"])
@pytest.mark.parametrize("midnight", ["T00:00:00Z", "T00:00:00.000Z", " 00:00:00+00:00"])
def test_a_day_written_as_midnight_is_that_day_in_every_zone(tmp_path, zone, midnight):
    text = text_of([["o1", "R1", "10", f"2026-03-29{midnight}", f"2026-07-01{midnight}", "Won"]])
    book = opened(tmp_path, text, book=BOOK + f"time_zone: {zone}\n", as_of=DAY)
    assert rows(book, "opportunities", "created_date", "close_date") == [(date(2026, 3, 29), date(2026, 7, 1))]


def test_a_moment_is_of_the_day_of_the_book(tmp_path):
    """Half past three in the night in London is the evening before in New York."""
    text = text_of([["o1", "R1", "10", "2026-03-01", "2026-07-01T03:30:00Z", "Won"]])
    book = opened(tmp_path, text, book=BOOK + "time_zone: America/New_York\n", as_of=DAY)
    assert rows(book, "opportunities", "close_date") == [(date(2026, 6, 30),)]


def test_a_typed_midnight_too(tmp_path):
    made = "select 'a' as opportunity_id, 'Won' as stage, 5.0 as amount, timestamptz '2026-07-01 00:00:00+00' as close_date"
    duckdb.connect().execute(f"copy ({made}) to '{tmp_path}/deals.parquet' (format parquet)")
    book = opened(tmp_path, book=BOOK.replace("deals.csv", "deals.parquet") + "time_zone: America/New_York\n", as_of=DAY)
    assert rows(book, "opportunities", "close_date") == [(date(2026, 7, 1),)]
