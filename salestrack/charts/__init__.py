"""Charts: a result and an Axes in, the Axes out; each is named by its question.

End a notebook cell with ``st.charts.over_time(result)`` to see it. What a chart returns has `alt`, a text for those who cannot see
it, with the main numbers.
"""

from salestrack.charts.calibration import calibration
from salestrack.charts.chain import needed
from salestrack.charts.change import compared
from salestrack.charts.closing_time import cycle
from salestrack.charts.effects import doses, effects
from salestrack.charts.funnel import funnel
from salestrack.charts.lead_up import lead_up
from salestrack.charts.leader_board import leader_board
from salestrack.charts.leaking import leaks
from salestrack.charts.mix import shares
from salestrack.charts.outcomes import time_by_outcome
from salestrack.charts.own_mix import own_mix
from salestrack.charts.pace import pace
from salestrack.charts.qualification import qualification
from salestrack.charts.queues import queues, time_in_stage
from salestrack.charts.quota import attainment
from salestrack.charts.ranking import ranked
from salestrack.charts.series import over_time
from salestrack.charts.sinking import sinks
from salestrack.charts.touching import touches
from salestrack.charts.waterfall import contributions, waterfall
from salestrack.errors import no_attribute

__all__ = [
    "ranked",
    "over_time",
    "shares",
    "attainment",
    "contributions",
    "waterfall",
    "pace",
    "calibration",
    "needed",
    "compared",
    "effects",
    "doses",
    "lead_up",
    "leader_board",
    "own_mix",
    "qualification",
    "time_by_outcome",
    "sinks",
    "touches",
    "funnel",
    "leaks",
    "queues",
    "time_in_stage",
    "cycle",
]


def __getattr__(name: str) -> object:
    raise no_attribute("salestrack.charts", name, __all__)
