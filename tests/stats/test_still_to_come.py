"""What is open now and will be won: against lives walked one by one."""

import numpy as np
import pandas as pd
import pytest

from salestrack.stats.still_to_come import chance_to_be_won, money_to_come


def lives(days, outcome):
    return pd.DataFrame({"days": days, "outcome": outcome, "count": 1})


def test_the_chance_is_that_of_those_who_were_open_at_the_same_age():
    rng = np.random.default_rng(3)
    days = rng.gamma(2, 20, 40_000).round()
    outcome = np.where(rng.random(40_000) < np.where(days < 30, 0.2, 0.6), "won", "lost")
    for age, after, until in ((0, 0, 30), (25, 0, 30), (25, 10, 40), (80, 0, 15)):
        there = days > age
        expected = ((outcome == "won") & (days > age + after) & (days <= age + until))[there].mean()
        (found,) = chance_to_be_won(lives(days, outcome), np.array([float(age)]), after, until)[0]
        assert found == pytest.approx(expected, abs=1e-9), (age, after, until)


def test_simulated_curves_are_the_same_whatever_the_order_of_the_rows():
    """An engine may return its groups in another order each time; a report must come out the same."""
    rng = np.random.default_rng(5)
    past = pd.DataFrame({"days": np.tile(np.arange(1, 60.0), 3), "outcome": np.repeat(["won", "lost", "open"], 59)})
    past["count"] = rng.integers(1, 9, len(past))
    asked = np.array([0.0, 10.0, 30.0]), 0, 20
    one, other = (chance_to_be_won(rows, *asked, np.random.default_rng(1)) for rows in (past, past.sample(frac=1, random_state=2)))
    np.testing.assert_array_equal(one, other)


def test_those_still_open_are_unfinished_and_no_losses():
    rng = np.random.default_rng(4)
    ends, seen = rng.exponential(40, 60_000).round() + 1, rng.integers(1, 120, 60_000)
    won = rng.random(60_000) < 0.5
    outcome = np.where(ends > seen, "open", np.where(won, "won", "lost"))
    (found,) = chance_to_be_won(lives(np.minimum(ends, seen), outcome), np.array([10.0]), 0, 40)[0]
    there = ends > 10
    assert found == pytest.approx((won & (ends > 10) & (ends <= 50))[there].mean(), abs=0.01)


def test_drawn_curves_spread_as_the_lives_would():
    few = lives([5.0] * 10, ["won"] * 4 + ["lost"] * 6)
    drawn = chance_to_be_won(few, np.array([0.0]), 0, 10, np.random.default_rng(1))[:, 0]
    # The Bayesian bootstrap of 4 of 10 is Beta(4, 6).
    assert drawn.mean() == pytest.approx(0.4, abs=0.02)
    assert drawn.std() == pytest.approx(np.sqrt(0.4 * 0.6 / 11), rel=0.1)


def test_the_money_has_the_mean_and_the_spread_of_single_wins():
    rng = np.random.default_rng(5)
    amounts, chance = rng.lognormal(9, 0.8, 60), 0.3
    drawn = money_to_come(np.array([[chance]]), np.array([amounts.sum()]), np.array([(amounts**2).sum()]), 20_000, rng)
    walked = (rng.random((20_000, 60)) < chance) @ amounts
    assert drawn.mean() == pytest.approx(walked.mean(), rel=0.02)
    assert drawn.std() == pytest.approx(walked.std(), rel=0.05)
    np.testing.assert_allclose(np.quantile(drawn, [0.1, 0.5, 0.9]), np.quantile(walked, [0.1, 0.5, 0.9]), rtol=0.05)


def test_what_is_certain_is_certain():
    rng = np.random.default_rng(6)
    drawn = money_to_come(np.array([[1.0, 0.0]]), np.array([500.0, 900.0]), np.array([250_000.0, 810_000.0]), 10, rng)
    assert drawn.tolist() == [500.0] * 10
