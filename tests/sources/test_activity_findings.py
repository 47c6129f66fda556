"""Activities that cannot be quite right are told with counts and examples; nothing is lost for it."""

import numpy as np
import pandas as pd
import pytest

import salestrack
from tests.sources.exports import BOOK, fault, opened, refused, text_of, ties

HEADER = ("activity_id", "rep_id", "started_at", "minutes", "opportunity_id")
ACTIVITIES = (
    ("a1", "r1", "2026-01-12 09:00", "60", "o1"),
    ("a2", "r1", "2026-01-12 09:30", "60", "o1"),  # begins 30 minutes before a1 ends
    ("a3", "r1", "2026-01-12 09:45", "15", ""),  # within both: 15 minutes twice
    ("a4", "r1", "2026-01-12 10:30", "30", "o1"),  # when a2 ends
    ("a5", "r2", "2026-01-12 09:30", "60", ""),  # another rep
    ("a6", "r2", "2026-01-13", "60", ""),  # a day without a time
    ("a7", "r2", "2026-01-13", "60", ""),
    ("b1", "r1", "2026-02-01 08:00", "10", "o1"),  # on the day on which o1 was won
    ("b2", "r1", "2026-02-02 08:00", "10", "o1"),  # the day after
    ("b3", "r1", "2026-02-05 08:00", "10", "o3"),  # still open
    ("c1", "r2", "2026-03-01 08:00", "1800", ""),  # thirty hours
    ("c2", "r2", "2026-03-05 08:00", "1440", ""),  # a whole day is not more than a day
    ("d1", "r1", "2026-03-10 08:00", "-30", ""),
    ("e1", "r1", "2026-03-11 08:00", "30", "o99"),
)
REPS = "rep_id,name,role\nr1,Ann,rep\nr2,Bo,rep\nr3,Cy,manager\n"
TABLES = "  activities: {file: acts.csv}\n"


@pytest.fixture(scope="session")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("activities")
    return opened(folder, book=BOOK + TABLES + "  reps: {file: reps.csv}\n", acts_csv=text_of(ACTIVITIES, HEADER), reps_csv=REPS)


def test_nothing_is_lost(book):
    assert ties(book)
    assert refused(book) == []
    assert (fault(book, "minutes is negative").examples, fault(book, "minutes is negative").refused) == (("d1 (-30)",), False)
    assert book.intake["activities"].used == len(ACTIVITIES)


def test_more_than_a_day_is_told(book):
    found = fault(book, "minutes is more than 24 hours")
    assert (found.rows, found.examples, found.refused) == (1, ("c1 (1,800)",), False)


def test_overlaps_of_one_rep_are_told_with_the_hours_that_count_twice(book):
    found = fault(book, "begins before an earlier activity of the same rep has ended")
    assert found.problem.endswith("; 0.8 hours count twice")  # 30 + 15 minutes
    assert (found.rows, found.examples) == (2, ("a2 (r1, 30 minutes)", "a3 (r1, 15 minutes)"))


def test_work_after_the_close_is_told(book):
    found = fault(book, "begins after its opportunity was closed")
    assert (found.rows, found.examples) == (1, ("b2 (o1)",))


def test_unknown_opportunities_are_told(book):
    assert fault(book, "opportunity_id is not among the opportunities").rows == 1


def test_reps_without_any_activity_are_told(book):
    found = fault(book, "no activity at all")
    assert (found.table, found.rows, found.examples) == ("reps", 1, ("r3 (manager)",))


def test_all_unclassified_is_told_and_answers_say_what_to_do(book):
    assert fault(book, "of activities are unclassified").problem.startswith("100.0%")
    answer = salestrack.selling_time(book)
    assert answer.frame.empty
    assert "add rules under activity_categories" in answer.sentences[0]


def test_a_clean_diary_has_no_findings(tmp_path):
    clean = [row for row in ACTIVITIES if row[0] in ("a1", "a4", "a5", "b1", "b3", "c2")]
    book = opened(tmp_path, book=BOOK + TABLES, acts_csv=text_of(clean, HEADER))
    assert [each.problem for each in book.faults if each.table == "activities"] == ["100.0% of activities are unclassified"]


def test_overlaps_are_those_of_a_plain_loop(tmp_path):
    rng = np.random.default_rng(5)
    starts = np.sort(rng.integers(1, 2000, 200))
    minutes, reps = rng.integers(0, 40, 200), rng.integers(1, 4, 200)
    at = pd.Timestamp("2026-01-12 00:00") + pd.to_timedelta(starts, unit="min")
    rows = [(f"x{i:03}", f"r{reps[i]}", f"{at[i]:%Y-%m-%d %H:%M}", str(minutes[i]), "") for i in range(200)]
    book = opened(tmp_path, book=BOOK + TABLES, acts_csv=text_of(rows, HEADER))
    until, count, twice = {}, 0, 0.0
    for i in range(200):
        # An activity without a length overlaps nothing.
        if minutes[i] == 0 or (at[i].hour, at[i].minute) == (0, 0):
            continue
        busy = until.get(reps[i], -1)
        if starts[i] < busy:
            count, twice = count + 1, twice + min(busy, starts[i] + minutes[i]) - starts[i]
        until[reps[i]] = max(busy, starts[i] + minutes[i])
    found = fault(book, "begins before an earlier activity")
    assert found.rows == count > 20
    assert f"; {twice / 60:,.1f} hours" in found.problem


def test_an_activity_may_lack_its_rep_as_an_opportunity_may(tmp_path):
    """Twenty hours at the same time; five are nobody's, and nobody is no rep whose hours would count twice."""
    done = [(f"a{i}", "" if i % 4 == 0 else f"r{i}", "2026-01-12 09:00", "60", "o1") for i in range(20)]
    book = opened(tmp_path, book=BOOK + TABLES, acts_csv=text_of(done, HEADER))
    assert salestrack.measure(book, "activity_hours").value() == 20
    assert (refused(book), ties(book)) == ([], True)
    (told,) = [each for each in book.faults if (each.table, each.column) == ("activities", "rep_id")]
    assert (told.problem, told.rows, told.examples) == ("rep_id is missing", 5, ("a0", "a12", "a16"))
    assert not [each for each in book.faults if "has ended" in each.problem]


@pytest.mark.parametrize(("minutes", "days"), [("60", 0), ("72", 0), ("73", 1), ("1440", 1)])
def test_more_hours_of_a_rep_than_a_day_has_are_told(tmp_path, minutes, days):
    """Twenty activities on a day without a time, and one of another rep on another day."""
    done = [(f"a{i}", "r1", "2026-01-12", minutes, "") for i in range(20)] + [("b1", "r2", "2026-01-13", "1440", "")]
    book = opened(tmp_path, book=BOOK + TABLES, acts_csv=text_of(done, HEADER))
    found = [each for each in book.faults if "of one rep on one day" in each.problem]
    assert [(each.rows, each.examples, each.refused) for each in found] == [
        (20, (f"r1 on 2026-01-12 ({round(int(minutes) / 3):,} hours)",), False)
    ] * days
