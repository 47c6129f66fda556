"""The share of an amount that has left with an outcome, when part of what entered has not come to an end yet."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salestrack.stats.life_table import LifeTable, life_table
from salestrack.stats.limits import Floats, normal_quantile, wilson

__all__ = ["incidence_by_amount"]

# At-risk amounts are differences of large sums: what rounding leaves of them is nobody.
_NOTHING = 1e-9


@np.errstate(divide="ignore", invalid="ignore")
def incidence_by_amount(
    sums: pd.DataFrame, outcome: str, by: Sequence[str] = (), censored: Sequence[str] = ("open",), confidence: float = 0.95
) -> pd.DataFrame:
    """Share of the amount that entered which has left with an outcome by the longest time observed (Aalen-Johansen, weighted).

    Parameters
    ----------
    sums : DataFrame
        Columns `days`, `outcome` (null is still there), `n` (rows with an amount), `s1` and `s2` (Σ amount, Σ amount²), and those
        in `by`. Rows of no amount do not count. With the number of rows in all three it is the share by count.
    outcome : str
        The outcome.
    by : sequence of str, default ()
        Columns that name the group; null is a group of its own. A group without any amount is missing from the answer.
    censored : sequence of str, default ('open',)
        Outcomes that mean still there when last seen.
    confidence : float, default 0.95
        Nominal coverage.

    Returns
    -------
    DataFrame
        One row per group: its key columns, `days` (longest time observed), `n`, `value`, `low`, `high` (0 to 1), and `size`
        (effective number of rows, from which the limits are).

    Notes
    -----
    Every row counts with its amount, in those at risk and in those leaving. The variance is Σ w² φ², φ being the influence of one
    unit of amount on the estimate (infinitesimal jackknife, with the factor n / (n - 1) where amounts differ); without censoring
    that is the delta method of `salestrack.stats.ratios.share_of_sum`. As there, the amounts' own spread (Kish) is the least that
    is taken, and the limits are Wilson's for the effective number of rows F (1 - F) / V.

    References
    ----------
    Aalen, O. O., & Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on censored
    observations. Scandinavian Journal of Statistics, 5(3), 141-150.

    Efron, B. (1982). The jackknife, the bootstrap and other resampling plans, chapter 6. SIAM.

    Kish, L. (1965). Survey sampling, section 11.7. Wiley.

    Examples
    --------
    Deals of 10, 20, 30 and 40; those of 10 and 20 were won, nothing is open: 30 of 100.

    >>> sums = pd.DataFrame({"days": [5, 9], "outcome": ["won", "lost"], "n": [2, 2], "s1": [30, 70], "s2": [500, 2500]})
    >>> incidence_by_amount(sums, "won")[["days", "value", "low", "high"]].round(2).to_dict("records")
    [{'days': 9.0, 'value': 0.3, 'low': 0.06, 'high': 0.76}]
    """
    z, keys = normal_quantile(confidence), list(by)
    sums = sums[sums["s1"] > 0]
    worth, squares, rows = (
        life_table(sums.assign(count=sums[column]), keys, censored, outcomes=(outcome,)) for column in ("s1", "s2", "n")
    )
    groups, code = len(worth.keys), worth.code
    if not len(code):
        return worth.keys.iloc[:0].assign(days=0.0, n=0.0, value=0.0, low=0.0, high=0.0, size=0.0)
    value, influence = _influence(worth, outcome)
    # Rows that all weigh the same are a count, whose spread is that of its share.
    alike = squares.n * rows.n <= worth.n**2 * (1 + _NOTHING)
    small = np.where(alike, 1.0, rows.n / np.maximum(rows.n - 1, 1))
    robust = np.bincount(code, (influence**2 * _kinds(squares, outcome)).sum(axis=1), groups) * small
    by_amounts = np.bincount(code, (influence**2 * _kinds(worth, outcome)).sum(axis=1), groups) * squares.n / worth.n
    variance = np.maximum(np.where(rows.n > 1, robust, 0), by_amounts)
    size = np.where(variance > _NOTHING**2, value * (1 - value) / variance, _known(worth) ** 2 / _known(squares))
    limits = wilson(value, size, z)
    last = np.append(worth.starts[1:], len(code)) - 1
    return worth.keys.assign(days=worth.days[last], n=rows.n, value=value, low=limits.low, high=limits.high, size=size)


def _influence(worth: LifeTable, outcome: str) -> tuple[Floats, Floats]:
    """Return the estimate of each group, and what one more unit leaving so, otherwise, or unseen at each row would change in it."""
    n, leaving, events, code = worth.at_risk, worth.count(), worth.count(outcome), worth.code
    stay = n - leaving
    goes_on = stay > _NOTHING * worth.n[code]
    remaining = pd.Series(np.where(goes_on, stay / n, 0.0)).groupby(code).cumprod()
    before = remaining.groupby(code).shift(1, fill_value=1.0).to_numpy(dtype=np.float64)
    risen = pd.Series(before * events / n).groupby(code).cumsum()
    value = np.asarray(risen.groupby(code).last().clip(0.0, 1.0), dtype=np.float64)
    ahead = np.where(goes_on, value[code] - risen, 0.0)
    kept = np.divide(ahead, stay, out=np.zeros_like(n), where=goes_on)
    at_risk = pd.Series(kept * leaving / n - before * events / n**2).groupby(code).cumsum().to_numpy(dtype=np.float64)
    influence = np.column_stack([at_risk + before / n - kept, at_risk - kept, at_risk])
    return value, np.asarray(influence, dtype=np.float64)


def _kinds(table: LifeTable, outcome: str) -> Floats:
    """Return what left at each row with the outcome, otherwise, and what was last seen there."""
    return np.column_stack([table.count(outcome), table.count() - table.count(outcome), table.censored])


def _known(table: LifeTable) -> Floats:
    """Return how much of each group left or was watched until the end."""
    last = np.append(table.starts[1:], len(table.code)) - 1
    return np.asarray(table.settled[last] + table.censored[last], dtype=np.float64)
