"""The leads: how they come in, how fast they are touched, which become MQL, SQL and opportunities."""

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from salestrack.sample import words
from salestrack.sample.company import SEGMENTS, SOURCES, Company, Facts
from salestrack.sample.days import demand, forward, number, weekend
from salestrack.sample.draws import draw, lognormal
from salestrack.sample.mess import Mess, wander
from salestrack.sample.people import People

NOT_YET = np.datetime64("NaT", "m")
_OPENS, _CLOSES = 8 * 60 + 30, 17 * 60 + 30
_DAY = 24 * 60
_EVENTS = ("qualified", "accepted", "responded", "converted", "given_up")


def enquire(
    rng: np.random.Generator, company: Company, facts: Facts, people: People, mess: Mess, messy: np.random.Generator
) -> pd.DataFrame:
    """Return all leads in the order in which they came in; what the mess adds is drawn from a generator of its own.

    Returns
    -------
    DataFrame
        source, segment, territory, rep (position, -1: nobody), created and the events qualified (MQL), accepted (SQL),
        responded, converted, given_up (``datetime64[m]``, NaT: not by the last day), reason (position, -1: none).
    """
    n = company.leads
    day, source = _arrivals(rng, company, mess, messy)
    created = (day * _DAY + np.clip(780 + 210 * rng.standard_normal(n), 0, _DAY - 1).astype(np.int64)).astype("datetime64[m]")
    rep = people.rota.pick(rng, day)
    leads = pd.DataFrame(
        {
            "source": draw(rng, [each.lead_share for each in SOURCES], n) if source is None else source,
            "segment": draw(rng, [segment.share for segment in SEGMENTS], n),
            "territory": people.column("territory")[rep],
            "rep": np.where(rng.random(n) < 0.02, -1, rep),
            "created": created,
        }
    )
    leads = _progress(rng, facts, leads, _quality(company, mess, messy))
    last = np.datetime64(company.as_of, "m") + np.timedelta64(_DAY - 1, "m")
    for event in _EVENTS:
        leads[event] = leads[event].where(leads[event] <= last)
    leads["reason"] = np.where(leads["given_up"].notna(), draw(rng, words.DISQUALIFIED_SHARES, n), -1)
    return leads.sort_values("created", kind="stable", ignore_index=True)


def _arrivals(
    rng: np.random.Generator, company: Company, mess: Mess, messy: np.random.Generator
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the day of each lead, and its source where the leads of a source come in bursts."""
    start = number(company.start)
    days = np.arange(start, number(company.as_of) + 1)
    expected = demand(days, start, company.growth, 0.25, mess.seasons)
    if not mess.overdispersion:
        return start + draw(rng, expected, company.leads), None
    weeks = (days - start) // 7
    bursts = np.exp(mess.overdispersion * messy.standard_normal((weeks[-1] + 1, len(SOURCES))))
    of_source = np.array([source.lead_share for source in SOURCES])
    spot = draw(rng, expected[:, None] * bursts[weeks] * of_source, company.leads)
    return start + spot // len(SOURCES), spot % len(SOURCES)


def _quality(company: Company, mess: Mess, messy: np.random.Generator) -> tuple[int, np.ndarray]:
    """Return the first day, and by week since then and source what is added to the log odds that an MQL becomes an SQL."""
    start = number(company.start)
    weeks = (number(company.as_of) - start) // 7 + 1
    of_week = mess.overdispersion * messy.standard_normal((weeks, len(SOURCES)))
    return start, of_week + wander(messy, weeks, len(SOURCES), mess.wandering, 13)


def _progress(rng: np.random.Generator, facts: Facts, leads: pd.DataFrame, quality: tuple[int, np.ndarray]) -> pd.DataFrame:
    n, source = len(leads), leads["source"].to_numpy()
    created, assigned = leads["created"].to_numpy().astype("datetime64[m]"), leads["rep"].to_numpy() >= 0
    responded = _in_working_time(rng, created + _minutes(np.clip(lognormal(rng, 150, 1.6, n), 2, 9 * _DAY)))
    qualifies = rng.random(n) < np.array([each.marketing_qualified for each in SOURCES])[source]
    qualified = np.where(qualifies, created + _minutes(lognormal(rng, 20 * 60, 1.0, n)), NOT_YET)
    rate = _shifted(np.array([each.sales_qualified for each in SOURCES])[source], qualified, source, quality)
    broken = (source == _place(facts.break_source)) & (qualified >= np.datetime64(facts.break_day, "m"))
    accepts = qualifies & assigned & (rng.random(n) < rate * np.where(broken, facts.break_factor, 1.0))
    earliest = np.where(qualifies, np.maximum(qualified, responded), NOT_YET)
    accepted = np.where(accepts, _in_working_time(rng, earliest + _minutes(lognormal(rng, 4 * _DAY, 0.7, n))), NOT_YET)
    converts = accepts & (rng.random(n) < 0.83)
    # The hour is set when the opportunity is created: on that working day, after the day of the SQL.
    later = forward(accepted.astype("datetime64[D]").astype(np.int64)[converts] + 1 + rng.integers(0, 6, int(converts.sum())))
    converted = np.full(n, NOT_YET)
    converted[converts] = later.astype("datetime64[D]")
    touched = accepts | (assigned & (rng.random(n) >= 0.15))
    responded = np.where(touched, responded, NOT_YET)
    gives_up = ~converts & (rng.random(n) < np.where(touched, 0.88, 0.35))
    after = np.where(np.isnat(accepted), np.where(np.isnat(earliest), np.maximum(created, responded), earliest), accepted)
    after = np.where(np.isnat(after), created, after)
    given_up = np.where(gives_up, _in_working_time(rng, after + _minutes(lognormal(rng, 16 * _DAY, 0.7, n))), NOT_YET)
    events = zip(_EVENTS, (qualified, accepted, responded, converted, given_up), strict=True)
    return leads.assign(**dict(events))


def _shifted(rate: np.ndarray, qualified: np.ndarray, source: np.ndarray, quality: tuple[int, np.ndarray]) -> np.ndarray:
    """Return rates with the log odds of the week of the MQL and the source added."""
    start, added = quality
    if not added.any():
        return rate
    day = np.where(np.isnat(qualified), np.datetime64(start, "D"), qualified).astype("datetime64[D]").astype(np.int64)
    return expit(logit(rate) + added[np.clip((day - start) // 7, 0, len(added) - 1), source])


def _minutes(values: np.ndarray) -> np.ndarray:
    return np.ceil(values).astype("timedelta64[m]")


def _in_working_time(rng: np.random.Generator, moments: np.ndarray) -> np.ndarray:
    """Move moments outside working hours to the next morning of work."""
    known = np.where(np.isnat(moments), np.datetime64(0, "m"), moments).astype(np.int64)
    day, minute = np.divmod(known, _DAY)
    late, early = (minute > _CLOSES) | weekend(day), minute < _OPENS
    morning = _OPENS + np.minimum(rng.exponential(35, len(day)), 400).astype(np.int64)
    moved = forward(np.where(late, day + 1, day)) * _DAY + np.where(late | early, morning, minute)
    return np.where(np.isnat(moments), NOT_YET, moved.astype("datetime64[m]"))


def _place(source: str) -> int:
    return [each.name for each in SOURCES].index(source)
