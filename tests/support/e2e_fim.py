"""The inputs of a site that pull file integrity, and what they brought, compared with the ledger."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar, Optional

from standins.qualys.gateway.ledger import IGNORED, INCIDENT, INCIDENT_EVENT
from standins.qualys.limits import Allowance
from standins.qualys.standin import Received
from support.e2e_feeds import FeedSite, Identity, Values

OURS = ("splunk_event_type", "incidentId", "createdBy")
"""What an event says that its record does not, or says otherwise."""


@dataclass
class FimSite(FeedSite):
    """With the input of one of the metrics of file integrity."""

    path: ClassVar[str] = ""

    def fresh(self) -> None:
        """The calls of thousands of runs would be more than the platform allows in an hour."""
        super().fresh()
        self.qualys.gateway_limits.allow(Allowance())

    has_summaries = False

    @property
    def calls(self) -> list[Received]:
        return [call for call in self.qualys.requests[self.calls_before :] if call.path == self.path]

    def identity(self, raw: str) -> Optional[Identity]:
        told = json.loads(raw)
        kind: str = told["splunk_event_type"]
        if kind == INCIDENT:
            return kind, told["id"], told["status"], told["approvalStatus"], str(told["comment"])
        return (kind, told["incidentId"], told["id"]) if kind == INCIDENT_EVENT else (kind, told["id"])

    def values(self) -> dict[Identity, Values]:
        """What somebody may change of an incident is part of its identity."""
        held = self.qualys.fim_ledger.records()
        return {each: {} if each[0] == INCIDENT else _same(held[each[-1]]) for each in self.wanted("")}

    def told(self, raw: str) -> Values:
        return _same(json.loads(raw))


def _same(record: dict[str, Any]) -> Values:
    return {name: json.dumps(value, sort_keys=True) for name, value in record.items() if name not in OURS}


@dataclass
class FimEventSite(FimSite):
    name: str = "fim_events"
    path = "/fim/v2/events/search"

    def change(self) -> None:
        """Seven files change."""
        self.qualys.fim.happen(7)

    def wanted(self, since: str) -> Counter[Identity]:
        return Counter(self.qualys.fim_ledger.events(since or None))


@dataclass
class FimIgnoredSite(FimSite):
    name: str = "fim_ignored_events"
    path = "/fim/v2/events/ignore/search"

    def change(self) -> None:
        """Seven files change, and nobody minds."""
        self.qualys.fim.happen(7, ignored=True)

    def wanted(self, since: str) -> Counter[Identity]:
        return Counter(self.qualys.fim_ledger.events(since or None, ignored=True))

    def identity(self, raw: str) -> Optional[Identity]:
        found = super().identity(raw)
        assert found
        assert found[0] == IGNORED
        return found


@dataclass
class FimIncidentSite(FimSite):
    name: str = "fim_incidents"
    path = "/fim/v2/incidents/search"
    has_summaries = True

    def change(self) -> None:
        """Four incidents are made, one of each kind of decision; those that are open get another event, and
        somebody comments on one that was closed."""
        fim = self.qualys.fim
        fim.grow([each["id"] for each in fim.incidents if each["status"] == "OPEN"])
        closed = [each["id"] for each in fim.incidents if each["status"] == "CLOSED"]
        fim.update(closed[:1], comment=f"seen at {self.qualys.clock.now()}")
        fim.report(4)

    def wanted(self, since: str) -> Counter[Identity]:
        return Counter(self.qualys.fim_ledger.incidents(since or None))
