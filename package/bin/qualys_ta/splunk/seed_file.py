"""A .seed file: events as plain text, one after the other, appended page by page, each page wholly or not at all.

While a page is written, its file and the length from before are noted in the checkpoint folder. Who finds such a note
and holds the lock knows that the writer died, and cuts the file back. So no kill, no power cut and no full disk leaves
half an event, and what a reader of the file sees of a page can only be followed by the rest of it, or go again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any, Optional

from ..errors import ConfigError, TryLater
from ..private import FILE_MODE
from .files import locked, write_whole
from .seed_place import LABEL, SETTING, SeedPlace

SUFFIX = "_TA_QualysCloudPlatform.seed"
LONGEST_WAIT_S = 120.0
"""For another input that writes a page into the same place."""

SEPARATOR = b"\n"
_FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EINTR, errno.EAGAIN))
_APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class SeedFile:
    """Appends pages to `place`: `begin`, `write` …, then `commit` or `roll_back`. `folder` is the checkpoint folder.

    Raises TryLater where the disk is full or another input does not come to an end, ConfigError where the place is not
    to be written any more.
    """

    def __init__(self, place: SeedPlace, folder: Path, started: float) -> None:
        self._place = place
        self._path = None if place.is_folder else place.path
        self._started = started
        name = "seed-" + hashlib.sha256(os.fsencode(place.path)).hexdigest()[:16]
        self._lock_path, self._note = folder / f"{name}.lock", folder / f"{name}.page"
        self._held = contextlib.ExitStack()
        self._fd: Optional[int] = None
        self._length = 0
        self._is_noted = False
        self._is_fresh_line = True

    @property
    def path(self) -> Optional[Path]:
        """The file that was written; None before the first page in a folder."""
        return self._path

    def begin(self) -> None:
        """Hold the place, repair what a killed writer left there, and note where this page begins."""
        self._held.enter_context(_held(self._lock_path, self._place.path))
        with _told_to_people(self._place.path):
            mend(self._note, self._place)
            self._fd = self._open()
            found = os.fstat(self._fd)
            self._length = found.st_size
            self._is_fresh_line = not self._length or self._last_byte() == SEPARATOR
        told = {"path": str(self._path), "inode": found.st_ino, "length": self._length}
        write_whole(self._note, json.dumps(told))
        self._is_noted = True

    def write(self, events: bytes) -> None:
        """Append events, each with its separator before it."""
        assert self._fd is not None
        data = memoryview(events)[len(SEPARATOR) if self._is_fresh_line else 0 :]
        self._is_fresh_line = False
        with _told_to_people(self._place.path):
            while data:
                data = data[os.write(self._fd, data) :]

    def commit(self) -> None:
        """Return once the page is on disk."""
        assert self._fd is not None
        with _told_to_people(self._place.path):
            os.fsync(self._fd)
            self._note.unlink()
        self._release()

    def roll_back(self) -> None:
        """Take back what was written since `begin`; nothing where nothing was. Never raises: a note stays then."""
        with contextlib.suppress(OSError):
            if self._fd is not None:
                os.ftruncate(self._fd, self._length)
                os.fsync(self._fd)
                if self._place.is_folder and self._path and not self._length:
                    self._path.unlink()
            if self._is_noted:
                self._note.unlink()
        self._release()

    def _release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
        self._fd, self._is_noted = None, False
        self._held.close()

    def _last_byte(self) -> bytes:
        assert self._fd is not None
        os.lseek(self._fd, -1, os.SEEK_END)
        return os.read(self._fd, 1)

    def _open(self) -> int:
        if self._path is not None:
            return os.open(self._path, _APPEND, FILE_MODE)
        moment = self._started
        while True:  # two inputs may start in the same second
            path = self._place.path / (time.strftime("%Y_%m_%d_%H_%M_%S", time.gmtime(moment)) + SUFFIX)
            with contextlib.suppress(FileExistsError):
                fd = os.open(path, _APPEND | os.O_EXCL, FILE_MODE)
                self._path = path
                return fd
            moment += 1


def mend(note: Path, place: SeedPlace) -> None:
    """Cut off what a killed writer left of its page. Only for who holds the place's lock. Raises OSError."""
    try:
        told: Any = json.loads(note.read_text(encoding="utf-8"))
        path, inode, length = Path(told["path"]), int(told["inode"]), int(told["length"])
    except FileNotFoundError:
        return
    except (ValueError, KeyError, TypeError):
        note.unlink()
        return
    with contextlib.suppress(FileNotFoundError):
        found = path.lstat()
        if place.path in (path, path.parent) and found.st_ino == inode and found.st_size > length >= 0:
            if length or not place.is_folder:
                os.truncate(path, length)
            else:
                path.unlink()
    note.unlink()


@contextlib.contextmanager
def _held(lock: Path, place: Path) -> Any:
    waited_until = time.monotonic() + LONGEST_WAIT_S
    while True:
        with locked(lock) as held:
            if held:
                yield
                return
        if time.monotonic() > waited_until:
            raise TryLater(f"{LABEL}: another input is writing to {place} and does not come to an end.")
        time.sleep(0.05)


@contextlib.contextmanager
def _told_to_people(place: Path) -> Any:
    try:
        yield
    except OSError as error:
        why = f"{LABEL}: {error.filename or place} cannot be written: {error.strerror}."
        if error.errno in _FULL:
            raise TryLater(f"{why} The page was taken back; nothing is lost.") from None
        raise ConfigError(why, SETTING) from None
