"""The one place where a definition meets a table: many metrics, one query per table and clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import ibis
import ibis.expr.types as ir
import pandas as pd

from salestrack.book import Book
from salestrack.columns import beyond_reach, key_of, names_in
from salestrack.definition import Metric, find_metric
from salestrack.display import Definitions, measured_table, no_formulas
from salestrack.errors import DefinitionError, unknown
from salestrack.estimate import ABSENT, ADDITIVE, estimate
from salestrack.formula import Quantile, Ratio, Total
from salestrack.groups import complete, in_order, must_hold_data, named, partial, with_process
from salestrack.parts import Parts, Reduction, with_groups
from salestrack.periods import Period
from salestrack.quota_notes import beside_quotas, every_group, no_whole_quota
from salestrack.quotas import against_quotas
from salestrack.recorded import not_recorded_here, unrecorded
from salestrack.ripeness import maturing


@dataclass(frozen=True, eq=False)
class Measured:
    """Figures with n, interval and definition. Prints as a table; `frame` is tidy pandas.

    Parameters
    ----------
    book : Book
        What was measured.
    metrics : tuple of Metric
        Which figures.
    by : tuple of str
        What they are broken down by.
    where : mapping
        Scope.
    during : Period or None
        Period; None is all that the book holds.
    frame : pandas.DataFrame
        One row for each group and metric: the columns of `by`, then metric, value, low, high, n, note, partial, rows, recorded and
        lacks. Null in a column of `by`: not recorded. Null value: undefined. The note is empty, ``too_few`` (to judge),
        ``undefined``, ``unrecorded`` (rows count, and not one of them carries the value), or ``absent`` (the book lacks what the
        metric needs; `absent` says why). ``partial``: the period is not complete in the book. ``rows``: how many rows the figure
        asks for a value; ``recorded``: how many of them carry it; ``lacks``: the column in which the others do not. Shares are 0
        to 1, money is in the book's currency.
    parts : mapping of str to Parts
        What the engine returned for each metric.
    squares : pandas.Series
        Σx² of each total, row by row with `frame`; null for other kinds.
    queries : tuple of ibis.expr.types.Table
        The queries that produced it; `sql` gives them as text.
    absent : mapping of str to str
        Metrics that the book cannot answer, or not in this scope, with the reason.
    confidence : float
        Of the intervals.
    ages : mapping of str to int
        Days after their clock at which maturing metrics were read; a metric that is not in it was read on the day of the book.
    """

    book: Book
    metrics: tuple[Metric, ...]
    by: tuple[str, ...]
    where: Mapping[str, object]
    during: Period | None
    frame: pd.DataFrame
    parts: Mapping[str, Parts] = field(repr=False)
    squares: pd.Series = field(repr=False)
    queries: tuple[ir.Table, ...] = field(repr=False)
    absent: Mapping[str, str] = field(default_factory=dict)
    confidence: float = 0.95
    ages: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, name: str | Metric) -> "Measured":
        """Return the figures of one metric."""
        wanted = name.name if isinstance(name, Metric) else name
        names = [metric.name for metric in self.metrics]
        if wanted not in names:
            raise unknown("metric", wanted, names, "in this result")
        rows = self.frame["metric"] == wanted
        return replace(
            self,
            metrics=tuple(metric for metric in self.metrics if metric.name == wanted),
            frame=self.frame[rows].reset_index(drop=True),
            parts={name: parts for name, parts in self.parts.items() if name == wanted},
            absent={name: reason for name, reason in self.absent.items() if name == wanted},
            squares=self.squares[rows].reset_index(drop=True),
        )

    def value(self, name: str | Metric | None = None) -> float | None:
        """Return a single figure, of a result that is not broken down; None where it is undefined."""
        one = self[name] if name is not None else self
        if len(one.frame) != 1:
            raise DefinitionError(f"This result holds {len(one.frame)} figures; use .frame, or measure one metric without `by`.")
        value = one.frame["value"].iloc[0]
        return None if pd.isna(value) else float(value)

    @cached_property
    def beside(self) -> tuple[str, ...]:
        """What must be said beside the figures: which quotas are left out, and how much of what was booked counts for none."""
        told = any(against_quotas(metric) and metric.name not in self.absent for metric in self.metrics)
        return tuple(beside_quotas(self.book, self.by, self.where, self.during)) if told else ()

    @property
    def definitions(self) -> Definitions:
        """What each figure means, the period, the source, rows read and refused."""
        return Definitions(self.metrics, self.book, self.during, self.where)

    def sql(self) -> str:
        """Return the queries that produced it, in the engine's own words."""
        texts = (ibis.to_sql(query, dialect=self.book.connection.name) for query in self.queries)
        return ";\n\n".join(texts) + ";"

    @cached_property
    def overall(self) -> "Measured":
        """The same figures, not broken down."""
        return self.again()

    def again(self, *, by: str | Sequence[str] = (), during: Period | None = None) -> "Measured":
        """Measure the same figures in the same scope and at the same ages, broken down otherwise or of another period."""
        confidence, asked = self.confidence, during or self.during
        return measure(self.book, self.metrics, by=by, where=self.where, during=asked, confidence=confidence, age=self.ages)

    def at_confidence(self, confidence: float) -> "Measured":
        """Return the same figures with intervals of another confidence; the engine is asked again for order statistics only."""
        if any(isinstance(part.formula, Quantile) for part in self.parts.values()):
            return replace(self, confidence=confidence).again(by=self.by)
        frame = _frame(self.book, self.metrics, self.parts, _Question(self.by, self.where, self.during, confidence))
        return replace(self, confidence=confidence, frame=frame.drop(columns="squares"), squares=frame["squares"])

    def regroup(self, by: str | Sequence[str] = ()) -> "Measured":
        """Add groups up to larger groups, from the parts and without another query.

        Raises
        ------
        DefinitionError
            A metric cannot be added up (a quantile; a share of holders): measure it with the new `by` instead.
        """
        wanted = with_process(self.book, names_in(by), self.where, self.metrics)
        for name, part in self.parts.items():
            if not isinstance(part.formula, ADDITIVE):
                raise DefinitionError(f"{name} cannot be added up from its groups. Measure it with by={list(wanted)}.")
        missing = [name for name in wanted if name not in self.by]
        if missing:
            raise unknown("column", missing[0], self.by, "in this result's breakdown")
        parts = {name: _regrouped(part, self.by, wanted) for name, part in self.parts.items()}
        frame = _frame(self.book, self.metrics, parts, _Question(wanted, self.where, self.during, self.confidence))
        return replace(self, by=wanted, parts=parts, frame=frame.drop(columns="squares"), squares=frame["squares"])

    def __str__(self) -> str:
        return measured_table(self).as_text()

    __repr__ = __str__

    @no_formulas
    def _repr_html_(self) -> str:
        return measured_table(self).as_html()


_FIGURES = ("metric", "value", "low", "high", "n", "note", "partial", "rows", "recorded", "lacks")


@dataclass(frozen=True)
class _Question:
    by: tuple[str, ...]
    where: Mapping[str, object]
    during: Period | None
    confidence: float


def measure(  # noqa: PLR0913
    book: Book,
    metrics: Metric | str | Iterable[Metric | str],
    *,
    by: str | Sequence[str] = (),
    where: Mapping[str, object] | None = None,
    during: Period | str | None = None,
    confidence: float = 0.95,
    age: int | Mapping[str, int] | None = None,
) -> Measured:
    """Measure metrics on a book, broken down by anything.

    Parameters
    ----------
    book : Book
        The book.
    metrics : Metric, str or iterable of these
        What to measure.
    by : str or sequence of str
        Columns of the table or of a linked one (``"team"``, ``"account.industry"``), links (``"rep"``), calendar grains
        (``"month"``, ``"fiscal_quarter"``, ...).
    where : mapping, optional
        Scope: column to the value, or list of values, it must have; None stands for null.
    during : Period or str, optional
        ``"2026-Q3"``, ``"2026-09"``, ``"FY2026"``, ``"2026-07-01/2026-10-01"``, ...; ``"last quarter"`` is counted from the day of
        the book; None: all that the book holds.
    confidence : float
        Of the intervals.
    age : int or mapping of str to int, optional
        Read maturing metrics (those whose clock is an entry and whose parts tell what came later) at an age: every row as it stood
        so many days after its clock, rows watched for less left out. A mapping gives each metric its own. None: as of the day of
        the book, young rows and all.

    Returns
    -------
    Measured
        Figures with n, interval and definition. A metric whose table the book does not have is undefined, with the reason.

    Raises
    ------
    UnknownNameError
        A metric, a column or a value does not exist.
    PeriodError
        The period lies outside the data.
    DefinitionError
        No metric was named.
    """
    asked = [metrics] if isinstance(metrics, Metric | str) else metrics
    wanted = tuple(dict.fromkeys(find_metric(each) for each in asked))
    if not wanted:
        raise DefinitionError("No metric to measure. Name one or more, such as st.win_rate.")
    period = None if during is None else book.period(during)
    scope = dict(where or {})
    absent = {metric.name: reason for metric in wanted if (reason := _out_of_reach(book, metric, scope))}
    held = [metric.name for metric in wanted if metric.name not in absent and against_quotas(metric)]
    cut = no_whole_quota(book, names_in(by), scope, period) if held else ""
    absent |= dict.fromkeys(held, cut) if cut else {}
    present = [metric for metric in wanted if metric.name not in absent]
    if period:
        must_hold_data(book, present, period)
    question = _Question(with_process(book, names_in(by), scope, present), scope, period, confidence)
    ages = _ages(book, present, age)
    reduction = Reduction(book, question.by, question.where, period, confidence, ages)
    parts = reduction.parts(present)
    for metric in present:
        groups = every_group(book, metric, (question.by, question.where, period))
        if groups is not None and isinstance(parts[metric.name].formula, Ratio):
            parts[metric.name] = with_groups(parts[metric.name], reduction.fetch(groups))
    frame = _frame(book, wanted, parts, question)
    squares = frame.pop("squares")
    absent |= {metric.name: reason for metric in present if (reason := not_recorded_here(frame, metric))}
    return Measured(
        book, wanted, question.by, question.where, period, frame, parts, squares, tuple(reduction.queries), absent, confidence, ages
    )


def _ages(book: Book, metrics: Sequence[Metric], age: int | Mapping[str, int] | None) -> dict[str, int]:
    """Return the age at which each maturing metric is read."""
    asked = age if isinstance(age, Mapping) else {} if age is None else {metric.name: age for metric in metrics}
    return {metric.name: asked[metric.name] for metric in metrics if metric.name in asked and maturing(book, metric)}


def _out_of_reach(book: Book, metric: Metric, where: Mapping[str, object]) -> str:
    """Return why the book cannot answer a metric in a scope: a table, what it rests on, or the scope is not in it."""
    scopes = (beyond_reach(book, table, where) for table in metric.tables)
    return book.lacks(*metric.tables) or unrecorded(book, metric) or next(filter(None, scopes), "")


def _frame(book: Book, metrics: tuple[Metric, ...], parts: Mapping[str, Parts], question: _Question) -> pd.DataFrame:
    keys = tuple(key_of(book, name) for name in question.by)
    frames = []
    for metric in metrics:
        if metric.name not in parts:
            nothing = {name: [None] for name in question.by} | {key: [float("nan")] for key in ("value", "low", "high", "squares")}
            made = pd.DataFrame(nothing).assign(n=0, note=ABSENT, metric=metric.name, partial=False)
            frames.append(made.assign(rows=0, recorded=0, lacks=""))
            continue
        formula = parts[metric.name].formula
        frame = named(book, keys, estimate(metric, parts[metric.name], question.confidence))
        frame = complete(book, keys, frame, question.during, empty=0.0 if isinstance(formula, Total) else None)
        frames.append(frame.assign(metric=metric.name, partial=partial(book, metric, keys, frame, question.during)))
    whole = pd.concat(frames, ignore_index=True)
    whole = in_order(book, whole, question.by, [metric.name for metric in metrics])
    whole = whole.fillna({"rows": 0, "recorded": 0, "lacks": ""}).astype({"rows": "int64", "recorded": "int64"})
    return whole[[*question.by, *_FIGURES, "squares"]].reset_index(drop=True)


def _regrouped(parts: Parts, by: tuple[str, ...], wanted: tuple[str, ...]) -> Parts:
    """Add parts up over the keys that are no longer asked for."""
    kept = [f"key_{by.index(name)}" for name in wanted]
    inner = [column for column in ("days", "outcome") if column in parts.frame]
    names = {key: f"key_{i}" for i, key in enumerate(kept)}

    def added_up(frame: pd.DataFrame, within: list[str]) -> pd.DataFrame:
        frame = frame.drop(columns=[column for column in frame if str(column).startswith("key_") and column not in kept])
        if kept or within:
            return frame.groupby([*kept, *within], dropna=False, sort=False).sum(min_count=1).reset_index().rename(columns=names)
        return frame.sum(min_count=1).to_frame().T

    asked = tuple((column, added_up(frame, [])) for column, frame in parts.asked)
    return replace(parts, frame=added_up(parts.frame, inner), asked=asked)
