"""The tables of the funnel's questions in plain pandas: read once, with the days on which everybody came to each step."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

AS_OF, BEFORE, START, END = (pd.Timestamp(f"2026-{day}") for day in ("09-30", "04-01", "07-01", "10-01"))
STAGES = ("Discovery", "Proposal", "Negotiation")
ODDS = dict(zip(STAGES, (0.1, 0.4, 0.7), strict=True))
Parts = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Frames:
    """The tables with the columns that the questions need; ``row`` is the place of an opportunity in its table."""

    sold: pd.DataFrame
    steps: pd.DataFrame
    history: pd.DataFrame
    leads: pd.DataFrame
    quotas: pd.DataFrame

    def beside(self, rows: pd.DataFrame, *names: str) -> pd.DataFrame:
        """Return rows with columns of their opportunities."""
        return rows.assign(**{name: self.sold[name].array[rows["row"].to_numpy()] for name in names})


def prepare(folder: Path) -> Frames:
    """Read the columns that are needed, repeated texts as categories, keys as places."""
    wanted = ["opportunity_id", "rep_id", "segment", "source", "amount", "created_date", "close_date", "stage", "lost_reason"]
    sold = _read(folder, "opportunities", wanted, ("rep_id", "segment", "source", "stage", "lost_reason"))
    sold[["created_date", "close_date"]] = sold[["created_date", "close_date"]].apply(pd.to_datetime)
    due = sold["close_date"] <= AS_OF
    status = np.select([due & (sold["stage"] == "Won"), due & (sold["stage"] == "Lost")], ["won", "lost"], "open")
    sold["status"] = pd.Categorical(status)
    places = pd.Index(sold.pop("opportunity_id"))
    history = _read(folder, "stage_history", None, ("stage",))
    history["row"] = places.get_indexer(history.pop("opportunity_id"))
    history["close_date"] = pd.to_datetime(history["close_date"])
    leads = _leads(folder, places)
    del places
    quotas = pd.read_parquet(folder / "quotas.parquet")
    quotas[["start_date", "end_date"]] = quotas[["start_date", "end_date"]].apply(pd.to_datetime)
    return Frames(sold, _steps(sold, history), history, leads, quotas)


def _read(folder: Path, name: str, columns: list[str] | None, repeated: tuple[str, ...]) -> pd.DataFrame:
    table = pd.read_parquet(folder / f"{name}.parquet", columns=columns)
    return table.astype(dict.fromkeys(repeated, "category"))


def _days(stamps: pd.Series) -> pd.Series:
    return stamps.dt.normalize().astype("datetime64[s]")


def _leads(folder: Path, places: pd.Index) -> pd.DataFrame:
    stamps = {"created_at": "d1", "marketing_qualified_at": "mql", "sales_qualified_at": "sales", "converted_at": "converted"}
    stamps |= {"disqualified_at": "given_up"}
    leads = _read(folder, "leads", ["source", "reason", "opportunity_id", *stamps], ("source", "reason"))
    leads["row"] = places.get_indexer(leads.pop("opportunity_id").fillna(""))
    for stamp, name in stamps.items():
        leads[name] = _days(leads.pop(stamp))
    # Who came to a later step came to those before it, and nobody before coming in.
    following = None
    for number, name in ((4, "converted"), (3, "sales"), (2, "mql")):
        day = leads[name] if following is None else leads[[name]].assign(later=following).min(axis=1)
        following = leads[f"d{number}"] = day.where(day.isna() | (day >= leads["d1"]), leads["d1"])
    return leads


def _steps(sold: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Return the passages: a row for each opportunity and stage that it has come to."""
    first = {name: history[history["stage"] == name].groupby("row")["entered_at"].min() for name in STAGES}
    told = np.zeros(len(sold), dtype=bool)
    told[history["row"].unique()] = True
    following = sold["close_date"].where((sold["status"] == "won") & told)
    until = sold["close_date"].where(sold["status"] == "lost", AS_OF)
    parts = []
    for step in (3, 2, 1):
        own = _days(first[STAGES[step - 1]]).reindex(sold.index)
        entered = own.where(own.notna() & ~(following < own), following)
        end = following.fillna(until)
        outcome = np.select([following.notna(), sold["status"] == "lost"], ["went_on", "left"], "open")
        one = pd.DataFrame({"step": np.int8(step), "entered": entered, "until": end, "days": (end - entered).dt.days})
        one = one.assign(outcome=pd.Categorical(outcome, ["went_on", "left", "open"]), visited=own.notna(), row=sold.index)
        parts.append(one[entered.notna() & (one["days"] >= 0)].astype({"days": "int32", "row": "int32"}))
        following = entered
    steps = pd.concat(parts, ignore_index=True)
    return steps.assign(cohort=following.array[steps["row"].to_numpy()])


def sums(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Count rows by keys, and add up their amounts and the squares of these."""
    rows = rows[[*keys, "amount"]].assign(squares=rows["amount"] ** 2, count=1)
    found = rows.groupby(keys, dropna=False, observed=True, sort=False)
    named = {"count": ("count", "sum"), "n": ("amount", "count"), "s1": ("amount", "sum"), "s2": ("squares", "sum")}
    return found.agg(**named).reset_index()
