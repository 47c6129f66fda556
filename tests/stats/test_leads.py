"""Leads needed against closed forms and a funnel that is walked lead by lead."""

import random

import numpy as np
import pytest
from scipy import stats

from salestrack.errors import StatisticsError
from salestrack.stats.leads import simulate_leads
from tests.kit import steps

CERTAIN = 10**9
STEPS = [(300, 1000), (120, 300), (60, 120), (20, 60)]
SIZES = ([500, 2000, 9000], [20, 30, 10])


def known(rate):
    """A step whose rate is known as good as exactly."""
    return (rate * CERTAIN, CERTAIN)


class TestAgainstTheory:
    def test_equal_deals_and_known_rate_give_the_negative_binomial(self):
        found = simulate_leads(10_000, [known(0.2)], ([1000], [CERTAIN]), seed=1, draws=100_000)
        assert [each[1] for each in (found.p10, found.p50, found.p90)] == [10, 10, 10]
        expected = 10 + stats.nbinom.ppf([0.1, 0.5, 0.9], 10, 0.2)
        np.testing.assert_allclose([found.p10[0], found.p50[0], found.p90[0]], expected, atol=1)

    def test_two_steps_are_as_one_of_the_product_of_their_rates(self):
        one = simulate_leads(5000, [known(0.1)], ([1000], [CERTAIN]), seed=2, draws=100_000)
        two = simulate_leads(5000, [known(0.25), known(0.4)], ([1000], [CERTAIN]), seed=3, draws=100_000)
        for a, b in zip((one.p10, one.p50, one.p90), (two.p10, two.p50, two.p90), strict=True):
            assert b[0] == pytest.approx(a[0], rel=0.03)

    def test_unknown_rate_gives_the_beta_negative_binomial(self):
        found = simulate_leads(10_000, [(10, 50)], ([1000], [CERTAIN]), seed=4, draws=100_000)
        expected = [10 + stats.betanbinom.ppf(q, 10, 10.5, 40.5) for q in (0.1, 0.5, 0.9)]
        np.testing.assert_allclose([found.p10[0], found.p50[0], found.p90[0]], expected, rtol=0.03)

    @pytest.mark.parametrize("gap", [9_000, 60_000])
    def test_agrees_with_winning_deals_one_by_one(self, gap):
        values, counts = [500, 2000, 9000], [CERTAIN * share for share in (2, 3, 1)]
        found = simulate_leads(gap, [known(0.5)], (values, counts), seed=5, draws=20_000)
        rng, needed = random.Random(6), []
        for _ in range(20_000):
            booked, deals = 0, 0
            while booked < gap:
                booked, deals = booked + rng.choices(values, counts)[0], deals + 1
            needed.append(deals)
        for mine, theirs in zip((found.p10[1], found.p50[1], found.p90[1]), np.quantile(needed, [0.1, 0.5, 0.9]), strict=True):
            assert mine == pytest.approx(theirs, abs=max(1, 0.03 * theirs))

    def test_large_gaps_follow_renewal_theory(self):
        # n = gap / m ± 1.2816 √(gap s² / m³) for sizes of mean m and standard deviation s.
        values, weights = np.array([500.0, 2000, 9000]), np.array([2, 3, 1]) / 6
        m = values @ weights
        s2 = values**2 @ weights - m**2
        gap = 5_000_000
        found = simulate_leads(gap, [known(0.5)], (values, weights * CERTAIN), seed=7, draws=20_000)
        spread = 1.2816 * np.sqrt(gap * s2 / m**3)
        np.testing.assert_allclose(found.p50[1], gap / m, rtol=0.003)
        np.testing.assert_allclose(found.p90[1] - found.p10[1], 2 * spread, rtol=0.05)


class TestBehaviour:
    def test_same_seed_same_answer(self):
        one, other = (simulate_leads(100_000, STEPS, SIZES, seed=1) for _ in range(2))
        np.testing.assert_array_equal(np.array([one.p10, one.p50, one.p90]), np.array([other.p10, other.p50, other.p90]))
        assert not np.array_equal(one.p50, simulate_leads(100_000, STEPS, SIZES, seed=2).p50)

    def test_earlier_steps_need_at_least_as_many_and_p90_at_least_p50(self):
        found = simulate_leads(100_000, STEPS, SIZES)
        for each in (found.p10, found.p50, found.p90):
            assert len(each) == 5
            assert (np.diff(each) <= 0).all()
            assert (each == np.floor(each)).all()
        assert (found.p10 <= found.p50).all()
        assert (found.p50 < found.p90).all()

    def test_fewer_past_cases_widen_the_answer(self):
        many = simulate_leads(100_000, [(2000, 10_000)], SIZES)
        few = simulate_leads(100_000, [(4, 20)], SIZES)
        assert few.p90[0] - few.p10[0] > 2 * (many.p90[0] - many.p10[0])

    @pytest.mark.parametrize("gap", [0, -5000.0])
    def test_nothing_is_needed_when_the_goal_is_reached(self, gap):
        found = simulate_leads(gap, [(0, 0), (1, 2)], ([], []))
        assert (found.p10.tolist(), found.p90.tolist(), found.reason) == ([0, 0, 0], [0, 0, 0], None)

    def test_a_step_without_history_makes_it_undefined(self):
        found = simulate_leads(1000, [(5, 10), (0, 0), (1, 2)], SIZES)
        assert (found.p50, found.reason, found.step) == (None, "step_without_history", 1)

    def test_one_case_is_a_history(self):
        """1 of 1 is a rate between chance and certainty, Beta(1.5, 0.5)."""
        found = simulate_leads(10_000, [(1, 1)], ([1000], [CERTAIN]), draws=50_000)
        expected = 10 + stats.betanbinom.ppf([0.5, 0.9], 10, 1.5, 0.5)
        assert found.reason is None
        np.testing.assert_allclose([found.p50[0], found.p90[0]], expected, rtol=0.05, atol=1)

    def test_each_future_has_a_gap_of_its_own(self):
        """Half of the futures need nothing, half ten deals: the quantiles lie on either side."""
        found = simulate_leads(np.repeat([-1.0, 10_000.0], 500), [known(1.0)], ([1000], [CERTAIN]), draws=1000)
        assert [each.tolist() for each in (found.p10, found.p50, found.p90)] == [[0, 0], [0, 0], [10, 10]]

    @pytest.mark.parametrize("sizes", [([], []), ([0.0], [10]), ([100], [0])])
    def test_no_deal_of_any_size_makes_it_undefined(self, sizes):
        found = simulate_leads(1000, [(5, 10)], sizes)
        assert (found.p90, found.reason, found.step) == (None, "no_deal_sizes", None)

    def test_a_step_of_which_nothing_came_out_needs_very_many(self):
        found = simulate_leads(1000, [(0, 20), (0, 20), (0, 20), (0, 20)], SIZES)
        assert found.p90[0] > 1e6
        assert np.isfinite(found.p90).all()

    def test_deals_of_size_zero_among_others_are_won_in_vain(self):
        with_zeros = simulate_leads(10_000, [known(0.5)], ([0, 1000], [CERTAIN, CERTAIN]), draws=20_000)
        assert with_zeros.p50[1] == pytest.approx(10 + stats.nbinom.ppf(0.5, 10, 0.5), abs=1)

    @pytest.mark.parametrize(
        ("gap", "steps", "sizes", "draws"),
        [
            (float("nan"), [(1, 2)], SIZES, 10),
            (1000, [(3, 2)], SIZES, 10),
            (1000, [(-1, 2)], SIZES, 10),
            (1000, [(1, 2)], ([-5], [1]), 10),
            (1000, [(1, 2)], ([5, 6], [1]), 10),
            (1000, [(1, 2)], SIZES, 0),
        ],
    )
    def test_impossible_numbers_are_refused(self, gap, steps, sizes, draws):
        with pytest.raises(StatisticsError):
            simulate_leads(gap, steps, sizes, draws=draws)

    def test_a_large_gap_costs_little_more_than_a_small_one(self):
        sizes = np.random.default_rng(1).lognormal(8, 1.2, 300)
        small, large = (steps(lambda gap=gap: simulate_leads(gap, STEPS, (sizes, np.ones(300)))) for gap in (5e6, 5e8))
        assert large < 2 * small
