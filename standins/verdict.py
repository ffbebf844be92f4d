"""Whether the pulls brought what the platform holds, and what Splunk makes of it: the demo's verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Optional

from standins import cim
from standins.identities import KINDS, Identity, held, indexed, looked_up, prefix_of
from standins.qualys import QualysStandin
from standins.qualys.knowledge_base import ExpectedEntry
from standins.splunk import SplunkStandin
from standins.splunk.search import Knowledge
from standins.splunk.search.values import values_of
from standins.splunk.store import EventRow

TICKET = "qualys:ticket"
NAMES = {"": "KB entry", "number": "ticket", "report_generated": "report finding"}
"""Prefix of an event -> what it is, where the prefix does not say so."""
CIM_CHECKED = 20_000
"""Events, evenly chosen, whose fields are evaluated: all of a large index would take longer than the pull."""


@dataclass(frozen=True)
class CimCheck:
    """The check of one kind of events: how many were looked at, how many belong into the model, what is wrong."""

    looked_at: int
    tagged: int
    faults: list[str]


@dataclass(frozen=True)
class Verdict:
    """What the demo proves: index and lookups against the ledger, and the events against the CIM's own lists."""

    expected: Mapping[str, int]
    indexed: Mapping[str, int]
    missing: int
    surplus: int
    cim: Mapping[str, CimCheck]

    @property
    def cim_faults(self) -> list[str]:
        return [fault for check in self.cim.values() for fault in check.faults]

    @property
    def good(self) -> bool:
        return not self.missing and not self.surplus and not self.cim_faults


def judge(qualys: QualysStandin, splunk: SplunkStandin, events: list[EventRow]) -> Verdict:
    """Compare what was indexed and written with what the platform holds, and check the CIM fields of open findings."""
    known = {str(qid): entry for qid, entry in qualys.knowledge_ledger.expected().items()}
    wanted = Counter(held(qualys, known.values()))
    found = Counter(chain(indexed(event["raw"] for event in events), looked_up(splunk.app_home)))
    return Verdict(
        expected=_kinds(wanted),
        indexed=_kinds(found),
        missing=sum((wanted - found).values()),
        surplus=sum((found - wanted).values()),
        cim=_cim_checks(Knowledge.load(splunk.app_home), events[:: len(events) // CIM_CHECKED + 1], known),
    )


def _kinds(identities: Counter[Identity]) -> dict[str, int]:
    counts = Counter(dict.fromkeys(KINDS, 0))
    for (kind_of, _), count in identities.items():
        counts[kind_of] += count
    return dict(counts)


def _cim_checks(
    knowledge: Knowledge, events: Iterable[EventRow], known: Mapping[str, ExpectedEntry]
) -> dict[str, CimCheck]:
    """By kind of event; an event that is not open and carries a tag of the model is at fault, too."""
    checks: dict[str, CimCheck] = {}
    for row in events:
        event = knowledge.event(row)
        before = checks.get(kind(row), CimCheck(0, 0, []))
        is_tagged = bool(set(cim.TAGS) & set(values_of(event, "tag")))
        qid = str(event.get("QID") or event.get("qid"))
        faults = list(cim.event_faults(event, _told(known.get(qid)))) if is_tagged else []
        if row["sourcetype"] == TICKET:
            faults.extend(cim.ticket_faults(event))
        if is_tagged != cim.is_open(event):
            faults.append("is tagged but not open" if is_tagged else "is open but not tagged")
        where = f"{event.get('HOST_ID') or event.get('webapp_id') or event.get('number')} QID {qid}"
        told = [*before.faults, *(f"{where}: {fault}" for fault in faults)]
        checks[kind(row)] = CimCheck(before.looked_at + 1, before.tagged + is_tagged, told)
    return checks


def kind(row: EventRow) -> str:
    """What sort of event it is, as people call it."""
    prefix = prefix_of(row["raw"])
    return NAMES.get(prefix, prefix)


def _told(entry: Optional[ExpectedEntry]) -> Optional[dict[str, str]]:
    if entry is None:
        return None
    return {
        "CVE": cim.LIST_SEPARATOR.join(entry.cves),
        "CVSS_BASE": entry.cvss.base or "",
        "CVSS_V3_BASE": entry.cvss_v3.base or "",
    }
