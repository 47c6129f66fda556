"""Files that are not what they should be: each is told in words that say what to do, and no row is lost."""

import csv
import gzip
import io
import json
from contextlib import contextmanager

import pytest

from salestrack.errors import BookError
from salestrack.sources import files, open_book
from tests.sources.exports import AS_OF, BOOK, HEADER, ROWS, fault, opened, refused, rows, text_of, ties, with_row, write


def test_the_clean_export_opens_with_all_its_rows(tmp_path):
    book = opened(tmp_path)
    assert rows(book, "opportunities", "opportunity_id", "amount", "status") == [
        ("o1", 100.0, "won"),
        ("o2", 250.5, "lost"),
        ("o3", None, "open"),
        ("o4", 80.0, "won"),
        ("o5", 60.0, "open"),
    ]
    assert (book.intake["opportunities"].rows, book.intake["opportunities"].refused) == (5, 0)


def test_an_empty_file_is_told(tmp_path):
    with pytest.raises(BookError, match=r"tables\.opportunities: deals\.csv is empty.*Export it again"):
        opened(tmp_path, "")


def test_a_file_of_blank_lines_is_empty(tmp_path):
    with pytest.raises(BookError, match="is empty"):
        opened(tmp_path, "\ufeff\n\n  \n")


def test_opportunities_with_a_header_only_cannot_be_opened(tmp_path):
    with pytest.raises(BookError, match="has a header and no rows; there is nothing to measure"):
        opened(tmp_path, text_of([]))


def test_another_table_with_a_header_only_is_a_fault(tmp_path):
    book = opened(tmp_path, book=BOOK + "  reps: {file: reps.csv}\n", reps_csv="rep_id,name\n")
    assert book.intake["reps"].rows == 0
    assert fault(book, "reps.csv has a header and no rows").table == "reps"


@pytest.mark.parametrize(("delimiter", "word"), [(";", "semicolon"), ("\t", "tab"), ("|", "pipe")])
def test_another_delimiter_is_found_and_told(tmp_path, delimiter, word):
    book = opened(tmp_path, text_of(ROWS, delimiter=delimiter))
    assert book.intake["opportunities"].used == 5
    assert word in fault(book, "is read with the delimiter").problem


def test_a_wrong_delimiter_in_the_book_file_is_told_with_the_right_one(tmp_path):
    wrong = BOOK.replace("{file: deals.csv}", '{file: deals.csv, delimiter: ","}')
    with pytest.raises(BookError, match=r"is one column, 'opportunity_id;rep_id.*Say delimiter: ';'"):
        opened(tmp_path, text_of(ROWS, delimiter=";"), wrong)


def test_a_comma_in_a_header_does_not_mislead_the_delimiter(tmp_path):
    header = (*HEADER[:5], "stage", "Name, long")
    book = opened(tmp_path, text_of([(*row, "x, y") for row in ROWS], header, ";"))
    assert book.intake["opportunities"].used == 5


def test_a_byte_order_mark_stars_and_spaces_are_no_part_of_a_header(tmp_path):
    header = "\ufeffOpportunity_ID , Rep_ID,Amount*,created_date,close_date,STAGE\n"
    book = opened(tmp_path, (header + text_of(ROWS).split("\n", 1)[1]).encode())
    assert book.intake["opportunities"].used == 5


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read(tmp_path, encoding):
    book = opened(tmp_path, text_of([*ROWS, ("o6", "김철수", "1", "2026-03-01", "", "Talking")]).encode(encoding))
    assert ("o6", "김철수") in rows(book, "opportunities", "opportunity_id", "rep_id")
    assert "utf" in fault(book, "read as").problem


@pytest.mark.parametrize(("name", "encoding"), [("Müller", "latin-1"), ("Jürgen Weiß", "cp1252"), ("Łódź Świat", "cp1250")])
def test_another_encoding_that_is_certain_is_read_and_told(tmp_path, name, encoding):
    book = opened(tmp_path, text_of([*ROWS, ("o6", name, "1", "2026-03-01", "", "Talking")]).encode(encoding))
    assert ("o6", name) in rows(book, "opportunities", "opportunity_id", "rep_id")
    assert "is not UTF-8; it is read as" in fault(book, "not UTF-8").problem


@pytest.mark.parametrize(("name", "encoding"), [("Compañía Española", "cp1252"), ("김철수", "cp949")])
def test_an_encoding_that_is_not_certain_is_asked_for(tmp_path, name, encoding):
    content = text_of([*ROWS, ("o6", name, "1", "2026-03-01", "", "Talking")]).encode(encoding)
    with pytest.raises(BookError) as raised:
        opened(tmp_path, content)
    message = str(raised.value)
    assert "is not UTF-8. Save it as UTF-8, or say its encoding" in message
    assert name in message
    assert f"(encoding: {encoding})" in message
    stated = BOOK.replace("{file: deals.csv}", f"{{file: deals.csv, encoding: {encoding}}}")
    assert ("o6", name) in rows(opened(tmp_path, content, stated), "opportunities", "opportunity_id", "rep_id")


def test_an_encoding_that_does_not_exist_is_told(tmp_path):
    with pytest.raises(BookError, match=r"there is no encoding 'cp1253x'\. Did you mean"):
        opened(tmp_path, book=BOOK.replace("{file: deals.csv}", "{file: deals.csv, encoding: cp1253x}"))


def test_an_encoding_that_does_not_fit_is_told(tmp_path):
    content = text_of([*ROWS, ("o6", "Müller", "1", "2026-03-01", "", "Talking")]).encode("latin-1")
    with pytest.raises(BookError, match="is not written in utf-8"):
        opened(tmp_path, content, BOOK.replace("{file: deals.csv}", "{file: deals.csv, encoding: utf-8}"))


def test_ten_megabytes_of_one_line_are_told_after_the_first(tmp_path, monkeypatch):
    path = write(tmp_path, b"x" * 10_000_000)
    read = []
    open_file = files.opened

    @contextmanager
    def watched(path):
        with open_file(path) as stream:
            yield stream
            read.append(stream.tell())

    monkeypatch.setattr(files, "opened", watched)
    with pytest.raises(BookError, match=r"has no line break in its first 1,048,576 bytes"):
        open_book(path, as_of=AS_OF)
    assert 0 < sum(read) <= 2 * 1_048_576


def test_one_endless_row_is_refused_and_the_others_stay(tmp_path):
    book = opened(tmp_path, text_of([*ROWS[:2], ("o9", "x" * 10_000_000, "1", "2026-01-01", "", "Talking"), *ROWS[2:]]))
    assert (book.intake["opportunities"].rows, book.intake["opportunities"].used) == (6, 5)
    assert refused(book)[0]["reason"] == "the row is longer than 2,000,000 characters"
    assert refused(book)[0]["row"] == 3


def test_ragged_rows_are_refused_with_their_text_and_their_row_number(tmp_path):
    lines = text_of([*ROWS, ("o6", "r1", "5", "2026-03-01", "", "Talking")]).splitlines()
    lines.insert(2, "short,row")
    lines.insert(5, "o8,r1,1,2026-01-01,,Talking,too,many")
    lines.append("o10,r1,5,2026-01-01,,Nowhere")
    book = opened(tmp_path, "\n".join(lines) + "\n")
    assert (book.intake["opportunities"].rows, book.intake["opportunities"].used) == (9, 6)
    told = [(row["row"], row["reason"], json.loads(row["record"])) for row in refused(book)]
    assert told[0] == (2, "the row has fewer fields than the header", {"line": "short,row"})
    assert told[1][:2] == (5, "the row has more fields than the header")
    # Row numbers after ragged rows are those of the file.
    assert told[2][:2] == (9, "stage is not one of the book's stages")
    assert told[2][2]["opportunity_id"] == "o10"


def test_mostly_ragged_rows_are_a_question(tmp_path):
    with pytest.raises(BookError, match="5 of 5 rows do not have the 6 fields of the header"):
        opened(tmp_path, ",".join(HEADER) + "\n" + "a,b,c\n" * 5)


@pytest.mark.parametrize("after", [3, 200_000])
def test_a_quote_that_never_closes_is_told_because_it_swallows_rows(tmp_path, after):
    body = "".join(f"x{i},r1,1,2026-01-01,,Talking\n" for i in range(after))
    with pytest.raises(BookError, match=r'a quote \("\) is opened and not closed, so rows cannot be told apart'):
        opened(tmp_path, text_of(ROWS) + 'o6,"r1,1,2026-01-01,,Talking\n' + body)


def test_a_quote_inside_a_field_refuses_that_row_only(tmp_path):
    book = opened(tmp_path, text_of(ROWS) + 'o6,"r"1,1,2026-01-01,,Talking\no7,r1,1,2026-01-01,,Talking\n')
    assert (book.intake["opportunities"].rows, book.intake["opportunities"].used) == (7, 6)
    assert refused(book)[0]["reason"] == "a quote inside a field is not doubled"


@pytest.mark.parametrize("ends", [("\r\n", "\n"), ("\n", "\r\n"), ("\r", "\n")])
def test_mixed_line_ends_are_read_and_told(tmp_path, ends):
    lines = text_of(ROWS).splitlines()
    content = "".join(line + ends[number % 2] for number, line in enumerate(lines))
    book = opened(tmp_path, content.encode())
    assert book.intake["opportunities"].used == 5
    assert fault(book, "mixes line ends")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_names_with_quotes_commas_line_breaks_markup_and_korean_stay_as_they_are(tmp_path, end):
    names = [
        'Miller, "Sons" & Co',
        "<script>alert('x')</script>",
        "one\ntwo\n\nthree",
        "김철수; 삼성|전자",
        "O'Brien\t-- tab",
        "{{ 7*7 }}",
    ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([HEADER, *((f"n{i}", name, "1", "2026-01-01", "", "Talking") for i, name in enumerate(names))])
    book = opened(tmp_path, text.getvalue().encode())
    assert rows(book, "opportunities", "opportunity_id", "rep_id") == [(f"n{i}", name) for i, name in enumerate(names)]


def test_a_packed_file_is_read(tmp_path):
    book = opened(
        tmp_path, book=BOOK.replace("deals.csv", "deals.csv.gz"), **{"deals.csv.gz": gzip.compress(text_of(ROWS).encode())}
    )
    assert book.intake["opportunities"].used == 5


def test_a_file_that_only_claims_to_be_packed_is_told(tmp_path):
    with pytest.raises(BookError, match=r"deals\.csv\.gz cannot be read"):
        opened(tmp_path, book=BOOK.replace("deals.csv", "deals.csv.gz"), **{"deals.csv.gz": b"no gzip"})


def test_a_workbook_is_told_to_be_saved_as_csv(tmp_path):
    with pytest.raises(BookError, match=r"deals\.xlsx is not a kind of file that is read\. Save the sheet as CSV"):
        opened(tmp_path, book=BOOK.replace("deals.csv", "deals.xlsx"), **{"deals.xlsx": b"PK"})


def test_a_missing_file_is_told_with_the_nearest_name(tmp_path):
    with pytest.raises(BookError, match=r"file not found: deal\.csv in .*Did you mean 'deals\.csv'"):
        opened(tmp_path, book=BOOK.replace("deals.csv", "deal.csv"))


def test_a_file_may_lie_elsewhere(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "near").mkdir()
    (tmp_path / "far" / "deals_1.csv").write_text(text_of(ROWS), encoding="utf-8")
    for number, pattern in enumerate((f"{tmp_path}/far/deals_*.csv", f"{tmp_path}/far/deals_1.csv", "../far/deals_*.csv")):
        book = opened(tmp_path / "near", book=BOOK.replace("deals.csv", pattern))
        assert book.intake["opportunities"].used == 5, number


@pytest.mark.parametrize("rows", [0, 1])
def test_a_last_line_without_an_end_is_a_line(tmp_path, rows):
    more = BOOK + "  reps: {file: reps.csv}\n"
    book = opened(tmp_path, book=more, reps_csv="\n".join(["rep_id,name", "r1,Ann"][: rows + 1]))
    assert book.intake["reps"].used == rows


def test_several_files_of_one_table_are_read_together_in_any_column_order(tmp_path):
    turned = text_of([tuple(reversed(row)) for row in ROWS[3:]], tuple(reversed(HEADER)))
    book = opened(tmp_path, text_of(ROWS[:3]), BOOK.replace("deals.csv", "deals*.csv"), **{"deals_2.csv": turned})
    assert book.intake["opportunities"].source == "deals.csv, deals_2.csv"
    assert [row[0] for row in rows(book, "opportunities", "opportunity_id", "stage")] == ["o1", "o2", "o3", "o4", "o5"]
    assert ("o5", "Talking") in rows(book, "opportunities", "opportunity_id", "stage")


def test_several_files_with_different_columns_are_told(tmp_path):
    with pytest.raises(BookError, match=r"deals\.csv and deals_2\.csv differ in the columns extra"):
        opened(tmp_path, book=BOOK.replace("deals.csv", "deals*.csv"), **{"deals_2.csv": text_of([], (*HEADER, "extra"))})


def test_two_columns_of_one_name_are_kept_apart(tmp_path):
    header = (*HEADER, "Stage")
    book = opened(tmp_path, text_of([(*row, "other") for row in ROWS], header))
    assert book.intake["opportunities"].used == 5
    assert "Stage (2)" in fault(book, "nothing uses").examples


def test_every_line_of_a_large_file_with_quoted_line_breaks_is_accounted_for(tmp_path):
    # Larger than one block of the parallel reader, with ragged rows anywhere; Python's csv module counts independently.
    lines = [text_of([])]
    for i in range(60_000):
        if i % 997 == 0:
            lines.append(f"k{i},too,short\n")
        elif i % 3 == 0:
            lines.append(f'k{i},"r ""{i}""\nsecond, line\n\n{"z" * (i % 900)}",1,2026-01-01,,Talking\n')
        else:
            lines.append(f"k{i},r1,1,2026-01-01,,{'x' if i % 1009 == 0 else 'Talking'}\n")
    content = "".join(lines)
    expected = list(csv.reader(io.StringIO(content, newline="")))[1:]
    book = opened(tmp_path, content)
    good = [row for row in expected if len(row) == 6 and row[5] != "x"]
    assert book.intake["opportunities"].rows == len(expected)
    assert book.intake["opportunities"].used == len(good)
    bad_rows = [number for number, row in enumerate(expected, start=1) if len(row) != 6 or row[5] == "x"]
    assert [row["row"] for row in refused(book)] == bad_rows
    keys = book.table("opportunities").opportunity_id.name("key").as_table().to_pyarrow().to_pydict()["key"]
    assert sorted(keys) == sorted(row[0] for row in good)
    assert ties(book)


def test_a_row_of_only_commas_is_a_row_that_misses_everything(tmp_path):
    book = opened(tmp_path, with_row("", "", "", "", "", ""))
    assert (book.intake["opportunities"].rows, book.intake["opportunities"].refused) == (6, 1)
    assert refused(book)[0]["reason"] == "opportunity_id is missing; stage is missing"
