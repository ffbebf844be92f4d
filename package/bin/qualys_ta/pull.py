"""The pull: one window, page by page. Knows feeds, pages, checkpoints and sinks; nothing of HTTP, nothing of Splunk.

The promise: a page's events are flushed before the checkpoint moves past the page, so a kill at any point repeats at
most one page and loses nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Optional, Protocol

from .errors import BadRecord
from .model import Converter, EventSink, Log, Page, Request, Seen, Window
from .times import TIME_FORMAT

OVERLAP = timedelta(minutes=10)


class SeenWindow(Seen, Protocol):
    def open(self, window: Window) -> None: ...

    def close_window(self) -> None: ...


@dataclass
class Totals:
    """What one run did."""

    pages: int = 0
    bytes: int = 0
    records: int = 0
    events: int = 0
    repeats: int = 0
    bad: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Pull:
    """One window's work. `save` stores the open window, `close` the time that becomes the next `since`."""

    first: Request
    fetch: Callable[[Request], Page]
    convert: Converter
    owns: Callable[[int], bool]
    sink: EventSink
    seen: SeenWindow
    save: Callable[[Window], None]
    close: Callable[[Window], None]
    log: Log

    def run(self, window: Window) -> Totals:
        """Pull what is left of the window. Any error leaves the window open where the last page was flushed."""
        totals = Totals()
        request: Optional[Request] = window.next or self.first
        while request is not None:
            page = self.fetch(request)
            if not window.until:
                window = replace(window, until=self._until(window.since, page.platform_time))
            self.seen.open(window)
            self._write(page, totals)
            self.seen.commit()
            request = page.next
            window = replace(window, next=request, pages=window.pages + 1)
            if request is not None:
                self.save(window)
            page.discard()
            self._progress(page, totals, window)
        self.seen.close_window()
        self.close(window)
        return totals

    def _until(self, since: str, platform_time: str) -> str:
        """The next `since`. One that lies ahead of the platform's time is not kept: it would pull nothing, for good."""
        if since > platform_time:
            self.log.warning(
                f"The pull starts at {since}, but the platform's time is {platform_time}: nothing changed since then. "
                "The next one starts at the platform's time; use Start again from for what may be missing."
            )
            return next_since(platform_time)
        return max(since, next_since(platform_time))

    def _write(self, page: Page, totals: Totals) -> None:
        for record in page.records():
            try:
                converted = self.convert(record)
            except BadRecord as error:
                self._count_bad(error, totals)
                continue
            if not self.owns(converted.record):
                continue
            totals.records += 1
            fresh = self.seen.unseen(converted.record, converted.events, converted.moment)
            totals.repeats += len(converted.events) - len(fresh)
            totals.events += len(fresh)
            for event in fresh:
                self.sink.write(event)
        self.sink.flush()

    def _count_bad(self, error: BadRecord, totals: Totals) -> None:
        kind = type(error).__name__
        totals.bad[kind] += 1
        if totals.bad[kind] == 1:
            self.log.warning(f"Left out {error}. More of the kind are counted, not logged.")

    def _progress(self, page: Page, totals: Totals, window: Window) -> None:
        totals.pages += 1
        totals.bytes += page.size
        self.log.info(f"Page {window.pages} written: {totals.records} records, {totals.events} events so far.")


def next_since(platform_time: str) -> str:
    """The platform's time minus the overlap."""
    moment = datetime.strptime(platform_time, TIME_FORMAT) - OVERLAP
    return moment.strftime(TIME_FORMAT)


def summary(totals: Totals, window: Mapping[str, str], started: float) -> str:
    """The line that ends every run."""
    facts = " ".join(f"{name}={value}" for name, value in window.items())
    bad = f" left_out={sum(totals.bad.values())}" if totals.bad else ""
    return (
        f"Finished: {facts} pages={totals.pages} bytes={totals.bytes} records={totals.records} "
        f"events={totals.events} repeats_dropped={totals.repeats}{bad} seconds={time.monotonic() - started:.1f}"
    )
