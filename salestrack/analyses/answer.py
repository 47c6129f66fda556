"""What every analysis answers with: a tidy frame, sentences with the numbers in them, and the definitions behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

import pandas as pd

from salestrack.book import Book
from salestrack.definition import Metric
from salestrack.display import Definitions, Table
from salestrack.periods import Period


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
        What it says, plain text, most important first.
    table : Table
        The answer as a table of texts.
    against : Period or None
        The earlier period that it is held against; None where there is none.
    """

    book: Book
    metrics: tuple[Metric, ...]
    during: Period | None
    where: Mapping[str, object]
    frame: pd.DataFrame
    sentences: tuple[str, ...]
    table: Table = field(repr=False)
    against: Period | None = field(default=None, kw_only=True)

    @property
    def definitions(self) -> Definitions:
        """What each figure means, the period, the source, rows read and refused."""
        return Definitions(self.metrics, self.book, self.during, self.where)

    def __str__(self) -> str:
        return "\n".join((*self.sentences, self.table.as_text()))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return sentences_html(self.sentences) + self.table.as_html()


def sentences_html(sentences: tuple[str, ...]) -> str:
    """Return sentences as HTML paragraphs; every text is escaped."""
    return "".join(f'<p class="st-sentence">{escape(sentence)}</p>' for sentence in sentences)
