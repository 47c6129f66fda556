"""What goes with winning and what leads up to a sale: counted by hand, by an oracle in plain Python, and found as planted."""

import re
from datetime import date, timedelta
from functools import cache

import ibis
import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.figure import Figure
from scipy.optimize import minimize
from statsmodels.duration.survfunc import CumIncidenceRight

import salestrack as st
from benchmarks.sooner_not_more import AS_OF as ENDS
from benchmarks.sooner_not_more import SETTINGS as ANEW
from benchmarks.sooner_not_more import Making, company
from salestrack.analyses.coverage import record_of_activities
from salestrack.analyses.landmark import FATES, Since, cells, cohorts
from salestrack.analyses.lives import AGE_EDGES, GRAINS
from salestrack.charts import look
from salestrack.columns import view
from salestrack.errors import ParameterError, UnknownNameError
from salestrack.sample import NOTHING, PLANTED, Company, make
from salestrack.sources.book_file import read_book_file
from salestrack.stats.association import associate
from salestrack.tables import CATEGORIES
from tests.chart_company import layers, names, points, texts
from tests.kit import SAMPLE
from tests.small_book import AS_OF, book_of, frames, typed

SETTINGS = read_book_file(SAMPLE / "book.yaml").file.settings
DAYS = (14, 30, 60)
LOG_ODDS = ("log_odds", "log_odds_low", "log_odds_high")


@pytest.fixture(scope="session")
def creation(sample):
    return st.lead_up(sample, anchor="creation")


def book_with(deals, activities, connection=None):
    """A book of (key, created, closed, stage, amount[, rep]) and (key, opportunity, day, category) with or without minutes."""
    columns = ["opportunity_id", "created_date", "close_date", "stage", "amount", "rep_id"]
    sold = pd.DataFrame(deals, columns=columns[: len(deals[0])])
    sold = sold if "rep_id" in sold else sold.assign(rep_id="R1")
    columns = ["activity_id", "opportunity_id", "started_at", "category", "minutes"]
    done = pd.DataFrame(activities, columns=columns[: len(activities[0])]).assign(rep_id="R1")
    tables = {"opportunities": typed("opportunities", sold), "activities": typed("activities", done)}
    return book_of(connection or ibis.duckdb.connect(), tables)


def counted(book, days=DAYS, dose="activities", watched=0, within=30):
    """The cohorts and cells of a whole book, watched for so long after each landmark."""
    start, _ = record_of_activities(book, {})
    opportunities, since = view(book, "opportunities", "created_date").table, Since(start, None)
    marks = pd.DataFrame({"days": list(days), "watched": watched, "within": within})
    return cohorts(book, opportunities, marks, since), cells(book, opportunities, marks, since, dose)


class TestCounting:
    def test_the_small_book_by_hand(self, small_book):
        """Activities begin on 2 April: before it were seven created. O4 closed at once, O10 after 21 days, O6 and O12 are open."""
        fates, found = counted(small_book)
        wanted = {"undated": 1, "before_record": 7, "too_young": 0, "still_open": 2}
        assert [{name: row[name] for name in wanted} for row in fates.to_dict("records")] == [wanted] * 3
        assert fates["closed_before"].tolist() == [1, 2, 2], "O4 at all landmarks, O10 from 30 days on"
        assert fates["decided"].tolist() == [1, 0, 0], "O10"
        there = found[(found["n"] > 0) & (found["open"] == 0)]
        assert there[["days", "rep_id", "n", "won", "segment"]].values.tolist() == [[14, "R4", 1, 0, "Enterprise"]]
        assert there["log_amount"].isna().all(), "O10 has no amount"
        assert found.groupby("days")["open"].sum().tolist() == [2, 2, 2], "O6 and O12"
        assert found.groupby("days")["n_all"].sum().tolist() == [4, 4, 3], "and O4, which closed at once; O10 is no 60 days old"

    def test_hours_are_counted_to_the_half_hour_and_only_where_a_duration_is_known(self):
        """20 + 20 minutes are nearer to half an hour than to a whole one; 130 minutes are two hours."""
        done = [("a", 20.0, "admin"), ("b", 20.0, "admin"), ("c", 130.0, "in_person_client"), ("d", None, "training")]
        rows = [(name, "A", "2026-04-02 10:00", category, minutes) for name, minutes, category in done]
        book = book_with([("A", "2026-04-02", "2026-06-01", "Won", 100.0)], rows)
        _, found = counted(book, (14,), "hours")
        assert found.loc[0, ["admin", "in_person_client", "training"]].tolist() == [0.5, 2.0, 0.0]

    def test_where_every_activity_takes_an_hour_both_doses_are_one(self):
        deals = [(f"O{i}", "2026-04-02", "2026-06-01", "Won" if i % 3 else "Lost", 100.0) for i in range(9)]
        rows = [(f"a{i}", f"O{i % 9}", f"2026-04-{2 + i % 20:02d} 09:00", CATEGORIES[i % 5], 60.0) for i in range(40)]
        book = book_with(deals, rows)
        one, other = counted(book, (14,))[1], counted(book, (14,), "hours")[1]
        assert one[list(CATEGORIES)].to_numpy().sum() > 9
        pd.testing.assert_frame_equal(one, other)

    @pytest.fixture(scope="class")
    @staticmethod
    def edges():
        deals = [("A", "2026-04-01", "2026-04-15", "Won", 100.0), ("B", "2026-04-01", "2026-04-14", "Lost", 100.0)]
        deals += [("C", "2026-06-16", None, "Discovery", 100.0), ("D", "2026-06-17", None, "Discovery", 100.0)]
        days = {
            "before": "2026-03-31 23:59",
            "first": "2026-04-01 00:00",
            "last": "2026-04-14 23:59",
            "landmark": "2026-04-15 00:00",
        }
        return book_with(deals, [(name, "A", day, "admin") for name, day in days.items()])

    def test_the_landmark_is_the_first_day_that_does_not_count(self, edges):
        _, found = counted(edges, (14,))
        done = found[found["admin"] > 0]
        assert done[["n", "won", "admin"]].values.tolist() == [[1, 1, 2]], "on the first day and on the fourteenth"

    def test_open_at_the_landmark_is_closed_on_it_or_later(self, edges):
        fates, _ = counted(edges, (14,))
        assert fates.drop(columns="days").iloc[0].to_dict() == dict.fromkeys(FATES, 0) | {
            "decided": 1, "closed_before": 1, "still_open": 1, "too_young": 1,
        }  # fmt: skip

    def test_watched_so_long_is_created_so_many_days_ago_or_more(self, edges):
        """C was created on 16 June, 14 days before 30 June: it is watched for 0 days after a landmark of 14, not for one."""
        assert [counted(edges, (14,), watched=each)[0].loc[0, "unripe"] for each in (0, 1)] == [0, 1]
        assert [counted(edges, (14,), watched=each)[0].loc[0, "decided"] for each in (76, 77)] == [1, 0], (
            "A, of 1 April, is 90 days old"
        )

    def test_won_early_is_won_within_so_many_days_of_the_landmark(self):
        """They are won 16 and 17 days after 1 April, the landmark is the 14th day, and 2 days more are early."""
        deals = [("A", "2026-04-01", "2026-04-17", "Won", 100.0), ("B", "2026-04-01", "2026-04-18", "Won", 100.0)]
        _, found = counted(book_with(deals, [("a", "A", "2026-04-01 10:00", "admin")]), (14,), within=2)
        assert found[["n_soon", "won_soon", "won"]].sum().tolist() == [2, 1, 2]

    def test_before_closes_are_recorded_only_those_open_at_the_landmark_since_then_are_compared(self):
        """Closes are on record from 20 April: of 5 April the 14th day lies before it, of 6 April it is that day."""
        deals = [(name, f"2026-04-0{day}", "2026-06-01", "Won", 100.0) for name, day in (("A", 5), ("B", 6))]
        book = book_with(deals, [("a", "A", "2026-04-01 10:00", "admin")])
        opportunities = view(book, "opportunities", "created_date").table
        marks = pd.DataFrame({"days": [14, 15], "watched": 0, "within": 30})
        for closes, before in ((None, [0, 0]), (date(2026, 4, 20), [1, 0]), (date(2026, 4, 21), [2, 1])):
            since = Since(date(2026, 4, 1), closes)
            fates = cohorts(book, opportunities, marks, since)
            assert fates["before_record"].tolist() == before, closes
            assert (fates["before_record"] + fates["decided"]).tolist() == [2, 2]
            found = cells(book, opportunities, marks, since).groupby("days")["n"].sum()
            assert found.reindex([14, 15], fill_value=0).tolist() == fates["decided"].tolist()

    def test_an_opportunity_of_many_activities_is_one(self):
        deals = [("A", "2026-03-01", "2026-05-01", "Won", 100.0), ("B", "2026-03-01", "2026-05-01", "Won", 100.0)]
        work = [(f"C{i}", "A", "2026-03-01 10:00", "admin") for i in range(9)] + [("D", "B", "2026-03-02 10:00", "travel")]
        _, found = counted(book_with(deals, work), (7,))
        assert sorted(found[["admin", "travel", "n"]].values.tolist()) == [[0, 1, 1], [9, 0, 1]]

    def test_the_sample_as_its_truth_counts_it(self, sample):
        """`truth.yaml` is counted in plain pandas from the generator's clean tables.

        One more was won, without any activity: of its amount of -4500 nothing is known.
        """
        truth = yaml.safe_load((SAMPLE / "truth.yaml").read_text(encoding="utf-8"))["facts"]["early_in_person_meetings"]["realised"]
        _, found = counted(sample, (30,))
        found = found.assign(closed=found["n"] - found["open"])
        for category, wanted in truth.items():
            rows = found.groupby(category)[["closed", "won"]].sum()
            more = {"0": 1}
            assert rows.loc[[0, 1]].values.tolist() == [
                [wanted[k]["closed"] + more.get(k, 0), wanted[k]["won"] + more.get(k, 0)] for k in ("0", "1")
            ]
            assert rows["closed"].sum() == sum(each["closed"] for each in wanted.values()) + 1
            assert rows["won"].sum() == sum(each["won"] for each in wanted.values()) + 1

    def test_what_comes_after_the_day_changes_nothing(self):
        tables = {name: typed(name, frame) for name, frame in _tables(12, PLANTED, SMALL).items()}
        day = pd.Timestamp(2025, 6, 30)
        cut = dict(tables)
        for name, clock in (("opportunities", "created_date"), ("activities", "started_at")):
            cut[name] = tables[name][tables[name][clock].dt.normalize() <= day].reset_index(drop=True)
        assert all(len(cut[name]) < len(tables[name]) for name in ("opportunities", "activities"))
        whole, before = (counted(book_of(ibis.duckdb.connect(), each, day.date(), SETTINGS)) for each in (tables, cut))
        for one, other in zip(whole, before, strict=True):
            pd.testing.assert_frame_equal(one, other)

    def test_years_add_up(self, sample, winning):
        """Each year is watched as long as its own wins take; who lived to the landmark, compared or not, is the same."""
        years = [
            st.goes_with_winning(sample, days=DAYS, during=str(year)).cohorts for year in ("2020-01-01/2025-01-01", 2025, 2026)
        ]
        lived = ["unripe", "still_open", "decided"]
        whole, *parts = (
            each.set_index("days").assign(lived=lambda rows: rows[lived].sum(axis=1))[[*FATES[:4], "lived"]]
            for each in (winning.cohorts, *years)
        )
        pd.testing.assert_frame_equal(sum(parts), whole)

    def test_nobody_is_lost(self, winning, sample):
        whole = winning.cohorts[list(FATES)].sum(axis=1)
        assert set(whole) == {sample.intake["opportunities"].used}
        compared = winning.cohorts["decided"] + winning.cohorts["still_open"]
        assert winning.frame.groupby("days")["n"].first().tolist() == compared.tolist()
        assert winning.doses.groupby(["days", "category"])["n"].sum().groupby("days").nunique().eq(1).all()


class TestTruth:
    def test_the_planted_effect_is_found_and_no_other(self, winning):
        found = winning.frame.set_index(["category", "days"])
        row = found.loc["in_person_client", 30]
        assert row["log_odds_low"] < PLANTED.in_person_log_odds < row["log_odds_high"]
        assert row["log_odds_low"] > 0
        assert set(found.loc["in_person_client", "verdict"]) == {"more"}
        assert set(found.drop("in_person_client", level="category")["verdict"]) == {"cannot_tell", "too_few"}
        assert set(found.loc[["travel", "training"], "reason"]) == {"none"}

    def test_in_companies_made_anew_the_planted_effect_is_found_and_no_other(self):
        """`benchmarks/planted_effects.py` counts this over 200 companies."""
        rows = pd.concat([_made(seed, PLANTED).assign(seed=seed) for seed in (300, 301)])
        early = rows[(rows["category"] == "in_person_client") & (rows["days"] == 30)]
        error = (early["log_odds_high"] - early["log_odds_low"]) / (2 * 2.04)
        mean = np.average(early["log_odds"], weights=error**-2)
        assert mean == pytest.approx(PLANTED.in_person_log_odds, abs=3 / np.sqrt((error**-2).sum()))
        wrong = rows[(rows["category"] != "in_person_client") & rows["verdict"].isin(["more", "less"])]
        assert wrong["seed"].nunique() <= 1, "both have a chance of 0.3 % at a rate of 5 %"

    def test_nothing_planted_nothing_found(self):
        flagged = _made(400, NOTHING)["verdict"].isin(["more", "less"])
        assert flagged.sum() <= 1, "two have a chance far below 1 %"


MIDDLE = Company(reps=32, accounts=800, leads=6_000, opportunities=2_000, activities=45_000)
SMALL = Company(reps=24, accounts=300, leads=900, opportunities=300, activities=9_000)


def _tables(seed, facts, company):
    made = make(seed, company, facts)
    return {name: made[name] for name in ("opportunities", "activities")}


@cache
def _made(seed, facts):
    known = {name: typed(name, frame) for name, frame in _tables(seed, facts, MIDDLE).items()}
    return st.goes_with_winning(book_of(ibis.duckdb.connect(), known, date(2026, 9, 30), SETTINGS)).frame


class TestAnswer:
    def test_says_it_in_points_with_interval_and_n(self, winning):
        row = winning.frame.set_index(["category", "days"]).loc["in_person_client", 30]
        points = [f"{row[name] * 100:.1f}" for name in ("effect", "low", "high")]
        first = winning.sentences[0]
        assert 'One more activity "in person with client" in the first 30 days goes with a win probability' in first
        assert f"{points[0]} points higher (95% interval {points[1]} to {points[2]}), among 2,219" in first
        assert "cause" not in " ".join(winning.sentences)
        assert "never what causes it" in str(winning.limits)
        assert winning.limits.look == "note"

    def test_a_category_that_goes_with_losing_is_lower(self):
        rng = np.random.default_rng(1)
        n = 1_500
        meetings = rng.poisson(1, n)
        won = rng.random(n) < 1 / (1 + np.exp(0.7 * meetings - 0.5))
        deals = [(f"O{i}", "2026-02-01", "2026-05-01", "Won" if won[i] else "Lost", 50.0) for i in range(n)]
        work = [
            (f"C{i}", f"O{place}", "2026-02-02", "internal_meeting") for i, place in enumerate(np.repeat(np.arange(n), meetings))
        ]
        answer = st.goes_with_winning(book_with(deals, [*work, ("C", "O0", "2026-02-01", "admin")]), days=[30])
        assert answer.frame.set_index("category").loc["internal_meeting", "verdict"] == "less"
        assert "points lower (95% interval" in answer.sentences[0]

    @pytest.mark.parametrize(("early", "verdict"), [(90, "cannot_tell"), (0, "less")])
    def test_what_is_won_before_the_landmark_does_not_make_it_less_or_later(self, early, verdict):
        """Of 300 with a meeting 90 are won within the landmark and 60 after it, of 300 without one 150 after it: 150 each.

        Without the first 90 it is less, and told so.
        """
        sides = [("M", early, 60, 150 + 90 - early), ("N", 0, 150, 150)]
        deals, work = [], [("C", "N0", "2026-02-02 09:00", "admin")]
        for side, soon, late, lost in sides:
            fates = (
                [("Won", 10)] * soon + [("Won", 40 + i % 30) for i in range(late)] + [("Lost", 40 + i % 30) for i in range(lost)]
            )
            for i, (stage, day) in enumerate(fates):
                closed = date(2026, 2, 2) + timedelta(day)
                deals.append((f"{side}{i}", "2026-02-02", str(closed), stage, 50.0))
                work += [(f"C{side}{i}", f"{side}{i}", "2026-02-02 10:00", "in_person_client")] if side == "M" else []
        row = st.goes_with_winning(book_with(deals, work), days=[30]).frame.set_index("category").loc["in_person_client"]
        assert (row["effect"] < -0.1, row["p"] < 1e-4, row["soon"] < 0, row["soon_p"] < 1e-4) == (True,) * 4
        assert row["verdict"] == verdict

    def test_a_scope_and_a_period_choose_the_opportunities(self, sample, winning):
        north = st.goes_with_winning(sample, where={"team": "North"}, during="2025")
        created = st.measure(sample, st.created_opportunities, where={"team": "North"}, during="2025").value()
        assert set(north.cohorts[list(FATES)].sum(axis=1)) == {created}
        assert str(north.during) == "2025"

    @pytest.mark.parametrize("days", [(), (0,), (-3, 30), (1.5,)])
    def test_landmarks_that_are_none(self, book, days):
        with pytest.raises(ParameterError, match="whole numbers of days"):
            st.goes_with_winning(book, days=days)

    def test_an_unknown_column_is_told(self, book):
        with pytest.raises(UnknownNameError, match="teem"):
            st.goes_with_winning(book, where={"teem": "North"})


def without_activities():
    return {"opportunities": frames()["opportunities"]}


def with_activities(**columns):
    return without_activities() | {"activities": typed("activities", frames()["activities"].assign(**columns))}


SILENT = {
    "no table": (without_activities, {}, "needs the table 'activities'"),
    "no link": (lambda: with_activities(opportunity_id=None), {}, "which opportunity it served"),
    "unclassified": (lambda: with_activities(category="unclassified"), {}, "activity_categories"),
    "scope": (with_activities, {"category": "admin"}, "cannot be narrowed to category"),
    "too few": (with_activities, {}, "Too few"),
}


@pytest.mark.parametrize("ask", [st.goes_with_winning, st.lead_up])
@pytest.mark.parametrize("case", SILENT)
def test_a_book_that_cannot_answer_says_why_in_one_sentence(ask, case):
    tables, where, wanted = SILENT[case]
    answer = ask(book_of(ibis.duckdb.connect(), tables()), where=where)
    assert len(answer.sentences) == 1
    assert wanted in answer.sentences[0]
    assert case == "too few" or answer.frame.empty
    assert case != "no table" or answer._repr_html_()
    assert wanted in str(answer)
    chart = st.charts.effects(answer) if ask is st.goes_with_winning else st.charts.lead_up(answer)
    assert texts(chart, "reason")


class TestLeadUp:
    @pytest.fixture(scope="class")
    @staticmethod
    def lives():
        """240 lives of three reps with amounts or none, and activities before, within and after them; R1 is busiest."""
        rng = np.random.default_rng(6)
        deals, work = [], []
        for i in range(240):
            created = date(2026, 1, 1) + timedelta(days=int(rng.integers(0, 120)))
            closed = created + timedelta(days=int(rng.choice([0, 5, 13, 20, 40, 75, 120])))
            stage = str(rng.choice(["Won", "Lost"])) if closed <= AS_OF else "Discovery"
            amount = float(rng.choice([100, 110, 900])) if rng.random() < 0.9 else None
            rep = str(rng.choice(["R1", "R2", "R3"], p=[0.5, 0.4, 0.1]))
            deals.append((f"O{i}", str(created), str(closed), stage, amount, rep))
            for k in range(rng.poisson(100 if rep == "R1" else 50)):
                day = created + timedelta(days=int(rng.integers(-5, 70)))
                work.append((f"C{i}-{k}", f"O{i}", f"{day} 12:00", str(rng.choice(["admin", "digital_client"]))))
        return deals, work

    @pytest.mark.parametrize("anchor", ["close", "creation"])
    def test_is_what_plain_python_counts_and_a_regression_expects(self, lives, anchor):
        found = st.lead_up(book_with(*lives), anchor=anchor).frame.set_index(["grain", "bucket", "category"])
        wanted = oracle(*lives, anchor)
        assert set(found.index) == set(wanted)
        assert len(wanted) > 40
        for key, (won, lost, n_won, n_lost) in wanted.items():
            row = found.loc[key]
            assert (row["n_won"], row["n_lost"]) == (n_won, n_lost), key
            assert (row["won_mean"], row["lost_mean"]) == pytest.approx((won, lost), rel=5e-3, abs=2e-3), key

    @pytest.mark.spark
    @pytest.mark.parametrize("anchor", ["close", "creation"])
    def test_is_the_same_on_spark(self, lives, anchor, spark):
        one, other = (st.lead_up(book_with(*lives, connection), anchor=anchor).frame for connection in (None, spark))
        keys = ["grain", "bucket", "category"]
        pd.testing.assert_frame_equal(one.sort_values(keys, ignore_index=True), other.sort_values(keys, ignore_index=True))

    def test_early_meetings_show_after_the_creation_and_nothing_else_does(self, creation):
        """The planted fact: more in-person meetings in the first 30 days of what is won."""
        clear = creation.frame[creation.frame["verdict"].isin(["more", "less"])]
        assert set(clear["category"]) == {"in_person_client"}
        assert set(clear["verdict"]) == {"more"}
        month = clear[clear["grain"] == "month"]
        assert month["bucket"].tolist() == [1]
        assert 'more of "in person with client" than lost ones' in creation.sentences[0]
        assert f"{month['won_mean'].iloc[0]:.2f} against {month['lost_mean'].iloc[0]:.2f}" in creation.sentences[0]

    def test_the_matched_add_up(self, creation, sample):
        counts = creation.matched.set_index("outcome")
        closed = st.measure(sample, [st.won_opportunities, st.closed_opportunities])
        won = closed.value("won_opportunities")
        assert counts["decided"].tolist() == [won, closed.value("closed_opportunities") - won]
        assert (counts["matched"] <= counts["recorded"]).all()
        assert f"{counts.loc['won', 'matched']:,} won and {counts.loc['lost', 'matched']:,} lost" in creation.sentences[-1]

    def test_no_such_anchor(self, book):
        with pytest.raises(UnknownNameError, match="Did you mean 'close'"):
            st.lead_up(book, anchor="closed")


def oracle(deals, work, anchor):
    """Means of won and lost by grain, bucket and category: loops over opportunities and days, a regression for the lost alike."""
    start = min(date.fromisoformat(day[:10]) for _, _, day, _ in work)
    watch = days_of_most_wins(deals)
    lives = []
    for key, created, closed, stage, amount, rep in deals:
        begin, end = date.fromisoformat(created), date.fromisoformat(closed)
        if stage not in ("Won", "Lost") or (AS_OF - begin).days < watch:
            continue
        at = end if anchor == "close" else begin
        alike = {
            "rep": rep,
            "age": sum((end - begin).days >= edge for edge in AGE_EDGES),
            "size": "none" if amount is None else str(round(np.log2(amount))),
            "quarter": (at.month - 1) // 3,
        }
        lives.append((key, begin, end, stage == "Won", alike))
    done = {}
    for _, key, day, category in work:
        done.setdefault((key, category), []).append(date.fromisoformat(day[:10]))
    found = {}
    for grain, (length, count) in GRAINS.items():
        there = []
        for bucket in range(count):
            for key, begin, end, won, alike in lives:
                steps = range(bucket * length, (bucket + 1) * length)
                days = {end - timedelta(days=k) if anchor == "close" else begin + timedelta(days=k) for k in steps}
                if all(max(begin, start) <= day <= end for day in days):
                    counts = {c: sum(day in days for day in done.get((key, c), ())) for c in ("admin", "digital_client")}
                    there.append({"bucket": bucket, "won": won, **alike, **counts})
        found |= compared(pd.DataFrame(there), grain)
    return found


def compared(there, grain):
    """Won means and, by a Poisson regression on the lost, what these would have at the places of the won."""
    sizes = there.groupby("rep")["won"].transform("size")
    there["rep"] = there["rep"].where(sizes >= 10, "few")
    lost = (~there["won"]).groupby([there["rep"], there["bucket"]]).transform("sum")
    there["pace"] = there["rep"] + there["bucket"].where(lost >= 10, -1).astype(str)
    there["at"] = there["bucket"].astype(str) + "/" + there["age"].astype(str)
    factors = ["pace", "at", "size", "quarter"]
    while True:
        kept = there
        for name in factors:
            kept = kept[kept.groupby(name)["won"].transform("nunique") == 2]
        if len(kept) == len(there):
            break
        there = kept
    exog = pd.get_dummies(there[factors].astype(str), dtype=float)
    found = {}
    for category in ("admin", "digital_client"):
        lost = there[~there["won"]]
        most = np.sqrt((lost[category] ** 2).groupby([lost[name] for name in (*factors, "rep")]).sum().max())
        expected = np.exp(exog @ most_likely(exog[~there["won"]].to_numpy(), lost[category].to_numpy())).clip(upper=most)
        for bucket, rows in there.groupby("bucket"):
            won = rows[rows["won"]]
            means = float(won[category].mean()), float(expected[won.index].mean())
            found[grain, bucket + 1, category] = (*means, len(won), len(rows) - len(won))
    return found


def most_likely(x, counts):
    """The slopes of a Poisson regression, by a search of its likelihood; levels of which nothing was done tend to none at all."""

    def depth(slopes):
        mean = np.exp(x @ slopes)
        return mean.sum() - counts @ (x @ slopes), x.T @ (mean - counts)

    start = np.full(x.shape[1], np.log(counts.mean()) / 4)
    fine = {"maxiter": 5_000, "ftol": 1e-13, "gtol": 1e-7}
    return minimize(depth, start, jac=True, method="L-BFGS-B", bounds=[(-15, 15)] * x.shape[1], options=fine).x


def days_of_most_wins(deals):
    """The days from creation by which 95 % of all wins have come, open ones censored, by statsmodels."""
    ages, kinds = [], []
    for _, created, closed, stage, *_ in deals:
        begin, end = date.fromisoformat(created), date.fromisoformat(closed)
        ages.append(((end if stage in ("Won", "Lost") else AS_OF) - begin).days)
        kinds.append({"Won": 1, "Lost": 2}.get(stage, 0))
    # At the same age the open are there still: half a day later changes nothing else.
    with np.errstate(divide="ignore", invalid="ignore"):
        curve = CumIncidenceRight(np.array(ages) + 0.5 * (np.array(kinds) == 0) + 0.25, np.array(kinds))
    share = curve.cinc[0]
    return int(np.floor(curve.times[np.argmax(share >= 0.95 * share[-1] - 1e-12)])) if 0 in kinds else 0


@pytest.mark.spark
def test_cells_are_the_same_on_spark(spark):
    known = {name: typed(name, frame) for name, frame in _tables(11, PLANTED, SMALL).items()}
    one, other = (counted(book_of(engine, known, date(2026, 9, 30), SETTINGS)) for engine in (ibis.duckdb.connect(), spark))
    pd.testing.assert_frame_equal(one[0], other[0])
    keys = ["days", *CATEGORIES, "segment", "source", "rep_id", "quarter", "log_amount", "n", "won"]
    pd.testing.assert_frame_equal(
        one[1][keys].sort_values(keys, ignore_index=True), other[1][keys].sort_values(keys, ignore_index=True), check_dtype=False
    )


class TestCharts:
    def test_effects_are_where_they_are_and_only_clear_ones_are_filled(self, winning):
        chart = st.charts.effects(winning)
        told = winning.frame[winning.frame["reason"] == ""]
        drawn = points(chart, "effect_more") + points(chart, "effect_cannot_tell")
        assert sorted(x for x, _ in drawn) == pytest.approx(sorted(told["effect"] * 100), abs=1e-6)
        assert len(points(chart, "effect_more")) == (told["verdict"] == "more").sum() == 3
        assert names(chart)[0] == "In person with client"
        assert "Travel" not in names(chart)
        assert "need not cause it" in chart.alt

    def test_doses_show_what_was_counted(self, winning):
        chart = st.charts.doses(winning, "in_person_client", 30)
        rows = winning.doses[(winning.doses["category"] == "in_person_client") & (winning.doses["days"] == 30)]
        assert [y for _, y in points(chart, "share")] == pytest.approx(rows["share"].tolist())
        assert "0: 39% (n = 1,195)" in chart.alt
        assert st.charts.doses(winning).alt.split("·")[1] == chart.alt.split("·")[1], "the clearest is drawn unasked"

    def test_lead_up_runs_towards_the_close(self, sample, creation):
        close = st.charts.lead_up(st.lead_up(sample), "digital_client")
        assert [text.get_text() for text in close.get_xticklabels()] == [str(k) for k in range(12, 0, -1)]
        after = st.charts.lead_up(creation, grain="month")
        rows = creation.frame.query("grain == 'month' and category == 'in_person_client'")
        assert [y for _, y in points(after, "clear")] == pytest.approx(rows["won_mean"].head(1).tolist())
        assert len(layers(after, "won")) == len(layers(after, "lost")) == 1

    @pytest.mark.parametrize("chart", ["effects", "doses", "lead_up"])
    def test_is_the_same_again_and_on_the_axes_it_is_given_and_leaves_its_input_alone(self, chart, winning, creation):
        answer, draw = creation if chart == "lead_up" else winning, getattr(st.charts, chart)
        before = answer.frame.copy()
        drawn = draw(answer)
        assert drawn.svg() == draw(answer).svg()
        assert answer.frame.equals(before)
        ax = Figure().add_subplot()
        assert draw(answer, ax=ax) is ax
        assert ax.alt == drawn.alt
        assert ax.get_title("left")
        sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)px", drawn.svg())]
        # A chart shown 340 pixels wide keeps its texts above 8 pixels.
        assert min(sizes) * 340 / (72 * look.WIDTH) > 8

    def test_where_nothing_lives_a_week_the_picture_is_by_day(self):
        """Deals of 4 days: a call on the first day of each; the won ones have another on the third."""
        days = [date(2026, 1, 1) + timedelta(days=i) for i in range(80)]
        deals = [(f"O{i}", str(day), str(day + timedelta(days=4)), "Won" if i % 2 else "Lost", 100.0) for i, day in enumerate(days)]
        work = [(f"C{i}", f"O{i}", f"{day} 12:00", "digital_client") for i, day in enumerate(days)]
        work += [(f"D{i}", f"O{i}", f"{days[i] + timedelta(days=2)} 12:00", "digital_client") for i in range(1, 80, 2)]
        answer = st.lead_up(book_with(deals, work))
        assert set(answer.frame["grain"]) == {"day"}
        told = answer.frame[answer.frame["verdict"] == "more"]
        assert told[["bucket", "won_mean", "lost_mean"]].values.tolist() == [[3, 1.0, 0.0]], "all won had one, no lost one had"
        chart = st.charts.lead_up(answer)
        assert len(layers(chart, "won")) == 1
        assert "in day 3 before it 1.00 against 0.00" in chart.alt

    @pytest.mark.parametrize("ask", [{"category": "lunch"}, {"grain": "quarter"}])
    def test_what_is_not_in_the_answer(self, creation, ask):
        with pytest.raises(UnknownNameError):
            st.charts.lead_up(creation, **ask)

    @pytest.mark.parametrize("ask", [{"category": "lunch"}, {"days": 31}])
    def test_doses_that_are_not_in_the_answer(self, winning, ask):
        with pytest.raises(UnknownNameError):
            st.charts.doses(winning, **ask)


class TestOnlySeeming:
    """What only seems to go with winning, in companies of `benchmarks/sooner_not_more.py`, which counts it over many."""

    def test_what_makes_wins_come_sooner_is_told_as_that(self):
        answer = st.goes_with_winning(made_for(Making(sooner=0.3), 1), days=[30])
        row = answer.frame.set_index("category").loc["digital_client"]
        assert row["verdict"] == "sooner"
        assert row["low"] < 0 < row["high"] < row["soon_low"]
        assert "wins that come sooner, not with more of them" in answer.sentences[0]
        assert "digital with client" in answer.sentences[0]

    def test_a_true_effect_is_found_as_large_as_it_is(self):
        row = st.goes_with_winning(made_for(Making(effect=0.35), 2), days=[30]).frame.set_index("category").loc["in_person_client"]
        assert row["verdict"] == "more"
        assert row["log_odds_low"] < 0.35 < row["log_odds_high"]

    def test_a_strong_busy_rep_does_not_make_calls_lead_up_to_a_sale(self):
        answer = st.lead_up(made_for(Making(busy=3.0, skill=1.2, opportunities=1_200, reps=20), 3))
        assert not answer.frame["verdict"].isin(["more", "less"]).any()
        assert (answer.frame["p"] <= 0.05).mean() < 0.15, "single tests; 5 % each, and those of one company go together"


def made_for(making, seed):
    made = company(seed, making)
    return book_of(ibis.duckdb.connect(), {name: typed(name, frame) for name, frame in made.items()}, ENDS, ANEW)


class TestPages:
    """The numbers that the pages on the methods show."""

    @staticmethod
    def page(name):
        return (SAMPLE.parents[1] / "docs" / "methods" / name).read_text(encoding="utf-8")

    def test_the_cohorts_of_the_small_book(self, book):
        fates, _ = counted(book)
        fates = fates.drop(columns="unripe")
        assert all(f"| {' | '.join(map(str, row))} |" in self.page("landmark.md") for row in fates.to_numpy().tolist())

    def test_the_log_odds_in_the_sample(self, winning):
        rows = winning.frame[winning.frame["days"] == 30].set_index("category")
        for category in ("in_person_client", "digital_client", "internal_meeting", "preparation", "admin"):
            value, low, high = (f"{rows.loc[category, name]:.2f}".replace("-", "−") for name in LOG_ODDS)
            assert f"| {value} ({low} to {high}) |" in self.page("landmark.md"), category

    def test_two_by_two(self):
        row = associate(pd.DataFrame({"visits": [1, 0], "n": [40, 60], "won": [20, 20]}), ["visits"]).frame.iloc[0]
        assert f"{row['log_odds']:.2f}" == "0.69"
        assert f"the effect is 1/6, or {row['effect'] * 100:.1f} points" in self.page("landmark.md").replace("\n", " ")

    def test_the_lives_of_the_small_book(self, book):
        matched = st.lead_up(book).matched.set_index("outcome")
        assert matched.to_dict("index") == {
            "won": {"decided": 5, "ripe": 2, "recorded": 1, "matched": 0},
            "lost": {"decided": 3, "ripe": 1, "recorded": 0, "matched": 0},
        }
        closed = book.table("opportunities").filter(ibis._.closed).to_pyarrow().to_pylist()
        for row in closed:
            amount = "none" if row["amount"] is None else f"{row['amount']:,.0f}"
            day = f"{row['close_date'].day} {row['close_date']:%B}"
            shown = f"| {row['opportunity_id']} {row['status']} | {row['cycle_days']} days | {amount} | {day} |"
            assert shown in self.page("lead_up.md"), shown
