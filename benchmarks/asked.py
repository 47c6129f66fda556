"""The questions that are put to messy companies, what would be a false alarm, and what is there to be found.

An answer takes a book and the company behind it and returns counts: alarms of asked (what is named although it is not there),
found of sought (what is planted), held of stated (ranges that hold the truth), and a note.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd
from messy_books import AS_OF, COMPANY, Made, book

import salestrack as st
from salestrack.book import Book
from salestrack.charts.standing import standings
from salestrack.goals import Goals
from salestrack.metrics import FIVE
from salestrack.periods import Period
from salestrack.sample import ALIKE, NOTHING, PLANTED, SPEED, STAR, Company, Facts

PIPELINE, LEADS, WORK = ("opportunities", "stage_history"), ("opportunities", "leads"), ("opportunities", "activities")
QUARTER, LEVELS = "2026-Q3", Period(date(2025, 10, 1), date(2026, 10, 1), "a year")
# What really differs between reps: a rep who is named for it is named rightly.
DIFFERENT_REPS = ("reps", "changing_reps")
REPS, PAGES = ("opportunities", "stage_history", "leads", "activities", "reps"), 8
_CARELESS = (*DIFFERENT_REPS, "careless_reps")
EFFECT, JAM, BREAK = (
    replace(NOTHING, in_person_log_odds=PLANTED.in_person_log_odds),
    replace(NOTHING, jam_factor=PLANTED.jam_factor),
    replace(NOTHING, break_factor=PLANTED.break_factor),
)
Counts = dict[str, object]


@dataclass(frozen=True)
class Question:
    """A question, put to a company with these facts planted and this mess spared; `not_with`: mess that makes it true."""

    name: str
    answer: Callable[[Book, Made], Counts]
    tables: tuple[str, ...]
    facts: Facts = NOTHING
    spared: tuple[str, ...] = ()
    not_with: tuple[str, ...] = ()
    company: Company = COMPANY


def bottlenecks(opened: Book, company: Made) -> Counts:
    """A jam is named although none is planted; the planted one is the one that is named."""
    answer = st.bottlenecks(opened)
    worst = answer.bottleneck
    cell = None if worst is None else (worst["stage"], worst.get("segment"))
    if company.facts.jam_factor == 1:
        changed = answer.changes[answer.changes["change"].isin(["slower", "faster"])]
        note = "; ".join(f"{row.change} {row.stage}/{row.segment} since {row.since}" for row in changed.itertuples())
        return {"alarms": int(cell is not None), "asked": 1, "note": f"{cell}; {note}"}
    true = (company.facts.jam_stage, company.facts.jam_segment)
    row = answer.changes[(answer.changes["stage"] == true[0]) & (answer.changes["segment"] == true[1])].iloc[0]
    slower = row["change"] == "slower"
    held = slower and row["factor_low"] <= company.facts.jam_factor <= (row["factor_high"] if row["factor_high"] > 0 else 99)
    return {"found": int(cell == true), "sought": 1, "held": int(held), "stated": int(slower), "note": str(cell)}


def leaders(opened: Book, company: Made) -> Counts:
    """Reps who are all alike are told apart; the star is above the rest in digital contacts."""
    frame = st.leaders(opened).frame
    named = frame[frame["standing"].isin(["above", "below"])]
    if company.facts.star_log_odds == 0:
        of = f"{named['rep'].nunique()} of {frame['rep'].nunique()}: {named['category'].value_counts().to_dict()}"
        return {"alarms": int(len(named) > 0), "asked": 1, "note": of}
    calls = frame[frame["category"] == "digital_client"].sort_values("rate").iloc[-1]
    return {"found": int(calls["standing"] == "above"), "sought": 1, "note": str(calls["rep"])}


def trend_of(metric: str, grain: str = "month") -> Callable[[Book, Made], Counts]:
    """Return a question whether a figure that has no trend is said to grow or to shrink over the whole book."""

    def answer(opened: Book, _: Made) -> Counts:
        found = st.trend(opened, metric, grain=grain)
        return {
            "alarms": int(found.verdict in ("growing", "shrinking")),
            "asked": 1,
            "note": f"{found.verdict} {found.slope[0]:.4f}",
        }

    return answer


def compared(metric: str, by: str | None = None) -> Callable[[Book, Made], Counts]:
    """Return a question whether a figure that is the same is said to differ from the quarter before."""

    def answer(opened: Book, _: Made) -> Counts:
        frame = st.compare(opened, metric, during=QUARTER, **({"by": by} if by else {})).frame
        named = frame[frame["verdict"].isin(["up", "down"])]
        return {"alarms": int(len(named) > 0), "asked": 1, "note": f"{len(named)} of {len(frame)}"}

    return answer


def bookings_goal(opened: Book, company: Made) -> Counts:
    """In mid-quarter, the range of the end does not hold it, or a quarter that will be met is called off."""
    counts = dict.fromkeys(("alarms", "asked", "found", "sought", "held", "stated"), 0)
    notes = []
    deals = company.tables["opportunities"].query("stage == 'Won'")
    for name in ("2025-Q4", "2026-Q2", "2026-Q3"):
        period = Period.parse(name)
        inside = (deals["close_date"] >= pd.Timestamp(period.start)) & (deals["close_date"] < pd.Timestamp(period.end))
        final = float(deals.loc[inside, "amount"].sum())
        with book(company, period.start + timedelta(days=45), tables=PIPELINE) as then:
            rows = [goal_row(then, name, target) for target in (0.95 * final, 1.6 * final)]
        met, missed = rows
        stated = pd.notna(met["end_low"]) and pd.notna(met["end_high"])
        held = stated and met["end_low"] <= final <= met["end_high"]
        counts["stated"] += int(stated)
        counts["held"] += int(held)
        counts["asked"] += 1
        counts["alarms"] += int(met["status"] == "off")
        counts["sought"] += 1
        counts["found"] += int(missed["status"] in ("off", "at_risk"))
        notes.append(f"{name} {met['status']} {missed['status']} {met['end_low'] / final:.2f} to {met['end_high'] / final:.2f}")
    return counts | {"note": "; ".join(notes)}


def goal_row(opened: Book, period: str, target: float) -> pd.Series:
    """Return the status of a goal of bookings."""
    goal = {"name": "Bookings", "metrics": [{"metric": "bookings", "target": target, "direction": "at_least"}]}
    sheet = Goals.model_validate({"period": period, "objectives": [goal]})
    return st.goal_status(opened, sheet, during=period).frame.iloc[0]


def qualification(opened: Book, company: Made) -> Counts:
    """A source without a break is named; the planted break is."""
    breaks = st.qualification(opened).breaks
    named = breaks[breaks["verdict"].isin(["fell", "rose", "stopped"])]
    note = "; ".join(f"{row.source} {row.verdict} {row.since}" for row in named.itertuples())
    single = f"; p < .05: {(breaks['p'] < 0.05).sum()} of {breaks['p'].notna().sum()}"
    if company.facts.break_factor == 1:
        return {"alarms": int(len(named) > 0), "asked": 1, "note": note + single}
    true = named["source"] == company.facts.break_source
    return {
        "found": int((named.loc[true, "verdict"] == "fell").any()), "sought": 1,
        "alarms": int((~true).any()), "asked": 1, "note": note + single,
    }  # fmt: skip


def year_of_looks(_: Book, company: Made) -> Counts:
    """In a look each week for a year, a source without a break is named at least once."""
    named: dict[str, str] = {}
    for week in range(52):
        day = AS_OF - timedelta(days=7 * (51 - week))
        with book(company, day, tables=LEADS) as then:
            breaks = st.qualification(then).breaks
        for row in breaks[breaks["verdict"].isin(["fell", "rose", "stopped"])].itertuples():
            named.setdefault(row.source, f"{row.source} {row.verdict} seen {day}")
    return {"alarms": int(bool(named)), "asked": 1, "note": "; ".join(named.values())}


def lead_up(opened: Book, company: Made) -> Counts:
    """A kind of activity without effect is said to go before wins, from the close or from the creation."""
    said = []
    for anchor in ("close", "creation"):
        frame = st.lead_up(opened, anchor=anchor).frame
        said += [f"{anchor} {name}" for name in frame.loc[frame["verdict"].isin(["more", "less"]), "category"].unique()]
    true = [each for each in said if company.facts.in_person_log_odds and each.endswith("in_person_client")]
    return {"alarms": int(len(said) > len(true)), "asked": 1, "note": "; ".join(said)}


def goes_with_winning(opened: Book, company: Made) -> Counts:
    """A kind of activity without effect is said to go with winning; the planted one is, and its interval holds the effect."""
    frame = st.goes_with_winning(opened).frame
    named = frame[frame["verdict"].isin(["more", "less"])]
    note = "; ".join(f"{row.days} {row.category} {row.verdict}" for row in named.itertuples())
    if not company.facts.in_person_log_odds:
        return {"alarms": int(len(named) > 0), "asked": 1, "note": note}
    true = frame["category"] == "in_person_client"
    counts = {"alarms": int((named["category"] != "in_person_client").any()), "asked": 1, "note": note}
    counts |= {"found": int((named["category"] == "in_person_client").any()), "sought": 1}
    early = frame[true & (frame["days"] == company.facts.early_days)]
    if "log_odds_low" in frame and len(early) and pd.notna(early["log_odds_low"].iloc[0]):
        low, high = early[["log_odds_low", "log_odds_high"]].iloc[0]
        counts |= {"held": int(low <= company.facts.in_person_log_odds <= high), "stated": 1}
    return counts


def pace(opened: Book, _: Made) -> Counts:
    """The middle of a quarter is said to be ahead of, or behind, all past ones; of eight, chance alone says so in 22 %."""
    frame = st.pace(opened, during=opened.as_of.strftime("%Y") + f"-Q{(opened.as_of.month - 1) // 3 + 1}").frame
    now, past = frame[frame["current"]], frame[~frame["current"]]
    beyond = len(past) > 0 and ((past["booked"] < now["booked"].iloc[0]).all() or (past["booked"] > now["booked"].iloc[0]).all())
    return {"alarms": int(beyond), "asked": 1, "note": f"{len(past)} past"}


def pace_in_mid_quarter(_: Book, company: Made) -> Counts:
    """`pace` on the 46th day of the quarter."""
    with book(company, Period.parse(QUARTER).start + timedelta(days=45), tables=PIPELINE) as then:
        return pace(then, company)


def hygiene(opened: Book, company: Made) -> Counts:
    """Of the open opportunities that are listed as stale, how many are open? Others have closed and are not entered yet."""
    listed = st.hygiene(opened).worst
    stale = listed[[bool({"overlong", "overdue"} & set(checks)) for checks in listed["checks"]]]
    ends = company.tables["opportunities"].query("stage in ['Won', 'Lost'] and close_date <= @AS_OF")["opportunity_id"]
    closed = int(stale["opportunity_id"].isin(set(ends)).sum())
    return {"held": len(stale) - closed, "stated": len(stale)}


def findings(opened: Book, _: Made) -> Counts:
    """A figure of the five is said to have got worse; of all but bookings, which do differ from quarter to quarter."""
    frame = st.compare(opened, FIVE, during=QUARTER).frame
    worse = frame[(frame["news"] == "bad") & (frame["metric"] != "bookings")]
    return {"alarms": int(len(worse) > 0), "asked": 1, "note": ", ".join(frame.loc[frame["news"] == "bad", "metric"])}


def rep_pages(opened: Book, _: Made) -> Counts:
    """A page of a rep who is like all others says that more, or less, time goes into something; of eight pages."""
    asked, said, figures = 0, [], 0
    for rep in _reps(opened)[:PAGES]:
        page = st.rep_page(opened, rep, during=QUARTER)
        asked += 1
        told = page.frame[page.frame["verdict"].isin(["up", "down"])]
        said += [f"{rep} {row.against} {row.category}" for row in told.head(1).itertuples()]
        figures += int(page.figures["verdict"].isin(["up", "down"]).any())
    return {"alarms": len(said), "asked": asked, "note": f"{'; '.join(said)}; key figures on {figures} pages"}


def _reps(opened: Book) -> list[str]:
    """Return the keys of reps with work in the quarter, in a fixed order."""
    frame = st.measure(opened, "activity_count", by="rep_id", during=QUARTER).frame
    return sorted(frame.loc[frame["n"] > 0, "rep_id"].dropna())


def standing_of_reps(ask: Callable[[Book], pd.DataFrame]) -> Callable[[Book, Made], Counts]:
    """Return a question whether a rep who is like all others is called above or below the rest."""

    def answer(opened: Book, _: Made) -> Counts:
        frame = ask(opened)
        # Leads without a rep are truly answered by nobody.
        frame = frame[frame[next(name for name in ("rep", "group") if name in frame)].notna()]
        named = frame[frame["standing"].isin(["above", "below"])]
        return {"alarms": int(len(named) > 0), "asked": 1, "note": f"{len(named)} of {len(frame)}"}

    return answer


def ranked(metric: str) -> Callable[[Book], pd.DataFrame]:
    """Return what gives the standings of reps that a ranking draws."""

    def ask(opened: Book) -> pd.DataFrame:
        measured = st.measure(opened, metric, by="rep", during=LEVELS)
        return measured.frame.assign(standing=standings(measured))

    return ask


def selling_level(opened: Book, _: Made) -> Counts:
    """Whether the intervals of the selling time of a quarter hold what it is in the long run of such companies."""
    rows = []
    for name in ("2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"):
        row = st.selling_time(opened, during=name).frame.set_index("figure").loc["selling_time_share"]
        rows.append(row[["value", "low", "high", "units"]].astype(float).tolist())
    return {"levels": rows}


def levels_of_reps(opened: Book, _: Made) -> Counts:
    """Whether the intervals of the selling time share of single reps hold what it is in the long run of such companies."""
    frame = st.measure(opened, "selling_time_share", by="rep", during=QUARTER).frame
    return {"levels": frame[["value", "low", "high", "n"]].astype(float).to_numpy().tolist()}


def level_of(metric: str) -> Callable[[Book, Made], Counts]:
    """Return a question whether the intervals of a figure in four quarters hold what it is in the long run of such companies."""

    def answer(opened: Book, _: Made) -> Counts:
        frame = st.measure(opened, metric, by="quarter", during=LEVELS).frame
        return {"levels": frame[["value", "low", "high", "n"]].astype(float).to_numpy().tolist()}

    return answer


_ALL = (
    Question("bottlenecks", bottlenecks, PIPELINE),
    Question("bottlenecks: planted jam", bottlenecks, PIPELINE, JAM),
    Question("leaders", leaders, (*WORK, "reps"), ALIKE, (*DIFFERENT_REPS, "careless_reps")),
    Question("leaders: a star", leaders, (*WORK, "reps"), STAR, (*DIFFERENT_REPS, "careless_reps")),
    Question("trend of win_rate", trend_of("win_rate"), PIPELINE),
    Question("trend of average_deal_size", trend_of("average_deal_size"), PIPELINE),
    Question("trend of bookings", trend_of("bookings"), PIPELINE, not_with=("growth",), spared=("growth",)),
    Question("compare win_rate", compared("win_rate"), PIPELINE),
    Question("compare average_deal_size", compared("average_deal_size"), PIPELINE),
    Question("compare close_rate", compared("close_rate"), PIPELINE),
    Question("compare leakage", compared("leakage"), PIPELINE),
    Question("compare win_rate by rep", compared("win_rate", "rep"), (*PIPELINE, "reps"), ALIKE, DIFFERENT_REPS),
    Question("findings", findings, (*PIPELINE, "reps", "quotas")),
    Question("goal of bookings in mid-quarter", bookings_goal, PIPELINE),
    Question("pace in mid-quarter (22 % by design)", pace_in_mid_quarter, PIPELINE, spared=("growth",), not_with=("growth",)),
    Question("hygiene: stale that are open", hygiene, PIPELINE),
    Question("qualification", qualification, LEADS),
    Question("qualification: planted break", qualification, LEADS, BREAK),
    Question("qualification: a year of weekly looks", year_of_looks, LEADS),
    Question("lead_up", lead_up, (*WORK, "reps")),
    Question("lead_up: a star", lead_up, (*WORK, "reps"), STAR),
    Question("lead_up: speed only", lead_up, (*WORK, "reps"), SPEED),
    Question("goes_with_winning", goes_with_winning, (*WORK, "reps")),
    Question("goes_with_winning: a star", goes_with_winning, (*WORK, "reps"), STAR),
    Question("goes_with_winning: speed only", goes_with_winning, (*WORK, "reps"), SPEED),
    Question("goes_with_winning: planted effect", goes_with_winning, (*WORK, "reps"), EFFECT),
    Question("rep_page", rep_pages, REPS, ALIKE, _CARELESS),
    Question("lead_response by rep", standing_of_reps(lambda b: st.lead_response(b, by="rep").frame), REPS, ALIKE, _CARELESS),
    Question("neglected by rep", standing_of_reps(lambda b: st.neglected(b).shares), REPS, ALIKE, _CARELESS),
    Question("leaks by rep", standing_of_reps(lambda b: st.leaks(b, by="rep").groups), REPS, ALIKE, _CARELESS),
    Question("ranking of win_rate by rep", standing_of_reps(ranked("win_rate")), REPS, ALIKE, _CARELESS),
    Question("ranking of selling_time_share by rep", standing_of_reps(ranked("selling_time_share")), REPS, ALIKE, _CARELESS),
    Question("compare selling_time_share by rep", compared("selling_time_share", "rep"), REPS, ALIKE, _CARELESS),
    Question("level of selling_time", selling_level, REPS, ALIKE, _CARELESS),
    Question("level of selling_time_share", level_of("selling_time_share"), REPS, ALIKE, _CARELESS),
    Question("level of selling_time_share of reps", levels_of_reps, REPS, ALIKE, _CARELESS),
    Question("level of win_rate", level_of("win_rate"), PIPELINE, ALIKE, DIFFERENT_REPS),
    Question("level of average_deal_size", level_of("average_deal_size"), PIPELINE, ALIKE, DIFFERENT_REPS),
    Question("level of sales_cycle", level_of("sales_cycle"), PIPELINE, ALIKE, DIFFERENT_REPS),
)
QUESTIONS = {each.name: each for each in _ALL}
