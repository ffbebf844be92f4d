"""When events were: how many fall into each of some columns of equal width, as above a list of events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Callable

MOST_COLUMNS = 120
WIDTHS: Mapping[str, int] = {
    "1 second": 1,
    "10 seconds": 10,
    "1 minute": 60,
    "10 minutes": 600,
    "1 hour": 3600,
    "4 hours": 14_400,
    "1 day": 86_400,
    "1 week": 7 * 86_400,
    "30 days": 30 * 86_400,
    "1 year": 365 * 86_400,
    "10 years": 3650 * 86_400,
    "1 century": 36_500 * 86_400,
}
"""What one column may stand for, in seconds."""


@dataclass(frozen=True)
class Column:
    """From `start` on, before `end`."""

    start: float
    end: float
    events: int


@dataclass(frozen=True)
class Timeline:
    """All columns from the oldest event to the newest, empty ones too."""

    width: str = ""
    columns: Sequence[Column] = ()

    @property
    def highest(self) -> int:
        return max((column.events for column in self.columns), default=0)


def timeline(oldest: float, newest: float, counted: Callable[[float, int], Mapping[int, int]]) -> Timeline:
    """`counted` is asked for the events in each column, by its number, with the first one's start and the width."""
    fitting = ((name, width_s) for name, width_s in WIDTHS.items() if (newest - oldest) / width_s < MOST_COLUMNS - 1)
    name, width_s = next(fitting, list(WIDTHS.items())[-1])
    start = oldest // width_s * width_s
    events = counted(start, width_s)
    numbers = range(int((newest - start) // width_s) + 1)
    return Timeline(name, [Column(start + n * width_s, start + (n + 1) * width_s, events.get(n, 0)) for n in numbers])


def timeline_of(moments: Sequence[float]) -> Timeline:
    """Of events whose times are known; an empty one of none."""
    if not moments:
        return Timeline()
    return timeline(
        min(moments),
        max(moments),
        lambda start, width_s: Counter(int((moment - start) // width_s) for moment in moments),
    )
