"""Rates whose clock is an entry: read at equal age on both sides, or too young to be judged."""

from datetime import date, timedelta
from functools import cache

import ibis
import numpy as np
import pandas as pd
import pytest

import salestrack as st
from salestrack.definition import METRICS
from salestrack.recording import closes_complete_since
from salestrack.ripeness import AGES, at_age, maturing, reading, ripeness
from tests.small_book import SETTINGS, book_of, typed

FIRST, LAST = date(2024, 1, 1), date(2025, 12, 31)
DAYS = (date(2025, 6, 30), date(2025, 8, 10), date(2025, 9, 30), date(2025, 12, 31))


@cache
def frames() -> dict[str, pd.DataFrame]:
    """Two years of a company in which nothing changes: 12 leads and 6 opportunities a week, each with a life of its own."""
    rng = np.random.default_rng(11)
    weeks = pd.date_range(FIRST, LAST, freq="W-MON")
    created = pd.Series(np.repeat(weeks, 6)) + pd.to_timedelta(rng.integers(0, 7, len(weeks) * 6), unit="D")
    n = len(created)
    waits = rng.exponential(25, (n, 3)).round()
    ends = rng.integers(1, 4, n)
    won = rng.random(n) < 0.3
    rows, history = [], []
    for i in range(n):
        day, stays = created[i], waits[i]
        last = 3 if won[i] else ends[i]
        for k in range(last):
            history.append((f"O{i}", SETTINGS.stages[k].name, day))
            day += pd.Timedelta(days=stays[k])
        stage = "Won" if won[i] else "Lost"
        history.append((f"O{i}", stage, day))
        rows.append((f"O{i}", created[i].date(), day.date(), stage, 1000.0 + i % 7))
    leads = pd.DataFrame({"lead_id": [f"L{i}" for i in range(2 * n)]})
    came_in = pd.Series(np.repeat(weeks, 12)) + pd.to_timedelta(rng.integers(0, 7 * 24 * 60, 2 * n), unit="min")
    leads["created_at"] = came_in
    leads["first_response_at"] = came_in + pd.to_timedelta(rng.exponential(600, 2 * n).round() + 1, unit="min")
    at = came_in
    for column, share, pace in (("marketing_qualified_at", 0.7, 4), ("sales_qualified_at", 0.5, 15), ("converted_at", 0.8, 9)):
        at = (at + pd.to_timedelta(rng.exponential(pace, 2 * n).round(1), unit="D")).where(rng.random(2 * n) < share)
        leads[column] = at
    sold = pd.DataFrame(rows, columns=["opportunity_id", "created_date", "close_date", "stage", "amount"])
    steps = pd.DataFrame(history, columns=["opportunity_id", "stage", "entered_at"])
    return {"opportunities": sold, "stage_history": steps, "leads": leads}


@cache
def book_on(day: date) -> st.Book:
    tables = {name: typed(name, frame.astype(str).where(frame.notna(), None)) for name, frame in frames().items()}
    return book_of(ibis.duckdb.connect(), tables, day, SETTINGS)


def entry_rates() -> list[str]:
    book = book_on(LAST)
    return [metric.name for metric in METRICS.values() if not book.lacks(*metric.tables) and maturing(book, metric)]


def test_the_rates_of_the_kit_that_mature_are_found_by_what_they_are_made_of():
    assert set(entry_rates()) == {
        "close_rate", "won_share_of_all", "leakage", "stage_conversion", "marketing_qualification_rate",
        "sales_qualification_rate", "opportunity_rate", "speed_to_lead",
    }  # fmt: skip


def test_a_rate_written_by_a_user_is_found_as_well(registry):
    @st.metric(unit=st.SHARE, clock="created_date")
    def my_rate(opportunities):
        """Won of all created."""
        return st.Ratio(of=opportunities.status == "won", over=opportunities.opportunity_id.notnull())

    @st.metric(unit=st.SHARE, clock="close_date")
    def by_close(opportunities):
        """Won of all closed."""
        return st.Ratio(of=opportunities.won, over=opportunities.closed)

    @st.metric(unit=st.SHARE, clock="created_at", matures=21)
    def my_leads(leads):
        """SQL of all leads."""
        return st.Ratio(of=leads.sales_qualified_at.notnull(), over=leads.lead_id.notnull())

    book = book_on(LAST)
    assert ripeness(book, my_rate) == ripeness(book, st.close_rate)
    assert ripeness(book, by_close) is None
    assert ripeness(book, my_leads).age == 21
    young = st.compare(book_on(date(2025, 6, 30)), my_rate, during="2025-Q2").frame.iloc[0]
    assert (young["verdict"], young["reason"]) == ("cannot_tell", "young")


@pytest.mark.parametrize("name", ["close_rate", "leakage", "opportunity_rate", "sales_qualification_rate"])
def test_the_same_cohorts_have_the_same_verdict_on_every_day_on_which_they_have_one(name):
    told = [st.compare(book_on(day), name, during="2025-Q2").frame.iloc[0] for day in DAYS]
    assert told[-1]["reason"] != "young"
    ripe = [row for row in told if row["reason"] != "young"]
    assert len({(row["verdict"], row["reason"], row["before"], row["after"], row["age"]) for row in ripe}) == 1
    assert {row["verdict"] for row in told if row["reason"] == "young"} <= {"cannot_tell"}


def test_every_maturing_metric_is_too_young_at_the_end_of_its_own_quarter():
    told = st.compare(book_on(date(2025, 6, 30)), entry_rates(), during="2025-Q2").frame
    assert told["reason"].tolist() == ["young"] * len(told)
    assert told["age"].notna().all()
    # At equal age a company in which nothing changes looks the same: within four standard errors of a share.
    shares = told[~told["metric"].isin(["speed_to_lead"])]
    error = np.sqrt(shares["before"] * (1 - shares["before"]) * (1 / shares["n_before"] + 1 / shares["n_after"]))
    assert ((shares["after"] - shares["before"]).abs() < 4 * error).all()


@pytest.mark.parametrize("name", ["close_rate", "leakage", "won_share_of_all"])
def test_a_trend_over_asked_months_says_the_same_on_every_day(name):
    told = {st.trend(book_on(day), name, during="2024-07-01/2025-07-01").verdict for day in DAYS[1:]}
    assert len(told - {"cannot_tell"}) <= 1
    early = st.trend(book_on(DAYS[0]), name, during="2024-07-01/2025-07-01")
    assert (early.verdict, early.reason) == ("cannot_tell", "young")
    assert "cannot be told yet" in early.sentences[0]


def test_a_trend_over_the_whole_book_judges_the_months_that_are_ripe():
    answer = st.trend(book_on(DAYS[0]), "close_rate")
    age = answer.measured.ages["close_rate"]
    used = answer.frame[~answer.frame["partial"]]
    assert answer.reason != "young"
    assert st.Period.parse(used["month"].iloc[-1]).last_day <= DAYS[0] - timedelta(days=age)
    assert st.Period.parse(used["month"].iloc[-1]).next().last_day > DAYS[0] - timedelta(days=age)


def test_at_an_age_is_what_was_known_at_that_age():
    """Each of four opportunities at 10 days, by hand: won after 3, lost after 10, won after 11, open for 4 only."""
    rows = pd.DataFrame(
        {
            "opportunity_id": ["A", "B", "C", "D"],
            "created_date": ["2026-06-01", "2026-06-02", "2026-06-03", "2026-06-26"],
            "close_date": ["2026-06-04", "2026-06-12", "2026-06-14", None],
            "stage": ["Won", "Lost", "Won", "Proposal"],
        }
    )
    book = book_of(ibis.duckdb.connect(), {"opportunities": typed("opportunities", rows)}, date(2026, 6, 30), SETTINGS)
    made = at_age(book.table("opportunities"), "opportunities", "created_date", 10, book.as_of)
    found = book.fetch(made).set_index("opportunity_id").sort_index()
    assert found["status"].to_dict() == {"A": "won", "B": "lost", "C": "open"}
    assert found["observed_days"].to_dict() == {"A": 3, "B": 10, "C": 10}
    assert found["stage"].isna().to_dict() == {"A": False, "B": False, "C": True}
    rate = st.measure(book, "close_rate", age=10)
    assert rate.value() == pytest.approx(1 / 3)
    assert rate.frame["n"].tolist() == [3]


def test_both_sides_are_read_at_the_age_that_the_younger_has_reached():
    book = book_on(date(2025, 6, 30))
    quarter = book.period("2025-Q2")
    found = reading(book, st.close_rate, quarter.previous(), quarter)
    assert not found.ripe
    # The middle of April to June is 45 days before the end of June.
    assert found.age == max(age for age in AGES if age <= 45)
    assert reading(book, st.win_rate, quarter).age is None
    label = st.compare(book, "close_rate", during=quarter).sentences[0]
    assert label.startswith(f"Close rate within {found.age} days: ")


def test_a_lead_event_on_the_last_day_of_the_age_counts_and_on_the_next_does_not():
    leads = pd.DataFrame(
        {
            "lead_id": ["A", "B"],
            "created_at": ["2026-05-01 09:00", "2026-05-01 09:00"],
            "marketing_qualified_at": ["2026-05-08 23:00", "2026-05-09 01:00"],
        }
    )
    sold = pd.DataFrame({"opportunity_id": ["O"], "stage": ["Proposal"], "created_date": ["2026-05-01"]})
    tables = {"leads": typed("leads", leads), "opportunities": typed("opportunities", sold)}
    book = book_of(ibis.duckdb.connect(), tables, date(2026, 6, 30), SETTINGS)
    assert st.measure(book, "marketing_qualification_rate", age=7).value() == 0.5
    assert st.measure(book, "marketing_qualification_rate", age=8).value() == 1


class TestABookThatBeginsWithADayOfCreation:
    @staticmethod
    def cut(since: str | None) -> st.Book:
        """A company in which nothing changes, exported whole or with what was created since a day only."""
        sold = frames()["opportunities"]
        sold = sold if since is None else sold[sold["created_date"] >= date.fromisoformat(since)]
        return book_of(ibis.duckdb.connect(), {"opportunities": typed("opportunities", sold.astype(str))}, LAST, SETTINGS)

    def test_closes_are_complete_a_long_cycle_after_it(self):
        book = self.cut("2024-09-01")
        sold = frames()["opportunities"]
        sold = sold[(sold["created_date"] >= date(2024, 9, 1)) & (sold["close_date"] <= LAST)]
        cycle = (pd.to_datetime(sold["close_date"]) - pd.to_datetime(sold["created_date"])).dt.days
        longer = max(np.quantile(cycle[sold["stage"] == end], 0.9, method="inverted_cdf") for end in ("Won", "Lost"))
        assert closes_complete_since(book) == sold["created_date"].min() + timedelta(days=int(longer))

    def test_what_is_won_may_take_longer_than_what_is_lost(self):
        """One begins a day and is lost after 10 days; each twentieth is won, after 100."""
        born = [date(2024, 9, 1) + timedelta(days=i) for i in range(400)]
        ends = [("Won", 100) if i % 20 == 0 else ("Lost", 10) for i in range(400)]
        sold = pd.DataFrame(
            [(f"O{i}", day, day + timedelta(days=days), end) for i, (day, (end, days)) in enumerate(zip(born, ends, strict=True))],
            columns=["opportunity_id", "created_date", "close_date", "stage"],
        )
        book = book_of(ibis.duckdb.connect(), {"opportunities": typed("opportunities", sold.astype(str))}, LAST, SETTINGS)
        # Nine in ten of all closes come within 10 days, and no booking before day 100.
        assert closes_complete_since(book) == date(2024, 9, 1) + timedelta(days=100)

    def test_quarters_before_that_are_not_complete(self):
        book = self.cut("2024-09-01")
        frame = st.measure(book, ["bookings", "win_rate", "created_opportunities"], by="quarter").frame
        partial = frame.pivot_table(index="quarter", columns="metric", values="partial", aggfunc="first")
        assert partial.loc["2024-Q4", ["bookings", "win_rate", "created_opportunities"]].tolist() == [True, True, False]
        assert partial.loc["2025-Q2", ["bookings", "win_rate", "created_opportunities"]].tolist() == [False, False, False]
        told = st.compare(book, st.bookings, during="2025-Q1").frame.iloc[0]
        assert (told["verdict"], told["reason"]) == ("cannot_tell", "partial")

    def test_one_opportunity_of_long_before_is_no_beginning(self):
        sold = frames()["opportunities"]
        sold = sold[sold["created_date"] >= date(2024, 9, 1)]
        stray = pd.DataFrame([("X", date(2019, 3, 1), date(2025, 3, 1), "Won", 1.0)], columns=list(sold.columns))
        tables = {"opportunities": typed("opportunities", pd.concat([stray, sold]).astype(str))}
        with_stray = book_of(ibis.duckdb.connect(), tables, LAST, SETTINGS)
        assert closes_complete_since(with_stray) == closes_complete_since(self.cut("2024-09-01"))

    def test_a_handful_of_closes_accuses_nobody(self):
        sold = frames()["opportunities"].head(8)
        book = book_of(ibis.duckdb.connect(), {"opportunities": typed("opportunities", sold.astype(str))}, LAST, SETTINGS)
        assert closes_complete_since(book) is None
