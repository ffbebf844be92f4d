"""The gate that all calls of one input pass: no more side by side than the platform lets us, paced, of a fitting size.

Thread-safe; what the numbers mean is in `budget`.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Optional

from ..errors import Ended, TryLater
from ..model import Request
from .budget import Concurrency, PageSize, Rate, Sent, concurrency, others_of, pause_s, rate, side_by_side

BUSY = 409
TOO_MUCH = frozenset((408, 413))
SIZES = ("truncation_limit", "limitResults")
SHORTEST_S = 0.001
UNKNOWN_NEED = 0.1
"""Part of the calls per window that a pull of unknown length counts as needed: it is paced when a fifth is left."""


@dataclass
class Call:
    """One call under way. `request` is what to send, with as many hosts per answer as answers hold these days."""

    gate: Gate
    request: Request
    number: int
    most_of_ours: int = 0
    status: int = 0

    def check(self) -> None:
        """Raises Ended where nobody waits for the answer any more."""
        self.gate.check()

    def note(self, status: int, headers: Mapping[str, str]) -> None:
        """Learn from the head of the answer; `headers` have names in lower case."""
        self.status = status
        self.gate.note(self, headers)

    def ended(self, whole: bool) -> None:
        """The answer was read to its end, or cut. What was cut, or broke the platform, was perhaps too large."""
        if not whole or self.status in TOO_MUCH or self.status >= 500:
            self.gate.judge(self, PageSize.failed)
        elif self.status == 200:
            self.gate.judge(self, PageSize.came)


@dataclass
class _Budget:
    """What is known of the calls per time to one path. Times are those of the gate's clock.

    `counted` holds our own calls of the window, by number: since when the platform has counted them, at the latest.
    """

    told: Optional[Rate] = None
    told_by: int = 0
    others: int = 0
    needed: Optional[int] = None
    not_before: float = -math.inf
    last_sent: float = -math.inf
    counted: dict[int, float] = field(default_factory=dict)

    def left_s(self, now: float) -> float:
        """Seconds until the next call."""
        asked_s = self.not_before - now
        if self.told is None:
            return asked_s
        self._forget(self.told.window_s, now)
        needed = max(1, int(self.told.limit * UNKNOWN_NEED) if self.needed is None else self.needed)
        sent = Sent(len(self.counted), now - min(self.counted.values(), default=now), now - self.last_sent)
        return max(asked_s, pause_s(self.told, self.others, needed, sent))

    def send(self, number: int, now: float) -> None:
        self.counted[number] = self.last_sent = now
        if self.needed:
            self.needed -= 1

    def answered(self, number: int, told: Optional[Rate], now: float) -> None:
        """Of several answers that to the newest call counts: it knows of all calls before it."""
        self.counted[number] = now
        if told and number > self.told_by:
            self.told, self.told_by = told, number
            self._forget(told.window_s, now)
            self.others = others_of(told, sum(1 for counted in self.counted if counted <= number))

    def refused(self, number: int, asked_s: float, now: float) -> None:
        """A call that was refused does not count. How much is left after the wait, only the next answer can tell."""
        self.counted.pop(number, None)
        if asked_s:
            self.not_before, self.told = now + asked_s, None

    def _forget(self, window_s: float, now: float) -> None:
        """Own calls that are no longer in the window."""
        self.counted = {number: at for number, at in self.counted.items() if now - at < window_s}


class Gate:
    """`most` calls at once at most; a pause longer than `longest_s` is left to the next run. The clock is monotonic."""

    def __init__(
        self,
        most: int = 1,
        longest_s: float = 3600.0,
        clock: Callable[[], float] = time.monotonic,
        rest: Callable[[threading.Condition, Optional[float]], object] = threading.Condition.wait,
    ) -> None:
        self._most = most
        self._longest_s = longest_s
        self._clock = clock
        self._rest = rest
        self._changed = threading.Condition()
        self._allowed = most
        self._running: dict[int, Call] = {}
        self._number = 0
        self._budgets: dict[str, _Budget] = {}
        self._sizes: dict[str, PageSize] = {}
        self._closed = False

    @contextmanager
    def call(self, request: Request) -> Iterator[Call]:
        """Wait for our turn; the call counts as running until the block ends. Raises Ended, and TryLater where the
        budget allows the next call only after more than `longest_s`."""
        call = self._enter(request)
        try:
            yield call
        except TryLater:
            self.judge(call, PageSize.failed)
            raise
        finally:
            with self._changed:
                del self._running[call.number]
                self._changed.notify_all()

    def expect(self, path: str, calls: int) -> None:
        """How many more calls of `path` this pull needs."""
        with self._changed:
            self._budget(path).needed = calls

    def close(self) -> None:
        """Whoever waits here, or comes later, gets Ended."""
        self._closed = True
        with self._changed:
            self._changed.notify_all()

    def _budget(self, path: str) -> _Budget:
        return self._budgets.setdefault(path, _Budget())

    def _enter(self, request: Request) -> Call:
        with self._changed:
            budget = self._budget(request.path)
            self._await_turn(budget)
            self._number += 1
            call = Call(self, self._sized(request), self._number)
            self._running[call.number] = call
            for running in self._running.values():
                running.most_of_ours = max(running.most_of_ours, len(self._running))
            budget.send(call.number, self._clock())
            return call

    def _await_turn(self, budget: _Budget) -> None:
        while not self._closed:
            if len(self._running) >= self._allowed:
                self._rest(self._changed, None)
                continue
            pause = budget.left_s(self._clock())
            if pause < SHORTEST_S:
                return
            if pause > self._longest_s:
                raise TryLater(
                    f"The calls that Qualys allows per time are used up; the next one is due in {pause:.0f} s.", pause
                )
            self._rest(self._changed, pause)
        raise Ended("Nothing more is asked of Qualys, because the run ends.")

    def _sized(self, request: Request) -> Request:
        """The request with as many records as answers hold these days; only what is sent changes, no checkpoint."""
        name, asked = _size(request)
        if not asked:
            return request
        size = self._sizes.setdefault(request.path, PageSize(asked, asked)).size
        return replace(request, params={**request.params, name: str(min(size, asked))})

    def check(self) -> None:
        """Raises Ended after `close`."""
        if self._closed:
            raise Ended("Nothing more is asked of Qualys, because the run ends.")

    def note(self, call: Call, headers: Mapping[str, str]) -> None:
        with self._changed:
            is_refused = call.status == BUSY
            now, budget = self._clock(), self._budget(call.request.path)
            if is_refused:
                budget.refused(call.number, _asked_s(headers), now)
            else:
                budget.answered(call.number, rate(headers), now)
            self._allow(concurrency(headers), call.most_of_ours - is_refused)

    def judge(self, call: Call, judgement: Callable[[PageSize, int], PageSize]) -> None:
        path, (_, asked) = call.request.path, _size(call.request)
        with self._changed:
            if path in self._sizes and asked:
                self._sizes[path] = judgement(self._sizes[path], asked)

    def _allow(self, told: Optional[Concurrency], ours: int) -> None:
        if told:
            self._allowed = side_by_side(self._most, told, ours)
            self._changed.notify_all()


def _size(request: Request) -> tuple[str, int]:
    """What the dialect calls the records of a page, and how many are asked for; 0 is no limit."""
    found = ((name, request.params.get(name, "")) for name in SIZES)
    return next(((name, int(size)) for name, size in found if size.isdecimal()), ("", 0))


def _asked_s(headers: Mapping[str, str]) -> float:
    text = headers.get("x-ratelimit-towait-sec", "").strip()
    return float(text) if text.isdecimal() else 0.0
