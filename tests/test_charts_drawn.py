"""Which marks stand where on each chart, against figures added up by hand."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

import salestrack as st
from salestrack import charts
from salestrack.charts import look
from salestrack.errors import DefinitionError
from tests.chart_company import bars, company, layers, names, points, texts, with_figures


@pytest.fixture(scope="session")
def rates():
    return st.measure(company({"Ada": (30, 10), "Ben": (20, 20)}), st.win_rate, by="rep")


@pytest.fixture(scope="session")
def series():
    """Win rate by month: April 12 of 24, May nothing, June 18 of 24, July 3 of 4 (too few), August not over: 10 of 20."""
    won = st.measure(company({"Ada": (12, 12)}), st.win_rate, by="month", during="2026-04-01/2026-09-01")
    frame = pd.DataFrame(
        {
            "month": ["2026-04", "2026-05", "2026-06", "2026-07", "2026-08"],
            "metric": "win_rate",
            "value": [0.5, np.nan, 0.75, 0.75, 0.5],
            "low": [0.3, np.nan, 0.55, 0.2, 0.3],
            "high": [0.7, np.nan, 0.9, 0.95, 0.7],
            "n": [24, 0, 24, 4, 20],
            "note": ["", "undefined", "", "too_few", ""],
            "partial": [False, False, False, False, True],
        }
    )
    return with_figures(won, frame)


class TestOverTime:
    def test_points_gaps_and_what_is_not_complete(self, series):
        chart = charts.over_time(series)
        assert points(chart, "value") == [(0, 0.5), (2, 0.75)]
        assert points(chart, "value_too_few") == [(3, 0.75)]
        assert points(chart, "value_partial") == [(4, 0.5)]
        np.testing.assert_array_equal(layers(chart, "line")[0].get_ydata(), [0.5, np.nan, 0.75, 0.75, np.nan])
        np.testing.assert_array_equal(layers(chart, "line_partial")[0].get_ydata(), [np.nan, np.nan, np.nan, 0.75, 0.5])
        assert to_hex(layers(chart, "value_partial")[0].get_facecolor()[0]) == "#ffffff"
        assert texts(chart, "partial_label") == ["partial"]
        assert texts(chart, "end_label") == ["50.0% so far"]

    def test_says_lowest_highest_and_last_of_what_can_be_judged(self, series):
        alt = charts.over_time(series).alt
        assert "Lowest 50.0% in 2026-04, highest 75.0% in 2026-06, last 75.0% in 2026-06 (n = 24), over 2 periods." in alt
        assert "Not complete in this book: 2026-08." in alt
        assert "n per month: 4 to 24" in alt

    def test_a_wide_interval_does_not_flatten_the_line(self, series):
        wide = series.frame.assign(high=[0.7, np.nan, 0.9, 40.0, 0.7])
        chart = charts.over_time(with_figures(series, wide))
        assert chart.get_ylim()[1] <= 1.03
        assert "Where it leaves the picture it is wider still." in chart.alt
        assert "leaves the picture" not in charts.over_time(series).alt

    def test_target(self, series):
        chart = charts.over_time(series, target=0.96)
        assert layers(chart, "target")[0].get_ydata()[0] == 0.96
        low, high = chart.get_ylim()
        assert low < 0.2
        assert 0.96 < high <= 1.03
        assert "Target 96.0%" in texts(chart, "end_label")
        assert "Target 96.0%." in chart.alt

    def test_names_of_periods_fit_and_the_last_is_there(self):
        weekly = st.measure(company({"Ada": (40, 50)}), st.win_rate, by="week")
        labels = [label.get_text() for label in charts.over_time(weekly).get_xticklabels()]
        assert len(labels) <= 5
        assert labels[-1] == weekly.frame["week"].iloc[-1]

    def test_a_line_for_each_group_at_most_six(self):
        closed = {f"R{i}": (20 + i, 5) for i in range(9)} | {"": (60, 0)}
        chart = charts.over_time(st.measure(company(closed), st.bookings, by=["rep", "month"]))
        drawn = [line.get_label() for line in layers(chart, "line")]
        assert drawn == ["R3", "R4", "R5", "R6", "R7", "R8"]
        assert "Not drawn: 4 more by rep" in chart.alt
        assert len({line.get_color() for line in layers(chart, "line")}) == 6
        assert chart.get_legend() is None

    def test_a_month_without_bookings_is_zero_not_a_gap(self):
        book = company({"Ada": (80, 0), "Ben": (2, 0)})
        chart = charts.over_time(st.measure(book, st.bookings, by=["rep", "month"]))
        ben = next(line for line in layers(chart, "line") if line.get_label() == "Ben")
        assert ben.get_ydata().tolist() == [200, 0, 0]

    def test_one_period_and_none(self, series):
        one = with_figures(series, series.frame.head(1))
        assert points(charts.over_time(one), "value") == [(0, 0.5)]
        assert "50.0% in 2026-04 (n = 24)." in charts.over_time(one).alt
        for empty in (series.frame.head(0), series.frame.iloc[[1]]):
            chart = charts.over_time(with_figures(series, empty))
            assert texts(chart, "reason") == ["Nothing to draw: every figure is undefined."]
            chart.svg()

    def test_needs_a_calendar(self, rates):
        with pytest.raises(DefinitionError, match="by='month'"):
            charts.over_time(rates)

    def test_a_trend_is_told_under_the_picture(self):
        trend = st.trend(company({"Ada": (40, 50)}), st.win_rate)
        assert charts.over_time(trend).caption == trend.sentences[0]


HOURS = {("Ada", "admin"): 3.0, ("Ada", "digital_client"): 1.0, ("Ben", "travel"): 2.0, ("Ben", "in_person_client"): 6.0}


class TestShares:
    def test_one_bar_for_each_category(self):
        chart = charts.shares(st.measure(company({"Ada": (1, 1)}, hours=HOURS), st.activity_hours, by="category"))
        assert names(chart) == ["In person with client", "Admin", "Travel", "Digital with client"]
        assert bars(chart, "value") == [(0, 6), (0, 3), (0, 2), (0, 1)]
        assert texts(chart, "column_right") == ["6 · 50%", "3 · 25%", "2 · 17%", "1 · 8%"]
        assert "12 hours in all (n = 4)" in chart.alt
        assert "Selling takes 58% of it." in chart.alt

    def test_a_whole_bar_for_each_group(self):
        chart = charts.shares(st.measure(company({"Ada": (1, 1)}, hours=HOURS), st.activity_hours, by=["rep", "category"]))
        assert names(chart) == ["Ada", "Ben"]
        assert bars(chart, "share_0") == [(0, 0.25), (0, 0)]
        assert bars(chart, "share_1") == [(0.25, 0), (0, 0.75)]
        assert bars(chart, "share_2") == [(0.25, 0.75), (0.75, 0)]
        assert bars(chart, "share_3") == [(1, 0), (0.75, 0.25)]
        assert texts(chart, "column_right") == ["25%", "75%"]
        assert sorted(texts(chart, "share_label")) == ["25%", "25%", "75%", "75%"]
        key = [text.get_text() for text in chart.get_figure().legends[0].get_texts()]
        assert key == ["Digital with client", "In person with client", "Admin", "Travel"]

    def test_colours_stay_with_their_category(self):
        both = [look.category_colours(names) for names in (["admin", "travel"], ["travel", "digital_client", "admin"])]
        assert both[0]["admin"] == both[1]["admin"]
        assert both[0]["travel"] == both[1]["travel"]

    def test_too_many_kinds_are_put_together(self):
        chart = charts.shares(st.measure(company({f"R{i:02d}": (i, 0) for i in range(1, 13)}), st.bookings, by="rep"))
        assert names(chart) == [*(f"R{i:02d}" for i in range(12, 5, -1)), "All others"]
        assert bars(chart, "value")[-1] == (0, 1500)

    def test_only_a_total_has_parts(self, rates):
        with pytest.raises(DefinitionError, match="total"):
            charts.shares(rates)


class TestAttainment:
    def test_everyone_in_order_and_the_share_that_reaches(self):
        closed = {"Ada": (30, 0), "Ben": (10, 0), "Chen": (12, 0), "Dora": (90, 0), "Emil": (5, 0)}
        quotas = {"Ada": 3000.0, "Ben": 2000.0, "Chen": 1000.0, "Dora": 500.0}
        book = company(closed, quotas=quotas)
        chart = charts.attainment(st.measure(book, st.quota_attainment, by="rep", during="2026-Q2"))
        assert points(chart, "below") == [(0, 0.5)]
        # A quota met to the cent is met.
        assert points(chart, "reached") == [(1, 1.0), (2, 1.2)]
        assert points(chart, "far")[0][0] == 3
        assert texts(chart, "far_label") == ["1,800%"]
        # Wilson's interval of 3 in 4 by hand: centre (0.75 + 1.92/4) / (1 + 3.84/4), and so on.
        assert texts(chart, "share") == ["3 of 4 reached quota: 75% (95% interval 30% to 95%)"]
        assert "highest Dora 1,800.0%" in chart.alt
        # Emil has none: 5 of 100 of the 147 that were won.
        assert "Of the €14,700 booked, €500 count for none of these quotas" in chart.alt
        assert layers(chart, "quota")[0].get_ydata()[0] == 1

    def test_thousands_of_dots_are_pixels(self):
        book = company({"Ada": (30, 0)}, quotas={"Ada": 3000.0})
        few = st.measure(book, st.quota_attainment, by="rep", during="2026-Q2")
        many = pd.concat([few.frame] * 2500, ignore_index=True).assign(rep=[f"R{i}" for i in range(2500)])
        chart = charts.attainment(with_figures(few, many))
        assert len(chart.svg()) < 100_000
        assert "<image" in chart.svg()


class TestContributions:
    def test_steps_lead_from_before_to_after(self):
        """April 30 won of 30, May 5 won of 15, 100 each: 3,000 to 500."""
        book = company({"Ada": (30, 0)}, first=date(2026, 4, 1))
        why = st.explain_bookings(book, during="2026-05", against="2026-04")
        frame = pd.DataFrame(
            {
                "factor": ["closed_opportunities", "win_rate", "average_deal_size"],
                "before": [30.0, 1.0, 100.0],
                "after": [15.0, 1 / 3, 100.0],
                "contribution": [-1000.0, -1500.0, 0.0],
            }
        )
        chart = charts.contributions(replace(why, frame=frame))
        assert bars(chart, "total") == [(0, 3000), (0, 500)]
        assert bars(chart, "contribution") == [(3000, -1000), (2000, -1500), (500, 0)]
        assert names(chart) == ["In 2026-04", "Closed opportunities", "Win rate", "Average deal size", "In 2026-05"]
        assert texts(chart, "column_right") == ["€3,000", "−€1,000", "−€1,500", "±€0", "€500"]

    def test_what_cannot_be_split_is_said(self):
        why = st.explain_bookings(company({"Ada": (3, 0)}), during="2026-04", against="2026-05")
        lost = why.frame.assign(contribution=np.nan)
        assert texts(charts.contributions(replace(why, frame=lost)), "reason")


@pytest.fixture(scope="session")
def answer():
    return st.leads_needed(company({"Ada": (30, 30)}), 50_000, during="2026-Q4", base="2026-Q2")


class TestNeeded:
    def test_bars_from_p10_to_p90_on_a_log_axis(self, answer):
        frame = pd.DataFrame(
            {"step": ["opportunities", "deals"], "rate": [0.5, np.nan], "p10": [800, 450], "p50": [1000, 500], "p90": [1300, 560]}
        )
        chart = charts.needed(replace(answer, frame=frame))
        assert chart.get_xscale() == "log"
        assert [tuple(segment[:, 0]) for segment in layers(chart, "range")[0].get_segments()] == [(800, 1300), (450, 560)]
        assert points(chart, "value") == [(1000, 0), (500, 1)]
        assert texts(chart, "column_right") == ["1,000 (800–1,300)", "500 (450–560)"]
        assert texts(chart, "column_left") == ["50.0%", ""]
        assert names(chart) == ["Opportunities", "Deals"]

    def test_alt_is_what_the_answer_says(self, answer):
        assert answer.sentences[0] in charts.needed(answer).alt

    def test_a_long_reason_has_room(self, answer):
        told = replace(answer, frame=answer.frame.iloc[:0], sentences=("Nothing more is needed for this goal. " * 15,))
        assert charts.needed(told).svg()

    def test_a_goal_that_is_reached_needs_no_bars(self, answer):
        reached = st.leads_needed(company({"Ada": (30, 30)}), 100, during="2026-Q2", base="2026-Q2")
        assert "reached" in texts(charts.needed(reached), "reason")[0]


@pytest.fixture(scope="session")
def change():
    answer = st.compare(company({"Ada": (20, 40)}), [st.win_rate, st.bookings], during="2026-05")
    rows = pd.DataFrame(
        [
            ("win_rate", "difference", 0.5, 0.75, 40, 40, 0.25, 0.05, 0.45, "up", "", "good"),
            ("bookings", "growth", 4000.0, 1000.0, 40, 40, -0.75, -2.0, -0.25, "down", "", "bad"),
            ("average_deal_size", "difference", 100.0, 120.0, 4, 4, 20.0, np.nan, np.nan, "cannot_tell", "too_few", ""),
            ("sales_cycle", "difference", 10.0, 10.1, 90, 90, 0.1, -0.2, 0.3, "flat", "", ""),
        ],
        columns=[
            "metric",
            "kind",
            "before",
            "after",
            "n_before",
            "n_after",
            "difference",
            "low",
            "high",
            "verdict",
            "reason",
            "news",
        ],
    ).assign(age=np.nan, recorded="")
    metrics = (st.win_rate, st.bookings, st.average_deal_size, st.sales_cycle)
    return charts.compared(replace(answer, frame=rows, metrics=metrics))


class TestCompared:
    def test_changes_as_shares_of_the_earlier_value(self, change):
        assert points(change, "after") == [(0.5, 0), (-0.75, 1), (0.01, 3)]
        assert points(change, "before") == [(0, 0), (0, 1), (0, 3)]
        spans = [tuple(np.round(segment[:, 0], 9)) for line in layers(change, "interval") for segment in line.get_segments()]
        assert spans == [(0.1, 0.9), (-1.0, -0.25), (-0.02, 0.03)]

    def test_a_line_that_runs_off_the_axis_ends_in_an_arrow(self, change):
        assert points(change, "beyond") == [(-1.0, 1)]

    def test_verdicts_in_words_and_colours(self, change):
        assert texts(change, "column_right") == ["up", "down", "cannot tell (too few)", "flat"]
        assert [text.get_color() for text in layers(change, "column_right")] == [look.ABOVE, look.BELOW, look.INK, look.INK]
        faces = [to_hex(dot.get_facecolor()[0]) for dot in layers(change, "after")]
        assert faces == [look.ABOVE, look.BELOW, "#ffffff"]
        assert texts(change, "figures") == ["50.0% → 75.0%", "€4,000 → €1,000", "€100 → €120", "10 → 10.1"]

    def test_rows_are_named_by_metric_and_group_alone(self):
        """Whatever else the frame tells of a row is no group; a rate that matures says at which age it was read."""
        book = company({"Ada": (20, 40), "Bo": (30, 40)})
        metrics = [st.win_rate, st.close_rate]
        answer = st.compare(book, metrics, during="2026-05")
        age = int(answer.frame.set_index("metric").loc["close_rate", "age"])
        assert sorted(names(charts.compared(answer))) == [f"Close rate within {age} days", "Win rate"]
        by_rep = st.compare(book, metrics, during="2026-05", by="rep")
        assert {name.split("· ")[-1] for name in names(charts.compared(by_rep))} == {"Ada", "Bo"}

    def test_says_what_went_where(self, change):
        assert change.caption.startswith("Up: Win rate (50.0% → 75.0%). Down: Bookings (€4,000 → €1,000). Flat: ")


class TestEmpty:
    def test_everything_undefined(self, rates):
        nothing = rates.frame.assign(value=np.nan, low=np.nan, high=np.nan, n=0, note="undefined")
        for frame in (nothing, nothing.head(0)):
            chart = charts.ranked(with_figures(rates, frame))
            assert texts(chart, "reason") == ["Nothing to draw: every figure is undefined."]
            assert "Win rate by rep" in chart.alt
            chart.svg()

    def test_a_table_that_is_not_there_is_said(self):
        book = company({"Ada": (2, 2)})
        for draw, by in ((charts.shares, "category"), (charts.attainment, "rep"), (charts.ranked, "rep")):
            metric = st.quota_attainment if by == "rep" else st.activity_hours
            missing = st.measure(book, [st.bookings, metric], by="rep" if by == "rep" else "month")[metric]
            assert "does not have" in draw(missing).alt

    def test_one_group_and_a_figure_not_broken_down(self):
        book = company({"Ada": (12, 12)})
        assert names(charts.ranked(st.measure(book, st.win_rate, by="rep"))) == ["Ada"]
        assert names(charts.ranked(st.measure(book, st.win_rate))) == ["All"]
