"""From what a source says to typed values, as expressions: texts, numbers, days and times.

A value that cannot be read is null here while its text is not; that difference is what refuses a row.
"""

import re
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from babel.numbers import get_currency_symbol

from salestrack.sources.book_file import BookFile
from salestrack.sources.duck import in_time_zone, trim, try_strptime, try_strptime_zoned
from salestrack.sources.mapping import Mapped, expression_name
from salestrack.sources.table_file import CategoryRule, ColumnFile
from salestrack.tables import Column, Contract, Kind

TYPES: dict[Kind, str] = {
    "key": "string",
    "text": "string",
    "date": "date",
    "timestamp": "timestamp(6)",
    "number": "float64",
    "share": "float64",
}
# Days outside are typing errors (year 0217) or a program's idea of 'never'.
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_SPACES = " \u00a0\u202f"


@dataclass(frozen=True)
class Conventions:
    """What the book says about all of its columns: time zone, decimal sign, thousands sign, signs of its currency.

    And the last day on which anything can have closed, where something says that it closed later.
    """

    time_zone: str
    decimal: str | None
    thousands: str | None
    signs: tuple[str, ...]
    closed_until: date | None = None

    @classmethod
    def of(cls, file: BookFile, closed_until: date | None = None) -> "Conventions":
        """Return the conventions of a book file; the signs are those of its own currency, so that no other passes."""
        symbol = get_currency_symbol(file.currency, locale="en_US")
        signs = dict.fromkeys((file.currency, symbol, re.sub("[A-Za-z]+", "", symbol)))
        return cls(file.time_zone, file.decimal, file.thousands, tuple(sign for sign in signs if sign), closed_until)


def said(column: str) -> str:
    """Return the name of the column that holds what the source says, before stated value mappings."""
    return f"__said_{column}"


def text(column: str) -> str:
    """Return the name of the column that holds the text to read: null where the source says nothing."""
    return f"__text_{column}"


def value(column: str) -> str:
    """Return the name of the column that holds the typed value: null where the text cannot be read."""
    return f"__value_{column}"


def is_written(rows: ir.Table, how: ColumnFile, column: str) -> bool:
    """Return whether a column is read from texts; a source that is typed needs no reading."""
    return bool(how.missing or how.values) or _raw(rows, column, how).type().is_string()


def with_texts(rows: ir.Table, contract: Contract, mapped: Mapped) -> ir.Table:
    """Return the rows of a source with the texts of all mapped columns.

    Parameters
    ----------
    rows : ibis table
        Rows of the source.
    contract : Contract
        Of the canonical table.
    mapped : Mapped
        What makes its columns.
    """
    added = {}
    for name, how in mapped.columns.items():
        what = as_text(_raw(rows, name, how))
        if how.missing:
            what = what.isin([each.strip() for each in how.missing]).ifelse(ibis.null("string"), what)
        added[said(name)] = what
        added[text(name)] = what.cases(*how.values.items(), else_=what) if how.values else what
    if contract.name == "activities":
        added[text("category")] = category(rows, mapped.rules, added.get(text("category")))
    return rows.mutate(**added)


def with_values(rows: ir.Table, contract: Contract, mapped: Mapped, conventions: Conventions) -> ir.Table:
    """Return rows with texts, and the typed values of all columns of the contract (null where nothing maps to one).

    Parameters
    ----------
    rows : ibis table
        From `with_texts`.
    contract : Contract
        Of the canonical table.
    mapped : Mapped
        What makes its columns.
    conventions : Conventions
        Of the book.
    """
    values = {
        column.name: _value(rows, column, mapped.columns.get(column.name), conventions).cast(TYPES[column.kind])
        for column in contract.columns
    }
    return rows.mutate(**{value(name): each for name, each in values.items()})


def _value(rows: ir.Table, column: Column, how: ColumnFile | None, conventions: Conventions) -> ir.Value:
    if text(column.name) not in rows.columns:
        return ibis.null(TYPES[column.kind])
    what = rows[text(column.name)]
    if how is None or column.kind in ("key", "text"):
        return what.upper() if column.name == "currency" else what
    raw = None if is_written(rows, how, column.name) else _raw(rows, column.name, how)
    if column.kind in ("number", "share"):
        number = _finite(raw.cast("float64")) if raw is not None and raw.type().is_numeric() else as_number(what, how, conventions)
        return number / 100 if how.percent else number
    at = _time(what, raw, how, conventions.time_zone)
    if column.kind == "date" and conventions.time_zone != "UTC":
        there = _time(what, raw, how, "UTC")
        # Programs write a day as midnight in UTC, which is the evening before in New York.
        at = (there == there.truncate("D")).ifelse(there, at)
    at = at.year().between(_FIRST_YEAR, _LAST_YEAR).ifelse(at, ibis.null(at.type()))
    return at.date() if column.kind == "date" else at


def _time(what: ir.StringValue, raw: ir.Value | None, how: ColumnFile, zone: str) -> ir.TimestampValue:
    at = None if raw is None else _typed_time(raw, zone)
    return as_time(what, how.date_format, zone) if at is None else at


def as_text(raw: ir.Value) -> ir.StringValue:
    """Return a value as text without surrounding spaces; what holds nothing is null."""
    if not raw.type().is_floating():
        return trim(raw.cast("string")).nullif("")
    # Programs write whole keys as 17.0 when some are missing. Rounding would end at what no whole number of the engine holds.
    whole = (raw.abs() < 2**53) & (raw % 1 == 0)
    return raw.isnan().ifelse(ibis.null("string"), whole.ifelse(raw.try_cast("int64").cast("string"), raw.cast("string")))


def as_time(what: ir.StringValue, formats: tuple[str, ...], zone: str) -> ir.TimestampValue:
    """Return a text as a time on the clock of a zone: with the stated formats, else as ISO 8601 (an offset is converted)."""
    if formats:
        read = [
            in_time_zone(zone, try_strptime_zoned(what, each)) if "%z" in each else try_strptime(what, each) for each in formats
        ]
        return ibis.coalesce(*read)
    zoned = what.substr(16).re_search("[A-Za-z+-]")
    instant = in_time_zone(zone, what.try_cast("timestamp('UTC', 6)"))
    iso = what.substr(4, 1).isin(["-", "/"])
    return ibis.cases((~iso, ibis.null("timestamp(6)")), (zoned, instant), else_=what.try_cast("timestamp(6)"))


def as_number(what: ir.StringValue, how: ColumnFile, conventions: Conventions) -> ir.FloatingValue:
    """Return a text as a number; thousands signs only where stated, the sign of the book's own currency on either end."""
    signs = [*conventions.signs, "%"] if how.percent else list(conventions.signs)
    either = "|".join(re.escape(sign) for sign in signs)
    bare = what.re_replace(f"^(?:{either})[{_SPACES}]*|[{_SPACES}]*(?:{either})$", "")
    decimal, thousands = how.decimal or conventions.decimal or ".", how.thousands or conventions.thousands
    if decimal == "." and not thousands:
        return ibis.coalesce(_plain(what), _plain(bare))
    fits = bare.re_search(number_pattern(decimal, thousands))
    for sign in _SPACES if thousands == " " else thousands or "":
        bare = bare.replace(sign, "")
    return fits.ifelse(bare.replace(decimal, ".").try_cast("float64"), ibis.null("float64"))


def number_pattern(decimal: str, thousands: str | None) -> str:
    """Return the regular expression of numbers written with these signs."""
    whole = r"\d+"
    if thousands:
        sign = f"[{_SPACES}]" if thousands == " " else re.escape(thousands)
        whole = rf"(?:\d+|\d{{1,3}}(?:{sign}\d{{2,3}})*{sign}\d{{3}})"
    return rf"^[+-]?{whole}(?:{re.escape(decimal)}\d*)?$"


def category(rows: ir.Table, rules: tuple[CategoryRule, ...], mapped: ir.StringValue | None) -> ir.StringValue:
    """Return the category of activities: as the source says, else by the first rule that fits, else 'unclassified'."""
    choices = []
    for rule in rules:
        listed = {name: [each.strip().lower() for each in values] for name, values in rule.where.items()}
        conditions = [as_text(rows[name]).lower().isin(values) for name, values in listed.items()]
        conditions += [as_text(rows[name]).re_search(pattern) for name, pattern in rule.matches.items()]
        choices.append((ibis.and_(*(each.fill_null(False) for each in conditions)), rule.category))
    placed = ibis.cases(*choices, else_="unclassified") if choices else ibis.literal("unclassified")
    return placed if mapped is None else ibis.coalesce(mapped, placed)


def _raw(rows: ir.Table, name: str, how: ColumnFile) -> ir.Value:
    if how.constant is not None:
        return ibis.literal(how.constant)
    return rows[expression_name(name)] if how.expression is not None else rows[how.column]


def _typed_time(raw: ir.Value, zone: str) -> ir.TimestampValue | None:
    kind = raw.type()
    if isinstance(kind, dt.Timestamp) and kind.timezone:
        return in_time_zone(zone, raw.try_cast("timestamp('UTC', 6)"))
    return raw.try_cast("timestamp(6)") if isinstance(kind, dt.Timestamp | dt.Date) else None


def _plain(what: ir.StringValue) -> ir.FloatingValue:
    # The engine's cast also reads 1_000, which no CRM means.
    return what.contains("_").ifelse(ibis.null("float64"), _finite(what.try_cast("float64")))


def _finite(number: ir.FloatingValue) -> ir.FloatingValue:
    return (number.isnan() | number.isinf()).ifelse(ibis.null("float64"), number)
