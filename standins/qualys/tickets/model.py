"""What the platform knows of a remediation ticket.

Times are seconds since 1970; None means that the platform holds no such value and leaves the element out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

OPEN, RESOLVED, CLOSED = "OPEN", "RESOLVED", "CLOSED"
REOPENED, FIXED, IGNORED = "REOPENED", "FIXED", "IGNORED"


@dataclass(frozen=True)
class Person:
    """A user of the subscription."""

    name: str
    email: str
    login: str


@dataclass(frozen=True)
class Entry:
    """One thing that happened to a ticket; a change of state has `new`."""

    at: int
    actor: str
    old: Optional[str] = None
    new: Optional[str] = None
    added: Optional[Person] = None
    removed: Optional[Person] = None
    scan: Optional[str] = None
    rule: Optional[str] = None
    comment: Optional[str] = None


@dataclass(frozen=True)
class Details:
    """The long texts, sent where they are asked for."""

    diagnosis: str
    consequence: Optional[str]
    solution: Optional[str]
    result: Optional[str]


@dataclass(frozen=True)
class Vulnerability:
    """What the ticket is about; `potential` or confirmed."""

    title: str
    potential: bool
    qid: int
    severity: int
    standard_severity: int
    cves: tuple[str, ...]
    references: tuple[tuple[str, str], ...]
    details: Details


@dataclass(frozen=True)
class Spot:
    """Where the vulnerability was found."""

    ip: str
    host_id: int
    dns: Optional[str]
    netbios: Optional[str]
    port: Optional[int]
    service: Optional[str]
    protocol: Optional[str]
    fqdn: Optional[str]
    ssl: Optional[int]
    instance: Optional[str]


@dataclass(frozen=True)
class Ticket:
    """A ticket as it stands; `history` with the newest entry first, None where the platform tells none."""

    number: int
    created_at: int
    due_at: int
    state: str
    status: Optional[str]
    invalid: bool
    assignee: Person
    spot: Spot
    vulnerability: Vulnerability
    first_found_at: int
    last_found_at: int
    last_scan_at: int
    times_found: int
    times_not_found: Optional[int]
    history: Optional[tuple[Entry, ...]]
    opened_at: int
    resolved_at: Optional[int] = None
    closed_at: Optional[int] = None
    ignored_at: Optional[int] = None

    @property
    def modified_at(self) -> int:
        """When somebody or something last changed it. That a scan finds the vulnerability again is no change."""
        return self.history[0].at if self.history else self.created_at

    @property
    def stands(self) -> str:
        """What the parameter `states` calls its state."""
        return IGNORED if self.status == IGNORED else self.state
