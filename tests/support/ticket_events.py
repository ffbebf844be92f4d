"""Events of `tickets` as they are indexed, for tests of what Splunk makes of them."""

from __future__ import annotations

import json
from typing import Any

from support.knowledge import epoch, event_row

TICKET = "qualys:ticket"
MODIFIED = "2018-09-10T12:00:00Z"
TOLD: dict[str, Any] = {
    "number": 1201,
    "modified": MODIFIED,
    "creation_datetime": "2018-09-01T12:00:00Z",
    "due_datetime": "2018-09-15T12:00:00Z",
    "current_state": "OPEN",
    "invalid": 0,
    "assignee": {"name": "Ada Brown", "email": "ada@example.com", "login": "acme_ab1"},
    "detection": {"ip": "10.0.0.7", "dnsname": "shop.example.com", "nbhname": "SHOP", "port": 443},
    "stats": {"times_found": 3},
    "vuln": {"title": "NetBIOS Name Accessible", "type": "VULN", "qid": 70000, "severity": 4, "cve": ["CVE-1999-0621"]},
    "reopened": False,
    "overdue": False,
    "history": [{"datetime": MODIFIED, "actor": "acme_ab1", "comment": "in work"}],
}


def ticket_event(**changes: Any) -> str:
    """A ticket; a change to None leaves the member out."""
    told = {**TOLD, **changes}
    return json.dumps({name: value for name, value in told.items() if value is not None}, separators=(",", ":"))


def ticket_row(raw: str, **metadata: Any) -> dict[str, Any]:
    return event_row(raw, sourcetype=TICKET, **metadata)


def ticket_on(number: int, on: int, severity: int = 4, user: str = "acme_ab1", **changes: Any) -> dict[str, Any]:
    """A ticket that was modified on a day of September 2018."""
    modified = f"2018-09-{on:02}T12:00:00Z"
    told = {"number": number, "modified": modified, "assignee": {"login": user}}
    vuln = {**TOLD["vuln"], "severity": severity}
    return ticket_row(ticket_event(**{**told, "vuln": vuln, **changes}), index="anywhere", time=epoch(modified))
