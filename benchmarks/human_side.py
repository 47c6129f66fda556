"""The questions of the human side at the size of a large organisation: the kit beside plain pandas, in one run.

Run: ``python benchmarks/human_side.py [--scale 1] [--folder FOLDER]``. Scale 1 is 2,000 reps, 200,000 opportunities and 20 million
activities. Each way runs in a process of its own. See README.md for what is compared.
"""

import argparse
import importlib
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from large_sample import large_sample
from timing import Stage, timed

WAYS = ("kit", "pandas")


def alone(way: str, book: Path) -> dict[str, object]:
    """Get ready and answer every question once in this process."""
    module = importlib.import_module(f"human_by_{way}")
    stages: dict[str, Stage] = {}
    stages["ready"], ready = timed(lambda: module.prepare(book))
    found = {}
    for name, ask in module.questions(ready).items():
        stages[name], found[name] = timed(ask)
    return {"stages": stages, "checked": module.checked(found)}


def table(by_kit: dict[str, Stage], by_pandas: dict[str, Stage]) -> str:
    """Return what was measured, question by question."""
    lines = [
        "| question | kit seconds | kit peak MiB | pandas seconds | pandas peak MiB | pandas / kit |",
        "|---|---|---|---|---|---|",
    ]
    for name, one in by_kit.items():
        other = by_pandas[name]
        figures = (f"{one['seconds']:.1f}", f"{one['peak']:,.0f}", f"{other['seconds']:.1f}", f"{other['peak']:,.0f}")
        lines.append(f"| {name} | {' | '.join(figures)} | {other['seconds'] / one['seconds']:.1f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "salestrack-bench")
    parser.add_argument("--step", choices=WAYS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    book = large_sample(asked.folder, asked.scale)
    if asked.step:
        print(json.dumps(alone(asked.step, book)))
        return
    print(f"scale {asked.scale:g} on {os.cpu_count()} processors", flush=True)
    found = {}
    for way in WAYS:
        command = [sys.executable, __file__, "--step", way, "--scale", str(asked.scale), "--folder", str(asked.folder)]
        found[way] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()[-1])
    one, other = (found[way]["checked"] for way in WAYS)
    if off := [name for name in one if not math.isclose(one[name], other[name], rel_tol=1e-9)]:
        raise SystemExit("\n".join(f"{name}: kit {one[name]:,}, pandas {other[name]:,}" for name in off))
    print(f"Both give the same: {', '.join(one)}.\n")
    print(table(*(found[way]["stages"] for way in WAYS)))


if __name__ == "__main__":
    main()
