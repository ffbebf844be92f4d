"""Assets: one event for each host asset and each time it was updated, by choice more for ports, software and tags.

Source: asset management API 2.0, "Search host assets"; public recordings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional
from xml.etree.ElementTree import Element

from ..errors import BadRecord
from ..feed import QPS, Conversion, Feed, Resource
from ..model import SEPARATOR, Converted, Converter, Events
from ..times import epoch
from .asset_filter import tag_params
from .host_asset_record import KIND, PARTS, asset
from .jsontext import LONGEST, event_text, listed_text

UPDATED = "updated GREATER"


def params(settings: Mapping[str, Any]) -> dict[str, str]:
    return {"limitResults": str(settings["asset_page_size"]), **tag_params(settings)}


def since_params(since: Optional[str]) -> dict[str, str]:
    return {UPDATED: since} if since else {}


def converter(conversion: Conversion) -> Converter:
    apart = tuple(part for setting, part in PARTS.items() if conversion.settings[setting])

    def convert(element: Element) -> Converted:
        """Raises BadRecord for an asset without a numeric id, and for one whose events could not be held."""
        told, whose, parts = asset(element, apart)
        number = told.get("id")
        if not isinstance(number, int):
            raise BadRecord(f"a HostAsset whose id is {str(number or '')[:40]!r}, not a number")
        modified = str(told.get("modified", ""))
        happened = epoch(modified)
        time = happened or epoch(str(told.get("created", "")))
        texts = [event_text(told), *(_of_parts(part.kind, whose, found) for part, found in parts.items() if found)]
        events = Events([time] * (1 + sum(map(len, parts.values()))), SEPARATOR.join(texts))
        return Converted(number, modified if happened else "", events)

    return convert


def _of_parts(kind: str, whose: Mapping[str, Any], members: Sequence[Any]) -> str:
    """The events of a list's members, joined by `SEPARATOR`: told one by one they cost three times as much."""
    start = f'{event_text({KIND: kind, **whose})[:-1]},"{kind}":'
    if len(start) * len(members) > LONGEST:
        raise BadRecord(f"a HostAsset whose {kind} events are longer than {LONGEST} characters")
    return start + listed_text(members, f"}}{SEPARATOR}{start}") + "}"


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
        needs="For assets the user needs API access and the permission to read assets.",
        dialect=QPS,
        once=True,
        converter=converter,
    ),
    params=params,
    since_params=since_params,
    course="tagged",
)
