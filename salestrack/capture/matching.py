"""To which opportunity an activity belongs: the one of its account that was open on its day, where there is exactly one."""

from collections.abc import Iterable
from datetime import date

import pandas as pd

from salestrack.book import Book


class Openings:
    """When the opportunities of some accounts were open.

    Parameters
    ----------
    book : Book
        Its opportunities are asked for these accounts only.
    accounts : iterable of str
        The accounts that were met.
    """

    def __init__(self, book: Book, accounts: Iterable[str]) -> None:
        wanted = sorted(set(accounts))
        table = book.table("opportunities")
        chosen = table.filter(table.account_id.isin(wanted)) if wanted else table.limit(0)
        rows = chosen.select("opportunity_id", "account_id", "created_date", "close_date", "closed").to_pyarrow().to_pylist()
        self._spans: dict[str, list[tuple[date, date, str]]] = {}
        for row in rows:
            # The close date of an open one is an expectation; it is open on every day up to that of the book.
            last = row["close_date"] if row["closed"] else book.as_of
            span = (row["created_date"] or date.min, last or book.as_of, row["opportunity_id"])
            self._spans.setdefault(row["account_id"], []).append(span)

    def on(self, account: str, day: date) -> list[str]:
        """Return the opportunities of an account that were open on a day, from the day of creation to the day of closing."""
        return sorted(each for first, last, each in self._spans.get(account, []) if first <= day <= last)


def match(accounts: tuple[str, ...], day: date, openings: Openings, *, client: bool) -> tuple[str | None, str | None, str]:
    """Return the account and the opportunity of an activity, and why one of them is not known.

    Parameters
    ----------
    accounts : tuple of str
        Accounts of the people in it.
    day : date
        Its day.
    openings : Openings
        When opportunities were open.
    client : bool
        Whether anybody from outside is in it; else there is nothing to match.

    Returns
    -------
    account_id, opportunity_id : str or None
        Null where there is none, or more than one.
    note : str
        Empty, or a key of the catalogue (``capture-note-...``).
    """
    if not client:
        return None, None, ""
    if len(accounts) != 1:
        return None, None, "several-accounts" if accounts else "no-account"
    found = openings.on(accounts[0], day)
    if len(found) != 1:
        return accounts[0], None, "several-open" if found else "none-open"
    return accounts[0], found[0], ""


def unknown_keys(book: Book, table: str, key: str, keys: Iterable[str]) -> list[str]:
    """Return the keys that a table of the book does not have; none where the book has no such table."""
    wanted = sorted(set(keys))
    if not wanted or not book.has(table):
        return []
    rows = book.table(table)
    known = rows.filter(rows[key].isin(wanted)).select(key).to_pyarrow().to_pydict()[key]
    return [each for each in wanted if each not in set(known)]


def overlaps(rows: pd.DataFrame) -> pd.Series:
    """Return how many minutes of each activity its rep had given to earlier ones already.

    Parameters
    ----------
    rows : pandas.DataFrame
        rep_id, started_at, minutes, kind. Mails and activities without minutes or of whole days overlap with nothing.

    Returns
    -------
    pandas.Series
        Minutes, by the index of `rows`. Over all activities of a rep they add up to the minutes that are counted more than once.
    """
    timed = rows[(rows["kind"] == "event") & rows["minutes"].notna() & ~rows["all_day"]]
    ordered = timed.sort_values(["rep_id", "started_at", "minutes", "activity_id"])
    found: list[float] = []
    until: dict[str, pd.Timestamp] = {}
    ends = ordered["started_at"] + pd.to_timedelta(ordered["minutes"], unit="min")
    for rep, start, end in zip(ordered["rep_id"], ordered["started_at"], ends, strict=True):
        covered = until.get(rep, start)
        found.append(max((min(end, covered) - start).total_seconds() / 60, 0.0))
        until[rep] = max(covered, end)
    return pd.Series(found, index=ordered.index, dtype="float64").reindex(rows.index, fill_value=0.0)
