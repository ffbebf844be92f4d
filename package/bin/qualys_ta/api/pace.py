"""A TLS socket that does not wait for ever on an answer that only drips.

The API timeout bounds each wait for bytes, not all of them: one byte a minute would hold an input for months.
"""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any

LONGEST_S = 600.0
SLOWEST = 100
"""Bytes per second, on the average of `LONGEST_S`. The slowest platform ever seen sends a thousand times as many."""


class PacedSocket(ssl.SSLSocket):
    """Raises a time-out where an answer, once it began, brings less than `SLOWEST` in `LONGEST_S` of waiting for it."""

    _began = False
    _waited_s = 0.0
    _came = 0

    def sendall(self, *args: Any, **options: Any) -> None:
        self._began = False  # the platform may think for as long as the API timeout allows
        super().sendall(*args, **options)

    def recv_into(self, *args: Any, **options: Any) -> int:
        started_at = time.monotonic()
        count = super().recv_into(*args, **options)
        self._count(count, time.monotonic() - started_at)
        return count

    def _count(self, count: int, waited_s: float) -> None:
        if not self._began:
            self._began, self._waited_s, self._came = True, 0.0, 0
            return
        self._waited_s += waited_s
        self._came += count
        if self._waited_s < LONGEST_S:
            return
        if self._came < SLOWEST * LONGEST_S:
            raise socket.timeout(f"only {self._came} bytes came in {self._waited_s:.0f} s")
        self._waited_s, self._came = 0.0, 0
