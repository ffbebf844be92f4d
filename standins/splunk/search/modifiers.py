"""Splunk's time modifiers: `-7d@d`, `now`, `0`, epoch seconds; an unknown unit is refused."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Optional

from standins.splunk.search.errors import KnowledgeError

_SHAPE = re.compile(r"(?:now)?(?:(?P<sign>[+-])(?P<count>\d*)(?P<unit>[a-z]+))?(?:@(?P<snap>[a-z]+))?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_MONTHS = {"mon": 1, "y": 12}
_SNAPS = {
    "s": {"microsecond": 0},
    "m": {"microsecond": 0, "second": 0},
    "h": {"microsecond": 0, "second": 0, "minute": 0},
    "d": {"microsecond": 0, "second": 0, "minute": 0, "hour": 0},
    "mon": {"microsecond": 0, "second": 0, "minute": 0, "hour": 0, "day": 1},
    "y": {"microsecond": 0, "second": 0, "minute": 0, "hour": 0, "day": 1, "month": 1},
}


def moved(moment: float, modifier: str, utc_offset_s: int = 0) -> float:
    """Epoch seconds of a modifier seen at `moment` by a reader `utc_offset_s` east of UTC."""
    if re.fullmatch(r"\d+(\.\d+)?", modifier):
        return float(modifier)
    shape = _SHAPE.fullmatch(modifier)
    if shape is None or not modifier:
        raise KnowledgeError(f"unknown time modifier {modifier!r}")
    local = datetime.fromtimestamp(moment, timezone(timedelta(seconds=utc_offset_s)))
    if shape["unit"]:
        local = _shifted(local, int(shape["sign"] + (shape["count"] or "1")), shape["unit"])
    if shape["snap"] and shape["snap"] not in _SNAPS:
        raise KnowledgeError(f"unknown time unit @{shape['snap']}")
    return local.replace(**_SNAPS.get(shape["snap"] or "", {})).timestamp()  # type: ignore[arg-type]


def _shifted(local: datetime, count: int, unit: str) -> datetime:
    if unit in _SECONDS:
        return local + timedelta(seconds=count * _SECONDS[unit])
    if unit not in _MONTHS:
        raise KnowledgeError(f"unknown time unit {unit}")
    months = local.year * 12 + local.month - 1 + count * _MONTHS[unit]
    try:
        return local.replace(year=months // 12, month=months % 12 + 1)
    except ValueError as error:
        raise KnowledgeError(f"{local:%d %B} moved by {count}{unit} is no day") from error


def bounds(earliest: str, latest: str, now: float, utc_offset_s: int = 0) -> tuple[float, Optional[float]]:
    """(first moment, moment after the last) of a time range; no latest is None, no earliest the beginning of time."""
    first = moved(now, earliest, utc_offset_s) if earliest else 0.0
    return first, moved(now, latest, utc_offset_s) if latest else None
