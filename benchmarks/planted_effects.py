"""How often a company without effects is said to have one, and how well a planted one is found: many companies made anew.

    .venv/bin/python benchmarks/planted_effects.py --companies 200
    .venv/bin/python benchmarks/planted_effects.py --companies 200 --question lead_up
    .venv/bin/python benchmarks/planted_effects.py --companies 100 --question jam
    .venv/bin/python benchmarks/planted_effects.py --companies 200 --question break

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
WORK = ("opportunities", "activities")


def books(companies: int, facts: Facts, tables: tuple[str, ...] = WORK) -> Iterator[tuple[int, Book]]:
    """Yield so many companies with these facts planted, each as a book with the tables that the question needs."""
    for seed in range(FIRST_SEED, FIRST_SEED + companies):
        connection = ibis.duckdb.connect()
        made = make(seed, STANDARD, facts)
        loaded = {name: connection.create_table(name, made[name]) for name in tables}
        loaded = {name: table.mutate(**dates_of(table)) for name, table in loaded.items()}
        read, _ = read_as_of(loaded, SETTINGS, STANDARD.as_of, STANDARD.as_of)
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


def jams(companies: int, facts: Facts) -> pd.DataFrame:
    """Return the searches of `bottlenecks` of all companies with their seeds; `named` is the one that the sentence names."""
    frames = []
    for seed, book in books(companies, facts, ("opportunities", "stage_history")):
        answer = st.bottlenecks(book)
        worst = answer.bottleneck
        cell = None if worst is None else (worst["stage"], worst["segment"])
        named = [cell == (row.stage, row.segment) for row in answer.changes.itertuples()]
        frames.append(answer.changes.assign(seed=seed, named=named))
    return pd.concat(frames, ignore_index=True)


def told_of_jams(rows: pd.DataFrame, companies: int, facts: Facts) -> str:
    """Return what the searches show, as text; a jam that is named with its month within one of the planted is found."""
    true = (rows["stage"] == facts.jam_stage) & (facts.jam_factor != 1)
    planted = rows[true & (rows["segment"] == facts.jam_segment)]
    wrong = rows[rows["change"].isin(["slower", "faster"]) & ~true]
    null = rows[~true & rows["p"].notna()]
    lines = [
        f"companies in which a stage without a jam was flagged: {wrong['seed'].nunique()} of {companies}",
        f"  slower: {wrong.loc[wrong['change'] == 'slower', 'seed'].nunique()}; searches with p < 0.05: "
        f"{(null['p'] < 0.05).mean():.4f} of {len(null)}",
    ]
    if len(planted):
        first = pd.Timestamp(facts.jam_since)
        found = planted[planted["change"] == "slower"]
        since = pd.to_datetime(found["since"])
        months = (since.dt.year - first.year) * 12 + since.dt.month - first.month
        low, high = pd.to_datetime(found["since_low"]), pd.to_datetime(found["since_high"])
        factor = (found["factor_low"] <= facts.jam_factor) & (found["factor_high"].fillna(99) >= facts.jam_factor)
        lines += [
            f"the planted jam is called slower: {len(found)} of {companies}; named first: {found['named'].sum()}",
            f"  months from the planted start: {months.value_counts().sort_index().to_dict()}",
            f"  intervals of the start that hold it: {((low <= first) & (high >= first)).sum()} of {len(found)}",
            f"  factor {facts.jam_factor}: median found {found['factor'].median():.2f}, intervals that hold it {factor.sum()}",
        ]
    return "\n".join(lines)


def breaks(companies: int, facts: Facts) -> pd.DataFrame:
    """Return the breaks that `qualification` tells of, by source, of all companies with their seeds."""
    asked = books(companies, facts, ("opportunities", "leads"))
    return pd.concat([st.qualification(book).breaks.assign(seed=seed) for seed, book in asked], ignore_index=True)


def told_of_breaks(rows: pd.DataFrame, companies: int, facts: Facts) -> str:
    """Return what the breaks show, as text; of the planted one, whether its week and its size are held."""
    true = (rows["source"] == facts.break_source) & (facts.break_factor != 1)
    flagged = rows["verdict"].isin(["fell", "rose", "stopped"])
    null = rows.loc[~true, "p"].dropna()
    at_5 = rows.loc[~true & (rows["adjusted_p"] <= 0.05), "seed"].nunique()
    lines = [
        f"companies in which a source without a break was named: {rows.loc[flagged & ~true, 'seed'].nunique()} of {companies}",
        f"  at an adjusted p of 0.05 instead of 0.01: {at_5}",
        f"  single searches with p < 0.05: {(null < 0.05).mean():.4f} of {len(null)}",
    ]
    if true.any():
        found = rows[true & (rows["verdict"] == "fell")]
        weeks = [(since - facts.break_day).days // 7 for since in found["since"]]
        place = [low <= facts.break_day <= high for low, high in zip(found["since_low"], found["since_high"], strict=True)]
        size = (found["ratio_low"] <= facts.break_factor) & (found["ratio_high"] >= facts.break_factor)
        lines += [
            f"the planted break is named: {len(found)} of {companies}",
            f"  weeks from it: {pd.Series(weeks).value_counts().sort_index().to_dict()}",
            f"  ranges of the week that hold it: {sum(place)}",
            f"  factor {facts.break_factor}: mean found {found['ratio'].mean():.3f}, ranges that hold it {size.sum()}",
        ]
    return "\n".join(lines)


QUESTIONS = {
    "winning": (winning, ["nothing", "effect"]),
    "lead_up": (leading_up, ["nothing"]),
    "jam": (jams, ["nothing", "effect"]),
    "break": (breaks, ["nothing", "effect"]),
}
TELL = {"jam": told_of_jams, "break": told_of_breaks}


def told(rows: pd.DataFrame, companies: int, facts: Facts) -> str:
    """Return what the frames show, as text."""
    planted = facts.in_person_log_odds
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
        print(f"{name} planted ({took:.0f} s)\n{TELL.get(options.question, told)(rows, options.companies, facts)}", flush=True)
        if options.keep:
            rows.to_parquet(f"{options.keep}/{options.question}_{name}.parquet")


if __name__ == "__main__":
    main()
