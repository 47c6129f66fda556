"""Charts of named rows: names at the left, columns of small texts beside the drawing."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.text import Annotation

from salestrack.charts.look import INK, MUTED, ROW, SMALL

# Width of a digit as a share of the size of the text.
_DIGIT = 0.64


def height_of(rows: float, extra: float = 1.2) -> float:
    """Return how many inches a chart of so many rows takes, with title, axis and note."""
    return max(rows, 2) * ROW + extra


def name_rows(ax: Axes, places: Sequence[float], names: Sequence[str], colours: Sequence[str] | None = None) -> None:
    """Put the names of rows at the left, the first row at the top.

    Parameters
    ----------
    ax : Axes
        Where.
    places : sequence of float
        Where each row is, counted from 0 downwards.
    names : sequence of str
        What it is called.
    colours : sequence of str, optional
        Of each name.
    """
    ax.set_yticks(list(places), labels=list(names))
    ax.set_ylim(max(places, default=0) + 0.6, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=False, axis="y")
    for label, colour in zip(ax.get_yticklabels(), colours or (), strict=bool(colours)):
        label.set_color(colour)


def column_left(ax: Axes, places: Sequence[float], texts: Sequence[str], head: str = "") -> None:
    """Put a column of small texts between the names and the drawing, aligned at the right."""
    for place, text in zip(places, texts, strict=True):
        _beside(ax, text, (0, place), -8, "column_left").set(color=MUTED, size=SMALL)
    if head:
        _beside(ax, head, (0, -1), -8, "column_left_head").set(color=MUTED, size=SMALL)
    ax.tick_params(axis="y", pad=16 + _width([*texts, head]))


def column_right(ax: Axes, places: Sequence[float], texts: Sequence[str], colours: Sequence[str] | None = None) -> None:
    """Put a column of texts at the right of the drawing: figures aligned at the right, words at the left."""
    words = any(text[:1].isalpha() for text in texts)
    for place, text, colour in zip(places, texts, colours or [INK] * len(texts), strict=True):
        written = _beside(ax, text, (1, place), 8 if words else 8 + _width(texts), "column_right")
        written.set(color=colour, ha="left" if words else "right")


def _beside(ax: Axes, text: str, at: tuple[float, float], shift: float, gid: str) -> Annotation:
    """Write a text on a row, so many points beside the left (0) or right (1) edge of the drawing, up to that point."""
    return ax.annotate(
        text, at, xycoords=ax.get_yaxis_transform(), xytext=(shift, 0), textcoords="offset points", ha="right",
        va="center_baseline", gid=gid, annotation_clip=False,
    )  # fmt: skip


def _width(texts: Sequence[str]) -> float:
    return max((len(text) for text in texts), default=0) * _DIGIT * SMALL
