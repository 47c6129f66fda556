"""From source columns to canonical columns: which one makes which, as the book file says or as the names agree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp

from salestrack.errors import suggestion
from salestrack.sources.marks import marks_of
from salestrack.sources.table_file import CategoryRule, ColumnFile, TableFile
from salestrack.tables import Contract


@dataclass(frozen=True)
class Mapped:
    """How one table is made from its source.

    Parameters
    ----------
    columns : dict of str to ColumnFile
        By canonical name; `ColumnFile.column` is spelled as in the source.
    expressions : dict of str to str
        SQL by the name under which it is added to the source's rows.
    rules : tuple of CategoryRule
        With columns spelled as in the source.
    unused : tuple of str
        Source columns that nothing uses.
    keep : dict of str to tuple of str
        Values of the rows that stay, by source column.
    marks : dict of str to str
        Source columns that mark rows as gone, with the word for it.
    """

    columns: dict[str, ColumnFile]
    expressions: dict[str, str]
    rules: tuple[CategoryRule, ...]
    unused: tuple[str, ...]
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)


def expression_name(column: str) -> str:
    """Return the name under which a canonical column's SQL expression is added to the rows of its source."""
    return f"__{column}"


def map_columns(
    contract: Contract,
    table: TableFile,
    source_columns: Sequence[str],
    rules: Iterable[CategoryRule] = (),
    by_statement: Sequence[str] = (),
) -> tuple[Mapped, list[str]]:
    """Return how a table is made, and the faults of its mapping.

    A column that the book file does not name is taken from the source column of the same name, if there is one.

    Parameters
    ----------
    contract : Contract
        The canonical table.
    table : TableFile
        What the book file says about it.
    source_columns : sequence of str
        What the source has.
    rules : iterable of CategoryRule
        For activities.
    by_statement : sequence of str
        Those of the source's columns that make a column of their own name only where the book file says so.
    """
    where = f"tables.{contract.name}"
    by_name = {bare(name): name for name in source_columns}
    unasked = set(source_columns) - set(by_statement)
    columns, expressions, used = dict[str, ColumnFile](), dict[str, str](), set[str]()
    faults: list[str] = []
    for name in contract.names:
        said = table.columns.get(name, ColumnFile(column=name) if by_name.get(bare(name), name) in unasked else None)
        if said is None:
            continue
        place = f"{where}.columns.{name}"
        if said.column is not None:
            source, fault = source_column(by_name, said.column, place)
            said, from_columns = said.model_copy(update={"column": source}), [source]
        elif said.expression is not None:
            from_columns, fault = _parsed(by_name, said.expression, place)
        else:
            from_columns, fault = [], None
        if fault:
            faults.append(fault)
            continue
        columns[name] = said
        used.update(from_columns)
        if said.expression is not None:
            expressions[expression_name(name)] = said.expression
    mapped = {name: each.column for name, each in columns.items() if each.column}
    placed = [_resolved(rule, by_name, mapped, f"activity_categories.{position}") for position, rule in enumerate(rules)]
    for rule, rule_faults in placed:
        faults += rule_faults
        used.update([*rule.where, *rule.matches])
    faults += _missing(contract, table, columns, source_columns)
    keep, keep_faults = _kept(table, by_name, f"{where}.keep")
    marks = marks_of(contract.name, source_columns, keep)
    used.update([*keep, *marks, *by_statement])
    unused = tuple(name for name in source_columns if name not in used)
    return Mapped(columns, expressions, tuple(rule for rule, _ in placed), unused, keep, marks), [*faults, *keep_faults]


def _kept(table: TableFile, by_name: dict[str, str], where: str) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Return which values of which source columns stay, and the faults of what the book file says about them."""
    found = {name: source_column(by_name, name, where) for name in table.keep}
    faults = [fault for _, fault in found.values() if fault]
    return {column: table.keep[name] for name, (column, fault) in found.items() if not fault}, faults


def bare(name: str) -> str:
    """Return a column name as names are compared: without case, spaces around, byte order mark and trailing asterisk."""
    return name.strip().strip("\ufeff").rstrip("*").strip().casefold()


def source_column(by_name: dict[str, str], name: str, where: str) -> tuple[str, str | None]:
    """Return a column as the source spells it, and the fault where the source has none of that name.

    Parameters
    ----------
    by_name : dict of str to str
        Columns of the source, by their names as `bare` gives them.
    name, where : str
        What was asked for, and where in the book file.
    """
    if bare(name) in by_name:
        return by_name[bare(name)], None
    return name, f"{where}: the source has no column {name!r}.{suggestion(name, by_name.values())}"


def _parsed(by_name: dict[str, str], sql: str, where: str) -> tuple[list[str], str | None]:
    """Return the source columns of an SQL expression."""
    try:
        trees = [tree for tree in sqlglot.parse(sql, read="duckdb") if tree]
    except sqlglot.errors.SqlglotError as error:
        return [], f"{where}: {sql!r} is not an SQL expression: {str(error).splitlines()[0]}"
    if len(trees) != 1 or trees[0].find(exp.Query, exp.DML, exp.DDL, exp.Command):
        return [], f"{where}: {sql!r} is not one SQL expression over columns of the source."
    if told := _beyond_the_row(trees[0]):
        return [], f"{where}: {sql!r} {told}; an expression makes one value of the columns of its own row."
    names = _names_in(trees[0])
    for name in names:
        if name.casefold() not in by_name:
            return [], source_column(by_name, name, where)[1]
    return [by_name[name.casefold()] for name in names], None


def named_columns(sql: str, source_columns: Iterable[str]) -> list[str]:
    """Return the columns of a source that an SQL expression names, as the source spells them."""
    by_name = {bare(name): name for name in source_columns}
    tree = sqlglot.parse_one(sql, read="duckdb")
    return [by_name[bare(name)] for name in _names_in(tree) if bare(name) in by_name]


def _beyond_the_row(tree: exp.Expr) -> str:
    if tree.find(exp.Star, exp.Columns):
        return "names all columns at once"
    inside = {id(node) for window in tree.find_all(exp.Window) for node in window.this.walk()}
    sums = [node for node in tree.find_all(exp.AggFunc) if id(node) not in inside]
    return f"adds up rows ({sums[0].sql(dialect='duckdb')})" if sums else ""


def _names_in(tree: exp.Expr) -> list[str]:
    return list(dict.fromkeys(column.name for column in tree.find_all(exp.Column)))


def _resolved(rule: CategoryRule, by_name: dict[str, str], mapped: dict[str, str], where: str) -> tuple[CategoryRule, list[str]]:
    """Return a rule with its columns as the source spells them; a canonical name that is mapped will do as well."""
    faults = []
    names = {}
    for name in [*rule.where, *rule.matches]:
        canonical = name in mapped and bare(name) not in by_name
        names[name], fault = (mapped[name], None) if canonical else source_column(by_name, name, where)
        faults += [fault] if fault else []
    update = {
        "where": {names[name]: values for name, values in rule.where.items()},
        "matches": {names[name]: pattern for name, pattern in rule.matches.items()},
    }
    return rule.model_copy(update=update), faults


def _missing(contract: Contract, table: TableFile, columns: dict[str, ColumnFile], source_columns: Sequence[str]) -> list[str]:
    # Rules and 'unclassified' fill a category that no source column holds.
    needed = [each.name for each in contract.columns if each.required and each.name != "category"]
    return [
        f"tables.{contract.name}.columns: {name!r} is needed and nothing maps to it. The source has {', '.join(source_columns)}."
        for name in needed
        if name not in columns and name not in table.columns
    ]
