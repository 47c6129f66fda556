"""Stale and untidy: which open opportunities a pipeline should not be counted on, by count and by value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.hours import interval_text, listed, no_table
from salestrack.book import Book
from salestrack.columns import beyond_reach, view
from salestrack.definition import MONEY, find_metric
from salestrack.display import Table
from salestrack.entered_late import complete_until, entry_lag, told_late
from salestrack.ladders import number_of
from salestrack.recorded import no_open
from salestrack.stats.intervals import MIN_N, share
from salestrack.wording import label_of, mid_sentence, say

CHECKS = ("overlong", "overdue", "no_close_date", "no_amount", "untouched", "skipped", "no_owner", "owner_gone")
"""What can be wrong with an open opportunity."""
ANY = "any"
LONG = 0.95
"""An opportunity is open too long when it is older than this share of the won ones were when they were won."""
FEWEST_WINS = 20
"""A quantile that far out needs so many wins."""
MOST = 25
"""Opportunities in the list."""
_MISSING = {"no_close_date": "close_date", "no_amount": "amount", "no_owner": "rep_id"}
COLUMNS = ("check", "n", "of", "share", "low", "high", "amount", "amount_share", "reason")
_LISTED = ("opportunity_id", "name", "rep_id", "stage", "amount", "created_date", "close_date")


@dataclass(frozen=True, eq=False, repr=False)
class Hygiene(Answer):
    """What is wrong with the open opportunities.

    Parameters
    ----------
    worst : pandas.DataFrame
        The flagged opportunities of the largest amount, at most 25: opportunity_id, name, rep_id, stage, amount, created_date,
        close_date (expected) and checks (tuple of str: what is wrong with it).
    long_days : float
        Days that 95 % of the wins took at most; null where there are fewer than 20.
    """

    worst: pd.DataFrame = field(kw_only=True)
    long_days: float = field(kw_only=True)


def hygiene(book: Book, *, where: Mapping[str, object] | None = None) -> Hygiene:
    """Count the open opportunities that are stale or not looked after, on the day of the book.

    Parameters
    ----------
    book : Book
        The book.
    where : mapping, optional
        Scope, as in `measure`.

    Returns
    -------
    Hygiene
        ``frame``, a row for each of `CHECKS` and one for ``any`` of them: check, n, of (open opportunities of which it is known),
        share (n / of) with low and high (Wilson), amount (money, of those n), amount_share (of the amount of those `of`), reason
        (why it cannot be told; then the figures are null, and it does not count in ``any``).

    Notes
    -----
    ``overlong``: open for more days than 95 % of the won ones took, all wins of the scope; ``overdue``: expected to close before
    the day of the book; ``untouched``: no activity names it; ``skipped``: it came to its stage without having been in an earlier
    one; ``no_owner``, ``owner_gone``: nobody owns it, or its rep has left. What not one of 10 or more open opportunities has (a
    date, an amount, an owner) is not recorded in the book, and not counted against any of them. Where closes are entered late,
    ``overlong`` and ``overdue`` allow for that lag: such an opportunity may have closed on its day and not be entered yet.
    """
    scope = dict(where or {})
    title = say("hygiene-title", {"book": book.name, "day": formats.day(book.as_of)})
    reason = beyond_reach(book, "opportunities", scope)
    every = view(book, "opportunities", None, (), {} if reason else scope).table
    every = every.limit(0) if reason else every
    having = {name: (every.open & every[column].notnull()).sum() for name, column in _MISSING.items()}
    wins = book.fetch_row(
        every.aggregate(n=(every.won & every.cycle_days.notnull()).sum(), p=_long(every), open=every.open.sum(), **having)
    )
    long_days = float(wins["p"]) if (wins["n"] or 0) >= FEWEST_WINS else float("nan")
    unrecorded = _unrecorded(wins)
    reasons = _reasons(book, int(wins["n"] or 0)) | unrecorded
    flags = _flags(book, every.filter(every.open), long_days, reasons)
    late = told_late(book, "hygiene-late")
    frame = _counted(book, flags, reasons)
    reason = reason or ("" if wins["open"] else no_open(book) or say("hygiene-nothing-open"))
    frame = frame.iloc[:0] if reason else frame
    metrics = tuple(find_metric(name) for name in ("open_opportunities", "pipeline"))
    return Hygiene(
        book, metrics, None, scope, frame,
        (reason,) if reason else (*_sentences(book, frame, long_days), *late, *unrecorded.values()),
        no_table(title) if reason else _table(book, frame, title),
        worst=_worst(book, flags), long_days=long_days,
    )  # fmt: skip


def _long(every: ir.Table) -> ir.Value:
    return every.cycle_days.quantile(LONG, where=every.won)


def _reasons(book: Book, wins: int) -> dict[str, str]:
    """Return why some of the checks cannot be made."""
    found = {
        "overlong": "" if wins >= FEWEST_WINS else say("hygiene-few-wins", {"n": wins, "least": FEWEST_WINS}),
        "untouched": book.lacks("activities"),
        "skipped": book.lacks("steps"),
        "owner_gone": book.lacks("reps"),
    }
    if not found["untouched"]:
        done = book.table("activities")
        linked = book.fetch_row(done.aggregate(n=done.count(), linked=done.opportunity_id.count()))
        found["untouched"] = "" if linked["linked"] else say("neglected-unlinked", {"n": f"{linked['n']:,}"})
    return {name: reason for name, reason in found.items() if reason}


def _unrecorded(found: Mapping[str, Any]) -> dict[str, str]:
    """Return what not one open opportunity has: that is how the book is kept, and says nothing of any of them."""
    if (found["open"] or 0) < MIN_N:
        return {}
    values = {name: {"n": f"{found['open']:,}", "what": say(f"hygiene-what-{name}")} for name in _MISSING}
    return {name: say("hygiene-unrecorded", values[name]) for name in _MISSING if not found[name]}


def _flags(book: Book, waiting: ir.Table, long_days: float, reasons: Mapping[str, str]) -> ir.Table:
    """Return the open opportunities with a boolean for each check; null where it is not known."""
    one = waiting
    if "untouched" not in reasons:
        touched = book.table("activities").filter(ibis._.opportunity_id.notnull()).select(_touched="opportunity_id").distinct()
        one = one.left_join(touched, one.opportunity_id == touched["_touched"])
    if "skipped" not in reasons:
        steps = book.table("steps")
        steps = steps.filter(steps.open)
        came = steps.group_by(_came="opportunity_id").aggregate(_passed_over=steps.stage_number.min(where=~steps.visited))
        one = one.left_join(came, one.opportunity_id == came["_came"])
        # Who went back before the stage has yet to come to it.
        past = one["_passed_over"] < number_of(one, book.settings.ladders)
        one = one.mutate(_skipped=one["_came"].notnull().ifelse(past.fill_null(False), ibis.null("boolean")))
    if "owner_gone" not in reasons:
        reps = book.table("reps").select(_rep="rep_id", _left="left_date")
        one = one.left_join(reps, one.rep_id == reps["_rep"])
    unknown, lag = ibis.null("boolean"), entry_lag(book)
    missing = {name: unknown if name in reasons else one[column].isnull() for name, column in _MISSING.items()}
    flags = missing | {
        "overlong": unknown if "overlong" in reasons else one.observed_days - lag > long_days,
        "overdue": one.close_date < complete_until(book),
        "untouched": unknown if "untouched" in reasons else one["_touched"].isnull(),
        "skipped": unknown if "skipped" in reasons else one["_skipped"],
        "owner_gone": unknown
        if "owner_gone" in reasons
        else one["_rep"].notnull().ifelse((one["_left"] <= book.as_of).fill_null(False), unknown),
    }
    made = one.select(*_LISTED, **flags)
    wrong = ibis.literal(False)
    for name in CHECKS:
        wrong |= made[name].fill_null(False)
    return made.mutate(**{ANY: wrong})


def _counted(book: Book, flags: ir.Table, reasons: Mapping[str, str]) -> pd.DataFrame:
    asked: dict[str, ir.Value] = {}
    for name in (*CHECKS, ANY):
        flag = flags[name]
        asked |= {
            f"n_{name}": flag.sum(),
            f"of_{name}": flag.count(),
            f"amount_{name}": flags.amount.sum(where=flag),
            f"whole_{name}": flags.amount.sum(where=flag.notnull()),
            f"priced_{name}": flags.amount.count(where=flag.notnull()),
        }
    found = pd.Series(book.fetch_row(flags.aggregate(**asked))).fillna(0.0).astype(float)
    rows = pd.DataFrame(
        {what: [found[f"{what}_{name}"] for name in (*CHECKS, ANY)] for what in ("n", "of", "amount", "whole", "priced")}
    )
    rows["check"] = [*CHECKS, ANY]
    rows["reason"] = [reasons.get(name, "") for name in rows["check"]]
    told = share(rows["n"], rows["of"])
    made = rows.assign(
        share=told.value, low=told.low, high=told.high, amount_share=rows["amount"] / rows["whole"].where(rows["whole"] > 0)
    )
    made["amount"] = made["amount"].where((made["of"] > 0) & (rows["priced"] > 0))
    return made.astype({"n": "int64", "of": "int64"})[list(COLUMNS)]


def _worst(book: Book, flags: ir.Table) -> pd.DataFrame:
    wrong = flags.filter(flags[ANY])
    most = book.fetch(wrong.order_by(wrong.amount.desc(nulls_first=False), wrong.opportunity_id).limit(MOST))
    most = most.sort_values(["amount", "opportunity_id"], ascending=[False, True], na_position="last", kind="stable")
    told = [tuple(name for name in CHECKS if row[name] is True) for row in most.astype(object).to_dict("records")]
    return most[list(_LISTED)].assign(checks=pd.Series(told, index=most.index, dtype=object)).reset_index(drop=True)


def _sentences(book: Book, frame: pd.DataFrame, long_days: float) -> list[str]:
    *rows, whole = frame.to_dict("records")
    currency = book.settings.currency
    values: dict[str, object] = {
        "n": f"{whole['n']:,}",
        "of": f"{whole['of']:,}",
        "share": formats.share(whole["share"], digits=1),
        "interval": interval_text(whole["low"], whole["high"]),
        "amount": formats.figure(whole["amount"], MONEY, currency),
        "amount_share": formats.share(whole["amount_share"], digits=1),
    }
    if not whole["n"]:
        return [say("hygiene-none", values)]
    # Where not one of the open ones has an amount, nothing is a share of their value.
    priced = pd.notna(whole["amount_share"])
    found = [row for row in rows if row["n"] and row["check"] != "no_amount"]
    told = [
        say("hygiene-one" if priced else "hygiene-one-count", {
            "check": mid_sentence(label_of(f"check-{row['check']}")), "n": f"{row['n']:,}",
            "amount": formats.figure(row["amount"], MONEY, currency),
        })
        for row in sorted(found, key=lambda row: -(row["amount"] if priced else row["n"]))
    ]  # fmt: skip
    # What has no amount is worth something nobody knows, not nothing.
    unpriced = next(row["n"] for row in rows if row["check"] == "no_amount")
    told += [say("hygiene-unpriced", {"n": f"{unpriced:,}"})] if unpriced else []
    said = [say("hygiene" if priced else "hygiene-count" if pd.isna(whole["amount"]) else "hygiene-of-nothing", values)]
    said.append(say("hygiene-what" if priced else "hygiene-checks", {"checks": listed(told, len(CHECKS))}))
    return said if pd.isna(long_days) else [*said, say("hygiene-long", {"days": f"{long_days:,.0f}"})]


def _table(book: Book, frame: pd.DataFrame, title: str) -> Table:
    rows = frame.to_dict("records")
    texts = {
        (say("hygiene-check"), ""): [label_of(f"check-{row['check']}") for row in rows],
        (label_of("open_opportunities"), ""): [formats.DASH if row["reason"] else f"{row['n']:,}" for row in rows],
        (say("hygiene-share"), ""): [formats.share(row["share"], digits=1) for row in rows],
        (say("column-interval", {"confidence": "95%"}), ""): [interval_text(row["low"], row["high"]) for row in rows],
        (label_of("amount"), ""): [formats.figure(row["amount"], MONEY, book.settings.currency) for row in rows],
        (say("hygiene-amount-share"), ""): [formats.share(row["amount_share"], digits=1) for row in rows],
    }
    note = " ".join(dict.fromkeys(reason for reason in frame["reason"] if reason))
    return Table(pd.DataFrame(texts), title, note, 1)
