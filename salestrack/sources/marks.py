"""Columns by which programs mark rows as gone: deleted ones stay in an export, and are in none of its own figures."""

import re
from collections.abc import Mapping, Sequence

# A former rep, a closed account or an old territory still says what the rows are that link to it.
_NOT_OF = ("reps", "accounts", "territories")
# By the letters of a column's name. What is archived in an activity may only be old.
_MARKS = {
    "isdeleted": "deleted",
    "deleted": "deleted",
    "fivetrandeleted": "deleted",
    "isarchived": "archived",
    "archived": "archived",
}
_OLD = {"activities": ("isarchived",)}
_DAYS = {"deletedat": "deleted", "deletedon": "deleted", "deleteddate": "deleted", "deletedtime": "deleted"}
YES = ("true", "t", "yes", "y", "1", "x", "deleted", "archived", "ja", "wahr", "oui", "vrai", "예")


def marks_of(table: str, columns: Sequence[str], keep: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the columns of a source that mark its rows as gone, with the word for it; none of which the book file decides.

    Parameters
    ----------
    table : str
        Canonical name.
    columns : sequence of str
        Of the source.
    keep : mapping
        What the book file keeps, by column.
    """
    if table in _NOT_OF:
        return {}
    known = {name: word for name, word in (_MARKS | _DAYS).items() if name not in _OLD.get(table, ())}
    return {column: known[_letters(column)] for column in columns if _letters(column) in known and column not in keep}


def is_a_day(column: str) -> bool:
    """Return whether a column marks rows as gone by the day on which they went."""
    return _letters(column) in _DAYS


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.rpartition(" - ")[2].casefold())
