"""What makes a row or one of its values unusable: the rules of the contracts, as conditions on the rows of a source.

A row that lacks what it needs is refused. A value that may be missing and cannot be used is taken for missing, and its row stays.
"""

from dataclasses import dataclass, replace
from datetime import date

import ibis
import ibis.expr.types as ir

from salestrack.book import Settings
from salestrack.sources.duck import FAULT
from salestrack.sources.duck_csv import BROKEN
from salestrack.sources.reading import text, value
from salestrack.tables import CATEGORIES, Column, Contract

_KINDS = {"number": "a number", "share": "a number", "date": "a date", "timestamp": "a time"}
# No amount, duration or potential is so large, and sums of a thousand million of them still are numbers, and their squares.
LARGEST = 1e15
STAYS = "The row stays in, as if this were not recorded."


@dataclass(frozen=True)
class Check:
    """One reason for refusing a row, or a value of it.

    Parameters
    ----------
    column : str
        Which column, or columns.
    problem : str
        What is wrong, as a clause.
    condition : ibis boolean
        True where it holds; null counts as fine.
    advice : str
        What to do.
    kind : {'', 'unreadable', 'share', 'stage', 'pipeline', 'duplicate', 'left out'}
        For those that are judged again as a whole: a column that cannot be read at all is a question, not a thousand bad rows. What
        is left out on purpose is never asked.
    stays : bool
        Whether the row stays in without the value: of a column that a row may lack.
    """

    column: str
    problem: str
    condition: ir.BooleanValue
    advice: str
    kind: str = ""
    stays: bool = False

    def of_whole_rows(self, whole: ir.BooleanValue) -> "Check":
        """Return the same of rows that could be split into columns."""
        return replace(self, condition=whole & self.condition)


def checks(contract: Contract, rows: ir.Table, settings: Settings, until: date | None = None) -> list[Check]:
    """Return all reasons for which rows of a table, or values of them, are refused, without duplicates of keys.

    Parameters
    ----------
    contract : Contract
        The table's.
    rows : ibis table
        Rows of the source with texts and values, from `salestrack.sources.reading.with_values`.
    settings : Settings
        Stages and currency.
    until : date, optional
        No opportunity can have closed after that day; None: not looked at.
    """
    broken = [
        Check("", problem, rows[FAULT] == problem, "Quote fields that hold the delimiter, a quote or a line break; export again.")
        for problem in BROKEN.values()
    ]
    mapped = [column for column in contract.columns if text(column.name) in rows.columns]
    names = {column.name for column in mapped}
    rest = [each for column in mapped for each in _of_column(column, rows[text(column.name)], rows[value(column.name)])]
    rest += [
        Check(
            f"{earlier}, {later}",
            f"{later} is before {earlier}",
            before(rows[value(earlier)], rows[value(later)]),
            "One of the two is wrong in the source, or the wrong column is mapped.",
        )
        for earlier, later in contract.order
        if {earlier, later} <= names
    ]
    rest += [each for name, made in _BY_COLUMN.items() if name in names for each in made(rows, settings)]
    rest += _BY_TABLE[contract.name](rows, settings) if contract.name in _BY_TABLE else []
    rest += _not_yet(rows, settings, until) if until else []
    whole = rows[FAULT].isnull()
    return broken + [each.of_whole_rows(whole) for each in rest]


def _of_column(column: Column, written: ir.StringValue, read: ir.Value) -> list[Check]:
    found = []
    if column.required:
        found.append(Check(column.name, f"{column.name} is missing", written.isnull(), "Fill it in the source: a row needs it."))

    def refuse(problem: str, condition: ir.BooleanValue, advice: str, kind: str = "") -> None:
        told = advice if column.required else f"{STAYS} {advice}"
        found.append(Check(column.name, f"{column.name} is {problem}", condition, told, kind, stays=not column.required))

    if column.kind in _KINDS:
        advice = "Correct it in the source; texts that mean 'nothing' can be listed under missing: of the column."
        refuse(f"not {_KINDS[column.kind]}", written.notnull() & read.isnull(), advice, "unreadable")
    if column.kind == "number":
        refuse(f"above {LARGEST:,.0f}", read > LARGEST, "Correct it in the source: added up, it would drown or end all others.")
    if column.minimum is not None:
        what = "negative" if column.minimum == 0 else f"below {column.minimum:g}"
        refuse(what, read < column.minimum, "Correct it in the source.")
    if column.kind == "share":
        advice = "Correct it in the source, or say percent: true where 35 means 35 %."
        refuse("not between 0 and 1", (read < 0) | (read > 1), advice, "share")
    return found


def _of_a_process(rows: ir.Table, settings: Settings) -> list[Check]:
    """Return what is wrong with the process of an opportunity: it is none of the book's, or the stage is none of its own."""
    if not settings.pipelines:
        return []
    said = rows[value("pipeline")]
    strange = said.notin(list(settings.pipelines))
    told = "Fill it in the source: without it nobody knows through which stages the opportunity goes."
    advice = "Add it to pipelines: in the book file, with its stages, or map it with values: to one that is there."
    other = ibis.or_(
        *((said == name) & rows[value("stage")].notin([s.name for s in each]) for name, each in settings.pipelines.items())
    )
    known = rows[value("stage")].isin([stage.name for stage in settings.stages])
    own = "Add it to the stages of its pipeline in the book file, or map it with values: to a stage that is there."
    return [
        Check("pipeline", "pipeline is missing though the book has several", said.isnull(), told),
        Check("pipeline", "pipeline is not one of the book's pipelines", strange, advice, "pipeline"),
        Check("pipeline, stage", "stage is one of another pipeline", other & known, own),
    ]


def _stage(rows: ir.Table, settings: Settings) -> list[Check]:
    known = [each.name for each in settings.stages]
    place = "the stages of its pipeline" if settings.pipelines else "stages:"
    advice = f"Add it to {place} in the book file, or map it with values: to a stage that is there."
    unknown = rows[text("stage")].notin(known)
    return [Check("stage", "stage is not one of the book's stages", unknown, advice, "stage")]


def _currency(rows: ir.Table, settings: Settings) -> list[Check]:
    told = f"Convert amounts to {settings.currency} before the export, or say the currency that the book is in"
    advice = f"{told}: amounts of two currencies are never added."
    foreign = rows[value("currency")] != settings.currency
    return [Check("currency", f"currency is not {settings.currency}", foreign, advice)]


def _category(rows: ir.Table, settings: Settings) -> list[Check]:
    advice = f"Map it with values: to one of {', '.join(CATEGORIES)}."
    unknown = rows[text("category")].notin(CATEGORIES)
    return [Check("category", "category is not one of the activity categories", unknown, advice)]


def _opportunities(rows: ir.Table, settings: Settings) -> list[Check]:
    closed = rows[value("stage")].isin([*settings.named("won"), *settings.named("lost")])
    advice = "Map close_date, or fill it in the source: without the day nobody knows to which period the result belongs."
    return [*_without_a_day(rows, closed, advice), *_of_a_process(rows, settings)]


def _without_a_day(rows: ir.Table, closed: ir.BooleanValue, advice: str) -> list[Check]:
    if text("close_date") not in rows.columns:
        return [Check("close_date", "close_date is missing though the stage is closed", closed, advice)]
    said, read = rows[text("close_date")].notnull(), rows[value("close_date")].notnull()
    return [
        Check("close_date", "close_date is missing though the stage is closed", closed & ~said, advice),
        Check("close_date", "close_date cannot be read though the stage is closed", closed & said & ~read, advice),
    ]


def _not_yet(rows: ir.Table, settings: Settings, until: date) -> list[Check]:
    closed = rows[value("stage")].isin([*settings.named("won"), *settings.named("lost")])
    problem = f"close_date is after {until} though the stage is closed"
    advice = "Correct the day in the source; if the export was made later, say exported_on: in the book file."
    return [Check("close_date", problem, closed & (rows[value("close_date")] > until), advice)]


def _quotas(rows: ir.Table, settings: Settings) -> list[Check]:
    holders = ("rep_id", "team", "territory_id")
    nobody = ibis.and_(*(rows[value(name)].isnull() for name in holders))
    return [Check(", ".join(holders), "the quota is for no rep, team or territory", nobody, "Fill in whose quota it is.")]


_BY_COLUMN = {"stage": _stage, "currency": _currency, "category": _category}
_BY_TABLE = {"opportunities": _opportunities, "quotas": _quotas}


def before(earlier: ir.Value, later: ir.Value) -> ir.BooleanValue:
    """Return whether the later comes first; a time of exactly midnight stands for its day, as many exports hold days only."""
    if not (earlier.type().is_timestamp() and later.type().is_timestamp()):
        return later < earlier
    day_only = later == later.truncate("D")
    return (later < earlier) & ~(day_only & (later.date() == earlier.date()))
