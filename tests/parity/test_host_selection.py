"""What chooses hosts is one table: the list of ids holds every host that the detections of the same question hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from qualys_ta.populator.host_detection_api import FORBIDDEN
from qualys_ta.populator.host_list import RESOURCE, HostIds
from qualys_ta.populator.host_selection import DETECTIONS_ALONE, NOT_HOSTS, SELECTING, WINDOW, host_list_params
from standins.qualys import EVERYTHING, QualysStandin, detection, host_list
from support.qualys import HOST_LIST, Client

CLASSES = {
    "chooses hosts": SELECTING,
    "chooses hosts, unknown to the host list": DETECTIONS_ALONE,
    "the window and the pages": WINDOW,
    "chooses no hosts": NOT_HOSTS,
}

GUIDE = """
echo_request show_asset_id show_results show_igs show_reopened_info show_tags show_qds qds_min qds_max show_qds_factors
show_host_services include_vuln_type include_ignored include_disabled output_format suppress_duplicated_data_from_csv
truncation_limit ids id_min id_max ips ipv6 ag_ids ag_titles network_ids network_name os_pattern os_hostname
compliance_enabled vm_scan_since no_vm_scan_since max_days_since_last_vm_scan vm_processed_before vm_processed_after
vm_scan_date_before vm_scan_date_after vm_auth_scan_date_before vm_auth_scan_date_after use_tags tag_set_by
tag_include_selector tag_exclude_selector tag_set_include tag_set_exclude status qids severities filter_superseded_qids
include_search_list_ids include_search_list_titles exclude_search_list_ids exclude_search_list_titles arf_kernel_filter
arf_service_filter arf_config_filter active_kernels_only detection_updated_since detection_updated_before
max_days_since_detection_updated detection_processed_before detection_processed_after detection_last_tested_since
detection_last_tested_before detection_last_tested_since_days detection_last_tested_before_days host_metadata
host_metadata_fields show_cloud_tags cloud_tag_fields action
"""
"""The parameters of the detections in the API guide."""

HOST_LIST_GUIDE = """
ips ipv6 ag_ids ag_titles network_ids os_pattern compliance_enabled vm_scan_since no_vm_scan_since vm_processed_before
vm_processed_after vm_scan_date_before vm_scan_date_after vm_auth_scan_date_before vm_auth_scan_date_after use_tags
tag_set_by tag_include_selector tag_exclude_selector tag_set_include tag_set_exclude truncation_limit id_min id_max ids
"""
"""Those parameters of the host list that choose hosts or pages of them."""

SINCE = "2025-10-12T00:00:00Z"
MOMENT = "2025-10-20T00:00:00Z"
QUESTIONS: dict[str, dict[str, str]] = {
    "ips": {"ips": "10.0.0.0-10.0.0.40"},
    "ag_ids": {"ag_ids": "400-404"},
    "ag_titles": {"ag_titles": "All of site 400,Büro Köln & Söhne <b>402</b>,日本語 407"},
    "network_ids": {"network_ids": "0"},
    "os_pattern": {"os_pattern": "^Windows|Linux"},
    "vm_scan_since": {"vm_scan_since": MOMENT},
    "no_vm_scan_since": {"no_vm_scan_since": MOMENT},
    "vm_scan_date_after": {"vm_scan_date_after": MOMENT},
    "vm_scan_date_before": {"vm_scan_date_before": MOMENT},
    "vm_auth_scan_date_after": {"vm_auth_scan_date_after": MOMENT},
    "vm_auth_scan_date_before": {"vm_auth_scan_date_before": MOMENT},
}
"""A question for each parameter by itself that the stand-in heeds."""

FINDINGS = {"qids": "1-80000", "severities": "5", "status": "New"}
"""Filters of findings: they leave out hosts of the detections, never of the list."""


@pytest.mark.parametrize(
    "parameter", sorted({*GUIDE.split(), *detection.PARAMETERS, *FORBIDDEN} - {"max_days_since_vm_scan"})
)
def test_every_parameter_is_in_one_class(parameter: str) -> None:
    """Those of the risk score belong to the host list; a person may not ask the detections for them."""
    found = [name for name, parameters in CLASSES.items() if parameter in parameters]
    assert len(found) == (0 if parameter.startswith(("show_ars", "ars_")) else 1), f"{parameter}: {found}"


def test_the_host_list_knows_what_it_is_asked_with() -> None:
    asked = {*host_list_params(dict.fromkeys(SELECTING, "x"), SINCE), "id_min"}
    assert asked - {"action", "details"} <= set(HOST_LIST_GUIDE.split())
    assert asked <= set(host_list.PARAMETERS)
    assert set(GUIDE.split()) & set(HOST_LIST_GUIDE.split()) == SELECTING | {
        "ids", "id_min", "id_max", "truncation_limit", "vm_processed_before", "vm_processed_after"
    }  # fmt: skip
    assert not DETECTIONS_ALONE & set(host_list.PARAMETERS)


def test_nothing_else_of_a_persons_parameters_is_asked() -> None:
    theirs = {"qids": "1", "status": "New", "show_tags": "1", "truncation_limit": "5", "ips": "10.0.0.1"}
    assert host_list_params({**theirs, "network_name": "x"}, "") == {
        "action": "list",
        "details": "None",
        "truncation_limit": "50000",
        "ips": "10.0.0.1",
    }
    assert host_list_params({}, SINCE)["vm_processed_after"] == SINCE


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[QualysStandin, Client]]:
    with (
        QualysStandin(tmp_path_factory.mktemp("qualys"), hosts=60, findings=3, seed=5) as standin,
        Client(standin) as client,
    ):
        yield standin, client


def tagged(standin: QualysStandin) -> dict[str, dict[str, str]]:
    """Questions about tags that some hosts have."""
    tags = [tag for host in standin.population.hosts() for tag in host.tags]
    by_id = {"use_tags": "1", "tag_set_by": "id", "tag_set_include": f"{tags[0].id},{tags[-1].id}"}
    return {
        "any tag": by_id,
        "all tags": {**by_id, "tag_include_selector": "all"},
        "without a tag": {"use_tags": "1", "tag_set_by": "name", "tag_set_exclude": tags[0].name},
        "without all tags": {
            "use_tags": "1", "tag_set_by": "name", "tag_set_include": tags[0].name,
            "tag_set_exclude": f"{tags[0].name},{tags[-1].name}", "tag_exclude_selector": "all",
        },
    }  # fmt: skip


def test_the_list_holds_every_host_that_the_detections_hold(platform: tuple[QualysStandin, Client]) -> None:
    standin, client = platform
    questions = {**QUESTIONS, **tagged(standin), "all": {}}
    told = 0
    for name, theirs in questions.items():
        for since in ("", SINCE):
            listed = ids(client, host_list_params(theirs, since))
            window = {"vm_processed_after": since} if since else {}
            everything = set(standin.ledger.expected({**EVERYTHING, **theirs, **window}))
            assert set(listed) == everything, name
            found = set(standin.ledger.expected({**EVERYTHING, **theirs, **FINDINGS, **window}))
            assert found <= set(listed), name
            told += 0 < len(listed) < 60 and len(found) < len(listed)
    assert told > len(questions), "the questions choose nothing"


def test_every_parameter_that_the_stand_in_heeds_is_asked_about(platform: tuple[QualysStandin, Client]) -> None:
    heeded = SELECTING - {"ipv6", "compliance_enabled"}
    assert heeded == {*QUESTIONS, *(name for question in tagged(platform[0]).values() for name in question)}


def ids(client: Client, params: dict[str, str]) -> list[int]:
    """As the add-on reads them."""
    listed = HostIds()
    root = client.call(HOST_LIST, params).xml
    for each in root.iterfind("RESPONSE/ID_SET/*"):
        listed.add(each)
    assert root.tag == RESOURCE.root
    return [number for first, last in listed._from(0) for number in range(first, last + 1)]
