"""Event logs: a fictional one worked out by hand, and random ones against a loop over their events."""

import csv
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

import salestrack as st
from salestrack.errors import BookError
from tests.sources.exports import fault, refused, rows, ties

BOOK = Path(__file__).parents[1] / "books" / "event_log"
STAGES = "stages: [{name: A}, {name: Won, outcome: won}, {name: Lost, outcome: lost}]\n"
HEADER = ("Case", "Event", "Time", "Step", "Who")
SAID = "case: Case, name: Event, at: Time"


@pytest.fixture(scope="session")
def log():
    return st.open_book(BOOK, as_of="2026-03-31")


def opened(folder, events, said=f"{SAID}, lifecycle: Step, resource: Who", as_of="2026-12-31", more=""):
    """Open a book whose activities are made of these events, beside one opportunity."""
    with (folder / "log.csv").open("w", newline="") as out:
        csv.writer(out).writerows([HEADER, *events])
    (folder / "deals.csv").write_text("opportunity_id,stage,created_date\nK1,A,2026-01-01\n")
    tables = f"tables:\n  opportunities: {{file: deals.csv}}\n  activities: {{file: log.csv, events: {{{said}}}{more}}}\n"
    (folder / "book.yaml").write_text("time_zone: Europe/Berlin\n" + STAGES + tables)
    return st.open_book(folder, as_of=as_of)


class TestAWholeLog:
    def test_a_start_with_its_end_takes_the_time_between(self, log):
        minutes = dict(rows(log, "activities", "activity_id", "minutes"))
        assert minutes["K1/W_Call/1"] == 20
        assert minutes["K1/W_Paperwork/1"] == 90, "it was scheduled half an hour before it began"
        assert minutes["K6/W_Visit/1"] == 120, "suspended and resumed: the time from first to last"
        assert minutes["K7/W_Call/1"] == 0

    def test_two_offsets_and_a_night_of_the_clock_change(self, log):
        found = {name: (at, minutes) for name, at, minutes in rows(log, "activities", "activity_id", "started_at", "minutes")}
        # 9:00 in Seoul is 1:00 in Berlin; it ended at 2:30 there.
        assert found["K2/W_Call/1"] == (datetime(2026, 3, 6, 1, 0), 90)
        # From 22:00 to 4:00 are five hours when the clock goes forward.
        assert found["K4/W_Visit/1"] == (datetime(2026, 3, 28, 22, 0), 300)

    def test_what_is_not_paired_is_kept_without_minutes(self, log):
        minutes = dict(rows(log, "activities", "activity_id", "minutes"))
        assert minutes["K3/W_Call/1"] is None, "an end without a start"
        assert minutes["K4/W_Call/1"] is None, "begun again before it ended"
        assert minutes["K4/W_Paperwork/1"] is None, "still going on"
        assert minutes["K4/W_Call/2"] == 15

    def test_two_who_work_on_the_same_at_once_keep_their_own_ends(self, log):
        calls = rows(log, "activities", "activity_id", "opportunity_id", "rep_id", "minutes")
        assert {who: minutes for _, case, who, minutes in calls if case == "K5"} == {"Ines": 30, "Mato": 10}

    def test_every_event_is_accounted_for(self, log):
        told = fault(log, "the 57 events of log.csv make 19 rows").problem
        for part in (
            "15 are a start with its end",
            "2 a start without an end",
            "1 an end without a start",
            "3 other steps of work, left out",
            "20 left out by only: ^W_",
            "1 with no time that can be read",
        ):
            assert part in told
        assert 2 * 15 + 2 + 1 + 3 + 20 + 1 == 57
        assert ties(log)

    def test_a_time_that_cannot_be_read_is_refused_and_kept(self, log):
        (row,) = refused(log)
        assert (row["row"], row["reason"]) == (52, "started_at is not a time")
        assert "last Tuesday" in row["record"]

    def test_cases_become_opportunities_with_their_outcome(self, log):
        found = rows(log, "opportunities", "opportunity_id", "status", "rep_id", "amount")
        assert found[:4] == [
            ("K1", "won", "Ines", 12000),
            ("K2", "lost", "Joon", 8000),
            ("K3", "open", "Ines", 5000),
            ("K4", "open", "Mato", 20000),
        ]
        assert [case for case, status, *_ in found if status == "open"] == ["K3", "K4", "K7", "K8"]
        days = rows(log, "opportunities", "opportunity_id", "status", "close_date")
        assert all((day is None) == (status == "open") for _, status, day in days), "the last event is no expected close date"
        assert st.measure(log, st.win_rate).frame[["value", "n"]].to_numpy().tolist() == [[0.5, 4]]
        assert st.measure(log, st.bookings).value() == 27000

    def test_the_log_is_read_as_of_an_earlier_day_too(self):
        early = st.open_book(BOOK, as_of="2026-03-10")
        found = {case: (status, stage) for case, status, stage in rows(early, "opportunities", "opportunity_id", "status", "stage")}
        assert found["K1"] == ("open", "A_Offered"), "signed on 20 March only"
        assert found["K2"] == ("lost", "A_Declined")
        assert "K6" not in found

    def test_hours_by_outcome_add_up(self, log):
        answer = st.time_use(log, during="2026-03")
        hours = answer.frame.groupby("became")["hours"].sum() * 60
        # K1 20+10+90, K6 120+120; K2 90+90, K5 30+10; K3 5, K4 15+300, K7 0, K8 45+30.
        assert hours.to_dict() == pytest.approx({"won": 360, "lost": 220, "open": 395, "none": 0})


def oracle(events):
    """Return minutes of each piece of work, by case, name and resource, in the order of time."""
    found, running = [], {}
    for case, name, at, step, who in sorted(events, key=lambda event: event[2]):
        key = case, name, who
        if step == "START":
            if key in running:
                found.append((*key, running.pop(key), None))
            running[key] = at
        elif key in running:
            begun = running.pop(key)
            found.append((*key, begun, (at - begun).total_seconds() / 60))
        else:
            found.append((*key, at, None))
    return sorted([*found, *((*key, at, None) for key, at in running.items())], key=str)


STEPS = some.tuples(
    some.sampled_from(["K1", "K2"]),
    some.sampled_from(["call", "visit"]),
    some.sampled_from(["START", "COMPLETE"]),
    some.sampled_from(["Ada", "Ben"]),
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.tuples(STEPS, some.integers(0, 50000)), min_size=1, max_size=60, unique_by=lambda each: each[1]))
def test_pairs_are_those_of_a_loop_over_the_events(tmp_path, drawn):
    first = datetime(2026, 3, 1)
    events = [(case, name, first + timedelta(minutes=m), step, who) for (case, name, step, who), m in drawn]
    # Written as in Seoul, nine hours ahead of what the log's clock shows at UTC.
    written = [(*each[:2], f"{(each[2] + timedelta(hours=9)).isoformat()}+09:00", *each[3:]) for each in events]
    book = opened(tmp_path, written)
    found = book.table("activities").to_pyarrow().to_pylist()
    got = [(row["opportunity_id"], row["type"], row["rep_id"], row["minutes"]) for row in found]
    assert sorted(got, key=str) == sorted([(*key, length) for *key, _, length in oracle(events)], key=str)
    assert len({row["activity_id"] for row in found}) == len(found)
    assert ties(book)


class TestOtherLogs:
    EVENTS = (("K1", "call", "2026-02-01 10:00", "START", "Ada"), ("K1", "call", "2026-02-01 10:30", "COMPLETE", "Ada"))

    def test_times_without_offset_are_those_of_the_books_clock(self, tmp_path):
        book = opened(tmp_path, self.EVENTS)
        assert rows(book, "activities", "activity_id", "started_at", "minutes") == [("K1/call/1", datetime(2026, 2, 1, 10), 30)]

    def test_a_night_of_the_clock_change_without_offsets(self, tmp_path):
        night = [("K1", "visit", "2026-03-28 22:00", "START", "Ada"), ("K1", "visit", "2026-03-29 04:00", "COMPLETE", "Ada")]
        assert rows(opened(tmp_path, night), "activities", "activity_id", "minutes") == [("K1/visit/1", 300)]

    def test_a_log_without_lifecycle_has_no_minutes(self, tmp_path):
        book = opened(tmp_path, self.EVENTS, f"{SAID}, resource: Who")
        assert rows(book, "activities", "activity_id", "minutes") == [("K1/call/1", None), ("K1/call/2", None)]
        assert "2 without a lifecycle: minutes not known" in fault(book, "the 2 events").problem

    def test_other_words_for_beginning_and_end_and_other_dates(self, tmp_path):
        events = [("K1", "call", "01.02.2026 10:00", "BEGIN", "Ada"), ("K1", "call", "01.02.2026 10:30", "done", "Ada")]
        said = f'{SAID}, lifecycle: Step, resource: Who, start: begin, complete: [done, end], date_format: "%d.%m.%Y %H:%M"'
        assert rows(opened(tmp_path, events, said), "activities", "activity_id", "minutes") == [("K1/call/1", 30)]

    def test_an_event_without_a_resource_is_nobodys(self, tmp_path):
        book = opened(tmp_path, [*self.EVENTS, ("K1", "visit", "2026-02-02 10:00", "COMPLETE", "")])
        assert (refused(book), fault(book, "rep_id is missing").rows) == ([], 1)
        assert ties(book)

    def test_later_events_change_no_earlier_key(self, tmp_path):
        before = rows(opened(tmp_path, self.EVENTS), "activities", "activity_id", "minutes")
        more = [*self.EVENTS, ("K1", "call", "2026-02-02 10:00", "START", "Ada")]
        assert set(before) < set(rows(opened(tmp_path, more), "activities", "activity_id", "minutes"))

    @pytest.mark.parametrize("zone", [None, "Asia/Seoul"])
    def test_a_typed_log_is_read_like_a_written_one(self, tmp_path, zone):
        opened(tmp_path, self.EVENTS)
        table = pd.DataFrame(self.EVENTS, columns=list(HEADER)).assign(Case=1, Value=2.5)
        table["Time"] = pd.to_datetime(table["Time"]).dt.tz_localize(zone)
        table.to_parquet(tmp_path / "log.parquet")
        book = (tmp_path / "book.yaml").read_text().replace("log.csv", "log.parquet")
        (tmp_path / "book.yaml").write_text(book)
        # 10:00 in Seoul is 2:00 in Berlin, whose clock the book has.
        at = datetime(2026, 2, 1, 2 if zone else 10)
        found = rows(
            st.open_book(tmp_path, as_of="2026-12-31"), "activities", "activity_id", "opportunity_id", "started_at", "minutes"
        )
        assert found == [("1/call/1", "1", at, 30)]

    def test_a_line_that_cannot_be_split_is_refused(self, tmp_path):
        opened(tmp_path, self.EVENTS)
        with (tmp_path / "log.csv").open("a") as log:
            log.write("K1,visit,2026-02-02 10:00,START,Ada,too,many\n")
        book = st.open_book(tmp_path, as_of="2026-12-31")
        assert [row["row"] for row in refused(book)] == [3]
        assert ties(book)

    @pytest.mark.parametrize(
        ("said", "told"),
        [
            ("case: Caze, name: Event, at: Time", "events.case: the source has no column 'Caze'. Did you mean 'Case'?"),
            (f"{SAID}, lifecycl: Step", "There is no setting 'lifecycl' in tables.activities.events. Did you mean 'lifecycle'?"),
            (f"{SAID}, only: '(W_'", "tables.activities.events.only: '(W_' is not a regular expression"),
            ("case: Case, name: Event", "tables.activities.events.at is missing."),
        ],
    )
    def test_what_is_written_wrongly_is_told(self, tmp_path, said, told):
        with pytest.raises(BookError) as raised:
            opened(tmp_path, self.EVENTS, said)
        assert told in str(raised.value)

    def test_leads_are_not_made_of_events(self, tmp_path):
        opened(tmp_path, self.EVENTS)
        book = (tmp_path / "book.yaml").read_text().replace("activities:", "leads:")
        (tmp_path / "book.yaml").write_text(book)
        with pytest.raises(BookError, match="only activities, opportunities, stage_history can be made of events"):
            st.open_book(tmp_path, as_of="2026-12-31")


class TestWhoseACaseIs:
    """Won or lost is said by whoever speaks last: who owns a case is stated, and never follows from its end."""

    EVENTS = (
        ("K1", "A", "2026-01-05 09:00", "complete", "System"),
        ("K1", "Call", "2026-01-05 10:00", "start", "Ann"),
        ("K1", "Call", "2026-01-05 10:30", "complete", "Ann"),
        ("K1", "Call", "2026-01-06 10:00", "start", "Ben"),
        ("K1", "Call", "2026-01-06 10:20", "complete", "Ben"),
        ("K1", "Call", "2026-01-07 10:00", "start", "Ben"),
        ("K1", "Call", "2026-01-07 10:20", "complete", "Ben"),
        ("K1", "Won", "2026-01-08 09:00", "complete", "Signer"),
        ("K2", "Call", "2026-01-05 11:00", "start", "Cem"),
        ("K2", "Call", "2026-01-05 11:10", "complete", "Cem"),
        ("K2", "Call", "2026-01-05 12:00", "start", "Ann"),
        ("K2", "Call", "2026-01-05 12:10", "complete", "Ann"),
        ("K2", "A", "2026-01-06 09:00", "complete", ""),
        ("K2", "Lost", "2026-01-08 09:00", "complete", "Decliner"),
        ("K3", "A", "2026-01-09 09:00", "complete", ""),
    )
    CLOSED = ", columns: {close_date: {expression: \"case when stage in ('Won', 'Lost') then last_at end\"}}"

    def opened(self, folder, more):
        with (folder / "log.csv").open("w", newline="") as out:
            csv.writer(out).writerows([HEADER, *self.EVENTS])
        said = f"{SAID}, lifecycle: Step, resource: Who, only: ^(A|Won|Lost)$"
        tables = f"tables:\n  opportunities: {{file: log.csv, events: {{{said}{more}}}{self.CLOSED}}}\n"
        (folder / "book.yaml").write_text("time_zone: Europe/Berlin\n" + STAGES + tables)
        return st.open_book(folder, as_of="2026-01-31")

    @pytest.mark.parametrize(
        ("owner", "expected"),
        [
            ("first", {"K1": "System", "K2": "Decliner", "K3": None}),
            ("last", {"K1": "Signer", "K2": "Decliner", "K3": None}),
            # Twice 20 minutes are more than once 30; of 10 minutes each, the one who began first.
            ("most_hours", {"K1": "Ben", "K2": "Cem", "K3": None}),
        ],
    )
    def test_it_is_as_stated(self, tmp_path, owner, expected):
        book = self.opened(tmp_path, f", owner: {owner}")
        assert dict(rows(book, "opportunities", "opportunity_id", "rep_id")) == expected
        assert ties(book)

    def test_unstated_it_is_nobodys_and_told(self, tmp_path):
        book = self.opened(tmp_path, "")
        assert dict(rows(book, "opportunities", "opportunity_id", "rep_id")) == {"K1": None, "K2": None, "K3": None}
        assert "say owner: first, most_hours or last" in fault(book, "whose a case is").problem

    def test_a_column_may_say_it(self, tmp_path):
        self.CLOSED = self.CLOSED.replace("columns: {", "columns: {rep_id: {expression: \"'Dana'\"}, ")
        assert dict(rows(self.opened(tmp_path, ""), "opportunities", "opportunity_id", "rep_id"))["K1"] == "Dana"

    @pytest.mark.parametrize(
        ("said", "words"),
        [
            (f"{SAID}, owner: first", "owner needs resource"),
            (f"{SAID}, resource: Who, owner: most_hours", "most_hours needs lifecycle"),
            (f"{SAID}, resource: Who, owner: loudest", "owner"),
            (f"{SAID}, resource: Who, owner: first", "only opportunities have an owner"),
        ],
    )
    def test_an_owner_that_cannot_be_told_is_a_fault_of_the_book_file(self, tmp_path, said, words):
        with pytest.raises(BookError, match=words):
            opened(tmp_path, self.EVENTS, said)


class TestItsOwnColumnNames:
    """What the log calls its columns can be said in rules, mappings and expressions, and makes no column of the kit unasked."""

    EVENTS = (("K1", "W_Call", "2026-01-05 09:00", "start", "R1"), ("K1", "W_Call", "2026-01-05 10:00", "complete", "R1"))

    def test_in_rules(self, tmp_path):
        rules = ("{category: travel, where: {Event: W_Drive}}", "{category: admin, matches: {event: Call, Who: R}}")
        opened(tmp_path, [*self.EVENTS, ("K1", "W_Drive", "2026-01-06 09:00", "start", "R1")])
        with (tmp_path / "book.yaml").open("a") as file:
            file.write(f"activity_categories: [{', '.join(rules)}]\n")
        book = st.open_book(tmp_path, as_of="2026-12-31")
        assert [each for _, each in rows(book, "activities", "activity_id", "category")] == ["admin", "travel"]

    def test_in_columns_and_expressions(self, tmp_path):
        columns = ", columns: {outcome: Step, account_id: {expression: \"concat_ws('-', Event, Who) || substr(Time, 1, 4)\"}}"
        book = opened(tmp_path, self.EVENTS, said=f"{SAID}, lifecycle: Step, resource: Who}}{columns[:-1]}")
        assert rows(book, "activities", "outcome", "account_id") == [("start", "W_Call-R12026")]
        assert not [each for each in book.faults if "nothing uses" in each.problem]

    def test_unasked_they_make_nothing(self, tmp_path):
        """A log that calls its events as the kit calls a reason or a kind."""
        (tmp_path / "log.csv").write_text("segment,outcome,at\nK1,A,2026-01-05\nK1,Won,2026-02-05\n")
        said = "events: {case: segment, name: outcome, at: at}, columns: {close_date: last_at}"
        tables = f"tables:\n  opportunities: {{file: log.csv, {said}}}\n"
        (tmp_path / "book.yaml").write_text(STAGES + tables)
        book = st.open_book(tmp_path, as_of="2026-12-31")
        assert rows(book, "opportunities", "opportunity_id", "status", "segment") == [("K1", "won", None)]
