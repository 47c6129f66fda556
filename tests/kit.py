"""The metrics of the kit, for tests that hold for every one of them."""

import pytest

from salestrack.definition import METRICS

Q2 = "2026-Q2"
KIT = [metric for metric in METRICS.values() if metric.function.__module__.startswith("salestrack.metrics.")]
CLOCKED = [metric for metric in KIT if metric.clock]


def every_metric(test):
    """Run a test once for each metric of the kit."""
    return pytest.mark.parametrize("metric", KIT, ids=lambda metric: metric.name)(test)
