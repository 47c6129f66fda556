"""A territory, a segment or a source that a row does not have is that of the rep, the account or the lead it links to."""

import ibis
import pandas as pd
import pytest

from tests.small_book import book_of, typed

CASES = [
    ("opportunities", "segment", "account_id", "accounts"),
    ("opportunities", "territory_id", "rep_id", "reps"),
    ("opportunities", "source", "lead_id", "leads"),
    ("leads", "territory_id", "rep_id", "reps"),
    ("accounts", "territory_id", "rep_id", "reps"),
]
ROW = {
    "opportunities": {"opportunity_id": "x", "stage": "Discovery", "created_date": "2026-01-05"},
    "leads": {"lead_id": "x", "created_at": "2026-01-05"},
    "accounts": {"account_id": "x", "name": "X"},
    "reps": {"rep_id": "x", "name": "X"},
    "territories": {"territory_id": "T1", "name": "East"},
}


@pytest.mark.parametrize(("table", "column", "link", "parent"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_what_is_missing_is_that_of_the_parent_and_what_is_there_stays(table, column, link, parent):
    key = f"{table[:-1]}_id" if table != "opportunities" else "opportunity_id"
    parent_key = f"{parent[:-1]}_id"
    own = pd.DataFrame([ROW[table] | {key: name, link: to, column: value} for name, to, value in (
        ("inherits", "parent", None), ("keeps", "parent", "T2"), ("nobody", None, None), ("unknown", "nowhere", None),
    )])  # fmt: skip
    tables = {name: pd.DataFrame([row]) for name, row in ROW.items()}
    tables |= {parent: pd.DataFrame([ROW[parent] | {parent_key: "parent", column: "T1"}]), table: own}
    book = book_of(ibis.duckdb.connect(), {name: typed(name, frame) for name, frame in tables.items()})
    found = book.fetch(book.table(table)).set_index(key)[column]
    assert found["inherits"] == "T1"
    assert found["keeps"] == "T2"
    assert found[["nobody", "unknown"]].isna().all()
