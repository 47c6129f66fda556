"""Where a mail begins and where its body ends: what people quote makes no mail, and what programs write does."""

from base64 import b64encode

import pytest

from salestrack.capture import mail as mail_room
from tests.capture.desk import mail

SENT = ("From: Ada <ada@nordquill.example>", "To: jo@acme.example", "Date: Tue, 2 Jun 2026 18:05:00 +0200")
BETWEEN = "From ada@nordquill.example Tue Jun  2 18:05:00 2026"
WHOLE = "\n".join([BETWEEN, *SENT, "Message-ID: <hidden>", "Subject: secret", "", "secret", ""])


@pytest.fixture
def parsed(monkeypatch):
    """What reaches the parser of headers."""
    seen, parse = [], mail_room.BytesHeaderParser.parsebytes
    monkeypatch.setattr(
        mail_room.BytesHeaderParser, "parsebytes", lambda self, head, **_: seen.append(bytes(head)) or parse(self, head)
    )
    return seen


def two(body, *lines):
    return mail(*SENT, "Message-ID: <1>", *lines, body=body) + mail(*SENT, "Message-ID: <2>")


@pytest.mark.parametrize(
    "quoted",
    [
        "From nine to 18:05 in 2026\nFrom: secret\nDate: secret\nMessage-ID: secret\n",
        "From me to you on Tue Jun  2 at 18:05 in 2026\nFrom: secret\nDate: secret\n",
        f"{BETWEEN}\nthe price is secret\n",
        f"{BETWEEN}\n\nTo: secret@hidden.example\n",
        f"{BETWEEN}\nSubject: secret\nTo: secret@hidden.example\n",
        f"{BETWEEN}\nFrom: secret@hidden.example\nTo: secret@hidden.example\nSubject: secret\n",
        f"{BETWEEN}\nNote: secret\n",
        "From \nNote: secret\nTo: secret@hidden.example\n",
        "From \nsecret\n",
    ],
)
def test_what_people_quote_is_no_mail_and_reaches_no_parser(desk, parsed, quoted):
    captured = desk.capture(desk.put("a.mbox", two(f"Dear Jo,\n\n{quoted}\nsecret\n")))
    assert (captured.read, captured.placed) == (2, 2)
    assert len(parsed) == 2
    assert b"secret" not in b"".join(parsed)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("boundary", ['"=_part 1"', "=_part1"])
def test_a_whole_mail_inside_a_part_is_of_its_body(desk, parsed, boundary, ending):
    mark = boundary.strip('"')
    body = f"--{mark}\nContent-Type: message/rfc822\n\n\n{WHOLE}\n--{mark}\n\n{WHOLE}\n--{mark}--\n"
    content = two(body, "Content-Type: multipart/mixed;", f"\tboundary={boundary}").replace(b"\n", ending.encode())
    captured = desk.capture(desk.put("a.mbox", content))
    assert (captured.read, captured.placed) == (2, 2)
    assert b"secret" not in b"".join(parsed)


def test_a_part_that_is_never_closed_hides_no_other_mail(desk):
    cut_off = mail(*SENT, "Message-ID: <1>", 'Content-Type: multipart/mixed; boundary="b"', body="--b\n\nText\n")
    whole = mail(*SENT, "Message-ID: <3>", 'Content-Type: multipart/mixed; boundary="c"', body="--c\n\nText\n--c--\n")
    assert desk.capture(desk.put("a.mbox", cut_off + mail(*SENT, "Message-ID: <2>") + whole + whole)).read == 4


def test_a_length_that_is_said_holds_where_it_can(desk, parsed):
    body = f"Dear Jo,\n\n{WHOLE}\n"
    captured = desk.capture(desk.put("a.mbox", two(body, f"Content-Length: {len(body)}")))
    assert captured.read == 2
    assert b"secret" not in b"".join(parsed)
    # One that is wrong hides nothing.
    assert desk.capture(desk.put("a.mbox", two("Short.\n", "Content-Length: 40"))).read == 2
    assert desk.capture(desk.put("a.mbox", two("Short.\n", f"Content-Length: {10**12}"))).read == 2


@pytest.mark.parametrize(
    "line",
    [
        "From ",
        "From -",
        "From - Tue Jun 02 18:05:00 2026",
        "From 1799@xxx Tue Jun 02 18:05:00 +0000 2026",
        "From ada@nordquill.example Tue Jun  2 18:05:00 CEST 2026",
        "From ada@nordquill.example Tue Jun  2 18:05 2026 +0200",
        "From ada@nordquill.example Tue, 2 Jun 2026 18:05:00 +0200",
        'From "Ada L." Tue Jun  2 18:05:00 GMT+09:00 2026',
        "From MAILER-DAEMON 2026-06-02 18:05:00",
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_mails_begin_as_programs_write_it(desk, line, ending):
    one = two("Body.\n").replace(BETWEEN.encode(), line.encode()).replace(b"\n", ending.encode())
    assert desk.capture(desk.put("Sent", one)).placed == 2


@pytest.mark.parametrize(
    ("date", "clock"),
    [
        ("Tue, 2 Jun 2026 18:05:00 +0900", "11:05"),
        ("Tue, 2 Jun 2026 18:05:00 KST", "11:05"),
        ("Tue, 2 Jun 2026 18:05:00 GMT+0900", "11:05"),
        ("Tue Jun  2 18:05:00 KST 2026", "11:05"),
        ("Tue, 2 Jun 2026 05:05:00 EST", "12:05"),
        ("Tue, 2 Jun 2026 18:05:00 CEST", "18:05"),
        ("Tue, 2 Jun 2026 18:05:00 CET", "19:05"),
        ("Tue, 2 Jun 2026 18:05:00 -0000", "20:05"),
        ("Tue, 2 Jun 2026 18:05:00", "18:05"),
        ("Tue, 2 Jun 2026 18:05:00 MARS", "18:05"),
    ],
)
def test_the_hour_of_a_mail_is_in_its_zone_else_on_the_clock_of_the_book(desk, date, clock):
    captured = desk.capture(desk.put("a.mbox", mail(*SENT[:2], f"Date: {date}", "Message-ID: <1>")))
    assert [f"{each:%H:%M}" for each in captured.activities["started_at"]] == [clock]
    told = "One mail names a time zone that is not known; the times are read on the book's clock." in captured.sentences
    assert told is date.endswith("MARS")


@pytest.mark.parametrize(
    ("subject", "lines"),
    [
        ("출장 준비".encode("cp949"), []),
        ("똠방각하 출장".encode("cp949"), []),
        ("출장 준비".encode(), []),
        ("출장 준비".encode("cp949"), ["Content-Type: text/plain; charset=ks_c_5601-1987"]),
        (b"=?euc-kr?B?" + b64encode("똠방 출장".encode("cp949")) + b"?=", []),
        (b"=?utf-8?B?" + b64encode("출장".encode()) + b"?=", []),
    ],
)
def test_subjects_in_korean_however_they_are_written(desk, subject, lines):
    rules = desk.folder / "rules.yaml"
    rules.write_text(rules.read_text() + 'rules: [{category: travel, kind: mail, title: "출장"}]\n', encoding="utf-8")
    content = mail(*SENT, "Message-ID: <1>", *lines, "Subject: HERE").replace(b"HERE", subject)
    captured = desk.capture(desk.put("a.mbox", content), keep_titles=True)
    assert captured.activities["category"].tolist() == ["travel"]


@pytest.mark.parametrize("text", ["Grüße für Jörg", "Café", "MÜNCHEN", "señor Núñez", "prix à payer: 5 €", "Über Ärger, naïve"])
def test_subjects_in_western_letters_are_not_taken_for_korean(desk, text):
    for encoding in ("utf-8", "cp1252"):
        content = mail(*SENT, "Message-ID: <1>", "Subject: HERE").replace(b"HERE", text.encode(encoding))
        assert desk.capture(desk.put("a.mbox", content), keep_titles=True).activities["title"].tolist() == [text]
