"""Doses against outcomes: held against statsmodels row by row, against two-by-two tables, and against simulated truth."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.stats import binom, t
from statsmodels.stats.multitest import multipletests
from statsmodels.tools.numdiff import approx_fprime

from salestrack.errors import StatisticsError
from salestrack.stats.association import Adjustment, associate
from salestrack.stats.matched import matched_means
from salestrack.stats.multiple import familywise_p

FIGURES = ["effect", "low", "high", "p", "log_odds", "log_odds_low", "log_odds_high"]
PER_DOSE = {"calls": 1.5, "visits": 0.6}


def rows(seed=1, n=2_500, reps=25, slope=0.35, skill=0.2, habit=0.25):
    """Cases row by row: visits raise the log odds of winning by the slope, calls do not."""
    rng = np.random.default_rng(seed)
    rep, segment = rng.integers(0, reps, n), rng.choice(["A", "B", "C"], n, p=[0.5, 0.3, 0.2])
    rates = {dose: rate * np.exp(habit * rng.standard_normal(reps))[rep] for dose, rate in PER_DOSE.items()}
    frame = pd.DataFrame({dose: rng.poisson(rate) for dose, rate in rates.items()})
    size = np.round(rng.normal(9, 1, n))
    odds = -0.6 + slope * frame["visits"] + 0.3 * (segment == "B") - 0.1 * (size - 9) + skill * rng.standard_normal(reps)[rep]
    return frame.assign(segment=segment, size=size, rep=rep, n=1, won=(rng.random(n) < 1 / (1 + np.exp(-odds))).astype(int))


def grouped(frame):
    keys = [name for name in frame if name not in ("n", "won")]
    return frame.groupby(keys, dropna=False)[["n", "won"]].sum().reset_index()


def design(frame, doses=("calls", "visits")):
    """The regression's columns as statsmodels would be given them."""
    levels = pd.get_dummies(frame["segment"], drop_first=True, dtype=float)
    means = frame.groupby("rep")[list(doses)].transform("mean").add_suffix("_mean")
    return pd.concat([frame[list(doses)], levels, frame[["size"]], means], axis=1).assign(constant=1.0).astype(float)


ADJUSTED = Adjustment(levels=("segment",), numbers=("size",), holder="rep")


class TestAgainstStatsmodels:
    def test_average_effects_and_their_errors_row_by_row(self):
        frame = rows(reps=8)
        found = associate(grouped(frame), ["calls", "visits"], ADJUSTED).frame
        exog = design(frame)
        fit = sm.Logit(frame["won"], exog).fit(disp=0, tol=1e-12)
        for place, dose in enumerate(["calls", "visits"]):
            more = exog.assign(**{dose: exog[dose] + 1})

            def effect(slopes, more=more):
                return (fit.model.predict(slopes, more) - fit.model.predict(slopes, exog)).mean()

            gradient = approx_fprime(fit.params.to_numpy(), effect, centered=True)
            error = np.sqrt(gradient @ fit.cov_params().to_numpy() @ gradient)
            row = found.iloc[place]
            assert row["effect"] == pytest.approx(effect(fit.params.to_numpy()), abs=1e-6)
            assert row["high"] - row["effect"] == pytest.approx(1.959963984540054 * error, abs=1e-6)
            assert row["log_odds"] == pytest.approx(fit.params[dose], abs=1e-6)

    def test_a_step_from_none_to_one_is_the_margin_of_a_dummy(self):
        """Where nobody has more than one, p(1) - p(0) is what statsmodels calls the effect of a dummy."""
        frame = rows(reps=8).assign(visits=lambda made: (made["visits"] > 0).astype(int))
        curve = associate(grouped(frame), ["calls", "visits"], ADJUSTED).at_dose("visits", [0, 1])
        exog = design(frame)
        margins = sm.Logit(frame["won"], exog).fit(disp=0, tol=1e-12).get_margeff(dummy=True)
        place = [name for name in exog if name != "constant"].index("visits")
        assert curve.value[1] - curve.value[0] == pytest.approx(margins.margeff[place], abs=1e-6)

    def test_with_enough_holders_the_larger_of_two_errors_counts_with_t(self):
        frame = rows(reps=40, n=2_000)
        found = associate(grouped(frame), ["calls", "visits"], ADJUSTED).frame
        exog = design(frame)
        plain = sm.Logit(frame["won"], exog).fit(disp=0, tol=1e-12)
        robust = sm.Logit(frame["won"], exog).fit(
            disp=0, tol=1e-12, cov_type="cluster", cov_kwds={"groups": frame["rep"]}, use_t=True
        )
        error = np.maximum(plain.bse, robust.bse).iloc[:2].to_numpy()
        reach = 2.022690920036761  # t of 39 degrees of freedom
        assert (found["log_odds_high"] - found["log_odds"]).to_numpy() == pytest.approx(reach * error, abs=1e-6)

    def test_at_a_dose_is_the_mean_of_predictions(self):
        frame = rows(reps=40)
        found = associate(grouped(frame), ["calls", "visits"], ADJUSTED).at_dose("visits", [0, 3])
        fit = sm.Logit(frame["won"], design(frame)).fit(disp=0, tol=1e-12)
        wanted = [fit.predict(design(frame).assign(visits=float(dose))).mean() for dose in (0, 3)]
        assert found.value.tolist() == pytest.approx(wanted, abs=1e-8)
        assert (found.low < found.value).all()
        assert (found.value < found.high).all()

    @settings(max_examples=30)
    @given(some.lists(some.floats(0, 1), min_size=1, max_size=12))
    def test_familywise_p_is_that_of_holm(self, p):
        assert familywise_p([*p, None])[:-1].tolist() == pytest.approx(multipletests(p, method="holm")[1].tolist())


class TestTwoByTwo:
    """40 with a visit, 20 of them won; 60 without, 20 of them won: odds of 1 and 1/2."""

    cells = pd.DataFrame({"visits": [1, 0], "n": [40, 60], "won": [20, 20]})

    def test_the_odds_ratio_and_woolfs_error(self):
        row = associate(self.cells, ["visits"]).frame.iloc[0]
        assert np.exp(row["log_odds"]) == pytest.approx(2.0)
        error = np.sqrt(1 / 20 + 1 / 20 + 1 / 20 + 1 / 40)
        assert row["log_odds_high"] - row["log_odds"] == pytest.approx(1.959963984540054 * error)

    def test_the_effect_is_the_mean_step_up_the_curve(self):
        # From 1/3 to 1/2 for the 60, and from 1/2 to 2/3 (odds of 2) for the 40: 1/6 each.
        assert associate(self.cells, ["visits"]).frame["effect"].iloc[0] == pytest.approx(1 / 6)

    def test_ten_times_the_cases_leave_the_effect_and_shrink_the_error(self):
        once, more = (
            associate(cells, ["visits"]).frame.iloc[0] for cells in (self.cells, self.cells.assign(n=[400, 600], won=[200, 200]))
        )
        assert more["effect"] == pytest.approx(once["effect"])
        assert (once["high"] - once["low"]) / (more["high"] - more["low"]) == pytest.approx(np.sqrt(10))


class TestCells:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_grouped_and_row_by_row_are_the_same_in_any_order(self, seed):
        frame = rows(seed)
        one = associate(grouped(frame), ["calls", "visits"], ADJUSTED).frame[FIGURES].to_numpy(dtype=float)
        other = associate(frame.sample(frac=1, random_state=seed), ["visits", "calls"], ADJUSTED).frame
        assert one == pytest.approx(other.iloc[::-1][FIGURES].to_numpy(dtype=float), abs=1e-9)

    def test_missing_levels_and_numbers_are_levels_of_their_own_and_nobody_is_dropped(self):
        frame = rows()
        rng = np.random.default_rng(0)
        missing = rng.random(len(frame)) < 0.2
        holed = frame.assign(size=frame["size"].mask(missing), segment=frame["segment"].mask(frame["segment"] == "B"))
        found = associate(grouped(holed), ["calls", "visits"], ADJUSTED)
        assert found.n == len(frame)
        exog = design(frame.assign(size=frame["size"].where(~missing, 0.0))).assign(missing=missing.astype(float))
        fit = sm.Logit(frame["won"], exog).fit(disp=0, tol=1e-12)
        assert found.frame["log_odds"].to_numpy() == pytest.approx(fit.params.iloc[:2].to_numpy(), abs=1e-6)

    def test_rare_levels_are_one_level_together(self):
        frame = rows()
        frame.loc[:30, "segment"] = [f"rare {i}" for i in range(31)]
        together = frame.assign(segment=frame["segment"].mask(frame["segment"].str.startswith("rare"), "rare"))
        found, wanted = (associate(grouped(each), ["visits"], ADJUSTED).frame["effect"].iloc[0] for each in (frame, together))
        assert found == pytest.approx(wanted, abs=1e-9)

    def test_more_won_than_cases_is_refused(self):
        with pytest.raises(StatisticsError, match="0 <= won <= n"):
            associate(pd.DataFrame({"visits": [0], "n": [1], "won": [2]}), ["visits"])


def reason(frame, dose="visits", adjustment=None):
    found = associate(frame, ["calls", dose] if dose != "calls" else ["calls"], adjustment).frame.set_index("dose").loc[dose]
    assert (found[FIGURES].isna().all()) == bool(found["reason"])
    return found["reason"]


class TestWhatCannotBeTold:
    frame = rows(n=600)

    def test_nobody_had_any_or_all_had_the_same(self):
        assert reason(self.frame.assign(visits=0)) == "none"
        assert reason(self.frame.assign(visits=2)) == "constant"
        assert reason(self.frame.iloc[:0].astype({"won": int, "n": int})) == "none"

    def test_few_with_a_visit_say_nothing_of_visits_and_calls_are_told_all_the_same(self):
        # Of 600, 4 had a visit.
        few = self.frame.assign(visits=(np.arange(600) < 4).astype(int))
        assert reason(few) == "too_few"
        assert reason(few, "calls") == ""

    def test_where_doses_part_won_from_lost_it_is_told(self):
        """The strongest associations there are: all with a visit won; won told by 3 visits, or by 10 and more, without error."""
        for visits in (self.frame["won"] * (self.frame["calls"] > 1), self.frame["won"] * 2 + 1, 9 + self.frame["won"] * 2):
            found = associate(self.frame.assign(visits=visits), ["calls", "visits"]).frame.set_index("dose").loc["visits"]
            assert (found["reason"], found["p"] < 1e-20, found["low"] > 0) == ("", True, True)
            assert (found["n_above"], found["won_above"]) == (found["won_above"], (visits > visits.min()).sum())
            assert np.isfinite(found[FIGURES].astype(float)).all()

    def test_doses_that_tell_the_outcome_together_are_told_both(self):
        rng = np.random.default_rng(5)
        visits, calls = rng.poisson(3, 400), rng.poisson(3, 400)
        frame = pd.DataFrame({"visits": visits, "calls": calls, "n": 1, "won": (visits > calls).astype(int)})
        found = associate(frame, ["calls", "visits"]).frame.set_index("dose")
        assert found.loc["visits", "log_odds_low"] > 0 > found.loc["calls", "log_odds_high"]
        assert np.isfinite(found[FIGURES].astype(float)).all().all()

    def test_a_dose_that_is_another_under_a_second_name(self):
        found = associate(self.frame.assign(again=self.frame["visits"]), ["calls", "visits", "again"]).frame
        assert found["reason"].tolist() == ["", "inseparable", "inseparable"]
        alone = associate(self.frame, ["calls", "visits"]).frame
        assert found["effect"].iloc[0] == pytest.approx(alone["effect"].iloc[0], abs=1e-8)

    def test_a_single_rep_is_no_reason_for_silence(self):
        one = associate(self.frame.assign(rep="R1"), ["calls", "visits"], ADJUSTED).frame
        none = associate(self.frame, ["calls", "visits"], Adjustment(("segment",), ("size",))).frame
        assert one[FIGURES].to_numpy(dtype=float) == pytest.approx(none[FIGURES].to_numpy(dtype=float), abs=1e-8)

    def test_more_columns_than_the_cases_can_carry(self):
        # A constant and two doses need 15 won.
        small = rows(n=25)
        assert small["won"].sum() < 15
        assert reason(small) == "too_few"

    def test_an_unknown_dose_curve_is_null(self):
        assert np.isnan(associate(self.frame.assign(visits=0), ["calls", "visits"]).at_dose("visits", [0, 1]).value).all()


class TestTruth:
    def test_what_good_reps_do_is_not_taken_for_what_helps(self):
        """Reps who win more also call more; calls do nothing. Between reps they go together, within a rep they do not."""
        rng = np.random.default_rng(3)
        n, reps = 6_000, 60
        rep, skill = rng.integers(0, reps, n), rng.standard_normal(reps)
        frame = pd.DataFrame({"calls": rng.poisson(2 * np.exp(0.4 * skill[rep]))})
        frame = frame.assign(rep=rep, n=1, won=(rng.random(n) < 1 / (1 + np.exp(-0.8 * skill[rep]))).astype(int))
        naive = associate(frame, ["calls"]).frame.iloc[0]
        within = associate(frame, ["calls"], Adjustment(holder="rep")).frame.iloc[0]
        assert naive["low"] > 0
        assert within["low"] < 0 < within["high"]

    def test_a_change_in_what_is_recorded_is_no_effect(self):
        """Calls are recorded ever more often, and wins take longer, so that the decided are lost of late; calls do nothing."""
        found = {"nothing held": [], "quarter held": []}
        for seed in range(60):
            rng = np.random.default_rng(seed)
            day, won = np.sort(rng.integers(0, 500, 3_000)), rng.random(3_000) < 0.4
            decided = day + 10 + rng.exponential(np.where(won, 120, 40)) < 545
            frame = pd.DataFrame({"calls": rng.poisson(np.linspace(0.1, 4, 3_000)), "won": won.astype(int), "quarter": day // 91})
            part = grouped(frame[decided].assign(n=1))
            for name, adjustment in (("nothing held", None), ("quarter held", Adjustment(("quarter",)))):
                found[name].append(associate(part, ["calls"], adjustment).frame["log_odds"].iloc[0])
        error = {name: np.std(slopes) / np.sqrt(60) for name, slopes in found.items()}
        assert np.mean(found["nothing held"]) < -3.5 * error["nothing held"]
        assert abs(np.mean(found["quarter held"])) < 3.5 * error["quarter held"]

    def test_intervals_hold_the_truth_and_nothing_is_flagged_falsely(self):
        """Both counts lie within what a 95 % interval and a 5 % test give in 120 simulated companies, at three standard errors."""
        held, flagged, found = 0, 0, []
        for seed in range(120):
            frame = associate(rows(seed, n=900, reps=20), ["calls", "visits"], ADJUSTED).frame.set_index("dose")
            held += frame.loc["visits", "log_odds_low"] <= 0.35 <= frame.loc["visits", "log_odds_high"]
            flagged += frame.loc["calls", "p"] <= 0.05
            found.append(frame.loc["visits", "log_odds"])
        assert binom.ppf(0.001, 120, 0.95) <= held
        assert flagged <= binom.ppf(0.999, 120, 0.05)
        assert np.mean(found) == pytest.approx(0.35, abs=3.5 * np.std(found) / np.sqrt(120))


def test_holders_are_counted_and_without_them_there_is_none():
    cells = pd.DataFrame({"visits": [0, 1] * 3, "n": 20, "won": [5, 9] * 3, "rep": ["A", "A", "B", "B", None, None]})
    assert associate(cells, ["visits"]).holders == 0
    assert associate(cells, ["visits"], Adjustment(holder="rep")).holders == 3, "null is a holder of its own"
    assert associate(cells.iloc[:0], ["visits"], Adjustment(holder="rep")).holders == 0


class TestMatchedMeans:
    def test_is_the_sum_over_strata_written_out(self):
        rng = np.random.default_rng(2)
        cases = pd.DataFrame({"stratum": rng.integers(0, 3, 400), "first": rng.random(400) < 0.4})
        cases["x"] = rng.poisson(1 + cases["stratum"])
        sides = {}
        for tail, side in (("", cases[cases["first"]]), ("_other", cases[~cases["first"]])):
            by = side.groupby("stratum")["x"]
            sides |= {f"n{tail}": by.size(), f"s1{tail}": by.sum(), f"s2{tail}": by.apply(lambda x: (x**2).sum())}
        row = matched_means(pd.DataFrame(sides).reset_index().assign(what="all"), ["what"]).iloc[0]
        mean = other = 0.0
        pieces = []
        total = cases["first"].sum()
        for stratum in range(3):
            one = cases.loc[cases["first"] & (cases["stratum"] == stratum), "x"]
            two = cases.loc[~cases["first"] & (cases["stratum"] == stratum), "x"]
            weight = len(one) / total
            mean, other = mean + weight * one.mean(), other + weight * two.mean()
            pieces += [(weight**2 * side.var() / len(side), len(side) - 1) for side in (one, two)]
        assert (row["mean"], row["other"]) == pytest.approx((mean, other))
        assert mean == pytest.approx(cases.loc[cases["first"], "x"].mean())
        variance = sum(piece for piece, _ in pieces)
        reach = t.ppf(0.975, variance**2 / sum(piece**2 / spare for piece, spare in pieces))
        assert row["high"] - row["difference"] == pytest.approx(reach * np.sqrt(variance))

    def test_strata_with_one_kind_count_for_nothing(self):
        both = {"n": 20, "s1": 10, "s2": 12, "n_other": 20, "s1_other": 8, "s2_other": 9}
        lonely = {"n": 99, "s1": 990, "s2": 9900, "n_other": 0, "s1_other": 0, "s2_other": 0}
        row = matched_means(pd.DataFrame([both, lonely]).assign(what=1), ["what"]).iloc[0]
        assert row[["mean", "other", "n", "n_other", "reason"]].tolist() == [0.5, 0.4, 20, 20, ""]

    @pytest.mark.parametrize("change", [{"n": 9}, {"n_other": 9}, {"s1": 1, "s1_other": 8}])
    def test_too_few_are_not_judged(self, change):
        sums = {"n": 20, "s1": 10, "s2": 12, "n_other": 20, "s1_other": 8, "s2_other": 9} | change
        row = matched_means(pd.DataFrame([sums]).assign(what=1), ["what"]).iloc[0]
        assert row["reason"] == "too_few"
        assert row[["low", "high", "p"]].isna().all()

    def test_like_kinds_differ_no_more_often_than_chance_has_it(self):
        """400 draws without a difference, small strata included; three standard errors of 5 %."""
        rng = np.random.default_rng(4)
        parts = []
        for run in range(400):
            for stratum in range(8):
                sides = {}
                for tail in ("", "_other"):
                    x = rng.poisson(0.3 * (1 + stratum % 3), rng.integers(2, 30))
                    sides |= {f"n{tail}": len(x), f"s1{tail}": x.sum(), f"s2{tail}": (x**2).sum()}
                parts.append(sides | {"run": run})
        p = matched_means(pd.DataFrame(parts), ["run"])["p"]
        assert binom.ppf(0.001, 400, 0.05) <= (p <= 0.05).sum() <= binom.ppf(0.999, 400, 0.05)
