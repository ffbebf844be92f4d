"""The indexes: events and the record of runs in one SQLite file."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Optional

EventRow = dict[str, Any]
_COLUMNS = ("time", "index", "host", "source", "sourcetype", "stanza", "raw")
_RUN_COLUMNS = "stanza, started_at, seconds, returncode, events, stream_error"
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS event (
  id INTEGER PRIMARY KEY, time REAL, "index" TEXT, host TEXT, source TEXT, sourcetype TEXT, stanza TEXT, raw TEXT);
CREATE INDEX IF NOT EXISTS event_by_sourcetype ON event (sourcetype);
CREATE TABLE IF NOT EXISTS run (
  id INTEGER PRIMARY KEY, stanza TEXT, started_at REAL, seconds REAL, returncode INTEGER, events INTEGER,
  stream_error TEXT);
"""


@dataclass(frozen=True)
class Event:
    """One indexed event; `time` in seconds since the epoch."""

    time: float
    index: str
    host: str
    source: str
    sourcetype: str
    stanza: str
    raw: str


@dataclass(frozen=True)
class RunRecord:
    """How one process of one stanza went."""

    stanza: str
    started_at: float
    seconds: float
    returncode: int
    events: int
    stream_error: str


class EventStore:
    """Safe to use from several threads; an event is visible to readers once `add` returned."""

    def __init__(self, path: Path) -> None:
        self._writing, self._reading = threading.Lock(), threading.Lock()
        self._writer = sqlite3.connect(str(path), check_same_thread=False)
        self._writer.executescript(_SCHEMA)
        # A reader of its own, so that a page that searches everything does not hold up what arrives.
        self._reader = sqlite3.connect(str(path), check_same_thread=False)

    def close(self) -> None:
        with self._writing, self._reading:
            self._reader.close()
            self._writer.close()

    def add(self, events: Sequence[Event]) -> None:
        columns = ", ".join(f'"{column}"' for column in _COLUMNS)
        with self._writing, self._writer:
            self._writer.executemany(
                f"INSERT INTO event ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", [astuple(event) for event in events]
            )

    def clean(self) -> None:
        """Forgets all events, as `splunk clean eventdata` does."""
        with self._writing, self._writer:
            self._writer.execute("DELETE FROM event")

    def events(
        self,
        sourcetype: Optional[str] = None,
        text: str = "",
        limit: Optional[int] = None,
        *,
        newest_first: bool = False,
    ) -> list[EventRow]:
        """Events in the order they were indexed, or by time from the newest; `text` is a substring of the raw event."""
        where, parameters = _filter(sourcetype, text)
        order = "time DESC, id DESC" if newest_first else "id"
        columns = ", ".join(f'"{column}"' for column in _COLUMNS)
        query = f"SELECT {columns} FROM event {where} ORDER BY {order} LIMIT ?"
        return [dict(zip(_COLUMNS, row)) for row in self._rows(query, [*parameters, -1 if limit is None else limit])]

    def count(self, sourcetype: Optional[str] = None, text: str = "") -> int:
        where, parameters = _filter(sourcetype, text)
        return int(self._rows(f"SELECT count(*) FROM event {where}", parameters)[0][0])

    def counts(self, column: str) -> dict[str, int]:
        """How many events there are for each value of `column` (index, sourcetype, stanza …)."""
        if column not in _COLUMNS:
            raise KeyError(column)
        return dict(self._rows(f'SELECT "{column}", count(*) FROM event GROUP BY 1 ORDER BY 1', []))

    def add_run(self, run: RunRecord) -> None:
        with self._writing, self._writer:
            self._writer.execute(f"INSERT INTO run ({_RUN_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", astuple(run))

    def last_run(self, stanza: str) -> Optional[RunRecord]:
        rows = self._rows(f"SELECT {_RUN_COLUMNS} FROM run WHERE stanza = ? ORDER BY id DESC LIMIT 1", [stanza])
        return RunRecord(*rows[0]) if rows else None

    def _rows(self, query: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._reading:
            return self._reader.execute(query, parameters).fetchall()


def _filter(sourcetype: Optional[str], text: str) -> tuple[str, list[Any]]:
    conditions = {"sourcetype = ?": sourcetype, "instr(lower(raw), lower(?)) > 0": text}
    chosen = {condition: value for condition, value in conditions.items() if value}
    return ("WHERE " + " AND ".join(chosen) if chosen else ""), list(chosen.values())
