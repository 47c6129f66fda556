"""Since when a book holds the opportunities that were closed: those closed before a CRM was filled are often not in it."""

from datetime import date, timedelta
from functools import lru_cache

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.book import Book
from salestrack.stats.intervals import MIN_N
from salestrack.stats.life_table import life_table
from salestrack.stats.survival import survival
from salestrack.wording import say

# So many closes too few have a probability of e^-7, less than 1 in 1,000, in a book that lacks none.
_CLEARLY_MISSING = 7.0
# How long a cycle is that only so many are longer than, and how many opportunities of long before make no beginning.
_LONG = 0.9
_STRAY = 0.01


@lru_cache(maxsize=64)
def record_of_closes(book: Book) -> date | None:
    """Return the first day on which an opportunity was closed, if those closed before it are missing.

    Parameters
    ----------
    book : Book
        The book.

    Returns
    -------
    date or None
        Of the opportunities created before that day, the book holds only those that lived long enough to be in it: slow ones, more
        often won than the others. None: nothing was closed, or nothing speaks for missing ones.

    Notes
    -----
    The opportunities created since that day tell which share is closed by which age. Had those created before it been closed at the
    same pace, F(age on the day before) of each would have been closed by then, and none was. In a book that lacks none, the first
    close comes when about one is expected; with 7 or more expected, the chance of none is below 1 in 1,000 (Poisson).

    References
    ----------
    Klein, J. P. and Moeschberger, M. L. (2003). Survival Analysis, 2nd ed., section 4.6 (left truncation). Springer.
    """
    made = book.table("opportunities")
    first: date | None = book.fetch_row(made.filter(made.closed).aggregate(first=made.close_date.min()))["first"]
    if first is None:
        return None
    ages = _ages(book, first)
    known, before = ages[ages["known"]], ages[~ages["known"]]
    return first if _expected(known, before) >= _CLEARLY_MISSING else None


@lru_cache(maxsize=64)
def closes_complete_since(book: Book) -> date | None:
    """Return the day since which nine in ten of the closes of a day can be in a book, whenever their opportunities were created.

    Parameters
    ----------
    book : Book
        The book.

    Returns
    -------
    date or None
        The first day of creation and the 90 % quantile of the cycle: days from created to won, or to lost, whichever is longer. A
        book that holds what was created since a day has only the quick ones among the closes before: they are fewer, more often
        lost, and smaller. None: no opportunity that was closed has a day of creation, or fewer than 7 closes can be missing.

    Notes
    -----
    Single opportunities of long before (at most 1 %, with a gap of more than that quantile after them) do not make a beginning.
    """
    made = book.table("opportunities")
    dated = made.filter(made.created_date.notnull())
    cycles = _cycles(book, dated)
    if cycles.empty:
        return None
    days = book.fetch(dated.group_by("created_date").aggregate(n=ibis._.count())).sort_values("created_date", ignore_index=True)
    created = pd.to_datetime(days["created_date"])
    earlier = days["n"].cumsum().shift(1, fill_value=0)
    begins = (created.diff().dt.days > _long_cycle(cycles)) & (earlier <= _STRAY * days["n"].sum())
    first = created[begins].iloc[-1] if begins.any() else created.iloc[0]
    if begins.any():
        cycles = _cycles(book, dated.filter(dated.created_date >= first.date()))
        if cycles.empty:
            return None
    long = _long_cycle(cycles)
    complete = first + timedelta(days=long)
    # As many as were created a day at first would have been closed later, had they been created before: each after its cycle.
    a_day = days.loc[(created >= first) & (created < complete), "n"].sum() / max(long, 1)
    missing = a_day * np.average(cycles["cycle_days"], weights=cycles["n"])
    return complete.date() if missing >= _CLEARLY_MISSING else None


def _cycles(book: Book, dated: ir.Table) -> pd.DataFrame:
    """Return how many were won and lost by days from created to closed: cycle_days in order, n, won, lost."""
    over = dated.filter(dated.closed, dated.cycle_days >= 0).group_by("cycle_days")
    found = book.fetch(over.aggregate(n=ibis._.count(), won=ibis._.won.sum(), lost=ibis._.lost.sum()))
    return found.sort_values("cycle_days", ignore_index=True)


def _long_cycle(cycles: pd.DataFrame) -> int:
    """Return the 90 % quantile of the cycle of the won or of the lost, whichever is longer; of all, where both are too few.

    What is won takes longer than what is lost, so that bookings are complete later than closes.
    """
    told = [name for name in ("won", "lost") if cycles[name].sum() >= MIN_N] or ["n"]
    days = cycles["cycle_days"].to_numpy()
    return max(int(days[np.searchsorted(cycles[name].cumsum(), _LONG * cycles[name].sum())]) for name in told)


def is_recorded(table: ir.Table, since: date | None) -> ir.BooleanValue:
    """Return whether an opportunity was created when the book held the short-lived, too; without a day it counts as such."""
    return ibis.literal(True) if since is None else (table.created_date >= since).fill_null(True)


def recorded(book: Book, rows: ir.Table, sentence: str = "before-record") -> tuple[ir.Table, list[str]]:
    """Leave out the rows of opportunities created before the record of closes began, and say of how many.

    Parameters
    ----------
    book : Book
        The book.
    rows : ibis table
        With opportunity_id and created_date.
    sentence : str
        Of the catalogue; it is given n and day.

    Returns
    -------
    tuple of ibis table and list of str
        The rest; a sentence, or none where nothing is left out.
    """
    since = record_of_closes(book)
    if since is None:
        return rows, []
    known = is_recorded(rows, since)
    n = int(book.fetch_row(rows.filter(~known).aggregate(n=ibis._.opportunity_id.nunique()))["n"])
    return rows.filter(known), [say(sentence, {"n": n, "day": formats.day(since)})] if n else []


def _ages(book: Book, first: date) -> pd.DataFrame:
    """Count by known (created since that day), days (to the close or the day of the book; else to that day) and outcome."""
    made = book.table("opportunities")
    made = made.filter(made.created_date.notnull(), made.observed_days.notnull())
    known = made.created_date >= first
    days = known.ifelse(made.observed_days, ibis.literal(first).delta(made.created_date, unit="day"))
    outcome = made.closed.ifelse("closed", "open")
    groups = made.group_by(known=known, days=days.cast("int64"), outcome=outcome)
    return book.fetch(groups.aggregate(count=ibis._.count())).astype({"known": bool})


def _expected(known: pd.DataFrame, before: pd.DataFrame) -> float:
    """Return how many of those before would have been closed before that day at the pace of the others."""
    if known.empty or before.empty:
        return 0.0
    curve = survival(life_table(known.astype({"days": "float64", "count": "float64"}), by=[])).frame
    place = np.searchsorted(curve["days"].to_numpy(), before["days"].to_numpy(dtype=float), side="left") - 1
    closed = np.where(place >= 0, 1 - curve["value"].to_numpy()[place.clip(min=0)], 0.0)
    return float((closed * before["count"].to_numpy()).sum())
