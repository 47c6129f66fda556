"""A rep's page: own hours against the team's and the rep's own past, and the shares of hours behind it."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import salestrack as st
from salestrack.analyses.hours import shares_of_hours, unit_of
from salestrack.analyses.rep_page import _mix
from salestrack.errors import UnknownNameError
from tests.logged import MONDAY, book_with, roster, weeks_of

METHODS = Path(__file__).parents[1] / "docs" / "methods"
HALF_YEAR = f"{MONDAY}/{MONDAY + timedelta(days=182)}"


class TestShareOfHours:
    def test_an_observation_is_a_week_or_in_short_periods_a_day(self):
        assert unit_of(None) == "week"
        assert unit_of(st.Period.parse("2026-Q3")) == "week"
        assert unit_of(st.Period.parse("2026-09")) == "day"

    def test_whole_weeks_of_one_thing_make_a_wide_interval(self):
        """Every second week is all travel. Taken one by one its 130 trips would look like a sure half of the hours."""
        rows = [(f"{w}-{d}", w, "travel" if w % 2 else "admin", 8.0) for w in range(26) for d in range(5)]
        hours = pd.DataFrame(rows, columns=["activity_id", "week", "category", "hours"])
        found = shares_of_hours(hours, "category", "week").loc["travel"]
        naive = shares_of_hours(hours, "category", "activity_id").loc["travel"]
        assert found["share"] == naive["share"] == 0.5
        assert (found["high"] - found["low"]) > 2 * (naive["high"] - naive["low"])

    def test_the_interval_covers_the_truth_where_weeks_differ(self):
        """Weeks on the road and weeks at the desk: the share of travel in a week is drawn anew from a Beta with mean 0.25."""
        rng = np.random.default_rng(4)
        covered = narrow = 0
        for _ in range(200):
            share, whole = rng.beta(1.5, 4.5, 26), rng.normal(35, 5, 26)
            trips = pd.DataFrame({"week": range(26), "category": "travel", "hours": share * whole})
            rest = pd.DataFrame({"week": range(26), "category": "admin", "hours": (1 - share) * whole})
            row = shares_of_hours(pd.concat([trips, rest]), "category", "week").loc["travel"]
            covered += row["low"] <= 0.25 <= row["high"]
            narrow += row["low"] > 0.25 or row["high"] < 0.25
        assert 0.91 <= covered / 200 <= 0.99, "95 % give or take three standard errors"
        assert covered + narrow == 200


class TestRepPage:
    @pytest.fixture
    def busy(self):
        rng = np.random.default_rng(5)
        usual = {"digital_client": 10, "admin": 4, "travel": 4}
        done = [row for i in range(5) for row in weeks_of(f"R{i}", usual, weeks=52, jitter=rng)]
        # In the second half year Rep 05 does three times the admin of the others, and of his own first half.
        done += weeks_of("R5", usual, weeks=26, jitter=rng)
        done += weeks_of("R5", usual | {"admin": 12}, start=MONDAY + timedelta(days=182), jitter=rng)
        return book_with(done=done, reps=roster(6), as_of=date(2026, 10, 1))

    def test_a_planted_difference_is_found_against_the_team_and_the_past(self, busy):
        page = st.rep_page(busy, "Rep 05", during="2026-03-30/2026-09-28")
        verdicts = page.frame.set_index(["against", "category"])["verdict"]
        assert verdicts["team", "admin"] == verdicts["past", "admin"] == "up"
        assert verdicts["team", "digital_client"] == "down"
        assert page.sentences[0].startswith("Rep 05 logged ")
        assert any(s.startswith("At the share of admin that the rest of North has, about ") for s in page.sentences)
        assert page.sentences[-1] == "A mix is no grade: accounts, territory and role differ, and only what was logged is in it."

    def test_shares_and_hours_are_those_of_a_plain_count(self, busy):
        page = st.rep_page(busy, "R5", during="2026-03-30/2026-09-28")
        rows = busy.table("activities").to_pyarrow().to_pandas()
        rows = rows[(rows["started_at"] >= "2026-03-30") & (rows["started_at"] < "2026-09-28")]
        own, rest = rows[rows["rep_id"] == "R5"], rows[rows["rep_id"] != "R5"]
        for against, row in page.frame[page.frame["category"] == "admin"].set_index("against").iterrows():
            assert row["share"] == pytest.approx(own.loc[own["category"] == "admin", "minutes"].sum() / own["minutes"].sum())
            assert (row["units"], row["n"]) == (26, 26)
            if against == "team":
                expected = rest.loc[rest["category"] == "admin", "minutes"].sum() / rest["minutes"].sum()
                assert row["other_share"] == pytest.approx(expected)

    def test_a_page_without_differences_says_so_in_19_of_20_cases(self):
        rng = np.random.default_rng(6)
        wrong = 0
        for _ in range(60):
            own, team, past = (_weeks(rng, size) for size in (1, 6, 1))
            page = _mix(own, {"team": team, "past": past}, "week", {})
            wrong += page["verdict"].isin(["up", "down"]).any()
        assert wrong / 60 <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 60)

    def test_the_rep_is_not_part_of_those_held_against(self, busy):
        page = st.rep_page(busy, "Rep 00", during=HALF_YEAR)
        rows = page.frame[page.frame["against"] == "team"]
        everyone = st.measure(busy, st.activity_hours, during=HALF_YEAR).value()
        assert rows["other_hours"].sum() + rows["hours"].sum() == pytest.approx(everyone)

    def test_the_small_book_by_hand(self, small_book):
        """Ada: C1 and C2 sell for 1.5 hours, C3 is 1.5 of admin; in Ben's column of North are C4 and C5, 2 hours of meetings."""
        page = st.rep_page(small_book, "Ada", during="2026-Q2")
        assert page.team == "North"
        rows = page.frame[page.frame["against"] == "team"].set_index("category")
        assert rows.loc["admin", ["hours", "share", "other_share"]].tolist() == [1.5, 0.5, 0.0]
        assert rows.loc["internal_meeting", ["share", "other_share", "other_hours"]].tolist() == [0.0, 1.0, 2.0]
        assert set(rows["verdict"]) == {"cannot_tell"}
        assert "past" not in set(page.frame["against"]), "the record begins on 2 April"
        assert page.sentences[0].startswith("Ada logged 3 hours in 2026-Q2 (3 activities over 1 week). 50% of them were selling;")
        figures = page.figures.set_index("metric")
        # O1 and O2 won, O3 lost; Ben won O4 and O5.
        assert figures.loc["win_rate", ["value", "n", "team_value", "team_n"]].tolist() == [2 / 3, 3, 1.0, 2]
        assert figures.loc["bookings", "value"] == 4000
        assert np.isnan(figures.loc["bookings", "team_value"])
        assert figures.loc["quota_attainment", "value"] == pytest.approx(1)
        assert set(figures["verdict"]) == {"cannot_tell"}

    def test_a_rep_without_a_team_is_held_against_everyone(self, busy):
        done = [row for i in range(3) for row in weeks_of(f"R{i}", {"admin": 1, "travel": 1}, 12)]
        page = st.rep_page(book_with(done=done, reps=roster(3, team=None)), "R0")
        assert page.team == ""
        assert page.frame["other_hours"].sum() == 2 * 24
        assert "everyone else" in " ".join(page.sentences)

    def test_an_unknown_rep_is_named_with_the_nearest(self, busy):
        with pytest.raises(UnknownNameError, match=r"No rep is called 'Rep 5'\. Did you mean 'Rep 05'"):
            st.rep_page(busy, "Rep 5")
        without = book_with(done=weeks_of("R17", {"admin": 1}, 12))
        with pytest.raises(UnknownNameError, match=r"No rep 'R7'\. Did you mean 'R17'\?"):
            st.rep_page(without, "R7")

    def test_a_book_without_reps_answers_by_key(self):
        done = weeks_of("R1", {"admin": 1, "travel": 3}, 12) + weeks_of("R2", {"admin": 1}, 12)
        page = st.rep_page(book_with(done=done), "R1")
        row = page.frame.set_index(["against", "category"]).loc[("team", "admin")]
        assert row[["share", "other_share"]].tolist() == [0.25, 1.0]
        assert page.figures.empty

    def test_a_rep_who_logged_nothing_gets_one_sentence(self, busy):
        page = st.rep_page(book_with(done=weeks_of("R1", {"admin": 1}, 12), reps=roster(3)), "R0")
        assert page.frame.empty
        assert page.sentences == ("Rep 00 logged no hours in all periods in this scope, so there is no mix to show.",)


def _weeks(rng, reps):
    """Return 26 weeks of hours of so many reps, all with the same mix on average."""
    rows = []
    for kind, usual in {"admin": 5, "travel": 3, "digital_client": 12, "training": 1}.items():
        hours = rng.gamma(1.5, usual / 1.5, (reps, 26)).sum(axis=0)
        rows.append(pd.DataFrame({"week": range(26), "category": kind, "hours": hours, "n": reps}))
    return pd.concat(rows, ignore_index=True)


def test_nobodys_page_says_how_to_ask_for_one(small_book):
    page = st.rep_page(small_book, "")
    assert page.frame.empty
    (only,) = page.sentences
    assert "parameter rep" in only
