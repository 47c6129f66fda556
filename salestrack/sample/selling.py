"""The opportunities: who sells what to whom, which are won, who takes over when a rep leaves."""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from salestrack.errors import ParameterError
from salestrack.sample import words
from salestrack.sample.company import LOST, SEGMENTS, SOURCES, STAGES, TEAMS, WON, Company, Facts
from salestrack.sample.customers import Customers
from salestrack.sample.days import NEVER, demand, forward, month, number, of_working_number, quarter, working_number
from salestrack.sample.draws import draw
from salestrack.sample.mess import Mess, tails, wander
from salestrack.sample.people import BEFORE, People

# Activities of each category that serve an opportunity, relative to each other; the same at all times of its life and
# whatever becomes of it, so that none but the planted early meetings goes with winning.
ATTACHED = {
    "digital_client": 1.0,
    "in_person_client": 0.30,
    "internal_meeting": 0.32,
    "preparation": 0.30,
    "admin": 0.10,
    "unclassified": 0.05,
}
_ATTACHED_SHARE = 0.46  # of all activities
_USUAL_LIFE = 50  # working days
_LEAD_DAYS = 16  # usual days from a lead to its opportunity
_WINDFALL = 290  # days before the last day


def offer(rng: np.random.Generator, company: Company, people: People, leads: pd.DataFrame, mess: Mess) -> pd.DataFrame:
    """Return everything that may become an opportunity: converted leads, what is carried over, and what reps find.

    More is found than is needed, since how much of the carried over is still open at the start is not known yet.

    Returns
    -------
    DataFrame
        lead (position, -1: none), created (day number), rep, territory, segment, source.
    """
    start = number(company.start)
    converted = leads[leads["converted"].notna()]
    earlier = np.arange(start - BEFORE, start)
    within = np.arange(start, number(company.as_of) + 1)
    wanted = [demand(days, start, company.growth, 0.0, mess.seasons) for days in (earlier, within)]
    before = draw(rng, wanted[0], round(company.opportunities * 0.95 * BEFORE / len(within)))
    # At first, the leads that convert came in before the data begins.
    unseen = 0.25 + 0.70 * np.exp(-(within - start) / _LEAD_DAYS)
    since = draw(rng, wanted[1] * unseen, max(company.opportunities - len(converted), 0))
    own = np.concatenate([earlier[before], within[since]])
    rep = people.rota.pick(rng, own)
    own_source = draw(rng, [source.own_share for source in SOURCES], len(own))
    early_source = draw(rng, [0.3 * source.own_share + 0.7 * source.lead_share for source in SOURCES], len(own))
    given = _kept_or_given(rng, people, converted)
    return pd.DataFrame(
        {
            "lead": np.concatenate([converted.index.to_numpy(), np.full(len(own), -1)]),
            "created": np.concatenate([converted["converted"].to_numpy().astype("datetime64[D]").astype(np.int64), own]),
            "rep": np.concatenate([given, rep]),
            "territory": np.concatenate([converted["territory"].to_numpy(), people.column("territory")[rep]]),
            "segment": np.concatenate(
                [converted["segment"].to_numpy(), draw(rng, [segment.share for segment in SEGMENTS], len(own))]
            ),
            "source": np.concatenate(
                [converted["source"].to_numpy(), np.where(own < start + _LEAD_DAYS, early_source, own_source)]
            ),
        }
    )


def _kept_or_given(rng: np.random.Generator, people: People, converted: pd.DataFrame) -> np.ndarray:
    """Return the rep of each converted lead, or another of the territory where that rep is about to leave."""
    rep = converted["rep"].to_numpy()
    day = converted["converted"].to_numpy().astype("datetime64[D]").astype(np.int64)
    other = people.rota.pick(rng, day, converted["territory"].to_numpy())
    return np.where(people.column("left")[rep] > day + 25, rep, other)


def attached_rates(rng: np.random.Generator, company: Company, facts: Facts, people: People, mess: Mess) -> dict[str, np.ndarray]:
    """Return how many activities of each category an opportunity gets in a working day, of shape (reps, segments)."""
    # Where opportunities live longer, as much is done for each in all.
    life = _USUAL_LIFE * np.exp(mess.slow_wins / 3 + mess.heavy_tails**2)
    unit = _ATTACHED_SHARE * company.activities / (company.opportunities * life * sum(ATTACHED.values()))
    rates = {}
    for category, each in ATTACHED.items():
        # Reps differ, in each category on its own: a rep who meets a lot in person is not one who meets a lot inside.
        habit = np.exp(0.25 * facts.rep_differences * np.clip(rng.standard_normal(people.sellers), -2, 2))
        if category == "digital_client":
            habit[people.star] *= facts.star_calls
        of_segment = [segment.in_person if category == "in_person_client" else 1.0 for segment in SEGMENTS]
        rates[category] = unit * each * habit[:, None] * np.array(of_segment)
    return rates


def decide(
    rng: np.random.Generator, facts: Facts, people: People, deals: pd.DataFrame, in_person: np.ndarray, skill: np.ndarray
) -> pd.DataFrame:
    """Return the deals with their early in-person meetings planned, their relative size, and whether they will be won.

    The odds of winning depend on segment, source, rep, size and the early meetings, and on nothing else; `skill` is what each
    deal's rep adds to them, on top of what reps usually differ by.
    """
    n, rep, segment = len(deals), deals["rep"].to_numpy(), deals["segment"].to_numpy()
    created = deals["created"].to_numpy()
    early_span = working_number(created + facts.early_days) - working_number(created)
    early = rng.poisson(in_person[rep, segment] * early_span)
    usual = 0.22 * facts.rep_differences * np.clip(rng.standard_normal(people.sellers), -2, 2)
    # A price list has no end, but a tail without bounds would hide the windfall.
    size = ndtri(0.014 + 0.972 * rng.random(n))
    odds = (
        np.array([each.win_log_odds for each in SEGMENTS])[segment]
        + np.array([each.win_log_odds for each in SOURCES])[deals["source"]]
    )
    odds += usual[rep] + skill - 0.10 * size
    # Centred, so that the planted effect does not lift the win rate of the company.
    odds += facts.in_person_log_odds * (early - in_person.mean(axis=0)[segment] * early_span)
    won = rng.random(n) < 1 / (1 + np.exp(-odds))
    quarters = quarter(created) - quarter(np.array([created.min()]))
    growing = np.array([each.name == facts.growing_segment for each in SEGMENTS])[segment]
    grown = (1 + np.where(growing, facts.growth_per_quarter, 0.0)) ** quarters
    spread, median = np.array([each.spread for each in SEGMENTS])[segment], np.array([each.amount for each in SEGMENTS])[segment]
    amount = np.maximum(np.round(median * grown * np.exp(spread * size), -2), 1_000)
    leaves = np.full(n, WON)
    leaves[~won] = draw(rng, [stage.lost_share for stage in STAGES], int((~won).sum()))
    return deals.assign(early=early, early_span=early_span, won=won, leaves=leaves, amount=amount)


def skills(rng: np.random.Generator, facts: Facts, people: People, deals: pd.DataFrame, mess: Mess) -> np.ndarray:
    """Return what the rep of each deal adds to the log odds of winning when it is created: of the star, and of the mess."""
    rep, months = deals["rep"].to_numpy(), month(deals["created"].to_numpy())
    lasting = mess.reps * np.clip(rng.standard_normal(people.sellers), -2, 2)
    lasting[people.star] += facts.star_log_odds
    changing = wander(rng, int(months.max() - months.min()) + 1, people.sellers, mess.changing_reps, 6)
    return lasting[rep] + changing[months - months.min(), rep]


def stretch(rng: np.random.Generator, deals: pd.DataFrame, mess: Mess) -> pd.DataFrame:
    """Return the deals with amounts that have the heavy tails of the mess."""
    if not mess.heavy_tails:
        return deals
    return deals.assign(amount=np.maximum(np.round(deals["amount"].to_numpy() * tails(rng, mess, len(deals)), -2), 1_000))


def keep(company: Company, deals: pd.DataFrame) -> np.ndarray:
    """Return the positions of the deals that the data holds, oldest first: exactly as many as the company has."""
    start = number(company.start)
    lead, created, closed = deals["lead"].to_numpy(), deals["created"].to_numpy(), deals["closed"].to_numpy()
    sure = (lead >= 0) | ((created < start) & (closed >= start))
    spare = np.flatnonzero((lead < 0) & (created >= start))
    missing = company.opportunities - int(sure.sum())
    if missing < 0:
        raise ParameterError(
            f"{company.leads} leads alone make more than {company.opportunities} opportunities; ask for fewer leads."
        )
    # Spare ones stand in no order of time, so that the first are as good as any.
    chosen = np.concatenate([np.flatnonzero(sure), spare[:missing]])
    return chosen[np.argsort(created[chosen], kind="stable")]


def hand_over(
    rng: np.random.Generator, company: Company, people: People, deals: pd.DataFrame, mess: Mess, messy: np.random.Generator
) -> pd.DataFrame:
    """Return the deals with `first_rep`, `rep` (who owns them now) and the day of the handover.

    Deals of a rep who leaves go to a colleague of the territory; a few that are still open have been forgotten. Where more leave
    than usual, one colleague gets all that a rep leaves, and for some all that they had closed as well.
    """
    first = deals["rep"].to_numpy()
    left = people.column("left")[first]
    ended = np.minimum(deals["closed"].to_numpy(), number(company.as_of) + 1)
    orphaned = left <= ended
    forgotten = orphaned & (deals["closed"].to_numpy() > number(company.as_of)) & (rng.random(len(deals)) < 0.6)
    moved = np.flatnonzero(orphaned & ~forgotten)
    rep = first.copy()
    rep[moved] = people.successors.pick(rng, left[moved], deals["territory"].to_numpy()[moved])
    handover = np.where(rep != first, left, NEVER)
    if mess.departures or mess.inherited:
        heir = _heirs(messy, people)
        rep[moved] = heir[first[moved]]
        # Who has closed them is overwritten, and nothing tells when.
        rewritten = (messy.random(people.sellers) < mess.inherited)[first] & (left <= number(company.as_of)) & ~orphaned
        rep[rewritten] = heir[first[rewritten]]
        handover = np.where(rewritten, NEVER, np.where(rep != first, left, NEVER))
    return deals.assign(first_rep=first, rep=rep, handover=handover)


def _heirs(rng: np.random.Generator, people: People) -> np.ndarray:
    """Return for each seller the colleague of the territory who would get all that the seller leaves."""
    day = np.minimum(people.column("left"), people.successors.first_day + len(people.successors.reach) // people.sellers - 1)
    return people.successors.pick(rng, day, people.column("territory"))


def undefeat(rng: np.random.Generator, company: Company, facts: Facts, people: People, deals: pd.DataFrame) -> pd.DataFrame:
    """Return the deals with owners exchanged such that the newest rep closed as many as planted, and won them all."""
    if not facts.undefeated_deals:
        return deals
    newest, hired = people.newest, people.column("hired")[people.newest]
    first, rep, handover = (deals[name].to_numpy().copy() for name in ("first_rep", "rep", "handover"))
    closed = deals["closed"].to_numpy() <= number(company.as_of)
    fits = closed & deals["won"].to_numpy() & (handover == NEVER) & (deals["created"].to_numpy() > hired)
    near = deals["territory"].to_numpy() == people.column("territory")[newest]
    wanted = np.argsort(~fits * 4 + (rep != newest) * 2 + ~near, kind="stable")[: facts.undefeated_deals]
    given = np.setdiff1d(np.flatnonzero(closed & (rep == newest)), wanted)
    first[given] = rep[given] = people.successors.pick(
        rng, deals["created"].to_numpy()[given], deals["territory"].to_numpy()[given]
    )
    wanted = wanted[fits[wanted]]
    first[wanted] = rep[wanted] = newest
    return deals.assign(first_rep=first, rep=rep, handover=handover)


def windfall(company: Company, facts: Facts, people: People, deals: pd.DataFrame) -> pd.DataFrame:
    """Return the deals with one won Enterprise deal as large as planted; `windfall` says which."""
    won = deals["won"] & (deals["closed"] <= number(company.as_of)) & (deals["rep"] != people.newest)
    # Not where quotas are too high: the two facts would hide each other.
    won &= people.column("team")[deals["rep"]] != TEAMS.index(facts.stretched_team)
    candidates = deals.index[won & (deals["segment"] == len(SEGMENTS) - 1)]
    chosen = np.zeros(len(deals), dtype=bool)
    if facts.windfall_ratio and len(candidates):
        distance = (deals.loc[candidates, "closed"] - (number(company.as_of) - _WINDFALL)).abs()
        chosen[distance.idxmin()] = True
    return deals.assign(windfall=chosen)


def describe(rng: np.random.Generator, company: Company, customers: Customers, deals: pd.DataFrame) -> pd.DataFrame:
    """Return the deals with account (-1: not recorded), product, lost_reason (-1: none), next_step (-1) and whether existing."""
    n, segment, end = len(deals), deals["segment"].to_numpy(), number(company.as_of)
    account = customers.pick(rng, deals["territory"].to_numpy(), segment)
    product = np.zeros(n, dtype=np.int64)
    for each in range(len(SEGMENTS)):
        product[segment == each] = draw(rng, [shares[each] for _, shares in words.PRODUCTS], int((segment == each).sum()))
    lost = (deals["stage"] == LOST).to_numpy()
    reason = np.full(n, -1)
    for stage in range(len(STAGES)):
        here = lost & (deals["leaves"].to_numpy() == stage)
        reason[here] = draw(rng, [shares[stage] for _, shares in words.LOST_REASONS], int(here.sum()))
    reason[rng.random(n) < 0.04] = -1
    won_first = deals["closed"].where(deals["won"] & (deals["closed"] <= end)).groupby(account).transform("min").to_numpy()
    step = rng.integers(0, len(words.NEXT_STEPS), n)
    planned = (deals["closed"].to_numpy() > end) & (rng.random(n) < 0.68)
    return deals.assign(
        existing=won_first < deals["created"].to_numpy(),
        account=np.where(rng.random(n) < 0.01, -1, account),
        product=product,
        lost_reason=reason,
        next_step=np.where(planned, step, -1),
    )


def neglect(rng: np.random.Generator, company: Company, deals: pd.DataFrame) -> np.ndarray:
    """Return the last day on which somebody works on each deal: its end, or for some open ones weeks before the last day."""
    end = number(company.as_of)
    last = np.minimum(deals["closed"].to_numpy(), end)
    idle = (deals["closed"].to_numpy() > end) & (rng.random(len(deals)) < 0.18)
    silent = forward(end - rng.integers(16, 60, len(deals)))
    return np.where(idle, np.maximum(of_working_number(working_number(silent) - 1), deals["created"].to_numpy() - 1), last)
