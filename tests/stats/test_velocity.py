"""Velocity: against derivatives taken numerically, one opportunity at a time."""

import numpy as np
import pytest
from scipy import stats

from salestrack.stats.velocity import velocity

RNG = np.random.default_rng(5)
# Won, won with an amount, amount, won with a cycle, days: of thirty, of which two have no amount and three no cycle.
WON = (np.arange(30) < 14).astype(float)
PRICED, TIMED = WON * (np.arange(30) > 1), WON * (np.arange(30) < 11)
ROWS = np.column_stack([WON, PRICED, PRICED * RNG.lognormal(8, 0.6, 30), TIMED, TIMED * RNG.integers(5, 90, 30)])


def log_velocity(weights, there=40):
    won, priced, amount, timed, days = weights @ ROWS
    return np.log(there * won / weights.sum() * (amount / priced) / (days / timed))


@pytest.mark.parametrize("confidence", [0.95, 0.8])
def test_value_and_limits_are_those_of_the_delta_method(confidence):
    ones, step = np.ones(30), 1e-5 * np.eye(30)
    influence = [(log_velocity(ones + each) - log_velocity(ones - each)) / 2e-5 for each in step]
    reach = stats.t.ppf((1 + confidence) / 2, 13) * np.sqrt(np.square(influence).sum())
    found = velocity(40, 30, ROWS.T @ ROWS, confidence)
    value = np.exp(log_velocity(ones))
    assert tuple(found) == pytest.approx((value, value * np.exp(-reach), value * np.exp(reach)), rel=1e-6)


def products(*columns):
    rows = np.column_stack([np.asarray(each, dtype=float) for each in columns])
    return rows.T @ rows


def test_limits_from_ten_won_on_and_none_where_nothing_can_be_told():
    """Each of n is won, at 100 and in 50 days; then without one of the four sums."""
    one = np.ones(10)
    cases = {
        "ten": products(one, one, 100 * one, one, 50 * one),
        "nine": products(one[:9], one[:9], 100 * one[:9], one[:9], 50 * one[:9]),
        "no amount": products(one, 0 * one, 0 * one, one, 50 * one),
        "no cycle": products(one, one, 100 * one, 0 * one, 0 * one),
        "at once": products(one, one, 100 * one, one, 0 * one),
        "none won": products(*[0 * one] * 5),
    }
    found = velocity(7, [10, 9, 10, 10, 10, 10], np.array(list(cases.values())))
    value = 7 * 100 / 50
    np.testing.assert_allclose(found.value, [value, value, *[np.nan] * 4])
    np.testing.assert_allclose(found.low, [value, *[np.nan] * 5])
    np.testing.assert_allclose(found.high, [value, *[np.nan] * 5])
