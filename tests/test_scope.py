"""A scope is the book without the others, and a break-down is scope by scope: every metric, every analysis.

Metrics come from the registry and analyses from what the kit exports, so a new one is asked here, too, or the test says what it
lacks. The book differs in everything between its cells (`tests/two_sides.py`).
"""

import inspect
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from salestrack import analyses
from salestrack.analyses.answer import Answer
from salestrack.book import Book
from salestrack.goals import goal_status
from salestrack.goals.sheet import Goals
from salestrack.measure import Measured, measure
from salestrack.tables import CATEGORIES
from tests.kit import KIT
from tests.two_sides import TEAMS, book_with

# Every table knows whose team it is, but a rep's page is of one team anyway.
SCOPE = {"team": "North"}
OTHERS = {"team": "South", "segment": "Enterprise"}
OF_A_PART = {"rep_page": {"segment": "Enterprise"}}
DURING = "2026-Q2"
# What an analysis that cannot do without is given.
GIVEN = {"during": DURING, "rep": "Rep N2", "metric": "bookings", "metrics": ("bookings", "win_rate", "leakage")}
# What else it is asked, where something else of the book is looked at for it.
ASKED_SO: dict[str, tuple[dict[str, object], ...]] = {
    "bottlenecks": ({"during": "2026-Q1"},),
    "findings": ({"goals": "sheet"},),
    "funnel": ({"against": {"source": "Web"}}, {"against": "previous", "during": DURING}),
    "headlines": ({"goals": "sheet"},),
    "leads_needed": ({"base": "2025", "during": "2026-Q3"}, {"goal": "sheet"}),
    "leaks": ({"during": "2026-Q1"},),
    "pace": ({"past": 2},),
    "qualification": ({}, {"goal": "won"}),
    "rep_page": ({"during": "2026-Q1"},),
    # Whether the first months are whole is told by the whole book.
    "trend": ({"during": "2025"},),
    "waterfall": ({"due": "2026-Q3"},),
}
# What a break-down cannot say scope by scope: the columns that hold each group against the others, or rest on all of them.
POOLED = {
    "bottlenecks": ("over_median", "over_p90", "expected", "excess", "adjusted_p", "standing", "change", "since", "factor"),
    "compare": (),
    "cycle": (),
    "funnel": (),
    "lead_response": ("standing",),
    # Which weeks count rests on how long a deal goes on for all.
    "leaders": ("standing", "rate", "low", "high", "n", "share", "explained", "p", "adjusted_p"),
    "leaks": ("its groups are beside the frame",),
    "neglected": ("its shares are beside the frame",),
    "open_pipeline": (),
    "qualification": (),
}
# These ask a book nothing, or nothing of a part of it.
UNSCOPED = {
    "SELLING_TIME_REFERENCE": "a number",
    "TILES": "a number",
    "data_notes": "the whole book",
    "quota_results": "every quota of every level, which is a scope of its own",
    "in_short": "sentences of answers",
}
ANALYSES = {name: getattr(analyses, name) for name in analyses.__all__ if name not in UNSCOPED} | {"goal_status": goal_status}
# The book and its name, how the scope is called, and texts made of the frame.
ASIDE = ("book", "where", "metrics", "table", "judged", "goals")
_HAS = inspect.Parameter("has", inspect.Parameter.KEYWORD_ONLY, default=None)
CASES = [(name, so) for name in ANALYSES for so in ASKED_SO.get(name, ({},))]


@pytest.fixture(autouse=True)
def _alike_by_the_whole_record(monkeypatch):
    """How alike the weeks of one rep are is a fact of the whole record, like since when it is kept: here the same for all books."""
    kinds = dict.fromkeys([*CATEGORIES, True, False], 1.5)
    monkeypatch.setattr("salestrack.parts.of_a_figure", lambda *_: 1.5)
    for room in ("rep_page", "selling_time"):
        monkeypatch.setattr(sys.modules[f"salestrack.analyses.{room}"], "of_shares", lambda *_: kinds)


def test_every_analysis_takes_a_scope_and_can_be_asked_here():
    for name, analysis in ANALYSES.items():
        asked = inspect.signature(analysis).parameters
        assert "where" in asked, f"{name} takes no scope: give it one, or say in UNSCOPED why it has none"
        unknown = [
            each for each, how in asked.items() if how.default is inspect.Parameter.empty and each not in {"book", "goals", *GIVEN}
        ]
        assert not unknown, f"{name} needs {unknown}: say in GIVEN what the test is to ask it with"
        assert ("by" in asked) == (name in POOLED), f"{name}: say in POOLED which of its columns are not those of a group alone"
    assert set(UNSCOPED) <= set(analyses.__all__)
    assert set(ASKED_SO) <= set(ANALYSES)


@pytest.mark.parametrize(("name", "so"), CASES, ids=["-".join([name, *map(str, so.values())]) for name, so in CASES])
def test_a_scope_is_the_book_without_the_others(name, so):
    scope = OF_A_PART.get(name, SCOPE)
    ((column, value),) = scope.items()
    scoped = ANALYSES[name](book(column), **_how(name, so, scope), where=scope)
    alone = ANALYSES[name](book(column, value), **_how(name, so))
    assert getattr(scoped, "where", scope) == scope
    assert not isinstance(scoped, Answer) or scoped.definitions.where == scope
    assert_same(scoped, alone, name)
    assert_between(alone, name)
    if name in POOLED and "against" not in so:
        assert_group_is(alone, name, _how(name, so))


HANDED_ON = [
    ("findings", "findings", "compare"),
    ("findings", "findings", "measure"),
    ("qualification", "qualification", "view"),
    ("time_sinks", "time_sinks", "goes_with_winning"),
    ("time_sinks", "reallocation", "figures_beside"),
]


@pytest.mark.parametrize(("name", "room", "asked"), HANDED_ON, ids=["-".join(case[1:]) for case in HANDED_ON])
def test_what_shows_only_where_something_stands_out_is_asked_in_the_scope(monkeypatch, name, room, asked):
    """These say nothing of a book without a fall, a sink or an effect: what they ask for is looked at instead."""
    module, scopes = sys.modules[f"salestrack.analyses.{room}"], []
    original = getattr(module, asked)

    def spy(*args, **more):
        scopes.append(more.get("where", args[-1]))
        return original(*args, **more)

    monkeypatch.setattr(module, asked, spy)
    if room == "reallocation":
        rows = {"level": "category", "category": ["admin", "travel"], "sink": [True, False], "association": ["cannot_tell", "more"]}
        rows |= {"hours": [40.0, 10.0], "effect": 0.1, "effect_low": 0.05, "effect_high": 0.2, "days": 30}
        hours = pd.DataFrame({"category": ["travel"], "timed": [5]})
        module.reallocation(book("team"), pd.DataFrame(rows), hours, (None, SCOPE), 0.2)
    else:
        ANALYSES[name](book("team"), **_how(name, {}), where=SCOPE)
    assert scopes
    assert all(scope == SCOPE for scope in scopes)


@pytest.mark.parametrize("name", ANALYSES)
def test_a_scope_that_no_table_of_an_analysis_knows_is_told(name):
    """Only a quota knows its prorated amount: everything else says that it cannot be narrowed to it, and shows no figure."""
    beyond = {"prorated_amount": None}
    answer = ANALYSES[name](book("team"), **_how(name, {}), where=beyond)
    assert getattr(answer, "where", beyond) == beyond
    said = answer if name == "findings" else [tile.sentence for tile in answer] if name == "headlines" else answer.sentences
    told = ("cannot be narrowed to prorated_amount", "cannot be measured", "None of the key figures can be measured")
    assert any(words in each for each in said for words in told), said


def assert_between(one: object, at: str) -> None:
    """Every figure lies between its limits, wherever an answer states both."""
    if isinstance(one, pd.DataFrame):
        names = [each for each in one if f"{each}_low" in one and f"{each}_high" in one]
        known = [(one[each], one[f"{each}_low"], one[f"{each}_high"]) for each in names]
        # Plain limits are those of the column before them.
        plain = [list(one)[list(one).index("low") - 1]] if {"low", "high"} <= set(one) else []
        for three in (*known, *((one[each], one["low"], one["high"]) for each in plain)):
            value, low, high = (pd.to_numeric(each, errors="coerce") for each in three)
            assert not ((low > value + 1e-9) | (value > high + 1e-9)).any(), f"{at}: {value.name} lies beyond its limits"
    else:
        for name, value in (_within(one) or {}).items():
            assert_between(value, f"{at}.{name}")


def assert_group_is(alone: Answer, name: str, how: Mapping[str, object]) -> None:
    """Compare the group of a break-down with the answer of a book that holds nothing else."""
    ((column, value),) = SCOPE.items()
    default = inspect.signature(ANALYSES[name]).parameters["by"].default or ()
    inner = [default] if isinstance(default, str) else list(default)
    if name == "leaders":
        # Who is held against each other is one column: the reps of the team are among those of all.
        rows = ANALYSES[name](book(column), **how).frame
        rows = rows[rows[default].isin(alone.frame[default])]
        rows, rest = (each.sort_values(["category", default], ignore_index=True) for each in (rows, alone.frame))
    elif name == "leaks":
        rows = ANALYSES[name](book(column), **how, by=column).groups.set_index("group").loc[[value], ["entered", "left", "open"]]
        rest = alone.frame[alone.frame["cohort"] == "opportunities"][["entered", "left", "open"]].sum().to_frame(value).T
        rows = rows.rename_axis(None)
    elif name == "neglected":
        rows = ANALYSES[name](book(column), **how, by=column).shares.set_index(column).loc[value, list(alone.overall.index)]
        rows, rest = (each.astype(float).rename(None) for each in (rows, alone.overall))
    else:
        whole = ANALYSES[name](book(column), **how, by=[column, *inner]).frame
        rows, rest = whole[whole[column] == value].drop(columns=column).reset_index(drop=True), alone.frame
    if name == "open_pipeline":
        # Odds are of all that came to a stage.
        rows, rest = (each[each["figure"] != "expected_pipeline"].reset_index(drop=True) for each in (rows, rest))
    if isinstance(rest, pd.DataFrame):
        kept = [each for each in rest if not each.startswith(POOLED[name])] if POOLED[name] else list(rest)
        rows, rest = rows[kept], rest[kept]
        pd.testing.assert_frame_equal(rows, rest, rtol=1e-9, check_dtype=False, obj=f"{name} by {column}")
    else:
        pd.testing.assert_series_equal(rows, rest, rtol=1e-9, obj=f"{name} by {column}")


@pytest.mark.parametrize("column", OTHERS)
def test_a_metric_in_a_scope_is_that_of_the_book_without_the_others(column):
    """All metrics in one go: a query serves many of them."""
    value = OTHERS[column]
    for during in (None, DURING):
        scoped = measure(book(column), KIT, where={column: value}, during=during)
        alone = measure(book(column, value), [metric for metric in KIT if metric.name not in scoped.absent], during=during)
        told = scoped.frame[scoped.frame["note"] != "absent"].reset_index(drop=True)
        pd.testing.assert_frame_equal(told, alone.frame, rtol=1e-9)
        assert scoped.where == scoped.definitions.where == {column: value}
    # Only what belongs to a rep and to no segment is beyond it; no figure of the kit is the same with the others.
    beyond = {metric.name for metric in KIT if {"quota_days", "rep_days"} & set(metric.tables)} if column == "segment" else set()
    assert set(scoped.absent) == beyond
    whole = measure(book(column), KIT).frame.set_index("metric")["value"]
    alike = told[told["value"] == told["metric"].map(whole)]["metric"].tolist()
    assert alike == [], "the book does not tell the scope from the whole by these: make its cells differ in them"


def test_groups_of_a_metric_are_its_scopes():
    whole = measure(book("team"), KIT, by="team", during=DURING)
    columns = ["metric", "value", "low", "high", "n", "note", "partial"]
    for team in TEAMS:
        rows = whole.frame[whole.frame["team"] == team][columns].reset_index(drop=True)
        scoped = measure(book("team"), KIT, where={"team": team}, during=DURING)
        pd.testing.assert_frame_equal(rows, scoped.frame[columns], rtol=1e-9)
    # Broken down in a scope, and then not: the scope stays.
    reps = measure(book("team"), ["bookings", "win_rate"], by="rep", where=SCOPE, during=DURING, confidence=0.8)
    scoped = measure(book("team"), ["bookings", "win_rate"], where=SCOPE, during=DURING, confidence=0.8)
    for each in (reps.overall, reps.regroup()):
        pd.testing.assert_frame_equal(each.frame, scoped.frame, rtol=1e-9)
        assert (each.where, each.during, each.confidence) == (SCOPE, scoped.during, 0.8)


@lru_cache
def book(column: str, value: str | None = None) -> Book:
    return book_with(column, value)


def goals(scope: Mapping[str, str]) -> Goals:
    targets = [
        {"metric": name, "target": target, "where": dict(scope)} for name, target in (("bookings", 90_000), ("win_rate", 0.95))
    ]
    return Goals.model_validate({"period": DURING, "objectives": [{"name": "Sell", "metrics": targets}]})


def _how(name: str, so: Mapping[str, object], scope: Mapping[str, str] | None = None) -> dict[str, object]:
    """Return what an analysis is asked with, besides its book: what it cannot do without, and what it is asked otherwise."""
    asked = inspect.signature(ANALYSES[name]).parameters
    needed = {each: value for each, value in GIVEN.items() if asked.get(each, _HAS).default is inspect.Parameter.empty}
    asks = [*(["goals"] if name == "goal_status" else []), *(each for each in so if so[each] == "sheet")]
    sheet = dict.fromkeys(asks, goals(scope or {}))
    return needed | so | sheet


def assert_same(one: object, other: object, at: str) -> None:
    """Compare two answers in all that they say, their book and their scope aside."""
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, rtol=1e-9, atol=1e-9, obj=at)
    elif isinstance(one, pd.Series):
        pd.testing.assert_series_equal(one, other, rtol=1e-9, atol=1e-9, obj=at)
    elif isinstance(one, float | np.ndarray):
        np.testing.assert_allclose(one, other, rtol=1e-9, err_msg=at)
    elif (within := _within(one)) is not None:
        against = _within(other)
        assert list(within) == list(against), f"{at}: {one} against {other}"
        for name, value in within.items():
            assert_same(value, against[name], f"{at}.{name}")
    else:
        assert one == other, at


def _within(one: object) -> dict[object, object] | None:
    """Return what is to be compared within a result, by name or place; None where it has no parts."""
    if isinstance(one, Measured):
        return {"frame": one.frame}
    if is_dataclass(one):
        return {each.name: getattr(one, each.name) for each in fields(one) if each.name not in ASIDE}
    if isinstance(one, Mapping):
        return dict(one)
    return dict(enumerate(one)) if isinstance(one, tuple | list) else None
