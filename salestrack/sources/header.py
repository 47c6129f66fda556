"""Where the table of a text file begins, and what parts its columns.

Before the header may stand ``sep=;`` for a spreadsheet program, the title of a report, or what it was filtered by.
"""

import csv
import re
from collections import Counter
from collections.abc import Sequence

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_SAMPLE = 1 << 16
_ROWS = 50
_MOST = 20
# A delimiter that splits at least so many of the first rows like the very first is that of the table.
_EVEN = 0.5
_MOST_NAMED = 0.6
_SEPARATOR = re.compile(r'\ufeff?"?sep=(.?)"?', re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"[\d\s.,:/%+-]+")


def delimiter_of(sample: str) -> str:
    r"""Return the delimiter that a file states, or else the one that splits its first rows into the most columns, evenly.

    Parameters
    ----------
    sample : str
        How the file begins.

    Examples
    --------
    >>> delimiter_of("sep=;\nid;stage\n"), delimiter_of("Deals, all of 2026\nid|stage\n1|Won\n2|Won\n")
    (';', '|')
    """
    if stated := _stated(sample):
        return stated

    def fit(delimiter: str, titled: bool = False) -> tuple[float, int]:
        try:
            rows = _first_rows(sample, delimiter)
        except csv.Error:
            return (0.0, 0)
        widths = [len(row) for row in rows[_before(rows) if titled else 0 :]]
        return (widths.count(widths[0]) / len(widths), widths[0]) if widths and widths[0] > 1 else (0.0, 0)

    best, below_title = max(DELIMITERS, key=fit), max(DELIMITERS, key=lambda each: fit(each, titled=True))
    # What stands above the header may be split in ways of its own.
    if fit(best) < (_EVEN, 0) < fit(below_title, titled=True):
        return below_title
    return best if fit(best) > (0.0, 0) else ","


def rows_before_header(sample: str, delimiter: str) -> int:
    r"""Return how many rows that are not blank stand before the header: nearly empty ones, above one that names most columns.

    Examples
    --------
    >>> rows_before_header("Deals of 2026\n\nid,stage,amount\n1,Won,5\n2,Won,7\n", ",")
    1
    """
    try:
        return _before(_first_rows(sample, delimiter))
    except csv.Error:
        return 0


def told_before(sample: str, delimiter: str, before: int) -> str:
    """Return what is said of the rows that are left out before the header."""
    first = [delimiter.join(row).strip("\ufeff")[:60] for row in _first_rows(sample, delimiter)[:before]]
    said = [each if each.casefold().startswith("sep=") else each.rstrip(delimiter) for each in first]
    many = f"{before} rows before the header are" if before > 1 else "1 row before the header is"
    return f"{many} left out: {', '.join(map(repr, said[:3]))}"


def _before(rows: Sequence[Sequence[str]]) -> int:
    if not rows:
        return 0
    width = Counter(len(row) for row in rows).most_common(1)[0][0]
    for number, row in enumerate(rows[:_MOST]):
        said = [cell.strip() for cell in row if cell.strip()]
        if _is_separator(row):
            continue
        if len(said) >= _MOST_NAMED * width:
            names = len(set(said)) == len(said) and not any(_NUMBER.fullmatch(each) for each in said)
            return number if number and names else _separators(rows)
        # A header may leave columns without a name; a title fills one or two cells.
        if len(row) == width and len(said) > max(1, width // 3):
            break
    return _separators(rows)


def _first_rows(sample: str, delimiter: str) -> list[list[str]]:
    lines = sample[:_SAMPLE].splitlines(keepends=True)[:_ROWS]
    return [row for row in csv.reader(lines, delimiter=delimiter) if row]


def _stated(sample: str) -> str | None:
    """Return the delimiter that the first line of a file states for a spreadsheet program, if it does."""
    line = sample.split("\n", 1)[0].rstrip("\r")
    found = _SEPARATOR.fullmatch(line)
    return found[1] or None if found else None


def _separators(rows: Sequence[Sequence[str]]) -> int:
    return 1 if _is_separator(rows[0]) else 0


def _is_separator(row: Sequence[str]) -> bool:
    # Split at its own delimiter, the line is one cell and nothing behind it.
    return bool(_SEPARATOR.fullmatch(row[0].strip("\ufeff\"' "))) and not any(row[1:])
