"""The reps, their teams and territories, and who may be given work on which day."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salestrack.sample import words
from salestrack.sample.company import TEAMS, TERRITORIES, Company, Facts
from salestrack.sample.days import NEVER, first_of_month, month, number
from salestrack.sample.draws import Rota
from salestrack.sample.mess import Mess

BEFORE = 300  # days before the start from which opportunities may still be open
_HIRED, _LEFT = 1 / 6, 1 / 6  # shares of a team's sellers that come and go within the period
_HAND_OVER = 25  # days before leaving from which a rep is given nothing new


@dataclass(frozen=True)
class People:
    """Everybody who sells, by position: sellers in the order of their territories, then managers.

    Parameters
    ----------
    frame : DataFrame
        name, team, territory (-1 for managers), manager (position, -1 for managers), role, hired and left (day numbers), tempo
        (how much work is given to them, 1 is usual).
    sellers : int
        How many of them carry a quota.
    blocks : array of shape (territories + 1,)
        Where each territory's sellers begin.
    rota, successors : Rota
        Who may be given a lead or an opportunity, and who may take over from a rep who leaves.
    newest : int
        The seller hired last, of those who stay.
    star : int
        The seller who may be planted as a strong and busy one: of long standing, and stays.
    """

    frame: pd.DataFrame
    sellers: int
    blocks: np.ndarray
    rota: Rota
    successors: Rota
    newest: int
    star: int

    def column(self, name: str) -> np.ndarray:
        """Return a column of the sellers as an array."""
        return self.frame[name].to_numpy()[: self.sellers]

    def current(self) -> np.ndarray:
        """Return which sellers have not left."""
        return self.column("left") == NEVER


def employ(rng: np.random.Generator, company: Company, facts: Facts, mess: Mess, messy: np.random.Generator) -> People:
    """Return the people of a company; what the mess adds is drawn from a generator of its own."""
    territory = np.arange(company.reps) * len(TERRITORIES) // company.reps
    blocks = np.searchsorted(territory, np.arange(len(TERRITORIES) + 1))
    team = np.array([team for _, team in TERRITORIES])[territory]
    hired, left, newest = _tenures(rng, company, team, _LEFT + mess.departures)
    heads = max(1, company.reps // (len(TEAMS) * 12))
    tempo = np.exp(0.15 * facts.rep_differences * np.clip(rng.standard_normal(company.reps), -2, 2))
    tempo = tempo * np.exp(mess.reps * np.clip(messy.standard_normal(company.reps), -2, 2))
    star = int(np.flatnonzero((left == NEVER) & (hired < number(company.start)))[0])
    tempo[star] *= facts.star_work
    frame = pd.DataFrame(
        {
            "name": [words.seller(block, place - int(blocks[block])) for place, block in enumerate(territory.tolist())],
            "team": team,
            "territory": territory,
            "manager": company.reps + team * heads + np.arange(company.reps) % heads,
            "role": np.where(number(company.start) - hired > 4 * 365, "senior rep", "rep"),
            "hired": hired,
            "left": left,
            "tempo": tempo,
        }
    )
    weights, first_day = _weights(company, hired, left, tempo), number(company.start) - BEFORE
    return People(
        pd.concat([frame, _managers(company, heads)], ignore_index=True),
        company.reps,
        blocks,
        Rota.of(weights, first_day, blocks),
        Rota.of(np.where((left == NEVER) & (np.arange(company.reps) != newest), weights, 0.0), first_day, blocks),
        newest,
        star,
    )


def _tenures(rng: np.random.Generator, company: Company, team: np.ndarray, leaving: float) -> tuple[np.ndarray, np.ndarray, int]:
    """Return first days, first days no longer employed, and the seller hired last, where this share of a team leaves."""
    start, end = number(company.start), number(company.as_of)
    hired = start - 450 - (3_400 * rng.random(company.reps) ** 1.5).astype(np.int64)
    left = np.full(company.reps, NEVER)
    arrivals: list[int] = []
    for each in range(len(TEAMS)):
        order = rng.permutation(np.flatnonzero(team == each))
        come, go = int(_HIRED * len(order)), int(leaving * len(order))
        arrivals.extend(order[:come])
        hired[order[:come]] = start + 45 + rng.integers(0, end - start - 330, come)
        left[order[come : come + go]] = start + 150 + rng.integers(0, end - start - 240, go)
        if go and each == 0:
            left[order[come]] = end - 60  # so lately that some of what this rep leaves is still open
    newest = int(arrivals[0]) if arrivals else int(np.flatnonzero(left == NEVER)[-1])
    hired[newest] = end - 240
    return first_of_month(month(hired)), np.where(left == NEVER, NEVER, first_of_month(month(left))), newest


def _managers(company: Company, heads: int) -> pd.DataFrame:
    team = np.repeat(np.arange(len(TEAMS)), heads)
    return pd.DataFrame(
        {
            "name": [words.manager(each, place % heads, len(TEAMS)) for place, each in enumerate(team.tolist())],
            "team": team,
            "territory": -1,
            "manager": -1,
            "role": "manager",
            "hired": first_of_month(month(np.full(len(team), number(company.start) - 1_500)) - 7 * np.arange(len(team)) % 40),
            "left": NEVER,
            "tempo": 1.0,
        }
    )


def _weights(company: Company, hired: np.ndarray, left: np.ndarray, tempo: np.ndarray) -> np.ndarray:
    """Return how much new work each seller is given on each day, of shape (days, sellers): new reps are given less at first."""
    day = np.arange(number(company.start) - BEFORE, number(company.as_of) + 1)[:, None]
    ramp = np.clip(0.3 + 0.7 * (day - hired) / 120, 0.3, 1.0)
    return tempo * ramp * ((day >= hired) & (day < left - _HAND_OVER))


def employed(company: Company, people: People) -> np.ndarray:
    """Return whether each seller is employed on each day of the data, of shape (days, sellers)."""
    day = np.arange(number(company.start), number(company.as_of) + 1)[:, None]
    return (day >= people.column("hired")) & (day < people.column("left"))
