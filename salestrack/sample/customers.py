"""The accounts: who they are, who owns them, what they could buy."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salestrack.sample import words
from salestrack.sample.company import SEGMENTS, TERRITORIES, Company, Facts
from salestrack.sample.draws import draw, lognormal
from salestrack.sample.people import People


@dataclass(frozen=True)
class Customers:
    """All accounts by position, those of one territory and segment standing together.

    Parameters
    ----------
    frame : DataFrame
        name, territory, segment, industry, rep (position, -1: nobody), potential.
    blocks : array
        Where the accounts of each ``territory * segments + segment`` begin.
    """

    frame: pd.DataFrame
    blocks: np.ndarray

    def pick(self, rng: np.random.Generator, territory: np.ndarray, segment: np.ndarray) -> np.ndarray:
        """Return an account of each territory and segment; some buy often, most seldom."""
        block = territory * len(SEGMENTS) + segment
        size = self.blocks[block + 1] - self.blocks[block]
        return self.blocks[block] + (size * rng.random(len(block)) ** 1.3).astype(np.int64)


def win_over(rng: np.random.Generator, company: Company, facts: Facts, people: People) -> Customers:
    """Return the accounts of a company."""
    headcount = np.bincount(people.column("territory")[people.current()], minlength=len(TERRITORIES))
    territory = _territories(company, facts, headcount)
    segment = _segments(rng, territory)
    order = np.lexsort((segment, territory))
    territory, segment = territory[order], segment[order]
    names = rng.permutation(max(company.accounts, len(words.ACCOUNTS)))[: company.accounts]
    weights = np.array([each.potential for each in SEGMENTS])[segment]
    frame = pd.DataFrame(
        {
            "name": [words.account(place) for place in names],
            "territory": territory,
            "segment": segment,
            "industry": draw(rng, words.INDUSTRY_SHARES, company.accounts),
            "rep": _owners(rng, people, territory),
            "potential": _potential(rng, facts, headcount, territory, lognormal(rng, weights, 0.6, company.accounts)),
        }
    )
    ends = np.arange(len(TERRITORIES) * len(SEGMENTS) + 1)
    return Customers(frame, np.searchsorted(territory * len(SEGMENTS) + segment, ends))


def _territories(company: Company, facts: Facts, headcount: np.ndarray) -> np.ndarray:
    """Return each account's territory: as many as its reps can serve, and some more where there is more potential."""
    rich = np.array([name == facts.rich_territory for name, _ in TERRITORIES])
    share = headcount * np.where(rich, 1 + 0.5 * (facts.potential_ratio - 1), 1.0)
    reach = np.cumsum(share) / share.sum()
    return np.searchsorted(reach, (np.arange(company.accounts) + 0.5) / company.accounts)


def _segments(rng: np.random.Generator, territory: np.ndarray) -> np.ndarray:
    """Return each account's segment, each territory in the same mix."""
    reach = np.cumsum([segment.share for segment in SEGMENTS])
    size = np.bincount(territory)
    place = np.arange(len(territory)) - np.repeat(np.cumsum(size) - size, size)
    return np.searchsorted(reach, ((place + rng.random()) % size[territory] + 0.5) / (size[territory] + 1))


def _owners(rng: np.random.Generator, people: People, territory: np.ndarray) -> np.ndarray:
    current = np.flatnonzero(people.current())
    blocks = np.searchsorted(people.column("territory")[current], np.arange(len(TERRITORIES) + 1))
    size = np.maximum(blocks[territory + 1] - blocks[territory], 1)
    owner = current[np.minimum(blocks[territory] + (rng.random(len(territory)) * size).astype(np.int64), len(current) - 1)]
    return np.where(rng.random(len(territory)) < 0.02, -1, owner)


def _potential(
    rng: np.random.Generator, facts: Facts, headcount: np.ndarray, territory: np.ndarray, drawn: np.ndarray
) -> np.ndarray:
    """Scale potentials so that a rep has about the same everywhere, and the planted multiple in the rich territory."""
    per_rep = drawn.sum() / headcount.sum() * np.exp(0.04 * np.clip(rng.standard_normal(len(TERRITORIES)), -2, 2))
    rich = [name for name, _ in TERRITORIES].index(facts.rich_territory)
    others = np.arange(len(TERRITORIES)) != rich
    if facts.potential_ratio != 1:
        per_rep[rich] = facts.potential_ratio * per_rep[others].mean()
    wanted = per_rep * headcount / np.bincount(territory, weights=drawn, minlength=len(TERRITORIES))
    return np.maximum(np.round(drawn * wanted[territory], -3), 1_000)
