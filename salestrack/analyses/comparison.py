"""Two periods side by side: the difference with its interval, and a verdict in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.earlier import earlier_period, measured_then
from salestrack.book import Book
from salestrack.definition import Better, Metric, find_metric
from salestrack.display import Table, label_at_age
from salestrack.formula import Total
from salestrack.measure import Measured, measure
from salestrack.periods import Period
from salestrack.recorded import told_of
from salestrack.ripeness import reading
from salestrack.stats.compare import difference, growth, verdicts
from salestrack.stats.intervals import MIN_N, Interval
from salestrack.wording import label_of, say

_SIDES = ("before", "after")
_FIGURES = (
    "metric", "kind", "before", "after", "n_before", "n_after", "difference", "low", "high", "verdict", "reason", "news", "age",
    "recorded",
)  # fmt: skip


def compare(  # noqa: PLR0913
    book: Book,
    metrics: Metric | str | Iterable[Metric | str],
    *,
    during: Period | str,
    against: Period | str = "previous",
    by: str | Sequence[str] = (),
    where: Mapping[str, object] | None = None,
    looks: int = 0,
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
    looks : int
        How many verdicts are given together, where they are more than those given here: the tiles of a page.

    Returns
    -------
    Answer
        ``frame`` has a row for each group and metric: kind, before, after, n_before, n_after, difference, low, high (kind
        ``growth``, of totals: all three as a share of the earlier value; kind ``difference``: in the metric's unit; null: cannot
        be stated), verdict (``up``, ``down``, ``flat``, ``cannot_tell``), reason (``partial``, ``too_few``, ``undefined``,
        ``absent``, ``unrecorded``, ``noise``, ``no_interval``, ``state``: it has no earlier period, ``young``, ``many_looks``:
        alone it would be told, or empty), news (``good``, ``bad`` or empty), age (days after entry at which both cohorts are read;
        null: on the day of the book), recorded (of how many of the rows that count the value is recorded, in words; empty: all).

    Notes
    -----
    Totals are compared by their growth (compound Poisson), everything else by the difference of two intervals (MOVER). The
    verdict is flat where the whole interval lies within the metric's band around no change, up or down where it excludes no
    change, and cannot_tell otherwise, and wherever one of the two periods is not complete in the book. Of several figures or
    groups each verdict takes a wider interval, so that all hold together (`salestrack.stats.compare.verdicts`).

    A metric that matures (a rate whose clock is an entry) is read at the same age on both sides, and is ``young`` until all rows
    of both periods are ripe (`salestrack.ripeness`): a verdict once given stays the same on every later day.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a general approach. Statistics
    in Medicine 27, 1693-1702.
    """
    later = book.period(during)
    earlier = earlier_period(book, later, against)
    wanted = [find_metric(each) for each in ([metrics] if isinstance(metrics, Metric | str) else metrics)]
    read = {each.name: reading(book, each, earlier, later) for each in wanted if not book.lacks(*each.tables)}
    ages = {name: each.age for name, each in read.items() if each.age is not None}
    young = {name for name, each in read.items() if not each.ripe}
    after = measure(book, wanted, by=by, where=where, during=later, age=ages)
    pair = _Pair(measured_then(after, earlier), after, frozenset(young))
    frame = pair.compared(looks)
    many = max(looks, int((frame["verdict"] != "cannot_tell").sum() + frame["reason"].isin(["noise", "many_looks"]).sum()))
    sentences = tuple(_sentence(after, row, (earlier, later), many) for row in frame.to_dict("records"))
    table = _table(book, frame, after, earlier, later)
    return Answer(book, after.metrics, later, after.where, frame, sentences, table, against=earlier)


@dataclass(frozen=True)
class _Pair:
    """The same figures of two periods, and which of them are too young to judge."""

    before: Measured
    after: Measured
    young: frozenset[str]

    def compared(self, looks: int) -> pd.DataFrame:
        """Return the frame of the answer: all verdicts are given together."""
        rows = pd.concat([self._rows(metric) for metric in self.after.metrics], ignore_index=True)
        told = verdicts(self.change_at, rows["reason"] == "", -rows["band"], rows["band"], looks, self.after.confidence)
        few = rows[["n_before", "n_after"]].min(axis=1) < MIN_N
        unstated = np.where(few, "too_few", "no_interval")
        reason = rows["reason"].where(~np.isnan(told.change.low) | (rows["reason"] != ""), unstated)
        reason = reason.mask((reason == "") & (told.verdict == "cannot_tell"), np.where(told.alone, "many_looks", "noise"))
        made = rows.drop(columns="band").assign(
            difference=told.change.value, low=told.change.low, high=told.change.high, verdict=told.verdict, reason=reason
        )
        metric_of = {metric.name: metric for metric in self.after.metrics}
        news = [_news(metric_of[name], word) for name, word in zip(made["metric"], made["verdict"], strict=True)]
        return made.assign(news=news)[[*self.after.by, *_FIGURES]]

    def change_at(self, confidence: float) -> Interval:
        """Return the changes of all rows with limits of a confidence."""
        before, after = (
            each.at_confidence(confidence) if confidence != each.confidence and _holds_data(each) else each
            for each in (self.before, self.after)
        )
        changes = []
        for metric in self.after.metrics:
            both = _both(metric, before, after)
            changes.append(_growth(both, confidence) if _total(self.after, metric) else _difference(both))
        return Interval(*(np.concatenate([np.asarray(one, dtype=float) for one in side]) for side in zip(*changes, strict=True)))

    def _rows(self, metric: Metric) -> pd.DataFrame:
        both, total = _both(metric, self.before, self.after), _total(self.after, metric)
        both = _with_zeros(both) if total else both
        reason = _reason(both, total, metric.name in self.young)
        if not metric.clock:
            # What is counted on the day of the book is the same whatever the period.
            reason = reason.where(reason.isin(["absent", "unrecorded"]), "state")
        band = metric.flat_band * (1.0 if total else both["value_before"].abs().fillna(0.0))
        return both[list(self.after.by)].assign(
            metric=metric.name,
            kind="growth" if total else "difference",
            before=both["value_before"],
            after=both["value_after"],
            n_before=both["n_before"].fillna(0).astype("int64"),
            n_after=both["n_after"].fillna(0).astype("int64"),
            reason=reason,
            age=self.after.ages.get(metric.name, np.nan),
            recorded=[self._recorded(metric, row) for row in both.to_dict("records")],
            band=band,
        )

    def _recorded(self, metric: Metric, row: dict) -> str:
        """Return of how many of the rows that count in each period the value is recorded; empty where of all."""
        said = []
        for side, measured in zip(_SIDES, (self.before, self.after), strict=True):
            found = {name: row[f"{name}_{side}"] for name in ("rows", "recorded", "lacks", "note")}
            if pd.notna(found["rows"]):
                said.append(told_of(found, metric.tables[0], str(measured.during) if metric.clock else ""))
        return " ".join(dict.fromkeys(filter(None, said)))


def _holds_data(measured: Measured) -> bool:
    return bool(measured.frame["n"].any())


def _total(after: Measured, metric: Metric) -> bool:
    return metric.name in after.parts and isinstance(after.parts[metric.name].formula, Total)


def _both(metric: Metric, before: Measured, after: Measured) -> pd.DataFrame:
    """Return one metric's figures of both periods, group by group; a group that one of them lacks is null there."""
    by = list(after.by)
    old, new = (each[metric].frame.drop(columns="metric").assign(squares=each[metric].squares) for each in (before, after))
    suffixes = ("_before", "_after")
    return old.merge(new, on=by, how="outer", suffixes=suffixes) if by else old.merge(new, how="cross", suffixes=suffixes)


def _with_zeros(both: pd.DataFrame) -> pd.DataFrame:
    """A group that one period does not have had a total of 0 there."""
    return both.assign(**{f"value_{which}": both[f"value_{which}"].mask(both[f"note_{which}"].isna(), 0.0) for which in _SIDES})


def _difference(both: pd.DataFrame) -> Interval:
    return difference(_interval(both, "after"), _interval(both, "before"))


def _growth(both: pd.DataFrame, confidence: float) -> Interval:
    both = _with_zeros(both)
    squares = both[["squares_before", "squares_after"]].fillna(0.0)
    totals = both["value_after"], squares["squares_after"], both["value_before"], squares["squares_before"]
    return growth(*totals, confidence)


def _interval(both: pd.DataFrame, which: str) -> Interval:
    return Interval(*(both[f"{name}_{which}"].to_numpy(dtype=float) for name in ("value", "low", "high")))


def _reason(both: pd.DataFrame, total: bool, young: bool) -> pd.Series:
    reason = pd.Series("", index=both.index)
    notes = both[["note_before", "note_after"]]
    if not total:
        reason = reason.mask((notes == "too_few").any(axis=1), "too_few")
        reason = reason.mask(
            (notes == "undefined").any(axis=1) | both[["value_before", "value_after"]].isna().any(axis=1), "undefined"
        )
    reason = reason.mask(pd.Series(young, index=both.index), "young")
    reason = reason.mask((notes == "unrecorded").any(axis=1), "unrecorded")
    reason = reason.mask((notes == "absent").any(axis=1), "absent")
    unfinished = both[["partial_before", "partial_after"]].fillna(False).astype(bool).any(axis=1)
    # What the book does not hold at all is not for want of a whole period.
    return reason.mask(unfinished, "partial").mask(both["note_after"] == "absent", "absent")


def _news(metric: Metric, word: str) -> str:
    if word not in ("up", "down") or metric.better == Better.NEITHER:
        return ""
    return "good" if (word == "up") == (metric.better == Better.HIGHER) else "bad"


def _sentence(after: Measured, row: dict, periods: tuple[Period, Period], many: int) -> str:
    metric = next(each for each in after.metrics if each.name == row["metric"])
    currency = after.book.settings.currency
    groups = [str(row[name]) for name in row if name not in _FIGURES]
    values = {
        "metric": label_at_age(metric, row["age"]) + (f" ({', '.join(groups)})" if groups else ""),
        "before": _in_words(row["before"], metric, currency),
        "after": _in_words(row["after"], metric, currency),
        "earlier": str(periods[0]),
        "later": str(periods[1]),
        "many": many,
        "interval": _change_texts(metric, row, currency)[1],
        "change": _change_texts(metric, row, currency)[0],
        "n_before": f"{row['n_before']:,}",
        "n_after": f"{row['n_after']:,}",
        "why": after.absent.get(metric.name, ""),
    }
    key = f"compare-{row['verdict'].replace('_', '-')}" + (f"-{row['reason'].replace('_', '-')}" if row["reason"] else "")
    return f"{say(key, values)} {row['recorded']}".rstrip()


def _in_words(value: float, metric: Metric, currency: str) -> str:
    """Return a figure as it stands in a sentence, where a dash would be read as a sign."""
    return say("no-figure") if pd.isna(value) else formats.figure(value, metric.unit, currency)


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
    columns[say("column-metric"), ""] = [label_at_age(metric_of[row["metric"]], row["age"]) for row in rows]
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
