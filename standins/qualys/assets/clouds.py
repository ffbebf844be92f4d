"""Where assets run that a cloud's connector told of. Recorded is Azure; the others are what guides and clients tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

from ..clock import stamp
from ..nodes import Node
from .model import Asset


def told(*pairs: tuple[str, object]) -> tuple[Node, ...]:
    """A leaf for each that has a value."""
    return tuple(Node(name, str(value)) for name, value in pairs if value is not None)


def _discovered(asset: Asset, kind: str) -> tuple[Node, ...]:
    seen = ("firstDiscovered", stamp(asset.created_at)), ("lastUpdated", stamp(asset.updated_at))
    return told(("assetId", asset.id), ("type", kind), *seen)


def _cloud_tags(asset: Asset, around: str, each: str) -> Node:
    cloud = asset.host.cloud
    held = cloud.tags if cloud else ()
    members = (Node(each, children=told(("key", tag.name), ("value", tag.value))) for tag in held)
    return Node(around, children=(Node("tags", children=(Node("list", children=tuple(members)),)),))


def _ec2(asset: Asset) -> Node:
    said = told(
        ("reservationId", "r-0bd16c3e"),
        ("availabilityZone", "us-east-1a"),
        ("privateDnsName", asset.host.fqdn or None),
        ("instanceId", asset.host.cloud.resource_id if asset.host.cloud else None),
        ("instanceType", "t3.micro"),
        ("instanceState", "RUNNING"),
        ("accountId", "012345678901"),
        ("region", "us-east-1"),
        ("imageId", "ami-0e6d2e8684d4ccb3e"),
        ("privateIpAddress", asset.host.ip),
        ("monitoringEnabled", "false"),
    )
    tags = _cloud_tags(asset, "ec2InstanceTags", "EC2Tags")
    return Node("Ec2AssetSourceSimple", children=(*_discovered(asset, "EC_2"), *said, tags))


def _azure(asset: Asset) -> Node:
    said = told(
        ("name", asset.name),
        ("location", "westeurope"),
        ("vmSize", "Standard_B1s"),
        ("vmId", asset.host.cloud.resource_id if asset.host.cloud else None),
        ("state", "SUCCEEDED"),
        ("subscriptionId", "0cfb7bd7-0baa-46c5-b0ca-a7440b10bee6"),
        ("resourceGroupName", 'group "a" & b'),
        ("privateIpAddress", asset.host.ip),
    )
    start = (*_discovered(asset, "AZURE"), _cloud_tags(asset, "azureVmTags", "AzureTags"))
    return Node("AzureAssetSourceSimple", children=(*start, *said))


def _gcp(asset: Asset) -> Node:
    said = told(
        ("instanceId", asset.host.cloud.resource_id if asset.host.cloud else None),
        ("hostname", asset.host.hostname),
        ("machineType", "e2-medium"),
        ("zone", "europe-west3-c"),
        ("projectId", "acme-shop"),
        ("projectIdNo", "922307203685"),
        ("state", "RUNNING"),
        ("privateIpAddress", asset.host.ip),
    )
    return Node("GcpAssetSourceSimple", children=(*_discovered(asset, "GCP"), *said))


CLOUDS: Mapping[str, Callable[[Asset], Node]] = {"AWS": _ec2, "Azure": _azure, "GCP": _gcp}
"""Provider -> its element."""
