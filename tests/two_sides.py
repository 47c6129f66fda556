"""A book of four cells (two teams x two segments) in which no value occurs twice, and what is left of it without the others.

Every table tells of all four cells. The cells differ in everything that is counted: how many, when, how large, how they end; so
whatever forgets to leave out a cell says something else. What a book is recorded since is one for all of them, and so is the
last day: those are facts about the record, not about a team.
"""

from datetime import date, datetime, time, timedelta

import ibis
import numpy as np
import pandas as pd

from salestrack.book import Book, Settings, Stage
from tests.small_book import book_of, typed

FIRST, LAST = date(2024, 10, 1), date(2026, 6, 30)
STAGES = ("Discovery", "Proposal", "Negotiation")
SETTINGS = Settings(
    name="Two Sides",
    currency="EUR",
    stages=(
        *(Stage(name=name, probability=p) for name, p in zip(STAGES, (0.1, 0.4, 0.7), strict=True)),
        Stage(name="Won", outcome="won"),
        Stage(name="Lost", outcome="lost"),
    ),
)
TEAMS = {"North": ("N1", "N2", "N3"), "South": ("S1", "S2", "S3")}
# How many opportunities and leads each cell has, how fast it sells and how often it wins.
CELLS = {
    ("North", "SMB"): (75, 110, 11, 0.7),
    ("North", "Enterprise"): (60, 90, 19, 0.5),
    ("South", "SMB"): (90, 130, 14, 0.3),
    ("South", "Enterprise"): (48, 70, 23, 0.6),
}
CATEGORIES = ("digital_client", "in_person_client", "internal_meeting", "admin", "travel", "unclassified")
# The tables that know of a column: without those of the others, nothing of the others is left.
KNOWN_BY = {
    "team": ("opportunities", "stage_history", "leads", "activities", "reps", "quotas", "time_off"),
    "segment": ("opportunities", "stage_history", "leads", "activities"),
}
# Quotas and absences belong to a rep and to no segment.
WITHOUT = {"team": (), "segment": ("quotas", "time_off")}


def frames() -> dict[str, pd.DataFrame]:
    """Return the tables, each row with the ``team`` and the ``segment`` of its cell."""
    rng = np.random.default_rng(20260630)
    made: dict[str, list[dict]] = {name: [] for name in ("opportunities", "stage_history", "leads", "activities")}
    for cell in CELLS:
        _sell(made, cell, rng)
        _work(made, cell, rng)
        _enquire(made, cell, rng)
    people = [(team, rep) for team, reps in TEAMS.items() for rep in reps]
    quarters = pd.date_range("2024-10-01", "2026-06-01", freq="QS").date
    made["reps"] = [
        {"rep_id": rep, "name": f"Rep {rep}", "team": team, "territory_id": f"T{team[0]}", "hired_date": None}
        for team, rep in people
    ]
    # The last of each team came in the middle, and logged nothing at all.
    made["reps"] += [
        {"rep_id": f"{team[0]}9", "name": f"Rep {team[0]}9", "team": team, "hired_date": date(2026, 2, 3 + 9 * k)}
        for k, team in enumerate(TEAMS)
    ]
    made["quotas"] = [
        {"rep_id": rep, "team": team, "start_date": day, "end_date": _last_of_quarter(day), "amount": 900.0 + 300 * i + 17 * j}
        for i, (team, rep) in enumerate(people)
        for j, day in enumerate(quarters)
    ]
    made["time_off"] = [
        {"rep_id": rep, "team": team, "start_date": date(2026, 5, 4 + i), "end_date": date(2026, 5, 5 + 2 * i), "hours": None}
        for i, (team, rep) in enumerate(people)
    ]
    made["accounts"] = [{"account_id": f"A{k}", "name": f"Account {k}", "industry": f"I{k % 3}"} for k in range(6)]
    made["territories"] = [{"territory_id": f"T{team[0]}", "name": f"{team} land"} for team in TEAMS]
    return {name: pd.DataFrame(rows) for name, rows in made.items()}


def book_with(column: str, value: str | None = None) -> Book:
    """Return the book, or what is left of it when the rows that do not have the value in a column were never there."""
    tables = {name: frame for name, frame in frames().items() if name not in WITHOUT[column]}
    if value is not None:
        tables |= {name: tables[name][tables[name][column] == value] for name in KNOWN_BY[column] if name in tables}
    rows = {name: typed(name, frame.reset_index(drop=True)) for name, frame in tables.items()}
    if "quotas" in rows:
        # The quota is the rep's; the team stands in the frame to know whose it is.
        rows["quotas"] = rows["quotas"].assign(team=pd.Series([None] * len(rows["quotas"]), dtype="string"))
    return book_of(ibis.duckdb.connect(), rows, LAST, SETTINGS)


def _sell(made: dict[str, list[dict]], cell: tuple[str, str], rng: np.random.Generator) -> None:
    """Add the opportunities of a cell with their histories."""
    team, segment = cell
    count, _, pace, odds = CELLS[cell]
    mark = {"team": team, "segment": segment}
    for k in range(count):
        key, rep = f"{team[0]}{segment[0]}{k}", TEAMS[team][k % 3]
        # The first and the last are of one day in every cell, as the record is.
        created = FIRST if k == 0 else LAST - timedelta(days=1) if k == 1 else FIRST + timedelta(days=int(rng.integers(1, 635)))
        amount = 100.0 + _unlike(made["opportunities"], rng)
        at, turns, expected = created, [], created + timedelta(days=int(rng.integers(20, 90)))
        for stage in STAGES[int(rng.random() < 0.2) :]:
            if at > LAST:
                break
            turns.append((stage, at, expected))
            if rng.random() < 0.35:
                turns.append((stage, min(at + timedelta(days=int(rng.integers(1, 9))), LAST), expected + timedelta(days=40)))
                expected += timedelta(days=40)
            at = turns[-1][1] + timedelta(days=1 + int(rng.exponential(pace)))
            if rng.random() < 0.25:
                break
        closed = at if k else FIRST + timedelta(days=1)
        ends = "Won" if rng.random() < odds or k == 0 else "Lost"
        is_closed = closed <= LAST and k != 1 and (k == 0 or rng.random() < 0.85)
        turns = turns[:1] if k == 0 else turns
        stage = ends if is_closed else turns[-1][0]
        made["opportunities"].append(
            mark
            | {
                "opportunity_id": key, "name": f"Deal {key}", "rep_id": rep, "account_id": f"A{k % 6}",
                "source": ("Web", "Event")[k % 2], "product": ("Basic", "Plus", "Pro")[k % 3],
                "amount": None if k % 17 == 5 else amount, "created_date": created,
                "close_date": closed if is_closed else None if k % 11 == 4 else expected, "stage": stage,
                "lost_reason": ("Price", "Timing")[k % 2] if stage == "Lost" else None, "next_step": "Call" if k % 3 else None,
            }
        )  # fmt: skip
        if is_closed:
            turns.append((ends, closed, closed))
        # Of some no stage was ever recorded.
        made["stage_history"] += [] if k % 29 == 7 else [
            mark | {"opportunity_id": key, "stage": name, "entered_at": datetime.combine(day, time(9, n)), "amount": amount,
                    "close_date": told}
            for n, (name, day, told) in enumerate(turns)
        ]  # fmt: skip


def _work(made: dict[str, list[dict]], cell: tuple[str, str], rng: np.random.Generator) -> None:
    """Add what was done on the opportunities of a cell, and beside them; the first and the last day are those of the record."""
    team, segment = cell
    own = [row for row in made["opportunities"] if (row["team"], row["segment"]) == cell]
    days = [(own[0], FIRST, 0), (own[1], LAST, 1)]
    for row in own[2:]:
        end = row["close_date"] if row["stage"] in ("Won", "Lost") else LAST
        span = max((end - row["created_date"]).days, 0)
        days += [
            (row, row["created_date"] + timedelta(days=int(d)), int(rng.integers(0, 6)))
            for d in rng.integers(0, span + 1, rng.poisson(4.5))
        ]
    for n, (row, day, category) in enumerate(days):
        made["activities"].append(
            {
                "team": team, "segment": segment, "activity_id": f"C{team[0]}{segment[0]}{n}", "rep_id": row["rep_id"],
                "category": CATEGORIES[category], "type": f"{CATEGORIES[category]}-{n % 2}",
                "started_at": datetime.combine(day, time(8 + n % 9, n % 60)),
                "minutes": None if n % 23 == 7 else 15.0 + n % 97, "opportunity_id": row["opportunity_id"],
            }
        )  # fmt: skip
    # Work that names no opportunity is of no segment.
    for n in range(120 + 30 * (team == "South")):
        day, category = FIRST + timedelta(days=int(rng.integers(0, 638))), CATEGORIES[2 + int(rng.integers(0, 3))]
        made["activities"].append(
            {
                "team": team, "segment": None, "activity_id": f"I{team[0]}{segment[0]}{n}", "rep_id": TEAMS[team][n % 3],
                "category": category, "type": f"{category}-x", "started_at": datetime.combine(day, time(8 + n % 9, n % 60)),
                "minutes": 20.0 + n % 89, "opportunity_id": None,
            }
        )  # fmt: skip


def _enquire(made: dict[str, list[dict]], cell: tuple[str, str], rng: np.random.Generator) -> None:
    """Add the leads of a cell, some of which became its opportunities."""
    team, segment = cell
    own = [row for row in made["opportunities"] if (row["team"], row["segment"]) == cell]
    _, count, pace, odds = CELLS[cell]
    for k in range(count):
        came = datetime(2024, 10, 1, 8) if k == 0 else datetime(2024, 10, 1, 8, k % 60) + timedelta(days=int(rng.integers(1, 630)))
        steps = {"marketing_qualified_at": 0.8, "sales_qualified_at": 0.3 + odds / 2, "converted_at": 0.7}
        at, row = came, {"team": team, "segment": segment, "lead_id": f"L{team[0]}{segment[0]}{k}", "created_at": came}
        for name, p in steps.items():
            at = at + timedelta(hours=int(rng.exponential(pace * 9)) if k else 1)
            if (k and rng.random() > p) or at.date() > LAST:
                break
            row[name] = at
        if "converted_at" in row:
            match = own[k % len(own)]
            row["opportunity_id"] = match["opportunity_id"]
            match["lead_id"] = row["lead_id"]
        elif k % 4 == 0 and (gone := at + timedelta(days=3)).date() <= LAST:
            row["disqualified_at"], row["reason"] = gone, "No budget"
        answered = came + timedelta(minutes=int(rng.exponential(pace * 12)) + 1)
        if k % 13 == 3:
            # Two hours before the lead came in: nobody knows how long it waited.
            row["first_response_at"] = came - timedelta(hours=2)
        elif k % 11 == 6 and came.date() < LAST:
            row["first_response_at"] = datetime.combine(came.date() + timedelta(days=1), time(0))
        elif k % 5 and answered.date() <= LAST:
            row["first_response_at"] = answered
        made["leads"].append(row | {"rep_id": TEAMS[team][k % 3], "source": ("Web", "Event", "Fair")[k % 3]})


def _unlike(rows: list[dict], rng: np.random.Generator) -> float:
    """Return an amount that no other opportunity has: sums of different rows differ."""
    return float(2 ** int(rng.integers(4, 9)) * 10 + len(rows) + len(rows) / 64)


def _last_of_quarter(day: date) -> date:
    return (pd.Timestamp(day) + pd.offsets.QuarterEnd(0)).date()
