"""The way of each opportunity through the stages: when it enters them, when it closes, and what was stated of it then."""

import numpy as np
import pandas as pd

from salestrack.sample.company import LOST, SEGMENTS, STAGES, WON, Company, Facts
from salestrack.sample.days import backward, forward, month_end, number, quarter_end
from salestrack.sample.draws import lognormal
from salestrack.sample.mess import Mess, bunched, entered_late, tails

_LINGER = 1.3  # an opportunity that will be lost stays longer in its last stage
_FORGOTTEN, _FORGOTTEN_FACTOR = 0.03, 4.0  # share of the lost that nobody closes for long
_DAYS = np.array([segment.stage_days for segment in SEGMENTS])


def walk(
    rng: np.random.Generator, facts: Facts, deals: pd.DataFrame, mess: Mess, messy: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the stays of all deals in open stages, and the day on which each deal closes.

    Parameters
    ----------
    rng : Generator
    facts : Facts
        Says which stage jams, and whether early meetings make wins come sooner.
    deals : DataFrame
        created, segment, won, early, leaves (the stage in which it is lost, or `WON`).
    mess : Mess
        Says how often deals go back, how heavy the tails of their stays are, and how closes are bunched.
    messy : Generator
        What the mess is drawn from.

    Returns
    -------
    stays : DataFrame
        deal (position), stage, entered (day number), in the order in which they happen.
    closed : array
        Day numbers.
    """
    stays = _visits(rng, deals, mess, messy)
    deal, stage = stays["deal"].to_numpy(), stays["stage"].to_numpy()
    segment, won = deals["segment"].to_numpy()[deal], deals["won"].to_numpy()[deal]
    pace = lognormal(rng, 1.0, 0.25, len(deals))[deal]
    days = lognormal(rng, _DAYS[segment, stage] * pace, 0.62, len(stays)) * np.where(stays["again"], 0.6, 1.0)
    days = days * tails(messy, mess, len(stays)) * np.exp(mess.slow_wins * won)
    if facts.in_person_speed:
        sooner = np.where(deals["won"], np.exp(-facts.in_person_speed * deals["early"]), 1.0)
        days = days * sooner[deal]
    last = np.append(deal[1:] != deal[:-1], True)
    forgotten = (rng.random(len(deals)) < _FORGOTTEN)[deal]
    days = np.where(last & ~won, days * _LINGER * np.where(forgotten, _FORGOTTEN_FACTOR, 1.0), days)
    jams = (stage == [each.name for each in STAGES].index(facts.jam_stage)) & (
        segment == [each.name for each in SEGMENTS].index(facts.jam_segment)
    )
    created = deals["created"].to_numpy()[deal]
    factor = np.ones(len(stays))
    for _ in range(2):  # a second visit of the stage may fall into the jam only because the first did
        entered = _entered(deal, created, days * factor)
        factor = np.where(jams & (entered >= number(facts.jam_since)), facts.jam_factor, 1.0)
    entered = _entered(deal, created, days * factor)
    ends = forward(np.ceil(entered[last] + (days * factor)[last]).astype(np.int64))
    entered_days = forward(entered.astype(np.int64))
    closed = _bunched(rng, ends, entered_days[last], deals["won"].to_numpy())
    closed = bunched(messy, mess, closed, entered_days[last], deals["won"].to_numpy())
    return pd.DataFrame({"deal": deal, "stage": stage, "entered": entered_days}), closed


def _visits(rng: np.random.Generator, deals: pd.DataFrame, mess: Mess, messy: np.random.Generator) -> pd.DataFrame:
    """Return which stages each deal visits, in order; a few skip one, and a few go back one."""
    n, last = len(deals), np.minimum(deals["leaves"].to_numpy(), len(STAGES) - 1)
    # What a lead has told before counts as the first stage for some; the demo is what is skipped most.
    skipped = np.select([rng.random(n) < 0.07, rng.random(n) < 0.05, rng.random(n) < 0.02], [0, 2, 3], -1)
    skipped = np.where(skipped < last, skipped, -1)
    back = np.where((rng.random(n) < 0.05) & (skipped < 0) & (last > 0), 1 + (rng.random(n) * last).astype(np.int64), 0)
    parts = []
    for stage in range(len(STAGES)):
        here = np.flatnonzero((stage <= last) & (stage != skipped))
        parts.append((here, np.full(len(here), stage), np.full(len(here), 3 * stage), False))
    returned = np.flatnonzero(back)
    parts.append((returned, back[returned] - 1, 3 * back[returned] + 1, True))
    parts.append((returned, back[returned], 3 * back[returned] + 2, True))
    if mess.steps_back:
        for stage in range(1, len(STAGES)):
            goes = (messy.random(n) < mess.steps_back) & (stage <= last) & (back != stage) & (skipped < 0)
            returned = np.flatnonzero(goes)
            parts.append((returned, np.full(len(returned), stage - 1), np.full(len(returned), 3 * stage + 1), True))
            parts.append((returned, np.full(len(returned), stage), np.full(len(returned), 3 * stage + 2), True))
    visits = pd.DataFrame(
        {
            "deal": np.concatenate([part[0] for part in parts]),
            "stage": np.concatenate([part[1] for part in parts]),
            "order": np.concatenate([part[2] for part in parts]),
            "again": np.concatenate([np.full(len(part[0]), part[3]) for part in parts]),
        }
    )
    return visits.sort_values(["deal", "order"], ignore_index=True)


def _entered(deal: np.ndarray, created: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Return when each stay begins: the creation, and the days of the stays before it."""
    # Differences of long sums: without the tiny step, a first stay could begin a moment before its day.
    return created + since_first(deal, days) - days + 1e-6


def since_first(group: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return cumulative sums within groups that stand together."""
    total = np.cumsum(values)
    first = np.append(True, group[1:] != group[:-1])
    before = (total - values)[first]
    return total - before[np.cumsum(first) - 1]


def place_in(group: np.ndarray) -> np.ndarray:
    """Return the position of each row within its group, 0 first; groups stand together."""
    return since_first(group, np.ones(len(group), dtype=np.int64)) - 1


def _bunched(rng: np.random.Generator, ends: np.ndarray, earliest: np.ndarray, won: np.ndarray) -> np.ndarray:
    """Move some wins to the last days of a quarter, where buyers and sellers have their targets."""
    target = quarter_end(ends - 12)
    away = target - ends
    at = backward(target - np.minimum(rng.exponential(4.0, len(ends)), 20).astype(np.int64))
    moves = won & (away < 28) & (rng.random(len(ends)) < 0.40) & (at > earliest)
    return np.where(moves, at, ends)


def history(
    rng: np.random.Generator, company: Company, deals: pd.DataFrame, stays: pd.DataFrame, mess: Mess, messy: np.random.Generator
) -> pd.DataFrame:
    """Return every stage that was entered up to the last day, with the amount and the close date stated from then on.

    A close may be entered late: `entered` is then later than `expected`, and what is not entered by the last day is not there.

    Returns
    -------
    DataFrame
        deal, stage (open stages, `WON`, `LOST`), entered (day number), minute (of the day), amount (NaN: not stated yet),
        expected (day number of the close date; once closed: the day it closed).
    """
    closing = pd.DataFrame(
        {
            "deal": np.arange(len(deals)),
            "stage": np.where(deals["won"], WON, LOST),
            "entered": entered_late(messy, mess, deals["closed"].to_numpy(), deals["won"].to_numpy()),
        }
    )
    rows = pd.concat([stays, closing], ignore_index=True).sort_values("deal", kind="stable", ignore_index=True)
    deal, place = rows["deal"].to_numpy(), place_in(rows["deal"].to_numpy())
    # Several stages may be entered on one day: later ones at a later hour.
    rows["minute"] = 9 * 60 + 55 * place + rng.integers(0, 50, len(rows))
    rows["amount"] = _amounts(rng, deals, rows)
    rows["expected"] = _expected(rng, deals, rows, place)
    unpriced = (rng.random(len(deals)) < 0.2)[deal] & (place == 0) & (rows["stage"].to_numpy() == 0)
    rows["amount"] = rows["amount"].mask(unpriced)
    closes = rows["stage"].to_numpy() >= WON
    rows["expected"] = np.where(closes, deals["closed"].to_numpy()[deal], rows["expected"])
    return rows[rows["entered"] <= number(company.as_of)].reset_index(drop=True)


def _amounts(rng: np.random.Generator, deals: pd.DataFrame, rows: pd.DataFrame) -> np.ndarray:
    """Return the stated amount at each row: revised now and then, and right at the end."""
    deal = rows["deal"].to_numpy()
    step = np.where(rng.random(len(rows)) < 0.35, 0.18 * np.clip(rng.standard_normal(len(rows)), -2.5, 2.5) - 0.03, 0.0)
    so_far = since_first(deal, step)
    final = np.append(deal[1:] != deal[:-1], True)
    return np.maximum(np.round(deals["amount"].to_numpy()[deal] * np.exp(so_far - so_far[final][deal]), -2), 500)


def _expected(rng: np.random.Generator, deals: pd.DataFrame, rows: pd.DataFrame, place: np.ndarray) -> np.ndarray:
    """Return the stated close date at each row: hopeful, often at a month's end, pushed when it comes near."""
    stage, entered = rows["stage"].to_numpy(), rows["entered"].to_numpy()
    ahead = np.cumsum(_DAYS[:, ::-1], axis=1)[:, ::-1]
    open_stage = np.minimum(stage, len(STAGES) - 1)
    typical = ahead[deals["segment"].to_numpy()[rows["deal"].to_numpy()], open_stage] * 1.25
    hoped = entered + np.ceil(lognormal(rng, typical, 0.35, len(rows))).astype(np.int64) + 4
    hoped = np.where(rng.random(len(rows)) < 0.45, month_end(hoped), backward(hoped))
    keeps = rng.random(len(rows)) < 0.6
    expected = hoped.copy()
    for each in range(1, int(place.max()) + 1):
        at = np.flatnonzero(place == each)
        before = expected[at - 1]
        expected[at] = np.where(keeps[at] & (before > entered[at] + 7), before, hoped[at])
    return np.where(stage >= WON, entered, expected)
