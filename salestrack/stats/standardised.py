"""Groups held against what their mix of strata would let expect, when part of what is counted has not come to an end yet."""

import numpy as np
import pandas as pd
from scipy import stats

from salestrack.stats.by_amount import incidence_by_amount
from salestrack.stats.life_table import life_table
from salestrack.stats.limits import MIN_N, normal_quantile, wilson
from salestrack.stats.multiple import Standing, standing_of
from salestrack.stats.survival import incidence

__all__ = ["against_expected"]

_FEWEST_EXPECTED, _ENDLESS = 5, 1e9


@np.errstate(divide="ignore", invalid="ignore")
def against_expected(
    cells: pd.DataFrame, outcome: str, group: str, stratum: str, confidence: float = 0.95, q: float = 0.05
) -> pd.DataFrame:
    """Share of each group that leaves with an outcome, beside the share to be expected if all groups left alike in every stratum.

    Parameters
    ----------
    cells : DataFrame
        Columns `days`, `outcome` (``open`` and null are still there), `count`, and those of group and stratum.
    outcome : str
        The outcome.
    group, stratum : str
        Columns; null is a group of its own.
    confidence : float, default 0.95
        Nominal coverage of the limits.
    q : float, default 0.05
        Chance that, where no group differs, any is called above or below.

    Returns
    -------
    DataFrame
        One row per group: its column, `n`, `value` (share that leaves so by the longest time observed, over its strata; with `low`
        and `high`), `expected` (the same if all were alike; null: nobody), `ratio` (value / expected), `standing` (``above``,
        ``below``, ``not_distinguishable`` from the rest; ``too_few``: fewer than 10, or fewer than 5 expected to leave so or not).

    Notes
    -----
    In each stratum the group's Aalen-Johansen estimate is held against that of all groups, read after as many days as the group
    was observed: a young group is expected to have lost less. With nothing still open it is the test of Cochran, Mantel and
    Haenszel of the group against the rest, over strata. Speed does not matter: a group that is slow in everything leaves no less.

    References
    ----------
    Mantel, N., & Haenszel, W. (1959). Statistical aspects of the analysis of data from retrospective studies of disease. Journal
    of the National Cancer Institute, 22(4), 719-748.

    Holm, S. (1979). See `salestrack.stats.multiple.familywise_p`.

    Examples
    --------
    >>> cells = pd.DataFrame({"outcome": ["left", "went_on"] * 2, "count": [40, 60, 20, 80], "rep": list("AABB")})
    >>> cells = cells.assign(days=1, step=1)
    >>> against_expected(cells, "left", "rep", "step")[["value", "expected", "standing"]].values.tolist()
    [[0.4, 0.3, 'above'], [0.2, 0.3, 'below']]
    """
    counted = cells.assign(n=cells["count"], s1=cells["count"], s2=cells["count"])
    one = incidence_by_amount(counted, outcome, [group, stratum])
    curve = incidence(life_table(cells, [stratum], outcomes=(outcome,)), outcome).frame[[stratum, "days", "value"]]
    curve = curve.rename(columns={"value": "pooled"}).sort_values("days")
    still = cells[cells["outcome"].isna() | (cells["outcome"] == "open")].groupby([group, stratum], dropna=False)["days"].max()
    one = one.merge(still.rename("last_open").reset_index(), how="left", on=[group, stratum])
    # Where nobody was left to be watched, the end is known, however long it takes others to come to theirs.
    one["days"] = one["days"].where(one["last_open"] >= one["days"], _ENDLESS)
    one = pd.merge_asof(one.sort_values("days"), curve, on="days", by=stratum)
    everyone = one.groupby(stratum)["n"].transform("sum")
    spread = one["n"] ** 2 * one["pooled"] * (1 - one["pooled"]) / one["size"]
    rest = (everyone * (1 - one["n"] / everyone) / (everyone - 1)).where(everyone > 1, 0.0)
    parts = one.assign(came=one["n"] * one["value"], due=one["n"] * one["pooled"], spread=spread, chance=spread * rest)
    sums = parts.groupby(group, dropna=False)[["n", "came", "due", "spread", "chance"]].sum().reset_index()
    n, due = sums["n"], sums["due"]
    size = due * (n - due) / sums["spread"]
    limits = wilson((sums["came"] / n).to_numpy(), size.where(sums["spread"] > 0, n).to_numpy(), normal_quantile(confidence))
    enough = (n >= MIN_N) & (due >= _FEWEST_EXPECTED) & (n - due >= _FEWEST_EXPECTED) & (sums["chance"] > 0)
    z = np.where(enough, (sums["came"] - due) / np.sqrt(sums["chance"]), 0.0)
    words: Standing = standing_of(stats.norm.cdf(z), stats.norm.sf(z), enough.to_numpy(), q)
    return sums[[group]].assign(
        n=n.astype("int64"), value=limits.value, low=limits.low, high=limits.high, expected=due / n,
        ratio=(sums["came"] / due).where(due > 0), standing=words.verdict,
    )  # fmt: skip
