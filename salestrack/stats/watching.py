"""How long something must be watched until hardly anything more will be won, and what comes of what is still open then."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from salestrack.stats.life_table import life_table
from salestrack.stats.survival import incidence

__all__ = ["Watch", "watch"]

MOST = 0.95
"""Share of all wins that have come when the watch ends."""
LONGEST = 2 / 3
"""A watch longer than this share of the longest one on record cannot know that hardly anything comes after it."""
ROUND = (7, 14, 30, 60, 90, 120, 180, 270, 365, 540, 730)
"""Days within which wins are called early: the first that is no shorter than the median of the wins."""


class Watch(NamedTuple):
    """How long to watch.

    Parameters
    ----------
    watched : int
        Days by which 95 % of all wins have come; 0 where nothing is open, so that nothing more can come.
    within : int
        Days, a round number, by which half of all wins have come.
    yet : float
        Of those watched so long that are open still, the mean probability of being won yet, 0 to 1.
    ripe : bool
        Whether the record is long enough to tell: the watch is at most two thirds of the longest one on record.
    """

    watched: int
    within: int
    yet: float
    ripe: bool


def watch(lives: pd.DataFrame) -> Watch:
    """Return how long to watch, from what became of all.

    Parameters
    ----------
    lives : pandas.DataFrame
        A row for each group: after (days from the beginning of the watch to the end, or to the last day seen), outcome (``won``,
        ``lost``, ``open``), count, and longest (days from the beginning of the watch of the oldest to the last day seen).

    Returns
    -------
    Watch
        Of nobody, or of nobody won: 0 days.

    Notes
    -----
    F is the share won by each day, losing being a competing end and the open ones censored (Aalen-Johansen), S that which is open
    still. Whoever is open at age a will be won with probability (F(∞) - F(a)) / S(a). With a tail like that of an exponential, a
    watch of two thirds of the record misses 7 % of the wins, one of half of it 5 %.

    References
    ----------
    Aalen, O. O., & Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on censored
    observations. Scandinavian Journal of Statistics, 5(3), 141-150.

    Examples
    --------
    Of 20, 10 are won on day 8, 5 lost on day 9, and of 5 that are open one is 3 days old and the others are 30.

    >>> rows = [(8, "won", 10), (9, "lost", 5), (3, "open", 1), (30, "open", 4)]
    >>> watch(pd.DataFrame(rows, columns=["after", "outcome", "count"]).assign(longest=30))
    Watch(watched=8, within=14, yet=0.0, ripe=True)
    """
    if lives.empty or not (lives["outcome"] == "won").any():
        return Watch(0, ROUND[0], 0.0, True)
    table = life_table(lives[["after", "outcome", "count"]].rename(columns={"after": "days"}), by=[], outcomes=("won", "lost"))
    curve = incidence(table, "won").frame
    days, won, left = (curve[name].to_numpy(dtype=float) for name in ("days", "value", "remaining"))
    half, most = (int(days[np.argmax(won >= part * won[-1] - 1e-12)]) for part in (0.5, MOST))
    within = next((days for days in ROUND if days >= half), half)
    still = lives[lives["outcome"] == "open"]
    if not still["count"].sum():
        return Watch(0, within, 0.0, True)
    old = still[still["after"] >= most]
    place = np.searchsorted(days, old["after"].to_numpy(dtype=float), side="right") - 1
    chance = np.divide(won[-1] - won[place], left[place], out=np.zeros(len(place)), where=left[place] > 0)
    yet = min(float(np.average(chance, weights=old["count"])), 1.0) if len(old) else 0.0
    return Watch(most, within, yet, most <= LONGEST * float(lives["longest"].max()))
