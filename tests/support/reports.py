"""What tests of scan reports share: reports as the platform writes them, and what becomes of them."""

from __future__ import annotations

import contextlib
import io
import json
import marshal
from collections.abc import Mapping
from functools import partial
from typing import Any, Optional

from qualys_ta.errors import BadRecord
from qualys_ta.feed import Conversion
from qualys_ta.model import Converted, Event
from qualys_ta.populator.scan_report import FEED
from qualys_ta.records import RecordReader
from qualys_ta.splunk import fields
from support.core import inspected, leaves, tag, text
from support.posture import DictGlossary

REPORT = FEED.resource
GENERATED, SEEN = "2024-06-01T12:00:00Z", "2024-05-02T03:04:05Z"


def qid_of(number: object) -> str:
    return tag("QID", text(number), id=f"qid_{number}")


def vuln(number: object = 38170, *markup: str, **values: object) -> str:
    """A VULN_INFO; what is not given is that of an ordinary active one, None leaves an element out."""
    usual = {"TYPE": "Vuln", "PORT": 443, "PROTOCOL": "tcp", "SSL": "true", "FIRST_FOUND": SEEN, "LAST_FOUND": SEEN}
    more = {"TIMES_FOUND": 3, "VULN_STATUS": "Active"}
    return tag("VULN_INFO", qid_of(number), leaves({**usual, **more, **values}), *markup)


def host(*vulns: str, more: str = "", ip: Optional[str] = "10.0.0.5", network: str = "", **values: object) -> str:
    usual = {"TRACKING_METHOD": "IP", "HOST_ID": 7, "DNS": "web.example.com", "OPERATING_SYSTEM": "Linux"}
    address = "" if ip is None else tag("IP", text(ip), **({"network_id": network} if network else {}))
    return tag("HOST", address, leaves({**usual, **values}), more, tag("VULN_INFO_LIST", *vulns))


def details(number: object = 38170, *markup: str, **values: object) -> str:
    """A VULN_DETAILS."""
    usual = {"TITLE": "Weak cipher", "SEVERITY": 3, "CATEGORY": "General remote services", "THREAT": "It is weak."}
    return tag("VULN_DETAILS", qid_of(number), leaves({**usual, **values}), *markup, id=f"qid_{number}")


def listed(name: str, *ids: str) -> str:
    """``CVE_ID_LIST`` and its likes."""
    return tag(f"{name}_LIST", *(tag(name, leaves({"ID": each, "URL": "https://example.com/"})) for each in ids))


def report(*hosts: str, explained: Optional[tuple[str, ...]] = None, risks: str = "", **header: object) -> bytes:
    """A whole report."""
    usual = {"COMPANY": "Acme", "GENERATION_DATETIME": GENERATED, "TEMPLATE": "Weekly"}
    head = tag("HEADER", leaves({**usual, **header}))
    told = (details(),) if explained is None else explained
    glossary = tag("GLOSSARY", tag("VULN_DETAILS_LIST", *told)) if told else ""
    rest = tag("APPENDICES", tag("TEMPLATE_DETAILS", leaves({"VULN_LISTS": "Complete"})))
    body = (head, risks, tag("HOST_LIST", *hosts) if hosts else "", glossary, rest)
    return ('<?xml version="1.0" encoding="UTF-8" ?>\n\n' + tag(REPORT.root, *body)).encode()


def report_settings(**chosen: str) -> Mapping[str, Any]:
    """The tab *Reports* as the run reads it, from conf values."""
    return fields.checked("reports", chosen)


def converted(body: bytes, asked: Optional[Mapping[str, str]] = None, **chosen: str) -> list[Converted]:
    """Joined as the run joins them: the hosts wait in plain data until all of the report was read."""
    inspector = inspected(body, REPORT.record)
    assert inspector.root == REPORT.root
    reader = RecordReader(REPORT.record, inspector.noted, True, (), REPORT.glossary, REPORT.lists)
    conversion = Conversion(report_settings(**chosen), asked=asked or {}, before=partial(reader.before))
    joiner = REPORT.joiner(conversion, DictGlossary())
    kept = [joiner.keep(*listed) for listed in reader.lists(io.BytesIO(body))]
    waited = marshal.loads(marshal.dumps([each for each in kept if each is not None]))
    found = []
    for record in (record for each in waited for record in joiner.records(each)):
        with contextlib.suppress(BadRecord):
            found.append(joiner.converted(record))
    return found


def report_events(body: bytes, **chosen: str) -> list[Event]:
    return [event for each in converted(body, {"id": "17"}, **chosen) for event in each.events if each.told.times]


def told(*hosts: str, explained: Optional[tuple[str, ...]] = None, **chosen: str) -> list[dict[str, Any]]:
    return [json.loads(event.text) for event in report_events(report(*hosts, explained=explained), **chosen)]
