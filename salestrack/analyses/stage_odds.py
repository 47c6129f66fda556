"""What is won of those who came to a stage, by how long they have been in it, beside what the book states for the stage."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.hours import interval_text, no_table
from salestrack.analyses.processes import PIPELINE, each_process, put_together
from salestrack.book import Book
from salestrack.columns import beyond_reach, view
from salestrack.definition import find_metric
from salestrack.display import Table
from salestrack.entered_late import complete_until, steps_until, told_late
from salestrack.migrated import dated
from salestrack.recorded import no_ends
from salestrack.recording import recorded
from salestrack.stats.intervals import MIN_N
from salestrack.stats.life_table import life_table
from salestrack.stats.survival import incidence
from salestrack.wording import label_of, say

AGES = (0, 14, 30, 60, 90, 180)
"""Days in a stage at which it is asked who is still there, and how many of those are won in the end."""
COLUMNS = ("stage", "age", "n", "won", "value", "low", "high", "stated", "verdict")


def stage_odds(book: Book, *, where: Mapping[str, object] | None = None) -> Answer:
    """Hold the stated win probability of each stage against what was won of those who came to it, all the book holds.

    Parameters
    ----------
    book : Book
        A book with a stage history.
    where : mapping, optional
        Scope, as in `measure`.

    Returns
    -------
    Answer
        ``frame``, a row for each open stage and each age of `AGES` that somebody reached: stage, age (days since it was entered),
        n (still in the stage at that age), won (of them, so far), value (share that is won in the end, open ones censored) with
        low and high, stated (of the stage; null: the book file states none) and verdict: ``too_high`` or ``too_low`` where the
        stated one lies outside the interval, ``in_line``, ``not_stated``, ``too_few`` (n < 10). Of ages above 0 the verdict says
        whether the one probability of the stage still holds there.

    Notes
    -----
    A landmark analysis: at each age those still in the stage are followed from then on (Aalen-Johansen, winning against losing),
    so that an opportunity that has been there for 90 days is held against others that had been there for 90 days. They are
    followed until the last day whose closes are complete. A stage that was skipped counts nobody. A step back ends a stay; who
    comes to a stage again counts once at each age, with the first stay that lasted so long. Ages of one stage share
    opportunities: their values are not independent.

    References
    ----------
    van Houwelingen, H. C. (2007). Dynamic prediction by landmarking in event history analysis. Scandinavian Journal of Statistics
    34, 70-85.
    """
    whole, parts = each_process(book, dict(where or {}), lambda one, scope, _: _stage_odds(one, dict(scope)))
    return whole or replace(parts[0][1], **put_together(book, dict(where or {}), parts))


def _stage_odds(book: Book, scope: dict[str, object]) -> Answer:
    title = say("stage-odds-title", {"book": book.name})
    reason = book.lacks("steps") or beyond_reach(book, "steps", scope) or no_ends(book)
    frame, left_out = (pd.DataFrame(columns=list(COLUMNS)), []) if reason else _odds(book, scope)
    if frame.empty and not reason:
        reason = say("stage-odds-nobody")
    return Answer(
        book, (find_metric("win_rate"), find_metric("close_rate")), None, scope, frame,
        (reason,) if reason else (*_sentences(frame), *left_out),
        no_table(title) if reason else _table(frame, title),
    )  # fmt: skip


def stay(steps: ir.Table) -> ir.IntegerValue:
    """Return the age, of `AGES`, that a stay in a stage has reached."""
    reached = [((steps.days >= age) & (steps.days < after), age) for age, after in pairwise(AGES)]
    return ibis.cases(*reached, else_=AGES[-1]).cast("int64")


def nearest_odds(odds: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return for each stage and age the shares won of the highest age that enough opportunities reached.

    Parameters
    ----------
    odds : pandas.DataFrame
        The frame of `stage_odds`.
    cells : pandas.DataFrame
        Columns stage and age, and pipeline where the odds are told by process.

    Returns
    -------
    pandas.DataFrame
        Rows as in `cells`: value, low, high; null where too few ever came to the stage.
    """
    keys = [name for name in (PIPELINE, "stage") if name in odds]
    told = odds.loc[odds["n"] >= MIN_N, [*keys, "age", "value", "low", "high"]].sort_values("age").astype({"age": "int64"})
    asked = cells[[*keys, "age"]].assign(row=np.arange(len(cells))).sort_values("age", kind="stable").astype({"age": "int64"})
    found = pd.merge_asof(asked, told, on="age", by=keys)
    return found.sort_values("row")[["value", "low", "high"]].set_index(cells.index).astype(float)


def _odds(book: Book, where: Mapping[str, object]) -> tuple[pd.DataFrame, list[str]]:
    at = view(book, "stays", None, (), where).table
    marks = ibis.memtable(pd.DataFrame({"age": list(AGES)}, dtype="int64"))
    known, left_out = recorded(book, at.filter(at.dated))
    known, undated = dated(book, known)
    known, until = steps_until(book, known), complete_until(book)
    later = (known.close_date > until).fill_null(False)
    known = known.mutate(status=later.ifelse("open", known.status))
    one = known.select("opportunity_id", "stage", "entered_date", "days", "status", "close_date").cross_join(marks)
    # Who comes to a stage again counts once at each age: with the first stay that lasted so long.
    one = one.filter(one.days >= one.age).group_by(["opportunity_id", "stage", "age", "status", "close_date"])
    one = one.aggregate(entered_date=ibis._.entered_date.min())
    end = (one.status == "open").ifelse(ibis.literal(until), one.close_date)
    one = one.mutate(days=end.delta(one.entered_date, unit="day") - one.age, outcome=one.status).filter(ibis._.days >= 0)
    counts = book.fetch(one.group_by(["stage", "age", "days", "outcome"]).aggregate(count=ibis._.count()))
    if counts.empty:
        return pd.DataFrame(columns=list(COLUMNS)), left_out
    won = counts[counts["outcome"] == "won"].groupby(["stage", "age"])["count"].sum().rename("won").reset_index()
    found = incidence(life_table(counts, by=["stage", "age"], outcomes=("won",)), "won").at()
    found = found.merge(won, how="left", on=["stage", "age"]).fillna({"won": 0}).astype({"n": "int64", "won": "int64"})
    stages = [stage for stage in book.settings.stages if stage.outcome == "open"]
    found["stated"] = found["stage"].map({stage.name: stage.probability for stage in stages}).astype(float)
    order = found["stage"].map({stage.name: number for number, stage in enumerate(stages)})
    found = found.assign(verdict=_verdicts(found), order=order).sort_values(["order", "age"], ignore_index=True)
    return found[list(COLUMNS)], [*told_late(book), *undated, *left_out]


def _verdicts(found: pd.DataFrame) -> np.ndarray:
    few, silent = found["n"] < MIN_N, found["stated"].isna()
    high, low = found["stated"] > found["high"], found["stated"] < found["low"]
    return np.select([few, silent, high, low], ["too_few", "not_stated", "too_high", "too_low"], "in_line")


def _sentences(frame: pd.DataFrame) -> list[str]:
    at_entry = frame[frame["age"] == 0]
    stated = at_entry[at_entry["stated"].notna()]
    said = []
    for verdict in ("too_high", "too_low"):
        rows = stated[stated["verdict"] == verdict].to_dict("records")
        told = [
            say("stage-odds-one", {
                "stage": row["stage"], "stated": formats.share(row["stated"]), "value": formats.share(row["value"]),
                "interval": interval_text(row["low"], row["high"]), "n": f"{row['n']:,}",
            })
            for row in rows
        ]  # fmt: skip
        said += [say(f"stage-odds-{verdict.replace('_', '-')}", {"stages": "; ".join(told)})] if told else []
    judged = stated[~stated["verdict"].isin(["too_few"])]
    if stated.empty:
        said.append(say("stage-odds-not-stated"))
    elif not said:
        said.append(say("stage-odds-in-line" if len(judged) else "stage-odds-too-few", {"n": len(judged), "least": MIN_N}))
    return [*said, *_ageing(frame)]


def _ageing(frame: pd.DataFrame) -> list[str]:
    """Say where waiting goes with the largest change of the share won, if by more than the intervals allow."""
    judged = frame[frame["n"] >= MIN_N]
    both = judged[judged["age"] > 0].merge(judged[judged["age"] == 0], on="stage", suffixes=("", "_new"))
    apart = both[(both["high"] < both["low_new"]) | (both["low"] > both["high_new"])]
    if apart.empty:
        return []
    row = max(apart.to_dict("records"), key=lambda row: abs(row["value"] - row["value_new"]))
    values = {"stage": row["stage"], "age": int(row["age"]), "n": f"{row['n']:,}"}
    return [say("stage-odds-ageing", values | {"value": formats.share(row["value"]), "new": formats.share(row["value_new"])})]


def _table(frame: pd.DataFrame, title: str) -> Table:
    rows = frame.to_dict("records")
    texts = {
        (label_of("stage"), ""): [row["stage"] for row in rows],
        (say("stage-odds-age"), ""): [f"{row['age']}" for row in rows],
        (say("column-n"), ""): [f"{row['n']:,}" for row in rows],
        (say("stage-odds-won"), ""): [formats.share(row["value"]) for row in rows],
        (say("column-interval", {"confidence": "95%"}), ""): [interval_text(row["low"], row["high"]) for row in rows],
        (say("stage-odds-stated"), ""): [formats.share(row["stated"]) for row in rows],
        (say("column-verdict"), ""): [say(f"stage-odds-verdict-{row['verdict'].replace('_', '-')}") for row in rows],
    }
    return Table(pd.DataFrame(texts), title, say("stage-odds-note"), 2)
