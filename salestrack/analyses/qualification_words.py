"""Qualification in words: what became of MQLs, where it broke, what that cost, and what cannot be told."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from salestrack import formats
from salestrack.analyses.hours import interval_text, listed
from salestrack.analyses.qualification_breaks import FEWEST_WEEKS, HALVING_WEEKS, NO_BREAK
from salestrack.analyses.qualification_cohorts import HORIZONS, MATURE, Goal
from salestrack.book import Book
from salestrack.definition import MONEY, SHARE
from salestrack.display import Table, name_of
from salestrack.grains import grain_name
from salestrack.wording import label_of, say

Row = Mapping[Any, Any]


def goal_values(goal: Goal) -> dict[str, object]:
    """Return what the goal is called in sentences."""
    return {name: say(f"qualification-{name}-{goal.replace('_', '-')}") for name in ("step", "goal", "unit")}


def sentences_of(
    book: Book, goal: Goal, overall: pd.Series, breaks: pd.DataFrame, series: Sequence[str], weeks: pd.DataFrame
) -> list[str]:
    """Return what conversion and its breaks say, breaks first.

    Parameters
    ----------
    book : Book
        The book.
    goal : {'sales_qualified', 'won'}
        What is to be reached.
    overall : pandas.Series
        All series together: mqls, within_30, ..., and the horizon as ``within``.
    breaks, weeks : pandas.DataFrame
        As `qualification` has them.
    series : sequence of str
        Columns that name a series.
    """
    values = goal_values(goal) | {"days": int(overall["within"])}
    rows = sorted(breaks.to_dict("records"), key=lambda row: row["adjusted_p"])
    broken = [row for row in rows if row["verdict"] not in NO_BREAK]
    said = []
    for row in broken:
        said.append(_break(row, series, values))
        said += [_cost(book, row, series, values)] if pd.notna(row["lost"]) else []
        said.append(_a_year_before(row, series, values))
    said += [say("qualification-not-why")] if broken else []
    said += [_a_year_before(row, series, values) for row in rows if row["verdict"] == "season"]
    said += _no_break([row for row in rows if row["verdict"] == "none"], series, values, bool(broken))
    said.append(_overall(overall, values))
    for row in rows:
        if row["recorded_since"] is not None:
            since = {"name": name_in(row, series), "day": formats.day(row["recorded_since"])}
            said.append(say("qualification-recorded-since", values | since))
    few = [name_in(row, series) for row in rows if row["verdict"] == "too_few"]
    said += [say("qualification-too-few", values | {"names": listed(few), "weeks": FEWEST_WEEKS})] if few else []
    return said + _young(weeks, values)


def week_text(start: date) -> str:
    """Return the ISO week that begins on a Monday."""
    return grain_name(start, "week", 1)


def name_in(row: Row, series: Sequence[str]) -> str:
    """Return what a series is called."""
    return " · ".join(name_of(row[name], name) for name in series) or say("qualification-all")


def _break(row: Row, series: Sequence[str], values: dict[str, object]) -> str:
    told = {f"since{limit}": week_text(row[f"since{limit}"]) for limit in ("", "_low", "_high")}
    for name in ("before", "after"):
        told |= {
            name: formats.share(row[name], digits=1),
            f"{name}_interval": interval_text(row[f"{name}_low"], row[f"{name}_high"]),
        }
    told |= {f"ratio{limit}": f"{row[f'ratio{limit}']:.2f}" for limit in ("", "_low", "_high")}
    exact = "yes" if told["since_low"] == told["since_high"] else "no"
    more = {"name": name_in(row, series), "p": _p_text(row["adjusted_p"]), "exact": exact}
    return say(f"qualification-{row['verdict']}", values | told | more)


def _a_year_before(row: Row, series: Sequence[str], values: dict[str, object]) -> str:
    """Say what the same weeks of the year before were like, which tells a season from a break."""
    told = {name: formats.share(row[name], digits=1) for name in ("before", "after", "last_year")}
    told |= {"name": name_in(row, series), "since": week_text(row["since"])}
    told["last_year_interval"] = interval_text(row["last_year_low"], row["last_year_high"])
    key = "season" if row["verdict"] == "season" else "no-year" if pd.isna(row["last_year"]) else "last-year"
    return say(f"qualification-{key}", values | told)


def _p_text(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"


def _cost(book: Book, row: Row, series: Sequence[str], values: dict[str, object]) -> str:
    told: dict[str, object] = {}
    for what in ("lost", "lost_opportunities"):
        told |= {f"{what}{limit}": _whole(row[f"{what}{limit}"]) for limit in ("", "_low", "_high")}
    for limit in ("", "_low", "_high"):
        told[f"lost_bookings{limit}"] = formats.figure(row[f"lost_bookings{limit}"], MONEY, book.settings.currency, short=True)
    told["opportunities"] = "yes" if pd.notna(row["lost_opportunities"]) else "no"
    told["bookings"] = "yes" if pd.notna(row["lost_bookings"]) else "no"
    return say("qualification-cost", values | told | {"name": name_in(row, series)})


def _whole(number: float) -> str:
    return formats.DASH if pd.isna(number) else f"{number:,.0f}".replace("-", "−")


def _no_break(rows: Sequence[Row], series: Sequence[str], values: dict[str, object], others: bool) -> list[str]:
    if not rows:
        return []
    power = pd.Series({name_in(row, series): row["power"] for row in rows}, dtype=float).sort_values()
    told = values | {"names": listed(name_in(row, series) for row in rows), "weeks": HALVING_WEEKS, "weakest": power.index[0]}
    told |= {"low": formats.share(power.iloc[0]), "high": formats.share(power.iloc[-1]), "others": "yes" if others else "no"}
    told["alike"] = "yes" if told["low"] == told["high"] else "no"
    return [say("qualification-none", told)]


def _overall(overall: pd.Series, values: dict[str, object]) -> str:
    within = f"within_{values['days']}"
    told = {"n": f"{int(overall['mqls']):,}", "share": formats.share(overall[within], digits=1)}
    told["interval"] = interval_text(overall[f"{within}_low"], overall[f"{within}_high"])
    return say("qualification-overall" if pd.notna(overall[within]) else "qualification-overall-young", values | told)


def _young(weeks: pd.DataFrame, values: dict[str, object]) -> list[str]:
    young = weeks[weeks["young"] & (weeks["n"] > 0)]
    if young.empty:
        return []
    told = {"week": week_text(young["start"].min()), "n": f"{young['n'].sum():,}", "mature": formats.share(MATURE)}
    return [say("qualification-young", values | told)]


def table_of(book: Book, goal: Goal, frame: pd.DataFrame, by: Sequence[str], breaks: pd.DataFrame) -> Table:
    """Return conversion within 30, 60 and 90 days as a table, with the break of each row where rows are series."""
    rows = frame.to_dict("records")
    texts = {(label_of(name), ""): [name_of(row[name], name) for row in rows] for name in by}
    texts |= {(say("qualification-column-mqls"), ""): [f"{row['mqls']:,}" for row in rows]}
    for days in HORIZONS:
        head, name = say("qualification-column-within", {"days": days}), f"within_{days}"
        texts[head, say("column-value")] = [formats.figure(row[name], SHARE, "") for row in rows]
        interval = say("column-interval", {"confidence": formats.share(0.95)})
        texts[head, interval] = [interval_text(row[f"{name}_low"], row[f"{name}_high"]) for row in rows]
    if all(name in breaks for name in by):
        texts[say("qualification-column-break"), ""] = [_verdict(row) for row in breaks.to_dict("records")]
    title = say("qualification-title", goal_values(goal) | {"book": book.name, "as_of": formats.day(book.as_of)})
    return Table(pd.DataFrame(texts), title, say("qualification-note"), len(by))


def _verdict(row: Row) -> str:
    since = "" if row["verdict"] in NO_BREAK else week_text(row["since"])
    return say(f"qualification-verdict-{row['verdict'].replace('_', '-')}", {"week": since})
