"""Two periods side by side: the difference with its interval, and a verdict in words."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.earlier import earlier_period, measured_then
from salestrack.book import Book
from salestrack.definition import Better, Metric
from salestrack.display import Table
from salestrack.formula import Total
from salestrack.measure import Measured, measure
from salestrack.periods import Period
from salestrack.stats.compare import difference, growth, verdict
from salestrack.stats.intervals import MIN_N, Interval
from salestrack.wording import label_of, say


def compare(
    book: Book,
    metrics: Metric | str | Iterable[Metric | str],
    *,
    during: Period | str,
    against: Period | str = "previous",
    by: str | Sequence[str] = (),
    where: Mapping[str, object] | None = None,
) -> Answer:
    """Compare a period with an earlier one.

    Parameters
    ----------
    book : Book
        The book.
    metrics : Metric, str or iterable of these
        What to compare.
    during : Period or str
        The later period.
    against : Period or str
        The earlier one: ``"previous"``, ``"year_before"``, or any period.
    by : str or sequence of str
        Break-down, as in `measure`.
    where : mapping, optional
        Scope, as in `measure`.

    Returns
    -------
    Answer
        ``frame`` has a row for each group and metric: kind, before, after, n_before, n_after, difference, low, high (kind
        ``growth``, of totals: all three as a share of the earlier value; kind ``difference``: in the metric's unit; null: cannot
        be stated), verdict (``up``, ``down``, ``flat``, ``cannot_tell``), reason (``partial``, ``too_few``, ``undefined``,
        ``absent``, ``noise``, ``no_interval``, ``state``: it has no earlier period, or empty), news (``good``, ``bad`` or empty).

    Notes
    -----
    Totals are compared by their growth (compound Poisson), everything else by the difference of two intervals (MOVER). The
    verdict is flat where the whole interval lies within the metric's band around no change, up or down where it excludes no
    change, and cannot_tell otherwise, and wherever one of the two periods is not complete in the book.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a general approach. Statistics
    in Medicine 27, 1693-1702.
    """
    later = book.period(during)
    earlier = earlier_period(book, later, against)
    after = measure(book, metrics, by=by, where=where, during=later)
    before = measured_then(after, earlier)
    frame = pd.concat([_compared(metric, before[metric], after[metric]) for metric in after.metrics], ignore_index=True)
    sentences = tuple(_sentence(after, row, earlier, later) for row in frame.to_dict("records"))
    table = _table(book, frame, after, earlier, later)
    return Answer(book, after.metrics, later, after.where, frame, sentences, table, against=earlier)


def _compared(metric: Metric, before: Measured, after: Measured) -> pd.DataFrame:
    by = list(after.by)
    old, new = (each.frame.drop(columns="metric").assign(squares=each.squares) for each in (before, after))
    suffixes = ("_before", "_after")
    both = old.merge(new, on=by, how="outer", suffixes=suffixes) if by else old.merge(new, how="cross", suffixes=suffixes)
    total = metric.name in after.parts and isinstance(after.parts[metric.name].formula, Total)
    if total:
        # A group that one period does not have had a total of 0 there.
        for which in ("before", "after"):
            both[f"value_{which}"] = both[f"value_{which}"].mask(both[f"note_{which}"].isna(), 0.0)
        figures = both[["value_before", "value_after"]]
        squares = both[["squares_before", "squares_after"]].fillna(0.0)
        change = growth(figures["value_after"], squares["squares_after"], figures["value_before"], squares["squares_before"])
        band = np.full(len(both), metric.flat_band)
    else:
        change = difference(_interval(both, "after"), _interval(both, "before"))
        band = metric.flat_band * both["value_before"].abs().to_numpy()
    words = np.asarray(verdict(change.low, change.high, -band, band), dtype=object)
    # What is counted on the day of the book is the same whatever the period.
    reason = _reason(both, total) if metric.clock else pd.Series("state", index=both.index)
    words = np.where(reason.isin(["partial", "too_few", "undefined", "absent", "state"]), "cannot_tell", words)
    few = both[["n_before", "n_after"]].fillna(0).min(axis=1) < MIN_N
    nowhere = np.where(few, "too_few", "no_interval")
    reason = reason.where(~np.isnan(np.asarray(change.low, dtype=float)) | (reason != ""), nowhere)
    reason = reason.where((words != "cannot_tell") | (reason != ""), "noise")
    made = both[by].assign(
        metric=metric.name,
        kind="growth" if total else "difference",
        before=both["value_before"],
        after=both["value_after"],
        n_before=both["n_before"].fillna(0).astype("int64"),
        n_after=both["n_after"].fillna(0).astype("int64"),
        difference=change.value,
        low=change.low,
        high=change.high,
        verdict=words,
        reason=reason.to_numpy(),
    )
    return made.assign(news=[_news(metric, word) for word in words])


def _interval(both: pd.DataFrame, which: str) -> Interval:
    return Interval(*(both[f"{name}_{which}"].to_numpy(dtype=float) for name in ("value", "low", "high")))


def _reason(both: pd.DataFrame, total: bool) -> pd.Series:
    reason = pd.Series("", index=both.index)
    notes = both[["note_before", "note_after"]]
    if not total:
        reason = reason.mask((notes == "too_few").any(axis=1), "too_few")
        reason = reason.mask(
            (notes == "undefined").any(axis=1) | both[["value_before", "value_after"]].isna().any(axis=1), "undefined"
        )
    reason = reason.mask((notes == "absent").any(axis=1), "absent")
    unfinished = both[["partial_before", "partial_after"]].fillna(False).astype(bool).any(axis=1)
    return reason.mask(unfinished, "partial")


def _news(metric: Metric, word: str) -> str:
    if word not in ("up", "down") or metric.better == Better.NEITHER:
        return ""
    return "good" if (word == "up") == (metric.better == Better.HIGHER) else "bad"


def _sentence(after: Measured, row: dict, earlier: Period, later: Period) -> str:
    metric = next(each for each in after.metrics if each.name == row["metric"])
    currency = after.book.settings.currency
    groups = [str(row[name]) for name in row if name not in _FIGURES]
    values = {
        "metric": label_of(metric.name, metric.label) + (f" ({', '.join(groups)})" if groups else ""),
        "before": formats.figure(row["before"], metric.unit, currency),
        "after": formats.figure(row["after"], metric.unit, currency),
        "earlier": str(earlier),
        "later": str(later),
        "interval": _change_texts(metric, row, currency)[1],
        "change": _change_texts(metric, row, currency)[0],
        "n_before": f"{row['n_before']:,}",
        "n_after": f"{row['n_after']:,}",
        "why": after.absent.get(metric.name, ""),
    }
    key = f"compare-{row['verdict'].replace('_', '-')}" + (f"-{row['reason'].replace('_', '-')}" if row["reason"] else "")
    return say(key, values)


_FIGURES = {"metric", "kind", "before", "after", "n_before", "n_after", "difference", "low", "high", "verdict", "reason", "news"}


def _change_texts(metric: Metric, row: dict, currency: str) -> tuple[str, str]:
    """Return the change and its interval as texts: growth of a total as percent, any other difference in its unit."""

    def text(value: float) -> str:
        return formats.growth(value) if row["kind"] == "growth" else formats.change(value, metric.unit, currency)

    interval = say("interval", {"low": text(row["low"]), "high": text(row["high"])}) if pd.notna(row["low"]) else ""
    return text(row["difference"]), interval


def verdict_text(word: str, reason: str) -> str:
    """Write a verdict, with the reason where it is not mere chance that keeps from telling."""
    text, why = say(f"verdict-{word.replace('_', '-')}"), reason.replace("_", "-")
    return text if why in ("", "noise") else say("verdict-why", {"verdict": text, "why": say(f"why-{why}")})


def _table(book: Book, frame: pd.DataFrame, after: Measured, earlier: Period, later: Period) -> Table:
    currency, rows = book.settings.currency, frame.to_dict("records")
    metric_of = {metric.name: metric for metric in after.metrics}
    columns: dict[tuple[str, str], list[str]] = {(label_of(name), ""): [str(row[name]) for row in rows] for name in after.by}
    columns[say("column-metric"), ""] = [label_of(row["metric"], metric_of[row["metric"]].label) for row in rows]
    for name, period in (("before", earlier), ("after", later)):
        columns[str(period), say("column-value")] = [
            formats.figure(row[name], metric_of[row["metric"]].unit, currency) for row in rows
        ]
        columns[str(period), say("column-n")] = [f"{row[f'n_{name}']:,}" for row in rows]
    texts = [_change_texts(metric_of[row["metric"]], row, currency) for row in rows]
    columns[say("column-change"), ""] = [text[0] for text in texts]
    columns[say("column-interval", {"confidence": formats.share(after.confidence)}), ""] = [text[1] for text in texts]
    columns[say("column-verdict"), ""] = [verdict_text(row["verdict"], row["reason"]) for row in rows]
    title = say("compare-title", {"book": book.name, "later": str(later), "earlier": str(earlier)})
    return Table(pd.DataFrame(columns), title, "", len(after.by) + 1)
