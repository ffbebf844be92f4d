"""Assets: one event for each host asset and each time it was updated, by choice more for ports, software and tags.

Source: asset management API 2.0, "Search host assets"; public recordings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional
from xml.etree.ElementTree import Element

from ..errors import BadRecord
from ..feed import QPS, Conversion, Feed, Resource
from ..model import Converted, Converter, Event, Events
from ..times import epoch
from .asset_filter import tag_params
from .host_asset_record import PARTS, objects
from .jsontext import event_text

UPDATED = "updated GREATER"


def params(settings: Mapping[str, Any]) -> dict[str, str]:
    return {"limitResults": str(settings["asset_page_size"]), **tag_params(settings)}


def since_params(since: Optional[str]) -> dict[str, str]:
    return {UPDATED: since} if since else {}


def converter(conversion: Conversion) -> Converter:
    apart = tuple(part for setting, part in PARTS.items() if conversion.settings[setting])

    def convert(element: Element) -> Converted:
        """Raises BadRecord for an asset without a numeric id: nothing could be said about it."""
        told = list(objects(element, apart))
        asset = told[0]
        number = asset.get("id")
        if not isinstance(number, int):
            raise BadRecord(f"a HostAsset whose id is {str(number or '')[:40]!r}, not a number")
        modified = str(asset.get("modified", ""))
        happened = epoch(modified)
        time = happened or epoch(str(asset.get("created", "")))
        events = Events.of([Event(time, event_text(each)) for each in told])
        return Converted(number, modified if happened else "", events)

    return convert


FEED = Feed(
    name="host_assets",
    sourcetype="qualys:hostAsset",
    settings="assets",
    resource=Resource(
        name="host_assets",
        path="/qps/rest/{version}/search/am/hostasset",
        version_setting="host_assets_api_version",
        root="ServiceResponse",
        record=("data", "HostAsset"),
        dialect=QPS,
        once=True,
        converter=converter,
    ),
    params=params,
    since_params=since_params,
    course="tagged",
)
