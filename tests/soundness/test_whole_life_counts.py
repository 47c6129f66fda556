"""What is won lives longer than what is lost, and longer lives hold more of everything: counted over the whole life, every kind
of activity seems to help. Nothing but early in-person meetings does in this company; see `data/sample/truth.yaml`.
"""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from salestrack.wording import label_of
from tests.kit import SAMPLE

PAGE = SAMPLE.parents[1] / "docs" / "methods" / "landmark.md"
WITHOUT_EFFECT = ["digital_client", "internal_meeting", "preparation", "admin"]


@pytest.fixture(scope="session")
def whole_life():
    """Counts of the whole life by category, and what is held fixed, of all decided opportunities."""
    deals = pd.read_csv(SAMPLE / "opportunities.csv.gz", dtype=str)
    deals = deals[deals["stage"].isin(["Won", "Lost"])].drop_duplicates("opportunity_id").set_index("opportunity_id")
    work = pd.read_csv(SAMPLE / "activities.csv.gz", dtype=str).dropna(subset=["opportunity_id"])
    counts = work.groupby(["opportunity_id", "category"]).size().unstack(fill_value=0)
    amount = pd.to_numeric(deals["amount"], errors="coerce")
    size = np.log(amount.where(amount > 0)).fillna(10.0)
    fixed = pd.get_dummies(deals[["segment", "source"]], drop_first=True, dtype=float).assign(size=size, constant=1.0)
    return counts.reindex(deals.index, fill_value=0), fixed, (deals["stage"] == "Won").astype(int)


@pytest.fixture(scope="session")
def landmark(winning):
    return winning.frame.set_index(["category", "days"])


@pytest.mark.parametrize("category", WITHOUT_EFFECT)
def test_what_has_no_effect_seems_to_help_when_counted_over_the_whole_life(whole_life, landmark, category):
    counts, fixed, won = whole_life
    naive = sm.Logit(won, fixed.assign(count=counts[category].astype(float))).fit(disp=0)
    assert naive.params["count"] > 0
    assert naive.pvalues["count"] < 1e-4
    assert f"| {label_of(category)} | {naive.params['count']:.2f} |" in PAGE.read_text(encoding="utf-8")
    assert landmark.loc[category, "verdict"].tolist() == ["cannot_tell"] * 3


def test_what_has_one_is_found_as_large_as_it_is(landmark):
    row = landmark.loc[("in_person_client", 30)]
    assert row["log_odds_low"] < 0.35 < row["log_odds_high"]
