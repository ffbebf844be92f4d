"""The platform's two limits, and the headers that tell of them (facts §0.3).

Concurrency is judged first; an answer blocked by it carries no Remaining and no ToWait header. Time is the machine's
monotonic clock, not the platform's: a client waits in real time.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .exchange import Header, Refusal

_UNITS = ((3600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True)
class Allowance:
    """At most `rate` calls in `window_s` seconds, and `concurrency` at once. The recorded subscription had 300 per
    3600 s and 2; the default rate is higher, so that a long test is not held up."""

    rate: int = 3000
    window_s: int = 3600
    concurrency: int = 2


class Limits:
    """Counts the calls of the subscription."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._lock = threading.Lock()
        self._started: deque[float] = deque()
        self._running = 0

    def allow(self, allowance: Allowance) -> None:
        """From now on so much; calls that were made before are forgotten."""
        with self._lock:
            self._allowance = allowance
            self._started.clear()

    @contextmanager
    def admit(self) -> Iterator[tuple[Header, ...]]:
        """The headers of an admitted call, which runs until the block ends; Refusal 1960 or 1965 (HTTP 409)."""
        headers = self._enter()
        try:
            yield headers
        finally:
            with self._lock:
                self._running -= 1

    def refuse_rate(self, wait_s: int) -> Refusal:
        """The answer to one call too many: try again in `wait_s` seconds."""
        text = f"This API cannot be run again for another {spoken(wait_s)}."
        headers = (*self._fixed_headers(), *_wait_headers(0, wait_s))
        return Refusal(1965, text, 409, (("SECONDS_TO_WAIT", str(wait_s)),), headers)

    def refuse_concurrency(self) -> Refusal:
        """The answer to one call too many at the same time."""
        text = "This API cannot be run again until 1 currently running API instance has finished."
        return Refusal(1960, text, 409, (("CALLS_TO_FINISH", "1"),), self._fixed_headers())

    def _enter(self) -> tuple[Header, ...]:
        allowance = self._allowance
        with self._lock:
            if self._running >= allowance.concurrency:
                raise self.refuse_concurrency()
            now = time.monotonic()
            while self._started and self._started[0] <= now - allowance.window_s:
                self._started.popleft()
            if len(self._started) >= allowance.rate:
                raise self.refuse_rate(math.ceil(self._started[0] + allowance.window_s - now))
            headers = (*self._fixed_headers(), *_wait_headers(allowance.rate - len(self._started) - 1, 0))
            self._started.append(now)
            self._running += 1
            return headers

    def _fixed_headers(self) -> tuple[Header, ...]:
        allowance = self._allowance
        return (
            ("X-RateLimit-Limit", str(allowance.rate)),
            ("X-RateLimit-Window-Sec", str(allowance.window_s)),
            ("X-Concurrency-Limit-Limit", str(allowance.concurrency)),
            ("X-Concurrency-Limit-Running", str(self._running)),
        )


def _wait_headers(remaining: int, wait_s: int) -> tuple[Header, ...]:
    return ("X-RateLimit-ToWait-Sec", str(wait_s)), ("X-RateLimit-Remaining", str(remaining))


def spoken(wait_s: int) -> str:
    """A wait in the platform's words: ``23 hours, 57 minutes and 54 seconds``."""
    parts: list[str] = []
    for size, unit in _UNITS:
        count, wait_s = divmod(wait_s, size)
        if count or (unit == "second" and not parts):
            parts.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
