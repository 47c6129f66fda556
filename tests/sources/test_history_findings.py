"""Steps at times at which they cannot have been are told, each with its opportunity; right ones are not."""

import pytest

from tests.sources.exports import BOOK, fault, opened, refused, ties

# o1 was created on 5 January and won on 1 February, o3 was created on 20 January and is in Talking.
HISTORY = BOOK.replace("stages:\n", "stages:\n  - {name: Early}\n") + "  stage_history: {file: steps.csv}\n"
RIGHT = ("o1,Early,2026-01-05 09:00", "o1,Talking,2026-01-20 09:00", "o1,Won,2026-02-01 17:00", "o3,Talking,2026-01-20 10:00")
WRONG = {
    "before it was created": (
        "o1,Early,2026-01-02 09:00",
        "entered before its opportunity was created",
        "o1 (Early, 2026-01-02 09:00)",
    ),
    "after it was closed": (
        "o1,Early,2026-02-03 09:00",
        "an open stage is entered after its opportunity was closed",
        "o1 (Early, 2026-02-03 09:00)",
    ),
    "another stage last": (
        "o3,Early,2026-02-20 10:00",
        "the last step of an opportunity is another stage than it is in",
        "o3 (Early, 2026-02-20 10:00)",
    ),
    "closed, then open again": (
        "o1,Talking,2026-02-01 18:00",
        "the last step of an opportunity is another stage than it is in",
        "o1 (Talking, 2026-02-01 18:00)",
    ),
}


def with_steps(folder, *lines):
    return opened(folder, book=HISTORY, steps_csv="\n".join(["opportunity_id,stage,entered_at", *RIGHT, *lines]))


@pytest.mark.parametrize(("line", "problem", "example"), WRONG.values(), ids=WRONG)
def test_an_impossible_step_is_told(tmp_path, line, problem, example):
    book = with_steps(tmp_path, line)
    found = fault(book, problem)
    assert (found.table, found.rows, found.examples, found.refused) == ("stage_history", 1, (example,), False)
    assert (refused(book), ties(book)) == ([], True)


def test_right_steps_are_not(tmp_path):
    # On the day of its creation or close, late on the day that it was won, and of a moment with two steps.
    book = with_steps(tmp_path, "o5,Early,2026-02-03", "o5,Talking,2026-02-03", "o4,Won,2026-02-25 08:00")
    assert [each for each in book.faults if each.table == "stage_history"] == []
