"""What may be asked of the host detection API, and which fields a person can choose.

Source: VM/PC API guide, "Host List Detection" (elements of versions 2.0 to 5.0 and their switches).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from .api_params import parsed

DEFAULT_HOST_FIELDS = (
    "ID",
    "ASSET_ID",
    "HOSTNAME",
    "IP",
    "IPV6",
    "TRACKING_METHOD",
    "DNS",
    "NETBIOS",
    "OS",
    "LAST_SCAN_DATETIME",
    "TAGS",
    "NETWORK_ID",
    "LAST_VM_SCANNED_DATE",
    "LAST_VM_SCANNED_DURATION",
)

HOST_FIELDS = (
    *DEFAULT_HOST_FIELDS,
    "NETWORK_NAME",
    "OS_CPE",
    "DOMAIN",
    "FQDN",
    "QG_HOSTID",
    "CLOUD_PROVIDER",
    "CLOUD_SERVICE",
    "CLOUD_RESOURCE_ID",
    "EC2_INSTANCE_ID",
    "LAST_VM_AUTH_SCANNED_DATE",
    "LAST_VM_AUTH_SCANNED_DURATION",
    "LAST_PC_SCANNED_DATE",
    "METADATA",
    "CLOUD_PROVIDER_TAGS",
)

DEFAULT_DETECTION_FIELDS = (
    "QID",
    "TYPE",
    "PORT",
    "PROTOCOL",
    "SSL",
    "STATUS",
    "LAST_UPDATE_DATETIME",
    "LAST_FOUND_DATETIME",
    "FIRST_FOUND_DATETIME",
    "LAST_TEST_DATETIME",
    "LAST_FIXED_DATETIME",
    "TIMES_FOUND",
    "IS_IGNORED",
    "IS_DISABLED",
    "AFFECT_RUNNING_KERNEL",
)

DETECTION_FIELDS = (
    *DEFAULT_DETECTION_FIELDS,
    "RESULTS",
    "QDS",
    "QDS_FACTORS",
    "FQDN",
    "INSTANCE",
    "SERVICE",
    "SOURCE",
    "FIRST_REOPENED_DATETIME",
    "LAST_REOPENED_DATETIME",
    "TIMES_REOPENED",
    "AFFECT_RUNNING_SERVICE",
    "AFFECT_EXPLOITABLE_CONFIG",
    "LAST_PROCESSED_DATETIME",
    "ASSET_CVE",
    "MITRE_TACTIC_NAME",
    "MITRE_TACTIC_ID",
    "MITRE_TECHNIQUE_NAME",
    "MITRE_TECHNIQUE_ID",
)

SWITCHES = {
    "ASSET_ID": {"show_asset_id": "1"},
    "TAGS": {"show_tags": "1"},
    "METADATA": {"host_metadata": "all"},
    "CLOUD_PROVIDER_TAGS": {"show_cloud_tags": "1"},
    "RESULTS": {"show_results": "1"},
    "QDS": {"show_qds": "1"},
    "QDS_FACTORS": {"show_qds": "1", "show_qds_factors": "1"},
    "SERVICE": {"show_host_services": "1"},
    "FIRST_REOPENED_DATETIME": {"show_reopened_info": "1"},
    "LAST_REOPENED_DATETIME": {"show_reopened_info": "1"},
    "TIMES_REOPENED": {"show_reopened_info": "1"},
}
"""Field -> API parameters that make the platform send it. Fields not named here come unasked."""

_OFF = ("0", "")
_FORMAT = "the add-on reads XML and asks for it itself"
_WINDOW = "the checkpoint decides from when on hosts are pulled; use the input's start date, or Start again from"
_PAGING = "the add-on pages through the hosts by their ids; choose hosts by ips, ag_ids or tags instead"
_RISK = "the host detection API knows no risk score; it belongs to the host list"

FORBIDDEN = {
    "action": "only action=list is a pull",
    "output_format": _FORMAT,
    "echo_request": "it would repeat the request inside the answer",
    "suppress_duplicated_data_from_csv": _FORMAT,
    "vm_processed_after": _WINDOW,
    "vm_processed_before": "a host processed again during a long pull would never arrive",
    "max_days_since_last_vm_scan": _WINDOW,
    "max_days_since_vm_scan": _WINDOW,
    "ids": _PAGING,
    "id_min": _PAGING,
    "id_max": _PAGING,
    "show_ars": _RISK,
    "ars_min": _RISK,
    "ars_max": _RISK,
    "show_ars_factors": _RISK,
}
"""API parameter -> why a person may not set it."""

_SETTING = "detection_params"


def parse_params(text: str) -> dict[str, str]:
    """Extra API parameters, see `api_params.parsed`. Raises ConfigError."""
    return parsed(text, FORBIDDEN, _SETTING)


def chosen_fields(chosen: Iterable[str], params: dict[str, str]) -> frozenset[str]:
    """The fields to write: those a person chose, and those their extra parameters ask the platform for."""
    asked = (field for field, switch in SWITCHES.items() if all(params.get(key, "0") not in _OFF for key in switch))
    return frozenset(chosen).union(asked)


def request_params(fields: frozenset[str], params: dict[str, str], truncation_limit: int) -> dict[str, str]:
    """The parameters of a pull, but for its window and page. A person's extra parameters win over ours."""
    wanted = {
        "action": "list",
        "show_igs": "1",
        "include_ignored": "1",
        "include_disabled": "1",
        "status": "New,Active,Fixed,Re-Opened",
        "show_results": "0",
        "truncation_limit": str(truncation_limit),
    }
    for field in sorted(fields & SWITCHES.keys()):
        wanted.update(SWITCHES[field])
    return {**wanted, **params}


def since_params(since: Optional[str]) -> dict[str, str]:
    """The window as API parameters: hosts processed after `since` (UTC, ``YYYY-MM-DDTHH:MM:SSZ``)."""
    return {"vm_processed_after": since} if since else {}
