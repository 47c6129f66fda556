"""Which groups differ from the rest: from a result's parts to the tests of `salestrack.stats.multiple`."""

import numpy as np
import pandas as pd

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
    Shares of counts and means are tested as they are. A share of a sum, Σx / Σy, is tested as the mean of x - R y with the R of
    all groups together: where the groups do not differ, that mean is 0 in each.
    """
    metric = one.metrics[0]
    formula = one.parts[metric.name].formula
    sums = sums_of(one)
    n = sums.get("n", pd.Series(dtype=float))
    if isinstance(formula, Ratio | Reaching) and "k" in sums:
        return distinguishable_shares(sums["k"], n, min_n=metric.min_n).verdict
    if isinstance(formula, Mean):
        return distinguishable_means(n, sums["s1"], sums["s2"], sums["s3"], min_n=metric.min_n).verdict
    if isinstance(formula, Ratio) and metric.unit == SHARE and "syy" in sums:
        return shares_of_sums(sums, metric.min_n)
    return None


def shares_of_sums(sums: pd.DataFrame, min_n: int) -> np.ndarray | None:
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


def sums_of(one: Measured) -> pd.DataFrame:
    """Return the parts of one metric, row by row with its frame; a group without rows has zeros."""
    parts = one.parts[one.metrics[0].name].frame
    if "k" in parts:
        # A share of counts is k over n, so the two give k back exactly.
        n = one.frame["n"].to_numpy(dtype=float)
        return pd.DataFrame({"k": np.rint(one.frame["value"].fillna(0).to_numpy(dtype=float) * n), "n": n})
    if not one.by:
        return parts.fillna(0).astype(float)
    keys = tuple(key_of(one.book, name) for name in one.by)
    by_name = named(one.book, keys, parts)
    wanted = one.frame[list(one.by)].astype(object)
    by_name = by_name.astype(dict.fromkeys(one.by, object))
    found = wanted.where(wanted.notna(), None).merge(by_name.where(by_name.notna(), None), how="left", on=list(one.by))
    return found.drop(columns=list(one.by)).apply(pd.to_numeric).fillna(0)
