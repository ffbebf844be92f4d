"""What tests of remediation tickets share: answers of the platform, and what becomes of them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any, Optional

from qualys_ta.feed import Conversion
from qualys_ta.model import Converted, Event
from qualys_ta.output import Totals, converted_records
from qualys_ta.populator.tickets import FEED
from qualys_ta.records import RecordReader
from qualys_ta.splunk import fields
from support.core import PLATFORM_TIME, inspected, leaves, tag
from support.pulls import ListLog

RECORD = FEED.resource.record
CREATED, DUE = "2024-05-02T03:04:05Z", "2024-05-09T03:04:05Z"
VULN = {"TITLE": "NetBIOS Name Accessible", "TYPE": "VULN", "QID": 70000, "SEVERITY": 2, "STANDARD_SEVERITY": 2}


def entry(at: str, *markup: str, old: Optional[str] = None, new: Optional[str] = None, **values: object) -> str:
    """A HISTORY; `old` and `new` are the states of a change."""
    state = tag("STATE", leaves({"OLD": old, "NEW": new})) if new else ""
    return tag("HISTORY", leaves({"DATETIME": at, "ACTOR": "acme_ab1", **values}), state, *markup)


def history(*entries: str) -> str:
    return tag("HISTORY_LIST", *entries)


def vuln(*markup: str, **values: object) -> str:
    return tag("VULNINFO", leaves({**VULN, **values}), *markup)


def ticket(*markup: str, vulnerability: str = "", **values: object) -> str:
    """A TICKET; what is not given is that of an ordinary open one, None leaves an element out."""
    usual = {"NUMBER": 1234, "CREATION_DATETIME": CREATED, "DUE_DATETIME": DUE, "CURRENT_STATE": "OPEN", "INVALID": 0}
    assignee = tag("ASSIGNEE", leaves({"NAME": "Ada Brown", "EMAIL": "ada@example.com", "LOGIN": "acme_ab1"}))
    spot = tag("DETECTION", leaves({"IP": "10.0.0.7", "DNSNAME": "host.example.com", "PORT": 443}))
    return tag("TICKET", leaves({**usual, **values}), assignee, spot, *markup, vulnerability or vuln())


def ticket_answer(*tickets: str, last: Optional[int] = None, told_at: str = PLATFORM_TIME) -> bytes:
    """A whole answer of the ticket list."""
    header = tag("HEADER", tag("USER_LOGIN", "acme_ab1"), tag("DATETIME", told_at), tag("WHERE"))
    listed = tag("TICKET_LIST", *tickets) if tickets else ""
    cut = tag("TRUNCATION", "Truncated after 1000 records", last=str(last)) if last is not None else ""
    return ('<?xml version="1.0" encoding="UTF-8" ?>\n' + tag(FEED.resource.root, header, listed, cut)).encode()


def ticket_settings(**chosen: str) -> Mapping[str, Any]:
    """The tab *Tickets* as the run reads it, from conf values."""
    return fields.checked("tickets", chosen)


def ticket_converted(body: bytes, hosts: Mapping[str, Any] = {}, **chosen: str) -> list[Converted]:
    """What the tickets of an answer become, judged by its own time; bad ones are left out. `hosts`: address -> those
    that were asked for."""
    reader = RecordReader(RECORD, inspected(body, RECORD).noted)
    told_at = lambda: reader.before("HEADER/DATETIME")  # noqa: E731
    convert = FEED.resource.converter(Conversion(ticket_settings(**chosen), told_at=told_at, beside=hosts))
    return list(converted_records(reader.records(io.BytesIO(body)), convert, Totals(), ListLog()))


def ticket_events(body: bytes, hosts: Mapping[str, Any] = {}, **chosen: str) -> list[Event]:
    return [event for record in ticket_converted(body, hosts, **chosen) for event in record.events]


def told(*markup: str, told_at: str = PLATFORM_TIME, **values: object) -> dict[str, Any]:
    """What the event of one ticket says."""
    (event,) = ticket_events(ticket_answer(ticket(*markup, **values), told_at=told_at))
    found: dict[str, Any] = json.loads(event.text)
    return found
