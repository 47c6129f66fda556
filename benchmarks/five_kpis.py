"""The five KPIs by rep and month: the kit beside hand-written SQL and plain pandas, in one run.

Run: ``python benchmarks/five_kpis.py [--scale 1] [--pairs 7] [--folder FOLDER]``. Scale 1 is 5 million opportunities and 14 million
stage rows. See README.md for what is compared.
"""

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
from company import AS_OF, company
from timing import Stage, timed

WAYS = ("kit", "sql", "pandas")
TABLES = {
    "closing": (("rep_id", "month"), ("won", "closed", "n", "s1", "s2", "s3")),
    "quota": (("rep_id", "month"), ("k", "n")),
    "leakage": (("rep_id", "month", "days", "outcome"), ("count",)),
}


def alone(way: str, folder: Path, answers: Path) -> dict[str, Stage]:
    """Get ready and answer once in this process; leave the answer for comparison."""
    module = importlib.import_module(f"by_{way}")
    stages = {}
    stages["ready"], ready = timed(lambda: module.prepare(folder, AS_OF))
    stages["answer"], found = timed(lambda: module.answer(ready))
    for name, frame in (module.tables(found) if way == "kit" else found).items():
        frame[[column for part in TABLES[name] for column in part]].to_parquet(answers / f"{name}_{way}.parquet", index=False)
    if way == "kit":
        del found
        stages["measure"], _ = timed(lambda: module.whole(ready))
    return stages


def paired(folder: Path, pairs: int) -> list[tuple[Stage, Stage]]:
    """Ask the kit and the hand-written SQL in turn, in one process; the first, cold pair does not count."""
    ways = [importlib.import_module(f"by_{way}") for way in ("kit", "sql")]
    ready = [way.prepare(folder, AS_OF) for way in ways]
    asked = []
    for number in range(pairs + 1):
        # Each goes first in every other pair.
        spent = [timed(lambda i=i: ways[i].answer(ready[i]))[0] for i in ((0, 1) if number % 2 else (1, 0))]
        asked.append(tuple(spent if number % 2 else reversed(spent)))
    return asked[1:]


def different(answers: Path) -> list[str]:
    """Return where the answers differ: a group that one way lacks, a part that is off by more than rounding."""
    found = []
    for name, (keys, parts) in TABLES.items():
        columns = ", ".join("month::DATE AS month" if key == "month" else f"{key}::VARCHAR AS {key}" for key in keys)
        sums = ", ".join(f"coalesce({part}, 0)::DOUBLE AS {part}" for part in parts)
        sides = [f"(SELECT {columns}, {sums} FROM '{answers / f'{name}_{way}.parquet'}')" for way in WAYS]
        same = " AND ".join(f"a.{key} IS NOT DISTINCT FROM b.{key}" for key in keys)
        off = " OR ".join(
            f"a.{part} IS NULL OR b.{part} IS NULL OR abs(a.{part} - b.{part}) > 1e-9 * abs(a.{part})" for part in parts
        )
        for way, side in zip(WAYS[1:], sides[1:], strict=True):
            rows = duckdb.sql(f"SELECT count(*) FROM {sides[0]} a FULL JOIN {side} b ON {same} WHERE {off}").fetchall()
            found += [f"{name}: kit and {way} differ in {rows[0][0]:,} groups"] if rows[0][0] else []
    return found


def report(stages: dict[str, dict[str, Stage]], pairs: list[tuple[Stage, Stage]]) -> str:
    """Return what was measured as a table and the ratios that are aimed at."""
    lines = ["", "| way | stage | seconds | processor seconds | peak MiB |", "|---|---|---|---|---|"]
    for way, each in stages.items():
        lines += [f"| {way} | {name} | {s['seconds']:.1f} | {s['cpu']:.1f} | {s['peak']:,.0f} |" for name, s in each.items()]

    def ratio(one: str, other: str, names: tuple[str, ...], what: str) -> float:
        total = max if what == "peak" else sum
        return total(stages[one][name][what] for name in names) / total(stages[other][name][what] for name in names)

    both = ("ready", "answer")
    for what, unit in (("seconds", "seconds"), ("cpu", "processor seconds")):
        ratios = [kit[what] / sql[what] for kit, sql in pairs]
        told = ", ".join(f"{each:.2f}" for each in ratios)
        lines.append(f"\nkit / SQL, {unit} to answer once ready: median {statistics.median(ratios):.2f} of {told}")
        lines.append(f"pandas / kit, {unit} to answer once ready: {ratio('pandas', 'kit', ('answer',), what):.2f}")
        lines.append(f"pandas / kit, {unit} from the files to the answer: {ratio('pandas', 'kit', both, what):.2f}")
    for way in ("pandas", "sql"):
        lines.append(f"\nkit / {way}, peak memory while answering: {ratio('kit', way, ('answer',), 'peak'):.2f}")
        lines.append(f"kit / {way}, peak memory from the files to the answer: {ratio('kit', way, both, 'peak'):.2f}")
    return "\n".join(lines)


def step(name: str, asked: argparse.Namespace, answers: str) -> object:
    """Run one step in a fresh process and return what it measured."""
    command = [sys.executable, __file__, "--step", name, "--answers", answers, "--scale", str(asked.scale)]
    command += ["--pairs", str(asked.pairs), "--folder", str(asked.folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "salestrack-bench")
    parser.add_argument("--step", choices=(*WAYS, "paired"), help=argparse.SUPPRESS)
    parser.add_argument("--answers", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    folder = company(asked.folder, asked.scale)
    if asked.step:
        print(json.dumps(paired(folder, asked.pairs) if asked.step == "paired" else alone(asked.step, folder, asked.answers)))
        return
    rows = json.loads((folder / "rows.json").read_text(encoding="utf-8"))
    print(", ".join(f"{count:,} {name}" for name, count in rows.items()), f"on {os.cpu_count()} processors", flush=True)
    with tempfile.TemporaryDirectory() as answers:
        stages = {way: step(way, asked, answers) for way in WAYS}
        if told := different(Path(answers)):
            raise SystemExit("\n".join(told))
        groups = duckdb.sql(f"SELECT count(*) FROM '{answers}/leakage_kit.parquet'").fetchall()[0][0]
        print(f"All three give the same parts in every group; the life tables have {groups:,} rows.")
        print(report(stages, step("paired", asked, answers)))


if __name__ == "__main__":
    main()
