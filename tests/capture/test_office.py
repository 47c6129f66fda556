"""A hand-written month of two reps: what becomes of every line in it, worked out by reading it."""

import mailbox
import re
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import yaml

import salestrack as st
import salestrack.capture
from salestrack.capture import Manner, capture, read_rules
from salestrack.capture.rules import Rule
from salestrack.errors import CaptureError
from salestrack.wording import catalogue
from tests.capture.desk import AS_OF, OFFICE

FILES = [OFFICE / "ada@nordquill.example.ics", OFFICE / "ben.ics", OFFICE / "ada sent.mbox"]
# rep, category, start, minutes, opportunity, account
BY_HAND = """
R1 internal_meeting 2026-05-25T09:00 30  -  -
R1 internal_meeting 2026-06-01T09:00 30  -  -
R1 digital_client   2026-06-02T16:00 45  O1 A1
R2 digital_client   2026-06-02T16:00 45  O1 A1
R1 digital_client   2026-06-02T18:05 -   O1 A1
R1 admin            2026-06-03T08:00 -   -  -
R2 travel           2026-06-03T08:00 150 -  -
R1 in_person_client 2026-06-03T10:00 120 -  A2
R1 admin            2026-06-03T11:30 60  -  -
R1 digital_client   2026-06-04T08:00 -   -  A2
R1 preparation      2026-06-08T08:00 60  -  -
R1 digital_client   2026-06-09T09:00 30  -  -
R1 unclassified     2026-06-10T13:00 60  -  -
R1 digital_client   2026-06-11T09:00 60  -  -
R1 internal_meeting 2026-06-16T10:00 45  -  -
R1 internal_meeting 2026-06-22T09:00 30  -  -
R1 internal_meeting 2026-06-29T09:00 30  -  -
"""


@pytest.fixture(scope="session")
def captured(tmp_path_factory):
    book = st.open_book(OFFICE, as_of=AS_OF)
    return capture(book, FILES, read_rules(OFFICE / "rules.yaml"), tmp_path_factory.mktemp("office"))


def test_every_activity_is_there_as_a_reader_would_write_it(captured):
    shown = [
        (row.rep_id, row.category, f"{row.started_at:%Y-%m-%dT%H:%M}", row.minutes, row.opportunity_id, row.account_id)
        for row in captured.activities.itertuples()
    ]
    texts = [tuple("-" if pd.isna(each) else f"{each:g}" if isinstance(each, float) else each for each in row) for row in shown]
    assert sorted(texts) == sorted(tuple(line.split()) for line in BY_HAND.strip().splitlines())


def test_everything_else_is_left_out_for_its_reason(captured):
    assert captured.left_out == {
        "all-day": 6, "after-window": 1, "cancelled": 1, "declined": 1, "ends-before-start": 1, "free": 1, "malformed": 1,
        "no-date": 1, "no-duration": 1, "no-rep": 1, "private": 1, "received": 1,
    }  # fmt: skip
    assert (captured.read, captured.placed) == (34, 17)
    assert captured.not_placed["left_out"].sum() == 17


def test_activities_without_an_opportunity_say_why(captured):
    notes = captured.activities.set_index("started_at")["note"].astype(str)
    assert notes[notes != ""].to_dict() == {
        pd.Timestamp("2026-06-03 10:00"): "several-open",
        pd.Timestamp("2026-06-04 08:00"): "several-open",
        pd.Timestamp("2026-06-09 09:00"): "no-account",
        pd.Timestamp("2026-06-11 09:00"): "several-accounts",
    }


def test_what_is_written_is_what_is_returned(captured):
    written = pd.read_csv(captured.into)
    assert written["activity_id"].tolist() == captured.activities["activity_id"].tolist()
    assert len(pd.read_csv(captured.into.with_name("activities_not_placed.csv"))) == 17 + 4


def test_it_says_what_it_did(captured):
    assert captured.sentences[0] == "Events and mails read in 3 files: 34. Activities: 17, left out: 17."
    said = str(captured)
    assert "6 left out: it covers whole days, and no rule says how much of them was worked." in said
    assert "Of 7 activities with clients, 3 belong to an opportunity." in said
    assert "One activity fits no rule and is unclassified: 6%." in said
    # The visit until 12:00 and the work on the CRM from 11:30 on.
    assert "One activity begins while another one of the same rep still goes on: 0.50 hours are counted more than once." in said


def test_nothing_that_people_wrote_is_stored(captured):
    text = captured.into.read_text() + captured.into.with_name("activities_not_placed.csv").read_text() + str(captured.sentences)
    for word in ("Acme", "acme", "Gamma", "secret", "Speicher", "Dentist", "4711", "hidden", "kim", "ada@", "lee", "Weekly"):
        assert word not in text, word


def test_the_archive_holds_as_many_mails_as_the_standard_library_finds(captured):
    # The library also splits a body where a line begins with "From ", which is in one of them twice.
    with closing(mailbox.mbox(FILES[2], create=False)) as archive:
        assert len(archive) == sum(captured.activities["kind"] == "mail") + 3 + 2


def test_a_book_maps_the_file_and_measures_its_hours(captured, tmp_path):
    for name in ("opportunities.csv", "reps.csv"):
        (tmp_path / name).write_bytes((OFFICE / name).read_bytes())
    (tmp_path / "activities.csv").write_bytes(captured.into.read_bytes())
    described = yaml.safe_load((OFFICE / "book.yaml").read_text())
    described["tables"]["activities"] = {"file": "activities.csv"}
    (tmp_path / "book.yaml").write_text(yaml.safe_dump(described))
    book = st.open_book(tmp_path, as_of=AS_OF)
    assert (book.intake["activities"].used, book.intake["activities"].refused) == (17, 0)
    hours = st.measure(book, st.activity_hours, by="rep", during="2026-06").frame.set_index("rep")["value"]
    # Ada in June, in minutes: 30 + 45 + 120 + 60 + 60 + 30 + 60 + 60 + 45 + 30 + 30 = 570; Ben: 45 + 150 = 195.
    assert hours.to_dict() == pytest.approx({"Ada": 9.5, "Ben": 3.25})


def test_the_command_does_the_same(captured, tmp_path):
    command = ["capture", *map(str, FILES), "--book", OFFICE, "--rules", OFFICE / "rules.yaml", "--into", tmp_path / "out.csv"]
    run = [sys.executable, "-c", "from salestrack.cli import run; run()", *map(str, command), "--as-of", AS_OF]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:-1] == list(captured.sentences[:-1])
    assert (tmp_path / "out.csv").read_bytes() == captured.into.read_bytes()


def test_a_first_day_after_the_day_of_the_book_is_refused(tmp_path):
    book, rules = st.open_book(OFFICE, as_of=AS_OF), read_rules(OFFICE / "rules.yaml")
    with pytest.raises(CaptureError, match="The first day, 2026-07-01, is after the day of the book, 2026-06-30"):
        capture(book, FILES, rules, tmp_path, Manner(since=date(2026, 7, 1)))
    assert list(tmp_path.iterdir()) == []


def test_every_reason_that_is_given_is_explained():
    given = set()
    for path in Path(salestrack.capture.__file__).parent.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        given |= set(re.findall(r'(?:fault|reason)="([a-z-]+)"', text)) | set(re.findall(r'outside\("([a-z-]+)"\)', text))
        given |= set(re.findall(r'return "([a-z]+-[a-z-]+|free|private|cancelled|received)"', text))
    assert len(given) > 15
    assert [each for each in sorted(given) if not catalogue().has_message(f"capture-reason-{each}")] == []


def test_the_page_shows_what_is_said(captured):
    page = (OFFICE.parents[2] / "docs" / "capture.md").read_text(encoding="utf-8")
    block = next(each for each in page.split("```\n") if each.startswith("Events"))
    assert [line for line in block.splitlines() if line not in captured.sentences] == []
    options = re.findall(r"`(--[a-z-]+)`", page)
    assert set(options) == {"--book", "--rules", "--into", "--as-of", "--from", "--whole", "--keep-titles", "--pseudonyms"}
    documented = set(re.findall(r"^\| `([a-z_]+)`(?:, `([a-z_]+)`)? \|", page, flags=re.MULTILINE))
    conditions = {name for pair in documented for name in pair if name}
    assert conditions == set(Rule.model_fields) - {"category", "leave_out", "type", "minutes"}


def test_the_rules_on_the_page_can_be_read(tmp_path):
    page = (OFFICE.parents[2] / "docs" / "capture.md").read_text(encoding="utf-8")
    block = next(each for each in re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL) if each.startswith("reps"))
    (tmp_path / "rules.yaml").write_text(block)
    (tmp_path / "domains.csv").write_text("domain,account_id\nacme.example,A1\n")
    rules = read_rules(tmp_path / "rules.yaml")
    assert len(rules.rules) == 5
    assert rules.account_of("jo@acme.example") == "A1"
