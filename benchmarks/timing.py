"""Seconds, processor seconds and peak memory of one piece of work."""

import time
from collections.abc import Callable
from pathlib import Path

Stage = dict[str, float]


def timed(work: Callable[[], object]) -> tuple[Stage, object]:
    """Return the seconds on the clock, those of the processors, and the peak of memory in MiB; and what the work returned."""
    # The kernel starts to note the peak anew.
    Path("/proc/self/clear_refs").write_text("5")
    clock, processors = time.perf_counter(), time.process_time()
    found = work()
    spent = {"seconds": time.perf_counter() - clock, "cpu": time.process_time() - processors}
    status = Path("/proc/self/status").read_text()
    return {**spent, "peak": int(status.split("VmHWM:")[1].split()[0]) / 1024}, found
