"""Which events went out in the span that the next pull reads again.

A window's successor starts ten minutes before the window opened, so hosts processed since then arrive twice. Their
events are kept here as digests (of identity and content at once, or of what the feed says counts: `Feed.same`), one
row per host, and dropped when they come again unchanged. Losing this file costs repeats, never events.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Callable, Optional, Union

from ..frames import Batch, Frame
from ..model import Window
from .database import open_database

DIGEST_SIZE = 8
RECENT = 8
"""Hosts remembered in memory, to drop a host that two neighboring pages both hold."""

LARGE = 1 << 20
"""Bytes of events from which on their digests are remembered instead; working these out for all costs more."""

_SCHEMA = """CREATE TABLE IF NOT EXISTS seen (
    checkpoint TEXT, since TEXT, record INTEGER, digests BLOB, PRIMARY KEY (checkpoint, record, since)
) WITHOUT ROWID"""


def seen_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.seen"


class SeenEvents:
    """The seen events of one checkpoint (account and shard) of one input. One writer; the input's lock sees to that.

    `same` as in `Feed`.
    """

    def __init__(self, path: Path, checkpoint: str, same: Optional[Callable[[bytes], bytes]] = None) -> None:
        self._checkpoint = checkpoint
        self._same = same
        self._window = Window("", "")
        self._is_empty = False
        self._recent: OrderedDict[int, Union[Frame, set[bytes]]] = OrderedDict()
        self._database = open_database(path, _SCHEMA)

    def open(self, window: Window) -> None:
        """Compare with earlier windows, and keep what this one writes of hosts processed from its `until` on.

        A full pull writes everything again and leaves what is kept alone.
        """
        self._window = window
        query = "SELECT 1 FROM seen WHERE checkpoint = ? LIMIT 1"
        self._is_empty = self._database.execute(query, (self._checkpoint,)).fetchone() is None

    def all_new(self, batch: Batch) -> bool:
        """Nothing of the batch went out before: so it is with almost all. False: look at each."""
        records = batch.records
        if len(set(records)) < len(records) or not self._recent.keys().isdisjoint(records):
            return False
        if not self._window.full:
            if self._knows_any(records):
                return False
            if self._overlaps(batch.moments):
                self._store_all(batch)
        for frame in batch.frames(max(0, len(records) - RECENT)):
            self._remember(frame)
        return True

    def _overlaps(self, moments: Sequence[str]) -> bool:
        """Whether one of them, or one that is not told, is in the span that the next window reads again."""
        return not all(moments) or max(moments, default="") >= self._window.until

    def _knows_any(self, records: Sequence[int]) -> bool:
        if self._is_empty:
            return False
        holders = ",".join("?" * len(records))
        query = f"SELECT 1 FROM seen WHERE checkpoint = ? AND record IN ({holders}) LIMIT 1"  # noqa: S608 - no text
        return self._database.execute(query, (self._checkpoint, *records)).fetchone() is not None

    def unseen(self, frame: Frame) -> Optional[list[bytes]]:
        """Those of a record's events that did not go out before; None: all of them, as almost always."""
        before = self._neighbor(frame)
        stored = [] if self._window.full or self._is_empty else self._stored(frame.record)
        overlaps = not self._window.full and self._overlaps((frame.moment,))
        if not before and not stored and not overlaps:
            return None
        events = frame.events()
        digests = self._digests(events)
        if overlaps:
            self._store(frame.record, digests, b"".join(row for since, row in stored if since == self._window.since))
        before = before.union(*(_split(row) for _, row in stored))
        return [event for event, digest in zip(events, digests) if digest not in before]

    def _neighbor(self, frame: Frame) -> set[bytes]:
        """A host that changes while we page comes at the end of one page and again at the start of the next."""
        last = self._recent.pop(frame.record, None)
        self._remember(frame)
        if last is None or isinstance(last, set):
            return last or set()
        return set(self._digests(last.events()))

    def _remember(self, frame: Frame) -> None:
        self._recent[frame.record] = set(self._digests(frame.events())) if len(frame.data) > LARGE else frame
        if len(self._recent) > RECENT:
            self._recent.popitem(last=False)

    def _stored(self, record: int) -> list[tuple[str, bytes]]:
        return self._database.execute(
            "SELECT since, digests FROM seen WHERE checkpoint = ? AND record = ?", (self._checkpoint, record)
        ).fetchall()

    def _store_all(self, batch: Batch) -> None:
        """Those of which nothing was kept so far."""
        self._is_empty = False
        key, since, until = self._checkpoint, self._window.since, self._window.until
        digests, rows, first = self._digests(batch.events()), [], 0
        for record, moment, count in zip(batch.records, batch.moments, batch.counts):
            if not moment or moment >= until:
                rows.append((key, since, record, b"".join(dict.fromkeys(digests[first : first + count]))))
            first += count
        self._database.executemany("INSERT INTO seen VALUES (?, ?, ?, ?)", rows)

    def _store(self, record: int, digests: list[bytes], own: bytes) -> None:
        self._is_empty = False
        known = _split(own)
        kept = own + b"".join(digest for digest in digests if digest not in known)
        self._database.execute(
            "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", (self._checkpoint, self._window.since, record, kept)
        )

    def _digests(self, events: Iterable[bytes]) -> list[bytes]:
        told = map(self._same, events) if self._same else events
        return [hashlib.blake2b(each, digest_size=DIGEST_SIZE).digest() for each in told]

    def commit(self) -> None:
        self._database.commit()

    def close_window(self) -> None:
        """Forget earlier windows: their span is never read again."""
        if self._window.full:
            return
        self._database.execute(
            "DELETE FROM seen WHERE checkpoint = ? AND since <> ?", (self._checkpoint, self._window.since)
        )
        self._database.commit()

    def forget(self) -> None:
        """Forget everything of this checkpoint: a person wants it all again."""
        self._database.execute("DELETE FROM seen WHERE checkpoint = ?", (self._checkpoint,))
        self._database.commit()

    def close(self) -> None:
        self._database.close()


def _split(blob: bytes) -> set[bytes]:
    return {blob[start : start + DIGEST_SIZE] for start in range(0, len(blob), DIGEST_SIZE)}
