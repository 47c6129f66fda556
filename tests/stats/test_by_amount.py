"""Shares by amount with something still open: against statsmodels, and limits from derivatives taken numerically."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight
from statsmodels.stats.proportion import proportion_confint

from salestrack.stats.by_amount import incidence_by_amount

# Day, outcome and amount: powers of two, so that no two sums are alike; the last is open beyond every end.
ROWS = [
    (3, "won", 1),
    (3, "lost", 16),
    (5, "open", 4),
    (7, "won", 32),
    (7, "lost", 2),
    (9, "open", 8),
    (12, "lost", 64),
    (15, "open", 128),
]


def sums_of(rows, **more):
    frame = pd.DataFrame(rows, columns=["days", "outcome", "amount"]).assign(**more)
    return frame.assign(n=1, s1=frame["amount"], s2=frame["amount"] ** 2)


def share_won(rows, weights):
    """Aalen-Johansen with each row counting as much as its weight, day by day."""
    there, value = 1.0, 0.0
    for day in sorted({row[0] for row in rows}):
        at_risk = sum(w for (left, _, _), w in zip(rows, weights, strict=True) if left >= day)
        won, gone = (
            sum(w for (left, what, _), w in zip(rows, weights, strict=True) if left == day and what in kinds)
            for kinds in (("won",), ("won", "lost"))
        )
        value, there = value + there * won / at_risk, there * (1 - gone / at_risk)
    return value


def variance_of(rows):
    """The jackknife of infinitely small steps: what one more of each row's weight changes, times its weight, squared and summed."""
    amounts = np.array([float(row[2]) for row in rows])
    each = []
    for i in range(len(rows)):
        up, down = amounts.copy(), amounts.copy()
        up[i], down[i] = amounts[i] + 1e-4, amounts[i] - 1e-4
        each.append((share_won(rows, up) - share_won(rows, down)) / 2e-4)
    slopes, n = np.array(each), len(rows)
    robust = (slopes**2 * amounts**2).sum() * n / (n - 1)
    return robust, (slopes**2 * amounts).sum() * (amounts**2).sum() / amounts.sum()


def test_the_share_is_that_of_statsmodels_with_amounts_as_numbers_of_cases():
    codes = {"open": 0, "won": 1, "lost": 2}
    days, status = np.array([row[0] for row in ROWS]), np.array([codes[row[1]] for row in ROWS])
    amounts = np.array([row[2] for row in ROWS])
    known = CumIncidenceRight(np.repeat(days, amounts), np.repeat(status, amounts))
    found = incidence_by_amount(sums_of(ROWS), "won").iloc[0]
    assert found["value"] == pytest.approx(known.cinc[0][-1])
    assert found[["days", "n"]].tolist() == [15, 8]


@pytest.mark.parametrize(("rows", "larger"), [(ROWS, 1), ([*ROWS[:3], (7, "won", 256), (12, "lost", 200), (15, "open", 8)], 0)])
def test_limits_are_of_the_larger_of_both_variances(rows, larger):
    variances = variance_of(rows)
    assert np.argmax(variances) == larger, "each case is decided by the other one"
    found = incidence_by_amount(sums_of(rows), "won", confidence=0.9).iloc[0]
    size = found["value"] * (1 - found["value"]) / max(variances)
    assert found["size"] == pytest.approx(size, rel=1e-5)
    low, high = proportion_confint(found["value"] * size, size, alpha=0.1, method="wilson")
    assert (found["low"], found["high"]) == (pytest.approx(low), pytest.approx(high))


def test_groups_are_as_each_by_itself_and_without_amounts_there_is_none():
    rows = pd.concat(
        [sums_of(ROWS, rep="A"), sums_of(ROWS[:4], rep="B"), sums_of([(4, "won", 0)], rep="C"), sums_of(ROWS[2:], rep=None)]
    )
    found = incidence_by_amount(rows, "won", ["rep"])
    assert found["rep"].fillna("-").tolist() == ["A", "B", "-"]
    for rep, part in (("A", ROWS), ("B", ROWS[:4]), ("-", ROWS[2:])):
        alone = incidence_by_amount(sums_of(part), "won").iloc[0]
        assert found[found["rep"].fillna("-") == rep].iloc[0][alone.index].tolist() == pytest.approx(alone.tolist()), rep
    none = incidence_by_amount(sums_of([(4, "won", 0)]), "won")
    assert (len(none), none.columns.tolist()) == (0, ["days", "n", "value", "low", "high", "size"])


def test_amounts_all_alike_are_a_count():
    """Seven of seven amounts of 50: the limits are Wilson's of three of seven."""
    rows = [(day, "won" if day < 4 else "lost", 50) for day in range(1, 8)]
    found = incidence_by_amount(sums_of(rows), "won").iloc[0]
    low, high = proportion_confint(3, 7, method="wilson")
    assert found[["value", "low", "high", "size"]].tolist() == pytest.approx([3 / 7, low, high, 7])


@pytest.mark.parametrize(("outcome", "value"), [("won", 1.0), ("lost", 0.0)])
def test_all_or_nothing_has_the_limits_of_as_many_rows_as_the_amounts_are_worth(outcome, value):
    """10, 20 and 30 are worth 60² / 1400 rows."""
    size = 60**2 / 1400
    found = incidence_by_amount(sums_of([(2, outcome, 10), (2, outcome, 20), (3, outcome, 30)]), "won").iloc[0]
    low, high = proportion_confint(value * size, size, method="wilson")
    assert found[["value", "low", "high", "size"]].tolist() == pytest.approx([value, low, high, size])


def test_one_row_has_no_spread_of_its_own():
    """A single row is decided by the amounts' own spread: that of one case."""
    found = incidence_by_amount(sums_of([(2, "won", 10)]), "won").iloc[0]
    low, high = proportion_confint(1, 1, method="wilson")
    assert found[["value", "low", "high", "size"]].tolist() == pytest.approx([1, low, high, 1])
