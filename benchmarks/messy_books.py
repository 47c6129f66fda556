"""Companies made anew with the mess of real ones, as books that the kit's questions are put to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

import ibis
import pandas as pd

from salestrack.as_of import read_as_of
from salestrack.book import Book, Settings, Stage
from salestrack.sample import NOTHING, REAL, STANDARD, TIDY, Company, Facts, Mess, make
from salestrack.sample.company import STAGES
from salestrack.tables import CONTRACTS

SETTINGS = Settings(
    name="Made anew",
    currency="EUR",
    stages=(*(Stage(name=each.name) for each in STAGES), Stage(name="Won", outcome="won"), Stage(name="Lost", outcome="lost")),
)
FIRST_SEED = 1_000
# A quarter more than the sample, so that a running quarter can be held against what became of it.
COMPANY = replace(STANDARD, as_of=date(2026, 12, 31), growth=0.0)
AS_OF = date(2026, 9, 30)
MESSES = {
    "none": TIDY,
    **{kind: REAL.only(kind) for kind in REAL.kinds},
    # Alone it does little in a company in which what is lost takes as long as what is won.
    "cut": REAL.only("cut", "slow_wins"),
    "all but migration": REAL.without("migration"),
    "all": REAL,
}
_EVENTS = ("marketing_qualified_at", "sales_qualified_at", "first_response_at", "converted_at", "disqualified_at")
_ENDS = ("Won", "Lost")


@dataclass(frozen=True)
class Made:
    """One company: the tables up to the last day, from which an export of any earlier day can be cut."""

    seed: int
    facts: Facts
    mess: Mess
    tables: dict[str, pd.DataFrame]


def made(seed: int, facts: Facts = NOTHING, mess: Mess = TIDY, company: Company = COMPANY) -> Made:
    """Return a company made from its seed."""
    return Made(seed, facts, mess, make(seed, company, facts, mess))


def export(tables: dict[str, pd.DataFrame], day: date) -> dict[str, pd.DataFrame]:
    """Return what an export made at the end of an earlier day would have held: nothing that was entered later."""
    night = pd.Timestamp(day) + pd.Timedelta(days=1)
    history = tables["stage_history"]
    history = history[history["entered_at"] < night]
    # A step that was stamped at a migration comes to be known with it, and the deal with it.
    order = {stage: place for place, stage in enumerate((*(each.name for each in STAGES), *_ENDS))}
    ranked = history.assign(_rank=history["stage"].map(order)).sort_values(["opportunity_id", "entered_at", "_rank"], kind="stable")
    last = ranked.groupby("opportunity_id").last()
    deals = tables["opportunities"]
    deals = deals[(deals["created_date"] < night) & deals["opportunity_id"].isin(last.index)].reset_index(drop=True)
    now = last.reindex(deals["opportunity_id"]).reset_index()
    open_then = ~now["stage"].isin(_ENDS)
    changed = now["stage"].to_numpy() != deals["stage"].to_numpy()
    cut = {
        "opportunities": deals.assign(
            stage=now["stage"],
            amount=now["amount"],
            close_date=now["close_date"],
            lost_reason=deals["lost_reason"].mask(open_then),
            next_step=deals["next_step"].mask(changed),
            probability=deals["probability"].mask(changed),
        ),
        "stage_history": history[history["opportunity_id"].isin(deals["opportunity_id"])].reset_index(drop=True),
        "leads": _leads(tables["leads"], night, set(deals["opportunity_id"])),
        "activities": tables["activities"][tables["activities"]["started_at"] < night].reset_index(drop=True),
        "reps": tables["reps"][~(tables["reps"]["hired_date"] >= night)].reset_index(drop=True),
    }
    cut["reps"]["left_date"] = cut["reps"]["left_date"].where(cut["reps"]["left_date"] < night)
    return tables | cut


def _leads(leads: pd.DataFrame, night: pd.Timestamp, deals: set[str]) -> pd.DataFrame:
    known = leads[leads["created_at"] < night].reset_index(drop=True)
    known = known.assign(**{name: known[name].where(known[name] < night) for name in _EVENTS})
    return known.assign(
        reason=known["reason"].where(known["disqualified_at"].notna()),
        opportunity_id=known["opportunity_id"].where(known["opportunity_id"].isin(deals)),
    )


@contextmanager
def book(company: Made, day: date = AS_OF, tables: tuple[str, ...] = tuple(CONTRACTS)) -> Iterator[Book]:
    """Give the book of a company as exported on a day, with the tables that are needed; no files are written."""
    connection = ibis.duckdb.connect()
    try:
        held = {name: table for name, table in export(company.tables, day).items() if name in tables}
        loaded = {name: connection.create_table(name, table) for name, table in held.items()}
        loaded = {name: table.mutate(**_typed(name, table)) for name, table in loaded.items()}
        read, _ = read_as_of(loaded, SETTINGS, day, day, lambda name, table: connection.create_table(f"read_{name}", table))
        yield Book(SETTINGS, day, connection, read)
    finally:
        connection.disconnect()


def _typed(name: str, table: ibis.Table) -> dict[str, ibis.Value]:
    """Return the days of a made table as days (pandas knows only moments), and what is null throughout with its type."""
    typed = {}
    for column in CONTRACTS[name].columns:
        if column.kind == "date":
            typed[column.name] = table[column.name].cast("date")
        elif column.kind in ("key", "text") and table[column.name].type() != ibis.dtype("string"):
            typed[column.name] = table[column.name].cast("string")
    return typed
