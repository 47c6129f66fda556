"""How figures are written: one place for numbers, money, shares, days and dates, by babel."""

import math
from datetime import date

from babel.dates import format_date
from babel.numbers import format_compact_currency, format_currency, format_decimal, format_percent
from babel.units import format_unit

from salestrack.definition import DAYS, HOURS, MONEY, RATIO, SHARE, Unit

DASH = "–"


def figure(value: float | None, unit: Unit, currency: str, *, short: bool = False, locale: str = "en") -> str:
    """Write a figure in its unit.

    Parameters
    ----------
    value : float or None
        None and NaN are undefined: a dash.
    unit : Unit
        Shares and ratios are written as percent.
    currency : str
        ISO code, for money.
    short : bool
        Compact money and counts (``€1.2M``) for tiles and axes.
    locale : str
        Babel locale.

    Examples
    --------
    >>> figure(0.6315, SHARE, "EUR"), figure(10005534, MONEY, "EUR", short=True), figure(None, DAYS, "EUR")
    ('63.2%', '€10M', '–')
    """
    if value is None or math.isnan(value):
        return DASH
    if unit in (SHARE, RATIO):
        return format_percent(value, "#,##0.0%", locale=locale)
    if unit == MONEY and short and abs(value) >= 10_000:
        return format_compact_currency(value, currency, locale=locale, fraction_digits=1)
    if unit == MONEY:
        return format_currency(value, currency, "¤#,##0", locale=locale, currency_digits=False)
    if unit == HOURS and 0 < abs(value) < 10:
        return format_decimal(value, "0.0" if abs(value) >= 1 else "0.00", locale=locale).removesuffix(".0")
    return format_decimal(value, "#,##0.#" if unit == DAYS else "#,##0", locale=locale)


def alone(value: float | None, unit: Unit, currency: str, *, locale: str = "en") -> str:
    """Write a figure that stands by itself, as on a tile: money compact, days and hours with their name.

    Examples
    --------
    >>> alone(81, DAYS, "EUR"), alone(7667, HOURS, "EUR"), alone(10005534, MONEY, "EUR"), alone(None, DAYS, "EUR")
    ('81 days', '7,667 hours', '€10M', '–')
    """
    written = figure(value, unit, currency, short=unit == MONEY, locale=locale)
    if value is None or math.isnan(value) or unit not in (DAYS, HOURS):
        return written
    one = "day" if unit == DAYS else "hour"
    return format_unit(value, f"duration-{one}", "long", format="#,##0.#" if abs(value) < 100 else "#,##0", locale=locale)


def wait(hours: float | None, *, locale: str = "en") -> str:
    """Write a wait in the unit that suits its length.

    Examples
    --------
    >>> wait(0.2), wait(1), wait(5.25), wait(60)
    ('12 minutes', '1 hour', '5.2 hours', '2.5 days')
    """
    if hours is None or math.isnan(hours):
        return DASH
    unit, size = ("minute", 1 / 60) if hours < 1 else ("hour", 1) if hours < 48 else ("day", 24)
    amount = round(hours / size, 0 if unit == "minute" else 1)
    return format_unit(amount, f"duration-{unit}", "long", format="#,##0.#", locale=locale)


def span(days: float | None, *, locale: str = "en") -> str:
    """Write a number of days with its name, as hours or minutes where it is less than one.

    Examples
    --------
    >>> span(0.01), span(5 / 24), span(1), span(34), span(21.5), span(0), span(None)
    ('14 minutes', '5 hours', '1 day', '34 days', '21.5 days', '0 days', '–')
    """
    if days is not None and 0 < days < 1:
        return wait(days * 24, locale=locale)
    if days is None or math.isnan(days):
        return DASH
    return format_unit(round(days, 1), "duration-day", "long", format="#,##0.#", locale=locale)


def change(value: float | None, unit: Unit, currency: str, *, locale: str = "en") -> str:
    """Write a difference with its sign; of shares in percentage points.

    Examples
    --------
    >>> change(-0.021, SHARE, "EUR"), change(3000, MONEY, "EUR")
    ('−2.1 points', '+€3,000')
    """
    if value is None or math.isnan(value):
        return DASH
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    if unit in (SHARE, RATIO):
        return f"{sign}{format_decimal(abs(value) * 100, '0.0', locale=locale)} points"
    return sign + figure(abs(value), unit, currency, locale=locale)


def growth(value: float | None, *, locale: str = "en") -> str:
    """Write a relative change with its sign.

    Examples
    --------
    >>> growth(0.083), growth(-0.5)
    ('+8.3%', '−50.0%')
    """
    if value is None or math.isnan(value):
        return DASH
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return sign + format_percent(abs(value), "#,##0.0%", locale=locale)


def share(value: float | None, *, digits: int = 0, locale: str = "en") -> str:
    """Write a share as percent with a chosen number of digits."""
    if value is None or math.isnan(value):
        return DASH
    return format_percent(value, "#,##0" + ("." + "0" * digits if digits else "") + "%", locale=locale)


def day(value: date, *, locale: str = "en") -> str:
    """Write a day: ``30 Sept 2026``.

    Examples
    --------
    >>> day(date(2026, 9, 3))
    '3 Sep 2026'
    """
    return format_date(value, "d MMM y", locale=locale)


def month(value: date, *, locale: str = "en") -> str:
    """Write the month of a day: ``Sep 2026``.

    Examples
    --------
    >>> month(date(2026, 9, 3))
    'Sep 2026'
    """
    return format_date(value, "MMM y", locale=locale)
