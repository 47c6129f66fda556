"""From positions and day numbers to the canonical tables: keys, names, dates."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from salestrack.sample import words
from salestrack.sample.company import CURRENCY, SEGMENTS, SOURCES, STAGE_NAMES, STAGES, TEAMS, TERRITORIES
from salestrack.sample.customers import Customers
from salestrack.sample.days import NEVER, dates
from salestrack.sample.people import People
from salestrack.sample.work import TYPE_NAMES
from salestrack.tables import CATEGORIES, CONTRACTS

_HOURS = 1_700  # that a rep can work in a year


@dataclass(frozen=True)
class Made:
    """The company in positions and day numbers, one frame for each room of the generator."""

    people: People
    customers: Customers
    leads: pd.DataFrame
    deals: pd.DataFrame
    history: pd.DataFrame
    activities: pd.DataFrame
    quotas: pd.DataFrame


def tables(made: Made) -> dict[str, pd.DataFrame]:
    """Return the canonical tables, with all columns of their contracts in order.

    Keys and texts are strings, dates and timestamps ``datetime64[s]``, numbers int64 where none is missing and float64 otherwise.
    """
    keys = _Keys(made)
    columns = {
        "opportunities": _opportunities(made, keys),
        "stage_history": _stage_history(made, keys),
        "leads": _leads(made, keys),
        "activities": _activities(made, keys),
        "reps": _reps(made, keys),
        "accounts": _accounts(made, keys),
        "quotas": _quotas(made, keys),
        "territories": _territories(made, keys),
    }
    return {name: pd.DataFrame(columns[name]).reindex(columns=list(CONTRACTS[name].names)) for name in columns}


class _Keys:
    """The keys of all tables, each a column of texts that positions are looked up in."""

    def __init__(self, made: Made) -> None:
        self.opportunity = numbered("O", len(made.deals))
        self.lead = numbered("L", len(made.leads))
        self.account = numbered("C", len(made.customers.frame))
        self.rep = numbered("R", len(made.people.frame))
        self.territory = numbered("T", len(TERRITORIES))
        self.activity = numbered("A", len(made.activities))


def numbered(letter: str, n: int) -> pd.Series:
    """Return `n` keys such as ``A00001``, all of one length."""
    digits = pa.array(np.arange(1, n + 1)).cast(pa.string())
    padded = pc.binary_join_element_wise(letter, pc.utf8_lpad(digits, len(str(n)), "0"), "")
    return pd.Series(padded.to_pandas(), dtype="str")


def _at(texts: pd.Series | list[str] | tuple[str, ...], positions: pd.Series | np.ndarray) -> pd.Series:
    """Return the text at each position; null where it is negative."""
    known = pd.Series(texts, dtype="str").array
    return pd.Series(known.take(np.asarray(positions, dtype=np.int64), allow_fill=True))


def _names(things: tuple) -> list[str]:
    return [thing.name for thing in things]


def _day(days: pd.Series | np.ndarray) -> pd.Series:
    """Return days as timestamps at midnight; null for a day after all others."""
    known = np.asarray(days, dtype=np.int64)
    return pd.Series(np.where(known < NEVER, dates(known), np.datetime64("NaT", "D")).astype("datetime64[s]"))


def _opportunities(made: Made, keys: _Keys) -> dict[str, object]:
    deals, accounts = made.deals, made.customers.frame
    product = _at([name for name, _ in words.PRODUCTS], deals["product"])
    named = _at(pd.Series(accounts["name"], dtype="str"), deals["account"]).fillna("Unnamed account")
    stated = np.array([*(stage.probability for stage in STAGES), np.nan, np.nan])
    return {
        "opportunity_id": keys.opportunity,
        "name": named + " – " + product,
        "account_id": _at(keys.account, deals["account"]),
        "rep_id": _at(keys.rep, deals["rep"]),
        "lead_id": _at(keys.lead, deals["lead"]),
        "territory_id": _at(keys.territory, deals["territory"]),
        "pipeline": _at([""], np.full(len(deals), -1)),
        "segment": _at(_names(SEGMENTS), deals["segment"]),
        "source": _at(_names(SOURCES), deals["source"]),
        "product": product,
        "type": _at(["New business", "Existing business"], deals["existing"].astype(np.int64)),
        "amount": deals["stated"],
        "currency": CURRENCY,
        "created_date": _day(deals["created"]),
        "close_date": _day(deals["expected"]),
        "stage": _at(STAGE_NAMES, deals["stage"]),
        "lost_reason": _at([name for name, _ in words.LOST_REASONS], deals["lost_reason"]),
        "probability": stated[deals["stage"]],
        "next_step": _at(words.NEXT_STEPS, deals["next_step"]),
    }


def _stage_history(made: Made, keys: _Keys) -> dict[str, object]:
    rows = made.history
    moment = (rows["entered"].to_numpy() * 1440 + rows["minute"].to_numpy()).astype("datetime64[m]")
    return {
        "opportunity_id": _at(keys.opportunity, rows["deal"]),
        "stage": _at(STAGE_NAMES, rows["stage"]),
        "entered_at": moment.astype("datetime64[s]"),
        "amount": rows["amount"],
        "close_date": _day(rows["expected"]),
    }


def _leads(made: Made, keys: _Keys) -> dict[str, object]:
    leads = made.leads
    moments = {
        "created_at": "created",
        "marketing_qualified_at": "qualified",
        "sales_qualified_at": "accepted",
        "first_response_at": "responded",
        "converted_at": "converted",
        "disqualified_at": "given_up",
    }
    return {
        "lead_id": keys.lead,
        "source": _at(_names(SOURCES), leads["source"]),
        "segment": _at(_names(SEGMENTS), leads["segment"]),
        "rep_id": _at(keys.rep, leads["rep"]),
        "territory_id": _at(keys.territory, leads["territory"]),
        "opportunity_id": _at(keys.opportunity, leads["deal"]),
        "reason": _at(words.DISQUALIFIED, leads["reason"]),
        **{name: leads[column].astype("datetime64[s]") for name, column in moments.items()},
    }


def _activities(made: Made, keys: _Keys) -> dict[str, object]:
    done = made.activities
    minutes = done["minutes"]
    return {
        "activity_id": keys.activity,
        "rep_id": _at(keys.rep, done["rep"]),
        "category": _at(CATEGORIES, done["category"]),
        "type": _at(TYPE_NAMES, done["type"]),
        "started_at": done["moment"].astype("datetime64[s]"),
        "minutes": minutes,
        "opportunity_id": _at(keys.opportunity, done["deal"]),
        "lead_id": _at(keys.lead, done["lead"]),
        "account_id": _at(keys.account, done["account"]),
        "outcome": _at(words.OUTCOMES, done["outcome"]),
    }


def _reps(made: Made, keys: _Keys) -> dict[str, object]:
    people = made.people.frame
    return {
        "rep_id": keys.rep,
        "name": people["name"].astype("str"),
        "team": _at(TEAMS, people["team"]),
        "manager_id": _at(keys.rep, people["manager"]),
        "territory_id": _at(keys.territory, people["territory"]),
        "role": people["role"].astype("str"),
        "hired_date": _day(people["hired"]),
        "left_date": _day(people["left"]),
    }


def _accounts(made: Made, keys: _Keys) -> dict[str, object]:
    accounts = made.customers.frame
    return {
        "account_id": keys.account,
        "name": accounts["name"].astype("str"),
        "segment": _at(_names(SEGMENTS), accounts["segment"]),
        "industry": _at(words.INDUSTRIES, accounts["industry"]),
        "territory_id": _at(keys.territory, accounts["territory"]),
        "rep_id": _at(keys.rep, accounts["rep"]),
        "potential": accounts["potential"].astype(np.int64),
    }


def _quotas(made: Made, keys: _Keys) -> dict[str, object]:
    quotas = made.quotas
    nothing = np.full(len(quotas), -1)
    return {
        "rep_id": _at(keys.rep, quotas["rep"]),
        "team": _at(TEAMS, nothing),
        "territory_id": _at(keys.territory, nothing),
        "start_date": _day(quotas["start"]),
        "end_date": _day(quotas["end"]),
        "amount": quotas["amount"].astype(np.int64),
    }


def _territories(made: Made, keys: _Keys) -> dict[str, object]:
    headcount = np.bincount(made.people.column("territory")[made.people.current()], minlength=len(TERRITORIES))
    return {
        "territory_id": keys.territory,
        "name": _at([name for name, _ in TERRITORIES], np.arange(len(TERRITORIES))),
        "parent_id": _at([""], np.full(len(TERRITORIES), -1)),
        "capacity": headcount * _HOURS,
    }
