"""Starts every enabled stanza again and again, never two processes of one stanza at once."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Callable

from standins.splunk.errors import StandinError
from standins.splunk.run import Run

POLL_S = 0.25
"""How often a finished process and a changed configuration are noticed without being told."""


class Scheduler:
    """One thread. A stanza starts when it is first seen enabled, then `period_s` after its last start."""

    def __init__(self, enabled: Callable[[], list[str]], start: Callable[[str], Run], period_s: float) -> None:
        self._enabled = enabled
        self._start = start
        self._period_s = period_s
        self._next_at: dict[str, float] = {}
        self._running: dict[str, Run] = {}
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="scheduler", daemon=True)
        self._thread.start()

    def restart(self, stanza: str) -> None:
        """The stanza was saved anew: it is due at once."""
        self._next_at.pop(stanza, None)
        self._wake.set()

    def stop(self) -> None:
        """No process is started after this; those that run go on."""
        self._stopped.set()
        self._wake.set()
        self._thread.join()

    def _loop(self) -> None:
        while not self._stopped.is_set():
            for stanza in self._due():
                self._next_at[stanza] = time.monotonic() + self._period_s
                with suppress(StandinError):  # It was deleted a moment ago.
                    self._running[stanza] = self._start(stanza)
            self._wake.wait(min(self._period_s, POLL_S))
            self._wake.clear()

    def _due(self) -> list[str]:
        enabled = self._enabled()
        self._next_at = {stanza: at for stanza, at in self._next_at.items() if stanza in enabled}
        return [
            stanza for stanza in enabled if not self._runs(stanza) and self._next_at.get(stanza, 0) <= time.monotonic()
        ]

    def _runs(self, stanza: str) -> bool:
        run = self._running.get(stanza)
        return run is not None and run.poll() is None
