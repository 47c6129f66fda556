"""Generated books: lives of opportunities told day by day, exported on any day, and the small book many times over.

An export knows what a CRM knows on the day it is made: the last stage, amount and close date of each opportunity, and the
history until then. So a book read back to a day can be held against an export made on that day.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import ibis
import pandas as pd
from hypothesis import settings
from hypothesis import strategies as st

from salestrack.book import Book
from tests.small_book import SETTINGS, book_of, frames, typed

FIRST = date(2026, 1, 1)
LAST = date(2026, 6, 30)
OPEN, CLOSED = ("Discovery", "Proposal", "Negotiation"), ("Won", "Lost")
REPS = ("R1", "R2", "R3", None)
# An example that opens books takes a second, not a millisecond.
EACH_A_BOOK = settings(max_examples=settings().max_examples // 10)
_KEYS = ("opportunity_id", "activity_id", "lead_id")


@dataclass(frozen=True)
class Turn:
    """What an opportunity is from a moment on."""

    at: datetime
    stage: str
    amount: float | None
    close_date: date


@dataclass(frozen=True)
class Life:
    """An opportunity: who owns it, when it was created (None: not recorded) and what became of it."""

    rep: str | None
    account: str | None
    created: date | None
    turns: tuple[Turn, ...]


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """An opportunity with nulls, turns on one day, skipped stages, and now and then a reopening."""
    undated = draw(st.integers(0, 9)) == 0
    day = FIRST if undated else draw(st.dates(FIRST, LAST))
    amounts = st.none() if draw(st.integers(0, 4)) == 0 else st.integers(0, 50).map(lambda thousands: thousands * 1000.25)
    stages = [draw(st.sampled_from(OPEN)), *draw(st.lists(st.sampled_from(OPEN + CLOSED + CLOSED), max_size=4))]
    turns: list[Turn] = []
    for i, stage in enumerate(stages):
        if turns and turns[-1].stage == stage:
            continue
        day += timedelta(days=draw(st.sampled_from((0, 1, 5, 21, 60))) if turns else 0)
        expected = day if stage in CLOSED else day + timedelta(days=draw(st.sampled_from((0, 30, 90))))
        turns.append(Turn(datetime.combine(day, time(9 + i)), stage, draw(amounts), expected))
    rep, account = draw(st.sampled_from(REPS)), draw(st.sampled_from(("A1", "A2", None)))
    return Life(rep, account, None if undated else turns[0].at.date(), tuple(turns))


def opportunities(told: list[Life], on: date) -> dict[str, pd.DataFrame]:
    """The tables `opportunities` and `stage_history` as an export made on a day has them."""
    rows, history = [], []
    for i, life in enumerate(told):
        past = [turn for turn in life.turns if turn.at.date() <= on]
        if not past:
            continue
        now = past[-1]
        own = {"opportunity_id": f"O{i}", "rep_id": life.rep, "account_id": life.account, "created_date": life.created}
        rows.append(own | {"stage": now.stage, "amount": now.amount, "close_date": now.close_date, "next_step": f"after {now.at}"})
        history += [{"opportunity_id": f"O{i}", "entered_at": turn.at, **_recorded(turn)} for turn in past]
    return {
        "opportunities": typed("opportunities", pd.DataFrame(rows, columns=[*(rows[0] if rows else ["opportunity_id"])])),
        "stage_history": typed("stage_history", pd.DataFrame(history, columns=[*(history[0] if history else ["opportunity_id"])])),
    }


def _recorded(turn: Turn) -> dict[str, object]:
    return {"stage": turn.stage, "amount": turn.amount, "close_date": turn.close_date}


def people() -> dict[str, pd.DataFrame]:
    """Reps, two of one name and one without a team, and two accounts."""
    reps = pd.DataFrame({"rep_id": ["R1", "R2", "R3"], "name": ["Kim", "Kim", "Lee"], "team": ["North", "South", None]})
    accounts = pd.DataFrame({"account_id": ["A1", "A2"], "name": ["Alpha", "Beta"], "segment": ["SMB", None]})
    return {"reps": typed("reps", reps), "accounts": typed("accounts", accounts)}


def book_on(tables: dict[str, pd.DataFrame], as_of: date = LAST) -> Book:
    """A book of canonical frames on a DuckDB of its own."""
    return book_of(ibis.duckdb.connect(), tables, as_of, SETTINGS)


def repeated(book: Book, times: int) -> Book:
    """The small book with its opportunities, history, activities and leads so many times over, each time 1 % larger."""
    many = {}
    for name, frame in frames().items():
        copies = [_copy(frame, i) for i in range(times)]
        many[name] = pd.concat(copies, ignore_index=True) if set(_KEYS) & set(frame) else frame
    return book_on(many, book.as_of)


def _copy(frame: pd.DataFrame, number: int) -> pd.DataFrame:
    changed = {key: frame[key] + f"-{number}" for key in _KEYS if key in frame}
    if "amount" in frame:
        changed["amount"] = frame["amount"] * (1 + number / 100)
    return frame.assign(**changed)
