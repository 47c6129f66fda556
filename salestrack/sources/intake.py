"""Taking in one table: source rows in; usable rows typed, unusable rows kept with their reasons, nothing lost between.

A value that cannot be used, of a column that a row may lack, is null in a row that stays; the value is kept to be told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from salestrack.book import Settings
from salestrack.sources.checks import Check, checks
from salestrack.sources.duck import FAULT, ID, LINE, MASK, ROW, Source, empty, flag_duplicates, seen, stage, with_expressions
from salestrack.sources.left_out import counted, left_out
from salestrack.sources.mapping import Mapped
from salestrack.sources.reading import Conventions, text, value, with_texts, with_values
from salestrack.tables import Contract

REFUSED = {"table": "string", "row": "int64", "reason": "string", "record": "string"}
_DUPLICATE = Check(
    "", "an earlier row has the same key", ibis.literal(False), "The first one stays. Find out why it was exported twice."
)


@dataclass(frozen=True)
class Taken:
    """One table, taken in.

    Parameters
    ----------
    contract : Contract
        Which table.
    source : Source
        Where it came from.
    mapped : Mapped
        How its columns are made.
    rows : ibis table
        Rows of the source with ``__said_``, ``__text_`` and ``__value_`` columns (see `salestrack.sources.reading`).
    checks : tuple of Check
        Reasons for refusal of rows or values; the k-th has the bit ``1 << k``.
    counts : mapping of str to int
        ``rows``, ``refused``, ``check_<k>`` (rows with the k-th reason), ``kept_<k>`` (those of them that are not refused),
        ``value_<column>`` (rows that have a value that can be used).
    usable : ibis table
        Rows that passed, with all columns of the contract.
    odd : ibis table
        Rows with a reason, refused or not: ``table``, ``row``, ``reason``, ``record``, ``__mask`` and ``__text_<column>``.
    """

    contract: Contract
    source: Source
    mapped: Mapped
    rows: ir.Table
    checks: tuple[Check, ...]
    counts: Mapping[str, int]
    usable: ir.Table
    odd: ir.Table

    @property
    def refused(self) -> ir.Table:
        """Rows that cannot be used, as `odd` has them."""
        return self.odd.filter((self.odd[MASK] & refusing(self.checks)) != 0)

    def with_reason(self, k: int) -> ir.Table:
        """Return the rows with the k-th reason, perhaps among others."""
        return self.odd.filter((self.odd[MASK] & (1 << k)) != 0)


def take_in(
    connection: BaseBackend, contract: Contract, source: Source, mapped: Mapped, settings: Settings, conventions: Conventions
) -> Taken:
    """Read, type and check the rows of one source table.

    Parameters
    ----------
    connection : ibis backend
        From `salestrack.sources.duck.connect`.
    contract : Contract
        What the table must hold.
    source : Source
        Where its rows are.
    mapped : Mapped
        How its columns are made.
    settings : Settings
        Stages and currency.
    conventions : Conventions
        How the book writes times and numbers.

    Raises
    ------
    BookError
        An SQL expression of the book file fails.
    """
    rows = with_expressions(connection, source, mapped.expressions)
    rows = seen(connection, f"texts_{contract.name}", with_texts(rows, contract, mapped))
    rows = seen(connection, f"values_{contract.name}", with_values(rows, contract, mapped, conventions))
    gone = left_out(rows, mapped.marks, mapped.keep)
    counts_at_all = counted(gone)
    reasons = gone + [each.of_whole_rows(counts_at_all) for each in checks(contract, rows, settings, conventions.closed_until)]
    staged = stage(connection, contract.name, _typed(contract, rows, reasons))
    flag_duplicates(connection, contract.name, contract.key, refusing(reasons), 1 << len(reasons))
    reasons.append(_DUPLICATE)
    counts = _counts(staged, reasons)
    usable = staged.filter((staged[MASK] & refusing(reasons)) == 0).select(*contract.names)
    if counts["odd"]:
        odd = stage(connection, f"{contract.name}_odd", _odd(contract, rows, reasons, staged, source.columns))
    else:
        odd = empty(connection, f"{contract.name}_odd", {**REFUSED, MASK: "int64"})
    return Taken(contract, source, mapped, rows, tuple(reasons), counts, usable, odd)


def refusing(reasons: Sequence[Check]) -> int:
    """Return the bits of the reasons for which a row is refused as a whole."""
    return sum(1 << k for k, reason in enumerate(reasons) if not reason.stays)


def _typed(contract: Contract, rows: ir.Table, reasons: list[Check]) -> ir.Table:
    mask = ibis.literal(0, "int64")
    for k, reason in enumerate(reasons):
        mask = mask | reason.condition.fill_null(False).ifelse(ibis.literal(1 << k, "int64"), ibis.literal(0, "int64"))
    return rows.select(rows[ID], **{MASK: mask}, **{name: _usable(rows, name, reasons) for name in contract.names})


def _usable(rows: ir.Table, name: str, reasons: list[Check]) -> ir.Value:
    """Return the values of a column, without those that are taken for missing."""
    read = rows[value(name)]
    # What cannot be read is null already.
    bad = [each.condition.fill_null(False) for each in reasons if each.stays and each.column == name and each.kind != "unreadable"]
    return ibis.or_(*bad).ifelse(ibis.null(read.type()), read) if bad else read


def _counts(staged: ir.Table, reasons: list[Check]) -> dict[str, int]:
    mask, used = staged[MASK], (staged[MASK] & refusing(reasons)) == 0
    has = {k: (mask & (1 << k)) != 0 for k in range(len(reasons))}
    sums = {f"check_{k}": each for k, each in has.items()} | {f"kept_{k}": each & used for k, each in has.items()}
    sums |= {"refused": ~used, "odd": mask != 0}
    values = {f"value_{name}": staged[name].count() for name in staged.columns if name not in (ID, MASK)}
    counts = staged.aggregate(rows=staged.count(), **{name: each.sum().fill_null(0) for name, each in sums.items()}, **values)
    return counts.to_pyarrow().to_pylist()[0]


def _odd(contract: Contract, rows: ir.Table, reasons: list[Check], staged: ir.Table, columns: tuple[str, ...]) -> ir.Table:
    bad = staged.filter(staged[MASK] != 0).select(ID, MASK)
    record = ibis.struct({name: rows[name] for name in columns}).cast("json").cast("string")
    line = ibis.struct({"line": rows[LINE]}).cast("json").cast("string")
    texts = [text(name) for name in contract.names if text(name) in rows.columns]
    kept = rows.select(
        ID, *texts, table=ibis.literal(contract.name), row=rows[ROW].cast("int64"), record=rows[FAULT].isnull().ifelse(record, line)
    ).inner_join(bad, ID)
    told = [((kept[MASK] & (1 << k)) != 0).ifelse(reason.problem, ibis.null("string")) for k, reason in enumerate(reasons)]
    return kept.mutate(reason=ibis.literal("; ").join(told))
