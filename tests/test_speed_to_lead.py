"""Speed to lead: every kind of answer by hand, the estimate against another library, and what a book must say of itself."""

from datetime import date, datetime, timedelta
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.utils import qth_survival_time

import salestrack
from salestrack.measure import measure
from salestrack.touches import with_response
from tests.engines import stored
from tests.small_book import book_of, frames, typed
from tests.sources.exports import BOOK, fault, opened, text_of, ties

AS_OF = date(2026, 6, 30)
CAME_IN = "2026-06-01T10:00"
# Lead: when it was answered, or ended; what is expected of it: response and hours.
WAITS = {
    "at once": ({"first_response_at": CAME_IN}, "answered", 0.0),
    "in a second": ({"first_response_at": "2026-06-01T10:00:01"}, "answered", 1 / 60),
    "in five minutes": ({"first_response_at": "2026-06-01T10:05"}, "answered", 5 / 60),
    "a second later": ({"first_response_at": "2026-06-01T10:05:01"}, "answered", 6 / 60),
    "in a day": ({"first_response_at": "2026-06-02T10:00"}, "answered", 24.0),
    "a minute over a day": ({"first_response_at": "2026-06-02T10:01"}, "answered", 25.0),
    "in a week": ({"first_response_at": "2026-06-08T10:00"}, "answered", 168.0),
    "a minute over a week": ({"first_response_at": "2026-06-08T10:01"}, "answered", 192.0),
    "on that day": ({"first_response_at": "2026-06-01"}, "answered", 14.0),  # by midnight
    "on the next day": ({"first_response_at": "2026-06-02"}, "answered", 38.0),
    "a clock that is late": ({"first_response_at": "2026-06-01T09:00"}, "answered", 0.0),
    "long before": ({"first_response_at": "2026-06-01T08:59"}, None, None),
    "untouched": ({}, "waiting", 24.0 * 30),  # 29 days and 14 hours, rounded up
    "given up": ({"disqualified_at": "2026-06-01T12:30"}, "ended", 2.5),
    "converted, then given up": ({"disqualified_at": "2026-06-03T10:00", "converted_at": "2026-06-01T10:30"}, "ended", 0.5),
    "answered and converted": ({"first_response_at": "2026-06-01T11:00", "converted_at": "2026-06-01T10:30"}, "answered", 1.0),
    "answered later": ({"first_response_at": "2026-07-01T08:00"}, "waiting", 24.0 * 30),
    "called": ({}, "answered", 3.0),
    "called before": ({}, "waiting", 24.0 * 30),
    "talked about": ({}, "waiting", 24.0 * 30),
    "called, and answered": ({"first_response_at": "2026-06-01T15:00"}, "answered", 5.0),
    "called on that day": ({}, "answered", 14.0),
}
CALLS = [
    ("called", "digital_client", "2026-06-01T13:00"),
    ("called", "in_person_client", "2026-06-01T15:00"),
    ("called before", "digital_client", "2026-06-01T09:59"),
    ("talked about", "internal_meeting", "2026-06-01T11:00"),
    ("called, and answered", "digital_client", "2026-06-01T11:00"),
    ("called on that day", "digital_client", "2026-06-01"),
]


def leads_of(waits):
    columns = {"lead_id": list(waits), "created_at": [pd.Timestamp(CAME_IN)] * len(waits), "source": ["Web"] * len(waits)}
    for name in ("first_response_at", "converted_at", "disqualified_at"):
        columns[name] = [pd.to_datetime(each.get(name)) for each, *_ in waits.values()]
    return columns


def calls(rows=CALLS):
    lead, category, at = zip(*rows, strict=True)
    return {"activity_id": [str(i) for i in range(len(rows))], "rep_id": "R1", "category": category, "lead_id": lead,
            "started_at": [pd.Timestamp(each) for each in at], "minutes": 5}  # fmt: skip


def book_with(leads, activities=None, as_of=AS_OF, connection=None):
    made = frames() | {"leads": typed("leads", pd.DataFrame(leads))}
    made["activities"] = made["activities"] if activities is None else typed("activities", pd.DataFrame(activities))
    return book_of(connection or ibis.duckdb.connect(), made, as_of)


def responses(table):
    found = table.select("lead_id", "response", "response_hours").to_pyarrow().to_pandas().set_index("lead_id")
    found = found.astype(object).where(found.notna(), None)
    return {lead: tuple(row) for lead, row in zip(found.index, found.to_numpy().tolist(), strict=True)}


def test_every_kind_of_answer_by_hand(engine):
    known = typed("leads", pd.DataFrame(leads_of(WAITS)))
    later = known["first_response_at"] >= pd.Timestamp(AS_OF) + pd.Timedelta(days=1)
    known["first_response_at"] = known["first_response_at"].mask(later)
    leads = stored(engine, "leads_of_speed", pa_table(known))
    done = stored(engine, "calls_of_speed", pa_table(typed("activities", pd.DataFrame(calls()))))
    assert responses(with_response(leads, done, AS_OF)) == {name: tuple(told) for name, (_, *told) in WAITS.items()}
    # Without activities nobody was called.
    alone = responses(with_response(leads, None, AS_OF))
    assert alone["called"] == ("waiting", 720.0)


def pa_table(frame):
    import pyarrow as pa  # noqa: PLC0415

    return pa.Table.from_pandas(frame, preserve_index=False)


def test_the_small_book_by_hand(small_book):
    # L2 is answered after 3 minutes, L1 after 2 hours; L3 came in on 1 May, L4 on 2 May, and both wait on the evening of 30 June.
    assert responses(small_book.table("leads")) == {
        "L1": ("answered", 2.0),
        "L2": ("answered", 3 / 60),
        "L3": ("waiting", 61 * 24.0),
        "L4": ("waiting", 60 * 24.0),
    }


def test_the_grid_is_small_at_any_size():
    rng = np.random.default_rng(1)
    seconds = np.concatenate([np.arange(0, 90_000, 7), rng.integers(0, 3 * 10**7, 20_000)])
    table = ibis.memtable(pd.DataFrame({"seconds": seconds}))
    from salestrack.touches import _on_the_grid  # noqa: PLC0415

    found = table.mutate(minutes=_on_the_grid(table.seconds)).to_pyarrow().to_pandas()
    exact = found["seconds"] / 60
    assert (found["minutes"] >= exact).all()  # never understated
    assert (found["minutes"] - exact < np.select([exact <= 1440, exact <= 10080], [1, 60], 1440)).all()
    assert found["minutes"].nunique() <= 1441 + 144 + 350


# --- the estimate ---------------------------------------------------------------------------------------------------------------


def random_book(n=400, seed=3, ended=0.0):
    """Leads over a year, answered after lognormal waits, some of them not before the day of the book, some given up."""
    rng = np.random.default_rng(seed)
    created = pd.Timestamp("2026-03-01") + pd.to_timedelta(rng.integers(0, 121 * 24 * 60, n), unit="min") + pd.Timedelta(seconds=1)
    wait = pd.to_timedelta(np.exp(rng.normal(6.0, 3.0, n)).round().clip(1, 10**6), unit="min")
    answered = pd.Series(created + wait)
    gone = pd.Series(created + pd.to_timedelta(rng.integers(1, 9000, n), unit="min"))
    given_up = (rng.random(n) < ended) & (gone < answered)
    cut = pd.Timestamp(AS_OF) + pd.Timedelta(days=1)
    leads = {
        "lead_id": [f"L{i}" for i in range(n)],
        "created_at": created,
        "first_response_at": answered.mask(given_up | (answered >= cut)),
        "disqualified_at": gone.where(given_up & (gone < cut)),
        "source": np.where(np.arange(n) % 4 == 0, "Event", "Web"),
    }
    return book_with(leads), pd.DataFrame(leads)


def test_median_and_bands_are_those_of_lifelines():
    book, _ = random_book()
    leads = book.table("leads").to_pyarrow().to_pandas()
    fitted = KaplanMeierFitter().fit(leads["response_hours"], leads["response"] == "answered")
    answer = salestrack.lead_response(book)
    assert measure(book, salestrack.speed_to_lead).value() == answer.overall["median"] == fitted.median_survival_time_
    assert answer.overall["p90"] == qth_survival_time(0.1, fitted.survival_function_)
    for name, hours in (("within_5_minutes", 5 / 60), ("within_15_minutes", 0.25), ("within_1_hour", 1), ("within_1_day", 24)):
        assert answer.overall[name] == pytest.approx(1 - fitted.predict(hours)), name
    assert answer.overall["waiting"] == (leads["response"] == "waiting").sum() > 0


def test_bands_are_the_plain_shares_where_all_were_watched_long_enough():
    book, leads = random_book(ended=0.5)
    old = leads[leads["created_at"] < pd.Timestamp("2026-06-01")]
    wait = (old["first_response_at"] - old["created_at"]).dt.total_seconds() / 3600
    answer = salestrack.lead_response(book, during="2026-03-01/2026-06-01")
    assert answer.overall["leads"] == len(old)
    assert answer.overall["ended"] == old["disqualified_at"].notna().sum() > 0
    for name, hours in (("within_5_minutes", 5 / 60), ("within_15_minutes", 0.25), ("within_1_hour", 1), ("within_1_day", 24)):
        assert answer.overall[name] == pytest.approx((wait <= hours).mean(), abs=1e-12), name


def test_leaving_out_who_was_never_answered_would_flatter():
    book, leads = random_book(ended=0.6)
    wait = (leads["first_response_at"] - leads["created_at"]).dt.total_seconds() / 3600
    assert measure(book, salestrack.speed_to_lead).value() > wait.median() * 1.2


def test_groups_add_up_and_are_judged_together():
    book, leads = random_book()
    measured = measure(book, salestrack.speed_to_lead, by="source")
    whole = measure(book, salestrack.speed_to_lead).frame
    pd.testing.assert_frame_equal(measured.regroup().frame, whole)
    answer = salestrack.lead_response(book, by="source")
    assert answer.frame.set_index("source")["leads"].to_dict() == leads["source"].value_counts().to_dict()
    assert set(answer.frame["standing"]) == {"not_distinguishable"}
    assert any("No group differs from the rest" in sentence for sentence in answer.sentences)


def test_a_fast_group_is_told_and_a_small_one_is_not_judged():
    rows = [(f"W{i}", "Web", timedelta(days=2)) for i in range(40)] + [(f"E{i}", "Event", timedelta(minutes=4)) for i in range(40)]
    rows += [(f"P{i}", "Partner", timedelta(minutes=1)) for i in range(9)]
    at = pd.Timestamp("2026-06-01T08:00")
    leads = {
        "lead_id": [r[0] for r in rows],
        "source": [r[1] for r in rows],
        "created_at": at,
        "first_response_at": [at + r[2] for r in rows],
    }
    answer = salestrack.lead_response(book_with(leads), by="source")
    assert answer.frame.set_index("source")["standing"].to_dict() == {"Event": "above", "Web": "below", "Partner": "too_few"}
    assert answer.frame.set_index("source")["median"].to_dict() == {
        "Event": pytest.approx(4 / 60),
        "Web": 48.0,
        "Partner": pytest.approx(1 / 60),
    }
    assert "Answered within an hour more often than the rest, by more than chance: Event." in answer.sentences


def test_reading_an_earlier_day_is_deleting_what_came_after():
    _, leads = random_book(ended=0.3)
    day, cut = date(2026, 5, 15), pd.Timestamp("2026-05-16")
    gone = {name: leads[name].mask(leads[name] >= cut) for name in ("first_response_at", "disqualified_at")}
    then = leads.assign(**gone)[leads["created_at"] < cut]
    back, deleted = (salestrack.lead_response(book_with(each, as_of=day)) for each in (leads, then))
    pd.testing.assert_series_equal(back.overall, deleted.overall)


# --- what a book says -----------------------------------------------------------------------------------------------------------


def test_sentences_by_hand():
    # 20 leads: 12 answered after 30 minutes, 4 after 10 hours, 2 given up, 2 waiting since 1 June.
    at = pd.Timestamp("2026-06-01T08:00")
    answered = [at + timedelta(minutes=30)] * 12 + [at + timedelta(hours=10)] * 4 + [None] * 4
    leads = {"lead_id": [f"L{i}" for i in range(20)], "created_at": at, "first_response_at": answered,
             "disqualified_at": [None] * 16 + [at + timedelta(days=1)] * 2 + [None] * 2}  # fmt: skip
    answer = salestrack.lead_response(book_with(leads), during="2026-06")
    assert answer.sentences[1:] == (
        "Within 5 minutes 0.0% were answered, within 15 minutes 0.0%, within an hour 60.0%, within a day 80.0%.",
        "Never answered so far: 2 still wait, 2 were converted or given up without a recorded answer.",
    )
    assert answer.sentences[0].startswith("Half of the 20 leads were first answered within 30 minutes (95% interval 30 minutes to ")
    assert answer.sentences[0].endswith("How long nine in ten wait cannot be told: too many have never been answered.")
    assert (answer.overall["median"], answer.overall["answered"]) == (0.5, 16)


def test_odd_answers_are_counted():
    answer = salestrack.lead_response(book_with(leads_of(WAITS), calls()))
    assert (answer.not_counted, answer.day_only) == (1, 3)
    assert answer.overall["leads"] == len(WAITS) - 1
    assert any("One lead was answered more than an hour before coming in" in each for each in answer.sentences)
    assert any(each.startswith("3 of ") and "a day without a time" in each for each in answer.sentences)


@pytest.mark.parametrize("leads", [None, {"lead_id": ["L1"], "created_at": [datetime(2026, 6, 1, 8)]}])
def test_without_answers_one_sentence_says_what_to_map(leads):
    tables = frames() | ({"leads": typed("leads", pd.DataFrame(leads))} if leads else {})
    tables = {name: frame for name, frame in tables.items() if leads or name != "leads"}
    answer = salestrack.lead_response(book_of(ibis.duckdb.connect(), tables), by="source", during="2026")
    assert answer.frame.empty
    assert answer.frame.columns[0] == "source"
    assert len(answer.sentences) == 1
    assert ("Map first_response_at" if leads else "This needs the table 'leads'") in answer.sentences[0]
    assert str(answer)


def test_a_response_before_its_lead_is_told_and_the_lead_stays(tmp_path):
    rows = ("l1", "2026-01-05 09:50"), ("l2", "2026-01-02 09:00"), ("l3", "2026-01-05")
    leads = text_of([(lead, "2026-01-05 10:00", at) for lead, at in rows], ("lead_id", "created_at", "first_response_at"))
    book = opened(tmp_path, book=BOOK + "  leads: {file: leads.csv}\n", leads_csv=leads)
    found = fault(book, "first_response_at is before created_at")
    assert (found.rows, found.refused) == (2, False)
    assert found.examples == ("l1 (2026-01-05 09:50:00)", "l2 (2026-01-02 09:00:00)")
    assert responses(book.table("leads")) == {"l1": ("answered", 0.0), "l2": (None, None), "l3": ("answered", 14.0)}
    assert ties(book)
    assert book.intake["leads"].used == 3


def test_the_page_says_what_comes_out(book):
    page = (Path(__file__).parents[1] / "docs" / "methods" / "speed_to_lead.md").read_text(encoding="utf-8")
    overall = salestrack.lead_response(book, during="2026-Q2").overall
    assert f"the median is {overall['median']:.0f} hours" in page
    assert f"Within 5 minutes {overall['within_5_minutes']:.1%} were answered, within a day {overall['within_1_day']:.1%}." in page
    assert np.isnan(overall["p90"])
    assert "How long nine in ten wait cannot be told." in page
