"""What tests of file integrity share: answers of the gateway, and what becomes of them."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qualys_ta.feed import Conversion, Feed, Resource
from qualys_ta.model import Converted, Event
from qualys_ta.output import Totals, converted_records
from qualys_ta.populator import load
from qualys_ta.populator.fim_incidents import INCIDENT, INCIDENT_EVENTS
from qualys_ta.reading import page_reader
from qualys_ta.splunk import fields
from support.pulls import ListLog

EVENTS, IGNORED, INCIDENTS = "fim_events", "fim_ignored_events", "fim_incidents"
PROCESSED = "2024-05-02T03:04:09.250+0000"
HAPPENED = "2024-05-02T03:04:05.678+0000"
CREATED_MS = 1_714_619_045_678
"""2024-05-02T03:04:05.678Z."""
OF_INCIDENT = "incident_events"
"""What golden answers begin with that hold the events of an incident."""


def event(**data: Any) -> dict[str, Any]:
    """A record of a search for events; what is not given is that of an ordinary change."""
    usual = {"id": "99b92968-8f3a-3626-8d56-345a6d891546", "dateTime": HAPPENED, "processedTime": PROCESSED}
    change = {"name": "hosts", "fullPath": "C:\\etc\\hosts", "action": "Content", "class": "Disk", "severity": 4}
    return {"sortValues": [1, "a"], "data": {**usual, **change, **data}}


def incident(**data: Any) -> dict[str, Any]:
    """A record of a search for incidents: one that is open."""
    by = {"date": CREATED_MS, "user": {"id": "u", "name": "Ada"}}
    usual = {"id": "44b92968-8f3a-3626-8d56-345a6d891546", "status": "OPEN", "createdBy": by, "lastUpdatedBy": by}
    return {"sortValues": [1, "a"], "data": {**usual, **data}}


def fim_settings(**chosen: str) -> Mapping[str, Any]:
    """The tab *FIM* as the run reads it, from conf values."""
    return fields.checked("fim", chosen)


def whole_json(body: bytes) -> Any:
    """An answer as `json` reads it in one go; a number that it cannot tell is null, or text. Raises ValueError for what
    is no JSON."""
    return json.loads(
        body.decode("utf-8", "replace"),
        parse_constant=lambda _name: None,
        parse_float=lambda digits: float(digits) if math.isfinite(float(digits)) else digits,
    )


def fim_records(body: bytes, resource: Resource) -> list[dict[str, Any]]:
    """The records of an answer, read as the run reads them."""
    return list(page_reader(resource, keeps_lines=True).records(io.BytesIO(body)))


def fim_converted(body: bytes, metric: str = EVENTS, **asked: str) -> list[Converted]:
    """`asked`: of the events of an incident, which one it is."""
    feed: Feed = load(metric)
    resource = INCIDENT_EVENTS if asked else feed.resource
    told = {INCIDENT: asked["incident"]} if asked else {}
    convert = resource.converter(Conversion(fim_settings(), asked=told))
    return list(converted_records(fim_records(body, resource), convert, Totals(), ListLog()))


def fim_events(body: bytes, metric: str = EVENTS, **asked: str) -> list[Event]:
    return [each for found in fim_converted(body, metric, **asked) for each in found.events]


def told(record: Mapping[str, Any], metric: str = EVENTS, **asked: str) -> dict[str, Any]:
    """The event of one record."""
    (found,) = fim_events(json.dumps([record]).encode(), metric, **asked)
    read: dict[str, Any] = json.loads(found.text)
    return read


def golden_events(case: Path) -> list[Event]:
    asked = {"incident": "77b92968-8f3a-3626-8d56-345a6d891546"} if case.name.startswith(OF_INCIDENT) else {}
    return fim_events(case.read_bytes(), case.parent.name, **asked)
