"""When an input is due. Pure: the clock is an argument, and the local clock decides nothing but this.

A schedule is a five-field cron entry in the server's local time, or an interval (``300``, ``48h``, ``1w2d3h4m5s``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Callable, Optional

from ..errors import ConfigError

DAY_S = 86_400
SHORTEST_S = 60
_COUNT = r"(\d{1,9})"
_INTERVAL = re.compile("".join(f"(?:{_COUNT}{unit})?" for unit in "wdhms") + f"|{_COUNT}", re.ASCII)
_UNITS_S = (7 * DAY_S, DAY_S, 3600, 60, 1, 1)

LocalTime = Callable[[float], datetime]


class Schedule:
    """Either `interval_s` or `cron` says when the next run is due."""

    def __init__(self, interval_s: int = 0, cron: str = "") -> None:
        self.interval_s = interval_s
        self.cron = cron

    def is_due(self, last_start: Optional[float], first_seen: float, now: float, local: LocalTime) -> bool:
        """Whether a due time lies after the last start (epoch seconds) and not after now.

        A missed minute is thus caught up, once. A last start in the future (the clock went back) is due now.
        Cron compares naive local times: a time that the clock skips in spring fires at the first minute after the gap,
        a time that it repeats in autumn fires once. An input that never ran starts at once, or at its cron time.
        """
        if last_start is not None and last_start > now:
            return True
        if self.interval_s:
            return last_start is None or now - last_start >= self.interval_s
        if last_start is None:
            reference = local(min(first_seen, now)).replace(second=0, microsecond=0) - timedelta(seconds=1)
        else:
            reference = local(last_start)
        return next(_cron_times(self.cron, reference)) <= local(now)


def parse(text: Optional[str]) -> Schedule:
    """The schedule a person typed; empty or the literal ``None`` is one day. Raises ConfigError."""
    words = (text or "").split()
    if not words or words == ["None"]:
        return Schedule(interval_s=DAY_S)
    if len(words) == 1:
        return Schedule(interval_s=_interval_s(words[0]))
    cron = " ".join(words)
    next(_cron_times(cron, datetime(2000, 1, 1)))
    return Schedule(cron=cron)


def _interval_s(text: str) -> int:
    found = _INTERVAL.fullmatch(text)
    if not found or not text:
        raise ConfigError(
            f"{text!r} is neither a cron entry nor an interval: use five cron fields (0 9 * * *) or an interval such "
            "as 300, 48h or 1d12h.",
            "duration",
        )
    seconds = sum(int(count or 0) * unit_s for count, unit_s in zip(found.groups(), _UNITS_S))
    if seconds < SHORTEST_S:
        raise ConfigError(f"{text!r} is shorter than a minute; splunkd looks once a minute.", "duration")
    return seconds


def _cron_times(cron: str, after: datetime) -> Iterator[datetime]:
    from cronsim import CronSim, CronSimError

    try:
        return CronSim(cron, after)
    except CronSimError as error:
        raise ConfigError(
            f"{cron!r} cannot be read as a cron entry ({error}): use minute, hour, day of month, month, day of week.",
            "duration",
        ) from None
