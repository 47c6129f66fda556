"""A book that a person can add up: thirteen opportunities with every trap of the trade, read as of 2026-06-30.

In it: the rep who lost nothing (R2), null amounts (O5 won, O10 lost), a close on the first and on the last day of the quarter
(O1, O2) and on the last day before it (O7), created and closed the same day (O4), a reopened opportunity (O9), a rep without
quota, territory and account link (R3), a quota met to the cent (R1), a rep hired in mid-quarter (R4), an opportunity that
nobody owns and nobody dated (O11), one that closes after the day of the book (O12) and one that is created after it (O13).
R2 is away for a week that begins on a Saturday, R1 for half a day; L1 and L2 are answered within hours, L4 after the day.
"""

from datetime import date

import pandas as pd
import pyarrow as pa

from salestrack.as_of import read_as_of
from salestrack.book import Book, Intake, Settings, Stage
from salestrack.tables import CONTRACTS
from tests.engines import stored

AS_OF = date(2026, 6, 30)
SETTINGS = Settings(
    name="Small & Co",
    currency="EUR",
    stages=(
        Stage(name="Discovery", probability=0.1),
        Stage(name="Proposal", probability=0.4),
        Stage(name="Negotiation", probability=0.7),
        Stage(name="Won", outcome="won"),
        Stage(name="Lost", outcome="lost"),
    ),
)
NASTY = 'O\'Neil, "<script>alert(1)</script>"\n김'

_OPPORTUNITIES = """
O1  A1 R1 1000 2026-01-10 2026-04-01 Won
O2  A2 R1 3000 2026-02-01 2026-06-30 Won
O3  A1 R1 2000 2026-03-01 2026-05-10 Lost
O4  A1 R2 500  2026-04-05 2026-04-05 Won
O5  A2 R2 -    2026-03-15 2026-05-20 Won
O6  A2 R2 4000 2026-05-01 2026-07-31 Proposal
O7  A1 R3 800  2026-01-05 2026-03-31 Lost
O8  -  R3 1200 2026-02-10 2026-05-05 Won
O9  A1 R3 700  2026-02-20 2026-06-15 Discovery
O10 A2 R4 -    2026-05-20 2026-06-10 Lost
O11 -  -  -    -          -          Discovery
O12 A2 R1 2500 2026-05-01 2026-07-05 Won
O13 A1 R1 900  2026-07-02 2026-09-30 Discovery
"""
_HISTORY = """
O1  Discovery   2026-01-10 1000
O1  Proposal    2026-02-01 1000
O1  Won         2026-04-01 1000
O2  Discovery   2026-02-01 3000
O2  Proposal    2026-03-01 3000
O2  Negotiation 2026-05-01 3000
O2  Won         2026-06-30 3000
O3  Discovery   2026-03-01 2000
O3  Proposal    2026-04-10 2000
O3  Lost        2026-05-10 2000
O4  Discovery   2026-04-05 500
O4  Won         2026-04-05 500
O6  Discovery   2026-05-01 4000
O6  Proposal    2026-06-01 -
O7  Discovery   2026-01-05 800
O7  Lost        2026-03-31 800
O9  Discovery   2026-02-20 700
O9  Proposal    2026-03-20 700
O9  Lost        2026-04-20 700
O9  Discovery   2026-05-01 700
O10 Discovery   2026-05-20 -
O10 Lost        2026-06-10 -
O12 Discovery   2026-05-01 2000
O12 Proposal    2026-07-01 2500
O12 Won         2026-07-05 2500
"""
_ACTIVITIES = """
C1 R1 digital_client   call      2026-04-02 60  O1
C2 R1 in_person_client visit     2026-04-03 30  O2
C3 R1 admin            reporting 2026-04-03 90  -
C4 R2 internal_meeting standup   2026-05-04 120 -
C5 R2 digital_client   email     2026-05-05 -   O6
C6 R3 unclassified     other     2026-06-01 60  -
C7 R1 digital_client   call      2026-07-01 60  O12
"""
_LEADS = """
L1 Web   R2 2026-04-01 2026-04-02 2026-04-03 2026-04-05 O4 2026-04-01T02:00
L2 Web   R1 2026-04-02 2026-04-09 -          -          -  2026-04-02T00:03
L3 Event R1 2026-05-01 -          -          -          -  -
L4 Event R3 2026-05-02 2026-05-10 2026-07-02 -          -  2026-07-01T09:00
"""
_LEAD_COLUMNS = (
    "lead_id source rep_id created_at marketing_qualified_at sales_qualified_at converted_at opportunity_id first_response_at"
)
_QUOTAS = """
R1 2026-04-01 2026-06-30 4000
R2 2026-04-01 2026-06-30 1000
R4 2026-04-01 2026-06-30 910
"""
_TIME_OFF = """
R2 2026-04-11 2026-04-17 -
R1 2026-04-07 2026-04-07 4
R3 2026-06-29 2026-07-10 -
R3 2026-07-20 2026-07-24 -
"""


def frames() -> dict[str, pd.DataFrame]:
    """Return the canonical tables as pandas frames with all columns of their contracts."""
    opportunities = _rows(_OPPORTUNITIES, "opportunity_id account_id rep_id amount created_date close_date stage")
    reps = pd.DataFrame(
        {
            "rep_id": ["R1", "R2", "R3", "R4"],
            "name": ["Ada", "Ben", "Chen", NASTY],
            "team": ["North", "North", "South", "South"],
            "territory_id": ["T1", "T1", None, "T2"],
            "hired_date": [None, None, None, "2026-05-16"],
        }
    )
    accounts = pd.DataFrame(
        {"account_id": ["A1", "A2"], "name": ["Alpha", "Beta"], "segment": ["SMB", "Enterprise"], "industry": ["Retail", None]}
    )
    territories = pd.DataFrame({"territory_id": ["T1", "T2"], "name": ["East", "West"]})
    made = {
        "opportunities": opportunities,
        "stage_history": _rows(_HISTORY, "opportunity_id stage entered_at amount"),
        "activities": _rows(_ACTIVITIES, "activity_id rep_id category type started_at minutes opportunity_id"),
        "leads": _rows(_LEADS, _LEAD_COLUMNS),
        "quotas": _rows(_QUOTAS, "rep_id start_date end_date amount"),
        "reps": reps,
        "accounts": accounts,
        "territories": territories,
        "time_off": _rows(_TIME_OFF, "rep_id start_date end_date hours"),
    }
    return {name: typed(name, frame) for name, frame in made.items()}


def _rows(text: str, columns: str) -> pd.DataFrame:
    rows = [[None if cell == "-" else cell for cell in line.split()] for line in text.strip().splitlines()]
    return pd.DataFrame(rows, columns=columns.split())


def typed(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with all columns of a contract, in their types."""
    whole = {}
    for column in CONTRACTS[table].columns:
        values = frame[column.name] if column.name in frame else pd.Series([None] * len(frame), index=frame.index, dtype=object)
        if column.kind in ("date", "timestamp"):
            whole[column.name] = pd.to_datetime(values).astype("datetime64[us]")
        elif column.kind in ("number", "share"):
            whole[column.name] = pd.to_numeric(values).astype("float64")
        else:
            whole[column.name] = values.astype(object).where(values.notna(), None).astype("string")
    return pd.DataFrame(whole)


def book_of(connection, tables: dict[str, pd.DataFrame] | None = None, as_of: date = AS_OF, settings: Settings = SETTINGS) -> Book:
    """Return the small book, or other canonical frames, as a book on an engine, its tables computed once."""
    tables = frames() if tables is None else tables
    loaded = {name: _load(connection, name, frame) for name, frame in tables.items()}

    def keep(name: str, table):
        return stored(connection, name, connection.to_pyarrow(table))

    read, later = read_as_of(loaded, settings, as_of, None, keep)
    intake = {name: _intake(name, len(frame), later.get(name, 0)) for name, frame in tables.items()}
    absent = {name: "no file mapped" for name in CONTRACTS if name not in tables}
    return Book(settings, as_of, connection, read, intake, absent=absent)


def _intake(name: str, rows: int, later: int) -> Intake:
    return Intake(name, rows, rows - later, 0, later)


def _load(connection, name: str, frame: pd.DataFrame):
    kinds = {"key": pa.string(), "text": pa.string(), "date": pa.date32(), "timestamp": pa.timestamp("us"), "number": pa.float64()}
    schema = pa.schema([(c.name, kinds.get(c.kind, pa.float64())) for c in CONTRACTS[name].columns])
    rows = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    return stored(connection, f"{name}_full", rows)
