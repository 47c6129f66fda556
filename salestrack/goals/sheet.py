"""The goal sheet: its objectives, the way from them to targets, and what is unwise about it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict

from salestrack import formats
from salestrack.definition import HIGHER, LOWER, MONEY, NEITHER, RATIO, SHARE, Metric, Unit, find_metric
from salestrack.display import Table, no_formulas
from salestrack.goals.objective import Objective, PeriodName, Target, as_list, as_values, scope_text, target_text, written
from salestrack.goals.proposals import suggest
from salestrack.goals.shown import Sentences, Shown
from salestrack.wording import label_of, say

MOST_METRICS, MOST_PER_OBJECTIVE = 7, 3
# A ratio may exceed 1, but a target of 95 is more likely 95 % than 9,500 %.
_LIKELY_PERCENT = 10
# Less than one in a hundred is more likely a share with a percent sign, 0.35%, than meant; so are 12 of any currency 12 thousand.
_ONE_PERCENT, _SMALL_SUM = 0.01, 100


class Goals(BaseModel):
    """A goal sheet. Read by `read_goals`, held against a book by `goal_status`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    period: PeriodName = None
    objectives: Annotated[tuple[Objective, ...], BeforeValidator(as_list)] = ()

    @property
    def targets(self) -> tuple[tuple[Objective, Target], ...]:
        """Every metric of every objective, in order."""
        return tuple((objective, target) for objective in self.objectives for target in objective.metrics)

    @property
    def warnings(self) -> Sentences:
        """What is unwise about the sheet, though it can be used; one sentence each."""
        each = (said for objective in self.objectives for said in _on_objective(objective))
        return Sentences([*_on_the_whole(self), *each] if self.objectives else [say("goal-none-set")])

    def unused(self, reported: Iterable[Metric | str]) -> list[str]:
        """Return the names of reported metrics that serve no goal, in order and once each.

        Raises
        ------
        UnknownNameError
            A metric does not exist.
        """
        serving = {target.metric for _, target in self.targets}
        return [name for name in dict.fromkeys(find_metric(each).name for each in reported) if name not in serving]

    def advice(self, reported: Iterable[Metric | str] = ()) -> Sentences:
        """Return the warnings, and a sentence that names the reported metrics that serve no goal; one that all is well if it is."""
        unused = [label_of(name, find_metric(name).label) for name in self.unused(reported)] if self.objectives else []
        told = [say("goal-warning-unused", {"count": len(unused), "metrics": ", ".join(unused)})] if unused else []
        return Sentences([*self.warnings, *told] or [say("goal-advice-none")])

    def about(self, *metrics: Metric | str) -> "Goals":
        """Return the part of the sheet that is about these metrics.

        Raises
        ------
        UnknownNameError
            A metric does not exist.
        """
        wanted = {find_metric(each).name for each in metrics}
        kept = [
            objective.model_copy(update={"metrics": tuple(target for target in objective.metrics if target.metric in wanted)})
            for objective in self.objectives
        ]
        return self.model_copy(update={"objectives": tuple(objective for objective in kept if objective.metrics)})

    def table(self, currency: str = "") -> Shown:
        """Return the way from objectives to targets; one row for each metric.

        Parameters
        ----------
        currency : str
            ISO code to write money with; empty: plain numbers.

        Returns
        -------
        Shown
            ``frame`` has objective, achieve, use, owner, review, metric (null: none yet), scope, period, target, direction.
        """
        rows = [row for objective in self.objectives for row in _rows(objective, self.period)]
        frame = pd.DataFrame(rows).astype({"target": "float64"})
        return Shown(frame, _table(frame, currency))

    def __str__(self) -> str:
        return str(self.table()) if self.objectives else say("goal-none-set")

    __repr__ = __str__

    @no_formulas
    def _repr_html_(self) -> str:
        return self.table()._repr_html_() if self.objectives else self.warnings._repr_html_()


def _rows(objective: Objective, period: str | None) -> Iterator[dict[str, object]]:
    about = {name: getattr(objective, name) for name in ("name", "achieve", "use", "owner", "review")}
    about["objective"] = about.pop("name")
    for target in objective.metrics:
        yield about | {
            "metric": target.metric,
            "scope": scope_text(target.where),
            "period": target.period or period,
            "target": target.target,
            "direction": target.direction,
        }
    if not objective.metrics:
        yield about | dict.fromkeys(("metric", "scope", "period", "target", "direction"))


def _table(frame: pd.DataFrame, currency: str) -> Table:
    first = ~frame["objective"].duplicated()
    texts = {name: frame[name].where(first, "").fillna("").tolist() for name in ("objective", "achieve", "use", "owner", "review")}
    rows = frame.to_dict("records")
    metrics = [None if pd.isna(row["metric"]) else find_metric(row["metric"]) for row in rows]
    texts["metric"] = [
        formats.DASH if m is None else " · ".join(filter(None, (label_of(m.name, m.label), row["scope"])))
        for m, row in zip(metrics, rows, strict=True)
    ]
    periods = frame["period"].fillna("")
    texts["period"] = [] if periods.nunique() < 2 else periods.tolist()
    texts["target"] = [
        formats.DASH if metric is None or pd.isna(row["target"]) else target_text(metric, row["target"], row["direction"], currency)
        for metric, row in zip(metrics, rows, strict=True)
    ]
    shown = {name: texts[name] for name in ("objective", "achieve", "use", "metric", "period", "target", "owner", "review")}
    table = pd.DataFrame({(say(f"goal-column-{name}"), ""): column for name, column in shown.items() if any(column)})
    return Table(table, say("goal-table-title"), "", len(table.columns))


def _on_the_whole(goals: Goals) -> Iterator[str]:
    kept = {(target.metric, _scope_key(target)) for _, target in goals.targets}
    if len(kept) > MOST_METRICS:
        yield say("goal-warning-too-many", {"count": len(kept), "most": MOST_METRICS})
    wanted: dict[tuple[object, ...], tuple[Target, list[float]]] = {}
    for _, target in goals.targets:
        if target.target is not None:
            key = (target.metric, _scope_key(target), target.period or goals.period, target.direction)
            wanted.setdefault(key, (target, []))[1].append(target.target)
    for target, values in wanted.values():
        if len(set(values)) > 1:
            texts = [written(value, target.measures.unit, "") for value in dict.fromkeys(values)]
            yield say("goal-warning-two-targets", {"metric": target.label, "targets": ", ".join(texts)})


def _scope_key(target: Target) -> frozenset[tuple[str, frozenset[object]]]:
    return frozenset((name, frozenset(as_values(wanted))) for name, wanted in target.where.items())


def _on_objective(objective: Objective) -> Iterator[str]:
    name = {"objective": objective.name}
    if not objective.metrics:
        near = [metric.name for proposal in suggest(f"{objective.name} {objective.achieve}")[:1] for metric in proposal.metrics]
        yield (
            say("goal-warning-no-metric-but", name | {"metrics": ", ".join(near)}) if near else say("goal-warning-no-metric", name)
        )
    if len(objective.metrics) > MOST_PER_OBJECTIVE:
        yield say("goal-warning-many-metrics", name | {"count": len(objective.metrics), "most": MOST_PER_OBJECTIVE})
    for question in ("achieve", "use", "owner", "review"):
        if not getattr(objective, question):
            yield say(f"goal-warning-no-{question}", name)
    for target in objective.metrics:
        yield from _on_target(target, name)


def _on_target(target: Target, name: Mapping[str, str]) -> Iterator[str]:
    metric = target.measures
    about = {**name, "metric": target.label}
    if target.target is None:
        yield say("goal-warning-no-target", about)
        return
    good = {HIGHER: "at_least", LOWER: "at_most", NEITHER: target.direction}[metric.better]
    if target.direction != good:
        yield say("goal-warning-direction", about | {"better": metric.better, "direction": target.direction})
    if meant := _likely_meant(metric.unit, target.target):
        share = formats.share(target.target, digits=2 if target.target < _ONE_PERCENT else 0)
        read = written(target.target, metric.unit, "") if metric.unit == MONEY else share
        yield say("goal-warning-slip", about | {"read": read, "meant": meant})


def _likely_meant(unit: Unit, target: float) -> str:
    """Return how a target that looks like a slip would be written if another were meant; empty where it looks like none."""
    if unit == RATIO and target >= _LIKELY_PERCENT:
        return f"{target:g}%"
    if unit == SHARE and target == 1:
        return "1%"
    if unit == SHARE and 0 < target < _ONE_PERCENT:
        return f"{100 * target:g} or {10_000 * target:g}%"
    return f"{target:g}000" if unit == MONEY and target < _SMALL_SUM else ""
