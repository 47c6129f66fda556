"""Without `--as-of` a book is read on the day that it is where the book is, not where the command runs."""

from datetime import UTC, date, datetime

import pytest
from typer.testing import CliRunner

from salestrack import cli
from tests.sources.exports import BOOK, write


class Clock(datetime):
    """Ten in the evening in London on 30 September: the next morning in Seoul, the afternoon in New York."""

    @classmethod
    def now(cls, tz=None):
        return datetime(2026, 9, 30, 22, tzinfo=UTC).astimezone(tz)


@pytest.mark.parametrize(
    ("zone", "day"), [("Asia/Seoul", "2026-10-01"), ("America/New_York", "2026-09-30"), ("Pacific/Kiritimati", "2026-10-01")]
)
def test_today_is_that_of_the_book(tmp_path, monkeypatch, zone, day):
    seen = []
    monkeypatch.setattr(cli, "datetime", Clock)
    monkeypatch.setattr(cli, "open_book", lambda book, as_of: seen.append(as_of))
    monkeypatch.setattr(cli, "check_page", lambda book: "")
    found = CliRunner().invoke(cli.app, ["check", str(write(tmp_path, book=BOOK + f"time_zone: {zone}\n"))])
    assert found.exit_code == 0, found.output
    assert seen == [date.fromisoformat(day)]


def test_what_is_wrong_with_the_book_is_told_all_the_same(tmp_path):
    found = CliRunner().invoke(cli.app, ["check", str(tmp_path / "none.yaml")])
    assert found.exit_code != 0
    assert "none.yaml" in str(found.exception)
