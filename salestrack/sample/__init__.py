"""The sample company: a fictional firm's sales data, made from a seed, with known facts planted in it.

`make` returns its tables, `write` writes its files (those in ``data/sample``), `truth` tells what is planted and what the
tables show of it. `Company` sets the size, `Facts` what is planted; with `NOTHING` there is nothing to find.
"""

from salestrack.sample.company import NOTHING, PLANTED, STANDARD, Company, Facts
from salestrack.sample.files import write
from salestrack.sample.making import SEED, make
from salestrack.sample.truth import truth

__all__ = ["Company", "Facts", "NOTHING", "PLANTED", "SEED", "STANDARD", "make", "truth", "write"]
