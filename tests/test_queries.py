"""Measuring costs few queries, shows them, and gives the same parts on every engine."""

import re
from pathlib import Path

import pandas as pd
import pytest

import salestrack as st
from salestrack.formula import Mean, Ratio, Total
from salestrack.measure import measure
from salestrack.ripeness import maturing
from salestrack.tables import CONTRACTS
from tests.kit import BY_TERRITORY, KIT, Q2, every_metric

GOLDEN = Path(__file__).parent / "golden"
SUMS = [st.win_rate, st.win_rate_by_amount, st.average_deal_size, st.bookings, st.won_opportunities, st.closed_opportunities]


def test_one_query_takes_all_sums_of_a_table_and_clock(book):
    measured = measure(book, SUMS, by=["rep", "month"], where={"segment": "SMB"}, during=Q2)
    assert len(measured.queries) == 1


def test_another_clock_and_another_table_are_one_query_each(book):
    others = [st.created_opportunities, st.activity_count, st.activity_hours, st.selling_time_share]
    assert len(measure(book, [*SUMS, *others], by="rep", during=Q2).queries) == 3


def test_the_whole_kit_takes_one_query_for_each_place_and_one_for_each_metric_of_another_grain(book):
    places, alone = set(), 0
    for metric in KIT:
        if isinstance(metric.function(*(book.table(table) for table in metric.tables)), Total | Mean | Ratio):
            # A share of the created that were won leaves out those from before closes were recorded; their number does not.
            grows = bool(maturing(book, metric))
            # Results against quotas take the opportunities of whoever has one, and quotas that lie wholly in the period.
            held = {"opportunities", "quota_days"} <= {*metric.tables}
            places |= {(table, metric.clock.get(table), grows and table == "opportunities", held) for table in metric.tables}
        else:
            alone += 1
    assert len(measure(book, KIT, during=Q2).queries) == len(places) + alone


def test_the_same_sum_is_taken_once(book):
    measured = measure(book, [st.bookings, st.average_deal_size], during=Q2)
    # Both add up the amount won; the mean adds Σx² and Σx³.
    assert measured.sql().upper().count("SUM(") == 3


@every_metric
def test_shows_its_query(book, metric):
    text = measure(book, metric, during=Q2).sql()
    assert "SELECT" in text
    assert text.endswith(";")
    for table in set(metric.tables) & set(CONTRACTS):
        assert table in text
    for clock in metric.clock.values():
        assert clock in text


def test_sql_is_as_reviewed(small_book, request):
    text = measure(small_book, [st.win_rate, st.bookings], by=["rep", "month"], during=Q2).sql().removesuffix(";")
    # On Spark a table is a view with a number of its own (`tests.engines.stored`).
    text = re.sub(r"`([a-z_]+)__\d+`", r"`\1`", text)
    path = GOLDEN / f"win_rate_and_bookings_by_rep_and_month.{small_book.connection.name}.sql"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == path.read_text(encoding="utf-8"), "Review the change, then run pytest with --update-golden."


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
@pytest.mark.parametrize("by", [(), ("rep",), ("territory", "month")], ids="-".join)
def test_spark_gives_the_parts_and_figures_of_duckdb(book, book_on_spark, by):
    metrics = BY_TERRITORY if "month" in by else KIT
    one, other = (measure(each, metrics, by=by, during=Q2) for each in (book, book_on_spark))
    # Months cut quarterly quotas, on one engine as on the other.
    assert one.absent == other.absent
    told = [metric for metric in metrics if metric.name not in one.absent]
    assert len(told) > len(metrics) / 2
    for metric in told:
        mine, theirs = (in_order(each.parts[metric.name].frame) for each in (one, other))
        pd.testing.assert_frame_equal(mine, theirs, check_dtype=False, rtol=1e-12, atol=0, obj=metric.name)
        for count in {"n", "k", "count", "days"} & set(mine):
            assert mine[count].equals(theirs[count]), f"{metric.name}: {count}"
    pd.testing.assert_frame_equal(one.frame, other.frame, rtol=1e-9)


def in_order(frame):
    """Parts in an order of their own: no engine promises one."""
    keys = [column for column in frame if column.startswith("key_") or column in ("days", "outcome")]
    plain = frame.assign(**{key: [None if pd.isna(value) else str(value) for value in frame[key]] for key in keys})
    plain = plain.astype({column: float for column in frame if column not in keys})
    return plain.sort_values(keys).reset_index(drop=True) if keys else plain
