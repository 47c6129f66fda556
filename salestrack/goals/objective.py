"""One objective of a goal sheet: the two questions, its metrics and targets, and how they are written."""

import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from salestrack import formats
from salestrack.definition import HIGHER, LOWER, METRICS, RATIO, SHARE, Metric, Unit, find_metric
from salestrack.display import label_at_age
from salestrack.errors import suggestion
from salestrack.periods import Period
from salestrack.quota_spans import is_of_quotas
from salestrack.wording import label_of, say

_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?\s*%?")
_STRICT = ConfigDict(extra="forbid", frozen=True)


def _as_text(value: Any) -> Any:
    # YAML reads `period: 2026` as a number, `2026-09-30` as a date, and a key without a value as null.
    if isinstance(value, bool):
        return value
    return "" if value is None else str(value) if isinstance(value, int | float | date) else value


def _as_period(value: Any) -> Any:
    return _as_text(value) or None


def _known_period(value: str) -> str:
    # Which days a period of quotas has is in the book.
    if not is_of_quotas(value):
        Period.parse(value)
    return value


def _as_scope(value: Any) -> Any:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        # Of the built-in errors pydantic collects ValueError only.
        raise ValueError("a scope is a column with the value that it must have, as in {segment: Enterprise}")  # noqa: TRY004
    return {
        str(name): [_scoped(each) for each in wanted] if isinstance(wanted, list) else _scoped(wanted)
        for name, wanted in value.items()
    }


def _scoped(value: Any) -> str | None:
    if isinstance(value, bool):
        words = "yes, on and true as True" if value else "no, off and false as False"
        raise ValueError(f"YAML reads {words}; put the text in quotes")  # noqa: TRY004 (as above)
    return None if value is None else str(value)


def _as_entry(value: Any) -> Any:
    return {"metric": value} if isinstance(value, str) else value


def as_list(value: Any) -> Any:
    """Return a list as it is, and an empty one for a key without a value."""
    return [] if value is None else value


Text = Annotated[str, BeforeValidator(_as_text)]
PeriodName = Annotated[Annotated[str, AfterValidator(_known_period)] | None, BeforeValidator(_as_period)]
Direction = Literal["at_least", "at_most"]


class Target(BaseModel):
    """One metric of an objective, with what it is to reach.

    Parameters
    ----------
    metric : str
        Name of a metric.
    target : float, optional
        In the metric's unit; a share is written ``0.30`` or ``"30%"``. None: nothing to judge the figure by.
    direction : {'at_least', 'at_most'}, optional
        Default: at least where higher is better, at most where lower is; required where neither is.
    where : mapping
        Scope: column to the value, or values, that it must have; None stands for null.
    period : str, optional
        Default: the period of the sheet.
    """

    model_config = _STRICT

    metric: str
    target: float | None = None
    direction: Direction | None = Field(default=None, validate_default=True)
    where: Annotated[dict[str, str | list[str | None] | None], BeforeValidator(_as_scope)] = {}
    period: PeriodName = None

    @field_validator("metric")
    @classmethod
    def _exists(cls, value: str) -> str:
        if value not in METRICS:
            raise ValueError(f"There is no metric {value!r}.{suggestion(value, METRICS)}")
        return value

    @field_validator("target", mode="before")
    @classmethod
    def _in_its_unit(cls, value: Any, info: ValidationInfo) -> float | None:
        metric = METRICS.get(info.data.get("metric", ""))
        return None if value is None else _number(value, metric.unit if metric else None)

    @field_validator("direction")
    @classmethod
    def _by_the_metric(cls, value: Direction | None, info: ValidationInfo) -> Direction | None:
        metric, target = METRICS.get(info.data.get("metric", "")), info.data.get("target")
        if value is None and metric:
            value = {HIGHER: "at_least", LOWER: "at_most"}.get(metric.better)  # type: ignore[assignment]
            if value is None and target is not None:
                raise ValueError(f"more of {metric.name} is not good or bad in itself; say direction: at_least or at_most")
        if value == "at_least" and target == 0:
            raise ValueError("a target of at least 0 is reached by doing nothing")
        return value

    @property
    def measures(self) -> Metric:
        """The metric itself."""
        return find_metric(self.metric)

    @property
    def label(self) -> str:
        """The metric's label with the scope, as in ``Bookings (Segment: Enterprise)``."""
        return labelled(self.measures, self.where)


class Objective(BaseModel):
    """One objective: what it is to achieve, what is to be done with the data, who looks after it, and its metrics."""

    model_config = _STRICT

    name: Annotated[str, Field(min_length=1), BeforeValidator(_as_text)]
    achieve: Text = ""
    use: Text = ""
    owner: Text = ""
    review: Literal["weekly", "monthly", "quarterly"] | None = None
    metrics: Annotated[tuple[Annotated[Target, BeforeValidator(_as_entry)], ...], BeforeValidator(as_list)] = ()


def labelled(metric: Metric, where: Mapping[str, object], age: int | None = None) -> str:
    """Return a metric's label with the age at which it is read, followed by its scope where it has one."""
    label, scope = label_at_age(metric, age), scope_text(where)
    return say("goal-label", {"metric": label, "scope": scope}) if scope else label


def scope_text(where: Mapping[str, object]) -> str:
    """Return a scope as text; empty where there is none."""
    texts = []
    for name, wanted in where.items():
        values = [say("not-recorded") if value is None else str(value) for value in as_values(wanted)]
        texts.append(f"{label_of(name)}: {', '.join(values)}")
    return "; ".join(texts)


def as_values(wanted: object) -> list[object]:
    """Return the values that a scope allows for a column, whether one was given or several."""
    return list(wanted) if isinstance(wanted, list | tuple | set | frozenset) else [wanted]


def target_text(metric: Metric, target: float | None, direction: str | None, currency: str) -> str:
    """Return a target with its direction as text; a dash where there is none."""
    if target is None or direction is None:
        return formats.DASH
    return say(f"goal-{direction.replace('_', '-')}", {"target": written(target, metric.unit, currency)})


def written(value: float, unit: Unit, currency: str) -> str:
    """Return a figure with what it is measured in; money without a currency as a plain number."""
    if unit == Unit.MONEY and not currency:
        unit = Unit.COUNT
    text = formats.figure(value, unit, currency)
    return say(f"goal-in-{unit}", {"value": text}) if unit in (Unit.DAYS, Unit.HOURS) and text != formats.DASH else text


def _number(value: Any, unit: Unit | None) -> float:
    text = str(value).strip()
    percent = text.endswith("%")
    try:
        number = math.nan if isinstance(value, bool) else float(text.removesuffix("%"))
    except ValueError:
        number = math.nan
    if not math.isfinite(number) and "," in text:
        plain = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text.replace(",", ".")
        raise ValueError(f"{text!r} has a comma, and numbers are written without thousands signs and with a decimal point: {plain}")
    if not math.isfinite(number):
        raise ValueError(f'{text!r} is not a number. Write it as 12000000, 0.30 or "30%"')
    if number < 0:
        raise ValueError(f"{text} is below zero, which no metric can be")
    if percent and unit not in (SHARE, RATIO, None):
        raise ValueError(f"{text!r} is a percent, but the metric is measured in {unit}. Write a plain number")
    number = number / 100 if percent else number
    if unit == SHARE and number > 1:
        likely = f'For {number:g} % write {number / 100:g} or "{number:g}%"'
        advice = likely if number <= 100 and not percent else "It ends at 1, or 100%"
        raise ValueError(f"a share lies between 0 and 1, and {text} is more. {advice}")
    return number
