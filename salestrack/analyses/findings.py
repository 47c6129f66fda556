"""What needs a decision, and what to know about the data: the few sentences that a leader must not miss."""

from collections.abc import Mapping

import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Sentences
from salestrack.analyses.comparison import compare
from salestrack.book import Book, Fault
from salestrack.definition import SHARE
from salestrack.goals import Goals, goal_status
from salestrack.measure import measure
from salestrack.metrics import FIVE
from salestrack.periods import Period
from salestrack.wording import say


def findings(
    book: Book, *, during: Period | str, where: Mapping[str, object] | None = None, goals: Goals | None = None, most: int = 5
) -> Sentences:
    """Return what needs a decision: goals that are off or at risk, figures that got worse, and the step that leaks most.

    Parameters
    ----------
    book : Book
        The book.
    during : Period or str
        The period; changes are against the one before.
    where : mapping, optional
        Scope.
    goals : Goals, optional
        The goal sheet.
    most : int
        How many at the most.
    """
    said: list[str] = []
    if goals is not None:
        status = goal_status(book, goals, during=during, where=where)
        pressing = list(zip(status.frame["status"], status.sentences, strict=True))
        said += [sentence for wanted in ("off", "at_risk") for word, sentence in pressing if word == wanted]
    change = compare(book, FIVE, during=during, where=where)
    said += [sentence for news, sentence in zip(change.frame["news"], change.sentences, strict=True) if news == "bad"]
    said += _largest_leak(book, during, where)
    nothing = say("findings-nothing" if (change.frame["reason"] == "absent").all() else "findings-none")
    return Sentences(list(dict.fromkeys(said))[:most] or [nothing], look="finding")


def _largest_leak(book: Book, during: Period | str, where: Mapping[str, object] | None) -> list[str]:
    steps = measure(book, "leakage", by="stage", during=during, where=where).frame
    judged = steps[steps["note"] == ""]
    if len(judged) < 2:
        return []
    worst, next_one = judged.sort_values("value", ascending=False).head(2).to_dict("records")
    values = {"stage": worst["stage"], "next": next_one["stage"], "n": f"{worst['n']:,}"}
    values |= {name: formats.figure(worst[name], SHARE, "") for name in ("value", "low", "high")}
    values["next_value"] = formats.figure(next_one["value"], SHARE, "")
    clear = pd.notna(worst["low"]) and worst["low"] > next_one["value"]
    return [say("findings-leak" if clear else "findings-leak-close", values)]


def data_notes(book: Book) -> Sentences:
    """Return what to know about the data: refused rows, faults, and what is switched off for want of a table."""
    said = [
        say("data-refused", {"table": table, "refused": intake.refused, "rows": f"{intake.rows:,}"})
        for table, intake in book.intake.items()
        if intake.refused
    ]
    said += [_fault_in_words(fault) for fault in book.faults if not fault.refused and fault.rows]
    if book.absent:
        said.append(say("data-absent", {"tables": ", ".join(f"{table} ({why})" for table, why in book.absent.items())}))
    return Sentences(said or [say("data-clean")], look="note")


def _fault_in_words(fault: Fault) -> str:
    values = {"table": fault.table, "problem": fault.problem, "rows": fault.rows, "advice": fault.advice}
    return say("data-fault-counted" if f"{fault.rows:,}" in fault.problem else "data-fault", values)
