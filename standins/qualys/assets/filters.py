"""Which assets, tags and asset groups a call asks for: one table row per field or parameter."""

from __future__ import annotations

from collections.abc import Mapping

from .. import filters as fo
from ..parameters import Parser, flag, number, one_of, ranges, some_of, words
from ..web.filters import DATE, INTEGER, TEXT, Field, keyword

TRACKING = ("IP", "DNS", "NETBIOS", "QAGENT", "INSTANCE_ID", "VIRTUAL_MACHINE_ID")
RULES = ("STATIC", "OS_REGEX", "NETWORK_RANGE", "GROOVY", "NAME_CONTAINS", "CLOUD_ASSET")

ASSET_FIELDS: Mapping[str, Field] = {
    "id": Field(INTEGER, lambda asset: asset.id),
    "name": Field(TEXT, lambda asset: asset.name),
    "qwebHostId": Field(INTEGER, lambda asset: asset.host.id),
    "created": Field(DATE, lambda asset: asset.created_at),
    "updated": Field(DATE, lambda asset: asset.updated_at),
    "type": Field(keyword("HOST"), lambda _asset: "HOST"),
    "lastVulnScan": Field(DATE, lambda asset: asset.host.scanned_at),
    "lastComplianceScan": Field(DATE, lambda asset: asset.host.compliance_scanned_at),
    "vulnsUpdated": Field(DATE, lambda asset: asset.updated_at),
    "os": Field(TEXT, lambda asset: asset.host.os),
    "dnsHostName": Field(TEXT, lambda asset: asset.host.dns),
    "address": Field(TEXT, lambda asset: asset.host.ip),
    "netbiosName": Field(TEXT, lambda asset: asset.host.netbios),
    "trackingMethod": Field(keyword(*TRACKING), lambda asset: asset.host.tracking_method.replace("AGENT", "QAGENT")),
    "port": Field(INTEGER, lambda asset: tuple(port.number for port in asset.ports)),
    "installedSoftware": Field(TEXT, lambda asset: tuple(name for name, _ in asset.software)),
    "tagName": Field(TEXT, lambda asset: tuple(tag.name for tag in asset.host.tags)),
    "tagId": Field(INTEGER, lambda asset: tuple(tag.id for tag in asset.host.tags)),
}

TAG_FIELDS: Mapping[str, Field] = {
    "id": Field(INTEGER, lambda tag: tag.id),
    "name": Field(TEXT, lambda tag: tag.name),
    "parent": Field(INTEGER, lambda tag: tag.parent_id),
    "ruleType": Field(keyword(*RULES), lambda tag: tag.rule_type or "STATIC"),
    "color": Field(TEXT, lambda tag: tag.color),
}

GROUP_FILTERS: Mapping[str, fo.Filter] = {
    "ids": fo.Filter(ranges, lambda group, spans, _: group.id in spans),
    "id_min": fo.Filter(number, lambda group, least, _: group.id >= least),
    "id_max": fo.Filter(number, lambda group, most, _: group.id <= most),
    "unit_id": fo.Filter(number, lambda group, unit, _: group.unit_id == unit),
    "user_id": fo.Filter(number, lambda group, user, _: group.owner_id == user),
    "title": fo.Filter(str, lambda group, title, _: group.title == title),
}
GROUP_PARAMETERS: Mapping[str, Parser] = {
    "action": one_of("list"),
    "echo_request": flag,
    "output_format": one_of("xml"),
    "truncation_limit": number,
    "network_ids": words,
    "show_attributes": some_of("ALL", "ID", "TITLE", "OWNER", "UNIT_ID", "IP_SET"),
    **fo.parsers(GROUP_FILTERS),
}
