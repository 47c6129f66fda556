"""The answer first: one tile for each key figure, with its goal and its change."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from html import escape

from salestrack import formats
from salestrack.analyses.comparison import compare
from salestrack.book import Book
from salestrack.definition import Metric, Unit
from salestrack.goals import Goals, goal_status
from salestrack.metrics import FIVE
from salestrack.periods import Period
from salestrack.wording import label_of, say


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
        The change in one sentence.
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
            "text/html": '<ul class="st-tiles">' + "".join(map(_tile_html, self.tiles)) + "</ul>",
            "application/vnd.salestrack.headline+json": [asdict(tile) for tile in self.tiles],
        }


def headlines(
    book: Book,
    metrics: Iterable[Metric | str] = FIVE,
    *,
    during: Period | str,
    where: Mapping[str, object] | None = None,
    goals: Goals | None = None,
) -> Headlines:
    """Return a tile for each metric: its figure in the period, its goal if the sheet has one, and its change.

    Parameters
    ----------
    book : Book
        The book.
    metrics : iterable of Metric or str
        Which figures; the five that the field starts from if not given.
    during : Period or str
        The period; changes are against the one before.
    where : mapping, optional
        Scope.
    goals : Goals, optional
        The goal sheet.
    """
    change = compare(book, metrics, during=during, where=where)
    judged = (
        {} if goals is None else {each["name"]: each for each in goal_status(book, goals, during=during, where=where).headlines()}
    )
    rows = zip(change.metrics, change.frame.to_dict("records"), change.sentences, strict=True)
    earlier = book.period(during).previous()
    return Headlines(
        tuple(_headline(book, metric, row, sentence, judged.get(metric.name, {}), earlier) for metric, row, sentence in rows)
    )


def _headline(book: Book, metric: Metric, row: dict, sentence: str, judged: Mapping[str, str], earlier: Period) -> Headline:
    currency = book.settings.currency
    if row["verdict"] == "cannot_tell":
        delta = say(f"delta-{row['reason'].replace('_', '-')}", {"earlier": str(earlier)})
    else:
        change = (
            formats.growth(row["difference"])
            if row["kind"] == "growth"
            else formats.change(row["difference"], metric.unit, currency)
        )
        delta = say(f"delta-{row['verdict']}", {"change": change, "earlier": str(earlier)})
    value = formats.figure(row["after"], metric.unit, currency, short=metric.unit == Unit.MONEY)
    return Headline(
        metric.name, label_of(metric.name, metric.label), value, judged.get("target_text", ""), delta, judged.get("status", ""), sentence
    )  # fmt: skip


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
    return f'<li class="st-tile"{status}>{"".join(parts)}</li>'
