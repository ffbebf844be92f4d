"""What an answer says once of what many of its records name, see `feed.Glossary`: in memory, and where that is too much
on disk."""

from __future__ import annotations

import marshal
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Optional

from .errors import no_room
from .private import open_new

MOST_CHARACTERS = 4_000_000
"""Kept in memory; in Python they take about four times as many bytes."""

MOST_RECENT = 5_000
"""Entries that were read from disk and stay in memory: records of a control, or of a host, stand together."""


class PageGlossary:
    """The glossary of one page. `path` is where it goes when it grows; `close` removes what is there.

    Raises ConfigError where it takes more than `room` bytes there.
    """

    def __init__(self, path: Path, room: int, most: int = MOST_CHARACTERS) -> None:
        self._path = path
        self._room = room
        self._most = most
        self._size = 0
        self._entries: dict[str, tuple[str, ...]] = {}
        self._recent: dict[str, Optional[tuple[str, ...]]] = {}
        self._disk: Optional[sqlite3.Connection] = None

    def put(self, key: str, values: tuple[str, ...]) -> None:
        self._entries[key] = values
        self._size += len(key) + sum(map(len, values))
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
        self._recent.clear()
        self._size = 0

    def _from_disk(self, key: str) -> Optional[tuple[str, ...]]:
        if key not in self._recent and self._disk is not None:
            row = self._disk.execute("SELECT told FROM entry WHERE name = ?", (key,)).fetchone()
            if len(self._recent) >= MOST_RECENT:
                self._recent.clear()
            self._recent[key] = marshal.loads(row[0]) if row else None  # noqa: S302 - our own, of this moment
        return self._recent[key]
