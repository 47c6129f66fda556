"""Reports: notebooks run, judged and published as self-contained pages.

`plan_run` checks everything and makes a `Plan`; `run_report` executes it and publishes a pack of pages.
"""

from salestrack.report.collect import DEFINITIONS, HEADLINE
from salestrack.report.gate import Failure
from salestrack.report.plan import plan_run
from salestrack.report.progress import Progress, TerminalProgress
from salestrack.report.publish import AlreadyRunningError
from salestrack.report.request import Checks, Limits, Plan, Request
from salestrack.report.run import ReportFailedError, Run, run_report

__all__ = [
    "DEFINITIONS",
    "HEADLINE",
    "AlreadyRunningError",
    "Checks",
    "Failure",
    "Limits",
    "Plan",
    "Progress",
    "ReportFailedError",
    "Request",
    "Run",
    "TerminalProgress",
    "plan_run",
    "run_report",
]
