"""Splunk's time formats, as far as the shipped conf uses them; an unknown directive is refused."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Optional

from standins.splunk.search.errors import KnowledgeError

_SHORTHAND = {"%F": "%Y-%m-%d", "%T": "%H:%M:%S"}
_DIRECTIVES = {
    "Y": r"(?P<year>\d{4})",
    "m": r"(?P<month>\d{1,2})",
    "d": r"(?P<day>\d{1,2})",
    "H": r"(?P<hour>\d{1,2})",
    "M": r"(?P<minute>\d{1,2})",
    "S": r"(?P<second>\d{1,2})",
    "3N": r"(?P<milliseconds>\d{3})",
    "z": r"(?P<sign>[+-])(?P<zone_hours>\d{2}):?(?P<zone_minutes>\d{2})",
    "s": r"(?P<epoch>\d+)",
}


@cache
def _compiled(time_format: str) -> re.Pattern[str]:
    for short, long in _SHORTHAND.items():
        time_format = time_format.replace(short, long)
    parts = []
    for literal, directive in re.findall(r"([^%]+)|%(3N|.?)", time_format):
        if not literal and directive not in _DIRECTIVES:
            raise KnowledgeError(f"unknown time directive %{directive} in {time_format!r}")
        parts.append(re.escape(literal) if literal else _DIRECTIVES[directive])
    return re.compile("".join(parts))


def parse_time(subject: str, time_format: str, utc_offset_s: int = 0) -> Optional[float]:
    """Epoch seconds of the time the subject starts with, or None.

    A time without `%z` is local to whoever reads it, `utc_offset_s` east of UTC; a literal `Z` says nothing.
    """
    match = _compiled(time_format).match(subject)
    if match is None:
        return None
    parts = match.groupdict()

    def part(name: str, default: int = 0) -> int:
        return int(parts.get(name) or default)

    if parts.get("epoch"):
        return float(parts["epoch"])
    try:
        day = datetime(part("year", 1970), part("month", 1), part("day", 1), tzinfo=timezone.utc)
        moment = day.replace(hour=part("hour"), minute=part("minute"), second=part("second"))
    except ValueError:
        return None
    if parts.get("sign"):
        utc_offset_s = int(parts["sign"] + "1") * (part("zone_hours") * 3600 + part("zone_minutes") * 60)
    return moment.timestamp() + part("milliseconds") / 1000 - utc_offset_s


def format_time(epoch: float, time_format: str, utc_offset_s: int = 0) -> str:
    """The inverse of `parse_time` to the second, for a reader `utc_offset_s` east of UTC."""
    _compiled(time_format)
    if "%3N" in time_format:
        raise KnowledgeError(f"cannot write milliseconds: {time_format!r}")
    return datetime.fromtimestamp(epoch, timezone(timedelta(seconds=utc_offset_s))).strftime(time_format)


def duration(seconds: float) -> str:
    """`tostring(x, "duration")`: `[-][D+]HH:MM:SS`."""
    days, rest = divmod(int(abs(seconds)), 86400)
    clock = f"{rest // 3600:02}:{rest % 3600 // 60:02}:{rest % 60:02}"
    return ("-" if seconds < 0 else "") + (f"{days}+" if days else "") + clock
