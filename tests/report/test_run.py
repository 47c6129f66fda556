"""Runs with real kernels: what is published, what is not, and what a failure leaves behind."""

import errno
import hashlib
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from salestrack.errors import RunError
from salestrack.report import AlreadyRunningError, Limits, ReportFailedError, plan_run, run_report
from salestrack.report.publish import only_run_of
from tests.report.toy import CHECKS, PARAMETERS, headline, notebook, picture, request, show, write

# Far longer than any run of a test; what is stopped in it was stopped by what the test does.
SLOW = "import time\ntime.sleep(600)"

ROOT = Path(__file__).parents[2]
KILLED = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"


def run(folder, progress=None, **changes):
    return run_report(plan_run(request(folder, **changes), CHECKS), progress)


def everything(folder):
    """Return every file below a folder with its content, links as what they point at."""
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def published(folder):
    """Return what readers of the reports can see."""
    return {name: content for name, content in everything(folder / "reports").items() if not name.startswith((".", "failed"))}


def beyond_provenance(html):
    return re.sub(r'<footer.*?id="provenance".*?</footer>', "", html, flags=re.DOTALL)


class Steps:
    def __init__(self):
        self.seen = []

    def planned(self, notebooks):
        self.seen.append(("planned", *notebooks))

    def started(self, notebook):
        self.seen.append(("started", notebook))

    def advanced(self, notebook, cells, of):
        self.seen.append(("advanced", notebook, cells, of))

    def finished(self, notebook, seconds, failed):
        assert seconds > 0
        self.seen.append(("finished", notebook, failed))


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pack")
    (folder / "data").mkdir()
    (folder / "data" / "note.txt").write_text("a note")
    hostile = "\"<script>alert(1)</script>\"\n김, 'x'"
    cells = (
        headline(status="off"),
        "## Figures",
        "print(book, as_of, during, goals, where)",
        "open('../data/note.txt').read()",
        "import html\nfrom IPython.display import HTML\nHTML(f'<p>{html.escape(str(where))}</p>')",
        picture(),
        "import warnings\nwarnings.warn('an old thing')",
        show(
            {"application/vnd.salestrack.definitions+json": [{"name": "win_rate", "label": "Win rate", "definition": "Won."}] * 2}
        ),
    )
    other = notebook(picture("Another dot", "A caption"), title="Activity")
    write(folder / "notebooks", **{"00_summary": notebook(*cells, title="Summary"), "02_activity": other})
    steps = Steps()
    made = run(folder, steps, where={"name": hostile})
    return folder, made, steps


def test_a_pack_holds_a_page_for_each_notebook_an_index_and_a_manifest(pack):
    folder, made, _ = pack
    assert sorted(path.name for path in made.folder.iterdir()) == [
        "00_summary.html",
        "02_activity.html",
        "index.html",
        "manifest.json",
    ]
    assert made.index == made.folder / "index.html"
    assert made.folder.parent == folder / "reports"
    assert not (folder / "reports" / "failed").exists()
    assert list((folder / "reports" / ".staging").iterdir()) == []


def test_progress_is_told_in_order(pack):
    steps = pack[2].seen
    assert steps[0] == ("planned", "00_summary", "02_activity")
    for name in ("00_summary", "02_activity"):
        own = [step for step in steps[1:] if step[1] == name]
        assert own[0] == ("started", name)
        assert own[-1] == ("finished", name, False)
        # Each code cell and the one with the parameters of the run.
        cells = [step[2] for step in own[1:-1]]
        assert cells == list(range(1, own[-2][3] + 1))


def test_pages_show_results_and_no_code(pack):
    html = (pack[1].folder / "00_summary.html").read_text()
    assert "a note" in html
    assert "warnings.warn" not in html
    assert html.count("<h1>Summary</h1>") == 1
    assert html.count('id="def-win_rate"') == 1
    assert '<a href="02_activity.html">Activity</a>' in html
    assert "A caption" in (pack[1].folder / "02_activity.html").read_text()


def test_hostile_values_reach_kernels_whole_and_pages_escaped(pack):
    html = (pack[1].folder / "00_summary.html").read_text()
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "김" in html
    assert "Acme &amp; Söhne" in html


def test_nothing_published_names_folders_of_this_machine(pack):
    folder, made, _ = pack
    for path in made.folder.iterdir():
        assert str(folder) not in path.read_text(), path.name
    # The temporary folder of the run is deeper than the book's own; of an absolute path the end is shown.
    assert f"{folder.name}/book.yaml" in (made.folder / "00_summary.html").read_text()


def test_the_index_begins_with_the_verdict_and_links_to_every_page(pack):
    html = pack[1].index.read_text()
    main = html[html.index("<main") :]
    assert re.match(r'<main id="main">\s*<p class="st-verdict">0 of 1 figures with a goal are on track. Off: Win rate.</p>', main)
    assert 'href="00_summary.html"' in html
    assert 'href="02_activity.html"' in html
    assert "2 of 5 in opportunities" in html


def test_the_manifest_tells_what_went_in_and_came_out(pack):
    made = pack[1]
    manifest = json.loads((made.folder / "manifest.json").read_text())
    assert manifest == json.loads(json.dumps(made.manifest))
    assert manifest["parameters"]["during"] == "2026-Q3"
    assert manifest["book"]["tables"]["opportunities"]["refused"] == 2
    assert manifest["started"] == "2026-10-01T06:30:00+00:00"
    assert datetime.fromisoformat(manifest["finished"]) > datetime.fromisoformat(manifest["started"])
    assert manifest["notebooks"][0]["headlines"][0]["name"] == "win_rate"
    assert made.warnings == {"00_summary": ["UserWarning: an old thing"]}
    for name, file in manifest["files"].items():
        assert file["sha256"] == hashlib.sha256((made.folder / name).read_bytes()).hexdigest()
        assert file["bytes"] < 400_000


def test_the_same_book_and_parameters_give_the_same_bytes(pack):
    folder, made, _ = pack
    first = {path.name: path.read_text() for path in made.folder.glob("*.html")}
    again = run_report(made.plan)
    second = {path.name: path.read_text() for path in again.folder.glob("*.html")}
    assert first.keys() == second.keys()
    for name, html in first.items():
        assert beyond_provenance(html) == beyond_provenance(second[name]), name
        assert html != beyond_provenance(html)
    # The earlier run stays beside it; both had the same start, so that one got a number.
    runs = sorted(path.name for path in (folder / "reports" / "runs" / made.plan.pack).iterdir())
    assert runs == [made.plan.run_id, f"{made.plan.run_id}-2"]


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    write(folder / "notebooks", a=notebook("1 + 1"), b=notebook("2 + 2"))
    run(folder)
    return folder


@pytest.fixture
def good(made_once, tmp_path):
    """Return a folder in which a good report stands, and what readers see of it."""
    folder = tmp_path / "good"
    shutil.copytree(made_once, folder, symlinks=True)
    return folder, published(folder)


def failed(folder, **changes) -> ReportFailedError:
    with pytest.raises(ReportFailedError) as caught:
        run(folder, **changes)
    return caught.value


def test_a_failing_cell_leaves_the_earlier_report_and_says_where_and_why(good):
    folder, before = good
    write(folder / "notebooks", b=notebook("## Why", "x = 1", new_code_cell("# the next line fails\nx / 0"), "3"))
    error = failed(folder)
    assert published(folder) == before
    (failure,) = error.failures
    assert (failure.notebook, failure.cause, failure.cell, failure.line) == ("b", "error", 3, "x / 0")
    assert "b: code cell 3, `x / 0`: ZeroDivisionError: division by zero" in str(error)
    assert "--only b" in str(error)
    assert "is as it was" in str(error)
    (kept,) = (folder / "reports" / "failed").iterdir()
    assert sorted(path.name for path in kept.iterdir()) == ["b.ipynb", "failure.json", "index.html"]
    assert nbformat.read(kept / "b.ipynb", as_version=4).cells
    assert json.loads((kept / "failure.json").read_text())[0]["line"] == "x / 0"
    assert "ZeroDivisionError" in (kept / "index.html").read_text()


def test_a_killed_kernel_fails_the_run_and_names_its_cell(good):
    folder, before = good
    write(folder / "notebooks", a=notebook("1", KILLED, "2"))
    (failure,) = failed(folder).failures
    assert (failure.cause, failure.cell, failure.line) == ("dead kernel", 3, "import os, signal")
    assert published(folder) == before


def test_leaving_early_is_no_success(good):
    folder, before = good
    write(folder / "notebooks", a=notebook("import sys\nsys.exit(0)", "2"))
    (failure,) = failed(folder).failures
    assert failure.cell == 2
    assert "SystemExit" in failure.message
    assert published(folder) == before


def test_a_cell_that_takes_too_long_fails_the_run(good, monkeypatch):
    folder, before = good
    write(folder / "notebooks", a=notebook("1", SLOW))
    # Only the slow cell has a limit here: how long the others take is up to what else the machine does.
    limit_of = NotebookClient._get_timeout

    def limit(self, cell):
        return limit_of(self, cell) if cell is not None and "sleep" in cell.source else None

    monkeypatch.setattr(NotebookClient, "_get_timeout", limit)
    (failure,) = failed(folder, limits=Limits(cell_seconds=1)).failures
    assert (failure.cause, failure.cell) == ("cell time", 3)
    assert "longer than 1 seconds" in failure.message
    assert published(folder) == before


def test_a_run_that_takes_too_long_is_stopped(good):
    folder, before = good
    mark = folder / "slept"
    slow = notebook(f"{SLOW}\nimport pathlib\npathlib.Path({str(mark)!r}).touch()")
    write(folder / "notebooks", a=slow, b=slow, c=slow)
    error = failed(folder, limits=Limits(run_seconds=3, workers=2))
    assert [failure.cause for failure in error.failures] == ["run time"] * 3
    assert not mark.exists(), "it was stopped and did not end of itself"
    assert published(folder) == before


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (picture(alt=""), "a picture has no description"),
        (show({"text/html": "<h1>Another</h1>"}), None),
        (show({"text/html": "<img alt='x' src='https://e.org/x.png'>"}), "it refers to https://e.org/x.png"),
        (show({"application/vnd.salestrack.headline+json": {"name": "x"}}), "cannot be used"),
        ("import os\nprint(os.environ['IPYTHONDIR'])", None),
    ],
)
def test_pages_are_checked_before_they_are_published(good, cell, said):
    folder, before = good
    write(folder / "notebooks", b=notebook(cell))
    if said is None:
        html = (run(folder).folder / "b.html").read_text()
        assert html.count("<h1>") == 1
        assert "/st-" not in html
        return
    (failure,) = failed(folder).failures
    assert failure.cause == "page"
    assert said in failure.message
    assert published(folder) == before


def test_eight_notebooks_side_by_side(tmp_path):
    write(tmp_path / "notebooks", **{f"n{i}": notebook(f"print({i} * 11)") for i in range(8)})
    made = run(tmp_path, limits=Limits(workers=8))
    for i in range(8):
        assert f">{i * 11}\n<" in (made.folder / f"n{i}.html").read_text()


def test_only_some_pages_make_a_pack_of_their_own(good):
    folder, before = good
    made = run(folder, only=["b"])
    assert made.folder.name.endswith("-only-b")
    assert sorted(path.name for path in made.folder.iterdir()) == ["b.html", "index.html", "manifest.json"]
    assert before.items() <= published(folder).items()


def test_two_runs_of_one_pack_do_not_meet(good):
    folder, before = good
    plan = plan_run(request(folder), CHECKS)
    with only_run_of(folder / "reports", plan.pack), pytest.raises(AlreadyRunningError, match="Another run is making"):
        run_report(plan)
    assert published(folder) == before


def test_runs_of_two_packs_go_side_by_side(tmp_path):
    write(tmp_path / "notebooks", a=notebook("print(where)"))
    made, plans = {}, [plan_run(request(tmp_path, where={"team": team}), CHECKS) for team in ("North", "South")]
    threads = [threading.Thread(target=lambda plan=plan: made.setdefault(plan.scope, run_report(plan))) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for scope, team in (("team: North", "North"), ("team: South", "South")):
        assert team in (made[scope].folder / "a.html").read_text()


def test_something_else_in_the_place_of_a_pack_is_not_touched(tmp_path):
    write(tmp_path / "notebooks", a=notebook())
    plan = plan_run(request(tmp_path), CHECKS)
    place = tmp_path / "reports" / plan.pack
    place.mkdir(parents=True)
    (place / "mine.txt").write_text("mine")
    with pytest.raises(RunError, match="not a report of an earlier run"):
        run_report(plan)
    assert (place / "mine.txt").read_text() == "mine"


def test_a_full_disk_leaves_the_earlier_report(good, monkeypatch):
    folder, before = good

    def full(_path):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("salestrack.report.publish._flush", full)
    with pytest.raises(RunError, match=r"could not be written to .*: No space left on device"):
        run(folder)
    assert published(folder) == before
    assert list((folder / "reports" / ".staging").iterdir()) == []


def test_an_output_that_is_a_file_is_told(tmp_path):
    write(tmp_path / "notebooks", a=notebook())
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(RunError, match="could not be written"):
        run(tmp_path)


def test_old_runs_and_failures_are_dropped(tmp_path):
    write(tmp_path / "notebooks", a=notebook())
    for day in (1, 2, 3):
        made = run(tmp_path, started=request(tmp_path).started.replace(day=day), limits=Limits(keep=2))
    kept = sorted(path.name for path in (tmp_path / "reports" / "runs" / made.plan.pack).iterdir())
    assert [name[:8] for name in kept] == ["20261002", "20261003"]
    assert made.folder.resolve().name == kept[-1]


def test_the_kernel_is_this_interpreter_whatever_is_installed(tmp_path, monkeypatch):
    wrong = tmp_path / "jupyter" / "kernels" / "python3"
    wrong.mkdir(parents=True)
    (wrong / "kernel.json").write_text(json.dumps({"argv": ["/bin/false"], "display_name": "wrong", "language": "python"}))
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "own.py").write_text("raise SystemExit('from a start-up file of somebody')")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    # A folder for temporary files whose sockets would have too long a path.
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    monkeypatch.setenv("TMPDIR", str(deep))
    monkeypatch.setattr("tempfile.tempdir", None)
    other = notebook(f"import sys, os\nprint(sys.executable == {sys.executable!r}, os.environ['OMP_NUM_THREADS'])", title="Which")
    other.metadata["kernelspec"]["name"] = "some-other-kernel"
    write(tmp_path / "notebooks", a=other)
    html = (run(tmp_path).folder / "a.html").read_text()
    assert "True 1\n" in html


def test_a_parameter_of_one_notebook_reaches_it(tmp_path):
    own = notebook("print('at least', min_n)", parameters=PARAMETERS + "min_n: int = 10  # fewest rows\n")
    write(tmp_path / "notebooks", a=notebook("1"), b=own)
    assert "at least 7" in (run(tmp_path, extra={"min_n": "7"}).folder / "b.html").read_text()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, None)])
def test_a_run_that_is_told_to_end_leaves_nothing_half_done(good, number, code):
    folder, before = good
    mark = folder / "kernel.pid"
    os.mkfifo(mark)
    write(folder / "notebooks", b=notebook(f"import os, pathlib\npathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\n{SLOW}"))
    # What a shell starts in the background ignores an interrupt, and so do its children; here somebody sits before it.
    script = f"""
        import signal
        from pathlib import Path
        from salestrack.report import plan_run, run_report
        from tests.report.toy import CHECKS, request
        signal.signal(signal.SIGINT, signal.default_int_handler)
        run_report(plan_run(request(Path({str(folder)!r})), CHECKS))
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    kernel = os.pidfd_open(int(told(mark, process)))
    process.send_signal(number)
    process.communicate()
    # Left alone the cell would have slept to its end, and the run would have published and succeeded.
    assert process.returncode == code if code else process.returncode != 0
    assert published(folder) == before
    # A pidfd can be read once its process has ended.
    select.select([kernel], [], [])
    os.close(kernel)
    assert list((folder / "reports" / ".staging").iterdir()) == []
    with only_run_of(folder / "reports", plan_run(request(folder), CHECKS).pack):
        pass


def told(pipe, process):
    """Wait until somebody writes into a named pipe, or the process ends that was to do it."""
    reading, ended = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), os.pidfd_open(process.pid)
    try:
        ready, _, _ = select.select([reading, ended], [], [])
        assert reading in ready, f"it ended before it came so far: {process.communicate()[1]}"
        return os.read(reading, 100).decode()
    finally:
        os.close(reading)
        os.close(ended)
