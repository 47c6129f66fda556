"""How long it takes and what becomes of it, when part of it has not come to an end yet.

Those who are still there when last seen are kept as such (censored): leaving them out would make everything look faster.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salestrack.errors import StatisticsError
from salestrack.stats.intervals import share
from salestrack.stats.life_table import LifeTable
from salestrack.stats.limits import Floats, normal_quantile

__all__ = ["Curve", "survival", "incidence"]


@dataclass(frozen=True)
class Curve:
    """A share as a function of the days since entry, for every group.

    Parameters
    ----------
    frame : DataFrame
        One row per group and day on which somebody left or was last seen, sorted: the key columns of the group, `days`,
        `at_risk` (still there just before), `events` (left then, with the outcome in question), `value`, `low`, `high` (the
        share from that day until the next row) and `remaining` (share that has not left with any outcome).
    table : LifeTable
        What it was estimated from.
    rising : bool
        Whether the curve is a share that has left (from 0 up) or one that is still there (from 1 down).
    confidence : float
        Nominal coverage of the limits, day by day.
    """

    frame: pd.DataFrame
    table: LifeTable
    rising: bool
    confidence: float

    def at(self, days: float | None = None) -> pd.DataFrame:
        """Read the curve on one day.

        Parameters
        ----------
        days : float, optional
            Days since entry; each group's last day when not given.

        Returns
        -------
        DataFrame
            One row per group: its key columns, `days`, `n` (entered), `at_risk` (how many were watched that long or longer and had
            not left before), `value`, `low`, `high`. These three are NaN where nobody was watched that long, unless everybody
            had left by then.
        """
        table, frame = self.table, self.frame
        groups, starts = len(table.keys), table.starts
        if not len(frame):
            return table.keys.assign(days=days, n=table.n, at_risk=0.0, value=np.nan, low=np.nan, high=np.nan)
        ends = np.append(starts[1:], len(frame)) - 1
        asked = table.days[ends] if days is None else np.full(groups, float(days))
        row = starts + np.bincount(table.code[table.days <= asked[table.code]], minlength=groups) - 1
        here, following = np.maximum(row, starts), np.minimum(row + 1, len(frame) - 1)
        exact = table.days[here] == asked
        watched = np.where(exact, table.at_risk[here], np.where(row < ends, table.at_risk[following], 0))
        read = frame[["value", "low", "high", "remaining"]].to_numpy()[here]
        # Before the first event the limits hang on how many were watched until the day asked for, not until the row before it.
        quiet = (row < starts) | (read[:, 0] == (0 if self.rising else 1))
        known = watched + np.where(row < starts, 0, table.settled[here] - np.where(exact, table.count()[here], 0))
        read[quiet, :3] = np.column_stack(_quiet(known, self.rising, self.confidence))[quiet]
        read[(watched == 0) & ((row < starts) | (read[:, 3] > 0)), :3] = np.nan
        columns = dict(zip(("value", "low", "high"), read.T, strict=False))
        return table.keys.assign(days=asked, n=table.n, at_risk=watched, **columns)

    def quantile(self, p: float = 0.5) -> pd.DataFrame:
        """Days until a share p of all has left (with the outcome of the curve), with limits.

        Parameters
        ----------
        p : float, default 0.5
            Share of all that entered; 0.5 is the median.

        Returns
        -------
        DataFrame
            One row per group: its key columns, `value`, `low`, `high` in days. A NaN value means that the share was not reached
            while watched, a NaN high that the upper limit was not: then all that is known is "`low` or more".

        Raises
        ------
        StatisticsError
            When p is not strictly between 0 and 1.

        Notes
        -----
        The limits are the days on which the limits of the curve reach p (Brookmeyer & Crowley).

        References
        ----------
        Brookmeyer, R., & Crowley, J. (1982). A confidence interval for the median survival time. Biometrics, 38(1), 29-41.
        """
        if not 0 < p < 1:
            raise StatisticsError(f"A quantile lies strictly between 0 and 1; {p!r} was given. Write P90 as 0.9.")
        left = self.frame[["value", "low", "high"]].to_numpy()
        left = left if self.rising else 1 - left[:, [0, 2, 1]]
        # Rounding in a product of many factors must not move a share of exactly p past it.
        reached = (left >= p - 1e-12) & (left[:, :1] > 0)
        days = [self._first(reached[:, column]) for column in (0, 2, 1)]
        return self.table.keys.assign(value=days[0], low=days[1], high=days[2])

    def _first(self, reached: np.ndarray) -> Floats:
        """First day of each group on which the condition holds; NaN if never."""
        days = pd.Series(np.where(reached, self.table.days, np.nan))
        return np.asarray(days.groupby(self.table.code).min().reindex(range(len(self.table.keys))), dtype=np.float64)


def incidence(table: LifeTable, outcome: str | None = None, confidence: float = 0.95) -> Curve:
    """Share of all that entered which has left with an outcome by each day (Aalen-Johansen).

    Parameters
    ----------
    table : LifeTable
        Counts by group and day.
    outcome : str, optional
        The outcome; any outcome if not given (then it is 1 - Kaplan-Meier).
    confidence : float, default 0.95
        Nominal coverage.

    Returns
    -------
    Curve
        Rising from 0.

    Raises
    ------
    UnknownNameError
        When the table knows no such outcome.

    Notes
    -----
    With n at risk, d_k leaving with outcome k and d with any, F_k(t) = Σ S(t_j⁻) d_kj / n_j over t_j <= t, S being Kaplan-Meier of
    leaving at all. Counting other outcomes as censored instead would claim that the lost could still be won. The variance is
    the delta method over independent multinomial hazards (Marubini & Valsecchi, formula 10.12), ::

        Σ (F_k(t) - F_k(t_j))² d_j / (n_j (n_j - d_j)) + S(t_j⁻)² d_kj (n_j - d_kj) / n_j³
          - 2 (F_k(t) - F_k(t_j)) S(t_j⁻) d_kj / n_j²

    which is Greenwood's for a single outcome and F (1 - F) / n when nobody is censored. The limits are taken on log(-log(1 - F)).
    Where nobody has left with the outcome yet, they are Wilson's for 0 of all that are still watched or left otherwise; where
    everybody has, Wilson's for the effective number S (1 - S) / Var(S) just before.

    Simulated coverage of the nominal 95 % lies within 93 to 97.5 % from n = 50 on with 15 to 50 % censored, as long as some 5 are
    still at risk on the day asked for, of which `at_risk` tells; with 2 at risk it falls below 90 %.

    References
    ----------
    Aalen, O. O., & Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on censored
    observations. Scandinavian Journal of Statistics, 5(3), 141-150.

    Marubini, E., & Valsecchi, M. G. (1995). Analysing survival data from clinical trials and observational studies. Wiley.

    Examples
    --------
    >>> from salestrack.stats.life_table import life_table
    >>> counts = pd.DataFrame({"days": [10, 20, 20, 30], "outcome": ["won", "lost", None, "won"], "count": [2, 3, 1, 4]})
    >>> incidence(life_table(counts), "won").at(20)[["at_risk", "value"]].to_dict("records")
    [{'at_risk': 8.0, 'value': 0.2}]
    """
    z = normal_quantile(confidence)
    frame = _estimate(table, table.count(outcome))
    value, low, high = _limits(frame, table, z, confidence)
    columns = {"at_risk": table.at_risk, "events": table.count(outcome), "value": value, "low": low, "high": high}
    keys = table.keys.iloc[table.code].reset_index(drop=True)
    return Curve(keys.assign(days=table.days, **columns, remaining=frame["remaining"].to_numpy()), table, True, confidence)


def survival(table: LifeTable, confidence: float = 0.95) -> Curve:
    """Share of all that entered which is still there after each day (Kaplan-Meier).

    Parameters
    ----------
    table : LifeTable
        Counts by group and day; leaving with any outcome is leaving.
    confidence : float, default 0.95
        Nominal coverage.

    Returns
    -------
    Curve
        Falling from 1.

    See Also
    --------
    incidence : where the limits are described; this is its complement for any outcome.

    References
    ----------
    Kaplan, E. L., & Meier, P. (1958). Nonparametric estimation from incomplete observations. Journal of the American
    Statistical Association, 53(282), 457-481.

    Greenwood, M. (1926). The errors of sampling of the survivorship tables. Reports on Public Health and Statistical Subjects,
    33, appendix 1. HMSO.

    Kalbfleisch, J. D., & Prentice, R. L. (2002). The statistical analysis of failure time data (2nd ed.), section 1.4. Wiley.

    Examples
    --------
    >>> from salestrack.stats.life_table import life_table
    >>> counts = pd.DataFrame({"days": [10, 20, 30], "outcome": ["won", None, "lost"], "count": [5, 10, 5]})
    >>> survival(life_table(counts)).frame[["days", "at_risk", "value"]].values.tolist()
    [[10.0, 20.0, 0.75], [20.0, 15.0, 0.75], [30.0, 5.0, 0.0]]
    """
    left = incidence(table, None, confidence).frame
    falling = left.assign(value=left["remaining"], low=1 - left["high"], high=1 - left["low"])
    return Curve(falling, table, False, confidence)


def _estimate(table: LifeTable, events: Floats) -> pd.DataFrame:
    """Incidence, its variance, and the share remaining, row by row.

    The squares of the variance formula are multiplied out, so that running sums give it on all days at once.
    """
    n, leaving = table.at_risk, table.count()
    remaining = pd.Series(1 - leaving / n).groupby(table.code).cumprod()
    before = remaining.groupby(table.code).shift(1, fill_value=1.0).to_numpy()
    f = pd.Series(before * events / n).groupby(table.code).cumsum().to_numpy()
    # After the last one has left F stays as it is, so that the infinite hazard variance has no weight.
    g = np.divide(leaving, n * (n - leaving), out=np.zeros_like(n), where=n > leaving)
    h = before * events / n**2
    terms = pd.DataFrame({"a": g, "b": g * f + h, "c": g * f**2 + 2 * h * f + before**2 * events * (n - events) / n**3})
    sums = terms.groupby(table.code).cumsum()
    variance = np.maximum(f**2 * sums["a"] - 2 * f * sums["b"] + sums["c"], 0)
    return pd.DataFrame({"value": f, "variance": variance, "remaining": remaining})


@np.errstate(divide="ignore", invalid="ignore", over="ignore")
def _limits(frame: pd.DataFrame, table: LifeTable, z: float, confidence: float) -> tuple[Floats, Floats, Floats]:
    """Limits on the complementary log-log scale, and Wilson's at both ends where that scale has none."""
    value, variance = frame["value"].to_numpy(), frame["variance"].to_numpy()
    left = table.count()
    stay = 1 - value
    factor = np.exp(z * np.sqrt(variance) / (stay * -np.log(stay)))
    low, high = 1 - stay ** (1 / factor), 1 - stay**factor
    quiet = value == 0
    _, _, top = _quiet(table.at_risk + table.settled - left, True, confidence)
    # Everybody has left, with this outcome: what was known just before the last ones did.
    gone = (table.at_risk == left) & (stay < 1e-9)
    earlier = frame.groupby(table.code)[["value", "variance"]].shift(1).to_numpy()
    effective = earlier[:, 0] * (1 - earlier[:, 0]) / earlier[:, 1]
    size = np.where(np.isfinite(effective) & (effective > 0), effective, table.at_risk)
    _, bottom, _ = share(size, size, confidence)
    value = np.where(gone, 1.0, value)
    low = np.select([quiet, gone], [0.0, bottom], low)
    high = np.select([quiet, gone], [top, 1.0], high)
    return value, np.minimum(low, value), np.maximum(high, value)


def _quiet(known: Floats, rising: bool, confidence: float) -> tuple[Floats, Floats, Floats]:
    """Value and limits where none of those of whom it is known has left with the outcome."""
    value, low, high = share(np.zeros_like(known), known, confidence)
    return (value, low, high) if rising else (1 - value, 1 - high, 1 - low)
