"""What stands above the header of an export is found, left out and told; a header is never taken for it, nor a row lost."""

import pytest

from salestrack.errors import BookError
from salestrack.sources import new_book
from salestrack.sources.header import delimiter_of, rows_before_header
from tests.sources.exports import BOOK, HEADER, ROWS, fault, opened, refused, rows, text_of, ties, with_row

ABOVE = {
    "a separator": ("sep=;\n", ";"),
    "a separator in quotes": ('"sep=;"\r\n', ";"),
    "a separator that is a comma": ("SEP=,\n", ","),
    "a separator of its own": ("sep=~\n", "~"),
    "a title": ("All deals of 2026\n", ","),
    "a title filled up": ("All deals of 2026;;;;;\n", ";"),
    "a title with a comma": ("Deals, all of 2026\n\n", ";"),
    "what it was filtered by": ("Pipeline report\nFrom:;2026-01-01\nTo:;2026-03-31\nBy:;Ann, Bo\n\n", ";"),
    "a separator and a title": ("sep=|\nAll deals\n", "|"),
    "a byte order mark": ("\ufeffsep=;\n", ";"),
    "a quoted title of two lines": ('"All deals\nof 2026"\n', ","),
}


@pytest.mark.parametrize(("above", "delimiter"), ABOVE.values(), ids=ABOVE)
def test_it_is_left_out_and_told(tmp_path, above, delimiter):
    table = text_of([*ROWS, ("o9", "r1", "5", "2026-01-05", "", "Nowhere")], delimiter=delimiter)
    book = opened(tmp_path, (above + table).encode("utf-8" if above.startswith("\ufeff") else "utf-16"))
    assert rows(book, "opportunities", "opportunity_id", "amount") == [(row[0], float(row[2]) if row[2] else None) for row in ROWS]
    assert [(row["row"], row["reason"]) for row in refused(book)] == [(6, "stage is not one of the book's stages")]
    told = fault(book, "before the header")
    assert above.strip("\ufeff").split("\n")[0].strip('\r";') in told.problem
    assert "left out" in told.problem
    assert ties(book)


NOT_ABOVE = {
    "a plain table": text_of(ROWS),
    "columns without a name": text_of([(*row, "x", "y", "z", "w") for row in ROWS], (*HEADER, "", "", "", "")),
    "one row": text_of(ROWS[:1]),
    "no rows": text_of([]),
    "rows that end with a comma": text_of(ROWS).replace("\n", ",\n").replace("stage,", "stage", 1),
}


@pytest.mark.parametrize("content", NOT_ABOVE.values(), ids=NOT_ABOVE)
def test_a_header_is_never_left_out(content):
    delimiter = delimiter_of(content)
    assert (delimiter, rows_before_header(content, delimiter)) == (",", 0)


def test_a_ragged_row_below_a_title_keeps_its_number(tmp_path):
    book = opened(tmp_path, "All deals\n\n" + with_row("short", "row"))
    assert [(row["row"], row["reason"]) for row in refused(book)] == [(6, "the row has fewer fields than the header")]


@pytest.mark.parametrize(("said", "told"), [(0, "do not have the 1 fields of the header"), (2, "The source has o1, r1")])
def test_what_the_book_file_says_holds(tmp_path, said, told):
    book = BOOK.replace("deals.csv}", f"deals.csv, rows_before_header: {said}}}")
    with pytest.raises(BookError, match=told):
        opened(tmp_path, "All deals\n" + text_of(ROWS), book)


def test_a_first_book_is_written_for_what_is_below(tmp_path):
    (tmp_path / "deals.csv").write_text("sep=;\nAll deals\n" + text_of(ROWS, delimiter=";"), encoding="utf-8")
    assert "stage: stage" in new_book(tmp_path)
