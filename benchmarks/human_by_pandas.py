"""The same questions in plain pandas, as a competent analyst would write them for themselves: the counts, without intervals."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

AS_OF = pd.Timestamp("2026-09-30")
START, END = pd.Timestamp("2026-07-01"), pd.Timestamp("2026-10-01")
SELLING = ("digital_client", "in_person_client")


@dataclass(frozen=True)
class Frames:
    """The tables, with the few columns that the questions need."""

    activities: pd.DataFrame
    opportunities: pd.DataFrame
    leads: pd.DataFrame


def prepare(book: Path) -> Frames:
    """Read the columns that are needed; repeated texts as categories."""
    folder = book.parent
    wanted = ["rep_id", "category", "type", "started_at", "minutes", "opportunity_id"]
    done = pd.read_parquet(folder / "activities.parquet", columns=wanted)
    for name in ("rep_id", "category", "type", "opportunity_id"):
        done[name] = done[name].astype("category")
    done["started_at"] = pd.to_datetime(done["started_at"])
    done["hours"] = pd.to_numeric(done.pop("minutes")) / 60
    wanted = ["opportunity_id", "rep_id", "segment", "source", "amount", "created_date", "close_date", "stage"]
    sold = pd.read_parquet(folder / "opportunities.parquet", columns=wanted)
    for name in ("created_date", "close_date"):
        sold[name] = pd.to_datetime(sold[name])
    sold["closed"] = sold["stage"].isin(["Won", "Lost"]) & (sold["close_date"] <= AS_OF)
    sold["won"] = sold["closed"] & (sold["stage"] == "Won")
    leads = pd.read_parquet(folder / "leads.parquet", columns=["created_at", "first_response_at"])
    return Frames(done, sold, leads.apply(pd.to_datetime))


def questions(of: Frames) -> dict[str, Callable[[], object]]:
    """Return what is asked, by name."""
    return {
        "hours by rep and category": lambda: _by_rep(_in_period(of)),
        "selling time by month": lambda: _selling_by_month(of.activities),
        "who does most": lambda: _weeks(_in_period(of)),
        "time by outcome": lambda: _time_by_outcome(of),
        "what goes with winning": lambda: {days: _landmark(of, days) for days in (14, 30, 60)},
        "lead-up to the close": lambda: _lead_up(of),
        "time sinks": lambda: _sinks(_in_period(of)),
        "speed to lead": lambda: _speed_to_lead(of.leads),
        "idle opportunities": lambda: _idle(of),
    }


def checked(found: dict[str, object]) -> dict[str, float]:
    """Return figures that the other way must give, too."""
    hours, at_30 = found["hours by rep and category"], found["what goes with winning"][30]
    outcome = found["time by outcome"]
    return {
        "hours": float(hours.sum()),
        "largest cell": float(hours.max()),
        "watched at day 30": float(at_30["n"].sum()),
        "hours without opportunity": float(outcome.xs("none", level="became").sum()),
    }


def _in_period(of: Frames) -> pd.DataFrame:
    return of.activities[(of.activities["started_at"] >= START) & (of.activities["started_at"] < END)]


def _by_rep(done: pd.DataFrame) -> pd.Series:
    return done.groupby(["rep_id", "category"], observed=True)["hours"].sum()


def _selling_by_month(done: pd.DataFrame) -> pd.Series:
    month = done["started_at"].dt.to_period("M")
    selling = done["hours"].where(done["category"].isin(SELLING), 0)
    return selling.groupby(month).sum() / done["hours"].groupby(month).sum()


def _weeks(done: pd.DataFrame) -> pd.DataFrame:
    weekly = done.groupby(["rep_id", "category", done["started_at"].dt.to_period("W")], observed=True)["hours"].sum()
    return weekly.groupby(["rep_id", "category"], observed=True).agg(["count", "mean", "std"])


def _time_by_outcome(of: Frames) -> pd.Series:
    became = np.select([of.opportunities["won"], of.opportunities["closed"]], ["won", "lost"], "open")
    known = pd.Series(became, index=of.opportunities["opportunity_id"])
    done = _in_period(of)
    return done.groupby(["category", done["opportunity_id"].map(known).fillna("none").rename("became")], observed=True)[
        "hours"
    ].sum()


def _landmark(of: Frames, days: int) -> pd.DataFrame:
    sold, begun = of.opportunities, of.activities["started_at"].min().normalize()
    mark = sold["created_date"] + pd.Timedelta(days=days)
    alive = sold[(sold["created_date"] >= begun) & (mark <= AS_OF) & ~(sold["closed"] & (sold["close_date"] < mark))]
    cohort = alive[alive["created_date"] <= AS_OF - pd.Timedelta(days=days + _watched(alive, days))]
    of_cohort = of.activities.merge(cohort[["opportunity_id", "created_date"]], on="opportunity_id")
    age = (of_cohort["started_at"].dt.normalize() - of_cohort["created_date"]).dt.days
    early = of_cohort[(age >= 0) & (age < days)]
    doses = early.groupby(["opportunity_id", "category"], observed=True).size().unstack(fill_value=0)
    whole = cohort.set_index("opportunity_id").join(doses).fillna(dict.fromkeys(doses.columns, 0))
    whole["size"] = np.round(np.log(whole["amount"]) * 4)
    keys = [*doses.columns, "segment", "source", "rep_id", "size"]
    return whole.groupby(keys, dropna=False, observed=True)["won"].agg(n="size", won="sum").reset_index()


def _watched(alive: pd.DataFrame, days: int) -> int:
    """Return the days after the landmark by which 95 % of all wins have come: Aalen-Johansen written out."""
    end = alive["close_date"].where(alive["closed"], AS_OF)
    after = (end - alive["created_date"]).dt.days - days
    counts = pd.DataFrame({"all": 1, "closed": alive["closed"], "won": alive["won"]}).groupby(after).sum()
    there = counts["all"][::-1].cumsum()[::-1]
    left = (1 - counts["closed"] / there).cumprod().shift(fill_value=1.0)
    won = (left * counts["won"] / there).cumsum()
    return 0 if alive["closed"].all() else int(won.index[int((won >= 0.95 * won.iloc[-1]).argmax())])


def _lead_up(of: Frames) -> pd.DataFrame:
    closed = of.opportunities[of.opportunities["closed"]]
    done = of.activities.merge(closed[["opportunity_id", "close_date", "won", "created_date"]], on="opportunity_id")
    before = (done["close_date"] - done["started_at"].dt.normalize()).dt.days
    found = []
    for width, most in ((1, 30), (7, 84), (30, 180)):
        late = done[(before >= 1) & (before <= most)].assign(bucket=(before - 1) // width)
        found.append(late.groupby(["won", "bucket", "category"], observed=True).size().rename(width))
    return pd.concat(found, axis=1)


def _sinks(done: pd.DataFrame) -> pd.DataFrame:
    alone = done["hours"].where(done["opportunity_id"].isna(), 0)
    return done.assign(alone=alone).groupby(["category", "type"], observed=True)[["hours", "alone"]].sum()


def _speed_to_lead(leads: pd.DataFrame) -> pd.Series:
    waited = (leads["first_response_at"] - leads["created_at"]).dt.total_seconds() / 3600
    return waited.clip(lower=0).groupby(leads["created_at"].dt.to_period("M")).median()


def _idle(of: Frames) -> pd.Series:
    still = of.opportunities[~of.opportunities["closed"]]
    touched = of.activities[of.activities["opportunity_id"].isin(still["opportunity_id"])]
    last = touched.groupby("opportunity_id", observed=True)["started_at"].max().dt.normalize()
    since = still["opportunity_id"].map(last).astype("datetime64[us]").fillna(still["created_date"])
    return ((AS_OF - since).dt.days >= 14).groupby(still["rep_id"]).mean()
