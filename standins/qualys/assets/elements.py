"""The elements of assets, tags and asset groups as tables, in the recorded order.

Recorded are assets. Tags and asset groups are what the guides and public clients tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from ..clock import stamp
from ..nodes import Node, Row, Value
from .clouds import CLOUDS, told
from .model import Agent, Asset, AssetGroup, FullTag, Interface


def _date(moment_s: Optional[int]) -> Optional[str]:
    return None if moment_s is None else stamp(moment_s)


def _list(name: str, members: Iterable[Node]) -> Node:
    """``name(list(...))``; ``<list/>`` where there are no members, as recorded."""
    return Node(name, children=(Node("list", children=tuple(members)),))


def _tags(asset: Asset) -> Node:
    tags = (Node("TagSimple", children=told(("id", tag.id), ("name", tag.name))) for tag in asset.host.tags)
    return _list("tags", tags)


def _sources(asset: Asset) -> Node:
    cloud = asset.host.cloud
    if cloud is None:
        return _list("sourceInfo", (Node("AssetSource"),))
    source = CLOUDS[cloud.provider](asset)
    return _list("sourceInfo", (Node("AssetSource"), source) if asset.id % 2 else (source,))


def _agent(agent: Optional[Agent]) -> Optional[Node]:
    if agent is None:
        return None
    said = told(
        ("agentVersion", agent.version),
        ("agentId", agent.id),
        ("status", agent.status),
        ("lastCheckedIn", stamp(agent.checked_in_at)),
        ("connectedFrom", agent.connected_from),
        ("chirpStatus", "Inventory Scan Complete"),
        ("platform", agent.platform),
        ("activatedModule", agent.module),
    )
    versions = Node("manifestVersion", children=told(("vm", "VULNSIGS-2.6.430.3-2"), ("pc", "SCA-1.0")))
    profile = Node("agentConfiguration", children=told(("id", 8099), ("name", "Initial Profile - SSN3")))
    key = Node("activationKey", children=told(("activationId", agent.activation_id), ("title", "Servers & more")))
    return Node("agentInfo", children=(*said, versions, profile, key))


def _ports(asset: Asset) -> Node:
    def port(number: int, protocol: str, ident: Optional[int], name: Optional[str]) -> Node:
        said = told(("port", number), ("protocol", protocol), ("serviceId", ident), ("serviceName", name))
        return Node("HostAssetOpenPort", children=said)

    return _list("openPort", (port(p.number, p.protocol, p.service_id, p.service) for p in asset.ports))


def _software(asset: Asset) -> Node:
    members = (
        Node("HostAssetSoftware", children=told(("name", name), ("version", version)))
        for name, version in asset.software
    )
    return _list("software", members)


def _vulns(asset: Asset) -> Node:
    def vuln(qid: int, ident: int, first: Optional[int], last: Optional[int]) -> Node:
        found = ("firstFound", _date(first)), ("lastFound", _date(last)), ("source", "QUALYS")
        return Node("HostAssetVuln", children=told(("qid", qid), ("hostInstanceVulnId", ident), *found))

    return _list("vuln", (vuln(*found) for found in asset.vulns))


def _processors(asset: Asset) -> Node:
    members = (
        Node("HostAssetProcessor", children=told(("name", name), ("speed", speed)))
        for name, speed in asset.processors
    )  # fmt: skip
    return _list("processor", members)


def _volumes(asset: Asset) -> Node:
    members = (
        Node("HostAssetVolume", children=told(("name", name), ("size", size), ("free", free)))
        for name, size, free in asset.volumes
    )
    return _list("volume", members)


def _accounts(asset: Asset) -> Node:
    return _list("account", (Node("HostAssetAccount", children=told(("username", name))) for name in asset.accounts))


def _interface(found: Interface) -> Node:
    said = told(
        ("interfaceName", found.name),
        ("interfaceId", found.ident),
        ("hostname", found.hostname),
        ("type", found.type),
        ("address", found.address),
        ("macAddress", found.mac),
        ("gatewayAddress", found.gateway),
    )
    return Node("HostAssetInterface", children=said)


def _tracking(asset: Asset) -> Value:
    method = asset.host.tracking_method
    return {"AGENT": "QAGENT", "EC2": "INSTANCE_ID"}.get(method, method)


ASSET_ROWS: tuple[Row[Asset], ...] = (
    Row("id", lambda asset: asset.id),
    Row("name", lambda asset: asset.name),
    Row("created", lambda asset: stamp(asset.created_at)),
    Row("modified", lambda asset: stamp(asset.updated_at)),
    Row("type", lambda _asset: "HOST"),
    Row("tags", _tags),
    Row("sourceInfo", _sources),
    Row("qwebHostId", lambda asset: asset.host.id),
    Row("lastComplianceScan", lambda asset: _date(asset.host.compliance_scanned_at)),
    Row("lastVulnScan", lambda asset: stamp(asset.host.scanned_at)),
    Row("lastSystemBoot", lambda asset: _date(asset.booted_at)),
    Row("lastLoggedOnUser", lambda asset: asset.last_user),
    Row("fqdn", lambda asset: asset.host.fqdn or None),
    Row("os", lambda asset: asset.host.os),
    Row("dnsHostName", lambda asset: asset.host.dns or None),
    Row("netbiosName", lambda asset: asset.host.netbios),
    Row("agentInfo", lambda asset: _agent(asset.agent)),
    Row("address", lambda asset: asset.host.ip),
    Row("trackingMethod", _tracking),
    Row("manufacturer", lambda asset: asset.manufacturer),
    Row("model", lambda asset: asset.model),
    Row("totalMemory", lambda asset: asset.memory),
    Row("timezone", lambda asset: asset.timezone),
    Row("biosDescription", lambda asset: asset.bios),
    Row("openPort", _ports),
    Row("software", _software),
    Row("vuln", _vulns),
    Row("processor", _processors),
    Row("volume", _volumes),
    Row("account", _accounts),
    Row("networkInterface", lambda asset: _list("networkInterface", map(_interface, asset.interfaces))),
    Row("isDockerHost", lambda asset: "true" if asset.id % 7 == 0 else "false"),
)
"""The elements of HostAsset."""

TAG_ROWS: tuple[Row[FullTag], ...] = (
    Row("id", lambda tag: tag.id),
    Row("name", lambda tag: tag.name, cdata=True),
    Row("parentTagId", lambda tag: tag.parent_id),
    Row("created", lambda tag: stamp(tag.created_at)),
    Row("modified", lambda tag: stamp(tag.modified_at)),
    Row("color", lambda tag: tag.color),
    Row("ruleText", lambda tag: tag.rule_text, cdata=True),
    Row("ruleType", lambda tag: tag.rule_type),
    Row("srcAssetGroupId", lambda tag: tag.group_id),
    Row("reservedType", lambda tag: tag.reserved),
)
"""The elements of Tag; that it names its children, only the guide tells."""


def _address(text: str, network: Optional[int]) -> Node:
    attributes = () if network is None else (("network_id", str(network)),)
    return Node("IP_RANGE" if "-" in text else "IP", text, attributes=attributes)


def _addresses(group: AssetGroup) -> Optional[Node]:
    if not group.addresses:
        return None
    return Node("IP_SET", children=tuple(_address(*each) for each in group.addresses))


def _names(list_name: str, name: str, texts: tuple[str, ...]) -> Optional[Node]:
    return Node(list_name, children=tuple(Node(name, text, True) for text in texts)) if texts else None


GROUP_ROWS: tuple[Row[AssetGroup], ...] = (
    Row("ID", lambda group: group.id),
    Row("TITLE", lambda group: group.title, cdata=True),
    Row("OWNER_ID", lambda group: group.owner_id),
    Row("UNIT_ID", lambda group: group.unit_id),
    Row("LAST_UPDATE", lambda group: stamp(group.updated_at)),
    Row("BUSINESS_IMPACT", lambda group: group.impact, asks="ALL"),
    Row("COMMENTS", lambda group: group.comments, cdata=True, asks="ALL"),
    Row("IP_SET", _addresses),
    Row("DOMAIN_LIST", lambda group: _names("DOMAIN_LIST", "DOMAIN", group.domains), asks="ALL"),
    Row("DNS_LIST", lambda group: _names("DNS_LIST", "DNS", group.dns), asks="ALL"),
)
"""The elements of ASSET_GROUP."""
