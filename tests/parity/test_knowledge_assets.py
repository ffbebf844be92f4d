"""What Splunk makes of assets, tags and asset groups: fields, tags of the CIM, macro, searches, the page."""

from __future__ import annotations

from typing import Any

import pytest

from standins.splunk.search import Knowledge, Panel, dashboard
from standins.splunk.search.values import values_of
from support.asset_events import asset_on, tag_row, with_lists
from support.knowledge import PACKAGE, epoch, event_row, gone, package_copy

VIEW = PACKAGE / "default/data/ui/views/qualys_assets.xml"
NOW = epoch("2018-09-20T13:00:05Z")
DMZ, PCI = {"id": 7, "name": "DMZ"}, {"id": 8, "name": 'PCI, "in"'}
INTERFACE = {"interfaceName": "eth0", "address": "10.0.0.1", "macAddress": "00:50:56:00:00:01"}
TAGS = [
    {"account": "demo", "id": "7", "name": "DMZ", "ruleType": "NETWORK_RANGE"},
    {"account": "demo", "id": "8", "name": 'PCI, "in"'},
    {"account": "demo", "id": "9", "name": "Cloud Agent", "reservedType": "CLOUD_AGENT"},
]
HISTORY = [
    asset_on(1, 1, os="Windows", tags=[PCI]),
    asset_on(1, 14, tags=[DMZ, PCI], networkInterface=[INTERFACE, {"address": "10.0.0.2"}], totalMemory=2048),
    asset_on(2, 3, os=None, tags=[DMZ], trackingMethod="QAGENT"),
    asset_on(3, 4, tags=[]),
    asset_on(1, 14, "software", software={"name": "Tools", "version": "1"}),
    asset_on(1, 14, "assetTag", assetTag=DMZ),
    event_row(gone(3, "2018-09-10T00:00:00Z"), time=epoch("2018-09-10T00:00:00Z")),
]


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    app = package_copy(tmp_path_factory.mktemp("app"))
    (app / "lookups" / "qualys_gone_hosts.csv").write_text("HOST_ID,GONE_DATETIME\n3,2018-09-10T00:00:00Z\n")
    return Knowledge.load(with_lists(app, TAGS, [{"account": "demo", "ID": "5", "TITLE": "Site A"}]))


@pytest.fixture(scope="module")
def panels(knowledge: Knowledge) -> list[Panel]:
    return dashboard(VIEW, knowledge)


def searched(knowledge: Knowledge, spl: str) -> list[dict[str, Any]]:
    return knowledge.search(spl, HISTORY, now=NOW)


def shown(knowledge: Knowledge, panels: list[Panel], title: str) -> list[tuple[Any, ...]]:
    (panel,) = [each for each in panels if each.title == title]
    return [tuple(row.values()) for row in searched(knowledge, panel.search)]


def saved(knowledge: Knowledge, name: str) -> list[dict[str, Any]]:
    return knowledge.saved_search(f"Qualys: {name}", HISTORY, now=NOW)


@pytest.mark.parametrize(
    ("row", "tags"),
    [
        (asset_on(1, 1, os=None), ["inventory"]),
        (asset_on(1, 1), ["inventory", "system", "version"]),
        (asset_on(1, 1, os=None, totalMemory=1), ["inventory", "memory"]),
        (asset_on(1, 1, os=None, networkInterface=[INTERFACE]), ["inventory", "network"]),
        (asset_on(1, 1, os=None, networkInterface=[{"address": "10.0.0.1"}]), ["inventory"]),
        (asset_on(1, 1, os=None, dnsHostName=None, networkInterface=[INTERFACE]), ["inventory"]),
        (asset_on(1, 1, "software"), []),
        (tag_row(eventKind="tag", id=1), []),
        (tag_row(eventKind="assetGroup", ID=1), []),
    ],
)
def test_an_asset_is_in_the_datasets_of_what_is_known_of_it(
    knowledge: Knowledge, row: dict[str, Any], tags: list[str]
) -> None:
    assert knowledge.tags(row) == tags


def test_an_asset_has_what_its_datasets_ask_for(knowledge: Knowledge) -> None:
    found = knowledge.event(HISTORY[1])
    required = ("dest", "vendor_product", "os", "mem", "dns", "interface", "ip", "mac", "name")
    assert [name for name in required if not values_of(found, name)] == []
    assert values_of(found, "ip") == ["10.0.0.1", "10.0.0.2"]
    assert (found["dest"], found["HOST_ID"], found["mem"]) == ("web-1.example.com", "1", "2048")


@pytest.mark.parametrize(
    ("changes", "dest"),
    [
        ({}, "web-1.example.com"),
        ({"dnsHostName": "-", "fqdn": "f.example"}, "f.example"),
        ({"dnsHostName": None, "netbiosName": "WEB"}, "WEB"),
        ({"dnsHostName": None}, "10.0.0.1"),
        ({"dnsHostName": None, "address": None}, "web-1"),
        ({"dnsHostName": None, "address": None, "name": None}, "1001"),
    ],
)
@pytest.mark.parametrize("kind", ["asset", "software"])
def test_dest_is_the_best_name_there_is(knowledge: Knowledge, kind: str, changes: dict[str, Any], dest: str) -> None:
    assert knowledge.event(asset_on(1, 1, kind, **changes))["dest"] == dest


def test_tags_are_one_field_on_all_kinds(knowledge: Knowledge) -> None:
    assert [values_of(knowledge.event(row), "asset_tag") for row in (HISTORY[1], HISTORY[5], HISTORY[4])] == [
        ["DMZ", 'PCI, "in"'],
        ["DMZ"],
        [],
    ]


def test_the_last_word_on_each_asset_that_is_not_gone(knowledge: Knowledge) -> None:
    for rows in (HISTORY, HISTORY[::-1]):
        found = knowledge.search("`qualys_current_assets` | sort 0 id | table id, modified", rows, now=NOW)
        assert [tuple(row.values()) for row in found] == [
            ("1001", "2018-09-14T12:00:00Z"),
            ("1002", "2018-09-03T12:00:00Z"),
        ]


def test_reports(knowledge: Knowledge) -> None:
    inventory = saved(knowledge, "Asset Inventory")
    assert [(row["HOST_ID"], row["Host"], row.get("Tags")) for row in inventory] == [
        ("1", "web-1.example.com", 'DMZ, PCI, "in"'),
        ("2", "web-2.example.com", "DMZ"),
    ]
    assert {row["OS"]: row["Assets"] for row in saved(knowledge, "Assets by Operating System")} == {
        "Linux": "1",
        "unknown": "1",
    }
    assert {row["Source"]: row["Tags"] for row in saved(knowledge, "Tags by Source")} == {
        "NETWORK_RANGE": "1",
        "CLOUD_AGENT": "1",
        "by hand": "1",
    }
    assert [(row["Tag"], row["Assets"]) for row in saved(knowledge, "Tag Distribution")] == [
        ("DMZ", "2"),
        ('PCI, "in"', "1"),
        ("Cloud Agent", "0"),
    ]


def test_panels(knowledge: Knowledge, panels: list[Panel]) -> None:
    assert shown(knowledge, panels, "Assets by operating system") == [("Linux", "1"), ("unknown", "1")]
    assert shown(knowledge, panels, "Assets by how they are tracked") == [("IP", "1"), ("QAGENT", "1")]
    assert len(shown(knowledge, panels, "Tags by source")) == 3
    assert shown(knowledge, panels, "Tags on the most assets") == [("DMZ", "2"), ('PCI, "in"', "1")]
    assert [row[:2] for row in shown(knowledge, panels, "Assets that were not updated for the longest time")] == [
        ("1002", "web-2.example.com"),
        ("1001", "web-1.example.com"),
    ]
    assert len(shown(knowledge, panels, "Asset groups with the most recent changes")) == 1
