"""Two kinds made alike in several respects at once: by hand, against statsmodels, and where nothing differs."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import binom

from salestrack.stats.alike import alike_means, comparable

FACTORS = ["rep", "age"]


def cases(seed, reps=12, n=700, strong=0.0, effect=0.0):
    """Cases row by row: reps differ in pace, rep 0 threefold; with `strong` rep 0 wins more; ages differ, too."""
    rng = np.random.default_rng(seed)
    rep, age = rng.integers(0, reps, n), rng.integers(0, 3, n)
    pace = np.where(np.arange(reps) == 0, 3.0, np.exp(0.2 * rng.standard_normal(reps)))
    won = rng.random(n) < 1 / (1 + np.exp(0.6 - strong * (rep == 0) - 0.3 * age))
    mean = 0.8 * pace[rep] * np.array([1.0, 0.6, 0.4])[age] * np.exp(effect * won)
    return pd.DataFrame({"rep": rep, "age": age, "won": won, "x": rng.poisson(mean)})


def cells(frame, week=1):
    sides = []
    for tail, side in (("", frame[frame["won"]]), ("_other", frame[~frame["won"]])):
        by = side.groupby(FACTORS)["x"]
        sums = {f"n{tail}": by.size(), f"s1{tail}": by.sum(), f"s2{tail}": by.apply(lambda x: (x**2).sum())}
        sides.append(pd.DataFrame(sums))
    return pd.concat(sides, axis=1).fillna(0).reset_index().assign(week=week)


def told(frame):
    return alike_means(comparable(cells(frame), FACTORS), "week", FACTORS, "rep").iloc[0]


def test_the_lost_in_the_place_of_the_won_are_what_a_poisson_regression_expects():
    frame = cases(1)
    row = told(frame)
    exog = pd.get_dummies(frame[FACTORS].astype(str), dtype=float).drop(columns="age_0")
    fit = sm.GLM(frame.loc[~frame["won"], "x"], exog[~frame["won"]], family=sm.families.Poisson()).fit()
    assert row["other"] == pytest.approx(fit.predict(exog[frame["won"]]).mean(), rel=1e-4)
    assert row["mean"] == pytest.approx(frame.loc[frame["won"], "x"].mean())


def test_the_error_is_that_of_the_regression_and_of_the_won():
    """With few reps: the sandwich of statsmodels (HC1) for what is expected, and the squared distances of the won."""
    frame = cases(2, reps=5)
    row = told(frame)
    lost, won = frame[~frame["won"]], frame[frame["won"]]
    exog = pd.get_dummies(frame[FACTORS].astype(str), dtype=float).drop(columns="age_0")
    fit = sm.GLM(lost["x"], exog.loc[lost.index], family=sm.families.Poisson()).fit(cov_type="HC0")
    expected = fit.predict(exog.loc[won.index])
    gradient = (exog.loc[won.index].to_numpy() * expected.to_numpy()[:, None]).mean(axis=0)
    spread = gradient @ fit.cov_params().to_numpy() @ gradient * len(lost) / (len(lost) - exog.shape[1])
    away = ((won["x"] - expected - row["difference"]) ** 2).sum() / len(won) ** 2
    error = (row["high"] - row["low"]) / 2
    assert error == pytest.approx(1.97 * np.sqrt(spread + away), rel=0.02)


def test_a_strong_busy_rep_is_no_difference():
    """200 companies in which rep 0 has three times the pace and wins more: without the rep most would differ."""
    rows = [told(cases(seed, strong=1.5)) for seed in range(200)]
    naive = [alike_means(cells(cases(seed, strong=1.5)), "week", ["age"], "rep").iloc[0] for seed in range(20)]
    assert np.mean([row["difference"] for row in naive]) > 0.05
    assert sum(row["p"] <= 0.05 for row in rows) <= binom.ppf(0.999, 200, 0.05)
    assert abs(np.mean([row["difference"] for row in rows])) < 0.03


def test_a_true_difference_is_held_by_its_interval():
    """exp(0.3) times as many on won ones: the truth is a share 1 - exp(-0.3) of their mean."""
    rows = pd.DataFrame([told(cases(seed, strong=1.5, effect=0.3)) for seed in range(200)])
    true = rows["mean"].mean() * (1 - np.exp(-0.3))
    held = ((rows["low"] <= true) & (true <= rows["high"])).sum()
    assert binom.ppf(0.001, 200, 0.93) <= held
    assert rows["difference"].mean() == pytest.approx(true, abs=3.5 * rows["difference"].std() / np.sqrt(200))


def test_what_has_no_counterpart_in_one_respect_is_left_out():
    frame = pd.DataFrame({"rep": ["A", "A", "B"], "age": [1, 2, 1], "n": [5, 5, 5], "n_other": [5, 0, 0]})
    assert comparable(frame, FACTORS)[["rep", "age"]].values.tolist() == [["A", 1]], "B lost none, and at age 2 nobody did"


def test_all_had_one_and_none_had_one_is_a_difference():
    sums = {
        "rep": ["A"],
        "age": [1],
        "week": [1],
        "n": [40],
        "s1": [40],
        "s2": [40],
        "n_other": [40],
        "s1_other": [0],
        "s2_other": [0],
    }
    row = alike_means(pd.DataFrame(sums), "week", FACTORS, "rep").iloc[0]
    assert (row["difference"], row["reason"]) == (1.0, "")
    assert 0.5 < row["low"] < 1 < row["high"] < 1.5
    assert row["p"] < 1e-4
