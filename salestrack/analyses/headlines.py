"""The answer first: one tile for each key figure, with its goal and its change."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from html import escape

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.comparison import compare
from salestrack.book import Book
from salestrack.definition import Metric, find_metric
from salestrack.display import label_at_age, no_formulas
from salestrack.estimate import ABSENT
from salestrack.goals import Goals, goal_status
from salestrack.metrics import FIVE
from salestrack.periods import Period
from salestrack.quotas import against_quotas
from salestrack.wording import label_of, say

# So many tiles a page of the reports has at most, as a rule: judged as so many wherever it is shown, a figure has one verdict.
TILES = 8


# For JupyterLab and plain nbconvert; a page of a report has a style sheet of its own and takes none from outputs.
_LOOK = """
.st-tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11em, 1fr)); gap: 1em;
  list-style: none; margin: 1em 0; padding: 0 }
.st-tile { display: flex; flex-direction: column; gap: 0.15em; margin: 0; padding: 0.8em 1em; border: 1px solid #8884;
  border-top: 3px solid var(--st, #8888); border-radius: 3px }
.st-tile br { display: none }
.st-tile[data-status="on_track"] { --st: #2e7d4f } .st-tile[data-status="at_risk"] { --st: #b7791f }
.st-tile[data-status="off"] { --st: #b3393b }
.st-tile .st-value { font-size: 1.7em; font-weight: 600; line-height: 1.2 }
.st-tile .st-label, .st-tile .st-status { font-weight: 600 } .st-tile .st-target, .st-tile .st-delta { opacity: 0.8 }
"""


@dataclass(frozen=True)
class Headline:
    """One figure for the top of a page, ready to print.

    Parameters
    ----------
    name : str
        The metric.
    label, value_text, target_text, delta_text : str
        What the tile says; empty where there is nothing to say.
    status : str
        ``on_track``, ``at_risk``, ``off``, ``cannot_tell``, or empty: no goal.
    sentence : str
        How it stands against its goal, or the change where there is none.
    """

    name: str
    label: str
    value_text: str
    target_text: str
    delta_text: str
    status: str
    sentence: str


@dataclass(frozen=True)
class Headlines:
    """Tiles in order; they show themselves in JupyterLab and travel as data to the report's index."""

    tiles: tuple[Headline, ...]

    def __iter__(self) -> Iterator[Headline]:
        return iter(self.tiles)

    def __str__(self) -> str:
        return "\n".join(" · ".join(filter(None, (t.label, t.value_text, t.target_text, t.delta_text))) for t in self.tiles)

    __repr__ = __str__

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        return {
            "text/plain": str(self),
            "text/html": self._repr_html_(),
            "application/vnd.salestrack.headline+json": [asdict(tile) for tile in self.tiles],
        }

    @no_formulas
    def _repr_html_(self) -> str:
        return f'<style>{_LOOK}</style><ul class="st-tiles">' + "".join(map(_tile_html, self.tiles)) + "</ul>"


def headlines(
    book: Book,
    metrics: Iterable[Metric | str] = FIVE,
    *,
    during: Period | str,
    where: Mapping[str, object] | None = None,
    goals: Goals | None = None,
) -> Headlines:
    """Return a tile for each goal and each further metric: its figure in the period, its goal and its change.

    A change is judged as one of `TILES` figures, or of as many as there are if they are more.

    Parameters
    ----------
    book : Book
        The book.
    metrics : iterable of Metric or str
        Which figures, besides those that have a goal; the five that the field starts from if not given.
    during : Period or str
        The period; changes are against the one before.
    where : mapping, optional
        Scope.
    goals : Goals, optional
        The goal sheet.
    """
    asked = _asked(book, metrics, during, dict(where or {}), goals)
    changes: dict[int, Answer] = {}
    for period, scope in ((each.period, each.where) for each in asked):
        together = [i for i, each in enumerate(asked) if (each.period, each.where) == (period, scope)]
        if together[0] not in changes:
            names = list(dict.fromkeys(asked[i].metric for i in together))
            answer = compare(book, names, during=period, where=dict(scope), looks=max(TILES, len(asked)))
            changes |= dict.fromkeys(together, answer)
    return Headlines(tuple(_headline(changes[i], each.metric, each.goal) for i, each in enumerate(asked)))


@dataclass(frozen=True)
class _Asked:
    """One tile: which figure of which period and scope, and what its goal says."""

    metric: Metric
    period: Period | str
    where: Mapping[str, object]
    goal: Mapping[str, str]


def _asked(
    book: Book, metrics: Iterable[Metric | str], during: Period | str, where: dict[str, object], goals: Goals | None
) -> list[_Asked]:
    asked = []
    if goals is not None:
        status = goal_status(book, goals, during=during, where=where)
        for goal, record in zip(status.judged, status.headlines(), strict=True):
            # A goal keeps a period of its own, once it has begun.
            own = goal.question.period
            period = own if own and own.start <= book.as_of else during
            asked.append(_Asked(goal.metric, book.period(period), where | dict(goal.question.beyond_page), record))
    shown = {each.goal.get("name", each.metric.name) for each in asked}
    rest = [metric for metric in map(find_metric, metrics) if metric.name not in shown]
    return [*asked, *(_Asked(metric, book.period(during), where, {}) for metric in rest)]


def _headline(change: Answer, metric: Metric, goal: Mapping[str, str]) -> Headline:
    """Return the tile of one metric: its goal where there is one, its change against the period before."""
    currency = change.book.settings.currency
    (row,) = change.frame[change.frame["metric"] == metric.name].to_dict("records")
    sentence = change.sentences[[each.name for each in change.metrics].index(metric.name)]
    label = label_of(metric.name, metric.label)
    earlier = {"earlier": str(change.against), "before": formats.alone(row["before"], metric.unit, currency)}
    if row["verdict"] == "cannot_tell":
        delta = say(f"delta-{row['reason'].replace('_', '-')}", earlier)
        if row["reason"] == ABSENT and against_quotas(metric) and change.book.has("quota_days"):
            # The book has quotas: the reason that it has none to show is in the sentence.
            delta = say("delta-no-whole-quota")
    else:
        growth = row["kind"] == "growth"
        moved = formats.growth(row["difference"]) if growth else formats.change(row["difference"], metric.unit, currency)
        delta = say(f"delta-{row['verdict']}", {"change": moved, **earlier})
    return Headline(
        name=goal.get("name", metric.name),
        label=goal.get("label", label).replace(label, label_at_age(metric, row["age"])),
        value_text=formats.alone(row["after"], metric.unit, currency),
        target_text=goal.get("target_text", ""),
        delta_text=delta,
        status=goal.get("status", ""),
        sentence=goal.get("sentence", "") or sentence,
    )


def _tile_html(tile: Headline) -> str:
    parts = [f'<span class="st-label">{escape(tile.label)}</span>', f'<span class="st-value">{escape(tile.value_text)}</span>']
    if tile.status:
        word = escape(say(f"status-{tile.status.replace('_', '-')}"))
        parts.append(f'<span class="st-status" data-status="{escape(tile.status)}">{word}</span>')
    parts += [
        f'<span class="st-{what}">{escape(text)}</span>'
        for what, text in (("target", tile.target_text), ("delta", tile.delta_text))
        if text
    ]
    status = f' data-status="{escape(tile.status)}"' if tile.status else ""
    return f'<li class="st-tile"{status}>{"<br>".join(parts)}</li>'
