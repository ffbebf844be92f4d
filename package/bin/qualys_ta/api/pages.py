"""Downloaded answers on disk: a private folder per input, within a quota, with nothing left behind.

A page in work is ``<metric>_<time>_<pid>_batch_<n>.xml``. An unreadable one stays as ``….errored`` for support and is
removed after a week; preserved ones are moved to ``preserved/``. Only the process that holds the input's lock is here.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Optional

from ..errors import ConfigError, TryLater, no_room
from ..private import FOLDER_MODE, make_folder, open_new
from ..spool import spool_path

ERRORED = ".errored"
PRESERVED = "preserved"
ERRORED_KEPT_S = 7 * 86_400


class PageFolder:
    """The pages of one input. `quota` bytes bound what lies here, preserved and errored pages included."""

    def __init__(
        self, path: Path, metric: str, quota: int, preserve: bool, clock: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._quota = quota
        self._preserve = preserve
        self._ours = f"_{os.getpid()}_batch_"
        self._stem = f"{metric}_{time.strftime('%Y-%m-%d-%H-%M-%S', time.gmtime(clock()))}{self._ours}"
        self._clock = clock
        self._count = itertools.count(1)
        self._lock = threading.Lock()
        self._left = quota

    def open(self) -> None:
        """Create the folder and remove what a killed run left. Raises ConfigError where that is not allowed."""
        try:
            self._path.parent.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
            for folder in (self._path.parent, self._path):
                make_folder(folder)
            for file in self._stale():
                file.unlink(missing_ok=True)
        except OSError as error:
            where = error.filename or self._path
            raise ConfigError(f"Cannot use the folder for pages {where}: {error.strerror}.", "temp_dir") from None

    def close(self) -> None:
        """Remove what this process still has here: pages on their way, for which nobody waits any more."""
        for file in self._path.glob(f"*{self._ours}*"):
            if file.suffix != ERRORED:
                with contextlib.suppress(OSError):
                    file.unlink()

    def _stale(self) -> Iterator[Path]:
        for file in self._path.iterdir():
            old = self._clock() - file.stat().st_mtime > ERRORED_KEPT_S
            if file.is_file() and (file.suffix != ERRORED or old):
                yield file

    def next_path(self) -> Path:
        return self._path / f"{self._stem}{next(self._count)}.xml"

    def writer(self, path: Path) -> PageWriter:
        """A new private file that refuses what the quota has no room for; all that are written at once share it."""
        with self._lock:
            self._left = self._room(path)
            return PageWriter(path, self._left, self._take)

    def room(self) -> int:
        """Bytes that are left of the quota."""
        with self._lock:
            self._left = self._room(None)
            return self._left

    def converted(self, path: Path) -> None:
        """The page's events are on disk; the page itself is needed no more. Raises ConfigError where all that is here
        by now is too much: pages that are converted at once do not know of each other."""
        with self._lock:
            if not self._preserve:
                path.unlink()
            self._left = self._room(None)
            if self._left < 0:
                raise no_room("What was downloaded and converted at once does not fit", _left(0), path.parent)

    def _take(self, size: int) -> bool:
        """Whether there is room for so many bytes more; fewer than none give room back."""
        with self._lock:
            self._left -= size
            return self._left >= 0

    def _room(self, path: Optional[Path]) -> int:
        files = sorted(self._files(path))
        room = self._quota - sum(size for _, size, _ in files)
        for _, size, file in files:
            if room > self._quota // 2:
                break
            if file.parent.name == PRESERVED:
                room += size
                file.unlink(missing_ok=True)
        return room

    def _files(self, path: Optional[Path]) -> Iterator[tuple[float, int, Path]]:
        """Time, size and path of all files but `path`; another lane may remove some at this moment."""
        for file in self._path.rglob("*"):
            with contextlib.suppress(FileNotFoundError):
                found = file.stat()
                if file != path and stat.S_ISREG(found.st_mode):
                    yield found.st_mtime, found.st_size, file

    def errored(self, path: Path) -> Path:
        """Keep an unreadable page for support; of several tries at one page, the last."""
        spool_path(path).unlink(missing_ok=True)
        kept = path.with_name(path.name + ERRORED)
        path.replace(kept)
        return kept

    def drop(self, path: Path) -> None:
        """Nothing came of the page: no part of it stays, and no reason why is hidden by a disk that refuses."""
        for part in (path, spool_path(path)):
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)

    def discard(self, path: Path) -> None:
        """The page was written; remove it, or move it aside where people asked for that."""
        with self._lock:
            spool_path(path).unlink(missing_ok=True)
            self._put_aside(path)
            self._left = self._room(None)

    def _put_aside(self, path: Path) -> None:
        if not self._preserve:
            path.unlink(missing_ok=True)
            return
        preserved = self._path / PRESERVED
        make_folder(preserved)
        path.replace(preserved / path.name)


class PageWriter:
    """Writes one page. Raises ConfigError beyond the quota, TryLater where the disk refuses."""

    def __init__(self, path: Path, room: int, take: Callable[[int], bool]) -> None:
        self.path = path
        self.size = 0
        self._room = room
        self._take = take
        self._file: BinaryIO = os.fdopen(open_new(path), "wb")

    def __enter__(self) -> PageWriter:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], *_: object) -> None:
        try:
            self._file.close()
        except OSError as error:
            kind = OSError
            raise _disk(self.path, error) from None
        finally:
            if kind is not None:  # part of a page serves nobody
                self.path.unlink(missing_ok=True)
                self._take(-self.size)

    def write(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if not self._take(len(chunk)):
            raise no_room("The answer does not fit", _left(self._room), self.path.parent)
        try:
            self._file.write(chunk)
        except OSError as error:
            raise _disk(self.path, error) from None


def _left(left: int) -> str:
    return f"the {max(left, 0) // 1_000_000} MB"


def _disk(path: Path, error: OSError) -> TryLater:
    return TryLater(f"Cannot write the page to {path.parent}: {error.strerror}. Free disk space there.")
