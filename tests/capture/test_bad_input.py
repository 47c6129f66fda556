"""Calendars and archives as they come: broken, cut off, empty, in no encoding. All of it is counted, and nothing harms the rest."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salestrack.capture.archives import headers
from salestrack.errors import CaptureError
from tests.capture.desk import calendar, event, mail

GOOD = event("good", "20260602T090000", "20260602T100000")
SENDER = "From: Ada <ada@nordquill.example>"
DATE = "Date: Tue, 2 Jun 2026 10:00:00 +0200"


def of_text(desk, text, name="ada@nordquill.example.ics"):
    return desk.capture(desk.put(name, text))


@pytest.mark.parametrize("name", ["a.ics", "a.mbox", "a.txt"])
@pytest.mark.parametrize("content", [b"", b"hello", b"\x00\xff" * 100])
def test_a_file_that_is_neither_is_counted_and_told(desk, name, content):
    captured = desk.capture(desk.put(name, content), desk.put("ada@nordquill.example.ics", calendar(GOOD)))
    assert captured.left_out == {"unreadable": 1}
    assert captured.placed == 1
    assert captured.not_placed["place"].tolist() == [name]
    # Of the last run only: once it is put right, nothing reminds of it.
    assert desk.capture(desk.put(name, calendar() if name != "a.mbox" else mail(SENDER, DATE))).left_out == {}


def test_nothing_to_read_is_an_error_and_nothing_is_written(desk):
    with pytest.raises(CaptureError, match=r"There is no file or folder .*none\.ics"):
        desk.capture(desk.folder / "none.ics")
    (desk.folder / "empty").mkdir()
    with pytest.raises(CaptureError, match=r"There is no calendar \(\.ics\) and no mail archive \(\.mbox\) in"):
        desk.capture(desk.folder / "empty")
    assert not desk.out.exists()


def test_files_of_a_folder_are_known_by_their_beginning_and_read_once(desk):
    inner = desk.folder / "in" / "ada@nordquill.example"
    inner.mkdir(parents=True)
    (inner / "Calendar").write_bytes(b"\xef\xbb\xbf" + calendar(GOOD).encode())
    (inner / "Sent").write_bytes(mail(SENDER, DATE, "Message-ID: <1>"))
    (inner / "notes.txt").write_text("nothing")
    captured = desk.capture(desk.folder / "in", inner / "Sent")
    assert captured.placed == 2
    assert "One other file in the folders is neither calendar nor mail." in captured.sentences


def test_a_calendar_that_is_cut_off_gives_what_is_whole(desk):
    text = calendar(GOOD, event("cut", "20260603T090000", "20260603T100000"))
    captured = of_text(desk, text[: text.index("DTEND:20260603")])
    assert captured.left_out == {"malformed": 1}
    assert captured.placed == 1


@pytest.mark.parametrize(
    "spoilt",
    [
        GOOD.replace("END:VEVENT", "").replace("good", "open"),
        "BEGIN:VEVENT\nUID:bad\nSUMMARY:no times\nEND:VEVENT",
        event("bad", "20261340T090000", "20260602T100000"),
        event("bad", "20260602T090000", ";VALUE=DATE:20260603"),
        event("bad", "20260602T090000", "20260602T100000", "BEGIN:VALARM").replace("END:VALARM", ""),
        event("bad", "20260602T090000", "", "DURATION:about an hour"),
    ],
)
def test_one_spoilt_event_harms_no_other(desk, spoilt):
    captured = of_text(desk, calendar(spoilt, GOOD))
    assert captured.left_out == {"malformed": 1}
    assert captured.placed == 1


def test_lines_that_are_none_and_what_is_not_read_do_no_harm(desk):
    odd = GOOD.replace("END:VEVENT", "garbage\n;;::\nDESCRIPTION:a\n b\n\tc\nATTACH:\u2028\x0b\nLAST-MODIFIED:never\nEND:VEVENT")
    todo = "BEGIN:VTODO\nUID:t\nSUMMARY:x\nDTSTART:20260602T090000\nEND:VTODO"
    captured = of_text(desk, calendar(todo, odd, "BEGIN:VFREEBUSY\nEND:VFREEBUSY").replace("\n", "\r\n"))
    assert (captured.placed, captured.left_out) == (1, {})


def test_whom_an_alarm_is_sent_to_is_no_attendee(desk):
    alarm = "BEGIN:VALARM\nACTION:EMAIL\nATTENDEE:mailto:jo@acme.example\nSUMMARY:CRM\nDURATION:PT5M\nEND:VALARM\nEND:VEVENT"
    assert desk.of(GOOD.replace("END:VEVENT", alarm)).activities["category"].tolist() == ["unclassified"]


def test_negative_and_thirty_hour_events(desk):
    captured = desk.of(
        event("back", "20260602T100000", "20260602T090000"),
        event("thirty", "20260602T080000", "20260603T140000"),
        event("none", "20260602T080000", "20260602T080000"),
        event("less", "20260602T080000", "", "DURATION:-PT1H"),
    )
    assert captured.left_out == {"all-day": 2, "ends-before-start": 1, "no-duration": 2}


def test_a_calendar_in_other_encodings(desk):
    titled = calendar(GOOD.replace("END:VEVENT", "SUMMARY:Übergabe CRM\nEND:VEVENT"))
    for content, told in ((titled.encode("utf-16"), False), (titled.encode("cp1252"), True)):
        captured = of_text(desk, content)
        assert captured.activities["category"].tolist() == ["admin"]
        assert any("not UTF-8 throughout" in said for said in captured.sentences) is told


def test_two_events_without_a_name_are_two(desk):
    one, two = (GOOD.replace("UID:good\n", "").replace("T09", f"T0{hour}") for hour in (7, 8))
    captured = desk.of(one, two)
    assert captured.placed == 2
    assert desk.of(one, two).activities["activity_id"].tolist() == captured.activities["activity_id"].tolist()


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([SENDER], "no-date"),
        ([SENDER, "Date: 31 Feb 2026 10:00:00 +0200"], "no-date"),
        ([SENDER, "Date: \xff\xfe"], "no-date"),
        ([SENDER, DATE.replace("2026", "1826")], "before-window"),
        ([SENDER, DATE.replace("2026", "2027")], "after-window"),
        ([DATE], "no-sender"),
        ([SENDER, DATE, "To: jo@acme.example", "Auto-Submitted: auto-replied"], "automatic"),
        (["From: nobody", DATE], "no-sender"),
        (["From: jo@acme.example", "To: ada@nordquill.example", DATE], "received"),
        (["From: jo@acme.example", "To: kim@beta.example", DATE], "no-rep"),
    ],
)
def test_a_mail_that_is_no_activity_says_why(desk, lines, reason):
    assert desk.capture(desk.put("a.mbox", mail(*lines))).left_out == {reason: 1}


@pytest.mark.parametrize(
    "line",
    [
        b"To: =?utf-8?b?not base64!?= <jo@acme.example>",
        b"To: \xc4\xd6\xdc <jo@acme.example>, ;;, <>, @, undisclosed:;",
        b"To: =?x-unknown?q?a=E9?= <jo@acme.example>",
        b'To: "unclosed <jo@acme.example>\nCc: jo@acme.example',
        b"To: jo@acme.example\nSubject: " + b"=?utf-8?q?x?= " * 20_000,
        b"To: jo@acme.example\n" + b"X-Long: " + b"x" * 200_000,
        b"To: jo@acme.example\nno colon here\nSubject: \x00",
    ],
)
def test_headers_in_no_encoding_still_tell_who_it_went_to(desk, line):
    content = mail(SENDER, DATE, "Message-ID: <1>").rstrip().removesuffix(b"Body.").rstrip() + b"\n" + line + b"\n\nBody\n"
    captured = desk.capture(desk.put("a.mbox", content))
    assert captured.activities["account_id"].tolist() == ["A1"]


def test_a_body_makes_no_mail_and_one_line_of_any_length_is_passed_over(desk):
    lines = ["", "", "From here on, 2026", "", "From: x@y.example", "From one to two in 2026", "From nine to 18:05 in 2026", ""]
    body = "\n".join([*lines, ">From ada Tue Jun  2 18:05:00 2026", "x" * 300_000, ""])
    one = mail(SENDER, "To: jo@acme.example", DATE, "Message-ID: <1>", body=body)
    two = mail(SENDER, "To: jo@acme.example", DATE, "Message-ID: <2>")
    captured = desk.capture(desk.put("a.mbox", one + two))
    assert (captured.read, captured.placed) == (2, 2)


def test_one_mail_in_two_archives_is_one(desk):
    one = mail(SENDER, "To: jo@acme.example", DATE, "Message-ID: <1>")
    unnamed = mail(SENDER, "To: jo@acme.example", DATE)
    captured = desk.capture(desk.put("a.mbox", one + unnamed), desk.put("b.mbox", unnamed + one))
    assert (captured.placed, captured.left_out) == (2, {"duplicate": 2})


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=6)), max_size=6), kind=st.sampled_from(["ics", "mbox"]))
def test_whatever_is_in_a_file_it_is_read_and_accounted_for(desk, noise, kind):
    text = calendar(GOOD, event("s", "20260601T090000", "20260601T093000", "RRULE:FREQ=DAILY;COUNT=3", "LOCATION:x"))
    content = bytearray(text.encode() if kind == "ics" else mail(SENDER, "To: jo@acme.example", DATE) * 2)
    for place, junk in noise:
        content[place : place + len(junk) // 2] = junk
    desk.out.unlink(missing_ok=True)
    assert desk.capture(desk.put(f"ada.{kind}", bytes(content))).read > 0 or kind == "ics"


def test_headers_are_those_before_the_first_empty_line(tmp_path):
    path = tmp_path / "a.mbox"
    path.write_bytes(
        b"junk before\n\n" + mail("A: 1", " folded", body="B: 2\n\nC: 3\n") + mail("From: 4", "Date: 5").replace(b"\n", b"\r\n")
    )
    with path.open("rb") as archive:
        assert list(headers(archive)) == [b"A: 1\n folded\n", b"From: 4\r\nDate: 5\r\n"]


@pytest.mark.parametrize(
    ("end", "rule", "reason"),
    [
        ("20260601T080000", "RRULE:FREQ=DAILY", "ends-before-start"),
        ("20260601T100000", "RRULE:FREQ=DAILY;INTERVAL=0", "malformed"),
        ("20260601T100000", "RRULE:FREQ=SECONDLY;INTERVAL=7", "too-often"),
    ],
)
def test_a_series_that_swaps_its_ends_stands_still_or_runs_away(desk, end, rule, reason):
    assert desk.of(event("s", "20260601T090000", end, rule)).left_out == {reason: 1}


def test_a_series_by_the_second_that_is_counted_is_no_runaway(desk):
    captured = desk.of(event("s", "20260101T090000", "20260101T090001", "RRULE:FREQ=SECONDLY;COUNT=5"))
    assert captured.placed == 5


def test_ways_to_write_a_zone_and_an_address(desk):
    zone = ";TZID=/freeassociation.sourceforge.net/Asia/Seoul:20260601T"
    captured = desk.of(event("z", zone + "160000", zone + "163000", 'ATTENDEE;EMAIL="Jo@Acme.example";CN=Jo:/aMTcx/principal/'))
    assert captured.activities["started_at"].dt.hour.tolist() == [9]
    assert captured.activities["account_id"].tolist() == ["A1"]
