"""Planning: everything wrong with a request is told at once, before any kernel starts."""

from dataclasses import replace
from pathlib import Path

import papermill
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell

from salestrack.errors import GoalError, ParameterError, UnknownNameError
from salestrack.report import Checks, plan_run
from salestrack.report.parameters import SHARED, read_model
from salestrack.report.plan import pack_name
from tests.report.toy import CHECKS, PARAMETERS, STARTED, book, notebook, request, write


@pytest.fixture
def folder(tmp_path, monkeypatch):
    def start(*_args, **_named):
        raise AssertionError("a kernel was about to start")

    monkeypatch.setattr(papermill, "execute_notebook", start)
    write(
        tmp_path / "notebooks", **{"00_summary": notebook("1 + 1"), "02_activity": notebook("1 + 1", parameters=PARAMETERS + _OWN)}
    )
    return tmp_path


_OWN = "min_n: int = 10  # fewest rows to judge by\nshare: float = 0.5  # a share\nnames: list[str] = []  # some names\n"


def refused(asked, checks=CHECKS) -> str:
    with pytest.raises(ParameterError) as caught:
        plan_run(asked, checks)
    return str(caught.value)


def test_a_good_request_becomes_a_plan(folder):
    plan = plan_run(request(folder, extra={"min_n": "5"}, where={"team": "NO"}), CHECKS)
    assert [each.name for each in plan.notebooks] == ["00_summary", "02_activity"]
    assert plan.notebooks[0].parameters == {
        "book": str(folder / "book.yaml"),
        "as_of": "2026-09-30",
        "during": "2026-Q3",
        "goals": "",
        "where": {"team": "NO"},
    }
    # Read by the parameter's type, and only given to the notebook that takes it.
    assert plan.notebooks[1].parameters["min_n"] == 5
    assert plan.book.intake["opportunities"].refused == 2
    assert plan.scope == "team: NO"


def test_paths_are_absolute_for_kernels(folder, monkeypatch):
    monkeypatch.chdir(folder)
    (folder / "goals.yaml").write_text("goals: []")
    plan = plan_run(request(folder, book="book.yaml", goals="goals.yaml"), CHECKS)
    assert plan.notebooks[0].parameters["book"] == str(folder / "book.yaml")
    assert plan.notebooks[0].parameters["goals"] == str(folder / "goals.yaml")
    assert plan.request.book == "book.yaml"


def test_everything_wrong_is_told_at_once(folder):
    asked = request(
        folder,
        as_of="30.09.2026",
        during="2026-Q5",
        goals=str(folder / "none.yaml"),
        only=["03_performence", "02_activty"],
        extra={"x=1;import os;y": 1, "book": "other.yaml"},
        where={"team": {"deep": 1}},
    )
    said = refused(asked)
    for part in (
        "as_of: '30.09.2026' is not a day",
        "during: '2026-Q5' is not a period",
        "There is no goal sheet",
        "No notebook '02_activty'",
        "Did you mean '02_activity'?",
        "No notebook of this run takes a parameter 'x=1;import os;y'",
        "The parameter 'book' has an option of its own",
        "where.team",
    ):
        assert part in said
    assert said.count("is not a day") == 1


@given(name=st.text(min_size=1).filter(lambda name: name not in {*SHARED, "min_n", "share", "names"}))
def test_no_unknown_parameter_name_gets_through(tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("names")
    write(folder / "notebooks", page=notebook(parameters=PARAMETERS + _OWN))
    assert "takes a parameter" in refused(request(folder, extra={name: 1}))


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"min_n": "many"}, "min_n"),
        ({"min_n": 2.5}, "min_n"),
        ({"names": "Ada"}, "names"),
        ({"share": [1]}, "share"),
        ({"min": 1}, "Did you mean 'min_n'?"),
    ],
)
def test_wrong_types_and_misspelt_names_are_refused(folder, extra, said):
    assert said in refused(request(folder, extra=extra))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"during": "2026-Q4"}, "begins on 2026-10-01, after the day the book is read"),
        ({"during": "2025-Q3"}, "lies outside the data of Acme & Söhne, which runs from 2026-01-05 to 2026-09-20"),
        ({"during": "2026-09-25/2026-09-28"}, "lies outside the data"),
        ({"as_of": 20260930}, "as_of"),
        ({"book": "nowhere.yaml"}, "There is no book at nowhere.yaml"),
        ({"book": ""}, "book"),
    ],
)
def test_what_lies_outside_the_data_is_refused(folder, changes, said):
    assert said in refused(request(folder, **changes))


def test_a_period_that_still_runs_is_fine(folder):
    assert plan_run(request(folder, as_of="2026-09-30", during="2026"), CHECKS).period.name == "2026"


def test_other_rooms_are_asked_and_their_errors_are_told_together(folder):
    (folder / "goals.yaml").write_text("goals: []")

    def read_goals(_path):
        raise GoalError("The goal sheet has no goals.")

    def check_where(_book, where):
        raise UnknownNameError(f"No column {next(iter(where))!r}.")

    checks = replace(CHECKS, read_goals=read_goals, check_where=check_where)
    said = refused(request(folder, goals=str(folder / "goals.yaml"), where={"tem": "North"}), checks)
    assert "The goal sheet has no goals." in said
    assert "No column 'tem'." in said


def test_the_goals_are_held_against_the_book_before_a_kernel_starts(folder):
    (folder / "goals.yaml").write_text("goals: []")

    def check_goals(opened, goals):
        raise GoalError(f"{goals} do not fit the book of {opened.name}.")

    checks = replace(CHECKS, read_goals=lambda path: f"The goals in {Path(path).name}", check_goals=check_goals)
    assert f"The goals in goals.yaml do not fit the book of {book().name}." in refused(
        request(folder, goals=str(folder / "goals.yaml")), checks
    )
    assert plan_run(request(folder), checks).period.name == "2026-Q3"  # without a sheet there is nothing to hold


def test_a_book_is_closed_before_kernels_open_it(folder):
    opened = []
    plan_run(request(folder), Checks(open_book=lambda path, as_of: opened.append(book()) or opened[-1]))
    with pytest.raises(Exception, match=r"(?i)closed|connection"):
        opened[0].connection.raw_sql("SELECT 1")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (PARAMETERS.replace("goals", "goal"), "does not have 'goals'"),
        (PARAMETERS.replace("as_of: str", "as_of: int"), "gives as_of the type int; it is str"),
        (PARAMETERS.replace("as_of: str", "as_of"), "line 2 of the parameters cell is not of the form"),
        (
            PARAMETERS.replace("where: dict = {}  # scope, column to value", "where: dict = {}"),
            "does not say in a comment what where is",
        ),
        (PARAMETERS + "import os", "is not of the form"),
        (PARAMETERS + "n: int = len('a')  # a call", "something other than a plain value"),
        (PARAMETERS + "n: int | None = 1  # a union", "gives n the type int | None"),
        (PARAMETERS + "n: int = 1  # a = b", "papermill reads 'n' in the parameters cell otherwise than Python does"),
        (PARAMETERS + "n: list[int] = [\n 1]; m: int = 2  # two", "papermill reads"),
        (PARAMETERS + "n: int = ", "is not Python"),
    ],
)
def test_a_parameters_cell_must_be_what_papermill_and_the_model_expect(folder, cell, said):
    write(folder / "notebooks", **{"00_summary": notebook(parameters=cell)})
    assert said in refused(request(folder))


def test_notebooks_without_one_parameters_cell_are_refused(folder):
    none, two = notebook(), notebook()
    none.cells[1].metadata["tags"] = []
    two.cells.append(new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}))
    write(folder / "notebooks", a=none, b=two)
    (folder / "notebooks" / "c.ipynb").write_text("{}")
    (folder / "notebooks" / "d.ipynb").write_text("not JSON")
    said = refused(request(folder))
    assert "a: 0 cells are tagged 'parameters'" in said
    assert "b: 2 cells are tagged 'parameters'" in said
    assert "c is not a Jupyter notebook" in said
    assert "d is not a Jupyter notebook" in said


def test_an_empty_folder_is_told(tmp_path):
    assert "There are no notebooks in" in refused(request(tmp_path))


def test_the_model_takes_help_and_defaults_from_the_cell():
    model, faults = read_model(notebook(parameters=PARAMETERS + _OWN), "page")
    assert faults == []
    assert model.model_fields["min_n"].description == "fewest rows to judge by"
    assert model(book="b", as_of="2026-09-30", during="2026-Q3").min_n == 10


def test_packs_of_different_scopes_never_share_a_folder():
    scopes = [{}, {"team": "A B"}, {"team": "A/B"}, {"team": ["A", "B"]}, {"team A": "B"}, {"team": "김"}, {"team": "x" * 300}]
    names = [pack_name("Söhne / 김치", "2026-07-01/2026-10-01", scope, []) for scope in scopes]
    assert len(set(names)) == len(scopes)
    assert all("/" not in name and len(name.encode()) < 200 for name in names)
    assert names[0] == "söhne-김치-2026-07-01-to-2026-10-01"


def test_the_run_is_named_after_its_start_and_everything_that_goes_in(folder):
    one = plan_run(request(folder), CHECKS).run_id
    assert one == plan_run(request(folder), CHECKS).run_id
    assert one.startswith(f"{STARTED:%Y%m%dT%H%M%SZ}-")
    assert one != plan_run(request(folder, where={"team": "North"}), CHECKS).run_id
    write(folder / "notebooks", **{"00_summary": notebook("1 + 2")})
    assert one != plan_run(request(folder), CHECKS).run_id
