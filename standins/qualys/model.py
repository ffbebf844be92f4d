"""What the platform knows: hosts and the findings on them, before any answer is written.

Times are seconds since 1970; None means that the platform holds no such value and leaves the element out.
Text that is not Unicode in the scan's output is kept as lone surrogates (``surrogateescape``), so it reaches the wire
as the bytes it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional


@dataclass(frozen=True)
class Tag:
    """An asset tag."""

    id: int
    name: str


@dataclass(frozen=True)
class Attribute:
    """One attribute of a cloud's metadata, or (without `status`) one cloud tag."""

    name: str
    value: str
    status: str = ""
    seen_at: Optional[int] = None


@dataclass(frozen=True)
class Cloud:
    """Where a host runs: `metadata` is the element that holds its attributes (EC2, AZURE, GOOGLE)."""

    provider: str
    service: str
    resource_id: str
    metadata: str
    attributes: tuple[Attribute, ...]
    tags: tuple[Attribute, ...]

    @property
    def ec2_instance_id(self) -> Optional[str]:
        """The old name of the resource id, which only EC2 has."""
        return self.resource_id if self.metadata == "EC2" else None


@dataclass(frozen=True)
class Host:
    """A host as last processed; `hostname`, `domain` and `fqdn` are the children of DNS_DATA and may be empty."""

    id: int
    asset_id: int
    ip: str
    tracking_method: str
    network_id: int
    network_name: str
    os: str
    os_cpe: str
    hostname: str
    domain: str
    fqdn: str
    dns: str
    processed_at: int
    scanned_at: int
    scan_duration_s: int
    auth_scanned_at: Optional[int] = None
    auth_scan_duration_s: Optional[int] = None
    compliance_scanned_at: Optional[int] = None
    ipv6: Optional[str] = None
    netbios: Optional[str] = None
    qg_hostid: Optional[str] = None
    cloud: Optional[Cloud] = None
    tags: tuple[Tag, ...] = ()
    asset_groups: tuple[int, ...] = ()
    owner: str = ""


@dataclass(frozen=True)
class Finding:
    """One finding on one host. An information finding may have no severity, no status and no times at all."""

    unique_vuln_id: int
    qid: int
    type: str
    results: str
    severity: Optional[int] = None
    port: Optional[int] = None
    protocol: Optional[str] = None
    fqdn: Optional[str] = None
    ssl: Optional[int] = None
    instance: Optional[str] = None
    status: Optional[str] = None
    first_found_at: Optional[int] = None
    last_found_at: Optional[int] = None
    source: Optional[str] = None
    qds: Optional[int] = None
    qds_factors: tuple[tuple[str, str], ...] = ()
    times_found: Optional[int] = None
    last_test_at: Optional[int] = None
    last_update_at: Optional[int] = None
    last_fixed_at: Optional[int] = None
    first_reopened_at: Optional[int] = None
    last_reopened_at: Optional[int] = None
    times_reopened: Optional[int] = None
    service: Optional[str] = None
    is_ignored: int = 0
    is_disabled: int = 0
    affect_running_kernel: Optional[int] = None
    affect_running_service: Optional[int] = None
    affect_exploitable_config: Optional[int] = None
    last_processed_at: Optional[int] = None
    asset_cve: Optional[str] = None
    mitre: tuple[str, ...] = field(default=())

    @property
    def qds_severity(self) -> str:
        """The word that goes with `qds` (Qualys guide: 90 critical, 70 high, 40 medium)."""
        score = self.qds or 0
        return next(word for least, word in QDS_WORDS if score >= least)


QDS_WORDS = ((90, "CRITICAL"), (70, "HIGH"), (40, "MEDIUM"), (0, "LOW"))
