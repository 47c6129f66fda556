"""The five KPIs by rep and month: the kit beside hand-written SQL and plain pandas, in one run.

Run: ``python benchmarks/five_kpis.py [--scale 1] [--runs 5] [--folder /tmp/salestrack-bench]``. Scale 1 is 5 million opportunities
and about 14 million stage rows. See README.md for what is compared.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import by_pandas
import by_sql
import pandas as pd
from company import AS_OF, company

BY = ("rep", "month")


def timed(work: Callable[[], object]) -> tuple[float, object]:
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def kit(folder: Path) -> tuple[Callable[[], object], Callable[[], dict[str, float]]]:
    """Open the book; return its query (the parts by rep and month), and the whole answer with intervals, names and notes."""
    import salestrack as st
    from salestrack.parts import Reduction

    book = st.open_book(folder, as_of=AS_OF)

    def query() -> dict:
        return Reduction(book, BY, {}, None).parts(st.FIVE)

    def whole() -> dict[str, float]:
        parts, frame = query(), st.measure(book, st.FIVE, by=BY).frame
        rate, booked = parts["win_rate"].frame, parts["bookings"].frame
        quota, leak = parts["share_of_reps_at_quota"].frame, parts["leakage"].frame
        left = leak.loc[leak["outcome"] == "left", "count"]
        return {
            "won": int(rate["k"].sum()), "closed": int(rate["n"].sum()), "booked": float(booked["s1"].sum()),
            "at_quota": int(quota["k"].sum()), "with_quota": int(quota["n"].sum()), "left": int(left.sum()),
            "entered": int(leak["count"].sum()), "figures": len(frame),
        }  # fmt: skip

    return query, whole


def told(answer: dict[str, pd.DataFrame]) -> dict[str, float]:
    """Return the same totals of an answer in frames, to see that all three say the same."""
    closing, quota, leak = answer["closing"], answer["quota"], answer["leakage"]
    return {
        "won": int(closing["won"].sum()), "closed": int(closing["closed"].sum()), "booked": float(closing["s1"].sum()),
        "at_quota": int(quota["k"].sum()), "with_quota": int(quota["n"].sum()),
        "left": int(leak.loc[leak["outcome"].astype(str) == "left", "count"].sum()), "entered": int(leak["count"].sum()),
    }  # fmt: skip


def alone(way: str, folder: Path) -> dict[str, object]:
    """Answer once in this process: seconds to get ready, seconds to answer, peak memory."""
    if way == "kit":
        ready, (_, whole) = timed(lambda: kit(folder))
        seconds, found = timed(whole)
    elif way == "sql":
        ready, connection = timed(lambda: by_sql.prepare(folder, AS_OF))
        seconds, found = timed(lambda: told(by_sql.answer(connection, AS_OF)))
    else:
        ready, frames = timed(lambda: by_pandas.prepare(folder, AS_OF))
        seconds, found = timed(lambda: told(by_pandas.answer(frames, AS_OF)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return {"way": way, "ready_s": ready, "answer_s": seconds, "peak_GiB": peak, "told": found}


def paired(folder: Path, runs: int) -> dict[str, object]:
    """Time the kit's queries and the hand-written SQL in turn, in one process."""
    query, _ = kit(folder)
    connection = by_sql.prepare(folder, AS_OF)
    query(), by_sql.answer(connection, AS_OF)
    pairs = [(timed(query)[0], timed(lambda: by_sql.answer(connection, AS_OF))[0]) for _ in range(runs)]
    return {
        "kit_s": [round(ours, 2) for ours, _ in pairs],
        "sql_s": [round(theirs, 2) for _, theirs in pairs],
        "median_ratio": statistics.median(ours / theirs for ours, theirs in pairs),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "salestrack-bench")
    parser.add_argument("--step", choices=("kit", "sql", "pandas", "paired"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    folder = company(asked.folder, asked.scale)
    if asked.step:
        print(json.dumps(paired(folder, asked.runs) if asked.step == "paired" else alone(asked.step, folder)))
        return
    print("rows:", (folder / "rows.json").read_text(encoding="utf-8"))
    found = {}
    for step in ("kit", "sql", "pandas", "paired"):
        command = [sys.executable, __file__, "--step", step, "--scale", str(asked.scale), "--runs", str(asked.runs)]
        done = subprocess.run([*command, "--folder", str(asked.folder)], capture_output=True, text=True, check=True)
        found[step] = json.loads(done.stdout.splitlines()[-1])
        print(step, json.dumps(found[step]), flush=True)
    same = {key: [found[way]["told"][key] for way in ("kit", "sql", "pandas")] for key in found["sql"]["told"]}
    for key, values in same.items():
        if max(values) - min(values) > 1e-9 * max(values):
            raise SystemExit(f"The three disagree on {key}: {values}")
    kit_run, pandas_run = found["kit"], found["pandas"]
    print("all three say the same:", same)
    print(f"query, kit over SQL, median of {asked.runs} pairs: {found['paired']['median_ratio']:.2f}")
    whole = [run["ready_s"] + run["answer_s"] for run in (pandas_run, kit_run)]
    print(f"answer once ready, pandas over kit: {pandas_run['answer_s'] / kit_run['answer_s']:.2f}")
    print(f"from the files to the answer, pandas over kit: {whole[0] / whole[1]:.2f}")
    print(f"peak memory, kit over pandas: {kit_run['peak_GiB'] / pandas_run['peak_GiB']:.2f}")


if __name__ == "__main__":
    main()
