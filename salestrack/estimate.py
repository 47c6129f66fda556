"""From parts to figures: value, interval, n and a note, by the kind of formula. Pure functions on small pandas frames."""

import numpy as np
import pandas as pd

from salestrack.alike_weeks import worth
from salestrack.definition import Metric, Unit
from salestrack.formula import Duration, Formula, Mean, MeanOfRatios, Quantile, Ratio, Reaching, Total
from salestrack.parts import Parts
from salestrack.stats import intervals
from salestrack.stats.life_table import life_table
from salestrack.stats.survival import incidence

UNDEFINED, TOO_FEW, ABSENT, UNRECORDED = "undefined", "too_few", "absent", "unrecorded"
# Kinds whose groups can be added up to larger groups.
ADDITIVE = (Total, Ratio, Mean, Duration)


def estimate(metric: Metric, parts: Parts, confidence: float) -> pd.DataFrame:
    """Return the figure of every group.

    Parameters
    ----------
    metric : Metric
        Says below which n a group is too few to judge.
    parts : Parts
        What the engine returned.
    confidence : float
        Of the interval, 0 to 1.

    Returns
    -------
    pandas.DataFrame
        Key columns, then value, low, high (null: undefined, or no interval for this kind or n), n, squares (Σx² of a total, which
        its growth needs; null for other kinds), note: empty, ``"undefined"``, ``"too_few"`` or ``"unrecorded"`` (rows count, and
        not one of them carries the value), rows (that the figure asks), recorded (how many of them carry the value) and lacks
        (the column in which some do not; empty where all do).
    """
    keys = [column for column in parts.frame.columns if column.startswith("key_")]
    if isinstance(parts.formula, Duration):
        frame = _duration(parts.formula, parts.frame, keys, confidence)
    else:
        figures = pd.DataFrame(
            _figures(parts.formula, worth(parts.frame, parts.times), metric.unit, confidence), index=parts.frame.index
        )
        frame = pd.concat([parts.frame[keys], figures], axis=1)
        if parts.times > 1:
            frame["n"] = parts.frame["n"].to_numpy()
    frame["n"] = frame["n"].fillna(0).astype("int64")
    is_total = isinstance(parts.formula, Total)
    squares = "s2" if "s2" in parts.frame else "s1"
    frame["squares"] = parts.frame[squares].fillna(0).to_numpy(dtype=float) if is_total else np.nan
    few = (frame["n"] < metric.min_n) & (not is_total)
    frame["note"] = np.where(frame["value"].isna(), UNDEFINED, np.where(few, TOO_FEW, ""))
    frame = frame.assign(rows=frame["n"], recorded=frame["n"], lacks="")
    return _with_what_is_recorded(frame, parts, keys) if parts.asked else frame


def _with_what_is_recorded(frame: pd.DataFrame, parts: Parts, keys: list[str]) -> pd.DataFrame:
    """Return figures with the rows asked and those that carry the value; where none does, there is no figure."""
    nothing, lacks = pd.Series(False, index=frame.index), pd.Series("", index=frame.index)
    rows = recorded = pd.Series(0, index=frame.index)
    sums: dict[str, tuple[pd.Series, pd.Series]] = {}
    for column, counts in parts.asked:
        found = frame[keys].merge(counts, on=keys, how="left") if keys else counts
        asked, carry = (found[name].fillna(0).astype("int64").set_axis(frame.index) for name in ("rows", "recorded"))
        # Each side of a ratio by value needs some: of those that are counted, and of the rest.
        nothing |= (asked > 0) & (carry == 0)
        before = sums.get(column, (0, 0))
        sums[column] = before[0] + asked, before[1] + carry
    for column, (asked, carry) in sums.items():
        # Of two columns that a value is made of, the one that is recorded less often.
        worse = (asked - carry) >= (rows - recorded)
        lacks = lacks.mask(worse & (carry < asked), column)
        rows, recorded = rows.mask(worse, asked), recorded.mask(worse, carry)
    frame.loc[nothing, ["value", "low", "high"]] = np.nan
    return frame.assign(note=frame["note"].mask(nothing, UNRECORDED), rows=rows, recorded=recorded, lacks=lacks)


def _figures(formula: Formula, parts: pd.DataFrame, unit: Unit, confidence: float) -> dict[str, object]:
    column = {name: parts[name].to_numpy(dtype=float, na_value=np.nan) for name in parts.columns if not name.startswith("key_")}
    if isinstance(formula, Total):
        # Nothing booked is zero bookings: a total of no rows is 0, unlike a share or a mean of no rows.
        return _with(np.nan_to_num(column["s1"]), None, column["n"])
    if isinstance(formula, Ratio | Reaching) and "k" in column:
        found = intervals.share(column["k"], column["n"], confidence)
        return _with(found.value, found, column["n"])
    if isinstance(formula, Ratio) and "syy" not in column:
        over = np.where(column["sy"] > 0, column["sy"], np.nan)
        return _with(np.nan_to_num(column["sx"]) / over, None, np.nan_to_num(column["n"]))
    if isinstance(formula, Ratio):
        # A share of a sum stays between 0 and 1; any other ratio of sums may go beyond.
        interval = intervals.share_of_sum if unit == Unit.SHARE else intervals.ratio_of_sums
        found = interval(
            column["n"], column["sx"], column["sy"], column["sxx"], column["syy"], column["sxy"], confidence
        )  # fmt: skip
        return _with(found.value, found, column["n"])
    if isinstance(formula, Mean | MeanOfRatios):
        found = intervals.mean(column["n"], column["s1"], column["s2"], column["s3"], confidence)
        return _with(found.value, found, column["n"])
    assert isinstance(formula, Quantile)
    share = (column["n"] - 1) * formula.p % 1
    value = column["middle_low"] + share * (column["middle_high"] - column["middle_low"])
    known = column["n"] >= intervals.MIN_N
    low, high = (np.where(known, column[name], np.nan) for name in ("low", "high"))
    return {
        "value": value,
        "low": np.where(np.isnan(high), np.nan, low),
        "high": np.where(np.isnan(low), np.nan, high),
        "n": column["n"],
    }


def _with(value: np.ndarray, found: intervals.Interval | None, n: np.ndarray) -> dict[str, object]:
    nothing = np.full(len(n), np.nan)
    return {
        "value": value,
        "low": nothing if found is None else found.low,
        "high": nothing if found is None else found.high,
        "n": n,
    }


def _duration(formula: Duration, counts: pd.DataFrame, keys: list[str], confidence: float) -> pd.DataFrame:
    """Estimate the share that ends with the event, or how long that takes, for all groups of a long life table in one call."""
    table = life_table(counts, by=keys, censored=(formula.censored,), outcomes=(formula.event,))
    curve = incidence(table, formula.event, confidence)
    if formula.p is None:
        found = curve.at()[[*keys, "value", "low", "high", "n"]]
    else:
        found = curve.quantile(formula.p).assign(n=table.n)
        # "So long or longer" is no interval.
        found[["low", "high"]] = found[["low", "high"]].where(found["high"].notna())
    coded = [key for key in keys if isinstance(found[key].dtype, pd.CategoricalDtype)]
    return found.astype({key: found[key].cat.categories.dtype for key in coded})
