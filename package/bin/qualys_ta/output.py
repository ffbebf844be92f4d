"""Where the records of a page go. Knows pages, sinks and stores; nothing of HTTP, nothing of Splunk.

Whatever happens, what an output took of a page is safe with its receiver when `take` returns.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, Optional, Protocol
from xml.etree.ElementTree import Element

from .errors import BadRecord
from .model import Converter, Entry, Event, EventSink, Log, Page, Seen, Window

MOST_ENTRIES, MOST_CHARACTERS = 1000, 2_000_000
"""Of the knowledge base in one transaction: readers of the store wait for it, and it is held in memory."""


@dataclass
class Totals:
    """What one run did. `changed` counts entries of a store, `until` is where the next run will start."""

    until: str = ""
    pages: int = 0
    bytes: int = 0
    records: int = 0
    events: int = 0
    repeats: int = 0
    changed: int = 0
    bad: Counter[str] = field(default_factory=Counter)

    def count(self, error: BadRecord, log: Log) -> None:
        """Count a record that was left out; the first of its kind is logged."""
        kind = type(error).__name__
        self.bad[kind] += 1
        if self.bad[kind] == 1:
            log.warning(f"Left out {error}. More of the kind are counted, not logged.")


class Output(Protocol):
    """Takes one window, page by page."""

    def open(self, window: Window) -> None: ...

    def take(self, page: Page, totals: Totals) -> None: ...

    def close(self) -> None: ...


class SeenWindow(Seen, Protocol):
    def open(self, window: Window) -> None: ...

    def close_window(self) -> None: ...


class KnownRecords(Protocol):
    """Which records were ever written."""

    def add(self, record: int) -> None: ...

    def commit(self) -> None: ...


@dataclass(frozen=True)
class EventOutput:
    """Records become events at once; which ones were written is `known`, where that matters later."""

    convert: Converter
    owns: Callable[[int], bool]
    sink: EventSink
    seen: SeenWindow
    known: Optional[KnownRecords]
    log: Log

    def open(self, window: Window) -> None:
        self.seen.open(window)

    def take(self, page: Page, totals: Totals) -> None:
        for converted in converted_records(page.records(), self.convert, totals, self.log):
            if not self.owns(converted.record):
                continue
            totals.records += 1
            fresh = self.seen.unseen(converted.record, converted.events, converted.moment)
            totals.repeats += len(converted.events) - len(fresh)
            totals.events += len(fresh)
            for event in fresh:
                self.sink.write(event)
            if self.known:
                self.known.add(converted.record)
        self.sink.flush()
        self.seen.commit()
        if self.known:
            self.known.commit()

    def close(self) -> None:
        self.seen.close_window()


class Store(Protocol):
    """Keeps entries; `commit` makes them last."""

    def put(self, entries: Sequence[Entry]) -> int: ...

    def unsent(self, name: str, qids: Sequence[str], events: Sequence[Event]) -> list[Event]: ...

    def commit(self) -> None: ...


@dataclass(frozen=True)
class KnowledgeOutput:
    """Records become entries of a store, by option also events where they changed.

    `name` is who sends the events, `publish` makes of the whole store what others read, before the window closes.
    """

    name: str
    convert: Callable[[Element], Entry]
    event: Callable[[Entry], Event]
    with_events: bool
    sink: EventSink
    store: Store
    publish: Callable[[], None]
    log: Log

    def open(self, window: Window) -> None:
        """Entries stand for themselves, whatever window brought them."""

    def take(self, page: Page, totals: Totals) -> None:
        for batch in _batches(converted_records(page.records(), self.convert, totals, self.log)):
            totals.records += len(batch)
            totals.changed += self.store.put(batch)
            if self.with_events:
                self._send(batch, totals)
            self.sink.flush()
            self.store.commit()

    def _send(self, batch: Sequence[Entry], totals: Totals) -> None:
        fresh = self.store.unsent(self.name, [entry[0] for entry in batch], [self.event(entry) for entry in batch])
        totals.events += len(fresh)
        totals.repeats += len(batch) - len(fresh)
        for event in fresh:
            self.sink.write(event)

    def close(self) -> None:
        self.publish()


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        batch.append(entry)
        size += sum(map(len, entry))
        if len(batch) == MOST_ENTRIES or size > MOST_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def converted_records(
    records: Iterable[Element], convert: Callable[[Element], Any], totals: Totals, log: Log
) -> Iterator[Any]:
    """What the records became. One that cannot be converted is counted, and the first of its kind is logged.

    Trees hold no cycles: without the garbage collector, which would walk them again and again, this costs a tenth less.
    """
    gc.disable()
    try:
        for record in records:
            try:
                yield convert(record)
            except BadRecord as error:
                totals.count(error, log)
    finally:
        gc.enable()
