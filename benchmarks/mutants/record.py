"""Record which test reaches which line: run for one file of tests, in a process of its own.

    python -m benchmarks.mutants.record tests/test_measure.py build/mutants/reach/test_measure.json

What a fixture of a session reaches is reached by every test that asks for the fixture, not by the first one only.
"""

import json
import signal
import sys
from pathlib import Path

import coverage
import pytest

from benchmarks.mutants.rooms import ROOMS, ROOT, files_of

SECONDS = 6
"""Of processor time that a test may take. A simulation of minutes notices much, but is no help where each change takes seconds."""


class TooLong(Exception):  # noqa: N818
    """A test has had its time."""


def _stop(*_: object) -> None:
    raise TooLong


class Contexts:
    """Tells the coverage which test, or which fixture, is running, and how long each test takes."""

    def __init__(self, cover: coverage.Coverage) -> None:
        self.cover = cover
        self.seconds: dict[str, float] = {}
        self.users: dict[str, list[str]] = {}
        self.left_out: list[str] = []
        self.running = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note which tests ask for which fixture."""
        for item in items:
            for name in getattr(item, "fixturenames", ()):
                self.users.setdefault(f"fixture {name}", []).append(item.nodeid)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item):
        """Name the test."""
        self.running = item.nodeid
        self.cover.switch_context(self.running)
        yield
        self.cover.switch_context("")

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item):
        """Stop a test that takes too long; it is not asked later on."""
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        outcome = yield
        signal.setitimer(signal.ITIMER_PROF, 0)
        if outcome.excinfo:
            self.left_out.append(item.nodeid)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef, request):
        """Name a fixture that several tests share."""
        if fixturedef.scope != "function":
            self.cover.switch_context(f"fixture {fixturedef.argname}")
        yield
        self.cover.switch_context(self.running)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up what a test takes."""
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration


def record(tests: str, out: Path) -> None:
    """Run tests and write, for each file of the rooms, the names of those who reach each line; empty: on being imported."""
    files = [str(ROOT / path) for room in ROOMS for path in files_of(room)]
    cover = coverage.Coverage(data_file=None, include=files, config_file=False)
    seen = Contexts(cover)
    signal.signal(signal.SIGPROF, _stop)
    cover.start()
    code = pytest.main(["-n", "0", "-q", "-p", "no:cacheprovider", "-m", "not spark and not browser", tests], plugins=[seen])
    cover.stop()
    data = cover.get_data()
    lines = {str(Path(path).relative_to(ROOT)): data.contexts_by_lineno(path) for path in sorted(data.measured_files())}
    sources = {path: (ROOT / path).read_text(encoding="utf-8") for path in lines}
    told = {"code": int(code), "lines": lines, "sources": sources, "seconds": seen.seconds, "users": seen.users}
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(told | {"left_out": seen.left_out}), encoding="utf-8")


if __name__ == "__main__":
    record(sys.argv[1], Path(sys.argv[2]))
