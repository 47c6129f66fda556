"""Steps are those of a sales process: a deal of one never passes the steps of another, and no share is over both."""

from datetime import date, timedelta
from functools import cache, partial

import ibis
import pandas as pd
import pytest

import salestrack as st
from salestrack.book import Settings, Stage
from salestrack.errors import UnknownNameError
from tests.small_book import book_of, typed

AS_OF = date(2026, 6, 30)
ENDS = (Stage(name="Won", outcome="won"), Stage(name="Lost", outcome="lost"))
# Of different lengths; Proposal and Talk stand in two of them, at another place and with another probability.
LADDERS = {
    "New biz": (Stage(name="New", probability=0.1), Stage(name="Proposal", probability=0.4), Stage(name="Contract"), *ENDS),
    "Renewals": (Stage(name="Proposal", probability=0.9), Stage(name="Talk"), *ENDS),
    "Partners": (Stage(name="Talk"), Stage(name="Intro"), Stage(name="Pilot"), Stage(name="Terms"), *ENDS),
}
SETTINGS = Settings(pipelines=LADDERS)
STEPS = {name: [stage.name for stage in stages if stage.outcome == "open"] for name, stages in LADDERS.items()}


def deals():
    """Thirty opportunities of each process, gone as far as their number says; the history of each is whole."""
    rows, history = [], []
    for p, (process, steps) in enumerate(STEPS.items()):
        for i in range(30):
            key, day = f"{process[0]}{i}", date(2026, 1, 1) + timedelta(days=i + p)
            far, end = 1 + i % len(steps), ("Won", "Lost", None)[(i // len(steps)) % 3]
            way = [(day + timedelta(days=(5 + p) * k), step) for k, step in enumerate(steps[:far])]
            closed = way[-1][0] + timedelta(days=7 + i % 5) if end else None
            history += [
                {"opportunity_id": key, "stage": step, "entered_at": at} for at, step in [*way, *([(closed, end)] if end else [])]
            ]
            rows.append({"opportunity_id": key, "pipeline": process, "stage": end or way[-1][1], "amount": 100 + i,
                         "created_date": day, "close_date": closed})  # fmt: skip
    return rows, history


def book_with(rows, history, settings=SETTINGS):
    frames = {"opportunities": pd.DataFrame(rows), "stage_history": pd.DataFrame(history)}
    return book_of(ibis.duckdb.connect(), {name: typed(name, frame) for name, frame in frames.items()}, AS_OF, settings)


@cache
def alone(process):
    """The book of one process as a company that has no other."""
    rows, history = deals()
    mine = {row["opportunity_id"] for row in rows if row["pipeline"] == process}
    own = [[row for row in each if row["opportunity_id"] in mine] for each in (rows, history)]
    return book_with(*own, Settings(stages=LADDERS[process]))


@cache
def company():
    return book_with(*deals())


@pytest.fixture(name="book")
def _book():
    return company()


ANSWERS = {
    "funnel": st.funnel,
    "leaks": partial(st.leaks, by="month"),
    "bottlenecks": st.bottlenecks,
    "stage_odds": st.stage_odds,
}


@cache
def answer(question, process=""):
    """What a question is answered of all processes together, or of the book of one."""
    return ANSWERS[question](alone(process) if process else company())


@pytest.mark.parametrize("process", LADDERS)
@pytest.mark.parametrize("question", ANSWERS)
def test_what_is_told_of_a_process_is_what_it_tells_by_itself(process, question):
    whole, one = answer(question), answer(question, process)
    rows = whole.frame[whole.frame["pipeline"] == process].drop(columns="pipeline").reset_index(drop=True)
    assert len(rows)
    pd.testing.assert_frame_equal(rows, one.frame[rows.columns], check_dtype=False, rtol=1e-12)
    said = [each.removeprefix(f"{process}: ") for each in whole.sentences if each.startswith(f"{process}: ")]
    assert said[0] == one.sentences[0]
    assert {*said} <= {*one.sentences}
    key = ("Pipeline", "")
    told = whole.table.frame[whole.table.frame[key] == process]
    assert told[one.table.frame.columns].to_numpy().tolist() == one.table.frame.to_numpy().tolist()


@pytest.mark.parametrize("question", ["funnel", "stage_odds"])
def test_a_scope_of_one_process_is_a_book_of_one(book, question):
    one = ANSWERS[question](book, where={"pipeline": "Partners"})
    assert "pipeline" not in one.frame
    pd.testing.assert_frame_equal(one.frame, answer(question, "Partners").frame, check_dtype=False, rtol=1e-12)


def test_a_stage_of_one_name_is_another_stage_in_another_process(book):
    metrics = ["leakage", "stage_conversion"]
    measured = st.measure(book, metrics, by="stage")
    assert measured.by == ("pipeline", "stage")
    for process, steps in STEPS.items():
        mine = measured.frame[measured.frame["pipeline"] == process]
        assert mine["stage"].tolist() == [step for step in steps for _ in metrics], "in the order of its own ladder"
        one = st.measure(alone(process), metrics, by="stage").frame
        for column in ("value", "low", "high", "n"):
            assert mine[column].tolist() == pytest.approx(one[column].tolist(), nan_ok=True)
    assert measured.regroup("stage").by == ("pipeline", "stage"), "and they are never added up"


def test_the_steps_of_two_processes_are_not_compared(book):
    with pytest.raises(UnknownNameError, match="steps of their own"):
        st.funnel(book, where={"pipeline": "New biz"}, against={"pipeline": "Renewals"})


def test_steps_by_plain_python(book):
    """Who came to a step: whose history has it, or a later one of the same process, or a win."""
    rows, history = deals()
    found = {(row["opportunity_id"], row["stage"]) for row in book.fetch(book.table("steps")).to_dict("records")}
    expected = set()
    for row in rows:
        steps, told = STEPS[row["pipeline"]], {each["stage"] for each in history if each["opportunity_id"] == row["opportunity_id"]}
        far = max((k for k, step in enumerate(steps) if step in told), default=-1)
        expected |= {(row["opportunity_id"], step) for step in (steps if "Won" in told else steps[: far + 1])}
    assert found == expected


def test_the_open_are_weighed_by_the_odds_of_their_own_process(book):
    whole = st.open_pipeline(book, during="2026-Q2")
    parts = [st.open_pipeline(alone(process), during="2026-Q2").value("expected_pipeline") for process in LADDERS]
    assert whole.value("expected_pipeline") == pytest.approx(sum(parts))
    stated = {("New biz", "New"): 0.1, ("New biz", "Proposal"): 0.4, ("Renewals", "Proposal"): 0.9}
    rows = [row for row in deals()[0] if row["close_date"] is None]
    weighed = sum(row["amount"] * stated.get((row["pipeline"], row["stage"]), 0) for row in rows)
    assert st.measure(book, "weighted_pipeline").value() == pytest.approx(weighed)
    by_stage = st.open_pipeline(book, during="2026-Q2", by="stage").frame
    assert [*by_stage][:2] == ["pipeline", "stage"]


@pytest.mark.parametrize(
    ("draw", "question", "rows"),
    [
        (st.charts.funnel, "funnel", sum(len(steps) + 1 for steps in STEPS.values())),
        (st.charts.leaks, "leaks", sum(map(len, STEPS.values()))),
        (st.charts.queues, "bottlenecks", sum(map(len, STEPS.values()))),
        (st.charts.time_in_stage, "bottlenecks", sum(map(len, STEPS.values()))),
        (st.charts.calibration, "stage_odds", sum(map(len, STEPS.values()))),
    ],
)
def test_the_pictures_name_the_process_of_each_step(draw, question, rows):
    chart = draw(answer(question))
    names = [label.get_text() for label in chart.get_yticklabels()]
    assert len(names) == len({*names}) == rows
    assert all(name.startswith(tuple(f"{process} · " for process in LADDERS)) for name in names)
    assert all(f"{process}: " in chart.caption for process in LADDERS) or draw is st.charts.calibration


def test_a_process_without_a_history_has_no_steps():
    rows, history = deals()
    told = [row for row in history if not row["opportunity_id"].startswith("R")]
    book = book_with(rows, told)
    assert {*book.fetch(book.table("steps"))["pipeline"]} == {"New biz", "Partners"}
    found = st.funnel(book)
    assert {*found.frame["pipeline"]} == {"New biz", "Partners"}
    assert any(each.startswith("Renewals: ") for each in found.sentences), "and it is said"
    assert st.measure(book, "bookings", by="pipeline").frame["n"].min() > 0, "it is booked all the same"


def test_who_was_moved_is_followed_from_where_he_came_to_his_own_steps():
    """From New and Contract of the one process to Talk of the other: he never was in Proposal of either."""
    rows = [{"opportunity_id": f"M{i}", "pipeline": "Renewals", "stage": "Talk", "amount": 1, "created_date": "2026-01-01"}
            for i in range(12)]  # fmt: skip
    way = (("2026-01-01", "New"), ("2026-01-11", "Contract"), ("2026-02-01", "Talk"))
    history = [{"opportunity_id": row["opportunity_id"], "stage": stage, "entered_at": day} for row in rows for day, stage in way]
    book = book_with(rows, history)
    steps = book.fetch(book.table("steps"))
    assert {*zip(steps["stage"], steps["visited"], steps["entered_date"].astype(str), strict=True)} == {
        ("Proposal", False, "2026-02-01"), ("Talk", True, "2026-02-01"),
    }  # fmt: skip
    queue = st.bottlenecks(book).frame.set_index("stage")
    assert queue.loc["Talk", ["waiting", "deal_days"]].tolist() == [12, 12 * 149]
    then = st.as_it_was(book, "2026-01-20")
    known = then.fetch(then.table("opportunities"))
    assert {*known["stage"]} == {"Contract"}
    assert known["pipeline"].isna().all(), "that he was in this process then is not recorded, and not so"
    assert then.fetch(then.table("steps")).empty


def test_leads_are_followed_until_they_are_in_a_process():
    rows, history = deals()
    leads = [{"lead_id": f"L{i}", "created_at": "2026-01-01", "sales_qualified_at": "2026-01-02", "converted_at": "2026-01-03",
              "opportunity_id": row["opportunity_id"]} for i, row in enumerate(rows[:40])]  # fmt: skip
    frames = {"opportunities": rows, "stage_history": history, "leads": leads}
    tables = {name: typed(name, pd.DataFrame(frame)) for name, frame in frames.items()}
    frame = st.funnel(book_of(ibis.duckdb.connect(), tables, AS_OF, SETTINGS)).frame
    of_leads = frame[frame["cohort"] == "leads"]
    assert of_leads["step"].tolist() == ["leads", "sales_qualified", "opportunities"]
    assert of_leads["entered"].tolist() == [40, 40, 40]
    assert of_leads["pipeline"].isna().all()


def test_slips_are_compared_within_a_process():
    rows, history = deals()
    told = [row | {"close_date": "2026-03-15"} for row in history]
    found = st.slips(book_with(rows, told)).outcomes
    assert {"pipeline", "stage"} <= {*found}
    assert not found.duplicated(["pipeline", "stage", "slipped"]).any()
