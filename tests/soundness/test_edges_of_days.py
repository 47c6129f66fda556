"""The first day counts, the last day counts, the day after does not: wherever an analysis compares days.

Each book here has one row on each side of an edge; amounts are powers of two, so that a sum says which rows are in it.
"""

from datetime import date

import pandas as pd
import pytest

import salestrack as st
from salestrack.as_of import as_it_was
from tests.generated import book_on
from tests.small_book import frames, typed
from tests.test_pipeline import deals, steps_of

LAST = date(2026, 6, 30)


def expected(name, day, amount, created="2026-01-05"):
    """An open opportunity that is expected to close on a day."""
    return (name, created, (created, "Discovery", amount, day))


def won(name, day, amount, created="2026-01-05"):
    return (name, created, (created, "Discovery", amount, day), (day, "Won", amount, day))


def slipping(name, day, amount):
    """An opportunity whose date moves from the last of August to the first of September, on a day."""
    return (name, "2026-01-05", ("2026-01-05", "Discovery", amount, "2026-08-31"), (day, "Proposal", amount, "2026-09-01"))


class TestPace:
    EDGES = deals(
        # The record of closes begins on the first of April: April is the first whole month.
        won("A", "2026-04-01", 1), won("B", "2026-04-30", 2), won("C", "2026-05-01", 4), won("D", "2026-05-31", 8),
        won("E", "2026-06-01", 16), won("F", "2026-06-30", 32),
        expected("G", "2026-05-31", 64), expected("H", "2026-06-01", 128), expected("I", "2026-06-30", 256),
        expected("J", "2026-07-01", 512),
    )  # fmt: skip

    def test_a_period_that_ends_today_is_over_and_whole(self):
        answer = st.pace(book_on(self.EDGES, LAST), during="2026-06")
        rows = answer.frame.set_index("period")
        assert rows.index.tolist() == ["2026-04", "2026-05", "2026-06"]
        assert rows["booked"].tolist() == [1 + 2, 4, 16 + 32]  # day 30 of May leaves the 31st out
        assert rows["final"].tolist() == [1 + 2, 4 + 8, 16 + 32]
        assert rows["share_of_final"].tolist() == pytest.approx([1, 4 / 12, 1])
        assert answer.day_number == 30

    def test_the_day_before_its_end_it_is_not_over(self):
        rows = st.pace(book_on(self.EDGES, date(2026, 6, 29)), during="2026-06").frame.set_index("period")
        assert rows["final"].fillna(-1).tolist() == [1 + 2, 4 + 8, -1]
        assert rows["booked"].tolist() == [1, 4, 16]

    def test_due_is_from_its_first_to_its_last_day(self):
        rows = st.pace(book_on(self.EDGES, LAST), during="2026-06").frame.set_index("period")
        # On 30 May D (due and won on the 31st) and G were open; on 30 June H and I, and F had just been won.
        assert rows["due"].tolist() == [0, 8 + 64, 128 + 256]

    def test_a_month_counts_when_the_record_begins_on_its_first_day_and_not_on_its_second(self):
        later = deals(won("A", "2026-04-02", 1), won("C", "2026-05-01", 4), won("E", "2026-06-01", 16))
        assert st.pace(book_on(later, LAST), during="2026-06").frame["period"].tolist() == ["2026-05", "2026-06"]


class TestSlips:
    EDGES = deals(
        # Slipped on the first and on the last day of June, and on the days beside them.
        slipping("A", "2026-05-31", 1),
        slipping("B", "2026-06-01", 2),
        slipping("C", "2026-06-30", 4),
        slipping("D", "2026-07-01", 8),
        # First told on the last day of June, and on the first of July: the one was watched in June, the other was not.
        ("E", "2026-06-30", ("2026-06-30", "Discovery", 16, "2026-08-31")),
        ("F", "2026-07-01", ("2026-07-01", "Discovery", 32, "2026-08-31")),
        # Closed on the last day of May, and on the first of June: the other was still watched in June.
        ("G", "2026-01-05", ("2026-01-05", "Discovery", 64, "2026-08-31"), ("2026-05-31", "Lost", 64, "2026-05-31")),
        ("H", "2026-01-05", ("2026-01-05", "Discovery", 128, "2026-08-31"), ("2026-06-01", "Lost", 128, "2026-06-01")),
    )  # fmt: skip

    def test_moves_and_watched_are_those_of_the_period(self):
        rows = st.slips(book_on(self.EDGES, date(2026, 7, 31)), during="2026-06").frame.set_index("move")
        slipped = rows.loc["slipped_month"]
        assert (slipped["moves"], slipped["opportunities"], slipped["amount"], slipped["days"]) == (2, 2, 2 + 4, 1)
        assert slipped["watched"] == 6  # A B C D (on its old date) E H
        assert rows.loc["slipped_quarter", "moves"] == 0  # 31 August and 1 September are of one quarter


class TestWaterfall:
    DUE = deals(
        expected("A", "2026-06-30", 1),
        expected("B", "2026-07-01", 2),
        expected("C", "2026-09-30", 4),
        expected("D", "2026-10-01", 8),
    )

    def test_due_is_from_the_first_to_the_last_day_of_its_window(self):
        answer = st.waterfall(book_on(self.DUE, LAST), during="2026-Q2", due="2026-Q3")
        found = steps_of(answer)
        assert found["start"] == found["end"] == (2 + 4, 2)

    def test_what_closes_on_the_last_evening_has_closed_and_what_closed_on_the_first_is_not_in_it(self):
        tables = deals(
            won("A", "2026-03-31", 1), won("B", "2026-04-01", 2), won("C", "2026-06-30", 4), expected("D", "2026-08-01", 8)
        )
        found = steps_of(st.waterfall(book_on(tables, LAST), during="2026-Q2"))
        assert (found["start"], found["won"], found["end"]) == ((2 + 4 + 8, 3), (-(2 + 4), 2), (8, 1))


class TestEventsOfLeads:
    """What happened to a lead on the day of the book has happened, to the last minute of it."""

    STAMPS = ("marketing_qualified_at", "sales_qualified_at", "first_response_at", "converted_at", "disqualified_at")

    def book(self, stamp):
        rows = {
            "lead_id": ["before", "on", "at_night", "after"],
            "created_at": "2026-06-01",
            "opportunity_id": "O1",
            "reason": "No budget",
            stamp: ["2026-06-29 12:00:00", "2026-06-30 00:00:00", "2026-06-30 23:59:59", "2026-07-01 00:00:00"],
        }
        return book_on(frames() | {"leads": typed("leads", pd.DataFrame(rows))}, date(2026, 7, 31))

    @pytest.mark.parametrize("stamp", STAMPS)
    def test_on_the_day_itself(self, stamp):
        then = as_it_was(self.book(stamp), LAST)
        rows = then.fetch(then.table("leads")).set_index("lead_id")
        assert rows.index[rows[stamp].notna()].tolist() == ["before", "on", "at_night"]
        known_by = {"converted_at": "opportunity_id", "disqualified_at": "reason"}.get(stamp)
        if known_by:
            assert rows.index[rows[known_by].isna()].tolist() == ["after"]
