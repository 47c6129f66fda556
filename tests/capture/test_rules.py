"""Rules: who is who, which one fits, and what a rules file that makes no sense is told."""

import unicodedata
from datetime import date

import ibis
import pytest

from salestrack.capture import read_rules
from salestrack.capture.matching import Openings, unknown_keys
from salestrack.capture.rules import DEFAULT_RULES
from salestrack.errors import CaptureError
from salestrack.tables import CATEGORIES
from tests.capture.desk import RULES, event, mail, small_office_book
from tests.small_book import book_of, frames

TIMES = "20260602T090000", "20260602T100000"
CLIENT, OWN, LOCATION = "ATTENDEE:mailto:jo@acme.example", "ATTENDEE:mailto:ben@nordquill.example", "LOCATION:Pier 1"


def placed(desk, *lines, rules=""):
    """Category and type of one event, or why it is left out."""
    (desk.folder / "rules.yaml").write_text(RULES + rules)
    captured = desk.of(event("one", *TIMES, *lines))
    if captured.activities.empty:
        return next(iter(captured.left_out))
    return tuple(captured.activities.loc[0, ["category", "type"]])


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["SUMMARY:Flight to Oslo"], ("travel", "travel")),
        (["SUMMARY:Flights with Acme", CLIENT], ("digital_client", "meeting")),
        (["SUMMARY:Trainer"], ("unclassified", "event")),
        (["SUMMARY:training: part 2", OWN], ("training", "training")),
        (["SUMMARY:Lunch"], "by-rule"),
        (["SUMMARY:Lunch", OWN], ("internal_meeting", "meeting")),
        (["SUMMARY:Lunch", CLIENT, LOCATION], ("in_person_client", "visit")),
        (["SUMMARY:Demo", CLIENT, "LOCATION:Microsoft Teams Meeting"], ("digital_client", "online meeting")),
        (["SUMMARY:Demo", CLIENT, LOCATION, "X-GOOGLE-CONFERENCE:https://meet.example/x"], ("digital_client", "online meeting")),
        (["SUMMARY:Call with Jo", CLIENT, LOCATION], ("digital_client", "call")),
        (["SUMMARY:Recall", CLIENT, LOCATION], ("in_person_client", "visit")),
        (["SUMMARY:Demo", CLIENT, OWN], ("digital_client", "meeting")),
        (["SUMMARY:Demo", "ORGANIZER:mailto:jo@acme.example"], ("digital_client", "meeting")),
        (["SUMMARY:CRM"], ("admin", "admin")),
        (["SUMMARY:"], ("unclassified", "event")),
    ],
)
def test_the_rules_of_the_kit(desk, lines, expected):
    assert placed(desk, *lines) == expected


KOREAN = {
    "by-rule": ["점심", "점심약속", "여름휴가", "오전반차", "치과 예약", "개인 일정"],
    "travel": ["부산 출장", "출장", "이동 (서울→부산)", "KTX 부산행"],
    "training": ["신입사원교육", "영업 워크숍", "개인정보 교육"],
    "preparation": ["제안서 작성", "회의준비", "견적서", "병원 방문 준비"],
    "admin": ["출장보고서 작성", "경비정산", "주간보고", "CRM 입력"],
    # A name, a word for a place, and a visit of nobody.
    "unclassified": ["이동욱", "장소 확인", "방문"],
}


def test_the_rules_of_the_kit_know_korean_titles(desk):
    expected = {title: category for category, titles in KOREAN.items() for title in titles}
    captured = desk.of(*(event(title, *TIMES, f"SUMMARY:{title}") for title in expected), keep_titles=True)
    told = dict(zip(captured.activities["title"], captured.activities["category"], strict=True))
    told |= dict.fromkeys(captured.not_placed.loc[captured.not_placed["left_out"], "title"], "by-rule")
    assert told == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["SUMMARY:고객 통화", CLIENT, "LOCATION:본사"], ("digital_client", "call")),
        (["SUMMARY:데모", CLIENT, "LOCATION:화상회의"], ("digital_client", "online meeting")),
        (["SUMMARY:데모", CLIENT, "LOCATION:온라인으로 진행"], ("digital_client", "online meeting")),
        (["SUMMARY:데모", CLIENT, "LOCATION:서울 강남구"], ("in_person_client", "visit")),
        (["SUMMARY:점심", CLIENT, LOCATION], ("in_person_client", "visit")),
        (["SUMMARY:교육 준비 회의", CLIENT], ("digital_client", "meeting")),
        # As some programs write it, in pieces of syllables.
        ([unicodedata.normalize("NFD", "SUMMARY:출장")], ("travel", "travel")),
    ],
)
def test_korean_titles_and_places_with_clients(desk, lines, expected):
    assert placed(desk, *lines) == expected


@pytest.mark.parametrize(
    ("rule", "fits", "fits_not"),
    [
        ("title: [audit*]", ["SUMMARY:Auditing"], ["SUMMARY:Gaudit"]),
        ('title: ["*출장*"]', ["SUMMARY:부산출장 준비"], ["SUMMARY:부산"]),
        ("title: [c++ (new)]", ["SUMMARY:On C++ (new)!"], ["SUMMARY:ccc new"]),
        ("location: [pier 1]", [LOCATION], ["LOCATION:Pier 11"]),
        ('location: ["*"]', [LOCATION], ["LOCATION: "]),
        ("organiser: self", ["ORGANIZER:mailto:ada@nordquill.example"], ["ORGANIZER:mailto:ben@nordquill.example"]),
        ("organiser: client", ["ORGANIZER:mailto:jo@acme.example"], [OWN]),
        ("organiser: none", [CLIENT], ["ORGANIZER:mailto:jo@acme.example"]),
        ("domains: acme.example", ["ATTENDEE:mailto:x@eu.acme.example"], ["ATTENDEE:mailto:x@notacme.example"]),
        ("at_least: 3", [CLIENT, OWN], [CLIENT]),
        ("at_most: 1", [], [CLIENT]),
        ("attendees: [own, none]", [OWN], [OWN, CLIENT]),
        ("kind: event", [], None),
        ("online: false", [LOCATION], ["LOCATION:https://a.example"]),
        ("kind: mail", None, [CLIENT]),
    ],
)
def test_each_condition(desk, rule, fits, fits_not):
    rules = f"rules: [{{category: preparation, {rule}}}]\n"
    assert fits is None or placed(desk, *fits, rules=rules)[0] == "preparation"
    assert fits_not is None or placed(desk, *fits_not, rules=rules)[0] == "unclassified"


def test_the_first_rule_that_fits_holds(desk):
    rules = "rules: [{category: admin, title: demo}, {category: training}]\n"
    assert placed(desk, "SUMMARY:demo", rules=rules)[0] == "admin"
    assert placed(desk, "SUMMARY:other", rules=rules)[0] == "training"


def test_whole_days_count_where_a_rule_says_so_on_days_of_work(desk):
    (desk.folder / "rules.yaml").write_text(RULES + "rules: [{category: training, title: academy, all_day: true, minutes: 420}]\n")
    # Friday to Monday.
    captured = desk.of(event("a", ";VALUE=DATE:20260605", ";VALUE=DATE:20260609", "SUMMARY:Sales academy"))
    assert captured.activities["minutes"].tolist() == [420, 420]
    assert captured.activities["started_at"].dt.day.tolist() == [5, 8]
    assert captured.left_out == {"not-working-day": 2}
    assert not captured.activities["overlap_minutes"].any()


def test_a_rule_may_say_how_long_a_mail_takes(desk):
    (desk.folder / "rules.yaml").write_text(
        RULES + "rules: [{category: digital_client, kind: mail, attendees: client, minutes: 10}]\n"
    )
    sent = mail("From: ada@nordquill.example", "To: jo@acme.example", "Date: 2 Jun 2026 10:00:00 +0200", "Message-ID: <1>")
    assert desk.capture(desk.put("sent.mbox", sent)).activities["minutes"].tolist() == [10]


def test_rooms_and_other_ignored_addresses_are_nobody(desk):
    rules = "ignored: [rooms.example, bot@acme.example]\n"
    nobody = [
        "ATTENDEE:mailto:x@rooms.example",
        "ATTENDEE:mailto:bot@acme.example",
        "ATTENDEE;CUTYPE=RESOURCE:mailto:b@beamer.example",
    ]
    assert placed(desk, *nobody, rules=rules)[0] == "unclassified"
    assert placed(desk, *nobody, OWN, rules=rules)[0] == "internal_meeting"


def test_accounts_by_the_longest_domain_and_by_single_addresses(desk):
    (desk.folder / "who.csv").write_text("\ufeffdomain,account_id\nacme.example,A1\nde.acme.example,A9\njo@gmail.example,A2\n")
    (desk.folder / "rules.yaml").write_text("reps: {ADA@Nordquill.example: R1}\ndomains: who.csv\n")
    rules = read_rules(desk.folder / "rules.yaml")
    asked = (
        "x@acme.example",
        "x@eu.acme.example",
        "x@a.de.acme.example",
        "jo@gmail.example",
        "x@gmail.example",
        "x@notacme.example",
    )
    assert [rules.account_of(each) for each in asked] == ["A1", "A1", "A9", "A2", None, None]
    assert rules.rep_of("ada@nordquill.example") == "R1"
    assert rules.is_own("new@nordquill.example")
    assert rules.is_own("new@eu.nordquill.example")
    assert not rules.is_own("new@quill.example")


def test_a_private_address_of_a_rep_makes_nobody_a_colleague(tmp_path):
    (tmp_path / "rules.yaml").write_text("reps: {ada@gmail.com: R1, ada@nordquill.example: R1}")
    rules = read_rules(tmp_path / "rules.yaml")
    assert [rules.is_own(each) for each in ("ada@gmail.com", "jo@gmail.com", "x@nordquill.example")] == [True, False, True]


def test_openings_on_each_engine(small_book):
    openings = Openings(small_book, ["A1", "A2", "A9"])
    # O9 was lost and is open again; O12 closes after the day of the book.
    assert openings.on("A1", date(2026, 4, 15)) == ["O3", "O9"]
    assert openings.on("A1", date(2026, 6, 1)) == ["O9"]
    assert openings.on("A2", date(2026, 6, 25)) == ["O12", "O2", "O6"]
    assert openings.on("A2", date(2026, 1, 31)) == openings.on("A9", date(2026, 6, 1)) == []
    assert unknown_keys(small_book, "accounts", "account_id", ["A9", "A1", "A9"]) == ["A9"]
    assert Openings(small_book, []).on("A1", date(2026, 6, 1)) == []


def test_an_opportunity_is_open_from_its_first_to_its_last_day(desk):
    # O2 of A2 was created on 1 May and lost on 10 June; O1 of A1 is still open, though due to close on the day of the book.
    book = small_office_book(desk.book.as_of, opportunities={
        "opportunity_id": ["O1", "O2"], "account_id": ["A1", "A2"], "created_date": ["2026-05-01", "2026-05-01"],
        "close_date": ["2026-05-15", "2026-06-10"], "stage": ["Open", "Lost"],
    })  # fmt: skip
    days = ("20260430", "20260501", "20260610", "20260611")
    texts = [
        event(f"{day}{who}", f"{day}T100000", f"{day}T110000", f"ATTENDEE:mailto:x@{who}.example")
        for day in days
        for who in ("acme", "beta")
    ]
    activities = desk.of(*texts, book=book).activities.sort_values(["started_at", "account_id"])
    assert activities["opportunity_id"].fillna("-").tolist() == ["-", "-", "O1", "O2", "O1", "O2", "O1", "-"]
    assert activities["note"].tolist() == ["none-open", "none-open", "", "", "", "", "", "none-open"]


def test_whose_calendar_it_is(desk, tmp_path):
    (tmp_path / "rules.yaml").write_text(RULES + "calendars: {export.ics: ben@nordquill.example, other: ADA@nordquill.example}\n")
    rules = read_rules(tmp_path / "rules.yaml")
    told = {
        ("export.ics", "ada@nordquill.example"): "ben@nordquill.example",
        ("other.ics", ""): "ada@nordquill.example",
        ("Ben@Nordquill.example.ics", ""): "ben@nordquill.example",
        ("ada@nordquill.example/calendar.ics", "Team"): "ada@nordquill.example",
        ("calendar.ics", "ADA@nordquill.example"): "ada@nordquill.example",
        ("calendar.ics", "jo@acme.example"): "",
    }
    assert {each: rules.owner_of(tmp_path / each[0], each[1]) for each in told} == told


def test_keys_that_the_book_does_not_have_are_told(desk):
    tables = frames()
    book = book_of(ibis.duckdb.connect(), {name: tables[name] for name in ("opportunities", "reps", "accounts")}, desk.book.as_of)
    (desk.folder / "rules.yaml").write_text("reps: {ada@n.example: R1, x@n.example: R7}\ndomains: {a.example: A1, b.example: A9}\n")
    said = desk.of(event("a", *TIMES), book=book).sentences
    assert "The rules name a key that reps of the book do not have: R7." in said
    assert "The rules name a key that accounts of the book do not have: A9." in said


WHO = "reps: {a@b.example: R1}\nrules: "


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "says nothing"),
        ("- a", "says nothing"),
        ("reps: {}", "nobody is listed; say whose calendars these are, as in ada@nordquill.example: R1"),
        ("domains: {a.example: A1}", "nobody is listed"),
        ("reps: {R1: ada@n.example}", "'r1' is no address; it goes from address to rep"),
        ("reps: none.csv", "there is no file"),
        ("rep: {}", "rep: there is no such setting. Did you mean 'reps'?"),
        (
            "reps: {a@b.example: R1}\nrules: [{category: trainning}]",
            "rule 1: there is no category 'trainning'. Did you mean 'training'?",
        ),
        (
            "reps: {a@b.example: R1}\nrules: [{category: admin}, {titel: x}]",
            "rule 2, titel: there is no such setting. Did you mean 'title'?",
        ),
        (WHO + "[{title: x}]", "rule 1: a rule says one of 'category' and 'leave_out: true'"),
        (WHO + "[{category: admin, all_day: true}]", "says how many 'minutes' of a day were worked"),
        (WHO + "[{category: admin, minutes: 5}]", "'minutes' is for whole days"),
        (WHO + "[{category: admin, attendees: all}]", "rule 1, attendees"),
        ("reps: [", "is not YAML"),
    ],
)
def test_a_rules_file_that_makes_no_sense_is_told_why(tmp_path, text, told):
    (tmp_path / "rules.yaml").write_text(text)
    with pytest.raises(CaptureError) as error:
        read_rules(tmp_path / "rules.yaml")
    assert told in str(error.value)


def test_a_missing_rules_file_is_told_with_the_nearest_name(tmp_path):
    (tmp_path / "rules.yaml").write_text(RULES)
    with pytest.raises(CaptureError, match=r"There is no rules file .*rule\.yaml\. Did you mean 'rules\.yaml'\?"):
        read_rules(tmp_path / "rule.yaml")
    (tmp_path / "rules.yaml").write_bytes(b"\xff\xfea")
    with pytest.raises(CaptureError, match="is not UTF-8"):
        read_rules(tmp_path / "rules.yaml")


def test_all_faults_of_a_rules_file_are_told_at_once(tmp_path):
    (tmp_path / "rules.yaml").write_text("reps: {R1: x}\ncolour: red\nrules: [{category: none}, {kind: phone, category: admin}]")
    with pytest.raises(CaptureError) as error:
        read_rules(tmp_path / "rules.yaml")
    assert str(error.value).count("\n  - ") == 4


def test_the_rules_of_the_kit_use_every_category_that_is_not_the_rest(tmp_path):
    (tmp_path / "rules.yaml").write_text(RULES)
    rules = read_rules(tmp_path / "rules.yaml").rules
    assert {rule.category for rule in rules if rule.category} == set(CATEGORIES) - {"unclassified"}
    assert DEFAULT_RULES.is_file()
