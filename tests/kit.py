"""The metrics of the kit, for tests that hold for every one of them, and where the sample company is."""

import sys
from pathlib import Path

import pytest

from salestrack.definition import METRICS

Q2 = "2026-Q2"
SAMPLE = Path(__file__).parent.parent / "data" / "sample"
KIT = [metric for metric in METRICS.values() if metric.function.__module__.startswith("salestrack.metrics.")]
CLOCKED = [metric for metric in KIT if metric.clock]
# Working hours belong to the rep and to no territory.
BY_TERRITORY = [metric for metric in CLOCKED if "rep_days" not in metric.tables]


def every_metric(test):
    """Run a test once for each metric of the kit."""
    return pytest.mark.parametrize("metric", KIT, ids=lambda metric: metric.name)(test)


def steps(work):
    """Return how many calls a piece of work makes in Python: what it costs, on any machine and however busy it is."""
    count = 0

    def counted(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count
