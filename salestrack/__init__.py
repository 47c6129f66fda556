"""Open, honest sales tracking: sales work and sales results with their definitions, n and intervals.

``import salestrack as st`` gives what a notebook cell needs: `open_book`, the metrics by name, `measure`, `metric` and the
formula kinds to define one's own. `metrics` and `questions` list what can be asked.
"""

from importlib import import_module
from types import ModuleType

from salestrack.analyses import (
    SELLING_TIME_REFERENCE,
    TILES,
    bottlenecks,
    compare,
    cycle,
    data_notes,
    explain_bookings,
    findings,
    funnel,
    goes_with_winning,
    headlines,
    hygiene,
    in_short,
    lead_response,
    lead_up,
    leaders,
    leads_needed,
    leaks,
    neglected,
    open_pipeline,
    pace,
    qualification,
    quota_results,
    rep_page,
    selling_time,
    slips,
    stage_odds,
    time_sinks,
    time_use,
    trend,
    waterfall,
)
from salestrack.analyses import __all__ as _questions
from salestrack.as_of import as_it_was
from salestrack.asking import say_how_to_call as _say_how_to_call
from salestrack.book import Book
from salestrack.book_card import show_on_books as _show_on_books
from salestrack.contents import metrics, questions
from salestrack.definition import COUNT, DAYS, HIGHER, HOURS, LOWER, METRICS, MONEY, NEITHER, RATIO, SHARE, Metric, metric
from salestrack.errors import no_attribute as _no_attribute
from salestrack.formula import Duration, Mean, MeanOfRatios, Quantile, Ratio, Reaching, Total
from salestrack.goals import GOAL_MENU, Goals, goal_status, read_goals
from salestrack.goals import menu as goal_menu
from salestrack.goals import suggest as suggest_goals
from salestrack.measure import Measured, measure
from salestrack.metrics import *
from salestrack.metrics import __all__ as _figures
from salestrack.periods import Period
from salestrack.sources import open_book

# Drawing brings in seaborn; it is loaded when a chart is first asked for.
_LAZY = ("charts",)
# What is offered when one types `st.`; the rooms of the package are asked for by their own names.
_OFFERED = (
    *_figures, *_questions,
    "COUNT", "DAYS", "HIGHER", "HOURS", "LOWER", "MONEY", "NEITHER", "RATIO", "SHARE",
    "Book", "Goals", "GOAL_MENU", "METRICS", "Measured", "Metric", "Period",
    "Duration", "Mean", "MeanOfRatios", "Quantile", "Ratio", "Reaching", "Total",
    "as_it_was", "charts", "goal_menu", "goal_status", "measure", "metric", "metrics", "open_book", "questions", "read_goals",
    "suggest_goals",
)  # fmt: skip


def __dir__() -> list[str]:
    return sorted(_OFFERED)


def __getattr__(name: str) -> ModuleType:
    if name in _LAZY:
        return import_module(f"salestrack.{name}")
    raise _no_attribute("salestrack", name, _OFFERED)


_say_how_to_call(globals())
_show_on_books()

__version__ = "0.1.0"
