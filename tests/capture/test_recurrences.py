"""Occurrences, against dateutil's own rules and against the calendar on the wall."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.capture.desk import calendar, event, small_office_book

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, AFTER = datetime(2026, 3, 1), datetime(2026, 7, 1)


def starts(captured):
    return [f"{each:%Y-%m-%d %H:%M}" for each in captured.activities["started_at"]]


DAYS = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=3, unique=True)


@st.composite
def rules(draw):
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 5))}"]
    if freq == "WEEKLY":
        parts.append(f"BYDAY={','.join(draw(DAYS))}")
    if freq == "MONTHLY":
        parts.append(draw(st.sampled_from(["BYMONTHDAY=31", "BYMONTHDAY=-1", "BYDAY=2TU", "BYDAY=-1FR"])))
    end = draw(st.sampled_from(["", "COUNT", "UNTIL"]))
    if end == "COUNT":
        parts.append(f"COUNT={draw(st.integers(1, 60))}")
    if end == "UNTIL":
        parts.append(f"UNTIL={draw(st.datetimes(datetime(2025, 12, 1), datetime(2026, 12, 1))):%Y%m%dT%H%M%SZ}")
    return ";".join(parts)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rule=rules(), first=st.dates(date(2024, 1, 1), date(2026, 8, 1)), hour=st.integers(4, 22))
def test_a_series_is_what_dateutil_makes_of_its_rule(desk, rule, first, hour):
    start = datetime(first.year, first.month, first.day, hour, tzinfo=BERLIN)
    desk.out.unlink(missing_ok=True)
    times = f";TZID=Europe/Berlin:{start:%Y%m%dT%H%M%S}", f";TZID=Europe/Berlin:{start + timedelta(minutes=20):%Y%m%dT%H%M%S}"
    captured = desk.of(event("series", *times, f"RRULE:{rule}"), since=FIRST.date())
    # The first one counts even where the rule would not have it, unless the series ends before it.
    expected = {each.replace(tzinfo=None) for each in rrulestr(rule, dtstart=start)} if "COUNT" in rule or "UNTIL" in rule else {
        each.replace(tzinfo=None) for each in rrulestr(rule, dtstart=start).between(start, AFTER.replace(tzinfo=BERLIN), inc=True)
    }  # fmt: skip
    until = rrulestr(rule, dtstart=start)._until
    expected |= {start.replace(tzinfo=None)} if until is None or start <= until else set()
    inside = sorted(each for each in expected if FIRST <= each < AFTER)
    assert starts(captured) == [f"{each:%Y-%m-%d %H:%M}" for each in inside]


def test_a_meeting_stays_at_nine_when_the_clock_changes(desk):
    start = ";TZID=America/New_York:20260223T090000"
    captured = desk.of(event("us", start, ";TZID=America/New_York:20260223T093000", "RRULE:FREQ=WEEKLY;COUNT=7"))
    # New York changes on 8 March, Berlin on 29 March: 15:00, but 14:00 in between.
    assert starts(captured) == [
        "2026-02-23 15:00", "2026-03-02 15:00", "2026-03-09 14:00", "2026-03-16 14:00", "2026-03-23 14:00", "2026-03-30 15:00",
        "2026-04-06 15:00",
    ]  # fmt: skip


def test_minutes_are_those_that_passed_while_the_clock_was_changed(desk):
    captured = desk.of(
        event("spring", ";TZID=Europe/Berlin:20260329T010000", ";TZID=Europe/Berlin:20260329T040000"),
        event("autumn", ";TZID=Europe/Berlin:20251026T010000", ";TZID=Europe/Berlin:20251026T040000"),
    )
    assert captured.activities["minutes"].tolist() == [240, 120]


def test_excluded_added_moved_and_cancelled_occurrences(desk):
    captured = desk.of(
        event("s", ";TZID=Europe/Berlin:20260601T090000", ";TZID=Europe/Berlin:20260601T100000", "RRULE:FREQ=DAILY;COUNT=5",
              "EXDATE;TZID=Europe/Berlin:20260602T090000", "RDATE;TZID=Europe/Berlin:20260620T120000"),
        event("s", ";TZID=Europe/Berlin:20260610T140000", ";TZID=Europe/Berlin:20260610T143000",
              "RECURRENCE-ID;TZID=Europe/Berlin:20260603T090000"),
        # The same moment as 4 June at nine in Berlin.
        event("s", "20260604T070000Z", "20260604T080000Z", "RECURRENCE-ID:20260604T070000Z", "STATUS:CANCELLED"),
    )  # fmt: skip
    assert starts(captured) == ["2026-06-01 09:00", "2026-06-05 09:00", "2026-06-10 14:00", "2026-06-20 12:00"]
    assert captured.activities["minutes"].tolist() == [60, 60, 30, 60]
    assert captured.left_out == {"cancelled": 1}


def test_this_and_all_that_follow(desk):
    captured = desk.of(
        event("s", "20260601T080000Z", "20260601T090000Z", "RRULE:FREQ=DAILY;COUNT=4"),
        event("s", "20260603T120000Z", "20260603T123000Z", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260603T080000Z"),
    )
    assert starts(captured) == ["2026-06-01 10:00", "2026-06-02 10:00", "2026-06-03 14:00", "2026-06-04 14:00"]
    assert captured.activities["activity_id"].is_unique


def test_two_files_may_mean_two_zones_by_one_name(desk):
    def zoned(uid, offset):
        zone = ["BEGIN:VTIMEZONE", "TZID:Customized Time Zone", "BEGIN:STANDARD", "DTSTART:16010101T000000",
                f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}", "END:STANDARD", "END:VTIMEZONE"]  # fmt: skip
        one = event(uid, ";TZID=Customized Time Zone:20260601T120000", ";TZID=Customized Time Zone:20260601T123000")
        # The zone may be written after the event that is in it.
        return calendar(one, "\n".join(zone), head=["X-WR-CALNAME:ada@nordquill.example"])

    captured = desk.capture(desk.put("one.ics", zoned("a", "+0300")), desk.put("two.ics", zoned("b", "+0900")))
    assert starts(captured) == ["2026-06-01 05:00", "2026-06-01 11:00"]


def test_the_zone_of_a_calendar_holds_for_its_series(desk):
    series = event("s", "20260323T080000Z", "20260323T083000Z", "RRULE:FREQ=WEEKLY;COUNT=2")
    head = ["X-WR-CALNAME:ada@nordquill.example", "X-WR-TIMEZONE:Europe/Berlin"]
    assert starts(desk.capture(desk.put("one.ics", calendar(series, head=head)))) == ["2026-03-23 09:00", "2026-03-30 09:00"]
    floating = event("f", "20260601T090000", "20260601T093000")
    head[1] = "X-WR-TIMEZONE:Asia/Seoul"
    assert starts(desk.capture(desk.put("two.ics", calendar(floating, head=head))))[-1] == "2026-06-01 02:00"


def test_floating_times_are_on_the_clock_of_the_book_and_windows_names_are_known(desk):
    floating = event("f", "20260601T090000", "20260601T093000")
    windows = event("w", ";TZID=Tokyo Standard Time:20260602T090000", ";TZID=Tokyo Standard Time:20260602T093000")
    unknown = event("m", ";TZID=Mars/Phobos:20260603T090000", ";TZID=Mars/Phobos:20260603T093000")
    captured = desk.of(floating, windows, unknown, book=small_office_book(date(2026, 6, 30), "Asia/Seoul"))
    assert starts(captured) == ["2026-06-01 09:00", "2026-06-02 09:00", "2026-06-03 09:00"]
    assert "One event names a time zone that is not known; the times are read on the book's clock." in captured.sentences


def test_days_and_events_of_days_count_once_for_each_day_in_the_window(desk):
    captured = desk.of(
        event("days", ";VALUE=DATE:20260626", ";VALUE=DATE:20260704"),
        event("long", "20260601T080000Z", "20260602T100000Z"),
        event("gone", ";VALUE=DATE:20250101", ";VALUE=DATE:20250103"),
        since=date(2026, 6, 1),
    )
    # 26 to 30 June; 1 and 2 June; one that lies outside.
    assert captured.left_out == {"all-day": 7, "outside-window": 1}


def test_the_window_holds_its_first_and_its_last_minute(desk):
    captured = desk.of(
        event("a", "20260531T235900", "20260601T003000"), event("b", "20260601T000000", "20260601T003000"),
        event("c", "20260630T235900", "20260701T003000"), event("d", "20260701T000000", "20260701T003000"),
        since=date(2026, 6, 1),
    )  # fmt: skip
    assert starts(captured) == ["2026-06-01 00:00", "2026-06-30 23:59"]
    assert captured.left_out == {"before-window": 1, "after-window": 1}


def test_an_endless_series_ends_with_the_window_and_a_mad_one_is_refused(desk):
    daily = event("daily", "19700101T090000", "19700101T091500", "RRULE:FREQ=DAILY")
    mad = event("mad", "20200101T090000", "20200101T090001", "RRULE:FREQ=SECONDLY")
    captured = desk.of(daily, mad, since=date(2026, 1, 1))
    assert len(captured.activities) == 181
    assert captured.left_out == {"too-often": 1}


def test_fifty_thousand_occurrences_are_all_counted(desk):
    captured = desk.of(event("many", "20201013T000000Z", "20201013T001500Z", "RRULE:FREQ=HOURLY;COUNT=50000"))
    # Ends 2026-06-27 07:00 UTC.
    assert (captured.read, captured.placed) == (50_000, 50_000)
    last = datetime(2020, 10, 13, tzinfo=UTC) + timedelta(hours=49_999)
    assert captured.activities["started_at"].max() == last.astimezone(BERLIN).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("start", "extra"), [("20260601T090000", "RRULE:FREQ=SOMETIMES"), ("soon", ""), ("20260601T090000", "EXDATE:x")]
)
def test_a_series_that_cannot_be_read_is_told_and_harms_no_other(desk, start, extra):
    captured = desk.of(event("bad", start, "", extra), event("good", "20260602T090000", "20260602T100000"))
    assert captured.left_out == {"malformed": 1}
    assert captured.placed == 1
