"""The rooms whose changes must be noticed, and the tests that are asked."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "mutants"
ROOMS = {
    "stats": ("salestrack/stats/*.py",),
    "measure": ("salestrack/measure.py", "salestrack/parts.py", "salestrack/estimate.py", "salestrack/groups.py"),
    "book": (
        "salestrack/book.py",
        "salestrack/as_of.py",
        "salestrack/columns.py",
        "salestrack/passages.py",
        "salestrack/periods.py",
        "salestrack/days.py",
        "salestrack/touches.py",
    ),
    "metrics": ("salestrack/metrics/*.py",),
    "analyses": ("salestrack/analyses/*.py",),
}
# Tests of files, pages and drawings ask what the others ask, for minutes; those of Spark ask it of another engine.
_TESTS = ("tests/test_*.py", "tests/stats/test_*.py", "tests/soundness/test_*.py")
_LEFT_OUT = ("charts", "docs", "end_to_end", "environment", "house", "notebooks", "queries", "sample_tables")
DOCTESTS = ("salestrack/stats", "salestrack/periods.py")


def files_of(room: str) -> list[str]:
    """Return the files of a room, as paths below the root."""
    return sorted(str(path.relative_to(ROOT)) for pattern in ROOMS[room] for path in ROOT.glob(pattern))


def test_files() -> list[str]:
    """Return what is handed to pytest, one after the other."""
    found = sorted(str(path.relative_to(ROOT)) for pattern in _TESTS for path in ROOT.glob(pattern))
    return [path for path in found if not any(f"test_{name}" in path for name in _LEFT_OUT)] + list(DOCTESTS)
