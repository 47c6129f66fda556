"""Open, honest sales tracking: sales work and sales results with their definitions, n and intervals.

``import salestrack as st`` gives what a notebook cell needs: `open_book`, the metrics by name, `measure`, `metric` and the
formula kinds to define one's own.
"""

from salestrack.book import Book
from salestrack.definition import (
    COUNT,
    DAYS,
    HIGHER,
    HOURS,
    LOWER,
    METRICS,
    MONEY,
    NEITHER,
    RATIO,
    SHARE,
    Duration,
    Mean,
    MeanOfRatios,
    Metric,
    Quantile,
    Ratio,
    Reaching,
    Total,
    metric,
)
from salestrack.measure import Measured, measure
from salestrack.metrics import *  # noqa: F403  the metrics by their names
from salestrack.metrics import __all__ as _metric_names
from salestrack.periods import Period

__version__ = "0.1.0"
