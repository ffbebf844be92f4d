"""What the knowledge base holds on one QID, before any answer is written.

Times are seconds since 1970; None means that the platform holds no such value and leaves the element out. What the
vendor's DTD demands and real answers lack (the URL of a CVE, the parts of an exploit) can be None too: see `soil`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Reference:
    """A CVE, a vendor's advisory or a Bugtraq entry."""

    id: str
    url: Optional[str]


@dataclass(frozen=True)
class Software:
    """What is vulnerable."""

    product: str
    vendor: str


@dataclass(frozen=True)
class Exploit:
    """A known way to use the vulnerability."""

    ref: Optional[str]
    desc: Optional[str]
    link: Optional[str] = None


@dataclass(frozen=True)
class ExploitSource:
    """Who lists exploits; `exploits` None: the source stands there without a list."""

    name: str
    exploits: Optional[tuple[Exploit, ...]]


@dataclass(frozen=True)
class Malware:
    """One kind of malware that uses the vulnerability."""

    id: str
    type: str
    platform: str
    alias: str
    rating: str
    link: str


@dataclass(frozen=True)
class MalwareSource:
    """Who lists malware."""

    name: str
    malware: tuple[Malware, ...]


@dataclass(frozen=True)
class Score:
    """A CVSS score as the platform writes it: `base` and `temporal` may be ``-`` or ``0``; `source` is ``service``
    where Qualys gave the score. `vector` is what follows ``CVSS:<version>/``, "" if there is none."""

    base: str
    temporal: str = ""
    vector: str = ""
    source: str = ""


@dataclass(frozen=True)
class Compliance:
    """A rule that the vulnerability breaks."""

    type: str
    section: str
    description: str


@dataclass(frozen=True)
class Customization:
    """The customer changed the entry; its severity is the customer's from then on."""

    at: int
    username: str
    comment: str


@dataclass(frozen=True)
class Change:
    """A line of the entry's change log."""

    at: int
    comments: str


@dataclass(frozen=True)
class Entry:
    """One QID. `type` is the VULN_TYPE; the texts hold HTML."""

    qid: int
    type: str
    severity: int
    title: str
    category: str
    published_at: int
    modified_at: int
    code_modified_at: Optional[int]
    patchable: bool
    diagnosis: str
    pci: bool
    remote: bool
    disabled: bool = False
    technology: Optional[str] = None
    customization: Optional[Customization] = None
    bugtraq: tuple[Reference, ...] = ()
    patch_published_at: Optional[int] = None
    software: tuple[Software, ...] = ()
    vendor_references: tuple[Reference, ...] = ()
    cves: tuple[Reference, ...] = ()
    consequence: Optional[str] = None
    solution: Optional[str] = None
    compliance: tuple[Compliance, ...] = ()
    exploits: tuple[ExploitSource, ...] = ()
    malware: tuple[MalwareSource, ...] = ()
    cvss: Optional[Score] = None
    cvss_v3: Optional[Score] = None
    cvss_v4: Optional[Score] = None
    pci_reasons: tuple[str, ...] = ()
    threats: tuple[int, ...] = ()
    modules: tuple[str, ...] = ()
    authentication: tuple[str, ...] = ()
    additional_info: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def last_modified_at(self) -> int:
        """When the service or the customer last changed it."""
        return max(self.modified_at, self.customization.at if self.customization else 0)
