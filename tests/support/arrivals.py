"""The requests that a Qualys stand-in got, and a way to wait for one."""

from __future__ import annotations

import threading

from standins.qualys.standin import Received

DEADLINE_S = 30.0


class Arrivals(list[Received]):
    """The `requests` of a stand-in from now on: assign it there."""

    def __init__(self) -> None:
        super().__init__()
        self._came = threading.Condition()

    def append(self, request: Received) -> None:
        with self._came:
            super().append(request)
            self._came.notify_all()

    def wait_for(self, path: str, count: int = 1) -> None:
        """Returns once `count` requests for a path with `path` in it have come; fails after `DEADLINE_S`."""
        with self._came:
            arrived = self._came.wait_for(lambda: sum(path in each.path for each in self) >= count, DEADLINE_S)
        assert arrived, f"fewer than {count} requests for {path} within {DEADLINE_S:.0f} s"
