"""A large company in canonical tables, from a seed: what the benchmarks measure on."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

SEED = 20260930
FIRST, AS_OF = date(2023, 10, 1), date(2026, 9, 30)
OPPORTUNITIES, REPS = 5_000_000, 2_000
STAGES = ("Discovery", "Proposal", "Negotiation")
SEGMENTS = ("Small business", "Mid-market", "Enterprise", "Public sector")
SOURCES = ("Web", "Event", "Referral", "Outbound", "Partner")
_DAY = np.timedelta64(1, "D")
_START, _END = np.datetime64(FIRST, "D"), np.datetime64(AS_OF, "D")


def company(folder: Path, scale: float) -> Path:
    """Return the folder of a company as Parquet files with a book file; it is made once for each scale.

    Parameters
    ----------
    folder : Path
        Where companies are kept.
    scale : float
        1: 5 million opportunities, about 14 million stage rows, 2,000 reps with quarterly quotas over three years. Reps scale
        too, so that each has as many opportunities at any scale.
    """
    made = folder / f"company_{scale:g}_{SEED}"
    if (made / "rows.json").exists():
        return made
    made.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    reps = max(10, round(REPS * scale))
    tables = {"reps": _reps(rng, reps)}
    tables["opportunities"], tables["stage_history"], booked = _opportunities(rng, round(OPPORTUNITIES * scale), reps)
    tables["quotas"] = _quotas(rng, booked)
    for name, table in tables.items():
        pq.write_table(table, made / f"{name}.parquet")
    (made / "book.yaml").write_text(yaml.safe_dump(book_file(tables), sort_keys=False), encoding="utf-8")
    (made / "rows.json").write_text(json.dumps({name: table.num_rows for name, table in tables.items()}), encoding="utf-8")
    return made


def book_file(tables: dict[str, pa.Table]) -> dict[str, object]:
    """Return the book file of tables that are named as they are."""
    stages = [{"name": name, "probability": share} for name, share in zip(STAGES, (0.1, 0.4, 0.7), strict=True)]
    stages += [{"name": "Won", "outcome": "won"}, {"name": "Lost", "outcome": "lost"}]
    files = {name: {"file": f"{name}.parquet", "columns": {c: c for c in table.column_names}} for name, table in tables.items()}
    return {"name": "Large & Co", "currency": "EUR", "stages": stages, "tables": files}


def keys(prefix: str, numbers: np.ndarray) -> pa.Array:
    """Return keys of 18 characters, as the most common CRM writes them."""
    digits = pa.array(numbers).cast(pa.string())
    return pa.compute.binary_join_element_wise(prefix, pa.compute.utf8_lpad(digits, 18 - len(prefix), "0"), "")


def texts(names: tuple[str, ...], numbers: np.ndarray) -> pa.Array:
    """Return a name for each number; null for a negative one."""
    return pa.array(names).take(pa.array(numbers, mask=numbers < 0))


def _reps(rng: np.random.Generator, count: int) -> pa.Table:
    numbers = np.arange(count)
    return pa.table(
        {
            "rep_id": keys("005Kx", numbers),
            "name": pa.array([f"Rep {number}" for number in numbers]),
            "team": pa.array([f"Team {number % 100:02}" for number in numbers]),
            "hired_date": pa.array(_START - rng.integers(0, 2000, count) * _DAY),
        }
    )


def _opportunities(rng: np.random.Generator, count: int, reps: int) -> tuple[pa.Table, pa.Table, np.ndarray]:
    """Return opportunities, their stage history in the order of time, and what each rep booked."""
    days = int((_END - _START) / _DAY)
    created = _START + rng.integers(0, days + 1, count) * _DAY
    # Whole days from created to each next stage and to the close, at least a day apart.
    paces = [1 + rng.exponential(mean, count).astype("int64") for mean in (14, 21, 28)]
    reached = rng.choice([1, 2, 3], count, p=[0.43, 0.24, 0.33])
    closes = created + sum(np.where(reached > k, pace, 0) for k, pace in enumerate(paces)) * _DAY + paces[2] // 3 * _DAY
    won = (reached == 3) & (rng.random(count) < 0.75)
    closed = closes <= _END
    rep = rng.integers(0, reps, count)
    amount = np.round(np.exp(rng.normal(8.5, 1.0, count)))
    known = rng.random(count) > 0.02
    owned = rng.random(count) > 0.01
    entries = [created + sum(paces[:k], np.zeros(count, "int64")) * _DAY for k in range(3)]
    visited = [(reached > k) & (entries[k] <= _END) & ((k == 0) | (rng.random(count) > 0.03)) for k in range(3)]
    stage = np.select([closed & won, closed, visited[2], visited[1]], [3, 4, 2, 1], 0)
    numbered = keys("006Kx", np.arange(count))
    names = (*STAGES, "Won", "Lost")
    opportunities = pa.table(
        {
            "opportunity_id": numbered,
            "account_id": keys("001Kx", rng.integers(0, max(count // 4, 1), count)),
            "rep_id": pa.compute.if_else(pa.array(owned), keys("005Kx", rep), pa.scalar(None, pa.string())),
            "segment": texts(SEGMENTS, rng.integers(0, len(SEGMENTS), count)),
            "source": texts(SOURCES, rng.integers(0, len(SOURCES), count)),
            "amount": pa.array(amount, mask=~known),
            "created_date": pa.array(created),
            "close_date": pa.array(closes),
            "stage": texts(names, stage),
        }
    )
    history = _history(rng, numbered, entries, visited, np.where(closed, stage, -1), closes)
    booked = np.bincount(rep[closed & won & known], weights=amount[closed & won & known], minlength=reps)
    return opportunities, history, booked


def _history(rng, numbered: pa.Array, entries: list, visited: list, outcome: np.ndarray, closes: np.ndarray) -> pa.Table:
    count = len(outcome)
    stays = [(np.flatnonzero(here), np.full(int(here.sum()), k), entries[k][here]) for k, here in enumerate(visited)]
    ended = np.flatnonzero(outcome >= 0)
    stays.append((ended, outcome[ended], closes[ended]))
    # One in a hundred falls back to the first stage once.
    again = np.flatnonzero(visited[1] & (rng.random(count) < 0.01))
    stays.append((again, np.zeros(len(again), "int64"), entries[1][again] + _DAY))
    number, stage, day = (np.concatenate(parts) for parts in zip(*stays, strict=True))
    at = day.astype("datetime64[us]") + (8 * 3600 + rng.integers(0, 10 * 3600, len(day))).astype("timedelta64[s]")
    kept = np.flatnonzero(day <= _END)
    order = kept[np.argsort(at[kept], kind="stable")]
    return pa.table(
        {
            "opportunity_id": numbered.take(pa.array(number[order])),
            "stage": texts((*STAGES, "Won", "Lost"), stage[order]),
            "entered_at": pa.array(at[order]),
        }
    )


def _quotas(rng: np.random.Generator, booked: np.ndarray) -> pa.Table:
    """Return a quota for each rep and quarter, around what the rep books in a quarter."""
    starts = np.arange("2023-10", "2026-10", 3, dtype="datetime64[M]")
    ends = (starts + 3).astype("datetime64[D]") - _DAY
    reps = len(booked)
    levels = booked[:, None] / len(starts) * rng.uniform(0.8, 1.3, (reps, len(starts)))
    return pa.table(
        {
            "rep_id": keys("005Kx", np.repeat(np.arange(reps), len(starts))),
            "start_date": pa.array(np.tile(starts.astype("datetime64[D]"), reps)),
            "end_date": pa.array(np.tile(ends, reps)),
            "amount": pa.array(np.round(levels.ravel(), -2)),
        }
    )
