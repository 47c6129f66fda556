"""What is said of bottlenecks: the sentences and the table of stages."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from salestrack import formats
from salestrack.analyses.hours import listed, period_text
from salestrack.analyses.slowdown import is_cell
from salestrack.analyses.stays import Stays
from salestrack.book import Book
from salestrack.definition import DAYS, MONEY
from salestrack.display import Table, name_of
from salestrack.entered_late import told_late
from salestrack.migrated import stamped_days
from salestrack.periods import Period
from salestrack.recorded import no_open
from salestrack.wording import label_of, say

_Z2 = 1.96**2


def title_of(book: Book, during: Period | None, where: Mapping[str, object]) -> str:
    """Return the title of the answer."""
    scope = [", ".join(name_of(each, name) for each in values_of(value)) for name, value in where.items()]
    return " · ".join([say("bottleneck-title", {"book": book.name, "period": period_text(during)}), *scope])


def values_of(wanted: object) -> list[object]:
    """Return the values that a scope asks for."""
    return list(wanted) if isinstance(wanted, list | tuple | set | frozenset) else [wanted]


def sentences_of(book: Book, frame: pd.DataFrame, changes: pd.DataFrame, worst: pd.Series | None, stays: Stays) -> list[str]:
    """Return what the answer says, most important first."""
    said = _of_worst(book, worst, stays) if worst is not None else [_none(changes, stays)]
    others = changes[changes["change"].isin(["slower", "faster"]) & ~changes["whole"].astype(bool)]
    if worst is not None:
        others = others.drop(index=others.index[is_cell(others, stays.by, worst)])
    for pace in ("slower", "faster"):
        names = [_change(row, stays) for row in others[others["change"] == pace].to_dict("records")]
        if names:
            said.append(say(f"bottleneck-also-{pace}", {"names": "; ".join(names)}))
    said += _standings(frame)
    said += _queue(book, frame, stays.until)
    said += _flow(frame)
    said += told_late(book, "bottleneck-late")
    if stays.undated:
        days = ", ".join(formats.day(day) for day in stamped_days(book))
        said.append(say("bottleneck-stamped", {"n": stays.undated, "days": days}))
    if stays.unplaced:
        said.append(say("bottleneck-unplaced", {"n": stays.unplaced}))
    if stays.unseen and stays.since:
        said.append(say("bottleneck-unseen", {"n": f"{stays.unseen:,}", "day": formats.day(stays.since)}))
    return said


def _none(changes: pd.DataFrame, stays: Stays) -> str:
    looked = changes[changes["change"] != "too_few"]
    values = {"stages": looked["stage"].nunique(), "searched": len(looked), "few": len(changes) - len(looked)}
    return say("bottleneck-too-few" if looked.empty else "bottleneck-none", values)


def _of_worst(book: Book, worst: pd.Series, stays: Stays) -> list[str]:
    row = worst.to_dict()
    values = _told(row, stays) | {
        "waiting": f"{row['waiting']:,.0f}",
        "expected": f"{row['expected']:,.0f}",
        "value": formats.figure(row["value"], MONEY, book.settings.currency),
        "n": f"{row['n_since']:,}",
        "n_before": f"{row['n_before']:,}",
        "first": formats.month(row["since_low"]),
        "last": formats.month(row["since_high"]),
    }
    sure = "bottleneck-since" if values["first"] != values["last"] else "bottleneck-since-sure"
    return [say("bottleneck-worst", values), say("bottleneck-waiting", values), say(sure, values)]


def _times(row: Mapping[Any, Any]) -> dict[str, str]:
    """Return by which factor stays have become longer, as far as it is known: all of it, its least, or nothing."""
    known = "all" if pd.notna(row["factor"]) and pd.notna(row["factor_low"]) else "least" if pd.notna(row["factor_low"]) else "no"
    return {
        "known": known,
        "factor": formats.figure(row["factor"], DAYS, ""),
        "least": formats.figure(row["factor_low"], DAYS, ""),
        "interval": say("interval", {"low": formats.figure(row["factor_low"], DAYS, ""), "high": _or_more(row["factor_high"])}),
    }


def _or_more(factor: float) -> str:
    return say("bottleneck-or-more") if pd.isna(factor) else formats.figure(factor, DAYS, "")


def _told(row: Mapping[Any, Any], stays: Stays) -> dict[str, str]:
    group = " · ".join(name_of(row[name], name) for name in stays.by) if stays.by and not row["whole"] else ""
    return {
        "stage": row["stage"],
        "in": say("bottleneck-in", {"stage": row["stage"], "group": group}) if group else row["stage"],
        "since": formats.month(row["since"]),
        "before": _at_least(row, "before"),
        "now": _at_least(row, "since"),
        "ended": "no" if pd.isna(row["median_since"]) and pd.isna(row["median_since_low"]) else "yes",
        **_times(row),
    }


def _change(row: Mapping[Any, Any], stays: Stays) -> str:
    return say("bottleneck-change", _told(row, stays))


def days_text(days: float) -> str:
    """Return days as they stand under a heading that says so; what is less than one with its own unit."""
    return formats.span(days) if 0 < days < 1 else formats.figure(days, DAYS, "")


def _at_least(row: Mapping[Any, Any], when: str) -> str:
    """Return the median stay, or what it is more than where half have not ended while watched."""
    median, low = row[f"median_{when}"], row[f"median_{when}_low"]
    if pd.notna(median):
        return formats.span(median)
    return say("bottleneck-unknown") if pd.isna(low) else say("bottleneck-at-least", {"days": formats.span(low)})


def _between(low: float, high: float) -> str:
    if pd.isna(low):
        return formats.DASH
    top = say("bottleneck-or-more") if pd.isna(high) else days_text(high)
    return say("interval", {"low": days_text(low), "high": top})


def _standings(frame: pd.DataFrame) -> list[str]:
    """Name the groups of a break-down in which more, or fewer, wait than at the usual pace."""
    by = list(frame.columns[: frame.columns.get_loc("stage")])
    said = []
    for standing in ("more", "fewer") if by else ():
        rows = frame[frame["standing"] == standing].to_dict("records")
        if rows:
            told = [_standing(row, by) for row in sorted(rows, key=lambda row: -abs(row["excess"]))]
            said.append(say(f"bottleneck-{standing}", {"names": listed(told)}))
    judged = frame["standing"].ne("too_few").any()
    return said or ([say("bottleneck-alike" if judged else "bottleneck-few-each")] if by else [])


def _standing(row: Mapping[Any, Any], by: list[str]) -> str:
    name = " · ".join(name_of(row[each], each) for each in (*by, "stage"))
    return say("bottleneck-standing", {"name": name, "waiting": f"{row['waiting']:,}", "expected": _count(row["expected"])})


def _queue(book: Book, frame: pd.DataFrame, until: date) -> list[str]:
    waits = frame[frame["waiting"] > 0]
    if waits.empty:
        return [no_open(book) or say("bottleneck-nobody-waits")]
    sums = waits.groupby("stage")[["waiting", "value", "deal_days", "over_p90"]].sum()
    most, whole = sums.sort_values("deal_days", kind="stable").iloc[-1], sums.sum()
    values = {
        "stage": str(most.name),
        "waiting": f"{most['waiting']:,.0f}",
        "all": f"{whole['waiting']:,.0f}",
        "share": formats.share(most["deal_days"] / max(whole["deal_days"], 1)),
        "value": formats.figure(most["value"], MONEY, book.settings.currency),
        "over": f"{whole['over_p90']:,.0f}",
        "day": formats.day(until),
    }
    ageing = waits["over_p90"].notna().all()
    return [say("bottleneck-queue", values), *([say("bottleneck-ageing", values)] if ageing else [])]


def _flow(frame: pd.DataFrame) -> list[str]:
    """Name the stages into which more came, or out of which more went, than chance makes of an even flow."""
    sums = frame.groupby("stage", sort=False)[["inflow", "went_on", "went_back", "left", "at_start", "at_end"]].sum()
    out = sums["went_on"] + sums["went_back"] + sums["left"]
    uneven = (sums["inflow"] - out) ** 2 > _Z2 * (sums["inflow"] + out)
    said = []
    for stage, row in sums[uneven & (sums["inflow"] > out)].iterrows():
        values = {name: f"{row[name]:,.0f}" for name in sums.columns} | {"stage": str(stage)}
        said.append(say("bottleneck-growing-back" if row["went_back"] else "bottleneck-growing", values))
    return said


def table_of_stages(book: Book, frame: pd.DataFrame, by: tuple[str, ...], title: str) -> Table:
    """Return the answer as a table of texts: one row for each stage and group, with every term of the score."""
    rows, currency = frame.to_dict("records"), book.settings.currency
    texts = {(label_of(name), ""): [name_of(row[name], name) for row in rows] for name in (*by, "stage")}
    time, queue, flow = (say(f"bottleneck-head-{name}") for name in ("time", "queue", "flow"))
    score = say("bottleneck-head-score")
    back = frame["went_back"].any()
    went_back = {(flow, say("bottleneck-went-back")): [f"{row['went_back']:,}" for row in rows]} if back else {}
    texts |= {
        (time, say("column-n")): [f"{row['n']:,}" for row in rows],
        (time, say("bottleneck-median")): [days_text(row["median"]) for row in rows],
        (time, say("column-interval", {"confidence": formats.share(0.95)})): [
            _between(row["median_low"], row["median_high"]) for row in rows
        ],
        (time, say("bottleneck-p90")): [days_text(row["p90"]) for row in rows],
        (queue, say("bottleneck-count")): [f"{row['waiting']:,}" for row in rows],
        (queue, say("bottleneck-value")): [formats.figure(row["value"], MONEY, currency, short=True) for row in rows],
        (queue, say("bottleneck-deal-days")): [f"{row['deal_days']:,.0f}" for row in rows],
        (queue, say("bottleneck-over-p90")): [_count(row["over_p90"]) for row in rows],
        (flow, say("bottleneck-inflow")): [f"{row['inflow']:,}" for row in rows],
        (flow, say("bottleneck-went-on")): [f"{row['went_on']:,}" for row in rows],
        **went_back,
        (flow, say("bottleneck-left")): [f"{row['left']:,}" for row in rows],
        (flow, say("bottleneck-little")): [days_text(row["expected_days"]) for row in rows],
        (score, say("bottleneck-expected")): [_count(row["expected"]) for row in rows],
        (score, say("bottleneck-excess")): [_signed(row["excess"]) for row in rows],
        (score, say("bottleneck-excess-interval")): [
            formats.DASH if pd.isna(row["excess_low"])
            else say("interval", {"low": _signed(row["excess_low"]), "high": _signed(row["excess_high"])})
            for row in rows
        ],
        (score, say("bottleneck-changed")): [_changed(row) for row in rows],
    }  # fmt: skip
    return Table(pd.DataFrame(texts), title, say("bottleneck-note"), len(by) + 1)


def _count(number: float) -> str:
    return formats.DASH if pd.isna(number) else f"{number:,.0f}"


def _signed(number: float) -> str:
    return formats.DASH if pd.isna(number) else f"{number:+,.0f}".replace("-", "−")


def _changed(row: Mapping[Any, Any]) -> str:
    if not row["change"]:
        return say(f"bottleneck-standing-{row['standing'].replace('_', '-')}")
    told = row["change"] in ("slower", "faster")
    values = {"since": formats.month(row["since"]), **_times(row)} if told else {}
    return say(f"bottleneck-changed-{row['change'].replace('_', '-')}", values)
