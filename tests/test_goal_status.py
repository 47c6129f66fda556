"""How a book stands against its goals: every rule by hand, on books whose figures a person can work out."""

import math
from datetime import date
from functools import cache

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as some
from scipy.stats import norm, t

import salestrack as st
from salestrack.goals import Goals, goal_status
from salestrack.goals.case import within
from salestrack.goals.projection import end_of_level, end_of_total, most_to_come, spread_of_total
from salestrack.goals.verdicts import STATUSES, Bar, of_fact, of_range
from salestrack.report.collect import Headline
from salestrack.stats.intervals import Interval
from tests.engines import materialised
from tests.small_book import AS_OF, SETTINGS, book_of, typed

# 45 of the 91 days of 2026-Q2 are gone on the evening of this day.
MIDDLE = date(2026, 5, 15)
GONE, LEFT = 45 / 91, 46 / 91


def deals(*groups: tuple[int, str, str | None, float | None]) -> pd.DataFrame:
    """Return opportunities: how many, stage, close date, amount."""
    rows = [(stage, closed, amount) for n, stage, closed, amount in groups for _ in range(n)]
    frame = pd.DataFrame(rows, columns=["stage", "close_date", "amount"])
    ids = [f"O{i}" for i in range(len(rows))]
    return typed("opportunities", frame.assign(opportunity_id=ids, created_date="2026-03-01"))


@cache
def book_with(*groups, as_of: date = MIDDLE):
    return materialised(book_of(ibis.duckdb.connect(), {"opportunities": deals(*groups)}, as_of=as_of))


def status_of(book, *entries: dict, period: str | None = "2026-Q2", **asked):
    sheet = {"objectives": [{"name": "One", "metrics": list(entries)}]} | ({"period": period} if period else {})
    return goal_status(book, Goals.model_validate(sheet), **asked)


def judge(book, metric: str, target=None, direction: str | None = None, **more) -> pd.Series:
    entry = {"metric": metric, "target": target, "direction": direction, "where": more.pop("scope", {})}
    return status_of(book, entry, **more).frame.iloc[0]


# --- a total in a running period: 30 deals of 1,000 and 10 of 3,000; Σx = 60,000, Σx² = 120 million, 30 effective deals


@pytest.fixture(scope="session")
def running():
    return book_with((30, "Won", "2026-04-01", 1000), (10, "Won", "2026-05-15", 3000), (20, "Lost", "2026-05-02", 500))


END = 60_000 / GONE  # 121,333
REACH = t.ppf(0.975, 30) / math.sqrt(30) * math.sqrt(LEFT)
LOW, HIGH = END * math.exp(-REACH), END * math.exp(REACH)  # 93,100 and 158,100


def test_a_running_total_is_projected_by_its_pace(running):
    found = judge(running, "bookings", 100_000)
    assert (found["value"], found["n"]) == (60_000, 40)
    assert found["pace"] == pytest.approx(60_000 / (100_000 * 45 / 91))
    assert found[["end", "end_low", "end_high"]].tolist() == pytest.approx([END, LOW, HIGH])
    assert 93_000 < LOW < 93_200
    assert 158_000 < HIGH < 158_300


@pytest.mark.parametrize(
    ("target", "direction", "status", "tail"),
    [
        (93_000, "at_least", "on_track", "it would take more than chance to miss the target"),
        (94_000, "at_least", "at_risk", "ahead, but chance alone can still turn it"),
        (121_000, "at_least", "at_risk", "ahead, but chance alone can still turn it"),
        (122_000, "at_least", "at_risk", "behind, but chance alone can still turn it"),
        (158_000, "at_least", "at_risk", "behind, but chance alone can still turn it"),
        (159_000, "at_least", "off", "it would take more than chance to reach the target"),
        (159_000, "at_most", "on_track", "it would take more than chance to miss the target"),
        (122_000, "at_most", "at_risk", "ahead, but chance alone can still turn it"),
        (121_000, "at_most", "at_risk", "behind, but chance alone can still turn it"),
        (93_000, "at_most", "off", "it would take more than chance to reach the target"),
        (60_000, "at_least", "on_track", "the target is reached already"),
        (59_999, "at_most", "off", "the limit is exceeded already"),
    ],
)
def test_a_running_total_is_judged_by_where_it_will_end(running, target, direction, status, tail):
    found = judge(running, "bookings", target, direction)
    assert found["status"] == status
    assert found["reason"].endswith(f"; {tail}.")


def test_the_sentence_of_a_running_total_holds_its_numbers(running):
    (sentence,) = status_of(running, {"metric": "bookings", "target": 100_000}).sentences
    low, high = f"€{LOW:,.0f}", f"€{HIGH:,.0f}"
    assert sentence == (
        "Bookings, 2026-Q2: at risk. €60,000 in 45 of 91 days is 121% of the pace to at least €100,000. "
        f"At this rate the period ends between {low} and {high} (95% range); ahead, but chance alone can still turn it."
    )


def test_a_count_is_projected_as_a_count(running):
    found = judge(running, "won_opportunities", 100)
    reach = t.ppf(0.975, 40) / math.sqrt(40) * math.sqrt(LEFT)
    ends = [40 / GONE * math.exp(side) for side in (0, -reach, reach)]
    assert found[["end", "end_low", "end_high"]].tolist() == pytest.approx(ends)


def test_the_last_day_but_one_leaves_little_to_chance():
    book = book_with((30, "Won", "2026-04-01", 1000), (10, "Won", "2026-05-15", 3000), as_of=date(2026, 6, 29))
    found = judge(book, "bookings", 70_000)
    assert found["status"] == "off"
    assert found["end_high"] < 64_000


# --- few, and nothing yet


@pytest.mark.parametrize(
    ("n", "as_of", "status", "tail"),
    [
        (3, date(2026, 5, 15), "cannot_tell", "too early to tell from so few"),
        (3, date(2026, 5, 16), "at_risk", "ahead, but chance alone can still turn it"),  # 46 of 91 days: past the middle
        (10, date(2026, 5, 15), "at_risk", "ahead, but chance alone can still turn it"),
    ],
)
def test_few_deals_early_in_a_period_cannot_be_told(n, as_of, status, tail):
    book = book_with((n, "Won", "2026-04-01", 1000), as_of=as_of)
    found = judge(book, "bookings", n * 1500)
    assert (found["status"], found["reason"].rpartition("; ")[2]) == (status, f"{tail}.")


def test_limits_of_few_deals_are_not_shown():
    result = status_of(book_with((3, "Won", "2026-04-01", 1000)), {"metric": "bookings", "target": 5000})
    assert result.frame["reason"][0].startswith("€3,000 in 45 of 91 days, from 3 only, is 121% of the pace to at least €5,000;")
    assert "Period ends at (95% range)" not in str(result.table.frame.columns)


def test_few_deals_may_still_be_enough():
    assert judge(book_with((3, "Won", "2026-04-01", 1000)), "bookings", 3000)["status"] == "on_track"
    assert judge(book_with((3, "Won", "2026-04-01", 1000)), "bookings", 10**9)["status"] == "off"


@pytest.mark.parametrize(
    ("metric", "target", "direction", "as_of", "status"),
    [
        # Of 6 wins in a period none falls into its first 45 days with (46/91)^6 = 1.7 %, of 5 with 3.3 %; 2.5 % is the limit.
        ("won_opportunities", 6, "at_least", MIDDLE, "off"),
        ("won_opportunities", 5, "at_least", MIDDLE, "cannot_tell"),
        ("won_opportunities", 5, "at_most", MIDDLE, "on_track"),
        ("won_opportunities", 4, "at_most", MIDDLE, "cannot_tell"),
        ("won_opportunities", 2, "at_least", date(2026, 6, 1), "at_risk"),
        ("bookings", 1000, "at_least", MIDDLE, "cannot_tell"),
        ("bookings", 1000, "at_least", date(2026, 6, 1), "at_risk"),
        # On the last day but two 2/91 are left: even a single win would have been seen by now.
        ("bookings", 1000, "at_least", date(2026, 6, 28), "off"),
        ("bookings", 1000, "at_least", date(2026, 6, 27), "at_risk"),
    ],
)
def test_nothing_yet(metric, target, direction, as_of, status):
    book = book_with((1, "Lost", "2026-04-01", 1000), as_of=as_of)
    found = judge(book, metric, target, direction)
    assert found["status"] == status
    assert found["reason"].startswith("Nothing in ")
    assert (found["value"], found["n"], found["pace"]) == (0, 0, 0)


def test_a_limit_of_nothing_has_no_pace():
    found = judge(book_with((1, "Lost", "2026-04-01", 1000)), "won_opportunities", 0, "at_most")
    assert found["status"] == "cannot_tell"
    assert math.isnan(found["pace"])
    assert judge(book_with((1, "Won", "2026-04-01", 1000)), "won_opportunities", 0, "at_most")["status"] == "off"


# --- a complete period is a fact


@pytest.fixture(scope="session")
def complete():
    return book_with((30, "Won", "2026-04-01", 1000), (10, "Won", "2026-06-30", 3000), (20, "Lost", "2026-05-02", 500), as_of=AS_OF)


SPREAD = t.ppf(0.975, 30) / math.sqrt(30)


@pytest.mark.parametrize(
    ("target", "direction", "status", "says"),
    [
        (41_000, "at_least", "on_track", ": met."),
        (42_000, "at_least", "on_track", ": met, though by no more than chance alone gives"),
        (60_000, "at_least", "on_track", ": met, though by no more than chance alone gives"),
        (60_001, "at_least", "off", ": missed, but within what chance alone gives"),
        (87_000, "at_least", "off", ": missed, but within what chance alone gives"),
        (88_000, "at_least", "off", ": missed."),
        (88_000, "at_most", "on_track", ": met."),
        (60_000, "at_most", "on_track", ": met, though by no more than chance alone gives"),
        (59_999, "at_most", "off", ": missed, but within what chance alone gives"),
        (41_000, "at_most", "off", ": missed."),
    ],
)  # fmt: skip
def test_a_complete_total_was_met_or_missed(complete, target, direction, status, says):
    found = judge(complete, "bookings", target, direction)
    assert found["status"] == status
    assert says in found["reason"]
    assert found[["low", "high"]].tolist() == pytest.approx([60_000 * math.exp(-SPREAD), 60_000 * math.exp(SPREAD)])
    assert found[["pace", "end", "end_low", "end_high"]].isna().all()
    assert 41_000 < found["low"] < 42_000
    assert 87_000 < found["high"] < 88_000


def test_few_deals_of_a_complete_period_are_said_to_be_few():
    found = judge(book_with((4, "Won", "2026-04-01", 1000), as_of=AS_OF), "bookings", 5000)
    assert (found["status"], found["reason"]) == (
        "off",
        "€4,000 against at least €5,000: missed, on 4 only, so chance has a large part in it.",
    )


def test_nothing_in_a_complete_period_is_missed():
    found = judge(book_with((1, "Lost", "2026-04-01", 1000), as_of=AS_OF), "bookings", 5000)
    assert (found["status"], found["reason"]) == ("off", "€0 against at least €5,000: missed.")


def test_a_target_met_to_the_cent_is_met():
    book = book_with((1, "Won", "2026-04-01", 0.1), (1, "Won", "2026-04-01", 0.2), as_of=AS_OF)
    assert judge(book, "bookings", 0.3)["status"] == "on_track"
    assert judge(book, "bookings", 0.3, "at_most")["status"] == "on_track"


# --- shares, means and quantiles: 60 won of 100 closed, Wilson 50.2 to 69.1 %


def wilson(k: int, n: int) -> tuple[float, float]:
    z = norm.ppf(0.975)
    centre = (k + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(k * (n - k) / n + z * z / 4)
    return centre - half, centre + half


CLOSED = ((60, "Won", "2026-04-01", 1000), (40, "Lost", "2026-05-02", 500))


@pytest.mark.parametrize(
    ("target", "direction", "status", "tail"),
    [
        (0.52, "at_least", "on_track", "miss the target"),
        (0.54, "at_least", "at_risk", "ahead, but"),
        (0.61, "at_least", "at_risk", "behind, but"),
        (0.67, "at_least", "off", "reach the target"),
        (0.67, "at_most", "on_track", "miss the target"),
        (0.54, "at_most", "at_risk", "behind, but"),
    ],
)
def test_a_running_share_keeps_what_is_seen_and_only_the_rest_can_move_it(target, direction, status, tail):
    found = judge(book_with(*CLOSED), "win_rate", target, direction)
    low, high = wilson(60, 100)
    left = math.sqrt(LEFT)
    assert found[["value", "low", "high", "n"]].tolist() == pytest.approx([0.6, low, high, 100])
    ends = [0.6, 0.6 - left * (0.6 - low), 0.6 + left * (high - 0.6)]  # 53.0 to 66.5 %
    assert found[["end", "end_low", "end_high"]].tolist() == pytest.approx(ends)
    assert found["status"] == status
    assert tail in found["reason"]
    assert math.isnan(found["pace"])


@pytest.mark.parametrize(
    ("target", "status", "reason"),
    [
        (0.50, "on_track", "60.0% against at least 50.0%: met."),
        (0.60, "on_track", "60.0% against at least 60.0%: met, though by no more than chance alone gives (50.2% to 69.1%)."),
        (0.65, "off", "60.0% against at least 65.0%: missed, but within what chance alone gives (50.2% to 69.1%)."),
        (0.70, "off", "60.0% against at least 70.0%: missed."),
    ],
)
def test_a_complete_share_was_met_or_missed(target, status, reason):
    found = judge(book_with(*CLOSED, as_of=AS_OF), "win_rate", target)
    assert (found["status"], found["reason"]) == (status, reason)


def test_a_miss_is_not_hidden_by_rounding():
    book = book_with((629, "Won", "2026-04-01", 1000), (370, "Lost", "2026-05-02", 500), as_of=AS_OF)
    assert judge(book, "win_rate", 0.63)["reason"].startswith("62.96% against at least 63.0%: missed, but")


def test_too_few_closed_cannot_be_told():
    nine = book_with((9, "Won", "2026-04-01", 1000), as_of=AS_OF)
    found = judge(nine, "win_rate", 0.5)
    assert (found["status"], found["value"]) == ("cannot_tell", 1.0)
    assert found["reason"] == "100.0% (n = 9) against at least 50.0%: fewer than 10 are too few to judge."
    assert judge(book_with((10, "Won", "2026-04-01", 1000), as_of=AS_OF), "win_rate", 0.5)["status"] == "on_track"


def test_a_mean_and_a_median_are_judged_like_a_share(running, complete):
    for metric in ("average_deal_size", "median_deal_size"):
        measured = st.measure(running, metric, during="2026-Q2").frame.iloc[0]
        found = judge(running, metric, 900)
        left = math.sqrt(LEFT)
        assert found["end_low"] == pytest.approx(measured["value"] - left * (measured["value"] - measured["low"]))
        assert found["status"] == "on_track"
        assert judge(complete, metric, 10_000)["reason"].endswith(": missed.")


def test_lower_is_better_where_the_metric_says_so():
    # Created on 2026-03-01, won on 2026-04-01: 31 days.
    book = book_with((20, "Won", "2026-04-01", 1000), as_of=AS_OF)
    assert judge(book, "sales_cycle", 31)["reason"].startswith("31 days against at most 31 days: met")
    assert judge(book, "sales_cycle", 30)["status"] == "off"


# --- survival shares: facts only once nothing is open


def created(*groups, as_of):
    frame = deals(*groups)
    frame["created_date"] = pd.Timestamp("2026-04-01")
    return book_of(ibis.duckdb.connect(), {"opportunities": frame}, as_of=as_of)


def test_a_survival_share_is_no_fact_while_some_are_open():
    book = created(
        (12, "Won", "2026-04-21", 1), (6, "Lost", "2026-04-21", 1), (6, "Discovery", "2026-09-01", 1), as_of=date(2026, 7, 31)
    )
    measured = st.measure(book, "close_rate", during="2026-Q2").frame.iloc[0]
    found = judge(book, "close_rate", measured["value"] - 0.01)
    assert found["status"] == "at_risk"
    assert "with some not ended yet" in found["reason"]
    assert found[["end_low", "end_high"]].tolist() == pytest.approx(measured[["low", "high"]].tolist())
    assert judge(book, "close_rate", measured["low"] - 0.01)["status"] == "on_track"
    assert judge(book, "close_rate", measured["high"] + 0.01)["status"] == "off"


def test_a_survival_share_is_a_fact_once_nothing_is_open():
    book = created((12, "Won", "2026-04-21", 1), (6, "Lost", "2026-04-21", 1), as_of=date(2026, 7, 31))
    found = judge(book, "close_rate", 0.66)  # 12 of 18
    assert (found["value"], found["status"]) == (pytest.approx(2 / 3), "on_track")
    assert "chance alone gives" in found["reason"]


# --- quotas


def test_attainment_in_a_running_period_is_judged_by_the_days_gone_by():
    # By 20 May 50 of 91 days are gone: quotas due are 4,000 · 50/91 + 1,000 · 50/91 + 10 a day for the 5 days since R4 came.
    book = book_of(ibis.duckdb.connect(), as_of=date(2026, 5, 20))
    result = status_of(book, {"metric": "quota_attainment", "target": "100%"})
    found = result.frame.iloc[0]
    assert found["value"] == pytest.approx(2700 / 5910)
    assert found["pace"] == found["end"] == pytest.approx(2700 / (5000 * 50 / 91 + 50))
    assert found["status"] == "at_risk"
    assert found["reason"] == (
        "45.7% in 50 of 91 days, from 3 only, is 97% of the pace to at least 100.0%; behind, but chance alone can still turn it. "
        'Quotas are due at the end of the period, so this is judged by "Prorated quota attainment".'
    )
    assert [metric.name for metric in result.definitions] == ["quota_attainment", "prorated_quota_attainment"]


def test_attainment_of_a_complete_period_is_a_fact(book):
    found = judge(book, "quota_attainment", 0.95)
    assert (found["value"], found["status"]) == (pytest.approx(5700 / 5910), "on_track")
    squares = 1000**2 + 3000**2 + 500**2 + 1200**2
    reach = t.ppf(0.975, 5700**2 / squares) * math.sqrt(squares) / 5700
    assert found["high"] == pytest.approx(5700 / 5910 * math.exp(reach))


@cache
def quota_book(reached: int, missed: int, amount: float, as_of: date):
    """Return a book of reps with a quota of 91 each, one a day; those who reach it have won an amount, the others nothing."""
    reps = [f"R{i}" for i in range(reached + missed)]
    opportunities = deals((reached, "Won", "2026-04-01", amount), (missed, "Lost", "2026-04-01", amount)).assign(rep_id=reps)
    quotas = pd.DataFrame({"rep_id": reps, "start_date": "2026-04-01", "end_date": "2026-06-30", "amount": 91})
    people = pd.DataFrame({"rep_id": reps, "name": reps})
    tables = {"opportunities": opportunities, "quotas": quotas, "reps": people}
    return materialised(book_of(ibis.duckdb.connect(), {name: typed(name, frame) for name, frame in tables.items()}, as_of=as_of))


@pytest.mark.parametrize(("target", "status"), [(0.45, "on_track"), (0.6, "at_risk"), (0.8, "at_risk"), (0.95, "off")])
def test_reps_at_quota_are_judged_by_the_days_gone_by_while_the_period_runs(target, status):
    book = quota_book(9, 3, 50, MIDDLE)  # 45 are due by now, 91 in the end; Wilson for 9 of 12 is 46.8 to 91.1 %
    found = judge(book, "share_of_reps_at_quota", target)
    assert (found["value"], found["status"]) == (0, status)
    assert found[["end", "end_low", "end_high"]].tolist() == pytest.approx([0.75, *wilson(9, 12)])
    assert found["reason"].startswith(
        f"75.0% by the days gone by, against at least {target:.1%}. Chance alone gives 46.8% to 91.1%;"
    )
    assert found["reason"].endswith('so this is judged by "Reps at prorated quota".')
    assert judge(book, "prorated_share_of_reps_at_quota", target)["status"] == status


def test_reps_at_quota_of_a_complete_period_are_a_fact():
    book = quota_book(9, 3, 91, AS_OF)
    assert judge(book, "share_of_reps_at_quota", 0.75)["status"] == "on_track"
    assert judge(book, "share_of_reps_at_quota", 0.76)["status"] == "off"


def test_a_figure_against_stated_quotas_without_a_sibling_waits_for_the_end():
    found = judge(quota_book(9, 3, 50, MIDDLE), "mean_quota_attainment", 1)
    assert found["status"] == "cannot_tell"
    assert found["reason"] == "41.2% of the quotas of 2026-Q2 on 15 May 2026; they are due on 30 Jun 2026."  # 9 · 50/91 / 12


def test_prorated_attainment_is_judged_by_its_own_pace():
    found = judge(quota_book(12, 0, 50, MIDDLE), "prorated_quota_attainment", 1.0)
    assert found["pace"] == found["value"] == pytest.approx(50 / 45)
    assert found["end_low"] == pytest.approx(50 / 45 * math.exp(-t.ppf(0.975, 12) / math.sqrt(12) * math.sqrt(LEFT)))
    # More than is due by now is not yet what is due in the end.
    assert found["status"] == "at_risk"
    assert found["reason"].endswith("; ahead, but chance alone can still turn it.")


def test_the_quota_itself_is_known_for_the_whole_period():
    found = judge(quota_book(12, 0, 50, MIDDLE), "quota", 12 * 91, "at_least")
    assert (found["value"], found["status"], found["reason"]) == (
        pytest.approx(1092),
        "on_track",
        "€1,092 against at least €1,092: met.",
    )


# --- states


@pytest.mark.parametrize(
    ("as_of", "period", "target", "status", "reason"),
    [
        (MIDDLE, "2026-Q2", 5000, "on_track", "€5,000 on 15 May 2026 against at least €5,000: met."),
        (
            MIDDLE, "2026-Q2", 5001, "at_risk",
            "€5,000 on 15 May 2026 against at least €5,001: not there yet; the period ends on 30 Jun 2026.",
        ),
        (AS_OF, "2026-Q2", 5001, "off", "€5,000 on 30 Jun 2026 against at least €5,001: missed."),
        (MIDDLE, None, 5001, "off", "€5,000 on 15 May 2026 against at least €5,001: missed."),
        (MIDDLE, "2026-Q3", 5000, "cannot_tell", "The period 2026-Q3 has not begun on 15 May 2026, the day of the book."),
        (
            MIDDLE, "2026-Q1", 5000, "cannot_tell",
            "€5,000 on 15 May 2026, the day of the book; the goal is for 2026-Q1. Read the book as of 31 Mar 2026 to judge it.",
        ),
    ],
)  # fmt: skip
def test_a_state_is_judged_on_the_day_of_the_book(as_of, period, target, status, reason):
    book = book_with((5, "Discovery", "2026-09-30", 1000), as_of=as_of)
    found = judge(book, "pipeline", target, "at_least", period=period)
    assert (found["status"], found["reason"]) == (status, reason)


# --- cannot tell


def test_a_period_that_has_not_begun_cannot_be_told(running):
    found = judge(running, "bookings", 1000, period="2026-Q3")
    assert found["status"] == "cannot_tell"
    assert "begins on 2026-07-01, after the day of the book" in found["reason"]
    assert math.isnan(found["value"])


def test_a_period_before_the_data_cannot_be_told(running):
    found = judge(running, "bookings", 1000, period="2025-Q1")
    assert found["status"] == "cannot_tell"
    assert "before the first record" in found["reason"]


def test_no_period_at_all_cannot_be_told(running):
    found = judge(running, "bookings", 1000, period=None)
    assert (found["status"], found["period"]) == ("cannot_tell", None) or pd.isna(found["period"])
    assert found["reason"] == "No period is set, neither in the sheet nor by the page."


def test_an_absent_table_cannot_be_told(running):
    found = judge(running, "activity_hours", 10, "at_least")
    assert found["status"] == "cannot_tell"
    assert found["reason"] == "This needs the table 'activities', which the book of Small & Co does not have: no file mapped."


def test_an_undefined_figure_cannot_be_told(running):
    found = judge(book_with((1, "Discovery", "2026-04-01", 1)), "win_rate", 0.5)
    assert (found["status"], found["reason"]) == ("cannot_tell", "Nothing to count, so the figure is undefined.")
    assert math.isnan(found["value"])


def test_a_scope_that_does_not_exist_cannot_be_told(book):
    found = judge(book, "bookings", 1000, scope={"team": "Nort"})
    assert (found["status"], found["reason"]) == ("cannot_tell", "No team is called 'Nort'. Did you mean 'North'?")


def test_a_metric_without_a_target_is_measured_but_not_judged(running):
    found = judge(running, "bookings")
    assert (found["value"], found["status"], found["reason"]) == (60_000, "cannot_tell", "€60,000; no target is set.")


def test_a_share_whose_interval_cannot_be_stated_cannot_be_told(registry, running):
    @st.metric(unit=st.MONEY, clock="close_date", better=st.HIGHER, min_n=0)
    def average_small(opportunities):
        """Mean amount won, however few there are."""
        return st.Mean(of=opportunities.amount, where=opportunities.won)

    book = book_with((3, "Won", "2026-04-01", 1000))
    assert judge(book, "average_small", 900)["reason"] == (
        "€1,000 (n = 3) against at least €900 so far; how much it can still move cannot be stated."
    )
    assert judge(book_with((3, "Won", "2026-04-01", 1000), as_of=AS_OF), "average_small", 900)["status"] == "on_track"


# --- a period that the book does not hold whole


@pytest.mark.parametrize(
    ("metric", "target", "direction", "status", "tail"),
    [
        ("bookings", 20_000, "at_least", "on_track", "the target is reached already."),
        ("bookings", 20_001, "at_least", "cannot_tell", "what the rest adds cannot be told."),
        ("bookings", 19_999, "at_most", "off", "the limit is exceeded already."),
        ("win_rate", 0.1, "at_least", "on_track", "it would take more than chance to miss the target."),
        ("win_rate", 0.6, "at_least", "at_risk", "ahead, but chance alone can still turn it."),
    ],
)
def test_a_period_whose_beginning_is_missing(metric, target, direction, status, tail):
    book = book_with((20, "Won", "2026-05-01", 1000), (10, "Lost", "2026-05-20", 1000), as_of=AS_OF)
    found = judge(book, metric, target, direction)
    assert found["status"] == status
    assert found["reason"].startswith("The book begins on 1 May 2026 and does not hold all of 2026-Q2.")
    assert found["reason"].endswith(tail)


def test_quotas_of_a_period_whose_beginning_is_missing():
    reps = [f"R{i}" for i in range(12)]
    quotas = pd.DataFrame({"rep_id": reps, "start_date": "2026-04-01", "end_date": "2026-06-30", "amount": 91})
    opportunities = deals((12, "Won", "2026-05-20", 91)).assign(rep_id=reps)
    tables = {"opportunities": opportunities, "quotas": typed("quotas", quotas)}
    book = book_of(ibis.duckdb.connect(), tables, as_of=AS_OF)
    assert judge(book, "share_of_reps_at_quota", 0.9)["reason"].endswith("what the rest adds cannot be told.")


# --- periods and scopes of the page


def test_the_period_of_a_goal_is_its_own_then_the_sheets_then_the_pages(running):
    def period(entry: dict, sheet: str | None) -> object:
        return status_of(running, {"metric": "win_rate", "target": 0.5, **entry}, period=sheet, during="2026-05").frame["period"][0]

    assert period({"period": "2026-04"}, "2026-Q2") == "2026-04"
    assert period({}, "2026-Q2") == "2026-Q2"
    assert period({}, None) == "2026-05"


def test_a_goal_of_another_period_than_the_pages_is_pointed_out(running):
    asked = {"metric": "bookings", "target": 1000}
    assert list(status_of(running, asked, during="2026-05").notes) == []  # May lies in the quarter
    assert list(status_of(running, asked, during="2026-Q1").notes) == [
        "The goals set for 2026-Q2 are judged in 2026-Q2, not in 2026-Q1."
    ]


def test_a_goal_follows_the_fiscal_year_of_the_book():
    # A fiscal year that begins in February ends in January 2027: its first quarter is February to April 2026.
    settings = SETTINGS.model_copy(update={"fiscal_year_start": 2})
    book = book_of(ibis.duckdb.connect(), settings=settings)
    assert judge(book, "bookings", 5000, period="FY2027-Q1")["value"] == 1500  # O1 and O4


def test_a_page_on_a_part_judges_shares_there_and_no_totals_of_the_whole(book):
    result = status_of(
        book,
        {"metric": "bookings", "target": 5000},
        {"metric": "bookings", "target": 4000, "where": {"team": "North"}},
        {"metric": "bookings", "target": 4000, "where": {"team": ["South", "North"]}},
        {"metric": "bookings", "target": 1000, "where": {"team": "South"}},
        {"metric": "quota_attainment", "target": 0.8},
        where={"team": "North"},
    )
    # North: O1 1,000, O2 3,000 and O4 500 (O5 has no amount), quotas 4,000 and 1,000.
    assert result.frame["value"].tolist() == pytest.approx([4500, 4500, 4500, 4500 / 5000])
    assert result.frame["status"].tolist() == ["cannot_tell", "on_track", "cannot_tell", "on_track"]
    assert result.frame["reason"][0] == (
        "€4,500 for Team: North; the target of at least €5,000 is for more than that. Set a target with this scope to judge it."
    )
    assert list(result.notes) == ["Not judged here, because they are goals for another scope: Bookings (Team: South)."]


@pytest.mark.parametrize(
    ("goal", "page", "both"),
    [
        ({}, {}, {}),
        ({"team": "North"}, {}, {"team": "North"}),
        ({}, {"team": "North"}, {"team": "North"}),
        ({"team": "North"}, {"team": ["North", "South"]}, {"team": "North"}),
        ({"team": ["North", None]}, {"team": None}, {"team": [None]}),
        ({"team": ["a", "b"]}, {"team": ["b", "a"]}, {"team": ["a", "b"]}),
        ({"team": "1"}, {"team": 1}, {"team": "1"}),
        ({"team": "North"}, {"team": "South"}, None),
        ({"team": "None"}, {"team": None}, None),
    ],
)
def test_a_scope_within_a_scope(goal, page, both):
    assert within(goal, page) == both


# --- what is shown


SHEET = Goals.model_validate(
    {
        "period": "2026-Q2",
        "objectives": [
            {"name": "Grow", "metrics": [{"metric": "bookings", "target": 100_000}, {"metric": "win_rate", "target": 0.5}]},
            {"name": "<b>Keep</b>", "metrics": [{"metric": "win_rate", "target": 0.9}, "pipeline"]},
        ],
    }
)


def test_the_summary_counts_and_names(running):
    result = goal_status(running, SHEET)
    assert result.frame["status"].tolist() == ["at_risk", "on_track", "off", "cannot_tell"]
    assert result.summary == "1 of 4 goals is on track. Off: Win rate. At risk: Bookings. Cannot tell: Pipeline."
    assert len(result.sentences) == len(result.frame)


def test_no_goals_say_so(running):
    result = goal_status(running, Goals())
    assert (result.summary, result.sentences, result.headlines(), len(result.frame)) == ("No goals are set.", (), [], 0)
    assert str(result) == "No goals are set."
    assert result._repr_html_() == '<p class="st-sentence">No goals are set.</p>'


def test_a_page_on_which_no_goal_applies_says_so(book):
    result = status_of(book, {"metric": "bookings", "target": 1, "where": {"team": "South"}}, where={"team": "North"})
    assert result.summary == "No goal of the sheet applies here."
    assert "Bookings (Team: South)" in str(result)


def test_the_page_escapes_names_and_prints_everything(running):
    result = goal_status(running, SHEET)
    page = result._repr_html_()
    assert "<b>Keep" not in page
    assert "&lt;b&gt;Keep" in SHEET.table()._repr_html_()
    for text in (
        result.summary,
        "at least €100,000",
        "121%",
        "Small &amp; Co · goals as of 15 May 2026",
        "on track",
        "cannot tell",
    ):
        assert text in page or text in str(result)
    assert str(result).startswith(result.summary)


def test_headlines_are_what_a_report_takes(running):
    records = goal_status(running, SHEET).headlines()
    assert [Headline.model_validate(record).model_dump() for record in records] == records
    assert [record["name"] for record in records] == ["bookings", "win_rate", "win_rate #2", "pipeline"]
    assert {name: records[0][name] for name in ("label", "value_text", "target_text", "delta_text", "status")} == {
        "label": "Bookings",
        "value_text": "€60K",
        "target_text": "Target: at least €100,000",
        "delta_text": "121% of the pace needed",
        "status": "at_risk",
    }
    assert records[1]["delta_text"] == "+16.7 points against the target"  # 40 of 60 against 50 %
    assert (records[3]["target_text"], records[3]["delta_text"]) == ("", "")


def test_a_headline_judged_by_the_days_gone_by_says_so():
    (record,) = status_of(quota_book(9, 3, 50, MIDDLE), {"metric": "share_of_reps_at_quota", "target": 0.6}).headlines()
    assert (record["value_text"], record["delta_text"]) == ("0.0%", "75.0% by the days gone by")


def test_headlines_on_a_page_for_a_team_bear_the_metrics_own_names(book):
    entry = {"metric": "bookings", "target": 4000, "where": {"team": "North"}}
    (north,), (whole,) = (status_of(book, entry, where=where).headlines() for where in ({"team": "North"}, {}))
    assert (north["name"], north["label"]) == ("bookings", "Bookings")
    assert (whole["name"], whole["label"]) == ("bookings (Team: North)", "Bookings (Team: North)")


def test_too_few_are_marked_in_a_headline():
    (record,) = status_of(book_with((9, "Won", "2026-04-01", 1)), {"metric": "win_rate", "target": 0.5}).headlines()
    assert (record["value_text"], record["delta_text"], record["status"]) == ("100.0% (few)", "", "cannot_tell")


def test_the_frame_is_tidy(running):
    frame = goal_status(running, SHEET).frame
    assert list(frame.columns) == [
        "objective", "metric", "scope", "period", "target", "direction", "value", "low", "high", "n",
        "pace", "end", "end_low", "end_high", "status", "reason",
    ]  # fmt: skip
    assert set(frame["status"]) <= set(STATUSES)
    assert frame["n"].dtype == "int64"
    assert list(goal_status(running, Goals()).frame.columns) == list(frame.columns)


# --- the rules themselves

numbers = some.floats(-1e6, 1e6)


@given(target=numbers, ends=some.tuples(numbers, numbers, numbers).map(sorted))
def test_more_is_never_worse_and_the_two_directions_mirror(target, ends):
    low, value, high = ends
    up = of_range(Bar(target, "at_least"), Interval(value, low, high))
    down = of_range(Bar(-target, "at_most"), Interval(-value, -high, -low))
    assert up == down
    rank = ("off", "at_risk", "on_track").index
    easier = of_range(Bar(target - 1, "at_least"), Interval(value, low, high))
    assert rank(easier.status) >= rank(up.status)


@given(target=numbers, value=numbers)
def test_a_range_without_width_is_judged_like_a_fact(target, value):
    point = Interval(value, value, value)
    for direction in ("at_least", "at_most"):
        assert of_range(Bar(target, direction), point).status == of_fact(Bar(target, direction), point).status


@given(target=numbers, value=numbers, gap=some.floats(0, 1e6))
def test_a_fact_is_never_at_risk(target, value, gap):
    for few in (False, True):
        verdict = of_fact(Bar(target, "at_least"), Interval(value, value - gap, value + gap), few=few)
        assert verdict.status in ("on_track", "off")
        assert verdict.reason in ("met", "missed", "met-barely", "missed-barely", "met-few", "missed-few")


def test_unknown_limits_decide_nothing():
    nothing = Interval(math.nan, math.nan, math.nan)
    assert of_range(Bar(1, "at_least"), nothing).status == of_range(Bar(1, "at_most"), nothing).status == "at_risk"
    assert of_range(Bar(1, "at_least"), Interval(0, 0, math.nan)).status == "at_risk"
    assert of_range(Bar(1, "at_most"), Interval(2, 2, math.nan)).status == "off"


@given(
    amounts=some.lists(some.floats(0.01, 1e6), min_size=1, max_size=30), gone=some.floats(0.01, 0.99), later=some.floats(0.01, 0.99)
)
def test_a_projection_holds_its_value_and_narrows_as_days_go_by(amounts, gone, later):
    assume(gone < later)
    total, squares = sum(amounts), sum(each * each for each in amounts)
    early, late = (end_of_total(total, squares, share, share) for share in (gone, later))
    for end in (early, late):
        assert end.low <= end.value * (1 + 1e-9)
        assert end.value <= end.high * (1 + 1e-9)
        assert end.low >= total * (1 - 1e-9)  # what is booked stays booked
    assert math.log(late.high / late.value) <= math.log(early.high / early.value) * (1 + 1e-9)
    found = spread_of_total(total, squares)
    assert late.high / late.value <= found.high / total * (1 + 1e-9)


@given(share=some.floats(0.01, 0.99))
def test_the_most_to_come_is_the_last_that_is_not_too_unlikely(share):
    most = most_to_come(share)
    assert (1 - share) ** most >= 0.025 * (1 - 1e-9)
    assert (1 - share) ** (most + 1) < 0.025 * (1 + 1e-9)


def test_most_to_come_wants_a_confidence():
    with pytest.raises(ValueError, match="Write 95 % as"):
        most_to_come(0.5, 95)


@pytest.mark.parametrize(("deals_expected", "gone"), [(60, 0.3), (60, 0.7), (200, 0.5)])
def test_the_range_of_a_total_holds_the_end_as_often_as_it_says(deals_expected, gone):
    # Lognormal amounts (σ = 0.8) arriving as a Poisson process; 2,000 periods give ± 1 point.
    draw = np.random.default_rng(7)
    held = 0
    for _ in range(2000):
        before, after = (draw.lognormal(0, 0.8, draw.poisson(deals_expected * share)) for share in (gone, 1 - gone))
        end = end_of_total(before.sum(), (before**2).sum(), gone, gone)
        held += end.low <= before.sum() + after.sum() <= end.high
    assert 0.93 <= held / 2000 <= 0.97


@pytest.mark.parametrize("gone", [0.3, 0.8])
def test_the_range_of_a_share_holds_the_end_as_often_as_it_says(gone):
    draw = np.random.default_rng(7)
    seen, rest = round(200 * gone), 200 - round(200 * gone)
    # The true rate varies, so that the steps of single rates average out.
    rates = draw.uniform(0.2, 0.8, 10_000)
    k = draw.binomial(seen, rates)
    final = (k + draw.binomial(rest, rates)) / 200
    low, high = np.array([wilson(each, seen) for each in range(seen + 1)])[k].T
    end = end_of_level(Interval(k / seen, low, high), gone)
    assert 0.93 <= np.mean((end.low <= final) & (final <= end.high)) <= 0.97
