"""Tags and asset groups: all of them in each pull, as lookups; an event for each one that is new or changed.

The platform tells of neither what changed since. Source: asset management API 2.0, "Search tags".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, Optional
from xml.etree.ElementTree import Element

from ..feed import LISTS, QPS, Conversion, Feed, Resource
from ..model import Entry
from ..times import epoch
from . import asset_groups
from .asset_lists import TAG, entry, number_of
from .qps_object import Objects

GROUPS_SETTING = "pull_asset_groups"
LIST_PARAMS = {"limitResults": "1000"}
"""Of a list of all tags that serves another metric."""

_TAGS = Objects(
    ("id", "parentTagId", "srcAssetGroupId", "srcBusinessUnitId"), ("created", "modified"), texts=("ruleText",)
)


def params(settings: Mapping[str, Any]) -> dict[str, str]:
    return {"limitResults": str(settings["tag_page_size"])}


def since_params(_since: Optional[str]) -> dict[str, str]:
    return {}


def converter(_conversion: Conversion) -> Callable[[Element], Entry]:
    """Of both lists."""
    return lambda record: asset_groups.group_entry(record) if record.tag == asset_groups.RECORD else tag_entry(record)


def tag_entry(element: Element) -> Entry:
    """Raises BadRecord for a tag without a number."""
    told = _TAGS.members(element)
    ident = number_of("a Tag whose id", told.get("id"))
    happened = epoch(str(told.get("modified", ""))) or epoch(str(told.get("created", "")))
    return entry(TAG, ident, happened, {name: value for name, value in told.items() if value != []}, told)


TAGS = Resource(
    name="asset_tags",
    path="/qps/rest/{version}/search/am/tag",
    version_setting="asset_tags_api_version",
    root="ServiceResponse",
    record=("data", "Tag"),
    needs="For tags the user needs API access and the permission to read tags.",
    dialect=QPS,
    converter=converter,
)

FEED = Feed(
    name="asset_tags",
    sourcetype="qualys:tag",
    settings="tags",
    resource=TAGS,
    others=(asset_groups.RESOURCE,),
    params=params,
    since_params=since_params,
    made_of=lambda settings: f"groups={settings[GROUPS_SETTING]}",
    output=LISTS,
)
