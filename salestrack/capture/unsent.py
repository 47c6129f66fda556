"""Mails that nobody wrote and sent: drafts, chats, spam and what was thrown away; and what a program sent in somebody's name."""

import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from salestrack.capture.letters import plain

_WORDS = Path(__file__).parent / "unsent.yaml"
_LABEL = re.compile(r'"([^"]*)"|([^,"]+)')
# Messages that Thunderbird has deleted, and keeps until it tidies up its file.
_EXPUNGED = 0x0008
_AUTOREPLIES = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-autoresponse", "x-autoreply-from", "x-mail-autoreply")
_NO = ("", "no", "false", "0")
# Answers without anybody, and mail to many; what goes through a list (Precedence: list) was written by somebody.
_PRECEDENCES = ("auto_reply", "auto-reply", "autoreply", "bulk", "junk")
_CALENDAR = re.compile(r"text/calendar|urn:content-classes:calendarmessage", re.IGNORECASE)

Header = Callable[[str], str]


def why_unsent(header: Header, path: Path) -> str:
    """Return why a mail is nothing that its sender wrote and sent, as a key of the catalogue; empty where nothing says so.

    Parameters
    ----------
    header : callable
        From the name of a header, in small letters, to what it says.
    path : Path
        The archive: a folder is often exported under its own name.
    """
    return _by_folder(header, path) or _by_mark(header) or _by_program(header)


def _by_folder(header: Header, path: Path) -> str:
    labels = [quoted or bare for quoted, bare in _LABEL.findall(header("x-gmail-labels"))]
    # Apple Mail calls the file "mbox", inside a folder of the mailbox's name.
    places = [path.stem, path.parent.stem] if path.name.casefold() == "mbox" else [path.stem]
    folders = {plain(name): reason for reason, names in _words()["folders"].items() for name in names}
    return next((folders[name] for name in map(plain, labels or places) if name in folders), "")


def _by_mark(header: Header) -> str:
    """Return what the program that kept a mail says of it, in a header or in a letter or digit of one."""
    letters, mozilla = header("x-status"), header("x-mozilla-status")
    if header("x-unsent") == "1" or "T" in letters:
        return "draft"
    if "D" in letters or (re.fullmatch("[0-9a-fA-F]{4}", mozilla) and int(mozilla, 16) & _EXPUNGED):
        return "trash"
    return "spam" if _said(header("x-spam-flag")) == "yes" else ""


def _by_program(header: Header) -> str:
    # An answer that a program gave in somebody's absence (RFC 3834), in the words of the standard or of those before it.
    told = any(_said(header(name)) not in _NO for name in ("auto-submitted", *_AUTOREPLIES))
    told = told or _said(header("precedence")) in _PRECEDENCES or _said(header("return-path")) == "<>"
    away, answers, invitations = _beginnings()
    if told or away.match(header("subject")):
        return "automatic"
    calendar = _CALENDAR.search(f"{header('content-type')} {header('content-class')}")
    return "answer" if calendar or answers.match(header("subject")) or invitations.match(header("subject")) else ""


def _said(value: str) -> str:
    return value.partition(";")[0].strip().casefold()


@cache
def _words() -> Any:
    return yaml.safe_load(_WORDS.read_text(encoding="utf-8"))


@cache
def _beginnings() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return what finds the beginnings of subjects: of absence, of answers to an invitation, of an invitation."""
    ends = {"away": r"\s*[:：\]]", "answers": r"\s*[:：]", "invitations": r"\s*[:：].+@.*\d"}
    words = {name: _any_of(_words()[name]) for name in ends}
    away, answers, invitations = (re.compile(rf"\[?(?:{words[name]}){end}", re.IGNORECASE) for name, end in ends.items())
    return away, answers, invitations


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word).replace(r"\*", r"\w*") for word in words)
