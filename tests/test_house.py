"""The walls of the house: imports go down, foreign packages stay in their rooms, rooms stay small.

A new module needs a floor here. Rooms that are folders have one floor; within a folder any order goes as long as it is no cycle.
"""

import ast
import re
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import salestrack as st

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "salestrack"
FACE = "salestrack"
# Each room may use the rooms on floors below its own.
FLOORS = {
    "errors": 0,
    "tables": 0,
    "clock_changes": 0,
    "formula": 0,
    "period_words": 0,
    "quota_spans": 1,
    "periods": 2,
    "wording": 2,
    "stats": 2,
    "definition": 2,
    "quota_levels": 2,
    "rests": 2,
    "grains": 3,
    "book": 3,
    "formats": 3,
    "metrics": 3,
    "passages": 4,
    "days": 4,
    "touches": 4,
    "entered_late": 4,
    "migrated": 4,
    "recording": 4,
    "paths": 4,
    "quotas": 4,
    "columns": 5,
    "display": 4,
    "alike_weeks": 6,
    "quota_notes": 6,
    "asking": 6,
    "as_of": 6,
    "ripeness": 5,
    "parts": 7,
    "estimate": 8,
    "groups": 9,
    "recorded": 9,
    "measure": 10,
    "sample": 11,
    "sources": 11,
    "capture": 11,
    "goals": 11,
    "analyses": 12,
    "check": 12,
    "charts": 13,
    "report": 14,
    FACE: 15,
    "cli": 16,
    "scratch": 0,
    "ladders": 2,
    "whereabouts": 5,
    "as_it_stood": 4,
    "book_card": 5,
    "contents": 13,
}
# Foreign packages and the rooms that may import them.
ONLY_IN = {
    "seaborn": {"charts"},
    "matplotlib": {"charts"},
    "papermill": {"report"},
    "nbconvert": {"report"},
    "nbclient": {"report"},
    "nbformat": {"report"},
    "jupyter_client": {"report"},
    "jinja2": {"report"},
    "bs4": {"report"},
    "duckdb": {"sources"},
    "icalendar": {"capture"},
    "recurring_ical_events": {"capture"},
    "pyspark": {"sources"},
    "sqlglot": {"sources"},
    "typer": {"cli"},
    "rich": {"check", "cli", "report"},
    "great_tables": {"display"},
    "babel": {"formats", "sources", "report"},
    "fluent": {"wording"},
    "holidays": {"days"},
    "IPython": set(),
}
CLOCK = re.compile(r"\b(date|datetime|Timestamp)\.(today|now|utcnow)$|^time\.time$|^ibis\.(now|today)$")
VAGUE = {"utils", "util", "helpers", "common", "misc", "tools", "base", "core"}
# Whoever only measures waits for none of these.
HEAVY = {"seaborn", "matplotlib", "papermill", "nbconvert", "nbclient", "pyspark", "IPython", "typer", "statsmodels"}
# Rooms that work on small pandas tables, or on texts, and never ask an engine.
WITHOUT_ENGINE = {"errors", "tables", "periods", "wording", "stats", "formats", "estimate", "charts", "report"}


@cache
def modules() -> dict[str, Path]:
    paths = sorted(PACKAGE.rglob("*.py"))
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(modules()[name].read_text(encoding="utf-8"))


def imported(name: str) -> set[str]:
    """Everything that a module imports, wherever in it: dotted names, as far as they are modules of the package."""
    found = set()
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively; say where from"
            # `from salestrack import formats` asks for the module and not for the face.
            found |= {one if (one := f"{node.module}.{alias.name}") in modules() else node.module for alias in node.names}
    return found


def own(name: str) -> set[str]:
    """The modules of the package that a module imports."""
    return {each for each in imported(name) if each in modules()} - {name}


def room(name: str) -> str:
    return name.split(".")[1] if "." in name else FACE


def test_every_room_has_a_floor_and_every_floor_a_room():
    assert {room(name) for name in modules()} == set(FLOORS)


def test_imports_go_down():
    climbing = [
        f"{name} (floor {FLOORS[room(name)]}) imports {each} (floor {FLOORS[room(each)]})"
        for name in modules()
        for each in own(name)
        if room(each) != room(name) and FLOORS[room(each)] >= FLOORS[room(name)]
    ]
    assert climbing == []


def test_there_are_no_cycles():
    # A folder's __init__ is its list of what others may use; what is inside does not go through it.
    TopologicalSorter({name: own(name) for name in modules()}).prepare()


def test_foreign_packages_stay_in_their_rooms():
    foreign = {name: {each.split(".")[0] for each in imported(name)} for name in modules()}
    astray = [
        (name, package) for name in foreign for package in foreign[name] if room(name) not in ONLY_IN.get(package, {room(name)})
    ]
    astray += [(name, "ibis") for name in foreign if "ibis" in foreign[name] and room(name) in WITHOUT_ENGINE]
    assert astray == []


def test_definitions_are_made_of_formulas_only():
    for name in modules():
        if name.startswith("salestrack.metrics."):
            assert {room(each) for each in own(name)} == {"definition", "formula"}


def test_modules_are_short_and_say_what_they_are():
    long = {name: lines for name, path in modules().items() if (lines := path.read_text(encoding="utf-8").count("\n")) > 300}
    assert long == {}, "a room of its own for one of the concepts in it?"
    assert [name for name in modules() if VAGUE & set(name.split("."))] == []
    assert [name for name in modules() if not ast.get_docstring(tree(name))] == []


def functions() -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return [(name, node) for name in modules() for node in ast.walk(tree(name)) if isinstance(node, kinds)]


def test_functions_take_few_parameters_each_by_its_name():
    many, hidden = [], []
    for name, function in functions():
        given = function.args
        names = {each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)} - {"self", "cls"}
        if len(names) > 6 and not is_excused(name, function):
            many.append(f"{name}.{function.name}: {len(names)}")
        # A wrapper shows the parameters of what it wraps.
        if given.kwarg and not any(ast.unparse(each).startswith("wraps(") for each in function.decorator_list):
            hidden.append(f"{name}.{function.name}: **{given.kwarg.arg}")
    assert many == []
    assert hidden == [], "nobody can see what it accepts"


def is_excused(name: str, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """What the linter lets pass: a command, whose parameters are its options, an overload, and what gives its reason in place."""
    command = any("command" in ast.unparse(decorator) for decorator in function.decorator_list)
    signature = modules()[name].read_text(encoding="utf-8").splitlines()[function.lineno - 1 : function.body[0].lineno]
    overload = any(ast.unparse(decorator) == "overload" for decorator in function.decorator_list)
    return command or overload or any("PLR0913" in line for line in signature)


def test_the_clock_is_read_by_the_command_line_only():
    calls = [(name, ast.unparse(node.func)) for name in modules() for node in ast.walk(tree(name)) if isinstance(node, ast.Call)]
    assert [(name, call) for name, call in calls if CLOCK.search(call) and room(name) != "cli"] == []


def test_no_test_depends_on_how_busy_the_machine_is():
    # A test waits for what it waits for, and counts what work costs; code that a test runs elsewhere is text here.
    clocks = re.compile(r"^time\.|^(sleep|perf_counter|monotonic|process_time)(_ns)?$|^signal\.(alarm|setitimer)$")
    calls = [
        (path.name, node.lineno, ast.unparse(node.func))
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and (clocks.search(ast.unparse(node.func)) or any(keyword.arg == "timeout" for keyword in node.keywords))
    ]
    assert calls == []


def test_no_error_is_swallowed():
    handlers = [(name, node) for name in modules() for node in ast.walk(tree(name)) if isinstance(node, ast.ExceptHandler)]
    assert [(name, node.lineno) for name, node in handlers if all(isinstance(each, ast.Pass) for each in node.body)] == []


def loaded_by(statement: str) -> set[str]:
    program = f"import sys\n{statement}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def test_the_face_loads_neither_drawing_nor_notebooks_nor_other_engines():
    loaded = loaded_by("import salestrack as st")
    assert "salestrack" in loaded
    assert not loaded & {
        "seaborn",
        "matplotlib",
        "papermill",
        "nbconvert",
        "nbclient",
        "pyspark",
        "IPython",
        "typer",
        "statsmodels",
    }


def test_charts_are_loaded_when_they_are_first_asked_for():
    assert "seaborn" in loaded_by("import salestrack as st; st.charts")


def test_what_the_face_does_not_have_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'salestrack' has no attribute 'chart'"):
        st.chart  # noqa: B018
