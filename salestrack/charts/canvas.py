"""What a chart is drawn on: an Axes that shows itself as a picture with a text for those who cannot see it."""

import io
import textwrap
import warnings
from collections.abc import Mapping

import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Patch
from matplotlib.text import Text

from salestrack.charts.look import MEASURED_IN, MUTED, SHOWN_IN, SMALL, TITLE, WIDTH, styled
from salestrack.wording import say

# Characters that fit into the width of a chart.
_TITLE_WIDTH, _NOTE_WIDTH = 56, 70
_KEY_COLUMNS, _KEY_ROW = 3, SMALL * 1.6
# What a reader of the screen still listens to; the catalogue takes 1,000 at most.
_ALT_LENGTH = 900
# Points over the drawing that small headings take.
_OVER_AXES = 20.0
# No day and no version in the file: two runs give the same bytes.
_UNDATED = {"Date": None, "Creator": None}


class ChartAxes(Axes):
    """A chart that a notebook shows as a picture: end a cell with it.

    Attributes
    ----------
    alt : str
        What the chart shows, with its main numbers, for those who cannot see it.
    caption : str
        The sentence to put under the picture.
    empty : bool
        There was nothing to draw; the caption says why.
    """

    alt: str = ""
    caption: str = ""
    empty: bool = False

    def svg(self) -> str:
        """Return the chart as an SVG document; the same chart gives the same text."""
        page = io.StringIO()
        with styled(), warnings.catch_warnings():
            # The font that texts are measured in lacks Korean; the fonts that the browser shows them in have it.
            warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from font")
            self.get_figure(root=True).savefig(page, format="svg", metadata=_UNDATED)  # type: ignore[union-attr]
        # Once for all texts: with hundreds of them, as on a heat map, the list of fonts would be half of the picture.
        return page.getvalue().replace(f"font-family: '{MEASURED_IN}'; ", "").replace("<svg ", f'<svg font-family="{SHOWN_IN}" ', 1)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[dict[str, str], dict[str, object]]:
        metadata = {"image/svg+xml": {"alt": self.alt, "caption": self.caption, "empty": self.empty}}
        return {"image/svg+xml": self.svg(), "text/plain": self.alt}, metadata  # type: ignore[return-value]


def canvas(ax: Axes | None, height: float) -> Axes:
    """Return the Axes to draw on: the one given, or that of a new figure which pyplot knows nothing of.

    Parameters
    ----------
    ax : Axes or None
        The caller's.
    height : float
        Inches, of a new figure.
    """
    if ax is None:
        figure = Figure(figsize=(WIDTH, height), layout=ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.05))
        ax = figure.add_subplot(axes_class=ChartAxes)
    sns.despine(ax=ax, left=True, bottom=True)
    ax.set_axisbelow(True)
    return ax


def finish(ax: Axes, title: str, says: str, note: str = "", caption: str | None = None) -> Axes:
    """Put title and note on a chart and say in words what it shows.

    Parameters
    ----------
    ax : Axes
        The chart.
    title : str
        Metric, unit and period.
    says : str
        What it shows, with the main numbers, as sentences.
    note : str
        How to read it, and what is not drawn.
    caption : str, optional
        The sentence to put under the picture; `says` if not given.
    """
    shorter = textwrap.shorten(says, _ALT_LENGTH, placeholder=" …")
    alt = say("chart-alt", {"title": title, "says": shorter, "note": note}).strip()
    ax.alt, ax.caption = alt, says if caption is None else caption  # type: ignore[attr-defined]
    title, note = _broken(title), textwrap.fill(note, _NOTE_WIDTH)
    if isinstance(ax, ChartAxes):
        figure = ax.get_figure(root=True)
        assert figure is not None
        figure.suptitle(title, x=0.012, ha="left")
        if note:
            figure.supxlabel(note, x=0.012, ha="left", color=MUTED, size=SMALL)
    else:
        ax.set_title(title, loc="left", pad=_OVER_AXES)
        ax.set_xlabel("\n".join(filter(None, (ax.get_xlabel(), note))), loc="left")
    for text in ax.findobj(Text):
        text.set_parse_math(False)
    return ax


def _broken(title: str) -> str:
    """Break a long title, between its parts where that will do."""
    lines = [""]
    for part in title.split(" · "):
        longer = f"{lines[-1]} · {part}" if lines[-1] else part
        lines = [*lines[:-1], longer] if len(longer) <= _TITLE_WIDTH or not lines[-1] else [*lines, part]
    return "\n".join(textwrap.fill(line, _TITLE_WIDTH) for line in lines)


def key_of_colours(ax: Axes, colours: Mapping[str, str]) -> Axes:
    """Say under the title of a finished chart what its colours are.

    Parameters
    ----------
    ax : Axes
        The chart.
    colours : mapping of str to str
        Name to colour, in reading order.
    """
    key, names = [Patch(facecolor=colour) for colour in colours.values()], list(colours)
    rows = -(-len(names) // _KEY_COLUMNS)
    if not isinstance(ax, ChartAxes):
        ax.legend(key, names, loc="lower left", bbox_to_anchor=(0, 1), ncols=_KEY_COLUMNS, borderaxespad=_OVER_AXES / SMALL)
        ax.set_title(ax.get_title("left"), loc="left", pad=_OVER_AXES + (rows + 1) * _KEY_ROW)
        return ax
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    engine = figure.get_layout_engine()
    assert isinstance(engine, ConstrainedLayoutEngine)
    inch = 1 / (72 * figure.get_figheight())
    under = 1 - (figure.get_suptitle().count("\n") + 1) * TITLE * 1.25 * inch
    room = rows * _KEY_ROW * inch
    figure.legend(key, names, loc="upper left", bbox_to_anchor=(0, under), ncols=_KEY_COLUMNS)
    engine.set(rect=(0, 0, 1, 1 - room))
    return ax


def nothing_to_draw(ax: Axes | None, title: str, reason: str) -> Axes:
    """Return a chart that says why it is empty."""
    lines = textwrap.wrap(reason, 60)
    ax = canvas(ax, max(1.2, 0.8 + 0.2 * len(lines)))
    ax.set_axis_off()
    ax.empty = True  # type: ignore[attr-defined]
    ax.annotate("\n".join(lines), (0, 0.5), xycoords="axes fraction", ha="left", va="center", color=MUTED, gid="reason")
    return finish(ax, title, reason)
