"""Every analysis on books of which something is missing: no placeholder, no 0 for what nobody wrote down, no reason that is untrue.

What is said is caught on its way out of the catalogue, with its key and its values. A key that gives a reason, or that says there
is nothing, has a condition in `TRUE_WHEN`, asked of the rows of the book themselves; one without fails the test.

Each book meets the analysis that its gap touches most, and each analysis one book. ``POOR_BOOKS=gaps`` lets each book meet all that
its gap touches (two minutes), ``POOR_BOOKS=all`` everything (ten).
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from inspect import signature

import pandas as pd
import pytest

import salestrack as st
from salestrack import analyses, wording
from tests.poor_company import AS_OF, BOOKS, DURING, SCOPES, poor_book, rows_of

PLACEHOLDER = re.compile(r"\b(nan|NaN|NaT|inf|null)\b|\bNone\b(?! of)|[{}]|(?<![\w€%])–(?![\w€])|\(\s*[,)]|  ")
# A sentence with one of these gives a reason, or says that there is nothing.
# What says that there is nothing, or why it cannot be told.
REASON = re.compile(
    r"^(No|None|Nothing|Nobody|Not one|Too few|Only|Fewer|All|The one)\b"
    r"|cannot be (told|split|measured)|recorded for (any|none)|is undefined|seems? not to be recorded|are needed"
)
ALONE = {"SELLING_TIME_REFERENCE", "TILES", "in_short", "compare", "data_notes"}
NO_PERIOD = {"hygiene", "stage_odds", "neglected"}
ANALYSES = tuple(name for name in analyses.__all__ if name not in ALONE)
ACTIVITY = ("goes_with_winning", "lead_up", "leaders", "neglected", "rep_page", "selling_time", "time_sinks", "time_use")
CLOSING = ("explain_bookings", "findings", "headlines", "leads_needed", "open_pipeline", "pace", "trend", "cycle")
STEPS = ("bottlenecks", "funnel", "leaks", "slips", "stage_odds", "waterfall")
TOUCHED = {
    "won only": (
        "open_pipeline",
        "explain_bookings",
        "leads_needed",
        "cycle",
        "findings",
        "headlines",
        *STEPS[1:3],
        "stage_odds",
        "goes_with_winning",
        "lead_up",
        "time_use",
    ),
    "no amounts": ("waterfall", *CLOSING, "hygiene", "leaks", "funnel", "neglected", "time_use"),
    "wins alone": ("open_pipeline", "hygiene", "neglected", "waterfall", "bottlenecks", "headlines", "findings"),
    "wins without amounts": ("pace", "explain_bookings", "headlines", "leads_needed", "open_pipeline", "time_use"),
    "open without amounts": ("hygiene", "open_pipeline", "neglected"),
    "some amounts": ("explain_bookings", "headlines"),
    "lost carry 0": ("funnel", "leaks"),
    "lost carry nothing": ("headlines",),
    "no creation days": ("time_use", "cycle", "goes_with_winning", "lead_up", "open_pipeline", "leads_needed", "pace", "hygiene"),
    "created when closed": ("cycle", "open_pipeline", "lead_up"),
    "no reps": ("headlines", "findings", "leaders", "hygiene"),
    "one row": ("bottlenecks", *(name for name in ANALYSES if name != "bottlenecks")),
    "one row, open": ("cycle", "findings", "hygiene", "open_pipeline", "trend", "bottlenecks"),
    "all open": ("cycle", "findings", "explain_bookings", "open_pipeline", "leads_needed", "stage_odds", "time_use"),
    "all young": ("cycle", "headlines", "leads_needed", "open_pipeline", "pace", "slips"),
    "two processes": ("hygiene", "explain_bookings"),
    "no history": STEPS,
    "no leads, no activities": (*ACTIVITY, "lead_response", "qualification"),
    "leads without days": ("qualification", "lead_response", "leads_needed", "funnel", "leaks"),
    "activities without minutes": ("leaders", "selling_time", "rep_page", "time_use", "time_sinks"),
    "activities on nothing": ("goes_with_winning", "lead_up", "neglected", "time_sinks"),
    "opportunities alone": ("findings", "headlines"),
    "one rep": ("trend", "findings", "headlines"),
    "one segment of one source": ("bottlenecks", "cycle", "open_pipeline"),
}


@dataclass(frozen=True)
class Told:
    """Something said: its key in the catalogue, the values in it, and the text."""

    key: str
    values: dict
    text: str


@pytest.fixture
def heard(monkeypatch):
    """Return what is said from now on."""
    said: list[Told] = []
    real = wording.catalogue("en")

    class Ears:
        _messages = real._messages

        def __init__(self):
            self.key = ""

        def has_message(self, key):
            return real.has_message(key)

        def get_message(self, key):
            self.key = key
            return real.get_message(key)

        def format_pattern(self, pattern, values):
            key = self.key
            text, faults = real.format_pattern(pattern, values)
            said.append(Told(key, dict(values or {}), str(text)))
            return text, faults

    ears = Ears()
    monkeypatch.setattr(wording, "catalogue", lambda language="en": ears)
    return said


class Facts:
    """What the rows of a book say, counted here without the kit."""

    def __init__(self, name):
        self.tables = rows_of(name)
        sold = self.sold = self.tables["opportunities"].copy()
        for column in ("amount", "created_date", "close_date", "rep_id"):
            sold[column] = sold.get(column)
        days = pd.to_datetime(sold["close_date"])
        self.within = (days >= pd.Timestamp("2026-04-01")) & (days <= pd.Timestamp(AS_OF))
        created = pd.to_datetime(sold["created_date"])
        self.made = (created >= pd.Timestamp("2026-04-01")) & (created <= pd.Timestamp(AS_OF))
        self.won, self.lost = sold["stage"] == "Won", sold["stage"] == "Lost"
        self.open = ~(self.won | self.lost)
        self.priced, self.timed = sold["amount"].notna(), sold["created_date"].notna()

    def has(self, *names):
        return all(name in self.tables for name in names)

    def n(self, *conditions):
        """Return of how many opportunities all of these hold."""
        rows = pd.Series(True, index=self.sold.index)
        for each in conditions:
            rows &= each
        return int(rows.sum())

    def column(self, table, name):
        """Return whether any row of a table has a value in a column."""
        return self.has(table) and name in self.tables[table] and self.tables[table][name].notna().any()


def nothing_recorded(facts, values):
    table = values["table"]
    return facts.has(table) and not facts.column(table, values["column"])


# By key, when it is true: of the facts of the book, the values of the sentence.
TRUE_WHEN: dict[str, Callable] = {
    "losses-unrecorded": lambda f, v: not f.n(f.lost) and f.n(f.won) >= 20 and v["closed"] == str(f.n(f.won)),
    "open-unrecorded": lambda f, v: f.n(f.won) == len(f.sold) >= 20 and v["closed"] == str(len(f.sold)),
    "amounts-unrecorded": lambda f, v: not f.n(f.priced),
    "column-unrecorded": nothing_recorded,
    "leads-undated": nothing_recorded,
    "created-when-closed": lambda f, v: f.sold.loc[~f.open, "created_date"].eq(f.sold.loc[~f.open, "close_date"]).all(),
    "created-of-none-closed": lambda f, v: f.sold.loc[~f.open, "created_date"].isna().all() and f.n(f.open) > 0,
    "steps-of-lost-unrecorded": lambda f, v: int(v["n"]) == f.n(f.lost) >= 20,
    "leads-no-yardstick": lambda f, v: f.n(f.won, ~f.within) == 0,
    "leads-over": lambda f, v: v["period"] < DURING,
    "trend-nothing": lambda f, v: not f.n(f.won) or not f.n(f.priced),
    "winning-closed-before": lambda f, v: f.n(~f.open) >= int(v["n"]) > 0,
    "winning-none-won": lambda f, v: not f.n(f.won),
    "bookings-change-of-nothing": lambda f, v: f.n(f.won) > 0,
    "rows-unrecorded": lambda f, v: v["n"] > 0,
    "rows-partly-recorded": lambda f, v: 0 < int(v["k"]) < v["n"],
    "bookings-change-nothing-won": lambda f, v: f.n(f.won, f.within) == 0 or f.n(f.won, ~f.within) == 0,
    "bookings-change-before-the-book": lambda f, v: f.n(f.won, ~f.within) == 0,
    "cycle-nothing": lambda f, v: not f.n(f.won, f.within) and not f.n(f.made),
    "cycle-nothing-won": lambda f, v: not f.n(f.won, f.within),
    "cycle-nothing-created": lambda f, v: not f.n(f.made),
    "hygiene-nothing-open": lambda f, v: not f.n(f.open) and (f.n(f.lost) or len(f.sold) < 20),
    "open-pipeline-nothing": lambda f, v: not f.n(f.open) and (f.n(f.lost) or len(f.sold) < 20),
    "open-pipeline-empty": lambda f, v: not f.n(f.open, f.priced),
    "open-pipeline-no-velocity": lambda f, v: not f.n(f.won, f.within, f.priced, f.timed),
    "open-pipeline-no-quota": lambda f, v: not f.has("quotas"),
    "neglected-nothing-open": lambda f, v: not f.n(f.open) and (f.n(f.lost) or len(f.sold) < 20),
    "neglected-unlinked": lambda f, v: not f.column("activities", "opportunity_id"),
    "coverage-no-link": lambda f, v: not f.column("activities", "opportunity_id"),
    "hours-untimed-here": lambda f, v: f.column("activities", "minutes"),
    "reps-unnamed": lambda f, v: f.has("activities") and not f.column("activities", "rep_id"),
    "reps-unnamed-here": lambda f, v: f.tables["activities"]["rep_id"].isna().any(),
    "reps-partly-named": lambda f, v: f.tables["activities"]["rep_id"].isna().any(),
    "hours-zero": lambda f, v: f.column("activities", "minutes"),
    "response-no-leads": lambda f, v: f.has("leads"),
    "response-none-here": lambda f, v: f.column("leads", "first_response_at") or f.column("activities", "lead_id"),
    "qualification-none-here": lambda f, v: f.column("leads", "marketing_qualified_at"),
    "slips-none-watched": lambda f, v: f.column("stage_history", "close_date"),
    "response-none": lambda f, v: not f.column("leads", "first_response_at"),
    "qualification-no-mql": lambda f, v: not f.column("leads", "marketing_qualified_at"),
    "qualification-no-goal": lambda f, v: not f.column("leads", "sales_qualified_at"),
    "funnel-leads-unqualified": lambda f, v: not f.column("leads", "marketing_qualified_at"),
    "leads-reached": lambda f, v: f.sold.loc[f.won & f.within, "amount"].sum() > 0,
    "leads-no-deal-sizes": lambda f, v: not f.n(f.won, f.priced),
    "time-use-nothing-won": lambda f, v: not f.n(f.won, f.within),
    "findings-nothing": lambda f, v: not f.n(f.priced) or not f.n(~f.open),
    "stage-odds-nobody": lambda f, v: not f.n(~f.open) or not f.has("stage_history"),
    "stage-odds-not-stated": lambda f, v: True,
    "hygiene-unrecorded": lambda f, v: True,
    "compare-cannot-tell-absent": lambda f, v: bool(v["why"]),
    "leads-untold": lambda f, v: bool(v["why"]),
    "bookings-change-then": lambda f, v: bool(v["why"]),
    "leads-base-before-record": lambda f, v: True,
    "pace-too-few": lambda f, v: f.n(f.won, f.priced, f.within) or not f.n(f.won, f.within),
    "open-pipeline-no-odds": lambda f, v: f.n(~f.open) < 10 and (f.n(f.lost) or f.n(f.won) < 20),
    "bottleneck-too-few": lambda f, v: f.n(~f.open) < 40,
    "funnel-opportunities-few": lambda f, v: f.n(f.made) < 10,
    "lead-up-too-few": lambda f, v: min(f.n(f.won, f.within), f.n(f.lost, f.within)) < 20,
    "slips-too-few": lambda f, v: f.n(~f.open) < 100,
    "hours-untimed": lambda f, v: not f.column("activities", "minutes"),
    "open-pipeline-due-unrecorded": lambda f, v: not f.n(f.open, f.within, f.priced) and f.n(f.open, f.within),
    "waterfall-nothing-in": lambda f, v: not f.n(f.made),
    "hygiene-none": lambda f, v: f.n(f.open) > 0,
    "bottleneck-nobody-waits": lambda f, v: not f.n(f.open) and (f.n(f.lost) or len(f.sold) < 20),
    "leaks-few": lambda f, v: f.n(f.lost, f.within) < 10,
}
# Facts, however they begin; and doubts that follow from numbers, not from what is recorded.
NO_REASON = {
    "trend-cannot-tell", "trend-too-short", "winning-too-few", "leaders-alike", "funnel-narrowest-close", "leaks-fastest",
    "cycle-won", "selling-unlogged", "selling-unlogged-same", "sinks-none", "sinks-no-what-if-sink", "neglected-alike",
    "selling-like", "sinks-no-what-if-best", "findings-untold", "rep-page-too-few", "qualification-too-few", "time-use-none",
    "bookings-change-nothing-won",
}  # fmt: skip

PRICELESS = {"no amounts": r"€(?!27,000|9,000)\d", "open without amounts": r"worth €0\b|€0 is open|Pipeline €0"}


def asked(name, analysis):
    """Return the answer of an analysis about one of the books or scopes."""
    book, where = book_named(name if name in BOOKS else "all recorded"), SCOPES.get(name)
    call = getattr(analyses, analysis)
    options = {} if analysis in NO_PERIOD else {"during": DURING}
    first = {"rep_page": ["R1" if book.has("reps") or book.has("activities") else "R9"], "trend": ["bookings"]}.get(analysis, [])
    if "where" in signature(call).parameters:
        options["where"] = where
    return call(book, *first, **options)


@cache
def book_named(name):
    return poor_book(name)


@cache
def facts_of(name):
    return Facts(name)


# Each book meets the first that its gap touches, and each analysis one book.
EVERY = [(name, analysis) for name in (*BOOKS, *SCOPES) for analysis in ANALYSES]
GAPS = [(name, each) for name in TOUCHED for each in TOUCHED[name]]
FIRST = [(name, TOUCHED[name][0]) for name in TOUCHED]
REST = [("one row", each) for each in ANALYSES if each not in {analysis for _, analysis in FIRST}]
NOT_BEGUN = [("one row, open", "goes_with_winning"), ("one row, open", "time_sinks")]
PAIRS = {"all": EVERY, "gaps": GAPS}.get(os.environ.get("POOR_BOOKS", ""), FIRST + REST + NOT_BEGUN)


@pytest.mark.parametrize(("name", "analysis"), PAIRS)
def test_what_is_said_is_true_of_the_rows(name, analysis, heard):
    answer = asked(name, analysis)
    sentences = list(answer if isinstance(answer, tuple) else getattr(answer, "sentences", ()))
    sentences += [tile.sentence for tile in getattr(answer, "tiles", ())]
    assert sentences
    assert str(answer)
    assert getattr(answer, "_repr_html_", str)() is not None
    assert [text for text in sentences if PLACEHOLDER.search(text)] == []
    assert len(sentences) == len(set(sentences)) or hasattr(answer, "tiles")
    if name in PRICELESS:
        assert [text for text in sentences if re.search(PRICELESS[name], text)] == []
    for told in heard:
        if told.text and any(told.text in sentence for sentence in sentences):
            if told.key in TRUE_WHEN:
                assert TRUE_WHEN[told.key](facts_of(name), told.values), f"{told.key}: {told.text}"
            else:
                unchecked = REASON.search(told.text) and told.key not in NO_REASON
                assert not unchecked, f"When is {told.key} true? {told.text}"


def test_every_analysis_meets_some_poor_book():
    met = {each for touched in TOUCHED.values() for each in touched}
    assert met == set(ANALYSES)
    assert set(TOUCHED) == {*BOOKS, *SCOPES} - {"all recorded"}


@pytest.mark.parametrize(
    "name",
    ["won only", "wins alone", "no amounts", "wins without amounts", "open without amounts", "some amounts", "one row", "one rep"],
)
def test_a_figure_is_a_sum_of_what_is_recorded_or_none(name):
    """Bookings and pipeline, added up here: a dash where rows count and none has an amount."""
    facts = facts_of(name)
    book, where = book_named(name if name in BOOKS else "all recorded"), SCOPES.get(name)
    found = st.measure(book, ["bookings", "pipeline"], during=DURING, where=where)
    for metric, rows in (("bookings", facts.won & facts.within), ("pipeline", facts.open)):
        counted = facts.sold.loc[rows, "amount"]
        value = found.value(metric)
        untold = metric == "pipeline" and name == "wins alone"
        if counted.empty and facts.n(facts.priced) and not untold:
            assert value == 0
        elif untold or not counted.notna().any():
            assert value is None
            assert found.absent[metric]
        else:
            assert value == pytest.approx(counted.sum())
            assert found[metric].frame.loc[0, ["rows", "recorded"]].tolist() == [len(counted), counted.notna().sum()]
