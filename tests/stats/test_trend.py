"""Trends against statsmodels and by hand."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from salestrack.errors import StatisticsError
from salestrack.stats.trend import pooled_variance, trend

series = st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(0.1, 100)), min_size=3, max_size=24)


def fitted(value, variance):
    x = sm.add_constant(np.arange(len(value)))
    return sm.WLS(value, x, weights=1 / np.broadcast_to(variance, len(value))).fit()


class TestTrend:
    def test_where_sampling_explains_the_scatter_it_is_the_weighted_regression(self):
        rng = np.random.default_rng(2)
        found = 0
        for _ in range(40):
            variance = rng.uniform(1, 5, 8)
            value = 50 + 2 * np.arange(8) + rng.normal(0, np.sqrt(variance))
            fit = fitted(value, variance)
            if fit.scale > 1:
                continue
            found += 1
            result = trend(value, variance, flat=0)
            reach = max(1.96 / np.sqrt(fit.scale), stats.t.ppf(0.975, 6)) * fit.bse[1]
            assert result.slope.value == pytest.approx(fit.params[1])
            assert result.slope.high - result.slope.value == pytest.approx(reach, rel=1e-4)
        assert found > 10

    def test_where_periods_differ_by_far_more_than_sampling_it_is_the_plain_regression(self):
        rng = np.random.default_rng(4)
        value, variance = 50 + rng.normal(0, 10, 12), rng.uniform(1e-6, 2e-6, 12)
        low, high = fitted(value, 1.0).conf_int()[1]
        found = trend(value, variance, flat=0).slope
        np.testing.assert_allclose((found.low, found.high), (low, high), rtol=1e-4)

    def test_excess_scatter_is_put_down_to_the_periods(self):
        # Equal variances, so the weights stay equal: the plain regression, whatever the size of the variances.
        value = [10, 14, 9, 16, 12, 19.0]
        low, high = fitted(value, 1.0).conf_int()[1]
        found = trend(value, 0.5, flat=0).slope
        np.testing.assert_allclose((found.low, found.high), (low, high))

    @pytest.mark.parametrize(
        ("value", "word"),
        [
            ([100, 110, 121, 130, 141], "growing"),
            ([141, 130, 121, 110, 100], "shrinking"),
            ([100, 100.1, 99.9, 100, 100.1], "flat"),
            ([100, 140, 80, 150, 90], "cannot_tell"),
            ([100, 200, None, None, None], "cannot_tell"),
        ],
    )
    def test_in_words(self, value, word):
        assert trend(value, 0.01, flat=0.005).verdict == word

    def test_points_on_a_line_by_luck_do_not_look_certain(self):
        found = trend([10.0, 11, 12, 13], variance=25, flat=0)
        assert found.slope.high - found.slope.value == pytest.approx(1.959964 * 5 / np.sqrt(5))
        assert found.verdict == "cannot_tell"

    def test_relative_to_the_level(self):
        found = trend([90.0, 100, 110], variance=1e-4, flat=0)
        assert (found.level, found.periods) == (pytest.approx(100), 3)
        assert found.relative.value == pytest.approx(0.1)
        assert np.isnan(trend([-90.0, -100, -110], 1, flat=0).relative).all()

    def test_missing_periods_are_left_out_but_keep_their_place(self):
        with_gap = trend([10, np.nan, 14, 17, 18.0], 1.0, flat=0)
        without = trend([10, 14, 17, 18.0], 1.0, flat=0, period=[0, 2, 3, 4])
        np.testing.assert_allclose(with_gap.slope, without.slope)
        assert with_gap.periods == 4

    def test_a_period_of_equal_amounts_does_not_outweigh_all_others(self):
        found = trend([10.0, 20, 30, 10], variance=[1, 1, 1, 0], flat=0)
        np.testing.assert_allclose(found.slope, trend([10.0, 20, 30, 10], variance=1, flat=0).slope)
        assert trend([1.0, 2, 3], variance=0, flat=0).slope.value == pytest.approx(1)

    def test_all_groups_in_one_call_are_as_one_by_one(self):
        rng = np.random.default_rng(5)
        value, variance = rng.normal(10, 2, (6, 9)), rng.uniform(1, 3, (6, 9))
        value[2, 4] = np.nan
        together = trend(value, variance, flat=0.01)
        for i in range(6):
            alone = trend(value[i], variance[i], flat=0.01)
            np.testing.assert_allclose([each[i] for each in together.slope], alone.slope)
            assert together.verdict[i] == alone.verdict

    def test_a_negative_band_is_refused(self):
        with pytest.raises(StatisticsError, match="flat band"):
            trend([1, 2, 3], 1, flat=-0.1)

    @given(series)
    def test_played_backwards_it_is_the_mirror_image(self, rows):
        value, variance = np.array(rows).T
        there, back = trend(value, variance, flat=0).slope, trend(value[::-1], variance[::-1], flat=0).slope
        scale = np.ptp(value) + 1
        np.testing.assert_allclose((there.value, there.low, there.high), (-back.value, -back.high, -back.low), atol=1e-6 * scale)
        assert there.low <= there.value <= there.high


class TestPooledVariance:
    def test_is_the_error_of_an_analysis_of_variance(self):
        rng = np.random.default_rng(6)
        groups = [rng.lognormal(0, 1, n) for n in (5, 12, 30)]
        y, x = np.concatenate(groups), np.repeat(np.eye(3), [5, 12, 30], axis=0)
        sums = [np.array([(g**power).sum() for g in groups]) for power in (0, 1, 2)]
        np.testing.assert_allclose(pooled_variance(*sums), sm.OLS(y, x).fit().mse_resid / np.array([5, 12, 30]))

    def test_a_period_without_rows_has_none(self):
        found = pooled_variance([2, 0, 2], [4, 0, 4], [10, 0, 10])
        np.testing.assert_array_equal(found, [1, np.nan, 1])
