"""What an answer says once of what many of its records name, see `feed.Glossary`: in memory, and where that is too much
on disk."""

from __future__ import annotations

import marshal
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from sys import getsizeof
from typing import Optional

from .errors import no_room
from .private import open_new

MOST = 16 << 20
"""Bytes of entries that are kept in memory. They are counted as Python holds them: a short text takes many times its
characters, a long one in ASCII no more than these."""

MOST_RECENT = 4 << 20
"""Bytes of entries that were read from disk and stay in memory: records of a control, or of a host, stand together."""


class PageGlossary:
    """The glossary of one page. `path` is where it goes when it grows; `close` removes what is there.

    Raises ConfigError where it takes more than `room` bytes there.
    """

    def __init__(self, path: Path, room: int, most: int = MOST) -> None:
        self._path = path
        self._room = room
        self._most = most
        self._size = 0
        self._entries: dict[str, tuple[str, ...]] = {}
        self._recent: dict[str, Optional[tuple[str, ...]]] = {}
        self._recent_size = 0
        self._disk: Optional[sqlite3.Connection] = None

    def put(self, key: str, values: tuple[str, ...]) -> None:
        self._entries[key] = values
        self._size += _bytes_of(key, values)
        if self._size > self._most:
            self._spill()

    def get(self, key: str) -> Optional[tuple[str, ...]]:
        found = self._entries.get(key)
        if found is None and self._disk is not None:
            return self._from_disk(key)
        return found

    def close(self) -> None:
        if self._disk is not None:
            self._disk.close()
            with suppress(OSError):
                self._path.unlink()

    def _spill(self) -> None:
        """Nothing here must last, so nothing is made sure of."""
        if self._disk is None:
            os.close(open_new(self._path))
            self._disk = sqlite3.connect(str(self._path), isolation_level=None, check_same_thread=False)
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-2000"):
                self._disk.execute(f"PRAGMA {pragma}")
            self._disk.execute("CREATE TABLE entry (name TEXT PRIMARY KEY, told BLOB) WITHOUT ROWID")
        rows = ((key, marshal.dumps(values)) for key, values in self._entries.items())
        self._disk.execute("BEGIN")
        self._disk.executemany("INSERT OR REPLACE INTO entry VALUES (?, ?)", rows)
        self._disk.execute("COMMIT")
        if self._path.stat().st_size > self._room:
            raise no_room(f"What {self._path.stem} explains does not fit", "what is", self._path.parent)
        self._entries.clear()
        self._forget_recent()
        self._size = 0

    def _from_disk(self, key: str) -> Optional[tuple[str, ...]]:
        if key not in self._recent and self._disk is not None:
            row = self._disk.execute("SELECT told FROM entry WHERE name = ?", (key,)).fetchone()
            found = marshal.loads(row[0]) if row else None  # noqa: S302 - our own, of this moment
            self._recent_size += _bytes_of(key, found or ())
            if self._recent_size > MOST_RECENT:
                self._forget_recent()
            self._recent[key] = found
        return self._recent[key]

    def _forget_recent(self) -> None:
        self._recent.clear()
        self._recent_size = 0


def _bytes_of(key: str, values: tuple[str, ...]) -> int:
    return getsizeof(key) + getsizeof(values) + sum(map(getsizeof, values))
