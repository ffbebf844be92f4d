"""What tests of web application findings share: answers of the platform, and what becomes of them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Optional
from xml.etree.ElementTree import Element

from qualys_ta.feed import Conversion
from qualys_ta.model import Converted, Event
from qualys_ta.populator.was_fields import NAMES
from qualys_ta.populator.was_findings import FEED
from qualys_ta.records import RecordReader
from qualys_ta.splunk import fields
from support.core import inspected, leaves, tag

RECORD = FEED.resource.record
EVERYTHING = ",".join(NAMES)
TESTED = "2024-05-02T03:04:05Z"
PLACES = {"finding_id": "id", "webapp_id": "webApp/id", "webapp_name": "webApp/name", "webapp_url": "webApp/url"}
"""Field -> its element, where it is called otherwise."""

WEBAPP = tag("webApp", leaves({"id": 77, "name": "Shop", "url": "https://shop.example"}))


def finding(*markup: str, webapp: str = WEBAPP, **values: object) -> str:
    """A Finding; what is not given is that of an ordinary active vulnerability, None leaves an element out."""
    usual = {"id": 501, "uniqueId": "6d3e", "qid": 150001, "name": "Reflected XSS", "type": "VULNERABILITY"}
    seen = {"severity": 5, "url": "https://shop.example/?q=1", "status": "ACTIVE", "firstDetectedDate": TESTED}
    times = {"lastDetectedDate": TESTED, "lastTestedDate": TESTED, "timesDetected": 3}
    return tag("Finding", leaves({**usual, **seen, **times, **values}), webapp, *markup)


def listed(name: str, *items: str) -> str:
    """``cwe(count,list(…))`` and the like."""
    return tag(name, tag("count", str(len(items))), tag("list", *items))


def tags(*names: str) -> str:
    """A web application with these tags, told as markup."""
    told = (tag("Tag", tag("id", str(number)), tag("name", name)) for number, name in enumerate(names, 1))
    return tag("webApp", leaves({"id": 77, "name": "Shop"}), listed("tags", *told))


def tries(*told: str) -> str:
    """The results of a scan, each PayloadInstance told as markup."""
    return listed("resultList", tag("Result", listed("payloads", *(tag("PayloadInstance", each) for each in told))))


def was_answer(*findings: str) -> bytes:
    """A whole answer of the finding API."""
    said = leaves({"responseCode": "SUCCESS", "count": len(findings), "hasMoreRecords": "false"})
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + tag("ServiceResponse", said, tag("data", *findings))).encode()


def told_by(element: Any, chosen: str) -> dict[str, str]:
    """What the event of a Finding must say, as another parser reads it; for fields that are a child's own text."""
    found = {name: element.find(PLACES.get(name, name)) for name in (*chosen.split(","), "isIgnored")}
    told = {name: (child.text or "").strip().replace('"', "'") for name, child in found.items() if child is not None}
    return {"status": "-", **told}


def was_settings(**chosen: str) -> Mapping[str, Any]:
    """The tab *WAS* as the run reads it, from conf values."""
    return fields.checked("was", chosen)


def was_records(body: bytes) -> list[Element]:
    """The findings of an answer, read as the run reads them."""
    reader = RecordReader(RECORD, inspected(body, RECORD).noted, FEED.keeps_lines({}))
    return list(reader.records(io.BytesIO(body)))


def was_converted(body: bytes, **chosen: str) -> list[Converted]:
    convert = FEED.resource.converter(Conversion(was_settings(**chosen)))
    return [convert(record) for record in was_records(body)]


def was_events(body: bytes, **chosen: str) -> list[Event]:
    return [event for record in was_converted(body, **chosen) for event in record.events]


def event_of(*markup: str, webapp: str = WEBAPP, only: Optional[str] = None, **values: object) -> str:
    """The event of one finding; `only` these fields beside what is always written."""
    chosen = {} if only is None else {"finding_fields_to_log": only}
    (event,) = was_events(was_answer(finding(*markup, webapp=webapp, **values)), **chosen)
    return event.text
