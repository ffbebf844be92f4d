"""What a correct client must end with of the web applications: tests and the demo compare an index with it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional

from ..clock import Moment, seconds, stamp
from ..dirt import Dirt
from ..nodes import flatten
from .holdings import WebHoldings
from .model import WebApp, WebFinding
from .query import finding_node, selected_findings
from .request import criteria_of

NO_STATUS = "-"


@dataclass(frozen=True)
class ExpectedWebFinding:
    """One finding: `elements` maps the path of each element of a verbose answer to its clean text (see
    `nodes.flatten`); `status` is ``-`` where the platform has none."""

    id: int
    app_id: int
    type: str
    status: str
    severity: int
    tested: str
    elements: Mapping[str, str]

    @property
    def identity(self) -> tuple[int, str, str]:
        """What makes an event of its own: the finding, when it was tested, and what came of it."""
        return self.id, self.tested, self.status


class WebLedger:
    """Reads the web applications as the platform holds them now, and counts what left the building."""

    def __init__(self, holdings: WebHoldings, dirt: Dirt) -> None:
        self._holdings = holdings
        self._dirt = dirt
        self._lock = threading.Lock()
        self.served: Counter[int] = Counter()

    def note(self, finding: WebFinding) -> None:
        """An answer holds this finding."""
        with self._lock:
            self.served[finding.id] += 1

    def expected(self, params: Optional[Mapping[str, str]] = None) -> dict[int, ExpectedWebFinding]:
        """Finding id -> what a complete pull with these criteria (default: none) must bring.

        `params` are criteria as `request.spoken` names them, ``{"lastTestedDate GREATER": "2025-11-01T00:00:00Z"}``;
        preferences among them do not count. ServiceError for criteria that the platform does not take.
        """
        return {finding.id: self._expected(finding) for finding in self._select(params)}

    def expected_since(self, moment: Moment) -> dict[int, ExpectedWebFinding]:
        """What a complete pull of all that was tested after `moment` must bring."""
        return self.expected({"lastTestedDate GREATER": stamp(seconds(moment))})

    def summaries(self, params: Optional[Mapping[str, str]] = None) -> dict[int, dict[str, int]]:
        """Web application id -> how many of its findings there are of each kind, as ``type_VULNERABILITY``,
        ``status_NEW``, ``severity_5``: for each application that a pull with these criteria meets, over all findings
        it holds now, and only numbers above 0."""
        met = {finding.app.id for finding in self._select(params)}
        counts: dict[int, Counter[str]] = {}
        for finding in self._select(None):
            if finding.app.id in met:
                counted = counts.setdefault(finding.app.id, Counter())
                status = finding.status or NO_STATUS
                counted.update((f"type_{finding.type}", f"status_{status}", f"severity_{finding.severity}"))
        return {ident: dict(sorted(counted.items())) for ident, counted in counts.items()}

    def apps(self) -> dict[int, WebApp]:
        """The applications there are, those without findings too."""
        return {app.id: app for app in self._holdings.apps()}

    def counts(self, params: Optional[Mapping[str, str]] = None) -> dict[str, Any]:
        """Numbers only: expected applications and findings, and what was served."""
        return {
            "web_apps": len(self.apps()),
            "web_findings": sum(1 for _ in self._select(params)),
            "served_web_findings": len(self.served),
            "served_web_records": sum(self.served.values()),
        }

    def _select(self, params: Optional[Mapping[str, str]]) -> Iterator[WebFinding]:
        return selected_findings(self._holdings, criteria_of(params or {}))

    def _expected(self, finding: WebFinding) -> ExpectedWebFinding:
        return ExpectedWebFinding(
            id=finding.id,
            app_id=finding.app.id,
            type=finding.type,
            status=finding.status or NO_STATUS,
            severity=finding.severity,
            tested=stamp(finding.last_tested_at),
            elements=flatten(finding_node(finding, self._dirt, verbose=True).children),
        )
