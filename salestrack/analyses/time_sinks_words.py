"""What the analysis of time sinks says: sentences, table, and what it cannot know."""

import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Sentences
from salestrack.analyses.hours import decimal_text, interval_text, listed
from salestrack.analyses.reallocation import MOST, Reallocation
from salestrack.book import Book
from salestrack.definition import COUNT, DAYS, MONEY
from salestrack.display import Table, name_of
from salestrack.wording import label_of, mid_sentence, say

_TYPES = 3
_SMALL = 10


def sentences_of(book: Book, frame: pd.DataFrame, moved: Reallocation) -> tuple[str, ...]:
    """Return what the ranking and the what-if say, the sinks first."""
    rows = frame[frame["level"] == "category"]
    sinks = rows[rows["sink"]]
    share = formats.share(sinks["share"].sum())
    said = [say("sinks-found", {"n": len(sinks), "share": share, "kinds": listed(map(_sink, sinks.to_dict("records")), most=8)})]
    if sinks.empty:
        said = [say("sinks-none")] if rows["low"].notna().any() else [say("sinks-too-few")]
    if (rows["association"] == "unknown").all():
        said.append(say("sinks-unknown"))
    said += [_types(frame, row) for row in sinks.to_dict("records")]
    pays = rows[~rows["sink"] & (rows["unattached"] > MOST) & (rows["association"] == "more")]
    if len(pays):
        said.append(say("sinks-pays", {"kinds": listed(mid_sentence(name_of(name, "category")) for name in pays["category"])}))
    return (*said, *_what_if(book, moved))


def _sink(row: dict) -> str:
    values = {"kind": mid_sentence(name_of(row["category"], "category")), "share": formats.share(row["share"])}
    return say("sinks-kind", values | {"unattached": formats.share(row["unattached"]), "association": row["association"]})


def _types(frame: pd.DataFrame, row: dict) -> str:
    parts = frame[(frame["level"] == "type") & (frame["category"] == row["category"])].nlargest(_TYPES, "hours")
    named = [
        say("sinks-part", {"name": name_of(part["type"], "type"), "share": formats.share(part["hours"] / row["hours"])})
        for part in parts.to_dict("records")
    ]
    return say("sinks-types", {"kind": mid_sentence(name_of(row["category"], "category")), "parts": listed(named)})


def _what_if(book: Book, moved: Reallocation) -> list[str]:
    if moved.why_not:
        return [say(f"sinks-no-what-if-{moved.why_not}")]
    rows = {row["what"]: row for row in moved.frame.to_dict("records")}
    wins, money, extra = rows["extra_wins"], rows["extra_bookings"], float(rows["extra_activities"]["p50"])
    values: dict[str, object] = {
        "freed": formats.share(moved.freed),
        "hours": decimal_text(rows["hours_freed"]["p50"]),
        "extra": _round(extra),
        "best": mid_sentence(name_of(moved.best, "category")),
        "each": decimal_text(moved.each),
        "days": moved.days,
    }
    for name in ("p10", "p50", "p90"):
        values[f"wins_{name}"] = _round(wins[name])
        values[f"money_{name}"] = formats.figure(money[name], MONEY, book.settings.currency, short=True)
    said = [say("sinks-what-if", values), say("sinks-bookings" if pd.notna(money["p50"]) else "sinks-no-bookings", values)]
    if moved.opportunities:
        per = {"per": decimal_text(extra / moved.opportunities), "n": f"{moved.opportunities:,}"}
        said.append(say("sinks-capacity", per))
    return [*said, say("sinks-assumption", values)]


def _round(number: float) -> str:
    """Return a number as exact as it is worth: whole, or with one decimal where it is small."""
    return formats.figure(number, COUNT if abs(number) >= _SMALL else DAYS, "")


def limits_of(frame: pd.DataFrame) -> Sentences:
    """Return what these figures cannot know; nothing where there are no figures."""
    if frame.empty:
        return Sentences((), look="note")
    rows = frame[(frame["level"] == "category") & (frame["category"] == "unclassified")]
    said = [say("sinks-limit-indirect"), say("sinks-limit-owed"), say("sinks-limit-attached")]
    if len(rows):
        said.append(say("sinks-limit-unclassified", {"share": formats.share(rows["share"].iloc[0], digits=1)}))
    return Sentences(said, look="note")


def table_of(frame: pd.DataFrame, title: str) -> Table:
    """Return categories and types as a table of texts."""
    whole = frame["level"] == "category"
    columns = {
        (label_of("category"), ""): [name_of(name, "category") for name in frame["category"]],
        (label_of("type"), ""): ["" if each else name_of(name, "type") for name, each in zip(frame["type"], whole, strict=True)],
        (label_of("hours"), ""): [decimal_text(hours) for hours in frame["hours"]],
    }
    for share, low, high in (("share", "low", "high"), ("unattached", "unattached_low", "unattached_high")):
        columns[say(f"sinks-column-{share}"), say("column-value")] = [formats.share(each) for each in frame[share]]
        limits = zip(frame[low], frame[high], strict=True)
        columns[say(f"sinks-column-{share}"), say("column-interval", {"confidence": formats.share(0.95)})] = [
            interval_text(*each) for each in limits
        ]
    words = [say(f"sinks-association-{word.replace('_', '-')}") for word in frame["association"]]
    columns[say("sinks-column-association"), ""] = [word if each else "" for word, each in zip(words, whole, strict=True)]
    columns[say("sinks-column-sink"), ""] = [say("sinks-yes") if sink else "" for sink in frame["sink"]]
    return Table(pd.DataFrame(columns), title, "", 2)
