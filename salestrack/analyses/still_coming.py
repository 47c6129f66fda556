"""What the opportunities open now will still bring in a period, in simulated futures, and how large deals are."""

from collections.abc import Mapping

import ibis
import numpy as np

from salestrack.book import Book
from salestrack.columns import view
from salestrack.measure import measure
from salestrack.periods import Period
from salestrack.stats.leads import DRAWS
from salestrack.stats.still_to_come import chance_to_be_won, money_to_come

# Deal sizes are counted in bins of 5 %.
_BINS_PER_E = 20


def still_coming(
    book: Book, period: Period, where: Mapping[str, object], sizes: tuple[list[float], list[int]], seed: int
) -> np.ndarray:
    """Return what the opportunities open now bring in the period, in each simulated future; those without an amount as the mean."""
    nothing = np.zeros(DRAWS)
    found = measure(book, "close_rate", where=where)
    if period.last_day < book.as_of or "close_rate" in found.absent:
        return nothing
    lives = found.parts["close_rate"].frame
    waiting = view(book, "opportunities", None, (), where).table.filter(ibis._.open, ibis._.observed_days >= 0)
    waiting = waiting.mutate(worth=ibis.coalesce(waiting.amount, ibis.literal(_mean_of(sizes))))
    ages = waiting.group_by("observed_days").aggregate(money=ibis._.worth.sum(), squares=(ibis._.worth * ibis._.worth).sum())
    groups = book.fetch(ages).sort_values("observed_days")
    if groups.empty or not lives["count"].sum():
        return nothing
    rng = np.random.default_rng(seed)
    after, until = max((period.start - book.as_of).days - 1, 0), (period.last_day - book.as_of).days
    chances = chance_to_be_won(lives, groups["observed_days"].to_numpy(dtype=float), after, until, rng)
    money, squares = (groups[name].to_numpy(dtype=float) for name in ("money", "squares"))
    return money_to_come(chances, money, squares, DRAWS, rng)


def _mean_of(sizes: tuple[list[float], list[int]]) -> float:
    values, counts = sizes
    return float(np.average(values, weights=counts)) if sum(counts) else 0.0


def deal_sizes(book: Book, base: Period, where: Mapping[str, object]) -> tuple[list[float], list[int]]:
    """Return the histogram of deal sizes, reduced by the engine: the mean amount and the count of each bin."""
    won = view(book, "opportunities", "close_date", (), where, base).table
    won = won.filter(won.won, won.amount > 0)
    bins = won.mutate(bin=(won.amount.ln() * _BINS_PER_E).floor()).group_by("bin")
    found = book.connection.to_pyarrow(bins.aggregate(size=ibis._.amount.mean(), count=ibis._.count()).order_by("bin")).to_pydict()
    return found["size"], found["count"]
