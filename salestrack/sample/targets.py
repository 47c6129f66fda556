"""Quarterly quotas of the reps: fair but for noise, and too high in the stretched team."""

import numpy as np
import pandas as pd

from salestrack.sample.company import TEAMS, WON, Company, Facts
from salestrack.sample.days import first_of_month, number, quarter
from salestrack.sample.people import People

_AT_QUOTA = 0.5  # share of the quarters in which a rep reaches a fair quota
_ROUND = 5_000


def set_quotas(rng: np.random.Generator, company: Company, facts: Facts, people: People, deals: pd.DataFrame) -> pd.DataFrame:
    """Return one quota for each rep and each quarter in which the rep is employed.

    Returns
    -------
    DataFrame
        rep (position), start, end (day numbers, the last day included), amount.
    """
    first, last = quarter(np.array([number(company.start), number(company.as_of)]))
    quarters = np.arange(first, last + 1)
    starts, ends = first_of_month(3 * quarters), first_of_month(3 * (quarters + 1)) - 1
    hired, left = people.column("hired"), people.column("left")
    booked = _booked(company, people, deals, quarters)
    days = np.minimum(ends[:, None] + 1, left) - np.maximum(starts[:, None], hired)
    present = np.clip(days, 0, None) / (ends - starts + 1)[:, None]
    # New reps have nothing to close yet.
    tenure = (starts + ends)[:, None] / 2 - hired
    ramp = np.interp(tenure, [0, 90, 180, 270], [0.25, 0.5, 0.8, 1.0])
    able = ramp * people.column("tempo")
    fair = _plan(booked.sum(axis=1))[:, None] * able / (present * able).sum(axis=1, keepdims=True)
    fair *= np.exp(0.08 * np.clip(rng.standard_normal(people.sellers), -2, 2))
    stretched = people.column("team") == TEAMS.index(facts.stretched_team)
    whole = (present == 1) & ~stretched
    level = np.quantile((booked / fair)[whole], 1 - _AT_QUOTA)
    amount = level * fair * np.where(stretched, 1 + facts.quota_excess, 1.0)
    amount = np.maximum(np.round(amount / _ROUND), 1) * _ROUND
    at, rep = np.nonzero(present > 0)
    return pd.DataFrame({"rep": rep, "start": starts[at], "end": ends[at], "amount": amount[at, rep]})


def _booked(company: Company, people: People, deals: pd.DataFrame, quarters: np.ndarray) -> np.ndarray:
    """Return won amounts by quarter and rep, without the windfall, of shape (quarters, sellers)."""
    won = deals[(deals["stage"] == WON) & (deals["closed"] >= number(company.start)) & ~deals["windfall"]]
    cell = (quarter(won["closed"].to_numpy()) - quarters[0]) * people.sellers + won["rep"].to_numpy()
    total = np.bincount(cell, weights=won["stated"].to_numpy(), minlength=len(quarters) * people.sellers)
    return total.reshape(len(quarters), people.sellers)


def _plan(booked: np.ndarray) -> np.ndarray:
    """Return what the company plans for each quarter: a straight line, with the usual ups and downs within a year."""
    at = np.arange(len(booked))
    line = np.polyval(np.polyfit(at, booked, 1), at)
    season = np.array([np.mean((booked / line)[at % 4 == each]) for each in range(4)])
    return line * season[at % 4]
