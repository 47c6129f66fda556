"""What is worth knowing about quotas: slips of the pen, days set twice, quotas of nobody, and which ones are not added."""

from collections.abc import Iterator, Mapping

import ibis.expr.types as ir
import pandas as pd

from salestrack.book import Fault
from salestrack.quota_levels import (
    MANAGER,
    PARENT,
    REP,
    TEAM,
    above,
    managers_of,
    odd,
    overlapping,
    parents_of,
    read_quotas,
    with_levels,
)

_EXAMPLES = 3


def quota_findings(tables: Mapping[str, ir.Table]) -> Iterator[Fault]:
    """Yield what is worth knowing about the quotas of a book.

    Parameters
    ----------
    tables : mapping of str to ibis table
        Canonical tables; without ``quotas`` nothing is told.
    """
    if "quotas" not in tables:
        return
    managers, parents = managers_of(tables.get("reps")), parents_of(tables.get("territories"))
    told = with_levels(read_quotas(tables["quotas"]), managers, parents)
    if told.empty:
        return
    yield from _slips(told)
    yield from _twice(told)
    yield from _of_nobody(told, tables, parents)
    yield from _of_the_gone(told, tables.get("reps"))
    yield from _not_added(told)
    yield from _without(told, tables)


def _slips(told: pd.DataFrame) -> Iterator[Fault]:
    times = odd(told)
    found = told.assign(times=times)[times.notna()]
    if len(found):
        shown = tuple(f"{_who(row)}: {row['amount']:,.15g}{_times(row['times'])}" for _, row in found.head(_EXAMPLES).iterrows())
        advice = "They stay in and carry attainment. Correct them in the source if a digit is missing or doubled."
        problem = "amounts that look like a slip: of 1 or less, or many times as large or small as the quotas beside them"
        yield Fault("quotas", "amount", problem, len(found), shown, False, advice)


def _times(times: float) -> str:
    if times == 0:
        return ""
    return f", {times:,.0f} times the quotas beside it" if times > 1 else f", a {1 / times:,.0f}th of the quotas beside it"


def _who(row: pd.Series) -> str:
    return f"{row['level'].replace('_', ' ')} {row['holder']} from {row['start_date']} to {row['end_date']}"


def _twice(told: pd.DataFrame) -> Iterator[Fault]:
    found = told[overlapping(told)].sort_values(["level", "holder", "start_date"])
    if len(found):
        advice = "On those days both are asked for, and a deal counts for both. Correct the days if one replaces the other."
        problem = "quotas of one holder that overlap"
        yield Fault("quotas", "start_date, end_date", problem, len(found), _first(found), False, advice)


def _of_nobody(told: pd.DataFrame, tables: Mapping[str, ir.Table], parents: Mapping[str, str]) -> Iterator[Fault]:
    sold = tables["opportunities"]
    reps = _values(sold, "rep_id")
    known = {REP: reps}
    if "reps" in tables:
        people = tables["reps"].select("rep_id", "team").to_pyarrow().to_pylist()
        known[REP] = reps | {row["rep_id"] for row in people}
        known[TEAM] = {row["team"] for row in people if row["team"]}
    if "territories" in tables:
        known["territory"] = _values(tables["territories"], "territory_id")
    elif territories := _values(sold, "territory_id"):
        known["territory"] = territories | {each for key in territories for each in above(key, parents)}
    strange = told[[row["level"] in known and row["holder"] not in known[row["level"]] for _, row in told.iterrows()]]
    if len(strange):
        advice = "Nothing can count for them: they stay below quota. Correct whose they are, or take them out."
        problem = "quotas of nobody: no rep, team or territory of the book is called so"
        yield Fault("quotas", "rep_id, team, territory_id", problem, len(strange), _first(strange), False, advice)
    # A manager need not sell; of a rep who never had one nobody knows whether the key is right.
    idle = told[(told["level"] == REP) & told["counts"] & ~told["holder"].isin(reps) & ~told.index.isin(strange.index)]
    if len(idle):
        advice = "Nothing has counted for them so far. Look whether opportunities name their owner in the same way."
        problem = "quotas of reps who own no opportunity"
        yield Fault("quotas", "rep_id", problem, len(idle), _first(idle), False, advice)


def _of_the_gone(told: pd.DataFrame, reps: ir.Table | None) -> Iterator[Fault]:
    if reps is None:
        return
    left = {row["rep_id"]: row["left_date"] for row in reps.select("rep_id", "left_date").to_pyarrow().to_pylist()}
    gone = [bool((day := left.get(row["rep_id"])) and day <= row["start_date"]) for _, row in told.iterrows()]
    if any(gone):
        advice = "They count as quotas that were not reached; the prorated figures leave them out. Take them out of the source."
        yield Fault(
            "quotas", "rep_id", "quotas of reps who had left before they began", sum(gone), _first(told[gone]), False, advice
        )


def _not_added(told: pd.DataFrame) -> Iterator[Fault]:
    rest = told[~told["counts"]]
    if len(rest):
        kinds = {MANAGER: "managers", PARENT: "parent territories", TEAM: "teams"}
        names = sorted({kinds.get(level, "longer periods") for level in rest["level"]})
        problem = f"quotas that sum others up ({', '.join(names)}): levels are never added"
        advice = "st.quota_results(book) holds each of them against its own bookings."
        yield Fault("quotas", "", problem, len(rest), _first(rest), False, advice)


def _without(told: pd.DataFrame, tables: Mapping[str, ir.Table]) -> Iterator[Fault]:
    if not (told["counts"] & (told["level"] == REP)).any():
        return
    held = set(told.loc[told["level"].isin((REP, MANAGER)), "holder"])
    sold = tables["opportunities"]
    rows = (
        sold.filter(sold.rep_id.notnull()).group_by("rep_id").agg(n=sold.rep_id.count()).order_by("rep_id").to_pyarrow().to_pylist()
    )
    free = [row for row in rows if row["rep_id"] not in held]
    if free:
        shown = tuple(f"{row['rep_id']} ({row['n']:,})" for row in free[:_EXAMPLES])
        problem = f"opportunities of {len(free):,} people who never had a quota"
        advice = "What they book counts in bookings and in no attainment."
        yield Fault("opportunities", "rep_id", problem, sum(row["n"] for row in free), shown, False, advice)


def _first(rows: pd.DataFrame) -> tuple[str, ...]:
    return tuple(_who(row) for _, row in rows.head(_EXAMPLES).iterrows())


def _values(table: ir.Table, column: str) -> set[str]:
    found = table.select(key=column).distinct().to_pyarrow().column(0).to_pylist()
    return {each for each in found if each is not None}
