"""The formula kinds: what a metric may be made of. Each holds row-level columns; the engine takes the sums that the kind needs."""

from dataclasses import dataclass, fields
from typing import get_args

import ibis.expr.types as ir


@dataclass(frozen=True)
class Total:
    """Sum of a column, or the number of rows where a boolean column holds.

    Parameters
    ----------
    of : ibis column
        Numeric or boolean; null rows do not count.
    where : ibis boolean column, optional
        Rows that count.
    """

    of: ir.Value
    where: ir.Value | None = None


@dataclass(frozen=True)
class Ratio:
    """Sum of one column over the sum of another; of two booleans, a share of rows.

    The two may come from two tables: each is reduced on its own and they meet on the group keys.

    Parameters
    ----------
    of, over : ibis column
        Numeric or boolean. A share counts the rows of ``of`` among those of ``over``: where ``of`` holds, ``over`` must hold.
    where : ibis boolean column, optional
        Rows that count, in both.
    """

    of: ir.Value
    over: ir.Value
    where: ir.Value | None = None


@dataclass(frozen=True)
class Mean:
    """Arithmetic mean of a column over the rows where it is not null."""

    of: ir.Value
    where: ir.Value | None = None


@dataclass(frozen=True)
class Quantile:
    """Quantile of a column over the rows where it is not null; the mean of the two middle values where it falls between."""

    of: ir.Value
    where: ir.Value | None = None
    p: float = 0.5


@dataclass(frozen=True)
class Duration:
    """Share of observations that end with one event, others ending them too and some still going on (Aalen-Johansen).

    Or, with `p`, the time by which that share of all has ended with it.

    Parameters
    ----------
    days : ibis column
        Time observed, 0 or more, of few different values: whole days, or hours on a grid.
    outcome : ibis column
        How it ended, text.
    event : str
        The outcome of interest.
    censored : str
        The outcome of those that have not ended yet.
    p : float, optional
        Strictly between 0 and 1: a quantile of the time, in its unit; undefined where that share was not reached.
    """

    days: ir.Value
    outcome: ir.Value
    event: str
    censored: str = "open"
    where: ir.Value | None = None
    p: float | None = None


@dataclass(frozen=True)
class Reaching:
    """Share of holders (reps, say) whose own ratio reaches a level.

    Parameters
    ----------
    of, over : ibis column
        Parts of each holder's ratio; they may come from two tables.
    each : str
        Key column that names the holder in both tables.
    at_least : float
        The level. Holders whose ``over`` is zero or missing do not count.
    """

    of: ir.Value
    over: ir.Value
    each: str
    at_least: float = 1.0
    where: ir.Value | None = None


@dataclass(frozen=True)
class MeanOfRatios:
    """Plain mean of the holders' own ratios, each holder counting once; parameters as in `Reaching`."""

    of: ir.Value
    over: ir.Value
    each: str
    where: ir.Value | None = None


Formula = Total | Ratio | Mean | Quantile | Duration | Reaching | MeanOfRatios


def columns_of(formula: object) -> list[ir.Value]:
    """Return the row-level columns that a formula is made of; none of what is no formula."""
    if not isinstance(formula, get_args(Formula)):
        return []
    held = (getattr(formula, each.name) for each in fields(formula))
    return [value for value in held if isinstance(value, ir.Value)]
