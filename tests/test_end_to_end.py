"""From the command line to pages in a browser: the sample company, and a public CRM."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.browser import console_and_requests
from tests.test_maven import FOLDER as MAVEN

ROOT = Path(__file__).parent.parent
PAGES = ("index", "00_summary", "01_goals", "02_activity", "03_performance", "04_funnel")


def salestrack(*arguments, folder=ROOT):
    command = [sys.executable, "-c", "from salestrack.cli import run; run()", *map(str, arguments)]
    wide = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=wide)


@pytest.fixture(scope="module")
def sample_pack(tmp_path_factory):
    output = tmp_path_factory.mktemp("reports")
    done = salestrack(
        "report", "data/sample/book.yaml", "--as-of", "2026-09-30", "--during", "2026-Q3",
        "--goals", "data/sample/goals.yaml", "--output", output,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def maven_pack(tmp_path_factory):
    if not MAVEN.exists():
        pytest.skip("needs the public MavenTech CRM files beside the project")
    output = tmp_path_factory.mktemp("maven")
    done = salestrack("report", "tests/books/maven/book.yaml", "--as-of", "2017-12-31", "--during", "2017", "--output", output)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip().splitlines()[-1]).parent


def text_of(page):
    html = re.sub(r'src="data:[^"]*"|<style>.*?</style>', "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&nbsp;", " ").split())


@pytest.mark.xdist_group("sample pack")
class TestSamplePack:
    def test_the_last_line_is_the_page_to_open(self, sample_pack):
        assert sample_pack.name == "index.html"
        assert sample_pack.exists()

    def test_pages_are_silent_and_ask_for_nothing(self, sample_pack):
        for name in PAGES:
            visit = console_and_requests(sample_pack.with_name(f"{name}.html"))
            assert visit.console == (), name
            assert visit.requests == (), name

    def test_pages_stand_alone_and_are_small(self, sample_pack):
        for name in PAGES:
            page = sample_pack.with_name(f"{name}.html").read_text(encoding="utf-8")
            assert not re.search(r'(?:src|href)="(?:https?:)?//', page), name
            assert len(page.encode()) < 400_000, name
            assert page.count("<h1") == 1, name
            assert "<script" not in page, name
            assert all(len(image["alt"]) > 20 for image in BeautifulSoup(page, "html.parser").find_all("img")), name

    def test_the_answer_stands_first(self, sample_pack):
        body = sample_pack.with_name("00_summary.html").read_text(encoding="utf-8").partition("</style>")[2]
        places = [body.index(each) for each in ('class="st-tiles"', "What needs a decision?</h2>", "Are we on goal?</h2>")]
        assert places == sorted(places)
        assert "<h2" not in body[: places[0]], "nothing but the title stands above the tiles"
        assert re.search(r"\d of \d figures with a goal are on track", text_of(sample_pack))

    def test_definitions_come_from_the_definitions(self, sample_pack):
        summary = text_of(sample_pack.with_name("00_summary.html"))
        assert "Share of closed opportunities that were won, by count." in summary
        assert "Open opportunities count in neither part." in summary
        assert "Undefined when nothing closed in the period" in summary

    def test_the_manifest_accounts_for_every_row(self, sample_pack):
        manifest = json.loads(sample_pack.with_name("manifest.json").read_text(encoding="utf-8"))
        told = json.dumps(manifest)
        assert '"refused"' in told
        assert "2026-Q3" in told
        assert not re.search(r'"/(?:home|root|work|tmp|Users)/', told), "no path of a machine"

    def test_no_path_of_a_machine_is_published(self, sample_pack):
        for name in PAGES:
            assert str(ROOT) not in sample_pack.with_name(f"{name}.html").read_text(encoding="utf-8"), name


@pytest.mark.xdist_group("maven pack")
class TestMavenPack:
    def test_the_public_figures_are_in_the_page(self, maven_pack):
        page = text_of(maven_pack / "03_performance.html")
        for figure in ("63.2%", "6,711", "$10,005,534", "$2,361", "$1,117", "51.8", "82.1% *", "61.7%", "61.4%", "60.3%"):
            assert figure in page, figure
        assert re.search(r"Sales cycle \(median\) 57\b", page)

    def test_what_is_switched_off_says_why(self, maven_pack):
        assert "activities (no file mapped)" in text_of(maven_pack / "00_summary.html")
        assert "needs the table 'activities'" in text_of(maven_pack / "02_activity.html")

    def test_old_open_deals_are_pointed_out(self, maven_pack):
        page = text_of(maven_pack / "00_summary.html")
        assert "1,291 of 2,089 open opportunities are older than the longest cycle that ever closed (138 days)" in page


class TestRefusals:
    def test_all_that_is_wrong_is_told_before_anything_runs(self, tmp_path):
        done = salestrack(
            "report", "data/sample/book.yaml", "--as-of", "2026-09-30", "--during", "2031-Q3", "--goals", "nowhere.yaml",
            "--where", "team=Nroth", "--only", "03_perfomance", "--output", tmp_path,
        )  # fmt: skip
        assert done.returncode == 2
        for said in ("2031-Q3", "nowhere.yaml", "Nroth", "03_performance"):
            assert said in done.stderr, said
        assert not list(tmp_path.iterdir())

    def test_an_unknown_parameter_is_refused(self, tmp_path):
        done = salestrack(
            "report", "data/sample/book.yaml", "--as-of", "2026-09-30", "--during", "2026-Q3", "--set", "x=1;import os;y=2",
            "--set", "colour=red", "--output", tmp_path,
        )  # fmt: skip
        assert done.returncode == 2
        assert "colour" in done.stderr
        assert not list(tmp_path.iterdir())

    def test_a_missing_book_says_what_to_do(self):
        done = salestrack("check", "nowhere/book.yaml")
        assert done.returncode == 3
        assert "nowhere/book.yaml" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_new_user_comes_from_exports_to_figures(tmp_path):
    """The three commands of the README, on a folder of exports with other people's headers."""
    (tmp_path / "deals.csv").write_text(
        "Opportunity ID,Opportunity Owner,Stage,Amount,Created Date,Close Date\n"
        + "".join(
            f"{i},Kim,{'Closed Won' if i % 3 else 'Closed Lost'},{100 * i},2026-07-{i % 28 + 1:02d},2026-08-{i % 28 + 1:02d}\n"
            for i in range(1, 61)
        ),
        encoding="utf-8",
    )
    made = salestrack("new-book", tmp_path)
    assert made.returncode == 0, made.stderr
    checked = salestrack("check", tmp_path, "--as-of", "2026-09-30")
    assert checked.returncode == 0, checked.stderr
    assert "60" in checked.stdout
    again = salestrack("new-book", tmp_path)
    assert again.returncode == 3
    assert "left as it is" in again.stderr
    goals = salestrack("new-goals", tmp_path, "--as-of", "2026-09-30", "--achieve", "Sell larger deals")
    assert goals.returncode == 0, goals.stderr
    assert "average_deal_size" in (tmp_path / "goals.yaml").read_text(encoding="utf-8")
    assert "--during 2026-Q4" in goals.stdout, "what it says to run next can be run"
    again = salestrack("new-goals", tmp_path, "--as-of", "2026-09-30")
    assert (again.returncode, "left as it is" in again.stderr) == (3, True)


def test_metrics_are_listed():
    done = salestrack("metrics")
    assert done.returncode == 0
    assert "win_rate" in done.stdout
    assert "by count" in done.stdout
