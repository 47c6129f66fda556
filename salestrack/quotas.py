"""Results held against quotas: each quota is measured on its own bookings, those of its holder on its days."""

from functools import lru_cache

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from salestrack.book import Book
from salestrack.definition import Metric
from salestrack.quota_levels import REP, TEAM, above, parents_of


def against_quotas(metric: Metric) -> bool:
    """Return whether a metric holds opportunities against quotas."""
    return {"opportunities", "quota_days"} <= set(metric.tables)


def held_to_quotas(book: Book) -> ir.Table:
    """Return the opportunities whose close date is a day of a quota of their holder.

    Parameters
    ----------
    book : Book
        With quotas.

    Returns
    -------
    ibis table
        The columns of `opportunities`, quota_start and quota_end (of the quota), a row for each quota: one, where no two quotas of
        a holder overlap. The holder is the rep, or the team of the rep, or the territory, its own or one above it, whose key
        then stands in territory_id. What belongs to nobody with a quota that is above 0 on the day is left out.
    """
    days = book.table("quota_days")
    days = days.filter(days.amount > 0)
    sold = book.table("opportunities")
    levels = _levels(book)
    made = [_of_reps(sold, days.filter(days.level == REP))] if REP in levels or not levels else []
    if TEAM in levels and book.has("reps"):
        made.append(_of_teams(sold, days.filter(days.level == TEAM), book.table("reps")))
    if set(levels) - {REP, TEAM}:
        made.append(_of_territories(book, sold, days.filter(days.level.notin((REP, TEAM)))))
    made = made or [_of_reps(sold, days.filter(days.level == REP))]
    return made[0] if len(made) == 1 else ibis.union(*made)


@lru_cache(maxsize=64)
def _levels(book: Book) -> tuple[str, ...]:
    found = book.table("quota_days").select("level").distinct()
    return tuple(sorted(book.connection.to_pyarrow(found).column(0).to_pylist()))


def _side(days: ir.Table, holder: str) -> ir.Table:
    return days.select("quota_start", "quota_end", _holder=days[holder], _day=days.day)


def _of_reps(sold: ir.Table, days: ir.Table) -> ir.Table:
    side = _side(days, "rep_id")
    joined = sold.inner_join(side, [sold.rep_id == side["_holder"], sold.close_date == side["_day"]])
    return joined.select(*sold.columns, "quota_start", "quota_end")


def _of_teams(sold: ir.Table, days: ir.Table, reps: ir.Table) -> ir.Table:
    people = reps.select(_rep=reps.rep_id, _team=reps.team)
    named = sold.inner_join(people, sold.rep_id == people["_rep"])
    side = _side(days, "team")
    joined = named.inner_join(side, [named["_team"] == side["_holder"], named.close_date == side["_day"]])
    return joined.select(*sold.columns, "quota_start", "quota_end")


def _of_territories(book: Book, sold: ir.Table, days: ir.Table) -> ir.Table:
    within = _within(book)
    named = sold.inner_join(within, sold.territory_id == within["_within"])
    side = _side(days, "territory_id")
    joined = named.inner_join(side, [named["_above"] == side["_holder"], named.close_date == side["_day"]])
    return joined.mutate(territory_id=joined["_above"]).select(*sold.columns, "quota_start", "quota_end")


def _within(book: Book) -> ir.Table:
    """Return every territory with itself and each one above it."""
    held = book.table("quota_days").select(key="territory_id").filter(ibis._.key.notnull()).distinct()
    keys = set(book.connection.to_pyarrow(held).column(0).to_pylist())
    parents = parents_of(book.tables.get("territories"))
    pairs = [(key, each) for key in sorted({*keys, *parents}) for each in (key, *above(key, parents))]
    columns = {"_within": [pair[0] for pair in pairs], "_above": [pair[1] for pair in pairs]}
    return ibis.memtable(pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}))
