"""The questions of the funnel at the size of a large organisation: the kit beside hand-written SQL and plain pandas, in one run.

Run: ``python benchmarks/funnel_side.py [--scale 1] [--notebook] [--folder FOLDER]``. Scale 1 is 5 million opportunities, 17 million
stage rows and 10 million leads. Each way runs in a process of its own. See README.md for what is compared.
"""

import argparse
import importlib
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from funnel_company import funnel_company
from timing import Stage, timed

WAYS = ("kit", "sql", "pandas")
NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "04_funnel.ipynb"
COLUMNS = ("seconds", "cpu", "peak")


def alone(way: str, folder: Path) -> dict[str, object]:
    """Get ready and answer every question once in this process."""
    module = importlib.import_module(f"funnel_by_{way}")
    stages: dict[str, Stage] = {}
    stages["ready"], ready = timed(lambda: module.prepare(folder))
    spent = module.spent_on_queries(ready) if way == "kit" else None
    found = {}
    for name, ask in module.questions(ready).items():
        before = spent.cpu if spent else 0.0
        stages[name], found[name] = timed(ask)
        stages[name] |= {"queries": spent.cpu - before} if spent else {}
    return {"stages": stages, "checked": {name: float(value) for name, value in module.checked(found).items()}}


def notebook(folder: Path) -> Stage:
    """Run the whole notebook on the book, and return the seconds and the peak of memory of its kernel."""
    with tempfile.TemporaryDirectory() as made:
        command = [sys.executable, "-m", "papermill", str(NOTEBOOK), f"{made}/04_funnel.ipynb", "--no-progress-bar"]
        command += ["--cwd", str(NOTEBOOK.parent), "-p", "book", str(folder / "book.yaml"), "-p", "goals", ""]
        clock = time.perf_counter()
        subprocess.run(command, check=True)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    # The largest of the processes that were started and waited for, papermill and its kernel.
    return {"seconds": time.perf_counter() - clock, "cpu": spent.ru_utime + spent.ru_stime, "peak": spent.ru_maxrss / 1024}


def table(stages: dict[str, dict[str, Stage]]) -> str:
    """Return what was measured, question by question; the last two columns are ratios of processor seconds."""
    heads = [f"{way} {unit}" for way in WAYS for unit in ("s", "cpu s", "MiB")]
    lines = [f"| question | {' | '.join(heads)} | kit's queries, cpu s | queries / SQL | kit / SQL |"]
    lines.append("|---" * (len(heads) + 4) + "|")
    whole = {way: {unit: (max if unit == "peak" else sum)(each[unit] for name, each in stages[way].items() if name != "ready")
                   for unit in COLUMNS} for way in WAYS}  # fmt: skip
    whole["kit"]["queries"] = sum(each.get("queries", 0.0) for each in stages["kit"].values())
    for name in (*stages["kit"], "all questions"):
        row = {way: whole[way] if name == "all questions" else stages[way][name] for way in WAYS}
        told = [f"{row[way][unit]:,.{0 if unit == 'peak' else 1}f}" for way in WAYS for unit in COLUMNS]
        queries = row["kit"].get("queries")
        ratios = [row["kit"]["cpu"] / row["sql"]["cpu"]]
        ratios = ratios if queries is None else [queries / row["sql"]["cpu"], *ratios]
        last = ["" if queries is None else f"{queries:.1f}", *[""] * (2 - len(ratios)), *(f"{ratio:.2f}" for ratio in ratios)]
        lines.append(f"| {name} | {' | '.join([*told, *last])} |")
    return "\n".join(lines)


def different(checked: dict[str, dict[str, float]]) -> list[str]:
    """Return the figures in which the ways differ by more than rounding."""
    kit = checked["kit"]
    return [
        f"{name}: kit {kit[name]:,}, {way} {other.get(name, math.nan):,}"
        for way, other in checked.items()
        for name in kit
        if not math.isclose(kit[name], other.get(name, math.nan), rel_tol=1e-9, abs_tol=1e-9)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "salestrack-bench")
    parser.add_argument("--notebook", action="store_true", help="run the whole notebook on the book instead")
    parser.add_argument("--step", choices=WAYS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    folder = funnel_company(asked.folder, asked.scale)
    if asked.step:
        print(json.dumps(alone(asked.step, folder)))
        return
    rows = json.loads((folder / "rows.json").read_text(encoding="utf-8"))
    print(", ".join(f"{count:,} {name}" for name, count in rows.items()), f"on {os.cpu_count()} processors", flush=True)
    if asked.notebook:
        spent = notebook(folder)
        print(f"04_funnel: {spent['seconds']:.1f} s, {spent['cpu']:.1f} processor seconds, {spent['peak']:,.0f} MiB at its peak")
        return
    found = {}
    for way in WAYS:
        command = [sys.executable, __file__, "--step", way, "--scale", str(asked.scale), "--folder", str(asked.folder)]
        found[way] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()[-1])
        print(f"{way} is done", flush=True)
    if told := different({way: each["checked"] for way, each in found.items()}):
        raise SystemExit("\n".join(told))
    print(f"All three give the same: {', '.join(found['kit']['checked'])}.\n")
    print(table({way: each["stages"] for way, each in found.items()}))


if __name__ == "__main__":
    main()
