"""Those who wait: by hand, against scipy's chi-squared limits and lifelines."""

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from scipy import optimize, stats

from salestrack.stats.life_table import life_table
from salestrack.stats.queue import expected_days, expected_there


@pytest.mark.parametrize("confidence", [0.95, 0.8])
@pytest.mark.parametrize("left", [45, 3])
def test_days_of_a_queue_and_its_limits(left, confidence):
    """30 wait, so many left in 90 days; the rate's limits solve (left - m)² = z² m."""
    z2 = stats.norm.ppf((1 + confidence) / 2) ** 2
    least, most = (optimize.brentq(lambda m: (left - m) ** 2 - z2 * m, *ends) for ends in ((1e-9, left), (left, 9 * left)))
    found = expected_days(30, left, 90, confidence)
    assert tuple(found) == pytest.approx((30 * 90 / left, 30 * 90 / most, 30 * 90 / least))


def test_where_nobody_left_nothing_is_told_and_nobody_waiting_waits_no_day():
    found = expected_days([30, 0], [0, 45], 90)
    assert np.isnan([each[0] for each in found]).all()
    assert [each[1] for each in found] == [0, 0, 0]


# Two leave on each of days 5 and 8, one of them at the end; one is last seen on day 6.
DAYS, GONE = [5, 5, 6, 8, 8, 11, 14], [1, 1, 0, 1, 1, 0, 0]


@pytest.mark.parametrize("ages", [[4, 5], [7, 8, 8], [8, 20], [0, 6, 12]])
def test_who_is_still_there_is_that_of_lifelines(ages):
    """S and Greenwood's sum from lifelines; Cov(S(a), S(b)) = S(a) S(b) times the sum up to the earlier one."""
    counts = [3.0, 5.0, 9.0][: len(ages)]
    table = life_table(pd.DataFrame({"days": DAYS, "outcome": ["won" if each else "open" for each in GONE], "count": 1}))
    known = KaplanMeierFitter().fit(DAYS, GONE)
    still = np.array([known.predict(age) for age in ages])
    events = known.event_table
    terms = {day: row.observed / (row.at_risk * (row.at_risk - row.observed)) for day, row in events.iterrows()}
    until = np.array([[sum(v for day, v in terms.items() if day <= min(a, b)) for a in ages] for b in ages])
    weights = np.array(counts) * still
    variance = (weights * (1 - still)).sum() + weights @ until @ weights
    half = stats.norm.ppf(0.9) * np.sqrt(variance)
    found = expected_there(table, ages, counts, confidence=0.8)
    assert tuple(found) == pytest.approx((weights.sum(), max(weights.sum() - half, 0), weights.sum() + half))


def test_after_the_last_has_left_nobody_is_there_for_sure():
    table = life_table(pd.DataFrame({"days": [3, 9], "outcome": "won", "count": [4, 4]}))
    assert tuple(expected_there(table, [9, 30], [10, 10])) == (0, 0, 0)
    assert expected_there(table, [8], [10]).value == pytest.approx(5)


def test_without_anybody_nothing_is_told():
    none = life_table(pd.DataFrame({"days": [], "outcome": [], "count": []}))
    assert np.isnan(expected_there(none, [3], [4])).all()
