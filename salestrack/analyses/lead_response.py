"""How fast leads are answered: median, P90 and the share answered within minutes, hours and a day; who never was counts too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.hours import interval_text, listed, no_table, period_text
from salestrack.book import Book
from salestrack.columns import beyond_reach, key_of, names_in, view
from salestrack.definition import SHARE, find_metric
from salestrack.display import Table, name_of
from salestrack.groups import named, outside
from salestrack.measure import measure
from salestrack.periods import Period
from salestrack.stats.life_table import life_table
from salestrack.stats.multiple import distinguishable_shares
from salestrack.stats.survival import incidence
from salestrack.wording import label_of, say

BANDS = {"within_5_minutes": 5 / 60, "within_15_minutes": 15 / 60, "within_1_hour": 1.0, "within_1_day": 24.0}
"""Hours within which a lead was answered, by the name of the band."""
_JUDGED = "within_1_hour"
_COUNTS = ("answered", "waiting", "ended")
_QUANTILES = {"median": 0.5, "p90": 0.9}


@dataclass(frozen=True, eq=False, repr=False)
class LeadResponse(Answer):
    """How fast leads are answered.

    Parameters
    ----------
    overall : pandas.Series
        All leads together: the columns of ``frame`` but those of `by`.
    not_counted : int
        Leads whose response is recorded more than an hour before they came in: their wait is not known.
    day_only : int
        Answers recorded as a day without a time, taken at the end of that day.
    """

    overall: pd.Series = field(kw_only=True)
    not_counted: int = field(kw_only=True)
    day_only: int = field(kw_only=True)


def lead_response(
    book: Book,
    *,
    by: str | Sequence[str] = (),
    during: Period | str | None = None,
    where: Mapping[str, object] | None = None,
) -> LeadResponse:
    """Say how long leads wait for their first answer, those that never got one included.

    Parameters
    ----------
    book : Book
        The book.
    by : str or sequence of str
        Break-down, as in `measure`.
    during : Period or str, optional
        When the leads came in; None: all that the book holds.
    where : mapping, optional
        Scope, as in `measure`.

    Returns
    -------
    LeadResponse
        ``frame``, a row for each group: the columns of `by`, leads, answered, waiting (on the day of the book), ended (converted or
        given up unanswered), median and p90 in hours, each with ``_low`` and ``_high`` (null: not reached while watched),
        within_5_minutes, within_15_minutes, within_1_hour and within_1_day (shares, each with ``_low`` and ``_high``; null: no lead
        was watched that long), and standing (share within an hour ``above``, ``below`` or ``not_distinguishable`` from the rest,
        ``too_few``). No row: no lead of the book has any answer.

    Notes
    -----
    Aalen-Johansen estimate of being answered: leads that wait are censored on the day of the book, leads converted or given up
    unanswered never will be. See `speed_to_lead` for what counts as an answer and for the grid of time.

    References
    ----------
    Aalen, O. and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on censored
    observations. Scandinavian Journal of Statistics 5, 141-150.
    """
    period, scope = None if during is None else book.period(during), dict(where or {})
    names, metric = names_in(by), find_metric("speed_to_lead")
    title = say("response-title", {"book": book.name, "period": period_text(period)})
    reason = book.lacks("leads") or beyond_reach(book, "leads", scope) or outside(book, (metric,), period)
    told = {"leads": 0, "unknown": 0, "answered": 0, "day_only": 0} if reason else _told(book, period, scope)
    if not reason and not told["answered"]:
        reason = _unanswered(book, told["leads"], period)
    counts = pd.DataFrame({"days": [], "outcome": [], "count": []})
    if not reason:
        measured = measure(book, metric, by=names, during=period, where=scope)
        counts = named(book, tuple(key_of(book, name) for name in names), measured.parts[metric.name].frame)
    overall = _waits(counts, ()).iloc[0]
    frame = _waits(counts, names) if not reason else _waits(counts, ()).iloc[:0].reindex(columns=[*names, *overall.index])
    sentences = (reason,) if reason else _sentences(frame, overall, told, names)
    table = no_table(title) if reason else _table(frame, title, names)
    return LeadResponse(
        book, (metric,), period, scope, frame, tuple(sentences), table,
        overall=overall, not_counted=told["unknown"], day_only=told["day_only"],
    )  # fmt: skip


def _unanswered(book: Book, leads: int, period: Period | None) -> str:
    """Return why no wait can be told: no lead came in, none of these was answered, or the book records no answers."""
    values = {"n": f"{leads:,}", "period": period_text(period)}
    if not leads:
        return say("response-no-leads", values)
    return say("response-none-here" if _told(book, None, {})["answered"] else "response-none", values)


def _told(book: Book, period: Period | None, scope: dict[str, object]) -> dict[str, int]:
    """Count what the estimate rests on, and what is odd about it."""
    leads = view(book, "leads", "created_at", (), scope, period).table
    touch = leads.first_touch_at
    asked = {
        "leads": leads.count(),
        "unknown": leads.response.isnull().sum().fill_null(0),
        "answered": (leads.response == "answered").sum().fill_null(0),
        "day_only": ((leads.response == "answered") & (touch == touch.truncate("D"))).sum().fill_null(0),
    }
    found = book.fetch_row(leads.aggregate(**asked))
    return {name: int(count) for name, count in found.items()}


def _waits(counts: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return the row of each group: counts, quantiles of the wait and shares answered within each band."""
    keys, names = list(by), {"days": "float64", "count": "float64"}
    table = life_table(counts.astype(names), by=keys, censored=("waiting",), outcomes=("answered", "ended"))
    curve = incidence(table, "answered")
    frame = curve.at(0)[keys].astype(object)
    frame = frame.assign(leads=table.n.astype("int64"))
    for outcome in _COUNTS:
        frame[outcome] = _summed(table.code, table.censored if outcome == "waiting" else table.count(outcome), len(frame))
    for name, p in _QUANTILES.items():
        found = curve.quantile(p)
        frame[[name, f"{name}_low", f"{name}_high"]] = found[["value", "low", "high"]].to_numpy()
    for name, hours in BANDS.items():
        frame[[name, f"{name}_low", f"{name}_high"]] = curve.at(hours)[["value", "low", "high"]].to_numpy()
    within = np.where(table.days <= BANDS[_JUDGED], table.count("answered"), 0)
    # Who was not watched for so long tells nothing about it.
    unseen = np.where(table.days < BANDS[_JUDGED], table.censored, 0)
    k, lost = (_summed(table.code, each, len(frame)) for each in (within, unseen))
    return frame.assign(standing=distinguishable_shares(k, frame["leads"] - lost).verdict)


def _summed(code: np.ndarray, weights: np.ndarray, groups: int) -> np.ndarray:
    return np.bincount(code, weights, groups).astype("int64")


def _sentences(frame: pd.DataFrame, overall: pd.Series, told: Mapping[str, int], by: Sequence[str]) -> list[str]:
    values = {name: f"{overall[name]:,}" for name in ("leads", *_COUNTS)}
    values |= {name: formats.wait(overall[name]) for name in _QUANTILES}
    values |= {name: formats.share(overall[name], digits=1) for name in BANDS}
    low, high = overall["median_low"], overall["median_high"]
    interval = formats.DASH if np.isnan(high) else say("interval", {"low": formats.wait(low), "high": formats.wait(high)})
    values["interval"] = interval
    key = (
        "response-never-half" if np.isnan(overall["median"]) else "response" if not np.isnan(overall["p90"]) else "response-no-p90"
    )
    said = [say(key, values), say("response-bands", values)]
    if overall["leads"] > overall["answered"]:
        said.append(say("response-unanswered", values))
    for standing in ("above", "below"):
        names = [_name(row, by) for row in frame[frame["standing"] == standing].to_dict("records")] if by else []
        if names:
            said.append(say(f"response-{standing}", {"names": listed(names)}))
    if by and not frame["standing"].isin(["above", "below"]).any():
        said.append(say("response-alike"))
    if told["unknown"]:
        said.append(say("response-not-counted", {"n": told["unknown"]}))
    if told["day_only"]:
        said.append(say("response-day-only", {"n": f"{told['day_only']:,}", "answered": f"{told['answered']:,}"}))
    return said


def _name(row: Mapping[Any, Any], by: Sequence[str]) -> str:
    return " · ".join(name_of(row[name], name) for name in by)


def _table(frame: pd.DataFrame, title: str, by: Sequence[str]) -> Table:
    rows = frame.to_dict("records")
    texts = {(label_of(name), ""): [name_of(row[name], name) for row in rows] for name in by}
    texts |= {(say("column-n"), ""): [f"{row['leads']:,}" for row in rows]}
    for name in _QUANTILES:
        texts[say(f"response-column-{name}"), ""] = [formats.wait(row[name]) for row in rows]
    for name in BANDS:
        label, interval = label_of(name), say("column-interval", {"confidence": formats.share(0.95)})
        texts[label, say("column-value")] = [formats.figure(row[name], SHARE, "") for row in rows]
        texts[label, interval] = [interval_text(row[f"{name}_low"], row[f"{name}_high"]) for row in rows]
    few = (frame["standing"] == "too_few").any()
    return Table(pd.DataFrame(texts), title, say("response-note") if few else "", len(by))
