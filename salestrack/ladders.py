"""Ladders: the ordered stages of each sales process. A book has one, or one for each of its pipelines.

What is asked of a stage's place is asked within the process of the opportunity: a stage of the same name in another process is
another stage, and nothing is told of one process by the steps of another.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import ibis
import ibis.expr.types as ir
from pydantic import BaseModel, ConfigDict, Field


class Stage(BaseModel):
    """One stage of the sales process: its name, what being in it means, and the stated win probability (0 to 1)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    outcome: Literal["open", "won", "lost"] = "open"
    probability: float | None = Field(default=None, ge=0, le=1)


Ladders = Mapping[str, Sequence[Stage]]
"""Stages in order by the name of their pipeline; one without a name is that of all opportunities."""


def faults_of(stages: Sequence[Stage]) -> list[str]:
    """Return what keeps stages from making a process: names said twice, no stage that means won or lost."""
    twice = sorted(name for name, times in Counter(stage.name for stage in stages).items() if times > 1)
    found = [f"stages named twice: {', '.join(twice)}"] if twice else []
    for outcome in ("won", "lost"):
        if not any(stage.outcome == outcome for stage in stages):
            found.append(f"no stage has the outcome '{outcome}'; say which stage means that an opportunity was {outcome}")
    return found


def faults_of_all(pipelines: Ladders) -> list[str]:
    """Return what is wrong with the ladders of several pipelines, each fault with the pipeline that it is of."""
    found = [f"{name}: {fault}" for name, stages in pipelines.items() for fault in faults_of(stages)]
    spelled: dict[str, list[str]] = {}
    for name in pipelines:
        spelled.setdefault(" ".join(name.split()).casefold(), []).append(name)
    found += [f"one pipeline named twice: {' and '.join(map(repr, names))}" for names in spelled.values() if len(names) > 1]
    found += ["a pipeline has no name"] if "" in spelled else []
    means: dict[str, dict[str, str]] = {}
    for name, stages in pipelines.items():
        for stage in stages:
            means.setdefault(stage.name, {}).setdefault(stage.outcome, name)
    for stage_name, outcomes in means.items():
        if len(outcomes) > 1:
            told = " and ".join(f"{outcome} in {name}" for outcome, name in outcomes.items())
            found.append(f"the stage {stage_name!r} means {told}; map one of them to another name with values:")
    return found


def in_order(pipelines: Ladders) -> tuple[Stage, ...]:
    """Return the stages of all pipelines, each name once, in the order in which they are said.

    Where pipelines state different probabilities of a name, the stage has none: it belongs to no one of them.
    """
    found: dict[str, Stage] = {}
    for stages in pipelines.values():
        for stage in stages:
            known = found.setdefault(stage.name, stage)
            if known.probability != stage.probability:
                found[stage.name] = stage.model_copy(update={"probability": None})
    return tuple(found.values())


def places(ladders: Ladders, outcome: str = "open") -> Iterator[tuple[str, int, Stage]]:
    """Yield pipeline, number (1 is the first) and stage of the stages with an outcome, pipeline by pipeline."""
    for name, stages in ladders.items():
        for k, stage in enumerate((each for each in stages if each.outcome == outcome), 1):
            yield name, k, stage


def is_at(rows: ir.Table, pipeline: str, stage: str | None = None, column: str = "stage") -> ir.BooleanValue:
    """Return whether rows are of a pipeline, and in one of its stages; of a pipeline without a name all rows are."""
    here = rows.pipeline == pipeline if pipeline else ibis.literal(True)
    return here if stage is None else here & (rows[column] == stage)


def number_of(rows: ir.Table, ladders: Ladders, column: str = "stage") -> ir.IntegerValue:
    """Return the number of an open stage within the process of its row, 1 for the first; null for all others.

    Parameters
    ----------
    rows : ibis table
        With the stage, and with ``pipeline`` where the ladders have names.
    ladders : mapping of str to sequence of Stage
        Stages by pipeline.
    column : str
        The stage.
    """
    known = [(is_at(rows, name, stage.name, column), ibis.literal(k, "int64")) for name, k, stage in places(ladders)]
    return ibis.cases(*known, else_=ibis.null("int64")) if known else ibis.null("int64")


def with_pipeline(history: ir.Table, opportunities: ir.Table, ladders: Ladders) -> ir.Table:
    """Return a history with the pipeline of its opportunity; where there is only one ladder, as it is."""
    if "" in ladders:
        return history
    known = opportunities.select("opportunity_id", "pipeline")
    return history.left_join(known, "opportunity_id").drop("opportunity_id_right")
