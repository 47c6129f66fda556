"""The engine's half of measuring: from metrics to the few numbers that each needs, group by group.

All sums that are asked of one table over one clock go into one query. Life tables, order statistics and per-holder ratios need
a grain of their own and take one query each.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from math import sqrt

import ibis
import ibis.expr.types as ir
import pandas as pd

from salestrack.alike_weeks import of_a_figure
from salestrack.book import Book
from salestrack.columns import View, view
from salestrack.definition import Metric
from salestrack.errors import DefinitionError
from salestrack.formula import Duration, Formula, Mean, MeanOfRatios, Quantile, Ratio, Reaching, Total
from salestrack.periods import Period
from salestrack.quotas import against_quotas
from salestrack.recording import is_recorded, record_of_closes
from salestrack.rests import asked_of, both
from salestrack.ripeness import at_age, maturing, outcome_columns, watched_until
from salestrack.stats.intervals import normal_quantile


@dataclass(frozen=True)
class Parts:
    """What the engine returned for one metric.

    Parameters
    ----------
    formula : Formula
        What the metric asked for.
    frame : pandas.DataFrame
        Key columns ``key_0``, ... (dates for calendar grains), then the parts; of a `Duration` one row for each key, day count
        and outcome (``days``, ``outcome``, ``count``), of everything else one row for each key.
    asked : tuple of (str, pandas.DataFrame)
        What rows were asked for a value that not all may carry: the column (``amount``), then a frame with the key columns,
        ``rows`` (asked) and ``recorded`` (that carry it).
    times : float
        How many times it varies more than of as many independent rows (`salestrack.alike_weeks`); 1 but for activities.
    """

    formula: Formula
    frame: pd.DataFrame
    asked: tuple[tuple[str, pd.DataFrame], ...] = ()
    times: float = 1.0


@dataclass
class _Job:
    """One query in the making: a view and the reductions asked of it."""

    view: View
    reductions: dict[str, ir.Value] = field(default_factory=dict)

    def ask(self, value: ir.Value) -> str:
        """Ask for a reduction and return the column in which it will be found; the same reduction is taken once."""
        for name, known in self.reductions.items():
            if known.equals(value):
                return name
        name = f"part_{len(self.reductions)}"
        self.reductions[name] = value
        return name

    def query(self) -> ir.Table:
        return _aggregate(self.view.table, self.view.key_columns, self.reductions)


@dataclass
class Reduction:
    """All queries of one call of `measure`.

    Parameters
    ----------
    book : Book
        The book.
    by : tuple of str
        What to group by.
    where : mapping
        The scope.
    during : Period or None
        The period.
    confidence : float
        Of the interval of a quantile, whose limits are rows that the engine picks.
    ages : mapping of str to int
        Metrics that are read at an age: each row as it stood so many days after its clock, those watched for less left out.
    """

    book: Book
    by: tuple[str, ...]
    where: Mapping[str, object]
    during: Period | None
    confidence: float = 0.95
    ages: Mapping[str, int] = field(default_factory=dict)
    queries: list[ir.Table] = field(default_factory=list)
    _views: dict[tuple[str, str | None, bool, int | None, bool], View] = field(default_factory=dict)

    def parts(self, metrics: Iterable[Metric]) -> dict[str, Parts]:
        """Return the parts of every metric, by its name; one query takes all sums of a table and clock."""
        jobs: dict[int, _Job] = {}
        wanted: dict[str, tuple[Formula, list[tuple[_Job, dict[str, str]]]]] = {}
        done: dict[str, Parts] = {}
        alike: dict[str, float] = {}
        carrying: dict[str, list[tuple[str, _Job, dict[str, str]]]] = {}
        for metric in metrics:
            views = [self._view(table, metric) for table in metric.tables]
            formula = metric.function(*(each.table for each in views))
            asks = asked_of(formula, metric.tables, [each.table for each in views])
            if asks and isinstance(formula, Ratio) and formula.of.type().is_boolean():
                # Of a row without the value nobody knows whether it is one of them: it counts in neither part.
                formula = replace(formula, where=both(formula.where, formula.of.notnull()))
            alike[metric.name] = of_a_figure(self.book, metric.function) if metric.tables == ("activities",) else 1.0
            if isinstance(formula, Total | Mean | Ratio):
                asked = []
                for at, values in _sums(formula, views):
                    job = jobs.setdefault(id(at), _Job(at))
                    asked.append((job, {name: job.ask(value) for name, value in values.items()}))
                wanted[metric.name] = (formula, asked)
            else:
                done[metric.name] = Parts(formula, self._alone(metric, formula, views))
            carrying[metric.name] = []
            # Whatever falls in a period has the day that decides it.
            held = [(each, name) for each in asks for name in each.values if name not in metric.clock.values()]
            for each, column in held:
                job, carries = jobs.setdefault(id(views[each.table]), _Job(views[each.table])), each.values[column]
                sums = {"rows": _number_of(job, each.rows), "recorded": _number_of(job, both(each.rows, carries))}
                carrying[metric.name].append((column, job, {name: job.ask(value) for name, value in sums.items()}))
        frames = {key: self.fetch(job.query()) for key, job in jobs.items()}
        for name, (formula, asked) in wanted.items():
            sides = [_side(frames[id(job.view)], job.view.key_columns, names) for job, names in asked]
            done[name] = Parts(formula, _joined(sides), times=alike[name])
        for name, found in carrying.items():
            told = tuple((column, _side(frames[id(job.view)], job.view.key_columns, sums)) for column, job, sums in found)
            done[name] = replace(done[name], asked=told)
        return done

    def show(self, table: str, clock: str | None, at: View) -> None:
        """Measure a table by a clock as this view shows it, not as `by`, `where` and `during` do; for nothing that matures."""
        self._views |= {(table, clock, False, None, held): at for held in (False, True)}

    def fetch(self, query: ir.Table, repeating: Iterable[str] = ()) -> pd.DataFrame:
        """Run a query on the book's engine, remember it, and return its small result."""
        # Texts and days that repeat over many rows become categories: a fifth of the memory, and quick to group by.
        self.queries.append(query)
        found = self.book.connection.to_pyarrow(query)
        for name in repeating:
            if query[name].type().is_string() or query[name].type().is_date():
                found = found.set_column(found.column_names.index(name), name, found[name].dictionary_encode())
        return found.to_pandas()

    def _view(self, table: str, metric: Metric) -> View:
        clock = metric.clock.get(table)
        grows = bool(clock and maturing(self.book, metric) and outcome_columns(table, clock))
        closes, age = grows and table in ("opportunities", "steps", "stays"), self.ages.get(metric.name) if grows else None
        held = against_quotas(metric)
        key = (table, clock, closes, age, held)
        if key not in self._views:
            made = view(self.book, table, clock, self.by, self.where, self.during if clock else None, against_quotas=held)
            rows = made.table
            if closes:
                # From before closes were recorded only the slow ones are in the book.
                rows = rows.filter(is_recorded(rows, record_of_closes(self.book)))
            if age is not None:
                rows = at_age(rows, table, str(clock), age, watched_until(self.book, table))
            self._views[key] = replace(made, table=rows)
        return self._views[key]

    def _alone(self, metric: Metric, formula: Formula, views: list[View]) -> pd.DataFrame:
        if isinstance(formula, Duration):
            return self.fetch(_life_table(formula, views[0]), [*views[0].key_columns, "outcome"])
        if isinstance(formula, Quantile):
            return self.fetch(_order_statistics(formula, views[0], self.confidence))
        if isinstance(formula, Reaching | MeanOfRatios):
            return self.fetch(_per_holder(formula, views))
        raise DefinitionError(
            f"Metric {metric.name!r} returns {type(formula).__name__}; it must return one of Total, Ratio, Mean, Quantile, "
            "Duration, Reaching or MeanOfRatios."
        )


def _side(frame: pd.DataFrame, keys: list[str], names: Mapping[str, str]) -> pd.DataFrame:
    """Return the key columns and one metric's parts, by their own names, out of a query that served several metrics."""
    return pd.DataFrame({**{key: frame[key] for key in keys}, **{part: frame[column] for part, column in names.items()}})


def _aggregate(table: ir.Table, keys: list[str], reductions: Mapping[str, ir.Value]) -> ir.Table:
    return table.group_by(keys).aggregate(**reductions) if keys else table.aggregate(**reductions)


def _number_of(job: _Job, rows: ir.BooleanValue | None) -> ir.Value:
    one = ibis.literal(1, "int64")
    return job.view.table.count() if rows is None else rows.fill_null(False).ifelse(one, ibis.null("int64")).count()


def _counted(value: ir.Value, where: ir.Value | None) -> ir.Value:
    """Return a value as a number, null where the row does not count."""
    number = value.cast("int64") if value.type().is_boolean() else value.cast("float64")
    return number if where is None else where.fill_null(False).ifelse(number, ibis.null(number.type()))


def _sums(formula: Total | Mean | Ratio, views: list[View]) -> list[tuple[View, dict[str, ir.Value]]]:
    if isinstance(formula, Ratio):
        return _ratio_sums(formula, views)
    x = _counted(formula.of, formula.where)
    if formula.of.type().is_boolean():
        return [(views[0], {"n": x.sum(), "s1": x.sum()})]
    parts = {"n": x.count(), "s1": x.sum(), "s2": (x * x).sum()}
    if isinstance(formula, Mean):
        parts["s3"] = (x * x * x).sum()
    return [(views[0], parts)]


def _ratio_sums(formula: Ratio, views: list[View]) -> list[tuple[View, dict[str, ir.Value]]]:
    of, over = _view_of(formula.of, views), _view_of(formula.over, views)
    x, y = _counted(formula.of, formula.where), _counted(formula.over, formula.where)
    if of is not over:
        return [(of, {"n": x.count(), "sx": x.sum(), "sxx": (x * x).sum()}), (over, {"sy": y.sum()})]
    if formula.of.type().is_boolean() and formula.over.type().is_boolean():
        return [(of, {"k": x.sum(), "n": y.sum()})]
    return [(of, {"n": y.count(), "sx": x.sum(), "sy": y.sum(), "sxx": (x * x).sum(), "syy": (y * y).sum(), "sxy": (x * y).sum()})]


def _view_of(value: ir.Value, views: list[View]) -> View:
    for each in views:
        if each.table.op() in value.op().relations:
            return each
    raise DefinitionError("A part of the ratio is not made of the tables that the metric takes.")


def _joined(sides: list[pd.DataFrame]) -> pd.DataFrame:
    """Join parts of two tables on the group keys; a group that one table lacks has null parts there."""
    keys = [column for column in sides[0].columns if column.startswith("key_")]
    return reduce(lambda one, other: one.merge(other, how="outer", on=keys) if keys else one.merge(other, how="cross"), sides)


def with_groups(parts: Parts, groups: pd.DataFrame) -> Parts:
    """Return parts with null parts for the groups that they lack."""
    return replace(parts, frame=_joined([parts.frame, groups]))


def _life_table(formula: Duration, at: View) -> ir.Table:
    table = at.table.mutate(days=formula.days, outcome=formula.outcome)
    table = table.filter(table.days.notnull(), table.outcome.notnull())
    if formula.where is not None:
        table = table.filter(formula.where)
    return table.group_by([*at.key_columns, "days", "outcome"]).aggregate(count=table.count())


def _order_statistics(formula: Quantile, at: View, confidence: float) -> ir.Table:
    """Return n, the quantile's two middle values and the values at the interval's ranks, by rank within each group.

    The ranks are those of `salestrack.stats.intervals.quantile_ranks`, written in the engine's own arithmetic.
    """
    x = _counted(formula.of, formula.where)
    rows = at.table.mutate(value=x)
    rows = rows.filter(rows.value.notnull()).select(*at.key_columns, "value")
    group = ibis.window(group_by=at.key_columns) if at.keys else ibis.window()
    ordered = ibis.window(group_by=at.key_columns, order_by="value") if at.keys else ibis.window(order_by="value")
    ranked = rows.mutate(rank=ibis.row_number().over(ordered) + 1, n=rows.count().over(group))
    n, p = ranked.n.cast("float64"), formula.p
    spread = normal_quantile(confidence) * sqrt(p * (1 - p)) * n.sqrt()
    position = (n - 1) * p + 1
    at_rank = {
        "middle_low": position.floor(),
        "middle_high": position.ceil(),
        "low": (n * p - spread).ceil(),
        "high": (n * p + spread).ceil(),
    }
    picks = {name: ranked.value.max(where=ranked["rank"] == rank.cast("int64")) for name, rank in at_rank.items()}
    return _aggregate(ranked, at.key_columns, {"n": ranked.n.max(), **picks})


def _per_holder(formula: Reaching | MeanOfRatios, views: list[View]) -> ir.Table:
    """Return each group's sums over its holders' own ratios.

    Holders without a denominator do not count, nor does what has no holder: a team's quota is no rep's.
    """
    x, y = _counted(formula.of, formula.where), _counted(formula.over, formula.where)
    of, over = _view_of(formula.of, views), _view_of(formula.over, views)
    names = {name: column for key, column in zip(of.keys, of.key_columns, strict=True) for name in (key.name, f"{key.name}_id")}
    each = names.get(formula.each, formula.each)
    keys = list(dict.fromkeys([*of.key_columns, each]))
    left = of.table.mutate(_x=x).filter(ibis._["_x"].notnull()).group_by(keys).aggregate(of=ibis._["_x"].sum())
    right = over.table.mutate(_y=y).group_by(keys).aggregate(over=ibis._["_y"].sum())
    one = right.left_join(left, [left[key].identical_to(right[key]) for key in keys])
    one = one.filter(one.over > 0, one[each].notnull()).mutate(ratio=ibis.coalesce(one.of, 0.0) / one.over)
    # A quota met to the cent must count, whatever its daily parts add up to in floating point.
    if isinstance(formula, Reaching):
        reached = (one.ratio >= formula.at_least * (1 - 1e-9)).cast("int64")
        sums = {"k": reached.sum(), "n": one.count()}
    else:
        r = one.ratio
        sums = {"n": one.count(), "s1": r.sum(), "s2": (r * r).sum(), "s3": (r * r * r).sum()}
    return _aggregate(one, of.key_columns, sums)
