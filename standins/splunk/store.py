"""The indexes: events and the record of runs in one SQLite file."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Callable, Optional

from standins.splunk.event_filter import ALL, EventFilter

EventRow = dict[str, Any]
Place = tuple[float, int]
"""Where an event stands in the order of time: its time, and its id among those of the same moment."""

_COLUMNS = ("time", "index", "host", "source", "sourcetype", "stanza", "raw")
_READ = (*_COLUMNS, "indexed_at", "id")
_READ_SQL = ", ".join(f'"{column}"' for column in _READ)
_COUNTED = (*_COLUMNS, "kind")
_RUN_COLUMNS = "stanza, started_at, seconds, returncode, events, stream_error"
_PREFIX = "substr(raw, 1, instr(raw, ':') - 1)"
_ADDED_COLUMNS = {
    "indexed_at": "REAL",
    # The word in capitals an event begins with, "" where it begins with none.
    "kind": f"TEXT AS (CASE WHEN {_PREFIX} GLOB '*[^A-Z_]*' THEN '' ELSE {_PREFIX} END) VIRTUAL",
}
"""Of the table of events, since there are kept indexes that were made without them."""
_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS event (
  id INTEGER PRIMARY KEY, time REAL, "index" TEXT, host TEXT, source TEXT, sourcetype TEXT, stanza TEXT, raw TEXT);
CREATE TABLE IF NOT EXISTS run (
  id INTEGER PRIMARY KEY, stanza TEXT, started_at REAL, seconds REAL, returncode INTEGER, events INTEGER,
  stream_error TEXT);
"""
_INDEXES = """
CREATE INDEX IF NOT EXISTS event_by_time ON event (time, id);
CREATE INDEX IF NOT EXISTS event_by_kind ON event (sourcetype, kind, stanza, time);
"""


@dataclass(frozen=True)
class Event:
    """One event to be indexed; `time` in seconds since the epoch."""

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

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._writing, self._reading = threading.Lock(), threading.Lock()
        self._writer = sqlite3.connect(str(path), check_same_thread=False)
        self._writer.executescript(_SCHEMA)
        self._complete_table()
        # A reader of its own, so that a page that searches everything does not hold up what arrives.
        self._reader = sqlite3.connect(str(path), check_same_thread=False)

    def _complete_table(self) -> None:
        known = {row[1] for row in self._writer.execute("PRAGMA table_xinfo(event)")}
        for column, declaration in _ADDED_COLUMNS.items():
            if column not in known:
                self._writer.execute(f"ALTER TABLE event ADD COLUMN {column} {declaration}")
        self._writer.executescript(_INDEXES)

    def close(self) -> None:
        with self._writing, self._reading:
            self._reader.close()
            self._writer.close()

    def add(self, events: Sequence[Event]) -> None:
        """Indexes the events; all of one call get the same `indexed_at`."""
        columns = ", ".join(f'"{column}"' for column in (*_COLUMNS, "indexed_at"))
        rows = [(*astuple(event), self._clock()) for event in events]
        with self._writing, self._writer:
            self._writer.executemany(f"INSERT INTO event ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

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
        """Events in the order they were indexed, or by time from the newest; `text` is a substring of the raw event.

        Each row has what an `Event` has, `indexed_at` (seconds since the epoch) and `id`.
        """
        where, parameters = EventFilter(sourcetype=sourcetype or "", texts=(text,) if text else ()).where()
        order = "time DESC, id DESC" if newest_first else "id"
        query = f"SELECT {_READ_SQL} FROM event {where} ORDER BY {order} LIMIT ?"
        return self._events(query, [*parameters, -1 if limit is None else limit])

    def next_events(
        self, chosen: EventFilter, start: Optional[Place], limit: int, *, newer: bool = False
    ) -> list[EventRow]:
        """Up to `limit` of the chosen events: the next older than `start`, newest first; or the next newer, oldest
        first. Without a start, from the newest (or oldest) on.
        """
        sign, direction = (">", "ASC") if newer else ("<", "DESC")
        from_there = (f"(time, id) {sign} (?, ?)", list(start)) if start else ("", [])
        where, parameters = chosen.where(from_there)
        # In the order of time, so that it ends with the last event asked for, whatever else is chosen by.
        query = (
            f"SELECT {_READ_SQL} FROM event INDEXED BY event_by_time {where} "
            f"ORDER BY time {direction}, id {direction} LIMIT ?"
        )
        return self._events(query, [*parameters, limit])

    def count(self, sourcetype: Optional[str] = None, text: str = "") -> int:
        return self.number(EventFilter(sourcetype=sourcetype or "", texts=(text,) if text else ()))

    def number(self, chosen: EventFilter = ALL, newer_than: Optional[Place] = None) -> int:
        """How many events are chosen; with `newer_than`, how many of them stand before that place."""
        where, parameters = chosen.where(("(time, id) > (?, ?)", list(newer_than)) if newer_than else ("", []))
        return int(self._rows(f"SELECT count(*) FROM event {where}", parameters)[0][0])

    def last_id(self) -> int:
        """Of the event that was indexed last; 0 where there is none."""
        return int(self._rows("SELECT coalesce(max(id), 0) FROM event", [])[0][0])

    def span(self, chosen: EventFilter) -> Optional[tuple[float, float]]:
        """The times of the oldest and the newest chosen event; None where there is none."""
        where, parameters = chosen.where()
        ((oldest, newest),) = self._rows(f"SELECT min(time), max(time) FROM event {where}", parameters)
        return None if oldest is None else (oldest, newest)

    def histogram(self, chosen: EventFilter, start: float, width_s: float) -> dict[int, int]:
        """How many chosen events there are in each column that has some; columns begin at `start`."""
        where, parameters = chosen.where()
        query = f"SELECT CAST((time - ?) / ? AS INTEGER), count(*) FROM event {where} GROUP BY 1"
        return dict(self._rows(query, [start, width_s, *parameters]))

    def counts(self, *columns: str) -> dict[Any, int]:
        """How many events there are for each value of a column (index, sourcetype, stanza, kind …), or for each
        combination of the values of several.
        """
        if not set(columns) <= set(_COUNTED):
            raise KeyError(columns)
        names = ", ".join(f'"{column}"' for column in columns)
        rows = self._rows(f"SELECT {names}, count(*) FROM event GROUP BY {names} ORDER BY {names}", [])
        return {row[0] if len(columns) == 1 else row[:-1]: row[-1] for row in rows}

    def add_run(self, run: RunRecord) -> None:
        with self._writing, self._writer:
            self._writer.execute(f"INSERT INTO run ({_RUN_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", astuple(run))

    def last_run(self, stanza: str) -> Optional[RunRecord]:
        rows = self._rows(f"SELECT {_RUN_COLUMNS} FROM run WHERE stanza = ? ORDER BY id DESC LIMIT 1", [stanza])
        return RunRecord(*rows[0]) if rows else None

    def _events(self, query: str, parameters: Sequence[Any]) -> list[EventRow]:
        return [dict(zip(_READ, row)) for row in self._rows(query, parameters)]

    def _rows(self, query: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._reading:
            return self._reader.execute(query, parameters).fetchall()
