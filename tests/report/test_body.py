"""From executed notebooks to pages: what is shown, what is dropped, what is made safe."""

import json
from pathlib import Path

import great_tables
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from salestrack.report.body import BodyMaker, without_paths
from salestrack.report.collect import DEFINITIONS, HEADLINE, Headline, harvest
from salestrack.report.page import verdict
from salestrack.report.publish import faults_of_page
from tests.report.toy import DOT


@pytest.fixture(scope="session")
def maker():
    return BodyMaker(Path(), ["00_summary", "02_activity"])


def shown(output_type="display_data", metadata=None, **data):
    kinds = {"html": "text/html", "text": "text/plain", "png": "image/png", "svg": "image/svg+xml", "markdown": "text/markdown"}
    count = {"execution_count": 1} if output_type == "execute_result" else {}
    return new_output(output_type, data={kinds[name]: content for name, content in data.items()}, metadata=metadata or {}, **count)


def cell(*outputs, source="secret_code()", tags=()):
    return new_code_cell(source, outputs=list(outputs), execution_count=1, metadata={"tags": list(tags)})


def soup_of(maker, *cells, name="03_performance"):
    return BeautifulSoup(maker.body(new_notebook(cells=list(cells)), name).html, "html.parser")


def test_code_prompts_and_error_stream_are_dropped_and_results_stay(maker):
    out, err = (new_output("stream", name=name, text=f"on {name}\n") for name in ("stdout", "stderr"))
    html = str(soup_of(maker, cell(out, err, shown(html="<b>kept</b>", text="dropped"), shown("execute_result", text="plain"))))
    assert "on stdout" in html
    assert "<b>kept</b>" in html
    assert "plain" in html
    for gone in ("secret_code", "on stderr", "dropped", "In\xa0[", "Out["):
        assert gone not in html


def test_sentences_stand_as_paragraphs_without_quotes(maker):
    ends = [shown("execute_result", text=repr(end)) for end in ("It's <up>.", ("One.", "Two."), ("One.", 2))]
    soup = soup_of(maker, *map(cell, ends))
    assert [p.get_text() for p in soup.find_all("p")] == ["It's <up>.", "One.", "Two."]
    assert soup.find("pre").get_text() == "('One.', 2)"


@pytest.mark.parametrize("tag", ["hide", "parameters", "injected-parameters"])
def test_tagged_cells_are_left_out(maker, tag):
    assert "secret" not in str(soup_of(maker, cell(shown(html="secret"), tags=[tag]), new_markdown_cell("text")))


@pytest.mark.parametrize(("html", "summary"), [("<table></table>", "figures"), ("<p class='st-note'>No cause.</p>", "cannot tell")])
def test_a_folded_cell_says_what_is_in_it(maker, html, summary):
    folded = soup_of(maker, cell(shown(html=html), tags=["folded"])).find("details")
    assert summary in folded.find("summary").get_text()
    assert folded.find(["table", "p"]) is not None


def test_what_python_calls_an_object_without_a_look_is_left_out(maker):
    assert str(soup_of(maker, cell(shown("execute_result", text="<Axes: title={'center': 'x'}>")))) == ""


def test_definitions_and_bare_headlines_are_not_shown_in_place(maker):
    data = {DEFINITIONS: [], "text/html": "<p>a table of definitions</p>"}
    headline = {HEADLINE: {"name": "a", "label": "A", "value_text": "1"}, "text/plain": "as text"}
    tiles = {HEADLINE: [], "text/html": "<ul class='st-tiles'></ul>"}
    html = str(soup_of(maker, *(cell(new_output("display_data", data=each)) for each in (data, headline, tiles))))
    assert "definitions" not in html
    assert "as text" not in html
    assert "st-tiles" in html


@pytest.mark.parametrize(("kind", "mime", "content"), [("png", "image/png", DOT), ("svg", "image/svg+xml", "<svg/>")])
def test_pictures_are_figures_with_description_and_caption(maker, kind, mime, content):
    said = {"alt": 'A "sharp" <rise>', "caption": "It rose & fell.", "width": 400}
    figure = soup_of(maker, cell(shown(metadata={mime: said}, **{kind: content}))).find("figure")
    assert figure.img["alt"] == said["alt"]
    assert figure.img["width"] == "400"
    assert figure.img["src"].startswith(f"data:{mime};base64,")
    assert figure.figcaption.get_text() == said["caption"]


def test_a_caption_that_was_said_above_is_not_said_again(maker):
    said, other = ("<p class='st-sentence'>It rose.</p><p class='st-sentence'>It fell.</p>", "<h1>All</h1><h2>Next</h2>")
    picture = {"svg": "<svg/>", "metadata": {"image/svg+xml": {"alt": "A line", "caption": "It rose. It fell."}}}
    empty = {"svg": "<svg/>", "metadata": {"image/svg+xml": {"alt": "x", "caption": "It fell.", "empty": True}}}
    once = soup_of(maker, cell(shown(html=said), shown(**picture), shown(**empty)))
    assert len(once.find_all("figure")) == 1
    assert not once.find_all("figcaption")
    # Another section is another place.
    again = soup_of(maker, cell(shown(html=said)), cell(shown(html=other)), cell(shown(**picture), shown(**empty)))
    assert len(again.find_all("figcaption")) == 2


def test_a_picture_with_nothing_to_show_leaves_its_caption(maker):
    empty = {"svg": "<svg/>", "metadata": {"image/svg+xml": {"alt": "x", "caption": "Nothing is open.", "empty": True}}}
    once = soup_of(maker, cell(shown(**empty)))
    assert not once.find_all("img")
    assert once.figcaption.get_text() == "Nothing is open."


def test_what_belongs_together_stays_on_one_line(maker):
    """A word joiner forbids the break between sign and currency, hard spaces those around the sign of equality."""
    said = soup_of(maker, cell(shown(html="<p class='st-sentence'>From €5: +€1, −₩2, +1, a+b (n = 12).</p>"))).p.get_text()
    assert said == "From €5: +\u2060€1, −\u2060₩2, +1, a+b (n\u00a0=\u00a012)."


def test_a_picture_without_a_description_is_not_published(maker):
    html = f"<h1>x</h1>{soup_of(maker, cell(shown(png=DOT)))}"
    assert faults_of_page(html, []) == ["a picture has no description for those who cannot see it (`alt` in the output's metadata)"]


def test_the_first_heading_is_the_title_and_the_paragraph_after_it_the_lede(maker):
    text = new_markdown_cell("# Where we stand\n\nAre we on *goal*?\n\nMore.\n\n## Win rate")
    body = maker.body(new_notebook(cells=[text, new_markdown_cell("# Another\n\n## Win rate")]), "03_performance")
    assert (body.title, body.lede) == ("Where we stand", "Are we on <em>goal</em>?")
    assert [(section.anchor, section.text) for section in body.sections] == [
        ("win-rate", "Win rate"),
        ("another", "Another"),
        ("win-rate-2", "Win rate"),
    ]
    assert "<h1" not in body.html
    assert "goal" not in body.html


def test_a_notebook_without_headings_is_named_after_its_file(maker):
    assert maker.body(new_notebook(cells=[new_markdown_cell("text")]), "05_quota_and_pay").title == "Quota and pay"


def test_outputs_bring_no_script_style_handler_or_frame(maker):
    hostile = (
        "<script>alert(1)</script><style>body{display:none}</style><img src=x onerror=alert(2) alt=x>"
        "<iframe src='//e.org'></iframe><link rel=stylesheet href='https://e.org/x.css'><p onclick='alert(3)'>kept</p><form action='https://e.org'><input></form>"
    )
    html = str(soup_of(maker, cell(shown(html=hostile)), new_markdown_cell("<script>alert(4)</script>")))
    for gone in ("script", "alert", "display:none", "iframe", "e.org", "onerror", "onclick"):
        assert gone not in html
    assert "kept" in html


def test_links_lead_to_pages_of_the_pack_or_nowhere(maker):
    text = "[a](02_activity.ipynb#hours) [b](https://e.org/x) [c](#definitions) [d](09_missing.ipynb) [e](../data/x.csv)"
    soup = soup_of(maker, new_markdown_cell(text))
    assert [link["href"] for link in soup.find_all("a")] == ["02_activity.html#hours", "#definitions"]
    assert "b" in soup.get_text()


def test_a_table_of_great_tables_is_at_home(maker):
    frame = pd.DataFrame({"rep": ["<script>Ada</script>", "김"], "won": [3, 4]})
    table = great_tables.GT(frame).tab_header("By rep", subtitle="2026-Q3").cols_align("right", ["won"])
    one, two = (cell(shown(html=table.as_raw_html())) for _ in range(2))
    soup = soup_of(maker, one, two)
    box = soup.find(class_="st-scroll")
    assert (box["tabindex"], box["role"], box["aria-label"]) == ("0", "region", "By rep 2026-Q3")
    assert [span.get_text() for span in box.find("caption").find_all("span")] == ["By rep", "2026-Q3"]
    assert soup.find("script") is None
    assert "<script>Ada</script>" in soup.get_text()
    assert [element["id"] for element in soup.find_all(id=True)] == []
    # The library draws a new random id each time: two tables of the same data are the same here.
    assert len({str(each) for each in soup.find_all(class_="st-result")}) == 1


def test_a_frame_of_pandas_gets_scopes_and_no_empty_headers(maker):
    frame = pd.DataFrame({"won": [3]}, index=["Ada"])
    soup = soup_of(maker, cell(shown(html=frame._repr_html_())))
    assert [(th["scope"], th.get_text()) for th in soup.find_all("th")] == [("col", "won"), ("row", "Ada")]


def test_paths_of_this_machine_are_shown_as_given():
    path = "/home/ada/crm/book.yaml"
    outputs = [
        shown(html=f"<p>{path}</p>"),
        new_output("stream", name="stdout", text=f"read {path}"),
        new_output("display_data", data={HEADLINE: {"name": "a", "sentence": path}, "image/svg+xml": f"<svg>{path}</svg>"}),
    ]
    notebook = new_notebook(cells=[cell(*outputs)])
    clean = without_paths(notebook, [(path, "book.yaml")])
    without_picture = json.loads(json.dumps(clean))["cells"][0]["outputs"]
    assert without_picture[2]["data"].pop("image/svg+xml")
    assert "/home/ada" not in json.dumps(without_picture)
    assert path in json.dumps(notebook)


def test_headlines_and_definitions_are_gathered_once_each():
    card = {"name": "win_rate", "label": "Win rate", "definition": "Won over closed.", "source": None, "notes": ["a", "b"]}
    see = "close_rate : won over created,\n    open ones included.\nbookings"
    first = {"name": "win_rate", "label": "Win rate", "value_text": "63 %", "status": "At Risk", "target_text": None}
    outputs = [
        new_output("display_data", data={DEFINITIONS: [card | {"see_also": see}, card]}),
        new_output("display_data", data={HEADLINE: first}),
        new_output("display_data", data={HEADLINE: [first | {"label": "again"}, first | {"name": "bookings"}]}),
        new_output("stream", name="stderr", text="/opt/x/y.py:12: UserWarning: old thing\n  y()\n"),
        new_output("stream", name="stderr", text="a plain line\n"),
    ]
    found = harvest(new_notebook(cells=[cell(*outputs)]))
    assert [(headline.name, headline.label, headline.status) for headline in found.headlines] == [
        ("win_rate", "Win rate", "at_risk"),
        ("bookings", "Win rate", "at_risk"),
    ]
    (definition,) = found.definitions
    assert definition.see_also == ("Close rate: won over created, open ones included.", "Bookings")
    assert definition.notes == "a\n\nb"
    assert found.warnings == ("UserWarning: old thing", "a plain line")


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ([""], "No goals were set, so nothing here is judged against one."),
        (["on_track", "on_track"], "All 2 figures with a goal are on track."),
        (["on_track"], "The one figure with a goal is on track."),
        (["at_risk", "on_track", "off", "", "off"], "1 of 4 figures with a goal is on track. Off: F2, F4. At risk: F0."),
        (["cannot_tell"], "0 of 1 figures with a goal are on track. Cannot tell: F0."),
    ],
)
def test_the_verdict_counts_and_names(statuses, said):
    headlines = [Headline(name=f"f{i}", label=f"F{i}", value_text="1", status=status) for i, status in enumerate(statuses)]
    assert verdict(headlines) == said


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p>none</p>", "it has 0 main headings instead of one"),
        ("<h1>a</h1><script></script>", "it holds a script"),
        ("<h1>a</h1><img alt='x' src='https://e.org/a.png'>", "it refers to https://e.org/a.png"),
        ("<h1>a</h1><img alt='x' src='a.png'>", "the picture a.png is not inside the page"),
        ("<h1>a</h1><p style='background: url(//e.org/a.png)'>", "it refers to //e.org/a.png"),
        ("<h1>a</h1><style>@import url('https://e.org/a.css')</style>", "it refers to https://e.org/a.css"),
        ("<h1>a</h1><pre>x\nTraceback (most recent call last):\n  File &quot;a.py&quot;, line 1</pre>", "it holds a traceback"),
        ("<h1>a</h1><p>/home/ada/crm</p>", "it names the folder /home/ada of this machine"),
    ],
)
def test_a_page_that_must_not_be_published_says_why(html, fault):
    assert fault in faults_of_page(html, ["/home/ada"])


def test_a_good_page_has_no_faults():
    svg = '<svg xmlns="http://www.w3.org/2000/svg"></svg>'
    assert (
        faults_of_page(f"<h1>a</h1><img alt='x' src='data:image/png;base64,{DOT}'>{svg}<a href='b.html'>b</a>", ["/home/ada"]) == []
    )
