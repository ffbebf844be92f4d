"""What tests of assets, tags and asset groups share: answers of the platform, and what becomes of them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional
from xml.etree.ElementTree import Element, fromstring

from qualys_ta.feed import Conversion, Resource
from qualys_ta.model import Converted, Entry, Event
from qualys_ta.populator import asset_groups, asset_tags, host_assets
from qualys_ta.records import RecordReader
from qualys_ta.splunk import fields
from qualys_ta.splunk.forms import stream_form
from qualys_ta.spool import batches, spool_path
from qualys_ta.work.conversion import Converter, Recipe
from support.core import inspected, leaves, tag

ASSETS = host_assets.FEED.resource
MODIFIED = "2024-05-02T03:04:05Z"


def listed(name: str, *members: str) -> str:
    """``software(list(…))`` and the like."""
    return tag(name, tag("list", *members))


def members(name: str, *told: Mapping[str, object]) -> list[str]:
    return [tag(name, leaves(each)) for each in told]


def asset(*markup: str, **values: object) -> str:
    """A HostAsset; None leaves an element out."""
    usual = {"id": 3043442, "name": "web-1", "created": "2023-01-01T00:00:00Z", "modified": MODIFIED, "type": "HOST"}
    more = {"qwebHostId": 12688456922, "os": "Linux", "dnsHostName": "web-1.example.com", "address": "10.0.0.1"}
    return tag("HostAsset", leaves({**usual, **more, **values}), *markup)


def service_answer(*records: str) -> bytes:
    """A whole answer of the dialect."""
    said = leaves({"responseCode": "SUCCESS", "count": len(records), "hasMoreRecords": "false"})
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + tag("ServiceResponse", said, tag("data", *records))).encode()


def records_of(body: bytes, resource: Resource) -> list[Element]:
    """The records of an answer, read as the run reads them."""
    return list(RecordReader(resource.record, inspected(body, resource.record).noted).records(io.BytesIO(body)))


def asset_settings(**chosen: str) -> Mapping[str, Any]:
    """The tab *Assets* as the run reads it, from conf values."""
    return fields.checked("assets", chosen)


def assets_converted(body: bytes, **chosen: str) -> list[Converted]:
    convert = ASSETS.converter(Conversion(asset_settings(**chosen)))
    return [convert(record) for record in records_of(body, ASSETS)]


def asset_events(body: bytes, **chosen: str) -> list[Event]:
    return [event for record in assets_converted(body, **chosen) for event in record.events]


def told(*markup: str, chosen: Optional[Mapping[str, str]] = None, **values: object) -> list[dict[str, Any]]:
    """The objects of one asset's events."""
    found = asset_events(service_answer(asset(*markup, **values)), **(chosen or {}))
    return [json.loads(event.text) for event in found]


def written(body: bytes, folder: Path, **chosen: str) -> list[str]:
    """What a page of assets becomes on its way to splunkd: the events of all its records."""
    page = folder / "page.xml"
    page.write_bytes(body)
    form = stream_form("qualys://host_assets", "qualys:hostAsset", "", "")
    recipe = Recipe("host_assets", dict(asset_settings(**chosen)), "", form)
    converter = Converter(recipe, lambda _qid: None)
    converter.convert(page, None, 1_000_000_000)
    with spool_path(page).open("rb") as file:
        found = [frame for batch in batches(file) for frame in batch.frames()]
    return [event.decode() for frame in found for event in frame.events()]


def entries(body: bytes) -> list[Entry]:
    """What the records of an answer become, tags or asset groups."""
    convert = asset_tags.converter(Conversion({}))
    groups = b"<ASSET_GROUP_LIST" in body
    return [convert(record) for record in records_of(body, asset_groups.RESOURCE if groups else asset_tags.TAGS)]


def entry_of(markup: str) -> Entry:
    return asset_tags.converter(Conversion({}))(fromstring(markup))
