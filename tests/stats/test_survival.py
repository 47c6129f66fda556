"""Life tables, Kaplan-Meier, Aalen-Johansen and hazards against lifelines, statsmodels and plain Python."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.utils import median_survival_times
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import confint_poisson

from salestrack.errors import StatisticsError, UnknownNameError
from salestrack.stats.life_table import hazard, life_table
from salestrack.stats.survival import incidence, survival

Z = stats.norm.ppf(0.975)

rows = st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["won", "lost", "open"]), st.integers(1, 5)), min_size=1, max_size=25)


def frame_of(rows):
    return pd.DataFrame(rows, columns=["days", "outcome", "count"])


def people(seed=1, n=120, ties=False):
    """Days and outcomes of n opportunities, a third of them still open."""
    rng = np.random.default_rng(seed)
    ended, watched = rng.exponential(60, n), rng.uniform(0, 180, n)
    days = np.minimum(ended, watched)
    outcome = np.where(ended <= watched, np.where(rng.random(n) < 0.4, "won", "lost"), "open")
    return pd.DataFrame({"days": np.ceil(days) if ties else days, "outcome": outcome, "count": 1})


def aalen_johansen(frame, outcome, day):
    """Value and variance at a day, written down from the formula and rows one by one."""
    days = np.repeat(frame["days"].to_numpy(), frame["count"])
    ends = np.repeat(frame["outcome"].to_numpy(), frame["count"])
    steps, left, f = [], 1.0, 0.0
    for t in sorted(set(days[days <= day])):
        n, d_any, d_k = (days >= t).sum(), ((days == t) & (ends != "open")).sum(), ((days == t) & (ends == outcome)).sum()
        f += left * d_k / n
        steps.append((n, d_any, d_k, left, f))
        left *= 1 - d_any / n
    variance = 0.0
    for n, d_any, d_k, before, f_then in steps:
        if n > d_any:
            variance += (f - f_then) ** 2 * d_any / (n * (n - d_any))
        variance += before**2 * d_k * (n - d_k) / n**3 - 2 * (f - f_then) * before * d_k / n**2
    return f, variance


def on_log_log_scale(f, variance):
    reach = Z * np.sqrt(variance) / (abs(np.log(1 - f)) * (1 - f))
    return 1 - (1 - f) ** np.exp(-reach), 1 - (1 - f) ** np.exp(reach)


class TestLifeTable:
    def test_by_hand(self):
        # Seven entered; two were won on day 5 and one was last seen then; four were lost on day 9.
        table = life_table(frame_of([(9, "lost", 4), (5, None, 1), (5, "won", 1), (5, "won", 1)]))
        assert table.days.tolist() == [5, 9]
        assert table.at_risk.tolist() == [7, 4]
        assert table.count("won").tolist() == [2, 0]
        assert table.count().tolist() == [2, 4]
        assert table.censored.tolist() == [1, 0]
        assert table.n.tolist() == [7]

    def test_groups_keep_their_names_and_null_is_one_of_them(self):
        frame = frame_of([(1, "won", 1), (2, "won", 2), (3, "lost", 3)]).assign(segment=["B", None, "A"], year=[2026, 2026, 2025])
        table = life_table(frame, by=["segment", "year"])
        assert table.keys["segment"].fillna("-").tolist() == ["A", "B", "-"]
        assert table.keys["year"].tolist() == [2025, 2026, 2026]
        assert table.n.tolist() == [3, 1, 2]

    def test_censored_outcomes_are_those_that_are_said_to_be(self):
        frame = frame_of([(1, "waiting", 1), (1, "open", 1), (2, "won", 1)])
        assert list(life_table(frame, censored=["waiting", "open"]).events) == ["won"]
        assert list(life_table(frame, censored=[]).events) == ["open", "waiting", "won"]

    def test_an_outcome_that_nobody_had(self):
        frame = frame_of([(1, "won", 5)])
        assert incidence(life_table(frame, outcomes=["lost"]), "lost").at()["value"].tolist() == [0]
        with pytest.raises(UnknownNameError, match=r"No outcome 'wonn' in the life table\. Did you mean 'won'"):
            incidence(life_table(frame), "wonn")

    @pytest.mark.parametrize("row", [(-1, "won", 1), (None, "won", 1), (1, "won", -1), (1, "won", None)])
    def test_impossible_rows_are_refused(self, row):
        with pytest.raises(StatisticsError, match="1 rows"):
            life_table(frame_of([row, (1, "won", 1)]))

    def test_nobody_at_all(self):
        empty = frame_of([]).astype({"days": float, "count": float})
        one = survival(life_table(empty)).at(30)
        assert one["n"].tolist() == [0]
        assert one["value"].isna().all()
        assert hazard(life_table(empty))["value"].isna().all()
        assert survival(life_table(empty)).quantile()["value"].isna().all()
        assert survival(life_table(empty.assign(rep=[]), by=["rep"])).at(30).empty


class TestSurvival:
    @pytest.mark.parametrize("ties", [False, True])
    def test_agrees_with_lifelines(self, ties):
        frame = people(ties=ties)
        fit = KaplanMeierFitter().fit(frame["days"], frame["outcome"] != "open")
        found = survival(life_table(frame)).frame
        inside = found[(found["value"] < 1) & (found["value"] > 0)]
        expected = fit.confidence_interval_.loc[inside["days"]].to_numpy()
        np.testing.assert_allclose(inside["value"], fit.survival_function_.loc[inside["days"]].to_numpy()[:, 0], atol=1e-12)
        np.testing.assert_allclose(inside[["low", "high"]], expected, atol=1e-9)

    def test_median_agrees_with_lifelines(self):
        for seed in range(10):
            frame = people(seed, n=60, ties=True)
            fit = KaplanMeierFitter().fit(frame["days"], frame["outcome"] != "open")
            found = survival(life_table(frame)).quantile().iloc[0]
            expected = [fit.median_survival_time_, *median_survival_times(fit.confidence_interval_).to_numpy()[0]]
            np.testing.assert_array_equal(found.fillna(np.inf), expected)

    def test_a_median_of_exactly_half(self):
        # 2, 4, 6, ... opportunities of which one is won each day.
        frame = pd.DataFrame([(n, day, "won", 1) for n in range(1, 40) for day in range(1, 2 * n + 1)])
        table = life_table(frame.set_axis(["half", "days", "outcome", "count"], axis=1), by=["half"])
        for found in (survival(table).quantile(), incidence(table).quantile()):
            assert found["value"].tolist() == found["half"].tolist()

    def test_a_median_that_is_not_reached_is_unknown(self):
        found = survival(life_table(frame_of([(5, "won", 30), (40, "open", 70)]))).quantile()
        assert found[["value", "high"]].isna().all(axis=None)

    def test_beyond_what_was_watched_nothing_is_known(self):
        curve = survival(life_table(frame_of([(5, "won", 30), (40, "open", 70)])))
        assert curve.at(40)["value"].tolist() == [pytest.approx(0.7)]
        assert curve.at(41)[["value", "low", "high"]].isna().all(axis=None)
        assert curve.at(41)["at_risk"].tolist() == [0]

    def test_once_all_have_left_it_stays_0(self):
        curve = survival(life_table(frame_of([(5, "won", 30), (40, "lost", 70)])))
        low, high = proportion_confint(0, 100, method="wilson")
        for found in (curve.at(40), curve.at(400)):
            np.testing.assert_allclose(found[["value", "low", "high"]].to_numpy()[0], [0, low, high], atol=1e-12)

    def test_before_anybody_left_the_limits_hang_on_who_was_watched_until_then(self):
        # 90 were last seen on day 5; on day 50 only 10 of the 100 had been watched that long.
        curve = survival(life_table(frame_of([(5, "open", 90), (100, "won", 10)])))
        for day, watched in ((0, 100), (5, 100), (50, 10)):
            low, high = proportion_confint(watched, watched, method="wilson")
            found = curve.at(day).iloc[0]
            assert found["at_risk"] == watched
            np.testing.assert_allclose(found[["value", "low", "high"]].astype(float), [1, low, high])


class TestIncidence:
    @pytest.mark.parametrize("ties", [False, True])
    def test_agrees_with_the_formula_row_by_row(self, ties):
        frame = people(ties=ties)
        curve = incidence(life_table(frame), "won")
        for day in (10, 33.5, 60, 120):
            value, variance = aalen_johansen(frame, "won", day)
            found = curve.at(day).iloc[0]
            assert found["value"] == pytest.approx(value)
            np.testing.assert_allclose((found["low"], found["high"]), on_log_log_scale(value, variance))

    def test_agrees_with_lifelines(self):
        frame = people()
        code = frame["outcome"].map({"open": 0, "won": 1, "lost": 2})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = AalenJohansenFitter(calculate_variance=False).fit(frame["days"], code, event_of_interest=1)
        found = incidence(life_table(frame), "won").frame
        np.testing.assert_allclose(found["value"], fit.cumulative_density_.loc[found["days"]].to_numpy()[:, 0], atol=1e-12)

    def test_without_censoring_it_is_the_share_with_the_variance_of_a_share(self):
        frame = people(ties=True).query("outcome != 'open'")
        n, k = len(frame), ((frame["outcome"] == "won") & (frame["days"] <= 40)).sum()
        found = incidence(life_table(frame), "won").at(40).iloc[0]
        low, high = on_log_log_scale(k / n, k / n * (1 - k / n) / n)
        np.testing.assert_allclose(found[["value", "low", "high"]].astype(float), [k / n, low, high])

    def test_of_any_outcome_is_the_complement_of_survival(self):
        table = life_table(people(ties=True))
        left, there = incidence(table).frame, survival(table).frame
        np.testing.assert_allclose(left[["value", "low", "high"]], 1 - there[["value", "high", "low"]].to_numpy())

    def test_an_outcome_that_nobody_had_yet_counts_all_of_whom_it_is_known(self):
        # All 100 have left, none won: 0 of 100, although only one was still there on the last day.
        curve = incidence(life_table(frame_of([(5, "lost", 99), (9, "lost", 1)]), outcomes=["won"]), "won")
        low, high = proportion_confint(0, 100, method="wilson")
        np.testing.assert_allclose(curve.frame["high"], [high, high])
        for day in (5, 7, 9, 50):
            np.testing.assert_allclose(curve.at(day)[["value", "low", "high"]].to_numpy()[0], [0, low, high], atol=1e-12)

    def test_counting_the_lost_as_censored_would_promise_too_much(self):
        frame = people(n=2000)
        naive = frame.assign(outcome=frame["outcome"].where(frame["outcome"] == "won", "open"))
        assert incidence(life_table(naive)).at(100)["value"][0] > incidence(life_table(frame), "won").at(100)["value"][0] + 0.1

    def test_time_until_a_share_has_left(self):
        frame = frame_of([(1, "won", 10), (2, "lost", 20), (3, "won", 30), (4, "lost", 40)])
        found = incidence(life_table(frame), "won").quantile(0.25).iloc[0]
        assert found["value"] == 3
        assert found["low"] <= 3
        assert incidence(life_table(frame), "won").quantile(0.5)["value"].isna().all()
        with pytest.raises(StatisticsError, match=r"0\.9"):
            incidence(life_table(frame), "won").quantile(50)

    @settings(max_examples=40)
    @given(rows)
    def test_outcomes_and_those_remaining_add_up_to_all(self, rows):
        table = life_table(frame_of(rows), outcomes=["won", "lost"])
        won, lost = incidence(table, "won").frame, incidence(table, "lost").frame
        np.testing.assert_allclose(won["value"] + lost["value"] + won["remaining"], 1)

    @settings(max_examples=40)
    @given(rows)
    def test_limits_lie_around_the_value_within_0_and_1(self, rows):
        table = life_table(frame_of(rows), outcomes=["won", "lost"])
        for curve in (incidence(table, "won"), incidence(table), survival(table)):
            found = curve.frame
            assert found["low"].ge(0).all()
            assert found["high"].le(1).all()
            assert (found["low"] <= found["value"] + 1e-12).all()
            assert (found["value"] <= found["high"] + 1e-12).all()
            days = curve.quantile(0.4).iloc[0]
            assert not days["low"] > days["value"]
            assert not days["high"] < days["value"]

    @settings(max_examples=40)
    @given(rows, st.randoms())
    def test_order_and_splitting_of_rows_do_not_matter(self, rows, random):
        split = [(day, outcome, 1) for day, outcome, count in rows for _ in range(count)]
        random.shuffle(split)
        one, other = (incidence(life_table(frame_of(each), outcomes=["won"]), "won").frame for each in (rows, split))
        np.testing.assert_array_equal(one, other)

    @settings(max_examples=20)
    @given(st.lists(rows, min_size=2, max_size=4), st.integers(0, 13))
    def test_all_groups_in_one_call_are_as_one_by_one(self, groups, day):
        frames = [frame_of(each).assign(rep=i) for i, each in enumerate(groups)]
        together = incidence(life_table(pd.concat(frames), by=["rep"], outcomes=["won"]), "won")
        for i, frame in enumerate(frames):
            alone = incidence(life_table(frame, outcomes=["won"]), "won")
            for there, here in (
                (together.at(day), alone.at(day)),
                (together.at(), alone.at()),
                (together.quantile(), alone.quantile()),
            ):
                np.testing.assert_array_equal(there.drop(columns="rep").iloc[i], here.iloc[0])

    @settings(max_examples=40)
    @given(rows, st.integers(0, 12))
    def test_reading_a_day_is_as_if_nothing_later_were_known(self, rows, day):
        later = [(min(d, day), "open" if d > day else outcome, count) for d, outcome, count in rows]
        table, cut = life_table(frame_of(rows), outcomes=["won"]), life_table(frame_of(later), outcomes=["won"])
        known = incidence(table, "won").at(day)[["value", "low", "high"]]
        if known.notna().all(axis=None):
            np.testing.assert_allclose(known, incidence(cut, "won").at(day)[["value", "low", "high"]], atol=1e-12)


class TestHazard:
    def test_agrees_with_statsmodels(self):
        frame = people(ties=True)
        found = hazard(life_table(frame), "lost", per=7).iloc[0]
        k, exposure = (frame["outcome"] == "lost").sum(), frame["days"].sum() / 7
        assert (found["events"], found["exposure"]) == (k, pytest.approx(exposure))
        expected = confint_poisson(k, exposure, method="score")
        np.testing.assert_allclose(found[["value", "low", "high"]].astype(float), [k / exposure, *expected])

    def test_without_time_at_risk_it_is_undefined(self):
        found = hazard(life_table(frame_of([(0, "won", 3)])))
        assert found["exposure"].tolist() == [0]
        assert found[["value", "low", "high"]].isna().all(axis=None)

    def test_no_event_has_an_upper_limit(self):
        found = hazard(life_table(frame_of([(10, "open", 10)]))).iloc[0]
        assert (found["value"], found["low"]) == (0, 0)
        assert found["high"] == pytest.approx(Z**2 / 100)
