"""The five KPIs in DuckDB SQL, written by hand for this one question."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

# One pass over the opportunities gives win rate, deal size and bookings; share at quota takes the bookings from there.
CLOSING = """
CREATE OR REPLACE TEMP TABLE closing AS
SELECT rep_id, date_trunc('month', close_date) AS month,
       count(*) FILTER (won) AS won, count(*) FILTER (closed) AS closed,
       count(amount) FILTER (won) AS n, sum(amount) FILTER (won) AS s1,
       sum(amount * amount) FILTER (won) AS s2, sum(amount * amount * amount) FILTER (won) AS s3
FROM opportunities
WHERE close_date <= $as_of
GROUP BY ALL
"""
QUOTA = """
WITH months AS (
    SELECT unnest(generate_series(date_trunc('month', min(start_date)), max(end_date), INTERVAL 1 MONTH))::DATE AS month FROM quotas
), quota AS (
    SELECT rep_id, month,
           sum(amount * (least(last_day(month), end_date) - greatest(month, start_date) + 1) / (end_date - start_date + 1)) AS quota
    FROM quotas JOIN months ON month <= end_date AND last_day(month) >= start_date
    WHERE month <= $as_of
    GROUP BY ALL
)
SELECT rep_id, month, (coalesce(s1, 0) >= quota * (1 - 1e-9))::BIGINT AS k, 1 AS n
FROM quota LEFT JOIN closing USING (rep_id, month)
WHERE quota > 0
"""
LEAKAGE = """
SELECT rep_id, date_trunc('month', entered_date) AS month, days, outcome, count(*) AS count
FROM steps
WHERE entered_date <= $as_of
GROUP BY ALL
"""
# From the files: statuses, and passages through the steps with the rep beside them.
OPPORTUNITIES = """
CREATE TEMP TABLE opportunities AS
SELECT opportunity_id, rep_id, amount, close_date,
       stage = 'Won' AND close_date <= $as_of AS won, stage IN ('Won', 'Lost') AND close_date <= $as_of AS closed
FROM read_parquet($opportunities)
"""
STEPS = """
CREATE TEMP TABLE steps AS
WITH first AS (
    SELECT opportunity_id, min(entered_at::DATE) FILTER (stage = 'Discovery') AS at_1,
           min(entered_at::DATE) FILTER (stage = 'Proposal') AS at_2, min(entered_at::DATE) FILTER (stage = 'Negotiation') AS at_3
    FROM read_parquet($stage_history) WHERE entered_at::DATE <= $as_of GROUP BY ALL
), reach AS (
    SELECT rep_id, closed AND NOT won AS lost, close_date, CASE WHEN won THEN close_date END AS r4,
           least(at_3, r4) AS r3, least(at_2, r3) AS r2, least(at_1, r2) AS r1
    FROM first JOIN opportunities USING (opportunity_id)
)
SELECT rep_id, entered_date, outcome, until - entered_date AS days
FROM (
    SELECT rep_id, unnest([r1, r2, r3]) AS entered_date, unnest([r2, r3, r4]) AS next_date,
           CASE WHEN next_date IS NOT NULL THEN 'went_on' WHEN lost THEN 'left' ELSE 'open' END AS outcome,
           coalesce(next_date, CASE WHEN lost THEN close_date ELSE $as_of END) AS until
    FROM reach
)
WHERE days >= 0
"""


@dataclass(frozen=True)
class Ready:
    """Tables derived for the question, and the day."""

    connection: duckdb.DuckDBPyConnection
    as_of: date


def prepare(folder: Path, as_of: date) -> Ready:
    """Derive from the files once what the question needs, and nothing else."""
    connection = duckdb.connect()
    connection.execute(OPPORTUNITIES, {"as_of": as_of, "opportunities": str(folder / "opportunities.parquet")})
    connection.execute(STEPS, {"as_of": as_of, "stage_history": str(folder / "stage_history.parquet")})
    connection.execute("CREATE TEMP TABLE quotas AS FROM read_parquet($quotas)", {"quotas": str(folder / "quotas.parquet")})
    return Ready(connection, as_of)


def answer(ready: Ready) -> dict[str, pd.DataFrame]:
    """Return the parts of the five KPIs by rep and month."""
    day = {"as_of": ready.as_of}
    ready.connection.execute(CLOSING, day)
    queries = {"closing": ("FROM closing", {}), "quota": (QUOTA, day), "leakage": (LEAKAGE, day)}
    return {
        name: ready.connection.sql(query, params=given).to_arrow_table().to_pandas() for name, (query, given) in queries.items()
    }
