"""Who does what, a rep's page, hours by outcome and time sinks: by hand on the small book, by other roads on generated ones."""

from datetime import timedelta
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import salestrack as st
from salestrack.alike_weeks import weeks_of_a_deal
from salestrack.analyses.hours import BECAME, hours_by
from salestrack.analyses.leader_standing import judged
from salestrack.errors import DefinitionError
from salestrack.stats.multiple import distinguishable_means
from tests.logged import AFTER, MONDAY, book_with, roster, table_of, weeks_of
from tests.small_book import NASTY


class TestHoursByOutcome:
    def test_the_small_book_by_hand(self, small_book):
        """C1 and C2 served O1 and O2, which were won; C5 has no duration and O6 is open; C3, C4 and C6 name nothing."""
        answer = st.time_use(small_book, during="2026-Q2")
        hours = answer.frame.set_index(["category", "became"])["hours"]
        assert hours[hours > 0].to_dict() == {
            ("digital_client", "won"): 1.0,
            ("in_person_client", "won"): 0.5,
            ("internal_meeting", "none"): 2.0,
            ("admin", "none"): 1.5,
            ("unclassified", "none"): 1.0,
        }
        n = answer.frame.set_index(["category", "became"])["n"]
        assert n["digital_client", "open"] == 1, "an activity without duration is counted and takes no hours"
        assert answer.frame["hours"].sum() == 6.0
        said = (
            "Of 6 hours logged in 2026-Q2, 25% went into opportunities that were won, 0% into lost ones, 0% into ones still open, "
        )
        assert answer.sentences[0] == said + "and 75% name no opportunity."

    def test_opportunities_older_than_the_record_are_in_no_cost(self, book):
        """Of the seven decided in the quarter only O4 and O10 were created after the first activity, of 2 April."""
        answer = st.time_use(book, during="2026-Q2")
        assert answer.carried_over == 5
        costs = answer.costs.set_index("figure")
        assert costs.loc["hours_per_win", ["value", "n"]].tolist() == [0.0, 2]
        assert set(costs["note"]) <= {"too_few", "undefined"}
        assert "5 decided opportunities are in none of these costs" in answer.sentences[-1]

    def test_hours_add_up_to_those_measured(self, book):
        found = hours_by(book, ("category", "rep"), None, None)
        assert found["hours"].sum() == st.measure(book, st.activity_hours).value()
        assert found["n"].sum() == st.measure(book, st.activity_count).value()

    @settings(max_examples=15)
    @given(some.data())
    def test_it_is_what_a_loop_over_rows_finds(self, data):
        outcomes = data.draw(some.lists(some.sampled_from(["Won", "Lost", "Discovery"]), min_size=1, max_size=4))
        deals = [(f"O{i}", "R1", 100, MONDAY, MONDAY, stage, None) for i, stage in enumerate(outcomes)]
        link = some.sampled_from([None, "gone", *(deal[0] for deal in deals)])
        row = some.tuples(some.sampled_from(["admin", "travel"]), some.none() | some.integers(0, 300), link)
        rows = data.draw(some.lists(row, min_size=1, max_size=12))
        done = [(f"A{i}", "R1", category, None, MONDAY, minutes, deal) for i, (category, minutes, deal) in enumerate(rows)]
        expected = {}
        word = {"Won": "won", "Lost": "lost", "Discovery": "open"} | {None: "none", "gone": "unknown"}
        of_deal = {deal[0]: deal[5] for deal in deals} | {None: None, "gone": "gone"}
        for category, minutes, deal in rows:
            key = category, word[of_deal[deal]]
            hours, n = expected.get(key, (0.0, 0))
            expected[key] = (hours + (minutes or 0) / 60, n + 1)
        found = hours_by(book_with(deals, done), ("category",)).set_index(["category", "became"])
        assert set(found.index) == set(expected)
        for key, (hours, n) in expected.items():
            assert found.loc[key, "hours"] == pytest.approx(hours)
            assert found.loc[key, "n"] == n

    def test_an_opportunity_that_the_book_does_not_have_is_named_so(self):
        done = [("A1", "R1", "admin", None, MONDAY, 60, "gone"), ("A2", "R1", "admin", None, MONDAY, 180, None)]
        answer = st.time_use(book_with(done=done))
        assert answer.frame.set_index("became")["share"].to_dict()["unknown"] == 0.25
        assert "25% of the hours name an opportunity that the book does not have." in answer.sentences
        assert "unknown" not in set(st.time_use(book_with(done=done[1:])).frame["became"])
        assert set(answer.frame["became"]) <= set(BECAME)


@pytest.fixture(scope="session")
def decided():
    deals = [(f"W{i}", "R1", 100, MONDAY, MONDAY + timedelta(days=60), "Won", "SMB") for i in range(12)]
    deals += [(f"L{i}", "R1", 50, MONDAY, MONDAY + timedelta(days=60), "Lost", "SMB") for i in range(12)]
    done = [("first", "R1", "admin", "x", MONDAY, 0, None)]
    for deal in deals:
        minutes = 60 if deal[5] == "Won" else 30
        # One portion in the quarter before the decision, which counts all the same.
        done += [(f"{deal[0]}-{d}", "R1", "digital_client", "call", MONDAY + timedelta(days=d), minutes, deal[0]) for d in (1, 50)]
    return book_with(deals, done)


class TestWhatAWinTakes:
    """Twelve won ones of 100 with 2 hours each, twelve lost ones with 1 hour each, logged in two portions."""

    def test_all_hours_of_what_was_decided_count_over_their_whole_life(self, decided):
        costs = st.time_use(decided, during="2025-11").costs.set_index("figure")["value"]
        assert costs["hours_per_win"] == (12 * 2 + 12 * 1) / 12
        assert (costs["hours_on_a_win"], costs["hours_on_a_loss"]) == (2, 1)
        assert costs["bookings_per_hour"] == pytest.approx(1200 / 36)

    def test_the_hours_of_the_period_are_those_that_fell_into_it(self, decided):
        frame = st.time_use(decided, during="2025-11").frame.groupby("became")["hours"].sum()
        assert (frame["won"], frame["lost"]) == (12, 6), "the second portion only"

    def test_the_sentence_names_both_costs_apart(self, decided):
        sentence = st.time_use(decided, during="2025-11").sentences[1]
        assert sentence.startswith("A win takes 3 hours with the losses paid for")
        assert "a won one took 2 hours itself" in sentence
        assert "a lost one 1 (" in sentence

    def test_nothing_won_is_told_and_not_divided_by(self, decided):
        deals = [("L1", "R1", 50, MONDAY, MONDAY + timedelta(days=60), "Lost", None)]
        answer = st.time_use(book_with(deals, [("A1", "R1", "admin", None, MONDAY, 60, "L1")]))
        assert answer.costs.set_index("figure").loc["hours_per_win", "note"] == "undefined"
        assert "What a win takes cannot be told: none of the 1 opportunities decided then was won." in answer.sentences

    def test_the_interval_is_that_of_a_jackknife_over_opportunities(self):
        rng = np.random.default_rng(3)
        won, hours = rng.random(200) < 0.4, rng.lognormal(1.5, 0.6, 200)
        deals = [(f"O{i}", "R1", 100, MONDAY, AFTER, "Won" if w else "Lost", None) for i, w in enumerate(won)]
        done = [(f"A{i}", "R1", "admin", None, MONDAY, h * 60, f"O{i}") for i, h in enumerate(hours)]
        row = st.time_use(book_with(deals, done)).costs.set_index("figure").loc["hours_per_win"]
        left_out = np.array([np.delete(hours, i).sum() / np.delete(won, i).sum() for i in range(200)])
        error = np.sqrt(199 / 200 * ((left_out - left_out.mean()) ** 2).sum())
        assert (row["high"] - row["low"]) / 2 == pytest.approx(1.96 * error, rel=0.05)
        assert row["value"] == pytest.approx(hours.sum() / won.sum())


@pytest.fixture(scope="session")
def losing():
    """Forty lost in each segment: 1 to 2 hours on the small ones, 5 to 10 on the large ones."""
    deals, done, history = [], [("first", "R1", "admin", "x", MONDAY, 0, None)], []
    for i in range(80):
        large = i % 2
        name, hours = f"L{i:02}", (1 + i / 80) * (5 if large else 1)
        deals.append((name, "R1", 1000, MONDAY, AFTER, "Lost", "Enterprise" if large else "SMB"))
        done.append((f"A{i}", "R1", "admin", "x", MONDAY, hours * 60, name))
        stages = ["Discovery", "Proposal", "Negotiation"][: 2 + large]
        history += [(name, stage, MONDAY + timedelta(days=k)) for k, stage in enumerate(stages)]
    deals.append(("W", "R1", 1000, MONDAY, AFTER, "Won", "SMB"))
    return book_with(deals, done, roster(2), stage_history=table_of("stage_history", history, "opportunity_id stage entered_at"))


class TestExpensiveLosses:
    def test_the_dearest_come_first_with_the_stage_they_were_lost_from(self, losing):
        answer = st.time_use(losing)
        first = answer.losses.iloc[0]
        assert (first["opportunity_id"], first["rep"], first["stage"]) == ("L79", "Rep 01", "Negotiation")
        assert first["hours"] == pytest.approx(5 * (1 + 79 / 80))
        assert answer.losses["hours"].is_monotonic_decreasing
        assert len(answer.losses) == 10
        total = sum((1 + i / 80) * (5 if i % 2 else 1) for i in range(80))
        assert answer.losses["share"].iloc[0] == pytest.approx(first["hours"] / total)

    def test_segments_and_stages_are_told_apart_and_sources_are_not_known(self, losing):
        groups = st.time_use(losing).losses_by.set_index(["by", "group"])
        assert set(groups.index.get_level_values("by")) == {"segment", "stage"}
        assert groups["standing"].to_dict() == {
            ("segment", "Enterprise"): "above",
            ("segment", "SMB"): "below",
            ("stage", "Negotiation"): "above",
            ("stage", "Proposal"): "below",
        }
        assert groups.loc[("segment", "SMB"), "lost"] == 40
        assert groups.groupby("by")["share"].sum().tolist() == pytest.approx([1, 1])

    def test_without_a_stage_history_the_stage_is_null(self):
        deals = [("L1", "R1", 50, MONDAY, AFTER, "Lost", None)]
        answer = st.time_use(book_with(deals, [("A1", "R1", "admin", None, MONDAY, 60, "L1")]))
        assert answer.losses["stage"].isna().all()
        assert any("1 hours went into it. " in sentence for sentence in answer.sentences)


class TestLeaders:
    def test_the_small_book_names_nobody(self, small_book):
        """Four reps with one or two weeks of records: nothing to tell, and R4 logged nothing."""
        answer = st.leaders(small_book, during="2026-Q2")
        assert set(answer.frame["standing"]) == {"too_few"}
        row = answer.frame.set_index(["category", "rep"]).loc[("admin", "Ada")]
        # C3 is the 1.5 hours of admin; Ada logged in one week of the quarter only.
        assert row[["rate", "n", "total", "share"]].tolist() == [1.5, 1, 1.5, 1.0]
        assert answer.sentences[-1] == f"One rep logged nothing at all: {NASTY}."

    def test_one_who_does_more_is_above_and_the_others_have_no_places(self):
        rng = np.random.default_rng(1)
        done = [row for i in range(8) for row in weeks_of(f"R{i}", {"admin": 2, "travel": 9 if i == 3 else 3}, jitter=rng)]
        answer = st.leaders(book_with(done=done, reps=roster(8)))
        travel = answer.frame[answer.frame["category"] == "travel"]
        assert travel.loc[travel["standing"] == "above", "rep"].tolist() == ["Rep 03"]
        assert travel["standing"].iloc[0] == "above"
        for _, same in answer.frame.groupby(["category", "standing"]):
            assert same["rep"].is_monotonic_increasing, "an order within a standing would be an order of noise"
        assert "Rep 03 above the rest" in answer.sentences[0]
        assert "Nobody can be told apart from the rest in: admin." in answer.sentences

    def test_a_rep_who_came_late_is_not_below_for_that(self):
        rng = np.random.default_rng(2)
        done = [row for i in range(7) for row in weeks_of(f"R{i}", {"admin": 4}, jitter=rng)]
        done += weeks_of("R7", {"admin": 4}, weeks=12, start=MONDAY + timedelta(days=98), jitter=rng)
        row = st.leaders(book_with(done=done, reps=roster(8))).frame.set_index("rep").loc["Rep 07"]
        assert (row["standing"], row["n"]) == ("like", 12)

    def test_weeks_without_the_kind_count_as_zero(self):
        done = (
            weeks_of("R0", {"admin": 2}, weeks=20) + weeks_of("R0", {"travel": 4}, weeks=5) + weeks_of("R1", {"admin": 1}, weeks=20)
        )
        frame = st.leaders(book_with(done=done, reps=roster(2))).frame.set_index(["category", "rep"])
        assert frame.loc[("travel", "Rep 00"), "rate"] == 4 * 5 / 20
        assert frame.loc[("travel", "Rep 01"), ["rate", "total"]].tolist() == [0, 0]
        assert np.isnan(frame.loc[("travel", "Rep 01"), "high"]), "never is no estimate of how often"

    def test_where_nobody_differs_somebody_is_told_apart_in_one_of_twenty(self):
        rng = np.random.default_rng(11)
        wrong = 0
        for _ in range(150):
            rows = []
            for kind in ("admin", "travel", "training"):
                x = rng.lognormal(0, 1, (20, 13)) * (rng.random((20, 13)) < 0.7)
                sums = {
                    "n": 13,
                    "s1": x.sum(axis=1),
                    "s2": (x**2).sum(axis=1),
                    "s3": (x**3).sum(axis=1),
                    "total": x.sum(axis=1),
                    "times": 1.0,
                }
                rows.append(
                    pd.DataFrame(
                        sums | {"opportunities": 0, "activities": 13, "category": kind, "rep": [f"R{i:02}" for i in range(20)]}
                    )
                )
            wrong += judged(pd.concat(rows), "rep", "category")["standing"].isin(["above", "below"]).any()
        # 5 % and two standard errors of 150 runs.
        assert wrong / 150 <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 150)

    @pytest.fixture(scope="class")
    @staticmethod
    def equal():
        """Eight reps alike for two years: a deal a month or so, some 12 weeks of two hours a week on each while it lasts."""
        rng = np.random.default_rng(2)
        done = []
        for rep, week in product(range(8), range(104)):
            for deal in range(rng.poisson(0.25)):
                for later in range(rng.integers(6, 18)):
                    start = MONDAY + timedelta(days=7 * (week + later))
                    if week + later < 104:
                        name = f"D{rep}-{week}-{deal}"
                        done.append((f"{name}-{later}", f"R{rep}", "digital_client", "call", start, 120, name))
            done.append(
                (f"A{rep}-{week}", f"R{rep}", "admin", "post", MONDAY + timedelta(days=7 * week), rng.integers(30, 90), None)
            )
        return done

    def test_a_deal_that_fills_many_weeks_makes_no_leader(self, equal):
        """Weeks taken for independent name somebody at work on deals; blocks of weeks name nobody, and admin needs no widening."""
        book = book_with(done=equal, reps=roster(8), as_of=MONDAY + timedelta(days=7 * 104))
        assert 10 <= weeks_of_a_deal(book) <= 18
        answer = st.leaders(book)
        rows = answer.frame[answer.frame["category"] == "digital_client"]
        assert set(rows["standing"]) == {"like"}
        weeks = pd.DataFrame(equal, columns=["activity", "rep", "category", "type", "start", "minutes", "deal"])
        by_week = weeks[weeks["category"] == "digital_client"].groupby(["rep", "start"])["minutes"].sum() / 60
        x = by_week.unstack(fill_value=0.0).to_numpy()
        naive = distinguishable_means(*[np.full(8, x.shape[1]), *((x**power).sum(axis=1) for power in (1, 2, 3))])
        assert (naive.adjusted <= 0.01).any()
        assert rows["p"].min() > 10 * naive.p.min()

    def test_one_who_does_more_on_each_deal_is_above_all_the_same(self, equal):
        """R3 spends three times as long on every activity with a client."""
        longer = [(*row[:5], row[5] * (3 if row[1] == "R3" and row[2] == "digital_client" else 1), row[6]) for row in equal]
        answer = st.leaders(book_with(done=longer, reps=roster(8), as_of=MONDAY + timedelta(days=7 * 104)))
        told = answer.frame[answer.frame["standing"] == "above"]
        assert told[["category", "rep"]].to_numpy().tolist() == [["digital_client", "Rep 03"]]
        assert not answer.frame["explained"].any()
        row = told.iloc[0]
        assert row["per_opportunity"] == pytest.approx(row["total"] / row["opportunities"])
        assert row["opportunities"] == len({each[6] for each in longer if each[1] == "R3" and each[6]})

    def test_one_with_more_deals_is_not_called_above_for_that(self, equal):
        """R3 has every deal of R4 and R5 as well, who have none: more a week, and no more on each."""
        moved = [(row[0], "R3" if row[1] in {"R4", "R5"} and row[6] else row[1], *row[2:]) for row in equal]
        answer = st.leaders(book_with(done=moved, reps=roster(8), as_of=MONDAY + timedelta(days=7 * 104)))
        row = answer.frame.set_index(["category", "rep"]).loc[("digital_client", "Rep 03")]
        assert (row["standing"], row["explained"]) == ("like", True)
        said = (
            "Digital with client, more or less a week only because of the number of opportunities, for each of them like the rest: "
        )
        assert any(sentence.startswith(f"{said}Rep 03") for sentence in answer.sentences)

    def test_the_first_weeks_of_a_rep_do_not_count(self, equal):
        """R0 begins half a year late, with nothing to do at first."""
        late = MONDAY + timedelta(days=182)
        done = [row for row in equal if row[1] != "R0" or row[4] >= late]
        book = book_with(done=done, reps=roster(8), as_of=MONDAY + timedelta(days=7 * 104))
        rows = st.leaders(book).frame.set_index(["category", "rep"])
        assert rows.loc[("admin", "Rep 00"), "n"] == 104 - 26 - weeks_of_a_deal(book)
        assert rows.loc[("admin", "Rep 01"), "n"] == 104 - weeks_of_a_deal(book)
        own = [row[5] / 60 for row in done if row[1] == "R0" and row[2] == "admin"]
        assert rows.loc[("admin", "Rep 00"), "total"] == pytest.approx(sum(own)), "the total is all that was logged"
        assert rows.loc[("admin", "Rep 00"), "rate"] == pytest.approx(np.mean(own[weeks_of_a_deal(book) :]))

    def test_any_total_of_activities_will_do(self, registry):
        @st.metric(unit=st.COUNT, clock="started_at")
        def long_ones(activities):
            """Number of activities of two hours or more."""
            return st.Total(of=activities.minutes >= 120)

        frame = st.leaders(book_with(done=weeks_of("R0", {"admin": 3, "travel": 1}, 12)), long_ones).frame
        assert frame.set_index("category")["total"].to_dict() == {"admin": 12, "travel": 0}
        for wrong in (st.win_rate, st.selling_time_share):
            with pytest.raises(DefinitionError):
                st.leaders(book_with(done=weeks_of("R0", {"admin": 3}, 12)), wrong)

    def test_of_teams_the_observation_is_the_rep(self):
        done = [row for i in range(24) for row in weeks_of(f"R{i}", {"admin": 8 if i < 12 else 2}, weeks=4 + i % 3)]
        reps = [*roster(12), *((f"R{i}", f"Rep {i}", "South", None, None) for i in range(12, 24))]
        answer = st.leaders(book_with(done=done, reps=reps), by="team", during="2025-10-01/2026-03-01")
        rows = answer.frame.set_index("team")
        assert answer.unit == "rep"
        assert rows["n"].tolist() == [12, 12]
        assert rows["rate"].to_dict() == {"North": 8, "South": 2}, "the mean of their weeks, however many they were"
        assert rows["standing"].to_dict() == {"North": "above", "South": "below"}

    def test_types_are_a_board_of_their_own(self, book):
        answer = st.leaders(book, st.activity_count, each="type", during="2026-Q2")
        found = answer.frame[answer.frame["total"] > 0].set_index(["type", "rep"])["total"]
        assert found.to_dict() == {
            ("call", "Ada"): 1,
            ("email", "Ben"): 1,
            ("other", "Chen"): 1,
            ("reporting", "Ada"): 1,
            ("standup", "Ben"): 1,
            ("visit", "Ada"): 1,
        }
