"""How results look in JupyterLab, in a report and on a terminal: tables by great_tables, words from the catalogue."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Protocol, TypeVar

import pandas as pd
from great_tables import GT

from salestrack import formats
from salestrack.book import DERIVED, Book
from salestrack.definition import Metric, Unit
from salestrack.periods import Period
from salestrack.wording import label_of, say

# A longer table is cut on display; `.frame` has all rows.
ROWS_SHOWN = 60
# What begins a formula for MathJax, in JupyterLab (version 3 and later) and in pages of nbconvert (version 2).
_FORMULA = ("$", "\\(", "\\[", "\\begin{")
_NO_FORMULA = '<div class="mathjax_ignore tex2jax_ignore">'
Shown = TypeVar("Shown")


def no_formulas(shown: Callable[[Shown], str]) -> Callable[[Shown], str]:
    """Return a function whose HTML holds amounts in dollars and no formulas; whatever shows itself as HTML is decorated with it."""

    @wraps(shown)
    def marked(self: Shown) -> str:
        html = shown(self)
        return f"{_NO_FORMULA}{html}</div>" if any(each in html for each in _FORMULA) else html

    return marked


class Result(Protocol):
    """What a table of figures needs to know of a result."""

    @property
    def book(self) -> Book:
        """What was measured."""
        ...

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Which figures."""
        ...

    @property
    def by(self) -> tuple[str, ...]:
        """What they are broken down by."""
        ...

    @property
    def where(self) -> Mapping[str, object]:
        """Scope."""
        ...

    @property
    def during(self) -> Period | None:
        """Period."""
        ...

    @property
    def frame(self) -> pd.DataFrame:
        """The figures."""
        ...

    @property
    def confidence(self) -> float:
        """Of the intervals."""
        ...

    @property
    def ages(self) -> Mapping[str, int]:
        """Days after their clock at which maturing metrics were read."""
        ...

    @property
    def absent(self) -> Mapping[str, str]:
        """What cannot be measured, and why."""
        ...

    @property
    def beside(self) -> Sequence[str]:
        """What must be said in the same breath."""
        ...


@dataclass(frozen=True)
class Table:
    """A table ready to be shown.

    Parameters
    ----------
    frame : pandas.DataFrame
        Texts, one column for each column of the page; columns are ``(head, what)`` pairs.
    title, note : str
        Above and below.
    stub : int
        How many leading columns name the row.
    """

    frame: pd.DataFrame
    title: str
    note: str
    stub: int

    @property
    def heads(self) -> list[tuple[str, str]]:
        """What stands over each column: the group of columns and the column, or the column and nothing."""
        return [(str(pair[0]), str(pair[1])) for pair in self.frame.columns.to_list()]

    def as_text(self) -> str:
        """Return the table for a terminal."""
        flat = self.frame.set_axis([" ".join(filter(None, pair)) for pair in self.heads], axis=1)
        return "\n".join(filter(None, (self.title, flat.to_string(index=False), self.note)))

    def __str__(self) -> str:
        return self.as_text()

    __repr__ = __str__

    @no_formulas
    def _repr_html_(self) -> str:
        return self.as_html()

    @no_formulas
    def as_html(self) -> str:
        """Return the table as HTML; every text is escaped."""
        flat = self.frame.set_axis([f"c{i}" for i in range(len(self.frame.columns))], axis=1)
        table = GT(flat, id="st").tab_header(title=self.title)
        for head in dict.fromkeys(head for head, what in self.heads if what):
            columns = [f"c{i}" for i, (name, what) in enumerate(self.heads) if name == head and what]
            table = table.tab_spanner(label=head, columns=columns)
        table = table.cols_label({f"c{i}": what or head for i, (head, what) in enumerate(self.heads)})
        figures = [name for name in flat.columns[self.stub :] if not _is_prose(flat[name])]
        table = table.cols_align("left").cols_align("right", figures)
        if self.note:
            table = table.tab_source_note(self.note)
        return table.as_raw_html(make_page=False)


def _is_prose(texts: pd.Series) -> bool:
    """Return whether a column holds words rather than figures; words stand on the left, as the heads of no rows do."""
    texts = texts.astype("str")
    return bool((texts.str.len() > 40).any() or not texts.str.contains(r"\d").any())


def label_at_age(metric: Metric, age: float | None) -> str:
    """Return the label of a metric; of a share read at an age, with it: ``Close rate within 180 days``."""
    label = label_of(metric.name, metric.label)
    return label if pd.isna(age) or metric.unit != Unit.SHARE else say("label-at-age", {"label": label, "days": int(age)})


def measured_table(result: Result) -> Table:
    """Return a result as a table: one row for each metric, or for each group with value, interval and n of each metric."""
    if not result.by:
        return _one_row_a_metric(result)
    frame, by = result.frame, list(result.by)
    groups = frame[by].drop_duplicates()
    shown = groups.head(ROWS_SHOWN)
    columns: dict[tuple[str, str], list[str]] = {
        (label_of(name), ""): [name_of(value, name) for value in shown[name]] for name in by
    }
    for metric in result.metrics:
        rows = shown.merge(frame[frame["metric"] == metric.name], on=by, how="left")
        # A group that only another metric knows has no figure here, and no period that could be partial.
        rows["partial"] = rows["partial"].eq(True)
        texts = [figure_texts(metric, row, result.book.settings.currency) for _, row in rows.iterrows()]
        label = label_at_age(metric, result.ages.get(metric.name))
        for i, what in enumerate(_heads(result.confidence)):
            if i != 1 or any(text[i] for text in texts):
                columns[label, what] = [text[i] for text in texts]
    return Table(pd.DataFrame(columns), _title(result), _note(result, len(groups)), len(by))


def _heads(confidence: float) -> tuple[str, str, str]:
    return say("column-value"), say("column-interval", {"confidence": formats.share(confidence)}), say("column-n")


def _one_row_a_metric(result: Result) -> Table:
    rows = [row for _, row in result.frame.iterrows()]
    texts = [figure_texts(metric, row, result.book.settings.currency) for metric, row in zip(result.metrics, rows, strict=True)]
    columns = {(say("column-metric"), ""): [label_at_age(metric, result.ages.get(metric.name)) for metric in result.metrics]}
    for i, what in enumerate(_heads(result.confidence)):
        columns[what, ""] = [text[i] for text in texts]
    return Table(pd.DataFrame(columns), _title(result), _note(result, 1), 1)


def figure_texts(metric: Metric, row: pd.Series, currency: str) -> tuple[str, str, str]:
    """Return value, interval and n of one figure as texts; what is undefined or too few says so."""
    value = formats.figure(row["value"], metric.unit, currency)
    if row["note"] == "too_few":
        value = say("too-few", {"value": value})
    if row["partial"]:
        value = say("partial", {"value": value})
    interval = ""
    if pd.notna(row["low"]) and pd.notna(row["high"]):
        interval = f"{formats.figure(row['low'], metric.unit, currency)} – {formats.figure(row['high'], metric.unit, currency)}"
    return value, interval, _n_text(row)


def _n_text(row: pd.Series) -> str:
    """Return n as text, and of how many where some rows do not carry the value: ``12 of 15``."""
    if pd.notna(row.get("rows")) and row["recorded"] < row["rows"]:
        return say("of-rows", {"k": f"{int(row['recorded']):,}", "n": f"{int(row['rows']):,}"})
    return f"{int(row['n']):,}" if pd.notna(row["n"]) else "0"


def name_of(value: object, column: str) -> str:
    """Return what a value of a break-down is called: a category by its label, null as not recorded."""
    if pd.isna(value):  # type: ignore[call-overload]
        return say("not-recorded")
    return label_of(str(value)) if column == "category" else str(value)


def _scope_text(value: object, column: str) -> str:
    values = value if isinstance(value, list | tuple | set) else [value]
    return ", ".join(name_of(each, column) for each in values)


def _title(result: Result) -> str:
    scope = ", ".join(f"{label_of(name)}: {_scope_text(value, name)}" for name, value in result.where.items())
    period = say("whole-book") if result.during is None else str(result.during)
    return " · ".join(filter(None, (result.book.name, period, scope, say("as-of", {"day": formats.day(result.book.as_of)}))))


def _note(result: Result, groups: int) -> str:
    notes = [say("note-cut", {"shown": ROWS_SHOWN, "rows": groups})] if groups > ROWS_SHOWN else []
    few = set(result.frame.loc[result.frame["note"] == "too_few", "metric"])
    if few:
        notes.append(say("note-too-few", {"n": min(metric.min_n for metric in result.metrics if metric.name in few)}))
    if result.frame["partial"].any():
        notes.append(say("note-partial"))
    if (result.frame["note"] == "undefined").any():
        notes.append(say("note-undefined"))
    if (result.frame["note"] == "unrecorded").any() and not result.absent:
        notes.append(say("note-unrecorded"))
    return " ".join((*notes, *dict.fromkeys(result.absent.values()), *result.beside))


@dataclass(frozen=True)
class Definitions(Sequence[Metric]):
    """What figures mean: one card for each metric, with the period, the source and the rows read and refused."""

    metrics: tuple[Metric, ...]
    book: Book
    during: Period | None
    where: Mapping[str, object]

    def __getitem__(self, i):  # type: ignore[no-untyped-def]
        return self.metrics[i]

    def __len__(self) -> int:
        return len(self.metrics)

    def records(self) -> list[dict[str, str]]:
        """Return the cards as plain texts: name, label, definition, unit, clock, notes, see_also, source."""
        return [self._record(metric) for metric in self.metrics]

    def _record(self, metric: Metric) -> dict[str, str]:
        sections = metric.sections
        clock = ", ".join(f"{table}.{column}" for table, column in metric.clock.items())
        return {
            "name": metric.name,
            "label": label_of(metric.name, metric.label),
            "definition": sections[""],
            "unit": say(f"unit-{metric.unit}", {"currency": self.book.settings.currency}),
            "clock": clock or say("clock-state"),
            "notes": sections.get("Notes", ""),
            "see_also": sections.get("See Also", ""),
            "references": sections.get("References", ""),
            "source": self._source(metric),
        }

    def _source(self, metric: Metric) -> str:
        tables = dict.fromkeys(DERIVED.get(table, table) for table in metric.tables)
        return "; ".join(
            say("rows-read", {"table": table, "used": f"{intake.used:,}", "refused": f"{intake.refused:,}"})
            for table in tables
            if (intake := self.book.intake.get(table))
        )

    def __str__(self) -> str:
        return "\n\n".join("\n".join(f"{name}: {text}" for name, text in card.items() if text) for card in self.records())

    __repr__ = __str__

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {
            "text/plain": str(self),
            "text/html": self._repr_html_(),
            "application/vnd.salestrack.definitions+json": self.records(),
        }

    @no_formulas
    def _repr_html_(self) -> str:
        frame = pd.DataFrame(self.records(), columns=["label", "definition", "unit", "clock", "notes", "source"])
        return GT(frame, id="st").as_raw_html(make_page=False)
