"""The decomposition against the definition of the Shapley value, in exact fractions."""

from fractions import Fraction
from itertools import permutations
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salestrack.errors import StatisticsError
from salestrack.stats.decomposition import contributions

whole = st.integers(-50, 50)
pairs = st.integers(1, 5).flatmap(
    lambda k: st.tuples(st.lists(whole, min_size=k, max_size=k), st.lists(whole, min_size=k, max_size=k))
)


def shapley(before, after):
    """Average over all orders of switching the factors, in fractions."""
    orders = list(permutations(range(len(before))))
    result = [Fraction(0)] * len(before)
    for order in orders:
        now = list(before)
        for i in order:
            was = prod(now)
            now[i] = after[i]
            result[i] += Fraction(prod(now) - was, len(orders))
    return result


@given(pairs)
def test_is_the_average_over_all_orders(pair):
    before, after = pair
    expected = np.array([float(each) for each in shapley(before, after)])
    scale = prod(max(abs(b), abs(a), 1) for b, a in zip(before, after, strict=True))
    np.testing.assert_allclose(contributions(before, after), expected, rtol=1e-12, atol=1e-13 * scale)


@given(pairs)
def test_adds_up_to_the_change(pair):
    before, after = pair
    scale = prod(max(abs(b), abs(a), 1) for b, a in zip(before, after, strict=True))
    assert contributions(before, after).sum() == pytest.approx(prod(after) - prod(before), rel=1e-12, abs=1e-12 * scale)


@given(pairs, st.randoms())
def test_the_order_of_the_factors_does_not_matter(pair, random):
    order = list(range(len(pair[0])))
    random.shuffle(order)
    there = contributions(np.array(pair[0])[order], np.array(pair[1])[order])
    np.testing.assert_allclose(there, contributions(*pair)[order], rtol=1e-12, atol=1e-3)


def test_two_factors_by_hand():
    # 10 at 5 becomes 12 at 4: number (12 - 10) * 4.5, price (4 - 5) * 11.
    np.testing.assert_allclose(contributions([10, 5], [12, 4]), [9, -11])


def test_a_factor_that_did_not_change_gets_nothing():
    assert contributions([10, 0.2, 7], [20, 0.2, 9])[1] == 0


def test_groups_along_the_second_axis():
    before, after = np.array([[10, 4], [5, 1]]), np.array([[12, 4], [4, 2]])
    np.testing.assert_allclose(contributions(before, after), [[9, 0], [-11, 4]])


def test_nothing_closed_before_puts_all_down_to_the_number():
    # No opportunity closed: its win rate and its deal size are undefined, the bookings are 0.
    np.testing.assert_allclose(contributions([0, None, None], [10, 0.5, 100]), [500, 0, 0])
    np.testing.assert_allclose(contributions([10, 0.5, 100], [10, 0, None]), [0, -500, 0])


def test_nothing_on_both_sides_is_no_change():
    np.testing.assert_array_equal(contributions([0, None, None], [5, 0, None]), [0, 0, 0])


def test_an_unknown_product_is_unknown():
    assert np.isnan(contributions([10, None], [10, 0.5])).all()


def test_different_factors_are_refused():
    with pytest.raises(StatisticsError, match="same factors"):
        contributions([1, 2], [1, 2, 3])
