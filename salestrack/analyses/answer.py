"""What every analysis answers with: a tidy frame, sentences with the numbers in them, and the definitions behind them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape

import pandas as pd

from salestrack.book import Book
from salestrack.definition import Metric
from salestrack.display import Definitions, Table, no_formulas
from salestrack.periods import Period


class Sentences(tuple[str, ...]):
    """Sentences that show themselves as paragraphs; a tuple otherwise.

    Parameters
    ----------
    sentences : iterable of str
        Plain text, most important first.
    look : str
        Style of the paragraphs: ``sentence``, ``finding`` or ``note``.
    """

    look: str

    def __new__(cls, sentences: Iterable[str] = (), look: str = "sentence") -> "Sentences":
        """Make a tuple that remembers its look."""
        made = super().__new__(cls, sentences)
        made.look = look
        return made

    def __str__(self) -> str:
        return "\n".join(self)

    __repr__ = __str__

    @no_formulas
    def _repr_html_(self) -> str:
        return "".join(f'<p class="st-{self.look}">{escape(sentence)}</p>' for sentence in self)


@dataclass(frozen=True, eq=False)
class Answer:
    """An answer to one question about a book.

    Parameters
    ----------
    book : Book
        What was asked.
    metrics : tuple of Metric
        The definitions it rests on.
    during : Period or None
        Period.
    where : mapping
        Scope.
    frame : pandas.DataFrame
        The answer as tidy data.
    sentences : tuple of str
        What it says, plain text, most important first; shows itself as paragraphs.
    table : Table
        The answer as a table of texts.
    against : Period or None
        The earlier period that it is held against; None where there is none.
    processes : tuple of str
        Sales processes of which each has its own rows, in a column ``pipeline``; empty where the answer is of one ladder.
    """

    book: Book
    metrics: tuple[Metric, ...]
    during: Period | None
    where: Mapping[str, object]
    frame: pd.DataFrame
    sentences: tuple[str, ...]
    table: Table = field(repr=False)
    against: Period | None = field(default=None, kw_only=True)
    processes: tuple[str, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sentences", Sentences(self.sentences))

    @property
    def first(self) -> str:
        """What it says first; of several sales processes the first sentence of each."""
        return " ".join(self.sentences[: max(len(self.processes), 1)])

    @property
    def definitions(self) -> Definitions:
        """What each figure means, the period, the source, rows read and refused."""
        return Definitions(self.metrics, self.book, self.during, self.where)

    def __str__(self) -> str:
        return "\n".join((*self.sentences, self.table.as_text()))

    __repr__ = __str__

    @no_formulas
    def _repr_html_(self) -> str:
        return Sentences(self.sentences)._repr_html_() + self.table.as_html()
