"""The first book file for a folder of exports: a proposal to read, with the questions that only its owner can answer."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import ibis
import ibis.expr.types as ir
from ibis.backends import BaseBackend

from salestrack.errors import BookError
from salestrack.scratch import scratch_folder
from salestrack.sources import duck
from salestrack.sources.connections import Connection, connect_to
from salestrack.sources.first_columns import column_options, letters, pipeline_lines, stage_lines, yaml_text
from salestrack.sources.first_outcome import Outcome, outcome_said
from salestrack.sources.header_words import COLUMN_WORDS, FILE_WORDS, TYPE_WORDS
from salestrack.sources.parted import parting, seen_in
from salestrack.sources.reading import as_text
from salestrack.sources.stopping import damage_of
from salestrack.sources.table_file import TableFile
from salestrack.tables import CATEGORIES, CONTRACTS

_MOST_VALUES = 5_000
_MOST_PIPELINES = 20


@dataclass(frozen=True)
class _Export:
    """One file or table that was found, with its rows and its columns by canonical table and column."""

    name: str
    table: TableFile
    rows: ir.Table
    columns: tuple[str, ...]
    ends: Outcome = field(default_factory=Outcome)

    def with_ends(self) -> "_Export":
        """Return the export of opportunities with stage and close date as its other columns say them, where these say more."""
        proposal = self.proposal("opportunities")
        ends = outcome_said(self.rows, self.columns, proposal["stage"], proposal.get("close_date"))
        if ends is None:
            return self
        return replace(self, rows=self.rows.mutate(**{_made(name): each for name, each in ends.values.items()}), ends=ends)

    def values(self, source: str) -> dict[str, int]:
        """Return the values of a source column with the rows of each, most rows first; nothing when there are too many."""
        counts = self.rows.group_by(value=as_text(self.rows[source])).agg(n=self.rows.count()).order_by(ibis.desc("n"), "value")
        found = counts.filter(counts.value.notnull()).limit(_MOST_VALUES + 1).to_pyarrow().to_pylist()
        return {row["value"]: row["n"] for row in found} if len(found) <= _MOST_VALUES else {}

    def distinct(self, table: str, column: str) -> dict[str, int]:
        """Return the values of a canonical column with the rows of each."""
        source = self.proposal(table).get(column)
        return self.values(source) if source else {}

    def proposal(self, table: str) -> dict[str, str]:
        """Return the canonical columns of a table that this export seems to hold, with its own columns or what is made of them."""
        return self.by_words(table) | ({name: _made(name) for name in self.ends.made} if table == "opportunities" else {})

    def by_words(self, table: str) -> dict[str, str]:
        """Return the canonical columns of a table that this export seems to hold, with those of its own that are called so."""
        by_word = {letters(name.rpartition(" - ")[2]): name for name in reversed(self.columns)}
        by_word |= {letters(name): name for name in reversed(self.columns)}
        found = {}
        for column, words in COLUMN_WORDS[table].items():
            if name := next((by_word[word] for word in (letters(column), *words) if word in by_word), None):
                found[column] = name
        return found

    def fit(self, table: str) -> float:
        """Return how well this export serves as a table; 0 when a needed column is not there."""
        found = self.proposal(table)
        needed = [each.name for each in CONTRACTS[table].columns if each.required and each.name != "category"]
        if any(name not in found for name in needed):
            return 0
        distinct = len(set(found.values()))
        hint = next((each for each, words in FILE_WORDS.items() if any(word in letters(self.name) for word in words)), None)
        if hint == table:
            return distinct + 10
        return distinct if distinct >= (6 if hint else 4) else 0


def new_book(folder: str | Path) -> str:
    """Return a first, commented book file for a folder of exports, or for a DuckDB file.

    Columns are proposed by their names. Where dates or numbers may be read in two ways, the question stands in a comment and
    nothing is filled in, so that opening the book asks it again.

    Parameters
    ----------
    folder : str or Path
        Where the exports are.

    Returns
    -------
    str
        YAML.

    Raises
    ------
    BookError
        There is nothing to read, or nothing that looks like opportunities.
    """
    place = Path(folder)
    engine = duck.connect()
    try:
        with scratch_folder("book") as scratch:
            exports, unread = _exports(engine, connect_to(engine, place.resolve(), scratch))
            chosen = _chosen(exports)
            if "opportunities" not in chosen:
                raise BookError(
                    f"Nothing in {place} looks like opportunities: it needs a column with an id and one with a stage.", unread
                )
            chosen["opportunities"] = chosen["opportunities"].with_ends()
            return "\n".join(_written(place, chosen, exports, unread)) + "\n"
    finally:
        engine.disconnect()


def _exports(engine: BaseBackend, connection: Connection) -> tuple[list[_Export], list[str]]:
    """Return everything that can be read, and why the rest cannot."""
    exports, unread = [], []
    for number, (name, table) in enumerate(connection.tables()):
        try:
            source = connection.open(f"export_{number}", table)
        except BookError as error:
            unread.append(str(error))
            continue
        if damage := damage_of(engine, source):
            unread.append(damage)
            continue
        exports.append(_Export(name, table, engine.table(source.view), source.columns))
    return exports, unread


def _chosen(exports: Iterable[_Export]) -> dict[str, _Export]:
    """Return the best export for each table; an export serves once."""
    fits = sorted(((each.fit(table), table, each) for each in exports for table in COLUMN_WORDS), key=lambda fit: (-fit[0], fit[1]))
    chosen: dict[str, _Export] = {}
    for fit, table, export in fits:
        if fit and table not in chosen and export not in chosen.values():
            chosen[table] = export
    return {table: chosen[table] for table in CONTRACTS if table in chosen}


def _written(place: Path, chosen: Mapping[str, _Export], exports: list[_Export], unread: list[str]) -> Iterator[str]:
    yield f"# The book of {place.resolve().name}: a first proposal. Read it, answer the lines that say ANSWER, then run"
    yield "#     salestrack check book.yaml"
    yield from (f"# Not read: {each}" for each in unread)
    used = [each.name for each in chosen.values()]
    for export in exports:
        if export.name not in used:
            yield f"# Not used: {export.name} ({', '.join(export.columns)})"
    yield f"name: {yaml_text(place.resolve().stem.replace('_', ' ').title())}"
    yield from _currency(chosen["opportunities"])
    yield "fiscal_year_start: 1  # month in which the fiscal year begins"
    yield "time_zone: UTC  # of times without an offset, as in Europe/Berlin"
    yield "# exported_on: 2026-09-30  # the day the export was made; needed to read the book as of an earlier day"
    yield f"connection: {yaml_text(place.name) if place.is_file() else '.'}"
    yield ""
    yield from _stages(chosen)
    if "activities" in chosen:
        yield from _categories(chosen["activities"])
    yield ""
    yield "tables:"
    for table, export in chosen.items():
        yield from _table(table, export, [each for each in exports if each.name != export.name])


def _made(name: str) -> str:
    return f"__{name}"


def _stages(chosen: Mapping[str, _Export]) -> Iterator[str]:
    """Yield one ladder of stages, or one for each pipeline where these part them."""
    sold, told = chosen["opportunities"], chosen.get("stage_history")
    if 1 < len(sold.distinct("opportunities", "pipeline")) <= _MOST_PIPELINES:
        seen = seen_in(_named(sold, "opportunities"), _named(told, "stage_history") if told else None)
        if parting(seen).pairs:
            yield from pipeline_lines({name: stages for name, stages in seen.items() if name})
            return
    yield from stage_lines(sold.distinct("opportunities", "stage"))


def _named(export: _Export, table: str) -> ir.Table:
    """Return key, pipeline and stage of an export, as far as it has them, under their canonical names."""
    found = export.proposal(table)
    wanted = [name for name in ("opportunity_id", "pipeline", "stage") if name in found]
    return export.rows.select(**{name: as_text(export.rows[found[name]]) for name in wanted})


def _currency(export: _Export) -> Iterator[str]:
    counted: Counter[str] = Counter()
    for code, n in export.distinct("opportunities", "currency").items():
        counted[code.upper()] += n
    known = [code for code, _ in counted.most_common() if re.fullmatch("[A-Z]{3}", code)]
    if not known:
        yield "currency: USD  # ANSWER: of all amounts; the data does not say"
    elif len(counted) == 1:
        yield f"currency: {known[0]}"
    else:
        told = ", ".join(f"{code} ({n:,} rows)" for code, n in counted.most_common())
        yield f"currency: {known[0]}  # ANSWER: of all amounts; the data has {told}; rows in another than the book's are refused"


def _categories(export: _Export) -> Iterator[str]:
    types, source = export.distinct("activities", "type"), export.proposal("activities").get("type")
    placed: dict[str, list[str]] = {}
    for name in types:
        category = next(
            (each for each, words in TYPE_WORDS.items() if any(word in name.casefold() for word in words)), "unclassified"
        )
        placed.setdefault(category, []).append(name)
    left = placed.pop("unclassified", [])
    yield ""
    yield f"# Which category an activity is in: the first rule that fits. Categories: {', '.join(CATEGORIES)}."
    if left:
        yield f"# ANSWER: these types are in none yet, and stay unclassified: {', '.join(left)}"
    yield "activity_categories:" if placed else "activity_categories: []"
    for category, names in placed.items():
        listed = ", ".join(yaml_text(name) for name in names)
        yield f"  - {{category: {category}, where: {{{yaml_text(source or 'type')}: [{listed}]}}}}"


def _table(table: str, export: _Export, others: list[_Export]) -> Iterator[str]:
    yield f"  {table}:"
    yield f"    {'file' if export.table.file else 'table'}: {yaml_text(export.name)}"
    yield "    columns:"
    proposal, ends = export.proposal(table), export.ends.made if table == "opportunities" else {}
    for name, source in proposal.items():
        options, comments = column_options(export.rows, source, CONTRACTS[table].column(name), f"{table}.{name}")
        if table == "opportunities" and name in ("product", "segment", "source", "account_id", "rep_id"):
            values, told = _spelled_otherwise(export, source, others)
            options, comments = options | values, comments + told
        yield from (f"      # {each}" for each in comments)
        if sql := ends.get(name):
            yield f"      # how a deal ended is said by {', '.join(export.ends.uses)}"
        way = {"expression": json.dumps(sql, ensure_ascii=False)} if sql else {"column": yaml_text(source)}
        said = ", ".join(f"{key}: {each}" for key, each in {**way, **options}.items())
        yield f"      {name}: {{{said}}}" if options or sql else f"      {name}: {yaml_text(source)}"
    if unused := [
        each for each in export.columns if each not in (*proposal.values(), *export.by_words(table).values(), *export.ends.uses)
    ]:
        yield f"      # not used: {', '.join(unused)}"
    if missing := [each.name for each in CONTRACTS[table].columns if each.name not in proposal]:
        yield f"      # not found: {', '.join(missing)}"


def _spelled_otherwise(export: _Export, source: str, others: list[_Export]) -> tuple[dict[str, str], list[str]]:
    """Return value mappings for values that another export with the same column spells a little otherwise."""
    mine, values, told = export.values(source), {}, []
    for other in others:
        name = next((each for each in other.columns if letters(each) == letters(source)), None)
        theirs = {letters(each): each for each in other.values(name)} if name else {}
        for each in mine:
            if theirs and each not in theirs.values() and letters(each) in theirs:
                values[each] = theirs[letters(each)]
                told.append(f"{other.name} writes {theirs[letters(each)]!r} where {export.name} writes {each!r}")
    pairs = ", ".join(f"{yaml_text(one)}: {yaml_text(other)}" for one, other in values.items())
    return ({"values": f"{{{pairs}}}"} if pairs else {}), told
