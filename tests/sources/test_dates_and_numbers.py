"""Dates and numbers: ISO and plain ones are read, anything else only as stated; what may be read in two ways is asked."""

from datetime import date, datetime

import pytest

from salestrack.errors import BookError
from tests.sources.exports import BOOK, HEADER, ROWS, fault, opened, rows, text_of

CREATED, AMOUNT = 3, 2


def with_column(position, values):
    """Return the clean export with other values in one column, as many rows as there are values."""
    made = [list(ROWS[2]) for _ in values]
    for number, (row, value) in enumerate(zip(made, values, strict=True)):
        row[0], row[position] = f"o{number:03d}", value
    return text_of(made)


def with_how(column, how):
    return BOOK.replace("deals.csv}", f"deals.csv, columns: {{{column}: {{column: {column}, {how}}}}}}}")


def question(folder, content, book=BOOK):
    with pytest.raises(BookError) as raised:
        opened(folder, content, book)
    (asked,) = raised.value.faults
    return asked


def test_dates_that_may_be_read_in_two_ways_are_asked(tmp_path):
    assert question(tmp_path, with_column(CREATED, ["03/04/2017", "05/06/2017", "07/07/2017"])) == (
        'opportunities.created_date: \'03/04/2017\' may be 3 April 2017 ("%d/%m/%Y") or 4 March 2017 ("%m/%d/%Y").'
        ' Say which: date_format: "..."'
    )


@pytest.mark.parametrize(
    ("values", "proof", "date_format"),
    [
        (["03/04/2017", "13/04/2017"], "13/04/2017", "%d/%m/%Y"),
        (["03/04/2017", "04/13/2017"], "04/13/2017", "%m/%d/%Y"),
        (["3-4-17", "4-13-17"], "4-13-17", "%m-%d-%y"),
    ],
)
def test_even_where_other_values_prove_the_order_it_is_asked(tmp_path, values, proof, date_format):
    asked = question(tmp_path, with_column(CREATED, values))
    assert f"other values such as '{proof}' prove the order" in asked
    assert f'Say so: date_format: "{date_format}"' in asked
    book = opened(
        tmp_path, with_column(CREATED, values), with_how("created_date", f'date_format: "{date_format}"'), as_of="2020-01-01"
    )
    assert [row[1] for row in rows(book, "opportunities", "opportunity_id", "created_date")] == [
        datetime.strptime(value, date_format).date() for value in values
    ]


@pytest.mark.parametrize(
    ("value", "date_format"),
    [
        ("31.12.2016", "%d.%m.%Y"),
        ("20161231", "%Y%m%d"),
        ("31 Dec 2016", "%d %b %Y"),
        ("Dec 31, 2016", "%b %d, %Y"),
        ("12/31/2016 11:59 PM", "%m/%d/%Y %I:%M %p"),
        ("31/12/2016 23:59:00", "%d/%m/%Y %H:%M:%S"),
    ],
)
def test_other_ways_of_writing_a_date_are_recognised_and_asked(tmp_path, value, date_format):
    assert f'Say so: date_format: "{date_format}"' in question(tmp_path, with_column(CREATED, [value]))
    book = opened(tmp_path, with_column(CREATED, [value]), with_how("created_date", f'date_format: "{date_format}"'))
    assert rows(book, "opportunities", "created_date") == [(date(2016, 12, 31),)]


def test_a_column_that_holds_no_dates_is_told(tmp_path):
    assert "opportunities.created_date: '43100' is no date" in question(tmp_path, with_column(CREATED, ["43100", "43101"]))


def test_a_stated_format_that_does_not_fit_is_told_with_how_many_it_reads(tmp_path):
    asked = question(
        tmp_path,
        with_column(CREATED, ["31/12/2016", "2016-12-30", "2016-12-29"]),
        with_how("created_date", 'date_format: "%d/%m/%Y"'),
    )
    assert "date_format %d/%m/%Y reads 1 of 3 values; '2016-12-29' it does not" in asked


def test_two_formats_in_one_column_can_be_stated(tmp_path):
    book = opened(
        tmp_path,
        with_column(CREATED, ["31/12/2016", "2016-12-30", "2016-12-29"]),
        with_how("created_date", 'date_format: ["%d/%m/%Y", "%Y-%m-%d"]'),
    )
    assert [row[0].day for row in rows(book, "opportunities", "created_date")] == [29, 30, 31]


def test_one_odd_date_in_a_column_that_reads_is_one_that_is_not_known(tmp_path):
    book = opened(tmp_path, with_column(CREATED, ["2016-01-01"] * 40 + ["soon"]))
    assert (book.intake["opportunities"].used, fault(book, "created_date is not a date").rows) == (41, 1)


def test_a_tenth_of_the_dates_in_another_order_is_a_question(tmp_path):
    assert "'03/04/2016' may be" in question(tmp_path, with_column(CREATED, ["2016-01-01"] * 36 + ["03/04/2016"] * 4))


ISO = {
    "2026-01-31T23:30:00Z": datetime(2026, 2, 1, 0, 30),
    "2026-01-31T23:30:00.000+0000": datetime(2026, 2, 1, 0, 30),
    "2026-07-01 00:30:00+02:00": datetime(2026, 7, 1, 0, 30),
    "2026-07-01T00:30+09": datetime(2026, 6, 30, 17, 30),
    "2026-07-01T00:30:00-0500": datetime(2026, 7, 1, 7, 30),
    "2026-01-31T23:30:00": datetime(2026, 1, 31, 23, 30),
    "2026-01-31 23:30": datetime(2026, 1, 31, 23, 30),
    "2026-01-31 23:30:15.250": datetime(2026, 1, 31, 23, 30, 15, 250_000),
    "2026-01-31": datetime(2026, 1, 31),
    "2026/01/31": datetime(2026, 1, 31),
}


def test_iso_times_are_read_and_offsets_become_the_time_of_the_book(tmp_path):
    leads = "lead_id,created_at\n" + "".join(f"l{number:02d},{text}\n" for number, text in enumerate(ISO))
    book = opened(tmp_path, book=BOOK + "  leads: {file: l.csv}\ntime_zone: Europe/Berlin\n", as_of="2026-12-31", l_csv=leads)
    assert [at for _, at in rows(book, "leads", "lead_id", "created_at")] == list(ISO.values())


def test_a_date_from_a_time_with_offset_is_the_day_in_the_book_s_time_zone(tmp_path):
    content = with_column(CREATED, ["2026-01-31T23:30:00Z"])
    assert rows(opened(tmp_path, content), "opportunities", "created_date") == [(date(2026, 1, 31),)]
    berlin = opened(tmp_path, content, BOOK + "time_zone: Europe/Berlin\n")
    assert rows(berlin, "opportunities", "created_date") == [(date(2026, 2, 1),)]


def test_a_format_with_an_offset_is_converted(tmp_path):
    book = opened(
        tmp_path,
        with_column(CREATED, ["31/01/2026 23:30 +0000"]),
        with_how("created_date", 'date_format: "%d/%m/%Y %H:%M %z"') + "time_zone: Asia/Seoul\n",
    )
    assert rows(book, "opportunities", "created_date") == [(date(2026, 2, 1),)]


def test_plain_numbers_are_read(tmp_path):
    texts = ["1234.50", "0", "1e3", " 7 ", "EUR 12", "€13.5", "14 €", "+15", ""]
    book = opened(tmp_path, with_column(AMOUNT, texts))
    assert [amount for _, amount in rows(book, "opportunities", "opportunity_id", "amount")] == [
        1234.5,
        0,
        1000,
        7,
        12,
        13.5,
        14,
        15,
        None,
    ]


def test_numbers_with_thousands_signs_are_asked(tmp_path):
    assert question(tmp_path, with_column(AMOUNT, ["1,234", "12,500"])) == (
        'opportunities.amount: \'1,234\' may be 1.234 (decimal: ",") or 1234 (thousands: ","). Say which.'
    )


def test_numbers_that_prove_their_signs_are_asked_too(tmp_path):
    asked = question(tmp_path, with_column(AMOUNT, ["1.234,50", "12,50"]))
    assert 'reads as 1234.50 (decimal: ",", thousands: "."). Say so.' in asked


def test_points_that_may_divide_thousands_are_asked(tmp_path):
    assert question(tmp_path, with_column(AMOUNT, ["1.234", "12.500", "980"])) == (
        'opportunities.amount: \'1.234\' may be 1.234 (decimal: ".") or 1234 (thousands: "."). Say which.'
    )


@pytest.mark.parametrize("values", [["1.234", "12.5"], ["0.125", "0.250"], ["1234.567", "12.500"]])
def test_points_that_other_values_explain_are_not_asked(tmp_path, values):
    book = opened(tmp_path, with_column(AMOUNT, values))
    assert [amount for _, amount in rows(book, "opportunities", "opportunity_id", "amount")] == [float(value) for value in values]


@pytest.mark.parametrize(
    ("how", "values", "numbers"),
    [
        ('thousands: ","', ["1,234", "12,500.5", "7"], [1234, 12500.5, 7]),
        ('decimal: ","', ["1,5", "12", "0,25"], [1.5, 12, 0.25]),
        ('decimal: ",", thousands: "."', ["1.234,50", "1.234.567", "8"], [1234.5, 1234567, 8]),
        ('decimal: ",", thousands: " "', ["1 234,5", "1\u00a0234", "1\u202f234 €"], [1234.5, 1234, 1234]),
        ('thousands: "\'"', ["1'234.5"], [1234.5]),
        ('thousands: ","', ["12,34,567"], [1234567]),
        ('thousands: ","', ["+1,234", "+5"], [1234, 5]),
        ('decimal: "."', ["1.234", "12.500"], [1.234, 12.5]),
    ],
)
def test_stated_signs_are_used(tmp_path, how, values, numbers):
    book = opened(tmp_path, with_column(AMOUNT, values), with_how("amount", how))
    assert [amount for _, amount in rows(book, "opportunities", "opportunity_id", "amount")] == numbers


@pytest.mark.parametrize("how", ['thousands: ","', 'decimal: ",", thousands: "."', 'decimal: ","', 'decimal: "."'])
def test_a_minus_is_read_whatever_signs_are_stated(tmp_path, how):
    """A credit note is not used because it is negative, which can be mended, and not because nobody could read it."""
    minus = {'thousands: ","': "-1,234", 'decimal: ",", thousands: "."': "-1.234,5"}.get(how, "-5")
    book = opened(tmp_path, with_column(AMOUNT, ["7", "8", minus]), with_how("amount", how))
    assert [each.problem for each in book.faults if each.column == "amount"] == ["amount is negative"]
    assert [amount for _, amount in rows(book, "opportunities", "opportunity_id", "amount")] == [7, 8, None]


def test_thousands_signs_in_odd_places_are_no_number(tmp_path):
    book = opened(tmp_path, with_column(AMOUNT, ["1,234", "5", "6", "1,2,3"]), with_how("amount", 'thousands: ","'))
    assert fault(book, "amount is not a number").examples == ("o003 (1,2,3)",)


def test_signs_stated_for_the_book_hold_for_all_columns_and_a_column_may_differ(tmp_path):
    accounts = 'account_id,name,potential\na1,A,"1.234,5"\n'
    both = BOOK.replace("deals.csv}", 'deals.csv, columns: {amount: {column: amount, decimal: ".", thousands: ","}}}')
    book = opened(
        tmp_path,
        with_column(AMOUNT, ["1,234.5"]),
        both + '  accounts: {file: a.csv}\ndecimal: ","\nthousands: "."\n',
        a_csv=accounts,
    )
    assert rows(book, "opportunities", "amount") == [(1234.5,)]
    assert rows(book, "accounts", "potential") == [(1234.5,)]


def test_a_column_of_texts_as_amount_is_told(tmp_path):
    asked = question(tmp_path, with_column(AMOUNT, ["big", "small", "huge"]))
    assert "opportunities.amount: 3 of 3 values are no numbers, e.g. 'big'. Map another column" in asked


def test_texts_that_mean_nothing_can_be_listed(tmp_path):
    book = opened(tmp_path, with_column(AMOUNT, ["n/a", "-", "5"]), with_how("amount", 'missing: ["n/a", "-"]'))
    assert [amount for _, amount in rows(book, "opportunities", "opportunity_id", "amount")] == [None, None, 5]


def test_percentages_are_asked_and_then_divided(tmp_path):
    content = text_of(
        [(*row, share) for row, share in zip(ROWS, ("10", "20", "100", "0", "50"), strict=True)], (*HEADER, "probability")
    )
    assert "opportunities.probability: 4 of 5 values are not between 0 and 1" in question(tmp_path, content)
    assert "percent: true" in question(tmp_path, content)
    book = opened(tmp_path, content, with_how("probability", "percent: true"))
    assert [share for _, share in rows(book, "opportunities", "opportunity_id", "probability")] == [0.1, 0.2, 1, 0, 0.5]


def test_percent_signs_are_asked_and_then_read(tmp_path):
    content = text_of([(*row, "35 %") for row in ROWS], (*HEADER, "probability"))
    assert "'35 %' is a percentage. Say so: percent: true" in question(tmp_path, content)
    book = opened(tmp_path, content, with_how("probability", "percent: true"))
    assert {share for _, share in rows(book, "opportunities", "opportunity_id", "probability")} == {0.35}


def test_questions_of_all_columns_and_tables_are_asked_at_once(tmp_path):
    content = with_column(CREATED, ["03/04/2017"]).replace(",,03", ',"1,234",03')
    with pytest.raises(BookError) as raised:
        opened(tmp_path, content, BOOK + "  leads: {file: l.csv}\n", l_csv="lead_id,created_at\nl1,01/02/2017 10:00\n")
    assert [each.split(":")[0] for each in raised.value.faults] == [
        "opportunities.amount",
        "opportunities.created_date",
        "leads.created_at",
    ]
