"""Several sales processes in a book file: what may stand under `pipelines:`, what is refused, told and proposed."""

import re
from io import StringIO
from pathlib import Path

import pytest
import yaml
from rich.console import Console

import salestrack as st
from salestrack.book import Settings
from salestrack.check import check_page
from salestrack.errors import BookError
from salestrack.sources import new_book, open_book
from salestrack.sources.book_file import read_book_file
from tests.sources.exports import text_of

AS_OF = "2026-06-30"
PAGE = Path(__file__).parents[2] / "docs" / "book_file.md"
ENDS = [{"name": "Won", "outcome": "won"}, {"name": "Lost", "outcome": "lost"}]
LADDERS = {"New biz": ["New", "Proposal"], "Renewals": ["Due", "Talk"]}
HEADER = ["opportunity_id", "rep_id", "Process", "stage", "amount", "created_date", "close_date"]


def ladder(*names):
    return [*({"name": name} for name in names), *ENDS]


PIPELINES = {name: ladder(*stages) for name, stages in LADDERS.items()}
COLUMNS = {"columns": {"pipeline": "Process"}}


def deals():
    """Twelve of each process that came to both of its stages, half of them won, half lost; the column is called Process."""
    rows, history = [], []
    for process, stages in LADDERS.items():
        for i in range(12):
            key, end = f"{process[0]}{i}", "Won" if i % 2 else "Lost"
            rows.append([key, "R1", process, end, "100", "2026-01-01", "2026-03-01"])
            days = zip(("2026-01-01", "2026-01-15", "2026-03-01"), (*stages, end), strict=True)
            history += [[key, stage, day] for day, stage in days]
    return rows, history


def written(folder, said, rows=None, history=None):
    """Write a book of these rows, or of those of `deals`, and return its folder."""
    known = deals()
    (folder / "opportunities.csv").write_text(text_of(known[0] if rows is None else rows, HEADER), encoding="utf-8")
    told = known[1] if history is None else history
    (folder / "stage_history.csv").write_text(text_of(told, ["opportunity_id", "stage", "entered_at"]), encoding="utf-8")
    book = {"tables": {"opportunities": COLUMNS, "stage_history": None}, **said}
    (folder / "book.yaml").write_text(yaml.safe_dump(book, sort_keys=False), encoding="utf-8")
    return folder


def faults_of(folder, said):
    try:
        return list(read_book_file(written(folder, said)).faults)
    except BookError as error:
        return list(error.faults)


def leakage(book):
    found = st.measure(book, "leakage", by="stage").frame
    return [tuple(row) for row in found[["pipeline", "stage", "value", "n"]].itertuples(index=False)]


OF_BOTH = [("New biz", "New", 0, 12), ("New biz", "Proposal", 0.5, 12), ("Renewals", "Due", 0, 12), ("Renewals", "Talk", 0.5, 12)]


def test_each_process_has_its_own_ladder_whatever_the_column_is_called(tmp_path):
    book = open_book(written(tmp_path, {"pipelines": PIPELINES}), as_of=AS_OF)
    assert leakage(book) == OF_BOTH
    assert not [fault for fault in book.faults if fault.column in ("pipeline", "stage")]
    page = printed(check_page(book))
    assert "Stages of New biz: New > Proposal > Won (won) > Lost (lost)." in page
    assert "Stages of Renewals: Due > Talk > Won (won) > Lost (lost)." in page


def printed(page):
    console = Console(file=StringIO(), width=400)
    console.print(page)
    return console.file.getvalue()


def test_one_process_stays_as_simple_as_it_was(tmp_path):
    """One ladder under a name says the same as `stages:`, but that it tells which rows are of it."""
    rows, history = deals()
    mine = [row for row in rows if row[2] == "Renewals"], [row for row in history if row[0].startswith("R")]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    named = open_book(written(tmp_path / "a", {"pipelines": {"Renewals": PIPELINES["Renewals"]}}, *mine), as_of=AS_OF)
    plain = open_book(written(tmp_path / "b", {"stages": PIPELINES["Renewals"]}, *mine), as_of=AS_OF)
    frame = st.measure(plain, "leakage", by="stage").frame
    assert [*frame][:1] == ["stage"]
    assert st.measure(named, "leakage", by="stage").frame["value"].tolist() == frame["value"].tolist()
    assert st.funnel(plain).processes == ()


WRONG = {
    "both": ({"stages": ladder("New"), "pipelines": PIPELINES}, ["stages: said beside pipelines"]),
    "neither": ({"pipelines": {}}, ["stages is missing."]),
    "all at once": (
        {
            "pipelines": {
                "A": [{"name": "New"}, {"name": "New"}, ENDS[0]],
                "B": [{"name": "Done"}, ENDS[1]],
                " a ": ladder("Won", "New"),
                "C": [{"name": "Done", "outcome": "won"}, ENDS[1]],
            },
            "currency": "Euro",
        },
        [
            "A: stages named twice: New",
            "A: no stage has the outcome 'lost'",
            "B: no stage has the outcome 'won'",
            "one pipeline named twice: 'A' and ' a '",
            "the stage 'Done' means open in B and won in C",
            "currency:",
        ],
    ),
    "an outcome": (
        {"pipelines": {"A": [{"name": "New", "outcome": "opn"}, *ENDS]}},
        ["A.0.outcome: 'opn' is not known. Did you mean 'open'"],
    ),
    "a setting": ({"pipelines": {"A": [{"nme": "New"}, *ENDS]}}, ["'nme'", "Did you mean 'name'?"]),
    "a list": ({"pipelines": ladder("New")}, ["pipelines:"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_all_at_once(tmp_path, case):
    said, wanted = WRONG[case]
    told = "\n".join(faults_of(tmp_path, said))
    assert [each for each in wanted if each not in told] == [], told


def test_a_number_may_be_a_name(tmp_path):
    assert [*read_book_file(written(tmp_path, {"pipelines": {2026: ladder("New")}})).file.pipelines] == ["2026"]


def test_settings_of_a_book_of_many_are_settings_again():
    """What is read out of a book file goes through the same checks once more."""
    one = Settings(pipelines=PIPELINES)
    assert Settings(**dict(one)) == one
    assert [stage.name for stage in one.of("Renewals").stages] == ["Due", "Talk", "Won", "Lost"]
    assert one.named("open") == ("New", "Proposal", "Due", "Talk")


def test_the_example_of_the_documentation_says_two_ladders():
    (block,) = re.findall(r"```yml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert [*Settings(**yaml.safe_load(block)).ladders] == ["New business", "Renewals"]


def test_rows_of_no_process_are_refused_and_told_with_what_may_be_meant(tmp_path):
    """One process in the book, rows of one that is not listed, one without, one misspelt, one in a stage of the other."""
    rows, history = deals()
    odd = [
        ["X1", "R1", "Upsell", "Won", "1000", "2026-01-01", "2026-03-01"],
        ["X2", "R1", "", "Won", "1000", "2026-01-01", "2026-03-01"],
        ["X3", "R1", "Renewal", "Won", "1000", "2026-01-01", "2026-03-01"],
        ["X4", "R1", "Renewals", "Proposal", "1000", "2026-01-01", ""],
    ]
    book = open_book(written(tmp_path, {"pipelines": PIPELINES}, [*rows, *odd], history), as_of=AS_OF)
    told = {fault.problem: fault for fault in book.faults if fault.refused}
    unknown = told["pipeline is not one of the book's pipelines"]
    assert unknown.rows == 2
    assert "Unknown: 'Renewal'. Did you mean 'Renewals'? 'Upsell'." in unknown.advice
    assert told["pipeline is missing though the book has several"].rows == 1
    assert told["stage is one of another pipeline"].rows == 1
    assert book.intake["opportunities"].refused == 4
    assert leakage(book) == OF_BOTH


def test_one_process_listed_and_the_others_not(tmp_path):
    book = open_book(written(tmp_path, {"pipelines": {"New biz": PIPELINES["New biz"]}}), as_of=AS_OF)
    assert book.intake["opportunities"].refused == 12
    found = st.measure(book, ["leakage", "bookings"], by="stage").frame
    assert found.loc[found["metric"] == "leakage", ["stage", "value"]].to_numpy().tolist() == [["New", 0], ["Proposal", 0.5]]


def test_who_was_moved_is_told(tmp_path):
    rows, history = deals()
    moved = [*history, ["R0", "New", "2025-12-01"]]
    book = open_book(written(tmp_path, {"pipelines": PIPELINES}, rows, moved), as_of=AS_OF)
    told = [fault for fault in book.faults if "another pipeline" in fault.problem]
    assert [(fault.table, fault.rows, fault.examples) for fault in told] == [("stage_history", 1, ("R0",))]
    assert leakage(book) == OF_BOTH


ONE_ORDER = {"stages": ladder("New", "Proposal", "Due", "Talk")}


def test_where_no_stage_is_shared_one_order_cannot_be_meant(tmp_path):
    book = open_book(written(tmp_path, ONE_ORDER), as_of=AS_OF)
    assert leakage(book) == OF_BOTH
    told = next(fault for fault in book.faults if fault.column == "pipeline")
    assert "each is followed through its own stages" in told.problem
    assert told.examples == ("New biz: New > Proposal > Won > Lost", "Renewals: Due > Talk > Won > Lost")


@pytest.mark.parametrize("shared", ["one of them was in a stage of the other", "nine of them only"])
def test_one_order_stays_where_it_may_be_meant(tmp_path, shared):
    rows, history = deals()
    if shared == "nine of them only":
        rows = [row for row in rows if int(row[0][1:]) < 4]
        history = [row for row in history if int(row[0][1:]) < 4]
    else:
        history = [*history, ["R0", "New", "2025-12-01"]]
    book = open_book(written(tmp_path, ONE_ORDER, rows, history), as_of=AS_OF)
    assert not book.settings.pipelines
    asked = [fault for fault in book.faults if fault.column == "pipeline"]
    assert ["Say pipelines:" in fault.advice for fault in asked] == ([] if shared == "nine of them only" else [True])


def test_a_first_book_proposes_a_ladder_for_each_process_and_opens(tmp_path):
    folder = written(tmp_path, {})
    (folder / "book.yaml").unlink()
    text = new_book(folder)
    proposed = yaml.safe_load(text)
    assert "stages" not in proposed
    assert {name: [stage["name"] for stage in stages] for name, stages in proposed["pipelines"].items()} == {
        name: [*stages, "Won", "Lost"] if name == "New biz" else [*sorted(stages), "Won", "Lost"]
        for name, stages in LADDERS.items()
    }
    assert proposed["tables"]["opportunities"]["columns"]["pipeline"] == "Process"
    (folder / "book.yaml").write_text(text, encoding="utf-8")
    assert leakage(open_book(folder, as_of=AS_OF)) == OF_BOTH


def test_a_first_book_asks_for_the_end_that_a_process_has_not_seen(tmp_path):
    rows, history = deals()
    won = [row for row in rows if not (row[2] == "Renewals" and row[3] == "Lost")]
    folder = written(tmp_path, {}, won, [row for row in history if row[0] in {each[0] for each in won}])
    text = new_book(folder)
    assert text.count("# ANSWER: which stage of this pipeline means") == 1
    assert "# ANSWER: which stage of this pipeline means lost? None of its opportunities is in this one." in text
    assert [stage["name"] for stage in yaml.safe_load(text)["pipelines"]["Renewals"]][-2:] == ["Won", "Lost"]


def test_regions_with_one_process_are_no_pipelines(tmp_path):
    rows, history = deals()
    same = [[*row[:2], f"Region {i % 2}", *row[3:]] for i, row in enumerate(rows) if row[2] == "New biz"]
    folder = written(tmp_path, {}, same, [row for row in history if row[0].startswith("N")])
    assert "pipelines" not in yaml.safe_load(new_book(folder))
