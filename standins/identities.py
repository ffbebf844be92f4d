"""What the platform holds and what an index tells, in the same words: so they can be compared one by one.

An `Identity` names the kind of thing, and which one, in the state that counts.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Callable

from standins import cim
from standins.qualys import QualysStandin
from standins.qualys.knowledge_base import ExpectedEntry

Identity = tuple[str, str]

KNOWLEDGE_TABLE = "qualys_kb.csv"
HOSTS, FINDINGS, ENTRIES = "hosts", "findings", "QIDs"
WEB_FINDINGS, WEB_APPS = "web findings", "web applications"
POLICIES, POSTURES, SUMMARIES = "policies", "postures", "policy summaries"
ASSETS, TAGS, GROUPS = "assets", "tags", "asset groups"
TICKETS = "tickets"
REPORTED = "findings of reports"
CHANGES, IGNORED_CHANGES = "file changes", "ignored file changes"
INCIDENTS, INCIDENT_CHANGES = "file incidents", "changes of incidents"
FIM_KINDS = (CHANGES, IGNORED_CHANGES, INCIDENTS, INCIDENT_CHANGES)
KINDS = (
    HOSTS,
    FINDINGS,
    ENTRIES,
    WEB_FINDINGS,
    WEB_APPS,
    POLICIES,
    POSTURES,
    SUMMARIES,
    ASSETS,
    TAGS,
    GROUPS,
    TICKETS,
    REPORTED,
    *FIM_KINDS,
)

PREFIX = re.compile(
    r'([A-Z_]+): |\{"(?:eventKind":"(\w+)"|(number)":\d+,"modified"|(report_generated)"|.*"splunk_event_type":"(\w+)")'
)
HOST = re.compile(r"HOST_ID=(\d+)(?:.*? UNIQUE_VULN_ID=\"(\d+)\")?", re.DOTALL)
PAIR = re.compile(r'([\w.-]+)="([^"]*)"')
"""A key and its value; no value holds a quote."""
WEB_COUNT = re.compile(r"(?:type|status|severity)_.+")
_OF_COMPLIANCE = {"POLICY_INFO": POLICIES, "POSTURE_INFO": POSTURES, "POLICY_SUMMARY": SUMMARIES}

_OF_REPORTED = ("qid", "port", "protocol", "ssl", "instance", "fqdn", "status", "last_found")
_OF_FILES = dict(zip(("FIM_EVENT", "FIM_IGNORED_EVENT", "FIM_INCIDENT", "FIM_INCIDENT_EVENT"), FIM_KINDS))


def held(qualys: QualysStandin, entries: Iterable[ExpectedEntry]) -> Iterator[Identity]:
    """All that the platform holds, as its ledgers say; `entries`: what its knowledge base holds."""
    for host, finding in qualys.ledger.identities():
        yield _of_host(host, finding)
    for entry in entries:
        yield ENTRIES, " ".join((str(entry.qid), str(entry.severity), *sorted(entry.cves)))
    for web_finding in qualys.web_ledger.expected().values():
        parts = (web_finding.app_id, web_finding.id, web_finding.tested, web_finding.status)
        yield WEB_FINDINGS, " ".join(map(str, parts))
    for app_id, counts in qualys.web_ledger.summaries().items():
        yield WEB_APPS, _counted(app_id, counts)
    yield from _held_assets(qualys)
    for ticket in qualys.ticket_ledger.expected().values():
        yield TICKETS, " ".join(map(str, ticket.identity))
    yield from _held_reports(qualys)
    for prefix, *told in qualys.fim_ledger.identities():
        yield _OF_FILES[prefix], " ".join(told)
    for prefix, *told in qualys.compliance_ledger.identities():
        yield _OF_COMPLIANCE[prefix], " ".join(told)


def _held_reports(qualys: QualysStandin) -> Iterator[Identity]:
    for told in qualys.report_ledger.identities():
        yield REPORTED, " ".join(told)


def _held_assets(qualys: QualysStandin) -> Iterator[Identity]:
    for asset, modified in qualys.asset_ledger.identities():
        yield ASSETS, f"{asset} {modified}"
    for ident, elements in qualys.asset_ledger.tags().items():
        yield TAGS, f"{ident} {elements['modified']}"
    for ident, elements in qualys.asset_ledger.groups().items():
        yield GROUPS, f"{ident} {elements['LAST_UPDATE']}"


def prefix_of(raw: str) -> str:
    """What an event begins with, in JSON its kind, or a ticket's number; "" where it has no prefix."""
    found = PREFIX.match(raw)
    return next(filter(None, found.groups())) if found else ""


def indexed(texts: Iterable[str]) -> Iterator[Identity]:
    """What events say; those of another kind are passed over."""
    for raw in texts:
        reader = READERS.get(prefix_of(raw))
        if reader:
            yield reader(raw)


def looked_up(app_home: Path) -> Iterator[Identity]:
    """What the lookup of the knowledge base says."""
    with (app_home / "lookups" / KNOWLEDGE_TABLE).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cves = sorted(filter(None, row["CVE"].split(cim.LIST_SEPARATOR)))
            yield ENTRIES, " ".join((row["QID"], row["SEVERITY"], *cves))


def _of_host(host: str, finding: str) -> Identity:
    return (FINDINGS, f"{host} {finding}") if finding else (HOSTS, host)


def _host(raw: str) -> Identity:
    """A host summary has no finding."""
    found = HOST.search(raw)
    return _of_host(found[1], found[2] or "") if found else (HOSTS, raw[:40])


def _named(kind: str, *names: str) -> Callable[[str], Identity]:
    """What has these values."""

    def read(raw: str) -> Identity:
        told = dict(PAIR.findall(raw))
        return kind, " ".join(str(told.get(name)) for name in names)

    return read


def _in_json(kind: str, *names: str) -> Callable[[str], Identity]:
    """The same of an event in JSON."""

    def read(raw: str) -> Identity:
        told = json.loads(raw)
        return kind, " ".join(str(told.get(name)) for name in names)

    return read


def _reported(raw: str) -> Identity:
    told = json.loads(raw)
    names = ("report_id", "ip", "network_id", *_OF_REPORTED)
    return REPORTED, " ".join(str(told.get(name, "")) for name in names)


def _web_app(raw: str) -> Identity:
    told = dict(PAIR.findall(raw))
    counts = {name: int(value) for name, value in told.items() if WEB_COUNT.fullmatch(name)}
    return WEB_APPS, _counted(told.get("webapp_id"), counts)


def _counted(app_id: object, counts: Mapping[str, int]) -> str:
    return ", ".join((str(app_id), *(f"{name}={count}" for name, count in sorted(counts.items()) if count)))


def _summary(raw: str) -> Identity:
    (_, policy), (_, controls), *counts = PAIR.findall(raw)
    return SUMMARIES, " ".join((policy, controls, *sorted(f"{name}={count}" for name, count in counts)))


READERS: Mapping[str, Callable[[str], Identity]] = {
    **dict.fromkeys(("HOSTSUMMARY", "HOSTVULN", "HOSTGONE"), _host),
    "WAS_FINDING": _named(WEB_FINDINGS, "webapp_id", "finding_id", "lastTestedDate", "status"),
    "WAS_SUMMARY": _web_app,
    "report_generated": _reported,
    "number": _in_json(TICKETS, "number", "modified", "current_state"),
    "asset": _in_json(ASSETS, "id", "modified"),
    "tag": _in_json(TAGS, "id", "modified"),
    "assetGroup": _in_json(GROUPS, "ID", "LAST_UPDATE"),
    "FIM_EVENT": _in_json(CHANGES, "id"),
    "FIM_IGNORED_EVENT": _in_json(IGNORED_CHANGES, "id"),
    "FIM_INCIDENT": _in_json(INCIDENTS, "id", "status", "approvalStatus", "comment"),
    "FIM_INCIDENT_EVENT": _in_json(INCIDENT_CHANGES, "incidentId", "id"),
    "POLICY_INFO": _named(POLICIES, "POLICY_ID"),
    "POSTURE_INFO": _named(POSTURES, "POLICY_ID", "POSTURE_ID", "STATUS", "POSTURE_MODIFIED_DATE"),
    "POLICY_SUMMARY": _summary,
}
"""Prefix, or kind, of an event -> how it is read."""
