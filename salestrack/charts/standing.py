"""Which groups differ from the rest: from a result's parts to the tests of `salestrack.stats.multiple`."""

import numpy as np
import pandas as pd

from salestrack.alike_weeks import worth
from salestrack.columns import key_of
from salestrack.definition import SHARE
from salestrack.formula import Mean, Ratio, Reaching
from salestrack.groups import named
from salestrack.measure import Measured
from salestrack.stats.multiple import distinguishable_means, distinguishable_shares


def standings(one: Measured) -> np.ndarray | None:
    """Return for each row of a result whether its group is distinguishably above or below the rest.

    Parameters
    ----------
    one : Measured
        One metric, broken down.

    Returns
    -------
    ndarray of str, or None
        ``'above'``, ``'below'``, ``'not_distinguishable'`` or ``'too_few'``, row by row with ``one.frame``; None where there is no
        test for this kind of figure.

    Notes
    -----
    Of activities n and all sums are those of as many independent ones as they are worth (`salestrack.alike_weeks`).

    Shares of counts and means are tested as they are. A share of a sum, Σx / Σy, is tested as the mean of x - R y with the R of
    all groups together: where the groups do not differ, that mean is 0 in each.
    """
    metric = one.metrics[0]
    parts = one.parts[metric.name]
    formula, min_n = parts.formula, metric.min_n / parts.times
    if counts := counts_of(one):
        return distinguishable_shares(*counts, min_n=metric.min_n, times=parts.times).verdict
    if isinstance(formula, Mean):
        sums = _sums_of(one)
        return distinguishable_means(sums["n"], sums["s1"], sums["s2"], sums["s3"], min_n=min_n).verdict
    if isinstance(formula, Ratio) and metric.unit == SHARE and "syy" in one.parts[metric.name].frame:
        return shares_of_sums(_sums_of(one), min_n)
    return None


def counts_of(one: Measured) -> tuple[np.ndarray, np.ndarray] | None:
    """Return k and n of a share of counts, row by row with its frame; None for any other figure."""
    parts = one.parts[one.metrics[0].name]
    if not isinstance(parts.formula, Ratio | Reaching) or "k" not in parts.frame:
        return None
    # The share is k over n, so the two give k back exactly.
    n = one.frame["n"].to_numpy(dtype=float)
    return np.rint(one.frame["value"].fillna(0).to_numpy(dtype=float) * n), n


def shares_of_sums(sums: pd.DataFrame, min_n: float) -> np.ndarray | None:
    """Return which groups have a share of a sum distinguishably above or below the rest.

    Parameters
    ----------
    sums : pandas.DataFrame
        Of each group n, sx, sy, sxx, syy and sxy.
    min_n : int
        Groups with fewer rows are not judged.

    Returns
    -------
    ndarray of str, or None
        Verdicts as `salestrack.stats.multiple` gives them; None where the whole is zero.
    """
    if not sums["sy"].sum() > 0:
        return None
    whole = sums["sx"].sum() / sums["sy"].sum()
    first = sums["sx"] - whole * sums["sy"]
    second = sums["sxx"] - 2 * whole * sums["sxy"] + whole**2 * sums["syy"]
    return distinguishable_means(sums["n"], first, second, np.zeros(len(sums)), min_n=min_n).verdict


def _sums_of(one: Measured) -> pd.DataFrame:
    """Return the parts of one metric, row by row with its frame; a group without rows has zeros."""
    keys = tuple(key_of(one.book, name) for name in one.by)
    held = one.parts[one.metrics[0].name]
    parts = named(one.book, keys, worth(held.frame, held.times)).astype(dict.fromkeys(one.by, object))
    wanted = one.frame[list(one.by)].astype(object)
    found = wanted.where(wanted.notna(), None).merge(parts.where(parts.notna(), None), how="left", on=list(one.by))
    return found.drop(columns=list(one.by)).apply(pd.to_numeric).fillna(0)
