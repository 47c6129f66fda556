"""Times of two kinds in one event or series: zones beside none, days beside moments. Worked out on the calendar on the wall."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salestrack.capture.zones import offset_named, zone_named
from tests.capture.desk import calendar, event

BERLIN = ZoneInfo("Europe/Berlin")
SEOUL, ZONED, FLOATING = ";TZID=Asia/Seoul:", ";TZID=Europe/Berlin:", ":"
OWNER = "X-WR-CALNAME:ada@nordquill.example"
DAILY = "RRULE:FREQ=DAILY;COUNT=3"


def shown(captured):
    return [(f"{each.started_at:%d %H:%M}", each.minutes) for each in captured.activities.itertuples()]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (f"{SEOUL}20260602T160000", ":20260602T170000"),
        (":20260602T160000", f"{SEOUL}20260602T170000"),
        (":20260602T070000Z", ":20260602T080000"),
        (":20260602T070000", ":20260602T080000Z"),
        (f"{SEOUL}20260602T160000", ":20260602T080000Z"),
        (";TZID=KST:20260602T160000", ":20260602T170000"),
    ],
)
@pytest.mark.parametrize("times", [1, 3])
def test_a_zone_on_one_end_holds_for_both(desk, start, end, times):
    rule = [f"RRULE:FREQ=DAILY;COUNT={times}"] if times > 1 else []
    # 16:00 in Seoul and 07:00 in UTC are 09:00 in Berlin.
    captured = desk.of(event("one", start, end, *rule))
    assert shown(captured) == [(f"{2 + each:02} 09:00", 60) for each in range(times)]
    assert captured.left_out == {}


@pytest.mark.parametrize("named", [f"{ZONED}20260602T090000", ":20260602T090000", ":20260602T070000Z", ";VALUE=DATE:20260602"])
@pytest.mark.parametrize("start", [ZONED, FLOATING])
def test_an_exception_is_found_however_its_occurrence_is_named(desk, start, named):
    times = f"{start}20260601T090000", f"{start}20260601T100000"
    moved = event("s", f"{ZONED}20260602T140000", ":20260602T143000", f"RECURRENCE-ID{named}")
    assert shown(desk.of(event("s", *times, DAILY), moved)) == [("01 09:00", 60), ("02 14:00", 30), ("03 09:00", 60)]
    assert shown(desk.of(event("s", *times, DAILY, f"EXDATE{named}"))) == [("01 09:00", 60), ("03 09:00", 60)]


def test_the_hour_on_the_wall_names_an_occurrence_of_a_series_without_zone(desk):
    # Nine in UTC is eleven in Berlin, where nothing is; the series knows only one nine.
    captured = desk.of(event("s", "20260601T090000", "20260601T100000", DAILY, "EXDATE:20260602T090000Z"))
    assert shown(captured) == [("01 09:00", 60), ("03 09:00", 60)]


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (f"{ZONED}20260620T120000", ("20 12:00", 60)),
        (":20260620T120000", ("20 12:00", 60)),
        (":20260620T100000Z", ("20 12:00", 60)),
        (";VALUE=DATE:20260620", ("20 09:00", 60)),
        (";VALUE=PERIOD:20260620T100000Z/PT30M", ("20 12:00", 30)),
        (f";VALUE=PERIOD{ZONED}20260620T120000/20260620T124500", ("20 12:00", 45)),
    ],
)
def test_an_added_occurrence_may_be_of_any_kind(desk, added, expected):
    series = event("s", f"{ZONED}20260601T090000", f"{ZONED}20260601T100000", f"RDATE{added}")
    assert shown(desk.of(series)) == [("01 09:00", 60), expected]


def days(captured):
    rows = captured.not_placed
    return sorted(rows.loc[rows["reason"] == "all-day", "started_at"].dt.day)


@pytest.mark.parametrize("named", [";VALUE=DATE:20260602", f"{ZONED}20260602T000000", ":20260602T000000Z", ":20260601T220000Z"])
def test_a_series_of_whole_days_knows_its_days_by_any_time(desk, named):
    series = event("s", ";VALUE=DATE:20260601", ";VALUE=DATE:20260602", DAILY)
    assert days(desk.of(series.replace("END:", f"EXDATE{named}\nEND:"))) == [1, 3]
    # Instead of the whole day, an hour of it.
    captured = desk.of(series, event("s", f"{ZONED}20260602T140000", f"{ZONED}20260602T150000", f"RECURRENCE-ID{named}"))
    assert (days(captured), shown(captured)) == ([1, 3], [("02 14:00", 60)])


def test_a_whole_day_in_place_of_an_hour(desk):
    series = event("s", f"{ZONED}20260601T090000", f"{ZONED}20260601T100000", DAILY)
    captured = desk.of(series, event("s", ";VALUE=DATE:20260602", "", "RECURRENCE-ID;VALUE=DATE:20260602"))
    assert (days(captured), shown(captured)) == ([2], [("01 09:00", 60), ("03 09:00", 60)])


@pytest.mark.parametrize("start", [":20260601T090000", f"{ZONED}20260601T090000", ";TZID=America/New_York:20260601T090000"])
@pytest.mark.parametrize("until", ["20260603", "20260603T090000"])
def test_a_series_ends_with_its_last_day_or_hour_and_that_one_counts(desk, start, until):
    captured = desk.of(event("s", start, "", "DURATION:PT1H", f"RRULE:FREQ=DAILY;UNTIL={until}"))
    assert len(captured.activities) == 3


@pytest.mark.parametrize("until", ["20260603T235959Z", "20260602T220000Z", "20260603", "20260603T000000Z"])
def test_whole_days_end_with_the_day_that_is_written(desk, until):
    # 22:00 in UTC is the midnight in Berlin with which the third begins.
    assert days(desk.of(event("s", ";VALUE=DATE:20260601", "", f"RRULE:FREQ=DAILY;UNTIL={until}"))) == [1, 2, 3]


def test_one_broken_change_harms_no_other_occurrence(desk):
    broken = event("s", "20260602T140000", ";VALUE=DATE:20260603", "RECURRENCE-ID:20260602T090000")
    captured = desk.of(event("s", "20260601T090000", "20260601T100000", DAILY), broken)
    assert shown(captured) == [("01 09:00", 60), ("02 09:00", 60), ("03 09:00", 60)]
    assert captured.left_out == {"malformed": 1}


def test_of_an_end_and_a_length_the_end_holds(desk):
    both = event("a", "20260601T090000", "20260601T100000", "DURATION:PT0S")
    assert shown(desk.of(both, both.replace("UID:a", "UID:b").replace("END:VEVENT", f"{DAILY}\nEND:VEVENT"))) == [
        ("01 09:00", 60), ("01 09:00", 60), ("02 09:00", 60), ("03 09:00", 60),
    ]  # fmt: skip


KINDS = st.sampled_from(["zone", "none", "utc"])


def written(name, moment, kind):
    if kind == "utc":
        return f"{name}:{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{name}{ZONED if kind == 'zone' else FLOATING}{moment:%Y%m%dT%H%M%S}"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.dates(date(2026, 3, 20), date(2026, 6, 1)), hour=st.integers(4, 20), out=st.integers(0, 9), moved=st.integers(0, 9),
       kinds=st.tuples(KINDS, KINDS, KINDS, KINDS))  # fmt: skip
def test_a_series_is_the_same_however_its_times_are_written(desk, first, hour, out, moved, kinds):
    start = datetime(first.year, first.month, first.day, hour, tzinfo=BERLIN)
    at = [start + timedelta(days=each) for each in range(10)]
    end, exception, change, begin = kinds
    lines = [f"DTSTART{ZONED}{start:%Y%m%dT%H%M%S}", written("DTEND", start + timedelta(hours=1), end), "RRULE:FREQ=DAILY;COUNT=10"]
    series = event("s", "x", "", *lines[1:], written("EXDATE", at[out], exception)).replace("DTSTART:x", lines[0])
    new = at[moved] + timedelta(hours=2)
    change_of = [written("RECURRENCE-ID", at[moved], change), written("DTEND", new + timedelta(minutes=30), begin)]
    one = event("s", "x", "", *change_of).replace("DTSTART:x", f"DTSTART{ZONED}{new:%Y%m%dT%H%M%S}")
    desk.out.unlink(missing_ok=True)
    desk.out.with_name("out_not_placed.csv").unlink(missing_ok=True)
    captured = desk.of(series, one)
    expected = {each: 60 for position, each in enumerate(at) if position not in (out, moved)}
    expected |= {new: 30} if moved != out else {}
    assert [each.started_at for each in captured.activities.itertuples()] == [
        each.replace(tzinfo=None) for each in sorted(expected)
    ]
    assert captured.activities["minutes"].tolist() == [expected[each] for each in sorted(expected)]


@pytest.mark.parametrize("name", ["alone.ics", "alone.txt"])
def test_an_event_without_a_calendar_around_it(desk, name):
    captured = desk.capture(
        desk.put(name, event("a", "20260602T090000", "20260602T100000", "ATTENDEE:mailto:ada@nordquill.example"))
    )
    assert shown(captured) == [("02 09:00", 60)]


@pytest.mark.parametrize("method", ["REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH"])
def test_an_answer_is_no_event_and_takes_the_place_of_none(desk, method):
    one = event("a", "20260602T090000", "20260602T100000", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@nordquill.example")
    desk.of(one)
    answer = calendar(one.replace("20260601T000000Z", "20260620T000000Z"), head=[f"METHOD:{method}", OWNER])
    captured = desk.capture(desk.put("answer.ics", answer))
    assert captured.left_out == {"answer": 1}
    assert shown(captured) == [("02 09:00", 60)]


def test_zones_by_other_names(desk):
    hours = {
        "KST": 2, "JST": 2, "EST": 16, "EDT": 15, "PDT": 18, "CEST": 9, "GMT+9": 2, '"UTC+09:00"': 2, "GMT-0300": 14,
        "Etc/GMT-9": 2, "asia/seoul": 2, "America/New York": 15, "US-Eastern": 15, "Z": 11,
    }  # fmt: skip
    captured = desk.of(*(event(zone, f";TZID={zone}:20260602T090000", "", "DURATION:PT1H") for zone in hours))
    assert sorted(captured.activities["started_at"].dt.hour) == sorted(hours.values())
    assert not any("not known" in said for said in captured.sentences)


@pytest.mark.parametrize("zone", ["IST", "Mars", "GMT+99"])
def test_a_name_that_may_be_several_zones_or_none_is_told(desk, zone):
    captured = desk.of(event("a", f";TZID={zone}:20260602T090000", "", "DURATION:PT1H"))
    assert shown(captured) == [("02 09:00", 60)]
    assert "One event names a time zone that is not known; the times are read on the book's clock." in captured.sentences


def test_an_abbreviation_is_the_homes_own_first_then_the_standards_then_what_all_agree_on():
    def hours(name, home):
        zone = zone_named(name, 2026, ZoneInfo(home))
        return None if zone is None else zone.utcoffset(datetime(2026, 6, 2)) / timedelta(hours=1)

    assert [hours("IST", home) for home in ("Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin", "Europe/Berlin")] == [
        5.5,
        2,
        1,
        None,
    ]
    assert [hours("CST", home) for home in ("Asia/Shanghai", "Europe/Berlin")] == [8, -6]
    assert [hours("KST", home) for home in ("Asia/Seoul", "America/New_York")] == [9, 9]
    # In a mail CET is an hour also in summer; as a zone of the tz database it has a summer.
    assert offset_named("CET", 2026, BERLIN).utcoffset(None) == timedelta(hours=1)
    assert hours("CET", "Asia/Seoul") == 2


@pytest.mark.parametrize(
    "times",
    [
        (":00010101T000000", f"{ZONED}20260602T090000"),
        (";VALUE=DATE:99991231", ";VALUE=DATE:99991231"),
        (":99991231T235959Z", f"{SEOUL}20260602T090000"),
    ],
)
@pytest.mark.parametrize("rule", [[], ["RRULE:FREQ=YEARLY;COUNT=2"]])
def test_an_event_at_the_ends_of_time_harms_no_other(desk, times, rule):
    captured = desk.of(event("end", *times, *rule), event("good", "20260602T090000", "20260602T100000"))
    assert shown(captured) == [("02 09:00", 60)]
    assert sum(captured.left_out.values()) == 1
