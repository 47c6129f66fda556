"""What lies in an archive and was not written and sent by its sender: it is told apart, by reason, and counts for nobody."""

import pytest
import yaml

from salestrack.capture.unsent import _WORDS
from salestrack.wording import catalogue
from tests.capture.desk import calendar, event, mail

SENT = ("From: Ada <ada@nordquill.example>", "To: jo@acme.example", "Date: Tue, 2 Jun 2026 18:05:00 +0200", "Message-ID: <1>")


def left_out(desk, *lines, name="a.mbox"):
    return desk.capture(desk.put(name, mail(*SENT, *lines))).left_out


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("X-Gmail-Labels: Drafts", "draft"),
        ("X-Gmail-Labels: Archived,Chat", "chat"),
        ("X-Gmail-Labels: Spam,Unread", "spam"),
        ('X-Gmail-Labels: "Big, client",Trash,Sent', "trash"),
        ("X-Gmail-Labels: =?UTF-8?B?7J6E7Iuc67O06rSA7ZWo?=", "draft"),
        ("X-Gmail-Labels: =?UTF-8?Q?Wichtig,Papierkorb?=", "trash"),
        ("X-Gmail-Labels: Sent,Important,\n Spam", "spam"),
        ("X-Mozilla-Status: 0009", "trash"),
        ("X-Status: T", "draft"),
        ("X-Unsent: 1", "draft"),
        ("X-Spam-Flag: YES", "spam"),
        ("X-Autoreply: yes", "automatic"),
        ("X-Autorespond: away", "automatic"),
        ("Auto-Submitted: auto-replied (vacation)", "automatic"),
        ("Precedence: auto_reply", "automatic"),
        ("Precedence: Bulk", "automatic"),
        ("Return-Path: <>", "automatic"),
        ("Subject: Automatic reply: your offer", "automatic"),
        ("Subject: =?utf-8?B?7J6Q64+ZIO2ajOyLoDog6rKs7KCB?=", "automatic"),
        ("Content-Type: text/calendar; method=REPLY; charset=utf-8", "answer"),
        ("Content-class: urn:content-classes:calendarmessage", "answer"),
        ("Subject: Accepted: Demo @ Tue Jun 2", "answer"),
        ("Subject: =?utf-8?B?7IiY65296Iq4?=", None),
        ("Subject: =?utf-8?B?7IiY6529OiDrjbDrqqg=?=", "answer"),
        ("Subject: Updated invitation: Demo @ Tue Jun 2, 2026 4pm", "answer"),
        ("X-Gmail-Labels: Sent,Important,Clients/Spam filter", None),
        ("X-Mozilla-Status: 0001", None),
        ("X-Status: A", None),
        ("X-Spam-Flag: NO", None),
        ("X-Autoreply: no", None),
        ("Auto-Submitted: no", None),
        ("Precedence: list", None),
        ("Precedence: first-class", None),
        ("Return-Path: <ada@nordquill.example>", None),
        ("Subject: Re: Accepted: Demo", None),
        ("Subject: Accepted and declined offers", None),
        ("Subject: Invitation: our summer party", None),
        ("Subject: How to write an automatic reply", None),
        ("Content-Type: multipart/mixed; boundary=b", None),
    ],
)
def test_what_was_not_written_and_sent_says_why(desk, line, reason):
    assert left_out(desk, *line.split("\n")) == ({reason: 1} if reason else {})


FOLDERS = {
    "Drafts.mbox": "draft",
    "휴지통.mbox": "trash",
    "Junk.mbox": "spam",
    "Chat.mbox": "chat",
    "Sent.mbox": None,
    "Draft of 2026.mbox": None,
}


@pytest.mark.parametrize(("name", "reason"), FOLDERS.items())
def test_a_folder_that_is_exported_under_its_name(desk, name, reason):
    assert left_out(desk, name=name) == ({reason: 1} if reason else {})
    # Where each mail says where it lies, the name of the file says nothing.
    assert left_out(desk, "X-Gmail-Labels: Sent", name=name) == {}


def test_the_mailboxes_of_apple_mail_are_folders(desk):
    for folder, expected in (("Drafts.mbox", {"draft": 1}), ("Sent Messages.mbox", {})):
        (desk.folder / folder).mkdir()
        assert left_out(desk, name=f"{folder}/mbox") == expected


def test_one_mail_that_was_sent_and_lies_among_the_drafts_too_counts(desk):
    paths = [desk.put(name, mail(*SENT)) for name in ("Drafts.mbox", "Sent.mbox")]
    captured = desk.capture(*paths)
    assert (captured.placed, captured.left_out) == (1, {"duplicate": 1})


def test_a_draft_without_a_date_is_a_draft(desk):
    content = mail("From: ada@nordquill.example", "X-Gmail-Labels: Drafts")
    assert desk.capture(desk.put("a.mbox", content)).left_out == {"draft": 1}


def test_every_reason_is_explained_and_every_word_stands_for_one():
    words = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))
    for reason in (*words["folders"], "automatic", "answer"):
        assert catalogue().has_message(f"capture-reason-{reason}"), reason
    names = [name for group in words["folders"].values() for name in group]
    assert len(names) == len(set(names))


def test_a_calendar_in_korean_letters_that_are_not_utf_8(desk):
    text = calendar(event("a", "20260602T090000", "20260602T100000", "SUMMARY:부산 출장", "LOCATION:부산"))
    captured = desk.capture(desk.put("ada@nordquill.example.ics", text.encode("cp949")), keep_titles=True)
    assert captured.activities["title"].tolist() == ["부산 출장"]
    assert captured.activities["category"].tolist() == ["travel"]
    assert any("not UTF-8 throughout" in said for said in captured.sentences)


def test_a_fold_may_cut_a_letter_in_two(desk):
    text = calendar(event("a", "20260602T090000", "20260602T100000", "SUMMARY:HERE"), "").encode()
    cut = "출장".encode()
    content = text.replace(b"HERE", cut[:4] + b"\r\n " + cut[4:])
    captured = desk.capture(desk.put("ada@nordquill.example.ics", content), keep_titles=True)
    assert captured.activities["title"].tolist() == ["출장"]
