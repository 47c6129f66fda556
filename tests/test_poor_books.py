"""Books that lack something: every notebook still runs on them, and every answer says what is missing instead of a figure."""

import ast
from pathlib import Path

import ibis
import nbformat
import pandas as pd
import pytest

import salestrack as st
from salestrack import charts
from salestrack.analyses.comparison import verdict_text
from tests.small_book import book_of, frames, typed

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
RICH = ("_repr_mimebundle_", "_repr_html_", "_repr_markdown_", "__str__")


@pytest.fixture(scope="module")
def deals_alone(tmp_path_factory):
    """An export of 60 opportunities: name of the stage and two days each, as the smallest CRM gives them."""
    folder = tmp_path_factory.mktemp("deals")
    rows = [f"D{i},{'Won' if i % 3 else 'Lost'},2026-0{i % 4 + 1}-05,2026-0{i % 4 + 2}-{10 + i % 9}" for i in range(60)]
    (folder / "deals.csv").write_text("\n".join(["opportunity_id,stage,created_date,close_date", *rows]), encoding="utf-8")
    stages = "stages: [{name: Open}, {name: Won, outcome: won}, {name: Lost, outcome: lost}]"
    (folder / "book.yaml").write_text(f"{stages}\ntables: {{opportunities: {{file: deals.csv}}}}\n", encoding="utf-8")
    return folder


BOOKS = {"two_files": ("2026-06-30", "2026-Q2"), "event_log": ("2026-03-31", "2026-03"), "deals_alone": ("2026-06-30", "2026-Q2")}


def shown(value):
    """Ask for all that a notebook may show of a value."""
    for name in RICH:
        if hasattr(value, name):
            getattr(value, name)()


def run(path, **parameters):
    """Run the code cells of a notebook here, without a kernel, and show what they end with."""
    names = {"display": lambda *values: [shown(value) for value in values]}
    first, *cells = (cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    exec(first.source, names)
    names |= parameters
    for cell in cells:
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, path.name, "exec"), names)
        if last is not None:
            shown(eval(compile(ast.Expression(last.value), path.name, "eval"), names))


@pytest.mark.parametrize("name", BOOKS)
def test_every_notebook_runs(name, request):
    as_of, during = BOOKS[name]
    book = request.getfixturevalue(name) if name == "deals_alone" else ROOT / "tests" / "books" / name
    for path in NOTEBOOKS:
        run(path, book=str(book), as_of=as_of, during=during, goals="")


def test_a_book_without_key_figures_is_not_said_to_need_no_decision():
    """Twenty won, none lost, none with an amount, no history and no quotas: none of the five can be measured."""
    rows = pd.DataFrame({"opportunity_id": [f"O{i}" for i in range(20)], "stage": "Won", "created_date": "2026-03-01"})
    book = book_of(ibis.duckdb.connect(), {"opportunities": typed("opportunities", rows.assign(close_date="2026-05-20"))})
    assert list(st.findings(book, during="2026-Q2")) == [
        "None of the key figures can be measured in this book, so nothing can be judged here."
    ]


def test_every_reason_of_a_comparison_has_words():
    for reason in ("partial", "too_few", "undefined", "absent", "state", "no_interval"):
        assert verdict_text("cannot_tell", reason).startswith("cannot tell (")
    assert verdict_text("cannot_tell", "noise") == "cannot tell"


def open_ones(n, **columns):
    """A book of so many open opportunities, alike but for these columns."""
    made = {"opportunity_id": [f"O{i}" for i in range(n)], "stage": "Discovery", "created_date": "2026-06-20", "amount": 100.0}
    rows = pd.DataFrame(made | {"close_date": "2026-09-01", "rep_id": "R1"} | columns)
    return book_of(ibis.duckdb.connect(), {"opportunities": typed("opportunities", rows)})


class TestWithoutAmounts:
    @pytest.fixture
    def unpriced(self, deals_alone):
        return st.open_book(deals_alone, as_of="2026-06-30")

    REASON = (
        "No opportunity of this book has an amount, of 60. Figures of money need amounts: record them at the source and "
        "map their column in the book file."
    )  # fmt: skip

    def test_sums_of_nothing_are_no_sales_of_nothing(self, unpriced):
        found = st.measure(unpriced, [st.bookings, st.pipeline, st.average_deal_size, st.win_rate], during="2026-Q2")
        assert set(found.absent) == {"bookings", "pipeline", "average_deal_size"}
        assert set(found.absent.values()) == {self.REASON}
        assert found.frame.set_index("metric").loc["win_rate", "value"] > 0

    def test_a_tile_of_the_day_of_the_book_says_that_it_is_not_in_it(self, unpriced):
        pipeline, number = st.headlines(unpriced, [st.pipeline, st.open_opportunities], during="2026-Q2")
        assert (pipeline.value_text, pipeline.delta_text) == ("–", "not in this book")
        assert number.delta_text == "on the day of the book"

    def test_the_comparison_gives_the_reason(self, unpriced):
        answer = st.compare(unpriced, [st.bookings, st.win_rate], during="2026-Q2")
        assert answer.sentences[0] == f"Bookings cannot be measured. {self.REASON}"
        assert charts.compared(answer).svg()

    def test_nothing_is_drawn_or_split_up(self, unpriced):
        change = st.explain_bookings(unpriced, during="2026-Q2")
        assert change.sentences == (self.REASON,)
        assert change.frame["contribution"].isna().all()
        assert charts.contributions(change).empty
        pace = st.pace(unpriced, during="2026-Q2")
        assert pace.sentences == (self.REASON,)
        assert charts.pace(pace).empty

    def test_the_open_pipeline_is_counted(self):
        said = st.open_pipeline(open_ones(20, amount=None, close_date="2026-06-25"), during="2026-Q2").sentences
        assert len(said) == 1
        assert said[0].startswith("20 opportunities are open on 30 Jun 2026. No opportunity of this book has an amount, of 20")

    def test_a_few_without_an_amount_are_no_pipeline_of_nothing_either(self):
        found = st.measure(open_ones(3, amount=None), st.pipeline)
        assert found.value() is None
        assert found.absent["pipeline"].startswith("No opportunity of this book has an amount, of 3.")


class TestWithoutDaysOfLeads:
    @pytest.mark.parametrize(("metric", "column"), [
        ("marketing_qualification_rate", "marketing_qualified_at"), ("sales_qualification_rate", "sales_qualified_at"),
        ("opportunity_rate", "converted_at"),
    ])  # fmt: skip
    def test_a_rate_that_nobody_wrote_down_is_not_zero(self, metric, column):
        days = [name for name in ("marketing_qualified_at", "sales_qualified_at", "converted_at") if name != column]
        for n, refused in ((19, False), (20, True)):
            leads = pd.DataFrame(
                {"lead_id": [f"L{i}" for i in range(n)], "created_at": "2026-04-01"} | dict.fromkeys(days, "2026-04-02")
            )
            book = book_of(ibis.duckdb.connect(), frames() | {"leads": typed("leads", leads)})
            found = st.measure(book, metric, during="2026-Q2")
            assert (metric in found.absent) == refused
            assert found.absent.get(metric, column).count(column) == 1

    def test_another_goal_is_followed_where_no_sql_is_dated(self):
        book = st.open_book(ROOT / "tests" / "books" / "two_files", as_of="2026-06-30")
        answer = st.qualification(book)
        assert answer.goal == "won"
        pd.testing.assert_frame_equal(answer.frame, st.qualification(book, goal="won").frame)
        assert st.qualification(book_of(ibis.duckdb.connect())).goal == "sales_qualified"


class TestAHistoryWithoutAmountsAndDates:
    """The small book, its history telling stages only."""

    @pytest.fixture
    def bare(self):
        small = frames()
        small["stage_history"] = small["stage_history"].assign(amount=float("nan"), close_date=pd.NaT)
        return book_of(ibis.duckdb.connect(), small)

    def test_the_waterfall_takes_amounts_as_last_known(self, bare):
        """On 31 March O1, O2, O3 and O8 were open, and O5 without an amount; that of O9, open still, a later export cannot tell."""
        answer = st.waterfall(bare, during="2026-Q2")
        amount = answer.frame.set_index("step")["amount"]
        known = st.waterfall(book_of(ibis.duckdb.connect()), during="2026-Q2").frame.set_index("step")
        n = answer.frame.set_index("step")["n"]
        assert n["start"] == known.loc["start", "n"]
        assert amount["start"] == 1000 + 3000 + 2000 + 1200
        assert amount[["increased", "decreased", "recorded"]].tolist() == [0, 0, 0]
        assert answer.sentences[-1].startswith(
            "The stage history records no amounts: each opportunity counts with its amount as last"
        )

    def test_what_was_due_in_past_periods_is_not_told(self):
        rows = pd.DataFrame({"opportunity_id": [f"O{i}" for i in range(6)], "stage": "Won", "amount": 100.0,
                             "created_date": "2025-12-01", "close_date": [f"2026-0{i + 1}-01" for i in range(6)]})  # fmt: skip
        history = [{"opportunity_id": f"O{i}", "stage": "Discovery", "entered_at": "2025-12-01"} for i in range(6)]
        tables = {"opportunities": typed("opportunities", rows), "stage_history": typed("stage_history", pd.DataFrame(history))}
        answer = st.pace(book_of(ibis.duckdb.connect(), tables), during="2026-06")
        assert len(answer.frame) == 6
        assert answer.frame.loc[~answer.frame["current"], "due"].isna().all()
        assert "The stage history records no expected close dates" in answer.sentences[-1]


class TestHygieneOfWhatNobodyRecords:
    @pytest.mark.parametrize(
        ("check", "column"), [("no_close_date", "close_date"), ("no_amount", "amount"), ("no_owner", "rep_id")]
    )
    def test_what_not_one_of_ten_has_is_not_recorded(self, check, column):
        answer = st.hygiene(open_ones(10, **{column: None}))
        row = answer.frame.set_index("check").loc[check]
        assert (row["n"], row["of"]) == (0, 0)
        assert row["reason"].startswith("Not one of the 10 open opportunities has")
        assert row["reason"] in answer.sentences
        assert answer.frame.set_index("check").loc["any", "n"] == 0

    @pytest.mark.parametrize("n", [9, 10])
    def test_what_one_has_or_few_are_asked_is_counted(self, n):
        dates = [None] * 9 + ["2026-09-01"] * (n - 9)
        assert st.hygiene(open_ones(n, close_date=dates)).frame.set_index("check").loc["no_close_date", "n"] == 9


def test_a_step_that_all_leave_at_once_is_left_by_no_more_than_all():
    """40 of 60 leave after a day, the others go on at once: a rate of 7 a week at risk, and a share of two thirds."""
    rows = pd.DataFrame({"opportunity_id": [f"O{i}" for i in range(60)], "stage": "Lost", "created_date": "2026-05-01",
                         "close_date": ["2026-05-02"] * 40 + ["2026-05-21"] * 20})  # fmt: skip
    history = [{"opportunity_id": f"O{i}", "stage": "Discovery", "entered_at": "2026-05-01"} for i in range(60)]
    history += [{"opportunity_id": f"O{i}", "stage": "Proposal", "entered_at": "2026-05-01"} for i in range(40, 60)]
    history += [{"opportunity_id": f"O{i}", "stage": "Lost", "entered_at": rows["close_date"][i]} for i in range(60)]
    tables = {"opportunities": typed("opportunities", rows), "stage_history": typed("stage_history", pd.DataFrame(history))}
    answer = st.leaks(book_of(ibis.duckdb.connect(), tables))
    assert answer.frame.set_index("step").loc["Discovery", "hazard"] == pytest.approx(40 / (40 / 7))
    assert "They leave fastest at Discovery: 66.7% of those that come leave within a week" in " ".join(answer.sentences)


def test_what_has_no_amount_is_not_worth_nothing():
    said = " ".join(st.hygiene(open_ones(10, amount=[None] * 9 + [100.0])).sentences)
    assert "The most value first: no amount: 9." in said
