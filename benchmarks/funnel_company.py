"""The large company with what a funnel asks for: leads, reasons, and what was expected of each opportunity as it went on."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import yaml
from company import AS_OF, SEED, SEGMENTS, SOURCES, STAGES, book_file, company, keys, texts

LEADS_PER_OPPORTUNITY = 2
REASONS = ("Price", "Competitor", "No budget", "No decision", "Timing")
GIVEN_UP = ("Not a fit", "No answer", "Student", "Duplicate")
BROKEN, BREAK = SOURCES.index("Event"), np.datetime64("2026-03-02")
"""The source of which only half as many leads become SQL from that Monday on."""
_DAY = np.timedelta64(1, "D")
_END = np.datetime64(AS_OF, "D")


def funnel_company(folder: Path, scale: float) -> Path:
    """Return the folder of the company of the five KPIs with leads, reasons and expectations; it is made once for each scale.

    Parameters
    ----------
    folder : Path
        Where companies are kept.
    scale : float
        1: 5 million opportunities, about 17 million stage rows, 10 million leads, 2,000 reps.
    """
    made = folder / f"funnel_{scale:g}_{SEED}"
    if (made / "rows.json").exists():
        return made
    made.mkdir(parents=True, exist_ok=True)
    base, rng = company(folder, scale), np.random.default_rng([SEED, 4])
    tables = {name: pq.read_table(base / f"{name}.parquet") for name in ("reps", "opportunities", "quotas")}
    sold = tables["opportunities"] = _closing_from_the_first_day(tables["opportunities"])
    tables["opportunities"] = sold.append_column("lost_reason", _reasons(rng, sold["stage"]))
    tables["stage_history"] = _expected(rng, pq.read_table(base / "stage_history.parquet"), sold)
    tables["leads"] = _leads(rng, sold)
    for name, table in tables.items():
        pq.write_table(table, made / f"{name}.parquet")
    (made / "book.yaml").write_text(yaml.safe_dump(book_file(tables), sort_keys=False), encoding="utf-8")
    (made / "rows.json").write_text(json.dumps({name: table.num_rows for name, table in tables.items()}), encoding="utf-8")
    return made


def _closing_from_the_first_day(sold: pa.Table) -> pa.Table:
    """Lose one opportunity on the day on which the company begins, so that nobody can take closes before it for missing."""
    created, closes = (sold[name].to_numpy().astype("datetime64[D]") for name in ("created_date", "close_date"))
    closes = closes.copy()
    closes[np.flatnonzero((created == created.min()) & pc.equal(sold["stage"], "Lost").to_numpy())[0]] = created.min()
    return sold.set_column(sold.schema.get_field_index("close_date"), "close_date", pa.array(closes))


def _reasons(rng: np.random.Generator, stage: pa.ChunkedArray) -> pa.Array:
    """Return why the lost ones were lost; of one in five nobody said."""
    told = pc.equal(stage, "Lost").to_numpy() & (rng.random(len(stage)) < 0.8)
    return texts(REASONS, np.where(told, rng.integers(0, len(REASONS), len(stage)), -1))


def _expected(rng: np.random.Generator, history: pa.Table, sold: pa.Table) -> pa.Table:
    """Return the history with the amount and the close date expected from then on, and a row wherever a date was moved."""
    number = pc.cast(pc.utf8_slice_codeunits(history["opportunity_id"], 5), pa.int64()).to_numpy()
    names = (*STAGES, "Won", "Lost")
    stage = pc.index_in(history["stage"], pa.array(names)).to_numpy()
    at = history["entered_at"].to_numpy()
    order = np.lexsort((at, number))
    number, stage, at = number[order], stage[order], at[order]
    # How long each stay lasts that is followed by another; a date is moved within a stay, and at most once in it.
    last = np.append(number[1:] != number[:-1], True)
    end = np.where(last, np.datetime64(_END + _DAY, "us"), np.append(at[1:], at[-1:]))
    moved = np.flatnonzero((stage < len(STAGES)) & (end - at > 3 * _DAY) & (rng.random(len(at)) < 0.34))
    begin = at[moved] + np.timedelta64(1, "D")
    later = begin + ((end[moved] - begin) * rng.random(len(moved))).astype("timedelta64[s]")
    number, stage, at = (np.concatenate(both) for both in ((number, number[moved]), (stage, stage[moved]), (at, later)))
    order = np.argsort(at, kind="stable")
    number, stage, at = number[order], stage[order], at[order]
    closes = sold["close_date"].to_numpy().astype("datetime64[D]")[number]
    day = at.astype("datetime64[D]")
    guess = np.maximum(closes + np.rint(rng.normal(-10, 25, len(at))).astype("int64") * _DAY, day + 7 * _DAY)
    amount = sold["amount"].to_numpy()[number]
    amount = np.where(stage == 0, np.round(amount * rng.uniform(0.8, 1.3, len(at))), amount)
    return pa.table(
        {
            "opportunity_id": sold["opportunity_id"].take(pa.array(number)),
            "stage": texts(names, stage),
            "entered_at": pa.array(at),
            "amount": pa.array(amount, mask=np.isnan(amount)),
            "close_date": pa.array(np.where(stage < len(STAGES), guess, closes)),
        }
    )


def _leads(rng: np.random.Generator, sold: pa.Table) -> pa.Table:
    """Return leads; two in ten became an opportunity, half of the others were qualified by marketing, a few of these by sales."""
    count = LEADS_PER_OPPORTUNITY * sold.num_rows
    became = rng.permutation(sold.num_rows)[: count // 5]
    ours, sources = np.arange(count) < len(became), pc.index_in(sold["source"], pa.array(SOURCES)).to_numpy()
    source = np.concatenate([sources[became], rng.integers(0, len(SOURCES), count - len(became))])
    segments = pc.index_in(sold["segment"], pa.array(SEGMENTS)).to_numpy()
    segment = np.concatenate([segments[became], rng.integers(0, len(SEGMENTS), count - len(became))])
    created = sold["created_date"].to_numpy().astype("datetime64[D]")
    paces = [rng.exponential(mean, count) for mean in (4, 12, 6)]
    span = int((_END - created.min()) / _DAY)
    came = created.min() + (rng.random(count) * span * 86_400).astype("int64") * np.timedelta64(1, "s")
    # Those that became an opportunity came in as long before it as they needed.
    came[: len(became)] = (
        created[became] + np.timedelta64(12, "h") - (sum(paces)[: len(became)] * 86_400).astype("int64") * np.timedelta64(1, "s")
    )
    draws = rng.random(count)
    steps = [came + (sum(paces[:k]) * 86_400).astype("int64") * np.timedelta64(1, "s") for k in (1, 2, 3)]
    halved = (source == BROKEN) & (steps[0] >= BREAK) & (rng.random(count) < 0.5)
    reached = [ours | (draws < 0.5), (ours | (draws < 0.12)) & ~halved, ours & ~halved]
    given_up = came + (rng.exponential(40, count) * 86_400).astype("int64") * np.timedelta64(1, "s")
    dropped = ~reached[2] & (rng.random(count) < 0.6) & (~reached[1] | (given_up > steps[1])) & (given_up.astype("M8[D]") <= _END)
    reached = [there & (step.astype("M8[D]") <= _END) for step, there in zip(steps, reached, strict=True)]
    stamps = [pa.array(step.astype("M8[us]"), mask=~there) for step, there in zip(steps, reached, strict=True)]
    order = pa.array(np.argsort(came, kind="stable"))
    numbers = np.arange(count)
    rep = np.concatenate([became, rng.integers(0, sold.num_rows, count - len(became))])
    opportunity = sold["opportunity_id"].take(pa.array(np.where(ours & reached[2], np.resize(became, count), 0), mask=~reached[2]))
    table = pa.table(
        {
            "lead_id": keys("00QKx", numbers),
            "source": texts(SOURCES, source),
            "segment": texts(SEGMENTS, segment),
            "rep_id": sold["rep_id"].take(pa.array(rep)),
            "created_at": pa.array(came.astype("M8[us]")),
            "marketing_qualified_at": stamps[0],
            "sales_qualified_at": stamps[1],
            "converted_at": stamps[2],
            "opportunity_id": opportunity,
            "disqualified_at": pa.array(given_up.astype("M8[us]"), mask=~dropped),
            "reason": texts(GIVEN_UP, np.where(dropped, rng.integers(0, len(GIVEN_UP), count), -1)),
        }
    )
    return table.take(order)
