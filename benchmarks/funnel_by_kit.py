"""The questions of the funnel through the kit, as the notebook 04_funnel asks them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import salestrack as st

PERIOD = "2026-Q3"
WATERFALL = ("start", "created", "recorded", "increased", "decreased", "lost", "won", "end")


def prepare(folder: Path) -> st.Book:
    """Open the book: read, check, refuse, type, derive, keep."""
    return st.open_book(folder, as_of="2026-09-30")


@dataclass
class Spent:
    """Processor seconds spent so far on compiling queries and having the engine answer them."""

    cpu: float = 0.0


def spent_on_queries(book: st.Book) -> Spent:
    """Watch the connection of a book from now on."""
    spent, ask = Spent(), book.connection.to_pyarrow

    def watched(*query: object, **options: object) -> object:
        begun = time.process_time()
        found = ask(*query, **options)
        spent.cpu += time.process_time() - begun
        return found

    book.connection.to_pyarrow = watched
    return spent


def questions(book: st.Book) -> dict[str, Callable[[], object]]:
    """Return what is asked, by name."""
    tiles = [st.pipeline, st.open_opportunities, st.sales_qualification_rate, st.leakage, st.win_rate, st.sales_cycle]
    return {
        "bottlenecks": lambda: st.bottlenecks(book, during=PERIOD),
        "qualification": lambda: st.qualification(book, during="2023-10-02/2026-10-01"),
        "leaks": lambda: st.leaks(book, during=PERIOD),
        "funnel": lambda: st.funnel(book, during=PERIOD, against="previous"),
        "cycle": lambda: st.cycle(book, during=PERIOD),
        "open pipeline": lambda: st.open_pipeline(book, during=PERIOD),
        "waterfall": lambda: st.waterfall(book, during=PERIOD),
        "headlines": lambda: st.headlines(book, tiles, during=PERIOD),
        "stage odds": lambda: st.stage_odds(book),
        "hygiene": lambda: st.hygiene(book),
        "slips": lambda: st.slips(book, during=PERIOD),
        "pace": lambda: st.pace(book, during=PERIOD),
    }


def checked(found: dict[str, Any]) -> dict[str, float]:
    """Return figures that the other ways must give, too."""
    jam, mqls, lost, through = (found[name].frame for name in ("bottlenecks", "qualification", "leaks", "funnel"))
    groups, reasons = found["leaks"].groups, found["leaks"].reasons
    lasting, moved = found["cycle"].frame.iloc[0], found["waterfall"].frame.set_index("step")["amount"]
    still = found["open pipeline"].frame.set_index("figure")["value"]
    odds, untidy, steady = (found[name].frame for name in ("stage odds", "hygiene", "pace"))
    slipped, ended = found["slips"].frame.set_index("move"), found["slips"].outcomes
    tiles = {tile.name: tile.value_text for tile in found["headlines"]}
    opportunities, leads = (through[through["cohort"] == name] for name in ("opportunities", "leads"))
    sold, early = (lost[lost["cohort"] == name] for name in ("opportunities", "leads"))
    unsaid = reasons["reason"].isna() & (reasons["cohort"] == "opportunities")
    wrong = untidy.set_index("check").loc["any"]
    return {
        "stays begun": jam["n"].sum(),
        "waiting": jam["waiting"].sum(),
        "days waited": jam["deal_days"].sum(),
        "worth of those that wait": jam["value"].sum(),
        "went on from a stage": jam["went_on"].sum(),
        "MQLs": mqls["mqls"].sum(),
        "SQLs within 90 days": mqls["went_on"].sum(),
        "MQLs given up": mqls["ended"].sum(),
        "passages": sold["entered"].sum(),
        "weeks at risk": sold["weeks"].sum(),
        "left": sold["left"].sum(),
        "amount that left": sold["amount"].sum(),
        "largest leak of a rep": groups.loc[(groups["by"] == "rep") & groups["group"].notna(), "amount"].max(),
        "leads that left": early["left"].sum(),
        "left without a reason": reasons.loc[unsaid, "left"].sum(),
        "came to a stage": opportunities.iloc[:-1]["entered"].sum(),
        "went on in the cohort": opportunities["went_on"].sum(),
        "worth of the cohort": opportunities["amount"].iloc[0],
        "leads that came to a step": leads.iloc[:-1]["entered"].sum(),
        "leads that went on": leads["went_on"].sum(),
        "won of those created": lasting["won"],
        "median cycle": lasting["sales_cycle"],
        "pipeline": still["pipeline"],
        "weighted pipeline": still["weighted_pipeline"],
        "quota": still["quota"],
        "due": still["due"],
        **{f"waterfall: {name}": moved[name] for name in WATERFALL},
        "win rate in per cent": float(tiles["win_rate"].rstrip("%")),
        "at risk by age": odds["n"].sum(),
        "won by age": odds["won"].sum(),
        "long days": found["hygiene"].long_days,
        "untidy": wrong["n"],
        "worth of the untidy": wrong["amount"],
        "worst": found["hygiene"].worst["amount"].sum(),
        "dates moved out of a month": slipped["moves"]["slipped_month"],
        "worth of those moved": slipped["amount"]["slipped_month"],
        "watched": slipped["watched"].iloc[0],
        "won after a slip": ended.loc[ended["slipped"].astype(bool), "won"].sum(),
        "booked by the day": steady["booked"].sum(),
        "due on past days": steady["due"].sum(),
    }
