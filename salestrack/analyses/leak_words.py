"""What leaks say: the biggest, the fastest, the dearest, why, and who and where; and the table of texts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.analyses.bottlenecks_words import days_text
from salestrack.analyses.funnel_words import share_text, step_name, within_text
from salestrack.analyses.hours import interval_text, listed, period_text
from salestrack.book import Book
from salestrack.definition import MONEY
from salestrack.display import Table, name_of
from salestrack.periods import Period
from salestrack.stats.foremost import foremost_rate, foremost_share
from salestrack.stats.intervals import MIN_N, Interval
from salestrack.wording import label_of, say

MOST_OF_IT = 0.8
"""Share of the value lost that the groups named first come to."""
_MOST_NAMED = 5


def leak_sentences(
    book: Book, frame: pd.DataFrame, reasons: pd.DataFrame, groups: pd.DataFrame, period: Period | None
) -> list[str]:
    """Return what leaks say, opportunities first: biggest, fastest, by value, reasons, groups."""
    said = []
    for cohort in ("opportunities", "leads"):
        rows = frame[frame["cohort"] == cohort].reset_index(drop=True)
        if len(rows):
            said += _cohort_told(book, rows, reasons[reasons["cohort"] == cohort], period)
            enough = cohort == "opportunities" and rows["left"].sum() >= MIN_N
            said += _groups_told(groups) if enough else []
    return said


def _cohort_told(book: Book, rows: pd.DataFrame, reasons: pd.DataFrame, period: Period | None) -> list[str]:
    values = {
        "cohort": label_of(f"step_{rows['cohort'].iloc[0]}").lower(),
        "period": period_text(period),
        "left": f"{rows['left'].sum():,}",
        "n": int(rows["left"].sum()),
    }
    if rows["left"].sum() < MIN_N:
        return [say("leaks-few", values)]
    judged = rows[rows["note"] == ""].reset_index(drop=True)
    if len(judged) < 2:
        return [say("leaks-one-step", values), *_value(book, rows), *_reasons(reasons, values)]
    return [
        *_biggest(judged, values),
        *_largest_share(judged, values),
        *_fastest(judged, values),
        *_value(book, rows),
        *_reasons(reasons, values),
    ]


def _named(judged: pd.DataFrame, first: int, beside: np.ndarray, values: dict) -> dict:
    row = judged.iloc[first]
    return values | {
        "step": step_name(row["step"]),
        "here": f"{row['left']:,}",
        "part": formats.share(row["share_of_left"]),
        "entered": f"{row['entered']:,}",
        "open": int(row["open"]),
        "others": listed(step_name(step) for step in judged.loc[beside, "step"]),
        "close": int(beside.sum()),
    }


def _biggest(judged: pd.DataFrame, values: dict) -> list[str]:
    first, beside = foremost_rate(judged["left"], np.ones(len(judged)))
    return [say("leaks-biggest", _named(judged, first, beside, values))]


def _largest_share(judged: pd.DataFrame, values: dict) -> list[str]:
    first, beside = foremost_share(Interval(judged["share"], judged["low"], judged["high"]))
    if first < 0:
        return []
    row = judged.iloc[first]
    figures = {
        "share": share_text(row["share"]),
        "interval": interval_text(row["low"], row["high"]),
        "days": within_text(row["days"]),
    }
    return [say("leaks-largest-share", _named(judged, first, beside, values) | figures)]


def _fastest(judged: pd.DataFrame, values: dict) -> list[str]:
    first, beside = foremost_share(Interval(judged["week_share"], judged["week_low"], judged["week_high"]))
    if first < 0 or not judged["week_share"].iloc[first]:
        return []
    row = judged.iloc[first]
    figures = {
        "share": share_text(row["week_share"]),
        "interval": interval_text(row["week_low"], row["week_high"]),
        "half": formats.span(row["half_days"]),
    }
    return [say("leaks-fastest", _named(judged, first, beside, values) | figures)]


def _value(book: Book, rows: pd.DataFrame) -> list[str]:
    whole = rows["amount"].sum()
    if not whole:
        return []
    most = rows.iloc[int(rows["amount"].to_numpy().argmax())]
    values = {
        "amount": formats.figure(whole, MONEY, book.settings.currency),
        "step": step_name(most["step"]),
        "part": formats.share(most["share_of_amount"]),
        "without": int(rows["left"].sum() - rows["with_amount"].sum()),
    }
    return [say("leaks-value", values)]


def by_reason(reasons: pd.DataFrame) -> pd.DataFrame:
    """Return the reasons over all steps: reason, left, amount, share, the most valuable first."""
    whole = (
        reasons.assign(reason=reasons["reason"].astype(object)).groupby("reason", dropna=False)[["left", "amount", "share"]].sum()
    )
    return whole.sort_values(["amount", "left"], ascending=False, kind="stable").reset_index()


def _reasons(reasons: pd.DataFrame, values: dict) -> list[str]:
    """Name the reasons recorded most often, and how many gave none."""
    one = by_reason(reasons)
    unrecorded = one.loc[one["reason"].isna(), "left"].sum()
    given = one[one["reason"].notna()].sort_values("left", ascending=False, kind="stable")
    values = values | {"none": f"{unrecorded:,}", "none_share": formats.share(unrecorded / one["left"].sum())}
    if given.empty:
        return [say("leaks-no-reasons", values)]
    whole = one["amount"].sum()
    told = []
    for row in given.head(3).to_dict("records"):
        texts = {"reason": str(row["reason"]), "n": f"{row['left']:,.0f}", "share": formats.share(row["share"])}
        worth = formats.share(row["amount"] / whole) if whole else ""
        told.append(say("leaks-reason-worth" if worth else "leaks-reason", texts | {"worth": worth}))
    return [say("leaks-reasons", values | {"reasons": "; ".join(told), "unrecorded": int(unrecorded)})]


def _groups_told(groups: pd.DataFrame) -> list[str]:
    said = []
    for by, rows in groups.groupby("by", sort=False):
        label = label_of(str(by)).lower()
        for standing in ("above", "below"):
            stand = rows[rows["standing"] == standing].sort_values("ratio", ascending=standing == "below", kind="stable")
            named = [_group(row, str(by)) for row in stand.to_dict("records")]
            if named:
                said.append(say(f"leaks-{standing}", {"by": label, "groups": listed(named)}))
        said += _pareto(rows, label, str(by))
    standings = groups.groupby("by", sort=False)["standing"].agg(set)
    dull = [str(by) for by, words in standings.items() if "not_distinguishable" in words and not words & {"above", "below"}]
    return said + ([say("leaks-alike", {"by": listed(label_of(by).lower() for by in dull)})] if dull else [])


def _group(row: dict, by: str) -> str:
    values = {"name": name_of(row["group"], by), "share": share_text(row["share"]), "expected": share_text(row["expected"])}
    return say("leaks-group", values)


def _pareto(rows: pd.DataFrame, label: str, by: str) -> list[str]:
    """Say in how few groups most of the value was lost, where these are few."""
    needed = int((rows["running_share"] < MOST_OF_IT - 1e-9).sum()) + 1
    if rows["running_share"].isna().all() or needed > min(_MOST_NAMED, len(rows) / 2):
        return []
    names = listed(name_of(group, by) for group in rows["group"].head(needed))
    share = formats.share(rows["running_share"].iloc[needed - 1])
    return [say("leaks-pareto", {"by": label, "share": share, "needed": needed, "of": len(rows), "names": names})]


def leak_table(book: Book, frame: pd.DataFrame, title: str) -> Table:
    """Return where prospects leave as a table of texts, step by step."""
    rows, currency = frame.to_dict("records"), book.settings.currency
    interval = say("column-interval", {"confidence": formats.share(0.95)})
    texts: dict[tuple[str, str], Sequence[str]] = {}
    if frame["cohort"].nunique() > 1:
        texts[say("funnel-column-cohort"), ""] = [label_of(f"step_{row['cohort']}") for row in rows]
    texts |= {
        (say("column-step"), ""): [step_name(row["step"]) for row in rows],
        (say("column-n"), ""): [f"{row['entered']:,}" for row in rows],
        (say("leaks-column-left"), ""): [f"{row['left']:,}" for row in rows],
        (say("funnel-column-open"), ""): [f"{row['open']:,}" for row in rows],
        (label_of("leakage"), say("column-value")): [_marked(row) for row in rows],
        (label_of("leakage"), interval): [interval_text(row["low"], row["high"]) for row in rows],
        (say("leaks-column-week"), say("column-value")): [share_text(row["week_share"]) for row in rows],
        (say("leaks-column-week"), interval): [interval_text(row["week_low"], row["week_high"]) for row in rows],
        (say("leaks-column-half"), ""): [days_text(row["half_days"]) for row in rows],
        (say("leaks-column-amount"), ""): [formats.figure(row["amount"] or None, MONEY, currency, short=True) for row in rows],
    }
    note = say("note-too-few", {"n": MIN_N}) if (frame["note"] != "").any() else ""
    return Table(pd.DataFrame(texts), title, note, 1 + int(frame["cohort"].nunique() > 1))


def _marked(row: dict) -> str:
    text = share_text(row["share"])
    return say("too-few", {"value": text}) if row["note"] else text
