"""Where the pipeline jams: time in each stage, who waits there, what comes and goes, and since when it takes longer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from salestrack.analyses.answer import Answer
from salestrack.analyses.bottlenecks_words import sentences_of, table_of_stages, title_of
from salestrack.analyses.hours import no_table
from salestrack.analyses.processes import PIPELINE, each_process, processes_in, put_together, stacked
from salestrack.analyses.slowdown import ALPHA, QUEUE, changes_of, queues_of, table_of, usual_of
from salestrack.analyses.stays import Stays, regrouped, stays_of
from salestrack.book import Book
from salestrack.columns import beyond_reach, names_in
from salestrack.definition import find_metric
from salestrack.periods import Period, containing
from salestrack.recorded import no_steps_of_lost
from salestrack.stats.intervals import MIN_N, normal_quantile
from salestrack.stats.multiple import familywise_p
from salestrack.stats.queue import expected_days
from salestrack.stats.survival import incidence, survival
from salestrack.wording import say

HORIZON = 90
"""Days within which the shares that went on and left are stated."""
_FLOW = ("at_start", "inflow", "went_on", "went_back", "left", "at_end")
_SPENT = "there"
_PACE = ("segment",)
_CHANGE = ("change", "since", "factor", "factor_low", "factor_high")
_LIMITS = ("", "_low", "_high")


@dataclass(frozen=True, eq=False, repr=False)
class Bottlenecks(Answer):
    """Where the pipeline jams.

    Parameters
    ----------
    changes : pandas.DataFrame
        Since when stays last longer or shorter, for every stage as a whole and for each of its segments: see
        `salestrack.analyses.slowdown.changes_of`.
    history : pandas.DataFrame
        A row for each stage and quarter in which stays began: stage, quarter, n, median with _low and _high (days).
    bottleneck : pandas.Series or None
        The stage and group, of those that have become slower, in which most wait beyond the usual: the row of `changes`, and
        waiting, expected, excess with _low and _high, and value. None: no stage stands out.
    by : tuple of str
        What ``frame`` is broken down by.
    day : date
        The day of the queue: that of the book, or the last whose closes are complete where closes are entered late.
    """

    changes: pd.DataFrame = field(kw_only=True)
    history: pd.DataFrame = field(kw_only=True)
    bottleneck: pd.Series | None = field(kw_only=True)
    by: tuple[str, ...] = field(kw_only=True)
    day: date = field(kw_only=True)


def bottlenecks(
    book: Book,
    *,
    during: Period | str | None = None,
    where: Mapping[str, object] | None = None,
    by: str | Sequence[str] | None = None,
) -> Bottlenecks:
    """Find the stage in which opportunities have come to wait longer than they used to, and since when.

    Parameters
    ----------
    book : Book
        A book with a stage history.
    during : Period or str, optional
        The time in a stage is that of the stays which began in it, the flow is what happened in it, and history ends with it; None:
        all that the book holds, from where its record of closes begins. The queue is always that of the day of the book (of the
        last day whose closes are complete, where closes are entered late).
    where : mapping, optional
        Scope, as in `measure`.
    by : str or sequence of str, optional
        Break-down, as in `measure`. None: by stage alone, with changes looked for in each segment.

    Returns
    -------
    Bottlenecks
        ``frame``, a row for each stage (and group): the columns of `by`; stage; n (stays that began in the period); median and p90
        (days, parts of one where the history has times; Kaplan-Meier; null: not reached while watched); went_on_share and
        left_share (within 90 days, Aalen-Johansen; null: nobody was watched so long); the queue on the day of the book: waiting,
        unpriced (without an amount), value, deal_days (Σ days waited), over_median and over_p90 (waiting longer than half, and
        than nine in ten, usually stay); the flow in the period: at_start, inflow, went_on, went_back, left, at_end, days_there
        (spent there in it, all together), expected_days (Little's law: how many were there on average over those who leave a day,
        which is days_there over those who left; null: nobody left);
        expected (how many would wait at the usual pace of their segment), excess (the score: waiting - expected), adjusted_p
        (Holm, over the rows) and standing (``more`` or ``fewer`` than usual, ``as_usual``, ``too_few``); change
        (``slower``, ``faster``, ``not_told``, ``too_few``; empty: looked for in stages and segments only), since (first day of the
        month) and factor (by which stays have become longer). median, p90, the shares, expected_days, excess and factor have
        ``_low`` and ``_high``.

    Notes
    -----
    A stay begins whenever an opportunity comes to the stage and ends when it comes to another one, earlier or later, is won or is
    lost (`salestrack.whereabouts`): one that went back waits where it is now, since it came there. The furthest step that it
    has come to is told by the funnel. While it is open it is censored on the day of the book. Where closes are entered late
    (`salestrack.entered_late`), it is so on the last day whose closes are complete, and all figures are of that day: what has
    closed and is not entered yet does not wait. The usual pace is that of the stays of the same segment before the
    change where one is told, and of all its stays where none is. Stays of opportunities created before the record of closes begins
    (`record_of_closes`) are counted in queue and flow only: of those days the book holds only opportunities that lived long. The
    book's own past is the yardstick: a stage that has always been the slowest is no bottleneck here.

    References
    ----------
    Little, J. D. C. (1961). A proof for the queuing formula L = λW. Operations Research 9, 383-387.

    Contal, C. and O'Quigley, J. (1999). An application of changepoint methods in studying the effect of age on survival in breast
    cancer. Computational Statistics & Data Analysis 30, 253-270.
    """
    period, scope = None if during is None else book.period(during), dict(where or {})
    names = names_in(by, told=("stage",))
    several = len(processes_in(book, scope)) > 1
    names = tuple(name for name in names if not (several and name == PIPELINE))

    def ask(one: Book, where: Mapping[str, object], _: str) -> Bottlenecks:
        return _bottlenecks(one, period, dict(where), names)

    whole, parts = each_process(book, scope, ask)
    if whole is not None:
        return whole
    jams = [part.bottleneck.to_dict() | {PIPELINE: name} for name, part in parts if part.bottleneck is not None]
    worst = max(jams, key=lambda jam: jam["excess"], default=None)
    made: dict[str, Any] = {
        "changes": stacked([(name, part.changes) for name, part in parts], at=1),
        "history": stacked([(name, part.history) for name, part in parts]),
        "bottleneck": None if worst is None else pd.Series(worst),
    }
    return replace(parts[0][1], **put_together(book, scope, parts, title_of(book, period, scope)), **made, by=(PIPELINE, *names))


def _bottlenecks(book: Book, period: Period | None, scope: dict[str, object], names: tuple[str, ...]) -> Bottlenecks:
    stages = book.settings.named("open")
    reason = book.lacks("steps") or beyond_reach(book, "steps", scope) or no_steps_of_lost(book)
    fine = _nothing(book, names) if reason else stays_of(book, tuple(dict.fromkeys((*_PACE, *names))), scope, period)
    reason = reason or ("" if len(fine.came) else say("bottleneck-no-stays"))
    # One usual pace for each segment, where the book knows segments.
    pace = _PACE if fine.came["segment"].notna().any() else ()
    found = regrouped(fine, pace)
    changes = changes_of(found, stages if not reason else ())
    queues = queues_of(fine, usual_of(found, changes), pace)
    frame = _frame(fine, changes, queues, names)
    frame = frame.sort_values([*names, "stage"], key=lambda c: c.map(stages.index) if c.name == "stage" else c, ignore_index=True)
    worst = _worst(changes, queues, pace)
    title = title_of(book, period, scope)
    metrics = tuple(find_metric(name) for name in ("stage_conversion", "leakage", "open_opportunities", "pipeline"))
    sentences = (reason,) if reason else sentences_of(book, frame, changes, worst, found)
    table = no_table(title) if reason else table_of_stages(book, frame, names, title)
    return Bottlenecks(
        book, metrics, period, scope, frame, tuple(sentences), table,
        changes=changes, history=_history(found), bottleneck=worst, by=names, day=fine.until,
    )  # fmt: skip


def _nothing(book: Book, by: tuple[str, ...]) -> Stays:
    keys = tuple(dict.fromkeys((*_PACE, *by)))
    lasted = pd.DataFrame(columns=[*keys, "stage", "cohort", "within", "days", "outcome", "count"])
    came = pd.DataFrame(columns=[*keys, "stage", "age", "known", "count", "waiting", "amount", "unpriced"])
    return Stays(keys, lasted, came, pd.DataFrame(columns=[*keys, "stage", *_FLOW, _SPENT]), book.as_of, None, 0)


def _frame(stays: Stays, changes: pd.DataFrame, queues: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    keys = [*by, "stage"]
    lasted = _lasted(stays.lasted[stays.lasted["within"].astype(bool)], keys)
    flow = stays.flow.groupby(keys, dropna=False)[[*_FLOW, _SPENT]].sum().reset_index()
    rows = flow.merge(_summed(queues, keys), how="left", on=keys).merge(lasted, how="left", on=keys)
    rows = _with_standing(_with_excess(rows)).assign(days_there=rows[_SPENT].astype(float))
    # Stock and flow of the same days: how many were there on average, times the days, is the days spent there.
    little = expected_days(rows["days_there"], rows["went_on"] + rows["went_back"] + rows["left"], 1)
    rows = rows.assign(**{f"expected_days{end}": each for end, each in zip(_LIMITS, little, strict=True)})
    looked = changes[changes["whole"].astype(bool)] if not by else changes[~changes["whole"].astype(bool)]
    if by in ((), _PACE):
        rows = rows.merge(looked.drop_duplicates(keys)[[*keys, *_CHANGE]], how="left", on=keys)
    else:
        rows = rows.assign(**dict.fromkeys(_CHANGE)).astype(dict.fromkeys(_CHANGE[2:], "float64"))
    counts = {name: rows[name].fillna(0).astype("int64") for name in ("n", *_FLOW, "waiting", "unpriced")}
    rows = rows.assign(**counts, change=rows["change"].fillna(""))
    spread = [f"{name}{end}" for name in ("median", "p90", "went_on_share", "left_share") for end in _LIMITS]
    score = [
        "days_there",
        *(f"expected_days{end}" for end in _LIMITS),
        "expected",
        *(f"excess{end}" for end in _LIMITS),
        "adjusted_p",
        "standing",
    ]
    return rows[[*keys, "n", *spread, *QUEUE[:-2], *_FLOW, *score, *_CHANGE]]


def _summed(queues: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return queues.groupby(keys, dropna=False)[list(QUEUE)].sum(min_count=1).reset_index()


def _lasted(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return how long the stays lasted and how they ended, with limits."""
    table = table_of(rows, keys)
    curve, ways = survival(table), {f"{way}_share": incidence(table, way) for way in ("went_on", "left")}
    read = {"median": curve.quantile(0.5), "p90": curve.quantile(0.9)} | {name: way.at(HORIZON) for name, way in ways.items()}
    made = table.keys.assign(n=table.n)
    for name, found in read.items():
        made[[f"{name}{end}" for end in _LIMITS]] = found[["value", "low", "high"]].to_numpy()
    return made


def _with_excess(rows: pd.DataFrame) -> pd.DataFrame:
    """Add how many wait beyond the usual."""
    excess = rows["waiting"] - rows["expected"]
    half = normal_quantile(0.95) * np.sqrt(rows["variance"].astype(float))
    return rows.assign(excess=excess, excess_low=excess - half, excess_high=excess + half)


def _with_standing(rows: pd.DataFrame) -> pd.DataFrame:
    """Add whether that is more, or less, than chance makes of so many groups."""
    spread = rows["variance"].astype(float) ** 0.5
    few = ~((rows["waiting"] + rows["expected"] >= 2 * MIN_N) & (spread > 0))
    p = familywise_p(2 * stats.norm.sf(np.abs(rows["excess"].astype(float)) / spread.mask(few)))
    words = np.select([few, p > ALPHA, rows["excess"] > 0], ["too_few", "as_usual", "more"], "fewer")
    return rows.assign(adjusted_p=p, standing=words)


def _worst(changes: pd.DataFrame, queues: pd.DataFrame, by: tuple[str, ...]) -> pd.Series | None:
    """Return the slower stage and group in which most wait beyond the usual; a group before the whole stage it is part of."""
    slower = changes[changes["change"] == "slower"]
    groups = slower[~slower["whole"].astype(bool)]
    wholes = slower[slower["whole"].astype(bool) & ~slower["stage"].isin(groups["stage"])]
    told = [groups.merge(_summed(queues, [*by, "stage"]), on=[*by, "stage"]), wholes.merge(_summed(queues, ["stage"]), on="stage")]
    told = [_with_excess(each) for each in told if len(each)]
    if not told:
        return None
    worst: pd.Series = pd.concat(told).sort_values("excess", ascending=False, kind="stable").iloc[0]
    return worst


def _history(stays: Stays) -> pd.DataFrame:
    """Return the median of the stays that began in each quarter."""
    names = {day: containing(day, "quarter").name for day in stays.lasted["cohort"].unique()}
    rows = stays.lasted.assign(quarter=stays.lasted["cohort"].map(names))
    table = table_of(rows, ["stage", "quarter"])
    found = survival(table).quantile(0.5).rename(columns={"value": "median", "low": "median_low", "high": "median_high"})
    return found.assign(n=table.n.astype("int64"))[["stage", "quarter", "n", "median", "median_low", "median_high"]]
