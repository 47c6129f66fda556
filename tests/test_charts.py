"""What charts draw, read off their artists; no pixels are compared."""

import io
import itertools
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable

import ibis
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import salestrack as st
from salestrack import charts
from salestrack.book import Book
from salestrack.charts import look
from salestrack.charts.names import NAME_WIDTH, plain
from salestrack.charts.scales import kept_apart, number_axis
from salestrack.errors import DefinitionError
from salestrack.tables import CATEGORIES
from salestrack.wording import label_of
from tests.chart_company import NASTY, company
from tests.kit import KIT, Q2
from tests.small_book import book_of

SVG = "{http://www.w3.org/2000/svg}"
CLOSED = {"Ada": (30, 10), "Ben": (20, 20), "Chen": (21, 19), "Dora": (4, 36), "Emil": (4, 0), "Fay": (19, 21), "": (3, 9)}
HOURS = {("Ada", "admin"): 3.0, ("Ada", "digital_client"): 1.0, ("Ben", "travel"): 2.0, ("Ben", "in_person_client"): 2.0}
QUOTAS = {"Ada": 3000.0, "Ben": 4000.0, "Dora": 400.0}


@pytest.fixture(scope="session")
def book() -> Book:
    return company(CLOSED, hours=HOURS, quotas=QUOTAS)


def by_rep(book: Book):
    return st.measure(book, st.win_rate, by="rep")


MEASURED: dict[str, Callable[[Book], object]] = {
    "rates": by_rep,
    "bookings": lambda book: st.measure(book, st.bookings, by="rep"),
    "trend": lambda book: st.trend(book, st.win_rate),
    "lines": lambda book: st.measure(book, st.bookings, by=["rep", "month"]),
    "hours": lambda book: st.measure(book, st.activity_hours, by="category"),
    "hours by rep": lambda book: st.measure(book, st.activity_hours, by=["rep", "category"]),
    "attainment": lambda book: st.measure(book, st.quota_attainment, by="rep", during="2026-Q2"),
    "why": lambda book: st.explain_bookings(book, during="2026-04-16/2026-05-01", against="2026-04-01/2026-04-16"),
    "leads": lambda book: st.leads_needed(book, 50_000, during="2026-Q4", base="2026-Q2"),
    "change": lambda book: st.compare(book, [st.win_rate, st.bookings], during="2026-05"),
}
DRAW: dict[str, Callable[[object, Axes | None], Axes]] = {
    "rates": lambda result, ax: charts.ranked(result, ax=ax),
    "bookings": lambda result, ax: charts.ranked(result, ax=ax),
    "trend": lambda result, ax: charts.over_time(result, ax, target=0.5),
    "lines": charts.over_time,
    "hours": charts.shares,
    "hours by rep": charts.shares,
    "attainment": charts.attainment,
    "why": charts.contributions,
    "leads": charts.needed,
    "change": charts.compared,
}


@pytest.fixture(scope="session")
def results(book) -> dict[str, object]:
    """Every kind of result, asked once."""
    return {name: measure(book) for name, measure in MEASURED.items()}


@pytest.fixture(params=DRAW)
def draw(request, results) -> Callable[..., Axes]:
    """Each chart in turn: a call that draws it, on an Axes if one is given."""
    return lambda ax=None: DRAW[request.param](results[request.param], ax)


def test_is_a_picture_with_a_text(draw):
    chart = draw()
    data, metadata = chart._repr_mimebundle_()
    root = ET.fromstring(data["image/svg+xml"])
    assert root.tag == f"{SVG}svg"
    assert metadata["image/svg+xml"] == {"alt": chart.alt, "caption": chart.caption, "empty": False}
    assert data["text/plain"] == chart.alt
    assert len(chart.alt) > 40
    title = chart.get_figure().get_suptitle().replace("\n", " ")
    assert title
    assert title.split(" · ")[0].split(",")[0] in chart.alt


def test_is_the_same_again(draw):
    assert draw().svg() == draw().svg()


def test_leaves_no_trace(draw):
    before = dict(mpl.rcParams)
    draw().svg()
    assert plt.get_fignums() == []
    assert dict(mpl.rcParams) == before


def test_is_the_same_whatever_a_notebook_has_set(draw):
    expected = draw().svg()
    with mpl.rc_context(
        {"font.size": 30, "axes.grid": False, "savefig.bbox": "tight", "svg.fonttype": "path", "lines.linewidth": 9}
    ):
        assert draw().svg() == expected


def test_draws_on_the_axes_it_is_given(draw):
    figure = Figure()
    ax = figure.add_subplot()
    assert draw(ax) is ax
    assert ax.get_title("left")
    assert ax.alt == draw().alt
    figure.savefig(io.BytesIO(), format="svg")


def test_texts_are_texts_in_the_fonts_of_the_page(draw):
    root = ET.fromstring(draw().svg())
    styles = [text.get("style", "") for text in root.iter(f"{SVG}text")]
    assert len(styles) >= 5
    assert "system-ui" in root.get("font-family")
    assert "'Noto Sans KR'" in root.get("font-family")
    assert not any("font-family" in style for style in styles), "the fonts of the page are said once for all texts"
    assert "DejaVu" not in draw().svg()
    sizes = [float(style.split("font-size: ")[1].split("px")[0]) for style in styles]
    # 5.8 inches shown 340 pixels wide shrink a point to 0.81 pixels.
    assert min(sizes) * 340 / (72 * look.WIDTH) > 8


def test_inputs_stay_as_they_are(book):
    result = by_rep(book)
    frame, parts = result.frame.copy(), result.parts["win_rate"].frame.copy()
    charts.ranked(result)
    assert result.frame.equals(frame)
    assert result.parts["win_rate"].frame.equals(parts)


def test_every_metric_can_be_drawn():
    clocked = [metric for metric in KIT if metric.clock]
    small = book_of(ibis.duckdb.connect())
    monthly = st.measure(small, clocked, by="month", during=Q2)
    for metric in clocked:
        for draw in (charts.ranked, charts.over_time):
            assert label_of(metric.name, metric.label) in draw(monthly[metric]).alt


def test_one_metric_must_be_chosen(book):
    both = st.measure(book, [st.win_rate, st.bookings], by="rep")
    with pytest.raises(DefinitionError, match=r"result\['win_rate'\]"):
        charts.ranked(both)
    assert "Bookings" in charts.ranked(both, "bookings").alt


def test_any_name_is_drawn_as_it_is():
    book = company(dict.fromkeys(NASTY, (12, 9)), hours={(name, "admin"): 1.0 for name in NASTY})
    drawn = [
        charts.ranked(by_rep(book)),
        charts.over_time(st.measure(book, st.bookings, by=["rep", "month"])),
        charts.shares(st.measure(book, st.activity_hours, by=["rep", "category"])),
        charts.shares(st.measure(book, st.bookings, by=["month", "rep"])),
        charts.compared(st.compare(book, st.win_rate, by="rep", during="2026-05")),
    ]
    for chart in drawn:
        root = ET.fromstring(chart.svg())
        said = [text.text or "" for text in root.iter(f"{SVG}text")]
        assert root.find(f".//{SVG}script") is None
        for name in NASTY:
            assert any(plain(name)[:4] in text for text in said), name
        # A name between dollar signs would otherwise be set as a formula, which is written in pieces.
        assert not list(root.iter(f"{SVG}tspan"))


@given(some.text(max_size=200))
def test_a_name_becomes_one_printable_line(name):
    label = plain(name)
    assert len(label) <= NAME_WIDTH
    assert not any(character in label for character in "\n\r\t\x00\u202e")
    ET.fromstring(f"<a>{label.replace('&', '&amp;').replace('<', '&lt;')}</a>")


@given(some.lists(some.floats(0, 1), min_size=1, max_size=8))
def test_labels_keep_apart_and_in_order(wanted):
    gap = 0.1
    kept = kept_apart(wanted, gap)
    ranked = sorted(range(len(wanted)), key=lambda i: wanted[i])
    assert all(kept[b] - kept[a] >= gap - 1e-6 for a, b in itertools.pairwise(ranked))
    assert all(-1e-6 <= place <= 1 + 1e-6 for place in kept)
    free = sorted(wanted)
    if all(b - a >= gap for a, b in itertools.pairwise(free)):
        assert kept == pytest.approx(wanted, abs=1e-6)


@given(some.floats(1e-3, 1e11), some.floats(0, 0.95), some.sampled_from(st.definition.Unit))
def test_ticks_are_told_apart(top, from_share, unit):
    ax = Figure().add_subplot()
    number_axis(ax.xaxis, (top * from_share, top), unit, "KRW")
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert len(set(labels)) == len(labels)
    assert ax.get_xlim() == (top * from_share, top)


def test_marks_and_texts_stand_out_from_the_card():
    def contrast(colour: str) -> float:
        return (look.luminance(look.CARD) + 0.05) / (look.luminance(colour) + 0.05)

    categories = look.category_colours(list(CATEGORIES))
    for mark in (*look.LINES, *categories.values(), look.GREYED, look.ABOVE, look.BELOW):
        assert contrast(mark) >= 3, mark
    for text in (look.INK, look.MUTED, look.MAIN, look.BELOW, *look.LINES):
        assert contrast(text) >= 4.5, text
    # WCAG's own example: pure black on white is 21:1.
    assert contrast("#000000") == pytest.approx(21)


@pytest.mark.parametrize(
    "seen",
    [
        ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
        ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
        ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
    ],
    ids=["full colour", "protanopia", "deuteranopia", "tritanopia"],
)
def test_lines_are_told_apart_by_everyone(seen):
    """Machado, Oliveira and Fernandes (2009) give the matrices; a distance of 15 in CIELAB is plain to see."""

    def lab(colour: str) -> np.ndarray:
        rgb = np.array(to_rgb(colour))
        linear = np.clip(np.array(seen) @ np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4), 0, 1)
        to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
        x, y, z = np.cbrt(np.maximum(np.array(to_xyz) @ linear / (0.95047, 1, 1.08883), 1e-9))
        return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])

    for groups in (look.LINES, (look.ABOVE, look.BELOW, look.MUTED)):
        places = [lab(colour) for colour in groups]
        assert min(np.linalg.norm(a - b) for i, a in enumerate(places) for b in places[:i]) >= 15


def test_the_kit_loads_without_seaborn():
    code = "import sys, salestrack; assert not {'seaborn', 'matplotlib.pyplot'} & set(sys.modules); salestrack.charts.ranked"
    subprocess.run([sys.executable, "-c", code], check=True)
