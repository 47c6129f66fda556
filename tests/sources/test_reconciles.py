"""Whatever the rows are: rows in = used + refused + later, and the used ones are those that a plain reading of the rules keeps."""

import csv
import io
import sys
import unicodedata
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sources.exports import BOOK, HEADER, opened, refused, text_of, ties

AS_OF = date(2026, 3, 31)
OUTCOMES = {"Talking": "open", "Won": "won", "Lost": "lost"}
# Enough clean rows, so that a few bad values are bad rows and no question about the whole column.
CLEAN = [(f"c{i}", "r1", "10", "2026-01-01", "2026-02-01", ["Won", "Lost", "Talking"][i % 3]) for i in range(400)]
# Opening a book takes half a second however many rows and files it has: fewer books of more of them hold as many cases.
FEWER_BOOKS = settings(max_examples=settings().max_examples // 4)

days = st.sampled_from(["", "2025-12-30", "2026-02-01", "2026-03-31", "2026-04-01", "2026-05-05T23:59:59", "soon", "2026-02-30"])
names = st.one_of(st.sampled_from(["", "r1", " r2 "]), st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8))
a_row = st.tuples(
    st.sampled_from(["", "k1", "k2", " k1", "k3", "c7"]),
    names,
    st.sampled_from(["", "10", "0", "-1", "2.50", "EUR 3", "some", "1e2"]),
    days,
    days,
    st.sampled_from(["Talking", "Won", "Lost", "Demo", ""]),
)


def day_of(text):
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def usable(row, until=date.max):
    key, _, _, created, closed, stage = row
    if not key.strip() or stage not in OUTCOMES:
        return False
    first, last = day_of(created), day_of(closed)
    if OUTCOMES[stage] != "open" and (not last or last > until):
        return False
    return not (first and last and last < first)


def kept_of(rows, until=date.max):
    kept = {}
    for row in rows:
        if usable(row, until):
            kept.setdefault(row[0].strip(), row)
    return kept


def expected(rows):
    """Return the keys that are used, and how many rows are refused and later, by plain Python over the rows."""
    # Where nothing was created after the day of the book, the export is of that day, and nothing can have closed after it.
    is_later = any((day_of(row[3]) or AS_OF) > AS_OF for row in kept_of(rows).values())
    kept = kept_of(rows, date.max if is_later else AS_OF)
    refused_rows = len(rows) - len(kept)
    used = {key for key, row in kept.items() if (day_of(row[3]) or AS_OF) <= AS_OF}
    return used, refused_rows, len(kept) - len(used)


@settings(FEWER_BOOKS, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.integers(0, len(CLEAN)), a_row), max_size=20))
def test_every_row_is_used_refused_or_later(tmp_path, rows):
    every = list(CLEAN)
    for at, row in rows:
        every.insert(at, row)
    book = opened(tmp_path, text_of(every), as_of=AS_OF.isoformat())
    intake = book.intake["opportunities"]
    used, refused_rows, later = expected(every)
    assert ties(book)
    assert (intake.rows, intake.used, intake.refused, intake.later) == (len(every), len(used), refused_rows, later)
    keys = book.table("opportunities").opportunity_id.name("key").as_table().to_pyarrow().to_pydict()["key"]
    assert set(keys) == used
    assert len(refused(book)) == refused_rows


# Spaces of any width around a value are not part of it; tabs and line breaks are.
SPACES = "".join(each for each in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(each) == "Zs")
cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
a_file = st.tuples(
    st.lists(cells, min_size=1, max_size=8), st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n", "\r"])
)


@FEWER_BOOKS
@given(st.lists(a_file, min_size=1, max_size=7))
def test_any_text_survives_any_way_of_writing_csv(files):
    """Each file of a table is read by itself: how it is written is found out from its own text."""
    content, expected = {}, {}
    for number, (values, delimiter, end) in enumerate(files):
        told = {f"k{number}{i}": value for i, value in enumerate(values)}
        rows = [(key, value, "1", "2026-01-01", "", "Talking") for key, value in told.items()]
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([HEADER, *rows])
        content[f"deals_{number}.csv"] = text.getvalue().encode()
        expected |= {key: value.strip(SPACES) or None for key, value in told.items()}
    with TemporaryDirectory() as folder:
        book = opened(Path(folder), b"", BOOK.replace("deals.csv", "deals_*.csv"), AS_OF.isoformat(), **content)
    assert book.intake["opportunities"].used == len(expected)
    found = book.table("opportunities").select("opportunity_id", "rep_id").to_pyarrow().to_pylist()
    assert {row["opportunity_id"]: row["rep_id"] for row in found} == expected
