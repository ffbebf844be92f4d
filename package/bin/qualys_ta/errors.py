"""Errors, sorted by what the caller does about them.

    TaError
    ├── ConfigError   a person must change a setting     stop; wait until it was saved anew
    ├── AuthError     the platform refused the account   stop; never repeat: accounts lock
    ├── TryLater      busy, down, cut, timed out         wait (bounded); then stop, the window stays open
    │   ├── NoSplunkd splunkd cannot be reached          the same
    │   └── NotReady  it is still being made             who asked knows how long to wait
    ├── Refused       our request or their answer is     stop this input, the window stays open
    │                 not what the API promises
    ├── Ended         the run is over                    nothing: nobody waits for it any more
    └── BadRecord     one record cannot be mapped        count it, log the first of its kind, go on

``str(error)`` is the one clear line a person reads: what happened, to what, what to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Optional


class TaError(Exception):
    """Root of all expected failures; anything else is a defect of the add-on."""


class ConfigError(TaError):
    """A person must change `setting` before another try makes sense."""

    def __init__(self, message: str, setting: str = "") -> None:
        super().__init__(message)
        self.setting = setting


def no_room(what: str, left: str, folder: Path) -> ConfigError:
    """The sentence begins with `what`, which is too much for what is `left` of the quota."""
    return ConfigError(
        f"{what} into {left} left of the quota for {folder}: raise temp_quota_mb on the tab API, remove old pages "
        "there, or have the metric's own tab ask for less at a time.",
        "temp_quota_mb",
    )


class AuthError(TaError):
    """The platform refused the account's credentials or rights."""


class TryLater(TaError):
    """The same request may succeed later; `wait_s` is what the platform asked for, if it did."""

    def __init__(self, message: str, wait_s: Optional[float] = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class NoSplunkd(TryLater):
    """splunkd itself cannot be reached, so it refused nothing."""


class NotReady(TryLater):
    """What was asked for is still being made, or there is no such thing: the platform says the same of both."""


class Refused(TaError):
    """The request is wrong, or the answer is not what the API promises."""


class Ended(TaError):
    """Work done ahead for a run that is over."""


class BadRecord(TaError):
    """One record cannot become events."""


UNMAPPED = (BadRecord, RecursionError)
"""What converting a record may raise: what is in it is read to its bottom, and there may be none."""


def left_out(error: Exception) -> str:
    """What was left out, of those that are `UNMAPPED`."""
    if isinstance(error, RecursionError):
        return "a record whose elements stand in each other deeper than any of the platform's do"
    return str(error)
