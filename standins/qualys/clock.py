"""The platform's own time: whole seconds since 1970 (UTC), and the form in which the API writes them."""

from __future__ import annotations

import calendar
import time
from functools import lru_cache
from typing import Optional, Union

DAY_S = 86_400
_FORMS = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d")

Moment = Union[int, str]
"""Seconds since 1970, or ``YYYY-MM-DD[THH:MM:SSZ]``."""


class PlatformClock:
    """Real time until it is set; then it stands still until it is set again, advanced or released."""

    def __init__(self) -> None:
        self._ahead_s = 0
        self._standing: Optional[int] = None

    def now(self) -> int:
        """The platform's time in seconds since 1970."""
        return int(time.time()) + self._ahead_s if self._standing is None else self._standing

    def set(self, moment: Moment) -> None:
        """The clock shows `moment` and stands still."""
        self._standing = seconds(moment)

    def advance(self, by_s: int) -> None:
        """The clock is `by_s` seconds later than it would be; it goes on running if it was."""
        if self._standing is None:
            self._ahead_s += by_s
        else:
            self._standing += by_s

    def release(self) -> None:
        """The clock shows real time again."""
        self._standing, self._ahead_s = None, 0


@lru_cache(maxsize=8192)
def stamp(moment_s: int) -> str:
    """`moment_s` as the API writes it: ``YYYY-MM-DDTHH:MM:SSZ``."""
    return time.strftime(_FORMS[0], time.gmtime(moment_s))


def seconds(moment: Moment) -> int:
    """`moment` in seconds since 1970; ValueError if it is text of another form."""
    if isinstance(moment, int):
        return moment
    for form in _FORMS:
        try:
            return calendar.timegm(time.strptime(moment, form))
        except ValueError:
            continue
    raise ValueError(f"not a date of the form YYYY-MM-DD[THH:MM:SSZ]: {moment}")
