"""What goes with winning, in words: its sentences, its table, and what it cannot tell."""

from math import exp

import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Sentences
from salestrack.book import Book
from salestrack.definition import SHARE
from salestrack.display import Table
from salestrack.stats.intervals import MIN_N
from salestrack.wording import label_of, mid_sentence, say

CLEAR = ("more", "less", "sooner", "later", "sooner_or_more", "later_or_less")
"""Verdicts that name an activity, the one that says most first."""
_TENS = 10


def sentences_of(frame: pd.DataFrame, fates: pd.DataFrame, dose: str) -> tuple[str, ...]:
    """Return what the effects of one more of the dose say, clear ones first; columns as in `goes_with_winning`."""
    told = frame[frame["verdict"] != "too_few"]
    if told.empty:
        return (_nothing(frame, fates),)
    clear = told[~told["verdict"].isin(["cannot_tell"])]
    order = {verdict: place for place, verdict in enumerate(CLEAR)}
    clear = clear.assign(_order=clear["verdict"].map(order)).sort_values(["_order", "adjusted_p"], kind="stable")
    said = [_clear_sentence(rows, dose) for _, rows in clear.groupby("category", sort=False)]
    open_ones = told[~told["category"].isin(clear["category"])]
    if len(open_ones):
        values = {
            "categories": _listed(open_ones["category"]),
            "low": formats.change(open_ones["low"].min(), SHARE, ""),
            "high": formats.change(open_ones["high"].max(), SHARE, ""),
            "days": _days(told["days"]),
        }
        said.append(say("winning-cannot-tell" if said else "winning-none", values))
    left = frame[~frame["category"].isin(told["category"])]
    for key, which in (("winning-never", left["reason"] == "none"), ("winning-few", left["reason"] != "none")):
        of_these = left[which & ~left["category"].isin(left.loc[~which, "category"])] if key == "winning-never" else left[which]
        if len(of_these):
            said.append(say(key, {"categories": _listed(of_these["category"]), "days": _days(frame["days"])}))
    return tuple(said)


def _nothing(frame: pd.DataFrame, fates: pd.DataFrame) -> str:
    """Return why nothing can be told at all."""
    most = fates.sort_values(["decided", "days"]).iloc[-1]
    if (frame["reason"] == "young").any():
        return say("winning-young", {"days": int(most["days"]), "watched": int(most["watched"])})
    first = fates.sort_values("days").iloc[0]
    if not first["still_open"] and not first["decided"] and first["closed_before"]:
        return say("winning-closed-before", {"n": f"{first['closed_before']:,}", "days": int(first["days"])})
    # Of a handful not one need be won.
    if not frame["won"].any() and (frame["n"] >= MIN_N).any():
        first = frame[frame["n"] == frame["n"].max()].iloc[0]
        return say("winning-none-won", {"n": f"{first['n']:,}", "days": int(first["days"])})
    return say("winning-too-few", {"n": int(most["decided"]), "days": int(most["days"])})


def _clear_sentence(rows: pd.DataFrame, dose: str) -> str:
    """Return what one category goes with at its clearest landmark, and where else it is clear."""
    first = rows.iloc[0]
    values = {"dose": dose, "category": mid_sentence(label_of(first["category"])), "days": int(first["days"])}
    if first["verdict"] in ("more", "less"):
        said = _of_parted(first, values) if pd.notna(first["cut"]) else _of_the_end(first, values)
    else:
        said = _of_time(first, values)
    also = rows.iloc[1:]
    also = also[also["verdict"] == first["verdict"]]
    return f"{said} {say('winning-also', {'days': _days(also['days'])})}" if len(also) else said


def _of_the_end(row: pd.Series, values: dict) -> str:
    points, *limits = (f"{abs(row[name]) * 100:.1f}" for name in ("effect", "low", "high"))
    low, high = limits if row["effect"] > 0 else reversed(limits)
    numbers = {"points": points, "low": low, "high": high, "n": f"{row['n']:,}", "watched": int(row["watched"])}
    return say(f"winning-{row['verdict']}", values | numbers)


def _of_time(row: pd.Series, values: dict) -> str:
    """Return that wins come sooner or later, and how many more come in the end."""
    said = {name: formats.change(row[name], SHARE, "") for name in ("soon", "soon_low", "soon_high", "effect", "low", "high")}
    known = "yes" if pd.notna(row["effect"]) else "no"
    return say(f"winning-{row['verdict'].replace('_', '-')}", values | said | {"within": int(row["within"]), "known": known})


def _of_parted(row: pd.Series, values: dict) -> str:
    """Return counts where an activity parts won from lost, and the odds that they speak for at least."""
    sides: dict[str, object] = {}
    for side in ("below", "above"):
        n, won = int(row[f"n_{side}"]), int(row[f"won_{side}"])
        sides |= {f"n_{side}": n, f"won_{side}": won, f"{side}": "none" if not won else "all" if won == n else "some"}
    least = exp(min(abs(row["log_odds_low"]), abs(row["log_odds_high"])))
    cut = {"cut": f"{row['cut']:g}", "any": "yes" if row["cut"] <= 1 else "no"}
    return say("winning-parted", values | sides | cut | {"verdict": row["verdict"], "times": _times(least)})


def _times(odds: float) -> str:
    return f"{odds:.1f}" if odds < _TENS else f"{odds:,.0f}"


def _listed(categories: pd.Series) -> str:
    return ", ".join(mid_sentence(label_of(category)) for category in dict.fromkeys(categories))


def _days(days: pd.Series) -> str:
    known = [str(day) for day in sorted(set(days))]
    return say("winning-and", {"first": ", ".join(known[:-1]), "last": known[-1]}) if len(known) > 1 else known[0]


def limits_of(fates: pd.DataFrame) -> Sentences:
    """Return what the comparison cannot tell, with how many opportunities it leaves out and why."""
    said = [say("winning-limit-cause"), say("winning-limit-recorded")]
    for row in fates.to_dict("records"):
        compared = row["decided"] + row["still_open"]
        values: dict[str, object] = {
            name: f"{row[name]:,}" for name in ("days", "unripe", "still_open", "closed_before", "too_young")
        }
        values |= {"watched": int(row["watched"]), "compared": f"{compared:,}", "yet": formats.share(row["yet"])}
        said.append(say("winning-limit-cohort", values))
    before, undated = (int(fates[name].max()) for name in ("before_record", "undated"))
    if before:
        said.append(say("winning-limit-carried", {"n": before}))
    if undated:
        said.append(say("winning-limit-undated", {"n": undated}))
    return Sentences((*said, say("winning-limit-line"), say("winning-limit-amount")), look="note")


def table_of(book: Book, frame: pd.DataFrame, dose: str) -> Table:
    """Return the effects as a table of texts."""
    rows = frame.to_dict("records")
    interval = [
        say("interval", {name: formats.change(row[name], SHARE, "") for name in ("low", "high")}) if pd.notna(row["low"]) else ""
        for row in rows
    ]
    columns = {
        (say("winning-column-days"), ""): [str(row["days"]) for row in rows],
        (say("winning-column-category"), ""): [label_of(row["category"]) for row in rows],
        (say("winning-column-effect"), ""): [formats.change(row["effect"], SHARE, "") for row in rows],
        (say("column-interval", {"confidence": "95%"}), ""): interval,
        (say("winning-column-p"), ""): [
            formats.DASH if pd.isna(row["familywise_p"]) else f"{row['familywise_p']:.3f}" for row in rows
        ],
        (say("winning-column-with"), ""): [f"{row['with_any']:,}" for row in rows],
        (say("column-n"), ""): [f"{row['n']:,}" for row in rows],
        (say("column-verdict"), ""): [say(f"winning-verdict-{row['verdict'].replace('_', '-')}") for row in rows],
    }
    return Table(
        pd.DataFrame(columns, dtype="str"),
        say("winning-title", {"book": book.name}),
        say("winning-note", {"dose": dose}) if rows else "",
        2,
    )
