"""The activities: on opportunities, on leads, and everything else that fills a rep's days."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salestrack.errors import ParameterError
from salestrack.sample import diary
from salestrack.sample.company import SEGMENTS, Company, Facts
from salestrack.sample.customers import Customers
from salestrack.sample.days import NEVER, labour, number, of_working_number, working_number
from salestrack.sample.draws import draw
from salestrack.sample.people import People, employed
from salestrack.tables import CATEGORIES, SELLING_CATEGORIES

# What a source calls an activity, its share within the category and its usual minutes.
TYPES = {
    "digital_client": (("email", 0.42, 30), ("call", 0.30, 40), ("video call", 0.18, 70), ("online demo", 0.10, 95)),
    "in_person_client": (("site visit", 0.70, 150), ("customer lunch", 0.30, 105)),
    "internal_meeting": (("team meeting", 0.40, 75), ("deal review", 0.35, 60), ("one-on-one", 0.25, 50)),
    "admin": (("CRM update", 0.45, 55), ("reporting", 0.35, 75), ("expenses", 0.20, 40)),
    "travel": (("drive", 0.60, 115), ("train", 0.30, 160), ("flight", 0.10, 240)),
    "training": (("product training", 0.60, 150), ("sales training", 0.40, 120)),
    "preparation": (("research", 0.50, 60), ("proposal writing", 0.50, 110)),
    "unclassified": (("task", 0.70, 45), ("other", 0.30, 40)),
}
TYPE_NAMES = tuple(name for types in TYPES.values() for name, _, _ in types)
# What fills the day besides opportunities and leads.
_REST = {
    "admin": 0.36,
    "internal_meeting": 0.25,
    "travel": 0.13,
    "training": 0.06,
    "preparation": 0.09,
    "unclassified": 0.04,
    "digital_client": 0.05,
    "in_person_client": 0.02,
}
_LEAD_SHARE = 0.18  # of all activities
_NONE = -1


@dataclass(frozen=True)
class Staff:
    """Who works for whom: the company, its people and its customers."""

    company: Company
    people: People
    customers: Customers


def do(rng: np.random.Generator, facts: Facts, staff: Staff, deals: pd.DataFrame, leads: pd.DataFrame) -> pd.DataFrame:
    """Return all activities in the order in which they began.

    Parameters
    ----------
    rng : Generator
    facts : Facts
    staff : Staff
    deals : DataFrame
        With `rates_...` by category, early, first_rep, rep, handover, worked_until and account.
    leads : DataFrame
        With rep, responded, given_up, converted.

    Returns
    -------
    DataFrame
        rep, category, type (positions), moment (``datetime64[m]``), minutes (NaN: not recorded), deal, lead, account
        (positions, -1: none), outcome (position in `words.OUTCOMES`, -1: none).
    """
    served = [*_on_deals(rng, staff, deals), *_on_leads(rng, staff, leads)]
    there = pd.concat(served, ignore_index=True)
    rest = _rest(rng, facts, staff, there)
    done = pd.concat([there, rest], ignore_index=True)
    done["account"] = np.where(done["deal"] >= 0, deals["account"].to_numpy()[done["deal"]], done["account"])
    done = _timed(rng, staff.company, facts, _typed(rng, done))
    order = np.argsort(done["moment"].to_numpy().astype(np.int64) * staff.people.sellers + done["rep"].to_numpy(), kind="stable")
    return done.iloc[order].reset_index(drop=True)


def _rows(
    category: str, rep: np.ndarray, day: np.ndarray, deal: np.ndarray | int = _NONE, lead: np.ndarray | int = _NONE
) -> pd.DataFrame:
    columns = {"rep": rep, "day": day, "deal": deal, "lead": lead, "account": _NONE, "touched": _NONE}
    frame = pd.DataFrame({name: np.broadcast_to(np.asarray(value, dtype=np.int32), len(rep)) for name, value in columns.items()})
    return frame.assign(category=np.int8(CATEGORIES.index(category)))


def _spread(rng: np.random.Generator, counts: np.ndarray, first: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each of `counts` things its owner's position and a working day drawn evenly from ``first <= day < after``."""
    owner = np.repeat(np.arange(len(counts)), counts)
    span = np.maximum(after - first, 1)[owner]
    return owner, of_working_number(first[owner] + (rng.random(len(owner)) * span).astype(np.int64))


def _on_deals(rng: np.random.Generator, staff: Staff, deals: pd.DataFrame) -> list[pd.DataFrame]:
    start, left = number(staff.company.start), staff.people.column("left")
    created, until = deals["created"].to_numpy(), deals["worked_until"].to_numpy()
    first, after = working_number(created), working_number(until + 1)
    early_end = first + deals["early_span"].to_numpy()
    parts = []
    for category in [name for name in CATEGORIES if f"rate_{name}" in deals]:
        rate = deals[f"rate_{category}"].to_numpy()
        if category == "in_person_client":
            # The early ones have been planned before it was known how long the deal lives.
            owner, day = _spread(rng, deals["early"].to_numpy(), first, early_end)
            late, late_day = _spread(rng, rng.poisson(rate * np.maximum(after - early_end, 0)), early_end, after)
            owner, day = np.concatenate([owner, late]), np.concatenate([day, late_day])
        else:
            owner, day = _spread(rng, rng.poisson(rate * np.maximum(after - first, 0)), first, after)
        rep = np.where(
            day < deals["handover"].to_numpy()[owner], deals["first_rep"].to_numpy()[owner], deals["rep"].to_numpy()[owner]
        )
        there = (day <= until[owner]) & (day >= start) & (day < left[rep])
        parts.append(_rows(category, rep[there], day[there], deal=owner[there]))
    return parts


def _on_leads(rng: np.random.Generator, staff: Staff, leads: pd.DataFrame) -> list[pd.DataFrame]:
    company, left = staff.company, staff.people.column("left")
    touched = leads[leads["responded"].notna()]
    rep, lead = touched["rep"].to_numpy(), touched.index.to_numpy()
    minute = touched["responded"].to_numpy().astype("datetime64[m]").astype(np.int64)
    day = minute // 1440
    first = _rows("digital_client", rep, day, lead=lead).assign(touched=(minute % 1440).astype(np.int32))
    more = rng.poisson(max(_LEAD_SHARE * company.activities / max(len(touched), 1) - 1, 0), len(touched))
    ends = touched[["converted", "given_up"]].min(axis=1).to_numpy().astype("datetime64[D]")
    last = np.where(np.isnat(ends), NEVER, ends.astype(np.int64))
    last = np.minimum.reduce([last, day + 24, np.full(len(day), number(company.as_of)), left[rep] - 1])
    owner, later = _spread(rng, more, working_number(day), working_number(last + 1))
    there = (later > day[owner]) & (later <= last[owner])
    return [first, _rows("digital_client", rep[owner][there], later[there], lead=lead[owner][there])]


def _rest(rng: np.random.Generator, facts: Facts, staff: Staff, there: pd.DataFrame) -> pd.DataFrame:
    """Return what fills up the number of activities: with colleagues, on the road, at the desk; a little with customers."""
    company, people = staff.company, staff.people
    n = company.activities - len(there)
    if n < 0:
        raise ParameterError(f"{company.activities} activities are too few for {len(there)} on opportunities and leads.")
    days = np.arange(number(company.start), number(company.as_of) + 1)
    # There is as much more to do inside as there is outside, so that the share of selling has no trend.
    much = labour(days) * (1 + company.growth) ** ((days - days[0]) / 365.25)
    habit = np.exp(0.2 * facts.rep_differences * np.clip(rng.standard_normal(people.sellers), -2, 2))
    presence = employed(company, people) * much[:, None] * habit
    spot = draw(rng, presence, n)
    rest = _rows("admin", spot % people.sellers, days[spot // people.sellers])
    rest["category"] = np.array([CATEGORIES.index(name) for name in _REST], dtype=np.int8)[draw(rng, list(_REST.values()), n)]
    met = np.flatnonzero(there["category"] == CATEGORIES.index("in_person_client"))
    drives = np.flatnonzero((rest["category"] == CATEGORIES.index("travel")) & (rng.random(n) < 0.8))
    if len(met):
        # Reps travel on days on which they meet somebody; the trip serves no single opportunity.
        with_whom = met[rng.integers(0, len(met), len(drives))]
        for name in ("rep", "day"):
            rest.loc[drives, name] = there[name].to_numpy()[with_whom]
    return rest.assign(account=_visited(rng, staff, rest))


def _visited(rng: np.random.Generator, staff: Staff, rest: pd.DataFrame) -> np.ndarray:
    """Return the account of what was done with a customer without an opportunity, one of the rep's territory."""
    territory = staff.people.column("territory")[rest["rep"]]
    segment = draw(rng, [segment.share for segment in SEGMENTS], len(rest))
    selling = np.isin(rest["category"], [CATEGORIES.index(name) for name in SELLING_CATEGORIES])
    return np.where(selling, staff.customers.pick(rng, territory, segment), _NONE).astype(np.int32)


def _typed(rng: np.random.Generator, done: pd.DataFrame) -> pd.DataFrame:
    n, category = len(done), done["category"].to_numpy()
    kind, usual = np.zeros(n, dtype=np.int8), np.zeros(n)
    for place, types in enumerate(TYPES[name] for name in CATEGORIES):
        here = np.flatnonzero(category == place)
        # The first touch of a lead is an email or a call.
        chosen = draw(rng, [share for _, share, _ in types], len(here))
        chosen = np.where(done["touched"].to_numpy()[here] >= 0, chosen % 2, chosen)
        kind[here] = TYPE_NAMES.index(types[0][0]) + chosen
        usual[here] = np.array([minutes for _, _, minutes in types], dtype=float)[chosen]
    usual *= rng.gamma(8.0, 0.125, n)
    return done.assign(type=kind, usual=np.where(done["touched"] >= 0, np.minimum(usual, 20), usual), outcome=_outcomes(rng, kind))


def _outcomes(rng: np.random.Generator, kind: np.ndarray) -> np.ndarray:
    """Return how activities with customers ended: 0 completed, 1 no answer, 2 no show, 3 rescheduled; -1 for all others."""
    u = rng.random(len(kind))
    name = np.array(TYPE_NAMES, dtype=object)
    called, met = (
        np.isin(kind, np.flatnonzero(name == "call")),
        np.isin(kind, np.flatnonzero(np.isin(name, ["video call", "online demo"]))),
    )
    seen = np.isin(kind, np.flatnonzero(np.isin(name, ["site visit", "customer lunch"])))
    return np.select([called & (u < 0.28), met & (u < 0.05), met & (u < 0.11), called | met | seen], [1, 2, 3, 0], _NONE).astype(
        np.int8
    )


def _timed(rng: np.random.Generator, company: Company, facts: Facts, done: pd.DataFrame) -> pd.DataFrame:
    day, touched = done["day"].to_numpy().astype(np.int64), done["touched"].to_numpy()
    slot = (
        done["rep"].to_numpy().astype(np.int64) * (number(company.as_of) - number(company.start) + 1) + day - number(company.start)
    )
    selling = np.isin(done["category"], [CATEGORIES.index(name) for name in SELLING_CATEGORIES])
    recorded = rng.random(len(done)) >= 0.01
    minutes = diary.fill(done["usual"].to_numpy(), selling, slot, facts.selling_share)
    begins = diary.lay_out(rng, minutes, slot)
    moment = (day * 1440 + np.where(touched >= 0, touched, begins)).astype("datetime64[m]")
    return done.assign(moment=moment, minutes=np.where(recorded, minutes, np.nan)).drop(columns=["usual", "touched", "day"])


def rates_of(deals: pd.DataFrame, rates: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return the deals with the rate of each category, that of their first rep and their segment, as `rate_...`."""
    rep, segment = deals["first_rep"].to_numpy(), deals["segment"].to_numpy()
    return deals.assign(**{f"rate_{category}": of[rep, segment] for category, of in rates.items()})
