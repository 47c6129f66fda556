"""Whose a quota is, and which quotas count: levels are never added, nor is a year added to its quarters.

On a small pandas frame: one row for each quota.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta

import ibis.expr.types as ir
import numpy as np
import pandas as pd

REP, TEAM, TERRITORY, MANAGER, PARENT = LEVELS = ("rep", "team", "territory", "manager", "parent_territory")
"""Levels of quotas. The first three count, the finest there is; the last two are roll-ups of people and territories below."""
# Who is asked for more than this share of what the people below are asked for answers for them too.
_ANSWERS_FOR = 0.5


def above(key: str, parents: Mapping[str, str]) -> list[str]:
    """Return what stands above one row of a hierarchy, nearest first; a circle is gone round once.

    Parameters
    ----------
    key : str
        A rep or a territory.
    parents : mapping of str to str
        Each one's manager or parent.
    """
    found: list[str] = []
    while (key := parents.get(key, "")) and key not in found:
        found.append(key)
    return found


def below(parents: Mapping[str, str]) -> dict[str, set[str]]:
    """Return who stands below each row of a hierarchy, at any depth, oneself left out."""
    found: dict[str, set[str]] = {}
    for key in parents:
        for each in above(key, parents):
            found.setdefault(each, set()).add(key)
    return {key: others - {key} for key, others in found.items()}


def with_levels(quotas: pd.DataFrame, managers: Mapping[str, str], parents: Mapping[str, str]) -> pd.DataFrame:
    """Return quotas with their level, and whether they count where quotas are added.

    Parameters
    ----------
    quotas : pandas.DataFrame
        rep_id, team, territory_id (null: not for one), start_date, end_date (date, both included), amount.
    managers, parents : mapping of str to str
        The manager of each rep and the parent of each territory.

    Returns
    -------
    pandas.DataFrame
        The rows of `quotas` in their order, with ``level`` (one of `LEVELS`), ``holder`` (its key) and ``counts`` (boolean).

    Notes
    -----
    A quota of a rep with people below is a manager's when it is more than half of what reps below are asked for on the same days;
    otherwise it is for the manager's own deals. A quota of a territory is a parent's while a territory below has one. Of quotas on
    the same days the finest level counts: reps, else teams, else territories. A longer quota counts not where shorter ones of the
    same holder fill all its days: a year over its quarters.
    """
    found = quotas.reset_index(drop=True)
    level = np.where(found["rep_id"].notna(), REP, np.where(found["team"].notna(), TEAM, TERRITORY))
    found["level"] = pd.Series(level, index=found.index, dtype=object)
    found["holder"] = found["rep_id"].fillna(found["team"]).fillna(found["territory_id"]).astype(object)
    _mark_managers(found, managers)
    _mark_parents(found, parents)
    found["counts"] = found["level"].isin((REP, TEAM, TERRITORY))
    for coarse, finer in ((TEAM, (REP,)), (TERRITORY, (REP, TEAM))):
        spans = found.loc[found["level"].isin(finer), ["start_date", "end_date"]].drop_duplicates()
        for i in found.index[found["level"] == coarse]:
            found.loc[i, "counts"] = not _overlapping(spans, found.loc[i]).any()
    found.loc[_filled_by_shorter(found), "counts"] = False
    return found


def _overlapping(rows: pd.DataFrame, one: pd.Series) -> pd.Series:
    return (rows["start_date"] <= one["end_date"]) & (one["start_date"] <= rows["end_date"])


def _mark_managers(found: pd.DataFrame, managers: Mapping[str, str]) -> None:
    people = below(managers)
    holding = set(found.loc[found["level"] == REP, "holder"])
    # Those with the fewest below come first: who is a manager below is known then.
    for holder in sorted(holding & people.keys(), key=lambda key: len(people[key])):
        reps = found[(found["level"] == REP) & found["holder"].isin(people[holder])]
        for i in found.index[(found["level"] == REP) & (found["holder"] == holder)]:
            same = reps[_overlapping(reps, found.loc[i])]
            if len(same) and found.loc[i, "amount"] > _ANSWERS_FOR * _asked_within(same, found.loc[i]):
                found.loc[i, "level"] = MANAGER


def _asked_within(rows: pd.DataFrame, span: pd.Series) -> float:
    """Return what quotas ask for on the days of another one."""
    start, end = (rows[name].to_numpy(dtype="datetime64[D]") for name in ("start_date", "end_date"))
    first, last = np.maximum(start, np.datetime64(span["start_date"])), np.minimum(end, np.datetime64(span["end_date"]))
    shares = ((last - first).astype(float) + 1) / ((end - start).astype(float) + 1)
    return float((rows["amount"].to_numpy(dtype=float) * shares).sum())


def _mark_parents(found: pd.DataFrame, parents: Mapping[str, str]) -> None:
    under = below(parents)
    territories = found[found["level"] == TERRITORY]
    for i, one in territories.iterrows():
        lower = territories[territories["holder"].isin(under.get(one["holder"], set()))]
        if _overlapping(lower, one).any():
            found.loc[i, "level"] = PARENT


def _filled_by_shorter(found: pd.DataFrame) -> list[object]:
    """Return the rows whose days are all in shorter quotas of the same holder that lie within them."""
    filled: list[object] = []
    for _, rows in found.groupby(["level", "holder"], sort=False):
        own = rows.sort_values("start_date")
        if (own["start_date"].iloc[1:].to_numpy() > own["end_date"].iloc[:-1].to_numpy()).all():
            continue
        for i, one in own.iterrows():
            inner = own[(own["start_date"] >= one["start_date"]) & (own["end_date"] <= one["end_date"])].drop(index=i)
            if _fill(inner, one):
                filled.append(i)
    return filled


def _fill(inner: pd.DataFrame, one: pd.Series) -> bool:
    until = one["start_date"]
    for start, end in zip(inner["start_date"], inner["end_date"], strict=True):
        if start > until:
            return False
        until = max(until, end + timedelta(days=1))
    return bool(until > one["end_date"])


def overlapping(quotas: pd.DataFrame) -> pd.Series:
    """Return which quotas that count share days with another one of the same holder.

    Parameters
    ----------
    quotas : pandas.DataFrame
        As `with_levels` returns them.
    """
    found = pd.Series(False, index=quotas.index)
    for _, rows in quotas[quotas["counts"]].groupby(["level", "holder"], sort=False):
        own = rows.sort_values("start_date")
        latest = pd.Series(np.maximum.accumulate(own["end_date"].to_numpy()), index=own.index).shift(1)
        later = own.index[(own["start_date"] <= latest).fillna(False)] if len(own) > 1 else own.index[:0]
        for i in later:
            found[own.index[_overlapping(own, own.loc[i])]] = True
    return found


# A quota so many times as large (or as small) as those beside it is a slip of the pen.
_TIMES = 6.0
_PEERS = 3


def odd(quotas: pd.DataFrame) -> pd.Series:
    """Return how many times as large each quota is as those beside it, where that looks like a slip; null elsewhere.

    Parameters
    ----------
    quotas : pandas.DataFrame
        As `with_levels` returns them.

    Returns
    -------
    pandas.Series of float
        0 for a quota of 1 or less. Amounts are held by the day against the two nearest of the same holder and, for the first and
        the last, the middle of at least 3 others of the same level and days: six times as much, or a sixth, against all of them.
    """
    daily = quotas["amount"] / (_days(quotas) + 1)
    found = pd.Series(np.nan, index=quotas.index)
    peers = _middle_of_peers(quotas, daily)
    for _, rows in quotas.assign(daily=daily).groupby(["level", "holder"], sort=False):
        own = rows.sort_values(["start_date", "end_date"])
        rates = own["daily"].to_numpy()
        for k, i in enumerate(own.index):
            # The first and the last have one neighbour, and the one behind it tells which of the two is odd.
            near = sorted((j for j in range(len(rates)) if j != k), key=lambda j: abs(j - k))[:2]
            beside = [rates[j] for j in near]
            if not 0 < k < len(rates) - 1 and not np.isnan(peers[i]):
                beside.append(peers[i])
            ratios = [rates[k] / each for each in beside if each > 0]
            if ratios and (min(ratios) >= _TIMES or max(ratios) <= 1 / _TIMES):
                found[i] = float(np.median(ratios))
    return found.mask(quotas["amount"] <= 1, 0.0)


def _days(quotas: pd.DataFrame) -> pd.Series:
    return pd.Series(
        [(end - start).days for start, end in zip(quotas["start_date"], quotas["end_date"], strict=True)],
        index=quotas.index,
        dtype="float64",
    )


def _middle_of_peers(quotas: pd.DataFrame, daily: pd.Series) -> pd.Series:
    found = pd.Series(np.nan, index=quotas.index)
    for _, same in quotas.groupby(["level", "start_date", "end_date"], sort=False):
        if len(same) > _PEERS:
            for i in same.index:
                found[i] = float(daily[same.index.drop(i)].median())
    return found


def read_quotas(quotas: ir.Table) -> pd.DataFrame:
    """Return the quotas of a book as a small frame: rep_id, team, territory_id, start_date, end_date (date), amount."""
    return pd.DataFrame(
        quotas.to_pyarrow().to_pylist(), columns=["rep_id", "team", "territory_id", "start_date", "end_date", "amount"]
    )


def managers_of(reps: ir.Table | None) -> dict[str, str]:
    """Return the manager of each rep who has one."""
    return {} if reps is None else _keys(reps.select("rep_id", "manager_id").to_pyarrow().to_pylist(), "rep_id", "manager_id")


def parents_of(territories: ir.Table | None) -> dict[str, str]:
    """Return the parent of each territory that has one."""
    if territories is None:
        return {}
    rows = territories.select("territory_id", "parent_id").to_pyarrow().to_pylist()
    return _keys(rows, "territory_id", "parent_id")


def _keys(rows: Iterable[Mapping[str, str | None]], key: str, parent: str) -> dict[str, str]:
    """Return each row's parent by its key; rows without one are left out."""
    return {str(row[key]): str(row[parent]) for row in rows if row[parent]}
