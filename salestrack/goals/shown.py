"""What people see in a cell: a tidy frame as a table, sentences as paragraphs."""

from dataclasses import dataclass, field
from html import escape

import pandas as pd

from salestrack.display import Table, no_formulas


@dataclass(frozen=True, eq=False)
class Shown:
    """Texts to look at and to work with; prints as a table.

    Parameters
    ----------
    frame : pandas.DataFrame
        Tidy data.
    table : Table
        The same as a table of texts.
    """

    frame: pd.DataFrame
    table: Table = field(repr=False)

    def __str__(self) -> str:
        return self.table.as_text()

    __repr__ = __str__

    @no_formulas
    def _repr_html_(self) -> str:
        return self.table.as_html()


class Sentences(list[str]):
    """Sentences that show themselves as paragraphs; a list otherwise."""

    def __str__(self) -> str:
        return "\n".join(self)

    @no_formulas
    def _repr_html_(self) -> str:
        return "".join(f'<p class="st-note">{escape(sentence)}</p>' for sentence in self)
