"""Which files of a person's were read, so that each content is read once. Losing this costs repeats, never events."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple, Optional

from .database import open_database

_SCHEMA = """CREATE TABLE IF NOT EXISTS file (
    checkpoint TEXT, path TEXT, size INTEGER, changed INTEGER, digest BLOB, PRIMARY KEY (checkpoint, path)
) WITHOUT ROWID"""
CHUNK = 1 << 20


def read_files_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.files"


class Version(NamedTuple):
    """A file as it was at one moment; `changed` in nanoseconds."""

    file: Path
    size: int
    changed: int
    digest: bytes


class ReadFiles:
    """The files that one checkpoint (account and shard) of one input has read. Raises OSError for one that is gone."""

    def __init__(self, path: Path, checkpoint: str) -> None:
        self._checkpoint = checkpoint
        self._database = open_database(path, _SCHEMA)

    def unread(self, file: Path) -> Optional[Version]:
        """The file as it is, unless it was read: by size and time of change, else by its content."""
        size, changed = _state(file)
        if self._one("path = ? AND size = ? AND changed = ?", str(file), size, changed):
            return None
        version = Version(file, size, changed, _digest(file))
        if not self._one("digest = ?", version.digest):
            return version
        self.add(version)
        return None

    def add(self, version: Version) -> None:
        """This was read."""
        row = (self._checkpoint, str(version.file), *version[1:])
        self._database.execute("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?)", row)
        self._database.commit()

    def forget(self) -> None:
        """All of them shall be read again."""
        self._database.execute("DELETE FROM file WHERE checkpoint = ?", (self._checkpoint,))
        self._database.commit()

    def close(self) -> None:
        self._database.close()

    def _one(self, condition: str, *values: object) -> bool:
        query = f"SELECT 1 FROM file WHERE checkpoint = ? AND {condition} LIMIT 1"  # noqa: S608 - texts of ours
        return self._database.execute(query, (self._checkpoint, *values)).fetchone() is not None


def _state(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_size, found.st_mtime_ns


def _digest(file: Path) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    with open(file, "rb") as opened:
        for chunk in iter(lambda: opened.read(CHUNK), b""):
            digest.update(chunk)
    return digest.digest()
