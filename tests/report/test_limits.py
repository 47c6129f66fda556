"""What a run may take and may show, what it leaves when it cannot be written, and what it never tells."""

import errno
import json
import signal

import pytest
from nbclient.exceptions import CellTimeoutError
from nbformat.v4 import new_output

from salestrack import cli
from salestrack.errors import BookError, RunError, masked
from salestrack.report import Limits, ReportFailedError, plan_run, run_report
from salestrack.report.ending import StoppedRunError, told_when_stopped
from salestrack.report.gate import Failure
from salestrack.report.kernels import Crew, _explained
from salestrack.report.plan import apart
from salestrack.report.publish import faults_of_page, keep_failed, too_large
from tests.report.toy import CHECKS, notebook, request, show, write
from tests.sources.exports import BOOK, opened

TRACEBACK = 'Traceback (most recent call last):\n  File "a.py", line 1'


def run(folder, **changes):
    return run_report(plan_run(request(folder, **changes), CHECKS))


def test_a_value_that_says_traceback_is_a_value(tmp_path):
    value = show({"text/html": f"<table><tr><td>{TRACEBACK}</td></tr></table>"})
    write(tmp_path / "notebooks", a=notebook(value, "print('Traceback (most recent call last)')"))
    assert "Traceback" in (run(tmp_path).folder / "a.html").read_text()


@pytest.mark.parametrize("printed", [TRACEBACK, f"x\n{TRACEBACK}\n"])
def test_what_python_prints_of_an_error_is_none(printed):
    assert faults_of_page(f"<h1>a</h1><pre>{printed}</pre>", []) == ["it holds a traceback"]


def test_a_page_that_is_too_large_is_refused_with_its_size(tmp_path):
    write(tmp_path / "notebooks", a=notebook("print('x' * 1_500_000)"))
    with pytest.raises(ReportFailedError, match=r"a: its page cannot be published: it has 1\.\d MB, and a page may have 1 MB"):
        run(tmp_path, limits=Limits(page_megabytes=1))
    assert too_large("x" * 2_000_000, 2) == []
    assert too_large("x" * 2_000_001, 2) != []


@pytest.mark.parametrize(
    ("said", "cause", "words"),
    [
        ("Timeout waiting for IOPub output", "output time", "its outputs took longer than 7 seconds to arrive"),
        ("A cell timed out while it was being executed", "cell time", "took longer than 5 seconds"),
    ],
)
def test_outputs_that_do_not_arrive_are_no_slow_cell(tmp_path, said, cause, words):
    limits = Limits(cell_seconds=5, output_seconds=7)
    failure = _explained(CellTimeoutError(said), "a", Crew(tmp_path, tmp_path), limits, tmp_path / "log")
    assert (failure.cause, words in failure.message) == (cause, True)


def test_limits_can_be_set(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr("salestrack.report.plan_run", lambda request, checks: asked.append(request) or 1 / 0)
    options = ["--cell-seconds", "5", "--output-seconds", "6", "--run-seconds", "7", "--page-megabytes", "8"]
    with pytest.raises(ZeroDivisionError):
        cli.app(["report", str(tmp_path), "--during", "2026-Q3", "--as-of", "2026-09-30", *options], standalone_mode=False)
    assert asked[0].limits == Limits(cell_seconds=5, output_seconds=6, run_seconds=7, page_megabytes=8)


def test_a_report_that_cannot_be_written_keeps_its_reason(tmp_path, monkeypatch):
    def full(_path):
        raise OSError(errno.ENOSPC, "No space left on device")

    write(tmp_path / "notebooks", a=notebook("1"))
    monkeypatch.setattr("salestrack.report.publish._flush", full)
    with pytest.raises(RunError, match="No space left on device"):
        run(tmp_path)
    (kept,) = (tmp_path / "reports" / "failed").glob("*/failure.json")
    (failure,) = json.loads(kept.read_text())
    assert (failure["cause"], "No space left on device" in failure["message"]) == ("disk", True)


def test_why_a_notebook_failed_comes_before_a_full_disk(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.EROFS, "Read-only file system")

    write(tmp_path / "notebooks", a=notebook("1 / 0"))
    # The reasons are written; there is no room for the notebook as far as it got.
    monkeypatch.setattr("salestrack.report.publish.masked", full)
    with pytest.raises(ReportFailedError) as raised:
        run(tmp_path)
    told = str(raised.value)
    assert told.index("division by zero") < told.index("could not be kept whole") < told.index("Read-only file system")
    (kept,) = (tmp_path / "reports" / "failed").glob("*/failure.json")
    assert "division by zero" in kept.read_text()


@pytest.mark.parametrize(("ended", "code"), [(KeyboardInterrupt(), 130), (SystemExit(143), 143), (SystemExit(129), 129)])
@pytest.mark.parametrize("published", [False, True])
def test_a_run_that_is_told_to_end_says_what_became_of_the_report(tmp_path, ended, code, published):
    write(tmp_path / "notebooks", a=notebook("1"))
    plan = plan_run(request(tmp_path), CHECKS)
    (tmp_path / "reports").mkdir()

    def work():
        with told_when_stopped(plan):
            if published:
                (tmp_path / "reports" / plan.pack).symlink_to("runs")
            raise ended

    with pytest.raises(StoppedRunError) as raised:
        work()
    said = "had been published by then" if published else "Nothing was published. There is no earlier report of it."
    assert (raised.value.code, said in str(raised.value)) == (code, True)
    assert signal.Signals(code - 128).name in str(raised.value)


def test_packs_of_like_names_do_not_meet(tmp_path):
    first = apart(tmp_path, "acme-2026-Q3", "Acme")
    (tmp_path / first).mkdir()
    (tmp_path / first / "manifest.json").write_text(json.dumps({"book": {"name": "Acme"}}))
    assert first == apart(tmp_path, first, "Acme") == "acme-2026-Q3"
    others = [apart(tmp_path, first, name) for name in ("ACME", "Acme!")]
    assert len({first, *others}) == 3
    assert others[0] == apart(tmp_path, first, "ACME"), "and each keeps its own"


SECRETS = (
    "postgres://ann:s3cret@crm/sales",
    "postgresql+psycopg2://ann:s3c@ret@crm:5432/sales",
    "snowflake://ann:s3cret@account/db?warehouse=w",
    "mysql:/ann:s3cret@crm/sales",
    "postgres://crm/sales?user=ann&password=s3cret",
    "https://crm/x?token=s3cret&y=1",
)


@pytest.mark.parametrize("address", SECRETS)
def test_passwords_in_addresses_are_told_nowhere(tmp_path, address):
    for text in (str(BookError(f"no {address}", [address])), masked(f"see {address}, or '{address}'")):
        assert ("s3c" in text, "***" in text) == (False, True)
    assert "s3c" not in Failure("a", "error", f"no {address}").message
    made = notebook("1")
    made.cells[-1]["outputs"] = [new_output("stream", name="stdout", text=f"no {address}\n")]
    keep_failed(tmp_path / "failed", {"a": made}, [Failure("a", "error", address)], "<p>x</p>")
    assert not [path for path in (tmp_path / "failed").iterdir() if "s3c" in path.read_text()]


def test_a_place_that_is_an_address_is_refused_without_its_password(tmp_path):
    with pytest.raises(BookError, match=r"connection: postgres://ann:\*\*\*@crm/sales is an address") as raised:
        opened(tmp_path, book=BOOK.replace("connection: .", "connection: postgres://ann:s3cret@crm/sales"))
    assert "s3cret" not in str(raised.value) + "".join(raised.value.faults)


def test_a_page_tells_no_password(tmp_path):
    write(tmp_path / "notebooks", a=notebook("print('no postgres://ann:s3cret@crm/sales')"))
    html = (run(tmp_path).folder / "a.html").read_text()
    assert ("s3cret" in html, "postgres://ann:***@crm/sales" in html) == (False, True)
