"""Reading a book as of a day: only what was known then, and what is not known is null."""

from datetime import date, timedelta

import ibis
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import salestrack
from salestrack.as_of import opportunities_on
from salestrack.measure import measure
from tests.generated import EACH_A_BOOK, LAST, book_on, lives, opportunities, people
from tests.small_book import AS_OF, book_of, frames, typed

# What an export knows of today only, and no history records.
ONLY_NOW = ["lost_reason", "probability", "next_step"]


def rows_of(book, table, key):
    return book.connection.to_pyarrow(book.table(table)).to_pandas().sort_values(key).set_index(key)


@pytest.fixture(scope="session")
def read(book):
    return rows_of(book, "opportunities", "opportunity_id")


def test_what_came_later_is_not_there(small_book):
    read = rows_of(small_book, "opportunities", "opportunity_id")
    assert "O13" not in read.index  # created on 2 July
    assert "C7" not in rows_of(small_book, "activities", "activity_id").index  # of 1 July
    assert {name: each.later for name, each in small_book.intake.items() if each.later} == {
        "opportunities": 1,
        "stage_history": 2,  # O12 came to Proposal and Won in July
        "activities": 1,
        "time_off": 1,  # R3 is away from 20 July
    }
    assert all(each.rows == each.used + each.refused + each.later for each in small_book.intake.values())


def test_what_closed_later_is_open(small_book):
    read = rows_of(small_book, "opportunities", "opportunity_id")
    assert read.loc["O12", ["status", "stage", "amount"]].tolist() == ["open", "Discovery", 2000]  # 2500 and Won since July
    assert pd.isna(read.loc["O12", "close_date"])  # the history does not say what was expected
    assert read.loc["O2", ["status", "stage"]].tolist() == ["won", "Won"]  # on the day itself


def test_an_open_opportunity_is_as_the_history_has_it_and_unknown_without_one(read):
    # Something of July is in the tables, so they were exported later and their open rows are not to be trusted.
    assert read.loc["O6", ["status", "stage", "amount"]].tolist() == ["open", "Proposal", 4000]
    assert read.loc["O11", "status"] == "open"
    assert pd.isna(read.loc["O11", ["stage", "amount", "close_date"]]).all()


def test_an_export_made_on_the_day_is_taken_as_it_is():
    tables = {name: frame for name, frame in frames().items() if name in ("opportunities", "accounts")}
    tables["opportunities"] = tables["opportunities"].query("opportunity_id in ('O6', 'O9', 'O1')")
    read = rows_of(book_on(tables, AS_OF), "opportunities", "opportunity_id")
    assert read.loc["O6", ["stage", "amount"]].tolist() == ["Proposal", 4000]
    assert read.loc["O6", "close_date"] == date(2026, 7, 31)


def test_a_reopened_opportunity_was_lost_while_it_was_lost():
    # O9: lost on 20 April, back in Discovery on 1 May.
    tables = {name: frame for name, frame in frames().items() if name in ("opportunities", "stage_history")}
    between = rows_of(book_on(tables, date(2026, 4, 25)), "opportunities", "opportunity_id")
    assert between.loc["O9", ["status", "stage", "close_date"]].tolist() == ["lost", "Lost", date(2026, 4, 20)]
    assert between.loc["O9", ["closed", "cycle_days"]].tolist() == [True, 59]  # 20 February to 20 April
    before = rows_of(book_on(tables, date(2026, 4, 19)), "opportunities", "opportunity_id")
    assert before.loc["O9", ["status", "stage"]].tolist() == ["open", "Proposal"]
    after = rows_of(book_on(tables, date(2026, 5, 1)), "opportunities", "opportunity_id")
    assert after.loc["O9", ["status", "stage"]].tolist() == ["open", "Discovery"]


def test_one_marked_won_ahead_of_its_close_date_is_open_until_then():
    ahead = frames()["opportunities"].query("opportunity_id == 'O2'").assign(close_date=pd.Timestamp("2026-09-01"))
    tables = {"opportunities": ahead, "stage_history": frames()["stage_history"]}
    read = rows_of(book_on(tables, AS_OF), "opportunities", "opportunity_id")
    assert read.loc["O2", "status"] == "open"
    read = rows_of(book_on(tables, date(2026, 9, 1)), "opportunities", "opportunity_id")
    assert read.loc["O2", ["status", "close_date"]].tolist() == ["won", date(2026, 9, 1)]


def test_two_stages_entered_at_one_moment_go_in_the_order_of_the_process():
    history = pd.DataFrame(
        {
            "opportunity_id": ["O6"] * 3,
            "stage": ["Proposal", "Negotiation", "Discovery"],
            "entered_at": ["2026-06-01"] * 3,
            "amount": [2.0, 3.0, 1.0],
        }
    )
    tables = frames() | {"stage_history": typed("stage_history", history)}
    read = rows_of(book_on(tables, AS_OF), "opportunities", "opportunity_id")
    assert read.loc["O6", ["stage", "amount"]].tolist() == ["Negotiation", 3]


def test_a_lead_is_as_it_stood(small_book):
    leads = rows_of(small_book, "leads", "lead_id")
    assert pd.isna(leads.loc["L4", "sales_qualified_at"])  # on 2 July
    assert leads.loc["L1", "opportunity_id"] == "O4"
    early = rows_of(book_of(ibis.duckdb.connect(), as_of=date(2026, 4, 4)), "leads", "lead_id")
    assert early.index.tolist() == ["L1", "L2"]
    assert pd.isna(early.loc["L1", ["converted_at", "opportunity_id"]]).all()  # converted on 5 April


def test_territory_segment_and_source_come_from_rep_account_and_lead(read):
    assert read["territory_id"].loc[["O1", "O4", "O8", "O10"]].fillna("-").tolist() == ["T1", "T1", "-", "T2"]
    assert read["segment"].loc[["O1", "O2", "O8"]].fillna("-").tolist() == ["SMB", "Enterprise", "-"]
    tables = frames()
    tables["opportunities"].loc[lambda f: f["opportunity_id"] == "O4", ["lead_id", "territory_id"]] = ["L1", "T2"]
    own = rows_of(book_on(tables, AS_OF), "opportunities", "opportunity_id").loc["O4"]
    assert (own["source"], own["territory_id"]) == ("Web", "T2")  # its own goes before its rep's


# --- steps --------------------------------------------------------------------------------------------------------------------

# By hand from the history: opportunity, step, first day in it, days, outcome, visited.
STEPS = """
O1  Discovery   2026-01-10 22  went_on True
O1  Proposal    2026-02-01 59  went_on True
O1  Negotiation 2026-04-01 0   went_on False
O2  Discovery   2026-02-01 28  went_on True
O2  Proposal    2026-03-01 61  went_on True
O2  Negotiation 2026-05-01 60  went_on True
O3  Discovery   2026-03-01 40  went_on True
O3  Proposal    2026-04-10 30  left    True
O4  Discovery   2026-04-05 0   went_on True
O4  Proposal    2026-04-05 0   went_on False
O4  Negotiation 2026-04-05 0   went_on False
O6  Discovery   2026-05-01 31  went_on True
O6  Proposal    2026-06-01 29  open    True
O7  Discovery   2026-01-05 85  left    True
O9  Discovery   2026-02-20 28  went_on True
O9  Proposal    2026-03-20 102 open    True
O10 Discovery   2026-05-20 21  left    True
O12 Discovery   2026-05-01 60  open    True
"""


def test_steps_are_those_that_a_person_reads_from_the_history(small_book):
    """O1 and O4 skip stages, which the win implies; O9 is reopened, which changes nothing; O5, O8 and O11 have no history."""
    found = small_book.connection.to_pyarrow(small_book.table("steps")).to_pylist()
    lines = {
        (r["opportunity_id"], r["stage"], str(r["entered_date"]), str(r["days"]), r["outcome"], str(r["visited"])) for r in found
    }
    assert lines == {tuple(line.split()) for line in STEPS.strip().splitlines()}
    assert {(r["stage"], r["stage_number"]) for r in found} == {("Discovery", 1), ("Proposal", 2), ("Negotiation", 3)}
    assert all(r["left"] == (r["outcome"] == "left") and r["went_on"] == (r["outcome"] == "went_on") for r in found)


# --- quotas -------------------------------------------------------------------------------------------------------------------


def quota_days(quotas, reps=None, as_of=AS_OF):
    tables = {"opportunities": frames()["opportunities"], "reps": frames()["reps"], "quotas": typed("quotas", pd.DataFrame(quotas))}
    if reps is not None:
        tables["reps"] = typed("reps", pd.DataFrame(reps))
    book = book_of(ibis.duckdb.connect(), tables, as_of)
    return book.connection.to_pyarrow(book.table("quota_days")).to_pandas()


QUARTER = {"start_date": ["2026-04-01"], "end_date": ["2026-06-30"]}


def test_a_quota_is_spread_over_its_days_and_adds_up_again():
    days = quota_days({"rep_id": ["R1"], "amount": [910.0], **QUARTER})
    assert len(days) == 91
    assert days["amount"].tolist() == pytest.approx([10.0] * 91)
    assert sorted(days["day"])[0] == date(2026, 4, 1)
    assert sorted(days["day"])[-1] == date(2026, 6, 30)


def test_a_prorated_quota_counts_days_gone_by_and_days_of_employment():
    reps = {"rep_id": ["R1", "R2"], "name": ["Ada", "Ben"], "hired_date": ["2026-04-11", None], "left_date": [None, "2026-04-21"]}
    quotas = {"rep_id": ["R1", "R2"], "amount": [910.0, 910.0], **{name: days * 2 for name, days in QUARTER.items()}}
    prorated = quota_days(quotas, reps, date(2026, 4, 30)).groupby("rep_id")["prorated_amount"].sum()
    assert prorated["R1"] == pytest.approx(200)  # 11 to 30 April
    assert prorated["R2"] == pytest.approx(200)  # 1 to 20 April
    before_the_hire = quota_days(quotas, reps, date(2026, 4, 10)).groupby("rep_id")["prorated_amount"].sum()
    assert before_the_hire["R1"] == 0
    stated = quota_days(quotas, reps, date(2026, 4, 10)).groupby("rep_id")["amount"].sum()
    assert stated["R1"] == pytest.approx(910)


@pytest.mark.parametrize(
    ("levels", "kept"),
    [
        ({"rep_id": ["R1", None, None], "team": [None, "North", None], "territory_id": [None, None, "T1"]}, 100),
        ({"team": ["North", None], "territory_id": [None, "T1"]}, 100),
        ({"territory_id": ["T1"]}, 100),
    ],
)
def test_quotas_of_the_finest_level_only(levels, kept):
    rows = len(next(iter(levels.values())))
    days = quota_days({**levels, "amount": [100.0, 500.0, 900.0][:rows], **{name: days * rows for name, days in QUARTER.items()}})
    assert days["amount"].sum() == pytest.approx(kept)


def test_a_quota_of_a_rep_is_that_of_the_reps_team_and_territory():
    days = quota_days({"rep_id": ["R1"], "amount": [910.0], **QUARTER})
    assert days[["team", "territory_id"]].drop_duplicates().to_numpy().tolist() == [["North", "T1"]]


# --- reading back = deleting what came later --------------------------------------------------------------------------------------

KINDS = (salestrack.win_rate, salestrack.bookings, salestrack.close_rate, salestrack.pipeline, salestrack.leakage)


@EACH_A_BOOK
@given(told=st.lists(lives(), min_size=1, max_size=12), back=st.integers(0, 200))
def test_reading_as_of_a_day_equals_deleting_everything_after_it(told, back):
    day = LAST - timedelta(days=back)
    assume(any(turn.at.date() <= day for life in told for turn in life.turns))
    end = LAST + timedelta(days=400)  # by then every life has been told
    read_back = book_on(opportunities(told, end) | people(), day)
    exported_then = book_on(opportunities(told, day) | people(), day)
    for table, key in (("opportunities", "opportunity_id"), ("steps", ["opportunity_id", "stage_number"])):
        one, other = (rows_of(each, table, key).drop(columns=ONLY_NOW, errors="ignore") for each in (read_back, exported_then))
        pd.testing.assert_frame_equal(one, other)
    one, other = (measure(each, KINDS).frame for each in (read_back, exported_then))
    pd.testing.assert_frame_equal(one, other)
    # What no history records is null, not that of a later day.
    rows = rows_of(read_back, "opportunities", "opportunity_id")
    made_later = any(turn.at.date() > day for life in told for turn in life.turns)
    assert rows.loc[rows["open"], "next_step"].isna().all() or not made_later


@EACH_A_BOOK
@given(told=st.lists(lives(), min_size=1, max_size=12), back=st.integers(0, 200), before=st.integers(0, 60))
def test_leaving_out_what_had_closed_leaves_all_that_was_open_or_closed_since(told, back, before):
    day = LAST - timedelta(days=back)
    start = day - timedelta(days=before)
    book = book_on(opportunities(told, LAST) | people(), LAST)
    whole, lean = (
        book.fetch(opportunities_on(book, day, closing_after=since)).sort_values("opportunity_id").set_index("opportunity_id")
        for since in (None, start)
    )
    pd.testing.assert_frame_equal(lean, whole.loc[lean.index], check_dtype=False)
    rest = whole.drop(lean.index)
    assert rest["closed"].all()
    assert (rest["close_date"] <= start).all()


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_spark_reads_the_book_as_duckdb_does(book, book_on_spark):
    for table, key in (("opportunities", "opportunity_id"), ("steps", ["opportunity_id", "stage_number"]), ("leads", "lead_id")):
        one, other = (rows_of(each, table, key) for each in (book, book_on_spark))
        pd.testing.assert_frame_equal(one, other, check_dtype=False)
