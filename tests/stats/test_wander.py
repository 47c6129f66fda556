"""Wandering shares: against dense generalised least squares, scipy's normal density, plain simulation, and known truth."""

import numpy as np
import pytest
from scipy import stats

from benchmarks.weekly_looks import company, year
from salestrack.stats.change_point import LEAST, chance_to_see, change_point
from salestrack.stats.wander import STEADY, Wander, _likelihoods, contrasts, wander_of

WANDERING = Wander(0.3, 0.9)


def drawn(rng, weeks=100, size=8.0, wander=STEADY, share=0.45):
    """Draw a series of counts whose log odds move as told."""
    moved, odds = rng.normal(0, wander.size), []
    for _ in range(weeks):
        odds.append(np.log(share / (1 - share)) + moved)
        moved = wander.memory * moved + rng.normal(0, wander.size * np.sqrt(1 - wander.memory**2))
    n = np.maximum(rng.poisson(size, weeks), 1)
    return rng.binomial(n, 1 / (1 + np.exp(-np.array(odds)))).astype(float), n.astype(float)


def covariance(k, n, wander):
    """Write the model down as a matrix."""
    share = k.sum() / n.sum()
    apart = np.abs(np.subtract.outer(np.arange(len(k)), np.arange(len(k))))
    return np.diag(share * (1 - share) / n) + wander.variance(share) * np.where(apart, wander.memory**apart, 1.0)


@pytest.mark.parametrize("wander", [STEADY, Wander(0.2, 0.0), WANDERING], ids=str)
def test_contrasts_are_those_of_dense_generalised_least_squares(wander):
    k, n = drawn(np.random.default_rng(1), 40)
    found, inverse = contrasts(k, n, wander, LEAST), np.linalg.inv(covariance(k, n, wander))
    for at in (4, 17, 36):
        x = np.column_stack([np.ones(40), np.arange(40) >= at])
        spread = np.linalg.inv(x.T @ inverse @ x)
        step = (spread @ x.T @ inverse @ (k / n))[1]
        assert found.z[at - LEAST] == pytest.approx(step / np.sqrt(spread[1, 1]), rel=1e-9)
        by_chance = np.linalg.inv(x.T @ np.diag(1 / np.diag(covariance(k, n, STEADY))) @ x)[1, 1]
        assert found.widening[at - LEAST] == pytest.approx(spread[1, 1] / by_chance, rel=1e-9)


def test_the_likelihood_is_the_restricted_one_of_the_normal_density():
    k, n = drawn(np.random.default_rng(2), 30)
    grid = [STEADY, WANDERING, Wander(0.45, 0.98)]
    found = _likelihoods(k, n, grid, LEAST)
    expected = []
    for wander in grid:
        spread = covariance(k, n, wander)
        one = np.ones(30)
        weight = one @ np.linalg.solve(spread, one)
        level = one @ np.linalg.solve(spread, k / n) / weight
        expected.append(stats.multivariate_normal(np.full(30, level), spread).logpdf(k / n) - np.log(weight) / 2)
    np.testing.assert_allclose(np.diff(found), np.diff(expected), rtol=1e-8)


@pytest.mark.parametrize("wander", [STEADY, WANDERING], ids=str)
def test_the_chance_of_the_largest_contrast_is_that_of_simulation(wander):
    rng = np.random.default_rng(3)
    k, n = drawn(rng, 60)
    found, spread = contrasts(k, n, wander, LEAST), covariance(k, n, wander)
    noise = rng.multivariate_normal(np.zeros(60), spread, 20_000)
    inverse, largest = np.linalg.inv(spread), np.zeros(20_000)
    for at in range(LEAST, 60 - LEAST + 1):
        x = np.column_stack([np.ones(60), np.arange(60) >= at])
        held = np.linalg.inv(x.T @ inverse @ x)
        largest = np.maximum(largest, np.abs(noise @ (held @ x.T @ inverse)[1]) / np.sqrt(held[1, 1]))
    for level in (0.05, 0.01):
        exceeded = (largest >= found.needed(level)).mean()
        # An upper bound, by up to a third too large: 20,000 draws have a standard error of 0.0015 at 5 %.
        assert 0.65 * level <= exceeded <= level + 3 * np.sqrt(level / 20_000)


def test_what_is_needed_has_the_chance_it_was_asked_for():
    found = contrasts(*drawn(np.random.default_rng(4)), WANDERING, LEAST)
    assert found.chance_of(found.needed(0.002)) == pytest.approx(0.002, rel=1e-6)
    assert found.chance_of(100.0) == 0.0
    assert found.chance_of(0.0) == 1.0


def test_wandering_is_seen_where_there_is_some_and_not_made_of_a_break():
    rng = np.random.default_rng(5)
    steady = [drawn(rng, 120) for _ in range(6)]
    moving = [drawn(rng, 120, wander=WANDERING) for _ in range(6)]
    k, n = steady[0]
    k = np.where(np.arange(120) < 90, k, rng.binomial(k.astype(int), 0.4))
    widened = [
        contrasts(*steady[1], wander_of(each, LEAST), LEAST).widening[56] for each in (steady, moving, [(k, n), *steady[1:]])
    ]
    assert widened[0] < 1.3
    assert widened[1] > 2
    assert widened[2] == pytest.approx(widened[0], abs=0.15)


def test_a_series_that_wanders_has_no_break_and_a_clear_break_is_told_all_the_same():
    """Taken for independent weeks such series are called broken far too often; with the wandering hardly any."""
    rng = np.random.default_rng(6)
    series = [drawn(rng, 100, wander=WANDERING) for _ in range(48)]
    naive = np.mean([change_point(*each, draws=999).p <= 0.01 for each in series])
    groups = [series[i : i + 6] for i in range(0, 48, 6)]
    known = [change_point(*each, wander=wander_of(group, LEAST), draws=999).p for group in groups for each in group]
    assert naive >= 0.1
    assert np.mean(np.array(known) <= 0.01) <= 0.05
    k, n = drawn(rng, 100)
    k = np.where(np.arange(100) < 60, k, rng.binomial(k.astype(int), 0.3))
    plain, wide = (change_point(k, n, wander=each) for each in (STEADY, Wander(0.15, 0.9)))
    assert wide.p <= 0.01
    assert wide.at == plain.at
    assert wide.ratio.low < plain.ratio.low < plain.ratio.high < wide.ratio.high
    assert wide.at_high - wide.at_low >= plain.at_high - plain.at_low


def test_wandering_costs_power():
    k, n = drawn(np.random.default_rng(7), 80)
    power = [chance_to_see(k, n, 60, level=0.01, wander=each) for each in (STEADY, Wander(0.15, 0.9), Wander(0.45, 0.98))]
    assert power[0] > power[1] > power[2]


def test_more_wandering_never_makes_a_change_clearer():
    k, n = drawn(np.random.default_rng(8), 80)
    k = np.where(np.arange(80) < 50, k, np.minimum(k, 1))
    found = [contrasts(k, n, Wander(size, 0.9), LEAST).p for size in (0.0, 0.1, 0.2, 0.45)]
    assert found == sorted(found)


def test_no_series_is_steady():
    assert wander_of([], LEAST) == STEADY


def test_a_year_of_weekly_looks_names_no_wandering_company_and_a_planted_fall():
    """Two companies looked at every 13 weeks over a year; of one the first source is halved before the first look."""
    k, n = company(np.random.default_rng(1_001), "wandering", 157)
    looks = year(k, n, 104, every=13)
    assert looks["look"].unique().tolist() == [0, 13, 26, 39, 52]
    assert not looks["named"].any()
    k, n = company(np.random.default_rng(1_000), "steady", 157)
    k[0, 78:] = np.random.default_rng(1).binomial(k[0, 78:], 0.5)
    looks = year(k, n, 104, every=26)
    assert set(looks.loc[looks["named"], "source"]) == {0}
    assert looks.loc[looks["source"] == 0, "named"].all()
