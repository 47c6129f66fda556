"""From the engine's keys to what people read: names, whole calendars, and periods that are not complete."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd

from salestrack.book import Book
from salestrack.columns import Key
from salestrack.definition import Metric
from salestrack.entered_late import complete_until
from salestrack.errors import PeriodError, UnknownNameError
from salestrack.estimate import UNDEFINED
from salestrack.grains import grain_name
from salestrack.periods import Period
from salestrack.recording import closes_complete_since, record_of_closes
from salestrack.ripeness import maturing
from salestrack.tables import CATEGORIES, CONTRACTS

# A period is partial when more than this share of its days lies before the first record, or after the last day that is complete.
PARTIAL_SHARE = 0.1
# A query with a longer list of values takes longer to write than the table takes to read.
LONG_LIST = 100


def named(book: Book, keys: Sequence[Key], frame: pd.DataFrame) -> pd.DataFrame:
    """Replace ``key_0``, ``key_1``, ... by columns of names: of linked rows, of calendar units, or the values themselves.

    Raises
    ------
    UnknownNameError
        A name is that of a column which the answer has of its own.
    """
    frame = frame.copy()
    for i, key in enumerate(keys):
        if key.name in frame:
            raise UnknownNameError(f"The answer has a column {key.name!r} already: leave it out of by, or rename that of the book.")
        column = frame.pop(f"key_{i}")
        if key.grain:
            first = book.settings.fiscal_year_start
            names = {day: grain_name(day, key.grain, first) for day in column.dropna().unique()}
            column = column.map(names).astype(object).where(column.notna(), None)
        elif key.is_period:
            names = {days: _of_quota(book, days) for days in column.dropna().unique()}
            column = column.map(names).astype(object).where(column.notna(), None)
        elif key.labels:
            labels = labels_of(book, key.labels, column.dropna().unique().tolist())
            column = column.map(lambda value, names=labels: names.get(value, value))
        frame.insert(i, key.name, column)
    return frame


def _of_quota(book: Book, days: str) -> str:
    """Return how the days of a quota are called, from its first and its last."""
    start, last = days.split("/")
    return book.period(f"quota:{start}/{date.fromisoformat(last) + timedelta(days=1)}").name


def labels_of(book: Book, table: str, keys: list[str]) -> dict[str, str]:
    """Return the names of rows by their keys; a name that two rows share is followed by its key."""
    parent = book.table(table)
    key = parent[CONTRACTS[table].key[0]]
    found = parent.select(key=key, name=parent.name if "name" in CONTRACTS[table].names else key)
    if len(keys) <= LONG_LIST:
        found = found.filter(found.key.isin(keys))
    labels = book.fetch(found).set_index("key")["name"].dropna()
    labels = labels[labels.index.isin(keys)]
    twice = labels.duplicated(keep=False)
    return {str(key): f"{name} ({key})" if more else str(name) for (key, name), more in zip(labels.items(), twice, strict=True)}


def complete(book: Book, keys: Sequence[Key], frame: pd.DataFrame, during: Period | None, empty: float | None) -> pd.DataFrame:
    """Give a plain time series a row for every unit of its calendar: a month in which nothing closed is a month too.

    Parameters
    ----------
    book : Book
        Its day ends every series.
    keys : sequence of Key
        What the frame is broken down by; anything but one calendar grain is left as it is.
    frame : pandas.DataFrame
        Key column, value, low, high, n, note.
    during : Period or None
        None: from the first to the last unit found.
    empty : float or None
        What a unit without rows is worth: 0 for a total, None for what is then undefined.
    """
    if len(keys) != 1 or not keys[0].grain:
        return frame
    name = keys[0].name
    frame = frame[frame[name].notna()]
    if frame.empty and not during:
        return frame
    span = during or _span(book, frame[name])
    units = [unit.name for unit in span.split(keys[0].grain) if unit.start <= book.as_of]  # type: ignore[arg-type]
    whole = frame.set_index(name).reindex(units).rename_axis(name).reset_index()
    added = whole["n"].isna()
    whole["n"] = whole["n"].fillna(0).astype("int64")
    whole.loc[added, ["value", "squares"]] = np.nan if empty is None else empty
    whole.loc[added, "note"] = UNDEFINED if empty is None else ""
    return whole


def _span(book: Book, names: pd.Series) -> Period:
    first, last = book.period(names.min()), book.period(names.max())
    return Period(first.start, last.end, "all", None, book.settings.fiscal_year_start)


def partial(book: Book, metric: Metric, keys: Sequence[Key], frame: pd.DataFrame, during: Period | None) -> pd.Series:
    """Return for each row whether its period is not complete in the book.

    A period is partial when it is not over on the day of the book, when the asked period cuts it, or when more than a tenth of
    its days lies before the first record of the metric's clock, before closes are complete (a metric by close date of a book that
    begins with a day of creation), before closes are recorded (a metric by day of entry that tells what came later), or after the
    last day whose closes are entered (a metric by close date; `salestrack.entered_late.complete_until`).
    """
    nothing = pd.Series(False, index=frame.index)
    grains = [key for key in keys if key.is_period]
    if not metric.clock or not (grains or during):
        return nothing
    known = first_complete_day(book, metric), last_complete_day(book, metric)
    if not grains:
        return nothing | (during is not None and _is_partial(during, None, known, book.as_of))
    names = frame[grains[0].name]
    verdicts = {name: _is_partial(book.period(name), during, known, book.as_of) for name in names.dropna().unique()}
    return names.map(verdicts).fillna(False).astype(bool)


def first_complete_day(book: Book, metric: Metric) -> date | None:
    """Return the first day on which a book holds all that a metric counts, as far as its clocks tell; None where there is none."""
    firsts = [first_day(book, table, clock) for table, clock in metric.clock.items()]
    if ("opportunities", "close_date") in metric.clock.items():
        firsts.append(closes_complete_since(book))
    if maturing(book, metric) and {"opportunities", "steps", "stays"} & set(metric.tables):
        firsts.append(record_of_closes(book))
    return max(filter(None, firsts), default=None)


def last_complete_day(book: Book, metric: Metric) -> date:
    """Return the last day on which a book holds all that a metric counts: closes are entered late, the rest is there on its day."""
    return complete_until(book) if ("opportunities", "close_date") in metric.clock.items() else book.as_of


def _is_partial(unit: Period, during: Period | None, known: tuple[date | None, date], as_of: date) -> bool:
    (first, last), over = known, unit.end <= as_of + timedelta(days=1)
    cut = during is not None and (unit.start < during.start or unit.end > during.end)
    unseen = (min(first, unit.end) - unit.start).days if first and first > unit.start else 0
    return cut or not over or unseen + days_after(unit, last) > PARTIAL_SHARE * unit.days


def days_after(period: Period, last: date) -> int:
    """Return how many days of a period come after the last day of which a book holds all."""
    return min(max((period.last_day - last).days, 0), period.days)


def is_over(book: Book, metric: Metric, period: Period) -> bool:
    """Return whether a period has ended, and what a metric counts in it is entered but for at most a tenth of its days."""
    return period.last_day <= book.as_of and days_after(period, last_complete_day(book, metric)) <= PARTIAL_SHARE * period.days


def must_hold_data(book: Book, metrics: Sequence[Metric], period: Period) -> None:
    """Refuse a period that begins after the day of the book, or ends before its first record; quotas are known ahead.

    Raises
    ------
    PeriodError
        It lies outside the data.
    """
    if period.start > book.as_of and any(metric.clock and metric.tables != ("quota_days",) for metric in metrics):
        raise PeriodError(f"The period {period} begins on {period.start}, after the day of the book ({book.as_of}).")
    firsts = [first_day(book, table, clock) for metric in metrics for table, clock in metric.clock.items()]
    known = [day for day in firsts if day]
    if known and min(known) >= period.end and not _holds_open_ones(book, metrics, period):
        raise PeriodError(f"The period {period} ends before the first record of {min(known)} in the book of {book.name}.")


def outside(book: Book, metrics: Sequence[Metric], period: Period | None) -> str:
    """Return what `must_hold_data` would refuse a period for, as a sentence; empty where it holds data, or all are asked for."""
    try:
        if period:
            must_hold_data(book, metrics, period)
    except PeriodError as refused:
        return str(refused)
    return ""


def _holds_open_ones(book: Book, metrics: Sequence[Metric], period: Period) -> bool:
    """Return whether opportunities were there by the end of a period of which none has closed yet: nothing was booked in it."""
    if not any("opportunities" in metric.tables for metric in metrics):
        return False
    made = book.table("opportunities")
    closed = book.fetch_row(made.aggregate(n=made.closed.sum()))["n"]
    first = first_day(book, "opportunities", "created_date")
    return not closed and first is not None and first < period.end


@lru_cache(maxsize=256)
def first_day(book: Book, table: str, clock: str) -> date | None:
    """Return the first day recorded in a date column; None where there is none."""
    return book.connection.to_pyarrow(book.table(table)[clock].cast("date").min()).as_py()


def with_process(book: Book, by: tuple[str, ...], where: Mapping[str, object], metrics: Sequence[Metric] = ()) -> tuple[str, ...]:
    """Return `by` with the sales process before the stage, where a book has several: a stage is one of its process.

    With metrics, only where one of them is of steps or stays.
    """
    stepwise = not metrics or any({"steps", "stays"} & set(metric.tables) for metric in metrics)
    if not (book.settings.pipelines and stepwise) or "stage" not in by or {"pipeline"} & {*by, *where}:
        return by
    at = by.index("stage")
    return (*by[:at], "pipeline", *by[at:])


def in_order(book: Book, frame: pd.DataFrame, by: tuple[str, ...], metrics: Sequence[str]) -> pd.DataFrame:
    """Sort groups: stages as their process runs, categories and metrics as they are listed, and everything else by itself."""
    orders = {"metric": list(metrics), "stage": [stage.name for stage in book.settings.stages], "category": list(CATEGORIES)}

    def place(column: pd.Series) -> pd.Series:
        order = orders.get(str(column.name).rpartition(".")[2])
        return column if order is None else column.map({name: i for i, name in enumerate(order)})

    keys = [*by, "metric"]
    if book.settings.pipelines and {"pipeline", "stage"} <= {*by}:
        ladders = {name: {stage.name: i for i, stage in enumerate(each)} for name, each in book.settings.pipelines.items()}
        own = [ladders.get(name, {}).get(stage) for name, stage in zip(frame["pipeline"], frame["stage"], strict=True)]
        frame, keys = (
            frame.assign(_place=pd.Series(own, index=frame.index, dtype="float64")),
            ["_place" if name == "stage" else name for name in keys],
        )
    frame = frame.sort_values(keys, kind="stable", na_position="last", key=place)
    return frame.drop(columns="_place", errors="ignore")
