"""The questions that need more than one metric. Each is a call on the book and gives an `Answer`."""

from salestrack.analyses.bookings_change import explain_bookings
from salestrack.analyses.bottlenecks import bottlenecks
from salestrack.analyses.comparison import compare
from salestrack.analyses.cycle import cycle
from salestrack.analyses.findings import data_notes, findings
from salestrack.analyses.funnel import funnel
from salestrack.analyses.headlines import TILES, headlines
from salestrack.analyses.hygiene import hygiene
from salestrack.analyses.in_short import in_short
from salestrack.analyses.lead_response import lead_response
from salestrack.analyses.lead_up import lead_up
from salestrack.analyses.leader_board import leaders
from salestrack.analyses.leads_needed import leads_needed
from salestrack.analyses.leakage import leaks
from salestrack.analyses.neglected import neglected
from salestrack.analyses.open_pipeline import open_pipeline
from salestrack.analyses.pace import pace
from salestrack.analyses.qualification import qualification
from salestrack.analyses.quota_results import quota_results
from salestrack.analyses.rep_page import rep_page
from salestrack.analyses.selling_time import SELLING_TIME_REFERENCE, selling_time
from salestrack.analyses.slips import slips
from salestrack.analyses.stage_odds import stage_odds
from salestrack.analyses.time_sinks import time_sinks
from salestrack.analyses.time_use import time_use
from salestrack.analyses.trend import trend
from salestrack.analyses.waterfall import waterfall
from salestrack.analyses.winning import goes_with_winning

__all__ = [
    "SELLING_TIME_REFERENCE",
    "TILES",
    "bottlenecks",
    "compare",
    "cycle",
    "data_notes",
    "explain_bookings",
    "findings",
    "funnel",
    "goes_with_winning",
    "headlines",
    "hygiene",
    "in_short",
    "lead_response",
    "lead_up",
    "leaders",
    "leads_needed",
    "leaks",
    "neglected",
    "open_pipeline",
    "pace",
    "qualification",
    "quota_results",
    "rep_page",
    "selling_time",
    "slips",
    "stage_odds",
    "time_sinks",
    "time_use",
    "trend",
    "waterfall",
]
