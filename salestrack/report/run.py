"""Running a plan: notebooks side by side, the gate, the pages, the pack."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from time import monotonic
from typing import Any, cast

from nbformat import NotebookNode

from salestrack.errors import RunError
from salestrack.report import manifest as record
from salestrack.report.body import BodyMaker, without_paths
from salestrack.report.collect import harvest
from salestrack.report.ending import earlier_report, ended_by_signals, told_when_stopped
from salestrack.report.gate import Failure
from salestrack.report.kernels import Crew, Outcome, Task, crew_of, execute
from salestrack.report.page import Page, Press, failure_page
from salestrack.report.progress import Progress, Silence
from salestrack.report.publish import (
    drop_oldest_failed,
    faults_of_page,
    keep_failed,
    only_run_of,
    publish,
    staging,
    told_when_unwritable,
    too_large,
    write_json,
    write_pages,
)
from salestrack.report.request import Plan, shown_path

# How long killed kernels may take to be noticed by the threads that wait for them.
_GRACE_SECONDS = 30.0


class ReportFailedError(RunError):
    """Notebooks failed; nothing was published and the last good report is as it was.

    Parameters
    ----------
    message : str
        What failed, where the remains are, how to run again.
    failures : sequence of Failure
        One for each notebook that failed.
    """

    def __init__(self, message: str, failures: Sequence[Failure]) -> None:
        self.failures = tuple(failures)
        super().__init__(message)


@dataclass(frozen=True)
class Run:
    """A published run.

    Parameters
    ----------
    plan : Plan
        What was run.
    folder : Path
        The pack.
    manifest : dict
        The content of its ``manifest.json``.
    """

    plan: Plan
    folder: Path
    manifest: dict[str, Any]

    @property
    def index(self) -> Path:
        """The page to open."""
        return self.folder / "index.html"

    @property
    def warnings(self) -> dict[str, list[str]]:
        """Warnings by notebook; notebooks without any are left out."""
        return {each["name"]: each["warnings"] for each in self.manifest["notebooks"] if each["warnings"]}


def run_report(plan: Plan, progress: Progress | None = None) -> Run:
    """Execute the notebooks of a plan and publish their pages as one pack.

    Parameters
    ----------
    plan : Plan
        From `plan_run`.
    progress : Progress, optional
        Who is told how it goes on.

    Returns
    -------
    Run
        The published pack.

    Raises
    ------
    ReportFailedError
        A notebook failed, or its page may not be published; the earlier report is as it was.
    AlreadyRunningError
        Another run is making the same pack.
    """
    output = Path(plan.request.output)
    notebooks = Path(plan.request.notebooks).absolute()
    with ended_by_signals(), told_when_stopped(plan), only_run_of(output, plan.pack), crew_of(notebooks) as crew:
        began = monotonic()
        outcomes = _execute_all(plan, crew, progress or Silence())
        seconds = monotonic() - began
        failures = [outcome.failure for outcome in outcomes if outcome.failure]
        if failures:
            raise _failed(plan, failures, outcomes)
        hidden = [*_shown_instead(plan), (f"{crew.folder}/", "")]
        try:
            with told_when_unwritable(output), staging(output, plan.pack) as stage:
                manifest, failures = _print_pages(plan, outcomes, seconds, stage, hidden)
                if failures:
                    raise _failed(plan, failures, outcomes)
                folder = publish(stage, output, plan.run_id, plan.request.limits.keep)
        except ReportFailedError:
            raise
        except RunError as error:
            _keep_reason(plan, str(error))
            raise
    return Run(plan, folder, manifest)


def _keep_reason(plan: Plan, told: str) -> None:
    """Keep the reason of a report that could not be written, if that can be."""
    with suppress(OSError):
        failure = Failure("", "disk", told)
        keep_failed(Path(plan.request.output) / "failed" / plan.run_id, {}, [failure], failure_page(plan, [failure]))


def _execute_all(plan: Plan, crew: Crew, progress: Progress) -> list[Outcome]:
    limits = plan.request.limits
    events: Queue[tuple[str, str, Any]] = Queue()

    def work(task: Task) -> None:
        events.put(("started", task.planned.name, None))
        events.put(("finished", task.planned.name, execute(task, crew, limits)))

    pool = ThreadPoolExecutor(limits.workers or min(_cores(), len(plan.notebooks)), thread_name_prefix="notebook")
    progress.planned([notebook.name for notebook in plan.notebooks])
    try:
        for number, planned in enumerate(plan.notebooks):
            pool.submit(work, Task(planned, number, partial(_tell, events, planned.name)))
        outcomes = _follow(plan, crew, events, progress)
    except BaseException:
        crew.stop("stopped")
        raise
    finally:
        pool.shutdown(wait=crew.stopped != "run time", cancel_futures=True)
    return [outcomes[notebook.name] for notebook in plan.notebooks]


def _tell(events: "Queue[tuple[str, str, Any]]", name: str, cells: int, of: int) -> None:
    events.put(("advanced", name, (cells, of)))


def _follow(plan: Plan, crew: Crew, events: "Queue[tuple[str, str, Any]]", progress: Progress) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}
    end = monotonic() + plan.request.limits.run_seconds
    while len(outcomes) < len(plan.notebooks):
        try:
            event, name, news = events.get(timeout=max(0.0, end - monotonic()))
        except Empty:
            if crew.stopped:
                break
            crew.stop("run time")
            end = monotonic() + _GRACE_SECONDS
            continue
        if event == "started":
            progress.started(name)
        elif event == "advanced":
            progress.advanced(name, *news)
        else:
            outcomes[name] = news
            progress.finished(name, news.seconds, news.failure is not None)
    for notebook in plan.notebooks:
        stuck = Failure(notebook.name, "run time", "the run took too long and its kernel could not be stopped")
        outcomes.setdefault(notebook.name, Outcome(notebook.name, plan.request.limits.run_seconds, failure=stuck))
    return outcomes


def _print_pages(
    plan: Plan, outcomes: Sequence[Outcome], seconds: float, stage: Path, hidden: Sequence[tuple[str, str]]
) -> tuple[dict[str, Any], list[Failure]]:
    maker = BodyMaker(Path(plan.request.notebooks).absolute(), [outcome.name for outcome in outcomes])
    pages = []
    for outcome in outcomes:
        # The gate lets no outcome through that has no notebook.
        clean = without_paths(cast("NotebookNode", outcome.notebook), hidden)
        pages.append(Page(outcome.name, maker.body(clean, outcome.name), harvest(clean)))
    press = Press(plan, record.facts_of(plan, seconds, sum(len(page.harvest.warnings) for page in pages)))
    printed = {page.file: press.page(page, pages) for page in pages}
    private = [path.rstrip("/") for path, _ in hidden if path.endswith("/") and len(path) > len("/home/")]
    failures = [
        Failure(Path(file).stem, "page", f"its page cannot be published: {'; '.join(faults)}")
        for file, html in printed.items()
        if (faults := too_large(html, plan.request.limits.page_megabytes) or faults_of_page(html, private))
    ]
    files = write_pages(stage, {"index.html": press.index(pages), **printed})
    notebooks = [
        _record(page, outcome, planned.sha256) for page, outcome, planned in zip(pages, outcomes, plan.notebooks, strict=True)
    ]
    manifest = record.manifest_of(plan, seconds, notebooks, files)
    write_json(stage / "manifest.json", manifest)
    return manifest, failures


def _record(page: Page, outcome: Outcome, sha256: str) -> dict[str, Any]:
    return {
        "name": page.name,
        "title": page.body.title,
        "page": page.file,
        "notebook_sha256": sha256,
        "seconds": round(outcome.seconds, 1),
        "warnings": list(page.harvest.warnings),
        "headlines": [headline.model_dump() for headline in page.harvest.headlines],
    }


def _failed(plan: Plan, failures: Sequence[Failure], outcomes: Sequence[Outcome]) -> ReportFailedError:
    output = Path(plan.request.output)
    folder = output / "failed" / plan.run_id
    names = [failure.notebook for failure in failures]
    reached = {outcome.name: outcome.notebook for outcome in outcomes if outcome.notebook is not None and outcome.name in names}
    try:
        keep_failed(folder, reached, failures, failure_page(plan, failures))
        drop_oldest_failed(output, plan.request.limits.keep, folder)
        kept = f"How far they got is in {folder}."
    except OSError as error:
        # Why it failed comes first; that the rest could not be kept, after it.
        kept = f"How far they got could not be kept whole in {folder}: {error.strerror or error}."
    return ReportFailedError(
        "\n".join(
            [
                f"The report was not published: {len(failures)} of {len(plan.notebooks)} notebooks failed. {earlier_report(plan)}",
                *(f"  - {failure}" for failure in failures),
                f"{kept} Once mended, run the same command again; to try them alone, add "
                + " ".join(f"--only {name}" for name in names),
            ]
        ),
        failures,
    )


def _shown_instead(plan: Plan) -> list[tuple[str, str]]:
    """Return absolute paths that outputs may hold, with what pages say instead; longest first."""
    pairs = {}
    for given in filter(None, (plan.request.book, plan.request.goals)):
        shown = Path(shown_path(given))
        for path in (Path(given).absolute(), Path(given).resolve()):
            pairs[str(path)] = str(shown)
            pairs[f"{path.parent}/"] = "" if shown.parent == Path() else f"{shown.parent}/"
    for folder in (plan.request.notebooks, plan.request.output, Path()):
        pairs.setdefault(f"{Path(folder).absolute()}/", "")
    return sorted(pairs.items(), key=lambda pair: -len(pair[0]))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
