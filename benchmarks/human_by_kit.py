"""The questions of the human side through the kit, as the notebook 02_activity asks them."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

import salestrack as st

PERIOD = "2026-Q3"


def prepare(book: Path) -> st.Book:
    """Open the book: read, check, refuse, type, derive, keep."""
    return st.open_book(book, as_of="2026-09-30")


def questions(book: st.Book) -> dict[str, Callable[[], object]]:
    """Return what is asked, by name."""
    return {
        "hours by rep and category": lambda: st.measure(book, st.activity_hours, by=["rep_id", "category"], during=PERIOD),
        "selling time by month": lambda: st.trend(book, st.selling_time_share, grain="month"),
        "who does most": lambda: st.leaders(book, during=PERIOD),
        "time by outcome": lambda: st.time_use(book, during=PERIOD),
        "what goes with winning": lambda: st.goes_with_winning(book),
        "lead-up to the close": lambda: st.lead_up(book),
        "time sinks": lambda: st.time_sinks(book, during=PERIOD),
        "speed to lead": lambda: st.measure(book, st.speed_to_lead, by="month"),
        "idle opportunities": lambda: st.measure(book, st.idle_share, by="rep_id"),
    }


def checked(found: dict[str, object]) -> dict[str, float]:
    """Return figures that the other way must give, too."""
    hours = found["hours by rep and category"].frame
    cohort = found["what goes with winning"].cohorts.query("days == 30")
    outcome = found["time by outcome"].frame
    return {
        "hours": float(hours["value"].sum()),
        "largest cell": float(hours["value"].max()),
        "watched at day 30": float(cohort[["still_open", "decided"]].to_numpy().sum()),
        "hours without opportunity": float(pd.to_numeric(outcome.query("became == 'none'")["hours"]).sum()),
    }
