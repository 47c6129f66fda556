"""The sample company: a fictional firm's sales data, made from a seed, with known facts planted in it.

`make` returns its tables, `write` writes its files (those in ``data/sample``), `truth` tells what is planted and what the
tables show of it. `Company` sets the size, `Facts` what is planted; with `NOTHING` there is nothing to find. `Mess` switches on
what makes the data of real companies hard to judge without anything to find; `REAL` is all of it.
"""

from salestrack.sample.company import ALIKE, NOTHING, PLANTED, SPEED, STANDARD, STAR, Company, Facts
from salestrack.sample.files import write
from salestrack.sample.making import SEED, make
from salestrack.sample.mess import REAL, TIDY, Mess
from salestrack.sample.truth import truth

__all__ = [
    "ALIKE",
    "Company",
    "Facts",
    "Mess",
    "NOTHING",
    "PLANTED",
    "REAL",
    "SEED",
    "SPEED",
    "STANDARD",
    "STAR",
    "TIDY",
    "make",
    "truth",
    "write",
]
