"""The input of scan reports, and what it brought, compared with the platform's ledger."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional

from standins.qualys.reports import ExpectedFinding, Report
from standins.qualys.standin import Received
from support.e2e_feeds import FeedSite, Identity
from support.page import choose

ALL, SEVERE = "All findings of all hosts", "535353"
WANTED = f"{ALL}\n{SEVERE}"
_OF_FINDING = ("qid", "port", "protocol", "ssl", "instance", "fqdn", "status", "last_found")
HOST_SAME = {"dns": "DNS", "netbios": "NETBIOS", "operating_system": "OPERATING_SYSTEM", "host_id": "HOST_ID"}
FINDING_SAME = {"type": "TYPE", "first_found": "FIRST_FOUND", "times_found": "TIMES_FOUND", "result": "RESULT"}
DETAILS_SAME = {"title": "TITLE", "severity": "SEVERITY", "description": "THREAT", "last_update": "LAST_UPDATE"}
LISTS = {"cve": "CVE_ID_LIST/CVE_ID/ID", "bugtraq": "BUGTRAQ_ID_LIST/BUGTRAQ_ID/ID"}


@dataclass
class ReportSite(FeedSite):
    """With the input `scan_report` and two templates, one by title, one by id."""

    has_summaries = False
    name: str = "scan_report"
    launched_before: int = 0

    def fresh(self) -> None:
        super().fresh()
        self.launched_before = 0
        choose(self, "reports", report_templates=WANTED, report_poll_seconds="1")

    @property
    def launched(self) -> list[Report]:
        return self.qualys.reports.launched[self.launched_before :]

    @property
    def calls(self) -> list[Received]:
        return [call for call in self.qualys.requests[self.calls_before :] if call.path.endswith("/fo/report/")]

    def actions(self, action: str) -> list[Received]:
        """The calls of one action."""
        return [call for call in self.calls if call.params.get("action") == action]

    def change(self) -> None:
        """Every third host is processed again, and two come."""
        self.launched_before = len(self.qualys.reports.launched)
        self.qualys.touch(self.qualys.population.ids[::3])
        self.qualys.add_hosts(2)

    def identity(self, raw: str) -> Optional[Identity]:
        told = json.loads(raw)
        host = (told["ip"], told.get("network_id", ""))
        return str(told.get("report_id", "")), *host, *(str(told.get(name, "")) for name in _OF_FINDING)

    def wanted(self, _since: str) -> Counter[Identity]:
        return Counter(self._expected())

    def _expected(self) -> dict[Identity, ExpectedFinding]:
        return {
            (str(report.id), *each.identity): each
            for report in self.launched
            for each in self.qualys.report_ledger.expected(report)
        }

    def wrong_values(self) -> Iterator[str]:
        held = self._expected()
        for raw in self.raw:
            told, identity = json.loads(raw), self.identity(raw)
            if identity in held:
                yield from (f"{raw[:60]}: {line}" for line in differing(told, held[identity]))


def differing(told: Mapping[str, Any], expected: ExpectedFinding) -> Iterator[str]:
    """Where an event does not say what it must."""
    parts = ((HOST_SAME, expected.host), (FINDING_SAME, expected.elements), (DETAILS_SAME, expected.details))
    for names, elements in parts:
        for name, path in names.items():
            if str(told.get(name, "")) != elements.get(path, ""):
                yield f"{name}={told.get(name)!r}, not {elements.get(path)!r}"
    for name, path in LISTS.items():
        if ",".join(told.get(name, ())) != expected.details.get(path, ""):
            yield f"{name}={told.get(name)!r}, not {expected.details.get(path)!r}"
    if told.get("security_risk") != expected.risk:
        yield f"security_risk={told.get('security_risk')!r}, not {expected.risk!r}"
