"""The pipeline over time: read back to any day, explained move by move, held against its own past."""

import sys
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salestrack
from salestrack import charts
from salestrack.analyses.stage_odds import AGES, nearest_odds
from salestrack.as_of import as_it_was, opportunities_on
from salestrack.errors import PeriodError, SalestrackError
from salestrack.measure import measure
from salestrack.periods import Period
from salestrack.stats.intervals import share
from salestrack.stats.velocity import velocity
from tests.generated import EACH_A_BOOK, FIRST, LAST, book_on, lives, opportunities, people
from tests.small_book import AS_OF, book_of, frames, typed

# What an export knows of today only, and no history records.
ONLY_NOW = ["lost_reason", "probability", "next_step"]
SAMPLE = Path(__file__).parent.parent / "data" / "sample" / "book.yaml"
MONTHS = [f"{year}-{month:02d}" for year in (2023, 2024, 2025, 2026) for month in range(1, 13)][9:45]


@pytest.fixture(scope="module")
def sample():
    return salestrack.open_book(SAMPLE, as_of="2026-09-30")


@pytest.fixture(scope="module")
def without_history():
    return book_on({name: frame for name, frame in frames().items() if name != "stage_history"}, AS_OF)


def rows_of(book, table, key="opportunity_id"):
    return book.fetch(book.table(table)).sort_values(key).set_index(key)


def deals(*rows):
    """Opportunities with their histories: id, created, then (day, stage, amount, expected or actual close date) each."""
    now, history = [], []
    for name, created, *turns in rows:
        last = turns[-1]
        now.append((name, "R1", created, last[1], last[2], last[3]))
        history += [(name, day, stage, amount, close) for day, stage, amount, close in turns]
    columns = ["opportunity_id", "rep_id", "created_date", "stage", "amount", "close_date"]
    return {
        "opportunities": typed("opportunities", pd.DataFrame(now, columns=columns)),
        "stage_history": typed(
            "stage_history", pd.DataFrame(history, columns=["opportunity_id", "entered_at", "stage", "amount", "close_date"])
        ),
    }


def steps_of(answer):
    return {row["step"]: (row["amount"], row["n"]) for row in answer.frame.to_dict("records")}


# --- reading back ---------------------------------------------------------------------------------------------------------------


class TestAsItWas:
    @EACH_A_BOOK
    @given(told=st.lists(lives(), min_size=1, max_size=12), back=st.integers(1, 200))
    def test_equals_a_book_of_the_whole_export_read_as_of_that_day(self, told, back):
        day, end = LAST - timedelta(days=back), LAST + timedelta(days=400)
        tables = opportunities(told, end) | people()
        read_back, read_then = as_it_was(book_on(tables, LAST), day), book_on(tables, day)
        for table, key in (("opportunities", "opportunity_id"), ("steps", ["opportunity_id", "stage_number"])):
            one, other = (rows_of(each, table, key).drop(columns=ONLY_NOW) for each in (read_back, read_then))
            # An opportunity closed on the day and changed afterwards has the amount of the day of the book.
            changed = [] if table == "steps" else ["amount"]
            pd.testing.assert_frame_equal(one.drop(columns=["amount"]), other.drop(columns=["amount"]))
            pd.testing.assert_frame_equal(one.loc[one["open"], changed], other.loc[other["open"], changed])
        lean = rows_of(replace(read_back, tables={"opportunities": opportunities_on(book_on(tables, LAST), day)}), "opportunities")
        whole = rows_of(read_back, "opportunities")
        shared = [name for name in whole.columns if name in lean and name != "idle_days"]
        assert set(whole.columns) - set(lean.columns) <= {"idle_days"}
        pd.testing.assert_frame_equal(whole[shared], lean[shared])

    @pytest.mark.parametrize("day", [date(2025, 2, 14), date(2026, 6, 30)])
    def test_the_sample_company_read_back_is_the_sample_company_opened_then(self, sample, day):
        then, back = salestrack.open_book(SAMPLE, as_of=day), as_it_was(sample, day)
        keys = {"opportunities": "opportunity_id", "leads": "lead_id", "steps": ["opportunity_id", "stage_number"]}
        keys |= {"stage_history": ["opportunity_id", "stage", "entered_at"], "reps": "rep_id", "activities": "activity_id"}
        for table, key in keys.items():
            pd.testing.assert_frame_equal(rows_of(back, table, key), rows_of(then, table, key), check_dtype=False)
        metrics = [salestrack.pipeline, salestrack.weighted_pipeline, salestrack.bookings, salestrack.win_rate, salestrack.idle_share]
        pd.testing.assert_frame_equal(measure(back, metrics).frame, measure(then, metrics).frame)
        assert {name: (each.used, each.later) for name, each in back.intake.items()} == {
            name: (each.used, each.later) for name, each in then.intake.items()
        }

    def test_the_day_of_the_book_is_the_book_and_a_later_day_is_refused(self, book):
        assert as_it_was(book, AS_OF) is book
        assert as_it_was(book, AS_OF - timedelta(days=1)).as_of == date(2026, 6, 29)
        for read in (as_it_was, opportunities_on):
            with pytest.raises(PeriodError, match="2026-07-01 is not in it"):
                read(book, date(2026, 7, 1))

    def test_stated_probability_is_its_own_or_that_of_the_stage_on_the_day(self, small_book):
        told = rows_of(small_book, "opportunities")["stated_probability"]
        # O6 in Proposal, O9 and O12 in Discovery; O11 has no known stage, O1 is won: no stage of its own is stated.
        assert told.loc[["O6", "O9", "O12"]].tolist() == [0.4, 0.1, 0.1]
        assert told.loc[["O11", "O1"]].isna().all()
        tables = frames()
        tables["opportunities"].loc[lambda f: f["opportunity_id"] == "O1", "probability"] = 0.9
        assert rows_of(book_on(tables, AS_OF), "opportunities").loc["O1", "stated_probability"] == 0.9


# --- waterfall ------------------------------------------------------------------------------------------------------------------

DUE = deals(
    ("A", "2026-01-05", ("2026-01-05", "Discovery", 100, "2026-06-20"), ("2026-05-02", "Proposal", 100, "2026-08-20")),
    ("B", "2026-01-05", ("2026-01-05", "Discovery", 200, "2026-08-01"), ("2026-05-02", "Proposal", 250, "2026-06-30")),
    ("C", "2026-01-05", ("2026-01-05", "Discovery", 300, "2026-05-01"), ("2026-05-10", "Won", 350, "2026-05-10")),
    ("D", "2026-01-05", ("2026-01-05", "Discovery", 400, "2026-09-01"), ("2026-06-01", "Won", 400, "2026-06-01")),
    ("E", "2026-01-05", ("2026-01-05", "Discovery", 500, None), ("2026-05-02", "Proposal", 500, "2026-06-30")),
    ("F", "2026-01-05", ("2026-01-05", "Discovery", 600, "2026-06-15"), ("2026-05-02", "Proposal", 450, "2026-06-30")),
    ("G", "2026-01-05", ("2026-01-05", "Discovery", 70, "2026-06-15"), ("2026-04-10", "Lost", 70, "2026-04-10")),
    ("H", "2026-05-01", ("2026-05-01", "Discovery", 80, "2026-06-30")),
    ("I", "2026-05-01", ("2026-05-01", "Discovery", 90, "2026-12-01")),
)


class TestWaterfall:
    def test_the_small_book_by_hand(self, small_book):
        """31 March: O1 1000, O2 3000, O3 2000, O9 700; O5, O8 and O11 without a known amount."""
        answer = salestrack.waterfall(small_book, during="2026-Q2")
        assert steps_of(answer) == {
            "start": (6700, 7),
            "created": (500 + 4000 + 0 + 2000, 4),  # O4 O6 O10 O12
            "reopened": (0, 0),  # O9 was lost and came back in between
            "recorded": (1200, 1),  # O8: no history, so its amount is known from its close on
            "increased": (0, 0),
            "pulled_in": (0, 0),
            "pushed_out": (0, 0),
            "decreased": (0, 0),
            "lost": (-2000, 2),  # O3 O10
            "won": (-(1000 + 3000 + 500 + 1200), 5),  # O1 O2 O4 O5 O8
            "end": (4000 + 700 + 2000, 4),
        }
        assert "€6,700 (7 opportunities)" in answer.sentences[0]
        assert "created €6,500 (4)" in answer.sentences[1]

    def test_what_was_closed_at_the_start_and_is_open_at_the_end_was_reopened(self, book):
        found = steps_of(salestrack.waterfall(book, during="2026-05"))
        assert found["start"] == (3000 + 2000, 5)  # O2 O3, and O5 O8 O11 without an amount
        assert found["reopened"] == (700, 1)  # O9
        assert found["created"] == (4000 + 2000, 3)  # O6 O12, O10 without an amount
        assert found["end"] == (3000 + 4000 + 2000 + 700, 6)

    def test_what_is_due_in_a_period_is_pulled_in_and_pushed_out(self):
        answer = salestrack.waterfall(book_on(DUE, date(2026, 6, 30)), during="2026-Q2", due="2026-Q2")
        assert steps_of(answer) == {
            "start": (100 + 300 + 600 + 70, 4),  # A C F G
            "created": (80, 1),  # H; I is due later
            "reopened": (0, 0),
            "recorded": (500, 1),  # E had no expected date
            "increased": (50, 1),  # C closed higher
            "pulled_in": (250 + 400, 2),  # B, and D which closed early
            "pushed_out": (-100, 1),  # A
            "decreased": (-150, 1),  # F
            "lost": (-70, 1),  # G
            "won": (-(350 + 400), 2),  # C D
            "end": (250 + 500 + 450 + 80, 4),  # B E F H
        }

    def test_a_scope_is_a_book_of_its_own(self, book):
        parts = [steps_of(salestrack.waterfall(book, during="2026-Q2", where={"rep": rep})) for rep in ("Ada", "Ben", "Chen", None)]
        whole = steps_of(salestrack.waterfall(book, during="2026-Q2"))
        assert parts[0]["start"] == (1000 + 3000 + 2000, 3)
        rest = steps_of(salestrack.waterfall(book, during="2026-Q2", where={"rep_id": "R4"}))
        for step, figures in whole.items():
            assert figures == tuple(np.sum([each[step] for each in (*parts, rest)], axis=0)), step

    @EACH_A_BOOK
    @given(told=st.lists(lives(), min_size=1, max_size=12), begin=st.integers(0, 150), days=st.integers(1, 90), due=st.booleans())
    def test_any_book_reconciles_with_its_lives(self, told, begin, days, due):
        start, end = FIRST + timedelta(days=begin), FIRST + timedelta(days=begin + days)
        book = book_on(opportunities(told, LAST + timedelta(days=400)) | people(), end)
        during = Period(start + timedelta(days=1), end + timedelta(days=1), "so long")
        window = Period(start, start + timedelta(days=60), "due") if due else None
        found = steps_of(salestrack.waterfall(book, during=during, due=window))
        for name, day in (("start", start), ("end", end)):
            waiting = rows_of(as_it_was(book, day), "opportunities").query("open")
            if window:
                waiting = waiting[[d is not None and pd.notna(d) and d in window for d in waiting["close_date"]]]
            assert found[name] == (pytest.approx(waiting["amount"].sum(), abs=1e-6), len(waiting))
        assert sum(amount for amount, _ in found.values()) - found["end"][0] == pytest.approx(found["end"][0], abs=1e-6)
        if not window:
            booked = measure(book, [salestrack.bookings, salestrack.won_opportunities], where={}).frame
            assert booked is not None
            won = rows_of(book, "opportunities").query("won")
            won = won[[d in during for d in won["close_date"]]]
            assert found["won"] == (pytest.approx(-won["amount"].sum(), abs=1e-6), len(won))
            assert found["pulled_in"] == found["pushed_out"] == (0, 0)

    def test_36_months_of_the_sample_company_reconcile_and_hang_together(self, sample):
        chain = [steps_of(salestrack.waterfall(sample, during=month)) for month in MONTHS]
        assert all(before["end"] == after["start"] for before, after in pairwise(chain))
        assert chain[-1]["end"][0] == measure(sample, salestrack.pipeline).value()
        booked = measure(sample, [salestrack.bookings, salestrack.won_opportunities], by="month", during="2023-10-01/2026-10-01")
        assert [-month["won"][0] for month in chain] == booked["bookings"].frame["value"].tolist()
        assert [month["won"][1] for month in chain] == booked["won_opportunities"].frame["value"].tolist()
        assert all(month["recorded"] == (0, 0) or month["recorded"][0] > 0 for month in chain)

    def test_a_waterfall_that_does_not_reconcile_is_no_answer(self, book, monkeypatch):
        room = sys.modules["salestrack.analyses.waterfall"]
        total = room._total
        one_cent_more = {"start": 0, "end": 1}
        monkeypatch.setattr(
            room, "_total", lambda reading, name: total(reading, name).mutate(**{name: ibis._[name] + one_cent_more[name]})
        )
        with pytest.raises(SalestrackError, match="does not reconcile"):
            salestrack.waterfall(book, during="2026-05")

    def test_without_history_one_sentence_says_what_would_unlock_it(self, without_history):
        answer = salestrack.waterfall(without_history, during="2026-Q2")
        assert answer.frame.empty
        assert len(answer.sentences) == 1
        assert "stage_history" in answer.sentences[0]
        assert charts.waterfall(answer).empty

    def test_a_period_that_has_not_begun_is_refused(self, book):
        with pytest.raises(PeriodError, match="begins on 2026-10-01"):
            salestrack.waterfall(book, during="2026-Q4")

    def test_a_running_period_ends_on_the_day_of_the_book(self, book):
        assert salestrack.waterfall(book, during="2026").end == AS_OF
