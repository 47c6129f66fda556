"""What is worth knowing about the stage history of a book: steps at times at which they cannot be. No row is refused here."""

from collections.abc import Iterator, Mapping

import ibis.expr.types as ir

from salestrack.book import Fault, Settings
from salestrack.sources.intake import Taken

_EXAMPLES = 3


def history_findings(taken: Mapping[str, Taken], settings: Settings) -> Iterator[Fault]:
    """Yield what is worth knowing about the usable rows of the stage history.

    Parameters
    ----------
    taken : mapping of str to Taken
        Tables by canonical name.
    settings : Settings
        Stages.
    """
    if "stage_history" not in taken:
        return
    history, sold = taken["stage_history"].usable, taken["opportunities"].usable
    ended = [*settings.named("won"), *settings.named("lost")]
    sold = sold.select(
        key=sold.opportunity_id,
        created=sold.created_date,
        closed=sold.stage.isin(ended).ifelse(sold.close_date, None),
        now=sold.stage,
    )
    steps = history.select("opportunity_id", "stage", "entered_at").inner_join(sold, history.opportunity_id == sold.key)
    day = steps.entered_at.date()
    early = steps.filter(day < steps.created)
    yield from _told(early, "entered before its opportunity was created", "Its first stay would be longer than its life.")
    late = steps.filter(day > steps.closed, steps.stage.notin(ended))
    yield from _told(
        late, "an open stage is entered after its opportunity was closed", "It was closed too early, or came too late."
    )
    yield from _ends_elsewhere(steps)


def _ends_elsewhere(steps: ir.Table) -> Iterator[Fault]:
    """Yield a finding about opportunities whose last step is not the stage in which they are."""
    last = steps.mutate(last_at=steps.entered_at.max().over(group_by="opportunity_id"))
    # Steps of one moment have no order.
    last = last.filter(last.entered_at == last.last_at)
    ends = last.group_by("opportunity_id").agg(
        stage=last.stage.max(), entered_at=last.entered_at.max(), there=(last.stage == last.now).any()
    )
    problem = "the last step of an opportunity is another stage than it is in"
    yield from _told(ends.filter(~ends.there), problem, "The history ends too early, or its times are in the wrong order.")


def _told(rows: ir.Table, problem: str, advice: str) -> Iterator[Fault]:
    count = int(rows.count().to_pyarrow().as_py())
    if count:
        first = rows.order_by("opportunity_id", "entered_at", "stage").limit(_EXAMPLES).to_pyarrow().to_pylist()
        told = tuple(f"{row['opportunity_id']} ({row['stage']}, {row['entered_at']:%Y-%m-%d %H:%M})" for row in first)
        advice = f"{advice} The rows stay in; correct the times in the source."
        yield Fault("stage_history", "entered_at", problem, count, told, False, advice)
