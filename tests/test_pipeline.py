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
from hypothesis import given, settings
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
from tests.generated import EACH_A_BOOK, FIRST, LAST, OPEN, book_on, lives, opportunities, people
from tests.kit import SAMPLE
from tests.small_book import AS_OF, frames, typed

# What an export knows of today only, and no history records.
ONLY_NOW = ["lost_reason", "probability", "next_step"]
# Each example opens two books.
FEW_BOOKS = settings(EACH_A_BOOK, max_examples=max(EACH_A_BOOK.max_examples // 2, 1))
QUARTERS = [f"{year}-Q{quarter}" for year in (2023, 2024, 2025, 2026) for quarter in (1, 2, 3, 4)][3:15]


@pytest.fixture(scope="session")
def sample_then():
    """The sample company opened as of the last day of a quarter."""
    return salestrack.open_book(SAMPLE / "book.yaml", as_of="2026-03-31")


@pytest.fixture(scope="session")
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


def turns_on(told, day):
    """What each life is on the evening of a day."""
    past = ([turn for turn in life.turns if turn.at.date() <= day] for life in told)
    return [turns[-1] for turns in past if turns]


def steps_of(answer):
    return {row["step"]: (row["amount"], row["n"]) for row in answer.frame.to_dict("records")}


def worth_of(amounts, sign=1):
    """The sum of amounts; of some of which not one has an amount nobody knows what they are worth."""
    known = [amount for amount in amounts if amount is not None]
    return pytest.approx(sign * sum(known) if known or not amounts else np.nan, abs=1e-6, nan_ok=True)


@pytest.fixture(scope="session")
def odds(sample):
    return salestrack.stage_odds(sample)


# --- reading back ---------------------------------------------------------------------------------------------------------------


class TestAsItWas:
    @FEW_BOOKS
    @given(told=st.lists(lives(), min_size=1, max_size=12), back=st.integers(1, 200))
    def test_equals_a_book_of_the_whole_export_read_as_of_that_day(self, told, back):
        day, end = LAST - timedelta(days=back), LAST + timedelta(days=400)
        tables = opportunities(told, end) | people()
        book = book_on(tables, LAST)
        read_back, read_then = as_it_was(book, day), book_on(tables, day)
        one, other = (rows_of(each, "opportunities").drop(columns=ONLY_NOW) for each in (read_back, read_then))
        # An opportunity closed on the day and changed afterwards has the amount of the day of the book.
        pd.testing.assert_frame_equal(one.drop(columns="amount"), other.drop(columns="amount"))
        pd.testing.assert_series_equal(one.loc[one["open"], "amount"], other.loc[other["open"], "amount"])
        lean = read_back.fetch(opportunities_on(book, day)).sort_values("opportunity_id").set_index("opportunity_id")
        pd.testing.assert_frame_equal(lean, rows_of(read_back, "opportunities")[lean.columns])
        assert set(one.columns) - set(lean.columns) == {"idle_days"}

    def test_the_sample_company_read_back_is_the_sample_company_opened_then(self, sample, sample_then):
        then, back = sample_then, as_it_was(sample, sample_then.as_of)
        keys = {"opportunities": "opportunity_id", "leads": "lead_id", "steps": ["opportunity_id", "stage_number"]}
        keys |= {"stage_history": ["opportunity_id", "stage", "entered_at"], "reps": "rep_id", "activities": "activity_id"}
        for table, key in keys.items():
            pd.testing.assert_frame_equal(rows_of(back, table, key), rows_of(then, table, key), check_dtype=False)
        metrics = ["pipeline", "weighted_pipeline", "bookings", "win_rate", "idle_share"]
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

    def test_what_is_due_on_the_edges_of_the_window(self):
        """The first day and the last are due in it, the day before and the first of the next quarter are not."""
        dates = ("2026-03-31", "2026-04-01", "2026-06-30", "2026-07-01")
        waiting = [(f"E{i}", "2026-01-01", ("2026-01-01", "Discovery", 2**i, day)) for i, day in enumerate(dates)]
        found = steps_of(salestrack.waterfall(book_on(deals(*waiting), LAST), during="2026-06", due="2026-Q2"))
        assert (found["start"], found["end"]) == ((2 + 4, 2), (2 + 4, 2))

    def test_a_scope_is_a_book_of_its_own(self, book):
        parts = [steps_of(salestrack.waterfall(book, during="2026-Q2", where={"rep": rep})) for rep in ("Ada", "Ben", "Chen", None)]
        whole = steps_of(salestrack.waterfall(book, during="2026-Q2"))
        assert parts[0]["start"] == (1000 + 3000 + 2000, 3)
        rest = steps_of(salestrack.waterfall(book, during="2026-Q2", where={"rep_id": "R4"}))
        for step, figures in whole.items():
            # What one of them has without an amount adds nothing to the whole.
            assert figures == tuple(np.nansum([each[step] for each in (*parts, rest)], axis=0)), step

    @FEW_BOOKS
    @given(told=st.lists(lives(), min_size=1, max_size=12), begin=st.integers(0, 150), days=st.integers(1, 90), due=st.booleans())
    def test_any_book_reconciles_with_its_lives(self, told, begin, days, due):
        start, end = FIRST + timedelta(days=begin), FIRST + timedelta(days=begin + days)
        book = book_on(opportunities(told, LAST + timedelta(days=400)), end)
        during = Period(start + timedelta(days=1), end + timedelta(days=1), "so long")
        window = Period(start, start + timedelta(days=60), "due") if due else None
        found = steps_of(salestrack.waterfall(book, during=during, due=window))
        for name, day in (("start", start), ("end", end)):
            there = turns_on(told, day)
            waiting = [turn.amount for turn in there if turn.stage in OPEN and (not window or turn.close_date in window)]
            assert found[name] == (worth_of(waiting), len(waiting))
        if not window:
            won = [turn.amount for turn in turns_on(told, end) if turn.stage == "Won" and turn.at.date() in during]
            assert found["won"] == (worth_of(won, -1), len(won))
            assert found["pulled_in"] == found["pushed_out"] == (0, 0)

    def test_36_months_of_the_sample_company_hang_together(self, sample):
        chain = [steps_of(salestrack.waterfall(sample, during=quarter)) for quarter in QUARTERS]
        assert all(before["end"] == after["start"] for before, after in pairwise(chain))
        assert chain[-1]["end"][0] == measure(sample, salestrack.pipeline).value()
        booked = measure(sample, [salestrack.bookings, salestrack.won_opportunities], by="quarter", during="2023-10-01/2026-10-01")
        assert [-quarter["won"][0] for quarter in chain] == booked["bookings"].frame["value"].tolist()
        assert [quarter["won"][1] for quarter in chain] == booked["won_opportunities"].frame["value"].tolist()

    def test_a_waterfall_that_does_not_reconcile_is_no_answer(self, book, monkeypatch):
        room = sys.modules["salestrack.analyses.waterfall"]
        total, a_cent = room._total, {"start": 0, "end": 1}
        monkeypatch.setattr(
            room, "_total", lambda reading, name: total(reading, name).mutate(**{name: ibis._[name] + a_cent[name]})
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


# --- slips ----------------------------------------------------------------------------------------------------------------------

MOVED = deals(
    # Slipped from the second quarter to the third, then to the fourth; won in July.
    ("A", "2026-01-05", ("2026-01-05", "Discovery", 10, "2026-06-20"), ("2026-06-02", "Proposal", 10, "2026-08-20"),
     ("2026-06-09", "Negotiation", 10, "2026-10-01"), ("2026-07-05", "Won", 10, "2026-07-05")),
    # Within its month, then pulled in to an earlier one.
    ("B", "2026-01-05", ("2026-01-05", "Discovery", 20, "2026-08-20"), ("2026-06-02", "Proposal", 20, "2026-08-01"),
     ("2026-06-03", "Negotiation", 20, "2026-07-31")),
    # Slipped past June before the period: no move of it.
    ("C", "2026-01-05", ("2026-01-05", "Discovery", 40, "2026-06-30"), ("2026-05-31", "Proposal", 40, "2026-07-01")),
    # Closed before the period, and closed later than expected: not watched, not moved.
    ("D", "2026-01-05", ("2026-01-05", "Discovery", 80, "2026-03-30"), ("2026-05-01", "Lost", 80, "2026-05-01")),
    # A date that is first given is no move, nor is one that nobody gives.
    ("E", "2026-01-05", ("2026-01-05", "Discovery", 160, None), ("2026-06-02", "Proposal", 160, "2026-08-20")),
    ("F", "2026-01-05", ("2026-01-05", "Discovery", 320, None)),
)  # fmt: skip


class TestSlips:
    def test_each_kind_of_move_by_hand(self):
        answer = salestrack.slips(book_on(MOVED, date(2026, 7, 31)), during="2026-06")
        rows = answer.frame.set_index("move")
        # 20 June to 20 August is 61 days, to 1 October 42 more; 20 to 1 August -19; 1 August to 31 July -1.
        counts = [[2, 1, 10], [2, 1, 10], [1, 1, 20], [0, 0, 0], [1, 1, 20]]
        assert rows[["moves", "opportunities", "amount"]].to_numpy().tolist() == counts
        assert rows["days"].fillna(-999).tolist() == [(61 + 42) / 2, (61 + 42) / 2, -1, -999, -19]
        assert rows["watched"].unique().tolist() == [4]  # A B C E
        assert rows.loc["slipped_month", ["share", "low", "high"]].tolist() == list(share(1, 4))

    def test_what_is_told_first_after_the_period_is_not_watched_in_it(self):
        """Told first on the last day of June, and on the first of July; closed on the first of June, and on the day before."""
        rows = deals(
            ("A", "2026-01-05", ("2026-01-05", "Discovery", 1, None), ("2026-06-30", "Proposal", 1, "2026-09-01")),
            ("B", "2026-01-05", ("2026-01-05", "Discovery", 2, None), ("2026-07-01", "Proposal", 2, "2026-09-01")),
            ("C", "2026-01-05", ("2026-01-05", "Discovery", 4, "2026-06-01"), ("2026-06-01", "Lost", 4, "2026-06-01")),
            ("D", "2026-01-05", ("2026-01-05", "Discovery", 8, "2026-05-31"), ("2026-05-31", "Lost", 8, "2026-05-31")),
        )
        answer = salestrack.slips(book_on(rows, date(2026, 7, 31)), during="2026-06")
        assert answer.frame["watched"].unique().tolist() == [2]  # A and C

    def test_a_quarter_is_that_of_the_fiscal_year(self):
        june_to_july = deals(
            ("A", "2026-01-05", ("2026-01-05", "Discovery", 10, "2026-06-20"), ("2026-06-02", "Proposal", 10, "2026-07-20"))
        )
        for first, slipped in ((1, 1), (3, 0)):  # quarters from March on: June to August is one
            book = book_on(june_to_july, LAST)
            book = replace(book, settings=book.settings.model_copy(update={"fiscal_year_start": first}))
            assert salestrack.slips(book).frame.set_index("move").loc["slipped_quarter", "moves"] == slipped

    def test_agrees_with_a_plain_loop_over_the_sample_company(self, sample):
        history = sample.fetch(sample.table("stage_history")).sort_values(["opportunity_id", "entered_at"], kind="stable")
        told = history[~history["stage"].isin(["Won", "Lost"])].dropna(subset=["close_date"])
        slipped, moves = set(), 0
        for (name, then), (again, now) in pairwise(zip(told["opportunity_id"], told["close_date"], strict=True)):
            if name == again and (now.year, now.month) > (then.year, then.month):
                moves += 1
                slipped.add(name)
        found = salestrack.slips(sample).frame.set_index("move").loc["slipped_month"]
        assert (found["moves"], found["opportunities"]) == (moves, len(slipped))

    def test_slipping_that_changes_nothing_goes_with_nothing_though_the_winners_slip_more(self):
        """Half of 400 are lost in their first stage, before a date could move; of those who go on, half slip, whoever wins."""
        rows = []
        for i in range(400):
            first = ("2026-01-05", "Discovery", 10, "2026-03-10")
            if i % 2:
                rows.append((f"L{i}", "2026-01-05", first, ("2026-01-20", "Lost", 10, "2026-01-20")))
                continue
            later = "2026-04-10" if i % 4 else "2026-03-20"
            end = ("Won" if i % 8 < 4 else "Lost") if i % 16 < 8 else ("Lost" if i % 8 < 4 else "Won")
            rows.append(
                (f"L{i}", "2026-01-05", first, ("2026-02-02", "Proposal", 10, later), ("2026-03-01", end, 10, "2026-03-01"))
            )
        answer = salestrack.slips(book_on(deals(*rows), LAST))
        told = answer.comparison
        assert (told["mean"], told["other"], told["n"], told["n_other"]) == (0.5, 0.5, 100, 100)
        assert told["low"] < 0 < told["high"]
        assert "no difference can be told from chance" in answer.sentences[-1]

    def test_slipping_that_goes_with_losing_is_told(self):
        rows = [
            (f"L{i}", "2026-01-05", ("2026-01-05", "Discovery", 10, "2026-03-10"),
             ("2026-02-02", "Proposal", 10, "2026-04-10" if i % 2 else "2026-03-20"),
             ("2026-03-01", "Won" if i % (10 if i % 2 else 3) == (1 if i % 2 else 0) else "Lost", 10, "2026-03-01"))
            for i in range(300)
        ]  # fmt: skip
        answer = salestrack.slips(book_on(deals(*rows), LAST))
        # Of the odd ones (slipped) every fifth is won, of the even ones every third.
        assert answer.comparison[["mean", "other"]].tolist() == [30 / 150, 50 / 150]
        assert "slipping goes with fewer wins" in answer.sentences[-1]

    def test_slipping_that_only_makes_wins_come_later_goes_with_nothing(self):
        """One a day; of each hundred half are won. Lost ones close on day 30, wins on day 40, or on day 120 once they slipped."""
        rows = []
        for i in range(300):
            created = date(2025, 9, 1) + timedelta(days=i)
            expected = (created + timedelta(days=33)).replace(day=28)
            slips, wins = i % 2 == 1, i % 4 < 2
            ends = created + timedelta(days=(120 if slips else 40) if wins else 30)
            moved = (expected + timedelta(days=40)) if slips else expected
            life = [(created, "Discovery", 10, expected), (created + timedelta(days=7), "Proposal", 10, moved)]
            life += [(ends, "Won" if wins else "Lost", 10, ends)] if ends <= LAST else []
            rows.append((f"L{i}", str(created), *((str(day), stage, amount, str(due)) for day, stage, amount, due in life)))
        answer = salestrack.slips(book_on(deals(*rows), LAST))
        closed = [row for row in rows if row[-1][1] in ("Won", "Lost")]
        share_won = {which: [row[-1][1] == "Won" for row in closed if int(row[0][1:]) % 2 == which] for which in (0, 1)}
        assert sum(share_won[1]) / len(share_won[1]) < 0.45  # all that are decided
        assert answer.comparison["mean"] == pytest.approx(0.5, abs=0.01)
        assert answer.comparison["other"] == pytest.approx(0.5, abs=0.01)

    def test_no_history_and_no_dates_are_said(self, without_history, book):
        for asked, word in ((without_history, "stage_history"), (book, "close_date")):
            answer = salestrack.slips(asked, during="2026-Q2")
            assert answer.frame.empty
            assert len(answer.sentences) == 1
            assert word in answer.sentences[0]


# --- pace -----------------------------------------------------------------------------------------------------------------------


class TestPace:
    def test_the_small_book_month_by_month(self, book):
        """Closing days: O7 31 March (the first of all), O1 1 April, O4 5 April, O8 5 May, O3, O5, O10, O9 (lost), O2 30 June."""
        answer = salestrack.pace(book, during="2026-06")
        rows = answer.frame.set_index("period")
        assert rows.index.tolist() == ["2026-04", "2026-05", "2026-06"]
        assert rows["booked"].tolist() == [1000 + 500, 1200, 3000]
        assert rows["won"].tolist() == [2, 2, 1]  # O5 without an amount
        assert rows["created"].tolist() == [500, 4000 + 2000, 0]
        assert rows["day"].tolist() == [date(2026, 4, 30), date(2026, 5, 30), date(2026, 6, 30)]
        assert "at least 3 are needed" in answer.sentences[0]

    def test_the_same_day_is_days_after_the_beginning(self):
        tables = deals(
            *((f"M{m}", f"2026-0{m}-01", (f"2026-0{m}-01", "Discovery", m, None), (f"2026-0{m}-10", "Won", m, f"2026-0{m}-10"))
              for m in range(1, 7)),
            *((f"N{m}", f"2026-0{m}-01", (f"2026-0{m}-01", "Discovery", 10 * m, f"2026-0{m}-25"),
               (f"2026-0{m}-20", "Won", 10 * m, f"2026-0{m}-20")) for m in range(1, 7)),
        )  # fmt: skip
        answer = salestrack.pace(book_on(tables, date(2026, 6, 15)), during="2026-06")
        rows = answer.frame.set_index("period")
        assert answer.day_number == 15
        # January begins before the first close.
        assert rows["booked"].tolist() == [2, 3, 4, 5, 6]
        assert rows["due"].tolist() == [20, 30, 40, 50, 60]  # open on the 15th, expected on the 25th
        assert rows["final"].fillna(-1).tolist() == [22, 33, 44, 55, -1]
        assert rows["share_of_final"].dropna().tolist() == pytest.approx([1 / 11] * 4)
        assert "ahead of all 4, as 1 of 5 periods is by chance" in answer.sentences[0]
        curve = answer.curves[answer.curves["period"] == "2026-03"]["booked"].tolist()
        assert curve == [0] * 9 + [3] * 10 + [33] * 12
        assert len(answer.curves[answer.curves["current"]]) == 15

    def test_a_period_that_ends_today_is_over(self):
        """Won on its first day and on its last; due on its last day, on the day after, on its first and on the day before."""
        wins = [(f"W{i}", "2026-01-01", ("2026-01-01", "Discovery", 2**i, None), (day, "Won", 2**i, day))
                for i, day in enumerate(("2026-02-01", "2026-05-31", "2026-06-01", "2026-06-30"))]  # fmt: skip
        dates = ("2026-06-30", "2026-07-01", "2026-06-01", "2026-05-31")
        waiting = [(f"E{i}", "2026-06-02", ("2026-06-02", "Discovery", 2 ** (4 + i), day)) for i, day in enumerate(dates)]
        answer = salestrack.pace(book_on(deals(*wins, *waiting), LAST), during="2026-06")
        now = answer.frame.set_index("period").loc["2026-06"]
        assert now[["booked", "won", "final", "share_of_final", "due"]].tolist() == [4 + 8, 2, 4 + 8, 1, 16 + 64]
        assert now["created"] == 16 + 32 + 64 + 128
        curve = answer.curves[answer.curves["current"]]
        assert curve["day_number"].tolist() == list(range(1, 31))
        assert curve["booked"].tolist() == [4] * 29 + [12]

    def test_past_days_are_those_of_books_opened_then(self, sample, sample_then):
        frame = salestrack.pace(sample, during="2026-Q3", past=2).frame
        row = frame.iloc[0]
        assert row["day"] == sample_then.as_of
        then = rows_of(sample_then, "opportunities")
        # Of an opportunity without a history nobody knows on which day it was expected then.
        inside = then["close_date"].map(lambda day: day is not None and date(2026, 1, 1) <= day < date(2026, 4, 1))
        assert row["period"] == "2026-Q1"
        assert row["due"] == then[inside & then["open"]]["amount"].sum()
        assert row["booked"] == then[inside & then["won"]]["amount"].sum()

    def test_without_history_what_was_due_is_not_told(self, without_history):
        answer = salestrack.pace(without_history, during="2026-06")
        assert answer.frame["due"].isna().tolist() == [True, True, False]
        assert answer.frame["booked"].tolist() == [1500, 1200, 3000]


# --- what is won of those who come to a stage -------------------------------------------------------------------------------------


class TestStageOdds:
    def test_agrees_with_a_plain_loop_over_those_still_in_the_stage(self, sample, odds):
        found = odds.frame.set_index(["stage", "age"])
        steps = sample.fetch(sample.table("stays"))
        steps = steps[pd.to_datetime(steps["created_date"]) >= "2023-10-02"]  # The first close; fast ones before it are missing.
        ends = steps["close_date"].where(steps["status"] != "open", sample.as_of)
        life = (pd.to_datetime(ends) - pd.to_datetime(steps["entered_date"])).dt.days
        for stage, age in (("Discovery", 0), ("Proposal", 30), ("Negotiation", 60)):
            there = (steps["stage"] == stage) & (steps["days"] >= age)
            # Who came again counts with the first stay that lasted so long.
            first = steps[there].sort_values("entered_date").drop_duplicates("opportunity_id").index
            there &= steps.index.isin(first)
            days, outcome = life[there] - age, steps["status"][there].map({"open": 0, "won": 1, "lost": 2})
            row = found.loc[(stage, age)]
            assert row["n"] == there.sum()
            assert row["won"] == (outcome == 1).sum()
            assert row["value"] == pytest.approx(incidence_of_wins(days.to_numpy(), outcome.to_numpy()), abs=1e-12)

    def test_verdicts_and_words(self):
        """Twelve came to Proposal (stated 40 %) and all were won; eleven to Discovery (10 %) and none; two to Negotiation."""
        won = [
            (f"W{i}", "2026-01-05", ("2026-01-05", "Proposal", 1, None), ("2026-01-20", "Won", 1, "2026-01-20")) for i in range(12)
        ]
        lost = [
            (f"L{i}", "2026-01-05", ("2026-01-05", "Discovery", 1, None), ("2026-01-06", "Lost", 1, "2026-01-06"))
            for i in range(30)
        ]
        few = [(f"F{i}", "2026-01-05", ("2026-01-05", "Negotiation", 1, None)) for i in range(2)]
        answer = salestrack.stage_odds(book_on(deals(*won, *lost, *few), LAST))
        rows = answer.frame.query("age == 0").set_index("stage")
        assert rows["verdict"].to_dict() == {"Discovery": "in_line", "Proposal": "too_low", "Negotiation": "too_few"}
        assert rows["stated"].to_dict() == {"Discovery": 0.1, "Proposal": 0.4, "Negotiation": 0.7}
        assert rows["value"].loc[["Discovery", "Proposal"]].tolist() == [0, 1]
        assert "too low for Proposal (stated 40%, won 100%" in answer.sentences[0]
        picture = charts.calibration(answer)
        assert "Discovery stated 10%, won 0% (n = 30)" in picture.alt

    def test_an_open_one_borrows_from_the_longest_stay_with_enough_to_judge(self):
        odds = pd.DataFrame(
            {"stage": ["A", "A", "A", "B"], "age": [0, 30, 90, 0], "n": [50, 20, 5, 9], "value": [0.5, 0.3, 0.1, 0.9],
             "low": 0.0, "high": 1.0}
        )  # fmt: skip
        cells = pd.DataFrame({"stage": ["A", "B", "A", "A", "C"], "age": [180, 0, 0, 60, 0]}, index=[7, 3, 5, 1, 2])
        assert nearest_odds(odds, cells)["value"].fillna(-1).to_dict() == {7: 0.3, 3: -1, 5: 0.5, 1: 0.3, 2: -1}

    def test_nobody_and_no_history(self, without_history):
        assert "stage_history" in salestrack.stage_odds(without_history).sentences[0]
        assert charts.calibration(salestrack.stage_odds(without_history)).empty


def incidence_of_wins(days, outcome):
    """Aalen-Johansen at the last day, day by day over plain counts."""
    there, remaining, won = len(days), 1.0, 0.0
    for day in np.unique(days):
        now = outcome[days == day]
        won += remaining * (now == 1).sum() / there
        remaining *= 1 - (now > 0).sum() / there
        there -= len(now)
    return won


# --- the open pipeline ----------------------------------------------------------------------------------------------------------


class TestOpenPipeline:
    def test_the_small_book_by_hand(self, small_book):
        answer = salestrack.open_pipeline(small_book, during="2026-Q2")
        rows = answer.frame.set_index("figure")
        assert rows.loc["weighted_pipeline", "value"] == 4000 * 0.4 + 700 * 0.1 + 2000 * 0.1
        assert rows.loc["quota", "value"] == pytest.approx(4000 + 1000 + 910)
        # Nothing open is known to be due in the quarter: O6 in July, the others without a date of the day.
        assert rows.loc["due", ["value", "n"]].tolist() == [0, 0]
        assert answer.value("pipeline_coverage") == 0
        # Closed: O1 O2 O4 O5 O8 won, O3 O10 lost. Four have an amount; cycles of 81, 149, 0, 66 and 84 days.
        assert answer.value("velocity") == pytest.approx(4 * 5 / 7 * (5700 / 4) / ((81 + 149 + 0 + 66 + 84) / 5))
        assert rows.loc["velocity", "note"] == "too_few"
        assert rows.loc["expected_pipeline", "note"] == "too_few"
        assert any("fewer than 10" in sentence for sentence in answer.sentences)

    def test_coverage_is_what_is_due_over_what_is_left(self):
        quota = typed(
            "quotas", pd.DataFrame({"rep_id": ["R1"], "start_date": ["2026-04-01"], "end_date": ["2026-06-30"], "amount": 1000.0})
        )
        turns = ("2026-04-02", "Discovery", 900, "2026-06-20"), ("2026-04-02", "Proposal", 300, "2026-08-01")
        tables = deals(
            ("A", "2026-04-02", turns[0]), ("B", "2026-04-02", turns[1]),
            ("C", "2026-04-02", ("2026-04-02", "Discovery", 400, None), ("2026-04-09", "Won", 400, "2026-04-09")),
        ) | {"quotas": quota}  # fmt: skip
        answer = salestrack.open_pipeline(book_on(tables, LAST), during="2026-Q2")
        assert answer.value("due") == 900
        assert answer.value("pipeline_coverage") == 900 / (1000 - 400)
        assert "150.0% of the €1,000 of quota less the €400 booked" in answer.sentences[2]
        by_rep = salestrack.open_pipeline(book_on(tables, LAST), during="2026-Q2", by="rep_id").frame.set_index(
            ["rep_id", "figure"]
        )
        assert by_rep.loc[("R1", "pipeline_coverage"), "value"] == 1.5
        reached = salestrack.open_pipeline(book_on(tables | {"quotas": quota.assign(amount=400.0)}, LAST), during="2026-Q2")
        assert reached.value("pipeline_coverage") is None
        assert "nothing is left to cover" in reached.sentences[2]

    def test_groups_add_up_and_each_is_weighed_by_its_own_stay(self, sample):
        whole = salestrack.open_pipeline(sample, during="2026-Q3")
        parts = salestrack.open_pipeline(sample, during="2026-Q3", by="segment").frame
        for figure in (
            "open_opportunities",
            "pipeline",
            "pipeline_created",
            "weighted_pipeline",
            "expected_pipeline",
            "due",
            "bookings",
        ):
            assert parts.loc[parts["figure"] == figure, "value"].sum() == pytest.approx(whole.value(figure)), figure
        # By a plain loop: the share won of the longest stay in the same stage that ten or more had.
        odds = whole.odds.frame.query("n >= 10")
        waiting = sample.fetch(sample.table("stays").filter(ibis._.outcome == "open", ibis._.open)).dropna(subset=["amount"])
        worth = 0.0
        for row in waiting.to_dict("records"):
            told = odds[(odds["stage"] == row["stage"]) & (odds["age"] <= max(age for age in AGES if age <= row["days"]))]
            worth += row["amount"] * told.sort_values("age")["value"].iloc[-1]
        assert whole.value("expected_pipeline") == pytest.approx(worth)

    def test_without_history_and_quotas_it_tells_what_is_left_to_tell(self):
        book = book_on({"opportunities": frames()["opportunities"], "reps": frames()["reps"]}, AS_OF)
        answer = salestrack.open_pipeline(book, during="2026-Q2")
        rows = answer.frame.set_index("figure")
        assert rows.loc[["expected_pipeline", "quota"], "note"].tolist() == ["absent", "absent"]
        assert [word in " ".join(answer.sentences) for word in ("stage_history", "quotas")] == [True, True]
        with pytest.raises(PeriodError):
            salestrack.open_pipeline(book, during="2020")

    @pytest.mark.parametrize(("old", "told"), [(10, True), (11, False)])
    def test_no_rate_of_the_closed_for_those_older_than_any_of_them(self, old, told):
        """20 closed after 30 days; of 20 open ones half and more are 31 days old, the others 5."""
        ends = [("2026-05-01", stage, 10, "2026-05-01") for stage in ("Won", "Lost")]
        closed = [(f"C{i}", "2026-04-01", ("2026-04-01", "Discovery", 10, None), ends[i % 2]) for i in range(20)]
        days = ["2026-05-30"] * old + ["2026-06-25"] * (20 - old)
        waiting = [(f"O{i}", day, (day, "Discovery", 10, "2026-09-01")) for i, day in enumerate(days)]
        answer = salestrack.open_pipeline(book_on(deals(*closed, *waiting), LAST), during="2026-Q2")
        row = answer.frame.set_index("figure").loc["velocity"]
        # 20 open, half of the closed won, 10 each, in 30 days.
        assert (row["value"] == pytest.approx(20 * 0.5 * 10 / 30)) == told
        assert row["note"] == ("" if told else "aged")
        said = " ".join(answer.sentences)
        assert ("What they bring a day cannot be told: 11 of the 20 are older than nineteen in twenty" in said) == (not told)
        assert ("the open ones bring" in said) == told

    def test_the_interval_of_the_velocity_holds_what_it_says(self):
        """Deals whose size and cycle go together: 95 % intervals over 1000 cohorts of 150 closed opportunities."""
        rng = np.random.default_rng(4)
        rate, there = 0.4, 80
        truth = there * rate * np.exp(0.5 * 0.8**2) / (60 * np.exp(0.5 * 0.5**2))
        cohorts, n = 1000, 150
        won = rng.random((cohorts, n)) < rate
        alike = rng.standard_normal((cohorts, n))
        amount = np.exp(0.8 * (0.6 * alike + 0.8 * rng.standard_normal((cohorts, n)))) * won
        days = 60 * np.exp(0.5 * alike) * won
        columns = np.stack([won, won, amount, won, days], axis=-1).astype(float)
        found = velocity(np.full(cohorts, there), np.full(cohorts, n), np.einsum("gni,gnj->gij", columns, columns))
        covered = ((found.low <= truth) & (truth <= found.high)).mean()
        assert 0.93 <= covered <= 0.97


# --- hygiene --------------------------------------------------------------------------------------------------------------------


class TestHygiene:
    def test_the_small_book_by_hand(self, small_book):
        """Open: O6 (touched), O9 and O12 (not), O11 without anything; too few wins to say what is too long."""
        rows = salestrack.hygiene(small_book).frame.set_index("check")
        assert rows[["n", "of"]].to_numpy().tolist() == [
            [0, 0],  # overlong
            [0, 0],  # overdue: nobody's date of that day is known; the book was exported in July
            [4, 4],  # no_close_date
            [1, 4],  # no_amount: O11
            [3, 4],  # untouched: O9 O11 O12; C7 is of July
            [0, 3],  # skipped: O11 has no history
            [1, 4],  # no_owner: O11
            [0, 3],  # owner_gone
            [4, 4],
        ]  # fmt: skip
        assert rows.loc["untouched", ["amount", "amount_share"]].tolist() == [700 + 2000, 2700 / 6700]
        assert "Only 5 won" in rows.loc["overlong", "reason"]

    def test_each_check_flags_what_it_says(self):
        wins = [
            (f"W{i}", "2026-01-01", ("2026-01-01", "Discovery", 1, None), ("2026-01-31", "Won", 1, "2026-01-31")) for i in range(20)
        ]
        # What is lost lasts as long as it likes: it does not say how long a win takes.
        turns = ("2026-01-01", "Discovery", 1, None), ("2026-04-01", "Lost", 1, "2026-04-01")
        lost = [(f"L{i}", "2026-01-01", *turns) for i in range(20)]
        tables = deals(
            *wins,
            *lost,
            ("old", "2026-05-30", ("2026-05-30", "Discovery", 10, "2026-07-30")),  # 31 days; the wins took 30
            ("young", "2026-05-31", ("2026-05-31", "Discovery", 20, "2026-06-30")),
            ("late", "2026-06-29", ("2026-06-29", "Discovery", 40, "2026-06-29")),
            ("jumped", "2026-06-29", ("2026-06-29", "Proposal", 80, "2026-07-30")),
            ("gone", "2026-06-29", ("2026-06-29", "Discovery", 160, "2026-07-30")),
        )
        tables["opportunities"].loc[lambda f: f["opportunity_id"] == "gone", "rep_id"] = "R9"
        reps = pd.DataFrame({"rep_id": ["R1", "R9"], "name": ["Ada", "Zoe"], "left_date": [None, "2026-06-30"]})
        answer = salestrack.hygiene(book_on(tables | {"reps": typed("reps", reps)}, LAST))
        rows = answer.frame.set_index("check")
        assert answer.long_days == 30
        assert rows["amount"].drop("any").fillna(-1).to_dict() == {
            "overlong": 10, "overdue": 40, "no_close_date": 0, "no_amount": 0, "untouched": -1, "skipped": 80, "no_owner": 0,
            "owner_gone": 160,
        }  # fmt: skip
        assert "activities" in rows.loc["untouched", "reason"]
        assert rows.loc["any", ["n", "of", "amount"]].tolist() == [4, 5, 290]
        assert answer.worst["checks"].tolist() == [("owner_gone",), ("skipped",), ("overdue",), ("overlong",)]

    def test_nothing_open_is_said(self):
        done = deals(("A", "2026-01-05", ("2026-01-05", "Discovery", 1, None), ("2026-01-20", "Won", 1, "2026-01-20")))
        answer = salestrack.hygiene(book_on(done, LAST))
        assert answer.frame.empty
        assert answer.sentences == ("Nothing is open, so there is nothing to tidy up.",)


# --- the pages of the methods -----------------------------------------------------------------------------------------------------


class TestPages:
    """What the pages work out by hand, or show of the sample company, is what comes out."""

    @staticmethod
    def page(name):
        return " ".join((Path(__file__).parents[1] / "docs" / "methods" / name).read_text(encoding="utf-8").split())

    def test_waterfall(self, book):
        page, found = self.page("waterfall.md"), steps_of(salestrack.waterfall(book, during="2026-Q2"))
        for step, text in (("start", "6,700 | 7"), ("created", "+6,500 | 4"), ("lost", "-2,000 | 2"), ("won", "-5,700 | 5")):
            assert f"{found[step][0]:+,.0f} | {found[step][1]}".lstrip("+") == text.lstrip("+")
            assert f"| {text} |" in page
        assert f"| +{found['recorded'][0]:,.0f} | {found['recorded'][1]} |" in page
        assert f"| {found['end'][0]:,.0f} | {found['end'][1]} |" in page

    def test_slips_and_pace(self, sample, book):
        page = self.page("slips_and_pace.md")
        # The mistake: slips of the whole life against winning, in the third quarter of 2026.
        history = sample.fetch(sample.table("stage_history")).sort_values(["opportunity_id", "entered_at"], kind="stable")
        told = history[~history["stage"].isin(["Won", "Lost"])].dropna(subset=["close_date"])
        month = pd.to_datetime(told["close_date"]).dt.to_period("M").astype("int64")
        slipped = (month.groupby(told["opportunity_id"]).diff() > 0).groupby(told["opportunity_id"]).any()
        closed = rows_of(sample, "opportunities").query("closed").assign(slipped=slipped).dropna(subset=["slipped"])
        closed = closed[closed["close_date"].map(lambda day: day >= date(2026, 7, 1))]
        ever, never = (closed[closed["slipped"] == which]["won"].mean() for which in (True, False))
        assert f"{ever:.1%} of the slipped".replace("%", " %") in page
        assert f"{never:.1%} of the others".replace("%", " %") in page
        rows = salestrack.pace(book, during="2026-06").frame.set_index("period")["booked"]
        assert f"stands at {rows['2026-06']:,.0f} on its last day" in page
        assert f"April stood at {rows['2026-04']:,.0f} (O1, O4) and May at {rows['2026-05']:,.0f}" in page

    def test_pipeline(self, odds, book):
        page, won = self.page("pipeline.md"), odds.frame.set_index(["stage", "age"])["value"]
        old, new = won[("Proposal", 90)], won[("Proposal", 0)]
        assert f"{new:.0%} of those who come to Proposal are won, and {old:.0%}".replace("%", " %") in page
        answer = salestrack.open_pipeline(book, during="2026-Q2")
        assert f"€{answer.value('weighted_pipeline'):,.0f}" in page
        assert f"€{answer.value('velocity'):,.0f} a day" in page
        assert f"/ {answer.value('mean_sales_cycle'):.0f} =" in page
        untouched = salestrack.hygiene(book).frame.set_index("check").loc["untouched"]
        assert f"€{untouched['amount']:,.0f} of €6,700" in page
