"""Reads the parameters of a call as the platform does, and refuses as it does.

Codes and their texts: Qualys API guide, appendix D; the text of 1905 is a recording (public samples).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Callable

from .clock import seconds
from .exchange import Refusal

Parser = Callable[[str], Any]
"""Text -> value; raises ValueError with the reason the platform gives in parentheses."""


@dataclass(frozen=True)
class Ranges:
    """A list of numbers and ranges, ``1,5-9``; membership with ``in``."""

    spans: tuple[tuple[int, int], ...]

    def __contains__(self, number: int) -> bool:
        return any(low <= number <= high for low, high in self.spans)


def number(text: str) -> int:
    """A whole number of at least 0."""
    if not re.fullmatch(r"[0-9]+", text):
        raise ValueError(f"not a positive integer: {text}")
    return int(text)


def ranges(text: str) -> Ranges:
    """Numbers and ranges, separated by commas."""
    spans = []
    for part in text.split(","):
        found = re.fullmatch(r"\s*([0-9]+)(?:-([0-9]+))?\s*", part)
        if not found:
            raise ValueError(f"neither a positive integer nor a range: {part}")
        spans.append((int(found[1]), int(found[2] or found[1])))
    return Ranges(tuple(spans))


def addresses(text: str) -> Ranges:
    """IPv4 addresses and ranges, separated by commas, as their numbers."""
    spans = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        try:
            spans.append((int(ipaddress.IPv4Address(first)), int(ipaddress.IPv4Address(last or first))))
        except ValueError:
            raise ValueError(f"neither an IP nor a range: {part}") from None
    return Ranges(tuple(spans))


def moment(text: str) -> int:
    """A date in UTC, as seconds since 1970."""
    try:
        return seconds(text)
    except ValueError:
        raise ValueError("not a valid date") from None


def pattern(text: str) -> re.Pattern[str]:
    """A regular expression."""
    try:
        return re.compile(text)
    except re.error:
        raise ValueError("not a regular expression") from None


def words(text: str) -> tuple[str, ...]:
    """A list separated by commas; what it may hold is not checked."""
    return tuple(part.strip() for part in text.split(","))


def one_of(*choices: str) -> Parser:
    """One of `choices`, exactly."""

    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"must be one of: {', '.join(choices)}")
        return text

    return parse


def some_of(*choices: str) -> Parser:
    """A comma list of `choices`, whatever their letter case; the value has the case of `choices`."""
    spelled = {choice.lower(): choice for choice in choices}

    def parse(text: str) -> frozenset[str]:
        unknown = [part for part in words(text) if part.lower() not in spelled]
        if unknown:
            raise ValueError(f"unknown value: {', '.join(unknown)}")
        return frozenset(spelled[part.lower()] for part in words(text))

    return parse


def flag(text: str) -> bool:
    """0 or 1."""
    return bool(one_of("0", "1")(text) == "1")


def parse(table: Mapping[str, Parser], params: Mapping[str, str]) -> dict[str, Any]:
    """The values of `params`; Refusal 1903, 1901 or 1905 for what the platform does not take."""
    if not params.get("action"):
        raise Refusal(1903, "Missing required parameter(s): action")
    unknown = [name for name in params if name not in table]
    if unknown:
        raise Refusal(1901, f"Unrecognized parameter(s): {', '.join(unknown)}")
    return {name: _value(table[name], name, text) for name, text in params.items() if text}


def without_effect(names: Iterable[str]) -> dict[str, Parser]:
    """Parameters the platform knows and this stand-in takes without heeding."""
    return dict.fromkeys(names, words)


def _value(parser: Parser, name: str, text: str) -> Any:
    try:
        return parser(text)
    except ValueError as error:
        raise Refusal(1905, f"parameter {name} has invalid value: {text} ({error})") from None
