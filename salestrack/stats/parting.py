"""Doses that part won from lost: on one side of a cut there are none, or hardly any, of an outcome."""

import numpy as np

from salestrack.stats.limits import Floats

__all__ = ["FEWEST", "PARTED", "is_sparse", "parted_by"]

FEWEST = 5
"""Fewest won, and fewest lost, that those with a dose would have if it did nothing, for anything to be told of it."""
PARTED = ("cut", "n_below", "won_below", "n_above", "won_above")
"""What is known of a cut: the lowest dose above it, and cases and won below and above."""


def parted_by(dose: Floats, n: Floats, won: Floats, everywhere: bool = False) -> dict[str, float]:
    """Return the counts on both sides of the cut that parts won from lost; empty where none does.

    Parameters
    ----------
    dose, n, won : ndarray, shape (cells,)
        Dose, cases, and how many of them were won; not all of one dose.
    everywhere : bool, default False
        Look at every cut between two doses and take the one that lacks the most exceptions; else only at that above the least.

    Returns
    -------
    dict
        By the names in `PARTED`: the lowest dose above the cut, and cases and won below and above it.

    Notes
    -----
    A cut parts them where one of the four counts is below 5 and far below what it would be if doses told nothing: 0 of 5, 1 of 10,
    4 of 25 or more.
    """
    levels, counts, expected = _cuts(dose, n, won)
    missing = np.where((counts < FEWEST) & (expected >= FEWEST * (1 + counts)), expected - counts, 0.0).max(axis=1)
    missing = missing if everywhere else missing[:1]
    best = int(missing.argmax())
    if not missing[best] > 0:
        return {}
    won_below, lost_below, won_above, lost_above = counts[best]
    figures = levels[best + 1], won_below + lost_below, won_below, won_above + lost_above, won_above
    return dict(zip(PARTED, map(float, figures), strict=True))


def is_sparse(dose: Floats, n: Floats, won: Floats) -> bool:
    """Tell whether those with, or without, a dose are so few of an outcome that a normal approximation would not do.

    Parameters
    ----------
    dose, n, won : ndarray, shape (cells,)
        As in `parted_by`.
    """
    _, counts, expected = _cuts(dose, n, won)
    return bool(((counts[0] < FEWEST) & (expected[0] >= FEWEST)).any())


def _cuts(dose: Floats, n: Floats, won: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the doses, and for each cut between two of them won and lost below and above it, as they are and as expected."""
    levels, place = np.unique(dose, return_inverse=True)
    below, below_won = (np.cumsum(np.bincount(place, each))[:-1] for each in (n, won))
    counts = np.column_stack([below_won, below - below_won, won.sum() - below_won, n.sum() - below - (won.sum() - below_won)])
    share = won.sum() / n.sum()
    expected = np.column_stack([size * part for size in (below, n.sum() - below) for part in (share, 1 - share)])
    return levels, counts, expected
