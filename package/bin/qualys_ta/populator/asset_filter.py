"""Which assets a person wants: those with any of some tags, told by name or by id.

The platform takes several tags in one criterion only by their ids, so names are looked up among the tags first.
Source: asset management API 2.0, operators by type of a criterion.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from ..errors import ConfigError
from .qps_object import line
from .qps_object import number as number_of

SETTING = "asset_tag_filter"
TAG_IDS = "tagId IN"
WANTED = "tags"
"""Parameter of the request that is never sent: names and ids of tags, one a line."""

_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
LONGEST_NAME = 1024


def tag_params(settings: Mapping[str, Any]) -> dict[str, str]:
    """Ids alone are a criterion; where there are names, `WANTED` stands for it."""
    tags: Sequence[str] = settings[SETTING]
    if not tags:
        return {}
    return {TAG_IDS: ",".join(tags)} if all(map(_ID.fullmatch, tags)) else {WANTED: "\n".join(tags)}


def tags(text: str) -> tuple[str, ...]:
    """Names or ids, one a line, each once. Raises ConfigError."""
    found = tuple(dict.fromkeys(filter(None, map(str.strip, text.splitlines()))))
    for each in found:
        if len(each) > LONGEST_NAME or not each.isprintable():
            raise ConfigError(f"{each[:80]!r} is no name of a tag: write one name or id on each line.", SETTING)
    return found


def ids_of(wanted: str, held: Iterable[Element]) -> str:
    """The ids of all `wanted` tags among those that the platform holds, as the value of a criterion.

    A number is always an id. Raises ConfigError for a name that no tag has.
    """
    by_name: dict[str, list[int]] = {}
    for tag in held:
        name, ident = tag.find("name"), tag.find("id")
        number = None if ident is None else number_of(ident)
        if name is not None and isinstance(number, int):
            by_name.setdefault(line(name) or "", []).append(number)
    found: dict[int, None] = {}
    for each in wanted.split("\n"):
        ids = [int(each)] if _ID.fullmatch(each) else by_name.get(each)
        if not ids:
            raise ConfigError(f"Qualys has no tag that is called {each!r}, or its user does not see it.", SETTING)
        found.update(dict.fromkeys(ids))
    return ",".join(map(str, found))
