"""The working day of a rep: activities one after the other, never more than the day holds."""

import numpy as np

from salestrack.sample.passages import since_first

OPENS, WINDOW = 8 * 60 + 30, 9 * 60 + 30  # from 08:30 to 18:00
FULL = 450  # minutes that can be logged in a day
_STEP = 5


def fill(minutes: np.ndarray, selling: np.ndarray, slot: np.ndarray, share: float) -> np.ndarray:
    """Return whole minutes such that selling takes its share of all, and no day is overfull.

    Parameters
    ----------
    minutes : array of shape (activities,)
        Usual minutes.
    selling : array of bool
        Which of them count as selling.
    slot : array of int
        Number of the rep's day; activities of one slot share that day.
    share : float
        Share of the selling minutes wanted.
    """
    # A company that logs very much logs short entries: what is left of the day is never sold twice.
    days = np.count_nonzero(np.bincount(slot))
    minutes = minutes * min(1.0, 0.75 * FULL * days / minutes.sum())
    factor = 1.0
    for _ in range(6):
        wanted = _fitted(np.where(selling, minutes, minutes * factor), slot)
        sold = wanted[selling].sum()
        factor *= (sold / share - sold) / (wanted.sum() - sold)
    step = _STEP if wanted.mean() > 6 * _STEP else 1
    return np.maximum(np.round(_fitted(np.where(selling, minutes, minutes * factor), slot) / step), 1).astype(np.int64) * step


def _fitted(minutes: np.ndarray, slot: np.ndarray) -> np.ndarray:
    total = np.bincount(slot, weights=minutes)
    return minutes * np.minimum(1.0, FULL / np.maximum(total, 1))[slot]


def lay_out(rng: np.random.Generator, minutes: np.ndarray, slot: np.ndarray) -> np.ndarray:
    """Return the minute of the day at which each activity begins, so that none of a day overlap."""
    order = np.argsort(slot + 0.999 * rng.random(len(slot)), kind="stable")
    sorted_slot, length = slot[order], minutes[order]
    gap = rng.exponential(1.0, len(slot))
    busy, idle = np.bincount(slot, weights=minutes), np.bincount(sorted_slot, weights=gap)
    slack = np.maximum(WINDOW - busy, 0)[sorted_slot]
    waited = slack * since_first(sorted_slot, gap) / (idle[sorted_slot] + 1.0)
    begins = OPENS + since_first(sorted_slot, length) - length + waited
    placed = np.empty(len(slot), dtype=np.int64)
    placed[order] = np.floor(begins / _STEP).astype(np.int64) * _STEP
    return placed
