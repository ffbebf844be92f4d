"""Files that must survive a kill, and locks that must not."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from ..private import FILE_MODE, open_new

if sys.platform == "win32":  # written for Windows, not proved there
    import msvcrt

    def _try_lock(fd: int) -> None:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def replace(source: Path, target: Path) -> None:
    """Move `source` over `target` at once; where a reader holds the target open (Windows) try for a second."""
    for attempt in range(10):
        try:
            source.replace(target)
            return
        except PermissionError:
            if sys.platform != "win32" or attempt == 9:
                raise
            time.sleep(0.1)


def write_whole(path: Path, text: str) -> None:
    """Replace the file's text so that a kill leaves either the old or the new one, on disk. Raises OSError."""
    with writing_whole(path) as file:
        file.write(text)


@contextlib.contextmanager
def writing_whole(path: Path) -> Iterator[TextIO]:
    """A file that takes the place of the one at `path` at the end of the block, on disk; after an error, never."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with os.fdopen(open_new(temporary), "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        replace(temporary, path)
    except OSError as error:  # that of a full disk names no file
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()  # there is one only where we did not come to its end
    if sys.platform != "win32":
        _sync_folder(path.parent)


def sweep(path: Path) -> None:
    """Remove what killed processes had begun to write for `path`. Only for who holds the lock."""
    begun = re.compile(re.escape(path.name) + r"\.\d+\.tmp")
    for file in path.parent.iterdir():
        if begun.fullmatch(file.name):
            file.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Hold the operating system's lock on `path`, or yield False where another process holds it.

    The lock ends with the process, whatever ends it. The file is never unlinked by us; if somebody did, the file we
    locked is no longer the one at `path`, and two processes could both be sure: then we do not hold it. Raises OSError
    where the file system knows no locks.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
    try:
        yield _holds(fd, path)
    finally:
        os.close(fd)


def _holds(fd: int, path: Path) -> bool:
    try:
        _try_lock(fd)
        there = path.stat()
    except (BlockingIOError, PermissionError, FileNotFoundError):
        return False
    ours = os.fstat(fd)
    return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)
