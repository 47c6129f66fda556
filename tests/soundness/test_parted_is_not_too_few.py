"""Won only with a visit, and never without: the strongest association there is, once called too few to tell."""

from datetime import date, timedelta

import ibis
import pandas as pd
import pytest

import salestrack as st
from tests.small_book import book_of, typed

AS_OF = date(2026, 9, 30)


def visited(with_visit, without, reps=2):
    """So many won and lost with a visit on the seventh day, and without; each lives 77 days."""
    deals, visits = [], []
    for kind, (won, lost) in (("V", with_visit), ("N", without)):
        for i in range(won + lost):
            key, created = f"{kind}{i}", date(2026, 1, 2) + timedelta(days=i % 90)
            deals.append((key, f"R{i % reps}", created, created + timedelta(days=77), "Won" if i < won else "Lost", 100.0))
            if kind == "V":
                visits.append((f"A{i}", f"R{i % reps}", key, "in_person_client", f"{created + timedelta(days=7)} 09:00"))
    opportunities = pd.DataFrame(deals, columns=["opportunity_id", "rep_id", "created_date", "close_date", "stage", "amount"])
    activities = pd.DataFrame(visits, columns=["activity_id", "rep_id", "opportunity_id", "category", "started_at"])
    tables = {"opportunities": typed("opportunities", opportunities), "activities": typed("activities", activities)}
    return st.goes_with_winning(book_of(ibis.duckdb.connect(), tables, AS_OF), days=[30])


def test_none_without_and_most_with_one():
    """Activities begin a week after the first opportunities, for visits come on the seventh day: none is missing, none left out."""
    answer = visited((145, 33), (0, 112))
    first = answer.sentences[0]
    assert "None of the 112 opportunities without" in first
    assert "145 of 178 with one were" in first
    assert answer.cohorts["decided"].tolist() == [290]
    assert "inf" not in first


@pytest.mark.parametrize(
    ("with_visit", "without", "said"),
    [
        ((40, 0), (20, 40), ("20 of the 60 opportunities without", "all 40 with one were", "the odds of winning")),
        ((0, 60), (50, 10), ("50 of the 60 opportunities without", "none of 60 with one were", "the odds of losing")),
        ((60, 0), (0, 60), ("None of the 60 opportunities without", "all 60 with one were", "the odds of winning")),
        ((59, 1), (2, 58), ("2 of the 60 opportunities without", "59 of 60 with one were", "the odds of winning")),
        ((20, 0), (0, 20), ("None of the 20 opportunities without", "all 20 with one were", "the odds of winning")),
    ],
)
def test_whatever_is_parted_is_told_in_counts(with_visit, without, said):
    answer = visited(with_visit, without)
    assert all(text in answer.sentences[0] for text in said), answer.sentences[0]
    assert answer.frame["verdict"].isin(["more", "less"]).sum() == 1
