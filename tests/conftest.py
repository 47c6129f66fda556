"""Fixtures that every test may ask for: the engines, and the small book on each of them."""

import os

import ibis
import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from salestrack.analyses import goes_with_winning
from salestrack.definition import METRICS
from salestrack.sources import open_book
from tests.engines import ENGINES, SPARK_WARNINGS, missing_for_spark, require, spark_connection
from tests.kit import SAMPLE
from tests.small_book import book_of

# The same examples on every run; `HYPOTHESIS_PROFILE=explore` looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew instead of comparing with them")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Start Spark once: pytest 9.2 with xdist 3.8 loses the groups of ``--dist loadgroup`` (pytest-xdist issue 1386)."""
    return Together(config, log)


class Together(LoadScopeScheduling):
    """Every test goes where there is room; those that need Spark go together, and so do those of one class."""

    def _split_scope(self, nodeid):
        if "spark" in nodeid:
            return "spark"
        path, *names = nodeid.partition("[")[0].split("::")
        return f"{path}::{names[0]}" if len(names) > 1 else nodeid


def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("spark"):
            if "spark" not in item.nodeid:
                raise pytest.UsageError(f"{item.nodeid} needs Spark: its name or its parameters must say so")
            for each in SPARK_WARNINGS:
                item.add_marker(pytest.mark.filterwarnings(each))


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """A local Spark, started once."""
    require(missing_for_spark())
    connection = spark_connection(tmp_path_factory.mktemp("spark"))
    yield connection
    connection._session.stop()


@pytest.fixture(scope="session", params=ENGINES)
def engine(request):
    """A connection of each engine."""
    return request.getfixturevalue("spark") if request.param == "spark" else ibis.duckdb.connect()


# Tests of one file run among those of others: what belonged to a file would be made again and again.
@pytest.fixture(scope="session")
def sample():
    """The sample company on the day of its export."""
    return open_book(SAMPLE / "book.yaml", as_of="2026-09-30")


@pytest.fixture(scope="session")
def winning(sample):
    """What goes with winning in the sample company."""
    return goes_with_winning(sample)


@pytest.fixture(scope="session")
def book():
    """The small book on DuckDB."""
    return book_of(ibis.duckdb.connect())


@pytest.fixture(scope="session")
def book_on_spark(spark):
    """The small book on Spark."""
    return book_of(spark)


@pytest.fixture(scope="session", params=ENGINES)
def small_book(request):
    """The small book on each engine."""
    return request.getfixturevalue("book_on_spark" if request.param == "spark" else "book")


@pytest.fixture
def registry():
    """Metrics that a test defines are gone after it."""
    before = dict(METRICS)
    yield METRICS
    METRICS.clear()
    METRICS.update(before)
