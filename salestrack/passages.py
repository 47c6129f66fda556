"""Passages: how each opportunity went through the open stages of the sales process, step by step.

An opportunity has come to a step when it first entered that stage or any later one (a skipped stage is implied by the later one
and has ``visited`` false; a re-entry changes nothing). It ``went_on`` when it came to the next step or was won, ``left`` when it
was lost before, and is ``open`` otherwise: a censored observation.

The days on which an opportunity came to its steps are kept beside it, in a few narrow columns. A table with a row for each
passage would be several times as large, and would have to be joined to the opportunities again for every breakdown.
"""

from datetime import date
from functools import lru_cache

import ibis
import ibis.expr.types as ir

from salestrack.book import Book, Settings
from salestrack.definition import STEP_COLUMNS

_NEVER = ibis.date(9999, 12, 31)


def with_passages(opportunities: ir.Table, history: ir.Table, settings: Settings) -> ir.Table:
    """Return the opportunities with the days on which they came to each step.

    Parameters
    ----------
    opportunities, history : ibis table
        As of the day.
    settings : Settings
        Gives the order of the stages.

    Returns
    -------
    ibis table
        The columns of `opportunities`, then for the k-th open stage, counted from 0, ``reach_<k>`` (date; null: not reached)
        and ``visited_<k>`` (boolean), and a last ``reach_<n>`` after the n open stages for having been won. All are null
        where there is no history.
    """
    names = settings.named("open")
    first = history.group_by("opportunity_id").agg(
        **{f"at_{k}": history.entered_at.min(where=history.stage == name).date() for k, name in enumerate(names)}
    )
    one = opportunities.left_join(first, "opportunity_id")
    told = one["opportunity_id_right"].notnull()
    won = (told & (one.status == "won")).ifelse(one.close_date, ibis.null("date"))
    # Engines differ in what the least of a null is.
    days = [day.fill_null(_NEVER) for day in (*(one[f"at_{k}"] for k in range(len(names))), won)]
    reach = [*(ibis.least(*days[k:]).nullif(_NEVER) for k in range(len(names))), won]
    return one.select(
        *opportunities.columns,
        **{f"reach_{k}": day for k, day in enumerate(reach)},
        **{f"visited_{k}": told.ifelse(one[f"at_{k}"].notnull(), ibis.null("boolean")) for k in range(len(names))},
    )


def steps(opportunities: ir.Table, settings: Settings, as_of: date) -> ir.Table:
    """Return one row for each opportunity and each open stage that it has come to.

    Parameters
    ----------
    opportunities : ibis table
        As `with_passages` returned them.
    settings : Settings
        Gives the order of the stages.
    as_of : date
        Open passages are observed until then.

    Returns
    -------
    ibis table
        opportunity_id, stage, stage_number (1 is the first), cohort_date (on which it came to the first), entered_date, days
        (until it went on, left, or `as_of`), outcome ('went_on', 'left', 'open'), left, went_on, visited (booleans), amount
        (null: not recorded), then the other columns of the opportunity.
    """
    names = settings.named("open")
    if not names:
        return _step(opportunities.mutate(reach_1=opportunities.reach_0, visited_0=False), 0, "", as_of).limit(0)
    each = [_step(opportunities, k, name, as_of) for k, name in enumerate(names)]
    return each[0] if len(each) == 1 else ibis.union(*each)


def _step(opportunities: ir.Table, k: int, name: str, as_of: date) -> ir.Table:
    one = opportunities.filter(opportunities[f"reach_{k}"].notnull())
    entered, following, lost = one[f"reach_{k}"], one[f"reach_{k + 1}"], one.status == "lost"
    until = ibis.coalesce(following, lost.ifelse(one.close_date, ibis.literal(as_of)))
    outcome = ibis.cases((following.notnull(), "went_on"), (lost, "left"), else_="open")
    made = {
        "stage": ibis.literal(name),
        "stage_number": ibis.literal(k + 1, "int64"),
        "cohort_date": one.reach_0,
        "entered_date": entered,
        "days": until.delta(entered, unit="day"),
        "outcome": outcome,
        "left": outcome == "left",
        "went_on": outcome == "went_on",
        "visited": one[f"visited_{k}"],
    }
    whole = one.mutate(**made)
    rest = [column for column in opportunities.columns if column not in STEP_COLUMNS and not _is_passage(column)]
    return whole.filter(whole.days >= 0).select(*STEP_COLUMNS, *rest)


def _is_passage(column: str) -> bool:
    return column.startswith(("reach_", "visited_"))


@lru_cache(maxsize=64)
def history_records(book: Book, column: str) -> bool:
    """Return whether the stage history of a book has any value in a column: ``amount`` or ``close_date``."""
    entered = book.table("stage_history")
    return bool(book.fetch_row(entered.aggregate(n=entered[column].count()))["n"])
