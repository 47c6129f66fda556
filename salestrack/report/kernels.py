"""Running one notebook through papermill in a kernel of this interpreter, and stopping all kernels of a run.

Kernels talk over sockets in the file system, each with a path of its own: over TCP parallel runs may hang for ever.
"""

import logging
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import ClassVar

import nbformat
import papermill
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from traitlets import default

from salestrack.report.gate import Cause, Failure, failure_at, judge
from salestrack.report.request import Limits, PlannedNotebook
from salestrack.scratch import scratch_folder

# A socket path may have 107 bytes; what follows the folder takes some 20 of them.
_LONGEST_FOLDER = 80
# One thread each: kernels run side by side, and results must not depend on how many cores a machine has.
_SINGLE_THREADED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class OwnInterpreter(KernelSpecManager):
    """Knows one kernel, whatever it is called and whatever is installed: the interpreter that runs this."""

    ipython: ClassVar[Path]

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the kernel of this interpreter."""
        # PYTHONHASHSEED: the order of a set of texts must not differ between two runs. IPYTHONDIR: nor must the figures
        # depend on what somebody has set up for their own IPython.
        # TMPDIR: what a kernel leaves behind that is killed goes with the folder of the run.
        env = dict.fromkeys(_SINGLE_THREADED, "1") | {"PYTHONHASHSEED": "0", "IPYTHONDIR": str(self.ipython)}
        env["TMPDIR"] = str(self.ipython.parent)
        return KernelSpec(**get_kernel_dict(), env=env)


class Kernel(AsyncKernelManager):
    """The kernel of one notebook, known to the crew so that it can be stopped from outside."""

    crew: ClassVar["Crew"]
    notebook: ClassVar[str]

    @default("kernel_spec_manager")
    def _own_interpreter(self) -> KernelSpecManager:
        return type("Own", (OwnInterpreter,), {"ipython": self.crew.folder / f"{self.notebook}-ipython"})(parent=self)

    @default("transport")
    def _over_the_file_system(self) -> str:
        return "ipc"

    @default("connection_file")
    def _in_the_folder_of_the_run(self) -> str:
        return str(self.crew.folder / f"{self.notebook}.json")

    async def start_kernel(self, *, extra_arguments: list[str], cwd: str) -> None:  # type: ignore[override]
        """Start it, unless the run has been stopped; what it prints past Jupyter goes to a log beside its sockets."""
        self.crew.refuse_when_stopped()
        with self.crew.log(self.notebook).open("wb") as log:
            await super().start_kernel(extra_arguments=extra_arguments, cwd=cwd, stdout=subprocess.DEVNULL, stderr=log)
        self.crew.kernels.append(self)
        if self.crew.stopped:
            self.crew.stop(self.crew.stopped)


class StoppedError(Exception):
    """The run was stopped before this kernel could start."""


class Crew:
    """The kernels of one run.

    Parameters
    ----------
    folder : Path
        Where their sockets, logs and notebooks are; short.
    notebooks : Path
        Their working folder.
    """

    def __init__(self, folder: Path, notebooks: Path) -> None:
        self.folder = folder
        self.notebooks = notebooks
        self.kernels: list[Kernel] = []
        self.stopped: Cause | None = None

    def kernel_for(self, number: int) -> type[Kernel]:
        """Return the kernel manager for one notebook of the run."""
        return type("Kernel", (Kernel,), {"crew": self, "notebook": str(number)})

    def log(self, notebook: str) -> Path:
        """Return where a kernel's own error stream goes."""
        return self.folder / f"{notebook}.log"

    def refuse_when_stopped(self) -> None:
        """Raise `StoppedError` once the run has been stopped."""
        if self.stopped:
            raise StoppedError

    def stop(self, cause: Cause) -> None:
        """Kill every kernel and start no more; may be called from any thread and more than once."""
        self.stopped = self.stopped or cause
        for kernel in self.kernels:
            process = getattr(kernel.provisioner, "process", None)
            # The number of a process that has ended may belong to a stranger by now.
            if process is not None and process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def crew_of(notebooks: Path) -> Iterator[Crew]:
    """Give a crew with a folder of its own, and leave neither kernel nor folder behind."""
    with scratch_folder("st", _LONGEST_FOLDER) as folder:
        yield from _crew_in(Crew(folder, notebooks))


def _crew_in(crew: Crew) -> Iterator[Crew]:
    # Without a handler Python prints these libraries' errors beside our own account of them.
    for name in ("papermill", "traitlets"):
        logging.getLogger(name).addHandler(logging.NullHandler())
    try:
        yield crew
    finally:
        crew.stop("stopped")


@dataclass
class Outcome:
    """What became of one notebook: as executed, however far it got, and why it failed, if it did."""

    name: str
    seconds: float
    notebook: NotebookNode | None = None
    failure: Failure | None = None


@dataclass(frozen=True)
class Task:
    """One notebook to execute, its place in the run, and whom to tell of each executed cell (done, of all)."""

    planned: PlannedNotebook
    number: int
    notice: Callable[[int, int], None]


def execute(task: Task, crew: Crew, limits: Limits) -> Outcome:
    """Execute one notebook and judge it; whatever happens to it is in the outcome, never raised.

    Parameters
    ----------
    task : Task
        The notebook.
    crew : Crew
        Whose kernel to use.
    limits : Limits
        Time for a cell.
    """
    began = monotonic()
    name, target = task.planned.name, crew.folder / f"{task.number}-out.ipynb"
    reached: list[int] = []
    try:
        _papermill(task, crew, limits, target, reached)
        failure = None
    except PapermillExecutionError as error:
        failure = Failure(name, "error", f"{error.ename}: {error.evalue}")
    except Exception as error:  # noqa: BLE001 (one notebook must not take the others down with it)
        failure = _explained(error, name, crew, limits, crew.log(str(task.number)))
    finally:
        # Each thread that runs a kernel gets an event loop of its own, which nobody closes for it.
        ensure_event_loop().close()
    notebook = None
    with suppress(OSError, ValueError, nbformat.ValidationError):
        notebook = nbformat.read(target, as_version=4)
    if notebook is None:
        failure = failure or Failure(name, "not run", "papermill left no executed notebook")
    elif failure is None or failure.cause == "error":
        failure = judge(notebook, name) or failure
    elif reached:
        failure = failure_at(notebook, reached[-1], failure)
    return Outcome(name, monotonic() - began, notebook, failure)


def _papermill(task: Task, crew: Crew, limits: Limits, target: Path, reached: list[int]) -> None:
    source = crew.folder / f"{task.number}-in.ipynb"
    source.write_text(task.planned.text, encoding="utf-8")
    cells = sum(cell["cell_type"] == "code" for cell in nbformat.reads(task.planned.text, as_version=4).cells) + 1
    done = iter(range(1, cells + 1))
    papermill.execute_notebook(
        source,
        target,
        parameters=dict(task.planned.parameters),
        kernel_name="python3",
        language="python",
        progress_bar=False,
        log_output=False,
        execution_timeout=limits.cell_seconds,
        iopub_timeout=limits.output_seconds,
        # Else what has not arrived by then is missing on the page without a word.
        raise_on_iopub_timeout=True,
        kernel_manager_class=crew.kernel_for(task.number),
        shutdown_kernel="immediate",
        # Not papermill's own `cwd`, which changes the folder of the whole process under the other threads.
        resources={"metadata": {"path": str(crew.notebooks)}},
        on_cell_execute=lambda cell, cell_index: reached.append(cell_index),
        on_cell_executed=lambda cell, cell_index, execute_reply: task.notice(next(done, cells), cells),
    )


def _explained(error: Exception, name: str, crew: Crew, limits: Limits, log: Path) -> Failure:
    if crew.stopped == "run time":
        return Failure(name, "run time", f"the run took longer than {limits.run_seconds:g} seconds and was stopped")
    if crew.stopped:
        return Failure(name, "stopped", "the run was stopped")
    if isinstance(error, CellTimeoutError) and "IOPub" in str(error):
        return Failure(
            name, "output time", f"its outputs took longer than {limits.output_seconds:g} seconds to arrive: too much output?"
        )
    if isinstance(error, CellTimeoutError):
        return Failure(name, "cell time", f"took longer than {limits.cell_seconds:g} seconds")
    # A kernel that dies while it starts is a plain RuntimeError.
    if isinstance(error, DeadKernelError) or "Kernel died" in str(error):
        words = log.read_text(errors="replace").strip().splitlines()[-3:] if log.exists() else []
        last = f"; its last words: {' / '.join(words)}" if words else ""
        return Failure(name, "dead kernel", f"the kernel died, perhaps for lack of memory{last}")
    return Failure(name, "error", f"{type(error).__name__}: {error}")
