"""Every quota beside its own bookings: reps, managers, teams, territories and their parents, each in the quota's own days."""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.hours import no_table, period_text
from salestrack.book import Book, quota_spans
from salestrack.definition import MONEY, RATIO, find_metric
from salestrack.display import ROWS_SHOWN, Table
from salestrack.groups import labels_of
from salestrack.periods import Period
from salestrack.quota_levels import LEVELS, MANAGER, REP, TEAM, below, managers_of, overlapping, parents_of
from salestrack.quota_notes import beside_quotas, quotas_of
from salestrack.quota_spans import QuotaSpan, quota_name
from salestrack.wording import label_of, say

COLUMNS = ("level", "holder", "quota_period", "start", "last", "quota", "bookings", "n", "attainment", "counts", "over", "note")
# A quota met to the cent is met, whatever order its deals are added up in.
_MET = 1 - 1e-9
# The number of a quota, whose deals count for it, and its first and last day.
_Member = tuple[int, str, date, date]


def quota_results(book: Book, *, during: Period | str | None = None) -> Answer:
    """Hold every quota against its own bookings: those of its holder, on its own days.

    Parameters
    ----------
    book : Book
        With quotas.
    during : Period or str, optional
        Quotas whose days lie wholly in it, such as ``"quota:2026-02-14"`` or ``"2026"``. None: all that have begun.

    Returns
    -------
    Answer
        ``frame``, a row for each quota: level (one of `salestrack.quota_levels.LEVELS`), holder (its name), quota_period (as
        `during` takes it), start and last (its first and its last day), quota and bookings (money), n (won opportunities with an
        amount), attainment (bookings / quota; null: a quota of 0), counts (whether it is added where quotas are added), over
        (whether its last day has gone by), note (``overlaps``: another quota of the holder has days of it; ``looks_wrong``: of 1 or
        less, or many times as large or small as those beside it; or empty). Empty where there are none, with the reason.

    Notes
    -----
    The bookings of a rep are the rep's own; of a manager the manager's own and those of everybody below; of a team those of its
    reps; of a territory those in it and in every territory below. Levels hold the same bookings and are never added.
    """
    period = None if during is None else book.period(during)
    title = say("quota-results-title", {"book": book.name, "period": period_text(period)})
    metrics = tuple(find_metric(name) for name in ("quota_attainment", "share_of_reps_at_quota"))
    held = _asked(book, period) if book.has("quotas") else pd.DataFrame()
    if held.empty:
        reason = book.lacks("quotas") or say("quota-results-none", {"period": period_text(period)})
        said = [reason, *(_cut(book, period) if book.has("quotas") else [])]
        return Answer(book, metrics, period, {}, pd.DataFrame(columns=list(COLUMNS)), tuple(said), no_table(title))
    frame = _frame(book, held)
    said = [*_sentences(book, frame), *beside_quotas(book, (), {}, period)]
    return Answer(book, metrics, period, {}, frame, tuple(said), _table(book, frame, title))


def _asked(book: Book, period: Period | None) -> pd.DataFrame:
    every = quotas_of(book)
    if period is None:
        return every[every["start_date"] <= book.as_of]
    return every[(every["start_date"] >= period.start) & (every["end_date"] < period.end)]


def _cut(book: Book, period: Period | None) -> list[str]:
    """Return which periods of quotas a period cuts; nothing where it touches none."""
    touched = [each for each in quota_spans(book) if period and each.start < period.end and each.end > period.start]
    names = [quota_name(each, quota_spans(book)) for each in touched[:3]]
    values = {"period": str(period), "periods": ", ".join(names), "more": str(len(touched) > len(names))}
    return [say("quota-period-cuts", values)] if names else []


def _frame(book: Book, held: pd.DataFrame) -> pd.DataFrame:
    held = held.assign(number=range(len(held)))
    booked = _booked(book, held).set_index("number").reindex(range(len(held))).fillna(0.0)
    spans = [QuotaSpan(one["start_date"], one["end_date"] + timedelta(days=1)) for one in held.to_dict("records")]
    names = tuple(dict.fromkeys(spans))
    quota = held["amount"].to_numpy(dtype=float)
    bookings = booked["bookings"].to_numpy(dtype=float)
    twice = overlapping(quotas_of(book)).reindex(held.index).to_numpy()
    made = pd.DataFrame(
        {
            "level": held["level"].to_numpy(),
            "holder": _names(book, held),
            "quota_period": [quota_name(each, names) for each in spans],
            "start": held["start_date"].to_numpy(),
            "last": held["end_date"].to_numpy(),
            "quota": quota,
            "bookings": bookings,
            "n": booked["n"].to_numpy(dtype="int64"),
            "attainment": np.divide(bookings, quota, out=np.full(len(quota), np.nan), where=quota > 0),
            "counts": held["counts"].to_numpy(dtype=bool),
            "over": np.array([day <= book.as_of for day in held["end_date"]]),
            "note": np.where(held["times"].notna(), "looks_wrong", np.where(twice, "overlaps", "")),
        }
    )
    order = {level: number for number, level in enumerate(LEVELS)}
    return made.sort_values(
        ["level", "holder", "start", "last"], key=lambda c: c.map(order) if c.name == "level" else c, ignore_index=True
    )


def _names(book: Book, held: pd.DataFrame) -> list[str]:
    names = {}
    for table, column in (("reps", "rep_id"), ("territories", "territory_id")):
        if book.has(table):
            names[column] = labels_of(book, table, held[column].dropna().unique().tolist())
    found = []
    for one in held.to_dict("records"):
        column = "rep_id" if one["level"] in (REP, MANAGER) else "" if one["level"] == TEAM else "territory_id"
        found.append(str(names.get(column, {}).get(one["holder"], one["holder"])))
    return found


def _booked(book: Book, held: pd.DataFrame) -> pd.DataFrame:
    """Return what was won for each quota: number, bookings, n."""
    sold = book.table("opportunities")
    won = sold.filter(sold.won, sold.amount.notnull())
    people, places = _members(book, held)
    found = [_sums(book, won, "rep_id", people), _sums(book, won, "territory_id", places)]
    return pd.concat(found).groupby("number", as_index=False).sum()


def _members(book: Book, held: pd.DataFrame) -> tuple[list[_Member], list[_Member]]:
    """Return whose deals count for each quota: of reps, and of territories."""
    under, lower = below(managers_of(book.tables.get("reps"))), below(parents_of(book.tables.get("territories")))
    teams: dict[str, list[str]] = {}
    if book.has("reps"):
        for row in book.connection.to_pyarrow(book.table("reps").select("rep_id", "team")).to_pylist():
            teams.setdefault(row["team"] or "", []).append(row["rep_id"])
    people: list[_Member] = []
    places: list[_Member] = []
    for one in held.to_dict("records"):
        holder, level = str(one["holder"]), one["level"]
        if level in (REP, MANAGER):
            keys, into = {holder, *(under.get(holder, ()) if level == MANAGER else ())}, people
        elif level == TEAM:
            keys, into = set(teams.get(holder, ())), people
        else:
            keys, into = {holder, *lower.get(holder, ())}, places
        into += [(one["number"], key, one["start_date"], one["end_date"]) for key in sorted(keys)]
    return people, places


def _sums(book: Book, won: ir.Table, column: str, members: list[_Member]) -> pd.DataFrame:
    if not members:
        return pd.DataFrame({"number": pd.Series(dtype="int64"), "bookings": pd.Series(dtype=float), "n": pd.Series(dtype="int64")})
    kinds = (pa.int64(), pa.string(), pa.date32(), pa.date32())
    names = ("number", "member", "first", "last")
    columns = {name: pa.array(values, kind) for name, values, kind in zip(names, zip(*members, strict=True), kinds, strict=True)}
    side = ibis.memtable(pa.table(columns))
    joined = won.inner_join(side, [won[column] == side.member, won.close_date >= side.first, won.close_date <= side.last])
    return book.fetch(joined.group_by("number").aggregate(bookings=joined.amount.sum(), n=joined.count()))


def _sentences(book: Book, frame: pd.DataFrame) -> list[str]:
    said = []
    for level in LEVELS:
        rows = frame[(frame["level"] == level) & frame["over"] & (frame["quota"] > 0)]
        if rows.empty:
            continue
        values = {"level": label_of(f"quota-level-{level.replace('_', '-')}"), "n": f"{len(rows):,}"}
        values["reached"] = f"{int((rows['attainment'] >= _MET).sum()):,}"
        if rows["counts"].all():
            sums = rows[["bookings", "quota"]].sum()
            values |= {name: formats.figure(sums[name], MONEY, book.settings.currency) for name in ("bookings", "quota")}
            said.append(say("quota-results", values))
        else:
            said.append(say("quota-results-level", values))
    return said or [say("quota-results-running", {"n": f"{len(frame):,}", "day": formats.day(book.as_of)})]


def _table(book: Book, frame: pd.DataFrame, title: str) -> Table:
    rows = frame.head(ROWS_SHOWN).to_dict("records")
    currency = book.settings.currency
    texts = {
        (say("quota-results-column-level"), ""): [label_of(f"quota-level-{row['level'].replace('_', '-')}") for row in rows],
        (say("quota-results-holder"), ""): [row["holder"] for row in rows],
        (label_of("quota_period"), ""): [row["quota_period"] for row in rows],
        (label_of("quota"), ""): [formats.figure(row["quota"], MONEY, currency) for row in rows],
        (label_of("bookings"), ""): [formats.figure(row["bookings"], MONEY, currency) for row in rows],
        (say("column-n"), ""): [f"{row['n']:,}" for row in rows],
        (label_of("quota_attainment"), ""): [formats.figure(row["attainment"], RATIO, currency) for row in rows],
        (say("quota-results-note"), ""): [
            say(f"quota-note-{row['note'].replace('_', '-')}") if row["note"] else "" for row in rows
        ],
    }
    notes = [say("note-cut", {"shown": ROWS_SHOWN, "rows": len(frame)})] if len(frame) > ROWS_SHOWN else []
    return Table(pd.DataFrame(texts), title, " ".join((*notes, say("quota-results-levels"))), 3)
