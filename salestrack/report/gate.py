"""The gate: whether an executed notebook may be published.

Papermill's own metadata calls a run complete whose kernel died or whose cell timed out; what counts here is that every code
cell has been executed and none has failed.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import nbformat
from nbformat import NotebookNode

from salestrack.errors import masked
from salestrack.report.collect import harvest

Cause = Literal["error", "dead kernel", "cell time", "output time", "run time", "disk", "stopped", "not run", "page"]
ADDED_BY_PAPERMILL = {"injected-parameters", "papermill-error-cell-tag"}


@dataclass(frozen=True)
class Failure:
    """Why a notebook cannot be published.

    Parameters
    ----------
    notebook : str
        Its name.
    cause : str
        What happened, in a word or two.
    message : str
        The exception with its text, or a sentence.
    cell : int or None
        Which of its code cells, counted from 1 as in JupyterLab after running them all; None: the parameters or no cell at all.
    line : str
        The first line of that cell.
    """

    notebook: str
    cause: Cause
    message: str
    cell: int | None = None
    line: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", masked(self.message))

    def __str__(self) -> str:
        place = f"code cell {self.cell}, `{self.line}`: " if self.cell else ""
        return f"{self.notebook}: {place}{self.message}"

    def as_dict(self) -> dict[str, Any]:
        """Return it for a JSON file."""
        return asdict(self)


def judge(notebook: NotebookNode, name: str) -> Failure | None:
    """Return why an executed notebook must not be published, or None when it may be.

    Parameters
    ----------
    notebook : NotebookNode
        As papermill wrote it.
    name : str
        Its name, for the failure.
    """
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        return Failure(name, "not run", f"the executed notebook is damaged: {str(error).splitlines()[0]}")
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                message = f"{output.ename}: {output.evalue}".removesuffix(": ")
                return failure_at(notebook, index, Failure(name, "error", message))
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and cell.source.strip() and cell.get("execution_count") is None:
            return failure_at(notebook, index, Failure(name, "not run", "it was not executed, nor was any cell after it"))
    if faults := harvest(notebook).faults:
        return Failure(name, "page", "; ".join(faults))
    return None


def failure_at(notebook: NotebookNode, index: int | None, failure: Failure) -> Failure:
    """Return a failure that names the cell at a position of the executed notebook."""
    if index is None or index >= len(notebook.cells) or not _is_own_code(notebook.cells[index]):
        return failure
    number = sum(_is_own_code(cell) for cell in notebook.cells[: index + 1])
    lines = [line.strip() for line in notebook.cells[index].source.splitlines()]
    line = next((line for line in lines if line and not line.startswith("#")), "")
    return Failure(failure.notebook, failure.cause, failure.message, number, line)


def _is_own_code(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and not ADDED_BY_PAPERMILL & set(cell.metadata.get("tags", []))
