"""Lead steps: how each lead came from coming in to being qualified, to an opportunity, and on through the stages to being won.

The rules are those of `salestrack.passages`: a step that was skipped is implied by a later one, going back changes nothing, and a
lead that was given up and went on afterwards was not given up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from salestrack.book import Book
from salestrack.passages import lasted
from salestrack.paths import find_path
from salestrack.periods import Period
from salestrack.recorded import no_ends
from salestrack.tables import LINK_NAMES
from salestrack.wording import say

FIRST = ("leads", "marketing_qualified", "sales_qualified", "opportunities")
"""Steps of a lead until it has become an opportunity, as `step_...` labels name them."""
_STAMPS = {
    "marketing_qualified": "marketing_qualified_at",
    "sales_qualified": "sales_qualified_at",
    "opportunities": "converted_at",
}
_COLUMNS = ("step_number", "cohort_date", "entered_date", "days", "lasted", "outcome", "visited", "amount")
_NEVER = ibis.timestamp("9999-12-31 00:00:00")


@dataclass(frozen=True)
class LeadSteps:
    """The steps that leads of a book are followed through.

    Parameters
    ----------
    names : tuple of str
        In order: of `FIRST` those that the book records, then the open stages after the first, then the won stage.
    rows : ibis table
        A row for each lead and step but the last that it has come to: step_number (1 is the first), cohort_date (when the lead came
        in), entered_date, days, lasted (the same, and parts of a day where times of day are recorded: see `salestrack.passages`;
        once it is an opportunity, days), outcome (``went_on``, ``left``, ``open``), visited, amount (null: leads have none) and
        the key columns.
    """

    names: tuple[str, ...]
    rows: ir.Table


def beyond_leads(book: Book, names: Sequence[str]) -> str:
    """Return why leads cannot be narrowed to, or broken down by, a column; empty when they can.

    What leads know only by the opportunity that some of them became (its product, say) would leave out all others, and so make
    every one of them go on.

    Raises
    ------
    UnknownNameError
        The leads know no such column.
    """
    for name in names:
        at = f"{name}_id" if name in LINK_NAMES else name
        if any(table == "opportunities" for _, table in find_path(book, "leads", at).hops):
            return say("funnel-leads-scope", {"column": name})
    return ""


def on_the_way(leads: ir.Table, period: Period) -> ir.Table:
    """Return the leads that may have come to a step in a period: those that had come in, and had not come to their last before.

    Parameters
    ----------
    leads : ibis table
        Rows of the book's leads.
    period : Period
        The period.
    """
    start, end = (ibis.literal(datetime.combine(day, time.min)) for day in (period.start, period.end))
    # Comparing what is stored is several times as fast as asking which of the days is the last.
    lately = reduce(or_, (leads[stamp] >= start for stamp in ("created_at", *_STAMPS.values())))
    return leads.filter(leads.created_at < end, lately)


def lead_steps(book: Book, leads: ir.Table, keys: Sequence[str], *, onwards: bool = True) -> LeadSteps:
    """Follow leads from coming in to being won.

    Parameters
    ----------
    book : Book
        The book; without a stage history, with one that does not tell who was lost, or with several sales processes, leads are
        followed until they are opportunities.
    leads : ibis table
        Rows of the book's leads.
    keys : sequence of str
        Columns of it to keep.
    onwards : bool
        Whether leads that became an opportunity are followed through its stages, too.

    Returns
    -------
    LeadSteps
        A step that no lead of the book has a day for is not among them.

    Notes
    -----
    A converted lead that names no opportunity with a history is not followed any further: it is censored on the day of its
    conversion. Days before the lead came in are taken as its first.
    """
    known = book.table("leads")
    told = book.fetch_row(known.aggregate(**{name: known[stamp].count() for name, stamp in _STAMPS.items()}))
    first = (FIRST[0], *(name for name in FIRST[1:] if told[name]))
    # Which of several processes a lead will go through is not known before it has become an opportunity.
    onwards = onwards and not book.settings.pipelines
    followed = onwards and book.has("steps") and first[-1] == FIRST[-1] and not no_ends(book)
    stages, won = book.settings.named("open"), book.settings.named("won")[0]
    days = _days(leads, first)
    before = [_step(days, k, book, keys) for k in range(len(first) - 1)]
    if not followed:
        return LeadSteps(first, ibis.union(*before) if len(before) > 1 else before[0] if before else _nothing(days, book, keys))
    after = _after(days, book, len(first), keys)
    return LeadSteps((*first, *stages[1:], won), ibis.union(*before, after))


def _days(leads: ir.Table, first: Sequence[str]) -> ir.Table:
    """Add the moment and the day at which each lead came to its steps (``at_0``, ``day_0``, ...; null: not reached)."""
    stamps = [leads[_STAMPS[name]].fill_null(_NEVER) for name in first[1:]]
    reached = [ibis.greatest(ibis.least(*stamps[k:], _NEVER), leads.created_at).nullif(_NEVER) for k in range(len(stamps))]
    visited = {f"seen_{k + 1}": leads[_STAMPS[name]].notnull() for k, name in enumerate(first[1:])}
    made = leads.mutate(at_0=leads.created_at, seen_0=True, **{f"at_{k + 1}": at for k, at in enumerate(reached)}, **visited)
    days = {f"day_{k}": made[f"at_{k}"].date() for k in range(len(first))}
    return made.mutate(given_up=made.disqualified_at.date(), **days)


def _step(days: ir.Table, k: int, book: Book, keys: Sequence[str]) -> ir.Table:
    one = days.filter(days[f"day_{k}"].notnull())
    entered, following = one[f"day_{k}"], one[f"day_{k + 1}"]
    left = (one.given_up >= entered).fill_null(False)
    until = ibis.coalesce(following, left.ifelse(one.given_up, ibis.literal(book.as_of)))
    outcome = ibis.cases((following.notnull(), "went_on"), (left, "left"), else_="open")
    ended = ibis.coalesce(one[f"at_{k + 1}"], left.ifelse(one.disqualified_at, ibis.null("timestamp")))
    return _rows(one, (k + 1, one.day_0, entered, until, outcome, one[f"seen_{k}"]), keys, moments=(one[f"at_{k}"], ended, book))


def _nothing(days: ir.Table, book: Book, keys: Sequence[str]) -> ir.Table:
    return _step(days.mutate(day_1=days.day_0, at_1=days.at_0), 0, book, keys).limit(0)


def _after(days: ir.Table, book: Book, number: int, keys: Sequence[str]) -> ir.Table:
    """Return the rows from being an opportunity on: the first stage stands for having become one."""
    converted = f"day_{number - 1}"
    one = days.filter(days[converted].notnull()).select(*keys, "opportunity_id", day_0="day_0", entered=converted)
    steps = book.table("steps")
    own = {"_number": "stage_number", "_entered": "entered_date", "_days": "days", "_outcome": "outcome", "_visited": "visited"}
    side = steps.select(_key="opportunity_id", **own)
    both = one.left_join(side, one.opportunity_id == side["_key"])
    at, came = both["_number"].fill_null(1), both["_entered"]
    is_first = at == 1
    entered, until = is_first.ifelse(both.entered, came), ibis.coalesce(came, both.entered)
    outcome, visited = both["_outcome"].fill_null("open"), is_first | both["_visited"]
    return _rows(both, (at + (number - 1), both.day_0, entered, until, outcome, visited), keys, both["_days"].fill_null(0))


def _lasted(moments: tuple[ir.Value, ir.Value, Book], days: ir.Value) -> ir.Value:
    entered, ended, book = moments
    return lasted(entered, ended, days, book.as_of, book.settings.time_zone)


def _rows(
    one: ir.Table,
    made: tuple,
    keys: Sequence[str],
    more: ir.Value | int = 0,
    moments: tuple | None = None,
) -> ir.Table:
    """Return rows of leads; a step ends so many days more after its last day, and no sooner than it began."""
    number, cohort, entered, until, outcome, visited = made
    entered = ibis.greatest(entered, cohort)
    days = ibis.greatest(until.delta(entered, unit="day") + more, 0).cast("int64")
    lasting = days.cast("float64") if moments is None else _lasted(moments, days)
    columns = ibis.literal(number, "int64") if isinstance(number, int) else number, cohort, entered, days, lasting, outcome
    flag = ibis.literal(visited) if isinstance(visited, bool) else visited
    return one.select(*keys, **dict(zip(_COLUMNS, (*columns, flag, ibis.null("float64")), strict=True)))
