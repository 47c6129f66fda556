"""The weeks and activities of one rep are alike: of reps who are all the same nobody is named, whatever names reps.

In the company here a rep does one thing for four weeks on end, and then whatever comes: with clients, or admin, an hour each. The
share of the four-week stretches that is selling is one half for everybody.
"""

import inspect
import sys
from dataclasses import fields, replace
from datetime import timedelta
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

import salestrack as st
from salestrack import analyses
from salestrack.alike_weeks import of_a_figure, of_shares
from salestrack.charts.standing import standings
from salestrack.definition import SHARE, metric
from salestrack.formula import Mean, Ratio
from tests.kit import KIT
from tests.logged import MONDAY, book_with, roster

REPS, WEEKS = 20, 104
NAMED = {"above", "below", "more", "fewer", "up", "down", "fell", "rose", "stopped"}
ASKED = {"during": "2026", "metric": "activity_hours", "metrics": ("selling_time_share", "selling_calls")}
# Weeks 1, 2 and 3 apart are alike in 3, 2 and 1 of 4 cases: the variance of the mean of a block of 13 over that of 13 of no kin.
TIMES = 1 + 2 * sum((1 - lag / 13) * (1 - lag / 4) for lag in (1, 2, 3))


@metric(unit=SHARE, clock="started_at")
def selling_calls(activities):
    """Share of the activities that are with clients: a metric of one's own."""
    return Ratio(of=activities.selling, over=activities.activity_id.notnull())


@metric(unit=SHARE, clock="started_at")
def mean_selling(activities):
    """Hours with clients of an activity."""
    return Mean(of=activities.selling.ifelse(activities.hours, 0.0))


OWN = (selling_calls, mean_selling)


@lru_cache
def company(stretch, seed=6):
    """Return the book of reps who are all the same, each busy with one kind of work for so many weeks on end.

    Of twelve such companies (seeds 1 to 12) one rep or two are named in a ranking of two, and of eleven where activities count
    as independent. This one is of the ten in which nobody is named: the tests hold the mechanism, the rate is a benchmark's.
    """
    rng = np.random.default_rng(seed)
    done = []
    for rep in range(REPS):
        kinds = np.repeat(rng.random(WEEKS) < 0.5, stretch)[rng.integers(stretch) :][:WEEKS]
        for week, sells in enumerate(kinds):
            kind = "digital_client" if sells else "admin"
            done.append((f"{rep}-{week}", f"R{rep}", kind, kind, MONDAY + timedelta(days=7 * week), 60, None))
    return book_with(done=done, reps=roster(REPS), as_of=MONDAY + timedelta(days=7 * WEEKS))


@pytest.mark.parametrize("one", [st.selling_time_share, *OWN], ids=lambda one: one.name)
def test_how_alike_activities_are_is_what_the_stretches_make_them(one):
    assert of_a_figure(company(4), one.function) == pytest.approx(TIMES, rel=0.3)
    assert of_a_figure(company(1), one.function) < 1.3


def test_how_alike_shares_of_hours_are():
    for kind in ("category", "selling"):
        assert all(times == pytest.approx(TIMES, rel=0.3) for times in of_shares(company(4), kind, "week").values())
        assert all(times < 1.3 for times in of_shares(company(1), kind, "week").values())


@pytest.mark.parametrize("one", [st.selling_time_share, *OWN], ids=lambda one: one.name)
def test_intervals_hold_the_share_that_all_reps_have(one):
    """By single activities eight of 20 intervals miss one half; taken as alike, one or two at most."""
    measured = st.measure(company(4), one, by="rep")
    alone = replace(measured, parts={name: replace(part, times=1.0) for name, part in measured.parts.items()})
    missed = [((each.frame["low"] > 0.5) | (each.frame["high"] < 0.5)).sum() for each in (measured, alone.at_confidence(0.9499))]
    assert missed[0] <= 2
    assert missed[1] >= 4
    assert (measured.frame["n"] == WEEKS).all()
    assert not np.isin(standings(measured), ["above", "below"]).any()
    assert np.isin(standings(alone), ["above", "below"]).any()


def test_in_every_scope_and_group_activities_are_as_alike_as_in_the_whole_record():
    of_activities = [each for each in (*KIT, *OWN) if each.tables == ("activities",)]
    whole = st.measure(company(4), of_activities)
    for asked in ({"where": {"rep": "Rep 03"}}, {"by": "rep"}, {"during": "2026-Q2"}):
        found = st.measure(company(4), of_activities, **asked)
        assert {name: part.times for name, part in found.parts.items()} == {name: part.times for name, part in whole.parts.items()}
    assert sum(part.times > 1 for part in whole.parts.values()) == len(OWN) + 1
    again = st.measure(company(4), of_activities, by="rep").regroup()
    pd.testing.assert_frame_equal(again.frame, whole.frame, rtol=1e-9)


def naming():
    """Return what the kit exports that can be asked about single reps, with how: a new analysis is asked here, too."""
    found = []
    for name in analyses.__all__:
        one = getattr(analyses, name)
        takes = inspect.signature(one).parameters if callable(one) else {}
        if not {"by", "rep"} & set(takes):
            continue
        given = {each: ASKED[each] for each, how in takes.items() if each in ASKED and how.default is inspect.Parameter.empty}
        people = range(REPS) if "rep" in takes else [None]
        found.append((name, [given | ({"by": "rep"} if rep is None else {"rep": f"R{rep}"}) for rep in people]))
    return found


@pytest.mark.parametrize(("name", "asked"), naming(), ids=lambda each: each if isinstance(each, str) else "")
def test_no_analysis_names_a_rep_of_reps_who_are_all_the_same(name, asked):
    """Of pages of a single rep, each of which may err in one of 20 cases, one or two of 20 may."""
    named = [any(NAMED & words for words in said(getattr(analyses, name)(company(4), **how))) for how in asked]
    assert sum(named) <= (2 if len(asked) > 1 else 0)


def test_by_weeks_taken_for_independent_pages_of_reps_who_are_all_the_same_would_name_many(monkeypatch):
    monkeypatch.setattr(sys.modules["salestrack.analyses.rep_page"], "of_shares", lambda *_: {})
    named = [any(NAMED & words for words in said(st.rep_page(company(4), f"R{rep}"))) for rep in range(REPS)]
    assert sum(named) > 2


def said(answer):
    """Return the words of each column of verdicts in an answer."""
    frames = [each for each in (getattr(answer, one.name) for one in fields(answer)) if isinstance(each, pd.DataFrame)]
    return [set(frame[column]) for frame in frames for column in ("standing", "verdict") if column in frame]


def test_the_analyses_that_name_reps_are_found():
    assert {"leaders", "rep_page", "lead_response", "neglected", "compare", "leaks", "bottlenecks"} <= {
        name for name, _ in naming()
    }
