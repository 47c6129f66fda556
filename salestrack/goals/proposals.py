"""A menu of common objectives, each with the few metrics that follow from it; its words are in the catalogue."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from salestrack.definition import Metric, find_metric
from salestrack.display import Table, no_formulas
from salestrack.goals.shown import Shown
from salestrack.metrics import (
    activity_hours,
    average_deal_size,
    bookings,
    close_rate,
    created_leads,
    created_opportunities,
    leakage,
    median_deal_size,
    opportunity_rate,
    pipeline,
    prorated_share_of_reps_at_quota,
    quota_attainment,
    sales_cycle,
    sales_qualification_rate,
    selling_time_share,
    share_of_reps_at_quota,
    stage_conversion,
    win_rate,
    win_rate_by_amount,
    won_opportunities,
)
from salestrack.wording import label_of, say

# Shorter words match too much to say anything.
_SHORTEST = 4
# Words are compared by their beginnings, so that "deals" finds "deal" and "winning" finds "win rate".
_STEM = 5
# A word of Korean says as much in two syllables; endings follow them.
_HANGUL = re.compile("[가-힣]{2,}")
_SYLLABLES = 2


@dataclass(frozen=True)
class Proposal:
    """One common objective.

    Parameters
    ----------
    key : str
        Identifier; names its words in the catalogue.
    metrics : tuple of Metric
        One to three metrics that show whether it is being reached.
    """

    key: str
    metrics: tuple[Metric, ...]

    @property
    def objective(self) -> str:
        """The objective in a few words."""
        return say(f"goal-menu-{self.key}")

    @property
    def achieve(self) -> str:
        """What it is meant to achieve."""
        return say(f"goal-menu-{self.key}-achieve")

    @property
    def use(self) -> str:
        """What is to be done with the data."""
        return say(f"goal-menu-{self.key}-use")

    @property
    def stems(self) -> frozenset[str]:
        """Beginnings of the words by which it is found."""
        return _stems(f"{self.objective} {say(f'goal-menu-{self.key}-words')}")


@dataclass(frozen=True)
class Menu(Sequence[Proposal]):
    """Common objectives, each with the metrics that it proposes; prints as a table."""

    proposals: tuple[Proposal, ...]
    note: str = ""

    def __getitem__(self, i):  # type: ignore[no-untyped-def]
        return self.proposals[i]

    def __len__(self) -> int:
        return len(self.proposals)

    def __iter__(self) -> Iterator[Proposal]:
        return iter(self.proposals)

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each objective and metric: objective, achieve, use, metric, direction (null: neither is good in itself)."""
        directions = {"higher": "at_least", "lower": "at_most"}
        return pd.DataFrame(
            [
                (each.objective, each.achieve, each.use, metric.name, directions.get(metric.better))
                for each in self.proposals
                for metric in each.metrics
            ],
            columns=["objective", "achieve", "use", "metric", "direction"],
        )

    def suggest(self, text: str, most: int = 3) -> "Menu":
        """Return the objectives of this menu that share the most words with a text, best first; empty when none does.

        Those that share less than half as many words as the best are left out. Where none is near, or the text is about keeping
        customers, which begins after the sale, ``note`` says so.
        """
        wanted = _stems(text)
        scored = sorted(((len(wanted & each.stems), each) for each in self.proposals), key=lambda pair: -pair[0])
        best = scored[0][0] if scored else 0
        notes = [say("goal-menu-kept")] if wanted & _stems(say("goal-menu-kept-words")) else []
        notes += [] if best or notes else [say("goal-menu-none")]
        return Menu(tuple(each for score, each in scored[:most] if score and 2 * score >= best), " ".join(notes))

    @property
    def _shown(self) -> Shown:
        texts = {
            "objective": [each.objective for each in self],
            "achieve": [each.achieve for each in self],
            "use": [each.use for each in self],
            "metrics": ["; ".join(f"{label_of(m.name, m.label)} ({m.name})" for m in each.metrics) for each in self],
        }
        table = pd.DataFrame({(say(f"goal-column-{name}"), ""): column for name, column in texts.items()})
        return Shown(self.frame, Table(table, say("goal-menu-title"), self.note, len(texts)))

    def __str__(self) -> str:
        return str(self._shown) if self.proposals else self.note

    __repr__ = __str__

    @no_formulas
    def _repr_html_(self) -> str:
        return self._shown._repr_html_() if self.proposals else f'<p class="st-note">{escape(self.note)}</p>'


def _stems(text: str) -> frozenset[str]:
    words = re.findall(r"\w+", text.casefold())
    korean = {word[:_SYLLABLES] for word in words if _HANGUL.match(word)}
    return frozenset(word[:_STEM] for word in words if len(word) >= _SHORTEST and not _HANGUL.match(word)) | korean


GOAL_MENU = Menu(
    tuple(
        Proposal(key, tuple(find_metric(metric) for metric in metrics))
        for key, metrics in {
            "grow": (bookings, won_opportunities),
            "new": (won_opportunities, bookings, created_opportunities),
            "larger": (average_deal_size, median_deal_size, win_rate),
            "win": (win_rate, win_rate_by_amount),
            "leak": (leakage, stage_conversion),
            "faster": (sales_cycle, close_rate),
            "leads": (created_leads, sales_qualification_rate, opportunity_rate),
            "pipeline": (pipeline, created_opportunities),
            "time": (selling_time_share, activity_hours),
            "quota": (share_of_reps_at_quota, prorated_share_of_reps_at_quota, quota_attainment),
        }.items()
    )
)
"""Ten common objectives with the metrics of the kit that they propose."""


def menu() -> Menu:
    """Return the menu of common objectives.

    Examples
    --------
    >>> menu()[0].objective, [metric.name for metric in menu()[0].metrics]
    ('Grow bookings', ['bookings', 'won_opportunities'])
    """
    return GOAL_MENU


def suggest(text: str) -> Menu:
    """Return the common objectives nearest to an objective in one's own words; at most three, best first.

    Parameters
    ----------
    text : str
        The objective.

    Examples
    --------
    >>> [each.objective for each in suggest("our reps should spend more time selling")]
    ['Give reps more time to sell']
    """
    return GOAL_MENU.suggest(text)
