"""Why bookings changed: number of opportunities closed, win rate, deal size; exactly, nothing left over."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.earlier import earlier_period, measured_then
from salestrack.book import Book
from salestrack.definition import MONEY, find_metric
from salestrack.display import Table
from salestrack.measure import Measured, measure
from salestrack.periods import Period
from salestrack.stats.decomposition import contributions
from salestrack.wording import label_of, mid_sentence, say

_METRICS = ("bookings", "closed_opportunities", "win_rate", "average_deal_size", "won_opportunities")


def explain_bookings(
    book: Book, *, during: Period | str, against: Period | str = "previous", where: Mapping[str, object] | None = None
) -> Answer:
    """Split the change of bookings between two periods into what each factor contributed.

    Bookings are closed opportunities x win rate x average deal size; where some won opportunities have no amount, a fourth
    factor is the share of won opportunities with an amount.

    Parameters
    ----------
    book : Book
        The book.
    during : Period or str
        The later period.
    against : Period or str
        The earlier one: ``"previous"``, ``"year_before"``, or any period.
    where : mapping, optional
        Scope.

    Returns
    -------
    Answer
        ``frame``: factor, before, after, contribution (money). The contributions add up to the change of bookings to the cent;
        all are null where a factor is not known in one of the periods, and the sentence says why.

    References
    ----------
    Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II, 307-317.
    """
    later = book.period(during)
    earlier = earlier_period(book, later, against)
    measured = measure(book, _METRICS, during=later, where=where)
    then = measured_then(measured, earlier)
    after, before = _factors(measured), _factors(then)
    known = [name for name in after if name != "bookings" and not (name == "amount_recorded" and before[name] == after[name] == 1)]
    parts = contributions([before[name] for name in known], [after[name] for name in known])
    reason = _reason(then, measured)
    parts = np.full(len(known), np.nan) if reason else parts
    frame = pd.DataFrame(
        {"factor": known, "before": [before[n] for n in known], "after": [after[n] for n in known], "contribution": parts}
    )
    sentences = (reason or _sentence(book, frame, before["bookings"], after["bookings"], (earlier, later)),)
    metrics = tuple(find_metric(name) for name in _METRICS)
    table = _table(book, frame, earlier, later)
    return Answer(book, metrics, later, dict(where or {}), frame, sentences, table, against=earlier)


def _reason(then: Measured, now: Measured) -> str:
    """Return why the change cannot be split up: what one of the periods does not record, or that it has nothing of; else empty."""
    for found in (now, then):
        if said := next(filter(None, (found.absent.get(name, "") for name in _METRICS)), ""):
            return said if found is now else say("bookings-change-then", {"earlier": str(then.during), "why": said})
    if then.frame["value"].isna().all() and (then.frame["n"] == 0).all():
        return say("bookings-change-before-the-book", {"earlier": str(then.during), "later": str(now.during)})
    empty = [str(found.during) for found in (then, now) if not found.value("won_opportunities")]
    if not empty and not now.value("bookings") and not then.value("bookings"):
        return say("bookings-change-of-nothing", {"earlier": str(then.during), "later": str(now.during)})
    if not empty:
        return ""
    both = say("winning-and", {"first": empty[0], "last": empty[-1]}) if len(empty) > 1 else empty[0]
    return say("bookings-change-nothing-won", {"periods": both})


def _factors(found: Measured) -> dict[str, float]:
    """Return the factors of bookings in a period; their product is the bookings."""
    values = found.frame.set_index("metric")["value"]
    n = found.frame.set_index("metric")["n"]
    won = values["won_opportunities"]
    return {
        "bookings": values["bookings"],
        "closed_opportunities": values["closed_opportunities"],
        "win_rate": values["win_rate"],
        "amount_recorded": n["average_deal_size"] / won if won else float("nan"),
        "average_deal_size": values["average_deal_size"],
    }


def _sentence(book: Book, frame: pd.DataFrame, before: float, after: float, periods: tuple[Period, Period]) -> str:
    currency = book.settings.currency
    values = {
        "before": formats.figure(before, MONEY, currency, short=True),
        "after": formats.figure(after, MONEY, currency, short=True),
        "change": formats.change(after - before, MONEY, currency),
        "earlier": str(periods[0]),
        "later": str(periods[1]),
    }
    largest, *rest = frame.sort_values("contribution", key=abs, ascending=False).to_dict("records")
    values["factor"] = mid_sentence(label_of(largest["factor"]))
    values["contribution"] = formats.change(largest["contribution"], MONEY, currency)
    values["others"] = ", ".join(
        f"{mid_sentence(label_of(row['factor']))} {formats.change(row['contribution'], MONEY, currency)}" for row in rest
    )
    return say("bookings-change", values)


def _table(book: Book, frame: pd.DataFrame, earlier: Period, later: Period) -> Table:
    currency, rows = book.settings.currency, frame.to_dict("records")
    unit_of = {"amount_recorded": find_metric("win_rate").unit}

    def text(row: dict, which: str) -> str:
        unit = unit_of.get(row["factor"]) or find_metric(row["factor"]).unit
        return formats.figure(row[which], unit, currency)

    columns = {
        (say("column-factor"), ""): [label_of(row["factor"]) for row in rows],
        (str(earlier), ""): [text(row, "before") for row in rows],
        (str(later), ""): [text(row, "after") for row in rows],
        (say("column-contribution"), ""): [formats.change(row["contribution"], MONEY, currency) for row in rows],
    }
    title = say("bookings-change-title", {"book": book.name, "later": str(later), "earlier": str(earlier)})
    return Table(pd.DataFrame(columns), title, "", 1)
