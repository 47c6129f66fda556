"""The goal sheet: objectives, the two questions, metrics and targets; and how a book stands against it."""

from salestrack.goals.first_sheet import new_goals
from salestrack.goals.judging import goal_status
from salestrack.goals.objective import Objective, Target
from salestrack.goals.proposals import GOAL_MENU, menu, suggest
from salestrack.goals.reading import check_goals, read_goals
from salestrack.goals.sheet import Goals
from salestrack.goals.status import GoalStatus

__all__ = [
    "GOAL_MENU",
    "GoalStatus",
    "Goals",
    "Objective",
    "Target",
    "check_goals",
    "goal_status",
    "menu",
    "new_goals",
    "read_goals",
    "suggest",
]
