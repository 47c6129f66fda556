"""What each group did of each kind of activity, week by week or rep by rep, and who stands apart by more than chance."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from salestrack.alike_weeks import dependence, settled, weeks_of_a_deal
from salestrack.book import Book
from salestrack.columns import View, view
from salestrack.definition import Metric
from salestrack.errors import DefinitionError
from salestrack.formula import Total
from salestrack.groups import named
from salestrack.periods import Period
from salestrack.stats.intervals import MIN_N, mean
from salestrack.stats.multiple import distinguishable_means, familywise_p
from salestrack.tables import CATEGORIES

STANDINGS = ("above", "like", "below", "too_few")
REPS = ("rep", "rep_id")
FIGURES = (
    "standing", "rate", "low", "high", "n", "total", "share", "opportunities", "per_opportunity", "explained", "p", "adjusted_p",
)  # fmt: skip
_WRONGLY_TOLD = 0.05


def board(
    book: Book, asked: tuple[str, str, str], metric: Metric, limits: tuple[Period | None, Mapping[str, object]]
) -> pd.DataFrame:
    """Return the board of who (first of what is asked) did how much of each kind (second), by week or day (third).

    Parameters
    ----------
    book : Book
        A book with activities.
    asked : tuple of str
        Column of the groups, column of the kinds, ``week`` or ``day``.
    metric : Metric
        A total of activities.
    limits : tuple of (Period or None, mapping)
        Period and scope.

    Raises
    ------
    DefinitionError
        The metric is no total.
    """
    by, each, unit = asked
    period, scope = limits
    deal = weeks_of_a_deal(book, scope)
    at, record = (view(book, "activities", "started_at", asked, scope, some) for some in (period, None))
    observed = unit if by in REPS else "rep"
    rows = _rows(book, at, metric, deal)
    sums = _sums(book, rows, observed)
    times: dict[object, float] = {}
    if by in REPS:
        times = dependence(book, _rows(book, record, metric, deal), _spread(sums), deal)
    sums = sums.assign(times=sums["key_1"].map(times).fillna(1.0))
    return judged(named(book, at.keys[:2], sums), by, each)


def _rows(book: Book, at: View, metric: Metric, deal: int) -> ir.Table:
    """Return the activities with what the metric adds up as x, and whether they are of the first weeks of their rep."""
    formula = metric.function(at.table)
    if not isinstance(formula, Total):
        raise DefinitionError(f"{metric.name} is no total, so it cannot be added up week by week.")
    of = formula.of.cast("int64").cast("float64") if formula.of.type().is_boolean() else formula.of.cast("float64")
    of = of if formula.where is None else formula.where.fill_null(False).ifelse(of, 0.0)
    # What names nobody is no rep's: a group of it would be held against people.
    return settled(book, at.table.mutate(x=of.fill_null(0.0)).filter(at.table.rep_id.notnull()), deal)


def _spread(sums: pd.DataFrame) -> dict[object, float]:
    """Return the variance between single observations of each kind."""
    whole = sums.groupby("key_1", dropna=False)[["n", "s1", "s2"]].sum()
    return (whole["s2"] / whole["n"] - (whole["s1"] / whole["n"]) ** 2).fillna(0.0).to_dict()


def _sums(book: Book, rows: ir.Table, observed: str) -> pd.DataFrame:
    """Return for each group and kind the sums over its observations: n, s1, s2, s3; total; logged activities; opportunities."""
    cells = rows.group_by(["key_0", "key_1", "rep_id", "key_2"]).aggregate(
        x=rows.x.sum(where=rows.settled).fill_null(0.0), total=rows.x.sum(), activities=rows.count()
    )
    late = rows.filter(rows.settled)
    seen = late.select("key_0", "rep_id", "key_2").distinct()
    if observed == "rep":
        weeks = seen.group_by(["key_0", "rep_id"]).aggregate(weeks=ibis._.count())
        each = cells.group_by(["key_0", "key_1", "rep_id"]).aggregate(
            x=cells.x.sum(), total=cells.total.sum(), activities=cells.activities.sum()
        )
        side = weeks.select("weeks", _group=weeks.key_0, _rep=weeks.rep_id)
        each = each.left_join(side, [each.key_0.identical_to(side["_group"]), each.rep_id == side["_rep"]])
        cells, seen = each.mutate(x=(each.x / each.weeks).fill_null(0.0)), weeks
    n = book.fetch(seen.group_by("key_0").aggregate(n=ibis._.count()))
    deals = book.fetch(rows.group_by("key_0").aggregate(opportunities=rows.opportunity_id.nunique()))
    n = deals.merge(n, on="key_0", how="left").fillna({"n": 0}).astype({"n": "int64"})
    x = cells.x
    sums = cells.group_by(["key_0", "key_1"]).aggregate(
        s1=x.sum(), s2=(x * x).sum(), s3=(x * x * x).sum(), total=cells.total.sum(), activities=cells.activities.sum()
    )
    found = book.fetch(sums)
    # Who did nothing of a kind did zero of it.
    whole = n.merge(found[["key_1"]].drop_duplicates(), how="cross").merge(found, on=["key_0", "key_1"], how="left")
    filled = ["s1", "s2", "s3", "total", "activities"]
    return whole.assign(**whole[filled].fillna(0.0))


def judged(sums: pd.DataFrame, by: str, each: str) -> pd.DataFrame:
    """Return the board: rate with interval, standing after adjustment for all groups and kinds, rows in the order of names."""
    judged = []
    for _, kind in sums.groupby(each, dropna=False, sort=False):
        n, s1, s2, s3 = (kind[name] / kind["times"] for name in ("n", "s1", "s2", "s3"))
        found = mean(n, s1, s2, s3)
        never = kind["s1"] == 0
        # Fewer than ten weeks are too few, however many they count for.
        p = distinguishable_means(n, s1, s2, s3, min_n=0).p if len(kind) > 1 else np.nan
        figures = {"rate": found.value, "low": np.where(never, np.nan, found.low), "high": np.where(never, np.nan, found.high)}
        usual, share = kind["s1"].sum() / kind["n"].sum(), kind["total"] / kind["total"].sum()
        deals = kind["opportunities"].where(kind["opportunities"] > 0)
        figures |= {"per_opportunity": kind["total"] / deals, "usual_per": kind["total"].sum() / deals.sum(min_count=1)}
        judged.append(kind.assign(**figures, p=np.where(kind["n"] < MIN_N, np.nan, p), share=share, usual=usual))
    if not judged:
        return sums
    whole = pd.concat(judged)
    whole["adjusted_p"] = familywise_p(whole["p"].to_numpy(dtype=float))
    told, above = whole["adjusted_p"] <= _WRONGLY_TOLD, whole["rate"] > whole["usual"]
    whole["explained"] = told & _explained(whole)
    told &= ~whole["explained"]
    whole["standing"] = np.select([whole["n"] < MIN_N, told & above, told], ["too_few", "above", "below"], "like")
    order = {name: i for i, name in enumerate((*CATEGORIES, *STANDINGS))}
    ordered = {"standing", "category"}
    whole = whole.sort_values([each, "standing", by], key=lambda c: c.map(order) if c.name in ordered else c)
    return whole[[each, by, *FIGURES, "usual", "activities"]].reset_index(drop=True)


def _explained(rows: pd.DataFrame) -> pd.Series:
    """Return whether less than half of a difference is left for each opportunity: the rest is the number of them."""
    a_week, each = (
        pd.Series(np.log(ratio.where(ratio > 0).astype(float)), index=rows.index)
        for ratio in (rows["rate"] / rows["usual"], rows["per_opportunity"] / rows["usual_per"])
    )
    return (each * np.sign(a_week) < a_week.abs() / 2).fillna(False)
