"""Whether stays in a stage have become longer or shorter, since when, and how many more wait than at the usual pace."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from salestrack.analyses.stays import Stays
from salestrack.stats.compare import difference
from salestrack.stats.intervals import Interval, normal_quantile
from salestrack.stats.life_table import LifeTable, life_table
from salestrack.stats.multiple import familywise_p
from salestrack.stats.onset import Onset, onset
from salestrack.stats.queue import expected_there
from salestrack.stats.survival import survival

ALPHA = 0.05
"""A change is told where a search over everything would find as much in fewer than this share of books without one."""
_LIMITS = ("", "_low", "_high")
QUEUE = ("waiting", "unpriced", "value", "deal_days", "over_median", "over_p90", "expected", "variance")
_LONG = {"median": 0.5, "p90": 0.9}
_Z = normal_quantile(0.95)
_MINUTE = 1 / (24 * 60)


def changes_of(stays: Stays, stages: Sequence[str]) -> pd.DataFrame:
    """Look in every stage, as a whole and group by group, for the month since which stays last longer or shorter.

    Parameters
    ----------
    stays : Stays
        From `salestrack.analyses.stays`.
    stages : sequence of str
        Open stages, in order.

    Returns
    -------
    pandas.DataFrame
        whole (True: all groups of the stage together, like compared with like), the columns of the group (null in whole rows),
        stage, change (``slower``, ``faster``, ``not_told``, ``too_few``), since with _low and _high (first days of months),
        n_before, n_since, median_before, median_since and factor (the second over the first), each with _low and _high, p,
        adjusted_p (Holm, over all rows). since, the medians and the factor are null where no change is told.
    """
    parts, cells = _parts(stays, stages)
    found = [onset(rows, strata=stays.by if cell["whole"] else ()) for cell, rows in zip(cells, parts, strict=True)]
    p = familywise_p([each.p for each in found])
    rows = [cell | _told(each, part, adjusted, p=each.p) for cell, each, part, adjusted in zip(cells, found, parts, p, strict=True)]
    columns = ["whole", *stays.by, "stage", *_told(onset(stays.lasted.iloc[:0]), stays.lasted.iloc[:0], np.nan, np.nan)]
    return pd.DataFrame(rows, columns=columns)


def _parts(stays: Stays, stages: Sequence[str]) -> tuple[list[pd.DataFrame], list[dict[str, object]]]:
    parts: list[pd.DataFrame] = []
    cells: list[dict[str, object]] = []
    for stage in stages:
        here = stays.lasted[stays.lasted["stage"] == stage]
        groups = list(here.groupby(list(stays.by), dropna=False)) if stays.by else []
        parts.append(here)
        cells.append({"whole": True, **dict.fromkeys(stays.by), "stage": stage})
        # A single group is the whole, and is not looked at twice.
        for key, rows in groups if len(groups) > 1 else ():
            parts.append(rows)
            cells.append({"whole": False, **dict(zip(stays.by, key, strict=True)), "stage": stage})
    return parts, cells


def _told(found: Onset, rows: pd.DataFrame, adjusted: float, p: float) -> dict[str, object]:
    change = "too_few" if np.isnan(p) else found.pace if adjusted <= ALPHA else "not_told"
    told = change in ("slower", "faster")
    since = found.since if told else None
    late = rows["cohort"] >= since if told else rows["cohort"].isna()
    medians = [_median(part) if told else Interval(np.nan, np.nan, np.nan) for part in (rows[~late], rows[late])]
    # What lasts no day lasts half of one, or a minute where times are recorded.
    least = 0.5 if (rows["days"] % 1 == 0).all() else _MINUTE
    logs = [Interval(*(np.log(max(value, least)) for value in each)) for each in medians]
    factor = difference(logs[1], logs[0])
    values = {"median_before": medians[0], "median_since": medians[1], "factor": [np.exp(each) for each in factor]}
    limits = {f"{name}{end}": value for name, three in values.items() for end, value in zip(_LIMITS, three, strict=True)}
    return {
        "change": change,
        "since": since,
        "since_low": found.low if told else None,
        "since_high": found.high if told else None,
        "n_before": int(rows.loc[~late, "count"].sum()),
        "n_since": int(rows.loc[late, "count"].sum()),
        **limits,
        "p": p,
        "adjusted_p": adjusted,
    }


def _median(rows: pd.DataFrame) -> Interval:
    found = survival(table_of(rows)).quantile(0.5).iloc[0]
    return Interval(found["value"], found["low"], found["high"])


def table_of(rows: pd.DataFrame, by: Sequence[str] = ()) -> LifeTable:
    """Return counts of stays as a life table."""
    return life_table(rows.astype({"days": "float64", "count": "float64"}), by=list(by), outcomes=("went_on", "went_back", "left"))


def usual_of(stays: Stays, changes: pd.DataFrame) -> pd.DataFrame:
    """Return the stays that set the usual pace: those before the change that is told in their stage and group, all where none is.

    Parameters
    ----------
    stays : Stays
        All of them.
    changes : pandas.DataFrame
        From `changes_of`.
    """
    usual = pd.Series(True, index=stays.lasted.index)
    told = changes[changes["change"].isin(["slower", "faster"])]
    groups = told[~told["whole"].astype(bool)]
    # A change of the whole stage counts only where no single group shows one: it would be theirs.
    wholes = told[told["whole"].astype(bool) & ~told["stage"].isin(groups["stage"])]
    for cells, by in ((groups, stays.by), (wholes, ())):
        for _, cell in cells.iterrows():
            usual &= ~(is_cell(stays.lasted, by, cell) & (stays.lasted["cohort"] >= cell["since"]))
    return stays.lasted[usual]


def is_cell(frame: pd.DataFrame, by: Sequence[str], cell: pd.Series) -> pd.Series:
    """Return which rows are of the stage and group of a cell; null is a group of its own."""
    here = frame["stage"] == cell["stage"]
    for name in by:
        here &= frame[name].isna() if pd.isna(cell[name]) else frame[name] == cell[name]
    return here


def queues_of(stays: Stays, usual: pd.DataFrame, pace: Sequence[str]) -> pd.DataFrame:
    """Count who waits in each stage and group, for how long, and how many would at the usual pace.

    Parameters
    ----------
    stays : Stays
        By the groups wanted and by those in `pace`.
    usual : pandas.DataFrame
        From `usual_of`, by those in `pace`.
    pace : sequence of str
        Columns within which one usual pace holds.

    Returns
    -------
    pandas.DataFrame
        The columns of the group, stage, waiting, value (amount of these), unpriced (of these without one), deal_days (Σ days
        waited), over_median and over_p90 (waiting for longer than half, and than nine in ten, usually stay; null: not reached by
        the usual ones), expected (waiting at the usual pace; null: no stays to tell) and variance (of waiting less expected).
    """
    cell, keys = [*pace, "stage"], [*stays.by, "stage"]
    tables = {_key(key): table_of(rows) for key, rows in usual.groupby(cell, dropna=False)}
    nobody = table_of(usual.iloc[:0])
    curve = survival(table_of(usual, cell))
    long = curve.quantile(0.5)[cell].assign(**{f"over_{name}": curve.quantile(p)["value"] for name, p in _LONG.items()})
    rows = []
    for key, here in stays.came.merge(long, how="left", on=cell).groupby(keys, dropna=False):
        named = dict(zip(keys, key, strict=True))
        there = here[here["known"].astype(bool)]
        expected = expected_there(tables.get(_key([named[name] for name in cell]), nobody), there["age"], there["count"])
        waits, age = here["waiting"], here["age"]
        over = {name: np.nan if here[name].isna().all() else waits[age > here[name]].sum() for name in ("over_median", "over_p90")}
        sums = {"waiting": waits.sum(), "unpriced": here["unpriced"].sum(), "value": here["amount"].sum()}
        variance = ((expected.high - expected.value) / _Z) ** 2
        rows.append(named | sums | {"deal_days": (age * waits).sum(), **over, "expected": expected.value, "variance": variance})
    return pd.DataFrame(rows, columns=[*keys, *QUEUE])


def _key(key: Iterable[object]) -> tuple[object, ...]:
    """Return a group's key such that null equals null."""
    return tuple(None if pd.isna(each) else each for each in key)  # type: ignore[call-overload]
