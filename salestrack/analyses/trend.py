"""Where a figure is heading: a series of periods and a verdict on its slope."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.book import Book
from salestrack.definition import Metric, find_metric
from salestrack.display import label_at_age, measured_table
from salestrack.formula import Total
from salestrack.measure import Measured, measure
from salestrack.periods import Grain, Period
from salestrack.recorded import in_all, told_of
from salestrack.ripeness import AGES, ripeness, rows_watched_until
from salestrack.stats import trend as line
from salestrack.stats.intervals import Interval
from salestrack.wording import mid_sentence, say

# Fewer complete periods than this give no verdict.
FEWEST_PERIODS = 3
# A sampling error that leaves all scatter to what differs between periods, as a share of the level.
_NEXT_TO_NOTHING = 1e-6


@dataclass(frozen=True, eq=False, repr=False)
class TrendAnswer(Answer):
    """A series and where it is heading.

    Parameters
    ----------
    measured : Measured
        The series as it was measured.
    verdict : str
        ``growing``, ``shrinking``, ``flat`` or ``cannot_tell``.
    slope : tuple of float
        Change per period as a share of the level, with its limits; null where it cannot be stated.
    reason : str
        Why it cannot be told: ``young`` (periods of the asked stretch are not ripe yet), ``too_short``, ``noise``, or empty.
    """

    measured: Measured = field(kw_only=True)
    verdict: str = field(kw_only=True)
    slope: tuple[float, float, float] = field(kw_only=True)
    reason: str = field(kw_only=True, default="")


def trend(
    book: Book,
    metric: Metric | str,
    *,
    grain: Grain = "month",
    during: Period | str | None = None,
    where: Mapping[str, object] | None = None,
) -> TrendAnswer:
    """Measure a metric period by period and say whether it is growing, shrinking, flat, or cannot be told.

    Parameters
    ----------
    book : Book
        The book.
    metric : Metric or str
        What to follow.
    grain : str
        Length of a period.
    during : Period or str, optional
        The stretch to look at; None: all that the book holds.
    where : mapping, optional
        Scope.

    Returns
    -------
    TrendAnswer
        ``frame`` is the series as `measure` gives it. Periods that are not complete in the book are shown and left out of the
        verdict, and so are those that are undefined. A metric that matures is read at its age of ripeness in every period
        (`measured.ages`); periods with rows that have not reached it count as not complete.

    Notes
    -----
    Weighted least squares on the number of the period. It is flat when the whole interval of the slope lies within the metric's
    band divided by the number of periods, so that a flat series changes by less than the band from its first to its last period.
    Where a figure has no interval (a ratio over two tables), the scatter around the line alone gives that of the slope.

    Of a stretch that was asked for, nothing is said before all of its complete periods are ripe: the same periods have the same
    verdict on every later day. Without `during`, the periods that are ripe by now are judged.
    """
    metric = find_metric(metric)
    read = _ripe_reading(book, metric)
    measured = measure(book, metric, by=grain, during=during, where=where, age=read)
    young = _is_young(measured, grain)
    waits = during is not None and bool((young & ~measured.frame["partial"]).any())
    frame = measured.frame.assign(partial=measured.frame["partial"] | young)
    used = frame[~frame["partial"] & frame["value"].notna()]
    flat = metric.flat_band / max(len(used), 1)
    found = None
    if len(used) >= FEWEST_PERIODS and not waits:
        found = line.trend(used["value"].to_numpy(), _variance(measured, used), flat, period=used.index.to_numpy())
    relative = Interval(np.nan, np.nan, np.nan) if found is None else found.relative
    slope = float(relative.value), float(relative.low), float(relative.high)
    verdict = "cannot_tell" if found is None else str(found.verdict)
    reason = "young" if waits else "too_short" if found is None else "noise" if verdict == "cannot_tell" else ""
    sentence = measured.absent.get(metric.name, "")
    sentence = sentence or _sentence(metric, verdict, slope, used, (grain, reason, measured.ages.get(metric.name)))
    sentences = tuple(filter(None, (sentence, told_of(in_all(used), metric.tables[0]))))
    measured = replace(measured, frame=frame)
    return TrendAnswer(
        book, (metric,), measured.during, measured.where, frame, sentences, measured_table(measured),
        measured=measured, verdict=verdict, slope=slope, reason=reason,
    )  # fmt: skip


def _ripe_reading(book: Book, metric: Metric) -> int | None:
    """Return the age at which every period is read; None: the metric does not mature."""
    known = None if book.lacks(*metric.tables) else ripeness(book, metric)
    return None if known is None else known.age or AGES[-1]


def _is_young(measured: Measured, grain: str) -> pd.Series:
    """Return which periods have rows that were not watched until the age at which they are read."""
    book, metric, frame = measured.book, measured.metrics[0], measured.frame
    age = measured.ages.get(metric.name)
    if age is None:
        return pd.Series(False, index=frame.index)
    ripe_until = rows_watched_until(book, metric) - timedelta(days=age)
    return frame[grain].map(lambda name: book.period(name).last_day > ripe_until).astype(bool)


def _variance(measured: Measured, used: pd.DataFrame) -> np.ndarray:
    """Return the sampling variance of each period's figure, as the trend line needs it."""
    if isinstance(measured.parts[measured.metrics[0].name].formula, Total):
        return np.full(len(used), measured.squares.loc[used.index].mean())
    width = (used["high"] - used["low"]).to_numpy(dtype=float)
    n = used["n"].to_numpy(dtype=float)
    if np.isnan(width).all():
        # A figure without an interval of its own is judged by its scatter around the line alone.
        return np.full(len(used), (_NEXT_TO_NOTHING * used["value"].abs().mean()) ** 2)
    # One spread for all periods, weighed by n: a period that happens to vary little must not pull the line.
    spread = np.nanmedian((width / (2 * 1.959964)) ** 2 * n)
    return np.where(n > 0, spread / np.maximum(n, 1), np.nan)


def _sentence(metric: Metric, verdict: str, slope: tuple[float, ...], used: pd.DataFrame, how: tuple[str, str, int | None]) -> str:
    grain, reason, age = how
    label = label_at_age(metric, age)
    values = {
        "metric": label,
        "within": mid_sentence(label),
        "periods": len(used),
        "grain": say(f"grain-{grain.replace('_', '-')}"),
        "days": age or 0,
    }
    if reason == "young":
        return say("trend-young", values)
    if len(used) >= FEWEST_PERIODS and not used["value"].any():
        return say("trend-nothing", values)
    if np.isnan(slope[0]):
        return say("trend-too-short", values)
    values |= {"slope": formats.growth(slope[0]), "low": formats.growth(slope[1]), "high": formats.growth(slope[2])}
    return say(f"trend-{verdict.replace('_', '-')}", values)
