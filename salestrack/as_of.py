"""Reading a book as of one day: what was known then, and what follows from it.

Rows that came later are not there. An opportunity that closed later is open. Of an opportunity that was open on the day, an
export made later knows today's stage, amount and expected close date only: what they were on the day comes from the stage
history, and is null where there is none; it is never today's value in disguise.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import ibis
import ibis.expr.types as ir

from salestrack.as_it_stood import opportunities_as_of
from salestrack.book import Book, Settings
from salestrack.days import quota_days, rep_days
from salestrack.errors import PeriodError
from salestrack.passages import history_records, steps, with_passages
from salestrack.periods import as_day
from salestrack.tables import CONTRACTS
from salestrack.touches import with_idle_days, with_response
from salestrack.whereabouts import stays

_LEAD_EVENTS = ("marketing_qualified_at", "sales_qualified_at", "first_response_at", "converted_at", "disqualified_at")


def read_as_of(
    tables: Mapping[str, ir.Table],
    settings: Settings,
    as_of: date,
    exported_on: date | None,
    keep: Callable[[str, ir.Table], ir.Table] | None = None,
) -> tuple[dict[str, ir.Table], dict[str, int]]:
    """Return the canonical tables as they stood on a day, with the columns and tables derived from them.

    Parameters
    ----------
    tables : mapping of str to ibis table
        Canonical tables with all columns of their contracts, keys unique.
    settings : Settings
        Gives the stages and their outcomes.
    as_of : date
        The day; all of it is included.
    exported_on : date, optional
        The day the export was made. None: the latest day on which something was created or entered a stage.
    keep : callable
        Takes the name of a table and its expression and returns the table to go on with, such as an engine's ``create_table``,
        which computes it at once. None: expressions are handed on as they are.

    Returns
    -------
    tables : dict of str to ibis table
        As `keep` returned them. `opportunities` gains ``status``, ``won``, ``lost``, ``closed``, ``open``,
        ``cycle_days`` (created to closed; null while open), ``observed_days`` (created to closed or `as_of`) and ``idle_days``
        (since anybody touched it) and ``stated_probability`` (its own, else that of its stage; null: neither is stated); `leads`
        gain ``first_touch_at``, ``response`` and ``response_hours`` (see `salestrack.touches`); `activities` gain ``hours`` and
        ``selling``. `steps` and `stays` are made where there is a stage history, `quota_days` where there are quotas, `rep_days`
        where there are activities. An opportunity without a territory, segment or source has that of its rep, account or lead.
    later : dict of str to int
        By table, how many rows came after the day.
    """
    reading_back = last_day_of(tables, exported_on, as_of) > as_of
    begun = {name: _begun(table, name, as_of) for name, table in tables.items() if name in _CLOCKS}
    later = {name: _count(tables[name].filter(~known)) for name, known in begun.items()}
    # A filter that takes nothing away still misleads an engine's estimate of the size; what is not kept at once may yet grow.
    cut = [name for name in begun if later[name] or not keep]
    read = {name: table.filter(begun[name]) if name in cut else table for name, table in tables.items()}
    keep = keep or _handed_on
    if "reps" in read:
        read["reps"] = read["reps"].mutate(left_date=_until(read["reps"].left_date, as_of))
    if "activities" in read:
        done = read["activities"]
        read["activities"] = done.mutate(hours=done.minutes / 60, selling=done.category.isin(settings.selling_categories))
    if "leads" in read:
        read["leads"] = with_response(_leads(read["leads"], as_of), read.get("activities"), as_of, settings.time_zone)
    history = tables.get("stage_history")
    read["opportunities"] = opportunities_as_of(read["opportunities"], history, settings, as_of, back=reading_back)
    read["opportunities"] = with_idle_days(read["opportunities"], read.get("activities"), as_of)
    _inherit(read)
    kept = {name: keep(name, table) for name, table in read.items() if name != "opportunities"}
    known = read["opportunities"]
    if "stage_history" in kept:
        whole = keep("opportunities", with_passages(known, kept["stage_history"], settings))
        sold = whole.select(*known.columns)
        kept |= {
            "opportunities": sold,
            "steps": steps(whole, settings, as_of),
            "stays": stays(sold, kept["stage_history"], settings, as_of),
        }
    else:
        kept["opportunities"] = keep("opportunities", known)
    if "quotas" in kept:
        # With those hired later: on days before their hire nothing is asked of them yet.
        kept["quota_days"] = keep("quota_days", quota_days(kept["quotas"], tables.get("reps"), as_of, tables.get("territories")))
    if "activities" in kept:
        kept["rep_days"] = keep("rep_days", rep_days(kept["activities"], kept.get("reps"), kept.get("time_off"), settings))
    return kept, later


def as_it_was(book: Book, day: date | str) -> Book:
    """Return a book as it was on an earlier day.

    Parameters
    ----------
    book : Book
        A book. What it holds is enough: reading it back equals reading the whole export as of that day.
    day : date or str
        Not after the day of the book, such as ``"2026-09-07"``; all of it is included.

    Returns
    -------
    Book
        Its tables are expressions over those of `book`, computed when they are asked for. What was known of an opportunity that
        was open on the day comes from the stage history, and is null where there is none.

    Raises
    ------
    PeriodError
        The day is after the day of the book.
    """
    day = as_day(day)
    if day == book.as_of:
        return book
    _must_be_past(book, day)
    held = {name: table.select(*CONTRACTS[name].names) for name, table in book.tables.items() if name in CONTRACTS}
    tables, later = read_as_of(held, book.settings, day, book.as_of)
    intake = {
        name: replace(each, used=each.used - later.get(name, 0), later=each.later + later.get(name, 0))
        for name, each in book.intake.items()
    }
    return replace(book, as_of=day, tables=tables, intake=intake)


def opportunities_on(book: Book, day: date, *, closing_after: date | None = None) -> ir.Table:
    """Return the opportunities of a book as they were on an earlier day: `as_it_was` for whoever needs no other table.

    Parameters
    ----------
    book : Book
        A book.
    day : date
        Not after the day of the book; all of it is included.
    closing_after : date, optional
        Leave out the opportunities that had closed by the end of this day, which is not after `day`, and are closed still: in a
        book of several years nearly all. None: leave out nothing.

    Returns
    -------
    ibis table
        As `read_as_of` makes it, without ``idle_days`` on a day before that of the book. Of a book whose stage history records no
        amounts at all (`history_records`), those known now stand in for what is not known of the day.

    Raises
    ------
    PeriodError
        The day is after the day of the book.
    """
    now = book.table("opportunities")
    if closing_after:
        now = now.filter(~(now.closed & (now.close_date <= closing_after)).fill_null(False))
    if day == book.as_of:
        return now
    _must_be_past(book, day)
    held = now.select(*CONTRACTS["opportunities"].names)
    then = opportunities_as_of(
        held.filter(_begun(held, "opportunities", day)), book.tables.get("stage_history"), book.settings, day, back=True
    )  # fmt: skip
    if not book.has("stage_history") or history_records(book, "amount"):
        return then
    known = now.select(_link="opportunity_id", _amount="amount")
    both = then.left_join(known, then.opportunity_id == known["_link"])
    return both.mutate(amount=ibis.coalesce(both.amount, both["_amount"])).drop("_link", "_amount")


def _must_be_past(book: Book, day: date) -> None:
    if day > book.as_of:
        raise PeriodError(f"The book of {book.name} is of {book.as_of}; what it will be on {day} is not in it.")


def _handed_on(_: str, table: ir.Table) -> ir.Table:
    return table


# The day on which a row came to be known.
_CLOCKS = {
    "opportunities": "created_date",
    "stage_history": "entered_at",
    "leads": "created_at",
    "activities": "started_at",
    "reps": "hired_date",
    "time_off": "start_date",
}


def _begun(table: ir.Table, name: str, as_of: date) -> ir.BooleanValue:
    """Return whether a row was known on the day; one without a date was always known."""
    return (table[_CLOCKS[name]].cast("date") <= as_of).fill_null(True)


def _count(table: ir.Table) -> int:
    return int(table.count().to_pyarrow().as_py())


def last_day_of(tables: Mapping[str, ir.Table], exported_on: date | None, as_of: date) -> date:
    """Return the day of an export: as it is stated, else the last one on which something was created or came to a stage."""
    if exported_on:
        return exported_on
    days = [tables["opportunities"].created_date.max().to_pyarrow().as_py()]
    if "stage_history" in tables:
        days.append(tables["stage_history"].entered_at.date().max().to_pyarrow().as_py())
    return max([day for day in days if day], default=as_of)


def _leads(known: ir.Table, as_of: date) -> ir.Table:
    converted = known.converted_at.date() > as_of
    disqualified = known.disqualified_at.date() > as_of
    return known.mutate(
        opportunity_id=converted.fill_null(False).ifelse(ibis.null("string"), known.opportunity_id),
        reason=disqualified.fill_null(False).ifelse(ibis.null("string"), known.reason),
        **{name: (known[name].date() <= as_of).ifelse(known[name], ibis.null(known[name].type())) for name in _LEAD_EVENTS},
    )


def _until(day: ir.Value, as_of: date) -> ir.Value:
    return (day <= as_of).ifelse(day, ibis.null(day.type()))


def _inherit(read: dict[str, ir.Table]) -> None:
    """Fill a missing territory, segment or source from the rep, the account or the lead that a row links to."""
    for table, column, link, parent in (
        ("opportunities", "segment", "account_id", "accounts"),
        ("opportunities", "territory_id", "rep_id", "reps"),
        ("opportunities", "source", "lead_id", "leads"),
        ("leads", "territory_id", "rep_id", "reps"),
        ("accounts", "territory_id", "rep_id", "reps"),
    ):
        if table in read and parent in read:
            read[table] = _filled(read[table], column, link, read[parent])


def _filled(table: ir.Table, column: str, link: str, parent: ir.Table) -> ir.Table:
    key = CONTRACTS["reps" if link == "rep_id" else "accounts" if link == "account_id" else "leads"].key[0]
    side = parent.select(_link=parent[key], _value=parent[column])
    joined = table.left_join(side, table[link] == side["_link"])
    return joined.mutate(**{column: ibis.coalesce(joined[column], joined["_value"])}).select(*table.columns)
