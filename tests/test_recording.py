"""Where a book's record of closes begins: told from missing closes, not from the mere first one."""

from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest

import salestrack as st
from salestrack.recording import record_of_closes
from tests.small_book import book_of, typed

FIRST = date(2026, 3, 2)
AS_OF = date(2026, 6, 30)


def book_with(lives):
    """A book of (days from FIRST to the creation, days to the close or None while open, stage at the end), with its history."""
    rows, history = [], []
    for i, (born, days, end) in enumerate(lives):
        created = FIRST + timedelta(days=int(born))
        closed = None if days is None else created + timedelta(days=int(days))
        rows.append({"opportunity_id": f"O{i}", "stage": end, "amount": 100.0, "created_date": created, "close_date": closed})
        history.append({"opportunity_id": f"O{i}", "stage": "Discovery", "entered_at": created})
        history += [{"opportunity_id": f"O{i}", "stage": end, "entered_at": closed}] if closed else []
    tables = {
        "opportunities": typed("opportunities", pd.DataFrame(rows).astype(object)),
        "stage_history": typed("stage_history", pd.DataFrame(history).astype(object)),
    }
    return book_of(ibis.duckdb.connect(), tables, AS_OF)


def after(n, days=10, end="Lost"):
    return [(i % 7, days, end) for i in range(n)]


class TestWhatSpeaksForMissingCloses:
    """Those created since the first close are all closed after ten days; those before are as old as that or not."""

    @pytest.mark.parametrize(("before", "found"), [(6, None), (7, FIRST)])
    def test_seven_that_would_have_been_closed_by_then(self, before, found):
        """The first close is that of one created ten days before it: it is no day too late."""
        old = [(-20, 40, "Won")] * before + [(-10, 10, "Won")]
        assert record_of_closes(book_with([*old, *after(20)])) == found

    def test_those_too_young_to_be_closed_say_nothing(self):
        young = [(-10, 20, "Won")] * 50 + [(-10, 10, "Won")] * 10
        assert record_of_closes(book_with([*young, *after(20)])) is None

    def test_half_of_the_others_closed_by_that_age_counts_half(self):
        """Half closed at ten days, half still open: fourteen of that age let seven closes expect, thirteen do not."""
        others = after(20) + [(i % 7, None, "Discovery") for i in range(20)]
        for before, found in ((14, FIRST), (13, None)):
            old = [(-20, None, "Discovery")] * before + [(-10, 10, "Won")]
            assert record_of_closes(book_with([*old, *others])) == found

    def test_nothing_closed_or_nothing_before(self):
        assert record_of_closes(book_with([(0, None, "Discovery")] * 20)) is None
        assert record_of_closes(book_with([*after(20), (0, 0, "Won")])) is None


def company(rng, since):
    """300 opportunities of 100 days before FIRST and 80 after, lives exponential; those closed before a day are not recorded."""
    born = rng.integers(-100, 80, 300)
    days = np.minimum(rng.exponential(30, 300).astype(int), 10_000)
    open_at_end = born + days > (AS_OF - FIRST).days
    lives = zip(born, days, rng.choice(["Won", "Lost"], 300), open_at_end, strict=True)
    made = [(b, None if o else d, "Discovery" if o else end) for b, d, end, o in lives]
    return [each for each in made if since is None or each[1] is None or each[0] + each[1] >= since]


def test_many_companies():
    """No book that lacks nothing is taken for one that does, and none that lacks the closes of a hundred days is missed."""
    rng = np.random.default_rng(11)
    whole = [record_of_closes(book_with(company(rng, None))) for _ in range(15)]
    assert whole == [None] * 15
    cut = [record_of_closes(book_with(company(rng, 0))) for _ in range(5)]
    assert all(found is not None and FIRST <= found <= FIRST + timedelta(days=7) for found in cut)


@pytest.fixture(scope="module")
def truncated():
    """Forty created before the record, of which only the slow and won are left; and twenty like them since, half of them won."""
    since = [(day % 7, 10 + day % 2, end) for day, end in enumerate(["Won", "Lost"] * 10)]
    return book_with([(-15, 15 + i % 5, "Won") for i in range(40)] + since)


class TestAnswersLeaveThemOut:
    SENTENCE = (
        "40 opportunities created before 2 Mar 2026 are left out: closes are recorded since that day only, so of the earlier "
        "ones the book holds those that lived long."
    )

    def test_funnel(self, truncated):
        answer = st.funnel(truncated)
        assert answer.frame.set_index("step").loc["Won", "cumulative_share"] == pytest.approx(0.5)
        assert self.SENTENCE in answer.sentences

    def test_a_cohort_of_them_alone_is_nobody_and_says_why(self, truncated):
        answer = st.funnel(truncated, during="2026-02")
        assert answer.frame.empty
        assert answer.sentences == (self.SENTENCE,)

    def test_nothing_is_compared_with_them(self, truncated):
        answer = st.funnel(truncated, during="2026-03", against="previous")
        assert answer.differences.empty
        assert any("Nothing can be said of 2026-03 against 2026-02" in sentence for sentence in answer.sentences)
        assert self.SENTENCE in answer.sentences

    def test_leaks(self, truncated):
        answer = st.leaks(truncated)
        assert answer.frame.set_index("step").loc["Discovery", ["entered", "left"]].tolist() == [20, 10]
        assert self.SENTENCE in answer.sentences

    def test_stage_odds(self, truncated):
        answer = st.stage_odds(truncated)
        assert answer.sentences[-1] == self.SENTENCE
        at_entry = answer.frame.query("age == 0").set_index("stage")
        assert at_entry.loc["Discovery", ["n", "won"]].tolist() == [20, 10]

    def test_times_in_stage(self, truncated):
        answer = st.bottlenecks(truncated)
        assert answer.frame.set_index("stage").loc["Discovery", ["n", "median"]].tolist() == [20, 10]
        assert answer.sentences[-1].startswith("40 stays of opportunities created before 2 Mar 2026 are not in the times")

    def test_time_to_close(self, truncated):
        answer = st.cycle(truncated)
        assert answer.frame.loc[0, ["n", "n_won", "time_to_close"]].tolist() == [20, 50, 10]
        assert answer.sentences[-1].startswith("40 opportunities created before 2 Mar 2026 are not in the time to close:")
