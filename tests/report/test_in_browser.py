"""Pages opened in headless Chromium: silent, asking nothing of the network, fit for desktop, phone, dark and paper."""

import re

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from salestrack.report import plan_run, run_report
from tests.browser import console_and_requests, pdf, screenshot
from tests.report.toy import CHECKS, headline, notebook, picture, request, show, write

pytestmark = pytest.mark.browser

WIDE = (
    "<table><thead><tr>" + "<th>column</th>" * 30 + "</tr></thead><tbody><tr>" + "<td>1,234,567</td>" * 30 + "</tr></tbody></table>"
)


@pytest.fixture(scope="session")
def pack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    tile = '<li class="st-tile" data-status="off"><span class="st-label">Win rate</span><span class="st-value">63 %</span></li>'
    cells = (
        headline(status="off"),
        show({"text/html": f'<ul class="st-tiles">{tile * 5}</ul>'}),
        "## Figures",
        picture(),
        show({"text/html": WIDE}),
        "## More [elsewhere](https://example.invalid/x)",
        "## And more",
        show({"text/html": "<script>console.error('run')</script><p onclick='console.error(1)'>kept</p>"}),
        show(
            {"application/vnd.salestrack.definitions+json": [{"name": "win_rate", "label": "Win rate", "definition": "Unfolded."}]}
        ),
    )
    write(folder / "notebooks", a=notebook(*cells, title="Figures"))
    return run_report(plan_run(request(folder), CHECKS)).folder


@pytest.mark.parametrize("name", ["index.html", "a.html"])
def test_a_page_is_silent_and_asks_for_nothing(pack, name):
    visit = console_and_requests(pack / name)
    assert visit.console == ()
    assert visit.requests == ()
    assert BeautifulSoup(visit.html, "html.parser").h1.get_text()


def test_a_page_that_complains_or_asks_is_caught(tmp_path):
    page = tmp_path / "bad.html"
    page.write_text("<script>console.error('first');\nconsole.log('se\"cond')</script><img src='http://127.0.0.1:9/x.png'>")
    visit = console_and_requests(page)
    assert visit.console == ("first", 'se"cond')
    assert visit.requests == ("http://127.0.0.1:9/x.png",)


def test_the_policy_stops_what_might_slip_through(pack):
    page = pack / "slipped.html"
    page.write_text((pack / "a.html").read_text().replace("</main>", "<script>document.title='owned'</script></main>"))
    visit = console_and_requests(page)
    page.unlink()
    assert "owned" not in visit.html.split("</title>")[0]
    assert any("Content Security Policy" in line for line in visit.console)


def colours(png):
    image = Image.open(png).convert("RGB")
    return image, image.getpixel((3, image.height - 3))


def test_dark_is_dark_and_light_is_light(pack, tmp_path):
    assert colours(screenshot(pack / "a.html", tmp_path / "light.png", 800, 600))[1] == (255, 255, 255)
    assert max(colours(screenshot(pack / "a.html", tmp_path / "dark.png", 800, 600, dark=True))[1]) < 40


def test_on_a_phone_a_wide_table_scrolls_inside_its_box(pack, tmp_path):
    """A table that left its box would be seen in the margin on the right."""
    image, paper = colours(screenshot(pack / "a.html", tmp_path / "phone.png", 390, 2000))
    margin = image.crop((390 - 10, 0, 390, 1900))
    assert [colour for _, colour in margin.getcolors()] == [paper]


def test_on_paper_definitions_are_open(pack, tmp_path):
    """A folded definition of a thousand lines takes no more paper than one of a line; an open one takes pages."""
    pages = []
    for name, text in (("short", "Unfolded."), ("long", "Unfolded.<br>" * 1000)):
        (tmp_path / f"{name}.html").write_text((pack / "a.html").read_text().replace("Unfolded.", text))
        printed = pdf(tmp_path / f"{name}.html", tmp_path / f"{name}.pdf").read_bytes()
        pages.append(len(re.findall(rb"/Type\s*/Page\b", printed)))
    assert pages[0] > 0
    assert pages[1] > pages[0] + 10
