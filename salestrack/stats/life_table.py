"""The life table: how many were still there on each day, and what became of those who left.

It is what an engine can count at any size, and all that survival analysis needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salestrack.errors import StatisticsError, unknown
from salestrack.stats.limits import Floats, as_floats, normal_quantile, poisson

__all__ = ["LifeTable", "life_table", "hazard"]


@dataclass(frozen=True)
class LifeTable:
    """Counts by group and day, sorted by group and day.

    Parameters
    ----------
    keys : DataFrame
        One row per group, the columns that name it (none for a single group); row g is the group with code g.
    code : ndarray of int, shape (rows,)
        Group of each row.
    days : ndarray of float, shape (rows,)
        Time since entry at which somebody left the group or was last seen in it.
    at_risk : ndarray of float, shape (rows,)
        How many were still there just before that time.
    events : DataFrame, rows as above
        How many left at that time, one column per outcome.
    censored : ndarray of float, shape (rows,)
        How many were last seen at that time, still there. They count as there at events of the same time.
    """

    keys: pd.DataFrame
    code: NDArray[np.intp]
    days: Floats
    at_risk: Floats
    events: pd.DataFrame
    censored: Floats

    def count(self, outcome: str | None = None) -> Floats:
        """Return how many left at each row with this outcome; with any, if None.

        Raises
        ------
        UnknownNameError
            When nobody left with this outcome in any group and it is not one of the table's outcomes.
        """
        if outcome is None:
            return np.asarray(self.events.sum(axis=1), dtype=np.float64)
        if outcome not in self.events:
            raise unknown("outcome", outcome, self.events.columns, "in the life table")
        return np.asarray(self.events[outcome].array, dtype=np.float64)

    @property
    def n(self) -> Floats:
        """How many entered each group, shape (groups,)."""
        return np.asarray(np.bincount(self.code, self.count() + self.censored, len(self.keys)), dtype=np.float64)

    @property
    def settled(self) -> Floats:
        """How many of the group have left, with any outcome, up to and including each row's time."""
        return np.asarray(pd.Series(self.count()).groupby(self.code).cumsum(), dtype=np.float64)

    @property
    def starts(self) -> NDArray[np.intp]:
        """First row of each group."""
        return np.searchsorted(self.code, np.arange(len(self.keys)))


def life_table(
    frame: pd.DataFrame, by: Sequence[str] = (), censored: Sequence[str] = ("open",), outcomes: Sequence[str] = ()
) -> LifeTable:
    """Arrange counts of (days, outcome) as a life table for every group.

    Parameters
    ----------
    frame : DataFrame
        Columns `days` (time since entry, not null, 0 or more), `outcome` (text; null is still there), `count` (how many), and
        those in `by`. Rows may come in any order and repeat.
    by : sequence of str, default ()
        Columns that name the group; null is a group of its own.
    censored : sequence of str, default ('open',)
        Outcomes that mean still there when last seen, as null does.
    outcomes : sequence of str, default ()
        Outcomes that exist even if nobody had them in these rows.

    Returns
    -------
    LifeTable
        All groups in one table; without `by`, one group, even if it is empty.

    Raises
    ------
    StatisticsError
        When days are null or negative, or a count is null or negative.

    Examples
    --------
    >>> counts = pd.DataFrame({"days": [5, 5, 9], "outcome": ["won", None, "lost"], "count": [2, 1, 4]})
    >>> table = life_table(counts)
    >>> table.at_risk.tolist(), table.count("won").tolist(), table.count().tolist()
    ([7.0, 4.0], [2.0, 0.0], [2.0, 4.0])
    """
    days, count = as_floats(frame["days"], frame["count"])
    wrong = int((~(days >= 0) | ~(count >= 0)).sum())
    if wrong:
        raise StatisticsError(f"A life table needs days and counts of 0 or more; {wrong} rows have none or a negative one.")
    frame, days, count = frame[count > 0], days[count > 0], count[count > 0]
    grouped = frame.groupby(list(by), dropna=False) if by else None
    code = np.zeros(len(frame), dtype=int) if grouped is None else grouped.ngroup().to_numpy()
    named = frame[list(by)].assign(_code=code).drop_duplicates("_code").sort_values("_code")
    keys = pd.DataFrame(index=[0]) if grouped is None else named.drop(columns="_code").reset_index(drop=True)
    left = frame["outcome"].notna() & ~frame["outcome"].isin(list(censored))
    ended, found = pd.factorize(frame["outcome"].where(left))
    names = sorted({*found, *outcomes})
    # Those without an outcome have the code -1, which picks the last column.
    column = np.array([*(names.index(name) for name in found), len(names)], dtype=np.intp)[ended]
    day, each_day = pd.factorize(days, sort=True)
    cells, cell = np.unique(code * len(each_day) + day, return_inverse=True)
    width = len(names) + 1
    counts = np.zeros((len(cells), width))
    np.add.at(counts, (cell, column), count)
    rows, day = np.divmod(cells, max(len(each_day), 1))
    leaving = counts.sum(axis=1)
    entered = np.asarray(np.bincount(rows, leaving, len(keys)), dtype=np.float64)
    gone = np.cumsum(leaving) - leaving - (np.cumsum(entered) - entered)[rows]
    return LifeTable(keys, rows, each_day[day], entered[rows] - gone, pd.DataFrame(counts[:, :-1], columns=names), counts[:, -1])


@np.errstate(divide="ignore", invalid="ignore")
def hazard(table: LifeTable, outcome: str | None = None, per: float = 1.0, confidence: float = 0.95) -> pd.DataFrame:
    """Rate of leaving per unit of time at risk, with a score interval.

    Parameters
    ----------
    table : LifeTable
        Counts by group and day.
    outcome : str, optional
        Leaving with this outcome; with any, if not given.
    per : float, default 1
        Unit of time in days: 7 gives the rate per week at risk.
    confidence : float, default 0.95
        Nominal coverage.

    Returns
    -------
    DataFrame
        One row per group: its key columns, `events` (how many left), `exposure` (time at risk in that unit), `value` (rate; NaN
        without time at risk), `low`, `high`.

    Notes
    -----
    events / exposure, the maximum-likelihood estimate of a constant hazard; where the hazard is not constant it is the average
    over the time at risk. Whoever leaves on the day of entry adds an event and no time. The limits solve
    (events - rate · exposure)² = z² · rate · exposure, as Wilson's do for a share: exposure⁻¹ (k + z²/2 ± z √(k + z²/4)).

    References
    ----------
    Barker, L. (2002). A comparison of nine confidence intervals for a Poisson parameter when the expected number of events is
    <= 5. The American Statistician, 56(2), 85-89.

    Examples
    --------
    >>> counts = pd.DataFrame({"days": [10, 20], "outcome": ["lost", None], "count": [4, 8]})
    >>> hazard(life_table(counts), "lost", per=7).round(3).to_dict("records")
    [{'events': 4.0, 'exposure': 28.571, 'value': 0.14, 'low': 0.054, 'high': 0.36}]
    """
    z = normal_quantile(confidence)
    groups = len(table.keys)
    events = np.bincount(table.code, weights=table.count(outcome), minlength=groups)
    leaving = table.count() + table.censored
    exposure = np.bincount(table.code, weights=table.days * leaving, minlength=groups) / per
    exposure = np.where(exposure > 0, exposure, np.nan)
    _, low, high = poisson(np.asarray(events, dtype=np.float64), z)
    columns = {"value": events / exposure, "low": low / exposure, "high": high / exposure}
    return table.keys.assign(events=events, exposure=np.nan_to_num(exposure), **columns)
