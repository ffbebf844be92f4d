"""The knowledge base's input of a site, and what it made of the platform's entries, compared with the ledger."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from qualys_ta.splunk import state
from standins.qualys import ExpectedEntry
from standins.qualys.standin import Received
from support.e2e import Site

KNOWLEDGE_BASE = "knowledge_base"
PATH = "/api/4.0/fo/knowledge_base/vuln/"
KB, CIM, CVES = "qualys_kb.csv", "qualys_kb_cim.csv", "qualys_kb_cve.csv"
LOOKUPS = (KB, CIM, CVES)
GONE = "qualys_gone_hosts.csv"

Row = dict[str, str]
_SEVERITIES = dict(zip("12345", ("informational", "low", "medium", "high", "critical")))
_WORDS = dict(zip("12345", ("Minimal", "Medium", "Serious", "Critical", "Urgent")))


@dataclass
class KnowledgeSite(Site):
    """A site whose input `knowledge_base` is started by hand; it has been made already."""

    name: str = KNOWLEDGE_BASE

    @classmethod
    def of(cls, site: Site, name: str = KNOWLEDGE_BASE) -> KnowledgeSite:
        """The same site with one more input, which is due."""
        with_input = cls(site.qualys, site.splunk, site.account, site.saved, site.calls_before, name)
        with_input.set_input(metric=KNOWLEDGE_BASE, duration="1d", account="demo", disabled="0")
        return with_input

    def fresh(self) -> None:
        super().fresh()
        self.set_input(metric=KNOWLEDGE_BASE, duration="1d", account="demo", disabled="0")

    @property
    def calls(self) -> list[Received]:
        """The calls for the knowledge base that the platform got."""
        return [call for call in self.qualys.requests[self.calls_before :] if "/knowledge_base/" in call.path]

    @property
    def store(self) -> Path:
        return self.checkpoints / "knowledge_base.demo.db"

    def rows(self, name: str) -> list[Row]:
        return csv_rows(self.lookups / name)

    def texts(self) -> dict[str, bytes]:
        """What is in the lookups, byte by byte; b"" for one that is missing."""
        paths = (self.lookups / name for name in LOOKUPS)
        return {path.name: path.read_bytes() if path.exists() else b"" for path in paths}

    def begun(self) -> list[str]:
        """Files in the lookups' folder that are neither a lookup nor shipped."""
        return [path.name for path in self.lookups.iterdir() if path.suffix not in (".csv", ".default")]

    def pulled(self) -> None:
        """A whole pull, an hour later on the platform, and an input that is asked to run again."""
        assert self.tick().returncode == 0
        self.qualys.clock.advance(3600)
        self.splunk.clean()
        state.ask(self.checkpoints, self.name, state.RUN_NOW)

    def differences(self, with_texts: bool = False) -> list[str]:
        """Where lookups and ledger disagree; [] where everything arrived as it is, once."""
        expected = list(self.qualys.knowledge_ledger.expected().values())
        made = {
            KB: [kb_row(entry, with_texts) for entry in expected],
            CIM: [cim_row(entry, self._url(entry.qid)) for entry in expected],
            CVES: [{"QID": str(entry.qid), "cve": cve} for entry in expected for cve in _newest_first(entry.cves)],
        }
        return [line for name, rows in made.items() for line in _differences(name, self.rows(name), rows)]

    def _url(self, qid: int) -> str:
        references = self.qualys.knowledge.entry(qid).vendor_references
        return (references[0].url or "") if references else ""


def csv_rows(path: Path) -> list[Row]:
    """The rows of a lookup; fails for one that is not CSV to its end."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file, strict=True)
    assert [line for line in lines if len(line) != len(header)] == []
    return [dict(zip(header, line)) for line in lines]


def _differences(name: str, found: list[Row], expected: list[Row]) -> Iterator[str]:
    if len(found) != len(expected):
        yield f"{name} has {len(found)} rows, not {len(expected)}"
    for ours, theirs in zip(found, expected):
        if ours != theirs:
            says, should = set(ours.items()), set(theirs.items())
            yield f"{name} says {says - should}, not {should - says}"


def kb_row(entry: ExpectedEntry, with_texts: bool = False) -> Row:
    """What qualys_kb.csv must say of an entry."""
    row = {
        "QID": str(entry.qid),
        "SEVERITY": str(entry.severity),
        "VULN_TYPE": entry.type,
        "PATCHABLE": _yes_no(entry.patchable),
        "PCI_FLAG": _yes_no(entry.pci),
        "TITLE": _line(entry.title),
        "CATEGORY": _line(entry.category),
        "PUBLISHED_DATETIME": entry.published,
        "LAST_SERVICE_MODIFICATION_DATETIME": entry.modified,
        "AUTHENTICATION": ", ".join(entry.authentication),
        "DISCOVERY_REMOTE": _yes_no(entry.remote),
        "SUPPORTED_MODULES": ", ".join(entry.modules),
        "CVSS_BASE": entry.cvss.base,
        "CVSS_TEMPORAL": entry.cvss.temporal,
        "CVSS_VECTOR_STRING": entry.cvss.vector,
        "CVSS_V3_BASE": entry.cvss_v3.base,
        "CVSS_V3_TEMPORAL": entry.cvss_v3.temporal,
        "CVSS_V3_VECTOR_STRING": entry.cvss_v3.vector,
        "CVE": ", ".join(_newest_first(entry.cves)),
        "VENDOR_REFERENCE": _line(", ".join(entry.vendor_references)),
        "THREAT_INTEL_IDS": ", ".join(str(ident) for ident, _ in entry.threats),
        "THREAT_INTEL_VALUES": ", ".join(word for _, word in entry.threats),
        "BUGTRAQ_IDS": ", ".join(entry.bugtraq),
        "EXPLOIT": _yes_no(entry.exploits),
        "MALWARE": _yes_no(entry.malware),
    }
    texts = {"DIAGNOSIS": entry.diagnosis, "CONSEQUENCE": entry.consequence, "SOLUTION": entry.solution}
    return {**row, **{name: text.replace('"', "'") for name, text in texts.items() if with_texts}}


def cim_row(entry: ExpectedEntry, url: str) -> Row:
    """What qualys_kb_cim.csv must say of an entry whose first reference is at `url`."""
    known, severity = kb_row(entry), str(entry.severity)
    numbers = [score for score in (entry.cvss_v3.base, entry.cvss.base) if re.fullmatch(r"\d+(\.\d+)?", score)]
    references = known["VENDOR_REFERENCE"].split(", ")
    return {
        "QID": known["QID"],
        "signature": known["TITLE"] or f"QID {entry.qid}",
        "category": known["CATEGORY"],
        "severity_id": severity,
        "severity": _SEVERITIES[severity],
        "vendor_severity": _WORDS[severity],
        "cvss": next((score for score in numbers if float(score)), (numbers or [""])[0]),
        "bugtraq": known["BUGTRAQ_IDS"],
        "mskb": ", ".join(each for each in references if re.fullmatch(r"KB\d+", each)),
        "msft": ", ".join(each for each in references if re.fullmatch(r"MS\d\d-\d+", each)),
        "url": url,
        "xref": known["VENDOR_REFERENCE"],
    }


def _newest_first(cves: Iterable[str]) -> list[str]:
    return sorted(cves, key=lambda cve: tuple(map(int, cve.split("-")[1:])), reverse=True)


def _yes_no(is_so: bool) -> str:
    return "YES" if is_so else "NO"


def _line(text: str) -> str:
    return text.translate(str.maketrans({'"': "'", "\n": " ", "\r": " ", "\t": " "}))
