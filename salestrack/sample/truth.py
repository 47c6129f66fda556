"""What is planted in a sample company, with the values that its tables really show.

Everything here is computed from the finished tables in plain pandas, without the generator and without the kit's engine: it is what
analyses of the kit are held against.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from salestrack.sample.company import Company, Facts
from salestrack.tables import CATEGORIES, SELLING_CATEGORIES

Tables = dict[str, pd.DataFrame]
_CLOSED = ["Won", "Lost"]
_MATURE = 60  # days after which nearly all leads that become SQL have done so


def truth(tables: Tables, company: Company, facts: Facts) -> dict[str, dict[str, object]]:
    """Return every planted fact: what it is about, what was planted, where and since when, and what the tables show.

    Parameters
    ----------
    tables : dict of str to DataFrame
        As `make` returns them.
    company, facts : Company, Facts
        What they were made from.

    Returns
    -------
    dict of str to dict
        By the name of the fact: about, planted, realised; plain values that YAML can hold.
    """
    as_of = company.as_of
    return {
        "selling_share": _selling_share(tables, facts),
        "early_in_person_meetings": _early_meetings(tables, company, facts),
        "jam": _jam(tables, facts),
        "qualification_break": _break(tables, facts, as_of),
        "deal_size": _deal_size(tables, facts),
        "rich_territory": _rich_territory(tables, facts),
        "stretched_quotas": _stretched(tables, facts, as_of),
        "undefeated_rep": _undefeated(tables, facts),
        "windfall": _windfall(tables, facts),
        "untouched_leads": _untouched(tables),
        "idle_opportunities": _idle(tables, as_of),
    }


def _fact(about: str, planted: dict[str, object], realised: Mapping[str, object]) -> dict[str, object]:
    return {"about": about, "planted": planted, "realised": dict(realised)}


def _round(value: float, digits: int = 4) -> float:
    return round(float(value), digits)


def _days(later: pd.Series, earlier: pd.Series) -> pd.Series:
    return (later.dt.normalize() - earlier.dt.normalize()).dt.days


def _selling_share(tables: Tables, facts: Facts) -> dict[str, object]:
    logged = tables["activities"].groupby("category")["minutes"].sum() / 60
    selling = logged[list(SELLING_CATEGORIES)].sum()
    return _fact(
        "Reps sell this share of the hours that they log.",
        {"share": facts.selling_share, "categories": list(SELLING_CATEGORIES)},
        {"selling_hours": _round(selling, 2), "logged_hours": _round(logged.sum(), 2), "share": _round(selling / logged.sum())},
    )


def _early_meetings(tables: Tables, company: Company, facts: Facts) -> dict[str, object]:
    """Count won and closed by early meetings: opportunities whose first days are all recorded, and that were open after them."""
    deals = tables["opportunities"]
    deals = deals[deals["stage"].isin(_CLOSED) & (deals["created_date"] >= pd.Timestamp(company.start))]
    deals = deals[_days(deals["close_date"], deals["created_date"]) >= facts.early_days]
    done = tables["activities"].merge(deals[["opportunity_id", "created_date"]], on="opportunity_id")
    done = done[_days(done["started_at"], done["created_date"]) < facts.early_days]
    table = {}
    for category in ("in_person_client", "internal_meeting"):
        count = done[done["category"] == category].groupby("opportunity_id").size()
        early = deals["opportunity_id"].map(count).fillna(0).clip(upper=3).astype(int)
        grouped = (deals["stage"] == "Won").groupby(early).agg(["size", "sum"])
        table[category] = {
            ("3 or more" if number == 3 else str(number)): {"closed": int(row["size"]), "won": int(row["sum"])}
            for number, row in grouped.iterrows()
        }
    return _fact(
        f"Each in-person meeting in the first {facts.early_days} days raises the log odds of winning; no other category does. "
        "Realised: opportunities created within the data, open after those days and closed since, by number of early meetings.",
        {
            "category": "in_person_client",
            "days": facts.early_days,
            "log_odds_per_meeting": facts.in_person_log_odds,
            "no_effect": [category for category in CATEGORIES if category != "in_person_client"],
        },
        table,
    )


def _jam(tables: Tables, facts: Facts) -> dict[str, object]:
    stays = tables["stage_history"].sort_values(["opportunity_id", "entered_at"])
    stays = stays.assign(until=stays.groupby("opportunity_id")["entered_at"].shift(-1))
    stays = stays.merge(tables["opportunities"][["opportunity_id", "segment"]], on="opportunity_id")
    stays = stays[(stays["stage"] == facts.jam_stage) & (stays["segment"] == facts.jam_segment)]
    since = stays["entered_at"] >= pd.Timestamp(facts.jam_since)
    realised: dict[str, object] = {}
    for name, part in (("before", stays[~since]), ("since", stays[since])):
        ended = part[part["until"].notna()]
        realised[name] = {
            "entered": len(part),
            "ended": len(ended),
            "still_there": len(part) - len(ended),
            "median_days_of_ended": _round(_days(ended["until"], ended["entered_at"]).median(), 1) if len(ended) else None,
        }
    return _fact(
        "Stays in this stage of this segment that begin on or after the day last longer by the factor.",
        {"stage": facts.jam_stage, "segment": facts.jam_segment, "since": facts.jam_since, "factor": facts.jam_factor},
        realised,
    )


def _break(tables: Tables, facts: Facts, as_of: date) -> dict[str, object]:
    leads = tables["leads"]
    leads = leads[(leads["source"] == facts.break_source) & leads["marketing_qualified_at"].notna()]
    since = leads["marketing_qualified_at"] >= pd.Timestamp(facts.break_day)
    mature = leads["marketing_qualified_at"] < pd.Timestamp(as_of) - pd.Timedelta(days=_MATURE)
    realised = {}
    for name, part in (("before", leads[~since]), ("since", leads[since]), ("since_mature", leads[since & mature])):
        accepted = int(part["sales_qualified_at"].notna().sum())
        realised[name] = {
            "marketing_qualified": len(part),
            "sales_qualified": accepted,
            "share": _round(accepted / max(len(part), 1)),
        }
    return _fact(
        "Leads of this source that became marketing qualified in or after the ISO week become sales qualified less often.",
        {"source": facts.break_source, "since": facts.break_since, "first_day": facts.break_day, "factor": facts.break_factor},
        realised,
    )


def _deal_size(tables: Tables, facts: Facts) -> dict[str, object]:
    won = tables["opportunities"].query("stage == 'Won'")
    realised = {}
    for segment in (facts.growing_segment, facts.flat_segment):
        part = won[won["segment"] == segment]
        quarter = part["close_date"].dt.year.astype(str) + "-Q" + part["close_date"].dt.quarter.astype(str)
        created = part["created_date"].dt.year * 4 + part["created_date"].dt.quarter - 1
        mean = part.groupby(quarter)["amount"].mean()
        slope = np.polyfit(created - created.min(), np.log(part["amount"]), 1)[0] if created.nunique() > 1 else 0.0
        realised[segment] = {
            "won": len(part),
            "average_by_close_quarter": {str(name): _round(value, 2) for name, value in mean.items()},
            "growth_per_quarter_of_creation": _round(np.expm1(slope)),
        }
    return _fact(
        "Amounts grow with each quarter of the creation date in one segment and are flat in the other.",
        {"growing": facts.growing_segment, "growth_per_quarter": facts.growth_per_quarter, "flat": facts.flat_segment},
        realised,
    )


def _rich_territory(tables: Tables, facts: Facts) -> dict[str, object]:
    reps = tables["reps"]
    current = reps[(reps["role"] != "manager") & reps["left_date"].isna()].groupby("territory_id").size()
    potential = tables["accounts"].groupby("territory_id")["potential"].sum() / current
    name = tables["territories"].set_index("territory_id")["name"]
    by_name = {name[str(key)]: _round(value, 2) for key, value in potential.items()}
    others = [value for territory, value in by_name.items() if territory != facts.rich_territory]
    ratio = by_name[facts.rich_territory] / float(np.mean(others))
    return _fact(
        "Potential per current rep in this territory, over the mean of the others.",
        {"territory": facts.rich_territory, "ratio": facts.potential_ratio},
        {"ratio": _round(ratio), "potential_per_rep": by_name},
    )


def _stretched(tables: Tables, facts: Facts, as_of: date) -> dict[str, object]:
    quotas = tables["quotas"].drop(columns=["team", "territory_id"])
    quotas = quotas[quotas["end_date"] <= pd.Timestamp(as_of)].merge(
        tables["reps"][["rep_id", "team", "hired_date", "left_date"]], on="rep_id"
    )
    whole = (quotas["hired_date"] <= quotas["start_date"]) & ~(quotas["left_date"] <= quotas["end_date"])
    quotas = quotas[whole]
    won = tables["opportunities"].query("stage == 'Won'").merge(quotas[["rep_id", "start_date", "end_date"]], on="rep_id")
    won = won[(won["start_date"] <= won["close_date"]) & (won["close_date"] <= won["end_date"])]
    booked = won.groupby(["rep_id", "start_date"])["amount"].sum().rename("booked").reset_index()
    quotas = quotas.merge(booked, on=["rep_id", "start_date"], how="left")
    reached = quotas["booked"].fillna(0) >= quotas["amount"]
    realised = {}
    for name, inside in (("team", quotas["team"] == facts.stretched_team), ("others", quotas["team"] != facts.stretched_team)):
        realised[name] = {
            "quotas": int(inside.sum()),
            "mean_quota": _round(quotas.loc[inside, "amount"].mean(), 2),
            "reached": int(reached[inside].sum()),
            "share_reached": _round(reached[inside].mean()),
        }
    return _fact(
        "Quotas of this team are higher by this share than those of like reps elsewhere. "
        "Realised: quarters in which the rep was employed throughout.",
        {"team": facts.stretched_team, "excess": facts.quota_excess},
        realised,
    )


def _undefeated(tables: Tables, facts: Facts) -> dict[str, object]:
    closed = tables["opportunities"].query("stage in @_CLOSED")
    by_rep = (closed["stage"] == "Won").groupby(closed["rep_id"]).agg(["size", "sum"])
    reps = tables["reps"].set_index("rep_id")["name"]
    found = by_rep[(by_rep["size"] == facts.undefeated_deals) & (by_rep["sum"] == by_rep["size"])]
    return _fact(
        "One rep has won every one of these few closed opportunities, and lost none.",
        {"closed": facts.undefeated_deals},
        {"reps": [{"rep_id": key, "name": reps[str(key)], "won": int(row["sum"]), "lost": 0} for key, row in found.iterrows()]},
    )


def _windfall(tables: Tables, facts: Facts) -> dict[str, object]:
    deals = tables["opportunities"].sort_values("amount", ascending=False)
    first, second = deals.iloc[0], deals.iloc[1]
    return _fact(
        "The amount of one won opportunity over the largest of all others.",
        {"ratio": facts.windfall_ratio},
        {
            "opportunity_id": str(first["opportunity_id"]),
            "rep_id": str(first["rep_id"]),
            "close_date": first["close_date"].date(),
            "amount": _round(first["amount"], 2),
            "largest_other": _round(second["amount"], 2),
            "ratio": _round(first["amount"] / second["amount"]),
        },
    )


def _untouched(tables: Tables) -> dict[str, object]:
    leads = tables["leads"]
    never = leads["first_response_at"].isna()
    return _fact(
        "Leads that nobody has answered, and those given to nobody.",
        {},
        {"leads": len(leads), "never_touched": int(never.sum()), "given_to_nobody": int(leads["rep_id"].isna().sum())},
    )


def _idle(tables: Tables, as_of: date) -> dict[str, object]:
    deals = tables["opportunities"]
    waiting = deals[~deals["stage"].isin(_CLOSED)]
    last = tables["activities"].groupby("opportunity_id")["started_at"].max()
    touched = waiting["opportunity_id"].map(last).fillna(waiting["created_date"])
    silent = (pd.Timestamp(as_of) - touched.dt.normalize()).dt.days
    left = waiting["rep_id"].map(tables["reps"].set_index("rep_id")["left_date"]).notna()
    return _fact(
        "Open opportunities without an activity for more than 14 days (without any: since they were created), "
        "and those whose owner has left.",
        {},
        {"open": len(waiting), "idle": int((silent > 14).sum()), "owner_gone": int(left.sum())},
    )
