"""Drawing from weights, many at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]


def draw(rng: np.random.Generator, weights: ArrayLike, n: int) -> Ints:
    """Return `n` positions drawn with replacement, each as likely as its weight."""
    reach = np.cumsum(np.asarray(weights, dtype=float).ravel())
    return np.minimum(np.searchsorted(reach, rng.random(n) * reach[-1], side="right"), len(reach) - 1)


def lognormal(rng: np.random.Generator, median: ArrayLike, spread: float, n: int) -> NDArray[np.float64]:
    """Return `n` lognormal values with a median and a standard deviation of the logarithm, cut at three of these."""
    return np.asarray(median) * np.exp(spread * np.clip(rng.standard_normal(n), -3, 3))


@dataclass(frozen=True)
class Rota:
    """Who may be given work on which day, and how likely.

    Parameters
    ----------
    reach : array of shape (days * sellers,)
        Cumulative weights, day by day; sellers of one territory stand together.
    first_day : int
        Day number of the first day.
    blocks : array of shape (territories + 1,)
        Where each territory's sellers begin.
    """

    reach: NDArray[np.float64]
    first_day: int
    blocks: Ints

    @classmethod
    def of(cls, weights: NDArray[np.float64], first_day: int, blocks: Ints) -> "Rota":
        """Return the rota of weights of shape (days, sellers)."""
        return cls(np.cumsum(weights.ravel()), first_day, blocks)

    def pick(self, rng: np.random.Generator, days: Ints, territories: Ints | None = None) -> Ints:
        """Return a seller for each day, within a territory where one is given."""
        sellers = int(self.blocks[-1])
        row = (days - self.first_day) * sellers
        begin = row if territories is None else row + self.blocks[territories]
        end = (row + sellers if territories is None else row + self.blocks[territories + 1]) - 1
        low = np.where(begin > 0, self.reach[begin - 1], 0.0)
        found = np.searchsorted(self.reach, low + rng.random(len(days)) * (self.reach[end] - low), side="right")
        return np.clip(found, begin, end) - row
