"""The elements of hosts and findings as tables, in the order of the XSD (facts: host list, host list VM detection).

Which version brought ASSET_CVE (here 3.0) and the MITRE elements (here 5.0) is an assumption: the public guides say
only that versions add.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Callable, Optional

from .clock import stamp
from .model import Attribute, Cloud, Finding, Host
from .nodes import Node, Row, Value


def _date(moment_s: Optional[int]) -> Optional[str]:
    return None if moment_s is None else stamp(moment_s)


def _branch(name: str, children: Iterable[Node]) -> Optional[Node]:
    found = tuple(children)
    return Node(name, children=found) if found else None


def _dns_data(host: Host) -> Node:
    parts = (("HOSTNAME", host.hostname), ("DOMAIN", host.domain), ("FQDN", host.fqdn))
    return Node("DNS_DATA", children=tuple(Node(name, text, True) for name, text in parts))


def _tags(host: Host) -> Optional[Node]:
    return _branch(
        "TAGS", (Node("TAG", children=(Node("TAG_ID", str(tag.id)), Node("NAME", tag.name, True))) for tag in host.tags)
    )


def _asset_groups(host: Host) -> Optional[Node]:
    return Node("ASSET_GROUP_IDS", ",".join(map(str, host.asset_groups))) if host.asset_groups else None


def _of_cloud(read: Callable[[Cloud], Value]) -> Callable[[Host], Value]:
    return lambda host: None if host.cloud is None else read(host.cloud)


def _attribute(name: str, attribute: Attribute) -> Node:
    children = [Node("NAME", attribute.name, True)]
    if attribute.status:
        children.append(Node("LAST_STATUS", attribute.status))
    children.append(Node("VALUE", attribute.value, True))
    if attribute.seen_at is not None:
        children.append(Node("LAST_SUCCESS_DATE", stamp(attribute.seen_at)))
    return Node(name, children=tuple(children))


def _metadata(cloud: Cloud) -> Node:
    attributes = tuple(_attribute("ATTRIBUTE", attribute) for attribute in cloud.attributes)
    return Node("METADATA", children=(Node(cloud.metadata, children=attributes),))


def _cloud_tags(cloud: Cloud) -> Optional[Node]:
    return _branch("CLOUD_PROVIDER_TAGS", (_attribute("CLOUD_TAG", tag) for tag in cloud.tags))


def _qds(finding: Finding) -> Optional[Node]:
    if finding.qds is None:
        return None
    return Node("QDS", str(finding.qds), attributes=(("severity", finding.qds_severity),))


def _qds_factors(finding: Finding) -> Optional[Node]:
    return _branch(
        "QDS_FACTORS",
        (Node("QDS_FACTOR", value, True, attributes=(("name", name),)) for name, value in finding.qds_factors),
    )


def _mitre(place: int) -> Callable[[Finding], Value]:
    return lambda finding: finding.mitre[place] if finding.mitre else None


_IDENTITY: tuple[Row[Host], ...] = (
    Row("ID", lambda host: host.id),
    Row("ASSET_ID", lambda host: host.asset_id, asks="show_asset_id"),
    Row("IP", lambda host: host.ip),
    Row("IPV6", lambda host: host.ipv6),
    Row("TRACKING_METHOD", lambda host: host.tracking_method),
    Row("NETWORK_ID", lambda host: host.network_id),
)
_OS: Row[Host] = Row("OS", lambda host: host.os, cdata=True)
_CLOUD: tuple[Row[Host], ...] = (
    Row("DNS", lambda host: host.dns, cdata=True),
    Row("DNS_DATA", _dns_data),
    Row("CLOUD_PROVIDER", _of_cloud(lambda cloud: cloud.provider), cdata=True),
    Row("CLOUD_SERVICE", _of_cloud(lambda cloud: cloud.service), cdata=True),
    Row("CLOUD_RESOURCE_ID", _of_cloud(lambda cloud: cloud.resource_id), cdata=True),
    Row("EC2_INSTANCE_ID", _of_cloud(lambda cloud: cloud.ec2_instance_id), cdata=True),
    Row("NETBIOS", lambda host: host.netbios, cdata=True),
)
_QG_HOSTID: Row[Host] = Row("QG_HOSTID", lambda host: host.qg_hostid, cdata=True)
_SCANS: tuple[Row[Host], ...] = (
    Row("LAST_VM_SCANNED_DATE", lambda host: stamp(host.scanned_at)),
    Row("LAST_VM_SCANNED_DURATION", lambda host: host.scan_duration_s),
    Row("LAST_VM_AUTH_SCANNED_DATE", lambda host: _date(host.auth_scanned_at)),
    Row("LAST_VM_AUTH_SCANNED_DURATION", lambda host: host.auth_scan_duration_s),
)
_LISTS: tuple[Row[Host], ...] = (
    Row("TAGS", _tags, asks="show_tags"),
    Row("METADATA", _of_cloud(_metadata), asks="host_metadata"),
    Row("CLOUD_PROVIDER_TAGS", _of_cloud(_cloud_tags), asks="show_cloud_tags"),
)

DETECTION_HOST: tuple[Row[Host], ...] = (
    *_IDENTITY,
    Row("NETWORK_NAME", lambda host: host.network_name, cdata=True, since="3.0"),
    _OS,
    Row("OS_CPE", lambda host: host.os_cpe or None, cdata=True),
    *_CLOUD,
    _QG_HOSTID,
    Row("LAST_SCAN_DATETIME", lambda host: stamp(host.processed_at)),
    *_SCANS,
    Row("LAST_PC_SCANNED_DATE", lambda host: _date(host.compliance_scanned_at)),
    *_LISTS,
)

HOST_LIST_HOST: tuple[Row[Host], ...] = (
    *_IDENTITY,
    *_CLOUD,
    _OS,
    _QG_HOSTID,
    *_LISTS,
    Row("LAST_VULN_SCAN_DATETIME", lambda host: stamp(host.processed_at), asks="details_all"),
    *(Row(row.name, row.get, asks="details_all") for row in _SCANS),
    Row("LAST_COMPLIANCE_SCAN_DATETIME", lambda host: _date(host.compliance_scanned_at), asks="details_all"),
    Row("OWNER", lambda host: host.owner, asks="details_all"),
    Row("COMMENTS", lambda _host: "", asks="details_all"),
    Row("ASSET_GROUP_IDS", _asset_groups, asks="details_groups"),
)

DETECTION: tuple[Row[Finding], ...] = (
    Row("UNIQUE_VULN_ID", lambda finding: finding.unique_vuln_id),
    Row("QID", lambda finding: finding.qid),
    Row("TYPE", lambda finding: finding.type),
    Row("SEVERITY", lambda finding: finding.severity),
    Row("PORT", lambda finding: finding.port),
    Row("PROTOCOL", lambda finding: finding.protocol),
    Row("FQDN", lambda finding: finding.fqdn, cdata=True),
    Row("SSL", lambda finding: finding.ssl),
    Row("INSTANCE", lambda finding: finding.instance, cdata=True),
    Row("RESULTS", lambda finding: finding.results, cdata=True, asks="show_results"),
    Row("STATUS", lambda finding: finding.status),
    Row("FIRST_FOUND_DATETIME", lambda finding: _date(finding.first_found_at)),
    Row("LAST_FOUND_DATETIME", lambda finding: _date(finding.last_found_at)),
    Row("SOURCE", lambda finding: finding.source),
    Row("QDS", _qds, asks="show_qds"),
    Row("QDS_FACTORS", _qds_factors, asks="show_qds_factors"),
    Row("TIMES_FOUND", lambda finding: finding.times_found),
    Row("LAST_TEST_DATETIME", lambda finding: _date(finding.last_test_at)),
    Row("LAST_UPDATE_DATETIME", lambda finding: _date(finding.last_update_at)),
    Row("LAST_FIXED_DATETIME", lambda finding: _date(finding.last_fixed_at)),
    Row("FIRST_REOPENED_DATETIME", lambda finding: _date(finding.first_reopened_at), asks="show_reopened_info"),
    Row("LAST_REOPENED_DATETIME", lambda finding: _date(finding.last_reopened_at), asks="show_reopened_info"),
    Row("TIMES_REOPENED", lambda finding: finding.times_reopened, asks="show_reopened_info"),
    Row("SERVICE", lambda finding: finding.service, cdata=True, asks="show_host_services"),
    Row("IS_IGNORED", lambda finding: finding.is_ignored),
    Row("IS_DISABLED", lambda finding: finding.is_disabled),
    Row("AFFECT_RUNNING_KERNEL", lambda finding: finding.affect_running_kernel),
    Row("AFFECT_RUNNING_SERVICE", lambda finding: finding.affect_running_service),
    Row("AFFECT_EXPLOITABLE_CONFIG", lambda finding: finding.affect_exploitable_config),
    Row("LAST_PROCESSED_DATETIME", lambda finding: _date(finding.last_processed_at)),
    Row("ASSET_CVE", lambda finding: finding.asset_cve, since="3.0"),
    Row("MITRE_TACTIC_NAME", _mitre(0), cdata=True, since="5.0"),
    Row("MITRE_TACTIC_ID", _mitre(1), since="5.0"),
    Row("MITRE_TECHNIQUE_NAME", _mitre(2), cdata=True, since="5.0"),
    Row("MITRE_TECHNIQUE_ID", _mitre(3), since="5.0"),
)
