"""Whether the pulls brought what the platform holds, and what Splunk makes of it: the demo's verdict."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from standins import cim
from standins.qualys import QualysStandin
from standins.qualys.knowledge_base import ExpectedEntry
from standins.splunk import SplunkStandin
from standins.splunk.search import Knowledge
from standins.splunk.search.values import values_of
from standins.splunk.store import EventRow

CIM_CHECKED = 20_000
"""Events, evenly chosen, whose fields are evaluated: all of a large index would take longer than the pull."""

KNOWLEDGE_TABLE = "qualys_kb.csv"
IDENTITY = re.compile(r"HOST_ID=(\d+)(?:.*? UNIQUE_VULN_ID=\"(\d+)\")?", re.DOTALL)


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
    wanted = Counter(qualys.ledger.identities()) + Counter(_entry_identity(entry) for entry in known.values())
    found = Counter(_identity(event["raw"]) for event in events if event["raw"].startswith("HOST"))
    found += Counter(_row_identities(splunk.app_home))
    return Verdict(
        expected=_kinds(wanted),
        indexed=_kinds(found),
        missing=sum((wanted - found).values()),
        surplus=sum((found - wanted).values()),
        cim=_cim_checks(Knowledge.load(splunk.app_home), events[:: len(events) // CIM_CHECKED + 1], known),
    )


def _identity(raw: str) -> tuple[str, str]:
    """Host and finding of an event, as the ledger names them; a host summary has no finding."""
    found = IDENTITY.search(raw)
    return (found.group(1), found.group(2) or "") if found else (raw[:40], "")


def _entry_identity(entry: ExpectedEntry) -> tuple[str, str]:
    return f"QID {entry.qid}", " ".join((str(entry.severity), *sorted(entry.cves)))


def _row_identities(app_home: Path) -> Iterable[tuple[str, str]]:
    with (app_home / "lookups" / KNOWLEDGE_TABLE).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cves = sorted(filter(None, row["CVE"].split(cim.LIST_SEPARATOR)))
            yield f"QID {row['QID']}", " ".join((row["SEVERITY"], *cves))


def _kinds(identities: Counter[tuple[str, str]]) -> dict[str, int]:
    kinds = Counter({"hosts": 0, "findings": 0, "QIDs": 0})
    for (where, finding), count in identities.items():
        kinds["QIDs" if where.startswith("QID") else "findings" if finding else "hosts"] += count
    return dict(kinds)


def _cim_checks(
    knowledge: Knowledge, events: Iterable[EventRow], known: Mapping[str, ExpectedEntry]
) -> dict[str, CimCheck]:
    """By kind of event; an event that is not open and carries a tag of the model is at fault, too."""
    checks: dict[str, CimCheck] = {}
    for row in events:
        event = knowledge.event(row)
        before = checks.get(kind(row), CimCheck(0, 0, []))
        is_tagged = bool(set(cim.TAGS) & set(values_of(event, "tag")))
        faults = list(cim.event_faults(event, _told(known.get(str(event.get("QID")))))) if is_tagged else []
        if is_tagged != cim.is_open(event):
            faults.append("is tagged but not open" if is_tagged else "is open but not tagged")
        where = f"host {event.get('HOST_ID')} QID {event.get('QID')}"
        told = [*before.faults, *(f"{where}: {fault}" for fault in faults)]
        checks[kind(row)] = CimCheck(before.looked_at + 1, before.tagged + is_tagged, told)
    return checks


def kind(row: EventRow) -> str:
    """What sort of event it is: its prefix, or what its sourcetype calls it."""
    return row["raw"].partition(":")[0] if row["raw"].startswith("HOST") else "KB entry"


def _told(entry: Optional[ExpectedEntry]) -> Optional[dict[str, str]]:
    if entry is None:
        return None
    return {
        "CVE": cim.LIST_SEPARATOR.join(entry.cves),
        "CVSS_BASE": entry.cvss.base or "",
        "CVSS_V3_BASE": entry.cvss_v3.base or "",
    }
