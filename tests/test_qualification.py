"""MQL to SQL: by hand on the small book, against counting lead by lead, the planted break, and what is no break."""

from datetime import date, timedelta
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
import yaml
from lifelines import KaplanMeierFitter
from statsmodels.duration.survfunc import CumIncidenceRight

import salestrack as st
from salestrack import charts
from salestrack.analyses.findings import data_notes
from salestrack.analyses.qualification_cohorts import linked
from salestrack.errors import UnknownNameError
from salestrack.stats.change_point import change_point
from tests.chart_company import layers, points, texts
from tests.kit import SAMPLE
from tests.small_book import book_of, frames, typed

AS_OF = date(2026, 6, 30)
TWO_FILES = Path(__file__).parent / "books" / "two_files"
MONDAY = date(2025, 6, 2)


def leads_book(leads, as_of=AS_OF, connection=None, **others):
    """A book of leads: dictionaries of what is known of each."""
    rows = pd.DataFrame([{"lead_id": f"L{i}", **each} for i, each in enumerate(leads)])
    tables = {"leads": rows, "opportunities": frames()["opportunities"], **others}
    return book_of(connection or ibis.duckdb.connect(), {name: typed(name, frame) for name, frame in tables.items()}, as_of)


def lead(day, after=None, source="Web", given_up=None, **more):
    """A lead qualified on a day, an SQL so many days later, or given up."""
    ends = {"sales_qualified_at": after, "disqualified_at": given_up}
    moments = {name: None if days is None else pd.Timestamp(day + timedelta(days=days)) for name, days in ends.items()}
    return {"created_at": pd.Timestamp(day), "marketing_qualified_at": pd.Timestamp(day), "source": source, **moments, **more}


def weekly(shares, size=10, after=3, source="Web", start=MONDAY):
    """So many leads on the Tuesday of each week, of which the first ones become SQL."""
    return [
        lead(start + timedelta(days=7 * week + 1), after if i < round(share * size) else None, source)
        for week, share in enumerate(shares)
        for i in range(size)
    ]


@pytest.fixture(scope="session")
def many():
    rng = np.random.default_rng(3)
    made = []
    for _ in range(900):
        day = date(2025, 9, 1) + timedelta(days=int(rng.integers(0, 300)))
        fate, days = rng.random(), int(rng.integers(0, 70))
        made.append(lead(day, days if fate < 0.4 else None, rng.choice(["Web", "Fair"]), days if fate > 0.8 else None))
    return made


@pytest.fixture(scope="session")
def of_many(many):
    return st.qualification(leads_book(many))


@pytest.fixture(scope="session")
def planted():
    return yaml.safe_load((SAMPLE / "truth.yaml").read_text(encoding="utf-8"))["facts"]["qualification_break"]


@pytest.fixture(scope="session")
def of_sample(tmp_path_factory):
    """The sample company's answer; of its tables only those that are asked."""
    written = yaml.safe_load((SAMPLE / "book.yaml").read_text(encoding="utf-8"))
    written["tables"] = {name: written["tables"][name] for name in ("opportunities", "leads")}
    path = tmp_path_factory.mktemp("sample") / "book.yaml"
    path.write_text(yaml.safe_dump(written | {"connection": str(SAMPLE)}), encoding="utf-8")
    return st.qualification(st.open_book(path, as_of="2026-09-30"))


@pytest.fixture(scope="session")
def two():
    return st.open_book(TWO_FILES / "book.yaml", as_of="2026-06-30")


class TestTheSmallBook:
    """L1 (Web) became SQL after a day; L2 (Web) has waited 82 days, L4 (Event) 51: its SQL came after the day of the book."""

    def test_within_30_60_and_90_days(self, small_book):
        frame = st.qualification(small_book).frame.set_index("source")
        assert frame.columns[:4].tolist() == ["mqls", "went_on", "ended", "waiting"]
        assert frame.loc["Web", ["mqls", "went_on", "ended", "waiting"]].tolist() == [2, 1, 0, 1]
        assert frame.loc["Event", ["mqls", "went_on", "ended", "waiting"]].tolist() == [1, 0, 0, 1]
        assert frame.loc["Web", ["within_30", "within_60"]].tolist() == [0.5, 0.5]
        assert np.isnan(frame.loc["Web", "within_90"]), "nobody has been watched for 90 days"
        assert frame.loc["Event", "within_30"] == 0
        assert np.isnan(frame.loc["Event", "within_60"])

    def test_two_weeks_are_too_few_for_a_break(self, small_book):
        answer = st.qualification(small_book)
        assert set(answer.breaks["verdict"]) == {"too_few"}
        assert any(sentence.startswith("Too few to look for a break: Event, Web.") for sentence in answer.sentences)

    def test_by_rep_has_names_and_by_nothing_is_one_row(self, small_book):
        assert set(st.qualification(small_book, by="rep").frame["rep"]) == {"Ada", "Ben", "Chen"}
        assert st.qualification(small_book, by=()).frame["mqls"].tolist() == [3]

    def test_scope_and_period(self, small_book):
        assert st.qualification(small_book, where={"source": "Web"}).frame["mqls"].tolist() == [2]
        assert st.qualification(small_book, during="2026-05").frame["source"].tolist() == ["Event"]

    def test_a_calendar_grain_breaks_the_figures_down_and_not_the_series(self, small_book):
        answer = st.qualification(small_book, by=["source", "month"])
        assert answer.frame[["source", "month", "mqls"]].values.tolist() == [["Event", "2026-05", 1], ["Web", "2026-04", 2]]
        assert answer.breaks["source"].tolist() == ["Event", "Web"]
        assert answer.series == ("source",)


class TestAgainstCountingLeadByLead:
    @staticmethod
    def fate(each):
        """Days watched and what came of it, by the day of the book."""
        day = each["marketing_qualified_at"].date()
        for name, what in (("sales_qualified_at", 1), ("disqualified_at", 2)):
            if each[name] is not None and each[name].date() <= AS_OF:
                return (each[name].date() - day).days, what
        return (AS_OF - day).days, 0

    def test_conversion_is_that_of_statsmodels(self, many, of_many):
        for source in ("Web", "Fair"):
            days, what = zip(*(self.fate(each) for each in many if each["source"] == source), strict=True)
            fitted = CumIncidenceRight(np.array(days, dtype=float), np.array(what))
            row = of_many.frame.set_index("source").loc[source]
            for within in (30, 60, 90):
                expected = fitted.cinc[0][np.searchsorted(fitted.times, within, side="right") - 1]
                assert row[f"within_{within}"] == pytest.approx(expected, abs=1e-9)

    def test_without_an_other_end_it_is_one_less_kaplan_meier(self, many):
        only = [each | {"disqualified_at": None} for each in many]
        days, what = zip(*(self.fate(each) for each in only), strict=True)
        fitter = KaplanMeierFitter().fit(days, what)
        row = st.qualification(leads_book(only), by=()).frame.iloc[0]
        for within in (30, 60, 90):
            assert row[f"within_{within}"] == pytest.approx(1 - float(fitter.predict(within)), abs=1e-9)

    def test_weeks_hold_what_a_loop_counts(self, many, of_many):
        # Up to 69 days pass until a lead goes on: within 90 days is the first horizon that sees nearly all of them.
        assert of_many.within == 90
        for row in of_many.weeks.sample(40, random_state=1).to_dict("records"):
            own = [
                each
                for each in many
                if each["source"] == row["source"] and 0 <= (each["marketing_qualified_at"].date() - row["start"]).days < 7
            ]
            fates = [self.fate(each) for each in own]
            assert (row["n"], row["went_on"]) == (len(own), sum(what == 1 for _, what in fates))

    def test_what_is_known_of_a_week_follows_from_its_age(self, many, of_many):
        weeks = of_many.weeks[of_many.weeks["n"] > 0]
        old = weeks["start"] <= AS_OF - timedelta(days=97)
        assert (weeks.loc[old, "known"] == 1).all()
        assert not weeks.loc[old, "young"].any()
        newest = weeks[weeks["start"] == weeks["start"].max()]
        assert newest["young"].all()
        assert (newest["known"] < 0.2).all()
        assert (weeks["trials"] >= weeks["went_on"]).all()


def test_a_week_that_is_half_over_counts_by_what_can_be_known():
    """Half go on after 5 days and half after 20: of a lead 10 days old, half of what will come is known."""
    old = [lead(date(2025, 12, 1) + timedelta(days=i), (5, 20, None, None)[i % 4]) for i in range(120)]
    young = [lead(AS_OF - timedelta(days=10), 5 if i == 0 else None) for i in range(8)]
    weeks = st.qualification(leads_book(old + young), by=()).weeks
    last = weeks.iloc[-1]
    assert (last["n"], last["went_on"]) == (8, 1)
    # Of the young ones 7 wait at 10 days, which moves the curve of the 128 a little: 31/128 by then.
    by_10, rest = 31 / 128, 97 - 7
    by_20 = by_10 + 97 / 128 * 30 / rest
    assert last["known"] == pytest.approx(by_10 / by_20)
    assert last["trials"] == pytest.approx(8 * by_10 / by_20)
    assert last["young"]


class TestTheSample:
    def test_the_planted_break_is_found_where_it_is_and_as_large_as_it_is(self, of_sample, planted):
        broken = of_sample.breaks[of_sample.breaks["verdict"] != "none"]
        assert broken["source"].tolist() == [planted["planted"]["source"]]
        row = broken.iloc[0]
        assert row["verdict"] == "fell"
        assert abs((row["since"] - planted["planted"]["first_day"]).days) <= 7
        assert row["since_low"] <= planted["planted"]["first_day"] <= row["since_high"]
        assert row["ratio_low"] <= planted["planted"]["factor"] <= row["ratio_high"]
        assert row["before"] == pytest.approx(planted["realised"]["before"]["share"], abs=0.02)
        since, later = self.settled_since(row["since"])
        assert row["after"] == pytest.approx(later / since, abs=0.01)

    @staticmethod
    def settled_since(first):
        """How many of the source became MQL from a day on, 30 days before the end or earlier, and how many of these SQL."""
        leads = pd.read_csv(SAMPLE / "leads.csv.gz", parse_dates=["marketing_qualified_at", "sales_qualified_at"])
        day = leads["marketing_qualified_at"].dt.date
        own = leads[(leads["source"] == "Paid search") & (day >= first) & (day <= date(2026, 8, 31))]
        return len(own), int(own["sales_qualified_at"].notna().sum())

    def test_its_cost_is_what_the_earlier_share_would_have_brought(self, of_sample, planted):
        row = of_sample.breaks[of_sample.breaks["verdict"] == "fell"].iloc[0]
        since, later = self.settled_since(row["since"])
        leads = pd.read_csv(SAMPLE / "leads.csv.gz", parse_dates=["marketing_qualified_at"])
        mqls = ((leads["source"] == "Paid search") & (leads["marketing_qualified_at"].dt.date >= row["since"])).sum()
        # All since, young ones included: they have not shown yet what they will do.
        expected = mqls * (planted["realised"]["before"]["share"] - later / since)
        assert row["lost"] == pytest.approx(expected, rel=0.05)
        assert row["lost_low"] < expected < row["lost_high"]
        assert row["lost_opportunities"] == pytest.approx(row["lost"] * 0.83, rel=0.06), "83 % of SQLs become an opportunity"
        assert 0 < row["lost_bookings_low"] < row["lost_bookings"] < row["lost_bookings_high"]

    def test_it_is_the_first_thing_said(self, of_sample):
        first, cost, year, why, others, *_ = of_sample.sentences
        assert first.startswith("MQL to SQL of Paid search fell in 2026-W")
        assert cost.startswith("Since then this has cost about ")
        assert year == "In the same weeks a year before it was 37.5% (31% to 44%), so this is no season."
        assert "not why" in why
        assert others.startswith("No other break in MQL to SQL can be told: ")
        assert "would have been told with a probability of" in others

    def test_weeks_too_young_are_said_and_not_judged(self, of_sample):
        assert of_sample.within == 30
        young = of_sample.weeks[of_sample.weeks["young"] & (of_sample.weeks["n"] > 0)]
        assert young["start"].min() >= date(2026, 9, 7)
        assert any("are too young" in sentence for sentence in of_sample.sentences)

    def test_the_chart_marks_it(self, of_sample):
        chart = charts.qualification(of_sample)
        weeks = of_sample.weeks[of_sample.weeks["source"] == "Paid search"].reset_index(drop=True)
        row = of_sample.breaks[of_sample.breaks["verdict"] == "fell"].iloc[0]
        place = weeks.index[weeks["start"] == row["since"]][0]
        (stroke,) = layers(chart, "since")
        assert stroke.get_xdata()[0] == place - 0.5
        judged = weeks[~weeks["young"]]
        assert points(chart, "value") == [(i, round(v, 9)) for i, v in judged["value"].dropna().items()]
        assert len(points(chart, "value_aside")) == (weeks["young"] & weeks["value"].notna()).sum() > 0
        assert texts(chart, "since_label")[0].startswith("since 2026-W")
        assert f"{row['before']:.1%}" in chart.alt
        with pytest.raises(UnknownNameError, match="Paid search"):
            charts.qualification(of_sample, of="Paid serach")

    def test_a_series_without_a_break_has_no_mark(self, of_sample):
        chart = charts.qualification(of_sample, of="Referral")
        assert not layers(chart, "since")
        assert "no break can be told" in chart.alt

    def test_the_same_weeks_a_year_before_are_those_of_a_plain_count(self, of_sample):
        row = of_sample.breaks[of_sample.breaks["verdict"] == "fell"].iloc[0]
        weeks = of_sample.weeks[of_sample.weeks["source"] == "Paid search"]
        later = weeks[(weeks["start"] >= row["since"]) & ~weeks["young"] & (weeks["n"] > 0)]["start"]
        same = weeks[weeks["start"].isin(later - timedelta(days=364))]
        assert row["last_year"] == pytest.approx(same["went_on"].sum() / same["n"].sum())
        assert row["last_year_low"] < row["last_year"] < row["last_year_high"]


class TestWhatIsNoBreak:
    def test_a_fall_to_what_the_year_before_had_is_a_season(self):
        """40 weeks of 4 in 10, then 16 of 1 in 10: of the same weeks a year before 12 had 1 in 10 as well, and 4 had 4."""
        shares = [*[0.1] * 12, *[0.4] * 40, *[0.1] * 16]
        answer = st.qualification(leads_book(weekly(shares, size=40, start=MONDAY - timedelta(weeks=16))))
        row = answer.breaks.iloc[0]
        assert row["verdict"] == "season"
        assert row["last_year"] == pytest.approx((12 * 0.1 + 4 * 0.4) / 16)
        assert "a season and no break" in answer.sentences[0]
        assert np.isnan(row["lost"])
        assert not layers(charts.qualification(answer), "since")

    def test_without_the_year_before_it_says_so(self):
        answer = st.qualification(leads_book(weekly([0.4] * 30 + [0.1] * 20)))
        assert answer.breaks["verdict"].tolist() == ["fell"]
        assert np.isnan(answer.breaks["last_year"].iloc[0])
        assert "The same weeks of a year before are not recorded, so a season cannot be told from a break." in answer.sentences

    def test_nothing_changed(self):
        rng = np.random.default_rng(8)
        steady = [lead(MONDAY + timedelta(days=int(d)), 3 if rng.random() < 0.4 else None) for d in rng.integers(0, 380, 800)]
        answer = st.qualification(leads_book(steady))
        row = answer.breaks.iloc[0]
        assert row["verdict"] == "none"
        assert row[["since", "before", "ratio", "lost"]].isna().all()
        assert row["power"] > 0.9
        assert answer.sentences[0].startswith("No break in MQL to SQL can be told: Web.")

    def test_a_record_of_sql_that_begins_late(self):
        answer = st.qualification(leads_book(weekly([0] * 20 + [0.4] * 30)))
        row = answer.breaks.iloc[0]
        assert row["verdict"] == "none"
        assert row["recorded_since"] == MONDAY + timedelta(weeks=21)  # the first SQL is of the Friday of week 20
        assert any("this is where the record begins and no break" in sentence for sentence in answer.sentences)
        assert answer.weeks["unrecorded"].sum() == 21

    def test_a_rise_from_little_is_no_late_record(self):
        answer = st.qualification(leads_book(weekly([0.1] * 25 + [0.5] * 25)))
        row = answer.breaks.iloc[0]
        assert (row["verdict"], row["recorded_since"]) == ("rose", None)
        assert row["since"] == MONDAY + timedelta(weeks=25)
        assert np.isnan(row["lost"])

    def test_a_record_of_mql_that_begins_late(self):
        early = [{"created_at": pd.Timestamp(2024, 9, 2), "source": "Web"} for _ in range(5)]
        answer = st.qualification(leads_book(early + weekly([0.4] * 50)))
        assert any(s.startswith("MQL dates begin on 3 Jun 2025, though leads came in since 2 Sep 2024") for s in answer.sentences)

    def test_a_cohort_too_young_to_tell(self):
        """Nothing of the last four weeks has gone on yet, as it takes 29 days."""
        answer = st.qualification(leads_book(weekly([0.4] * 56, after=29)))
        assert answer.breaks["verdict"].tolist() == ["none"]
        assert answer.weeks["young"].sum() == 4
        assert answer.weeks.loc[answer.weeks["young"], "went_on"].sum() == 0

    def test_a_fall_to_nothing_may_be_an_end_of_the_record(self):
        answer = st.qualification(leads_book(weekly([0.4] * 40 + [0] * 15)))
        row = answer.breaks.iloc[0]
        assert (row["verdict"], row["since"]) == ("stopped", MONDAY + timedelta(weeks=40))
        assert "or it is no longer recorded" in answer.sentences[0]
        assert np.isnan(row["lost"]), "the end of a record costs nothing"

    def test_a_fall_with_hand_counts(self):
        """40 weeks with 4 of 10, 15 weeks with 1 of 10: of 150 MQLs since then 60 were to be expected and 15 came."""
        answer = st.qualification(leads_book(weekly([0.4] * 40 + [0.1] * 15)))
        row = answer.breaks.iloc[0]
        assert (row["verdict"], row["since"]) == ("fell", MONDAY + timedelta(weeks=40))
        assert (row["before"], row["after"], row["ratio"]) == pytest.approx((0.4, 0.1, 0.25))
        assert row["lost"] == pytest.approx(45)
        assert row["lost_low"] < 45 < row["lost_high"]
        assert row[["lost_opportunities", "lost_bookings"]].isna().all(), "no lead of this book became an opportunity"

    @pytest.mark.parametrize("by", [(), "source"])
    def test_a_fall_of_deals_costs_what_deals_bring(self, by):
        """As above, and every lead that went on is a deal of 100 closed on that day: 45 missing deals are 4,500."""
        leads = weekly([0.4] * 40 + [0.1] * 15)
        sold = [
            {"opportunity_id": f"O{i}", "lead_id": f"L{i}", "close_date": at, "stage": "Won", "amount": 100.0}
            for i, each in enumerate(leads)
            if (at := each["sales_qualified_at"]) is not None
        ]
        book = leads_book([each | {"sales_qualified_at": None} for each in leads], opportunities=pd.DataFrame(sold))
        answer = st.qualification(book, by=by, goal="won")
        row = answer.breaks.iloc[0]
        assert (row["verdict"], row["since"]) == ("fell", MONDAY + timedelta(weeks=40))
        assert row["lost"] == pytest.approx(45)
        assert np.isnan(row["lost_opportunities"])
        assert row["lost_bookings"] == pytest.approx(4500)
        assert "45 deals" in answer.sentences[1]
        assert "MQL to deal" in answer.sentences[0]
        assert "Break" in str(answer.table)

    def test_who_names_whom_makes_one_pair(self):
        """L0 and O0 name each other, L1 is named by O1, O2 is named by L2; O3 is nobody's, and L3 names what is not there."""
        day = date(2026, 3, 3)
        leads = [lead(day) | {"opportunity_id": name} for name in ("O0", None, "O2", "O9")]
        sold = [
            {"opportunity_id": f"O{i}", "lead_id": name, "close_date": day, "stage": "Won", "amount": 100.0}
            for i, name in enumerate(("L0", "L1", None, None))
        ]
        book = leads_book(leads, opportunities=pd.DataFrame(sold))
        pairs = book.fetch(linked(book))[["lead_id", "opportunity_id"]]
        assert sorted(map(tuple, pairs.to_numpy())) == [("L0", "O0"), ("L1", "O1"), ("L2", "O2")]

    def test_by_week_is_each_cohort_with_what_can_be_known_of_it(self):
        frame = st.qualification(leads_book(weekly([0.4] * 50)), by="week").frame.set_index("week")
        assert frame.loc["2026-W20", ["mqls", "went_on", "within_30"]].tolist() == [10, 4, 0.4]
        assert np.isnan(frame.loc["2026-W20", "within_60"]), "its leads are 49 days old"
        assert np.isnan(frame.loc["2026-W17", "within_90"])

    def test_months_are_no_series_in_the_table(self):
        table = st.qualification(leads_book(weekly([0.4] * 20)), by=["source", "month"]).table
        assert "Break" not in str(table)


class TestWhatCannotBeAnswered:
    def test_without_leads(self):
        book = book_of(ibis.duckdb.connect(), {"opportunities": frames()["opportunities"]})
        answer = st.qualification(book)
        assert answer.frame.empty
        (sentence,) = answer.sentences
        assert "'leads'" in sentence
        assert charts.qualification(answer).empty
        assert "MQL" in answer.table.title

    def test_without_any_mql_or_sql(self):
        bare = [{"created_at": pd.Timestamp(2026, 5, 1), "source": "Web"}]
        (sentence,) = st.qualification(leads_book(bare)).sentences
        assert "marketing_qualified_at" in sentence
        (sentence,) = st.qualification(leads_book([lead(date(2026, 5, 1))])).sentences
        assert sentence.startswith("None of 1 MQLs in")

    def test_a_scope_that_leads_do_not_know(self, book):
        answer = st.qualification(book, where={"category": "admin"})
        assert answer.sentences == ("It cannot be narrowed to category: leads knows no category.",)
        assert answer.frame.empty

    def test_sql_before_mql_is_refused_and_counted(self):
        made = [*weekly([0.4] * 20), lead(date(2025, 7, 1), -2, created_at=pd.Timestamp(2025, 6, 1))]
        answer = st.qualification(leads_book(made))
        assert answer.refused == 1
        assert answer.frame["mqls"].tolist() == [200]
        assert any(
            sentence.startswith("One MQL is refused here: dated as SQL before being an MQL") for sentence in answer.sentences
        )


class TestReadAsOf:
    def test_reading_back_is_deleting_what_came_later(self):
        made = weekly([0.4] * 50, after=9)
        day = date(2026, 3, 4)
        early = [
            each | {"sales_qualified_at": at if (at := each["sales_qualified_at"]) is not None and at.date() <= day else None}
            for each in made
            if each["created_at"].date() <= day
        ]
        back, then = (st.qualification(leads_book(leads, as_of=day)) for leads in (made, early))
        pd.testing.assert_frame_equal(back.frame, then.frame)
        pd.testing.assert_frame_equal(back.weeks, then.weeks)
        assert back.sentences == then.sentences

    def test_row_order_changes_nothing(self):
        made = weekly([0.4] * 30 + [0.2] * 20)
        one, other = st.qualification(leads_book(made)), st.qualification(leads_book(made[::-1]))
        pd.testing.assert_frame_equal(one.breaks, other.breaks)


class TestTwoFiles:
    """Qualified leads and the deals that came of them; no lost one is written down."""

    def test_won_out_of_closed_is_no_win_rate_here(self, two):
        for metric in (st.win_rate, st.win_rate_by_amount, st.close_rate):
            measured = st.measure(two, metric)
            assert measured.value() is None
            assert measured.frame["note"].tolist() == ["absent"]
            assert "of 26 closed: the lost ones seem not to be recorded" in measured.absent[metric.name]
        assert st.measure(two, st.bookings).value() == 18 * 100 + 8 * 50

    def test_the_book_says_so(self, two):
        assert any("none of 26 closed opportunities was lost" in note for note in data_notes(two))

    def test_leads_needed_says_which_step_is_not_known(self, two):
        needed = st.leads_needed(two, 10_000, during="2026-Q3")
        assert needed.frame["p50"].isna().all()

    def test_nineteen_wins_in_a_row_may_be_luck(self):
        won = pd.DataFrame({"opportunity_id": [f"O{i}" for i in range(19)], "stage": "Won", "created_date": "2026-05-01"})
        won = won.assign(close_date="2026-05-20", amount=100)
        lucky = book_of(ibis.duckdb.connect(), {"opportunities": typed("opportunities", won)})
        assert st.measure(lucky, st.win_rate).value() == 1

    def test_no_sql_is_recorded_and_the_answer_says_so(self, two):
        (sentence,) = st.qualification(two, goal="sales_qualified").sentences
        assert sentence.startswith("None of 67 MQLs in")

    def test_from_mql_to_deal_by_origin_and_month(self, two):
        answer = st.qualification(two, goal="won", by=["source", "month"])
        frame = answer.frame.set_index(["source", "month"])
        # Of 10 each: 6, 5 and 5 after 20 days; 3 after 10 days, 3 after 40, 2 after 10.
        shares = {key: tuple(row[["within_30", "within_60", "within_90"]]) for key, row in frame.iterrows()}
        assert shares["organic", "2026-01"] == pytest.approx((0.6, 0.6, 0.6))
        assert shares["organic", "2026-03"] == pytest.approx((0.5, 0.5, 0.5))
        assert shares["paid", "2026-02"] == pytest.approx((0.0, 0.3, 0.3))
        assert shares["paid", "2026-03"] == pytest.approx((0.2, 0.2, 0.2))
        young = frame.loc["organic", "2026-06"] if ("organic", "2026-06") in frame.index else None
        assert (young["mqls"], young["went_on"], young["waiting"]) == (4, 1, 3)
        assert np.isnan(young["within_30"]), "15 days is too young to say"
        assert frame["mqls"].sum() == 66

    def test_a_cycle_of_minus_two_days_is_refused_and_counted(self, two):
        answer = st.qualification(two, goal="won")
        assert answer.refused == 1
        assert any(
            sentence.startswith("One MQL is refused here: dated as a deal before being an MQL") for sentence in answer.sentences
        )


def test_the_page_shows_the_small_book():
    page = (Path(__file__).parent.parent / "docs" / "methods" / "qualification.md").read_text(encoding="utf-8")
    answer = st.qualification(book_of(ibis.duckdb.connect())).frame.set_index("source")
    for source in ("Web", "Event"):
        row = answer.loc[source]
        shown = [f"{row[f'within_{days}']:.0%}" if pd.notna(row[f"within_{days}"]) else "–" for days in (30, 60, 90)]
        assert f"| {source} | {row['mqls']:.0f} | {' | '.join(shown)} |" in page
    gain = change_point([6, 6, 6, 6, 6, 5, 2, 2, 2, 2, 2, 1], [10] * 6 + [10, 10, 10, 10, 9, 9])
    assert f"the gain of a break between them is {gain.statistic:.2f}" in page
    assert gain.at == 6
