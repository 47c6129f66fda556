"""A change in a series of shares against plain counting, all orders of the periods, integrals on a grid, and known truth."""

from itertools import permutations
from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from salestrack.errors import StatisticsError
from salestrack.stats.change_point import LEAST, chance_to_see, change_point
from tests.kit import steps

K = [6, 5, 7, 6, 5, 6, 2, 1, 2, 3, 1, 2]
N = [10, 9, 11, 10, 8, 12, 10, 10, 9, 11, 10, 8]
series = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)).map(sorted), min_size=2 * LEAST, max_size=30)


def likelihood(k, n):
    """The largest log likelihood that one share gives these periods, by scipy's binomial."""
    rate = sum(k) / sum(n) if sum(n) else 0.0
    return sum(stats.binom.logpmf(a, b, rate) for a, b in zip(k, n, strict=True))


def gains(k, n):
    """The statistic of every position, one after the other."""
    return {
        at: 2 * (likelihood(k[:at], n[:at]) + likelihood(k[at:], n[at:]) - likelihood(k, n))
        for at in range(LEAST, len(k) - LEAST + 1)
    }


def weights_on_a_grid(k, n):
    """The probability of every position, the two shares integrated out on a grid under the density of Beta(1/2, 1/2)."""
    angle = (np.arange(4000) + 0.5) / 4000 * np.pi / 2
    share = np.sin(angle) ** 2  # evenly spread angles are Jeffreys' prior

    def side(k, n):
        return np.exp(k * np.log(share) + (n - k) * np.log1p(-share)).mean()

    found = {at: side(sum(k[:at]), sum(n[:at])) * side(sum(k[at:]), sum(n[at:])) for at in range(LEAST, len(k) - LEAST + 1)}
    return {at: each / sum(found.values()) for at, each in found.items()}


class TestTheStatistic:
    @given(series)
    @settings(max_examples=40)
    def test_is_the_largest_gain_in_binomial_likelihood(self, drawn):
        k, n = ([pair[i] for pair in drawn] for i in (0, 1))
        found = change_point(k, n, draws=1)
        if sum(k) in (0, sum(n)):
            assert found is None
            return
        expected = gains(k, n)
        assert found.statistic == pytest.approx(max(expected.values()), abs=1e-9)
        assert expected[found.at] == pytest.approx(found.statistic, abs=1e-9)

    def test_is_the_g_statistic_of_the_two_sides_as_scipy_counts_it(self):
        found = change_point(K, N)
        went = [sum(K[: found.at]), sum(K[found.at :])]
        stayed = [sum(N[: found.at]) - went[0], sum(N[found.at :]) - went[1]]
        g = stats.chi2_contingency([went, stayed], correction=False, lambda_="log-likelihood")
        assert found.statistic == pytest.approx(g.statistic, abs=1e-9)

    def test_shares_are_those_of_the_two_sides(self):
        found = change_point(K, N)
        assert found.at == 6
        assert found.before.value == pytest.approx(35 / 60)
        assert found.after.value == pytest.approx(11 / 58)
        assert found.ratio.value == pytest.approx(11 / 58 / (35 / 60))
        assert found.before.low < 35 / 60 < found.before.high
        assert found.ratio.low < found.ratio.value < found.ratio.high < 1

    def test_what_did_not_go_on_changes_where_what_did_changes(self):
        went, stayed = change_point(K, N), change_point([n - k for k, n in zip(K, N, strict=True)], N)
        assert (stayed.at, stayed.at_low, stayed.at_high) == (went.at, went.at_low, went.at_high)
        assert stayed.statistic == pytest.approx(went.statistic)
        assert stayed.after.value == pytest.approx(1 - went.after.value)

    def test_backwards_it_lies_at_the_mirrored_place(self):
        found = change_point(K[::-1], N[::-1])
        assert found.at == 12 - 6
        assert found.statistic == pytest.approx(change_point(K, N).statistic)

    def test_half_known_trials_count_half(self):
        known = [0.5] * 12
        half = change_point([k * 0.5 for k in K], [n * w for n, w in zip(N, known, strict=True)])
        assert half.statistic == pytest.approx(change_point(K, N).statistic / 2)


class TestItsP:
    def test_is_the_share_of_all_orders_that_show_as_much(self):
        k, n = [3, 4, 3, 4, 1, 0, 2, 1], [5, 6, 5, 5, 5, 4, 6, 5]
        pairs = list(zip(k, n, strict=True))
        least = max(gains(k, n).values()) - 1e-9
        # With 8 periods one position is left: what counts is which four come first.
        firsts = {frozenset(order[:4]) for order in permutations(range(8), 4)}
        as_large = 0
        for first in firsts:
            order = [*first, *(i for i in range(8) if i not in first)]
            mixed = [pairs[i] for i in order]
            as_large += max(gains([a for a, _ in mixed], [b for _, b in mixed]).values()) >= least
        exact = as_large / len(firsts)
        assert change_point(k, n, draws=40_000).p == pytest.approx(exact, abs=4 * (exact / 40_000) ** 0.5)

    def test_same_seed_same_answer(self):
        one, other = change_point(K, N), change_point(K, N)
        assert (one.p, one.before, one.ratio) == (other.p, other.before, other.ratio)
        np.testing.assert_array_equal(one.draws, other.draws)

    def test_a_small_one_can_be_as_small_as_the_permutations_allow(self):
        k = [9] * 30 + [1] * 30
        assert change_point(k, [10] * 60).p == 1 / 10_000
        assert change_point(k, [10] * 60, draws=50_000).p == 1 / 50_001

    def test_a_permutation_costs_no_more_for_a_longer_series(self):
        def cost(size):
            k = np.random.default_rng(1).binomial(20, 0.4, size)
            return steps(lambda: change_point(k, np.full(size, 20), draws=999))

        assert cost(150) < cost(15) + 500


class TestWhere:
    def test_the_range_is_that_of_probabilities_integrated_on_a_grid(self):
        k, n = [4, 5, 3, 4, 5, 3, 4, 2, 3, 2, 1, 2, 2, 1], [8] * 14
        chance = weights_on_a_grid(k, n)
        held, total = [], 0.0
        for at in sorted(chance, key=chance.get, reverse=True):
            held.append(at)
            total += chance[at]
            if total >= 0.95:
                break
        found = change_point(k, n)  # its periods scatter less than binomial ones, so no dispersion widens it
        assert (found.at_low, found.at_high) == (min(held), max(held))
        drawn = np.bincount(found.draws[:, 0].astype(int), minlength=14) / len(found.draws)
        assert {at: drawn[at] for at in chance} == pytest.approx(chance, abs=0.03)

    def test_a_clear_change_is_placed_exactly(self):
        found = change_point([9] * 20 + [1] * 20, [10] * 40)
        assert (found.at_low, found.at, found.at_high) == (20, 20, 20)


class TestNothingToSee:
    def test_too_short_or_all_alike_is_no_answer(self):
        assert change_point([1] * 7, [2] * 7) is None
        assert change_point([0] * 20, [5] * 20) is None
        assert change_point([5] * 20, [5] * 20) is None
        assert np.isnan(chance_to_see([0] * 20, [5] * 20, 10))

    @pytest.mark.parametrize(("k", "n"), [([3], [2]), ([-1], [2]), ([1, 1], [2]), ([np.nan], [2])])
    def test_impossible_counts_are_refused(self, k, n):
        with pytest.raises(StatisticsError, match="0 <= k <= n"):
            change_point(k, n)


def weekly(rng, rates, size=8.0, spread=None):
    """Draw a series: Poisson numbers of trials, binomial successes, or with more scatter than that between weeks."""
    n = rng.poisson(size, len(rates))
    if spread:
        rates = rng.beta(rates * spread, (1 - rates) * spread)
    return rng.binomial(n, rates), n


class TestAgainstKnownTruth:
    @pytest.mark.parametrize("spread", [None, 20.0], ids=["binomial", "weeks that differ"])
    def test_nothing_is_seen_where_there_is_nothing(self, spread):
        rng, runs = np.random.default_rng(5), 400
        p = [change_point(*weekly(rng, np.full(80, 0.45), spread=spread), draws=999).p for _ in range(runs)]
        # 5 % of 400 are 20, with a standard deviation of 4.4.
        assert 8 <= sum(each <= 0.05 for each in p) <= 32

    def test_the_ranges_hold_the_truth(self):
        rng, runs = np.random.default_rng(6), 300
        place = size = before = 0
        for _ in range(runs):
            at = int(rng.integers(20, 61))
            found = change_point(*weekly(rng, np.where(np.arange(80) < at, 0.45, 0.225)), draws=1)
            place += found.at_low <= at <= found.at_high
            size += found.ratio.low <= 0.5 <= found.ratio.high
            before += found.before.low <= 0.45 <= found.before.high
        # 95 % of 300 are 285, with a standard deviation of 3.8.
        assert place >= 276
        assert 274 <= size <= 298
        assert 274 <= before <= 298

    def test_the_stated_power_is_that_of_looking(self):
        rng = np.random.default_rng(7)
        k, n = weekly(rng, np.full(60, 0.45))
        stated = chance_to_see(k, n, 47, level=0.01)
        rate = np.where(np.arange(60) < 47, 1.0, 0.5) * k.sum() / n.sum()
        seen = [change_point(rng.binomial(n, rate), n, draws=999).p <= 0.01 for _ in range(200)]
        assert 0.5 < stated < 0.999
        assert np.mean(seen) == pytest.approx(stated, abs=0.09)

    def test_power_grows_with_the_effect_and_falls_to_the_level_without_one(self):
        n = [10] * 60
        k = [4, 5] * 30
        power = [chance_to_see(k, n, 40, factor, level=0.05) for factor in (1.0, 0.8, 0.5)]
        assert power[0] < 0.09
        assert power[0] < power[1] < power[2]
        assert power[2] > 0.98


def test_the_example_of_the_page():
    """12 weeks: 35 of 60 went on in the first six, 11 of 58 in the others."""

    def part(k, n):
        return sum(x * log(x) for x in (k, n - k)) - n * log(n)

    by_hand = 2 * (part(35, 60) + part(11, 58) - part(46, 118))
    assert change_point(K, N).statistic == pytest.approx(by_hand)
    assert exp(-by_hand / 2) < 1e-4
