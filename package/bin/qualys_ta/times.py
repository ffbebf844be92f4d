"""Times: UTC text for the platform's clock, epoch seconds for ours."""

from __future__ import annotations

import math
import re
import time
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any, Optional

TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z", re.ASCII)
_FRACTION = re.compile(r"\.[0-9]{1,6}Z$")
LATEST_S = 253_402_300_800
"""Epoch seconds of the year 10000."""


def is_time(text: Any) -> bool:
    """Exactly ``YYYY-MM-DDTHH:MM:SSZ``: these times compare as text, so a digit less would break their order."""
    try:
        return isinstance(text, str) and time.strftime(TIME_FORMAT, time.strptime(text, TIME_FORMAT)) == text
    except ValueError:
        return False


def to_the_second(text: str) -> str:
    """The text without milliseconds, which the vendor's add-on writes for file integrity."""
    return _FRACTION.sub("Z", text)


def time_or_nothing(text: Any) -> str:
    """The text, if it is a time or "". Raises ValueError."""
    if text != "" and not is_time(text):
        raise ValueError(f"{text!r} is no time")
    return str(text)


def epoch_s(value: Any) -> float:
    """The number, if it is one of a moment. Raises ValueError, TypeError or OverflowError."""
    moment = float(value)
    if not (math.isfinite(moment) and 0 <= moment < LATEST_S):
        raise ValueError(f"{value!r} is no time")
    return moment


def utc(moment: Optional[float]) -> str:
    """Epoch seconds as text; "" for none."""
    return time.strftime(TIME_FORMAT, time.gmtime(moment)) if moment else ""


@lru_cache(maxsize=4096)
def epoch(text: str) -> str:
    """Epoch seconds of ``YYYY-MM-DDTHH:MM:SSZ`` as text; "" where it is no such time."""
    found = _TIME.fullmatch(text)
    if not found:
        return ""
    year, month, day, hour, minute, second = map(int, found.groups())
    try:
        return str(int(datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc).timestamp()))
    except ValueError:
        return ""
