"""Where the records of a page go. Knows pages, sinks and stores; nothing of HTTP, nothing of Splunk.

Whatever happens, what an output took of a page is safe with its receiver when `take` returns.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Optional, Protocol
from xml.etree.ElementTree import Element

from .errors import UNMAPPED, left_out
from .frames import Batch, Seen
from .model import Entry, Event, EventSink, Log, Page, Request, Window
from .times import epoch

MOST_ENTRIES, MOST_CHARACTERS = 1000, 2_000_000
"""Of the knowledge base in one transaction: readers of the store wait for it, and it is held in memory."""


@dataclass
class Totals:
    """What one run did. `changed` counts entries of a store, `until` is the end of what was read, `told_at` the
    platform's time at the last page."""

    until: str = ""
    told_at: str = ""
    pages: int = 0
    bytes: int = 0
    records: int = 0
    events: int = 0
    repeats: int = 0
    changed: int = 0
    bad: int = 0

    def leave_out(self, bad: int, first: str, log: Log) -> None:
        """Count records that were left out; the first is logged."""
        if bad and not self.bad:
            log.warning(f"Left out {first}. More of the kind are counted, not logged.")
        self.bad += bad


class Output(Protocol):
    """Takes one window, page by page."""

    def open(self, window: Window) -> None: ...

    def take(self, page: Page, totals: Totals) -> None: ...

    def close(self, totals: Totals) -> None: ...


class SeenWindow(Seen, Protocol):
    def open(self, window: Window) -> None: ...

    def close_window(self) -> None: ...


class KnownRecords(Protocol):
    """Which records were ever written."""

    def add(self, records: Sequence[int]) -> None: ...

    def commit(self) -> None: ...


class Tallies(Protocol):
    """What the records of each group count as."""

    def add(self, records: Sequence[int], tallies: Sequence[str]) -> None: ...

    def commit(self) -> None: ...

    def begin(self, groups: Mapping[int, str]) -> None:
        """All records of these groups come from now on; what they are made of."""

    def summaries(self) -> Iterable[Event]:
        """Of the groups that were met since the last ones were told."""

    def told(self, made_of: str) -> None:
        """The summaries are safe with their receiver; this is what was counted."""


@dataclass(frozen=True)
class EventOutput:
    """Pages whose records became events already; which records were written is `known`, where that matters later, and
    what they count as is in `tallies`, where they are summed up. `begins` see `chains.Course`; `counted` says what is.
    """

    owns: Callable[[int], bool]
    sink: EventSink
    seen: SeenWindow
    known: Optional[KnownRecords]
    log: Log
    tallies: Optional[Tallies] = None
    begins: Callable[[Request], Mapping[int, str]] = lambda _request: {}
    counted: str = ""

    def open(self, window: Window) -> None:
        self.seen.open(window)

    def take(self, page: Page, totals: Totals) -> None:
        totals.leave_out(page.bad, page.first_bad, self.log)
        if self.tallies:
            self.tallies.begin(self.begins(page.request))
        for batch in page.batches():
            owned = batch if all(map(self.owns, batch.records)) else self._owned(batch)
            totals.records += len(owned.records)
            self._write(owned, totals)
            if self.known:
                self.known.add(owned.records)
            if self.tallies:
                self.tallies.add(owned.records, owned.tallies)
        self._commit()

    def _owned(self, batch: Batch) -> Batch:
        return Batch.of([frame for frame in batch.frames() if self.owns(frame.record)])

    def _write(self, batch: Batch, totals: Totals) -> None:
        if self.seen.all_new(batch):
            self._pass_on(batch.data, len(batch.sizes), totals)
            return
        for frame in batch.frames():
            fresh = self.seen.unseen(frame)
            if fresh is None:
                self._pass_on(frame.data, len(frame.sizes), totals)
            else:
                totals.repeats += len(frame.sizes) - len(fresh)
                self._pass_on(b"".join(fresh), len(fresh), totals)

    def _commit(self) -> None:
        self.sink.flush()
        self.seen.commit()
        if self.known:
            self.known.commit()
        if self.tallies:
            self.tallies.commit()

    def _pass_on(self, rendered: bytes, events: int, totals: Totals) -> None:
        totals.events += events
        self.sink.pass_on(rendered, events)

    def close(self, totals: Totals) -> None:
        """Tell the summaries, and only then forget for whom. A kill in between tells them twice."""
        if self.tallies:
            for event in self.tallies.summaries():
                self.sink.write(event._replace(time=event.time or epoch(totals.told_at)))
                totals.events += 1
            self.sink.flush()
            self.tallies.told(self.counted)
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

    def close(self, _totals: Totals) -> None:
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
            except UNMAPPED as error:
                totals.leave_out(1, left_out(error), log)
    finally:
        gc.enable()
