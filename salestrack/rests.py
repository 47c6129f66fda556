"""What a formula rests on, read off its expression: the columns of the book, the rows it asks, and the values they must carry."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, get_args

import ibis.expr.operations as ops
import ibis.expr.types as ir

from salestrack.formula import Formula, Ratio, columns_of
from salestrack.tables import CONTRACTS

# Columns that reading a book derives, by the one that must be recorded for them.
_MADE_FROM = {"cycle_days": "created_date", "observed_days": "created_date", "hours": "minutes"}
# A stage may state it for all that are in it, so that no column need be mapped.
_BESIDE_COLUMNS = {"stated_probability"}
# Columns that tell the lost from the others.
_OUTCOMES = {"status", "stage", "won", "lost", "closed", "outcome", "left", "went_on", "went_back", "cycle_days", "lost_reason"}
# Columns that tell the open from the others.
_OPEN = {"open", "idle_days"}
# Tables that are made of another one's rows.
_ROWS_OF = {"steps": "opportunities", "stays": "opportunities"}


class Column(NamedTuple):
    """A column of a table of the book, as it is mapped in the book file."""

    table: str
    name: str

    @property
    def is_day(self) -> bool:
        """Whether it says when something happened; without a day it has not happened, or nobody wrote it down."""
        return CONTRACTS[self.table].column(self.name).kind in ("date", "timestamp")

    @property
    def is_value(self) -> bool:
        """Whether a row without it lacks something: not so of a link, nor of a day on which nothing may have happened."""
        contract = CONTRACTS[self.table].column(self.name)
        return self.name == "created_date" or (contract.kind != "key" and not self.is_day)


@dataclass(frozen=True)
class Asked:
    """Rows that a part of a formula asks for values.

    Parameters
    ----------
    table : int
        Which of the tables that the metric takes.
    rows : ibis boolean column or None
        The rows asked; None: all.
    values : mapping of str to ibis boolean column
        Column of the book to whether a row carries a value in it.
    """

    table: int
    rows: ir.BooleanValue | None
    values: Mapping[str, ir.BooleanValue]


def mapped_columns(formula: Formula, names: Sequence[str], tables: Sequence[ir.Table]) -> list[Column]:
    """Return the columns that a formula takes from its tables, each once.

    A column that is only asked for being there (``amount.notnull()``) is not among them, unless it is a day: that of an event.

    Parameters
    ----------
    formula : Formula
        What a metric returned.
    names : sequence of str
        The tables that the metric takes.
    tables : sequence of ibis table
        What stood for each of them.
    """
    at = {table.op(): name for name, table in zip(names, tables, strict=True)}
    used = [each for part in columns_of(formula) for each in _fields(part.op())]
    found = [column for field, tested in used if (column := _column(at, field)) and (column.is_day or not tested)]
    if (holder := getattr(formula, "each", "")) and (column := _mapped(names[0], holder)):
        found.append(column)
    return list(dict.fromkeys(found))


def outcomes_in(formula: Formula, names: Sequence[str], tables: Sequence[ir.Table]) -> bool:
    """Return whether a formula asks how opportunities, or their steps, ended; parameters as in `mapped_columns`."""
    return _asks(formula, names, tables, _OUTCOMES)


def open_in(formula: Formula, names: Sequence[str], tables: Sequence[ir.Table]) -> bool:
    """Return whether a formula asks for the opportunities that are open; parameters as in `mapped_columns`."""
    return _asks(formula, names, tables, _OPEN)


def _asks(formula: Formula, names: Sequence[str], tables: Sequence[ir.Table], columns: set[str]) -> bool:
    at = {table.op() for name, table in zip(names, tables, strict=True) if name in ("opportunities", "steps", "stays")}
    return any(field.rel in at and field.name in columns for part in columns_of(formula) for field, _ in _fields(part.op()))


def asked_of(formula: Formula, names: Sequence[str], tables: Sequence[ir.Table]) -> list[Asked]:
    """Return which rows a formula asks for which values.

    Of ``Total(of=amount, where=won)`` the won ones for an amount. ``won.ifelse(amount, 0)`` asks the won ones, too. In a ratio by
    value the rest is asked for a value above nothing: where all that was lost carries 0, the won are 100 % of anything.

    Parameters
    ----------
    formula, names, tables
        As in `mapped_columns`.
    """
    if not isinstance(formula, get_args(Formula)):
        return []
    of = formula.days if not hasattr(formula, "of") else formula.of
    condition, value = _peeled(of)
    places = {table.op(): i for i, table in enumerate(tables)}
    at = {table.op(): name for name, table in zip(names, tables, strict=True)}
    values = _values(at, value)
    if isinstance(formula, Ratio) and not values:
        values = _values(at, formula.over)
    place = next((places[each] for each in value.op().relations if each in places), None)
    if place is None or not values:
        return []
    if isinstance(formula, Ratio) and of.type().is_boolean():
        condition = formula.over if formula.over.type().is_boolean() else None
    where = _without_tests(formula.where, values.values())
    if not (isinstance(formula, Ratio) and condition is not None and value.op() == formula.over.op()):
        return [Asked(place, both(where, condition), {name: column.notnull() for name, column in values.items()})]
    sides = (condition.fill_null(False), ~condition.fill_null(False))
    return [Asked(place, both(where, side), {f"{name}_above_0": column > 0 for name, column in values.items()}) for side in sides]


def mapped(table: str, name: str) -> Column | None:
    """Return the mapped column behind one of a table as it is read; None where it is always there."""
    return _mapped(table, name)


def _fields(node: ops.Node, tested: bool = False) -> Iterator[tuple[ops.Field, bool]]:
    """Yield the columns under a node, and whether each is only asked for being there."""
    if isinstance(node, ops.Field):
        yield node, tested
        return
    for each in node.__args__:
        for part in each if isinstance(each, tuple) else (each,):
            if isinstance(part, ops.Value):
                yield from _fields(part, tested or isinstance(node, ops.NotNull | ops.IsNull))


def _column(at: Mapping[ops.Node, str], field: ops.Field) -> Column | None:
    return _mapped(at[field.rel], field.name) if field.rel in at else None


def _mapped(table: str, name: str) -> Column | None:
    table, name = _ROWS_OF.get(table, table), _MADE_FROM.get(name, name)
    known = table in CONTRACTS and name in CONTRACTS[table].names and not CONTRACTS[table].column(name).required
    return Column(table, name) if known else None


def _values(at: Mapping[ops.Node, str], value: ir.Value) -> dict[str, ir.Value]:
    """Return the columns that a row must carry for a value, by the column of the book behind each."""
    found = {}
    for field, tested in _fields(value.op()):
        column = _column(at, field)
        if not tested and field.rel in at and (field.name in _BESIDE_COLUMNS or (column and column.is_value)):
            found[column.name if column else field.name] = field.to_expr()
    return found


def _peeled(value: ir.Value) -> tuple[ir.BooleanValue | None, ir.Value]:
    """Return the rows that a value is for and the value: of ``won.ifelse(amount, 0)`` those that were won, and the amount.

    So it is of ``ibis.cases((won, amount), else_=0)`` and of ``amount * won.cast("int64")``.
    """
    node = _bare(value.op())
    if isinstance(node, ops.IfElse) and not list(_fields(node.false_null_expr)):
        return node.bool_expr.to_expr(), node.true_expr.to_expr()
    if isinstance(node, ops.SearchedCase) and len(node.cases) == 1 and not list(_fields(node.default)):
        return node.cases[0].to_expr(), node.results[0].to_expr()
    if isinstance(node, ops.Multiply):
        for factor, other in ((node.left, node.right), (node.right, node.left)):
            if (tested := _bare(factor)).dtype.is_boolean():
                return tested.to_expr(), other.to_expr()
    return None, value


def _bare(node: ops.Value) -> ops.Value:
    """Return a value without casts."""
    while isinstance(node, ops.Cast):
        node = node.arg
    return node


def both(one: ir.BooleanValue | None, other: ir.BooleanValue | None) -> ir.BooleanValue | None:
    """Return two conditions together; None is no condition."""
    return other if one is None else one if other is None else one & other


def _without_tests(where: ir.BooleanValue | None, values: Iterable[ir.Value]) -> ir.BooleanValue | None:
    """Return a condition without its tests that the values are there."""
    known = {value.op() for value in values}

    def kept(node: ops.Node) -> ir.BooleanValue | None:
        if isinstance(node, ops.And):
            return both(kept(node.left), kept(node.right))
        return None if isinstance(node, ops.NotNull) and node.arg in known else node.to_expr()

    return None if where is None else kept(where.op())
