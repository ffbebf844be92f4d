"""What the platform holds and what an index tells, in the same words: so they can be compared one by one.

An `Identity` names the kind of thing, and which one, in the state that counts.
"""

from __future__ import annotations

import csv
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
KINDS = (HOSTS, FINDINGS, ENTRIES, WEB_FINDINGS, WEB_APPS, POLICIES, POSTURES, SUMMARIES)

PREFIX = re.compile(r"([A-Z_]+): ")
HOST = re.compile(r"HOST_ID=(\d+)(?:.*? UNIQUE_VULN_ID=\"(\d+)\")?", re.DOTALL)
PAIR = re.compile(r'([\w.-]+)="([^"]*)"')
"""A key and its value; no value holds a quote."""
WEB_COUNT = re.compile(r"(?:type|status|severity)_.+")
_OF_COMPLIANCE = {"POLICY_INFO": POLICIES, "POSTURE_INFO": POSTURES, "POLICY_SUMMARY": SUMMARIES}


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
    for prefix, *told in qualys.compliance_ledger.identities():
        yield _OF_COMPLIANCE[prefix], " ".join(told)


def prefix_of(raw: str) -> str:
    """What an event begins with; "" where it has no prefix."""
    found = PREFIX.match(raw)
    return found[1] if found else ""


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
    "POLICY_INFO": _named(POLICIES, "POLICY_ID"),
    "POSTURE_INFO": _named(POSTURES, "POLICY_ID", "POSTURE_ID", "STATUS", "POSTURE_MODIFIED_DATE"),
    "POLICY_SUMMARY": _summary,
}
"""Prefix of an event -> how it is read."""
