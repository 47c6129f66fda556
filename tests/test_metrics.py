"""One contract over every metric of the kit, on every engine: the figures that a person adds up from the small book.

A metric without an expectation fails here; whoever adds one adds up its figure by hand, with the rows that count beside it.
"""

import re

import ibis
import pandas as pd
import pytest

import salestrack as st
from salestrack.definition import METRICS, table_columns
from salestrack.errors import DefinitionError
from salestrack.formula import Duration, MeanOfRatios, Quantile, Reaching, Total
from salestrack.measure import measure
from salestrack.metrics import __all__ as figures
from salestrack.wording import catalogue, label_of
from tests.kit import BY_TERRITORY, KIT, Q2, every_metric
from tests.small_book import NASTY, book_of, frames, typed

# Name: (value, n) in 2026-Q2, read on its last day. Won then: O1 1000, O2 3000, O4 500, O5 (no amount), O8 1200; lost: O3 2000,
# O10 (no amount). O7 was lost the day before; O12 is won five days after the day of the book and is open on it.
EXPECTED: dict[str, tuple[float | None, int]] = {
    "win_rate": (5 / 7, 7),  # O1 O2 O4 O5 O8 won; O3 O10 lost
    "win_rate_by_amount": ((1000 + 3000 + 500 + 1200) / (1000 + 3000 + 500 + 1200 + 2000), 5),  # O5 and O10 have no amount
    # Created in Q2: O4 won on day 0; O10 lost on day 21; O6 and O12 open after 60. On day 0 one of four is won, then none.
    "close_rate": (1 / 4, 4),
    "won_share_of_all": (1 / 4, 4),  # the same four: O4 won; O6 O10 O12 not
    "average_deal_size": ((1000 + 3000 + 500 + 1200) / 4, 4),
    "median_deal_size": ((1000 + 1200) / 2, 4),  # 500 1000 1200 3000
    "average_closed_amount": ((1000 + 3000 + 500 + 1200 + 2000) / 5, 5),
    "bookings": (1000 + 3000 + 500 + 1200, 4),
    "won_opportunities": (5, 5),
    "closed_opportunities": (7, 7),
    "created_opportunities": (4, 4),  # O4 O6 O10 O12; O13 after the day of the book, O11 nobody knows when
    # Days created to won: O1 21 + 28 + 31 + 1 = 81, O2 28 + 31 + 30 + 31 + 29 = 149, O4 0, O5 16 + 30 + 20 = 66,
    # O8 18 + 31 + 30 + 5 = 84.
    "sales_cycle": (81, 5),  # 0 66 81 84 149
    "mean_sales_cycle": ((81 + 149 + 0 + 66 + 84) / 5, 5),
    # Steps come to in Q2, with the days until the end of the passage:
    # went on: O1 Negotiation 0 (implied by the win), O2 Negotiation 60, O4 all three 0, O6 Discovery 31;
    # left: O3 Proposal 30, O10 Discovery 21; open: O6 Proposal 29, O12 Discovery 60.
    # Day 0: 4 of 10 go on, 0.6 remain. Day 21: 1 of 6 leaves. Day 29: one is last seen. Day 30: 1 of 4 leaves of 0.5.
    "leakage": (0.6 * 1 / 6 + 0.5 * 1 / 4, 10),
    # Day 31: 1 of the 3 still watched goes on, of 0.375; day 60: 1 of 2, of 0.25.
    "stage_conversion": (4 / 10 + 0.375 * 1 / 3 + 0.25 * 1 / 2, 10),
    "created_leads": (4, 4),
    "marketing_qualification_rate": (3 / 4, 4),  # L1 L2 L4; L3 is not
    "sales_qualification_rate": (1 / 3, 3),  # L1; L2 is not, L4 is two days after the day of the book
    "opportunity_rate": (1 / 1, 1),  # L1
    "open_opportunities": (4, 4),  # O6 O9 (reopened) O11 O12
    "pipeline": (4000 + 700 + 2000, 3),  # O6 O9 O12, this one before its amount rose to 2500; O11 has none
    "weighted_pipeline": (4000 * 0.4 + 700 * 0.1 + 2000 * 0.1, 3),  # Proposal, Discovery, Discovery; O11 has no amount
    "pipeline_created": (500 + 4000 + 2000, 3),  # O4, O6, O12 (before it rose); O10 has no amount
    "share_of_reps_at_quota": (1 / 3, 3),  # R1 4000 of 4000, R2 500 of 1000, R4 0 of 910; R3 has no quota
    # R4 was hired on 16 May: 46 of 91 days, 460 of 910. Nothing of it is booked either way.
    "prorated_share_of_reps_at_quota": (1 / 3, 3),
    "quota_attainment": (4500 / (4000 + 1000 + 910), 3),  # without the 1,200 of R3
    "prorated_quota_attainment": (4500 / (4000 + 1000 + 460), 3),
    "mean_quota_attainment": ((4000 / 4000 + 500 / 1000 + 0 / 910) / 3, 3),
    "quota": (4000 + 1000 + 910, 3 * 91),  # one row for each quota and day
    "activity_count": (6, 6),  # C1 to C6; C7 is of the day after
    "activity_hours": ((60 + 30 + 90 + 120 + 60) / 60, 5),  # C5 has no minutes
    # Activities reach from Thursday 2 April to Monday 1 June: 21 + 21 + 1 working days of 8 hours. R1 43 days less half a day
    # off, R2 43 less 5, R3 43; R4 never logged anything.
    "working_hours": (43 * 8 - 4 + 38 * 8 + 43 * 8, 43 + 38 + 43),
    "logged_time_share": (6 / (340 + 304 + 344), 5),
    "selling_share_of_working_time": (1.5 / (340 + 304 + 344), 5),
    # L2 after 3 minutes, L1 after 2 hours; L3 and L4 still wait.
    "speed_to_lead": (2, 4),
    "idle_share": (3 / 3, 3),  # O6 last touched on 5 May; O9 and O12 never; O11 nobody knows when it began
    "idle_share_by_amount": ((4000 + 700 + 2000) / (4000 + 700 + 2000), 3),
    "selling_time_share": ((60 + 30) / (60 + 30 + 90 + 120 + 60), 5),  # C1 and C2 are with clients
}


def figure(measured, metric):
    """The one row of a metric that is not broken down."""
    frame = measured[metric].frame
    assert len(frame) == 1
    return frame.iloc[0]


@pytest.fixture(scope="session")
def all_of_q2(small_book):
    return measure(small_book, KIT, during=Q2)


@every_metric
def test_gives_what_a_person_adds_up(all_of_q2, metric):
    assert metric.name in EXPECTED, f"Add up {metric.name} on the small book for {Q2} and enter it in EXPECTED."
    value, n = EXPECTED[metric.name]
    row = figure(all_of_q2, metric)
    assert row["value"] == pytest.approx(value, rel=1e-12)
    assert row["n"] == n


def test_expects_no_metric_that_is_gone():
    assert set(EXPECTED) == {metric.name for metric in KIT}
    assert set(figures) == {*EXPECTED, "FIVE"}


@every_metric
def test_shares_are_shares_and_intervals_hold_the_value(all_of_q2, metric):
    row = figure(all_of_q2, metric)
    if metric.unit == st.SHARE:
        assert 0 <= row["value"] <= 1
        assert 0 <= row["low"] <= row["high"] <= 1
    if pd.notna(row["low"]):
        assert row["low"] <= row["value"] <= row["high"]


@every_metric
def test_says_when_there_are_too_few_to_judge(all_of_q2, metric):
    row = figure(all_of_q2, metric)
    total = isinstance(all_of_q2.parts[metric.name].formula, Total)
    assert row["note"] == ("" if total or row["n"] >= metric.min_n else "too_few")


DUE_WITHOUT_RESULT = {
    "share_of_reps_at_quota": 0,
    "quota_attainment": 0,
    "mean_quota_attainment": 0,
}


def test_a_stated_quota_is_due_whether_or_not_the_rep_was_there(small_book):
    """All that R4 ever had was lost: of the quota nothing is booked."""
    measured = measure(small_book, list(DUE_WITHOUT_RESULT), during="2026-Q2", where={"rep": NASTY})
    assert {name: measured.value(name) for name in DUE_WITHOUT_RESULT} == DUE_WITHOUT_RESULT


@pytest.fixture(scope="session")
def nothing_happened(small_book):
    # R4 was hired on 16 May; all that R4 ever had is O10, created on 20 May and lost on 10 June.
    return measure(small_book, KIT, during="2026-04-06/2026-04-30", where={"rep": NASTY})


@every_metric
def test_is_undefined_where_nothing_counts_and_only_a_total_is_zero(nothing_happened, metric):
    row = figure(nothing_happened, metric)
    if metric.name == "quota":
        assert row["value"] == pytest.approx(910 * 24 / 91)
        return
    assert row["n"] == 0
    if metric.name in nothing_happened.absent:  # 24 days are no period for which a quota is set
        assert metric.name in DUE_WITHOUT_RESULT or "prorated" in metric.name
        assert pd.isna(row["value"])
        assert "Ask for one of theirs: quota:2026-04-01" in nothing_happened.absent[metric.name]
        return
    if isinstance(nothing_happened.parts[metric.name].formula, Total):
        assert row["value"] == 0
        assert row["note"] == ""
    else:
        assert pd.isna(row["value"])
        assert row["note"] == "undefined"


# --- groups -------------------------------------------------------------------------------------------------------------------


def test_by_rep_as_a_person_adds_it_up(small_book):
    frame = measure(small_book, [st.win_rate, st.bookings], by="rep", during=Q2).frame.set_index(["rep", "metric"])
    assert frame["value"].to_dict() == {
        ("Ada", "win_rate"): 2 / 3,  # O1 O2 won, O3 lost
        ("Ada", "bookings"): 4000,
        ("Ben", "win_rate"): 1,  # O4 O5 won, nothing lost
        ("Ben", "bookings"): 500,
        ("Chen", "win_rate"): 1,  # O8 won; O7 was lost in the quarter before
        ("Chen", "bookings"): 1200,
        (NASTY, "win_rate"): 0,  # O10 lost
        (NASTY, "bookings"): 0,
    }
    assert frame["n"].xs("win_rate", level="metric").to_dict() == {"Ada": 3, "Ben": 2, "Chen": 1, NASTY: 1}


def test_by_month_as_a_person_adds_it_up(small_book):
    frame = measure(small_book, [st.win_rate, st.bookings], by="month", during=Q2).frame
    value = frame.set_index(["month", "metric"])["value"].to_dict()
    assert value == {
        ("2026-04", "win_rate"): 1,  # O1 O4
        ("2026-04", "bookings"): 1500,
        ("2026-05", "win_rate"): 2 / 3,  # O5 O8 won, O3 lost
        ("2026-05", "bookings"): 1200,
        ("2026-06", "win_rate"): 1 / 2,  # O2 won, O10 lost
        ("2026-06", "bookings"): 3000,
    }


def test_linked_columns_and_missing_links_are_groups(small_book):
    def bookings(by):
        frame = measure(small_book, st.bookings, by=by, during=Q2).frame
        return dict(zip(frame[by].astype(object).where(frame[by].notna(), None), frame["value"], strict=True))

    # East holds R1 and R2; R3 has no territory; West (R4) booked nothing but lost O10.
    assert bookings("territory") == {"East": 4500, "West": 0, None: 1200}
    # A1 (Retail): O1 1000, O4 500. A2 has no industry: O2 3000. O8 has no account: 1200.
    assert bookings("account.industry") == {"Retail": 1500, None: 4200}
    assert bookings("segment") == {"SMB": 1500, "Enterprise": 3000, None: 1200}


@pytest.fixture(scope="session")
def whole(book):
    return measure(book, KIT, during=Q2)


@pytest.fixture(scope="module", params=["rep", "territory-month"])
def groups(book, request):
    by = request.param.split("-")
    return measure(book, BY_TERRITORY if "month" in by else KIT, by=by, during=Q2)


@every_metric
def test_groups_add_up_to_the_whole(groups, whole, metric):
    if metric not in groups.metrics:
        assert metric not in BY_TERRITORY  # a state has no months, and working hours no territory
        return
    if metric.name in groups.absent:
        assert groups.absent[metric.name].startswith("No month holds a whole quota")
        return
    if isinstance(groups.parts[metric.name].formula, Quantile | Reaching | MeanOfRatios):
        with pytest.raises(DefinitionError, match=f"{metric.name} cannot be added up"):
            groups[metric].regroup()
        return
    columns = ["metric", "value", "low", "high", "n", "note"]
    pd.testing.assert_frame_equal(groups[metric].regroup().frame[columns], whole[metric].frame[columns], rtol=1e-12)


def test_regroup_needs_no_query_and_keeps_the_asked_order(book):
    measured = measure(book, [st.bookings, st.win_rate], by=["rep", "month"], during=Q2)
    again = measured.regroup("month")
    assert again.queries == measured.queries
    months = measure(book, [st.bookings, st.win_rate], by="month", during=Q2)
    pd.testing.assert_frame_equal(again.frame, months.frame, rtol=1e-12)
    pd.testing.assert_frame_equal(again.overall.frame, months.overall.frame)


@every_metric
def test_is_the_same_alone_and_in_company(book, whole, metric):
    pd.testing.assert_frame_equal(measure(book, metric, during=Q2).frame, whole[metric].frame, rtol=1e-12)


def test_the_rep_who_lost_nothing_has_all_and_too_few_to_judge(small_book):
    row = measure(small_book, st.win_rate, during=Q2, where={"rep": "Ben"}).frame.iloc[0]
    assert (row["value"], row["n"], row["note"]) == (1.0, 2, "too_few")
    assert row["low"] < 0.5  # two of two may be luck


# --- what a definition must say -------------------------------------------------------------------------------------------------


@every_metric
def test_docstring_is_a_complete_definition(book, metric):
    sections = metric.sections
    assert re.fullmatch(r"[A-Z][^\n]*\.", metric.function.__doc__.splitlines()[0]), "the first line is one sentence"
    formula = metric.function(*(book.table(table) for table in metric.tables))
    if not isinstance(formula, Total):
        assert "ndefined" in sections.get("Notes", ""), "Notes say when it is undefined"
    for line in sections.get("See Also", "").splitlines():
        name = line.partition(" : ")[0]
        assert name in METRICS, f"See Also names {name!r}, which is no metric"
        assert line.partition(" : ")[2].endswith("."), "each false friend is explained"
        assert name != metric.name
    if isinstance(formula, Duration):
        assert "Aalen" in sections["References"]


def test_labels_are_unique_and_in_the_catalogue():
    labels = {metric.name: label_of(metric.name, metric.label) for metric in KIT}
    twice = [name for name, label in labels.items() if list(labels.values()).count(label) > 1]
    assert twice == []
    missing = [name for name in labels if not catalogue().has_message(f"label-{name.replace('_', '-')}")]
    assert missing == []


@every_metric
def test_clock_is_a_date_of_its_table(book, metric):
    assert set(metric.clock) in (set(), set(metric.tables))
    for table, clock in metric.clock.items():
        assert clock in table_columns(table)
        assert book.table(table)[clock].type().is_temporal()


@every_metric
def test_definition_card_is_complete(all_of_q2, metric):
    (card,) = all_of_q2[metric].definitions.records()
    assert card["definition"].startswith(metric.definition.split(".")[0])
    assert card["unit"]
    assert card["clock"]
    assert "rows used, 0 refused" in card["source"]


def test_derived_columns_that_a_definition_may_use_are_there(book):
    for name, table in book.tables.items():
        assert set(table_columns(name)) == set(table.columns), name


# Which day of a row decides its period, as docs/metrics and the docstrings say it: one wrong word moves a figure by a quarter.
CLOCKS = {
    "close_date": (
        "win_rate", "win_rate_by_amount", "average_deal_size", "median_deal_size", "average_closed_amount", "bookings",
        "won_opportunities", "closed_opportunities", "sales_cycle", "mean_sales_cycle",
    ),
    "created_date": ("close_rate", "won_share_of_all", "created_opportunities", "pipeline_created"),
    "entered_date": ("leakage", "stage_conversion"),
    "created_at": ("created_leads", "marketing_qualification_rate", "speed_to_lead"),
    "marketing_qualified_at": ("sales_qualification_rate",),
    "sales_qualified_at": ("opportunity_rate",),
    "started_at": ("activity_count", "activity_hours", "selling_time_share"),
    "day": ("quota", "working_hours"),
}  # fmt: skip
# Over two tables: both have a clock.
CLOCKS_OF_TWO = {
    ("close_date", "day"): (
        "share_of_reps_at_quota", "prorated_share_of_reps_at_quota", "quota_attainment", "prorated_quota_attainment",
        "mean_quota_attainment",
    ),
    ("started_at", "day"): ("logged_time_share", "selling_share_of_working_time"),
}  # fmt: skip


@every_metric
def test_the_day_that_decides_the_period(metric, book):
    told = {name: (clock,) for clock, names in CLOCKS.items() for name in names}
    told |= {name: clocks for clocks, names in CLOCKS_OF_TWO.items() for name in names}
    assert tuple(metric.clock.values()) == told.get(metric.name, ()), "a state has no clock; everything else is listed above"
    if len(metric.clock) == 1:
        # Without any row of the period on that clock, nothing is left to measure; with one, something is.
        ((table, clock),) = metric.clock.items()
        days = book.fetch(book.table(table).select(day=book.table(table)[clock].cast("date")))["day"].dropna()
        months = {f"{day:%Y-%m}" for day in days if day <= book.as_of}
        for month in ("2026-03", "2026-04", "2026-05", "2026-06"):
            if month not in months and month >= min(months):
                assert measure(book, metric, during=month).frame["n"].tolist() == [0]


def test_each_event_of_a_lead_is_counted_in_its_own_month():
    """One lead, an event a month: each rate stands in the month of the event that it starts from, and nowhere else."""
    leads = {
        "lead_id": ["L1"], "created_at": ["2026-01-10"], "marketing_qualified_at": ["2026-02-10"],
        "sales_qualified_at": ["2026-03-10"], "converted_at": ["2026-04-10"],
    }  # fmt: skip
    tables = frames() | {"leads": typed("leads", pd.DataFrame(leads))}
    rates = {"marketing_qualification_rate": "2026-01", "sales_qualification_rate": "2026-02", "opportunity_rate": "2026-03"}
    found = measure(book_of(ibis.duckdb.connect(), tables), list(rates), by="month", during="2026-01-01/2026-07-01").frame
    told = found[found["n"] > 0].set_index("metric")
    assert told["month"].to_dict() == rates
    assert told["value"].tolist() == [1, 1, 1]
