"""The two doors, `environment.yml` and the lock files, agree with `pyproject.toml`.

Conda itself is not asked: its specifications are read by py-rattler, and the locked versions stand for what it would choose.
"""

import re
import shutil
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rattler import MatchSpec, Version, VersionSpec

from tests.engines import require

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
LOCKS = ("report", "test", "spark", "lab", "uv", "mutants")
# What a tool for notebook reports must bring, by name.
REQUIRED = {"jupyterlab", "pandas", "seaborn", "scipy", "papermill", "nbconvert"}
OF_CONDA_ONLY = {"python", "pip"}


def requirements(texts: list[str]) -> dict[str, Requirement]:
    return {canonicalize_name(one.name): one for one in map(Requirement, texts)}


RUNTIME = requirements(PROJECT["project"]["dependencies"])
LAB = requirements(PROJECT["project"]["optional-dependencies"]["lab"])
SPARK = requirements(PROJECT["project"]["optional-dependencies"]["spark"])
DEV = requirements(PROJECT["dependency-groups"]["dev"])
CONDA_LINES = [line for line in CONDA["dependencies"] if isinstance(line, str)]


@cache
def locked(lock: str) -> dict[str, str]:
    """Name to version of what a lock file installs on this kind of machine."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    lines = [line.removesuffix("\\").strip() for line in text.splitlines() if "==" in line and not line.startswith("#")]
    here = [one for one in map(Requirement, lines) if one.marker is None or one.marker.evaluate({"extra": ""})]
    return {canonicalize_name(one.name): next(iter(one.specifier)).version for one in here}


def bounds(text: str) -> set[str]:
    return {part.strip() for part in text.split(",") if part.strip()}


def conda_specs() -> dict[str, MatchSpec]:
    specs = {}
    for line in CONDA_LINES:
        spec = MatchSpec(line)
        specs[re.match(r"[\w.-]+", line)[0]] = spec
    return specs


# --- environment.yml ----------------------------------------------------------------------------------------------------------


def test_conda_asks_conda_forge_and_nobody_else():
    assert CONDA["channels"] == ["conda-forge", "nodefaults"]
    assert CONDA["name"] == PROJECT["project"]["name"]


def test_conda_lines_are_plain_specifications():
    for line in CONDA_LINES:
        assert re.fullmatch(r"[a-z0-9.-]+(=3\.11|(>=[0-9.]+)?(,<[0-9]+)?)", line), (
            f"{line!r}: a name, a floor, at most the next major"
        )
        MatchSpec(line)


def test_the_required_names_are_there():
    assert set(conda_specs()) >= REQUIRED


def test_conda_installs_the_python_that_the_project_asks_for():
    assert "python=3.11" in CONDA_LINES
    assert Requirement(f"python{PROJECT['project']['requires-python']}").specifier.contains("3.11")


def test_what_conda_lists_is_in_the_project_with_the_same_bounds():
    declared = {**RUNTIME, **LAB}
    for line in CONDA_LINES:
        name = re.match(r"[\w.-]+", line)[0]
        if name not in OF_CONDA_ONLY:
            assert name in declared, f"{name} is in environment.yml only"
            assert bounds(line.removeprefix(name)) == bounds(str(declared[name].specifier)), name


def test_what_the_project_needs_conda_lists_or_pip_brings():
    """The kit itself brings its own dependencies through pip; JupyterLab, which is an extra, must be listed."""
    (pip,) = [line["pip"] for line in CONDA["dependencies"] if isinstance(line, dict)]
    assert pip == ["-e ."]
    assert "pip" in conda_specs()
    assert set(LAB) <= set(conda_specs())


def test_the_locked_versions_are_among_those_that_conda_may_choose():
    for name, spec in conda_specs().items():
        if name not in OF_CONDA_ONLY:
            assert VersionSpec(str(spec.version)).matches(Version(locked("lab")[name])), (
                f"{name} {locked('lab')[name]} against {spec}"
            )


def test_the_readme_says_how_far_the_conda_door_is_checked():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "environment.yml" in text
    assert "by specification only" in text


# --- lock files -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_names_versions_and_hashes_only(lock):
    pinned = r"[a-z0-9.-]+(\[[a-z0-9,-]+\])?==[\w.!+-]+( ; [^\\]+)? \\"
    hashed = r"    --hash=sha256:[0-9a-f]{64}( \\)?"
    for line in (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").splitlines():
        assert not line or line.startswith("#") or re.fullmatch(f"{pinned}|{hashed}", line), line
        assert "://" not in line


@pytest.mark.parametrize(
    ("lock", "wanted"), [("report", RUNTIME), ("test", RUNTIME | DEV), ("spark", RUNTIME | SPARK), ("lab", RUNTIME | LAB)]
)
def test_a_lock_holds_what_the_project_asks_for_in_a_version_that_it_allows(lock, wanted):
    for name, one in wanted.items():
        assert name in locked(lock), f"{name} is not in requirements/{lock}.txt: make lock"
        assert one.specifier.contains(locked(lock)[name], prereleases=True), f"{one} against {locked(lock)[name]}: make lock"


def test_all_locks_agree_on_every_version():
    for one in LOCKS:
        for other in LOCKS:
            both = set(locked(one)) & set(locked(other))
            assert {name: locked(one)[name] for name in both} == {name: locked(other)[name] for name in both}


def test_scheduled_runs_do_without_jupyterlab_and_spark():
    assert not {"jupyterlab", "notebook", "pyspark"} & set(locked("report"))


# --- files ----------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def git():
    require("" if shutil.which("git") and (ROOT / ".git").exists() else "needs git and its checkout")
    return lambda *command: subprocess.run(
        ["git", *command], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()


def test_git_keeps_what_is_made_by_hand_and_ignores_what_is_made_by_running(git):
    made = [".venv/bin/python", ".venv-lab/pyvenv.cfg", "reports/latest/index.html", "salestrack/__pycache__/x.pyc"]
    made += ["notebooks/.ipynb_checkpoints/a.ipynb", ".hypothesis/x", "spark-warehouse/x", "metastore_db/x", "derby.log"]
    assert git("check-ignore", *made) == made
    kept = [
        "notebooks/00_summary.ipynb",
        "data/sample/book.yaml",
        "requirements/report.txt",
        "tests/golden/x.sql",
        "reports/README.md",
    ]
    assert git("check-ignore", *kept) == []
    assert [path for path in git("ls-files") if path.startswith(tuple(made)) or path.endswith((".pyc", ".duckdb.wal"))] == []
