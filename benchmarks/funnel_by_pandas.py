"""The same questions in plain pandas, as a competent analyst would write them for themselves: the counts, without intervals."""

from collections.abc import Callable

import funnel_pandas_pipeline as over_time
import numpy as np
import pandas as pd
from funnel_by_sql import checked
from funnel_frames import AS_OF, BEFORE, END, START, Frames, Parts, prepare, sums

__all__ = ["checked", "prepare", "questions"]


def questions(of: Frames) -> dict[str, Callable[[], Parts]]:
    """Return what is asked, by name."""
    return {
        "bottlenecks": lambda: _bottlenecks(of),
        "qualification": lambda: _qualification(of),
        "leaks": lambda: _leaks(of),
        "funnel": lambda: _funnel(of),
        "cycle": lambda: _cycle(of.sold),
        "open pipeline": lambda: over_time.open_pipeline(of),
        "waterfall": lambda: over_time.waterfall(of),
        "headlines": lambda: _headlines(of),
        "stage odds": lambda: {"counts": over_time.odds(of)},
        "hygiene": lambda: over_time.hygiene(of),
        "slips": lambda: over_time.slips(of),
        "pace": lambda: over_time.pace(of),
    }


def _count(rows: pd.DataFrame, keys: list) -> pd.DataFrame:
    return rows.groupby(keys, dropna=False, observed=True, sort=False).size().reset_index(name="count")


def _month(days: pd.Series) -> pd.Series:
    return days.dt.to_period("M").rename("month")


def _bottlenecks(of: Frames) -> Parts:
    stays = of.beside(of.steps[of.steps["visited"]], "segment", "amount", "created_date")
    first = of.sold.loc[of.sold["status"] != "open", "close_date"].min()
    known = stays["created_date"] >= first
    begun = stays[known & (stays["entered"] < END)]
    lasted = _count(begun.assign(within=begun["entered"] >= START, cohort=_month(begun["entered"])),
                    ["segment", "step", "cohort", "within", "days", "outcome"])  # fmt: skip
    there, over = stays["outcome"] == "open", stays["until"] >= START
    waits = stays.assign(age=(AS_OF - stays["entered"]).dt.days, known=known, count=1, waiting=there)
    waits = waits.assign(amount=stays["amount"].where(there), unpriced=there & stays["amount"].isna())
    groups = waits.groupby(["segment", "step", "age", "known"], observed=True)
    came = groups[["count", "waiting", "amount", "unpriced"]].sum().reset_index()
    flow = stays[["segment", "step"]].assign(
        at_start=(stays["entered"] < START) & (there | over), inflow=stays["entered"] >= START, at_end=there,
        went_on=over & (stays["outcome"] == "went_on"), left=over & (stays["outcome"] == "left"),
    )  # fmt: skip
    return {"lasted": lasted, "came": came, "flow": flow.groupby(["segment", "step"], observed=True).sum().reset_index()}


def _qualification(of: Frames) -> Parts:
    mqls = of.leads[of.leads["mql"] >= pd.Timestamp(2023, 10, 2)]
    went, ended = mqls["sales"].notna(), mqls["given_up"].notna()
    gone = (mqls["given_up"].where(mqls["given_up"] >= mqls["mql"], mqls["mql"])).where(ended, AS_OF)
    days = (mqls["sales"].where(went, gone) - mqls["mql"]).dt.days
    outcome = np.select([days > 90, went, ended], ["waiting", "went_on", "ended"], "waiting")
    mqls = mqls.assign(days=days.clip(upper=91), outcome=pd.Categorical(outcome), week=mqls["mql"].dt.to_period("W"))
    sizes = mqls.groupby(["source", "mql"], observed=True).agg(n=("row", "size"), first_event=("sales", "min")).reset_index()
    settled = mqls[mqls["sales"] <= AS_OF - pd.Timedelta(days=30)]
    made = (settled["converted"].notna() | (settled["row"] >= 0)).groupby(settled["source"], observed=True)
    sold = of.beside(mqls.loc[mqls["row"] >= 0, ["row", "source"]], "status", "amount")
    sold = sold[(sold["status"] == "lost") | ((sold["status"] == "won") & sold["amount"].notna())]
    worth = sold["amount"].where(sold["status"] == "won", 0.0)
    return {
        "counts": _count(mqls, ["source", "week", "days", "outcome"]),
        "sizes": sizes,
        "record": of.leads[["d1", "mql"]].min().to_frame().T,
        "settled": made.agg(["size", "sum"]),
        "sold": sold.assign(s1=worth, s2=worth**2).groupby("source", observed=True)[["s1", "s2"]].agg(["size", "sum"]),
    }


def _lead_steps(leads: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for step, seen in ((1, "d1"), (2, "mql"), (3, "sales")):
        one = leads[leads[f"d{step}"].notna()]
        entered, following = one[f"d{step}"], one[f"d{step + 1}"]
        left = one["given_up"] >= entered
        until = following.fillna(one["given_up"].where(left, AS_OF))
        outcome = pd.Categorical(np.select([following.notna(), left], ["went_on", "left"], "open"), ["went_on", "left", "open"])
        made = {"step": step, "cohort": one["d1"], "entered": entered, "days": (until - entered).dt.days.clip(lower=0)}
        parts.append(pd.DataFrame({**made, "outcome": outcome, "visited": one[seen].notna(), "reason": one["reason"]}))
    return pd.concat(parts, ignore_index=True)


def _leaks(of: Frames) -> Parts:
    rows = of.steps[(of.steps["entered"] >= START) & (of.steps["entered"] < END)]
    rows = of.beside(rows, "segment", "source", "rep_id", "amount", "lost_reason")
    rows = rows.assign(rep=rows["rep_id"], month=_month(rows["entered"]))
    cells = []
    for what in ("step", "segment", "source", "rep", "month"):
        found = sums(rows, [*([] if what == "step" else [what]), "step", "days", "outcome"]).rename(columns={what: "grp"})
        cells.append(found.rename(columns={"grp": "step"} if what == "step" else {}).assign(what=what))
    early = _lead_steps(of.leads)
    early = early[(early["entered"] >= START) & (early["entered"] < END)]
    gone = rows[rows["outcome"] == "left"]
    why = gone.groupby(["step", "lost_reason"], dropna=False, observed=True)["amount"].agg(["size", "sum"]).reset_index()
    why = why.rename(columns={"lost_reason": "reason", "size": "n", "sum": "amount"}).assign(cohort="opportunities")
    given = _count(early[early["outcome"] == "left"], ["step", "reason"]).rename(columns={"count": "n"}).assign(cohort="leads")
    reasons = pd.concat([why.astype({"reason": "str"}), given.astype({"reason": "str"})], ignore_index=True)
    return {"cells": pd.concat(cells), "leads": _count(early, ["step", "days", "outcome"]), "reasons": reasons}


def _funnel(of: Frames) -> Parts:
    found = {}
    for which, start, end in (("", START, END), (" before", BEFORE, START)):
        rows = of.steps[(of.steps["cohort"] >= start) & (of.steps["cohort"] < end)]
        found[f"opportunities{which}"] = _kinds(of.beside(rows, "amount"))
        came = of.leads[(of.leads["d1"] >= start) & (of.leads["d1"] < end)]
        found[f"leads{which}"] = _kinds(
            pd.concat([_lead_steps(came), *_onwards(of, came)], ignore_index=True).assign(amount=np.nan)
        )
    return found


def _onwards(of: Frames, came: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the rows of leads from being an opportunity on."""
    one = came.loc[came["d4"].notna(), ["row", "d1", "d4"]]
    mine = of.steps[of.steps["row"].isin(one["row"])]
    both = one.merge(mine, how="left", on="row").fillna({"step": 1, "days": 0, "outcome": "open"})
    first, later = both[both["step"] == 1], both[both["step"] > 1]
    days = ((first["entered"].fillna(first["d4"]) - first["d4"]).dt.days + first["days"]).clip(lower=0)
    made = first.assign(step=4, cohort=first["d1"], entered=first["d4"], days=days, visited=True)
    begin = later["entered"].where(later["entered"] >= later["d1"], later["d1"])
    days = ((later["entered"] - begin).dt.days + later["days"]).clip(lower=0)
    return [made, later.assign(step=later["step"] + 3, cohort=later["d1"], entered=begin, days=days)]


def _kinds(rows: pd.DataFrame) -> pd.DataFrame:
    since = (rows["entered"] - rows["cohort"]).dt.days
    asked = {
        "passages": (rows, ["step", "visited", "days", "outcome"]),
        "entries": (rows.assign(days=since), ["step", "visited", "days"]),
        "exits": (rows.assign(days=since + rows["days"]), ["step", "days", "outcome"]),
    }
    return pd.concat([sums(each, keys).assign(kind=kind) for kind, (each, keys) in asked.items()], ignore_index=True)


def _cycle(sold: pd.DataFrame) -> Parts:
    made = sold[(sold["created_date"] >= START) & (sold["created_date"] < END)]
    end = made["close_date"].where(made["status"] != "open", AS_OF)
    counts = _count(made.assign(days=(end - made["created_date"]).dt.days, outcome=made["status"]), ["days", "outcome"])
    won = sold[(sold["status"] == "won") & (sold["close_date"] >= START)]
    days = (won["close_date"] - won["created_date"]).dt.days.quantile([0.49, 0.5, 0.51]).tolist()
    return {"counts": counts, "cycle": pd.DataFrame({"cycle": [days]})}


def _headlines(of: Frames) -> Parts:
    still = of.sold.loc[of.sold["status"] == "open", "amount"]
    mqls = of.leads[(of.leads["mql"] >= BEFORE) & (of.leads["mql"] < END)]
    rows = of.steps[(of.steps["entered"] >= BEFORE) & (of.steps["entered"] < END)]
    closed = of.sold[(of.sold["status"] != "open") & (of.sold["close_date"] >= BEFORE)]
    quarter = closed["close_date"].dt.to_period("Q")
    won = closed["status"] == "won"
    closing = won.groupby(quarter).agg(["sum", "size"]).rename(columns={"sum": "won", "size": "closed"}).sort_index(ascending=False)
    days = (closed["close_date"] - closed["created_date"]).dt.days
    return {
        "open": pd.DataFrame({"n": [len(still)], "s1": [still.sum()], "s2": [(still**2).sum()]}),
        "mqls": mqls.groupby(mqls["mql"].dt.to_period("Q"))["sales"].agg(["size", "count"]),
        "leakage": _count(rows, [rows["entered"].dt.to_period("Q"), "days", "outcome"]),
        "closing": closing,
        "cycle": days[won].groupby(quarter[won]).quantile([0.49, 0.5, 0.51]),
    }
