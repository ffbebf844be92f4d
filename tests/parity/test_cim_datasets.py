"""Events of file integrity, assets, tickets and reports against the CIM's datasets: in which they are, and if whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from standins.cim.datasets import Dataset, dataset
from standins.splunk.search import Knowledge
from support.asset_events import asset_on, tag_row
from support.fim_rows import FIM, change_row, incident_row
from support.knowledge import package_copy
from support.report_rows import report_row
from support.ticket_events import ticket_on

NOT_TOLD = {"file_size is missing", "file_hash is missing", "file_acl is missing"}
"""By Qualys, of any change of a file."""

SEVERAL = ("interface has several", "ip has several", "mac has several")
"""As many as an asset has interfaces."""

NETWORK = {"interfaceName": "eth0", "address": "10.0.0.1", "macAddress": "00:50:56:00:00:01"}
REGISTRY = {"class": "Registry", "type": "Key", "fullPath": "\\REGISTRY\\MACHINE\\SOFTWARE\\Run", "name": "Run"}
CHANGE, FILES = ("Change", "All_Changes"), ("Endpoint", "Filesystem")
ENDPOINT_CHANGES = ("Change", "Endpoint_Changes")
TICKETS, FINDINGS = ("Ticket_Management", "All_Ticket_Management"), ("Vulnerabilities", "Vulnerabilities")
INVENTORY, MEMORY, OS, ADAPTERS = (("Compute_Inventory", name) for name in ("All_Inventory", "Memory", "OS", "Network"))
DATASETS: Mapping[tuple[str, str], Dataset] = {
    place: dataset(*place)
    for place in (CHANGE, ENDPOINT_CHANGES, FILES, TICKETS, FINDINGS, INVENTORY, MEMORY, OS, ADAPTERS)
}


def bare(**changes: Any) -> dict[str, Any]:
    return asset_on(1, 1, **{"os": None, **changes})


CASES: Mapping[str, tuple[dict[str, Any], set[tuple[str, str]]]] = {
    "created file": (change_row(action="Create"), {FILES}),
    "changed file": (change_row(), {FILES}),
    "renamed file": (change_row(action="Rename"), {FILES}),
    "deleted file": (change_row(action="Delete"), {FILES}),
    "rights of a file": (change_row(action="Security"), {FILES}),
    "folder": (change_row(action="Attributes", type="Directory"), {FILES}),
    "key": (change_row(action="Create", **REGISTRY), {CHANGE, ENDPOINT_CHANGES}),
    "value": (change_row(**{**REGISTRY, "type": "Value"}), {CHANGE, ENDPOINT_CHANGES}),
    "ignored change": (change_row(FIM[1]), set()),
    "change of an incident": (change_row(FIM[2]), set()),
    "incident": (incident_row(), set()),
    "open ticket": (ticket_on(1, 19), {TICKETS}),
    "late ticket": (ticket_on(1, 1, severity=5), {TICKETS}),
    "reopened ticket": (ticket_on(1, 1, current_status="REOPENED", reopened=True), {TICKETS}),
    "resolved ticket": (ticket_on(1, 1, current_state="RESOLVED"), {TICKETS}),
    "fixed ticket": (ticket_on(1, 1, current_state="CLOSED", current_status="FIXED"), {TICKETS}),
    "ignored ticket": (ticket_on(1, 1, current_state="CLOSED", current_status="IGNORED"), {TICKETS}),
    "asset": (bare(), set()),
    "asset with OS": (asset_on(1, 1), {INVENTORY, OS}),
    "asset with memory": (bare(totalMemory=2048), {INVENTORY, MEMORY}),
    "asset with an interface": (bare(networkInterface=[NETWORK, {**NETWORK, "address": "::1"}]), {INVENTORY, ADAPTERS}),
    "asset with all": (
        asset_on(1, 1, totalMemory=1, networkInterface=[NETWORK]),
        {INVENTORY, OS, MEMORY, ADAPTERS},
    ),
    "asset whose interface has no name": (bare(networkInterface=[{"address": "10.0.0.1"}]), set()),
    "software": (asset_on(1, 1, "software", software={"name": "Tools"}), set()),
    "tag": (tag_row(eventKind="tag", id=1), set()),
    "asset group": (tag_row(eventKind="assetGroup", ID=1), set()),
    "active finding of a report": (report_row(), {FINDINGS}),
    "potential finding of a report": (report_row(TYPE="Practice", VULN_STATUS="New"), {FINDINGS}),
    "reopened finding of a report": (report_row(VULN_STATUS="Re-Opened"), {FINDINGS}),
    "fixed finding of a report": (report_row(VULN_STATUS="Fixed"), set()),
    "information of a report": (report_row(TYPE="Ig", VULN_STATUS=None), set()),
}
"""What it is -> the event, and the datasets that it is in."""


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return Knowledge.load(package_copy(tmp_path_factory.mktemp("app")))


@pytest.mark.parametrize("name", CASES)
def test_an_event_is_in_its_datasets_and_in_no_other(knowledge: Knowledge, name: str) -> None:
    row, places = CASES[name]
    event = knowledge.event(row)
    assert {place for place, each in DATASETS.items() if each.holds(event)} == places


@pytest.mark.parametrize("name", CASES)
def test_an_event_has_what_its_datasets_ask_for(knowledge: Knowledge, name: str) -> None:
    row, places = CASES[name]
    event = knowledge.event(row)
    found = {fault for place in places for fault in DATASETS[place].faults(event) if not fault.startswith(SEVERAL)}
    assert found - (NOT_TOLD if FILES in places else set()) == set()


@pytest.mark.parametrize("place", DATASETS, ids=lambda place: str(place[1]))
def test_the_check_finds_what_is_missing(place: tuple[str, str]) -> None:
    each = DATASETS[place]
    required = {field["name"] for field in each.fields if field["type"] == "required"}
    assert required <= {fault.partition(" is missing")[0] for fault in each.faults({})}
    assert not each.holds({})
