"""In every table: a value that a row may lack and that cannot be used is missing and told; one that it needs refuses the row."""

import pytest

from salestrack.tables import CONTRACTS
from tests.sources.exports import BOOK, HEADER, opened, refused, text_of, ties

DAY = "2026-01-05"
GOOD = {"key": "k", "text": "t", "date": DAY, "timestamp": f"{DAY} 10:00", "number": "3", "share": "0.5"}
UNUSABLE = {
    "date": ("soon", "0217-02-03", "2026-02-30"),
    "timestamp": ("at noon", "9999-12-31 00:00"),
    "number": ("many", "inf", "1e999"),
    "share": ("1000", "-0.1", "likely"),
}
FIXED = {"stage": "Talking", "category": "admin", "currency": "EUR"}


def unusable(table):
    """Every column of a table with every kind of value that cannot be used in it."""
    columns = CONTRACTS[table].columns
    negative = [(each, "-5") for each in columns if each.minimum == 0]
    return [(each, text) for each in columns for text in UNUSABLE.get(each.kind, ())] + negative


def exported(table):
    """Rows with one such value each, after enough good ones."""
    contract, found = CONTRACTS[table], []
    for number, (column, text) in enumerate([(None, "")] * 100 + unusable(table)):
        row = {each.name: FIXED.get(each.name, GOOD[each.kind]) for each in contract.columns} | {contract.key[0]: f"k{number}"}
        found.append(row | ({column.name: text} if column else {}))
    return text_of([tuple(row[name] for name in contract.names) for row in found], contract.names)


@pytest.mark.parametrize("table", [each for each in CONTRACTS if unusable(each)])
def test_it_costs_the_row_only_where_the_row_needs_it(tmp_path, table):
    if table == "opportunities":
        book = opened(tmp_path, exported(table))
    else:
        one = text_of([("o1", "", "", DAY, "", "Talking")], HEADER)
        book = opened(tmp_path, one, BOOK + f"  {table}: {{file: t.csv}}\n", **{"t.csv": exported(table)})
    bad = unusable(table)
    assert [row["row"] for row in refused(book)] == [101 + place for place, (column, _) in enumerate(bad) if column.required]
    assert ties(book)
    for column in dict.fromkeys(column for column, _ in bad):
        texts = [text for each, text in bad if each == column]
        told = [each for each in book.faults if each.problem.startswith((f"{column.name} is not", f"{column.name} is negative"))]
        assert (sum(each.rows for each in told), {each.refused for each in told}) == (len(texts), {column.required})
        assert all(text in " ".join(example for each in told for example in each.examples) for text in texts)
        if not column.required:
            missing = book.table(table)[column.name].isnull().sum().to_pyarrow().as_py()
            assert missing == len(texts)
