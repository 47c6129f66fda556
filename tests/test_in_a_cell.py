"""What a cell of JupyterLab shows: no amount is read as a formula, and a slip is told in one short message."""

import ast
import re
from inspect import isfunction, signature
from pathlib import Path
from types import ModuleType

import ibis
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from IPython.core.interactiveshell import InteractiveShell

import salestrack as st
from salestrack import errors
from salestrack.display import Table, no_formulas
from salestrack.errors import CallError, SalestrackError
from tests.small_book import AS_OF, SETTINGS, book_of, frames

PACKAGE = Path(st.__file__).parent
NOTEBOOKS, DOCS = PACKAGE.parent / "notebooks", PACKAGE.parent / "docs"
FORMULA = ("$", "\\(", "\\[", "\\begin{")


@pytest.fixture(scope="module")
def dollars():
    return book_of(ibis.duckdb.connect(), None, AS_OF, SETTINGS.model_copy(update={"currency": "USD"}))


def loose(html):
    """Return the texts of a page in which MathJax would look for formulas."""
    soup = BeautifulSoup(html, "html.parser")
    marked = {"mathjax_ignore", "tex2jax_ignore"}
    texts = [text for text in soup.find_all(string=True) if any(each in text for each in FORMULA)]
    return [str(text) for text in texts if not any(marked <= set(parent.get("class", ())) for parent in text.parents)]


def shown(result):
    if hasattr(result, "_repr_mimebundle_"):
        return result._repr_mimebundle_()["text/html"]
    return result._repr_html_()


def test_no_amount_in_dollars_is_a_formula(dollars):
    results = [
        st.measure(dollars, [st.bookings, st.average_deal_size]),
        st.measure(dollars, st.bookings, by="rep", during="2026-Q2"),
        st.compare(dollars, [st.bookings], during="2026-Q2"),
        st.headlines(dollars, [st.bookings], during="2026-Q2"),
        st.explain_bookings(dollars, during="2026-Q2", against="2026-Q1"),
        st.open_pipeline(dollars, during="2026-Q2"),
        st.measure(dollars, st.bookings).definitions,
    ]
    pages = [shown(result) for result in results]
    assert sum("$" in page for page in pages) >= 4, "the book does show dollars"
    assert [text for page in pages for text in loose(page)] == []


@pytest.mark.parametrize("text", ["$1 to $2", r"\(a\)", r"\[a\]", r"\begin{x}"])
def test_whatever_begins_a_formula_is_marked_and_nothing_else_is(text):
    assert loose(no_formulas(lambda self: f"<p>{self}</p>")(text)) == []
    assert no_formulas(lambda self: f"<p>{self}</p>")("1 € to 2 €") == "<p>1 € to 2 €</p>"


def test_everything_that_shows_itself_as_html_is_marked():
    unmarked = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name == "_repr_html_":
                unmarked += [path.name] if "no_formulas" not in map(ast.unparse, node.decorator_list) else []
            # What a bundle holds as HTML is what the result shows as HTML.
            if isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                html = [ast.unparse(value) for key, value in pairs if isinstance(key, ast.Constant) and key.value == "text/html"]
                unmarked += [path.name for value in html if value != "self._repr_html_()"]
    assert unmarked == []
    assert Table._repr_html_.__wrapped__


@pytest.fixture
def cell(capsys):
    """Run a cell and return what JupyterLab would show of its error."""
    shell = InteractiveShell.instance()

    def run(code, **names):
        shell.user_ns.update(st=st, **names)
        capsys.readouterr()
        result = shell.run_cell(code)
        assert not result.success
        return capsys.readouterr().out.strip()

    yield run
    InteractiveShell.clear_instance()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("st.win_rte", "UnknownAttributeError: module 'salestrack' has no attribute 'win_rte'. Did you mean 'win_rate'"),
        ("st.charts.rankd", "UnknownAttributeError: module 'salestrack.charts' has no attribute 'rankd'. Did you mean 'ranked'?"),
        ('st.measure("company")', "CallError: measure(book, metrics, by=..., "),
        ("st.leaks()", "CallError: leaks(book, "),
        ('st.open_book("book.yaml")', "CallError: open_book(path, as_of): missing a required argument: 'as_of'. Name the day"),
        ('st.measure(book, "win_rte")', "UnknownNameError: No metric 'win_rte'. Did you mean 'win_rate'"),
        ('st.measure(book, st.win_rate, by="regoin")', "UnknownNameError: No column 'regoin'"),
        ('st.measure(book, st.win_rate, during="Q5 2026")', "PeriodError: 'Q5 2026' is not a period."),
        ('st.measure(book, st.win_rate, during="H1 2026")', "PeriodError: 'H1 2026' is not a period."),
        ('st.open_book("none.yaml", as_of="2026-09-30")', "BookError: "),
    ],
)
def test_a_slip_is_told_in_one_short_message(cell, dollars, code, told):
    said = cell(code, book=dollars)
    assert said.startswith(told)
    assert "Traceback" not in said
    assert len(said) < 600
    assert "File " not in said


def test_every_error_of_the_kit_is_short_and_still_the_error_that_a_caller_expects(cell):
    found = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, SalestrackError)]
    assert len(found) > 10
    for each in found:
        error = each("What is wrong. What to do.")
        assert error._render_traceback_() == [f"{each.__name__}: What is wrong. What to do."]
    assert not hasattr(st, "win_rte")
    assert "ZeroDivisionError" in cell("1 / 0"), "errors that are not the kit's keep their traceback"
    assert "Traceback" in cell("1 / 0")


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda book: st.measure("company"), r"^measure\(book, metrics, by=.*\) wants a book first and got 'company'\. Open one: "),
        (lambda book: st.measure(), r"wants a book first\. Open one"),
        (lambda book: st.measure(st.win_rate), r"wants a book first and got a Metric\."),
        (st.measure, r"missing a required argument: 'metrics'\. Name one or more, such as st\.win_rate\."),
        (lambda book: st.measure(book, st.win_rate, grupby="rep"), r"has no parameter 'grupby'"),
        (lambda book: st.measure(book, st.win_rate, durin="2026"), r"has no parameter 'durin'\. Did you mean 'during'\?"),
        (st.headlines, r"missing a required argument: 'during'\. Name a period"),
    ],
)  # fmt: skip
def test_a_function_that_is_called_wrongly_says_how_it_is_called(dollars, call, told):
    with pytest.raises(CallError, match=told) as caught:
        call(dollars)
    assert isinstance(caught.value, TypeError)


def test_every_question_asks_for_its_book():
    functions = [each for name, each in vars(st).items() if not name.startswith("_") and isfunction(each)]
    questions = [each for each in functions if next(iter(signature(each).parameters), "") == "book"]
    assert len(questions) > 25
    for question in questions:
        with pytest.raises(CallError, match="wants a book first and got 'company'"):
            question("company")


def test_what_is_offered_is_what_one_asks_with():
    offered = dir(st)
    assert [name for name in offered if isinstance(getattr(st, name), ModuleType)] == ["charts"], "no room of the package"
    assert not [name for name in offered if name.startswith("_")]
    # All that notebooks and the docs ask with is offered.
    said = {name for path in [*NOTEBOOKS.glob("*.ipynb"), *DOCS.rglob("*.md")]
            for name in re.findall(r"(?<![\w.])st\.([a-z_]\w*)", path.read_text(encoding="utf-8"))}  # fmt: skip
    assert len(said) > 20
    assert said <= set(offered)


def test_the_lists_of_figures_and_questions_hold_all_of_them():
    assert set(st.metrics().frame.iloc[:, 0]) == set(st.METRICS)
    told = st.questions().frame.set_axis(["name", "takes", "says"], axis=1).set_index("name")
    assert {"funnel", "compare", "leads_needed", "rep_page"} <= set(told.index)
    assert told["says"].str.len().gt(20).all()
    assert "during" in told.loc["funnel", "takes"]
    assert "book" not in told.loc["funnel", "takes"]


def test_a_book_shows_its_card(dollars):
    card = str(dollars)
    assert f"read as of {AS_OF:%-d %b %Y} · amounts in USD" in card
    sold = next(line.split() for line in card.splitlines() if line.strip().startswith("opportunities"))
    table = dollars.table("opportunities").to_pandas()
    assert sold[1] == str(len(table))
    assert f"segment ({table['segment'].nunique()})" in card, "only what tells rows apart is offered"
    assert 'by="' in card
    assert "<table" in dollars._repr_html_()
    assert repr(dollars).startswith("<Book ")
    # What it says to ask next can be asked.
    by = card.split('by="')[1].split('"', maxsplit=1)[0]
    assert len(st.measure(dollars, st.win_rate, by=by).frame)


def test_an_expected_day_is_no_day_of_the_record():
    made = frames()
    made["opportunities"].loc[made["opportunities"]["stage"] == "Proposal", "close_date"] = pd.Timestamp("2027-03-01")
    assert (made["opportunities"]["close_date"] == pd.Timestamp("2027-03-01")).any(), "something is expected later"
    card = str(book_of(ibis.duckdb.connect(), made, AS_OF))
    assert "2027" not in card
