"""splunk.util: the two functions splunktaucclib imports."""

# The names are Splunk's.
# ruff: noqa: N802

from __future__ import annotations

import calendar
from typing import Any


def normalizeBoolean(value: Any) -> Any:
    """A boolean for the words Splunk takes for one; anything else comes back as it is."""
    words = {"1": True, "true": True, "yes": True, "on": True, "t": True, "y": True}
    words.update({"0": False, "false": False, "no": False, "off": False, "f": False, "n": False})
    return words.get(str(value).strip().lower(), value)


def mktimegm(moment: tuple[int, ...]) -> int:
    """Seconds since the epoch of a UTC time tuple."""
    return calendar.timegm(moment)
