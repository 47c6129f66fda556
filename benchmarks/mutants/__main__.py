"""Whether the tests notice small changes of the code that makes numbers, room by room: ``make mutants``.

make mutants                         all rooms, 100 changes each
make mutants ROOM=stats SAMPLE=200   one room, more of them
make mutants SEED=7                  others
"""

import argparse
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import time
from difflib import SequenceMatcher
from pathlib import Path

from benchmarks.mutants.changes import Change, apply, changes_of
from benchmarks.mutants.rooms import BUILD, ROOMS, ROOT, test_files

MOST_SECONDS = 20.0
"""Of tests that one change is shown to, as long as they took when they were recorded; the quick ones come first."""
PATIENCE = 10
"""A test that takes so many times as long has noticed."""
FINE, FAILED = 0, 1


def main() -> None:
    """Record who reaches what where that is not known, try the changes, and print the score of each room."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--room", choices=ROOMS, action="append")
    asked.add_argument("--sample", type=int, default=100)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--tests", nargs="*", default=None, help="only these files of tests")
    asked.add_argument("--minutes", type=float, default=0.0, help="stop a room after so many, and score what was tried")
    how = asked.parse_args()
    reach = Reach([_recorded(tests) for tests in how.tests or test_files()])
    _load()
    for room in how.room or ROOMS:
        _score(room, how, reach)


def _score(room: str, how: argparse.Namespace, reach: "Reach") -> None:
    """Try the changes of a room, as many as the time allows, and print its score."""
    drawn = [(change, reach.tests_of(change)) for change in changes_of(room, how.sample, how.seed)]
    failing = _failing_unchanged({test for _, tests in drawn for test in tests})
    began, survivors, tried = time.monotonic(), 0, 0
    for change, reached in drawn:
        if how.minutes and time.monotonic() - began > 60 * how.minutes:
            break
        tests = [test for test in reached if test not in failing]
        noticed = _is_noticed(change, tests) if tests else False
        if noticed is None:
            continue
        tried += 1
        if not noticed:
            survivors += 1
            print(f"  unnoticed  {change}  ({len(tests)} tests)", flush=True)
    rest = f", {len(drawn)} drawn" if len(drawn) > tried else ""
    score = 1 - survivors / max(tried, 1)
    print(f"{room}: {tried - survivors} of {tried} noticed{rest}, {score:.1%} ({time.monotonic() - began:,.0f} s)", flush=True)


class Reach:
    """Which tests reach which line, as they were recorded; lines that have moved since are found again."""

    def __init__(self, records: list[dict]) -> None:
        self.records = records
        self.seconds = {test: seconds for each in records for test, seconds in each["seconds"].items()}
        self.left_out = {test for each in records for test in each["left_out"]}

    def tests_of(self, change: Change) -> list[str]:
        """Return the tests that reach a change, quick ones first, as far as the time goes."""
        found: set[str] = set()
        for record in self.records:
            then = record["sources"].get(change.file)
            if then is None:
                continue
            contexts = record["lines"].get(change.file, {}).get(str(_then(change, then)), [])
            for context in contexts:
                found.update(record["users"].get(context, []) if context.startswith("fixture ") else [context] if context else [])
        quick = sorted(found - self.left_out, key=lambda test: self.seconds.get(test, 0.0))
        spent, kept = 0.0, []
        for test in quick:
            spent += self.seconds.get(test, 0.0)
            if spent > MOST_SECONDS:
                break
            kept.append(test)
        return kept


def _then(change: Change, then: str) -> int:
    """Return the number that a line of today had when it was recorded."""
    now = (ROOT / change.file).read_text(encoding="utf-8")
    if now == then:
        return change.line
    for block in SequenceMatcher(None, now.splitlines(), then.splitlines(), autojunk=False).get_matching_blocks():
        if block.a < change.line <= block.a + block.size:
            return change.line - block.a + block.b
    return 0


def _recorded(tests: str) -> dict:
    """Return who reaches what, recorded anew where the file of tests has changed."""
    out = BUILD / "reach" / (tests.replace("/", "_").removesuffix(".py") + ".json")
    path = ROOT / tests
    if not out.exists() or (path.is_file() and path.stat().st_mtime > out.stat().st_mtime):
        print(f"recording {tests}", flush=True)
        subprocess.run(
            [sys.executable, "-m", "benchmarks.mutants.record", tests, str(out)], check=False, capture_output=True, cwd=ROOT
        )
    return json.loads(out.read_text(encoding="utf-8"))


def _load() -> None:
    """Load the kit and what its tests use, so that no change waits for it; no engine is opened and no thread begun."""
    import salestrack

    for each in pkgutil.walk_packages(salestrack.__path__, "salestrack."):
        with contextlib.suppress(ImportError):
            importlib.import_module(each.name)
    importlib.import_module("lifelines")
    gc.freeze()


def _failing_unchanged(tests: set[str]) -> set[str]:
    """Return the tests that fail though nothing is changed: what they would say of a change means nothing."""
    newest = max(path.stat().st_mtime for room in ("salestrack", "tests") for path in (ROOT / room).rglob("*.py"))
    known, out = BUILD / "unchanged.json", BUILD / "failing.json"
    told = json.loads(known.read_text(encoding="utf-8")) if known.exists() else {}
    told = told["failed"] if told.get("newest") == newest else {}
    if asked := sorted(tests - set(told)):
        out.unlink(missing_ok=True)
        child = os.fork()
        if not child:
            _try(None, asked, out)
        os.waitpid(child, 0)
        if not out.exists():
            raise SystemExit("The tests do not run at all without a change: no score can be told.")
        failed = set(json.loads(out.read_text(encoding="utf-8")))
        told |= {test: test in failed for test in asked}
        known.write_text(json.dumps({"newest": newest, "failed": told}), encoding="utf-8")
    failing = {test for test in tests if told[test]}
    print(f"{len(tests)} tests are asked; {len(failing)} of them fail unchanged and are not", flush=True)
    return failing


class _Failing:
    """Writes down which tests failed."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report) -> None:
        """Note a failure."""
        self.failed += [report.nodeid] if report.failed else []

    def pytest_sessionfinish(self) -> None:
        """Write, also that there was none."""
        self.out.write_text(json.dumps(self.failed), encoding="utf-8")


def _is_noticed(change: Change, tests: list[str]) -> bool | None:
    """Return whether a test fails with the change, in a process of its own; None where the change changes nothing that runs."""
    seconds = 30 + PATIENCE * min(len(tests), 60)
    child = os.fork()
    if not child:
        _try(change, tests)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return None if code == 99 else code != FINE
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def _try(change: Change | None, tests: list[str], failing: Path | None = None) -> None:
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        code = FAILED
        try:
            import pytest

            if change is not None and not apply(change):
                os._exit(99)
            asked = ["-n", "0", "-q", "-p", "no:cacheprovider", *(["-x"] if failing is None else []), *tests]
            code = int(pytest.main(asked, plugins=[] if failing is None else [_Failing(failing)]))
        except BaseException:  # noqa: BLE001  whatever it is, it was noticed
            code = FAILED
        finally:
            os._exit(code)


if __name__ == "__main__":
    main()
