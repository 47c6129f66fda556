"""What needs a decision, and what to know about the data: the few sentences that a leader must not miss."""

from collections.abc import Mapping

import pandas as pd

from salestrack import formats
from salestrack.analyses.answer import Sentences
from salestrack.analyses.comparison import compare
from salestrack.analyses.processes import processes_in
from salestrack.book import Book, Fault
from salestrack.definition import SHARE
from salestrack.goals import Goals, goal_status
from salestrack.measure import measure
from salestrack.metrics import FIVE
from salestrack.periods import Period
from salestrack.recorded import told_of
from salestrack.stats.foremost import foremost_share
from salestrack.stats.limits import Interval
from salestrack.wording import say

# Fewer reps than this at quota are most of them below it.
_MOST_AT_QUOTA = 0.5


def findings(
    book: Book, *, during: Period | str, where: Mapping[str, object] | None = None, goals: Goals | None = None, most: int = 5
) -> Sentences:
    """Return what needs a decision.

    Goals that are off or at risk, figures that got worse, quotas that most reps miss, and the step that leaks most.

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
    untold = 0
    if goals is not None:
        status = goal_status(book, goals, during=during, where=where)
        pressing = list(zip(status.frame["status"], status.sentences, strict=True))
        said += [sentence for wanted in ("off", "at_risk") for word, sentence in pressing if word == wanted]
        untold += sum(word == "cannot_tell" for word, _ in pressing)
    change = compare(book, FIVE, during=during, where=where)
    said += [sentence for news, sentence in zip(change.frame["news"], change.sentences, strict=True) if news == "bad"]
    said += [*_below_quota(book, during, where), *_largest_leak(book, during, where)]
    reasons = change.frame["reason"]
    untold += int((~reasons.isin(["", "noise", "many_looks"])).sum())
    if (reasons == "absent").all():
        nothing = say("findings-nothing")
    else:
        nothing = say("findings-untold", {"untold": untold}) if untold else say("findings-none")
    return Sentences(list(dict.fromkeys(said))[:most] or [nothing], look="finding")


def _below_quota(book: Book, during: Period | str, where: Mapping[str, object] | None) -> list[str]:
    """Return that most reps are below their quota, in a running period below that of the days gone by; else nothing."""
    period = book.period(during)
    running = book.as_of < period.last_day
    name = "prorated_share_of_reps_at_quota" if running else "share_of_reps_at_quota"
    row = measure(book, name, during=period, where=where).frame.iloc[0]
    if pd.isna(row["value"]) or row["value"] >= _MOST_AT_QUOTA:
        return []
    n = int(row["n"])
    values = {"below": n - round(row["value"] * n), "n": n, "period": str(period)}
    told = say("findings-below-quota-so-far" if running else "findings-below-quota", values)
    return [" ".join(filter(None, (told, told_of(row.to_dict(), "opportunities"))))]


def _largest_leak(book: Book, during: Period | str, where: Mapping[str, object] | None) -> list[str]:
    """Return at which step most leave, and which of the others cannot be told from it."""
    said = []
    for name in processes_in(book, where or {}) or ("",):
        told = _largest_leak_of(book, during, {**(where or {}), "pipeline": name} if name else where)
        said += [say("of-process", {"process": name, "sentence": each}) if name else each for each in told]
    return said


def _largest_leak_of(book: Book, during: Period | str, where: Mapping[str, object] | None) -> list[str]:
    steps = measure(book, "leakage", by="stage", during=during, where=where).frame
    judged = steps[steps["note"] == ""].reset_index(drop=True)
    first, beside = foremost_share(Interval(*(judged[name].to_numpy(dtype=float) for name in ("value", "low", "high"))))
    if len(judged) < 2 or first < 0:
        return []
    worst = judged.iloc[first]
    values = {"stage": worst["stage"], "n": f"{worst['n']:,}"}
    values |= {name: formats.figure(worst[name], SHARE, "") for name in ("value", "low", "high")}
    if not beside.any():
        return [say("findings-leak", values)]
    values["others"] = ", ".join(
        f"{row['stage']} ({formats.figure(row['value'], SHARE, '')})" for row in judged[beside].to_dict("records")
    )
    return [say("findings-leak-close", values | {"count": int(beside.sum())})]


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
