"""What is worth knowing about a book as a whole: broken links, gaps, spellings, deals that never close. No row is refused here."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from salestrack.book import Fault, Settings
from salestrack.ladders import Ladders, with_pipeline
from salestrack.recorded import TOLD_BY
from salestrack.sources.intake import Taken
from salestrack.tables import CONTRACTS

_EXAMPLES = 3
_MOST_SPELLINGS = 2_000
# Gaps that change what the kit can say, and how.
_GAPS = {
    "account_id": "They count everywhere but in figures by account.",
    "rep_id": "They count in totals, and nowhere by rep.",
    "created_date": "They count in the pipeline; their age, cycle and creation period are unknown.",
}
_SPELLED = {
    "opportunities": ("pipeline", "segment", "source", "product", "type", "lost_reason"),
    "leads": ("source", "segment", "reason"),
    "activities": ("type", "outcome"),
    "reps": ("team", "role"),
    "accounts": ("segment", "industry"),
}


def findings(taken: Mapping[str, Taken], settings: Settings) -> Iterator[Fault]:
    """Yield what is worth knowing about the usable rows of all tables.

    Parameters
    ----------
    taken : mapping of str to Taken
        Tables by canonical name.
    settings : Settings
        Stages.
    """
    yield from _gaps(taken["opportunities"], settings)
    for name, each in taken.items():
        for column, other in CONTRACTS[name].links.items():
            # A manager outside the table of reps is named only, which is no fault.
            if column in each.mapped.columns and other in taken and column != "manager_id":
                yield from _broken_link(each, column, taken[other])
        for column in _SPELLED.get(name, ()):
            if column in each.mapped.columns:
                yield from _spellings(each, column)
    if "activities" in taken:
        yield from _unclassified(taken["activities"])
    yield from _nothing_lost(taken["opportunities"], settings)
    yield from _lost_for_nothing(taken["opportunities"], settings)
    yield from _created_when_closed(taken["opportunities"], settings)
    yield from _idle_stages(taken, settings)
    yield from _of_another_process(taken, settings)


def never_closing(opportunities: ir.Table) -> Iterator[Fault]:
    """Yield a finding about open opportunities older than the longest cycle that ever closed.

    Parameters
    ----------
    opportunities : ibis table
        As of a day: with ``cycle_days``, ``observed_days`` and ``open``.
    """
    longest = opportunities.cycle_days.max().to_pyarrow().as_py()
    if longest is None:
        return
    old = opportunities.filter(opportunities.open & (opportunities.observed_days > longest))
    rows, every = (int(each.count().to_pyarrow().as_py()) for each in (old, opportunities.filter(opportunities.open)))
    if rows:
        first = old.order_by(old.created_date, old.opportunity_id).limit(_EXAMPLES).to_pyarrow().to_pylist()
        told = tuple(f"{row['opportunity_id']} (open for {row['observed_days']:,} days)" for row in first)
        problem = f"{rows:,} of {every:,} open opportunities are older than the longest cycle that ever closed ({longest:,} days)"
        advice = "Close them or qualify them anew: none so old has ever closed."
        yield Fault("opportunities", "created_date", problem, rows, told, False, advice)


def day_of_export(as_of: date, exported_on: date | None) -> Iterator[Fault]:
    """Yield a finding when a book is read as of a day after its export."""
    if exported_on and as_of > exported_on:
        problem = f"read as of {as_of}, though the export was made on {exported_on}: what happened in between is not in it"
        yield Fault("opportunities", "", problem, 0, (), False, "Export again, or read it as of the day of the export.")


def _gaps(taken: Taken, settings: Settings) -> Iterator[Fault]:
    table = taken.usable
    won = table.stage.isin(settings.named("won"))
    missing = {name: table[name].isnull() for name in _GAPS if name in taken.mapped.columns}
    told = {name: (f"{name} is missing", _GAPS[name]) for name in missing}
    if "amount" in taken.mapped.columns:
        missing["amount"] = won & table.amount.isnull()
        told["amount"] = ("amount is missing though the opportunity was won", "They count as won, and in no amount.")
    if not missing:
        return
    counts = table.aggregate(**{name: each.sum().fill_null(0) for name, each in missing.items()}).to_pyarrow().to_pylist()[0]
    for name, rows in counts.items():
        if rows:
            first = table.filter(missing[name]).opportunity_id.name("key").as_table().order_by("key").limit(_EXAMPLES)
            problem, advice = told[name]
            yield Fault("opportunities", name, problem, rows, tuple(first.to_pyarrow().to_pydict()["key"]), False, advice)


def _broken_link(taken: Taken, column: str, other: Taken) -> Iterator[Fault]:
    key = other.contract.key[0]
    used = taken.usable.group_by(taken.usable[column].name("key")).agg(n=ibis._.count())
    lost = used.filter(used.key.notnull()).anti_join(other.usable.select(key=other.usable[key]), "key")
    total = lost.aggregate(rows=lost.n.sum().fill_null(0), keys=lost.count()).to_pyarrow().to_pylist()[0]
    if not total["rows"]:
        return
    most = lost.order_by(lost.n.desc(), lost.key).limit(_EXAMPLES)
    spelled = other.usable.group_by(word=_letters(other.usable[key])).agg(near=other.usable[key].min())
    near = most.left_join(spelled, _letters(most.key) == spelled.word).order_by(ibis.desc("n"), "key").to_pyarrow().to_pylist()
    told = tuple(
        f"{row['key']!r} ({row['n']:,} row{'s' if row['n'] > 1 else ''})" + (f", nearly {row['near']!r}" if row["near"] else "")
        for row in near
    )
    problem = f"{column} is not among the {other.contract.name} ({total['keys']:,} different)"
    advice = f"They stay in, without what {other.contract.name} would tell. Add them there, or map their values in the book file."
    yield Fault(taken.contract.name, column, problem, total["rows"], told, False, advice)


def _spellings(taken: Taken, column: str) -> Iterator[Fault]:
    """Yield a finding about values that differ only in case, spaces or punctuation: probably one value, counted as several."""
    values = taken.usable.group_by(value=taken.usable[column]).agg(n=ibis._.count())
    values = values.filter(values.value.notnull()).order_by(ibis.desc("n"), "value").limit(_MOST_SPELLINGS + 1)
    rows = values.mutate(word=_letters(values.value)).to_pyarrow().to_pylist()
    if len(rows) > _MOST_SPELLINGS:
        return
    ways: dict[str, list[dict[str, object]]] = {}
    for row in rows:
        ways.setdefault(str(row["word"]), []).append(row)
    several = [each for each in ways.values() if len(each) > 1]
    if several:
        told = tuple(" / ".join(f"{row['value']!r} ({row['n']:,})" for row in each) for each in several[:_EXAMPLES])
        count = sum(int(str(row["n"])) for each in several for row in each[1:])
        advice = "If they mean the same, say so with values: in the book file."
        problem = "values that differ only in case, spaces or punctuation"
        yield Fault(taken.contract.name, column, problem, count, told, False, advice)


def _unclassified(taken: Taken) -> Iterator[Fault]:
    table = taken.usable
    lost = table.filter(table.category == "unclassified")
    rows, every = (int(each.count().to_pyarrow().as_py()) for each in (lost, table))
    if not rows:
        return
    types = lost.group_by("type").agg(n=lost.count()).order_by(ibis.desc("n"), "type").limit(_EXAMPLES).to_pyarrow().to_pylist()
    told = tuple(f"{row['type'] or 'no type'} ({row['n']:,})" for row in types)
    problem = f"{rows / every:.1%} of activities are unclassified"
    yield Fault("activities", "category", problem, rows, told, False, "Add rules under activity_categories: that place them.")


def _nothing_lost(opportunities: Taken, settings: Settings) -> Iterator[Fault]:
    table = opportunities.usable
    won, lost = (table.stage.isin(settings.named(each)).sum().fill_null(0) for each in ("won", "lost"))
    found = table.aggregate(won=won, lost=lost).to_pyarrow().to_pylist()[0]
    if not found["lost"] and found["won"] >= TOLD_BY:
        problem = f"none of {found['won']:,} closed opportunities was lost: the lost ones seem not to be recorded"
        advice = "Win rates are refused: they would be 100 %. Add the lost ones, or follow leads with st.qualification(goal='won')."
        yield Fault("opportunities", "stage", problem, int(found["won"]), (), False, advice)


def _lost_for_nothing(opportunities: Taken, settings: Settings) -> Iterator[Fault]:
    """Yield a finding about lost opportunities of which none has an amount above 0, though won ones have."""
    table = opportunities.usable
    worth, lost = (table.amount > 0).fill_null(False), table.stage.isin(settings.named("lost"))
    sums = {"won": (worth & table.stage.isin(settings.named("won"))).sum(), "lost": lost.sum(), "worth": (worth & lost).sum()}
    found = table.aggregate(**{name: each.fill_null(0) for name, each in sums.items()}).to_pyarrow().to_pylist()[0]
    if found["won"] and found["lost"] >= TOLD_BY and not found["worth"]:
        problem = f"none of {found['lost']:,} lost opportunities has an amount above 0: what was lost seems not to be recorded"
        advice = "A win rate by amount is refused: it would be 100 %. Keep the amount when an opportunity is lost."
        yield Fault("opportunities", "amount", problem, int(found["lost"]), (), False, advice)


def _created_when_closed(opportunities: Taken, settings: Settings) -> Iterator[Fault]:
    """Yield a finding about a book in which everything that closed was created on that very day."""
    table = opportunities.usable
    closed = table.stage.isin([*settings.named("won"), *settings.named("lost")])
    both = table.filter(closed, table.created_date.notnull(), table.close_date.notnull())
    found = (
        both.aggregate(n=both.count(), other=(both.created_date != both.close_date).sum().fill_null(0)).to_pyarrow().to_pylist()[0]
    )
    if found["n"] >= TOLD_BY and not found["other"]:
        problem = (
            f"all {found['n']:,} closed opportunities were created on the day on which they closed: no day of creation is kept"
        )
        advice = "How long they took is refused: it would be 0 days. Map the day on which each was created."
        yield Fault("opportunities", "created_date", problem, int(found["n"]), (), False, advice)


def _idle_stages(taken: Mapping[str, Taken], settings: Settings) -> Iterator[Fault]:
    ladders, seen = settings.ladders, set[tuple[str, str]]()
    sold = taken["opportunities"].usable
    for name in ("opportunities", "stage_history"):
        if name in taken:
            rows = with_pipeline(taken[name].usable, sold, ladders) if name != "opportunities" else sold
            place = ibis.literal("") if "" in ladders else rows.pipeline
            found = rows.select(place=place, stage=rows.stage).distinct().to_pyarrow().to_pylist()
            seen |= {(row["place"], row["stage"]) for row in found}
    idle = [(name, stage.name) for name, stages in ladders.items() for stage in stages if (name, stage.name) not in seen]
    if idle:
        told = tuple(_of(name, stage) for name, stage in idle)
        yield Fault("opportunities", "stage", "stages of the book that no row has", 0, told, False, _what_to_do(ladders, idle))


def _what_to_do(ladders: Ladders, idle: Sequence[tuple[str, str]]) -> str:
    """Say which stages that no row has can be left out; a ladder needs one that means won and one that means lost."""
    alone = {
        (name, found[0])
        for name, stages in ladders.items()
        for outcome in ("won", "lost")
        if len(found := [stage.name for stage in stages if stage.outcome == outcome]) == 1
    }
    said = ["Check their spelling."]
    if spare := [_of(*each) for each in idle if each not in alone]:
        said.append(f"What is spelt as in the data and never used can be left out: {', '.join(spare)}.")
    if needed := [_of(*each) for each in idle if each in alone]:
        said.append(f"{' and '.join(needed)} must stay: a book needs a stage that means won and one that means lost.")
    return " ".join(said)


def _of(pipeline: str, stage: str) -> str:
    return f"{stage} ({pipeline})" if pipeline else stage


def _of_another_process(taken: Mapping[str, Taken], settings: Settings) -> Iterator[Fault]:
    """Yield a finding about opportunities whose history tells of stages of another pipeline than theirs."""
    if not settings.pipelines or "stage_history" not in taken:
        return
    rows = with_pipeline(taken["stage_history"].usable, taken["opportunities"].usable, settings.pipelines)
    own = [(rows.pipeline == name, rows.stage.isin([s.name for s in stages])) for name, stages in settings.pipelines.items()]
    moved = rows.filter(~ibis.cases(*own, else_=True)).group_by("opportunity_id").agg(n=ibis._.count())
    n = int(moved.count().to_pyarrow().as_py())
    if n:
        first = tuple(moved.order_by("opportunity_id").limit(_EXAMPLES).to_pyarrow().to_pydict()["opportunity_id"])
        problem = f"the history of {n:,} opportunities tells of stages of another pipeline than theirs"
        advice = (
            "They are followed from where they came to the stages of their own; what came before counts in no pipeline's steps."
        )
        yield Fault("stage_history", "stage", problem, n, first, False, advice)


def _letters(text: ir.StringValue) -> ir.StringValue:
    return text.lower().re_replace(r"[\s\p{P}]+", "")
