"""Event logs: many events of cases in, the rows of one table out; every event is in a row, or counted as left out.

A log says of each event the case, its name and the time; often who did it, and whether work on it began or ended (its
lifecycle). Out of the same file come activities (a START with its COMPLETE), opportunities (all events of a case) and the stage
history (each event).
"""

from collections.abc import Callable, Mapping

import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from salestrack.errors import BookError
from salestrack.sources.duck import FAULT, ID, LINE, ROW, Source, instant_in, stage
from salestrack.sources.mapping import bare, source_column
from salestrack.sources.reading import as_text, as_time
from salestrack.sources.table_file import EventsFile

_OURS = (ID, ROW, FAULT, LINE)
_SAID = ("case", "name", "at", "lifecycle", "resource")
_AT, _WALL, _STEP, _TOLD = "__at", "__wall", "__step", "__told"


def as_rows(connection: BaseBackend, source: Source, events: EventsFile, zone: str) -> Source:
    """Return the rows of one table, made of the events of a log.

    Parameters
    ----------
    connection : ibis backend
        From `salestrack.sources.duck.connect`.
    source : Source
        The log.
    events : EventsFile
        How it is read.
    zone : str
        The book's time zone: times without an offset are taken to be in it.

    Returns
    -------
    Source
        Its columns have the names of the table's own columns, so that they need no mapping: of activities ``activity_id``,
        ``opportunity_id``, ``type``, ``rep_id``, ``started_at`` and ``minutes`` (null: no START, or no COMPLETE yet); of
        opportunities ``opportunity_id``, ``stage`` (of the last event), ``created_date`` and ``last_at`` (the first and the
        last event), and ``rep_id`` where it is stated who owns a case (null: nobody is named); of the stage history
        ``opportunity_id``, ``stage`` and ``entered_at``. All other columns of the log follow, with the value of the START, of
        the first event that has one, or of the event. Its notes account for
        every event.

    Raises
    ------
    BookError
        The log lacks a column, or the table cannot be made of events.
    """
    if source.name not in _MADE:
        raise BookError(f"events: only {', '.join(_MADE)} can be made of events.")
    if events.owner and source.name != "opportunities":
        raise BookError("events.owner: only opportunities have an owner. Say it under opportunities, or leave it out.")
    known = _columns(source, events)
    rows = _read(connection.table(source.view), events, known, zone)
    stored = f"{source.name}_events"
    log = stage(connection, stored, rows)
    others = list(source.columns)
    kept = log.filter(log[_TOLD] == "kept")
    made = _MADE[source.name](kept, others)
    if source.name == "opportunities" and events.owner:
        made = _owned(made, log, events.owner)
    # What cannot be read is a row of its own, which is refused with its reason.
    odd = log.filter(log[_TOLD] == "odd")
    table = made.union(_unread(odd, made))
    name = f"{source.name}_rows"
    stage(connection, name, table)
    notes = (*source.notes, *_account(connection, log, source, events))
    columns = tuple(column for column in table.columns if column not in _OURS)
    places = tuple(f'staging.main."{each}"' for each in (name, stored))
    own = tuple(name for name in known.values() if name in columns)
    return Source(source.name, source.label, places[0], columns, notes, (*source.stored, *places), own)


def _columns(source: Source, events: EventsFile) -> dict[str, str]:
    """Return the columns of the log by what they say."""
    by_name = {bare(name): name for name in source.columns}
    found, faults = {}, []
    for what in _SAID:
        if (asked := getattr(events, what)) is not None:
            found[what], fault = source_column(by_name, asked, f"events.{what}")
            faults += [fault] if fault else []
    if faults:
        raise BookError(" ".join(faults))
    return found


def _read(log: ir.Table, events: EventsFile, known: Mapping[str, str], zone: str) -> ir.Table:
    """Return the log with what its events say as texts, their instants, and what becomes of each."""
    said = {what: as_text(log[known[what]]) if what in known else ibis.null("string") for what in _SAID}
    log = log.mutate(**{f"__{what}_text": each for what, each in said.items()})
    written = log["__at_text"]
    wall, utc = (as_time(written, events.date_format, each) for each in (zone, "UTC"))
    log = log.mutate(**{_WALL: wall, "__utc": utc})
    # Only a text without an offset reads the same in two zones. A day of 23 hours must not take an hour off what lasted through it.
    plain = log[_WALL] == log["__utc"]
    at = plain.ifelse(instant_in(zone, log[_WALL]).epoch_seconds(), log["__utc"].epoch_seconds())
    step = log["__lifecycle_text"].lower()
    begun, ended = ([each.lower() for each in words] for words in (events.start, events.complete))
    steps = ibis.cases((step.isin(begun), "start"), (step.isin(ended), "complete"), (step.isnull(), "single"), else_="other")
    wanted = log["__name_text"].re_search(events.only).fill_null(False) if events.only else ibis.literal(True)
    whole = log[FAULT].isnull()
    told = ibis.cases((~whole, "odd"), (~wanted, "left_out"), (log[_WALL].isnull(), "odd"), else_="kept")
    return log.mutate(**{_AT: at, _STEP: steps, _TOLD: told})


def _items(log: ir.Table, others: list[str]) -> ir.Table:
    """Return one row for each piece of work: a START and the next COMPLETE of the same case, name and resource, or either alone."""
    log = log.filter(log[_STEP] != "other")
    same = ["__case_text", "__name_text", "__resource_text"]
    in_turn = ibis.window(group_by=same, order_by=[_AT, ID])
    log = log.mutate(
        __before=log[_STEP].lag().over(in_turn),
        __after=log[_STEP].lead().over(in_turn),
        __after_at=log[_AT].lead().over(in_turn),
    )
    ends_one = (log[_STEP] == "complete") & (log["__before"] == "start").fill_null(False)
    log = log.filter(~ends_one)
    begins_one = (log[_STEP] == "start") & (log["__after"] == "complete").fill_null(False)
    seconds = (log["__after_at"] - log[_AT]).cast("float64")
    number = ibis.row_number().over(ibis.window(group_by=same[:2], order_by=[_AT, ID])) + 1
    log = log.mutate(minutes=begins_one.ifelse(seconds / 60, ibis.null("float64")), __number=number)
    parts = [log["__case_text"].fill_null(""), log["__name_text"].fill_null(""), log["__number"].cast("string")]
    made = {
        "activity_id": ibis.literal("/").join(parts),
        "opportunity_id": log["__case_text"],
        "type": log["__name_text"],
        "rep_id": log["__resource_text"],
        "started_at": log[_WALL].cast("string"),
        "minutes": log.minutes,
    }
    return log.select(*_OURS, **made, **_carried(log, others, made))


def _cases(log: ir.Table, others: list[str]) -> ir.Table:
    """Return one row for each case."""
    order = ibis.struct({"at": log[_AT], "id": log[ID]})
    made = {
        "stage": log["__name_text"].argmax(order),
        "created_date": log[_WALL].min().cast("string"),
        "last_at": log[_WALL].max().cast("string"),
    }
    carried = {name: column.argmin(order, where=column.notnull()) for name, column in _carried(log, others, made).items()}
    ours = {ID: log[ID].min(), ROW: log[ROW].min(), FAULT: log[FAULT].max(), LINE: log[LINE].max()}
    cases = log.group_by(opportunity_id=log["__case_text"]).aggregate(**ours, **made, **carried)
    return cases.select(*_OURS, "opportunity_id", *made, *carried)


def _owned(cases: ir.Table, log: ir.Table, owner: str) -> ir.Table:
    """Return the cases with whom the book file says that they belong to; null: nobody is named."""
    named = log.filter(log["__resource_text"].notnull(), log[_STEP] != "other")
    who, order = named["__resource_text"], ibis.struct({"at": named[_AT], "id": named[ID]})
    if owner == "most_hours":
        # The hours of a case are those of all of its work, not of the events alone that lead from stage to stage.
        worked = _items(named.filter(named[_TOLD] != "odd"), []).filter(ibis._.minutes.notnull())
        spent = worked.group_by("opportunity_id", "rep_id").aggregate(minutes=worked.minutes.sum(), first=worked[ID].min())
        most = ibis.struct({"minutes": spent.minutes, "first": -spent["first"]})
        owners = spent.group_by(_case=spent.opportunity_id).aggregate(_owner=spent.rep_id.argmax(most))
    else:
        chosen = who.argmin if owner == "first" else who.argmax
        kept = named[_TOLD] == "kept"
        owners = named.group_by(_case=named["__case_text"]).aggregate(_owner=chosen(order, where=kept))
    made = cases.drop("rep_id") if "rep_id" in cases.columns else cases
    owned = made.left_join(owners, made.opportunity_id == owners["_case"])
    return owned.select(*made.columns, rep_id=owned["_owner"])


def _entries(log: ir.Table, others: list[str]) -> ir.Table:
    """Return one row for each event."""
    made = {
        "opportunity_id": log["__case_text"],
        "stage": log["__name_text"],
        "entered_at": log[_WALL].cast("string"),
    }
    return log.select(*_OURS, **made, **_carried(log, others, made))


_MADE: dict[str, Callable[[ir.Table, list[str]], ir.Table]] = {
    "activities": _items,
    "opportunities": _cases,
    "stage_history": _entries,
}


def _carried(log: ir.Table, others: list[str], made: Mapping[str, object]) -> dict[str, ir.Value]:
    """Return the other columns of the log; where one has the name of a column that is made, the made one stays."""
    taken = {bare(name) for name in ("opportunity_id", *made)}
    return {name: log[name] for name in others if bare(name) not in taken}


def _unread(odd: ir.Table, made: ir.Table) -> ir.Table:
    """Return events without a time that can be read, or broken lines, as rows of the table: what they say, as it was said."""
    said = {
        "activity_id": ibis.literal("event ") + odd[ROW].cast("string"),
        "opportunity_id": odd["__case_text"],
        "type": odd["__name_text"],
        "stage": odd["__name_text"],
        "rep_id": odd["__resource_text"],
    }
    said |= dict.fromkeys(("started_at", "created_date", "last_at", "entered_at"), odd["__at_text"])
    wanted = {name: said.get(name, odd[name] if name in odd.columns else ibis.null(kind)) for name, kind in made.schema().items()}
    return odd.select(**{name: column.cast(made[name].type()) for name, column in wanted.items()})


def _account(connection: BaseBackend, log: ir.Table, source: Source, events: EventsFile) -> list[str]:
    """Say what became of every event of the log."""
    kept, step = log[_TOLD] == "kept", log[_STEP]
    asked = {
        "events": log.count(),
        "left_out": (log[_TOLD] == "left_out").sum(),
        "odd": (log[_TOLD] == "odd").sum(),
        **{word: (kept & (step == word)).sum() for word in ("start", "complete", "single", "other")},
    }
    found = {name: int(n or 0) for name, n in connection.to_pyarrow(log.aggregate(**asked)).to_pylist()[0].items()}
    rows = connection.table(f"{source.name}_rows", database=("staging", "main"))
    made = int(rows.count().to_pyarrow().as_py())
    told = [f"the {found['events']:,} events of {source.label} make {made:,} rows"]
    if source.name == "activities":
        paired = int(rows.filter(rows.minutes.notnull()).count().to_pyarrow().as_py()) if "minutes" in rows.columns else 0
        told += [
            f"{paired:,} are a start with its end",
            *_some(found["start"] - paired, "a start without an end: perhaps still going on, minutes not known"),
            *_some(found["complete"] - paired, "an end without a start: minutes not known"),
            *_some(found["single"], "without a lifecycle: minutes not known"),
            *_some(found["other"], "other steps of work, left out"),
        ]
    if source.name == "opportunities" and events.resource and not events.owner:
        told.append(
            "whose a case is, is not stated, and nobody owns it: say owner: first, most_hours or last, or map rep_id to a column"
        )
    told += _some(found["left_out"], f"left out by only: {events.only}") if events.only else []
    told += _some(found["odd"], "with no time that can be read")
    return ["; ".join(told)]


def _some(n: int, what: str) -> list[str]:
    return [f"{n:,} {what}"] if n else []
