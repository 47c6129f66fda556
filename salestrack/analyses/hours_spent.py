"""What decided opportunities have cost in hours over their whole life, reduced by the engine."""

from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from salestrack.book import Book
from salestrack.columns import view
from salestrack.groups import first_day, labels_of
from salestrack.periods import Period
from salestrack.stats.intervals import MIN_N, Interval, mean, ratio_of_sums
from salestrack.stats.multiple import distinguishable_means

GROUPS = ("segment", "source", "stage")
MOST_LOSSES = 10
_SUMS = {"n": 0, "hours": 1, "squares": 2, "cubes": 3}
_COSTS = ("figure", "value", "low", "high", "n", "note")
_LOSSES = ("opportunity_id", "name", "rep", "segment", "source", "stage", "amount", "close_date", "hours", "share")
_LOSSES_BY = ("by", "group", "lost", "hours", "share", "per_loss", "low", "high", "standing")


@dataclass(frozen=True)
class Spent:
    """What decided opportunities have cost; the three frames are those of `salestrack.analyses.time_use.TimeUse`.

    Parameters
    ----------
    costs, losses, losses_by : pandas.DataFrame
        What a win, a loss and an hour come to; the dearest losses; losses by group.
    sums : dict of str to float
        Over all of them: won_n, won_hours, won_squares, won_cubes, the same of the lost ones, booked (Σ won amount),
        booked_squares, booked_hours (Σ amount x hours), without_hours and without_amount (won).
    carried_over : int
        Those left out because the record of activities begins after them.
    """

    costs: pd.DataFrame
    losses: pd.DataFrame
    losses_by: pd.DataFrame
    sums: dict[str, float] = field(default_factory=dict)
    carried_over: int = 0


NOTHING_SPENT = Spent(
    pd.DataFrame(columns=list(_COSTS)), pd.DataFrame(columns=list(_LOSSES)), pd.DataFrame(columns=list(_LOSSES_BY))
)


def spent_on_decided(book: Book, period: Period | None, where: dict) -> Spent:
    """Return the opportunities decided in a period with all the hours logged on them.

    Parameters
    ----------
    book : Book
        A book with activities.
    period : Period or None
        None: all that the book holds.
    where : dict
        Scope of the opportunities.
    """
    done = book.table("activities")
    hours = done.filter(done.opportunity_id.notnull()).group_by("opportunity_id").aggregate(spent=done.hours.sum())
    decided = view(book, "opportunities", "close_date", (), where, period).table
    decided = decided.filter(decided.closed)
    first = first_day(book, "activities", "started_at") or book.as_of
    seen = (decided.created_date >= first).fill_null(False)
    carried = int(book.connection.to_pyarrow((~seen).sum().fill_null(0)).as_py())
    table = decided.filter(seen).left_join(hours, "opportunity_id").drop("opportunity_id_right")
    table = _with_stage_lost_from(book, table.mutate(spent=table.spent.fill_null(0.0)))
    sums = _sums(book, table)
    return Spent(_costs(sums), _losses(book, table, sums), _losses_by(book, table, sums), sums, carried)


def _with_stage_lost_from(book: Book, table: ir.Table) -> ir.Table:
    if not book.has("stays"):
        return table.mutate(lost_from=ibis.null("string"))
    # Where it was when it was lost, and not the furthest that it had come to.
    stays = book.table("stays")
    left = stays.filter(stays.left).select("opportunity_id", lost_from=stays.stage)
    return table.left_join(left, "opportunity_id").drop("opportunity_id_right")


def _sums(book: Book, table: ir.Table) -> dict[str, float]:
    hours, amount = table.spent, (table.won & table.amount.notnull()).ifelse(table.amount, 0.0)
    asked = {
        f"{which}_{name}": table[which].ifelse(hours**power, 0.0).sum().fill_null(0.0)
        for which in ("won", "lost")
        for name, power in _SUMS.items()
    }
    asked |= {
        "booked": amount.sum(),
        "booked_squares": (amount * amount).sum(),
        "booked_hours": (amount * hours).sum(),
        "without_hours": (hours == 0).sum(),
        "without_amount": (table.won & table.amount.isnull()).sum(),
    }
    found = book.fetch_row(table.aggregate(**asked))
    return {name: float(value or 0) for name, value in found.items()}


def _costs(s: dict[str, float]) -> pd.DataFrame:
    n, hours, squares = (s[f"won_{name}"] + s[f"lost_{name}"] for name in ("n", "hours", "squares"))
    found = {
        "hours_per_win": (n, ratio_of_sums(n, hours, s["won_n"], squares, s["won_n"], s["won_hours"])),
        "hours_on_a_win": (s["won_n"], _mean(s, "won")),
        "hours_on_a_loss": (s["lost_n"], _mean(s, "lost")),
        "bookings_per_hour": (n, ratio_of_sums(n, s["booked"], hours, s["booked_squares"], squares, s["booked_hours"])),
    }
    rows = [(name, *map(float, each), int(count), _note(each, count)) for name, (count, each) in found.items()]
    return pd.DataFrame(rows, columns=list(_COSTS))


def _mean(s: dict[str, float], which: str) -> Interval:
    return mean(*(s[f"{which}_{name}"] for name in _SUMS))


def _note(found: Interval, n: float) -> str:
    return "undefined" if np.isnan(found.value) else "too_few" if n < MIN_N else ""


def _losses(book: Book, table: ir.Table, sums: dict[str, float]) -> pd.DataFrame:
    """Return the lost opportunities with the most hours."""
    lost = table.filter(table.lost, table.spent > 0)
    most = lost.order_by(ibis.desc("spent"), "opportunity_id").limit(MOST_LOSSES)
    columns = ["opportunity_id", "name", "rep_id", "segment", "source", "amount", "close_date"]
    frame = book.fetch(most.select(*columns, hours=most.spent, stage=most.lost_from))
    names = labels_of(book, "reps", frame["rep_id"].dropna().unique().tolist()) if book.has("reps") else {}
    frame["rep"] = frame["rep_id"].map(lambda key: names.get(key, key))
    return frame.assign(share=frame["hours"] / sums["lost_hours"])[list(_LOSSES)]


def _losses_by(book: Book, table: ir.Table, sums: dict[str, float]) -> pd.DataFrame:
    """Return what losses cost by segment, by source and by the stage they were lost from, most hours first."""
    lost = table.filter(table.lost).mutate(stage=table.lost_from)
    h = lost.spent
    query = lost.group_by(list(GROUPS)).aggregate(n=lost.count(), s1=h.sum(), s2=(h * h).sum(), s3=(h * h * h).sum())
    cells = book.fetch(query)
    groups = {by: cells.groupby(by, dropna=False)[["n", "s1", "s2", "s3"]].sum() for by in GROUPS if cells[by].notna().any()}
    frames = [_judged(by, frame, sums["lost_hours"]) for by, frame in groups.items()]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(_LOSSES_BY))


def _judged(by: str, frame: pd.DataFrame, total: float) -> pd.DataFrame:
    n, s1, s2, s3 = (frame[name] for name in ("n", "s1", "s2", "s3"))
    found = mean(n, s1, s2, s3)
    words = distinguishable_means(n, s1, s2, s3).verdict if len(frame) > 1 else np.full(len(frame), "not_distinguishable")
    made = frame.rename_axis("group").reset_index()[["group"]].assign(
        by=by, lost=frame["n"].to_numpy(), hours=frame["s1"].to_numpy(), share=frame["s1"].to_numpy() / (total or np.nan),
        per_loss=found.value, low=found.low, high=found.high, standing=np.where(words == "not_distinguishable", "like", words),
    )  # fmt: skip
    return made.sort_values(["hours", "group"], ascending=[False, True])[list(_LOSSES_BY)]
