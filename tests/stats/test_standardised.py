"""Groups against what their mix lets expect: against the test of Cochran, Mantel and Haenszel, and by hand."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.proportion import proportion_confint

from salestrack.stats.standardised import against_expected

# By step, how many of A and of B left, and how many came.
STEPS = {1: ((18, 40), (25, 90)), 2: ((12, 25), (20, 70)), 3: ((4, 60), (5, 30))}


def cells_of(steps):
    rows = [
        (rep, step, what, count)
        for step, sides in steps.items()
        for rep, (left, n) in zip("AB", sides, strict=True)
        for what, count in (("left", left), ("went_on", n - left))
    ]
    return pd.DataFrame(rows, columns=["rep", "step", "outcome", "count"]).assign(days=1)


def test_expected_shares_and_limits_by_hand():
    found = against_expected(cells_of(STEPS), "left", "rep", "step", confidence=0.9).set_index("rep")
    pooled = {step: (a[0] + b[0]) / (a[1] + b[1]) for step, (a, b) in STEPS.items()}
    for i, rep in enumerate("AB"):
        n, left = sum(sides[i][1] for sides in STEPS.values()), sum(sides[i][0] for sides in STEPS.values())
        due = sum(sides[i][1] * pooled[step] for step, sides in STEPS.items())
        size = due * (n - due) / sum(sides[i][1] * pooled[step] * (1 - pooled[step]) for step, sides in STEPS.items())
        low, high = proportion_confint(left / n * size, size, alpha=0.1, method="wilson")
        wanted = [n, left / n, low, high, due / n, left / due]
        assert found.loc[rep, ["n", "value", "low", "high", "expected", "ratio"]].tolist() == pytest.approx(wanted), rep


@pytest.mark.parametrize("steps", [STEPS, {1: ((20, 40), (20, 90)), 2: ((9, 25), (20, 70)), 3: ((6, 60), (2, 30))}])
def test_with_nothing_open_it_is_the_test_of_cochran_mantel_and_haenszel(steps):
    """Two groups have the same p, which Holm doubles for both: they are named from a q of twice that of statsmodels on."""
    tables = [np.array([[a[0], a[1] - a[0]], [b[0], b[1] - b[0]]]) for a, b in steps.values()]
    q = 2 * StratifiedTable(tables).test_null_odds(correction=False).pvalue
    assert q < 1
    for factor, named in ((0.999, False), (1.001, True)):
        standing = against_expected(cells_of(steps), "left", "rep", "step", q=q * factor)["standing"]
        assert standing.isin(["above", "below"]).tolist() == [named] * 2


def test_a_young_group_is_held_against_what_others_lost_in_as_many_days():
    """B has been watched for 3 days; of all, day by day, statsmodels tells the share that left by then."""
    rows = [("A", 1, "left", 10), ("A", 2, "went_on", 10), ("A", 5, "left", 40), ("A", 9, "open", 40)]
    rows += [("B", 1, "left", 6), ("B", 3, "open", 34)]
    cells = pd.DataFrame(rows, columns=["rep", "days", "outcome", "count"]).assign(step=1)
    found = against_expected(cells, "left", "rep", "step").set_index("rep")
    status = {"open": 0, "left": 1, "went_on": 2}
    known = CumIncidenceRight(
        np.repeat(cells["days"].to_numpy(), cells["count"]), np.repeat(cells["outcome"].map(status).to_numpy(), cells["count"])
    )
    by_day = dict(zip(known.times, known.cinc[0], strict=True))
    assert found.loc["B", "expected"] == pytest.approx(by_day[2])
    assert found.loc["A", "expected"] == pytest.approx(by_day[5])
    assert found.loc["B", "value"] == pytest.approx(6 / 40)


def test_a_group_of_which_nobody_is_open_is_held_against_the_end():
    """All of C have left by day 2, which is all that becomes of them; the others' end is known on day 9."""
    rows = [("C", 1, "left", 10), ("C", 2, "went_on", 30), ("D", 9, "left", 30), ("D", 9, "went_on", 30)]
    cells = pd.DataFrame(rows, columns=["rep", "days", "outcome", "count"]).assign(step=1)
    found = against_expected(cells, "left", "rep", "step").set_index("rep")
    assert found["expected"].tolist() == pytest.approx([0.4, 0.4])


@pytest.mark.parametrize(
    ("left", "n", "rest", "judged"),
    [(5, 10, 500, True), (5, 40, 125, True), (5, 40, 124, False), (35, 40, 875, True), (35, 40, 876, False)],
)
def test_judged_are_those_of_whom_five_are_to_be_expected_to_leave_and_five_not_to(left, n, rest, judged):
    """So many of 1000 others leave: of A five are to be expected to the point, or 4.96 (of 40 x 129 / 1040)."""
    found = against_expected(cells_of({1: ((left, n), (rest, 1000))}), "left", "rep", "step").set_index("rep")
    assert (found.loc["A", "standing"] != "too_few") == judged


def test_alone_in_a_step_nobody_differs():
    cells = pd.DataFrame({"rep": "A", "step": 1, "days": 1, "outcome": ["left", "went_on"], "count": 20})
    found = against_expected(cells, "left", "rep", "step")
    assert found["standing"].tolist() == ["too_few"]
