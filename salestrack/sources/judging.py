"""What was found in one table: questions that must be answered first, refused rows with examples, and what is worth knowing."""

from collections.abc import Iterator, Sequence

import ibis
import ibis.expr.types as ir

from salestrack.book import Fault, Settings
from salestrack.errors import suggestion
from salestrack.sources.checks import STAYS
from salestrack.sources.duck import ID, MASK
from salestrack.sources.intake import Taken, refusing
from salestrack.sources.questions import date_question, number_question, point_question
from salestrack.sources.reading import Conventions, is_written, said, text

_EXAMPLES = 3
# Up to this share of unreadable values, a column is taken to be read rightly and the rows to be wrong.
_ODD_VALUES = 0.05
# What one reason leaves of a table or a column is next to nothing: most likely the book file is wrong, and not the rows.
_NEARLY_ALL, _TOO_MANY = 0.8, 4


def questions(taken: Taken, settings: Settings, conventions: Conventions) -> list[str]:
    """Return what the owner of the data must answer before this table can be used; empty when all is clear.

    A column that mostly cannot be read, or of which more than 5 % reads in another way, is a question, and so is a reason for
    which nearly all rows or values would be left out. A few odd values are refused rows, or missing where a row may lack the value.
    """
    asked = [each for k in range(len(taken.checks)) for each in _about_reason(taken, k, settings)]
    for name, how in taken.mapped.columns.items():
        stated = how.decimal or how.thousands or conventions.decimal or conventions.thousands
        if taken.contract.column(name).kind == "number" and is_written(taken.rows, how, name) and not stated:
            question = point_question(taken.rows[text(name)], f"{taken.contract.name}.{name}")
            asked += [question] if question else []
    if taken.contract.name == "opportunities" and not asked and taken.counts["refused"] == taken.counts["rows"]:
        asked.append(_nothing_usable(taken))
    return asked or [each for k in range(len(taken.checks)) for each in _about_nearly_all(taken, k)]


def faults(taken: Taken, settings: Settings) -> Iterator[Fault]:
    """Yield what is wrong with the rows of a table, and what is worth knowing about how it was read."""
    name, counts = taken.contract.name, taken.counts
    for note in taken.source.notes:
        yield Fault(name, "", note, 0, (), False, "Say it in the book file if it is wrong.")
    if not counts["rows"]:
        problem = f"{taken.source.label} has a header and no rows"
        yield Fault(name, "", problem, 0, (), False, "Export it again if it should have some.")
    for k, check in enumerate(taken.checks):
        if rows := counts[f"kept_{k}" if check.stays else f"check_{k}"]:
            columns = [each for each in check.column.split(", ") if each] or list(taken.contract.key)
            advice = check.advice + _unknown_told(taken, k, settings)
            yield Fault(name, ", ".join(columns), check.problem, rows, _examples(taken, k, columns), not check.stays, advice)
    yield from _mapped_values(taken)
    if taken.mapped.unused:
        free = [each for each in taken.contract.names if each not in taken.mapped.columns]
        told = f"These columns of {name} have no source yet, and can be mapped to one: {', '.join(free)}." if free else ""
        told = told or f"Nothing to do: {name} has all of its columns."
        yield Fault(name, "", "source columns that nothing uses", 0, taken.mapped.unused, False, told)


def _about_reason(taken: Taken, k: int, settings: Settings) -> list[str]:
    check, bad = taken.checks[k], taken.counts[f"check_{k}"]
    if not bad or check.kind not in ("unreadable", "share", "stage"):
        return []
    where = f"{taken.contract.name}.{check.column}"
    total = taken.counts.get(f"value_{check.column}", 0) + bad
    if check.kind == "stage":
        return _misspelt_stages(taken, k, settings)
    if check.kind == "share":
        first = _texts(taken, k, check.column).min().to_pyarrow().as_py()
        told = f"{where}: {bad:,} of {total:,} values are not between 0 and 1, e.g. {first!r}."
        return [f"{told} If 35 means 35 %, say percent: true"] if bad * 2 > total else []
    if bad * 2 <= total and (bad == 1 or bad <= _ODD_VALUES * total):
        return []
    return _unreadable(taken, k, where, total)


def _unreadable(taken: Taken, k: int, where: str, total: int) -> list[str]:
    check, bad = taken.checks[k], taken.counts[f"check_{k}"]
    texts = _texts(taken, k, check.column)
    how = taken.mapped.columns[check.column]
    first = texts.min().to_pyarrow().as_py()
    if how.date_format:
        told = f"date_format {' or '.join(how.date_format)} reads {total - bad:,} of {total:,} values"
        return [f"{where}: {told}; {first!r} it does not. Correct date_format, or list a second one."]
    if taken.contract.column(check.column).kind in ("date", "timestamp"):
        question, formats = date_question(texts, where)
        return [question] if formats or bad * 2 > total else []
    asked = number_question(texts, where)
    if asked is None and bad * 2 > total:
        told = f"{where}: {bad:,} of {total:,} values are no numbers, e.g. {first!r}"
        asked = f"{told}. Map another column, or list texts that mean 'nothing' under missing:."
    return [asked] if asked else []


def _about_nearly_all(taken: Taken, k: int) -> list[str]:
    """Return a question about one reason that leaves next to nothing of a table, or of a column."""
    check, bad, rows = taken.checks[k], taken.counts[f"check_{k}"], taken.counts["rows"]
    total = taken.counts.get(f"value_{check.column}", 0) + bad if check.stays else rows
    if check.kind == "left out" or bad < _TOO_MANY or bad < _NEARLY_ALL * total:
        return []
    where = ".".join(each for each in (taken.contract.name, check.column) if each and ", " not in each)
    what = "values could not be used" if check.stays else "rows would be refused"
    told = f"{where}: {bad:,} of {total:,} {what}, because {check.problem}{_commonest(taken, k)}"
    return [f"{told}. Is it the right column, or is the book file wrong? {check.advice.removeprefix(STAYS).strip()}"]


def _commonest(taken: Taken, k: int) -> str:
    """Return what most of the rows with a reason say in its column."""
    name = text(taken.checks[k].column)
    found = taken.with_reason(k)
    if name not in found.columns:
        return ""
    counts = found.group_by(word=found[name]).agg(n=found.count()).order_by(ibis.desc("n"), "word").limit(_EXAMPLES)
    said = [f"{row['word']!r} ({row['n']:,})" for row in counts.to_pyarrow().to_pylist() if row["word"]]
    return f"; they say {', '.join(said)}" if said else ""


def _texts(taken: Taken, k: int, column: str) -> ir.StringValue:
    return taken.with_reason(k)[text(column)]


def _unknown_values(taken: Taken, k: int, column: str) -> list[str]:
    found = _texts(taken, k, column).name(column).as_table().distinct().order_by(column).limit(50)
    return [each for each in found.to_pyarrow().to_pydict()[column] if each]


def _misspelt_stages(taken: Taken, k: int, settings: Settings) -> list[str]:
    """Return a question for each stage of the data that is nearly a stage of the book which no row has: surely a typo."""
    present = set(taken.usable.stage.name("stage").as_table().distinct().to_pyarrow().to_pydict()["stage"])
    idle = [stage.name for stage in settings.stages if stage.name not in present]
    if taken.contract.name != "opportunities":
        return []
    asked = []
    for stage in _unknown_values(taken, k, "stage"):
        told = suggestion(stage, idle)
        if "Did you mean" in told:
            asked.append(f"stages: the data has the stage {stage!r}, which is not in the book file.{told} No row has that one.")
    return asked


def _unknown_told(taken: Taken, k: int, settings: Settings) -> str:
    """Return which stages, or pipelines, the book does not know, with what may be meant; empty for all other reasons."""
    known = {"stage": [stage.name for stage in settings.stages], "pipeline": list(settings.pipelines)}
    kind = taken.checks[k].kind
    if kind not in known:
        return ""
    near = {each: suggestion(each, known[kind]) for each in _unknown_values(taken, k, kind)}
    told = [f"{each!r}.{text if 'Did you mean' in text else ''}" for each, text in near.items()]
    return f" Unknown: {' '.join(told)}"


def _nothing_usable(taken: Taken) -> str:
    rows = taken.counts["rows"]
    if not rows:
        return f"opportunities: {taken.source.label} has a header and no rows; there is nothing to measure. Export it again."
    worst = sorted(((taken.counts[f"check_{k}"], each.problem) for k, each in enumerate(taken.checks)), reverse=True)
    told = "; ".join(f"{problem} ({count:,})" for count, problem in worst[:3] if count)
    return f"opportunities: none of the {rows:,} rows of {taken.source.label} can be used: {told}."


def _examples(taken: Taken, k: int, columns: Sequence[str]) -> tuple[str, ...]:
    """Return keys of a few rows with a reason, with the values that are wrong."""
    found = taken.with_reason(k)
    if taken.checks[k].stays:
        found = found.filter((found[MASK] & refusing(taken.checks)) == 0)
    rows = found.order_by(ID).limit(_EXAMPLES).to_pyarrow().to_pylist()
    keys = taken.contract.key

    def told(row: dict[str, object]) -> str:
        key = " ".join(str(row[text(name)]) for name in keys if row.get(text(name)))
        values = [str(row[text(name)]) for name in columns if name not in keys and row.get(text(name))]
        broken = taken.checks[k].column == "" and not key
        shown = str(row["record"])[:60] if broken else ", ".join(values)
        return f"{key or 'row ' + str(row['row'])}{f' ({shown})' if shown else ''}"

    return tuple(told(row) for row in rows)


def _mapped_values(taken: Taken) -> Iterator[Fault]:
    for name, how in taken.mapped.columns.items():
        if not how.values:
            continue
        words = taken.rows[said(name)].name("word").as_table()
        counts = words.filter(words.word.isin(list(how.values))).group_by("word").agg(n=ibis._.count()).to_pyarrow().to_pylist()
        rows = {each["word"]: each["n"] for each in counts}
        told = tuple(f"{rows[word]:,} rows {word!r} -> {to!r}" for word, to in how.values.items() if word in rows)
        if rows:
            advice = "Stated in the book file; nothing to do."
            yield Fault(taken.contract.name, name, "values changed as the book file says", sum(rows.values()), told, False, advice)
        if idle := tuple(repr(word) for word in how.values if word not in rows):
            yield Fault(taken.contract.name, name, "stated values that no row has", 0, idle, False, "Check their spelling.")
