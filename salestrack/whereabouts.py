"""Whereabouts: in which open stage each opportunity was, stay by stay, and where it is on the day of the book.

A stay begins with every entry into an open stage and ends with the next entry into another one, whichever way that leads, or with
the close. So a step back ends a stay, and coming again begins another. That is another question than the furthest step that an
opportunity has come to, which is never undone (`salestrack.passages`): queue, age and time in a stage are told from stays, what
goes on and what leaves from steps.
"""

from datetime import date

import ibis
import ibis.expr.types as ir

from salestrack.book import Settings
from salestrack.definition import STAY_COLUMNS
from salestrack.ladders import number_of, with_pipeline
from salestrack.passages import lasted


def stays(opportunities: ir.Table, history: ir.Table, settings: Settings, as_of: date) -> ir.Table:
    """Return one row for each stay of an opportunity in an open stage.

    Parameters
    ----------
    opportunities, history : ibis table
        As of the day.
    settings : Settings
        Gives the order of the stages.
    as_of : date
        Stays that are not over are observed until then.

    Returns
    -------
    ibis table
        opportunity_id, stage, stage_number (1 is the first), entered_date, entered_at (the same with the time of day; midnight:
        not recorded), days (until it ended, or `as_of`: whole days of the calendar), lasted (the same; of less than 24 hours
        between two recorded times of day their part of a day), outcome ('went_on' to a later stage or to a win, 'went_back' to an
        earlier one or out of a close that was taken back, 'left' when it was lost, 'open'), left, went_on, went_back (booleans),
        dated (boolean; False: the history does not tell of the stage in which the open opportunity is, so that its begin is not
        recorded, and the day is that of the last entry), amount (null: not recorded), then the other columns of the opportunity.

    Notes
    -----
    An entry into the stage in which an opportunity is already begins nothing: exports write one for each change of an amount. Of
    entries at one moment the one of the later stage came last. Entries into stages of another sales process, which an opportunity
    went through before it was moved to its own, end a stay and are none.
    """
    entries = _entries(with_pipeline(history, opportunities, settings.ladders), settings)
    whole = _ended(_of_opportunities(entries, opportunities, settings))
    days = ibis.coalesce(whole.ended_at.date(), ibis.literal(as_of)).delta(whole.entered_at.date(), unit="day")
    made = whole.mutate(
        entered_date=whole.entered_at.date(),
        days=days,
        lasted=lasted(whole.entered_at, whole.ended_at, days, as_of, settings.time_zone),
        left=whole.outcome == "left",
        went_on=whole.outcome == "went_on",
        went_back=whole.outcome == "went_back",
    )
    rest = [column for column in opportunities.columns if column not in STAY_COLUMNS]
    return made.filter(made.days >= 0).select(*STAY_COLUMNS, *rest)


def _entries(history: ir.Table, settings: Settings) -> ir.Table:
    """Return the entries that lead to another stage, each with the one that ended it and the open stage that followed."""
    number = number_of(history, settings.ladders)
    # At one moment a closing stage comes after all others, and one of another process before them.
    ends = history.stage.isin([*settings.named("won"), *settings.named("lost")])
    order = ibis.coalesce(number, ends.ifelse(len(settings.stages) + 1, 0))
    entry = history.select("opportunity_id", "entered_at", place="stage", number=number, order=order)
    at = ibis.window(group_by=entry.opportunity_id, order_by=[entry.entered_at, entry.order])
    moved = entry.mutate(before=entry.place.lag().over(at))
    moved = moved.filter(moved.before.isnull() | (moved.before != moved.place))
    at = ibis.window(group_by=moved.opportunity_id, order_by=[moved.entered_at, moved.order])
    return moved.mutate(
        next_at=moved.entered_at.lead().over(at),
        following=ibis.coalesce(moved.number.lead().over(at), moved.number.lead(2).over(at)),
    )


def _of_opportunities(entries: ir.Table, opportunities: ir.Table, settings: Settings) -> ir.Table:
    """Join the opportunities; one that is open is where it says it is, whatever its history says last."""
    both = opportunities.inner_join(entries, "opportunity_id")
    is_last = both.open & both.next_at.isnull()
    dated = ~is_last | (both.place == both.stage)
    place, here = ibis.ifelse(dated, both.place, both.stage), number_of(both, settings.ladders)
    known = both.mutate(
        stage=place, stage_number=ibis.ifelse(dated, both.number, here), here=here, is_last=is_last, dated=dated.fill_null(False)
    )
    return known.filter(known.stage_number.notnull())


def _ended(one: ir.Table) -> ir.Table:
    """Add when each stay ended, and how: by the next entry, or by the close where nothing open followed."""
    final = one.closed & one.following.isnull()
    following = ibis.coalesce(one.following, one.here)
    outcome = ibis.cases(
        (one.is_last, "open"),
        (final & one.won, "went_on"),
        (final, "left"),
        (following > one.stage_number, "went_on"),
        else_="went_back",
    )
    close = ibis.coalesce(
        (one.next_at.date() == one.close_date).fill_null(False).ifelse(one.next_at, ibis.null("timestamp")),
        one.close_date.cast("timestamp"),
    )
    return one.mutate(outcome=outcome, ended_at=final.ifelse(close, one.next_at))
