"""How a run ends that is told to: everything is cleaned up, and what became of the report is said."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from salestrack.report.request import Plan


def earlier_report(plan: Plan) -> str:
    """Return what is said of the report that was there before."""
    pack = Path(plan.request.output) / plan.pack
    return f"The earlier report in {pack} is as it was." if pack.exists() else "There is no earlier report of it."


class StoppedRunError(SystemExit):
    """The run was told to end; its code is 128 and the number of the signal, and its text says what became of the report."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(code)
        self.message = message

    def __str__(self) -> str:
        return self.message


@contextmanager
def told_when_stopped(plan: Plan) -> Iterator[None]:
    """Say what became of the report when the run is told to end."""
    link = Path(plan.request.output) / plan.pack
    before = link.readlink() if link.is_symlink() else None
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as ended:
        code = 128 + signal.SIGINT if isinstance(ended, KeyboardInterrupt) else ended.code
        if not isinstance(code, int) or code - 128 not in list(signal.Signals):
            raise
        new = link.is_symlink() and link.readlink() != before
        became = f"The report in {link} had been published by then." if new else f"Nothing was published. {earlier_report(plan)}"
        raise StoppedRunError(code, f"The run was told to end ({signal.Signals(code - 128).name}). {became}") from ended


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turn a request to end into an exception, so that kernels, locks and folders are cleaned up on the way out."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    earlier = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
