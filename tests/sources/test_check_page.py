"""The printed page: what an analyst can act on, complete and without markup from the data."""

import io

import pytest
from rich.console import Console

from salestrack.check import check_page
from tests.sources.exports import BOOK, opened, with_row


def page(book, width=120):
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(check_page(book))
    return out.getvalue()


@pytest.fixture(scope="session")
def printed(tmp_path_factory):
    content = with_row("o9", "[bold]r[/bold]", "100", "2026-01-01", "", "Verbal yes")
    # Exported a month later: what closed in between was open on the day.
    book = BOOK + "exported_on: 2026-03-31\n"
    return page(opened(tmp_path_factory.mktemp("page"), content, book, as_of="2026-02-28"))


def line(text, start):
    return " ".join(next(each for each in text.splitlines() if each.startswith(start)).split())


def test_rows_tie(printed):
    # o2 closes in March and so is open on the day; nothing is later.
    assert line(printed, "opportunities  deals.csv") == "opportunities deals.csv 6 5 1 0"
    assert "rows in = used + refused + later" in printed


def test_a_refusal_shows_count_example_and_advice(printed):
    assert line(printed, "- opportunities: stage") == "- opportunities: stage is not one of the book's stages (1 row)"
    assert "o9 (Verbal yes)" in printed
    assert "Add it to stages: in the book file" in printed
    assert "1 of 6 rows are refused and kept with their reasons in book.refused." in printed


def test_days_covered_count_closed_days_only(printed):
    assert line(printed, "opportunities created") == "opportunities created 2026-01-05 2026-02-03 5"
    assert line(printed, "opportunities closed") == "opportunities closed 2026-02-01 2026-02-20 2"


def test_what_is_switched_off_says_why_and_what_it_would_give(printed):
    assert line(printed, "quotas") == "quotas no file mapped quota attainment, share of reps at quota"


def test_markup_in_names_is_printed_as_it_is(tmp_path):
    book = opened(
        tmp_path, with_row("[red]o9[/red]", "r1", "x", "2026-01-01", "", "Talking"), BOOK.replace("Acme", '"[b]Acme[/b]"')
    )
    assert "[red]o9[/red] (x)" in page(book)
    assert "[b]Acme[/b], read as of 2026-03-31" in page(book)


def test_a_clean_book_says_so(tmp_path):
    assert "All 5 rows can be used." in page(opened(tmp_path))


def test_a_narrow_terminal_keeps_all_numbers(tmp_path):
    assert "2026-01-05" in page(opened(tmp_path), width=60)
