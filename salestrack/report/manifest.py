"""The record of a run: what went in, what came out, with which versions; for the footer of each page and for `manifest.json`."""

import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import version
from typing import Any

from salestrack.report.request import Plan, in_words, shown_path
from salestrack.wording import say

FORMAT = 1
_PACKAGES = (
    "salestrack",
    "ibis-framework",
    "duckdb",
    "pandas",
    "numpy",
    "scipy",
    "seaborn",
    "papermill",
    "nbconvert",
    "great-tables",
)


@dataclass(frozen=True)
class Facts:
    """What the foot of a page says about how it was made.

    Parameters
    ----------
    summary : str
        One sentence.
    lines : tuple of (str, str)
        Terms and what they are.
    rows : tuple of tuple
        Table, rows read, used, refused, later than the day.
    absent : str
        Tables that the book does not have, and why; may be empty.
    versions : str
        Python and packages.
    """

    summary: str
    lines: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str, str, str, str], ...]
    absent: str
    versions: str


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that figures and pages depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}


def parameters_shown(plan: Plan) -> dict[str, Any]:
    """Return the parameters as they were given; of absolute paths only the end."""
    request = plan.request
    goals = shown_path(request.goals) if request.goals else ""
    shared = {"book": shown_path(request.book), "as_of": request.as_of, "during": request.during, "goals": goals}
    return {**shared, "where": dict(request.where), **dict(request.extra)}


def finished_at(plan: Plan, seconds: float) -> datetime:
    """Return when the run ended: its start and what a steady clock has counted since."""
    return plan.request.started.astimezone(UTC) + timedelta(seconds=seconds)


def facts_of(plan: Plan, seconds: float, warnings: int) -> Facts:
    """Return what the foot of each page says.

    Parameters
    ----------
    plan : Plan
        What was run.
    seconds : float
        How long the notebooks took.
    warnings : int
        How many warnings the notebooks gave; they are in the manifest.
    """
    book = plan.book
    read, refused = (sum(getattr(intake, part) for intake in book.intake.values()) for part in ("rows", "refused"))
    given = {name: value for name, value in parameters_shown(plan).items() if value not in ("", {}, None)}
    lines = [
        *((name, _in_words(value)) for name, value in given.items()),
        (say("report-fingerprint"), book.fingerprint or say("report-live")),
        (say("report-run"), plan.run_id),
        (say("report-started"), f"{plan.request.started.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"),
        (say("report-finished"), f"{finished_at(plan, seconds):%Y-%m-%d %H:%M:%S} UTC"),
    ]
    if warnings:
        lines.append((say("report-warnings"), say("report-warnings-listed", {"count": warnings})))
    rows = tuple((name, f"{of.rows:,}", f"{of.used:,}", f"{of.refused:,}", f"{of.later:,}") for name, of in book.intake.items())
    return Facts(
        say("report-summary", {"name": book.name, "day": book.as_of, "rows": f"{read:,}", "refused": f"{refused:,}"}),
        tuple(lines),
        rows,
        "; ".join(f"{table} ({why})" for table, why in book.absent.items()),
        ", ".join(f"{name} {number}" for name, number in versions().items()),
    )


def manifest_of(plan: Plan, seconds: float, notebooks: list[dict[str, Any]], files: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the manifest of a published run.

    Parameters
    ----------
    plan : Plan
        What was run.
    seconds : float
        How long the notebooks took.
    notebooks : list of dict
        One record for each notebook, in reading order.
    files : dict
        File name to ``sha256`` and ``bytes``.
    """
    book = plan.book
    return {
        "format": FORMAT,
        "run": plan.run_id,
        "pack": plan.pack,
        "started": plan.request.started.astimezone(UTC).isoformat(timespec="seconds"),
        "finished": finished_at(plan, seconds).isoformat(timespec="milliseconds"),
        "seconds": round(seconds, 1),
        "parameters": parameters_shown(plan),
        "period": {"name": plan.period.name, "start": str(plan.period.start), "end": str(plan.period.end)},
        "book": {
            "name": book.name,
            "as_of": book.as_of,
            "fingerprint": book.fingerprint,
            "tables": {name: asdict(intake) | {"source": shown_path(intake.source)} for name, intake in book.intake.items()},
            "absent": dict(book.absent),
            "faults": book.faults,
        },
        "versions": versions(),
        "notebooks": notebooks,
        "files": files,
    }


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{column}: {in_words(item)}" for column, item in value.items())
    return in_words(value)
