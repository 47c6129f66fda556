"""How often the range of a running quarter holds its end, and how often a quarter that ends met is called off.

    .venv/bin/python benchmarks/quarter_ends.py --companies 2000

Companies are made anew: a share of their deals, which differs from quarter to quarter, closes in the last days of the quarter,
more than usual near the ends of months; their business wanders and grows; closes are entered late. A target is drawn around what
past quarters ended with. Printed are counts; nothing is asserted.
"""

import argparse
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salestrack.goals.projection import end_of_total
from salestrack.goals.verdicts import Bar, of_range

DAYS = (20, 45, 70, 85)
LENGTHS = (90, 91, 92, 92)


@dataclass(frozen=True)
class Company:
    """A kind of company: deals in a quarter, spread of sizes (σ of the logarithm), share at quarter ends and days until entered."""

    deals: float
    sizes: float
    late: float
    entered: float
    wanders: float = 0.15
    grows: float = 0.03


KINDS = {
    "usual": Company(120, 1.0, 0.35, 4),
    "small": Company(40, 1.0, 0.35, 4),
    "few deals": Company(15, 1.0, 0.35, 4),
    "heavy tails": Company(60, 1.4, 0.30, 4),
    "large": Company(800, 1.0, 0.35, 4),
    "even": Company(120, 0.8, 0.0, 0, wanders=0.0),
}


def quarters(draw: np.random.Generator, kind: Company, n: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return n quarters of a company: of its deals the close day, the day it was entered (both counted from 1) and the amount."""
    made, level = [], 0.0
    for number in range(n):
        length = LENGTHS[number % 4]
        level = 0.7 * level + draw.normal(0, kind.wanders)
        deals = draw.poisson(kind.deals * np.exp(kind.grows * number + level) * draw.gamma(20, 1 / 20))
        late = min(kind.late * draw.lognormal(0, 0.25), 0.8)
        even = np.ones(length)
        for end in (30, 61, length):
            even[end - 5 : end] *= 1 + 2 * late
        tail = np.r_[np.zeros(length - 12), np.linspace(1, 3, 12)]
        weight = (1 - late) * even / even.sum() + late * tail / tail.sum()
        closed = draw.choice(length, size=deals, p=weight / weight.sum()) + 1
        made.append((closed, closed + draw.geometric(1 / (kind.entered + 1), deals) - 1, draw.lognormal(0, kind.sizes, deals)))
    return made


def counted(companies: int, kind: Company, past: int, seed: int) -> pd.DataFrame:
    """Return for each day the share of ranges that hold the end, of ends above them, and of met quarters called off."""
    draw = np.random.default_rng(seed)
    rows = []
    for _ in range(companies):
        held = quarters(draw, kind, past + 1)
        factor = draw.uniform(0.7, 1.2)
        for day in DAYS:
            sums = np.array([(x[known <= day].sum(), x.sum(), (x**2).sum()) for _, known, x in held])
            (so_far, end, _), (reached, final, squares) = sums[-1], sums[:-1].T
            found = end_of_total(so_far, reached, final, squares)
            target = final.mean() * factor
            off = of_range(Bar(target, "at_least"), found).status == "off"
            holds = found.low <= end * (1 + 1e-9) and end <= found.high * (1 + 1e-9)
            above, width = end > found.high * (1 + 1e-9), found.high / found.low if found.low else np.inf
            rows.append((day, holds, above, end >= target, off and end >= target, width))
    frame = pd.DataFrame(rows, columns=["day", "holds", "above", "met", "false_off", "width"])
    by = frame.groupby("day")
    return pd.DataFrame(
        {
            "holds": by["holds"].mean(),
            "above": by["above"].mean(),
            "false_off": by["false_off"].sum() / by["met"].sum(),
            "high_over_low": by["width"].median(),
        }
    ).reset_index()


def main() -> None:
    """Count, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--companies", type=int, default=500)
    parser.add_argument("--past", type=int, nargs="+", default=[8, 3])
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print("| company | past quarters | day | range holds the end | end above it | met, called off | high / low |")
    print("|---|---|---|---|---|---|---|")
    for name, kind in KINDS.items():
        for past in asked.past:
            for row in counted(asked.companies, kind, past, asked.seed).itertuples():
                shares = f"{row.holds:.1%} | {row.above:.1%} | {row.false_off:.1%}"
                print(f"| {name} | {past} | {row.day} | {shares} | {row.high_over_low:.1f} |", flush=True)


if __name__ == "__main__":
    main()
