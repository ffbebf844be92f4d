"""How long to wait before the same request is sent again. Pure: no clock, no network, no sleep.

Sources: Qualys API limits guide (409 with 1960/1965 and the X-RateLimit headers), RFC 9110 (Retry-After).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Optional

FIRST_S = 2.0
MOST_DOUBLINGS = 30
WAIT_HEADERS = ("x-ratelimit-towait-sec", "retry-after")


@dataclass(frozen=True)
class Patience:
    """`tries` repeats at most; no single wait longer than `longest_s`."""

    tries: int
    longest_s: float


def wait_s(patience: Patience, asked_s: Optional[float], attempt: int, jitter: float) -> Optional[float]:
    """Seconds to wait before try number `attempt` + 1 (the first was 0); None: give up.

    `asked_s` is what the platform asked for: less is never waited, and more than `longest_s` means that waiting here is
    of no use. `jitter` (0 … 1) spreads several clients: 50 to 100 % of the doubling time, added to what was asked.
    """
    if attempt >= patience.tries or (asked_s or 0.0) > patience.longest_s:
        return None
    own_s = FIRST_S * 2.0 ** min(attempt, MOST_DOUBLINGS) * (0.5 + jitter / 2)
    return min((asked_s or 0.0) + own_s, patience.longest_s)


def asked_wait_s(headers: Mapping[str, str], items: Mapping[str, str], now: datetime) -> Optional[float]:
    """The wait that an answer names: rate headers, Retry-After (seconds or a date), or the body's SECONDS_TO_WAIT."""
    named = [_seconds(headers.get(name, ""), now) for name in WAIT_HEADERS]
    named.append(_seconds(items.get("SECONDS_TO_WAIT", ""), now))
    waits = [wait for wait in named if wait is not None and wait > 0]
    return max(waits) if waits else None


def _seconds(text: str, now: datetime) -> Optional[float]:
    text = text.strip()
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return max((moment - now).total_seconds(), 0.0)
