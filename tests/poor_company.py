"""A company of 72 opportunities in which all is recorded, and the same with one thing missing: the matrix of poor books."""

from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd

from salestrack.book import Settings, Stage
from tests.small_book import book_of, typed

AS_OF = date(2026, 6, 30)
DURING = "2026-Q2"
SETTINGS = Settings(
    name="Poor & Co",
    currency="EUR",
    stages=(Stage(name="Discovery"), Stage(name="Proposal"), Stage(name="Won", outcome="won"), Stage(name="Lost", outcome="lost")),
)
_N = 72
_REPS = ("R1", "R2", "R3")
_LEAD_DAYS = ("marketing_qualified_at", "sales_qualified_at", "converted_at", "first_response_at")


def whole() -> dict[str, pd.DataFrame]:
    """Return canonical tables in which every column that the kit reads has a value: no value occurs where it would be expected."""
    i = np.arange(_N)
    created = [date(2025, 10, 1) + timedelta(days=int(3.7 * k)) for k in i]
    closes = [day + timedelta(days=20 + 13 * k % 41) for k, day in enumerate(created)]
    ended = [day <= AS_OF for day in closes]
    won = [done and k % 5 in (0, 2) for k, done in enumerate(ended)]
    lost = [done and not win for done, win in zip(ended, won, strict=True)]
    stage = [
        "Won" if w else "Lost" if x else ("Proposal" if k % 2 else "Discovery")
        for k, (w, x) in enumerate(zip(won, lost, strict=True))
    ]
    key = [f"O{k}" for k in i]
    sold = pd.DataFrame(
        {
            "opportunity_id": key, "name": key, "account_id": [f"A{k % 4}" for k in i], "rep_id": [_REPS[k % 3] for k in i],
            "lead_id": [f"L{k}" for k in i], "pipeline": "New", "segment": [("SMB", "Enterprise")[k % 2] for k in i],
            "source": [("Web", "Event")[k // 2 % 2] for k in i], "product": "P", "type": "New",
            "amount": [1000.0 + 37 * (k * 29 % 71) for k in i], "created_date": created, "close_date": closes, "stage": stage,
            "lost_reason": ["Price" if x else None for x in lost], "probability": [None if e else 0.4 for e in ended],
            "next_step": [None if e else "call" for e in ended],
        }
    )  # fmt: skip
    history = [(k, "Discovery", day) for k, day in zip(key, created, strict=True)]
    history += [
        (k, "Proposal", day + timedelta(days=7)) for n, (k, day) in enumerate(zip(key, created, strict=True)) if n % 5 or won[n]
    ]
    history += [(k, s, day) for k, s, day, e in zip(key, stage, closes, ended, strict=True) if e]
    amount, due = dict(zip(key, sold["amount"], strict=True)), dict(zip(key, closes, strict=True))
    stays = pd.DataFrame([(k, s, day, amount[k], due[k]) for k, s, day in history if day <= AS_OF],
                         columns=["opportunity_id", "stage", "entered_at", "amount", "close_date"])  # fmt: skip
    return {
        "opportunities": sold,
        "stage_history": stays,
        "leads": _leads(created, key),
        "activities": _activities(created, key),
        "quotas": pd.DataFrame(
            [(rep, start, end, 9000.0) for rep in _REPS
             for start, end in (("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-06-30"))],
            columns=["rep_id", "start_date", "end_date", "amount"],
        ),
        "reps": pd.DataFrame({"rep_id": _REPS, "name": ("Ada", "Ben", "Chen"), "team": ("North", "North", "South")}),
        "accounts": pd.DataFrame({"account_id": [f"A{k}" for k in range(4)], "name": list("abcd"), "segment": "SMB"}),
    }  # fmt: skip


def _leads(created: list[date], key: list[str]) -> pd.DataFrame:
    rows = [(f"L{k}", o, day - timedelta(9), day - timedelta(7), day - timedelta(3), day, None, None)
            for k, (o, day) in enumerate(zip(key, created, strict=True))]  # fmt: skip
    rows += [(f"X{k}", None, day, day + timedelta(2), None, None, day + timedelta(20) if k % 2 else None, "Budget")
             for k, day in enumerate(created)]  # fmt: skip
    columns = ["lead_id", "opportunity_id", "created_at", "marketing_qualified_at", "sales_qualified_at", "converted_at",
               "disqualified_at", "reason"]  # fmt: skip
    leads = pd.DataFrame(rows, columns=columns)
    answered = [pd.Timestamp(day) + pd.Timedelta(hours=1 + k % 30) for k, day in enumerate(leads["created_at"])]
    source = [("Web", "Event")[k % 2] for k in range(len(leads))]
    return leads.assign(source=source, rep_id=[_REPS[k % 3] for k in range(len(leads))], first_response_at=answered)


def _activities(created: list[date], key: list[str]) -> pd.DataFrame:
    rows = []
    for k, (o, day) in enumerate(zip(key, created, strict=True)):
        rows += [("digital_client", "call", day + timedelta(3 + 5 * n), 30.0, o, k) for n in range(1 + k % 3)]
        rows += [("in_person_client", "visit", day + timedelta(9), 90.0, o, k)] if k % 4 else []
        rows.append(("admin", "reporting", day + timedelta(1), 60.0, None, k))
    rows = [row for row in rows if row[2] <= AS_OF]
    made = pd.DataFrame(rows, columns=["category", "type", "started_at", "minutes", "opportunity_id", "k"])
    return made.assign(activity_id=[f"C{n}" for n in range(len(made))], rep_id=[_REPS[k % 3] for k in made["k"]]).drop(columns="k")


def _sold(tables: dict, **changes) -> dict:
    return tables | {"opportunities": tables["opportunities"].assign(**changes)}


def _kept(tables: dict, rows: pd.Series) -> dict:
    """Return the company with some of its opportunities only, and what belongs to them."""
    sold = tables["opportunities"][rows.to_numpy()].reset_index(drop=True)
    known = set(sold["opportunity_id"])
    made = tables | {"opportunities": sold}
    for name in ("stage_history", "activities", "leads"):
        links = tables[name]["opportunity_id"]
        made[name] = tables[name][links.isin(known) | links.isna()].reset_index(drop=True)
    return made


def _without(tables: dict, *names: str) -> dict:
    return {name: frame for name, frame in tables.items() if name not in names}


def _is(tables: dict, *stages: str) -> pd.Series:
    return tables["opportunities"]["stage"].isin(stages)


def _all_young(tables: dict) -> dict:
    made = _kept(tables, tables["opportunities"]["created_date"] > date(2026, 6, 12))
    made = _without(made, "leads")
    return made | {name: made[name][pd.to_datetime(made[name][day]).dt.date > date(2026, 6, 12)]
                   for name, day in (("activities", "started_at"),)}  # fmt: skip


def _same_day(tables: dict) -> dict:
    sold = tables["opportunities"]
    closed = _is(tables, "Won", "Lost")
    return _sold(_without(tables, "stage_history"), created_date=sold["created_date"].where(~closed, sold["close_date"]))


def _two_processes(tables: dict) -> dict:
    """Renewals are only ever won, and have no amounts."""
    sold, renewal = tables["opportunities"], tables["opportunities"].index % 2 == 0
    keep = ~(renewal & _is(tables, "Lost"))
    made = _sold(tables, pipeline=np.where(renewal, "Renewal", "New"), amount=sold["amount"].where(~renewal))
    return _kept(made, keep)


def _deals_only(tables: dict) -> dict:
    return {"opportunities": tables["opportunities"][["opportunity_id", "stage", "created_date", "close_date"]]}


BOOKS = {
    "all recorded": lambda t: t,
    "won only": lambda t: _kept(t, ~_is(t, "Lost")),
    "wins alone": lambda t: _kept(t, _is(t, "Won")),
    "no amounts": lambda t: _sold(t, amount=None) | {"stage_history": t["stage_history"].assign(amount=None)},
    "wins without amounts": lambda t: _sold(t, amount=t["opportunities"]["amount"].where(~_is(t, "Won"))),
    "open without amounts": lambda t: _sold(t, amount=t["opportunities"]["amount"].where(_is(t, "Won", "Lost"))),
    "some amounts": lambda t: _sold(t, amount=t["opportunities"]["amount"].where(t["opportunities"].index % 3 > 0)),
    "lost carry 0": lambda t: _sold(t, amount=t["opportunities"]["amount"].where(~_is(t, "Lost"), 0.0)),
    "lost carry nothing": lambda t: _sold(t, amount=t["opportunities"]["amount"].where(~_is(t, "Lost"))),
    "no creation days": lambda t: _sold(t, created_date=None),
    "created when closed": _same_day,
    "no reps": lambda t: _sold(_without(t, "reps", "activities", "leads"), rep_id=None),
    "one row": lambda t: _kept(_without(t, "quotas"), t["opportunities"]["opportunity_id"] == "O50"),
    "one row, open": lambda t: _kept(_without(t, "quotas"), t["opportunities"]["opportunity_id"] == "O71"),
    "all open": lambda t: _kept(t, _is(t, "Discovery", "Proposal")),
    "all young": _all_young,
    "two processes": _two_processes,
    "no history": lambda t: _without(t, "stage_history"),
    "no leads, no activities": lambda t: _without(t, "leads", "activities"),
    "leads without days": lambda t: t | {"leads": t["leads"].assign(**dict.fromkeys(_LEAD_DAYS))},
    "activities without minutes": lambda t: t | {"activities": t["activities"].assign(minutes=None)},
    "activities on nothing": lambda t: t | {"activities": t["activities"].assign(opportunity_id=None)},
    "opportunities alone": _deals_only,
}  # fmt: skip
"""By name, what is taken from the whole company."""
SCOPES = {
    "one rep": {"rep": "Ada"},
    "one segment of one source": {"segment": "SMB", "source": "Web", "rep": "Ben"},
}
"""Small scopes of the whole company."""
_REP_IDS = {"Ada": "R1", "Ben": "R2"}


def rows_of(name: str) -> dict[str, pd.DataFrame]:
    """Return the tables of one of `BOOKS`, or those of the whole company with the opportunities of one of `SCOPES`."""
    tables = BOOKS[name if name in BOOKS else "all recorded"](whole())
    for column, value in SCOPES.get(name, {}).items():
        sold = tables["opportunities"]
        at = sold["rep_id"] == _REP_IDS[value] if column == "rep" else sold[column] == value
        tables = tables | {"opportunities": sold[at].reset_index(drop=True)}
    return tables


def poor_book(name: str):
    """Return one of `BOOKS`, read on its last day."""
    tables = {table: typed(table, frame) for table, frame in BOOKS[name](whole()).items()}
    return book_of(ibis.duckdb.connect(threads=1), tables, AS_OF, SETTINGS)
