"""What the pages for people say is so: their code runs, their commands exist, their lists are complete."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from salestrack.cli import app
from salestrack.definition import METRICS
from salestrack.tables import CATEGORIES, CONTRACTS
from salestrack.wording import FOLDER, catalogue

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PACKAGE = sorted((ROOT / "salestrack").rglob("*.py"))


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: page.name)
def test_python_on_a_page_runs(page):
    """Top to bottom, as a reader would paste it; the README's from notebooks/, as it says."""
    code = "\n".join(blocks(page, "python"))
    folder = ROOT / "notebooks" if "../data/" in code else ROOT
    done = subprocess.run(
        [sys.executable, "-W", "error::FutureWarning", "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_a_page_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http", "mailto")):
            assert (page.parent / target).exists(), target


def test_commands_and_targets_exist():
    shell = "\n".join(block for page in PAGES for block in blocks(page, ""))
    known = {command.name or command.callback.__name__ for command in app.registered_commands}
    commands = set(re.findall(r"(?:^|/|\s)salestrack ([a-z-]+)", shell))
    assert commands
    assert commands <= known
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert {"report", "test"} <= set(re.findall(r"^make ([a-z]+)", shell, flags=re.MULTILINE)) <= targets


def test_every_table_and_column_of_the_book_is_documented():
    page = (ROOT / "docs" / "book_file.md").read_text(encoding="utf-8")
    missing = [
        f"{contract.name}.{column.name}"
        for contract in CONTRACTS.values()
        for column in contract.columns
        if f"`{column.name}`" not in page
    ]
    assert missing == []
    assert all(category in page for category in CATEGORIES)


def test_the_readme_shows_the_two_commands_and_a_picture_on_its_first_screen():
    first = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## ")[0]
    assert "make report" in first
    assert "make test" in first
    assert re.search(r"!\[[^\]]{10,}\]\(docs/images/report\.png\)", first)


def test_the_catalogue_has_each_key_once():
    keys = re.findall(r"^([a-z][\w-]*) =", (FOLDER / "en.ftl").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert sorted(keys) == sorted(set(keys))
    assert len(keys) == len(catalogue("en")._messages), "a key that cannot be read is missing from the catalogue"


def test_every_sentence_that_the_package_says_is_in_the_catalogue():
    bundle = catalogue("en")
    said = {(path.name, key) for path in PACKAGE for key in re.findall(r'\bsay\(\s*"([^"]+)"', path.read_text(encoding="utf-8"))}
    assert len(said) > 50
    assert [each for each in sorted(said) if not bundle.has_message(each[1])] == []


def test_every_metric_has_a_label_of_its_own():
    labels = {}
    for name in (metric.name for metric in METRICS.values() if metric.function.__module__.startswith("salestrack.")):
        key = f"label-{name.replace('_', '-')}"
        assert catalogue("en").has_message(key), key
        labels.setdefault(str(catalogue("en").format_pattern(catalogue("en").get_message(key).value)[0]), []).append(name)
    assert [names for names in labels.values() if len(names) > 1] == []


def test_no_address_of_a_registry_and_no_path_of_a_machine():
    """Lock files hold names, versions and hashes only."""
    for path in [
        *ROOT.glob("requirements/*"),
        ROOT / "pyproject.toml",
        ROOT / "environment.yml",
        ROOT / "Makefile",
        ROOT / ".ci" / "run",
    ]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://", text), path.name
        assert "--index-url" not in text
        assert "find-links" not in text.replace("--no-emit-find-links", "")
