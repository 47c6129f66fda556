"""Where things go on an axis: limits, ticks with units, labels that keep out of each other's way."""

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import MaxNLocator

from salestrack import formats
from salestrack.charts.look import MUTED, SMALL
from salestrack.definition import COUNT, RATIO, SHARE, Unit


def limits(values: Iterable[float], *, zero: bool = False, unit: Unit | None = None) -> tuple[float, float]:
    """Return the ends of an axis that shows all values with some air.

    Parameters
    ----------
    values : iterable of float
        What must be on it; nulls and infinities are left out.
    zero : bool
        Whether it begins at zero, as bars and totals do.
    unit : Unit, optional
        A share's axis ends near 0 and 1.
    """
    known = np.asarray(list(values), dtype=float)
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high == low:
        air = abs(high) * 0.1 or 0.1
        low, high = (low if zero else low - air), high + air
    air = (high - low) * 0.04
    low, high = (low if zero and low == 0 else low - air), high + air
    return (max(low, -0.03), min(high, 1.03)) if unit == SHARE else (low, high)


def number_axis(axis: Axis, ends: tuple[float, float], unit: Unit, currency: str, most: int = 5) -> None:
    """Set the ends of an axis and give it few round ticks, written in its unit; call it after drawing, which moves the ends.

    Parameters
    ----------
    axis : Axis
        ``ax.xaxis`` or ``ax.yaxis``.
    ends : tuple of float
        As `limits` gives them.
    unit : Unit
        Of the numbers.
    currency : str
        For money.
    most : int
        Intervals between ticks, at most.
    """
    place = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10], integer=unit == COUNT)
    ticks = [float(tick) for tick in place.tick_values(*ends) if ends[0] - 1e-12 <= tick <= ends[1] + 1e-12]
    axis.set_ticks(ticks, labels=tick_texts(ticks, unit, currency))
    axis.set_tick_params(labelsize=SMALL, labelcolor=MUTED)
    axis.set_view_interval(*ends, ignore=True)


def tick_texts(ticks: Sequence[float], unit: Unit, currency: str) -> list[str]:
    """Return ticks as texts, with as few digits as tell them apart."""
    if unit in (SHARE, RATIO):
        digits = next((d for d in (0, 1) if all(abs(t * 10 ** (2 + d) - round(t * 10 ** (2 + d))) < 1e-6 for t in ticks)), 2)
        return [formats.share(tick, digits=digits) for tick in ticks]
    return [formats.figure(tick, unit, currency, short=True) for tick in ticks]


def kept_apart(wanted: Sequence[float], gap: float, low: float = 0.0, high: float = 1.0) -> list[float]:
    """Return places as near to the wanted ones as a least distance between them allows, in the same order of size.

    Parameters
    ----------
    wanted : sequence of float
        Where labels would like to be.
    gap : float
        Least distance between two.
    low, high : float
        Where they may be, unless there are too many.

    Examples
    --------
    >>> kept_apart([0.5, 0.5, 0.9], 0.1)
    [0.45, 0.55, 0.9]
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    blocks: list[list[float]] = []  # [centre, size]: labels that touch move as one, around the mean of what they want
    for i in order:
        blocks.append([min(max(wanted[i], low), high), 1])
        while len(blocks) > 1 and blocks[-1][0] - blocks[-2][0] < gap * (blocks[-1][1] + blocks[-2][1]) / 2:
            (centre, size), (before, count) = blocks.pop(), blocks.pop()
            middle, half = (centre * size + before * count) / (size + count), gap * (size + count - 1) / 2
            blocks.append([max(min(middle, high - half), low + half), size + count])
    places = [centre + gap * (k - (size - 1) / 2) for centre, size in blocks for k in range(int(size))]
    kept = dict(zip(order, places, strict=True))
    return [round(kept[i], 9) for i in range(len(wanted))]
