"""What the platform knows of web applications: the applications, and the findings of their scans.

Times are seconds since 1970; None means that the platform holds no such value and leaves the element out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ..model import Tag

VULNERABILITY, SENSITIVE, GATHERED = "VULNERABILITY", "SENSITIVE_CONTENT", "INFORMATION_GATHERED"
TYPES = (VULNERABILITY, SENSITIVE, GATHERED)
STATUSES = ("NEW", "ACTIVE", "REOPENED", "PROTECTED", "FIXED")
REASONS = ("FALSE_POSITIVE", "RISK_ACCEPTED", "NOT_APPLICABLE")
GROUPS = ("XSS", "SQL", "INFO", "PATH", "CC", "SSN_US", "CUSTOM")


@dataclass(frozen=True)
class User:
    """Someone of the subscription."""

    id: int
    username: str
    first_name: str
    last_name: str


@dataclass(frozen=True)
class WebApp:
    """A web application; `scanned_at` None: never scanned, so it has no findings."""

    id: int
    name: str
    url: str
    owner: int
    tags: tuple[Tag, ...]
    created_at: int
    updated_at: int
    scanned_at: Optional[int]
    scheduled: bool


@dataclass(frozen=True)
class Standard:
    """An entry of OWASP or WASC."""

    name: str
    url: str
    code: int


@dataclass(frozen=True)
class Payload:
    """What a scanner sent and what came back: `headers` and `body` of the request are base64, `response` may be.

    `offset`, `length`: where in the response the proof stands (the element is called payloadResponce).
    """

    payload: str
    method: str
    link: str
    headers: str
    body: Optional[str]
    response: str
    offset: int
    length: int


@dataclass(frozen=True)
class Result:
    """One place where the finding shows."""

    authentication: bool
    ajax: bool
    ajax_request_id: Optional[str]
    form_location: Optional[str]
    access_path: tuple[str, ...]
    payloads: tuple[Payload, ...]


@dataclass(frozen=True)
class Ignored:
    """Somebody does not want to see the finding."""

    reason: str
    by: User
    at: int
    comment: str


@dataclass(frozen=True)
class Score:
    """CVSS, version 3; `temporal` is left out for some."""

    base: str
    temporal: Optional[str]
    vector: str


@dataclass(frozen=True)
class Tls:
    """What a scan learned of an encrypted connection."""

    protocol: str
    virtualhost: str
    ip: str
    port: int
    result: str
    ciphers: tuple[tuple[str, ...], ...]
    fingerprint: str


@dataclass(frozen=True)
class ScanData:
    """A scan that saw the finding."""

    id: int
    reference: str
    launched_at: int


@dataclass(frozen=True)
class WebFinding:
    """One finding of one web application. Gathered information has no url, status, count or ignoring.

    `external_ref` can be asked for, but no answer is known to hold it.
    """

    id: int
    unique_id: str
    app: WebApp
    qid: int
    name: str
    type: str
    severity: int
    potential: bool
    finding_type: str
    first_detected_at: int
    last_detected_at: int
    last_tested_at: int
    updated_at: int
    detection_score: Optional[int] = None
    group: Optional[str] = None
    param: Optional[str] = None
    url: Optional[str] = None
    status: Optional[str] = None
    times_detected: Optional[int] = None
    fixed_at: Optional[int] = None
    ignored: Optional[Ignored] = None
    external_ref: Optional[str] = None
    cwe: tuple[int, ...] = ()
    owasp: tuple[Standard, ...] = ()
    wasc: tuple[Standard, ...] = ()
    results: tuple[Result, ...] = ()
    cvss_v3: Optional[Score] = None
    severity_comment: Optional[str] = None
    severity_by: Optional[User] = None
    tls: Optional[Tls] = None
    history: tuple[ScanData, ...] = ()
    patch: Optional[int] = None
