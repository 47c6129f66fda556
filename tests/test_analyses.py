"""Questions that need more than one metric, on books whose answers are known."""

from dataclasses import replace
from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

import salestrack as st
from salestrack.stats.compare import difference, verdict
from salestrack.stats.intervals import share
from tests.small_book import NASTY, book_of, typed


def closed_book(quarters, as_of=date(2026, 6, 30), amount=1000.0, **more):
    """Return a book whose quarters have (won, lost) opportunities, spread over their days."""
    rows = []
    for quarter, (won, lost) in quarters.items():
        period = st.Period.parse(quarter)
        for i in range(won + lost):
            day = period.start + timedelta(days=i % period.days)
            rows.append((day - timedelta(days=30), day, "Won" if i < won else "Lost"))
    table = pd.DataFrame(rows, columns=["created_date", "close_date", "stage"]).assign(amount=amount)
    table["opportunity_id"] = [f"O{i}" for i in range(len(table))]
    tables = {"opportunities": typed("opportunities", table.astype({"created_date": str, "close_date": str}))}
    return book_of(ibis.duckdb.connect(), tables | more, as_of)


class TestCompare:
    def test_a_clear_rise_is_up_and_good_news(self):
        answer = st.compare(closed_book({"2026-Q1": (100, 100), "2026-Q2": (160, 40)}), st.win_rate, during="2026-Q2")
        row = answer.frame.iloc[0]
        assert (row["before"], row["after"]) == (0.5, 0.8)
        assert (row["verdict"], row["news"], row["reason"]) == ("up", "good", "")
        low, high = confint_proportions_2indep(160, 200, 100, 200, method="newcomb", compare="diff")
        assert (row["low"], row["high"]) == pytest.approx((low, high), abs=1e-9)
        assert "rose from 50.0% in 2026-Q1 to 80.0% in 2026-Q2: +30.0 points" in answer.sentences[0]

    def test_a_fall_of_what_should_be_high_is_bad_news(self):
        answer = st.compare(closed_book({"2026-Q1": (160, 40), "2026-Q2": (100, 100)}), st.win_rate, during="2026-Q2")
        assert answer.frame.iloc[0][["verdict", "news"]].tolist() == ["down", "bad"]

    def test_the_same_with_little_noise_is_flat(self):
        book = closed_book({"2026-Q1": (8000, 8000), "2026-Q2": (8010, 7990)})
        assert st.compare(book, st.win_rate, during="2026-Q2").frame.iloc[0]["verdict"] == "flat"

    def test_a_small_difference_with_much_noise_cannot_be_told(self):
        answer = st.compare(closed_book({"2026-Q1": (20, 20), "2026-Q2": (22, 18)}), st.win_rate, during="2026-Q2")
        assert answer.frame.iloc[0][["verdict", "reason", "news"]].tolist() == ["cannot_tell", "noise", ""]
        assert "within what chance alone can do" in answer.sentences[0]

    def test_too_few_are_not_compared(self):
        answer = st.compare(closed_book({"2026-Q1": (1, 4), "2026-Q2": (40, 10)}), st.win_rate, during="2026-Q2")
        assert answer.frame.iloc[0][["verdict", "reason"]].tolist() == ["cannot_tell", "too_few"]

    def test_growth_of_a_total_is_a_share_of_the_earlier(self):
        answer = st.compare(closed_book({"2026-Q1": (400, 0), "2026-Q2": (800, 0)}), st.bookings, during="2026-Q2")
        row = answer.frame.iloc[0]
        assert (row["kind"], row["before"], row["after"], row["difference"]) == ("growth", 400_000, 800_000, 1.0)
        # Equal amounts: a Poisson count. Its log ratio has the variance 1/400 + 1/800.
        reach = 1.96 * np.sqrt(1 / 400 + 1 / 800)
        assert (row["low"], row["high"]) == pytest.approx((2 * np.exp(-reach) - 1, 2 * np.exp(reach) - 1), rel=0.01)

    def test_a_period_that_is_not_complete_is_not_compared(self, book):
        answer = st.compare(book, [st.win_rate, st.bookings], during="2026-Q2")
        assert set(answer.frame["reason"]) == {"partial"}, "the first record of a closing is of 31 March"

    def test_a_period_before_the_book_begins_is_told_not_refused(self, book):
        answer = st.compare(book, st.bookings, during="2026-Q2", against="year_before")
        assert answer.frame.iloc[0][["verdict", "reason"]].tolist() == ["cannot_tell", "partial"]
        assert answer.sentences[0].startswith("Bookings: no figure in 2025-Q2, €5,700 in 2026-Q2.")

    def test_what_the_book_cannot_answer_says_so(self):
        answer = st.compare(closed_book({"2026-Q1": (40, 10), "2026-Q2": (40, 10)}), st.leakage, during="2026-Q2")
        assert answer.frame.iloc[0]["reason"] == "absent"
        assert answer.sentences[0].startswith("Leakage cannot be measured. This needs the table 'stage_history', which the book")

    def test_groups_of_one_period_only_count_as_nothing_in_the_other(self, book):
        answer = st.compare(book, st.bookings, during="2026-06", by="team")
        found = answer.frame.set_index("team")[["before", "after"]]
        assert found.loc["South"].tolist() == [1200, 0], "O8 in May, nothing in June"
        before, after = found.loc["North"]
        assert (np.isnan(before), after) == (True, 3000), "O5 is won in May without an amount: not nothing, not recorded"

    def test_no_change_is_seldom_called_one(self):
        """The null of two equal periods, simulated: at most 5 % are called up or down."""
        rng = np.random.default_rng(5)
        wrong = 0
        for won in rng.binomial(120, 0.4, size=(120, 2)):
            _, low, high = difference(share(won[1], 120), share(won[0], 120))
            wrong += str(verdict(low, high, -0.02, 0.02)) in ("up", "down")
        assert wrong / 120 <= 0.075, "5 % and two standard errors of 120 runs"


class TestBookingsChange:
    def test_the_parts_add_up_and_are_those_worked_out_by_hand(self, book):
        # April: 2 closed, all won, 750 each. June: 2 closed, half won, 3,000 each.
        answer = st.explain_bookings(book, during="2026-06", against="2026-04")
        parts = answer.frame.set_index("factor")["contribution"]
        # Each factor changed with the other at its value before and at its value after, in equal parts.
        assert parts["win_rate"] == pytest.approx((0.5 - 1) * 2 * (750 + 3000) / 2)
        assert parts["average_deal_size"] == pytest.approx((3000 - 750) * 2 * (1 + 0.5) / 2)
        assert parts["closed_opportunities"] == pytest.approx(0)
        assert parts.sum() == pytest.approx(3000 - 1500, abs=1e-9)

    def test_wins_without_an_amount_are_a_factor_of_their_own(self, book):
        answer = st.explain_bookings(book, during="2026-05", against="2026-04")
        # May: O3 lost, O5 won without amount, O8 won with 1,200.
        assert answer.frame.set_index("factor").loc["amount_recorded", ["before", "after"]].tolist() == [1.0, 0.5]
        assert answer.frame["contribution"].sum() == pytest.approx(1200 - 1500)

    def test_nothing_won_cannot_be_split(self, book):
        answer = st.explain_bookings(book, during="2026-Q2", against="2025-Q2")
        assert "cannot be split up" in answer.sentences[0]


class TestTrend:
    def test_a_growing_series_is_called_growing(self):
        months = {f"2025-{month:02d}": (40 + 12 * month, 0) for month in range(1, 13)}
        answer = st.trend(closed_book(months), st.bookings)
        assert answer.verdict == "growing"
        assert answer.slope[0] > 0
        assert "growing" in answer.sentences[0]

    def test_a_partial_month_is_shown_but_not_judged(self):
        book = closed_book({f"2026-{month:02d}": (60, 0) for month in range(1, 7)}, as_of=date(2026, 6, 10))
        answer = st.trend(book, st.bookings)
        assert answer.frame["partial"].tolist() == [False] * 5 + [True]
        assert "over 5 complete periods" in answer.sentences[0]
        assert answer.verdict in ("flat", "cannot_tell")

    def test_two_periods_are_no_trend(self):
        answer = st.trend(closed_book({"2026-01": (50, 50), "2026-02": (50, 50)}), st.win_rate, during="2026-01-01/2026-03-01")
        assert answer.verdict == "cannot_tell"
        assert "only 2 complete periods" in answer.sentences[0]


class TestLeadsNeeded:
    def test_a_funnel_with_known_rates(self):
        """Half of the leads become MQL, half of those SQL, all of those opportunities, of which half are won with 1,000 each."""
        leads = pd.DataFrame({"lead_id": [f"L{i}" for i in range(4000)], "created_at": "2025-10-01"})
        number = np.arange(4000)
        leads["marketing_qualified_at"] = np.where(number % 2 == 0, "2025-10-02", None)
        leads["sales_qualified_at"] = np.where(number % 4 == 0, "2025-10-03", None)
        leads["converted_at"] = leads["sales_qualified_at"]
        book = closed_book({"2025-Q4": (1000, 1000), "2026-Q2": (10, 10)}, leads=typed("leads", leads))
        answer = st.leads_needed(book, 60_000, during="2026-Q2", base="2025-Q4")
        assert (answer.goal, answer.booked) == (60_000, 10_000)
        found = answer.frame.set_index("step")
        assert found["rate"].dropna().tolist() == [0.5, 0.5, 1.0, 0.5]
        # 50 deals to go, 100 opportunities, 100 SQL, 200 MQL, 400 leads.
        expected = {"deals": 50, "opportunities": 100, "sales_qualified": 100, "marketing_qualified": 200, "leads": 400}
        for step, count in expected.items():
            assert found.loc[step, "p50"] == pytest.approx(count, rel=0.06), step
            assert found.loc[step, "p10"] <= found.loc[step, "p50"] <= found.loc[step, "p90"]

    def test_a_reached_goal_needs_nothing(self, book):
        answer = st.leads_needed(book, 5000, during="2026-Q2", base="2026-Q2")
        assert answer.frame["p50"].tolist() == [0] * 5
        assert "is reached" in answer.sentences[0]

    def test_without_leads_the_chain_begins_at_opportunities(self):
        answer = st.leads_needed(closed_book({"2025-Q4": (50, 50), "2026-Q2": (10, 10)}), 20_000, during="2026-Q2", base="2025-Q4")
        assert answer.frame["step"].tolist() == ["opportunities", "deals"]

    def test_without_history_it_cannot_be_told(self):
        book = closed_book({"2025-Q4": (0, 30), "2026-Q2": (1, 1)})
        answer = st.leads_needed(book, 20_000, during="2026-Q2", base="2025-Q4")
        assert answer.frame["p50"].isna().all()
        assert "cannot be told" in answer.sentences[0]

    def test_without_a_goal_the_period_before_is_one_and_said_to_be(self):
        book = closed_book({"2026-Q1": (40, 40), "2026-Q2": (10, 10)})
        answer = st.leads_needed(book, during="2026-Q2", base="2026-Q1")
        assert answer.goal == 40_000
        assert "No goal for bookings" in answer.sentences[-1]

    @staticmethod
    def book_with_open_ones(amounts, ages, never=0):
        """100 opportunities of 2025, half won after 20 days with 1,000, half lost after 20; some open now, some for ever."""
        as_of = date(2026, 3, 31)
        rows = [(date(2025, 1, 1) + timedelta(days=3 * i), 20, "Won" if i % 2 else "Lost", 1000.0) for i in range(100)]
        rows = [(day, day + timedelta(days=after), stage, amount) for day, after, stage, amount in rows]
        rows += [(date(2025, 1, 1) + timedelta(days=i % 100), None, "Proposal", 1000.0) for i in range(never)]
        rows += [(as_of - timedelta(days=age), None, "Proposal", amount) for age, amount in zip(ages, amounts, strict=True)]
        table = pd.DataFrame(rows, columns=["created_date", "close_date", "stage", "amount"])
        table["opportunity_id"] = [f"O{i}" for i in range(len(table))]
        texts = table.assign(
            **{name: table[name].astype(str).where(table[name].notna(), None) for name in ("created_date", "close_date")}
        )
        return book_of(ibis.duckdb.connect(), {"opportunities": typed("opportunities", texts)}, as_of)

    def test_those_that_never_close_count_as_not_won(self):
        # Of 200 created 50 are won: a quarter; of the 100 closed a half. 40 deals take about 160.
        book = self.book_with_open_ones([], [], never=100)
        answer = st.leads_needed(book, 40_000, during="2026-Q2", base="2025")
        assert answer.frame["rate"].iloc[0] == pytest.approx(0.25)
        assert answer.frame["p50"].iloc[0] == pytest.approx(160, rel=0.06)
        assert answer.coming == (0, 0, 0), "older than any that ever closed"

    def test_what_is_open_is_counted_first(self):
        # Half of the 200 that are 5 days old will be won at 20 days, in mid-April: 100,000 of the 150,000.
        book = self.book_with_open_ones([1000.0] * 200, [5] * 200)
        answer = st.leads_needed(book, 150_000, during="2026-Q2", base="2025")
        assert answer.coming[1] == pytest.approx(100_000, rel=0.05)
        assert answer.coming[0] < 100_000 * 0.95 < 100_000 * 1.05 < answer.coming[2]
        assert answer.frame["p50"].iloc[0] == pytest.approx(100, rel=0.12), "50 deals, half of those created are won"
        assert "€100," in answer.sentences[1] or "€99," in answer.sentences[1] or "€101," in answer.sentences[1]

    def test_what_closes_before_or_after_the_period_does_not_count_for_it(self):
        book = self.book_with_open_ones([1000.0] * 40, [5] * 40)
        assert st.leads_needed(book, 50_000, during="2026-04-16/2026-05-01", base="2025").coming == (0, 0, 0), "won on 15 April"
        assert st.leads_needed(book, 50_000, during="2026-04-01/2026-04-15", base="2025").coming == (0, 0, 0)
        assert st.leads_needed(book, 50_000, during="2026-04-15", base="2025").coming[1] > 15_000

    def test_an_open_one_without_an_amount_is_worth_a_mean_deal(self):
        bare, priced = (
            st.leads_needed(self.book_with_open_ones([amount] * 40, [5] * 40), 50_000, during="2026-Q2", base="2025").coming
            for amount in (None, 1000.0)
        )
        assert bare == priced

    def test_a_base_that_lies_mostly_before_the_record_is_refused_with_the_reason(self):
        answer = st.leads_needed(self.book_with_open_ones([], []), 40_000, during="2026-Q2", base="2024-01-01/2025-03-01")
        assert answer.frame["p50"].isna().all()
        assert answer.sentences == (
            "What the goal needs cannot be told: its rates would come from 2024-01-01/2025-03-01, "
            "and the record begins on 1 Jan 2025.",
        )

    def test_without_amounts_no_goal_is_reached(self):
        book = self.book_with_open_ones([], [])
        bare = replace(
            book, tables={**book.tables, "opportunities": book.table("opportunities").mutate(amount=ibis.null("float64"))}
        )
        for goal in (None, 5000):
            answer = st.leads_needed(bare, goal, during="2026-Q1", base="2025")
            assert "has an amount" in answer.sentences[0]
            assert answer.frame["p50"].isna().all()

    def test_by_when_leads_must_come(self, book):
        # One win can be followed back: O4 of Ben, created as a lead on 1 April, won on 5 April.
        answer = st.leads_needed(book, 10_000, during="2026-Q2", base="2026-Q2")
        assert set(answer.latest.values()) == {date(2026, 6, 26)}

    def test_by_when_they_must_come_for_half_and_for_nine_tenths(self):
        """Eleven wins, 1, 2, ... 9, 30 and 31 days after their leads: half within 6 days, nine tenths within 30."""
        waits = [*range(1, 10), 30, 31]
        leads = pd.DataFrame({"lead_id": [f"L{i}" for i in range(11)], "opportunity_id": [f"O{i}" for i in range(11)]})
        closed = [date(2026, 4, 1) + timedelta(days=i) for i in range(11)]
        leads["created_at"] = [str(day - timedelta(days=wait)) for day, wait in zip(closed, waits, strict=True)]
        # A lost one took 90 days; it says nothing about how long a win takes.
        leads.loc[11] = ["L11", "O11", "2026-01-12"]
        book = closed_book({"2026-Q2": (11, 1)}, leads=typed("leads", leads))
        answer = st.leads_needed(book, 50_000, during="2026-Q3", base="2026-Q2")
        assert answer.latest == {"p50": date(2026, 9, 30) - timedelta(days=6), "p90": date(2026, 9, 30) - timedelta(days=30)}


class TestHeadlinesAndFindings:
    def test_a_tile_for_each_figure_with_its_change(self, book):
        tiles = {tile.name: tile for tile in st.headlines(book, during="2026-Q2")}
        assert list(tiles) == [metric.name for metric in st.FIVE]
        assert tiles["bookings"].value_text == "€5,700"
        assert tiles["win_rate"].value_text == "71.4%"
        assert "not compared" in tiles["win_rate"].delta_text

    def test_goals_come_first_with_their_status(self, book, tmp_path):
        sheet = tmp_path / "goals.yaml"
        sheet.write_text(
            "period: 2026-Q2\nobjectives:\n  - name: Grow\n    achieve: More.\n    use: See.\n    metrics:\n"
            "      - {metric: bookings, target: 7000}\n",
            encoding="utf-8",
        )
        goals = st.read_goals(sheet)
        tiles = list(st.headlines(book, during="2026-Q2", goals=goals))
        assert (tiles[0].name, tiles[0].status) == ("bookings", "off")
        assert "7,000" in tiles[0].target_text
        assert [tile.name for tile in tiles].count("bookings") == 1
        said = st.findings(book, during="2026-Q2", goals=goals)
        assert "Bookings" in said[0]
        assert "off" in said[0]

    def test_markup_in_names_is_text(self, book):
        page = st.headlines(book, during="2026-Q2", where={"rep": NASTY})._repr_mimebundle_()["text/html"]
        assert "<script" not in page
        assert "<script" not in st.data_notes(book)._repr_html_()

    def test_what_is_switched_off_is_noted(self):
        notes = st.data_notes(closed_book({"2026-Q2": (10, 10)}))
        assert any("activities (no file mapped)" in note for note in notes)

    def test_when_all_is_well_it_says_so(self):
        book = closed_book({"2026-Q1": (50, 50), "2026-Q2": (50, 50)}, as_of=date(2026, 9, 30))
        (said,) = st.findings(book, during="2026-Q2")
        # Quotas and leakage are not in this book.
        assert said.startswith("No goal is known to be off or at risk and no key figure clearly got worse")
        assert said.endswith("but 2 of them cannot be judged.")

    def test_nothing_is_called_fine_that_cannot_be_told(self):
        book = closed_book({"2026-Q2": (50, 50)})
        (said,) = st.findings(book, during="2026-Q2")
        assert "5 of them cannot be judged" in said, "three figures lack a quarter before, two their tables"

    def test_a_quota_that_most_miss_needs_a_decision(self, book):
        # Of R1 (quota met to the cent), R2 and R4 one made it.
        assert st.measure(book, "share_of_reps_at_quota", during="2026-Q2").value() == pytest.approx(1 / 3)
        said = st.findings(book, during="2026-Q2")
        assert any(each.startswith("2 of 3 reps ended 2026-Q2 below their quota.") for each in said)


class TestManyLooks:
    @staticmethod
    def of_equal_reps(seed, reps=24):
        """Two quarters of reps who are all alike: 30 closed in each, a third of them won."""
        rng = np.random.default_rng(seed)
        rows = [
            (f"R{rep}", day - timedelta(days=20), day, "Won" if won else "Lost")
            for rep in range(reps)
            for quarter in ("2026-Q1", "2026-Q2")
            for won, day in zip(
                rng.random(30) < 1 / 3, (st.Period.parse(quarter).start + timedelta(days=3 * i) for i in range(30)), strict=True
            )
        ]
        table = pd.DataFrame(rows, columns=["rep_id", "created_date", "close_date", "stage"]).assign(amount=1000.0)
        table["opportunity_id"] = [f"O{i}" for i in range(len(table))]
        tables = {"opportunities": typed("opportunities", table.astype({"created_date": str, "close_date": str}))}
        return book_of(ibis.duckdb.connect(), tables, date(2026, 6, 30))

    def test_of_equal_reps_seldom_anybody_is_named(self):
        named = alone = 0
        for seed in range(25):
            answer = st.compare(self.of_equal_reps(seed), st.win_rate, during="2026-Q2", by="rep_id")
            named += bool(answer.frame["verdict"].isin(["up", "down"]).any())
            alone += bool((answer.frame["reason"] == "many_looks").any())
        assert alone >= 10, "judged one by one, most pages would name somebody"
        assert named <= 4, "5 % of 25 pages and two standard errors"

    def test_who_clearly_changed_is_named_among_many(self):
        book = self.of_equal_reps(1)
        sold = book.table("opportunities")
        changed = (sold.rep_id == "R7") & (sold.close_date >= date(2026, 4, 1))
        won = {"status": "won", "won": True, "lost": False}
        sold = sold.mutate(**{name: changed.ifelse(value, sold[name]) for name, value in won.items()})
        answer = st.compare(
            replace(book, tables={**book.tables, "opportunities": sold}), st.win_rate, during="2026-Q2", by="rep_id"
        )
        named = answer.frame[answer.frame["verdict"].isin(["up", "down"])]
        assert named["rep_id"].tolist() == ["R7"]

    def test_what_is_flat_alone_is_no_change_that_would_be_told(self):
        """3,000 of 6,000 and 3,010: flat alone, within chance among many, and never a change that chance gives as large."""
        book = closed_book({"2026-Q1": (3000, 3000), "2026-Q2": (3010, 2990)})
        assert st.compare(book, st.win_rate, during="2026-Q2").frame.iloc[0]["verdict"] == "flat"
        many = st.compare(book, st.win_rate, during="2026-Q2", looks=1000)
        assert many.frame.iloc[0][["verdict", "reason"]].tolist() == ["cannot_tell", "noise"]
        assert "within what chance alone can do" in many.sentences[0]

    def test_tiles_are_judged_together(self):
        """A rise that one figure alone would be told by, p = 0.03, is not among five tiles."""
        book = closed_book({"2026-Q1": (60, 90), "2026-Q2": (79, 71)})
        alone = st.compare(book, st.win_rate, during="2026-Q2").frame.iloc[0]
        assert alone["verdict"] == "up"
        tile = next(tile for tile in st.headlines(book, during="2026-Q2") if tile.name == "win_rate")
        assert "seen how many figures are looked at" in tile.delta_text
        many = st.compare(book, st.win_rate, during="2026-Q2", looks=5)
        assert many.frame.iloc[0]["reason"] == "many_looks"
        assert "among 5 figures" in many.sentences[0]
        assert many.frame.iloc[0][["low", "high"]].tolist() == alone[["low", "high"]].tolist(), (
            "the stated interval stays that of 95 %"
        )

    def test_a_group_that_one_period_does_not_have_is_compared_with_nothing(self):
        """New reps and those who left: their side of no rows must not stop the others, nor what is said of their amounts."""
        book = closed_book({"2026-Q1": (60, 90), "2026-Q2": (79, 71)})
        sold = book.table("opportunities")
        newer = sold.close_date >= date(2026, 4, 1)
        sold = sold.mutate(rep_id=newer.ifelse("R2", "R1"), amount=(sold.won & newer).ifelse(ibis.null("float64"), sold.amount))
        book = replace(book, tables={**book.tables, "opportunities": sold})
        frame = st.compare(book, [st.win_rate, st.average_deal_size], during="2026-Q2", by="rep_id").frame
        rates = frame[frame["metric"] == "win_rate"].set_index("rep_id")
        assert rates.loc["R1", ["n_before", "n_after"]].tolist() == [150, 0]
        assert rates.loc["R2", ["n_before", "n_after"]].tolist() == [0, 150]
        assert set(frame["verdict"]) == {"cannot_tell"}
        sizes = frame[frame["metric"] == "average_deal_size"].set_index("rep_id")
        assert (sizes.loc["R1", "recorded"], sizes.loc["R2", "reason"]) == ("", "unrecorded")

    def test_a_figure_has_one_verdict_on_every_page(self):
        """Pages show different tiles beside it: none of them may make an unclear change clear."""
        book = closed_book({"2026-Q1": (60, 90), "2026-Q2": (79, 71)})
        pages = ([st.win_rate], [st.win_rate, st.bookings], [st.win_rate, *st.FIVE, st.pipeline, st.open_opportunities])
        told = {next(tile for tile in st.headlines(book, page, during="2026-Q2") if tile.name == "win_rate") for page in pages}
        assert len(told) == 1


def test_an_answer_has_its_definitions_and_prints(book):
    answer = st.compare(book, [st.win_rate, st.bookings], during="2026-Q2")
    assert [card["name"] for card in answer.definitions.records()] == ["win_rate", "bookings"]
    assert "Win rate" in str(answer)
    assert "<table" in answer._repr_html_()


def test_what_is_counted_on_a_day_is_not_compared_with_an_earlier_period(book):
    answer = st.compare(book, [st.pipeline, st.win_rate], during="2026-Q2")
    reasons = answer.frame.set_index("metric")
    assert (reasons.loc["pipeline", "verdict"], reasons.loc["pipeline", "reason"]) == ("cannot_tell", "state")
    assert reasons.loc["win_rate", "reason"] != "state"
    assert "no earlier period" in answer.sentences[0]
    (tile,) = st.headlines(book, [st.pipeline], during="2026-Q2")
    assert "2026-Q1" not in tile.delta_text
