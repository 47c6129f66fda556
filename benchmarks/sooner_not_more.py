"""Activities that only seem to go with winning: those that make wins come sooner, and those of a busy rep who wins anyway.

    .venv/bin/python benchmarks/sooner_not_more.py --companies 200
    .venv/bin/python benchmarks/sooner_not_more.py --companies 200 --question effect
    .venv/bin/python benchmarks/sooner_not_more.py --companies 100 --question busy
    .venv/bin/python benchmarks/sooner_not_more.py --companies 400 --question counted

Each company is made from its own seed and handed to the engine as it is, without files. Printed are counts; nothing is asserted.
"""

import argparse
import time
from dataclasses import dataclass, replace
from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd

import salestrack as st
from salestrack.analyses.coverage import record_of_activities
from salestrack.analyses.landmark import Since, cells, watches
from salestrack.analyses.winning import DAYS, HELD_FIXED
from salestrack.as_of import read_as_of
from salestrack.book import Book, Settings, Stage
from salestrack.columns import view
from salestrack.stats.association import Adjustment, associate
from salestrack.stats.multiple import familywise_p
from salestrack.stats.watching import watch
from salestrack.tables import CATEGORIES, CONTRACTS

SETTINGS = Settings(
    name="Made anew",
    currency="EUR",
    stages=(Stage(name="Open"), Stage(name="Won", outcome="won"), Stage(name="Lost", outcome="lost")),
)
AS_OF = date(2026, 9, 30)
EARLY = 30
FIRST_SEED = 5_000
ASKED = ("digital_client", "in_person_client", "internal_meeting")


@dataclass(frozen=True)
class Making:
    """What a company is like.

    Parameters
    ----------
    opportunities, reps, months : int
        How many, by how many, created in how many months before the day of the book.
    sooner : float
        By this much the log of the days from the `after` to the win is less for each early call.
    after : int
        Days from creation before which calls hasten nothing, and nothing is won; 0: they hasten from the first day.
    effect : float
        Log odds of winning for each early meeting in person.
    busy : float
        The strong rep's activities are so many times those of the others; 1: there is no such rep.
    skill : float
        Log odds of winning of the strong rep.
    share : float
        Share of the opportunities that the strong rep has.
    """

    opportunities: int = 2_500
    reps: int = 40
    months: int = 30
    sooner: float = 0.0
    after: int = EARLY
    effect: float = 0.0
    busy: float = 1.0
    skill: float = 0.0
    share: float = 0.1


def company(seed: int, making: Making) -> dict[str, pd.DataFrame]:
    """Return opportunities and activities of a company in which nothing else matters."""
    rng, n = np.random.default_rng(seed), making.opportunities
    strong = making.busy != 1 or making.skill != 0
    shares = np.full(making.reps, (1 - making.share * strong) / (making.reps - strong))
    shares[0] = making.share if strong else shares[0]
    rep = rng.choice(making.reps, n, p=shares)
    created = rng.integers(0, making.months * 365 // 12, n)
    habit = np.exp(0.25 * rng.standard_normal((making.reps, len(ASKED))))
    habit[0] = making.busy if strong else habit[0]
    early = rng.poisson(np.array([1.0, 0.6, 0.5]) * habit[rep])
    amount = np.round(np.exp(9 + 0.8 * rng.standard_normal(n)), -2)
    odds = -0.4 + 0.2 * rng.standard_normal(making.reps)[rep] + making.skill * (strong & (rep == 0))
    odds = odds + making.effect * (early[:, 1] - 0.6)
    won = rng.random(n) < 1 / (1 + np.exp(-odds))
    days_won = making.after + (80 - making.after) * np.exp(0.8 * rng.standard_normal(n) - making.sooner * (early[:, 0] - 1))
    days_lost = 55 * np.exp(0.9 * rng.standard_normal(n))
    life = np.round(np.where(won, days_won, days_lost)).astype(int)
    seen = np.minimum(life, created)
    closed = life <= created
    day = [AS_OF - timedelta(days=int(age)) for age in created]
    deals = pd.DataFrame(
        {
            "opportunity_id": [f"O{i}" for i in range(n)],
            "rep_id": [f"R{each}" for each in rep],
            "amount": amount,
            "created_date": pd.to_datetime(day),
            "close_date": pd.to_datetime([each + timedelta(days=int(days)) for each, days in zip(day, life, strict=True)]),
            "stage": np.where(closed, np.where(won, "Won", "Lost"), "Open"),
        }
    )
    return {"opportunities": deals, "activities": _done(rng, (rep, early, seen, habit), deals)}


def _done(rng: np.random.Generator, made: tuple[np.ndarray, ...], deals: pd.DataFrame) -> pd.DataFrame:
    """Return the early activities, and later ones at the rep's own pace, as long as each opportunity was open."""
    rep, early, seen, habit = made
    later = rng.poisson(np.array([0.02, 0.012, 0.01]) * habit[rep] * np.maximum(seen - EARLY, 0)[:, None])
    rows = []
    for kind, category in enumerate(ASKED):
        for counts, least, most in ((early, 0, np.full(len(rep), EARLY)), (later, EARLY, np.maximum(seen, EARLY + 1))):
            place = np.repeat(np.arange(len(rep)), counts[:, kind])
            age = least + np.floor(rng.random(len(place)) * (most[place] - least)).astype(int)
            kept = age <= seen[place]
            rows.append(pd.DataFrame({"place": place[kept], "age": age[kept], "category": category}))
    done = pd.concat(rows, ignore_index=True)
    created = deals["created_date"].to_numpy()[done["place"]]
    return pd.DataFrame(
        {
            "activity_id": [f"A{i}" for i in range(len(done))],
            "rep_id": deals["rep_id"].to_numpy()[done["place"]],
            "opportunity_id": deals["opportunity_id"].to_numpy()[done["place"]],
            "category": done["category"],
            "started_at": created + pd.to_timedelta(done["age"], unit="D") + pd.Timedelta(hours=10),
            "minutes": 30.0,
        }
    )


def book_of(seed: int, making: Making) -> Book:
    """Return a company as a book."""
    connection = ibis.duckdb.connect()
    loaded = {name: _loaded(connection, name, frame) for name, frame in company(seed, making).items()}
    read, _ = read_as_of(loaded, SETTINGS, AS_OF, AS_OF)
    return Book(SETTINGS, AS_OF, connection, read)


def _loaded(connection: ibis.BaseBackend, name: str, frame: pd.DataFrame) -> ibis.Table:
    """Return a table with all columns of its contract; pandas knows no days, and no kind of a column without values."""
    kinds = {"date": "date", "timestamp": "timestamp", "number": "float64", "share": "float64"}
    given = connection.create_table(name, frame)
    columns = {
        each.name: given[each.name].cast(kinds.get(each.kind, "string"))
        if each.name in frame
        else ibis.null(kinds.get(each.kind, "string"))
        for each in CONTRACTS[name].columns
    }
    return given.select(**columns)


def decided_only(book: Book) -> pd.DataFrame:
    """Return what is told where only opportunities decided by now are compared: the way that this kit went once."""
    start, _ = record_of_activities(book, {})
    assert start is not None
    since, opportunities = Since(start, None), view(book, "opportunities", "created_date").table
    marks = watches(book, opportunities, DAYS, since).assign(watched=0)
    found = cells(book, opportunities, marks, since)
    found = found.assign(n=found["n"] - found["open"])
    frames = [
        associate(part[part["n"] > 0], CATEGORIES, HELD_FIXED).frame.assign(days=days) for days, part in found.groupby("days")
    ]
    rows = pd.concat(frames, ignore_index=True).rename(columns={"dose": "category"})
    clear = familywise_p(rows["p"]) <= 0.05
    return rows.assign(verdict=np.select([clear & (rows["effect"] > 0), clear], ["more", "less"], "cannot_tell"))


def flagged(rows: pd.DataFrame, companies: int, categories: tuple[str, ...]) -> str:
    """Return in how many companies one of these is named, by verdict."""
    named = rows[rows["category"].isin(categories) & ~rows["verdict"].isin(["cannot_tell", "too_few"])]
    return f"{named.groupby('verdict')['seed'].nunique().to_dict()} of {companies}"


def winning(companies: int, making: Making, name: str) -> None:
    """Print what `goes_with_winning` says of so many companies, now and among the decided alone."""
    now, once = [], []
    for seed in range(FIRST_SEED, FIRST_SEED + companies):
        book = book_of(seed, making)
        now.append(st.goes_with_winning(book).frame.assign(seed=seed))
        once.append(decided_only(book).assign(seed=seed))
        book.connection.disconnect()
    for way, frames in (("decided only", once), ("now", now)):
        rows = pd.concat(frames, ignore_index=True)
        print(f"{name}, {way}")
        for category in ASKED:
            row = rows[(rows["category"] == category) & (rows["days"] == EARLY)]
            true = making.effect if category == "in_person_client" else 0.0
            held = (row["log_odds_low"] <= true) & (row["log_odds_high"] >= true)
            print(f"  {category}: named {flagged(rows, companies, (category,))}; mean effect {row['effect'].mean():+.4f}, "
                  f"log odds {row['log_odds'].mean():+.3f}, intervals that hold {true}: {held.sum()} of {len(row)}")  # fmt: skip
        if way == "now":
            print(f"  watched {rows['watched'].median():.0f} days, n {rows.loc[rows['days'] == EARLY, 'n'].mean():.0f}")


def leading_up(companies: int, making: Making, name: str) -> None:
    """Print what `lead_up` says of so many companies."""
    for anchor in ("close", "creation"):
        frames, matched = [], []
        for seed in range(FIRST_SEED, FIRST_SEED + companies):
            book = book_of(seed, making)
            answer = st.lead_up(book, anchor=anchor)
            frames.append(answer.frame.assign(seed=seed))
            matched.append(answer.matched["matched"].sum() / answer.matched["decided"].sum())
            book.connection.disconnect()
        rows = pd.concat(frames, ignore_index=True)
        tests = rows["p"].dropna()
        print(f"{name}, lead_up from the {anchor}: named {flagged(rows, companies, ASKED)}; single tests with p < 0.05: "
              f"{(tests < 0.05).mean():.4f}; matched {np.mean(matched):.2f} of the decided")  # fmt: skip


def counted(companies: int, sooner: float, effect: float, name: str) -> None:
    """Print the same without an engine: opportunities open on a landmark, one dose, 18 months, wins slower than losses."""
    rows: dict[str, list[pd.Series]] = {"decided only": [], "weighted up": [], "now": []}
    for seed in range(FIRST_SEED, FIRST_SEED + companies):
        rng, n = np.random.default_rng(seed), 2_500
        dose, seen = rng.poisson(1.0, n), rng.integers(0, 540, n)
        won = rng.random(n) < 1 / (1 + np.exp(0.4 - effect * (dose - 1)))
        slow = 100 * np.exp(0.6 * rng.standard_normal(n) - sooner * (dose - 1))
        after = np.round(np.where(won, slow, 40 * np.exp(0.8 * rng.standard_normal(n)))).astype(int)
        ended = after <= seen
        lives = pd.DataFrame({"after": np.minimum(after, seen), "outcome": np.select([~ended, won], ["open", "won"], "lost")})
        found = watch(lives.assign(count=1, longest=540))
        frame = pd.DataFrame({"calls": dose, "quarter": seen // 91, "n": 1.0, "won": 1.0 * (won & ended)})
        ripe = frame.assign(won=np.where(ended, frame["won"], found.yet))[seen >= found.watched]
        # The early decided of the young weighed by the inverse share that is watched as long as their lives.
        there = ended & (after <= found.watched) | (seen >= found.watched)
        share = np.array([(seen >= each).mean() for each in np.minimum(after, found.watched)])
        late = won & ended & (after <= found.watched)
        heavier = frame.assign(n=1 / share, won=late / share)[there]
        for way, part in (("decided only", frame[ended]), ("weighted up", heavier), ("now", ripe)):
            rows[way].append(associate(part, ["calls"], Adjustment(("quarter",))).frame.iloc[0])
    for way, told in rows.items():
        all_told = pd.DataFrame(told)
        held = (all_told["log_odds_low"] <= effect) & (all_told["log_odds_high"] >= effect)
        more, less = ((all_told["p"] <= 0.05) & (side * all_told["effect"] > 0) for side in (1, -1))
        print(f"{name}, {way}: mean {100 * all_told['effect'].mean():+.2f} points, p < 0.05: more {more.sum()}, less {less.sum()} "
              f"of {companies}; intervals that hold {effect}: {held.sum()}")  # fmt: skip


PLAIN = Making()
BUSY = replace(PLAIN, busy=3.0, skill=1.2)
QUESTIONS = {
    "sooner": [("sooner after the first 30 days", replace(PLAIN, sooner=0.3)), ("sooner", replace(PLAIN, sooner=0.3, after=0))],
    "effect": [("nothing", PLAIN), ("effect", replace(PLAIN, effect=0.35)), ("both", replace(PLAIN, effect=0.35, sooner=0.3))],
    "busy": [("nothing", PLAIN), ("a strong busy rep", BUSY), ("sooner", replace(PLAIN, sooner=0.3))],
}


def main() -> None:
    """Make the companies and print what is said of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=200)
    parser.add_argument("--question", choices=[*QUESTIONS, "counted"], default="sooner")
    options = parser.parse_args()
    if options.question == "counted":
        for name, sooner, effect in (
            ("nothing", 0.0, 0.0),
            ("sooner", 0.3, 0.0),
            ("more", 0.0, 0.35),
            ("sooner and more", 0.3, 0.35),
        ):
            counted(options.companies, sooner, effect, name)
        return
    for name, making in QUESTIONS[options.question]:
        began = time.perf_counter()
        (leading_up if options.question == "busy" else winning)(options.companies, making, name)
        print(f"  ({time.perf_counter() - began:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
