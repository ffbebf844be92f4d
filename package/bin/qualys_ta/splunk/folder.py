"""A folder looked at from inside, so that nothing in it leads out, whatever a symbolic link says.

Where the operating system can (Linux, macOS), everything is done relative to open folders, and a folder that is swapped
for a link meanwhile is still the one that was opened. On Windows, links and junctions are looked for right before use.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Optional

_BY_DESCRIPTOR = os.open in os.supports_dir_fd and os.unlink in os.supports_dir_fd and os.scandir in os.supports_fd
_INSIDE = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_REPARSE_POINT = 0x400  # a link or junction of Windows


class File(NamedTuple):
    """A regular file; `size` in bytes, `changed` in seconds since 1970."""

    name: str
    size: int
    changed: float


class Folder:
    """An open folder; see `opened`. Raises OSError where the operating system refuses."""

    def __init__(self, path: Path, descriptor: Optional[int]) -> None:
        self.path = path
        self._descriptor = descriptor

    def files(self) -> list[File]:
        """The regular files right in here, by name; a link to one is none."""
        found = []
        for entry in self._entries():
            with contextlib.suppress(FileNotFoundError):  # gone meanwhile
                about = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(about.st_mode):
                    found.append(File(entry.name, about.st_size, about.st_mtime))
        return sorted(found)

    def folders(self) -> list[str]:
        """The names of the folders right in here; a link to one is none."""
        return sorted(entry.name for entry in self._entries() if entry.is_dir(follow_symlinks=False))

    def links(self) -> list[str]:
        """The names of the symbolic links right in here."""
        return sorted(entry.name for entry in self._entries() if entry.is_symlink())

    @contextlib.contextmanager
    def inner(self, name: str) -> Iterator[Folder]:
        """The folder of this name right in here. Raises OSError where it is a link."""
        with _open(self.path / name, name, self._descriptor) as folder:
            yield folder

    def remove(self, name: str) -> None:
        """Delete the file, or the link itself; never what a link leads to."""
        if self._descriptor is None:
            (self.path / name).unlink()
        else:
            os.unlink(name, dir_fd=self._descriptor)

    def _entries(self) -> list[os.DirEntry[str]]:
        with os.scandir(self.path if self._descriptor is None else self._descriptor) as entries:
            return list(entries)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Folder]:
    """The folder at `path`. Raises OSError where there is none, or a symbolic link in its place."""
    with _open(path, str(path), None) as folder:
        yield folder


@contextlib.contextmanager
def _open(path: Path, name: str, inside: Optional[int]) -> Iterator[Folder]:
    if not _BY_DESCRIPTOR:
        if getattr(path.lstat(), "st_file_attributes", 0) & _REPARSE_POINT or path.is_symlink():
            raise NotADirectoryError(20, "Not a directory", str(path))
        yield Folder(path, None)
        return
    descriptor = os.open(name, os.O_RDONLY | _INSIDE, dir_fd=inside)
    try:
        yield Folder(path, descriptor)
    finally:
        os.close(descriptor)
