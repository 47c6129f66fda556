"""The queries of the funnel side, written by hand for these questions, this company and this day."""

_AS_OF, _BEFORE_START, _START, _END = (f"DATE '2026-{day}'" for day in ("09-30", "04-01", "07-01", "10-01"))
_STAGES = ("Discovery", "Proposal", "Negotiation")

_FATES = f"""
CREATE TEMP TABLE opportunities AS
WITH first AS (
    SELECT opportunity_id, {
    ", ".join(f"min(entered_at) FILTER (stage = '{name}')::DATE AS at_{k}" for k, name in enumerate(_STAGES, 1))
}
    FROM raw_stage_history GROUP BY ALL
)
SELECT o.opportunity_id, rep_id, segment, source, amount, created_date, close_date, stage, lost_reason,
       CASE WHEN stage = 'Won' AND close_date <= {_AS_OF} THEN 'won' WHEN stage = 'Lost' AND close_date <= {_AS_OF} THEN 'lost'
            ELSE 'open' END AS status,
       CASE WHEN status = 'won' AND f.opportunity_id IS NOT NULL THEN close_date END AS r4,
       least(at_3, r4) AS r3, least(at_2, r3) AS r2, least(at_1, r2) AS r1,
       at_1 IS NOT NULL AS v1, at_2 IS NOT NULL AS v2, at_3 IS NOT NULL AS v3,
       CASE stage WHEN 'Discovery' THEN 0.1 WHEN 'Proposal' THEN 0.4 WHEN 'Negotiation' THEN 0.7 END AS probability
FROM raw_opportunities o LEFT JOIN first f USING (opportunity_id)
"""
_STEPS = f"""
CREATE TEMP TABLE steps AS
SELECT *, until - entered AS days FROM (
    SELECT opportunity_id, rep_id, segment, source, amount, created_date, close_date, status, lost_reason, r1 AS cohort,
           unnest([1, 2, 3]) AS step, unnest([r1, r2, r3]) AS entered, unnest([r2, r3, r4]) AS next,
           unnest([v1, v2, v3]) AS visited,
           CASE WHEN next IS NOT NULL THEN 'went_on' WHEN status = 'lost' THEN 'left' ELSE 'open' END AS outcome,
           coalesce(next, CASE WHEN status = 'lost' THEN close_date ELSE {_AS_OF} END) AS until
    FROM opportunities
) WHERE entered IS NOT NULL AND days >= 0
"""
_HISTORY = "CREATE TEMP TABLE history AS SELECT * FROM raw_stage_history"
_LEADS = """
CREATE TEMP TABLE leads AS
SELECT source, opportunity_id, reason, lead_id, created_at::DATE AS d1, disqualified_at::DATE AS given_up,
       marketing_qualified_at::DATE AS mql, sales_qualified_at::DATE AS sales, converted_at::DATE AS converted,
       CASE WHEN converted IS NOT NULL THEN greatest(converted, d1) END AS d4,
       CASE WHEN least(sales, converted) IS NOT NULL THEN greatest(least(sales, converted), d1) END AS d3,
       CASE WHEN least(mql, sales, converted) IS NOT NULL THEN greatest(least(mql, sales, converted), d1) END AS d2
FROM raw_leads
"""
READY = (_FATES, _STEPS, _HISTORY, _LEADS)

_IN_PERIOD = f"entered >= {_START} AND entered < {_END}"
_FIRST_CLOSE = "(SELECT min(close_date) FROM opportunities WHERE status <> 'open')"
_BOTTLENECKS = {
    "lasted": f"""
SELECT segment, step, date_trunc('month', entered) AS cohort, entered >= {_START} AS within, days, outcome, count(*) AS count
FROM steps WHERE visited AND entered < {_END} AND created_date >= {_FIRST_CLOSE} GROUP BY ALL""",
    "came": f"""
SELECT segment, step, {_AS_OF} - entered AS age, created_date >= {_FIRST_CLOSE} AS known, count(*) AS count,
       count(*) FILTER (outcome = 'open') AS waiting, sum(amount) FILTER (outcome = 'open') AS amount,
       count(*) FILTER (outcome = 'open' AND amount IS NULL) AS unpriced
FROM steps WHERE visited GROUP BY ALL""",
    "flow": f"""
SELECT segment, step, count(*) FILTER (entered < {_START} AND (outcome = 'open' OR until >= {_START})) AS at_start,
       count(*) FILTER ({_IN_PERIOD}) AS inflow, count(*) FILTER (outcome = 'went_on' AND until >= {_START}) AS went_on,
       count(*) FILTER (outcome = 'left' AND until >= {_START}) AS "left", count(*) FILTER (outcome = 'open') AS at_end
FROM steps WHERE visited GROUP BY ALL""",
}

# Of the leads that came in before the company, only those that went on late are there.
_RECORD = "DATE '2023-10-02'"
_MQLS = f"""
SELECT *, CASE WHEN sales IS NOT NULL THEN sales - mql WHEN given_up IS NOT NULL THEN greatest(given_up - mql, 0)
               ELSE {_AS_OF} - mql END AS waited,
       CASE WHEN waited > 90 THEN 'waiting' WHEN sales IS NOT NULL THEN 'went_on' WHEN given_up IS NOT NULL THEN 'ended'
            ELSE 'waiting' END AS outcome
FROM leads WHERE mql >= {_RECORD}"""
_QUALIFICATION = {
    "counts": f"""
SELECT source, date_trunc('week', mql) AS week, least(waited, 91) AS days, outcome, count(*) AS count
FROM ({_MQLS}) GROUP BY ALL""",
    "sizes": f"SELECT source, mql AS day, count(*) AS n, min(sales) AS first_event FROM leads WHERE mql >= {_RECORD} GROUP BY ALL",
    "record": "SELECT min(d1) AS lead, min(mql) AS mql FROM leads",
    "settled": f"""
SELECT source, count(*) AS reached, count(*) FILTER (converted IS NOT NULL OR opportunity_id IS NOT NULL) AS converted
FROM leads WHERE mql >= {_RECORD} AND sales <= {_AS_OF} - 30 GROUP BY ALL""",
    "sold": f"""
SELECT l.source, count(*) AS decided, sum(x) AS s1, sum(x * x) AS s2
FROM leads l JOIN (SELECT opportunity_id, CASE WHEN status = 'won' THEN amount ELSE 0 END AS x FROM opportunities
                   WHERE status = 'lost' OR status = 'won' AND amount IS NOT NULL) USING (opportunity_id)
WHERE mql >= {_RECORD} GROUP BY ALL""",
}

_SUMS = "count(*) AS count, count(amount) AS n, sum(amount) AS s1, sum(amount * amount) AS s2"
_OWN = (
    "unnest([d1, d2, d3]) AS entered, unnest([d2, d3, d4]) AS next, unnest([true, mql IS NOT NULL, sales IS NOT NULL]) AS visited"
)
_LEAD_STEPS = f"""
SELECT *, greatest(until - entered, 0) AS days FROM (
    SELECT reason, d1 AS cohort, unnest([1, 2, 3]) AS step, {_OWN},
           CASE WHEN next IS NOT NULL THEN 'went_on' WHEN given_up >= entered THEN 'left' ELSE 'open' END AS outcome,
           coalesce(next, CASE WHEN given_up >= entered THEN given_up ELSE {_AS_OF} END) AS until
    FROM leads WHERE $within
) WHERE entered IS NOT NULL"""
_NOW_LEADS = _LEAD_STEPS.replace("$within", "true") + f" AND {_IN_PERIOD}"
_LEAKS = {
    "cells": f"""
SELECT CASE WHEN grouping(segment) = 0 THEN 'segment' WHEN grouping(source) = 0 THEN 'source' WHEN grouping(rep_id) = 0 THEN 'rep'
            WHEN grouping(month) = 0 THEN 'month' ELSE 'step' END AS what,
       coalesce(segment, source, rep_id, month::VARCHAR) AS grp, step, days, outcome, {_SUMS}
FROM (SELECT *, date_trunc('month', entered) AS month FROM steps WHERE {_IN_PERIOD})
GROUP BY GROUPING SETS ((step, days, outcome), (segment, step, days, outcome), (source, step, days, outcome),
                        (rep_id, step, days, outcome), (month, step, days, outcome))""",
    "leads": f"SELECT step, days, outcome, count(*) AS count FROM ({_NOW_LEADS}) GROUP BY ALL",
    "reasons": f"""
SELECT 'opportunities' AS cohort, step, lost_reason AS reason, count(*) AS n, sum(amount) AS amount
FROM steps WHERE outcome = 'left' AND {_IN_PERIOD} GROUP BY ALL
UNION ALL
SELECT 'leads', step, reason, count(*), NULL FROM ({_NOW_LEADS}) WHERE outcome = 'left' GROUP BY ALL""",
}

_KINDS = f"""
SELECT CASE WHEN grouping(days) = 0 THEN 'passages' WHEN grouping(since) = 0 THEN 'entries' ELSE 'exits' END AS kind,
       step, visited, coalesce(days, since, ended) AS days, outcome, {_SUMS}
FROM (SELECT *, entered - cohort AS since, since + days AS ended FROM ($rows))
GROUP BY GROUPING SETS ((step, visited, days, outcome), (step, visited, since), (step, ended, outcome))"""
_LEAD_COHORT = f"""
SELECT step, cohort, entered, days, visited, outcome, NULL::DOUBLE AS amount
FROM ({_LEAD_STEPS.replace("$within", "d1 >= $start AND d1 < $end")})
UNION ALL
SELECT 4, d1, d4, greatest(coalesce(entered, d4) - d4 + coalesce(days, 0), 0), true, coalesce(outcome, 'open'), NULL
FROM leads LEFT JOIN (FROM steps WHERE step = 1) s USING (opportunity_id) WHERE d4 IS NOT NULL AND d1 >= $start AND d1 < $end
UNION ALL
SELECT step + 3, d1, greatest(entered, d1), greatest(entered - greatest(entered, d1) + days, 0), visited, outcome, NULL
FROM leads JOIN (FROM steps WHERE step > 1) s USING (opportunity_id) WHERE d4 IS NOT NULL AND d1 >= $start AND d1 < $end"""
_COHORTS = {
    "opportunities": _KINDS.replace("$rows", "FROM steps WHERE cohort >= $start AND cohort < $end"),
    "leads": _KINDS.replace("$rows", _LEAD_COHORT),
}
_QUARTERS = {"": (_START, _END), " before": (_BEFORE_START, _START)}
_FUNNEL = {
    f"{name}{which}": query.replace("$start", start).replace("$end", end)
    for which, (start, end) in _QUARTERS.items()
    for name, query in _COHORTS.items()
} | {"untold": f"SELECT count(*) AS n FROM opportunities WHERE created_date >= {_START} AND created_date < {_END} AND r1 IS NULL"}

_DUE = f"close_date >= {_START} AND close_date < {_END}"
_CREATED = f"created_date >= {_START} AND created_date < {_END}"
_CYCLE = {
    "counts": f"""
SELECT CASE WHEN status = 'open' THEN {_AS_OF} ELSE close_date END - created_date AS days, status AS outcome, count(*) AS count
FROM opportunities WHERE {_CREATED} AND created_date >= {_FIRST_CLOSE} GROUP BY ALL""",
    "cycle": f"""
SELECT quantile_cont(close_date - created_date, [0.49, 0.5, 0.51]) AS cycle, count(*) AS n
FROM opportunities WHERE status = 'won' AND {_DUE}""",
}

_WON = f"status = 'won' AND {_DUE}"
_ODDS = f"""
SELECT step, age, end_date - entered - age AS days, status AS outcome, count(*) AS count
FROM (SELECT step, entered, status, days AS stayed, CASE WHEN status = 'open' THEN {_AS_OF} ELSE close_date END AS end_date
      FROM steps WHERE visited) JOIN (VALUES (0), (14), (30), (60), (90), (180)) marks (age) ON stayed >= age
WHERE end_date - entered >= age GROUP BY ALL"""
_OPEN_PIPELINE = {
    "figures": f"""
SELECT count(*) FILTER (status = 'open') AS still, sum(amount) FILTER (status = 'open') AS pipeline,
       sum(amount * amount) FILTER (status = 'open') AS pipeline_2, sum(amount * probability) FILTER (status = 'open') AS weighted,
       sum(amount) FILTER ({_CREATED}) AS created, sum(amount) FILTER ({_WON}) AS booked, count(*) FILTER ({_WON}) AS won,
       count(*) FILTER (status <> 'open' AND {_DUE}) AS closed, sum(amount * amount) FILTER ({_WON}) AS booked_2,
       sum(close_date - created_date) FILTER ({_WON}) AS days, sum((close_date - created_date) ** 2) FILTER ({_WON}) AS days_2,
       sum(amount * (close_date - created_date)) FILTER ({_WON}) AS both, sum(amount) FILTER (status = 'open' AND {_DUE}) AS due
FROM opportunities""",
    "quota": f"""
SELECT sum(amount * (least(end_date, {_AS_OF}) - greatest(start_date, {_START}) + 1) / (end_date - start_date + 1)) AS quota
FROM raw_quotas WHERE end_date >= {_START} AND start_date < {_END}""",
    "odds": _ODDS,
    "waiting": """
SELECT step, CASE WHEN days >= 180 THEN 180 WHEN days >= 90 THEN 90 WHEN days >= 60 THEN 60 WHEN days >= 30 THEN 30
                  WHEN days >= 14 THEN 14 ELSE 0 END AS age, sum(amount) AS amount, count(*) AS n
FROM steps WHERE outcome = 'open' AND status = 'open' AND amount IS NOT NULL GROUP BY ALL""",
}


def _then(day: str) -> str:
    """Return the opportunities that were not decided on the evening of a day, with what the history last said of them."""
    return f"""
SELECT opportunity_id, arg_max(amount, entered_at) FILTER (amount IS NOT NULL) AS amount,
       arg_max(close_date, entered_at) FILTER (close_date IS NOT NULL) AS close_date
FROM (SELECT * FROM history WHERE entered_at < {day} + 1) SEMI JOIN (
    SELECT opportunity_id FROM opportunities WHERE created_date <= {day} AND (status = 'open' OR close_date > {day})
) USING (opportunity_id) GROUP BY ALL"""


_NOW, _BEFORE, _WAS = "round(coalesce(o.amount, 0) * 100)", "round(coalesce(b.amount, 0) * 100)", "b.opportunity_id IS NOT NULL"
_NEWER = f"o.created_date >= {_START}"
_WATERFALL = {
    "steps": f"""
SELECT sum({_BEFORE}) FILTER ({_WAS}) / 100 AS start, sum({_NOW}) FILTER ({_NEWER}) / 100 AS created,
       sum({_NOW}) FILTER ({_WAS} AND b.amount IS NULL) / 100 AS recorded,
       sum({_NOW} - {_BEFORE}) FILTER ({_WAS} AND b.amount IS NOT NULL AND {_NOW} > {_BEFORE}) / 100 AS increased,
       sum({_NOW} - {_BEFORE}) FILTER ({_WAS} AND {_NOW} < {_BEFORE}) / 100 AS decreased,
       -sum({_NOW}) FILTER (o.status = 'lost' AND ({_WAS} OR {_NEWER})) / 100 AS lost,
       -sum({_NOW}) FILTER (o.status = 'won' AND ({_WAS} OR {_NEWER})) / 100 AS won,
       sum({_NOW}) FILTER (o.status = 'open') / 100 AS end
FROM opportunities o LEFT JOIN ({_then("DATE '2026-06-30'")}) b USING (opportunity_id)""",
}

_HEADLINES = {
    "open": "SELECT count(*) AS n, sum(amount) AS s1, sum(amount * amount) AS s2 FROM opportunities WHERE status = 'open'",
    "mqls": f"""
SELECT date_trunc('quarter', mql) AS quarter, count(*) AS n, count(sales) AS k
FROM leads WHERE mql >= {_BEFORE_START} AND mql < {_END} GROUP BY ALL""",
    "leakage": f"""
SELECT date_trunc('quarter', entered) AS quarter, days, outcome, count(*) AS count
FROM steps WHERE entered >= {_BEFORE_START} AND entered < {_END} GROUP BY ALL""",
    "closing": f"""
SELECT date_trunc('quarter', close_date) AS quarter, count(*) FILTER (status = 'won') AS won, count(*) AS closed,
       quantile_cont(close_date - created_date, [0.49, 0.5, 0.51]) FILTER (status = 'won') AS cycle
FROM opportunities WHERE status <> 'open' AND close_date >= {_BEFORE_START} AND close_date < {_END}
GROUP BY ALL ORDER BY quarter DESC""",
}

_LONG = "SELECT quantile_cont(close_date - created_date, 0.95) AS days FROM opportunities WHERE status = 'won'"
_FLAGS = f"""
SELECT o.*, {_AS_OF} - created_date > long.days AS overlong, close_date < {_AS_OF} AS overdue, close_date IS NULL AS no_close_date,
       amount IS NULL AS no_amount, r1 IS NOT NULL AND NOT v1 OR r2 IS NOT NULL AND NOT v2 OR r3 IS NOT NULL AND NOT v3 AS skipped,
       rep_id IS NULL AS no_owner,
       overlong OR overdue OR no_close_date OR no_amount OR coalesce(skipped, false) OR no_owner AS wrong
FROM opportunities o, ({_LONG}) long WHERE status = 'open'"""
_CHECKS = ("overlong", "overdue", "no_close_date", "no_amount", "skipped", "no_owner")
_HYGIENE = {
    "long": _LONG,
    "flags": f"""
SELECT count(*) AS still, sum(amount) AS whole, count(*) FILTER (wrong) AS n, sum(amount) FILTER (wrong) AS amount,
       {", ".join(f"count(*) FILTER ({one}) AS n_{one}, sum(amount) FILTER ({one}) AS amount_{one}" for one in _CHECKS)}
FROM ({_FLAGS})""",
    "worst": f"SELECT * FROM ({_FLAGS}) WHERE wrong ORDER BY amount DESC NULLS LAST, opportunity_id LIMIT 25",
}

_OPEN_STAGE = "stage IN ('Discovery', 'Proposal', 'Negotiation') AND close_date IS NOT NULL"
_IN_DAYS = f"entered_at >= {_START} AND entered_at < {_END}"
_SLIPS_READY = f"""
WITH told AS (
    SELECT opportunity_id, stage, entered_at::DATE AS day, close_date, lag(close_date) OVER w AS earlier, row_number() OVER w AS nth
    FROM history SEMI JOIN (
        SELECT opportunity_id FROM opportunities WHERE status <> 'open' AND {_DUE}
        UNION SELECT opportunity_id FROM history WHERE {_OPEN_STAGE} AND {_IN_DAYS}
    ) USING (opportunity_id)
    WHERE {_OPEN_STAGE} WINDOW w AS (PARTITION BY opportunity_id ORDER BY entered_at)
), moves AS (
    SELECT *, close_date - earlier AS by_days,
           coalesce(date_trunc('month', close_date) > date_trunc('month', earlier), false) AS slipped_month,
           coalesce(date_trunc('month', close_date) < date_trunc('month', earlier), false) AS pulled_in_month,
           coalesce(date_trunc('quarter', close_date) > date_trunc('quarter', earlier), false) AS slipped_quarter,
           coalesce(date_trunc('quarter', close_date) < date_trunc('quarter', earlier), false) AS pulled_in_quarter,
           coalesce(close_date <> earlier, false) AND NOT slipped_month AND NOT pulled_in_month AS within_month
    FROM told
)"""
_KINDS_OF_MOVE = ("slipped_month", "slipped_quarter", "pulled_in_month", "pulled_in_quarter", "within_month")
_SLIPS = {
    "moves": f"""
{_SLIPS_READY}, one AS (
    SELECT opportunity_id, {
        ", ".join(f"sum({one}::INT) AS n_{one}, sum(by_days) FILTER ({one}) AS d_{one}" for one in _KINDS_OF_MOVE)
    }
    FROM moves WHERE day >= {_START} AND day < {_END} GROUP BY ALL
)
SELECT {
        ", ".join(
            f"sum(n_{one}) AS {one}, count(*) FILTER (n_{one} > 0) AS of_{one}, sum(d_{one}) AS days_{one}, "
            f"sum(amount) FILTER (n_{one} > 0) AS amount_{one}"
            for one in _KINDS_OF_MOVE
        )
    }
FROM one JOIN opportunities USING (opportunity_id)""",
    "watched": f"""
SELECT count(*) AS n FROM opportunities SEMI JOIN (SELECT opportunity_id FROM history WHERE {_OPEN_STAGE} AND entered_at < {_END})
USING (opportunity_id) WHERE status = 'open' OR close_date >= {_START}""",
    "outcomes": f"""
{_SLIPS_READY}
SELECT m.stage, slipped_month AS slipped, count(*) FILTER (status = 'won') AS won, count(*) AS closed
FROM moves m JOIN opportunities o USING (opportunity_id)
WHERE nth = 2 AND status <> 'open' AND o.close_date >= {_START} AND o.close_date < {_END} GROUP BY ALL""",
}

# The last day of the eight quarters before.
_PAST = tuple((f"DATE '{y}-{3 * q - 2:02}-01'", f"DATE '{y}-{3 * q - 2:02}-01' + INTERVAL 3 MONTH")
              for y, q in ((2024, 3), (2024, 4), (2025, 1), (2025, 2), (2025, 3), (2025, 4), (2026, 1), (2026, 2)))  # fmt: skip
_PACE = {
    "daily": """
SELECT coalesce(w.day, c.day) AS day, booked, won, created
FROM (SELECT close_date AS day, sum(amount) AS booked, count(*) AS won FROM opportunities
      WHERE status = 'won' AND close_date >= DATE '2024-07-01' AND close_date < DATE '2026-10-01' GROUP BY ALL) w
FULL JOIN (SELECT created_date AS day, sum(amount) AS created FROM opportunities
           WHERE created_date >= DATE '2024-07-01' AND created_date < DATE '2026-10-01' GROUP BY ALL) c ON w.day = c.day""",
    "due": " UNION ALL ".join(
        [f"SELECT sum(amount) AS due FROM opportunities WHERE status = 'open' AND {_DUE}"]
        + [
            f"SELECT sum(amount) FROM ({_then(f'({end} - INTERVAL 1 DAY)::DATE')}) "
            f"WHERE close_date >= {start} AND close_date < {end}"
            for start, end in _PAST
        ]
    ),
}

QUESTIONS: dict[str, dict[str, str]] = {
    "bottlenecks": _BOTTLENECKS,
    "qualification": _QUALIFICATION,
    "leaks": _LEAKS,
    "funnel": _FUNNEL,
    "cycle": _CYCLE,
    "open pipeline": _OPEN_PIPELINE,
    "waterfall": _WATERFALL,
    "headlines": _HEADLINES,
    "stage odds": {"counts": _ODDS},
    "hygiene": _HYGIENE,
    "slips": _SLIPS,
    "pace": _PACE,
}
