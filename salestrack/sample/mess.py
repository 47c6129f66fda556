"""What makes the data of real companies hard to judge although nothing is planted: each a switch, all off by default.

None of it is a finding. A company with all of it (`REAL`) and with `NOTHING` planted has no jam, no break, no effect and no
trend of its win rate; whoever names one is wrong.
"""

from dataclasses import dataclass, fields
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from salestrack.errors import ParameterError
from salestrack.sample.days import Days, backward, forward, month_end, number, quarter_end
from salestrack.sample.draws import lognormal

Floats = NDArray[np.float64]
_LONGEST_LAG = 150  # days after which somebody asks
_CLEARED = 10  # days into a new quarter in which the lost are cleared away
_STAMP = 2 * 60  # the minute of the night at which a migration writes its rows


@dataclass(frozen=True)
class Mess:
    """How messy the company is, by kind; 0, None or False: not at all.

    Parameters
    ----------
    seasons : float
        How much stronger the year's ups and downs of new leads and opportunities are than usual: the power by which they grow.
    bunching : float
        Share of the wins that close on the last days of a quarter or a month, and of the losses that are cleared away in the
        first days of a new quarter.
    overdispersion : float
        Standard deviation, by source and week, of the log odds that an MQL becomes an SQL, and of the logarithm of the leads.
    wandering : float
        Standard deviation of these log odds by source as they wander slowly, without any break: half of a deviation is forgotten
        in about a quarter.
    reps : float
        Standard deviation between reps of the log odds of winning and of the logarithm of the work given to them, on top of
        what `Facts` say.
    changing_reps : float
        Standard deviation of each rep's log odds of winning as they wander over the months.
    late_entry : float
        Median days after which a win is entered, where it is not on the day; losses take twice as long. The close date is set
        back to the true day, the stage history has the day of entry, and what is not entered yet looks open.
    cut : date or None
        Day since which an opportunity must have been created to be in the export: not those that were open on it.
    slow_wins : float
        What winning adds to the logarithm of the days in each stage: the lost go fast, so that a cut export begins with losses.
    steps_back : float
        Probability, at each step, that an opportunity goes back to the one before and forth again.
    heavy_tails : float
        Scale of a t distribution of three degrees of freedom that is added to the logarithms of amounts and of stage times.
    uneven_logging : float
        Standard deviation, between the weeks of a rep, of minus the logarithm of the share of the activities that are logged:
        half of it wanders over the months, half is of the week.
    careless_reps : float
        Standard deviation of the same between reps.
    migration : date or None
        Day on which the CRM was replaced: everything that the stage history has from before carries its stamp.
    growth : float
        Yearly growth on top of the company's.
    departures : float
        Share of a team's sellers who leave, on top of the usual. All that a rep leaves open goes to one colleague.
    inherited : float
        Share of the leavers whose closed opportunities are handed over as well, as if the successor had closed them.
    """

    seasons: float = 0.0
    bunching: float = 0.0
    overdispersion: float = 0.0
    wandering: float = 0.0
    reps: float = 0.0
    changing_reps: float = 0.0
    late_entry: float = 0.0
    cut: date | None = None
    slow_wins: float = 0.0
    steps_back: float = 0.0
    heavy_tails: float = 0.0
    uneven_logging: float = 0.0
    careless_reps: float = 0.0
    migration: date | None = None
    growth: float = 0.0
    departures: float = 0.0
    inherited: float = 0.0

    def __post_init__(self) -> None:
        for name in ("bunching", "steps_back", "departures", "inherited"):
            if not 0 <= getattr(self, name) <= 1:
                raise ParameterError(f"{name} is a share between 0 and 1, got {getattr(self, name)}.")
        if self.departures > 0.4:
            raise ParameterError(f"With {self.departures:.0%} more sellers leaving, nobody stays in some territories; 0.4 at most.")

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the switches that are on."""
        return tuple(each.name for each in fields(self) if getattr(self, each.name) != each.default)

    def only(self, *kinds: str) -> "Mess":
        """Return the same mess with these switches alone."""
        return Mess(**{kind: getattr(self, kind) for kind in kinds})

    def without(self, *kinds: str) -> "Mess":
        """Return the same mess with these switches off."""
        return self.only(*(kind for kind in self.kinds if kind not in kinds))


TIDY = Mess()
# As much of each as companies show that nobody would call badly run.
REAL = Mess(
    seasons=2.0,
    bunching=0.6,
    overdispersion=0.45,
    wandering=0.15,
    reps=0.35,
    changing_reps=0.3,
    late_entry=6.0,
    cut=date(2025, 1, 1),
    slow_wins=0.6,
    steps_back=0.08,
    heavy_tails=0.5,
    uneven_logging=0.6,
    careless_reps=0.5,
    migration=date(2025, 6, 1),
    growth=0.20,
    departures=0.25,
    inherited=0.5,
)


def wander(rng: np.random.Generator, steps: int, series: int, spread: float, half_life: float) -> Floats:
    """Return series that wander around 0, of shape (steps, series): autoregressive of order 1 and stationary.

    Parameters
    ----------
    rng : Generator
    steps, series : int
    spread : float
        Standard deviation at any step.
    half_life : float
        Steps after which half of a deviation is forgotten.
    """
    kept = 0.5 ** (1 / half_life)
    shocks = rng.standard_normal((steps, series)) * np.sqrt(1 - kept**2)
    shocks[0] /= np.sqrt(1 - kept**2)
    out = np.empty((steps, series))
    now = np.zeros(series)
    for step in range(steps):
        now = kept * now + shocks[step]
        out[step] = now
    return spread * out


def tails(rng: np.random.Generator, mess: Mess, n: int) -> Floats:
    """Return factors with heavy tails around 1: the exponential of a t distribution of three degrees, cut at six of its scales."""
    return np.exp(mess.heavy_tails * np.clip(rng.standard_t(3, n), -6, 6)) if mess.heavy_tails else np.ones(n)


def bunched(rng: np.random.Generator, mess: Mess, closed: Days, earliest: Days, won: NDArray[np.bool_]) -> Days:
    """Return close dates with wins moved to the ends of quarters and months, and losses to the first days of quarters.

    Parameters
    ----------
    rng : Generator
    mess : Mess
    closed, earliest : array of int
        Day numbers: the close, and the day of the last step before it, which no close comes before.
    won : array of bool
    """
    if not mess.bunching:
        return closed
    n = len(closed)
    by_quarter = rng.random(n) < 0.65
    end = np.where(by_quarter, quarter_end(closed - 10), month_end(closed - 3))
    last_days = backward(end - np.minimum(rng.exponential(2.0, n), 12).astype(np.int64))
    cleared = forward(quarter_end(closed) + 1 + np.minimum(rng.exponential(4.0, n), _CLEARED).astype(np.int64))
    target = np.where(won, last_days, cleared)
    near = np.abs(target - closed) <= 45
    moves = near & (target > earliest) & (rng.random(n) < mess.bunching)
    return np.where(moves, target, closed)


def entered_late(rng: np.random.Generator, mess: Mess, closed: Days, won: NDArray[np.bool_]) -> Days:
    """Return the day on which each close is entered: for most some days after it, for a few months."""
    if not mess.late_entry:
        return closed
    n = len(closed)
    at_once = rng.random(n) < np.where(won, 0.40, 0.20)
    lag = np.minimum(lognormal(rng, mess.late_entry * np.where(won, 1.0, 2.0), 1.0, n), _LONGEST_LAG)
    return forward(closed + np.where(at_once, 0, np.ceil(lag)).astype(np.int64))


def logged(rng: np.random.Generator, mess: Mess, done: pd.DataFrame) -> pd.DataFrame:
    """Return the activities that are logged: reps log less in some weeks and nothing in a few, and some less than others.

    Parameters
    ----------
    rng : Generator
    mess : Mess
    done : DataFrame
        With rep (position) and moment, in the order in which they began.
    """
    if not (mess.uneven_logging or mess.careless_reps):
        return done
    rep, day = done["rep"].to_numpy(), done["moment"].to_numpy().astype("datetime64[D]").astype(np.int64)
    week = (day - day[0]) // 7
    weeks, reps = int(week.max()) + 1, int(rep.max()) + 1
    usual = mess.careless_reps * np.abs(rng.standard_normal(reps))
    slowly = wander(rng, weeks, reps, mess.uneven_logging * np.sqrt(0.5), 12)
    at_once = mess.uneven_logging * np.sqrt(0.5) * rng.standard_normal((weeks, reps))
    nothing = rng.random((weeks, reps)) < (0.03 if mess.uneven_logging else 0.0)
    share = np.where(nothing, 0.0, np.exp(-usual - np.maximum(slowly + at_once + 0.3 * bool(mess.uneven_logging), 0.0)))
    return done[rng.random(len(rep)) < share[week, rep]].reset_index(drop=True)


def migrated(mess: Mess, history: pd.DataFrame) -> pd.DataFrame:
    """Return a stage history with all from before the migration at its one moment, each stage of a deal only once then."""
    if mess.migration is None:
        return history
    stamp = number(mess.migration)
    before = history["entered"] < stamp
    rows = history.assign(entered=history["entered"].mask(before, stamp), minute=history["minute"].mask(before, _STAMP))
    return rows.drop_duplicates(["deal", "stage", "entered", "minute"], keep="last", ignore_index=True)


def exported(mess: Mess, deals: pd.DataFrame, others: list[pd.DataFrame]) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Return the deals that a report of those created since a day holds, and other frames with `deal` as positions among them.

    Parameters
    ----------
    mess : Mess
    deals : DataFrame
        With created.
    others : list of DataFrame
        What has lost its deal keeps its row, with -1.
    """
    if mess.cut is None:
        return deals, others
    kept = np.flatnonzero(deals["created"].to_numpy() >= number(mess.cut))
    place = np.full(len(deals) + 1, -1)
    place[kept] = np.arange(len(kept))
    return deals.iloc[kept].reset_index(drop=True), [each.assign(deal=place[each["deal"].to_numpy()]) for each in others]
