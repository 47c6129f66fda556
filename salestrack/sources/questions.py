"""Questions that only the owner of the data can answer: dates and numbers that may be read in two ways.

Nothing is guessed. Where the values themselves prove one reading, the question says so, and still asks.
"""

from datetime import datetime

import ibis.expr.types as ir

from salestrack.sources.duck import try_strptime
from salestrack.sources.reading import number_pattern

_DAYS = (
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%m.%d.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d.%m.%y",
    "%d-%m-%y",
    "%m-%d-%y",
    "%Y.%m.%d",
    "%Y%m%d",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%b %d, %Y",
    "%d %B %Y",
    "%B %d, %Y",
)
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", "T%H:%M:%S")
_NUMBERS = ((",", None), (".", ","), (",", "."), (".", " "), (",", " "), (".", "'"))
_ENOUGH = 20_000


def date_question(texts: ir.StringValue, where: str) -> tuple[str, tuple[str, ...]]:
    """Return the question to answer about dates that are not ISO 8601, and the formats that may be right.

    Parameters
    ----------
    texts : ibis string column
        The texts that cannot be read.
    where : str
        Table and column.

    Examples
    --------
    >>> import ibis
    >>> question, formats = date_question(ibis.memtable({"day": ["03/04/2017"]}).day, "leads.created_at")
    >>> formats
    ('%d/%m/%Y', '%m/%d/%Y')
    >>> print(question)
    leads.created_at: '03/04/2017' may be 3 April 2017 ("%d/%m/%Y") or 4 March 2017 ("%m/%d/%Y"). Say which: date_format: "..."
    """
    table = texts.name("text").as_table().distinct().limit(_ENOUGH)
    formats = [day + time for day in _DAYS for time in _TIMES]
    fits = {f"f{i}": _fits(table.text, each) for i, each in enumerate(formats)}
    counts = table.aggregate(n=table.count(), first=table.text.min(), **fits).to_pyarrow().to_pylist()[0]
    best = max(counts[f"f{i}"] for i in range(len(formats)))
    if best * 2 < counts["n"]:
        return f"{where}: {counts['first']!r} is no date. Write dates as 2026-09-30, say date_format:, or map another column.", ()
    likely = [each for i, each in enumerate(formats) if counts[f"f{i}"] == best]
    either = _two_readings(table, likely[0], likely[1]) if len(likely) > 1 else None
    if either is None:
        return f'{where}: {_only(table, likely[0], formats, counts)} Say so: date_format: "{likely[0]}"', (likely[0],)
    text, one, other = either
    ways = f'{text!r} may be {_spoken(one)} ("{likely[0]}") or {_spoken(other)} ("{likely[1]}")'
    return f'{where}: {ways}. Say which: date_format: "..."', tuple(likely)


def number_question(texts: ir.StringValue, where: str) -> str | None:
    """Return the question to answer about numbers that are not plain, or None when no known way of writing fits most of them.

    Examples
    --------
    >>> import ibis
    >>> print(number_question(ibis.memtable({"amount": ["1,234"]}).amount, "opportunities.amount"))
    opportunities.amount: '1,234' may be 1.234 (decimal: ",") or 1234 (thousands: ","). Say which.
    """
    table = texts.name("text").as_table().distinct().limit(_ENOUGH)
    fits = {f"f{i}": table.text.re_search(number_pattern(*signs)).sum() for i, signs in enumerate(_NUMBERS)}
    percent = table.text.endswith("%").sum()
    counts = table.aggregate(n=table.count(), first=table.text.min(), percent=percent, **fits).to_pyarrow().to_pylist()[0]
    if counts["percent"] * 2 > counts["n"]:
        return f"{where}: {counts['first']!r} is a percentage. Say so: percent: true"
    best = max(counts[f"f{i}"] for i in range(len(_NUMBERS)))
    if best * 2 < counts["n"]:
        return None
    likely = [signs for i, signs in enumerate(_NUMBERS) if counts[f"f{i}"] == best]
    shown = table.filter(table.text.re_search(number_pattern(*likely[0]))).text.min().to_pyarrow().as_py()
    ways = " or ".join(f"{_number(shown, *signs)} ({_signs(*signs)})" for signs in likely[:2])
    several = len(likely) > 1
    return f"{where}: {shown!r} {'may be' if several else 'reads as'} {ways}. Say {'which' if several else 'so'}."


def point_question(texts: ir.StringValue, where: str) -> str | None:
    """Return the question about numbers such as 1.234, whose point may divide thousands, or None when other values tell.

    Examples
    --------
    >>> import ibis
    >>> print(point_question(ibis.memtable({"amount": ["1.234", "12.500", "980"]}).amount, "opportunities.amount"))
    opportunities.amount: '1.234' may be 1.234 (decimal: ".") or 1234 (thousands: "."). Say which.
    >>> point_question(ibis.memtable({"amount": ["1.234", "12.5"]}).amount, "opportunities.amount")
    """
    pointed = texts.name("text").as_table().filter(lambda t: t.text.contains("."))
    in_threes = pointed.text.re_search(r"^[+-]?[1-9]\d{0,2}(\.\d{3})+$")
    telling = pointed.filter(~in_threes).limit(1).count().to_pyarrow().as_py()
    first = None if telling else pointed.text.min().to_pyarrow().as_py()
    if first is None:
        return None
    ways = f'{_number(first, ".", None)} (decimal: ".") or {_number(first, ",", ".")} (thousands: ".")'
    return f"{where}: {first!r} may be {ways}. Say which."


def _fits(text: ir.StringValue, date_format: str) -> ir.IntegerScalar:
    # A four-digit year in the format would take '17' for the year 17.
    return try_strptime(text, date_format).year().between(1900, 2199).sum().fill_null(0)


def _two_readings(table: ir.Table, one: str, other: str) -> tuple[str, datetime, datetime] | None:
    read = table.select("text", one=try_strptime(table.text, one), other=try_strptime(table.text, other))
    found = read.filter(read.one != read.other).order_by("text").limit(1).to_pyarrow().to_pylist()
    return (found[0]["text"], found[0]["one"], found[0]["other"]) if found else None


def _only(table: ir.Table, likely: str, formats: list[str], counts: dict[str, int]) -> str:
    """Return what proves one format against the one that is most often confused with it."""
    swapped = likely.translate(str.maketrans("dm", "md"))
    read = try_strptime(table.text, likely)
    if swapped in formats and swapped != likely and counts[f"f{formats.index(swapped)}"]:
        proof = table.filter(read.notnull() & try_strptime(table.text, swapped).isnull()).text.min().to_pyarrow().as_py()
        return f'other values such as {proof!r} prove the order "{likely}".'
    shown = table.filter(read.notnull()).select("text", read=read).order_by("text").limit(1).to_pyarrow().to_pylist()[0]
    return f"{shown['text']!r} reads as {_spoken(shown['read'])}."


def _spoken(at: datetime) -> str:
    day = f"{at.day} {at:%B} {at.year}"
    return f"{day} {at:%H:%M}" if (at.hour, at.minute) != (0, 0) else day


def _number(text: str, decimal: str, thousands: str | None) -> str:
    for sign in " \u00a0\u202f" if thousands == " " else thousands or "":
        text = text.replace(sign, "")
    return text.replace(decimal, ".").strip()


def _signs(decimal: str, thousands: str | None) -> str:
    said = [f'thousands: "{thousands}"'] if thousands else []
    return ", ".join([f'decimal: "{decimal}"', *said] if decimal != "." or not said else said)
