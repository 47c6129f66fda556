"""The open pipeline: how much, what was added, what it is worth by stated and by observed odds, coverage, velocity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from salestrack.analyses.answer import Answer
from salestrack.analyses.open_pipeline_words import (
    AGED,
    COMING,
    FIGURES,
    OF_VELOCITY,
    REACHED,
    pipeline_sentences,
    pipeline_table,
    shares_told,
)
from salestrack.analyses.processes import PIPELINE
from salestrack.analyses.stage_odds import nearest_odds, stage_odds, stay
from salestrack.book import Book
from salestrack.columns import beyond_reach, names_in, view
from salestrack.entered_late import entry_lag
from salestrack.estimate import ABSENT, UNDEFINED
from salestrack.groups import named, with_process
from salestrack.measure import measure
from salestrack.periods import Period
from salestrack.quota_notes import no_whole_quota
from salestrack.recorded import told_of
from salestrack.stats.intervals import MIN_N
from salestrack.stats.velocity import PARTS, velocity

LONG = 0.95
"""An open opportunity is old when it is older than this share of the closed ones were when they closed."""
FEWEST_CLOSED = 20
"""A quantile that far out needs so many."""
_NEVER = 10**6
_MEASURED = tuple(name for name in FIGURES if name not in ("expected_pipeline", "due", "pipeline_coverage", "velocity"))
# What came of a period, or tells of what did.
_OF_WHAT_WAS = ("pipeline_created", "bookings", *OF_VELOCITY, "velocity")
_COLUMNS = ("figure", "value", "low", "high", "n", "note")


@dataclass(frozen=True, eq=False, repr=False)
class OpenPipeline(Answer):
    """The open pipeline on the day of the book.

    Parameters
    ----------
    odds : Answer
        The shares won by stage and age that ``expected_pipeline`` is made of, from `stage_odds`.
    by : tuple of str
        What the frame is broken down by.
    """

    odds: Answer = field(kw_only=True)
    by: tuple[str, ...] = field(kw_only=True)

    def value(self, figure: str) -> float | None:
        """Return one figure of an answer that is not broken down; None where it is undefined."""
        found = self.frame.loc[self.frame["figure"] == figure, "value"].astype(float).iloc[0]
        return None if np.isnan(found) else float(found)


def open_pipeline(
    book: Book, *, during: Period | str, by: str | Sequence[str] = (), where: Mapping[str, object] | None = None
) -> OpenPipeline:
    """Say how much is open on the day of the book, what it may be worth, and how far it covers what a period still needs.

    Parameters
    ----------
    book : Book
        The book; read it with `as_it_was` to see the pipeline of an earlier day.
    during : Period or str
        The period of what was created, booked and asked for, and of the cohort behind the velocity: what closed in it. A coming one
        tells what is due in it and what its quota asks for.
    by : str or sequence of str
        Break-down, as in `measure`; no calendar grain, for a pipeline is a state.
    where : mapping, optional
        Scope, as in `measure`.

    Returns
    -------
    OpenPipeline
        ``frame``, a row for each group and each of `FIGURES`: the columns of `by`, figure, value, low, high, n, note (empty,
        ``undefined``, ``absent``, ``too_few``, ``reached``: nothing of the quota is left to cover, ``aged``: too old to tell
        from those that close, or ``coming``: the period has not begun). ``expected_pipeline`` weighs each open amount by the
        share won of those that were in its stage as long; ``due`` is open and expected to close in the period;
        ``pipeline_coverage`` is due / (quota - bookings);
        ``velocity`` is money per day.

    Raises
    ------
    PeriodError
        The period ends before the first record.
    UnknownNameError
        `by` or `where` name what the book does not know.

    Notes
    -----
    The limits of ``expected_pipeline`` put every share at the same end of its interval, which is wider than if they were
    independent; they are of the expectation, not of what will be booked. ``velocity`` = open opportunities x win rate x average
    deal size / mean sales cycle, the last three of the opportunities that closed in the period, in the same scope. That takes the
    open ones for such as those that close. Where most of a group are older than 95 % of the closed of the scope were when they
    closed, it is not told (``aged``): ``expected_pipeline`` says what they are worth at their age.
    """
    period, scope = book.period(during), dict(where or {})
    names = with_process(book, names_in(by), scope)
    coming = _OF_WHAT_WAS if period.start > book.as_of else ()
    out_of_reach = beyond_reach(book, "quota_days", dict.fromkeys(names)) if book.has("quota_days") else ""
    asked = [name for name in _MEASURED if not (out_of_reach and name == "quota") and name not in coming]
    measured = measure(book, asked, by=names, where=scope, during=period)
    odds = stage_odds(book, where=scope)
    if reason := beyond_reach(book, "opportunities", scope):
        nothing = pd.DataFrame(columns=[*names, *_COLUMNS])
        table = pipeline_table(book, nothing, names, period)
        return OpenPipeline(book, measured.metrics, period, scope, nothing, (reason,), table, odds=odds, by=names)
    frame = measured.frame.rename(columns={"metric": "figure"})[[*names, *_COLUMNS]]
    cut = _cut(book, scope, period)
    # A quota that nobody has set is none of 0; a part of one is none of this period.
    unset = (frame["figure"] == "quota") & ((frame["n"] == 0) | bool(cut)) & (frame["note"] != ABSENT)
    frame = frame.assign(value=frame["value"].mask(unset), note=frame["note"].mask(unset, UNDEFINED))
    parts = [frame, _expected(book, odds.frame, names, scope), _due(book, names, scope, period)]
    wide = pd.concat(parts, ignore_index=True)
    aged = _aged(book, names, scope)
    speed = _velocity(book, wide, names, scope, period)
    wide = pd.concat([wide, _coverage(wide, names), _told_of_their_age(speed, aged, names)], ignore_index=True)
    wide = _ordered(_of_a_coming_period(_without_unrecorded(wide, measured.absent), coming), names)
    if names:
        sentences = tuple(shares_told(book, wide, names))
    else:
        told = measured.frame[measured.frame["metric"].isin(["pipeline", "bookings", *OF_VELOCITY])].to_dict("records")
        partly = [told_of(row, "opportunities", "" if row["metric"] == "pipeline" else str(period)) for row in told]
        lacking = {**measured.absent, **({"quota": cut} if cut else {})}
        said = pipeline_sentences(book, wide, period, lacking, aged)
        # What is said of none need not be said of how many.
        some = [each for each, row in zip(partly, told, strict=True) if row["recorded"]]
        sentences = tuple(dict.fromkeys(filter(None, (*said, *some))))
    return OpenPipeline(
        book, measured.metrics, period, scope, wide, sentences, pipeline_table(book, wide, names, period), odds=odds, by=names
    )  # fmt: skip


def _cut(book: Book, where: Mapping[str, object], period: Period) -> str:
    """Return that the period cuts the periods for which quotas are set, so that nothing can be covered; else empty."""
    if not book.has("quota_days") or beyond_reach(book, "quota_days", where):
        return ""
    return no_whole_quota(book, (), where, period)


def _expected(book: Book, odds: pd.DataFrame, names: tuple[str, ...], where: Mapping[str, object]) -> pd.DataFrame:
    """Weigh the open amounts by what was won of those in the same stage for as long."""
    columns = [*names, *_COLUMNS]
    if odds.empty:
        reason = ABSENT if book.lacks("steps") else UNDEFINED
        nothing = dict.fromkeys(names) | {"figure": "expected_pipeline", "n": 0, "note": reason}
        return pd.DataFrame([nothing], columns=columns)
    at = view(book, "stays", None, names, where)
    waiting = at.table.filter(at.table.outcome == "open", at.table.open, at.table.amount.notnull()).mutate(
        age=at.table.dated.ifelse(stay(at.table), 0)
    )
    ladder = [PIPELINE] if PIPELINE in odds else []
    sums = waiting.group_by([*at.key_columns, *ladder, "stage", "age"]).aggregate(amount=waiting.amount.sum(), n=waiting.count())
    cells = book.fetch(sums)
    shares = nearest_odds(odds, cells)
    worth = shares.mul(cells["amount"], axis=0).assign(n=cells["n"].where(shares["value"].notna(), 0))
    groups = named(book, at.keys, cells[at.key_columns])
    made = worth.assign(**{name: groups[name] for name in names})
    total = made.groupby(list(names), dropna=False).sum(min_count=1).reset_index() if names else made.sum(min_count=1).to_frame().T
    note = np.where(total["value"].isna(), "too_few", "")
    return total.assign(figure="expected_pipeline", note=note, n=total["n"].fillna(0).astype("int64"))[columns]


def _due(book: Book, names: tuple[str, ...], where: Mapping[str, object], period: Period) -> pd.DataFrame:
    at = view(book, "opportunities", "close_date", names, where, period)
    waiting = at.table.filter(at.table.open)
    # Of nothing that is due 0 is due; of what has no amount nobody knows how much.
    due = (waiting.count() > 0).ifelse(waiting.amount.sum(), 0.0)
    sums = {"value": due, "n": waiting.amount.count()}
    found = waiting.group_by(at.key_columns).aggregate(**sums) if names else waiting.aggregate(**sums)
    made = named(book, at.keys, book.fetch(found)).assign(figure="due", low=np.nan, high=np.nan, note="")
    return made[[*names, *_COLUMNS]]


def _coverage(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Divide what is due by what is left of the quota; undefined where nothing is left, or nothing was asked for."""
    wide, counts = _wide(frame, names, "value"), _wide(frame, names, "n")
    # A quota is added up from its days: one that is met to the cent must leave nothing.
    left = (wide.get("quota", np.nan) - wide.get("bookings", pd.Series(0.0, index=wide.index)).fillna(0.0)).round(2)
    due = wide.get("due", pd.Series(0.0, index=wide.index))
    # A group in which nothing is due has no row; one whose due ones have no amount has one without a value.
    due = due.fillna(0.0).where(due.notna() | counts.get("due", due).isna())
    value = pd.Series(np.where(left > 0, due / left, np.nan), index=wide.index)
    n = counts.get("due", pd.Series(0, index=wide.index)).fillna(0).astype("int64")
    note = np.where(value.notna(), "", np.where(left <= 0, REACHED, UNDEFINED))
    made = pd.DataFrame({"value": value, "low": np.nan, "high": np.nan, "n": n, "note": note}, index=wide.index)
    return _long(made, names, "pipeline_coverage")


def _velocity(book: Book, frame: pd.DataFrame, names: tuple[str, ...], where: Mapping[str, object], period: Period) -> pd.DataFrame:
    """Open opportunities of each group x what those that closed in the period tell of win rate, deal size and cycle."""
    at = view(book, "opportunities", "close_date", names, where, period)
    closed = at.table.filter(at.table.closed)
    priced, timed = closed.won & closed.amount.notnull(), closed.won & closed.cycle_days.notnull()
    values = (closed.won, priced, priced.ifelse(closed.amount, 0.0), timed, timed.ifelse(closed.cycle_days, 0))
    x = dict(zip(PARTS, (value.cast("float64") for value in values), strict=True))
    sums = {f"{i}_{j}": (x[i] * x[j]).sum().fill_null(0.0) for i in PARTS for j in PARTS} | {"n": closed.count()}
    query = closed.group_by(at.key_columns).aggregate(**sums) if names else closed.aggregate(**sums)
    found = named(book, at.keys, book.fetch(query))
    found = found.set_index(list(names)) if names else found
    there = _wide(frame, names, "value")["open_opportunities"].reindex(found.index).fillna(0.0)
    products = found[[f"{i}_{j}" for i in PARTS for j in PARTS]].to_numpy(dtype=float).reshape(-1, len(PARTS), len(PARTS))
    told = velocity(there.to_numpy(), found["n"].to_numpy(), products)
    won = found["won_won"].to_numpy()
    note = np.where(np.isnan(told.value), UNDEFINED, np.where(won < MIN_N, "too_few", ""))
    made = pd.DataFrame({"value": told.value, "low": told.low, "high": told.high, "n": found["n"], "note": note}, index=found.index)
    return _long(made, names, "velocity")


def _aged(book: Book, names: tuple[str, ...], where: Mapping[str, object]) -> pd.DataFrame:
    """Count the open of each group and those older than nearly all that closed: the columns of `names`, open, old, days."""
    at = view(book, "opportunities", None, names, where)
    every = at.table.filter(at.table.observed_days.notnull())
    took = book.fetch_row(every.aggregate(n=every.closed.sum(), days=every.observed_days.quantile(LONG, where=every.closed)))
    days = float(took["days"]) if (took["n"] or 0) >= FEWEST_CLOSED else _NEVER
    waiting = every.filter(every.open)
    # Those whose close may only not be entered yet are no older than they were when it was complete.
    old = waiting.observed_days - entry_lag(book) > days
    sums = {"open": waiting.count(), "old": old.sum().fill_null(0)}
    found = waiting.group_by(at.key_columns).aggregate(**sums) if names else waiting.aggregate(**sums)
    return named(book, at.keys, book.fetch(found)).assign(days=days)


def _told_of_their_age(speed: pd.DataFrame, aged: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Leave out the velocity of groups whose open ones are mostly too old for it."""
    both = speed.merge(aged, how="left", on=list(names)) if names else speed.merge(aged, how="cross")
    old = (2 * both["old"] > both["open"]).to_numpy() & (speed["note"] != UNDEFINED).to_numpy()
    return speed.assign(
        **{name: speed[name].mask(old) for name in ("value", "low", "high")}, note=np.where(old, AGED, speed["note"])
    )


def _without_unrecorded(frame: pd.DataFrame, absent: Mapping[str, str]) -> pd.DataFrame:
    """Leave out what rests on a figure that the book does not record: velocity on three, coverage on what is booked."""
    lost = [name for name, parts in (("velocity", OF_VELOCITY), ("pipeline_coverage", ("bookings",))) if {*parts} & {*absent}]
    at = frame["figure"].isin(lost)
    nothing = {name: frame[name].mask(at) for name in ("value", "low", "high")}
    return frame.assign(**nothing, note=frame["note"].mask(at, ABSENT))


def _of_a_coming_period(frame: pd.DataFrame, coming: Sequence[str]) -> pd.DataFrame:
    """Leave out what nothing is known of before the period begins."""
    if not coming:
        return frame
    known = frame[~frame["figure"].isin(coming)]
    groups = known[known["figure"] == "open_opportunities"]
    unknown = pd.concat([groups.assign(figure=name) for name in coming], ignore_index=True)
    return pd.concat([known, unknown.assign(value=np.nan, low=np.nan, high=np.nan, n=0, note=COMING)], ignore_index=True)


def _wide(frame: pd.DataFrame, names: tuple[str, ...], what: str) -> pd.DataFrame:
    """Return one row for each group and a column for each figure."""
    if not names:
        return frame.set_index("figure")[what].to_frame().T.reset_index(drop=True)
    return frame.pivot_table(index=list(names), columns="figure", values=what, dropna=False, observed=True)


def _long(made: pd.DataFrame, names: tuple[str, ...], figure: str) -> pd.DataFrame:
    rows = made.reset_index() if names else made.reset_index(drop=True)
    return rows.assign(figure=figure)[[*names, *_COLUMNS]]


def _ordered(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    order = {name: number for number, name in enumerate(FIGURES)}
    rows = frame.assign(order=frame["figure"].map(order)).sort_values([*names, "order"], kind="stable", na_position="last")
    return rows.drop(columns="order").astype({"n": "int64"}).reset_index(drop=True)
