"""A rep's page and time sinks: planted differences are found, absent ones are not, and nothing crashes where a book is thin."""

from datetime import timedelta
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import salestrack as st
from salestrack.analyses.hours import hours_by
from salestrack.analyses.time_sinks import time_sinks
from salestrack.errors import ParameterError, StatisticsError, UnknownNameError
from salestrack.stats.intervals import Interval
from salestrack.stats.product import product_quantiles
from salestrack.wording import label_of
from tests.chart_company import layers
from tests.logged import AFTER, MONDAY, book_with, roster, table_of, weeks_of
from tests.small_book import book_of, frames

METHODS = Path(__file__).parents[1] / "docs" / "methods"
HALF_YEAR = f"{MONDAY}/{MONDAY + timedelta(days=182)}"


def goes(**told):
    """Return what goes with winning, by category: the verdict, or the verdict and the limits of the effect at 30 days."""
    rows = []
    for category, what in told.items():
        verdict, low, high = what if isinstance(what, tuple) else (what, -0.01, 0.01)
        figures = {"effect": (low + high) / 2, "low": low, "high": high, "adjusted_p": 0.01 if verdict in ("more", "less") else 0.6}
        rows.append({"days": 30, "category": category, "verdict": verdict} | figures)
    return pd.DataFrame(rows, columns=["days", "category", "verdict", "effect", "low", "high", "adjusted_p"])


@pytest.fixture(scope="session")
def worked():
    """Weekly: 6 hours of admin and 3 of internal meetings on nothing, 1 on a deal, 10 in person on a deal; travel 1 on nothing."""
    deals = [
        (f"O{i}", "R0", 1000 + 10 * i, MONDAY, AFTER - timedelta(days=9), "Won" if i < 20 else "Lost", None) for i in range(30)
    ]
    done = weeks_of("R0", {"admin": 6, "internal_meeting": 3, "travel": 1})
    done += weeks_of("R1", {"internal_meeting": 1, "in_person_client": 10}, opportunity="O1")
    return book_with(deals, done, roster(2))


class TestTimeSinks:
    def test_a_sink_is_large_loose_and_without_a_sign_of_winning(self, worked):
        told = goes(admin="cannot_tell", internal_meeting="cannot_tell", in_person_client=("more", 0.02, 0.06), travel="too_few")
        answer = st.time_sinks(worked, association=told)
        rows = answer.frame[answer.frame["level"] == "category"].set_index("category")
        assert rows["sink"].to_dict() == {"in_person_client": False, "admin": True, "internal_meeting": True, "travel": False}
        assert rows.loc["admin", ["hours", "share", "unattached"]].tolist() == pytest.approx([156, 6 / 21, 1])
        assert rows.loc["internal_meeting", "unattached"] == pytest.approx(0.75)
        assert rows.loc["travel", "association"] == "no_opportunity", "large enough, and it would have been one"
        types = answer.frame[answer.frame["level"] == "type"].set_index("type")["sink"].to_dict()
        assert types == {"admin work": True, "internal_meeting work": True, "in_person_client work": False, "travel work": False}

    @pytest.mark.parametrize(
        ("told", "large", "expected"),
        [
            ({"admin": "more", "internal_meeting": "cannot_tell"}, 0.1, {"internal_meeting"}),
            ({"admin": "less", "internal_meeting": "too_few"}, 0.1, {"admin"}),
            ({"admin": "cannot_tell", "internal_meeting": "cannot_tell"}, 0.25, {"admin"}),
            ({}, 0.1, set()),
        ],
        ids=["what goes with winning is none", "too few to ask is none", "small is none", "never asked is none"],
    )
    def test_each_of_the_three_conditions_matters(self, worked, told, large, expected):
        frame = st.time_sinks(worked, association=goes(**told), large=large).frame
        assert set(frame.loc[frame["sink"] & (frame["level"] == "category"), "category"]) == expected

    def test_the_what_if_by_hand(self, worked):
        """156 + 104 hours of sinks; a fifth is 52, or 5.2 visits of 10 hours; each goes with 0.04 more wins."""
        told = goes(admin="cannot_tell", internal_meeting="cannot_tell", in_person_client=("more", 0.02, 0.06))
        answer = st.time_sinks(worked, association=told)
        rows = answer.what_if.set_index("what")
        assert rows.loc["hours_freed", "p50"] == pytest.approx(52)
        assert rows.loc["extra_activities", "p50"] == pytest.approx(5.2)
        assert rows.loc["extra_wins", "p50"] == pytest.approx(5.2 * 0.04)
        # 80 % of a normal with the standard error of the interval.
        reach = stats.norm.ppf(0.9) * 0.02 / stats.norm.ppf(0.975)
        assert rows.loc["extra_wins", "p90"] - rows.loc["extra_wins", "p50"] == pytest.approx(5.2 * reach, rel=0.005)
        sizes = st.measure(worked, st.average_deal_size).frame.iloc[0]
        assert rows.loc["extra_bookings", "p50"] == pytest.approx(5.2 * 0.04 * sizes["value"], rel=0.02)
        assert answer.best == "in_person_client"
        twice = st.time_sinks(worked, association=told, freed=0.4).what_if.set_index("what")
        assert twice["p10"].to_dict() == pytest.approx((2 * rows["p10"]).to_dict())
        assert "if the association were a cause, which this data cannot show" in answer.sentences[-1]
        assert any(
            s.startswith("20% of the sinks' hours are 52 hours, the time of 5.2 activities more in person")
            for s in answer.sentences
        )

    def test_without_a_category_told_apart_no_hours_are_moved(self, worked):
        answer = st.time_sinks(worked, association=goes(admin="cannot_tell", in_person_client="cannot_tell"))
        assert answer.what_if.empty
        assert answer.sentences[-1].startswith("No what-if is given: no category can be told to go with winning")
        assert (
            st.time_sinks(worked, association=goes(admin="more")).sentences[-1]
            == "Nothing is moved in a what-if, as nothing is a sink."
        )

    def test_the_landmark_told_apart_counts_and_else_that_of_thirty_days(self, worked):
        late = goes(in_person_client=("more", 0.02, 0.06), admin="cannot_tell").assign(days=60)
        early = goes(in_person_client="cannot_tell", admin=("cannot_tell", -0.5, 0.5)).assign(days=14)
        rows = st.time_sinks(worked, association=pd.concat([late, early, goes(admin="cannot_tell")])).frame
        rows = rows[rows["level"] == "category"].set_index("category")
        assert rows.loc["in_person_client", ["days", "association"]].tolist() == [60, "more"]
        assert rows.loc["admin", "days"] == 30

    def test_unclassified_hours_are_never_called_a_sink(self):
        done = weeks_of("R0", {"unclassified": 9, "admin": 1})
        answer = st.time_sinks(book_with(done=done), association=goes(unclassified="cannot_tell", admin="cannot_tell"))
        assert not answer.frame["sink"].any()
        assert any("90.0% of the hours are unclassified" in each for each in answer.limits)

    def test_few_weeks_call_nothing_a_sink(self):
        answer = st.time_sinks(book_with(done=weeks_of("R0", {"admin": 9}, weeks=6)), association=goes(admin="cannot_tell"))
        assert not answer.frame["sink"].any()
        assert answer.sentences[0].startswith("Whether a category is a time sink cannot be told")

    def test_the_association_is_asked_of_the_book_where_none_is_given(self, worked):
        answer = time_sinks(worked, during=HALF_YEAR)
        assert set(answer.frame["association"]) <= {"cannot_tell", "no_opportunity", "unknown"}
        assert answer.what_if.empty

    def test_shares_are_shares(self, worked):
        for wrong in ({"freed": 20}, {"large": -0.1}):
            with pytest.raises(ParameterError, match="is a share from 0 to 1"):
                st.time_sinks(worked, association=goes(), **wrong)

    def test_the_small_book_is_too_small(self, small_book):
        answer = st.time_sinks(small_book, during="2026-Q2")
        assert not answer.frame["sink"].any()
        assert answer.frame[answer.frame["level"] == "category"]["hours"].sum() == 6.0


class TestProduct:
    def test_it_is_what_random_draws_give(self):
        rng = np.random.default_rng(8)
        z = stats.norm.ppf(0.975)
        effect, size = Interval(3.0, 1.0, 5.0), Interval(40.0, 25.0, 70.0)
        draws = rng.normal(3, 2 / z, 10**6) * 40 * np.exp(rng.normal(0, np.log(70 / 25) / 2 / z, 10**6))
        assert product_quantiles(effect, size) == pytest.approx(np.quantile(draws, [0.1, 0.5, 0.9]), rel=0.01)

    def test_a_missing_limit_gives_nothing_and_a_size_of_zero_is_refused(self):
        assert np.isnan(product_quantiles(Interval(3, 1, 5), Interval(4, np.nan, np.nan))).all()
        with pytest.raises(StatisticsError, match="positive"):
            product_quantiles(Interval(3, 1, 5), Interval(4, 0, 5))


ASKED = {
    "leaders": st.leaders,
    "rep_page": lambda book, **more: st.rep_page(book, "R1", **more),
    "time_use": st.time_use,
    "time_sinks": st.time_sinks,
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
class TestThinBooks:
    """An empty frame and one sentence that says what is missing or what to do."""

    def test_without_activities(self, ask):
        tables = {name: frame for name, frame in frames().items() if name != "activities"}
        answer = ask(book_of(ibis.duckdb.connect(), tables))
        assert answer.frame.empty
        assert len(answer.sentences) == 1
        assert "the table 'activities', which the book of Small & Co does not have" in answer.sentences[0]

    def test_with_all_activities_unclassified(self, ask):
        answer = ask(book_with(done=weeks_of("R1", {"unclassified": 3}), reps=roster(3)))
        assert answer.frame.empty
        told = "All 26 activities are unclassified, so nothing can be said by category: "
        assert answer.sentences == (told + "add rules under activity_categories in the book file.",)

    def test_with_no_activity_in_the_period(self, ask):
        answer = ask(book_with(done=weeks_of("R1", {"admin": 3}, 12), reps=roster(3)), during="2026-03")
        assert answer.frame.empty
        assert len(answer.sentences) == 1

    def test_with_no_duration_recorded(self, ask):
        done = [(*row[:5], None, *row[6:]) for row in weeks_of("R1", {"admin": 3, "travel": 1}, 12)]
        answer = ask(book_with(done=done, reps=roster(3)))
        if ask is st.leaders:
            # Who logged something did zero hours of it: a board of nobody above the rest.
            assert answer.frame["total"].tolist() == [0] * len(answer.frame)
            return
        assert answer.frame.empty
        assert len(answer.sentences) == 1
        assert "24 activities" in answer.sentences[0]
        assert "duration" in answer.sentences[0]

    def test_a_scope_that_is_not_there_is_refused(self, ask, worked):
        # What an answer says in a scope: tests/test_scope.py.
        with pytest.raises(UnknownNameError, match="North"):
            ask(worked, where={"team": "Nort"})


class TestCharts:
    def test_the_mix_of_a_rep(self, worked):
        ax = st.charts.own_mix(st.rep_page(worked, "Rep 00"))
        assert len(layers(ax, "team")) == 1
        assert "Where the hours of Rep 00 go" in ax.alt
        assert "Admin 60%" in ax.alt
        assert ax.svg().startswith("<?xml")

    def test_what_became_of_the_hours(self, worked):
        ax = st.charts.time_by_outcome(st.time_use(worked))
        # O1 was won: 11 of 21 hours a week went into it.
        assert "All: won 52%" in ax.alt
        widths = [bar.get_width() for bar in layers(ax, "share_won")]
        assert max(widths) == 1.0

    def test_sinks_have_the_strong_colour(self, worked):
        told = goes(admin="cannot_tell", internal_meeting="cannot_tell", in_person_client=("more", 0.02, 0.06))
        ax = st.charts.sinks(st.time_sinks(worked, association=told))
        assert "Time sinks: Admin, Internal meeting." in ax.alt
        colours = [bar.get_facecolor() for bar in layers(ax, "loose")]
        assert colours[1] == colours[2] != colours[0] == colours[3]

    def test_a_leader_board_marks_only_those_told_apart(self):
        rng = np.random.default_rng(9)
        done = [row for i in range(8) for row in weeks_of(f"R{i}", {"admin": 2, "travel": 9 if i == 3 else 3}, jitter=rng)]
        done += weeks_of("R8", {"travel": 3}, weeks=4)
        ax = st.charts.leader_board(st.leaders(book_with(done=done, reps=roster(9))))
        marked = [len(each.get_offsets()) for word in ("above", "below", "like") for each in layers(ax, word)]
        # Travel comes first, as the larger total: one above and seven alike; at admin all eight alike.
        assert marked == [1, 0, 0, 0, 7, 8]
        assert "Travel: Rep 03 above the rest." in ax.alt
        assert "One group has too few to judge." in ax.alt

    def test_nobody_with_ten_weeks_is_no_board(self):
        ax = st.charts.leader_board(st.leaders(book_with(done=weeks_of("R1", {"admin": 3}, weeks=4))))
        assert "Nobody has ten weeks or days of records" in ax.alt

    def test_what_cannot_be_drawn_says_why(self):
        thin = book_with(done=weeks_of("R1", {"unclassified": 3}), reps=roster(3))
        for draw, answer in (
            (st.charts.leader_board, st.leaders(thin)),
            (st.charts.own_mix, st.rep_page(thin, "R1")),
            (st.charts.time_by_outcome, st.time_use(thin)),
            (st.charts.sinks, st.time_sinks(thin)),
        ):
            assert "All 26 activities are unclassified" in draw(answer).alt


def test_hours_of_a_whole_team_are_those_of_its_reps(worked):
    whole = hours_by(worked, ("team",))
    parts = hours_by(worked, ("rep",))
    assert whole["hours"].sum() == pytest.approx(parts["hours"].sum())
    assert table_of("activities", [], "activity_id").empty


class TestPages:
    """What the pages of the methods work out by hand is what comes out."""

    def page(self, name):
        return " ".join((METHODS / f"{name}.md").read_text(encoding="utf-8").split())

    def test_time_use(self, book):
        answer, page = st.time_use(book, during="2026-Q2"), self.page("time_use")
        hours = answer.frame.groupby("became")["hours"].sum()
        assert f"In all {hours.sum():g} hours. Won: 1 + 0.5 = {hours['won']:g}, that is {hours['won'] / hours.sum():.0%}." in page
        assert f"1.5 + 2 + 1 = {hours['none']:g}, that is {hours['none'] / hours.sum():.0%}." in page
        cost = answer.costs.set_index("figure").loc["hours_per_win"]
        assert f"{answer.carried_over} carried over" in page
        assert f"a win has cost {cost['value']:g} hours, out of {cost['n']}, too few to judge" in page
        assert cost["note"] == "too_few"

    def test_time_sinks(self, book, worked):
        answer, page = st.time_sinks(book, during="2026-Q2"), self.page("time_sinks")
        rows = answer.frame[answer.frame["level"] == "category"]
        for row in rows.to_dict("records"):
            name = label_of(row["category"])
            assert f"| {name} | {row['hours']:g} | {row['share']:.0%} | {row['unattached']:.0%} |" in page
        assert page.count("% |") == 2 * len(rows)
        assert answer.what_if.empty
        told = goes(admin="cannot_tell", internal_meeting="cannot_tell", in_person_client=("more", 0.02, 0.06))
        wins = st.time_sinks(worked, association=told).what_if.set_index("what").loc["extra_wins"]
        assert f"= {wins['p50']:.2f} more wins" in page
        assert f"= {wins['p10']:.2f} and " in page
        assert f"= {wins['p90']:.2f}." in page

    def test_leader_board(self, book):
        frame = st.leaders(book, during="2026-Q2").frame
        admin = frame[frame["category"] == "admin"].set_index("rep")
        assert admin["rate"].to_dict() == {"Ada": 1.5, "Ben": 0, "Chen": 0}
        assert set(admin["n"]) == {1}
        assert f"the mean of all weeks is {admin['rate'].mean():g}" in self.page("leader_board")

    def test_rep_page(self, book):
        rows = st.rep_page(book, "Ada", during="2026-Q2").frame.set_index("category")
        page = self.page("rep_page")
        assert f"{rows['hours'].sum():g} hours, admin {rows.loc['admin', 'share']:.0%}" in page
        meeting, admin = rows.loc["internal_meeting", "other_share"], rows.loc["admin", "other_share"]
        assert f"so {meeting:.0%} internal meetings and {admin:.0%} admin" in page
