"""The five KPIs in plain pandas, as a competent analyst would write them for this one question."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

STAGES = ["Discovery", "Proposal", "Negotiation"]
BY = ["rep_id", "month"]


@dataclass(frozen=True)
class Frames:
    """Opportunities up to the day, passages through the steps, quotas by month."""

    opportunities: pd.DataFrame
    steps: pd.DataFrame
    quotas: pd.DataFrame
    as_of: date


def prepare(folder: Path, as_of: date) -> Frames:
    """Read the needed columns and derive what every question needs: statuses, months, passages."""
    day = pd.Timestamp(as_of)
    opportunities = pd.read_parquet(
        folder / "opportunities.parquet", columns=["opportunity_id", "rep_id", "amount", "close_date", "stage"]
    )
    opportunities["rep_id"] = opportunities["rep_id"].astype("category")
    opportunities["close_date"] = pd.to_datetime(opportunities["close_date"])
    due = opportunities["close_date"] <= day
    opportunities["won"] = (opportunities["stage"] == "Won") & due
    opportunities["closed"] = opportunities["stage"].isin(["Won", "Lost"]) & due
    opportunities = opportunities.drop(columns="stage")
    steps = _steps(folder, opportunities, day)
    opportunities = opportunities.drop(columns="opportunity_id")[due]
    opportunities["month"] = _month(opportunities["close_date"])
    quotas = pd.read_parquet(folder / "quotas.parquet")
    quotas[["start_date", "end_date"]] = quotas[["start_date", "end_date"]].apply(pd.to_datetime)
    return Frames(opportunities, steps, quotas, as_of)


def _month(days: pd.Series) -> pd.Series:
    return days.astype("datetime64[s]").to_numpy().astype("datetime64[M]").astype("datetime64[s]")


def _steps(folder: Path, opportunities: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    history = pd.read_parquet(folder / "stage_history.parquet")
    history["stage"] = history["stage"].astype("category")
    history = history[history["stage"].isin(STAGES) & (history["entered_at"] < day + pd.Timedelta(days=1))]
    first = (
        history.groupby(["opportunity_id", "stage"], observed=True, sort=False)["entered_at"].min().dt.normalize().unstack("stage")
    )
    del history
    first = first[STAGES].reset_index().merge(opportunities, on="opportunity_id")
    following = first["close_date"].where(first["won"])
    left = first["closed"] & ~first["won"]
    until = first["close_date"].where(left, day)
    passages = []
    for stage in reversed(STAGES):
        entered = first[stage].where(~(following < first[stage]) & first[stage].notna(), following)
        passage = pd.DataFrame({"rep_id": first["rep_id"], "entered_date": entered})
        passage["days"] = (following.fillna(until) - entered).dt.days
        passage["outcome"] = np.select([following.notna(), left], ["went_on", "left"], "open")
        passage["outcome"] = passage["outcome"].astype("category")
        passages.append(passage[entered.notna() & (passage["days"] >= 0)])
        following = entered
    steps = pd.concat(passages, ignore_index=True)
    steps["outcome"] = steps["outcome"].astype("category")
    steps["days"] = steps["days"].astype("int32")
    steps["month"] = _month(steps.pop("entered_date"))
    return steps


def answer(frames: Frames) -> dict[str, pd.DataFrame]:
    """Return the parts of the five KPIs by rep and month."""
    closing = _closing(frames.opportunities)
    leakage = frames.steps.groupby([*BY, "days", "outcome"], dropna=False, observed=True, sort=False).size()
    return {"closing": closing, "quota": _quota(frames.quotas, closing, frames.as_of), "leakage": leakage.reset_index(name="count")}


def _closing(opportunities: pd.DataFrame) -> pd.DataFrame:
    amount = opportunities["amount"].where(opportunities["won"])
    taken = opportunities[[*BY, "won", "closed"]].assign(n=amount.notna(), s1=amount, s2=amount**2, s3=amount**3)
    return taken.groupby(BY, dropna=False, observed=True, sort=False).sum().reset_index()


def _quota(quotas: pd.DataFrame, closing: pd.DataFrame, as_of: date) -> pd.DataFrame:
    months = pd.DataFrame({"month": pd.date_range(quotas["start_date"].min().replace(day=1), as_of, freq="MS")})
    held = quotas.merge(months, how="cross")
    last = (held["month"] + pd.offsets.MonthEnd(0)).clip(upper=pd.Timestamp(as_of))
    days = (held["end_date"].where(held["end_date"] < last, last) - held[["month", "start_date"]].max(axis=1)).dt.days + 1
    held["quota"] = held["amount"] * days / ((held["end_date"] - held["start_date"]).dt.days + 1)
    quota = held[days > 0].groupby(BY, as_index=False)["quota"].sum()
    one = quota[quota["quota"] > 0].merge(closing[[*BY, "s1"]].astype({"rep_id": "str"}), on=BY, how="left")
    return one[BY].assign(k=(one["s1"].fillna(0) >= one["quota"] * (1 - 1e-9)).astype(int), n=1)
