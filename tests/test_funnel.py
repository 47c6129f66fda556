"""Funnel and leaks: by hand on the small book, by plain Python on generated ones, by other libraries, and on simulated cohorts."""

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as some
from lifelines import KaplanMeierFitter
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

import salestrack as st
from salestrack.errors import PeriodError, UnknownNameError
from salestrack.stats.by_amount import incidence_by_amount
from salestrack.stats.foremost import foremost_rate, foremost_share
from salestrack.stats.intervals import Interval, share
from salestrack.stats.progress import shares_reaching
from salestrack.stats.ratios import share_of_sum
from salestrack.stats.standardised import against_expected
from tests.chart_company import bars, layers, names, points
from tests.generated import LAST, OPEN, book_on, lives, opportunities
from tests.small_book import book_of, frames, typed

# Each example opens a book; shrinking one would take minutes.
FEW_BOOKS = settings(max_examples=5, phases=[Phase.explicit, Phase.generate])
METHODS = Path(__file__).parents[1] / "docs" / "methods"
AS_OF = date(2026, 6, 30)
START = date(2026, 1, 1)


def rows_of(answer, cohort="opportunities"):
    frame = answer.frame[answer.frame["cohort"] == cohort]
    return frame.set_index("step")


def book_with(deals, as_of=AS_OF, **more):
    """A book of (stage after stage with its day since the start, amount, more columns) for each opportunity."""
    rows, history = [], []
    for i, (stays, amount, extra) in enumerate(deals):
        days = [START + timedelta(days=day) for _, day in stays]
        rows.append({"opportunity_id": f"O{i}", "stage": stays[-1][0], "amount": amount, "created_date": days[0],
                     "close_date": days[-1]} | extra)  # fmt: skip
        history += [
            {"opportunity_id": f"O{i}", "stage": stage, "entered_at": day} for (stage, _), day in zip(stays, days, strict=True)
        ]
    tables = {"opportunities": typed("opportunities", pd.DataFrame(rows).astype(object)),
              "stage_history": typed("stage_history", pd.DataFrame(history).astype(object))}  # fmt: skip
    return book_of(ibis.duckdb.connect(), tables | more, as_of)


def lost_at(stage, days, amount=100.0, **extra):
    """An opportunity that is lost from a stage after so many days in it, a day in each stage before."""
    stays = [(name, i) for i, name in enumerate(OPEN[: OPEN.index(stage) + 1])]
    return [*stays, ("Lost", stays[-1][1] + days)], amount, extra


def won(amount=100.0, **extra):
    return [*((name, i) for i, name in enumerate(OPEN)), ("Won", len(OPEN))], amount, extra


@pytest.fixture(scope="session")
def whole(small_book):
    return st.funnel(small_book)


@pytest.fixture(scope="session")
def whole_of_book(book):
    return st.funnel(book)


@pytest.fixture(scope="session")
def leaks_of_book(book):
    return st.leaks(book)


class TestTheSmallBook:
    """Nine have a history. Of Discovery O12 is still there after 60 days; O7 and O10 left. O4 was created and won on one day."""

    def test_counts_and_next_shares(self, whole):
        found = rows_of(whole)
        assert found.index.tolist() == ["Discovery", "Proposal", "Negotiation", "Won"]
        assert found["entered"].tolist() == [9, 6, 3, 3]
        assert found.loc["Discovery", ["went_on", "left", "open"]].tolist() == [6, 2, 1]
        assert found.loc["Proposal", ["went_on", "left", "open"]].tolist() == [3, 1, 2], "O9 was lost and taken up again: open"
        # Proposal: 1/6 on day 0; of 5/6 a quarter leaves on day 30, a third of the rest goes on on day 59, and half on day 61.
        proposal = 1 / 6 + 5 / 6 * 3 / 4 * (1 / 3 + 2 / 3 * 1 / 2)
        assert found["next_share"].tolist()[:3] == pytest.approx([6 / 9, proposal, 1])
        assert set(found["note"]) == {"too_few", ""}

    def test_the_share_of_the_cohort_that_comes_to_each_step(self, whole):
        """Since the first step: 5/9 are in Proposal on day 60, where O6 is last seen; then a quarter of the rest leaves."""
        found = rows_of(whole)
        mass = 5 / 9 * 3 / 4
        negotiation = 1 / 9 + mass / 3 + mass * 2 / 3 / 2
        assert found["cumulative_share"].tolist() == pytest.approx([1, 6 / 9, negotiation, negotiation])
        assert found.loc["Discovery", ["cumulative_low", "cumulative_high"]].tolist() == [1, 1]

    def test_by_value(self, whole):
        """O10 has no amount; O12 is worth 2,000 as last known on the day, not the 2,500 of July."""
        found = rows_of(whole)
        assert found["amount"].tolist() == [14_000, 11_200, 4_500, 4_500]
        assert found["with_amount"].tolist() == [8, 6, 3, 3]
        assert found.loc["Discovery", "next_by_amount"] == pytest.approx(11_200 / 14_000)
        rest = (1 - 500 / 11_200) * (1 - 2_000 / 6_700)
        assert found.loc["Proposal", "next_by_amount"] == pytest.approx(
            500 / 11_200 + rest * (1_000 / 4_700 + 3_700 / 4_700 * 3_000 / 3_700)
        )

    def test_what_is_skipped_is_implied_or_does_not_count(self, book, whole_of_book):
        """O4 skipped Proposal and Negotiation, O1 Negotiation."""
        assert rows_of(whole_of_book)["skipped"].tolist() == [0, 1, 2, 0]
        answer = st.funnel(book, visited_only=True)
        found = rows_of(answer)
        assert found["entered"].tolist() == [9, 5, 1, 3]
        assert found.loc["Proposal", "next_share"] == pytest.approx(3 / 4 * (1 / 3 + 2 / 3 * 1 / 2))
        assert found["cumulative_share"].tolist() == pytest.approx([1, 5 / 9, 5 / 9 * 3 / 4 / 3, 1 / 9 + 5 / 9 * 3 / 4 * 2 / 3])
        assert "do not count as come to" in " ".join(answer.sentences)

    def test_leads_are_followed_to_the_win(self, whole):
        """L1 became O4, which was won the same day; L2 and L4 are MQL, and L4 becomes SQL only after the day."""
        found = rows_of(whole, "leads")
        steps = ["leads", "marketing_qualified", "sales_qualified", "opportunities", "Proposal", "Negotiation", "Won"]
        assert found.index.tolist() == steps
        assert found["entered"].tolist() == [4, 3, 1, 1, 1, 1, 1]
        assert found["cumulative_share"].tolist() == [1, 0.75, 0.25, 0.25, 0.25, 0.25, 0.25]
        assert found["open"].tolist() == [1, 2, 0, 0, 0, 0, 0]

    def test_a_cohort_is_those_who_came_to_the_first_step_in_the_period(self, book):
        """Of April to June: O4, O6, O10 and O12; what O1 did in April does not belong there."""
        found = rows_of(st.funnel(book, during="2026-Q2"))
        assert found["entered"].tolist() == [4, 2, 1, 1]

    def test_too_few_are_said_to_be(self, whole_of_book):
        said = whole_of_book.sentences
        few = "Only 9 opportunities came to Discovery in all periods: too few to judge."
        assert said[0] == f"{few} 3 are won, 3 have left, 3 are still open."
        assert "3 opportunities created then have no recorded stage and are not in it." in said

    def test_leaks(self, small_book):
        """At Discovery 315 days were spent, 45 weeks, and two left; at Proposal one left in 281 days."""
        answer = st.leaks(small_book)
        found = rows_of(answer)
        assert found["left"].tolist() == [2, 1, 0]
        assert found["weeks"].tolist() == pytest.approx([45, 281 / 7, 60 / 7])
        assert found["hazard"].tolist()[:2] == pytest.approx([2 / 45, 7 / 281])
        assert found["share"].tolist() == pytest.approx([1 / 9 + 2 / 9, 5 / 6 / 4, 0])
        assert found["amount"].tolist() == [800, 2_000, 0], "O10 has no amount"
        assert found["half_days"].tolist()[:2] == [85, 30]
        assert (
            answer.sentences[0]
            == "Only 3 of the opportunities that came to a step in all periods have left there: too few to name a leak."
        )

    def test_shares_are_those_of_the_metrics(self, small_book):
        found = rows_of(st.leaks(small_book, during="2026-Q1"))
        told = st.measure(small_book, st.leakage, by="stage", during="2026-Q1").frame.set_index("stage")
        for ours, theirs in (("share", "value"), ("low", "low"), ("high", "high"), ("entered", "n")):
            assert found[ours].tolist() == pytest.approx(told[theirs].tolist())


def passages(life, as_of):
    """Walk one opportunity by hand: (step, days since the first step on entering and on leaving it, outcome), visited steps."""
    turns = [turn for turn in life.turns if turn.at.date() <= as_of]
    first = {}
    for turn in turns:
        first.setdefault(turn.stage, turn.at.date())
    end = turns[-1].at.date() if turns[-1].stage in ("Won", "Lost") else None
    status = turns[-1].stage if end else "open"
    days = [first.get(name) for name in OPEN] + [end if status == "Won" else None]
    reach = [min((day for day in days[k:] if day), default=None) for k in range(len(days))]
    rows = []
    for k in range(len(OPEN)):
        if reach[k] is None:
            continue
        if reach[k + 1]:
            until, outcome = reach[k + 1], "went_on"
        else:
            until, outcome = (end, "left") if status == "Lost" else (as_of, "open")
        if until >= reach[k]:
            rows.append((k + 1, reach[k], until, outcome, OPEN[k] in first))
    return rows


class TestGeneratedBooks:
    @FEW_BOOKS
    @given(some.lists(lives(), min_size=1, max_size=8))
    def test_counts_are_those_of_a_walk_over_rows(self, told):
        answer = st.funnel(book_on(opportunities(told, LAST)))
        expected = {}
        for life in told:
            for step, _, _, outcome, _ in passages(life, LAST):
                expected[step, outcome] = expected.get((step, outcome), 0) + 1
        found = rows_of(answer)
        for step, name in enumerate(OPEN, 1):
            assert found.loc[name, ["went_on", "left", "open"]].tolist() == [
                expected.get((step, o), 0) for o in ("went_on", "left", "open")
            ]

    @FEW_BOOKS
    @given(some.lists(lives(), min_size=1, max_size=8))
    def test_shares_never_rise_on_the_way_and_lie_in_0_to_1(self, told):
        for visited_only in (False, True):
            found = rows_of(st.funnel(book_on(opportunities(told, LAST)), visited_only=visited_only))
            shares = found[["next_share", "cumulative_share", "cumulative_by_amount", "next_by_amount"]].stack().dropna().to_numpy()
            assert ((shares >= 0) & (shares <= 1)).all()
            if not visited_only:
                assert (np.diff(found["cumulative_share"]) <= 1e-12).all()
        limits = found[["cumulative_low", "cumulative_share", "cumulative_high"]].dropna().to_numpy()
        assert (np.diff(limits, axis=1) >= -1e-12).all()


def brute_force(rows, steps):
    """Push exact fractions through the steps, day by day; rows are (step, entered, until, outcome)."""
    here, reached = [Fraction(0)] * (steps + 1), [Fraction(0)] * (steps + 1)
    here[1] = reached[1] = Fraction(1)
    for day in sorted({until for _, _, until, _ in rows}):
        for step in range(1, steps):
            there = [row for row in rows if row[0] == step and row[1] <= day <= row[2]]
            for outcome in ("went_on", "left"):
                if not there:
                    continue
                moving = here[step] * Fraction(sum(row[2] == day and row[3] == outcome for row in there), len(there))
                if outcome == "went_on":
                    gone, here[step + 1], reached[step + 1] = moving, here[step + 1] + moving, reached[step + 1] + moving
                else:
                    here[step] -= moving + gone
    return [float(each) for each in reached[1:]]


class TestSharesReaching:
    @settings(max_examples=60)
    @given(some.data())
    def test_it_is_the_product_integral_by_brute_force(self, data):
        rows = []
        for _ in range(data.draw(some.integers(1, 7))):
            day = 0
            for step in (1, 2, 3):
                until = day + data.draw(some.integers(0, 3))
                outcome = data.draw(some.sampled_from(["went_on", "left", "open"]))
                rows.append((step, day, until, outcome))
                day = until
                if outcome != "went_on":
                    break
        frame = pd.DataFrame(rows, columns=["step_number", "since", "until", "outcome"]).assign(count=1, visited=True)
        entries, exits = frame.rename(columns={"since": "days"}), frame.rename(columns={"until": "days"})
        found = shares_reaching(entries, exits, 4)["value"].tolist()
        assert found == pytest.approx(brute_force(rows, 4), abs=1e-9)

    def test_groups_are_worked_out_by_themselves(self):
        came = [("a", 1, 0, 4), ("a", 2, 3, 1), ("b", 1, 0, 2)]
        gone = [("a", 1, 3, 1, "went_on"), ("a", 1, 9, 3, "left"), ("b", 1, 5, 2, "open")]
        entries = pd.DataFrame(came, columns=["g", "step_number", "days", "count"]).assign(visited=True)
        exits = pd.DataFrame(gone, columns=["g", "step_number", "days", "count", "outcome"])
        found = shares_reaching(entries, exits, 2, ["g"]).set_index(["g", "step_number"])["value"]
        assert found.to_dict() == {("a", 1): 1.0, ("a", 2): 0.25, ("b", 1): 1.0, ("b", 2): 0.0}


def cohort(rng, n, watched):
    """Simulate quick and slow opportunities: the quick go on more often, so that the days in one step tell of the next."""
    quick = rng.random(n) < 0.5
    chance = np.where(quick, 0.8, 0.4)
    horizon = rng.integers(watched // 2, watched, n)
    rows, day, there = [], np.zeros(n, dtype=int), np.ones(n, dtype=bool)
    for step in (1, 2):
        until = day + rng.geometric(np.where(quick, 1 / 8, 1 / 30))
        outcome = np.where(rng.random(n) < chance, "went_on", "left")
        unseen = until > horizon
        outcome, until = np.where(unseen, "open", outcome), np.where(unseen, horizon, until)
        rows.append(pd.DataFrame({"step_number": step, "since": day, "until": until, "outcome": outcome})[there])
        there &= outcome == "went_on"
        day = until
    return pd.concat(rows).assign(count=1, visited=True)


def test_the_share_that_comes_to_the_end_is_right_where_days_in_one_step_tell_of_the_next():
    """Of quick ones 0.64 come to the end, of slow ones 0.16: 0.4 in all. A product of the steps' own shares is too high."""
    rng, found = np.random.default_rng(7), []
    for _ in range(30):
        frame = cohort(rng, 1500, 260)
        found.append(
            shares_reaching(frame.rename(columns={"since": "days"}), frame.rename(columns={"until": "days"}), 3)["value"].iloc[-1]
        )
    assert np.mean(found) == pytest.approx(0.40, abs=0.01)


class TestIncidenceByAmount:
    def test_with_nothing_open_it_is_the_share_of_a_sum(self):
        rng = np.random.default_rng(1)
        amount, left = rng.lognormal(0, 1, 80), rng.random(80) < 0.4
        sums = pd.DataFrame({"days": rng.integers(1, 9, 80), "outcome": np.where(left, "left", "went_on"), "n": 1, "s1": amount,
                             "s2": amount**2})  # fmt: skip
        found = incidence_by_amount(sums, "left").iloc[0]
        x = np.where(left, amount, 0)
        expected = share_of_sum(80, x.sum(), amount.sum(), (x**2).sum(), (amount**2).sum(), (x * amount).sum())
        assert (found["value"], found["low"], found["high"]) == pytest.approx(tuple(expected), rel=1e-9)

    def test_weighted_survival_of_another_library(self):
        rng = np.random.default_rng(2)
        days, weight, ended = rng.integers(1, 30, 60), rng.integers(1, 9, 60), rng.random(60) < 0.7
        sums = pd.DataFrame({"days": days, "outcome": np.where(ended, "left", "open"), "n": 1, "s1": weight, "s2": weight**2})
        other = KaplanMeierFitter().fit(days, ended, weights=weight)
        assert incidence_by_amount(sums, "left")["value"].iloc[0] == pytest.approx(
            1 - other.survival_function_.iloc[-1, 0], abs=1e-9
        )

    def test_the_interval_covers_in_simulated_cohorts_with_half_of_it_open(self):
        rng, hits, runs = np.random.default_rng(3), 0, 400
        for _ in range(runs):
            amount = rng.lognormal(0, 0.8, 150)
            until, watched = rng.geometric(1 / 20, 150), rng.integers(15, 61, 150)
            seen = until <= watched
            outcome = np.where(seen, np.where(rng.random(150) < 0.3, "left", "went_on"), "open")
            sums = pd.DataFrame({"days": np.minimum(until, watched), "outcome": outcome, "n": 1, "s1": amount, "s2": amount**2})
            sums = sums.assign(outcome=sums["outcome"].where(sums["days"] <= 40, "open"), days=sums["days"].clip(upper=40))
            found = incidence_by_amount(sums, "left").iloc[0]
            truth = 0.3 * (1 - (1 - 1 / 20) ** 40)
            hits += found["low"] <= truth <= found["high"]
        assert 0.92 <= hits / runs <= 0.99


class TestForemost:
    @pytest.mark.parametrize(("k", "weeks"), [((30, 10), (100.0, 100.0)), ((30, 20), (50.0, 70.0)), ((12, 9), (10.0, 20.0))])
    def test_two_rates_are_told_apart_as_by_the_binomial_test(self, k, weeks):
        first, beside = foremost_rate(k, weeks)
        assert first == 0
        test = stats.binomtest(k[0], sum(k), weeks[0] / sum(weeks), alternative="greater")
        mid = test.pvalue - stats.binom.pmf(k[0], sum(k), weeks[0] / sum(weeks)) / 2
        assert bool(beside[1]) == (2 * mid > 0.05)

    def test_what_is_the_same_everywhere_is_named_the_first_in_few_cases(self):
        rng = np.random.default_rng(5)
        named = [not foremost_rate(rng.poisson(40, 6), np.ones(6))[1].any() for _ in range(2000)]
        assert np.mean(named) <= 0.05
        shares = []
        for _ in range(1000):
            found = share(rng.binomial(100, 0.3, 6), 100)
            shares.append(not foremost_share(found)[1].any())
        assert np.mean(shares) <= 0.05

    def test_nothing_to_compare(self):
        assert foremost_rate([0, 0], [10, 10])[0] == -1
        assert foremost_share(Interval([np.nan], [np.nan], [np.nan]))[0] == -1


class TestAgainstExpected:
    def test_with_nothing_open_it_is_the_test_of_another_library(self):
        rng = np.random.default_rng(11)
        left = np.array([[rng.binomial(n, p) for n, p in zip((60, 80), row, strict=True)] for row in ((0.3, 0.5), (0.2, 0.3))])
        n = np.array([[60, 80], [60, 80]])
        counts = [
            (rep, step, outcome, number)
            for rep in (0, 1)
            for step in (0, 1)
            for outcome, number in (("left", left[rep, step]), ("went_on", n[rep, step] - left[rep, step]))
        ]
        cells = pd.DataFrame(counts, columns=["rep", "step", "outcome", "count"]).assign(days=1)
        found = against_expected(cells, "left", "rep", "step")
        tables = [np.array([[left[0, s], n[0, s] - left[0, s]], [left[1, s], n[1, s] - left[1, s]]]) for s in (0, 1)]
        other = StratifiedTable(tables).test_null_odds(correction=False)
        z = np.sqrt(other.statistic) * np.sign(found["value"][0] - found["expected"][0])
        assert found["standing"].tolist() == (["above", "below"] if abs(z) > 1.96 else ["not_distinguishable"] * 2)
        assert found["n"].tolist() == [140, 140]
        assert (found["expected"] * found["n"]).sum() == pytest.approx(left.sum())

    def test_groups_alike_are_called_apart_in_few_cases_though_one_is_young(self):
        rng, alarms = np.random.default_rng(13), 0
        for _ in range(200):
            rows = []
            for rep, pace, watched in (("young", 20, 25), ("old", 20, 90), ("older", 20, 120)):
                until = rng.geometric(1 / pace, 120)
                ends = np.where(rng.random(120) < 0.3, "left", "went_on")
                rows.append(
                    pd.DataFrame(
                        {"rep": rep, "days": np.minimum(until, watched), "outcome": np.where(until > watched, "open", ends)}
                    )
                )
            cells = pd.concat(rows).assign(count=1, step=1)
            alarms += against_expected(cells, "left", "rep", "step")["standing"].isin(["above", "below"]).any()
        assert alarms / 200 <= 0.08


@pytest.fixture(scope="session")
def leaky():
    """Sixty lost: forty at Discovery after 10 days, twenty at Proposal after 2 days; forty won. SMB loses twice as often."""
    deals = [lost_at("Discovery", 10, 100.0, segment="SMB", lost_reason="Price") for _ in range(30)]
    deals += [lost_at("Discovery", 10, 700.0, segment="Mid") for _ in range(10)]
    deals += [lost_at("Proposal", 2, 100.0, segment="SMB", lost_reason=" ") for _ in range(10)]
    deals += [lost_at("Proposal", 2, 100.0, segment="Mid", lost_reason="Timing") for _ in range(10)]
    deals += [won(segment="SMB") for _ in range(10)] + [won(segment="Mid") for _ in range(30)]
    return book_with(deals)


@pytest.fixture(scope="session")
def leaks_of_leaky(leaky):
    return st.leaks(leaky)


class TestLeaks:
    def test_the_biggest_and_the_fastest_leak_are_two(self, leaks_of_leaky):
        answer = leaks_of_leaky
        found = rows_of(answer)
        assert found["left"].tolist() == [40, 20, 0]
        # Discovery: 40 of 100 leave after 10 days, none within a week; Proposal: 20 of 60 after 2 days, and 40 go on after one.
        assert found["week_share"].tolist() == pytest.approx([0, 20 / 60, 0])
        assert found["half_days"].tolist()[:2] == [10, 2]
        assert found["hazard"].tolist() == pytest.approx([40 / (460 / 7), 20 / (80 / 7), 0])
        said = " ".join(answer.sentences)
        assert "Of 60 opportunities that left after coming to a step in all periods, most left at Discovery: 40 (67%)." in said
        # 20 of 60, nobody censored: 1 - (2/3)^(1.555^±1), 1.555 = exp(1.96 √(1/3 · 2/3 / 60) / (2/3 · log(3/2))).
        assert "They leave fastest at Proposal: 33.3% of those that come leave within a week (95% interval 23% to 47%)" in said
        assert "half of all that leave there within 2 days." in said
        assert "€12,000 left with them, at the amounts last known, most of it at Discovery (83%)." in said

    def test_what_cannot_be_told_apart_is_said(self):
        answer = st.leaks(
            book_with([lost_at("Discovery", 5) for _ in range(21)] + [lost_at("Proposal", 5) for _ in range(20)] + [won()] * 5)
        )
        assert "most left at Discovery: 21 (51%), which cannot be told from Proposal." in answer.sentences[0]

    def test_reasons_and_those_not_recorded(self, leaks_of_leaky):
        answer = leaks_of_leaky
        assert answer.reasons["left"].sum() == 60
        assert answer.reasons["amount"].sum() == 12_000
        said = " ".join(answer.sentences)
        assert "Why, as recorded: Price (30, 50%; 25% of the value); Timing (10, 17%; 8% of the value)." in said
        assert "Of 60, 20 (33%) give no reason." in said, "ten without a reason, and ten blanks"

    def test_groups_add_up_and_stand_apart(self, leaky):
        groups = st.leaks(leaky, by="segment").groups.set_index("group")
        assert groups["left"].to_dict() == {"SMB": 40, "Mid": 20}
        assert groups["amount"].to_dict() == {"Mid": 8_000, "SMB": 4_000}
        assert groups.index.tolist() == ["Mid", "SMB"], "the most valuable first"
        assert groups["running_share"].tolist() == pytest.approx([2 / 3, 1])
        # SMB: 50 come to Discovery, 20 to Proposal, 10 to Negotiation; 40 of 100, 20 of 60 and none of 40 leave there.
        assert groups.loc["SMB", "expected"] == pytest.approx((50 * 0.4 + 20 / 3) / 80)
        assert groups["standing"].to_dict() == {"SMB": "above", "Mid": "below"}

    def test_break_downs_that_do_not_vary_are_left_out_unless_asked_for(self, leaky, leaks_of_leaky):
        assert leaks_of_leaky.by == ("segment",)
        assert st.leaks(leaky, by=["segment", "source"]).by == ("segment", "source")
        with pytest.raises(UnknownNameError, match="segmnt"):
            st.leaks(leaky, by="segmnt")

    def test_shares_are_those_of_the_metric_in_any_scope(self, leaky):
        told = st.measure(leaky, st.leakage, by="stage", where={"segment": "SMB"}).frame
        assert rows_of(st.leaks(leaky, where={"segment": "SMB"}))["share"].tolist() == pytest.approx(told["value"].tolist())

    def test_definitions_are_there(self, leaks_of_leaky):
        assert [card["name"] for card in leaks_of_leaky.definitions.records()] == ["leakage", "stage_conversion"]


class TestComparing:
    def test_two_scopes(self, leaky):
        answer = st.funnel(leaky, where={"segment": "SMB"}, against={"segment": "Mid"})
        row = answer.differences.query("figure == 'cumulative' and step == 'Won'").iloc[0]
        assert (row["before"], row["after"], row["n_before"], row["n_after"]) == (0.6, 0.2, 50, 50)
        assert row["verdict"] == "down"
        assert "Fewer opportunities come to Won in segment SMB than in segment Mid: 20.0% against 60.0%" in " ".join(
            answer.sentences
        )

    def test_a_younger_cohort_is_read_after_as_many_days(self):
        """Both lose and win alike, on day 50 and day 5; the younger has been watched for 30 days only."""

        def deals(first, as_of_day):
            made = []
            for i in range(60):
                end = "Lost" if i % 3 else "Won"
                after = 50 if end == "Won" else 5
                stays = [("Discovery", first), *([(end, first + after)] if first + after <= as_of_day else [])]
                made.append((stays, 100.0, {}))
            return made

        book = book_with(deals(0, 180) + deals(150, 180))
        answer = st.funnel(book, during="2026-Q2", against="previous")
        assert rows_of(answer)["cumulative_share"]["Won"] == 0, "none of the younger is won yet"
        wins = answer.differences.query("step == 'Won'").iloc[0]
        assert (wins["days"], wins["before"], wins["after"]) == (30, 0, 0)
        assert set(answer.differences["verdict"]) <= {"cannot_tell", "too_few"}

    def test_cohorts_alike_are_told_apart_in_few_cases(self):
        rng, alarms = np.random.default_rng(17), 0
        for _ in range(8):
            deals = []
            for _ in range(240):
                stage = OPEN[min(rng.geometric(0.35) - 1, 2)] if rng.random() < 0.7 else None
                side = {"segment": "SMB" if rng.random() < 0.5 else "Mid"}
                deals.append(won(**side) if stage is None else lost_at(stage, int(rng.integers(1, 40)), **side))
            answer = st.funnel(book_with(deals), where={"segment": "SMB"}, against={"segment": "Mid"})
            alarms += answer.differences["verdict"].isin(["up", "down"]).any()
        assert alarms <= 2

    def test_a_period_must_be_given_to_be_earlier_than(self, book):
        with pytest.raises(PeriodError, match="during="):
            st.funnel(book, against="previous")

    def test_a_period_before_the_book_has_nothing_to_compare(self, book):
        answer = st.funnel(book, during="2026-Q1", against="2020-Q1")
        assert answer.differences.empty
        assert any("Nothing can be said of 2026-Q1 against 2020-Q1" in sentence for sentence in answer.sentences)

    def test_groups(self, leaky):
        answer = st.funnel(leaky, by="segment")
        ends = answer.frame.query("step == 'Won'").set_index("segment")["cumulative_share"]
        assert ends.to_dict() == pytest.approx({"SMB": 0.2, "Mid": 0.6})
        most, least = "most often in Mid (60.0%, 95% interval 46% to 72%)", "least often in SMB (20.0%, 11% to 33%)"
        assert f"Opportunities come to Won {most} and {least}, by more than chance." in answer.sentences
        assert answer.overall.set_index("step").loc["Won", "cumulative_share"] == pytest.approx(0.4)
        assert answer.frame.groupby("step")["entered"].sum().to_dict() == answer.overall.set_index("step")["entered"].to_dict()


class TestWhatABookLacks:
    def test_without_history_and_leads_one_sentence(self):
        tables = {"opportunities": frames()["opportunities"]}
        for answer in (st.funnel(book_of(ibis.duckdb.connect(), tables)), st.leaks(book_of(ibis.duckdb.connect(), tables))):
            assert answer.frame.empty
            assert len(answer.sentences) == 1
            assert "stage_history" in answer.sentences[0]
            assert "stage_history" in str(answer)

    def test_leads_alone_are_followed_until_they_are_opportunities(self):
        tables = {name: frames()[name] for name in ("opportunities", "leads", "reps")}
        answer = st.funnel(book_of(ibis.duckdb.connect(), tables))
        assert set(answer.frame["cohort"]) == {"leads"}
        assert answer.frame["step"].tolist() == ["leads", "marketing_qualified", "sales_qualified", "opportunities"]
        assert "stage_history" in answer.sentences[-1]
        assert set(st.leaks(book_of(ibis.duckdb.connect(), tables)).frame["cohort"]) == {"leads"}

    def test_a_step_that_nobody_records_is_no_step(self):
        tables = frames()
        tables["leads"] = tables["leads"].assign(marketing_qualified_at=pd.NaT)
        answer = st.funnel(book_of(ibis.duckdb.connect(), tables))
        assert "marketing_qualified" not in set(answer.frame["step"])

    def test_leads_are_not_narrowed_to_what_only_an_opportunity_knows(self, book):
        answer = st.funnel(book, where={"account.industry": "Retail"})
        assert set(answer.frame["cohort"]) == {"opportunities"}
        assert any("they know account.industry only once they have become an opportunity" in each for each in answer.sentences)

    def test_nobody_in_the_period(self, book):
        for answer in (st.funnel(book, during="2019"), st.leaks(book, during="2019")):
            assert answer.frame.empty
            assert answer.sentences == (answer.sentences[0],)

    def test_a_converted_lead_without_its_opportunity_is_followed_no_further(self):
        tables = frames()
        tables["leads"] = tables["leads"].assign(opportunity_id=None).astype({"opportunity_id": "string"})
        found = rows_of(st.funnel(book_of(ibis.duckdb.connect(), tables)), "leads")
        assert found.loc["opportunities", ["entered", "went_on", "open"]].tolist() == [1, 0, 1]

    def test_a_lead_that_was_given_up_and_went_on_was_not_given_up(self):
        tables = frames()
        leads = tables["leads"].assign(disqualified_at=pd.to_datetime(["2026-04-03", "2026-05-01", None, "2026-05-05"]))
        found = rows_of(st.funnel(book_of(ibis.duckdb.connect(), tables | {"leads": leads})), "leads")
        assert found.loc["marketing_qualified", ["went_on", "left", "open"]].tolist() == [1, 1, 1], (
            "L4 was taken up after it was given up"
        )


class TestCharts:
    def test_the_funnel_draws_the_shares(self, leaky):
        chart = st.charts.funnel(st.funnel(leaky))
        assert [width for _, width in bars(chart, "cumulative")] == [1.0, 0.6, 0.4, 0.4]
        assert names(chart) == ["Discovery", "Proposal", "Negotiation", "Won"]
        assert points(chart, "by_amount")[0] == (1.0, 0.0)
        assert "Proposal 60.0% (n = 60)" in chart.alt

    def test_the_leaks_draw_how_many_leave_within_a_week_and_a_pareto(self, leaks_of_leaky):
        answer = leaks_of_leaky
        chart = st.charts.leaks(answer)
        assert points(chart, "week_share")[:2] == [(0.0, 0.0), (pytest.approx(20 / 60), 1.0)]
        pareto = st.charts.leaks(answer, by="segment")
        assert [width for _, width in bars(pareto, "share_of_amount")] == pytest.approx([2 / 3, 1 / 3])
        assert layers(pareto, "running_share")[0].get_xdata().tolist() == pytest.approx([2 / 3, 1])
        assert names(st.charts.leaks(answer, by="reason"))[0] == "(not recorded)"
        with pytest.raises(UnknownNameError, match="source"):
            st.charts.leaks(answer, by="source")

    def test_nothing_to_draw_says_why(self, book):
        assert st.charts.funnel(st.funnel(book, during="2019")).empty
        assert st.charts.leaks(st.leaks(book, during="2019")).empty


class TestPages:
    """What the pages of the methods work out by hand is what comes out."""

    def test_the_funnel(self, whole_of_book):
        page = " ".join((METHODS / "funnel.md").read_text(encoding="utf-8").split())
        found = rows_of(whole_of_book)
        told = {"Discovery": "6/9 = {:.1%} go on", "Proposal": "1/3 + 2/3 · 1/2) = {:.1%}."}
        for step, text in told.items():
            assert text.format(found.loc[step, "next_share"]) in page
        assert "to Proposal {:.1%}; to Negotiation".format(found.loc["Proposal", "cumulative_share"]) in page
        assert "= {:.1%}; all of them are won".format(found.loc["Won", "cumulative_share"]) in page
        assert "{:,.0f} of {:,.0f}, or {:.1%}".format(
            found.loc["Proposal", "amount"], found.loc["Discovery", "amount"], found.loc["Discovery", "next_by_amount"]
        ) in page  # fmt: skip

    def test_leaks(self, leaks_of_book):
        page = " ".join((METHODS / "leakage.md").read_text(encoding="utf-8").split())
        found = rows_of(leaks_of_book)
        assert found["week_share"].tolist() == [0, 0, 0]
        assert "Within a week of coming to Discovery nobody has left: 0 of 9" in page
        assert "half of those that leave it have left by day {:.0f}".format(found.loc["Discovery", "half_days"]) in page
        assert f"{found.loc['Discovery', 'hazard']:.4f} a week at risk" in page
        assert f"(2 in {found.loc['Discovery', 'weeks']:.0f} weeks)" in page
        assert "to do as it did): {:.1%}. With it went {:,.0f};".format(*found.loc["Discovery", ["share", "amount"]]) in page
        assert "At Proposal O3 left, with {:,.0f}.".format(found.loc["Proposal", "amount"]) in page
