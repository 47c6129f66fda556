"""Where the hours go and what became of them: won, lost, still open, or no opportunity at all; and what a win costs in hours."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.hours import (
    BECAME,
    cannot_answer,
    decimal_text,
    hours_by,
    listed,
    no_table,
    period_text,
    timed_of,
    unclassified,
    without_hours,
)
from salestrack.analyses.hours_spent import NOTHING_SPENT, Spent, spent_on_decided
from salestrack.book import Book
from salestrack.columns import beyond_reach
from salestrack.definition import MONEY, find_metric
from salestrack.display import Table, name_of
from salestrack.periods import Period
from salestrack.recorded import no_creation_days, no_losses
from salestrack.tables import CATEGORIES
from salestrack.wording import label_of, say

_METRICS = ("activity_hours", "bookings", "won_opportunities", "closed_opportunities")


@dataclass(frozen=True, eq=False, repr=False)
class TimeUse(Answer):
    """Hours by what became of them, and what wins and losses cost.

    Parameters
    ----------
    costs : pandas.DataFrame
        Over opportunities decided in the period, with all their hours: a row for each figure, ``hours_per_win`` (hours on all
        of them, won and lost, for each won one), ``hours_on_a_win``, ``hours_on_a_loss`` (mean hours on the won, on the lost
        ones themselves) and ``bookings_per_hour``; value, low, high (95 %; null: too few), n (opportunities), note (empty,
        ``too_few``, ``undefined``).
    losses : pandas.DataFrame
        The ten lost opportunities with the most hours: opportunity_id, name, rep, segment, source, stage (the step from which
        it was lost; null: no stage history), amount, close_date, hours, share (of all hours on lost ones).
    losses_by : pandas.DataFrame
        For ``segment``, ``source`` and ``stage`` in the column by: group, lost, hours, share (of all hours on lost ones),
        per_loss with low and high, standing (hours per loss ``above``, ``like``, ``below`` the rest, ``too_few``).
    carried_over : int
        Opportunities decided in the period that were created before the first activity of the book, or on no recorded day:
        their hours are not all known, and they are in none of the three.
    """

    costs: pd.DataFrame = field(kw_only=True)
    losses: pd.DataFrame = field(kw_only=True)
    losses_by: pd.DataFrame = field(kw_only=True)
    carried_over: int = field(kw_only=True)


def time_use(book: Book, *, during: Period | str | None = None, where: Mapping[str, object] | None = None) -> TimeUse:
    """Return where hours went by what became of the opportunity, what a win costs in hours, and the most expensive losses.

    Parameters
    ----------
    book : Book
        The book.
    during : Period or str, optional
        The period; None: all that the book holds.
    where : mapping, optional
        Scope, as in `measure`.

    Returns
    -------
    TimeUse
        ``frame``, a row for each category and outcome: became (``won``, ``lost``, ``open``: as of the day of the book; ``none``: no
        opportunity attached; ``unknown``: one that the book does not have), hours, n (activities), share (of the category's hours).
        In a book that records no losses no row is ``lost``, and the share is null of what is won and what is open.

    Notes ----- Two views, each complete in itself. ``frame`` takes the hours *of the period*, whenever their opportunity was
    decided: it adds up to the hours logged. ``costs`` and the losses take the opportunities *decided in the period* with the
    hours of their whole life, whenever those were logged: a deal that was won after half a year has cost half a year, not what
    happened to fall into the last quarter. Hours that name no opportunity are in no cost.

    Hours per win is a ratio of sums over decided opportunities (delta method); hours on a win and on a loss are means (skewness
    corrected).

    References
    ----------
    Cochran, W. G. (1977). Sampling techniques (3rd ed.), chapter 6. Wiley.
    """
    period, scope = None if during is None else book.period(during), dict(where or {})
    reason = cannot_answer(book, scope, period) or beyond_reach(book, "opportunities", scope)
    frame = pd.DataFrame(columns=["category", "became", "hours", "n", "share"])
    if not reason:
        found = hours_by(book, ("category",), period, scope)
        frame, reason = _by_outcome(found, told=not no_losses(book)), _nothing(book, found, period)
    title = say("time-use-title", {"book": book.name, "period": period_text(period)})
    spent = NOTHING_SPENT if reason else spent_on_decided(book, period, scope)
    frame = frame.iloc[:0] if reason else frame
    sentences = [reason] if reason else _sentences(book, frame, spent, period)
    if not reason:
        sentences[1:1] = timed_of(found, period)
    return TimeUse(
        book, tuple(find_metric(name) for name in _METRICS), period, scope, frame, tuple(sentences),
        no_table(title) if reason else _table(frame, title),
        costs=spent.costs, losses=spent.losses, losses_by=spent.losses_by, carried_over=spent.carried_over,
    )  # fmt: skip


def _nothing(book: Book, found: pd.DataFrame, period: Period | None) -> str:
    return without_hours(book, found, period) or unclassified(found["category"], found["n"].sum())


def _by_outcome(found: pd.DataFrame, *, told: bool) -> pd.DataFrame:
    """Return hours by category and outcome in the order of both lists; what does not occur is zero hours.

    Where losses are not `told`, no hours can be seen to go into them, so nobody knows how the hours are split.
    """
    seen = [name for name in CATEGORIES if name in set(found["category"])]
    hidden = {"unknown"} if told else {"unknown", "lost"}
    outcomes = [name for name in BECAME if name not in hidden or name in set(found["became"])]
    whole = pd.MultiIndex.from_product([seen, outcomes], names=["category", "became"])
    frame = found.groupby(["category", "became"])[["hours", "n"]].sum().reindex(whole, fill_value=0).reset_index()
    of_category = frame.groupby("category", sort=False)["hours"].transform("sum")
    known = (of_category > 0) & (told | ~frame["became"].isin(["won", "open"]))
    return frame.assign(share=(frame["hours"] / of_category).where(known))


def _sentences(book: Book, frame: pd.DataFrame, spent: Spent, period: Period | None) -> list[str]:
    whole = frame["hours"].sum()
    parts = frame.groupby("became")["hours"].sum() / whole
    shares = {name: formats.share(parts.get(name, 0.0)) for name in BECAME}
    unlost = no_losses(book)
    key = "time-use-hours-unsplit" if unlost else "time-use-hours"
    said = [say(key, shares | {"hours": decimal_text(whole), "period": period_text(period)})]
    if parts.get("unknown", 0.0):
        said.append(say("time-use-unknown-hours", shares))
    said += [reason] if (reason := unlost or no_creation_days(book)) else _costs_told(book, spent)
    said += _losses_told(book, spent)
    lost = frame.loc[frame["category"] == "unclassified", "hours"].sum() / whole
    if lost:
        said.append(say("time-use-unclassified", {"share": formats.share(lost, digits=1)}))
    if spent.carried_over:
        said.append(say("time-use-carried-over", {"n": spent.carried_over}))
    return said


def _costs_told(book: Book, spent: Spent) -> list[str]:
    rows = spent.costs.set_index("figure")
    if not spent.sums["won_n"]:
        return [say("time-use-nothing-won", {"n": int(spent.sums["lost_n"])})]
    values: dict[str, object] = {"won": int(spent.sums["won_n"]), "lost": int(spent.sums["lost_n"])}
    for name, row in rows.iterrows():
        texts = {what: _cost_text(book, str(name), row[what]) for what in ("value", "low", "high")}
        values[str(name)] = texts["value"]
        known = pd.notna(row["low"]) and not row["note"]
        values[f"{name}_interval"] = say("time-use-interval" if known else "time-use-few", texts)
    said = [say("time-use-cost" if spent.sums["lost_n"] else "time-use-cost-of-wins", values)]
    if spent.sums["booked"] and spent.sums["won_hours"] + spent.sums["lost_hours"]:
        said.append(say("time-use-bookings", values | {"n": int(spent.sums["without_amount"])}))
    return said


def _cost_text(book: Book, figure: str, value: float) -> str:
    if figure == "bookings_per_hour":
        return formats.figure(value, MONEY, book.settings.currency)
    return decimal_text(value)


def _losses_told(book: Book, spent: Spent) -> list[str]:
    most = spent.losses
    if most.empty:
        return []
    first = most.iloc[0]
    values = {
        "name": first["opportunity_id"] if pd.isna(first["name"]) else f"{first['name']} ({first['opportunity_id']})",
        "rep": name_of(first["rep"], "rep"),
        "amount": formats.figure(first["amount"], MONEY, book.settings.currency, short=True),
        "stage": name_of(first["stage"], "stage"),
        "hours": decimal_text(first["hours"]),
        "n": len(most),
        "share": formats.share(most["share"].sum()),
    }
    key = "time-use-loss" if pd.notna(first["stage"]) else "time-use-loss-no-stage"
    # What was lost often carries 0 in place of its amount.
    worth = pd.notna(first["amount"]) and first["amount"] > 0
    said = [say(key if worth else "time-use-loss-count", values)]
    groups = spent.losses_by
    for by, rows in groups[groups["standing"] == "above"].groupby("by", sort=False):
        named = [
            say(
                "time-use-group", {"name": name_of(row["group"], str(by)), "hours": decimal_text(row["per_loss"]), "n": row["lost"]}
            )
            for row in rows.to_dict("records")
        ]
        said.append(say("time-use-dearer", {"by": label_of(str(by)).lower(), "groups": listed(named)}))
    return said


def _table(frame: pd.DataFrame, title: str) -> Table:
    hours = frame.pivot(index="category", columns="became", values="hours").reindex(frame["category"].unique())
    share = frame.pivot(index="category", columns="became", values="share").reindex(hours.index)
    columns = {
        (label_of("category"), ""): [name_of(name, "category") for name in hours.index],
        (say("rep-page-hours-head"), ""): [decimal_text(total) for total in hours.sum(axis=1)],
    }
    for outcome in dict.fromkeys(frame["became"]):
        columns[say(f"time-use-{outcome}"), ""] = [formats.share(each) for each in share[outcome]]
    return Table(pd.DataFrame(columns), title, "", 1)
