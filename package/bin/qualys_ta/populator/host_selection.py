"""Which parameters of the host detection API choose hosts, so that the host list can be asked for the same hosts.

The list may hold hosts that the detections leave out (those without a finding that is asked for), never the other way
round. Sources: VM/PC API guide, "Host List Detection" and "Host List".
"""

from __future__ import annotations

from collections.abc import Mapping

from .host_detection_api import since_params
from .host_list import PARAMS

SELECTING = frozenset(
    (
        "ips",
        "ipv6",
        "ag_ids",
        "ag_titles",
        "network_ids",
        "os_pattern",
        "compliance_enabled",
        "vm_scan_since",
        "no_vm_scan_since",
        "vm_scan_date_before",
        "vm_scan_date_after",
        "vm_auth_scan_date_before",
        "vm_auth_scan_date_after",
        "use_tags",
        "tag_set_by",
        "tag_include_selector",
        "tag_exclude_selector",
        "tag_set_include",
        "tag_set_exclude",
    )
)
"""Choose hosts, and both APIs know them: what both are asked for."""

DETECTIONS_ALONE = frozenset(("network_name", "os_hostname"))
"""Choose hosts, but the host list does not know them, and would refuse them. Without them it lists more hosts."""

WINDOW = frozenset(
    ("vm_processed_after", "vm_processed_before", "max_days_since_last_vm_scan", "ids", "id_min", "id_max")
)
"""Choose hosts, but are not a person's to set: the window and the pages are the add-on's."""

NOT_HOSTS = frozenset(
    (
        # the answer
        "action",
        "echo_request",
        "show_asset_id",
        "show_results",
        "show_igs",
        "show_reopened_info",
        "show_tags",
        "show_qds",
        "show_qds_factors",
        "show_host_services",
        "output_format",
        "suppress_duplicated_data_from_csv",
        "truncation_limit",
        "host_metadata",
        "host_metadata_fields",
        "show_cloud_tags",
        "cloud_tag_fields",
        # the findings; a host without any that is asked for is left out of the answer
        "qds_min",
        "qds_max",
        "include_vuln_type",
        "include_ignored",
        "include_disabled",
        "status",
        "qids",
        "severities",
        "filter_superseded_qids",
        "include_search_list_ids",
        "include_search_list_titles",
        "exclude_search_list_ids",
        "exclude_search_list_titles",
        "arf_kernel_filter",
        "arf_service_filter",
        "arf_config_filter",
        "active_kernels_only",
        "detection_updated_since",
        "detection_updated_before",
        "max_days_since_detection_updated",
        "detection_processed_before",
        "detection_processed_after",
        "detection_last_tested_since",
        "detection_last_tested_before",
        "detection_last_tested_since_days",
        "detection_last_tested_before_days",
    )
)
"""Say what the answer looks like, or which findings it holds: nothing for the host list."""


def host_list_params(params: Mapping[str, str], since: str) -> dict[str, str]:
    """Parameters of the list of bare ids of all hosts that a pull with `params` since `since` may bring."""
    chosen = {name: value for name, value in params.items() if name in SELECTING}
    return {**PARAMS, **chosen, **since_params(since)}
