"""The terms that every event must have that meets a condition: what Splunk looks up before it extracts a field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Optional

Term = tuple[str, str]
"""(name of the field, value); for a word or phrase the name is ""."""

_VALUE = r'"(?P<{0}_quoted>[^"\\]*)"|(?P<{0}_bare>[^\s"=<>(),!|`\[\]\\]+)'
_UNIT = re.compile(
    r"\s*(?:(?P<open>\()|(?P<close>\))|(?P<name>[\w.:-]+)\s*(?P<symbol>!=|<=|>=|[=<>])\s*(?:"
    + _VALUE.format("value")
    + r")(?=[\s()]|$)|(?:"
    + _VALUE.format("word")
    + r")(?=[\s()]|$))",
    re.ASCII,
)


def plain_terms(condition: str) -> list[Term]:
    """Terms outside parentheses that are neither negated nor joined by OR; none of what cannot be read."""
    units: list[Optional[Term]] = []
    bound = False
    for match in _top_level(condition):
        word = match["word_bare"] or ""
        if word == "OR" or word.upper() == "IN":
            units[-1:] = [None]
        if word in ("OR", "NOT"):
            bound = True
        elif word != "AND" and word.upper() != "IN":
            units.append(None if bound else _term(match))
            bound = False
    return [unit for unit in units if unit]


def _term(match: re.Match[str]) -> Optional[Term]:
    if match["open"] or match["symbol"] not in (None, "="):
        return None
    group = "value" if match["name"] else "word"
    return match["name"] or "", match[f"{group}_quoted"] or match[f"{group}_bare"] or ""


def _top_level(condition: str) -> Iterator[re.Match[str]]:
    """The units outside parentheses, a pair of them being one; nothing at all of what cannot be read."""
    found: list[re.Match[str]] = []
    position = depth = 0
    while condition[position:].strip():
        match = _UNIT.match(condition, position)
        if match is None:
            return
        position = match.end()
        if depth == 0 and not match["close"]:
            found.append(match)
        depth += bool(match["open"]) - bool(match["close"])
    yield from found
