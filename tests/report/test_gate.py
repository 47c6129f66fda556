"""The gate: only a notebook whose every code cell ran, and ran well, may be published."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from salestrack.report.collect import HEADLINE
from salestrack.report.gate import judge


def executed(*cells):
    made = [new_markdown_cell("# Title"), new_code_cell("as_of: str = ''", metadata={"tags": ["parameters"]}, execution_count=1)]
    injected = new_code_cell("as_of = '2026-09-30'", metadata={"tags": ["injected-parameters"]}, execution_count=2)
    return new_notebook(cells=[*made, injected, *cells])


def test_a_notebook_that_ran_through_passes():
    assert judge(executed(new_code_cell("x", execution_count=3), new_markdown_cell("text"), new_code_cell("  \n")), "page") is None


def test_a_cell_that_never_ran_is_found_whatever_its_metadata_says():
    ran = {"papermill": {"status": "completed", "exception": None}}
    failure = judge(executed(new_code_cell("# why\nboom()", metadata=ran)), "page")
    # The parameters cell is the first code cell; the one that papermill adds is not the analyst's.
    assert (failure.cause, failure.cell, failure.line) == ("not run", 2, "boom()")


def test_an_error_is_named_with_its_cell():
    output = new_output("error", ename="ZeroDivisionError", evalue="division by zero", traceback=[])
    cells = new_code_cell("fine", execution_count=3), new_code_cell("1 / 0\nmore", execution_count=4, outputs=[output])
    failure = judge(executed(*cells), "03_performance")
    assert str(failure) == "03_performance: code cell 3, `1 / 0`: ZeroDivisionError: division by zero"


def test_an_error_in_the_injected_parameters_names_no_cell():
    notebook = executed()
    notebook.cells[2].outputs = [new_output("error", ename="SyntaxError", evalue="", traceback=[])]
    assert str(judge(notebook, "page")) == "page: SyntaxError"


@pytest.mark.parametrize("content", [{"name": "x"}, "text", {"name": "x", "label": "X", "value_text": 3}])
def test_a_headline_that_is_none_is_refused(content):
    output = new_output("display_data", data={HEADLINE: content})
    failure = judge(executed(new_code_cell("x", execution_count=3, outputs=[output])), "page")
    assert failure.cause == "page"
    assert HEADLINE in failure.message


def test_a_damaged_notebook_is_refused():
    notebook = executed()
    notebook.cells[1].outputs = "none"
    assert "damaged" in judge(notebook, "page").message
