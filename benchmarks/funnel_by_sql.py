"""The same questions in DuckDB SQL, written by hand: the counts and sums that the statistics of each answer rest on."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import funnel_sql as sql
import pandas as pd

Parts = dict[str, pd.DataFrame]


def prepare(folder: Path) -> duckdb.DuckDBPyConnection:
    """Derive from the files once what the questions have in common, and nothing else."""
    connection = duckdb.connect()
    for name in ("opportunities", "stage_history", "leads", "quotas", "reps"):
        connection.execute(f"CREATE TEMP VIEW raw_{name} AS FROM read_parquet('{folder / f'{name}.parquet'}')")
    for statement in sql.READY:
        connection.execute(statement)
    return connection


def questions(of: duckdb.DuckDBPyConnection) -> dict[str, Callable[[], Parts]]:
    """Return what is asked, by name."""

    def ask(queries: dict[str, str]) -> Callable[[], Parts]:
        return lambda: {name: of.sql(query).to_arrow_table().to_pandas() for name, query in queries.items()}

    return {name: ask(queries) for name, queries in sql.QUESTIONS.items()}


def checked(found: dict[str, Parts]) -> dict[str, float]:
    """Return figures that the other ways must give, too."""
    jam, mqls, lost = found["bottlenecks"], found["qualification"], found["leaks"]
    through, lasting, still = found["funnel"], found["cycle"], found["open pipeline"]
    odds, untidy, slipped, steady = (found[name] for name in ("stage odds", "hygiene", "slips", "pace"))
    stays = jam["lasted"][jam["lasted"]["within"]]
    counts = mqls["counts"]
    cells, reasons = lost["cells"], lost["reasons"]
    by_step, by_rep = cells[cells["what"] == "step"], cells[(cells["what"] == "rep") & (cells["outcome"] == "left")]
    selling = through["opportunities"].query("kind == 'passages'")
    early = through["leads"].query("kind == 'passages'")
    at_risk = odds["counts"]
    rate = found["headlines"]["closing"].iloc[0]
    gone = by_step[by_step["outcome"] == "left"]
    return {
        "stays begun": stays["count"].sum(),
        "waiting": jam["came"]["waiting"].sum(),
        "days waited": (jam["came"]["waiting"] * jam["came"]["age"]).sum(),
        "worth of those that wait": jam["came"]["amount"].sum(),
        "went on from a stage": jam["flow"]["went_on"].sum(),
        "MQLs": mqls["sizes"]["n"].sum(),
        "SQLs within 90 days": counts.loc[counts["outcome"] == "went_on", "count"].sum(),
        "MQLs given up": counts.loc[counts["outcome"] == "ended", "count"].sum(),
        "passages": by_step["count"].sum(),
        "weeks at risk": (by_step["count"] * by_step["days"]).sum() / 7,
        "left": gone["count"].sum(),
        "amount that left": gone["s1"].sum(),
        "largest leak of a rep": by_rep.groupby("grp")["s1"].sum().max(),
        "leads that left": lost["leads"].query("outcome == 'left'")["count"].sum(),
        "left without a reason": reasons.loc[reasons["reason"].isna() & (reasons["cohort"] == "opportunities"), "n"].sum(),
        "came to a stage": selling["count"].sum(),
        "went on in the cohort": selling.loc[selling["outcome"] == "went_on", "count"].sum(),
        "worth of the cohort": selling.loc[selling["step"] == 1, "s1"].sum(),
        "leads that came to a step": early["count"].sum(),
        "leads that went on": early.loc[early["outcome"] == "went_on", "count"].sum(),
        "won of those created": lasting["counts"].query("outcome == 'won'")["count"].sum(),
        "median cycle": lasting["cycle"]["cycle"].iloc[0][1],
        "pipeline": still["figures"]["pipeline"].iloc[0],
        "weighted pipeline": still["figures"]["weighted"].iloc[0],
        "quota": still["quota"]["quota"].iloc[0],
        "due": still["figures"]["due"].fillna(0).iloc[0],
        **{f"waterfall: {name}": value for name, value in found["waterfall"]["steps"].iloc[0].items()},
        "win rate in per cent": round(100 * rate["won"] / rate["closed"], 1),
        "at risk by age": at_risk["count"].sum(),
        "won by age": at_risk.loc[at_risk["outcome"] == "won", "count"].sum(),
        "long days": untidy["long"]["days"].iloc[0],
        "untidy": untidy["flags"]["n"].iloc[0],
        "worth of the untidy": untidy["flags"]["amount"].iloc[0],
        "worst": untidy["worst"]["amount"].sum(),
        "dates moved out of a month": slipped["moves"]["slipped_month"].iloc[0],
        "worth of those moved": slipped["moves"]["amount_slipped_month"].iloc[0],
        "watched": slipped["watched"]["n"].iloc[0],
        "won after a slip": slipped["outcomes"].query("slipped")["won"].sum(),
        "booked by the day": steady["daily"]["booked"].sum(),
        "due on past days": steady["due"]["due"].sum(),
    }
