"""Regression where doses part won from lost: against tables of two by two, a search of the maximum, and exact limits."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats
from scipy.stats.contingency import odds_ratio

from salestrack.stats.association import Adjustment, associate
from salestrack.stats.logistic import Design
from salestrack.stats.penalised import penalised


def two_by_two(k, n, won_below, won_above):
    return Design(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([k, n], dtype=float), np.array([won_below, won_above], dtype=float))


@pytest.mark.parametrize("counts", [(112, 178, 0, 145), (20, 20, 0, 20), (50, 30, 50, 12), (40, 60, 20, 20)])
def test_a_table_of_two_by_two_is_that_with_a_half_added(counts):
    """Firth (1993), section 3.3: the penalty of a saturated table is half a case in each of its cells."""
    k, n, below, above = counts
    wanted = np.log((above + 0.5) / (n - above + 0.5)) - np.log((below + 0.5) / (k - below + 0.5))
    assert penalised(two_by_two(*counts)).slopes[1] == pytest.approx(wanted, abs=1e-7)


def test_limits_are_near_the_exact_ones_where_these_have_an_end():
    profile = penalised(two_by_two(112, 178, 0, 145)).profile(1)
    exact = odds_ratio([[145, 33], [0, 112]]).confidence_interval(0.95)
    assert exact.high == np.inf
    assert profile.at_low[1] == pytest.approx(np.log(exact.low), abs=0.15)
    assert profile.at_low[1] < 6.88 < profile.at_high[1] < 15
    assert profile.p < 1e-40


@pytest.mark.parametrize("seed", [0, 1])
def test_slopes_limits_and_p_are_those_of_a_search_of_the_maximum(seed):
    """Nobody without a visit is won; the penalised likelihood written out, and searched by a method without derivatives."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(60), rng.integers(0, 2, 60), rng.normal(size=60)])
    won = ((x[:, 1] == 1) & (rng.random(60) < 0.8)).astype(float)
    fit = penalised(Design(x, np.ones(60), won))
    profile = fit.profile(1)

    def depth(slopes):
        line = x @ slopes
        chance = 1 / (1 + np.exp(-line))
        information = (x * (chance * (1 - chance))[:, None]).T @ x
        return -(won @ line - np.logaddexp(0, line).sum() + 0.5 * np.linalg.slogdet(information)[1])

    def deepest(value=None):
        where = depth if value is None else lambda rest: depth(np.array([rest[0], value, rest[1]]))
        fine = {"xatol": 1e-8, "fatol": 1e-11, "maxiter": 9_000, "maxfev": 9_000}
        return optimize.minimize(where, np.zeros(3 if value is None else 2), method="Nelder-Mead", options=fine)

    best = deepest()
    assert fit.slopes == pytest.approx(best.x, abs=1e-4)
    for end in (profile.at_low, profile.at_high):
        assert 2 * (deepest(end[1]).fun - best.fun) == pytest.approx(stats.chi2(1).ppf(0.95), abs=1e-4)
    assert profile.p == pytest.approx(stats.chi2(1).sf(2 * (deepest(0.0).fun - best.fun)), rel=1e-3)


def parted(below, above, **more):
    (k, none), (n, some) = below, above
    return pd.DataFrame({"visits": [0, 1], "n": [k, n], "won": [none, some], **more})


class TestParted:
    def test_perfect_parting_is_the_strongest_association_and_finite(self):
        row = associate(parted((112, 0), (178, 145)), ["visits"]).frame.iloc[0]
        assert row[["cut", "n_below", "won_below", "n_above", "won_above"]].tolist() == [1, 112, 0, 178, 145]
        assert (row["reason"], row["p"] < 1e-40) == ("", True)
        assert np.isfinite(row[["effect", "low", "high", "log_odds", "log_odds_low", "log_odds_high"]].astype(float)).all()
        assert 0 < row["low"] < row["effect"] < row["high"] <= 1

    def test_the_effect_is_the_mean_of_what_one_more_changes(self):
        """With halves added the odds are 0.5 / 112.5 and 145.5 / 33.5, and of one more their ratio times that."""
        cells = parted((112, 0), (178, 145))
        row = associate(cells, ["visits"]).frame.iloc[0]
        below, above = 0.5 / 112.5, 145.5 / 33.5
        chance = [odds / (1 + odds) for odds in (below, above, above**2 / below)]
        wanted = (112 * (chance[1] - chance[0]) + 178 * (chance[2] - chance[1])) / 290
        assert row["effect"] == pytest.approx(wanted, abs=1e-6)
        assert row["log_odds"] == pytest.approx(np.log(above / below), abs=1e-6)

    @pytest.mark.parametrize("cells", [parted((30, 1), (30, 29)), parted((30, 30), (30, 2)), parted((10, 0), (12, 12))])
    def test_hardly_any_exception_and_few_cases_are_told_too(self, cells):
        row = associate(cells, ["visits"]).frame.iloc[0]
        assert row["reason"] == ""
        assert row["p"] < 1e-4
        assert np.sign(row["log_odds_low"]) == np.sign(row["log_odds_high"]) == np.sign(row["effect"])

    def test_too_few_for_all_columns_hold_the_rep_fixed(self):
        """20 and 20 in 12 segments cannot carry 14 columns; two reps of half and half leave what there is."""
        cells = pd.concat([parted((10, 0), (10, 10), rep=rep, segment=list("ab")) for rep in "RS"])
        many = [cells.assign(segment=f"{i}") for i in range(1)]
        tight = pd.concat(many).assign(again=lambda frame: [0, 0, 1, 1], more=lambda frame: [0, 1, 1, 0])
        fixed = Adjustment(levels=("segment",), numbers=("again", "more"), holder="rep")
        row = associate(tight, ["visits"], fixed).frame.iloc[0]
        assert row["reason"] == ""
        assert row["log_odds_low"] > 1

    def test_what_a_rep_always_does_is_not_told_from_the_rep(self):
        cells = pd.concat([parted((20, 0), (0, 0), rep="R").head(1), parted((0, 0), (20, 20), rep="S").tail(1)])
        assert associate(cells, ["visits"], Adjustment(holder="rep")).frame["reason"].iloc[0] == "inseparable"

    def test_chance_seldom_parts(self):
        """300 companies of 40 in which visits do nothing, with one in six won: p of the profile holds its level."""
        rng = np.random.default_rng(8)
        p = []
        for _ in range(300):
            frame = pd.DataFrame({"visits": rng.integers(0, 2, 40), "n": 1, "won": (rng.random(40) < 0.2).astype(int)})
            p.append(associate(frame, ["visits"]).frame["p"].iloc[0])
        assert np.nanmean(np.array(p) <= 0.05) < 0.09, "three standard errors above 5 %"
