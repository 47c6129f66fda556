"""Capturing again: the same files change nothing, new ones add, changed and called-off events replace what was there."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salestrack.errors import CaptureError
from tests.capture.desk import calendar, event, mail, small_office_book

HEAD = {who: [f"X-WR-CALNAME:{who}@nordquill.example"] for who in ("ada", "ben")}
PEOPLE = {who: f"ATTENDEE:mailto:{who}@nordquill.example" for who in ("ada", "ben")}


def at(day, hour, minutes=60):
    start = datetime(2026, 6, day, hour)
    return f"{start:%Y%m%dT%H%M%S}", f"{start + timedelta(minutes=minutes):%Y%m%dT%H%M%S}"


def shown(captured):
    return [(row.rep_id, f"{row.started_at:%d %H:%M}", row.minutes) for row in captured.activities.itertuples()]


def files(desk):
    return [each.read_bytes() for each in (desk.out, desk.out.with_name("out_not_placed.csv"))]


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.integers(1, 28),
        st.integers(0, 23),
        st.sampled_from([0, 30, 90, 60 * 30]),
        st.sampled_from(["", "RRULE:FREQ=DAILY;COUNT=3", "STATUS:CANCELLED", "CLASS:PRIVATE"]),
    ),
    max_size=6,
)


def calendar_of(who, drawn):
    texts = [event(f"e{uid}", *at(day, hour, minutes), extra, PEOPLE["ben"]) for uid, day, hour, minutes, extra in drawn]
    return calendar(*texts, head=HEAD[who])


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ada=EVENTS, ben=EVENTS, mails=st.lists(st.integers(1, 9), max_size=4))
def test_the_same_files_again_change_nothing_and_their_order_does_not_matter(desk, ada, ben, mails):
    sent = b"".join(
        mail("From: ada@nordquill.example", "To: jo@acme.example", f"Date: {each} Jun 2026 10:00:00 +0200", f"Message-ID: <{each}>")
        for each in mails
    )
    paths = [desk.put("a.ics", calendar_of("ada", ada)), desk.put("b.ics", calendar_of("ben", ben))]
    paths += [desk.put("sent.mbox", sent)] if mails else []
    desk.out.unlink(missing_ok=True)
    desk.out.with_name("out_not_placed.csv").unlink(missing_ok=True)
    first = desk.capture(*paths)
    once = files(desk)
    second = desk.capture(*reversed(paths))
    assert files(desk) == once
    assert second.sentences[-2].startswith("Activities against the last time: 0 added, 0 changed, 0 removed")
    assert (first.read, first.left_out) == (second.read, second.left_out)
    # One after the other comes to the same.
    desk.out.unlink()
    desk.out.with_name("out_not_placed.csv").unlink()
    for path in reversed(paths):
        desk.capture(path)
    assert files(desk) == once


def test_new_files_add_and_the_rest_stays(desk):
    desk.of(event("a", *at(1, 9)))
    captured = desk.capture(desk.put("ben.ics", calendar(event("b", *at(2, 9)), head=HEAD["ben"])))
    assert shown(captured) == [("R1", "01 09:00", 60), ("R2", "02 09:00", 60)]
    assert captured.sentences[-2] == "Activities against the last time: 1 added, 0 changed, 0 removed, 1 as before; 2 in all."


def test_one_meeting_in_two_calendars_is_an_activity_of_each(desk):
    one = event("a", *at(1, 9), *PEOPLE.values())
    captured = desk.capture(*(desk.put(f"{who}.ics", calendar(one, head=HEAD[who])) for who in HEAD))
    assert shown(captured) == [("R1", "01 09:00", 60), ("R2", "01 09:00", 60)]
    assert captured.activities["series_id"].nunique() == 1


def test_a_calendar_that_nobody_owns_tells_of_everybody_in_it_once(desk):
    one = event("a", *at(1, 9), "ORGANIZER:mailto:ada@nordquill.example", PEOPLE["ben"].replace(":", ";PARTSTAT=DECLINED:", 1))
    team = desk.put("team.ics", calendar(one, event("b", *at(2, 9))))
    captured = desk.capture(team)
    assert shown(captured) == [("R1", "01 09:00", 60)]
    assert captured.left_out == {"declined": 1, "no-rep": 1}
    own = desk.put("ada.ics", calendar(one, head=HEAD["ada"]))
    captured = desk.capture(team, own)
    assert shown(captured) == [("R1", "01 09:00", 60)]
    assert captured.left_out == {"declined": 1, "no-rep": 1, "duplicate": 1}


def test_a_moved_event_moves_and_a_called_off_one_goes(desk):
    desk.of(event("a", *at(1, 9)), event("b", *at(2, 9)))
    captured = desk.of(event("a", *at(3, 10, 30)), event("b", *at(2, 9), "STATUS:CANCELLED"))
    assert shown(captured) == [("R1", "03 10:00", 30)]
    assert captured.sentences[-2] == "Activities against the last time: 0 added, 1 changed, 1 removed, 0 as before; 1 in all."
    assert captured.not_placed["reason"].tolist() == ["cancelled"]


def test_a_message_that_calls_off_one_occurrence_leaves_the_others(desk):
    series = event("s", *at(1, 9), "RRULE:FREQ=DAILY;COUNT=3")
    desk.of(series)
    one = event("s", *at(2, 9), f"RECURRENCE-ID:{at(2, 9)[0]}")
    message = calendar(one, head=["METHOD:CANCEL", *HEAD["ada"]])
    captured = desk.capture(desk.put("cancel.ics", message))
    assert shown(captured) == [("R1", "01 09:00", 60), ("R1", "03 09:00", 60)]
    assert captured.left_out == {"cancelled": 1}


def test_occurrences_that_a_series_no_longer_has_are_gone(desk):
    desk.of(event("s", *at(1, 9), "RRULE:FREQ=DAILY;COUNT=5"))
    captured = desk.of(event("s", *at(1, 9), "RRULE:FREQ=DAILY;COUNT=5", f"EXDATE:{at(2, 9)[0]}", f"EXDATE:{at(4, 9)[0]}"))
    assert shown(captured) == [("R1", f"{day:02} 09:00", 60) for day in (1, 3, 5)]


def test_an_older_export_does_not_undo_a_newer_one(desk):
    old, new = (
        event("a", *at(day, 9)).replace("DTSTAMP:20260601T000000Z", f"DTSTAMP:202606{stamp}T000000Z")
        for day, stamp in ((1, "05"), (2, "20"))
    )
    desk.of(new)
    captured = desk.of(old)
    assert shown(captured) == [("R1", "02 09:00", 60)]
    assert captured.left_out == {"older-version": 1}
    # In one run the greater sequence number holds.
    desk.out.unlink()
    one, two = (calendar(event("a", *at(day, 9), f"SEQUENCE:{day}"), head=HEAD["ada"]) for day in (1, 2))
    captured = desk.capture(desk.put("x2.ics", two), desk.put("x1.ics", one))
    assert shown(captured) == [("R1", "02 09:00", 60)]
    assert captured.left_out == {"duplicate": 1}


def test_deleted_events_stay_unless_the_calendars_are_whole(desk):
    desk.of(event("a", *at(1, 9)), event("b", *at(20, 9)))
    assert len(desk.of(event("b", *at(20, 9))).activities) == 2
    ben = desk.put("ben.ics", calendar(event("c", *at(2, 9)), head=HEAD["ben"]))
    captured = desk.capture(ben, whole=True)
    assert len(captured.activities) == 3, "only the owners of calendars that were read"
    assert shown(desk.of(event("b", *at(20, 9)), whole=True)) == [("R2", "02 09:00", 60), ("R1", "20 09:00", 60)]
    assert shown(desk.of(event("z", *at(21, 9)), whole=True, since=date(2026, 6, 21))) == [
        ("R2", "02 09:00", 60), ("R1", "20 09:00", 60), ("R1", "21 09:00", 60),
    ]  # fmt: skip


def test_days_that_are_not_read_stay_as_they_are(desk):
    series = event("s", *at(1, 9), "RRULE:FREQ=WEEKLY")
    desk.of(series, event("a", *at(2, 9)))
    captured = desk.of(series, event("a", *at(2, 9)), since=date(2026, 6, 10))
    assert [day for _, day, _ in shown(captured)] == [f"{day:02} 09:00" for day in (1, 2, 8, 15, 22, 29)]
    assert captured.left_out == {"before-window": 1}
    # Put off until after the day of the book, the meeting has not taken place; read later, it has.
    captured = desk.of(event("a", *at(2, 9)).replace("20260602", "20260705"))
    assert [day for _, day, _ in shown(captured)] == [f"{day:02} 09:00" for day in (1, 8, 15, 22, 29)]
    captured = desk.of(event("a", *at(2, 9)).replace("20260602", "20260705"), book=small_office_book(date(2026, 7, 10)))
    assert captured.activities["started_at"].max() == pd.Timestamp("2026-07-05 09:00")
    assert "after-window" not in captured.not_placed["reason"].tolist()


def test_a_rep_who_is_listed_later_takes_what_was_nobodys(desk):
    team = desk.put("team.ics", calendar(event("a", *at(1, 9), "ATTENDEE:mailto:cem@nordquill.example")))
    assert desk.capture(team).left_out == {"no-rep": 1}
    rules = desk.folder / "rules.yaml"
    rules.write_text(rules.read_text().replace("reps: {", "reps: {cem@nordquill.example: R3, "))
    captured = desk.capture(team)
    assert shown(captured) == [("R3", "01 09:00", 60)]
    assert captured.not_placed.empty


def test_parquet_holds_the_same(desk):
    one = event("a", *at(1, 9)), event("b", ";VALUE=DATE:20260603")
    csv = desk.of(*one)
    desk.out = desk.folder / "out.parquet"
    desk.of(*one)
    captured = desk.of(*one)
    pd.testing.assert_frame_equal(captured.activities, csv.activities)
    assert pd.read_parquet(desk.out)["minutes"].tolist() == [60]


def test_a_run_that_is_cut_off_between_its_two_files_loses_nothing(desk, monkeypatch):
    desk.of(event("a", *at(1, 9)))
    replace, done = Path.replace, []

    def once(self, target):
        if done:
            raise OSError("no space left")
        done.append(replace(self, target))

    monkeypatch.setattr(Path, "replace", once)
    with pytest.raises(OSError, match="no space left"):
        desk.of(event("a", *at(1, 9), "STATUS:CANCELLED"))
    monkeypatch.undo()
    captured = desk.of(event("b", *at(2, 9)))
    assert shown(captured) == [("R1", "02 09:00", 60)]
    assert captured.not_placed["reason"].tolist() == ["cancelled"]


def test_a_file_that_is_no_capture_is_never_overwritten(desk):
    desk.out.write_text("a,b\n1,2\n")
    with pytest.raises(
        CaptureError, match=r"out\.csv is no earlier capture \(it has no column 'activity_id'\) and is left as it is"
    ):
        desk.of(event("a", *at(1, 9)))
    assert desk.out.read_text() == "a,b\n1,2\n"
    desk.out = desk.folder / "out.xlsx"
    with pytest.raises(CaptureError, match=r"should end in \.csv or \.parquet, or be a folder"):
        desk.of(event("a", *at(1, 9)))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spans=st.lists(st.tuples(st.integers(0, 300), st.integers(1, 200)), min_size=1, max_size=8))
def test_overlap_is_what_is_counted_more_than_once(desk, spans):
    day = datetime(2026, 6, 2, 8)
    texts = [
        event(f"e{i}", f"{day + timedelta(minutes=a):%Y%m%dT%H%M%S}", f"{day + timedelta(minutes=a + b):%Y%m%dT%H%M%S}")
        for i, (a, b) in enumerate(spans)
    ]
    desk.out.unlink(missing_ok=True)
    desk.out.with_name("out_not_placed.csv").unlink(missing_ok=True)
    captured = desk.of(*texts)
    union = set().union(*(range(a, a + b) for a, b in spans))
    assert captured.activities["overlap_minutes"].sum() == sum(b for _, b in spans) - len(union)
