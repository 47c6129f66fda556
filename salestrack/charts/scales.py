"""Where things go on an axis: limits, ticks with units, labels that keep out of each other's way."""

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import MaxNLocator

from salestrack import formats
from salestrack.charts.look import MUTED, SMALL
from salestrack.definition import COUNT, HOURS, MONEY, RATIO, SHARE, Unit

# Values that lie closer together than this share of the largest are still given so much room for their intervals.
_LEAST_SPREAD = 0.25


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


def within_reach(values: Iterable[float], interval_ends: Iterable[float]) -> tuple[list[float], bool]:
    """Return what an axis must show of values and their intervals, and whether an interval runs off it.

    Parameters
    ----------
    values : iterable of float
        All of them are shown.
    interval_ends : iterable of float
        Shown as far as twice the spread of the values: an interval out of few numbers must not flatten everything else.

    Examples
    --------
    >>> within_reach([10.0, 20.0], [5.0, 90.0])
    ([10.0, 20.0, 5.0, 40.0], True)
    """
    known, ends = ([float(each) for each in some if np.isfinite(each)] for some in (values, interval_ends))
    if not known:
        return ends, False
    room = 2 * max(max(known) - min(known), _LEAST_SPREAD * max(map(abs, known)))
    kept = [min(max(end, min(known) - room), max(known) + room) for end in ends]
    return known + kept, kept != ends


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
    place = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10], integer=unit in (COUNT, HOURS, MONEY))
    ticks = [float(tick) for tick in place.tick_values(*ends) if ends[0] - 1e-12 <= tick <= ends[1] + 1e-12]
    # On a very narrow axis two ticks would read the same; the first of them stays.
    told = {text: tick for tick, text in reversed(list(zip(ticks, tick_texts(ticks, unit, currency), strict=True)))}
    axis.set_ticks(list(told.values()), labels=list(told))
    axis.set_tick_params(labelsize=SMALL, labelcolor=MUTED)
    axis.set_view_interval(*ends, ignore=True)


def tick_texts(ticks: Sequence[float], unit: Unit, currency: str) -> list[str]:
    """Return ticks as texts, with as few digits as tell them apart."""
    if unit in (SHARE, RATIO):
        exact = (d for d in range(5) if all(abs(tick * 10 ** (2 + d) - round(tick * 10 ** (2 + d))) < 1e-6 for tick in ticks))
        digits = next(exact, 5)
        return [formats.share(tick, digits=digits) for tick in ticks]
    short = [formats.figure(tick, unit, currency, short=True) for tick in ticks]
    return short if len(set(short)) == len(short) else [formats.figure(tick, unit, currency) for tick in ticks]


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
