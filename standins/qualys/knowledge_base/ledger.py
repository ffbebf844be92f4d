"""What a correct client must end with of the knowledge base: tests compare a lookup or events with it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from ..clock import PlatformClock, stamp
from ..dirt import Dirt
from ..nodes import clean
from ..paging import Record
from .cvss import vector_string
from .holdings import KnowledgeBase
from .model import Entry, Reference, Score
from .query import KnowledgeQuery
from .soil import soil_entry
from .words import THREATS

_WITHOUT_CONTENT = ("action", "details", "echo_request")


@dataclass(frozen=True)
class ExpectedScore:
    """A score as the platform writes it: `base` and `temporal` are "" where it says nothing, and may be ``-``."""

    base: str = ""
    temporal: str = ""
    vector: str = ""


@dataclass(frozen=True)
class ExpectedEntry:
    """One QID, its text clean (see `nodes.clean`) and otherwise as the platform holds it: HTML, line ends, quotes.

    Lists are in the order of the answer, without their empty members; times are as the API writes them.
    """

    qid: int
    type: str
    severity: int
    title: str
    category: str
    published: str
    modified: str
    patchable: bool
    pci: bool
    remote: bool
    disabled: bool
    exploits: bool
    malware: bool
    cves: tuple[str, ...]
    vendor_references: tuple[str, ...]
    bugtraq: tuple[str, ...]
    threats: tuple[tuple[int, str], ...]
    authentication: tuple[str, ...]
    modules: tuple[str, ...]
    cvss: ExpectedScore
    cvss_v3: ExpectedScore
    diagnosis: str
    consequence: str
    solution: str


class KnowledgeLedger:
    """Reads the knowledge base as the platform holds it now, and counts what left the building."""

    def __init__(self, knowledge: KnowledgeBase, clock: PlatformClock, dirt: Dirt) -> None:
        self._knowledge = knowledge
        self._clock = clock
        self._dirt = dirt
        self._lock = threading.Lock()
        self.served: Counter[int] = Counter()

    def note(self, record: Record) -> None:
        """An answer holds this entry."""
        with self._lock:
            self.served[record.id] += 1

    def expected(self, params: Optional[Mapping[str, str]] = None, version: str = "4.0") -> dict[int, ExpectedEntry]:
        """QID -> what a pull with `params` (default: everything) and details=All must bring."""
        asked = {name: value for name, value in (params or {}).items() if name not in _WITHOUT_CONTENT}
        query = KnowledgeQuery({**asked, "action": "list"}, version, self._clock.now())
        return {entry.qid: self._expected(entry) for entry in query.select(self._knowledge)}

    def counts(self) -> dict[str, Any]:
        """Numbers only: the entries there are, and what was served."""
        return {
            "entries": len(self._knowledge),
            "served_entries": len(self.served),
            "served_records": sum(self.served.values()),
        }

    def _expected(self, held: Entry) -> ExpectedEntry:
        entry = soil_entry(held, self._dirt)
        return ExpectedEntry(
            qid=entry.qid,
            type=entry.type,
            severity=entry.severity,
            title=clean(entry.title),
            category=entry.category,
            published=stamp(entry.published_at),
            modified=stamp(entry.modified_at),
            patchable=entry.patchable,
            pci=entry.pci,
            remote=entry.remote,
            disabled=entry.disabled,
            exploits=bool(entry.exploits),
            malware=bool(entry.malware),
            cves=_idents(entry.cves),
            vendor_references=_idents(entry.vendor_references),
            bugtraq=_idents(entry.bugtraq),
            threats=tuple((ident, THREATS[ident]) for ident in entry.threats),
            authentication=entry.authentication,
            modules=entry.modules,
            cvss=_score(entry.cvss, "2.0"),
            cvss_v3=_score(entry.cvss_v3, "3.1"),
            diagnosis=clean(entry.diagnosis),
            consequence=clean(entry.consequence or ""),
            solution=clean(entry.solution or ""),
        )


def _idents(references: tuple[Reference, ...]) -> tuple[str, ...]:
    return tuple(reference.id for reference in references if reference.id)


def _score(score: Optional[Score], version: str) -> ExpectedScore:
    if score is None:
        return ExpectedScore()
    return ExpectedScore(score.base, score.temporal, vector_string(version, score))
