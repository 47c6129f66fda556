"""Calendar grains on both sides: the engine cuts days into units, and the units found get the names that people use."""

import ibis
import ibis.expr.types as ir

from salestrack.periods import containing


def start_of(day: ir.Value, grain: str, fiscal_year_start: int) -> ir.Value:
    """Return the first day of the calendar unit that holds a day; for fiscal grains shifted back by the fiscal year's start."""
    unit = {"day": "D", "week": "W", "month": "M"}.get(grain) or ("Q" if grain.endswith("quarter") else "Y")
    if grain.startswith("fiscal") and fiscal_year_start > 1:
        day = (day - ibis.interval(months=fiscal_year_start - 1)).cast("date")
    return day.truncate(unit).cast("date") if unit != "D" else day


def grain_name(start: object, grain: str, fiscal_year_start: int) -> str:
    """Return the name of the calendar unit that begins on a day as `start_of` gives it."""
    period = containing(start, grain if not grain.startswith("fiscal") else grain.removeprefix("fiscal_"))  # type: ignore[arg-type]
    if not grain.startswith("fiscal"):
        return period.name
    year_shift = 0 if fiscal_year_start == 1 else 1
    year, _, rest = period.name.partition("-")
    return f"FY{int(year) + year_shift}" + (f"-{rest}" if rest else "")
