"""Who stands where: the marks of a ranking against figures counted by hand and tests done another way."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from scipy import stats

import salestrack as st
from salestrack import charts
from salestrack.charts import look
from salestrack.charts.standing import shares_of_sums
from tests.chart_company import bars, company, layers, names, points, texts, with_figures

# All together 98 of 249; without the opportunities that nobody owns 95 of 237.
CLOSED = {"Ada": (30, 10), "Ben": (20, 20), "Chen": (21, 19), "Dora": (4, 36), "Emil": (4, 0), "Fay": (16, 24), "": (3, 42)}


@pytest.fixture(scope="session")
def rates():
    return st.measure(company(CLOSED), st.win_rate, by="rep")


@pytest.fixture(scope="session")
def ranking(rates):
    return charts.ranked(rates)


def test_stands_in_order_with_n(ranking):
    assert names(ranking) == ["Ada", "Chen", "Ben", "Fay", "Dora", "Emil", "(not recorded)"]
    assert texts(ranking, "column_left") == ["40", "40", "40", "40", "40", "4", "45"]
    assert texts(ranking, "column_right") == ["75.0%", "52.5%", "50.0%", "40.0%", "10.0%", "100.0%", "6.7%"]


def test_colours_only_who_differs_by_more_than_chance(ranking):
    won, closed = (sum(pair[i] for pair in CLOSED.values()) for i in (0, 1))
    tables = [[[k, lost], [won - k, closed - lost]] for name, (k, lost) in CLOSED.items() if name not in ("", "Emil")]
    p = stats.false_discovery_control([stats.fisher_exact(table).pvalue for table in tables])
    assert (p < 0.01).tolist() == [True, False, False, True, False]
    assert points(ranking, "value_above") == [(0.75, 0)]
    assert points(ranking, "value_below") == [(0.1, 4)]
    assert points(ranking, "value_judged") == [(0.525, 1), (0.5, 2), (0.4, 3)]
    assert "Above the rest by more than chance: Ada." in ranking.alt
    assert "Below the rest by more than chance: Dora." in ranking.alt


def test_greys_who_has_too_few(ranking):
    assert points(ranking, "value_too_few") == [(1.0, 6)]
    hollow = layers(ranking, "value_too_few")[0]
    assert to_hex(hollow.get_facecolor()[0]) == "#ffffff"
    assert to_hex(hollow.get_edgecolor()[0]) == look.GREYED
    assert texts(ranking, "heading") == ["too few to judge (n < 10)"]
    greyed = {label.get_text(): label.get_color() for label in ranking.get_yticklabels()}
    assert greyed["Emil"] == greyed["(not recorded)"] == look.MUTED
    assert greyed["Ada"] == look.INK


def test_shows_all_together(ranking):
    line = layers(ranking, "overall")[0]
    assert line.get_xdata()[0] == pytest.approx(98 / 249)
    assert texts(ranking, "overall_label") == ["All 39.4%"]
    assert "all together 39.4% (n = 249)" in ranking.alt


def test_intervals_are_those_of_the_result(ranking, rates):
    drawn = [tuple(path[:, 0]) for gid in ("interval_above", "interval_below") for path in layers(ranking, gid)[0].get_segments()]
    frame = rates.frame.set_index("rep")
    assert drawn == [tuple(frame.loc[name, ["low", "high"]]) for name in ("Ada", "Dora")]


def test_shrinks_reps_towards_each_other(ranking):
    shrunk = {place: share for share, place in points(ranking, "shrunk")}
    raw = {0: 0.75, 1: 0.525, 4: 0.1, 6: 1.0}
    mean = np.mean(list(shrunk.values()))
    assert all(abs(shrunk[place] - mean) < abs(share - mean) for place, share in raw.items())
    # The fewer numbers, the further: 4 of 4 moves more than 30 of 40.
    assert raw[6] - shrunk[6] > 3 * (raw[0] - shrunk[0])


def test_months_are_not_shrunk():
    by_month = st.measure(company(CLOSED), st.win_rate, by="month")
    assert points(charts.ranked(by_month), "shrunk") == []


def test_money_is_bars_from_zero():
    chart = charts.ranked(st.measure(company(CLOSED), st.bookings, by="rep"))
    assert bars(chart, "value") == [(0, 3000), (0, 2100), (0, 2000), (0, 1600), (0, 400), (0, 400), (0, 300)]
    assert layers(chart, "overall") == []
    assert chart.get_xlim()[0] == 0
    assert "all together €9,800 (n = 98)" in chart.alt


def test_lower_is_better_begins_with_the_lowest():
    book = company({"Ada": (12, 0), "Ben": (12, 0)})
    cycle = st.measure(book, st.sales_cycle, by="rep")
    slow = cycle.frame.assign(value=[9.0, 4.0])
    assert names(charts.ranked(with_figures(cycle, slow))) == ["Ben", "Ada"]


def test_of_many_the_two_ends():
    many = {f"Rep {i:02d} of the very long and winding name": (i, 50 - i) for i in range(1, 41)}
    chart = charts.ranked(st.measure(company(many), st.win_rate, by="rep"))
    assert len(names(chart)) == 25
    assert texts(chart, "heading") == ["… 15 more between"]
    assert names(chart)[0].startswith("Rep 40")
    assert names(chart)[-1].startswith("Rep 01")
    assert "40 groups" in chart.alt


def test_shares_of_hours_are_tested_too():
    """Under no difference, at most one company in twenty has anyone called above or below."""
    rng = np.random.default_rng(7)
    flagged, runs = 0, 400
    for _ in range(runs):
        hours = rng.gamma(2, 0.5, size=(12, 40))
        selling = np.where(rng.random((12, 40)) < 0.39, hours, 0)
        sums = pd.DataFrame({"n": 40.0, "sx": selling.sum(1), "sy": hours.sum(1), "sxx": (selling**2).sum(1)})
        sums = sums.assign(syy=(hours**2).sum(1), sxy=(selling * hours).sum(1))
        flagged += bool(np.isin(shares_of_sums(sums, 10), ["above", "below"]).any())
    assert flagged / runs <= 0.07


def test_who_sells_far_more_of_the_time_is_coloured():
    busy = {(f"R{i}", c): 1.0 for i in range(8) for c in ("digital_client", "admin", "travel")}
    book = company({"R0": (1, 1)}, hours=busy)
    result = st.measure(book, st.selling_time_share, by="rep")
    sums = pd.DataFrame({"n": [30.0] * 8, "sx": [30.0] + [5.0] * 7, "sy": 30.0})
    verdicts = shares_of_sums(sums.assign(sxx=sums["sx"], syy=30.0, sxy=sums["sx"]), 10)
    assert verdicts[0] == "above"
    assert charts.ranked(result).alt.count("too few to judge") == 1
