"""The box at the top of a page."""

from dataclasses import replace

import salestrack as st
from salestrack.analyses.in_short import in_short


def test_takes_the_first_sentence_of_each_answer_in_order(book):
    goals = [st.compare(book, [st.win_rate], during="2026-Q2"), st.leads_needed(book, 10_000, during="2026-Q2")]
    said = in_short(*goals)
    assert list(said) == [answer.sentences[0] for answer in goals]
    assert said.look == "finding"
    assert list(in_short(*reversed(goals))) == list(said)[::-1]


def test_says_a_sentence_once_and_no_more_than_asked(book):
    one = st.compare(book, [st.win_rate], during="2026-Q2")
    assert len(in_short(one, one)) == 1
    other = replace(one, sentences=("Something else.",))
    assert list(in_short(one, other, most=1)) == [one.sentences[0]]


def test_an_answer_without_rows_leaves_the_box_to_the_others(book):
    one = st.compare(book, [st.win_rate], during="2026-Q2")
    empty = replace(one, frame=one.frame.head(0), sentences=("This needs a table.",))
    assert list(in_short(empty, one)) == [one.sentences[0]]
    (only,) = in_short(empty)
    assert "unlock" in only
