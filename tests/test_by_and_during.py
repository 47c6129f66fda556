"""Every analysis with every kind of `by` and every kind of period: an answer that can be shown, or one sentence of the kit."""

import inspect
from datetime import date
from functools import cache

import ibis
import matplotlib.pyplot as plt
import pytest

import salestrack as st
from salestrack import analyses
from salestrack.errors import PeriodError, SalestrackError
from tests.poor_company import poor_book

NO_ANALYSES = {"in_short", "data_notes"}
NAMES = [name for name in analyses.__all__ if callable(getattr(analyses, name)) and name not in NO_ANALYSES]
TAKES = {name: inspect.signature(getattr(analyses, name)).parameters for name in NAMES}
FIRST = {"rep_page": ["R1"], "trend": ["win_rate"], "compare": [["win_rate", "bookings"]]}
# A column of answers, of the book, of what it links to, of the calendar, nothing at all, and two.
BY = ["stage", "category", "team", "month", "n", "nope", ["segment", "rep"]]
# Coming, long before the book, a range that cuts calendars, a day as a date, and no period at all.
DURING = ["2026-Q3", "2019-Q1", "2026-06-15/2026-06-17", date(2026, 6, 15), "Q2 of last summer"]
DRAWN = {"bottlenecks": ("queues", "time_in_stage"), "cycle": ("cycle",), "funnel": ("funnel",), "leaks": ("leaks",),
         "leaders": ("leader_board",), "neglected": ("touches",), "qualification": ("qualification",)}  # fmt: skip


@cache
def book_of(name):
    return poor_book(name)


def ask(name, book, **asked):
    """Return the answer of an analysis, which can be shown as text and as HTML, or the sentence with which the kit refuses."""
    if "during" in TAKES[name] and TAKES[name]["during"].default is inspect.Parameter.empty:
        asked = {"during": "2026-Q2", **asked}
    try:
        answer = getattr(analyses, name)(book, *FIRST.get(name, []), **asked)
    except SalestrackError as refusal:
        return str(refusal)
    assert str(answer)
    assert getattr(answer, "_repr_html_", str)() is not None
    return answer


@pytest.mark.parametrize("name", [name for name in NAMES if "by" in TAKES[name]])
def test_every_by_gives_an_answer_or_a_sentence(name):
    for by in BY:
        answer = ask(name, book_of("all recorded"), by=by)
        assert not isinstance(answer, str) or answer.endswith((".", "?"))
        for chart in DRAWN.get(name, ()) if not isinstance(answer, str) and by in ("team", BY[-1]) else ():
            getattr(st.charts, chart)(answer)
            plt.close("all")


@pytest.mark.parametrize("name", [name for name in NAMES if "during" in TAKES[name]])
def test_every_period_gives_an_answer_or_a_sentence(name):
    for during in DURING:
        answer = ask(name, book_of("all recorded"), during=during)
        assert not isinstance(answer, str) or answer.endswith((".", "?"))
    assert "is not a period" in answer


def test_a_table_of_no_groups_can_be_shown():
    """Nothing was won in the period, so that there is no group to show."""
    figures = [st.average_deal_size, st.median_deal_size]
    assert st.measure(book_of("all open"), figures, by="segment", during="2026-Q2")._repr_html_()


def test_the_stage_is_in_the_answer_whether_it_is_asked_for_or_not():
    """Counted here: of the open ones of the book by stage."""
    book = book_of("all recorded")
    sold = book.fetch(book.table("opportunities").filter(ibis._.open).select("stage", "amount"))
    rows = st.open_pipeline(book, during="2026-Q2", by="stage").frame.set_index(["figure", "stage"])["value"]
    assert rows["open_opportunities"][["Discovery", "Proposal"]].to_dict() == sold["stage"].value_counts().to_dict()
    assert rows["pipeline"][["Discovery", "Proposal"]].to_dict() == sold.groupby("stage")["amount"].sum().to_dict()
    by_stage, plain = (st.bottlenecks(book, by=by).frame for by in ("stage", ()))
    assert by_stage.columns.tolist() == plain.columns.tolist()
    assert by_stage["waiting"].tolist() == plain["waiting"].tolist()


def test_a_coming_period_tells_what_is_due_in_it():
    """Next quarter: what is expected to close in it, added up here; nothing is booked, and no quota is set."""
    book = book_of("all recorded")
    sold = book.fetch(book.table("opportunities").filter(ibis._.open).select("close_date", "amount"))
    answer = st.open_pipeline(book, during="2026-Q3")
    due = sold.loc[sold["close_date"].astype(str).between("2026-07-01", "2026-09-30"), "amount"].sum()
    rows = answer.frame.set_index("figure")
    assert rows.loc["due", "value"] == due > 0
    assert rows.loc[["bookings", "velocity", "win_rate"], "note"].tolist() == ["coming"] * 3
    assert rows.loc[["bookings", "quota", "pipeline_coverage"], "value"].isna().all()
    assert not any("is left to cover" in said for said in answer.sentences)


def test_a_day_may_be_a_text():
    book = book_of("all recorded")
    assert st.as_it_was(book, "2026-05-15").as_of == st.as_it_was(book, date(2026, 5, 15)).as_of == date(2026, 5, 15)
    with pytest.raises(PeriodError, match="is not a day"):
        st.as_it_was(book, "mid May")
