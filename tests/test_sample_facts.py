"""Each planted fact is really in the data, as large as planted; and where nothing is planted there is nothing.

Tolerances follow from the planted size and the number of rows (3.5 standard errors), not from what the generator gave.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from scipy.stats import linregress

from salestrack.sample import NOTHING, PLANTED, STANDARD, Company, Facts, make
from salestrack.tables import SELLING_CATEGORIES

WIDE = 3.5  # standard errors
MIDDLE = Company(reps=32, accounts=800, leads=6_000, opportunities=2_000, activities=45_000)
ATTACHED = ["digital_client", "in_person_client", "internal_meeting", "preparation", "admin"]
AS_OF = pd.Timestamp(STANDARD.as_of)


@cache
def company(facts=PLANTED, seed=None, size=STANDARD):
    return make(facts=facts, company=size) if seed is None else make(seed, size, facts)


@pytest.fixture
def tables():
    return company()


def closed(tables):
    deals = tables["opportunities"].query("stage in ['Won', 'Lost']")
    return deals.assign(won=(deals["stage"] == "Won").astype(int), days=(deals["close_date"] - deals["created_date"]).dt.days)


# Selling time


def selling_share(tables):
    minutes = tables["activities"].groupby("category")["minutes"].sum()
    return minutes[list(SELLING_CATEGORIES)].sum() / minutes.sum()


def test_reps_sell_39_percent_of_their_logged_hours(tables):
    assert 0.385 <= selling_share(tables) <= 0.395


@pytest.mark.parametrize("share", [0.25, 0.55])
def test_another_share_of_selling_can_be_planted(share):
    assert selling_share(company(Facts(selling_share=share), 5, MIDDLE)) == pytest.approx(share, abs=0.01)


def test_selling_time_has_no_trend_of_its_own(tables):
    done = tables["activities"].assign(quarter=tables["activities"]["started_at"].dt.to_period("Q"))
    share = done.groupby("quarter")[["category", "minutes"]].apply(
        lambda part: part.loc[part["category"].isin(SELLING_CATEGORIES), "minutes"].sum() / part["minutes"].sum()
    )
    fit = linregress(range(len(share)), share)
    assert abs(fit.slope) * len(share) < 0.03


# What goes with winning


def early(tables, days_after=PLANTED.early_days):
    """Decided opportunities that were open some days after creation, with their activities until then by category."""
    deals = closed(tables)
    deals = deals[(deals["days"] >= days_after) & (deals["created_date"] >= pd.Timestamp(STANDARD.start))]
    done = tables["activities"].merge(deals[["opportunity_id", "created_date"]], on="opportunity_id")
    done = done[(done["started_at"].dt.normalize() - done["created_date"]).dt.days < days_after]
    counts = done.groupby(["opportunity_id", "category"]).size().unstack(fill_value=0)
    return deals.join(counts, on="opportunity_id").fillna(dict.fromkeys(counts.columns, 0))


def slopes(tables, days_after=PLANTED.early_days):
    """Log odds of winning per activity with their standard errors, segment, source and rep held fixed."""
    deals = early(tables, days_after)
    fixed = pd.get_dummies(deals[["segment", "source", "rep_id"]], drop_first=True, dtype=float)
    table = pd.concat([deals[ATTACHED], fixed], axis=1).assign(constant=1.0)
    slope, error = logistic(table.to_numpy(dtype=float), deals["won"].to_numpy())
    return pd.Series(slope, table.columns)[ATTACHED], pd.Series(error, table.columns)[ATTACHED]


def logistic(x, y):
    """Maximum likelihood by Newton's method: coefficients and standard errors."""
    slope = np.zeros(x.shape[1])
    for _ in range(8):
        chance = 1 / (1 + np.exp(-x @ slope))
        information = (x * (chance * (1 - chance))[:, None]).T @ x
        slope = slope + np.linalg.solve(information, x.T @ (y - chance))
    return slope, np.sqrt(np.diag(np.linalg.inv(information)))


def pooled(facts, days_after=PLANTED.early_days):
    """Mean slopes over several companies, each weighed by its precision, with standard errors."""
    found = [slopes(company(facts, seed, MIDDLE), days_after) for seed in range(100, 108)]
    weight = sum(1 / error**2 for _, error in found)
    return sum(slope / error**2 for slope, error in found) / weight, weight**-0.5


def test_early_in_person_meetings_raise_win_odds(tables):
    slope, error = slopes(tables)
    assert slope["in_person_client"] > WIDE * error["in_person_client"]
    assert slope["in_person_client"] == pytest.approx(PLANTED.in_person_log_odds, abs=WIDE * error["in_person_client"])
    others = slope.drop("in_person_client")
    assert (others.abs() < WIDE * error[others.index]).all()


def test_the_effect_is_as_large_as_planted_and_no_other_category_has_one():
    slope, error = pooled(PLANTED)
    assert slope["in_person_client"] == pytest.approx(PLANTED.in_person_log_odds, abs=WIDE * error["in_person_client"])
    others = slope.drop("in_person_client")
    assert (others.abs() < WIDE * error[others.index]).all()


@pytest.mark.parametrize("days_after", [30, 60])
def test_without_the_fact_no_category_goes_with_winning(days_after):
    slope, error = pooled(NOTHING, days_after)
    assert (slope.abs() < WIDE * error).all()


def test_counting_over_the_whole_life_is_the_trap(tables):
    deals = closed(tables)
    meetings = tables["activities"].query("category == 'internal_meeting'").groupby("opportunity_id").size()
    count = deals["opportunity_id"].map(meetings).fillna(0)
    won, lost = count[deals["won"] == 1], count[deals["won"] == 0]
    # Winners live longer, so that they have more of everything, of what does not help as well.
    assert won.mean() - lost.mean() > 5 * np.sqrt(won.var() / len(won) + lost.var() / len(lost))


def test_travel_and_training_serve_no_opportunity(tables):
    done = tables["activities"].query("category in ['travel', 'training']")
    assert done["opportunity_id"].isna().all()


# The jam


def median_days(tables, facts):
    """Kaplan-Meier median days in the stage before and since the day, and the numbers of stays."""
    stays = tables["stage_history"].sort_values(["opportunity_id", "entered_at"])
    until = stays.groupby("opportunity_id")["entered_at"].shift(-1)
    stays = stays.assign(days=(until.fillna(AS_OF) - stays["entered_at"]).dt.total_seconds() / 86_400, ended=until.notna())
    stays = stays.merge(tables["opportunities"][["opportunity_id", "segment"]], on="opportunity_id")
    stays = stays[(stays["stage"] == facts.jam_stage) & (stays["segment"] == facts.jam_segment)]
    stays["days"] = stays["days"].clip(lower=0.5)
    since = stays["entered_at"] >= pd.Timestamp(facts.jam_since)
    medians = [KaplanMeierFitter().fit(part["days"], part["ended"]).median_survival_time_ for part in (stays[~since], stays[since])]
    return medians, (int((~since).sum()), int(stays.loc[since, "ended"].sum()))


@pytest.mark.parametrize("facts", [PLANTED, NOTHING], ids=["jam", "no jam"])
def test_stays_in_the_jammed_stage_last_longer_by_the_factor(facts):
    (before, since), counts = median_days(company(facts), facts)
    # Logarithms of the days have a standard deviation of about 0.7; a median is 1.25 times less exact than a mean.
    error = 1.25 * 0.7 * np.sqrt(sum(1 / n for n in counts))
    assert np.log(since / before) == pytest.approx(np.log(facts.jam_factor), abs=WIDE * error)
    assert facts is NOTHING or np.log(since / before) > 2 * error


def test_no_other_segment_jams(tables):
    for segment in ("SMB", "Mid-Market"):
        (before, since), counts = median_days(tables, replace(PLANTED, jam_segment=segment))
        assert abs(np.log(since / before)) < WIDE * 1.25 * 0.75 * np.sqrt(sum(1 / n for n in counts))


# The break


def accepted(tables, source, facts=PLANTED):
    """Share of mature MQL that became SQL before and since the break, with the standard error of the difference."""
    leads = tables["leads"]
    leads = leads[(leads["source"] == source) & (leads["marketing_qualified_at"] < AS_OF - pd.Timedelta(days=60))]
    since = leads["marketing_qualified_at"] >= pd.Timestamp(facts.break_day)
    shares = [leads.loc[part, "sales_qualified_at"].notna().mean() for part in (~since, since)]
    error = np.sqrt(sum(share * (1 - share) / part.sum() for share, part in zip(shares, (~since, since), strict=True)))
    return *shares, error


def test_qualification_breaks_in_one_source(tables):
    before, since, error = accepted(tables, PLANTED.break_source)
    assert since == pytest.approx(before * PLANTED.break_factor, abs=WIDE * error)
    assert before - since > WIDE * error


def test_qualification_holds_in_all_other_sources(tables):
    for source in set(tables["leads"]["source"]) - {PLANTED.break_source}:
        before, since, error = accepted(tables, source)
        assert abs(before - since) < WIDE * error, source


def test_without_the_fact_qualification_holds_everywhere():
    before, since, error = accepted(company(NOTHING), PLANTED.break_source)
    assert abs(before - since) < WIDE * error


# Deal size


@pytest.mark.parametrize(
    ("facts", "segment", "growth"),
    [
        (PLANTED, PLANTED.growing_segment, PLANTED.growth_per_quarter),
        (PLANTED, PLANTED.flat_segment, 0.0),
        (NOTHING, PLANTED.growing_segment, 0.0),
    ],
)
def test_amounts_grow_where_planted_and_are_flat_elsewhere(facts, segment, growth):
    won = company(facts)["opportunities"].query("stage == 'Won' and segment == @segment")
    quarter = won["created_date"].dt.year * 4 + won["created_date"].dt.quarter
    fit = linregress(quarter, np.log(won["amount"]))
    assert fit.slope == pytest.approx(np.log1p(growth), abs=WIDE * fit.stderr)
    assert not growth or fit.slope > WIDE * fit.stderr


# Territory, quotas, people


def potential_per_rep(tables):
    reps = tables["reps"].query("role != 'manager' and left_date.isna()").groupby("territory_id").size()
    total = tables["accounts"].groupby("territory_id")["potential"].sum() / reps
    return total.rename(tables["territories"].set_index("territory_id")["name"])


def test_one_territory_has_twice_the_potential_per_rep(tables):
    per_rep = potential_per_rep(tables)
    others = per_rep.drop(PLANTED.rich_territory)
    assert per_rep[PLANTED.rich_territory] / others.mean() == pytest.approx(PLANTED.potential_ratio, rel=0.01)
    assert others.max() / others.min() < 1.25
    level = potential_per_rep(company(NOTHING))
    assert level.max() / level.min() < 1.25


def test_quotas_of_one_team_are_too_high_by_just_the_planted_share(tables):
    fair = company(replace(PLANTED, quota_excess=0.0))
    columns = ["rep_id", "start_date", "amount"]
    both = tables["quotas"][columns].merge(fair["quotas"][columns], on=columns[:2], suffixes=("", "_fair"))
    both = both.merge(tables["reps"], on="rep_id")
    assert len(both) == len(tables["quotas"])
    stretched = both["team"] == PLANTED.stretched_team
    assert (both["amount"] == both["amount_fair"])[~stretched].all()
    # Both are rounded to 5,000.
    off = both["amount"] - (1 + PLANTED.quota_excess) * both["amount_fair"]
    assert (off[stretched].abs() <= 2_500 + 1.4 * 2_500).all()


def test_fewer_reps_of_the_stretched_team_reach_their_quota(tables):
    won = tables["opportunities"].query("stage == 'Won'")
    booked = won.groupby(["rep_id", won["close_date"].dt.to_period("Q").dt.start_time])["amount"].sum().to_dict()
    quotas = tables["quotas"].drop(columns="team").merge(tables["reps"], on="rep_id")
    reached = quotas.apply(lambda row: booked.get((row["rep_id"], row["start_date"]), 0) >= row["amount"], axis=1)
    share = reached.groupby(quotas["team"] == PLANTED.stretched_team).agg(["mean", "size"])
    error = np.sqrt((share["mean"] * (1 - share["mean"]) / share["size"]).sum())
    assert share.loc[False, "mean"] - share.loc[True, "mean"] > 2 * error


def test_one_rep_has_lost_nothing_on_four_deals(tables):
    record = closed(tables).groupby("rep_id")["won"].agg(["sum", "size"])
    spotless = record[record["sum"] == record["size"]]
    assert spotless["size"].to_list() == [PLANTED.undefeated_deals]
    nothing = closed(company(NOTHING)).groupby("rep_id")["won"].agg(["sum", "size"])
    assert not (nothing["size"] == nothing["sum"]).any()


def test_one_deal_is_ten_times_the_largest_other(tables):
    amounts = tables["opportunities"].sort_values("amount", ascending=False)
    assert amounts["stage"].iloc[0] == "Won"
    assert amounts["amount"].iloc[0] / amounts["amount"].iloc[1] == pytest.approx(PLANTED.windfall_ratio, rel=0.01)
    assert tables["reps"].set_index("rep_id").loc[amounts["rep_id"].iloc[0], "team"] != PLANTED.stretched_team
    usual = company(NOTHING)["opportunities"]["amount"].nlargest(2)
    assert usual.iloc[0] / usual.iloc[1] < 1.3


def test_the_windfall_alone_changes_nothing_else(tables):
    without = company(replace(PLANTED, windfall_ratio=0.0))
    differs = tables["opportunities"]["amount"].ne(without["opportunities"]["amount"]) & tables["opportunities"]["amount"].notna()
    assert differs.sum() == 1
    pd.testing.assert_frame_equal(tables["activities"], without["activities"])
