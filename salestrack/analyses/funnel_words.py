"""What a funnel says: sentences for a sales leader, and the table of texts."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from salestrack import formats
from salestrack.analyses.cohorts import Asked
from salestrack.analyses.coverage import untold
from salestrack.analyses.hours import interval_text, listed, period_text
from salestrack.analyses.lead_steps import FIRST
from salestrack.book import Book
from salestrack.definition import MONEY, SHARE
from salestrack.display import Table, name_of
from salestrack.periods import Period
from salestrack.stats.compare import difference
from salestrack.stats.foremost import foremost_share
from salestrack.stats.intervals import MIN_N, Interval
from salestrack.wording import label_of, say

Row = Mapping[Any, Any]


def step_name(step: str) -> str:
    """Return what a step is called: those of leads by their label, stages by their own name."""
    return label_of(f"step_{step}") if step in FIRST else step


def share_text(value: float) -> str:
    """Return a share as text with one decimal."""
    return formats.figure(value, SHARE, "")


def within_text(days: float) -> str:
    """Return the time within which something happened: a day at the least, for whole days are told."""
    return formats.span(days if pd.isna(days) else max(days, 1))


def funnel_sentences(book: Book, overall: pd.DataFrame, period: Period | None) -> list[str]:
    """Return what becomes of each cohort as a whole, and its narrowest step; opportunities first."""
    said = []
    for name in ("opportunities", "leads"):
        rows = overall[overall["cohort"] == name]
        if len(rows):
            said += _cohort_told(book, rows, period)
    return said


def _cohort_told(book: Book, rows: pd.DataFrame, period: Period | None) -> list[str]:
    first, last = rows.iloc[0], rows.iloc[-1]
    n = int(last["cumulative_n"])
    values = {
        "n": f"{n:,}",
        "first": step_name(first["step"]),
        "period": period_text(period),
        "last": step_name(last["step"]),
        "came": f"{last['entered']:,}",
        "left": f"{rows['left'].sum():,}",
        "open": f"{rows['open'].sum():,}",
        "still": int(rows["open"].sum()),
        "share": share_text(last["cumulative_share"]),
        "interval": _interval(last, "cumulative"),
        "days": within_text(last["cumulative_days"]),
    }
    kind = first["cohort"]
    if n < MIN_N:
        return [say(f"funnel-{kind}-few", values)]
    said = [say(f"funnel-{kind}", values)]
    if kind == "leads":
        steps = [f"{step_name(row['step'])} {share_text(row['cumulative_share'])}" for row in rows.iloc[1:-1].to_dict("records")]
        said += [say("funnel-leads-steps", {"steps": ", ".join(steps)})] if steps else []
    return said + _by_value(book, rows) + _narrowest(rows)


def _by_value(book: Book, rows: pd.DataFrame) -> list[str]:
    first, last = rows.iloc[0], rows.iloc[-1]
    # Of wins, or losses, without amounts the value says nothing: all of it, or nothing of it, would have been won.
    unpriced = last["entered"] and not last["with_amount"]
    if pd.isna(last["cumulative_by_amount"]) or unpriced or untold(book, "win_rate_by_amount", None, {}):
        return []
    values = {
        "share": share_text(last["cumulative_by_amount"]),
        "interval": _interval(last, "cumulative_by_amount"),
        "amount": formats.figure(first["amount"], MONEY, book.settings.currency),
        "without": int(first["entered"] - first["with_amount"]),
    }
    return [say("funnel-by-value", values)]


def _narrowest(rows: pd.DataFrame) -> list[str]:
    """Name the step from which the smallest share goes on, and those that cannot be told from it."""
    judged = rows[(rows["note"] == "") & rows["next_share"].notna()].reset_index(drop=True)
    first, beside = foremost_share(Interval(*(1 - judged[f"next_{name}"] for name in ("share", "high", "low"))))
    if first < 0 or len(judged) < 2:
        return []
    row = judged.iloc[first]
    values = {
        "step": step_name(row["step"]),
        "share": share_text(row["next_share"]),
        "interval": _interval(row, "next"),
        "n": f"{row['entered']:,}",
        "days": within_text(row["next_days"]),
        "others": listed(step_name(step) for step in judged.loc[beside, "step"]),
    }
    return [say("funnel-narrowest-close" if beside.any() else "funnel-narrowest", values)]


def groups_told(frame: pd.DataFrame, strict: pd.DataFrame, by: Sequence[str]) -> list[str]:
    """Return which group of a cohort comes to the end most, and which least, and whether that is more than chance.

    Parameters
    ----------
    frame, strict : pandas.DataFrame
        The funnel of one cohort by group, with the limits to show and with those to judge by.
    by : sequence of str
        Columns that name the groups.
    """
    end = (frame["step_number"] == frame["step_number"].max()) & (frame["cumulative_n"] >= MIN_N)
    order = frame.loc[end, "cumulative_share"].sort_values(ascending=False, kind="stable").index
    if len(order) < 2:
        return []
    ends = {"most": order[0], "least": order[-1]}
    limits = strict[["cumulative_share", "cumulative_low", "cumulative_high"]]
    gap = difference(*(Interval(*limits.loc[at]) for at in ends.values()))
    cohort, last = frame["cohort"].iloc[0], step_name(frame["step"].iloc[-1])
    values: dict[str, object] = {"cohort": label_of(f"step_{cohort}"), "last": last, "groups": len(order)}
    for key, at in ends.items():
        row = frame.loc[at]
        values[key] = " · ".join(name_of(row[name], name) for name in by)
        values |= {f"{key}_share": share_text(row["cumulative_share"]), f"{key}_interval": _interval(row, "cumulative")}
    return [say("funnel-groups" if gap.low > 0 else "funnel-groups-alike", values)]


def differences_told(differences: pd.DataFrame, asked: Asked, other: Asked) -> list[str]:
    """Return which shares differ from those of the other cohort by more than chance."""
    values: dict[str, object] = {"this": _cohort_name(asked, other), "other": _cohort_name(other, asked)}
    judged = differences[differences["verdict"] != "too_few"]
    if judged.empty:
        return [say("funnel-against-few", values)]
    clear = judged[judged["verdict"] != "cannot_tell"]
    said = [say(f"funnel-{row['verdict']}-{row['figure']}", values | _change(row, asked.by)) for row in clear.to_dict("records")]
    return said or [say("funnel-against-alike", values | {"n": len(judged)})]


def _change(row: Row, by: Sequence[str]) -> dict[str, object]:
    group = " · ".join(name_of(row[name], name) for name in by)
    step = f"{step_name(row['step'])} ({group})" if group else step_name(row["step"])
    return {
        "cohort": label_of(f"step_{row['cohort']}").lower(),
        "step": step,
        "before": share_text(row["before"]),
        "after": share_text(row["after"]),
        "change": formats.change(row["difference"], SHARE, ""),
        "interval": say("interval", {name: formats.change(row[name], SHARE, "") for name in ("low", "high")}),
        "limit": "no" if pd.isna(row["days"]) else "yes",
        "days": within_text(row["days"]),
    }


def _cohort_name(one: Asked, other: Asked) -> str:
    """Name a cohort by what tells it from the other: its period, or the values of its scope."""
    if one.where == other.where:
        return period_text(one.period)
    apart = [name for name in {**one.where, **other.where} if one.where.get(name) != other.where.get(name)]
    return ", ".join(f"{label_of(name).lower()} {_wanted(one.where, name)}" for name in apart)


def _wanted(where: Mapping[str, object], name: str) -> str:
    if name not in where:
        return say("chart-all").lower()
    values = where[name] if isinstance(where[name], list | tuple | set | frozenset) else [where[name]]
    return listed(name_of(value, name) for value in values)  # type: ignore[attr-defined]


def notes_told(overall: pd.DataFrame, visited_only: bool, without_history: int) -> list[str]:
    """Return what to know of the rows behind a funnel."""
    said = []
    for cohort, rows in overall.groupby("cohort", sort=False):
        values = {"n": int(rows["skipped"].sum()), "cohort": label_of(f"step_{cohort}").lower()}
        if values["n"]:
            said.append(say("funnel-visited-only" if visited_only else "funnel-skipped", values))
    return said + ([say("funnel-without-history", {"n": without_history})] if without_history else [])


def _interval(row: Row | pd.Series, figure: str) -> str:
    return interval_text(row[f"{figure}_low"], row[f"{figure}_high"])


def funnel_table(book: Book, frame: pd.DataFrame, title: str, by: Sequence[str]) -> Table:
    """Return the funnel as a table of texts."""
    rows = frame.to_dict("records")
    interval = say("column-interval", {"confidence": formats.share(0.95)})
    texts = {(label_of(name), ""): [name_of(row[name], name) for row in rows] for name in by}
    if frame["cohort"].nunique() > 1:
        texts[say("funnel-column-cohort"), ""] = [label_of(f"step_{row['cohort']}") for row in rows]
    texts |= {
        (say("column-step"), ""): [step_name(row["step"]) for row in rows],
        (say("column-n"), ""): [f"{row['entered']:,}" for row in rows],
        (say("funnel-column-open"), ""): [f"{row['open']:,}" for row in rows],
        (say("column-rate"), say("column-value")): [_marked(row) for row in rows],
        (say("column-rate"), interval): [_interval(row, "next") for row in rows],
        (say("funnel-column-cumulative"), say("column-value")): [share_text(row["cumulative_share"]) for row in rows],
        (say("funnel-column-cumulative"), interval): [_interval(row, "cumulative") for row in rows],
    }
    if frame["amount"].gt(0).any():
        texts[say("funnel-column-amount"), say("column-value")] = [
            formats.figure(row["amount"] or None, MONEY, book.settings.currency, short=True) for row in rows
        ]
        texts[say("funnel-column-amount"), say("funnel-column-cumulative")] = [
            share_text(row["cumulative_by_amount"]) for row in rows
        ]
    note = say("note-too-few", {"n": MIN_N}) if (frame["note"] == "too_few").any() else ""
    return Table(pd.DataFrame(texts), title, note, list(texts).index((say("column-step"), "")) + 1)


def _marked(row: Row) -> str:
    text = share_text(row["next_share"])
    return say("too-few", {"value": text}) if row["note"] == "too_few" else text
