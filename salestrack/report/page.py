"""The pages of a pack: the shell around each notebook's body, and the index that leads into them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_interval
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from salestrack.formats import day
from salestrack.report.body import TEMPLATES, Body
from salestrack.report.collect import Harvest, Headline, once_each
from salestrack.report.gate import Failure
from salestrack.report.manifest import Facts
from salestrack.report.request import Plan
from salestrack.wording import LANGUAGE, say

STATUSES = ("on_track", "at_risk", "off", "cannot_tell")


@dataclass(frozen=True)
class Page:
    """One page of the pack, ready to be put into its shell.

    Parameters
    ----------
    name : str
        Name of the notebook.
    body : Body
        Its inside.
    harvest : Harvest
        Its headlines, definitions and warnings.
    """

    name: str
    body: Body
    harvest: Harvest

    @property
    def file(self) -> str:
        """Name of the file."""
        return f"{self.name}.html"


@dataclass(frozen=True)
class Link:
    """A page in the list of pages."""

    file: str
    title: str


class Press:
    """Prints pages and the index of one run.

    Parameters
    ----------
    plan : Plan
        What was run.
    facts : Facts
        For the foot of each page.
    """

    def __init__(self, plan: Plan, facts: Facts) -> None:
        self.plan = plan
        # Everything is escaped; only bodies, which have been made safe, and the style sheet are marked as they are.
        self.templates = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=False
        )
        self.shared: dict[str, Any] = {
            "language": LANGUAGE,
            "company": plan.book.name,
            "period": plan.period.name,
            "when": when(plan),
            "facts": facts,
            "css": style_sheet(),
            "words": status_in_words,
            "say": say,
        }

    def page(self, page: Page, pages: Sequence[Page]) -> str:
        """Return the HTML of one page of the pack."""
        return self.templates.get_template("page.html.j2").render(
            self.shared,
            title=page.body.title,
            lede=Markup(page.body.lede),
            pages=[Link("index.html", say("report-overview")), *(Link(each.file, each.body.title) for each in pages)],
            current=page.file,
            sections=page.body.sections,
            definitions=page.harvest.definitions,
            body=Markup(page.body.html),
        )

    def index(self, pages: Sequence[Page]) -> str:
        """Return the HTML of the page that leads into the pack."""
        headlines = once_each(headline for page in pages for headline in page.harvest.headlines)
        # The summary says what later pages say again: each sentence stands with the last page that has it.
        home = {headline.name: page.name for page in pages for headline in page.harvest.headlines}
        entries = [
            {
                "file": page.file,
                "title": page.body.title,
                "lede": Markup(page.body.lede),
                "headlines": [headline for headline in page.harvest.headlines if home[headline.name] == page.name],
            }
            for page in pages
        ]
        return self.templates.get_template("pack.html.j2").render(
            self.shared,
            title=say("report-title", {"period": self.plan.period.name}),
            lede="",
            pages=[],
            current="index.html",
            verdict=verdict(headlines),
            headlines=headlines,
            entries=entries,
            note=refused_note(self.plan),
        )


def failure_page(plan: Plan, failures: Sequence[Failure]) -> str:
    """Return a plain page for analysts that says what failed; it is never published."""
    templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return templates.get_template("failure.html.j2").render(
        language=LANGUAGE,
        company=plan.book.name,
        period=plan.period.name,
        css=style_sheet(),
        failures=failures,
        notebooks=len(plan.notebooks),
    )


def style_sheet() -> Markup:
    """Return the style sheet, to be put into a page as it is."""
    return Markup((TEMPLATES / "page.css").read_text(encoding="utf-8"))


def status_in_words(status: str) -> str:
    """Return a status as people say it.

    Examples
    --------
    >>> status_in_words("at_risk"), status_in_words("too_early")
    ('at risk', 'too early')
    """
    return say(f"status-{status.replace('_', '-')}") if status in STATUSES else status.replace("_", " ")


def when(plan: Plan) -> list[str]:
    """Return period, day of reading and scope as the head of a page says them."""
    period, as_of = plan.period, date.fromisoformat(plan.book.as_of)
    name = say("report-so-far", {"period": period.name}) if as_of < period.last_day else period.name
    days = format_interval(period.start, period.last_day, "yMMMd", locale=LANGUAGE)
    return [name, days, say("as-of", {"day": day(as_of)}), plan.scope or say("report-whole-company")]


def refused_note(plan: Plan) -> str:
    """Return what the index says of rows that could not be used; empty when all could."""
    told = "; ".join(
        say("report-refused-of", {"refused": f"{intake.refused:,}", "rows": f"{intake.rows:,}", "table": name})
        for name, intake in plan.book.intake.items()
        if intake.refused
    )
    return say("report-refused-rows", {"told": told}) if told else ""


def verdict(headlines: Sequence[Headline]) -> str:
    """Return the first line of the index: how many figures are on track, and which are not.

    Examples
    --------
    >>> verdict([Headline(name="a", label="Win rate", value_text="63 %", status="off")])
    '0 of 1 figures with a goal are on track. Off: Win rate.'
    """
    judged = [headline for headline in headlines if headline.status]
    if not judged:
        return say("report-verdict-none")
    good = sum(headline.status == "on_track" for headline in judged)
    if good == len(judged):
        return say("report-verdict-all", {"judged": good})
    said = [say("report-verdict-some", {"good": good, "judged": len(judged)})]
    for status in dict.fromkeys(["off", "at_risk", *(headline.status for headline in judged)]):
        labels = ", ".join(headline.label for headline in judged if headline.status == status != "on_track")
        if labels:
            said.append(say("report-verdict-named", {"status": status_in_words(status).capitalize(), "labels": labels}))
    return " ".join(said)
