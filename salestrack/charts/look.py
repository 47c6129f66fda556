"""The one look of all charts: colours, sizes and the settings under which everything is drawn.

Marks stand out from the white card by a contrast of at least 3:1, and text by 4.5:1; colours that must be told apart stay apart
for people who see red, green or blue weakly; nothing is told by colour alone.
"""

from contextlib import _GeneratorContextManager

import seaborn as sns
from matplotlib import style
from matplotlib.colors import to_rgb

from salestrack.tables import CATEGORIES, SELLING_CATEGORIES

INK, MUTED, GREYED, GRID, SHADE = "#1b2127", "#56616b", "#858d95", "#dfe4e8", "#f1f3f5"
CARD = "#ffffff"
MAIN, BELOW = "#0072b2", "#c75100"
ABOVE = MAIN
LINES = (MAIN, "#8a6d00", "#aa3377", INK, "#d0435a", "#332288")
_SELLING = ("#0072b2", "#0b4468", "#3d8fc4")
_OTHER = ("#56616b", "#8b8f8a", "#6e6558", "#858d99", "#5d6a60", "#8f8880", "#777f86", "#8d9186")

WIDTH = 5.8
"""Inches: narrow, so that the text can still be read when a phone shows the chart 340 pixels wide."""
TEXT, SMALL, TITLE = 11.0, 10.0, 12.0
"""Points."""
ROW = 0.27
"""Inches between two rows of a chart of named rows."""
MANY_MARKS = 1000
"""A layer of more marks than this is drawn as pixels: as vectors it would make the page heavy."""

MEASURED_IN = "DejaVu Sans"
"""The font that comes with matplotlib: texts are measured in it, so that a chart is the same on every machine."""
SHOWN_IN = (
    "Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Noto Sans KR', "
    "'Apple SD Gothic Neo', 'Malgun Gothic', 'Liberation Sans', Arial, sans-serif"
)
"""The fonts of the page, for the browser to choose from."""

STYLE: dict[str, object] = {
    **sns.axes_style("whitegrid"),
    "font.family": [MEASURED_IN],
    "font.size": TEXT,
    "axes.labelsize": SMALL,
    "axes.titlesize": TITLE,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "figure.titlesize": TITLE,
    "figure.titleweight": "bold",
    "figure.labelsize": SMALL,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": TEXT,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "xtick.color": GRID,
    "ytick.color": GRID,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": INK,
    "axes.edgecolor": GRID,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "axes.facecolor": CARD,
    "figure.facecolor": CARD,
    "legend.frameon": False,
    "legend.fontsize": SMALL,
    "legend.labelcolor": INK,
    "legend.handlelength": 0.9,
    "legend.handleheight": 0.9,
    "legend.handletextpad": 0.5,
    "legend.columnspacing": 1.2,
    "savefig.bbox": None,
    "lines.solid_capstyle": "round",
    # Names hold $, _ and ^, and mean them.
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "salestrack",
    "figure.dpi": 72,
    "savefig.dpi": 144,
}


def styled() -> _GeneratorContextManager:
    """Return a context, or a decorator, that draws under these settings, whatever a notebook has set, and leaves no trace."""
    return style.context(STYLE, after_reset=True)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 to 1, as WCAG 2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def text_on(colour: str) -> str:
    """Return in which colour a text on a coloured mark reads best."""
    return CARD if 1.05 / (luminance(colour) + 0.05) >= 4.5 else INK


def category_colours(categories: list[str], selling: tuple[str, ...] = SELLING_CATEGORIES) -> dict[str, str]:
    """Return the colour of each category: the same in every chart, strong for selling, muted for the rest.

    Parameters
    ----------
    categories : list of str
        Those to draw; what is no known category gets a muted colour by its place.
    selling : tuple of str
        Categories that count as selling time.
    """
    known = [*dict.fromkeys([*CATEGORIES, *categories])]
    strong = [name for name in known if name in selling]
    rest = [name for name in known if name not in selling]
    colours = {name: _SELLING[i % len(_SELLING)] for i, name in enumerate(strong)}
    colours |= {name: _OTHER[i % len(_OTHER)] for i, name in enumerate(rest)}
    return {name: colours[name] for name in categories}
