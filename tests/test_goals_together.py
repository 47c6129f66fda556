"""Goals whose rows are young, and goals of which several are judged on one page."""

import math

import numpy as np
import pytest
from scipy.stats import norm

import salestrack as st
from salestrack.definition import METRICS
from salestrack.goals import Goals, goal_status
from salestrack.goals.verdicts import Bar, of_fact, of_range
from salestrack.stats.compare import of_many
from salestrack.stats.intervals import Interval, share
from tests.small_book import AS_OF
from tests.test_goal_status import CLOSED, LONG_AGO, PAST_CLOSED, book_with, judge, status_of
from tests.test_ripeness import DAYS, book_on, entry_rates

# --- what enters is judged once all of it is ripe

TARGETS = {"speed_to_lead": (5.0, 20.0)}


def on_all_rates() -> Goals:
    targets = [(name, each) for name in entry_rates() for each in TARGETS.get(name, (0.1, 0.35, 0.9))]
    metrics = [
        {"metric": name, "target": each, "direction": "at_most" if METRICS[name].better == st.LOWER else "at_least"}
        for name, each in targets
    ]
    return Goals.model_validate({"period": "2025-Q2", "objectives": [{"name": "All", "metrics": metrics}]})


@pytest.fixture(scope="module")
def days():
    return {day: goal_status(book_on(day), on_all_rates()).frame for day in DAYS}


def test_at_the_end_of_its_own_quarter_every_rate_of_what_entered_is_too_young(days):
    frame = days[DAYS[0]]
    assert set(frame["status"]) == {"cannot_tell"}
    assert frame["reason"].str.contains("too young to tell").all()
    assert frame["value"].notna().all()


def test_the_same_cohort_gets_the_same_verdict_on_every_day_on_which_it_gets_one(days):
    last = days[DAYS[-1]]
    assert {"on_track", "off"} <= set(last["status"])  # something is told
    for day in DAYS:
        told = days[day]["status"] != "cannot_tell"
        now, then = days[day][told], last[told]
        assert now[["status", "value", "low", "high", "n", "reason"]].equals(
            then[["status", "value", "low", "high", "n", "reason"]]
        )


def test_a_rate_that_is_ripe_says_at_which_age_it_was_read(days):
    status = goal_status(book_on(DAYS[-1]), on_all_rates())
    told = [one for one in status.judged if one.metric.name == "close_rate"]
    assert {one.label for one in told} == {f"Close rate within {told[0].age} days"}
    measured = st.measure(book_on(DAYS[-1]), "close_rate", during="2025-Q2", age=told[0].age).value()
    assert told[0].found.value == pytest.approx(measured)


def test_a_young_goal_says_from_when_it_can_be_told():
    """Created until 30 June; ripe after 90 days (or so many as the book says), so at the end of September."""
    status = goal_status(book_on(DAYS[0]), on_all_rates())
    one = next(one for one in status.judged if one.metric.name == "sales_qualification_rate")
    assert f"too young to tell before {one.ripe_on}, when all that entered in 2025-Q2 is ripe." in one.reason
    assert one.ripe_on.endswith("2025")


# --- several goals on one page


def test_of_several_goals_each_is_judged_the_more_strictly():
    """60 of 100 against 70 % is missed for one goal; of six, chance gives one as much: Wilson's limit at 1 - 0.05 / 6."""
    book = book_with(*CLOSED, as_of=AS_OF)
    assert judge(book, "win_rate", 0.7)["reason"] == "60.0% against at least 70.0%: missed."
    goal = {"metric": "win_rate", "target": 0.7}
    six = status_of(book, goal, *[{"metric": "won_opportunities", "target": 60 + i} for i in range(5)]).frame
    z = norm.ppf(1 - 0.025 / 6)
    centre, half = (60 + z * z / 2) / (100 + z * z), z / (100 + z * z) * math.sqrt(60 * 40 / 100 + z * z / 4)
    assert six["reason"][0] == (
        "60.0% against at least 70.0%: missed, but within what chance alone gives one of 6 goals "
        f"({centre - half:.1%} to {centre + half:.1%})."
    )
    assert six["status"][0] == "off"  # missed is missed
    assert six.loc[0, ["low", "high"]].tolist() == pytest.approx(list(share(60, 100))[1:])  # what is shown stays at 95 %


def test_goals_without_a_target_and_goals_of_another_scope_are_no_looks(book):
    goal = {"metric": "bookings", "target": 5000}
    south = {"metric": "bookings", "target": 1, "where": {"team": "South"}}
    result = status_of(book, goal, {"metric": "win_rate"}, south, where={"team": "North"})
    assert {one.question.looks for one in result.judged} == {1}


def test_a_range_that_decides_alone_does_not_among_several():
    shown, strict = Interval(80, 70, 95), Interval(80, 60, 110)
    assert of_range(Bar(100, "at_least"), shown).status == "off"
    assert of_range(Bar(100, "at_least"), strict, shown) == ("at_risk", "behind-looks")
    assert of_range(Bar(65, "at_least"), strict, shown) == ("at_risk", "ahead-looks")
    assert of_range(Bar(90, "at_least"), strict, shown) == ("at_risk", "behind")
    assert of_range(Bar(120, "at_least"), strict, shown) == ("off", "hardly")


def test_chance_alone_clearly_misses_a_goal_on_one_page_in_twenty_at_most():
    """Eight goals, each set where the truth is: half of them are missed, clearly so on 5 % of pages; singly on 20 to 35 %."""
    draw = np.random.default_rng(3)
    found = draw.binomial(200, 0.3, (2000, 8))
    clear = {}
    for looks in (1, 8):
        intervals = {k: Interval(*(float(side) for side in share(k, 200, of_many(0.95, looks)))) for k in np.unique(found)}
        named = {k: of_fact(Bar(0.3, "at_least"), interval).reason in ("met", "missed") for k, interval in intervals.items()}
        clear[looks] = np.vectorize(named.get)(found).any(axis=1).mean()
    assert clear[8] <= 0.06
    assert 0.2 <= clear[1] <= 0.4


def test_one_page_of_running_goals_shows_ranges_of_95_percent():
    book = book_with(LONG_AGO, *PAST_CLOSED, *CLOSED)
    alone = judge(book, "win_rate", 0.34)
    among = status_of(book, {"metric": "win_rate", "target": 0.34}, {"metric": "bookings", "target": 10**6}).frame.iloc[0]
    assert alone["status"] == "on_track"
    assert among["status"] == "at_risk"
    assert among["reason"].endswith("; ahead; of 2 goals one may look safe by chance.")
    assert among[["end", "end_low", "end_high"]].tolist() == pytest.approx(alone[["end", "end_low", "end_high"]].tolist())
