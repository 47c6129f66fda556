"""From an executed notebook to the inside of a page: nbconvert's template, then one pass that makes it safe and tidy.

Outputs bring no style, script or id of their own: the page's style sheet governs, in the light, in the dark and in print, and
two runs over the same data give the same bytes.
"""

import ast
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

import nbformat
from bs4 import BeautifulSoup, Tag
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from traitlets.config import Config

from salestrack.errors import masked
from salestrack.report.collect import DEFINITIONS, HEADLINE, outputs
from salestrack.wording import say

TEMPLATES = Path(__file__).parent / "templates"
LEFT_OUT = frozenset({"hide", "parameters", "injected-parameters", "remove-cell", "papermill-error-cell-tag"})
_FORBIDDEN = ["script", "style", "link", "meta", "base", "iframe", "object", "embed", "form", "noscript"]
_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
# A cell with more characters than this is a sentence, which needs a line it can be read on.
_PROSE = 60
_SIGN = re.compile(r"([+−±])(?=[$€£¥₩₹₽₺₪₫₴])")
_COUNT = re.compile(r"\bn = (?=\d)")
# Ids of the page around the body.
_TAKEN = {"main", "contents", "definitions", "provenance"}


@dataclass(frozen=True)
class Section:
    """A heading of the body that the list of contents names."""

    anchor: str
    text: str


@dataclass(frozen=True)
class Body:
    """The inside of a page.

    Parameters
    ----------
    title : str
        The notebook's first heading; it is not in `html` any more.
    lede : str
        The paragraph right after it, as HTML; it is not in `html` either.
    html : str
        Everything else.
    sections : tuple of Section
        Second-level headings in order.
    """

    title: str
    lede: str
    html: str
    sections: tuple[Section, ...]


class BodyMaker:
    """Turns executed notebooks into bodies with one exporter, which is dear to set up.

    Parameters
    ----------
    notebooks : Path
        Folder in which pictures named in the text are looked for.
    pages : sequence of str
        Names of the notebooks of the pack; links to them become links to their pages.
    """

    def __init__(self, notebooks: Path, pages: Sequence[str]) -> None:
        shown = ["text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain"]
        self.pages = pages
        self.folder = str(notebooks)
        self.exporter = HTMLExporter(
            config=Config({"NbConvertBase": {"display_data_priority": shown}}),
            template_name="salestrack",
            extra_template_basedirs=[str(TEMPLATES)],
            exclude_input=True,
            exclude_anchor_links=True,
            embed_images=True,
        )
        self.exporter.register_filter("as_sentences", as_sentences)

    def body(self, notebook: NotebookNode, name: str) -> Body:
        """Return the body of one executed notebook."""
        resources = {
            "left_out": LEFT_OUT,
            "appendix": DEFINITIONS,
            "headline": HEADLINE,
            "folded": say("report-folded"),
            "folded_notes": say("report-folded-notes"),
            "metadata": {"path": self.folder, "name": name},
        }
        html, _ = self.exporter.from_notebook_node(notebook, resources)
        soup = BeautifulSoup(html, "html.parser")
        _make_safe(soup)
        _relink(soup, self.pages)
        title, lede = _take_title(soup, name)
        for number, table in enumerate(soup.find_all("table"), start=1):
            _tidy_table(soup, table, number)
        _say_once(soup)
        _keep_together(soup)
        sections = _name_sections(soup)
        return Body(title, lede, str(soup).strip(), sections)


def as_sentences(text: str) -> list[str]:
    """Return the texts that a cell ends with, without the quotes of Python; empty when it ends with something else.

    Examples
    --------
    >>> as_sentences("'Bookings grew.'"), as_sentences("('One.', 'Two.')"), as_sentences("42")
    (['Bookings grew.'], ['One.', 'Two.'], [])
    """
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return []
    values = [value] if isinstance(value, str) else value
    return list(values) if isinstance(values, list | tuple) and all(isinstance(each, str) for each in values) else []


def without_paths(notebook: NotebookNode, shown: Iterable[tuple[str, str]]) -> NotebookNode:
    """Return a copy of an executed notebook whose outputs say paths as they were given.

    Parameters
    ----------
    notebook : NotebookNode
        As executed.
    shown : iterable of (str, str)
        Absolute path and what to say instead; longest first.
    """
    pairs = [(json.dumps(path)[1:-1], json.dumps(text)[1:-1]) for path, text in shown]
    copy = nbformat.from_dict(notebook)
    for output in outputs(copy):
        if "text" in output:
            output["text"] = _replaced(output["text"], pairs)
        for kind, content in output.get("data", {}).items():
            if not kind.startswith("image/"):
                output["data"][kind] = _replaced(content, pairs)
    return copy


def _replaced(content: Any, pairs: Iterable[tuple[str, str]]) -> Any:
    written = masked(json.dumps(content))
    for path, text in pairs:
        written = written.replace(path, text)
    return json.loads(written)


def _make_safe(soup: BeautifulSoup) -> None:
    for element in soup.find_all(_FORBIDDEN):
        element.decompose()
    for element in soup.find_all(True):
        for name in [name for name in element.attrs if name.startswith("on")]:
            del element[name]


def _relink(soup: BeautifulSoup, pages: Sequence[str]) -> None:
    """Keep links that work in a file that travels alone or with its pack; of the others keep the text."""
    for link in soup.find_all("a"):
        target = str(link.get("href", ""))
        name, dot, anchor = target.partition(".ipynb")
        if dot and name.removeprefix("./") in pages:
            link["href"] = f"{name.removeprefix('./')}.html{anchor}"
        elif not target.startswith(("#", "mailto:")):
            link.unwrap()


def _take_title(soup: BeautifulSoup, name: str) -> tuple[str, str]:
    heading = soup.find("h1") or soup.find(_HEADINGS)
    if not isinstance(heading, Tag):
        return re.sub(r"^\d+[_-]", "", name).replace("_", " ").capitalize(), ""
    title, lede = _text(heading), ""
    following = heading.find_next_sibling()
    if isinstance(following, Tag) and following.name == "p":
        lede = following.decode_contents()
        following.decompose()
    heading.decompose()
    for other in soup.find_all("h1"):
        other.name = "h2"
    return title, lede


def _say_once(soup: BeautifulSoup) -> None:
    """Drop pictures that had nothing to show but their caption, and captions that the paragraphs of their section have said."""
    for picture in soup.select("figure.st-empty img"):
        picture.decompose()
    said = ""
    for each in soup.find_all([*_HEADINGS[:2], "p", "figcaption"]):
        text = _text(each)
        if each.name in _HEADINGS:
            said = ""
        elif each.name == "p":
            said = f"{said} {text}"
        elif text in said:
            figure = each.find_parent("figure")
            (figure if figure is not None and "st-empty" in figure.get_attribute_list("class") else each).decompose()


def _keep_together(soup: BeautifulSoup) -> None:
    """Keep on one line what a browser may break: a sign and the currency after it, and an n and its number."""
    for text in soup.find_all(string=lambda text: bool(text and (_SIGN.search(text) or _COUNT.search(text)))):
        text.replace_with(_COUNT.sub("n\u00a0=\u00a0", _SIGN.sub("\\1\u2060", text)))


def _name_sections(soup: BeautifulSoup) -> tuple[Section, ...]:
    """Give every heading an id of its own and return the second-level ones."""
    taken, sections = set(_TAKEN), []
    for heading in soup.find_all(_HEADINGS):
        text = _text(heading)
        words = re.sub(r"[^\w]+", "-", text.lower()).strip("-") or "section"
        anchor = next(each for each in chain([words], (f"{words}-{n}" for n in count(2))) if each not in taken)
        taken.add(anchor)
        heading["id"] = anchor
        if heading.name == "h2":
            sections.append(Section(anchor, text))
    return tuple(sections)


def _tidy_table(soup: BeautifulSoup, table: Tag, number: int) -> None:
    """Make a table of great_tables or pandas at home: caption, scopes, no ids, its own scroll box."""
    _title_to_caption(soup, table)
    for name in ("border", "aria-labelledby", "aria-describedby"):
        table.attrs.pop(name, None)
    for element in table.find_all(True):
        # Their ids are the same in every table of a page; `scope` says as much to a screen reader.
        element.attrs.pop("id", None)
        element.attrs.pop("headers", None)
        if element.name == "th":
            _tidy_header(element)
        elif element.name == "td" and len(element.get_text()) > _PROSE:
            element["class"] = " ".join(filter(None, (*element.get_attribute_list("class"), "st-prose")))
    caption = table.find("caption")
    if isinstance(table.parent, Tag) and table.parent.get("style"):
        del table.parent["style"]
        table.parent.attrs.pop("id", None)
    label = " ".join(caption.get_text(" ").split()) if isinstance(caption, Tag) else f"Table {number}"
    table.wrap(soup.new_tag("div", attrs={"class": "st-scroll", "role": "region", "tabindex": "0", "aria-label": label}))


def _tidy_header(header: Tag) -> None:
    if not _text(header):
        header.name = "td"
        header.attrs.pop("scope", None)
    elif not header.get("scope"):
        header["scope"] = "col" if header.find_parent("thead") else "row"


def _title_to_caption(soup: BeautifulSoup, table: Tag) -> None:
    rows = table.find_all("tr", class_="gt_heading")
    if not rows:
        return
    caption = soup.new_tag("caption")
    for row, kind in zip(rows, ("st-table-title", "st-table-subtitle"), strict=False):
        line = soup.new_tag("span", attrs={"class": kind})
        cell = row.find("td")
        line.extend(list(cell.contents) if isinstance(cell, Tag) else [])
        caption.append(line)
        row.decompose()
    table.insert(0, caption)


def _text(element: Tag) -> str:
    return " ".join(element.get_text().split())
