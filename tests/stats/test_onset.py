"""Since when it takes longer, and who would still wait: against lifelines, statsmodels, plain Python and simulation."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter, ExponentialFitter, KaplanMeierFitter, NelsonAalenFitter
from lifelines.datasets import load_lung, load_rossi, load_waltons
from lifelines.statistics import logrank_test, multivariate_logrank_test
from scipy import stats
from statsmodels.duration.survfunc import survdiff
from statsmodels.stats.rates import confint_poisson

from salestrack.stats.life_table import hazard, life_table
from salestrack.stats.onset import log_rank, onset
from salestrack.stats.queue import expected_days, expected_there
from salestrack.stats.survival import incidence, survival

MONTHS = [date(2024 + i // 12, i % 12 + 1, 1) for i in range(30)]


def stays(seed=0, months=30, each=12, since=None, factor=1.0, spread=0.6):
    """Stays that begin evenly over the months; since a month they last longer by a factor; seen until the last month ends."""
    rng = np.random.default_rng(seed)
    month = np.repeat(np.arange(months), each)
    start = month * 30 + rng.integers(0, 30, len(month))
    long = 30 * np.exp(spread * rng.standard_normal(len(month)))
    long = np.where(month >= (months if since is None else since), long * factor, long)
    watched = months * 30 - start
    days = np.ceil(np.minimum(long, watched))
    outcome = np.where(long > watched, "open", np.where(rng.random(len(month)) < 0.7, "went_on", "left"))
    rows = pd.DataFrame({"cohort": [MONTHS[m] for m in month], "days": days, "outcome": outcome, "count": 1})
    return rows.assign(segment=np.where(rng.random(len(rows)) < 0.4, "A", "B"))


# What lifelines does with pandas 3.
OF_LIFELINES = pytest.mark.filterwarnings("ignore:Starting with pandas version 4.0 all arguments of sum")


class TestLogRank:
    @OF_LIFELINES
    def test_agrees_with_lifelines_at_every_split(self):
        rows = stays(3, months=12)
        found = log_rank(rows)
        for k, first in enumerate(found.cohorts):
            since, left = rows["cohort"] >= first, rows["outcome"] != "open"
            expected = logrank_test(rows["days"][since], rows["days"][~since], left[since], left[~since]).test_statistic
            assert found.score[k] ** 2 / found.covariance[k, k] == pytest.approx(expected, abs=1e-9)

    @OF_LIFELINES
    def test_two_splits_together_agree_with_lifelines(self):
        # The statistic of three groups does not hang on which two scores it is made of.
        rows = stays(4, months=10)
        found = log_rank(rows)
        for k, other in ((0, 5), (2, 3), (4, 8)):
            groups = (rows["cohort"] >= found.cohorts[k]).astype(int) + (rows["cohort"] >= found.cohorts[other])
            expected = multivariate_logrank_test(rows["days"], groups, rows["outcome"] != "open").test_statistic
            score, covariance = found.score[[k, other]], found.covariance[np.ix_([k, other], [k, other])]
            assert score @ np.linalg.solve(covariance, score) == pytest.approx(expected, abs=1e-9)

    def test_strata_agree_with_statsmodels(self):
        rows = stays(5, months=10)
        found = log_rank(rows, strata=["segment"])
        for k in (1, 4, 7):
            since = (rows["cohort"] >= found.cohorts[k]).to_numpy()
            left = (rows["outcome"] != "open").astype(int).to_numpy()
            expected, _ = survdiff(rows["days"].to_numpy(), left, since, strata=rows["segment"].to_numpy())
            assert found.score[k] ** 2 / found.covariance[k, k] == pytest.approx(expected, abs=1e-9)

    @settings(max_examples=25)
    @given(st.randoms())
    def test_order_and_splitting_of_rows_do_not_matter(self, random):
        rows = stays(6, months=6)
        summed = rows.groupby(["cohort", "days", "outcome"])["count"].sum().reset_index()
        order = list(range(len(rows)))
        random.shuffle(order)
        one, other = log_rank(rows.iloc[order]), log_rank(summed)
        np.testing.assert_allclose(one.score, other.score, atol=1e-9)
        np.testing.assert_allclose(one.covariance, other.covariance, atol=1e-9)


class TestOnset:
    def test_a_planted_slowdown_is_found_with_its_month(self):
        found = [onset(stays(seed, since=20, factor=2.5)) for seed in range(40)]
        assert all(each.pace == "slower" and each.p < 0.01 for each in found)
        off = np.array([abs(MONTHS.index(each.since) - 20) for each in found])
        assert (off <= 1).mean() >= 0.9
        held = [each.low <= MONTHS[20] <= each.high for each in found]
        assert np.mean(held) >= 0.85

    def test_a_planted_speedup_is_one(self):
        found = onset(stays(1, since=15, factor=0.5))
        assert (found.pace, abs(MONTHS.index(found.since) - 15) <= 1) == ("faster", True)

    def test_without_a_change_p_is_what_it_says(self):
        p = np.array([onset(stays(seed, each=8), draws=1000).p for seed in range(200)])
        # 95 % limits of a share of 200.
        assert stats.binom.ppf(0.01, 200, 0.05) <= (p <= 0.05).sum() <= stats.binom.ppf(0.995, 200, 0.05)
        assert abs((p <= 0.5).mean() - 0.5) < 0.1

    def test_a_mix_that_shifts_is_no_change_within_strata(self):
        # The slow segment grows from a tenth to nine tenths; within each segment nothing changes.
        slow = stays(1, each=40, spread=0.4).assign(segment="slow")
        slow["days"] = slow["days"] * 2
        fast = stays(2, each=40, spread=0.4).assign(segment="fast")
        month = {day: i for i, day in enumerate(MONTHS)}
        rng = np.random.default_rng(1)
        keep = [rng.random(len(part)) < share(part["cohort"].map(month)) for part, share in
                ((slow, lambda m: 0.1 + 0.8 * (m >= 15)), (fast, lambda m: 0.9 - 0.8 * (m >= 15)))]  # fmt: skip
        rows = pd.concat([slow[keep[0]], fast[keep[1]]])
        assert onset(rows).p < 0.01
        assert onset(rows, strata=["segment"]).p > 0.05

    def test_too_few_to_look(self):
        found = onset(stays(1, months=4, each=3))
        assert found.cohorts == ()
        assert (found.since, found.pace) == (None, "")
        assert np.isnan(found.p)
        assert np.isnan(onset(stays(1).iloc[:0]).p)

    def test_the_range_ends_where_a_split_explains_the_data_worse(self):
        """Scanned one by one from the best split, on either side, for a fall of z² by more than 3.84; of 1.92 in likelihood."""
        wide = 0
        for seed in range(12):
            found = onset(stays(seed, since=14, factor=1.25), draws=10)
            worse = np.abs(found.z).max() ** 2 - found.z**2 > stats.chi2(1).ppf(0.95)
            best = int(np.abs(found.z).argmax())
            first = max((i + 1 for i in range(best) if worse[i]), default=0)
            last = min((i - 1 for i in range(best, len(worse)) if worse[i]), default=len(worse) - 1)
            assert (found.since, found.low, found.high) == tuple(found.cohorts[i] for i in (best, first, last))
            wide += first < best < last
        assert wide, "some ranges reach to both sides"

    def test_a_split_needs_ten_to_be_expected_on_each_side(self):
        rows = stays(5, months=8)
        compared = log_rank(rows)
        for least in (10, 30):
            possible = [c for c, (a, b) in zip(compared.cohorts, compared.expected.T, strict=True) if min(a, b) >= least]
            assert onset(rows, least=least, draws=10).cohorts == tuple(possible)
            assert 0 < len(possible) < 7

    def test_same_counts_same_answer(self):
        rows = stays(9, since=20, factor=1.3)
        assert onset(rows).p == onset(rows.sample(frac=1, random_state=1)).p


class TestExpectedThere:
    def test_agrees_with_lifelines_and_greenwood(self):
        rows = stays(7)
        fit = KaplanMeierFitter().fit(rows["days"], rows["outcome"] != "open")
        ages, count = np.array([3.0, 20.0, 45.0]), np.array([10.0, 4.0, 7.0])
        there = fit.survival_function_at_times(ages).to_numpy()
        found = expected_there(life_table(rows), ages, count)
        assert found.value == pytest.approx((count * there).sum(), abs=1e-9)
        events = fit.event_table.iloc[1:]
        terms = events["observed"] / (events["at_risk"] * (events["at_risk"] - events["observed"]))
        cumulated = [terms[terms.index <= age].sum() for age in ages]
        # Cov(S(s), S(t)) = S(s) S(t) times the terms up to the earlier of the two.
        spread = sum(
            count[i] * count[j] * there[i] * there[j] * min(cumulated[i], cumulated[j]) for i in range(3) for j in range(3)
        )
        spread += (count * there * (1 - there)).sum()
        assert found.high - found.value == pytest.approx(stats.norm.ppf(0.975) * np.sqrt(spread), abs=1e-9)

    def test_limits_cover(self):
        # The pace is estimated from 200 stays; then 100 come, one a day, and those still there are counted.
        rng, held = np.random.default_rng(3), []
        for _ in range(250):
            known = pd.DataFrame({"days": np.ceil(rng.exponential(40, 200)), "outcome": "went_on", "count": 1})
            ages = np.arange(100.0)
            waiting = (np.ceil(rng.exponential(40, 100)) > ages).sum()
            found = expected_there(life_table(known), ages, np.ones(100))
            held.append(found.low <= waiting <= found.high)
        assert 0.92 <= np.mean(held) <= 0.98

    def test_nobody_known(self):
        assert np.isnan(expected_there(life_table(stays(1).iloc[:0]), [5], [1]).value)


class TestExpectedDays:
    def test_by_hand(self):
        # 45 left in 90 days: one every two days. 30 wait: the last of them for 60 days.
        found = expected_days(30, 45, 90)
        assert found.value == 60
        low, high = (2 * 45 + 1.96**2 + sign * 1.96 * np.sqrt(1.96**2 + 4 * 45) for sign in (-1, 1))
        assert (found.low, found.high) == (
            pytest.approx(30 * 90 / (high / 2), rel=1e-4),
            pytest.approx(30 * 90 / (low / 2), rel=1e-4),
        )

    def test_nobody_left_is_undefined(self):
        assert np.isnan(expected_days(30, 0, 90)).all()

    def test_littles_law_holds_in_a_steady_queue(self):
        # Each day three come and each stays 20 days: 60 wait and three leave.
        assert expected_days(60, 3 * 90, 90).value == pytest.approx(20)


CASES = {"waltons": (load_waltons, "T", "E"), "rossi": (load_rossi, "week", "arrest"), "lung": (load_lung, "time", "status")}


class TestSharedCases:
    """What lifelines ships as examples, through life tables."""

    @pytest.fixture(params=CASES)
    def case(self, request):
        load, days, event = CASES[request.param]
        rows = load()
        return rows[days].to_numpy(dtype=float), rows[event].to_numpy(dtype=int)

    def counts(self, days, event):
        names = np.array(["open", "won", "lost"])
        rows = pd.DataFrame({"days": days, "outcome": names[event], "count": 1})
        return rows.groupby(["days", "outcome"])["count"].sum().reset_index()

    def test_survival_and_its_limits(self, case):
        days, event = case
        fit = KaplanMeierFitter().fit(days, event)
        found = survival(life_table(self.counts(days, event))).frame
        inside = found[(found["value"] < 1) & (found["value"] > 1e-9)]
        np.testing.assert_allclose(inside["value"], fit.survival_function_.loc[inside["days"]].to_numpy()[:, 0], atol=1e-9)
        np.testing.assert_allclose(inside[["low", "high"]], fit.confidence_interval_.loc[inside["days"]].to_numpy(), atol=1e-9)

    def test_hazard(self, case):
        days, event = case
        table = life_table(self.counts(days, event))
        found = hazard(table).iloc[0]
        # lifelines looks for the most likely rate in steps.
        assert found["value"] == pytest.approx(1 / ExponentialFitter().fit(days, event).lambda_, rel=1e-6)
        expected = confint_poisson(event.sum(), days.sum(), method="score")
        np.testing.assert_allclose(found[["low", "high"]].astype(float), expected, rtol=1e-9)
        fit = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(days, event)
        cumulated = np.cumsum(table.count() / table.at_risk)
        np.testing.assert_allclose(cumulated, fit.cumulative_hazard_.loc[table.days].to_numpy()[:, 0], atol=1e-9)

    def test_competing_risks(self, case):
        days, event = case
        # lifelines parts ties at random; whole days apart, its estimate is the one of the formula.
        days = days + np.linspace(0, 0.5, len(days))
        ways = np.where(event == 1, 1 + np.arange(len(days)) % 2, 0)
        found = incidence(life_table(self.counts(days, ways)), "won").frame
        fit = AalenJohansenFitter(calculate_variance=True).fit(days, ways, event_of_interest=1)
        np.testing.assert_allclose(found["value"], fit.cumulative_density_.loc[found["days"]].to_numpy()[:, 0], atol=1e-9)
