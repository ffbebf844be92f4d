"""The tabs of assets and of their tags: what a person can set for them."""

from __future__ import annotations

from ..populator import asset_filter
from .field import LINES, Field, flag_field, number_field
from .metric_fields import resync_days

_APART = "one event each, and in the event of the asset only how many there are. Costs license volume."

ASSET_FIELDS = (
    Field(
        asset_filter.SETTING,
        "Only assets with these tags",
        "Names or ids of tags, one a line; any of them will do. A number is an id. Empty is all assets.",
        LINES,
        check=asset_filter.tags,
        empty=(),
    ),
    flag_field("log_asset_ports", "Log open ports as events of their own", f"Open ports: {_APART}"),
    flag_field("log_asset_software", "Log software as events of its own", f"Installed software: {_APART}"),
    flag_field(
        "log_asset_tags",
        "Log tags as events of their own",
        "One event for each tag of each asset. The event of the asset has them all the same.",
    ),
    number_field("asset_page_size", "Assets per page", "How many assets one answer holds.", "100", 1, 100),
    resync_days(),
)

TAG_FIELDS = (
    flag_field("pull_asset_groups", "Pull asset groups", "Besides the tags.", "1"),
    flag_field(
        "log_tag_events",
        "Log tags and asset groups",
        "One event for each that is new or changed. The lookups are written all the same.",
        "1",
    ),
    number_field("tag_page_size", "Tags per page", "How many tags one answer holds.", "1000", 1, 1000),
)
