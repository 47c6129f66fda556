"""Publishing: stage beside the reports, check, and let readers see the new pack at once or the old one still.

A pack `reports/NAME` is a relative link to `runs/NAME/RUN`. Replacing a link is one step for the file system, so that no
reader meets half a report; earlier runs stay beside it.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from bs4 import BeautifulSoup
from filelock import FileLock, Timeout
from nbformat import NotebookNode

from salestrack.errors import RunError, masked
from salestrack.report.gate import Failure

_TRACEBACK = re.compile(r'^Traceback \(most recent call last\):?\s*\n\s+(?:File "|Cell In)', re.MULTILINE)


class AlreadyRunningError(RunError):
    """Another run is making the same pack; it is temporary."""


@contextmanager
def only_run_of(output: Path, pack: str) -> Iterator[None]:
    """Hold the lock of a pack.

    Raises
    ------
    AlreadyRunningError
        Another run holds it.
    RunError
        Something that is not a link to a run stands where the pack goes.
    """
    locks, place = output / ".locks", output / pack
    with told_when_unwritable(output):
        locks.mkdir(parents=True, exist_ok=True)
    if place.exists() and not place.is_symlink():
        raise RunError(f"{place} is not a report of an earlier run. Move it away, or choose another output folder.")
    try:
        with FileLock(locks / f"{pack}.lock", timeout=0):
            yield
    except Timeout as error:
        raise AlreadyRunningError(
            f"Another run is making {place} at this moment. Wait for it, or choose another output folder."
        ) from error


@contextmanager
def told_when_unwritable(output: Path) -> Iterator[None]:
    """Turn a full or closed disk into a sentence."""
    try:
        yield
    except OSError as error:
        raise RunError(f"The report could not be written to {output}: {error.strerror or error}. Nothing was published.") from error


@contextmanager
def staging(output: Path, pack: str) -> Iterator[Path]:
    """Give an empty folder on the file system of the reports, and leave nothing of it behind."""
    stage = output / ".staging" / pack
    # What a killed run may have left; the lock says that nobody is at work on it.
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def too_large(html: str, page_megabytes: float) -> list[str]:
    """Return why a page is too large to be published; empty when it is not."""
    size = len(html.encode()) / 1e6
    return (
        [f"it has {size:,.1f} MB, and a page may have {page_megabytes:g} MB; show fewer rows or pictures"]
        if size > page_megabytes
        else []
    )


def faults_of_page(html: str, private: Sequence[str]) -> list[str]:
    """Return why a page must not be published.

    Parameters
    ----------
    html : str
        The whole page.
    private : sequence of str
        Folders of this machine that it must not name.
    """
    soup = BeautifulSoup(html, "html.parser")
    faults = []
    if (headings := len(soup.find_all("h1"))) != 1:
        faults.append(f"it has {headings} main headings instead of one")
    if soup.find("script"):
        faults.append("it holds a script")
    for image in soup.find_all("img"):
        if not str(image.get("alt", "")).strip():
            faults.append("a picture has no description for those who cannot see it (`alt` in the output's metadata)")
        if not str(image.get("src", "")).startswith("data:"):
            faults.append(f"the picture {image.get('src')} is not inside the page")
    faults += [f"it refers to {address}" for address in _addresses(soup)]
    text = re.sub(r"data:[a-z/+]+;base64,[A-Za-z0-9+/=]+", "", html)
    # A value may say so: what Python prints goes on with the place.
    if any(_TRACEBACK.search(element.get_text()) for element in soup.find_all("pre")):
        faults.append("it holds a traceback")
    faults += [f"it names the folder {folder} of this machine" for folder in private if folder in text]
    return list(dict.fromkeys(faults))


def _addresses(soup: BeautifulSoup) -> Iterator[str]:
    for element in soup.find_all(True):
        for name, value in element.attrs.items():
            text = " ".join(value) if isinstance(value, list) else str(value)
            if not name.startswith("xmlns") and re.match(r"\s*(https?:)?//", text, re.IGNORECASE):
                yield text
        if element.name == "style" or element.get("style"):
            yield from re.findall(r"url\(\s*['\"]?((?:https?:)?//[^)'\"]*)", f"{element.get('style', '')}{element.string or ''}")


def write_pages(stage: Path, pages: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Write pages into the stage and return the digest and size of each."""
    files = {}
    for name, html in pages.items():
        content = html.encode()
        (stage / name).write_bytes(content)
        files[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    return files


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file for people and programs."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def publish(stage: Path, output: Path, run_id: str, keep: int) -> Path:
    """Move a finished stage into the runs of its pack and point the pack at it.

    Parameters
    ----------
    stage : Path
        Folder with everything in it; its name is the pack's.
    output : Path
        Folder of the reports.
    run_id : str
        Name of the run.
    keep : int
        How many runs of the pack to keep, this one included.

    Returns
    -------
    Path
        The pack.
    """
    pack, runs = output / stage.name, output / "runs" / stage.name
    runs.mkdir(parents=True, exist_ok=True)
    place = next(path for path in (runs / run_id, *(runs / f"{run_id}-{n}" for n in range(2, 100))) if not path.exists())
    for path in (*stage.iterdir(), stage):
        _flush(path)
    stage.rename(place)
    _flush(runs)
    link = output / f".{stage.name}.new"
    link.unlink(missing_ok=True)
    link.symlink_to(place.relative_to(output), target_is_directory=True)
    link.replace(pack)
    _flush(output)
    _drop_oldest(runs, keep, place)
    return pack


def keep_failed(folder: Path, notebooks: Mapping[str, NotebookNode], failures: Sequence[Failure], page: str) -> None:
    """Keep what a failed run got to, for analysts: notebooks as far as they got, the reasons as JSON and as a page."""
    folder.mkdir(parents=True, exist_ok=True)
    # The reasons first: they are small, and what is most needed of a run on a full disk.
    write_json(folder / "failure.json", [failure.as_dict() for failure in failures])
    for name, notebook in notebooks.items():
        for key in ("input_path", "output_path"):
            notebook.metadata.get("papermill", {}).pop(key, None)
        (folder / f"{name}.ipynb").write_text(masked(nbformat.writes(notebook)) + "\n", encoding="utf-8")
    (folder / "index.html").write_text(page, encoding="utf-8")


def drop_oldest_failed(output: Path, keep: int, newest: Path) -> None:
    """Remove what failed runs left, but for the newest ones."""
    _drop_oldest(output / "failed", keep, newest)


def _drop_oldest(folder: Path, keep: int, newest: Path) -> None:
    older = sorted((path for path in folder.iterdir() if path.is_dir() and path != newest), reverse=True)
    for path in older[max(keep - 1, 0) :]:
        shutil.rmtree(path, ignore_errors=True)


def _flush(path: Path) -> None:
    """Have the file system write a file or the entries of a folder, so that a crash cannot leave names without contents."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
