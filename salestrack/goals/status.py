"""What a book says of a goal sheet: a tidy frame, sentences, definitions, headlines."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import pandas as pd

from salestrack import formats
from salestrack.book import Book
from salestrack.display import Definitions, Table, no_formulas
from salestrack.goals.judged import Judged, headline, range_text, status_text
from salestrack.goals.objective import scope_text
from salestrack.goals.sheet import Goals
from salestrack.goals.shown import Sentences
from salestrack.goals.verdicts import STATUSES
from salestrack.periods import Period
from salestrack.wording import say


@dataclass(frozen=True, eq=False)
class GoalStatus:
    """How a book stands against a goal sheet. Prints as a sentence and a table.

    Parameters
    ----------
    book : Book
        The book.
    goals : Goals
        The sheet.
    during : Period or None
        Period that was asked for.
    where : mapping
        Scope that was asked for.
    judged : tuple of Judged
        One for each goal, in the order of the sheet.
    elsewhere : tuple of str
        Labels of the goals whose scope lies outside the one asked for.
    """

    book: Book
    goals: Goals
    during: Period | None
    where: Mapping[str, object]
    judged: tuple[Judged, ...]
    elsewhere: tuple[str, ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each goal.

        objective, metric, scope, period, target, direction; value with low and high (within which chance alone would have let it
        fall; of a total by compound Poisson), n; pace (1: as fast as needed), end, end_low and end_high (where a running period
        will end, 95 % range); status and reason. Null: undefined, or does not apply.
        """
        rows = [
            {
                "objective": one.question.objective,
                "metric": one.metric.name,
                "scope": scope_text(one.question.where),
                "period": str(one.question.period) if one.question.period else None,
                "target": one.question.target.target,
                "direction": one.question.target.direction,
                **one.found._asdict(),
                "n": one.n,
                "pace": one.pace,
                **{"end" if name == "value" else f"end_{name}": limit for name, limit in one.end._asdict().items()},
                "status": one.status,
                "reason": one.reason,
            }
            for one in self.judged
        ]
        numbers = dict.fromkeys(("target", "value", "low", "high", "pace", "end", "end_low", "end_high"), "float64")
        return pd.DataFrame(rows, columns=_COLUMNS).astype(numbers | {"n": "int64"})

    @property
    def sentences(self) -> tuple[str, ...]:
        """What it says of each goal, row by row with `frame`."""
        return tuple(one.sentence for one in self.judged)

    @property
    def summary(self) -> str:
        """What it says of all goals together, and of those that are not on track, by name."""
        if not self.judged:
            return say("goal-none" if self.goals.objectives else "goal-none-set")
        good = sum(one.status == "on_track" for one in self.judged)
        said = [say("goal-summary", {"good": good, "all": len(self.judged)})]
        for status in STATUSES[1:]:
            labels = [one.label for one in self.judged if one.status == status]
            if labels:
                said.append(say(f"goal-summary-{status.replace('_', '-')}", {"labels": ", ".join(dict.fromkeys(labels))}))
        return " ".join(said)

    @property
    def notes(self) -> Sentences:
        """What to know beside: goals of another scope that are left out, goals of another period than the one asked for."""
        said = [say("goal-elsewhere", {"labels": ", ".join(dict.fromkeys(self.elsewhere))})] if self.elsewhere else []
        other = [one.question.period for one in self.judged if _apart(one.question.period, self.during)]
        for period in dict.fromkeys(other):
            said.append(say("goal-other-period", {"period": str(period), "during": str(self.during)}))
        return Sentences(said)

    @property
    def definitions(self) -> Definitions:
        """What each figure means, the source, rows read and refused."""
        metrics = dict.fromkeys(metric for one in self.judged for metric in (one.metric, one.by) if metric)
        return Definitions(tuple(metrics), self.book, self.during, self.where)

    def headlines(self) -> list[dict[str, str]]:
        """Return a record for each goal, ready for the top of a report.

        Returns
        -------
        list of dict
            name, label, value_text, target_text, delta_text, status, sentence; all texts, some of them empty.
        """
        names: dict[str, int] = {}
        records = []
        for one in self.judged:
            scope = scope_text(one.question.beyond_page)
            name = f"{one.metric.name} ({scope})" if scope else one.metric.name
            names[name] = names.get(name, 0) + 1
            # Of two headlines with the same name a report shows the first only.
            unique = name if names[name] == 1 else f"{name} #{names[name]}"
            records.append({"name": unique, **headline(one)})
        return records

    @property
    def table(self) -> Table:
        """The status of each goal as a table of texts."""
        texts = {
            "metric": [one.label for one in self.judged],
            "period": [str(one.question.period or "") for one in self.judged],
            "target": [one.target_text for one in self.judged],
            "value": [say("too-few", {"value": one.value_text}) if one.few else one.value_text for one in self.judged],
            "n": [f"{one.n:,}" for one in self.judged],
            "pace": [formats.share(one.pace) for one in self.judged],
            "end": [range_text(one) for one in self.judged],
            "status": [status_text(one.status) for one in self.judged],
            "reason": [one.reason for one in self.judged],
        }
        # Pace and the end of the period are for periods that are still running; one period for all is in the title of the page.
        silent = {"pace": {formats.DASH}, "end": {formats.DASH}, "period": {str(self.during)}}
        shown = {name: column for name, column in texts.items() if set(column) != silent.get(name)}
        frame = pd.DataFrame({(say(f"goal-column-{name}"), ""): column for name, column in shown.items()})
        title = say("goal-status-title", {"book": self.book.name, "day": formats.day(self.book.as_of)})
        return Table(frame, title, "", 1)

    def __str__(self) -> str:
        return "\n".join((self.summary, *([self.table.as_text()] if self.judged else []), *self.notes))

    __repr__ = __str__

    @no_formulas
    def _repr_html_(self) -> str:
        table = self.table.as_html() if self.judged else ""
        return f'<p class="st-sentence">{escape(self.summary)}</p>{table}{self.notes._repr_html_()}'


_COLUMNS = [
    "objective", "metric", "scope", "period", "target", "direction", "value", "low", "high", "n",
    "pace", "end", "end_low", "end_high", "status", "reason",
]  # fmt: skip


def _apart(period: Period | None, during: Period | None) -> bool:
    return period is not None and during is not None and (period.end <= during.start or during.end <= period.start)
