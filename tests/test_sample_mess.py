"""Each kind of mess is in the data where its switch is on, and not where it is off; together they plant nothing.

Every switch is held by one statistic of the tables alone, with a bound that a company without the mess misses.
"""

from dataclasses import fields
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest

from salestrack.errors import ParameterError
from salestrack.sample import ALIKE, NOTHING, REAL, SPEED, STAR, TIDY, Company, Mess, make

SIZE = Company(reps=32, accounts=400, leads=4_000, opportunities=1_600, activities=36_000)
START, AS_OF = pd.Timestamp(SIZE.start), pd.Timestamp(SIZE.as_of)
LEADS = Company(reps=32, accounts=400, leads=12_000, opportunities=4_000, activities=90_000)


@cache
def made(mess=TIDY, facts=NOTHING, size=SIZE, seed=11):
    return make(seed, size, facts, mess)


def closed(tables):
    deals = tables["opportunities"].query("stage in ['Won', 'Lost']")
    return deals.assign(won=deals["stage"] == "Won")


def spread_beyond_chance(hits, n):
    """Pearson's chi-squared over its degrees of freedom: about 1 where all shares are alike."""
    share = hits.sum() / n.sum()
    return ((hits - n * share) ** 2 / (n * share * (1 - share))).sum() / (len(n) - 1)


def accepted(tables, step):
    """Standardised deviations of the shares of MQL that become SQL, by source (columns) and period (rows)."""
    leads = tables["leads"].dropna(subset="marketing_qualified_at")
    leads = leads[leads["marketing_qualified_at"] < AS_OF - pd.Timedelta(days=60)]
    when = (leads["marketing_qualified_at"] - START).dt.days // step
    of = leads["sales_qualified_at"].notna().groupby([when, leads["source"]]).agg(["sum", "size"])
    share = of["sum"].groupby("source").sum() / of["size"].groupby("source").sum()
    share = share.reindex(of.index.get_level_values("source")).to_numpy()
    return ((of["sum"] - of["size"] * share) / np.sqrt(of["size"] * share * (1 - share))).unstack("source")


def by_rep(deals, *more):
    return deals.groupby(["rep_id", *more])["won"].agg(["sum", "size"])


def last_days(days, n):
    """Whether days are among the last n of their quarter."""
    return ((days + pd.offsets.QuarterEnd(0)) - days).dt.days < n


def first_days(days, n):
    return (days - (days - pd.offsets.QuarterEnd(1))).dt.days <= n


def steps_back(tables):
    order = {"Discovery": 0, "Qualification": 1, "Demo": 2, "Proposal": 3, "Negotiation": 4, "Won": 5, "Lost": 5}
    rows = tables["stage_history"].sort_values(["opportunity_id", "entered_at"], kind="stable")
    change = rows["stage"].map(order).groupby(rows["opportunity_id"]).diff()
    return (change < 0).sum() / tables["opportunities"]["opportunity_id"].nunique()


def entry_lag(tables):
    last = tables["stage_history"].query("stage in ['Won', 'Lost']").set_index("opportunity_id")["entered_at"].dt.normalize()
    deals = closed(tables).set_index("opportunity_id")
    return (last.reindex(deals.index) - deals["close_date"]).dt.days


def stage_days(tables):
    stays = tables["stage_history"].sort_values(["opportunity_id", "entered_at"], kind="stable")
    until = stays.groupby("opportunity_id")["entered_at"].shift(-1)
    return ((until - stays["entered_at"]).dt.total_seconds() / 86_400).dropna()


def hours(tables, *by):
    done = tables["activities"].assign(week=lambda rows: (rows["started_at"] - START).dt.days // 7)
    return done.groupby(["rep_id", *by]).size()


def logged_weeks(tables):
    """Mean over reps of the ratio of variance to mean of the activities in their weeks."""
    counts = hours(tables, "week").unstack(fill_value=0).iloc[:, 30:-30]
    return (counts.var(axis=1) / counts.mean(axis=1)).median()


def long_standing(tables):
    reps = tables["reps"].query("role != 'manager' and left_date.isna()")
    return reps.loc[reps["hired_date"] < START, "rep_id"]


def leavers(tables):
    return tables["reps"].query("role != 'manager' and left_date.notna()")["rep_id"]


def heirs(tables):
    """Mean number of colleagues who own now what a leaver had worked on."""
    owner = tables["opportunities"].set_index("opportunity_id")["rep_id"]
    done = tables["activities"].dropna(subset="opportunity_id")
    done = done[done["rep_id"].isin(leavers(tables))]
    moved = pd.DataFrame({"first": done["rep_id"].to_numpy(), "now": owner.reindex(done["opportunity_id"]).to_numpy()})
    return moved.query("first != now").groupby("first")["now"].nunique().mean()


def leavers_without_closes(tables):
    owned = set(closed(tables)["rep_id"])
    return np.mean([rep not in owned for rep in leavers(tables)])


def yearly_leads(tables):
    days = (tables["leads"]["created_at"] - START).dt.days
    return (days >= 731).sum() / (days < 365).sum()


def august(tables):
    months = tables["leads"]["created_at"].dt.month
    return (months == 8).sum() / (months == 3).sum()


def changes_of_reps(tables):
    deals = closed(tables)
    of = by_rep(deals.assign(year=(deals["created_date"] - START).dt.days // 183), "year")
    whole = of.groupby("rep_id").transform("sum")
    share = (whole["sum"] / whole["size"]).clip(0.05, 0.95)
    return ((of["sum"] - of["size"] * share) ** 2 / (of["size"] * share * (1 - share))).sum() / (
        len(of) - of.index.get_level_values("rep_id").nunique()
    )


def slow(tables):
    """Correlation of what a source's MQL become with what they became in the month before."""
    months = accepted(tables, 30)
    pairs = pd.DataFrame({"now": months.iloc[1:].to_numpy().ravel(), "before": months.iloc[:-1].to_numpy().ravel()}).dropna()
    return pairs.corr().iloc[0, 1]


def days_of_wins(tables):
    """Median days from the creation to the close of the won, over that of the lost."""
    deals = closed(tables).assign(days=lambda rows: (rows["close_date"] - rows["created_date"]).dt.days)
    return deals.loc[deals["won"], "days"].median() / deals.loc[~deals["won"], "days"].median()


def bunching(tables):
    deals = closed(tables)
    return last_days(deals.loc[deals["won"], "close_date"], 8).mean(), first_days(deals.loc[~deals["won"], "close_date"], 12).mean()


# Kind of mess; statistic; a bound that lies between the company without it (below) and with it (above); mess, facts, size.
SWITCHES = {
    "seasons": (lambda tables: 1 / august(tables), 1.8, Mess(seasons=2.0), NOTHING, SIZE),
    "bunching of wins": (lambda tables: bunching(tables)[0], 0.30, Mess(bunching=0.6), NOTHING, SIZE),
    "bunching of losses": (lambda tables: bunching(tables)[1], 0.25, Mess(bunching=0.6), NOTHING, SIZE),
    "overdispersion": (lambda tables: accepted(tables, 7).stack().var(), 1.25, Mess(overdispersion=0.6), NOTHING, LEADS),
    "wandering": (slow, 0.25, Mess(wandering=0.6), NOTHING, LEADS),
    "reps": (lambda tables: spread_beyond_chance(*by_rep(closed(tables)).to_numpy().T), 2.0, Mess(reps=0.6), ALIKE, SIZE),
    "changing_reps": (changes_of_reps, 1.3, Mess(changing_reps=0.8), ALIKE, LEADS),
    "late_entry": (lambda tables: entry_lag(tables).median(), 3, Mess(late_entry=6.0), NOTHING, SIZE),
    "slow_wins": (days_of_wins, 2.3, Mess(slow_wins=0.6), NOTHING, SIZE),
    "steps_back": (steps_back, 0.12, Mess(steps_back=0.08), NOTHING, SIZE),
    "heavy tails of amounts": (
        lambda tables: np.log(tables["opportunities"].query("segment == 'SMB'")["amount"]).kurt(),
        0.5,
        Mess(heavy_tails=0.5),
        NOTHING,
        SIZE,
    ),
    "heavy tails of stage times": (
        lambda tables: stage_days(tables).quantile(0.995) / stage_days(tables).median(),
        12,
        Mess(heavy_tails=0.5),
        NOTHING,
        SIZE,
    ),
    "uneven_logging": (logged_weeks, 2.0, Mess(uneven_logging=0.6), NOTHING, SIZE),
    "careless_reps": (
        lambda tables: np.log(hours(tables).reindex(long_standing(tables))).std(),
        0.22,
        Mess(careless_reps=1.0),
        ALIKE,
        SIZE,
    ),
    "growth": (yearly_leads, 1.35, Mess(growth=0.25), NOTHING, SIZE),
    "departures": (lambda tables: len(leavers(tables)), 8, Mess(departures=0.25), NOTHING, SIZE),
    "one heir": (lambda tables: -heirs(tables), -1.01, Mess(departures=0.25), NOTHING, SIZE),
    "inherited": (leavers_without_closes, 0.9, Mess(inherited=1.0), NOTHING, SIZE),
}


@pytest.mark.parametrize("kind", SWITCHES)
def test_a_switch_puts_its_mess_into_the_data(kind):
    statistic, bound, mess, facts, size = SWITCHES[kind]
    assert statistic(made(TIDY, facts, size)) < bound < statistic(made(mess, facts, size))


def test_a_cut_export_holds_only_what_was_created_since_the_day():
    day = date(2025, 1, 1)
    whole, cut = made(), made(Mess(cut=day))
    created_since = whole["opportunities"][whole["opportunities"]["created_date"] >= pd.Timestamp(day)]
    assert 100 < len(created_since) < len(whole["opportunities"]) - 100
    created_since = created_since.drop(columns="opportunity_id")
    left = cut["opportunities"].drop(columns="opportunity_id")
    pd.testing.assert_frame_equal(left, created_since.reset_index(drop=True))
    # What was done for the others is exported all the same, but hangs in the air.
    assert len(cut["activities"]) == len(whole["activities"])
    assert cut["activities"]["opportunity_id"].isna().sum() > whole["activities"]["opportunity_id"].isna().sum()
    assert set(cut["stage_history"]["opportunity_id"]) == set(cut["opportunities"]["opportunity_id"])


def test_closes_entered_late_look_open_until_they_are_entered():
    whole, late = made(), made(Mess(late_entry=6.0))
    assert (entry_lag(whole) == 0).all()
    assert (entry_lag(late) >= 0).all()
    # The deals are the same; the true close is what it was, whenever it has been entered.
    deals = whole["opportunities"].merge(late["opportunities"], on="opportunity_id", suffixes=("", "_late"))
    entered = deals["stage_late"].isin(["Won", "Lost"])
    assert (deals["close_date"] == deals["close_date_late"])[entered].all()
    waiting = deals["stage"].isin(["Won", "Lost"]) & ~entered
    assert waiting.sum() > 5
    assert (deals.loc[waiting, "close_date"] > AS_OF - pd.Timedelta(days=155)).all()


def test_a_migration_stamps_all_that_was_there_before_it():
    day = date(2024, 9, 1)
    whole, moved = made(), made(Mess(migration=day))
    before = whole["stage_history"]["entered_at"] < pd.Timestamp(day)
    assert moved["stage_history"]["entered_at"].min() == pd.Timestamp(day) + pd.Timedelta(hours=2)
    stamped = moved["stage_history"]["entered_at"] == moved["stage_history"]["entered_at"].min()
    assert stamped.sum() == len(whole["stage_history"][before].drop_duplicates(["opportunity_id", "stage"]))
    for name in set(whole) - {"stage_history"}:
        pd.testing.assert_frame_equal(whole[name], moved[name])


def test_meetings_that_speed_up_make_wins_come_sooner_and_no_more_often():
    def days_and_wins(tables):
        deals = closed(tables).assign(days=lambda rows: (rows["close_date"] - rows["created_date"]).dt.days)
        met = tables["activities"].query("category == 'in_person_client'").merge(deals, on="opportunity_id")
        met = met[(met["started_at"] - met["created_date"]).dt.days < 15].groupby("opportunity_id").size()
        early = deals["opportunity_id"].map(met).fillna(0)
        won = deals["won"]
        return np.corrcoef(early[won], np.log1p(deals.loc[won, "days"]))[0, 1], deals["won"].mean()

    (usual, wins), (sped_up, as_many) = days_and_wins(made()), days_and_wins(made(facts=SPEED))
    assert sped_up < -0.12 < usual
    assert as_many == pytest.approx(wins, abs=0.03)


def test_the_star_wins_more_gets_more_work_and_calls_more():
    def of_star(tables):
        deals = closed(tables)
        star = deals["rep_id"] == deals["rep_id"].value_counts().index[0]
        calls = tables["activities"].query("category == 'digital_client'")["opportunity_id"].value_counts()
        calls = deals["opportunity_id"].map(calls).fillna(0)
        return star.mean() * SIZE.reps, deals["won"][star].mean() / deals["won"].mean(), calls[star].mean() / calls.mean()

    usual, found = of_star(made(facts=ALIKE)), of_star(made(facts=STAR))
    for ordinary, bound, starry in zip(usual, (2.0, 1.5, 1.9), found, strict=True):
        assert ordinary < bound < starry


def test_reps_who_are_alike_differ_by_chance_alone():
    def beyond(facts):
        deals = [closed(made(facts=facts, seed=seed)) for seed in (1, 2, 3)]
        return np.mean([spread_beyond_chance(*by_rep(each).to_numpy().T) for each in deals])

    def of_hours(facts):
        each = [made(facts=facts, seed=seed) for seed in (1, 2, 3)]
        return np.mean([np.log(hours(tables).reindex(long_standing(tables))).std() for tables in each])

    assert beyond(ALIKE) < 1.25 < beyond(NOTHING)
    assert of_hours(ALIKE) < 0.12 < of_hours(NOTHING)


def test_all_kinds_together_plant_no_trend_of_winning():
    """Opportunities by quarter of creation, all old enough: the slope of the share won, over several companies."""
    slopes, weights = [], []
    for seed in range(20, 26):
        # Of the time before the first day, and of a cut, only long lives are there.
        deals = made(REAL.without("cut"), seed=seed)["opportunities"].query("'2023-10-01' <= created_date < '2025-10-01'")
        quarter, won = (deals["created_date"] - START).dt.days / 91, deals["stage"] == "Won"
        slopes.append(np.polyfit(quarter, won, 1)[0])
        weights.append(quarter.var() * len(deals) / (won.mean() * (1 - won.mean())))
    # Reps who change and leave scatter more than binomial; half as much again.
    assert abs(np.average(slopes, weights=weights)) < 3 * 1.5 / np.sqrt(sum(weights))


def test_real_has_every_kind_and_each_can_stand_alone():
    assert TIDY.kinds == ()
    assert REAL.kinds == tuple(each.name for each in fields(Mess))
    assert REAL.only("cut", "growth") == Mess(cut=REAL.cut, growth=REAL.growth)
    assert REAL.without(*REAL.kinds[1:]) == Mess(seasons=REAL.seasons)


def test_a_messy_company_is_the_same_again():
    again = make(11, SIZE, NOTHING, REAL)
    for name, table in made(REAL).items():
        pd.testing.assert_frame_equal(table, again[name])


def test_impossible_mess_is_refused():
    with pytest.raises(ParameterError, match="steps_back is a share"):
        Mess(steps_back=2)
    with pytest.raises(ParameterError, match=r"0\.4 at most"):
        Mess(departures=0.5)
