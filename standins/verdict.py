"""Whether a pull brought what the platform holds, and what Splunk makes of it: the demo's verdict."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from standins.qualys import QualysStandin
from standins.splunk import SplunkStandin
from standins.splunk.search import Knowledge
from standins.splunk.store import EventRow

SEVERITIES = frozenset(("informational", "low", "medium", "high", "critical"))
CIM_CHECKED = 20_000
"""Events, evenly chosen, whose fields are evaluated: all of a large index would take longer than the pull."""

IDENTITY = re.compile(r"HOST_ID=(\d+)(?:.*? UNIQUE_VULN_ID=\"(\d+)\")?", re.DOTALL)
CIM_FIELDS = ("dest", "dvc", "severity", "signature", "signature_id", "vendor_product")


@dataclass(frozen=True)
class Verdict:
    """What the demo proves: index against ledger, and the CIM fields of open findings."""

    expected: Mapping[str, int]
    indexed: Mapping[str, int]
    missing: int
    surplus: int
    cim_faults: list[str]

    @property
    def good(self) -> bool:
        return not self.missing and not self.surplus and not self.cim_faults


def judge(qualys: QualysStandin, splunk: SplunkStandin, events: list[EventRow]) -> Verdict:
    """Compare what was indexed with what the platform holds, and check the CIM fields of open findings."""
    wanted = Counter(qualys.ledger.identities())
    found = Counter(_identity(event["raw"]) for event in events)
    return Verdict(
        expected=_kinds(wanted),
        indexed=_kinds(found),
        missing=sum((wanted - found).values()),
        surplus=sum((found - wanted).values()),
        cim_faults=list(_cim_faults(Knowledge.load(splunk.app_home), events[:: len(events) // CIM_CHECKED + 1])),
    )


def _identity(raw: str) -> tuple[str, str]:
    """Host and finding of an event, as the ledger names them; a host summary has no finding."""
    found = IDENTITY.search(raw)
    return (found.group(1), found.group(2) or "") if found else (raw[:40], "")


def _kinds(identities: Counter[tuple[str, str]]) -> dict[str, int]:
    return {
        "hosts": sum(count for (_, finding), count in identities.items() if not finding),
        "findings": sum(count for (_, finding), count in identities.items() if finding),
    }


def _cim_faults(knowledge: Knowledge, events: Iterable[EventRow]) -> Iterable[str]:
    """What the CIM's Vulnerabilities model would miss in findings that carry its tags."""
    for event in events:
        if "vulnerability" not in knowledge.tags(event):
            continue
        fields = knowledge.fields(event)
        where = f"host {fields.get('HOST_ID')} QID {fields.get('QID')}"
        yield from (f"{where}: {name} is empty" for name in CIM_FIELDS if not fields.get(name))
        if fields.get("severity") not in SEVERITIES:
            yield f"{where}: severity is {fields.get('severity')!r}"
