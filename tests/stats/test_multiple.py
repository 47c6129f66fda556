"""Many groups at once against statsmodels, plain counting and random shuffles."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests

from salestrack.errors import StatisticsError
from salestrack.stats.multiple import adjusted_p, distinguishable_means, distinguishable_shares, standing_of
from salestrack.stats.shrinkage import beta_prior, normal_prior, shrink_means, shrink_shares


class TestAdjustedP:
    @given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
    def test_agrees_with_statsmodels(self, p):
        np.testing.assert_allclose(adjusted_p(p), multipletests(p, method="fdr_bh")[1], atol=1e-15)

    def test_tests_not_made_do_not_count(self):
        np.testing.assert_array_equal(adjusted_p([0.03, None, 0.04]), [0.04, np.nan, 0.04])
        assert np.isnan(adjusted_p([None, None])).all()
        assert adjusted_p([]).size == 0


class TestStandingOf:
    @given(st.lists(st.floats(0, 0.5), min_size=1, max_size=40))
    def test_adjusted_by_holm_over_those_that_were_judged(self, under):
        found = standing_of([*under, 0.0], [*(1 - np.array(under)), 1.0], [True] * len(under) + [False])
        expected = multipletests(2 * np.array(under), method="holm")[1]
        np.testing.assert_allclose(found.adjusted[:-1], expected, atol=1e-12)
        assert np.isnan(found.adjusted[-1])
        assert found.verdict[-1] == "too_few"

    def test_those_who_are_rightly_named_do_not_let_others_through(self):
        """Of twenty people ten truly differ: of the other ten somebody is named in 5 %, not in a quarter of cases."""
        z = np.random.default_rng(5).standard_normal((2_000, 20)) + np.repeat([6.0, 0.0], 10)
        named = [standing_of(stats.norm.cdf(each), stats.norm.sf(each), np.full(20, True)).verdict[10:] for each in z]
        wrong = np.mean([np.isin(words, ["above", "below"]).any() for words in named])
        assert 0.03 < wrong < 0.065


class TestDistinguishableShares:
    def test_p_by_counting_draws(self):
        k, n = [9, 4, 7], [12, 11, 14]
        total, won = sum(n), sum(k)

        def chance(hits, of):
            return comb(won, hits) * comb(total - won, of - hits) / comb(total, of)

        found = distinguishable_shares(k, n)
        for i in range(3):
            under = sum(chance(hits, n[i]) for hits in range(max(0, n[i] - (total - won)), k[i])) + chance(k[i], n[i]) / 2
            assert found.p[i] == pytest.approx(2 * min(under, 1 - under))

    def test_verdicts(self):
        found = distinguishable_shares([4, 80, 50, 50, 20, 0], [4, 100, 100, 100, 100, 0])
        assert found.verdict.tolist() == ["too_few", "above", "not_distinguishable", "not_distinguishable", "below", "too_few"]
        assert np.isnan(found.p[[0, 5]]).all()

    def test_fewer_than_asked_for_are_not_judged(self):
        assert distinguishable_shares([15, 0], [15, 15], min_n=16).verdict.tolist() == ["too_few", "too_few"]

    def test_a_single_group_has_no_rest_to_differ_from(self):
        assert distinguishable_shares([5], [50]).verdict.tolist() == ["not_distinguishable"]

    def test_impossible_counts_are_refused(self):
        with pytest.raises(StatisticsError, match="0 <= k <= n"):
            distinguishable_shares([5], [4])


class TestDistinguishableMeans:
    def setup_method(self):
        rng = np.random.default_rng(8)
        self.groups = [rng.lognormal(0, 0.8, n) * size for n, size in ((25, 1.6), (60, 1), (120, 1), (40, 1), (5, 1))]
        self.sums = [np.array([(g**power).sum() for g in self.groups]) for power in (0, 1, 2, 3)]

    def test_p_of_much_agrees_with_shuffling_the_amounts(self):
        everything = np.concatenate(self.groups)
        shuffled = np.random.default_rng(9).permuted(np.tile(everything, (40_000, 1)), axis=1)
        n = len(self.groups[0])
        expected = 2 * np.mean(shuffled[:, :n].sum(axis=1) >= self.groups[0].sum())
        assert 0.005 < expected < 0.2
        assert distinguishable_means(*self.sums).p[0] == pytest.approx(expected, rel=0.15)

    def test_p_of_a_large_group_looks_at_those_left_out_of_it(self):
        # The sum of 200 of 250 amounts that are skewed to the right is skewed to the left: it is low when a huge one is not in it.
        for seed in (22, 25):
            amounts = np.random.default_rng(seed).lognormal(0, 1, 250) * np.repeat([0.85, 1], [200, 50])
            shuffled = np.random.default_rng(9).permuted(np.tile(amounts, (20_000, 1)), axis=1)[:, :200].sum(axis=1)
            expected = 2 * np.mean(shuffled <= amounts[:200].sum())
            sums = [np.array([(g**power).sum() for g in (amounts[:200], amounts[200:])]) for power in (0, 1, 2, 3)]
            assert 0.05 < expected < 0.6
            np.testing.assert_allclose(distinguishable_means(*sums).p, expected, rtol=0.15)

    def test_verdicts(self):
        rng = np.random.default_rng(8)
        groups = [rng.lognormal(0, 0.5, 80) * size for size in (3, 1, 1, 1, 0.4)]
        found = distinguishable_means(*[np.array([(g**power).sum() for g in groups]) for power in (0, 1, 2, 3)])
        assert found.verdict[[0, 4]].tolist() == ["above", "below"]
        assert distinguishable_means(*self.sums).verdict[4] == "too_few"

    def test_changing_the_currency_changes_nothing(self):
        scaled = [each * 1300.0**power for power, each in enumerate(self.sums)]
        np.testing.assert_allclose(distinguishable_means(*scaled).p, distinguishable_means(*self.sums).p)

    def test_equal_amounts_and_empty_groups_are_not_judged(self):
        found = distinguishable_means([20, 20, 0], [40, 40, 0], [80, 80, 0], [160, 160, 0])
        assert found.verdict.tolist() == ["too_few", "too_few", "too_few"]


class TestShrinkShares:
    @pytest.mark.parametrize(
        ("k", "n", "least"), [([16, 2, 34, 21, 9, 48], [60, 5, 190, 44, 31, 102], 3), ([0, 1, 0, 0], [8, 9, 10, 30], 2)]
    )
    def test_prior_is_at_the_top_of_the_adjusted_likelihood(self, k, n, least):
        def height(share, size):
            likelihood = stats.betabinom.logpmf(k, n, share * size, (1 - share) * size).sum()
            return likelihood - np.log(size) + np.log(share * (1 - share)) / 2

        a, b = beta_prior(k, n)
        best = height(a / (a + b), a + b)
        assert least <= a + b + 1e-9 < 1e5
        for share in (0.98, 1, 1.02):
            for size in (0.95, 1, 1.05):
                assert height(a / (a + b) * share, max((a + b) * size, 2)) <= best + 1e-7

    def test_recovers_a_known_prior(self):
        rng = np.random.default_rng(12)
        n = rng.integers(20, 200, 3000)
        a, b = beta_prior(rng.binomial(n, rng.beta(6, 14, 3000)), n)
        assert (a, b) == (pytest.approx(6, rel=0.1), pytest.approx(14, rel=0.1))

    def test_groups_that_differ_by_chance_only_come_close_to_each_other(self):
        rng = np.random.default_rng(13)
        k = rng.binomial(50, 0.3, 200)
        assert np.std(shrink_shares(k, 50 + 0 * k).value) < np.std(k / 50) / 5

    def test_few_numbers_are_drawn_further_than_many(self):
        found = shrink_shares([4, 90, 40, 30, 20], [4, 100, 100, 100, 100])
        assert found.value[0] < found.value[1] < 0.9

    def test_nothing_tried_gets_the_prior_and_nothing_at_all_is_undefined(self):
        a, b = beta_prior([10, 40], [100, 100])
        assert shrink_shares([10, 40, 0], [100, 100, 0]).value[2] == pytest.approx(a / (a + b))
        assert np.isnan(shrink_shares([0, 0], [0, 0])).all()
        with pytest.raises(StatisticsError, match="0 <= k <= n"):
            shrink_shares([5], [4])

    @settings(max_examples=25)
    @given(st.lists(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=12))
    def test_values_lie_between_the_groups_own_and_that_of_all(self, groups):
        k, n = np.array(groups).T
        value, low, high = shrink_shares(k, n)
        a, b = beta_prior(k, n)
        for own, shrunk in zip(k / n, value, strict=True):
            assert min(own, a / (a + b)) - 1e-9 <= shrunk <= max(own, a / (a + b)) + 1e-9
        assert ((low <= value) & (value <= high)).all()


class TestShrinkMeans:
    def test_prior_is_at_the_top_of_the_adjusted_likelihood(self):
        rng = np.random.default_rng(14)
        variance = rng.uniform(1, 20, 7)
        value = rng.normal(100, np.sqrt(9 + variance))

        def height(between):
            # The likelihood with the mean integrated out, on a grid instead of in closed form.
            means = np.linspace(50, 150, 20_001)[:, None]
            likelihood = stats.norm.logpdf(value, means, np.sqrt(variance + between)).sum(axis=1)
            return special.logsumexp(likelihood) + np.log(between)

        centre, between = normal_prior(value, variance)
        assert 0.1 < between < 1000
        assert height(between) > max(height(between * 0.98), height(between * 1.02))
        assert centre == pytest.approx(combine_effects(value, variance + between, method_re="dl").mean_effect_fe)

    def test_posterior_by_hand(self):
        # Four groups with variance 1 and a scatter of 500 around 25: 1.5 / (1 + A) = 1 / A + 250 / (1 + A)² gives A = 501.
        value = np.array([10.0, 20, 30, 40])
        between = optimize.brentq(lambda a: 1.5 / (1 + a) - 1 / a - 250 / (1 + a) ** 2, 100, 1000)
        keep = between / (between + 1)
        found = shrink_means(value, 1.0)
        np.testing.assert_allclose(found.value, 25 + keep * (value - 25), rtol=1e-6)
        error = np.sqrt(keep + (1 - keep) ** 2 * (between + 1) / 4)
        np.testing.assert_allclose(found.high - found.value, 1.959964 * error, rtol=1e-6)

    def test_groups_that_differ_by_chance_only_come_close_to_each_other(self):
        value = np.random.default_rng(18).normal(10, 1, 100)
        assert np.std(shrink_means(value, 1).value) < np.std(value) / 5

    def test_an_uncertain_group_is_drawn_further(self):
        value, low, high = shrink_means([10, 20, 22, 24, 26], [100, 1, 1, 1, 1])
        assert value[0] > 15
        assert value[1] < 20.5
        assert (high - low)[0] > (high - low)[1]

    def test_few_groups_are_left_as_they_are(self):
        value, low, high = shrink_means([10, 20, 30], [1, 4, 9])
        np.testing.assert_allclose(value, [10, 20, 30])
        np.testing.assert_allclose(high - low, 2 * 1.959964 * np.array([1, 2, 3]), rtol=1e-6)

    def test_without_a_value_or_a_variance(self):
        found = shrink_means([10, 30, 12, 28, None, 15], [1, 1, 1, 1, 1, 0])
        assert found.value[4] == pytest.approx(20)
        assert found.low[4] < 10
        assert np.isnan(found.value[5])
        assert np.isnan(shrink_means([None], [1.0])).all()
        assert np.isnan(shrink_means([5, None], [1.0, 1.0]).value).tolist() == [False, True]
