"""Intervals against other libraries, plain Python and known truth."""

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats.proportion import proportion_confint

from salestrack.errors import StatisticsError
from salestrack.stats.intervals import mean, quantile_ranks, ratio_of_sums, share, share_of_sum
from salestrack.stats.limits import normal_quantile

SUMS = ("n", "sx", "sy", "sxx", "syy", "sxy")


def sums_of(x, y):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    return (x * 0 + 1).sum(-1), x.sum(-1), y.sum(-1), (x * x).sum(-1), (y * y).sum(-1), (x * y).sum(-1)


def powers_of(x):
    x = np.asarray(x, dtype=float)
    return (x * 0 + 1).sum(-1), x.sum(-1), (x**2).sum(-1), (x**3).sum(-1)


class TestShare:
    @pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
    def test_is_wilsons_interval(self, confidence):
        k, n = np.array([0, 1, 4, 4, 4238, 50]), np.array([1, 7, 4, 10, 6711, 100])
        low, high = proportion_confint(k, n, alpha=1 - confidence, method="wilson")
        found = share(k, n, confidence)
        np.testing.assert_allclose(found.value, k / n)
        np.testing.assert_allclose(found.low, low, atol=1e-12)
        np.testing.assert_allclose(found.high, high, atol=1e-12)

    def test_nothing_tried_is_undefined_and_null_stays_null(self):
        found = share([0, None], [0, 10])
        assert np.isnan(found).all()

    def test_a_rep_who_lost_nothing_has_a_hundred_percent_and_little_certainty(self):
        value, low, high = share(4, 4)
        assert value == high == 1
        assert low == pytest.approx(4 / (4 + normal_quantile(0.95) ** 2))

    def test_scalars_stay_scalars_and_columns_become_arrays(self):
        assert np.ndim(share(1, 2).low) == 0
        assert share(pd.Series([1, 2], dtype="Int64"), 4).low.shape == (2,)

    @pytest.mark.parametrize(("k", "n"), [(5, 4), (-1, 4)])
    def test_impossible_counts_are_refused(self, k, n):
        with pytest.raises(StatisticsError, match="0 <= k <= n"):
            share([1, k], [1, n])

    @pytest.mark.parametrize("confidence", [95, 0, 1, -0.5])
    def test_a_confidence_that_is_none_is_refused(self, confidence):
        with pytest.raises(StatisticsError, match=r"0\.95"):
            share(1, 2, confidence)

    @given(st.integers(1, 10**9), st.floats(0, 1), st.floats(0.01, 0.999))
    def test_limits_lie_around_the_value_within_0_and_1(self, n, part, confidence):
        value, low, high = share(round(n * part), n, confidence)
        assert 0 <= low <= value <= high <= 1


def skewness_corrected_limit(x, t):
    """The mean for which the transformed statistic of this sample equals t, by root finding: Johnson's or Hall's."""
    n, centre, scale, skew = len(x), np.mean(x), np.std(x, ddof=1), stats.skew(x, bias=False)

    def excess(w):
        return math.sqrt(n) * (w + skew * w**2 / 3 + skew**2 * w**3 / 27 + skew / (6 * n)) - t

    hall = optimize.brentq(excess, -1e3, 1e3, xtol=1e-13)
    roots = np.roots([skew / 3, 1, skew / (6 * n) - t / math.sqrt(n)])
    johnson = min(roots.real, key=abs)
    return centre - scale * max(hall, johnson, key=abs)


class TestMean:
    def test_solves_the_skewness_corrected_statistic_for_the_mean(self):
        rng = np.random.default_rng(7)
        samples = [rng.lognormal(7, 1, 30), -rng.lognormal(0, 0.5, 12), rng.normal(5, 1, 100), np.r_[np.ones(30), 500, 1000]]
        for x in samples:
            t = stats.t.ppf(0.975, len(x) - 1)
            value, low, high = mean(*powers_of(x))
            assert value == pytest.approx(np.mean(x))
            assert low == pytest.approx(skewness_corrected_limit(x, t), rel=1e-6)
            assert high == pytest.approx(skewness_corrected_limit(x, -t), rel=1e-6)

    def test_without_skewness_it_is_the_t_interval(self):
        x = np.concatenate([np.arange(-10.0, 11), [0]]) + 100
        low, high = stats.t.interval(0.9, len(x) - 1, np.mean(x), stats.sem(x))
        found = mean(*powers_of(x), confidence=0.9)
        assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))

    def test_of_right_skewed_amounts_reaches_further_up_than_down(self):
        value, low, high = mean(*powers_of(np.r_[np.ones(30), 10, 20, 40]))
        assert high - value > 1.5 * (value - low)

    def test_fewer_than_ten_give_the_mean_without_limits(self):
        found = mean([9, 10, 0, 1], [9, 10, 0, 5], [10, 11, 0, 25], [12, 13, 0, 125])
        np.testing.assert_array_equal(found.value, [1, 1, np.nan, 5])
        np.testing.assert_array_equal(np.isnan(found.low), [True, False, True, True])
        np.testing.assert_array_equal(np.isnan(found.high), [True, False, True, True])

    def test_equal_amounts_have_no_width(self):
        value, low, high = mean(*powers_of(np.full(50, 1234.56)))
        assert low == pytest.approx(value, rel=1e-6)
        assert high == pytest.approx(value, rel=1e-6)

    @given(st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 2)), min_size=10, max_size=60), st.floats(0.5, 0.99))
    def test_limits_lie_around_the_value(self, x, confidence):
        value, low, high = mean(*powers_of(x), confidence)
        slack = 1e-9 * max(map(abs, x))
        assert low - slack <= value <= high + slack

    @given(st.lists(st.floats(1, 1e4), min_size=10, max_size=40), st.floats(0.001, 1000))
    def test_changing_the_currency_changes_the_limits_alike(self, x, rate):
        there, here = mean(*powers_of(np.array(x) * rate)), mean(*powers_of(x))
        np.testing.assert_allclose(there, np.array(here) * rate, rtol=1e-4)


class TestRatioOfSums:
    def setup_method(self):
        rng = np.random.default_rng(11)
        self.y = rng.lognormal(2, 0.5, 80)
        self.x = 3 * self.y + rng.normal(0, 4, 80)

    def test_error_is_the_robust_one_of_a_weighted_regression_through_the_origin(self):
        fit = sm.WLS(self.x, self.y, weights=1 / self.y).fit(cov_type="HC1")
        value, low, high = ratio_of_sums(*sums_of(self.x, self.y))
        effective = min(self.x.sum() ** 2 / (self.x**2).sum(), self.y.sum() ** 2 / (self.y**2).sum())
        reach = stats.t.ppf(0.975, effective) * fit.bse[0] / fit.params[0]
        assert value == pytest.approx(fit.params[0])
        assert low == pytest.approx(value * math.exp(-reach))
        assert high == pytest.approx(value * math.exp(reach))

    @pytest.mark.parametrize("side", ["x", "y"])
    @pytest.mark.parametrize("times", [1.0, 2.5])
    def test_a_windfall_on_either_side_counts_as_few_rows_and_rows_that_are_alike_as_fewer(self, side, times):
        """One of 30 rows has twenty times as much on one side: the t quantile has that side's (Σ)² / Σ² degrees."""
        one = {"x": np.linspace(1, 2, 30), "y": np.linspace(3, 5, 30)[::-1].copy()}
        one[side][7] *= 20
        x, y = one["x"], one["y"]
        fit = sm.WLS(x, y, weights=1 / y).fit(cov_type="HC1")
        freedom = one[side].sum() ** 2 / (one[side] ** 2).sum() / times
        assert freedom > 1
        reach = stats.t.ppf(0.9, freedom) * fit.bse[0] * np.sqrt(times) / fit.params[0]
        value, low, high = ratio_of_sums(*sums_of(x, y), confidence=0.8, times=times)
        assert (value, low, high) == pytest.approx((fit.params[0], value * math.exp(-reach), value * math.exp(reach)))

    def test_limits_from_ten_rows_on(self):
        x = np.arange(1.0, 11)
        assert np.isfinite(ratio_of_sums(*sums_of(x, np.ones(10)))).all()

    def test_sums_that_can_be_negative_get_limits_on_both_sides_of_0(self):
        x = np.r_[np.ones(10), -np.ones(11)]
        value, low, high = ratio_of_sums(*sums_of(x, np.full(21, 2.0)))
        assert value == pytest.approx(-1 / 42)
        assert low < 0 < high
        assert high - value == pytest.approx(value - low)

    def test_few_rows_nothing_at_all_and_no_denominator(self):
        few = ratio_of_sums(*sums_of(np.ones(9), np.arange(1, 10)))
        assert few.value == pytest.approx(0.2)
        assert np.isnan([few.low, few.high]).all()
        nothing = ratio_of_sums(*sums_of(np.zeros(20), np.ones(20)))
        assert nothing.value == 0
        assert np.isnan([nothing.low, nothing.high]).all()
        assert np.isnan(ratio_of_sums(*sums_of(np.zeros(20), np.zeros(20)))).all()

    @given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(0.01, 1e5)), min_size=10, max_size=50))
    def test_limits_lie_around_the_value(self, rows):
        value, low, high = ratio_of_sums(*sums_of(*zip(*rows, strict=True)))
        assert np.isnan(low) or 0 <= low <= value * (1 + 1e-9)
        assert np.isnan(high) or value <= high * (1 + 1e-9)


class TestShareOfSum:
    def test_of_equal_amounts_is_the_share_of_a_count(self):
        won = np.r_[np.ones(30), np.zeros(70)]
        found = share_of_sum(*sums_of(500 * won, np.full(100, 500)))
        # The variance between rows has n - 1 in it, so the effective number of rows is 99.
        low, high = proportion_confint(0.3 * 99, 99, method="wilson")
        np.testing.assert_allclose(found, (0.3, low, high))

    def test_one_big_amount_makes_many_rows_count_as_few(self):
        amounts = np.r_[np.ones(99), 99]
        found = share_of_sum(*sums_of(amounts * (np.arange(100) % 2), amounts))
        assert found.value == pytest.approx((49 + 99) / 198)
        assert found.high - found.low > 0.6

    def test_all_and_nothing_have_limits(self):
        amounts = np.array([10.0, 20, 30])
        effective = 60**2 / 1400
        z2 = normal_quantile(0.95) ** 2
        assert share_of_sum(*sums_of(amounts, amounts))[:2] == (1, pytest.approx(effective / (effective + z2)))
        assert share_of_sum(*sums_of(0 * amounts, amounts))[::2] == (0, pytest.approx(z2 / (effective + z2)))

    @pytest.mark.parametrize("confidence", [0.95, 0.8])
    def test_limits_are_of_the_larger_variance(self, confidence):
        """Where the small amounts are won it is that of the amounts; where great and small are won alike, that between rows."""
        amounts = np.array([1.0, 2, 4, 8, 16, 32])
        for won in ([1, 1, 1, 1, 0, 0], [1, 0, 0, 1, 0, 1], [0, 1, 1, 0, 0, 1]):
            part = amounts * won
            share = part.sum() / 63
            between = 6 / 5 * ((part - share * amounts) ** 2).sum() / 63**2
            of_amounts = share * (1 - share) * (amounts**2).sum() / 63**2
            size = share * (1 - share) / max(between, of_amounts)
            wanted = proportion_confint(share * size, size, alpha=1 - confidence, method="wilson")
            np.testing.assert_allclose(share_of_sum(*sums_of(part, amounts), confidence), (share, *wanted))

    def test_one_row_is_worth_one_case(self):
        low, high = proportion_confint(0.25, 1, method="wilson")
        np.testing.assert_allclose(share_of_sum(*sums_of([25.0], [100.0])), (0.25, low, high))

    @pytest.mark.parametrize(("x", "y"), [([-1.0], [5.0]), ([5.001], [5.0])])
    def test_what_is_no_part_is_refused(self, x, y):
        with pytest.raises(StatisticsError, match="at least one pair"):
            share_of_sum(*sums_of(x, y))
        assert share_of_sum(*sums_of([0.0], [5.0])).value == 0
        assert share_of_sum(*sums_of([5.0 * (1 + 5e-10)], [5.0])).value == 1

    def test_more_than_the_whole_is_refused(self):
        with pytest.raises(StatisticsError, match="Σx <= Σy"):
            share_of_sum(*sums_of([2, 3], [1, 1]))

    def test_no_amount_is_undefined(self):
        assert np.isnan(share_of_sum(0, 0, 0, 0, 0, 0)).all()

    @given(st.lists(st.tuples(st.floats(0, 1), st.just(0.0) | st.floats(0.01, 1e6)), min_size=1, max_size=50))
    @example([(0.17164314180389065, 1.5)])
    def test_limits_lie_around_the_value_within_0_and_1(self, rows):
        part, whole = np.array(rows).T
        value, low, high = share_of_sum(*sums_of(part * whole, whole))
        assert np.isnan(value) or 0 <= low <= value <= high <= 1

    def test_all_groups_in_one_call_are_as_one_by_one(self):
        rng = np.random.default_rng(3)
        y = rng.lognormal(0, 1, (5, 40))
        x = y * rng.integers(0, 2, (5, 40))
        together = np.array(share_of_sum(*sums_of(x, y)))
        np.testing.assert_allclose(together, np.array([share_of_sum(*sums_of(x[i], y[i])) for i in range(5)]).T)


class TestQuantileRanks:
    def test_by_hand(self):
        # 100 amounts, median: 50 ± 1.96 * 5 = 40.2 and 59.8.
        assert quantile_ranks(100) == (41, 60)

    def test_formula_as_an_engine_would_write_it(self):
        z = 1.959963984540054
        for n in (10, 37, 1000, 123_456):
            for p in (0.25, 0.5, 0.9):
                spread = z * math.sqrt(n * p * (1 - p))
                lower, upper = math.ceil(n * p - spread), math.ceil(n * p + spread)
                expected = (lower, upper) if lower >= 1 and upper <= n else (None, None)
                np.testing.assert_array_equal(quantile_ranks(n, p), np.array(expected, dtype=float))

    def test_is_within_a_rank_of_the_exact_interval(self):
        for n in (60, 101, 400):
            exact = stats.quantile_test(np.arange(1, n + 1), p=0.5).confidence_interval(0.95)
            assert np.abs(np.array(quantile_ranks(n)) - exact).max() <= 1

    def test_too_few_have_none(self):
        assert np.isnan(quantile_ranks([0, 1, 5, 9], 0.5)).all()
        assert np.isnan(quantile_ranks(34, 0.9)).all()
        assert not np.isnan(quantile_ranks(35, 0.9)).any()

    @pytest.mark.parametrize("p", [0, 1, 90])
    def test_a_quantile_that_is_none_is_refused(self, p):
        with pytest.raises(StatisticsError, match=r"0\.9"):
            quantile_ranks(100, p)

    @given(st.integers(10, 10**7), st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9]))
    def test_ranks_lie_around_the_quantile(self, n, p):
        lower, upper = quantile_ranks(n, p)
        assert np.isnan(lower) or 1 <= lower <= n * p + 1 <= upper + 1 <= n + 1
