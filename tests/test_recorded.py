"""A metric is refused where what it rests on is not recorded, whoever wrote it: read off its formula, not off a list."""

import ibis
import pandas as pd
import pytest

import salestrack as st
from salestrack.definition import LOSSES
from salestrack.formula import Duration, Mean, Quantile, Ratio, Total
from salestrack.recorded import rests_on, rests_on_losses, told_of
from salestrack.rests import Column
from tests.kit import KIT
from tests.small_book import book_of, frames, typed


def sold(n=30, **columns):
    """So many opportunities, each won ten days after it was created, alike but for these columns."""
    made = {"opportunity_id": [f"O{i}" for i in range(n)], "stage": "Won", "created_date": "2026-05-01", "amount": 100.0}
    rows = pd.DataFrame(made | {"close_date": "2026-05-11", "rep_id": "R1"} | columns)
    return typed("opportunities", rows)


def company(n=30, history=True, **columns):
    """A book of such opportunities, with the other tables of the small book, or only those of quotas."""
    whole = frames()
    kept = ("leads", "activities", "quotas", "reps", "territories") if history else ("quotas", "reps", "territories")
    tables = {name: whole[name] for name in kept} | {"opportunities": sold(n, **columns)}
    stays = [{"opportunity_id": f"O{i}", "stage": "Discovery", "entered_at": "2026-05-01"} for i in range(n)]
    if history:
        tables["stage_history"] = typed("stage_history", pd.DataFrame(stays))
    return book_of(ibis.duckdb.connect(), tables)


@pytest.fixture(scope="module")
def won_only():
    return company(stage=["Won"] * 29 + ["Discovery"])


@pytest.fixture(scope="module")
def one_lost():
    return company(history=False, stage=["Won"] * 29 + ["Lost"])


@pytest.fixture
def own(registry):
    """Define a metric as a cell would."""

    def define(formula, clock="close_date", unit=st.SHARE, tables="opportunities", **options):
        names = tables.split()
        made = eval(f"lambda {', '.join(names)}: formula({', '.join(names)})", {"formula": formula})
        made.__name__, made.__module__, made.__doc__ = "my_own", __name__, "One's own."
        return st.metric(unit=unit, clock=clock, **options)(made)

    return define


OUTCOMES = {
    "won over closed": lambda o: Ratio(of=o.won, over=o.closed),
    "by status": lambda o: Ratio(of=o.status == "won", over=o.status.isin(["won", "lost"])),
    "by stage": lambda o: Ratio(of=o.stage == "Won", over=o.stage.isin(["Won", "Lost"])),
    "a mean of noughts and ones": lambda o: Mean(of=o.won.cast("float64"), where=o.closed),
    "by amount": lambda o: Ratio(of=o.won.ifelse(o.amount, 0.0), over=o.amount, where=o.closed),
    "of all": lambda o: Ratio(of=o.won, over=o.opportunity_id.notnull()),
    "lost over closed": lambda o: Ratio(of=o.lost, over=o.closed),
    "in time": lambda o: Duration(days=o.observed_days, outcome=o.status, event="won", censored="open"),
    "how many were lost": lambda o: Total(of=o.lost),
    "what was lost": lambda o: Total(of=o.amount, where=o.lost),
}
WITHOUT = {
    "what was won": lambda o: Total(of=o.amount, where=o.won),
    "how many were won": lambda o: Total(of=o.won),
    "how many were created": lambda o: Total(of=o.opportunity_id.notnull()),
    "deal size": lambda o: Mean(of=o.amount, where=o.won),
    "cycle": lambda o: Quantile(of=o.cycle_days, where=o.won),
    "large ones among the won": lambda o: Ratio(of=o.won & (o.amount > 50), over=o.won),
    "open ones with an amount": lambda o: Ratio(of=o.open & o.amount.notnull(), over=o.open),
}


@pytest.mark.parametrize("name", OUTCOMES)
def test_ones_own_rate_is_refused_where_no_loss_is_recorded(name, own, won_only):
    found = st.measure(won_only, own(OUTCOMES[name]), during="2026-Q2")
    assert found.value() is None
    assert found.absent["my_own"] == st.measure(won_only, st.win_rate).absent["win_rate"]


@pytest.mark.parametrize("name", OUTCOMES)
def test_it_is_measured_where_one_is(name, own, one_lost):
    assert not st.measure(one_lost, own(OUTCOMES[name]), during="2026-Q2").absent


@pytest.mark.parametrize("name", WITHOUT)
def test_what_does_not_speak_of_losses_is_measured_without(name, own, won_only):
    assert not st.measure(won_only, own(WITHOUT[name]), during="2026-Q2").absent


@pytest.mark.parametrize("name", ["open ones with an amount", "how many were won"])
def test_what_is_open_is_not_told_from_a_list_of_wins(name, own):
    found = st.measure(company(), own(WITHOUT[name]), during="2026-Q2")
    assert ("what is open cannot be told" in found.absent.get("my_own", "")) is (name == "open ones with an amount")
    told = st.measure(company(), [st.pipeline, st.open_opportunities, st.weighted_pipeline])
    assert {*told.absent} == {"pipeline", "open_opportunities", "weighted_pipeline"}
    # Nineteen wins may be all there were.
    assert st.measure(company(19), st.open_opportunities).value() == 0


def test_of_how_many_counts_both_sides_of_a_ratio_by_value():
    """Three of twenty won and two of ten lost lack an amount: 25 of 30 carry one."""
    amounts = [None if i in (0, 1, 2, 20, 21) else 100.0 for i in range(30)]
    book = company(stage=["Won"] * 20 + ["Lost"] * 10, amount=amounts)
    row = st.measure(book, st.win_rate_by_amount, during="2026-Q2").frame.iloc[0]
    assert row[["rows", "recorded", "n"]].tolist() == [30, 25, 25]
    assert row["value"] == pytest.approx(17 / 25)


def test_a_need_may_be_said(own, won_only):
    metric = own(WITHOUT["what was won"], unit=st.MONEY, needs="losses")
    assert st.measure(won_only, metric, during="2026-Q2").value() is None
    metric = own(WITHOUT["what was won"], unit=st.MONEY, needs=["product"])
    assert "product" in st.measure(won_only, metric, during="2026-Q2").absent["my_own"]


def test_the_kit_says_of_which_metrics_it_needs_losses_and_finds_out_the_same(won_only):
    """`average_closed_amount` says so itself: a loss of the same amount does not change a mean."""
    said = {metric.name for metric in KIT if LOSSES in metric.needs}
    found = {metric.name for metric in KIT if rests_on_losses(won_only, _silent(metric))}
    assert found == said - {"average_closed_amount"}
    assert {"win_rate", "win_rate_by_amount", "close_rate", "won_share_of_all", "leakage", "stage_conversion"} == found


def _silent(metric):
    return type(metric)(metric.name, metric.function, metric.unit, metric.better, metric.clock)


RESTING = {
    "amount": (st.bookings, st.pipeline, st.pipeline_created, st.average_deal_size, st.median_deal_size, st.average_closed_amount,
               st.weighted_pipeline, st.win_rate_by_amount, st.idle_share_by_amount, st.quota_attainment, st.mean_quota_attainment,
               st.share_of_reps_at_quota, st.prorated_quota_attainment, st.prorated_share_of_reps_at_quota),
    "created_date": (st.close_rate, st.sales_cycle, st.mean_sales_cycle, st.created_opportunities, st.pipeline_created,
                     st.won_share_of_all),
    "minutes": (st.activity_hours, st.selling_time_share, st.logged_time_share, st.selling_share_of_working_time),
    "marketing_qualified_at": (st.marketing_qualification_rate, st.sales_qualification_rate),
    "sales_qualified_at": (st.sales_qualification_rate, st.opportunity_rate),
    "converted_at": (st.opportunity_rate,),
    "rep_id": (st.share_of_reps_at_quota, st.prorated_share_of_reps_at_quota, st.mean_quota_attainment),
}  # fmt: skip


def test_what_the_metrics_of_the_kit_rest_on(won_only):
    """Added up by hand from the definitions."""
    found = {
        name: {metric.name for metric in KIT if any(each.name == name for each in rests_on(won_only, metric))} for name in RESTING
    }
    assert found == {name: {metric.name for metric in metrics} for name, metrics in RESTING.items()}


def test_a_column_that_is_only_asked_for_being_there_is_no_need(own, won_only):
    there = own(lambda o: Ratio(of=o.amount.notnull() & o.won, over=o.won))
    assert rests_on(won_only, there) == ()
    day = own(lambda leads: Total(of=leads.disqualified_at.notnull()), clock="created_at", tables="leads")
    assert rests_on(won_only, day) == (Column("leads", "disqualified_at"),)


@pytest.mark.parametrize(("column", "values", "formula"), [
    ("segment", None, lambda o: Ratio(of=o.won & (o.segment == "Enterprise"), over=o.won)),
    ("amount", None, lambda o: Ratio(of=o.won & (o.amount > 50), over=o.won)),
    ("created_date", None, lambda o: Ratio(of=o.won & (o.cycle_days < 30), over=o.won)),
])  # fmt: skip
def test_ones_own_share_of_what_nobody_wrote_down_is_not_zero(own, column, values, formula):
    found = st.measure(company(history=False, **{column: values}), own(formula), during="2026-Q2")
    assert found.value() is None
    assert column in found.absent["my_own"] or "amount" in found.absent["my_own"]


def test_reps_reach_no_quota_where_nothing_sold_has_a_rep():
    found = st.measure(company(history=False, rep_id=None), st.share_of_reps_at_quota, during="2026-Q2")
    assert found.value() is None
    assert "rep_id" in found.absent["share_of_reps_at_quota"]


TWO_PERIODS = """
Won  R1 100 2026-02-01
Won  R2 300 2026-02-02
Won  R2 -   2026-05-01
Won  R2 -   2026-06-01
Won  R1 50  2026-06-02
Lost R1 0   2026-05-05
Lost R2 -   2026-05-06
"""


@pytest.fixture(scope="module")
def two_periods():
    cells = [[None if cell == "-" else cell for cell in line.split()] for line in TWO_PERIODS.split("\n") if line]
    rows = pd.DataFrame(cells, columns=["stage", "rep_id", "amount", "close_date"])
    rows = rows.assign(opportunity_id=[f"O{i}" for i in rows.index], created_date="2026-01-01")
    return book_of(ibis.duckdb.connect(), {"opportunities": typed("opportunities", rows), "reps": frames()["reps"]})


class TestOfTheRowsInQuestion:
    def test_a_sum_of_nothing_recorded_is_a_dash_with_the_reason(self, two_periods):
        may = st.measure(two_periods, st.bookings, during="2026-05")
        assert may.value() is None
        assert may.frame.loc[0, ["note", "rows", "recorded", "lacks"]].tolist() == ["unrecorded", 1, 0, "amount"]
        assert may.absent["bookings"] == "The one opportunity that counts here has no recorded amount."

    def test_a_sum_of_some_says_of_how_many(self, two_periods):
        june = st.measure(two_periods, st.bookings, during="2026-06")
        assert june.value() == 50
        assert june.frame.loc[0, ["note", "rows", "recorded", "lacks"]].tolist() == ["", 2, 1, "amount"]
        assert "1 of 2" in str(june)

    def test_nothing_won_is_still_nothing_booked(self, two_periods):
        april = st.measure(two_periods, [st.bookings, st.won_opportunities], during="2026-04")
        assert april.frame["value"].tolist() == [0, 0]
        assert not april.absent

    def test_it_holds_group_by_group(self, two_periods):
        frame = st.measure(two_periods, st.bookings, by="rep", during="2026-Q2").frame.set_index("rep")
        assert frame.loc["Ada", "value"] == 50
        assert pd.isna(frame.loc["Ben", "value"])
        assert frame.loc["Ben", ["note", "rows", "recorded"]].tolist() == ["unrecorded", 2, 0]

    def test_and_in_a_scope(self, two_periods):
        found = st.measure(two_periods, [st.bookings, st.average_deal_size], where={"rep": "Ben"}, during="2026-Q2")
        assert found.frame["value"].isna().all()
        assert set(found.absent.values()) == {"Not one of the 2 opportunities that count here has a recorded amount."}

    def test_regrouped_it_adds_up(self, two_periods):
        one = st.measure(two_periods, st.bookings, by="rep", during="2026-Q2").regroup()
        assert one.frame.loc[0, ["value", "rows", "recorded"]].tolist() == [50, 3, 1]

    def test_the_lost_ones_for_nothing_make_no_rate_by_amount(self, two_periods):
        """In Q2 50 was won, and what was lost carries 0 or nothing: 100 % would be of the won alone."""
        found = st.measure(two_periods, st.win_rate_by_amount, during="2026-Q2")
        assert found.value() is None
        assert found.absent["win_rate_by_amount"] == (
            "Only 1 of the 5 opportunities that count here has a recorded amount above 0, "
            "and one side of the rate has none: it cannot be told."
        )

    def test_ones_own_is_told_the_same(self, own, two_periods):
        for formula in (lambda o: Total(of=o.amount, where=o.won), lambda o: Total(of=o.won.ifelse(o.amount, 0.0))):
            found = st.measure(two_periods, own(formula, unit=st.MONEY), during="2026-05")
            assert found.value() is None
            assert found.frame.loc[0, ["rows", "recorded"]].tolist() == [1, 0]

    def test_of_ones_own_share_those_without_the_value_count_in_neither_part(self, own, two_periods):
        mine = own(lambda o: Ratio(of=o.won & (o.amount > 60), over=o.won))
        found = st.measure(two_periods, mine)
        assert found.value() == 2 / 3, "100 and 300 of 100, 300 and 50; two wins have no amount"
        assert found.frame.loc[0, ["rows", "recorded"]].tolist() == [5, 3]

    def test_a_comparison_says_of_which_period(self, two_periods):
        answer = st.compare(two_periods, st.bookings, during="2026-Q2")
        assert answer.sentences[0].endswith("Only 1 of the 3 opportunities that count in 2026-Q2 has a recorded amount.")
        answer = st.compare(two_periods, st.bookings, during="2026-05", against="2026-02")
        assert answer.frame.loc[0, ["verdict", "reason"]].tolist() == ["cannot_tell", "unrecorded"]

    def test_how_long_is_not_told_of_what_was_created_when_it_closed(self):
        rows = sold(20, created_date="2026-05-11")
        book = book_of(ibis.duckdb.connect(), {"opportunities": rows})
        assert (
            st.measure(book, st.sales_cycle).absent["sales_cycle"].startswith("All of the 20 closed opportunities were created on")
        )
        assert len(st.cycle(book).frame) == 0
        other = rows.assign(created_date=[pd.Timestamp("2026-05-10")] + [pd.Timestamp("2026-05-11")] * 19)
        assert st.measure(book_of(ibis.duckdb.connect(), {"opportunities": other}), st.sales_cycle).value() == 0


def test_counts_that_a_join_has_made_fractions_of_are_told_as_counts():
    """Where a group is missing in one of two periods, pandas hands counts on as floats."""
    said = told_of({"rows": 3.0, "recorded": 2.0, "lacks": "amount"}, "opportunities")
    assert said == told_of({"rows": 3, "recorded": 2, "lacks": "amount"}, "opportunities") != ""
