"""How often each answer names what is not there, in companies with the mess of real ones; and what it finds that is planted.

    .venv/bin/python benchmarks/false_alarms.py --companies 20
    .venv/bin/python benchmarks/false_alarms.py --companies 40 --answer bottlenecks --mess late_entry all
    .venv/bin/python benchmarks/false_alarms.py --tell

Each company is made from its own seed (`salestrack.sample`), exported as of a day without files, and asked. What has been asked is
kept in a file, one line for each company and answer, and not asked again; `--tell` prints the table of what is kept. Nothing is
asserted. What the questions are, and what would be wrong, is in `asked.py`.
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from asked import QUESTIONS, Question
from messy_books import FIRST_SEED, MESSES, book, made
from scipy.stats import beta

KEPT = Path("build/false_alarms.jsonl")
COUNTS = ("alarms", "asked", "found", "sought", "held", "stated")


def interval(k: int, n: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share (Clopper and Pearson 1934)."""
    low = beta.ppf(0.025, k, n - k + 1) if k else 0.0
    high = beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
    return float(low), float(high)


def known(kept: Path) -> pd.DataFrame:
    """Return what has been asked before."""
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    columns = ["answer", "mess", "seed", *COUNTS, "levels", "note", "seconds"]
    frame = pd.DataFrame([json.loads(line) for line in lines], columns=columns)
    return frame.drop_duplicates(["answer", "mess", "seed"], keep="last")


def ask(questions: list[Question], messes: list[str], companies: int, done: set[tuple[str, str, int]]) -> Iterator[dict]:
    """Yield a record for each question, kind of mess and company that is not done; companies in turn, so that a cut run is even."""
    for seed in range(FIRST_SEED, FIRST_SEED + companies):
        for mess in messes:
            left = [one for one in questions if (one.name, mess, seed) not in done and mess not in one.not_with]
            for facts, spared, company in dict.fromkeys((one.facts, one.spared, one.company) for one in left):
                these = [one for one in left if (one.facts, one.spared, one.company) == (facts, spared, company)]
                yield from _asked(these, mess, seed)


def _asked(questions: list[Question], mess: str, seed: int) -> Iterator[dict]:
    one = questions[0]
    company = made(seed, one.facts, MESSES[mess].without(*one.spared), one.company)
    for tables in dict.fromkeys(each.tables for each in questions):
        with book(company, tables=tables) as opened:
            for each in (each for each in questions if each.tables == tables):
                began = time.perf_counter()
                try:
                    counts = each.answer(opened, company)
                except Exception as error:  # noqa: BLE001 - a question that fails is told, and the others go on
                    counts = {"note": f"failed: {error!r}"[:200]}
                took = round(time.perf_counter() - began, 1)
                yield {"answer": each.name, "mess": mess, "seed": seed, **counts, "seconds": took}


def with_levels(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the records with the intervals that hold the long run of their figure: its mean over all companies of the mess."""
    found = frame.copy()
    for _, cell in frame[frame["levels"].notna()].groupby(["answer", "mess"]):
        every = np.concatenate([np.array(rows, dtype=float) for rows in cell["levels"]])
        every = every[~np.isnan(every).any(axis=1)]
        level = np.average(every[:, 0], weights=every[:, 3])
        for at, rows in cell["levels"].items():
            told = np.array(rows, dtype=float)
            found.loc[at, "held"] = ((told[:, 1] <= level) & (told[:, 2] >= level)).sum()
            found.loc[at, "stated"] = (~np.isnan(told[:, 1])).sum()
    return found


def table(frame: pd.DataFrame) -> str:
    """Return the table of what is kept, as Markdown: a row for each answer and kind of mess."""
    frame = with_levels(frame)
    lines = ["| answer | mess | companies | false alarms | 95 % | found | held of the stated |", "|---|---|---|---|---|---|---|"]
    order = {name: place for place, name in enumerate(QUESTIONS)} | {name: place for place, name in enumerate(MESSES)}
    sums = frame.groupby(["answer", "mess"])[list(COUNTS)].sum(min_count=1)
    sums["companies"] = frame.groupby(["answer", "mess"])["seed"].nunique()
    sums["failed"] = frame["note"].fillna("").str.startswith("failed").groupby([frame["answer"], frame["mess"]]).sum()
    for (answer, mess), row in sorted(sums.iterrows(), key=lambda each: (order.get(each[0][0], 99), order.get(each[0][1], 99))):
        pairs = {part: (row[part], row[of]) for part, of in (("alarms", "asked"), ("found", "sought"), ("held", "stated"))}
        told = {part: f"{k:.0f} of {n:.0f}" if n > 0 else "" for part, (k, n) in pairs.items()}
        low, high = interval(int(row["alarms"]), int(row["asked"])) if row["asked"] > 0 else (0.0, 0.0)
        range_ = f"{low:.0%} to {high:.0%}" if told["alarms"] else ""
        failed = f" ({row['failed']} failed)" if row["failed"] else ""
        cells = [answer, mess, f"{row['companies']:.0f}{failed}", told["alarms"], range_, told["found"], told["held"]]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Ask the companies that are not asked yet, keep what they say, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=20)
    parser.add_argument("--answer", nargs="*", choices=list(QUESTIONS), default=list(QUESTIONS))
    parser.add_argument("--mess", nargs="*", choices=list(MESSES), default=list(MESSES))
    parser.add_argument("--keep", type=Path, default=KEPT, help="file with one line for each company and answer")
    parser.add_argument("--minutes", type=float, help="stop after the company that is being asked then")
    parser.add_argument("--tell", action="store_true", help="print the table of what is kept and ask nothing")
    options = parser.parse_args()
    began = time.monotonic()
    before = known(options.keep)
    if not options.tell:
        done = set(zip(before["answer"], before["mess"], before["seed"], strict=True))
        options.keep.parent.mkdir(parents=True, exist_ok=True)
        with options.keep.open("a", encoding="utf-8") as kept:
            for record in ask([QUESTIONS[name] for name in options.answer], options.mess, options.companies, done):
                kept.write(json.dumps(record) + "\n")
                kept.flush()
                if options.minutes and time.monotonic() - began > 60 * options.minutes:
                    break
    print(table(known(options.keep)))


if __name__ == "__main__":
    main()
