"""The what-if of time sinks: some of their hours moved to the category that goes best with winning."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from salestrack.analyses.hours import figures_beside
from salestrack.book import Book
from salestrack.periods import Period
from salestrack.stats.intervals import Interval
from salestrack.stats.product import product_quantiles

MOST = 0.5
"""A category is mostly unattached when more than this share of its hours names no opportunity."""
_QUANTILES = ("p10", "p50", "p90")


@dataclass(frozen=True)
class Reallocation:
    """What moving hours would go with.

    Parameters
    ----------
    why_not : str
        Why there is none: ``sink`` (nothing is one), ``best`` (nothing goes with winning more often), ``hours`` (no activity of
        the best category has a duration); empty where there is one.
    frame : pandas.DataFrame
        what, p10, p50, p90; see `salestrack.analyses.time_sinks.TimeSinks`.
    best : str
        The category that hours are moved to.
    days : int
        In how many first days of an opportunity its effect was found.
    freed, each : float
        Share of the sinks' hours that is moved; mean hours of one activity of the best category.
    opportunities : int
        Created in the same span; 0: none, or not in this scope.
    """

    why_not: str = "sink"
    frame: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["what", *_QUANTILES]))
    best: str = ""
    days: int = 0
    freed: float = 0.0
    each: float = 0.0
    opportunities: int = 0


def reallocation(
    book: Book, frame: pd.DataFrame, hours: pd.DataFrame, asked: tuple[Period | None, Mapping[str, object]], freed: float
) -> Reallocation:
    """Return what moving a share of the sinks' hours to the best category would go with.

    Parameters
    ----------
    book : Book
        The book.
    frame : pandas.DataFrame
        Of `salestrack.analyses.time_sinks.time_sinks`.
    hours : pandas.DataFrame
        Behind it, from `hours_by`.
    asked : tuple
        Period and scope: for the average deal size and the number of opportunities created.
    freed : float
        Which share of their hours, 0 to 1.

    Notes
    -----
    The best category is the one whose effect has the highest lower limit among those told apart: the largest effect that is hardly
    an accident, instead of the largest that happened.
    """
    rows = frame[frame["level"] == "category"]
    if not rows["sink"].any():
        return Reallocation("sink")
    # Nobody could say what to do more of.
    told = rows[(rows["association"] == "more") & (rows["category"] != "unclassified")]
    if told.empty:
        return Reallocation("best")
    best = told.nlargest(1, "effect_low").iloc[0]
    timed = hours.loc[hours["category"] == best["category"], "timed"].sum()
    if not timed or not best["hours"]:
        return Reallocation("hours", best=best["category"])
    moved, each = freed * rows.loc[rows["sink"], "hours"].sum(), best["hours"] / timed
    period, scope = asked
    found = figures_beside(book, ("average_deal_size", "created_opportunities"), period, scope).set_index("metric")
    sizes = found.reindex(["average_deal_size"])[["value", "low", "high"]].to_numpy(dtype=float)[0]
    # A mean of few and very unequal amounts may have a limit that no amount can have.
    sizes = sizes if (sizes > 0).all() else np.full(3, np.nan)
    effect, extra = Interval(best["effect"], best["effect_low"], best["effect_high"]), moved / each
    made = {
        "hours_freed": [moved] * 3,
        "extra_activities": [extra] * 3,
        "extra_wins": product_quantiles(effect, Interval(1.0, 1.0, 1.0)) * extra,
        "extra_bookings": product_quantiles(effect, Interval(*sizes)) * extra,
    }
    table = pd.DataFrame.from_dict(made, orient="index", columns=list(_QUANTILES)).rename_axis("what").reset_index()
    created = int(found["n"].get("created_opportunities", 0))
    return Reallocation("", table, best["category"], int(best["days"]), freed, each, created)
