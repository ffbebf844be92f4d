"""Which hosts and findings a call asks for: one table row per parameter.

Several filters combine by AND (Qualys guide). A host that was never scanned in the way asked about is left out.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any, Callable, Generic, NamedTuple, Optional, TypeVar

from .catalog import INFO
from .clock import DAY_S
from .findings import STATUSES
from .model import Finding, Host
from .parameters import Parser, addresses, flag, moment, number, one_of, pattern, ranges, some_of, without_effect, words

Subject = TypeVar("Subject")
Keeps = Callable[[Subject, Any, int], bool]
"""(host or finding, the parameter's value, the platform's time) -> whether it is kept."""


class Filter(NamedTuple):
    """How a parameter is read, and what it keeps."""

    parser: Parser
    keeps: Keeps[Any]


def after(read: Callable[[Any], Optional[int]]) -> Keeps[Any]:
    """Keeps what has a time of at least the parameter's."""
    return lambda subject, least, _now: (read(subject) or 0) >= least


def before(read: Callable[[Any], Optional[int]]) -> Keeps[Any]:
    """Keeps what has a time, and one before the parameter's."""
    return lambda subject, most, _now: 0 < (read(subject) or 0) < most


def _within_days(read: Callable[[Any], Optional[int]]) -> Keeps[Any]:
    return lambda subject, days, now: (read(subject) or 0) >= now - days * DAY_S


def _has_tags(host: Host, wanted: Iterable[str], set_by: str, selector: str) -> bool:
    held = {tag.name if set_by == "name" else str(tag.id) for tag in host.tags}
    return (all if selector == "all" else any)(tag in held for tag in wanted)


def _processed(host: Host) -> int:
    return host.processed_at


def _scanned(host: Host) -> int:
    return host.scanned_at


def _auth_scanned(host: Host) -> Optional[int]:
    return host.auth_scanned_at


def _updated(finding: Finding) -> Optional[int]:
    return finding.last_update_at


def _tested(finding: Finding) -> Optional[int]:
    return finding.last_test_at


def _finding_processed(finding: Finding) -> Optional[int]:
    return finding.last_processed_at


HOST_FILTERS: Mapping[str, Filter] = {
    "ids": Filter(ranges, lambda host, spans, _: host.id in spans),
    "id_min": Filter(number, lambda host, least, _: host.id >= least),
    "id_max": Filter(number, lambda host, most, _: host.id <= most),
    "ips": Filter(addresses, lambda host, spans, _: int(ipaddress.IPv4Address(host.ip)) in spans),
    "ag_ids": Filter(ranges, lambda host, spans, _: any(group in spans for group in host.asset_groups)),
    "network_ids": Filter(ranges, lambda host, spans, _: host.network_id in spans),
    "os_pattern": Filter(pattern, lambda host, wanted, _: bool(wanted.search(host.os))),
    "vm_processed_after": Filter(moment, after(_processed)),
    "vm_processed_before": Filter(moment, before(_processed)),
    "vm_scan_since": Filter(moment, after(_scanned)),
    "no_vm_scan_since": Filter(moment, before(_scanned)),
    "vm_scan_date_after": Filter(moment, after(_scanned)),
    "vm_scan_date_before": Filter(moment, before(_scanned)),
    "max_days_since_last_vm_scan": Filter(number, _within_days(_scanned)),
    "vm_auth_scan_date_after": Filter(moment, after(_auth_scanned)),
    "vm_auth_scan_date_before": Filter(moment, before(_auth_scanned)),
}

FINDING_FILTERS: Mapping[str, Filter] = {
    "status": Filter(some_of(*STATUSES), lambda found, wanted, _: found.type == INFO or found.status in wanted),
    "show_igs": Filter(flag, lambda found, on, _: on or found.type != INFO),
    "include_ignored": Filter(flag, lambda found, on, _: on or not found.is_ignored),
    "include_disabled": Filter(flag, lambda found, on, _: on or not found.is_disabled),
    "include_vuln_type": Filter(
        some_of("Confirmed", "Potential"), lambda found, wanted, _: found.type == INFO or found.type in wanted
    ),
    "qids": Filter(ranges, lambda found, spans, _: found.qid in spans),
    "severities": Filter(ranges, lambda found, spans, _: found.severity is not None and found.severity in spans),
    "qds_min": Filter(number, lambda found, least, _: (found.qds or 0) >= least),
    "qds_max": Filter(number, lambda found, most, _: 0 < (found.qds or 0) <= most),
    "detection_updated_since": Filter(moment, after(_updated)),
    "detection_updated_before": Filter(moment, before(_updated)),
    "max_days_since_detection_updated": Filter(number, _within_days(_updated)),
    "detection_processed_after": Filter(moment, after(_finding_processed)),
    "detection_processed_before": Filter(moment, before(_finding_processed)),
    "detection_last_tested_since": Filter(moment, after(_tested)),
    "detection_last_tested_before": Filter(moment, before(_tested)),
}

TAG_PARAMETERS: Mapping[str, Parser] = {
    "use_tags": flag,
    "tag_set_by": one_of("id", "name"),
    "tag_include_selector": one_of("any", "all"),
    "tag_exclude_selector": one_of("any", "all"),
    "tag_set_include": words,
    "tag_set_exclude": words,
}

OUTPUT_PARAMETERS: Mapping[str, Parser] = {
    "action": one_of("list"),
    "echo_request": flag,
    "truncation_limit": number,
    "show_tags": flag,
    "show_asset_id": flag,
    "host_metadata": one_of("all", "ec2", "google", "azure"),
    "show_cloud_tags": flag,
    **without_effect(
        (
            "host_metadata_fields",
            "cloud_tag_fields",
            "ipv6",
            "network_name",
            "os_hostname",
            "compliance_enabled",
        )
    ),
}


class Choice(Generic[Subject]):
    """The filters of one call, ready to be asked."""

    def __init__(self, filters: Mapping[str, Filter], values: Mapping[str, Any], now_s: int) -> None:
        self._now_s = now_s
        self._tests = tuple((filters[name].keeps, value) for name, value in values.items() if name in filters)

    def keeps(self, subject: Subject) -> bool:
        """Whether the call asks for `subject`."""
        return all(keeps(subject, value, self._now_s) for keeps, value in self._tests)


def keeps_tags(host: Host, values: Mapping[str, Any]) -> bool:
    """Whether `host` has the tags that the call wants and none that it does not want."""
    if not values.get("use_tags"):
        return True
    wanted, unwanted = values.get("tag_set_include"), values.get("tag_set_exclude")
    set_by = values.get("tag_set_by", "id")
    if wanted and not _has_tags(host, wanted, set_by, values.get("tag_include_selector", "any")):
        return False
    return not (unwanted and _has_tags(host, unwanted, set_by, values.get("tag_exclude_selector", "any")))


def parsers(filters: Mapping[str, Filter]) -> dict[str, Parser]:
    """Parameter -> how it is read."""
    return {name: entry.parser for name, entry in filters.items()}
