"""The pull: one window, page by page. Knows pages, checkpoints and outputs; nothing of HTTP, nothing of Splunk.

The promise: a page's records are safe with their receiver before the checkpoint moves past the page, so a kill at any
point repeats at most one page and loses nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Optional

from .model import Log, Page, Request, Window
from .output import Output, Totals
from .times import TIME_FORMAT

OVERLAP = timedelta(minutes=10)


@dataclass(frozen=True)
class Pull:
    """One window's work. `save` stores the open window, `close` the time that becomes the next `since`."""

    first: Request
    fetch: Callable[[Request], Page]
    output: Output
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
            self.output.open(window)
            self.output.take(page, totals)
            request = page.next
            window = replace(window, next=request, pages=window.pages + 1)
            if request is not None:
                self.save(window)
            page.discard()
            self._progress(page, totals, window)
        self.output.close()
        self.close(window)
        totals.until = window.until
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
    seconds = time.monotonic() - started
    changed = f" changed={totals.changed}" if totals.changed else ""
    bad = f" left_out={sum(totals.bad.values())}" if totals.bad else ""
    return (
        f"Finished: {facts} until={totals.until} pages={totals.pages} bytes={totals.bytes} records={totals.records} "
        f"events={totals.events} repeats_dropped={totals.repeats}{changed}{bad} seconds={seconds:.1f}"
    )
