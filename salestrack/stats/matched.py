"""Two kinds of cases compared like with like: means by stratum, those of one kind weighed as the other is spread."""

import numpy as np
import pandas as pd
from scipy import stats

from salestrack.stats.limits import MIN_N, normal_quantile

__all__ = ["matched_means"]

FEWEST_EVENTS = 10
"""With fewer events in all, sums of counts are too far from normal for a limit to be stated."""


def matched_means(parts: pd.DataFrame, by: list[str], confidence: float = 0.95) -> pd.DataFrame:
    """Compare the mean count of two kinds of cases, stratum by stratum.

    Parameters
    ----------
    parts : pandas.DataFrame
        One row for each combination of `by` and stratum: n, s1, s2 (cases, Σx, Σx²) of the first kind and n_other, s1_other,
        s2_other of the second. Strata that lack one kind count for nothing.
    by : list of str
        Columns that say what is compared.
    confidence : float, default 0.95
        Of the limits.

    Returns
    -------
    pandas.DataFrame
        One row for each combination of `by`: mean and other (the mean that the second kind would have, were it spread over the
        strata as the first is), difference with low and high, p, n and n_other (cases in strata that have both kinds), and reason:
        ``too_few`` (fewer than 10 cases of a kind, or 10 events in all; then limits and p are null) or empty.

    Notes
    -----
    With m_s and o_s a stratum's means and w_s = n_s / Σ n_s, the means are Σ w_s m_s and Σ w_s o_s (direct standardisation), their
    variances Σ w_s² v_s / n_s with v_s the variance of a stratum's counts. Where a stratum has fewer than 10 cases, v_s is that
    within all strata together. Limits use t on the degrees of freedom of Satterthwaite: a variance that hangs on few cases of a
    stratum that weighs much is not known well.

    References
    ----------
    Armitage, P., Berry, G., & Matthews, J. N. S. (2002). Statistical methods in medical research (4th ed.), section 19.3.
    Blackwell.

    Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components. Biometrics Bulletin, 2(6),
    110-114.

    Examples
    --------
    Two strata of 10 and 30; by stratum the means are 1 and 2 against 0 and 2, so standardised 1.75 against 1.5.

    >>> sums = {"n": [10, 30], "s1": [10, 60], "s2": [20, 150], "n_other": [20, 10], "s1_other": [0, 20], "s2_other": [0, 50]}
    >>> row = matched_means(pd.DataFrame(sums).assign(what="visits"), ["what"]).iloc[0]
    >>> [float(row[name]) for name in ("mean", "other", "difference")]
    [1.75, 1.5, 0.25]
    """
    normal_quantile(confidence)
    both = parts[(parts["n"] > 0) & (parts["n_other"] > 0)]
    weighed = _weighed(both, by)
    sums = weighed.groupby(by, sort=False, observed=True)[_SUMMED].sum().reset_index()
    error = np.sqrt(sums["variance"])
    difference = sums["mean"] - sums["other"]
    freedom = np.maximum(sums["variance"] ** 2 / sums["uncertainty"].where(sums["uncertainty"] > 0), 1)
    few = (sums[["n", "n_other"]].min(axis=1) < MIN_N) | (sums["events"] < FEWEST_EVENTS) | ~(error > 0)
    reach = (stats.t.ppf((1 + confidence) / 2, freedom) * error).mask(few)
    p = 2 * stats.t.sf(difference.abs() / error.where(error > 0), freedom)
    told = sums.assign(difference=difference, low=difference - reach, high=difference + reach, p=pd.Series(p).mask(few))
    columns = [*by, "mean", "other", "difference", "low", "high", "p", "n", "n_other"]
    return told[columns].astype({"n": "int64", "n_other": "int64"}).assign(reason=np.where(few, "too_few", ""))


_SUMMED = ["mean", "other", "variance", "n", "n_other", "uncertainty", "events"]


def _weighed(both: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return each stratum's share in the two means and in the variance of their difference."""
    keys = [both[name] for name in by]
    weight = both["n"] / both["n"].groupby(keys, observed=True).transform("sum")
    variance, uncertainty = pd.Series(0.0, index=both.index), pd.Series(0.0, index=both.index)
    for tail in ("", "_other"):
        n, s1, s2 = (both[f"{name}{tail}"].astype(float) for name in ("n", "s1", "s2"))
        squares = (s2 - s1**2 / n).clip(lower=0)
        pooled, spare = (each.groupby(keys, observed=True).transform("sum") for each in (squares, n - 1))
        common = pooled / spare.where(spare > 0)
        own = squares / (n - 1).where(n > 1)
        piece = weight**2 * own.where(n >= MIN_N, common) / n
        variance, uncertainty = variance + piece, uncertainty + piece**2 / (n - 1).clip(lower=1)
    means = {"mean": weight * both["s1"] / both["n"], "other": weight * both["s1_other"] / both["n_other"]}
    return both.assign(**means, variance=variance, uncertainty=uncertainty, events=both["s1"] + both["s1_other"])
