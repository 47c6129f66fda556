"""From the life tables of a cohort to the shares that go on and that come so far, by count and by value."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salestrack.analyses.cohorts import CELLS, Cohort
from salestrack.estimate import TOO_FEW, UNDEFINED
from salestrack.stats.by_amount import incidence_by_amount
from salestrack.stats.compare import difference, verdict
from salestrack.stats.intervals import MIN_N, Interval
from salestrack.stats.life_table import LifeTable, life_table
from salestrack.stats.limits import normal_quantile, wilson
from salestrack.stats.progress import shares_reaching
from salestrack.stats.survival import incidence

FIGURES = {"next": "went_on", "cumulative": "reached"}
"""The two shares of a funnel, with the outcome that each is the incidence of."""
DIFFERENCES = (
    "cohort", "step", "step_number", "figure", "days", "before", "after", "n_before", "n_after", "difference", "low", "high",
    "verdict",
)  # fmt: skip
_LEAST_AT_RISK = 5


def funnel_frame(cohort: Cohort, by: Sequence[str], visited_only: bool, confidence: float = 0.95) -> pd.DataFrame:
    """Return the funnel of a cohort: a row for each group and step, as `salestrack.analyses.funnel.funnel` describes it."""
    groups = cohort.passages[list(by)].drop_duplicates().sort_values(list(by)) if by else pd.DataFrame(index=[0])
    steps = pd.DataFrame({"step": cohort.steps, "step_number": range(1, len(cohort.steps) + 1)})
    frame = groups.merge(steps, how="cross").assign(cohort=cohort.name)
    keys = [*by, "step_number"]
    frame = frame.merge(_counts(cohort, keys, visited_only), how="left", on=keys)
    frame = frame.merge(_next(cohort, keys, visited_only, confidence), how="left", on=keys)
    frame = frame.merge(_cumulative(cohort, keys, visited_only, confidence), how="left", on=keys)
    counts = ["entered", "went_on", "left", "open", "skipped", "with_amount"]
    frame[counts] = frame[counts].fillna(0).astype("int64")
    end = frame["step_number"] == len(cohort.steps)
    notes = np.select([end, frame["entered"] == 0, frame["entered"] < MIN_N], ["", UNDEFINED, TOO_FEW], "")
    return frame.assign(note=notes)


def cells_of(cohort: Cohort, figure: str, visited_only: bool) -> pd.DataFrame:
    """Return the life table of a figure; where only visited steps count, those skipped are a competing end."""
    if figure == "next":
        return cohort.passages[cohort.passages["visited"].astype(bool)] if visited_only else cohort.passages
    cells = cohort.arrivals
    skipped = (cells["outcome"] == "reached") & ~cells["visited"].astype(bool)
    return cells.assign(outcome=cells["outcome"].mask(skipped, "skipped")) if visited_only else cells


def _counts(cohort: Cohort, keys: list[str], visited_only: bool) -> pd.DataFrame:
    """Count who came to each step and what became of them there, and sum their amounts."""
    passages = cells_of(cohort, "next", visited_only)
    kinds = passages.groupby([*keys, "outcome"], dropna=False)["count"].sum().unstack("outcome", fill_value=0)
    kinds = kinds.reindex(columns=["went_on", "left", "open"], fill_value=0)
    sums = passages.groupby(keys, dropna=False)[["n", "s1"]].sum().rename(columns={"n": "with_amount", "s1": "amount"})
    all_rows = cohort.passages
    unseen = all_rows[~all_rows["visited"].astype(bool)].groupby(keys, dropna=False)["count"].sum().rename("skipped")
    made = kinds.assign(entered=kinds.sum(axis=1)).join(sums).join(unseen, how="outer").reset_index()
    # Those at the end have come there and go no further.
    end = cohort.entries[cohort.entries["step_number"] == len(cohort.steps)]
    ends = end.groupby(keys, dropna=False)[["count", "n", "s1"]].sum().reset_index()
    ends = ends.rename(columns={"count": "entered", "n": "with_amount", "s1": "amount"})
    return pd.concat([made, ends], ignore_index=True)


def _next(cohort: Cohort, keys: list[str], visited_only: bool, confidence: float) -> pd.DataFrame:
    cells = cells_of(cohort, "next", visited_only)
    count = incidence(life_table(cells, keys, outcomes=("went_on",)), "went_on", confidence).at()
    worth = incidence_by_amount(cells, "went_on", keys, confidence=confidence)
    return _beside(count, worth, "next", keys)


def _cumulative(cohort: Cohort, keys: list[str], visited_only: bool, confidence: float) -> pd.DataFrame:
    """Return the shares of the cohort that come to each step; their limits rest on how much each step's own life table tells."""
    by, cells, found = keys[:-1], cells_of(cohort, "cumulative", visited_only), []
    for weight, squares, rows in (("count", "count", "count"), ("s1", "s2", "n")):
        weighted = cells.assign(s1=cells[weight], s2=cells[squares], n=cells[rows])
        told = incidence_by_amount(weighted, "reached", keys)[[*keys, "days", "n", "size"]]
        told = pd.concat([_at_first(cohort, keys, (weight, squares, rows)), told], ignore_index=True)
        shares = shares_reaching(cohort.entries, cohort.exits, len(cohort.steps), by, weight)
        one = (shares.assign(value=shares["visited"]) if visited_only else shares).merge(told, how="left", on=keys)
        limits = wilson(one["value"].to_numpy(), one["size"].to_numpy(), normal_quantile(confidence))
        # All of the cohort came to its first step: nothing is estimated there.
        certain = (one["step_number"] == 1) & (not visited_only) & one["value"].notna()
        found.append(one.assign(low=np.where(certain, 1.0, limits.low), high=np.where(certain, 1.0, limits.high)))
    return _beside(found[0], found[1], "cumulative", keys)


def _at_first(cohort: Cohort, keys: list[str], columns: tuple[str, str, str]) -> pd.DataFrame:
    """Return how much the first step tells of the cohort: everything, on the first day."""
    weight, squares, rows = columns
    first = cohort.entries[cohort.entries["step_number"] == 1].groupby(keys, dropna=False)[list(CELLS)].sum().reset_index()
    return first[keys].assign(days=0.0, n=first[rows], size=first[weight] ** 2 / first[squares].where(first[squares] > 0))


def _beside(count: pd.DataFrame, worth: pd.DataFrame, figure: str, keys: list[str]) -> pd.DataFrame:
    """Put the shares by count and by amount beside each other, under their names."""
    limits = ("low", "high")
    count = count.rename(columns={"value": f"{figure}_share", **{name: f"{figure}_{name}" for name in (*limits, "days", "n")}})
    worth = worth.rename(columns={"value": f"{figure}_by_amount", **{name: f"{figure}_by_amount_{name}" for name in limits}})
    count = count[[*keys, *(f"{figure}_{name}" for name in ("share", *limits, "days", "n"))]]
    return count.merge(worth[[*keys, *(f"{figure}_by_amount{name}" for name in ("", "_low", "_high"))]], how="left", on=keys)


def funnel_differences(before: Cohort, after: Cohort, by: Sequence[str], visited_only: bool) -> pd.DataFrame:
    """Return the differences of the shares of two cohorts, each pair read after the same number of days.

    Parameters
    ----------
    before, after : Cohort
        Of the same steps.
    by : sequence of str
        Columns that name the groups.
    visited_only : bool
        Whether a skipped step counts as not come to.

    Returns
    -------
    pandas.DataFrame
        The columns of `by`, cohort, step, step_number, figure (``next`` or ``cumulative``), days (since entering, after which
        both are read; null: to the end of both), before, after, n_before, n_after, difference (after - before), low, high (95 %),
        and verdict (``up``, ``down``, ``cannot_tell``: for all of them at once; ``too_few``).

    Notes
    -----
    The younger cohort has been watched for a shorter time; both are read on the last day on which at least 5 of each were still
    there to be watched. Verdicts take an interval of 1 - 0.05 / m for m comparisons (Bonferroni).
    """
    keys = [*by, "step_number"]
    pairs = {figure: [cells_of(each, figure, visited_only) for each in (before, after)] for figure in FIGURES}
    frame = pd.concat([_compared(pair, figure, keys) for figure, pair in pairs.items()], ignore_index=True)
    judged = (frame["n_before"] >= MIN_N) & (frame["n_after"] >= MIN_N) & frame["difference"].notna()
    strict = 1 - 0.05 / max(int(judged.sum()), 1)
    strictly = pd.concat([_compared(pair, figure, keys, strict) for figure, pair in pairs.items()], ignore_index=True)
    words = pd.Series(verdict(strictly["low"], strictly["high"]), index=frame.index).where(judged, "too_few")
    step = frame["step_number"].map(dict(enumerate(after.steps, 1)))
    frame = frame.assign(cohort=after.name, step=step, verdict=words)
    return frame[[*by, *DIFFERENCES]]


def _compared(pair: list[pd.DataFrame], figure: str, keys: list[str], confidence: float = 0.95) -> pd.DataFrame:
    event = FIGURES[figure]
    tables = [life_table(cells, keys, outcomes=(event,)) for cells in pair]
    until = [table.keys.assign(until=_known_until(table)) for table in tables]
    both = until[0].merge(until[1], on=keys, suffixes=("_before", "_after"))
    both = both.assign(days=both[["until_before", "until_after"]].min(axis=1))
    read = [_read(cells, both[[*keys, "days"]], keys, event, confidence) for cells in pair]
    one = read[0].merge(read[1], on=keys, suffixes=("_before", "_after")).merge(both[[*keys, "days"]], on=keys)
    change = difference(
        *(Interval(*(one[f"{name}_{which}"] for name in ("value", "low", "high"))) for which in ("after", "before"))
    )
    return one[keys].assign(
        figure=figure, days=one["days"].replace(np.inf, np.nan), before=one["value_before"], after=one["value_after"],
        n_before=one["n_before"], n_after=one["n_after"], difference=change.value, low=change.low, high=change.high,
    )  # fmt: skip


def _known_until(table: LifeTable) -> np.ndarray:
    """Return the last day of each group on which enough were watched; endless where nobody is left to be watched."""
    groups = len(table.keys)
    watched = np.where(table.at_risk >= _LEAST_AT_RISK, table.days, -1.0)
    last = np.full(groups, -1.0)
    np.maximum.at(last, table.code, watched)
    over = np.bincount(table.code, table.censored, groups) == 0
    return np.where(over, np.inf, np.where(last < 0, np.nan, last))


def _read(cells: pd.DataFrame, until: pd.DataFrame, keys: list[str], event: str, confidence: float) -> pd.DataFrame:
    """Read the incidence of each group on its day: whatever came later is still open then."""
    cut = cells.merge(until.rename(columns={"days": "until"}), on=keys)
    cut = cut[cut["until"].notna()]
    later = cut["days"] > cut["until"]
    cut = cut.assign(days=cut[["days", "until"]].min(axis=1), outcome=cut["outcome"].mask(later, "open"))
    return incidence(life_table(cut, keys, outcomes=(event,)), event, confidence).at()[[*keys, "n", "value", "low", "high"]]
