"""Where an export says beside the stage whether a deal was won or lost, and on which day: flags, a status, times of the two ends.

Many CRMs keep a deal in the stage where it ended, or write stages as numbers; there no stage says of a deal that it was won.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from salestrack.sources.duck import literal, quoted
from salestrack.sources.first_columns import letters, outcome_of
from salestrack.sources.reading import as_text

_WON_FLAGS, _CLOSED_FLAGS = ("hsisclosedwon", "isclosedwon", "iswon"), ("hsisclosed", "isclosed")
_STATUS = ("status", "dealstatus", "opportunitystatus", "wonstatus", "statecode", "statuslabel", "statustype")
_WON_DAYS = ("wontime", "wondate", "datewon", "wonat", "wonon")
_LOST_DAYS = ("losttime", "lostdate", "datelost", "lostat", "loston")
_YES = ("true", "1", "yes", "t", "y")
_ENDS = ("won", "lost")
_MOST_WORDS = 12


@dataclass(frozen=True)
class Outcome:
    """What makes stage and close date of an export in which other columns say how a deal ended.

    Parameters
    ----------
    made : mapping of str to str
        Canonical column to SQL over the columns of the export.
    values : mapping of str to ibis string column
        The same of the rows at hand.
    uses : tuple of str
        The columns that say it.
    """

    made: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, ir.Value] = field(default_factory=dict)
    uses: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Says:
    """That a column says one of some words."""

    column: str
    words: tuple[str, ...]

    def sql(self) -> str:
        return f"lower({_text(self.column)}) in ({', '.join(map(literal, self.words))})"

    def of(self, rows: ir.Table) -> ir.BooleanValue:
        return as_text(rows[self.column]).lower().isin(self.words).fill_null(False)


def outcome_said(rows: ir.Table, columns: Sequence[str], stage: str, close_date: str | None) -> Outcome | None:
    """Return how an export says whether a deal was won or lost, where its stages do not say it as well.

    Parameters
    ----------
    rows : ibis table
        Of the export.
    columns : sequence of str
        Its columns.
    stage : str
        The one that would be the stage.
    close_date : str or None
        The one that would be the close date.

    Returns
    -------
    Outcome or None
        None: no other column says it, or the stages say the same of every row.
    """
    found = {letters(name.rpartition(" - ")[2]): name for name in reversed(columns)} | {letters(name): name for name in columns}
    for won, lost in (*_by_flags(found), *_by_status(rows, found)):
        # A deal with both flags was won: it is also closed.
        ends = ((won, literal("Won"), "Won"), (lost, literal("Lost"), "Lost"))
        whole = ibis.cases(*((says.of(rows), name) for says, _, name in ends), else_=as_text(rows[stage]))
        if not _says_more(whole, as_text(rows[stage])):
            continue
        made = {"stage": _case([(says, name) for says, name, _ in ends], _text(stage))}
        days = [(says, day) for says, words in ((won, _WON_DAYS), (lost, _LOST_DAYS)) if (day := _first(found, words))]
        values = {"stage": whole}
        if days:
            made["close_date"] = _case([(says, _text(day)) for says, day in days], _text(close_date) if close_date else "null")
            expected = as_text(rows[close_date]) if close_date else ibis.null("string")
            values["close_date"] = ibis.cases(*((says.of(rows), as_text(rows[day])) for says, day in days), else_=expected)
        return Outcome(made, values, tuple(dict.fromkeys([won.column, lost.column, *(day for _, day in days)])))
    return None


def _by_flags(found: Mapping[str, str]) -> Iterator[tuple[_Says, _Says]]:
    won, closed = _first(found, _WON_FLAGS), _first(found, _CLOSED_FLAGS)
    if won and closed:
        yield _Says(won, _YES), _Says(closed, _YES)


def _by_status(rows: ir.Table, found: Mapping[str, str]) -> Iterator[tuple[_Says, _Says]]:
    for name in (found[word] for word in _STATUS if word in found):
        values = as_text(rows[name]).name("value").as_table().distinct().limit(_MOST_WORDS + 1).to_pyarrow()["value"].to_pylist()
        told = {outcome: tuple(each.lower() for each in values if each and outcome_of(each) == outcome) for outcome in _ENDS}
        if len(values) <= _MOST_WORDS and all(told.values()):
            yield _Says(name, told["won"]), _Says(name, told["lost"])


def _says_more(whole: ir.StringValue, stage: ir.StringValue) -> bool:
    """Return whether some stage says another outcome than what the export says beside it."""
    pairs = ibis.struct({"whole": whole, "stage": stage}).name("pair").as_table().distinct().to_pyarrow()["pair"].to_pylist()
    return any(outcome_of(pair["stage"] or "") != outcome_of(pair["whole"] or "") for pair in pairs)


def _first(found: Mapping[str, str], words: Sequence[str]) -> str | None:
    return next((found[word] for word in words if word in found), None)


def _case(cases: Sequence[tuple[_Says, str]], otherwise: str) -> str:
    return f"case {' '.join(f'when {says.sql()} then {then}' for says, then in cases)} else {otherwise} end"


def _text(column: str) -> str:
    return f"trim(cast({quoted(column)} as varchar))"
