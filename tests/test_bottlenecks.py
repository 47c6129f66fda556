"""Bottlenecks and the cycle: every figure by hand on the small book, by plain loops, and against what is planted in the sample."""

from datetime import date, timedelta
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
import yaml
from lifelines import KaplanMeierFitter
from lifelines.utils import qth_survival_time

import salestrack as st
from salestrack.measure import measure
from tests.chart_company import texts
from tests.kit import SAMPLE
from tests.small_book import AS_OF, book_of, frames, typed

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def found(sample):
    return st.bottlenecks(sample)


@pytest.fixture(scope="session")
def of_small(small_book):
    return st.bottlenecks(small_book, during="2026-Q2")


@pytest.fixture(scope="session")
def rows(of_small):
    return of_small.frame.set_index("stage")


@pytest.fixture(scope="session")
def cycles(sample):
    return st.cycle(sample, by="segment")


def without(*tables):
    return book_of(ibis.duckdb.connect(), {name: frame for name, frame in frames().items() if name not in tables})


class TestBottlenecksByHand:
    """2026-Q2 of the small book, which lacks no closes: before its first, on 31 March, about one was to be expected."""

    def test_stages_in_order(self, rows):
        assert rows.index.tolist() == ["Discovery", "Proposal", "Negotiation"]

    def test_flow_reconciles(self, rows):
        flow = ["at_start", "inflow", "went_on", "went_back", "left", "at_end"]
        # Discovery: O3 was there; O4 O6 O9 (reopened) O10 O12 came; O3 O4 O6 went on; O10 was lost; O9 O12 are there.
        assert rows.loc["Discovery", flow].tolist() == [1, 5, 3, 0, 1, 2]
        # Proposal: O1 (won on the first day), O2, O9 were there; O3 O6 came; O1 O2 went on; O9 ended by a loss that was taken back,
        # and begins anew in Discovery; O3 was lost; O6 is there.
        assert rows.loc["Proposal", flow].tolist() == [3, 2, 2, 1, 1, 1]
        assert rows.loc["Negotiation", flow].tolist() == [0, 1, 1, 0, 0, 0]

    def test_days_in_stage(self, rows):
        # Discovery: O4 0 on, O10 21 lost, O6 31 on, O9 and O12 60 so far: three of five have left by day 31, nine in ten have not.
        assert rows.loc["Discovery", ["n", "median"]].tolist() == [5, 31]
        assert np.isnan(rows.loc["Discovery", "p90"])
        # Proposal: O6 29 so far, then O3 lost on day 30, the only one still watched. Negotiation: O2 went on on day 60.
        assert rows["n"].tolist() == [5, 2, 1]
        assert rows.loc["Proposal", ["median", "p90"]].tolist() == [30, 30]
        assert rows.loc["Negotiation", ["median", "p90"]].tolist() == [60, 60]
        # Nobody was watched for 90 days in Discovery; in the others all had ended by then.
        assert rows.loc["Discovery", ["went_on_share", "left_share"]].isna().all()
        assert rows.loc["Proposal", ["went_on_share", "left_share"]].tolist() == [0, 1]
        assert rows.loc["Negotiation", ["went_on_share", "left_share"]].tolist() == [1, 0]

    def test_queue_and_little(self, rows):
        # O9 and O12 for 60 days each; O6 for 29.
        assert rows.loc["Discovery", ["waiting", "value", "deal_days"]].tolist() == [2, 2700, 120]
        assert rows.loc["Proposal", ["waiting", "value", "deal_days"]].tolist() == [1, 4000, 29]
        assert rows["waiting"].sum() == 3
        # Days there in the quarter. Discovery: O3 9, O6 31, O10 21, O9 and O12 61 (1 May to the evening of 30 June), and O4 none;
        # four left. Proposal: O2 30, O3 30, O6 30, O9 19; four left. Negotiation: O2 60; one left.
        assert rows["days_there"].tolist() == [183, 109, 60]
        assert rows["expected_days"].tolist() == pytest.approx([183 / 4, 109 / 4, 60])

    def test_score(self, rows):
        # Enterprise in Discovery: O10 21, O2 28, O6 31, O12 60 so far: a quarter is left after day 31, and four came before that.
        # SMB: O4 0, O1 22, O9 28, O3 40, O9 again 60 so far, O7 85: two of six are left after day 40, none after 85. O9 came 60
        # days ago, the others earlier than 85. Proposal, Enterprise: O6 29 so far, O2 61: of the two O6 would be there; SMB:
        # O3 30, O9 31, O1 59: none is left.
        assert rows["expected"].tolist() == pytest.approx([4 * 1 / 4 + 2 / 6, 1, 0])
        assert rows["excess"].tolist() == pytest.approx([2 / 3, 0, 0])
        assert (rows["change"] == "too_few").all()

    def test_it_says_so(self, of_small):
        answer = of_small
        assert answer.sentences[0].startswith("Too few")
        assert answer.sentences[1].startswith("Most of the waiting is in Discovery: 2 of the 3 open opportunities")
        assert "created before" not in " ".join(answer.sentences), "no closes are missing"
        assert answer.bottleneck is None

    def test_groups_add_up_to_the_whole(self, book):
        counts = ["n", "waiting", "value", "deal_days", "at_start", "inflow", "went_on", "went_back", "left", "at_end", "unpriced"]
        whole = st.bottlenecks(book, during="2026-Q2").frame.groupby("stage")[counts].sum()
        for by in ("segment", "rep", ["segment", "rep"]):
            pd.testing.assert_frame_equal(st.bottlenecks(book, during="2026-Q2", by=by).frame.groupby("stage")[counts].sum(), whole)

    def test_a_scope_is_that_part_alone(self, book):
        part = st.bottlenecks(book, during="2026-Q2", where={"segment": "SMB"}).frame.set_index("stage")
        both = st.bottlenecks(book, during="2026-Q2", by="segment").frame.set_index(["segment", "stage"]).loc["SMB"]
        for name in ("n", "median", "waiting", "inflow", "expected"):
            pd.testing.assert_series_equal(part[name], both[name], check_dtype=False)

    def test_empty_stages_and_no_closes(self):
        small = frames()
        open_only = small["opportunities"][small["opportunities"]["opportunity_id"].isin(["O6", "O12"])]
        answer = st.bottlenecks(book_of(ibis.duckdb.connect(), small | {"opportunities": open_only.reset_index(drop=True)}))
        assert answer.frame["waiting"].sum() == 2
        assert answer.frame["expected_days"].isna().sum() >= 1


class TestWhatABookLacks:
    def test_without_a_history(self):
        answer = st.bottlenecks(without("stage_history"))
        assert len(answer.frame) == 0
        assert len(answer.sentences) == 1
        assert "stage_history" in answer.sentences[0]
        assert str(answer)
        for chart in (st.charts.queues, st.charts.time_in_stage):
            assert chart(answer).empty

    def test_a_scope_that_stages_know_nothing_of(self, book):
        answer = st.bottlenecks(book, where={"category": "admin"})
        assert (len(answer.frame), len(answer.sentences)) == (0, 1)
        assert "category" in answer.sentences[0]

    def test_without_segments(self):
        answer = st.bottlenecks(without("accounts"), during="2026-Q2")
        assert answer.changes["whole"].all()
        assert answer.frame["waiting"].sum() == 3

    def test_nobody_in_the_history(self):
        small = frames()
        empty = small["stage_history"].iloc[:0]
        answer = st.bottlenecks(book_of(ibis.duckdb.connect(), small | {"stage_history": empty}))
        assert (len(answer.frame), len(answer.sentences)) == (0, 1)


class TestSample:
    def test_the_planted_jam_is_named_with_its_segment_and_start(self, found):
        planted = yaml.safe_load((SAMPLE / "truth.yaml").read_text())["facts"]["jam"]["planted"]
        worst = found.bottleneck
        assert (worst["stage"], worst["segment"]) == (planted["stage"], planted["segment"])
        months = (worst["since"].year - planted["since"].year) * 12 + worst["since"].month - planted["since"].month
        assert abs(months) <= 1
        assert worst["since_low"] <= planted["since"] <= worst["since_high"]
        assert worst["factor_low"] <= planted["factor"] <= worst["factor_high"]
        assert worst["excess_low"] > 0
        assert "Proposal in Enterprise" in found.sentences[0]
        assert found.changes["change"].isin(["slower", "faster"]).sum() == 1

    def test_excess_and_medians_by_plain_python(self, sample, found):
        steps = sample.table("stays").to_pyarrow().to_pandas()
        here = steps[(steps["stage"] == "Proposal") & (steps["segment"] == "Enterprise")]
        worst = found.bottleneck
        here = here.assign(day=pd.to_datetime(here["entered_date"]))
        known = here[pd.to_datetime(here["created_date"]) >= pd.Timestamp(found_since(sample))]
        before, since = (known[known["day"] < pd.Timestamp(worst["since"])], known[known["day"] >= pd.Timestamp(worst["since"])])
        for part, name in ((before, "median_before"), (since, "median_since")):
            fit = KaplanMeierFitter().fit(part["days"], part["outcome"] != "open")
            assert worst[name] == fit.median_survival_time_
        ages = (pd.Timestamp(sample.as_of) - known["day"]).dt.days
        fit = KaplanMeierFitter().fit(before["days"], before["outcome"] != "open")
        assert worst["expected"] == pytest.approx(fit.survival_function_at_times(ages).sum())
        assert worst["waiting"] == (here["outcome"] == "open").sum()

    def test_nothing_stands_out_before_it_began(self, sample):
        answer = st.bottlenecks(sample, during="2025-Q4")
        assert answer.bottleneck is None
        assert answer.sentences[0].startswith("No stage stands out: in 5 stages")

    def test_flow_reconciles_in_every_quarter(self, sample):
        for quarter in ("2024-Q1", "2025-Q3", "2026-Q3"):
            rows = st.bottlenecks(sample, during=quarter, by="segment").frame
            gone = rows["went_on"] + rows["went_back"] + rows["left"]
            assert (rows["at_start"] + rows["inflow"] - gone == rows["at_end"]).all()
        assert (rows["at_end"] == rows["waiting"]).all()

    def test_by_rep(self, sample, found):
        answer = st.bottlenecks(sample, by="rep")
        whole, parts = found.frame.set_index("stage"), answer.frame.groupby("stage")[["waiting", "expected", "excess"]].sum()
        for name in parts:
            assert parts[name].to_dict() == pytest.approx(whole[name].to_dict())
        assert answer.bottleneck["segment"] == found.bottleneck["segment"]
        assert str(answer)

    def test_groups_of_one_pace_stand_as_usual(self, sample, found):
        rows = st.bottlenecks(sample, by="segment").frame
        more = rows[rows["standing"] == "more"]
        assert more[["segment", "stage"]].to_numpy().tolist() == [["Enterprise", "Proposal"]]
        few = rows[rows["standing"] == "too_few"]
        assert (few["waiting"] + few["expected"] < 20).all()
        assert few["adjusted_p"].isna().all()

    def test_history_is_told_quarter_by_quarter(self, found):
        rows = found.history[found.history["stage"] == "Proposal"]
        assert rows["quarter"].tolist() == sorted(rows["quarter"])
        assert rows["n"].sum() == found.frame.set_index("stage").loc["Proposal", "n"]


def found_since(book):
    opportunities = book.table("opportunities").filter(ibis._.closed)
    return opportunities.close_date.min().to_pyarrow().as_py()


class TestCycle:
    def test_by_hand(self, small_book):
        """2026-Q2: five won; created O4 O6 O10 O12: won on day 0, lost on day 21, two open after 60 days."""
        row = st.cycle(small_book, during="2026-Q2").frame.iloc[0]
        assert (row["n_won"], row["sales_cycle"]) == (5, 81)
        assert row[["n", "won", "lost", "open"]].tolist() == [4, 1, 1, 2]
        # Day 0: 3 of 4 remain; day 21: 2 of 4. Half are closed by day 21.
        assert row["time_to_close"] == 21
        assert np.isnan(row["p90"])
        assert row["won_of_created"] == 0
        assert row["closed_of_created"] == 0  # of O4 and O10 half are closed on day 0
        assert np.isnan(row["time_to_win"])
        assert row["gap"] == 21 - 81
        assert row[["from_period", "from_lost", "from_open"]].tolist() == [0 - 81, 0 - 0, 21 - 0]
        assert row["note"] == "too_few"

    def test_what_it_says(self, book):
        said = " ".join(st.cycle(book, during="2026-Q2").sentences)
        assert "The 5 opportunities won took a median of 81 days" in said
        assert "Of the 4 created, half are closed, won or lost, by day 21" in said
        assert "−60 days" in said
        assert "too few to judge" in said

    def test_where_all_took_as_long_there_is_nothing_to_split_up(self):
        rows = [(f"O{i}", "Lost" if i % 3 else "Won", f"2026-04-{i % 28 + 1:02}") for i in range(60)]
        deals = pd.DataFrame(rows, columns=["opportunity_id", "stage", "created_date"])
        took = pd.to_timedelta([7 if i % 3 else 2 for i in range(60)], unit="D")
        for days, split in ((pd.Timedelta(days=2), False), (took, True)):
            sold = typed("opportunities", deals.assign(close_date=pd.to_datetime(deals["created_date"]) + days))
            said = " ".join(st.cycle(book_of(ibis.duckdb.connect(), {"opportunities": sold}), during="2026-Q2").sentences)
            assert ("Time to close differs from the sales cycle" in said) is split

    def test_the_parts_add_up_to_the_gap(self, sample):
        frame = st.cycle(sample, by=["segment", "source"]).frame.dropna(subset=["gap", "from_lost"])
        assert len(frame) > 10
        parts = frame[["from_period", "from_lost", "from_open"]].sum(axis=1)
        np.testing.assert_allclose(parts, frame["gap"])

    def test_agrees_with_lifelines(self, sample, cycles):
        deals = sample.table("opportunities").to_pyarrow().to_pandas()
        deals = deals[pd.to_datetime(deals["created_date"]) >= pd.Timestamp(found_since(sample))]
        for row in cycles.frame.to_dict("records"):
            part = deals[deals["segment"] == row["segment"]]
            fit = KaplanMeierFitter().fit(part["observed_days"], part["closed"])
            assert row["time_to_close"] == fit.median_survival_time_
            assert row["p90"] == qth_survival_time(0.1, fit.survival_function_)
            assert row["n"] == len(part)

    def test_the_cycle_is_the_metric(self, sample):
        frame = st.cycle(sample, during="2026-Q3", by="segment").frame.set_index("segment")
        expected = measure(sample, "sales_cycle", during="2026-Q3", by="segment").frame.set_index("segment")
        assert frame["sales_cycle"].to_dict() == expected["value"].to_dict()

    def test_curves_add_up_to_all(self, cycles):
        curves = cycles.curves
        np.testing.assert_allclose(curves[["won", "lost", "open"]].sum(axis=1), 1)

    def test_the_won_alone_and_the_young_alone_mislead(self):
        """Every opportunity takes 100 days and nine in ten are won; those created in the last 100 days cannot have been."""
        first = date(2025, 1, 1)
        made = [(f"O{i}", first + timedelta(days=i)) for i in range(500)]
        long = timedelta(days=100)
        ends = ["Lost", *["Won"] * 9] * 50
        rows = [
            (name, day, day + long, end) if day + long <= AS_OF else (name, day, None, "Discovery")
            for (name, day), end in zip(made, ends, strict=True)
        ]
        deals = pd.DataFrame(rows, columns=["opportunity_id", "created_date", "close_date", "stage"])
        book = book_of(ibis.duckdb.connect(), {"opportunities": typed("opportunities", deals)})
        row = st.cycle(book).frame.iloc[0]
        assert row["sales_cycle"] == row["time_to_close"] == row["time_to_win"] == 100

    def test_nothing_won_and_nothing_created(self, book):
        answer = st.cycle(book, where={"rep": "R4"}, during="2026-Q2")
        assert "so there is no sales cycle" in answer.sentences[0]
        answer = st.cycle(book, where={"rep": "R4"}, during="2026-04")
        assert (len(answer.frame), len(answer.sentences)) == (0, 1)
        assert st.charts.cycle(answer).empty

    def test_a_scope_that_opportunities_know_nothing_of(self, book):
        answer = st.cycle(book, where={"category": "admin"})
        assert (len(answer.frame), len(answer.sentences)) == (0, 1)


class TestCharts:
    def test_queues(self, found):
        chart = st.charts.queues(found)
        assert texts(chart, "column_left") == ["46", "46", "44", "50", "16"]
        assert "Proposal 50 (usual 33)" in chart.alt

    def test_time_in_stage_shows_before_and_since(self, found):
        chart = st.charts.time_in_stage(found)
        names = [label.get_text() for label in chart.get_yticklabels()]
        assert names == [
            "Discovery",
            "Qualification",
            "Demo",
            "Proposal",
            "↳ Enterprise before",
            "↳ Enterprise since Apr 2026",
            "Negotiation",
        ]
        assert "↳ Enterprise since Apr 2026 87" in chart.alt

    def test_cycle(self, sample, cycles):
        chart = st.charts.cycle(st.cycle(sample))
        assert texts(chart, "sales_cycle_label") == ["won: median 65"]
        assert texts(chart, "time_to_close_label") == ["all: half closed by 45"]
        assert [label.get_text() for label in st.charts.cycle(cycles).get_yticklabels()] == [
            "Enterprise", "Mid-Market", "SMB"
        ]  # fmt: skip


class TestPages:
    """The numbers that the pages on the methods show."""

    def page(self, name):
        return " ".join((ROOT / "docs" / "methods" / name).read_text(encoding="utf-8").split())

    def test_bottlenecks(self, rows, found):
        page, there = self.page("bottlenecks.md"), rows.loc["Discovery"]
        assert f"the median is {there['median']:.0f} days, and nine in ten have not left" in page
        assert f"{there['days_there'] / 91:.2f} were there on average" in page
        assert f"183 / 4 = {there['expected_days']:.1f} days" in page
        assert (there["expected"], there["excess"], rows.loc["Proposal", "expected"]) == pytest.approx((4 / 3, 2 / 3, 1))
        assert f"with those still there it is {found.bottleneck['median_since']:.0f}" in page
        jam = yaml.safe_load((SAMPLE / "truth.yaml").read_text())["facts"]["jam"]["realised"]["since"]
        assert f"a median of {jam['median_days_of_ended']:.0f} days in the jam" in page

    def test_cycle(self, book):
        page, row = self.page("cycle.md"), st.cycle(book, during="2026-Q2").frame.iloc[0]
        assert f"the sales cycle is {row['sales_cycle']:.0f} days" in page
        assert f"half are closed by day {row['time_to_close']:.0f}" in page
        parts = [f"{row[name]:+.0f}".replace("-", "−").replace("+0", "0") for name in ("from_period", "from_lost", "from_open")]
        assert f"The gap is −{-row['gap']:.0f} days: {parts[0]} as" in page
        assert f"{parts[1]} as the lost are counted" in page
        assert f"{parts[2]} as the open are kept" in page
