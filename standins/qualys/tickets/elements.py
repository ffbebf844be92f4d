"""The elements of TICKET, one table row each, in the order of the public sample and the DTD's readers."""

from __future__ import annotations

from typing import Optional

from ..clock import stamp
from ..nodes import Node, Row, nodes
from .model import Details, Entry, Person, Spot, Ticket, Vulnerability

DETAILS, HOST_ID = "show_vuln_details", "show_host_id"


def _time(moment: Optional[int]) -> Optional[str]:
    return None if moment is None else stamp(moment)


_PERSON: tuple[Row[Person], ...] = (
    Row("NAME", lambda person: person.name, cdata=True),
    Row("EMAIL", lambda person: person.email, cdata=True),
    Row("LOGIN", lambda person: person.login),
)


def _person(name: str, person: Optional[Person]) -> Optional[Node]:
    return Node(name, children=nodes(_PERSON, person)) if person else None


def _state(entry: Entry) -> Optional[Node]:
    if entry.new is None:
        return None
    old = (Node("OLD", entry.old),) if entry.old else ()
    return Node("STATE", children=(*old, Node("NEW", entry.new)))


def _scan(entry: Entry) -> Optional[Node]:
    if entry.scan is None:
        return None
    return Node("SCAN", children=(Node("REF", entry.scan), Node("DATETIME", stamp(entry.at - 3000))))


_ENTRY: tuple[Row[Entry], ...] = (
    Row("DATETIME", lambda entry: stamp(entry.at)),
    Row("ACTOR", lambda entry: entry.actor),
    Row("STATE", _state),
    Row("ADDED_ASSIGNEE", lambda entry: _person("ADDED_ASSIGNEE", entry.added)),
    Row("REMOVED_ASSIGNEE", lambda entry: _person("REMOVED_ASSIGNEE", entry.removed)),
    Row("SCAN", _scan),
    Row("RULE", lambda entry: entry.rule, cdata=True),
    Row("COMMENT", lambda entry: entry.comment, cdata=True),
)

_SPOT: tuple[Row[Spot], ...] = (
    Row("IP", lambda spot: spot.ip),
    Row("HOST_ID", lambda spot: spot.host_id, asks=HOST_ID),
    Row("DNSNAME", lambda spot: spot.dns, cdata=True),
    Row("NBHNAME", lambda spot: spot.netbios, cdata=True),
    Row("PORT", lambda spot: spot.port),
    Row("SERVICE", lambda spot: spot.service),
    Row("PROTOCOL", lambda spot: spot.protocol),
    Row("FQDN", lambda spot: spot.fqdn, cdata=True),
    Row("SSL", lambda spot: spot.ssl),
    Row("INSTANCE", lambda spot: spot.instance, cdata=True),
)

_STATS: tuple[Row[Ticket], ...] = (
    Row("FIRST_FOUND_DATETIME", lambda ticket: stamp(ticket.first_found_at)),
    Row("LAST_FOUND_DATETIME", lambda ticket: stamp(ticket.last_found_at)),
    Row("LAST_SCAN_DATETIME", lambda ticket: stamp(ticket.last_scan_at)),
    Row("TIMES_FOUND", lambda ticket: ticket.times_found),
    Row("TIMES_NOT_FOUND", lambda ticket: "" if ticket.times_not_found is None else ticket.times_not_found),
    Row("LAST_OPEN_DATETIME", lambda ticket: stamp(ticket.opened_at)),
    Row("LAST_RESOLVED_DATETIME", lambda ticket: _time(ticket.resolved_at)),
    Row("LAST_CLOSED_DATETIME", lambda ticket: _time(ticket.closed_at)),
    Row("LAST_IGNORED_DATETIME", lambda ticket: _time(ticket.ignored_at)),
)


def _cves(vulnerability: Vulnerability) -> Optional[Node]:
    found = tuple(Node("CVE_ID", cve, cdata=True) for cve in vulnerability.cves)
    return Node("CVE_ID_LIST", children=found) if found else None


def _references(vulnerability: Vulnerability) -> Optional[Node]:
    found = tuple(
        Node("VENDOR_REF", url, cdata=True, attributes=(("ref", name),)) for name, url in vulnerability.references
    )
    return Node("VENDOR_REF_LIST", children=found) if found else None


_VULNERABILITY: tuple[Row[Vulnerability], ...] = (
    Row("TITLE", lambda vulnerability: vulnerability.title, cdata=True),
    Row("TYPE", lambda vulnerability: "POSS" if vulnerability.potential else "VULN"),
    Row("QID", lambda vulnerability: vulnerability.qid),
    Row("SEVERITY", lambda vulnerability: vulnerability.severity),
    Row("STANDARD_SEVERITY", lambda vulnerability: vulnerability.standard_severity),
    Row("CVE_ID_LIST", _cves),
    Row("VENDOR_REF_LIST", _references),
)

_DETAILS: tuple[Row[Details], ...] = (
    Row("DIAGNOSIS", lambda details: details.diagnosis, cdata=True),
    Row("CONSEQUENCE", lambda details: details.consequence, cdata=True),
    Row("SOLUTION", lambda details: details.solution, cdata=True),
    Row("RESULT", lambda details: details.result, cdata=True),
)


def _history(ticket: Ticket) -> Optional[Node]:
    found = tuple(Node("HISTORY", children=nodes(_ENTRY, entry)) for entry in ticket.history or ())
    return Node("HISTORY_LIST", children=found) if found else None


def ticket_node(ticket: Ticket, *, details: bool, host_id: bool) -> Node:
    """TICKET; `details` and `host_id` are sent only where they are asked for."""
    spot = tuple(row for row in _SPOT if host_id or not row.asks)
    rows: tuple[Row[Ticket], ...] = (
        Row("NUMBER", lambda ticket: ticket.number),
        Row("CREATION_DATETIME", lambda ticket: stamp(ticket.created_at)),
        Row("DUE_DATETIME", lambda ticket: stamp(ticket.due_at)),
        Row("CURRENT_STATE", lambda ticket: ticket.state),
        Row("CURRENT_STATUS", lambda ticket: ticket.status),
        Row("INVALID", lambda ticket: int(ticket.invalid)),
        Row("ASSIGNEE", lambda ticket: _person("ASSIGNEE", ticket.assignee)),
        Row("DETECTION", lambda ticket: Node("DETECTION", children=nodes(spot, ticket.spot))),
        Row("STATS", lambda ticket: Node("STATS", children=nodes(_STATS, ticket))),
        Row("HISTORY_LIST", _history),
        Row("VULNINFO", lambda ticket: Node("VULNINFO", children=nodes(_VULNERABILITY, ticket.vulnerability))),
        Row("DETAILS", lambda ticket: _details(ticket) if details else None),
    )
    return Node("TICKET", children=nodes(rows, ticket))


def _details(ticket: Ticket) -> Node:
    return Node("DETAILS", children=nodes(_DETAILS, ticket.vulnerability.details))
