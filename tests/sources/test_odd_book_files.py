"""Whatever a book file says that makes no sense is told in a sentence, with its place: no traceback, and no word of the engine."""

import pytest

from salestrack.errors import BookError
from tests.sources.exports import BOOK, opened

ACTIVITIES = "activity_id,rep_id,started_at,type\na1,r1,2026-01-05,call\n"
WITH_ACTIVITIES = BOOK + "  activities: {file: acts.csv}\n"


def saying(what):
    return BOOK.replace("deals.csv}", f"deals.csv, {what}}}")


def reading(what):
    return saying(f'columns: {{created_date: {{column: created_date, date_format: "{what}"}}}}')


def computing(sql):
    return saying(f'columns: {{amount: {{expression: "{sql}"}}}}')


def matching(pattern):
    return WITH_ACTIVITIES + f"activity_categories: [{{category: admin, matches: {{type: '{pattern}'}}}}]\n"


SAID = {
    "a sign that no date has": (reading("%d.%Q.%Y"), r"date_format '%d\.%Q\.%Y' holds '%Q', which stands for no part of a date"),
    "a sign that is cut off": (reading("%d.%m.%"), "holds '%', which stands for no part"),
    "a sign in a second format": (
        saying("columns: {created_date: {column: created_date, date_format: ['%Y', '%k']}}"),
        "holds '%k'",
    ),
    **{
        f"an encoding of {name}": (saying(f"encoding: {name}"), f"deals.csv: there is no encoding '{name}'")
        for name in ("rot13", "base64", "zip", "undefined", "punycode", "unicode_escape")
    },
    "a sum": (computing("sum(amount)"), r"opportunities\.columns\.amount: 'sum\(amount\)' adds up rows"),
    "a sum inside": (computing("amount::double / max(amount::double)"), "adds up rows"),
    "a list of rows": (computing("list(amount)"), "adds up rows"),
    "all columns": (computing("count(*)"), "names all columns at once"),
    "a function that is not there": (computing("nosuch(amount)"), r"columns\.amount: 'nosuch\(amount\)' cannot be computed: "),
    "a query": (computing("(select 1)"), "is not one SQL expression"),
    "a pattern that looks ahead": (matching("call(?=s)"), r"activity_categories\.0: .* is not a regular expression that can be"),
    "a pattern that looks back": (matching(r"(a)\1"), "is not a regular expression that can be searched for"),
    "a NUL in a name": (BOOK.replace("deals.csv", '"deals\\0.csv"'), "holds a NUL character in 'deals"),
    "a NUL in a place": (BOOK.replace("connection: .", 'connection: "a\\0"'), "holds a NUL character"),
    "a NUL in a key": (BOOK + '"a\\0b": 1\n', "holds a NUL character"),
    "a NUL": (BOOK + "\0", "is not YAML"),
    "a name longer than any": (BOOK.replace("deals.csv", f"{'a' * 5000}.csv"), "File name too long"),
    "a place longer than any": (BOOK.replace("connection: .", f"connection: {'a' * 5000}"), "is longer than the name of any file"),
    "5,000 lists": (BOOK + "x: " + "[" * 5000 + "]" * 5000, "is nested too deeply"),
    "5,000 mappings": (BOOK + "x: " + "{a: " * 5000 + "1" + "}" * 5000, "is nested too deeply"),
    "a list in itself": (BOOK + "x: &x [*x]\n", "There is no setting 'x'"),
}
OF_THE_ENGINE = ("Binder Error", "Catalog Error", "Parser Error", "Invalid Input", "Conversion Error", "__amount", "Traceback")


@pytest.mark.parametrize(("book", "told"), SAID.values(), ids=SAID)
def test_it_is_a_sentence(tmp_path, book, told):
    with pytest.raises(BookError, match=told) as raised:
        opened(tmp_path, book=book, acts_csv=ACTIVITIES)
    assert not [word for word in OF_THE_ENGINE if word in str(raised.value)]


@pytest.mark.parametrize("name", ["utf-16-le", "cp1252", "UTF8", "euc_kr"])
def test_encodings_of_texts_are_known(tmp_path, name):
    content = "opportunity_id,stage\no1,Talking\n".encode(name)
    assert opened(tmp_path, content, saying(f"encoding: {name}")).intake["opportunities"].used == 1


def test_a_window_over_rows_is_no_sum(tmp_path):
    assert opened(tmp_path, book=computing("max(amount::double) over (partition by rep_id)")).intake["opportunities"].used == 5
