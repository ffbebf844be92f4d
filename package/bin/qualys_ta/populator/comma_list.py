"""Comma lists that a person types: each part checked, each once, and named where it is wrong."""

from __future__ import annotations

import re
from typing import Callable

from ..errors import ConfigError

NUMBER = re.compile(r"[0-9]{1,18}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def comma_list(text: str, is_good: Callable[[str], bool], expected: str) -> str:
    """The parts, trimmed, with bare commas between. Raises ConfigError that names what is not `expected`."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    wrong = [part for part in parts if not is_good(part)]
    if wrong or not parts:
        raise ConfigError(f"{', '.join(wrong)[:80] or text!r} does not look like {expected}.")
    return ",".join(dict.fromkeys(parts))


def is_number(part: str) -> bool:
    return bool(NUMBER.fullmatch(part))


def is_number_or_range(part: str) -> bool:
    first, dash, last = part.partition("-")
    if not dash:
        return is_number(first)
    return is_number(first) and is_number(last) and int(first) <= int(last)


def is_title(part: str) -> bool:
    """It may hold anything but a comma, which stands between titles."""
    return not _CONTROL.search(part)
