"""How much of the time goes into selling: of the hours logged, of the hours worked, and what the difference does to the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.alike_weeks import of_shares
from salestrack.analyses.answer import Answer
from salestrack.analyses.hours import (
    cannot_answer,
    hours_by,
    interval_text,
    listed,
    named_among,
    nameless,
    no_table,
    period_text,
    ratios_of_hours,
    timed_of,
    unclassified,
    unit_of,
    without_hours,
)
from salestrack.analyses.trend import trend
from salestrack.book import Book
from salestrack.columns import beyond_reach, view
from salestrack.definition import HOURS, find_metric
from salestrack.display import Table
from salestrack.measure import measure
from salestrack.periods import Period
from salestrack.recorded import no_names
from salestrack.wording import label_of, mid_sentence, say

SELLING_TIME_REFERENCE = 0.39
"""The share of their time that reps sell, as the field's guide to sales tracking quotes it: a line for orientation and no goal.

It says nothing about this company, and nothing about how selling, time or reps were counted.
"""
_METRICS = ("selling_time_share", "selling_share_of_working_time", "logged_time_share", "working_hours", "activity_hours")
_FIGURES = {
    "selling_time_share": ("selling", "logged"),
    "selling_share_of_working_time": ("selling", "worked"),
    "logged_time_share": ("logged", "worked"),
    "unclassified_share": ("unclassified", "logged"),
}
_COLUMNS = ("figure", "value", "low", "high", "units", "hours", "of_hours")


@dataclass(frozen=True, eq=False, repr=False)
class SellingTime(Answer):
    """Selling time against logged and against working hours.

    Parameters
    ----------
    reps : pandas.DataFrame
        A row for each rep with logged or working hours: rep, logged, worked (hours), selling_time_share, logged_time_share,
        selling_share_of_working_time (null: undefined) and note: ``over_logged`` (more logged than worked), ``nothing_logged``
        or empty.
    unit : str
        ``week`` or ``day``: what is one observation of the intervals.
    never_logged : int
        Reps of the book who never logged an activity: their working time is not counted.
    """

    reps: pd.DataFrame = field(kw_only=True)
    unit: str = field(kw_only=True)
    never_logged: int = field(kw_only=True)


def selling_time(book: Book, *, during: Period | str | None = None, where: Mapping[str, object] | None = None) -> SellingTime:
    """Hold selling hours against logged and against working hours, and say how conclusions move with what nobody logged.

    Parameters
    ----------
    book : Book
        The book.
    during : Period or str, optional
        The period; None: all that the book holds.
    where : mapping, optional
        Scope, as in `measure`. Working hours belong to reps: a scope of anything else (a segment) leaves them out, and says so.

    Returns
    -------
    SellingTime
        ``frame``: figure (``selling_time_share``, ``selling_share_of_working_time``, ``logged_time_share``,
        ``unclassified_share``), value (share; null: undefined), low, high (null: fewer than 10 weeks or days), units (weeks or days
        behind the interval), hours and of_hours (above and below the line). Without working hours in this scope, the first and
        the last of the four.

    Notes
    -----
    Where s hours were logged in selling, l in all and w were worked, the share of selling in working time lies between s / w (none
    of the time that nobody logged was selling) and, as long as unlogged time is no richer in selling than logged time, s / l.
    Intervals are those of a ratio of sums over weeks or days (see `salestrack.analyses.hours`); those of shares of logged hours are
    wider by what the weeks of one rep have in common (`salestrack.alike_weeks.of_shares`).

    References
    ----------
    Manski, C. F. (2003). Partial identification of probability distributions. Springer. (Bounds from what the missing could be.)
    """
    period, scope = None if during is None else book.period(during), dict(where or {})
    unit = unit_of(period)
    reason = cannot_answer(book, scope, period)
    hours = (
        pd.DataFrame(columns=["category", "hours", "timed", "n"]) if reason else hours_by(book, (unit, "category"), period, scope)
    )
    if not reason:
        reason = without_hours(book, hours, period)
    reason = reason or unclassified(hours["category"], hours["n"].sum())
    title = say("selling-title", {"book": book.name, "period": period_text(period)})
    metrics = tuple(find_metric(name) for name in _METRICS)
    if reason:
        nothing = pd.DataFrame(columns=["rep", "logged", "worked", *_METRICS[:3], "note"])
        return SellingTime(
            book, metrics, period, scope, pd.DataFrame(columns=list(_COLUMNS)), (reason,), no_table(title),
            reps=nothing, unit=unit, never_logged=0,
        )  # fmt: skip
    worked = measure(book, "working_hours", by=unit, during=period, where=scope)
    frame = _frame(book, hours, worked.frame, unit)
    reps, silent = _reps(book, period, scope), 0 if no_names(book) else _never_logged(book, scope)
    partly = "" if no_names(book) else nameless(named_among(book, period, scope), period)
    why = no_names(book) or say("selling-out-of-scope")
    sentences = [
        *_sentences(frame, unit),
        *timed_of(hours, period),
        *([why] if worked.absent else _if_all_admin(frame, hours)),
        *_unplaced(frame),
        *_heading(book, period, scope, known=not worked.absent),
        *([partly] if partly else []),
        *_notes(reps, silent, "named-on-none" if partly else "logged"),
    ]
    return SellingTime(
        book, metrics, period, scope, frame, tuple(sentences), _table(frame, title, unit),
        reps=reps, unit=unit, never_logged=silent,
    )  # fmt: skip


def _frame(book: Book, hours: pd.DataFrame, worked: pd.DataFrame, unit: str) -> pd.DataFrame:
    by_unit = hours.assign(
        logged=hours["hours"],
        selling=hours["hours"].where(hours["category"].isin(book.settings.selling_categories), 0.0),
        unclassified=hours["hours"].where(hours["category"] == "unclassified", 0.0),
    )
    sums = by_unit.groupby(unit)[["logged", "selling", "unclassified"]].sum()
    known = worked.dropna(subset=[unit]).set_index(unit)["value"]
    sums = sums.join(known.rename("worked"), how="outer").fillna(0.0)
    times = {"selling": of_shares(book, "selling", unit).get(True, 1.0)}
    times |= {"unclassified": of_shares(book, "category", unit).get("unclassified", 1.0)}
    answered = [figure for figure in _FIGURES if len(known) or _FIGURES[figure][1] != "worked"]
    rows = []
    for figure in answered:
        above, below = _FIGURES[figure]
        some = sums[sums[below] > 0]
        alike = times if below == "logged" else {}
        found = ratios_of_hours(some[[above]], some[[below]].set_axis([above], axis=1), times=alike).iloc[0]
        # What was logged on days off is logged all the same.
        value = sums[above].sum() / sums[below].sum() if len(some) else np.nan
        limits = (found["low"], found["high"]) if len(some) else (np.nan, np.nan)
        rows.append((figure, value, *limits, len(some), sums[above].sum(), sums[below].sum()))
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _reps(book: Book, period: Period | None, scope: dict[str, object]) -> pd.DataFrame:
    found = measure(book, list(_METRICS), by="rep", during=period, where=scope).frame
    wide = found.pivot_table(index="rep", columns="metric", values="value", aggfunc="first", dropna=False)
    wide = wide.reindex(columns=list(_METRICS)).rename(columns={"activity_hours": "logged", "working_hours": "worked"})
    logged, worked = wide["logged"].fillna(0.0), wide["worked"].fillna(0.0)
    cases = [(logged > worked) & wide["worked"].notna(), (logged == 0) & (worked > 0)]
    wide = wide.assign(logged=logged, note=np.select(cases, ["over_logged", "nothing_logged"], ""))
    wide = wide[(logged > 0) | (worked > 0)].rename_axis(columns=None).reset_index()
    return wide[["rep", "logged", "worked", *_METRICS[:3], "note"]]


def _never_logged(book: Book, scope: dict[str, object]) -> int:
    if not book.has("reps") or beyond_reach(book, "reps", scope):
        return 0
    reps = view(book, "reps", None, (), scope).table
    return int(book.connection.to_pyarrow(reps.anti_join(book.table("activities"), "rep_id").count()).as_py())


def _row(frame: pd.DataFrame, figure: str) -> dict[str, float]:
    (row,) = frame[frame["figure"] == figure].drop(columns="figure").to_dict("records")
    return {str(name): float(value) for name, value in row.items()}


def _sentences(frame: pd.DataFrame, unit: str) -> list[str]:
    row = _row(frame, "selling_time_share")
    values = {
        "share": formats.share(row["value"], digits=1),
        "interval": say("interval", {end: formats.share(row[end], digits=1) for end in ("low", "high")}),
        "units": f"{int(row['units']):,}",
        "unit": say(f"grain-{unit}"),
        "reference": formats.share(SELLING_TIME_REFERENCE),
        "hours": formats.figure(row["of_hours"], HOURS, ""),
    }
    if np.isnan(row["low"]):
        return [say("selling-few", values)]
    return [say(f"selling-{_against(row['low'], row['high'])}", values)]


def _against(low: float, high: float) -> str:
    """Say on which side of the reference an interval lies."""
    return "below" if high < SELLING_TIME_REFERENCE else "above" if low > SELLING_TIME_REFERENCE else "like"


def _if_all_admin(frame: pd.DataFrame, hours: pd.DataFrame) -> list[str]:
    """Say what of the answer changes if all the time that nobody logged was admin."""
    logged, selling = _row(frame, "logged_time_share"), _row(frame, "selling_share_of_working_time")
    if np.isnan(logged["value"]):
        return [say("selling-no-working-time")]
    gap = max(logged["of_hours"] - logged["hours"], 0.0)
    values = {
        "unlogged": formats.share(max(1 - logged["value"], 0.0), digits=1),
        "gap": formats.figure(gap, HOURS, ""),
        "worked": formats.figure(logged["of_hours"], HOURS, ""),
        "share": formats.share(selling["value"], digits=1),
        "logged_share": formats.share(_row(frame, "selling_time_share")["value"], digits=1),
    }
    if not gap:
        return [say("selling-all-logged", values)]
    totals = hours.groupby("category")["hours"].sum()
    first = str(totals.idxmax())
    totals["admin"] = totals.get("admin", 0.0) + gap
    then = str(totals.idxmax())
    values |= {name: mid_sentence(label_of(each)) for name, each in (("first", first), ("then", then))}
    values["then_share"] = formats.share(totals[then] / totals.sum(), digits=1)
    unlogged = "selling-unlogged-same" if values["share"] == values["logged_share"] else "selling-unlogged"
    return [say(unlogged, values), say("selling-largest-holds" if first == then else "selling-largest-moves", values)]


def _heading(book: Book, period: Period | None, scope: dict[str, object], *, known: bool) -> list[str]:
    """Say where the share is heading month by month, and whether working hours tell another story than logged ones."""
    names = _METRICS[:3] if known else _METRICS[:1]
    of_logged, *others = (trend(book, name, during=period, where=scope) for name in names)
    if {of_logged.verdict, *(each.verdict for each in others[:1])} == {"cannot_tell"}:
        return []
    said = list(of_logged.sentences)
    if others and others[0].verdict != of_logged.verdict:
        said += others[0].sentences
        if others[1].verdict in ("growing", "shrinking"):
            said.append(say(f"selling-logging-{others[1].verdict}"))
    return said


def _unplaced(frame: pd.DataFrame) -> list[str]:
    """Say how far the share may lie off for want of categories."""
    lost, selling = _row(frame, "unclassified_share"), _row(frame, "selling_time_share")
    if not lost["hours"]:
        return []
    values = {
        "share": formats.share(lost["value"], digits=1),
        "low": formats.share(selling["value"], digits=1),
        "high": formats.share(selling["value"] + lost["value"], digits=1),
    }
    return [say("selling-unclassified", values)]


def _notes(reps: pd.DataFrame, never_logged: int, what: str) -> list[str]:
    """Say who logged more than was worked, and who nothing; or, where some activities name nobody, is named on none."""
    said = []
    over = reps[reps["note"] == "over_logged"].sort_values("logged_time_share", ascending=False)
    if len(over):
        said.append(say("selling-over-logged", {"n": len(over), "names": listed(over["rep"].fillna(say("not-recorded")))}))
    idle = reps.loc[reps["note"] == "nothing_logged", "rep"]
    if len(idle):
        said.append(say(f"selling-nothing-{what}", {"n": len(idle), "names": listed(idle)}))
    return [*said, say(f"selling-never-{what}", {"n": never_logged})] if never_logged else said


def _table(frame: pd.DataFrame, title: str, unit: str) -> Table:
    texts = {
        (say("column-metric"), ""): [label_of(name) for name in frame["figure"]],
        (say("column-value"), ""): [formats.share(value, digits=1) for value in frame["value"]],
        (say("column-interval", {"confidence": formats.share(0.95)}), ""): [
            interval_text(row["low"], row["high"]) for row in frame.to_dict("records")
        ],
        (say("unit-hours"), ""): [formats.figure(value, HOURS, "") for value in frame["hours"]],
        (say("selling-of-hours"), ""): [formats.figure(value, HOURS, "") for value in frame["of_hours"]],
        (say(f"grain-{unit}"), ""): [f"{units:,}" for units in frame["units"]],
    }
    return Table(pd.DataFrame(texts), title, "", 1)
