"""Time ranges as Splunk's picker offers them: presets, and from one moment to another in local time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400
ALL_TIME = "all"
PRESETS: Mapping[str, tuple[str, Optional[int]]] = {
    "15m": ("Last 15 minutes", 15 * _MINUTE_S),
    "60m": ("Last 60 minutes", _HOUR_S),
    "24h": ("Last 24 hours", _DAY_S),
    "7d": ("Last 7 days", 7 * _DAY_S),
    "30d": ("Last 30 days", 30 * _DAY_S),
    ALL_TIME: ("All time", None),
}
"""Key in the address -> what is shown, and how far it reaches back in seconds (None: as far as there is something)."""
_INPUT_FORMATS = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d")
"""Of the moments in an address; the first two are what a browser's date and time input sends."""


class BadTimeError(ValueError):
    """A moment that cannot be read; its text says which, and what would do."""


@dataclass(frozen=True)
class TimeRange:
    """From `earliest` on, before `latest`; None has no end on that side."""

    label: str
    preset: str = ""
    """Key of `PRESETS`, "" where it runs from one moment to another."""
    earliest: Optional[float] = None
    latest: Optional[float] = None


def chosen_range(preset: str, start: str, end: str, now: float) -> TimeRange:
    """The range between two moments where at least one is given, else the preset; unknown presets are all time.

    Raises BadTimeError.
    """
    if start or end:
        earliest, latest = _moment(start), _moment(end)
        label = f"from {shown(earliest)} to {shown(latest)}" if start and end else ""
        label = label or (f"since {shown(earliest)}" if start else f"before {shown(latest)}")
        return TimeRange(label, "", earliest, latest)
    key = preset if preset in PRESETS else ALL_TIME
    label, reach_s = PRESETS[key]
    return TimeRange(label, key, None if reach_s is None else now - reach_s)


def shown(moment: Optional[float]) -> str:
    """Local time, as Splunk shows it."""
    return "" if moment is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))


def for_input(moment: Optional[float]) -> str:
    """As a date and time input of a page takes it, and `chosen_range` reads it."""
    return "" if moment is None else time.strftime(_INPUT_FORMATS[0], time.localtime(moment))


def _moment(text: str) -> Optional[float]:
    if not text:
        return None
    for form in _INPUT_FORMATS:
        try:
            return time.mktime(time.strptime(text, form))
        except (ValueError, OverflowError):
            continue
    raise BadTimeError(f"{text!r} is no time: use YYYY-MM-DDTHH:MM:SS")
