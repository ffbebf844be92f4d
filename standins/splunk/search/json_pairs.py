"""KV_MODE = json: the members of an event that is one JSON object become its fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from standins.splunk.search.values import Fields, values_of

CUTOFF = 5000
"""Bytes of an event that are looked at: limits.conf, [spath] extraction_cutoff. What lies behind gives no field."""

_BETWEEN = re.compile(r"\s*[{,]?\s*")
_COLON = re.compile(r"\s*:\s*")


class JsonPairs:
    """Names of nested members are joined by dots, `{}` stands for a list. A field that is there already stays."""

    def apply(self, fields: Fields) -> None:
        raw = "".join(values_of(fields, "_raw")).encode("utf-8")[:CUTOFF].decode("utf-8", "ignore")
        found: dict[str, list[str]] = {}
        for name, member in _members(raw):
            for path, value in _flat(name, member):
                found.setdefault(path, []).append(value)
        for path, values in found.items():
            fields.setdefault(path, values[0] if len(values) == 1 else values)


def _members(raw: str) -> Iterator[tuple[str, Any]]:
    """The members of the object that are whole, up to the first that is not."""
    read = json.JSONDecoder().raw_decode
    position = len(raw) if not raw.lstrip().startswith("{") else 0
    while (start := _end(_BETWEEN, raw, position)) < len(raw) and raw[start] == '"':
        try:
            name, after = read(raw, start)
            member, position = read(raw, _end(_COLON, raw, after))
        except ValueError:
            return
        yield name, member


def _end(pattern: re.Pattern[str], raw: str, position: int) -> int:
    found = pattern.match(raw, position)
    return found.end() if found else position


def _flat(name: str, member: Any) -> Iterator[tuple[str, str]]:
    if isinstance(member, dict):
        for key, inner in member.items():
            yield from _flat(f"{name}.{key}", inner)
    elif isinstance(member, list):
        for inner in member:
            yield from _flat(f"{name}{{}}", inner)
    else:
        yield name, member if isinstance(member, str) else json.dumps(member)


JSON_PAIRS = JsonPairs()
