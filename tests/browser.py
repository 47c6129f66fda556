"""Headless Chromium for tests: what a page looks like, what it prints, what it complains of and what it asks the network for.

A machine without Chromium skips these tests and says so; with ``SALESTRACK_REQUIRE_ALL=1`` a missing Chromium fails them.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--hide-scrollbars",
)
# Console lines go to the error stream: [pid:tid:time:INFO:CONSOLE(12)] "text", source: file:///... (12)
_CONSOLE = re.compile(r':CONSOLE[:(]\d+\)?\] "(?P<text>.*?)", source: ', re.DOTALL)


@dataclass(frozen=True)
class Visit:
    """What a page did when it was opened.

    Parameters
    ----------
    html : str
        The document as Chromium has it afterwards.
    console : tuple of str
        What it wrote to the console; a page without errors writes nothing.
    requests : tuple of str
        Addresses it asked for outside its own file.
    """

    html: str
    console: tuple[str, ...]
    requests: tuple[str, ...]


def chromium_path() -> str:
    """Return Chromium's program; without one skip the test, or fail it where everything must run."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    reason = "needs Chromium (Debian: apt-get install chromium)"
    if os.environ.get("SALESTRACK_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def screenshot(html: Path, png: Path, width: int = 1280, height: int = 1600, *, dark: bool = False) -> Path:
    """Write what a window of this size shows of a page.

    Chromium makes no window narrower than 500 pixels, so a narrower page is shown in a frame of its width.
    """
    with tempfile.TemporaryDirectory(prefix="st-page-") as folder:
        shown = html if width >= 500 else _framed(html, Path(folder), width, height)
        scheme = ("--blink-settings=preferredColorScheme=0",) if dark else ("--blink-settings=preferredColorScheme=1",)
        _chromium(*scheme, f"--window-size={max(width, 500)},{height}", f"--screenshot={png}", shown.absolute().as_uri())
    return png


def pdf(html: Path, target: Path) -> Path:
    """Print a page to a PDF file, as a reader would."""
    _chromium("--no-pdf-header-footer", f"--print-to-pdf={target}", html.absolute().as_uri())
    return target


def console_and_requests(html: Path) -> Visit:
    """Open a page and return what it complained of and what it asked the network for."""
    with tempfile.TemporaryDirectory(prefix="st-net-") as folder:
        log = Path(folder) / "net.json"
        done = _chromium("--enable-logging=stderr", "--v=0", f"--log-net-log={log}", "--dump-dom", html.absolute().as_uri())
        requests = _requests(log)
    return Visit(done.stdout, tuple(match["text"] for match in _CONSOLE.finditer(done.stderr)), requests)


def _framed(html: Path, folder: Path, width: int, height: int) -> Path:
    frame = folder / "frame.html"
    style = f"border:0;width:{width}px;height:{height}px"
    frame.write_text(f'<body style="margin:0"><iframe src="{html.absolute().as_uri()}" style="{style}"></iframe>')
    return frame


def _requests(log: Path) -> tuple[str, ...]:
    """Return the addresses in Chromium's network log that the page asked for; the browser asks for some on its own account."""
    content = json.loads(log.read_text())
    start = content["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    asked = [event["params"] for event in content["events"] if event["type"] == start and "url" in event.get("params", {})]
    return tuple(each["url"] for each in asked if each.get("initiator") != "not an origin" and not each["url"].startswith("file:"))


def _chromium(*arguments: str) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory(prefix="st-chromium-", ignore_cleanup_errors=True) as profile:
        command = [chromium_path(), *_QUIET, f"--user-data-dir={profile}", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True)
