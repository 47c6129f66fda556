"""Where one reason would leave next to nothing, the book file is wrong and not the rows: it is asked, with what the rows say."""

import pytest

from salestrack.errors import BookError
from tests.sources.exports import BOOK, HEADER, ROWS, fault, opened, refused, text_of

MANY = [(f"o{i}", "r1", "10", "2026-01-05", "2026-02-01", ["Won", "Lost"][i % 2]) for i in range(20)]


def with_currency(*codes):
    return text_of([(*row, codes[min(i, len(codes) - 1)]) for i, row in enumerate(MANY)], (*HEADER, "currency"))


SAID = {
    "another currency": (with_currency("EUR", "USD"), r"opportunities\.currency: 19 of 20 rows would be refused, .*'USD' \(19\)"),
    "one key": (
        text_of([("o1", *row[1:]) for row in MANY]),
        "opportunities: 19 of 20 rows would be refused, because an earlier row",
    ),
    "stages of another process": (
        text_of([(*row[:5], "Gewonnen" if i else "Won") for i, row in enumerate(MANY)]),
        r"opportunities\.stage: 19 of 20 rows would be refused, .*'Gewonnen' \(19\)",
    ),
    "days the wrong way round": (
        text_of([(*row[:3], *(row[4:2:-1] if i else row[3:5]), row[5]) for i, row in enumerate(MANY)]),
        "opportunities: 19 of 20 rows would be refused, because close_date is before created_date",
    ),
    "no day of the close": (
        text_of([(*row[:4], "" if i else row[4], row[5]) for i, row in enumerate(MANY)]),
        r"opportunities\.close_date: 19 of 20 rows would be refused",
    ),
    "costs in place of amounts": (
        text_of([(*row[:2], "-10" if i else "10", *row[3:]) for i, row in enumerate(MANY)]),
        r"opportunities\.amount: 19 of 20 values could not be used, because amount is negative",
    ),
}


@pytest.mark.parametrize(("content", "told"), SAID.values(), ids=SAID)
def test_one_reason_for_nearly_all_is_asked(tmp_path, content, told):
    with pytest.raises(BookError, match=told):
        opened(tmp_path, content)


def test_so_it_is_of_any_table(tmp_path):
    activities = (
        "activity_id,rep_id,started_at,category\n"
        + "".join(f"a{i},r1,2026-01-05,golf\n" for i in range(9))
        + "b,r1,2026-01-05,admin\n"
    )
    with pytest.raises(BookError, match=r"activities\.category: 9 of 10 rows would be refused, .*they say 'golf' \(9\)"):
        opened(tmp_path, book=BOOK + "  activities: {file: acts.csv}\n", acts_csv=activities)


@pytest.mark.parametrize("foreign", [3, 15])
def test_less_is_refused_rows(tmp_path, foreign):
    book = opened(tmp_path, with_currency(*["USD"] * foreign, "EUR"))
    assert (fault(book, "currency is not EUR").rows, len(refused(book))) == (foreign, foreign)


def test_so_is_nearly_all_of_a_handful(tmp_path):
    book = opened(tmp_path, text_of([ROWS[0], *((f"x{i}", *ROWS[0][1:5], "Demo") for i in range(3))]))
    assert book.intake["opportunities"].refused == 3
