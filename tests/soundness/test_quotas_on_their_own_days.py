"""A quota is measured on its own bookings: those of its holder, on its own days; levels are never added.

Every figure is worked out by hand.
"""

from datetime import date

import pandas as pd
import pytest

import salestrack as st
from salestrack.errors import PeriodError
from salestrack.quota_levels import odd, with_levels
from tests.soundness.rows import book_with

METRICS = ("share_of_reps_at_quota", "prorated_share_of_reps_at_quota", "quota_attainment", "prorated_quota_attainment",
           "mean_quota_attainment")  # fmt: skip


def quotas(*rows, **holders):
    """Return quotas written as (holder, first day, last day, amount); a holder is a rep unless `holders` says otherwise."""
    columns = {
        name: [row[0] if holders.get(row[0], "rep_id") == name else None for row in rows]
        for name in ("rep_id", "team", "territory_id")
    }
    return columns | {name: [row[i] for row in rows] for i, name in enumerate(("start_date", "end_date", "amount"), 1)}


def values(book, **asked):
    measured = st.measure(book, METRICS, **asked)
    return {name: measured.value(name) for name in METRICS}


# From February: 300, 500 and 100 are asked for, 240, 600 and 100 are won.
FISCAL = """
A R1 240 2025-02-01 2025-03-10 Won
B R1 600 2025-02-01 2025-06-10 Won
C R1 100 2025-02-01 2025-09-10 Won
"""
QUARTERS = quotas(
    ("R1", "2025-02-01", "2025-04-30", 300), ("R1", "2025-05-01", "2025-07-31", 500), ("R1", "2025-08-01", "2025-10-31", 100)
)


@pytest.fixture(scope="module")
def fiscal():
    return book_with(FISCAL, date(2025, 12, 31), quotas=QUARTERS)


@pytest.mark.parametrize("during", ["2025-Q2", "2025-05", "2025-06-01/2025-08-02", "2025-W24"])
def test_a_period_that_cuts_quotas_is_not_told_as_theirs(fiscal, during):
    measured = st.measure(fiscal, METRICS, during=during)
    assert measured.frame["value"].isna().all()
    assert all("cuts the periods for which quotas are set" in measured.absent[name] for name in METRICS)
    assert "quota:2025-05-01" in str(measured)
    (tile,) = st.headlines(fiscal, [st.quota_attainment], during=during)
    assert (tile.value_text, tile.delta_text) == ("–", "the period cuts those of the quotas")


def test_the_quotas_own_periods_can_be_asked(fiscal):
    assert values(fiscal, during="quota:2025-06-15")["quota_attainment"] == pytest.approx(600 / 500)
    here = fiscal.period("quota:2025-05-01")
    assert (here.start, here.end) == (date(2025, 5, 1), date(2025, 8, 1))
    assert (here.previous().name, here.next().name) == ("quota:2025-02-01", "quota:2025-08-01")
    by_period = st.measure(fiscal, st.quota_attainment, by=["rep", "quota_period"]).frame
    assert by_period["quota_period"].tolist() == ["quota:2025-02-01", "quota:2025-05-01", "quota:2025-08-01"]
    assert by_period["value"].tolist() == pytest.approx([0.8, 1.2, 1.0])
    assert st.compare(fiscal, [st.quota_attainment], during="quota:2025-05-01").against.name == "quota:2025-02-01"
    with pytest.raises(PeriodError, match="No quota of the book is for 2020-01-01"):
        fiscal.period("quota:2020-01-01")
    assert st.measure(fiscal, st.share_of_reps_at_quota, during="2025-02-01/2025-11-01").value() == 1  # 940 of 900


def test_whole_quotas_count_and_those_that_are_cut_are_said_to_be_left_out():
    """R1 has the three months of the quarter, R2 a year, of which 2026-Q2 is a part."""
    months = [("R1", f"2026-{month:02}-01", f"2026-{month:02}-{last}", 100) for month, last in ((4, 30), (5, 31), (6, 30))]
    rows = "A R1 270 2026-04-01 2026-05-01 Won\nB R2 900 2026-04-01 2026-05-01 Won"
    book = book_with(rows, quotas=quotas(*months, ("R2", "2026-01-01", "2026-12-31", 1000)))
    measured = st.measure(book, [st.quota_attainment, st.share_of_reps_at_quota], during="2026-Q2")
    assert measured.value("quota_attainment") == pytest.approx(270 / 300)
    assert measured["share_of_reps_at_quota"].frame["n"].tolist() == [1]
    assert "1 of 4 quotas is left out" in str(measured)
    assert "Of the €1,170 booked, €900 count for none of these quotas" in str(measured)


def test_bookings_of_people_without_a_quota_carry_no_attainment():
    rows = "A R1 50 2026-04-01 2026-05-01 Won\nB R2 900 2026-04-01 2026-05-01 Won\nC - 30 2026-04-01 2026-05-01 Won"
    book = book_with(rows, quotas=quotas(("R1", "2026-04-01", "2026-06-30", 100), ("R2", "2026-04-01", "2026-06-30", 0)))
    found = values(book, during="2026-Q2")
    assert [found[name] for name in METRICS] == pytest.approx([0, 0, 0.5, 0.5, 0.5])
    assert "Of the €980 booked, €930 count for none of these quotas" in str(st.measure(book, st.quota_attainment, during="2026-Q2"))


def test_a_gap_between_quotas_asks_for_nothing_and_counts_for_nothing():
    rows = "A R1 80 2026-04-01 2026-04-10 Won\nB R1 500 2026-04-01 2026-05-10 Won\nC R1 120 2026-04-01 2026-06-10 Won"
    book = book_with(rows, quotas=quotas(("R1", "2026-04-01", "2026-04-30", 100), ("R1", "2026-06-01", "2026-06-30", 100)))
    assert values(book, during="2026-Q2")["quota_attainment"] == pytest.approx(1.0)  # (80 + 120) / 200


SOLD = "A R1 100 2026-04-01 2026-05-01 Won\nB R2 300 2026-04-01 2026-05-01 Won"
PEOPLE = {"rep_id": ["R1", "R2", "M", "D"], "name": ["Ada", "Ben", "Mia", "Dan"], "team": ["North"] * 3 + [None],
          "manager_id": ["M", "M", "D", None]}  # fmt: skip
Q2 = ("2026-04-01", "2026-06-30")


def test_managers_and_teams_are_measured_on_all_below_and_never_added():
    held = quotas(("R1", *Q2, 100), ("R2", *Q2, 200), ("M", *Q2, 320), ("D", *Q2, 400), ("North", *Q2, 500), North="team")
    book = book_with(SOLD, quotas=held, reps=PEOPLE)
    assert values(book, during="2026-Q2") == pytest.approx(dict(zip(METRICS, (1, 1, 4 / 3, 4 / 3, 1.25), strict=True)))
    rows = st.quota_results(book, during="2026-Q2").frame.set_index("holder")
    assert rows["level"].to_dict() == {"Ada": "rep", "Ben": "rep", "North": "team", "Mia": "manager", "Dan": "manager"}
    assert rows["attainment"].to_dict() == pytest.approx({"Ada": 1, "Ben": 1.5, "North": 0.8, "Mia": 400 / 320, "Dan": 1})


def test_the_own_quota_of_a_manager_who_sells_is_a_reps():
    rows = SOLD + "\nC M 90 2026-04-01 2026-05-01 Won"
    book = book_with(rows, quotas=quotas(("R1", *Q2, 100), ("R2", *Q2, 200), ("M", *Q2, 100)), reps=PEOPLE)
    assert values(book, during="2026-Q2")["share_of_reps_at_quota"] == pytest.approx(2 / 3)
    assert values(book, during="2026-Q2")["quota_attainment"] == pytest.approx(490 / 400)


def test_territories_roll_up_and_only_the_lowest_with_a_quota_count():
    """World over Europe over Spain and France; the rep of France has no quota of the territory, Europe and Spain have one."""
    places = {
        "territory_id": ["W", "E", "S", "F"],
        "name": ["World", "Europe", "Spain", "France"],
        "parent_id": [None, "W", "E", "E"],
    }
    people = {"rep_id": ["R1", "R2"], "name": ["Ada", "Ben"], "territory_id": ["S", "F"]}
    kinds = dict.fromkeys("WES", "territory_id")
    held = quotas(("W", *Q2, 1000), ("E", *Q2, 500), ("S", *Q2, 200), **kinds)
    book = book_with(SOLD, quotas=held, reps=people, territories=places)
    assert st.measure(book, st.quota_attainment, during="2026-Q2").value() == pytest.approx(0.5)  # Spain: 100 of 200
    rows = st.quota_results(book).frame.set_index("holder")
    assert rows["level"].to_dict() == {"Spain": "territory", "Europe": "parent_territory", "World": "parent_territory"}
    assert rows["bookings"].to_dict() == {"Spain": 100, "Europe": 400, "World": 400}
    # Where only Europe has one, what was sold in Spain and France counts for it.
    book = book_with(SOLD, quotas=quotas(("E", *Q2, 500), **kinds), reps=people, territories=places)
    by_territory = st.measure(book, st.quota_attainment, by="territory", during="2026-Q2").frame
    assert by_territory.set_index("territory")["value"].dropna().to_dict() == {"Europe": pytest.approx(0.8)}
    assert set(by_territory["territory"]) == {"Europe", "France", "Spain"}, "two have none of their own"


def test_a_year_is_not_added_to_its_quarters():
    quarters = [
        ("R1", f"2026-{a}", f"2026-{b}", 100)
        for a, b in (("01-01", "03-31"), ("04-01", "06-30"), ("07-01", "09-30"), ("10-01", "12-31"))
    ]
    book = book_with("A R1 80 2026-01-01 2026-02-01 Won", quotas=quotas(*quarters, ("R1", "2026-01-01", "2026-12-31", 400)))
    assert st.measure(book, st.quota, during="2026").value() == pytest.approx(400)


def levelled(*rows):
    frame = pd.DataFrame(rows, columns=["rep_id", "start_date", "end_date", "amount"]).assign(team=None, territory_id=None)
    days = {name: [date.fromisoformat(day) for day in frame[name]] for name in ("start_date", "end_date")}
    return with_levels(frame.assign(**days), {}, {})


@pytest.mark.parametrize(("amounts", "found"), [
    ((100, 1000, 100), [1]), ((100, 10, 100), [1]), ((100, 100, 1000), [2]), ((90, 110, 120), []),
    ((10, 60, 300), []), ((100, 100, 400), []), ((5000, 1, 5000), [1]),
])  # fmt: skip
def test_a_quota_many_times_its_neighbours_is_pointed_out(amounts, found):
    spans = (("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-06-30"), ("2026-07-01", "2026-09-30"))
    times = odd(levelled(*(("R1", *span, amount) for span, amount in zip(spans, amounts, strict=True))))
    assert times.index[times.notna()].tolist() == found


def test_check_tells_slips_overlaps_and_quotas_of_nobody(tmp_path):
    (tmp_path / "book.yaml").write_text(
        "name: Told\ncurrency: EUR\nconnection: .\nstages:\n  - {name: Won, outcome: won}\n  - {name: Lost, outcome: lost}\n"
        "tables:\n  opportunities: {file: sold.csv}\n  quotas: {file: quotas.csv}\n  reps: {file: reps.csv}\n"
    )
    (tmp_path / "sold.csv").write_text(
        "opportunity_id,rep_id,stage,amount,created_date,close_date\na,R1,Won,5,2026-01-01,2026-02-01\nb,R2,Won,5,2026-01-01,2026-02-01\n"
    )
    (tmp_path / "reps.csv").write_text("rep_id,name,left_date\nR1,Ada,2026-03-01\nR2,Ben,\n")
    (tmp_path / "quotas.csv").write_text(
        "rep_id,start_date,end_date,amount\nR1,2026-01-01,2026-03-31,100\nR1,2026-03-15,2026-06-30,110\nNo,2026-01-01,2026-03-31,1\n"
    )
    told = "\n".join(fault.problem for fault in st.open_book(tmp_path / "book.yaml", as_of="2026-06-30").faults)
    for words in (
        "look like a slip",
        "of one holder that overlap",
        "quotas of nobody",
        "left before they began",
        "never had a quota",
    ):
        assert words in told
