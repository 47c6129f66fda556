"""Clocks are put forward and back: what passed between two times is not what the clock went on by."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from salestrack.clock_changes import elapsed_seconds
from salestrack.passages import lasted
from tests.engines import stored
from tests.sources.exports import BOOK, opened, rows

AS_OF = date(2026, 12, 31)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata", "UTC")


def shown_twice_first(at, zone):
    """Return whether the clock will show this time again: the first of the two is not told from the second."""
    there = at.astimezone(ZoneInfo(zone))
    return there.fold == 0 and there.replace(fold=1).utcoffset() != there.utcoffset() and \
        there.replace(fold=1).astimezone(UTC) > there.astimezone(UTC)  # fmt: skip


def instants(zone, seed):
    """Return instants near the changes of a zone's clocks and far from them, without those of an hour that is shown again."""
    random = np.random.default_rng(seed)
    seconds = random.integers(0, int(timedelta(days=5500).total_seconds()), 4000)
    found = [datetime(2012, 1, 1, tzinfo=UTC) + timedelta(seconds=int(each)) for each in seconds]
    near = [datetime(2026, month, day, tzinfo=UTC) + timedelta(minutes=int(each))
            for month, day in ((3, 29), (10, 25), (3, 8), (11, 1), (4, 5), (10, 4)) for each in range(0, 1440, 11)]  # fmt: skip
    return [each for each in [*found, *near] if not shown_twice_first(each, zone)]


@pytest.mark.parametrize("zone", ZONES)
def test_every_wait_is_that_of_the_instants(zone):
    moments = instants(zone, 5)
    begins, ends = moments[:-1], moments[1:]
    shown = {name: [each.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for each in which]
             for name, which in (("begin", begins), ("end", ends))}  # fmt: skip
    table = ibis.duckdb.connect().create_table("waits", pa.table(shown))
    told = elapsed_seconds(table.begin, table.end, zone, AS_OF).name("told").to_pandas()
    true = [int((end - begin).total_seconds()) for begin, end in zip(begins, ends, strict=True)]
    assert told.tolist() == true


def test_engines_agree(engine):
    two = pa.table({"begin": [datetime(2026, 3, 28, 23, 30), datetime(2026, 10, 25, 1, 30)],
                    "end": [datetime(2026, 3, 29, 4, 30), datetime(2026, 10, 25, 2, 30)]})  # fmt: skip
    table = stored(engine, "over_a_change", two)
    told = table.select(told=elapsed_seconds(table.begin, table.end, "Europe/Berlin", AS_OF)).to_pyarrow()
    assert sorted(told["told"].to_pylist()) == [2 * 3600, 4 * 3600]


LEADS = """lead_id,created_at,first_response_at
spring,2026-03-28T23:30:00+01:00,2026-03-29T04:30:00+02:00
autumn,2026-10-25T01:30:00+02:00,2026-10-25T02:30:00+01:00
summer,2026-07-01T10:00:00+02:00,2026-07-01T13:00:00+02:00
written in UTC,2026-03-29T00:30:00Z,2026-03-29T01:30:00Z
without an offset,2026-03-29 01:30,2026-03-29 05:30
"""


def test_a_lead_is_answered_in_the_hours_that_passed(tmp_path):
    book = opened(
        tmp_path, book=f"{BOOK}  leads: {{file: leads.csv}}\ntime_zone: Europe/Berlin\n", leads_csv=LEADS, as_of="2026-12-31"
    )
    waits = dict(rows(book, "leads", "lead_id", "response_hours"))
    assert waits == {
        "spring": 4,
        "autumn": 2,
        "summer": 3,
        "written in UTC": 1,
        "without an offset": 3,
    }


def test_a_stay_lasts_the_hours_that_passed():
    one = {"begin": [pd.Timestamp("2026-03-28 23:30")], "end": [pd.Timestamp("2026-03-29 04:30")], "days": [1]}
    table = ibis.memtable(pd.DataFrame(one))
    in_berlin, in_utc = (
        lasted(table.begin, table.end, table.days, AS_OF, zone).name("lasted").to_pandas()[0] for zone in ("Europe/Berlin", "UTC")
    )
    assert (in_berlin * 24, in_utc * 24) == (pytest.approx(4), pytest.approx(5))
