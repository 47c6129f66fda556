"""Rows that do not count although they are in an export: marked as deleted or archived, or left out by the book file."""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from salestrack.sources.checks import Check
from salestrack.sources.duck import FAULT
from salestrack.sources.marks import YES, is_a_day
from salestrack.sources.reading import as_text


def left_out(rows: ir.Table, marks: Mapping[str, str], keep: Mapping[str, Sequence[str]]) -> list[Check]:
    """Return the reasons for which rows of a source do not count.

    Parameters
    ----------
    rows : ibis table
        Of the source.
    marks : mapping of str to str
        From `salestrack.sources.marks.marks_of`.
    keep : mapping of str to sequence of str
        Values of rows that stay, by column of the source.
    """
    whole, found = rows[FAULT].isnull(), []
    for column, word in marks.items():
        said = as_text(rows[column])
        gone = said.notnull() if is_a_day(column) else said.lower().isin(YES)
        advice = f"Nothing to do. If they count, say keep: {{{column}: [true, false]}} with what {column} says."
        found.append(Check("", f"the row is marked as {word} ({column})", whole & gone, advice, "left out"))
    for column, values in keep.items():
        stays = as_text(rows[column]).lower().isin([each.strip().lower() for each in values])
        problem = f"{column} is not {' or '.join(values)}, which the book file keeps"
        found.append(Check("", problem, whole & ~stays.fill_null(False), "Stated in the book file; nothing to do.", "left out"))
    return found


def counted(reasons: Sequence[Check]) -> ir.BooleanValue:
    """Return whether a row counts: for one that does not, no other reason is looked for."""
    gone = [each.condition.fill_null(False) for each in reasons]
    return ~ibis.or_(*gone) if gone else ibis.literal(True)
