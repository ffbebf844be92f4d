"""A person's own parameters for an API call, from a URL query (``a=1&b=2``) or a JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from ..errors import ConfigError


def parsed(text: str, forbidden: Mapping[str, str], setting: str) -> dict[str, str]:
    """Parameters by name. `forbidden`: those a person may not set, and why; `setting`: where the text stands.

    Raises ConfigError for text that is neither form, for a parameter given twice and for one that is not allowed.
    """
    params: dict[str, str] = {}
    for name, value in _pairs(text.strip(), setting):
        if name in forbidden:
            raise ConfigError(f"{name} is not allowed: {forbidden[name]}.", setting)
        if name in params:
            raise ConfigError(f"{name} is given twice; the platform would use only one.", setting)
        params[name] = value
    return params


def known_words(text: str, words: Iterable[str], name: str, setting: str) -> str:
    """A comma list of such words, as the platform writes them. Raises ConfigError for any other: the platform would
    refuse it, or find nothing."""
    spelled = {word.casefold(): word for word in words}
    given = [word.strip() for word in text.split(",")]
    for word in given:
        if word.casefold() not in spelled:
            raise ConfigError(f"{name}: {word[:80]!r} is unknown; choose from {', '.join(spelled.values())}.", setting)
    return ",".join(spelled[word.casefold()] for word in given)


def _pairs(text: str, setting: str) -> Iterable[tuple[str, str]]:
    if not text:
        return []
    if text.startswith("{"):
        return _json_pairs(text, setting)
    try:
        pairs = parse_qsl(text.lstrip("?&"), keep_blank_values=True, strict_parsing=True)
    except ValueError:
        pairs = []
    if not pairs or any(not name.replace("_", "").isalnum() for name, _ in pairs):
        raise ConfigError(f"{text[:80]!r} does not look like a=1&b=2.", setting)
    return pairs


def _json_pairs(text: str, setting: str) -> Iterable[tuple[str, str]]:
    """The pairs in their order, so that a name given twice is seen. A flag may be written true or false."""
    try:
        pairs = json.loads(text, object_pairs_hook=list)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"what starts like JSON is not: {error}.", setting) from None
    for name, value in pairs:
        if not isinstance(value, (str, int)):
            raise ConfigError(f"{name} must be a text or a number, not {value!r}.", setting)
    return [(name, str(int(value) if isinstance(value, bool) else value)) for name, value in pairs]
