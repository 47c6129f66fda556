"""How often a company without effects is said to have one, and how well a planted one is found: many companies made anew.

    .venv/bin/python benchmarks/false_alarms.py --companies 200
    .venv/bin/python benchmarks/false_alarms.py --companies 200 --question lead_up

Each company is made from its own seed and handed to the engine as it is, without files. Printed are counts; nothing is asserted.
"""

import argparse
import time
from collections.abc import Iterator

import ibis
import pandas as pd

import salestrack as st
from salestrack.as_of import read_as_of
from salestrack.book import Book, Settings, Stage
from salestrack.sample import NOTHING, PLANTED, STANDARD, Facts, make
from salestrack.sample.company import STAGES

SETTINGS = Settings(
    name="Made anew",
    currency="EUR",
    stages=(*(Stage(name=each.name) for each in STAGES), Stage(name="Won", outcome="won"), Stage(name="Lost", outcome="lost")),
)
FIRST_SEED = 1_000
TRUE = "in_person_client"


def books(companies: int, facts: Facts) -> Iterator[tuple[int, Book]]:
    """Yield so many companies with these facts planted, each as a book with the two tables that the questions need."""
    for seed in range(FIRST_SEED, FIRST_SEED + companies):
        connection = ibis.duckdb.connect()
        made = make(seed, STANDARD, facts)
        tables = {name: connection.create_table(name, made[name]) for name in ("opportunities", "activities")}
        tables = {name: table.mutate(**dates_of(table)) for name, table in tables.items()}
        read, _ = read_as_of(tables, SETTINGS, STANDARD.as_of, STANDARD.as_of)
        yield seed, Book(SETTINGS, STANDARD.as_of, connection, read)
        connection.disconnect()


def dates_of(table: ibis.Table) -> dict[str, ibis.Value]:
    """Return the days of a made table as days: pandas knows only moments."""
    return {name: table[name].cast("date") for name in ("created_date", "close_date") if name in table.columns}


def winning(companies: int, facts: Facts) -> pd.DataFrame:
    """Return the frames of `goes_with_winning` of all companies, one under the other, with their seeds."""
    frames = [st.goes_with_winning(book).frame.assign(seed=seed) for seed, book in books(companies, facts)]
    return pd.concat(frames, ignore_index=True)


def leading_up(companies: int, facts: Facts) -> pd.DataFrame:
    """Return the frames of `lead_up`, from the close and from the creation, of all companies with their seeds."""
    frames = [
        st.lead_up(book, anchor=anchor).frame.assign(seed=seed, days=anchor)
        for seed, book in books(companies, facts)
        for anchor in ("close", "creation")
    ]
    return pd.concat(frames, ignore_index=True)


QUESTIONS = {"winning": (winning, ["nothing", "effect"]), "lead_up": (leading_up, ["nothing"])}


def told(rows: pd.DataFrame, companies: int, planted: float) -> str:
    """Return what the frames show, as text."""
    true = rows["category"] == TRUE if planted else rows["category"] == ""
    flagged = rows["verdict"].isin(["more", "less"])
    wrong = rows[flagged & ~true]
    null = rows[~true & rows["p"].notna()]
    lines = [
        f"companies in which a category without effect was flagged: {wrong['seed'].nunique()} of {companies}",
        f"  by category: {wrong.groupby('category')['seed'].nunique().to_dict()}",
        f"  by landmark or anchor: {wrong['days'].value_counts().to_dict()}",
        f"  single tests with p < 0.05: {(null['p'] < 0.05).mean():.4f} of {len(null)}",
        f"  95 % intervals that hold zero: {((null['low'] <= 0) & (null['high'] >= 0)).mean():.4f}",
        f"  companies flagged if Benjamini-Hochberg alone decided: {null.loc[null['adjusted_p'] <= 0.05, 'seed'].nunique()}",
    ]
    if planted:
        early = rows[true & (rows["days"] == 30)]
        held = (early["log_odds_low"] <= planted) & (early["log_odds_high"] >= planted)
        lines += [
            f"planted {planted}: mean found {early['log_odds'].mean():.4f}, spread {early['log_odds'].std():.4f}",
            f"  95 % intervals that hold it: {held.sum()} of {len(early)}; flagged: {(early['verdict'] == 'more').sum()}",
        ]
    return "\n".join(lines)


def main() -> None:
    """Run the companies and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=200)
    parser.add_argument("--question", choices=list(QUESTIONS), default="winning")
    parser.add_argument("--keep", help="folder to write the frames to")
    options = parser.parse_args()
    ask, planted = QUESTIONS[options.question]
    for name in planted:
        facts = {"nothing": NOTHING, "effect": PLANTED}[name]
        began = time.perf_counter()
        rows = ask(options.companies, facts)
        took = time.perf_counter() - began
        print(f"{name} planted ({took:.0f} s)\n{told(rows, options.companies, facts.in_person_log_odds)}", flush=True)
        if options.keep:
            rows.to_parquet(f"{options.keep}/{options.question}_{name}.parquet")


if __name__ == "__main__":
    main()
