"""Folders for what is only needed for a while: nobody else can read them, and nothing stays in them.

They lie in a folder of the user's own among the temporary files. Each is held by a lock as long as its program runs; what a program
left that was killed is removed by the next one that needs a folder.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

_LOCKS: dict[Path, FileLock] = {}


@contextmanager
def scratch_folder(kind: str, most_bytes: int = 4096) -> Iterator[Path]:
    """Give a folder of one's own, and leave nothing of it.

    Parameters
    ----------
    kind : str
        What its name begins with.
    most_bytes : int
        How long its path may be; where temporary files lie deeper, ``/tmp`` is taken.
    """
    folder = taken_folder(kind, most_bytes)
    try:
        yield folder
    finally:
        give_back(folder)


def taken_folder(kind: str, most_bytes: int = 4096) -> Path:
    """Return a folder of one's own, to be given back; see `scratch_folder`."""
    place = _own_place(Path(tempfile.gettempdir()))
    if len(os.fsencode(place)) + len(kind) + 10 > most_bytes:
        place = _own_place(Path("/tmp"))
    _remove_what_is_left(place)
    folder = place / f"{kind}-{uuid4().hex[:8]}"
    lock = FileLock(f"{folder}.lock", thread_local=False, mode=0o600)
    lock.acquire(timeout=0)
    folder.mkdir(mode=0o700)
    _LOCKS[folder] = lock
    return folder


def give_back(folder: Path) -> None:
    """Remove a folder and all that is in it."""
    shutil.rmtree(folder, ignore_errors=True)
    if lock := _LOCKS.pop(folder, None):
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def _own_place(parent: Path) -> Path:
    """Return the folder of this user, which nobody else can read; another's of that name is not used."""
    place = parent / f"salestrack-{os.getuid() if hasattr(os, 'getuid') else 'own'}"
    place.mkdir(mode=0o700, exist_ok=True)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or (hasattr(os, "getuid") and found.st_uid != os.getuid()):
        return Path(tempfile.mkdtemp(prefix="salestrack-"))
    if stat.S_IMODE(found.st_mode) != 0o700:
        place.chmod(0o700)
    return place


def _remove_what_is_left(place: Path) -> None:
    for path in sorted(place.glob("*.lock")):
        folder = path.with_suffix("")
        # A folder is made once its lock is held: one that is not there yet is being made.
        if folder in _LOCKS or not folder.exists():
            continue
        lock = FileLock(path, mode=0o600)
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):
            # Whoever holds it is at work.
            continue
        shutil.rmtree(folder, ignore_errors=True)
        path.unlink(missing_ok=True)
        lock.release()
