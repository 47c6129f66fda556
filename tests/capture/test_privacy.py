"""What is kept of people: nothing they wrote, unless asked; with a key, not even which rep it was."""

import hmac

import pytest

from salestrack.capture import Privacy, pseudonym, read_key
from salestrack.capture import calendars as calendars_room
from salestrack.capture import mail as mail_room
from salestrack.errors import CaptureError
from tests.capture.desk import RULES, calendar, event, mail

KEY = b"0123456789abcdef-secret"
TIMES = "20260602T090000", "20260602T100000"
MEETING = event(
    "private-uid@nordquill.example", *TIMES, "SUMMARY:Merger talk", "LOCATION:Hidden lane 5",
    "ATTENDEE;CN=Jo:mailto:jo@acme.example", "DESCRIPTION:The body of it", "X-ALT-DESC;FMTTYPE=text/html:<p>The body of it</p>",
)  # fmt: skip
SENT = mail(
    "From: Ada <ada@nordquill.example>", "To: jo@acme.example", "Date: Tue, 2 Jun 2026 18:05:00 +0200",
    "Message-ID: <private-id@nordquill.example>", "Subject: Merger talk",
    body="The body of it\n\nFrom now on: 2026\nSubject: more of the body\n",
)  # fmt: skip
WORDS = ("Merger", "Hidden", "jo@", "acme", "body", "private-", "ada@")


def stored(desk):
    return "".join(path.read_text() for path in desk.folder.glob("out*"))


def captured(desk, **manner):
    paths = desk.put("ada@nordquill.example.ics", calendar(MEETING, event("x", *TIMES, "STATUS:CANCELLED", "SUMMARY:Merger off")))
    return desk.capture(paths, desk.put("sent.mbox", SENT), **manner)


def test_by_default_nothing_that_people_wrote_is_stored(desk):
    result = captured(desk)
    assert [word for word in WORDS if word in stored(desk) + str(result)] == []


def test_titles_places_and_addresses_are_stored_when_asked_for_and_gone_when_not_any_more(desk):
    result = captured(desk, keep_titles=True)
    assert result.activities["title"].tolist() == ["Merger talk", "Merger talk"]
    assert result.activities["addresses"].tolist() == ["jo@acme.example", "ada@nordquill.example jo@acme.example"]
    assert "Merger off" in result.not_placed["title"].tolist()
    assert "Hidden lane 5" in stored(desk)
    assert "body" not in stored(desk)
    captured(desk)
    assert [word for word in WORDS if word in stored(desk)] == []


def test_pseudonyms_are_keyed_hashes(desk):
    result = captured(desk, key=KEY)
    expected = "P" + hmac.new(KEY, b"R1", "sha256").hexdigest()[:20]
    assert set(result.activities["rep_id"]) == {expected} == {pseudonym(KEY, "R1")}
    assert pseudonym(KEY + b"!", "R1") != expected
    text = stored(desk)
    assert "R1" not in text
    assert [word for word in (*WORDS, "sent.mbox", ".ics") if word in text] == []


def test_ids_depend_on_the_key_and_captures_with_two_keys_are_not_mixed(desk):
    def hashes(result):
        return {each.partition("-")[2] for name in ("activity_id", "series_id") for each in result.activities[name]}

    plain = hashes(captured(desk))
    with pytest.raises(CaptureError, match="was captured with other pseudonyms"):
        captured(desk, key=KEY)
    desk.out = desk.folder / "out2.csv"
    assert not plain & hashes(captured(desk, key=KEY))
    with pytest.raises(CaptureError, match="was captured with other pseudonyms"):
        captured(desk, key=KEY + b"!")


def test_what_contradicts_itself_or_can_be_guessed_is_refused(tmp_path):
    with pytest.raises(CaptureError, match="Choose one of the two"):
        Privacy(keep_titles=True, key=KEY)
    with pytest.raises(CaptureError, match="has 5 characters; it needs 16 or more"):
        Privacy(key=b"short")
    with pytest.raises(CaptureError, match="There is no file"):
        read_key(tmp_path / "none")
    (tmp_path / "key").write_bytes(KEY + b"\n")
    assert read_key(tmp_path / "key") == KEY


def test_the_body_never_reaches_a_parser(desk, monkeypatch):
    seen = []
    parse_mail, parse_event = mail_room.BytesHeaderParser.parsebytes, calendars_room.icalendar.Event.from_ical
    monkeypatch.setattr(
        mail_room.BytesHeaderParser, "parsebytes", lambda self, head, **_: seen.append(head.decode()) or parse_mail(self, head)
    )
    monkeypatch.setattr(calendars_room.icalendar.Event, "from_ical", lambda text: seen.append(text) or parse_event(text))
    captured(desk, keep_titles=True)
    assert len(seen) == 3
    assert [text for text in seen if "body" in text.casefold()] == []
    assert any("Merger talk" in text for text in seen)


def test_a_private_event_is_left_out_and_a_rep_whose_own_id_is_an_address_is_warned_of_by_nobody(desk):
    (desk.folder / "rules.yaml").write_text(RULES.replace("R1", "ada@nordquill.example"))
    result = desk.of(event("a", *TIMES, "CLASS:PRIVATE"), event("b", *TIMES))
    assert result.left_out == {"private": 1}
    assert result.activities["rep_id"].tolist() == ["ada@nordquill.example"]
