"""Logged hours as the human side needs them: by what became of the opportunity, and as shares with an honest interval.

Hours of one rep come in days and weeks: a visit fills an afternoon, a training a week. So the observation behind a share of
hours is not the activity but a whole week, or a whole day where the period has fewer than ten weeks.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import ibis
import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.book import Book
from salestrack.columns import beyond_reach, view
from salestrack.definition import DAYS, find_metric
from salestrack.display import Table, name_of
from salestrack.errors import PeriodError
from salestrack.estimate import ABSENT
from salestrack.groups import named, outside
from salestrack.measure import measure
from salestrack.paths import attach
from salestrack.periods import Period
from salestrack.recorded import told_of, values_in
from salestrack.stats.intervals import MIN_N, ratio_of_sums
from salestrack.tables import CATEGORIES
from salestrack.wording import mid_sentence, say

BECAME = ("won", "lost", "open", "none", "unknown")
"""What became of the opportunity that an activity served; ``none``: it names no opportunity, ``unknown``: one not in the book."""

Unit = Literal["week", "day"]
_WEEK = 7
HOURS_COLUMNS = ("became", "hours", "timed", "n")


def unit_of(during: Period | None) -> Unit:
    """Return the stretch of time that counts as one observation: a week, or a day where there are fewer than ten weeks."""
    return "week" if during is None or during.days >= _WEEK * MIN_N else "day"


def cannot_answer(book: Book, where: Mapping[str, object] | None, during: Period | None) -> str:
    """Return why a book cannot say where hours went in a scope and a period; empty when it can.

    Raises
    ------
    UnknownNameError
        No table of the book knows a column of the scope.
    """
    reason = book.lacks("activities") or beyond_reach(book, "activities", where or {})
    return reason or outside(book, (find_metric("activity_count"),), during)


def hours_by(
    book: Book, by: Sequence[str], during: Period | None = None, where: Mapping[str, object] | None = None
) -> pd.DataFrame:
    """Return logged hours by anything and by what became of the opportunity.

    Parameters
    ----------
    book : Book
        A book with activities.
    by : sequence of str
        As in `measure`.
    during : Period, optional
        In which the activities began; None: all that the book holds.
    where : mapping, optional
        Scope, as in `measure`.

    Returns
    -------
    pandas.DataFrame
        The columns of `by`, then became (one of `BECAME`, as of the day of the book), hours, timed (activities with a recorded
        duration) and n (activities).
    """
    at = view(book, "activities", "started_at", tuple(by), where, during)
    made = attach(book, at.table, "activities", "opportunity.status", "_status")
    status = made["_status"]
    became = ibis.cases((made.opportunity_id.isnull(), "none"), (status.isnull(), "unknown"), else_=status)
    groups = made.mutate(became=became).group_by([*at.key_columns, "became"])
    sums = groups.aggregate(hours=made.hours.sum().fill_null(0.0), timed=made.hours.count(), n=made.activity_id.count())
    return named(book, at.keys, book.fetch(sums))


def without_hours(book: Book, hours: pd.DataFrame, during: Period | None) -> str:
    """Return why no hours were logged: nothing was, or nothing that was has a duration; empty where there are hours.

    Parameters
    ----------
    book : Book
        Where it records no duration at all, the reason says to map them.
    hours : pandas.DataFrame
        From `hours_by`.
    during : Period, optional
        The period asked for.
    """
    if hours["hours"].sum():
        return ""
    n = int(hours["n"].sum())
    values = {"period": period_text(during), "n": f"{n:,}"}
    if not n:
        return say("hours-none", values)
    if hours["timed"].sum():
        return say("hours-zero", values)
    return say("hours-untimed-here" if values_in(book, "activities").get("minutes") else "hours-untimed", values)


def timed_of(hours: pd.DataFrame, during: Period | None) -> list[str]:
    """Return of how many activities the duration is recorded, and in which categories of hardly any; nothing where of all.

    Parameters
    ----------
    hours : pandas.DataFrame
        From `hours_by`, by category; with hours.
    during : Period, optional
        The period asked for.
    """
    whole = {"rows": hours["n"].sum(), "recorded": hours["timed"].sum(), "lacks": "minutes"}
    told = told_of(whole, "activities", "" if during is None else str(during))
    if not told:
        return []
    kinds = hours.groupby("category")[["timed", "n"]].sum()
    few = kinds["timed"] * 2 < kinds["n"]
    if not few.any() or few.all():
        return [told]
    names = listed(mid_sentence(name_of(name, "category")) for name in CATEGORIES if few.get(name, False))
    return [told, say("hours-timed-unevenly", {"kinds": names})]


def named_among(book: Book, during: Period | None, where: Mapping[str, object] | None) -> tuple[int, int]:
    """Return how many activities began in a period and a scope, and how many of them name the rep who did them."""
    rows = view(book, "activities", "started_at", (), where, during).table
    found = book.fetch_row(rows.aggregate(n=rows.count(), named=rows.rep_id.count()))
    return int(found["n"]), int(found["named"])


def nameless(among: tuple[int, int], during: Period | None) -> str:
    """Return that none, or only some, of the activities of `named_among` name a rep, as a sentence; empty where all do."""
    n, known = among
    values = {"n": f"{n:,}", "named": known, "period": period_text(during)}
    return "" if known == n else say("reps-partly-named" if known else "reps-unnamed-here", values)


def unclassified(category: pd.Series, n: float) -> str:
    """Return what to do about activities of which none has a category; empty where some have one."""
    return say("hours-unclassified-all", {"n": f"{int(n):,}"}) if category.eq("unclassified").all() else ""


def shares_of_hours(
    hours: pd.DataFrame, kind: str | Sequence[str], unit: str, confidence: float = 0.95, times: Mapping[Any, float] | None = None
) -> pd.DataFrame:
    """Return the share of all hours that each kind takes, with its interval over weeks or days.

    Parameters
    ----------
    hours : pandas.DataFrame
        From `hours_by`, or rows of it; with a column of the unit.
    kind : str or sequence of str
        Columns whose values are the kinds.
    unit : str
        ``week`` or ``day``: the column whose values are the observations. Those without any hours do not count.
    confidence : float
        Nominal coverage.
    times : mapping of kind to float, optional
        How many times the share of a kind varies more than over independent weeks or days (`salestrack.alike_weeks.of_shares`).

    Returns
    -------
    pandas.DataFrame
        By kind: hours, share (0 to 1), low, high (null: fewer than 10 observations, or no hours) and units (observations).

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques (3rd ed.), section 3.12: clusters and the ratio estimate. Wiley.
    """
    x = hours.pivot_table(index=unit, columns=kind, values="hours", aggfunc="sum", fill_value=0.0)
    y = x.sum(axis=1)
    x, y = x[y > 0], y[y > 0]
    return ratios_of_hours(x, pd.DataFrame(dict.fromkeys(x.columns, y)), confidence, times).assign(hours=x.sum())


def ratios_of_hours(
    x: pd.DataFrame, y: pd.DataFrame, confidence: float = 0.95, times: Mapping[Any, float] | None = None
) -> pd.DataFrame:
    """Return Σx / Σy of each column, hours that are a part of others, with its interval over the rows.

    Parameters
    ----------
    x, y : pandas.DataFrame
        Hours of the part and of the whole; same rows (weeks or days) and columns (kinds).
    confidence : float
        Nominal coverage.
    times : mapping of column to float, optional
        As of `shares_of_hours`; 1 where it is not given.

    Returns
    -------
    pandas.DataFrame
        By column: share, low, high, units.
    """
    alike = np.array([(times or {}).get(name, 1.0) for name in x.columns])
    squares = (x * x).sum(), (y * y).sum(), (x * y).sum()
    found = ratio_of_sums(len(x), x.sum(), y.sum(), *squares, confidence=confidence, times=alike)
    low, high = (np.clip(each, 0.0, 1.0) for each in (found.low, found.high))
    return pd.DataFrame({"share": found.value, "low": low, "high": high, "units": len(x)}, index=x.columns)


def figures_beside(book: Book, metrics: Sequence[str], during: Period | None, where: Mapping[str, object]) -> pd.DataFrame:
    """Return figures of other tables, to stand beside hours; empty where those tables hold nothing of the period.

    Returns
    -------
    pandas.DataFrame
        metric, value, low, high, n, note, as `measure` gives them; metrics that the book cannot answer are left out.
    """
    columns = ["metric", "value", "low", "high", "n", "note"]
    try:
        frame = measure(book, metrics, during=during, where=where).frame
    except PeriodError:
        return pd.DataFrame(columns=columns)
    return frame.loc[frame["note"] != ABSENT, columns].reset_index(drop=True)


def decimal_text(number: float) -> str:
    """Return a number, of hours or other, with at most one decimal."""
    return formats.figure(number, DAYS, "")


def interval_text(low: float, high: float) -> str:
    """Return the limits of a share as text; a dash where there are none."""
    return formats.DASH if pd.isna(low) else say("interval", {"low": formats.share(low), "high": formats.share(high)})


def period_text(during: Period | None) -> str:
    """Return the name of a period, or that it is all the book holds."""
    return say("whole-book") if during is None else str(during)


def listed(names: Iterable[str], most: int = 5) -> str:
    """Return names as a list; of a long one the first few and how many more."""
    found = list(names)
    text = ", ".join(found[:most])
    return say("hours-and-more", {"names": text, "more": len(found) - most}) if len(found) > most else text


def no_table(title: str) -> Table:
    """Return the table of an answer that has none."""
    return Table(pd.DataFrame({(title, ""): pd.Series(dtype="str")}), title, "", 0)
