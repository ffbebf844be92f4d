"""What a correct client must end with, and what was in fact served: tests and the demo compare an index with it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional

from .clock import PlatformClock
from .detection import DetectionQuery
from .dirt import Dirt
from .named import Named
from .nodes import flatten
from .paging import Record
from .population import Population

EVERYTHING: Mapping[str, str] = {
    "status": "New,Active,Fixed,Re-Opened",
    "show_igs": "1",
    "include_ignored": "1",
    "include_disabled": "1",
}
"""Parameters that leave no finding out."""

_WITHOUT_CONTENT = ("action", "truncation_limit", "id_min", "id_max", "echo_request")


@dataclass(frozen=True)
class ExpectedFinding:
    """One finding: `elements` maps the path of each element to its clean text (see `nodes.flatten`)."""

    host_id: int
    unique_vuln_id: str
    elements: Mapping[str, str]

    @property
    def key(self) -> tuple[str, ...]:
        """The identity for clients that do not know UNIQUE_VULN_ID."""
        parts = ("QID", "PORT", "PROTOCOL", "SSL", "INSTANCE", "FQDN")
        return (str(self.host_id), *(self.elements.get(part, "") for part in parts))


@dataclass(frozen=True)
class ExpectedHost:
    """One host: `elements` as in ExpectedFinding; `tags` are its tags' names, whether the call asks for them or not."""

    id: int
    elements: Mapping[str, str]
    tags: tuple[str, ...]
    findings: tuple[ExpectedFinding, ...]


class Ledger:
    """Reads the population as the platform holds it now, and counts what left the building."""

    def __init__(
        self, population: Population, clock: PlatformClock, dirt: Dirt, named: Named, without: Container[str] = ()
    ) -> None:
        self._population = population
        self._clock = clock
        self._dirt = dirt
        self._named = named
        self._without = without
        self._lock = threading.Lock()
        self.served: Counter[int] = Counter()
        self.findings_served = 0

    def note(self, record: Record) -> None:
        """A detection answer holds this host."""
        with self._lock:
            self.served[record.id] += 1
            self.findings_served += record.findings

    def expected(self, params: Optional[Mapping[str, str]] = None, version: str = "5.0") -> dict[int, ExpectedHost]:
        """Host id -> what a detection pull with `params` (default: everything) must bring, all pages together."""
        return {host.id: host for host in self.expected_hosts(params, version)}

    def expected_hosts(
        self, params: Optional[Mapping[str, str]] = None, version: str = "5.0"
    ) -> Iterator[ExpectedHost]:
        """The same, host by host."""
        query = self._query(params, version)
        for host, findings in query.select(self._population):
            found = tuple(
                ExpectedFinding(host.id, str(finding.unique_vuln_id), flatten(query.finding_nodes(finding, self._dirt)))
                for finding in findings
            )
            elements = flatten(query.host_nodes(host, self._dirt))
            yield ExpectedHost(host.id, elements, tuple(tag.name for tag in host.tags), found)

    def identities(self, params: Optional[Mapping[str, str]] = None) -> Iterator[tuple[str, str]]:
        """(host id, "") for each expected host, and (host id, UNIQUE_VULN_ID) for each expected finding."""
        for host, findings in self._query(params).select(self._population):
            yield str(host.id), ""
            for finding in findings:
                yield str(host.id), str(finding.unique_vuln_id)

    def statuses(self, params: Optional[Mapping[str, str]] = None) -> dict[str, str]:
        """UNIQUE_VULN_ID -> STATUS ("" for information without one), over all hosts."""
        return {
            finding.unique_vuln_id: finding.elements.get("STATUS", "")
            for host in self.expected_hosts(params)
            for finding in host.findings
        }

    def counts(self, params: Optional[Mapping[str, str]] = None) -> dict[str, Any]:
        """Numbers only: expected hosts and findings, and what was served."""
        findings = [len(found) for _, found in self._query(params).select(self._population)]
        return {
            "hosts": len(findings),
            "findings": sum(findings),
            "served_hosts": len(self.served),
            "served_records": sum(self.served.values()),
            "served_findings": self.findings_served,
        }

    def _query(self, params: Optional[Mapping[str, str]], version: str = "5.0") -> DetectionQuery:
        given = EVERYTHING if params is None else params
        asked = {name: value for name, value in given.items() if name not in _WITHOUT_CONTENT}
        return DetectionQuery({**asked, "action": "list"}, version, self._clock.now(), self._named, self._without)
