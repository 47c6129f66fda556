"""The tables of the sample company: whole, linked, in order, and such as a sales leader would believe."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from salestrack.sample import PLANTED, STANDARD, make
from salestrack.tables import CATEGORIES, CONTRACTS

START, AS_OF = pd.Timestamp(STANDARD.start), pd.Timestamp(STANDARD.as_of)
# The sample company does not record time off.
MADE = [name for name in CONTRACTS if name != "time_off"]
STAGES = ("Discovery", "Qualification", "Demo", "Proposal", "Negotiation", "Won", "Lost")


@cache
def company():
    return make()


@pytest.fixture
def tables():
    return company()


def days(table, later, earlier):
    return (table[later].dt.normalize() - table[earlier].dt.normalize()).dt.days


def test_sizes(tables):
    sizes = {name: len(table) for name, table in tables.items()}
    assert (sizes["leads"], sizes["opportunities"], sizes["activities"], sizes["accounts"]) == (12_000, 4_000, 90_000, 1_500)
    reps = tables["reps"]
    assert 45 <= len(reps) <= 55
    assert (sizes["territories"], reps["team"].nunique()) == (8, 4)
    assert set(tables["activities"]["category"]) == set(CATEGORIES)


def test_tables_have_all_columns_of_their_contracts_in_order(tables):
    assert {name: tuple(table.columns) for name, table in tables.items()} == {name: CONTRACTS[name].names for name in MADE}


@pytest.mark.parametrize("name", MADE)
def test_tables_keep_their_contract(tables, name):
    table, contract = tables[name], CONTRACTS[name]
    assert not table.duplicated(list(contract.key)).any()
    for column in contract.columns:
        values = table[column.name]
        assert not (column.required and values.isna().any()), column.name
        assert column.minimum is None or not (values < column.minimum).any(), column.name
        if column.links_to:
            assert set(values.dropna()) <= set(tables[column.links_to][CONTRACTS[column.links_to].key[0]]), column.name
    for early, late in contract.order:
        assert not (table[late] < table[early]).any(), (early, late)


def test_people_are_diverse_and_their_names_survive(tables):
    reps = tables["reps"]
    assert reps["name"].is_unique
    assert reps["name"].str.fullmatch(r"[\uac00-\ud7a3]+").sum() == 1
    assert reps["name"].str.contains("'").any()
    sellers = reps[reps["role"] != "manager"]
    assert (sellers["hired_date"] > START).any()
    assert sellers["left_date"].notna().any()
    assert set(sellers["manager_id"]) == set(reps.loc[reps["role"] == "manager", "rep_id"])


def test_stages_agree_with_the_history(tables):
    deals, history = tables["opportunities"], tables["stage_history"]
    assert (
        history.groupby("opportunity_id")["entered_at"].apply(lambda times: times.is_monotonic_increasing and times.is_unique).all()
    )
    first = history.drop_duplicates("opportunity_id").set_index("opportunity_id").reindex(deals["opportunity_id"])
    last = history.drop_duplicates("opportunity_id", keep="last").set_index("opportunity_id").reindex(deals["opportunity_id"])
    assert (first["entered_at"].dt.normalize().to_numpy() == deals["created_date"].to_numpy()).all()
    for column in ("stage", "amount", "close_date"):
        pd.testing.assert_series_equal(last[column].reset_index(drop=True), deals[column], check_names=False)
    closed = deals["stage"].isin(["Won", "Lost"])
    assert (last["entered_at"].dt.normalize()[closed.to_numpy()].to_numpy() == deals.loc[closed, "close_date"].to_numpy()).all()
    assert (history["entered_at"] < AS_OF + pd.Timedelta(days=1)).all()
    assert (deals.loc[closed, "close_date"] >= START).all()


def test_some_skip_go_back_slip_and_change_their_amount(tables):
    history = tables["stage_history"]
    step = history["stage"].map({stage: at for at, stage in enumerate(STAGES)}).groupby(history["opportunity_id"]).diff()
    assert 0.01 < (step < 0).sum() / len(tables["opportunities"]) < 0.08
    is_open = ~history["stage"].isin(["Won", "Lost"])
    late_start = step.isna() & (history["stage"] != "Discovery")
    assert 0.03 < (((step > 1) & is_open) | late_start).sum() / len(tables["opportunities"]) < 0.15
    changes = history.groupby("opportunity_id")[["amount"]].nunique().gt(1).mean().item()
    pushes = (history.groupby("opportunity_id")["close_date"].diff().dt.days > 0).sum() / len(history)
    assert 0.3 < changes < 0.9
    assert 0.1 < pushes < 0.6
    waiting = tables["opportunities"][~tables["opportunities"]["stage"].isin(["Won", "Lost"])]
    assert 0.03 < (waiting["close_date"] < AS_OF).mean() < 0.3


def test_leads_and_opportunities_point_at_each_other(tables):
    leads, deals = tables["leads"], tables["opportunities"]
    pairs = leads.loc[leads["opportunity_id"].notna(), ["lead_id", "opportunity_id", "converted_at"]]
    back = deals.loc[deals["lead_id"].notna(), ["lead_id", "opportunity_id", "created_date", "source", "segment"]]
    both = pairs.merge(back, on=["lead_id", "opportunity_id"])
    assert len(both) == len(pairs) == len(back) > len(deals) / 2
    assert (both["converted_at"].dt.normalize() == both["created_date"]).all()
    assert (leads["converted_at"].notna() == leads["opportunity_id"].notna()).all()


def test_leads_pass_their_steps_in_order(tables):
    leads = tables["leads"]
    accepted = leads[leads["sales_qualified_at"].notna()]
    assert (accepted["sales_qualified_at"] >= accepted[["marketing_qualified_at", "first_response_at"]].max(axis=1)).all()
    assert (leads["converted_at"].dropna() > leads.loc[leads["converted_at"].notna(), "sales_qualified_at"]).all()
    assert not (leads["converted_at"].notna() & leads["disqualified_at"].notna()).any()
    assert (leads["reason"].notna() == leads["disqualified_at"].notna()).all()
    minutes = (leads["first_response_at"] - leads["created_at"]).dt.total_seconds() / 60
    assert 0.05 < leads["first_response_at"].isna().mean() < 0.25
    assert minutes.quantile(0.1) < 60 < 24 * 60 < minutes.quantile(0.9)  # within the hour, and after days


def test_first_response_is_the_first_activity_on_the_lead(tables):
    done = tables["activities"].groupby("lead_id")["started_at"].min()
    touched = tables["leads"].set_index("lead_id")["first_response_at"].dropna()
    pd.testing.assert_series_equal(done, touched.sort_index(), check_names=False)


# The work


def test_activities_happen_at_work_and_while_employed(tables):
    done = tables["activities"].merge(tables["reps"][["rep_id", "role", "hired_date", "left_date"]], on="rep_id")
    assert (done["started_at"].dt.day_of_week < 5).all()
    minute = done["started_at"].dt.hour * 60 + done["started_at"].dt.minute
    assert minute.between(8 * 60 + 30, 18 * 60).all()
    assert not (minute + done["minutes"].fillna(0) > 18 * 60 + 30).any()
    assert (done["started_at"] >= done["hired_date"]).all()
    assert not (done["started_at"] >= done["left_date"]).any()
    assert done["started_at"].between(START, AS_OF + pd.Timedelta(days=1)).all()
    assert (done["role"] != "manager").all()


def test_a_day_holds_no_more_than_working_hours(tables):
    done = tables["activities"]
    by_day = done.groupby(["rep_id", done["started_at"].dt.date])["minutes"].sum()
    assert by_day.max() <= 8 * 60 + 15
    reps = tables["reps"].query("role != 'manager'")
    present = sum(
        np.busday_count(max(rep.hired_date, START).date(), min(rep.left_date, AS_OF + pd.Timedelta(days=1)).date())
        if pd.notna(rep.left_date)
        else np.busday_count(max(rep.hired_date, START).date(), (AS_OF + pd.Timedelta(days=1)).date())
        for rep in reps.itertuples()
    )
    assert 0.2 < by_day.sum() / (present * 8 * 60) < 0.7  # the rest is unlogged


def test_activities_on_opportunities_lie_within_their_life(tables):
    done = tables["activities"].merge(tables["opportunities"], on="opportunity_id", suffixes=("", "_deal"))
    day = done["started_at"].dt.normalize()
    closed = done["stage"].isin(["Won", "Lost"])
    assert (day >= done["created_date"]).all()
    assert (day <= done["close_date"])[closed].all()
    assert done["account_id"].equals(done["account_id_deal"])


def test_closing_is_plausible(tables):
    closed = tables["opportunities"].query("stage in ['Won', 'Lost']")
    won = closed[closed["stage"] == "Won"]
    assert 0.25 <= len(won) / len(closed) <= 0.35
    quarter = closed["close_date"].dt.to_period("Q")
    assert (closed["stage"] == "Won").groupby(quarter).mean().between(0.2, 0.42).all()
    assert quarter.nunique() == 12
    cycle = days(won, "close_date", "created_date").groupby(won["segment"]).median()
    size = won.groupby("segment")["amount"].median()
    for values in (cycle, size):
        assert values["SMB"] < values["Mid-Market"] < values["Enterprise"]
    late = won["close_date"].dt.month % 3 == 0
    assert 1 / 3 + 3 * np.sqrt(2 / 9 / len(won)) < late.mean() < 0.6  # more than a third in the last month of quarters
    lost = closed[closed["stage"] == "Lost"]
    assert 0.9 < lost["lost_reason"].notna().mean() < 1
    assert won["lost_reason"].isna().all()


def test_each_rep_has_a_quota_for_each_quarter_of_employment(tables):
    reps, quotas = tables["reps"].set_index("rep_id"), tables["quotas"]
    expected = {
        (rep_id, quarter.start_time.normalize())
        for rep_id, rep in reps[reps["role"] != "manager"].iterrows()
        for quarter in pd.period_range(STANDARD.start, STANDARD.as_of, freq="Q")
        if rep["hired_date"] <= quarter.end_time and not rep["left_date"] <= quarter.start_time
    }
    assert set(zip(quotas["rep_id"], quotas["start_date"], strict=True)) == expected
    assert (quotas["amount"] > 0).all()


def test_about_half_of_the_reps_reach_a_fair_quota(tables):
    quotas = tables["quotas"].drop(columns=["team", "territory_id"]).merge(tables["reps"], on="rep_id")
    won = tables["opportunities"].query("stage == 'Won'")
    booked = won.groupby(["rep_id", won["close_date"].dt.to_period("Q").dt.start_time])["amount"].sum()
    held = pd.Series(list(zip(quotas["rep_id"], quotas["start_date"], strict=True))).map(booked.to_dict()).fillna(0)
    reached = held.to_numpy() >= quotas["amount"]
    fair = quotas["team"] != PLANTED.stretched_team
    by_quarter = reached[fair].groupby(quotas["start_date"][fair]).mean()
    assert 0.4 <= by_quarter.median() <= 0.6
    assert by_quarter.between(0.2, 0.8).all()
