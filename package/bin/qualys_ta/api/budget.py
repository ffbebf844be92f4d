"""What the platform's limits leave us: how many calls side by side, a pause before the next, how many hosts per answer.

Pure: no clock, no network, no lock; `gate` keeps the state. Source: Qualys API limits guide (X-Concurrency-Limit,
X-RateLimit; both are told by every answer that was not refused for the other one).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Optional

RESERVE = 0.1
"""Part of the calls per window that is left to other inputs and tools."""

LEAST_PAGE = 0.1
"""Part of the page size that is never gone below: ten times the calls is all that a weak platform may cost."""

GROWTH = 1.5


class Concurrency(NamedTuple):
    """How many calls of the subscription may run at once, and how many ran when this was told."""

    limit: int
    running: int


class Rate(NamedTuple):
    """`limit` calls in any `window_s` seconds; `remaining` of them were left after the call that this was told for."""

    limit: int
    window_s: float
    remaining: int


class Sent(NamedTuple):
    """Our own calls within the window: how many they are, and the ages of the oldest and of the last one in seconds."""

    calls: int
    oldest_s: float
    last_s: float


def concurrency(headers: Mapping[str, str]) -> Optional[Concurrency]:
    """What an answer's headers (names in lower case) say; None where they say nothing that makes sense."""
    limit = _number(headers, "x-concurrency-limit-limit")
    return Concurrency(limit, _number(headers, "x-concurrency-limit-running") or 0) if limit else None


def rate(headers: Mapping[str, str]) -> Optional[Rate]:
    """The same of the calls per time; an answer that was refused for concurrency does not tell it."""
    limit, window_s = _number(headers, "x-ratelimit-limit"), _number(headers, "x-ratelimit-window-sec")
    remaining = _number(headers, "x-ratelimit-remaining")
    return Rate(limit, float(window_s), remaining) if limit and window_s and remaining is not None else None


def _number(headers: Mapping[str, str], name: str) -> Optional[int]:
    text = headers.get(name, "").strip()
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else None


def side_by_side(most: int, told: Optional[Concurrency], ours: int) -> int:
    """How many calls we may run at once, 1 … `most`: what others leave. `ours` of those running were our own."""
    if told is None:
        return most
    others = max(0, told.running - ours)
    return max(1, min(most, told.limit - others))


def others_of(told: Rate, own: int) -> int:
    """How many calls of the window are not our own; `own` of ours were in it, the one that was answered included."""
    return max(0, told.limit - told.remaining - own)


def pause_s(told: Rate, others: int, needed: int, sent: Sent) -> float:
    """Seconds until the next call, 0 … the window.

    left = limit - others - our own in the window           what could be sent at once
    free = left - 10 % of the limit, at least left / 2       what we take of it; the rest is for whoever else is there
    rate = free + own, where free is held to the 10 %        what we may send per window, as all of our own leave it

    No pause while the calls still needed are free; a pull may end with a part of the reserve. Else they are spread
    evenly: one each window / rate. With nothing left, not before our oldest one leaves the window. What others sent
    counts as if it stayed; when less of it remains, the next answer says so.
    """
    left = max(0, told.limit - others - sent.calls)
    reserved = RESERVE * told.limit
    if needed <= max(left - reserved, left / 2):
        return 0.0
    per_window = max(left - reserved + sent.calls, (left + sent.calls) / 2, 1.0)
    pause = told.window_s / per_window - sent.last_s
    if left < 1 and sent.calls:
        pause = max(pause, told.window_s - sent.oldest_s)
    return min(max(pause, 0.0), told.window_s)


class PageSize(NamedTuple):
    """How many hosts to ask for: half as many after an answer that failed, 1.5 times as many after one that came.

    `most` is what a person set. Of several answers that failed side by side only the first of its size counts; an
    answer to an older question, larger or smaller, proves nothing.
    """

    most: int
    size: int

    def failed(self, asked: int) -> PageSize:
        least = max(1, int(self.most * LEAST_PAGE))
        return self._replace(size=max(least, min(self.size, asked // 2)))

    def came(self, asked: int) -> PageSize:
        return self._replace(size=min(self.most, int(asked * GROWTH) + 1)) if asked == self.size else self
