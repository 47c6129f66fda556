"""Answers about steps in a book of several sales processes: each process is asked by itself, and the answers are put together.

A step is one of a ladder. What two processes make of theirs is no one figure, so that nothing here adds up over processes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Answer
from salestrack.analyses.hours import no_table
from salestrack.book import Book
from salestrack.display import Table
from salestrack.wording import label_of, say

PIPELINE = "pipeline"
Kind = TypeVar("Kind", bound=Answer)
Part = tuple[str, Answer]
"""The name of a process and its answer; without a name: of leads, which are in none."""


def processes_in(book: Book, where: Mapping[str, object]) -> tuple[str, ...]:
    """Return the sales processes of a scope, as far as the book has opportunities of them; none where it has but one ladder."""
    if not book.settings.pipelines or not book.has("steps"):
        return ()
    wanted = where.get(PIPELINE, list(book.settings.pipelines))
    named = {*wanted} if isinstance(wanted, list | tuple | set | frozenset) else {wanted}
    return tuple(name for name in book.settings.pipelines if name in named and name in _present(book))


@lru_cache(maxsize=64)
def _present(book: Book) -> frozenset[str]:
    names = book.table("opportunities").select(PIPELINE).distinct()
    return frozenset(book.fetch(names)[PIPELINE].dropna())


@lru_cache(maxsize=64)
def in_process(book: Book, name: str) -> Book:
    """Return a book with the ladder of one process as its only one; its rows are those of all, to be narrowed by a scope."""
    return replace(book, settings=book.settings.of(name))


def each_process(
    book: Book, where: Mapping[str, object], ask: Callable[[Book, Mapping[str, object], str], Kind], *, leads: bool = False
) -> tuple[Kind | None, list[tuple[str, Kind]]]:
    """Ask a question of each sales process by itself.

    Parameters
    ----------
    book : Book
        The book.
    where : mapping
        Scope.
    ask : callable
        Takes a book of one ladder, a scope and what is asked of: ``opportunities``, ``leads``, or nothing for both.
    leads : bool
        Whether the question has a part about leads; they are in no process yet, and are asked by themselves.

    Returns
    -------
    tuple of Answer or None and list of Part
        The whole answer where there is but one process, and no parts; else None and the answers by process, that of leads last.
    """
    names = processes_in(book, where)
    if not names:
        return ask(book, where, ""), []
    if len(names) == 1 and PIPELINE in where:
        return replace(ask(in_process(book, names[0]), where, ""), book=book), []
    parts = [(name, ask(in_process(book, name), {**where, PIPELINE: name}, "opportunities")) for name in names]
    return None, [*parts, *([("", ask(book, where, "leads"))] if leads else [])]


def put_together(book: Book, where: Mapping[str, object], parts: Sequence[Part], title: str = "") -> dict[str, Any]:
    """Return the fields that every answer has, of all processes: book, where, metrics, frame, sentences, table, processes.

    The table has the title of the first process, or the one that is given.
    """
    answers = [answer for _, answer in parts]
    metrics = dict.fromkeys(metric for answer in answers for metric in answer.metrics)
    return {
        "book": book,
        "where": where,
        "metrics": tuple(metrics),
        "frame": stacked([(name, answer.frame) for name, answer in parts]),
        "sentences": _told(parts),
        "table": _table(parts, title or parts[0][1].table.title),
        "processes": tuple(name for name, _ in parts if name),
    }


def stacked(frames: Sequence[tuple[str, pd.DataFrame]], at: int = 0) -> pd.DataFrame:
    """Return frames of several processes as one, with the process in a column at a place."""
    made = [frame.assign(**{PIPELINE: name or None}) for name, frame in frames]
    full = [frame for frame in made if len(frame)] or made[:1]
    columns = [column for column in made[0].columns if column != PIPELINE]
    return pd.concat(full, ignore_index=True)[[*columns[:at], PIPELINE, *columns[at:]]]


def _told(parts: Sequence[Part]) -> tuple[str, ...]:
    """Return the first sentence of each process, then the others; what is true of all processes alike is said once, at the end."""
    of = {name: list(answer.sentences) for name, answer in parts if name}
    shared = [each for each in next(iter(of.values()))[1:] if all(each in said[1:] for said in of.values())]
    said = [say("of-process", {"process": name, "sentence": sentences[0]}) for name, sentences in of.items()]
    said += [
        say("of-process", {"process": name, "sentence": sentence})
        for name, sentences in of.items()
        for sentence in sentences[1:]
        if sentence not in shared
    ]
    said += [sentence for name, answer in parts if not name for sentence in answer.sentences]
    return tuple(dict.fromkeys((*said, *shared)))


def _table(parts: Sequence[Part], title: str) -> Table:
    full = [(name, answer.table) for name, answer in parts if len(answer.table.frame)]
    if not full:
        return no_table(title)
    key = (label_of(PIPELINE), "")
    columns = list(dict.fromkeys(column for _, table in full for column in table.frame.columns))
    rows = [table.frame.reindex(columns=columns, fill_value=formats.DASH) for _, table in full]
    names = [name or formats.DASH for name, table in full for _ in range(len(table.frame))]
    whole = pd.concat(rows, ignore_index=True)
    whole = pd.DataFrame({key: names} | {column: whole[column].tolist() for column in columns})
    notes = " ".join(dict.fromkeys(table.note for _, table in full if table.note))
    return Table(whole, title, notes, max(table.stub for _, table in full) + 1)
