"""How often a year of weekly looks at MQL to SQL names a break that is none, and when a planted one is named.

    .venv/bin/python benchmarks/weekly_looks.py --companies 20
    .venv/bin/python benchmarks/weekly_looks.py --companies 20 --kinds steady wandering --fall 0.5

A company has six sources of some eight MQLs a week each. Each Monday the whole record so far is searched, as a scheduled report
does. Printed are counts; nothing is asserted.
"""

import argparse
import time

import numpy as np
import pandas as pd

from salestrack.analyses.qualification_breaks import LEVEL
from salestrack.stats.change_point import LEAST, change_point
from salestrack.stats.multiple import familywise_p
from salestrack.stats.wander import STEADY, wander_of

KINDS = {
    "steady": (0.0, 0.0, 0.0),
    "scattered": (0.0, 0.0, 20.0),
    "wandering": (0.2, 0.9, 0.0),
    "drifting": (0.2, 0.97, 0.0),
    "seasonal": (0.0, 0.0, 0.0),
}
"""Standard deviation of the log odds and its memory from week to week; concentration of a Beta around it (0: none)."""
SEASON = 0.3
SHARE, SIZE, SOURCES = 0.45, 8.0, 6


def company(rng: np.random.Generator, kind: str, weeks: int) -> tuple[np.ndarray, np.ndarray]:
    """Return successes and trials, shape (sources, weeks), of a company in which nothing breaks."""
    size, memory, concentration = KINDS[kind]
    odds = np.full((SOURCES, weeks), np.log(SHARE / (1 - SHARE)))
    if size:
        moved = rng.normal(0, size, SOURCES)
        for week in range(weeks):
            odds[:, week] += moved
            moved = memory * moved + rng.normal(0, size * np.sqrt(1 - memory**2), SOURCES)
    if kind == "seasonal":
        odds += SEASON * np.sin(2 * np.pi * np.arange(weeks) / 52 + rng.uniform(0, 2 * np.pi, (SOURCES, 1)))
    share = 1 / (1 + np.exp(-odds))
    share = rng.beta(share * concentration, (1 - share) * concentration) if concentration else share
    n = np.maximum(rng.poisson(SIZE, share.shape), 1)
    return rng.binomial(n, share), n


def look(k: np.ndarray, n: np.ndarray, *, aware: bool = True) -> pd.DataFrame:
    """Return what one look says of each source: source, p, named; not `aware` takes neighbouring weeks for independent."""
    wander = wander_of(zip(k, n, strict=True), LEAST) if aware else STEADY
    found = [change_point(*each, wander=wander) for each in zip(k, n, strict=True)]
    p = np.array([np.nan if each is None else each.p for each in found])
    return pd.DataFrame({"source": range(len(k)), "p": p, "named": familywise_p(p) <= LEVEL})


def year(k: np.ndarray, n: np.ndarray, first: int, every: int = 1, *, aware: bool = True) -> pd.DataFrame:
    """Return the looks of a year, from `first` weeks of record on: source, p, named, look (weeks since the first)."""
    weeks = range(0, 53, every)
    looks = [look(k[:, : first + later], n[:, : first + later], aware=aware).assign(look=later) for later in weeks]
    return pd.concat(looks, ignore_index=True)


def told(kind: str, frames: list[pd.DataFrame], fall: float | None) -> str:
    """Return what the years show, as text."""
    if fall is not None:
        broken = pd.concat([frame[frame["source"] == 0] for frame in frames])
        by_week = broken.groupby("look")["named"].mean()
        told_after = {week: round(float(by_week.get(week, np.nan)), 2) for week in (4, 8, 12, 16, 20, 26, 40, 52)}
        return f"{kind}: a fall to {fall} is named after so many weeks by {told_after}"
    once = [frame[frame["look"] == 0]["named"].any() for frame in frames]
    ever = [frame["named"].any() for frame in frames]
    single = [(frame[frame["look"] == 0]["p"] < 0.05).mean() for frame in frames]
    return (
        f"{kind}: of {len(frames)} companies {sum(once)} name a source at one look, {sum(ever)} in a year of looks; "
        f"p < 0.05 in {np.mean(single):.3f} of series"
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    asked.add_argument("--companies", type=int, default=20)
    asked.add_argument("--kinds", nargs="+", default=list(KINDS))
    asked.add_argument("--weeks", type=int, default=104, help="of record before the first look")
    asked.add_argument("--every", type=int, default=1, help="weeks between looks")
    asked.add_argument("--fall", type=float, help="what the share of the first source falls to at the first look")
    asked.add_argument("--unaware", action="store_true", help="take neighbouring weeks for independent of each other")
    given = asked.parse_args()
    for kind in given.kinds:
        began, frames = time.perf_counter(), []
        for seed in range(given.companies):
            rng = np.random.default_rng(1_000 + seed)
            k, n = company(rng, kind, given.weeks + 53)
            if given.fall is not None:
                k[0, given.weeks :] = rng.binomial(k[0, given.weeks :], given.fall)
            frames.append(year(k, n, given.weeks, given.every, aware=not given.unaware))
        print(told(kind, frames, given.fall), f"({time.perf_counter() - began:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
