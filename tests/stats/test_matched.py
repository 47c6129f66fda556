"""Means compared stratum by stratum: against Welch's test, and written out."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from salestrack.stats.matched import matched_means


@pytest.mark.parametrize("confidence", [0.95, 0.8])
def test_of_one_stratum_it_is_the_test_of_welch(confidence):
    """Ten of the first kind: a variance of its own from ten on."""
    one, two = np.array([0, 1, 1, 2, 4, 0, 3, 1, 2, 5]), np.array([0, 0, 1, 0, 2, 1, 0, 1, 0, 0, 1, 2, 0])
    sums = {"n": 10, "s1": one.sum(), "s2": (one**2).sum(), "n_other": 13, "s1_other": two.sum(), "s2_other": (two**2).sum()}
    row = matched_means(pd.DataFrame([sums]).assign(what=1), ["what"], confidence).iloc[0]
    known = stats.ttest_ind(one, two, equal_var=False)
    assert row["p"] == pytest.approx(known.pvalue)
    assert row[["low", "high"]].tolist() == pytest.approx([*known.confidence_interval(confidence)])


def test_a_small_stratum_has_the_variance_within_all_strata():
    """Strata of 12, 3 and 1 against 11, 9 and 2: those below ten take what all strata have in common."""
    first = [np.array([0, 1, 1, 2, 4, 0, 3, 1, 2, 5, 1, 1]), np.array([3, 7, 2]), np.array([4])]
    other = [np.array([0, 0, 1, 0, 2, 1, 0, 1, 0, 3, 1]), np.array([1, 2, 9, 0, 0, 1, 4, 1, 1]), np.array([2, 3])]
    rows = [
        {"n": len(a), "s1": a.sum(), "s2": (a**2).sum(), "n_other": len(b), "s1_other": b.sum(), "s2_other": (b**2).sum()}
        for a, b in zip(first, other, strict=True)
    ]
    pieces = []
    for side in (first, other):
        common = sum(((x - x.mean()) ** 2).sum() for x in side) / sum(len(x) - 1 for x in side)
        for x, weighed in zip(side, first, strict=True):
            own = x.var(ddof=1) if len(x) >= 10 else common
            pieces.append(((len(weighed) / 16) ** 2 * own / len(x), max(len(x) - 1, 1)))
    variance = sum(piece for piece, _ in pieces)
    freedom = variance**2 / sum(piece**2 / spare for piece, spare in pieces)
    difference = sum(len(a) / 16 * (a.mean() - b.mean()) for a, b in zip(first, other, strict=True))
    row = matched_means(pd.DataFrame(rows).assign(what=1), ["what"]).iloc[0]
    assert row["difference"] == pytest.approx(difference)
    assert row["high"] - difference == pytest.approx(stats.t.ppf(0.975, freedom) * np.sqrt(variance))
    assert row["p"] == pytest.approx(2 * stats.t.sf(abs(difference) / np.sqrt(variance), freedom))
    assert row[["n", "n_other"]].tolist() == [16, 22]


@pytest.mark.parametrize(("change", "reason"), [({"n": 10, "n_other": 10}, ""), ({"s1": 4, "s1_other": 6}, "")])
def test_ten_cases_of_a_kind_and_ten_events_are_judged(change, reason):
    sums = {"n": 20, "s1": 10, "s2": 12, "n_other": 20, "s1_other": 8, "s2_other": 9} | change
    row = matched_means(pd.DataFrame([sums]).assign(what=1), ["what"]).iloc[0]
    assert (row["reason"], bool(row[["low", "high", "p"]].notna().all())) == (reason, True)


def test_counts_all_alike_have_no_limits():
    sums = {"n": 20, "s1": 20, "s2": 20, "n_other": 20, "s1_other": 40, "s2_other": 80}
    row = matched_means(pd.DataFrame([sums]).assign(what=1), ["what"]).iloc[0]
    assert (row["difference"], row["reason"]) == (-1, "too_few")
    assert row[["low", "high", "p"]].isna().all()
