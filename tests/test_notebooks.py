"""The notebooks: thin, without outputs, and running as they are, with plain papermill too."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import salestrack as st

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SHARED = ("book", "as_of", "during", "goals", "where")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code_of(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_notebooks_in_reading_order():
    assert [path.stem for path in NOTEBOOKS] == ["00_summary", "01_goals", "02_activity", "03_performance", "04_funnel"]


def test_a_notebook_is_stripped_and_valid(notebook):
    nbformat.validate(notebook)
    assert all(not cell.outputs and cell.execution_count is None for cell in code_of(notebook))
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"\d\d-\d\d", each) for each in ids), "cell ids are given by hand, so that they stay"


def test_a_notebook_begins_with_its_title_and_question(notebook):
    first = notebook.cells[0]
    assert first.cell_type == "markdown"
    assert re.match(r"# \w+.*\n\n.*\?", first.source)


def test_a_notebook_is_thin(notebook):
    cells = code_of(notebook)
    assert len(cells) <= 18
    for cell in cells:
        assert len(cell.source.splitlines()) <= 8, cell.source
        for node in ast.walk(ast.parse(cell.source)):
            heavy = (
                ast.FunctionDef | ast.ClassDef | ast.For | ast.While | ast.Lambda | ast.ListComp | ast.DictComp | ast.GeneratorExp
            )
            assert not isinstance(node, heavy), f"a notebook calls, it does not compute: {cell.source}"
        assert not re.search(r"\bplt\.|\bSELECT\b|\.sql\(|read_csv", cell.source), cell.source


def test_parameters_are_typed_and_explained(notebook):
    tagged = [cell for cell in code_of(notebook) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    assert tagged[0] is code_of(notebook)[0]
    lines = tagged[0].source.splitlines()
    names = [re.match(r"(\w+): \w+ = .+  # .+", line)[1] for line in lines]
    # What only one notebook takes stands after what all take.
    assert names[: len(SHARED)] == list(SHARED)
    assert names[len(SHARED) :] == (["rep"] if notebook.cells[0].source.startswith("# Activity") else [])


def test_every_figure_asked_for_exists(notebook):
    for cell in code_of(notebook):
        for name in re.findall(r"\bst\.([a-zA-Z_]+)", cell.source):
            assert hasattr(st, name), f"st.{name}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_with_plain_papermill(path, tmp_path):
    """As the README says: no command line of ours, defaults but for one parameter."""
    target = tmp_path / "out.ipynb"
    command = [
        sys.executable,
        "-m",
        "papermill",
        str(path),
        str(target),
        "-p",
        "during",
        "2026-Q2",
        "--cwd",
        str(ROOT / "notebooks"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    ran = nbformat.read(target, as_version=4)
    outputs = [output for cell in code_of(ran) for output in cell.outputs]
    assert all(cell.execution_count for cell in code_of(ran))
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"], "a notebook warns of nothing"
    assert any("2026-Q2" in str(output) for output in outputs)
