"""One number, day or page that no table can hold costs its own value, or is told with its column and row: never the whole book."""

from datetime import date

import duckdb
import pytest

import salestrack as st
from salestrack.errors import BookError
from salestrack.sources import new_book
from tests.sources.exports import BOOK, ROWS, fault, opened, refused, rows, text_of, with_row

PARQUET = BOOK.replace("deals.csv", "deals.parquet")
TYPED = (
    "select 'o' || i as opportunity_id, 'Won' as stage, {amount} as amount, {day} as close_date, {note} as note, i as rank"
    " from range({n}) r(i)"
)
BEYOND = ("'inf'::double", "'-inf'::float", "1e308::double", "170141183460469231731687303715884105727::hugeint")


def parquet(folder, amount="i", day="date '2026-01-05'", note="'n'", n=10, options=""):
    made = TYPED.format(amount=amount, day=day, note=note, n=n)
    duckdb.connect().execute(f"copy ({made}) to '{folder}/deals.parquet' (format parquet{options})")


@pytest.mark.parametrize("value", BEYOND)
def test_one_typed_number_that_is_none_costs_itself(tmp_path, value):
    parquet(tmp_path, amount=f"case when i = 3 then {value} else i end")
    book = opened(tmp_path, book=PARQUET)
    assert [amount for _, amount in rows(book, "opportunities", "opportunity_id", "amount")] == [0, 1, 2, None, *range(4, 10)]
    (told,) = [each for each in book.faults if each.column == "amount" and "missing" not in each.problem]
    assert (told.rows, told.examples[0].startswith("o3 (")) == (1, True)
    assert st.measure(book, "bookings").value() == 42


@pytest.mark.parametrize("value", BEYOND)
def test_wherever_else_it_stands_no_row_is_lost(tmp_path, value):
    parquet(tmp_path, note=f"case when i = 3 then {value} else i end")
    book = opened(tmp_path, book=PARQUET.replace("deals.parquet", "deals.parquet, columns: {name: note, account_id: note}"))
    assert (book.intake["opportunities"].used, book.table("opportunities").account_id.nunique().to_pyarrow().as_py()) == (10, 10)


@pytest.mark.parametrize("amount", ["1e308", "9" * 300, "1e16", "-1e308"])
def test_two_amounts_that_no_sum_can_hold_are_not_used(tmp_path, amount):
    more = [("o6", "r1", amount, "2026-01-05", "2026-02-01", "Won"), ("o7", "r1", amount, "2026-01-05", "2026-02-01", "Won")]
    book = opened(tmp_path, text_of([*ROWS, *more]))
    assert st.measure(book, "bookings").value() == 180
    assert fault(book, "amount is negative" if amount[0] == "-" else "amount is above 1,000,000,000,000,000").rows == 2


def test_a_quota_that_no_sum_can_hold_is_refused(tmp_path):
    quotas = "rep_id,start_date,end_date,amount\nr1,2026-01-01,2026-03-31,1e308\nr2,2026-01-01,2026-03-31,100\n"
    book = opened(tmp_path, book=BOOK + "  quotas: {file: q.csv}\n", q_csv=quotas)
    assert [row["reason"] for row in refused(book)] == ["amount is above 1,000,000,000,000,000"]


def test_the_largest_amount_that_there_is_counts(tmp_path):
    assert (
        st.measure(opened(tmp_path, with_row("o6", "r1", "1e15", "2026-01-05", "2026-02-01", "Won")), "bookings").value()
        == 1e15 + 180
    )


@pytest.mark.parametrize("day", ["date '5877642-06-24'", "'infinity'::timestamp", "timestamp '290000-01-01'"])
def test_one_typed_day_beyond_all_costs_its_row_where_it_is_needed(tmp_path, day):
    kind = "date" if day.startswith("date") else "timestamp"
    parquet(tmp_path, day=f"case when i = 3 then {day} else {kind} '2026-01-05' end")
    book = opened(tmp_path, book=PARQUET)
    assert [row["row"] for row in refused(book)] == [4]
    assert set(rows(book, "opportunities", "close_date")) == {(date(2026, 1, 5),)}


def damaged(folder, column, group):
    """Write a table of pages and turn some bytes of one."""
    parquet(folder, amount="i % 1009 + 0.5", day="date '2026-01-01' + (i % 50)::int", n=6144, options=", row_group_size 2048")
    found = f"select data_page_offset, total_compressed_size from parquet_metadata('{folder}/deals.parquet')"
    ((start, size),) = duckdb.sql(f"{found} where path_in_schema = '{column}' and row_group_id = {group}").fetchall()
    content = bytearray((folder / "deals.parquet").read_bytes())
    for at in range(start + size // 2, start + size // 2 + 20):
        content[at] ^= 0xFF
    (folder / "deals.parquet").write_bytes(bytes(content))


@pytest.mark.parametrize(("column", "group", "row"), [("amount", 1, "2,049"), ("opportunity_id", 2, "4,097")])
def test_a_damaged_page_is_told_with_its_column_and_row(tmp_path, column, group, row):
    damaged(tmp_path, column, group)
    told = rf"the column '{column}' of deals\.parquet cannot be read from about row {row} on: the file is damaged"
    with pytest.raises(BookError, match=told):
        opened(tmp_path, book=PARQUET)


def test_so_it_is_where_a_first_book_is_asked_for(tmp_path):
    damaged(tmp_path, "stage", 1)
    with pytest.raises(BookError, match=r"the column 'stage' of deals\.parquet cannot be read"):
        new_book(tmp_path)


@pytest.mark.parametrize("sql", ["cast(amount as double) * 2", "amount::decimal(8, 2)", "if(amount = 'much', error('no'), 1)"])
def test_an_expression_that_fails_is_told_with_its_row_and_value(tmp_path, sql):
    content = text_of([*ROWS, ("o6", "r1", "much", "2026-01-01", "", "Talking")])
    book = BOOK.replace("deals.csv}", f'deals.csv, columns: {{amount: {{expression: "{sql}"}}}}}}')
    with pytest.raises(BookError, match=r"columns\.amount: the expression .* fails in row 6 of deals\.csv, where amount is 'much'"):
        opened(tmp_path, content, book)
