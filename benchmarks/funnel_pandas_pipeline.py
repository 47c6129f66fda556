"""The questions about the pipeline over time in plain pandas."""

import numpy as np
import pandas as pd
from funnel_frames import AS_OF, END, ODDS, STAGES, START, Frames, Parts

_AGES = (0, 14, 30, 60, 90, 180)


def open_pipeline(of: Frames) -> Parts:
    """Return the sums behind the figures of the open pipeline."""
    sold, amount = of.sold, of.sold["amount"]
    still, made = sold["status"] == "open", (sold["created_date"] >= START) & (sold["created_date"] < END)
    due = (sold["close_date"] >= START) & (sold["close_date"] < END)
    won, days = due & (sold["status"] == "won"), (sold["close_date"] - sold["created_date"]).dt.days
    stated = sold["stage"].map(ODDS).astype(float)
    figures = {
        "still": still.sum(), "pipeline": amount[still].sum(), "pipeline_2": (amount[still] ** 2).sum(),
        "weighted": (amount * stated)[still].sum(), "created": amount[made].sum(), "booked": amount[won].sum(), "won": won.sum(),
        "closed": (due & ~still).sum(), "booked_2": (amount[won] ** 2).sum(), "days": days[won].sum(),
        "days_2": (days[won] ** 2).sum(), "both": (amount * days)[won].sum(), "due": amount[still & due].sum(),
    }  # fmt: skip
    held = of.quotas[(of.quotas["end_date"] >= START) & (of.quotas["start_date"] < END)]
    inside = (held["end_date"].clip(upper=AS_OF) - held["start_date"].clip(lower=START)).dt.days + 1
    quota = (held["amount"] * inside / ((held["end_date"] - held["start_date"]).dt.days + 1)).sum()
    waiting = of.beside(of.steps[of.steps["outcome"] == "open"], "amount")
    age = pd.cut(waiting["days"], [*_AGES, np.inf], right=False)
    worth = waiting.groupby(["step", age], observed=True)["amount"].agg(["sum", "count"])
    return {"figures": pd.DataFrame([figures]), "quota": pd.DataFrame({"quota": [quota]}), "odds": odds(of), "waiting": worth}


def odds(of: Frames) -> pd.DataFrame:
    """Count by stage, age reached, days from then on and what became of it."""
    stays = of.beside(of.steps[of.steps["visited"]], "status", "close_date")
    whole = (stays["close_date"].where(stays["status"] != "open", AS_OF) - stays["entered"]).dt.days
    found = []
    for age in _AGES:
        there = (stays["days"] >= age) & (whole >= age)
        one = pd.DataFrame({"step": stays["step"], "days": whole - age, "outcome": stays["status"]})[there]
        found.append(one.groupby(["step", "days", "outcome"], observed=True).size().reset_index(name="count").assign(age=age))
    return pd.concat(found, ignore_index=True)


def then(of: Frames, day: pd.Timestamp) -> pd.DataFrame:
    """Return what the history last said, on the evening of a day, of the opportunities that were not decided then."""
    sold = of.sold
    alive = (sold["created_date"] <= day) & ((sold["status"] == "open") | (sold["close_date"] > day))
    told = of.history[(of.history["entered_at"] < day + pd.Timedelta(days=1)) & alive.to_numpy()[of.history["row"].to_numpy()]]
    # The history is in the order of time; last takes the last that is known.
    return told.groupby("row")[["amount", "close_date"]].last()


def waterfall(of: Frames) -> Parts:
    """Return the steps from the open amount on 30 June to that on 30 September."""
    before = then(of, START - pd.Timedelta(days=1))["amount"]
    was = pd.Series(of.sold.index.isin(before.index), index=of.sold.index)
    old, now = before.reindex(of.sold.index), of.sold["amount"]
    more = now.fillna(0) - old.fillna(0)
    new = (of.sold["created_date"] >= START) & (of.sold["created_date"] < END)
    steps = {
        "start": old.sum(), "created": now[new].sum(), "recorded": now[was & old.isna()].sum(),
        "increased": more[was & old.notna() & (more > 0)].sum(), "decreased": more[was & (more < 0)].sum(),
    }  # fmt: skip
    steps |= {name: -now[(was | new) & (of.sold["status"] == name)].sum() for name in ("lost", "won")}
    return {"steps": pd.DataFrame([steps | {"end": now[of.sold["status"] == "open"].sum()}])}


def hygiene(of: Frames) -> Parts:
    """Return which open opportunities are stale or untidy."""
    sold = of.sold
    won = sold["status"] == "won"
    long = (sold["close_date"] - sold["created_date"])[won].dt.days.quantile(0.95)
    still = sold[sold["status"] == "open"]
    skipped = of.steps.loc[~of.steps["visited"], "row"]
    flags = pd.DataFrame(
        {
            "overlong": (AS_OF - still["created_date"]).dt.days > long,
            "overdue": still["close_date"] < AS_OF,
            "no_close_date": still["close_date"].isna(),
            "no_amount": still["amount"].isna(),
            "skipped": still.index.isin(skipped),
            "no_owner": still["rep_id"].isna(),
        }
    )
    wrong = flags.any(axis=1)
    each = {f"n_{name}": flags[name].sum() for name in flags} | {f"amount_{n}": still.loc[flags[n], "amount"].sum() for n in flags}
    told = {"still": len(still), "whole": still["amount"].sum(), "n": wrong.sum(), "amount": still.loc[wrong, "amount"].sum()}
    return {
        "long": pd.DataFrame({"days": [long]}),
        "flags": pd.DataFrame([told | each]),
        "worst": still[wrong].nlargest(25, "amount"),
    }


def slips(of: Frames) -> Parts:
    """Return how expected dates moved, and what became of those whose first date slipped."""
    history = of.history
    told = history[history["stage"].isin(STAGES) & history["close_date"].notna()]
    now = told["entered_at"].between(START, END, inclusive="left")
    closed = (of.sold["status"] != "open") & (of.sold["close_date"] >= START)
    asked = np.union1d(told.loc[now, "row"].unique(), np.flatnonzero(closed))
    mine = told[told["row"].isin(asked)].sort_values(["row", "entered_at"], kind="stable")
    # Sorted by opportunity and time, the date before is that of the row before.
    again = (mine["row"] == mine["row"].shift()).to_numpy()
    earlier = mine["close_date"].shift().where(again)
    nth = mine.groupby("row").cumcount()
    new, old = ({grain: day.dt.to_period(grain) for grain in "MQ"} for day in (mine["close_date"], earlier))
    moves = mine[["row", "stage"]].assign(
        days=(mine["close_date"] - earlier).dt.days,
        slipped_month=again & (new["M"] > old["M"]),
        slipped_quarter=again & (new["Q"] > old["Q"]),
        pulled_in_month=again & (new["M"] < old["M"]),
        pulled_in_quarter=again & (new["Q"] < old["Q"]),
        within_month=again & (new["M"] == old["M"]) & (mine["close_date"] != earlier),
    )
    inside = moves[mine["entered_at"].between(START, END, inclusive="left")]
    counted = {}
    for name in ("slipped_month", "slipped_quarter", "pulled_in_month", "pulled_in_quarter", "within_month"):
        one = inside[inside[name]]
        rows = one["row"].unique()
        counted |= {name: len(one), f"of_{name}": len(rows), f"days_{name}": one["days"].sum()}
        counted[f"amount_{name}"] = of.sold["amount"].to_numpy()[rows][~np.isnan(of.sold["amount"].to_numpy()[rows])].sum()
    there = (of.sold["status"] == "open") | (of.sold["close_date"] >= START)
    watched = np.intersect1d(told["row"].unique(), np.flatnonzero(there))
    first = moves[nth == 1].assign(slipped=moves["slipped_month"])
    first = of.beside(first[closed.to_numpy()[first["row"].to_numpy()]], "status")
    outcomes = first.assign(won=first["status"] == "won").groupby(["stage", "slipped"], observed=True)["won"].agg(["sum", "size"])
    outcomes = outcomes.rename(columns={"sum": "won", "size": "closed"}).reset_index()
    return {"moves": pd.DataFrame([counted]), "watched": pd.DataFrame({"n": [len(watched)]}), "outcomes": outcomes}


def pace(of: Frames) -> Parts:
    """Return what was booked and created day by day, and what was due on the last day of the eight quarters before."""
    sold = of.sold
    quarters = pd.period_range("2024Q3", "2026Q2", freq="Q")
    begin = quarters[0].start_time
    won = sold[(sold["status"] == "won") & (sold["close_date"] >= begin)].groupby("close_date")["amount"]
    made = sold[(sold["created_date"] >= begin) & (sold["created_date"] < END)].groupby("created_date")["amount"].sum()
    daily = won.agg(["sum", "size"]).rename(columns={"sum": "booked", "size": "won"}).join(made.rename("created"), how="outer")
    due = [sold.loc[(sold["status"] == "open") & (sold["close_date"] >= START) & (sold["close_date"] < END), "amount"].sum()]
    for each in quarters:
        last = each.end_time.normalize()
        told = then(of, last)
        due.append(told.loc[(told["close_date"] >= each.start_time) & (told["close_date"] <= last), "amount"].sum())
    return {"daily": daily.reset_index(names="day"), "due": pd.DataFrame({"due": due})}
