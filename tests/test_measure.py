"""Asking: periods, scopes, breakdowns; what is refused and with which words; what a result shows."""

import statistics
from dataclasses import replace

import ibis
import pandas as pd
import pytest

import salestrack as st
from salestrack.errors import DefinitionError, PeriodError, SalestrackError, UnknownNameError
from salestrack.measure import measure
from salestrack.stats.intervals import quantile_ranks
from tests.generated import repeated
from tests.kit import Q2
from tests.small_book import NASTY, book_of, typed


def values(measured, by):
    """Group to value, null groups as None."""
    frame = measured.frame
    return dict(zip(frame[by].astype(object).where(frame[by].notna(), None), frame["value"], strict=True))


# --- periods ------------------------------------------------------------------------------------------------------------------


def test_a_period_holds_its_first_and_its_last_day(small_book):
    # O7 is lost on 31 March, O1 won on 1 April; O2 won on 30 June.
    assert measure(small_book, st.closed_opportunities, during="2026-03").value() == 1
    assert measure(small_book, st.closed_opportunities, during="2026-04-01").value() == 1
    assert measure(small_book, st.closed_opportunities, during="2026-04-01/2026-06-30").value() == 6
    assert measure(small_book, st.closed_opportunities, during="2026-04-01/2026-07-01").value() == 7


def test_without_a_period_all_that_the_book_holds_counts(small_book):
    assert measure(small_book, st.closed_opportunities).value() == 8  # O7 too
    assert measure(small_book, st.created_opportunities).value() == 12  # O11 too, which nobody dated; O13 is created later


def test_a_state_is_that_of_the_day_of_the_book_whatever_the_period(book):
    assert measure(book, st.pipeline, during="2026-Q1").value() == measure(book, st.pipeline).value() == 6700


def test_a_series_has_a_row_for_every_unit_even_where_nothing_happened(book):
    weeks = measure(book, [st.bookings, st.win_rate], by="week", during="2026-04").frame
    bookings, win_rate = (weeks[weeks["metric"] == name] for name in ("bookings", "win_rate"))
    # April 2026 runs from Wednesday of week 14 to Thursday of week 18; O1 closes on its first day, O4 on the 5th, a Sunday.
    assert bookings["week"].tolist() == ["2026-W14", "2026-W15", "2026-W16", "2026-W17", "2026-W18"]
    assert bookings["value"].tolist() == [1500, 0, 0, 0, 0]
    assert win_rate["value"].tolist()[0] == 1
    assert win_rate["value"].isna().tolist()[1:] == [True] * 4
    assert win_rate["note"].tolist()[1:] == ["undefined"] * 4
    assert bookings["partial"].tolist() == [True, False, False, False, True]  # the first and the last week are cut


def test_a_series_ends_on_the_day_of_the_book(book):
    months = measure(book, st.bookings, by="month", during="2026").frame
    assert months["month"].tolist() == [f"2026-{month:02d}" for month in range(1, 7)]


def test_a_period_that_is_not_over_and_one_before_the_first_record_are_partial(book):
    half = measure(book, st.closed_opportunities, by="quarter").frame.set_index("quarter")["partial"]
    assert half.to_dict() == {"2026-Q1": True, "2026-Q2": False}  # the first record is of 31 March
    assert measure(book, st.bookings, during="2026").frame["partial"].tolist() == [True]
    assert measure(book, st.bookings, during=Q2).frame["partial"].tolist() == [False]
    # A day earlier the quarter is not over.
    earlier = replace(book, as_of=book.as_of - pd.Timedelta(days=1).to_pytimedelta())
    assert measure(earlier, st.bookings, during=Q2).frame["partial"].tolist() == [True]


def test_a_fiscal_year_is_that_of_the_book(book):
    from_may = replace(book, settings=book.settings.model_copy(update={"fiscal_year_start": 5}))
    # The quarter from February to April is the last of the year named 2026; O1, O4 and O7 close in it.
    assert measure(from_may, st.closed_opportunities, during="FY2026-Q4").value() == 3
    by_quarter = measure(from_may, st.closed_opportunities, by="fiscal_quarter", during="2026")
    assert values(by_quarter, "fiscal_quarter") == {"FY2026-Q3": 0, "FY2026-Q4": 3, "FY2027-Q1": 5}


@pytest.mark.parametrize(
    ("during", "words"),
    [
        ("2026-Q3", "begins on 2026-07-01, after the day of the book"),
        ("2025", "ends before the first record of 2026-03-31"),
        ("2026-Q7", "'2026-Q7' is not a period. Use 2026, 2026-Q3"),
    ],
)
def test_a_period_outside_the_data_is_refused(book, during, words):
    with pytest.raises(PeriodError) as caught:
        measure(book, st.win_rate, during=during)
    assert words in str(caught.value)


# --- names --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        ({"metrics": "winrate"}, "No metric 'winrate'. Did you mean 'win_rate'"),
        ({"by": "teem"}, "No column 'teem' for opportunities in the book of Small & Co. Did you mean 'team'"),
        ({"by": "monthly"}, "No column 'monthly' for opportunities in the book of Small & Co. Did you mean 'month'"),
        ({"by": "acount.segment"}, "No column 'acount.segment'"),
        ({"by": "account.nonsense"}, "No column 'account.nonsense'"),
        ({"where": {"teem": "North"}}, "No column 'teem'"),
        ({"where": {"segment": "Entreprise"}}, "No segment is called 'Entreprise'. Did you mean 'Enterprise'?"),
        ({"where": {"rep": "Benn"}}, "No rep is called 'Benn'. Did you mean 'Ben'?"),
        ({"where": {"rep": ["Ben", "Nobody Known"]}}, "No rep is called 'Nobody Known'. Known: "),
        ({"metrics": "activity_hours", "by": "account.nam"}, "No column 'account.nam' for activities"),
        ({"metrics": "pipeline", "by": "month"}, "'month' cannot break down a state on the day of the book"),
    ],
)
def test_a_name_that_does_not_exist_is_refused_with_the_nearest(book, ask, words):
    with pytest.raises(UnknownNameError) as caught:
        measure(book, **{"metrics": "win_rate", **ask})
    assert words in str(caught.value)
    assert isinstance(caught.value, KeyError)


def test_a_name_that_several_linked_tables_have_must_say_which(book):
    # An activity's rep, account and opportunity may all know it; what is sold goes first.
    # C1 serves O1 of an SMB account, C2 O2 of an enterprise; C5 has no minutes.
    assert values(measure(book, st.activity_hours, by="segment"), "segment") == {"SMB": 1, "Enterprise": 0.5, None: 4.5}
    without = replace(book, tables={name: table for name, table in book.tables.items() if name != "opportunities"})
    with pytest.raises(UnknownNameError, match=r"'name' is ambiguous for activities: say rep\.name or account\.name"):
        measure(without, st.activity_hours, by="name")
    assert values(measure(without, st.activity_hours, by="rep.name"), "rep.name") == {"Ada": 3, "Ben": 2, "Chen": 1}


def test_a_metric_whose_table_is_missing_is_absent_and_says_why(book):
    without = replace(
        book,
        tables={name: table for name, table in book.tables.items() if name not in ("activities", "quota_days", "quotas")},
        absent={"activities": "no file mapped", "quotas": "quotas.csv has no rows"},
    )
    measured = measure(without, [st.bookings, st.activity_hours, st.quota_attainment], during=Q2)
    assert measured.value("bookings") == 5700
    assert measured.value("activity_hours") is None
    assert measured.frame["note"].tolist() == ["", "absent", "absent"]
    why = "This needs the table 'activities', which the book of Small & Co does not have: no file mapped."
    assert measured.absent["activity_hours"] == why
    assert "'quotas'" in measured.absent["quota_attainment"]
    assert "quotas.csv has no rows" in measured.absent["quota_attainment"]
    assert why in str(measured)


def test_an_error_of_the_kit_is_one_family(book):
    for ask in ({"metrics": "winrate"}, {"by": "teem"}, {"during": "2025"}, {"metrics": []}, {"confidence": 95}):
        with pytest.raises(SalestrackError):
            measure(book, **{"metrics": "win_rate", **ask})


# --- scopes -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "closed"),
    [
        ({"rep": "Ada"}, 3),  # O1 O2 O3
        ({"rep": "R1"}, 3),  # by key
        ({"rep": ["Ada", "Ben"]}, 5),  # and O4 O5
        ({"rep": NASTY}, 1),  # O10: quotes, angle brackets, a newline and Korean are a name like any other
        ({"team": "South"}, 2),  # O8 of R3, O10 of R4
        ({"segment": "SMB"}, 3),  # O1 O3 O4: the account's
        ({"segment": None}, 1),  # O8 has no account
        ({"segment": ["SMB", None]}, 4),
        ({"account.industry": "Retail"}, 3),
        ({"territory": "East"}, 5),  # that of the rep: R1 and R2
        ({"territory": None}, 1),  # O8 of R3
        ({"status": "won", "segment": "Enterprise"}, 2),  # O2 O5
        ({"account": None}, 1),
    ],
)
def test_a_scope_keeps_the_rows_that_a_person_would_keep(small_book, where, closed):
    assert measure(small_book, st.closed_opportunities, during=Q2, where=where).value() == closed


def test_a_scope_that_a_table_knows_nothing_of_makes_its_metrics_absent(book):
    measured = measure(book, [st.bookings, st.quota], during=Q2, where={"segment": "SMB"})
    assert measured.value("bookings") == 1500
    assert measured.absent == {"quota": "It cannot be narrowed to segment: quota_days knows no segment."}


# --- results ------------------------------------------------------------------------------------------------------------------


def test_a_result_is_tidy(book):
    measured = measure(book, [st.win_rate, st.bookings], by=["team", "month"], during=Q2)
    assert list(measured.frame) == [
        "team",
        "month",
        "metric",
        "value",
        "low",
        "high",
        "n",
        "note",
        "partial",
        "rows",
        "recorded",
        "lacks",
    ]
    assert measured.frame["n"].dtype == "int64"
    assert measured.frame["partial"].dtype == bool
    assert not measured.frame.duplicated(["team", "month", "metric"]).any()


def test_one_figure_is_asked_for_by_name_and_several_are_not_one(book):
    measured = measure(book, ["win_rate", st.bookings], during=Q2)
    assert measured.value(st.win_rate) == 5 / 7
    assert measured["bookings"].value() == 5700
    with pytest.raises(UnknownNameError, match=r"No metric 'booking' in this result\. Did you mean 'bookings'"):
        measured["booking"]
    with pytest.raises(DefinitionError, match="holds 2 figures"):
        measured.value()
    assert measure(book, st.win_rate, during="2026-04-06/2026-04-30").value() is None


def test_the_confidence_asked_for_is_that_of_every_kind_of_interval(book):
    big = repeated(book, 12)
    metrics = [st.win_rate, st.win_rate_by_amount, st.average_deal_size, st.median_deal_size, st.leakage]
    wide, narrow = (measure(big, metrics, during=Q2, confidence=confidence).frame for confidence in (0.95, 0.5))
    assert wide[["low", "high"]].notna().all(axis=None)
    assert ((narrow["high"] - narrow["low"]) < (wide["high"] - wide["low"])).all(), narrow.assign(wide=wide["high"] - wide["low"])


@pytest.mark.parametrize("n", [1, 2, 9, 10, 11, 40, 101])
@pytest.mark.parametrize("confidence", [0.95, 0.5])
def test_the_engine_picks_the_ranks_of_the_formula(n, confidence):
    """Amounts that are the squares of their ranks: a limit one row off is another amount."""
    rows = pd.DataFrame({"opportunity_id": [f"O{i}" for i in range(n)], "amount": [float(i * i) for i in range(n, 0, -1)]})
    rows = rows.assign(created_date="2026-01-05", close_date="2026-05-05", stage="Won")
    # A lost one and one without an amount have no rank.
    more = pd.DataFrame({"opportunity_id": ["lost", "none"], "amount": [3.5, None], "stage": ["Lost", "Won"]})
    more = more.assign(created_date="2026-01-05", close_date="2026-05-05")
    tables = {"opportunities": typed("opportunities", pd.concat([rows, more], ignore_index=True))}
    found = measure(book_of(ibis.duckdb.connect(), tables), st.median_deal_size, confidence=confidence).frame.iloc[0]
    squares = [i * i for i in range(1, n + 1)]
    assert (found["value"], found["n"]) == (statistics.median(squares), n)
    low, high = quantile_ranks(n, 0.5, confidence)
    if n < 10:
        assert pd.isna([found["low"], found["high"]]).all()
    else:
        assert (found["low"], found["high"]) == (low**2, high**2)


def test_a_quantile_and_a_share_of_holders_are_not_added_up(book):
    for metric in (st.median_deal_size, st.share_of_reps_at_quota):
        groups = measure(book, metric, by=["team", "rep"], during=Q2)
        with pytest.raises(DefinitionError, match=rf"{metric.name} cannot be added up .* Measure it with by=\['team'\]"):
            groups.regroup("team")
    with pytest.raises(UnknownNameError, match="No column 'month' in this result's breakdown"):
        measure(book, st.bookings, by="rep", during=Q2).regroup("month")


def test_a_table_shows_every_metric_of_every_group_and_escapes_names(book):
    measured = measure(book, [st.bookings, st.activity_count], by="rep", during=Q2)
    html = measured._repr_html_()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "김" in html


def test_a_group_that_a_metric_does_not_know_is_a_dash_and_not_a_partial_period(book):
    text = str(measure(book, [st.bookings, st.activity_count], by="rep", during=Q2))
    (line,) = [line for line in text.splitlines() if "김" in line]  # no activity of R4 is recorded
    assert "–" in line
    assert "*" not in text


def test_stages_and_categories_stand_in_their_own_order(book):
    stages = measure(book, st.leakage, by="stage", during=Q2).frame["stage"].tolist()
    assert stages == ["Discovery", "Proposal", "Negotiation"]
    categories = measure(book, st.activity_count, by="category", during=Q2).frame["category"].tolist()
    assert categories == ["digital_client", "in_person_client", "internal_meeting", "admin", "unclassified"]


def test_a_metric_asked_for_twice_is_answered_once(book):
    assert len(measure(book, [st.bookings, "bookings"], during=Q2).frame) == 1
