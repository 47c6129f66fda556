"""What is only needed for a while is nobody else's to read, and does not stay: not after an end, a signal, or a kill."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from salestrack.scratch import scratch_folder
from salestrack.sources import new_book, open_book
from tests.sources.exports import AS_OF, ROWS, text_of, write

ROOT = Path(__file__).parents[1]
# Opens a book whose file is rewritten into the folder, and says so while the rows lie there.
OPENING = """
import sys
from salestrack import cli
from salestrack.sources import duck_csv
rewritten = duck_csv._rewritten
def slow(file, copy):
    rewritten(file, copy)
    print(copy, flush=True)
    sys.stdin.read()
duck_csv._rewritten = slow
sys.argv = ["salestrack", "check", sys.argv[1], "--as-of", "2026-03-31"]
cli.run()
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def left_in(place):
    return [path for path in place.rglob("*") if path.parent != place]


def test_nobody_else_can_read_it_and_nothing_stays(temporary):
    with scratch_folder("work") as folder:
        (folder / "rows.csv").write_text("secret")
        for each in (folder, folder.parent):
            assert stat.S_IMODE(each.stat().st_mode) == 0o700
        assert folder.parent.parent == temporary
        with scratch_folder("work") as other:
            assert other != folder
            assert folder.exists(), "somebody is at work in it"
    assert left_in(temporary) == []


def test_a_folder_that_all_can_read_is_closed(temporary):
    place = temporary / f"salestrack-{os.getuid()}"
    place.mkdir(mode=0o777)
    place.chmod(0o777)
    with scratch_folder("work"):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700


def test_a_link_of_that_name_is_not_followed(temporary, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (temporary / f"salestrack-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    with scratch_folder("work") as folder:
        assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
        assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_book_leaves_nothing_once_it_is_gone(temporary, tmp_path):
    path = write(tmp_path, text_of(ROWS).encode("utf-16"))
    book = open_book(path, as_of=AS_OF)
    assert [each.name.split("-")[0] for each in left_in(temporary) if each.is_dir()] == ["spill"]
    assert book.connection.raw_sql("SELECT current_setting('temp_directory')").fetchall()[0][0].startswith(str(temporary))
    (tmp_path / "book.yaml").unlink()
    new_book(tmp_path)
    del book
    assert left_in(temporary) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)])
def test_nor_does_a_program_that_is_told_to_end(temporary, tmp_path, number, code):
    path = write(tmp_path, text_of(ROWS).encode("utf-16"))
    env = {**os.environ, "TMPDIR": str(temporary)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, "-c", OPENING, str(path)], cwd=ROOT, env=env, **pipes)
    copy = Path(process.stdout.readline().strip())
    assert "o1" in copy.read_text()
    assert copy.is_relative_to(temporary)
    process.send_signal(number)
    process.communicate()
    assert process.returncode == code
    if number == signal.SIGKILL:
        assert copy.exists()
        with scratch_folder("next"):
            assert not copy.parent.exists(), "the next program removes what a killed one left"
    assert left_in(temporary) == []
