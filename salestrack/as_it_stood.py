"""What was known of each opportunity on a day: its status, and stage, amount and expected close as they were then, or null."""

from datetime import date

import ibis
import ibis.expr.types as ir

from salestrack.book import Settings
from salestrack.ladders import is_at
from salestrack.tables import CONTRACTS

_KNOWN_ONLY_NOW = ("lost_reason", "probability", "next_step")


def opportunities_as_of(known: ir.Table, history: ir.Table | None, settings: Settings, as_of: date, *, back: bool) -> ir.Table:
    """Return opportunities as they were known on a day, with the columns that follow from it.

    Parameters
    ----------
    known, history : ibis table
        Canonical tables; None: there is no stage history.
    settings : Settings
        Gives the stages and their outcomes.
    as_of : date
        The day; all of it is included.
    back : bool
        Whether the rows are of a later day than `as_of`.

    Returns
    -------
    ibis table
        The columns of the contract, and those of the reading of a book as `salestrack.as_of.read_as_of` tells them, but for
        ``idle_days``.
    """
    won, lost = known.stage.isin(settings.named("won")), known.stage.isin(settings.named("lost"))
    decided = ((won | lost) & (known.close_date <= as_of)).fill_null(False)
    known = known.mutate(
        _unknown=((won | lost) & (known.close_date > as_of)).fill_null(False) | (~decided & ibis.literal(back)),
        status=ibis.cases((decided & won, "won"), (decided & lost, "lost"), else_="open"),
    )
    # Mostly the day is that of the export, and nothing need be looked up in the history.
    if back or known.filter(known["_unknown"]).count().to_pyarrow().as_py():
        known = _as_it_stood(known, history, settings, as_of)
    stated = [
        (is_at(known, pipeline, stage.name), stage.probability)
        for pipeline, stages in settings.ladders.items()
        for stage in stages
        if stage.probability is not None
    ]
    of_stage = ibis.cases(*stated, else_=ibis.null("float64")) if stated else ibis.null("float64")
    return known.drop("_unknown").mutate(
        stated_probability=ibis.coalesce(known.probability, of_stage),
        won=known.status == "won",
        lost=known.status == "lost",
        closed=known.status != "open",
        open=known.status == "open",
        observed_days=(known.status != "open").ifelse(known.close_date, ibis.literal(as_of)).delta(known.created_date, unit="day"),
        cycle_days=(known.status != "open").ifelse(known.close_date.delta(known.created_date, unit="day"), ibis.null("int64")),
    )


def _as_it_stood(known: ir.Table, history: ir.Table | None, settings: Settings, as_of: date) -> ir.Table:
    """Replace what only a later export knows by what the history says of the day, or by null."""
    then = {"stage": ibis.null("string"), "amount": ibis.null("float64"), "close_date": ibis.null("date")}
    unknown = known["_unknown"]
    if history is not None:
        known = known.left_join(_last_entries(history, known.filter(unknown), settings, as_of), "opportunity_id")
        # Closed on the day, and reopened since.
        closed = {each: unknown & known.reopened & known.stage_then.isin(settings.named(each)) for each in ("won", "lost")}
        known = known.drop("opportunity_id_right").mutate(
            status=ibis.cases(*((closed[each].fill_null(False), each) for each in closed), else_=known.status),
            close_date_then=(closed["won"] | closed["lost"]).fill_null(False).ifelse(known.entered_then, known.close_date_then),
        )
        then = {name: known[f"{name}_then"] for name in then}
    unknown = known["_unknown"]
    nothing = {name: unknown.ifelse(ibis.null(known[name].type()), known[name]) for name in _KNOWN_ONLY_NOW}
    table = known.mutate(
        **{name: unknown.ifelse(value.cast(known[name].type()), known[name]) for name, value in then.items()}, **nothing
    )
    if settings.pipelines:
        # In a stage of another process it was in that one, and when it came to its own is not recorded.
        own = [(table.pipeline == name, table.stage.isin([s.name for s in stages])) for name, stages in settings.pipelines.items()]
        moved = unknown & table.stage.notnull() & ~ibis.cases(*own, else_=True)
        table = table.mutate(pipeline=moved.fill_null(False).ifelse(ibis.null("string"), table.pipeline))
    return table.select(*CONTRACTS["opportunities"].names, "status", "_unknown")


def _last_entries(history: ir.Table, asked: ir.Table, settings: Settings, as_of: date) -> ir.Table:
    """Return what the history last said of each opportunity on the day, and whether it went on afterwards."""
    entry = history.semi_join(asked, "opportunity_id")
    # Two stages entered at one moment: the later one of the process came last.
    number = ibis.cases(*((entry.stage == stage.name, i) for i, stage in enumerate(settings.stages)), else_=-1)
    order = ibis.struct({"entered_at": entry.entered_at, "number": number})
    before = entry.entered_at.date() <= as_of
    return entry.group_by("opportunity_id").agg(
        stage_then=entry.stage.argmax(order, where=before),
        entered_then=entry.entered_at.max(where=before).date(),
        amount_then=entry.amount.argmax(order, where=before & entry.amount.notnull()),
        close_date_then=entry.close_date.argmax(order, where=before & entry.close_date.notnull()),
        reopened=(~before).any(),
    )
