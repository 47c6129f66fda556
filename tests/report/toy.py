"""Small notebooks, a book and requests for the tests of the report run."""

from datetime import UTC, date, datetime
from pathlib import Path

import ibis
import nbformat
import pandas as pd
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from salestrack.book import Book, Intake, Settings, Stage
from salestrack.report import Checks, Limits, Request

PARAMETERS = """\
book: str = "book.yaml"  # path of the book file
as_of: str = "2026-09-30"  # day on which the book is read
during: str = "2026-Q3"  # period
goals: str = ""  # path of the goal sheet, "" for none
where: dict = {}  # scope, column to value
"""
STARTED = datetime(2026, 10, 1, 6, 30, tzinfo=UTC)
# What `display` gives to JupyterLab, reports and programs at once.
SHOW = "from IPython.display import display\ndisplay({bundle}, raw=True, metadata={metadata})"
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def notebook(*cells, parameters: str = PARAMETERS, title: str = "A page"):
    """Return a notebook: a title, its parameters cell, then cells; a text is code, a text that begins with # is Markdown."""
    made = [new_markdown_cell(f"# {title}\n\nWhat does it say?"), new_code_cell(parameters, metadata={"tags": ["parameters"]})]
    for cell in cells:
        made.append(cell if not isinstance(cell, str) else new_markdown_cell(cell) if cell.startswith("#") else new_code_cell(cell))
    for number, cell in enumerate(made):
        cell["id"] = f"cell-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=made, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def write(folder: Path, **notebooks) -> Path:
    """Write notebooks into a folder, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, made in notebooks.items():
        nbformat.write(made, folder / f"{name}.ipynb")
    return folder


def show(bundle: dict, metadata: dict | None = None) -> str:
    """Return the code of a cell that displays a bundle."""
    return SHOW.format(bundle=repr(bundle), metadata=repr(metadata or {}))


def picture(alt: str = "A dot", caption: str = "") -> str:
    """Return the code of a cell that displays a picture."""
    return show({"image/png": DOT, "text/plain": "<Figure>"}, {"image/png": {"alt": alt, "caption": caption}})


def headline(**values) -> str:
    """Return the code of a cell that sends a headline."""
    made = {"name": "win_rate", "label": "Win rate", "value_text": "63 %", "status": "on_track", "sentence": "Won 63 %."} | values
    return show({"application/vnd.salestrack.headline+json": made, "text/plain": made["sentence"]})


def book(name: str = "Acme & Söhne") -> Book:
    """Return a book of three opportunities between 2026-01-05 and 2026-09-20."""
    connection = ibis.duckdb.connect()
    frame = pd.DataFrame(
        {
            "opportunity_id": ["O1", "O2", "O3"],
            "created_date": [date(2026, 1, 5), date(2026, 7, 1), date(2026, 8, 1)],
            "close_date": [date(2026, 3, 1), date(2026, 9, 20), date(2027, 1, 31)],
            "status": ["won", "lost", "open"],
        }
    )
    tables = {"opportunities": connection.create_table("opportunities", ibis.memtable(frame))}
    settings = Settings(name=name, stages=(Stage(name="Won", outcome="won"), Stage(name="Lost", outcome="lost")))
    intake = {"opportunities": Intake("opportunities.csv", 5, 3, 2)}
    return Book(settings, date(2026, 9, 30), connection, tables, intake, absent={"leads": "no file"}, fingerprint="f" * 64)


def request(folder: Path, **changes) -> Request:
    """Return a request for the notebooks in ``folder/notebooks``, into ``folder/reports``, over the book ``folder/book.yaml``."""
    file = folder / "book.yaml"
    file.write_text("name: Acme\n")
    given = {
        "book": str(file),
        "as_of": "2026-09-30",
        "during": "2026-Q3",
        "started": STARTED,
        "notebooks": folder / "notebooks",
        "output": folder / "reports",
        "limits": Limits(cell_seconds=60, run_seconds=120),
    }
    return Request(**(given | changes))


CHECKS = Checks(open_book=lambda path, as_of: book())
