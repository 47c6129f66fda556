"""Why something cannot be told is chosen from what is true of the rows: a period that is over, wins of which some have no amount,
a history that holds the last stage only, days that only the open ones have, amounts of 0, no win at all."""

from datetime import date, timedelta

import ibis
import pytest

import salestrack as st
from salestrack.formula import Ratio
from tests.soundness.rows import book_with

AS_OF = date(2026, 6, 30)
Q1, Q2, BASE = "2026-Q1", "2026-Q2", "2025-10-01/2026-03-01"


def lines(n, *, lost=True, amount="100", created=True, lost_amount=None):
    """One is created every third day from October 2025 on and closes after 30 days; every second is won. Then 6 are open."""
    made = []
    for i in range(n):
        born = date(2025, 10, 1) + timedelta(days=3 * i)
        end = born + timedelta(days=30)
        stage = "Lost" if i % 2 and lost else "Won"
        money = lost_amount if stage == "Lost" and lost_amount is not None else amount
        money = ("-" if i % 4 == 0 else "100") if money == "some" else money
        made.append(f"C{i} R{i % 3} {money} {born if created else '-'} {end} {stage}")
    made += [f"N{i} R{i % 3} 50 2026-06-{10 + i} 2026-08-01 Discovery" for i in range(6)]
    return "\n".join(made)


def told(answer):
    return " ".join(answer.sentences)


class TestOfSomeOfTheWins:
    def test_every_answer_in_money_says_of_how_many(self):
        book = book_with(lines(80, amount="some"))
        rows = [line.split() for line in lines(80, amount="some").splitlines()]
        wins = [row[2] for row in rows if row[5] == "Won" and "2026-04-01" <= row[4] <= "2026-06-30"]
        counted = f"Only {sum(each != '-' for each in wins)} of the {len(wins)} opportunities that count in {Q2}"
        for answer in (st.pace(book, during=Q2), st.leads_needed(book, 9000, during=Q2), st.open_pipeline(book, during=Q2)):
            assert counted in told(answer), type(answer)
        assert "have a recorded amount" in told(st.trend(book, "bookings"))

    def test_where_all_have_one_nothing_is_said(self):
        book = book_with(lines(80))
        for answer in (st.pace(book, during=Q2), st.leads_needed(book, 9000, during=Q2), st.open_pipeline(book, during=Q2)):
            assert "Only" not in told(answer)


class TestLeadsNeeded:
    def test_a_goal_of_nothing_is_not_reached(self):
        book = book_with("\n".join(line for line in lines(80).splitlines() if not line.endswith("Won")))
        answer = st.leads_needed(book, during=Q2, base=BASE)
        assert answer.sentences[0] == f"No goal is set, and nothing was booked in {Q1} to go by: say how much is wanted."
        assert answer.needed.p50 is None

    def test_a_period_that_is_over_takes_no_leads(self):
        """Wins of the first quarter, counted from the lines, are worth 100 each."""
        rows = [line.split() for line in lines(80).splitlines()]
        booked = 100 * sum(row[5] == "Won" and "2026-01-01" <= row[4] <= "2026-03-31" for row in rows)
        answer = st.leads_needed(book_with(lines(80)), booked + 250, during=Q1)
        assert answer.sentences[0].startswith(f"{Q1} is over: €{booked:,} were booked in it, €250 short")

    @pytest.mark.parametrize(("during", "goal_of"), [("2026-Q3", "2026-Q1"), ("2026-Q2", "2026-Q1")])
    def test_a_running_period_is_no_goal(self, during, goal_of):
        """Be it in its middle, or three days before its end."""
        late = st.leads_needed(book_with(lines(80), as_of=date(2026, 6, 27)), during=during, base=BASE)
        assert f"what was booked in {goal_of}" in told(late)
        answer = st.leads_needed(book_with(lines(70), as_of=date(2026, 5, 15)), during=during, base=BASE)
        assert answer.goal == st.measure(answer.book, "bookings", during=goal_of).value()
        assert f"what was booked in {goal_of}" in told(answer)


@pytest.fixture(scope="module")
def of_last():
    """A history that holds the last stage of each."""
    rows = [line.split() for line in lines(80).splitlines()]
    history = {"opportunity_id": [row[0] for row in rows], "stage": [row[5] for row in rows],
               "entered_at": [row[4] if row[5] in ("Won", "Lost") else row[3] for row in rows]}  # fmt: skip
    return book_with(lines(80), stage_history=history)


class TestHistoryOfTheLastStage:
    def test_who_left_where_cannot_be_told(self, of_last):
        for answer in (
            st.funnel(of_last, during=Q2),
            st.leaks(of_last, during=Q2),
            st.bottlenecks(of_last),
            st.stage_odds(of_last),
        ):
            assert "none of the 40 lost opportunities" in told(answer)
            assert answer.frame.empty
        assert set(st.measure(of_last, ["leakage", "stage_conversion"], during=Q2).absent) == {"leakage", "stage_conversion"}

    def test_what_needs_no_steps_is_told(self, of_last):
        assert st.measure(of_last, "win_rate").value() == 40 / 80


class TestDaysOfTheOpenOnly:
    def test_what_was_created_when_cannot_be_told(self):
        book = book_with(lines(80, created=False))
        asked = ["created_opportunities", "pipeline_created", "close_rate", "won_share_of_all", "sales_cycle"]
        found = st.measure(book, asked, during=Q2)
        assert set(found.absent) == set(asked)
        assert all("Not one of the 80 closed opportunities has a creation day" in each for each in found.absent.values())
        assert "the record begins" not in told(st.leads_needed(book, 9000, during=Q2))


class TestNothing:
    def test_a_rate_that_was_always_0_has_enough_periods(self):
        book = book_with("\n".join(line for line in lines(80).splitlines() if not line.endswith("Won")))
        assert "was 0 in all" in told(st.trend(book, "win_rate"))

    def test_amounts_of_0_are_recorded(self):
        rows = lines(80, amount="0").replace(" 50 ", " 0 ")
        book = book_with(rows)
        assert "come to 0: there is no change to split up" in told(st.explain_bookings(book, during=Q2))
        assert "not recorded" not in told(st.hygiene(book))

    def test_of_a_period_that_is_over_nothing_is_due(self):
        assert "due in" not in told(st.open_pipeline(book_with(lines(80)), during=Q1))


@pytest.mark.parametrize("spelling", ["product", "product_of_int", "cases", "ifelse"])
@pytest.mark.parametrize("lost_amount", ["0", "-"])
def test_ones_own_rate_by_amount_is_refused_however_it_is_written(registry, spelling, lost_amount):
    """What was lost carries 0 or nothing: 100 % of anything would be of the won alone."""

    @st.metric(unit=st.SHARE, clock="close_date", better=st.HIGHER)
    def my_rate(opportunities):
        """Amount won of the amount closed."""
        o = opportunities
        of = {
            "product": lambda: o.amount * o.won.cast("float64"),
            "product_of_int": lambda: o.won.cast("int64") * o.amount,
            "cases": lambda: ibis.cases((o.won, o.amount), else_=0.0),
            "ifelse": lambda: o.won.ifelse(o.amount, 0.0),
        }[spelling]()
        return Ratio(of=of, over=o.amount, where=o.closed)

    found = st.measure(book_with(lines(80, lost_amount=lost_amount)), my_rate, during=Q2)
    assert found.value() is None
    assert "one side of the rate has none" in found.absent["my_rate"]
    assert st.measure(book_with(lines(80)), my_rate, during=Q2).value() == pytest.approx(0.5, abs=0.02)


def test_what_the_book_does_not_hold_is_not_for_want_of_a_whole_period():
    """The quarter before lies before the record; there are neither quotas nor leads."""
    answer = st.compare(book_with(lines(80)), ["share_of_reps_at_quota", "opportunity_rate", "bookings"], during="2025-Q4")
    assert answer.frame.set_index("metric")["reason"].to_dict() == {
        "share_of_reps_at_quota": "absent", "opportunity_rate": "absent", "bookings": "partial",
    }  # fmt: skip
    assert "needs the table 'quotas'" in answer.sentences[0]


def test_where_all_close_within_days_the_first_days_are_too_many():
    """Each closes after 3 days: on day 14 none is open."""
    rows = "\n".join(f"C{i} R 100 2026-02-{i + 1:02d} 2026-02-{i + 4:02d} {('Won', 'Lost')[i % 2]}" for i in range(24))
    calls = {"activity_id": ["A"], "rep_id": ["R"], "category": ["digital_client"], "started_at": ["2026-01-02"], "minutes": [30],
             "opportunity_id": ["C1"]}  # fmt: skip
    said = told(st.goes_with_winning(book_with(rows, activities=calls)))
    assert "24 opportunities had closed by then, and none was open" in said
