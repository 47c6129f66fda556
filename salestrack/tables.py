"""The contracts of the canonical tables: grain, key, columns, types, allowed nulls and links.

A book holds these tables and no others. `opportunities` is required; each further table switches on more of the kit.
To add a column, add it here: mapping, validation, documentation and the empty table of the tests follow.
"""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["key", "text", "date", "timestamp", "number", "share"]
STATUSES = ("open", "won", "lost")
CATEGORIES = (
    "digital_client",
    "in_person_client",
    "internal_meeting",
    "admin",
    "travel",
    "training",
    "preparation",
    "unclassified",
)
CLIENT_CATEGORIES = ("digital_client", "in_person_client")
SELLING_CATEGORIES = CLIENT_CATEGORIES


@dataclass(frozen=True)
class Column:
    """One column of a canonical table.

    Parameters
    ----------
    name : str
        Canonical name.
    kind : {'key', 'text', 'date', 'timestamp', 'number', 'share'}
        Keys are text. Dates are calendar days, timestamps are in the book's time zone without offset, shares are 0 to 1.
    required : bool
        Whether a row without it is refused; of any other column a value that cannot be used is taken for missing.
    links_to : str, optional
        Table whose key this column holds; many rows to one.
    minimum : float, optional
        Values below it cannot be used.
    about : str
        What it means, and what null means.
    """

    name: str
    kind: Kind
    about: str
    required: bool = False
    links_to: str | None = None
    minimum: float | None = None


@dataclass(frozen=True)
class Contract:
    """What a canonical table holds.

    Parameters
    ----------
    name : str
        Name of the table.
    grain : str
        What one row is.
    key : tuple of str
        Columns that together are unique; a later row with the same key is refused.
    columns : tuple of Column
        All columns, key first.
    order : tuple of (str, str)
        Pairs (earlier, later): a row whose later date comes before the earlier one is refused.
    switches_on : str
        What a book with this table can answer.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    order: tuple[tuple[str, str], ...] = ()
    switches_on: str = ""
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(column.name for column in self.columns))

    def column(self, name: str) -> Column:
        """Return a column by its name (KeyError when there is none)."""
        return {column.name: column for column in self.columns}[name]

    @property
    def links(self) -> dict[str, str]:
        """Columns that hold the key of another table, with that table's name."""
        return {column.name: column.links_to for column in self.columns if column.links_to}


def _key(name: str, about: str, links_to: str | None = None) -> Column:
    return Column(name, "key", about, required=True, links_to=links_to)


def _link(name: str, links_to: str, about: str) -> Column:
    return Column(name, "key", about, links_to=links_to)


OPPORTUNITIES = Contract(
    "opportunities",
    "one possible sale",
    ("opportunity_id",),
    (
        _key("opportunity_id", "The opportunity's key."),
        Column("name", "text", "What people call it."),
        _link("account_id", "accounts", "The customer; null: not recorded."),
        _link("rep_id", "reps", "The rep who owns it; null: nobody."),
        _link("lead_id", "leads", "The lead it came from; null: not recorded."),
        _link("territory_id", "territories", "Its territory; where the column is not mapped, that of its rep."),
        Column("pipeline", "text", "The sales process it runs through, one of the book's pipelines; null: the only one."),
        Column("segment", "text", "Customer segment."),
        Column("source", "text", "Where it came from."),
        Column("product", "text", "What is sold."),
        Column("type", "text", "New or existing business."),
        Column("amount", "number", "Value in the book's currency; null: not recorded, never zero.", minimum=0),
        Column("currency", "text", "ISO code; null: the book's currency. Rows in another currency are refused."),
        Column("created_date", "date", "Day on which it was created; null: not recorded."),
        Column("close_date", "date", "Expected day while open, actual day once closed; required once closed."),
        Column("stage", "text", "Current stage, one of the book's stages.", required=True),
        Column("lost_reason", "text", "Why it was lost."),
        Column("probability", "share", "Stated win probability, 0 to 1."),
        Column("next_step", "text", "What the rep plans next; null: nothing planned."),
    ),
    (("created_date", "close_date"),),
    "win rate, deal size, bookings, pipeline, forecast",
)

STAGE_HISTORY = Contract(
    "stage_history",
    "one stay in a stage",
    ("opportunity_id", "stage", "entered_at"),
    (
        _key("opportunity_id", "The opportunity.", "opportunities"),
        Column("stage", "text", "The stage that was entered.", required=True),
        Column("entered_at", "timestamp", "When it was entered.", required=True),
        Column("amount", "number", "Amount from then on; null: not recorded.", minimum=0),
        Column("close_date", "date", "Expected close date from then on; null: not recorded."),
    ),
    switches_on="leakage, stage conversion, time in stage, waterfall, slips, reading the book as of an earlier day",
)

LEADS = Contract(
    "leads",
    "one lead",
    ("lead_id",),
    (
        _key("lead_id", "The lead's key."),
        Column("source", "text", "Where it came from."),
        Column("segment", "text", "Customer segment."),
        _link("rep_id", "reps", "The rep it was given to; null: nobody."),
        _link("territory_id", "territories", "Its territory."),
        Column("created_at", "timestamp", "When it came in.", required=True),
        Column("marketing_qualified_at", "timestamp", "When it became an MQL; null: it has not."),
        Column("sales_qualified_at", "timestamp", "When it became an SQL; null: it has not."),
        Column("first_response_at", "timestamp", "First outbound touch; null: never touched."),
        Column("converted_at", "timestamp", "When it became an opportunity; null: it has not."),
        _link("opportunity_id", "opportunities", "The opportunity it became; null: none."),
        Column("disqualified_at", "timestamp", "When it was given up; null: it has not been."),
        Column("reason", "text", "Why it was given up."),
    ),
    (
        ("created_at", "marketing_qualified_at"),
        ("created_at", "sales_qualified_at"),
        ("created_at", "converted_at"),
        ("created_at", "disqualified_at"),
    ),
    "leads needed, MQL to SQL, speed to lead",
)

ACTIVITIES = Contract(
    "activities",
    "one activity",
    ("activity_id",),
    (
        _key("activity_id", "The activity's key."),
        _link("rep_id", "reps", "The rep who did it; null: nobody is named."),
        Column("category", "text", "One of the activity categories; what no rule places is 'unclassified'.", required=True),
        Column("type", "text", "What the source calls it: call, email, demo, ..."),
        Column("started_at", "timestamp", "When it began.", required=True),
        Column("minutes", "number", "How long it took; null: not recorded.", minimum=0),
        _link("opportunity_id", "opportunities", "The opportunity it served; null: none."),
        _link("lead_id", "leads", "The lead it served; null: none."),
        _link("account_id", "accounts", "The account it served; null: none."),
        Column("outcome", "text", "How it ended: completed, no show, ..."),
    ),
    switches_on="activity counts and hours, selling time, what goes with winning, lead-up, time sinks",
)

REPS = Contract(
    "reps",
    "one rep",
    ("rep_id",),
    (
        _key("rep_id", "The rep's key."),
        Column("name", "text", "Name to show.", required=True),
        Column("team", "text", "Team."),
        _link("manager_id", "reps", "The manager, also a rep; a manager who is not in the table is named only."),
        _link("territory_id", "territories", "Territory."),
        Column("role", "text", "Role."),
        Column("hired_date", "date", "First day; null: before the data begins."),
        Column("left_date", "date", "First day no longer with the company; null: still there."),
    ),
    (("hired_date", "left_date"),),
    "names, teams, territories of reps, ramp",
)

ACCOUNTS = Contract(
    "accounts",
    "one account",
    ("account_id",),
    (
        _key("account_id", "The account's key."),
        Column("name", "text", "Name to show.", required=True),
        Column("segment", "text", "Customer segment."),
        Column("industry", "text", "Industry."),
        _link("territory_id", "territories", "Territory."),
        _link("rep_id", "reps", "The rep who owns it."),
        Column("potential", "number", "Yearly potential in the book's currency.", minimum=0),
    ),
    switches_on="industries, potential, territory balance",
)

QUOTAS = Contract(
    "quotas",
    "one target for a rep, a team or a territory over some days",
    ("rep_id", "team", "territory_id", "start_date", "end_date"),
    (
        Column("rep_id", "key", "The rep; null where the quota is for a team or a territory.", links_to="reps"),
        Column("team", "text", "The team; null where the quota is for a rep or a territory."),
        Column("territory_id", "key", "The territory; null where it is for a rep or a team.", links_to="territories"),
        Column("start_date", "date", "First day.", required=True),
        Column("end_date", "date", "Last day, included.", required=True),
        Column("amount", "number", "Bookings to reach, in the book's currency.", required=True, minimum=0),
    ),
    (("start_date", "end_date"),),
    "quota attainment, share of reps at quota",
)

TERRITORIES = Contract(
    "territories",
    "one territory",
    ("territory_id",),
    (
        _key("territory_id", "The territory's key."),
        Column("name", "text", "Name to show.", required=True),
        _link("parent_id", "territories", "The territory it belongs to."),
        Column("capacity", "number", "Working hours a year that can be given to it.", minimum=0),
    ),
    switches_on="territory names and hierarchy",
)

TIME_OFF = Contract(
    "time_off",
    "one absence of a rep",
    ("rep_id", "start_date", "end_date"),
    (
        _key("rep_id", "The rep who was away.", "reps"),
        Column("start_date", "date", "First day away.", required=True),
        Column("end_date", "date", "Last day away, included.", required=True),
        Column("hours", "number", "Hours away on each of its working days; null: the whole day.", minimum=0),
    ),
    (("start_date", "end_date"),),
    "vacation and illness in the working hours of reps",
)

CONTRACTS: dict[str, Contract] = {
    contract.name: contract
    for contract in (OPPORTUNITIES, STAGE_HISTORY, LEADS, ACTIVITIES, REPS, ACCOUNTS, QUOTAS, TERRITORIES, TIME_OFF)
}
# What a link is called when it stands in `by` or in a column path: rep -> reps, ...
LINK_NAMES = {"rep": "reps", "account": "accounts", "territory": "territories", "lead": "leads", "opportunity": "opportunities"}

# The days that rows of a table cover, from the first of one column to the last of another.
DAYS_COVERED: dict[str, tuple[str, str]] = {
    "opportunities": ("created_date", "close_date"),
    "stage_history": ("entered_at", "entered_at"),
    "leads": ("created_at", "created_at"),
    "activities": ("started_at", "started_at"),
    "quotas": ("start_date", "end_date"),
    "time_off": ("start_date", "end_date"),
}
