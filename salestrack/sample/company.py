"""What the sample company is like: its size, what it sells and how, and the facts planted in its data."""

from dataclasses import dataclass, replace
from datetime import date

from salestrack.errors import ParameterError, unknown
from salestrack.periods import Period

NAME = "Nordquill Instruments (fictional)"
CURRENCY = "EUR"
TIME_ZONE = "Europe/Berlin"


@dataclass(frozen=True)
class Company:
    """How large the sample company is and which days its data covers.

    Parameters
    ----------
    reps : int
        Reps with a quota, those who left included; managers come on top.
    accounts, leads, opportunities, activities : int
        Exact number of rows.
    start, as_of : date
        First and last day of the data.
    growth : float
        Yearly growth of the number of leads and opportunities, as a share.
    """

    reps: int = 48
    accounts: int = 1_500
    leads: int = 12_000
    opportunities: int = 4_000
    activities: int = 90_000
    start: date = date(2023, 10, 1)
    as_of: date = date(2026, 9, 30)
    growth: float = 0.08

    def __post_init__(self) -> None:
        if self.reps < 3 * len(TERRITORIES) or self.accounts < 10 * len(TERRITORIES):
            raise ParameterError(
                f"The sample company has {len(TERRITORIES)} territories and needs 3 reps and 10 accounts for each, "
                f"got {self.reps} reps and {self.accounts} accounts."
            )
        if (self.as_of - self.start).days < 365:
            raise ParameterError(f"The sample company needs a year of data at least, got {self.start} to {self.as_of}.")


@dataclass(frozen=True)
class Facts:
    """What is planted in the data, with its size; each can be switched off on its own.

    Parameters
    ----------
    selling_share : float
        Share of all logged hours in the two client categories.
    in_person_log_odds : float
        What one in-person meeting in the first `early_days` days adds to the log odds of winning; 0: nothing. No other
        category of activity has an effect at any time.
    early_days : int
        Days after creation in which a meeting counts as early: offsets 0 to ``early_days - 1``.
    jam_stage, jam_segment, jam_since, jam_factor : str, str, date, float
        Stays in this stage that begin on or after the day last longer by the factor; 1: no jam.
    break_source, break_since, break_factor : str, str, float
        Leads of this source that become marketing qualified in or after this ISO week become sales qualified at
        their earlier rate times the factor; 1: no break.
    growing_segment, growth_per_quarter : str, float
        Amounts of this segment grow by this share with each quarter of the creation date; 0: all segments are flat.
    flat_segment : str
        A segment with flat amounts, to hold beside it.
    rich_territory, potential_ratio : str, float
        Potential per current rep there over the mean of the other territories; 1: all alike.
    stretched_team, quota_excess : str, float
        Quotas of this team are higher than alike by this share; 0: fair.
    undefeated_deals : int
        The rep hired last has this many closed opportunities, all won; 0: no such rep.
    windfall_ratio : float
        Amount of one won opportunity over the largest of all others; 0: no windfall.
    in_person_speed : float
        What one early in-person meeting takes off the logarithm of the days of an opportunity that will be won: wins come
        sooner, and no more often; 0: nothing.
    star_log_odds, star_work, star_calls : float, float, float
        One rep wins more by these log odds, is given this many times as much work, and makes this many times as many digital
        contacts on each opportunity, which do nothing; 0, 1, 1: nobody.
    rep_differences : float
        How much reps differ in winning, in the work given to them and in their habits, 1 is usual; 0: all are alike.
    dirty_rows : bool
        Whether the written files hold rows that must be refused.
    """

    selling_share: float = 0.39
    in_person_log_odds: float = 0.35
    early_days: int = 30
    jam_stage: str = "Proposal"
    jam_segment: str = "Enterprise"
    jam_since: date = date(2026, 3, 1)
    jam_factor: float = 2.5
    break_source: str = "Paid search"
    break_since: str = "2026-W10"
    break_factor: float = 0.5
    growing_segment: str = "Mid-Market"
    growth_per_quarter: float = 0.04
    flat_segment: str = "SMB"
    rich_territory: str = "Nordics"
    potential_ratio: float = 2.0
    stretched_team: str = "West"
    quota_excess: float = 0.40
    undefeated_deals: int = 4
    windfall_ratio: float = 10.0
    in_person_speed: float = 0.0
    star_log_odds: float = 0.0
    star_work: float = 1.0
    star_calls: float = 1.0
    rep_differences: float = 1.0
    dirty_rows: bool = True

    def __post_init__(self) -> None:
        for kind, name, known in (
            ("stage", self.jam_stage, [stage.name for stage in STAGES]),
            ("segment", self.jam_segment, [segment.name for segment in SEGMENTS]),
            ("segment", self.growing_segment, [segment.name for segment in SEGMENTS]),
            ("segment", self.flat_segment, [segment.name for segment in SEGMENTS]),
            ("source", self.break_source, [source.name for source in SOURCES]),
            ("territory", self.rich_territory, [territory for territory, _ in TERRITORIES]),
            ("team", self.stretched_team, TEAMS),
        ):
            if name not in known:
                raise unknown(kind, name, known, "in the sample company")
        if not 0 < self.selling_share < 1:
            raise ParameterError(f"selling_share is a share between 0 and 1, got {self.selling_share}.")

    @property
    def break_day(self) -> date:
        """The Monday on which the break begins."""
        return Period.parse(self.break_since).start


@dataclass(frozen=True)
class Segment:
    """Customers of one size.

    Parameters
    ----------
    name : str
    share : float
        Share of the leads, opportunities and accounts.
    amount, spread : float
        Median amount, and the standard deviation of its logarithm.
    stage_days : tuple of float
        Median days in each open stage.
    win_log_odds : float
        Log odds of winning, before source and rep.
    potential : float
        Median yearly potential of an account.
    in_person : float
        How often reps meet such customers in person, 1 is usual.
    """

    name: str
    share: float
    amount: float
    spread: float
    stage_days: tuple[float, ...]
    win_log_odds: float
    potential: float
    in_person: float


@dataclass(frozen=True)
class Source:
    """Where leads and opportunities come from.

    Parameters
    ----------
    name : str
    lead_share, own_share : float
        Share of the leads, and of the opportunities that reps find themselves.
    marketing_qualified, sales_qualified : float
        Share of leads that become MQL, and of these SQL.
    win_log_odds : float
        What it adds to the log odds of winning.
    """

    name: str
    lead_share: float
    own_share: float
    marketing_qualified: float
    sales_qualified: float
    win_log_odds: float


@dataclass(frozen=True)
class Stage:
    """An open stage: its stated win probability, and the share of the lost opportunities that is lost in it."""

    name: str
    probability: float
    lost_share: float


SEGMENTS = (
    Segment("SMB", 0.45, 14_000, 0.50, (6, 7, 8, 10, 8), -0.70, 45_000, 0.6),
    Segment("Mid-Market", 0.37, 36_000, 0.50, (10, 12, 14, 17, 14), -0.90, 120_000, 1.0),
    Segment("Enterprise", 0.18, 118_000, 0.45, (15, 19, 23, 30, 24), -1.10, 420_000, 1.6),
)
SOURCES = (
    Source("Website", 0.30, 0.00, 0.50, 0.50, 0.0),
    Source("Paid search", 0.20, 0.00, 0.52, 0.48, -0.25),
    Source("Event", 0.15, 0.00, 0.58, 0.50, 0.0),
    Source("Referral", 0.12, 0.25, 0.74, 0.64, 0.35),
    Source("Partner", 0.13, 0.20, 0.68, 0.58, 0.20),
    Source("Outbound", 0.10, 0.55, 0.52, 0.45, -0.20),
)
STAGES = (
    Stage("Discovery", 0.10, 0.20),
    Stage("Qualification", 0.20, 0.26),
    Stage("Demo", 0.35, 0.20),
    Stage("Proposal", 0.50, 0.18),
    Stage("Negotiation", 0.70, 0.16),
)
WON, LOST = len(STAGES), len(STAGES) + 1
STAGE_NAMES = (*(stage.name for stage in STAGES), "Won", "Lost")
TEAMS = ("Central", "North", "West", "South & East")
# Territories in the order of their teams; the second part says which team works it.
TERRITORIES = (
    ("DACH North", 0),
    ("DACH South", 0),
    ("Nordics", 1),
    ("Benelux", 1),
    ("UK & Ireland", 2),
    ("France", 2),
    ("Southern Europe", 3),
    ("Korea & Japan", 3),
)
STANDARD = Company()
PLANTED = Facts()
# A company in which there is nothing to find, for counting false alarms.
NOTHING = Facts(
    in_person_log_odds=0.0,
    jam_factor=1.0,
    break_factor=1.0,
    growth_per_quarter=0.0,
    potential_ratio=1.0,
    quota_excess=0.0,
    undefeated_deals=0,
    windfall_ratio=0.0,
    dirty_rows=False,
)
# The same, and no rep differs from another, for counting how often somebody is named who is like all others.
ALIKE = replace(NOTHING, rep_differences=0.0)
# What is easily taken for an effect: meetings that make wins come sooner, and one strong rep who calls a lot.
SPEED = replace(NOTHING, in_person_speed=0.4)
STAR = replace(NOTHING, star_log_odds=1.5, star_work=4.0, star_calls=3.0)
