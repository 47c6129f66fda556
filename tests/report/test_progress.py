"""What a run shows of itself on a terminal and in a log."""

import io

import pytest
from rich.console import Console

from salestrack.report import TerminalProgress


def follow(console):
    with TerminalProgress(console) as progress:
        progress.planned(["a", "b"])
        progress.started("a")
        progress.advanced("a", 2, 4)
        progress.started("b")
        progress.finished("a", 1.26, failed=False)
        progress.finished("b", 0.5, failed=True)
    return console.file.getvalue()


def test_a_log_gets_a_line_for_each_notebook():
    assert follow(Console(file=io.StringIO(), force_terminal=False)) == "a: done in 1.3 s\nb: failed in 0.5 s\n"


@pytest.mark.parametrize("width", [40, 120])
def test_a_terminal_gets_bars(width):
    shown = follow(Console(file=io.StringIO(), force_terminal=True, width=width))
    assert "done" in shown
    assert "failed" in shown
    assert "\x1b[" in shown
