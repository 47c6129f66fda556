"""What holds for every book: figures against plain Python over rows, and what must change nothing."""

from datetime import date
from statistics import fmean, median

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salestrack
from salestrack.formula import Quantile, Total
from salestrack.measure import measure
from tests.generated import EACH_A_BOOK, LAST, book_on, lives, opportunities, people
from tests.kit import KIT

# Those that need the table of opportunities alone, and have a period.
CLOSING = [metric for metric in KIT if metric.tables == ("opportunities",) and metric.clock]
BY_CLOSE_DATE = [metric for metric in CLOSING if metric.clock["opportunities"] == "close_date"]
TOLD = st.lists(lives(), min_size=1, max_size=25)
Q1, Q2 = (date(2026, 1, 1), date(2026, 4, 1)), (date(2026, 4, 1), date(2026, 7, 1))


def tables_of(told):
    return {"opportunities": opportunities(told, LAST)["opportunities"], **people()}


def rows_of(tables):
    """Opportunities as plain dictionaries, null as None, with what their stage says."""
    frame = tables["opportunities"].astype(object)
    rows = frame.where(frame.notna(), None).to_dict("records")
    for row in rows:
        for name in ("created_date", "close_date"):
            row[name] = row[name].date() if row[name] is not None else None
        decided = row["stage"] in ("Won", "Lost") and row["close_date"] <= LAST
        row |= {"won": decided and row["stage"] == "Won", "closed": decided}
    return rows


def some(measured, metric):
    value = measured.value(metric)
    return None if value is None else pytest.approx(value, rel=1e-12)


@EACH_A_BOOK
@given(told=TOLD)
def test_figures_are_those_of_plain_python_over_the_rows(told):
    tables = tables_of(told)
    every = rows_of(tables)
    rows = [row for row in every if row["closed"]]
    won = [row for row in rows if row["won"]]
    amounts = [row["amount"] for row in won if row["amount"] is not None]
    closed_amounts = [row["amount"] for row in rows if row["amount"] is not None]
    cycles = [(row["close_date"] - row["created_date"]).days for row in won if row["created_date"]]
    found = measure(book_on(tables), BY_CLOSE_DATE)
    # Twenty wins without a loss are a record of wins; as many wins created on the day of their close are no record of creation.
    has_losses = len(rows) < 20 or len(won) < len(rows)
    of_all = [(row["close_date"] - row["created_date"]).days for row in rows if row["created_date"]]
    has_creation = len(of_all) < 20 or max(of_all) > 0
    # Wins without an amount are worth nobody knows what; so is what was lost.
    has_bookings = bool(amounts) or (not won and any(row["amount"] is not None for row in every))
    sides = [won, [row for row in rows if not row["won"]]]
    has_values = has_losses and all(any((row["amount"] or 0) > 0 for row in side) for side in sides if side)
    by_amount = sum(amounts) / sum(closed_amounts) if has_values and sum(closed_amounts) else None
    assert some(found, "win_rate") == (len(won) / len(rows) if rows and has_losses else None)
    assert some(found, "win_rate_by_amount") == by_amount
    assert some(found, "bookings") == (sum(amounts) if has_bookings else None)
    assert some(found, "won_opportunities") == len(won)
    assert some(found, "closed_opportunities") == len(rows)
    assert some(found, "average_deal_size") == (fmean(amounts) if amounts else None)
    assert some(found, "average_closed_amount") == (fmean(closed_amounts) if closed_amounts else None)
    assert some(found, "median_deal_size") == (median(amounts) if amounts else None)
    assert some(found, "sales_cycle") == (median(cycles) if cycles and has_creation else None)
    assert some(found, "mean_sales_cycle") == (fmean(cycles) if cycles and has_creation else None)
    n = found.frame.set_index("metric")["n"].to_dict()
    assert (n["win_rate"], n["bookings"], n["median_deal_size"]) == (len(rows) if has_losses else 0, len(amounts), len(amounts))


@EACH_A_BOOK
@given(told=TOLD)
def test_groups_are_those_of_plain_python_over_the_rows(told):
    """Two reps of one name, a rep without a team, opportunities without a rep: each is a group of its own."""
    tables = tables_of(told)
    team_of = {"R1": "North", "R2": "South", "R3": None, None: None}
    name_of = {"R1": {"Kim", "Kim (R1)"}, "R2": {"Kim", "Kim (R2)"}, "R3": {"Lee"}, None: {None}}
    rows = [row for row in rows_of(tables) if row["closed"]]
    book = book_on(tables)
    by_rep = measure(book, salestrack.closed_opportunities, by="rep").frame
    closed = [sum(row["rep_id"] == rep for row in rows) for rep in name_of]
    assert sorted(value for value in by_rep["value"] if value) == sorted(number for number in closed if number)
    shown = {name if pd.notna(name) else None for name in by_rep["rep"]}
    assert all(len(name_of[row["rep_id"]] & shown) == 1 for row in rows)
    by_team_and_month = measure(book, salestrack.win_rate, by=["team", "month"]).frame
    expected = {}
    for row in rows:
        key = (team_of[row["rep_id"]], f"{row['close_date']:%Y-%m}")
        expected.setdefault(key, []).append(row["won"])
    found = {
        (row.team if pd.notna(row.team) else None, row.month): (row.value, row.n) for row in by_team_and_month.itertuples() if row.n
    }
    assert found == {key: (pytest.approx(fmean(won)), len(won)) for key, won in expected.items()}


@EACH_A_BOOK
@given(told=TOLD)
def test_groups_add_up_and_shares_are_shares(told):
    book = book_on(tables_of(told) | {"stage_history": opportunities(told, LAST)["stage_history"]})
    kinds = [salestrack.win_rate, salestrack.win_rate_by_amount, salestrack.average_deal_size, salestrack.bookings]
    metrics = [*kinds, salestrack.median_deal_size, salestrack.close_rate, salestrack.leakage]
    # In a period, so that what nobody dated is in neither.
    groups, whole = measure(book, metrics, by=["rep", "segment", "month"], during="2026"), measure(book, metrics, during="2026")
    for name, part in groups.parts.items():
        if not isinstance(part.formula, Quantile):
            again = groups[name].regroup().frame
            columns = ["value", "low", "high", "n"]
            pd.testing.assert_frame_equal(again[columns], whole[name].frame[columns], rtol=1e-9, atol=1e-12, obj=name)
    for frame in (groups.frame, whole.frame):
        shares = frame[frame["metric"].map(lambda name: salestrack.METRICS[name].unit == salestrack.SHARE)]
        for column in ("value", "low", "high"):
            assert shares[column].dropna().between(0, 1).all()
        known = frame.dropna(subset=["value", "low", "high"])
        assert ((known["low"] <= known["value"]) & (known["value"] <= known["high"])).all()
        # What is undefined, not recorded or out of reach is null and says so; only a total is zero for want of rows.
        assert (frame["value"].isna() == frame["note"].isin(["undefined", "unrecorded", "absent"])).all()


@EACH_A_BOOK
@given(told=TOLD)
def test_a_quarter_is_its_months(told):
    book = book_on(tables_of(told))
    totals = [metric for metric in CLOSING if isinstance(metric.function(book.table("opportunities")), Total)]
    months, quarters = (measure(book, totals, by=grain, during="2026") for grain in ("month", "quarter"))
    assert months.absent == quarters.absent
    parts = months.frame[months.frame["note"] != "absent"]
    parts = parts.assign(quarter=[f"2026-Q{(int(month[-2:]) + 2) // 3}" for month in parts["month"]])
    summed = parts.groupby(["quarter", "metric"])[["value", "n", "rows", "recorded"]].sum()
    # Where rows count and not one of them carries the value, nobody knows the total: it is null, not nothing.
    summed["value"] = summed["value"].mask((summed["rows"] > 0) & (summed["recorded"] == 0))
    whole = quarters.frame[quarters.frame["note"] != "absent"].astype({"quarter": "str"}).set_index(["quarter", "metric"])
    pd.testing.assert_frame_equal(summed, whole[[*summed.columns]].sort_index(), rtol=1e-12)


@EACH_A_BOOK
@given(told=TOLD, seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_nothing(told, seed):
    tables = tables_of(told) | {"stage_history": opportunities(told, LAST)["stage_history"]}
    shuffled = {name: frame.sample(frac=1, random_state=np.random.default_rng(seed)) for name, frame in tables.items()}
    metrics = [salestrack.win_rate_by_amount, salestrack.median_deal_size, salestrack.leakage, salestrack.pipeline]
    one, other = (measure(book_on(each), metrics, by="rep").frame for each in (tables, shuffled))
    pd.testing.assert_frame_equal(one, other, rtol=1e-9)


@EACH_A_BOOK
@given(told=TOLD, quarter=st.sampled_from(["2026-Q1", "2026-Q2"]))
def test_rows_outside_the_period_change_nothing(told, quarter):
    tables = tables_of(told)
    start, end = Q1 if quarter == "2026-Q1" else Q2
    day = tables["opportunities"]["close_date"].dt.date
    inside = tables | {"opportunities": tables["opportunities"][(day >= start) & (day < end)]}
    if inside["opportunities"].empty:
        return
    one, other = (measure(book_on(each), BY_CLOSE_DATE, during=quarter).frame for each in (tables, inside))
    pd.testing.assert_frame_equal(one.drop(columns="partial"), other.drop(columns="partial"), rtol=1e-9)
