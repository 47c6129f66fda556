"""Whether the values of a pipeline column part the stages: then there are several sales processes, each with its own ladder."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import ibis.expr.types as ir

from salestrack.book import Fault, Settings, Stage
from salestrack.ladders import with_pipeline
from salestrack.sources.intake import Taken
from salestrack.stats.intervals import MIN_N

Seen = Mapping[str | None, Mapping[str, int]]
"""Opportunities by pipeline and stage in which they were ever told to be."""


@dataclass(frozen=True)
class Parting:
    """How pipelines part the stages.

    Parameters
    ----------
    pairs : tuple of (str, str)
        Pipelines of which each has stages that the other one has not.
    apart : bool
        Whether no two pipelines share a stage, and every opportunity has a pipeline: one ladder cannot be meant.
    """

    pairs: tuple[tuple[str, str], ...]
    apart: bool


def seen_in(opportunities: ir.Table, history: ir.Table | None) -> Seen:
    """Return how many opportunities of each pipeline were ever in each stage.

    Parameters
    ----------
    opportunities : ibis table
        opportunity_id, pipeline, stage.
    history : ibis table or None
        opportunity_id, stage.
    """
    rows = opportunities.select("opportunity_id", "pipeline", "stage")
    if history is not None:
        told = with_pipeline(history.select("opportunity_id", "stage"), opportunities, {})
        rows = rows.union(told.semi_join(opportunities, "opportunity_id").select("opportunity_id", "pipeline", "stage"))
    counts = rows.group_by("pipeline", "stage").agg(n=rows.opportunity_id.nunique()).order_by("pipeline", "stage")
    found: dict[str | None, dict[str, int]] = {}
    for row in counts.to_pyarrow().to_pylist():
        if row["stage"] is not None:
            found.setdefault(row["pipeline"], {})[row["stage"]] = row["n"]
    return found


def parting(seen: Seen, closing: Collection[str] = ()) -> Parting:
    """Return how pipelines part the stages, those that close left out.

    Fewer than 10 opportunities in stages that another pipeline has not may be chance.
    """
    places = {name: {stage for stage in stages if stage not in closing} for name, stages in seen.items()}

    def own(one: str, other: str) -> int:
        return sum(seen[one][stage] for stage in places[one] - places[other])

    names = sorted(name for name in places if name)
    pairs = tuple((a, b) for a, b in combinations(names, 2) if min(own(a, b), own(b, a)) >= MIN_N)
    shared = any(places[a] & places[b] for a, b in combinations(places, 2))
    return Parting(pairs, bool(pairs) and None not in places and not shared)


def taken_apart(taken: Mapping[str, Taken], settings: Settings) -> tuple[Settings, list[Fault]]:
    """Return settings with a ladder for each pipeline where one ladder for all cannot be meant, and what to say of it.

    Parameters
    ----------
    taken : mapping of str to Taken
        Tables by canonical name.
    settings : Settings
        Of the book file. Where it says ``pipelines:`` they stay as they are.

    Returns
    -------
    tuple of Settings and list of Fault
        Where no two pipelines share an open stage, each has those of the book's stages, in their order, that its opportunities were
        ever in, and all that close. Where they share some, the stages stay one ladder, and it is said.
    """
    sold = taken["opportunities"]
    if settings.pipelines or "pipeline" not in sold.mapped.columns:
        return settings, []
    history = taken["stage_history"].usable if "stage_history" in taken else None
    seen = seen_in(sold.usable, history)
    closing = {*settings.named("won"), *settings.named("lost")}
    how = parting(seen, closing)
    if not how.pairs:
        return settings, []
    if not how.apart:
        told = tuple(f"{a} and {b}" for a, b in how.pairs[:3])
        problem = "pipelines have stages of their own, and the book file has one order of stages for all"
        advice = "Say pipelines: in the book file, each with its own stages, so that none is told by the steps of another."
        return settings, [Fault("opportunities", "pipeline", problem, 0, told, False, advice)]
    ladders = {str(name): tuple(_own(settings.stages, stages, closing)) for name, stages in seen.items()}
    shown = tuple(f"{name}: {' > '.join(stage.name for stage in each)}" for name, each in ladders.items())
    problem = "no two pipelines share an open stage: each is followed through its own stages"
    advice = "Say so under pipelines: in the book file, or correct it there."
    apart = settings.model_copy(update={"pipelines": ladders})
    return apart, [Fault("opportunities", "pipeline", problem, 0, shown, False, advice)]


def _own(stages: tuple[Stage, ...], seen: Mapping[str, int], closing: set[str]) -> Iterator[Stage]:
    yield from (stage for stage in stages if stage.name in seen or stage.name in closing)
