"""What a correct client must end with of reports: tests and the demo compare an index with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..nodes import Node, clean, flatten
from .document import ReportDocument, risk
from .holdings import ReportHoldings
from .model import Report, Template


@dataclass(frozen=True)
class ExpectedFinding:
    """One finding of a report. `elements`: the path of each element of VULN_INFO -> its clean text, `details` those of
    its QID in the glossary, `host` those of its host, but for the findings; see `nodes.flatten`."""

    host: Mapping[str, str]
    elements: Mapping[str, str]
    details: Mapping[str, str]
    risk: str

    @property
    def identity(self) -> tuple[str, ...]:
        """What an event of it speaks of: host, finding, and how that stood."""
        names = ("QID", "PORT", "PROTOCOL", "SSL", "INSTANCE", "FQDN", "VULN_STATUS", "LAST_FOUND")
        host = (self.host["IP"], self.host["IP@network_id"])
        return (*host, *(self.elements.get(name, "") for name in names))


class ReportLedger:
    """Reads reports as the platform would write them now, and counts what left the building."""

    def __init__(self, holdings: ReportHoldings, document: ReportDocument) -> None:
        self._holdings = holdings
        self._document = document
        self.served: Counter[int] = Counter()

    def note(self, report: Report) -> None:
        """The report was fetched."""
        self.served[report.id] += 1

    def expected(self, report: Report) -> Iterator[ExpectedFinding]:
        """What the report holds, finding by finding."""
        for host, found in self._document.hosts(report):
            node = self._document.host_node(host, found)
            told = flatten(child for child in node.children if child.name != "VULN_INFO_LIST")
            told = {**told, "IP": clean(host.ip)}
            findings = next(child for child in node.children if child.name == "VULN_INFO_LIST")
            for finding, each in zip(found, findings.children):
                details = self._document.details_node(finding.qid)
                explained = flatten(details.children) if details else {}
                yield ExpectedFinding(told, flatten(_of(each)), explained, risk(host))

    def identities(self) -> Iterator[tuple[str, ...]]:
        """Every finding of every report that was launched."""
        for report in self._holdings.launched:
            for each in self.expected(report):
                yield str(report.id), *each.identity

    def findings_of(self, template: Template) -> int:
        """How many findings a report from the template holds."""
        return sum(1 for _ in self.expected(Report(0, template, "", "", 0)))

    def counts(self) -> dict[str, Any]:
        """Numbers only: what was launched, fetched, and is still there."""
        return {
            "reports_launched": len(self._holdings.launched),
            "reports_served": sum(self.served.values()),
            "reports_left": len(self._holdings.reports()),
        }


def _of(finding: Node) -> tuple[Node, ...]:
    return finding.children
