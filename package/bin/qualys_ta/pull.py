"""The pull: one window, page by page. Knows pages, checkpoints and outputs; nothing of HTTP, nothing of Splunk.

The promise: a page's records are safe with their receiver before the checkpoint moves past the page, so a kill at any
point repeats at most one page and loses nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .chains import Fetch, Fetched, Pages, one_by_one
from .feed import OVERLAP
from .model import Log, Page, Request, Window
from .output import Output, Totals
from .times import TIME_FORMAT


@dataclass(frozen=True)
class Pull:
    """One window's work. `save` stores the open window, `close` the time that becomes the next `since`.

    `pages` says how pages are fetched: in ascending order, each with the request to go on with after it. Pages that it
    fetched ahead are gone when the pull ends, however it does. `begin` hears of the first page of a window before it is
    written, `enough` tells after each page why it shall be the last one of this run, "" for going on. `overlap` is what
    the next window reads again.
    """

    first: Request
    fetch: Fetch
    output: Output
    save: Callable[[Window], None]
    close: Callable[[Window], None]
    log: Log
    pages: Pages = one_by_one
    begin: Callable[[Window, Fetched], Window] = lambda window, _first: window
    enough: Callable[[], str] = lambda: ""
    overlap: timedelta = OVERLAP

    def run(self, window: Window) -> Totals:
        """Pull what is left of the window. Any error leaves the window open where the last page was flushed.

        So does a run that has written enough; `until` of its totals is empty, else the time up to which all was pulled.
        """
        totals = Totals(told_at=window.until)
        with closing(self.pages(self.fetch, window.next or self.first)) as pages:
            for fetched in pages:
                try:
                    window = self._write(fetched, window, totals)
                finally:
                    fetched.page.discard()
                self._progress(fetched.page, totals, window)
                if fetched.following is not None and self.enough():
                    return totals
        self.output.close(totals)
        self.close(window)
        totals.until = self._reached(window.until, totals.told_at)
        return totals

    def _write(self, fetched: Fetched, window: Window, totals: Totals) -> Window:
        """Write one page; returns the window with the checkpoint behind it."""
        if not window.pages:
            window = self.begin(window, fetched)
        if not window.until:
            window = replace(window, until=self._until(window.since, fetched.page.platform_time))
        self.output.open(window)
        self.output.take(fetched.page, totals)
        window = replace(window, next=fetched.following, pages=window.pages + 1)
        if fetched.following is not None:
            self.save(window)
        return window

    def _until(self, since: str, platform_time: str) -> str:
        """The next `since`. One that lies ahead of the platform's time is not kept: it would pull nothing, for good."""
        if since > platform_time:
            self.log.warning(
                f"The pull starts at {since}, but the platform's time is {platform_time}: nothing changed since then. "
                "The next one starts at the platform's time; use Start again from for what may be missing."
            )
            return next_since(platform_time, self.overlap)
        return max(since, next_since(platform_time, self.overlap))

    def _reached(self, until: str, told_at: str) -> str:
        """The time of the platform up to which everything was pulled: the next window starts before it."""
        return max(until, min(next_since(until, -self.overlap), told_at))

    def _progress(self, page: Page, totals: Totals, window: Window) -> None:
        totals.pages += 1
        totals.told_at = page.platform_time
        totals.bytes += page.size
        self.log.info(f"Page {window.pages} written: {totals.records} records, {totals.events} events so far.")


def next_since(platform_time: str, overlap: timedelta = OVERLAP) -> str:
    """The platform's time minus the overlap."""
    moment = datetime.strptime(platform_time, TIME_FORMAT) - overlap
    return moment.strftime(TIME_FORMAT)


def summary(totals: Totals, window: Mapping[str, str], started: float) -> str:
    """The line that ends every run."""
    facts = " ".join(f"{name}={value}" for name, value in window.items())
    seconds = time.monotonic() - started
    changed = f" changed={totals.changed}" if totals.changed else ""
    bad = f" left_out={totals.bad}" if totals.bad else ""
    return (
        f"Finished: {facts} until={totals.until} pages={totals.pages} bytes={totals.bytes} records={totals.records} "
        f"events={totals.events} repeats_dropped={totals.repeats}{changed}{bad} seconds={seconds:.1f}"
    )
