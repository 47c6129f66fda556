"""The engines on which the same small book must give the same parts, and what to do where one is missing."""

import importlib.util
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from salestrack.book import Book

ENGINES = ["duckdb", pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.xdist_group("spark")])]
_VIEWS = count()
# PySpark 4 tells of pandas 3 what ibis does not need; both are theirs to settle.
SPARK_WARNINGS = ("ignore:PySpark does not yet fully support pandas:FutureWarning", "ignore:The copy keyword is deprecated")


def require(missing: str) -> None:
    """Skip a test, naming what is missing; with ``SALESTRACK_REQUIRE_ALL=1`` (CI) fail it instead."""
    if not missing:
        return
    if os.environ.get("SALESTRACK_REQUIRE_ALL") == "1":
        pytest.fail(f"{missing}, and SALESTRACK_REQUIRE_ALL=1 allows no skips", pytrace=False)
    pytest.skip(missing)


def missing_for_spark(
    which: Callable[[str], str | None] = shutil.which, find: Callable[[str], object] = importlib.util.find_spec
) -> str:
    """Return what a local Spark lacks here, as a sentence; empty when nothing."""
    java = which("java") or (os.environ.get("JAVA_HOME") and which(f"{os.environ['JAVA_HOME']}/bin/java"))
    lacking = [] if java else ["Java (no `java` on PATH)"]
    lacking += [] if find("pyspark") else ["pyspark (the extra `spark`)"]
    return f"Spark needs {' and '.join(lacking)}" if lacking else ""


def spark_connection(folder: Path):
    """Return a small local Spark as an ibis backend; everything it writes is in a folder."""
    from pyspark.sql import SparkSession  # noqa: PLC0415  an extra

    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # Nothing here runs long enough to repay a second compiler, Java written for each query, or a plan made again on the way.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    builder = SparkSession.builder.master("local[2]").appName("salestrack tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return ibis.pyspark.connect(session)


def stored(connection, name: str, rows: pa.Table):
    """Give rows to an engine under a name and return them as an ibis table."""
    if connection.name == "pyspark":
        # A view over local rows answers several times faster than a table in the warehouse. All books share one session, in which
        # a view of the same name would take the rows away from the book before.
        name = f"{name}__{next(_VIEWS)}"
        connection._session.createDataFrame(rows).createOrReplaceTempView(name)
        return connection.table(name)
    # Many books are made: ibis would take several times as long to write the same statement.
    connection.con.register("rows_to_store", rows)
    connection.con.execute(f'CREATE OR REPLACE TABLE "{name}" AS FROM rows_to_store')
    connection.con.unregister("rows_to_store")
    return connection.table(name, database=("memory", "main"))


def materialised(book: Book) -> Book:
    """Return a book whose tables the engine has computed once, so that a test pays for its own query only."""
    kept = {name: stored(book.connection, name, book.connection.to_pyarrow(table)) for name, table in book.tables.items()}
    return replace(book, tables=kept)
