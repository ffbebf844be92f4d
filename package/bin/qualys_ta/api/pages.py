"""Downloaded answers on disk: a private folder per input, within a quota, with nothing left behind.

A page in work is ``<metric>_<time>_<pid>_batch_<n>.xml``. An unreadable one stays as ``….errored`` for support and is
removed after a week; preserved ones are moved to ``preserved/``. Only the process that holds the input's lock is here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Optional

from ..errors import ConfigError, TryLater

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
        self._stem = f"{metric}_{time.strftime('%Y-%m-%d-%H-%M-%S', time.gmtime(clock()))}_{os.getpid()}_batch_"
        self._clock = clock
        self._count = 0

    def open(self) -> None:
        """Create the folder and remove what a killed run left. Raises ConfigError where that is not allowed."""
        try:
            for folder in (self._path.parent, self._path):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                folder.chmod(0o700)
            for file in self._stale():
                file.unlink(missing_ok=True)
        except OSError as error:
            raise ConfigError(f"Cannot use the folder for pages {self._path}: {error.strerror}.", "temp_dir") from None

    def _stale(self) -> Iterator[Path]:
        for file in self._path.iterdir():
            old = self._clock() - file.stat().st_mtime > ERRORED_KEPT_S
            if file.is_file() and (file.suffix != ERRORED or old):
                yield file

    def next_path(self) -> Path:
        self._count += 1
        return self._path / f"{self._stem}{self._count}.xml"

    def writer(self, path: Path) -> PageWriter:
        """A new private file that refuses what the quota has no room for."""
        return PageWriter(path, self._room(path))

    def _room(self, path: Path) -> int:
        files = sorted(self._path.rglob("*"), key=lambda file: file.stat().st_mtime)
        sizes = {file: file.stat().st_size for file in files if file.is_file() and file != path}
        room = self._quota - sum(sizes.values())
        for file in (file for file in sizes if file.parent.name == PRESERVED):
            if room > self._quota // 2:
                break
            room += sizes[file]
            file.unlink()
        return room

    def errored(self, path: Path) -> Path:
        """Keep an unreadable page for support; of several tries at one page, the last."""
        kept = path.with_name(path.name + ERRORED)
        path.replace(kept)
        return kept

    def discard(self, path: Path) -> None:
        """The page was written; remove it, or move it aside where people asked for that."""
        if not self._preserve:
            path.unlink(missing_ok=True)
            return
        preserved = self._path / PRESERVED
        preserved.mkdir(mode=0o700, exist_ok=True)
        path.replace(preserved / path.name)


class PageWriter:
    """Writes one page. Raises ConfigError beyond the quota, TryLater where the disk refuses."""

    def __init__(self, path: Path, room: int) -> None:
        self.path = path
        self.size = 0
        self._room = room
        self._file: BinaryIO = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")

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

    def write(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > self._room:
            raise ConfigError(
                f"The answer does not fit into the {max(self._room, 0) // 1_000_000} MB left of the quota for "
                f"{self.path.parent}: raise temp_quota_mb on the tab API, remove old pages there, or ask for fewer "
                "records per page.",
                "temp_quota_mb",
            )
        try:
            self._file.write(chunk)
        except OSError as error:
            raise _disk(self.path, error) from None


def _disk(path: Path, error: OSError) -> TryLater:
    return TryLater(f"Cannot write the page to {path.parent}: {error.strerror}. Free disk space there.")
