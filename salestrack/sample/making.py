"""From a seed to the company: the rooms of the generator in their order."""

from dataclasses import replace

import numpy as np
import pandas as pd

from salestrack.sample import canonical, customers, enquiries, passages, people, selling, targets, work
from salestrack.sample.company import PLANTED, STANDARD, Company, Facts
from salestrack.sample.days import forward
from salestrack.sample.mess import TIDY, Mess, exported, logged, migrated

SEED = 7  # of those tried, one that shows each fact at about its planted strength
_ROOMS = (
    "people",
    "customers",
    "leads",
    "offer",
    "rates",
    "decide",
    "walk",
    "handover",
    "describe",
    "history",
    "neglect",
    "work",
    "quotas",
)
# Each kind of mess draws from a stream of its own, so that switching it on changes no other draw.
_KINDS = ("work given", "quality", "skills", "tails", "bends", "entry", "heirs", "logging")


def make(seed: int = SEED, company: Company = STANDARD, facts: Facts = PLANTED, mess: Mess = TIDY) -> dict[str, pd.DataFrame]:
    """Return the canonical tables of a sample company.

    The same arguments give the same tables; nothing else is read. Rows that must be refused stand in the files of `write`
    only: a text in an amount has no place in a typed table.

    Parameters
    ----------
    seed : int
        Another seed makes another company with the same facts planted.
    company : Company
        How large it is, and which days it covers.
    facts : Facts
        What is planted, with sizes; an effect of zero (a factor of one) plants nothing.
    mess : Mess
        What makes the data of real companies hard to judge; `REAL` has all of it. Of a messy company, fewer rows are exported
        than the company has where the report is cut, or where not all activities are logged.

    Returns
    -------
    dict of str to DataFrame
        One frame for each canonical table, with the columns of its contract in order. Keys and texts are strings,
        dates and timestamps ``datetime64[s]``.

    Raises
    ------
    ParameterError
        The numbers do not go together: too few reps, too many leads, too few activities.

    Examples
    --------
    >>> tables = make(seed=1, company=Company(opportunities=400, leads=1_000, activities=9_000))
    >>> len(tables["opportunities"]), len(tables["activities"])
    (400, 9000)
    """
    streams = np.random.SeedSequence(seed).spawn(len(_ROOMS) + len(_KINDS))
    # A stream for each room: what one room draws changes no other.
    rng = {room: np.random.Generator(np.random.PCG64(stream)) for room, stream in zip(_ROOMS + _KINDS, streams, strict=True)}
    company = replace(company, growth=company.growth + mess.growth)
    staff = people.employ(rng["people"], company, facts, mess, rng["work given"])
    buyers = customers.win_over(rng["customers"], company, facts, staff)
    leads = enquiries.enquire(rng["leads"], company, facts, staff, mess, rng["quality"])
    deals, history = _sell(rng, company, facts, staff, leads, mess)
    deals = selling.describe(rng["describe"], company, buyers, deals)
    deals["worked_until"] = selling.neglect(rng["neglect"], company, deals)
    leads = _linked(leads, deals, history)
    done = work.do(rng["work"], facts, work.Staff(company, staff, buyers), deals, leads)
    done = logged(rng["logging"], mess, done)
    quotas = targets.set_quotas(rng["quotas"], company, facts, staff, deals)
    deals, (history, leads, done) = exported(mess, deals, [migrated(mess, history), leads, done])
    history = history[history["deal"] >= 0].reset_index(drop=True)
    return canonical.tables(canonical.Made(staff, buyers, leads, deals, history, done, quotas))


def _sell(
    rng: dict[str, np.random.Generator],
    company: Company,
    facts: Facts,
    staff: people.People,
    leads: pd.DataFrame,
    mess: Mess,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return all opportunities by position, and their stage history."""
    offered = selling.offer(rng["offer"], company, staff, leads, mess)
    offered["created"] = forward(offered["created"].to_numpy())
    rates = selling.attached_rates(rng["rates"], company, facts, staff, mess)
    skill = selling.skills(rng["skills"], facts, staff, offered, mess)
    offered = selling.decide(rng["decide"], facts, staff, offered, rates["in_person_client"], skill)
    offered = selling.stretch(rng["tails"], offered, mess)
    stays, offered["closed"] = passages.walk(rng["walk"], facts, offered, mess, rng["bends"])
    kept = selling.keep(company, offered)
    deals = offered.iloc[kept].reset_index(drop=True)
    place = np.full(len(offered), -1)
    place[kept] = np.arange(len(kept))
    stays = stays.assign(deal=place[stays["deal"]])
    stays = stays[stays["deal"] >= 0].sort_values("deal", kind="stable", ignore_index=True)
    deals = selling.hand_over(rng["handover"], company, staff, deals, mess, rng["heirs"])
    deals = selling.undefeat(rng["handover"], company, facts, staff, deals)
    deals = work.rates_of(deals, rates)
    history = passages.history(rng["history"], company, deals, stays, mess, rng["entry"])
    return _as_of_now(company, facts, staff, deals, history)


def _as_of_now(
    company: Company, facts: Facts, staff: people.People, deals: pd.DataFrame, history: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the opportunities with stage, stated amount and expected close date of the last day, the windfall included."""
    last = history.drop_duplicates("deal", keep="last").set_index("deal")
    deals = deals.assign(stage=last["stage"], stated=last["amount"], expected=last["expected"])
    deals = selling.windfall(company, facts, staff, deals)
    if deals["windfall"].any():
        chosen = int(np.flatnonzero(deals["windfall"])[0])
        amount = np.round(facts.windfall_ratio * deals["stated"].drop(chosen).max(), -3)
        of_it = history["deal"] == chosen
        # It was never an ordinary deal: all that was ever stated of it grows alike.
        history["amount"] = history["amount"].mask(of_it, np.round(history["amount"] * amount / deals.at[chosen, "stated"], -3))
        deals["stated"] = deals["stated"].mask(deals["windfall"], amount)
    return deals, history


def _linked(leads: pd.DataFrame, deals: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Return the leads with the opportunity each became (-1: none), and the moment at which it did."""
    place = np.full(len(leads), -1)
    from_lead = np.flatnonzero(deals["lead"] >= 0)
    place[deals["lead"].to_numpy()[from_lead]] = from_lead
    first = history.drop_duplicates("deal").set_index("deal")
    moment = (first["entered"].to_numpy() * 1440 + first["minute"].to_numpy()).astype("datetime64[m]")
    converted = leads["converted"].to_numpy().copy()
    converted[place >= 0] = moment[place[place >= 0]]
    return leads.assign(deal=place, converted=converted)
