"""What the platform knows of assets beside their findings: software, ports, agents, tags and asset groups.

Times are seconds since 1970; None means that the platform holds no such value and leaves the element out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from ..model import Host


@dataclass(frozen=True)
class Agent:
    """The cloud agent on a host."""

    id: str
    version: str
    platform: str
    status: str
    checked_in_at: int
    connected_from: str
    activation_id: str
    module: str


@dataclass(frozen=True)
class Port:
    """An open port; a service that nobody recognized has no number and no name."""

    number: int
    protocol: str
    service_id: Optional[int] = None
    service: Optional[str] = None


@dataclass(frozen=True)
class Interface:
    """A network interface; of some only the address is known."""

    address: str
    name: Optional[str] = None
    ident: Optional[str] = None
    hostname: Optional[str] = None
    mac: Optional[str] = None
    gateway: Optional[str] = None
    type: Optional[str] = None


@dataclass(frozen=True)
class Asset:
    """A host as the asset management sees it: `id` is its asset id; `vulns` are (QID, unique id, first and last found).

    `software` and `processors` are pairs of name and version or speed, `volumes` triples of name, size and free bytes.
    """

    host: Host
    name: str
    created_at: int
    booted_at: Optional[int]
    last_user: Optional[str]
    manufacturer: Optional[str]
    model: Optional[str]
    memory: Optional[int]
    timezone: Optional[str]
    bios: Optional[str]
    agent: Optional[Agent]
    ports: tuple[Port, ...]
    software: tuple[tuple[str, str], ...]
    vulns: tuple[tuple[int, int, Optional[int], Optional[int]], ...]
    processors: tuple[tuple[str, int], ...]
    volumes: tuple[tuple[str, int, int], ...]
    accounts: tuple[str, ...]
    interfaces: tuple[Interface, ...]

    @property
    def id(self) -> int:
        return self.host.asset_id

    @property
    def updated_at(self) -> int:
        """Whatever processes a host updates its asset."""
        return self.host.processed_at


@dataclass(frozen=True)
class FullTag:
    """An asset tag with all that there is of it; without `rule_type` it is put on hosts by hand."""

    id: int
    name: str
    created_at: int
    modified_at: int
    color: str
    parent_id: Optional[int] = None
    rule_type: Optional[str] = None
    rule_text: Optional[str] = None
    group_id: Optional[int] = None
    reserved: Optional[str] = None


@dataclass(frozen=True)
class AssetGroup:
    """An asset group; `addresses` are (address or range, its network), `network_id` None: that of all."""

    id: int
    title: str
    owner_id: int
    unit_id: int
    updated_at: int
    addresses: tuple[tuple[str, Optional[int]], ...]
    host_ids: tuple[int, ...]
    domains: tuple[str, ...]
    dns: tuple[str, ...]
    impact: str
    comments: str
