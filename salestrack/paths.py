"""The way from a table to a column: in the table itself, or in one that it links to.

Links are followed from many rows to one only, so nothing fans out. A name is looked for in the table itself, then in the
tables it links to, nearest first; `account.industry` names the table where a name alone would be ambiguous.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis.expr.types as ir

from salestrack.book import Book
from salestrack.definition import table_columns
from salestrack.errors import UnknownNameError, suggestion
from salestrack.periods import GRAINS
from salestrack.tables import CONTRACTS, LINK_NAMES

_LINKS_OF_DERIVED = {
    "steps": {"opportunity_id": "opportunities", **CONTRACTS["opportunities"].links},
    "stays": {"opportunity_id": "opportunities", **CONTRACTS["opportunities"].links},
    "quota_days": {"rep_id": "reps", "territory_id": "territories"},
    "rep_days": {"rep_id": "reps"},
}
# Work is logged where something is sold and worked where the rep is: the territories of the two are not one.
_NOT_BY = {("rep_days", "territory_id"): "rep.territory_id"}


@dataclass(frozen=True)
class Path:
    """How to get from a table to a column: the links to follow (column, table), then the column."""

    hops: tuple[tuple[str, str], ...]
    column: str


def links_of(table: str) -> Mapping[str, str]:
    """Return the columns of a table that hold another table's key, with that table."""
    return _LINKS_OF_DERIVED.get(table) or CONTRACTS[table].links


def find_path(book: Book, table: str, name: str) -> Path:
    """Return how to get from a table to a column, following links.

    Raises
    ------
    UnknownNameError
        Neither the table nor a table it links to has the column, or two do.
    """
    if (table, name) in _NOT_BY:
        raise UnknownNameError(f"{table} knows no {name.removesuffix('_id')} but that of the rep: say {_NOT_BY[table, name]}.")
    if name in GRAINS:
        raise UnknownNameError(f"{name!r} is a unit of the calendar, which cannot stand here: ask for each period with during.")
    owner, _, column = name.rpartition(".")
    level: list[tuple[tuple[tuple[str, str], ...], str]] = [((), table)]
    seen = {table}
    while level:
        found = [
            Path(hops, column)
            for hops, at in level
            if column in table_columns(at) and (not owner or (hops and LINK_NAMES.get(owner, owner) == at))
        ]
        # Where several linked tables have the column, what is sold decides; otherwise the name must say which.
        found = [path for path in found if path.hops and path.hops[-1][1] == "opportunities"] or found
        if len(found) > 1:
            choices = " or ".join(f"{path.hops[-1][0].removesuffix('_id')}.{column}" for path in found)
            raise UnknownNameError(f"{name!r} is ambiguous for {table}: say {choices}.")
        if found:
            return found[0]
        level = [
            ((*hops, (link, to)), to)
            for hops, at in level
            for link, to in links_of(at).items()
            if to in book.tables and to not in seen and not seen.add(to)  # type: ignore[func-returns-value]
        ]
    raise UnknownNameError(f"No column {name!r} for {table} in the book of {book.name}.{suggestion(name, reachable(book, table))}")


def reachable(book: Book, table: str) -> list[str]:
    """Return every name that may stand in `by` for a table: its columns, those it links to, and the calendar grains."""
    names, level, seen = set(GRAINS), [table], {table}
    while level:
        at = level.pop()
        names.update(table_columns(at))
        for link, to in links_of(at).items():
            names.add(link.removesuffix("_id"))
            if to in book.tables and to not in seen:
                seen.add(to)
                level.append(to)
    return sorted(names)


def attach(book: Book, made: ir.Table, table: str, name: str, as_name: str) -> ir.Table:
    """Return a table with one more column, taken from itself or from a table that it links to; left joins, many to one."""
    path = find_path(book, table, name)
    at, columns = made, list(made.columns)
    key = path.hops[0][0] if path.hops else path.column
    if not path.hops:
        return made.mutate(**{as_name: made[key]})
    for i, (_, to) in enumerate(path.hops):
        wanted = path.hops[i + 1][0] if i + 1 < len(path.hops) else path.column
        parent = book.table(to)
        side = parent.select(_side_key=parent[CONTRACTS[to].key[0]], **{f"_side_{i}": parent[wanted]})
        at = at.left_join(side, at[key] == side["_side_key"]).drop("_side_key")
        key = f"_side_{i}"
    return at.select(*columns, **{as_name: at[key]})
