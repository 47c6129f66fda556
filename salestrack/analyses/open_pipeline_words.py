"""What is said of the open pipeline, and its table."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from salestrack import formats
from salestrack.book import Book
from salestrack.definition import COUNT, DAYS, MONEY, RATIO, SHARE, Unit
from salestrack.display import Table, name_of
from salestrack.periods import Period
from salestrack.recorded import no_amounts, no_ends
from salestrack.wording import label_of, say

FIGURES: Mapping[str, Unit] = {
    "open_opportunities": COUNT,
    "pipeline": MONEY,
    "pipeline_created": MONEY,
    "weighted_pipeline": MONEY,
    "expected_pipeline": MONEY,
    "due": MONEY,
    "quota": MONEY,
    "bookings": MONEY,
    "pipeline_coverage": RATIO,
    "win_rate": SHARE,
    "average_deal_size": MONEY,
    "mean_sales_cycle": DAYS,
    "velocity": MONEY,
}
"""The figures of the answer, in order, and what they are measured in; the velocity is per day."""
REACHED = "reached"
AGED = "aged"
COMING = "coming"
OF_VELOCITY = ("win_rate", "average_deal_size", "mean_sales_cycle")
"""The figures that velocity is made of, beside the number of open opportunities."""


def pipeline_sentences(book: Book, frame: pd.DataFrame, period: Period, absent: Mapping[str, str], aged: pd.DataFrame) -> list[str]:
    """Say how much is open, what it is worth, what is due, and how fast it brings money; or what of it is not recorded."""
    rows: dict[str, dict[Any, Any]] = {row["figure"]: row for row in frame.to_dict("records")}
    currency = book.settings.currency

    def text(name: str, what: str = "value") -> str:
        # An estimate with its interval is not known to the euro.
        return formats.figure(rows[name][what], FIGURES[name], currency, short=name in ("expected_pipeline", "velocity"))

    def interval(name: str) -> str:
        return say("interval", {"low": text(name, "low"), "high": text(name, "high")})

    values: dict[str, object] = {name: text(name) for name in FIGURES}
    values |= {f"{name}_n": f"{row['n']:,}" for name, row in rows.items()}
    values |= {"period": str(period), "day": formats.day(book.as_of)}
    if why := absent.get("open_opportunities", ""):
        return [why]
    if not rows["open_opportunities"]["value"]:
        return [say("open-pipeline-nothing", values)]
    if why := absent.get("pipeline", ""):
        # Where others have an amount, what else is not in the book is missing still.
        others = () if no_amounts(book) else (book.lacks("steps"), book.lacks("quotas"))
        return [say("open-pipeline-count", values | {"why": why}), *filter(None, others)]
    coming = rows["bookings"]["note"] == COMING
    said = [say("open-pipeline-open" if coming or "pipeline_created" in absent else "open-pipeline", values)]
    if rows["expected_pipeline"]["note"] == "":
        key = "open-pipeline-worth" if rows["weighted_pipeline"]["n"] else "open-pipeline-expected"
        said.append(say(key, values | {"interval": interval("expected_pipeline")}))
    else:
        said.append(book.lacks("steps") or no_ends(book) or say("open-pipeline-no-odds"))
    # Of a period that is over nothing is still to come in.
    over, due = period.last_day < book.as_of, pd.notna(rows["due"]["value"])
    key = {"": "open-pipeline-coverage-coming" if coming else "open-pipeline-coverage", REACHED: "open-pipeline-reached"}.get(
        rows["pipeline_coverage"]["note"], "open-pipeline-no-quota"
    )
    why = (absent.get("quota", "") or absent.get("bookings", "")) if due else ""
    said += [] if over else [why or say(key if due else "open-pipeline-due-unrecorded", values)]
    # The odds, the coverage and the velocity may lack the same.
    rest = [] if coming else [_velocity_told(rows["velocity"], absent, aged, values | {"interval": interval("velocity")})]
    return list(dict.fromkeys([*said, *rest]))


def _velocity_told(row: Mapping[Any, Any], absent: Mapping[str, str], aged: pd.DataFrame, values: Mapping[str, object]) -> str:
    if why := _lacking(absent):
        return why
    if row["note"] == AGED:
        old = aged.iloc[0]
        return say("open-pipeline-aged", {**values, "old": f"{old['old']:,.0f}", "days": f"{old['days']:,.0f}"})
    if pd.isna(row["value"]):
        return say("open-pipeline-no-velocity", values)
    return say("open-pipeline-velocity", {**values, "few": str(bool(pd.isna(row["low"])))})


def _lacking(absent: Mapping[str, str]) -> str:
    """Return why velocity cannot be told: one of its factors is not recorded; else empty."""
    return next(filter(None, (absent.get(name, "") for name in OF_VELOCITY)), "")


def shares_told(book: Book, frame: pd.DataFrame, names: tuple[str, ...]) -> list[str]:
    """Say where most of the pipeline is."""
    rows = frame[(frame["figure"] == "pipeline") & (frame["value"] > 0)].sort_values("value", ascending=False)
    if rows.empty:
        return [say("open-pipeline-empty")]
    first, total = rows.iloc[0], rows["value"].sum()
    name = " · ".join(name_of(first[each], each) for each in names)
    values = {"name": name, "share": formats.share(first["value"] / total), "groups": len(rows)}
    amounts = {"amount": formats.figure(first["value"], MONEY, book.settings.currency)}
    return [say("open-pipeline-most", values | amounts | {"total": formats.figure(total, MONEY, book.settings.currency)})]


def pipeline_table(book: Book, frame: pd.DataFrame, names: tuple[str, ...], period: Period) -> Table:
    """Return the figures as a table, a row for each group and figure."""
    rows, currency = frame.to_dict("records"), book.settings.currency

    def text(row: Mapping[Any, Any], what: str) -> str:
        return formats.figure(row[what], FIGURES[row["figure"]], currency)

    texts = {(label_of(name), ""): [name_of(row[name], name) for row in rows] for name in names}
    texts |= {
        (say("column-metric"), ""): [label_of(row["figure"]) for row in rows],
        (say("column-value"), ""): [text(row, "value") for row in rows],
        (say("column-interval", {"confidence": "95%"}), ""): [
            "" if pd.isna(row["low"]) else say("interval", {"low": text(row, "low"), "high": text(row, "high")}) for row in rows
        ],
        (say("column-n"), ""): [f"{row['n']:,}" for row in rows],
    }
    title = say("open-pipeline-title", {"book": book.name, "day": formats.day(book.as_of), "period": str(period)})
    return Table(pd.DataFrame(texts), title, say("open-pipeline-note"), len(names) + 1)
