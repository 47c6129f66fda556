"""What a machine lacks is named: skipped there, failed where everything must run."""

import pytest

from tests.engines import missing_for_spark, require


def absent(_):
    return None


def test_what_spark_lacks_is_named(monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert missing_for_spark(absent, absent) == "Spark needs Java (no `java` on PATH) and pyspark (the extra `spark`)"
    assert missing_for_spark(str, absent) == "Spark needs pyspark (the extra `spark`)"
    assert missing_for_spark(absent, str) == "Spark needs Java (no `java` on PATH)"
    assert missing_for_spark(str, str) == ""


def test_java_may_be_at_java_home(monkeypatch):
    monkeypatch.setenv("JAVA_HOME", "/opt/java")
    assert missing_for_spark(lambda path: path if path == "/opt/java/bin/java" else None, str) == ""


def test_what_is_missing_is_skipped_and_where_all_must_run_it_fails(monkeypatch):
    monkeypatch.delenv("SALESTRACK_REQUIRE_ALL", raising=False)
    require("")
    with pytest.raises(pytest.skip.Exception, match="Spark needs Java"):
        require("Spark needs Java")
    monkeypatch.setenv("SALESTRACK_REQUIRE_ALL", "1")
    with pytest.raises(pytest.fail.Exception, match="Spark needs Java, and SALESTRACK_REQUIRE_ALL=1 allows no skips"):
        require("Spark needs Java")
