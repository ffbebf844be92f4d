"""A person's own query in the language of the FIM API, checked before it is saved.

It is joined to the add-on's by AND, so it must be whole by itself, and must not name the times that the add-on asks
for: a query that is dropped, or that opens the other one, would pull what nobody wanted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import ConfigError
from .fim import FILTER

EVENTS: Mapping[str, str] = dict.fromkeys(("processedTime", "dateTime"), "the add-on asks for times itself")
INCIDENTS: Mapping[str, str] = dict.fromkeys(
    ("createdBy.date", "lastUpdatedBy.date"), "the add-on asks for times itself"
)
"""What a query must not name -> why."""

_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


def parse_query(text: str, forbidden: Mapping[str, str]) -> dict[str, str]:
    """The query as a parameter of the call. Raises ConfigError."""
    query = " ".join(text.split())
    bare = _QUOTED.sub(" ", query)
    if any(mark in bare for mark in "'\"`"):
        raise ConfigError("A quotation mark is not closed.")
    _check_nesting(bare)
    names = {name.lower(): name for name in forbidden}
    found = [names[word.lower()] for word in _WORD.findall(bare) if word.lower() in names]
    if found:
        raise ConfigError(f"{found[0]} is not allowed: {forbidden[found[0]]}.")
    return {FILTER: query} if query else {}


def _check_nesting(bare: str) -> None:
    depth = 0
    for character in bare:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            raise ConfigError("A closing parenthesis has no opening one.")
    if depth:
        raise ConfigError("A parenthesis is not closed.")
