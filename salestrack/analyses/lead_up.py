"""What leads up to a sale: activities day by day, week by week and month by month before the close, or after the creation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import get_args

import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer, Sentences
from salestrack.analyses.coverage import record_of_activities
from salestrack.analyses.lives import ALIKE, GRAINS, Anchor, at_risk, decided, done, there_throughout, watched, won_are_gone
from salestrack.book import Book
from salestrack.columns import view
from salestrack.definition import find_metric
from salestrack.display import Table
from salestrack.errors import unknown
from salestrack.periods import Period
from salestrack.stats.alike import alike_means, comparable
from salestrack.stats.multiple import adjusted_p, familywise_p
from salestrack.tables import CATEGORIES
from salestrack.wording import label_of, mid_sentence, say

_NOTEWORTHY = 0.05
FACTORS = ("pace", "at", "size", "quarter")
"""In what the lost are made like the won: the rep's pace, age at close and bucket, amount, and quarter."""
_FEWEST = 10
_MATCHED = ["decided", "ripe", "recorded", "matched"]
_MARKS = {"more": "▲ ", "less": "▼ "}
_BY = ["grain", "bucket", "category"]
_FIGURES = [
    "won_mean",
    "lost_mean",
    "difference",
    "low",
    "high",
    "p",
    "adjusted_p",
    "familywise_p",
    "n_won",
    "n_lost",
    "verdict",
    "reason",
]


@dataclass(frozen=True, eq=False, repr=False)
class LeadUpAnswer(Answer):
    """What leads up to a sale.

    Parameters
    ----------
    anchor : {'close', 'creation'}
        From where days are counted.
    matched : pandas.DataFrame
        Two rows, for ``won`` and ``lost``: outcome, decided (opportunities), ripe (of them those created so long ago that hardly
        any of their like are open), recorded (of these, in whose life activities were recorded) and matched (of these, whose rep,
        age at close, amount band and quarter hold both outcomes).
    limits : Sentences
        What this cannot tell.
    """

    anchor: Anchor = field(kw_only=True)
    matched: pd.DataFrame = field(kw_only=True)
    limits: Sentences = field(kw_only=True)


def lead_up(
    book: Book,
    *,
    anchor: Anchor = "close",
    during: Period | str | None = None,
    where: Mapping[str, object] | None = None,
) -> LeadUpAnswer:
    """Compare what was done on won and on lost opportunities, in the last days before the close or the first after the creation.

    Parameters
    ----------
    book : Book
        The book.
    anchor : {'close', 'creation'}
        Count back from the close, or on from the creation.
    during : Period or str, optional
        When the opportunities closed (or were created, with that anchor); None: all that the book holds.
    where : mapping, optional
        Scope of the opportunities, as in `measure`.

    Returns
    -------
    LeadUpAnswer
        ``frame`` has a row for each grain (day, week, month of 30 days), bucket (1 is next to the close or creation; 30 days, 12
        weeks, 6 months) and category that occurs: won_mean and lost_mean (activities on an opportunity in the bucket; lost_mean is
        what the lost would have, were they like the won), difference with low and high, p, adjusted_p (Benjamini-Hochberg),
        familywise_p (Holm over all rows), n_won and n_lost (opportunities that existed in the whole bucket and have a counterpart),
        verdict (``more`` or ``less`` on won ones: familywise_p of at most 0.05; ``cannot_tell``, ``too_few``) and reason. Empty
        where the book cannot answer; the sentence says why.

    Raises
    ------
    UnknownNameError
        There is no such anchor.

    Notes
    -----
    Won and lost opportunities live differently long, large ones differ from small ones, and reps who win more may be busier with
    everything. So the lost are made like the won in rep, age at close (`salestrack.analyses.lives.AGE_EDGES`), amount (doublings;
    none is a band of its own) and quarter, each by itself (`salestrack.stats.alike`). A rep has a pace of its own in each bucket
    with 10 lost ones or more, and one in all others together; reps of fewer than 10 are one. An opportunity counts in a bucket when
    it existed, and activities were recorded, on all of its days.

    What makes wins come sooner has more of them decided by now. So opportunities count that were created long enough ago for 95 %
    of all wins to have come, and of whose like hardly any is open. Those that are won first are gone from later buckets after the
    creation, and with them what made them so: where that is more than a tenth of the won, no ``less`` is told of a bucket
    (``gone``). Where the period is one of closes, all that closed in it count: it holds the fast ones of late and the slow ones of
    long ago.
    """
    if anchor not in get_args(Anchor):
        raise unknown("anchor", anchor, get_args(Anchor))
    period, scope = None if during is None else book.period(during), dict(where or {})
    start, reason = record_of_activities(book, scope)
    if start is None:
        nothing = pd.DataFrame(columns=[*_BY, *_FIGURES]), pd.DataFrame(columns=["outcome", *_MATCHED])
        return _answer(book, (period, scope, anchor), *nothing, (reason,))
    clock = "close_date" if anchor == "close" else "created_date"
    opportunities = view(book, "opportunities", clock, (), scope, period).table
    until = _until(book, (period, scope, anchor))
    lives, whole = decided(opportunities, anchor, start, until), decided(opportunities, anchor, start)
    risk = at_risk(book, lives)
    frame = _compared(risk, done(book, lives, anchor), anchor)
    matched = _matched(at_risk(book, whole), risk)
    return _answer(book, (period, scope, anchor), frame, matched, _sentences(frame, matched, anchor))


def _until(book: Book, asked: tuple[Period | None, Mapping[str, object], Anchor]) -> date | None:
    """Return the last day of creation that counts; None: every one does.

    How long must be watched is told by all of the scope, whenever they were created: a period may hold nothing but young ones.
    """
    period, scope, anchor = asked
    if anchor == "close" and period is not None:
        return None
    return book.as_of - timedelta(days=watched(book, view(book, "opportunities", None, (), scope).table).watched)


def _compared(risk: pd.DataFrame, sums: pd.DataFrame, anchor: Anchor) -> pd.DataFrame:
    """Return the frame: numbers at risk and sums joined by likeness, compared, and judged."""
    known = [category for category in CATEGORIES if category in set(sums["category"])]
    found = [pd.DataFrame(columns=[*_BY, "mean", "other", "difference", "low", "high", "p", "n", "n_other", "reason"])]
    for grain, (_, count) in GRAINS.items():
        there = pd.concat([there_throughout(risk, grain, bucket) for bucket in range(count)], ignore_index=True)
        left = {bucket for bucket in range(count) if anchor == "creation" and won_are_gone(risk, grain, bucket)}
        there = comparable(_levels(there), FACTORS)
        for category in known if len(there) else ():
            part = sums[(sums["grain"] == grain) & (sums["category"] == category)]
            rows = alike_means(_with_sums(there, part), "bucket", FACTORS, "rep_id")
            lost_sight = rows["bucket"].isin(left) & (rows["difference"] < 0) & (rows["reason"] == "")
            found.append(rows.assign(grain=grain, category=category, reason=rows["reason"].mask(lost_sight, "gone")))
    rows = pd.concat(found[1:] or found, ignore_index=True)
    familywise = familywise_p(rows["p"])
    clear, more, gone = familywise <= _NOTEWORTHY, rows["difference"] > 0, rows["reason"] == "gone"
    words = np.select([gone, rows["reason"] != "", clear & more, clear], ["cannot_tell", "too_few", "more", "less"], "cannot_tell")
    rows = rows.rename(columns={"mean": "won_mean", "other": "lost_mean", "n": "n_won", "n_other": "n_lost"})
    made = rows.assign(bucket=rows["bucket"] + 1, adjusted_p=adjusted_p(rows["p"]), familywise_p=familywise, verdict=words)
    order = {name: place for place, name in enumerate((*GRAINS, *CATEGORIES))}
    made = made.sort_values(_BY, key=lambda each: each.map(order) if each.name != "bucket" else each, kind="stable")
    return made.reindex(columns=[*_BY, *_FIGURES]).reset_index(drop=True)


def _levels(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with the levels of what they are made alike in.

    A rep has a pace of its own in each bucket where it has enough lost ones, and one for all others; reps of few are one.
    """
    rep = cells["rep_id"].map(cells.groupby("rep_id")[["n", "n_other"]].sum().sum(axis=1))
    cells = cells.assign(rep=cells["rep_id"].where(rep >= _FEWEST, ""))
    enough = cells.groupby(["rep", "bucket"])["n_other"].transform("sum") >= _FEWEST
    bucket = cells["bucket"].where(enough, -1)
    return cells.assign(
        pace=cells.groupby(["rep", bucket], sort=False).ngroup(), at=cells.groupby(["bucket", "age"], sort=False).ngroup()
    )


def _with_sums(there: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with what was done on won and on lost ones; where nothing was done, zeros."""
    keys = ["bucket", *ALIKE]
    for tail, won in (("", 1), ("_other", 0)):
        side = part.loc[part["won"] == won, [*keys, "s1", "s2"]].rename(columns={"s1": f"s1{tail}", "s2": f"s2{tail}"})
        there = there.merge(side, on=keys, how="left")
    return there.fillna(dict.fromkeys(("s1", "s2", "s1_other", "s2_other"), 0.0))


def _matched(whole: pd.DataFrame, risk: pd.DataFrame) -> pd.DataFrame:
    """Return how many opportunities are compared at all."""
    recorded = risk[risk["last"] >= risk["first"]]
    n = recorded.groupby([*ALIKE, "won"])["n"].sum().unstack("won").reindex(columns=[1, 0]).fillna(0)
    both = comparable(_levels(n.set_axis(["n", "n_other"], axis=1).reset_index().assign(bucket=0)), FACTORS)
    parts = {"decided": whole, "ripe": risk, "recorded": recorded}
    rows = [
        {"outcome": word, **{name: int(part.loc[part["won"] == won, "n"].sum()) for name, part in parts.items()}}
        | {"matched": int(both[column].sum())}
        for word, won, column in (("won", 1, "n"), ("lost", 0, "n_other"))
    ]
    return pd.DataFrame(rows)


def _sentences(frame: pd.DataFrame, matched: pd.DataFrame, anchor: Anchor) -> tuple[str, ...]:
    won, lost = matched["matched"]
    told = frame[frame["verdict"] != "too_few"]
    if told.empty:
        return (say("lead-up-too-few", {"won": f"{won:,}", "lost": f"{lost:,}"}),)
    clear = told[told["verdict"].isin(["more", "less"])].sort_values("adjusted_p", kind="stable")
    said = [_clear_sentence(rows, anchor) for _, rows in clear.groupby("category", sort=False)]
    rest = [category for category in dict.fromkeys(told["category"]) if category not in set(clear["category"])]
    values = {
        "categories": ", ".join(mid_sentence(label_of(category)) for category in rest),
        "won": f"{won:,}",
        "lost": f"{lost:,}",
    }
    if rest:
        said.append(say(f"lead-up-{'rest' if said else 'none'}-{anchor}", values))
    return (*said, say("lead-up-matched", values))


def _clear_sentence(rows: pd.DataFrame, anchor: Anchor) -> str:
    """Return where one category differs most clearly, and how often it differs in the same grain."""
    first = rows.iloc[0]
    alike = rows[(rows["grain"] == first["grain"]) & (rows["verdict"] == first["verdict"])]
    grain = first["grain"]
    values = {
        "category": mid_sentence(label_of(first["category"])),
        "grain": say(f"lead-up-grain-{grain}"),
        "bucket": int(first["bucket"]),
        "buckets": len(alike),
        "count": GRAINS[grain][1],
        "won": f"{first['won_mean']:.2f}",
        "lost": f"{first['lost_mean']:.2f}",
        "difference": f"{abs(first['difference']):.2f}",
        "verdict": first["verdict"],
    }
    limits = [f"{abs(first[name]):.2f}" for name in ("low", "high")]
    values |= dict(zip(("low", "high"), limits if first["difference"] > 0 else reversed(limits), strict=True))
    return say(f"lead-up-clear-{anchor}", values)


def _answer(
    book: Book,
    asked: tuple[Period | None, Mapping[str, object], Anchor],
    frame: pd.DataFrame,
    matched: pd.DataFrame,
    sentences: tuple[str, ...],
) -> LeadUpAnswer:
    period, scope, anchor = asked
    metrics = tuple(find_metric(name) for name in ("activity_count", "win_rate"))
    return LeadUpAnswer(
        book, metrics, period, scope, frame, sentences, _table(book, frame, anchor),
        anchor=anchor, matched=matched, limits=_limits(matched),
    )  # fmt: skip


def _limits(matched: pd.DataFrame) -> Sentences:
    if matched.empty:
        return Sentences((), look="note")
    said = [say("lead-up-limit-cause"), say("lead-up-limit-age")]
    for row in matched.to_dict("records"):
        values = {name: f"{row[name]:,}" for name in _MATCHED}
        said.append(say("lead-up-limit-matched", values | {"outcome": say(f"lead-up-{row['outcome']}")}))
    return Sentences(said, look="note")


def _table(book: Book, frame: pd.DataFrame, anchor: Anchor) -> Table:
    """Return the weeks as a table of texts, won beside lost by category; `frame` has days and months as well."""
    weeks = frame[frame["grain"] == "week"]
    numbers = weeks.groupby("bucket", sort=True)[["n_won", "n_lost"]].first()
    columns = {
        (say(f"lead-up-column-{anchor}"), ""): [str(bucket) for bucket in numbers.index],
        (say("column-n"), ""): [f"{won:,} / {lost:,}" for won, lost in numbers.itertuples(index=False)],
    }
    for category in dict.fromkeys(weeks["category"]):
        rows = weeks[weeks["category"] == category].set_index("bucket").reindex(numbers.index).to_dict("records")
        label = label_of(category)
        columns[label, say("lead-up-column-won")] = [
            f"{_MARKS.get(row['verdict'], '')}{formats.DASH if pd.isna(row['won_mean']) else format(row['won_mean'], '.2f')}"
            for row in rows
        ]
        columns[label, say("lead-up-column-lost")] = [
            formats.DASH if pd.isna(row["lost_mean"]) else f"{row['lost_mean']:.2f}" for row in rows
        ]
    return Table(
        pd.DataFrame(columns, dtype="str"),
        say(f"lead-up-title-{anchor}", {"book": book.name}),
        say("lead-up-note") if len(weeks) else "",
        2,
    )
