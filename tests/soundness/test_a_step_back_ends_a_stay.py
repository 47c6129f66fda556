"""Queue, age and time in a stage are told of where the deal is; the furthest step that it has come to is another figure."""

from datetime import timedelta

import ibis
import pandas as pd
import pytest

import salestrack as st
from salestrack.book import Settings, Stage
from tests.small_book import book_of, typed
from tests.soundness.rows import AS_OF

NAMES = ("New", "Proposal", "Contract")
SETTINGS = Settings(
    stages=(*(Stage(name=name) for name in NAMES), Stage(name="Won", outcome="won"), Stage(name="Lost", outcome="lost"))
)


def moved(*ways: tuple[str, ...], times: int = 20, now: str | None = None):
    """A book in which each way ('2026-01-01 New', ...) was gone so many times; what is not closed is open where the way ends."""
    deals, history = [], []
    for key, way in ((f"{w}-{i}", way) for w, way in enumerate(ways) for i in range(times)):
        entries = [(pd.Timestamp(day), stage) for day, stage in (entry.split(" ", 1) for entry in way)]
        last, stage = entries[-1]
        closed = last if stage in ("Won", "Lost") else None
        deals.append(
            {"opportunity_id": key, "stage": now or stage, "amount": 100, "created_date": entries[0][0], "close_date": closed}
        )
        history += [{"opportunity_id": key, "stage": stage, "entered_at": day} for day, stage in entries]
    frames = {"opportunities": pd.DataFrame(deals), "stage_history": pd.DataFrame(history)}
    return book_of(ibis.duckdb.connect(), {name: typed(name, frame) for name, frame in frames.items()}, settings=SETTINGS)


def queue(book):
    return st.bottlenecks(book).frame.set_index("stage")


BACK = ("2026-01-01 New", "2026-01-11 Proposal", "2026-02-01 New")


def test_who_went_back_waits_where_he_is_now():
    """10 days in New, 21 in Proposal, and back in New since 1 February: 149 days until 30 June."""
    rows = queue(moved(BACK))
    assert rows["waiting"].to_dict() == {"New": 20, "Proposal": 0}
    assert rows["deal_days"].to_dict() == {"New": 20 * 149, "Proposal": 0}
    assert rows.loc["Proposal", ["inflow", "went_on", "went_back", "left", "at_end", "median"]].tolist() == [20, 0, 20, 0, 0, 21]
    assert rows.loc["New", ["inflow", "went_on", "went_back", "at_end"]].tolist() == [40, 20, 0, 20]


def test_no_sentence_puts_him_at_his_furthest_step():
    said = " ".join(st.bottlenecks(moved(BACK)).sentences)
    assert "Most of the waiting is in New: 20 of the 20 open opportunities are there" in said
    assert "Proposal" not in said


def test_the_furthest_step_stays_what_it_was():
    rows = st.funnel(moved(BACK)).frame.set_index("step")
    assert rows["entered"].to_dict() == {"New": 20, "Proposal": 20, "Contract": 0, "Won": 0}


@pytest.mark.parametrize(
    ("way", "there"),
    [
        (("2026-01-01 New", "2026-01-11 Contract", "2026-02-01 Proposal"), {"Proposal": 149}),
        (("2026-01-01 New", "2026-01-11 Proposal", "2026-02-01 New", "2026-03-01 Proposal"), {"Proposal": 121}),
        (("2026-01-01 New", "2026-01-11 Lost", "2026-02-01 New"), {"New": 149}),
        # An entry into the stage in which it is begins nothing: an export writes one for each change of the amount.
        (("2026-01-01 New", "2026-01-11 New", "2026-02-01 New"), {"New": 180}),
    ],
)
def test_the_day_that_counts_is_that_of_the_last_entry(way, there):
    rows = queue(moved(way))
    assert rows["waiting"].to_dict() == {stage: 20 * (stage in there) for stage in rows.index}
    assert {stage: days / 20 for stage, days in rows["deal_days"].items() if days} == there


def test_a_stage_that_the_history_does_not_tell_of_is_where_the_deal_is():
    """The history ends in Proposal, and the deals are in New: they wait there, since when nobody knows."""
    answer = st.bottlenecks(moved(BACK[:2], now="New"))
    rows = answer.frame.set_index("stage")
    assert rows["waiting"].to_dict() == {"New": 20}
    assert rows["deal_days"].sum() == 0
    assert "20 opportunities are in another stage than the last" in " ".join(answer.sentences)


def test_the_open_are_weighed_by_what_is_won_where_they_are():
    """Of ten that only came to New none is won, of ten that stayed in Proposal all are; ten went back to New and are open."""
    won = ("2026-01-01 Proposal", "2026-02-11 Won")
    lost = ("2026-01-01 New", "2026-06-20 Lost")
    book = moved(won, lost, ("2026-01-01 Proposal", "2026-01-02 New"), times=10)
    odds = st.stage_odds(book).frame.set_index(["stage", "age"])["value"]
    assert (odds["New", 90], odds["Proposal", 14]) == (0, 1)
    assert st.open_pipeline(book, during="2026-Q2").value("expected_pipeline") == 0


def test_who_comes_again_counts_once_in_the_odds():
    """Ten were in New twice, 20 and 30 days: at each age they are ten, from the first time that they stayed so long."""
    way = ("2026-01-01 New", "2026-01-21 Proposal", "2026-02-01 New", "2026-03-03 Won")
    rows = st.stage_odds(moved(way, ("2026-01-01 New", "2026-01-02 Lost"), times=10)).frame.set_index(["stage", "age"])["n"]
    assert (rows["New", 0], rows["New", 14], rows["New", 30]) == (20, 10, 10)


def test_a_stage_is_not_skipped_by_who_has_yet_to_come_to_it():
    """New, Contract without Proposal: skipped. Back in New since: Proposal lies ahead."""
    forth, back = ("2026-01-01 New", "2026-01-11 Contract"), ("2026-01-01 New", "2026-01-11 Contract", "2026-02-01 New")
    assert st.hygiene(moved(forth)).frame.set_index("check").loc["skipped", "n"] == 20
    assert st.hygiene(moved(back)).frame.set_index("check").loc["skipped", ["n", "of"]].tolist() == [0, 20]


def by_hand(book) -> pd.DataFrame:
    """Stays in plain Python: opportunity, stage, begin, end (None: it is there), in order."""
    deals = book.fetch(book.table("opportunities")).set_index("opportunity_id")
    order = {stage.name: number for number, stage in enumerate(book.settings.stages)}
    open_stages, rows = set(book.settings.named("open")), []
    history = book.fetch(book.table("stage_history")).astype(object)
    for key, entries in history.groupby("opportunity_id"):
        if key not in deals.index:
            continue
        way: list[tuple[pd.Timestamp, str]] = []
        for row in sorted(entries.to_dict("records"), key=lambda row: (row["entered_at"], order[row["stage"]])):
            if not way or way[-1][1] != row["stage"]:
                way.append((row["entered_at"], row["stage"]))
        deal, last = deals.loc[key], max((i for i, (_, stage) in enumerate(way) if stage in open_stages), default=-1)
        for i, (begin, stage) in enumerate(way):
            if stage in open_stages:
                after = way[i + 1][0] if i + 1 < len(way) else None
                end = pd.Timestamp(deal["close_date"]) if i == last and deal["closed"] else after
                rows.append((key, stage, begin.date(), None if end is None else end.date()))
    found = pd.DataFrame(rows, columns=["opportunity_id", "stage", "begin", "end"])
    return found[[end is None or end >= begin for begin, end in zip(found["begin"], found["end"], strict=True)]]


def test_the_sample_by_plain_python(sample):
    keys = ["opportunity_id", "entered_date", "stage"]
    made = sample.fetch(sample.table("stays").select(*keys, "days", "outcome")).sort_values(keys, ignore_index=True)
    hand = by_hand(sample).rename(columns={"begin": "entered_date"}).sort_values(keys, ignore_index=True)
    assert made[keys].to_numpy().tolist() == hand[keys].to_numpy().tolist()
    days = [((end or sample.as_of) - begin).days for begin, end in zip(hand["entered_date"], hand["end"], strict=True)]
    assert made["days"].tolist() == days
    assert (made["outcome"] == "open").tolist() == hand["end"].isna().tolist()
    assert (made["outcome"] == "went_back").sum() > 100


def test_every_open_deal_with_a_history_is_in_its_own_stage_once(sample):
    """What waits in a stage is what is open in it, whatever it was before."""
    waits = sample.table("stays").filter(ibis._.outcome == "open")
    told = sample.table("stage_history").select("opportunity_id").distinct()
    open_ones = sample.table("opportunities").filter(ibis._.open).semi_join(told, "opportunity_id")
    for each in (sample.fetch(waits), sample.fetch(open_ones)):
        assert len(each) == 202
    assert sample.fetch(waits.group_by("stage").agg(n=ibis._.count()).order_by("stage"))["n"].tolist() == (
        sample.fetch(open_ones.group_by("stage").agg(n=ibis._.count()).order_by("stage"))["n"].tolist()
    )


def test_a_day_is_as_it_was(sample):
    """Read back, nobody waits where he came to later only."""
    day = AS_OF - timedelta(days=90)
    then = st.as_it_was(sample, day)
    waits = then.fetch(then.table("stays").filter(ibis._.outcome == "open"))
    stages = then.fetch(then.table("opportunities").filter(ibis._.open, ibis._.stage.notnull()))
    assert waits.set_index("opportunity_id")["stage"].to_dict() == stages.set_index("opportunity_id")["stage"].to_dict()
    assert (pd.to_datetime(waits["entered_date"]).dt.date <= day).all()
