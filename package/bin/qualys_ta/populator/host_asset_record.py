"""A HostAsset -> the objects of its events. Source: asset management API 2.0, elements of a HostAsset; recordings.

Several kinds of events share a sourcetype; ``eventKind`` tells them apart: ``asset``, and by choice one for each open
port, installed software and tag. Each of these starts with what says whose it is, under the names that the asset has.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from .qps_object import Objects

KIND, ASSET = "eventKind", "asset"
NUMBERS = (
    *("id", "assetId", "qwebHostId", "totalMemory", "port", "serviceId"),
    *("qid", "hostInstanceVulnId", "speed", "size", "free"),
)
IDS = (
    *("created", "modified", "lastVulnScan", "lastComplianceScan", "lastSystemBoot", "lastCheckedIn"),
    *("firstDiscovered", "lastUpdated", "firstFound", "lastFound"),
    *("agentId", "activationId", "instanceId", "vmId", "interfaceId", "networkGuid", "subscriptionId"),
    *("fqdn", "dnsHostName", "hostname", "privateDnsName", "publicDnsName"),
    *("address", "macAddress", "gatewayAddress", "privateIpAddress", "publicIpAddress", "connectedFrom"),
)
TRUTHS = ("isDockerHost", "monitoringEnabled", "spotInstance")
SOURCE = "sourceType"
"""Under this name a source says what it is: ``AssetSource``, ``Ec2AssetSourceSimple`` …"""

COUNTED = "vuln"
"""Only how many there are is told: host_detection tells of each."""

WHOSE = ("id", "name", "modified", "qwebHostId", "fqdn", "dnsHostName", "netbiosName", "address")
"""What events of a part say of its asset."""


class Part(NamedTuple):
    """A list that may have events of its own: its element, and their kind, which one of its members is called, too."""

    tag: str
    kind: str


PARTS = {
    "log_asset_ports": Part("openPort", "openPort"),
    "log_asset_software": Part("software", "software"),
    "log_asset_tags": Part("tags", "assetTag"),
}
"""Setting -> what it puts into events of its own."""

ALWAYS_TOLD = "tags"
"""This list stays in the asset's event all the same: it is short, and searches choose assets by it."""

LONG = ("networkInterface", "processor", "volume", "account", "openPort", "software")
"""These lists come last, the longest at the end: at search time Splunk looks at the first 5,000 bytes of JSON alone."""

_OBJECTS = Objects(NUMBERS, IDS, TRUTHS)


class Asset(NamedTuple):
    """The object of an asset's event; what the events of its parts start with, and the members of each part."""

    told: dict[str, Any]
    whose: dict[str, Any]
    parts: dict[Part, list[Any]]


def asset(element: Element, apart: Collection[Part]) -> Asset:
    """An asset, and what is told `apart` of it: of such lists the asset itself says only how long they are."""
    told = {KIND: ASSET, **_OBJECTS.members(element, COUNTED)}
    sources = element.find("sourceInfo/list")
    if sources is not None:
        told["sourceInfo"] = [{SOURCE: source.tag, **_OBJECTS.members(source)} for source in sources]
    parts = {part: _listed(told.get(part.tag)) for part in apart}
    for part, members in parts.items():
        if part.tag in told and part.tag != ALWAYS_TOLD:
            del told[part.tag]
            told[f"{part.tag}Count"] = len(members)
    if COUNTED in told:
        told[f"{COUNTED}Count"] = told.pop(COUNTED)
    ordered = {
        **{name: told[name] for name in told if name not in LONG},
        **{name: told[name] for name in LONG if name in told},
    }
    return Asset(ordered, {name: told[name] for name in WHOSE if name in told}, parts)


def _listed(told: Any) -> list[Any]:
    return told if isinstance(told, list) else []
