"""Telling how a run goes on: to anything that wants to know, and on a terminal."""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars


class Progress(Protocol):
    """Whoever wants to follow a run; all calls come from the thread that called `run_report`."""

    def planned(self, notebooks: Sequence[str]) -> None:
        """Begin a run of these notebooks."""

    def started(self, notebook: str) -> None:
        """Note that a notebook's kernel is being started."""

    def advanced(self, notebook: str, cells: int, of: int) -> None:
        """Note how many of its cells a notebook has behind it."""

    def finished(self, notebook: str, seconds: float, failed: bool) -> None:
        """Note that a notebook is done, well or not."""


class Silence:
    """Follows nothing."""

    def planned(self, notebooks: Sequence[str]) -> None:
        """Say nothing."""

    def started(self, notebook: str) -> None:
        """Say nothing."""

    def advanced(self, notebook: str, cells: int, of: int) -> None:
        """Say nothing."""

    def finished(self, notebook: str, seconds: float, failed: bool) -> None:
        """Say nothing."""


class TerminalProgress:
    """Bars on a terminal, a line for each finished notebook elsewhere; use it as a context manager.

    Parameters
    ----------
    console : rich.console.Console
        Where to write.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
        )
        self.bars = Bars(*columns, console=console)
        self.tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self.bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.console.is_terminal:
            self.bars.stop()

    def planned(self, notebooks: Sequence[str]) -> None:
        """Show a bar for each notebook."""
        self.tasks = {name: self.bars.add_task(name, start=False, total=1, state="waiting") for name in notebooks}

    def started(self, notebook: str) -> None:
        """Start the notebook's clock."""
        self.bars.start_task(self.tasks[notebook])
        self.bars.update(self.tasks[notebook], state="starting")

    def advanced(self, notebook: str, cells: int, of: int) -> None:
        """Move the notebook's bar."""
        self.bars.update(self.tasks[notebook], completed=cells, total=of, state=f"cell {cells} of {of}")

    def finished(self, notebook: str, seconds: float, failed: bool) -> None:
        """Stop the notebook's clock and say how it went."""
        said = "failed" if failed else "done"
        task = self.tasks[notebook]
        self.bars.stop_task(task)
        self.bars.update(task, state=said, completed=None if failed else self.bars.tasks[task].total)
        if not self.console.is_terminal:
            self.console.print(f"{notebook}: {said} in {seconds:.1f} s")
