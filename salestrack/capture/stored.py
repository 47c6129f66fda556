"""The two files of a capture: activities, and what could not be placed. Together they are all that is remembered of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

from salestrack.capture.matching import overlaps
from salestrack.errors import CaptureError
from salestrack.wording import say

# Canonical columns of activities first, then what the next run needs to know.
CANONICAL = ("activity_id", "rep_id", "category", "type", "started_at", "minutes", "opportunity_id", "account_id")
_OWN = ("kind", "all_day", "reason", "note", "place", "series_id", "stamp")
TITLES = ("title", "location", "addresses")
COLUMNS = (*CANONICAL, *_OWN)
_NOT_PLACED = ("left_out", "reason", "note", "explained", "kind", "rep_id", "started_at", "minutes", "account_id", "place")
_SUFFIXES = (".csv", ".parquet")


def typed(rows: pd.DataFrame, *, titles: bool) -> pd.DataFrame:
    """Return rows with the columns of a capture in their types; missing texts are null, a missing reason is empty."""
    columns = (*COLUMNS, *(TITLES if titles else ()))
    frame = rows.reindex(columns=list(columns))
    frame["started_at"] = pd.to_datetime(frame["started_at"], errors="coerce").astype("datetime64[us]").dt.floor("s")
    frame["minutes"] = pd.to_numeric(frame["minutes"]).astype("float64")
    frame["all_day"] = frame["all_day"].map(lambda value: str(value).casefold() == "true").astype(bool)
    for name in columns:
        if name not in ("started_at", "minutes", "all_day"):
            texts = frame[name].astype(object)
            nothing = "" if name in ("reason", "note", "stamp", "place") else None
            frame[name] = texts.where(texts.notna() & (texts != ""), nothing).astype("string")
    return frame


@contextmanager
def only_one(into: Path) -> Iterator[None]:
    """Hold the lock of a capture, so that two runs do not each forget what the other found.

    Raises
    ------
    CaptureError
        Another run is writing it.
    """
    into.parent.mkdir(parents=True, exist_ok=True)
    lock = into.with_name(f".{into.name}.lock")
    try:
        with FileLock(lock, timeout=0):
            yield
    except Timeout as error:
        raise CaptureError(f"Another run is writing {into} at this moment. Wait for it.") from error


def place_of(into: str | Path) -> Path:
    """Return the file for the activities: as it was named, or ``activities.csv`` in the folder that was named.

    Raises
    ------
    CaptureError
        It is neither a CSV nor a Parquet file.
    """
    path = Path(into)
    if path.is_dir() or not path.suffix:
        return path / "activities.csv"
    if path.suffix.casefold() not in _SUFFIXES:
        raise CaptureError(f"{path} should end in .csv or .parquet, or be a folder.")
    return path


def beside(into: Path) -> Path:
    """Return the file for what could not be placed."""
    return into.with_name(f"{into.stem}_not_placed{into.suffix}")


def load(into: Path, *, titles: bool, mark: str) -> pd.DataFrame:
    """Return what earlier runs found; without rows where there were none.

    Raises
    ------
    CaptureError
        The file is there and no capture, or one with other pseudonyms.
    """
    files = [path for path in (beside(into), into) if path.exists()]
    if not files:
        return typed(pd.DataFrame(), titles=titles)
    frames = [_read(path) for path in files]
    rows = pd.concat([typed(frame, titles=titles) for frame in frames], ignore_index=True)
    # What could not be placed is written first; where a run was cut off between the two files, it is the newer one.
    rows = rows[rows["kind"] != "file"].drop_duplicates("activity_id", ignore_index=True)
    if not rows["activity_id"].str.startswith(mark).all():
        raise CaptureError(f"{into} was captured with other pseudonyms. Use the same key, or another file.")
    return rows


def _read(path: Path) -> pd.DataFrame:
    try:
        if path.suffix.casefold() == ".parquet":
            frame = pd.read_parquet(path, partitioning=None)
        else:
            frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (ValueError, OSError) as error:
        raise CaptureError(f"{path} cannot be read: {' '.join(str(error).split())}") from error
    if lacking := [name for name in COLUMNS if name not in frame]:
        raise CaptureError(
            f"{path} is no earlier capture (it has no column {lacking[0]!r}) and is left as it is. Choose another file."
        )
    return frame


def save(rows: pd.DataFrame, into: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write both files, each replaced at once; return activities and what could not be placed.

    Parameters
    ----------
    rows : pandas.DataFrame
        All rows of the capture, as `typed` returns them.
    into : Path
        The file for the activities.
    """
    activities, rest = split(rows)
    for frame, path in ((rest, beside(into)), (activities, into)):
        new = path.with_name(f".{path.name}.new")
        if path.suffix.casefold() == ".parquet":
            frame.to_parquet(new, index=False)
        else:
            frame.to_csv(new, index=False, date_format="%Y-%m-%dT%H:%M:%S", lineterminator="\n")
        new.replace(path)
    return activities, rest


def split(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the activities, with the minutes that overlap; and what could not be placed, with the reason in words."""
    done = rows[rows["reason"] == ""].reset_index(drop=True)
    done.insert(len(CANONICAL), "overlap_minutes", overlaps(done))
    rest = rows[(rows["reason"] != "") | (rows["note"] != "")].reset_index(drop=True)
    rest["left_out"] = rest["reason"] != ""
    rest["explained"] = [
        say(f"capture-reason-{reason}") if reason else say(f"capture-note-{note}")
        for reason, note in zip(rest["reason"], rest["note"], strict=True)
    ]
    first = ["activity_id", *_NOT_PLACED]
    return done, rest[[*first, *(name for name in rest if name not in first)]]
