"""Differences, growth and verdicts against other libraries and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.rates import confint_poisson_2indep

from salestrack.errors import StatisticsError
from salestrack.stats.compare import difference, growth, verdict
from salestrack.stats.intervals import Interval, share

counts = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


class TestDifference:
    @pytest.mark.parametrize(
        ("k1", "n1", "k2", "n2", "low", "high"),
        [
            # Newcombe (1998), table II, method 10.
            (56, 70, 48, 80, 0.0524, 0.3339),
            (9, 10, 3, 10, 0.1705, 0.8090),
            (10, 10, 0, 20, 0.6791, 1.0000),
        ],
    )
    def test_of_two_shares_is_newcombes_published_one(self, k1, n1, k2, n2, low, high):
        found = difference(share(k1, n1), share(k2, n2))
        assert found.low == pytest.approx(low, abs=5e-5)
        assert found.high == pytest.approx(high, abs=5e-5)

    @given(counts, counts)
    def test_of_two_shares_agrees_with_statsmodels(self, new, old):
        found = difference(share(*new), share(*old))
        expected = confint_proportions_2indep(*new, *old, method="newcomb", compare="diff")
        np.testing.assert_allclose((found.low, found.high), expected, atol=1e-9)

    @given(counts, counts)
    def test_the_other_way_round_is_the_mirror_image(self, new, old):
        there, back = difference(share(*new), share(*old)), difference(share(*old), share(*new))
        np.testing.assert_allclose((there.value, there.low, there.high), (-back.value, -back.high, -back.low))
        assert -1 <= there.low <= there.value <= there.high <= 1

    def test_without_limits_on_one_side_there_are_none(self):
        found = difference(Interval(5.0, np.nan, np.nan), Interval([3.0, 4.0], [2.0, 3.0], [4.0, 5.0]))
        np.testing.assert_array_equal(found.value, [2, 1])
        assert np.isnan([found.low, found.high]).all()


class TestGrowth:
    def test_of_many_counts_is_the_log_interval_of_a_rate_ratio(self):
        found = growth(4100, 4100, 4000, 4000)
        low, high = confint_poisson_2indep(4100, 1, 4000, 1, method="wald-log", compare="ratio")
        assert found.value == pytest.approx(0.025)
        np.testing.assert_allclose((found.low + 1, found.high + 1), (low, high), rtol=1e-4)

    def test_one_windfall_makes_growth_uncertain(self):
        steady = growth(200, 200, 100, 100)
        windfall = growth(200, 100 + 100**2, 100, 100)
        assert verdict(steady.low, steady.high) == "up"
        assert verdict(windfall.low, windfall.high) == "cannot_tell"

    def test_from_nothing_is_undefined_and_to_nothing_has_no_limits(self):
        found = growth([10, 0, 10], [10, 0, 10], [0, 10, -5], [0, 10, 5])
        np.testing.assert_array_equal(found.value, [np.nan, -1, np.nan])
        assert np.isnan([found.low, found.high]).all()

    @given(st.lists(st.floats(1, 1e6), min_size=2, max_size=30), st.lists(st.floats(1, 1e6), min_size=2, max_size=30))
    def test_limits_lie_around_the_value_and_above_minus_one(self, new, old):
        sums = [(sum(x), sum(each**2 for each in x)) for x in (new, old)]
        value, low, high = growth(*sums[0], *sums[1])
        assert -1 <= low <= value <= high

    @given(st.floats(0.01, 100), st.floats(0.01, 100))
    def test_does_not_depend_on_the_currency(self, rate, size):
        np.testing.assert_allclose(
            growth(120 * rate * size, 120 * (rate * size) ** 2, 100 * rate * size, 100 * (rate * size) ** 2),
            growth(120 * size, 120 * size**2, 100 * size, 100 * size**2),
        )


class TestVerdict:
    @pytest.mark.parametrize(
        ("low", "high", "word"),
        [
            (0.001, 0.5, "up"),
            (-0.5, -0.001, "down"),
            (-0.02, 0.02, "flat"),
            (0.001, 0.01, "flat"),
            (-0.03, 0.01, "cannot_tell"),
            (0.0, 0.5, "cannot_tell"),
            (np.nan, 0.5, "cannot_tell"),
            (0.1, np.nan, "cannot_tell"),
        ],
    )
    def test_in_words(self, low, high, word):
        assert verdict(low, high, -0.02, 0.02) == word

    def test_without_a_band_only_no_change_at_all_is_flat(self):
        assert verdict([0, 0.1, -0.1], [0, 0.2, 0.1]).tolist() == ["flat", "up", "cannot_tell"]

    def test_a_band_may_differ_between_groups(self):
        assert verdict(1.0, 2.0, [-3.0, -1.0], [3.0, 1.0]).tolist() == ["flat", "up"]

    def test_a_band_without_0_is_refused(self):
        with pytest.raises(StatisticsError, match="has to hold 0"):
            verdict(0.1, 0.2, 0.05, 0.3)
