"""Who does most of each activity, in groups that chance cannot explain instead of a false order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import ibis.expr.types as ir
import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.hours import (
    cannot_answer,
    decimal_text,
    hours_by,
    listed,
    named_among,
    nameless,
    no_table,
    period_text,
    timed_of,
    unclassified,
    unit_of,
)
from salestrack.analyses.leader_standing import FIGURES, REPS, STANDINGS, board
from salestrack.book import Book
from salestrack.columns import beyond_reach, view
from salestrack.definition import Metric, find_metric
from salestrack.display import Table, name_of
from salestrack.errors import DefinitionError, ParameterError
from salestrack.periods import Period
from salestrack.recorded import no_names, rests_on
from salestrack.rests import Column
from salestrack.wording import label_of, mid_sentence, say


@dataclass(frozen=True, eq=False, repr=False)
class LeaderBoard(Answer):
    """Who does most of each activity.

    Parameters
    ----------
    by, each : str
        Who is held against each other, and over which kinds of activity.
    unit : str
        What one observation is: ``week`` or ``day`` of a rep, or ``rep``.
    """

    by: str = field(kw_only=True)
    each: str = field(kw_only=True)
    unit: str = field(kw_only=True)


def leaders(
    book: Book,
    metric: Metric | str = "activity_hours",
    *,
    by: str = "rep",
    each: Literal["category", "type"] = "category",
    during: Period | str | None = None,
    where: Mapping[str, object] | None = None,
) -> LeaderBoard:
    """Return who does most of each kind of activity, told apart only where chance cannot explain it.

    Parameters
    ----------
    book : Book
        The book.
    metric : Metric or str
        A total of activities: ``activity_hours``, ``activity_count``, or one of your own.
    by : str
        Who: ``"rep"``, ``"team"``, ``"territory"``, ...
    each : {'category', 'type'}
        Kinds of activity, each with a board of its own.
    during : Period or str, optional
        When the activities began; None: all that the book holds.
    where : mapping, optional
        Scope, as in `measure`.

    Returns
    -------
    LeaderBoard
        ``frame``: the column of `each`, the column of `by`, standing (``above``, ``like``, ``below`` the rest, or ``too_few``),
        rate (of the metric per week, or per day, in which the rep logged anything), low, high (95 %; null: too few, or never),
        n (observations), total, share (of the kind's total), opportunities (on which the group worked), per_opportunity (total
        over them; null: none), explained (told apart by no more than the number of opportunities makes, and so ``like``), p,
        adjusted_p (Holm). Within one standing rows are in the order of names:
        their order by rate would be an order of noise.

    Raises
    ------
    DefinitionError
        The metric is no total of activities.
    ParameterError
        `by` is not one name.

    Notes
    -----
    An observation is a week of a rep (a day, where the period has fewer than ten weeks), zero where the rep logged something but
    nothing of this kind. So a rep who came in mid-period or was away is not below for that. The first weeks of a rep, or of the
    record, as many as work on one opportunity goes on, do not count. A deal fills many weeks, so they are not independent: counts
    are divided by the times that blocks of weeks vary more than independent weeks would (`alike_weeks.dependence`). Where `by` is
    not the rep, an observation is a rep, at the mean of his or her weeks. A group is above or below where its mean differs from
    that of all by more than random draws from all observations do (`salestrack.stats.multiple.distinguishable_means`), adjusted
    so that in 19 of 20 boards nobody is named wrongly (Holm, over all groups and kinds, 5 %). Who is told apart only because of
    more, or fewer, opportunities to work on is not called above or below, and that is said.

    References
    ----------
    Mielke, P. W., & Berry, K. J. (2007). Permutation methods: a distance function approach (2nd ed.). Springer.
    """
    if not isinstance(by, str):
        raise ParameterError(f"A board tells one kind of group apart: name one in by, such as 'rep', not {by!r}.")
    metric, period, scope = find_metric(metric), None if during is None else book.period(during), dict(where or {})
    if metric.tables != ("activities",):
        raise DefinitionError(f"{metric.name} is no total of activities. Ask for activity_hours or activity_count, or define one.")
    unit = unit_of(period)
    observed = unit if by in REPS else "rep"
    frame, reason = pd.DataFrame(), cannot_answer(book, scope, period) or no_names(book)
    among = (0, 0) if reason else named_among(book, period, scope)
    if not reason and among[0] and not among[1]:
        reason = nameless(among, period)
    if not reason:
        frame = board(book, (by, each, unit), metric, (period, scope))
        reason = _nothing(frame, each, period)
    names = {"book": book.name, "metric": label_of(metric.name, metric.label), "period": period_text(period)}
    title = say("leaders-title", names)
    if reason:
        frame, sentences, table = pd.DataFrame(columns=[each, by, *FIGURES]), [reason], no_table(title)
    else:
        sentences = _sentences(frame, names["metric"], (by, each), unit)
        if Column("activities", "minutes") in rests_on(book, metric):
            sentences += timed_of(hours_by(book, ("category",), period, scope), period)
        partly = nameless(among, period)
        sentences += [*([partly] if partly else []), *_silent(book, by, (scope, period), all_named=not partly)]
        table = _table(frame, (by, each), unit, title)
    frame = frame[[each, by, *FIGURES]]
    return LeaderBoard(book, (metric,), period, scope, frame, tuple(sentences), table, by=by, each=each, unit=observed)


def _nothing(frame: pd.DataFrame, each: str, period: Period | None) -> str:
    """Return why there is no board; empty when there is one."""
    if frame.empty:
        return say("hours-none", {"period": period_text(period)})
    return unclassified(frame["category"], frame["activities"].sum()) if each == "category" else ""


def _sentences(frame: pd.DataFrame, metric: str, asked: tuple[str, str], unit: str) -> list[str]:
    """Say who can be told apart, kind by kind, and in which kinds nobody can."""
    by, each = asked
    said, alike, explained = [], [], []
    for kind, rows in frame.groupby(each, sort=False, dropna=False):
        told = {word: [name_of(name, by) for name in rows.loc[rows["standing"] == word, by]] for word in STANDINGS}
        told["like"] = [name_of(name, by) for name in rows.loc[(rows["standing"] == "like") & ~rows["explained"], by]]
        if rows["explained"].any():
            names = listed(name_of(name, by) for name in rows.loc[rows["explained"], by])
            explained.append(say("leaders-explained", {"kind": name_of(kind, each), "names": names}))
        if not told["above"] and not told["below"]:
            alike.append(mid_sentence(name_of(kind, each)))
            continue
        most = rows.nlargest(1, "total").iloc[0]
        values = {
            "kind": name_of(kind, each),
            "metric": mid_sentence(metric),
            "unit": say(f"grain-{unit}"),
            "most": name_of(most[by], by),
            "total": decimal_text(most["total"]),
            "share": formats.share(most["share"]),
            "usual": decimal_text(rows["usual"].iloc[0]),
            "told": "; ".join(say(f"leaders-{word}", {"names": listed(told[word])}) for word in ("above", "below") if told[word]),
            "like": len(told["like"]),
        }
        said.append(say("leaders-kind", values))
    said += explained
    if alike:
        said.append(say("leaders-alike", {"kinds": listed(alike, most=8)}))
    lost = frame.loc[frame[each] == "unclassified", "total"].sum()
    if each == "category" and lost:
        share = formats.share(lost / frame["total"].sum(), digits=1)
        said.append(say("leaders-unclassified", {"share": share, "metric": mid_sentence(metric)}))
    return said


def _silent(book: Book, by: str, asked: tuple[Mapping[str, object], Period | None], *, all_named: bool) -> list[str]:
    """Name the reps who were there and logged nothing at all, or, where not all activities are `all_named`, are named on none."""
    scope, period = asked
    if by not in REPS or not book.has("reps") or beyond_reach(book, "reps", scope):
        return []
    reps = view(book, "reps", None, ("rep",), scope).table
    end, start = (book.as_of, book.as_of) if period is None else (period.last_day, period.start)
    there = reps.filter((reps.hired_date <= end).fill_null(True), (reps.left_date > start).fill_null(True))
    roster = book.fetch(there.select("rep_id", "name"))
    silent = roster[~roster["rep_id"].isin(book.fetch(_logged(book, scope, period))["rep_id"])]
    key = "leaders-silent" if all_named else "leaders-named-on-none"
    return [say(key, {"n": len(silent), "names": listed(silent["name"].sort_values())})] if len(silent) else []


def _logged(book: Book, scope: Mapping[str, object], period: Period | None) -> ir.Table:
    return view(book, "activities", "started_at", (), scope, period).table.select("rep_id").distinct()


def _table(frame: pd.DataFrame, asked: tuple[str, str], unit: str, title: str) -> Table:
    by, each = asked
    interval = [
        formats.DASH if pd.isna(low) else say("interval", {"low": decimal_text(low), "high": decimal_text(high)})
        for low, high in zip(frame["low"], frame["high"], strict=True)
    ]
    columns = {
        (label_of(each), ""): [name_of(value, each) for value in frame[each]],
        (label_of(by), ""): [name_of(value, by) for value in frame[by]],
        (say("leaders-column-standing"), ""): [say(f"leaders-standing-{word.replace('_', '-')}") for word in frame["standing"]],
        (say("leaders-column-rate", {"unit": say(f"grain-{unit}")}), ""): [decimal_text(rate) for rate in frame["rate"]],
        (say("column-interval", {"confidence": formats.share(0.95)}), ""): interval,
        (say("column-n"), ""): [f"{n:,}" for n in frame["n"]],
        (say("leaders-column-total"), ""): [decimal_text(total) for total in frame["total"]],
        (say("leaders-column-per-opportunity"), ""): [decimal_text(each) for each in frame["per_opportunity"]],
    }
    return Table(pd.DataFrame(columns), title, say("leaders-note"), 2)
