"""Which hosts and which findings a person chose by fields of the tab *VM*: parameters of the host detection API.

Source: VM/PC API guide, "Host List Detection" and "Using tags".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import ConfigError
from .comma_list import comma_list, is_number, is_number_or_range, is_title

BY_NAME, BY_ID = "name", "id"
ANY, ALL = "any", "all"

CHOSEN = {
    "ag_titles": "Asset groups (titles)",
    "ag_ids": "Asset groups (ids)",
    "network_ids": "Networks",
    "severities": "Severities",
    "qids": "QIDs",
    "include_search_list_titles": "Search lists to include (titles)",
    "include_search_list_ids": "Search lists to include (ids)",
    "exclude_search_list_titles": "Search lists to exclude (titles)",
    "exclude_search_list_ids": "Search lists to exclude (ids)",
}
"""Setting, and parameter of the same name -> what a person reads of it."""

TAG_SETS = {"tag_set_include": "Tags to include", "tag_set_exclude": "Tags to exclude"}
_TAGS = ("use_tags", "tag_set_by", "tag_include_selector", "tag_exclude_selector", *TAG_SETS)
_SELECTORS = {"tag_set_include": "tag_include_selector", "tag_set_exclude": "tag_exclude_selector"}

SETTINGS = (*CHOSEN, *TAG_SETS)
"""A setting that the platform complains of is one of these."""

_EITHER_OR = (
    ("ag_titles", "ag_ids"),
    ("include_search_list_titles", "include_search_list_ids"),
    ("exclude_search_list_titles", "exclude_search_list_ids"),
)
"""The platform takes only one of two."""

_SEVERITIES = re.compile(r"[1-5](-[1-5])?")


def severities(text: str) -> str:
    """Levels and ranges of them."""
    return comma_list(text, _is_severity, "severities from 1 to 5, such as 4,5 or 3-5")


def qids(text: str) -> str:
    return comma_list(text, is_number_or_range, "QIDs such as 90477,105311 or 38000-38999")


def ids(text: str) -> str:
    return comma_list(text, is_number_or_range, "ids such as 4711 or 400-419")


def list_ids(text: str) -> str:
    return comma_list(text, is_number, "ids such as 4711,4712")


def titles(text: str) -> str:
    return comma_list(text, is_title, "titles")


def tags(text: str) -> str:
    return comma_list(text, is_title, "tags")


def params(settings: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of what is chosen; nothing for what is left empty."""
    chosen = {name: str(settings[name]) for name in CHOSEN if settings[name]}
    sets = {name: str(settings[name]) for name in TAG_SETS if settings[name]}
    if sets:
        chosen.update(use_tags="1", tag_set_by=settings["tag_set_by"], **sets)
        chosen.update((_SELECTORS[name], settings[_SELECTORS[name]]) for name in sets)
    return chosen


def check_together(settings: Mapping[str, Any], free: str) -> None:
    """What no setting breaks alone; `free` names the setting of a person's own parameters. Raises ConfigError."""
    for first, second in _EITHER_OR:
        if settings[first] and settings[second]:
            raise ConfigError(
                f"{CHOSEN[second]}: {CHOSEN[first]} is filled in, too; Qualys takes only one of the two.", second
            )
    for name, label in TAG_SETS.items():
        if settings["tag_set_by"] == BY_ID and settings[name]:
            _check_tag_ids(name, label, str(settings[name]))
    for name in {**CHOSEN, **TAG_SETS}:
        if settings[name]:
            _check_free(name, settings[free], free)


def _check_tag_ids(name: str, label: str, text: str) -> None:
    try:
        list_ids(text)
    except ConfigError as error:
        raise ConfigError(f"{label}: Tags are chosen by id, and {error}", name) from None


def _check_free(name: str, theirs: Mapping[str, str], free: str) -> None:
    """Raises ConfigError where a person's own parameters choose the same, or its other half."""
    rivals = _TAGS if name in TAG_SETS else next((pair for pair in _EITHER_OR if name in pair), (name,))
    typed = [rival for rival in rivals if rival in theirs]
    if typed:
        label = {**CHOSEN, **TAG_SETS}[name]
        raise ConfigError(
            f"{label}: Extra API parameters (setting {free}) hold {', '.join(typed)}; choose this in one of the two "
            "places.",
            name,
        )


def _is_severity(part: str) -> bool:
    return bool(_SEVERITIES.fullmatch(part)) and part[0] <= part[-1]
